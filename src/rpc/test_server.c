/* SPDX-License-Identifier: MIT */
/* The server against clients that do what ours would not: wrong orders, wrong lists, wrong fragments. What it
 * answers is compared PDU by PDU. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rpc/pdu.h"
#include "rpc/test_pair.h"

#define NAK(reason) (0x100 | (reason)) /* codes of answers beside PDU types and fault statuses */

struct peer {
    struct rpc_server *server;
    struct writer out; /* what the client has written and not handed over */
    struct writer in;  /* all that the server has sent and was not looked at */
    size_t at;
    int result;
};

static void open_peer(struct peer *p)
{
    struct rpc_server_config config = {.interfaces = test_interfaces,
                                       .secondary_address = "135",
                                       .assoc_group = 7,
                                       .max_calls = 4,
                                       .max_stub = 10000};

    memset(p, 0, sizeof(*p));
    assert_int_equal(rpc_server_new(&p->server, &config), 0);
    writer_init(&p->out, 1 << 24);
    writer_init(&p->in, 1 << 24);
}

static void close_peer(struct peer *p)
{
    rpc_server_free(p->server);
    writer_deinit(&p->out);
    writer_deinit(&p->in);
}

static void drain(struct peer *p)
{
    size_t len;
    const uint8_t *data = rpc_server_output(p->server, &len);

    if (len)
        writer_put(&p->in, data, len);
    rpc_server_sent(p->server, len);
}

static void give(struct peer *p)
{
    p->result = rpc_server_input(p->server, p->out.data, p->out.len);
    writer_reset(&p->out);
    drain(p);
}

static void run(struct peer *p)
{
    give(p);
    do {
        test_serve(p->server);
        drain(p);
    } while (rpc_server_full(p->server));
    p->result = rpc_server_status(p->server);
}

/* The next PDU of the server: its type, the status of a fault, NAK(reason); -1: none. */
static int64_t answer(struct peer *p, struct pdu_header *h)
{
    struct pdu_fault f;
    struct pdu_auth auth;
    struct reader r;
    uint16_t reason;

    if (p->at == p->in.len)
        return -1;
    assert_true(p->in.len - p->at >= 16);
    assert_int_equal(pdu_header_get(p->in.data + p->at, 65535, h), 0);
    assert_true(p->in.len - p->at >= h->frag_len);
    assert_true(pdu_open(p->in.data + p->at, h, &r, &auth));
    p->at += h->frag_len;
    switch (h->type) {
    case PDU_FAULT:
        assert_true(pdu_fault_get(&r, &f));
        return f.status.v;
    case PDU_BIND_NAK:
        assert_true(pdu_bind_nak_get(&r, &reason));
        return NAK(reason);
    default:
        return h->type;
    }
}

static void expect(struct peer *p, int64_t what, uint32_t call_id)
{
    struct pdu_header h = {0};

    assert_int_equal(answer(p, &h), what);
    assert_int_equal(h.call_id, call_id);
}

static void expect_none(struct peer *p)
{
    struct pdu_header h;

    assert_int_equal(answer(p, &h), -1);
}

/* --- what clients write --- */

struct offer {
    uint16_t id;
    struct pdu_syntax abstract;
    struct pdu_syntax transfers[3];
    uint8_t count;
};

static void put_bind(struct peer *p, uint8_t type, uint8_t flags, uint32_t id, uint32_t group,
                     const struct offer *offers, uint8_t count)
{
    struct pdu_bind b = {.max_xmit = 5840, .max_recv = 5840, .assoc_group = group, .count = count};
    size_t start = pdu_begin(&p->out, type, flags, id);

    pdu_bind_put(&p->out, &b);
    for (int i = 0; i < count; i++) {
        struct pdu_context c = {.id = offers[i].id, .count = offers[i].count, .abstract = offers[i].abstract};

        pdu_context_put(&p->out, &c);
        for (int k = 0; k < offers[i].count; k++)
            pdu_syntax_put(&p->out, &offers[i].transfers[k]);
    }
    pdu_end(&p->out, start);
}

