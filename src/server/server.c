/* SPDX-License-Identifier: MIT */
/*
 * What the associations share: the database, and the commit of a batch of calls.
 *
 * Invariant: while the database is in a transaction, every answer that reports one of its changes or may have
 * seen one is held. After server_commit either all of it is durable and the answers are given, or none of it
 * has happened, all held answers are failures, and the handles are what they were before.
 */
#include "server/server.h"

#include <stdlib.h>

static struct nt_status read_sids(struct server *s)
{
    struct nt_status status = NT(STATUS_SUCCESS);

    for (int d = 0; d < SAM_DOMAIN_COUNT && nt_success(status); d++) {
        struct sam_domain_info info;

        status = sam_domain_get(s->sam, (enum sam_domain)d, &s->arena, &info);
        if (nt_success(status))
            s->sids[d] = info.sid;
    }
    arena_reset(&s->arena);
    return status;
}

struct nt_status server_open(struct server **out, const struct server_config *config)
{
    struct server *s = calloc(1, sizeof(*s));
    struct nt_status status;

    *out = NULL;
    if (!s)
        return NT(STATUS_NO_MEMORY);
    s->batch = config->batch;
    s->patient = config->patient || !config->batch;
    arena_init(&s->arena, SERVER_CALL_MEMORY);
    writer_init(&s->reply, SERVER_REPLY_LEN);
    writer_init(&s->failure, SERVER_REPLY_LEN);
    status = sam_open_until(&s->sam, config->database, config->create, config->deadline);
    if (nt_success(status))
        status = read_sids(s);
    if (!nt_success(status)) {
        server_close(s);
        return status;
    }
    *out = s;
    return status;
}

void server_close(struct server *s)
{
    if (!s)
        return;
    if (s->sam)
        sam_close(s->sam);
    auth_acceptor_free(s->acceptor);
    arena_deinit(&s->arena);
    writer_deinit(&s->reply);
    writer_deinit(&s->failure);
    free(s);
}

void server_set_deadline(struct server *s, int64_t deadline)
{
    sam_set_deadline(s->sam, deadline);
}

bool server_needs_commit(const struct server *s)
{
    return s->holders || sam_in_transaction(s->sam) || !nt_success(s->unreported);
}

bool server_waits(const struct server *s)
{
    return s->waiters;
}

/* Those that go on may be put off again with their next calls; these are for the next time. */
void server_resume(struct server *s, bool give_up)
{
    int64_t oldest = transport_now() - SERVER_WAIT;
    bool locked = s->waiting && nt_is(sam_try_begin(s->sam), NT_STATUS_FILE_LOCK_CONFLICT);

    for (size_t left = s->waiting; left; left--) {
        bool last = give_up || s->waiters->waits_since < oldest;

        if (locked && !last)
            break;
        association_resume(s->waiters, last);
    }
    server_leave_queue(s);
}

void server_leave_queue(struct server *s)
{
    if (!s->waiting && !sam_in_transaction(s->sam))
        sam_rollback(s->sam);
}

/* Take back what a failed call did to the handles. */
static void undo_handles(struct association *a, const struct held *h)
{
    if (h->opened)
        context_close(&a->group->contexts, &h->context.uuid);
    if (h->closed)
        context_reopen(&a->group->contexts, &h->context);
}

static int give(struct association *a, struct held *h, struct nt_status committed)
{
    uint8_t *failure = h->stubs + h->stub_len;

    if (nt_success(committed))
        return h->fault.v ? rpc_server_fault(a->rpc, &h->request, h->fault)
                          : rpc_server_reply(a->rpc, &h->request, h->stubs, h->stub_len);
    if (h->failure_len < 4)
        return rpc_server_fault(a->rpc, &h->request, (struct rpc_fault){FAULT_NO_MEMORY});
    for (int i = 0; i < 4; i++)
        failure[h->failure_len - 4 + (size_t)i] = (uint8_t)(committed.v >> 8 * i);
    return rpc_server_reply(a->rpc, &h->request, failure, h->failure_len);
}

static void give_all(struct association *a, struct nt_status committed)
{
    struct held *h = a->held, *next;

    a->held = NULL;
    for (; h; h = next) {
        int r = give(a, h, committed);

        next = h->next;
        if (!nt_success(committed))
            undo_handles(a, h);
        if (r && !a->error)
            a->error = r;
        a->server->held_len -= h->stub_len + h->failure_len;
        free(h);
    }
}

static struct nt_status commit(struct server *s)
{
    struct association *a = s->holders, *next;
    struct nt_status status = NT(STATUS_SUCCESS);

    if (sam_in_transaction(s->sam))
        status = sam_commit(s->sam);
    s->holders = NULL;
    for (struct association *each = a; each; each = each->next_holder)
        give_all(each, status);
    for (; a; a = next) {
        size_t output_len;

        next = a->next_holder;
        a->next_holder = NULL;
        association_output(a, &output_len);
        if (!output_len) /* all callers were gone: nothing will be sent, after which it would go on */
            association_run(a);
    }
    return status;
}

struct nt_status server_commit(struct server *s)
{
    struct nt_status status = commit(s);

    if (nt_success(status))
        status = s->unreported;
    s->unreported = NT(STATUS_SUCCESS);
    return status;
}

void server_commit_early(struct server *s)
{
    struct nt_status status = commit(s);

    if (!nt_success(status))
        s->unreported = status;
}
