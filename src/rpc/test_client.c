/* SPDX-License-Identifier: MIT */
/* The client against servers that do what ours would not, and against broken bytes. */
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

static const struct ndr_interface *const one[] = {&test_interface, NULL};

struct peer {
    struct rpc_client *client;
    struct writer out; /* of the server, not handed over */
};

static void forget_output(struct peer *p)
{
    size_t len;

    rpc_client_output(p->client, &len);
    rpc_client_sent(p->client, len);
}

static void open_peer(struct peer *p)
{
    struct rpc_client_config config = {.interfaces = one};

    assert_int_equal(rpc_client_new(&p->client, &config), 0);
    writer_init(&p->out, 1 << 20);
    forget_output(p);
}

static void close_peer(struct peer *p)
{
    rpc_client_free(p->client);
    writer_deinit(&p->out);
}

static int give(struct peer *p)
{
    int r = rpc_client_input(p->client, p->out.data, p->out.len);

    writer_reset(&p->out);
    return r;
}

static void put_bind_ack(struct peer *p, uint8_t type, uint8_t flags, uint32_t id,
                         const struct pdu_bind_ack *a)
{
    struct pdu_result result = {.transfer = pdu_transfer_syntax(NDR_SYNTAX_NDR20)};
    size_t start = pdu_begin(&p->out, type, flags, id);

    pdu_bind_ack_put(&p->out, start, a);
    for (int i = 0; i < a->count; i++) {
        pdu_result_put(&p->out, &result);
        result = (struct pdu_result){.result = PDU_PROVIDER_REJECTION, .reason = PDU_REASON_TRANSFER_SYNTAX};
    }
    pdu_end(&p->out, start);
}

static const struct pdu_bind_ack usual_ack = {
    .max_xmit = 5840, .max_recv = 5840, .assoc_group = 5, .count = 2};

static void open_bound(struct peer *p, bool multiplex)
{
    open_peer(p);
    put_bind_ack(p, PDU_BIND_ACK, multiplex ? PDU_WHOLE | PDU_MULTIPLEX : PDU_WHOLE, 1, &usual_ack);
    assert_int_equal(give(p), 0);
    assert_true(rpc_client_is_bound(p->client));
}

static uint32_t begin(struct peer *p, const char *stub)
{
    uint32_t id;

    assert_int_equal(rpc_client_call(p->client, &test_interface, TEST_ECHO, NULL, stub, strlen(stub), &id),
                     0);
    return id;
}

static void put_response(struct peer *p, uint8_t flags, uint32_t id, uint16_t context, const char *stub)
{
    size_t start = pdu_begin(&p->out, PDU_RESPONSE, flags, id);
    struct pdu_response r = {.alloc_hint = 0xffffffff, .context_id = context};

    pdu_response_put(&p->out, &r);
    writer_put(&p->out, stub, strlen(stub));
    pdu_end(&p->out, start);
}

static void put_fault(struct peer *p, uint32_t id, uint32_t status)
{
    pdu_fault(&p->out, id, PDU_WHOLE, &(struct pdu_fault){.status = {status}});
}

/* --- bind --- */

static void test_orders(void **state)
{
    (void)state;
    for (int type = 0; type < 256; type++)
        for (int bound = 0; bound < 2; bound++) {
            int want = RPC_CLIENT_E_PROTOCOL;
            struct peer p;
            size_t start;

            if (bound)
                open_bound(&p, true);
            else
                open_peer(&p);
            if (bound ? type == PDU_RESPONSE || type == PDU_FAULT : type == PDU_BIND_ACK)
                want = 0;
            if (!bound && (type == PDU_FAULT || type == PDU_BIND_NAK))
                want = RPC_CLIENT_E_REFUSED;
            if (type == PDU_SHUTDOWN)
                want = 0;
            if (bound)
                assert_int_equal(begin(&p, "x"), 2);
            switch (type) {
            case PDU_BIND_ACK:
            case PDU_ALTER_CONTEXT_RESP:
                put_bind_ack(&p, (uint8_t)type, PDU_WHOLE, bound ? 2 : 1, &usual_ack);
                break;
            case PDU_RESPONSE:
                put_response(&p, PDU_WHOLE, bound ? 2 : 1, 0, "x");
                break;
            case PDU_FAULT:
                put_fault(&p, bound ? 2 : 1, 5);
                break;
            default:
                start = pdu_begin(&p.out, (uint8_t)type, PDU_WHOLE, bound ? 2 : 1);
                writer_zero(&p.out, 16);
                pdu_end(&p.out, start);
            }
            assert_int_equal(give(&p), want);
            if (want) { /* for good */
                put_bind_ack(&p, PDU_BIND_ACK, PDU_WHOLE, 1, &usual_ack);
                assert_int_equal(give(&p), want);
            }
            close_peer(&p);
        }
}

