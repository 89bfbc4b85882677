/* SPDX-License-Identifier: MIT */
/* Changes of members that fail in the middle, with others under way, against a server that answers late and
 * out of order: afterwards the group is as it was, and nothing was taken back that had not happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netapi/group.h"
#include "rpc/server.h"
#include "samr.h"

#define NOT_A_MEMBER 0xC0000068u /* STATUS_MEMBER_NOT_IN_GROUP */
#define A_MEMBER 0xC0000067u     /* STATUS_MEMBER_IN_GROUP */
#define DENIED 0xC0000022u

enum { GROUP_RID = 555, ADDED = 100, SET = 200, REMOVED = 300, COUNT = 80, RIDS = 400 };
enum { OLD_ATTRIBUTES = 7, NEW_ATTRIBUTES = 3 };

/* --- the server: a group --- */

static struct {
    uint16_t opnum;    /* of the request that fails */
    uint32_t rid;      /* ... for this member; 0: none does */
    bool garbled;      /* it is carried out, but the answer is no answer */
    unsigned position; /* which of the waiting ones is answered next: in tenths */
} how;

static struct {
    struct rpc_server *server;
    struct rpc_request waiting[256];
    unsigned count, under_way, open, useless; /* under_way: when the failure happened */
    uint32_t attributes[RIDS];                /* 0: no member */
} peer;

static uint32_t change(uint16_t opnum, uint32_t rid, uint32_t attributes)
{
    uint32_t *member = &peer.attributes[rid];
    bool adds = opnum == SamrAddMemberToGroup_opnum;

    assert_in_range(rid, 1, RIDS - 1);
    if (how.rid == rid && how.opnum == opnum) {
        peer.under_way = peer.count;
        if (!how.garbled)
            return DENIED;
    }
    if (adds == (*member != 0)) {
        peer.useless++;
        return adds ? A_MEMBER : NOT_A_MEMBER;
    }
    *member = opnum == SamrRemoveMemberFromGroup_opnum ? 0 : attributes;
    return 0;
}

union params {
    struct SamrOpenGroup_params open;
    struct SamrCloseHandle_params close;
    struct SamrAddMemberToGroup_params add;
    struct SamrSetMemberAttributesOfGroup_params set;
    struct SamrRemoveMemberFromGroup_params remove;
};

static void carry_out(uint16_t opnum, union params *p)
{
    switch (opnum) {
    case SamrOpenGroup_opnum:
        assert_int_equal(p->open.GroupId, GROUP_RID);
        p->open.GroupHandle.uuid.time_low = 42;
        peer.open++;
        break;
    case SamrCloseHandle_opnum:
        peer.open--;
        break;
    case SamrAddMemberToGroup_opnum:
        p->add.Return = (int32_t)change(opnum, p->add.MemberId, p->add.Attributes);
        break;
    case SamrSetMemberAttributesOfGroup_opnum:
        p->set.Return = (int32_t)change(opnum, p->set.MemberId, p->set.Attributes);
        break;
    case SamrRemoveMemberFromGroup_opnum:
        p->remove.Return = (int32_t)change(opnum, p->remove.MemberId, 0);
        break;
    default:
        fail_msg("procedure %u", opnum);
    }
}

static bool garbles(uint16_t opnum, const union params *p)
{
    uint32_t rid = opnum == SamrAddMemberToGroup_opnum             ? p->add.MemberId
                   : opnum == SamrSetMemberAttributesOfGroup_opnum ? p->set.MemberId
                   : opnum == SamrRemoveMemberFromGroup_opnum      ? p->remove.MemberId
                                                                   : 0;

    return how.garbled && how.rid && how.rid == rid && how.opnum == opnum;
}

static void answer(const struct rpc_request *q)
{
    union params p = {0};
    struct arena arena;
    struct writer w;
    size_t used;

    arena_init(&arena, 65536);
    writer_init(&w, 1000);
    assert_int_equal(
        ndr_decode(q->interface, q->opnum, NDR_F_IN, q->syntax, q->stub, q->stub_len, &arena, &p, &used), 0);
    carry_out(q->opnum, &p);
    assert_int_equal(ndr_encode(q->interface, q->opnum, NDR_F_OUT, q->syntax, &p, &w), 0);
    rpc_server_reply(peer.server, q, w.data, garbles(q->opnum, &p) ? 1 : w.len);
    if (garbles(q->opnum, &p))
        how.rid = 0; /* once */
    writer_deinit(&w);
    arena_deinit(&arena);
}

