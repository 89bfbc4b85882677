/* SPDX-License-Identifier: MIT */
/*
 * The header: types in the order of the text, so that each is complete before its use by value; then what the
 * interface adds: indexes of types, numbers and parameters of procedures.
 */
#include "idlc/build.h"

#include <string.h>

static void write_definition(struct idlc *c, const struct idlc_type *type, FILE *out);

static void write_members(struct idlc *c, const struct idlc_record *record, int depth, FILE *out)
{
    bool any = false;

    for (const struct idlc_field *f = record->fields; f; f = f->next) {
        if (!f->type)
            continue;
        any = true;
        if (f->name.len && f->type->form == FORM_ARRAY && idlc_shape_open(f)) {
            struct idlc_type open = *f->type;

            open.open = true;
            fprintf(out, "%*s%s;\n", depth * 4, "", idlc_type_declare(c, &open, f->c_name, false));
        } else if (f->name.len) {
            fprintf(out, "%*s%s;\n", depth * 4, "", idlc_type_declare(c, f->type, f->c_name, false));
        } else {
            fprintf(out, "%*s__extension__ %s {\n", depth * 4, "",
                    f->type->record->is_union ? "union" : "struct");
            write_members(c, f->type->record, depth + 1, out);
            fprintf(out, "%*s};\n", depth * 4, "");
        }
    }
    if (!any)
        fputs("    uint8_t unused_; /* all arms are empty */\n", out);
}

/* Those that are defined inside come first: C++ would make them members. */
static void write_inner(struct idlc *c, const struct idlc_record *record, FILE *out)
{
    for (const struct idlc_field *f = record->fields; f; f = f->next) {
        const struct idlc_type *type = f->type;

        while (type && (type->form == FORM_POINTER || type->form == FORM_ARRAY))
            type = type->target;
        if (!type)
            continue;
        if (f->name.len)
            write_definition(c, type, out);
        else if (type->form == FORM_RECORD && type->defines)
            write_inner(c, type->record, out);
    }
}

static void write_record(struct idlc *c, struct idlc_record *record, FILE *out)
{
    if (record->written || !record->complete || record->external || !record->c_tag)
        return;
    record->written = true;
    write_inner(c, record, out);
    fprintf(out, "%s %s {\n", record->is_union ? "union" : "struct", record->c_tag);
    write_members(c, record, 1, out);
    fputs("};\n", out);
}

static void write_enum(struct idlc_enum *e, FILE *out)
{
    if (e->written || !e->complete || e->external)
        return;
    e->written = true;
    fputs("enum {\n", out);
    for (const struct idlc_enumerator *i = e->items; i; i = i->next)
        if (i->value == INT32_MIN)
            fprintf(out, "    %s = -2147483647 - 1,\n", i->c_name);
        else
            fprintf(out, "    %s = %lld,\n", i->c_name, (long long)i->value);
    fputs("};\n", out);
}

static void write_definition(struct idlc *c, const struct idlc_type *type, FILE *out)
{
    if (type->defines && type->form == FORM_RECORD)
        write_record(c, type->record, out);
    else if (type->defines)
        write_enum(type->enumeration, out);
}

static void write_typedef(struct idlc *c, const struct idlc_typedef *definition, FILE *out)
{
    const struct idlc_type *type = definition->type, *base = type;
    const char *name = idlc_symbol_c_name(c, definition->name);

    if (definition->external)
        return;
    while (base->form == FORM_POINTER || base->form == FORM_ARRAY)
        base = base->target;
    if (base->form == FORM_RECORD && base->record->alias == definition) {
        /* first the name, so that members can point to it */
        fprintf(out, "typedef %s %s;\n", idlc_type_c_record(c, base->record), name);
        write_definition(c, base, out);
        return;
    }
    write_definition(c, base, out);
    fprintf(out, "typedef %s;\n", idlc_type_declare(c, type, name, false));
}

static void write_constant(struct idlc *c, const struct idlc_constant *constant, FILE *out)
{
    const char *name = idlc_symbol_c_name(c, constant->name);
    long long value = constant->value;

    if (constant->string)
        fprintf(out, "#define %s %s\n", name, constant->string);
    else if (value == INT64_MIN)
        fprintf(out, "#define %s (-9223372036854775807LL - 1)\n", name);
    else
        fprintf(out, "#define %s (%lld%s)\n", name, value,
                value > UINT32_MAX || value < INT32_MIN ? "LL"
                : value > INT32_MAX                     ? "u"
                                                        : "");
}