static void test_refusals(void **state)
{
    static const struct {
        uint16_t reason;
        uint32_t want;
    } naks[] = {{0, 1722}, {1, 0x1c010014}, {2, 0x1c010014}, {4, 0x1c000008}, {8, 1747}, {77, 1722}};
    struct peer p;

    (void)state;
    for (size_t i = 0; i < sizeof(naks) / sizeof(naks[0]); i++) {
        open_peer(&p);
        pdu_bind_nak(&p.out, 1, naks[i].reason);
        assert_int_equal(give(&p), RPC_CLIENT_E_REFUSED);
        assert_int_equal(rpc_client_refusal(p.client).v, naks[i].want);
        close_peer(&p);
    }
    open_peer(&p);
    put_fault(&p, 1, 5);
    assert_int_equal(give(&p), RPC_CLIENT_E_REFUSED);
    assert_int_equal(rpc_client_refusal(p.client).v, 5);
    close_peer(&p);
}

static void test_bad_acks(void **state)
{
    (void)state;
    for (int i = 0; i < 7; i++) {
        struct pdu_bind_ack a = usual_ack;
        struct peer p;

        open_peer(&p);
        if (i == 1)
            a.count = 1; /* as many results as contexts */
        if (i == 2)
            a.count = 3;
        if (i == 3)
            a.max_recv = 1431; /* less than everybody must be able to receive */
        put_bind_ack(&p, PDU_BIND_ACK, PDU_WHOLE, i == 4 ? 2 : 1, &a);
        if (i == 5)
            p.out.data[p.out.len - 24 - 20] ^= 1; /* a syntax that was not offered */
        if (i == 6)
            p.out.data[8] -= 4;
        assert_int_equal(give(&p), i ? RPC_CLIENT_E_PROTOCOL : 0);
        close_peer(&p);
    }
}

/* --- calls --- */

static void test_bad_answers(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        int want = RPC_CLIENT_E_PROTOCOL;
        struct rpc_reply reply;
        struct peer p;

        open_bound(&p, true);
        assert_int_equal(begin(&p, "x"), 2);
        assert_int_equal(begin(&p, "y"), 3);
        put_response(&p, PDU_FIRST, 2, 0, "ab");
        switch (i) {
        case 0: /* interleaved is fine */
            put_response(&p, PDU_FIRST, 3, 0, "12");
            put_response(&p, PDU_LAST, 2, 0, "cd");
            put_response(&p, PDU_LAST, 3, 0, "34");
            want = 0;
            break;
        case 1:
            put_response(&p, PDU_FIRST, 2, 0, "cd");
            break;
        case 2:
            put_response(&p, PDU_LAST, 3, 0, "cd");
            break;
        case 3:
            put_response(&p, PDU_LAST, 4, 0, "cd");
            break;
        case 4: /* not the context that it was called in */
            put_response(&p, PDU_LAST, 2, 1, "cd");
            break;
        case 5: /* twice */
            put_response(&p, PDU_LAST, 2, 0, "cd");
            put_response(&p, PDU_WHOLE, 2, 0, "cd");
            break;
        case 6:
            put_fault(&p, 77, 5);
            break;
        default: /* trailer */
            put_response(&p, PDU_LAST, 2, 0, "cd................");
            p.out.data[p.out.len - 42 + 10] = 4;
        }
        assert_int_equal(give(&p), want);
        if (!i) {
            assert_true(rpc_client_take(p.client, 3, &reply));
            assert_memory_equal(reply.stub, "1234", 4);
            free(reply.stub);
        }
        if (!i || i == 5) { /* complete before the error */
            assert_true(rpc_client_take_any(p.client, &reply));
            assert_memory_equal(reply.stub, "abcd", 4);
            free(reply.stub);
        }
        close_peer(&p);
    }
}

/* A server may find out in the middle of its answer that it cannot go on. */
static void test_fault_in_the_middle(void **state)
{
    struct rpc_reply reply;
    struct peer p;

    (void)state;
    open_bound(&p, true);
    assert_int_equal(begin(&p, "x"), 2);
    put_response(&p, PDU_FIRST, 2, 0, "ab");
    put_fault(&p, 2, 0);
    assert_int_equal(give(&p), 0);
    assert_true(rpc_client_take(p.client, 2, &reply));
    assert_int_equal(reply.fault.v, 0x1c000009); /* 0 would read as no fault */
    assert_null(reply.stub);
    close_peer(&p);
}

static size_t output_pdus(struct peer *p)
{
    size_t len, n = 0;
    const uint8_t *data = rpc_client_output(p->client, &len);
    struct pdu_header h;

    for (size_t at = 0; at < len; at += h.frag_len, n++)
        assert_int_equal(pdu_header_get(data + at, 5840, &h), 0);
    forget_output(p);
    return n;
}

