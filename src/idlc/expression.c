/* SPDX-License-Identifier: MIT */
/*
 * Expressions: precedence climbing over C's operators, and their values. Arithmetic wraps at 64 bits as it
 * does in the runtime; what C leaves undefined is an error here.
 */
#include "idlc/expression.h"

#define MAX_OPERATORS 64 /* bounds the depth of the trees */

static const struct {
    int mark;
    enum idlc_operator op;
    int strength;
} binaries[] = {
    {'*', EXPR_MULTIPLY, 10},
    {'/', EXPR_DIVIDE, 10},
    {'%', EXPR_MODULO, 10},
    {'+', EXPR_ADD, 9},
    {'-', EXPR_SUBTRACT, 9},
    {MARK_SHIFT_LEFT, EXPR_SHIFT_LEFT, 8},
    {MARK_SHIFT_RIGHT, EXPR_SHIFT_RIGHT, 8},
    {'<', EXPR_LESS, 7},
    {'>', EXPR_GREATER, 7},
    {MARK_LESS_EQUAL, EXPR_LESS_EQUAL, 7},
    {MARK_GREATER_EQUAL, EXPR_GREATER_EQUAL, 7},
    {MARK_EQUAL, EXPR_EQUAL, 6},
    {MARK_NOT_EQUAL, EXPR_NOT_EQUAL, 6},
    {'&', EXPR_AND, 5},
    {'^', EXPR_XOR, 4},
    {'|', EXPR_OR, 3},
    {MARK_AND, EXPR_LOGICAL_AND, 2},
    {MARK_OR, EXPR_LOGICAL_OR, 1},
};

static const struct idlc_expr *make(struct idlc_parser *p, struct idlc_expr e)
{
    struct idlc_expr *copy = idlc_alloc(p->c, sizeof(*copy));

    *copy = e;
    return copy;
}

static struct idlc_place span(struct idlc_place from, struct idlc_place to)
{
    from.len = to.offset + to.len - from.offset;
    return from;
}

/* sizeof(type): of base types only, as they are in C. */
static const struct idlc_expr *size_of(struct idlc_parser *p, struct idlc_place place)
{
    static const uint8_t lens[] = {
        [NDR_INT8] = 1,   [NDR_UINT8] = 1,  [NDR_CHAR] = 1,    [NDR_INT16] = 2,
        [NDR_UINT16] = 2, [NDR_WCHAR] = 2,  [NDR_INT32] = 4,   [NDR_UINT32] = 4,
        [NDR_INT64] = 8,  [NDR_UINT64] = 8, [NDR_FLOAT32] = 4, [NDR_FLOAT64] = 8,
    };
    const struct idlc_type *type;

    idlc_lexer_next(&p->lexer);
    idlc_parser_expect(p, '(', "after sizeof");
    if (!idlc_declaration_starts_type(p))
        idlc_parser_fail(p, p->lexer.token.place, "sizeof needs a type here: sizeof(unsigned long)");
    type = idlc_type_resolve(idlc_declaration_type(p, NULL));
    place = span(place, p->lexer.token.place);
    if (idlc_parser_at(p, '*') || type->form != FORM_BASE || type->kind >= sizeof(lens) || !lens[type->kind])
        idlc_parser_fail(p, place,
                         "sizeof of a type whose length differs between machines or transfer syntaxes is not "
                         "supported: write the number");
    idlc_parser_expect(p, ')', "after the type");
    return make(p, (struct idlc_expr){.op = EXPR_CONST, .place = place, .value = lens[type->kind]});
}

static const struct idlc_expr *unary(struct idlc_parser *p);

