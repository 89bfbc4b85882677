/* SPDX-License-Identifier: MIT */
/*
 * For tests and fuzz targets: an interface, a server that answers at once, and a client and a server back to
 * back in memory, with both directions recorded.
 */
#ifndef RPC_TEST_PAIR_H
#define RPC_TEST_PAIR_H

#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "rpc/client.h"
#include "rpc/server.h"

enum { TEST_ECHO, TEST_FAULT, TEST_ABSENT, TEST_LONG, TEST_PROC_COUNT };

static const struct ndr_proc test_procs[TEST_PROC_COUNT] = {[TEST_ABSENT] = {.flags = NDR_P_ABSENT}};
static const struct ndr_interface test_interface = {
    .abi = NDR_ABI_VERSION,
    .name = "test",
    .uuid = {0x11223344, 0x5566, 0x7788, {0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x01}},
    .major = 2,
    .minor = 3,
    .procs = test_procs,
    .proc_count = TEST_PROC_COUNT,
};
static const struct ndr_interface test_second = {
    .abi = NDR_ABI_VERSION,
    .name = "second",
    .uuid = {0xa1223344, 0x5566, 0x7788, {0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x02}},
    .major = 1,
    .procs = test_procs,
    .proc_count = 1,
};
static const struct ndr_interface test_unknown = {
    .abi = NDR_ABI_VERSION,
    .name = "unknown",
    .uuid = {0xb1223344, 0x5566, 0x7788, {0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x03}},
    .major = 1,
    .procs = test_procs,
    .proc_count = 1,
};
static const struct ndr_interface *const test_interfaces[] = {&test_interface, &test_second, NULL};

/* Carry out and answer all that is complete. TEST_LONG: as many bytes as the first 4 of the stub say (within
 * reason), each the low byte of its place. */
static inline int test_serve(struct rpc_server *s)
{
    struct rpc_request q;
    int r = 0;

    while (!r && rpc_server_next(s, &q)) {
        if (q.opnum == TEST_ECHO) {
            r = rpc_server_reply(s, &q, q.stub, q.stub_len);
        } else if (q.opnum == TEST_LONG && q.stub_len >= 4) {
            size_t len = (q.stub[0] | (size_t)q.stub[1] << 8 | (size_t)q.stub[2] << 16) & 0xfffff;
            uint8_t *stub = malloc(len + 1);

            if (!stub)
                return 1;
            for (size_t i = 0; i < len; i++)
                stub[i] = (uint8_t)i;
            r = rpc_server_reply(s, &q, stub, len);
            free(stub);
        } else {
            r = rpc_server_fault(s, &q, (struct rpc_fault){0x6f7});
        }
    }
    return r;
}

struct pair {
    struct rpc_server *server;
    struct rpc_client *client;
    struct writer up, down; /* all that client, server have sent */
    size_t cut;             /* bytes handed over at once; 0: all there are */
    int server_result, client_result;
};

static inline int pair_open_with(struct pair *p, const struct rpc_server_config *sc,
                                 const struct rpc_client_config *cc)
{
    memset(p, 0, sizeof(*p));
    writer_init(&p->up, (size_t)1 << 30);
    writer_init(&p->down, (size_t)1 << 30);
    return rpc_server_new(&p->server, sc) || rpc_client_new(&p->client, cc);
}

static inline int pair_open(struct pair *p, uint16_t fragment, bool ndr64,
                            const struct ndr_interface *const *interfaces)
{
    struct rpc_server_config sc = {.interfaces = test_interfaces,
                                   .secondary_address = "135",
                                   .assoc_group = 7,
                                   .max_fragment = fragment};
    struct rpc_client_config cc = {
        .interfaces = interfaces, .offer_ndr64 = ndr64, .max_fragment = fragment, .max_calls = 1000};

    return pair_open_with(p, &sc, &cc);
}

static inline void pair_close(struct pair *p)
{
    rpc_server_free(p->server);
    rpc_client_free(p->client);
    writer_deinit(&p->up);
    writer_deinit(&p->down);
}

/* Move bytes both ways until nothing moves. */
static inline void pair_run(struct pair *p)
{
    bool moved = true;

    while (moved) {
        const uint8_t *data;
        size_t len;

        moved = false;
        data = rpc_client_output(p->client, &len);
        if (p->cut && len > p->cut)
            len = p->cut;
        if (len) {
            writer_put(&p->up, data, len);
            p->server_result = rpc_server_input(p->server, data, len);
            rpc_client_sent(p->client, len);
            moved = true;
        }
        test_serve(p->server);
        data = rpc_server_output(p->server, &len);
        if (p->cut && len > p->cut)
            len = p->cut;
        if (len) {
            writer_put(&p->down, data, len);
            p->client_result = rpc_client_input(p->client, data, len);
            rpc_server_sent(p->server, len);
            moved = true;
        }
    }
    p->server_result = rpc_server_status(p->server);
}

#endif
