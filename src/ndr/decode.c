/* SPDX-License-Identifier: MIT */
/*
 * Stub bytes to host values: the only code that touches hostile stub bytes. C706 14.2 and 14.3, [MS-RPCE]
 * 2.2.4 and 2.2.5.
 *
 * On the wire an outermost value is its inline part followed by what its pointers refer to, depth first. Two
 * readers walk these at once: `flat` inside the inline part, whose end is found first (skip), and `d->r`
 * behind it, where the referents are. So each pointer is followed where it is met, nothing is queued, and
 * no host memory is ever read back.
 *
 * Invariants: all bytes come from the two readers; `flat` never reaches past the inline part that was proved
 * to be there; a count is proved against the bytes left before it is multiplied out into host memory, and
 * host memory is charged against a budget before it is asked for; values that attributes refer to are held
 * back in the scope when they are read.
 */
#include "ndr/ndr.h"
#include "ndr/walk.h"

#include <errno.h>

/* Attributes that refer to values not read yet, all open scopes together. */
#define MAX_LATE 64

struct late {
    uint16_t expr;
    int64_t value; /* what the wire said; the expression must give the same */
};

struct decoder {
    const struct ndr_interface *in;
    struct arena *arena;
    struct reader r; /* behind the inline part: what referents are read from */
    size_t budget;   /* host bytes that may still be allocated */
    int64_t value;   /* of the scalar read last; of a pointer to a scalar: the scalar, or 0 */
    enum ndr_syntax syntax;
    unsigned depth, late_count;
    struct late late[MAX_LATE];
};

static const uint64_t empty[2]; /* where pointers to nothing point */

static int inline_part(struct decoder *d, const struct ndr_type *t, struct reader *flat, struct walk_scope *s,
                       uint64_t max, void *host);
static int pointee(struct decoder *d, const struct ndr_type *t, struct walk_scope *s, void *slot);
static int skip(struct decoder *d, const struct ndr_type *t, struct reader *r, uint64_t max);

static int allocate(struct decoder *d, uint64_t count, size_t len, size_t align, void **out)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, len ? len : 1, &bytes) || bytes > d->budget)
        return NDR_E_LIMIT;
    d->budget -= bytes;
    *out = arena_alloc(d->arena, bytes, align);
    if (walk_likely(*out))
        return 0;
    return bytes > d->arena->limit - d->arena->total ? NDR_E_LIMIT : -ENOMEM;
}

static inline void put_pointer(void *slot, const void *p)
{
    memcpy(slot, &p, sizeof(p));
}

static inline void hold(struct walk_scope *s, const struct ndr_field *f, int64_t value)
{
    s->value[f->slot - 1] = value;
    s->known |= 1u << (f->slot - 1);
}

/* The wire said `value` where the interface says `expr`. */
static inline int agree(struct decoder *d, const struct walk_scope *s, uint16_t expr, uint64_t value)
{
    int64_t expected;

    switch (walk_eval(d->in, expr, s, &expected)) {
    case WALK_OK:
        return (uint64_t)expected == value ? 0 : NDR_E_MALFORMED;
    case WALK_UNKNOWN:
        if (d->late_count == MAX_LATE)
            return NDR_E_LIMIT;
        d->late[d->late_count++] = (struct late){expr, (int64_t)value};
        return 0;
    default:
        return NDR_E_MALFORMED;
    }
}

/* At the end of a scope: what it had to leave open since `mark`. */
static int agree_late(struct decoder *d, const struct walk_scope *s, unsigned mark)
{
    while (d->late_count > mark) {
        const struct late *l = &d->late[--d->late_count];
        int64_t expected;

        if (walk_eval(d->in, l->expr, s, &expected) != WALK_OK || expected != l->value)
            return NDR_E_MALFORMED;
    }
    return 0;
}

