/* SPDX-License-Identifier: MIT */
/*
 * Our acceptor on standard input and output, for clients in other languages. A line in, a line out, bytes in
 * hexadecimal, "-" for none:
 *   token HEX          -> RESULT HEX      (a step; 0: established, 1: go on)
 *   open BODY SIG      -> RESULT BODY     (auth_unprotect)
 *   protect BODY       -> BODY SIG
 *   key                -> HEX
 * Arguments: 9|10 (type) 2|5|6 (level). User alice, password Pa55w0rd.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "base/utf16.h"

#define LINE_LEN 200000

static int account(void *data, const uint16_t *user, const uint16_t *domain, struct auth_account *out)
{
    (void)data, (void)domain;
    if (utf16_casecmp(user, utf16_len(user), u"alice", 5) != 0)
        return AUTH_E_NO_SUCH_USER;
    auth_nt_hash(u"Pa55w0rd", 8, out->nt_hash);
    return 0;
}

static size_t unhex(const char *text, uint8_t *out)
{
    size_t len = 0;

    for (unsigned byte; text && *text != '-' && sscanf(text + 2 * len, "%2x", &byte) == 1; len++)
        out[len] = (uint8_t)byte;
    return len;
}

static void hex(const uint8_t *data, size_t len)
{
    if (!len)
        putchar('-');
    for (size_t i = 0; i < len; i++)
        printf("%02x", data[i]);
}

static void do_line(struct auth *a, char *line)
{
    static uint8_t body[LINE_LEN], signature[LINE_LEN];
    const char *verb = strtok(line, " \n"), *first = strtok(NULL, " \n"), *second = strtok(NULL, " \n");
    size_t len = unhex(first, body), signature_len = unhex(second, signature);
    struct auth_message m = {.body = body, .body_len = len};
    struct writer out;
    const uint8_t *key;

    if (!verb)
        return;
    writer_init(&out, LINE_LEN);
    if (!strcmp(verb, "token")) {
        printf("%d ", auth_step(a, body, len, &out));
        hex(out.data, out.len);
    } else if (!strcmp(verb, "open")) {
        printf("%d ", auth_unprotect(a, &m, signature, signature_len));
        hex(body, len);
    } else if (!strcmp(verb, "protect")) {
        if (auth_protect(a, &m, signature))
            exit(1);
        hex(body, len);
        putchar(' ');
        hex(signature, auth_signature_len(a));
    } else if (!strcmp(verb, "key")) {
        key = auth_session_key(a, &len);
        hex(key, len);
    }
    putchar('\n');
    fflush(stdout);
    writer_deinit(&out);
}

int main(int argc, char **argv)
{
    struct auth_acceptor_config config = {
        .mechanisms = AUTH_NTLM, .account = account, .computer = u"SERVER", .domain = u"EXAMPLE"};
    struct auth_options options = {.dce_style = true};
    static char line[LINE_LEN];
    struct auth_acceptor *acceptor;
    struct auth *a;

    if (argc != 3)
        return 2;
    options.type = (enum auth_type)atoi(argv[1]);
    options.level = (enum auth_level)atoi(argv[2]);
    if (auth_acceptor_new(&acceptor, &config) || auth_acceptor_context(&a, acceptor, &options))
        return 1;
    while (fgets(line, sizeof(line), stdin))
        do_line(a, line);
    auth_free(a);
    auth_acceptor_free(acceptor);
    return 0;
}
