/* SPDX-License-Identifier: MIT */
/* Objects by the window, against a server that answers when and in which order the test wants. (Linked with
 * --wrap for the functions that allocate.) */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include "../../tests/failing_allocation.h"
#include "client/test_double.h"
#include "netapi/each.h"
#include "rpc/pdu.h"
#include "rpc/server.h"

static const struct ndr_interface *const interfaces[] = {&double_interface, NULL};

/* --- the server: one peer for each connection to it --- */

enum order { OLDEST_FIRST, NEWEST_FIRST, MIDDLE_FIRST };
enum { PEERS_MAX = 40 };

static struct how {
    bool single; /* takes no requests while another is under way */
    enum order order;
    int32_t refused, faulted, garbled, vanish; /* values that get that for an answer; 0: none */
    unsigned mute;     /* answers nothing any more once it has carried out so many; 0: never */
    unsigned pipes;    /* further connections that it takes; 0: it knows no such thing */
    unsigned deaf;     /* the number of a connection that gets no answer to its bind; 0: none */
    unsigned hangs_up; /* ... that is closed instead */
} how;

static struct peer {
    struct transport transport;
    struct rpc_server *server;
    struct rpc_request waiting[256];
    unsigned number, count, most; /* unanswered, and the most that ever were */
    unsigned calls;               /* carried out */
    bool open, gone;
} peers[PEERS_MAX];

static unsigned peer_count, open_count; /* made, not closed */
static unsigned calls_of_all;

static int32_t value_of(const struct rpc_request *q)
{
    struct Double_params p = {0};
    struct arena arena;
    size_t used;

    arena_init(&arena, 65536);
    assert_int_equal(
        ndr_decode(q->interface, q->opnum, NDR_F_IN, q->syntax, q->stub, q->stub_len, &arena, &p, &used), 0);
    arena_deinit(&arena);
    return p.Value;
}

static void answer(struct peer *peer, const struct rpc_request *q)
{
    struct Double_params p = {.Value = value_of(q)};
    uint8_t stub[8];
    struct writer w;

    p.Result = p.Value * 2;
    p.Return = p.Value == how.refused ? (int32_t)0xC0000022 : 0;
    writer_init_fixed(&w, stub, sizeof(stub));
    assert_int_equal(ndr_encode(q->interface, q->opnum, NDR_F_OUT, q->syntax, &p, &w), 0);
    peer->calls++;
    calls_of_all++;
    if (p.Value && p.Value == how.vanish)
        peer->gone = true;
    else if (p.Value && p.Value == how.faulted)
        rpc_server_fault(peer->server, q, (struct rpc_fault){5});
    else
        rpc_server_reply(peer->server, q, w.data, p.Value && p.Value == how.garbled ? 3 : w.len);
}

static int peer_send(struct transport *t, const void *data, size_t len, int64_t deadline)
{
    struct peer *peer = (struct peer *)t;
    struct rpc_request q;

    (void)deadline;
    if (peer->gone)
        return -EPIPE;
    if (rpc_server_input(peer->server, data, len))
        peer->gone = true;
    while (rpc_server_next(peer->server, &q)) {
        assert_true(peer->count < sizeof(peer->waiting) / sizeof(peer->waiting[0]));
        peer->waiting[peer->count++] = q;
        peer->most = peer->count > peer->most ? peer->count : peer->most;
    }
    return 0;
}

/* Carry out one request, if there is one. */
static bool peer_work(struct peer *peer)
{
    unsigned at = how.order == OLDEST_FIRST   ? 0
                  : how.order == NEWEST_FIRST ? peer->count - 1
                                              : peer->count / 2;

    if (!peer->open || !peer->count || peer->gone || (how.mute && calls_of_all == how.mute))
        return false;
    answer(peer, &peer->waiting[at]);
    peer->count--;
    memmove(&peer->waiting[at], &peer->waiting[at + 1], (peer->count - at) * sizeof(peer->waiting[0]));
    return true;
}

