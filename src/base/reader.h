/* SPDX-License-Identifier: MIT */
/*
 * Bounded little-endian reader: the only way to touch bytes from outside.
 *
 * Invariant: start <= at <= end. A read that does not fit sets `failed`, moves nothing and gives 0; the
 * caller tests `failed` once, after a group of reads. Views point into the bytes read and never outlive them.
 */
#ifndef BASE_READER_H
#define BASE_READER_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
    const uint8_t *start, *at, *end;
    bool failed;
};

static inline void reader_init(struct reader *r, const void *data, size_t len)
{
    r->start = r->at = data ? (const uint8_t *)data : (const uint8_t *)""; /* so that a view is never NULL */
    r->end = data ? r->at + len : r->at;
    r->failed = false;
}

static inline size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->at);
}

static inline size_t reader_offset(const struct reader *r)
{
    return (size_t)(r->at - r->start);
}

/* The next `len` bytes, or NULL. */
static inline const uint8_t *reader_take(struct reader *r, size_t len)
{
    const uint8_t *p = r->at;

    if (__builtin_expect(len > reader_left(r), 0)) {
        r->failed = true;
        return NULL;
    }
    r->at += len;
    return p;
}

/* Skip to a multiple of `align` (a power of two) counted from the start. */
static inline void reader_align(struct reader *r, size_t align)
{
    reader_take(r, (0 - reader_offset(r)) & (align - 1));
}

/* Both at once: the next `len` bytes behind that alignment, or NULL. */
static inline const uint8_t *reader_take_aligned(struct reader *r, size_t align, size_t len)
{
    size_t left = reader_left(r), pad = (0 - reader_offset(r)) & (align - 1);

    if (__builtin_expect(len > left || pad > left - len, 0)) {
        r->failed = true;
        return NULL;
    }
    r->at += pad + len;
    return r->at - len;
}

static inline uint8_t reader_u8(struct reader *r)
{
    const uint8_t *p = reader_take(r, 1);

    return p ? *p : 0;
}

static inline uint16_t reader_u16(struct reader *r)
{
    const uint8_t *p = reader_take(r, 2);
    uint16_t v = 0;

    if (p)
        memcpy(&v, p, sizeof(v));
    return le16toh(v);
}

static inline uint32_t reader_u32(struct reader *r)
{
    const uint8_t *p = reader_take(r, 4);
    uint32_t v = 0;

    if (p)
        memcpy(&v, p, sizeof(v));
    return le32toh(v);
}

static inline uint64_t reader_u64(struct reader *r)
{
    const uint8_t *p = reader_take(r, 8);
    uint64_t v = 0;

    if (p)
        memcpy(&v, p, sizeof(v));
    return le64toh(v);
}

/* A child that sees only the next `len` bytes; its alignment counts from its own start. */
static inline struct reader reader_sub(struct reader *r, size_t len)
{
    const uint8_t *p = reader_take(r, len);
    struct reader sub;

    reader_init(&sub, p, p ? len : 0);
    sub.failed = p == NULL;
    return sub;
}

#endif
