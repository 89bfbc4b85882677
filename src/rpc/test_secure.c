/* SPDX-License-Identifier: MIT */
/* Client and server with authentication, back to back: everything arrives, nothing that was meddled with. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rpc/pdu.h"
#include "rpc/test_echo.h"
#include "rpc/test_secure.h"
#include "rpc/verification.h"

static const enum auth_type types[] = {AUTH_TYPE_NTLM, AUTH_TYPE_SPNEGO};
static const enum auth_level levels[] = {AUTH_LEVEL_CONNECT, AUTH_LEVEL_INTEGRITY, AUTH_LEVEL_PRIVACY};

static void open_bound(struct pair *p, struct secure *s)
{
    assert_int_equal(pair_open_with(p, &s->server, &s->client), 0);
    assert_opened(p);
}

static void check_echo(struct pair *p, const struct ndr_uuid *object, size_t len)
{
    assert_echo(p, object, len, 100);
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

/* --- by hand --- */

/* All that the client has to say, at once; `p->up` grows by it. Nothing is carried out. */
static void send_up(struct pair *p)
{
    size_t len;
    const uint8_t *data = rpc_client_output(p->client, &len);

    if (len)
        writer_put(&p->up, data, len);
    p->server_result = rpc_server_input(p->server, data, len);
    rpc_client_sent(p->client, len);
}

static void send_down(struct pair *p)
{
    size_t len;
    const uint8_t *data = rpc_server_output(p->server, &len);

    if (len)
        writer_put(&p->down, data, len);
    p->client_result = rpc_client_input(p->client, data, len);
    rpc_server_sent(p->server, len);
}

static uint32_t begin_echo(struct pair *p, const char *stub)
{
    uint32_t id;

    assert_int_equal(rpc_client_call(p->client, &test_interface, TEST_ECHO, NULL, stub, strlen(stub), &id),
                     0);
    return id;
}

/* The last PDU of the server: a fault, with this status. */
static void expect_fault(const struct writer *down, uint32_t status)
{
    struct pdu_header h = {0};
    struct pdu_auth auth;
    struct pdu_fault f = {0};
    struct reader body;
    size_t at = 0, last = 0;

    for (; at < down->len; at += h.frag_len) {
        assert_int_equal(pdu_header_get(down->data + at, 65535, &h), 0);
        last = at;
    }
    assert_int_equal(h.type, PDU_FAULT);
    assert_true(pdu_open(down->data + last, &h, &body, &auth));
    assert_true(pdu_fault_get(&body, &f));
    assert_int_equal(f.status.v, status);
}

/* --- what is meddled with --- */

struct recording {
    struct secure s;
    struct writer up, down;        /* of the authentication */
    struct writer request, answer; /* of one call after it */
};

static void keep(struct writer *w, const struct writer *all, size_t from)
{
    writer_init(w, 1 << 20);
    writer_put(w, all->data + from, all->len - from);
}

static void record(struct recording *r, enum auth_type type, enum auth_level level, bool plain_headers)
{
    struct pair p;
    size_t up, down;

    assert_int_equal(secure_init(&r->s, type, level, "secret"), 0);
    r->s.client.no_header_signing = plain_headers;
    open_bound(&p, &r->s);
    up = p.up.len;
    down = p.down.len;
    keep(&r->up, &p.up, 0);
    keep(&r->down, &p.down, 0);
    begin_echo(&p, "a stub");
    pair_run(&p);
    keep(&r->request, &p.up, up);
    keep(&r->answer, &p.down, down);
    pair_close(&p);
}

static void forget(struct recording *r)
{
    writer_deinit(&r->up);
    writer_deinit(&r->down);
    writer_deinit(&r->request);
    writer_deinit(&r->answer);
    secure_deinit(&r->s);
}

/* The same server, or client, at the end of the same authentication. */
static struct rpc_server *again_server(struct recording *r)
{
    struct rpc_server *s;
    size_t len;

    r->s.seed[1] = 2;
    assert_int_equal(rpc_server_new(&s, &r->s.server), 0);
    assert_int_equal(rpc_server_input(s, r->up.data, r->up.len), 0);
    rpc_server_output(s, &len);
    rpc_server_sent(s, len);
    assert_true(rpc_server_peer(s)->authenticated);
    return s;
}

static struct rpc_client *again_client(struct recording *r, uint32_t *id)
{
    struct rpc_client *c;

