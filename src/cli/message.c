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
    {NERR_GroupExists, "Choose another name, or change the group with \"netmgmt group set\"."},
    {NERR_BadUsername,
     "Allowed are 1 to 256 characters without \"/\\[]:|<>+=;,?* and without a period at the end."},
    {ERROR_ACCESS_DENIED, "Try as root, or name accounts of your own with --local embedded:PATH."},
    {ERROR_MEMBERS_PRIMARY_GROUP, "Nobody can leave their primary group."},
};

void complain(const char *format, ...)
{
    va_list arguments;

    fputs("netmgmt: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

int complain_status(NET_API_STATUS status, const char *format, ...)
{
    const char *name = netmgmt_status_name(status);
    va_list arguments;

    fputs("netmgmt: cannot ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, ": %s (%u): %s", name ? name : "status", status, netmgmt_strerror(status));
    for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
        if (advice[i].status == status)
            fprintf(stderr, " %s", advice[i].advice);
    fputc('\n', stderr);
    return EXIT_FAILED;
}
