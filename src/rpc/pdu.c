/* SPDX-License-Identifier: MIT */
/*
 * Reader and writer of each PDU, side by side and in the order of the wire. [C706] 12.6, [MS-RPCE] 2.2.2.
 * No state: which PDU may come when is the business of server.c and client.c.
 */
#include "rpc/pdu.h"

#include <string.h>

#include "ndr/ndr.h"

#define VERSION 5
#define MAX_MINOR 1
#define LITTLE_ENDIAN_ASCII 0x10
#define AUTH_HEADER_LEN 8

/* --- common header --- */

int pdu_header_get(const uint8_t *bytes, size_t max_fragment, struct pdu_header *h)
{
    uint8_t major, minor, integers, reals;
    struct reader r;

    reader_init(&r, bytes, PDU_HEADER_LEN);
    major = reader_u8(&r);
    minor = reader_u8(&r);
    h->type = reader_u8(&r);
    h->flags = reader_u8(&r);
    integers = reader_u8(&r);
    reals = reader_u8(&r);
    reader_take(&r, 2);
    h->frag_len = reader_u16(&r);
    h->auth_len = reader_u16(&r);
    h->call_id = reader_u32(&r);
    if (integers >> 4 == 0) /* big-endian: so that the refusal names the call */
        h->call_id = __builtin_bswap32(h->call_id);
    if (major != VERSION || minor > MAX_MINOR)
        return PDU_E_VERSION;
    if (integers != LITTLE_ENDIAN_ASCII || reals != 0)
        return PDU_E_REPRESENTATION;
    if (h->frag_len < PDU_HEADER_LEN || h->frag_len > max_fragment)
        return PDU_E_LENGTH;
    return 0;
}

size_t pdu_begin(struct writer *w, uint8_t type, uint8_t flags, uint32_t call_id)
{
    size_t start = w->len;

    writer_u8(w, VERSION);
    writer_u8(w, 0);
    writer_u8(w, type);
    writer_u8(w, flags);
    writer_u32(w, LITTLE_ENDIAN_ASCII);
    writer_u32(w, 0); /* frag_length, auth_length: later */
    writer_u32(w, call_id);
    return start;
}

void pdu_end(struct writer *w, size_t start)
{
    size_t len = w->len - start;

    if (len > UINT16_MAX)
        w->failed = true;
    writer_patch_u16(w, start + PDU_FRAG_LEN_AT, (uint16_t)len);
}

/* --- sec_trailer --- */

bool pdu_open(const uint8_t *pdu, const struct pdu_header *h, struct reader *body, struct pdu_auth *auth)
{
    size_t end = h->frag_len;

    *auth = (struct pdu_auth){0};
    if (h->auth_len) {
        struct reader r;
        size_t at;

        if (h->auth_len > end - PDU_HEADER_LEN || end - PDU_HEADER_LEN - h->auth_len < AUTH_HEADER_LEN)
            return false;
        at = end - h->auth_len - AUTH_HEADER_LEN;
        if (at % 4)
            return false;
        reader_init(&r, pdu, end);
        reader_take(&r, at);
        auth->type = reader_u8(&r);
        auth->level = reader_u8(&r);
        auth->pad_len = reader_u8(&r);
        reader_u8(&r);
        auth->context_id = reader_u32(&r);
        auth->token_len = h->auth_len;
        auth->token = reader_take(&r, h->auth_len);
        if (auth->pad_len > at - PDU_HEADER_LEN)
            return false;
        end = at - auth->pad_len;
    }
    reader_init(body, pdu, end);
    reader_take(body, PDU_HEADER_LEN);
    return true;
}

