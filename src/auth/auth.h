/* SPDX-License-Identifier: MIT */
/*
 * Authentication: who the peer is, a key shared with it, and protection of RPC messages. Tokens in, tokens
 * out, no I/O; one interface for NTLM (version 2 only), Kerberos (MIT GSSAPI, which itself talks to the KDC
 * and so may block in a client's first step, by a deadline) and SPNEGO around both; for clients and
 * acceptors.
 *
 * Invariant: a context that has failed stays failed; nothing is signed or opened before it is established,
 * and it is established only with the protection that its level demands. Secrets are wiped when they are no
 * longer needed. A context belongs to one thread at a time; credentials and acceptors may be shared.
 *
 * Results: 0; negative errno (-ENOMEM; -EINVAL: called out of order); or a condition AUTH_... below, which
 * the four functions at the end turn into the statuses of wire and API and into words.
 *
 * [MS-RPCE] 2.2.1.1.7 and 3.3.1.5.2, [MS-NLMP], [MS-SPNG], [RFC4178], [RFC4121], [MS-KILE].
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/writer.h"

/* ---- Conditions ---- */

/* name, NTSTATUS, NET_API_STATUS, what it means and what can be done */
#define AUTH_CONDITION_TABLE(X)                                                                             \
    X(AUTH_CONTINUE, 0xC0000016, 997, "a further token of the peer is needed")                              \
    X(AUTH_E_TOKEN, 0xC000000D, 1825, "the peer sent an authentication message that is not legal")          \
    X(AUTH_E_LOGON, 0xC000006D, 1326, "unknown user name or wrong password")                                \
    X(AUTH_E_NO_SUCH_USER, 0xC000006D, 1326, "the user is not known; check user name and domain")           \
    X(AUTH_E_PASSWORD_EXPIRED, 0xC0000071, 1330, "the password has expired; change it")                     \
    X(AUTH_E_PASSWORD_MUST_CHANGE, 0xC0000224, 1907, "the password must be changed before the first use")   \
    X(AUTH_E_ACCOUNT_DISABLED, 0xC0000072, 1331,                                                            \
      "the account is disabled; to Kerberos also: locked, expired")                                         \
    X(AUTH_E_ACCOUNT_LOCKED, 0xC0000234, 1909, "the account is locked; wait, or have it unlocked")          \
    X(AUTH_E_ACCOUNT_EXPIRED, 0xC0000193, 1793, "the account has expired")                                  \
    X(AUTH_E_ACCOUNT_RESTRICTION, 0xC000006E, 1327, "a restriction of the account forbids this logon")      \
    X(AUTH_E_LOGON_HOURS, 0xC000006F, 1328, "the account may not log on at this time")                      \
    X(AUTH_E_WORKSTATION, 0xC0000070, 1329, "the account may not log on from this computer")                \
    X(AUTH_E_LOGON_TYPE, 0xC000015B, 1385, "the user may not log on to this computer over the network")     \
    X(AUTH_E_CLOCK_SKEW, 0xC0000133, 1398, "the clocks are too far apart for Kerberos; set them right")     \
    X(AUTH_E_NO_CREDENTIALS, 0xC000005F, 1312, "no password and no Kerberos ticket; name a user or kinit")  \
    X(AUTH_E_TICKET_EXPIRED, 0xC000005F, 1312, "the Kerberos ticket has expired; get a new one with kinit") \
    X(AUTH_E_UNKNOWN_TARGET, 0xC000006D, 1396, "the KDC does not know the service; use the server's name")  \
    X(AUTH_E_WRONG_TARGET, 0xC000006D, 1396, "the ticket is for another server or for an older key of it")  \
    X(AUTH_E_NO_KDC, 0xC000005E, 1311, "no Kerberos KDC or logon server could be reached")                  \
    X(AUTH_E_TIMEOUT, 0xC00000B5, 1460, "no Kerberos KDC has answered in time")                             \
    X(AUTH_E_NO_KEYTAB, 0xC000006D, 1312, "the server has no Kerberos key; check its keytab")               \
    X(AUTH_E_KERBEROS, 0xC000006D, 1825, "Kerberos failed")                                                 \
    X(AUTH_E_BINDINGS, 0xC000035B, 1326, "the authentication was made for another channel")                 \
    X(AUTH_E_WEAK, 0xC0000418, 1937, "the peer knows only NTLM version 1 or keys that are too short")       \
    X(AUTH_E_ANONYMOUS, 0xC0000022, 5, "anonymous access is refused; name a user")                          \
    X(AUTH_E_ALTERED, 0xC0000388, 1265, "authentication messages were altered on their way")                \
    X(AUTH_E_LEVEL, 0xC0000022, 1821, "the peer does not give the protection that is demanded")             \
    X(AUTH_E_MECHANISM, 0xC00000BB, 1747, "no authentication mechanism is common to both sides")            \
    X(AUTH_E_UNAVAILABLE, 0xC00000BB, 50, "Kerberos is not here; install MIT's libgssapi_krb5")             \
    X(AUTH_E_REFUSED, 0xC0000022, 5, "the peer refused the authentication")                                 \
    X(AUTH_E_SIGNATURE, 0xC0000022, 1825, "a message was altered, repeated or lost on its way")

