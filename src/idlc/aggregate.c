/* SPDX-License-Identifier: MIT */
/*
 * Structures, unions and enums. A type used by value must be complete where it is used, so that types by
 * value form no circle and C can compile the header in the same order.
 */
#include "idlc/expression.h"

#include <string.h>

/* Members of a record while they are parsed. */
struct body {
    struct idlc_record *record;
    struct idlc_field **end;
    struct idlc_label *labels; /* of `case x:` of encapsulated unions */
    bool is_default;
};

static void check_member(struct idlc_parser *p, struct body *body, const struct idlc_field *field)
{
    const struct idlc_type *type = idlc_type_resolve(field->type);

    for (const struct idlc_field *other = body->record->fields; other; other = other->next)
        if (field->name.len && idlc_text_equal(other->name, field->name))
            idlc_parser_fail(p, field->place, "%.*s is declared twice here", IDLC_TEXT(field->name));
    if (type->form == FORM_RECORD && type->record == body->record)
        idlc_parser_fail(p, field->place, "%.*s would contain itself: declare a pointer",
                         IDLC_TEXT(field->name));
    if (type->form == FORM_VOID)
        idlc_parser_fail(p, field->place, "%.*s cannot be void", IDLC_TEXT(field->name));
    if (type->form == FORM_RECORD && !type->record->complete)
        idlc_parser_fail(p, field->place, "%s %.*s is not defined before its use by value: define it above",
                         type->record->is_union ? "union" : "struct", IDLC_TEXT(type->record->tag));
    if (type->form == FORM_ARRAY && !idlc_type_complete(type->target))
        idlc_parser_fail(p, field->place, "elements of %.*s have no fixed length", IDLC_TEXT(field->name));
}

static struct idlc_label *labels_of(struct idlc_parser *p, const struct idlc_attribute *attributes,
                                    struct idlc_label *before)
{
    for (const struct idlc_attribute *a = attributes; a; a = a->next)
        for (size_t i = 0; a->id == ATTRIBUTE_CASE && i < a->value_count; i++) {
            struct idlc_label *label = idlc_alloc(p->c, sizeof(*label));

            *label = (struct idlc_label){before, a->values[i]};
            before = label;
        }
    return before;
}

static void parse_member(struct idlc_parser *p, void *argument)
{
    struct body *body = argument;
    bool arm = body->record->is_union;
    struct idlc_field field = {.place = p->lexer.token.place};
    const struct idlc_type *type;

    field.attributes = idlc_attribute_parse(p, arm ? POSITION_ARM : POSITION_MEMBER);
    field.labels = labels_of(p, field.attributes, body->labels);
    field.is_default = body->is_default || idlc_attribute_find(field.attributes, ATTRIBUTE_DEFAULT);
    body->labels = NULL;
    body->is_default = false;
    if (arm && idlc_parser_at(p, ';')) {
        idlc_lexer_next(&p->lexer);
        idlc_declaration_field(p, &body->end, field);
        return;
    }
    type = idlc_declaration_type(p, field.attributes);
    if (idlc_parser_at(p, ';') && type->form == FORM_RECORD) {
        field.type = type; /* a part without a name, as C has it: only where it is not sent */
        idlc_declaration_field(p, &body->end, field);
        idlc_lexer_next(&p->lexer);
        return;
    }
    do {
        field.type = idlc_declaration_declarator(p, type, false, &field.name, &field.place);
        if (idlc_parser_at(p, ':'))
            idlc_parser_fail(p, p->lexer.token.place,
                             "bit fields have no place in NDR: declare an integer and masks");
        check_member(p, body, &field);
        idlc_declaration_field(p, &body->end, field);
    } while (idlc_parser_accept(p, ','));
    idlc_parser_expect(p, ';', "behind the member");
}

/* case x: case y: default: */
static void parse_cases(struct idlc_parser *p, void *argument)
{
    struct body *body = argument;

    for (;;) {
        if (idlc_parser_at_word(p, "case")) {
            struct idlc_label *label = idlc_alloc(p->c, sizeof(*label));

            idlc_lexer_next(&p->lexer);
            *label = (struct idlc_label){body->labels, idlc_expression_parse(p)};
            body->labels = label;
        } else if (idlc_parser_at_word(p, "default")) {
            idlc_lexer_next(&p->lexer);
            body->is_default = true;
        } else {
            break;
        }
        idlc_parser_expect(p, ':', "behind the case");
    }
    parse_member(p, body);
}

