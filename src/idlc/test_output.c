/* SPDX-License-Identifier: MIT */
/*
 * What idlc makes of test_sample.idl, seen through the walkers: values to bytes that were written down by
 * hand from the rules of C706 and [MS-RPCE], and back, in both transfer syntaxes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ndr/ndr.h"
#include "test_sample.h"
#include "test_types.h"

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t len = 0;
    unsigned byte;
    int used;

    while (sscanf(hex, " %2x%n", &byte, &used) == 1) {
        out[len++] = (uint8_t)byte;
        hex += used;
    }
    return len;
}

static void assert_bytes(const struct writer *w, const char *hex)
{
    uint8_t expected[1024];
    size_t len = from_hex(hex, expected);

    if (w->len != len || memcmp(w->data, expected, len)) {
        for (size_t i = 0; i < w->len; i++)
            print_error("%02x%s", w->data[i], i % 4 == 3 ? " " : "");
        print_error("\n");
    }
    assert_int_equal(w->len, len);
    assert_memory_equal(w->data, expected, len);
}

static void assert_encodes(uint16_t type, enum ndr_syntax syntax, const void *host, const char *hex)
{
    struct writer w;

    writer_init(&w, 4096);
    assert_int_equal(ndr_encode_type(&sample_interface, type, syntax, host, &w), 0);
    assert_bytes(&w, hex);
    writer_deinit(&w);
}

/* Encodes to those bytes, and decodes from them to something that encodes the same. */
static void assert_type(uint16_t type, enum ndr_syntax syntax, const void *host, size_t host_len,
                        const char *hex)
{
    struct arena arena;
    struct writer first, second;
    void *copy = calloc(1, host_len);
    size_t used;

    assert_non_null(copy);
    arena_init(&arena, 1 << 20);
    writer_init(&first, 4096);
    writer_init(&second, 4096);
    assert_int_equal(ndr_encode_type(&sample_interface, type, syntax, host, &first), 0);
    assert_bytes(&first, hex);
    assert_int_equal(
        ndr_decode_type(&sample_interface, type, syntax, first.data, first.len, &arena, copy, &used), 0);
    assert_int_equal(used, first.len);
    assert_int_equal(ndr_encode_type(&sample_interface, type, syntax, copy, &second), 0);
    assert_bytes(&second, hex);
    writer_deinit(&first);
    writer_deinit(&second);
    arena_deinit(&arena);
    free(copy);
}

static void sends_scalars(void **state)
{
    const SCALARS s = {.c = 'a',
                       .uc = 2,
                       .sc = -1,
                       .sm = -2,
                       .b = 1,
                       .by = 6,
                       .s = -3,
                       .us = 0x1234,
                       .w = 'w',
                       .i = -4,
                       .u = 5,
                       .l = 6,
                       .ul = 7,
                       .h = -8,
                       .u64 = 9,
                       .ptr = 10,
                       .status = 11,
                       .f = 1.0f,
                       .d = 2.0,
                       .e = LevelPoint,
                       .v = WideHuge};

    (void)state;
    assert_type(sample_type_SCALARS, NDR_SYNTAX_NDR20, &s, sizeof(s),
                "61 02 ff fe 01 06 fdff 3412 7700 fcffffff 05000000 06000000 07000000 00000000"
                "f8ffffffffffffff 0900000000000000 0a000000 0b000000 0000803f 00000000 0000000000000040"
                "0400 0000 ffffff7f");
    assert_type(sample_type_SCALARS, NDR_SYNTAX_NDR64, &s, sizeof(s),
                "61 02 ff fe 01 06 fdff 3412 7700 fcffffff 05000000 06000000 07000000 00000000"
                "f8ffffffffffffff 0900000000000000 0a00000000000000 0b000000 0000803f 0000000000000040"
                "04000000 ffffff7f");
}

