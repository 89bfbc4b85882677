/* SPDX-License-Identifier: MIT */
/*
 * Text -> tokens. The invariant: `at` never passes the end of the file's text, and each call of
 * idlc_lexer_next either moves on or stays at the end.
 */
#include "idlc/lexer.h"

#include <string.h>

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static bool is_name(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' || is_digit(ch);
}

static char peek(const struct idlc_lexer *lexer, size_t ahead)
{
    return ahead < lexer->file->len - lexer->at ? lexer->file->text[lexer->at + ahead] : '\0';
}

static struct idlc_place place_of(const struct idlc_lexer *lexer, size_t from, size_t len)
{
    return (struct idlc_place){lexer->file, (uint32_t)from, (uint32_t)len};
}

static void skip_comment(struct idlc_lexer *lexer)
{
    const char *text = lexer->file->text + lexer->at, *end;
    size_t left = lexer->file->len - lexer->at;

    if (text[1] == '/') {
        end = memchr(text, '\n', left);
        lexer->at += end ? (size_t)(end - text) : left;
        return;
    }
    for (size_t i = 2; i + 1 < left; i++)
        if (text[i] == '*' && text[i + 1] == '/') {
            lexer->at += i + 2;
            return;
        }
    idlc_error(lexer->c, place_of(lexer, lexer->at, 2), "comment without an end: add */");
    lexer->at = lexer->file->len;
}

static void skip_space(struct idlc_lexer *lexer)
{
    for (;;) {
        char ch = peek(lexer, 0);

        if (ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n' || ch == '\f' || ch == '\v')
            lexer->at++;
        else if (ch == '/' && (peek(lexer, 1) == '/' || peek(lexer, 1) == '*'))
            skip_comment(lexer);
        else
            return;
    }
}

static int digit_value(char ch)
{
    if (is_digit(ch))
        return ch - '0';
    if (ch >= 'a' && ch <= 'f')
        return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'F')
        return ch - 'A' + 10;
    return 99;
}

static void number(struct idlc_lexer *lexer, struct idlc_token *token)
{
    size_t start = lexer->at, digits;
    uint64_t value = 0;
    int base = 10;
    bool overflow = false;

    if (peek(lexer, 0) == '0' && (peek(lexer, 1) == 'x' || peek(lexer, 1) == 'X')) {
        base = 16;
        lexer->at += 2;
    } else if (peek(lexer, 0) == '0') {
        base = 8;
    }
    for (digits = lexer->at; digit_value(peek(lexer, 0)) < base; lexer->at++)
        overflow |= __builtin_mul_overflow(value, (uint64_t)base, &value) ||
                    __builtin_add_overflow(value, (uint64_t)digit_value(peek(lexer, 0)), &value);
    digits = lexer->at - digits;
    while (peek(lexer, 0) && strchr("uUlL", peek(lexer, 0)))
        lexer->at++;
    token->kind = TOKEN_NUMBER;
    token->value = (int64_t)value;
    token->place = place_of(lexer, start, lexer->at - start);
    if (is_name(peek(lexer, 0)) || (peek(lexer, 0) == '.' && is_digit(peek(lexer, 1))) || !digits) {
        while (is_name(peek(lexer, 0)) || peek(lexer, 0) == '.')
            lexer->at++;
        idlc_error(lexer->c, place_of(lexer, start, lexer->at - start),
                   "not a number: write an integer in decimal, octal (0...) or hexadecimal (0x...)");
    } else if (overflow) {
        idlc_error(lexer->c, token->place, "number too large: 64 bits are the most");
    }
}

static int64_t escaped(char ch)
{
    static const char from[] = "ntr0", to[] = "\n\t\r";
    const char *found = ch ? strchr(from, ch) : NULL;

    return found ? to[found - from] : ch;
}

/* At the quote. */
static void quoted(struct idlc_lexer *lexer, struct idlc_token *token, char quote)
{
    size_t start = lexer->at++;

    while (peek(lexer, 0) != quote) {
        if (lexer->at >= lexer->file->len || peek(lexer, 0) == '\n') {
            token->place = place_of(lexer, start, 1);
            idlc_error(lexer->c, token->place, "no closing quote on this line: add %c", quote);
            break;
        }
        if (peek(lexer, 0) == '\\' && peek(lexer, 1) && peek(lexer, 1) != '\n')
            lexer->at++;
        lexer->at++;
    }
    token->kind = TOKEN_STRING;
    token->text = (struct idlc_text){lexer->file->text + start + 1, lexer->at - start - 1};
    if (peek(lexer, 0) == quote)
        lexer->at++;
    token->place = place_of(lexer, start, lexer->at - start);
    if (quote == '"')
        return;
    token->kind = TOKEN_NUMBER;
    if (token->text.len == 1)
        token->value = token->text.at[0];
    else if (token->text.len == 2 && token->text.at[0] == '\\')
        token->value = escaped(token->text.at[1]);
    else
        idlc_error(lexer->c, token->place, "not a character: write one, or one after a backslash");
}

