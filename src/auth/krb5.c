/* SPDX-License-Identifier: MIT */
/*
 * Kerberos through MIT's GSSAPI: its krb5 mechanism itself, not its SPNEGO. [RFC4121], [MS-KILE] 3.4.5.
 *
 * Invariant: established only with mutual authentication (a client's), with detection of repeated and
 * missing messages where there are any, and with the protection that the level demands. Of an opened message
 * every supplementary status (old, twice, out of order) is a failure. The library talks to the KDC by itself,
 * in a client's first step: that is made in a context of its own, which a late one keeps.
 */
#include "auth/krb5.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "auth/krb5_wait.h"
#include "base/utf16.h"

/* ---- Steps ---- */

static int take_session_key(struct krb5 *k)
{
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor, ignored;
    OM_uint32 major = gss_inquire_sec_context_by_oid(&minor, k->context,
                                                     (gss_OID)(uintptr_t)GSS_C_INQ_SSPI_SESSION_KEY, &set);
    int r = GSS_ERROR(major) ? krb5_gss_condition(k, major, minor) : 0;

    if (!r && (!set->count || set->elements[0].length > sizeof(k->base.session_key)))
        r = AUTH_E_KERBEROS;
    if (!r) {
        k->base.session_key_len = set->elements[0].length;
        memcpy(k->base.session_key, set->elements[0].value, k->base.session_key_len);
        auth_wipe(set->elements[0].value, set->elements[0].length);
    }
    gss_release_buffer_set(&ignored, &set);
    return r;
}

static int measure_signature(struct krb5 *k)
{
    uint8_t body[16] = {0};
    gss_iov_buffer_desc iov[2] = {{.type = GSS_IOV_BUFFER_TYPE_HEADER},
                                  {.type = GSS_IOV_BUFFER_TYPE_DATA, .buffer = {sizeof(body), body}}};
    OM_uint32 major, minor;

    if (k->base.level < AUTH_LEVEL_INTEGRITY)
        return 0;
    if (k->base.level == AUTH_LEVEL_PRIVACY) {
        major = gss_wrap_iov_length(&minor, k->context, 1, GSS_C_QOP_DEFAULT, NULL, iov, 2);
    } else {
        iov[0].type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN;
        major = gss_get_mic_iov_length(&minor, k->context, GSS_C_QOP_DEFAULT, iov, 2);
    }
    k->signature_len = iov[0].buffer.length;
    return GSS_ERROR(major) ? krb5_gss_condition(k, major, minor) : 0;
}

static int established(struct krb5 *k, OM_uint32 flags)
{
    OM_uint32 need = k->acceptor ? 0 : GSS_C_MUTUAL_FLAG;
    int r;

    if (k->base.level >= AUTH_LEVEL_INTEGRITY)
        need |= GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;
    if (k->base.level == AUTH_LEVEL_PRIVACY)
        need |= GSS_C_CONF_FLAG;
    if (k->dce_style)
        need |= GSS_C_DCE_STYLE;
    k->base.peer.mechanism = AUTH_TYPE_KERBEROS;
    k->base.peer.flags = flags;
    if ((flags & need) != need)
        return AUTH_E_LEVEL;
    r = take_session_key(k);
    return r ? r : measure_signature(k);
}

/* Our token goes out also when the step failed: it tells the peer why. */
static int put_token(struct writer *out, gss_buffer_t token)
{
    OM_uint32 ignored;

    writer_put(out, token->value, token->length);
    gss_release_buffer(&ignored, token);
    return out->failed ? -ENOMEM : 0;
}

/* 0: established as far as the library is concerned; AUTH_CONTINUE; or why not. `answer` may be there in any
 * case. */
static int init_context(struct krb5 *k, const uint8_t *token, size_t len, gss_buffer_t answer, OM_uint32 *got)
{
    gss_buffer_desc in = {len, (void *)(uintptr_t)token};
    OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG;
    OM_uint32 major, minor;

    if (k->base.level == AUTH_LEVEL_PRIVACY)
        flags |= GSS_C_CONF_FLAG;
    if (k->dce_style)
        flags |= GSS_C_DCE_STYLE;
    major = gss_init_sec_context(&minor, k->used, &k->context, k->target, (gss_OID)(uintptr_t)gss_mech_krb5,
                                 flags, 0, k->has_bindings ? &k->bindings : GSS_C_NO_CHANNEL_BINDINGS, &in,
                                 NULL, answer, got, NULL);
    if (GSS_ERROR(major))
        return krb5_gss_condition(k, major, minor);
    return major & GSS_S_CONTINUE_NEEDED ? AUTH_CONTINUE : 0;
}

