/* SPDX-License-Identifier: MIT */
/* Client and server of rpc/ back to back: what arrives is what was sent, whatever the fragments and cuts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <cmocka.h>

#include "rpc/pdu.h"
#include "rpc/test_echo.h"

static const struct ndr_interface *const one[] = {&test_interface, NULL};

static void open_bound(struct pair *p, uint16_t fragment, bool ndr64)
{
    assert_int_equal(pair_open(p, fragment, ndr64, one), 0);
    assert_opened(p);
}

static void check_echo(struct pair *p, size_t len)
{
    assert_echo(p, NULL, len, 0);
}

/* Stubs at and around every border of fragments, both ways. */
static void test_lengths(void **state)
{
    static const uint16_t fragments[] = {1432, 5840, 65528};

    (void)state;
    for (size_t f = 0; f < 3; f++) {
        size_t chunk = (size_t)(fragments[f] - 24) & ~(size_t)7;
        struct pair p;

        open_bound(&p, fragments[f], false);
        for (size_t len = 0; len < 40; len++)
            check_echo(&p, len);
        for (size_t n = 1; n <= 3; n++)
            for (size_t d = 0; d < 5; d++)
                check_echo(&p, n * chunk - 2 + d);
        check_echo(&p, 300000);
        pair_close(&p);
    }
}

/* No PDU is longer than was agreed, all stubs but the last are multiples of 8, FIRST and LAST stand at the
 * ends. */
static void check_fragments(const struct writer *w, size_t max, uint8_t type)
{
    size_t at = 0, pdus = 0;
    bool open = false;

    while (at < w->len) {
        struct pdu_header h;

        assert_int_equal(pdu_header_get(w->data + at, max, &h), 0);
        if (h.type == type) {
            pdus++;
            assert_int_equal(!(h.flags & PDU_FIRST), open);
            open = !(h.flags & PDU_LAST);
            if (open)
                assert_int_equal(h.frag_len % 8, 0);
        }
        at += h.frag_len;
    }
    assert_int_equal(at, w->len);
    assert_false(open);
    assert_true(pdus > 1);
}

static void test_fragments_are_legal(void **state)
{
    struct pair p;

    (void)state;
    open_bound(&p, 5840, true);
    check_echo(&p, 300000);
    check_fragments(&p.up, 5840, PDU_REQUEST);
    check_fragments(&p.down, 5840, PDU_RESPONSE);
    pair_close(&p);
}

/* A small side decides for both. */
static void test_smaller_fragment_wins(void **state)
{
    struct rpc_client_config cc = {.interfaces = one, .max_fragment = 2000};
    struct pair p;

    (void)state;
    assert_int_equal(pair_open(&p, 5840, false, one), 0);
    rpc_client_free(p.client);
    assert_int_equal(rpc_client_new(&p.client, &cc), 0);
    pair_run(&p);
    check_echo(&p, 10000);
    check_fragments(&p.up, 2000, PDU_REQUEST);
    check_fragments(&p.down, 2000, PDU_RESPONSE);
    pair_close(&p);
}

static void talk(struct pair *p, size_t cut)
{
    uint8_t *stub = pattern(9000);
    struct ndr_uuid object = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    const uint8_t wanted[4] = {0x34, 0x12, 0, 0};
    uint32_t id[6];

    assert_int_equal(pair_open(p, 1432, true, one), 0);
    p->cut = cut;
    pair_run(p);
    assert_int_equal(rpc_client_call(p->client, &test_interface, TEST_ECHO, NULL, stub, 9000, &id[0]), 0);
    assert_int_equal(rpc_client_call(p->client, &test_interface, TEST_ECHO, &object, stub, 1, &id[1]), 0);
    assert_int_equal(rpc_client_call(p->client, &test_interface, TEST_FAULT, NULL, stub, 8, &id[2]), 0);
    assert_int_equal(rpc_client_call(p->client, &test_interface, TEST_LONG, NULL, wanted, 4, &id[3]), 0);
    assert_int_equal(rpc_client_call(p->client, &test_interface, TEST_ABSENT, NULL, stub, 5000, &id[4]), 0);
    assert_int_equal(rpc_client_call(p->client, &test_interface, TEST_ECHO, NULL, NULL, 0, &id[5]), 0);
    assert_int_equal(rpc_client_alter(p->client, &test_second), 0);
    pair_run(p);
    free(stub);
}

/* Whatever the cuts, the same bytes both ways. */
static void test_cuts(void **state)
{
    struct pair whole;

    (void)state;
    talk(&whole, 0);
    for (size_t cut = 1; cut < 4000; cut += cut < 60 ? 1 : 97) {
        struct pair p;

        talk(&p, cut);
        assert_int_equal(p.up.len, whole.up.len);
        assert_int_equal(p.down.len, whole.down.len);
        assert_memory_equal(p.up.data, whole.up.data, whole.up.len);
        assert_memory_equal(p.down.data, whole.down.data, whole.down.len);
        pair_close(&p);
    }
    pair_close(&whole);
}

