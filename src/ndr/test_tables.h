/* SPDX-License-Identifier: MIT */
/*
 * Hand-written descriptors for the unit tests of the walkers: one type for each rule of the wire. They do
 * not depend on idlc, so that a mistake there and one here cannot cancel out.
 */
#ifndef NDR_TEST_TABLES_H
#define NDR_TEST_TABLES_H

#include "ndr/ndr.h"

struct t_ustring { /* RPC_UNICODE_STRING */
    uint16_t Length, MaximumLength;
    uint16_t *Buffer;
};
struct t_rid { /* SAMPR_RID_ENUMERATION */
    uint32_t RelativeId;
    struct t_ustring Name;
};
struct t_enumeration { /* SAMPR_ENUMERATION_BUFFER */
    uint32_t EntriesRead;
    struct t_rid *Buffer;
};
struct t_enum_params {
    uint32_t EnumerationContext;    /* [in, out] */
    uint32_t PreferedMaximumLength; /* [in] */
    struct t_enumeration *Buffer;   /* [out], unique */
    uint32_t CountReturned;         /* [out] */
    uint32_t Return;
};
struct t_sid { /* RPC_SID: conformant structure */
    uint8_t Revision, SubAuthorityCount;
    uint8_t IdentifierAuthority[6];
    uint32_t SubAuthority[];
};
struct t_late { /* the size comes after the array that it describes */
    uint32_t *data;
    uint32_t count;
};
union t_union {
    uint8_t small;
    uint64_t big;
    uint16_t *text;
    struct t_sid *sid;
};
struct t_switch {  /* non-encapsulated */
    int32_t level; /* enum16 */
    union t_union u;
    uint32_t after;
};
struct t_capsule { /* encapsulated: union switch (short tag) */
    int16_t tag;
    union t_union u;
};
struct t_list { /* linked list: depth */
    uint32_t value;
    struct t_list *next;
};
struct t_scalars {
    int8_t i8;
    int16_t i16;
    uint8_t u8;
    int64_t i64;
    int32_t e16;
    double f64;
    uint64_t uptr;
    uint16_t ranged; /* 1..10 */
};
struct t_text { /* [string] of fixed bound, then one of a pointer */
    uint16_t name[8];
    uint8_t *narrow;
    uint16_t *maximum; /* [size_is(12), string] */
};
struct t_order { /* depth first: a, its own referents, then b */
    struct t_list *a;
    struct t_ustring b;
    uint32_t *c;
};
struct t_matrix { /* fixed array of structures with referents, and of enum16 */
    struct t_list pair[2];
    int32_t kinds[3];
};
struct t_wide { /* few bytes on the wire, many in the host; encapsulated, by uint8 */
    uint8_t tag;
    union {
        uint8_t bytes[4096];
    } u;
};
struct t_wide_list {
    uint32_t count;
    struct t_wide *list;
};
struct t_array_params {
    uint32_t *Pages; /* [in, size_is(Count)] ref: comes before Count */
    uint32_t Count;  /* [in] */
    uint16_t *Text;  /* [in, unique, string] */
    struct ndr_context_handle Handle;
    uint32_t *Resume; /* [in, out, unique] */
    uint32_t *Sizes;  /* [out, size_is(Count)] ref */
    uint8_t *Window;  /* [out, size_is(*Resume), length_is(*Resume - 1)] ref */
    uint32_t Return;
};