static const struct idlc_expr *primary(struct idlc_parser *p)
{
    struct idlc_token token = p->lexer.token;
    const struct idlc_expr *e;

    if (token.kind == TOKEN_NUMBER) {
        idlc_lexer_next(&p->lexer);
        return make(p, (struct idlc_expr){.op = EXPR_CONST, .place = token.place, .value = token.value});
    }
    if (idlc_parser_at_word(p, "sizeof"))
        return size_of(p, token.place);
    if (token.kind == TOKEN_NAME) {
        idlc_lexer_next(&p->lexer);
        if (idlc_text_is(token.text, "TRUE") || idlc_text_is(token.text, "FALSE"))
            return make(p, (struct idlc_expr){.op = EXPR_CONST,
                                              .place = token.place,
                                              .value = idlc_text_is(token.text, "TRUE")});
        if (idlc_parser_at(p, '('))
            idlc_parser_fail(p, token.place,
                             "calls and macros with arguments are not part of IDL expressions: "
                             "write the value");
        if (idlc_parser_at(p, '.'))
            idlc_parser_fail(p, p->lexer.token.place,
                             "members of members are not supported in expressions: refer to a member of the "
                             "same structure or a parameter of the same procedure");
        return make(p, (struct idlc_expr){.op = EXPR_NAME, .place = token.place, .name = token.text});
    }
    if (!idlc_parser_accept(p, '('))
        idlc_parser_fail(p, token.place, "an expression is needed here: a number, a name or ( )");
    if (idlc_declaration_starts_type(p))
        idlc_parser_fail(p, p->lexer.token.place,
                         "casts are not supported: expressions have 64 bits, leave it "
                         "out");
    e = idlc_expression_parse(p);
    idlc_parser_expect(p, ')', "to close the parenthesis");
    return e;
}

static const struct idlc_expr *unary(struct idlc_parser *p)
{
    struct idlc_place place = p->lexer.token.place;
    const struct idlc_expr *e;
    enum idlc_operator op;

    if (idlc_parser_at(p, '*')) {
        idlc_lexer_next(&p->lexer);
        idlc_parser_enter(p);
        e = primary(p);
        idlc_parser_leave(p);
        if (e->op != EXPR_NAME)
            idlc_parser_fail(p, span(place, e->place), "* needs the name of a pointer: *name");
        return make(
            p, (struct idlc_expr){.op = EXPR_DEREFERENCE, .place = span(place, e->place), .name = e->name});
    }
    if (idlc_parser_at(p, '&'))
        idlc_parser_fail(p, place, "addresses (&) are not part of IDL expressions");
    if (idlc_parser_at(p, '+') || idlc_parser_at(p, '-'))
        op = EXPR_NEGATE;
    else if (idlc_parser_at(p, '~'))
        op = EXPR_COMPLEMENT;
    else if (idlc_parser_at(p, '!'))
        op = EXPR_NOT;
    else
        return primary(p);
    idlc_parser_enter(p);
    if (idlc_parser_accept(p, '+')) {
        e = unary(p);
    } else {
        idlc_lexer_next(&p->lexer);
        e = unary(p);
        e = make(p, (struct idlc_expr){.op = op, .place = span(place, e->place), .left = e});
    }
    idlc_parser_leave(p);
    return e;
}

static const struct idlc_expr *climb(struct idlc_parser *p, int weakest)
{
    const struct idlc_expr *left = unary(p), *right;

    for (unsigned operators = 0;; operators++) {
        size_t i = 0, count = sizeof(binaries) / sizeof(binaries[0]);

        while (i < count && !idlc_parser_at(p, binaries[i].mark))
            i++;
        if (i == count || binaries[i].strength < weakest)
            return left;
        if (operators == MAX_OPERATORS)
            idlc_parser_fail(p, p->lexer.token.place, "more than %d operators in a row: use a const",
                             MAX_OPERATORS);
        idlc_lexer_next(&p->lexer);
        idlc_parser_enter(p);
        right = climb(p, binaries[i].strength + 1);
        idlc_parser_leave(p);
        left = make(p, (struct idlc_expr){.op = binaries[i].op,
                                          .place = span(left->place, right->place),
                                          .left = left,
                                          .right = right});
    }
}

const struct idlc_expr *idlc_expression_parse(struct idlc_parser *p)
{
    const struct idlc_expr *e, *right, *other;

    idlc_parser_enter(p);
    e = climb(p, 1);
    if (idlc_parser_accept(p, '?')) {
        right = idlc_expression_parse(p);
        idlc_parser_expect(p, ':', "between the two values of ? :");
        other = idlc_expression_parse(p);
        e = make(p, (struct idlc_expr){.op = EXPR_CHOOSE,
                                       .place = span(e->place, other->place),
                                       .left = e,
                                       .right = right,
                                       .other = other});
    }
    idlc_parser_leave(p);
    return e;
}

