/* SPDX-License-Identifier: MIT */
/*
 * The live API buffers. Open addressing with linear probing; an entry that goes is closed up by those behind
 * it, so there are no tombstones and a table never degrades.
 *
 * Invariant: every part has a free slot, so each search ends. The key is the address times an odd number: a
 * bijection that spreads the bits, and that hides the address from leak checkers (LeakSanitizer, valgrind),
 * which would take a buffer that is listed here for one that the program can still reach.
 */
#include "netapi/buffer_registry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PART_BITS 5
#define PARTS (1 << PART_BITS)
#define FIRST_CAPACITY ((size_t)16)
#define MULTIPLIER UINT64_C(0x9E3779B97F4A7C15) /* 2^64 / golden ratio, odd */

struct part {
    _Alignas(128) pthread_mutex_t lock; /* two cache lines: neighbours are fetched in pairs */
    struct buffer_entry *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count, bytes;
};

static struct part parts[PARTS] = {[0 ... PARTS - 1] = {.lock = PTHREAD_MUTEX_INITIALIZER}};

static uintptr_t key_of(const void *address)
{
    return (uintptr_t)address * (uintptr_t)MULTIPLIER;
}

void *buffer_entry_address(const struct buffer_entry *entry)
{
    uintptr_t inverse = (uintptr_t)MULTIPLIER; /* by Newton: each step doubles the right bits, 3 at first */

    for (int i = 0; i < 5; i++)
        inverse *= 2 - (uintptr_t)MULTIPLIER * inverse;
    return (void *)(entry->key * inverse);
}

/* The top bits choose the part, those below them the slot: the low ones are poor. */
static struct part *part_of(uintptr_t key)
{
    return &parts[key >> (sizeof(key) * 8 - PART_BITS)];
}

static size_t home_of(const struct part *p, uintptr_t key)
{
    return (size_t)(key >> (sizeof(key) * 8 - PART_BITS - 24)) & (p->capacity - 1);
}

static void insert(struct part *p, const struct buffer_entry *entry)
{
    size_t i = home_of(p, entry->key);

    while (p->slots[i].key)
        i = (i + 1) & (p->capacity - 1);
    p->slots[i] = *entry;
}

/* Nothing changes when there is no memory. */
static void resize(struct part *p, size_t capacity)
{
    struct part old = *p;
    struct buffer_entry *slots = calloc(capacity, sizeof(*slots));

    if (!slots)
        return;
    p->slots = slots;
    p->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].key)
            insert(p, &old.slots[i]);
    free(old.slots);
}

static struct buffer_entry *find(struct part *p, uintptr_t key)
{
    if (!p->capacity)
        return NULL;
    for (size_t i = home_of(p, key); p->slots[i].key; i = (i + 1) & (p->capacity - 1))
        if (p->slots[i].key == key)
            return &p->slots[i];
    return NULL;
}

bool buffer_registry_add(const void *address, size_t len, const char *function,
                         const struct buffer_site *site)
{
    struct buffer_entry entry = {.key = key_of(address), .len = len, .function = function, .site = site};
    struct part *p = part_of(entry.key);
    bool ok;

    pthread_mutex_lock(&p->lock);
    if (p->count >= p->capacity - p->capacity / 4)
        resize(p, p->capacity ? p->capacity * 2 : FIRST_CAPACITY);
    ok = p->count + 1 < p->capacity;
    if (ok) {
        insert(p, &entry);
        p->count++;
        p->bytes += len;
    }
    pthread_mutex_unlock(&p->lock);
    return ok;
}

/* Move those behind the hole into it that may stand there: whose home is not between the two. */
static void close_up(struct part *p, size_t hole)
{
    size_t mask = p->capacity - 1;

    for (size_t i = (hole + 1) & mask; p->slots[i].key; i = (i + 1) & mask) {
        size_t home = home_of(p, p->slots[i].key);

        if (((i - home) & mask) >= ((i - hole) & mask)) {
            p->slots[hole] = p->slots[i];
            hole = i;
        }
    }
    p->slots[hole].key = 0;
}

bool buffer_registry_remove(const void *address, struct buffer_entry *entry)
{
    uintptr_t key = key_of(address);
    struct part *p = part_of(key);
    struct buffer_entry *slot;

    if (!key)
        return false;
    pthread_mutex_lock(&p->lock);
    slot = find(p, key);
    if (slot) {
        *entry = *slot;
        p->count--;
        p->bytes -= slot->len;
        close_up(p, (size_t)(slot - p->slots));
        if (p->capacity > 16 * FIRST_CAPACITY && p->count < p->capacity / 8)
            resize(p, p->capacity / 2);
    }
    pthread_mutex_unlock(&p->lock);
    return slot;
}

bool buffer_registry_find(const void *address, struct buffer_entry *entry)
{
    uintptr_t key = key_of(address);
    struct part *p = part_of(key);
    struct buffer_entry *slot;

    if (!key)
        return false;
    pthread_mutex_lock(&p->lock);
    slot = find(p, key);
    if (slot)
        *entry = *slot;
    pthread_mutex_unlock(&p->lock);
    return slot;
}

void buffer_registry_sum(size_t *count, size_t *bytes)
{
    *count = *bytes = 0;
    for (size_t i = 0; i < PARTS; i++) {
        pthread_mutex_lock(&parts[i].lock);
        *count += parts[i].count;
        *bytes += parts[i].bytes;
        pthread_mutex_unlock(&parts[i].lock);
    }
}

/* All locks are held, so that what is listed was live at one moment. */
struct buffer_entry *buffer_registry_copy(size_t *count)
{
    struct buffer_entry *all;
    size_t at = 0;

    *count = 0;
    buffer_registry_lock_all();
    for (size_t i = 0; i < PARTS; i++)
        *count += parts[i].count;
    all = *count ? calloc(*count, sizeof(*all)) : NULL;
    for (size_t i = 0; all && i < PARTS; i++)
        for (size_t k = 0; k < parts[i].capacity; k++)
            if (parts[i].slots[k].key)
                all[at++] = parts[i].slots[k];
    buffer_registry_unlock_all();
    return all;
}

void buffer_registry_lock_all(void)
{
    for (size_t i = 0; i < PARTS; i++)
        pthread_mutex_lock(&parts[i].lock);
}

void buffer_registry_unlock_all(void)
{
    for (size_t i = PARTS; i-- > 0;)
        pthread_mutex_unlock(&parts[i].lock);
}
