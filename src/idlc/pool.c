/* SPDX-License-Identifier: MIT */
/*
 * The pools of the tables. Index 0 of each is reserved. All indexes fit 16 bits, because nothing is appended
 * to a pool that is full.
 */
#include "idlc/build.h"

#include <string.h>

#define POOL_MAX 65535

static void full(struct idlc_tables *t, const char *what)
{
    idlc_error(t->c, t->interface->place,
               "%s of the interface do not fit 16 bits (at most %d): cut the interface into two files", what,
               POOL_MAX);
    idlc_fatal(t->c);
}

#define RESERVE(t, pool, singular, extra, what)                                                    \
    do {                                                                                           \
        if ((extra) > POOL_MAX - (t)->singular##_count)                                            \
            full(t, what);                                                                         \
        (t)->pool = idlc_grow((t)->c, (t)->pool, (t)->singular##_count, &(t)->singular##_capacity, \
                              (t)->singular##_count + (extra), sizeof(*(t)->pool));                \
    } while (0)

void idlc_pool_init(struct idlc_tables *t)
{
    RESERVE(t, rows, row, 1, "the types");
    t->rows[t->row_count++] = (struct idlc_row){.host_len = "0", .label = "none", .laid_out = true};
    RESERVE(t, members, member, 1, "the members");
    t->members[t->member_count++] = (struct idlc_member_row){.container = NULL};
    RESERVE(t, arms, arm, 1, "the arms");
    t->arms[t->arm_count++] = (struct ndr_arm){0};
    RESERVE(t, ops, op, 1, "the expressions");
    t->ops[t->op_count++] = (struct ndr_op){0};
    RESERVE(t, ranges, range, 1, "the ranges");
    t->ranges[t->range_count++] = (struct ndr_range){0, 0};
    t->names = idlc_grow(t->c, NULL, 0, &t->names_capacity, 1, 1);
    t->names[t->names_len++] = '\0';
}

uint16_t idlc_pool_name(struct idlc_tables *t, struct idlc_text name)
{
    size_t at = 1;

    if (!name.len)
        return 0;
    while (at < t->names_len) {
        size_t len = strlen(t->names + at);

        if (len == name.len && !memcmp(t->names + at, name.at, len))
            return (uint16_t)at;
        at += len + 1;
    }
    if (name.len + 1 > POOL_MAX - t->names_len)
        full(t, "the names");
    t->names = idlc_grow(t->c, t->names, t->names_len, &t->names_capacity, t->names_len + name.len + 1, 1);
    memcpy(t->names + at, name.at, name.len);
    t->names[at + name.len] = '\0';
    t->names_len += name.len + 1;
    return (uint16_t)at;
}

uint16_t idlc_pool_range(struct idlc_tables *t, int64_t low, int64_t high)
{
    for (size_t i = 1; i < t->range_count; i++)
        if (t->ranges[i].low == low && t->ranges[i].high == high)
            return (uint16_t)i;
    RESERVE(t, ranges, range, 1, "the ranges");
    t->ranges[t->range_count] = (struct ndr_range){low, high};
    return (uint16_t)t->range_count++;
}

uint16_t idlc_pool_new_row(struct idlc_tables *t, struct idlc_row row)
{
    RESERVE(t, rows, row, 1, "the types");
    t->rows[t->row_count] = row;
    return (uint16_t)t->row_count++;
}

static bool same_row(const struct idlc_row *a, const struct idlc_row *b)
{
    const struct ndr_type *x = &a->type, *y = &b->type;

    return x->kind == y->kind && x->flags == y->flags && x->count == y->count && x->first == y->first &&
           x->members == y->members && x->target == y->target && x->expr[0] == y->expr[0] &&
           x->expr[1] == y->expr[1] && x->range == y->range && x->name == y->name && a->record == b->record;
}

uint16_t idlc_pool_row(struct idlc_tables *t, struct idlc_row row)
{
    for (size_t i = 1; i < t->row_count; i++)
        if (same_row(&t->rows[i], &row))
            return (uint16_t)i;
    return idlc_pool_new_row(t, row);
}

uint16_t idlc_pool_members(struct idlc_tables *t, const struct idlc_member_row *rows, size_t count)
{
    size_t first = t->member_count;

    if (!count)
        return 0;
    RESERVE(t, members, member, count, "the members");
    memcpy(t->members + first, rows, count * sizeof(*rows));
    t->member_count += count;
    return (uint16_t)first;
}

uint16_t idlc_pool_arms(struct idlc_tables *t, const struct ndr_arm *arms, size_t count)
{
    size_t first = t->arm_count;

    if (!count)
        return 0;
    RESERVE(t, arms, arm, count, "the arms");
    memcpy(t->arms + first, arms, count * sizeof(*arms));
    t->arm_count += count;
    return (uint16_t)first;
}

static bool same_ops(const struct ndr_op *a, const struct ndr_op *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i].op != b[i].op || a[i].value != b[i].value)
            return false;
    return true;
}

uint16_t idlc_pool_ops(struct idlc_tables *t, const struct ndr_op *ops, size_t count)
{
    size_t first = t->op_count;

    for (size_t i = 1; i + count <= t->op_count; i++)
        if (same_ops(t->ops + i, ops, count))
            return (uint16_t)i;
    RESERVE(t, ops, op, count, "the expressions");
    memcpy(t->ops + first, ops, count * sizeof(*ops));
    t->op_count += count;
    return (uint16_t)first;
}
