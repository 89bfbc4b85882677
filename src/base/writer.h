/* SPDX-License-Identifier: MIT */
/*
 * Growable little-endian writer, the counterpart of reader.h.
 *
 * Invariant: len <= capacity <= limit. A write that cannot be done (no memory, over the limit) sets `failed`
 * and changes nothing; the caller tests `failed` once, at the end. Growth doubles. A writer over caller's
 * memory (writer_init_fixed) never allocates.
 */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct writer {
    uint8_t *data;
    size_t len, capacity, limit;
    bool owned, failed;
};

/* `limit`: most bytes it may ever hold. */
void writer_init(struct writer *w, size_t limit);
void writer_init_fixed(struct writer *w, void *data, size_t capacity);
void writer_deinit(struct writer *w);
/* Give up the memory: the caller frees it with free(). NULL when empty or failed. */
uint8_t *writer_steal(struct writer *w, size_t *len);
/* Make room for `len` more bytes; false: failed. */
bool writer_grow(struct writer *w, size_t len);
/* About `len` more bytes are coming: grow once and not many times. No more than a guess, it cannot fail. */
void writer_expect(struct writer *w, size_t len);

static inline void writer_reset(struct writer *w)
{
    w->len = 0;
    w->failed = false;
}

/* Append `len` bytes of undefined content, to be filled by the caller before the next append; NULL:
 * failed. */
static inline uint8_t *writer_reserve(struct writer *w, size_t len)
{
    /* >=: an empty writer has no data yet, not even for 0 bytes */
    if (__builtin_expect(len >= w->capacity - w->len || w->failed, 0) && !writer_grow(w, len))
        return NULL;
    w->len += len;
    return w->data + w->len - len;
}

static inline void writer_put(struct writer *w, const void *data, size_t len)
{
    uint8_t *p = writer_reserve(w, len);

    if (p && len)
        memcpy(p, data, len);
}

static inline void writer_zero(struct writer *w, size_t len)
{
    uint8_t *p = writer_reserve(w, len);

    if (p && len)
        memset(p, 0, len);
}

/* Zero fill to a multiple of `align` (a power of two) counted from `from`. */
static inline void writer_align_from(struct writer *w, size_t from, size_t align)
{
    size_t pad = (0 - (w->len - from)) & (align - 1);

    if (pad)
        writer_zero(w, pad);
}

static inline void writer_align(struct writer *w, size_t align)
{
    writer_align_from(w, 0, align);
}

/* Both at once: zero fill to `align` counted from `from`, then `len` bytes to be filled; NULL: failed. */
static inline uint8_t *writer_reserve_aligned(struct writer *w, size_t from, size_t align, size_t len)
{
    size_t pad = (0 - (w->len - from)) & (align - 1);
    uint8_t *p = len > SIZE_MAX - pad ? NULL : writer_reserve(w, pad + len);

    if (__builtin_expect(!p, 0)) {
        w->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < pad; i++)
        p[i] = 0;
    return p + pad;
}

static inline void writer_u8(struct writer *w, uint8_t v)
{
    writer_put(w, &v, 1);
}

static inline void writer_u16(struct writer *w, uint16_t v)
{
    v = htole16(v);
    writer_put(w, &v, sizeof(v));
}

static inline void writer_u32(struct writer *w, uint32_t v)
{
    v = htole32(v);
    writer_put(w, &v, sizeof(v));
}

static inline void writer_u64(struct writer *w, uint64_t v)
{
    v = htole64(v);
    writer_put(w, &v, sizeof(v));
}

static inline void writer_patch(struct writer *w, size_t offset, const void *data, size_t len)
{
    if (offset > w->len || len > w->len - offset)
        w->failed = true;
    if (!w->failed)
        memcpy(w->data + offset, data, len);
}

/* Overwrite what was written at `offset` (a reserved length field, for example); offset + n <= len. */
static inline void writer_patch_u16(struct writer *w, size_t offset, uint16_t v)
{
    v = htole16(v);
    writer_patch(w, offset, &v, sizeof(v));
}

static inline void writer_patch_u32(struct writer *w, size_t offset, uint32_t v)
{
    v = htole32(v);
    writer_patch(w, offset, &v, sizeof(v));
}

#endif