static int peer_input(void *context, const void *data, size_t len)
{
    struct rpc_request q;

    (void)context;
    rpc_server_input(peer.server, data, len);
    while (rpc_server_next(peer.server, &q)) {
        assert_in_range(peer.count, 0, 255);
        peer.waiting[peer.count++] = q;
    }
    return rpc_server_status(peer.server);
}

static const uint8_t *peer_output(void *context, size_t *len)
{
    const uint8_t *out = rpc_server_output(peer.server, len);

    (void)context;
    if (!*len && peer.count) {
        unsigned at = peer.count * how.position / 10;
        struct rpc_request q = peer.waiting[at];

        peer.count--;
        memmove(&peer.waiting[at], &peer.waiting[at + 1], (peer.count - at) * sizeof(q));
        answer(&q);
        out = rpc_server_output(peer.server, len);
    }
    return out;
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

static void open_peer(struct binding *b)
{
    static const struct ndr_interface *const interfaces[] = {&samr_interface, NULL};
    static const struct transport_peer_ops ops = {peer_input, peer_output, peer_sent, peer_close};
    struct rpc_server_config config = {.interfaces = interfaces, .assoc_group = 1, .max_calls = 256};

    memset(&peer, 0, sizeof(peer));
    for (uint32_t i = 0; i < COUNT; i++)
        peer.attributes[SET + i] = peer.attributes[REMOVED + i] = OLD_ATTRIBUTES;
    assert_int_equal(rpc_server_new(&peer.server, &config), 0);
    *b = (struct binding){0};
    b->domains[DOMAIN_FOR_NAMES].uuid.time_low = 1;
    assert_int_equal(transport_inproc_open(&b->transport, &ops, NULL), 0);
    assert_int_equal(channel_open(&b->channel, b->transport, &samr_interface, NULL, 0).v, 0);
}

/* --- changes --- */

static struct nt_status change_all(struct call *c)
{
    static struct member_change changes[3 * COUNT];
    group_handle group = {.uuid.time_low = 42};

    for (uint32_t i = 0; i < COUNT; i++) {
        changes[i] = (struct member_change){MEMBER_ADD, {ADDED + i, OLD_ATTRIBUTES}, 0, false};
        changes[COUNT + i] =
            (struct member_change){MEMBER_SET, {SET + i, NEW_ATTRIBUTES}, OLD_ATTRIBUTES, false};
        changes[2 * COUNT + i] =
            (struct member_change){MEMBER_REMOVE, {REMOVED + i, OLD_ATTRIBUTES}, OLD_ATTRIBUTES, false};
    }
    return group_change_members(c, GROUP_RID, &group, changes, 3 * COUNT);
}

static void check(bool changed)
{
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(peer.attributes[ADDED + i], changed ? OLD_ATTRIBUTES : 0);
        assert_int_equal(peer.attributes[SET + i], changed ? NEW_ATTRIBUTES : OLD_ATTRIBUTES);
        assert_int_equal(peer.attributes[REMOVED + i], changed ? 0 : OLD_ATTRIBUTES);
    }
}

static void test_changes(void **state)
{
    static const struct {
        uint16_t opnum;
        uint32_t rid;
    } failing[] = {{0, 0},
                   {SamrAddMemberToGroup_opnum, ADDED},
                   {SamrAddMemberToGroup_opnum, ADDED + COUNT / 2},
                   {SamrSetMemberAttributesOfGroup_opnum, SET + COUNT - 1},
                   {SamrRemoveMemberFromGroup_opnum, REMOVED + COUNT / 2}};

    (void)state;
    for (size_t i = 0; i < sizeof(failing) / sizeof(failing[0]); i++)
        for (unsigned position = 0; position < 10; position += 3)
            for (int garbled = 0; garbled < 2; garbled++) {
                struct binding binding;
                struct call c = {.binding = &binding};
                struct nt_status s;

                how.opnum = failing[i].opnum;
                how.rid = failing[i].rid;
                how.garbled = garbled;
                how.position = position;
                open_peer(&binding);
                arena_init(&c.arena, CALL_MEMORY_MAX);
                s = change_all(&c);
                check(!failing[i].rid);
                assert_int_equal(c.failure.v, failing[i].rid && garbled ? RPC_X_BAD_STUB_DATA : 0);
                if (!garbled)
                    assert_int_equal(s.v, failing[i].rid ? DENIED : 0);
                assert_true(c.changing);
                if (failing[i].rid && position == 0)
                    assert_true(peer.under_way > 1 || failing[i].rid == SET + COUNT - 1);
                assert_int_equal(peer.useless, 0);
                arena_deinit(&c.arena);
                channel_close(binding.channel);          /* sends what was posted */
                assert_int_equal(peer.open, peer.count); /* each that is open has its close waiting */
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_changes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
