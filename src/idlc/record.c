/* SPDX-License-Identifier: MIT */
/* Structures and unions -> rows with members and arms. */
#include "idlc/build.h"
#include "idlc/expression.h"

#define MAX_DEPTH 32 /* of structures in structures; the runtime walks at most NDR_MAX_DEPTH */

enum { STATE_RESERVED = 0, STATE_OPEN = 1, STATE_DONE = 2 };

static void reserve(struct idlc_tables *t, struct idlc_record *record)
{
    struct idlc_text name = record->alias ? record->alias->name : record->tag;
    struct idlc_row row = {.type = {.kind = record->is_union ? NDR_UNION : NDR_STRUCT}, .record = record};

    if (record->generation == t->generation)
        return;
    row.host_len = idlc_format(t->c, "sizeof(%s)", idlc_type_c_record(t->c, record));
    row.type.name = idlc_pool_name(t, name);
    row.label = name.len ? idlc_copy(t->c, name) : record->c_tag;
    record->generation = t->generation;
    record->state = STATE_RESERVED;
    record->row = idlc_pool_new_row(t, row);
}

uint16_t idlc_record_row(struct idlc_tables *t, struct idlc_record *record)
{
    if (!record->complete) {
        idlc_error(t->c, record->place, "%s %.*s is used, but its members are nowhere given",
                   record->is_union ? "union" : "struct", IDLC_TEXT(record->tag));
        return 0;
    }
    if (record->generation != t->generation) {
        reserve(t, record);
        t->queue = idlc_grow(t->c, t->queue, t->queue_count, &t->queue_capacity, t->queue_count + 1,
                             sizeof(struct idlc_record *));
        t->queue[t->queue_count++] = record;
    }
    return record->row;
}

bool idlc_record_conformant(const struct idlc_record *record)
{
    for (;;) {
        const struct idlc_field *last = record->fields;
        const struct idlc_type *type;

        while (last && last->next)
            last = last->next;
        if (record->is_union || !last || !last->type)
            return false;
        type = idlc_type_resolve(last->type);
        if (idlc_shape_open(last) || (type->form == FORM_ARRAY && type->open))
            return true;
        if (type->form != FORM_RECORD || !type->record->complete || type->record == record)
            return false;
        record = type->record;
    }
}

static size_t count_fields(const struct idlc_record *record)
{
    size_t count = 0;

    for (const struct idlc_field *f = record->fields; f; f = f->next)
        count++;
    return count;
}

static uint16_t member_row(struct idlc_tables *t, struct idlc_record *record, struct idlc_scope *scope,
                           struct idlc_field *field)
{
    struct idlc_shape shape;
    uint16_t row;

    if (!field->name.len) {
        idlc_error(t->c, field->place, "a part of a structure that is sent needs a name");
        return 0;
    }
    if (!idlc_shape_make(t->c, field, record->default_ref, &shape))
        return 0;
    if (record->encapsulated && field != record->fields) {
        struct idlc_expr *tag = idlc_alloc(t->c, sizeof(*tag));

        *tag = (struct idlc_expr){.op = EXPR_NAME, .place = field->place, .name = record->fields->name};
        shape.switch_is = tag;
    }
    if (field->type->form == FORM_NAMED && shape.count && shape.levels[0].array &&
        (shape.levels[0].size || shape.levels[0].max)) {
        idlc_error(t->c, field->place, "[size_is] on an array that a typedef declares: declare it here");
        return 0;
    }
    row = idlc_build_level(t, scope, field, &shape, 0);
    return shape.secret ? idlc_build_secret(t, row) : row;
}