static struct offer usual_offer(void)
{
    return (struct offer){.id = 0,
                          .abstract = pdu_interface_syntax(&test_interface),
                          .transfers = {pdu_transfer_syntax(NDR_SYNTAX_NDR20)},
                          .count = 1};
}

static void open_bound(struct peer *p, bool multiplex)
{
    struct offer o = usual_offer();

    open_peer(p);
    put_bind(p, PDU_BIND, multiplex ? PDU_WHOLE | PDU_MULTIPLEX : PDU_WHOLE, 1, 0, &o, 1);
    run(p);
    assert_int_equal(p->result, 0);
    expect(p, PDU_BIND_ACK, 1);
}

static void put_request(struct peer *p, uint8_t flags, uint32_t id, uint16_t context, uint16_t opnum,
                        size_t len)
{
    size_t start = pdu_begin(&p->out, PDU_REQUEST, flags, id);
    struct pdu_request q = {.alloc_hint = 0xffffffff, .context_id = context, .opnum = opnum};

    pdu_request_put(&p->out, &q);
    for (size_t i = 0; i < len; i++)
        writer_u8(&p->out, (uint8_t)i);
    pdu_end(&p->out, start);
}

/* --- orders --- */

static void put_any(struct peer *p, uint8_t type)
{
    struct offer o = usual_offer();
    size_t start;

    switch (type) {
    case PDU_BIND:
    case PDU_ALTER_CONTEXT:
        put_bind(p, type, PDU_WHOLE, 9, 0, &o, 1);
        break;
    case PDU_REQUEST:
        put_request(p, PDU_WHOLE, 9, 0, TEST_ECHO, 8);
        break;
    default:
        start = pdu_begin(&p->out, type, PDU_WHOLE, 9);
        writer_zero(&p->out, 16);
        pdu_end(&p->out, start);
    }
}

static void test_orders(void **state)
{
    (void)state;
    for (int type = 0; type < 256; type++)
        for (int bound = 0; bound < 2; bound++) {
            int64_t want = FAULT_PROTOCOL.v; /* and the end */
            struct peer p;

            if (type == PDU_BIND)
                want = bound ? NAK(PDU_NAK_UNSPECIFIED) : PDU_BIND_ACK;
            if (bound && type == PDU_ALTER_CONTEXT)
                want = PDU_ALTER_CONTEXT_RESP;
            if (bound && type == PDU_REQUEST)
                want = PDU_RESPONSE;
            if (bound && (type == PDU_CO_CANCEL || type == PDU_ORPHANED))
                want = -1;
            if (bound)
                open_bound(&p, false);
            else
                open_peer(&p);
            put_any(&p, (uint8_t)type);
            run(&p);
            expect(&p, want, want < 0 ? 0 : 9);
            expect_none(&p);
            assert_int_equal(p.result, want >= 0x100 ? RPC_E_PROTOCOL : 0);
            if (p.result) { /* deaf from now on */
                put_request(&p, PDU_WHOLE, 10, 0, TEST_ECHO, 8);
                run(&p);
                assert_int_equal(p.result, RPC_E_PROTOCOL);
                expect_none(&p);
            }
            close_peer(&p);
        }
}

static void test_headers(void **state)
{
    static const struct {
        uint8_t type, at, value;
        int64_t want;
    } rows[] = {
        {PDU_BIND, 0, 4, NAK(PDU_NAK_VERSION)},
        {PDU_BIND, 1, 2, NAK(PDU_NAK_VERSION)},
        {PDU_BIND, 4, 0, NAK(PDU_NAK_UNSPECIFIED)},
        {PDU_BIND, 8, 3, NAK(PDU_NAK_UNSPECIFIED)},
        {PDU_BIND, 9, 0xff, NAK(PDU_NAK_UNSPECIFIED)},
        {PDU_BIND, 3, PDU_FIRST, NAK(PDU_NAK_UNSPECIFIED)},

        {PDU_BIND, 10, 0xff, NAK(PDU_NAK_UNSPECIFIED)}, /* longer than the PDU */
        {PDU_REQUEST, 0, 4, 0x1c000008},
        {PDU_REQUEST, 4, 0, 0x1c01000b},
        {PDU_REQUEST, 9, 0xff, 0x1c01000b},

        {PDU_ALTER_CONTEXT, 3, PDU_LAST, 0x1c01000b},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct peer p;

        if (rows[i].type == PDU_BIND)
            open_peer(&p);
        else
            open_bound(&p, false);
        put_any(&p, rows[i].type);
        p.out.data[rows[i].at] = rows[i].value;
        run(&p);
        expect(&p, rows[i].want, rows[i].at == 4 ? 9u << 24 : 9); /* big-endian: so was the number */
        expect_none(&p);
        assert_int_equal(p.result, RPC_E_PROTOCOL);
        close_peer(&p);
    }
}

