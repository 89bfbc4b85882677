/* SPDX-License-Identifier: MIT */
/* Tokens of IDL text. Comments and white space are gone; the text itself is never copied. */
#ifndef IDLC_LEXER_H
#define IDLC_LEXER_H

#include "idlc/idlc.h"

enum idlc_token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_NUMBER, /* value */
    TOKEN_STRING, /* text without the quotes, escapes as written; wide: L"..." */
    TOKEN_MARK,   /* mark: the character, or one of enum idlc_mark */
    TOKEN_HASH,   /* # at the start of a line */
};

enum idlc_mark {
    MARK_SHIFT_LEFT = 256,
    MARK_SHIFT_RIGHT,
    MARK_EQUAL,
    MARK_NOT_EQUAL,
    MARK_LESS_EQUAL,
    MARK_GREATER_EQUAL,
    MARK_AND,
    MARK_OR,
    MARK_DOTS, /* .. */
};

struct idlc_token {
    enum idlc_token_kind kind;
    int mark;
    bool wide;
    int64_t value;
    struct idlc_text text;
    struct idlc_place place;
};

/* A value: copying it saves a position to come back to. */
struct idlc_lexer {
    struct idlc *c;
    const struct idlc_file *file;
    size_t at;
    int braces;              /* open ones before the current token */
    struct idlc_token token; /* the current one */
};

/* At the first token. */
void idlc_lexer_init(struct idlc_lexer *lexer, struct idlc *c, const struct idlc_file *file);
void idlc_lexer_next(struct idlc_lexer *lexer);
/* For uuid(...) and version(...), whose contents are not tokens: the current token is the opening
 * parenthesis; afterwards the closing one is. Text without white space around it. */
struct idlc_text idlc_lexer_raw(struct idlc_lexer *lexer);
/* Does the current token stand on the same line as `place`? Ends a #define. */
bool idlc_lexer_same_line(const struct idlc_lexer *lexer, struct idlc_place place);

#endif
