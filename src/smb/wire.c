/* SPDX-License-Identifier: MIT */
/* The fixed header: reader and writer side by side, fields in the order of [MS-SMB2] 2.2.1. */
#include "smb/wire.h"

static const uint8_t protocol_id[4] = {0xFE, 'S', 'M', 'B'};

bool smb_header_get(struct reader *r, struct smb_header *h)
{
    const uint8_t *id = reader_take(r, 4);

    *h = (struct smb_header){0};
    if (!id || memcmp(id, protocol_id, 4) != 0 || reader_u16(r) != SMB_HEADER_LEN)
        return false;
    h->credit_charge = reader_u16(r);
    h->status = reader_u32(r);
    h->command = reader_u16(r);
    h->credits = reader_u16(r);
    h->flags = reader_u32(r);
    h->next = reader_u32(r);
    h->message_id = reader_u64(r);
    if (h->flags & SMB_FLAG_ASYNC) {
        h->async_id = reader_u64(r);
    } else {
        reader_u32(r);
        h->tree_id = reader_u32(r);
    }
    h->session_id = reader_u64(r);
    reader_take(r, SMB_SIGNATURE_LEN);
    return !r->failed;
}

void smb_header_put(struct writer *w, const struct smb_header *h)
{
    writer_put(w, protocol_id, 4);
    writer_u16(w, SMB_HEADER_LEN);
    writer_u16(w, h->credit_charge);
    writer_u32(w, h->status);
    writer_u16(w, h->command);
    writer_u16(w, h->credits);
    writer_u32(w, h->flags);
    writer_u32(w, h->next);
    writer_u64(w, h->message_id);
    if (h->flags & SMB_FLAG_ASYNC) {
        writer_u64(w, h->async_id);
    } else {
        writer_u32(w, 0);
        writer_u32(w, h->tree_id);
    }
    writer_u64(w, h->session_id);
    writer_zero(w, SMB_SIGNATURE_LEN);
}
