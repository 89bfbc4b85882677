/* SPDX-License-Identifier: MIT */
/*
 * What the walkers share: looking things up in the tables, and the values that attributes refer to.
 *
 * A scope is the members of one structure, or the parameters of one procedure. Decode fills it from the wire
 * as values are read; the other walkers fill it from the host structure when an expression first needs it.
 */
#ifndef NDR_WALK_H
#define NDR_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "netmgmt/ndr.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "values are used in place in the stub");

#define walk_likely(x) __builtin_expect(!!(x), 1)
#define walk_unlikely(x) __builtin_expect(!!(x), 0)

#define WALK_ENUM16_MAX 0x7fff /* largest value of an enum without v1_enum (C706 14.2.8) */

struct walk_scope {
    uint32_t known; /* bit n: value[n] is there */
    int64_t value[NDR_MAX_SLOTS];
};

enum walk_eval { WALK_OK = 0, WALK_UNKNOWN, WALK_BAD };

/* The general case: any expression. UNKNOWN: it needs a value that is not there; BAD: overflow, or division
 * by zero. */
enum walk_eval walk_eval_ops(const struct ndr_op *op, const struct walk_scope *s, int64_t *out);

/* n and n / constant are nearly all that interfaces contain. */
static inline enum walk_eval walk_eval(const struct ndr_interface *in, uint16_t expr,
                                       const struct walk_scope *s, int64_t *out)
{
    const struct ndr_op *op = &in->ops[expr];

    if (walk_likely(op->op == NDR_OP_SLOT && s->known >> op->value & 1)) {
        int64_t v = s->value[op->value];

        if (op[1].op == NDR_OP_END)
            return *out = v, WALK_OK;
        if (op[1].op == NDR_OP_CONST && op[1].value == 2 && op[2].op == NDR_OP_DIV &&
            op[3].op == NDR_OP_END && v >= 0)
            return *out = v >> 1, WALK_OK;
    }
    return walk_eval_ops(op, s, out);
}

static inline const struct ndr_type *walk_type(const struct ndr_interface *in, uint16_t index)
{
    return &in->types[index];
}

/* Same bytes on the wire and in the host, any value allowed: can be copied, or left where it is. */
static inline bool walk_is_plain(const struct ndr_type *t)
{
    return t->kind <= NDR_FLOAT64 && !t->range;
}

/* An ordinary UTF-16 string, only bounded by its terminator. */
static inline bool walk_is_text(const struct ndr_interface *in, const struct ndr_type *t)
{
    return t->kind == NDR_STRING && t->flags & NDR_T_CONFORMANT && !t->expr[0] && !t->range &&
           walk_type(in, t->target)->host_len == 2;
}

/* The arm for a discriminant; NULL: there is none. */
static inline const struct ndr_arm *walk_arm(const struct ndr_interface *in, const struct ndr_type *t,
                                             int64_t value)
{
    const struct ndr_arm *arms = &in->arms[t->first];
    unsigned labelled = t->members - (t->flags & NDR_T_DEFAULT ? 1u : 0u);

    for (unsigned i = 0; i < labelled; i++)
        if (arms[i].value == value)
            return &arms[i];
    return t->flags & NDR_T_DEFAULT ? &arms[labelled] : NULL;
}

/* Where the arm of a union begins: behind the discriminant, aligned to this and to its own alignment. */
static inline size_t walk_arm_align(const struct ndr_type *t, enum ndr_syntax syntax)
{
    return syntax == NDR_SYNTAX_NDR64 || t->flags & NDR_T_MS_UNION ? t->align[syntax] : 1;
}

/* The conformant array or string at the end of a conformant structure, which may be some structures deep. */
static inline const struct ndr_type *walk_last(const struct ndr_interface *in, const struct ndr_type *t)
{
    while (t->kind == NDR_STRUCT)
        t = walk_type(in, in->fields[t->first + t->members - 1].type);
    return t;
}

static inline bool walk_in_range(const struct ndr_interface *in, uint16_t range, int64_t v)
{
    return v >= in->ranges[range].low && v <= in->ranges[range].high;
}

/* A number as a type holds it, by width and sign. */
static inline int64_t walk_cast(const struct ndr_type *t, int64_t v)
{
    switch (t->kind) {
    case NDR_INT8:
        return (int8_t)v;
    case NDR_UINT8:
    case NDR_CHAR:
        return (uint8_t)v;
    case NDR_INT16:
        return (int16_t)v;
    case NDR_UINT16:
    case NDR_WCHAR:
        return (uint16_t)v;
    case NDR_INT32:
    case NDR_ENUM16:
    case NDR_ENUM32:
        return (int32_t)v;
    case NDR_UINT32:
        return (uint32_t)v;
    default:
        return v;
    }
}

/*
 * Host structures, trusted.
 */
struct walk_host {
    const struct ndr_interface *in;
    const struct ndr_field *fields;
    unsigned members;
    const uint8_t *base;
    struct walk_scope s; /* known: 0 until it is needed */
};

static inline void walk_host_init(struct walk_host *h, const struct ndr_interface *in, uint16_t first,
                                  uint16_t members, const void *base)
{
    h->in = in;
    h->fields = &in->fields[first];
    h->members = members;
    h->base = base;
    h->s.known = 0;
}

static inline const void *walk_pointer(const void *host)
{
    const void *p;

    memcpy(&p, host, sizeof(p));
    return p;
}

/* Value of a scalar; 0 for what is no integer. */
int64_t walk_value(const struct ndr_type *t, const void *host);

/* False: no such value. */
bool walk_host_eval(struct walk_host *h, uint16_t expr, int64_t *out);

/* Elements of an array or string: `max` has room for them, `actual` are there. False: impossible. `host` is
 * the first element. */
bool walk_host_counts(struct walk_host *h, const struct ndr_type *t, const void *host, uint64_t *max,
                      uint64_t *actual);

/* The same for the array that ends a conformant structure. */
bool walk_host_last(const struct ndr_interface *in, const struct ndr_type *t, const void *host, uint64_t *max,
                    uint64_t *actual);

/* Units of a zero-terminated string, terminator included; limit + 1 when it has none in `limit` units. */
static inline size_t walk_units16(const uint16_t *s, size_t limit)
{
    const uint16_t *at = s;

    while (limit >= 4) {
        if (!at[0])
            return (size_t)(at - s) + 1;
        if (!at[1])
            return (size_t)(at - s) + 2;
        if (!at[2])
            return (size_t)(at - s) + 3;
        if (!at[3])
            return (size_t)(at - s) + 4;
        at += 4;
        limit -= 4;
    }
    while (limit && *at) {
        at++;
        limit--;
    }
    return (size_t)(at - s) + 1;
}

#endif
