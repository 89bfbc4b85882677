/* SPDX-License-Identifier: MIT */
/*
 * NETMGMT_BUFFERS=guard: each buffer has pages of its own, followed by one that cannot be touched.
 *
 *   | base ...        | buffer ...   | inaccessible page |
 *                                    ^ exactly the end, or with guard:aligned the next multiple of 8
 *
 * Invariant: a freed buffer's pages cannot be touched until QUARANTINE_COUNT others were freed after it (or
 * QUARANTINE_LEN bytes); they hold no memory meanwhile, only addresses.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "netapi/buffer_debug.h"

#define FILL 0xA5 /* of new memory: reads of what was never written show */
#define QUARANTINE_COUNT 8192
#define QUARANTINE_LEN ((size_t)4 << 30)

static struct {
    struct {
        void *base;
        size_t len;
    } freed[QUARANTINE_COUNT];
    size_t first, count, len;
} quarantine;

static size_t page_len(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t round_up(size_t len, size_t unit)
{
    return (len + unit - 1) & ~(unit - 1);
}

/* Bytes from the buffer's start to the inaccessible page. */
static size_t reach(size_t len, bool aligned)
{
    return aligned ? round_up(len, 8) : len;
}

void *buffer_guard_alloc(size_t len, bool aligned)
{
    size_t page = page_len(), span = round_up(len, page);
    uint8_t *base = mmap(NULL, span + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (base == MAP_FAILED)
        return NULL;
    if (span && mprotect(base, span, PROT_READ | PROT_WRITE)) {
        munmap(base, span + page);
        return NULL;
    }
    memset(base, FILL, span);
    return base + span - reach(len, aligned);
}

static void check_slack(const uint8_t *buffer, size_t len)
{
    for (size_t i = len; i < round_up(len, 8); i++)
        if (buffer[i] != FILL) {
            fprintf(stderr, "netmgmt: API buffer %p of %zu bytes was written to beyond its end, at %zu\n",
                    (const void *)buffer, len, i);
            abort();
        }
}

static void evict(void)
{
    munmap(quarantine.freed[quarantine.first].base, quarantine.freed[quarantine.first].len);
    quarantine.len -= quarantine.freed[quarantine.first].len;
    quarantine.first = (quarantine.first + 1) % QUARANTINE_COUNT;
    quarantine.count--;
}

void buffer_guard_free(void *buffer, size_t len, bool aligned)
{
    size_t page = page_len(), total = round_up(len, page) + page, last;
    void *base = (void *)((uintptr_t)buffer & ~(uintptr_t)(page - 1));

    if (aligned)
        check_slack(buffer, len);
    /* a new mapping in place of the old one: its memory goes back, its addresses stay taken */
    if (mmap(base, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
        MAP_FAILED) {
        munmap(base, total);
        return;
    }
    pthread_mutex_lock(&buffer_debug_lock);
    while (quarantine.count == QUARANTINE_COUNT || (quarantine.count && quarantine.len > QUARANTINE_LEN))
        evict();
    last = (quarantine.first + quarantine.count) % QUARANTINE_COUNT;
    quarantine.freed[last].base = base;
    quarantine.freed[last].len = total;
    quarantine.count++;
    quarantine.len += total;
    pthread_mutex_unlock(&buffer_debug_lock);
}
