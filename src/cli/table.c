/* SPDX-License-Identifier: MIT */
/*
 * Output of rows: a table, raw columns or JSON, by libsmartcols.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int column_find(const struct column *columns, const char *name, size_t len)
{
    for (int i = 0; columns[i].name; i++)
        if (strlen(columns[i].name) == len && strncasecmp(columns[i].name, name, len) == 0)
            return i;
    return -1;
}

static bool choose_columns(struct table *t, const char *list)
{
    while (*list) {
        size_t len = strcspn(list, ",");
        int column = column_find(t->columns, list, len);

        if (column < 0) {
            fprintf(stderr, "netmgmt: there is no column \"%.*s\"; there are:\n", (int)len, list);
            for (const struct column *c = t->columns; c->name; c++)
                fprintf(stderr, "  %-12s %s\n", c->name, c->help);
            return false;
        }
        if (table_shows(t, column) || t->count == (int)(sizeof(t->shown) / sizeof(t->shown[0]))) {
            complain("column \"%.*s\" is named twice", (int)len, list);
            return false;
        }
        t->shown[t->count++] = column;
        list += len + (list[len] == ',');
    }
    if (!t->count)
        complain("--columns needs at least one name");
    return t->count > 0;
}

bool table_init(struct table *t, const struct options *options, const char *name,
                const struct column *columns, const char *defaults)
{
    const char *list = options->given[OPTION_COLUMNS] ? options->value[OPTION_COLUMNS] : defaults;

    *t = (struct table){.columns = columns,
                        .raw = options->given[OPTION_RAW],
                        .headings = !options->given[OPTION_NO_HEADINGS]};
    if (options->given[OPTION_RAW] && options->given[OPTION_JSON]) {
        complain("--raw and --json exclude each other");
        return false;
    }
    if (!choose_columns(t, list))
        return false;
    scols_init_debug(0);
    t->scols = must(scols_new_table());
    scols_table_set_name(t->scols, name);
    scols_table_enable_raw(t->scols, t->raw);
    scols_table_enable_json(t->scols, options->given[OPTION_JSON]);
    scols_table_enable_noheadings(t->scols, !t->headings);
    for (int i = 0; i < t->count; i++) {
        const struct column *c = &columns[t->shown[i]];
        struct libscols_column *added = must(scols_table_new_column(t->scols, c->name, c->width, c->flags));

        scols_column_set_json_type(added, c->number ? SCOLS_JSON_NUMBER : SCOLS_JSON_STRING);
    }
    return true;
}

bool table_shows(const struct table *t, int column)
{
    for (int i = 0; i < t->count; i++)
        if (t->shown[i] == column)
            return true;
    return false;
}

struct libscols_line *table_line(struct table *t)
{
    return must(scols_table_new_line(t->scols, NULL));
}

void table_set(struct table *t, struct libscols_line *line, int column, char *text)
{
    for (int i = 0; i < t->count; i++)
        if (t->shown[i] == column) {
            scols_line_refer_data(line, (size_t)i, text);
            return;
        }
    free(text);
}

void table_flush(struct table *t)
{
    if (!t->raw)
        return;
    scols_print_table(t->scols);
    scols_table_remove_lines(t->scols);
    scols_table_enable_noheadings(t->scols, 1);
}

int table_finish(struct table *t)
{
    int r = scols_print_table(t->scols);

    scols_unref_table(t->scols);
    if (r || fflush(stdout) || ferror(stdout)) {
        complain("cannot write the output");
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

void table_abandon(struct table *t)
{
    scols_unref_table(t->scols);
}