    r->s.seed[0] = 1;
    assert_int_equal(rpc_client_new(&c, &r->s.client), 0);
    assert_int_equal(rpc_client_input(c, r->down.data, r->down.len), 0);
    assert_true(rpc_client_is_bound(c));
    assert_int_equal(rpc_client_call(c, &test_interface, TEST_ECHO, NULL, "a stub", 6, id), 0);
    return c;
}

static void flip(struct writer *w, size_t bit)
{
    w->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static void check_flips(struct recording *r)
{
    struct rpc_request q;
    struct rpc_reply reply;
    uint32_t id;

    for (size_t bit = 0; bit < r->request.len * 8; bit++) {
        struct rpc_server *s = again_server(r);

        flip(&r->request, bit);
        rpc_server_input(s, r->request.data, r->request.len);
        assert_false(rpc_server_next(s, &q));
        flip(&r->request, bit);
        rpc_server_free(s);
    }
    for (size_t bit = 0; bit < r->answer.len * 8; bit++) {
        struct rpc_client *c = again_client(r, &id);

        flip(&r->answer, bit);
        rpc_client_input(c, r->answer.data, r->answer.len);
        assert_false(rpc_client_take_any(c, &reply));
        flip(&r->answer, bit);
        rpc_client_free(c);
    }
}

static void test_flips(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct recording r;
        struct rpc_request q;
        struct rpc_reply reply;
        struct rpc_server *s;
        struct rpc_client *c;
        uint32_t id;

        record(&r, types[i & 1], levels[1 + (i >> 1 & 1)], i >> 2);
        check_flips(&r);
        s = again_server(&r); /* and that it was the flips */
        assert_int_equal(rpc_server_input(s, r.request.data, r.request.len), 0);
        assert_true(rpc_server_next(s, &q));
        assert_int_equal(q.level, levels[1 + (i >> 1 & 1)]);
        assert_int_equal(q.header_signing, !(i >> 2));
        assert_int_equal(verification_check(&q, 6), 0);
        rpc_server_free(s);
        c = again_client(&r, &id);
        assert_int_equal(rpc_client_input(c, r.answer.data, r.answer.len), 0);
        assert_true(rpc_client_take(c, id, &reply));
        free(reply.stub);
        rpc_client_free(c);
        forget(&r);
    }
}

static void test_replay_and_order(void **state)
{
    struct rpc_request q;
    struct recording r;
    struct rpc_server *s;
    struct pair p;
    size_t at;

    (void)state;
    for (int i = 0; i < 4; i++) {
        record(&r, types[i & 1], levels[1 + (i >> 1)], false);
        s = again_server(&r);
        assert_int_equal(rpc_server_input(s, r.request.data, r.request.len), 0);
        assert_true(rpc_server_next(s, &q));
        assert_int_equal(rpc_server_reply(s, &q, NULL, 0), 0);
        assert_int_equal(rpc_server_input(s, r.request.data, r.request.len), RPC_E_PROTOCOL);
        assert_false(rpc_server_next(s, &q));
        rpc_server_free(s);

        r.s.seed[0] = 1;
        r.s.seed[1] = 2;
        open_bound(&p, &r.s);
        at = p.up.len;
        begin_echo(&p, "one");
        begin_echo(&p, "two");
        pair_run(&p);
        s = again_server(&r);
        at += (size_t)(p.up.data[at + 8] | p.up.data[at + 9] << 8); /* the second of them */
        assert_int_equal(rpc_server_input(s, p.up.data + at, p.up.len - at), RPC_E_PROTOCOL);
        assert_false(rpc_server_next(s, &q));
        rpc_server_free(s);
        pair_close(&p);
        forget(&r);
    }
}

/* The offer of signed headers is taken away on its way: the verification trailer tells. */
static void test_header_signing_stripped(void **state)
{
    struct rpc_request q;
    struct secure s;
    struct pair p;
    size_t len;

    (void)state;
    assert_int_equal(secure_init(&s, AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "secret"), 0);
    assert_int_equal(pair_open_with(&p, &s.server, &s.client), 0);
    ((uint8_t *)(uintptr_t)rpc_client_output(p.client, &len))[3] &= (uint8_t)~PDU_HEADER_SIGN;
    pair_run(&p);
    assert_true(rpc_client_is_bound(p.client));
    begin_echo(&p, "stub");
    send_up(&p);
    assert_true(rpc_server_next(p.server, &q));
    assert_false(q.header_signing);
    assert_int_equal(verification_check(&q, 4), VERIFICATION_E_MISMATCH);
    pair_close(&p);
    secure_deinit(&s);
}

