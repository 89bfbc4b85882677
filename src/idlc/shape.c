/* SPDX-License-Identifier: MIT */
/*
 * What the attributes of a declaration and of the typedefs in it say about each pointer and array: the n-th
 * value of size_is speaks of the n-th level, [string] of the last, [ref] and [unique] of the first.
 */
#include "idlc/build.h"
#include "idlc/expression.h"

#define MAX_TYPEDEFS 32 /* one behind the other */

bool idlc_shape_conformant(const struct idlc_level *level)
{
    return level->size || level->max || (level->array && level->type->open) || !level->array;
}

bool idlc_shape_open(const struct idlc_field *field)
{
    const struct idlc_attribute *a;

    if (field->type->form != FORM_ARRAY)
        return false;
    for (a = field->attributes; a; a = a->next)
        if ((a->id == ATTRIBUTE_SIZE_IS || a->id == ATTRIBUTE_MAX_IS) && a->values[0])
            return true;
    return field->type->open;
}

static bool place_values(struct idlc *c, struct idlc_shape *s, unsigned start, const struct idlc_attribute *a)
{
    for (size_t i = 0; i < a->value_count; i++) {
        struct idlc_level *level;

        if (!a->values[i])
            continue;
        if (start + i >= s->count) {
            idlc_error(c, a->values[i]->place, "[%s] speaks of a pointer or array that is not there",
                       a->spelling);
            return false;
        }
        level = &s->levels[start + i];
        if (a->id == ATTRIBUTE_SIZE_IS)
            level->size = a->values[i];
        else if (a->id == ATTRIBUTE_MAX_IS)
            level->max = a->values[i];
        else if (a->id == ATTRIBUTE_LENGTH_IS)
            level->length = a->values[i];
        else
            level->last = a->values[i];
    }
    return true;
}

static bool check_first(struct idlc *c, const struct idlc_attribute *a)
{
    for (size_t i = 0; i < a->value_count; i++) {
        const struct idlc_expr *why;
        int64_t value;

        if (a->values[i] && (!idlc_expression_value(c, a->values[i], &value, &why) || value != 0)) {
            idlc_error(
                c, a->values[i]->place,
                "[first_is] other than 0 is not supported: send what comes first in an array of its own");
            return false;
        }
    }
    return true;
}

static bool set_string(struct idlc *c, struct idlc_shape *s, unsigned start, const struct idlc_attribute *a)
{
    uint8_t kind = s->bottom->form == FORM_BASE ? s->bottom->kind : (uint8_t)NDR_NONE;

    if (kind != NDR_CHAR && kind != NDR_UINT8 && kind != NDR_INT8 && kind != NDR_WCHAR &&
        kind != NDR_UINT16) {
        idlc_error(c, a->place, "[string] needs characters: char, wchar_t, byte or a typedef of these");
        return false;
    }
    if (!s->count || (s->count <= start && !s->levels[s->count - 1].string)) {
        idlc_error(c, a->place, "[string] needs a pointer to characters, or an array of them");
        return false;
    }
    s->levels[s->count - 1].string = true;
    return true;
}

static bool set_pointer(struct idlc *c, struct idlc_shape *s, unsigned start, const struct idlc_attribute *a)
{
    if (start >= s->count || (s->levels[start].array && a->id == ATTRIBUTE_UNIQUE)) {
        idlc_error(c, a->place, "[%s] needs a pointer", a->spelling);
        return false;
    }
    s->levels[start].ref = a->id == ATTRIBUTE_REF;
    s->levels[start].attributed = true;
    return true;
}

/* A range speaks of the first count there is, else of the value. */
static void set_range(struct idlc_shape *s, unsigned start, const struct idlc_attribute *a)
{
    for (unsigned i = start; i < s->count; i++)
        if (s->levels[i].string || s->levels[i].size || s->levels[i].max) {
            s->levels[i].range = a;
            return;
        }
    s->range = a;
}

