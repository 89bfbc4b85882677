/* SPDX-License-Identifier: MIT */
/* A fresh account database for tests: see harness.h. */
#include "harness.h"

#include <dirent.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void start_daemon(void)
{
    unlink(socket_path);
    daemon_pid = fork();
    if (daemon_pid < 0)
        fail_start("fork");
    if (daemon_pid == 0) {
        execl(daemon_path, "netmgmtd", "--socket", socket_path, "--database", database, (char *)NULL);
        perror(daemon_path);
        _exit(127);
    }
    for (int i = 0; i < 1000 && !answers(); i++) {
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
    assert_ok(NetGroupEnum(NULL, 2, (LPBYTE *)&groups, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    for (DWORD i = 0; i < read; i++)
        if (groups[i].grpi2_group_id >= 1000)
            assert_ok(NetGroupDel(NULL, groups[i].grpi2_name));
    NetApiBufferFree(groups);
    leaked = live() - before;
    before += leaked; /* so that one test's leak is not reported of all that follow */
    assert_int_equal(leaked, 0);
    return 0;
}

NET_API_STATUS try_add(LPCWSTR name)
{
    GROUP_INFO_0 info = {(LPWSTR)name};

    return NetGroupAdd(NULL, 0, (LPBYTE)&info, NULL);
}

void add(LPCWSTR name, LPCWSTR comment)
{
    GROUP_INFO_1 info = {(LPWSTR)name, (LPWSTR)comment};

    assert_ok(NetGroupAdd(NULL, 1, (LPBYTE)&info, NULL));
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

bool same(LPCWSTR a, LPCWSTR b)
{
    size_t n = 0;

    while (a[n] && a[n] == b[n])
        n++;
    return a[n] == b[n];
}

WCHAR *numbered(WCHAR buffer[32], const char *prefix, unsigned number)
{
    char text[32];

    snprintf(text, sizeof(text), "%s%05u", prefix, number);
    return netmgmt_utf16(text, buffer, 32);
}
