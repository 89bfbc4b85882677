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
    "Serve the account database to local clients, and to remote ones where asked to.\n"
    "\n"
    "  -s, --socket=PATH           listen on PATH [" PATHS_SOCKET "]\n"
    "  -d, --database=PATH         accounts, made when there are none [" PATHS_DATABASE "]\n"
    "  -m, --mode=OCTAL            permissions of the socket [0666: everybody may connect and read;\n"
    "                              only root and netmgmtd's own user may change anything]\n"
    "      --no-create             fail when there is no database\n"
    "      --max-connections=N     in all [2048]\n"
    "      --max-per-user=N        of one user who is not an administrator [512]\n"
    "      --idle-timeout=SECONDS  close connections without a call for so long; 0: never [3600]\n"
    "      --listen-tcp=ADDRESS:PORT  serve remote clients, too, which authenticate themselves;\n"
    "                              may be repeated; @FILE: one in each line\n"
    "      --listen-epm=ADDRESS:PORT  tell remote clients the port (an endpoint mapper; they ask port 135)\n"
    "      --tcp-level=LEVEL       the least that protects their calls: integrity or privacy [privacy]\n"
    "      --remote-access=WHO     administrators or everyone (who has an account) [administrators]\n"
    "      --keytab=FILE           take Kerberos as well, with the keys of this server in FILE\n"
    "      --max-per-address=N     connections of one remote address [128]\n"
    "      --set-password=USER     read a password from standard input, give it to USER and let USER log\n"
    "                              on; then exit\n"
    "      --add-administrator=SID  make a user or group, of a domain, too, a member of Administrators;\n"
    "      --remove-administrator=SID  or undo that; then exit\n"
    "      --check                 open the database, then exit: is everything in order?\n"
    "  -h, --help\n"
    "  -V, --version\n"
    "\n"
    "It stays in the foreground and logs to stderr. See netmgmtd(8).\n";

enum {
    NO_CREATE = 256,
    MAX_CONNECTIONS,
    MAX_PER_USER,
    IDLE_TIMEOUT,
    CHECK,
    LISTEN_TCP,
    LISTEN_EPM,
    TCP_LEVEL,
    REMOTE_ACCESS,
    MAX_PER_ADDRESS,
    SET_PASSWORD,
    KEYTAB,
    ADD_ADMINISTRATOR,
    REMOVE_ADMINISTRATOR
};

static const struct option options[] = {
    {"socket", required_argument, NULL, 's'},
    {"database", required_argument, NULL, 'd'},
    {"mode", required_argument, NULL, 'm'},
    {"no-create", no_argument, NULL, NO_CREATE},
    {"max-connections", required_argument, NULL, MAX_CONNECTIONS},
    {"max-per-user", required_argument, NULL, MAX_PER_USER},
    {"idle-timeout", required_argument, NULL, IDLE_TIMEOUT},
    {"check", no_argument, NULL, CHECK},
    {"listen-tcp", required_argument, NULL, LISTEN_TCP},
    {"listen-epm", required_argument, NULL, LISTEN_EPM},
    {"tcp-level", required_argument, NULL, TCP_LEVEL},
    {"remote-access", required_argument, NULL, REMOTE_ACCESS},
    {"max-per-address", required_argument, NULL, MAX_PER_ADDRESS},
    {"keytab", required_argument, NULL, KEYTAB},
    {"set-password", required_argument, NULL, SET_PASSWORD},
    {"add-administrator", required_argument, NULL, ADD_ADMINISTRATOR},
    {"remove-administrator", required_argument, NULL, REMOVE_ADMINISTRATOR},
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

/* One of two words; false: logged. */
static bool parse_word(const char *option, const char *no, const char *yes, bool *out)
{
    *out = !strcmp(optarg, yes);
    if (*out || !strcmp(optarg, no))
        return true;
    daemon_log(DAEMON_ERROR, "--%s=%s: wants %s or %s", option, optarg, no, yes);
    return false;
}

static bool parse_remote(int option, struct daemon *d)
{
    struct daemon_options *o = &d->options;
    bool privacy, good;

    if (option == LISTEN_TCP)
        return !daemon_add_tcp(d, optarg, false);
    if (option == LISTEN_EPM)
        return !daemon_add_tcp(d, optarg, true);
    if (option == KEYTAB) {
        o->remote.keytab = optarg;
        return true;
    }
    if (option == MAX_PER_ADDRESS)
        return parse_number(optarg, "max-per-address", 10, 1, 1000000, &o->max_per_address);
    if (option == REMOTE_ACCESS)
        return parse_word("remote-access", "administrators", "everyone", &o->remote.everyone);
    good = parse_word("tcp-level", "integrity", "privacy", &privacy);
    if (good)
        o->remote.min_level = privacy ? AUTH_LEVEL_PRIVACY : AUTH_LEVEL_INTEGRITY;
    return good;
}

static bool parse_option(int option, struct daemon *d)
{
    struct daemon_options *o = &d->options;
    unsigned mode = o->mode;
    bool good = true;

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
    else
        good = parse_remote(option, d);
    o->mode = (mode_t)mode;
    return good;
}

/* What to do besides serving. */
struct job {
    bool check, remove;
    const char *set_password, *administrator;
};

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, struct daemon *d, struct job *job)
{
    bool good = true;
    int option;

    while (good && (option = getopt_long(argc, argv, "s:d:m:fhV", options, NULL)) != -1) {
        if (option == CHECK)
            job->check = true;
        else if (option == SET_PASSWORD)
            job->set_password = optarg;
        else if (option == ADD_ADMINISTRATOR || option == REMOVE_ADMINISTRATOR) {
            job->administrator = optarg;
            job->remove = option == REMOVE_ADMINISTRATOR;
        } else if (option == 'h')
            return fputs(help, stdout) < 0;
        else if (option == 'V')
            return printf("netmgmtd %s\n", NETMGMT_VERSION) < 0;
        else if (option == '?')
            good = false; /* getopt has said why */
        else if (option != 'f')
            good = parse_option(option, d);
    }
    if (good && optind < argc) {
        daemon_log(DAEMON_ERROR, "%s: not an option; see netmgmtd --help", argv[optind]);
        good = false;
    }
    return good ? -1 : 2;
}

