/* SPDX-License-Identifier: MIT */
/*
 * Names from the standard input. One server takes them as they come, so that what writes them and what the
 * server does go on at the same time; several servers take what was read before the first of them was asked.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *lines_next(struct lines *l)
{
    ssize_t len;

    while ((len = getline(&l->text, &l->capacity, stdin)) >= 0) {
        if (len && l->text[len - 1] == '\n')
            l->text[--len] = '\0';
        if (len && l->text[len - 1] == '\r') /* no name has one */
            l->text[--len] = '\0';
        if (strlen(l->text) == (size_t)len && len)
            return l->text;
        if (len) {
            complain("a line of the standard input holds a zero byte; nothing was done with it");
            l->failed = true;
        }
    }
    if (ferror(stdin)) {
        complain("cannot read the standard input: %s", strerror(errno));
        l->failed = true;
    }
    return NULL;
}

void lines_end(struct lines *l)
{
    free(l->text);
    *l = (struct lines){0};
}

bool names_read(struct names *names)
{
    struct lines lines = {0};
    const char *name;
    bool good;

    *names = (struct names){0};
    while ((name = lines_next(&lines))) {
        /* grows in steps of powers of two */
        if ((names->count & (names->count - 1)) == 0)
            names->text =
                must(reallocarray(names->text, names->count ? 2 * names->count : 1, sizeof(*names->text)));
        names->text[names->count++] = must(strdup(name));
    }
    names->failed = lines.failed;
    good = !ferror(stdin);
    lines_end(&lines);
    return good;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->text[i]);
    free(names->text);
    *names = (struct names){0};
}