/* ---- A client's first step, which may wait for a KDC ---- */

struct first_step {
    struct krb5_work work;
    struct krb5 *k; /* as the caller's; its own, for the caller may not wait */
    gss_buffer_desc answer;
    OM_uint32 flags;
    int result;
};

static void first_run(struct krb5_work *w)
{
    struct first_step *f = (struct first_step *)w;
    int r = krb5_gss_target(f->k);

    if (!r)
        r = krb5_gss_credential(f->k, &f->k->used);
    krb5_wait_release(w);
    if (!r)
        r = init_context(f->k, NULL, 0, &f->answer, &f->flags);
    f->result = r;
}

static void first_free(struct krb5_work *w)
{
    struct first_step *f = (struct first_step *)w;
    OM_uint32 minor;

    if (f->answer.value)
        gss_release_buffer(&minor, &f->answer);
    auth_free(&f->k->base);
    free(f);
}

static void first_forked(struct krb5_work *w)
{
    krb5_cache_forget(&((struct first_step *)w)->k->credentials->krb5);
}

static int new_client(struct krb5 **out, const struct auth_options *options, struct auth_credentials *c,
                      const char *spn);

static int first_new(struct first_step **out, const struct krb5 *k)
{
    struct auth_options options = {
        .type = AUTH_TYPE_KERBEROS, .level = k->base.level, .dce_style = k->dce_style};
    struct first_step *f = calloc(1, sizeof(*f));
    int r;

    if (!f)
        return -ENOMEM;
    if (k->has_bindings) {
        options.bindings = k->bindings.application_data.value;
        options.bindings_len = k->bindings.application_data.length;
    }
    r = new_client(&f->k, &options, k->credentials, k->spn);
    if (r) {
        free(f);
        return r;
    }
    f->work = (struct krb5_work){.run = first_run, .free = first_free, .forked = first_forked};
    if (krb5_asks_for_all(f->k))
        f->work.owner = k->credentials;
    *out = f;
    return 0;
}

/* What the step has made is the caller's context now. */
static int take_over(struct krb5 *k, struct krb5 *from)
{
    const char *realm = from->base.refused_by;
    char *copy;

    k->context = from->context;
    k->credential = from->credential;
    k->used = from->used;
    k->target = from->target;
    from->context = GSS_C_NO_CONTEXT;
    from->credential = GSS_C_NO_CREDENTIAL;
    from->target = GSS_C_NO_NAME;
    memcpy(k->base.detail, from->base.detail, sizeof(k->base.detail));
    if (!realm)
        return 0;
    copy = arena_alloc(&k->base.memory, strlen(realm) + 1, 1);
    if (!copy)
        return -ENOMEM;
    k->base.refused_by = strcpy(copy, realm);
    return 0;
}

static int first_step(struct krb5 *k, gss_buffer_t answer, OM_uint32 *got)
{
    struct first_step *f;
    int r = first_new(&f, k);

    if (r)
        return r;
    r = krb5_wait_run(&f->work, k->deadline);
    if (r)
        return r == -ETIMEDOUT ? AUTH_E_TIMEOUT : r;
    r = take_over(k, f->k);
    if (!r) {
        r = f->result;
        *answer = f->answer;
        *got = f->flags;
        f->answer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    }
    first_free(&f->work);
    return r;
}

static int step_client(struct auth *a, const uint8_t *token, size_t len, struct writer *out)
{
    struct krb5 *k = (struct krb5 *)a;
    gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;
    OM_uint32 got = 0;
    int r = 0, put;

    if ((k->context == GSS_C_NO_CONTEXT) != (token == NULL))
        return AUTH_E_TOKEN;
    if (token && k->dce_style) /* in this style the library takes a refusal for an answer that is not legal */
        r = krb5_error_token(k, token, len);
    if (r)
        return r;
    r = token ? init_context(k, token, len, &answer, &got) : first_step(k, &answer, &got);
    put = put_token(out, &answer);
    if (r != 0 && r != AUTH_CONTINUE)
        return r;
    if (!put && r == 0)
        r = established(k, got);
    return put ? put : r;
}

