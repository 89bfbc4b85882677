/* SPDX-License-Identifier: MIT */
/*
 * The tables of one interface while they are made: rows of include/netmgmt/ndr.h with host offsets and
 * lengths as C expressions, for the C compiler knows them and we do not.
 */
#ifndef IDLC_BUILD_H
#define IDLC_BUILD_H

#include "idlc/ast.h"

/* One pointer or array around a type, outermost first. */
struct idlc_level {
    const struct idlc_type *type;
    bool array, ref, attributed; /* attributed: [ref] or [unique] was written */
    bool string;
    const struct idlc_expr *size, *max, *length, *last;
    const struct idlc_attribute *range; /* of the count */
};

/* A declaration with its attributes distributed over the levels they speak of. */
struct idlc_shape {
    struct idlc_level levels[IDLC_MAX_LEVELS];
    unsigned count;
    const struct idlc_type *bottom; /* neither name, pointer nor array */
    const struct idlc_expr *switch_is;
    const struct idlc_type *switch_type;
    const struct idlc_attribute *range; /* of the value */
    bool secret;
};

/* shape.c. False after an error. */
bool idlc_shape_make(struct idlc *c, const struct idlc_field *field, bool default_ref,
                     struct idlc_shape *shape);
/* Does this level have a number of elements that is told in the message? */
bool idlc_shape_conformant(const struct idlc_level *level);
/* Of a declaration as the header prints it: is it an array of that kind? */
bool idlc_shape_open(const struct idlc_field *field);

struct idlc_row {
    struct ndr_type type;
    const char *host_len;       /* C expression */
    const char *label;          /* what it is, for the comment */
    struct idlc_record *record; /* structure or union: of which */
    bool laid_out;
};

struct idlc_member_row {
    struct ndr_field field;
    const char *container, *member; /* offsetof(container, member) */
    bool flexible;                  /* has no sizeof */
};

struct idlc_procedure_row {
    struct ndr_proc proc;
    const struct idlc_procedure *procedure;
};

struct idlc_tables {
    struct idlc *c;
    const struct idlc_interface *interface;
    unsigned generation; /* of the rows that records remember */
    struct idlc_row *rows;
    struct idlc_member_row *members;
    struct ndr_arm *arms;
    struct ndr_op *ops;
    struct ndr_range *ranges;
    char *names;
    struct idlc_procedure_row *procedures;
    size_t row_count, member_count, arm_count, op_count, range_count, names_len, procedure_count;
    size_t row_capacity, member_capacity, arm_capacity, op_capacity, range_capacity, names_capacity,
        procedure_capacity;
    struct idlc_record **queue; /* records whose rows are reserved, to be filled */
    size_t queue_count, queue_capacity, queue_done;
    unsigned depth, mark;
    struct idlc_record **reached; /* for idlc_record_sendable */
    size_t reached_capacity;
};

/* What names in expressions refer to: members of one structure or parameters of one procedure. */
struct idlc_scope {
    struct idlc_field *fields;
    const char *what; /* "member" or "parameter" */
    unsigned slots;
};

/* pool.c: append or find; 0 for nothing. Too much for 16 bits unwinds. */
uint16_t idlc_pool_name(struct idlc_tables *t, struct idlc_text name);
uint16_t idlc_pool_range(struct idlc_tables *t, int64_t low, int64_t high);
uint16_t idlc_pool_row(struct idlc_tables *t, struct idlc_row row); /* an equal one, when there is one */
uint16_t idlc_pool_new_row(struct idlc_tables *t, struct idlc_row row);
uint16_t idlc_pool_members(struct idlc_tables *t, const struct idlc_member_row *rows, size_t count);
uint16_t idlc_pool_arms(struct idlc_tables *t, const struct ndr_arm *arms, size_t count);
uint16_t idlc_pool_ops(struct idlc_tables *t, const struct ndr_op *ops, size_t count);
void idlc_pool_init(struct idlc_tables *t);

/* operation.c: an expression, plus `add`, as operations; 0 after an error. Gives slots to the fields it
 * names. */
uint16_t idlc_operation_build(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_expr *e,
                              int64_t add);
/* After all fields of the scope have rows: is what expressions refer to an integer? `rows[i]` of field i. */
void idlc_operation_check(struct idlc_tables *t, const struct idlc_scope *scope, const uint16_t *rows);
struct idlc_field *idlc_operation_field(const struct idlc_scope *scope, struct idlc_text name);

/* build.c: all tables of an interface. */
void idlc_build(struct idlc_tables *t, struct idlc *c, const struct idlc_interface *interface,
                unsigned generation);
/* Row of a declaration at a level and below it. `in_host`: arrays are embedded, not pointed to. */
uint16_t idlc_build_level(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_field *field,
                          const struct idlc_shape *shape, unsigned level);
uint16_t idlc_build_array(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_field *field,
                          const struct idlc_shape *shape, unsigned level, bool in_host);
uint16_t idlc_build_pointer(struct idlc_tables *t, uint16_t target, bool ref);
uint16_t idlc_build_secret(struct idlc_tables *t, uint16_t row);
/* Does the array, string or structure have its length in the message? */
bool idlc_build_is_conformant(const struct idlc_tables *t, uint16_t row);
/* 0 when the record has no row in these tables. */
uint16_t idlc_build_row_of(const struct idlc_tables *t, const struct idlc_type *type);

/* record.c */
uint16_t idlc_record_row(struct idlc_tables *t, struct idlc_record *record);
/* The row with its members filled in; by value. */
uint16_t idlc_record_complete(struct idlc_tables *t, struct idlc_record *record);
uint16_t idlc_record_union(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_field *field,
                           const struct idlc_shape *shape, bool behind_pointer);
/* Does it end in an array or string whose length is in the message? */
bool idlc_record_conformant(const struct idlc_record *record);
/* Other rows of a record (a union as it is used, a [secret] structure) get what its own has, when it is
 * there. */
void idlc_record_finish(struct idlc_tables *t);
/* Can it stand in a message with all that it leads to? */
bool idlc_record_sendable(struct idlc_tables *t, struct idlc_record *record);

/* procedure.c */
void idlc_procedure_build(struct idlc_tables *t, const struct idlc_procedure *procedure);
/* Is the parameter held by value though it is declared as a pointer? */
bool idlc_procedure_by_value(struct idlc_tables *t, const struct idlc_field *field);

/* layout.c: alignments and lengths on the wire of all rows. */
void idlc_layout(struct idlc_tables *t);

/* emit_header.c, emit_tables.c */
void idlc_emit_header(struct idlc *c, struct idlc_tables *tables, size_t count, FILE *out);
void idlc_emit_tables(struct idlc *c, const struct idlc_tables *tables, size_t count, FILE *out);

#endif
