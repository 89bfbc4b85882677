/* SPDX-License-Identifier: MIT */
/* Names: what they stand for, and how C spells them. Three spaces: ordinary names, tags, procedures. */
#include "idlc/ast.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024

static size_t bucket(enum idlc_space space, struct idlc_text name)
{
    uint32_t hash = 2166136261u ^ (uint32_t)space;

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (uint8_t)name.at[i]) * 16777619u;
    return hash % BUCKETS;
}

struct idlc_symbol *idlc_symbol_find(const struct idlc *c, enum idlc_space space, struct idlc_text name)
{
    struct idlc_symbol *s;

    if (!c->symbols)
        return NULL;
    for (s = c->symbols[bucket(space, name)]; s; s = s->next)
        if (s->space == space && idlc_text_equal(s->name, name))
            return s;
    return NULL;
}

void idlc_symbol_add(struct idlc *c, enum idlc_space space, enum idlc_symbol_kind kind, struct idlc_text name,
                     struct idlc_place place, void *what)
{
    struct idlc_symbol *s = idlc_symbol_find(c, space, name), **head;

    if (s) {
        idlc_error(c, place, "%.*s is defined twice", IDLC_TEXT(name));
        idlc_note(c, s->place, "the first definition is here");
        return;
    }
    if (!c->symbols)
        c->symbols = idlc_alloc(c, BUCKETS * sizeof(*c->symbols));
    head = &c->symbols[bucket(space, name)];
    s = idlc_alloc(c, sizeof(*s));
    *s = (struct idlc_symbol){*head, space, kind, name, place, what};
    *head = s;
}

static int compare(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

const char *idlc_symbol_c_name(struct idlc *c, struct idlc_text name)
{
    static const char *const keywords[] = {
        "alignas",      "alignof",   "and",           "and_eq",       "asm",
        "auto",         "bitand",    "bitor",         "bool",         "break",
        "case",         "catch",     "char",          "char16_t",     "char32_t",
        "char8_t",      "class",     "compl",         "concept",      "const",
        "const_cast",   "consteval", "constexpr",     "constinit",    "continue",
        "decltype",     "default",   "delete",        "do",           "double",
        "dynamic_cast", "else",      "enum",          "explicit",     "export",
        "extern",       "false",     "float",         "for",          "friend",
        "goto",         "if",        "inline",        "int",          "int16_t",
        "int32_t",      "int64_t",   "int8_t",        "linux",        "long",
        "mutable",      "namespace", "new",           "noexcept",     "not",
        "not_eq",       "nullptr",   "operator",      "or",           "or_eq",
        "private",      "protected", "public",        "register",     "reinterpret_cast",
        "requires",     "restrict",  "return",        "short",        "signed",
        "sizeof",       "static",    "static_assert", "static_cast",  "struct",
        "switch",       "template",  "this",          "thread_local", "throw",
        "true",         "try",       "typedef",       "typeid",       "typename",
        "uint16_t",     "uint32_t",  "uint64_t",      "uint8_t",      "union",
        "unix",         "unsigned",  "using",         "virtual",      "void",
        "volatile",     "wchar_t",   "while",         "xor",          "xor_eq",
    };
    char *text = idlc_copy(c, name);

    if (bsearch(text, keywords, sizeof(keywords) / sizeof(keywords[0]), sizeof(keywords[0]), compare))
        return idlc_format(c, "%s_", text);
    return text;
}

const char *idlc_symbol_prefix(struct idlc *c, const char *name)
{
    char *text = idlc_format(c, "%s%s", name[0] >= '0' && name[0] <= '9' ? "_" : "", name);

    for (char *p = text; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9')))
            *p = '_';
    return text;
}
