/* SPDX-License-Identifier: MIT */
/*
 * For tests of netmgmtd: a daemon of one's own in a folder of its own, and clients over its socket.
 */
#ifndef TESTS_SERVER_DAEMON_H
#define TESTS_SERVER_DAEMON_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/utf16.h"
#include "client/channel.h"
#include "samr.h"
#include "sam/sam.h"

#define MAXIMUM_ALLOWED 0x02000000u
#define GARBAGE "GET / HTTP/1.1\r\nHost: nobody\r\n\r\n" /* what the daemon ends a connection for */
#define SECOND ((int64_t)1000000000)

struct daemon_fixture {
    char folder[64], socket[96], database[96], log[96];
    pid_t pid;
};

struct daemon_client {
    struct channel *channel;
    struct arena arena;
    SAMPR_HANDLE domain;
};

static const char *daemon_program; /* argv[1] */

static inline void daemon_sleep(int ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static inline pid_t daemon_spawn(struct daemon_fixture *d, char *const extra[])
{
    char *arguments[16] = {(char *)(uintptr_t) "netmgmtd", (char *)(uintptr_t) "-s", d->socket,
                           (char *)(uintptr_t) "-d", d->database};
    pid_t pid;

    for (int i = 0; extra && extra[i]; i++)
        arguments[5 + i] = extra[i];
    pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        if (freopen(d->log, "a", stderr))
            execv(daemon_program, arguments);
        _exit(127);
    }
    return pid;
}

static inline int daemon_connect_raw(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)))
        return fd;
    close(fd);
    return -1;
}

static inline void daemon_start(struct daemon_fixture *d, char *const extra[])
{
    d->pid = daemon_spawn(d, extra);
    for (int i = 0; i < 1000; i++) {
        int fd = daemon_connect_raw(d->socket);

        if (fd >= 0) {
            close(fd);
            return;
        }
        assert_int_equal(waitpid(d->pid, NULL, WNOHANG), 0);
        daemon_sleep(10);
    }
    fail_msg("netmgmtd does not listen");
}

static inline int daemon_wait(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline int daemon_stop(struct daemon_fixture *d, int number)
{
    int status;

    kill(d->pid, number);
    status = daemon_wait(d->pid);
    d->pid = 0;
    return status;
}

static inline bool daemon_log_has(struct daemon_fixture *d, const char *text)
{
    static char log[1 << 16];
    FILE *f = fopen(d->log, "r");
    size_t len = f ? fread(log, 1, sizeof(log) - 1, f) : 0;

    if (f)
        fclose(f);
    log[len] = 0;
    return strstr(log, text) != NULL;
}

static inline int64_t daemon_deadline(void)
{
    return transport_now() + 20 * SECOND;
}

/* The procedure's status, or DAEMON_NO_ANSWER. Nothing here asserts but daemon_client_start: children use it
 * too, and a failed assertion there would go on with the parent's tests. */
#define DAEMON_NO_ANSWER 0xffffffffu
#define DAEMON_CALL(client, procedure, params)                                                         \
    (channel_call((client)->channel, procedure##_opnum, params, &(client)->arena, daemon_deadline()).v \
         ? DAEMON_NO_ANSWER                                                                            \
         : (uint32_t)(params)->Return)

/* false: not connected, or the connection was closed at once. */
static inline bool daemon_client_open(struct daemon_client *c, const char *path)
{
    struct transport *transport;

    *c = (struct daemon_client){0};
    arena_init(&c->arena, (size_t)64 << 20);
    return !transport_unix_connect(&transport, path, daemon_deadline()) &&
           !channel_open(&c->channel, transport, &samr_interface, NULL, daemon_deadline()).v;
}

static inline bool daemon_client_open_domain(struct daemon_client *c)
{
    struct SamrConnect5_params s = {.DesiredAccess = MAXIMUM_ALLOWED, .InVersion = 1};
    struct SamrEnumerateDomainsInSamServer_params e = {.PreferedMaximumLength = 9999};
    struct SamrLookupDomainInSamServer_params l = {0};
    struct SamrOpenDomain_params o = {.DesiredAccess = MAXIMUM_ALLOWED};

    if (DAEMON_CALL(c, SamrConnect5, &s))
        return false;
    e.ServerHandle = l.ServerHandle = o.ServerHandle = s.ServerHandle;
    if (DAEMON_CALL(c, SamrEnumerateDomainsInSamServer, &e))
        return false;
    l.Name = e.Buffer->Buffer[0].Name;
    if (DAEMON_CALL(c, SamrLookupDomainInSamServer, &l))
        return false;
    o.DomainId = l.DomainId;
    if (DAEMON_CALL(c, SamrOpenDomain, &o))
        return false;
    c->domain = o.DomainHandle;
    return true;
}

static inline bool daemon_client_try(struct daemon_client *c, const char *path)
{
    return daemon_client_open(c, path) && daemon_client_open_domain(c);
}

static inline void daemon_client_start(struct daemon_client *c, struct daemon_fixture *d)
{
    assert_true(daemon_client_try(c, d->socket));
}

static inline void daemon_client_end(struct daemon_client *c)
{
    channel_close(c->channel);
    arena_deinit(&c->arena);
}

static inline RPC_UNICODE_STRING daemon_string(struct daemon_client *c, const char *text)
{
    size_t chars;
    uint16_t *wide = utf16_from_utf8(&c->arena, text, strlen(text), &chars, NULL);

    return (RPC_UNICODE_STRING){
        .Length = (uint16_t)(chars * 2), .MaximumLength = (uint16_t)(chars * 2), .Buffer = wide};
}

static inline uint32_t daemon_lookup(struct daemon_client *c, const char *name)
{
    RPC_UNICODE_STRING s = daemon_string(c, name);
    struct SamrLookupNamesInDomain_params p = {.DomainHandle = c->domain, .Count = 1, .Names = &s};

    return DAEMON_CALL(c, SamrLookupNamesInDomain, &p);
}

static inline uint32_t daemon_add(struct daemon_client *c, const char *name)
{
    struct SamrCreateGroupInDomain_params p = {
        .DomainHandle = c->domain, .Name = daemon_string(c, name), .DesiredAccess = MAXIMUM_ALLOWED};

    return DAEMON_CALL(c, SamrCreateGroupInDomain, &p);
}

static inline int daemon_up(void **state)
{
    struct daemon_fixture *d = calloc(1, sizeof(*d));

    snprintf(d->folder, sizeof(d->folder), "%s/netmgmtd-test-XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    assert_non_null(mkdtemp(d->folder));
    snprintf(d->socket, sizeof(d->socket), "%s/run/socket", d->folder);
    snprintf(d->database, sizeof(d->database), "%s/accounts.db", d->folder);
    snprintf(d->log, sizeof(d->log), "%s/log", d->folder);
    *state = d;
    return 0;
}

static inline int daemon_down(void **state)
{
    struct daemon_fixture *d = *state;
    char command[128];

    if (d->pid)
        daemon_stop(d, SIGKILL);
    snprintf(command, sizeof(command), "rm -rf %s", d->folder);
    assert_int_equal(system(command), 0);
    free(d);
    return 0;
}

#endif