static int keep_utf8(struct krb5 *k, const char *s, size_t len, const uint16_t **out)
{
    const uint16_t *name = utf16_from_utf8(&k->base.memory, s, len, NULL, NULL);

    if (!name || memchr(s, 0, len))
        return AUTH_E_TOKEN;
    *out = name;
    return 0;
}

/* "user@REALM" into its two parts; without `realm` as a whole. */
static int keep_display_name(struct krb5 *k, gss_name_t name, const uint16_t **user, const uint16_t **realm)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_display_name(&minor, name, &text, NULL);
    const char *s = text.value, *at;
    int r;

    if (GSS_ERROR(major))
        return krb5_gss_condition(k, major, minor);
    at = realm ? memrchr(s, '@', text.length) : NULL;
    r = keep_utf8(k, s, at ? (size_t)(at - s) : text.length, user);
    if (!r && at)
        r = keep_utf8(k, at + 1, (size_t)(s + text.length - at - 1), realm);
    gss_release_buffer(&minor, &text);
    return r;
}

/* Who is what in the domain: only as far as the KDC's signature on it was found right. */
static int keep_validation_info(struct krb5 *k, gss_name_t name)
{
    static char attribute[] = "urn:mspac:logon-info";
    gss_buffer_desc wanted = {sizeof(attribute) - 1, attribute}, value = GSS_C_EMPTY_BUFFER;
    int authenticated = 0, complete = 0, more = -1, r = 0;
    OM_uint32 minor;
    uint8_t *copy;

    if (gss_get_name_attribute(&minor, name, &wanted, &authenticated, &complete, &value, NULL, &more) !=
        GSS_S_COMPLETE)
        return 0; /* not every KDC has it */
    if (authenticated && complete && value.length) {
        copy = arena_alloc(&k->base.memory, value.length, 8);
        if (copy) {
            k->base.peer.validation_info = memcpy(copy, value.value, value.length);
            k->base.peer.validation_info_len = value.length;
        } else {
            r = -ENOMEM;
        }
    }
    gss_release_buffer(&minor, &value);
    return r;
}

static int identify(struct krb5 *k, gss_name_t name)
{
    struct auth_peer *peer = &k->base.peer;
    gss_name_t target = GSS_C_NO_NAME;
    OM_uint32 minor;
    int r = keep_display_name(k, name, &peer->user, &peer->domain);

    if (!r && gss_inquire_context(&minor, k->context, NULL, &target, NULL, NULL, NULL, NULL, NULL) ==
                  GSS_S_COMPLETE) {
        if (target)
            r = keep_display_name(k, target, &peer->target, NULL);
        gss_release_name(&minor, &target);
    }
    if (!r)
        r = keep_validation_info(k, name);
    peer->authenticated = !r;
    return r;
}

/* A KDC may give tickets to whoever asks, in this name. [RFC8062] 3 */
static bool is_anonymous(const struct auth_peer *peer)
{
    static const uint16_t name[] = u"WELLKNOWN/ANONYMOUS";

    return utf16_len(peer->user) == utf16_len(name) && memcmp(peer->user, name, sizeof(name)) == 0;
}

static int accepted(struct krb5 *k, gss_name_t name, OM_uint32 flags)
{
    int r = established(k, flags);

    k->base.peer.bound = k->has_bindings && (flags & GSS_C_CHANNEL_BOUND_FLAG);
    if (!r && k->has_bindings && !k->base.peer.bound && k->acceptor->config.require_bindings)
        r = AUTH_E_BINDINGS;
    if (!r && (flags & GSS_C_ANON_FLAG)) {
        k->base.peer.anonymous = true;
        return k->acceptor->config.allow_anonymous ? 0 : AUTH_E_ANONYMOUS;
    }
    if (!r)
        r = identify(k, name);
    if (r || !is_anonymous(&k->base.peer))
        return r;
    k->base.peer.anonymous = true;
    return k->acceptor->config.allow_anonymous ? 0 : AUTH_E_ANONYMOUS;
}

