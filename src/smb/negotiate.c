/* SPDX-License-Identifier: MIT */
/*
 * NEGOTIATE: dialect, capabilities and, in 3.1.1, the contexts for preauthentication integrity, encryption
 * and signing
 * ([MS-SMB2] 2.2.3, 2.2.4, 3.2.5.2). What the server chooses must be something that was offered.
 */
#include <errno.h>
#include <sys/random.h>

#include "smb/internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_CIPHERS                                                                                     \
    (SMB_CIPHER_SET(SMB_AES128_CCM) | SMB_CIPHER_SET(SMB_AES128_GCM) | SMB_CIPHER_SET(SMB_AES256_CCM) | \
     SMB_CIPHER_SET(SMB_AES256_GCM))
#define ALL_SIGNINGS \
    (SMB_SIGNING_SET(SMB_SIGN_HMAC) | SMB_SIGNING_SET(SMB_SIGN_CMAC) | SMB_SIGNING_SET(SMB_SIGN_GMAC))
#define SIGNINGS_UNASKED (SMB_SIGNING_SET(SMB_SIGN_CMAC) | SMB_SIGNING_SET(SMB_SIGN_GMAC))

/* What each dialect has. */
static const struct {
    uint16_t dialect;
    unsigned signings, ciphers;
} dialects[SMB_DIALECTS_MAX] = {
    {SMB_2_0_2, SMB_SIGNING_SET(SMB_SIGN_HMAC), 0},
    {SMB_2_1, SMB_SIGNING_SET(SMB_SIGN_HMAC), 0},
    {SMB_3_0, SMB_SIGNING_SET(SMB_SIGN_CMAC), SMB_CIPHER_SET(SMB_AES128_CCM)},
    {SMB_3_0_2, SMB_SIGNING_SET(SMB_SIGN_CMAC), SMB_CIPHER_SET(SMB_AES128_CCM)},
    {SMB_3_1_1, ALL_SIGNINGS, ALL_CIPHERS},
};

/* Values of a context of choices, the most wanted first. */
struct choice {
    uint16_t count, values[4];
};
static const struct choice ciphers = {4, {SMB_AES256_GCM, SMB_AES128_GCM, SMB_AES256_CCM, SMB_AES128_CCM}};
static const struct choice signings = {3, {SMB_SIGN_GMAC, SMB_SIGN_CMAC, SMB_SIGN_HMAC}};
#define NO_SIGNING 0xFFFF /* what some servers answer when there is none in common */

#define LEAST_LEN 65536u /* of data, that every server takes and gives ([MS-SMB2] 3.2.5.2) */
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

static bool has_cipher(unsigned set, uint16_t cipher)
{
    return cipher >= SMB_AES128_CCM && cipher <= SMB_AES256_GCM && (set & SMB_CIPHER_SET(cipher));
}

static bool has_signing(unsigned set, uint16_t signing)
{
    return signing <= SMB_SIGN_GMAC && (set & SMB_SIGNING_SET(signing));
}

static void put_choices(struct writer *w, size_t start, uint16_t type, const struct choice *all,
                        bool (*has)(unsigned set, uint16_t value), unsigned set)
{
    size_t data;
    uint16_t count = 0;

    put_context(w, start, type, &data);
    writer_u16(w, 0);
    for (uint16_t i = 0; i < all->count; i++)
        if (has(set, all->values[i])) {
            writer_u16(w, all->values[i]);
            count++;
        }
    writer_patch_u16(w, data, count);
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
        put_choices(w, start, SMB_CONTEXT_ENCRYPTION, &ciphers, has_cipher, c->ciphers);
        count++;
    }
    put_choices(w, start, SMB_CONTEXT_SIGNING, &signings, has_signing, c->signings);
    put_context(w, start, SMB_CONTEXT_NETNAME, &data);
    writer_put(w, c->server, c->server_chars * 2);
    end_context(w, data);
    return count;
}

