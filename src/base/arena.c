/* SPDX-License-Identifier: MIT */
/*
 * Arena: chunks from calloc(), each twice as long as all before it.
 *
 * Invariant: the open chunk is the first of the list; beyond what a chunk has handed out it is all zero.
 */
#include "base/arena.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_LEN ((size_t)4096)
#define KEEP_LEN ((size_t)64 << 10) /* most payload that waits for the next call after a reset */
#define HEADER_LEN ((sizeof(struct arena_chunk) + 15) & ~(size_t)15)

struct arena_adopted {
    struct arena_adopted *next;
    void *memory;
};

static uint8_t *payload(struct arena_chunk *c)
{
    return (uint8_t *)c + HEADER_LEN;
}

static void open_chunk(struct arena *a)
{
    a->at = payload(a->chunks);
    a->end = a->at + a->chunks->len;
}

static void close_chunk(struct arena *a)
{
    a->chunks->used = (size_t)(a->at - payload(a->chunks));
}

/* The list's nodes are in the chunks, so this comes before those go. */
static void free_adopted(struct arena *a)
{
    for (struct arena_adopted *n = a->adopted; n; n = n->next)
        free(n->memory);
    a->adopted = NULL;
}

int arena_adopt(struct arena *a, void *malloced)
{
    struct arena_adopted *node = arena_alloc(a, sizeof(*node), _Alignof(struct arena_adopted));

    if (!node) {
        free(malloced);
        return -ENOMEM;
    }
    *node = (struct arena_adopted){.next = a->adopted, .memory = malloced};
    a->adopted = node;
    return 0;
}

void arena_init(struct arena *a, size_t limit)
{
    *a = (struct arena){.limit = limit};
}

void arena_deinit(struct arena *a)
{
    free_adopted(a);
    while (a->chunks) {
        struct arena_chunk *next = a->chunks->next;

        free(a->chunks);
        a->chunks = next;
    }
    *a = (struct arena){.limit = a->limit};
}

/* Of the chunks that are small enough the longest is kept, so that calls of one kind end up with one chunk.
 */
static struct arena_chunk *choose_kept(const struct arena *a)
{
    struct arena_chunk *best = NULL;

    for (struct arena_chunk *c = a->chunks; c; c = c->next)
        if (c->len <= KEEP_LEN && (!best || c->len > best->len))
            best = c;
    return best;
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *keep;

    free_adopted(a);
    if (!a->chunks)
        return;
    close_chunk(a);
    keep = choose_kept(a);
    for (struct arena_chunk *c = a->chunks, *next; c; c = next) {
        next = c->next;
        if (c != keep)
            free(c);
    }
    *a = (struct arena){.limit = a->limit, .chunks = keep};
    if (!keep)
        return;
    keep->next = NULL;
    memset(payload(keep), 0, keep->used); /* the rest was never handed out */
    keep->used = 0;
    a->total = keep->len;
    open_chunk(a);
}

void arena_wipe(struct arena *a)
{
    for (struct arena_chunk *c = a->chunks; c; c = c->next)
        explicit_bzero(payload(c), c->len);
}

void arena_expect(struct arena *a, size_t len)
{
    if (len > (size_t)(a->end - a->at))
        a->hint = len;
}

void *arena_alloc_slow(struct arena *a, size_t len, size_t align)
{
    struct arena_chunk *chunk;
    size_t want = CHUNK_LEN, left = a->limit - a->total;
    bool own;

    if (len > left)
        return NULL;
    if (want < a->total)
        want = a->total; /* doubling keeps the number of chunks logarithmic */
    if (want < a->hint)
        want = a->hint;
    own = a->chunks && len >= want; /* gets a chunk of its own; the open one stays open */
    if (own || want < len)
        want = len;
    if (want > left)
        want = left;
    if (want > SIZE_MAX - HEADER_LEN)
        return NULL;
    chunk = calloc(1, HEADER_LEN + want);
    if (!chunk)
        return NULL;
    chunk->len = want;
    a->total += want;
    if (own) {
        chunk->used = len;
        chunk->next = a->chunks->next;
        a->chunks->next = chunk;
        return payload(chunk);
    }
    if (a->chunks)
        close_chunk(a);
    chunk->next = a->chunks;
    a->chunks = chunk;
    a->hint = 0;
    open_chunk(a);
    return arena_alloc(a, len, align);
}
