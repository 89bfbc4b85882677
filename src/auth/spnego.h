/* SPDX-License-Identifier: MIT */
/*
 * Inside of SPNEGO: its two messages and the context of both sides. [RFC4178] 4.2, [MS-SPNG] 2.2.
 */
#ifndef AUTH_SPNEGO_H
#define AUTH_SPNEGO_H

#include "auth/mech.h"

#define SPNEGO_MECH_LIST_MAX ((size_t)1024)

enum spnego_state {
    SPNEGO_NO_STATE = -1,
    SPNEGO_ACCEPT_COMPLETED = 0,
    SPNEGO_ACCEPT_INCOMPLETE = 1,
    SPNEGO_REJECT = 2,
    SPNEGO_REQUEST_MIC = 3
};

struct spnego_bytes { /* a view; at == NULL: absent */
    const uint8_t *at;
    size_t len;
};

struct spnego_init {
    struct spnego_bytes mech_list; /* the whole MechTypeList: what a mechListMIC is made of */
    struct spnego_bytes token;
};
struct spnego_response {
    enum spnego_state state;
    struct spnego_bytes mech, token, mic; /* mech: the content of an OID */
};

struct spnego_mech {
    unsigned mechanism; /* AUTH_KERBEROS, AUTH_NTLM */
    uint8_t oid_len, oid[11];
};

/* Ours, in order of preference; mechanism 0 at the end. */
extern const struct spnego_mech spnego_mechs[];

/* 0 or AUTH_E_TOKEN. Views into the token. */
int spnego_init_get(struct spnego_init *m, const uint8_t *token, size_t len);
int spnego_response_get(struct spnego_response *m, const uint8_t *token, size_t len);
/* Next OID of a MechTypeList, whose reading begins with *at = 0; false: no more. `known`: NULL when not ours.
 */
bool spnego_mech_next(struct spnego_bytes mech_list, size_t *at, struct spnego_bytes *oid,
                      const struct spnego_mech **known);
/* A GSSAPI token that begins with the OID of `mechanism`. */
bool spnego_is_framed(const uint8_t *token, size_t len, unsigned mechanism);
/* Append; failures are in the writer. `hint`: NegTokenInit2. */
void spnego_init_put(struct writer *w, const struct spnego_init *m, bool hint);
void spnego_response_put(struct writer *w, const struct spnego_response *m);
void spnego_mech_list_put(struct writer *w, unsigned mechanisms);

struct spnego {
    struct auth base;
    struct auth *inner;
    struct auth_options options; /* for `inner` */
    struct spnego_bytes mech_list;
    unsigned mechanism; /* of `inner` */
    bool raw;           /* acceptor: no SPNEGO at all, tokens go straight to `inner` */
    bool begun, chosen; /* first message sent or taken; client: the server has named the mechanism */
    bool must_mic;      /* the mechanism is not the client's first choice, or a MIC was asked for */
    bool mic_sent, mic_received;
    const char *refused_by; /* client: as struct auth's of the Kerberos that was tried; in base.memory */
    int refusal;
    struct auth_client_config config; /* client; strings in base.memory */
    struct auth_acceptor *acceptor;
};

/* Shared by both sides. */
int spnego_new(struct spnego **out, const struct auth_ops *ops, const struct auth_options *options);
void spnego_free(struct auth *a);
/* Step `inner`, and take over what it knows by now. */
int spnego_step_inner(struct spnego *s, struct spnego_bytes token, struct writer *out);
int spnego_keep_mech_list(struct spnego *s, struct spnego_bytes list);
int spnego_take_mic(struct spnego *s, struct spnego_bytes mic);
int spnego_make_mic(struct spnego *s, struct writer *mic, struct spnego_response *m);
void spnego_established(struct spnego *s);
size_t spnego_signature_len(const struct auth *a);
int spnego_protect(struct auth *a, const struct auth_message *m, uint8_t *signature);
int spnego_unprotect(struct auth *a, const struct auth_message *m, uint8_t *signature, size_t len);

#define SPNEGO_COMMON_OPS                                                                            \
    .signature_len = spnego_signature_len, .protect = spnego_protect, .unprotect = spnego_unprotect, \
    .free = spnego_free

#endif
