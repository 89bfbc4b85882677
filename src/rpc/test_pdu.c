/* SPDX-License-Identifier: MIT */
/* Each PDU against bytes laid out by hand from [C706] 12.6.4: written so, and read back so. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ndr/ndr.h"
#include "rpc/pdu.h"

#define HEADER(type, flags, len, auth, id) 5, 0, type, flags, 0x10, 0, 0, 0, len, 0, auth, 0, id, 0, 0, 0
#define SAMR_SYNTAX \
    0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0xac, 1, 0, 0, 0
#define NDR20_SYNTAX \
    0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 2, 0, 0, 0
#define NO_SYNTAX 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

static const struct pdu_syntax samr = {
    .uuid = {0x12345778, 0x1234, 0xabcd, {0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0xac}}, .major = 1};

static const uint8_t bind_bytes[] = {HEADER(11, 0x13, 116, 0, 1),
                                     0xd0,
                                     0x16,
                                     0xd0,
                                     0x16,
                                     0x44,
                                     0x33,
                                     0x22,
                                     0x11,
                                     2,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     1,
                                     0,
                                     SAMR_SYNTAX,
                                     NDR20_SYNTAX, /* context 0 */
                                     1,
                                     0,
                                     1,
                                     0,
                                     SAMR_SYNTAX, /* context 1: features 3 */
                                     0x2c,
                                     0x1c,
                                     0xb7,
                                     0x6c,
                                     0x12,
                                     0x98,
                                     0x40,
                                     0x45,
                                     3,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     1,
                                     0,
                                     0,
                                     0};
static const uint8_t bind_ack_bytes[] = {HEADER(12, 0x13, 84, 0, 1),
                                         0xd0,
                                         0x16,
                                         0xb8,
                                         0x10,
                                         0x44,
                                         0x33,
                                         0x22,
                                         0x11,
                                         4,
                                         0,
                                         '1',
                                         '3',
                                         '5',
                                         0,
                                         0,
                                         0, /* address, aligned to 4 */
                                         2,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         NDR20_SYNTAX,
                                         3,
                                         0,
                                         3,
                                         0,
                                         NO_SYNTAX};
static const uint8_t alter_resp_bytes[] = {HEADER(15, 3, 56, 0, 9),
                                           0xd0,
                                           0x16,
                                           0xd0,
                                           0x16,
                                           1,
                                           0,
                                           0,
                                           0,
                                           0,
                                           0,
                                           0,
                                           0, /* no address, 2 of padding */
                                           1,
                                           0,
                                           0,
                                           0,
                                           2,
                                           0,
                                           2,
                                           0,
                                           NO_SYNTAX};
static const uint8_t bind_nak_bytes[] = {HEADER(13, 3, 23, 0, 2), 4, 0, 2, 5, 0, 5, 1};
static const uint8_t request_bytes[] = {HEADER(0, 3, 27, 0, 3), 3, 0, 0, 0, 1, 0, 64, 0, 'a', 'b', 'c'};
static const uint8_t object_bytes[] = {HEADER(0, 0x83, 44, 0, 3),
                                       4,
                                       0,
                                       0,
                                       0,
                                       1,
                                       0,
                                       64,
                                       0,
                                       1,
                                       0,
                                       0,
                                       0,
                                       2,
                                       0,
                                       3,
                                       0,
                                       4,
                                       5,
                                       6,
                                       7,
                                       8,
                                       9,
                                       10,
                                       11,
                                       'a',
                                       'b',
                                       'c',
                                       'd'};
static const uint8_t response_bytes[] = {HEADER(2, 3, 28, 0, 3), 4, 0, 0, 0, 1, 0, 2, 0, 'a', 'b', 'c', 'd'};
static const uint8_t fault_bytes[] = {
    HEADER(3, 0x23, 32, 0, 4), 0, 0, 0, 0, 1, 0, 0, 0, 0x02, 0x00, 0x01, 0x1c, 0, 0, 0, 0};
