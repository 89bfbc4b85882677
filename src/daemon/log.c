/* SPDX-License-Identifier: MIT */
/*
 * The log: lines on stderr. Under journald each begins with its priority (sd-daemon(3)), else with a word.
 *
 * Invariant: one call is one write of one line, so lines of several processes do not mix. It waits for
 * nobody: while stderr takes nothing lines are lost, and counted. What clients call themselves cannot make
 * a line look like another one.
 */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"

#define LINE_LEN 1024
#define PERIOD_MS 10000u
#define LINES_A_PERIOD 20u

static unsigned lost; /* lines, since the last one that was written */

/* How many bytes are a character that moves the cursor or changes the direction of writing; 0: it is none. */
static size_t unprintable(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    if (*at < ' ' || *at == 0x7f)
        return 1;
    if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) /* C1 controls */
        return 2;
    if (at[0] == 0xe2 && at[1] == 0x80 && (at[2] >> 1 == 0x8e >> 1 || (at[2] >= 0xa8 && at[2] <= 0xae)))
        return 3; /* U+200E, U+200F, U+2028 to U+202E */
    return at[0] == 0xe2 && at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9 ? 3 : 0; /* U+2066 to U+2069 */
}

static void clean(char *text)
{
    char *to = text;

    while (*text) {
        size_t len = unprintable(text);

        *to++ = len ? '?' : *text;
        text += len ? len : 1;
    }
    *to = '\0';
}

/* A pipe or a socket that is ready takes a line without waiting. */
static bool has_room(void)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) != 0;
}

static void put(enum daemon_priority priority, char *text)
{
    static const char *const words[] = {
        [DAEMON_ERROR] = "error: ", [DAEMON_WARNING] = "warning: ", [DAEMON_NOTICE] = "", [DAEMON_INFO] = ""};
    char line[LINE_LEN + 64];
    int len;

    if (!has_room()) {
        lost++;
        return;
    }
    clean(text);
    if (getenv("JOURNAL_STREAM"))
        len = snprintf(line, sizeof(line), "<%d>%s\n", (int)priority, text);
    else
        len = snprintf(line, sizeof(line), "netmgmtd: %s%s\n", words[priority], text);
    if (write(STDERR_FILENO, line, (size_t)len) < 0)
        return; /* nobody listens: the work goes on */
}

void daemon_log(enum daemon_priority priority, const char *format, ...)
{
    char text[LINE_LEN], note[64];
    va_list arguments;

    if (lost && has_room()) {
        snprintf(note, sizeof(note), "%u lines of the log were lost: nobody read it", lost);
        lost = 0;
        put(DAEMON_WARNING, note);
    }
    va_start(arguments, format);
    if (vsnprintf(text, sizeof(text), format, arguments) < 0)
        *text = '\0';
    va_end(arguments);
    put(priority, text);
}

bool daemon_may_log(struct daemon_log_share *s, uint64_t now, const char **suffix)
{
    if (!s->since || now - s->since > PERIOD_MS)
        *s = (struct daemon_log_share){.since = now};
    if (s->lines >= LINES_A_PERIOD)
        return false;
    *suffix = ++s->lines == LINES_A_PERIOD ? "; some of the next ones will not be logged" : "";
    return true;
}
