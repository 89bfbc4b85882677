/* SPDX-License-Identifier: MIT */
/*
 * See krb5_wait.h. The ends of a process:
 *   fork(): a child has no threads. It forgets the works of its parent (their memory is lost), after each has
 *     taken what it may have locked out of use.
 *   exit(): a thread that was left behind must not run in the Kerberos library while that is taken down. It
 * is cancelled, and waited for: it sleeps in a system call, so that takes no time. Nothing is freed then.
 *   dlclose(): the library is linked with -z nodelete.
 */
#include "auth/krb5_wait.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "auth/mech.h"

#define SECOND INT64_C(1000000000)
#define STACK_LEN ((size_t)1 << 20)
#define EXIT_WAIT SECOND

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct krb5_work *works; /* that run */
    unsigned count;
} waits = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* With the lock. False: the deadline is over. */
static bool wait_for_change(int64_t deadline)
{
    struct timespec t = {.tv_sec = deadline / SECOND, .tv_nsec = deadline % SECOND};

    if (!deadline)
        return pthread_cond_wait(&waits.changed, &waits.lock) == 0;
    return pthread_cond_clockwait(&waits.changed, &waits.lock, CLOCK_MONOTONIC, &t) != ETIMEDOUT;
}

/* ---- fork, exit ---- */

static void fork_prepare(void)
{
    pthread_mutex_lock(&waits.lock);
}

static void fork_parent(void)
{
    pthread_mutex_unlock(&waits.lock);
}

static void fork_child(void)
{
    for (struct krb5_work *w = waits.works; w; w = w->next)
        if (w->forked)
            w->forked(w);
    waits.works = NULL;
    waits.count = 0;
    waits.changed = (pthread_cond_t)PTHREAD_COND_INITIALIZER; /* others may have waited */
    pthread_mutex_unlock(&waits.lock);
}

static bool any_left(void)
{
    for (const struct krb5_work *w = waits.works; w; w = w->next)
        if (w->left)
            return true;
    return false;
}

static void at_exit(void)
{
    int64_t deadline = auth_clock() + EXIT_WAIT;

    pthread_mutex_lock(&waits.lock);
    for (struct krb5_work *w = waits.works; w; w = w->next)
        if (w->left)
            pthread_cancel(w->thread);
    while (any_left() && wait_for_change(deadline))
        ;
    pthread_mutex_unlock(&waits.lock);
}

static void watch_process(void)
{
    pthread_atfork(fork_prepare, fork_parent, fork_child);
    atexit(at_exit);
}

/* ---- The list, with the lock ---- */

static bool may_begin(const struct krb5_work *w)
{
    for (const struct krb5_work *other = waits.works; other && w->owner; other = other->next)
        if (other->owner == w->owner)
            return false;
    return waits.count < KRB5_WAIT_MAX;
}

static void add(struct krb5_work *w)
{
    w->next = waits.works;
    waits.works = w;
    waits.count++;
}

static void take_out(struct krb5_work *w)
{
    struct krb5_work **at = &waits.works;

    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    waits.count--;
    pthread_cond_broadcast(&waits.changed);
}

/* ---- Threads ---- */

/* The thread's last act, also when it was cancelled. */
static void end(void *arg)
{
    struct krb5_work *w = arg;
    bool unwanted;

    pthread_mutex_lock(&waits.lock);
    unwanted = w->left && w->ran;
    take_out(w);
    pthread_mutex_unlock(&waits.lock); /* `w` may be the caller's now */
    if (unwanted)
        w->free(w);
}

static void *work(void *arg)
{
    struct krb5_work *w = arg;

    pthread_cleanup_push(end, w);
    w->run(w);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    w->ran = true;
    pthread_cleanup_pop(1);
    return NULL;
}

/* Signals are the program's: none of its handlers runs in here. */
static int start(struct krb5_work *w)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int r;

    if (pthread_attr_init(&attributes))
        return -ENOMEM;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_LEN);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&w->thread, &attributes, work, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return r ? -ENOMEM : 0;
}

static bool is_listed(const struct krb5_work *w)
{
    const struct krb5_work *at = waits.works;

    while (at && at != w)
        at = at->next;
    return at;
}

static int run_in_thread(struct krb5_work *w, int64_t deadline)
{
    int r = start(w);

    if (r) {
        take_out(w);
        pthread_mutex_unlock(&waits.lock);
        w->free(w);
        return r;
    }
    while (is_listed(w) && wait_for_change(deadline))
        ;
    w->left = is_listed(w);
    r = w->left ? -ETIMEDOUT : 0;
    pthread_mutex_unlock(&waits.lock);
    return r;
}

int krb5_wait_run(struct krb5_work *w, int64_t deadline)
{
    pthread_once(&once, watch_process);
    pthread_mutex_lock(&waits.lock);
    while (!may_begin(w))
        if (!wait_for_change(deadline)) {
            pthread_mutex_unlock(&waits.lock);
            w->free(w);
            return -ETIMEDOUT;
        }
    add(w);
    if (deadline)
        return run_in_thread(w, deadline);
    pthread_mutex_unlock(&waits.lock);
    w->run(w);
    pthread_mutex_lock(&waits.lock);
    take_out(w);
    pthread_mutex_unlock(&waits.lock);
    return 0;
}

void krb5_wait_release(struct krb5_work *w)
{
    pthread_mutex_lock(&waits.lock);
    w->owner = NULL;
    pthread_cond_broadcast(&waits.changed);
    pthread_mutex_unlock(&waits.lock);
}

unsigned krb5_wait_running(void)
{
    unsigned count;

    pthread_mutex_lock(&waits.lock);
    count = waits.count;
    pthread_mutex_unlock(&waits.lock);
    return count;
}
