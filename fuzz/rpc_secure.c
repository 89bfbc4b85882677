/* SPDX-License-Identifier: MIT */
/*
 * A client and a server that authenticate to each other, and somebody between them. Input: options (type,
 * level, header signing, length of fragments), then steps: begin a call, hand over what one side has said,
 * whole or changed, cut short, twice, or say something in its place.
 *
 * Oracles, at levels integrity and privacy: the server hands out nothing but the client's own requests, each
 * once, in their order, as they were, from a peer that has authenticated; a reply that the client hands out
 * is the server's answer to that call. (Faults prove nothing and are not looked at.)
 */
#include <stdio.h>

#include "rpc/pdu.h"
#include "rpc/test_secure.h"
#include "rpc/verification.h"

#define MAX_CALLS 64
#define MAX_STUB 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct wire {
    struct secure s;
    struct rpc_server *server;
    struct rpc_client *client;
    uint32_t id[MAX_CALLS]; /* of the calls begun */
    size_t stub_len[MAX_CALLS];
    unsigned begun, served;
};

static void require(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static uint8_t stub_byte(unsigned call, size_t at)
{
    return (uint8_t)(call * 31 + at * 7 + (at >> 8));
}

/* The stub of this call, and what may follow it: its verification trailer. */
static void check_stub(const struct wire *w, unsigned call, const uint8_t *stub, size_t len)
{
    require(len >= w->stub_len[call] && len <= w->stub_len[call] + 100, "a stub of another length");
    for (size_t i = 0; i < w->stub_len[call]; i++)
        require(stub[i] == stub_byte(call, i), "a stub that was changed");
}

static void begin_call(struct wire *w, size_t len)
{
    static uint8_t stub[MAX_STUB];

    if (w->begun == MAX_CALLS)
        return;
    for (size_t i = 0; i < len; i++)
        stub[i] = stub_byte(w->begun, i);
    w->stub_len[w->begun] = len;
    if (!rpc_client_call(w->client, &test_interface, TEST_ECHO, NULL, stub, len, &w->id[w->begun]))
        w->begun++;
}

static void serve(struct wire *w)
{
    struct rpc_request q;

    while (rpc_server_next(w->server, &q)) {
        require(w->served < w->begun, "a request that nobody has made");
        require(rpc_server_peer(w->server)->authenticated, "a request of somebody unknown");
        require(q.level == w->s.auth.options.level, "a request with less protection");
        check_stub(w, w->served, q.stub, q.stub_len);
        if (verification_check(&q, w->stub_len[w->served])) {
            require(!rpc_server_fault(w->server, &q, FAULT_ACCESS_DENIED), "fault");
        } else {
            require(q.call_id == w->id[w->served] || !q.header_signing, "another call");
            require(!rpc_server_reply(w->server, &q, q.stub, q.stub_len), "reply");
        }
        w->served++;
    }
}

static void take_replies(struct wire *w)
{
    struct rpc_reply reply;

    while (rpc_client_take_any(w->client, &reply)) {
        unsigned call = 0;

        while (call < w->begun && w->id[call] != reply.call_id)
            call++;
        require(call < w->begun, "a reply to no call");
        if (!reply.fault.v) {
            require(call < w->served, "a reply before its request");
            check_stub(w, call, reply.stub, reply.stub_len);
        }
        free(reply.stub);
    }
}

static void give(struct wire *w, bool up, const uint8_t *data, size_t len)
{
    if (up) {
        rpc_server_input(w->server, data, len);
        serve(w);
    } else {
        rpc_client_input(w->client, data, len);
        take_replies(w);
    }
}

enum { WHOLE, CHANGED, SHORT, TWICE, INSTEAD, STEPS };

/* One side's output to the other, in the way that the step says. */
static void step(struct wire *w, unsigned how, bool up, struct reader *r)
{
    size_t len, at;
    const uint8_t *said = up ? rpc_client_output(w->client, &len) : rpc_server_output(w->server, &len);
    uint8_t *copy = malloc(len + 1);

    require(copy, "memory");
    if (len)
        memcpy(copy, said, len);
    if (up)
        rpc_client_sent(w->client, len);
    else
        rpc_server_sent(w->server, len);
    if (how == CHANGED && len) {
        at = reader_u16(r);
        copy[at % len] ^= reader_u8(r);
    }
    if (how == SHORT && len)
        len -= reader_u16(r) % len;
    if (how == INSTEAD) {
        size_t own = reader_u8(r);
        struct reader bytes = reader_sub(r, own < reader_left(r) ? own : reader_left(r));

        give(w, up, bytes.at, reader_left(&bytes));
    }
    give(w, up, copy, len);
    if (how == TWICE)
        give(w, up, copy, len);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wire w = {0};
    struct reader r;
    uint8_t options;

    reader_init(&r, data, len);
    options = reader_u8(&r);
    require(!secure_init(&w.s, options & 1 ? AUTH_TYPE_SPNEGO : AUTH_TYPE_NTLM,
                         options & 2 ? AUTH_LEVEL_PRIVACY : AUTH_LEVEL_INTEGRITY,
                         options & 16 ? "wrong" : "secret"),
            "init");
    w.s.client.no_header_signing = options & 4;
    w.s.client.max_fragment = w.s.server.max_fragment = options & 8 ? 1432 : 5840;
    require(!rpc_server_new(&w.server, &w.s.server) && !rpc_client_new(&w.client, &w.s.client), "new");
    while (reader_left(&r)) {
        uint8_t what = reader_u8(&r);

        if (what & 0x80)
            begin_call(&w, (size_t)(what & 0x7f) * 50);
        else
            step(&w, (what >> 1) % STEPS, what & 1, &r);
    }
    require(!(options & 16) || !w.served, "served in spite of a wrong password");
    rpc_server_free(w.server);
    rpc_client_free(w.client);
    secure_deinit(&w.s);
    return 0;
}
