/* SPDX-License-Identifier: MIT */
/*
 * Messages: one line each, what failed, on what, why, and what to do. Names in them come from anywhere: what
 * is not printable is shown as \xHH, so that none can drive the terminal or look like a line of ours.
 */
#include "cli.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* What to do, where it is the tool that knows: with the accounts of this machine, and with a server's. */
static const struct {
    NET_API_STATUS status;
    const char *advice, *of_server; /* NULL: the same */
} advice[] = {
    {NERR_GroupNotFound, "\"netmgmt group list\" shows the groups that there are.", NULL},
    {NERR_UserNotFound, "\"netmgmt user list\" shows the users that there are.", NULL},
    {NERR_GroupExists, "Choose another name, or change the group with \"netmgmt group set\".", NULL},
    {NERR_BadUsername,
     "Allowed are 1 to 256 characters without \"/\\[]:|<>+=;,?* and without a period at the end.", NULL},
    {ERROR_ACCESS_DENIED, "Try as root, or name accounts of your own with --local.",
     "Name another user with -U."},
    {ERROR_MEMBERS_PRIMARY_GROUP, "Nobody can leave their primary group.", NULL},
    {ERROR_PATH_NOT_FOUND, "Accounts of your own are below HOME or XDG_STATE_HOME, or where --local says.",
     ""},
    {RPC_S_SERVER_UNAVAILABLE, "No netmgmtd listens where --local or NETMGMT_LOCAL says.", ""},
};

static _Thread_local const struct job *about;

void message_about(const struct job *job)
{
    about = job;
}

static FILE *begin(void)
{
    FILE *f = about && about->one_of_many ? about->messages : stderr;

    if (f == stderr)
        fflush(stdout); /* what was shown before it stands before it */
    fputs("netmgmt: ", f);
    if (about && about->name)
        fprintf(f, "%s: ", about->name);
    return f;
}

void message_print(FILE *f, const char *format, va_list arguments)
{
    char *text = NULL;
    mbstate_t state = {0};

    if (vasprintf(&text, format, arguments) < 0) {
        fputs("(out of memory)", f);
        return;
    }
    for (const char *at = text; *at;) {
        wchar_t c;
        size_t len = mbrtowc(&c, at, strlen(at), &state);

        if (len <= MB_LEN_MAX && iswprint((wint_t)c)) {
            fwrite(at, 1, len, f);
            at += len;
        } else {
            fprintf(f, "\\x%02x", (unsigned char)*at++);
            state = (mbstate_t){0};
        }
    }
    free(text);
}

void complain(const char *format, ...)
{
    FILE *f = begin();
    va_list arguments;

    va_start(arguments, format);
    message_print(f, format, arguments);
    va_end(arguments);
    fputc('\n', f);
}

void complain_more(const char *format, ...)
{
    FILE *f = about && about->one_of_many ? about->messages : stderr;
    va_list arguments;

    fputs("  ", f);
    va_start(arguments, format);
    message_print(f, format, arguments);
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
    message_print(f, format, arguments);
    va_end(arguments);
    fprintf(f, ": %s (%u): %s", name ? name : "status", status, netmgmt_strerror(status));
    for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
        if (advice[i].status == status) {
            const char *text =
                about && about->name && advice[i].of_server ? advice[i].of_server : advice[i].advice;

            fprintf(f, "%s%s", *text ? " " : "", text);
        }
    fputc('\n', f);
    return EXIT_FAILED;
}
