/* SPDX-License-Identifier: MIT */
/*
 * The RPC server's byte stream. Input: a count n, n lengths of pieces, then the stream, which is given whole
 * and in these pieces (over and over). Requests are echoed, opnum 1 gets a fault.
 *
 * Oracles: the same output both ways, which is whole PDUs of legal length; memory stays within what the
 * limits allow, however much comes in.
 */
#include <malloc.h>
#include <stdio.h>

#include "rpc/pdu.h"
#include "rpc/test_pair.h"

#define FRAGMENT 1432
#define MAX_STUB 4096
#define MAX_OUTPUT 2048
#define MAX_CALLS 4
#define OVERHEAD 65536 /* the server itself, contexts, calls, rounding up to powers of two */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void serve(struct rpc_server *s)
{
    struct rpc_request q;

    while (rpc_server_next(s, &q)) {
        require(q.stub_len <= MAX_STUB, "a stub over the limit");
        require(q.opnum < TEST_PROC_COUNT && q.opnum != TEST_ABSENT, "an operation that is not there");
        require(!((uintptr_t)q.stub & 7), "a stub that is not aligned");
        if (q.opnum == TEST_FAULT)
            require(!rpc_server_fault(s, &q, (struct rpc_fault){0x6f7}), "fault");
        else
            require(!rpc_server_reply(s, &q, q.stub, q.stub_len), "reply");
    }
}

static void replay(const uint8_t *data, size_t len, const uint8_t *cuts, size_t cut_count, struct writer *out)
{
    struct rpc_server_config config = {.interfaces = test_interfaces,
                                       .secondary_address = "\\PIPE\\test",
                                       .assoc_group = 0x1234,
                                       .max_fragment = FRAGMENT,
                                       .max_calls = MAX_CALLS,
                                       .max_stub = MAX_STUB,
                                       .max_output = MAX_OUTPUT};
    size_t before = mallinfo2().uordblks + out->capacity, piece = 0;
    struct rpc_server *s;

    require(!rpc_server_new(&s, &config), "new");
    for (size_t at = 0; at < len;) {
        size_t n = cut_count ? cuts[piece++ % cut_count] + (size_t)1 : len, have;

        if (n > len - at)
            n = len - at;
        rpc_server_input(s, data + at, n);
        at += n;
        do {
            const uint8_t *bytes;

            serve(s);
            bytes = rpc_server_output(s, &have);
            require(have < MAX_OUTPUT + MAX_STUB + 256, "output without bounds");
            if (have)
                writer_put(out, bytes, have);
            rpc_server_sent(s, have);
        } while (have);
        require(!rpc_server_full(s), "full with nothing to wait for");
        if (mallinfo2().uordblks + out->capacity >
            before) /* what is kept of one piece may be twice the piece */
            require(mallinfo2().uordblks - (before - out->capacity) <
                        2 * out->capacity + 2 * n + 4 * MAX_STUB + OVERHEAD,
                    "memory without bounds");
    }
    rpc_server_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t cut_count = len ? data[0] : 0;
    struct writer whole, cut;
    struct pdu_header h;

    if (!len || cut_count + 1 > len)
        return 0;
    writer_init(&whole, SIZE_MAX / 4);
    writer_init(&cut, SIZE_MAX / 4);
    replay(data + 1 + cut_count, len - 1 - cut_count, NULL, 0, &whole);
    replay(data + 1 + cut_count, len - 1 - cut_count, data + 1, cut_count, &cut);
    require(whole.len == cut.len && (!whole.len || !memcmp(whole.data, cut.data, whole.len)),
            "cuts make a difference");
    for (size_t at = 0; at < whole.len; at += h.frag_len) {
        require(whole.len - at >= PDU_HEADER_LEN, "half a PDU");
        require(!pdu_header_get(whole.data + at, FRAGMENT, &h) && h.frag_len <= whole.len - at, "no PDU");
    }
    writer_deinit(&whole);
    writer_deinit(&cut);
    return 0;
}