static const uint8_t *output_of(struct peer *peer, size_t *len)
{
    const uint8_t *out = rpc_server_output(peer->server, len);

    if (peer->number && peer->number == how.deaf)
        *len = 0;
    if (*len && how.single && out[2] == PDU_BIND_ACK)
        ((uint8_t *)(uintptr_t)out)[3] &= (uint8_t)~PDU_MULTIPLEX;
    return out;
}

static ssize_t peer_recv(struct transport *t, void *data, size_t len, int64_t deadline)
{
    struct peer *peer = (struct peer *)t;
    const uint8_t *out;
    size_t have;

    (void)deadline;
    out = output_of(peer, &have);
    if (!have && peer_work(peer))
        out = output_of(peer, &have);
    if (!have)
        return peer->gone ? 0 : -EPIPE;
    len = len < have ? len : have;
    memcpy(data, out, len);
    rpc_server_sent(peer->server, len);
    return (ssize_t)len;
}

static void peer_close(struct transport *t)
{
    struct peer *peer = (struct peer *)t;

    assert_true(peer->open);
    assert_true(peer->number || open_count == 1); /* the first one is the last to go */
    rpc_server_free(peer->server);
    peer->open = false;
    open_count--;
}

static int peer_another(struct transport *t, struct transport **out);

/* Waiting: any of them gets something done. */
static int peer_advance(struct transport *t, bool wait, int64_t deadline)
{
    struct peer *peer = (struct peer *)t;
    size_t have;

    (void)deadline;
    if (peer->gone || (peer->number && peer->number == how.hangs_up))
        return -EPIPE;
    output_of(peer, &have);
    if (!have && wait) {
        static unsigned turn;
        unsigned tried = 0;

        while (tried < peer_count && !peer_work(&peers[turn++ % peer_count]))
            tried++;
        if (tried == peer_count)
            return -ETIMEDOUT;
        output_of(peer, &have);
    }
    return have != 0;
}

static const struct transport_ops alone = {
    .name = "alone", .send = peer_send, .recv = peer_recv, .close = peer_close, .max_fragment = 5840};
static const struct transport_ops together = {.name = "together",
                                              .send = peer_send,
                                              .recv = peer_recv,
                                              .close = peer_close,
                                              .another = peer_another,
                                              .advance = peer_advance,
                                              .max_fragment = 5840};

static int make_peer(struct transport **out)
{
    struct rpc_server_config config = {.interfaces = interfaces, .assoc_group = 1, .max_calls = 256};
    struct peer *peer = &peers[peer_count];

    assert_true(peer_count < PEERS_MAX);
    *peer = (struct peer){.number = peer_count, .transport.ops = how.pipes ? &together : &alone};
    if (rpc_server_new(&peer->server, &config))
        return -ENOMEM;
    peer->open = true;
    peer_count++;
    open_count++;
    *out = &peer->transport;
    return 0;
}

static int peer_another(struct transport *t, struct transport **out)
{
    (void)t;
    return open_count > how.pipes ? -EBUSY : make_peer(out);
}

/* --- a function with many objects --- */

/* Three requests: Value; then 2 * Value and Value + 10000 together. */
struct look {
    struct Double_params first, second, third;
};

enum { LOOKED_MAX = 2000 };

static struct story {
    size_t begun, ended, handed; /* counts; handed: also the next to be handed out */
    size_t keep_to;              /* done() says enough after so many; 0: never */
    size_t chunk;
    bool changes, post;
    uint8_t ends[LOOKED_MAX];
    int32_t results[LOOKED_MAX][2];
} story;