enum {
    T_NONE,
    T_UINT8,
    T_UINT16,
    T_WCHAR,
    T_UINT32,
    T_UINT64,
    T_INT8,
    T_INT16,
    T_INT64,
    T_ENUM16,
    T_FLOAT64,
    T_UINTPTR,
    T_RANGED,
    T_CHAR,
    T_TEXT_ARRAY, /* wchar[size_is(Max / 2), length_is(Length / 2)] */
    T_TEXT_PTR,
    T_USTRING,
    T_RID,
    T_RID_ARRAY,
    T_RID_PTR,
    T_ENUMERATION,
    T_ENUMERATION_PTR,
    T_AUTHORITY,
    T_SUBS,
    T_SID,
    T_SID_PTR,
    T_LATE_ARRAY,
    T_LATE_PTR,
    T_LATE,
    T_WSTRING,
    T_WSTRING_PTR,
    T_UNION,
    T_SWITCH,
    T_CAPSULE_UNION,
    T_CAPSULE,
    T_LIST_PTR,
    T_LIST,
    T_SCALARS,
    T_BOUND_TEXT,
    T_NARROW,
    T_NARROW_PTR,
    T_SIZED_TEXT,
    T_SIZED_TEXT_PTR,
    T_TEXT,
    T_UINT32_PTR,
    T_ORDER,
    T_PAIR,
    T_KINDS,
    T_MATRIX,
    T_CONTEXT,
    T_PAGES,
    T_PAGES_REF,
    T_WINDOW,
    T_WINDOW_REF,
    T_MS_UNION,
    T_MS_SWITCH,
    T_WIDE_BYTES,
    T_WIDE_UNION,
    T_WIDE,
    T_WIDE_ARRAY,
    T_WIDE_PTR,
    T_WIDE_LIST,
    T_COUNT,
};

#define FX NDR_T_FIXED
#define SCALAR(kind, a20, a64, host)           \
    {                                          \
        kind, FX, {a20, a64}, {a20, a64}, host \
    }