static void raise_descriptor_limit(struct daemon *d)
{
    struct daemon_options *o = &d->options;
    struct rlimit limit;
    rlim_t spare = SPARE_DESCRIPTORS + (rlim_t)d->listener_count;
    rlim_t wanted = o->max_connections + spare;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
        return;
    if (wanted > limit.rlim_max) {
        struct rlimit more = {.rlim_cur = wanted, .rlim_max = wanted};

        if (!setrlimit(RLIMIT_NOFILE, &more)) /* root may */
            return;
        wanted = limit.rlim_max;
    }
    limit.rlim_cur = wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) || wanted < o->max_connections + spare) {
        o->max_connections =
            wanted > spare + SPARE_DESCRIPTORS ? (unsigned)(wanted - spare) : SPARE_DESCRIPTORS;
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

void daemon_log_database(const char *path, struct nt_status status)
{
    const char *why = hint(status), *name = nt_status_name(status);

    daemon_log(DAEMON_ERROR, "cannot open the database %s: %s (0x%08x)", path,
               why    ? why
               : name ? name
                      : "unknown status",
               status.v);
}

static int open_server(struct daemon *d)
{
    struct server_config config = {.deadline = SAM_PATIENCE,
                                   .database = d->options.database,
                                   .create = d->options.create,
                                   .batch = true};
    struct nt_status status = server_open(&d->server, &config);
    int why = 0;

    if (nt_success(status) && d->listener_count > 1)
        status = server_accept_remote(d->server, &d->options.remote, &why);
    if (nt_success(status))
        return 0;
    if (why) {
        daemon_log(DAEMON_ERROR, "--keytab=%s: %s", d->options.remote.keytab,
                   why > 0 ? auth_text(why) : strerror(-why));
        server_close(d->server);
        return -1;
    }
    daemon_log_database(d->options.database, status);
    return -1;
}

static int serve(struct daemon *d, bool check)
{
    int status = 0;

    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit(d);
    if (open_server(d))
        return 1;
    if (!check)
        status = daemon_listen(d) ? 1 : daemon_run(d);
    daemon_unlisten(d);
    server_close(d->server);
    if (!check && !status)
        daemon_log(DAEMON_NOTICE, "stopped");
    return status;
}

int main(int argc, char **argv)
{
    static struct daemon d = {
        .options = {.socket = PATHS_SOCKET,
                    .database = PATHS_DATABASE,
                    .mode = 0666,
                    .max_connections = 2048,
                    .max_per_user = 512,
                    .max_per_address = 128,
                    .idle_seconds = 3600,
                    .create = true,
                    .remote = {.min_level = AUTH_LEVEL_PRIVACY}},
    };
    struct job job = {0};
    int status;

    d.listeners = calloc(1, sizeof(*d.listeners));
    if (!d.listeners)
        return 1;
    d.listeners[0] = (struct listener){.daemon = &d, .fd = -1};
    d.listener_count = 1;
    status = parse(argc, argv, &d, &job);
    umask(077);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (status < 0 && job.set_password)
        status = daemon_set_password(&d.options, job.set_password);
    else if (status < 0 && job.administrator)
        status = daemon_set_administrator(&d.options, job.administrator, !job.remove);
    else if (status < 0)
        status = serve(&d, job.check);
    free(d.listeners);
    return status;
}
