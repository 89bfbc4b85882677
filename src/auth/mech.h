/* SPDX-License-Identifier: MIT */
/*
 * What a mechanism gives to auth.c, and what all contexts begin with. auth.c keeps the order of calls (step
 * until established, then messages, nothing after a failure): mechanisms need not test it again.
 */
#ifndef AUTH_MECH_H
#define AUTH_MECH_H

#include <pthread.h>
#include <stdatomic.h>

#include "auth/auth.h"
#include "base/arena.h"

#define AUTH_SESSION_KEY_MAX 64
#define AUTH_NAMES_LIMIT                                                              \
    ((size_t)256 * 1024) /* names and PAC kept of one peer: the token bounds them too \
                          */
#define AUTH_BINDINGS_MAX ((size_t)1024)

enum auth_state { AUTH_STATE_NEW, AUTH_STATE_STEPPING, AUTH_STATE_ESTABLISHED, AUTH_STATE_FAILED };

struct auth_ops {
    /* `token` is NULL in a client's first step without a hint. */
    int (*step)(struct auth *a, const uint8_t *token, size_t len, struct writer *out);
    size_t (*signature_len)(const struct auth *a);
    int (*protect)(struct auth *a, const struct auth_message *m, uint8_t *signature);
    int (*unprotect)(struct auth *a, const struct auth_message *m, uint8_t *signature, size_t len);
    /* SPNEGO's mechListMIC, in an established context. */
    int (*get_mic)(struct auth *a, const void *data, size_t len, struct writer *mic);
    int (*verify_mic)(struct auth *a, const void *data, size_t len, const void *mic, size_t mic_len);
    void (*mic_exchanged)(struct auth *a); /* both were; may be NULL */
    void (*free)(struct auth *a);          /* wipes all that is its own; auth.c frees `a` itself */
};

struct auth {
    const struct auth_ops *ops;
    size_t object_len; /* of the mechanism's struct, which begins with this one */
    enum auth_state state;
    enum auth_level level;
    bool header_signing;
    struct auth_peer peer;
    struct arena memory; /* what peer points to */
    uint8_t session_key[AUTH_SESSION_KEY_MAX];
    size_t session_key_len;
    const struct auth_source *source; /* NULL: the system */
    /* Kerberos, client: the step failed because the KDC of this realm, which the user did not name, refused
     * the user; in `memory`. NULL: it did not come to that. */
    const char *refused_by;
    char detail[200];
};

/* A zeroed context of `len` bytes that begins with struct auth. */
int auth_alloc(void *out, size_t len, const struct auth_ops *ops, const struct auth_options *options);
int auth_random(const struct auth *a, void *out, size_t len);
uint64_t auth_now(const struct auth *a);
int64_t auth_clock(void);            /* CLOCK_MONOTONIC, ns: what deadlines are in */
void auth_wipe(void *p, size_t len); /* not optimised away */
__attribute__((format(printf, 2, 3))) void auth_set_detail(struct auth *a, const char *format, ...);
/* Zero-terminated copy in `memory`; AUTH_E_TOKEN: holds a NUL. */
int auth_keep_name(struct auth *a, const uint8_t *utf16le, size_t len, const uint16_t **out);

/* MD5 of gss_channel_bindings_struct with `data` as its application data: MsvAvChannelBindings. */
void auth_bindings_hash(const void *data, size_t len, uint8_t hash[16]);

/* Mechanisms. auth_krb5_* give AUTH_E_UNAVAILABLE in a build without Kerberos. */
int auth_ntlm_client(struct auth **out, const struct auth_client_config *config);
/* A client's, before its first step: a server whose accounts are those of `realm` gets no AUTHENTICATE; the
 * step that finds this out ends with `condition`. */
int auth_ntlm_avoid(struct auth *ntlm, const char *realm, int condition);
int auth_ntlm_context(struct auth **out, struct auth_acceptor *acceptor, const struct auth_options *options);
int auth_krb5_client(struct auth **out, const struct auth_client_config *config);
int auth_krb5_context(struct auth **out, struct auth_acceptor *acceptor, const struct auth_options *options);
int auth_spnego_client(struct auth **out, const struct auth_client_config *config);
int auth_spnego_context(struct auth **out, struct auth_acceptor *acceptor,
                        const struct auth_options *options);
int auth_spnego_hint(unsigned mechanisms, struct writer *out);

/* GSSAPI credentials, made when first needed and kept by their owner; krb5.c alone looks into them. */
struct auth_krb5_cache {
    pthread_mutex_t lock; /* of the handles; not held while a KDC is asked */
    void *handle[2];      /* [1]: without the integrity and confidentiality flags */
    bool own_ccache;      /* in memory, to be destroyed */
    /* The KDC has refused this password: no sooner than then (auth_clock) is it asked again,
     * for every question counts towards the account's lockout. 0: it has not. */
    int64_t refused_until;
};
void auth_krb5_cache_deinit(struct auth_krb5_cache *cache);

struct auth_credentials {
    atomic_uint references;
    struct arena memory; /* of all that follows */
    const uint16_t *user, *domain;
    const char *user_utf8, *domain_utf8;
    const char *password; /* UTF-8 */
    const char *ccache, *keytab;
    uint8_t nt_hash[16];
    bool has_nt_hash, anonymous;
    struct auth_krb5_cache krb5;
};

struct auth_acceptor {
    struct auth_acceptor_config config; /* its strings are in `memory` */
    struct arena memory;
    struct auth_krb5_cache krb5;
};

#endif