enum {
    AUTH_CONDITION_BEFORE_FIRST,
#define X(name, nt, net, text) name,
    AUTH_CONDITION_TABLE(X)
#undef X
        AUTH_CONDITION_END
};

/* ---- Constants of the wire ---- */

enum auth_type { /* [MS-RPCE] 2.2.1.1.7 */
                 AUTH_TYPE_NONE = 0,
                 AUTH_TYPE_SPNEGO = 9,
                 AUTH_TYPE_NTLM = 10,
                 AUTH_TYPE_KERBEROS = 16
};

enum auth_level { /* [MS-RPCE] 2.2.1.1.8 */
                  AUTH_LEVEL_NONE = 1,
                  AUTH_LEVEL_CONNECT =
                      2, /* messages are not protected, there is a session key: what SMB asks for */
                  AUTH_LEVEL_INTEGRITY = 5,
                  AUTH_LEVEL_PRIVACY = 6
};

#define AUTH_NTLM 1u /* in sets of mechanisms */
#define AUTH_KERBEROS 2u

#define AUTH_TOKEN_MAX ((size_t)65535) /* bytes of one token, either way */

/* ---- Credentials of a client: built once, then shared and not changed ---- */

struct auth_credentials;

/* Without a name: the default ticket cache and its owner. */
int auth_credentials_new(struct auth_credentials **out);
struct auth_credentials *auth_credentials_ref(struct auth_credentials *c);
void auth_credentials_unref(struct auth_credentials *c); /* the last one wipes; NULL is fine */

/* "user", "DOMAIN\user", "user@realm" (a UPN); `domain` (may be NULL) wins over the one in the name.
 * -EINVAL: not valid text or too long. */
int auth_credentials_set_name(struct auth_credentials *c, const uint16_t *name, const uint16_t *domain);
int auth_credentials_set_name_utf8(struct auth_credentials *c, const char *name, const char *domain);
int auth_credentials_set_password(struct auth_credentials *c, const uint16_t *password);
int auth_credentials_set_password_utf8(struct auth_credentials *c, const char *password);
void auth_credentials_set_nt_hash(struct auth_credentials *c, const uint8_t hash[16]); /* NTLM only */
int auth_credentials_set_ccache(struct auth_credentials *c, const char *name); /* "FILE:...", "KEYRING:..." */
int auth_credentials_set_keytab(struct auth_credentials *c, const char *path); /* a client's own keys */
void auth_credentials_set_anonymous(struct auth_credentials *c);

