/* SPDX-License-Identifier: MIT */
/*
 * Objects by the window: see each.h.
 *
 * Invariant: an object that was begun has requests under way, or its step runs, or it has ended. At most
 * EACH_WINDOW are under way on a connection, and at most one chunk has begun: memory does not grow with their
 * number. When each_run() returns nothing is under way any more, but for closes that were posted.
 */
#include "netapi/each.h"

#include <stdlib.h>
#include <string.h>

#include <lmerr.h>
#include <windows.h>

#include "netapi/accounts.h"

/* A pipe has half as many READs under way (transport/named_pipe.c): so both ends always have something to do.
 */
#define PIPE_WINDOW 32
/* So many objects make a further pipe worth its opening, which takes about four round trips: where requests
 * go one by one, and else. */
#define LANE_PAYS_SINGLE 4
#define LANE_PAYS 32

struct chain { /* the steps of one object, or of a lane that joins */
    const struct each *each;
    void *object, *context;
    size_t index;
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

enum lane_state { LANE_OPENING, LANE_JOINING, LANE_READY, LANE_LOST };

struct lane {         /* what is under way on one connection */
    struct call call; /* first: what callbacks get */
    struct run *run;
    enum lane_state state;
    unsigned joins; /* done, or begun */
    void *join, *joined;
    size_t window;
    struct chain *current; /* whose step runs */
    struct chain chains[EACH_WINDOW];
    struct request requests[EACH_WINDOW * EACH_TOGETHER]; /* in the order in which they were begun */
    size_t used, request_count;
};

struct run {
    const struct each *each;
    void *context;
    uint8_t *objects;          /* of the chunk */
    size_t first, next, begun; /* of the chunk; to begin; under way */
    size_t failed;             /* the first object in order that failed, with: */
    struct nt_status status;
    struct net_status failure; /* of the runtime, the first */
    bool stopped;
    int64_t deadline; /* of the next answer */
    struct lane *lanes[EACH_LANES];
    size_t lane_count;
};

void *each_joined(const struct call *c)
{
    return ((const struct lane *)c)->joined;
}

/* ---- Steps ---- */

static void fail(struct run *r, struct net_status failure)
{
    r->stopped = true;
    if (!r->failure.v)
        r->failure = failure;
}

/* A step has had its say. */
static void judge(struct lane *l, const struct chain *chain, struct nt_status s)
{
    struct run *r = l->run;

    if (l->state != LANE_READY) {
        if (!nt_success(s) || l->call.failure.v || chain->broken)
            l->state = LANE_LOST;
        return;
    }
    if (!nt_success(s) && (nt_success(r->status) || chain->index < r->failed)) {
        r->status = s;
        r->failed = chain->index;
    }
    if (l->call.failure.v)
        fail(r, l->call.failure);
    else if (!nt_success(s))
        r->stopped = true;
}

static void join_on(struct lane *l);

static void advance(struct lane *l, struct chain *chain)
{
    if (!chain->broken) {
        l->current = chain;
        judge(l, chain,
              chain->each->step(&l->call, chain->object, chain->index, chain->stage++, chain->context));
        l->current = NULL;
    }
    if (chain->under_way)
        return;
    chain->used = false;
    l->used--;
    if (l->state == LANE_READY) {
        if (chain->each->end)
            chain->each->end(&l->call, chain->object, chain->index, chain->context);
        l->run->begun--;
    } else if (chain->broken) {
        l->state = LANE_LOST;
    } else if (l->state == LANE_JOINING) {
        join_on(l);
    }
}

static void begin(struct lane *l, struct chain what)
{
    struct chain *chain = l->chains;

    while (chain->used)
        chain++;
    *chain = what;
    chain->used = true;
    l->used++;
    advance(l, chain);
}

static void begin_object(struct lane *l)
{
    struct run *r = l->run;
    size_t i = r->next++;
    void *object = r->each->object_len ? r->objects + (i - r->first) * r->each->object_len : NULL;

    r->begun++;
    begin(l, (struct chain){.each = r->each, .object = object, .context = r->context, .index = i});
}

/* The next thing that a further connection needs before objects. */
static void join_on(struct lane *l)
{
    const struct run *r = l->run;
    const struct binding *own = r->lanes[0]->call.binding;

    l->state = LANE_JOINING;
    if (l->joins++ == 0)
        begin(l,
              (struct chain){.each = &accounts_join, .object = l->join, .context = (void *)(uintptr_t)own});
    else if (l->joins == 2 && r->each->join)
        begin(l, (struct chain){.each = r->each->join, .object = l->joined, .context = r->context});
    else
        l->state = LANE_READY;
}

/* ---- Requests ---- */

void each_request(struct call *c, uint16_t opnum, void *params, int32_t *result, bool changes)
{
    struct lane *l = (struct lane *)c;
    struct request q = {.chain = l->current, .params = params, .result = result, .changes = changes};
    struct net_status status;

    *result = (int32_t)EACH_NOT_DONE;
    q.chain->broken = true;
    if (l->run->stopped || c->failure.v)
        return;
    status = l->request_count == sizeof(l->requests) / sizeof(l->requests[0])
                 ? NET_STATUS(RPC_S_OUT_OF_RESOURCES)
                 : channel_queue(c->binding->channel, opnum, params, &q.call);
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
        if (!l->call.failure.v)
            l->call.failure = status;
        if (l->state == LANE_READY)
            fail(r, status);
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

static void wait_for_answer(struct run *r)
{
    struct channel *channels[EACH_LANES];

    for (size_t i = 0; i < r->lane_count; i++)
        channels[i] = r->lanes[i]->state == LANE_LOST ? NULL : r->lanes[i]->call.binding->channel;
    /* a failure is told by the requests that it hits */
    channel_receive_any(channels, r->lane_count, r->deadline);
    for (size_t i = 1; i < r->lane_count; i++) {
        struct lane *l = r->lanes[i];

        if (l->state != LANE_OPENING)
            continue;
        if (channel_is_dead(channels[i]))
            l->state = LANE_LOST;
        else if (channel_is_open(channels[i]))
            join_on(l);
    }
}

/* ---- Chunks ---- */

static size_t window_of(const struct binding *b)
{
    if (!channel_multiplexes(b->channel))
        return 1;
    return b->transport->ops->another ? PIPE_WINDOW : EACH_WINDOW;
}

static void begin_objects(struct run *r, size_t end)
{
    for (size_t i = 0; i < r->lane_count; i++) {
        struct lane *l = r->lanes[i];

        if (l->state == LANE_READY && !l->window)
            l->window = window_of(l->call.binding);
        while (l->state == LANE_READY && !r->stopped && r->next < end && l->used < l->window)
            begin_object(l);
    }
}

static void run_chunk(struct run *r, size_t end)
{
    r->deadline = call_deadline();
    for (;;) {
        bool any = false;

        begin_objects(r, end);
        for (size_t i = 0; i < r->lane_count; i++)
            any |= take_answers(r->lanes[i]);
        if (any)
            continue;
        if (!r->begun && (r->stopped || r->next == end))
            return;
        wait_for_answer(r);
    }
}

/* False: no further chunk. */
static bool hand_out(struct run *r, size_t end)
{
    struct call *c = &r->lanes[0]->call;

    for (size_t i = r->first; r->each->done && !r->stopped && i < end; i++)
        if (!r->each->done(c, r->objects ? r->objects + (i - r->first) * r->each->object_len : NULL, i,
                           r->context))
            r->stopped = true;
    if (c->failure.v)
        fail(r, c->failure);
    return !r->stopped;
}

static void run_all(struct run *r, size_t count, size_t chunk)
{
    bool more = true;

    while (more && r->first < count) {
        size_t end = count - r->first < chunk ? count : r->first + chunk;

        if (r->objects)
            memset(r->objects, 0, chunk * r->each->object_len);
        run_chunk(r, end);
        more = hand_out(r, end);
        for (size_t i = 0; i < r->lane_count; i++)
            if (r->lanes[i]->state == LANE_READY)
                arena_reset(&r->lanes[i]->call.arena);
        r->first = end;
    }
}

/* ---- Lanes ---- */

static void free_lane(struct lane *l, const struct run *r)
{
    if (l->joined != r->each->joined)
        free(l->joined);
    free(l->join);
    arena_deinit(&l->call.arena);
    free(l);
}

/* False: no memory. */
static bool add_lane(struct run *r, struct binding *binding, const struct credentials *credentials)
{
    const struct each *join = r->each->join;
    bool own = r->lane_count == 0;
    struct lane *l = calloc(1, sizeof(*l));

    if (!l)
        return false;
    l->run = r;
    l->call = (struct call){.binding = binding, .credentials = credentials};
    l->state = own ? LANE_READY : LANE_OPENING;
    arena_init(&l->call.arena, CALL_MEMORY_MAX);
    l->joined = own ? r->each->joined : join && join->object_len ? calloc(1, join->object_len) : NULL;
    l->join = own ? NULL : calloc(1, accounts_join.object_len);
    /* room for answers while nothing has changed that a lack of it would leave half done */
    if (!arena_alloc(&l->call.arena, 1, 1) ||
        (!own && (!l->join || (join && join->object_len && !l->joined)))) {
        free_lane(l, r);
        return false;
    }
    r->lanes[r->lane_count++] = l;
    return true;
}

/* How many connections suit so many objects. */
static size_t lanes_for(const struct run *r, size_t count)
{
    bool multiplexes = channel_multiplexes(r->lanes[0]->call.binding->channel);
    size_t lanes = count / (multiplexes ? LANE_PAYS : LANE_PAYS_SINGLE);

    if (lanes < 1 || (multiplexes && r->each->changes))
        return 1;
    return lanes < EACH_LANES ? lanes : EACH_LANES;
}

static void add_lanes(struct run *r, size_t count)
{
    struct binding *own = r->lanes[0]->call.binding;
    size_t wanted = lanes_for(r, count);

    binding_widen(own, wanted - 1, call_deadline());
    for (struct binding *b = own->lanes; b && r->lane_count < wanted; b = b->next) {
        if (!add_lane(r, b, r->lanes[0]->call.credentials))
            return;
        if (channel_is_open(b->channel))
            join_on(r->lanes[r->lane_count - 1]);
    }
}

/* A lane that is not ready by now serves nobody; one that has died tells call_run() something. */
static bool is_wanted(const struct binding *b, void *context)
{
    const struct run *r = context;

    for (size_t i = 1; i < r->lane_count; i++)
        if (r->lanes[i]->call.binding == b)
            return r->lanes[i]->state == LANE_READY;
    return true;
}

static void end_lanes(struct run *r)
{
    const struct each *join = r->each->join;

    for (size_t i = 0; i < r->lane_count; i++)
        if (r->lanes[i]->state == LANE_READY && join && join->end)
            join->end(&r->lanes[i]->call, r->lanes[i]->joined, 0, r->context);
    if (r->lane_count > 1)
        binding_narrow(r->lanes[0]->call.binding, is_wanted, r);
}

static void run_lanes(struct run *r, struct call *c, size_t count)
{
    size_t chunk = r->each->chunk && r->each->chunk < EACH_CHUNK ? r->each->chunk : EACH_CHUNK;

    chunk = count < chunk ? count : chunk;
    if (r->each->object_len && chunk)
        r->objects = calloc(chunk, r->each->object_len);
    if ((r->each->object_len && chunk && !r->objects) || !add_lane(r, c->binding, c->credentials)) {
        call_fail_memory(c);
        return;
    }
    add_lanes(r, count);
    run_all(r, count, chunk);
    end_lanes(r);
    c->failure = r->failure;
    for (size_t i = 0; i < r->lane_count; i++)
        c->changing |= r->lanes[i]->call.changing;
}

struct nt_status each_run(struct call *c, const struct each *each, size_t count, void *context)
{
    struct run r = {.each = each, .context = context};

    if (c->failure.v)
        return NT(STATUS_UNSUCCESSFUL);
    run_lanes(&r, c, count);
    for (size_t i = 0; i < r.lane_count; i++)
        free_lane(r.lanes[i], &r);
    free(r.objects);
    return c->failure.v ? NT(STATUS_UNSUCCESSFUL) : r.status;
}
