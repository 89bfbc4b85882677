/* SPDX-License-Identifier: MIT */
/*
 * The cache of connections: see binding.h.
 *
 * Invariant: a binding is either in `idle` (then nobody uses it) or belongs to one call. `lock` protects the
 * list only; connecting and closing happen outside of it.
 */
#include "netapi/binding.h"

#include <pthread.h>
#include <stdlib.h>

#include <lmerr.h>
#include <windows.h>

#include "netapi/call.h"
#include "netapi/remote.h"
#include "server/association.h"

extern const struct ndr_interface samr_interface; /* samr.h and windows.h declare types of the same names */

static struct {
    pthread_mutex_t lock;
    struct binding *idle;      /* latest first */
    struct binding *abandoned; /* in a child: the parent's, never touched again */
    unsigned count;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void close_all(struct binding *b)
{
    while (b) {
        struct binding *next = b->next;

        close_all(b->lanes); /* first: the session ends with its last pipe */
        channel_close(b->channel);
        free(b->users);
        free(b);
        b = next;
    }
}

/* SQLite knows its open files by inode, process-wide: a child that inherits that knowledge, but not the
 * locks, can never open the same database safely. So none is open across a fork, except by calls that other
 * threads are in; then POSIX forbids the child to do more than exec. */
static void fork_prepare(void)
{
    struct binding *embedded = NULL, **at = &cache.idle;

    pthread_mutex_lock(&cache.lock);
    while (*at) {
        struct binding *b = *at;

        if (b->target.kind != TARGET_EMBEDDED) {
            at = &b->next;
            continue;
        }
        *at = b->next;
        b->next = embedded;
        embedded = b;
        cache.count--;
    }
    close_all(embedded);
}

static void fork_parent(void)
{
    pthread_mutex_unlock(&cache.lock);
}

/* The parent's sockets: closed without a byte, for what a channel has to post is the parent's to send. Their
 * channels stay in memory, never touched again. */
static void fork_child(void)
{
    struct binding **last = &cache.abandoned;

    for (struct binding *b = cache.idle; b; b = b->next)
        if (b->transport->ops->abandon)
            b->transport->ops->abandon(b->transport);
    while (*last)
        last = &(*last)->next;
    *last = cache.idle;
    cache.idle = NULL;
    cache.count = 0;
    pthread_mutex_unlock(&cache.lock);
}

static void watch_fork(void)
{
    pthread_atfork(fork_prepare, fork_parent, fork_child);
}

static bool serves(const struct binding *b, const struct target *target, const struct credentials *c)
{
    return target_equal(&b->target, target) && (!c || credentials_same(&b->credentials, c));
}

/* Take the latest idle one for the target out of the list, and all that have been idle for too long. The list
 * is in the order of time, so everything behind the first stale one is stale too. */
static struct binding *take_idle(const struct target *target, const struct credentials *c,
                                 struct binding **stale)
{
    int64_t oldest = transport_now() - BINDING_IDLE_NS;
    struct binding *found = NULL, **at = &cache.idle;

    *stale = NULL;
    pthread_mutex_lock(&cache.lock);
    while (*at && (*at)->idle_since >= oldest) {
        if (!found && serves(*at, target, c)) {
            found = *at;
            *at = found->next;
            cache.count--;
        } else {
            at = &(*at)->next;
        }
    }
    *stale = *at;
    *at = NULL;
    for (struct binding *b = *stale; b; b = b->next)
        cache.count--;
    pthread_mutex_unlock(&cache.lock);
    return found;
}

/* Remote servers close connections that were idle, and what is sent then is lost without a word: a request
 * that changes something could not be repeated. So those are looked at first. */
static struct binding *take_living(const struct target *target, const struct credentials *c,
                                   struct binding **stale)
{
    for (;;) {
        struct binding *b = take_idle(target, c, stale), *dead;

        if (!b || !c || b->transport->ops->check(b->transport) == 0)
            return b;
        dead = b;
        dead->next = *stale;
        close_all(dead); /* and the stale ones */
        *stale = NULL;
    }
}

struct net_status binding_connect(struct transport **out, const struct target *target, int64_t deadline)
{
    *out = NULL;
    if (target->kind == TARGET_EMBEDDED)
        return net_from_errno(server_embedded_open(out, target->path, deadline));
    return net_from_errno(transport_unix_connect(out, target->path, deadline));
}

static struct net_status open_channel(struct binding *b, const struct credentials *c, int64_t deadline)
{
    struct net_status status;