static bool compare(enum idlc_operator op, int64_t left, int64_t right)
{
    switch (op) {
    case EXPR_LESS:
        return left < right;
    case EXPR_GREATER:
        return left > right;
    case EXPR_LESS_EQUAL:
        return left <= right;
    case EXPR_GREATER_EQUAL:
        return left >= right;
    case EXPR_EQUAL:
        return left == right;
    default:
        return left != right;
    }
}

bool idlc_expression_apply(enum idlc_operator op, int64_t left, int64_t right, int64_t *value)
{
    uint64_t a = (uint64_t)left, b = (uint64_t)right;

    switch (op) {
    case EXPR_MULTIPLY:
        *value = (int64_t)(a * b);
        return true;
    case EXPR_DIVIDE:
    case EXPR_MODULO:
        if (right == 0 || (left == INT64_MIN && right == -1))
            return false;
        *value = op == EXPR_DIVIDE ? left / right : left % right;
        return true;
    case EXPR_ADD:
        *value = (int64_t)(a + b);
        return true;
    case EXPR_SUBTRACT:
        *value = (int64_t)(a - b);
        return true;
    case EXPR_SHIFT_LEFT:
    case EXPR_SHIFT_RIGHT:
        if (b > 63)
            return false;
        *value = op == EXPR_SHIFT_LEFT ? (int64_t)(a << b) : left >> b;
        return true;
    case EXPR_AND:
        *value = left & right;
        return true;
    case EXPR_XOR:
        *value = left ^ right;
        return true;
    case EXPR_OR:
        *value = left | right;
        return true;
    case EXPR_LOGICAL_AND:
        *value = left && right;
        return true;
    case EXPR_LOGICAL_OR:
        *value = left || right;
        return true;
    default:
        *value = compare(op, left, right);
        return true;
    }
}

static bool named_value(struct idlc *c, const struct idlc_expr *e, int64_t *value,
                        const struct idlc_expr **why)
{
    const struct idlc_symbol *s = idlc_symbol_find(c, SPACE_ORDINARY, e->name);

    const struct idlc_constant *constant;

    *why = e;
    if (e->op == EXPR_DEREFERENCE || !s || s->kind != SYMBOL_CONSTANT)
        return false;
    constant = s->what;
    *value = constant->value;
    return !constant->string;
}

bool idlc_expression_value(struct idlc *c, const struct idlc_expr *e, int64_t *value,
                           const struct idlc_expr **why)
{
    int64_t left, right = 0;

    *why = NULL;
    if (e->op == EXPR_CONST) {
        *value = e->value;
        return true;
    }
    if (e->op == EXPR_NAME || e->op == EXPR_DEREFERENCE)
        return named_value(c, e, value, why);
    if (!idlc_expression_value(c, e->left, &left, why))
        return false;
    if (e->op == EXPR_CHOOSE)
        return idlc_expression_value(c, left ? e->right : e->other, value, why);
    if (e->right && !idlc_expression_value(c, e->right, &right, why))
        return false;
    switch (e->op) {
    case EXPR_NEGATE:
        *value = (int64_t)(0 - (uint64_t)left);
        return true;
    case EXPR_COMPLEMENT:
        *value = ~left;
        return true;
    case EXPR_NOT:
        *value = !left;
        return true;
    default:
        if (idlc_expression_apply(e->op, left, right, value))
            return true;
        idlc_error(c, e->place, "this value is not defined: division by zero, or a shift by more than 63");
        return false;
    }
}

int64_t idlc_expression_constant(struct idlc_parser *p)
{
    const struct idlc_expr *e = idlc_expression_parse(p), *why;
    int64_t value = 0;

    if (!idlc_expression_value(p->c, e, &value, &why) && why)
        idlc_error(p->c, why->place, "%.*s is not a constant", IDLC_TEXT(why->name));
    return value;
}
