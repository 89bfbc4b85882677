/* SPDX-License-Identifier: MIT */
/*
 * NEGOTIATE: dialect, capabilities and, in 3.1.1, the contexts for preauthentication integrity, encryption
 * and signing
 * ([MS-SMB2] 2.2.3, 2.2.4, 3.2.5.2). What the server chooses must be something that was offered.
 */
#include <errno.h>
#include <sys/random.h>

#include "smb/internal.h"

static const uint16_t all_dialects[] = {SMB_2_0_2, SMB_2_1, SMB_3_0, SMB_3_0_2, SMB_3_1_1};
static const uint16_t ciphers[] = {SMB_AES256_GCM, SMB_AES128_GCM, SMB_AES256_CCM, SMB_AES128_CCM};
/* HMAC-SHA256 is for 2.x; offered in 3.1.1 it only invites confusion */
static const uint16_t signings[] = {SMB_SIGN_GMAC, SMB_SIGN_CMAC};

#define HASH_SHA512 1
#define SALT_LEN 32

static void put_context(struct writer *w, size_t start, uint16_t type, size_t *data_start)
{
    writer_align_from(w, start, 8);
    writer_u16(w, type);
    writer_u16(w, 0); /* length, patched by end_context */
    writer_u32(w, 0);
    *data_start = w->len;
}

static void end_context(struct writer *w, size_t data_start)
{
    writer_patch_u16(w, data_start - 6, (uint16_t)(w->len - data_start));
}

static void put_choices(struct writer *w, size_t start, uint16_t type, const uint16_t *values, size_t count,
                        uint16_t only)
{
    size_t data;

    put_context(w, start, type, &data);
    writer_u16(w, only ? 1 : (uint16_t)count);
    for (size_t i = 0; i < count; i++)
        if (!only || only == values[i])
            writer_u16(w, values[i]);
    end_context(w, data);
}

static uint16_t put_contexts(struct smb_client *c, struct writer *w, size_t start)
{
    uint8_t salt[SALT_LEN];
    uint16_t count = 3;
    size_t data;

    if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
        w->failed = true;
    put_context(w, start, SMB_CONTEXT_PREAUTH, &data);
    writer_u16(w, 1);
    writer_u16(w, SALT_LEN);
    writer_u16(w, HASH_SHA512);
    writer_put(w, salt, SALT_LEN);
    end_context(w, data);
    if (c->encryption != SMB_ENCRYPT_NEVER) {
        put_choices(w, start, SMB_CONTEXT_ENCRYPTION, ciphers, sizeof(ciphers) / sizeof(*ciphers),
                    c->only_cipher);
        count++;
    }
    put_choices(w, start, SMB_CONTEXT_SIGNING, signings, sizeof(signings) / sizeof(*signings),
                c->only_signing);
    put_context(w, start, SMB_CONTEXT_NETNAME, &data);
    writer_put(w, c->server, c->server_chars * 2);
    end_context(w, data);
    return count;
}

int smb_negotiate_send(struct smb_client *c)
{
    struct smb_building b;
    struct writer *w = &c->output;
    size_t fields;
    int r = smb_begin(c, SMB_NEGOTIATE, 0, &b);

    if (r)
        return r;
    for (size_t i = 0; i < sizeof(all_dialects) / sizeof(*all_dialects); i++)
        if (all_dialects[i] >= c->min_dialect && all_dialects[i] <= c->max_dialect)
            c->dialects[c->dialect_count++] = all_dialects[i];
    c->client_capabilities =
        c->max_dialect >= SMB_3_0 && c->encryption != SMB_ENCRYPT_NEVER ? SMB_CAP_ENCRYPTION : 0;
    writer_u16(w, 36);
    writer_u16(w, c->dialect_count);
    writer_u16(w, SMB_NEGOTIATE_SIGNING_ENABLED | SMB_NEGOTIATE_SIGNING_REQUIRED);
    writer_u16(w, 0);
    writer_u32(w, c->client_capabilities);
    writer_put(w, c->client_guid, 16);
    fields = w->len;
    writer_zero(w, 8);
    for (size_t i = 0; i < c->dialect_count; i++)
        writer_u16(w, c->dialects[i]);
    if (c->max_dialect == SMB_3_1_1) {
        writer_align_from(w, b.start, 8);
        writer_patch_u32(w, fields, (uint32_t)(w->len - b.start));
        writer_patch_u16(w, fields + 4, put_contexts(c, w, b.start));
    }
    return smb_end(c, &b, NULL);
}

