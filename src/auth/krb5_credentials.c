/* SPDX-License-Identifier: MIT */
/*
 * Kerberos: where tickets and keys come from, names, and what the library's errors mean.
 *
 * Invariant: a name is used as it was written; DNS, which nobody protects, makes no other one of it and is
 * not asked for realms that nobody has set up.
 */
#include "auth/krb5.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/reader.h"

#define SPN_MAX_LEN 1024
#define SECOND INT64_C(1000000000)
#define REFUSAL_TIME                                                                      \
    (600 * SECOND) /* a wrong password costs less than three tries in the usual half hour \
                    */

/* ---- What went wrong ---- */

static const struct {
    krb5_error_code code;
    int condition;
} code_table[] = {
    {KRB5KDC_ERR_PREAUTH_FAILED, AUTH_E_LOGON},
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, AUTH_E_NO_SUCH_USER},
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, AUTH_E_UNKNOWN_TARGET},
    {KRB5KDC_ERR_KEY_EXP, AUTH_E_PASSWORD_EXPIRED},
    {KRB5KDC_ERR_CLIENT_REVOKED, AUTH_E_ACCOUNT_DISABLED},
    {KRB5KDC_ERR_NAME_EXP, AUTH_E_ACCOUNT_EXPIRED},
    {KRB5KDC_ERR_POLICY, AUTH_E_ACCOUNT_RESTRICTION},
    {KRB5KRB_AP_ERR_SKEW, AUTH_E_CLOCK_SKEW},
    {KRB5KDC_ERR_NEVER_VALID, AUTH_E_CLOCK_SKEW},
    {KRB5_KDCREP_SKEW, AUTH_E_CLOCK_SKEW},
    {KRB5KRB_AP_ERR_TKT_NYV, AUTH_E_CLOCK_SKEW},
    {KRB5KRB_AP_ERR_TKT_EXPIRED, AUTH_E_TICKET_EXPIRED},
    {KRB5_FCC_NOFILE, AUTH_E_NO_CREDENTIALS},
    {KRB5_CC_NOTFOUND, AUTH_E_NO_CREDENTIALS},
    {KRB5_KDC_UNREACH, AUTH_E_NO_KDC},
    {KRB5_REALM_CANT_RESOLVE, AUTH_E_NO_KDC},
    {KRB5_REALM_UNKNOWN, AUTH_E_NO_KDC},
    {KRB5_CONFIG_NODEFREALM, AUTH_E_NO_KDC},
    {KRB5_KT_NOTFOUND, AUTH_E_NO_KEYTAB},
    {KRB5_KT_KVNONOTFOUND, AUTH_E_WRONG_TARGET},
    {KRB5KRB_AP_ERR_NOKEY, AUTH_E_WRONG_TARGET},
    {KRB5KRB_AP_ERR_BADKEYVER, AUTH_E_WRONG_TARGET},
    {KRB5KRB_AP_ERR_NOT_US, AUTH_E_WRONG_TARGET},
    {KRB5KRB_AP_WRONG_PRINC, AUTH_E_WRONG_TARGET},
    {KRB5KRB_AP_ERR_MODIFIED, AUTH_E_WRONG_TARGET},
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, AUTH_E_WRONG_TARGET},
    {KRB5KRB_AP_ERR_REPEAT, AUTH_E_ALTERED},
};

void krb5_gss_detail(struct krb5 *k, OM_uint32 major, OM_uint32 minor)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 m, more = 0;
    int type = minor ? GSS_C_MECH_CODE : GSS_C_GSS_CODE;

    if (gss_display_status(&m, minor ? minor : major, type, (gss_OID)(uintptr_t)gss_mech_krb5, &more,
                           &text) == GSS_S_COMPLETE)
        auth_set_detail(&k->base, "%.*s", (int)text.length, (const char *)text.value);
    gss_release_buffer(&m, &text);
}

/* 0: none of its own. */
static int code_condition(krb5_error_code code)
{
    for (size_t i = 0; i < sizeof(code_table) / sizeof(code_table[0]); i++)
        if (code_table[i].code == code)
            return code_table[i].condition;
    return 0;
}

int krb5_gss_condition(struct krb5 *k, OM_uint32 major, OM_uint32 minor)
{
    int condition = code_condition((krb5_error_code)minor);

    krb5_gss_detail(k, major, minor);
    if (minor == ENOMEM)
        return -ENOMEM;
    if (condition)
        return condition;
    switch (GSS_ROUTINE_ERROR(major)) {
    case GSS_S_NO_CRED:
        return k->acceptor ? AUTH_E_NO_KEYTAB : AUTH_E_NO_CREDENTIALS;
    case GSS_S_CREDENTIALS_EXPIRED:
        return AUTH_E_TICKET_EXPIRED;
    case GSS_S_BAD_BINDINGS:
        return AUTH_E_BINDINGS;
    case GSS_S_DEFECTIVE_TOKEN:
        return AUTH_E_TOKEN;
    default:
        return AUTH_E_KERBEROS;
    }
}