/* Credentials are refused, by each PDU in its way. */
static void test_authentication(void **state)
{
    static const struct {
        uint8_t type;
        int64_t want;
    } rows[] = {{PDU_BIND, NAK(PDU_NAK_AUTHENTICATION_TYPE)}, {PDU_REQUEST, 0x721}, {PDU_ALTER_CONTEXT, 5}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pdu_auth auth = {.type = 10, .level = 6, .context_id = 1};
        struct peer p;

        if (rows[i].type == PDU_BIND)
            open_peer(&p);
        else
            open_bound(&p, false);
        put_any(&p, rows[i].type);
        memset(pdu_auth_put(&p.out, 0, 0, 4, &auth, 16), 0, 16);
        pdu_end(&p.out, 0);
        run(&p);
        expect(&p, rows[i].want, 9);
        expect_none(&p);
        assert_int_equal(p.result, RPC_E_PROTOCOL);
        close_peer(&p);
    }
}

/* --- bind --- */

static void expect_result(const struct peer *p, size_t start, unsigned index, unsigned result,
                          unsigned reason)
{
    struct pdu_header h;
    struct pdu_auth auth;
    struct pdu_bind_ack a;
    struct pdu_result got = {0};
    struct reader r;

    assert_int_equal(pdu_header_get(p->in.data + start, 65535, &h), 0);
    assert_true(pdu_open(p->in.data + start, &h, &r, &auth));
    assert_true(pdu_bind_ack_get(&r, &a));
    assert_int_equal(a.assoc_group, 7);
    for (unsigned i = 0; i <= index; i++)
        assert_true(pdu_result_get(&r, &got));
    assert_int_equal(got.result, result);
    assert_int_equal(got.reason, reason);
}

