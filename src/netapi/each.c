/* SPDX-License-Identifier: MIT */
/*
 * Objects by the window: see each.h.
 *
 * Invariant: an object that was begun has requests under way, or its step runs, or it has ended. At most
 * EACH_WINDOW are under way on a connection, and at most one chunk has begun: memory does not grow with their
 * number. When each_run() returns nothing is under way any more.
 */
#include "netapi/each.h"

#include <stdlib.h>
#include <string.h>

#include <lmerr.h>
#include <windows.h>

struct chain { /* the steps of one object */
    size_t object;
    unsigned stage, under_way;
    bool used, broken; /* broken: the runtime failed for one of its requests: no further step */
};

struct request {
    struct chain *chain;
    void *params;
    int32_t *result;
    uint32_t call;
    bool changes;
};

struct lane {         /* what is under way on one connection */
    struct call call; /* first: what callbacks get */
    struct run *run;
    struct chain *current; /* whose step runs */
    struct chain chains[EACH_WINDOW];
    struct request requests[EACH_WINDOW * EACH_TOGETHER]; /* in the order in which they were begun */
    size_t used, request_count;
};

struct run {
    const struct each *each;
    void *context;
    uint8_t *objects;   /* of the chunk */
    size_t first, next; /* of the chunk; to begin */
    size_t failed;      /* the first object in order that failed, with: */
    struct nt_status status;
    bool stopped;
    int64_t deadline; /* of the next answer */
    struct lane lane;
};

static void *object_of(const struct run *r, size_t i)
{
    return r->each->object_len ? r->objects + (i - r->first) * r->each->object_len : NULL;
}

/* A step has had its say. */
static void judge(struct lane *l, size_t object, struct nt_status s)
{
    struct run *r = l->run;

    if (!nt_success(s) && (nt_success(r->status) || object < r->failed)) {
        r->status = s;
        r->failed = object;
    }
    if (!nt_success(s) || l->call.failure.v)
        r->stopped = true;
}

static void advance(struct lane *l, struct chain *chain)
{
    const struct each *each = l->run->each;
    void *object = object_of(l->run, chain->object);

    if (!chain->broken) {
        l->current = chain;
        judge(l, chain->object, each->step(&l->call, object, chain->object, chain->stage++, l->run->context));
        l->current = NULL;
    }
    if (chain->under_way)
        return;
    if (each->end)
        each->end(&l->call, object, chain->object, l->run->context);
    chain->used = false;
    l->used--;
}

static void begin_object(struct lane *l, size_t object)
{
    struct chain *chain = l->chains;

    while (chain->used)
        chain++;
    *chain = (struct chain){.object = object, .used = true};
    l->used++;
    advance(l, chain);
}

void each_request(struct call *c, uint16_t opnum, void *params, int32_t *result, bool changes)
{
    struct lane *l = (struct lane *)c;
    struct request q = {.chain = l->current, .params = params, .result = result, .changes = changes};
    int64_t deadline = call_deadline();
    struct net_status status;

    *result = (int32_t)EACH_NOT_DONE;
    q.chain->broken = true;
    if (l->run->stopped || c->failure.v)
        return;
    if (!l->request_count)
        l->run->deadline = deadline;
    status = l->request_count == sizeof(l->requests) / sizeof(l->requests[0])
                 ? NET_STATUS(RPC_S_OUT_OF_RESOURCES)
                 : channel_begin(c->binding->channel, opnum, params, &q.call, deadline);
    c->failure = status;
    if (status.v && (status.v == RPC_S_CALL_FAILED_DNE || !channel_is_dead(c->binding->channel)))
        return; /* it never left */
    *result = (int32_t)EACH_UNKNOWN;
    if (status.v) {
        c->changing |= changes;
        return;
    }
    q.chain->broken = false;
    q.chain->under_way++;
    l->requests[l->request_count++] = q;
}

