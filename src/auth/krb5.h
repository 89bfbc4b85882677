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
    gss_name_t target;
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
/* View, the context's own or shared; AUTH_E_NO_CREDENTIALS, AUTH_E_NO_KEYTAB, and so on. */
int krb5_gss_credential(struct krb5 *k, gss_cred_id_t *out);
/* Sets k->target. */
int krb5_gss_target(struct krb5 *k, const char *spn);

#endif