static int step_acceptor(struct auth *a, const uint8_t *token, size_t len, struct writer *out)
{
    struct krb5 *k = (struct krb5 *)a;
    gss_buffer_desc in = {len, (void *)(uintptr_t)token}, answer = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor, ignored, flags = 0;
    gss_name_t name = GSS_C_NO_NAME;
    gss_cred_id_t credential;
    gss_OID mech = GSS_C_NO_OID;
    int r;

    if (!token)
        return AUTH_E_TOKEN;
    r = krb5_gss_credential(k, &credential);
    if (r)
        return r;
    major = gss_accept_sec_context(&minor, &k->context, credential, &in,
                                   k->has_bindings ? &k->bindings : GSS_C_NO_CHANNEL_BINDINGS, &name, &mech,
                                   &answer, &flags, NULL, NULL);
    r = put_token(out, &answer);
    if (GSS_ERROR(major))
        r = krb5_gss_condition(k, major, minor);
    else if (!r)
        r = major & GSS_S_CONTINUE_NEEDED ? AUTH_CONTINUE : accepted(k, name, flags);
    gss_release_name(&ignored, &name);
    return r;
}

/* ---- Messages ---- */

struct pieces {
    gss_iov_buffer_desc iov[4];
    int count;
    const void *body;
    size_t body_len;
};

static void add(struct pieces *p, OM_uint32 type, const void *data, size_t len)
{
    p->iov[p->count++] = (gss_iov_buffer_desc){type, {len, (void *)(uintptr_t)data}};
}

/* The token first at PRIVACY, last at INTEGRITY; what is signed only just with header signing. */
static void arrange(const struct krb5 *k, struct pieces *p, const struct auth_message *m, uint8_t *signature,
                    size_t len)
{
    *p = (struct pieces){.body = m->body, .body_len = m->body_len};
    if (k->base.level == AUTH_LEVEL_PRIVACY)
        add(p, GSS_IOV_BUFFER_TYPE_HEADER, signature, len);
    if (k->base.header_signing)
        add(p, GSS_IOV_BUFFER_TYPE_SIGN_ONLY, m->header, m->header_len);
    add(p, GSS_IOV_BUFFER_TYPE_DATA, m->body, m->body_len);
    if (k->base.header_signing)
        add(p, GSS_IOV_BUFFER_TYPE_SIGN_ONLY, m->trailer, m->trailer_len);
    if (k->base.level != AUTH_LEVEL_PRIVACY)
        add(p, GSS_IOV_BUFFER_TYPE_MIC_TOKEN, signature, len);
}

static bool body_is_in_place(const struct pieces *p)
{
    for (int i = 0; i < p->count; i++)
        if (GSS_IOV_BUFFER_TYPE(p->iov[i].type) == GSS_IOV_BUFFER_TYPE_DATA)
            return p->iov[i].buffer.value == p->body && p->iov[i].buffer.length == p->body_len;
    return false;
}

static size_t signature_len(const struct auth *a)
{
    return ((const struct krb5 *)a)->signature_len;
}

static int protect(struct auth *a, const struct auth_message *m, uint8_t *signature)
{
    struct krb5 *k = (struct krb5 *)a;
    OM_uint32 major, minor;
    struct pieces p;
    size_t token;
    int conf = 0;

    arrange(k, &p, m, signature, k->signature_len);
    if (a->level == AUTH_LEVEL_PRIVACY) {
        token = 0;
        major = gss_wrap_iov(&minor, k->context, 1, GSS_C_QOP_DEFAULT, &conf, p.iov, p.count);
    } else {
        token = (size_t)p.count - 1;
        major = gss_get_mic_iov(&minor, k->context, GSS_C_QOP_DEFAULT, p.iov, p.count);
    }
    if (GSS_ERROR(major))
        return krb5_gss_condition(k, major, minor);
    if ((a->level == AUTH_LEVEL_PRIVACY && !conf) || p.iov[token].buffer.length != k->signature_len)
        return AUTH_E_KERBEROS;
    return 0;
}

static int unprotect(struct auth *a, const struct auth_message *m, uint8_t *signature, size_t len)
{
    struct krb5 *k = (struct krb5 *)a;
    OM_uint32 major, minor = 0;
    struct pieces p;
    int conf = 0;

    if (len != k->signature_len)
        return AUTH_E_SIGNATURE;
    arrange(k, &p, m, signature, len);
    if (a->level == AUTH_LEVEL_PRIVACY)
        major = gss_unwrap_iov(&minor, k->context, &conf, NULL, p.iov, p.count);
    else
        major = gss_verify_mic_iov(&minor, k->context, NULL, p.iov, p.count);
    if (major == GSS_S_COMPLETE && (a->level != AUTH_LEVEL_PRIVACY || conf) && body_is_in_place(&p))
        return 0;
    krb5_gss_detail(k, major, minor);
    return AUTH_E_SIGNATURE;
}

