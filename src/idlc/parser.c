/* SPDX-License-Identifier: MIT */
/*
 * Files, imports and interfaces, and how the parser goes on after an error: every declaration runs under a
 * guard that knows how many braces were open when it began.
 */
#include "idlc/parser.h"
#include "idlc/expression.h"

#include <string.h>

_Noreturn void idlc_parser_fail(struct idlc_parser *p, struct idlc_place place, const char *format, ...)
{
    char message[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    idlc_error(p->c, place, "%s", message);
    longjmp(p->recover, 1);
}

bool idlc_parser_at(const struct idlc_parser *p, int mark)
{
    return p->lexer.token.kind == TOKEN_MARK && p->lexer.token.mark == mark;
}

bool idlc_parser_at_word(const struct idlc_parser *p, const char *word)
{
    return p->lexer.token.kind == TOKEN_NAME && idlc_text_is(p->lexer.token.text, word);
}

bool idlc_parser_accept(struct idlc_parser *p, int mark)
{
    if (!idlc_parser_at(p, mark))
        return false;
    idlc_lexer_next(&p->lexer);
    return true;
}

void idlc_parser_expect(struct idlc_parser *p, int mark, const char *where)
{
    if (!idlc_parser_accept(p, mark))
        idlc_parser_fail(p, p->lexer.token.place, "a %c is needed here %s", mark, where);
}

struct idlc_text idlc_parser_name(struct idlc_parser *p, const char *what)
{
    struct idlc_text text = p->lexer.token.text;

    if (p->lexer.token.kind != TOKEN_NAME)
        idlc_parser_fail(p, p->lexer.token.place, "%s is needed here", what);
    idlc_lexer_next(&p->lexer);
    return text;
}

static void skip_declaration(struct idlc_parser *p, int braces)
{
    for (;;) {
        bool inside = p->lexer.braces > braces;

        if (p->lexer.token.kind == TOKEN_END || (!inside && idlc_parser_at(p, '}')))
            return;
        if (!inside && idlc_parser_accept(p, ';'))
            return;
        idlc_lexer_next(&p->lexer);
    }
}

void idlc_parser_guard(struct idlc_parser *p, void (*parse)(struct idlc_parser *p, void *argument),
                       void *argument)
{
    const unsigned nesting = p->nesting;
    const int braces = p->lexer.braces;
    jmp_buf outer;

    memcpy(&outer, &p->recover, sizeof(outer));
    if (setjmp(p->recover) == 0) {
        parse(p, argument);
    } else {
        p->nesting = nesting;
        skip_declaration(p, braces);
    }
    memcpy(&p->recover, &outer, sizeof(outer));
}

void idlc_parser_enter(struct idlc_parser *p)
{
    if (++p->nesting > IDLC_MAX_NESTING)
        idlc_parser_fail(p, p->lexer.token.place, "nested more than %d deep: give the inner part a name",
                         IDLC_MAX_NESTING);
}

void idlc_parser_leave(struct idlc_parser *p)
{
    p->nesting--;
}

void idlc_parser_add(struct idlc_parser *p, struct idlc_item item)
{
    struct idlc_item *copy = idlc_alloc(p->c, sizeof(*copy));

    *copy = item;
    *p->items_end = copy;
    p->items_end = &copy->next;
}

/* Text of a string with its escapes resolved: \" and \\ only, others stay as they are. */
static char *unescape(struct idlc *c, struct idlc_text text)
{
    char *out = idlc_alloc(c, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\\' && i + 1 < text.len && (text.at[i + 1] == '"' || text.at[i + 1] == '\\'))
            i++;
        out[len++] = text.at[i];
    }
    return out;
}

static void parse_quote(struct idlc_parser *p)
{
    char *text = (char *)"";

    idlc_lexer_next(&p->lexer);
    idlc_parser_expect(p, '(', "after cpp_quote");
    if (p->lexer.token.kind != TOKEN_STRING)
        idlc_parser_fail(p, p->lexer.token.place, "a text in quotes is needed here");
    while (p->lexer.token.kind == TOKEN_STRING) {
        text = idlc_format(p->c, "%s%s", text, unescape(p->c, p->lexer.token.text));
        idlc_lexer_next(&p->lexer);
    }
    idlc_parser_expect(p, ')', "behind the text");
    idlc_parser_accept(p, ';');
    idlc_parser_add(p, (struct idlc_item){.kind = ITEM_QUOTE, .text = text});
}

static void parse_import(struct idlc_parser *p)
{
    idlc_lexer_next(&p->lexer);
    do {
        struct idlc_token name = p->lexer.token;
        struct idlc_import *import, **end = &p->file->imports;

        if (name.kind != TOKEN_STRING)
            idlc_parser_fail(p, name.place, "the name of a file in quotes is needed here");
        import = idlc_alloc(p->c, sizeof(*import));
        import->file = idlc_parser_file(p->c, p->file, unescape(p->c, name.text));
        if (!import->file)
            idlc_parser_fail(p, name.place,
                             "cannot read %.*s: it is not beside this file nor in a folder given with -I",
                             IDLC_TEXT(name.text));
        while (*end && (*end)->file != import->file)
            end = &(*end)->next;
        if (!*end)
            *end = import;
        idlc_lexer_next(&p->lexer);
    } while (idlc_parser_accept(p, ','));
    idlc_parser_expect(p, ';', "behind the import");
}

static void add_constant(struct idlc_parser *p, struct idlc_text name, struct idlc_place place, int64_t value,
                         const char *string)
{
    struct idlc_constant *constant = idlc_alloc(p->c, sizeof(*constant));

    *constant = (struct idlc_constant){name, value, string};
    idlc_symbol_add(p->c, SPACE_ORDINARY, SYMBOL_CONSTANT, name, place, constant);
    if (!p->external)
        idlc_parser_add(p, (struct idlc_item){.kind = ITEM_CONSTANT, .constant = constant});
}

/* const type NAME = value; */
static void parse_constant(struct idlc_parser *p)
{
    struct idlc_text name;
    struct idlc_place place;
    const char *string = NULL;
    int64_t value = 0;

    idlc_lexer_next(&p->lexer);
    idlc_declaration_declarator(p, idlc_declaration_type(p, NULL), false, &name, &place);
    idlc_parser_expect(p, '=', "behind the name of the constant");
    if (p->lexer.token.kind == TOKEN_STRING) {
        string =
            idlc_format(p->c, "%s\"%.*s\"", p->lexer.token.wide ? "u" : "", IDLC_TEXT(p->lexer.token.text));
        idlc_lexer_next(&p->lexer);
    } else {
        value = idlc_expression_constant(p);
    }
    idlc_parser_expect(p, ';', "behind the constant");
    add_constant(p, name, place, value, string);
}

static void skip_line(struct idlc_parser *p, struct idlc_place place)
{
    while (idlc_lexer_same_line(&p->lexer, place))
        idlc_lexer_next(&p->lexer);
}

/* #define NAME value; nothing else of the preprocessor. */
static void parse_define(struct idlc_parser *p)
{
    struct idlc_place place = p->lexer.token.place;
    struct idlc_token name;
    int64_t value;

    idlc_lexer_next(&p->lexer);
    if (!idlc_parser_at_word(p, "define") || !idlc_lexer_same_line(&p->lexer, place)) {
        idlc_error(p->c, place,
                   "preprocessor lines are not supported but #define NAME number: write import for #include, "
                   "cpp_quote for what the header needs");
        skip_line(p, place);
        return;
    }
    idlc_lexer_next(&p->lexer);
    name = p->lexer.token;
    if (!idlc_lexer_same_line(&p->lexer, place))
        idlc_parser_fail(p, place, "#define needs a name and a number");
    idlc_parser_name(p, "a name");
    if (!idlc_lexer_same_line(&p->lexer, place))
        idlc_parser_fail(p, name.place, "#define needs a number behind the name");
    if (idlc_parser_at(p, '(') && p->lexer.token.place.offset == name.place.offset + name.place.len) {
        idlc_error(p->c, name.place, "macros with parameters are not supported: write the values");
        skip_line(p, place);
        return;
    }
    value = idlc_expression_constant(p);
    if (idlc_lexer_same_line(&p->lexer, place)) {
        idlc_error(p->c, p->lexer.token.place, "#define takes one number: macros are not supported");
        skip_line(p, place);
        return;
    }
    add_constant(p, name.text, name.place, value, NULL);
}

static void parse_contents(struct idlc_parser *p);

/* extern "header.h" { declarations }: described here, declared in C there. */
static void parse_extern(struct idlc_parser *p)
{
    struct idlc_place place = p->lexer.token.place;

    if (p->external)
        idlc_parser_fail(p, place, "extern inside extern");
    idlc_lexer_next(&p->lexer);
    if (p->lexer.token.kind != TOKEN_STRING)
        idlc_parser_fail(p, p->lexer.token.place,
                         "the name of a C header is needed here: extern \"header.h\" { ... }");
    idlc_parser_add(p, (struct idlc_item){.kind = ITEM_INCLUDE, .text = unescape(p->c, p->lexer.token.text)});
    idlc_lexer_next(&p->lexer);
    idlc_parser_expect(p, '{', "behind the name of the header");
    p->external = true;
    parse_contents(p);
    p->external = false;
    idlc_parser_expect(p, '}', "to close extern");
    idlc_parser_accept(p, ';');
}

static int hex_digits(struct idlc_text text, size_t at, size_t count, uint64_t *value)
{
    *value = 0;
    for (size_t i = at; i < at + count; i++) {
        const char *digits = "0123456789abcdef", *found;

        found = text.at[i] ? strchr(digits, text.at[i] | 0x20) : NULL;
        if (!found || text.at[i] == 'P') /* no digit that only the | makes one */
            return -1;
        *value = *value << 4 | (uint64_t)(found - digits);
    }
    return 0;
}

static bool parse_uuid(struct idlc_text text, struct ndr_uuid *uuid)
{
    uint64_t parts[5];

    if (text.len != 36 || text.at[8] != '-' || text.at[13] != '-' || text.at[18] != '-' || text.at[23] != '-')
        return false;
    if (hex_digits(text, 0, 8, &parts[0]) || hex_digits(text, 9, 4, &parts[1]) ||
        hex_digits(text, 14, 4, &parts[2]) || hex_digits(text, 19, 4, &parts[3]) ||
        hex_digits(text, 24, 12, &parts[4]))
        return false;
    *uuid = (struct ndr_uuid){
        .time_low = (uint32_t)parts[0], .time_mid = (uint16_t)parts[1], .time_hi = (uint16_t)parts[2]};
    uuid->node[0] = (uint8_t)(parts[3] >> 8);
    uuid->node[1] = (uint8_t)parts[3];
    for (int i = 0; i < 6; i++)
        uuid->node[2 + i] = (uint8_t)(parts[4] >> (40 - 8 * i));
    return true;
}

static bool parse_version(struct idlc_text text, uint16_t *major, uint16_t *minor)
{
    uint32_t parts[2] = {0, 0};
    size_t part = 0, digits = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '.' && part == 0 && digits) {
            part = 1;
            digits = 0;
        } else if (text.at[i] >= '0' && text.at[i] <= '9' && ++digits < 6) {
            parts[part] = parts[part] * 10 + (uint32_t)(text.at[i] - '0');
        } else {
            return false;
        }
    }
    *major = (uint16_t)parts[0];
    *minor = (uint16_t)parts[1];
    return digits && parts[0] <= 65535 && parts[1] <= 65535;
}

