/* SPDX-License-Identifier: MIT */
/*
 * SPNEGO, client; and what both sides share. [RFC4178] 3 and 5, [MS-SPNG] 3.
 *
 * Invariant: established only when the mechanism is, and, when the server did not take our first choice, when
 * its MIC over our list of mechanisms was right: nobody has changed the list.
 */
#include "auth/spnego.h"

#include <errno.h>
#include <string.h>

#include "base/utf16.h"

#define TOKEN_LIMIT (AUTH_TOKEN_MAX + 1024)

/* ---- Shared ---- */

int spnego_new(struct spnego **out, const struct auth_ops *ops, const struct auth_options *options)
{
    struct spnego *s;
    void *bindings;
    int r = auth_alloc(&s, sizeof(*s), ops, options);

    if (r)
        return r;
    s->options = *options;
    if (options->bindings) {
        bindings = arena_alloc(&s->base.memory, options->bindings_len + 1, 1);
        if (!bindings) {
            auth_free(&s->base);
            return -ENOMEM;
        }
        s->options.bindings = memcpy(bindings, options->bindings, options->bindings_len);
    }
    *out = s;
    return 0;
}

void spnego_free(struct auth *a)
{
    struct spnego *s = (struct spnego *)a;

    auth_free(s->inner);
    auth_credentials_unref(s->config.credentials);
}

int spnego_step_inner(struct spnego *s, struct spnego_bytes token, struct writer *out)
{
    int r = auth_step(s->inner, token.at, token.len, out);

    s->base.peer = s->inner->peer;
    memcpy(s->base.detail, s->inner->detail, sizeof(s->base.detail));
    return r;
}

int spnego_keep_mech_list(struct spnego *s, struct spnego_bytes list)
{
    uint8_t *copy = arena_alloc(&s->base.memory, list.len + 1, 1);

    if (!copy)
        return -ENOMEM;
    s->mech_list = (struct spnego_bytes){memcpy(copy, list.at, list.len), list.len};
    return 0;
}

int spnego_take_mic(struct spnego *s, struct spnego_bytes mic)
{
    int r;

    if (!mic.at)
        return 0;
    if (s->mic_received || !auth_established(s->inner))
        return AUTH_E_TOKEN;
    s->mic_received = true;
    r = s->inner->ops->verify_mic(s->inner, s->mech_list.at, s->mech_list.len, mic.at, mic.len);
    return r == AUTH_E_SIGNATURE ? AUTH_E_ALTERED : r;
}

int spnego_make_mic(struct spnego *s, struct writer *mic, struct spnego_response *m)
{
    int r = s->inner->ops->get_mic(s->inner, s->mech_list.at, s->mech_list.len, mic);

    if (r)
        return r;
    s->mic_sent = true;
    m->mic = (struct spnego_bytes){mic->data, mic->len};
    return 0;
}

void spnego_established(struct spnego *s)
{
    if (s->mic_sent && s->mic_received && s->inner->ops->mic_exchanged)
        s->inner->ops->mic_exchanged(s->inner);
    s->base.peer = s->inner->peer;
    memcpy(s->base.session_key, s->inner->session_key, sizeof(s->base.session_key));
    s->base.session_key_len = s->inner->session_key_len;
}

size_t spnego_signature_len(const struct auth *a)
{
    return auth_signature_len(((const struct spnego *)a)->inner);
}

int spnego_protect(struct auth *a, const struct auth_message *m, uint8_t *signature)
{
    struct auth *inner = ((struct spnego *)a)->inner;

    inner->header_signing = a->header_signing;
    return auth_protect(inner, m, signature);
}

int spnego_unprotect(struct auth *a, const struct auth_message *m, uint8_t *signature, size_t len)
{
    struct auth *inner = ((struct spnego *)a)->inner;
    int r;

    inner->header_signing = a->header_signing;
    r = auth_unprotect(inner, m, signature, len);
    if (r)
        memcpy(a->detail, inner->detail, sizeof(a->detail));
    return r;
}

/* ---- Client: the first message ---- */

static int make_inner(struct spnego *s, unsigned mechanism, int64_t deadline)
{
    struct auth_client_config config = s->config;

    config.options = s->options;
    config.deadline = deadline;
    auth_free(s->inner);
    s->inner = NULL;
    s->mechanism = mechanism;
    return mechanism == AUTH_KERBEROS ? auth_krb5_client(&s->inner, &config)
                                      : auth_ntlm_client(&s->inner, &config);
}

static int start(struct spnego *s, unsigned mechanism, int64_t deadline, struct writer *token)
{
    int r = make_inner(s, mechanism, deadline);

    if (!r && mechanism == AUTH_NTLM && s->refused_by)
        r = auth_ntlm_avoid(s->inner, s->refused_by, s->refusal);
    if (!r)
        r = spnego_step_inner(s, (struct spnego_bytes){0}, token);
    return r == 0 ? AUTH_E_TOKEN : r; /* ours all want an answer */
}

