/* SPDX-License-Identifier: MIT */
/*
 * Inside of NTLM: messages ([MS-NLMP] 2.2), keys and signatures (3.3, 3.4), the context of both sides.
 */
#ifndef AUTH_NTLM_H
#define AUTH_NTLM_H

#include <nettle/arcfour.h>
#include <nettle/hmac.h>

#include "auth/mech.h"
#include "base/reader.h"

enum { /* NEGOTIATE flags, 2.2.2.5 */
       NTLMSSP_NEGOTIATE_UNICODE = 0x1,
       NTLMSSP_REQUEST_TARGET = 0x4,
       NTLMSSP_NEGOTIATE_SIGN = 0x10,
       NTLMSSP_NEGOTIATE_SEAL = 0x20,
       NTLMSSP_NEGOTIATE_NTLM = 0x200,
       NTLMSSP_ANONYMOUS = 0x800,
       NTLMSSP_NEGOTIATE_ALWAYS_SIGN = 0x8000,
       NTLMSSP_TARGET_TYPE_DOMAIN = 0x10000,
       NTLMSSP_TARGET_TYPE_SERVER = 0x20000,
       NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY = 0x80000,
       NTLMSSP_NEGOTIATE_TARGET_INFO = 0x800000,
       NTLMSSP_NEGOTIATE_VERSION = 0x2000000,
       NTLMSSP_NEGOTIATE_128 = 0x20000000,
       NTLMSSP_NEGOTIATE_KEY_EXCH = 0x40000000,
};
#define NTLMSSP_NEGOTIATE_56 0x80000000u

enum { /* AV_PAIR, 2.2.2.1 */
       MsvAvEOL = 0,
       MsvAvNbComputerName = 1,
       MsvAvNbDomainName = 2,
       MsvAvDnsComputerName = 3,
       MsvAvDnsDomainName = 4,
       MsvAvDnsTreeName = 5,
       MsvAvFlags = 6,
       MsvAvTimestamp = 7,
       MsvAvSingleHost = 8,
       MsvAvTargetName = 9,
       MsvAvChannelBindings = 10,
       MsvAvLast = 10,
};
#define MSV_AV_FLAG_MIC 0x2u

#define NTLM_SIGNATURE_LEN 16
#define NTLM_MIC_OFFSET 72
#define NTLM_RESPONSE_HEAD_LEN 44 /* proof and NTLMv2_CLIENT_CHALLENGE before its AV pairs */

struct ntlm_bytes { /* a view */
    const uint8_t *at;
    size_t len;
};

struct ntlm_av {
    struct ntlm_bytes value[MsvAvLast + 1]; /* at == NULL: not there */
    struct ntlm_bytes all;                  /* as sent, without EOL */
};

struct ntlm_negotiate {
    uint32_t flags;
};
struct ntlm_challenge {
    uint32_t flags;
    uint8_t challenge[8];
    struct ntlm_bytes target, info; /* info: the AV pairs */
};
struct ntlm_authenticate {
    uint32_t flags;
    struct ntlm_bytes lm, nt, domain, user, workstation, key;
    const uint8_t *mic; /* NULL: there is no room for one */
};

/* All: 0 or AUTH_E_TOKEN. Views into the token. */
int ntlm_negotiate_get(struct ntlm_negotiate *m, const uint8_t *token, size_t len);
int ntlm_challenge_get(struct ntlm_challenge *m, const uint8_t *token, size_t len);
int ntlm_authenticate_get(struct ntlm_authenticate *m, const uint8_t *token, size_t len);
int ntlm_av_get(struct ntlm_av *av, const uint8_t *data, size_t len);
/* Append; failures are in the writer. The MIC of an AUTHENTICATE is written as zeros when `mic` is NULL. */
void ntlm_negotiate_put(struct writer *w, const struct ntlm_negotiate *m);
void ntlm_challenge_put(struct writer *w, const struct ntlm_challenge *m);
void ntlm_authenticate_put(struct writer *w, const struct ntlm_authenticate *m);
void ntlm_av_put(struct writer *w, uint16_t id, const void *value, size_t len);

/* NTOWFv2. -ENOMEM. `user` and `domain` are UTF-16LE of any alignment, as in the message. */
int ntlm_owf(const uint8_t nt_hash[16], struct ntlm_bytes user, struct ntlm_bytes domain, uint8_t key[16]);
/* NTProofStr of the response that follows it (`temp`), and SessionBaseKey. */
void ntlm_proof(const uint8_t owf[16], const uint8_t server_challenge[8], struct ntlm_bytes temp,
                uint8_t proof[16], uint8_t base_key[16]);
void ntlm_mic(const uint8_t session_key[16], struct ntlm_bytes negotiate, struct ntlm_bytes challenge,
              struct ntlm_bytes authenticate, uint8_t mic[16]); /* whatever is in its MIC counts as 0 */
void ntlm_rc4(const uint8_t key[16], const uint8_t in[16], uint8_t out[16]);

struct ntlm_direction { /* from one side to the other: 3.4 */
    struct hmac_md5_ctx sign;
    struct arcfour_ctx seal;
    uint8_t sealing_key[16];
    uint32_t sequence;
};

struct ntlm {
    struct auth base;
    uint32_t flags;
    struct ntlm_direction send, receive;
    struct writer negotiate, challenge; /* as they went over the wire, for the MIC */
    uint8_t server_challenge[8];
    uint8_t bindings[16];
    bool has_bindings;
    /* client */
    struct auth_credentials *credentials;
    const uint16_t *target, *workstation; /* in base.memory */
    const uint16_t *avoid;                /* realm whose servers get no answer, in base.memory; NULL: none */
    int avoid_condition;
    /* acceptor */
    struct auth_acceptor *acceptor;
};

extern const struct auth_ops ntlm_client_ops, ntlm_acceptor_ops;
/* Shared by both sides. */
int ntlm_init(struct ntlm **out, const struct auth_ops *ops, const struct auth_options *options);
void ntlm_free(struct auth *a);
int ntlm_establish(struct ntlm *n, const uint8_t session_key[16], bool client);
int ntlm_keep(struct writer *w, const void *data, size_t len);
size_t ntlm_signature_len(const struct auth *a);
int ntlm_protect(struct auth *a, const struct auth_message *m, uint8_t *signature);
int ntlm_unprotect(struct auth *a, const struct auth_message *m, uint8_t *signature, size_t len);
int ntlm_get_mic(struct auth *a, const void *data, size_t len, struct writer *mic);
int ntlm_verify_mic(struct auth *a, const void *data, size_t len, const void *mic, size_t mic_len);
void ntlm_mic_exchanged(struct auth *a);

#define NTLM_COMMON_OPS                                                                          \
    .signature_len = ntlm_signature_len, .protect = ntlm_protect, .unprotect = ntlm_unprotect,   \
    .get_mic = ntlm_get_mic, .verify_mic = ntlm_verify_mic, .mic_exchanged = ntlm_mic_exchanged, \
    .free = ntlm_free

#endif
