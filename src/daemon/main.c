/* SPDX-License-Identifier: MIT */
/*
 * netmgmtd: options, the database, the socket, then the loop.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/paths.h"
#include "base/status.h"
#include "daemon/daemon.h"

#define SPARE_DESCRIPTORS 64 /* for the database, the loop, stdio */

static const char help[] =
    "Usage: netmgmtd [OPTION]...\n"
    "Serve the account database to local clients.\n"
    "\n"
    "  -s, --socket=PATH           listen on PATH [" PATHS_SOCKET "]\n"
    "  -d, --database=PATH         accounts, made when there are none [" PATHS_DATABASE "]\n"
    "  -m, --mode=OCTAL            permissions of the socket [0666: everybody may connect and read;\n"
    "                              only root and netmgmtd's own user may change anything]\n"
    "      --no-create             fail when there is no database\n"
    "      --max-connections=N     in all [2048]\n"
    "      --max-per-user=N        of one user who is not an administrator [512]\n"
    "      --idle-timeout=SECONDS  close connections without a call for so long; 0: never [3600]\n"
    "      --check                 open the database, then exit: is everything in order?\n"
    "  -h, --help\n"
    "  -V, --version\n"
    "\n"
    "It stays in the foreground and logs to stderr. See netmgmtd(8).\n";

enum { NO_CREATE = 256, MAX_CONNECTIONS, MAX_PER_USER, IDLE_TIMEOUT, CHECK };

static const struct option options[] = {
    {"socket", required_argument, NULL, 's'},
    {"database", required_argument, NULL, 'd'},
    {"mode", required_argument, NULL, 'm'},
    {"no-create", no_argument, NULL, NO_CREATE},
    {"max-connections", required_argument, NULL, MAX_CONNECTIONS},
    {"max-per-user", required_argument, NULL, MAX_PER_USER},
    {"idle-timeout", required_argument, NULL, IDLE_TIMEOUT},
    {"check", no_argument, NULL, CHECK},
    {"foreground", no_argument, NULL, 'f'}, /* what it does anyway */
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {0},
};

/* false: logged. */
static bool parse_number(const char *text, const char *option, int base, unsigned long least,
                         unsigned long most, unsigned *out)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, base);
    if (errno || !*text || *end || *text == '-' || value < least || value > most) {
        daemon_log(DAEMON_ERROR,
                   base == 8 ? "--%s=%s: wants an octal number from %lo to %lo"
                             : "--%s=%s: wants a number from %lu to %lu",
                   option, text, least, most);
        return false;
    }
    *out = (unsigned)value;
    return true;
}

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, struct daemon_options *o, bool *check)
{
    unsigned mode = o->mode;
    bool good = true;
    int option;

    while (good && (option = getopt_long(argc, argv, "s:d:m:fhV", options, NULL)) != -1) {
        if (option == 's')
            o->socket = optarg;
        else if (option == 'd')
            o->database = optarg;
        else if (option == 'm')
            good = parse_number(optarg, "mode", 8, 0, 0777, &mode);
        else if (option == NO_CREATE)
            o->create = false;
        else if (option == MAX_CONNECTIONS)
            good = parse_number(optarg, "max-connections", 10, 1, 1000000, &o->max_connections);
        else if (option == MAX_PER_USER)
            good = parse_number(optarg, "max-per-user", 10, 1, 1000000, &o->max_per_user);
        else if (option == IDLE_TIMEOUT)
            good = parse_number(optarg, "idle-timeout", 10, 0, 86400 * 365, &o->idle_seconds);
        else if (option == CHECK)
            *check = true;
        else if (option == 'h')
            return fputs(help, stdout) < 0;
        else if (option == 'V')
            return printf("netmgmtd %s\n", NETMGMT_VERSION) < 0;
        else if (option != 'f')
            good = false; /* getopt has said why */
    }
    if (good && optind < argc) {
        daemon_log(DAEMON_ERROR, "%s: not an option; see netmgmtd --help", argv[optind]);
        good = false;
    }
    o->mode = (mode_t)mode;
    return good ? -1 : 2;
}

static void raise_descriptor_limit(struct daemon_options *o)
{
    struct rlimit limit;
    rlim_t wanted = o->max_connections + (rlim_t)SPARE_DESCRIPTORS;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
        return;
    if (wanted > limit.rlim_max) {
        struct rlimit more = {.rlim_cur = wanted, .rlim_max = wanted};

        if (!setrlimit(RLIMIT_NOFILE, &more)) /* root may */
            return;
        wanted = limit.rlim_max;
    }
    limit.rlim_cur = wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) || wanted < o->max_connections + (rlim_t)SPARE_DESCRIPTORS) {
        o->max_connections =
            wanted > 2 * SPARE_DESCRIPTORS ? (unsigned)wanted - SPARE_DESCRIPTORS : SPARE_DESCRIPTORS;
        daemon_log(DAEMON_WARNING, "the limit of open files allows only %u connections", o->max_connections);
    }
}

static const char *hint(struct nt_status status)
{
    switch ((int)status.v) {
    case NT_STATUS_OBJECT_NAME_NOT_FOUND:
        return "there is no such file (or folder)";
    case NT_STATUS_ACCESS_DENIED:
        return "permission denied: run as its owner, or choose another --database";
    case NT_STATUS_INTERNAL_DB_CORRUPTION:
        return "it is damaged or not an account database: restore a copy";
    case NT_STATUS_NOT_SUPPORTED:
        return "it was made by a newer version of netmgmt: upgrade";
    case NT_STATUS_DISK_FULL:
        return "no space left: make room";
    case NT_STATUS_FILE_LOCK_CONFLICT:
        return "another process has locked it: try again when it is done";
    default:
        return NULL;
    }
}

static int open_server(struct daemon *d)
{
    struct server_config config = {
        .database = d->options.database, .create = d->options.create, .batch = true};
    struct nt_status status = server_open(&d->server, &config);
    const char *why = hint(status), *name = nt_status_name(status);

    if (nt_success(status))
        return 0;
    if (!why)
        why = name ? name : "unknown status";
    daemon_log(DAEMON_ERROR, "cannot open the database %s: %s (0x%08x)", d->options.database, why, status.v);
    return -1;
}

int main(int argc, char **argv)
{
    static struct daemon d = {
        .options = {.socket = PATHS_SOCKET,
                    .database = PATHS_DATABASE,
                    .mode = 0666,
                    .max_connections = 2048,
                    .max_per_user = 512,
                    .idle_seconds = 3600,
                    .create = true},
        .listen_fd = -1,
    };
    bool check = false;
    int status = parse(argc, argv, &d.options, &check);

    if (status >= 0)
        return status;
    signal(SIGPIPE, SIG_IGN);
    umask(077);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    raise_descriptor_limit(&d.options);
    if (open_server(&d))
        return 1;
    status = 0;
    if (!check)
        status = daemon_listen(&d) ? 1 : daemon_run(&d);
    daemon_unlisten(&d);
    server_close(d.server);
    if (!check && !status)
        daemon_log(DAEMON_NOTICE, "stopped");
    return status;
}