static void use_attributes(struct idlc_parser *p, struct idlc_interface *i, const struct idlc_attribute *list)
{
    for (const struct idlc_attribute *a = list; a; a = a->next) {
        if (a->id == ATTRIBUTE_UUID) {
            i->has_uuid = true;
            if (!parse_uuid(a->text, &i->uuid))
                idlc_error(p->c, a->place, "not a UUID: write uuid(12345678-1234-1234-1234-123456789abc)");
        } else if (a->id == ATTRIBUTE_VERSION) {
            if (!parse_version(a->text, &i->major, &i->minor))
                idlc_error(p->c, a->place, "not a version: write version(1.0)");
        } else if (a->id == ATTRIBUTE_POINTER_DEFAULT) {
            i->default_ref = idlc_text_is(a->text, "ref");
            if (idlc_text_is(a->text, "ptr"))
                idlc_error(p->c, a->place, "full pointers are not supported: write pointer_default(unique)");
            else if (!i->default_ref && !idlc_text_is(a->text, "unique"))
                idlc_error(p->c, a->place, "pointer_default takes unique or ref");
        } else if (a->id == ATTRIBUTE_MS_UNION) {
            i->ms_union = true;
        } else if (a->id == ATTRIBUTE_ENDPOINT) {
            i->endpoints = a->strings;
            i->endpoint_count = a->string_count;
        }
    }
}