/* The content of a GSSAPI token of this mechanism with the id of a KRB-ERROR ([RFC2743] 3.1, [RFC4121] 4.1);
 * false: it is another. */
static bool unframe_error(struct reader *r)
{
    const uint8_t *oid;
    uint8_t first, id[2];

    if (reader_u8(r) != 0x60)
        return false;
    first = reader_u8(r);
    reader_take(r, first & 0x80 ? first & 0x7F : 0);
    if (reader_u8(r) != 0x06 || reader_u8(r) != gss_mech_krb5->length)
        return false;
    oid = reader_take(r, gss_mech_krb5->length);
    id[0] = reader_u8(r);
    id[1] = reader_u8(r);
    return !r->failed && memcmp(oid, gss_mech_krb5->elements, gss_mech_krb5->length) == 0 && id[0] == 3 &&
           id[1] == 0;
}

int krb5_error_token(struct krb5 *k, const uint8_t *token, size_t len)
{
    enum { KRB_ERROR = 0x7E }; /* [APPLICATION 30] */
    krb5_error *error;
    krb5_context context;
    krb5_data data;
    struct reader r;
    int condition = AUTH_E_TOKEN;

    reader_init(&r, token, len);
    if (!len || (*token != KRB_ERROR && !unframe_error(&r)))
        return 0;
    if (krb5_init_context(&context))
        return AUTH_E_KERBEROS;
    data = (krb5_data){.length = (unsigned)reader_left(&r), .data = (char *)(uintptr_t)r.at};
    if (krb5_rd_error(context, &data, &error) == 0) {
        krb5_error_code code = (krb5_error_code)(ERROR_TABLE_BASE_krb5 + (long)error->error);
        const char *text = krb5_get_error_message(context, code);

        auth_set_detail(&k->base, "%s", text);
        krb5_free_error_message(context, text);
        krb5_free_error(context, error);
        condition = code_condition(code);
        if (!condition)
            condition = AUTH_E_KERBEROS;
    }
    krb5_free_context(context);
    return condition;
}

/* ---- Credentials ---- */

#define CCACHE_NAME_LEN 40

/* Where tickets got with keys alone are kept: nowhere but in this process. */
static void own_ccache_name(const struct auth_krb5_cache *cache, char name[CCACHE_NAME_LEN])
{
    snprintf(name, CCACHE_NAME_LEN, "MEMORY:netmgmt-%p", (const void *)cache);
}

static void destroy_own_ccache(const struct auth_krb5_cache *cache)
{
    char name[CCACHE_NAME_LEN];
    krb5_context context;
    krb5_ccache ccache;

    if (krb5_init_context(&context))
        return;
    own_ccache_name(cache, name);
    if (krb5_cc_resolve(context, name, &ccache) == 0)
        krb5_cc_destroy(context, ccache);
    krb5_free_context(context);
}

void auth_krb5_cache_deinit(struct auth_krb5_cache *cache)
{
    OM_uint32 minor;

    for (size_t i = 0; i < 2; i++) {
        gss_cred_id_t credential = cache->handle[i];

        if (credential) /* else the library may never have been loaded */
            gss_release_cred(&minor, &credential);
        cache->handle[i] = NULL;
    }
    if (cache->own_ccache)
        destroy_own_ccache(cache);
    pthread_mutex_destroy(&cache->lock);
}

/* The realm a short domain name stands for: the default realm when its first label is that name. A realm
 * that nobody has set up is not looked for: that would be a wait for DNS before every fall back to NTLM. */
static int default_realm(const char *domain, char **realm)
{
    krb5_context context;
    size_t len = strlen(domain);
    char *r = NULL;

    *realm = NULL;
    if (krb5_init_context(&context))
        return -ENOMEM;
    if (krb5_get_default_realm(context, &r) == 0 &&
        (!len || (strncasecmp(r, domain, len) == 0 && (r[len] == '.' || !r[len]))))
        *realm = strdup(r);
    krb5_free_default_realm(context, r);
    krb5_free_context(context);
    return *realm ? 0 : AUTH_E_NO_KDC;
}

static int principal_text(const struct auth_credentials *c, char **text)
{
    const char *at = strrchr(c->user_utf8, '@'), *realm = at ? at + 1 : c->domain_utf8;
    int user_len = at ? (int)(at - c->user_utf8) : (int)strlen(c->user_utf8), r = 0;
    char *known = NULL;

    if (!strchr(realm, '.')) {
        r = default_realm(realm, &known);
        realm = known;
    }
    if (!r && asprintf(text, "%.*s@%s", user_len, c->user_utf8, realm) < 0)
        r = -ENOMEM;
    free(known);
    if (!r) /* realms are upper case by custom, and a UPN is written in lower case */
        for (char *p = *text + user_len; *p; p++)
            *p = (char)(*p >= 'a' && *p <= 'z' ? *p - ('a' - 'A') : *p);
    return r;
}