/* Its place in C, and what may only be at the end. */
static void place_member(struct idlc_tables *t, const struct idlc_record *record, struct idlc_row *row,
                         const struct idlc_field *field, uint16_t type, struct idlc_member_row *m)
{
    bool conformant = idlc_build_is_conformant(t, type);

    if (conformant && field->next)
        idlc_error(t->c, field->place, "%.*s has no fixed length, so it must be the last member",
                   IDLC_TEXT(field->name));
    if (conformant && field == record->fields && t->rows[type].type.kind != NDR_STRUCT)
        idlc_error(t->c, field->place, "%.*s cannot be the only member: C needs one before it",
                   IDLC_TEXT(field->name));
    if (conformant) { /* its elements follow, whatever C adds at the end of the structure */
        row->type.flags |= NDR_T_CONFORMANT;
        row->host_len = idlc_format(t->c, "offsetof(%s, %s) + %s", idlc_type_c_record(t->c, record),
                                    field->c_name, t->rows[type].host_len);
    }
    *m = (struct idlc_member_row){
        .field = {.type = type, .name = idlc_pool_name(t, field->name), .slot = field->slot},
        .container = idlc_type_c_record(t->c, record),
        .member = field->c_name,
        .flexible = conformant};
}

static void fill_structure(struct idlc_tables *t, struct idlc_record *record)
{
    struct idlc_scope scope = {.fields = record->fields, .what = "member"};
    size_t count = count_fields(record), i = 0;
    uint16_t *types = idlc_alloc(t->c, (count + 1) * sizeof(*types));
    struct idlc_member_row *members = idlc_alloc(t->c, (count + 1) * sizeof(*members));
    struct idlc_row row;
    unsigned errors = t->c->errors;

    for (struct idlc_field *f = record->fields; f; f = f->next) {
        f->slot = 0;
        f->dereferenced = false;
    }
    for (struct idlc_field *f = record->fields; f; f = f->next)
        types[i++] = member_row(t, record, &scope, f);
    if (t->c->errors == errors)
        idlc_operation_check(t, &scope, types);
    row = t->rows[record->row];
    i = 0;
    for (struct idlc_field *f = record->fields; f; f = f->next, i++)
        place_member(t, record, &row, f, types[i], &members[i]);
    if (record->encapsulated)
        row.type.flags |= NDR_T_ENCAPSULATED;
    row.type.first = idlc_pool_members(t, members, count);
    row.type.members = (uint16_t)count;
    t->rows[record->row] = row;
}

static uint16_t arm_row(struct idlc_tables *t, const struct idlc_record *record,
                        const struct idlc_field *field)
{
    struct idlc_scope none = {.fields = NULL, .what = "member"};
    struct idlc_shape shape;
    uint16_t row;

    if (!idlc_shape_make(t->c, field, record->default_ref, &shape))
        return 0;
    row = idlc_build_level(t, &none, field, &shape, 0);
    if (idlc_build_is_conformant(t, row)) {
        idlc_error(t->c, field->place, "%.*s has no fixed length and cannot be in a union: declare a pointer",
                   IDLC_TEXT(field->name));
        return 0;
    }
    return shape.secret ? idlc_build_secret(t, row) : row;
}

static bool known_label(const struct ndr_arm *arms, size_t count, int64_t value)
{
    for (size_t i = 0; i < count; i++)
        if (arms[i].value == value)
            return true;
    return false;
}

static size_t add_labels(struct idlc_tables *t, const struct idlc_field *field, struct ndr_arm arm,
                         struct ndr_arm *arms, size_t count)
{
    for (const struct idlc_label *l = field->labels; l; l = l->next) {
        const struct idlc_expr *why;

        if (!idlc_expression_value(t->c, l->value, &arm.value, &why)) {
            if (why)
                idlc_error(t->c, why->place, "%.*s is not a constant", IDLC_TEXT(why->name));
        } else if (known_label(arms, count, arm.value)) {
            idlc_error(t->c, l->value->place, "two arms for case %lld", (long long)arm.value);
        } else {
            arms[count++] = arm;
        }
    }
    return count;
}

static size_t count_labels(const struct idlc_record *record)
{
    size_t count = 1;

    for (const struct idlc_field *f = record->fields; f; f = f->next)
        for (const struct idlc_label *l = f->labels; l; l = l->next)
            count++;
    return count;
}

