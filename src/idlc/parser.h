/* SPDX-License-Identifier: MIT */
/* The parser's state, shared by the files that parse. */
#ifndef IDLC_PARSER_H
#define IDLC_PARSER_H

#include "idlc/ast.h"

#define IDLC_MAX_NESTING 48 /* of constructs in the text */

struct idlc_parser {
    struct idlc *c;
    struct idlc_file *file;
    struct idlc_lexer lexer;
    struct idlc_item **items_end;
    struct idlc_interface *interface; /* whose braces are open, or NULL */
    bool external;                    /* inside extern "..." { } */
    unsigned nesting;
    jmp_buf recover; /* of the innermost declaration */
};

/* Where in the text an attribute may stand. */
enum idlc_position {
    POSITION_INTERFACE = 1,
    POSITION_TYPEDEF = 2,
    POSITION_MEMBER = 4,
    POSITION_ARM = 8,
    POSITION_PARAMETER = 16,
    POSITION_PROCEDURE = 32,
};

/* parser.c */
_Noreturn void idlc_parser_fail(struct idlc_parser *p, struct idlc_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool idlc_parser_at(const struct idlc_parser *p, int mark);
bool idlc_parser_at_word(const struct idlc_parser *p, const char *word);
bool idlc_parser_accept(struct idlc_parser *p, int mark);
void idlc_parser_expect(struct idlc_parser *p, int mark, const char *where);
struct idlc_text idlc_parser_name(struct idlc_parser *p, const char *what);
/* Runs `parse`; when it fails, skips to the end of the declaration it was in (behind its `;`, or before the
 * `}` that ends what is around it). */
void idlc_parser_guard(struct idlc_parser *p, void (*parse)(struct idlc_parser *p, void *argument),
                       void *argument);
void idlc_parser_enter(struct idlc_parser *p);
void idlc_parser_leave(struct idlc_parser *p);
void idlc_parser_add(struct idlc_parser *p, struct idlc_item item);
/* Parses a file into c->files and c->interfaces. `from`: who imports it. NULL when there is no such file. */
struct idlc_file *idlc_parser_file(struct idlc *c, const struct idlc_file *from, const char *name);

/* attribute.c: all [..] lists here; `positions`: of enum idlc_position, those that this may be. */
const struct idlc_attribute *idlc_attribute_parse(struct idlc_parser *p, unsigned positions);

/* declaration.c */
const struct idlc_type *idlc_declaration_type(struct idlc_parser *p, const struct idlc_attribute *attributes);
/* Stars, name and bounds around `type`; the name may be absent when `optional`. */
const struct idlc_type *idlc_declaration_declarator(struct idlc_parser *p, const struct idlc_type *type,
                                                    bool optional, struct idlc_text *name,
                                                    struct idlc_place *place);
struct idlc_type *idlc_declaration_new_type(struct idlc_parser *p, enum idlc_form form,
                                            struct idlc_place place);
/* Appends to a list of members or parameters. */
void idlc_declaration_field(struct idlc_parser *p, struct idlc_field ***end, struct idlc_field field);
/* typedef, struct, union, enum, procedure: one declaration of a file or interface. */
void idlc_declaration_parse(struct idlc_parser *p, const struct idlc_attribute *attributes);
bool idlc_declaration_starts_type(const struct idlc_parser *p);

/* aggregate.c: at the word struct, union or enum. */
const struct idlc_type *idlc_aggregate_record(struct idlc_parser *p, const struct idlc_attribute *attributes);
const struct idlc_type *idlc_aggregate_enum(struct idlc_parser *p, const struct idlc_attribute *attributes);
/* A tag for a record that has none, made of what is around it; also for those inside. */
void idlc_aggregate_name(struct idlc_parser *p, struct idlc_record *record, const char *name);

#endif