static void test_negotiation(void **state)
{
    struct pdu_syntax ndr20 = pdu_transfer_syntax(NDR_SYNTAX_NDR20),
                      ndr64 = pdu_transfer_syntax(NDR_SYNTAX_NDR64);
    struct pdu_syntax unknown = {.uuid = {9, 9, 9, {9}}, .major = 2};
    struct offer o[] = {
        {0, pdu_interface_syntax(&test_interface), {unknown, ndr64, ndr20}, 3},
        {1, pdu_interface_syntax(&test_interface), {unknown}, 1},
        {2, pdu_interface_syntax(&test_unknown), {ndr20}, 1},
        {3, pdu_interface_syntax(&test_interface), {ndr20}, 1},
        {4, pdu_interface_syntax(&test_interface), {ndr20}, 1},
        {5, pdu_interface_syntax(&test_interface), {ndr20}, 1},
        {6, pdu_interface_syntax(&test_interface), {pdu_features(0xff)}, 1},
        {0, pdu_interface_syntax(&test_interface), {ndr64}, 1}, /* as before */
    };
    struct peer p;

    (void)state;
    o[3].abstract.minor--; /* an older client */
    o[4].abstract.minor++; /* a newer one */
    o[5].abstract.major--;
    open_peer(&p);
    put_bind(&p, PDU_BIND, PDU_WHOLE, 1, 7, o, 8);
    run(&p);
    expect(&p, PDU_BIND_ACK, 1);
    expect_result(&p, 0, 0, PDU_ACCEPTANCE, 0);
    expect_result(&p, 0, 1, PDU_PROVIDER_REJECTION, PDU_REASON_TRANSFER_SYNTAX);
    expect_result(&p, 0, 2, PDU_PROVIDER_REJECTION, PDU_REASON_ABSTRACT_SYNTAX);
    expect_result(&p, 0, 3, PDU_ACCEPTANCE, 0);
    expect_result(&p, 0, 4, PDU_PROVIDER_REJECTION, PDU_REASON_ABSTRACT_SYNTAX);
    expect_result(&p, 0, 5, PDU_PROVIDER_REJECTION, PDU_REASON_ABSTRACT_SYNTAX);
    expect_result(&p, 0, 6, PDU_NEGOTIATE_ACK, PDU_FEATURE_KEEP_ON_ORPHAN);
    expect_result(&p, 0, 7, PDU_ACCEPTANCE, 0);
    put_request(&p, PDU_WHOLE, 2, 0, TEST_ECHO, 1);
    put_request(&p, PDU_WHOLE, 3, 3, TEST_ECHO, 1);
    put_request(&p, PDU_WHOLE, 4, 2, TEST_ECHO, 1);
    put_request(&p, PDU_WHOLE, 5, 6, TEST_ECHO, 1);
    put_request(&p, PDU_WHOLE, 6, 77, TEST_ECHO, 1);
    run(&p);
    expect(&p, PDU_RESPONSE, 2);
    expect(&p, PDU_RESPONSE, 3);
    expect(&p, FAULT_UNKNOWN_INTERFACE.v, 4);
    expect(&p, FAULT_UNKNOWN_INTERFACE.v, 5);
    expect(&p, FAULT_UNKNOWN_INTERFACE.v, 6);
    assert_int_equal(p.result, 0);
    /* features are for bind only; another syntax for a context that exists is an error */
    put_bind(&p, PDU_ALTER_CONTEXT, PDU_WHOLE, 8, 0, &o[6], 1);
    run(&p);
    expect_result(&p, p.at, 0, PDU_PROVIDER_REJECTION, PDU_REASON_TRANSFER_SYNTAX);
    expect(&p, PDU_ALTER_CONTEXT_RESP, 8);
    o[0].transfers[0] = ndr20;
    put_bind(&p, PDU_ALTER_CONTEXT, PDU_WHOLE, 9, 0, o, 1);
    run(&p);
    expect(&p, FAULT_PROTOCOL.v, 9);
    assert_int_equal(p.result, RPC_E_PROTOCOL);
    close_peer(&p);
}

static void test_bad_binds(void **state)
{
    struct offer many[40], none = usual_offer();
    struct peer p;

    (void)state;
    for (uint16_t i = 0; i < 40; i++) {
        many[i] = usual_offer();
        many[i].id = i;
    }
    open_peer(&p); /* no contexts */
    put_bind(&p, PDU_BIND, PDU_WHOLE, 1, 0, many, 0);
    run(&p);
    expect(&p, NAK(PDU_NAK_UNSPECIFIED), 1);
    close_peer(&p);

    open_peer(&p); /* a context without transfer syntaxes */
    none.count = 0;
    put_bind(&p, PDU_BIND, PDU_WHOLE, 1, 0, &none, 1);
    run(&p);
    expect(&p, NAK(PDU_NAK_UNSPECIFIED), 1);
    expect_none(&p);
    close_peer(&p);

    open_peer(&p); /* somebody else's association group */
    put_bind(&p, PDU_BIND, PDU_WHOLE, 1, 8, many, 1);
    run(&p);
    expect(&p, NAK(PDU_NAK_UNSPECIFIED), 1);
    close_peer(&p);

    open_peer(&p); /* more contexts than are announced, and fewer */
    put_bind(&p, PDU_BIND, PDU_WHOLE, 1, 0, many, 2);
    p.out.data[24] = 1;
    run(&p);
    expect(&p, PDU_BIND_ACK, 1);
    close_peer(&p);
    open_peer(&p);
    put_bind(&p, PDU_BIND, PDU_WHOLE, 1, 0, many, 2);
    p.out.data[24] = 3;
    run(&p);
    expect(&p, NAK(PDU_NAK_UNSPECIFIED), 1);
    expect_none(&p);
    close_peer(&p);

    open_peer(&p); /* more than are kept */
    put_bind(&p, PDU_BIND, PDU_WHOLE, 1, 0, many, 40);
    run(&p);
    expect_result(&p, 0, 31, PDU_ACCEPTANCE, 0);
    expect_result(&p, 0, 32, PDU_PROVIDER_REJECTION, PDU_REASON_LOCAL_LIMIT);
    close_peer(&p);
}

