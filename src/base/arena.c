/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_LEN ((size_t)4096)
#define HEADER_LEN ((sizeof(struct arena_chunk) + 15) & ~(size_t)15)

struct arena_adopted {
    struct arena_adopted *next;
    void *memory;
};

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

void arena_reset(struct arena *a)
{
    struct arena_chunk *keep;

    free_adopted(a);
    if (!a->chunks)
        return;
    while (a->chunks->next) {
        struct arena_chunk *next = a->chunks->next;

        free(a->chunks);
        a->chunks = next;
    }
    keep = a->chunks;
    /* only what was handed out can be dirty, and that is known when it is the only chunk in use */
    memset((uint8_t *)keep + HEADER_LEN, 0, keep->len);
    a->at = (uint8_t *)keep + HEADER_LEN;
    a->end = a->at + keep->len;
    a->total = keep->len;
    a->hint = 0;
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

    if (len > left)
        return NULL;
    if (want < a->total)
        want = a->total; /* doubling keeps the number of chunks logarithmic */
    if (want < a->hint)
        want = a->hint;
    if (want < len)
        want = len;
    if (want > left)
        want = left;
    if (want > SIZE_MAX - HEADER_LEN)
        return NULL;
    chunk = calloc(1, HEADER_LEN + want);
    if (!chunk)
        return NULL;
    chunk->next = a->chunks;
    chunk->len = want;
    a->chunks = chunk;
    a->total += want;
    a->hint = 0;
    a->at = (uint8_t *)chunk + HEADER_LEN;
    a->end = a->at + want;
    return arena_alloc(a, len, align);
}
