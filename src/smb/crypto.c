/* SPDX-License-Identifier: MIT */
/*
 * Keys, signatures and encryption of SMB2/3. The key derivation is SP800-108 in counter mode over HMAC-SHA256
 * with 32-bit fields ([MS-SMB2] 3.1.4.2); labels and contexts include their terminating zero.
 */
#include "smb/crypto.h"

#include <nettle/ccm.h>
#include <nettle/cmac.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <string.h>

#include "smb/client.h"
#include "smb/wire.h"

/* offsets in the transform header ([MS-SMB2] 2.2.41) */
#define TRANSFORM_SIGNATURE 4
#define TRANSFORM_NONCE 20
#define CCM_NONCE_LEN 11
#define GCM_NONCE_LEN 12

void smb_preauth_update(uint8_t hash[SMB_PREAUTH_LEN], const void *message, size_t len)
{
    struct sha512_ctx ctx;

    sha512_init(&ctx);
    sha512_update(&ctx, SMB_PREAUTH_LEN, hash);
    sha512_update(&ctx, len, message);
    sha512_digest(&ctx, SMB_PREAUTH_LEN, hash);
}

struct label {
    const char *text;
    size_t len; /* with its zero */
};
#define LABEL(text) ((struct label){text, sizeof(text)})

static void derive(uint8_t *out, size_t out_len, const uint8_t *key, size_t key_len, struct label label,
                   const void *context, size_t context_len)
{
    const uint8_t counter[4] = {0, 0, 0, 1}, zero = 0;
    const uint8_t bits[4] = {0, 0, (uint8_t)(out_len * 8 >> 8), (uint8_t)(out_len * 8)};
    struct hmac_sha256_ctx ctx;

    hmac_sha256_set_key(&ctx, key_len, key);
    hmac_sha256_update(&ctx, 4, counter);
    hmac_sha256_update(&ctx, label.len, (const uint8_t *)label.text);
    hmac_sha256_update(&ctx, 1, &zero);
    hmac_sha256_update(&ctx, context_len, context);
    hmac_sha256_update(&ctx, 4, bits);
    hmac_sha256_digest(&ctx, out_len, out);
    explicit_bzero(&ctx, sizeof(ctx));
}

static size_t cipher_key_len(enum smb_cipher cipher)
{
    return cipher == SMB_AES256_CCM || cipher == SMB_AES256_GCM ? 32 : 16;
}

void smb_keys_derive(struct smb_keys *keys, uint16_t dialect, const uint8_t *session_key, size_t len,
                     const uint8_t preauth[SMB_PREAUTH_LEN])
{
    uint8_t key[16] = {0}, full[64] = {0};
    size_t cipher_len = cipher_key_len(keys->cipher);
    /* 256-bit ciphers take the whole key of the authentication, everything else its first 16 bytes */
    size_t full_len = cipher_len == 32 ? (len > sizeof(full) ? sizeof(full) : len < 16 ? 16 : len) : 16;

    memcpy(key, session_key, len < 16 ? len : 16);
    memcpy(full, session_key, len < full_len ? len : full_len);
    keys->present = true;
    keys->nonce = 0;
    if (dialect < SMB_3_0) {
        memcpy(keys->sign, key, 16);
    } else if (dialect < SMB_3_1_1) {
        derive(keys->sign, 16, key, 16, LABEL("SMB2AESCMAC"), "SmbSign", 8);
        derive(keys->encrypt, cipher_len, full, full_len, LABEL("SMB2AESCCM"), "ServerIn ", 10);
        derive(keys->decrypt, cipher_len, full, full_len, LABEL("SMB2AESCCM"), "ServerOut", 10);
    } else {
        derive(keys->sign, 16, key, 16, LABEL("SMBSigningKey"), preauth, SMB_PREAUTH_LEN);
        derive(keys->encrypt, cipher_len, full, full_len, LABEL("SMBC2SCipherKey"), preauth, SMB_PREAUTH_LEN);
        derive(keys->decrypt, cipher_len, full, full_len, LABEL("SMBS2CCipherKey"), preauth, SMB_PREAUTH_LEN);
    }
    explicit_bzero(key, sizeof(key));
    explicit_bzero(full, sizeof(full));
}

void smb_keys_wipe(struct smb_keys *keys)
{
    explicit_bzero(keys, sizeof(*keys));
}

static void gmac(const struct smb_keys *keys, const uint8_t *message, size_t len, uint64_t message_id,
                 bool from_server, bool cancel, uint8_t signature[16])
{
    static const uint8_t zero[SMB_SIGNATURE_LEN];
    uint8_t nonce[GCM_NONCE_LEN] = {0};
    struct gcm_aes128_ctx ctx;

    for (int i = 0; i < 8; i++)
        nonce[i] = (uint8_t)(message_id >> 8 * i);
    nonce[8] = (uint8_t)((from_server ? 1 : 0) | (cancel ? 2 : 0));
    gcm_aes128_set_key(&ctx, keys->sign);
    gcm_aes128_set_iv(&ctx, sizeof(nonce), nonce);
    /* nettle wants every piece of the additional data but the last in multiples of 16: 48, 16, rest */
    gcm_aes128_update(&ctx, SMB_SIGNATURE_OFFSET, message);
    gcm_aes128_update(&ctx, SMB_SIGNATURE_LEN, zero);
    gcm_aes128_update(&ctx, len - SMB_HEADER_LEN, message + SMB_HEADER_LEN);
    gcm_aes128_digest(&ctx, 16, signature);
    explicit_bzero(&ctx, sizeof(ctx));
}