void idlc_aggregate_name(struct idlc_parser *p, struct idlc_record *record, const char *name)
{
    if (!record->c_tag) {
        struct idlc_text tag = {name, strlen(name)};

        while (idlc_symbol_find(p->c, SPACE_TAG, tag)) {
            tag.at = idlc_format(p->c, "%s_", tag.at);
            tag.len++;
        }
        idlc_symbol_add(p->c, SPACE_TAG, SYMBOL_RECORD, tag, record->place, record);
        record->c_tag = idlc_symbol_c_name(p->c, tag);
    }
    for (struct idlc_field *f = record->fields; f; f = f->next) {
        const struct idlc_type *type = f->type;

        while (type && (type->form == FORM_POINTER || type->form == FORM_ARRAY))
            type = type->target;
        if (type && type->form == FORM_RECORD && type->record->complete && !type->record->c_tag &&
            f->name.len)
            idlc_aggregate_name(p, type->record,
                                idlc_format(p->c, "%s_%.*s", record->c_tag, IDLC_TEXT(f->name)));
    }
}

static void parse_body(struct idlc_parser *p, struct idlc_record *record,
                       void (*parse)(struct idlc_parser *p, void *argument))
{
    struct body body = {.record = record, .end = &record->fields};

    idlc_parser_expect(p, '{', "to begin the members");
    while (p->lexer.token.kind != TOKEN_END && !idlc_parser_at(p, '}')) {
        body.labels = NULL;
        body.is_default = false;
        idlc_parser_guard(p, parse, &body);
    }
    if (!record->fields && !p->c->errors)
        idlc_parser_fail(p, record->place, "%s without members cannot be sent and is not C",
                         record->is_union ? "a union" : "a structure");
    idlc_parser_expect(p, '}', "to end the members");
    record->complete = true;
    if (record->c_tag)
        idlc_aggregate_name(p, record, record->c_tag);
}

static struct idlc_record *new_record(struct idlc_parser *p, bool is_union, struct idlc_text tag,
                                      struct idlc_place place)
{
    struct idlc_record *record = idlc_alloc(p->c, sizeof(*record));

    record->is_union = is_union;
    record->tag = tag;
    record->place = place;
    record->external = p->external;
    record->default_ref = p->interface && p->interface->default_ref;
    record->ms_union = p->interface && p->interface->ms_union;
    if (tag.len) {
        record->c_tag = idlc_symbol_c_name(p->c, tag);
        idlc_symbol_add(p->c, SPACE_TAG, SYMBOL_RECORD, tag, place, record);
    }
    return record;
}

/* union switch (type tag) name { case 1: ...; } : a structure of the tag and the union. */
static void parse_encapsulated(struct idlc_parser *p, struct idlc_record *record)
{
    struct idlc_field **end = &record->fields, field = {0};
    struct idlc_type *type = idlc_declaration_new_type(p, FORM_RECORD, record->place);

    idlc_lexer_next(&p->lexer);
    idlc_parser_expect(p, '(', "after switch");
    field.type =
        idlc_declaration_declarator(p, idlc_declaration_type(p, NULL), false, &field.name, &field.place);
    idlc_parser_expect(p, ')', "behind the name of the tag");
    idlc_declaration_field(p, &end, field);
    type->defines = true;
    type->record = new_record(p, true, (struct idlc_text){NULL, 0}, record->place);
    type->record->switch_type = field.type;
    type->record->ms_union = false; /* [MS-RPCE] 2.2.4.5: not for these */
    field = (struct idlc_field){.name = {"tagged_union", 12}, .place = record->place, .type = type};
    if (p->lexer.token.kind == TOKEN_NAME)
        field.name = idlc_parser_name(p, "the name of the union");
    parse_body(p, type->record, parse_cases);
    idlc_declaration_field(p, &end, field);
    record->is_union = false;
    record->encapsulated = true;
    record->complete = true;
    if (record->c_tag)
        idlc_aggregate_name(p, record, record->c_tag);
}