/* A scalar from the wire into `host`, its value into d->value. `host` may be NULL: only the value. */
static inline int scalar(struct decoder *d, const struct ndr_type *t, struct reader *r, void *host)
{
    size_t width = t->min[d->syntax];
    const uint8_t *p = reader_take_aligned(r, t->align[d->syntax], width);
    uint64_t v = 0;

    if (walk_unlikely(!p))
        return NDR_E_MALFORMED;
    if (width == 4)
        memcpy(&v, p, 4);
    else if (width == 2)
        memcpy(&v, p, 2);
    else if (width == 1)
        v = *p;
    else if (width == 8)
        memcpy(&v, p, 8);
    if (t->kind == NDR_ENUM16 && v > WALK_ENUM16_MAX)
        return NDR_E_MALFORMED;
    d->value = walk_cast(t, (int64_t)v);
    if (host && t->host_len == 4)
        memcpy(host, &v, 4);
    else if (host && t->host_len == 2)
        memcpy(host, &v, 2);
    else if (host && t->host_len == 1)
        memcpy(host, &v, 1);
    else if (host && t->host_len == 8)
        memcpy(host, &v, 8);
    return t->range && !walk_in_range(d->in, t->range, d->value) ? NDR_E_MALFORMED : 0;
}

struct counts {
    uint64_t max, actual;
};

/* What stands before the elements: max_count (when `leading`: of a referent, not hoisted), offset and
 * actual_count. */
static inline int counts(struct decoder *d, const struct ndr_type *t, struct reader *r, bool leading,
                         struct counts *c)
{
    size_t width = d->syntax == NDR_SYNTAX_NDR20 ? 4 : 8;
    bool with_max = leading && t->flags & NDR_T_CONFORMANT, varying = t->flags & NDR_T_VARYING;
    size_t n = (with_max ? 1u : 0u) + (varying ? 2u : 0u);
    uint64_t word[3] = {0}, *w = word;
    const uint8_t *p;

    if (!(t->flags & NDR_T_CONFORMANT))
        c->max = t->count;
    if (n) {
        p = reader_take_aligned(r, width, n * width);
        if (walk_unlikely(!p))
            return NDR_E_MALFORMED;
        for (size_t i = 0; i < n; i++)
            memcpy(&word[i], p + i * width, width);
    }
    if (with_max)
        c->max = *w++;
    c->actual = c->max;
    if (varying) {
        c->actual = w[1];
        if (w[0] != 0 || c->actual > c->max)
            return NDR_E_MALFORMED;
    }
    return 0;
}

static inline int check_counts(struct decoder *d, const struct ndr_type *t, const struct walk_scope *s,
                               const struct counts *c)
{
    int r = 0;

    if (t->flags & NDR_T_CONFORMANT && t->expr[0])
        r = agree(d, s, t->expr[0], c->max);
    if (!r && t->flags & NDR_T_VARYING && t->kind == NDR_ARRAY && t->expr[1])
        r = agree(d, s, t->expr[1], c->actual);
    if (t->range &&
        !walk_in_range(d->in, t->range, (int64_t)(t->flags & NDR_T_CONFORMANT ? c->max : c->actual)))
        return NDR_E_MALFORMED;
    return r;
}

/* The bytes of `count` plain elements; a string must have its terminator there. */
static inline const uint8_t *take_plain(struct decoder *d, const struct ndr_type *array,
                                        const struct ndr_type *t, struct reader *r, uint64_t count)
{
    size_t width = t->min[d->syntax], len;
    const uint8_t *p;

    if (__builtin_mul_overflow(count, width, &len))
        return NULL;
    p = reader_take_aligned(r, t->align[d->syntax], len);
    if (!p || array->kind != NDR_STRING)
        return p;
    if (p[len - width] || (width == 2 && p[len - 1]))
        return NULL;
    return p;
}

