/* SPDX-License-Identifier: MIT */
/*
 * See fault.h. A proxy dies with the test.
 */
#include "fault.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

const char *fault_proxy_program;
static pid_t proxy;
static char ends[2][64];

void proxy_between(const char *listener, const char *server)
{
    snprintf(ends[0], sizeof(ends[0]), "%s", listener);
    snprintf(ends[1], sizeof(ends[1]), "%s", server);
}

void proxy_stop(void)
{
    if (proxy > 0) {
        kill(proxy, SIGKILL);
        waitpid(proxy, NULL, 0);
    }
    proxy = 0;
}

void proxy_start(const char *mode, unsigned amount, unsigned seed)
{
    char amount_text[16], seed_text[16], line[64] = "";
    int said[2];

    proxy_stop();
    if (!*ends[0])
        proxy_between(PROXY_ADDRESS, getenv("SAMBA_FILES_ADDRESS"));
    assert_int_equal(pipe(said), 0);
    snprintf(amount_text, sizeof(amount_text), "%u", amount);
    snprintf(seed_text, sizeof(seed_text), "%u", seed);
    proxy = fork();
    if (proxy == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(said[1], 1);
        execl(fault_proxy_program, "proxy", ends[0], ends[1], mode, amount_text, seed_text, (char *)NULL);
        _exit(127);
    }
    close(said[1]);
    assert_true(read(said[0], line, sizeof(line)) > 0);
    close(said[0]);
}

/* Send a signal to every process of the server: only they have these names in this world. */
void servers_signal(int number)
{
    DIR *dir = opendir("/proc");

    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) {
        char path[300], name[32] = "";
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
        if (atoi(e->d_name) <= 1 || !(f = fopen(path, "r")))
            continue;
        if (fgets(name, sizeof(name), f) &&
            (strncmp(name, "smbd", 4) == 0 || strncmp(name, "rpcd_", 5) == 0 ||
             strncmp(name, "samba-dcerpcd", 13) == 0))
            kill(atoi(e->d_name), number);
        fclose(f);
    }
    closedir(dir);
}

void servers_start(void)
{
    char command[300];

    snprintf(command, sizeof(command), "smbd -D -s %s", getenv("SAMBA_FILES_CONF"));
    assert_int_equal(system(command), 0);
}
