/* SPDX-License-Identifier: MIT */
/*
 * The compiler as a function: IDL text in, a header and tables out. No I/O of its own; main.c gives it files.
 *
 * Stages, one folder-wide order: diagnostic, lexer, expression, attribute, parser (text -> ast.h), shape
 * (what the attributes of a declaration make of its type), build (ast -> rows of include/netmgmt/ndr.h),
 * layout (alignments and lengths on the wire), emit_header, emit_tables.
 *
 * Memory is the caller's arena; a fatal condition (no memory, too many errors) unwinds to idlc_compile.
 */
#ifndef IDLC_IDLC_H
#define IDLC_IDLC_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"

#define IDLC_MAX_ERRORS 20
#define IDLC_MAX_TEXT ((size_t)8 << 20)

struct idlc_text {
    const char *at;
    size_t len;
};

struct idlc_import {
    struct idlc_import *next;
    const struct idlc_file *file;
};

struct idlc_file {
    struct idlc_file *next; /* in the order in which they were first named */
    const char *path;       /* as messages show it */
    const char *base;       /* "samr" of "idl/samr.idl" */
    const char *text;       /* zero terminated */
    size_t len;
    struct idlc_import *imports; /* direct ones, in order */
    struct idlc_item *items;     /* declarations, in order */
};

/* Where something stands: `len` bytes at `offset`; the caret goes under them. */
struct idlc_place {
    const struct idlc_file *file;
    uint32_t offset, len;
};

/* Finds an imported file: stores path and text (both in the arena or longer lived) and returns true. `from`
 * is the importing file, NULL for the main one. */
typedef bool idlc_load(void *context, const struct idlc_file *from, const char *name, struct arena *arena,
                       const char **path, const char **text, size_t *len);

/* What the caller decides. */
struct idlc_settings {
    idlc_load *load;
    void *load_context;
    const char *const *secrets; /* members, parameters and types of these names are [secret] */
    size_t secret_count;
};

struct idlc_symbol;

struct idlc {
    struct arena *arena;
    FILE *messages;
    const struct idlc_settings *settings;
    unsigned errors;
    jmp_buf fatal;
    struct idlc_file *files, **files_end;
    struct idlc_symbol **symbols;
    struct idlc_interface *interfaces, **interfaces_end;
    unsigned import_depth, marks;
};

/* Compile the file that `settings->load` finds for `name`; false when there were errors (told to `messages`).
 * On success both outputs are complete and c->files lists what was read. `c` is the caller's memory; its
 * results live in the arena. */
bool idlc_compile(struct idlc *c, struct arena *arena, FILE *messages, const struct idlc_settings *settings,
                  const char *name, FILE *header, FILE *tables);

/* diagnostic.c: "path:line:column: error: ..." with the line and a caret under the place. */
void idlc_error(struct idlc *c, struct idlc_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds to the error just reported. */
void idlc_note(struct idlc *c, struct idlc_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void idlc_fatal(struct idlc *c);
/* Zeroed; never NULL (unwinds). */
void *idlc_alloc(struct idlc *c, size_t len);
/* Of `count` elements to one of at least `want`; the contents are kept. */
void *idlc_grow(struct idlc *c, void *old, size_t count, size_t *capacity, size_t want, size_t len);
char *idlc_format(struct idlc *c, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(2)));
char *idlc_copy(struct idlc *c, struct idlc_text text);
bool idlc_text_is(struct idlc_text text, const char *word);
bool idlc_text_equal(struct idlc_text a, struct idlc_text b);

/* for "%.*s" */
#define IDLC_TEXT(t) (int)(t).len, (t).at

#endif
