/* SPDX-License-Identifier: MIT */
/*
 * Unix stream socket, client side; and what a server needs to listen on one.
 *
 * Invariant: no call outlasts its deadline by more than it takes to notice, and none sleeps holding bytes
 * that the peer must get rid of first (see `inbox`). The socket is blocking with a receive timeout of
 * SLICE, so that the usual answer costs one system call; sends never block in the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/writer.h"
#include "transport/transport.h"

#define SLICE ((int64_t)1000000000)
#define READ_LEN ((size_t)64 << 10)
#define CONNECT_PAUSE ((int64_t)2000000)

struct unix_socket {
    struct transport base;
    int fd;
    struct writer inbox; /* read while send() was waiting */
    size_t inbox_at;
    bool ended; /* the peer has closed its side; seen while sending */
};

/* Wait for `events`. 0: one of them, or an error that the next call on the socket will tell. */
static int wait_for(int fd, short events, int64_t deadline)
{
    for (;;) {
        struct pollfd p = {.fd = fd, .events = events};
        struct timespec left, *timeout = NULL;
        int n;

        if (deadline) {
            int64_t ns = deadline - transport_now();

            if (ns <= 0)
                return -ETIMEDOUT;
            left = (struct timespec){.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
            timeout = &left;
        }
        n = ppoll(&p, 1, timeout, NULL);
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -errno;
    }
}

/* --- send --- */

/* Take what the peer has sent, so that it can go on and read what we send. */
static int read_ahead(struct unix_socket *t)
{
    uint8_t *room = writer_reserve(&t->inbox, READ_LEN);
    ssize_t n;

    if (!room)
        return -ENOMEM;
    n = recv(t->fd, room, READ_LEN, MSG_DONTWAIT);
    t->inbox.len -= READ_LEN - (n > 0 ? (size_t)n : 0);
    if (n == 0)
        t->ended = true;
    return n < 0 && errno != EAGAIN && errno != EINTR ? -errno : 0;
}

static int wait_to_send(struct unix_socket *t, int64_t deadline)
{
    bool room = !t->ended && t->inbox.len + READ_LEN <= TRANSPORT_INBOX_LEN;
    int r = wait_for(t->fd, room ? POLLOUT | POLLIN : POLLOUT, deadline);

    return r || !room ? r : read_ahead(t);
}

static int unix_send(struct transport *base, const void *data, size_t len, int64_t deadline)
{
    struct unix_socket *t = (struct unix_socket *)base;
    const uint8_t *at = data;

    while (len) {
        ssize_t n = send(t->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n >= 0) {
            at += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            int r = wait_to_send(t, deadline);

            if (r)
                return r;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

/* --- recv --- */

static size_t take_inbox(struct unix_socket *t, void *data, size_t len)
{
    size_t have = t->inbox.len - t->inbox_at;

    if (len > have)
        len = have;
    memcpy(data, t->inbox.data + t->inbox_at, len);
    t->inbox_at += len;
    if (len == have) {
        writer_deinit(&t->inbox);
        t->inbox_at = 0;
    }
    return len;
}

static ssize_t unix_recv(struct transport *base, void *data, size_t len, int64_t deadline)
{
    struct unix_socket *t = (struct unix_socket *)base;

    if (t->inbox.len)
        return (ssize_t)take_inbox(t, data, len);
    if (t->ended)
        return 0;
    for (;;) {
        int flags = 0;
        ssize_t n;

        if (deadline && deadline - transport_now() < SLICE) {
            int r = wait_for(t->fd, POLLIN, deadline);

            if (r)
                return r;
            flags = MSG_DONTWAIT;
        }
        n = recv(t->fd, data, len, flags);
        if (n >= 0)
            return n;
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
    }
}

static void unix_close(struct transport *base)
{
    struct unix_socket *t = (struct unix_socket *)base;

    close(t->fd);
    writer_deinit(&t->inbox);
    free(t);
}

static void unix_describe(struct transport *base, char text[])
{
    struct unix_socket *t = (struct unix_socket *)base;
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_in6 internet;
    } peer = {.any.sa_family = AF_UNSPEC};
    socklen_t len = sizeof(peer) - 1; /* so that a path has a terminator */
    char host[INET6_ADDRSTRLEN], port[6];

    memset(&peer, 0, sizeof(peer));
    if (getpeername(t->fd, &peer.any, &len) == 0 && peer.any.sa_family != AF_UNIX &&
        getnameinfo(&peer.any, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(text, TRANSPORT_NAME_LEN, "ncacn_ip_tcp:%s[%s]", host, port);
    else
        snprintf(text, TRANSPORT_NAME_LEN, "unix:%.*s", (int)sizeof(peer.local.sun_path),
                 peer.local.sun_path);
}

static void unix_abandon(struct transport *base)
{
    struct unix_socket *t = (struct unix_socket *)base;

    close(t->fd);
    t->fd = -1;
}

static int unix_check(struct transport *base)
{
    struct unix_socket *t = (struct unix_socket *)base;
    char byte;
    ssize_t n = recv(t->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ? -EPIPE : 0;
}

static const struct transport_ops unix_ops = {.name = "ncalrpc",
                                              .send = unix_send,
                                              .recv = unix_recv,
                                              .close = unix_close,
                                              .describe = unix_describe,
                                              .abandon = unix_abandon,
                                              .check = unix_check,
                                              .max_fragment = 65528};

int transport_unix_adopt(struct transport **out, int fd)
{
    struct timeval slice = {.tv_sec = SLICE / 1000000000};
    struct unix_socket *t = malloc(sizeof(*t));
    int flags = fcntl(fd, F_GETFL), error;

    *out = NULL;
    if (!t || flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof(slice)) < 0) {
        error = t ? errno : ENOMEM;
        free(t);
        close(fd);
        return -error;
    }
    *t = (struct unix_socket){.base.ops = &unix_ops, .fd = fd};
    writer_init(&t->inbox, TRANSPORT_INBOX_LEN + READ_LEN);
    *out = &t->base;
    return 0;
}

/* --- connect --- */

static int make_address(struct sockaddr_un *address, const char *path)
{
    size_t len = strlen(path);

    if (!len)
        return -EINVAL;
    if (len >= sizeof(address->sun_path))
        return -ENAMETOOLONG;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, len);
    return 0;
}

/* A unix socket connects at once or, when the server's queue is full, not at all (EAGAIN): then try again. */
static int connect_until(int fd, const struct sockaddr_un *address, int64_t deadline)
{
    while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
        struct timespec pause = {.tv_nsec = CONNECT_PAUSE};

        if (errno != EAGAIN && errno != EINTR)
            return -errno;
        if (deadline && transport_now() >= deadline)
            return -ETIMEDOUT;
        if (errno == EAGAIN)
            nanosleep(&pause, NULL);
    }
    return 0;
}

int transport_unix_connect(struct transport **out, const char *path, int64_t deadline)
{
    struct sockaddr_un address;
    int fd, r = make_address(&address, path);

    *out = NULL;
    if (r)
        return r;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    r = connect_until(fd, &address, deadline);
    if (r) {
        close(fd);
        return r;
    }
    return transport_unix_adopt(out, fd);
}

/* --- listen --- */

/* Does somebody answer? A queue that is full is an answer. */
static bool is_answered(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool refused;

    if (fd < 0)
        return true;
    refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 && errno == ECONNREFUSED;
    close(fd);
    return !refused;
}

static int bind_path(int fd, const struct sockaddr_un *address)
{
    struct stat st;

    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
        return 0;
    if (errno != EADDRINUSE)
        return -errno;
    if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode) || is_answered(address))
        return -EADDRINUSE;
    if (unlink(address->sun_path) < 0 || bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
        return -errno;
    return 0;
}

/* The folder of `path`, locked against other servers that start: between bind and listen our socket looks
 * like one left behind. */
static int lock_folder(const char *path)
{
    struct sockaddr_un address; /* long enough for any path that make_address took */
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    int fd;

    memcpy(address.sun_path, path, len);
    address.sun_path[len] = 0;
    fd = open(len ? address.sun_path : slash ? "/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR) {
            int error = errno;

            close(fd);
            return -error;
        }
    return fd;
}

int transport_unix_listen(const char *path, mode_t mode, int backlog, int *out)
{
    struct sockaddr_un address;
    int r = make_address(&address, path), lock, fd;

    *out = -1;
    if (r)
        return r;
    lock = lock_folder(path);
    if (lock < 0)
        return lock;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* fchmod before bind: the file never has more permissions than it is to have, and no other thread's
     * files are touched, as umask() would; chmod after it: what the umask took away. */
    r = fd < 0 || fchmod(fd, mode) < 0 ? -errno : bind_path(fd, &address);
    if (!r && (chmod(path, mode) < 0 || listen(fd, backlog) < 0)) {
        r = -errno;
        unlink(path);
    }
    close(lock);
    if (r && fd >= 0)
        close(fd);
    if (!r)
        *out = fd;
    return r;
}

int transport_unix_peer(int fd, uid_t *uid, gid_t *gid, pid_t *pid)
{
    struct ucred who;
    socklen_t len = sizeof(who);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
        return -errno;
    if (uid)
        *uid = who.uid;
    if (gid)
        *gid = who.gid;
    if (pid)
        *pid = who.pid;
    return 0;
}