static int get_mic(struct auth *a, const void *data, size_t len, struct writer *mic)
{
    struct krb5 *k = (struct krb5 *)a;
    gss_buffer_desc in = {len, (void *)(uintptr_t)data}, out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_get_mic(&minor, k->context, GSS_C_QOP_DEFAULT, &in, &out);

    return GSS_ERROR(major) ? krb5_gss_condition(k, major, minor) : put_token(mic, &out);
}

static int verify_mic(struct auth *a, const void *data, size_t len, const void *mic, size_t mic_len)
{
    struct krb5 *k = (struct krb5 *)a;
    gss_buffer_desc in = {len, (void *)(uintptr_t)data}, token = {mic_len, (void *)(uintptr_t)mic};
    OM_uint32 minor, major = gss_verify_mic(&minor, k->context, &in, &token, NULL);

    if (major == GSS_S_COMPLETE)
        return 0;
    krb5_gss_detail(k, major, minor);
    return AUTH_E_SIGNATURE;
}

/* ---- Contexts ---- */

static void free_context(struct auth *a)
{
    struct krb5 *k = (struct krb5 *)a;
    OM_uint32 minor;

    gss_delete_sec_context(&minor, &k->context, GSS_C_NO_BUFFER);
    gss_release_cred(&minor, &k->credential);
    gss_release_name(&minor, &k->target);
    auth_credentials_unref(k->credentials);
}

#define COMMON_OPS                                                                                  \
    .signature_len = signature_len, .protect = protect, .unprotect = unprotect, .get_mic = get_mic, \
    .verify_mic = verify_mic, .free = free_context

static const struct auth_ops client_ops = {.step = step_client, COMMON_OPS};
static const struct auth_ops acceptor_ops = {.step = step_acceptor, COMMON_OPS};

static int new_context(struct krb5 **out, const struct auth_ops *ops, const struct auth_options *options)
{
    struct krb5 *k;
    uint8_t *data;
    int r = krb5_library_load() ? auth_alloc(&k, sizeof(*k), ops, options) : AUTH_E_UNAVAILABLE;

    if (r)
        return r;
    k->dce_style = options->dce_style;
    if (options->bindings) {
        data = arena_alloc(&k->base.memory, options->bindings_len + 1, 1);
        if (!data) {
            auth_free(&k->base);
            return -ENOMEM;
        }
        k->has_bindings = true;
        k->bindings.application_data.value = memcpy(data, options->bindings, options->bindings_len);
        k->bindings.application_data.length = options->bindings_len;
    }
    *out = k;
    return 0;
}

static int new_client(struct krb5 **out, const struct auth_options *options, struct auth_credentials *c,
                      const char *spn)
{
    char *copy;
    int r = new_context(out, &client_ops, options);

    if (r)
        return r;
    (*out)->credentials = auth_credentials_ref(c);
    copy = arena_alloc(&(*out)->base.memory, strlen(spn) + 1, 1);
    if (!copy) {
        auth_free(&(*out)->base);
        return -ENOMEM;
    }
    (*out)->spn = strcpy(copy, spn);
    return 0;
}

int auth_krb5_client(struct auth **out, const struct auth_client_config *config)
{
    struct krb5 *k;
    int r;

    if (config->credentials->anonymous)
        return AUTH_E_NO_CREDENTIALS;
    if (!krb5_spn_is_legal(config->target))
        return AUTH_E_UNKNOWN_TARGET;
    r = new_client(&k, &config->options, config->credentials, config->target);
    if (r)
        return r;
    k->deadline = config->deadline;
    *out = &k->base;
    return 0;
}

int auth_krb5_context(struct auth **out, struct auth_acceptor *acceptor, const struct auth_options *options)
{
    gss_cred_id_t credential;
    struct krb5 *k;
    int r = new_context(&k, &acceptor_ops, options);

    if (r)
        return r;
    k->acceptor = acceptor;
    r = krb5_gss_credential(k, &credential); /* no keytab: known before a client is let in */
    if (r)
        auth_free(&k->base);
    else
        *out = &k->base;
    return r;
}
