/* SPDX-License-Identifier: MIT */
/*
 * Speed of the NDR walkers: a 1,000-name SAMR group enumeration, and blocks of GROUP_INFO_1. One line for
 * each figure: name, value, unit, separated by tabs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ndr/ndr.h"
#include "ndr/test_tables.h"

#define ENTRIES 1000
#define ROUNDS 300

static size_t allocations;

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *p, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *p, size_t len);

void *__wrap_malloc(size_t len)
{
    allocations++;
    return __real_malloc(len);
}

void *__wrap_calloc(size_t count, size_t len)
{
    allocations++;
    return __real_calloc(count, len);
}

void *__wrap_realloc(void *p, size_t len)
{
    allocations++;
    return __real_realloc(p, len);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void figure(const char *what, const char *of, double value, const char *unit)
{
    printf("ndr %s %s\t%.1f\t%s\n", what, of, value, unit);
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_ndr: %s failed\n", what);
    exit(1);
}

static void enumeration(enum ndr_syntax syntax, const char *name)
{
    static struct t_rid rids[ENTRIES];
    static uint16_t text[ENTRIES][24];
    struct t_enumeration list = {ENTRIES, rids};
    struct t_enum_params params = {.Buffer = &list, .CountReturned = ENTRIES};
    double best_encode = 1e18, best_decode = 1e18;
    size_t encode_allocations = 0, decode_allocations = 0;

    for (unsigned i = 0; i < ENTRIES; i++) {
        char ascii[24];
        int chars = snprintf(ascii, sizeof(ascii), "group-%06u", i);

        for (int c = 0; c < chars; c++)
            text[i][c] = (uint8_t)ascii[c];
        rids[i] = (struct t_rid){1000 + i, {(uint16_t)(chars * 2), (uint16_t)(chars * 2), text[i]}};
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct t_enum_params got = {0};
        struct writer w;
        struct arena arena;
        size_t used;
        double t0, t1;

        writer_init(&w, SIZE_MAX);
        allocations = 0;
        t0 = now();
        if (ndr_encode(&t_interface, 0, NDR_F_OUT, syntax, &params, &w))
            fail("encode");
        t1 = now();
        encode_allocations = allocations;
        if (t1 - t0 < best_encode)
            best_encode = t1 - t0;
        arena_init(&arena, SIZE_MAX);
        allocations = 0;
        t0 = now();
        if (ndr_decode(&t_interface, 0, NDR_F_OUT, syntax, w.data, w.len, &arena, &got, &used))
            fail("decode");
        t1 = now();
        decode_allocations = allocations;
        if (t1 - t0 < best_decode)
            best_decode = t1 - t0;
        if (used != w.len || got.Buffer->EntriesRead != ENTRIES)
            fail("comparison");
        arena_deinit(&arena);
        writer_deinit(&w);
    }
    figure("encode 1000 names", name, best_encode / ENTRIES, "ns/entry");
    figure("encode 1000 names allocations", name, (double)encode_allocations, "count");
    figure("decode 1000 names", name, best_decode / ENTRIES, "ns/entry");
    figure("decode 1000 names allocations", name, (double)decode_allocations, "count");
}

int main(void)
{
    enumeration(NDR_SYNTAX_NDR20, "NDR20");
    enumeration(NDR_SYNTAX_NDR64, "NDR64");
    return 0;
}