static struct nt_status step(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    struct look *l = object;

    assert_ptr_equal(context, &story);
    if (stage == 0) {
        assert_int_equal(i, story.begun++);
        assert_int_equal(l->first.Value, 0);
        assert_true(story.begun - story.handed <= story.chunk);
        l->first.Value = (int32_t)i + 1;
        each_request(c, 0, &l->first, &l->first.Return, story.changes);
        return NT(STATUS_SUCCESS);
    }
    if (stage == 1) {
        assert_int_equal(l->first.Result, 2 * ((int32_t)i + 1));
        l->second.Value = l->first.Result;
        l->third.Value = l->first.Value + 10000;
        if (nt_success(NT_STATUS((uint32_t)l->first.Return)) && i % 7 != 3) { /* some need no more */
            each_request(c, 0, &l->second, &l->second.Return, false);
            each_request(c, 0, &l->third, &l->third.Return, false);
        }
        return NT_STATUS((uint32_t)l->first.Return);
    }
    assert_int_equal(stage, 2);
    return NT(STATUS_SUCCESS);
}

static void end(struct call *c, void *object, size_t i, void *context)
{
    const struct look *l = object;

    (void)context;
    assert_true(i < story.begun);
    assert_int_equal(story.ends[i]++, 0);
    story.results[i][0] = l->first.Return;
    story.results[i][1] = l->third.Return;
    story.ended++;
    if (story.post)
        call_post(c, 0, &(struct Double_params){.Value = -1});
}

static bool done(struct call *c, void *object, size_t i, void *context)
{
    const struct look *l = object;

    (void)context;
    assert_int_equal(i, story.handed++);
    if (i % 7 != 3) {
        assert_int_equal(l->second.Result, 4 * ((int32_t)i + 1));
        assert_int_equal(l->third.Result, 2 * ((int32_t)i + 10001));
    }
    if (!arena_alloc(&c->arena, 100, 8))
        call_fail_memory(c);
    return !c->failure.v && story.handed != story.keep_to;
}

static const struct each usual = {.object_len = sizeof(struct look), .step = step, .end = end, .done = done};

/* --- both together --- */

static struct binding binding;
static struct call call;

static void prepare(struct how so)
{
    how = so;
    peer_count = open_count = calls_of_all = 0;
    story = (struct story){.chunk = EACH_CHUNK};
    binding = (struct binding){0};
    assert_int_equal(make_peer(&binding.transport), 0);
    assert_int_equal(channel_open(&binding.channel, binding.transport, &double_interface, NULL, 0).v, 0);
    call = (struct call){.binding = &binding};
    arena_init(&call.arena, CALL_MEMORY_MAX);
}

static bool none(const struct binding *lane, void *context)
{
    (void)lane, (void)context;
    return false;
}

static void clean(void)
{
    arena_deinit(&call.arena);
    binding_narrow(&binding, none, NULL);
    channel_close(binding.channel);
    assert_int_equal(open_count, 0);
}

static unsigned requests_of(size_t count)
{
    unsigned requests = 0;

    for (size_t i = 0; i < count; i++)
        requests += i % 7 == 3 ? 1 : 3;
    return requests;
}

static void test_window(void **state)
{
    static const enum order orders[] = {OLDEST_FIRST, NEWEST_FIRST, MIDDLE_FIRST};
    static const size_t counts[] = {0, 1, 5, EACH_WINDOW, EACH_CHUNK, EACH_CHUNK + 1, LOOKED_MAX};

    (void)state;
    for (size_t o = 0; o < 3; o++)
        for (size_t n = 0; n < sizeof(counts) / sizeof(counts[0]); n++) {
            prepare((struct how){.order = orders[o]});
            assert_true(nt_success(each_run(&call, &usual, counts[n], &story)));
            assert_int_equal(call.failure.v, 0);
            assert_false(call.changing);
            assert_int_equal(story.begun, counts[n]);
            assert_int_equal(story.ended, counts[n]);
            assert_int_equal(story.handed, counts[n]);
            assert_int_equal(peers[0].calls, requests_of(counts[n]));
            assert_true(peers[0].most <= 2 * EACH_WINDOW);
            assert_true(peers[0].most >= (counts[n] < EACH_WINDOW ? counts[n] : EACH_WINDOW));
            clean();
        }
}

