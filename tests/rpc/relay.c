/* SPDX-License-Identifier: MIT */
/*
 * relay LISTEN CONNECT FILE.pcap: stands between a client and a server on unix sockets, hands on what they
 * say and writes it down as TCP connections for tests/rpc/judge.sh. Runs until it is killed, or until its
 * standard input ends when that is a pipe; the file is whole after each packet.
 *
 * Invariant: bytes are written down when they are read, and not read faster than the other side takes them.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/pcap.h"
#include "transport/transport.h"

#define MAX_LINKS 200

struct direction {
    uint8_t data[65536];
    size_t len, at;
    bool ended; /* the sender has closed */
};

struct link {
    int fd[2]; /* client, server */
    struct direction from[2];
    struct pcap_flow flow;
};

static struct link *links[MAX_LINKS];
static unsigned link_count;

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, strlen(path));
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    perror(path);
    close(fd);
    return -1;
}

static void accept_client(int listener, const char *server, int file)
{
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    struct link *l = client >= 0 && link_count < MAX_LINKS ? calloc(1, sizeof(*l)) : NULL;

    if (l)
        l->fd[1] = connect_to(server);
    if (!l || l->fd[1] < 0) {
        if (client >= 0)
            close(client);
        free(l);
        return;
    }
    l->fd[0] = client;
    pcap_flow_open(&l->flow, file, 0);
    links[link_count++] = l;
}

static void close_link(struct link *l)
{
    pcap_flow_close(&l->flow);
    close(l->fd[0]);
    close(l->fd[1]);
    free(l);
}

static void read_side(struct link *l, int side)
{
    struct direction *d = &l->from[side];
    ssize_t n = recv(l->fd[side], d->data, sizeof(d->data), MSG_DONTWAIT);

    if (n > 0) {
        d->len = (size_t)n;
        d->at = 0;
        pcap_flow_add(&l->flow, side == 1, d->data, d->len);
    } else if (n == 0 || errno != EAGAIN) {
        d->ended = true;
        shutdown(l->fd[!side], SHUT_WR);
    }
}

static void write_side(struct link *l, int side)
{
    struct direction *d = &l->from[!side];
    ssize_t n = send(l->fd[side], d->data + d->at, d->len - d->at, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n > 0)
        d->at += (size_t)n;
    else if (errno != EAGAIN)
        d->len = d->at = 0, l->from[0].ended = l->from[1].ended = true;
    if (d->at == d->len)
        d->len = d->at = 0;
}

static short wanted(const struct link *l, int side)
{
    short events = 0;

    if (!l->from[side].len && !l->from[side].ended)
        events |= POLLIN;
    if (l->from[!side].len)
        events |= POLLOUT;
    return events;
}

static void serve_links(const struct pollfd *polled, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        for (int side = 0; side < 2; side++) {
            short events = polled[2 * i + (unsigned)side].revents;

            if (events & (POLLOUT | POLLERR) && links[i]->from[!side].len)
                write_side(links[i], side);
            if (events & (POLLIN | POLLHUP | POLLERR) && wanted(links[i], side) & POLLIN)
                read_side(links[i], side);
        }
    for (unsigned i = count; i-- > 0;)
        if (links[i]->from[0].ended && links[i]->from[1].ended && !links[i]->from[0].len &&
            !links[i]->from[1].len) {
            close_link(links[i]);
            links[i] = links[--link_count];
        }
}

int main(int argc, char **argv)
{
    static struct pollfd polled[2 + 2 * MAX_LINKS];
    int file = argc == 4 ? pcap_open(argv[3]) : -1;
    int listener, r;

    if (file < 0) {
        fprintf(stderr, "usage: relay LISTEN CONNECT FILE.pcap (which can be written)\n");
        return 2;
    }
    r = transport_unix_listen(argv[1], 0600, 64, &listener);
    if (r) {
        fprintf(stderr, "relay: %s: %s\n", argv[1], strerror(-r));
        return 1;
    }
    puts("ready");
    fflush(stdout);
    while (!(polled[1].revents & POLLHUP)) {
        unsigned count = link_count;

        polled[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        polled[1] = (struct pollfd){.fd = STDIN_FILENO}; /* only that a pipe has lost its writer */
        for (unsigned i = 0; i < 2 * count; i++)
            polled[2 + i] =
                (struct pollfd){.fd = links[i / 2]->fd[i % 2], .events = wanted(links[i / 2], i % 2)};
        for (unsigned i = 0; i < 2 * count; i++)
            if (!polled[2 + i].events) /* else a side that has hung up would keep waking us */
                polled[2 + i].fd = -1;
        if (poll(polled, 2 + 2 * count, -1) < 0 && errno != EINTR)
            return 1;
        serve_links(polled + 2, count);
        if (polled[0].revents)
            accept_client(listener, argv[2], file);
    }
    while (link_count)
        close_link(links[--link_count]);
    unlink(argv[1]);
    return close(file) ? 1 : 0;
}