    if (b->target.kind == TARGET_REMOTE) {
        b->credentials = *c;
        b->credentials.auth = NULL;
        return remote_open(&b->channel, &b->transport, b->target.path, c, &samr_interface, NULL, deadline,
                           NULL);
    }
    status = binding_connect(&b->transport, &b->target, deadline);
    if (!status.v)
        status = channel_open(&b->channel, b->transport, &samr_interface, NULL, deadline);
    if (!status.v)
        target_identify(&b->target); /* an embedded database may just have been made */
    return status;
}

static struct net_status open_binding(struct binding **out, const struct target *target,
                                      const struct credentials *c, int64_t deadline)
{
    struct binding *b = calloc(1, sizeof(*b));
    struct net_status status;

    if (!b)
        return NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    b->target = *target;
    status = open_channel(b, c, deadline);
    if (status.v)
        free(b);
    else
        *out = b;
    return status;
}

struct net_status binding_get(struct binding **out, const struct target *target,
                              const struct credentials *credentials, bool fresh, int64_t deadline)
{
    struct binding *stale = NULL, *b = NULL;

    *out = NULL;
    pthread_once(&fork_once, watch_fork);
    if (!fresh)
        b = take_living(target, credentials, &stale);
    close_all(stale);
    if (!b)
        return open_binding(out, target, credentials, deadline);
    b->reused = true;
    b->next = NULL;
    *out = b;
    return NET_STATUS(NERR_Success);
}

/* Further lanes */

void binding_widen(struct binding *b, size_t count, int64_t deadline)
{
    struct binding **at = &b->lanes;

    for (size_t i = 0; i < count; i++, at = &(*at)->next) {
        struct binding *lane;

        if (*at)
            continue;
        if (!b->transport->ops->another)
            return;
        lane = calloc(1, sizeof(*lane));
        if (!lane)
            return;
        if (b->transport->ops->another(b->transport, &lane->transport) ||
            channel_open_begin(&lane->channel, lane->transport, channel_interface(b->channel), deadline).v) {
            free(lane);
            return;
        }
        *at = lane;
    }
}

void binding_narrow(struct binding *b, bool (*wanted)(const struct binding *lane, void *context),
                    void *context)
{
    for (struct binding **at = &b->lanes; *at;) {
        struct binding *lane = *at;

        if (wanted(lane, context)) {
            at = &lane->next;
            continue;
        }
        *at = lane->next;
        lane->next = NULL;
        close_all(lane);
    }
}

bool binding_is_dead(const struct binding *b)
{
    return channel_is_dead(b->channel) ||
           (b->transport->ops->check && b->transport->ops->check(b->transport) != 0);
}

bool binding_has_dead_lane(const struct binding *b)
{
    for (const struct binding *lane = b->lanes; lane; lane = lane->next)
        if (channel_is_dead(lane->channel))
            return true;
    return false;
}

void binding_put(struct binding *b)
{
    struct binding *surplus = NULL;

    if (!b)
        return;
    if (channel_is_dead(b->channel) || binding_has_dead_lane(b)) {
        close_all(b);
        return;
    }
    b->idle_since = transport_now();
    pthread_mutex_lock(&cache.lock);
    b->next = cache.idle;
    cache.idle = b;
    if (++cache.count > BINDING_IDLE_MAX) {
        struct binding **last = &cache.idle;

        while ((*last)->next)
            last = &(*last)->next;
        surplus = *last;
        *last = NULL;
        cache.count--;
    }
    pthread_mutex_unlock(&cache.lock);
    close_all(surplus);
}

struct net_status remote_verify(const uint16_t *server, const struct credentials *c)
{
    struct binding *b;
    struct target target;
    struct net_status status = target_resolve(&target, server);

    if (status.v || target.kind != TARGET_REMOTE)
        return status;
    status = binding_get(&b, &target, c, true, call_deadline());
    if (!status.v)
        binding_put(b);
    return status;
}