/* The one value that a context of choices answers with, if it was offered. */
static bool chosen(struct reader *data, const uint16_t *offered, size_t count, uint16_t only, uint16_t *value)
{
    if (reader_u16(data) != 1)
        return false;
    *value = reader_u16(data);
    for (size_t i = 0; i < count; i++)
        if (offered[i] == *value && !data->failed && (!only || only == *value))
            return true;
    return false;
}

static bool take_context(struct smb_client *c, uint16_t type, struct reader *data, bool *preauth)
{
    uint16_t value = 0;

    switch (type) {
    case SMB_CONTEXT_PREAUTH:
        *preauth =
            reader_u16(data) == 1 && reader_u16(data) <= reader_left(data) && reader_u16(data) == HASH_SHA512;
        return *preauth;
    case SMB_CONTEXT_ENCRYPTION:
        if (c->encryption == SMB_ENCRYPT_NEVER)
            return false;
        /* 0: no cipher in common */
        if (!chosen(data, ciphers, sizeof(ciphers) / sizeof(*ciphers), c->only_cipher, &value) && value != 0)
            return false;
        c->info.cipher = value;
        return true;
    case SMB_CONTEXT_SIGNING:
        if (!chosen(data, signings, sizeof(signings) / sizeof(*signings), c->only_signing, &value))
            return false;
        c->info.signing = value;
        return true;
    default:
        return true;
    }
}

static bool take_contexts(struct smb_client *c, const struct smb_response *r, uint32_t offset, uint16_t count)
{
    bool preauth = false;
    struct reader all;

    if (offset < SMB_HEADER_LEN || offset > r->len)
        return false;
    reader_init(&all, r->message, r->len);
    reader_take(&all, offset);
    for (uint16_t i = 0; i < count; i++) {
        uint16_t type, len;
        struct reader data;

        reader_align(&all, 8);
        type = reader_u16(&all);
        len = reader_u16(&all);
        reader_u32(&all);
        data = reader_sub(&all, len);
        if (all.failed || !take_context(c, type, &data, &preauth))
            return false;
    }
    return preauth;
}

static bool offered(const struct smb_client *c, uint16_t dialect)
{
    for (size_t i = 0; i < c->dialect_count; i++)
        if (c->dialects[i] == dialect)
            return true;
    return false;
}

static void settle(struct smb_client *c)
{
    uint16_t dialect = c->info.dialect;

    if (dialect < SMB_3_0)
        c->info.signing = SMB_SIGN_HMAC;
    else if (dialect < SMB_3_1_1)
        c->info.signing = SMB_SIGN_CMAC;
    else if (c->info.signing == 0)
        c->info.signing = SMB_SIGN_CMAC; /* no signing context: the default of 3.1.1 */
    if (dialect >= SMB_3_0 && dialect < SMB_3_1_1 && c->encryption != SMB_ENCRYPT_NEVER &&
        (c->server_capabilities & SMB_CAP_ENCRYPTION))
        c->info.cipher = SMB_AES128_CCM;
    c->keys.signing = (enum smb_signing)c->info.signing;
    c->keys.cipher = (enum smb_cipher)c->info.cipher;
}

int smb_negotiate_receive(struct smb_client *c, struct smb_response *r)
{
    struct reader *in = &r->body;
    uint16_t context_count, token_offset, token_len;
    uint32_t context_offset;
    const uint8_t *guid, *token;

    if (r->header.status)
        return smb_fail(c, NT_STATUS(r->header.status));
    if (reader_u16(in) != 65)
        return SMB_E_PROTOCOL;
    c->server_mode = reader_u16(in);
    c->info.dialect = reader_u16(in);
    context_count = reader_u16(in);
    guid = reader_take(in, 16);
    c->server_capabilities = reader_u32(in);
    c->info.max_transact = reader_u32(in);
    c->info.max_read = reader_u32(in);
    c->info.max_write = reader_u32(in);
    reader_take(in, 16);
    token_offset = reader_u16(in);
    token_len = reader_u16(in);
    context_offset = reader_u32(in);
    if (in->failed || !offered(c, c->info.dialect))
        return SMB_E_PROTOCOL;
    memcpy(c->info.server_guid, guid, 16);
    c->info.server_requires_signing = (c->server_mode & SMB_NEGOTIATE_SIGNING_REQUIRED) != 0;
    token = smb_slice(r, token_offset, token_len);
    if (!token || (c->info.dialect == SMB_3_1_1 && !take_contexts(c, r, context_offset, context_count)))
        return SMB_E_PROTOCOL;
    settle(c);
    if (c->encryption == SMB_ENCRYPT_REQUIRED && !c->info.cipher)
        return smb_fail(c, NT(STATUS_ACCESS_DENIED));
    c->state = SMB_STATE_SESSION;
    /* the server's hint of mechanisms is not needed: we say first what we can */
    return smb_session_send(c, NULL, 0);
}
