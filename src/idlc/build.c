/* SPDX-License-Identifier: MIT */
/*
 * Declarations -> rows. A record's row is reserved when it is first pointed to and filled later, from a
 * queue, so that types may lead to themselves through pointers and the depth of the calls does not follow the
 * input.
 */
#include "idlc/build.h"
#include "idlc/expression.h"

#include <string.h>

static uint16_t enum_row(struct idlc_tables *t, struct idlc_enum *e)
{
    struct idlc_row row = {.host_len = "sizeof(int32_t)", .label = "enum"};
    struct ndr_arm *arms;
    size_t count = 0;

    for (struct idlc_enumerator *i = e->items; i; i = i->next)
        count++;
    arms = idlc_alloc(t->c, (count + 1) * sizeof(*arms));
    count = 0;
    for (struct idlc_enumerator *i = e->items; i; i = i->next)
        arms[count++] = (struct ndr_arm){.value = i->value, .name = idlc_pool_name(t, i->name)};
    row.type.kind = e->v1 ? NDR_ENUM32 : NDR_ENUM16;
    if (e->generation != t->generation) {
        e->generation = t->generation;
        e->first = idlc_pool_arms(t, arms, count);
    }
    row.type.first = e->first;
    row.type.members = (uint16_t)count;
    row.type.name = idlc_pool_name(t, e->alias ? e->alias->name : e->tag);
    e->row = idlc_pool_row(t, row);
    return e->row;
}

static uint16_t range_of(struct idlc_tables *t, const struct idlc_attribute *a)
{
    int64_t values[2] = {0, 0};

    for (int i = 0; i < 2; i++) {
        const struct idlc_expr *why;

        if (!idlc_expression_value(t->c, a->values[i], &values[i], &why)) {
            if (why)
                idlc_error(t->c, why->place, "%.*s is not a constant", IDLC_TEXT(why->name));
            return 0;
        }
    }
    if (values[0] > values[1]) {
        idlc_error(t->c, a->place, "the range is empty: its first value is greater than its second");
        return 0;
    }
    return idlc_pool_range(t, values[0], values[1]);
}

static uint16_t scalar_row(struct idlc_tables *t, const struct idlc_type *type)
{
    if (type->form == FORM_ENUM)
        return enum_row(t, type->enumeration);
    return idlc_pool_row(
        t, (struct idlc_row){.type = {.kind = type->kind},
                             .host_len = idlc_format(t->c, "sizeof(%s)", idlc_type_c_base(type->kind)),
                             .label = idlc_type_c_base(type->kind)});
}

static uint16_t bottom_row(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_field *field,
                           const struct idlc_shape *shape, bool behind_pointer)
{
    const struct idlc_type *type = shape->bottom;
    uint16_t row = 0;

    switch (type->form) {
    case FORM_VOID:
        idlc_error(
            t->c, field->place,
            "%.*s is void *, which does not say what is sent: declare [context_handle], or the type that "
            "it points to",
            IDLC_TEXT(field->name));
        return 0;
    case FORM_HANDLE:
        idlc_error(t->c, field->place, "handle_t can only be a parameter: it is not sent");
        return 0;
    case FORM_ENUM:
        if (!type->enumeration->complete) {
            idlc_error(t->c, field->place, "enum %.*s has no definition", IDLC_TEXT(type->enumeration->tag));
            return 0;
        }
        row = scalar_row(t, type);
        break;
    case FORM_RECORD:
        if (type->record->is_union)
            row = idlc_record_union(t, scope, field, shape, behind_pointer);
        else
            row = behind_pointer ? idlc_record_row(t, type->record) : idlc_record_complete(t, type->record);
        break;
    default:
        row = scalar_row(t, type);
        break;
    }
    if (shape->range && row) {
        struct idlc_row copy = t->rows[row];

        if (copy.type.kind == NDR_NONE || copy.type.kind > NDR_LAST_SCALAR) {
            idlc_error(t->c, shape->range->place,
                       "[range] needs an integer, a string or an array with [size_is]");
            return 0;
        }
        copy.type.range = range_of(t, shape->range);
        row = idlc_pool_row(t, copy);
    }
    return row;
}

uint16_t idlc_build_pointer(struct idlc_tables *t, uint16_t target, bool ref)
{
    if (!target)
        return 0;
    return idlc_pool_row(
        t, (struct idlc_row){
               .type = {.kind = NDR_POINTER, .flags = ref ? NDR_T_REF : 0, .target = target},
               .host_len = "sizeof(void *)",
               .label = idlc_format(t->c, "%s -> %s", ref ? "ref" : "unique", t->rows[target].label)});
}

uint16_t idlc_build_secret(struct idlc_tables *t, uint16_t row)
{
    struct idlc_row copy = t->rows[row];

    if (!row)
        return 0;
    copy.type.flags |= NDR_T_SECRET;
    return idlc_pool_row(t, copy);
}

bool idlc_build_is_conformant(const struct idlc_tables *t, uint16_t row)
{
    uint8_t kind = t->rows[row].type.kind;

    if (kind == NDR_STRUCT)
        return idlc_record_conformant(t->rows[row].record);
    return (kind == NDR_ARRAY || kind == NDR_STRING) && (t->rows[row].type.flags & NDR_T_CONFORMANT);
}

/* The row of what is counted; 0 after an error. */
static uint16_t element_row(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_field *field,
                            const struct idlc_shape *shape, unsigned level)
{
    struct idlc_row string = {.label = "char", .host_len = "1"};

    if (shape->levels[level].string) {
        bool wide = shape->bottom->kind == NDR_WCHAR || shape->bottom->kind == NDR_UINT16;

        string.type.kind = wide ? NDR_WCHAR : NDR_CHAR;
        string.host_len = wide ? "sizeof(uint16_t)" : "sizeof(uint8_t)";
        string.label = wide ? "wchar" : "char";
        return idlc_pool_row(t, string);
    }
    return idlc_build_level(t, scope, field, shape, level + 1);
}

