/* SPDX-License-Identifier: MIT */
/*
 * Cutting a byte stream into PDUs and collecting PDUs to be sent; see stream.h for the invariant.
 * frag_length, [C706] 12.6.3.1, is the only thing looked at.
 */
#include "rpc/stream.h"

#include <errno.h>
#include <stdlib.h>

#define LIMIT (SIZE_MAX / 4)              /* the owner bounds what goes in */
#define IDLE_CAPACITY ((size_t)128 << 10) /* memory that an empty buffer may hold on to */

static void shrink(struct writer *w)
{
    writer_reset(w);
    if (w->capacity > IDLE_CAPACITY)
        writer_deinit(w);
}

/* Drop the first *at bytes when that is cheap: nothing else is there, or more is dropped than moved. */
static void compact(struct writer *w, size_t *at)
{
    if (*at == w->len) {
        shrink(w);
    } else if (*at > w->len / 2) {
        memmove(w->data, w->data + *at, w->len - *at);
        w->len -= *at;
    } else {
        return;
    }
    *at = 0;
}

/* --- in --- */

void stream_in_init(struct stream_in *in)
{
    *in = (struct stream_in){0};
    writer_init(&in->kept, LIMIT);
}

void stream_in_deinit(struct stream_in *in)
{
    writer_deinit(&in->kept);
}

size_t stream_in_len(const struct stream_in *in)
{
    return in->kept.len - in->at - in->last;
}

static void release_last(struct stream_in *in)
{
    in->at += in->last;
    in->last = 0;
    if (in->at)
        compact(&in->kept, &in->at);
}

int stream_in_keep(struct stream_in *in, const uint8_t *data, size_t len)
{
    if (!len)
        return 0;
    writer_put(&in->kept, data, len);
    if (!in->kept.failed)
        return 0;
    in->kept.failed = false;
    return -ENOMEM;
}

/* Move bytes from *data until `want` are kept. 0: not enough of them. */
static int fill(struct stream_in *in, size_t want, const uint8_t **data, size_t *len)
{
    size_t have = in->kept.len - in->at, n;
    int r;

    if (have >= want)
        return STREAM_PDU;
    if (!*len)
        return 0;
    n = want - have < *len ? want - have : *len;
    r = stream_in_keep(in, *data, n);
    if (r < 0)
        return r;
    *data += n;
    *len -= n;
    return have + n == want ? STREAM_PDU : 0;
}

static int next_kept(struct stream_in *in, const uint8_t **data, size_t *len, size_t max_fragment,
                     struct pdu_header *h, const uint8_t **pdu, int *why)
{
    int r = fill(in, PDU_HEADER_LEN, data, len);

    if (r != STREAM_PDU)
        return r;
    *why = pdu_header_get(in->kept.data + in->at, max_fragment, h);
    if (*why)
        return STREAM_BAD_HEADER;
    r = fill(in, h->frag_len, data, len);
    if (r != STREAM_PDU)
        return r;
    *pdu = in->kept.data + in->at;
    in->last = h->frag_len;
    return STREAM_PDU;
}

int stream_in_next(struct stream_in *in, const uint8_t **data, size_t *len, size_t max_fragment,
                   struct pdu_header *h, const uint8_t **pdu, int *why)
{
    release_last(in);
    if (in->kept.len > in->at || *len < PDU_HEADER_LEN)
        return next_kept(in, data, len, max_fragment, h, pdu, why);
    *why = pdu_header_get(*data, max_fragment, h);
    if (*why)
        return STREAM_BAD_HEADER;
    if (*len < h->frag_len)
        return next_kept(in, data, len, max_fragment, h, pdu, why);
    *pdu = *data;
    *data += h->frag_len;
    *len -= h->frag_len;
    return STREAM_PDU;
}

uint8_t *stream_in_own(struct stream_in *in, const uint8_t *pdu, size_t len)
{
    if (!in->last) { /* it lies in what the caller gave, and nothing is kept */
        if (stream_in_keep(in, pdu, len))
            return NULL;
        in->last = len;
    }
    return in->kept.data + in->at;
}

/* --- out --- */

void stream_out_init(struct stream_out *out)
{
    *out = (struct stream_out){0};
    writer_init(&out->bytes, LIMIT);
}

void stream_out_deinit(struct stream_out *out)
{
    writer_deinit(&out->bytes);
}

const uint8_t *stream_out_view(const struct stream_out *out, size_t *len)
{
    *len = out->bytes.len - out->at;
    return *len ? out->bytes.data + out->at : NULL;
}

size_t stream_out_len(const struct stream_out *out)
{
    return out->bytes.len - out->at;
}

void stream_out_sent(struct stream_out *out, size_t len)
{
    size_t left = out->bytes.len - out->at;

    out->at += len < left ? len : left;
    compact(&out->bytes, &out->at);
}
