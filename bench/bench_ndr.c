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

#include "../tests/failing_allocation.h"

#define ENTRIES 1000
#define ROUNDS 300

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void figure(const char *what, const char *of, double value, const char *unit)
{
    printf("ndr.%s.%s\t%.1f\t%s\n", what, of, value, unit);
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
        allocations_made = 0;
        t0 = now();
        if (ndr_encode(&t_interface, 0, NDR_F_OUT, syntax, &params, &w))
            fail("encode");
        t1 = now();
        encode_allocations = allocations_made;
        if (t1 - t0 < best_encode)
            best_encode = t1 - t0;
        arena_init(&arena, SIZE_MAX);
        allocations_made = 0;
        t0 = now();
        if (ndr_decode(&t_interface, 0, NDR_F_OUT, syntax, w.data, w.len, &arena, &got, &used))
            fail("decode");
        t1 = now();
        decode_allocations = allocations_made;
        if (t1 - t0 < best_decode)
            best_decode = t1 - t0;
        if (used != w.len || got.Buffer->EntriesRead != ENTRIES)
            fail("comparison");
        arena_deinit(&arena);
        writer_deinit(&w);
    }
    figure("encode", name, best_encode / ENTRIES, "ns");
    figure("encode_allocations", name, (double)encode_allocations, "blocks");
    figure("decode", name, best_decode / ENTRIES, "ns");
    figure("decode_allocations", name, (double)decode_allocations, "blocks");
}

/* The shape of GROUP_INFO_1: two strings by pointer. */
struct info {
    uint16_t *name, *comment;
};

static const struct ndr_field info_fields[] = {
    [1] = {offsetof(struct info, name), T_WSTRING_PTR, N_NAME},
    {offsetof(struct info, comment), T_WSTRING_PTR, N_NAME},
};

static void *give(size_t len, void *context)
{
    *(size_t *)context = len;
    return malloc(len);
}

static void widen(uint16_t *to, const char *from)
{
    do {
        *to++ = (uint8_t)*from;
    } while (*from++);
}

static void blocks(void)
{
    struct ndr_type types[T_COUNT];
    struct ndr_interface in = t_interface;
    double best_add = 1e18, best_take = 1e18, best_copy = 1e18;
    static struct info infos[ENTRIES];
    static uint16_t text[ENTRIES][2][40];
    size_t len = 0, count = 0;

    memcpy(types, t_types, sizeof(types));
    types[T_LIST].first = 1;
    types[T_LIST].host_len = sizeof(struct info);
    in.types = types;
    in.fields = info_fields;
    for (unsigned i = 0; i < ENTRIES; i++) {
        char ascii[40];

        snprintf(ascii, sizeof(ascii), "group-%06u", i);
        widen(text[i][0], ascii);
        snprintf(ascii, sizeof(ascii), "comment of group %u", i);
        widen(text[i][1], ascii);
        infos[i] = (struct info){text[i][0], text[i][1]};
    }
    for (unsigned round = 0; round < 5; round++) {
        struct ndr_block_builder b;
        void *block;
        double t0 = now(), t1, t2;

        ndr_block_init(&b, &in, T_LIST);
        for (unsigned i = 0; i < 1000000; i++)
            if (ndr_block_add(&b, &infos[i % ENTRIES]))
                fail("block_add");
        count = b.count;
        t1 = now();
        if (ndr_block_take(&b, give, &len, &block))
            fail("block_take");
        t2 = now();
        free(block);
        if (t1 - t0 < best_add)
            best_add = t1 - t0;
        if (t2 - t1 < best_take)
            best_take = t2 - t1;
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        double t0 = now(), t1;
        size_t need = ndr_block_len(&in, T_LIST, infos, ENTRIES);
        void *block = malloc(need);

        ndr_block_copy(&in, T_LIST, infos, ENTRIES, block, need);
        t1 = now();
        free(block);
        if (t1 - t0 < best_copy)
            best_copy = t1 - t0;
    }
    figure("block", "add", best_add / (double)count, "ns");
    figure("block", "take", best_take / (double)count, "ns");
    figure("block", "copy", best_copy / ENTRIES, "ns");
}

int main(void)
{
    enumeration(NDR_SYNTAX_NDR20, "ndr20");
    enumeration(NDR_SYNTAX_NDR64, "ndr64");
    blocks();
    return 0;
}
