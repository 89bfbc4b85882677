/* SPDX-License-Identifier: MIT */
/*
 * Exact blocks: a deep copy of structures into one piece of memory, that one free releases.
 *
 * Invariant: `place` is the only code that decides what goes where. What does not fit it counts and does not
 * copy: so it measures when there is no room at all, and the length promised is the length used. Alignment in
 * the host is that of NDR64, whose pointers and counts are as wide as the host's.
 */
#include <errno.h>
#include <stdlib.h>

#include "ndr/ndr.h"
#include "ndr/walk.h"

/* In a builder the place of a pointer holds 1 + an offset among the pointees, or this bit and an offset in
 * the text, until all regions are where they stay. */
#define TEXT_BIT ((uintptr_t)1 << (sizeof(uintptr_t) * 8 - 1))

struct room {
    uint8_t *at;
    size_t used, capacity;
};

struct placer {
    const struct ndr_interface *in;
    struct room pointees, text;
    bool final; /* a block: pointers are addresses, and text is put at the end downwards */
    bool full;  /* something did not fit */
};

static void place(struct placer *p, const struct ndr_type *t, struct walk_host *h, const void *from,
                  void *to);

static inline size_t align_up(size_t n, size_t align)
{
    return (n + align - 1) & ~(align - 1);
}

static inline void put_place(void *slot, uintptr_t v)
{
    memcpy(slot, &v, sizeof(v));
}

static inline uintptr_t get_place(const void *slot)
{
    uintptr_t v;

    memcpy(&v, slot, sizeof(v));
    return v;
}

static size_t total(size_t front, size_t pointees, size_t text)
{
    return align_up(align_up(front, pointees ? 8 : 1) + pointees, text ? 2 : 1) + text;
}

/* `slot`: the copy of the pointer; NULL: there is none. */
static inline void place_text(struct placer *p, const void *from, size_t len, void *slot)
{
    size_t offset = p->text.used;
    uint8_t *to;

    p->text.used += len;
    if (walk_unlikely(!slot || p->text.used > p->text.capacity)) {
        p->full = true;
        return;
    }
    to = p->text.at + (p->final ? p->text.capacity - p->text.used : offset);
    put_place(slot, p->final ? (uintptr_t)to : TEXT_BIT | offset);
    memcpy(to, from, len);
}

/* Returns where the copy is; NULL: nowhere. */
static void *place_bytes(struct placer *p, const void *from, size_t len, size_t align, void *slot)
{
    size_t offset = align_up(p->pointees.used, align), gap = offset - p->pointees.used;
    uint8_t *to;

    p->pointees.used = offset + len;
    if (!slot || p->pointees.used > p->pointees.capacity) {
        p->full = true;
        return NULL;
    }
    to = p->pointees.at + offset;
    memset(to - gap, 0, gap);
    put_place(slot, p->final ? (uintptr_t)to : 1 + offset);
    memcpy(to, from, len);
    return to;
}

static void place_array(struct placer *p, const struct ndr_type *t, struct walk_host *h, const void *from,
                        void *slot)
{
    const struct ndr_type *element = walk_type(p->in, t->target);
    uint64_t max, actual;
    uint8_t *to;

    if (walk_is_text(p->in, t))
        actual = walk_units16(from, UINT32_MAX);
    else if (!walk_host_counts(h, t, from, &max, &actual))
        actual = 0; /* it says of itself that nothing can be there */
    if (element->kind == NDR_WCHAR || (t->kind == NDR_STRING && element->host_len == 2)) {
        place_text(p, from, actual * 2, slot);
        return;
    }
    to = place_bytes(p, from, actual * element->host_len, element->align[NDR_SYNTAX_NDR64], slot);
    if (element->kind <= NDR_CONTEXT)
        return;
    for (uint64_t i = 0; i < actual; i++)
        place(p, element, h, (const uint8_t *)from + i * element->host_len,
              to ? to + i * element->host_len : NULL);
}

/* What a pointer refers to; `slot`: the copy of the pointer, or NULL. */
static void place_pointee(struct placer *p, const struct ndr_type *t, struct walk_host *h, const void *from,
                          void *slot)
{
    uint64_t max = 0, actual;
    size_t len = t->host_len;
    void *to;

    if (t->kind == NDR_ARRAY || t->kind == NDR_STRING) {
        place_array(p, t, h, from, slot);
        return;
    }
    if (t->flags & NDR_T_CONFORMANT && walk_host_last(p->in, t, from, &max, &actual))
        len += max * walk_type(p->in, walk_last(p->in, t)->target)->host_len;
    to = place_bytes(p, from, len, t->align[NDR_SYNTAX_NDR64], slot);
    place(p, t, h, from, to);
}

