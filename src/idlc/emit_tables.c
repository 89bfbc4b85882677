/* SPDX-License-Identifier: MIT */
/*
 * The tables: const arrays, one row a line, and assertions that what C lays out is what the rows say.
 */
#include "idlc/build.h"

#include <string.h>

static void write_flags(uint8_t flags, uint8_t kind, FILE *out)
{
    static const struct {
        uint8_t flag;
        const char *name;
    } names[] = {
        {NDR_T_CONFORMANT, "NDR_T_CONFORMANT"}, {NDR_T_VARYING, "NDR_T_VARYING"},
        {NDR_T_INLINE, "NDR_T_INLINE"},         {NDR_T_ENCAPSULATED, "NDR_T_ENCAPSULATED"},
        {NDR_T_SECRET, "NDR_T_SECRET"},         {NDR_T_DEFAULT, "NDR_T_DEFAULT"},
        {NDR_T_FIXED, "NDR_T_FIXED"},
    };
    const char *between = "";

    if (!flags)
        fputc('0', out);
    if (flags & NDR_T_REF) {
        fputs(kind == NDR_UNION ? "NDR_T_MS_UNION" : "NDR_T_REF", out);
        between = " | ";
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (flags & names[i].flag) {
            fprintf(out, "%s%s", between, names[i].name);
            between = " | ";
        }
}

static const char *kind_name(uint8_t kind)
{
    static const char *const names[] = {
        [NDR_NONE] = "NDR_NONE",       [NDR_INT8] = "NDR_INT8",       [NDR_UINT8] = "NDR_UINT8",
        [NDR_CHAR] = "NDR_CHAR",       [NDR_INT16] = "NDR_INT16",     [NDR_UINT16] = "NDR_UINT16",
        [NDR_WCHAR] = "NDR_WCHAR",     [NDR_INT32] = "NDR_INT32",     [NDR_UINT32] = "NDR_UINT32",
        [NDR_INT64] = "NDR_INT64",     [NDR_UINT64] = "NDR_UINT64",   [NDR_FLOAT32] = "NDR_FLOAT32",
        [NDR_FLOAT64] = "NDR_FLOAT64", [NDR_ENUM16] = "NDR_ENUM16",   [NDR_ENUM32] = "NDR_ENUM32",
        [NDR_UINTPTR] = "NDR_UINTPTR", [NDR_CONTEXT] = "NDR_CONTEXT", [NDR_STRUCT] = "NDR_STRUCT",
        [NDR_UNION] = "NDR_UNION",     [NDR_POINTER] = "NDR_POINTER", [NDR_ARRAY] = "NDR_ARRAY",
        [NDR_STRING] = "NDR_STRING",
    };

    return names[kind];
}

static void write_rows(const struct idlc_tables *t, const char *name, FILE *out)
{
    fprintf(out, "\nstatic const struct ndr_type %s_types[] = {\n", name);
    for (size_t i = 0; i < t->row_count; i++) {
        const struct idlc_row *row = &t->rows[i];
        const struct ndr_type *x = &row->type;

        fprintf(out, "    /* %zu: %s */\n    {%s, ", i, row->label, kind_name(x->kind));
        write_flags(x->flags, x->kind, out);
        fprintf(out, ", {%u, %u}, {%u, %u}, %s, %lu, %u, %u, %u, {%u, %u}, %u, %u},\n", x->align[0],
                x->align[1], x->min[0], x->min[1], row->host_len, (unsigned long)x->count, x->first,
                x->members, x->target, x->expr[0], x->expr[1], x->range, x->name);
    }
    fputs("};\n", out);
}

static void write_members(const struct idlc_tables *t, const char *name, FILE *out)
{
    fprintf(out, "\nstatic const struct ndr_field %s_fields[] = {\n    {0, 0, 0, 0, 0, 0},\n", name);
    for (size_t i = 1; i < t->member_count; i++) {
        const struct idlc_member_row *m = &t->members[i];
        uint8_t flags = m->field.flags;

        fprintf(out, "    {offsetof(%s, %s), %u, %u, %s%s%s, %u, 0},\n", m->container, m->member,
                m->field.type, m->field.name,
                (flags & NDR_F_IN) && (flags & NDR_F_OUT) ? "NDR_F_IN | NDR_F_OUT"
                : flags & NDR_F_IN                        ? "NDR_F_IN"
                : flags & NDR_F_OUT                       ? "NDR_F_OUT"
                                                          : "0",
                flags & NDR_F_RESULT ? " | NDR_F_RESULT" : "", "", m->field.slot);
    }
    fputs("};\n", out);
    for (size_t i = 1; i < t->member_count; i++) {
        const struct idlc_member_row *m = &t->members[i];
        const struct ndr_type *type = &t->rows[m->field.type].type;

        if (!m->flexible && type->kind != NDR_NONE)
            fprintf(out, "_Static_assert(sizeof(((%s *)0)->%s) == %s, \"%s.%s\");\n", m->container, m->member,
                    t->rows[m->field.type].host_len, m->container, m->member);
    }
}

static void write_integer(int64_t value, FILE *out)
{
    if (value == INT64_MIN)
        fputs("INT64_MIN", out);
    else
        fprintf(out, "%lld", (long long)value);
}

static void write_arms(const struct idlc_tables *t, const char *name, FILE *out)
{
    fprintf(out, "\nstatic const struct ndr_arm %s_arms[] = {\n", name);
    for (size_t i = 0; i < t->arm_count; i++) {
        fputs("    {", out);
        write_integer(t->arms[i].value, out);
        fprintf(out, ", %u, %u, 0},\n", t->arms[i].type, t->arms[i].name);
    }
    fputs("};\n", out);
}

static void write_ops(const struct idlc_tables *t, const char *name, FILE *out)
{
    static const char *const names[] = {
        [NDR_OP_END] = "NDR_OP_END", [NDR_OP_CONST] = "NDR_OP_CONST", [NDR_OP_SLOT] = "NDR_OP_SLOT",
        [NDR_OP_ADD] = "NDR_OP_ADD", [NDR_OP_SUB] = "NDR_OP_SUB",     [NDR_OP_MUL] = "NDR_OP_MUL",
        [NDR_OP_DIV] = "NDR_OP_DIV", [NDR_OP_MOD] = "NDR_OP_MOD",     [NDR_OP_SHL] = "NDR_OP_SHL",
        [NDR_OP_SHR] = "NDR_OP_SHR", [NDR_OP_AND] = "NDR_OP_AND",     [NDR_OP_OR] = "NDR_OP_OR",
        [NDR_OP_XOR] = "NDR_OP_XOR", [NDR_OP_NOT] = "NDR_OP_NOT",     [NDR_OP_NEG] = "NDR_OP_NEG",
    };

    fprintf(out, "\nstatic const struct ndr_op %s_ops[] = {\n", name);
    for (size_t i = 0; i < t->op_count; i++) {
        fputs("    {", out);
        write_integer(t->ops[i].value, out);
        fprintf(out, ", %s, {0}},\n", names[t->ops[i].op]);
    }
    fprintf(out, "};\n\nstatic const struct ndr_range %s_ranges[] = {\n", name);
    for (size_t i = 0; i < t->range_count; i++) {
        fputs("    {", out);
        write_integer(t->ranges[i].low, out);
        fputs(", ", out);
        write_integer(t->ranges[i].high, out);
        fputs("},\n", out);
    }
    fputs("};\n", out);
}

static void write_names(const struct idlc_tables *t, const char *name, FILE *out)
{
    size_t at = 0;

    fprintf(out, "\nstatic const char %s_names[] =\n", name);
    while (at < t->names_len) {
        size_t len = strlen(t->names + at);

        /* the compiler adds the last zero */
        fprintf(out, "    \"%s%s\" /* %zu */\n", t->names + at, at + len + 1 < t->names_len ? "\\0" : "", at);
        at += len + 1;
    }
    fputs("    \"\";\n", out);
}

static void write_procedures(const struct idlc_tables *t, const char *name, FILE *out)
{
    if (!t->procedure_count)
        return;
    fprintf(out, "\nstatic const struct ndr_proc %s_procs[] = {\n", name);
    for (size_t i = 0; i < t->procedure_count; i++) {
        const struct ndr_proc *p = &t->procedures[i].proc;
        struct idlc_text text = t->procedures[i].procedure->name;

        fprintf(out, "    /* %zu: %.*s */\n    {%u, %u, %u, ", i, IDLC_TEXT(text), p->name, p->first,
                p->members);
        if (p->flags & NDR_P_ABSENT)
            fputs("NDR_P_ABSENT, 0},\n", out);
        else
            fprintf(out, "%s, sizeof(struct %.*s_params)},\n",
                    p->flags & NDR_P_HAS_IN_CONTEXT ? "NDR_P_HAS_IN_CONTEXT" : "0", IDLC_TEXT(text));
    }
    fputs("};\n", out);
}

/* A C literal that means the bytes of the text as IDL means them: backslashes escape, as in C. */
static void write_literal(struct idlc_text text, FILE *out)
{
    fputc('"', out);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char ch = (unsigned char)text.at[i];

        if (ch == '\\' && i + 1 < text.len && (text.at[i + 1] == '\\' || text.at[i + 1] == '"'))
            ch = (unsigned char)text.at[++i];
        if (ch == '"' || ch == '\\')
            fprintf(out, "\\%c", ch);
        else if (ch < 32 || ch > 126 || ch == '?')
            fprintf(out, "\\%03o", ch);
        else
            fputc(ch, out);
    }
    fputc('"', out);
}