/* --- who is let in --- */

static void test_wrong_password(void **state)
{
    static const char *const names[] = {"WORKGROUP\\user", "nobody"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        enum auth_type type = types[i & 1];
        struct rpc_reply reply;
        struct secure s;
        struct pair p;

        assert_int_equal(secure_init(&s, type, AUTH_LEVEL_PRIVACY, "wrong"), 0);
        assert_int_equal(auth_credentials_set_name_utf8(s.credentials, names[i >> 1], NULL), 0);
        assert_int_equal(pair_open_with(&p, &s.server, &s.client), 0);
        pair_run(&p);
        if (type == AUTH_TYPE_NTLM) { /* auth3 has no answer */
            assert_true(rpc_client_is_bound(p.client));
            assert_int_equal(p.client_result, 0);
            begin_echo(&p, "stub");
            pair_run(&p);
        }
        expect_fault(&p.down, 5);
        assert_int_equal(p.server_result, RPC_E_PROTOCOL);
        assert_int_equal(rpc_server_auth_result(p.server), AUTH_E_LOGON);
        assert_false(rpc_server_peer(p.server)->authenticated);
        assert_int_equal(p.client_result, RPC_CLIENT_E_AUTH);
        assert_int_equal(rpc_client_auth_result(p.client), AUTH_E_LOGON);
        assert_false(rpc_client_take_any(p.client, &reply));
        pair_close(&p);
        secure_deinit(&s);
    }
}

