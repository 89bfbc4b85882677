/* SPDX-License-Identifier: MIT */
/*
 * `netmgmt ping`: what happens between here and a server, step by step.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMN_STEP, COLUMN_TIME, COLUMN_STATUS, COLUMN_DETAIL };

static const struct column ping_columns[] = {
    [COLUMN_STEP] = {"STEP", "what was done", 10, 0, false},
    [COLUMN_TIME] = {"TIME", "how long it took, in milliseconds", 8, SCOLS_FL_RIGHT, true},
    [COLUMN_STATUS] = {"STATUS", "OK, or the name of the status", 4, 0, false},
    [COLUMN_DETAIL] = {"DETAIL", "what was found, agreed or refused", 0.6, 0, false},
    {0},
};

static void add_step(void *data, const struct netmgmt_ping_step *step)
{
    struct table *t = data;
    struct libscols_line *line = table_line(t);
    const char *name = step->status ? netmgmt_status_name(step->status) : "OK";
    char *time = NULL;

    table_set(t, line, COLUMN_STEP, must(strdup(step->name)));
    must(asprintf(&time, "%u.%03u", step->microseconds / 1000, step->microseconds % 1000) < 0 ? NULL : time);
    table_set(t, line, COLUMN_TIME, time);
    table_set(t, line, COLUMN_STATUS, must(strdup(name ? name : "failed")));
    table_set(t, line, COLUMN_DETAIL, must(strdup(step->detail)));
}

int ping(struct job *job, int argc, char **argv)
{
    struct table table;
    NET_API_STATUS status;
    int printed;

    (void)argc;
    (void)argv;
    if (!table_init(&table, job, "steps", ping_columns, "STEP,TIME,STATUS,DETAIL"))
        return EXIT_USAGE;
    status = netmgmt_ping(job->server, add_step, &table);
    printed = table_finish(&table);
    if (status)
        return complain_status(status, "%s", "reach the accounts");
    return printed;
}