/* Move `r` behind the inline parts of `count` elements. */
static int skip_elements(struct decoder *d, const struct ndr_type *t, struct reader *r, uint64_t count)
{
    size_t align = t->align[d->syntax], min = t->min[d->syntax], len;

    if (!count)
        return 0;
    if (!min && count > d->budget) /* without bytes on the wire; there are always some in the host */
        return NDR_E_LIMIT;
    if (t->flags & NDR_T_FIXED || t->kind <= NDR_LAST_SCALAR) {
        if (__builtin_mul_overflow(count - 1, (min + align - 1) & ~(align - 1), &len) ||
            __builtin_add_overflow(len, min, &len))
            return NDR_E_MALFORMED;
        return reader_take_aligned(r, align, len) ? 0 : NDR_E_MALFORMED;
    }
    if (min && count > reader_left(r) / min)
        return NDR_E_MALFORMED;
    for (uint64_t i = 0; i < count; i++) {
        int e = skip(d, t, r, 0);

        if (e)
            return e;
    }
    return 0;
}

static int skip_arm(struct decoder *d, const struct ndr_type *t, struct reader *r, int64_t value)
{
    const struct ndr_arm *arm = walk_arm(d->in, t, value);

    if (!arm)
        return NDR_E_MALFORMED;
    reader_align(r, walk_arm_align(t, d->syntax));
    if (r->failed)
        return NDR_E_MALFORMED;
    return arm->type ? skip(d, walk_type(d->in, arm->type), r, 0) : 0;
}

static int skip_structure(struct decoder *d, const struct ndr_type *t, struct reader *r, uint64_t max)
{
    const struct ndr_field *f = &d->in->fields[t->first];
    int e = 0;

    reader_align(r, t->align[d->syntax]);
    if (t->flags & NDR_T_ENCAPSULATED) {
        e = scalar(d, walk_type(d->in, f[0].type), r, NULL);
        if (!e)
            e = skip_arm(d, walk_type(d->in, f[1].type), r, d->value);
    } else {
        for (unsigned i = 0; i < t->members && !e; i++)
            e = skip(d, walk_type(d->in, f[i].type), r, max);
    }
    if (d->syntax == NDR_SYNTAX_NDR64)
        reader_align(r, t->align[NDR_SYNTAX_NDR64]);
    return e ? e : r->failed ? NDR_E_MALFORMED : 0;
}

/* Move `r` behind the inline part of a value. `max`: its hoisted max_count. */
static int skip(struct decoder *d, const struct ndr_type *t, struct reader *r, uint64_t max)
{
    struct counts c = {max, 0};
    int e;

    if (t->flags & NDR_T_FIXED)
        return reader_take_aligned(r, t->align[d->syntax], t->min[d->syntax]) ? 0 : NDR_E_MALFORMED;
    switch (t->kind) {
    case NDR_STRUCT:
        return skip_structure(d, t, r, max);
    case NDR_UNION:
        if (d->syntax == NDR_SYNTAX_NDR64)
            reader_align(r, t->align[NDR_SYNTAX_NDR64]);
        e = scalar(d, walk_type(d->in, t->target), r, NULL);
        return e ? e : skip_arm(d, t, r, d->value);
    case NDR_ARRAY:
    case NDR_STRING:
        e = counts(d, t, r, false, &c);
        return e ? e : skip_elements(d, walk_type(d->in, t->target), r, c.actual);
    default:
        return reader_take_aligned(r, t->align[d->syntax], t->min[d->syntax]) ? 0 : NDR_E_MALFORMED;
    }
}

/* The elements of an array or string that is part of its host structure. */
static int inline_array(struct decoder *d, const struct ndr_type *t, struct reader *flat,
                        struct walk_scope *s, uint64_t max, void *host)
{
    const struct ndr_type *element = walk_type(d->in, t->target);
    struct counts c = {max, 0};
    int e = counts(d, t, flat, false, &c);

