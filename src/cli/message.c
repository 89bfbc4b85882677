/* SPDX-License-Identifier: MIT */
/*
 * Messages: one line each, what failed, on what, why, and what to do.
 */
#include "cli.h"

#include <stdarg.h>

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
    fprintf(stderr, ": %s (%u): %s\n", name ? name : "status", status, netmgmt_strerror(status));
    return EXIT_FAILED;
}
