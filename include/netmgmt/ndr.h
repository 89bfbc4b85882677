/* SPDX-License-Identifier: MIT */
/*
 * NDR descriptors: what idlc makes of an interface definition, and all that the runtime knows of one.
 *
 * The tables are const, refer to each other by 16-bit index and hold no pointers; host offsets and lengths
 * come from the C compiler (offsetof, sizeof). Index 0 of types, fields, arms, ops, ranges and names is
 * reserved and means "none". One walker for each verb (decode, encode, block, print) interprets them.
 *
 * Wire rules: C706 chapter 14 (NDR), [MS-RPCE] 2.2.4 (IDL extensions) and 2.2.5 (NDR64).
 */
#ifndef NETMGMT_NDR_H
#define NETMGMT_NDR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of the tables' layout: a runtime refuses tables made for another version. */
#define NDR_ABI_VERSION 1

/* Values that one scope (the members of a structure, the parameters of a procedure) may hold back for the
 * attributes that refer to them. idlc rejects a scope that needs more. */
#define NDR_MAX_SLOTS 16
/* Values that an expression may have on its stack; idlc rejects one that needs more. */
#define NDR_MAX_STACK 8

struct ndr_uuid {
    uint32_t time_low;
    uint16_t time_mid, time_hi;
    uint8_t node[8]; /* clock_seq_hi, clock_seq_low, node[6] */
};

/* A context handle as it is on the wire (C706 14.2.16.6); all zero is the null handle. */
struct ndr_context_handle {
    uint32_t attributes;
    struct ndr_uuid uuid;
};

enum ndr_syntax { NDR_SYNTAX_NDR20 = 0, NDR_SYNTAX_NDR64 = 1, NDR_SYNTAX_COUNT = 2 };

enum ndr_kind {
    NDR_NONE = 0,
    /* Scalars. Host type: the [u]intN_t of that width; enum: int32_t; char and wchar: uint8_t, uint16_t. */
    NDR_INT8,
    NDR_UINT8,
    NDR_CHAR,
    NDR_INT16,
    NDR_UINT16,
    NDR_WCHAR,
    NDR_INT32,
    NDR_UINT32,
    NDR_INT64,
    NDR_UINT64,
    NDR_FLOAT32,
    NDR_FLOAT64,
    NDR_ENUM16,  /* enum without v1_enum: 2 bytes in NDR20, 4 in NDR64; host int32_t */
    NDR_ENUM32,  /* [v1_enum] */
    NDR_UINTPTR, /* __int3264, ULONG_PTR: 4 bytes in NDR20, 8 in NDR64; host uint64_t */
    NDR_LAST_SCALAR = NDR_UINTPTR,

    NDR_CONTEXT, /* host struct ndr_context_handle */
    NDR_STRUCT,  /* first..: members in `fields` */
    NDR_UNION,   /* first..: `arms`. Host: a C union; the discriminant is the value of expr[0] */
    NDR_POINTER, /* target: pointee */
    NDR_ARRAY,   /* target: element. Host: inline when NDR_T_INLINE, else it is what a pointer points to */
    NDR_STRING,  /* target: an 8 or 16-bit kind. Same on the wire as a (conformant) varying array, with
                    its terminator; host: zero terminated characters */
};

/* ndr_type.flags */
#define NDR_T_REF 0x01 /* pointer: [ref], never NULL; else [unique] */
#define NDR_T_MS_UNION                                                                                        \
    0x01                      /* union, [ms_union]: in NDR20 the arm is aligned to the largest alignment of   \
                                 all arms instead of its own ([MS-RPCE] 2.2.4.5). The discriminant is aligned \
                                 as its own type in both cases; in NDR64 the whole union to align[] */
#define NDR_T_CONFORMANT 0x02 /* array, string: max_count on the wire; structure: its last member has it */
#define NDR_T_VARYING 0x04    /* array, string: offset and actual_count on the wire */
/* array, string of `count` elements embedded in its host structure; a conformant array as last member has
 * count 1 (or [*]) in C and is inline too */
#define NDR_T_INLINE 0x08
#define NDR_T_ENCAPSULATED 0x10 /* structure made of `union switch (...)`: members discriminant, union */
#define NDR_T_SECRET 0x20       /* print as masked: [secret], or a name that idlc is told of */
#define NDR_T_DEFAULT 0x40      /* union: its last arm is `default` */
/* inline part: always exactly min[] bytes (holds no union, no conformant or varying array; min[] < 65535).
 * For speed: nothing else depends on it */