static void write_items(struct idlc *c, const struct idlc_file *file, FILE *out)
{
    for (const struct idlc_item *i = file->items; i; i = i->next)
        switch (i->kind) {
        case ITEM_TYPEDEF:
            write_typedef(c, i->definition, out);
            break;
        case ITEM_TYPE:
            if (i->type->form == FORM_RECORD && !i->type->record->external && !i->type->defines)
                fprintf(out, "%s;\n", idlc_type_c_record(c, i->type->record));
            write_definition(c, i->type, out);
            break;
        case ITEM_CONSTANT:
            write_constant(c, i->constant, out);
            break;
        case ITEM_QUOTE:
            fprintf(out, "%s\n", i->text);
            break;
        case ITEM_INCLUDE:
            break; /* at the top */
        }
}

/* Of the typedefs of all files, those that have a row here. */
static void write_type_indexes(struct idlc *c, const struct idlc_tables *t, FILE *out)
{
    bool any = false;

    for (const struct idlc_file *file = c->files; file; file = file->next)
        for (const struct idlc_item *i = file->items; i; i = i->next) {
            uint16_t row = i->kind == ITEM_TYPEDEF ? idlc_build_row_of(t, i->definition->type) : 0;

            if (!row)
                continue;
            if (!any)
                fputs("\n/* Indexes of types, for ndr_*_type(). */\nenum {\n", out);
            any = true;
            fprintf(out, "    %s_type_%.*s = %u,\n", t->interface->c_name, IDLC_TEXT(i->definition->name),
                    row);
        }
    if (any)
        fputs("};\n", out);
}

static void write_parameters(struct idlc_tables *t, const struct idlc_procedure *p, FILE *out)
{
    fprintf(out, "\nstruct %.*s_params {\n", IDLC_TEXT(p->name));
    for (const struct idlc_field *f = p->parameters; f; f = f->next) {
        const struct idlc_type *type = f->type;

        if (idlc_procedure_by_value(t, f)) {
            /* without its outermost pointer, also when a typedef has it */
            while (type->form == FORM_NAMED)
                type = type->named->type;
            type = type->target;
        }
        fprintf(out, "    %s;\n", idlc_type_declare(t->c, type, f->c_name, idlc_shape_open(f)));
    }
    if (!p->parameters)
        fputs("    uint8_t unused_; /* no parameter is sent */\n", out);
    fputs("};\n", out);
}

static void write_interface(struct idlc *c, struct idlc_tables *t, FILE *out)
{
    const struct idlc_interface *i = t->interface;

    write_type_indexes(c, t, out);
    if (i->procedures) {
        fputs("\n/* Numbers of procedures. */\nenum {\n", out);
        for (const struct idlc_procedure *p = i->procedures; p; p = p->next)
            fprintf(out, "    %.*s_opnum = %u,\n", IDLC_TEXT(p->name), p->opnum);
        fputs("};\n", out);
    }
    for (const struct idlc_procedure *p = i->procedures; p; p = p->next)
        if (!p->absent)
            write_parameters(t, p, out);
    fprintf(out, "\nextern const struct ndr_interface %s_interface;\n", i->c_name);
}

/* Of extern blocks, each header once. */
static void write_includes(const struct idlc_file *file, FILE *out)
{
    for (const struct idlc_item *i = file->items; i; i = i->next) {
        const struct idlc_item *before = file->items;

        if (i->kind != ITEM_INCLUDE)
            continue;
        while (before != i && (before->kind != ITEM_INCLUDE || strcmp(before->text, i->text)))
            before = before->next;
        if (before == i)
            fprintf(out, "#include \"%s\"\n", i->text);
    }
}

void idlc_emit_header(struct idlc *c, struct idlc_tables *tables, size_t count, FILE *out)
{
    const struct idlc_file *file = c->files;
    const char *guard = idlc_symbol_prefix(c, file->base);

    fprintf(out, "/* Made by idlc from %s.idl. Do not edit. */\n", file->base);
    fprintf(out, "#ifndef IDLC_%s_H\n#define IDLC_%s_H\n\n#include <stdint.h>\n\n#include <netmgmt/ndr.h>\n",
            guard, guard);
    for (const struct idlc_import *i = file->imports; i; i = i->next)
        fprintf(out, "#include \"%s.h\"\n", i->file->base);
    write_includes(file, out);
    fputs("\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n", out);
    write_items(c, file, out);
    for (size_t i = 0; i < count; i++)
        write_interface(c, &tables[i], out);
    fputs("\n#ifdef __cplusplus\n}\n#endif\n#endif\n", out);
}