static void write_endpoints(const struct idlc_interface *i, FILE *out)
{
    if (!i->endpoint_count)
        return;
    fprintf(out, "\nstatic const char *const %s_endpoints[] = {", i->c_name);
    for (size_t n = 0; n < i->endpoint_count; n++) {
        write_literal(i->endpoints[n], out);
        fputs(", ", out);
    }
    fputs("NULL};\n", out);
}

static void write_interface(const struct idlc_tables *t, FILE *out)
{
    const struct idlc_interface *i = t->interface;
    const char *name = i->c_name;
    const struct ndr_uuid *u = &i->uuid;

    fprintf(out, "\nconst struct ndr_interface %s_interface = {\n    .abi = NDR_ABI_VERSION,\n", name);
    fprintf(out, "    .name = \"%s\",\n", name);
    fprintf(out, "    .uuid = {0x%08lx, 0x%04x, 0x%04x,\n             {", (unsigned long)u->time_low,
            u->time_mid, u->time_hi);
    for (int n = 0; n < 8; n++)
        fprintf(out, "%s0x%02x", n ? ", " : "", u->node[n]);
    fprintf(out, "}},\n    .major = %u,\n    .minor = %u,\n", i->major, i->minor);
    if (t->procedure_count)
        fprintf(out, "    .procs = %s_procs,\n    .proc_count = %zu,\n", name, t->procedure_count);
    fprintf(out, "    .type_count = %zu,\n", t->row_count);
    fprintf(out,
            "    .types = %s_types,\n    .fields = %s_fields,\n    .arms = %s_arms,\n    .ops = %s_ops,\n",
            name, name, name, name);
    fprintf(out, "    .ranges = %s_ranges,\n    .names = %s_names,\n", name, name);
    if (i->endpoint_count)
        fprintf(out, "    .endpoints = %s_endpoints,\n", name);
    fputs("};\n", out);
}

void idlc_emit_tables(struct idlc *c, const struct idlc_tables *tables, size_t count, FILE *out)
{
    const char *base = c->files->base;

    fprintf(out, "/* Made by idlc from %s.idl. Do not edit. */\n#include \"%s.h\"\n\n#include <stddef.h>\n",
            base, base);
    fputs("\n_Static_assert(NDR_ABI_VERSION == 1, \"made for another version of netmgmt/ndr.h\");\n", out);
    for (size_t i = 0; i < count; i++) {
        const struct idlc_tables *t = &tables[i];
        const char *name = t->interface->c_name;

        write_rows(t, name, out);
        write_members(t, name, out);
        write_arms(t, name, out);
        write_ops(t, name, out);
        write_names(t, name, out);
        write_procedures(t, name, out);
        write_endpoints(t->interface, out);
        write_interface(t, out);
    }
}
