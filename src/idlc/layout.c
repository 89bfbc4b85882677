/* SPDX-License-Identifier: MIT */
/*
 * Alignment and least length on the wire of every row, for both transfer syntaxes (C706 14.2, 14.3; [MS-RPCE]
 * 2.2.4.5 and 2.2.5). Types by value form no circle (the parser and record.c see to that) and what a pointer
 * leads to does not count, so the recursion ends.
 */
#include "idlc/build.h"

#define MIN_MAX 65535

static const struct {
    uint8_t align[NDR_SYNTAX_COUNT], len[NDR_SYNTAX_COUNT];
} scalars[] = {
    [NDR_INT8] = {{1, 1}, {1, 1}},      [NDR_UINT8] = {{1, 1}, {1, 1}},   [NDR_CHAR] = {{1, 1}, {1, 1}},
    [NDR_INT16] = {{2, 2}, {2, 2}},     [NDR_UINT16] = {{2, 2}, {2, 2}},  [NDR_WCHAR] = {{2, 2}, {2, 2}},
    [NDR_INT32] = {{4, 4}, {4, 4}},     [NDR_UINT32] = {{4, 4}, {4, 4}},  [NDR_INT64] = {{8, 8}, {8, 8}},
    [NDR_UINT64] = {{8, 8}, {8, 8}},    [NDR_FLOAT32] = {{4, 4}, {4, 4}}, [NDR_FLOAT64] = {{8, 8}, {8, 8}},
    [NDR_ENUM16] = {{2, 4}, {2, 4}},    [NDR_ENUM32] = {{4, 4}, {4, 4}},  [NDR_UINTPTR] = {{4, 8}, {4, 8}},
    [NDR_CONTEXT] = {{4, 4}, {20, 20}},
};

/* Of pointers and counts. */
static const uint8_t word[NDR_SYNTAX_COUNT] = {4, 8};

static uint64_t up(uint64_t value, uint8_t align)
{
    return (value + align - 1) & ~(uint64_t)(align - 1);
}

static void store(struct ndr_type *type, int syntax, uint8_t align, uint64_t len)
{
    type->align[syntax] = align;
    type->min[syntax] = (uint16_t)(len < MIN_MAX ? len : MIN_MAX);
}

static void lay_out(struct idlc_tables *t, uint16_t row);

/* FIXED: always the same length. */
static void settle(struct ndr_type *type, bool fixed)
{
    if (fixed && type->min[0] < MIN_MAX && type->min[1] < MIN_MAX)
        type->flags |= NDR_T_FIXED;
}

static void array(struct idlc_tables *t, struct ndr_type *type)
{
    const struct ndr_type *element;
    bool open = type->flags & NDR_T_CONFORMANT, varying = type->flags & NDR_T_VARYING;

    lay_out(t, type->target);
    element = &t->rows[type->target].type;
    for (int s = 0; s < NDR_SYNTAX_COUNT; s++) {
        uint8_t align = element->align[s];
        uint64_t len = 0;

        if ((varying || (open && !(type->flags & NDR_T_INLINE))) && align < word[s])
            align = word[s];
        if (open && !(type->flags & NDR_T_INLINE))
            len += word[s];
        if (varying)
            len += 2 * (uint64_t)word[s];
        if (!open && !varying)
            len = (type->count - 1) * up(element->min[s], element->align[s]) + element->min[s];
        store(type, s, align, len);
    }
    settle(type, !open && !varying && (element->flags & NDR_T_FIXED));
}

static void structure(struct idlc_tables *t, struct ndr_type *type)
{
    bool fixed = true;

    for (int s = 0; s < NDR_SYNTAX_COUNT; s++) {
        uint8_t align = 1;
        uint64_t len = 0;

        for (size_t i = type->first; i < (size_t)type->first + type->members; i++) {
            const struct ndr_type *member;

            lay_out(t, t->members[i].field.type);
            member = &t->rows[t->members[i].field.type].type;
            fixed = fixed && (member->flags & NDR_T_FIXED);
            if (member->align[s] > align)
                align = member->align[s];
            len = up(len, member->align[s]) + member->min[s];
        }
        if (s == NDR_SYNTAX_NDR64 && !(type->flags & NDR_T_CONFORMANT))
            len = up(len, align);
        store(type, s, align, len);
    }
    settle(type, fixed);
}

/* The tag is the discriminant of the union: once on the wire. */
static void encapsulated(struct idlc_tables *t, struct ndr_type *type)
{
    const struct ndr_type *inner;
    uint16_t row = t->members[type->first + 1].field.type;

    lay_out(t, t->members[type->first].field.type);
    lay_out(t, row);
    inner = &t->rows[row].type;
    for (int s = 0; s < NDR_SYNTAX_COUNT; s++)
        store(type, s, inner->align[s], inner->min[s]);
}

static void discriminated(struct idlc_tables *t, struct ndr_type *type)
{
    for (int s = 0; s < NDR_SYNTAX_COUNT; s++) {
        uint64_t len = UINT64_MAX, tag_len = 0;
        uint8_t align = 1;
        bool empty = !type->members;

        if (type->target) {
            lay_out(t, type->target);
            align = t->rows[type->target].type.align[s];
            tag_len = t->rows[type->target].type.min[s];
        }
        for (size_t i = type->first; i < (size_t)type->first + type->members; i++) {
            const struct ndr_type *arm = &t->rows[t->arms[i].type].type;

            empty = empty || !t->arms[i].type;
            lay_out(t, t->arms[i].type);
            if (t->arms[i].type && arm->align[s] > align)
                align = arm->align[s];
            if (arm->min[s] < len)
                len = arm->min[s];
        }
        if (empty)
            len = tag_len;
        else
            len += s == NDR_SYNTAX_NDR64 ? up(tag_len, align) : tag_len;
        store(type, s, align, len);
    }
}

static void lay_out(struct idlc_tables *t, uint16_t index)
{
    struct idlc_row *row = &t->rows[index];
    struct ndr_type *type = &row->type;

    if (row->laid_out)
        return;
    row->laid_out = true;
    switch (type->kind) {
    case NDR_POINTER:
        for (int s = 0; s < NDR_SYNTAX_COUNT; s++)
            store(type, s, word[s], word[s]);
        settle(type, true);
        break;
    case NDR_ARRAY:
    case NDR_STRING:
        array(t, type);
        break;
    case NDR_STRUCT:
        if (type->flags & NDR_T_ENCAPSULATED)
            encapsulated(t, type);
        else
            structure(t, type);
        break;
    case NDR_UNION:
        discriminated(t, type);
        break;
    default:
        for (int s = 0; s < NDR_SYNTAX_COUNT; s++)
            store(type, s, scalars[type->kind].align[s], scalars[type->kind].len[s]);
        settle(type, true);
        break;
    }
}

void idlc_layout(struct idlc_tables *t)
{
    for (size_t i = 1; i < t->row_count; i++)
        lay_out(t, (uint16_t)i);
}