/* --- fragments --- */

static void test_fragments(void **state)
{
    /* sequences of {flags, call, context, opnum}; the last one is what breaks the rules */
    static const struct {
        bool multiplex;
        struct {
            uint8_t flags;
            uint16_t id, context, opnum;
        } step[4];
        int64_t want;
    } rows[] = {
        {false, {{PDU_FIRST, 2, 0, 0}, {PDU_LAST, 2, 0, 0}}, PDU_RESPONSE},
        {false, {{PDU_FIRST, 2, 0, 0}, {0x40, 2, 0, 0}, {PDU_LAST, 2, 0, 0}}, PDU_RESPONSE},
        {false, {{PDU_LAST, 2, 0, 0}}, 0x1c01000b},
        {false, {{0x40, 2, 0, 0}}, 0x1c01000b},
        {false, {{PDU_FIRST, 2, 0, 0}, {PDU_FIRST, 2, 0, 0}}, 0x1c01000b},
        {false, {{PDU_FIRST, 2, 0, 0}, {PDU_WHOLE, 2, 0, 0}}, 0x1c01000b},
        {true, {{PDU_FIRST, 2, 0, 0}, {PDU_FIRST, 2, 0, 0}}, 0x1c01000b},
        {false, {{PDU_FIRST, 2, 0, 0}, {PDU_LAST, 2, 1, 0}}, 0x1c01000b},
        {false, {{PDU_FIRST, 2, 0, 0}, {PDU_LAST, 2, 0, 1}}, 0x1c01000b},
        {false, {{PDU_FIRST, 2, 0, 0}, {PDU_LAST, 3, 0, 0}}, 0x1c01000b},
        {false, {{PDU_FIRST, 2, 0, 0}, {PDU_WHOLE, 3, 0, 0}}, 0x1c01000b},
        {true, {{PDU_FIRST, 2, 0, 0}, {PDU_WHOLE, 3, 0, 0}}, PDU_RESPONSE},
        {true, {{PDU_FIRST, 2, 0, 0}, {PDU_FIRST, 3, 0, 0}, {PDU_LAST, 3, 0, 0}}, PDU_RESPONSE},
        /* refused at the first fragment; the others are dropped */
        {false, {{PDU_FIRST, 2, 9, 0}, {0x40, 2, 9, 0}, {PDU_LAST, 2, 9, 0}}, 0x1c010003},
        {false, {{PDU_FIRST, 2, 0, 2}, {PDU_LAST, 2, 0, 2}}, 0x1c010002},
        {true, {{PDU_FIRST, 2, 0, 0}, {PDU_FIRST, 3, 0, 0}, {PDU_FIRST, 4, 0, 0}, {PDU_FIRST, 5, 0, 0}}, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t id = 0;
        struct peer p;

        open_bound(&p, rows[i].multiplex);
        for (size_t k = 0; k < 4 && rows[i].step[k].flags; k++) {
            id = rows[i].step[k].id;
            put_request(&p, rows[i].step[k].flags & PDU_WHOLE, id, rows[i].step[k].context,
                        rows[i].step[k].opnum, k);
            run(&p);
        }
        expect(&p, rows[i].want, rows[i].want < 0 ? 0 : id);
        expect_none(&p);
        assert_int_equal(p.result, rows[i].want == 0x1c01000b ? RPC_E_PROTOCOL : 0);
        if (rows[i].want < 0) { /* 4 are begun and none can be finished: a fifth cannot wait */
            put_request(&p, PDU_FIRST, 6, 0, 0, 1);
            run(&p);
            expect(&p, FAULT_TOO_BUSY.v, 6);
            assert_int_equal(p.result, RPC_E_PROTOCOL);
        }
        close_peer(&p);
    }
}

/* Duplicate of a call that is being carried out: an error, and the call itself stays without an answer. */
static void test_one_number_one_answer(void **state)
{
    struct rpc_request q;
    struct peer p;

    (void)state;
    open_bound(&p, true);
    put_request(&p, PDU_WHOLE, 2, 0, TEST_ECHO, 8);
    give(&p);
    assert_true(rpc_server_next(p.server, &q));
    put_request(&p, PDU_WHOLE, 2, 0, TEST_ECHO, 8);
    give(&p);
    assert_int_equal(p.result, RPC_E_PROTOCOL);
    assert_int_equal(rpc_server_reply(p.server, &q, "x", 1), 0);
    assert_int_equal(rpc_server_reply(p.server, &q, "x", 1), -EINVAL);
    drain(&p);
    expect(&p, FAULT_PROTOCOL.v, 2);
    expect_none(&p);
    close_peer(&p);
}

static void test_silent_calls(void **state)
{
    struct rpc_request q;
    struct peer p;

    (void)state;
    open_bound(&p, true);
    put_request(&p, PDU_WHOLE | PDU_MAYBE, 2, 0, TEST_ECHO, 8);
    put_request(&p, PDU_WHOLE | PDU_MAYBE, 3, 0, TEST_FAULT, 8);
    put_request(&p, PDU_WHOLE | PDU_MAYBE, 4, 0, TEST_ABSENT, 8);
    run(&p);
    expect_none(&p);

    put_request(&p, PDU_FIRST, 5, 0, TEST_ECHO, 8); /* orphaned before it was whole */
    pdu_bare(&p.out, PDU_ORPHANED, 5);
    put_request(&p, PDU_WHOLE, 5, 0, TEST_ECHO, 8); /* so its number is free */
    run(&p);
    expect(&p, PDU_RESPONSE, 5);
    expect_none(&p);

    put_request(&p, PDU_WHOLE, 6, 0, TEST_ECHO, 8);
    give(&p);
    assert_true(rpc_server_next(p.server, &q));
    pdu_bare(&p.out, PDU_ORPHANED, 6);
    pdu_bare(&p.out, PDU_ORPHANED, 66); /* unknown: it may just have been answered */
    pdu_bare(&p.out, PDU_CO_CANCEL, 66);
    give(&p);
    assert_int_equal(rpc_server_fault(p.server, &q, (struct rpc_fault){5}), 0);
    drain(&p);
    expect_none(&p);

    put_request(&p, PDU_WHOLE, 7, 0, TEST_ECHO, 8);
    give(&p);
    assert_true(rpc_server_next(p.server, &q));
    pdu_bare(&p.out, PDU_CO_CANCEL, 7);
    give(&p);
    assert_int_equal(rpc_server_reply(p.server, &q, "x", 1), 0);
    drain(&p);
    assert_int_equal(p.in.data[p.at + 22], 1); /* cancel_count */
    expect(&p, PDU_RESPONSE, 7);
    assert_int_equal(p.result, 0);
    close_peer(&p);
}

/* --- limits --- */

static void test_max_stub(void **state)
{
    struct peer p;

    (void)state;
    open_bound(&p, true);
    put_request(&p, PDU_FIRST, 2, 0, TEST_ECHO, 5000); /* 10000 in all: just allowed */
    put_request(&p, PDU_LAST, 2, 0, TEST_ECHO, 5000);
    run(&p);
    expect(&p, PDU_RESPONSE, 2);
    expect(&p, PDU_RESPONSE, 2);
    expect_none(&p);
    put_request(&p, PDU_FIRST, 3, 0, TEST_ECHO, 5000);
    put_request(&p, PDU_FIRST, 4, 0, TEST_ECHO, 2000); /* two calls share the room */
    put_request(&p, 0, 3, 0, TEST_ECHO, 3001);
    put_request(&p, 0, 3, 0, TEST_ECHO, 5000);
    put_request(&p, PDU_LAST, 3, 0, TEST_ECHO, 5000);
    put_request(&p, PDU_LAST, 4, 0, TEST_ECHO, 5000);
    run(&p);
    expect(&p, FAULT_NO_MEMORY.v, 3);
    expect(&p, PDU_RESPONSE, 4);
    expect(&p, PDU_RESPONSE, 4);
    expect_none(&p);
    assert_int_equal(p.result, 0);
    close_peer(&p);
}

/* A driver that answers later: the server stops looking at max_calls, and goes on as they are answered. */
static void test_pace(void **state)
{
    struct rpc_request q[12];
    unsigned taken = 0, answered = 0;
    struct peer p;

    (void)state;
    open_bound(&p, true);
    for (uint32_t id = 2; id < 14; id++)
        put_request(&p, PDU_WHOLE, id, 0, TEST_ECHO, 100);
    give(&p);
    assert_true(rpc_server_full(p.server));
    while (answered < 12) {
        while (rpc_server_next(p.server, &q[taken]))
            taken++;
        assert_int_equal(taken, answered + 4 < 12 ? answered + 4 : 12);
        assert_int_equal(q[answered].call_id, answered + 2);
        assert_int_equal(q[answered].stub_len, 100); /* still there */
        assert_int_equal(q[answered].stub[99], 99);
        assert_int_equal(rpc_server_reply(p.server, &q[answered], NULL, 0), 0);
        answered++;
    }
    assert_false(rpc_server_full(p.server));
    drain(&p);
    for (uint32_t id = 2; id < 14; id++)
        expect(&p, PDU_RESPONSE, id);
    expect_none(&p);
    close_peer(&p);
}

static void test_backlog_is_bounded(void **state)
{
    struct peer p;

    (void)state;
    open_bound(&p, true);
    put_request(&p, PDU_WHOLE, 2, 0, TEST_ECHO, 8);
    give(&p);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(p.result, 0);
        put_request(&p, PDU_WHOLE, 3, 0, TEST_ECHO, 4900);
        give(&p); /* nobody takes requests: kept as it is */
    }
    put_request(&p, PDU_WHOLE, 3, 0, TEST_ECHO, 4900);
    give(&p);
    assert_int_equal(p.result, -ENOBUFS);
    close_peer(&p);
}