static void place_structure(struct placer *p, const struct ndr_type *t, const void *from, void *to)
{
    const struct ndr_field *f = &p->in->fields[t->first], *end = f + t->members;
    struct walk_host h;

    walk_host_init(&h, p->in, t->first, t->members, from);
    for (; f < end; f++) {
        const struct ndr_type *ft = walk_type(p->in, f->type);

        if (ft->kind > NDR_CONTEXT)
            place(p, ft, &h, (const uint8_t *)from + f->host_offset,
                  to ? (uint8_t *)to + f->host_offset : NULL);
    }
}

static const struct ndr_type *chosen_arm(const struct ndr_interface *in, const struct ndr_type *t,
                                         struct walk_host *h)
{
    const struct ndr_arm *a;
    int64_t v;

    if (!walk_host_eval(h, t->expr[0], &v))
        return NULL;
    a = walk_arm(in, t, v);
    return a && a->type ? walk_type(in, a->type) : NULL;
}

/* `to` is a plain copy of `from`: copy what it points to, and let it point there. */
static void place(struct placer *p, const struct ndr_type *t, struct walk_host *h, const void *from, void *to)
{
    const struct ndr_type *part;
    const void *pointee;

    switch (t->kind) {
    case NDR_STRUCT:
        place_structure(p, t, from, to);
        return;
    case NDR_POINTER:
        pointee = walk_pointer(from);
        if (pointee)
            place_pointee(p, walk_type(p->in, t->target), h, pointee, to);
        return;
    case NDR_UNION:
        part = chosen_arm(p->in, t, h);
        if (part)
            place(p, part, h, from, to);
        return;
    case NDR_ARRAY:
        part = walk_type(p->in, t->target);
        for (uint32_t i = 0; i < t->count && part->kind > NDR_CONTEXT; i++)
            place(p, part, h, (const uint8_t *)from + i * part->host_len,
                  to ? (uint8_t *)to + i * part->host_len : NULL);
        return;
    default:
        return;
    }
}

/* Attributes of what is in no structure refer to nothing. */
static void place_top(struct placer *p, const struct ndr_type *t, const void *from, void *to)
{
    struct walk_host nothing;

    walk_host_init(&nothing, p->in, 0, 0, from);
    place(p, t, &nothing, from, to);
}

size_t ndr_block_len(const struct ndr_interface *interface, uint16_t type, const void *host, size_t count)
{
    const struct ndr_type *t = walk_type(interface, type);
    struct placer p = {.in = interface};

    for (size_t i = 0; i < count; i++)
        place_top(&p, t, (const uint8_t *)host + i * t->host_len, NULL);
    return total(count * t->host_len, p.pointees.used, p.text.used);
}

void ndr_block_copy(const struct ndr_interface *interface, uint16_t type, const void *host, size_t count,
                    void *block, size_t len)
{
    const struct ndr_type *t = walk_type(interface, type);
    size_t front = count * t->host_len, used = align_up(front, 8);
    struct placer p = {.in = interface, .final = true};

    /* pointees and text share what is left: they meet, with at most a gap for alignment between them */
    if (used > len)
        used = len;
    p.pointees = (struct room){(uint8_t *)block + used, 0, len - used};
    p.text = (struct room){(uint8_t *)block + used, 0, len - used};
    if (count)
        memcpy(block, host, front);
    for (size_t i = 0; i < count; i++)
        place_top(&p, t, (const uint8_t *)host + i * t->host_len, (uint8_t *)block + i * t->host_len);
    used = p.pointees.used ? used + p.pointees.used : front;
    memset((uint8_t *)block + used, 0, len - p.text.used - used);
}

void ndr_block_init(struct ndr_block_builder *b, const struct ndr_interface *interface, uint16_t type)
{
    *b = (struct ndr_block_builder){.interface = interface, .type = type};
}

void ndr_block_deinit(struct ndr_block_builder *b)
{
    free(b->front.data);
    free(b->pointees.data);
    free(b->text.data);
    ndr_block_init(b, b->interface, b->type);
}

size_t ndr_block_len_with(const struct ndr_block_builder *b, const void *host)
{
    const struct ndr_type *t = walk_type(b->interface, b->type);
    struct placer p = {
        .in = b->interface, .pointees = {NULL, b->pointees.len, 0}, .text = {NULL, b->text.len, 0}};

    place_top(&p, t, host, NULL);
    return total(b->front.len + t->host_len, p.pointees.used, p.text.used);
}

/* Doubling: what large regions have not used yet is not in memory. */
static bool make_room(struct ndr_block_region *r, size_t len)
{
    size_t capacity = r->capacity ? r->capacity : 4096;
    uint8_t *data;

    if (walk_likely(len <= r->capacity && r->data))
        return true;
    while (capacity < len)
        if (__builtin_mul_overflow(capacity, 2, &capacity))
            return false;
    data = realloc(r->data, capacity);
    if (!data)
        return false;
    r->data = data;
    r->capacity = capacity;
    return true;
}

