/* SPDX-License-Identifier: MIT */
/* Towers byte by byte, and a mapper in memory that says what it likes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "client/endpoint.h"
#include "epm.h"
#include "ndr/ndr.h"
#include "rpc/server.h"
#include "rpc/tower.h"
#include "samr.h"

/* 0: it is for something else. */
static uint16_t port_of(const uint8_t *tower, size_t len, const struct ndr_interface *interface)
{
    uint16_t port;

    return tower_get(tower, len, interface, &port) ? port : 0;
}

/* samr 1.0, NDR 2.0, RPC, TCP 49154, IP; as Samba's mapper has it in its answers */
static const uint8_t samr_tower[TOWER_LEN] = {
    5,    0,    19,   0,    0x0d, 0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0x00,
    0x01, 0x23, 0x45, 0x67, 0x89, 0xac, 1,    0,    2,    0,    0,    0,    19,   0,    0x0d,
    0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48,
    0x60, 2,    0,    2,    0,    0,    0,    1,    0,    0x0b, 2,    0,    0,    0,    1,
    0,    0x07, 2,    0,    0xc0, 0x02, 1,    0,    0x09, 4,    0,    0,    0,    0,    0,
};
#define PORT 49154
#define PORT_AT 64

static void test_tower(void **state)
{
    uint8_t bytes[TOWER_LEN];
    struct writer w;

    (void)state;
    writer_init_fixed(&w, bytes, sizeof(bytes));
    tower_put(&w, &samr_interface, PORT);
    assert_false(w.failed);
    assert_int_equal(w.len, sizeof(samr_tower));
    assert_memory_equal(bytes, samr_tower, sizeof(samr_tower));
    assert_int_equal(port_of(samr_tower, sizeof(samr_tower), &samr_interface), PORT);
    assert_int_equal(port_of(samr_tower, sizeof(samr_tower), &epm_interface), 0);
}

/* Every tower that is cut short, in memory of its own; and no flip gives another port than its own bits do,
 * but where what is not looked at was changed. */
static void test_tower_cut_and_flipped(void **state)
{
    uint8_t bytes[TOWER_LEN];

    (void)state;
    for (size_t len = 0; len <= sizeof(samr_tower); len++) {
        uint8_t *copy = malloc(len + 1);

        assert_non_null(copy);
        memcpy(copy, samr_tower, len);
        assert_int_equal(port_of(copy, len, &samr_interface), len >= PORT_AT + 2 ? PORT : 0);
        free(copy);
    }
    for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
        uint16_t port;

        memcpy(bytes, samr_tower, sizeof(bytes));
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        port = port_of(bytes, sizeof(bytes), &samr_interface);
        if (bit / 8 == PORT_AT || bit / 8 == PORT_AT + 1)
            assert_int_equal(port, bytes[PORT_AT] << 8 | bytes[PORT_AT + 1]);
        else
            assert_true(port == 0 || port == PORT);
    }
}

/* --- the mapper --- */

struct mapper {
    struct rpc_server *server;
    uint32_t status, towers; /* of the answer; the last of the towers is right, the first is none at all */
    bool asked;
};

static TWR *make_tower(struct arena *a, const struct ndr_interface *interface, uint16_t port)
{
    TWR *t = arena_alloc(a, sizeof(*t) + TOWER_LEN, 8);
    struct writer w;

    assert_non_null(t);
    t->tower_length = TOWER_LEN;
    writer_init_fixed(&w, t->tower_octet_string, TOWER_LEN);
    tower_put(&w, interface, port);
    return t;
}

static void answer(struct mapper *m, const struct rpc_request *q)
{
    struct ept_map_params p = {0};
    PTWR towers[16] = {0};
    struct arena arena;
    struct writer w;
    size_t used;

    arena_init(&arena, 65536);
    writer_init(&w, 65536);
    assert_int_equal(q->opnum, ept_map_opnum);
    assert_int_equal(
        ndr_decode(q->interface, q->opnum, NDR_F_IN, q->syntax, q->stub, q->stub_len, &arena, &p, &used), 0);
    assert_non_null(p.map_tower);
    assert_int_equal(p.map_tower->tower_length, TOWER_LEN);
    m->asked = true;
    p.status = m->status;
    p.num_towers = m->towers;
    assert_in_range(m->towers, 0, p.max_towers);
    p.ITowers = towers;
    for (uint32_t i = 1; i < m->towers; i++)
        towers[i] = i == m->towers - 1 ? make_tower(&arena, &samr_interface, PORT)
                                       : make_tower(&arena, &epm_interface, 1);
    assert_int_equal(ndr_encode(q->interface, q->opnum, NDR_F_OUT, q->syntax, &p, &w), 0);
    assert_int_equal(rpc_server_reply(m->server, q, w.data, w.len), 0);
    writer_deinit(&w);
    arena_deinit(&arena);
}

static int mapper_input(void *peer, const void *data, size_t len)
{
    struct mapper *m = peer;
    struct rpc_request q;

    rpc_server_input(m->server, data, len);
    while (rpc_server_next(m->server, &q))
        answer(m, &q);
    return rpc_server_status(m->server);
}

static const uint8_t *mapper_output(void *peer, size_t *len)
{
    return rpc_server_output(((struct mapper *)peer)->server, len);
}

static void mapper_sent(void *peer, size_t len)
{
    rpc_server_sent(((struct mapper *)peer)->server, len);
}

static void mapper_close(void *peer)
{
    rpc_server_free(((struct mapper *)peer)->server);
}

static uint32_t ask(struct mapper *m, uint16_t *port)
{
    static const struct transport_peer_ops ops = {mapper_input, mapper_output, mapper_sent, mapper_close};
    static const struct ndr_interface *const interfaces[] = {&epm_interface, NULL};
    struct rpc_server_config config = {.interfaces = interfaces, .assoc_group = 1};
    struct transport *t;

    assert_int_equal(rpc_server_new(&m->server, &config), 0);
    assert_int_equal(transport_inproc_open(&t, &ops, m), 0);
    return endpoint_map(t, &samr_interface, NULL, 0, port).v;
}

static void test_map(void **state)
{
    static const struct {
        uint32_t status, towers, want;
    } rows[] = {{0, 2, 0},
                {0, 16, 0},
                {0, 0, 1753},
                {0, 1, 1753},
                {0x16c9a0d6, 0, 1753},
                {0x16c9a0d6, 2, 1753},
                {0x16c9a0cd, 2, 1752}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mapper m = {.status = rows[i].status, .towers = rows[i].towers};
        uint16_t port = 99;

        assert_int_equal(ask(&m, &port), rows[i].want);
        assert_true(m.asked);
        assert_int_equal(port, rows[i].want ? 0 : PORT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tower),
        cmocka_unit_test(test_tower_cut_and_flipped),
        cmocka_unit_test(test_map),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
