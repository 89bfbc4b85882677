/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "base/arena.h"

/* An allocation that cannot be had is NULL under a sanitizer too. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

#define MIB ((size_t)1 << 20)

static bool all_zero(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i])
            return false;
    return true;
}

static void test_alignment_and_zero(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, MIB);
    for (size_t align = 1; align <= 16; align *= 2) {
        for (size_t len = 0; len < 200; len += 7) {
            uint8_t *p = arena_alloc(&a, len, align);

            assert_non_null(p);
            assert_int_equal((uintptr_t)p % align, 0);
            assert_true(all_zero(p, len));
            memset(p, 0xAA, len);
        }
    }
    arena_deinit(&a);
}

static void test_blocks_do_not_overlap(void **state)
{
    enum { COUNT = 300 };
    struct arena a;
    uint8_t *p[COUNT];
    size_t len[COUNT];

    (void)state;
    arena_init(&a, 64 * MIB);
    for (size_t i = 0; i < COUNT; i++) {
        len[i] = i * i * 7 % 9001;
        p[i] = arena_alloc(&a, len[i], (size_t)1 << i % 5);
        assert_non_null(p[i]);
        memset(p[i], (int)i, len[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < len[i]; k++)
            assert_int_equal(p[i][k], (uint8_t)i);
    arena_deinit(&a);
}

static void test_limit(void **state)
{
    struct arena a;
    size_t got = 0;

    (void)state;
    arena_init(&a, 10000);
    assert_null(arena_alloc(&a, 10001, 1));
    assert_null(arena_alloc(&a, SIZE_MAX, 1));
    while (arena_alloc(&a, 100, 4))
        got += 100;
    assert_in_range(got, 9000, 10000);
    assert_true(a.total <= a.limit);
    arena_deinit(&a);

    arena_init(&a, 10000);
    assert_non_null(arena_alloc(&a, 10000, 16));
    assert_null(arena_alloc(&a, 1, 1));
    arena_deinit(&a);

    arena_init(&a, 0);
    assert_null(arena_alloc(&a, 1, 1));
    assert_non_null(arena_alloc(&a, 0, 16));
    arena_deinit(&a);
}

static void test_unlimited_overflow(void **state)
{
    struct arena a;
    volatile size_t huge = SIZE_MAX; /* the compiler would complain about a constant */

    (void)state;
    arena_init(&a, SIZE_MAX);
    assert_null(arena_alloc(&a, huge, 1));
    assert_null(arena_alloc(&a, huge - 8, 16));
    assert_null(arena_array(&a, huge / 2, 3, 1));
    assert_null(arena_array(&a, huge / 8 + 2, 8, 8));
    assert_non_null(arena_array(&a, 3, 8, 8));
    assert_null(arena_alloc(&a, huge, 16));
    arena_deinit(&a);
}

static void test_reset_zeroes(void **state)
{
    static const size_t first[] = {10, 4096, 5000, 70000, MIB};
    struct arena a;

    (void)state;
    arena_init(&a, 16 * MIB);
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        uint8_t *p = arena_alloc(&a, first[i], 1);

        assert_non_null(p);
        memset(p, 0xFF, first[i]);
        for (int k = 0; k < 40; k++)
            memset(arena_alloc(&a, 333, 2), 0xFF, 333);
        arena_reset(&a);
        assert_true(a.total <= 64 << 10); /* a big call does not leave a big arena */
        p = arena_alloc(&a, 30000, 1);
        assert_true(all_zero(p, 30000));
        memset(p, 0xFF, 30000);
        arena_reset(&a);
    }
    arena_deinit(&a);
    arena_deinit(&a);
}

/* A second call that needs what the first needed allocates nothing. */
static void test_reset_keeps_the_longest(void **state)
{
    struct arena a;
    struct arena_chunk *chunk;

    (void)state;
    arena_init(&a, MIB);
    for (int i = 0; i < 100; i++)
        arena_alloc(&a, 100, 1);
    arena_reset(&a);
    chunk = a.chunks;
    assert_non_null(chunk);
    assert_null(chunk->next);
    for (size_t left = chunk->len / 100; left; left--)
        arena_alloc(&a, 100, 1);
    assert_ptr_equal(a.chunks, chunk);
    assert_null(chunk->next);
    arena_deinit(&a);
}

static void test_big_block_leaves_open_chunk_open(void **state)
{
    struct arena a;
    uint8_t *before, *after;

    (void)state;
    arena_init(&a, 16 * MIB);
    before = arena_alloc(&a, 8, 8);
    assert_non_null(arena_alloc(&a, MIB, 16));
    after = arena_alloc(&a, 8, 8);
    assert_ptr_equal(after, before + 8);
    assert_int_equal(a.total, 4096 + MIB); /* exact, not doubled */
    arena_deinit(&a);
}

static void test_expect(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 16 * MIB);
    arena_expect(&a, 100000);
    for (int i = 0; i < 100; i++)
        assert_non_null(arena_alloc(&a, 1000, 1));
    assert_int_equal(a.total, 100000);
    assert_null(a.chunks->next);
    arena_deinit(&a);
}

static void test_adopt(void **state)
{
    struct arena a;
    struct arena full;

    (void)state;
    arena_init(&a, MIB);
    for (int i = 0; i < 100; i++)
        assert_int_equal(arena_adopt(&a, malloc(100)), 0); /* a leak checker sees the rest */
    arena_reset(&a);
    assert_int_equal(arena_adopt(&a, malloc(100)), 0);
    arena_deinit(&a);

    arena_init(&full, 4);
    assert_int_equal(arena_adopt(&full, malloc(100)), -ENOMEM);
    arena_deinit(&full);
}

static void test_wipe(void **state)
{
    struct arena a;
    uint8_t *small, *big;

    (void)state;
    arena_init(&a, MIB);
    arena_wipe(&a);
    small = arena_alloc(&a, 100, 8);
    big = arena_alloc(&a, 100000, 8); /* in a chunk of its own */
    assert_non_null(small);
    assert_non_null(big);
    memset(small, 0xAA, 100);
    memset(big, 0xAA, 100000);
    arena_wipe(&a);
    assert_true(all_zero(small, 100));
    assert_true(all_zero(big, 100000));
    arena_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment_and_zero),
        cmocka_unit_test(test_blocks_do_not_overlap),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_unlimited_overflow),
        cmocka_unit_test(test_reset_zeroes),
        cmocka_unit_test(test_reset_keeps_the_longest),
        cmocka_unit_test(test_big_block_leaves_open_chunk_open),
        cmocka_unit_test(test_expect),
        cmocka_unit_test(test_adopt),
        cmocka_unit_test(test_wipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