const uint16_t *auth_credentials_user(const struct auth_credentials *c); /* "" when there is none */
const uint16_t *auth_credentials_domain(const struct auth_credentials *c);
/* MD4 of the password, or what was set; false: there is neither. */
bool auth_credentials_nt_hash(const struct auth_credentials *c, uint8_t hash[16]);
bool auth_credentials_anonymous(const struct auth_credentials *c);

/* MD4 of a password: what account databases keep and the acceptor's callback gives. */
void auth_nt_hash(const uint16_t *password, size_t chars, uint8_t hash[16]);

/* ---- Contexts ---- */

struct auth; /* one side of one authentication */

/* Where randomness and time come from; NULL in a configuration: the system. For tests and simulations. */
struct auth_source {
    int (*random)(void *data, void *out, size_t len); /* 0 or a negative errno */
    uint64_t (*now)(void *data);                      /* FILETIME: 100 ns since 1601 */
    void *data;
};

/* What the two sides have in common. */
struct auth_options {
    enum auth_type type;
    enum auth_level level;
    bool dce_style; /* RPC: three legs of Kerberos. SMB: false */
    /* Application data of channel bindings ("tls-server-end-point:" and so on); NULL: none. Copied. */
    const void *bindings;
    size_t bindings_len;
    const struct auth_source *source;
};

struct auth_client_config {
    struct auth_options options;
    struct auth_credentials *credentials; /* a reference is kept */
    const char *target;                   /* SPN, UTF-8: "cifs/server.example.org", "host/..."; copied */
    /* CLOCK_MONOTONIC, ns: by then the first step ends, whatever the KDC does; AUTH_E_TIMEOUT. 0: none. When
     * NTLM may follow, Kerberos has half of the time that is left. */
    int64_t deadline;
    /* SPNEGO: which of AUTH_KERBEROS, AUTH_NTLM may be used; 0: both. Kerberos goes first; when it cannot
     * even start (no ticket, unknown SPN, no KDC or none in time) and NTLM may be used, NTLM does: "desired".
     */
    unsigned mechanisms;
    const uint16_t *workstation; /* told to an NTLM server; NULL: nothing. Copied */
};

int auth_client_new(struct auth **out, const struct auth_client_config *config);

/* An account as the acceptor's database has it. */
struct auth_account {
    uint8_t nt_hash[16];
    int condition; /* 0, or why a right password is not enough: AUTH_E_ACCOUNT_DISABLED ... Told to the client
                      only when the password is right */
    uint64_t id;   /* the database's own, for auth_peer() */
};

/* What the acceptors of a server share. */
struct auth_acceptor;

struct auth_acceptor_config {
    unsigned mechanisms; /* what is accepted, alone and in SPNEGO; AUTH_NTLM, AUTH_KERBEROS */
    /* NTLM: find the account for names as the client sent them (zero-terminated; a UPN has an empty domain).
     * 0; AUTH_E_NO_SUCH_USER (the client sees AUTH_E_LOGON, after the same work); or another condition or
     * error. May be called from any thread that steps a context. */
    int (*account)(void *data, const uint16_t *user, const uint16_t *domain, struct auth_account *out);
    void *data;
    const uint16_t *computer, *domain;         /* NetBIOS names, told to the client; copied */
    const uint16_t *dns_computer, *dns_domain; /* may be NULL */
    bool domain_controller;                    /* `domain` is that of the accounts: the NTLM target name */
    bool allow_anonymous;
    bool require_bindings; /* when a context has channel bindings, the client must have sent them */
    const char *keytab;    /* "FILE:/..."; NULL: the system's. Any principal in it may be asked for */
};

int auth_acceptor_new(struct auth_acceptor **out, const struct auth_acceptor_config *config);
void auth_acceptor_free(struct auth_acceptor *acceptor); /* after its contexts */
/* The token of an SMB2 NEGOTIATE response: NegTokenInit2 with what is accepted, best first. */
int auth_acceptor_hint(const struct auth_acceptor *acceptor, struct writer *out);
int auth_acceptor_context(struct auth **out, struct auth_acceptor *acceptor,
                          const struct auth_options *options);