static void finish_request(struct lane *l, size_t i)
{
    struct request q = l->requests[i];
    struct run *r = l->run;
    struct net_status status;

    l->request_count--;
    memmove(&l->requests[i], &l->requests[i + 1], (l->request_count - i) * sizeof(q));
    status = channel_finish(l->call.binding->channel, q.call, q.params, &l->call.arena, r->deadline);
    l->call.changing |= q.changes && status.v != RPC_S_CALL_FAILED_DNE;
    if (status.v) { /* a reply that is not legal may have written to the result */
        *q.result = (int32_t)(status.v == RPC_S_CALL_FAILED_DNE ? EACH_NOT_DONE : EACH_UNKNOWN);
        q.chain->broken = true;
        r->stopped = true;
        if (!l->call.failure.v)
            l->call.failure = status;
    }
    if (--q.chain->under_way == 0)
        advance(l, q.chain);
    r->deadline = call_deadline();
}

/* All answers that are there. False: there were none. */
static bool take_answers(struct lane *l)
{
    bool any = false;

    for (size_t i = 0; i < l->request_count;)
        if (channel_is_answered(l->call.binding->channel, l->requests[i].call)) {
            finish_request(l, i);
            any = true;
        } else {
            i++;
        }
    return any;
}

static void wait_for_answer(struct lane *l)
{
    struct net_status status = channel_receive(l->call.binding->channel, l->run->deadline);

    if (status.v && !l->call.failure.v)
        l->call.failure = status;
}

static void run_chunk(struct run *r, size_t end)
{
    struct lane *l = &r->lane;

    for (;;) {
        while (!r->stopped && r->next < end && l->used < EACH_WINDOW)
            begin_object(l, r->next++);
        if (!take_answers(l)) {
            if (!l->request_count)
                return;
            wait_for_answer(l);
        }
    }
}

/* False: no further chunk. */
static bool hand_out(struct run *r, size_t end)
{
    for (size_t i = r->first; !r->stopped && i < end; i++)
        if (r->each->done && !r->each->done(&r->lane.call, object_of(r, i), i, r->context))
            r->stopped = true;
    return !r->stopped;
}

static void run_all(struct run *r, size_t count, size_t chunk)
{
    bool more = true;

    while (more && r->first < count) {
        size_t end = count - r->first < chunk ? count : r->first + chunk;

        if (r->each->object_len)
            memset(r->objects, 0, chunk * r->each->object_len);
        run_chunk(r, end);
        more = hand_out(r, end);
        arena_reset(&r->lane.call.arena);
        r->first = end;
    }
}

struct nt_status each_run(struct call *c, const struct each *each, size_t count, void *context)
{
    size_t chunk = each->chunk && each->chunk < EACH_CHUNK ? each->chunk : EACH_CHUNK;
    struct nt_status s;
    struct run *r;

    if (c->failure.v)
        return NT(STATUS_UNSUCCESSFUL);
    chunk = count < chunk ? count : chunk;
    r = calloc(1, sizeof(*r));
    if (r && each->object_len && chunk)
        r->objects = calloc(chunk, each->object_len);
    if (!r || (each->object_len && chunk && !r->objects)) {
        free(r);
        return call_fail_memory(c);
    }
    r->each = each;
    r->context = context;
    r->lane.run = r;
    r->lane.call = (struct call){.binding = c->binding, .credentials = c->credentials};
    arena_init(&r->lane.call.arena, CALL_MEMORY_MAX);
    /* room for answers while nothing has changed that a lack of it would leave half done */
    if (arena_alloc(&r->lane.call.arena, 1, 1))
        run_all(r, count, chunk);
    else
        call_fail_memory(&r->lane.call);
    c->failure = r->lane.call.failure;
    c->changing |= r->lane.call.changing;
    s = c->failure.v ? NT(STATUS_UNSUCCESSFUL) : r->status;
    arena_deinit(&r->lane.call.arena);
    free(r->objects);
    free(r);
    return s;
}
