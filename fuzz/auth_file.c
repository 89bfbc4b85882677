/* SPDX-License-Identifier: MIT */
/*
 * Text of files with credentials. Oracle: either credentials with a user name, or a condition with words and,
 * when it names a line, one that the text has; and a file of which all ends of lines are written in the other
 * way (CR LF for LF) means the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "netapi/auth_file.h"

#define REQUIRE(condition) \
    do {                   \
        if (!(condition))  \
            abort();       \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int parse(const uint8_t *data, size_t len, uint8_t hash[16])
{
    struct auth_file_problem problem;
    struct auth_credentials *c;
    char *text = malloc(len + 1), words[160];
    unsigned lines = 1;
    int r;

    REQUIRE(text);
    for (size_t i = 0; i < len; i++)
        lines += data[i] == '\n';
    memcpy(text, data, len);
    memset(hash, 0, 16);
    r = auth_file_parse(text, len, &c, &problem);
    REQUIRE(r >= 0 && r < AUTH_FILE_END && (c != NULL) == (r == 0) && problem.condition == r);
    REQUIRE(problem.line <= lines);
    auth_file_text(&problem, words, sizeof(words));
    REQUIRE((words[0] != '\0') == (r != 0) && strlen(words) < sizeof(words) - 1);
    if (c) {
        REQUIRE(*auth_credentials_user(c));
        auth_credentials_nt_hash(c, hash);
    }
    auth_credentials_unref(c);
    free(text);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t *other = malloc(len * 2 + 1), hash[16], other_hash[16];
    size_t other_len = 0;
    int r;

    REQUIRE(other);
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
            other[other_len++] = '\r';
        other[other_len++] = data[i];
    }
    r = parse(data, len, hash);
    REQUIRE(parse(other, other_len, other_hash) == r && memcmp(hash, other_hash, 16) == 0);
    free(other);
    return 0;
}
