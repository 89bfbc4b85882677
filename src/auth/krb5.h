/* SPDX-License-Identifier: MIT */
/*
 * Inside of Kerberos: the context of both sides; credentials, names and errors of GSSAPI.
 */
#ifndef AUTH_KRB5_H
#define AUTH_KRB5_H

#include "auth/krb5_library.h"
#include "auth/mech.h"

struct krb5 {
    struct auth base;
    gss_ctx_id_t context;
    gss_cred_id_t credential; /* of this context alone, or GSS_C_NO_CREDENTIAL when it is shared */
    gss_cred_id_t used;       /* a client's: view of the one that its first step took */
    gss_name_t target;
    const char *spn;  /* client; in base.memory */
    int64_t deadline; /* of a client's first step */
    bool dce_style;
    size_t signature_len;
    struct gss_channel_bindings_struct bindings; /* data in base.memory */
    bool has_bindings;
    struct auth_credentials *credentials; /* client */
    struct auth_acceptor *acceptor;
};

/* The condition for a failure of the library, whose words are kept for auth_detail(). */
int krb5_gss_condition(struct krb5 *k, OM_uint32 major, OM_uint32 minor);
void krb5_gss_detail(struct krb5 *k, OM_uint32 major, OM_uint32 minor);
/* A peer's token: 0; or the condition for the KRB-ERROR, bare or framed, that it is instead of an answer. */
int krb5_error_token(struct krb5 *k, const uint8_t *token, size_t len);
/* View, the context's own or shared; AUTH_E_NO_CREDENTIALS, AUTH_E_NO_KEYTAB, and so on. A client's may ask a
 * KDC, and where krb5_asks_for_all() two threads must not do so at once for the same credentials. */
int krb5_gss_credential(struct krb5 *k, gss_cred_id_t *out);
bool krb5_asks_for_all(struct krb5 *k);
/* After fork(): a thread that the child has not may have locked the handles. They are left to it. */
void krb5_cache_forget(struct auth_krb5_cache *cache);
/* Not an address, for which nobody has a ticket. */
bool krb5_spn_is_legal(const char *spn);
/* Sets k->target. */
int krb5_gss_target(struct krb5 *k);

#endif
