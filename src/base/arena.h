/* SPDX-License-Identifier: MIT */
/*
 * Arena: memory of one call, freed at once. Chunked bump allocation, zeroed, bounded.
 *
 * Invariant: what it has handed out stays where it is until arena_reset or arena_deinit; the sum of all
 * chunks never exceeds `limit`. Nothing is freed on its own.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena_chunk {
    struct arena_chunk *next;
    size_t len;  /* of the payload that follows, 16-aligned */
    size_t used; /* of it, once the chunk is no longer open */
};

struct arena {
    struct arena_chunk *chunks; /* the open one first */
    uint8_t *at, *end;          /* its free part */
    size_t total, limit;
    struct arena_adopted *adopted;
    size_t hint; /* payload of the next chunk at least; 0: default */
};

/* Allocates nothing yet. `limit`: most bytes of payload in all. */
void arena_init(struct arena *a, size_t limit);
void arena_deinit(struct arena *a);
/* Everything handed out becomes invalid; one chunk of moderate length is kept for the next call. Costs what
 * was used of that chunk, not what it could hold. */
void arena_reset(struct arena *a);
/* Overwrite all that was handed out, for secrets: before arena_deinit. Not optimised away. */
void arena_wipe(struct arena *a);
/* The next chunk will have room for `len` bytes: one allocation for a call whose need can be told. */
void arena_expect(struct arena *a, size_t len);

/* Take over memory from malloc(): freed with the arena, at once when it cannot be taken (then -ENOMEM). So a
 * value may point into the message that it was decoded from. Only the note of it counts against `limit`. */
int arena_adopt(struct arena *a, void *malloced);

void *arena_alloc_slow(struct arena *a, size_t len, size_t align);

/* `len` zeroed bytes aligned to `align` (a power of two, at most 16); NULL: no memory or over the limit. */
static inline void *arena_alloc(struct arena *a, size_t len, size_t align)
{
    uintptr_t p = ((uintptr_t)a->at + align - 1) & ~(uintptr_t)(align - 1);

    if (__builtin_expect(a->at && p <= (uintptr_t)a->end && len <= (uintptr_t)a->end - p, 1)) {
        a->at = (uint8_t *)p + len;
        return (void *)p;
    }
    return arena_alloc_slow(a, len, align);
}

/* `count` elements of `len` bytes; NULL also when the product overflows. */
static inline void *arena_array(struct arena *a, size_t count, size_t len, size_t align)
{
    size_t bytes;

    return __builtin_mul_overflow(count, len, &bytes) ? NULL : arena_alloc(a, bytes, align);
}

#endif