static void parse_interface(struct idlc_parser *p, const struct idlc_attribute *attributes)
{
    struct idlc_interface *i = idlc_alloc(p->c, sizeof(*i));

    idlc_lexer_next(&p->lexer);
    i->place = p->lexer.token.place;
    i->name = idlc_parser_name(p, "the name of the interface");
    if (idlc_parser_accept(p, ';'))
        return; /* announced only: means nothing on the wire */
    i->file = p->file;
    i->has_body = true;
    i->c_name = idlc_symbol_prefix(p->c, idlc_copy(p->c, i->name));
    i->procedures_end = &i->procedures;
    if (idlc_parser_at(p, ':'))
        idlc_parser_fail(p, p->lexer.token.place,
                         "interfaces that inherit belong to DCOM, which this runtime does not have");
    use_attributes(p, i, attributes);
    if (!i->has_uuid)
        idlc_error(p->c, i->place, "the interface needs [uuid(...)]");
    for (struct idlc_interface *other = p->c->interfaces; other; other = other->next)
        if (!strcmp(other->c_name, i->c_name))
            idlc_error(p->c, i->place, "interface %.*s is defined twice", IDLC_TEXT(i->name));
    idlc_parser_expect(p, '{', "behind the name of the interface");
    if (p->file == p->c->files) { /* those of imported files are only read for their types */
        *p->c->interfaces_end = i;
        p->c->interfaces_end = &i->next;
    }
    p->interface = i;
    parse_contents(p);
    p->interface = NULL;
    idlc_parser_expect(p, '}', "to close the interface");
    idlc_parser_accept(p, ';');
}

