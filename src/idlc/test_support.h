/* SPDX-License-Identifier: MIT */
/* Compiling texts that are in memory, for the unit tests and the fuzz target. */
#ifndef IDLC_TEST_SUPPORT_H
#define IDLC_TEST_SUPPORT_H

#include <stdlib.h>
#include <string.h>

#include "idlc/idlc.h"

struct text_file {
    const char *name, *text;
    size_t len;
};

struct text_files {
    const struct text_file *files;
    size_t count;
};

static bool text_load(void *context, const struct idlc_file *from, const char *name, struct arena *arena,
                      const char **path, const char **text, size_t *len)
{
    const struct text_files *all = context;

    (void)from;
    (void)arena;
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(all->files[i].name, name)) {
            *path = all->files[i].name;
            *text = all->files[i].text;
            *len = all->files[i].len;
            return true;
        }
    return false;
}

struct text_result {
    char *header, *tables, *messages;
    bool ok;
};

/* The first file is the one compiled; `secret`: a name for --secret, or NULL. */
static struct text_result text_compile(const struct text_file *files, size_t count, const char *secret,
                                       size_t memory)
{
    struct text_files all = {files, count};
    const struct idlc_settings settings = {
        .load = text_load, .load_context = &all, .secrets = &secret, .secret_count = secret ? 1 : 0};
    struct text_result r = {0};
    size_t lens[3];
    FILE *header = open_memstream(&r.header, &lens[0]), *tables = open_memstream(&r.tables, &lens[1]),
         *messages = open_memstream(&r.messages, &lens[2]);
    struct arena arena;
    struct idlc c;

    if (!header || !tables || !messages)
        abort();
    arena_init(&arena, memory);
    r.ok = idlc_compile(&c, &arena, messages, &settings, files[0].name, header, tables);
    arena_deinit(&arena);
    fclose(header);
    fclose(tables);
    fclose(messages);
    return r;
}

static void text_free(struct text_result *r)
{
    free(r->header);
    free(r->tables);
    free(r->messages);
}

#endif
