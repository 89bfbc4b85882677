/* SPDX-License-Identifier: MIT */
/*
 * A hostile server against a client with calls under way. Input: options; a count n, n lengths of pieces;
 * then the server's stream. With option 1 a good bind_ack comes first and the calls are begun; else they are
 * begun when the stream itself has made the client bound.
 *
 * Oracles: no call is answered twice; what is kept stays within the limit; with option 1, the same replies
 * and the same result for the stream given whole and in pieces.
 */
#include <stdio.h>

#include "rpc/pdu.h"
#include "rpc/test_pair.h"

#define MAX_REPLY 8192
#define CALLS 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void begin_calls(struct rpc_client *c)
{
    uint32_t id[CALLS];

    for (int i = 0; i < CALLS; i++)
        require(!rpc_client_call(c, &test_interface, TEST_ECHO, NULL, "stub", 4, &id[i]), "call");
    rpc_client_drop(c, id[1]);
    rpc_client_orphan(c, id[2]);
    rpc_client_cancel(c, id[3]);
}

static void give_bind_ack(struct rpc_client *c, bool ndr64, bool multiplex)
{
    struct pdu_bind_ack ack = {.max_xmit = 5840, .max_recv = 5840, .assoc_group = 1, .count = ndr64 ? 3 : 2};
    struct pdu_result result = {.transfer = pdu_transfer_syntax(NDR_SYNTAX_NDR20)};
    uint8_t bytes[200];
    struct writer w;
    size_t start;

    writer_init_fixed(&w, bytes, sizeof(bytes));
    start = pdu_begin(&w, PDU_BIND_ACK, multiplex ? PDU_WHOLE | PDU_MULTIPLEX : PDU_WHOLE, 1);
    pdu_bind_ack_put(&w, start, &ack);
    for (int i = 0; i < ack.count; i++) {
        pdu_result_put(&w, &result);
        result = (struct pdu_result){.result = PDU_PROVIDER_REJECTION, .reason = 2};
    }
    pdu_end(&w, start);
    require(!rpc_client_input(c, bytes, w.len) && rpc_client_is_bound(c), "bind");
}

static void replay(uint8_t options, const uint8_t *data, size_t len, const uint8_t *cuts, size_t cut_count,
                   struct writer *log)
{
    static const struct ndr_interface *const interfaces[] = {&test_interface, NULL};
    struct rpc_client_config config = {
        .interfaces = interfaces, .offer_ndr64 = options & 2, .max_reply = MAX_REPLY};
    size_t piece = 0, kept = 0;
    struct rpc_reply reply;
    struct rpc_client *c;
    bool begun = options & 1;
    int r = 0;

    require(!rpc_client_new(&c, &config), "new");
    if (begun) {
        give_bind_ack(c, options & 2, options & 4);
        begin_calls(c);
    }
    for (size_t at = 0, n; at < len; at += n) {
        n = cut_count ? cuts[piece++ % cut_count] + (size_t)1 : len;
        if (n > len - at)
            n = len - at;
        r = rpc_client_input(c, data + at, n);
        if (!begun && !r && rpc_client_is_bound(c)) {
            enum ndr_syntax syntax;
            struct rpc_fault why;

            begun = true;
            if (!rpc_client_syntax(c, &test_interface, &syntax, &why) && !rpc_client_is_closing(c))
                begin_calls(c);
        }
        require(rpc_client_calls(c) <= CALLS, "calls that nobody began");
    }
    for (int i = 0; rpc_client_take_any(c, &reply); i++) {
        require(i < CALLS - 1,
                "answered twice, or though orphaned"); /* the dropped one is never handed out */
        writer_u32(log, reply.call_id);
        writer_u32(log, reply.fault.v);
        writer_put(log, reply.stub, reply.stub_len);
        kept += reply.stub_len;
        free(reply.stub);
    }
    require(kept <= MAX_REPLY, "replies over the limit");
    writer_u32(log, (uint32_t)r);
    rpc_client_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct writer whole, cut;
    size_t cut_count = len > 1 ? data[1] : 0;

    if (len < 2 || cut_count + 2 > len)
        return 0;
    writer_init(&whole, SIZE_MAX / 4);
    writer_init(&cut, SIZE_MAX / 4);
    replay(data[0], data + 2 + cut_count, len - 2 - cut_count, NULL, 0, &whole);
    replay(data[0], data + 2 + cut_count, len - 2 - cut_count, data + 2, cut_count, &cut);
    if (data[0] & 1)
        require(whole.len == cut.len && !memcmp(whole.data, cut.data, whole.len), "cuts make a difference");
    writer_deinit(&whole);
    writer_deinit(&cut);
    return 0;
}
