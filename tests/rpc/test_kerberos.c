/* SPDX-License-Identifier: MIT */
/*
 * RPC protected by Kerberos, alone and in SPNEGO, client and server back to back, with a real KDC
 * (tests/auth/kdc.sh).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rpc/pdu.h"
#include "rpc/test_echo.h"
#include "rpc/test_secure.h"
#include "rpc/verification.h"

static int start(struct secure *s, enum auth_type type, enum auth_level level)
{
    struct auth_acceptor_config acceptor = {.mechanisms = AUTH_KERBEROS, .keytab = getenv("TEST_KEYTAB")};
    int r = secure_init(s, type, level, "Pa55w0rd");

    if (r)
        return r;
    auth_acceptor_free(s->acceptor);
    s->auth.mechanisms = AUTH_KERBEROS;
    s->auth.options.source = s->server.source = NULL;
    r = auth_acceptor_new(&s->acceptor, &acceptor);
    s->server.acceptor = s->acceptor;
    return r ? r : auth_credentials_set_name_utf8(s->credentials, "alice@EXAMPLE.TEST", NULL);
}

static void open_bound(struct pair *p, struct secure *s)
{
    assert_int_equal(pair_open_with(p, &s->server, &s->client), 0);
    pair_run(p);
    if (p->client_result == RPC_CLIENT_E_AUTH)
        fail_msg("%s", auth_text(rpc_client_auth_result(p->client)));
    assert_opened(p);
    assert_true(rpc_server_peer(p->server)->authenticated);
}

static void check_echo(struct pair *p, size_t len)
{
    assert_echo(p, NULL, len, 100);
}

static void test_conversation(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        struct secure s;
        struct pair p;

        assert_int_equal(start(&s, i & 1 ? AUTH_TYPE_SPNEGO : AUTH_TYPE_KERBEROS,
                               (enum auth_level[]){AUTH_LEVEL_CONNECT, AUTH_LEVEL_INTEGRITY,
                                                   AUTH_LEVEL_PRIVACY}[i / 2 % 3]),
                         0);
        s.client.no_header_signing = i / 6;
        open_bound(&p, &s);
        for (size_t len = 0; len < 34; len++)
            check_echo(&p, len);
        for (size_t len = 5670; len < 5710; len++)
            check_echo(&p, len);
        check_echo(&p, 50000);
        pair_close(&p);
        secure_deinit(&s);
    }
}

/* One bit of a request is changed on its way. True: it was handed out all the same, and agrees with its
 * verification trailer. `*trailer`: where the sec_trailer begins. */
static bool survives(struct secure *s, size_t bit, bool *more, size_t *trailer)
{
    struct rpc_request q;
    uint8_t *request;
    struct pair p;
    uint32_t id;
    bool taken;
    size_t len;

    open_bound(&p, s);
    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, "a stub", 6, &id), 0);
    request = (uint8_t *)(uintptr_t)rpc_client_output(p.client, &len);
    *trailer = len - 8 - (size_t)(request[10] | request[11] << 8);
    request[bit / 8] ^= (uint8_t)(1 << bit % 8);
    *more = bit / 8 + 1 < len;
    rpc_server_input(p.server, request, len);
    taken = rpc_server_next(p.server, &q);
    if (taken)
        taken = !verification_check(&q, 6) && q.stub_len >= 6 && !memcmp(q.stub, "a stub", 6) &&
                q.opnum == TEST_ECHO && q.call_id == id && q.context_id == 0;
    pair_close(&p);
    return taken;
}

/* What is not signed without header signing and can do no harm: minor version, flags that at most hold back
 * the answer, padding of the data representation, alloc_hint; of the trailer pad_len and a reserved byte. */
static bool is_harmless(size_t byte, size_t trailer)
{
    return byte == 1 || byte == 3 || byte == 6 || byte == 7 || (byte >= 16 && byte < 20) ||
           byte == trailer + 2 || byte == trailer + 3;
}

static void test_flips(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        bool more = true, plain_headers = i & 1;
        struct secure s;
        size_t trailer;

        assert_int_equal(start(&s, AUTH_TYPE_KERBEROS, i & 2 ? AUTH_LEVEL_PRIVACY : AUTH_LEVEL_INTEGRITY), 0);
        s.client.no_header_signing = plain_headers;
        for (size_t bit = 0; more; bit++)
            if (survives(&s, bit, &more, &trailer) && !(plain_headers && is_harmless(bit / 8, trailer)))
                fail_msg("%d: bit %zu", i, bit);
        secure_deinit(&s);
    }
}

/* A password that the KDC does not take: nothing is ever sent. */
static void test_wrong_password(void **state)
{
    struct rpc_client *c;
    struct secure s;
    size_t len;

    (void)state;
    assert_int_equal(start(&s, AUTH_TYPE_KERBEROS, AUTH_LEVEL_PRIVACY), 0);
    assert_int_equal(auth_credentials_set_password_utf8(s.credentials, "wrong"), 0);
    assert_int_equal(rpc_client_new(&c, &s.client), 0);
    assert_int_equal(rpc_client_status(c), RPC_CLIENT_E_AUTH);
    assert_int_equal(rpc_client_auth_result(c), AUTH_E_LOGON);
    assert_null(rpc_client_output(c, &len));
    rpc_client_free(c);
    secure_deinit(&s);
}

/* A server that is not the one of the ticket: the bind is refused, and the client is told why. */
static void test_wrong_server(void **state)
{
    struct secure s;
    struct pair p;

    (void)state;
    assert_int_equal(start(&s, AUTH_TYPE_KERBEROS, AUTH_LEVEL_PRIVACY), 0);
    s.auth.target = "host/other.example.test";
    assert_int_equal(pair_open_with(&p, &s.server, &s.client), 0);
    pair_run(&p);
    assert_int_equal(p.server_result, RPC_E_PROTOCOL);
    assert_int_equal(rpc_server_auth_result(p.server), AUTH_E_WRONG_TARGET);
    assert_int_equal(p.client_result, RPC_CLIENT_E_AUTH);
    assert_int_equal(rpc_client_auth_result(p.client), AUTH_E_REFUSED);
    pair_close(&p);
    secure_deinit(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversation),
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_wrong_password),
        cmocka_unit_test(test_wrong_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