/* A server that takes one at a time gets one at a time. */
static void test_single(void **state)
{
    (void)state;
    prepare((struct how){.single = true});
    story.post = true;
    assert_true(nt_success(each_run(&call, &usual, 700, &story)));
    assert_int_equal(story.handed, 700);
    assert_int_equal(peers[0].most, 1);
    clean();
}

static void test_chunk(void **state)
{
    struct each small = usual;

    (void)state;
    small.chunk = 10;
    prepare((struct how){.order = NEWEST_FIRST});
    story.chunk = 10;
    story.keep_to = 34;
    story.post = true;
    assert_true(nt_success(each_run(&call, &small, 100, &story)));
    assert_int_equal(story.handed, 34);
    assert_int_equal(story.begun, 40);
    assert_int_equal(story.ended, 40);
    clean();
}

static void refused(void)
{
    struct nt_status s;

    story.changes = true;
    s = each_run(&call, &usual, 1000, &story);
    assert_int_equal(s.v, 0xC0000022);
    assert_int_equal(call.failure.v, 0);
    assert_true(call.changing);
    assert_int_equal(story.handed, 0);
    assert_in_range(story.begun, 41, how.order == OLDEST_FIRST ? 40 + EACH_WINDOW : EACH_CHUNK);
    assert_int_equal(story.ended, story.begun);
    for (size_t i = 0; i < story.begun; i++) /* all that was sent was waited for */
        assert_int_equal((uint32_t)story.results[i][0], i == 40 ? 0xC0000022 : 0);
}

/* One is refused while others are under way. */
static void test_refusal(void **state)
{
    (void)state;
    for (enum order order = OLDEST_FIRST; order <= MIDDLE_FIRST; order++) {
        prepare((struct how){.order = order, .refused = 41});
        refused();
        clean();
    }
}

/* The runtime fails for one: what became of the others is known as far as it can be. */
static void test_runtime(void **state)
{
    static const struct {
        struct how how;
        NET_API_STATUS failure;
        bool dead;
    } rows[] = {{{.faulted = 41}, ERROR_ACCESS_DENIED, false},
                {{.garbled = 41}, RPC_X_BAD_STUB_DATA, false},
                {{.vanish = 41}, RPC_S_CALL_FAILED, true},
                {{.vanish = 41, .single = true}, RPC_S_CALL_FAILED, true},
                {{.mute = 90}, RPC_S_CALL_FAILED, true}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t unknown = 0, fine = 0;

        prepare(rows[i].how);
        story.changes = true;
        assert_false(nt_success(each_run(&call, &usual, 1000, &story)));
        assert_int_equal(call.failure.v, rows[i].failure);
        assert_true(call.changing);
        assert_int_equal(channel_is_dead(binding.channel), rows[i].dead);
        assert_int_equal(story.handed, 0);
        assert_int_equal(story.ended, story.begun);
        for (size_t k = 0; k < story.begun; k++) {
            uint32_t result = (uint32_t)story.results[k][0];

            assert_true(result == 0 || result == EACH_UNKNOWN || result == EACH_NOT_DONE);
            unknown += result == EACH_UNKNOWN;
            fine += result == 0;
        }
        assert_true(fine > 0);
        assert_in_range(unknown, rows[i].how.mute ? 0 : 1, rows[i].dead ? EACH_WINDOW : 1);
        /* and a call that has failed sends nothing more */
        story = (struct story){.chunk = EACH_CHUNK};
        assert_false(nt_success(each_run(&call, &usual, 10, &story)));
        assert_int_equal(story.begun, 0);
        clean();
    }
}

static struct nt_status patient_step(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    struct Double_params p = {.Value = 5};

    assert_true(nt_success(call_request(c, 0, &p, &p.Return, false)));
    assert_int_equal(p.Result, 10);
    return step(c, object, i, stage, context);
}

