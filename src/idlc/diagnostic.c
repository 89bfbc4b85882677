/* SPDX-License-Identifier: MIT */
/*
 * Messages and memory of a compilation. Whatever the input, a message is one line of printable text, the
 * source line and a caret; after IDLC_MAX_ERRORS of them, or without memory, the compilation unwinds.
 */
#include "idlc/idlc.h"

#include <string.h>

#define SHOWN 160 /* most characters of a source line */

static void put_printable(FILE *out, const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)at[i];

        putc(ch == '\t' ? ' ' : ch < 32 || ch == 127 ? '?' : ch, out);
    }
}

/* The line and a caret under the place; a long line is cut so that the place is seen. */
static void show(FILE *out, const struct idlc_place *place, size_t start, size_t column)
{
    const char *line = place->file->text + start, *end = memchr(line, '\n', place->file->len - start);
    size_t len = end ? (size_t)(end - line) : place->file->len - start, first = 0, marks = place->len;

    if (len > column && line[len - 1] == '\r')
        len--;
    if (column > SHOWN - 40)
        first = column - (SHOWN - 40);
    if (len - first > SHOWN)
        len = first + SHOWN;
    fputs("    ", out);
    put_printable(out, line + first, len - first);
    fputs("\n    ", out);
    for (size_t i = first; i < column; i++)
        putc(' ', out);
    putc('^', out);
    if (marks > len - column)
        marks = len - column;
    for (size_t i = 1; i < marks; i++)
        putc('~', out);
    putc('\n', out);
}

__attribute__((format(printf, 4, 0))) static void report(struct idlc *c, const struct idlc_place *place,
                                                         const char *kind, const char *format,
                                                         va_list arguments)
{
    char message[512];
    size_t line = 1, start = 0;

    vsnprintf(message, sizeof(message), format, arguments);
    if (place->file) {
        for (size_t i = 0; i < place->offset; i++)
            if (place->file->text[i] == '\n') {
                line++;
                start = i + 1;
            }
        fprintf(c->messages, "%s:%zu:%zu: ", place->file->path, line, place->offset - start + 1);
    }
    fprintf(c->messages, "%s: ", kind);
    put_printable(c->messages, message, strlen(message));
    putc('\n', c->messages);
    if (place->file)
        show(c->messages, place, start, place->offset - start);
}

void idlc_error(struct idlc *c, struct idlc_place place, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    report(c, &place, "error", format, arguments);
    va_end(arguments);
    if (++c->errors >= IDLC_MAX_ERRORS) {
        fputs("error: too many errors, giving up\n", c->messages);
        idlc_fatal(c);
    }
}

void idlc_note(struct idlc *c, struct idlc_place place, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    report(c, &place, "note", format, arguments);
    va_end(arguments);
}

_Noreturn void idlc_fatal(struct idlc *c)
{
    c->errors++;
    longjmp(c->fatal, 1);
}

void *idlc_alloc(struct idlc *c, size_t len)
{
    void *p = arena_alloc(c->arena, len, 8);

    if (!p) {
        fputs("error: out of memory\n", c->messages);
        idlc_fatal(c);
    }
    return p;
}

void *idlc_grow(struct idlc *c, void *old, size_t count, size_t *capacity, size_t want, size_t len)
{
    size_t room = *capacity;
    void *p;

    if (want <= room)
        return old;
    if (room < 16)
        room = 16;
    while (room < want)
        room *= 2;
    p = idlc_alloc(c, room * len);
    if (count)
        memcpy(p, old, count * len);
    *capacity = room;
    return p;
}

char *idlc_format(struct idlc *c, const char *format, ...)
{
    va_list arguments, again;
    int len;
    char *text;

    va_start(arguments, format);
    va_copy(again, arguments);
    len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len < 0)
        len = 0;
    text = idlc_alloc(c, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

char *idlc_copy(struct idlc *c, struct idlc_text text)
{
    char *copy = idlc_alloc(c, text.len + 1);

    memcpy(copy, text.at, text.len);
    return copy;
}

bool idlc_text_is(struct idlc_text text, const char *word)
{
    return strlen(word) == text.len && memcmp(text.at, word, text.len) == 0;
}

bool idlc_text_equal(struct idlc_text a, struct idlc_text b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}