/* max_count is hoisted before the outermost structure that ends in the array. */
static void sends_conformant_structures(void **state)
{
    struct {
        uint64_t first;
        uint8_t n;
        uint32_t data[2];
    } outer = {0x0102030405060708, 2, {0x2a, 0x2b}};
    struct {
        uint32_t n;
        uint8_t data[3];
    } one = {3, {1, 2, 3}};

    (void)state;
    assert_int_equal(sample_interface.types[sample_type_OUTER].host_len, 12);
    assert_int_equal(sample_interface.types[sample_type_ONE_ELEMENT].host_len, 4);
    assert_encodes(sample_type_TAIL, NDR_SYNTAX_NDR20, &outer.n, "02000000 02000000 2a000000 2b000000");
    assert_encodes(sample_type_TAIL, NDR_SYNTAX_NDR64, &outer.n,
                   "0200000000000000 02000000 2a000000 2b000000");
    assert_encodes(sample_type_OUTER, NDR_SYNTAX_NDR20, &outer,
                   "02000000 00000000 0807060504030201 02000000 2a000000 2b000000");
    assert_encodes(sample_type_OUTER, NDR_SYNTAX_NDR64, &outer,
                   "0200000000000000 0807060504030201 02000000 2a000000 2b000000 00000000");
    assert_encodes(sample_type_ONE_ELEMENT, NDR_SYNTAX_NDR20, &one, "03000000 03000000 010203");
}

static void sends_arrays(void **state)
{
    POINT points[2] = {{1, 2}, {3, 4}};
    DWORD some[1] = {5}, row0[2] = {6, 7}, row1[2] = {8, 9}, *rows[2] = {row0, row1}, always = 10;
    int16_t one_more[3] = {11, 12, 13};
    uint16_t wide[] = {'W', 0}, *names[2] = {wide, NULL};
    uint8_t text[] = "t";
    const ARRAYS a = {.fixed = {1, 2, 3, 4, 5, 6},
                      .grid = {{{1, 1}, {1, 2}, {1, 3}}, {{2, 1}, {2, 2}, {2, 3}}},
                      .count = 2,
                      .used = 1,
                      .points = points,
                      .some = some,
                      .one_more = one_more,
                      .varying = {0x21},
                      .last = {0x31, 0x32},
                      .rows = rows,
                      .name = {'n', 0},
                      .text = text,
                      .wide = wide,
                      .names = names,
                      .always = &always};

    (void)state;
    assert_type(sample_type_ARRAYS, NDR_SYNTAX_NDR20, &a, sizeof(a),
                "010203040506"
                "0100 0100 0100 0200 0100 0300 0200 0100 0200 0200 0200 0300 0000"
                "02000000 01000000 00000200 04000200 08000200"
                "00000000 01000000 21 000000"         /* varying */
                "00000000 02000000 3132 0000"         /* last_is(used): used + 1 elements */
                "0c000200"                            /* rows */
                "00000000 02000000 6e00 0000"         /* name */
                "10000200 14000200 18000200 1c000200" /* text, wide, names, always */
                "02000000 0100 0200 0300 0400"        /* points */
                "02000000 00000000 01000000 05000000" /* some */
                "03000000 0b00 0c00 0d00 0000"        /* max_is(count) */
                "02000000 20000200 24000200"          /* rows, each with its own */
                "02000000 06000000 07000000"
                "02000000 08000000 09000000"
                "02000000 00000000 02000000 7400 0000" /* text */
                "02000000 00000000 02000000 5700 0000" /* wide */
                "02000000 28000200 00000000"           /* names, the second is NULL */
                "02000000 00000000 02000000 5700 0000"
                "0a000000");
}

/* [ms_union]: the arm is aligned as the largest one in NDR20 too. */
static void sends_unions(void **state)
{
    const HOLDER h = {.Level = 0, .u.small_ = 7, .password = {'p', 'a', 's', 's'}};
    int64_t big = 0x11;
    const HOLDER g = {.Level = 1, .u.big = &big, .info.number = 0x22, .password = {1}};
    const CAPSULE c = {.kind = 3, .value.big = 0x33}, e = {.kind = 9};

    (void)state;
    assert_type(sample_type_HOLDER, NDR_SYNTAX_NDR20, &h, sizeof(h),
                "00000000 00000000 07 00 0000 7000 6100 7300 7300");
    assert_type(
        sample_type_HOLDER, NDR_SYNTAX_NDR20, &g, sizeof(g),
        "01000000 01000000 00000200 0100 0000 22000000 0100 0000 0000 0000 00000000 1100000000000000");
    assert_type(sample_type_HOLDER, NDR_SYNTAX_NDR64, &g, sizeof(g),
                "01000000 00000000 01000000 00000000 0000020000000000 01000000 00000000 22000000"
                "0100 0000 0000 0000 00000000 1100000000000000");
    assert_type(sample_type_CAPSULE, NDR_SYNTAX_NDR20, &c, sizeof(c), "0300 0000 00000000 3300000000000000");
    assert_type(sample_type_CAPSULE, NDR_SYNTAX_NDR20, &e, sizeof(e), "0900");
}