static void test_levels_demanded(void **state)
{
    static const struct {
        enum auth_level client, demanded; /* NONE: without */
        bool served;
    } rows[] = {
        {AUTH_LEVEL_NONE, 0, true},
        {AUTH_LEVEL_NONE, AUTH_LEVEL_NONE, true},
        {AUTH_LEVEL_NONE, AUTH_LEVEL_CONNECT, false},
        {AUTH_LEVEL_CONNECT, AUTH_LEVEL_CONNECT, true},
        {AUTH_LEVEL_CONNECT, AUTH_LEVEL_INTEGRITY, false},
        {AUTH_LEVEL_INTEGRITY, AUTH_LEVEL_INTEGRITY, true},
        {AUTH_LEVEL_INTEGRITY, AUTH_LEVEL_PRIVACY, false},
        {AUTH_LEVEL_PRIVACY, 0, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct secure s;
        struct pair p;

        assert_int_equal(secure_init(&s, AUTH_TYPE_SPNEGO, rows[i].client, "secret"), 0);
        s.server.min_level = rows[i].demanded;
        if (rows[i].client == AUTH_LEVEL_NONE)
            s.client.auth = NULL;
        open_bound(&p, &s);
        for (int n = 0; n < 3; n++) {
            uint32_t id = begin_echo(&p, "stub");
            struct rpc_reply reply;
            struct rpc_request q;

            send_up(&p);
            if (rpc_server_next(p.server, &q)) {
                assert_true(rows[i].served);
                assert_int_equal(q.level, rows[i].client);
                assert_int_equal(rpc_server_reply(p.server, &q, q.stub, q.stub_len), 0);
            }
            send_down(&p);
            assert_true(rpc_client_take(p.client, id, &reply));
            assert_int_equal(reply.fault.v, rows[i].served ? 0 : 5);
            free(reply.stub);
        }
        pair_close(&p);
        secure_deinit(&s);
    }
}

/* Requests that do not come as they should, by hand: each is the end. */
static void put_request(struct writer *w, const struct pdu_auth *auth)
{
    struct pdu_auth copy = auth ? *auth : (struct pdu_auth){0};
    size_t start;

    writer_reset(w);
    start = pdu_begin(w, PDU_REQUEST, PDU_WHOLE, 77);
    pdu_request_put(w, &(struct pdu_request){.opnum = TEST_ECHO});
    writer_u32(w, 0);
    if (auth)
        memset(pdu_auth_put(w, start, start + 24, 16, &copy, 16), 0, 16);
    pdu_end(w, start);
}

static void test_unprotected_requests(void **state)
{
    static const struct pdu_auth good = {
        .type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_PRIVACY, .context_id = 1};
    struct pdu_auth other[3] = {good, good, good};
    struct rpc_request q;
    struct writer w;

    (void)state;
    other[0].type = AUTH_TYPE_SPNEGO;
    other[1].level = AUTH_LEVEL_INTEGRITY;
    other[2].context_id = 2;
    writer_init(&w, 1000);
    for (int i = 0; i < 6;
         i++) { /* without a trailer; in mid-authentication; not of this context; not signed */
        struct secure s;
        struct pair p;

        assert_int_equal(secure_init(&s, AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "secret"), 0);
        s.server.min_level = 0;
        if (i == 1) {
            assert_int_equal(pair_open_with(&p, &s.server, &s.client), 0);
            send_up(&p); /* the bind, and no more */
        } else {
            open_bound(&p, &s);
        }
        put_request(&w, i < 2 ? NULL : i == 5 ? &good : &other[i - 2]);
        assert_int_equal(rpc_server_input(p.server, w.data, w.len), RPC_E_PROTOCOL);
        assert_false(rpc_server_next(p.server, &q));
        if (i != 1)
            send_down(&p);
        if (i != 1)
            expect_fault(&p.down, i == 0 ? 5 : 0x721);
        pair_close(&p);
        secure_deinit(&s);
    }
    writer_deinit(&w);
}

/* --- the client's part --- */

static void test_server_without(void **state)
{
    struct secure s;
    struct pair p;

    (void)state;
    assert_int_equal(secure_init(&s, AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "secret"), 0);
    s.server.acceptor = NULL;
    assert_int_equal(pair_open_with(&p, &s.server, &s.client), 0);
    pair_run(&p);
    assert_int_equal(p.client_result, RPC_CLIENT_E_REFUSED);
    assert_int_equal(rpc_client_refusal(p.client).v, 1747);
    pair_close(&p);
    secure_deinit(&s);
}

/* The server goes on as if we had not wanted to authenticate, or answers unsigned: not with us. */
static void test_server_that_does_not_sign(void **state)
{
    struct pdu_bind_ack ack = {.max_xmit = 5840, .max_recv = 5840, .assoc_group = 1, .count = 2};
    struct pdu_result result = {.transfer = pdu_transfer_syntax(NDR_SYNTAX_NDR20)};
    struct rpc_client *c;
    struct recording r;
    struct writer w;
    uint32_t id;
    size_t start;

    (void)state;
    record(&r, AUTH_TYPE_NTLM, AUTH_LEVEL_INTEGRITY, false);
    writer_init(&w, 1000);
    start = pdu_begin(&w, PDU_BIND_ACK, PDU_WHOLE, 1);
    pdu_bind_ack_put(&w, start, &ack);
    pdu_result_put(&w, &result);
    pdu_result_put(&w, &result);
    pdu_end(&w, start);
    r.s.seed[0] = 1;
    assert_int_equal(rpc_client_new(&c, &r.s.client), 0);
    assert_int_equal(rpc_client_input(c, w.data, w.len), RPC_CLIENT_E_AUTH);
    assert_int_equal(rpc_client_auth_result(c), AUTH_E_LEVEL);
    assert_false(rpc_client_is_bound(c));
    rpc_client_free(c);

    writer_reset(&w);
    c = again_client(&r, &id);
    start = pdu_begin(&w, PDU_RESPONSE, PDU_WHOLE, id);
    pdu_response_put(&w, &(struct pdu_response){0});
    pdu_end(&w, start);
    assert_int_equal(rpc_client_input(c, w.data, w.len), RPC_CLIENT_E_AUTH);
    assert_int_equal(rpc_client_auth_result(c), AUTH_E_SIGNATURE);
    assert_int_equal(rpc_client_call(c, &test_interface, TEST_ECHO, NULL, "x", 1, &id), RPC_CLIENT_E_AUTH);
    rpc_client_free(c);
    writer_deinit(&w);
    forget(&r);
}

/* Nobody to be: known before anything is sent. */
static void test_no_credentials(void **state)
{
    struct rpc_client *c;
    struct secure s;
    size_t len;

    (void)state;
    assert_int_equal(secure_init(&s, AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY, "secret"), 0);
    auth_credentials_unref(s.credentials);
    assert_int_equal(auth_credentials_new(&s.credentials), 0);
    s.auth.credentials = s.credentials;
    assert_int_equal(rpc_client_new(&c, &s.client), 0);
    assert_int_equal(rpc_client_status(c), RPC_CLIENT_E_AUTH);
    assert_int_equal(rpc_client_auth_result(c), AUTH_E_NO_CREDENTIALS);
    assert_null(rpc_client_output(c, &len));
    rpc_client_free(c);
    s.auth.options.level = 3;
    assert_int_equal(rpc_client_new(&c, &s.client), -EINVAL);
    secure_deinit(&s);
}

/* Faults are not signed, and calls go on after them. */
static void test_faults(void **state)
{
    struct rpc_reply reply;
    struct secure s;
    struct pair p;
    uint32_t id;

    (void)state;
    assert_int_equal(secure_init(&s, AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY, "secret"), 0);
    open_bound(&p, &s);
    for (uint16_t opnum = TEST_FAULT; opnum <= TEST_ABSENT; opnum++) {
        assert_int_equal(rpc_client_call(p.client, &test_interface, opnum, NULL, "x", 1, &id), 0);
        pair_run(&p);
        assert_true(rpc_client_take(p.client, id, &reply));
        assert_int_equal(reply.fault.v, opnum == TEST_FAULT ? 0x6f7 : 0x1c010002);
        assert_false(reply.did_not_execute); /* anybody can say so */
        check_echo(&p, NULL, 100);
    }
    pair_close(&p);
    secure_deinit(&s);
}

static void test_alter(void **state)
{
    struct rpc_reply reply;
    struct secure s;
    struct pair p;
    uint32_t id;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(secure_init(&s, types[i], AUTH_LEVEL_PRIVACY, "secret"), 0);
        open_bound(&p, &s);
        check_echo(&p, NULL, 10);
        assert_int_equal(rpc_client_alter(p.client, &test_second), 0);
        check_echo(&p, NULL, 10);
        assert_int_equal(rpc_client_call(p.client, &test_second, 0, NULL, "ab", 2, &id), 0);
        pair_run(&p);
        assert_true(rpc_client_take(p.client, id, &reply));
        assert_ptr_equal(reply.interface, &test_second);
        free(reply.stub);
        check_pdus(&p.up, &s, 5840);
        pair_close(&p);
        secure_deinit(&s);
    }
}

