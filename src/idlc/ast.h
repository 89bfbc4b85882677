/* SPDX-License-Identifier: MIT */
/*
 * What the parser makes of IDL text: declarations in the order of the text, types as trees, expressions as
 * trees. Types refer to typedefs by name so that the header can print them as they were written.
 */
#ifndef IDLC_AST_H
#define IDLC_AST_H

#include "idlc/lexer.h"
#include "netmgmt/ndr.h"

#define IDLC_MAX_LEVELS 8 /* pointers and arrays around one type */

enum idlc_operator {
    EXPR_CONST,
    EXPR_NAME,
    EXPR_DEREFERENCE, /* *name */
    EXPR_NEGATE,
    EXPR_COMPLEMENT,
    EXPR_NOT,
    EXPR_MULTIPLY,
    EXPR_DIVIDE,
    EXPR_MODULO,
    EXPR_ADD,
    EXPR_SUBTRACT,
    EXPR_SHIFT_LEFT,
    EXPR_SHIFT_RIGHT,
    EXPR_LESS,
    EXPR_GREATER,
    EXPR_LESS_EQUAL,
    EXPR_GREATER_EQUAL,
    EXPR_EQUAL,
    EXPR_NOT_EQUAL,
    EXPR_AND,
    EXPR_XOR,
    EXPR_OR,
    EXPR_LOGICAL_AND,
    EXPR_LOGICAL_OR,
    EXPR_CHOOSE, /* left ? right : other */
};

struct idlc_expr {
    enum idlc_operator op;
    struct idlc_place place;
    int64_t value;
    struct idlc_text name;
    const struct idlc_expr *left, *right, *other;
};

enum idlc_form {
    FORM_VOID,
    FORM_BASE,   /* kind: a scalar of enum ndr_kind, or NDR_CONTEXT */
    FORM_HANDLE, /* handle_t: not on the wire */
    FORM_NAMED,
    FORM_RECORD,
    FORM_ENUM,
    FORM_POINTER,
    FORM_ARRAY,
};

struct idlc_type {
    enum idlc_form form;
    uint8_t kind;
    bool open;     /* array: [] or [*] */
    bool defines;  /* record, enum: the members stand here */
    int64_t count; /* array: bound when not open */
    struct idlc_place place;
    const struct idlc_type *target; /* pointer, array */
    struct idlc_typedef *named;
    struct idlc_record *record;
    struct idlc_enum *enumeration;
};

enum idlc_attribute_id {
    ATTRIBUTE_IGNORED,
    ATTRIBUTE_UUID,
    ATTRIBUTE_VERSION,
    ATTRIBUTE_ENDPOINT,
    ATTRIBUTE_POINTER_DEFAULT,
    ATTRIBUTE_MS_UNION,
    ATTRIBUTE_IN,
    ATTRIBUTE_OUT,
    ATTRIBUTE_REF,
    ATTRIBUTE_UNIQUE,
    ATTRIBUTE_STRING,
    ATTRIBUTE_SIZE_IS,
    ATTRIBUTE_MAX_IS,
    ATTRIBUTE_LENGTH_IS,
    ATTRIBUTE_FIRST_IS,
    ATTRIBUTE_LAST_IS,
    ATTRIBUTE_SWITCH_IS,
    ATTRIBUTE_SWITCH_TYPE,
    ATTRIBUTE_CASE,
    ATTRIBUTE_DEFAULT,
    ATTRIBUTE_RANGE,
    ATTRIBUTE_CONTEXT_HANDLE,
    ATTRIBUTE_V1_ENUM,
    ATTRIBUTE_SECRET,
    ATTRIBUTE_REFUSED,
};

struct idlc_attribute {
    struct idlc_attribute *next;
    enum idlc_attribute_id id;
    const char *spelling;
    struct idlc_place place;
    const struct idlc_expr **values; /* NULL where the list has an empty place: size_is(, n) */
    size_t value_count;
    const struct idlc_type *type; /* switch_type */
    struct idlc_text text;        /* uuid, version, the word of pointer_default */
    struct idlc_text *strings;    /* endpoint */
    size_t string_count;
};

struct idlc_label {
    struct idlc_label *next;
    const struct idlc_expr *value;
};

/* Member of a structure, arm of a union, parameter, result. */
struct idlc_field {
    struct idlc_field *next;
    struct idlc_text name;
    const char *c_name; /* of the member in C */
    struct idlc_place place;
    const struct idlc_attribute *attributes;
    const struct idlc_type *type; /* NULL: empty arm */
    struct idlc_label *labels;
    bool is_default;
    /* build: */
    uint8_t slot;
    bool dereferenced;
    struct idlc_place slot_place; /* where an attribute refers to it first */
};

