/* SPDX-License-Identifier: MIT */
/*
 * Fragmentation and reassembly, see fragment.h. [C706] 12.6.3.1 (flags), [MS-RPCE] 2.2.2.3.
 */
#include "rpc/fragment.h"

#include <errno.h>

enum { EMPTY, OPEN, DONE };

/* What a fragment makes of a join: [phase][flags & PDU_WHOLE]. REFUSE: not legal there. */
enum { REFUSE = 255 };
static const uint8_t next_phase[3][4] = {
    /*            middle  first   last    whole */
    [EMPTY] = {REFUSE, OPEN, REFUSE, DONE},
    [OPEN] = {OPEN, REFUSE, DONE, REFUSE},
    [DONE] = {REFUSE, REFUSE, REFUSE, REFUSE},
};

void fragment_join_init(struct fragment_join *j)
{
    writer_init(&j->stub, SIZE_MAX / 4);
    j->phase = EMPTY;
}

void fragment_join_deinit(struct fragment_join *j)
{
    writer_deinit(&j->stub);
}

void fragment_join_reset(struct fragment_join *j, size_t keep)
{
    j->phase = EMPTY;
    writer_reset(&j->stub);
    if (j->stub.capacity > keep)
        writer_deinit(&j->stub);
}

int fragment_join_add(struct fragment_join *j, uint8_t flags, const void *stub, size_t len, size_t limit)
{
    uint8_t phase = next_phase[j->phase][flags & PDU_WHOLE];

    if (phase == REFUSE)
        return FRAGMENT_E_ORDER;
    if (len > limit || j->stub.len > limit - len)
        return FRAGMENT_E_LIMIT;
    if (len)
        writer_put(&j->stub, stub, len);
    if (j->stub.failed)
        return -ENOMEM;
    j->phase = phase;
    return phase == DONE ? FRAGMENT_COMPLETE : 0;
}

/* Room for all of it at once: then nothing after this can fail for want of memory, and nothing is half
 * written. */
static int reserve(struct writer *w, size_t len, size_t chunk, size_t overhead)
{
    size_t fragments = len / chunk + 1, total;

    if (w->failed || __builtin_mul_overflow(fragments, overhead, &total) ||
        __builtin_add_overflow(total, len, &total))
        return -ENOMEM;
    if (total <= w->capacity - w->len || writer_grow(w, total))
        return 0;
    w->failed = false; /* it is as it was */
    return -ENOMEM;
}

/* Bytes that a PDU adds to its part of the stub, at most. */
static size_t overhead(const struct protection *p, size_t header_len)
{
    return header_len + (p->signature_len ? PROTECT_ALIGN + PROTECT_TRAILER_LEN + p->signature_len : 0);
}

int fragment_cut_request(struct writer *w, uint32_t call_id, uint8_t flags, const struct pdu_request *q,
                         size_t max_fragment, const struct protection *p)
{
    size_t header_len = PDU_CALL_HEADER_LEN + (q->has_object ? PDU_OBJECT_LEN : 0);
    size_t chunk = protect_chunk_len(p, max_fragment, header_len), at = 0, begin = w->len;
    struct pdu_request part = *q;
    int r = reserve(w, q->stub_len, chunk, overhead(p, header_len));

    if (r)
        return r;
    flags |= PDU_FIRST | (q->has_object ? PDU_OBJECT : 0);
    do {
        size_t left = q->stub_len - at, len = left < chunk ? left : chunk, start;

        start = pdu_begin(w, PDU_REQUEST, len == left ? flags | PDU_LAST : flags, call_id);
        part.alloc_hint = (uint32_t)left;
        pdu_request_put(w, &part);
        if (len)
            writer_put(w, q->stub + at, len);
        r = protect_seal(p, w, start, header_len);
        flags &= (uint8_t)~PDU_FIRST;
        at += len;
    } while (!r && at < q->stub_len);
    if (r)
        w->len = begin;
    return r;
}

int fragment_cut_response(struct writer *w, uint32_t call_id, uint8_t flags,
                          const struct pdu_response *response, size_t max_fragment,
                          const struct protection *p)
{
    size_t chunk = protect_chunk_len(p, max_fragment, PDU_CALL_HEADER_LEN), at = 0, begin = w->len;
    struct pdu_response part = *response;
    int r = reserve(w, response->stub_len, chunk, overhead(p, PDU_CALL_HEADER_LEN));

    if (r)
        return r;
    flags |= PDU_FIRST;
    do {
        size_t left = response->stub_len - at, len = left < chunk ? left : chunk, start;

        start = pdu_begin(w, PDU_RESPONSE, len == left ? flags | PDU_LAST : flags, call_id);
        part.alloc_hint = (uint32_t)left;
        pdu_response_put(w, &part);
        if (len)
            writer_put(w, response->stub + at, len);
        r = protect_seal(p, w, start, PDU_CALL_HEADER_LEN);
        flags &= (uint8_t)~PDU_FIRST;
        at += len;
    } while (!r && at < response->stub_len);
    if (r)
        w->len = begin;
    return r;
}