static const struct ndr_type t_types[T_COUNT] = {
    [T_UINT8] = SCALAR(NDR_UINT8, 1, 1, 1),
    [T_UINT16] = SCALAR(NDR_UINT16, 2, 2, 2),
    [T_WCHAR] = SCALAR(NDR_WCHAR, 2, 2, 2),
    [T_UINT32] = SCALAR(NDR_UINT32, 4, 4, 4),
    [T_UINT64] = SCALAR(NDR_UINT64, 8, 8, 8),
    [T_INT8] = SCALAR(NDR_INT8, 1, 1, 1),
    [T_INT16] = SCALAR(NDR_INT16, 2, 2, 2),
    [T_INT64] = SCALAR(NDR_INT64, 8, 8, 8),
    [T_ENUM16] = {NDR_ENUM16, FX, {2, 4}, {2, 4}, 4, 0, 1, 2, .name = 1},
    [T_FLOAT64] = SCALAR(NDR_FLOAT64, 8, 8, 8),
    [T_UINTPTR] = SCALAR(NDR_UINTPTR, 4, 8, 8),
    [T_RANGED] = {NDR_UINT16, FX, {2, 2}, {2, 2}, 2, .range = 1},
    [T_CHAR] = SCALAR(NDR_CHAR, 1, 1, 1),
    [T_TEXT_ARRAY] =
        {NDR_ARRAY, NDR_T_CONFORMANT | NDR_T_VARYING, {4, 8}, {12, 24}, .target = T_WCHAR, .expr = {1, 5}},
    [T_TEXT_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_TEXT_ARRAY},
    [T_USTRING] = {NDR_STRUCT, FX, {4, 8}, {8, 16}, sizeof(struct t_ustring), 0, 1, 3},
    [T_RID] = {NDR_STRUCT, FX, {4, 8}, {12, 24}, sizeof(struct t_rid), 0, 4, 2},
    [T_RID_ARRAY] = {NDR_ARRAY, NDR_T_CONFORMANT, {4, 8}, {4, 8}, .target = T_RID, .expr = {9}},
    [T_RID_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_RID_ARRAY},
    [T_ENUMERATION] = {NDR_STRUCT, FX, {4, 8}, {8, 16}, sizeof(struct t_enumeration), 0, 6, 2},
    [T_ENUMERATION_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_ENUMERATION},
    [T_AUTHORITY] = {NDR_ARRAY, FX | NDR_T_INLINE, {1, 1}, {6, 6}, 6, 6, .target = T_UINT8},
    [T_SUBS] = {NDR_ARRAY,
                NDR_T_CONFORMANT | NDR_T_INLINE,
                {4, 4},
                {0, 0},
                .target = T_UINT32,
                .expr = {9},
                .range = 2},
    [T_SID] = {NDR_STRUCT, NDR_T_CONFORMANT, {4, 4}, {8, 8}, sizeof(struct t_sid), 0, 13, 4},
    [T_SID_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_SID},
    [T_LATE_ARRAY] = {NDR_ARRAY, NDR_T_CONFORMANT, {4, 8}, {4, 8}, .target = T_UINT32, .expr = {9}},
    [T_LATE_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_LATE_ARRAY},
    [T_LATE] = {NDR_STRUCT, FX, {4, 8}, {8, 16}, sizeof(struct t_late), 0, 17, 2},
    [T_WSTRING] = {NDR_STRING, NDR_T_CONFORMANT | NDR_T_VARYING, {4, 8}, {12, 24}, .target = T_WCHAR},
    [T_WSTRING_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_WSTRING},
    [T_UNION] = {NDR_UNION, NDR_T_DEFAULT, {8, 8}, {2, 8}, 8, 0, 3, 5, T_ENUM16, .expr = {9}},
    [T_SWITCH] = {NDR_STRUCT, 0, {8, 8}, {8, 16}, sizeof(struct t_switch), 0, 19, 3},
    [T_CAPSULE_UNION] = {NDR_UNION, 0, {8, 8}, {0, 0}, 8, 0, 8, 3, T_INT16, .expr = {9}},
    [T_CAPSULE] = {NDR_STRUCT, NDR_T_ENCAPSULATED, {8, 8}, {2, 8}, sizeof(struct t_capsule), 0, 22, 2},
    [T_LIST_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_LIST},
    [T_LIST] = {NDR_STRUCT, FX, {4, 8}, {8, 16}, sizeof(struct t_list), 0, 24, 2},
    [T_SCALARS] = {NDR_STRUCT, FX, {8, 8}, {38, 48}, sizeof(struct t_scalars), 0, 26, 8},
    [T_BOUND_TEXT] = {NDR_STRING, NDR_T_VARYING | NDR_T_INLINE, {4, 8}, {8, 16}, 16, 8, .target = T_WCHAR},
    [T_NARROW] = {NDR_STRING, NDR_T_CONFORMANT | NDR_T_VARYING, {4, 8}, {12, 24}, .target = T_CHAR},
    [T_NARROW_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_NARROW},
    [T_SIZED_TEXT] =
        {NDR_STRING, NDR_T_CONFORMANT | NDR_T_VARYING, {4, 8}, {12, 24}, .target = T_WCHAR, .expr = {11}},
    [T_SIZED_TEXT_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_SIZED_TEXT},
    [T_TEXT] = {NDR_STRUCT, 0, {4, 8}, {16, 32}, sizeof(struct t_text), 0, 34, 3},
    [T_UINT32_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_UINT32},
    [T_ORDER] = {NDR_STRUCT, FX, {4, 8}, {16, 32}, sizeof(struct t_order), 0, 37, 3},
    [T_PAIR] = {NDR_ARRAY, FX | NDR_T_INLINE, {4, 8}, {16, 32}, 32, 2, .target = T_LIST},
    [T_KINDS] = {NDR_ARRAY, FX | NDR_T_INLINE, {2, 4}, {6, 12}, 12, 3, .target = T_ENUM16},
    [T_MATRIX] = {NDR_STRUCT, FX, {4, 8}, {22, 48}, sizeof(struct t_matrix), 0, 40, 2},
    [T_CONTEXT] = {NDR_CONTEXT, FX, {4, 4}, {20, 20}, 20},
    [T_PAGES] = {NDR_ARRAY, NDR_T_CONFORMANT, {4, 8}, {4, 8}, .target = T_UINT32, .expr = {9}},
    [T_PAGES_REF] = {NDR_POINTER, FX | NDR_T_REF, {4, 8}, {4, 8}, 8, .target = T_PAGES},
    [T_WINDOW] =
        {NDR_ARRAY, NDR_T_CONFORMANT | NDR_T_VARYING, {4, 8}, {12, 24}, .target = T_UINT8, .expr = {13, 15}},
    [T_WINDOW_REF] = {NDR_POINTER, FX | NDR_T_REF, {4, 8}, {4, 8}, 8, .target = T_WINDOW},
    [T_MS_UNION] =
        {NDR_UNION, NDR_T_DEFAULT | NDR_T_MS_UNION, {8, 8}, {2, 8}, 8, 0, 3, 5, T_ENUM16, .expr = {9}},
    [T_MS_SWITCH] = {NDR_STRUCT, 0, {8, 8}, {8, 16}, sizeof(struct t_switch), 0, 54, 3},
    [T_WIDE_BYTES] = {NDR_ARRAY, FX | NDR_T_INLINE, {1, 1}, {4096, 4096}, 4096, 4096, .target = T_UINT8},
    [T_WIDE_UNION] = {NDR_UNION, NDR_T_DEFAULT, {1, 1}, {0, 0}, 4096, 0, 11, 2, T_UINT8, .expr = {9}},
    [T_WIDE] = {NDR_STRUCT, NDR_T_ENCAPSULATED, {1, 1}, {1, 1}, sizeof(struct t_wide), 0, 50, 2},
    [T_WIDE_ARRAY] = {NDR_ARRAY, NDR_T_CONFORMANT, {4, 8}, {4, 8}, .target = T_WIDE, .expr = {9}},
    [T_WIDE_PTR] = {NDR_POINTER, FX, {4, 8}, {4, 8}, 8, .target = T_WIDE_ARRAY},
    [T_WIDE_LIST] = {NDR_STRUCT, FX, {4, 8}, {8, 16}, sizeof(struct t_wide_list), 0, 52, 2},
};

