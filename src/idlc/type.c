/* SPDX-License-Identifier: MIT */
/* Types of the AST: what is behind a name, when two are the same, and how C writes them. */
#include "idlc/ast.h"

const struct idlc_type *idlc_type_resolve(const struct idlc_type *type)
{
    while (type->form == FORM_NAMED)
        type = type->named->type;
    return type;
}

bool idlc_type_complete(const struct idlc_type *type)
{
    for (;;) {
        type = idlc_type_resolve(type);
        if (type->form != FORM_ARRAY)
            break;
        if (type->open)
            return false;
        type = type->target;
    }
    return type->form != FORM_VOID && (type->form != FORM_RECORD || type->record->complete);
}

bool idlc_type_same(const struct idlc_type *a, const struct idlc_type *b)
{
    for (;;) {
        a = idlc_type_resolve(a);
        b = idlc_type_resolve(b);
        if (a->form != b->form)
            return false;
        switch (a->form) {
        case FORM_BASE:
            return a->kind == b->kind;
        case FORM_RECORD:
            return a->record == b->record;
        case FORM_ENUM:
            return a->enumeration == b->enumeration;
        case FORM_ARRAY:
            if (a->open != b->open || a->count != b->count)
                return false;
            break;
        case FORM_POINTER:
            break;
        default:
            return true;
        }
        a = a->target;
        b = b->target;
    }
}

const char *idlc_type_c_base(uint8_t kind)
{
    static const char *const names[] = {
        [NDR_INT8] = "int8_t",      [NDR_UINT8] = "uint8_t",
        [NDR_CHAR] = "uint8_t",     [NDR_INT16] = "int16_t",
        [NDR_UINT16] = "uint16_t",  [NDR_WCHAR] = "uint16_t",
        [NDR_INT32] = "int32_t",    [NDR_UINT32] = "uint32_t",
        [NDR_INT64] = "int64_t",    [NDR_UINT64] = "uint64_t",
        [NDR_FLOAT32] = "float",    [NDR_FLOAT64] = "double",
        [NDR_ENUM16] = "int32_t",   [NDR_ENUM32] = "int32_t",
        [NDR_UINTPTR] = "uint64_t", [NDR_CONTEXT] = "struct ndr_context_handle",
    };

    return names[kind];
}

const char *idlc_type_c_record(struct idlc *c, const struct idlc_record *record)
{
    if (record->external && record->alias)
        return idlc_symbol_c_name(c, record->alias->name);
    return idlc_format(c, "%s %s", record->is_union ? "union" : "struct", record->c_tag);
}

static const char *base_name(struct idlc *c, const struct idlc_type *type)
{
    switch (type->form) {
    case FORM_NAMED:
        return idlc_symbol_c_name(c, type->named->name);
    case FORM_BASE:
        return idlc_type_c_base(type->kind);
    case FORM_RECORD:
        if (type->record->alias && type->record->complete)
            return idlc_symbol_c_name(c, type->record->alias->name);
        return idlc_type_c_record(c, type->record);
    case FORM_ENUM:
        return "int32_t";
    case FORM_HANDLE:
        return "void *";
    default:
        return "void";
    }
}

const char *idlc_type_declare(struct idlc *c, const struct idlc_type *type, const char *name,
                              bool open_as_pointer)
{
    for (; type->form == FORM_POINTER || type->form == FORM_ARRAY;
         type = type->target, open_as_pointer = false) {
        if (type->form == FORM_ARRAY && type->open && !open_as_pointer)
            name = idlc_format(c, "%s[]", name);
        else if (type->form == FORM_ARRAY && !open_as_pointer)
            name = idlc_format(c, "%s[%lld]", name, (long long)type->count);
        else if (type->target->form == FORM_ARRAY)
            name = idlc_format(c, "(*%s)", name);
        else
            name = idlc_format(c, "*%s", name);
    }
    return idlc_format(c, "%s %s", base_name(c, type), name);
}
