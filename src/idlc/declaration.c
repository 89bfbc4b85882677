/* SPDX-License-Identifier: MIT */
/* Declarations: base types, declarators, typedefs, procedures and their parameters. */
#include "idlc/expression.h"

#include <string.h>

struct idlc_type *idlc_declaration_new_type(struct idlc_parser *p, enum idlc_form form,
                                            struct idlc_place place)
{
    struct idlc_type *type = idlc_alloc(p->c, sizeof(*type));

    type->form = form;
    type->place = place;
    return type;
}

static const struct {
    const char *word;
    uint8_t kind, unsigned_kind;
} bases[] = {
    {"char", NDR_CHAR, NDR_UINT8},
    {"small", NDR_INT8, NDR_UINT8},
    {"short", NDR_INT16, NDR_UINT16},
    {"long", NDR_INT32, NDR_UINT32},
    {"int", NDR_INT32, NDR_UINT32},
    {"hyper", NDR_INT64, NDR_UINT64},
    {"__int8", NDR_INT8, NDR_UINT8},
    {"__int16", NDR_INT16, NDR_UINT16},
    {"__int32", NDR_INT32, NDR_UINT32},
    {"__int64", NDR_INT64, NDR_UINT64},
    {"__int3264", NDR_UINTPTR, NDR_UINTPTR},
    {"byte", NDR_UINT8, NDR_NONE},
    {"boolean", NDR_UINT8, NDR_NONE},
    {"wchar_t", NDR_WCHAR, NDR_NONE},
    {"float", NDR_FLOAT32, NDR_NONE},
    {"double", NDR_FLOAT64, NDR_NONE},
    {"error_status_t", NDR_UINT32, NDR_NONE},
};

static int find_base(struct idlc_text word)
{
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
        if (idlc_text_is(word, bases[i].word))
            return (int)i;
    return -1;
}

