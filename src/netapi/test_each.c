/* SPDX-License-Identifier: MIT */
/* Objects by the window, against a server that answers when and in which order the test wants. (Linked with
 * --wrap for the functions that allocate.) */
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

/* --- the server --- */

enum order { OLDEST_FIRST, NEWEST_FIRST, MIDDLE_FIRST };

static struct peer {
    struct rpc_server *server;
    bool single; /* takes no requests while another is under way */
    enum order order;
    int32_t refused, faulted, garbled, vanish; /* values that get that for an answer; 0: none */
    struct rpc_request waiting[256];
    unsigned count, most; /* unanswered, and the most that ever were */
    unsigned calls;       /* carried out */
    unsigned mute;        /* answers nothing any more once it has carried out so many; 0: never */
    bool gone;
} peer;

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

static void answer(const struct rpc_request *q)
{
    struct Double_params p = {.Value = value_of(q)};
    uint8_t stub[8];
    struct writer w;

    p.Result = p.Value * 2;
    p.Return = p.Value == peer.refused ? (int32_t)0xC0000022 : 0;
    writer_init_fixed(&w, stub, sizeof(stub));
    assert_int_equal(ndr_encode(q->interface, q->opnum, NDR_F_OUT, q->syntax, &p, &w), 0);
    peer.calls++;
    if (p.Value && p.Value == peer.vanish)
        peer.gone = true;
    else if (p.Value && p.Value == peer.faulted)
        rpc_server_fault(peer.server, q, (struct rpc_fault){5});
    else
        rpc_server_reply(peer.server, q, w.data, p.Value && p.Value == peer.garbled ? 3 : w.len);
}

static int peer_input(void *context, const void *data, size_t len)
{
    struct rpc_request q;

    (void)context;
    rpc_server_input(peer.server, data, len);
    while (rpc_server_next(peer.server, &q)) {
        assert_true(peer.count < sizeof(peer.waiting) / sizeof(peer.waiting[0]));
        peer.waiting[peer.count++] = q;
        peer.most = peer.count > peer.most ? peer.count : peer.most;
    }
    return peer.gone ? 1 : rpc_server_status(peer.server);
}

/* Answers one when nothing else is to be sent. */
static const uint8_t *peer_output(void *context, size_t *len)
{
    const uint8_t *out = rpc_server_output(peer.server, len);
    unsigned at = peer.order == OLDEST_FIRST   ? 0
                  : peer.order == NEWEST_FIRST ? peer.count - 1
                                               : peer.count / 2;

    (void)context;
    if (*len && peer.single && out[2] == PDU_BIND_ACK)
        ((uint8_t *)(uintptr_t)out)[3] &= (uint8_t)~PDU_MULTIPLEX;
    if (*len || !peer.count || peer.gone || (peer.mute && peer.calls == peer.mute))
        return out;
    answer(&peer.waiting[at]);
    peer.count--;
    memmove(&peer.waiting[at], &peer.waiting[at + 1], (peer.count - at) * sizeof(peer.waiting[0]));
    return rpc_server_output(peer.server, len);
}

static void peer_sent(void *context, size_t len)
{
    (void)context;
    rpc_server_sent(peer.server, len);
}