unsigned smb_config_dialects(const struct smb_config *config, uint16_t out[SMB_DIALECTS_MAX])
{
    unsigned may_sign = config->signings ? config->signings : ALL_SIGNINGS;
    unsigned may_encrypt = config->ciphers ? config->ciphers : ALL_CIPHERS;
    unsigned count = 0;

    for (size_t i = 0; i < COUNT(dialects); i++)
        if (dialects[i].dialect >= config->min_dialect &&
            (!config->max_dialect || dialects[i].dialect <= config->max_dialect) &&
            (dialects[i].signings & may_sign) &&
            (config->encryption != SMB_ENCRYPT_REQUIRED || (dialects[i].ciphers & may_encrypt)))
            out[count++] = dialects[i].dialect;
    return count;
}

int smb_negotiate_prepare(struct smb_client *c, const struct smb_config *config)
{
    uint16_t best;

    c->dialect_count = (uint16_t)smb_config_dialects(config, c->dialects);
    if (!c->dialect_count)
        return -EINVAL;
    best = c->dialects[c->dialect_count - 1];
    c->ciphers = config->ciphers ? config->ciphers : ALL_CIPHERS;
    c->signings = config->signings ? config->signings : SIGNINGS_UNASKED;
    if (best >= SMB_3_0 && c->encryption != SMB_ENCRYPT_NEVER &&
        (best == SMB_3_1_1 || has_cipher(c->ciphers, SMB_AES128_CCM)))
        c->client_capabilities = SMB_CAP_ENCRYPTION;
    /* 2.0.2 by itself has no GUID */
    if (best > SMB_2_0_2 &&
        getrandom(c->client_guid, sizeof(c->client_guid), 0) != (ssize_t)sizeof(c->client_guid))
        return -errno;
    return 0;
}

int smb_negotiate_send(struct smb_client *c)
{
    struct smb_building b;
    struct writer *w = &c->output;
    size_t fields;
    int r = smb_begin(c, SMB_NEGOTIATE, 0, &b);

    if (r)
        return r;
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
    if (c->dialects[c->dialect_count - 1] == SMB_3_1_1) {
        writer_align_from(w, b.start, 8);
        writer_patch_u32(w, fields, (uint32_t)(w->len - b.start));
        writer_patch_u16(w, fields + 4, put_contexts(c, w, b.start));
    }
    return smb_end(c, &b, NULL);
}

/* The one value that a context of choices answers with. */
static bool chosen(struct reader *data, uint16_t *value)
{
    if (reader_u16(data) != 1)
        return false;
    *value = reader_u16(data);
    return !data->failed;
}

/* What the contexts of 3.1.1 said, besides what is in smb_info. */
struct answers {
    bool preauth, signing, no_cipher;
};

static bool take_context(struct smb_client *c, uint16_t type, struct reader *data, struct answers *a)
{
    uint16_t value = 0;

    switch (type) {
    case SMB_CONTEXT_PREAUTH:
        a->preauth =
            reader_u16(data) == 1 && reader_u16(data) <= reader_left(data) && reader_u16(data) == HASH_SHA512;
        return a->preauth;
    case SMB_CONTEXT_ENCRYPTION:
        /* 0: no cipher in common */
        if (c->encryption == SMB_ENCRYPT_NEVER || !chosen(data, &value) ||
            (value != 0 && !has_cipher(c->ciphers, value)))
            return false;
        a->no_cipher = value == 0;
        c->info.cipher = value;
        return true;
    case SMB_CONTEXT_SIGNING:
        if (!chosen(data, &value))
            return false;
        if (value == NO_SIGNING)
            return true;
        a->signing = true;
        c->info.signing = value;
        return has_signing(c->signings, value);
    default:
        return true;
    }
}