static const uint8_t cancel_bytes[] = {HEADER(18, 3, 16, 0, 5)};
static const uint8_t orphaned_bytes[] = {HEADER(19, 3, 16, 0, 5)};
static const uint8_t shutdown_bytes[] = {HEADER(17, 3, 16, 0, 0)};
/* 2 bytes of stub, 2 of padding, sec_trailer, token */
static const uint8_t auth_bytes[] = {HEADER(0, 3, 40, 4, 3),
                                     2,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     1,
                                     0,
                                     'x',
                                     'y',
                                     0,
                                     0,
                                     10,
                                     6,
                                     2,
                                     0,
                                     0x7f,
                                     0x35,
                                     1,
                                     0,
                                     't',
                                     'o',
                                     'k',
                                     'n'};

static void check(struct writer *w, const void *bytes, size_t len)
{
    assert_false(w->failed);
    assert_int_equal(w->len, len);
    assert_memory_equal(w->data, bytes, len);
    writer_reset(w);
}

static struct reader open_pdu(const uint8_t *bytes, size_t len, struct pdu_header *h)
{
    struct pdu_auth auth;
    struct reader r;

    assert_int_equal(pdu_header_get(bytes, 5840, h), 0);
    assert_int_equal(h->frag_len, len);
    assert_true(pdu_open(bytes, h, &r, &auth));
    assert_null(auth.token);
    return r;
}

static void test_bind(void **state)
{
    struct pdu_syntax ndr = pdu_transfer_syntax(NDR_SYNTAX_NDR20), features = pdu_features(3), syntax;
    struct pdu_context context = {.count = 1, .abstract = samr};
    struct pdu_bind b = {.max_xmit = 5840, .max_recv = 5840, .assoc_group = 0x11223344, .count = 2}, got;
    struct pdu_header h;
    struct writer w;
    struct reader r;
    uint8_t bits;
    size_t start;

    (void)state;
    writer_init(&w, 1000);
    start = pdu_begin(&w, PDU_BIND, PDU_WHOLE | PDU_MULTIPLEX, 1);
    pdu_bind_put(&w, &b);
    pdu_context_put(&w, &context);
    pdu_syntax_put(&w, &ndr);
    context.id = 1;
    pdu_context_put(&w, &context);
    pdu_syntax_put(&w, &features);
    pdu_end(&w, start);
    check(&w, bind_bytes, sizeof(bind_bytes));
    writer_deinit(&w);

    r = open_pdu(bind_bytes, sizeof(bind_bytes), &h);
    assert_int_equal(h.type, PDU_BIND);
    assert_int_equal(h.flags, 0x13);
    assert_int_equal(h.call_id, 1);
    assert_true(pdu_bind_get(&r, &got));
    assert_int_equal(got.max_xmit, 5840);
    assert_int_equal(got.assoc_group, 0x11223344);
    assert_int_equal(got.count, 2);
    for (uint16_t i = 0; i < 2; i++) {
        assert_true(pdu_context_get(&r, &context));
        assert_int_equal(context.id, i);
        assert_int_equal(context.count, 1);
        assert_true(pdu_syntax_equal(&context.abstract, &samr));
        assert_true(pdu_syntax_get(&r, &syntax));
        assert_int_equal(pdu_features_get(&syntax, &bits), i);
        assert_int_equal(pdu_syntax_equal(&syntax, &ndr), !i);
    }
    assert_int_equal(bits, 3);
    assert_int_equal(reader_left(&r), 0);
    assert_false(pdu_syntax_get(&r, &syntax));
}