/* A server that takes one call at a time: what waits is signed when it goes out, so one that is taken back
 * leaves no gap. */
static void test_one_by_one(void **state)
{
    struct rpc_reply reply;
    uint32_t id[4];
    struct secure s;
    struct pair p;
    size_t len;

    (void)state;
    assert_int_equal(secure_init(&s, AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, "secret"), 0);
    assert_int_equal(pair_open_with(&p, &s.server, &s.client), 0);
    send_up(&p);
    ((uint8_t *)(uintptr_t)rpc_server_output(p.server, &len))[3] &= (uint8_t)~PDU_MULTIPLEX;
    pair_run(&p);
    for (int i = 0; i < 4; i++)
        id[i] = begin_echo(&p, "a call");
    assert_int_equal(rpc_client_cancel(p.client, id[1]), 0);
    assert_int_equal(rpc_client_orphan(p.client, id[2]), 0);
    pair_run(&p);
    assert_int_equal(p.client_result, 0);
    for (int i = 0; i < 4; i += 3) {
        assert_true(rpc_client_take(p.client, id[i], &reply));
        assert_int_equal(reply.fault.v, 0);
        assert_memory_equal(reply.stub, "a call", 6);
        free(reply.stub);
    }
    pair_close(&p);
    secure_deinit(&s);
}

/* However the bytes are cut, the same conversation. */
static void test_cuts(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < 300; cut = cut * 3 / 2 + 1) {
        struct secure s;
        struct pair p;

        assert_int_equal(secure_init(&s, AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY, "secret"), 0);
        assert_int_equal(pair_open_with(&p, &s.server, &s.client), 0);
        p.cut = cut;
        pair_run(&p);
        check_echo(&p, NULL, 7000);
        check_echo(&p, NULL, 0);
        pair_close(&p);
        secure_deinit(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversation),
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_replay_and_order),
        cmocka_unit_test(test_header_signing_stripped),
        cmocka_unit_test(test_wrong_password),
        cmocka_unit_test(test_levels_demanded),
        cmocka_unit_test(test_unprotected_requests),
        cmocka_unit_test(test_server_without),
        cmocka_unit_test(test_server_that_does_not_sign),
        cmocka_unit_test(test_no_credentials),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_alter),
        cmocka_unit_test(test_one_by_one),
        cmocka_unit_test(test_cuts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