static bool take_contexts(struct smb_client *c, const struct smb_response *r, uint32_t offset, uint16_t count,
                          struct answers *answers)
{
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
        if (all.failed || !take_context(c, type, &data, answers))
            return false;
    }
    if (!answers->signing)
        c->info.signing = SMB_SIGN_CMAC; /* the default of 3.1.1 */
    return answers->preauth;
}

static bool offered(const struct smb_client *c, uint16_t dialect)
{
    for (size_t i = 0; i < c->dialect_count; i++)
        if (c->dialects[i] == dialect)
            return true;
    return false;
}

/* What the server's choice comes to, and whether that is allowed. */
static enum smb_disagreement settle(struct smb_client *c, const struct answers *answers)
{
    uint16_t dialect = c->info.dialect;

    if (dialect < SMB_3_0)
        c->info.signing = SMB_SIGN_HMAC;
    else if (dialect < SMB_3_1_1)
        c->info.signing = SMB_SIGN_CMAC;
    if (dialect >= SMB_3_0 && dialect < SMB_3_1_1 && c->encryption != SMB_ENCRYPT_NEVER &&
        (c->server_capabilities & SMB_CAP_ENCRYPTION) && has_cipher(c->ciphers, SMB_AES128_CCM))
        c->info.cipher = SMB_AES128_CCM;
    c->keys.signing = (enum smb_signing)c->info.signing;
    c->keys.cipher = (enum smb_cipher)c->info.cipher;
    if (dialect == SMB_3_1_1 && !has_signing(c->signings, c->info.signing))
        return SMB_NO_SIGNING;
    if (c->encryption == SMB_ENCRYPT_REQUIRED && !c->info.cipher)
        return answers->no_cipher ? SMB_NO_CIPHER : SMB_NO_ENCRYPTION;
    return SMB_AGREED;
}

static uint32_t take_len(struct reader *in)
{
    uint32_t len = reader_u32(in);

    return len < SMB_MAX_DATA ? len : (uint32_t)SMB_MAX_DATA;
}

int smb_negotiate_receive(struct smb_client *c, struct smb_response *r)
{
    struct reader *in = &r->body;
    uint16_t context_count, token_offset, token_len;
    uint32_t context_offset;
    const uint8_t *guid, *token;
    struct answers answers = {0};
    enum smb_disagreement about;

    if (nt_is(NT_STATUS(r->header.status), NT_STATUS_NOT_SUPPORTED))
        return smb_disagree(c, SMB_NO_DIALECT);
    if (r->header.status)
        return smb_fail(c, NT_STATUS(r->header.status));
    if (reader_u16(in) != 65)
        return SMB_E_PROTOCOL;
    c->server_mode = reader_u16(in);
    c->info.dialect = reader_u16(in);
    context_count = reader_u16(in);
    guid = reader_take(in, 16);
    c->server_capabilities = reader_u32(in);
    c->info.max_transact = take_len(in);
    c->info.max_read = take_len(in);
    c->info.max_write = take_len(in);
    reader_take(in, 16);
    token_offset = reader_u16(in);
    token_len = reader_u16(in);
    context_offset = reader_u32(in);
    if (in->failed || !offered(c, c->info.dialect) || c->info.max_transact < LEAST_LEN ||
        c->info.max_read < LEAST_LEN || c->info.max_write < LEAST_LEN)
        return SMB_E_PROTOCOL;
    memcpy(c->info.server_guid, guid, 16);
    c->info.server_requires_signing = (c->server_mode & SMB_NEGOTIATE_SIGNING_REQUIRED) != 0;
    token = smb_slice(r, token_offset, token_len);
    if (!token ||
        (c->info.dialect == SMB_3_1_1 && !take_contexts(c, r, context_offset, context_count, &answers)))
        return SMB_E_PROTOCOL;
    about = settle(c, &answers);
    if (about)
        return smb_disagree(c, about);
    c->state = SMB_STATE_SESSION;
    /* the server's hint of mechanisms is not needed: we say first what we can */
    return smb_session_send(c, NULL, 0);
}