static void peer_close(void *context)
{
    (void)context;
    rpc_server_free(peer.server);
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

static struct net_status open_peer(void)
{
    static const struct transport_peer_ops ops = {peer_input, peer_output, peer_sent, peer_close};
    struct rpc_server_config config = {.interfaces = interfaces, .assoc_group = 1, .max_calls = 256};
    struct net_status status;

    if (rpc_server_new(&peer.server, &config))
        return NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    if (transport_inproc_open(&binding.transport, &ops, NULL)) {
        rpc_server_free(peer.server);
        return NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    }
    status = channel_open(&binding.channel, binding.transport, &double_interface, NULL, 0);
    call = (struct call){.binding = &binding};
    arena_init(&call.arena, CALL_MEMORY_MAX);
    return status;
}

static void prepare(struct peer how)
{
    peer = how;
    story = (struct story){.chunk = EACH_CHUNK};
    assert_int_equal(open_peer().v, 0);
}

static void clean(void)
{
    arena_deinit(&call.arena);
    channel_close(binding.channel);
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
            prepare((struct peer){.order = orders[o]});
            assert_true(nt_success(each_run(&call, &usual, counts[n], &story)));
            assert_int_equal(call.failure.v, 0);
            assert_false(call.changing);
            assert_int_equal(story.begun, counts[n]);
            assert_int_equal(story.ended, counts[n]);
            assert_int_equal(story.handed, counts[n]);
            assert_int_equal(peer.calls, requests_of(counts[n]));
            assert_true(peer.most <= 2 * EACH_WINDOW);
            if (counts[n] >= EACH_WINDOW)
                assert_true(peer.most >= EACH_WINDOW);
            clean();
        }
}

/* A server that takes one at a time gets one at a time. */
static void test_single(void **state)
{
    (void)state;
    prepare((struct peer){.single = true});
    story.post = true;
    assert_true(nt_success(each_run(&call, &usual, 700, &story)));
    assert_int_equal(story.handed, 700);
    assert_int_equal(peer.most, 1);
    clean();
}

static void test_chunk(void **state)
{
    struct each small = usual;

    (void)state;
    small.chunk = 10;
    prepare((struct peer){.order = NEWEST_FIRST});
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
    assert_true(story.begun > 40 && story.begun < 40 + 2 * EACH_WINDOW);
    assert_int_equal(story.ended, story.begun);
    for (size_t i = 0; i < story.begun; i++) /* all that was sent was waited for */
        assert_int_equal((uint32_t)story.results[i][0], i == 40 ? 0xC0000022 : 0);
}

/* One is refused while others are under way. */
static void test_refusal(void **state)
{
    (void)state;
    for (enum order order = OLDEST_FIRST; order <= MIDDLE_FIRST; order++) {
        prepare((struct peer){.order = order, .refused = 41});
        refused();
        clean();
    }
}

/* The runtime fails for one: what became of the others is known as far as it can be. */
static void test_runtime(void **state)
{
    static const struct {
        struct peer peer;
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

        prepare(rows[i].peer);
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
        assert_in_range(unknown, rows[i].peer.mute ? 0 : 1, rows[i].dead ? EACH_WINDOW : 1);
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
    prepare((struct peer){.order = MIDDLE_FIRST});
    assert_true(nt_success(each_run(&call, &patient, 100, &story)));
    assert_int_equal(story.handed, 100);
    clean();
}

/* The n-th allocation fails, for every n until there is none. */
static void test_memory(void **state)
{
    unsigned n = 0;

    (void)state;
    do {
        struct nt_status s;

        prepare((struct peer){.order = MIDDLE_FIRST});
        story.post = true;
        allocation_failed = false;
        allocations_left = n;
        s = each_run(&call, &usual, 40, &story);
        allocations_left = UINT32_MAX;
        assert_int_equal(story.ended, story.begun);
        if (!allocation_failed) {
            assert_true(nt_success(s));
        } else if (!nt_success(s)) {
            if (call.failure.v != ERROR_NOT_ENOUGH_MEMORY && call.failure.v != RPC_S_CALL_FAILED &&
                call.failure.v != RPC_S_CALL_FAILED_DNE) /* a server without memory hangs up */
                fail_msg("allocation %u: %u", n, call.failure.v);
            assert_true(story.handed < 40);
        }
        if (nt_success(s))
            assert_int_equal(story.handed, 40);
        clean();
        n++;
    } while (allocation_failed);
    assert_in_range(n, 40, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window),  cmocka_unit_test(test_single),  cmocka_unit_test(test_chunk),
        cmocka_unit_test(test_refusal), cmocka_unit_test(test_runtime), cmocka_unit_test(test_waiting_step),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
