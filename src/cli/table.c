/* SPDX-License-Identifier: MIT */
/*
 * Output of rows: a table, raw columns or JSON, by libsmartcols.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COLUMN_SERVER 1000 /* in table.shown: of no table's own columns */

static const struct column server_column = {"SERVER", "name of the server", 0.1, 0, false};

static int column_find(const struct column *columns, const char *name, size_t len)
{
    for (int i = 0; columns[i].name; i++)
        if (strlen(columns[i].name) == len && strncasecmp(columns[i].name, name, len) == 0)
            return i;
    return strlen(server_column.name) == len && strncasecmp(server_column.name, name, len) == 0
               ? COLUMN_SERVER
               : -1;
}

static void complain_column(const struct table *t, const char *name, int len)
{
    complain("there is no column \"%.*s\"; there are:", len, name);
    for (const struct column *c = t->columns; c->name; c++)
        complain_more("%-12s %s", c->name, c->help);
    complain_more("%-12s %s", server_column.name, server_column.help);
}

static bool choose_columns(struct table *t, const char *list)
{
    while (*list) {
        size_t len = strcspn(list, ",");
        int column = column_find(t->columns, list, len);

        if (column < 0) {
            complain_column(t, list, (int)len);
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

bool table_init(struct table *t, struct job *job, const char *name, const struct column *columns,
                const char *defaults)
{
    const struct options *options = job->options;
    const char *list = options->given[OPTION_COLUMNS] ? options->value[OPTION_COLUMNS] : defaults;

    *t = (struct table){.columns = columns,
                        .raw = options->given[OPTION_RAW],
                        .headings = !options->given[OPTION_NO_HEADINGS],
                        .job = job};
    if (options->given[OPTION_RAW] && options->given[OPTION_JSON]) {
        complain("--raw and --json exclude each other");
        return false;
    }
    if (job->one_of_many && !options->given[OPTION_COLUMNS])
        t->shown[t->count++] = COLUMN_SERVER;
    if (!choose_columns(t, list))
        return false;
    scols_init_debug(0);
    t->scols = must(scols_new_table());
    scols_table_set_name(t->scols, name);
    scols_table_enable_raw(t->scols, t->raw);
    scols_table_enable_json(t->scols, options->given[OPTION_JSON]);
    scols_table_enable_noheadings(t->scols, !t->headings);
    for (int i = 0; i < t->count; i++) {
        const struct column *c = t->shown[i] == COLUMN_SERVER ? &server_column : &columns[t->shown[i]];
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
    struct libscols_line *line = must(scols_table_new_line(t->scols, NULL));

    if (table_shows(t, COLUMN_SERVER))
        table_set(t, line, COLUMN_SERVER, must(strdup(t->job->name ? t->job->name : "localhost")));
    return line;
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
    if (!t->raw || t->job->one_of_many)
        return;
    scols_print_table(t->scols);
    scols_table_remove_lines(t->scols);
    scols_table_enable_noheadings(t->scols, 1);
}

int table_print(struct libscols_table *scols)
{
    int r = scols_print_table(scols); /* what cannot be written main() says */

    scols_unref_table(scols);
    if (r)
        complain("cannot make the table: %s", strerror(-r));
    return r ? EXIT_FAILED : EXIT_OK;
}

int table_finish(struct table *t)
{
    if (!t->job->one_of_many)
        return table_print(t->scols);
    t->job->rows = t->scols;
    return EXIT_OK;
}

int table_of_named(struct job *job, const char *title, const struct column *columns, const char *defaults,
                   int (*show)(const struct job *job, struct table *table, const char *name), int argc,
                   char **argv)
{
    struct table table;
    int result = EXIT_OK, finished;

    if (!table_init(&table, job, title, columns, defaults))
        return EXIT_USAGE;
    for (int i = 0; i < argc; i++)
        if (show(job, &table, argv[i]) != EXIT_OK)
            result = EXIT_FAILED;
    finished = table_finish(&table);
    return finished ? finished : result;
}

void table_merge(struct libscols_table **all, struct libscols_table *rows)
{
    struct libscols_line *line;

    if (!*all) {
        *all = rows;
    } else {
        struct libscols_iter *i = must(scols_new_iter(SCOLS_ITER_FORWARD));

        while (scols_table_next_line(rows, i, &line) == 0) {
            scols_ref_line(line);
            scols_table_remove_line(rows, line);
            must(scols_table_add_line(*all, line) ? NULL : line);
            scols_unref_line(line);
            scols_reset_iter(i, -1);
        }
        scols_free_iter(i);
        scols_unref_table(rows);
    }
    if (!scols_table_is_raw(*all))
        return;
    scols_print_table(*all);
    scols_table_remove_lines(*all);
    scols_table_enable_noheadings(*all, 1);
}

void table_abandon(struct table *t)
{
    scols_unref_table(t->scols);
}
