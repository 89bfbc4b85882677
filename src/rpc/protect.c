/* SPDX-License-Identifier: MIT */
/*
 * See protect.h. The order of a protected PDU: header, stub, padding, sec_trailer, signature; lengths in the
 * header are final before anything is signed, since they are signed too.
 */
#include "rpc/protect.h"

#include <errno.h>

#define MAX_SIGNATURE 512 /* far more than any mechanism has; fits the smallest fragment */

bool protect_matches(const struct protection *p, const struct pdu_auth *auth)
{
    return auth->token && auth->type == p->type && auth->level == p->level &&
           auth->context_id == p->context_id;
}

static struct pdu_auth trailer(const struct protection *p)
{
    return (struct pdu_auth){.type = p->type, .level = p->level, .context_id = p->context_id};
}

void protect_put_token(const struct protection *p, struct writer *w, size_t start, const struct writer *token)
{
    struct pdu_auth auth = trailer(p);
    uint8_t *at = pdu_auth_put(w, start, start, 4, &auth, token->len);

    if (at && token->len)
        memcpy(at, token->data, token->len);
}

int protect_start(struct protection *p, bool header_signing)
{
    if (p->level < AUTH_LEVEL_INTEGRITY)
        return 0;
    auth_set_header_signing(p->auth, header_signing);
    p->signature_len = auth_signature_len(p->auth);
    if (p->signature_len && p->signature_len <= MAX_SIGNATURE)
        return 0;
    p->signature_len = 0;
    return AUTH_E_LEVEL;
}

size_t protect_chunk_len(const struct protection *p, size_t max_fragment, size_t header_len)
{
    if (!p->signature_len) /* a multiple of 8, as values are aligned within the whole stub */
        return (max_fragment - header_len) & ~(size_t)7;
    return (max_fragment - header_len - PROTECT_TRAILER_LEN - p->signature_len) &
           ~(size_t)(PROTECT_ALIGN - 1);
}

/* The pieces of a PDU whose signature stands at `signature`. */
static struct auth_message pieces(uint8_t *pdu, size_t header_len, const uint8_t *signature)
{
    const uint8_t *at = signature - PROTECT_TRAILER_LEN;

    return (struct auth_message){.header = pdu,
                                 .header_len = header_len,
                                 .body = pdu + header_len,
                                 .body_len = (size_t)(at - pdu) - header_len,
                                 .trailer = at,
                                 .trailer_len = PROTECT_TRAILER_LEN};
}

void protect_end(const struct protection *p, struct writer *w, size_t start)
{
    pdu_end(w, start);
    if (p->observer && !w->failed)
        p->observer->see(p->observer->context, false, w->data + start, w->len - start);
}

int protect_seal(const struct protection *p, struct writer *w, size_t start, size_t header_len)
{
    struct pdu_auth auth = trailer(p);
    struct auth_message m;
    uint8_t *signature;

    if (!p->signature_len) {
        protect_end(p, w, start);
        return w->failed ? -ENOMEM : 0;
    }
    signature = pdu_auth_put(w, start, start + header_len, PROTECT_ALIGN, &auth, p->signature_len);
    protect_end(p, w, start);
    if (w->failed)
        return -ENOMEM;
    m = pieces(w->data + start, header_len, signature);
    return auth_protect(p->auth, &m, signature);
}

/* What stands before the part that is sealed. */
static size_t header_len(const struct pdu_header *h)
{
    switch (h->type) {
    case PDU_REQUEST:
        return h->flags & PDU_OBJECT ? PDU_CALL_HEADER_LEN + PDU_OBJECT_LEN : PDU_CALL_HEADER_LEN;
    case PDU_RESPONSE:
        return PDU_CALL_HEADER_LEN;
    case PDU_FAULT:
        return PDU_FAULT_LEN;
    default:
        return PDU_HEADER_LEN;
    }
}

int protect_open(const struct protection *p, uint8_t *pdu, const struct pdu_header *h, struct reader *body)
{
    struct pdu_auth auth;
    struct auth_message m;
    uint8_t *signature;
    size_t head = header_len(h);

    if (!pdu_open(pdu, h, body, &auth) || !protect_matches(p, &auth) || auth.pad_len >= PROTECT_ALIGN)
        return AUTH_E_SIGNATURE;
    signature = pdu + (auth.token - pdu);
    if ((size_t)(signature - pdu) < head + auth.pad_len + PROTECT_TRAILER_LEN)
        return AUTH_E_SIGNATURE;
    m = pieces(pdu, head, signature);
    return auth_unprotect(p->auth, &m, signature, auth.token_len);
}
