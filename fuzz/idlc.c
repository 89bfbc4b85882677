/* SPDX-License-Identifier: MIT */
/*
 * IDL text. Oracles: no crash, no leak, memory within its limit, a bounded number of messages, each one line
 * and its caret; a refused text leaves no output; an accepted one gives the same output again, which says
 * nothing on stderr and ends as whole files do.
 */
#include "idlc/test_support.h"

#define MEMORY ((size_t)32 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; (text = strchr(text, '\n')); text++)
        lines++;
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* What is read is terminated, as main.c does it. */
    static const char types[] = "typedef struct _RPC_UNICODE_STRING { unsigned short Length; unsigned short "
                                "MaximumLength; [size_is(MaximumLength / 2), length_is(Length / 2)] wchar_t "
                                "*Buffer; } RPC_UNICODE_STRING, *PRPC_UNICODE_STRING;";
    char *text = malloc(len + 1);
    struct text_file files[2] = {{"a.idl", text, len}, {"ms-dtyp.idl", types, sizeof(types) - 1}};
    struct text_result first, second;

    require(text != NULL);
    if (len)
        memcpy(text, data, len);
    text[len] = '\0';
    first = text_compile(files, 2, "p", MEMORY);
    if (first.ok) {
        size_t end = strlen(first.tables);

        require(!*first.messages);
        require(strstr(first.header, "_interface;") != NULL);
        require(end > 3 && !strcmp(first.tables + end - 3, "};\n"));
        second = text_compile(files, 2, "p", MEMORY);
        require(second.ok);
        require(!strcmp(first.header, second.header) && !strcmp(first.tables, second.tables));
        text_free(&second);
    } else {
        require(*first.messages && !*first.header && !*first.tables);
        require(strstr(first.messages, "error: ") != NULL);
        require(count_lines(first.messages) <= 6 * IDLC_MAX_ERRORS + 1);
    }
    text_free(&first);
    free(text);
    return 0;
}
