/* SPDX-License-Identifier: MIT */
/*
 * TCP listeners: their addresses as options and files name them, and their sockets.
 *
 * Invariant: only numeric addresses are taken, so starting depends on no name server, and what is listened on
 * is what the administrator wrote.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/daemon.h"

#define BACKLOG 1024
#define LINE_LEN 256
#define LISTENERS_MAX 65536

void daemon_name_address(const union daemon_address *address, char name[DAEMON_NAME_LEN])
{
    char host[DAEMON_NAME_LEN - 9], port[6]; /* with the name of the interface cut, if it is long */

    if (getnameinfo(&address->any, sizeof(*address), host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV))
        snprintf(name, DAEMON_NAME_LEN, "?");
    else
        snprintf(name, DAEMON_NAME_LEN, address->any.sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* ADDRESS:PORT, [ADDRESS]:PORT */
static bool parse_address(const char *text, union daemon_address *out)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_family = AF_INET,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    const char *colon = strrchr(text, ':'), *end = colon;
    char host[LINE_LEN];
    bool good;

    if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        strtoul(colon + 1, NULL, 10) > 65535)
        return false;
    if (*text == '[' && end > text && end[-1] == ']') {
        hints.ai_family = AF_INET6;
        text++;
        end--;
    }
    if (end == text || (size_t)(end - text) >= sizeof(host))
        return false;
    snprintf(host, sizeof(host), "%.*s", (int)(end - text), text);
    if (getaddrinfo(host, colon + 1, &hints, &found))
        return false;
    good = found->ai_addrlen <= sizeof(*out);
    if (good)
        memcpy(out, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return good;
}

static int add(struct daemon *d, const char *text, bool mapper)
{
    union daemon_address address = {0};
    struct listener *grown;

    if (!parse_address(text, &address)) {
        daemon_log(DAEMON_ERROR, "--listen-%s=%s: wants ADDRESS:PORT, with an IPv6 address in brackets",
                   mapper ? "epm" : "tcp", text);
        return -1;
    }
    grown = d->listener_count < LISTENERS_MAX
                ? realloc(d->listeners, (d->listener_count + 1) * sizeof(*grown))
                : NULL;
    if (!grown) {
        daemon_log(DAEMON_ERROR, "--listen-tcp=%s: no memory, or too many", text);
        return -1;
    }
    d->listeners = grown;
    grown[d->listener_count++] =
        (struct listener){.daemon = d, .fd = -1, .mapper = mapper, .address = address};
    return 0;
}

static int add_file(struct daemon *d, const char *path, bool mapper)
{
    FILE *file = fopen(path, "re");
    char line[LINE_LEN];
    int r = 0;

    if (!file) {
        daemon_log(DAEMON_ERROR, "cannot read %s: %s", path, strerror(errno));
        return -1;
    }
    while (!r && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (*line && *line != '#')
            r = add(d, line, mapper);
    }
    if (!r && ferror(file)) {
        daemon_log(DAEMON_ERROR, "cannot read %s: %s", path, strerror(errno));
        r = -1;
    }
    fclose(file);
    return r;
}

int daemon_add_tcp(struct daemon *d, const char *text, bool mapper)
{
    return *text == '@' ? add_file(d, text + 1, mapper) : add(d, text, mapper);
}

static bool same_host(const union daemon_address *a, const union daemon_address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return false;
    return a->any.sa_family == AF_INET6 ? !memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr))
                                        : a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

static bool any_host(const union daemon_address *a, sa_family_t family)
{
    if (a->any.sa_family != family)
        return false;
    return family == AF_INET6 ? IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr) : !a->v4.sin_addr.s_addr;
}

uint16_t daemon_mapped_port(const struct listener *mapper)
{
    const struct daemon *d = mapper->daemon;
    uint16_t first = 0, any = 0;

    for (size_t i = 1; i < d->listener_count; i++) {
        const struct listener *l = &d->listeners[i];
        uint16_t port = (uint16_t)strtoul(l->port, NULL, 10);

        if (l->mapper)
            continue;
        if (same_host(&l->address, &mapper->address))
            return port;
        if (!any && any_host(&l->address, mapper->address.any.sa_family))
            any = port;
        if (!first)
            first = port;
    }
    return any ? any : first;
}

static int open_socket(struct listener *l)
{
    int one = 1;
    socklen_t len = l->address.any.sa_family == AF_INET6 ? sizeof(l->address.v6) : sizeof(l->address.v4);

    l->fd = socket(l->address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
        (l->address.any.sa_family == AF_INET6 &&
         setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one))) ||
        bind(l->fd, &l->address.any, len) || listen(l->fd, BACKLOG) ||
        getsockname(l->fd, &l->address.any, &len)) /* which port it is when 0 was asked for */
        return -errno;
    return 0;
}

int daemon_listen_tcp(struct listener *l)
{
    int r = open_socket(l);

    daemon_name_address(&l->address, l->name);
    snprintf(l->port, sizeof(l->port), "%u",
             ntohs(l->address.any.sa_family == AF_INET6 ? l->address.v6.sin6_port : l->address.v4.sin_port));
    if (r)
        daemon_log(DAEMON_ERROR, "cannot listen on %s: %s", l->name,
                   r == -EADDRINUSE      ? "another server listens there"
                   : r == -EADDRNOTAVAIL ? "this machine does not have the address"
                                         : strerror(-r));
    return r ? -1 : 0;
}