uint8_t *pdu_auth_put(struct writer *w, size_t start, size_t from, size_t align, struct pdu_auth *auth,
                      size_t token_len)
{
    size_t body_end = w->len;

    if (token_len > UINT16_MAX) {
        w->failed = true;
        return NULL;
    }
    writer_align_from(w, from, align);
    auth->pad_len = (uint8_t)(w->len - body_end);
    writer_u8(w, auth->type);
    writer_u8(w, auth->level);
    writer_u8(w, auth->pad_len);
    writer_u8(w, 0);
    writer_u32(w, auth->context_id);
    writer_patch_u16(w, start + PDU_AUTH_LEN_AT, (uint16_t)token_len);
    return writer_reserve(w, token_len);
}

/* --- syntax identifiers --- */

bool pdu_syntax_get(struct reader *r, struct pdu_syntax *s)
{
    ndr_uuid_read(r, &s->uuid);
    s->major = reader_u16(r);
    s->minor = reader_u16(r);
    return !r->failed;
}

void pdu_syntax_put(struct writer *w, const struct pdu_syntax *s)
{
    ndr_uuid_write(w, &s->uuid);
    writer_u16(w, s->major);
    writer_u16(w, s->minor);
}

bool pdu_syntax_equal(const struct pdu_syntax *a, const struct pdu_syntax *b)
{
    return a->major == b->major && a->minor == b->minor && ndr_uuid_equal(&a->uuid, &b->uuid);
}

struct pdu_syntax pdu_transfer_syntax(enum ndr_syntax syntax)
{
    return (struct pdu_syntax){.uuid = ndr_syntax_uuid[syntax], .major = syntax == NDR_SYNTAX_NDR20 ? 2 : 1};
}

struct pdu_syntax pdu_interface_syntax(const struct ndr_interface *interface)
{
    return (struct pdu_syntax){.uuid = interface->uuid, .major = interface->major, .minor = interface->minor};
}

/* 6cb71c2c-9812-4540-XX00-000000000000 version 1.0 */
static const struct pdu_syntax features_syntax = {
    .uuid = {.time_low = 0x6cb71c2c, .time_mid = 0x9812, .time_hi = 0x4540}, .major = 1};

bool pdu_features_get(const struct pdu_syntax *transfer, uint8_t *bits)
{
    struct pdu_syntax plain = *transfer;

    *bits = plain.uuid.node[0];
    memset(plain.uuid.node, 0, sizeof(plain.uuid.node));
    return pdu_syntax_equal(&plain, &features_syntax);
}

struct pdu_syntax pdu_features(uint8_t bits)
{
    struct pdu_syntax s = features_syntax;

    s.uuid.node[0] = bits;
    return s;
}

/* --- bind, alter_context --- */

bool pdu_bind_get(struct reader *r, struct pdu_bind *b)
{
    b->max_xmit = reader_u16(r);
    b->max_recv = reader_u16(r);
    b->assoc_group = reader_u32(r);
    b->count = reader_u8(r);
    reader_take(r, 3);
    return !r->failed;
}

void pdu_bind_put(struct writer *w, const struct pdu_bind *b)
{
    writer_u16(w, b->max_xmit);
    writer_u16(w, b->max_recv);
    writer_u32(w, b->assoc_group);
    writer_u8(w, b->count);
    writer_zero(w, 3);
}

bool pdu_context_get(struct reader *r, struct pdu_context *c)
{
    c->id = reader_u16(r);
    c->count = reader_u8(r);
    reader_take(r, 1);
    return pdu_syntax_get(r, &c->abstract);
}

void pdu_context_put(struct writer *w, const struct pdu_context *c)
{
    writer_u16(w, c->id);
    writer_u8(w, c->count);
    writer_u8(w, 0);
    pdu_syntax_put(w, &c->abstract);
}

/* --- bind_ack, alter_context_resp --- */

bool pdu_bind_ack_get(struct reader *r, struct pdu_bind_ack *a)
{
    a->max_xmit = reader_u16(r);
    a->max_recv = reader_u16(r);
    a->assoc_group = reader_u32(r);
    a->address_len = reader_u16(r);
    a->address = (const char *)reader_take(r, a->address_len);
    reader_align(r, 4);
    a->count = reader_u8(r);
    reader_take(r, 3);
    return !r->failed;
}