static void fill_union(struct idlc_tables *t, struct idlc_record *record)
{
    struct ndr_arm *arms = idlc_alloc(t->c, (count_labels(record) + 1) * sizeof(*arms)), last = {0};
    bool has_default = false;
    struct idlc_row row;
    size_t count = 0;

    for (struct idlc_field *f = record->fields; f; f = f->next) {
        struct ndr_arm arm = {.name = idlc_pool_name(t, f->name)};

        if (!f->labels && !f->is_default)
            idlc_error(t->c, f->place, "when is this arm sent? write [case(...)] or [default] before it");
        arm.type = f->type ? arm_row(t, record, f) : 0;
        count = add_labels(t, f, arm, arms, count);
        if (f->is_default && has_default)
            idlc_error(t->c, f->place, "two default arms");
        if (f->is_default) {
            has_default = true;
            last = arm;
        }
    }
    if (has_default)
        arms[count++] = last;
    row = t->rows[record->row];
    row.type.flags |= has_default ? NDR_T_DEFAULT : 0;
    row.type.flags |= record->ms_union ? NDR_T_MS_UNION : 0;
    row.type.first = idlc_pool_arms(t, arms, count);
    row.type.members = (uint16_t)count;
    if (record->switch_type) {
        const struct idlc_type *type = idlc_type_resolve(record->switch_type);
        struct idlc_field field = {.name = {"switch_type", 11}, .place = record->place, .type = type};
        struct idlc_shape shape = {.bottom = type};

        row.type.target = idlc_build_level(t, NULL, &field, &shape, 0);
    }
    t->rows[record->row] = row;
}

uint16_t idlc_record_complete(struct idlc_tables *t, struct idlc_record *record)
{
    if (!record->complete)
        return idlc_record_row(t, record);
    reserve(t, record);
    if (record->state == STATE_OPEN) {
        idlc_error(t->c, record->place, "%.*s would contain itself: declare a pointer",
                   IDLC_TEXT(record->tag));
        return 0;
    }
    if (record->state == STATE_DONE)
        return record->row;
    if (++t->depth > MAX_DEPTH) {
        idlc_error(t->c, record->place, "structures inside structures more than %d deep", MAX_DEPTH);
        idlc_fatal(t->c);
    }
    record->state = STATE_OPEN;
    if (record->is_union)
        fill_union(t, record);
    else
        fill_structure(t, record);
    record->state = STATE_DONE;
    t->depth--;
    return record->row;
}

static bool is_discriminant(uint8_t kind)
{
    return kind != NDR_NONE && kind <= NDR_LAST_SCALAR && kind != NDR_FLOAT32 && kind != NDR_FLOAT64;
}

/* The first name in an expression. */
static const struct idlc_expr *first_name(const struct idlc_expr *e)
{
    const struct idlc_expr *found;

    if (!e || e->op == EXPR_NAME || e->op == EXPR_DEREFERENCE)
        return e;
    found = first_name(e->left);
    return found ? found : first_name(e->right);
}

/* Of [switch_type], else of what [switch_is] names. */
static uint16_t discriminant(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_field *field,
                             const struct idlc_shape *shape)
{
    const struct idlc_expr *e = shape->switch_is;
    const struct idlc_type *type = shape->switch_type;
    struct idlc_field plain = {.name = {"switch_type", 11}, .place = e->place};
    struct idlc_shape bottom = {.count = 0};

    if (shape->bottom->record->switch_type)
        type = shape->bottom->record->switch_type;
    if (!type && (e = first_name(e))) {
        const struct idlc_field *named = idlc_operation_field(scope, e->name);

        type = named ? idlc_type_resolve(named->type) : NULL;
        if (type && type->form == FORM_POINTER && e->op == EXPR_DEREFERENCE)
            type = idlc_type_resolve(type->target);
    }
    if (!type) {
        idlc_error(t->c, field->place, "the type of the discriminant is not known: write [switch_type(...)]");
        return 0;
    }
    bottom.bottom = idlc_type_resolve(type);
    if (bottom.bottom->form != FORM_ENUM &&
        (bottom.bottom->form != FORM_BASE || !is_discriminant(bottom.bottom->kind))) {
        idlc_error(t->c, shape->switch_is->place,
                   "the discriminant of a union must be an integer or an enum");
        return 0;
    }
    return idlc_build_level(t, NULL, &plain, &bottom, 0);
}

