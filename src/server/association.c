/* SPDX-License-Identifier: MIT */
/*
 * Associations: bytes of one client in, calls carried out, bytes out.
 *
 * Invariant: what is held for a client is bounded by rpc/server.h (input, requests, output), CONTEXT_MAX for
 * its association group, and the answers to at most `max_calls` requests that wait for a commit. All of it
 * goes with the association, handles with the last one of the group. A call is carried out after all that
 * came before it, also when one of them was put off.
 */
#include "server/association.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/dispatch.h"

/* Strangers talk to the mapper: questions are short. */
#define MAPPER_ADDRESS "135"
#define MAPPER_FRAGMENT_LEN 5840
#define MAPPER_STUB_LEN 8192

static int make(struct association **out, struct server *s, enum association_kind kind,
                const struct caller *caller, struct rpc_server_config config)
{
    struct association *a = calloc(1, sizeof(*a));
    int r;

    *out = NULL;
    if (!a)
        return -ENOMEM;
    a->server = s;
    a->kind = kind;
    a->unknown = config.acceptor != NULL;
    a->caller = *caller;
    if (config.secondary_address)
        snprintf(a->endpoint, sizeof(a->endpoint), "%s", config.secondary_address);
    r = association_group_new(a);
    if (!r) {
        config.assoc_group = a->group->id;
        config.join = association_group_ask;
        config.join_data = a;
        r = rpc_server_new(&a->rpc, &config);
    }
    if (r) {
        association_group_leave(a);
        free(a);
        return r;
    }
    *out = a;
    return 0;
}

int association_new(struct association **out, struct server *s, const struct caller *caller)
{
    return make(out, s, ASSOCIATION_LOCAL, caller,
                (struct rpc_server_config){.interfaces = dispatch_bindable,
                                           .max_fragment = SERVER_FRAGMENT_LEN,
                                           .max_stub = SERVER_STUB_LEN});
}

int association_new_remote(struct association **out, struct server *s, const char *secondary_address)
{
    return make(out, s, ASSOCIATION_REMOTE, &(struct caller){.barred = true},
                (struct rpc_server_config){.interfaces = dispatch_bindable,
                                           .max_stub = SERVER_STUB_LEN,
                                           .secondary_address = secondary_address,
                                           .acceptor = s->acceptor,
                                           .min_level = s->remote.min_level});
}

int association_new_mapper(struct association **out, struct server *s, uint16_t port)
{
    int r = make(out, s, ASSOCIATION_MAPPER, &(struct caller){0},
                 (struct rpc_server_config){.interfaces = dispatch_mapper,
                                            .secondary_address = MAPPER_ADDRESS,
                                            .max_fragment = MAPPER_FRAGMENT_LEN,
                                            .max_stub = MAPPER_STUB_LEN});

    if (!r)
        (*out)->samr_port = port;
    return r;
}

const struct auth_peer *association_peer(const struct association *a)
{
    return rpc_server_peer(a->rpc);
}

int association_auth_result(const struct association *a)
{
    return rpc_server_auth_result(a->rpc);
}

static void drop_held(struct association *a)
{
    struct server *s = a->server;

    if (!a->held)
        return;
    for (struct association **p = &s->holders; *p; p = &(*p)->next_holder)
        if (*p == a) {
            *p = a->next_holder;
            break;
        }
    while (a->held) {
        struct held *next = a->held->next;

        s->held_len -= a->held->stub_len + a->held->failure_len;
        if (a->held->opened) /* nobody will ever know it */
            context_close(&a->group->contexts, &a->held->context.uuid);
        free(a->held);
        a->held = next;
    }
}

static void put_off(struct association *a)
{
    struct server *s = a->server;

    if (!s->waiters)
        s->waiters_end = &s->waiters;
    a->waits_since = transport_now();
    a->next_waiter = NULL;
    *s->waiters_end = a;
    s->waiters_end = &a->next_waiter;
    s->waiting++;
}

static void no_longer_put_off(struct association *a)
{
    struct server *s = a->server;
    struct association **p = &s->waiters;

    if (!a->waits_since)
        return;
    while (*p != a)
        p = &(*p)->next_waiter;
    *p = a->next_waiter;
    if (s->waiters_end == &a->next_waiter)
        s->waiters_end = p;
    a->waits_since = 0;
    s->waiting--;
}

void association_free(struct association *a)
{
    if (!a)
        return;
    no_longer_put_off(a);
    server_leave_queue(a->server);
    drop_held(a);
    association_group_leave(a);
    rpc_server_free(a->rpc);
    free(a);
}

/* The request that was taken last. */
static void run(struct association *a, bool last)
{
    int r = dispatch_run(a, &a->request, last);

    if (r == DISPATCH_E_LOCKED)
        put_off(a);
    else if (r)
        a->error = r;
    if (a->server->held_len > SERVER_HELD_LEN)
        server_commit_early(a->server);
}

/* The first call of one who is not whom the association group belongs to. */
static void refuse(struct association *a)
{
    int r = rpc_server_refuse(a->rpc, &a->request, (struct rpc_fault){FAULT_ACCESS_DENIED});

    a->error = r ? r : RPC_E_PROTOCOL;
}

/* What comes as far as here is authenticated; in doubt the client stays barred. */
static bool identify(struct association *a)
{
    struct server *s = a->server;

    while (sam_in_transaction(s->sam)) /* what is read now has to be true tomorrow */
        server_commit_early(s);
    remote_identify(s, rpc_server_peer(a->rpc), &a->caller);
    a->unknown = false;
    return association_group_join(a);
}

void association_run(struct association *a)
{
    while (!a->error && !a->waits_since && rpc_server_next(a->rpc, &a->request)) {
        a->calls++;
        if (a->unknown && !identify(a)) {
            refuse(a);
            return;
        }
        run(a, false);
    }
}

void association_resume(struct association *a, bool last)
{
    no_longer_put_off(a);
    if (rpc_server_unwanted(a->rpc, &a->request)) /* nothing was done for it yet */
        a->error = rpc_server_refuse(a->rpc, &a->request, (struct rpc_fault){FAULT_CANCELLED});
    else
        run(a, last);
    association_run(a);
}

int association_input(struct association *a, const void *data, size_t len)
{
    int r = rpc_server_input(a->rpc, data, len);

    if (r < 0)
        a->error = r;
    if (a->waits_since && rpc_server_unwanted(a->rpc, &a->request)) {
        association_resume(a, false); /* which refuses it */
        server_leave_queue(a->server);
    } else {
        association_run(a);
    }
    return association_status(a);
}

/* Also while a call is put off more is read: it may be a cancel. */
bool association_full(const struct association *a)
{
    return rpc_server_full(a->rpc);
}

int association_status(const struct association *a)
{
    if (a->waits_since)
        return 0; /* first the answer */
    return a->error ? a->error : rpc_server_status(a->rpc);
}

bool association_waits(const struct association *a)
{
    return a->waits_since != 0;
}

bool association_partial(const struct association *a)
{
    return rpc_server_partial(a->rpc);
}

uint32_t association_calls(const struct association *a)
{
    return a->calls;
}

const uint8_t *association_output(struct association *a, size_t *len)
{
    return rpc_server_output(a->rpc, len);
}

void association_sent(struct association *a, size_t len)
{
    rpc_server_sent(a->rpc, len);
    association_run(a);
}