#define N_NAME 1
#define N_ZERO 6
#define N_FIVE 11
#define M(structure, member, type, ...)                                       \
    {                                                                         \
        offsetof(struct structure, member), type, .name = N_NAME, __VA_ARGS__ \
    }

static const struct ndr_field t_fields[] = {
    [1] = M(t_ustring, Length, T_UINT16, .slot = 1),
    M(t_ustring, MaximumLength, T_UINT16, .slot = 2),
    M(t_ustring, Buffer, T_TEXT_PTR, ),
    [4] = M(t_rid, RelativeId, T_UINT32, ),
    M(t_rid, Name, T_USTRING, ),
    [6] = M(t_enumeration, EntriesRead, T_UINT32, .slot = 1),
    M(t_enumeration, Buffer, T_RID_PTR, ),
    [8] = M(t_enum_params, EnumerationContext, T_UINT32, .flags = NDR_F_IN | NDR_F_OUT),
    M(t_enum_params, PreferedMaximumLength, T_UINT32, .flags = NDR_F_IN),
    M(t_enum_params, Buffer, T_ENUMERATION_PTR, .flags = NDR_F_OUT),
    M(t_enum_params, CountReturned, T_UINT32, .flags = NDR_F_OUT),
    M(t_enum_params, Return, T_UINT32, .flags = NDR_F_OUT | NDR_F_RESULT),
    [13] = M(t_sid, Revision, T_UINT8, ),
    M(t_sid, SubAuthorityCount, T_UINT8, .slot = 1),
    M(t_sid, IdentifierAuthority, T_AUTHORITY, ),
    M(t_sid, SubAuthority, T_SUBS, ),
    [17] = M(t_late, data, T_LATE_PTR, ),
    M(t_late, count, T_UINT32, .slot = 1),
    [19] = M(t_switch, level, T_ENUM16, .slot = 1),
    M(t_switch, u, T_UNION, ),
    M(t_switch, after, T_UINT32, ),
    [22] = M(t_capsule, tag, T_INT16, .slot = 1),
    M(t_capsule, u, T_CAPSULE_UNION, ),
    [24] = M(t_list, value, T_UINT32, ),
    M(t_list, next, T_LIST_PTR, ),
    [26] = M(t_scalars, i8, T_INT8, ),
    M(t_scalars, i16, T_INT16, ),
    M(t_scalars, u8, T_UINT8, ),
    M(t_scalars, i64, T_INT64, ),
    M(t_scalars, e16, T_ENUM16, ),
    M(t_scalars, f64, T_FLOAT64, ),
    M(t_scalars, uptr, T_UINTPTR, ),
    M(t_scalars, ranged, T_RANGED, ),
    [34] = M(t_text, name, T_BOUND_TEXT, ),
    M(t_text, narrow, T_NARROW_PTR, ),
    M(t_text, maximum, T_SIZED_TEXT_PTR, ),
    [37] = M(t_order, a, T_LIST_PTR, ),
    M(t_order, b, T_USTRING, ),
    M(t_order, c, T_UINT32_PTR, ),
    [40] = M(t_matrix, pair, T_PAIR, ),
    M(t_matrix, kinds, T_KINDS, ),
    [42] = M(t_array_params, Pages, T_PAGES_REF, .flags = NDR_F_IN),
    M(t_array_params, Count, T_UINT32, .flags = NDR_F_IN, .slot = 1),
    M(t_array_params, Text, T_WSTRING_PTR, .flags = NDR_F_IN),
    M(t_array_params, Handle, T_CONTEXT, .flags = NDR_F_IN | NDR_F_OUT),
    M(t_array_params, Resume, T_UINT32_PTR, .flags = NDR_F_IN | NDR_F_OUT, .slot = 2),
    M(t_array_params, Sizes, T_PAGES_REF, .flags = NDR_F_OUT),
    M(t_array_params, Window, T_WINDOW_REF, .flags = NDR_F_OUT),
    M(t_array_params, Return, T_UINT32, .flags = NDR_F_OUT | NDR_F_RESULT),
    [50] = M(t_wide, tag, T_UINT8, .slot = 1),
    M(t_wide, u, T_WIDE_UNION, ),
    [52] = M(t_wide_list, count, T_UINT32, .slot = 1),
    M(t_wide_list, list, T_WIDE_PTR, ),
    [54] = M(t_switch, level, T_ENUM16, .slot = 1),
    M(t_switch, u, T_MS_UNION, ),
    M(t_switch, after, T_UINT32, ),
};

