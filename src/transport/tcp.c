/* SPDX-License-Identifier: MIT */
/*
 * TCP: a name or address and a port to a connected stream, within a deadline.
 *
 * The system's resolver has no deadline of its own; getaddrinfo_a gives it one. A look-up that is late goes
 * on without us, and the next one frees it when it has come to its end. Numeric addresses never ask a
 * resolver. Several addresses are tried in the resolver's order, each with a fair share of the time left.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/transport.h"

#define SECOND INT64_C(1000000000)

/* One look-up, on the heap: the resolver's thread writes to it. */
struct lookup {
    struct lookup *next;
    struct gaicb request;
    struct addrinfo hints;
    char host[256], port[6];
};

/* Given up, and perhaps still under way. */
static struct {
    pthread_mutex_t lock;
    struct lookup *first;
} late = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int error_of(int gai)
{
    switch (gai) {
    case 0:
        return 0;
    case EAI_MEMORY:
        return -ENOMEM;
    case EAI_AGAIN:
        return -EAGAIN; /* the name server did not answer */
    case EAI_SYSTEM:    /* its errno stayed in the resolver's thread */
        return -EIO;
    default:
        return -EHOSTUNREACH; /* no such name */
    }
}

static struct timespec time_left(int64_t deadline)
{
    int64_t left = deadline ? deadline - transport_now() : 3600 * SECOND;

    if (left < 0)
        left = 0;
    return (struct timespec){.tv_sec = left / SECOND, .tv_nsec = left % SECOND};
}

static void free_lookup(struct lookup *l)
{
    if (l->request.ar_result)
        freeaddrinfo(l->request.ar_result);
    free(l);
}

static void free_late(void)
{
    pthread_mutex_lock(&late.lock);
    for (struct lookup **at = &late.first, *l; (l = *at);) {
        if (gai_error(&l->request) == EAI_INPROGRESS) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        free_lookup(l);
    }
    pthread_mutex_unlock(&late.lock);
}

static void give_up(struct lookup *l)
{
    if (gai_cancel(&l->request) == EAI_CANCELED) { /* nobody had begun with it */
        free_lookup(l);
        return;
    }
    pthread_mutex_lock(&late.lock);
    l->next = late.first;
    late.first = l;
    pthread_mutex_unlock(&late.lock);
    free_late();
}

static int resolve(const char *host, uint16_t port, int64_t deadline, struct addrinfo **out)
{
    struct lookup *l = calloc(1, sizeof(*l));
    struct gaicb *list[1];
    int gai;

    free_late();
    if (!l)
        return -ENOMEM;
    if (strlen(host) >= sizeof(l->host)) {
        free(l);
        return -EHOSTUNREACH;
    }
    strcpy(l->host, host);
    snprintf(l->port, sizeof(l->port), "%u", port);
    l->hints = (struct addrinfo){.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    if (getaddrinfo(l->host, l->port, &l->hints, out) == 0) {
        free(l);
        return 0;
    }
    l->hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
    l->request = (struct gaicb){.ar_name = l->host, .ar_service = l->port, .ar_request = &l->hints};
    list[0] = &l->request;
    gai = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
    while (gai == 0 && (gai = gai_error(&l->request)) == EAI_INPROGRESS) {
        struct timespec left = time_left(deadline);
        const struct gaicb *wait[1] = {&l->request};

        if ((left.tv_sec == 0 && left.tv_nsec == 0) || gai_suspend(wait, 1, &left) == EAI_AGAIN) {
            give_up(l);
            return -ETIMEDOUT;
        }
        gai = 0;
    }
    *out = l->request.ar_result;
    free(l);
    return error_of(gai);
}

/* Connected, non-blocking, or a negative errno value. */
static int connect_one(const struct addrinfo *a, int64_t deadline)
{
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol), one = 1,
        error = 0;
    socklen_t len = sizeof(error);

    if (fd < 0)
        return -errno;
    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
        error = errno;
        while (error == EINPROGRESS) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            struct timespec left = time_left(deadline);
            int ready = ppoll(&p, 1, &left, NULL);

            if (ready == 0)
                error = ETIMEDOUT;
            else if (ready > 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
                error = errno;
            else if (ready < 0 && errno != EINTR)
                error = errno;
        }
    }
    if (error) {
        close(fd);
        return -error;
    }
    /* calls are small and wait for their answer: no delay to collect more */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

int transport_tcp_connect_report(struct transport **out, const char *host, uint16_t port, int64_t deadline,
                                 struct tcp_report *report)
{
    struct addrinfo *list = NULL;
    size_t count = 0;
    int r = resolve(host, port, deadline, &list), fd = -1;

    *out = NULL;
    *report = (struct tcp_report){0};
    if (r)
        return r;
    report->resolved = transport_now();
    for (struct addrinfo *a = list; a; a = a->ai_next)
        count++;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next, count--) {
        int64_t now = transport_now();

        getnameinfo(a->ai_addr, a->ai_addrlen, report->address, sizeof(report->address), NULL, 0,
                    NI_NUMERICHOST);
        fd = connect_one(a, deadline ? now + (deadline - now) / (int64_t)count : 0);
    }
    freeaddrinfo(list);
    if (fd < 0)
        return count || fd != -1 ? fd : -EHOSTUNREACH;
    return transport_unix_adopt(out, fd);
}

int transport_tcp_connect(struct transport **out, const char *host, uint16_t port, int64_t deadline)
{
    struct tcp_report report;

    return transport_tcp_connect_report(out, host, port, deadline, &report);
}