    if (!e)
        e = check_counts(d, t, s, &c);
    if (e)
        return e;
    if (!c.actual)
        return t->kind == NDR_STRING ? NDR_E_MALFORMED : 0;
    if (walk_is_plain(element) || t->kind == NDR_STRING) {
        const uint8_t *p = take_plain(d, t, element, flat, c.actual);

        if (!p)
            return NDR_E_MALFORMED;
        memcpy(host, p, c.actual * element->host_len);
        return 0;
    }
    for (uint64_t i = 0; i < c.actual && !e; i++)
        e = inline_part(d, element, flat, s, 0, (uint8_t *)host + i * element->host_len);
    return e;
}

/* An array or string that a pointer refers to. */
static inline int pointed_array(struct decoder *d, const struct ndr_type *t, struct walk_scope *s, void *slot)
{
    const struct ndr_type *element = walk_type(d->in, t->target);
    struct counts c = {0, 0};
    struct reader flat;
    void *host;
    int e = counts(d, t, &d->r, true, &c);

    if (walk_unlikely(e) || walk_unlikely(e = check_counts(d, t, s, &c)))
        return e;
    put_pointer(slot, empty);
    if (!c.actual)
        return t->kind == NDR_STRING ? NDR_E_MALFORMED : 0;
    if (walk_is_plain(element) || t->kind == NDR_STRING) {
        const uint8_t *p = take_plain(d, t, element, &d->r, c.actual);

        if (walk_unlikely(!p))
            return NDR_E_MALFORMED;
        if (walk_likely(!((uintptr_t)p & (element->host_len - 1u)))) {
            put_pointer(slot, p);
            return 0;
        }
        e = allocate(d, c.actual, element->host_len, element->host_len, &host);
        if (e)
            return e;
        memcpy(host, p, c.actual * element->host_len);
        put_pointer(slot, host);
        return 0;
    }
    flat = d->r;
    e = skip_elements(d, element, &d->r, c.actual);
    if (!e)
        e = allocate(d, c.actual, element->host_len, 8, &host);
    if (e)
        return e;
    flat.end = d->r.at;
    put_pointer(slot, host);
    for (uint64_t i = 0; i < c.actual && !e; i++)
        e = inline_part(d, element, &flat, s, 0, (uint8_t *)host + i * element->host_len);
    return e;
}

/* The inline part is proved first, so `flat` cannot meet the referents. */
static int construct(struct decoder *d, const struct ndr_type *t, struct walk_scope *s, uint64_t max,
                     void *host)
{
    struct reader flat = d->r;
    int e = skip(d, t, &d->r, max);

    if (e)
        return e;
    flat.end = d->r.at;
    return inline_part(d, t, &flat, s, max, host);
}

static int pointed_value(struct decoder *d, const struct ndr_type *t, struct walk_scope *s, void *slot)
{
    struct reader proof;
    size_t extra = 0;
    struct counts c = {0, 0};
    void *host;
    int e;

    if (t->flags & NDR_T_CONFORMANT) {
        size_t width = d->syntax == NDR_SYNTAX_NDR20 ? 4 : 8;
        const uint8_t *p = reader_take_aligned(&d->r, width, width);

        if (!p)
            return NDR_E_MALFORMED;
        memcpy(&c.max, p, width);
        proof = d->r;
        e = skip(d, t, &proof, c.max);
        if (e)
            return e;
        if (__builtin_mul_overflow(c.max, walk_type(d->in, walk_last(d->in, t)->target)->host_len, &extra) ||
            extra > d->budget)
            return NDR_E_LIMIT;
    }
    e = allocate(d, 1, t->host_len + extra, 8, &host);
    if (e)
        return e;
    put_pointer(slot, host);
    return construct(d, t, s, c.max, host);
}

static int pointee(struct decoder *d, const struct ndr_type *t, struct walk_scope *s, void *slot)
{
    int e;

    if (walk_unlikely(d->depth == NDR_MAX_DEPTH))
        return NDR_E_LIMIT;
    d->depth++;
    if (t->kind == NDR_ARRAY || t->kind == NDR_STRING)
        e = pointed_array(d, t, s, slot);
    else
        e = pointed_value(d, t, s, slot);
    d->depth--;
    return e;
}

