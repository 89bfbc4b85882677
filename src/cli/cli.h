/* SPDX-License-Identifier: MIT */
/*
 * The netmgmt tool: what its commands share. It uses the public headers only.
 */
#ifndef CLI_H
#define CLI_H

#include <stdarg.h>
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
    OPTION_SERVER,
    OPTION_USER,
    OPTION_AUTH_FILE,
    OPTION_PASSWORD_FD,
    OPTION_NT_HASH,
    OPTION_NO_PASSWORD,
    OPTION_KERBEROS,
    OPTION_TRANSPORT,
    OPTION_ADDRESS,
    OPTION_PORT,
    OPTION_SMB,
    OPTION_SIGNING,
    OPTION_ENCRYPTION,
    OPTION_JOBS,
    OPTION_JSON,
    OPTION_RAW,
    OPTION_COLUMNS,
    OPTION_NO_HEADINGS,
    OPTION_COMMENT,
    OPTION_NAME,
    OPTION_ATTRIBUTES,
    OPTION_STDIN,
    OPTION_KINDS,
    OPTION_COUNT
};

struct options {
    bool given[OPTION_COUNT];
    const char *value[OPTION_COUNT]; /* of those that take one; the last */
    const char **servers;            /* all values of --server, as they were given */
    size_t server_count;
};

/* A command's work on one server. */
struct job {
    const struct options *options;
    const char *name;            /* of the server, for people; NULL: this machine */
    const WCHAR *server;         /* for the Net functions; NULL: this machine */
    const struct names *names;   /* that the standard input held; NULL: it is read as they are needed */
    bool one_of_many;            /* rows and messages are kept, to be shown in the order of the servers */
    struct libscols_table *rows; /* those that were kept */
    FILE *messages;
};

struct command {
    const char *group, *name; /* "group", "list"; a command by itself: NULL, "buffers" */
    const char *arguments;    /* for usage: "GROUP USER..." */
    const char *summary;      /* one line */
    const char *details;      /* more for --help; may be NULL */
    unsigned options;
    int min_arguments, max_arguments; /* max -1: any number */
    int (*run)(struct job *job, int argc, char **argv);
};

extern const struct command commands[]; /* the last has name NULL */

/* Messages, to stderr: "netmgmt: ...". Those of a thread that message_about() was called in name the job's
 * server; when it is one of many they go to job->messages. */
void message_about(const struct job *job);
void complain(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull(1)));
/* A further line of the message before it, indented. */
void complain_more(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull(1)));
/* A part of a message; what is not printable as \xHH. */
void message_print(FILE *f, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0), nonnull(1, 2)));
/* `cannot WHAT: NAME (NUMBER): text`, and what to do about it. Returns EXIT_FAILED. */
int complain_status(NET_API_STATUS status, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));

/* UTF-8 to UTF-16 and back; to be freed. text_to_wide: NULL when `s` is not UTF-8 (said on stderr). */
WCHAR *text_to_wide(const char *s);
char *text_from_wide(const WCHAR *s);
char *number_text(DWORD number);
char *sid_text(const void *sid);
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
    struct job *job;
};

/* `defaults`: shown without --columns. False: said why on stderr. `name`: of the JSON array. With many
 * servers a first column SERVER is added. */
bool table_init(struct table *t, struct job *job, const char *name, const struct column *columns,
                const char *defaults);
bool table_shows(const struct table *t, int column);
struct libscols_line *table_line(struct table *t);
/* `text` is taken over (freed with the table). A column that is not shown is dropped. */
void table_set(struct table *t, struct libscols_line *line, int column, char *text);
/* Raw output needs no widths: what is there goes out at once. Else nothing is done. */
void table_flush(struct table *t);
/* A table of the objects that are named, each shown by `show`, which adds its row or complains. Exit status.
 */
int table_of_named(struct job *job, const char *title, const struct column *columns, const char *defaults,
                   int (*show)(const struct job *job, struct table *table, const char *name), int argc,
                   char **argv);
int table_finish(struct table *t); /* prints, frees (or leaves it to the job); exit status */
void table_abandon(struct table *t);
int table_print(struct libscols_table *scols); /* and frees; exit status */
/* Rows of one more server to those of the others: `*all` (NULL at the start) takes over `rows`. Raw ones are
 * printed at once. */
void table_merge(struct libscols_table **all, struct libscols_table *rows);

/* A bar on stderr for work that takes longer than a second, if that is a terminal. */
struct progress {
    const char *what;
    int64_t started, drawn; /* ms */
    bool active;
};
void progress_init(struct progress *p, const struct job *job, const char *what);
void progress_step(struct progress *p, size_t done, size_t total); /* total 0: not known */
void progress_end(struct progress *p);

/* Run the command on each server that the options name, or on this machine: exit status. */
int jobs_run(const struct command *command, const struct options *options, int argc, char **argv);

/* The servers of --server, those in files too; "@FILE" has one in a line. False: said why on stderr. */
struct servers {
    char **names;
    size_t count;
    bool from_stdin; /* some: "@-" */
};
bool servers_read(struct servers *servers, const struct options *options);
void servers_free(struct servers *servers);

/* Names from the standard input, one in a line; empty lines are skipped. */
struct lines {
    char *text;
    size_t capacity;
    bool failed; /* something could not be read, or is no name: said on stderr */
};
const char *lines_next(struct lines *lines); /* NULL: no more */
void lines_end(struct lines *lines);

/* All of them, for several servers. */
struct names {
    char **text;
    size_t count;
    bool failed; /* some lines are no names */
};
bool names_read(struct names *names); /* false: the end was not reached */
void names_free(struct names *names);

/* Tell the library what the options say about credentials and servers: exit status. Asks for a password where
 * one is needed. */
int logon_prepare(const struct options *options, const struct servers *servers);

int group_list(struct job *job, int argc, char **argv);
int group_show(struct job *job, int argc, char **argv);
int group_add(struct job *job, int argc, char **argv);
int group_set(struct job *job, int argc, char **argv);
int group_delete(struct job *job, int argc, char **argv);
int group_members(struct job *job, int argc, char **argv);
int group_add_member(struct job *job, int argc, char **argv);
int group_remove_member(struct job *job, int argc, char **argv);
int user_list(struct job *job, int argc, char **argv);
int user_show(struct job *job, int argc, char **argv);
int ping(struct job *job, int argc, char **argv);
int buffers_explain(struct job *job, int argc, char **argv);

#endif
