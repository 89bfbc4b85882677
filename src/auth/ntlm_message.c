/* SPDX-License-Identifier: MIT */
/*
 * The three messages of NTLM and the AV pairs: bytes <-> structs, reader and writer of each together.
 *
 * Invariant: what a get function returns lies inside the token; a payload never overlaps the fixed part, and
 * lengths are those received, not claimed. [MS-NLMP] 2.2.1, 2.2.2.1.
 */
#include "auth/ntlm.h"

#include <string.h>

static const uint8_t ssp_signature[8] = "NTLMSSP";
/* of an operating system that has version 15 of the protocol; only its last byte means something */
static const uint8_t version[8] = {6, 1, 0, 0, 0, 0, 0, 15};

#define NEGOTIATE_LEN 40
#define CHALLENGE_LEN 56
#define AUTHENTICATE_LEN 88
#define AUTHENTICATE_SHORT_LEN 64 /* neither version nor MIC */

static struct reader message_begin(const uint8_t *token, size_t len, uint32_t type)
{
    struct reader r;
    const uint8_t *p;

    reader_init(&r, token, len);
    p = reader_take(&r, sizeof(ssp_signature));
    if (reader_u32(&r) != type || !p || memcmp(p, ssp_signature, sizeof(ssp_signature)) != 0)
        r.failed = true;
    return r;
}

/* A payload field: length, allocated length, offset. An empty one may have any offset. */
static struct ntlm_bytes field_get(struct reader *r, size_t fixed_len, size_t *first)
{
    uint16_t len = reader_u16(r);
    uint32_t offset;
    struct ntlm_bytes field = {r->start, 0};

    reader_u16(r);
    offset = reader_u32(r);
    if (!len || r->failed)
        return field;
    if (offset < fixed_len || offset > (size_t)(r->end - r->start) ||
        len > (size_t)(r->end - r->start) - offset) {
        r->failed = true;
        return field;
    }
    if (first && offset < *first)
        *first = offset;
    return (struct ntlm_bytes){r->start + offset, len};
}

static void field_put(struct writer *w, size_t len, size_t *offset)
{
    if (len > UINT16_MAX)
        w->failed = true;
    writer_u16(w, (uint16_t)len);
    writer_u16(w, (uint16_t)len);
    writer_u32(w, (uint32_t)*offset);
    *offset += len;
}

static void message_put(struct writer *w, uint32_t type)
{
    writer_put(w, ssp_signature, sizeof(ssp_signature));
    writer_u32(w, type);
}

/* ---- NEGOTIATE_MESSAGE ---- */

int ntlm_negotiate_get(struct ntlm_negotiate *m, const uint8_t *token, size_t len)
{
    struct reader r = message_begin(token, len, 1);

    m->flags = reader_u32(&r); /* the two names that may follow are of no use; some clients leave them out */
    return r.failed ? AUTH_E_TOKEN : 0;
}

void ntlm_negotiate_put(struct writer *w, const struct ntlm_negotiate *m)
{
    size_t offset = NEGOTIATE_LEN;

    message_put(w, 1);
    writer_u32(w, m->flags);
    field_put(w, 0, &offset);
    field_put(w, 0, &offset);
    writer_put(w, version, sizeof(version));
}

/* ---- CHALLENGE_MESSAGE ---- */

int ntlm_challenge_get(struct ntlm_challenge *m, const uint8_t *token, size_t len)
{
    struct reader r = message_begin(token, len, 2);
    const uint8_t *challenge;

    m->target = field_get(&r, CHALLENGE_LEN - sizeof(version), NULL);
    m->flags = reader_u32(&r);
    challenge = reader_take(&r, sizeof(m->challenge));
    reader_take(&r, 8);
    m->info = field_get(&r, CHALLENGE_LEN - sizeof(version), NULL);
    if (r.failed)
        return AUTH_E_TOKEN;
    memcpy(m->challenge, challenge, sizeof(m->challenge));
    return 0;
}