static int import_name(struct krb5 *k, const char *text, gss_name_t *name)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    OM_uint32 minor, major = gss_import_name(&minor, &buffer, (gss_OID)(uintptr_t)gss_nt_krb5_name, name);

    return GSS_ERROR(major) ? krb5_gss_condition(k, major, minor) : 0;
}

/* GSS_C_NO_NAME: whoever the tickets belong to. */
static int client_name(struct krb5 *k, gss_name_t *name)
{
    char *text;
    int r;

    *name = GSS_C_NO_NAME;
    if (!*k->credentials->user)
        return 0;
    r = principal_text(k->credentials, &text);
    if (r)
        return r;
    r = import_name(k, text, name);
    free(text);
    return r;
}

static int acquire_client(struct krb5 *k, gss_cred_id_t *out)
{
    struct auth_credentials *c = k->credentials;
    gss_OID_set mechs = (gss_OID_set)(uintptr_t)gss_mech_set_krb5;
    gss_key_value_element_desc element[2];
    gss_key_value_set_desc store = {0, element};
    char own[CCACHE_NAME_LEN];
    OM_uint32 major, minor, ignored;
    gss_name_t name;
    int r = client_name(k, &name);

    if (r)
        return r;
    if (c->password) {
        gss_buffer_desc password = {strlen(c->password), (void *)(uintptr_t)c->password};

        major = gss_acquire_cred_with_password(&minor, name, &password, 0, mechs, GSS_C_INITIATE, out, NULL,
                                               NULL);
    } else {
        own_ccache_name(&c->krb5, own);
        if (c->keytab && !c->ccache) /* under the lock; otherwise several threads may be here */
            c->krb5.own_ccache = true;
        if (c->ccache || c->keytab)
            element[store.count++] = (gss_key_value_element_desc){"ccache", c->ccache ? c->ccache : own};
        if (c->keytab)
            element[store.count++] = (gss_key_value_element_desc){"client_keytab", c->keytab};
        major = gss_acquire_cred_from(&minor, name, 0, mechs, GSS_C_INITIATE,
                                      store.count ? &store : GSS_C_NO_CRED_STORE, out, NULL, NULL);
    }
    r = GSS_ERROR(major) ? krb5_gss_condition(k, major, minor) : 0;
    gss_release_name(&ignored, &name);
    /* without this the library always negotiates confidentiality, and Samba then expects seals */
    if (!r && k->base.level == AUTH_LEVEL_INTEGRITY) {
        gss_buffer_desc empty = GSS_C_EMPTY_BUFFER;

        major = gss_set_cred_option(&minor, out, (gss_OID)(uintptr_t)GSS_KRB5_CRED_NO_CI_FLAGS_X, &empty);
        r = GSS_ERROR(major) ? krb5_gss_condition(k, major, minor) : 0;
    }
    if (r)
        gss_release_cred(&ignored, out);
    return r;
}

static int acquire_acceptor(struct krb5 *k, gss_cred_id_t *out)
{
    const char *keytab = k->acceptor->config.keytab;
    gss_key_value_element_desc element = {"keytab", keytab};
    gss_key_value_set_desc store = {1, &element};
    OM_uint32 minor;
    OM_uint32 major =
        gss_acquire_cred_from(&minor, GSS_C_NO_NAME, 0, (gss_OID_set)(uintptr_t)gss_mech_set_krb5,
                              GSS_C_ACCEPT, keytab ? &store : GSS_C_NO_CRED_STORE, out, NULL, NULL);

    return GSS_ERROR(major) ? krb5_gss_condition(k, major, minor) : 0;
}

/* With a password, unless it was refused lately. */
static int ask_for_tickets(struct krb5 *k, struct auth_krb5_cache *cache, gss_cred_id_t *out)
{
    int64_t now = auth_clock();
    int r;

    if (now < cache->refused_until) {
        auth_set_detail(&k->base, "the KDC has refused this password; with it, it is asked again in %lld s",
                        (long long)(cache->refused_until - now) / SECOND);
        return AUTH_E_LOGON;
    }
    r = acquire_client(k, out);
    if (r == AUTH_E_LOGON)
        cache->refused_until = now + REFUSAL_TIME;
    return r;
}

