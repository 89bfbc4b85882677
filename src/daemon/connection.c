/* SPDX-License-Identifier: MIT */
/*
 * One client: read, carry out, send; and the rules of time that keep a client from holding what it does not
 * use.
 *
 * Invariant: memory held for a client is bounded by its association; a client that does not read its answers
 * is not read from. A connection is freed only after its poll handle is closed, and nothing touches it after
 * connection_close.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/daemon.h"

#define PARTIAL_MS 30000u /* for the rest of a request that has begun */
#define BLOCKED_MS 60000u /* for answers to be taken */
#define FIRST_MS 30000u   /* for the first call after connecting */
#define LOGON_MS 10000u   /* for a remote client to authenticate itself */

static void freed(uv_handle_t *handle)
{
    free(handle->data);
}

void connection_close(struct connection *c, const char *why)
{
    struct daemon *d = c->daemon;
    const char *suffix;

    if (c->closing)
        return;
    if (why && daemon_may_log(&d->closings_logged, uv_now(&d->loop), &suffix))
        daemon_log(DAEMON_INFO, "closed the connection of %s: %s%s", c->name, why, suffix);
    c->closing = true;
    uv_close((uv_handle_t *)&c->poll, freed);
    close(c->fd);
    association_free(c->association);
    c->association = NULL;
    if (c->next)
        c->next->previous = c->previous;
    if (c->previous)
        c->previous->next = c->next;
    else
        d->connections = c->next;
    d->count--;
    d->strangers -= c->remote && !c->authenticated;
    for (struct connection **p = &d->ready; c->ready && *p; p = &(*p)->next_ready)
        if (*p == c) {
            *p = c->next_ready;
            break;
        }
}

void connection_touch(struct connection *c)
{
    if (c->ready)
        return;
    c->ready = true;
    c->next_ready = c->daemon->ready;
    c->daemon->ready = c;
}

/* What has come since the last look: a call, or part of one. */
static void note_progress(struct connection *c)
{
    uint64_t now = uv_now(&c->daemon->loop);
    uint32_t calls = association_calls(c->association);

    if (calls != c->calls) {
        c->calls = calls;
        c->active_at = now;
        c->partial_since = 0;
    }
    if (!association_partial(c->association))
        c->partial_since = 0;
    else if (!c->partial_since)
        c->partial_since = now;
}

static void on_event(uv_poll_t *poll, int status, int events);

static void poll_for(struct connection *c, int events)
{
    if (events == c->events)
        return;
    c->events = events;
    if (uv_poll_start(&c->poll, events, on_event))
        connection_close(c, "cannot be polled");
}

static void receive(struct connection *c)
{
    struct daemon *d = c->daemon;
    ssize_t n = recv(c->fd, d->input, sizeof(d->input), 0);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        connection_close(c, NULL); /* it has gone; what it had asked for is done or undone, never half */
        return;
    }
    association_input(c->association, d->input, (size_t)n); /* its status is looked at after sending */
    note_progress(c);
    logon_note(c, uv_now(&d->loop));
    connection_touch(c);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct connection *c = poll->data;

    if (status < 0) {
        connection_close(c, status == UV_EBADF ? NULL
                                               : uv_strerror(status)); /* so libuv tells POLLERR: a reset */
        return;
    }
    if (events & UV_READABLE)
        receive(c);
    else if (events & UV_DISCONNECT) {
        connection_close(c, NULL);
        return;
    }
    if (!c->closing && (events & UV_WRITABLE))
        connection_touch(c);
}

void connection_send(struct connection *c)
{
    size_t len;
    const uint8_t *output = association_output(c->association, &len);
    int events = UV_DISCONNECT;

    if (logon_punished(c)) {
        poll_for(c, 0); /* not even its going: else the next guess would cost only a new connection */
        return;
    }
    if (len) {
        ssize_t n = send(c->fd, output, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            connection_close(c, NULL);
            return;
        }
        if (n > 0) {
            c->blocked_since = 0;
            association_sent(c->association, (size_t)n); /* may go on with calls that waited */
            note_progress(c);
            if (server_needs_commit(c->daemon->server))
                connection_touch(c); /* to be sent behind the commit, in this turn */
            association_output(c->association, &len);
        }
    }
    if (len && !c->blocked_since)
        c->blocked_since = uv_now(&c->daemon->loop);
    if (!len && association_status(c->association)) {
        connection_close(c, c->failed ? NULL : "it does not speak the protocol, or there is no memory");
        return;
    }
    if (len)
        events |= UV_WRITABLE;
    if (!c->daemon->stopping && !association_full(c->association) && !association_status(c->association))
        events |= UV_READABLE;
    poll_for(c, events);
}

