/* SPDX-License-Identifier: MIT */
/*
 * [attributes]: one table says of each what it takes, where it may stand and, for those that are refused, why
 * and what to do instead.
 */
#include "idlc/expression.h"

#include <string.h>

enum argument {
    ARGUMENT_NONE,
    ARGUMENT_VALUES,   /* (e, , e) */
    ARGUMENT_TYPE,     /* (type) */
    ARGUMENT_WORD,     /* (text without tokens) */
    ARGUMENT_STRINGS,  /* ("a", "b") */
    ARGUMENT_ANYTHING, /* whatever is in the parentheses, if there are any */
};

#define DECLARED (POSITION_MEMBER | POSITION_ARM | POSITION_PARAMETER)
#define ANYWHERE (DECLARED | POSITION_INTERFACE | POSITION_TYPEDEF | POSITION_PROCEDURE)

static const struct rule {
    const char *name;
    enum idlc_attribute_id id;
    enum argument argument;
    unsigned positions;
    const char *refusal;
} rules[] = {
    {"uuid", ATTRIBUTE_UUID, ARGUMENT_WORD, POSITION_INTERFACE, NULL},
    {"version", ATTRIBUTE_VERSION, ARGUMENT_WORD, POSITION_INTERFACE, NULL},
    {"endpoint", ATTRIBUTE_ENDPOINT, ARGUMENT_STRINGS, POSITION_INTERFACE, NULL},
    {"pointer_default", ATTRIBUTE_POINTER_DEFAULT, ARGUMENT_WORD, POSITION_INTERFACE, NULL},
    {"ms_union", ATTRIBUTE_MS_UNION, ARGUMENT_NONE, POSITION_INTERFACE | POSITION_TYPEDEF | DECLARED, NULL},
    {"in", ATTRIBUTE_IN, ARGUMENT_NONE, POSITION_PARAMETER, NULL},
    {"out", ATTRIBUTE_OUT, ARGUMENT_NONE, POSITION_PARAMETER, NULL},
    {"ref", ATTRIBUTE_REF, ARGUMENT_NONE, DECLARED | POSITION_TYPEDEF, NULL},
    {"unique", ATTRIBUTE_UNIQUE, ARGUMENT_NONE, DECLARED | POSITION_TYPEDEF, NULL},
    {"string", ATTRIBUTE_STRING, ARGUMENT_NONE, DECLARED | POSITION_TYPEDEF, NULL},
    {"size_is", ATTRIBUTE_SIZE_IS, ARGUMENT_VALUES, DECLARED, NULL},
    {"max_is", ATTRIBUTE_MAX_IS, ARGUMENT_VALUES, DECLARED, NULL},
    {"length_is", ATTRIBUTE_LENGTH_IS, ARGUMENT_VALUES, DECLARED, NULL},
    {"first_is", ATTRIBUTE_FIRST_IS, ARGUMENT_VALUES, DECLARED, NULL},
    {"last_is", ATTRIBUTE_LAST_IS, ARGUMENT_VALUES, DECLARED, NULL},
    {"switch_is", ATTRIBUTE_SWITCH_IS, ARGUMENT_VALUES, DECLARED, NULL},
    {"switch_type", ATTRIBUTE_SWITCH_TYPE, ARGUMENT_TYPE, DECLARED | POSITION_TYPEDEF, NULL},
    {"case", ATTRIBUTE_CASE, ARGUMENT_VALUES, POSITION_ARM, NULL},
    {"default", ATTRIBUTE_DEFAULT, ARGUMENT_NONE, POSITION_ARM, NULL},
    {"range", ATTRIBUTE_RANGE, ARGUMENT_VALUES, DECLARED | POSITION_TYPEDEF, NULL},
    {"context_handle", ATTRIBUTE_CONTEXT_HANDLE, ARGUMENT_NONE, POSITION_PARAMETER | POSITION_TYPEDEF, NULL},
    {"context_handle_serialize", ATTRIBUTE_CONTEXT_HANDLE, ARGUMENT_NONE,
     POSITION_PARAMETER | POSITION_TYPEDEF, NULL},
    {"context_handle_noserialize", ATTRIBUTE_CONTEXT_HANDLE, ARGUMENT_NONE,
     POSITION_PARAMETER | POSITION_TYPEDEF, NULL},
    {"v1_enum", ATTRIBUTE_V1_ENUM, ARGUMENT_NONE, DECLARED | POSITION_TYPEDEF, NULL},
    {"secret", ATTRIBUTE_SECRET, ARGUMENT_NONE, DECLARED | POSITION_TYPEDEF, NULL},

    /* Change nothing on the wire. */
    {"strict_context_handle", ATTRIBUTE_IGNORED, ARGUMENT_NONE, POSITION_INTERFACE, NULL},
    {"type_strict_context_handle", ATTRIBUTE_IGNORED, ARGUMENT_NONE, POSITION_INTERFACE, NULL},
    {"handle", ATTRIBUTE_IGNORED, ARGUMENT_NONE, POSITION_TYPEDEF, NULL},
    {"explicit_handle", ATTRIBUTE_IGNORED, ARGUMENT_NONE, POSITION_INTERFACE | POSITION_PROCEDURE, NULL},
    {"helpstring", ATTRIBUTE_IGNORED, ARGUMENT_ANYTHING, ANYWHERE, NULL},
    {"annotation", ATTRIBUTE_IGNORED, ARGUMENT_ANYTHING, ANYWHERE, NULL},
    {"public", ATTRIBUTE_IGNORED, ARGUMENT_NONE, ANYWHERE, NULL},
    {"nocode", ATTRIBUTE_IGNORED, ARGUMENT_NONE, ANYWHERE, NULL},
    {"code", ATTRIBUTE_IGNORED, ARGUMENT_NONE, ANYWHERE, NULL},
    {"idempotent", ATTRIBUTE_IGNORED, ARGUMENT_NONE, POSITION_PROCEDURE, NULL},
    {"disable_consistency_check", ATTRIBUTE_IGNORED, ARGUMENT_NONE, DECLARED | POSITION_TYPEDEF, NULL},

    /* Refused. */
    {"ptr", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "full pointers may name one object twice, which a message without a memory cannot hold; write [unique] "
     "or "
     "[ref]"},
    {"transmit_as", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "it needs functions of the program; declare the type that is transmitted"},
    {"represent_as", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "it needs functions of the program; declare the type that is transmitted"},
    {"wire_marshal", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "it needs functions of the program; declare the type that is transmitted"},
    {"user_marshal", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "it needs functions of the program; declare the type that is transmitted"},
    {"call_as", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "it needs functions of the program; declare the procedure that is transmitted"},
    {"cs_char", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "character sets are not converted; declare byte or wchar_t"},
    {"cs_drtag", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "character sets are not converted; leave it out"},
    {"cs_rtag", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE, "character sets are not converted; leave it out"},
    {"cs_stag", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE, "character sets are not converted; leave it out"},
    {"callback", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "calls from the server to the client do not exist in this runtime; declare an interface of its own"},
    {"maybe", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "calls without a reply do not exist in this runtime; leave it out"},
    {"broadcast", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "calls to many servers do not exist in this runtime; leave it out"},
    {"message", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "message queues do not exist in this runtime; leave it out"},
    {"iid_is", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "interface pointers belong to DCOM, which this runtime does not have"},
    {"object", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "object interfaces belong to DCOM, which this runtime does not have"},
    {"dual", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "object interfaces belong to DCOM, which this runtime does not have"},
    {"oleautomation", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "object interfaces belong to DCOM, which this runtime does not have"},
    {"local", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "what is local is not called by RPC; leave the declaration out"},
    {"async", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "the wire does not tell asynchronous calls from others; leave it out"},
    {"async_uuid", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "object interfaces belong to DCOM, which this runtime does not have"},
    {"auto_handle", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "a call always names its connection; leave it out, or write [explicit_handle]"},
    {"implicit_handle", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "a call always names its connection; leave it out, or write [explicit_handle]"},
    {"encode", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "type serialization is not supported; leave it out"},
    {"decode", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "type serialization is not supported; leave it out"},
    {"comm_status", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "failures of the call are the result of the call itself; leave it out"},
    {"fault_status", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "failures of the call are the result of the call itself; leave it out"},
    {"notify", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE, "stubs of the server do not exist; leave it out"},
    {"notify_flag", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "stubs of the server do not exist; leave it out"},
    {"partial_ignore", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "a parameter that is sent in part is not supported; declare two parameters"},
    {"ignore", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "a pointer that is sent without what it points to is not supported; declare an integer"},
    {"bstring", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE, "byte strings are not supported; write [string]"},
    {"min_is", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "arrays start at 0 in NDR; write [size_is] or [max_is]"},
    {"byte_count", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "lengths in bytes of the host are not supported; write [size_is]"},
    {"allocate", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "the runtime decides where values are allocated; leave it out"},
    {"switch", ATTRIBUTE_REFUSED, ARGUMENT_ANYTHING, ANYWHERE,
     "write union switch (type name), or [switch_is]"},
    {"pipe", ATTRIBUTE_REFUSED, ARGUMENT_NONE, ANYWHERE,
     "pipes have no length that could be checked before the end; pass an array with [size_is]"},
};