static void test_waiting_step(void **state)
{
    struct each patient = usual;

    (void)state;
    patient.step = patient_step;
    prepare((struct how){.order = MIDDLE_FIRST});
    assert_true(nt_success(each_run(&call, &patient, 100, &story)));
    assert_int_equal(story.handed, 100);
    clean();
}

/* --- several connections --- */

struct joining {
    struct Double_params hello;
    bool said;
};

static unsigned joins, leaves;

static struct nt_status join_step(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    struct joining *j = object;

    (void)i;
    assert_ptr_equal(context, &story);
    if (stage == 0) {
        j->hello.Value = 7777;
        each_request(c, 0, &j->hello, &j->hello.Return, false);
    } else {
        assert_int_equal(j->hello.Result, 2 * 7777);
        j->said = true;
        joins++;
    }
    return stage == 0 ? NT(STATUS_SUCCESS) : NT_STATUS((uint32_t)j->hello.Return);
}

static void join_end(struct call *c, void *object, size_t i, void *context)
{
    struct joining *j = object;

    (void)c, (void)i, (void)context;
    assert_true(j->said);
    leaves++;
}

static struct joining own;

static struct nt_status joined_step(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    struct joining *j = each_joined(c);

    assert_true(j->said);
    assert_int_equal(j == &own, c->binding == &binding);
    return step(c, object, i, stage, context);
}

static const struct each joining = {.object_len = sizeof(struct joining), .step = join_step, .end = join_end};
static const struct each with_lanes = {.object_len = sizeof(struct look),
                                       .step = joined_step,
                                       .end = end,
                                       .done = done,
                                       .join = &joining,
                                       .joined = &own};

static struct nt_status run_lanes(size_t count, bool changes)
{
    struct each each = with_lanes;

    own.said = true;
    joins = leaves = 0;
    each.changes = changes;
    return each_run(&call, &each, count, &story);
}

static size_t lanes(void)
{
    size_t count = 0;

    for (const struct binding *b = binding.lanes; b; b = b->next)
        count++;
    return count;
}

