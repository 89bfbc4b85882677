/* SPDX-License-Identifier: MIT */
/*
 * The keys of NTLM version 2 and what they protect: responses, MIC, messages.
 *
 * Invariant: of each direction, every signature uses the next sequence number and the next bytes of its RC4
 * stream, checked or not. Only the strong form is here: extended session security with 128-bit keys.
 * [MS-NLMP] 3.3.2, 3.4.
 */
#include "auth/ntlm.h"

#include <errno.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf16.h"

int ntlm_owf(const uint8_t nt_hash[16], struct ntlm_bytes user, struct ntlm_bytes domain, uint8_t key[16])
{
    struct hmac_md5_ctx hmac;
    uint16_t *upper = malloc(user.len + 2); /* aligned, and never 0 bytes */

    if (!upper)
        return -ENOMEM;
    memcpy(upper, user.at, user.len);
    utf16_upcase(upper, upper, user.len / 2);
    hmac_md5_set_key(&hmac, 16, nt_hash);
    hmac_md5_update(&hmac, user.len, (const uint8_t *)upper);
    hmac_md5_update(&hmac, domain.len, domain.at);
    hmac_md5_digest(&hmac, 16, key);
    auth_wipe(&hmac, sizeof(hmac));
    free(upper);
    return 0;
}

void ntlm_proof(const uint8_t owf[16], const uint8_t server_challenge[8], struct ntlm_bytes temp,
                uint8_t proof[16], uint8_t base_key[16])
{
    struct hmac_md5_ctx hmac;

    hmac_md5_set_key(&hmac, 16, owf);
    hmac_md5_update(&hmac, 8, server_challenge);
    hmac_md5_update(&hmac, temp.len, temp.at);
    hmac_md5_digest(&hmac, 16, proof);
    hmac_md5_update(&hmac, 16, proof);
    hmac_md5_digest(&hmac, 16, base_key);
    auth_wipe(&hmac, sizeof(hmac));
}

void ntlm_mic(const uint8_t session_key[16], struct ntlm_bytes negotiate, struct ntlm_bytes challenge,
              struct ntlm_bytes authenticate, uint8_t mic[16])
{
    static const uint8_t no_mic[16];
    struct hmac_md5_ctx hmac;

    hmac_md5_set_key(&hmac, 16, session_key);
    hmac_md5_update(&hmac, negotiate.len, negotiate.at);
    hmac_md5_update(&hmac, challenge.len, challenge.at);
    hmac_md5_update(&hmac, NTLM_MIC_OFFSET, authenticate.at);
    hmac_md5_update(&hmac, sizeof(no_mic), no_mic);
    hmac_md5_update(&hmac, authenticate.len - NTLM_MIC_OFFSET - sizeof(no_mic),
                    authenticate.at + NTLM_MIC_OFFSET + sizeof(no_mic));
    hmac_md5_digest(&hmac, 16, mic);
    auth_wipe(&hmac, sizeof(hmac));
}

void ntlm_rc4(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
    struct arcfour_ctx rc4;

    arcfour_set_key(&rc4, 16, key);
    arcfour_crypt(&rc4, 16, out, in);
    auth_wipe(&rc4, sizeof(rc4));
}

static void derive(const uint8_t session_key[16], const char *constant, uint8_t key[16])
{
    struct md5_ctx md5;

    md5_init(&md5);
    md5_update(&md5, 16, session_key);
    md5_update(&md5, strlen(constant) + 1, (const uint8_t *)constant); /* with its NUL */
    md5_digest(&md5, 16, key);
    auth_wipe(&md5, sizeof(md5));
}

static void direction_init(struct ntlm_direction *d, const uint8_t session_key[16], const char *signing,
                           const char *sealing)
{
    uint8_t key[16];

    derive(session_key, signing, key);
    hmac_md5_set_key(&d->sign, sizeof(key), key);
    auth_wipe(key, sizeof(key));
    derive(session_key, sealing, d->sealing_key);
    arcfour_set_key(&d->seal, sizeof(d->sealing_key), d->sealing_key);
    d->sequence = 0;
}