static void mark(struct idlc_lexer *lexer, struct idlc_token *token)
{
    static const struct {
        char text[3];
        int mark;
    } pairs[] = {
        {"<<", MARK_SHIFT_LEFT}, {">>", MARK_SHIFT_RIGHT}, {"==", MARK_EQUAL},
        {"!=", MARK_NOT_EQUAL},  {"<=", MARK_LESS_EQUAL},  {">=", MARK_GREATER_EQUAL},
        {"&&", MARK_AND},        {"||", MARK_OR},          {"..", MARK_DOTS},
    };
    size_t len = 1;

    token->kind = TOKEN_MARK;
    token->mark = (unsigned char)peek(lexer, 0);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (peek(lexer, 0) == pairs[i].text[0] && peek(lexer, 1) == pairs[i].text[1]) {
            token->mark = pairs[i].mark;
            len = 2;
        }
    token->text = (struct idlc_text){lexer->file->text + lexer->at, len};
    token->place = place_of(lexer, lexer->at, len);
    lexer->at += len;
}

/* Is there nothing but white space before `at` on its line? */
static bool starts_line(const struct idlc_lexer *lexer)
{
    for (size_t i = lexer->at; i-- > 0;) {
        char ch = lexer->file->text[i];

        if (ch == '\n')
            return true;
        if (ch != ' ' && ch != '\t' && ch != '\r')
            return false;
    }
    return true;
}

void idlc_lexer_next(struct idlc_lexer *lexer)
{
    struct idlc_token token = {.kind = TOKEN_END};
    size_t start;

    if (lexer->token.kind == TOKEN_MARK && lexer->token.mark == '{')
        lexer->braces++;
    else if (lexer->token.kind == TOKEN_MARK && lexer->token.mark == '}')
        lexer->braces--;
    for (;;) {
        char ch;

        skip_space(lexer);
        start = lexer->at;
        ch = peek(lexer, 0);
        if (start == lexer->file->len) {
            token.place = place_of(lexer, start, 0);
        } else if (is_digit(ch)) {
            number(lexer, &token);
        } else if (ch == '"' || ch == '\'') {
            quoted(lexer, &token, ch);
        } else if (ch == 'L' && (peek(lexer, 1) == '"' || peek(lexer, 1) == '\'')) {
            lexer->at++;
            token.wide = true;
            quoted(lexer, &token, peek(lexer, 0));
        } else if (is_name(ch)) {
            while (is_name(peek(lexer, 0)))
                lexer->at++;
            token.kind = TOKEN_NAME;
            token.text = (struct idlc_text){lexer->file->text + start, lexer->at - start};
            token.place = place_of(lexer, start, token.text.len);
        } else if (ch == '#' && starts_line(lexer)) {
            lexer->at++;
            token.kind = TOKEN_HASH;
            token.place = place_of(lexer, start, 1);
        } else if (ch && strchr("()[]{}<>*,;:=+-/%&|^~!?.", ch)) {
            mark(lexer, &token);
        } else {
            lexer->at++;
            idlc_error(lexer->c, place_of(lexer, start, 1), "a character that has no place in IDL");
            continue;
        }
        break;
    }
    lexer->token = token;
}

void idlc_lexer_init(struct idlc_lexer *lexer, struct idlc *c, const struct idlc_file *file)
{
    *lexer = (struct idlc_lexer){.c = c, .file = file};
    if (file->len >= 3 && memcmp(file->text, "\xEF\xBB\xBF", 3) == 0)
        lexer->at = 3;
    idlc_lexer_next(lexer);
}

struct idlc_text idlc_lexer_raw(struct idlc_lexer *lexer)
{
    struct idlc_text text;

    skip_space(lexer);
    text = (struct idlc_text){lexer->file->text + lexer->at, 0};
    while (peek(lexer, 0) && !strchr(")];\n", peek(lexer, 0)))
        lexer->at++;
    text.len = (size_t)(lexer->file->text + lexer->at - text.at);
    while (text.len && strchr(" \t\r", text.at[text.len - 1]))
        text.len--;
    if (text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"') {
        text.at++;
        text.len -= 2;
    }
    idlc_lexer_next(lexer);
    return text;
}

bool idlc_lexer_same_line(const struct idlc_lexer *lexer, struct idlc_place place)
{
    const char *text = lexer->file->text;
    size_t here = lexer->token.place.offset;

    return lexer->token.kind != TOKEN_END && !memchr(text + place.offset, '\n', here - place.offset);
}