static void refuse_words(struct idlc_parser *p)
{
    static const char *const words[] = {"library",   "coclass",     "dispinterface", "module",
                                        "importlib", "midl_pragma", "apicontract",   "runtimeclass"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (idlc_parser_at_word(p, words[i]))
            idlc_parser_fail(
                p, p->lexer.token.place,
                "%s is not supported: it says nothing about calls between machines, leave it out", words[i]);
}

static void parse_one(struct idlc_parser *p, void *unused)
{
    (void)unused;
    refuse_words(p);
    if (idlc_parser_accept(p, ';'))
        return;
    if (p->lexer.token.kind == TOKEN_HASH) {
        parse_define(p);
    } else if (idlc_parser_at_word(p, "import")) {
        parse_import(p);
    } else if (idlc_parser_at_word(p, "cpp_quote")) {
        parse_quote(p);
    } else if (idlc_parser_at_word(p, "const")) {
        parse_constant(p);
    } else if (idlc_parser_at_word(p, "extern")) {
        parse_extern(p);
    } else {
        const struct idlc_attribute *attributes = idlc_attribute_parse(
            p, p->interface ? POSITION_PROCEDURE | POSITION_TYPEDEF : POSITION_INTERFACE | POSITION_TYPEDEF);

        if (!idlc_parser_at_word(p, "interface"))
            idlc_declaration_parse(p, attributes);
        else if (p->interface || p->external)
            idlc_parser_fail(p, p->lexer.token.place, "an interface cannot stand inside another construct");
        else
            parse_interface(p, attributes);
    }
}

/* Until a brace closes, or the file ends. */
static void parse_contents(struct idlc_parser *p)
{
    while (p->lexer.token.kind != TOKEN_END && !idlc_parser_at(p, '}'))
        idlc_parser_guard(p, parse_one, NULL);
}

static void parse_file(struct idlc_parser *p, void *unused)
{
    (void)unused;
    do {
        p->interface = NULL;
        p->external = false;
        parse_contents(p);
        if (idlc_parser_at(p, '}'))
            idlc_error(p->c, p->lexer.token.place, "no brace is open here");
    } while (idlc_parser_accept(p, '}'));
}

static const char *base_of(struct idlc *c, const char *path)
{
    const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path, *dot = strrchr(start, '.');

    return idlc_copy(c,
                     (struct idlc_text){start, dot && dot != start ? (size_t)(dot - start) : strlen(start)});
}

struct idlc_file *idlc_parser_file(struct idlc *c, const struct idlc_file *from, const char *name)
{
    struct idlc_file *file = idlc_alloc(c, sizeof(*file)), *known;
    struct idlc_parser p = {.c = c, .file = file};

    if (!c->settings->load(c->settings->load_context, from, name, c->arena, &file->path, &file->text,
                           &file->len))
        return NULL;
    for (known = c->files; known; known = known->next)
        if (!strcmp(known->path, file->path))
            return known; /* each file once, so that circles end */
    file->base = base_of(c, file->path);
    *c->files_end = file;
    c->files_end = &file->next;
    if (file->len > IDLC_MAX_TEXT || c->import_depth >= 32) {
        fprintf(c->messages, "%s: error: %s\n", file->path,
                file->len > IDLC_MAX_TEXT ? "the file is longer than 8 MiB"
                                          : "imports nest more than 32 deep");
        idlc_fatal(c);
    }
    c->import_depth++;
    p.items_end = &file->items;
    idlc_lexer_init(&p.lexer, c, file);
    idlc_parser_guard(&p, parse_file, NULL);
    c->import_depth--;
    return file;
}
