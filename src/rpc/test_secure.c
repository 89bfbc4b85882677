/* SPDX-License-Identifier: MIT */
/* Client and server with authentication, back to back: everything arrives, nothing that was meddled with. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rpc/pdu.h"
#include "rpc/test_secure.h"

static const enum auth_type types[] = {AUTH_TYPE_NTLM, AUTH_TYPE_SPNEGO};
static const enum auth_level levels[] = {AUTH_LEVEL_CONNECT, AUTH_LEVEL_INTEGRITY, AUTH_LEVEL_PRIVACY};

static void open_bound(struct pair *p, struct secure *s)
{
    assert_int_equal(pair_open_with(p, &s->server, &s->client), 0);
    pair_run(p);
    assert_int_equal(p->client_result, 0);
    assert_int_equal(p->server_result, 0);
    assert_true(rpc_client_is_bound(p->client));
}

static uint8_t *pattern(size_t len)
{
    uint8_t *data = malloc(len + 1);

    assert_non_null(data);
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(i * 7 + (i >> 8));
    return data;
}

/* Echo gives back the first request's verification trailer too. */
static void check_echo(struct pair *p, const struct ndr_uuid *object, size_t len)
{
    uint8_t *stub = pattern(len);
    struct rpc_reply reply;
    uint32_t id;

    assert_int_equal(rpc_client_call(p->client, &test_interface, TEST_ECHO, object, stub, len, &id), 0);
    pair_run(p);
    assert_int_equal(p->client_result, 0);
    assert_true(rpc_client_take(p->client, id, &reply));
    assert_int_equal(reply.fault.v, 0);
    assert_in_range(reply.stub_len, len, len + 100);
    if (len)
        assert_memory_equal(reply.stub, stub, len);
    free(reply.stub);
    free(stub);
}

/* Lengths, trailers and padding of each PDU that was sent. */
static void check_pdus(const struct writer *w, const struct secure *s, size_t max)
{
    bool is_protected = s->auth.options.level > AUTH_LEVEL_CONNECT;

    for (size_t at = 0; at < w->len;) {
        struct pdu_header h;
        struct pdu_auth auth;
        struct reader body;

        assert_int_equal(pdu_header_get(w->data + at, max, &h), 0);
        assert_true(pdu_open(w->data + at, &h, &body, &auth));
        if (h.type == PDU_REQUEST || h.type == PDU_RESPONSE) {
            int head = h.flags & PDU_OBJECT ? 40 : 24;

            assert_int_equal(auth.token_len, is_protected ? 16 : 0);
            if (is_protected) {
                assert_int_equal(auth.type, s->auth.options.type);
                assert_int_equal(auth.level, s->auth.options.level);
                assert_in_range(auth.pad_len, 0, 15);
                assert_int_equal((h.frag_len - 24 - head) % 16, 0);
            }
        }
        at += h.frag_len;
    }
}

static void test_conversation(void **state)
{
    static const struct ndr_uuid object = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};

    (void)state;
    for (size_t i = 0; i < 2 * 3 * 2 * 2; i++) {
        struct secure s;
        struct pair p;

        assert_int_equal(secure_init(&s, types[i % 2], levels[i / 2 % 3], "secret"), 0);
        s.client.no_header_signing = i / 6 % 2;
        s.client.max_fragment = s.server.max_fragment = i / 12 ? 1432 : 5840;
        open_bound(&p, &s);
        assert_true(rpc_server_peer(p.server)->authenticated);
        assert_int_equal(rpc_server_peer(p.server)->account, 1007);
        for (size_t len = 0; len < 34; len++)
            check_echo(&p, len & 1 ? &object : NULL, len);
        for (size_t len = 1370; len < 1420; len++)
            check_echo(&p, NULL, len);
        check_echo(&p, &object, 50000);
        check_pdus(&p.up, &s, s.client.max_fragment);
        check_pdus(&p.down, &s, s.client.max_fragment);
        pair_close(&p);
        secure_deinit(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
