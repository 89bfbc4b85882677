/* SPDX-License-Identifier: MIT */
/* The server and a recorded conversation: cut at every place, truncated, each bit turned over. It never
 * crashes, never answers twice, and cuts make no difference. */
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

static void converse(struct writer *out)
{
    struct pair p;
    uint32_t id;

    assert_int_equal(pair_open(&p, 1432, true, test_interfaces), 0);
    pair_run(&p);
    rpc_client_call(p.client, &test_interface, TEST_ECHO, NULL, "hello", 5, &id);
    rpc_client_call(p.client, &test_second, TEST_ECHO, &test_interface.uuid, "world", 5, &id);
    rpc_client_call(p.client, &test_interface, TEST_ABSENT, NULL, "", 0, &id);
    rpc_client_cancel(p.client, id);
    rpc_client_alter(p.client, &test_unknown);
    pair_run(&p);
    /* a request in fragments, which are small here */
    writer_put(out, p.up.data, p.up.len);
    for (unsigned i = 0; i < 3; i++) {
        struct pdu_request q = {.context_id = 1, .opnum = TEST_ECHO};
        size_t start = pdu_begin(out, PDU_REQUEST, i == 0 ? PDU_FIRST : i == 2 ? PDU_LAST : 0, 50);

        pdu_request_put(out, &q);
        writer_zero(out, i);
        pdu_end(out, start);
    }
    pdu_bare(out, PDU_ORPHANED, 50);
    pair_close(&p);
}

/* All that the server answers to `data`, given in pieces of `cut` bytes. */
static void replay(const uint8_t *data, size_t len, size_t cut, struct writer *out)
{
    struct rpc_server_config config = {.interfaces = test_interfaces, .assoc_group = 7, .max_fragment = 1432};
    struct rpc_server *s;

    assert_int_equal(rpc_server_new(&s, &config), 0);
    for (size_t at = 0; at < len; at += cut) {
        size_t n = len - at < cut ? len - at : cut, have;
        const uint8_t *bytes;

        rpc_server_input(s, data + at, n);
        test_serve(s);
        bytes = rpc_server_output(s, &have);
        if (have)
            writer_put(out, bytes, have);
        rpc_server_sent(s, have);
    }
    rpc_server_free(s);
}

/* No number is answered more often than it was used. */
static void check_answers(const uint8_t *in, size_t in_len, const struct writer *out)
{
    static uint8_t asked[256], answered[256];
    struct pdu_header h;

    memset(asked, 0, sizeof(asked));
    memset(answered, 0, sizeof(answered));
    for (size_t at = 0; at + 16 <= in_len; at += h.frag_len) {
        bool bad = pdu_header_get(in + at, 65535, &h);

        if (h.type != PDU_REQUEST || h.flags & PDU_FIRST || bad)
            asked[h.call_id & 255]++;
        if (bad)
            break;
    }
    for (size_t at = 0; at < out->len; at += h.frag_len) {
        assert_true(out->len - at >= 16);
        assert_int_equal(pdu_header_get(out->data + at, 1432, &h), 0);
        assert_true(out->len - at >= h.frag_len);
        if (h.flags & PDU_LAST)
            answered[h.call_id & 255]++;
    }
    for (int i = 0; i < 256; i++)
        assert_true(answered[i] <= asked[i] + 1); /* + 1: a last fragment that broke the rules */
}

static void test_broken_bytes(void **state)
{
    struct writer in, whole, cut;

    (void)state;
    writer_init(&in, 1 << 20);
    writer_init(&whole, 1 << 20);
    writer_init(&cut, 1 << 20);
    converse(&in);
    for (size_t n = 0; n <= in.len; n++) { /* truncated, and cut there */
        uint8_t *exact = malloc(n + 1);

        assert_non_null(exact);
        memcpy(exact, in.data, n);
        writer_reset(&whole);
        replay(exact, n, n + 1, &whole);
        check_answers(exact, n, &whole);
        free(exact);
        writer_reset(&cut);
        replay(in.data, in.len, n + 1, &cut);
        writer_reset(&whole);
        replay(in.data, in.len, in.len, &whole);
        assert_int_equal(cut.len, whole.len);
        assert_memory_equal(cut.data, whole.data, whole.len);
    }
    for (size_t bit = 0; bit < in.len * 8; bit++) {
        in.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        writer_reset(&whole);
        writer_reset(&cut);
        replay(in.data, in.len, in.len, &whole);
        replay(in.data, in.len, 7, &cut);
        assert_int_equal(cut.len, whole.len);
        if (whole.len)
            assert_memory_equal(cut.data, whole.data, whole.len);
        check_answers(in.data, in.len, &whole);
        in.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    writer_deinit(&in);
    writer_deinit(&whole);
    writer_deinit(&cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_broken_bytes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
