/* SPDX-License-Identifier: MIT */
/*
 * The list of servers: what --server names, and the lines of its files.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add(struct servers *s, const char *name)
{
    /* grows in steps of powers of two */
    if ((s->count & (s->count - 1)) == 0)
        s->names = must(reallocarray(s->names, s->count ? 2 * s->count : 1, sizeof(*s->names)));
    s->names[s->count++] = must(strdup(name));
}

static bool add_file(struct servers *s, const char *path)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char *line = NULL;
    size_t capacity = 0;
    bool good;

    if (!f) {
        complain("cannot read the list of servers \"%s\": %s", path, strerror(errno));
        return false;
    }
    while (getline(&line, &capacity, f) >= 0) {
        char *name = line + strspn(line, " \t");

        name[strcspn(name, " \t\r\n")] = '\0'; /* names have no blanks */
        if (*name && *name != '#')
            add(s, name);
    }
    good = !ferror(f);
    if (!good)
        complain("cannot read the list of servers \"%s\": %s", path, strerror(errno));
    free(line);
    if (f != stdin)
        fclose(f);
    return good;
}

bool servers_read(struct servers *s, const struct options *options)
{
    bool good = true;

    *s = (struct servers){0};
    for (size_t i = 0; good && i < options->server_count; i++) {
        const char *given = options->servers[i];

        s->from_stdin |= strcmp(given, "@-") == 0;
        if (!*given) { /* a variable of a script's that is not set must not mean this machine */
            complain("the name after --server is empty; without --server it is this machine");
            good = false;
        } else if (*given == '@')
            good = add_file(s, given + 1);
        else
            add(s, given);
    }
    if (good && options->server_count && !s->count) {
        complain("the list of servers is empty");
        good = false;
    }
    if (!good)
        servers_free(s);
    return good;
}

void servers_free(struct servers *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->names[i]);
    free(s->names);
    *s = (struct servers){0};
}
