/* SPDX-License-Identifier: MIT */
/*
 * The peer of bench_ndr.c: the same 1,000-name enumeration through Samba's libndr, as a client or server of
 * theirs does it (decode into a talloc context, encode into a fresh buffer).
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <core/ntstatus.h>
#include <talloc.h>
#include <util/data_blob.h>
#include <util/time.h>
#include <gen_ndr/ndr_samr.h>

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
    printf("libndr.%s.%s\t%.1f\t%s\n", what, of, value, unit);
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_libndr: %s failed\n", what);
    exit(1);
}

static void enumeration(uint32_t flags, const char *name)
{
    const struct ndr_interface_call *call = &ndr_table_samr.calls[NDR_SAMR_ENUMDOMAINGROUPS];
    static struct samr_SamEntry entries[ENTRIES];
    static char text[ENTRIES][24];
    struct samr_SamArray array = {ENTRIES, entries}, *pointer = &array;
    uint32_t resume = 0, count = ENTRIES;
    struct samr_EnumDomainGroups r = {0};
    double best_encode = 1e18, best_decode = 1e18;
    size_t blocks = 0;

    for (unsigned i = 0; i < ENTRIES; i++) {
        snprintf(text[i], sizeof(text[i]), "group-%06u", i);
        entries[i].idx = 1000 + i;
        entries[i].name.string = text[i];
    }
    r.in.resume_handle = r.out.resume_handle = &resume;
    r.out.sam = &pointer;
    r.out.num_entries = &count;
    for (unsigned round = 0; round < ROUNDS; round++) {
        TALLOC_CTX *memory = talloc_new(NULL);
        struct ndr_push *push = ndr_push_init_ctx(memory);
        struct samr_EnumDomainGroups *got = talloc_zero(memory, struct samr_EnumDomainGroups);
        struct ndr_pull *pull;
        DATA_BLOB blob;
        size_t before;
        double t0 = now(), t1;

        push->flags |= flags;
        if (call->ndr_push(push, NDR_OUT, &r) != NDR_ERR_SUCCESS)
            fail("encode");
        t1 = now();
        if (t1 - t0 < best_encode)
            best_encode = t1 - t0;
        blob = ndr_push_blob(push);
        got->in.resume_handle = &resume;
        before = talloc_total_blocks(memory);
        t0 = now();
        pull = ndr_pull_init_blob(&blob, got);
        pull->flags |= flags | LIBNDR_FLAG_REF_ALLOC;
        if (call->ndr_pull(pull, NDR_OUT, got) != NDR_ERR_SUCCESS)
            fail("decode");
        t1 = now();
        if (t1 - t0 < best_decode)
            best_decode = t1 - t0;
        blocks = talloc_total_blocks(memory) - before;
        if ((*got->out.sam)->count != ENTRIES)
            fail("comparison");
        talloc_free(memory);
    }
    figure("encode", name, best_encode / ENTRIES, "ns");
    figure("decode", name, best_decode / ENTRIES, "ns");
    figure("decode_allocations", name, (double)blocks, "blocks");
}

int main(void)
{
    enumeration(0, "ndr20");
    enumeration(LIBNDR_FLAG_NDR64, "ndr64");
    return 0;
}
