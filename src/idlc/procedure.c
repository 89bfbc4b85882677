/* SPDX-License-Identifier: MIT */
/*
 * Procedures -> rows of parameters. A top-level [ref] pointer is not on the wire; what it points to is held
 * by value in the structure of parameters when its length is fixed.
 */
#include "idlc/build.h"

#include <string.h>

/* How a parameter is held, decided by its outermost level. */
enum holding { HOLD_PLAIN, HOLD_TARGET, HOLD_POINTER };

static bool shape_of(struct idlc_tables *t, const struct idlc_field *field, struct idlc_shape *shape)
{
    if (!idlc_shape_make(t->c, field, t->interface->default_ref, shape))
        return false;
    if (shape->count && !shape->levels[0].attributed)
        shape->levels[0].ref = true; /* the default of parameters, whatever pointer_default says */
    return true;
}

static bool counted(const struct idlc_level *l)
{
    return l->string || l->size || l->max;
}

static enum holding holding_of(const struct idlc_shape *shape)
{
    const struct idlc_level *l = &shape->levels[0];

    if (!shape->count)
        return HOLD_PLAIN;
    if (l->array)
        return idlc_shape_conformant(l) ? HOLD_POINTER : HOLD_PLAIN;
    if (!l->ref || counted(l))
        return HOLD_POINTER;
    if (shape->count == 1 && shape->bottom->form == FORM_RECORD &&
        idlc_record_conformant(shape->bottom->record))
        return HOLD_POINTER;
    return HOLD_TARGET;
}

bool idlc_procedure_by_value(struct idlc_tables *t, const struct idlc_field *field)
{
    struct idlc_shape shape;

    return shape_of(t, field, &shape) && holding_of(&shape) == HOLD_TARGET;
}

static uint8_t direction(struct idlc_tables *t, const struct idlc_field *field,
                         const struct idlc_shape *shape)
{
    bool in = idlc_attribute_find(field->attributes, ATTRIBUTE_IN) != NULL;
    bool out = idlc_attribute_find(field->attributes, ATTRIBUTE_OUT) != NULL;

    if (!field->next && !field->attributes && idlc_text_is(field->name, "Return"))
        return NDR_F_OUT | NDR_F_RESULT;
    if (out && !shape->count)
        idlc_error(t->c, field->place,
                   "%.*s is [out], so it must be a pointer or an array: what would the reply "
                   "change?",
                   IDLC_TEXT(field->name));
    if (out && !in && shape->count && !shape->levels[0].ref)
        idlc_error(
            t->c, field->place,
            "%.*s is [out] only, so its outermost pointer cannot be [unique]: write [ref], or [in, out]",
            IDLC_TEXT(field->name));
    return (uint8_t)((out ? NDR_F_OUT : 0) | (in || !out ? NDR_F_IN : 0));
}

static uint16_t parameter_row(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_field *field,
                              const struct idlc_shape *shape)
{
    uint16_t row = 0;

    switch (holding_of(shape)) {
    case HOLD_PLAIN:
        row = idlc_build_level(t, scope, field, shape, 0);
        break;
    case HOLD_TARGET:
        row = idlc_build_level(t, scope, field, shape, 1);
        break;
    case HOLD_POINTER:
        if (shape->levels[0].array)
            row = idlc_build_pointer(t, idlc_build_array(t, scope, field, shape, 0, false), true);
        else
            row = idlc_build_level(t, scope, field, shape, 0);
        break;
    }
    if (!shape->count && idlc_build_is_conformant(t, row)) {
        idlc_error(t->c, field->place, "%.*s has no fixed length: pass a pointer to it",
                   IDLC_TEXT(field->name));
        return 0;
    }
    return shape->secret ? idlc_build_secret(t, row) : row;
}

void idlc_procedure_build(struct idlc_tables *t, const struct idlc_procedure *procedure)
{
    struct idlc_scope scope = {.fields = procedure->parameters, .what = "parameter"};
    struct idlc_procedure_row row = {.procedure = procedure};
    struct idlc_member_row *members;
    struct idlc_shape shape;
    size_t count = 0, i = 0;
    uint16_t *types;
    unsigned errors = t->c->errors;
    const char *container = idlc_format(t->c, "struct %.*s_params", IDLC_TEXT(procedure->name));

    row.proc.name = idlc_pool_name(t, procedure->name);
    row.proc.flags = procedure->absent ? NDR_P_ABSENT : 0;
    for (const struct idlc_field *f = procedure->absent ? NULL : procedure->parameters; f; f = f->next)
        count++;
    types = idlc_alloc(t->c, (count + 1) * sizeof(*types));
    members = idlc_alloc(t->c, (count + 1) * sizeof(*members));
    for (struct idlc_field *f = procedure->parameters; f && count; f = f->next, i++) {
        if (!shape_of(t, f, &shape))
            continue;
        types[i] = parameter_row(t, &scope, f, &shape);
        members[i] = (struct idlc_member_row){
            .field = {.type = types[i], .name = idlc_pool_name(t, f->name), .flags = direction(t, f, &shape)},
            .container = container,
            .member = f->c_name};
        if (t->rows[types[i]].type.kind == NDR_CONTEXT && (members[i].field.flags & NDR_F_IN))
            row.proc.flags |= NDR_P_HAS_IN_CONTEXT;
    }
    i = 0;
    for (struct idlc_field *f = procedure->parameters; f && count; f = f->next)
        members[i++].field.slot = f->slot;
    if (t->c->errors == errors && count)
        idlc_operation_check(t, &scope, types);
    row.proc.first = idlc_pool_members(t, members, count);
    row.proc.members = (uint16_t)count;
    t->procedures = idlc_grow(t->c, t->procedures, t->procedure_count, &t->procedure_capacity,
                              t->procedure_count + 1, sizeof(row));
    t->procedures[t->procedure_count++] = row;
}