static void test_bind_ack(void **state)
{
    struct pdu_bind_ack a = {.max_xmit = 5840,
                             .max_recv = 4280,
                             .assoc_group = 0x11223344,
                             .address = "135",
                             .address_len = 4,
                             .count = 2},
                        got;
    struct pdu_result yes = {.transfer = pdu_transfer_syntax(NDR_SYNTAX_NDR20)}, result;
    struct pdu_result ack = {.result = PDU_NEGOTIATE_ACK, .reason = 3};
    struct pdu_result no = {.result = PDU_PROVIDER_REJECTION, .reason = PDU_REASON_TRANSFER_SYNTAX};
    struct pdu_header h;
    struct writer w;
    struct reader r;
    size_t start;

    (void)state;
    writer_init(&w, 1000);
    writer_zero(&w, 3); /* alignment counts from the start of the PDU */
    start = pdu_begin(&w, PDU_BIND_ACK, PDU_WHOLE | PDU_MULTIPLEX, 1);
    pdu_bind_ack_put(&w, start, &a);
    pdu_result_put(&w, &yes);
    pdu_result_put(&w, &ack);
    pdu_end(&w, start);
    assert_int_equal(w.len, sizeof(bind_ack_bytes) + 3);
    assert_memory_equal(w.data + 3, bind_ack_bytes, sizeof(bind_ack_bytes));
    writer_reset(&w);

    r = open_pdu(bind_ack_bytes, sizeof(bind_ack_bytes), &h);
    assert_true(pdu_bind_ack_get(&r, &got));
    assert_int_equal(got.max_recv, 4280);
    assert_int_equal(got.address_len, 4);
    assert_memory_equal(got.address, "135", 4);
    assert_int_equal(got.count, 2);
    assert_true(pdu_result_get(&r, &result));
    assert_int_equal(result.result, PDU_ACCEPTANCE);
    assert_true(pdu_syntax_equal(&result.transfer, &yes.transfer));
    assert_true(pdu_result_get(&r, &result));
    assert_int_equal(result.result, PDU_NEGOTIATE_ACK);
    assert_int_equal(result.reason, 3);
    assert_false(pdu_result_get(&r, &result));

    a = (struct pdu_bind_ack){.max_xmit = 5840, .max_recv = 5840, .assoc_group = 1, .count = 1};
    start = pdu_begin(&w, PDU_ALTER_CONTEXT_RESP, PDU_WHOLE, 9);
    pdu_bind_ack_put(&w, start, &a);
    pdu_result_put(&w, &no);
    pdu_end(&w, start);
    check(&w, alter_resp_bytes, sizeof(alter_resp_bytes));
    r = open_pdu(alter_resp_bytes, sizeof(alter_resp_bytes), &h);
    assert_true(pdu_bind_ack_get(&r, &got));
    assert_int_equal(got.address_len, 0);
    assert_true(pdu_result_get(&r, &result));
    assert_int_equal(result.reason, PDU_REASON_TRANSFER_SYNTAX);
    writer_deinit(&w);
}

static void test_calls(void **state)
{
    struct pdu_request q = {.alloc_hint = 3, .context_id = 1, .opnum = 64}, got;
    struct pdu_response p = {.alloc_hint = 4, .context_id = 1, .cancel_count = 2}, answer;
    struct ndr_uuid object = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    struct pdu_header h;
    struct writer w;
    struct reader r;
    size_t start;

    (void)state;
    writer_init(&w, 1000);
    start = pdu_begin(&w, PDU_REQUEST, PDU_WHOLE, 3);
    pdu_request_put(&w, &q);
    writer_put(&w, "abc", 3);
    pdu_end(&w, start);
    check(&w, request_bytes, sizeof(request_bytes));
    r = open_pdu(request_bytes, sizeof(request_bytes), &h);
    assert_true(pdu_request_get(&r, h.flags, &got));
    assert_int_equal(got.opnum, 64);
    assert_false(got.has_object);
    assert_int_equal(got.stub_len, 3);
    assert_memory_equal(got.stub, "abc", 3);

    q = (struct pdu_request){
        .alloc_hint = 4, .context_id = 1, .opnum = 64, .has_object = true, .object = object};
    start = pdu_begin(&w, PDU_REQUEST, PDU_WHOLE | PDU_OBJECT, 3);
    pdu_request_put(&w, &q);
    writer_put(&w, "abcd", 4);
    pdu_end(&w, start);
    check(&w, object_bytes, sizeof(object_bytes));
    r = open_pdu(object_bytes, sizeof(object_bytes), &h);
    assert_true(pdu_request_get(&r, h.flags, &got));
    assert_true(got.has_object && ndr_uuid_equal(&got.object, &object));
    assert_memory_equal(got.stub, "abcd", 4);

    start = pdu_begin(&w, PDU_RESPONSE, PDU_WHOLE, 3);
    pdu_response_put(&w, &p);
    writer_put(&w, "abcd", 4);
    pdu_end(&w, start);
    check(&w, response_bytes, sizeof(response_bytes));
    r = open_pdu(response_bytes, sizeof(response_bytes), &h);
    assert_true(pdu_response_get(&r, &answer));
    assert_int_equal(answer.context_id, 1);
    assert_int_equal(answer.cancel_count, 2);
    assert_int_equal(answer.stub_len, 4);
    writer_deinit(&w);
}

