/* SPDX-License-Identifier: MIT */
/*
 * Host values to stub bytes, the counterpart of decode.c. C706 14.2 and 14.3, [MS-RPCE] 2.2.4 and 2.2.5.
 *
 * A value is written in two walks over its host structure: the inline part with the pointers' referent ids,
 * then what the pointers refer to, depth first. Referent ids are numbered in the order they are written.
 *
 * Invariant: all that is written decodes to the same values; what could not be decoded is NDR_E_VALUE, not
 * bytes. The writer only appends, gaps are zero.
 */
#include "ndr/ndr.h"
#include "ndr/walk.h"

#include <errno.h>

#define FIRST_ID 0x00020000u
#define EXPECT_MIN 256 /* bytes in memory, below which no room is made ahead */
#define EXPECT_TIMES 4 /* on the wire with their text, structures are so much longer at most, as a rule */

struct encoder {
    const struct ndr_interface *in;
    struct writer *w;
    size_t from; /* where the stub begins in it */
    enum ndr_syntax syntax;
    unsigned depth;
    uint32_t id; /* next referent id */
};

static int inline_part(struct encoder *e, const struct ndr_type *t, struct walk_host *h, const void *host);
static int referents(struct encoder *e, const struct ndr_type *t, struct walk_host *h, const void *host);
static int value(struct encoder *e, const struct ndr_type *t, struct walk_host *h, const void *host);

static inline uint8_t *reserve(struct encoder *e, size_t align, size_t len)
{
    return writer_reserve_aligned(e->w, e->from, align, len);
}

static inline size_t width(const struct encoder *e)
{
    return e->syntax == NDR_SYNTAX_NDR20 ? 4 : 8;
}

static inline int scalar(struct encoder *e, const struct ndr_type *t, const void *host)
{
    uint8_t *p = reserve(e, t->align[e->syntax], t->min[e->syntax]);
    int64_t v;

    if (walk_unlikely(!p))
        return -ENOMEM;
    switch (t->kind) {
    case NDR_INT8:
    case NDR_UINT8:
    case NDR_CHAR:
        *p = *(const uint8_t *)host;
        break;
    case NDR_INT16:
    case NDR_UINT16:
    case NDR_WCHAR:
        memcpy(p, host, 2);
        break;
    case NDR_INT32:
    case NDR_UINT32:
    case NDR_ENUM32:
    case NDR_FLOAT32:
        memcpy(p, host, 4);
        break;
    case NDR_INT64:
    case NDR_UINT64:
    case NDR_FLOAT64:
        memcpy(p, host, 8);
        break;
    case NDR_ENUM16:
        v = walk_value(t, host);
        if (v < 0 || v > WALK_ENUM16_MAX)
            return NDR_E_VALUE;
        memcpy(p, &v, e->syntax == NDR_SYNTAX_NDR20 ? 2 : 4);
        break;
    case NDR_UINTPTR:
        v = walk_value(t, host);
        if (e->syntax == NDR_SYNTAX_NDR20 && (uint64_t)v > UINT32_MAX)
            return NDR_E_VALUE;
        memcpy(p, &v, width(e));
        break;
    default:
        return NDR_E_VALUE;
    }
    return t->range && !walk_in_range(e->in, t->range, walk_value(t, host)) ? NDR_E_VALUE : 0;
}

/* max_count (when `leading`: of a referent, not hoisted), offset and actual_count. */
static inline int counts(struct encoder *e, const struct ndr_type *t, bool leading, uint64_t max,
                         uint64_t actual)
{
    uint64_t word[3] = {max, 0, actual};
    size_t w = width(e), first = leading && t->flags & NDR_T_CONFORMANT ? 0 : 1,
           end = t->flags & NDR_T_VARYING ? 3 : 1;
    uint8_t *p;

    if (first == end)
        return 0;
    p = reserve(e, w, (end - first) * w);
    if (walk_unlikely(!p))
        return -ENOMEM;
    for (size_t i = first; i < end; i++, p += w)
        memcpy(p, &word[i], w);
    return 0;
}

/* An array of structures, and what they point to, which is mostly short text. */
static inline void expect(struct encoder *e, const struct ndr_type *element, uint64_t count)
{
    size_t len = count * element->host_len; /* it is in memory, so this fits */

    if (len >= EXPECT_MIN && len <= SIZE_MAX / EXPECT_TIMES)
        writer_expect(e->w, len * EXPECT_TIMES);
}

