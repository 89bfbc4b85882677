/* SPDX-License-Identifier: MIT */
/*
 * Reading files with credentials: see auth_file.h.
 *
 * Invariant: nothing is taken from a file of which one line is wrong, and no secret of it stays in memory but
 * in the credentials that are handed out.
 */
#include "netapi/auth_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <lmerr.h>
#include <windows.h>

enum key { KEY_USERNAME, KEY_PASSWORD, KEY_DOMAIN, KEY_REALM, KEY_COUNT };

static const char *const key_names[KEY_COUNT] = {"username", "password", "domain", "realm"};

struct value {
    const char *text; /* NULL: not there */
    unsigned line;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int fail(struct auth_file_problem *problem, int condition, unsigned line)
{
    problem->condition = condition;
    problem->line = line;
    return condition;
}

static char *cut_blanks(char *begin, char *end)
{
    while (end > begin && is_blank(end[-1]))
        end--;
    *end = '\0';
    return begin;
}

static enum key key_find(const char *name)
{
    enum key k = 0;

    while (k < KEY_COUNT && strcasecmp(name, key_names[k]) != 0)
        k++;
    return k;
}

/* One line, of which `end` points to what ended it. */
static int parse_line(char *line, char *end, unsigned number, struct value *values,
                      struct auth_file_problem *problem)
{
    char *equals, *value;
    enum key key;

    if (end > line && end[-1] == '\r')
        end--;
    *end = '\0';
    for (char *p = line; p < end; p++)
        if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
            return fail(problem, AUTH_FILE_E_CONTROL, number);
    while (is_blank(*line))
        line++;
    if (!*line || *line == '#' || *line == ';')
        return 0;
    equals = strchr(line, '=');
    if (!equals)
        return fail(problem, AUTH_FILE_E_EQUALS, number);
    key = key_find(cut_blanks(line, equals));
    if (key == KEY_COUNT)
        return fail(problem, AUTH_FILE_E_KEY, number);
    for (value = equals + 1; is_blank(*value);)
        value++;
    if (key != KEY_PASSWORD)
        cut_blanks(value, end);
    values[key] = (struct value){value, number};
    return 0;
}

/* The user name may hold a domain; one of its own wins when it is not empty. */
static int set_values(struct auth_credentials *c, const struct value *values,
                      struct auth_file_problem *problem)
{
    const struct value *domain = values[KEY_REALM].text ? &values[KEY_REALM] : &values[KEY_DOMAIN];
    const struct value *user = &values[KEY_USERNAME], *password = &values[KEY_PASSWORD];
    int r;

    if (!user->text || !*user->text)
        return fail(problem, AUTH_FILE_E_NO_USER, 0);
    r = auth_credentials_set_name_utf8(c, user->text, NULL);
    if (r == -EINVAL)
        return fail(problem, AUTH_FILE_E_TEXT, user->line);
    if (!r && domain->text && *domain->text) {
        r = auth_credentials_set_name_utf8(c, user->text, domain->text);
        if (r == -EINVAL)
            return fail(problem, AUTH_FILE_E_TEXT, domain->line);
    }
    if (!r && !*auth_credentials_user(c)) /* "DOMAIN\\" */
        return fail(problem, AUTH_FILE_E_NO_USER, 0);
    if (!r && password->text) {
        r = auth_credentials_set_password_utf8(c, password->text);
        if (r == -EINVAL)
            return fail(problem, AUTH_FILE_E_TEXT, password->line);
    }
    return r;
}

int auth_file_parse(char *text, size_t len, struct auth_credentials **out, struct auth_file_problem *problem)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    struct value values[KEY_COUNT] = {0};
    char *at = text, *end = text + len;
    unsigned number = 0;
    int r = 0;

    *out = NULL;
    *problem = (struct auth_file_problem){0};
    if (len >= 3 && memcmp(text, byte_order_mark, 3) == 0)
        at += 3;
    while (!r && at < end) {
        char *line = at, *stop = memchr(at, '\n', (size_t)(end - at));

        if (!stop)
            stop = end;
        at = stop + 1;
        r = parse_line(line, stop, ++number, values, problem);
    }
    if (!r)
        r = auth_credentials_new(out);
    if (!r)
        r = set_values(*out, values, problem);
    if (r) {
        auth_credentials_unref(*out);
        *out = NULL;
    }
    return r;
}

/* A file of the caller's own is for nobody else. One that was given to the caller, by root or a service
 * manager, may be given through a group. */
static bool is_shared(const struct stat *st)
{
    mode_t forbidden = S_IRWXO | (st->st_uid == geteuid() ? S_IRWXG : S_IWGRP);

    return (S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode)) && (st->st_mode & forbidden);
}

static int fail_open(struct auth_file_problem *problem)
{
    problem->error = errno;
    return fail(problem, AUTH_FILE_E_OPEN, 0);
}

/* All there is, at most `max` bytes: a longer file shows by `max`. */
static int read_all(int fd, char *text, size_t max, size_t *len, struct auth_file_problem *problem)
{
    *len = 0;
    while (*len < max) {
        ssize_t n = read(fd, text + *len, max - *len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_open(problem);
        if (n == 0)
            break;
        *len += (size_t)n;
    }
    return 0;
}

static int read_text(int fd, struct auth_credentials **out, struct auth_file_problem *problem)
{
    char *text = malloc(AUTH_FILE_MAX_LEN + 2);
    size_t len = 0;
    int r;

    if (!text)
        return -ENOMEM;
    r = read_all(fd, text, AUTH_FILE_MAX_LEN + 1, &len, problem);
    if (!r && len > AUTH_FILE_MAX_LEN)
        r = fail(problem, AUTH_FILE_E_LONG, 0);
    if (!r)
        r = auth_file_parse(text, len, out, problem);
    explicit_bzero(text, len);
    free(text);
    return r;
}

int auth_file_read(const char *path, bool regular, struct auth_credentials **out, struct stat *st,
                   struct auth_file_problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (regular ? O_NONBLOCK : 0)), r;

    *out = NULL;
    *problem = (struct auth_file_problem){0};
    if (fd < 0)
        return fail_open(problem);
    if (fstat(fd, st) != 0)
        r = fail_open(problem);
    else if (regular && !S_ISREG(st->st_mode))
        r = fail(problem, AUTH_FILE_E_KIND, 0);
    else if (is_shared(st))
        r = fail(problem, AUTH_FILE_E_SHARED, 0);
    else
        r = read_text(fd, out, problem);
    close(fd);
    return r;
}

static const struct {
    uint32_t net;
    const char *text;
} conditions[] = {[AUTH_FILE_BEFORE_FIRST] = {NERR_Success, ""},
#define X(name, net, text) [name] = {net, text},
                  AUTH_FILE_CONDITION_TABLE(X)
#undef X
};

struct net_status auth_file_status(int result)
{
    return result > 0 && result < AUTH_FILE_END ? NET_STATUS(conditions[result].net) : net_from_errno(result);
}

void auth_file_text(const struct auth_file_problem *problem, char *text, size_t len)
{
    const char *what = conditions[problem->condition].text;

    if (!len)
        return;
    if (problem->line)
        snprintf(text, len, "line %u %s", problem->line, what);
    else
        snprintf(text, len, "%s%s%s", what, problem->error ? ": " : "",
                 problem->error ? strerror(problem->error) : "");
}
