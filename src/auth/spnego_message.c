/* SPDX-License-Identifier: MIT */
/*
 * SPNEGO's messages in DER: NegTokenInit, NegTokenInit2, NegTokenResp. [RFC4178] 4.2, [MS-SPNG] 2.2.1.
 *
 * Invariant: a reader never leaves the element it was given; definite lengths of at most four bytes only.
 * Lengths that could be shorter are taken, as every other implementation does: nothing is compared in DER
 * but the list of mechanisms, and that as it was sent.
 */
#include "auth/spnego.h"

#include <string.h>

#include "base/reader.h"

enum {
    TAG_BIT_STRING = 0x03,
    TAG_OCTET_STRING = 0x04,
    TAG_OID = 0x06,
    TAG_ENUMERATED = 0x0A,
    TAG_GENERAL_STRING = 0x1B,
    TAG_SEQUENCE = 0x30,
    TAG_APPLICATION = 0x60,
    TAG_CONTEXT = 0xA0, /* [0], and so on */
};

static const uint8_t spnego_oid[] = {0x2B, 6, 1, 5, 5, 2};

const struct spnego_mech spnego_mechs[] = {
    /* 1.2.840.48018.1.2.2: Kerberos as Windows 2000 misspelt it, and as Windows still likes it best */
    {AUTH_KERBEROS, 9, {0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 1, 2, 2}},
    {AUTH_KERBEROS, 9, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2}}, /* 1.2.840.113554.1.2.2 */
    {AUTH_NTLM, 10, {0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 10}},         /* 1.3.6.1.4.1.311.2.2.10 */
    {0},
};

static size_t der_length(struct reader *r)
{
    uint8_t first = reader_u8(r);
    size_t len = 0;

    if (!(first & 0x80))
        return first;
    first &= 0x7F;
    if (!first || first > 4)
        r->failed = true;
    for (; first && !r->failed; first--)
        len = len << 8 | reader_u8(r);
    return len;
}

/* The content of the element that comes next, which must have this tag. */
static struct reader der_take(struct reader *r, uint8_t tag)
{
    size_t len;

    if (reader_u8(r) != tag)
        r->failed = true;
    len = der_length(r);
    if (r->failed) {
        struct reader none;

        reader_init(&none, NULL, 0);
        none.failed = true;
        return none;
    }
    return reader_sub(r, len);
}

static bool der_is(const struct reader *r, unsigned tag)
{
    return reader_left(r) && *r->at == tag;
}

static struct spnego_bytes rest(const struct reader *r)
{
    return (struct spnego_bytes){r->at, reader_left(r)};
}

/* Optional element [number] that holds one of `tag`: `*out` its content, if it is there. */
static void der_optional(struct reader *r, unsigned number, uint8_t tag, struct spnego_bytes *out)
{
    struct reader outer, content;

    if (r->failed || !der_is(r, TAG_CONTEXT + number))
        return;
    outer = der_take(r, (uint8_t)(TAG_CONTEXT + number));
    content = der_take(&outer, tag);
    if (outer.failed || content.failed)
        r->failed = true;
    else
        *out = rest(&content);
}

static size_t length_len(size_t len)
{
    size_t n = 1;

    if (len >= 0x80)
        for (; len; len >>= 8)
            n++;
    return n;
}

/* Of an element with `len` bytes of content. */
static size_t der_len(size_t len)
{
    return 1 + length_len(len) + len;
}

static void der_head(struct writer *w, unsigned tag, size_t len)
{
    size_t n = length_len(len) - 1;

    writer_u8(w, (uint8_t)tag);
    writer_u8(w, n ? (uint8_t)(0x80 | n) : (uint8_t)len);
    while (n--)
        writer_u8(w, (uint8_t)(len >> 8 * n));
}

static size_t optional_len(struct spnego_bytes content)
{
    return content.at ? der_len(der_len(content.len)) : 0;
}

static void der_optional_put(struct writer *w, unsigned number, unsigned tag, struct spnego_bytes content)
{
    if (!content.at)
        return;
    der_head(w, TAG_CONTEXT + number, der_len(content.len));
    der_head(w, tag, content.len);
    writer_put(w, content.at, content.len);
}

/* ---- MechTypeList ---- */

static const struct spnego_mech *find_mech(struct spnego_bytes oid)
{
    for (const struct spnego_mech *m = spnego_mechs; m->mechanism; m++)
        if (m->oid_len == oid.len && memcmp(m->oid, oid.at, oid.len) == 0)
            return m;
    return NULL;
}

bool spnego_mech_next(struct spnego_bytes mech_list, size_t *at, struct spnego_bytes *oid,
                      const struct spnego_mech **known)
{
    struct reader r, list, one;

    reader_init(&r, mech_list.at, mech_list.len);
    list = der_take(&r, TAG_SEQUENCE);
    reader_take(&list, *at);
    if (!reader_left(&list))
        return false;
    one = der_take(&list, TAG_OID);
    if (list.failed || one.failed)
        return false;
    *oid = rest(&one);
    *known = find_mech(*oid);
    *at = reader_offset(&list);
    return true;
}