/* A union as a declaration uses it: with its own discriminant. */
uint16_t idlc_record_union(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_field *field,
                           const struct idlc_shape *shape, bool behind_pointer)
{
    struct idlc_record *record = shape->bottom->record;
    struct idlc_row row;
    uint16_t base = behind_pointer ? idlc_record_row(t, record) : idlc_record_complete(t, record);

    if (!base)
        return 0;
    if (!shape->switch_is) {
        idlc_error(t->c, field->place, "%.*s is a union: write [switch_is(...)] to say which arm is sent",
                   IDLC_TEXT(field->name));
        return 0;
    }
    row = t->rows[base];
    row.type.flags = 0;
    row.type.first = row.type.members = 0;
    row.type.target = discriminant(t, scope, field, shape);
    row.type.expr[0] = idlc_operation_build(t, scope, shape->switch_is, 0);
    return row.type.target && row.type.expr[0] ? idlc_pool_row(t, row) : 0;
}

void idlc_record_finish(struct idlc_tables *t)
{
    for (size_t i = 1; i < t->row_count; i++) {
        struct idlc_row *row = &t->rows[i];
        const struct ndr_type *base;

        if (!row->record || row->record->row == i)
            continue;
        base = &t->rows[row->record->row].type;
        row->host_len = t->rows[row->record->row].host_len;
        row->type.flags |= base->flags;
        row->type.first = base->first;
        row->type.members = base->members;
    }
}

static bool field_sendable(struct idlc_tables *t, const struct idlc_record *record,
                           const struct idlc_field *field, struct idlc_record **next)
{
    const struct idlc_type *type = field->type;
    bool open = false;

    *next = NULL;
    if (record->is_union && !field->labels && !field->is_default)
        return false;
    if (!type)
        return true;
    if (!field->name.len)
        return false;
    for (type = idlc_type_resolve(type); type->form == FORM_POINTER || type->form == FORM_ARRAY;
         type = idlc_type_resolve(type->target))
        open |= type->form == FORM_ARRAY && type->open;
    if (type->form == FORM_VOID || type->form == FORM_HANDLE ||
        (type->form == FORM_RECORD && !type->record->complete))
        return false;
    if (open && !idlc_attribute_find(field->attributes, ATTRIBUTE_SIZE_IS) &&
        !idlc_attribute_find(field->attributes, ATTRIBUTE_MAX_IS) &&
        !idlc_attribute_find(field->attributes, ATTRIBUTE_STRING))
        return false;
    if (type->form != FORM_RECORD)
        return true;
    if (type->record->is_union && !record->encapsulated &&
        !idlc_attribute_find(field->attributes, ATTRIBUTE_SWITCH_IS))
        return false;
    if (type->record->mark != t->mark) {
        type->record->mark = t->mark;
        *next = type->record;
    }
    return true;
}

bool idlc_record_sendable(struct idlc_tables *t, struct idlc_record *record)
{
    struct idlc_record *next;
    size_t count = 1;

    t->mark = ++t->c->marks;
    record->mark = t->mark;
    t->reached = idlc_grow(t->c, t->reached, 0, &t->reached_capacity, count, sizeof(record));
    t->reached[0] = record;
    for (size_t i = 0; i < count; i++) {
        for (struct idlc_field *f = t->reached[i]->fields; f; f = f->next) {
            if (!field_sendable(t, t->reached[i], f, &next))
                return false;
            if (!next)
                continue;
            t->reached = idlc_grow(t->c, t->reached, count, &t->reached_capacity, count + 1, sizeof(record));
            t->reached[count++] = next;
        }
    }
    return true;
}