/* Types may lead to themselves. */
static void sends_lists(void **state)
{
    LIST inner = {.n = 0}, children[1] = {{.n = 0}};
    struct later other = {.list = {.n = 0}};
    const LIST outer = {.next = &inner, .other = &other, .n = 1, .children = children};

    (void)state;
    assert_type(sample_type_LIST, NDR_SYNTAX_NDR20, &outer, sizeof(outer),
                "00000200 04000200 01000000 08000200"
                "00000000 00000000 00000000 00000000"
                "00000000 00000000 00000000 00000000"
                "01000000 00000000 00000000 00000000 00000000");
}

static void sends_parameters(void **state)
{
    uint16_t text[] = {'a', 'b'};
    RPC_UNICODE_STRING names[1] = {{4, 4, text}};
    struct {
        uint8_t n;
        uint32_t data[1];
    } tail = {1, {9}};
    uint16_t buffer[] = {'z', 0};
    struct SampleLists_params in = {.Count = 2,
                                    .Names = names,
                                    .NameCount = 1,
                                    .Tail = (PTAIL)(void *)&tail,
                                    .Corner = {1, 2},
                                    .Key = {0x16},
                                    .Buffer = buffer,
                                    .Id = {.Data1 = 0x44},
                                    .Union = {0}};
    struct SampleLists_params got = {0};
    struct writer w;
    struct arena arena;
    size_t used;

    (void)state;
    in.Count = 1;
    in.Union.one = 0x55;
    buffer[0] = 0;
    writer_init(&w, 4096);
    arena_init(&arena, 1 << 20);
    assert_int_equal(ndr_encode(&sample_interface, SampleLists_opnum, NDR_F_IN, NDR_SYNTAX_NDR20, &in, &w),
                     0);
    assert_bytes(&w, "01000000"
                     "e8030000 00000000 01000000 0400 0400 00000200"
                     "02000000 00000000 02000000 6100 6200"
                     "01000000"                   /* NameCount */
                     "01000000 01000000 09000000" /* Tail: a top-level reference is not sent */
                     "00000000"                   /* Outer */
                     "0100 0200"
                     "16000000000000000000000000000000"
                     "01000000 00000000 01000000 0000 0000" /* Buffer */
                     "44000000 0000 0000 0000000000000000"
                     "01000000 55000000");
    assert_int_equal(ndr_decode(&sample_interface, SampleLists_opnum, NDR_F_IN, NDR_SYNTAX_NDR20, w.data,
                                w.len, &arena, &got, &used),
                     0);
    assert_int_equal(used, w.len);
    assert_int_equal(got.Names[0].Length, 4);
    assert_int_equal(got.Tail->data[0], 9);
    assert_int_equal(got.Union.one, 0x55);
    assert_null(got.Outer);
    writer_deinit(&w);
    arena_deinit(&arena);
}

static void describes_itself(void **state)
{
    const struct ndr_interface *i = &sample_interface;

    (void)state;
    assert_int_equal(i->abi, NDR_ABI_VERSION);
    assert_string_equal(i->name, "sample");
    assert_int_equal(i->uuid.time_low, 0x12345778);
    assert_int_equal(i->uuid.node[7], 0xac);
    assert_int_equal(i->major, 1);
    assert_int_equal(i->minor, 2);
    assert_int_equal(i->proc_count, 6);
    assert_string_equal(i->endpoints[0], "ncacn_np:[\\pipe\\sample]");
    assert_null(i->endpoints[3]);
    assert_string_equal(i->names + i->procs[SampleQuery_opnum].name, "SampleQuery");
    assert_true(i->procs[Opnum1NotUsedOnWire_opnum].flags & NDR_P_ABSENT);
    assert_false(i->procs[SampleOpen_opnum].flags & NDR_P_HAS_IN_CONTEXT);
    assert_true(i->procs[SampleClose_opnum].flags & NDR_P_HAS_IN_CONTEXT);
    assert_string_equal(SAMPLE_QUOTED, "a \\ b");
    assert_int_equal(SAMPLE_DEFINED, 21);
    assert_int_equal(sizeof(SAMPLE_NAME), 14);
    assert_int_equal(test_types_interface.proc_count, 0);
    assert_int_not_equal(test_types_type_UNUSED_ELSEWHERE, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_scalars),    cmocka_unit_test(sends_conformant_structures),
        cmocka_unit_test(sends_arrays),     cmocka_unit_test(sends_unions),
        cmocka_unit_test(sends_lists),      cmocka_unit_test(sends_parameters),
        cmocka_unit_test(describes_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
