/* SPDX-License-Identifier: MIT */
/* Keys, signatures and encryption of SMB2/3 messages ([MS-SMB2] 3.1.4, 3.1.5). Nothing here parses. */
#ifndef SMB_CRYPTO_H
#define SMB_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum smb_signing { SMB_SIGN_HMAC = 0, SMB_SIGN_CMAC = 1, SMB_SIGN_GMAC = 2 };
enum smb_cipher {
    SMB_CIPHER_NONE,
    SMB_AES128_CCM = 1,
    SMB_AES128_GCM = 2,
    SMB_AES256_CCM = 3,
    SMB_AES256_GCM = 4
};

#define SMB_PREAUTH_LEN 64

struct smb_keys {
    bool present;
    enum smb_signing signing;
    enum smb_cipher cipher;
    uint8_t sign[16];
    uint8_t encrypt[32], decrypt[32]; /* client to server, server to client */
    uint64_t nonce;                   /* of the next message encrypted; never repeats under one key */
};

void smb_preauth_update(uint8_t hash[SMB_PREAUTH_LEN], const void *message, size_t len);

/* From the session key of the authentication (its full length matters for 256-bit ciphers). */
void smb_keys_derive(struct smb_keys *keys, uint16_t dialect, const uint8_t *session_key, size_t len,
                     const uint8_t preauth[SMB_PREAUTH_LEN]);
void smb_keys_wipe(struct smb_keys *keys);

/* Signature of a message whose signature field counts as zero; it is not written to. */
void smb_sign(const struct smb_keys *keys, const uint8_t *message, size_t len, uint64_t message_id,
              bool from_server, bool cancel, uint8_t signature[16]);
bool smb_verify(const struct smb_keys *keys, const uint8_t *message, size_t len, uint64_t message_id);

/* `message` in place, `transform` is the 52-byte header, whose fields but the nonce and the signature are
 * set. */
void smb_encrypt(struct smb_keys *keys, uint8_t *transform, uint8_t *message, size_t len);
bool smb_decrypt(const struct smb_keys *keys, const uint8_t *transform, uint8_t *message, size_t len);

#endif
