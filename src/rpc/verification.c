/* SPDX-License-Identifier: MIT */
/*
 * See verification.h. [MS-RPCE] 2.2.2.13: a signature, then commands until one with END.
 */
#include "rpc/verification.h"

#include <string.h>

#include "ndr/ndr.h"
#include "rpc/pdu.h"

#define COMMAND_MASK 0x3fff
#define COMMAND_END 0x4000
#define COMMAND_MUST_PROCESS 0x8000

#define CLIENT_CAN_SIGN_HEADERS 1

enum { BITMASK1 = 1, PCONTEXT = 2, HEADER2 = 3 };

#define HEADER2_LEN 16

static const uint8_t little_endian[4] = {0x10, 0, 0, 0};
static const uint8_t signature[8] = {0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71};

/* What the client believes to have bound. */
static bool context_agrees(struct reader *r, const struct rpc_request *q)
{
    struct pdu_syntax abstract, transfer, ours = pdu_transfer_syntax(q->syntax);

    return pdu_syntax_get(r, &abstract) && pdu_syntax_get(r, &transfer) &&
           pdu_syntax_equal(&transfer, &ours) && ndr_uuid_equal(&abstract.uuid, &q->interface->uuid) &&
           abstract.major == q->interface->major && abstract.minor <= q->interface->minor;
}

/* The header that it believes to have sent. */
static bool header_agrees(struct reader *r, const struct rpc_request *q)
{
    uint8_t type = reader_u8(r);
    const uint8_t *representation;
    uint32_t call_id;
    uint16_t context_id, opnum;

    reader_take(r, 3);
    representation = reader_take(r, 4);
    call_id = reader_u32(r);
    context_id = reader_u16(r);
    opnum = reader_u16(r);
    return !r->failed && type == PDU_REQUEST && !memcmp(representation, little_endian, 4) &&
           call_id == q->call_id && context_id == q->context_id && opnum == q->opnum;
}

static bool command_agrees(uint16_t command, struct reader *body, const struct rpc_request *q)
{
    bool can_sign;

    switch (command & COMMAND_MASK) {
    case BITMASK1: /* we can sign headers too: did its offer not arrive? */
        can_sign = reader_u32(body) & CLIENT_CAN_SIGN_HEADERS;
        return !body->failed && (!can_sign || q->header_signing || q->level < AUTH_LEVEL_INTEGRITY);
    case PCONTEXT:
        return context_agrees(body, q);
    case HEADER2:
        return header_agrees(body, q);
    default:
        return !(command & COMMAND_MUST_PROCESS);
    }
}

int verification_check(const struct rpc_request *q, size_t used)
{
    const uint8_t *start;
    uint16_t command;
    struct reader r;

    reader_init(&r, q->stub, q->stub_len);
    reader_take(&r, used);
    reader_align(&r, 4);
    start = reader_take(&r, sizeof(signature));
    if (!start || memcmp(start, signature, sizeof(signature)) != 0)
        return 0;
    do {
        struct reader body;

        command = reader_u16(&r);
        body = reader_sub(&r, reader_u16(&r));
        if (r.failed || !command_agrees(command, &body, q))
            return VERIFICATION_E_MISMATCH;
    } while (!(command & COMMAND_END));
    return 0;
}

void verification_put(struct writer *w, const struct rpc_request *q, bool headers_are_signed)
{
    struct pdu_syntax abstract = pdu_interface_syntax(q->interface),
                      transfer = pdu_transfer_syntax(q->syntax);

    writer_align(w, 4);
    writer_put(w, signature, sizeof(signature));
    if (q->header_signing) {
        writer_u16(w, BITMASK1);
        writer_u16(w, 4);
        writer_u32(w, CLIENT_CAN_SIGN_HEADERS);
    }
    writer_u16(w, headers_are_signed ? PCONTEXT | COMMAND_END : PCONTEXT);
    writer_u16(w, 2 * PDU_SYNTAX_LEN);
    pdu_syntax_put(w, &abstract);
    pdu_syntax_put(w, &transfer);
    if (headers_are_signed)
        return;
    writer_u16(w, HEADER2 | COMMAND_END);
    writer_u16(w, HEADER2_LEN);
    writer_u32(w, PDU_REQUEST);
    writer_put(w, little_endian, sizeof(little_endian));
    writer_u32(w, q->call_id);
    writer_u16(w, q->context_id);
    writer_u16(w, q->opnum);
}
