/* SPDX-License-Identifier: MIT */
/*
 * The log: lines on stderr. Under journald each begins with its priority (sd-daemon(3)), else with a word.
 *
 * Invariant: one call is one write of one line, so lines of several processes do not mix.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/daemon.h"

void daemon_log(enum daemon_priority priority, const char *format, ...)
{
    static const char *const words[] = {
        [DAEMON_ERROR] = "error: ", [DAEMON_WARNING] = "warning: ", [DAEMON_NOTICE] = "", [DAEMON_INFO] = ""};
    char line[1024];
    int len, more;
    va_list arguments;

    if (getenv("JOURNAL_STREAM"))
        len = snprintf(line, sizeof(line), "<%d>", (int)priority);
    else
        len = snprintf(line, sizeof(line), "netmgmtd: %s", words[priority]);
    va_start(arguments, format);
    more = vsnprintf(line + len, sizeof(line) - (size_t)len - 1, format, arguments);
    va_end(arguments);
    len += more < 0 ? 0 : more;
    if (len > (int)sizeof(line) - 2)
        len = (int)sizeof(line) - 2;
    for (int i = 0; i < len; i++)
        if ((unsigned char)line[i] < ' ')
            line[i] = '?';
    line[len] = '\n';
    if (write(STDERR_FILENO, line, (size_t)len + 1) < 0)
        return; /* nobody listens: the work goes on */
}