const struct idlc_attribute *idlc_attribute_find(const struct idlc_attribute *list, enum idlc_attribute_id id)
{
    for (; list; list = list->next)
        if (list->id == id)
            return list;
    return NULL;
}

static const struct rule *find_rule(struct idlc_parser *p, const struct idlc_token *name)
{
    if (name->kind != TOKEN_NAME)
        idlc_parser_fail(p, name->place, "the name of an attribute is needed here");
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (idlc_text_is(name->text, rules[i].name))
            return &rules[i];
    return NULL;
}

static void skip_parentheses(struct idlc_parser *p)
{
    unsigned depth = 0;

    if (!idlc_parser_at(p, '('))
        return;
    do {
        if (idlc_parser_at(p, '('))
            depth++;
        else if (idlc_parser_at(p, ')'))
            depth--;
        else if (p->lexer.token.kind == TOKEN_END || idlc_parser_at(p, ';'))
            idlc_parser_fail(p, p->lexer.token.place, "a ) is needed here");
        idlc_lexer_next(&p->lexer);
    } while (depth);
}

static void parse_values(struct idlc_parser *p, struct idlc_attribute *a)
{
    size_t capacity = 0;

    idlc_parser_expect(p, '(', "after this attribute");
    do {
        const struct idlc_expr *e = NULL;

        if (!idlc_parser_at(p, ',') && !idlc_parser_at(p, ')'))
            e = idlc_expression_parse(p);
        a->values = idlc_grow(p->c, (void *)a->values, a->value_count, &capacity, a->value_count + 1,
                              sizeof(struct idlc_expr *));
        a->values[a->value_count++] = e;
    } while (idlc_parser_accept(p, ','));
    idlc_parser_expect(p, ')', "behind the values of the attribute");
}