/* 500 calls at once, far more than the server carries out at a time; taken in another order. */
static void test_many(void **state)
{
    enum { N = 500 };
    static uint32_t id[N];
    struct rpc_reply reply;
    struct pair p;

    (void)state;
    open_bound(&p, 5840, false);
    for (uint32_t i = 0; i < N; i++)
        assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, &i, sizeof(i), &id[i]),
                         0);
    pair_run(&p);
    for (uint32_t i = N; i-- > 0;) {
        uint32_t k = i * 7 % N; /* 7 and 500 have no common divisor */

        assert_true(rpc_client_take(p.client, id[k], &reply));
        assert_int_equal(reply.stub_len, sizeof(k));
        assert_memory_equal(reply.stub, &k, sizeof(k));
        free(reply.stub);
    }
    assert_false(rpc_client_take_any(p.client, &reply));
    pair_close(&p);
}

static void test_faults(void **state)
{
    struct rpc_reply reply;
    uint32_t id;
    struct pair p;

    (void)state;
    open_bound(&p, 5840, false);
    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_FAULT, NULL, "x", 1, &id), 0);
    pair_run(&p);
    assert_true(rpc_client_take(p.client, id, &reply));
    assert_int_equal(reply.fault.v, 0x6f7);
    assert_false(reply.did_not_execute);
    assert_null(reply.stub);

    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ABSENT, NULL, "x", 1, &id), 0);
    pair_run(&p);
    assert_true(rpc_client_take(p.client, id, &reply));
    assert_int_equal(reply.fault.v, 0x1c010002);
    assert_true(reply.did_not_execute);

    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_PROC_COUNT, NULL, "x", 1, &id), 0);
    pair_run(&p);
    assert_true(rpc_client_take_any(p.client, &reply));
    assert_int_equal(reply.call_id, id);
    assert_int_equal(reply.fault.v, 0x1c010002);
    check_echo(&p, 100); /* and the connection goes on */
    pair_close(&p);
}

static void test_syntaxes(void **state)
{
    static const struct ndr_interface *const three[] = {&test_interface, &test_unknown, &test_second, NULL};
    enum ndr_syntax syntax;
    struct rpc_fault why;
    struct pair p;
    uint32_t id;

    (void)state;
    for (int ndr64 = 0; ndr64 < 2; ndr64++) {
        assert_int_equal(pair_open(&p, 5840, ndr64, three), 0);
        assert_int_equal(rpc_client_call(p.client, &test_interface, 0, NULL, "x", 1, &id),
                         RPC_CLIENT_E_UNBOUND);
        pair_run(&p);
        assert_true(rpc_client_is_bound(p.client));
        assert_int_equal(rpc_client_assoc_group(p.client), 7);
        assert_int_equal(rpc_client_syntax(p.client, &test_interface, &syntax, &why), 0);
        assert_int_equal(syntax, ndr64 ? NDR_SYNTAX_NDR64 : NDR_SYNTAX_NDR20);
        assert_int_equal(rpc_client_syntax(p.client, &test_second, &syntax, &why), 0);
        assert_int_equal(rpc_client_syntax(p.client, &test_unknown, &syntax, &why), RPC_CLIENT_E_UNBOUND);
        assert_int_equal(why.v, 0x1c010003);
        assert_int_equal(rpc_client_call(p.client, &test_unknown, 0, NULL, "x", 1, &id),
                         RPC_CLIENT_E_UNBOUND);
        assert_int_equal(rpc_client_calls(p.client), 0);
        check_echo(&p, 10);
        pair_close(&p);
    }
}

static void test_alter(void **state)
{
    enum ndr_syntax syntax;
    struct rpc_fault why;
    struct rpc_reply reply;
    struct pair p;
    uint32_t id;

    (void)state;
    open_bound(&p, 5840, true);
    assert_int_equal(rpc_client_alter(p.client, &test_second), 0);
    assert_int_equal(rpc_client_alter(p.client, &test_unknown), RPC_CLIENT_E_BUSY);
    check_echo(&p, 10); /* calls go on meanwhile */
    assert_int_equal(rpc_client_syntax(p.client, &test_second, &syntax, &why), 0);
    assert_int_equal(rpc_client_call(p.client, &test_second, 0, NULL, "ab", 2, &id), 0);
    pair_run(&p);
    assert_true(rpc_client_take(p.client, id, &reply));
    assert_ptr_equal(reply.interface, &test_second);
    free(reply.stub);
    assert_int_equal(rpc_client_alter(p.client, &test_unknown), 0);
    pair_run(&p);
    assert_int_equal(rpc_client_syntax(p.client, &test_unknown, &syntax, &why), RPC_CLIENT_E_UNBOUND);
    assert_int_equal(why.v, 0x1c010003);
    check_echo(&p, 10);
    pair_close(&p);
}

