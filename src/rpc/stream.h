/* SPDX-License-Identifier: MIT */
/*
 * A byte stream <-> whole PDUs, for both sides of a connection.
 *
 * Inbound: PDUs come out whole however the bytes were cut; a PDU that lies whole in what the caller gives is
 * not copied. Invariant: what is kept is what has not been given out; a length is believed only when the
 * header was checked, and memory follows the bytes received. Outbound: appended at the end, removed at the
 * front, memory used again.
 */
#ifndef RPC_STREAM_H
#define RPC_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/writer.h"
#include "rpc/pdu.h"

struct stream_in {
    struct writer kept;
    size_t at;   /* start of what was not given out */
    size_t last; /* length of the PDU given out last, when it lies in `kept` */
};

enum { STREAM_PDU = 1, STREAM_BAD_HEADER = 2 };

void stream_in_init(struct stream_in *in);
void stream_in_deinit(struct stream_in *in);
size_t stream_in_len(const struct stream_in *in); /* bytes kept */

/* The next PDU from what is kept and then from *data, which is moved past what was taken. 0: all of it was
 * taken and more is needed; STREAM_PDU: *pdu is whole, valid until the next call; STREAM_BAD_HEADER: *why is
 * the condition of pdu_header_get, `h` what could be read; -ENOMEM. */
int stream_in_next(struct stream_in *in, const uint8_t **data, size_t *len, size_t max_fragment,
                   struct pdu_header *h, const uint8_t **pdu, int *why);
/* The PDU given out last, in memory of the stream's own where it may be changed; valid until the next call.
 * NULL: no memory. */
uint8_t *stream_in_own(struct stream_in *in, const uint8_t *pdu, size_t len);
/* Keep bytes that are not to be looked at now. 0, -ENOMEM. */
int stream_in_keep(struct stream_in *in, const uint8_t *data, size_t len);

struct stream_out {
    struct writer bytes;
    size_t at; /* sent */
};

void stream_out_init(struct stream_out *out);
void stream_out_deinit(struct stream_out *out);
const uint8_t *stream_out_view(const struct stream_out *out, size_t *len);
size_t stream_out_len(const struct stream_out *out);
void stream_out_sent(struct stream_out *out, size_t len);

#endif