static void parse_strings(struct idlc_parser *p, struct idlc_attribute *a)
{
    size_t capacity = 0;

    idlc_parser_expect(p, '(', "after this attribute");
    do {
        if (p->lexer.token.kind != TOKEN_STRING)
            idlc_parser_fail(p, p->lexer.token.place, "a text in quotes is needed here");
        a->strings = idlc_grow(p->c, a->strings, a->string_count, &capacity, a->string_count + 1,
                               sizeof(struct idlc_text));
        a->strings[a->string_count++] = p->lexer.token.text;
        idlc_lexer_next(&p->lexer);
    } while (idlc_parser_accept(p, ','));
    idlc_parser_expect(p, ')', "behind the texts");
}

static void parse_argument(struct idlc_parser *p, enum argument kind, struct idlc_attribute *a)
{
    switch (kind) {
    case ARGUMENT_NONE:
        if (idlc_parser_at(p, '('))
            idlc_parser_fail(p, p->lexer.token.place, "[%s] takes no argument", a->spelling);
        break;
    case ARGUMENT_VALUES:
        parse_values(p, a);
        break;
    case ARGUMENT_TYPE:
        idlc_parser_expect(p, '(', "after this attribute");
        a->type = idlc_declaration_type(p, NULL);
        idlc_parser_expect(p, ')', "behind the type");
        break;
    case ARGUMENT_WORD:
        if (!idlc_parser_at(p, '('))
            idlc_parser_expect(p, '(', "after this attribute");
        a->text = idlc_lexer_raw(&p->lexer);
        idlc_parser_expect(p, ')', "to close the attribute");
        break;
    case ARGUMENT_STRINGS:
        parse_strings(p, a);
        break;
    case ARGUMENT_ANYTHING:
        skip_parentheses(p);
        break;
    }
}