static bool apply(struct idlc *c, struct idlc_shape *s, unsigned start, const struct idlc_attribute *list)
{
    const struct idlc_attribute *range = NULL;
    bool ok = true;

    for (const struct idlc_attribute *a = list; a && ok; a = a->next)
        switch (a->id) {
        case ATTRIBUTE_SIZE_IS:
        case ATTRIBUTE_MAX_IS:
        case ATTRIBUTE_LENGTH_IS:
        case ATTRIBUTE_LAST_IS:
            ok = place_values(c, s, start, a);
            break;
        case ATTRIBUTE_FIRST_IS:
            ok = check_first(c, a);
            break;
        case ATTRIBUTE_STRING:
            ok = set_string(c, s, start, a);
            break;
        case ATTRIBUTE_REF:
        case ATTRIBUTE_UNIQUE:
            ok = set_pointer(c, s, start, a);
            break;
        case ATTRIBUTE_SWITCH_IS:
            s->switch_is = a->values[0];
            break;
        case ATTRIBUTE_SWITCH_TYPE:
            s->switch_type = a->type;
            break;
        case ATTRIBUTE_RANGE:
            range = a;
            break;
        case ATTRIBUTE_SECRET:
            s->secret = true;
            break;
        default:
            break;
        }
    if (range)
        set_range(s, start, range);
    return ok;
}

static bool add_level(struct idlc *c, struct idlc_shape *s, const struct idlc_type *type,
                      const struct idlc_field *field, bool default_ref)
{
    if (s->count == IDLC_MAX_LEVELS) {
        idlc_error(c, field->place, "more than %d levels of pointers and arrays", IDLC_MAX_LEVELS);
        return false;
    }
    s->levels[s->count++] =
        (struct idlc_level){.type = type, .array = type->form == FORM_ARRAY, .ref = default_ref};
    return true;
}

static bool is_secret(const struct idlc *c, struct idlc_text name)
{
    for (size_t i = 0; i < c->settings->secret_count; i++)
        if (idlc_text_is(name, c->settings->secrets[i]))
            return true;
    return false;
}

static bool check_levels(struct idlc *c, const struct idlc_shape *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        const struct idlc_level *l = &s->levels[i];
        const struct idlc_expr *length = l->length ? l->length : l->last;

        if (length && l->string) {
            idlc_error(c, length->place, "[string] and a length at once: a string ends where its zero is");
            return false;
        }
        if (length && !l->array && !l->size && !l->max) {
            idlc_error(c, length->place, "[length_is] without [size_is]: how many elements may there be?");
            return false;
        }
    }
    return true;
}

/* Innermost first: what a declaration says overrides what its typedefs say. */
bool idlc_shape_make(struct idlc *c, const struct idlc_field *field, bool default_ref,
                     struct idlc_shape *shape)
{
    const struct idlc_typedef *typedefs[MAX_TYPEDEFS];
    unsigned starts[MAX_TYPEDEFS], count = 0;
    const struct idlc_type *type = field->type;

    *shape = (struct idlc_shape){.secret = is_secret(c, field->name)};
    for (;;) {
        if (type->form == FORM_NAMED && count == MAX_TYPEDEFS) {
            idlc_error(c, field->place, "more than %d typedefs one behind the other", MAX_TYPEDEFS);
            return false;
        }
        if (type->form == FORM_NAMED) {
            starts[count] = shape->count;
            shape->secret |= is_secret(c, type->named->name);
            typedefs[count++] = type->named;
            default_ref = type->named->default_ref;
            type = type->named->type;
        } else if (type->form == FORM_POINTER || type->form == FORM_ARRAY) {
            if (!add_level(c, shape, type, field, default_ref))
                return false;
            type = type->target;
        } else {
            break;
        }
    }
    shape->bottom = type;
    while (count-- > 0)
        if (!apply(c, shape, starts[count], typedefs[count]->attributes))
            return false;
    return apply(c, shape, 0, field->attributes) && check_levels(c, shape);
}
