/* SPDX-License-Identifier: MIT */
/*
 * The service manager: readiness (sd_notify(3)) and inherited sockets (sd_listen_fds(3)). Both protocols are
 * a few lines, so no library is needed for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/daemon.h"

#define FIRST_INHERITED_FD 3

void daemon_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = path ? strlen(path) : 0;
    int fd;

    if (len < 2 || len >= sizeof(address.sun_path) || (*path != '/' && *path != '@'))
        return;
    memcpy(address.sun_path, path, len);
    if (*path == '@')
        address.sun_path[0] = 0; /* abstract */
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
        daemon_log(DAEMON_WARNING, "cannot tell the service manager %s: %s", state, strerror(errno));
    close(fd);
}

int daemon_inherited_socket(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    int inherited = pid && count && strtol(pid, NULL, 10) == getpid() ? atoi(count) : 0;

    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (inherited < 1)
        return -1;
    if (inherited > 1)
        daemon_log(DAEMON_WARNING, "%d sockets were handed over, the first is used", inherited);
    fcntl(FIRST_INHERITED_FD, F_SETFD, FD_CLOEXEC);
    return FIRST_INHERITED_FD;
}