static int elements(struct encoder *e, const struct ndr_type *array, struct walk_host *h, uint64_t count,
                    const void *host)
{
    const struct ndr_type *t = walk_type(e->in, array->target);
    int r = 0;

    if (!count)
        return 0;
    if (walk_is_plain(t) || array->kind == NDR_STRING) {
        size_t len = count * t->host_len; /* it is in memory, so this fits */
        uint8_t *p = reserve(e, t->align[e->syntax], len);

        if (walk_unlikely(!p))
            return -ENOMEM;
        memcpy(p, host, len);
        return 0;
    }
    expect(e, t, count);
    for (uint64_t i = 0; i < count && !r; i++)
        r = inline_part(e, t, h, (const uint8_t *)host + i * t->host_len);
    return r;
}

static int element_referents(struct encoder *e, const struct ndr_type *array, struct walk_host *h,
                             uint64_t count, const void *host)
{
    const struct ndr_type *t = walk_type(e->in, array->target);
    int r = 0;

    if (t->kind <= NDR_LAST_SCALAR)
        return 0;
    for (uint64_t i = 0; i < count && !r; i++)
        r = referents(e, t, h, (const uint8_t *)host + i * t->host_len);
    return r;
}

static int inline_array(struct encoder *e, const struct ndr_type *t, struct walk_host *h, const void *host)
{
    uint64_t max, actual;
    int r;

    if (!walk_host_counts(h, t, host, &max, &actual))
        return NDR_E_VALUE;
    r = counts(e, t, false, max, actual);
    return r ? r : elements(e, t, h, actual, host);
}

/* *arm NULL: an empty arm. */
static int chosen_arm(struct encoder *e, const struct ndr_type *t, struct walk_host *h, int64_t *v,
                      const struct ndr_type **arm)
{
    const struct ndr_arm *a;

    if (!walk_host_eval(h, t->expr[0], v) || walk_cast(walk_type(e->in, t->target), *v) != *v)
        return NDR_E_VALUE;
    a = walk_arm(e->in, t, *v);
    if (!a)
        return NDR_E_VALUE;
    *arm = a->type ? walk_type(e->in, a->type) : NULL;
    return 0;
}

static int put_union(struct encoder *e, const struct ndr_type *t, struct walk_host *h, bool with_discriminant,
                     const void *host)
{
    const struct ndr_type *arm;
    int64_t v;
    int r = chosen_arm(e, t, h, &v, &arm);

    if (!r && with_discriminant) {
        if (e->syntax == NDR_SYNTAX_NDR64 && !reserve(e, t->align[NDR_SYNTAX_NDR64], 0))
            return -ENOMEM;
        r = scalar(e, walk_type(e->in, t->target), &v);
    }
    if (r)
        return r;
    if (!reserve(e, walk_arm_align(t, e->syntax), 0))
        return -ENOMEM;
    return arm ? inline_part(e, arm, h, host) : 0;
}

static inline int pointer(struct encoder *e, const struct ndr_type *t, const void *host)
{
    uint8_t *p = reserve(e, width(e), width(e));
    uint64_t id = 0;

    if (walk_unlikely(!p))
        return -ENOMEM;
    if (walk_pointer(host)) {
        id = e->id;
        e->id += 4;
    } else if (t->flags & NDR_T_REF) {
        return NDR_E_VALUE;
    }
    memcpy(p, &id, width(e));
    return 0;
}

static int structure(struct encoder *e, const struct ndr_type *t, const void *host)
{
    const struct ndr_field *f = &e->in->fields[t->first], *end = f + t->members;
    struct walk_host h;
    int r = 0;

    walk_host_init(&h, e->in, t->first, t->members, host);
    if (!reserve(e, t->align[e->syntax], 0))
        return -ENOMEM;
    for (; f < end && !r; f++) {
        const struct ndr_type *ft = walk_type(e->in, f->type);
        const void *at = (const uint8_t *)host + f->host_offset;

        if (ft->kind <= NDR_LAST_SCALAR)
            r = scalar(e, ft, at);
        else if (ft->kind == NDR_POINTER)
            r = pointer(e, ft, at);
        else if (t->flags & NDR_T_ENCAPSULATED)
            r = put_union(e, ft, &h, false, at);
        else
            r = inline_part(e, ft, &h, at);
    }
    if (!r && e->syntax == NDR_SYNTAX_NDR64 && !reserve(e, t->align[NDR_SYNTAX_NDR64], 0))
        return -ENOMEM;
    return r;
}

static int inline_part(struct encoder *e, const struct ndr_type *t, struct walk_host *h, const void *host)
{
    uint8_t *p;

    switch (t->kind) {
    case NDR_STRUCT:
        return structure(e, t, host);
    case NDR_POINTER:
        return pointer(e, t, host);
    case NDR_UNION:
        return put_union(e, t, h, true, host);
    case NDR_ARRAY:
    case NDR_STRING:
        return inline_array(e, t, h, host);
    case NDR_CONTEXT:
        p = reserve(e, 4, sizeof(struct ndr_context_handle));
        if (!p)
            return -ENOMEM;
        memcpy(p, host, sizeof(struct ndr_context_handle));
        return 0;
    default:
        return scalar(e, t, host);
    }
}