int ntlm_establish(struct ntlm *n, const uint8_t session_key[16], bool client)
{
    uint32_t need = n->base.level == AUTH_LEVEL_PRIVACY     ? NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL
                    : n->base.level == AUTH_LEVEL_INTEGRITY ? NTLMSSP_NEGOTIATE_SIGN
                                                            : 0;

    if ((n->flags & need) != need)
        return AUTH_E_LEVEL;
    direction_init(client ? &n->send : &n->receive, session_key,
                   "session key to client-to-server signing key magic constant",
                   "session key to client-to-server sealing key magic constant");
    direction_init(client ? &n->receive : &n->send, session_key,
                   "session key to server-to-client signing key magic constant",
                   "session key to server-to-client sealing key magic constant");
    memcpy(n->base.session_key, session_key, 16);
    n->base.session_key_len = 16;
    n->base.peer.mechanism = AUTH_TYPE_NTLM;
    n->base.peer.flags = n->flags;
    writer_deinit(&n->negotiate);
    writer_deinit(&n->challenge);
    return 0;
}

/* NTLMSSP_MESSAGE_SIGNATURE with extended session security, of the plain text and not yet encrypted. */
static void make_signature(struct ntlm_direction *d, const struct auth_message *m,
                           uint8_t signature[NTLM_SIGNATURE_LEN])
{
    uint8_t sequence[4] = {(uint8_t)d->sequence, (uint8_t)(d->sequence >> 8), (uint8_t)(d->sequence >> 16),
                           (uint8_t)(d->sequence >> 24)};

    hmac_md5_update(&d->sign, sizeof(sequence), sequence);
    hmac_md5_update(&d->sign, m->header_len, m->header);
    hmac_md5_update(&d->sign, m->body_len, m->body);
    hmac_md5_update(&d->sign, m->trailer_len, m->trailer);
    memcpy(signature, (const uint8_t[4]){1}, 4);
    hmac_md5_digest(&d->sign, 8, signature + 4);
    memcpy(signature + 12, sequence, sizeof(sequence));
    d->sequence++;
}

/* The text takes its bytes of the stream before the checksum does. */
static void crypt_signature(const struct ntlm *n, struct ntlm_direction *d, uint8_t *signature)
{
    if (n->flags & NTLMSSP_NEGOTIATE_KEY_EXCH)
        arcfour_crypt(&d->seal, 8, signature + 4, signature + 4);
}

static int check_signature(struct ntlm *n, const struct auth_message *m, const uint8_t *signature, size_t len)
{
    uint8_t expected[NTLM_SIGNATURE_LEN];

    make_signature(&n->receive, m, expected);
    crypt_signature(n, &n->receive, expected);
    if (len == sizeof(expected) && memeql_sec(expected, signature, sizeof(expected)))
        return 0;
    auth_set_detail(&n->base, "NTLM signature %u does not match", (unsigned)(n->receive.sequence - 1));
    return AUTH_E_SIGNATURE;
}

size_t ntlm_signature_len(const struct auth *a)
{
    (void)a;
    return NTLM_SIGNATURE_LEN;
}

int ntlm_protect(struct auth *a, const struct auth_message *m, uint8_t *signature)
{
    struct ntlm *n = (struct ntlm *)a;

    make_signature(&n->send, m, signature);
    if (a->level == AUTH_LEVEL_PRIVACY)
        arcfour_crypt(&n->send.seal, m->body_len, m->body, m->body);
    crypt_signature(n, &n->send, signature);
    return 0;
}

int ntlm_unprotect(struct auth *a, const struct auth_message *m, uint8_t *signature, size_t len)
{
    struct ntlm *n = (struct ntlm *)a;

    if (a->level == AUTH_LEVEL_PRIVACY)
        arcfour_crypt(&n->receive.seal, m->body_len, m->body, m->body);
    return check_signature(n, m, signature, len);
}

int ntlm_get_mic(struct auth *a, const void *data, size_t len, struct writer *mic)
{
    struct ntlm *n = (struct ntlm *)a;
    struct auth_message m = {.header = data, .header_len = len};
    uint8_t *signature = writer_reserve(mic, NTLM_SIGNATURE_LEN);

    if (!signature)
        return -ENOMEM;
    make_signature(&n->send, &m, signature);
    crypt_signature(n, &n->send, signature);
    return 0;
}

int ntlm_verify_mic(struct auth *a, const void *data, size_t len, const void *mic, size_t mic_len)
{
    struct auth_message m = {.header = data, .header_len = len};

    return check_signature((struct ntlm *)a, &m, mic, mic_len);
}

/* The streams begin again, the sequence numbers go on: not in a document, but what Windows and Samba do. */
void ntlm_mic_exchanged(struct auth *a)
{
    struct ntlm *n = (struct ntlm *)a;

    arcfour_set_key(&n->send.seal, sizeof(n->send.sealing_key), n->send.sealing_key);
    arcfour_set_key(&n->receive.seal, sizeof(n->receive.sealing_key), n->receive.sealing_key);
}