/* Lists that must have a certain number of values. */
static void check_count(struct idlc_parser *p, const struct idlc_attribute *a)
{
    bool holes = false;

    for (size_t i = 0; i < a->value_count; i++)
        holes |= !a->values[i];
    if (a->id == ATTRIBUTE_RANGE && (a->value_count != 2 || holes))
        idlc_parser_fail(p, a->place, "[range] needs two values: range(lowest, highest)");
    if (a->id == ATTRIBUTE_SWITCH_IS && (a->value_count != 1 || holes))
        idlc_parser_fail(p, a->place, "[switch_is] needs one value");
    if (a->id == ATTRIBUTE_CASE && holes)
        idlc_parser_fail(p, a->place, "a value is missing in [case]");
    if (a->value_count > IDLC_MAX_LEVELS && a->id != ATTRIBUTE_CASE)
        idlc_parser_fail(p, a->place, "[%s] with more than %d values", a->spelling, IDLC_MAX_LEVELS);
}

static struct idlc_attribute *parse_one(struct idlc_parser *p, unsigned positions)
{
    struct idlc_token name = p->lexer.token;
    const struct rule *rule = find_rule(p, &name);
    struct idlc_attribute *a;

    if (!rule) {
        idlc_error(
            p->c, name.place,
            "[%.*s] is not an attribute that idlc knows: if it changes nothing on the wire, leave it out",
            IDLC_TEXT(name.text));
        idlc_lexer_next(&p->lexer);
        skip_parentheses(p);
        return NULL;
    }
    if (rule->id == ATTRIBUTE_REFUSED)
        idlc_error(p->c, name.place, "[%s] is not supported: %s", rule->name, rule->refusal);
    else if (!(rule->positions & positions))
        idlc_error(p->c, name.place, "[%s] does not belong here", rule->name);
    a = idlc_alloc(p->c, sizeof(*a));
    *a = (struct idlc_attribute){.id = rule->id, .spelling = rule->name, .place = name.place};
    idlc_lexer_next(&p->lexer);
    parse_argument(p, rule->argument, a);
    check_count(p, a);
    return a;
}

const struct idlc_attribute *idlc_attribute_parse(struct idlc_parser *p, unsigned positions)
{
    struct idlc_attribute *first = NULL, **end = &first;

    while (idlc_parser_accept(p, '[')) {
        do {
            struct idlc_attribute *a;

            if (idlc_parser_at(p, ']'))
                break; /* [in, ] is printed here and there */
            a = parse_one(p, positions);
            if (!a)
                continue;
            if (idlc_attribute_find(first, a->id) && a->id != ATTRIBUTE_IGNORED && a->id != ATTRIBUTE_CASE &&
                a->id != ATTRIBUTE_REFUSED)
                idlc_error(p->c, a->place, "[%s] twice", a->spelling);
            *end = a;
            end = &a->next;
        } while (idlc_parser_accept(p, ','));
        idlc_parser_expect(p, ']', "to close the attributes");
    }
    return first;
}
