/* SPDX-License-Identifier: MIT */
/* Unix sockets: what is found and refused at a path, deadlines, long opposite streams, who the peer is. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "transport/transport.h"

#define MS ((int64_t)1000000)

static char folder[64], path[128];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/netmgmt-test-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/socket", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void test_listen(void **state)
{
    struct transport *t;
    struct stat st;
    mode_t old = umask(077);
    int fd, second, peer, plain;
    uid_t uid = (uid_t)-1;
    pid_t pid = 0;

    (void)state;
    assert_int_equal(transport_unix_connect(&t, path, transport_now() + 1000 * MS), -ENOENT);
    assert_null(t);
    assert_int_equal(transport_unix_listen(path, 0666, 8, &fd), 0);
    umask(old);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0666); /* whatever the umask */
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);

    assert_int_equal(transport_unix_connect(&t, path, transport_now() + 1000 * MS), 0);
    peer = accept(fd, NULL, NULL);
    assert_true(peer >= 0);
    assert_int_equal(transport_unix_peer(peer, &uid, NULL, &pid), 0);
    assert_int_equal(uid, geteuid());
    assert_int_equal(pid, getpid());
    t->ops->close(t);
    close(peer);

    /* somebody answers: his; nobody does: left behind */
    assert_int_equal(transport_unix_listen(path, 0600, 8, &second), -EADDRINUSE);
    assert_int_equal(second, -1);
    assert_int_equal(stat(path, &st), 0);
    close(fd);
    assert_int_equal(transport_unix_connect(&t, path, 0), -ECONNREFUSED);
    assert_int_equal(transport_unix_listen(path, 0600, 8, &second), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    close(second);
    unlink(path);

    plain = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(plain >= 0);
    close(plain);
    assert_int_equal(transport_unix_listen(path, 0600, 8, &second), -EADDRINUSE);
    assert_int_equal(access(path, F_OK), 0); /* no socket: not ours to remove */
    unlink(path);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_int_equal(transport_unix_listen(path, 0600, 8, &second), -EADDRINUSE);
    unlink(path);
}

static void test_bad_paths(void **state)
{
    char longest[200];
    struct transport *t;
    int fd;

    (void)state;
    memset(longest, 'x', sizeof(longest));
    longest[108] = 0;
    assert_int_equal(transport_unix_listen(longest, 0600, 8, &fd), -ENAMETOOLONG);
    assert_int_equal(transport_unix_connect(&t, longest, 0), -ENAMETOOLONG);
    assert_int_equal(transport_unix_connect(&t, "", 0), -EINVAL);
    assert_int_equal(transport_unix_listen("/nowhere/at/all", 0600, 8, &fd), -ENOENT);
    assert_int_equal(fd, -1);
}

static void open_pair(struct transport **t, int *fd)
{
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(transport_unix_adopt(t, fds[0]), 0);
    *fd = fds[1];
}

static void test_deadlines(void **state)
{
    static uint8_t data[1 << 20];
    struct transport *t, *more[64];
    int64_t start, spent;
    int fd, r = 0, i;

    (void)state;
    open_pair(&t, &fd);
    start = transport_now();
    assert_int_equal(t->ops->recv(t, data, 10, start + 30 * MS), -ETIMEDOUT);
    spent = transport_now() - start;
    assert_true(spent >= 30 * MS);
    assert_int_equal(t->ops->recv(t, data, 10, start - MS), -ETIMEDOUT);
    assert_int_equal(t->ops->send(t, data, sizeof(data), transport_now() + 30 * MS), -ETIMEDOUT);
    assert_true(read(fd, data, 100) == 100);
    assert_true(write(fd, "abc", 3) == 3);
    assert_int_equal(t->ops->recv(t, data, 10, start - MS), -ETIMEDOUT); /* late is late */
    assert_int_equal(t->ops->recv(t, data, 10, transport_now() + 5000 * MS), 3);
    t->ops->close(t);
    close(fd);

    /* a server that accepts nobody */
    assert_int_equal(transport_unix_listen(path, 0600, 1, &fd), 0);
    for (i = 0; i < 64 && !r; i++)
        r = transport_unix_connect(&more[i], path, transport_now() + 30 * MS);
    assert_int_equal(r, -ETIMEDOUT);
    while (--i > 0)
        more[i - 1]->ops->close(more[i - 1]);
    close(fd);
    unlink(path);
}

static void test_peer_goes(void **state)
{
    uint8_t data[10];
    struct transport *t;
    int fd;

    (void)state;
    open_pair(&t, &fd);
    assert_true(write(fd, "ab", 2) == 2);
    close(fd);
    assert_int_equal(t->ops->recv(t, data, 1, 0), 1);
    assert_int_equal(t->ops->recv(t, data, 10, 0), 1);
    assert_int_equal(data[0], 'b');
    assert_int_equal(t->ops->recv(t, data, 10, 0), 0);
    assert_int_equal(t->ops->send(t, data, 10, 0), -EPIPE); /* and no signal */
    t->ops->close(t);
}

#define LONG ((size_t)8 << 20)

/* A server as simple as can be: writes a long answer before it reads a byte. */
static void *write_then_read(void *arg)
{
    uint8_t *data = calloc(1, LONG);
    int fd = *(int *)arg;
    size_t at = 0;
    ssize_t n;

    if (!data)
        return NULL;
    for (size_t i = 0; i < LONG; i++)
        data[i] = (uint8_t)(i * 31 >> 3);
    while (at < LONG && (n = write(fd, data + at, LONG - at)) > 0)
        at += (size_t)n;
    at = 0;
    while (at < LONG && (n = read(fd, data, LONG)) > 0)
        at += (size_t)n;
    free(data);
    return at == LONG ? arg : NULL;
}

static void test_opposite_streams(void **state)
{
    uint8_t *data = calloc(1, LONG);
    struct transport *t;
    pthread_t thread;
    void *result;
    int fd;

    (void)state;
    assert_non_null(data);
    open_pair(&t, &fd);
    assert_int_equal(pthread_create(&thread, NULL, write_then_read, &fd), 0);
    assert_int_equal(t->ops->send(t, data, LONG, transport_now() + 20000 * MS), 0);
    for (size_t at = 0; at < LONG;) {
        ssize_t n =
            t->ops->recv(t, data, LONG - at < 70001 ? LONG - at : 70001, transport_now() + 20000 * MS);

        assert_true(n > 0);
        for (ssize_t i = 0; i < n; i++, at++)
            if (data[i] != (uint8_t)(at * 31 >> 3))
                fail_msg("byte %zu", at);
    }
    pthread_join(thread, &result);
    assert_non_null(result);
    t->ops->close(t);
    close(fd);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listen),           cmocka_unit_test(test_bad_paths),
        cmocka_unit_test(test_deadlines),        cmocka_unit_test(test_peer_goes),
        cmocka_unit_test(test_opposite_streams),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
