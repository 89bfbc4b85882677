/* SPDX-License-Identifier: MIT */
/*
 * Signing and sealing of whole PDUs by a security context, for both sides. [MS-RPCE] 2.2.2.11, 3.3.1.5.2.
 *
 * Invariant: `signature_len` is 0 until protect_start() has found the context established with the level that
 * was agreed; from then on (but at level CONNECT) each request and response goes through protect_seal() or
 * protect_open() exactly once, in the order of the wire.
 */
#ifndef RPC_PROTECT_H
#define RPC_PROTECT_H

#include "auth/auth.h"
#include "rpc/pdu.h"

struct protection {
    struct auth *auth; /* NULL: no authentication */
    uint8_t type, level;
    uint32_t context_id;
    size_t signature_len;                /* 0: PDUs are sent and taken as they are */
    const struct pdu_observer *observer; /* of what is sent; NULL: none */
};

#define PROTECT_ALIGN 16 /* of the trailer, from the start of the stub */
#define PROTECT_TRAILER_LEN 8

/* Is this trailer one of this context? */
bool protect_matches(const struct protection *p, const struct pdu_auth *auth);

/* Append the trailer with `token` of a PDU that is part of the authentication itself; before pdu_end. */
void protect_put_token(const struct protection *p, struct writer *w, size_t start,
                       const struct writer *token);

/* The context is established: from now on PDUs are protected as its level says. 0; AUTH_E_LEVEL. */
int protect_start(struct protection *p, bool header_signing);

/* Finish the PDU begun at `start`, one that is never protected itself. */
void protect_end(const struct protection *p, struct writer *w, size_t start);
/* Longest stub in a PDU of at most `max_fragment` bytes, such that more can follow in the next. */
size_t protect_chunk_len(const struct protection *p, size_t max_fragment, size_t header_len);
/* Finish the PDU begun at `start` whose stub, `header_len` behind it, is complete: trailer, lengths, and the
 * signature. 0, a result of auth.h; -ENOMEM. */
int protect_seal(const struct protection *p, struct writer *w, size_t start, size_t header_len);
/* Verify and open a PDU in place; *body becomes what pdu_open gave, opened. 0, AUTH_E_SIGNATURE (also: the
 * trailer is not ours, or there is none), other results of auth.h. */
int protect_open(const struct protection *p, uint8_t *pdu, const struct pdu_header *h, struct reader *body);

#endif