static void test_lanes(void **state)
{
    static const struct {
        struct how how;
        size_t count, lanes;
        bool changes;
    } rows[] = {
        {{.single = true, .pipes = 20}, 300, EACH_LANES - 1, false},
        {{.single = true, .pipes = 20}, 300, EACH_LANES - 1, true},
        {{.pipes = 20, .order = MIDDLE_FIRST}, 1300, EACH_LANES - 1, false},
        {{.pipes = 20}, 1300, 0, true}, /* one at a time, as servers take changes on one connection */
        {{.single = true, .pipes = 2}, 300, 2, false}, /* the server has no more */
        {{.single = true, .pipes = 20}, 3, 0, false},  /* not worth it */
        {{.single = true, .pipes = 20, .deaf = 2}, 300, EACH_LANES - 2, false},
        {{.single = true, .pipes = 20, .hangs_up = 3}, 300, EACH_LANES - 2, false},
        {{.single = true, .pipes = 20, .refused = 7777}, 300, 0, false},
        {{.single = true, .pipes = 20, .garbled = 7777}, 300, 0, false},
        {{.single = true, .pipes = 1, .vanish = 7777}, 300, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned at_work = 0;

        prepare(rows[i].how);
        assert_true(nt_success(run_lanes(rows[i].count, rows[i].changes)));
        assert_int_equal(call.failure.v, 0);
        assert_int_equal(story.handed, rows[i].count);
        assert_int_equal(story.ended, rows[i].count);
        assert_int_equal(lanes(), rows[i].lanes);
        assert_int_equal(leaves, rows[i].lanes + 1);
        for (unsigned k = 0; k < peer_count; k++) {
            if (rows[i].how.single)
                assert_true(peers[k].most <= 1);
            at_work += peers[k].calls > 1;
        }
        assert_int_equal(at_work, rows[i].lanes + 1);
        clean();
    }
}

/* Those of one call serve the next. */
static void test_lanes_again(void **state)
{
    unsigned made;

    (void)state;
    prepare((struct how){.single = true, .pipes = 20});
    assert_true(nt_success(run_lanes(300, false)));
    made = peer_count;
    story = (struct story){.chunk = EACH_CHUNK};
    assert_true(nt_success(run_lanes(300, false)));
    assert_int_equal(story.handed, 300);
    assert_int_equal(peer_count, made);
    assert_int_equal(joins, EACH_LANES - 1); /* handles of the call's are the call's */
    story = (struct story){.chunk = EACH_CHUNK};
    assert_true(nt_success(run_lanes(10, false))); /* two are enough */
    assert_int_equal(leaves, 2);
    assert_int_equal(lanes(), EACH_LANES - 1);
    clean();
}

static void test_lanes_fail(void **state)
{
    static const struct {
        struct how how;
        NET_API_STATUS failure;
        bool dead_lane;
    } rows[] = {{{.single = true, .pipes = 20, .refused = 101}, 0, false},
                {{.single = true, .pipes = 20, .faulted = 101}, ERROR_ACCESS_DENIED, false},
                {{.single = true, .pipes = 20, .vanish = 101}, RPC_S_CALL_FAILED, true},
                {{.single = true, .pipes = 20, .mute = 200}, ERROR_TIMEOUT, true}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        prepare(rows[i].how);
        story.changes = true;
        assert_false(nt_success(run_lanes(300, true)));
        assert_int_equal(call.failure.v, rows[i].failure);
        assert_true(call.changing);
        assert_int_equal(story.ended, story.begun);
        assert_int_equal(binding_has_dead_lane(&binding) || channel_is_dead(binding.channel),
                         rows[i].dead_lane);
        for (size_t k = 0; k < story.begun; k++) {
            uint32_t result = (uint32_t)story.results[k][0];

            assert_true(result == 0 || result == EACH_UNKNOWN || result == EACH_NOT_DONE ||
                        (result == 0xC0000022 && k == 100));
        }
        clean();
    }
}

/* The n-th allocation fails, for every n until there is none. */
static void fail_memory(struct how so, size_t count)
{
    unsigned n = 0;

    do {
        struct nt_status s;

        prepare(so);
        story.post = true;
        allocation_failed = false;
        allocations_left = n;
        s = run_lanes(count, false);
        allocations_left = UINT32_MAX;
        assert_int_equal(story.ended, story.begun);
        if (!allocation_failed) {
            assert_true(nt_success(s));
        } else if (!nt_success(s)) {
            if (call.failure.v != ERROR_NOT_ENOUGH_MEMORY && call.failure.v != RPC_S_CALL_FAILED &&
                call.failure.v != RPC_S_CALL_FAILED_DNE && call.failure.v != ERROR_TIMEOUT)
                fail_msg("allocation %u: %u", n, call.failure.v); /* a server without memory hangs up */
            assert_true(story.handed < count);
        }
        if (nt_success(s))
            assert_int_equal(story.handed, count);
        clean();
        n++;
    } while (allocation_failed);
    assert_in_range(n, 40, 3000);
}

static void test_memory(void **state)
{
    (void)state;
    fail_memory((struct how){.order = MIDDLE_FIRST}, 40);
    fail_memory((struct how){.single = true, .pipes = 2}, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window),     cmocka_unit_test(test_single),
        cmocka_unit_test(test_chunk),      cmocka_unit_test(test_refusal),
        cmocka_unit_test(test_runtime),    cmocka_unit_test(test_waiting_step),
        cmocka_unit_test(test_lanes),      cmocka_unit_test(test_lanes_again),
        cmocka_unit_test(test_lanes_fail), cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