/* Kerberos had no chance to tell a wrong password or a locked account: another mechanism may be tried. Also
 * when it had, but the user did not say in which realm: the server may have an account of the same name. Only
 * a server that would ask that realm again is not to be told the password, which would count twice. */
static bool may_fall_back(const struct spnego *s, int r)
{
    if (s->refused_by)
        return true;
    switch (r) {
    case AUTH_E_NO_SUCH_USER:
    case AUTH_E_CLOCK_SKEW:
    case AUTH_E_NO_CREDENTIALS:
    case AUTH_E_TICKET_EXPIRED:
    case AUTH_E_UNKNOWN_TARGET:
    case AUTH_E_NO_KDC:
    case AUTH_E_TIMEOUT:
    case AUTH_E_KERBEROS:
    case AUTH_E_UNAVAILABLE:
        return true;
    default:
        return false;
    }
}

/* After a failed start of Kerberos. */
static int keep_refusal(struct spnego *s, int refusal)
{
    const char *realm = s->inner ? s->inner->refused_by : NULL;
    char *copy;

    if (!realm)
        return 0;
    copy = arena_alloc(&s->base.memory, strlen(realm) + 1, 1);
    if (!copy)
        return -ENOMEM;
    s->refused_by = strcpy(copy, realm);
    s->refusal = refusal;
    return 0;
}

static bool can_ntlm(const struct auth_credentials *c)
{
    return c->anonymous || (c->has_nt_hash && *c->user);
}

/* A KDC that does not answer leaves time for the other. */
static int64_t kerberos_deadline(const struct spnego *s, unsigned mechanisms)
{
    int64_t deadline = s->config.deadline, now = auth_clock();

    return deadline > now && (mechanisms & AUTH_NTLM) ? now + (deadline - now) / 2 : deadline;
}

/* Start the best of `*mechanisms` that starts; those that do not are taken out. */
static int start_best(struct spnego *s, unsigned *mechanisms, struct writer *token)
{
    int r = AUTH_E_MECHANISM;

    if (*mechanisms == AUTH_NTLM && !can_ntlm(s->config.credentials))
        return AUTH_E_NO_CREDENTIALS;
    if (!can_ntlm(s->config.credentials))
        *mechanisms &= ~AUTH_NTLM;
    if (*mechanisms & AUTH_KERBEROS) {
        r = start(s, AUTH_KERBEROS, kerberos_deadline(s, *mechanisms), token);
        if (r == AUTH_CONTINUE || r < 0)
            return r;
        if (keep_refusal(s, r))
            return -ENOMEM;
        if (!may_fall_back(s, r))
            return r;
        *mechanisms &= ~AUTH_KERBEROS;
        writer_reset(token);
    }
    if (*mechanisms & AUTH_NTLM)
        r = start(s, AUTH_NTLM, s->config.deadline, token);
    return r;
}

static int offered(struct spnego_bytes hint, unsigned *mechanisms)
{
    const struct spnego_mech *known;
    struct spnego_bytes oid;
    struct spnego_init m;
    size_t at = 0;
    int r;

    *mechanisms = AUTH_KERBEROS | AUTH_NTLM;
    if (!hint.len)
        return 0;
    r = spnego_init_get(&m, hint.at, hint.len);
    if (r)
        return r;
    *mechanisms = 0;
    while (spnego_mech_next(m.mech_list, &at, &oid, &known))
        *mechanisms |= known ? known->mechanism : 0;
    return 0;
}

static int first(struct spnego *s, struct spnego_bytes hint, struct writer *out)
{
    struct spnego_init m = {0};
    struct writer token, list;
    unsigned mechanisms;
    int r = offered(hint, &mechanisms);

    if (r)
        return r;
    if (s->config.mechanisms)
        mechanisms &= s->config.mechanisms;
    writer_init(&token, TOKEN_LIMIT);
    writer_init(&list, SPNEGO_MECH_LIST_MAX);
    r = start_best(s, &mechanisms, &token);
    if (r == AUTH_CONTINUE) {
        spnego_mech_list_put(&list, mechanisms);
        m.mech_list = (struct spnego_bytes){list.data, list.len};
        m.token = (struct spnego_bytes){token.data, token.len};
        spnego_init_put(out, &m, false);
        if (list.failed || out->failed || spnego_keep_mech_list(s, m.mech_list))
            r = -ENOMEM;
    }
    writer_deinit(&token);
    writer_deinit(&list);
    return r;
}

/* ---- Client: the following messages ---- */

static int refused(struct spnego *s, const struct spnego_response *m)
{
    struct writer ignored;
    int r = AUTH_E_REFUSED;

    if (m->token.at && !auth_established(s->inner)) { /* a KRB-ERROR says why */
        writer_init(&ignored, TOKEN_LIMIT);
        r = spnego_step_inner(s, m->token, &ignored);
        writer_deinit(&ignored);
    }
    return r == 0 || r == AUTH_CONTINUE || r == AUTH_E_TOKEN ? AUTH_E_REFUSED : r;
}