void auth_free(struct auth *a); /* wipes; NULL is fine */

/* Take the peer's token, append ours to `out` (maybe nothing; also after some failures something for the
 * peer). A client begins without a token (SMB: with the server's hint, when it sent one; SPNEGO only). 0:
 * established, and the token, if there is one, is still to be sent. AUTH_CONTINUE: send, and step with the
 * answer. */
int auth_step(struct auth *a, const void *token, size_t len, struct writer *out);
bool auth_established(const struct auth *a);

/* Session key: 16 bytes with NTLM, 16 or 32 with Kerberos. View; NULL before it is established. */
const uint8_t *auth_session_key(const struct auth *a, size_t *len);

/* Who the peer is. Names are those claimed when `authenticated` is false: for logs and for counting failures.
 * Views that live as long as the context. */
struct auth_peer {
    enum auth_type mechanism; /* NTLM or KERBEROS; NONE: not yet known */
    bool authenticated, anonymous;
    bool bound;               /* the channel bindings were checked */
    const uint16_t *user;     /* zero-terminated, "" when unknown. Kerberos: the principal without realm */
    const uint16_t *domain;   /* as sent; Kerberos: realm. In a client: the server's domain (NTLM) */
    const uint16_t *computer; /* NTLM: the client's workstation; in a client: the server's name */
    const uint16_t *target;   /* acceptor: SPN the client meant to reach, "" when not told */
    uint64_t account;         /* NTLM: auth_account.id */
    const uint8_t *validation_info; /* Kerberos: KERB_VALIDATION_INFO of the verified PAC (NDR), or NULL */
    size_t validation_info_len;
    uint32_t flags; /* negotiated: NTLM's or GSSAPI's; for traces */
};
const struct auth_peer *auth_peer(const struct auth *a);

/* What the mechanism itself said about the last failure; "" when nothing. */
const char *auth_detail(const struct auth *a);

/* ---- Protection of messages, at the context's level ----
 *
 * An RPC PDU in pieces that lie in memory in this order, with the signature (auth_value) after them:
 *   header     signed only                      (16-24 bytes, 40 with an object)
 *   body       stub and padding; sealed in place at PRIVACY, signed at INTEGRITY
 *   trailer    sec_trailer, signed only
 * All lengths in the header must be final before. NTLM signs all of it always, Kerberos header and trailer
 * only with header signing. Every PDU must be protected, or opened, exactly once and in order. */
struct auth_message {
    const uint8_t *header;
    size_t header_len;
    uint8_t *body;
    size_t body_len;
    const uint8_t *trailer;
    size_t trailer_len;
};

/* Both sides set PFC_SUPPORT_HEADER_SIGN. Before the first message. */
void auth_set_header_signing(struct auth *a, bool on);
/* Bytes that auth_protect() writes, the same for every message; 0 at level CONNECT and before it is
 * established. */
size_t auth_signature_len(const struct auth *a);
int auth_protect(struct auth *a, const struct auth_message *m, uint8_t *signature);
/* Verify, and open the body in place. The signature is overwritten. AUTH_E_SIGNATURE: nothing in the message
 * may be used, and the context is at its end. */
int auth_unprotect(struct auth *a, const struct auth_message *m, uint8_t *signature, size_t len);

/* ---- Conditions in words and statuses ---- */

struct nt_status auth_nt_status(int result); /* of any result: 0, a negative errno, a condition */
struct net_status auth_net_status(int result);
const char *auth_text(int result);
/* The condition that a server's logon status means (SMB SESSION_SETUP); AUTH_E_REFUSED when none fits. */
int auth_from_nt(struct nt_status status);

#endif