static void test_drop_cancel_orphan(void **state)
{
    struct rpc_reply reply;
    uint32_t a, b, c;
    struct pair p;

    (void)state;
    open_bound(&p, 5840, false);
    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, "a", 1, &a), 0);
    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, "b", 1, &b), 0);
    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, "c", 1, &c), 0);
    rpc_client_drop(p.client, a);
    assert_int_equal(rpc_client_cancel(p.client, b), 0);
    assert_int_equal(rpc_client_orphan(p.client, c), 0);
    pair_run(&p);
    assert_int_equal(p.client_result, 0); /* the answer to c was too late */
    assert_false(rpc_client_take(p.client, a, &reply));
    assert_true(rpc_client_take(p.client, b, &reply));
    assert_memory_equal(reply.stub, "b", 1);
    free(reply.stub);
    assert_false(rpc_client_take(p.client, c, &reply));
    assert_int_equal(rpc_client_calls(p.client), 0);
    check_echo(&p, 10);
    pair_close(&p);
}

/* In the middle of a request: what is cancelled is not begun, what is orphaned leaves nothing behind. */
static void test_stopped_before_whole(void **state)
{
    uint8_t *stub = pattern(4000);

    (void)state;
    for (int orphaned = 0; orphaned < 2; orphaned++) {
        struct rpc_reply reply;
        struct pair p;
        struct writer w;
        const uint8_t *data;
        size_t len;
        uint32_t id;

        open_bound(&p, 1432, false);
        assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, stub, 4000, &id), 0);
        data = rpc_client_output(p.client, &len);
        assert_true(len > 2 * 1432);
        assert_int_equal(rpc_server_input(p.server, data, 1432), 0);
        writer_init(&w, 1000);
        pdu_bare(&w, orphaned ? PDU_ORPHANED : PDU_CO_CANCEL, id);
        assert_int_equal(rpc_server_input(p.server, w.data, w.len), 0);
        writer_deinit(&w);
        assert_int_equal(rpc_server_partial(p.server), !orphaned);
        if (orphaned) { /* the client ends its request there */
            rpc_client_sent(p.client, len);
            rpc_client_orphan(p.client, id);
        } else {
            rpc_client_sent(p.client, 1432);
        }
        pair_run(&p);
        assert_int_equal(p.server_result, 0);
        assert_int_equal(rpc_client_take(p.client, id, &reply), !orphaned);
        if (!orphaned) {
            assert_int_equal(reply.fault.v, FAULT_CANCELLED.v);
            assert_true(reply.did_not_execute);
        }
        assert_false(rpc_server_partial(p.server));
        check_echo(&p, 100);
        pair_close(&p);
    }
    free(stub);
}

/* A taken call is its taker's to stop: the answer says whether cancels came to nothing. */
static void test_stopped_when_taken(void **state)
{
    struct rpc_request q;
    struct pair p;
    const uint8_t *data;
    size_t len;
    uint32_t id;

    (void)state;
    for (int how = 0; how < 4; how++) { /* answered; faulted; refused for it; orphaned */
        open_bound(&p, 5840, false);
        assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, "a", 1, &id), 0);
        data = rpc_client_output(p.client, &len);
        assert_int_equal(rpc_server_input(p.server, data, len), 0);
        rpc_client_sent(p.client, len);
        assert_true(rpc_server_next(p.server, &q));
        assert_false(rpc_server_unwanted(p.server, &q));
        if (how == 3)
            rpc_client_orphan(p.client, id);
        else
            rpc_client_cancel(p.client, id);
        data = rpc_client_output(p.client, &len);
        assert_int_equal(rpc_server_input(p.server, data, len), 0);
        rpc_client_sent(p.client, len);
        assert_true(rpc_server_unwanted(p.server, &q));
        if (how == 0)
            assert_int_equal(rpc_server_reply(p.server, &q, "a", 1), 0);
        else
            assert_int_equal((how == 1 ? rpc_server_fault : rpc_server_refuse)(
                                 p.server, &q, how == 1 ? (struct rpc_fault){5} : FAULT_CANCELLED),
                             0);
        data = rpc_server_output(p.server, &len);
        assert_int_equal(len != 0, how != 3);
        if (len) {
            assert_int_equal(data[3],
                             how == 2 ? PDU_WHOLE | PDU_DID_NOT_EXECUTE : PDU_WHOLE | PDU_PENDING_CANCEL);
            assert_int_equal(data[22], 1); /* cancel_count */
        }
        pair_run(&p);
        assert_int_equal(p.client_result, 0);
        pair_close(&p);
    }
}