static int structure_referents(struct encoder *e, const struct ndr_type *t, const void *host)
{
    const struct ndr_field *f = &e->in->fields[t->first], *end = f + t->members;
    struct walk_host h;
    int r = 0;

    walk_host_init(&h, e->in, t->first, t->members, host);
    for (; f < end && !r; f++) {
        const struct ndr_type *ft = walk_type(e->in, f->type);

        if (ft->kind > NDR_CONTEXT)
            r = referents(e, ft, &h, (const uint8_t *)host + f->host_offset);
    }
    return r;
}

static int referents(struct encoder *e, const struct ndr_type *t, struct walk_host *h, const void *host)
{
    const struct ndr_type *arm;
    uint64_t max, actual;
    int64_t v;
    int r;

    switch (t->kind) {
    case NDR_STRUCT:
        return structure_referents(e, t, host);
    case NDR_POINTER:
        host = walk_pointer(host);
        return host ? value(e, walk_type(e->in, t->target), h, host) : 0;
    case NDR_UNION:
        r = chosen_arm(e, t, h, &v, &arm);
        return r || !arm ? r : referents(e, arm, h, host);
    case NDR_ARRAY:
        if (!walk_host_counts(h, t, host, &max, &actual))
            return NDR_E_VALUE;
        return element_referents(e, t, h, actual, host);
    default:
        return 0;
    }
}

static int pointed_array(struct encoder *e, const struct ndr_type *t, struct walk_host *h, const void *host)
{
    uint64_t max, actual;
    int r;

    if (!walk_host_counts(h, t, host, &max, &actual))
        return NDR_E_VALUE;
    r = counts(e, t, true, max, actual);
    if (!r)
        r = elements(e, t, h, actual, host);
    return r ? r : element_referents(e, t, h, actual, host);
}

static int pointed_value(struct encoder *e, const struct ndr_type *t, struct walk_host *h, const void *host)
{
    uint64_t max, actual;
    uint8_t *p;
    int r;

    if (t->flags & NDR_T_CONFORMANT) {
        if (!walk_host_last(e->in, t, host, &max, &actual))
            return NDR_E_VALUE;
        p = reserve(e, width(e), width(e));
        if (!p)
            return -ENOMEM;
        memcpy(p, &max, width(e));
    }
    r = inline_part(e, t, h, host);
    return r || t->kind <= NDR_CONTEXT ? r : referents(e, t, h, host);
}

/* An outermost value, or what a pointer refers to: whole, with its own referents. */
static int value(struct encoder *e, const struct ndr_type *t, struct walk_host *h, const void *host)
{
    int r;

    if (e->depth == NDR_MAX_DEPTH + 1) /* the outermost value, then what decode accepts */
        return NDR_E_VALUE;
    e->depth++;
    if (t->kind == NDR_ARRAY || t->kind == NDR_STRING)
        r = pointed_array(e, t, h, host);
    else
        r = pointed_value(e, t, h, host);
    e->depth--;
    return r;
}

/* A top-level [ref] pointer is not on the wire. */
static int top(struct encoder *e, const struct ndr_type *t, struct walk_host *h, const void *host)
{
    if (t->kind == NDR_POINTER && t->flags & NDR_T_REF) {
        host = walk_pointer(host);
        return host ? value(e, walk_type(e->in, t->target), h, host) : NDR_E_VALUE;
    }
    return value(e, t, h, host);
}

int ndr_encode(const struct ndr_interface *interface, uint16_t opnum, uint8_t direction,
               enum ndr_syntax syntax, const void *params, struct writer *out)
{
    const struct ndr_proc *proc = &interface->procs[opnum];
    struct encoder e = {interface, out, out->len, syntax, 0, FIRST_ID};
    struct walk_host h;
    int r = 0;

    walk_host_init(&h, interface, proc->first, proc->members, params);
    for (unsigned i = 0; i < proc->members && !r; i++) {
        const struct ndr_field *f = &h.fields[i];

        if (f->flags & direction)
            r = top(&e, walk_type(interface, f->type), &h, (const uint8_t *)params + f->host_offset);
    }
    return r;
}

int ndr_encode_type(const struct ndr_interface *interface, uint16_t type, enum ndr_syntax syntax,
                    const void *host, struct writer *out)
{
    struct encoder e = {interface, out, out->len, syntax, 0, FIRST_ID};
    struct walk_host h;

    walk_host_init(&h, interface, 0, 0, host);
    return top(&e, walk_type(interface, type), &h, host);
}