/* The pointer's own bytes are in `flat`, what it refers to is next in d->r. */
static inline int pointer(struct decoder *d, const struct ndr_type *t, struct reader *flat,
                          struct walk_scope *s, void *slot)
{
    size_t width = d->syntax == NDR_SYNTAX_NDR20 ? 4 : 8;
    const uint8_t *p = reader_take_aligned(flat, width, width);
    uint64_t id = 0;

    if (walk_unlikely(!p))
        return NDR_E_MALFORMED;
    memcpy(&id, p, width);
    if (id)
        return pointee(d, walk_type(d->in, t->target), s, slot);
    put_pointer(slot, NULL);
    d->value = 0;
    return t->flags & NDR_T_REF ? NDR_E_MALFORMED : 0;
}

static int arm(struct decoder *d, const struct ndr_type *t, struct reader *flat, struct walk_scope *s,
               int64_t value, void *host)
{
    const struct ndr_arm *a = walk_arm(d->in, t, value);

    if (!a)
        return NDR_E_MALFORMED;
    reader_align(flat, walk_arm_align(t, d->syntax));
    return a->type ? inline_part(d, walk_type(d->in, a->type), flat, s, 0, host) : 0;
}

/* A union with its own discriminant on the wire, which must be the value of switch_is. */
static int switched(struct decoder *d, const struct ndr_type *t, struct reader *flat, struct walk_scope *s,
                    void *host)
{
    int64_t value;
    int e;

    if (d->syntax == NDR_SYNTAX_NDR64)
        reader_align(flat, t->align[NDR_SYNTAX_NDR64]);
    e = scalar(d, walk_type(d->in, t->target), flat, NULL);
    value = d->value;
    if (!e)
        e = agree(d, s, t->expr[0], (uint64_t)value);
    return e ? e : arm(d, t, flat, s, value, host);
}

static int structure(struct decoder *d, const struct ndr_type *t, struct reader *flat, uint64_t max,
                     void *host)
{
    const struct ndr_field *f = &d->in->fields[t->first], *end = f + t->members;
    unsigned mark = d->late_count;
    struct walk_scope s;
    int e;

    s.known = 0;
    reader_align(flat, t->align[d->syntax]);
    for (; f < end; f++) {
        const struct ndr_type *ft = walk_type(d->in, f->type);
        void *at = (uint8_t *)host + f->host_offset;

        if (ft->kind <= NDR_LAST_SCALAR)
            e = scalar(d, ft, flat, at);
        else if (ft->kind == NDR_POINTER)
            e = pointer(d, ft, flat, &s, at);
        else if (t->flags & NDR_T_ENCAPSULATED)
            e = arm(d, ft, flat, &s, d->value, at);
        else
            e = inline_part(d, ft, flat, &s, max, at);
        if (walk_unlikely(e))
            return e;
        if (f->slot)
            hold(&s, f, d->value);
    }
    if (d->syntax == NDR_SYNTAX_NDR64)
        reader_align(flat, t->align[NDR_SYNTAX_NDR64]);
    if (walk_unlikely(d->late_count != mark))
        return agree_late(d, &s, mark);
    return 0;
}

/* `max`: hoisted max_count, for what is conformant. */
static int inline_part(struct decoder *d, const struct ndr_type *t, struct reader *flat, struct walk_scope *s,
                       uint64_t max, void *host)
{
    const uint8_t *p;

    switch (t->kind) {
    case NDR_STRUCT:
        return structure(d, t, flat, max, host);
    case NDR_POINTER:
        return pointer(d, t, flat, s, host);
    case NDR_UNION:
        return switched(d, t, flat, s, host);
    case NDR_ARRAY:
    case NDR_STRING:
        return inline_array(d, t, flat, s, max, host);
    case NDR_CONTEXT:
        p = reader_take_aligned(flat, 4, sizeof(struct ndr_context_handle));
        if (!p)
            return NDR_E_MALFORMED;
        memcpy(host, p, sizeof(struct ndr_context_handle));
        return 0;
    default:
        return scalar(d, t, flat, host);
    }
}