void smb_sign(const struct smb_keys *keys, const uint8_t *message, size_t len, uint64_t message_id,
              bool from_server, bool cancel, uint8_t signature[16])
{
    static const uint8_t zero[SMB_SIGNATURE_LEN];
    union {
        struct hmac_sha256_ctx hmac;
        struct cmac_aes128_ctx cmac;
    } ctx;

    if (keys->signing == SMB_SIGN_GMAC) {
        gmac(keys, message, len, message_id, from_server, cancel, signature);
        return;
    }
    if (keys->signing == SMB_SIGN_CMAC) {
        cmac_aes128_set_key(&ctx.cmac, keys->sign);
        cmac_aes128_update(&ctx.cmac, SMB_SIGNATURE_OFFSET, message);
        cmac_aes128_update(&ctx.cmac, SMB_SIGNATURE_LEN, zero);
        cmac_aes128_update(&ctx.cmac, len - SMB_HEADER_LEN, message + SMB_HEADER_LEN);
        cmac_aes128_digest(&ctx.cmac, 16, signature);
    } else {
        hmac_sha256_set_key(&ctx.hmac, 16, keys->sign);
        hmac_sha256_update(&ctx.hmac, SMB_SIGNATURE_OFFSET, message);
        hmac_sha256_update(&ctx.hmac, SMB_SIGNATURE_LEN, zero);
        hmac_sha256_update(&ctx.hmac, len - SMB_HEADER_LEN, message + SMB_HEADER_LEN);
        hmac_sha256_digest(&ctx.hmac, 16, signature);
    }
    explicit_bzero(&ctx, sizeof(ctx));
}

bool smb_verify(const struct smb_keys *keys, const uint8_t *message, size_t len, uint64_t message_id)
{
    uint8_t signature[16];

    if (len < SMB_HEADER_LEN)
        return false;
    smb_sign(keys, message, len, message_id, true, false, signature);
    return memeql_sec(signature, message + SMB_SIGNATURE_OFFSET, 16) != 0;
}

/* One pass over `message` in place, either way; the tag goes to `tag`. */
static void run_cipher(enum smb_cipher cipher, const uint8_t *key, bool encrypt, const uint8_t *transform,
                       uint8_t *message, size_t len, uint8_t tag[16])
{
    const uint8_t *nonce = transform + TRANSFORM_NONCE, *aad = nonce;
    const size_t aad_len = SMB_TRANSFORM_LEN - TRANSFORM_NONCE;
    union {
        struct ccm_aes128_ctx ccm128;
        struct ccm_aes256_ctx ccm256;
        struct gcm_aes128_ctx gcm128;
        struct gcm_aes256_ctx gcm256;
    } ctx;

#define CCM(bits)                                                                          \
    do {                                                                                   \
        ccm_aes##bits##_set_key(&ctx.ccm##bits, key);                                      \
        ccm_aes##bits##_set_nonce(&ctx.ccm##bits, CCM_NONCE_LEN, nonce, aad_len, len, 16); \
        ccm_aes##bits##_update(&ctx.ccm##bits, aad_len, aad);                              \
        if (encrypt)                                                                       \
            ccm_aes##bits##_encrypt(&ctx.ccm##bits, len, message, message);                \
        else                                                                               \
            ccm_aes##bits##_decrypt(&ctx.ccm##bits, len, message, message);                \
        ccm_aes##bits##_digest(&ctx.ccm##bits, 16, tag);                                   \
    } while (0)
#define GCM(bits)                                                           \
    do {                                                                    \
        gcm_aes##bits##_set_key(&ctx.gcm##bits, key);                       \
        gcm_aes##bits##_set_iv(&ctx.gcm##bits, GCM_NONCE_LEN, nonce);       \
        gcm_aes##bits##_update(&ctx.gcm##bits, aad_len, aad);               \
        if (encrypt)                                                        \
            gcm_aes##bits##_encrypt(&ctx.gcm##bits, len, message, message); \
        else                                                                \
            gcm_aes##bits##_decrypt(&ctx.gcm##bits, len, message, message); \
        gcm_aes##bits##_digest(&ctx.gcm##bits, 16, tag);                    \
    } while (0)

    switch (cipher) {
    case SMB_AES128_CCM:
        CCM(128);
        break;
    case SMB_AES256_CCM:
        CCM(256);
        break;
    case SMB_AES128_GCM:
        GCM(128);
        break;
    case SMB_AES256_GCM:
        GCM(256);
        break;
    case SMB_CIPHER_NONE:
        memset(tag, 0, 16);
        break;
    }
    explicit_bzero(&ctx, sizeof(ctx));
#undef CCM
#undef GCM
}

void smb_encrypt(struct smb_keys *keys, uint8_t *transform, uint8_t *message, size_t len)
{
    memset(transform + TRANSFORM_NONCE, 0, 16);
    for (int i = 0; i < 8; i++)
        transform[TRANSFORM_NONCE + i] = (uint8_t)(keys->nonce >> 8 * i);
    keys->nonce++;
    run_cipher(keys->cipher, keys->encrypt, true, transform, message, len, transform + TRANSFORM_SIGNATURE);
}

bool smb_decrypt(const struct smb_keys *keys, const uint8_t *transform, uint8_t *message, size_t len)
{
    uint8_t tag[16];

    if (keys->cipher == SMB_CIPHER_NONE)
        return false;
    run_cipher(keys->cipher, keys->decrypt, false, transform, message, len, tag);
    return memeql_sec(tag, transform + TRANSFORM_SIGNATURE, 16) != 0;
}
