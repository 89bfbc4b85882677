/* SPDX-License-Identifier: MIT */
/* The verification trailer as Samba's client sends it, and each way in which it can disagree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rpc/test_pair.h"
#include "rpc/verification.h"

/* 6 bytes of parameters, 2 of padding, then bitmask1, pcontext, header2 (the last) */
static const uint8_t stub[] = {
    1,    2,    3,    4,    5,    6,    0,    0,    0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71, /* */
    0x01, 0x00, 4,    0,    1,    0,    0,    0, /* bitmask1 */
    0x02, 0x00, 40,   0,                         /* pcontext */
    0x44, 0x33, 0x22, 0x11, 0x66, 0x55, 0x88, 0x77, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x01,
    2,    0,    3,    0, /* */
    0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60,
    2,    0,    0,    0, /* */
    0x03, 0x40, 16,   0,    0,    0,    0,    0,    0x10, 0,    0,    0,    9,    0,    0,    0,
    1,    0,    64,   0, /* header2 */
};

static int check(const uint8_t *bytes, size_t len, size_t used)
{
    uint8_t *exact = malloc(len + 1);
    struct rpc_request q = {.call_id = 9,
                            .context_id = 1,
                            .opnum = 64,
                            .interface = &test_interface,
                            .syntax = NDR_SYNTAX_NDR20,
                            .stub = exact,
                            .stub_len = len};
    int r;

    assert_non_null(exact);
    memcpy(exact, bytes, len);
    r = verification_check(&q, used);
    free(exact);
    return r;
}

static void test_agrees(void **state)
{
    (void)state;
    assert_int_equal(check(stub, sizeof(stub), 6), 0);
    assert_int_equal(check(stub, sizeof(stub), 5), 0);
    assert_int_equal(check(stub, 6, 6), 0);      /* none */
    assert_int_equal(check(stub, 16 + 7, 4), 0); /* bytes of another kind */
    assert_int_equal(check(stub, sizeof(stub), sizeof(stub)), 0);
}

static void test_disagrees(void **state)
{
    uint8_t bytes[sizeof(stub)];

    (void)state;
    for (size_t len = 17; len < sizeof(stub); len++)
        assert_int_equal(check(stub, len, 6), VERIFICATION_E_MISMATCH);
    for (size_t bit = 16 * 8; bit < sizeof(stub) * 8; bit++) {
        size_t at = bit / 8;
        bool context = at >= 28 && at < 68 && at != 46 && at != 47; /* an older minor version is fine */
        bool header = at == 72 || at >= 76;                         /* 3 bytes are reserved */

        memcpy(bytes, stub, sizeof(stub));
        bytes[at] ^= (uint8_t)(1u << bit % 8);
        if (context || header)
            assert_int_equal(check(bytes, sizeof(bytes), 6), VERIFICATION_E_MISMATCH);
        else
            check(bytes, sizeof(bytes), 6); /* lengths, commands, END: no crash */
    }
    memcpy(bytes, stub, sizeof(stub));
    bytes[16] = 0x77; /* unknown: passed over, but when it must be understood */
    assert_int_equal(check(bytes, sizeof(bytes), 6), 0);
    bytes[17] = 0x80;
    assert_int_equal(check(bytes, sizeof(bytes), 6), VERIFICATION_E_MISMATCH);
}

static void test_ours(void **state)
{
    struct writer w;

    (void)state;
    for (size_t used = 0; used < 9; used++) {
        writer_init(&w, 1000);
        writer_zero(&w, used);
        verification_put(&w, &(struct rpc_request){.interface = &test_interface}, true);
        assert_int_equal(w.len, (used + 3) / 4 * 4 + 8 + 4 + 40);
        assert_int_equal(check(w.data, w.len, used), 0);
        writer_reset(&w);
        writer_zero(&w, used);
        verification_put(&w, &(struct rpc_request){.interface = &test_second}, true);
        assert_int_equal(check(w.data, w.len, used), VERIFICATION_E_MISMATCH);
        writer_deinit(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees),
        cmocka_unit_test(test_disagrees),
        cmocka_unit_test(test_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