#define NDR_T_FIXED 0x80

struct ndr_type {
    uint8_t kind;
    uint8_t flags;
    uint8_t align[NDR_SYNTAX_COUNT]; /* alignment of the inline part on the wire: 1, 2, 4, 8 */
    uint16_t min[NDR_SYNTAX_COUNT];  /* fewest bytes of the inline part on the wire (65535: or more), with
                                        the padding at the end of an NDR64 structure */
    uint32_t host_len; /* sizeof; of an inline conformant array 0, of a conformant structure the offset of
                          the elements, which C may round up in sizeof */
    uint32_t count;    /* array, string: elements of a fixed array or fixed bound, else 0 */
    uint16_t first;    /* structure: first of `fields`; union, enum: first of `arms` */
    uint16_t members;  /* structure, union, enum: how many */
    uint16_t target;   /* pointer, array, string: type of pointee or element;
                          union: type of the discriminant */
    uint16_t expr[2];  /* array: size_is (or max_is + 1), length_is (or last_is ...); string: size_is
                          if given; union: switch_is. Each an index into `ops`, evaluated in the
                          scope that holds the declaration: of the innermost structure (or procedure)
                          around it, also through pointers, arrays and unions */
    uint16_t range;    /* into `ranges`; for a scalar its value, for a string or array its count */
    uint16_t name;     /* into `names` */
};

/* ndr_field.flags; members of structures have none of the first three */
#define NDR_F_IN 0x01
#define NDR_F_OUT 0x02
#define NDR_F_RESULT 0x04 /* the procedure's return value, always last */
/* A parameter that is a [ref] pointer to something of fixed length is held by value in the host structure of
 * parameters: its field has the pointee's type and no flag is needed. */

struct ndr_field {
    uint32_t host_offset;
    uint16_t type;
    uint16_t name;
    uint8_t flags;
    uint8_t slot; /* 1 + slot of the scope in which its value is held back; 0: nobody refers to it. Its type
                     is a scalar, or a pointer to one when an attribute says *name */
    uint16_t reserved;
};

struct ndr_arm {
    int64_t value; /* case label; an arm with several labels is several rows; unused in the default row */
    uint16_t type; /* 0: empty arm; of an enum's row always 0 */
    uint16_t name;
    uint32_t reserved;
};

enum ndr_opcode {
    NDR_OP_END = 0, /* the result is on top */
    NDR_OP_CONST,   /* push value */
    NDR_OP_SLOT,    /* push the scope's slot number `value` (counted from 0) */
    NDR_OP_ADD,
    NDR_OP_SUB,
    NDR_OP_MUL,
    NDR_OP_DIV, /* by zero: the stub is malformed */
    NDR_OP_MOD,
    NDR_OP_SHL,
    NDR_OP_SHR,
    NDR_OP_AND,
    NDR_OP_OR,
    NDR_OP_XOR,
    NDR_OP_NOT, /* bitwise */
    NDR_OP_NEG,
};

struct ndr_op {
    int64_t value;
    uint8_t op;
    uint8_t reserved[7];
};

struct ndr_range {
    int64_t low, high;
};

#define NDR_P_ABSENT 0x01 /* no such operation (a gap in the numbers, or "not used on the wire") */
#define NDR_P_HAS_IN_CONTEXT 0x02

struct ndr_proc {
    uint16_t name;
    uint16_t first, members; /* parameters in `fields`, in order, the return value last */
    uint16_t flags;
    uint32_t host_len; /* sizeof the structure of parameters */
};

struct ndr_interface {
    uint32_t abi; /* NDR_ABI_VERSION */
    const char *name;
    struct ndr_uuid uuid;
    uint16_t major, minor;
    const struct ndr_proc *procs;
    uint16_t proc_count;
    uint16_t type_count;
    const struct ndr_type *types;
    const struct ndr_field *fields;
    const struct ndr_arm *arms;
    const struct ndr_op *ops;
    const struct ndr_range *ranges;
    const char *names; /* zero terminated, found by offset */
    const char *const
        *endpoints; /* [endpoint("ncacn_np:[\\pipe\\samr]", ...)], NULL at the end; may be NULL */
};

#ifdef __cplusplus
}
#endif
#endif