static void begin(struct decoder *d, const struct ndr_interface *interface, enum ndr_syntax syntax,
                  const void *stub, size_t stub_len, struct arena *arena)
{
    d->in = interface;
    d->arena = arena;
    d->syntax = syntax;
    d->depth = d->late_count = 0;
    d->value = 0;
    /* the arena rounds up and doubles: a quarter of what the contract allows */
    if (__builtin_mul_overflow(stub_len, NDR_MEMORY_FACTOR / 4, &d->budget) ||
        __builtin_add_overflow(d->budget, NDR_MEMORY_BASE / 4, &d->budget))
        d->budget = SIZE_MAX;
    reader_init(&d->r, stub, stub_len);
    if (stub_len > 1024) /* structures of values are seldom longer than on the wire, text is left there */
        arena_expect(arena, stub_len + 256);
}

/* A top-level [ref] pointer is not on the wire, and what any pointer refers to follows at once. */
static int top(struct decoder *d, const struct ndr_type *t, struct walk_scope *s, void *host)
{
    if (t->kind == NDR_POINTER)
        return t->flags & NDR_T_REF ? pointee(d, walk_type(d->in, t->target), s, host)
                                    : pointer(d, t, &d->r, s, host);
    if (t->kind <= NDR_LAST_SCALAR)
        return scalar(d, t, &d->r, host);
    if (t->flags & NDR_T_CONFORMANT) /* its length is not known, so `host` cannot have room for it */
        return NDR_E_MALFORMED;
    return construct(d, t, s, 0, host);
}

static int parameters(struct decoder *d, const struct ndr_proc *proc, uint8_t direction, void *params)
{
    const struct ndr_field *fields = &d->in->fields[proc->first];
    struct walk_scope s = {.known = 0};
    int e;

    for (unsigned i = 0; i < proc->members && direction == NDR_F_OUT; i++) {
        const struct ndr_field *f = &fields[i];
        const struct ndr_type *t = walk_type(d->in, f->type);
        const void *sent = (const uint8_t *)params + f->host_offset;

        if (!f->slot || f->flags & NDR_F_OUT)
            continue;
        if (t->kind == NDR_POINTER) {
            t = walk_type(d->in, t->target);
            sent = walk_pointer(sent);
        }
        hold(&s, f, sent ? walk_value(t, sent) : 0);
    }
    for (unsigned i = 0; i < proc->members; i++) {
        const struct ndr_field *f = &fields[i];

        if (!(f->flags & direction))
            continue;
        e = top(d, walk_type(d->in, f->type), &s, (uint8_t *)params + f->host_offset);
        if (e)
            return e;
        if (f->slot)
            hold(&s, f, d->value);
    }
    return agree_late(d, &s, 0);
}

int ndr_decode(const struct ndr_interface *interface, uint16_t opnum, uint8_t direction,
               enum ndr_syntax syntax, const void *stub, size_t stub_len, struct arena *arena, void *params,
               size_t *used)
{
    struct decoder d;
    int e;

    begin(&d, interface, syntax, stub, stub_len, arena);
    e = parameters(&d, &interface->procs[opnum], direction, params);
    *used = reader_offset(&d.r);
    return e;
}

int ndr_decode_type(const struct ndr_interface *interface, uint16_t type, enum ndr_syntax syntax,
                    const void *stub, size_t stub_len, struct arena *arena, void *host, size_t *used)
{
    struct walk_scope s = {.known = 0};
    struct decoder d;
    int e;

    begin(&d, interface, syntax, stub, stub_len, arena);
    e = top(&d, walk_type(interface, type), &s, host);
    if (!e)
        e = agree_late(&d, &s, 0);
    *used = reader_offset(&d.r);
    return e;
}