const struct idlc_type *idlc_aggregate_record(struct idlc_parser *p, const struct idlc_attribute *attributes)
{
    bool is_union = idlc_parser_at_word(p, "union");
    struct idlc_type *type = idlc_declaration_new_type(p, FORM_RECORD, p->lexer.token.place);
    const struct idlc_attribute *switch_type = idlc_attribute_find(attributes, ATTRIBUTE_SWITCH_TYPE);
    struct idlc_text tag = {NULL, 0};
    struct idlc_symbol *s = NULL;
    bool encapsulated, defines;

    idlc_lexer_next(&p->lexer);
    if (p->lexer.token.kind == TOKEN_NAME && !(is_union && idlc_parser_at_word(p, "switch"))) {
        type->place = p->lexer.token.place;
        tag = idlc_parser_name(p, "a tag");
        s = idlc_symbol_find(p->c, SPACE_TAG, tag);
    }
    encapsulated = is_union && idlc_parser_at_word(p, "switch");
    defines = encapsulated || idlc_parser_at(p, '{');
    if (!defines && !tag.len)
        idlc_parser_fail(p, p->lexer.token.place, "a tag or { is needed here");
    if (s && s->kind != SYMBOL_RECORD)
        idlc_parser_fail(p, type->place, "%.*s is the tag of something else", IDLC_TEXT(tag));
    type->record = s ? s->what : new_record(p, is_union && !encapsulated, tag, type->place);
    if (s && type->record->is_union != (is_union && !encapsulated) && !type->record->encapsulated)
        idlc_parser_fail(p, type->place, "%.*s is a %s elsewhere", IDLC_TEXT(tag),
                         type->record->is_union ? "union" : "struct");
    if (!defines)
        return type;
    if (type->record->complete || type->record->fields) {
        idlc_error(p->c, type->place, "%.*s is defined twice", IDLC_TEXT(tag));
        idlc_note(p->c, s->place, "the first definition is here");
        longjmp(p->recover, 1);
    }
    type->defines = true;
    if (switch_type)
        type->record->switch_type = switch_type->type;
    if (idlc_attribute_find(attributes, ATTRIBUTE_MS_UNION))
        type->record->ms_union = true;
    idlc_parser_enter(p);
    if (encapsulated)
        parse_encapsulated(p, type->record);
    else
        parse_body(p, type->record, parse_member);
    idlc_parser_leave(p);
    return type;
}

static void parse_enumerators(struct idlc_parser *p, struct idlc_enum *e)
{
    struct idlc_enumerator **end = &e->items;
    int64_t value = 0;

    idlc_parser_expect(p, '{', "to begin the enumerators");
    while (!idlc_parser_at(p, '}')) {
        struct idlc_enumerator *item = idlc_alloc(p->c, sizeof(*item));
        struct idlc_constant *constant = idlc_alloc(p->c, sizeof(*constant));
        struct idlc_place place = p->lexer.token.place;

        item->name = idlc_parser_name(p, "the name of an enumerator");
        item->c_name = idlc_symbol_c_name(p->c, item->name);
        if (idlc_parser_accept(p, '='))
            value = idlc_expression_constant(p);
        if (value < INT32_MIN || value > UINT32_MAX)
            idlc_error(p->c, place, "the value of %.*s has more than 32 bits", IDLC_TEXT(item->name));
        item->value = (int32_t)(uint32_t)value;
        *constant = (struct idlc_constant){item->name, item->value, NULL};
        idlc_symbol_add(p->c, SPACE_ORDINARY, SYMBOL_CONSTANT, item->name, place, constant);
        *end = item;
        end = &item->next;
        value = item->value + 1;
        if (!idlc_parser_accept(p, ','))
            break;
    }
    if (!idlc_parser_accept(p, '}'))
        idlc_parser_fail(p, p->lexer.token.place, "a comma or } is needed here");
    if (!e->items)
        idlc_parser_fail(p, e->place, "an enum needs an enumerator");
    e->complete = true;
}

const struct idlc_type *idlc_aggregate_enum(struct idlc_parser *p, const struct idlc_attribute *attributes)
{
    struct idlc_type *type = idlc_declaration_new_type(p, FORM_ENUM, p->lexer.token.place);
    struct idlc_text tag = {NULL, 0};
    struct idlc_symbol *s = NULL;
    struct idlc_enum *e;

    idlc_lexer_next(&p->lexer);
    if (p->lexer.token.kind == TOKEN_NAME) {
        type->place = p->lexer.token.place;
        tag = idlc_parser_name(p, "a tag");
        s = idlc_symbol_find(p->c, SPACE_TAG, tag);
    }
    if (!tag.len && !idlc_parser_at(p, '{'))
        idlc_parser_fail(p, p->lexer.token.place, "a tag or { is needed here");
    if (s && s->kind != SYMBOL_ENUM)
        idlc_parser_fail(p, type->place, "%.*s is the tag of something else", IDLC_TEXT(tag));
    if (s) {
        e = s->what;
    } else {
        e = idlc_alloc(p->c, sizeof(*e));
        *e = (struct idlc_enum){.tag = tag, .place = type->place, .external = p->external};
        if (tag.len)
            idlc_symbol_add(p->c, SPACE_TAG, SYMBOL_ENUM, tag, type->place, e);
    }
    type->enumeration = e;
    if (!idlc_parser_at(p, '{'))
        return type;
    if (e->complete)
        idlc_parser_fail(p, type->place, "%.*s is defined twice", IDLC_TEXT(tag));
    type->defines = true;
    e->v1 = idlc_attribute_find(attributes, ATTRIBUTE_V1_ENUM) != NULL;
    parse_enumerators(p, e);
    return type;
}