void connection_watch(struct connection *c, uint64_t now)
{
    uint64_t idle = now - c->active_at;

    if (association_waits(c->association))
        c->active_at = now; /* it is not the client that keeps us waiting */
    else if (c->partial_since && now - c->partial_since > PARTIAL_MS)
        connection_close(c, "the rest of a request did not come in 30 s");
    else if (c->blocked_since && now - c->blocked_since > BLOCKED_MS)
        connection_close(c, "it did not take its answers in 60 s");
    else if (c->remote && !c->authenticated && now - c->since > LOGON_MS)
        connection_close(c, c->mapper ? NULL : "it did not authenticate itself in 10 s");
    else if (!c->calls && idle > FIRST_MS)
        connection_close(c, "no call came in 30 s");
    else if (c->daemon->options.idle_seconds && idle / 1000 > c->daemon->options.idle_seconds)
        connection_close(c, "it was idle for too long");
}

static bool is_same_user(const struct connection *a, const struct connection *b)
{
    if (a->remote || b->remote)
        return a->remote && b->remote && !memcmp(a->address, b->address, sizeof(a->address));
    return a->uid == b->uid && !a->administrator;
}

/* NULL: welcome. */
static const char *refusal(const struct daemon *d, const struct connection *new)
{
    unsigned same = 0;

    if (d->count >= d->options.max_connections)
        return "all connections are in use";
    if (new->administrator)
        return NULL;
    if (d->count >= d->options.max_connections - d->options.max_connections / 16)
        return "the last connections are kept for administrators";
    if (new->remote && d->strangers >= (d->options.max_connections + 1) / 2)
        return "too many are not authenticated yet";
    for (const struct connection *c = d->connections; c; c = c->next)
        same += is_same_user(c, new);
    if (new->remote)
        return same >= d->options.max_per_address ? "its address has too many" : NULL;
    return same >= d->options.max_per_user ? "its user has too many" : NULL;
}

static void refuse(struct daemon *d, int fd, const char *name, const char *why)
{
    uint64_t now = uv_now(&d->loop);

    close(fd);
    d->refused++;
    if (d->refused_logged_at && now - d->refused_logged_at < 10000)
        return; /* one line in ten seconds is enough */
    d->refused_logged_at = now;
    daemon_log(DAEMON_WARNING, "refused a connection of %s: %s (%llu refused so far)", name, why,
               (unsigned long long)d->refused);
}

static int identify_local(struct connection *c, struct caller *caller)
{
    uid_t uid;
    gid_t gid;

    if (transport_unix_peer(c->fd, &uid, &gid, NULL))
        return -1;
    *caller = (struct caller){.uid = uid, .gid = gid, .administrator = uid == 0 || uid == geteuid()};
    c->uid = uid;
    c->administrator = caller->administrator;
    snprintf(c->name, sizeof(c->name), "uid %u", c->uid);
    return 0;
}

static int identify_remote(struct connection *c, const struct listener *l)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    union daemon_address peer;
    socklen_t len = sizeof(peer);
    int one = 1;

    if (getpeername(c->fd, &peer.any, &len))
        return -1;
    if (peer.any.sa_family == AF_INET6) {
        memcpy(c->address, &peer.v6.sin6_addr, 8); /* whoever has one address has its network */
    } else {
        memcpy(c->address, mapped, sizeof(mapped));
        memcpy(c->address + sizeof(mapped), &peer.v4.sin_addr, 4);
    }
    daemon_name_address(&peer, c->name);
    c->remote = true;
    c->mapper = l->mapper;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(c->fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
    return 0;
}

static void add(struct connection *c)
{
    struct daemon *d = c->daemon;

    c->poll.data = c;
    c->active_at = c->since = uv_now(&d->loop);
    c->next = d->connections;
    if (c->next)
        c->next->previous = c;
    d->connections = c;
    d->count++;
    d->strangers += c->remote;
    poll_for(c, UV_READABLE | UV_DISCONNECT);
}

static int start_association(struct connection *c, const struct listener *l, const struct caller *caller)
{
    if (c->mapper)
        return association_new_mapper(&c->association, c->daemon->server, daemon_mapped_port(l));
    if (c->remote)
        return association_new_remote(&c->association, c->daemon->server, l->port);
    return association_new(&c->association, c->daemon->server, caller);
}

void connection_accept(struct listener *l, int fd)
{
    struct daemon *d = l->daemon;
    bool remote = l != d->listeners;
    struct connection new = {.daemon = d, .fd = fd}, *c;
    struct caller caller = {0};
    const char *why;
    int r;

    if (remote ? identify_remote(&new, l) : identify_local(&new, &caller)) {
        refuse(d, fd, "a client", "it does not say who it is");
        return;
    }
    why = refusal(d, &new);
    if (why) {
        refuse(d, fd, new.name, why);
        return;
    }
    c = malloc(sizeof(*c));
    r = start_association(&new, l, &caller);
    if (c && !r) {
        *c = new;
        r = uv_poll_init(&d->loop, &c->poll, fd);
    }
    if (!c || r) {
        association_free(new.association);
        free(c);
        refuse(d, fd, new.name, "no memory");
        return;
    }
    add(c);
}