/* clang-format off */
static const struct ndr_arm t_arms[] = {
    [1] = {0, 0, N_ZERO}, {5, 0, N_FIVE}, /* the enum's */
    [3] = {1, T_UINT8, N_NAME}, {2, T_UINT64, N_NAME}, {3, T_WSTRING_PTR, N_NAME}, {4, T_SID_PTR, N_NAME},
    {0, 0, N_NAME}, /* default: empty */
    [8] = {-1, T_UINT8, N_NAME}, {2, T_UINT64, N_NAME}, {3, T_WSTRING_PTR, N_NAME},
    [11] = {1, T_WIDE_BYTES, N_NAME}, {0, 0, N_NAME}, /* default: empty */
};
/* clang-format on */

static const struct ndr_op t_ops[] = {
    [1] = {1, NDR_OP_SLOT},    {2, NDR_OP_CONST}, {0, NDR_OP_DIV}, {0, NDR_OP_END}, /* slot 1 / 2 */
    [5] = {0, NDR_OP_SLOT},    {2, NDR_OP_CONST}, {0, NDR_OP_DIV}, {0, NDR_OP_END}, /* slot 0 / 2 */
    [9] = {0, NDR_OP_SLOT},    {0, NDR_OP_END},                                     /* slot 0 */
    [11] = {12, NDR_OP_CONST}, {0, NDR_OP_END},                                     /* 12 */
    [13] = {1, NDR_OP_SLOT},   {0, NDR_OP_END},                                     /* slot 1 */
    [15] = {1, NDR_OP_SLOT},   {1, NDR_OP_CONST}, {0, NDR_OP_SUB}, {0, NDR_OP_END}, /* slot 1 - 1 */
};

static const struct ndr_range t_ranges[] = {{0, 0}, {1, 10}, {0, 15}};

static const struct ndr_proc t_procs[] = {
    {N_NAME, 8, 5, 0, sizeof(struct t_enum_params)},
    {N_NAME, 42, 8, 0, sizeof(struct t_array_params)},
};

static const struct ndr_interface t_interface = {
    .abi = NDR_ABI_VERSION,
    .name = "test",
    .procs = t_procs,
    .proc_count = 2,
    .type_count = T_COUNT,
    .types = t_types,
    .fields = t_fields,
    .arms = t_arms,
    .ops = t_ops,
    .ranges = t_ranges,
    .names = "\0name\0Zero\0Five\0",
};

#endif