/* A server without multiplexing sees one request at a time. */
static void test_one_by_one(void **state)
{
    struct rpc_reply reply;
    struct peer p;

    (void)state;
    open_bound(&p, false);
    for (uint32_t id = 2; id < 8; id++)
        assert_int_equal(begin(&p, "x"), id);
    assert_int_equal(output_pdus(&p), 1);
    assert_int_equal(rpc_client_cancel(p.client, 3), 0); /* never sent: ends here */
    assert_int_equal(output_pdus(&p), 0);
    assert_true(rpc_client_take(p.client, 3, &reply));
    assert_int_equal(reply.fault.v, 0x1c00000d);
    assert_true(reply.did_not_execute);
    rpc_client_drop(p.client, 4); /* is still to be sent */
    assert_int_equal(rpc_client_orphan(p.client, 5), 0);
    put_response(&p, PDU_WHOLE, 2, 0, "ab");
    assert_int_equal(give(&p), 0);
    assert_int_equal(output_pdus(&p), 1);
    put_fault(&p, 4, 5);
    assert_int_equal(give(&p), 0);
    assert_int_equal(output_pdus(&p), 1);
    put_response(&p, PDU_WHOLE, 7, 0, "ab"); /* 6 is what was sent */
    assert_int_equal(give(&p), RPC_CLIENT_E_PROTOCOL);
    assert_int_equal(rpc_client_calls(p.client), 3);
    close_peer(&p);
}

/* --- broken bytes --- */

#define CALLS 4

static struct rpc_client *new_client(void)
{
    struct rpc_client_config config = {.interfaces = one, .offer_ndr64 = true, .max_reply = 20000};
    struct rpc_client *c;

    assert_int_equal(rpc_client_new(&c, &config), 0);
    return c;
}

static void begin_calls(struct rpc_client *c)
{
    static const uint8_t wanted[4] = {0x70, 0x17, 0, 0}; /* 6000: two fragments */
    uint32_t id;

    rpc_client_call(c, &test_interface, TEST_ECHO, NULL, "hello", 5, &id);
    rpc_client_call(c, &test_interface, TEST_LONG, NULL, wanted, 4, &id);
    rpc_client_call(c, &test_interface, TEST_FAULT, NULL, "", 0, &id);
    rpc_client_call(c, &test_interface, TEST_ECHO, NULL, "bye", 3, &id);
}

/* What the client makes of the bytes, as text that can be compared. The calls begin when it is bound. */
static void replay(const uint8_t *data, size_t len, size_t cut, struct writer *log)
{
    struct rpc_client *c = new_client();
    bool begun = false;
    struct rpc_reply reply;
    unsigned taken = 0;
    int r = 0;

    for (size_t at = 0, n; at < len; at += n) {
        n = len - at < cut ? len - at : cut;
        r = rpc_client_input(c, data + at, n);
        if (!begun && rpc_client_is_bound(c)) {
            begin_calls(c);
            begun = true;
        }
        assert_true(rpc_client_calls(c) <= CALLS);
    }
    while (rpc_client_take_any(c, &reply)) {
        writer_u32(log, reply.call_id);
        writer_u32(log, reply.fault.v);
        writer_put(log, reply.stub, reply.stub_len);
        free(reply.stub);
        taken++;
    }
    assert_true(taken <= CALLS);
    writer_u32(log, (uint32_t)r);
    rpc_client_free(c);
}

static void test_broken_bytes(void **state)
{
    struct writer log, whole;
    struct pair p;
    size_t bound;

    (void)state;
    assert_int_equal(pair_open(&p, 5840, true, one), 0);
    rpc_client_free(p.client);
    p.client = new_client();
    pair_run(&p);
    bound = p.down.len;
    begin_calls(p.client);
    pair_run(&p);
    writer_init(&log, 1 << 20);
    writer_init(&whole, 1 << 20);
    replay(p.down.data, p.down.len, bound, &whole);
    assert_true(whole.len > 6000);
    for (size_t n = 1; n <= bound; n++) {
        writer_reset(&log);
        replay(p.down.data, p.down.len, n, &log);
        if (bound % n == 0) { /* else the calls begin after their answers have come */
            assert_int_equal(log.len, whole.len);
            assert_memory_equal(log.data, whole.data, whole.len);
        }
    }
    for (size_t n = 0; n < p.down.len; n += n < 400 || n > p.down.len - 400 ? 1 : 101) {
        uint8_t *exact = malloc(n + 1);

        assert_non_null(exact);
        memcpy(exact, p.down.data, n);
        writer_reset(&log);
        replay(exact, n, bound, &log);
        assert_true(log.len < whole.len);
        free(exact);
    }
    for (size_t bit = 0; bit < p.down.len * 8; bit += bit < 3200 ? 1 : 13) {
        p.down.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        writer_reset(&log);
        replay(p.down.data, p.down.len, bound, &log);
        p.down.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    writer_deinit(&log);
    writer_deinit(&whole);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_bad_acks),
        cmocka_unit_test(test_bad_answers),
        cmocka_unit_test(test_fault_in_the_middle),
        cmocka_unit_test(test_one_by_one),
        cmocka_unit_test(test_broken_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