/* Output that is not sent holds back further requests, not those that were complete. */
static void test_output_is_bounded(void **state)
{
    struct rpc_server_config config = {.interfaces = test_interfaces, .assoc_group = 7, .max_output = 3000};
    struct peer p;
    size_t len;

    (void)state;
    open_bound(&p, true);
    rpc_server_free(p.server);
    assert_int_equal(rpc_server_new(&p.server, &config), 0);
    p.at = p.in.len;
    put_bind(
        &p, PDU_BIND, PDU_WHOLE, 1, 0,
        &(struct offer){0, pdu_interface_syntax(&test_interface), {pdu_transfer_syntax(NDR_SYNTAX_NDR20)}, 1},
        1);
    for (uint32_t id = 2; id < 50; id++)
        put_request(&p, PDU_WHOLE, id, 0, TEST_ECHO, 1000);
    assert_int_equal(rpc_server_input(p.server, p.out.data, p.out.len), 0);
    for (uint32_t id = 1; id < 50;) {
        const uint8_t *out;

        assert_int_equal(test_serve(p.server), 0);
        out = rpc_server_output(p.server, &len);
        assert_true(len > 0 && len < 3000 + 1024);
        writer_put(&p.in, out, len);
        rpc_server_sent(p.server, len);
        while (p.at < p.in.len) {
            expect(&p, id == 1 ? PDU_BIND_ACK : PDU_RESPONSE, id);
            id++;
        }
    }
    close_peer(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_authentication),
        cmocka_unit_test(test_negotiation),
        cmocka_unit_test(test_bad_binds),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_one_number_one_answer),
        cmocka_unit_test(test_silent_calls),
        cmocka_unit_test(test_max_stub),
        cmocka_unit_test(test_pace),
        cmocka_unit_test(test_backlog_is_bounded),
        cmocka_unit_test(test_output_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