int ndr_block_add(struct ndr_block_builder *b, const void *host)
{
    const struct ndr_type *t = walk_type(b->interface, b->type);
    size_t pointees = b->pointees.len, text = b->text.len;
    struct placer p;
    uint8_t *to;

    do { /* a second time when the regions had to grow */
        if (!make_room(&b->front, b->front.len + t->host_len) || !make_room(&b->pointees, pointees) ||
            !make_room(&b->text, text))
            return -ENOMEM;
        p = (struct placer){.in = b->interface,
                            .pointees = {b->pointees.data, b->pointees.len, b->pointees.capacity},
                            .text = {b->text.data, b->text.len, b->text.capacity}};
        to = b->front.data + b->front.len;
        memcpy(to, host, t->host_len);
        place_top(&p, t, host, to);
        pointees = p.pointees.used;
        text = p.text.used;
    } while (walk_unlikely(p.full));
    b->front.len += t->host_len;
    b->pointees.len = pointees;
    b->text.len = text;
    b->count++;
    b->len = total(b->front.len, pointees, text);
    return 0;
}

struct bases {
    const struct ndr_interface *in;
    uint8_t *pointees, *text;
};

static void relocate(const struct bases *b, const struct ndr_type *t, struct walk_host *h, void *host);

static void relocate_elements(const struct bases *b, const struct ndr_type *t, struct walk_host *h,
                              void *host, uint64_t count)
{
    if (t->kind > NDR_CONTEXT)
        for (uint64_t i = 0; i < count; i++)
            relocate(b, t, h, (uint8_t *)host + i * t->host_len);
}

static void relocate_pointer(const struct bases *b, const struct ndr_type *t, struct walk_host *h, void *slot)
{
    uintptr_t v = get_place(slot);
    uint64_t max, actual;
    uint8_t *at;

    if (!v)
        return;
    at = v & TEXT_BIT ? b->text + (v & ~TEXT_BIT) : b->pointees + (v - 1);
    put_place(slot, (uintptr_t)at);
    t = walk_type(b->in, t->target);
    if (t->kind != NDR_ARRAY)
        relocate(b, t, h, at);
    else if (walk_type(b->in, t->target)->kind > NDR_CONTEXT && walk_host_counts(h, t, at, &max, &actual))
        relocate_elements(b, walk_type(b->in, t->target), h, at, actual);
}

/* The same way through the copy that `place` went, turning offsets into pointers. A slot that an attribute
 * refers to through a pointer is relocated before it is needed only if it comes first; idlc's api.idl has
 * no such structure. */
static void relocate(const struct bases *b, const struct ndr_type *t, struct walk_host *h, void *host)
{
    const struct ndr_type *part;
    struct walk_host own;

    switch (t->kind) {
    case NDR_STRUCT:
        walk_host_init(&own, b->in, t->first, t->members, host);
        for (unsigned i = 0; i < t->members; i++) {
            part = walk_type(b->in, own.fields[i].type);
            if (part->kind > NDR_CONTEXT)
                relocate(b, part, &own, (uint8_t *)host + own.fields[i].host_offset);
        }
        return;
    case NDR_POINTER:
        relocate_pointer(b, t, h, host);
        return;
    case NDR_UNION:
        part = chosen_arm(b->in, t, h);
        if (part)
            relocate(b, part, h, host);
        return;
    case NDR_ARRAY:
        relocate_elements(b, walk_type(b->in, t->target), h, host, t->count);
        return;
    default:
        return;
    }
}

static uint8_t *move_region(struct ndr_block_region *r, uint8_t *to)
{
    if (r->len)
        memcpy(to, r->data, r->len);
    free(r->data);
    to += r->len;
    *r = (struct ndr_block_region){0};
    return to;
}

int ndr_block_take(struct ndr_block_builder *b, void *(*allocate)(size_t len, void *context), void *context,
                   void **block)
{
    const struct ndr_type *t = walk_type(b->interface, b->type);
    struct bases bases = {.in = b->interface};
    struct walk_host nothing;
    uint8_t *memory, *at;
    bool pointees = b->pointees.len != 0;

    *block = NULL;
    if (!b->count)
        return ndr_block_deinit(b), 0;
    memory = allocate(b->len, context);
    if (!memory)
        return ndr_block_deinit(b), -ENOMEM;
    /* each piece is freed as soon as it is copied, so there is never twice the whole */
    bases.text = memory + b->len - b->text.len;
    at = move_region(&b->front, memory);
    bases.pointees = memory + align_up((size_t)(at - memory), 8);
    if (pointees) {
        memset(at, 0, (size_t)(bases.pointees - at));
        at = move_region(&b->pointees, bases.pointees);
    }
    memset(at, 0, (size_t)(bases.text - at));
    move_region(&b->text, bases.text);
    walk_host_init(&nothing, b->interface, 0, 0, memory);
    relocate_elements(&bases, t, &nothing, memory, b->count);
    ndr_block_deinit(b);
    *block = memory;
    return 0;
}
