/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/reader.h"
#include "base/writer.h"

/* An allocation that cannot be had is NULL under a sanitizer too. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void test_round_trip(void **state)
{
    static const uint8_t wire[] = {0x01, 0x00, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04, 0x0F, 0x0E,
                                   0x0D, 0x0C, 0x0B, 0x0A, 0x09, 0x08, 0xAA, 0xBB, 0x00};
    struct writer w;
    struct reader r;

    (void)state;
    writer_init(&w, 100);
    writer_u8(&w, 0x01);
    writer_align(&w, 2);
    writer_u16(&w, 0x0203);
    writer_u32(&w, 0x04050607);
    writer_u64(&w, 0x08090A0B0C0D0E0F);
    writer_put(&w, "\xAA\xBB", 2);
    writer_zero(&w, 1);
    assert_false(w.failed);
    assert_int_equal(w.len, sizeof(wire));
    assert_memory_equal(w.data, wire, sizeof(wire));

    reader_init(&r, w.data, w.len);
    assert_int_equal(reader_u8(&r), 0x01);
    reader_align(&r, 2);
    assert_int_equal(reader_u16(&r), 0x0203);
    assert_int_equal(reader_u32(&r), 0x04050607);
    assert_true(reader_u64(&r) == 0x08090A0B0C0D0E0F);
    assert_int_equal(reader_offset(&r), 16);
    assert_memory_equal(reader_take(&r, 2), "\xAA\xBB", 2);
    assert_int_equal(reader_left(&r), 1);
    assert_false(r.failed);
    writer_deinit(&w);
}

/* A read that does not fit moves nothing, gives 0 and is remembered. */
static void test_reader_bounds(void **state)
{
    static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7};

    (void)state;
    for (size_t len = 0; len <= sizeof(data); len++) {
        struct reader r;

        reader_init(&r, data, len);
        assert_int_equal(reader_u64(&r), 0);
        assert_true(r.failed);
        assert_int_equal(reader_offset(&r), 0);

        reader_init(&r, data, len);
        assert_int_equal(reader_u32(&r), len < 4 ? 0 : 0x04030201);
        assert_int_equal(r.failed, len < 4);

        reader_init(&r, data, len);
        assert_int_equal(reader_u16(&r), len < 2 ? 0 : 0x0201);
        assert_int_equal(r.failed, len < 2);

        reader_init(&r, data, len);
        assert_null(reader_take(&r, SIZE_MAX));
        assert_true(r.failed);
        assert_non_null(reader_take(&r, len));
        assert_null(reader_take(&r, 1));
    }
}

static void test_reader_align(void **state)
{
    static const uint8_t data[16];
    struct reader r;

    (void)state;
    reader_init(&r, data, 9);
    reader_align(&r, 8);
    assert_int_equal(reader_offset(&r), 0);
    reader_u8(&r);
    reader_align(&r, 8);
    assert_int_equal(reader_offset(&r), 8);
    reader_u8(&r);
    reader_align(&r, 4);
    assert_true(r.failed);
    assert_int_equal(reader_offset(&r), 9);
}

static void test_reader_sub(void **state)
{
    static const uint8_t data[] = {1, 2, 3, 4, 5};
    struct reader r, sub;

    (void)state;
    reader_init(&r, data, sizeof(data));
    reader_u8(&r);
    sub = reader_sub(&r, 3);
    assert_false(sub.failed);
    assert_int_equal(reader_u8(&sub), 2);
    reader_align(&sub, 2); /* from the child's start */
    assert_int_equal(reader_u8(&sub), 4);
    assert_int_equal(reader_u8(&sub), 0);
    assert_true(sub.failed);
    assert_false(r.failed);
    assert_int_equal(reader_u8(&r), 5);
    sub = reader_sub(&r, 1);
    assert_true(sub.failed && r.failed);
    assert_int_equal(reader_left(&sub), 0);
}

static void test_reader_of_nothing(void **state)
{
    struct reader r, sub;

    (void)state;
    reader_init(&r, NULL, 0);
    assert_non_null(reader_take(&r, 0));
    sub = reader_sub(&r, 0);
    assert_false(r.failed);
    assert_false(sub.failed);
    reader_init(&r, NULL, 5); /* a caller's mistake that must not become a read */
    assert_null(reader_take(&r, 1));
    assert_true(r.failed);
}

static void test_writer_limit(void **state)
{
    (void)state;
    for (size_t limit = 0; limit < 700; limit += 13) {
        struct writer w;
        size_t n = 0;

        writer_init(&w, limit);
        while (!w.failed) {
            writer_u8(&w, (uint8_t)n);
            assert_true(w.len <= w.capacity || w.failed);
            assert_true(w.capacity <= limit);
            if (!w.failed)
                n++;
        }
        assert_int_equal(n, limit);
        assert_int_equal(w.len, limit); /* the failed write changed nothing */
        writer_put(&w, NULL, 0);
        assert_true(w.failed);
        assert_null(writer_reserve(&w, 1));
        for (size_t i = 0; i < w.len; i++)
            assert_int_equal(w.data[i], (uint8_t)i);
        writer_reset(&w);
        assert_false(w.failed);
        assert_int_equal(w.len, 0);
        writer_deinit(&w);
    }
}

