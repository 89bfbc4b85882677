/* SPDX-License-Identifier: MIT */
/* A fresh account database for tests: see harness.h. */
#include "harness.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define REMOTE_ADDRESS "127.0.0.66"
#define REMOTE_PASSWORD "Gr\xc3\xbc\xc3\x9f 1!"

LPCWSTR harness_server;
unsigned harness_port;

static char listen_option[64];
static char folder[64], database[96], socket_path[96];
static const char *daemon_path;
static pid_t daemon_pid;

static void fail_start(const char *what)
{
    perror(what);
    harness_stop();
    exit(1);
}

static bool answers(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok;

    strcpy(address.sun_path, socket_path);
    ok = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return ok;
}

/* It listens there after it does on its socket. */
static bool answers_remote(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)harness_port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok;

    inet_pton(AF_INET, REMOTE_ADDRESS, &address.sin_addr);
    ok = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return ok;
}

static void start_daemon(void)
{
    unlink(socket_path);
    daemon_pid = fork();
    if (daemon_pid < 0)
        fail_start("fork");
    if (daemon_pid == 0) {
        execl(daemon_path, "netmgmtd", "--socket", socket_path, "--database", database,
              *listen_option ? listen_option : (char *)NULL, (char *)NULL);
        perror(daemon_path);
        _exit(127);
    }
    for (int i = 0; i < 1000 && !(answers() && (!harness_server || answers_remote())); i++) {
        if (waitpid(daemon_pid, NULL, WNOHANG) == daemon_pid) {
            daemon_pid = 0;
            fprintf(stderr, "netmgmtd did not start\n");
            harness_stop();
            exit(1);
        }
        usleep(10000);
    }
}

static void stop_daemon(int signal)
{
    int status;

    if (!daemon_pid)
        return;
    kill(daemon_pid, signal);
    waitpid(daemon_pid, &status, 0);
    daemon_pid = 0;
}

static unsigned free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    inet_pton(AF_INET, REMOTE_ADDRESS, &address.sin_addr);
    if (bind(fd, (struct sockaddr *)&address, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        fail_start("bind");
    close(fd);
    return ntohs(address.sin_port);
}

/* The daemon as another machine, and what the library must know of it. */
static void prepare_remote(void)
{
    struct netmgmt_credentials credentials = {
        .size = sizeof(credentials), .user = "Administrator", .password = REMOTE_PASSWORD};
    struct netmgmt_server_options options = {
        .size = sizeof(options), .port = free_port(), .transport = NETMGMT_TRANSPORT_TCP};
    char command[512];
    FILE *f;

    harness_port = options.port;
    harness_server = NETMGMT_WIDE_LITERAL("\\\\" REMOTE_ADDRESS);
    snprintf(listen_option, sizeof(listen_option), "--listen-tcp=" REMOTE_ADDRESS ":%u", options.port);
    snprintf(command, sizeof(command), "'%s' --database '%s' --set-password=Administrator >/dev/null",
             daemon_path, database);
    f = popen(command, "we");
    if (!f || fputs(REMOTE_PASSWORD "\n", f) < 0 || pclose(f) != 0 ||
        netmgmt_set_credentials(harness_server, &credentials) ||
        netmgmt_set_server_options(harness_server, &options))
        fail_start("setting up a remote server");
}

void harness_start(int argc, char **argv)
{
    char local[128];

    /* memory: thousands of durable changes need no disk here */
    snprintf(folder, sizeof(folder), "%s/netmgmt-test.XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(folder))
        fail_start("mkdtemp");
    snprintf(database, sizeof(database), "%s/accounts.db", folder);
    snprintf(socket_path, sizeof(socket_path), "%s/sock", folder);
    if (argc > 1 && strcmp(argv[1], "embedded") != 0) {
        daemon_path = argv[1];
        if (strncmp(daemon_path, "tcp:", 4) == 0) {
            daemon_path += 4;
            prepare_remote();
        }
        start_daemon();
        snprintf(local, sizeof(local), "unix:%s", socket_path);
    } else {
        snprintf(local, sizeof(local), "embedded:%s", database);
    }
    setenv("NETMGMT_LOCAL", local, 1);
}

void harness_restart(void)
{
    stop_daemon(SIGKILL);
    start_daemon();
}

bool harness_has_daemon(void)
{
    return daemon_path != NULL;
}

const char *harness_folder(void)
{
    return folder;
}

void harness_stop(void)
{
    DIR *dir;

    stop_daemon(SIGTERM);
    dir = *folder ? opendir(folder) : NULL;
    for (struct dirent *d; dir && (d = readdir(dir));) {
        char path[400];

        snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
        unlink(path);
    }
    if (dir)
        closedir(dir);
    rmdir(folder);
}

int harness_clean(void **state)
{
    static size_t before;
    GROUP_INFO_2 *groups;
    DWORD read, total;
    size_t leaked;

    (void)state;
    assert_ok(NetGroupEnum(harness_server, 2, (LPBYTE *)&groups, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    for (DWORD i = 0; i < read; i++)
        if (groups[i].grpi2_group_id >= 1000)
            assert_ok(NetGroupDel(harness_server, groups[i].grpi2_name));
    NetApiBufferFree(groups);
    leaked = live() - before;
    before += leaked; /* so that one test's leak is not reported of all that follow */
    assert_int_equal(leaked, 0);
    return 0;
}

NET_API_STATUS try_add(LPCWSTR name)
{
    GROUP_INFO_0 info = {(LPWSTR)name};

    return NetGroupAdd(harness_server, 0, (LPBYTE)&info, NULL);
}

void add(LPCWSTR name, LPCWSTR comment)
{
    GROUP_INFO_1 info = {(LPWSTR)name, (LPWSTR)comment};

    assert_ok(NetGroupAdd(harness_server, 1, (LPBYTE)&info, NULL));
}

size_t live(void)
{
    size_t count;

    netmgmt_buffers_live(&count, NULL);
    return count;
}

size_t length(LPCWSTR s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

WCHAR *numbered(WCHAR buffer[32], const char *prefix, unsigned number)
{
    char text[32];

    snprintf(text, sizeof(text), "%s%05u", prefix, number);
    return netmgmt_utf16(text, buffer, 32);
}
