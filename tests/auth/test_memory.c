/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails, for every n until there is none: of a whole NTLM exchange, alone and in SPNEGO,
 * both sides. What comes of it is -ENOMEM, or success where the allocation was not needed; never a crash,
 * never a context that is established on one side's mistake. (Linked with --wrap for the three functions.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "auth/auth.h"
#include "../failing_allocation.h"

static int account(void *data, const uint16_t *user, const uint16_t *domain, struct auth_account *out)
{
    (void)data, (void)user, (void)domain;
    auth_nt_hash(u"secret", 6, out->nt_hash);
    return 0;
}

static int talk(struct auth *client, struct auth *server)
{
    struct auth *side[2] = {client, server};
    struct writer token[2];
    int r = AUTH_CONTINUE;

    writer_init(&token[0], 65536);
    writer_init(&token[1], 65536);
    for (unsigned turn = 0; turn < 8; turn++) {
        struct writer *out = &token[turn & 1], *in = &token[~turn & 1];

        writer_reset(out);
        r = auth_step(side[turn & 1], in->data, in->len, out);
        if ((r && r != AUTH_CONTINUE) || !out->len)
            break;
    }
    writer_deinit(&token[0]);
    writer_deinit(&token[1]);
    return r;
}

static int exchange(enum auth_type type)
{
    struct auth_acceptor_config acceptor_config = {.mechanisms = AUTH_NTLM,
                                                   .account = account,
                                                   .computer = u"SERVER",
                                                   .domain = u"DOMAIN",
                                                   .dns_domain = u"d.test"};
    struct auth_client_config config = {
        .options = {.type = type, .level = AUTH_LEVEL_PRIVACY, .bindings = "tls", .bindings_len = 3},
        .target = "cifs/server",
        .mechanisms = AUTH_NTLM,
        .workstation = u"CLIENT"};
    struct auth_acceptor *acceptor = NULL;
    struct auth *client = NULL, *server = NULL;
    int r = auth_credentials_new(&config.credentials);

    if (!r)
        r = auth_credentials_set_name_utf8(config.credentials, "D\\user", NULL);
    if (!r)
        r = auth_credentials_set_password_utf8(config.credentials, "secret");
    if (!r)
        r = auth_acceptor_new(&acceptor, &acceptor_config);
    if (!r)
        r = auth_acceptor_context(&server, acceptor, &config.options);
    if (!r)
        r = auth_client_new(&client, &config);
    if (!r)
        r = talk(client, server);
    assert_true(r || (auth_established(client) && auth_established(server)));
    auth_free(client);
    auth_free(server);
    auth_acceptor_free(acceptor);
    auth_credentials_unref(config.credentials);
    return r;
}

static void test_no_memory(void **state)
{
    static const enum auth_type types[] = {AUTH_TYPE_NTLM, AUTH_TYPE_SPNEGO};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        unsigned n = 0;
        int r;

        do {
            allocations_left = n++;
            allocation_failed = false;
            r = exchange(types[i]);
            allocations_left = UINT32_MAX;
            if (allocation_failed && r != -ENOMEM)
                fail_msg("type %d, allocation %u: %d", types[i], n, r);
        } while (allocation_failed);
        assert_int_equal(r, 0);
        assert_true(n > 15);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_memory)};

    allocations_left = UINT32_MAX;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