/* An element whose own length is told in the message cannot be found by its index. */
static bool check_element(struct idlc_tables *t, const struct idlc_field *field, uint16_t row)
{
    const struct ndr_type *type = &t->rows[row].type;

    if ((type->kind == NDR_ARRAY || type->kind == NDR_STRING) &&
        (type->flags & (NDR_T_CONFORMANT | NDR_T_VARYING))) {
        idlc_error(
            t->c, field->place,
            "%.*s: only the first of several bounds may have its length in the message: declare an array "
            "of pointers",
            IDLC_TEXT(field->name));
        return false;
    }
    if (type->kind == NDR_STRUCT && idlc_record_conformant(t->rows[row].record)) {
        idlc_error(
            t->c, field->place,
            "%.*s: elements that end in an array of unknown length do not fit an array: declare an array "
            "of pointers",
            IDLC_TEXT(field->name));
        return false;
    }
    return true;
}

static bool array_expressions(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_level *level,
                              struct ndr_type *type)
{
    const struct idlc_expr *size = level->size ? level->size : level->max;
    const struct idlc_expr *length = level->length ? level->length : level->last;

    if (level->size && level->max) {
        idlc_error(t->c, level->max->place, "[size_is] and [max_is] at once");
        return false;
    }
    if (level->length && level->last) {
        idlc_error(t->c, level->last->place, "[length_is] and [last_is] at once");
        return false;
    }
    if (size && !(type->expr[0] = idlc_operation_build(t, scope, size, level->max ? 1 : 0)))
        return false;
    if (length && !(type->expr[1] = idlc_operation_build(t, scope, length, level->last ? 1 : 0)))
        return false;
    return true;
}

uint16_t idlc_build_array(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_field *field,
                          const struct idlc_shape *shape, unsigned level, bool in_host)
{
    const struct idlc_level *l = &shape->levels[level];
    struct idlc_row row = {.host_len = "0"};
    uint16_t element = element_row(t, scope, field, shape, level);
    bool conformant = idlc_shape_conformant(l);

    if (!element || !check_element(t, field, element) || !array_expressions(t, scope, l, &row.type))
        return 0;
    row.type.kind = l->string ? NDR_STRING : NDR_ARRAY;
    row.type.target = element;
    if (conformant && !l->string && !row.type.expr[0]) {
        idlc_error(t->c, field->place, "%.*s needs [size_is]: how many elements does it have?",
                   IDLC_TEXT(field->name));
        return 0;
    }
    if (conformant)
        row.type.flags |= NDR_T_CONFORMANT;
    else
        row.type.count = (uint32_t)l->type->count;
    if (l->string || row.type.expr[1])
        row.type.flags |= NDR_T_VARYING;
    if (in_host)
        row.type.flags |= NDR_T_INLINE;
    if (in_host && !conformant)
        row.host_len = idlc_format(t->c, "%lld * %s", (long long)l->type->count, t->rows[element].host_len);
    if (l->range)
        row.type.range = range_of(t, l->range);
    row.label = idlc_format(t->c, "%s%s%s of %s", conformant ? "conformant " : "",
                            row.type.flags & NDR_T_VARYING ? "varying " : "", l->string ? "string" : "array",
                            t->rows[element].label);
    return idlc_pool_row(t, row);
}

uint16_t idlc_build_level(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_field *field,
                          const struct idlc_shape *shape, unsigned level)
{
    const struct idlc_level *l = &shape->levels[level];
    uint16_t target;

    if (level == shape->count)
        return bottom_row(t, scope, field, shape, level && !shape->levels[level - 1].array);
    if (l->array)
        return idlc_build_array(t, scope, field, shape, level, true);
    if (l->string || l->size || l->max)
        target = idlc_build_array(t, scope, field, shape, level, false);
    else
        target = idlc_build_level(t, scope, field, shape, level + 1);
    return idlc_build_pointer(t, target, l->ref);
}

uint16_t idlc_build_row_of(const struct idlc_tables *t, const struct idlc_type *type)
{
    type = idlc_type_resolve(type);
    if (type->form == FORM_RECORD && type->record->generation == t->generation)
        return type->record->row;
    if (type->form == FORM_ENUM && type->enumeration->generation == t->generation)
        return type->enumeration->row;
    return 0;
}

static void drain(struct idlc_tables *t)
{
    while (t->queue_done < t->queue_count)
        idlc_record_complete(t, t->queue[t->queue_done++]);
}

/* All that is sendable in the file itself; of imported files only what it uses. */
static void build_definitions(struct idlc_tables *t, const struct idlc_file *file)
{
    for (const struct idlc_item *i = file->items; i; i = i->next) {
        const struct idlc_type *type;

        if (i->kind != ITEM_TYPEDEF)
            continue;
        type = idlc_type_resolve(i->definition->type);
        if (type->form == FORM_RECORD && type->record->complete && idlc_record_sendable(t, type->record)) {
            idlc_record_row(t, type->record);
            drain(t);
        }
    }
}

void idlc_build(struct idlc_tables *t, struct idlc *c, const struct idlc_interface *interface,
                unsigned generation)
{
    *t = (struct idlc_tables){.c = c, .interface = interface, .generation = generation};
    idlc_pool_init(t);
    build_definitions(t, interface->file);
    for (const struct idlc_procedure *p = interface->procedures; p; p = p->next) {
        idlc_procedure_build(t, p);
        drain(t);
    }
    idlc_record_finish(t);
    if (!c->errors)
        idlc_layout(t);
}
