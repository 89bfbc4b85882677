/* SPDX-License-Identifier: MIT */
/*
 * SPNEGO, acceptor. Takes tokens of the bare mechanisms too, as Windows does. [RFC4178] 3 and 5.
 *
 * Invariant: established only when the mechanism is; when that is not the client's first choice, only after
 * the client's MIC over its list was right.
 */
#include "auth/spnego.h"

#include <errno.h>
#include <string.h>

#define TOKEN_LIMIT (AUTH_TOKEN_MAX + 1024)

static int make_inner(struct spnego *s, unsigned mechanism)
{
    s->mechanism = mechanism;
    return mechanism == AUTH_KERBEROS ? auth_krb5_context(&s->inner, s->acceptor, &s->options)
                                      : auth_ntlm_context(&s->inner, s->acceptor, &s->options);
}

/* The first of the client's list that we can do here: without a keytab that is not Kerberos. */
static int choose(struct spnego *s, struct spnego_bytes *oid, bool *first)
{
    unsigned accepted = s->acceptor->config.mechanisms;
    const struct spnego_mech *known;
    size_t at = 0;
    int r, worst = AUTH_E_MECHANISM;

    for (*first = true; spnego_mech_next(s->mech_list, &at, oid, &known); *first = false) {
        if (!known || !(known->mechanism & accepted))
            continue;
        r = make_inner(s, known->mechanism);
        if (!r || r < 0)
            return r;
        worst = r;
    }
    return worst;
}

static int answer(struct spnego *s, struct spnego_response *m, struct writer *out)
{
    struct writer mic;
    int r = 0;

    writer_init(&mic, TOKEN_LIMIT);
    m->state = SPNEGO_ACCEPT_INCOMPLETE;
    if (auth_established(s->inner)) {
        if (s->must_mic && s->mic_sent && !s->mic_received)
            r = AUTH_E_ALTERED;
        if (!r && (s->must_mic || s->mic_received) && !s->mic_sent)
            r = spnego_make_mic(s, &mic, m);
        if (!s->must_mic || s->mic_received)
            m->state = SPNEGO_ACCEPT_COMPLETED;
    }
    if (!r)
        spnego_response_put(out, m);
    writer_deinit(&mic);
    if (r || m->state != SPNEGO_ACCEPT_COMPLETED)
        return r ? r : AUTH_CONTINUE;
    spnego_established(s);
    return 0;
}

/* Step the mechanism (when there is a token), check the MIC, answer. */
static int proceed(struct spnego *s, struct spnego_bytes in, struct spnego_bytes mic, struct spnego_bytes oid,
                   struct writer *out)
{
    struct spnego_response m = {.mech = oid};
    struct writer token;
    int r = 0;

    writer_init(&token, TOKEN_LIMIT);
    if (in.len && auth_established(s->inner))
        r = AUTH_E_TOKEN;
    else if (in.len)
        r = spnego_step_inner(s, in, &token);
    if (token.len)
        m.token = (struct spnego_bytes){token.data, token.len};
    if (r == AUTH_CONTINUE)
        r = 0;
    else if (r && m.token.at) { /* the mechanism's own words about it */
        m.state = SPNEGO_REJECT;
        spnego_response_put(out, &m);
    }
    if (!r)
        r = spnego_take_mic(s, mic);
    if (!r)
        r = answer(s, &m, out);
    writer_deinit(&token);
    return r;
}

static int first(struct spnego *s, struct spnego_bytes in, struct writer *out)
{
    struct spnego_bytes oid = {0}, none = {0};
    struct spnego_init m;
    bool is_first;
    int r = spnego_init_get(&m, in.at, in.len);

    if (!r)
        r = spnego_keep_mech_list(s, m.mech_list);
    if (!r)
        r = choose(s, &oid, &is_first);
    if (r)
        return r;
    s->must_mic = !is_first;
    return proceed(s, is_first ? m.token : none, none, oid, out);
}

static int next(struct spnego *s, struct spnego_bytes in, struct writer *out)
{
    struct spnego_response m;
    int r = spnego_response_get(&m, in.at, in.len);

    if (r)
        return r;
    if (m.state == SPNEGO_REJECT)
        return AUTH_E_REFUSED;
    if (!m.token.len && !m.mic.len)
        return AUTH_E_TOKEN;
    return proceed(s, m.token, m.mic, (struct spnego_bytes){0}, out);
}

static int step_raw(struct spnego *s, struct spnego_bytes in, struct writer *out)
{
    int r = spnego_step_inner(s, in, out);

    if (r == 0)
        spnego_established(s);
    return r;
}

/* A first token that is not SPNEGO's but of one of the mechanisms. */
static unsigned raw_mechanism(const struct spnego *s, struct spnego_bytes in)
{
    unsigned accepted = s->acceptor->config.mechanisms;

    if ((accepted & AUTH_NTLM) && in.len >= 8 && memcmp(in.at, "NTLMSSP", 8) == 0)
        return AUTH_NTLM;
    if ((accepted & AUTH_KERBEROS) && spnego_is_framed(in.at, in.len, AUTH_KERBEROS))
        return AUTH_KERBEROS;
    return 0;
}

static int step(struct auth *a, const uint8_t *token, size_t len, struct writer *out)
{
    struct spnego *s = (struct spnego *)a;
    struct spnego_bytes in = {token, len};
    unsigned raw;
    int r;

    if (!token)
        return AUTH_E_TOKEN;
    if (s->raw)
        return step_raw(s, in, out);
    if (s->begun)
        return next(s, in, out);
    s->begun = true;
    raw = raw_mechanism(s, in);
    if (!raw)
        return first(s, in, out);
    s->raw = true;
    r = make_inner(s, raw);
    return r ? r : step_raw(s, in, out);
}

static const struct auth_ops acceptor_ops = {.step = step, SPNEGO_COMMON_OPS};

int auth_spnego_context(struct auth **out, struct auth_acceptor *acceptor, const struct auth_options *options)
{
    struct spnego *s;
    int r = spnego_new(&s, &acceptor_ops, options);

    if (r)
        return r;
    s->acceptor = acceptor;
    *out = &s->base;
    return 0;
}

int auth_spnego_hint(unsigned mechanisms, struct writer *out)
{
    struct spnego_init m = {0};
    struct writer list;

    writer_init(&list, SPNEGO_MECH_LIST_MAX);
    spnego_mech_list_put(&list, mechanisms);
    m.mech_list = (struct spnego_bytes){list.data, list.len};
    spnego_init_put(out, &m, true);
    writer_deinit(&list);
    return out->failed ? -ENOMEM : 0;
}
