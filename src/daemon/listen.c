/* SPDX-License-Identifier: MIT */
/*
 * The listening sockets. The local one: inherited from the service manager, or made at a path.
 *
 * Invariant: only our own socket is removed at the end, and only while it is still at its path.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/daemon.h"

#define BACKLOG 1024

/* The last folder of the path, open to everybody: who may connect is the socket's own matter. */
static int make_folder(const char *path)
{
    char copy[PATH_MAX];
    const char *folder;

    if (strlen(path) >= sizeof(copy))
        return 0; /* who listens will say so */
    strcpy(copy, path);
    folder = dirname(copy);
    if (mkdir(folder, 0755) < 0) {
        if (errno == EEXIST)
            return 0;
    } else if (chmod(folder, 0755) == 0) { /* what the umask took away */
        return 0;
    }
    daemon_log(DAEMON_ERROR, "cannot make the folder %s for the socket: %s", folder, strerror(errno));
    return -1;
}

static const char *reason(int error, const char *path)
{
    struct stat st;

    if (error == -EADDRINUSE)
        return !lstat(path, &st) && !S_ISSOCK(st.st_mode)
                   ? "there is a file which is not a socket: choose another --socket or remove it"
                   : "another server listens there: stop it or choose another --socket";
    return error == -ENAMETOOLONG ? "the path is too long for a socket (107 bytes)" : strerror(-error);
}

static bool has_option(int fd, int option, int wanted)
{
    int value;
    socklen_t len = sizeof(value);

    return !getsockopt(fd, SOL_SOCKET, option, &value, &len) && value == wanted;
}

/* Its clients are known by what the socket says of them: on any other kind everybody would be some local
 * user. */
static int take_inherited(int fd)
{
    if (has_option(fd, SO_DOMAIN, AF_UNIX) && has_option(fd, SO_TYPE, SOCK_STREAM) &&
        has_option(fd, SO_ACCEPTCONN, 1) && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) >= 0)
        return 0;
    daemon_log(DAEMON_ERROR, "what was handed over is no unix stream socket that listens: the service "
                             "manager's ListenStream= has to be a path; for TCP there is --listen-tcp");
    return -1;
}

static int listen_local(struct daemon *d, int *fd)
{
    const char *path = d->options.socket;
    struct stat st;
    int r;

    *fd = daemon_inherited_socket();
    if (*fd >= 0)
        return take_inherited(*fd);
    if (make_folder(path))
        return -1;
    r = transport_unix_listen(path, d->options.mode, BACKLOG, fd);
    if (!r && lstat(path, &st))
        r = -errno;
    if (r) {
        daemon_log(DAEMON_ERROR, "cannot listen on %s: %s", path, reason(r, path));
        return -1;
    }
    d->own_socket = true;
    d->socket_device = st.st_dev;
    d->socket_inode = st.st_ino;
    return 0;
}

int daemon_listen(struct daemon *d)
{
    if (listen_local(d, &d->listeners[0].fd))
        return -1;
    for (size_t i = 1; i < d->listener_count; i++)
        if (daemon_listen_tcp(&d->listeners[i]))
            return -1;
    return 0;
}

void daemon_unlisten(struct daemon *d)
{
    struct stat st;

    if (d->listener_count && d->listeners[0].fd >= 0 && d->own_socket && !lstat(d->options.socket, &st) &&
        st.st_ino == d->socket_inode && st.st_dev == d->socket_device)
        unlink(d->options.socket);
    for (size_t i = 0; i < d->listener_count; i++) {
        if (d->listeners[i].fd >= 0)
            close(d->listeners[i].fd);
        d->listeners[i].fd = -1;
    }
}