void ntlm_challenge_put(struct writer *w, const struct ntlm_challenge *m)
{
    size_t offset = CHALLENGE_LEN;

    message_put(w, 2);
    field_put(w, m->target.len, &offset);
    writer_u32(w, m->flags);
    writer_put(w, m->challenge, sizeof(m->challenge));
    writer_zero(w, 8);
    field_put(w, m->info.len, &offset);
    writer_put(w, version, sizeof(version));
    writer_put(w, m->target.at, m->target.len);
    writer_put(w, m->info.at, m->info.len);
}

/* ---- AUTHENTICATE_MESSAGE ---- */

int ntlm_authenticate_get(struct ntlm_authenticate *m, const uint8_t *token, size_t len)
{
    struct reader r = message_begin(token, len, 3);
    size_t first = len;

    m->lm = field_get(&r, AUTHENTICATE_SHORT_LEN, &first);
    m->nt = field_get(&r, AUTHENTICATE_SHORT_LEN, &first);
    m->domain = field_get(&r, AUTHENTICATE_SHORT_LEN, &first);
    m->user = field_get(&r, AUTHENTICATE_SHORT_LEN, &first);
    m->workstation = field_get(&r, AUTHENTICATE_SHORT_LEN, &first);
    m->key = field_get(&r, AUTHENTICATE_SHORT_LEN, &first);
    m->flags = reader_u32(&r);
    if (r.failed)
        return AUTH_E_TOKEN;
    m->mic = first >= AUTHENTICATE_LEN ? token + NTLM_MIC_OFFSET : NULL;
    return 0;
}

void ntlm_authenticate_put(struct writer *w, const struct ntlm_authenticate *m)
{
    static const uint8_t no_mic[16];
    /* text first: its units stay aligned to 2 */
    size_t domain = AUTHENTICATE_LEN, user = domain + m->domain.len, workstation = user + m->user.len;
    size_t lm = workstation + m->workstation.len, nt = lm + m->lm.len, key = nt + m->nt.len;

    message_put(w, 3);
    field_put(w, m->lm.len, &lm);
    field_put(w, m->nt.len, &nt);
    field_put(w, m->domain.len, &domain);
    field_put(w, m->user.len, &user);
    field_put(w, m->workstation.len, &workstation);
    field_put(w, m->key.len, &key);
    writer_u32(w, m->flags);
    writer_put(w, version, sizeof(version));
    writer_put(w, m->mic ? m->mic : no_mic, sizeof(no_mic));
    writer_put(w, m->domain.at, m->domain.len);
    writer_put(w, m->user.at, m->user.len);
    writer_put(w, m->workstation.at, m->workstation.len);
    writer_put(w, m->lm.at, m->lm.len);
    writer_put(w, m->nt.at, m->nt.len);
    writer_put(w, m->key.at, m->key.len);
}

/* ---- AV pairs ---- */

int ntlm_av_get(struct ntlm_av *av, const uint8_t *data, size_t len)
{
    struct reader r;

    *av = (struct ntlm_av){.all = {data, 0}};
    reader_init(&r, data, len);
    for (;;) {
        uint16_t id = reader_u16(&r), value_len = reader_u16(&r);
        const uint8_t *value = reader_take(&r, value_len);

        if (r.failed)
            return AUTH_E_TOKEN; /* also when there is no EOL */
        if (id == MsvAvEOL)
            break;
        av->all.len = reader_offset(&r);
        if (id > MsvAvLast)
            continue;
        if (av->value[id].at) /* which of the two would count? */
            return AUTH_E_TOKEN;
        av->value[id] = (struct ntlm_bytes){value, value_len};
    }
    if ((av->value[MsvAvFlags].at && av->value[MsvAvFlags].len != 4) ||
        (av->value[MsvAvTimestamp].at && av->value[MsvAvTimestamp].len != 8) ||
        (av->value[MsvAvChannelBindings].at && av->value[MsvAvChannelBindings].len != 16))
        return AUTH_E_TOKEN;
    return 0;
}

void ntlm_av_put(struct writer *w, uint16_t id, const void *value, size_t len)
{
    if (len > UINT16_MAX)
        w->failed = true;
    writer_u16(w, id);
    writer_u16(w, (uint16_t)len);
    writer_put(w, value, len);
}
