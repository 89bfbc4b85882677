/* SPDX-License-Identifier: MIT */
/*
 * Messages: one line each, what failed, on what, why, and what to do.
 */
#include "cli.h"

#include <stdarg.h>

/* What to do, where it is the tool that knows. */
static const struct {
    NET_API_STATUS status;
    const char *advice;
} advice[] = {
    {NERR_GroupNotFound, "\"netmgmt group list\" shows the groups that there are."},
    {NERR_UserNotFound, "\"netmgmt user list\" shows the users that there are."},
    {NERR_GroupExists, "Choose another name, or change the group with \"netmgmt group set\"."},
    {NERR_BadUsername,
     "Allowed are 1 to 256 characters without \"/\\[]:|<>+=;,?* and without a period at the end."},
    {ERROR_ACCESS_DENIED, "Try as root or as another user (-U), or name accounts of your own with --local."},
    {ERROR_MEMBERS_PRIMARY_GROUP, "Nobody can leave their primary group."},
};

static _Thread_local const struct job *about;

void message_about(const struct job *job)
{
    about = job;
}

static FILE *begin(void)
{
    FILE *f = about && about->one_of_many ? about->messages : stderr;

    fputs("netmgmt: ", f);
    if (about && about->name)
        fprintf(f, "%s: ", about->name);
    return f;
}

void complain(const char *format, ...)
{
    FILE *f = begin();
    va_list arguments;

    va_start(arguments, format);
    vfprintf(f, format, arguments);
    va_end(arguments);
    fputc('\n', f);
}

int complain_status(NET_API_STATUS status, const char *format, ...)
{
    const char *name = netmgmt_status_name(status);
    FILE *f = begin();
    va_list arguments;

    fputs("cannot ", f);
    va_start(arguments, format);
    vfprintf(f, format, arguments);
    va_end(arguments);
    fprintf(f, ": %s (%u): %s", name ? name : "status", status, netmgmt_strerror(status));
    for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
        if (advice[i].status == status)
            fprintf(f, " %s", advice[i].advice);
    fputc('\n', f);
    return EXIT_FAILED;
}