static bool join(void *data, uint32_t assoc_group)
{
    *(uint32_t *)data = assoc_group;
    return assoc_group == 0x4711;
}

/* Whom another group may be given is the owner's to say; it is told in every answer then. */
static void test_association_groups(void **state)
{
    static const struct {
        uint32_t asked;
        bool others;
        uint32_t got; /* 0: refused */
    } cases[] = {{0, true, 7},  {7, true, 7},  {0x4711, true, 0x4711}, {0x4712, true, 0},
                 {0, false, 7}, {7, false, 7}, {0x4711, false, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t seen = 0;
        struct rpc_server_config sc = {.interfaces = test_interfaces,
                                       .assoc_group = 7,
                                       .join = cases[i].others ? join : NULL,
                                       .join_data = &seen};
        struct rpc_client_config cc = {.interfaces = one, .assoc_group = cases[i].asked};
        struct pair p;

        assert_int_equal(pair_open_with(&p, &sc, &cc), 0);
        pair_run(&p);
        assert_int_equal(seen, cases[i].others && cases[i].asked != 7 ? cases[i].asked : 0);
        assert_int_equal(rpc_client_is_bound(p.client), cases[i].got != 0);
        if (cases[i].got) {
            assert_int_equal(rpc_client_assoc_group(p.client), cases[i].got);
            assert_int_equal(rpc_client_alter(p.client, &test_second), 0);
            pair_run(&p);
            assert_int_equal(rpc_client_assoc_group(p.client), cases[i].got);
            check_echo(&p, 10);
        } else {
            assert_int_equal(rpc_client_status(p.client), RPC_CLIENT_E_REFUSED);
        }
        pair_close(&p);
    }
}

static void test_shutdown(void **state)
{
    struct rpc_reply reply;
    struct pair p;
    uint32_t id, more;

    (void)state;
    open_bound(&p, 5840, false);
    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, "a", 1, &id), 0);
    assert_int_equal(rpc_server_shutdown(p.server), 0);
    pair_run(&p);
    assert_true(rpc_client_is_closing(p.client));
    assert_true(rpc_client_take(p.client, id, &reply));
    free(reply.stub);
    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, "a", 1, &more),
                     RPC_CLIENT_E_CLOSING);
    pair_close(&p);
}

static void test_too_many_calls(void **state)
{
    struct rpc_client_config cc = {.interfaces = one, .max_calls = 3};
    struct pair p;
    uint32_t id;

    (void)state;
    assert_int_equal(pair_open(&p, 5840, false, one), 0);
    rpc_client_free(p.client);
    assert_int_equal(rpc_client_new(&p.client, &cc), 0);
    pair_run(&p);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, "a", 1, &id), 0);
    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, "a", 1, &id),
                     RPC_CLIENT_E_BUSY);
    pair_close(&p);
}

/* A reply larger than the client allows ends the connection; just as large is fine. */
static void test_max_reply(void **state)
{
    static const uint8_t fits[4] = {0x00, 0x80, 0}, too_long[4] = {0x01, 0x80, 0};
    struct rpc_client_config cc = {.interfaces = one, .max_reply = 0x8000};
    struct rpc_reply reply;
    struct pair p;
    uint32_t id;

    (void)state;
    assert_int_equal(pair_open(&p, 5840, false, one), 0);
    rpc_client_free(p.client);
    assert_int_equal(rpc_client_new(&p.client, &cc), 0);
    pair_run(&p);
    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_LONG, NULL, fits, 4, &id), 0);
    pair_run(&p);
    assert_true(rpc_client_take(p.client, id, &reply));
    assert_int_equal(reply.stub_len, 0x8000);
    free(reply.stub);
    assert_int_equal(rpc_client_call(p.client, &test_interface, TEST_LONG, NULL, too_long, 4, &id), 0);
    pair_run(&p);
    assert_int_equal(p.client_result, -EMSGSIZE);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_fragments_are_legal),
        cmocka_unit_test(test_smaller_fragment_wins),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_syntaxes),
        cmocka_unit_test(test_alter),
        cmocka_unit_test(test_drop_cancel_orphan),
        cmocka_unit_test(test_stopped_before_whole),
        cmocka_unit_test(test_stopped_when_taken),
        cmocka_unit_test(test_association_groups),
        cmocka_unit_test(test_shutdown),
        cmocka_unit_test(test_too_many_calls),
        cmocka_unit_test(test_max_reply),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