static bool is_qualifier(const struct idlc_parser *p)
{
    static const char *const words[] = {"const",     "volatile", "__RPC_FAR", "far",
                                        "__stdcall", "_stdcall", "__cdecl",   "NET_API_FUNCTION"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (idlc_parser_at_word(p, words[i]))
            return true;
    return false;
}

static void skip_qualifiers(struct idlc_parser *p)
{
    while (is_qualifier(p))
        idlc_lexer_next(&p->lexer);
}

bool idlc_declaration_starts_type(const struct idlc_parser *p)
{
    static const char *const words[] = {"struct", "union", "enum", "unsigned", "signed", "void", "handle_t"};
    struct idlc_symbol *s;

    if (p->lexer.token.kind != TOKEN_NAME)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (idlc_parser_at_word(p, words[i]))
            return true;
    if (is_qualifier(p) || find_base(p->lexer.token.text) >= 0)
        return true;
    s = idlc_symbol_find(p->c, SPACE_ORDINARY, p->lexer.token.text);
    return s && s->kind == SYMBOL_TYPEDEF;
}

/* unsigned long int, in any order. */
static const struct idlc_type *parse_base(struct idlc_parser *p)
{
    struct idlc_type *type = idlc_declaration_new_type(p, FORM_BASE, p->lexer.token.place);
    bool is_unsigned = false, is_signed = false, has_int = false;
    int base = -1, found;

    for (;; idlc_lexer_next(&p->lexer), skip_qualifiers(p)) {
        if (idlc_parser_at_word(p, "unsigned")) {
            is_unsigned = true;
        } else if (idlc_parser_at_word(p, "signed")) {
            is_signed = true;
        } else if (p->lexer.token.kind != TOKEN_NAME || (found = find_base(p->lexer.token.text)) < 0) {
            break;
        } else if (base < 0 && idlc_text_is(p->lexer.token.text, "int")) {
            has_int = true;
        } else if (base >= 0 && idlc_text_is(p->lexer.token.text, "int")) {
            if (has_int)
                break;
            has_int = true;
        } else if (base >= 0 && idlc_text_is(p->lexer.token.text, "long") && bases[base].kind == NDR_INT32) {
            base = find_base((struct idlc_text){"hyper", 5}); /* long long */
        } else if (base >= 0) {
            break; /* typedef unsigned short wchar_t; */
        } else {
            base = found;
        }
    }
    if (base < 0)
        base = find_base((struct idlc_text){"int", 3});
    type->kind = is_unsigned ? bases[base].unsigned_kind : bases[base].kind;
    if (is_signed && type->kind == NDR_CHAR)
        type->kind = NDR_INT8;
    if (is_signed && is_unsigned)
        idlc_parser_fail(p, type->place, "signed and unsigned at once");
    if (!type->kind || (is_signed && !bases[base].unsigned_kind))
        idlc_parser_fail(p, type->place, "%s is neither signed nor unsigned: leave that out",
                         bases[base].word);
    return type;
}

void idlc_declaration_field(struct idlc_parser *p, struct idlc_field ***end, struct idlc_field field)
{
    struct idlc_field *copy = idlc_alloc(p->c, sizeof(*copy));

    *copy = field;
    if (field.name.len)
        copy->c_name = idlc_symbol_c_name(p->c, field.name);
    **end = copy;
    *end = &copy->next;
}

const struct idlc_type *idlc_declaration_type(struct idlc_parser *p, const struct idlc_attribute *attributes)
{
    struct idlc_place place;
    struct idlc_symbol *s;
    struct idlc_type *type;

    skip_qualifiers(p);
    place = p->lexer.token.place;
    if (idlc_parser_at_word(p, "struct") || idlc_parser_at_word(p, "union"))
        return idlc_aggregate_record(p, attributes);
    if (idlc_parser_at_word(p, "enum"))
        return idlc_aggregate_enum(p, attributes);
    if (idlc_parser_at_word(p, "void") || idlc_parser_at_word(p, "handle_t")) {
        type = idlc_declaration_new_type(p, idlc_parser_at_word(p, "void") ? FORM_VOID : FORM_HANDLE, place);
        idlc_lexer_next(&p->lexer);
        skip_qualifiers(p);
        return type;
    }
    if (idlc_parser_at_word(p, "pipe"))
        idlc_parser_fail(p, place,
                         "pipe is not supported: pipes have no length that could be checked before "
                         "the end; pass an array with [size_is]");
    if (idlc_parser_at_word(p, "SAFEARRAY") || idlc_parser_at_word(p, "interface"))
        idlc_parser_fail(p, place, "%.*s belongs to COM automation, which this runtime does not have",
                         IDLC_TEXT(p->lexer.token.text));
    s = p->lexer.token.kind == TOKEN_NAME ? idlc_symbol_find(p->c, SPACE_ORDINARY, p->lexer.token.text)
                                          : NULL;
    if (s && s->kind == SYMBOL_TYPEDEF) {
        type = idlc_declaration_new_type(p, FORM_NAMED, place);
        type->named = s->what;
        idlc_lexer_next(&p->lexer);
        skip_qualifiers(p);
        return type;
    }
    if (idlc_declaration_starts_type(p))
        return parse_base(p);
    if (p->lexer.token.kind != TOKEN_NAME)
        idlc_parser_fail(p, place, "a type is needed here");
    if (idlc_symbol_find(p->c, SPACE_TAG, p->lexer.token.text))
        idlc_parser_fail(p, place, "%.*s is a tag: write struct, union or enum before it",
                         IDLC_TEXT(p->lexer.token.text));
    idlc_parser_fail(p, place, "%.*s is not a type: define it above, or import the file that does",
                     IDLC_TEXT(p->lexer.token.text));
}

/* [n][m]: the first bound is the outermost. */
static const struct idlc_type *parse_bounds(struct idlc_parser *p, const struct idlc_type *element)
{
    struct idlc_type *type;
    struct idlc_place place = p->lexer.token.place;

    if (idlc_parser_at(p, '('))
        idlc_parser_fail(p, place, "pointers to functions cannot be sent");
    if (!idlc_parser_accept(p, '['))
        return element;
    type = idlc_declaration_new_type(p, FORM_ARRAY, place);
    if (idlc_parser_at(p, ']')) {
        type->open = true;
    } else if (idlc_parser_accept(p, '*')) {
        type->open = true;
    } else {
        type->count = idlc_expression_constant(p);
        if (idlc_parser_at(p, MARK_DOTS))
            idlc_parser_fail(p, p->lexer.token.place,
                             "bounds with a lower limit are not supported: arrays start "
                             "at 0, write the number of elements");
        if ((type->count < 1 || type->count > INT32_MAX) && !p->c->errors)
            idlc_parser_fail(p, place, "an array has at least 1 and at most 2147483647 elements");
    }
    type->place.len = p->lexer.token.place.offset + 1 - place.offset;
    idlc_parser_expect(p, ']', "behind the bound");
    idlc_parser_enter(p);
    type->target = parse_bounds(p, element);
    idlc_parser_leave(p);
    return type;
}

static void skip_group(struct idlc_parser *p)
{
    unsigned depth = 1;

    while (depth) {
        if (p->lexer.token.kind == TOKEN_END || idlc_parser_at(p, ';'))
            idlc_parser_fail(p, p->lexer.token.place, "a ) is needed here");
        if (idlc_parser_at(p, '('))
            depth++;
        else if (idlc_parser_at(p, ')'))
            depth--;
        idlc_lexer_next(&p->lexer);
    }
}

static const struct idlc_type *parse_declarator(struct idlc_parser *p, const struct idlc_type *type,
                                                bool optional, struct idlc_text *name,
                                                struct idlc_place *place)
{
    unsigned levels = 0;

    for (;;) {
        struct idlc_type *pointer;

        skip_qualifiers(p);
        if (!idlc_parser_at(p, '*'))
            break;
        if (++levels > IDLC_MAX_LEVELS)
            idlc_parser_fail(p, p->lexer.token.place, "more than %d levels of pointers", IDLC_MAX_LEVELS);
        pointer = idlc_declaration_new_type(p, FORM_POINTER, p->lexer.token.place);
        pointer->target = type;
        type = pointer;
        idlc_lexer_next(&p->lexer);
    }
    if (idlc_parser_accept(p, '(')) {
        struct idlc_lexer inside = p->lexer, behind;

        skip_group(p);
        type = parse_bounds(p, type);
        behind = p->lexer;
        p->lexer = inside;
        idlc_parser_enter(p);
        type = parse_declarator(p, type, optional, name, place);
        idlc_parser_leave(p);
        idlc_parser_expect(p, ')', "to close the parenthesis");
        p->lexer = behind;
        return type;
    }
    *name = (struct idlc_text){NULL, 0};
    *place = p->lexer.token.place;
    if (p->lexer.token.kind == TOKEN_NAME || !optional)
        *name = idlc_parser_name(p, "a name");
    return parse_bounds(p, type);
}

const struct idlc_type *idlc_declaration_declarator(struct idlc_parser *p, const struct idlc_type *type,
                                                    bool optional, struct idlc_text *name,
                                                    struct idlc_place *place)
{
    unsigned levels = 0;

    type = parse_declarator(p, type, optional, name, place);
    for (const struct idlc_type *t = type; t->form == FORM_POINTER || t->form == FORM_ARRAY; t = t->target)
        if (++levels > IDLC_MAX_LEVELS)
            idlc_parser_fail(p, *place, "more than %d levels of pointers and arrays", IDLC_MAX_LEVELS);
    return type;
}

/* [context_handle] void * becomes the handle itself. */
static const struct idlc_type *as_context(struct idlc_parser *p, const struct idlc_type *type,
                                          struct idlc_place place)
{
    const struct idlc_type *target = idlc_type_resolve(type);
    struct idlc_type *copy;

    if (target->form == FORM_BASE && target->kind == NDR_CONTEXT)
        return type;
    if (target->form != FORM_POINTER && target->form != FORM_ARRAY)
        idlc_parser_fail(p, place, "[context_handle] needs a pointer: void *");
    copy = idlc_declaration_new_type(p, target->form, target->place);
    *copy = *target;
    target = idlc_type_resolve(target->target);
    if (copy->form == FORM_POINTER && target->form != FORM_POINTER &&
        !(target->form == FORM_BASE && target->kind == NDR_CONTEXT))
        *copy = (struct idlc_type){.form = FORM_BASE, .kind = NDR_CONTEXT, .place = type->place};
    else
        copy->target = as_context(p, copy->target, place);
    return copy;
}

static void add_typedef(struct idlc_parser *p, const struct idlc_attribute *attributes,
                        const struct idlc_type *type, struct idlc_text name, struct idlc_place place)
{
    struct idlc_typedef *definition = idlc_alloc(p->c, sizeof(*definition));
    struct idlc_symbol *s = idlc_symbol_find(p->c, SPACE_ORDINARY, name);

    if (idlc_attribute_find(attributes, ATTRIBUTE_CONTEXT_HANDLE))
        type = as_context(p, type, place);
    *definition = (struct idlc_typedef){.name = name,
                                        .place = place,
                                        .attributes = attributes,
                                        .type = type,
                                        .external = p->external,
                                        .default_ref = p->interface && p->interface->default_ref};
    if (find_base(name) >= 0)
        return; /* typedef unsigned short wchar_t; is printed, and is known anyway */
    if (s && s->kind == SYMBOL_TYPEDEF && idlc_type_same(((struct idlc_typedef *)s->what)->type, type))
        return; /* the same again */
    if (type->form == FORM_RECORD && !type->record->c_tag)
        idlc_aggregate_name(p, type->record, idlc_symbol_c_name(p->c, name));
    idlc_symbol_add(p->c, SPACE_ORDINARY, SYMBOL_TYPEDEF, name, place, definition);
    if (type->form == FORM_RECORD && !type->record->alias)
        type->record->alias = definition;
    if (type->form == FORM_ENUM && !type->enumeration->alias)
        type->enumeration->alias = definition;
    idlc_parser_add(p, (struct idlc_item){.kind = ITEM_TYPEDEF, .definition = definition});
}

static void parse_typedef(struct idlc_parser *p)
{
    const struct idlc_attribute *attributes;
    const struct idlc_type *type, *base;
    struct idlc_text name;
    struct idlc_place place;

    idlc_lexer_next(&p->lexer);
    attributes = idlc_attribute_parse(p, POSITION_TYPEDEF);
    base = idlc_declaration_type(p, attributes);
    do {
        type = idlc_declaration_declarator(p, base, false, &name, &place);
        if (type != base && base->form == FORM_RECORD && base->record->complete && !base->record->c_tag)
            idlc_aggregate_name(p, base->record, idlc_format(p->c, "%.*s_target", IDLC_TEXT(name)));
        if (type->form == FORM_ARRAY && !idlc_type_complete(type->target))
            idlc_parser_fail(p, place, "elements of %.*s have no fixed length", IDLC_TEXT(name));
        add_typedef(p, attributes, type, name, place);
    } while (idlc_parser_accept(p, ','));
    idlc_parser_expect(p, ';', "behind the typedef");
}

/* OpnumNNNotUsedOnWire: a gap in the numbers. */
static bool is_gap(const struct idlc_procedure *procedure)
{
    const char *at = procedure->name.at, *end = at + procedure->name.len;

    if (procedure->parameters || end - at < 6 || memcmp(at, "Opnum", 5) || at[5] < '0' || at[5] > '9')
        return false;
    for (at += 5; at < end && *at >= '0' && *at <= '9';)
        at++;
    return end - at >= 7 && !memcmp(at, "NotUsed", 7);
}

static void parse_parameter(struct idlc_parser *p, struct idlc_procedure *procedure, struct idlc_field ***end)
{
    struct idlc_field field = {.place = p->lexer.token.place};
    const struct idlc_type *type;

    field.attributes = idlc_attribute_parse(p, POSITION_PARAMETER);
    type = idlc_declaration_type(p, field.attributes);
    if (type->form == FORM_VOID && idlc_parser_at(p, ')') && !procedure->parameters)
        return;
    field.type = idlc_declaration_declarator(p, type, true, &field.name, &field.place);
    if (idlc_attribute_find(field.attributes, ATTRIBUTE_CONTEXT_HANDLE))
        field.type = as_context(p, field.type, field.place);
    if (idlc_type_resolve(field.type)->form == FORM_HANDLE)
        return; /* says which binding, and is not on the wire */
    if (!field.name.len)
        idlc_parser_fail(p, field.place, "the parameter needs a name");
    if (idlc_text_is(field.name, "Return"))
        idlc_parser_fail(p, field.place, "Return is the name of the result: call the parameter otherwise");
    for (const struct idlc_field *f = procedure->parameters; f; f = f->next)
        if (idlc_text_equal(f->name, field.name))
            idlc_parser_fail(p, field.place, "%.*s is declared twice here", IDLC_TEXT(field.name));
    idlc_declaration_field(p, end, field);
}

static void parse_procedure(struct idlc_parser *p, const struct idlc_type *result)
{
    struct idlc_procedure *procedure = idlc_alloc(p->c, sizeof(*procedure));
    struct idlc_field **end = &procedure->parameters, field = {.name = {"Return", 6}};
    const struct idlc_type *type = idlc_type_resolve(result);

    if (!p->interface)
        idlc_parser_fail(p, p->lexer.token.place, "a procedure stands inside an interface");
    procedure->place = p->lexer.token.place;
    procedure->name = idlc_parser_name(p, "the name of a procedure");
    idlc_parser_expect(p, '(', "behind the name of the procedure");
    if (!idlc_parser_at(p, ')')) {
        do
            parse_parameter(p, procedure, &end);
        while (idlc_parser_accept(p, ','));
    }
    idlc_parser_expect(p, ')', "behind the parameters");
    idlc_parser_expect(p, ';', "behind the procedure");
    procedure->absent = is_gap(procedure);
    if (type->form != FORM_VOID) {
        if ((type->form != FORM_BASE || type->kind > NDR_LAST_SCALAR) && type->form != FORM_ENUM)
            idlc_error(p->c, procedure->place,
                       "%.*s must return void, an integer or an enum: return the rest "
                       "through [out] parameters",
                       IDLC_TEXT(procedure->name));
        field.type = result;
        field.place = procedure->place;
        idlc_declaration_field(p, &end, field);
    }
    idlc_symbol_add(p->c, SPACE_PROCEDURE, SYMBOL_PROCEDURE, procedure->name, procedure->place, procedure);
    if (p->interface->procedure_count >= 65535)
        idlc_parser_fail(p, procedure->place, "more than 65535 procedures");
    procedure->opnum = (uint16_t)p->interface->procedure_count++;
    *p->interface->procedures_end = procedure;
    p->interface->procedures_end = &procedure->next;
}

void idlc_declaration_parse(struct idlc_parser *p, const struct idlc_attribute *attributes)
{
    const struct idlc_type *type;

    if (idlc_parser_at_word(p, "typedef")) {
        parse_typedef(p);
        return;
    }
    type = idlc_declaration_type(p, attributes);
    if (idlc_parser_at(p, ';') && (type->form == FORM_RECORD || type->form == FORM_ENUM)) {
        idlc_lexer_next(&p->lexer);
        if (type->form == FORM_RECORD && !type->record->c_tag)
            idlc_parser_fail(p, type->place, "nothing can refer to this: add a tag, or make it a typedef");
        idlc_parser_add(p, (struct idlc_item){.kind = ITEM_TYPE, .type = type});
        return;
    }
    if (idlc_parser_at(p, '*'))
        idlc_parser_fail(p, p->lexer.token.place,
                         "a procedure cannot return a pointer: return it through an [out] parameter");
    parse_procedure(p, type);
}