void pdu_bind_ack_put(struct writer *w, size_t start, const struct pdu_bind_ack *a)
{
    writer_u16(w, a->max_xmit);
    writer_u16(w, a->max_recv);
    writer_u32(w, a->assoc_group);
    writer_u16(w, a->address_len);
    writer_put(w, a->address, a->address_len);
    writer_align_from(w, start, 4);
    writer_u8(w, a->count);
    writer_zero(w, 3);
}

bool pdu_result_get(struct reader *r, struct pdu_result *result)
{
    result->result = reader_u16(r);
    result->reason = reader_u16(r);
    return pdu_syntax_get(r, &result->transfer);
}

void pdu_result_put(struct writer *w, const struct pdu_result *result)
{
    writer_u16(w, result->result);
    writer_u16(w, result->reason);
    pdu_syntax_put(w, &result->transfer);
}

/* --- bind_nak --- */

bool pdu_bind_nak_get(struct reader *r, uint16_t *reason)
{
    *reason = reader_u16(r);
    return !r->failed;
}

void pdu_bind_nak(struct writer *w, uint32_t call_id, uint16_t reason)
{
    size_t start = pdu_begin(w, PDU_BIND_NAK, PDU_WHOLE, call_id);

    writer_u16(w, reason);
    writer_u8(w, MAX_MINOR + 1);
    for (uint8_t minor = 0; minor <= MAX_MINOR; minor++) {
        writer_u8(w, VERSION);
        writer_u8(w, minor);
    }
    pdu_end(w, start);
}

/* --- request, response, fault --- */

bool pdu_request_get(struct reader *r, uint8_t flags, struct pdu_request *q)
{
    q->alloc_hint = reader_u32(r);
    q->context_id = reader_u16(r);
    q->opnum = reader_u16(r);
    q->has_object = flags & PDU_OBJECT;
    if (q->has_object)
        ndr_uuid_read(r, &q->object);
    q->stub_len = reader_left(r);
    q->stub = reader_take(r, q->stub_len);
    return !r->failed;
}

void pdu_request_put(struct writer *w, const struct pdu_request *q)
{
    writer_u32(w, q->alloc_hint);
    writer_u16(w, q->context_id);
    writer_u16(w, q->opnum);
    if (q->has_object)
        ndr_uuid_write(w, &q->object);
}

bool pdu_response_get(struct reader *r, struct pdu_response *p)
{
    p->alloc_hint = reader_u32(r);
    p->context_id = reader_u16(r);
    p->cancel_count = reader_u8(r);
    reader_take(r, 1);
    p->stub_len = reader_left(r);
    p->stub = reader_take(r, p->stub_len);
    return !r->failed;
}

void pdu_response_put(struct writer *w, const struct pdu_response *p)
{
    writer_u32(w, p->alloc_hint);
    writer_u16(w, p->context_id);
    writer_u8(w, p->cancel_count);
    writer_u8(w, 0);
}

bool pdu_fault_get(struct reader *r, struct pdu_fault *f)
{
    reader_take(r, 4); /* alloc_hint */
    f->context_id = reader_u16(r);
    f->cancel_count = reader_u8(r);
    reader_take(r, 1);
    f->status.v = reader_u32(r);
    return !r->failed; /* 4 bytes reserved and stub data may follow */
}

void pdu_fault(struct writer *w, uint32_t call_id, uint8_t flags, const struct pdu_fault *f)
{
    size_t start = pdu_begin(w, PDU_FAULT, flags, call_id);

    writer_u32(w, 0);
    writer_u16(w, f->context_id);
    writer_u8(w, f->cancel_count);
    writer_u8(w, 0);
    writer_u32(w, f->status.v);
    writer_u32(w, 0);
    pdu_end(w, start);
}

/* --- shutdown, co_cancel, orphaned --- */

void pdu_bare(struct writer *w, uint8_t type, uint32_t call_id)
{
    pdu_end(w, pdu_begin(w, type, PDU_WHOLE, call_id));
}