/* The server's first answer: it may choose another mechanism of our list than we began with. */
static int choose(struct spnego *s, const struct spnego_response *m, bool *again)
{
    const struct spnego_mech *known, *wanted = NULL;
    struct spnego_bytes oid;
    size_t at = 0;

    if (m->state == SPNEGO_REQUEST_MIC) {
        if (s->chosen)
            return AUTH_E_TOKEN;
        s->must_mic = true;
    }
    if (!m->mech.at) {
        s->chosen = true;
        return 0;
    }
    while (spnego_mech_next(s->mech_list, &at, &oid, &known))
        if (oid.len == m->mech.len && memcmp(oid.at, m->mech.at, oid.len) == 0)
            wanted = known;
    if (!wanted || (s->chosen && wanted->mechanism != s->mechanism))
        return AUTH_E_MECHANISM;
    s->chosen = true;
    if (wanted->mechanism == s->mechanism)
        return 0;
    s->must_mic = *again = true;
    return m->token.at || m->mic.at ? AUTH_E_TOKEN : make_inner(s, wanted->mechanism, s->config.deadline);
}

/* After the mechanism's step: is it all done, or what is to be said next? */
static int conclude(struct spnego *s, const struct spnego_response *m, struct spnego_bytes token,
                    struct writer *out)
{
    struct spnego_response answer = {.state = SPNEGO_NO_STATE, .token = token};
    bool done = auth_established(s->inner);
    struct writer mic;
    int r = 0;

    if (m->state == SPNEGO_ACCEPT_COMPLETED) {
        if (!done || token.len)
            return AUTH_E_TOKEN;
        /* that some servers never answer a MIC does no harm where no message is signed later */
        if ((s->must_mic || (s->mic_sent && s->base.level > AUTH_LEVEL_CONNECT)) && !s->mic_received)
            return AUTH_E_ALTERED;
        spnego_established(s);
        return 0;
    }
    writer_init(&mic, TOKEN_LIMIT);
    if (done && !s->mic_sent)
        r = spnego_make_mic(s, &mic, &answer);
    if (!r && !answer.token.at && !answer.mic.at)
        r = AUTH_E_TOKEN; /* nothing is left to say, and the server is not content */
    if (!r)
        spnego_response_put(out, &answer);
    writer_deinit(&mic);
    return r ? r : AUTH_CONTINUE;
}

static int next(struct spnego *s, struct spnego_bytes in, struct writer *out)
{
    struct spnego_response m;
    struct writer token;
    bool again = false;
    int r = 0;

    if (in.at)
        r = spnego_response_get(&m, in.at, in.len);
    else /* a success without a word, of an old SMB server */
        m = (struct spnego_response){.state = SPNEGO_ACCEPT_COMPLETED};
    if (r)
        return r;
    if (m.state == SPNEGO_REJECT)
        return refused(s, &m);
    r = choose(s, &m, &again);
    if (r)
        return r;
    writer_init(&token, TOKEN_LIMIT);
    if (again || (m.token.len && !auth_established(s->inner)))
        r = spnego_step_inner(s, again ? (struct spnego_bytes){0} : m.token, &token);
    else if (m.token.len || !auth_established(s->inner))
        r = AUTH_E_TOKEN;
    if (r == AUTH_CONTINUE)
        r = 0;
    if (!r)
        r = spnego_take_mic(s, m.mic);
    if (!r)
        r = conclude(s, &m, (struct spnego_bytes){token.len ? token.data : NULL, token.len}, out);
    writer_deinit(&token);
    return r;
}

static int step(struct auth *a, const uint8_t *token, size_t len, struct writer *out)
{
    struct spnego *s = (struct spnego *)a;
    struct spnego_bytes in = {token, len};

    if (s->begun)
        return next(s, in, out);
    s->begun = true;
    return first(s, in, out);
}

static const struct auth_ops client_ops = {.step = step, SPNEGO_COMMON_OPS};

int auth_spnego_client(struct auth **out, const struct auth_client_config *config)
{
    struct spnego *s;
    char *target;
    int r = spnego_new(&s, &client_ops, &config->options);

    if (r)
        return r;
    s->config = *config;
    s->config.credentials = auth_credentials_ref(config->credentials);
    if (config->target) {
        target = arena_alloc(&s->base.memory, strlen(config->target) + 1, 1);
        if (!target)
            goto no_memory;
        s->config.target = strcpy(target, config->target);
    }
    if (config->workstation) {
        s->config.workstation =
            utf16_dup(&s->base.memory, config->workstation, utf16_len(config->workstation));
        if (!s->config.workstation)
            goto no_memory;
    }
    *out = &s->base;
    return 0;
no_memory:
    auth_free(&s->base);
    return -ENOMEM;
}
