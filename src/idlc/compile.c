/* SPDX-License-Identifier: MIT */
/* The stages in order. Nothing is emitted unless everything before it was free of errors. */
#include "idlc/build.h"
#include "idlc/parser.h"

/* A file of types only has tables too, under its own name. */
static struct idlc_interface *nameless(struct idlc *c)
{
    struct idlc_interface *i = idlc_alloc(c, sizeof(*i));

    i->file = c->files;
    i->c_name = idlc_symbol_prefix(c, c->files->base);
    i->place.file = c->files;
    return i;
}

/* What setjmp() returns to keeps no variables of its own: they would be lost. */
static bool compile(struct idlc *c, const char *name, FILE *header, FILE *tables)
{
    struct idlc_tables *all;
    size_t count = 0;

    if (!idlc_parser_file(c, NULL, name)) {
        fprintf(c->messages, "%s: error: cannot read the file\n", name);
        return false;
    }
    if (c->errors)
        return false;
    if (!c->interfaces)
        c->interfaces = nameless(c);
    for (struct idlc_interface *i = c->interfaces; i; i = i->next)
        count++;
    all = idlc_alloc(c, count * sizeof(*all));
    count = 0;
    for (struct idlc_interface *i = c->interfaces; i; i = i->next, count++)
        idlc_build(&all[count], c, i, (unsigned)count + 1);
    if (c->errors)
        return false;
    idlc_emit_header(c, all, count, header);
    idlc_emit_tables(c, all, count, tables);
    return true;
}

bool idlc_compile(struct idlc *c, struct arena *arena, FILE *messages, const struct idlc_settings *settings,
                  const char *name, FILE *header, FILE *tables)
{
    *c = (struct idlc){.arena = arena, .messages = messages, .settings = settings};
    c->files_end = &c->files;
    c->interfaces_end = &c->interfaces;
    return setjmp(c->fatal) ? false : compile(c, name, header, tables);
}