struct idlc_record {
    struct idlc_text tag;
    const char *c_tag; /* made up when there is no tag */
    struct idlc_place place;
    bool is_union, complete, encapsulated, external, ms_union;
    bool default_ref; /* [pointer_default(ref)] where it was defined */
    const struct idlc_type *switch_type;
    struct idlc_field *fields;
    struct idlc_typedef *alias; /* first typedef of the record itself */
    /* build: */
    uint16_t row; /* in the tables of `generation` */
    uint8_t state;
    unsigned generation, mark;
    bool written; /* emit_header: once, though each declarator leads here */
};

struct idlc_enumerator {
    struct idlc_enumerator *next;
    struct idlc_text name;
    const char *c_name;
    int64_t value;
};

struct idlc_enum {
    struct idlc_text tag;
    struct idlc_place place;
    bool complete, external, v1;
    struct idlc_enumerator *items;
    struct idlc_typedef *alias;
    uint16_t row, first;
    unsigned generation;
    bool written;
};

struct idlc_typedef {
    struct idlc_text name;
    struct idlc_place place;
    const struct idlc_attribute *attributes;
    const struct idlc_type *type;
    bool external, default_ref;
};

struct idlc_constant {
    struct idlc_text name;
    int64_t value;
    const char *string; /* C literal, when it is text */
};

struct idlc_procedure {
    struct idlc_procedure *next;
    struct idlc_text name;
    struct idlc_place place;
    struct idlc_field *parameters; /* the result last, named Return */
    bool absent;
    uint16_t opnum;
};

enum idlc_item_kind {
    ITEM_TYPEDEF,
    ITEM_TYPE, /* a structure, union or enum by its tag alone */
    ITEM_CONSTANT,
    ITEM_QUOTE,   /* text for the header */
    ITEM_INCLUDE, /* extern "header" */
};

struct idlc_item {
    struct idlc_item *next;
    enum idlc_item_kind kind;
    struct idlc_typedef *definition;
    const struct idlc_type *type;
    struct idlc_constant *constant;
    const char *text;
};

struct idlc_interface {
    struct idlc_interface *next;
    const struct idlc_file *file;
    struct idlc_text name;
    struct idlc_place place;
    const char *c_name;
    bool has_body; /* false: made up for a file of types only */
    bool default_ref, ms_union, has_uuid;
    struct ndr_uuid uuid;
    uint16_t major, minor;
    struct idlc_text *endpoints;
    size_t endpoint_count;
    struct idlc_procedure *procedures, **procedures_end;
    size_t procedure_count;
};

enum idlc_space { SPACE_ORDINARY, SPACE_TAG, SPACE_PROCEDURE };
enum idlc_symbol_kind { SYMBOL_TYPEDEF, SYMBOL_CONSTANT, SYMBOL_RECORD, SYMBOL_ENUM, SYMBOL_PROCEDURE };

struct idlc_symbol {
    struct idlc_symbol *next;
    enum idlc_space space;
    enum idlc_symbol_kind kind;
    struct idlc_text name;
    struct idlc_place place;
    void *what; /* of the kind; an enumerator is a struct idlc_constant too */
};

/* symbol.c */
struct idlc_symbol *idlc_symbol_find(const struct idlc *c, enum idlc_space space, struct idlc_text name);
/* Reports a name that is taken, and then changes nothing. */
void idlc_symbol_add(struct idlc *c, enum idlc_space space, enum idlc_symbol_kind kind, struct idlc_text name,
                     struct idlc_place place, void *what);
/* The name as C and C++ can use it: their keywords get an underscore at the end. */
const char *idlc_symbol_c_name(struct idlc *c, struct idlc_text name);
/* The "samr_type_" in C names made of a file's or interface's name: letters, digits and underscores. */
const char *idlc_symbol_prefix(struct idlc *c, const char *name);

/* attribute.c: the first with that id, or NULL. */
const struct idlc_attribute *idlc_attribute_find(const struct idlc_attribute *list,
                                                 enum idlc_attribute_id id);

/* type.c */
/* Through names: never FORM_NAMED. */
const struct idlc_type *idlc_type_resolve(const struct idlc_type *type);
/* Is its length in C known: not void, not an open array, not a structure that is only announced? */
bool idlc_type_complete(const struct idlc_type *type);
/* As the tables name it: "struct tag", or the typedef of an external one. */
const char *idlc_type_c_record(struct idlc *c, const struct idlc_record *record);
bool idlc_type_same(const struct idlc_type *a, const struct idlc_type *b);
const char *idlc_type_c_base(uint8_t kind);
/* "uint32_t *name[4]": a declaration of `name` in C. `open_as_pointer`: T name[] becomes T *name. */
const char *idlc_type_declare(struct idlc *c, const struct idlc_type *type, const char *name,
                              bool open_as_pointer);

#endif