void spnego_mech_list_put(struct writer *w, unsigned mechanisms)
{
    size_t len = 0;

    for (const struct spnego_mech *m = spnego_mechs; m->mechanism; m++)
        if (m->mechanism & mechanisms)
            len += der_len(m->oid_len);
    der_head(w, TAG_SEQUENCE, len);
    for (const struct spnego_mech *m = spnego_mechs; m->mechanism; m++)
        if (m->mechanism & mechanisms) {
            der_head(w, TAG_OID, m->oid_len);
            writer_put(w, m->oid, m->oid_len);
        }
}

bool spnego_is_framed(const uint8_t *token, size_t len, unsigned mechanism)
{
    struct reader r, framed, oid;
    const struct spnego_mech *known;

    reader_init(&r, token, len);
    framed = der_take(&r, TAG_APPLICATION);
    oid = der_take(&framed, TAG_OID);
    if (oid.failed)
        return false;
    known = find_mech(rest(&oid));
    return known && known->mechanism == mechanism;
}

/* ---- NegTokenInit ---- */

int spnego_init_get(struct spnego_init *m, const uint8_t *token, size_t len)
{
    struct spnego_bytes flags;
    struct reader r, framed, choice, fields, list;

    *m = (struct spnego_init){0};
    reader_init(&r, token, len);
    framed = der_take(&r, TAG_APPLICATION);
    fields = der_take(&framed, TAG_OID);
    if (fields.failed || reader_left(&fields) != sizeof(spnego_oid) ||
        memcmp(fields.at, spnego_oid, sizeof(spnego_oid)) != 0)
        return AUTH_E_TOKEN;
    choice = der_take(&framed, TAG_CONTEXT);
    fields = der_take(&choice, TAG_SEQUENCE);
    list = der_take(&fields, TAG_CONTEXT);
    m->mech_list = rest(&list);
    der_take(&list, TAG_SEQUENCE);
    if (reader_left(&list))
        list.failed = true;
    der_optional(&fields, 1, TAG_BIT_STRING, &flags);
    der_optional(&fields, 2, TAG_OCTET_STRING, &m->token);
    /* a MIC here has nothing to say yet, hints even less: what follows is not read */
    if (list.failed || fields.failed)
        return AUTH_E_TOKEN;
    return m->mech_list.len <= SPNEGO_MECH_LIST_MAX ? 0 : AUTH_E_TOKEN;
}

void spnego_init_put(struct writer *w, const struct spnego_init *m, bool hint)
{
    static const char hint_name[] = "not_defined_in_RFC4178@please_ignore";
    struct spnego_bytes name = {(const uint8_t *)hint_name, sizeof(hint_name) - 1};
    size_t hint_len = hint ? der_len(optional_len(name)) : 0;
    size_t fields = der_len(m->mech_list.len) + optional_len(m->token) + (hint ? der_len(hint_len) : 0);

    der_head(w, TAG_APPLICATION, der_len(sizeof(spnego_oid)) + der_len(der_len(fields)));
    der_head(w, TAG_OID, sizeof(spnego_oid));
    writer_put(w, spnego_oid, sizeof(spnego_oid));
    der_head(w, TAG_CONTEXT, der_len(fields));
    der_head(w, TAG_SEQUENCE, fields);
    der_head(w, TAG_CONTEXT, m->mech_list.len);
    writer_put(w, m->mech_list.at, m->mech_list.len);
    der_optional_put(w, 2, TAG_OCTET_STRING, m->token);
    if (hint) {
        der_head(w, TAG_CONTEXT + 3, hint_len);
        der_head(w, TAG_SEQUENCE, optional_len(name));
        der_optional_put(w, 0, TAG_GENERAL_STRING, name);
    }
}

/* ---- NegTokenResp ---- */

int spnego_response_get(struct spnego_response *m, const uint8_t *token, size_t len)
{
    struct spnego_bytes state = {0};
    struct reader r, choice, fields;

    *m = (struct spnego_response){.state = SPNEGO_NO_STATE};
    reader_init(&r, token, len);
    choice = der_take(&r, TAG_CONTEXT + 1);
    fields = der_take(&choice, TAG_SEQUENCE);
    der_optional(&fields, 0, TAG_ENUMERATED, &state);
    der_optional(&fields, 1, TAG_OID, &m->mech);
    der_optional(&fields, 2, TAG_OCTET_STRING, &m->token);
    der_optional(&fields, 3, TAG_OCTET_STRING, &m->mic);
    if (fields.failed)
        return AUTH_E_TOKEN;
    if (state.at) {
        if (state.len != 1 || *state.at > SPNEGO_REQUEST_MIC)
            return AUTH_E_TOKEN;
        m->state = (enum spnego_state) * state.at;
    }
    return 0;
}

void spnego_response_put(struct writer *w, const struct spnego_response *m)
{
    uint8_t state = (uint8_t)m->state;
    struct spnego_bytes state_bytes = {m->state == SPNEGO_NO_STATE ? NULL : &state, 1};
    size_t fields =
        optional_len(state_bytes) + optional_len(m->mech) + optional_len(m->token) + optional_len(m->mic);

    der_head(w, TAG_CONTEXT + 1, der_len(fields));
    der_head(w, TAG_SEQUENCE, fields);
    der_optional_put(w, 0, TAG_ENUMERATED, state_bytes);
    der_optional_put(w, 1, TAG_OID, m->mech);
    der_optional_put(w, 2, TAG_OCTET_STRING, m->token);
    der_optional_put(w, 3, TAG_OCTET_STRING, m->mic);
}
