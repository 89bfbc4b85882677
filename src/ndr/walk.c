/* SPDX-License-Identifier: MIT */
/*
 * Expressions of attributes (size_is, length_is, switch_is) and the host side of scopes.
 *
 * Invariant: an expression either gives the exact 64-bit value or none at all.
 */
#include "ndr/walk.h"

#define STACK_DEPTH 16

static bool apply(unsigned op, int64_t a, int64_t b, int64_t *out)
{
    switch (op) {
    case NDR_OP_ADD:
        return !__builtin_add_overflow(a, b, out);
    case NDR_OP_SUB:
        return !__builtin_sub_overflow(a, b, out);
    case NDR_OP_MUL:
        return !__builtin_mul_overflow(a, b, out);
    case NDR_OP_DIV:
        return b && !(a == INT64_MIN && b == -1) && (*out = a / b, true);
    case NDR_OP_MOD:
        return b && !(a == INT64_MIN && b == -1) && (*out = a % b, true);
    case NDR_OP_SHL:
        return b >= 0 && b < 63 && !__builtin_mul_overflow(a, (int64_t)1 << b, out);
    case NDR_OP_SHR:
        return b >= 0 && b < 64 && (*out = a >> b, true);
    case NDR_OP_AND:
        return *out = a & b, true;
    case NDR_OP_OR:
        return *out = a | b, true;
    case NDR_OP_XOR:
        return *out = a ^ b, true;
    default:
        return false;
    }
}

enum walk_eval walk_eval_ops(const struct ndr_op *op, const struct walk_scope *s, int64_t *out)
{
    int64_t stack[STACK_DEPTH];
    unsigned n = 0;

    for (; op->op != NDR_OP_END; op++) {
        switch (op->op) {
        case NDR_OP_SLOT:
            if (!(s->known >> op->value & 1))
                return WALK_UNKNOWN;
            if (n == STACK_DEPTH)
                return WALK_BAD;
            stack[n++] = s->value[op->value];
            break;
        case NDR_OP_CONST:
            if (n == STACK_DEPTH)
                return WALK_BAD;
            stack[n++] = op->value;
            break;
        case NDR_OP_NOT:
        case NDR_OP_NEG:
            if (n < 1 || (op->op == NDR_OP_NEG && stack[n - 1] == INT64_MIN))
                return WALK_BAD;
            stack[n - 1] = op->op == NDR_OP_NOT ? ~stack[n - 1] : -stack[n - 1];
            break;
        default:
            if (n < 2 || !apply(op->op, stack[n - 2], stack[n - 1], &stack[n - 2]))
                return WALK_BAD;
            n--;
        }
    }
    if (n != 1)
        return WALK_BAD;
    *out = stack[0];
    return WALK_OK;
}

int64_t walk_value(const struct ndr_type *t, const void *host)
{
    union {
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
        uint64_t u64;
    } v;

    switch (t->kind) {
    case NDR_INT8:
    case NDR_UINT8:
    case NDR_CHAR:
        memcpy(&v.u8, host, sizeof(v.u8));
        return walk_cast(t, v.u8);
    case NDR_INT16:
    case NDR_UINT16:
    case NDR_WCHAR:
        memcpy(&v.u16, host, sizeof(v.u16));
        return walk_cast(t, v.u16);
    case NDR_INT32:
    case NDR_UINT32:
    case NDR_ENUM16:
    case NDR_ENUM32:
        memcpy(&v.u32, host, sizeof(v.u32));
        return walk_cast(t, v.u32);
    case NDR_INT64:
    case NDR_UINT64:
    case NDR_UINTPTR:
        memcpy(&v.u64, host, sizeof(v.u64));
        return (int64_t)v.u64;
    default:
        return 0;
    }
}

static void gather(struct walk_host *h)
{
    for (unsigned i = 0; i < h->members; i++) {
        const struct ndr_field *f = &h->fields[i];
        const void *host = h->base + f->host_offset;
        const struct ndr_type *t = walk_type(h->in, f->type);

        if (!f->slot)
            continue;
        if (t->kind == NDR_POINTER) {
            host = walk_pointer(host);
            t = walk_type(h->in, t->target);
        }
        h->s.value[f->slot - 1] = host ? walk_value(t, host) : 0;
        h->s.known |= 1u << (f->slot - 1);
    }
}

bool walk_host_eval(struct walk_host *h, uint16_t expr, int64_t *out)
{
    if (!h->s.known)
        gather(h);
    return walk_eval(h->in, expr, &h->s, out) == WALK_OK;
}

static size_t string_units(const struct ndr_type *t, const struct ndr_interface *in, const void *host,
                           size_t limit)
{
    if (walk_type(in, t->target)->host_len == 2)
        return walk_units16(host, limit);
    return strnlen(host, limit) + 1;
}

bool walk_host_counts(struct walk_host *h, const struct ndr_type *t, const void *host, uint64_t *max,
                      uint64_t *actual)
{
    bool bounded = true;
    int64_t v;

    if (!(t->flags & NDR_T_CONFORMANT)) {
        *max = t->count;
    } else if (t->expr[0]) {
        if (!walk_host_eval(h, t->expr[0], &v) || v < 0 || v > UINT32_MAX)
            return false;
        *max = (uint64_t)v;
    } else {
        bounded = false;
        *max = UINT32_MAX;
    }
    *actual = *max;
    if (t->kind == NDR_STRING) {
        *actual = string_units(t, h->in, host, *max);
        if (!bounded)
            *max = *actual;
    } else if (t->expr[1]) {
        if (!walk_host_eval(h, t->expr[1], &v) || v < 0)
            return false;
        *actual = (uint64_t)v;
    }
    if (t->range && !walk_in_range(h->in, t->range, (int64_t)(t->flags & NDR_T_CONFORMANT ? *max : *actual)))
        return false;
    return *actual <= *max && *max <= UINT32_MAX;
}

bool walk_host_last(const struct ndr_interface *in, const struct ndr_type *t, const void *host, uint64_t *max,
                    uint64_t *actual)
{
    const uint8_t *at = host;
    struct walk_host h;

    while (t->kind == NDR_STRUCT) {
        const struct ndr_field *f = &in->fields[t->first + t->members - 1];

        walk_host_init(&h, in, t->first, t->members, at);
        at += f->host_offset;
        t = walk_type(in, f->type);
    }
    return walk_host_counts(&h, t, at, max, actual);
}
