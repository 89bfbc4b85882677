/* SPDX-License-Identifier: MIT */
/* Expressions of IDL: C's, on 64-bit integers, without assignment and calls. */
#ifndef IDLC_EXPRESSION_H
#define IDLC_EXPRESSION_H

#include "idlc/parser.h"

/* Never NULL: unwinds to the parser on an error. */
const struct idlc_expr *idlc_expression_parse(struct idlc_parser *p);
/* Its value when it consists of constants. When not: false, `*why` the part that is none (or NULL after an
 * error that has been reported: division by zero, shift out of range). */
bool idlc_expression_value(struct idlc *c, const struct idlc_expr *e, int64_t *value,
                           const struct idlc_expr **why);
/* Parses, and reports what is not constant. */
int64_t idlc_expression_constant(struct idlc_parser *p);
/* One operator on two values; false: undefined (division by zero, shift out of range). */
bool idlc_expression_apply(enum idlc_operator op, int64_t left, int64_t right, int64_t *value);

#endif