static void test_writer_huge(void **state)
{
    struct writer w;
    volatile size_t huge = SIZE_MAX;

    (void)state;
    writer_init(&w, SIZE_MAX);
    writer_u32(&w, 7);
    assert_null(writer_reserve(&w, huge));
    assert_true(w.failed);
    writer_reset(&w);
    writer_u32(&w, 7);
    assert_null(writer_reserve(&w, huge - 4)); /* fits the limit, not the memory */
    assert_true(w.failed);
    assert_int_equal(w.len, 4);
    writer_deinit(&w);
}

static void test_writer_fixed(void **state)
{
    uint8_t data[5] = {9, 9, 9, 9, 9};
    struct writer w;
    size_t len;

    (void)state;
    writer_init_fixed(&w, data, 4);
    writer_u32(&w, 0x01020304);
    assert_false(w.failed);
    writer_patch_u16(&w, 2, 0x0506);
    assert_false(w.failed);
    writer_u8(&w, 1);
    assert_true(w.failed);
    assert_memory_equal(data, "\x04\x03\x06\x05\x09", 5);
    assert_null(writer_steal(&w, &len));
    assert_int_equal(len, 0);
    writer_deinit(&w);
}

static void test_writer_patch_bounds(void **state)
{
    uint8_t data[8] = {0};

    (void)state;
    for (size_t offset = 0; offset < 10; offset++) {
        struct writer w;

        writer_init_fixed(&w, data, sizeof(data));
        writer_zero(&w, 6);
        writer_patch_u32(&w, offset, 0xFFFFFFFF);
        assert_int_equal(w.failed, offset > 2);
        writer_init_fixed(&w, data, sizeof(data));
        writer_zero(&w, 6);
        writer_patch_u16(&w, SIZE_MAX - offset, 0xFFFF);
        assert_true(w.failed);
    }
    assert_int_equal(data[6] | data[7], 0);
}

static void test_writer_steal(void **state)
{
    struct writer w;
    uint8_t *data;
    size_t len;

    (void)state;
    writer_init(&w, 10);
    assert_null(writer_steal(&w, &len));
    writer_u16(&w, 0x0102);
    data = writer_steal(&w, &len);
    assert_int_equal(len, 2);
    assert_memory_equal(data, "\x02\x01", 2);
    free(data);
    writer_u8(&w, 3); /* can be used again */
    assert_int_equal(w.len, 1);
    writer_zero(&w, 11);
    assert_null(writer_steal(&w, &len)); /* failed: freed, not handed out */
    assert_int_equal(len, 0);
    writer_deinit(&w);
}

static void test_writer_align_from(void **state)
{
    struct writer w;

    (void)state;
    writer_init(&w, 100);
    writer_zero(&w, 3);
    writer_align_from(&w, 3, 8);
    assert_int_equal(w.len, 3);
    writer_u8(&w, 1);
    writer_align_from(&w, 3, 8);
    assert_int_equal(w.len, 11);
    writer_deinit(&w);
}

/* A guess makes room, once, and never makes anything fail. */
static void test_writer_expect(void **state)
{
    uint8_t fixed[4];
    uint8_t *data;
    struct writer w;

    (void)state;
    writer_init(&w, 1000);
    writer_expect(&w, 900);
    assert_int_equal(w.len, 0);
    data = writer_reserve(&w, 100);
    writer_zero(&w, 800);
    assert_ptr_equal(w.data, data);
    writer_expect(&w, 101); /* over the limit */
    assert_int_equal(w.capacity, 900);
    writer_zero(&w, 100);
    assert_false(w.failed);
    assert_int_equal(w.len, 1000);
    writer_deinit(&w);
    writer_init(&w, SIZE_MAX);
    writer_expect(&w, SIZE_MAX / 2); /* more than there is memory */
    writer_u8(&w, 7);
    assert_int_equal(w.len, 1);
    writer_deinit(&w);
    writer_init_fixed(&w, fixed, sizeof(fixed));
    writer_expect(&w, 100);
    writer_zero(&w, 3);
    assert_false(w.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),          cmocka_unit_test(test_reader_bounds),
        cmocka_unit_test(test_reader_align),        cmocka_unit_test(test_reader_sub),
        cmocka_unit_test(test_reader_of_nothing),   cmocka_unit_test(test_writer_limit),
        cmocka_unit_test(test_writer_huge),         cmocka_unit_test(test_writer_fixed),
        cmocka_unit_test(test_writer_patch_bounds), cmocka_unit_test(test_writer_steal),
        cmocka_unit_test(test_writer_align_from),   cmocka_unit_test(test_writer_expect),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