static void test_refusals(void **state)
{
    struct pdu_fault fault = {.context_id = 1, .status = FAULT_OP_RANGE}, got;
    struct pdu_header h;
    struct writer w;
    struct reader r;
    uint16_t reason;

    (void)state;
    writer_init(&w, 1000);
    pdu_bind_nak(&w, 2, PDU_NAK_VERSION);
    check(&w, bind_nak_bytes, sizeof(bind_nak_bytes));
    r = open_pdu(bind_nak_bytes, sizeof(bind_nak_bytes), &h);
    assert_true(pdu_bind_nak_get(&r, &reason));
    assert_int_equal(reason, PDU_NAK_VERSION);
    pdu_fault(&w, 4, PDU_WHOLE | PDU_DID_NOT_EXECUTE, &fault);
    check(&w, fault_bytes, sizeof(fault_bytes));
    r = open_pdu(fault_bytes, sizeof(fault_bytes), &h);
    assert_true(pdu_fault_get(&r, &got));
    assert_int_equal(got.status.v, 0x1c010002);
    assert_int_equal(got.context_id, 1);
    pdu_bare(&w, PDU_CO_CANCEL, 5);
    check(&w, cancel_bytes, sizeof(cancel_bytes));
    pdu_bare(&w, PDU_ORPHANED, 5);
    check(&w, orphaned_bytes, sizeof(orphaned_bytes));
    pdu_bare(&w, PDU_SHUTDOWN, 0);
    check(&w, shutdown_bytes, sizeof(shutdown_bytes));
    writer_deinit(&w);
}

static void test_auth_trailer(void **state)
{
    struct pdu_auth auth = {.type = 10, .level = 6, .context_id = 79231}, got;
    struct pdu_request q = {.alloc_hint = 2, .opnum = 1};
    uint8_t *token, bad[sizeof(auth_bytes)];
    struct pdu_header h;
    struct writer w;
    struct reader r;
    size_t start;

    (void)state;
    writer_init(&w, 1000);
    start = pdu_begin(&w, PDU_REQUEST, PDU_WHOLE, 3);
    pdu_request_put(&w, &q);
    writer_put(&w, "xy", 2);
    token = pdu_auth_put(&w, start, start, 4, &auth, 4);
    assert_non_null(token);
    memcpy(token, "tokn", 4);
    pdu_end(&w, start);
    check(&w, auth_bytes, sizeof(auth_bytes));
    writer_deinit(&w);

    assert_int_equal(pdu_header_get(auth_bytes, 5840, &h), 0);
    assert_true(pdu_open(auth_bytes, &h, &r, &got));
    assert_int_equal(got.type, 10);
    assert_int_equal(got.level, 6);
    assert_int_equal(got.context_id, 79231);
    assert_int_equal(got.token_len, 4);
    assert_memory_equal(got.token, "tokn", 4);
    assert_true(pdu_request_get(&r, h.flags, &q));
    assert_int_equal(q.stub_len, 2);

    /* every auth_length: the trailer is inside of the body or refused */
    for (unsigned len = 1; len < 0x10000; len++) {
        h.auth_len = (uint16_t)len;
        assert_int_equal(pdu_open(auth_bytes, &h, &r, &got), len == 4 || len == 8 || len == 12 || len == 16);
        if (len == 4)
            continue;
        assert_true(r.end >= auth_bytes && r.end <= auth_bytes + sizeof(auth_bytes));
    }
    memcpy(bad, auth_bytes, sizeof(bad));
    h.auth_len = 4;
    for (unsigned pad = 0; pad < 256; pad++) {
        bad[30] = (uint8_t)pad;
        assert_int_equal(pdu_open(bad, &h, &r, &got), pad <= 12);
    }
}

