/* SPDX-License-Identifier: MIT */
/*
 * The listening socket: inherited from the service manager, or made at a path.
 *
 * Invariant: a socket on which somebody answers is never taken away; one that a daemon left behind is. Only
 * our own socket is removed at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/daemon.h"

#define BACKLOG 1024

/* 0: the path is free now; -1: not, logged. */
static int clear_path(const struct sockaddr_un *address)
{
    const char *path = address->sun_path;
    struct stat st;
    int fd, r, e;

    if (lstat(path, &st)) {
        if (errno == ENOENT)
            return 0;
        daemon_log(DAEMON_ERROR, "cannot look at %s: %s", path, strerror(errno));
        return -1;
    }
    if (!S_ISSOCK(st.st_mode)) {
        daemon_log(DAEMON_ERROR, "%s exists and is not a socket: choose another --socket or remove it", path);
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)address, sizeof(*address));
    e = errno;
    if (fd >= 0)
        close(fd);
    if (r < 0 && e == ECONNREFUSED) { /* left behind: nobody listens */
        if (!unlink(path) || errno == ENOENT)
            return 0;
        daemon_log(DAEMON_ERROR, "cannot remove the stale socket %s: %s", path, strerror(errno));
        return -1;
    }
    if (!r || e == EAGAIN)
        daemon_log(DAEMON_ERROR, "another server listens on %s: stop it or choose another --socket", path);
    else
        daemon_log(DAEMON_ERROR, "cannot tell whether %s is in use: %s", path, strerror(e));
    return -1;
}

static int make_folder(const char *path)
{
    char copy[PATH_MAX];
    char *folder;

    if (strlen(path) >= sizeof(copy))
        return 0; /* bind will say so */
    strcpy(copy, path);
    folder = dirname(copy);
    if (!mkdir(folder, 0755) || errno == EEXIST)
        return 0;
    daemon_log(DAEMON_ERROR, "cannot make the folder %s for the socket: %s", folder, strerror(errno));
    return -1;
}

/* Nobody can connect before the mode is set. */
static int bind_at(struct daemon *d, int fd, const struct sockaddr_un *address)
{
    const char *path = address->sun_path;
    mode_t mask = umask(0777);
    int r = bind(fd, (const struct sockaddr *)address, sizeof(*address));
    int e = errno;
    struct stat st;

    umask(mask);
    if (r) {
        daemon_log(DAEMON_ERROR, "cannot make the socket %s: %s", path, strerror(e));
        return -1;
    }
    if (lstat(path, &st) || chmod(path, d->options.mode) || listen(fd, BACKLOG)) {
        daemon_log(DAEMON_ERROR, "cannot listen on %s: %s", path, strerror(errno));
        unlink(path);
        return -1;
    }
    d->own_socket = true;
    d->socket_device = st.st_dev;
    d->socket_inode = st.st_ino;
    return 0;
}

int daemon_listen(struct daemon *d)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = d->options.socket;

    d->listen_fd = daemon_inherited_socket();
    if (d->listen_fd >= 0) {
        fcntl(d->listen_fd, F_SETFL, fcntl(d->listen_fd, F_GETFL) | O_NONBLOCK);
        return 0;
    }
    if (strlen(path) >= sizeof(address.sun_path)) {
        daemon_log(DAEMON_ERROR, "the path of the socket is too long (%zu bytes, at most %zu): %s",
                   strlen(path), sizeof(address.sun_path) - 1, path);
        return -1;
    }
    strcpy(address.sun_path, path);
    if (make_folder(path) || clear_path(&address))
        return -1;
    d->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (d->listen_fd < 0) {
        daemon_log(DAEMON_ERROR, "cannot make a socket: %s", strerror(errno));
        return -1;
    }
    if (bind_at(d, d->listen_fd, &address)) {
        close(d->listen_fd);
        d->listen_fd = -1;
        return -1;
    }
    return 0;
}

void daemon_unlisten(struct daemon *d)
{
    struct stat st;

    if (d->listen_fd < 0)
        return;
    if (d->own_socket && !lstat(d->options.socket, &st) && st.st_ino == d->socket_inode &&
        st.st_dev == d->socket_device)
        unlink(d->options.socket);
    close(d->listen_fd);
    d->listen_fd = -1;
}
