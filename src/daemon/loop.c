/* SPDX-License-Identifier: MIT */
/*
 * The loop: accept, one commit a turn, the watch over time, the end.
 *
 * Invariant: output is sent only at the end of a turn, behind the commit. After SIGTERM nothing more is read;
 * everything that was carried out is committed and its answers are sent, for STOP_MS at most.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/daemon.h"

#define ACCEPT_A_TURN 64
#define WATCH_MS 5000u
#define WATCH_REMOTE_MS 1000u /* strangers have less time */
#define RETRY_MS 100u
#define LOCK_MS 2u /* between two looks whether another process still changes the database */
#define STOP_MS 3000u
#define NAMED_LISTENERS 8u /* in the log */

static void on_listener(uv_poll_t *poll, int status, int events);

static int accept_all(struct daemon *d)
{
    int r = 0;

    for (size_t i = 0; i < d->listener_count && !r; i++)
        r = uv_poll_start(&d->listeners[i].poll, UV_READABLE, on_listener);
    return r;
}

static void accept_again(uv_timer_t *timer)
{
    struct daemon *d = timer->data;

    if (!d->stopping)
        accept_all(d);
}

/* No descriptor or memory for another client: those that are here go on, and the next wait in the queue. */
static void pause_accepting(struct listener *l, int error)
{
    struct daemon *d = l->daemon;
    uint64_t now = uv_now(&d->loop);

    if (!d->refused_logged_at || now - d->refused_logged_at > 10000) {
        d->refused_logged_at = now;
        daemon_log(DAEMON_WARNING, "cannot accept connections now: %s (%u are open)", strerror(error),
                   d->count);
    }
    uv_poll_stop(&l->poll);
    uv_timer_start(&d->retry, accept_again, RETRY_MS, 0);
}

static void on_listener(uv_poll_t *poll, int status, int events)
{
    struct listener *l = poll->data;

    (void)events;
    for (int i = 0; i < ACCEPT_A_TURN && status >= 0; i++) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            connection_accept(l, fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            pause_accepting(l, errno);
        if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

static void commit(struct daemon *d)
{
    while (server_needs_commit(d->server)) {
        struct nt_status status = server_commit(d->server);
        const char *name = nt_status_name(status);

        if (nt_success(status))
            continue;
        d->commit_failures++;
        daemon_log(DAEMON_ERROR, "cannot store changes in %s: %s (0x%08x); the clients were told",
                   d->options.database, name ? name : "unknown status", status.v);
    }
}

static bool all_sent(struct daemon *d)
{
    for (struct connection *c = d->connections; c; c = c->next) {
        size_t len;

        association_output(c->association, &len);
        if (len && !logon_punished(c))
            return false;
    }
    return true;
}

/* Calls that were put off because another process changes the database. */
static void resume(struct daemon *d)
{
    for (struct connection *c = d->connections; c; c = c->next)
        if (association_waits(c->association))
            connection_touch(c);
    server_resume(d->server, d->stopping);
}

static void on_lock(uv_timer_t *timer);

static void finish_turn(struct daemon *d)
{
    struct connection *c;

    commit(d);
    while ((c = d->ready)) {
        d->ready = c->next_ready;
        c->ready = false;
        connection_send(c);
        commit(d); /* sending may have let calls go on; most often nothing to do */
    }
    if (server_waits(d->server) && !uv_is_active((uv_handle_t *)&d->lock))
        uv_timer_start(&d->lock, on_lock, LOCK_MS, 0);
    if (d->stopping && all_sent(d) && !server_waits(d->server))
        uv_stop(&d->loop);
}

/* A turn of its own: the loop polls only after its timers, and perhaps for long. */
static void on_lock(uv_timer_t *timer)
{
    resume(timer->data);
    finish_turn(timer->data);
}

static void after_poll(uv_check_t *check)
{
    finish_turn(check->data);
}

static void on_watch(uv_timer_t *timer)
{
    struct daemon *d = timer->data;
    uint64_t now = uv_now(&d->loop);

    for (struct connection *c = d->connections, *next; c; c = next) {
        next = c->next;
        connection_watch(c, now);
    }
    if (d->stopping && now >= d->stop_at)
        uv_stop(&d->loop);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct daemon *d = signal->data;

    if (d->stopping) {
        uv_stop(&d->loop);
        return;
    }
    daemon_log(DAEMON_NOTICE, "stopping (%s)", strsignal(number));
    daemon_notify("STOPPING=1");
    d->stopping = true;
    d->stop_at = uv_now(&d->loop) + STOP_MS;
    for (size_t i = 0; i < d->listener_count; i++)
        uv_poll_stop(&d->listeners[i].poll);
    daemon_unlisten(d);
    resume(d);
    commit(d);
    for (struct connection *c = d->connections, *next; c; c = next) {
        next = c->next;
        connection_send(c); /* and stops reading */
    }
    uv_timer_start(&d->watch, on_watch, STOP_MS, 0);
}

static int start(struct daemon *d)
{
    uint64_t watch_ms = d->listener_count > 1 ? WATCH_REMOTE_MS : WATCH_MS;
    int r = uv_loop_init(&d->loop);

    for (size_t i = 0; i < d->listener_count && !r; i++) {
        r = uv_poll_init(&d->loop, &d->listeners[i].poll, d->listeners[i].fd);
        d->listeners[i].poll.data = &d->listeners[i];
    }
    if (!r)
        r = uv_check_init(&d->loop, &d->after_poll);
    if (!r)
        r = uv_timer_init(&d->loop, &d->watch);
    if (!r)
        r = uv_timer_init(&d->loop, &d->retry);
    if (!r)
        r = uv_timer_init(&d->loop, &d->punishment);
    if (!r)
        r = uv_timer_init(&d->loop, &d->lock);
    if (!r)
        r = uv_signal_init(&d->loop, &d->terminate);
    if (!r)
        r = uv_signal_init(&d->loop, &d->interrupt);
    d->after_poll.data = d->watch.data = d->retry.data = d->punishment.data = d->lock.data =
        d->terminate.data = d->interrupt.data = d;
    if (!r)
        r = accept_all(d);
    if (!r)
        r = uv_check_start(&d->after_poll, after_poll);
    if (!r)
        r = uv_timer_start(&d->watch, on_watch, watch_ms, watch_ms);
    if (!r)
        r = uv_signal_start(&d->terminate, on_signal, SIGTERM);
    if (!r)
        r = uv_signal_start(&d->interrupt, on_signal, SIGINT);
    if (r)
        daemon_log(DAEMON_ERROR, "cannot start the event loop: %s", uv_strerror(r));
    return r;
}

static void close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

int daemon_run(struct daemon *d)
{
    if (start(d))
        return 1;
    daemon_notify("READY=1");
    daemon_log(DAEMON_NOTICE, "serving %s on %s", d->options.database, d->options.socket);
    for (size_t i = 1; i < d->listener_count && i <= NAMED_LISTENERS; i++)
        daemon_log(DAEMON_NOTICE, d->listeners[i].mapper ? "endpoint mapper, on %s" : "and on TCP, %s",
                   d->listeners[i].name);
    if (d->listener_count > NAMED_LISTENERS + 1)
        daemon_log(DAEMON_NOTICE, "and on %zu more", d->listener_count - NAMED_LISTENERS - 1);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    while (d->connections)
        connection_close(d->connections, NULL);
    uv_walk(&d->loop, close_handle, NULL);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    uv_loop_close(&d->loop);
    return 0;
}