/* Was it a realm that the user had not named? */
static int keep_refusing_realm(struct krb5 *k, int refusal)
{
    const struct auth_credentials *c = k->credentials;
    bool about_account = refusal >= AUTH_E_LOGON && refusal <= AUTH_E_LOGON_TYPE;
    char *text, *realm;
    size_t len;

    if (!about_account || refusal == AUTH_E_NO_SUCH_USER || !c->password || *c->domain ||
        strchr(c->user_utf8, '@'))
        return refusal;
    if (principal_text(c, &text))
        return refusal;
    realm = strrchr(text, '@') + 1;
    len = strlen(realm) + 1;
    k->base.refused_by = arena_alloc(&k->base.memory, len, 1);
    if (k->base.refused_by)
        memcpy((char *)(uintptr_t)k->base.refused_by, realm, len);
    free(text);
    return k->base.refused_by ? refusal : -ENOMEM;
}

/* Made once, for all contexts. */
static void **shared_handle(struct krb5 *k)
{
    if (k->acceptor)
        return &k->acceptor->krb5.handle[0];
    if (!k->credentials->password && !k->credentials->keytab)
        return NULL;
    return &k->credentials->krb5.handle[k->base.level == AUTH_LEVEL_INTEGRITY];
}

static gss_cred_id_t look(struct auth_krb5_cache *cache, void *const *handle)
{
    gss_cred_id_t credential;

    pthread_mutex_lock(&cache->lock);
    credential = *handle;
    pthread_mutex_unlock(&cache->lock);
    return credential;
}

bool krb5_asks_for_all(struct krb5 *k)
{
    void **handle = shared_handle(k);

    return handle && !look(&k->credentials->krb5, handle);
}

static int acceptor_credential(struct krb5 *k, gss_cred_id_t *out)
{
    struct auth_krb5_cache *cache = &k->acceptor->krb5;
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    int r = 0;

    pthread_mutex_lock(&cache->lock);
    if (!cache->handle[0]) {
        r = acquire_acceptor(k, &credential);
        cache->handle[0] = r ? NULL : credential;
    }
    *out = cache->handle[0];
    pthread_mutex_unlock(&cache->lock);
    return r;
}

/* Tickets got with a password or keys are shared by all contexts of the credentials, a keytab by all of the
 * acceptor. A ticket cache is opened anew: somebody may have filled it since. */
int krb5_gss_credential(struct krb5 *k, gss_cred_id_t *out)
{
    void **handle = shared_handle(k);
    struct auth_krb5_cache *cache;
    int r = 0;

    *out = GSS_C_NO_CREDENTIAL;
    if (k->acceptor)
        return acceptor_credential(k, out);
    if (!handle) {
        if (!k->credential)
            r = acquire_client(k, &k->credential);
        *out = k->credential;
        return r;
    }
    cache = &k->credentials->krb5;
    *out = look(cache, handle);
    if (*out)
        return 0;
    r = ask_for_tickets(k, cache, out);
    if (r)
        return keep_refusing_realm(k, r);
    pthread_mutex_lock(&cache->lock);
    *handle = *out;
    pthread_mutex_unlock(&cache->lock);
    return 0;
}

void krb5_cache_forget(struct auth_krb5_cache *cache)
{
    pthread_mutex_init(&cache->lock, NULL);
    cache->handle[0] = cache->handle[1] = NULL;
    cache->own_ccache = false;
}

/* ---- The target ---- */

/* Its parts; false: malformed, or an address, for which nobody has a ticket. */
static bool split_spn(const char *spn, char service[SPN_MAX_LEN], char **host)
{
    uint8_t address[sizeof(struct in6_addr)];

    *host = NULL;
    if (spn && strlen(spn) < SPN_MAX_LEN)
        *host = strchr(strcpy(service, spn), '/');
    if (!*host || *host == service || !(*host)[1])
        return false;
    *(*host)++ = 0;
    return inet_pton(AF_INET, *host, address) != 1 && inet_pton(AF_INET6, *host, address) != 1;
}

bool krb5_spn_is_legal(const char *spn)
{
    char service[SPN_MAX_LEN], *host;

    return split_spn(spn, service, &host);
}

/* The SPN as it is written: no canonical names from DNS, which nobody protects; the realm by configuration
 * or, when that says nothing, by the KDC's referral. */
int krb5_gss_target(struct krb5 *k)
{
    char service[SPN_MAX_LEN], *host, *text = NULL;
    krb5_context context;
    krb5_principal principal = NULL;
    int r;

    if (!split_spn(k->spn, service, &host))
        return AUTH_E_UNKNOWN_TARGET;
    if (krb5_init_context(&context))
        return AUTH_E_KERBEROS;
    if (krb5_sname_to_principal(context, host, service, KRB5_NT_UNKNOWN, &principal) ||
        krb5_unparse_name(context, principal, &text))
        r = AUTH_E_UNKNOWN_TARGET;
    else
        r = import_name(k, text, &k->target);
    krb5_free_unparsed_name(context, text);
    krb5_free_principal(context, principal);
    krb5_free_context(context);
    return r;
}
