/* SPDX-License-Identifier: MIT */
/*
 * The netmgmt tool: what its commands share. It uses the public headers only.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include <libsmartcols/libsmartcols.h>

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Options. Each command says which it takes, as a set of 1 << OPTION. */
enum option_id {
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_LOCAL,
    OPTION_JSON,
    OPTION_RAW,
    OPTION_COLUMNS,
    OPTION_NO_HEADINGS,
    OPTION_COMMENT,
    OPTION_NAME,
    OPTION_ATTRIBUTES,
    OPTION_STDIN,
    OPTION_COUNT
};

struct options {
    bool given[OPTION_COUNT];
    const char *value[OPTION_COUNT]; /* of those that take one */
};

struct command {
    const char *group, *name; /* "group", "list"; a command by itself: NULL, "buffers" */
    const char *arguments;    /* for usage: "GROUP USER..." */
    const char *summary;      /* one line */
    const char *details;      /* more for --help; may be NULL */
    unsigned options;
    int min_arguments, max_arguments; /* max -1: any number */
    int (*run)(const struct options *options, int argc, char **argv);
};

extern const struct command commands[]; /* the last has name NULL */

/* Messages, to stderr: "netmgmt: ...". */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* `cannot WHAT: NAME (NUMBER): text`, and what to do about it. Returns EXIT_FAILED. */
int complain_status(NET_API_STATUS status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* UTF-8 to UTF-16 and back; to be freed. text_to_wide: NULL when `s` is not UTF-8 (said on stderr). */
WCHAR *text_to_wide(const char *s);
char *text_from_wide(const WCHAR *s);
/* As above, but exits when there is no memory. */
void *must(void *allocated);

/* Tables: libsmartcols, as a table, raw or JSON. */
struct column {
    const char *name; /* upper case: heading, and what --columns says */
    const char *help;
    double width; /* hint for libsmartcols: below 1 a share of the terminal */
    int flags;    /* SCOLS_FL_* */
    bool number;  /* in JSON */
};

struct table {
    struct libscols_table *scols;
    const struct column *columns; /* all there are; the last has name NULL */
    int shown[16];                /* indexes into columns, in the order shown */
    int count;
    bool raw, headings;
};

/* `defaults`: shown without --columns. False: said why on stderr. `name`: of the JSON array. */
bool table_init(struct table *t, const struct options *options, const char *name,
                const struct column *columns, const char *defaults);
bool table_shows(const struct table *t, int column);
struct libscols_line *table_line(struct table *t);
/* `text` is taken over (freed with the table). A column that is not shown is dropped. */
void table_set(struct table *t, struct libscols_line *line, int column, char *text);
/* Raw output needs no widths: what is there goes out at once. Else nothing is done. */
void table_flush(struct table *t);
int table_finish(struct table *t); /* prints, frees; exit status */
void table_abandon(struct table *t);

/* A bar on stderr for work that takes longer than a second, if that is a terminal. */
struct progress {
    const char *what;
    int64_t started, drawn; /* ms */
    bool active;
};
void progress_init(struct progress *p, const char *what);
void progress_step(struct progress *p, size_t done, size_t total); /* total 0: not known */
void progress_end(struct progress *p);

int group_list(const struct options *options, int argc, char **argv);
int group_show(const struct options *options, int argc, char **argv);
int group_add(const struct options *options, int argc, char **argv);
int group_set(const struct options *options, int argc, char **argv);
int group_delete(const struct options *options, int argc, char **argv);
int group_members(const struct options *options, int argc, char **argv);
int group_add_member(const struct options *options, int argc, char **argv);
int group_remove_member(const struct options *options, int argc, char **argv);
int buffers_explain(const struct options *options, int argc, char **argv);

#endif