static void test_header(void **state)
{
    uint8_t bytes[16];
    struct pdu_header h;

    (void)state;
#define EXPECT(result, at, value)     \
    memcpy(bytes, request_bytes, 16); \
    bytes[at] = (value);              \
    assert_int_equal(pdu_header_get(bytes, 5840, &h), result)
    EXPECT(0, 1, 1);
    EXPECT(PDU_E_VERSION, 0, 4);
    EXPECT(PDU_E_VERSION, 1, 2);
    EXPECT(PDU_E_REPRESENTATION, 4, 0x11); /* EBCDIC */
    EXPECT(PDU_E_REPRESENTATION, 5, 1);    /* VAX reals */
    EXPECT(0, 6, 0xff);                    /* reserved */
    EXPECT(PDU_E_LENGTH, 8, 15);
    EXPECT(0, 8, 16);
    EXPECT(PDU_E_LENGTH, 9, 0x17);
    EXPECT(PDU_E_REPRESENTATION, 4, 0x00); /* big-endian: the number of the call can still be read */
    assert_int_equal(h.call_id, 3u << 24);
#undef EXPECT
}

/* No reader takes fewer bytes than it needs. */
static void test_truncated(void **state)
{
    struct pdu_header h;
    struct reader r;

    (void)state;
    for (size_t len = 16; len < 84; len++) {
        struct pdu_bind_ack a;
        struct pdu_result result;
        uint8_t *exact = malloc(len);

        assert_non_null(exact);
        memcpy(exact, bind_ack_bytes, len);
        exact[8] = (uint8_t)len;
        r = open_pdu(exact, len, &h);
        assert_int_equal(pdu_bind_ack_get(&r, &a), len >= 36);
        if (len >= 36) {
            assert_int_equal(pdu_result_get(&r, &result), len >= 60);
            assert_false(pdu_result_get(&r, &result));
        }
        free(exact);
    }
    for (size_t len = 16; len <= sizeof(object_bytes); len++) {
        struct pdu_request q;
        uint8_t *exact = malloc(len);

        assert_non_null(exact);
        memcpy(exact, object_bytes, len);
        exact[8] = (uint8_t)len;
        r = open_pdu(exact, len, &h);
        assert_int_equal(pdu_request_get(&r, h.flags, &q), len >= 40);
        free(exact);
    }
    for (size_t len = 16; len <= sizeof(fault_bytes); len++) {
        struct pdu_fault f;
        uint8_t *exact = malloc(len);

        assert_non_null(exact);
        memcpy(exact, fault_bytes, len);
        exact[8] = (uint8_t)len;
        r = open_pdu(exact, len, &h);
        assert_int_equal(pdu_fault_get(&r, &f), len >= 28);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bind),      cmocka_unit_test(test_bind_ack),     cmocka_unit_test(test_calls),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_auth_trailer), cmocka_unit_test(test_header),
        cmocka_unit_test(test_truncated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
