/* SPDX-License-Identifier: MIT */
/* Expressions of attributes as operations of the runtime: constants folded, names turned into slots. */
#include "idlc/build.h"
#include "idlc/expression.h"

#define MAX_OPS 64

struct sequence {
    struct idlc_tables *t;
    struct idlc_scope *scope;
    struct ndr_op ops[MAX_OPS];
    size_t count;
    unsigned depth;
    bool failed;
};

struct idlc_field *idlc_operation_field(const struct idlc_scope *scope, struct idlc_text name)
{
    struct idlc_field *f = scope ? scope->fields : NULL;

    while (f && !idlc_text_equal(f->name, name))
        f = f->next;
    return f;
}

static void fail(struct sequence *s, const struct idlc_expr *e, const char *why)
{
    if (!s->failed)
        idlc_error(s->t->c, e->place, "%s", why);
    s->failed = true;
}

static void push(struct sequence *s, const struct idlc_expr *e, uint8_t op, int64_t value)
{
    if (op == NDR_OP_CONST || op == NDR_OP_SLOT)
        s->depth++;
    else if (op != NDR_OP_NOT && op != NDR_OP_NEG && op != NDR_OP_END)
        s->depth--;
    if (s->count == MAX_OPS || s->depth > NDR_MAX_STACK) {
        fail(s, e, "the expression is too long: put parts of it into constants");
        return;
    }
    s->ops[s->count++] = (struct ndr_op){.op = op, .value = value};
}

static void push_name(struct sequence *s, const struct idlc_expr *e)
{
    struct idlc_field *field = idlc_operation_field(s->scope, e->name);

    if (!field) {
        idlc_error(s->t->c, e->place, "%.*s is neither a %s here nor a constant", IDLC_TEXT(e->name),
                   s->scope ? s->scope->what : "name");
        s->failed = true;
        return;
    }
    if (!field->slot) {
        if (s->scope->slots == NDR_MAX_SLOTS) {
            fail(s, e, "more than 16 values are referred to by attributes here: cut the structure into two");
            return;
        }
        field->slot = (uint8_t)++s->scope->slots;
        field->slot_place = e->place;
        field->dereferenced = e->op == EXPR_DEREFERENCE;
    } else if (field->dereferenced != (e->op == EXPR_DEREFERENCE)) {
        fail(s, e, "this is referred to with * and without: only one of them can be right");
    }
    push(s, e, NDR_OP_SLOT, field->slot - 1);
}

static bool refers(const struct sequence *s, const struct idlc_expr *e)
{
    if (!e)
        return false;
    if (e->op == EXPR_NAME || e->op == EXPR_DEREFERENCE)
        return idlc_operation_field(s->scope, e->name) != NULL;
    return refers(s, e->left) || refers(s, e->right) || refers(s, e->other);
}

static uint8_t opcode(enum idlc_operator op)
{
    switch (op) {
    case EXPR_NEGATE:
        return NDR_OP_NEG;
    case EXPR_COMPLEMENT:
        return NDR_OP_NOT;
    case EXPR_MULTIPLY:
        return NDR_OP_MUL;
    case EXPR_DIVIDE:
        return NDR_OP_DIV;
    case EXPR_MODULO:
        return NDR_OP_MOD;
    case EXPR_ADD:
        return NDR_OP_ADD;
    case EXPR_SUBTRACT:
        return NDR_OP_SUB;
    case EXPR_SHIFT_LEFT:
        return NDR_OP_SHL;
    case EXPR_SHIFT_RIGHT:
        return NDR_OP_SHR;
    case EXPR_AND:
        return NDR_OP_AND;
    case EXPR_XOR:
        return NDR_OP_XOR;
    case EXPR_OR:
        return NDR_OP_OR;
    default:
        return NDR_OP_END;
    }
}

static void generate(struct sequence *s, const struct idlc_expr *e)
{
    const struct idlc_expr *why;
    int64_t value;

    if (s->failed)
        return;
    if (!refers(s, e) && idlc_expression_value(s->t->c, e, &value, &why)) {
        push(s, e, NDR_OP_CONST, value);
        return;
    }
    if (e->op == EXPR_NAME || e->op == EXPR_DEREFERENCE) {
        push_name(s, e);
        return;
    }
    if (!opcode(e->op)) {
        fail(s, e, "comparisons, ! && || and ? : are for constants only: use + - * / % << >> & | ^ ~ here");
        return;
    }
    generate(s, e->left);
    if (e->right)
        generate(s, e->right);
    push(s, e, opcode(e->op), 0);
}

uint16_t idlc_operation_build(struct idlc_tables *t, struct idlc_scope *scope, const struct idlc_expr *e,
                              int64_t add)
{
    struct sequence s = {.t = t, .scope = scope};

    generate(&s, e);
    if (add && !s.failed && s.count == 1 && s.ops[0].op == NDR_OP_CONST) {
        s.ops[0].value = (int64_t)((uint64_t)s.ops[0].value + (uint64_t)add);
    } else if (add && !s.failed) {
        push(&s, e, NDR_OP_CONST, add);
        push(&s, e, NDR_OP_ADD, 0);
    }
    if (!s.failed)
        push(&s, e, NDR_OP_END, 0);
    return s.failed ? 0 : idlc_pool_ops(t, s.ops, s.count);
}

static bool is_integer(uint8_t kind)
{
    return kind != NDR_NONE && kind <= NDR_LAST_SCALAR && kind != NDR_FLOAT32 && kind != NDR_FLOAT64;
}

void idlc_operation_check(struct idlc_tables *t, const struct idlc_scope *scope, const uint16_t *rows)
{
    size_t i = 0;

    for (const struct idlc_field *f = scope->fields; f; f = f->next, i++) {
        const struct ndr_type *type = &t->rows[rows[i]].type;
        bool pointer = f->type && idlc_type_resolve(f->type)->form == FORM_POINTER;

        if (!f->slot || !rows[i])
            continue;
        if (pointer && !f->dereferenced) {
            idlc_error(t->c, f->slot_place, "%.*s is a pointer: write *%.*s", IDLC_TEXT(f->name),
                       IDLC_TEXT(f->name));
            continue;
        }
        if (f->dereferenced && !pointer) {
            idlc_error(t->c, f->slot_place, "%.*s is not a pointer: leave out the *", IDLC_TEXT(f->name));
            continue;
        }
        if (type->kind == NDR_POINTER)
            type = &t->rows[type->target].type;
        if (!is_integer(type->kind))
            idlc_error(t->c, f->slot_place, "%.*s is not an integer", IDLC_TEXT(f->name));
    }
}
