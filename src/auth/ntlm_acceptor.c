/* SPDX-License-Identifier: MIT */
/*
 * NTLM, acceptor: NEGOTIATE in, CHALLENGE out, AUTHENTICATE in. [MS-NLMP] 3.2.5. And what both sides share.
 *
 * Invariant: established only by a proof of the account's hash over our own challenge, with a right MIC where
 * the client says that there is one. A user who does not exist costs and looks the same as a wrong password.
 */
#include "auth/ntlm.h"

#include <errno.h>
#include <nettle/memops.h>
#include <string.h>

#include "base/utf16.h"

#define NEGOTIATE_MAX_LEN ((size_t)2048)
#define CHALLENGE_MAX_LEN ((size_t)16 * 1024)

#define REQUIRED_FLAGS                                                                                 \
    (NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_NEGOTIATE_NTLM | NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY | \
     NTLMSSP_NEGOTIATE_128)
#define OPTIONAL_FLAGS                                                                        \
    (NTLMSSP_REQUEST_TARGET | NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL |               \
     NTLMSSP_NEGOTIATE_ALWAYS_SIGN | NTLMSSP_NEGOTIATE_VERSION | NTLMSSP_NEGOTIATE_KEY_EXCH | \
     NTLMSSP_NEGOTIATE_56)

/* ---- Shared ---- */

int ntlm_init(struct ntlm **out, const struct auth_ops *ops, const struct auth_options *options)
{
    int r = auth_alloc(out, sizeof(**out), ops, options);

    if (r)
        return r;
    writer_init(&(*out)->negotiate, NEGOTIATE_MAX_LEN);
    writer_init(&(*out)->challenge, CHALLENGE_MAX_LEN);
    if (options->bindings) {
        auth_bindings_hash(options->bindings, options->bindings_len, (*out)->bindings);
        (*out)->has_bindings = true;
    }
    return 0;
}

void ntlm_free(struct auth *a)
{
    struct ntlm *n = (struct ntlm *)a;

    writer_deinit(&n->negotiate);
    writer_deinit(&n->challenge);
    auth_credentials_unref(n->credentials);
}

int ntlm_keep(struct writer *w, const void *data, size_t len)
{
    writer_put(w, data, len);
    return w->failed ? -ENOMEM : 0;
}

/* ---- The first two messages ---- */

static void put_name(struct writer *w, uint16_t id, const uint16_t *name)
{
    if (name)
        ntlm_av_put(w, id, name, utf16_len(name) * 2);
}

static void put_info(const struct ntlm *n, struct writer *w)
{
    const struct auth_acceptor_config *config = &n->acceptor->config;
    uint64_t now = htole64(auth_now(&n->base));

    put_name(w, MsvAvNbDomainName, config->domain);
    put_name(w, MsvAvNbComputerName, config->computer);
    put_name(w, MsvAvDnsDomainName, config->dns_domain);
    put_name(w, MsvAvDnsComputerName, config->dns_computer);
    ntlm_av_put(w, MsvAvTimestamp, &now, sizeof(now));
    ntlm_av_put(w, MsvAvEOL, NULL, 0);
}

static int challenge(struct ntlm *n, const uint8_t *token, size_t len, struct writer *out)
{
    const struct auth_acceptor_config *config = &n->acceptor->config;
    const uint16_t *target = config->domain_controller ? config->domain : config->computer;
    struct ntlm_challenge c = {.target = {(const uint8_t *)target, utf16_len(target) * 2}};
    struct ntlm_negotiate m;
    struct writer info;
    int r = ntlm_negotiate_get(&m, token, len);

    if (r || len > NEGOTIATE_MAX_LEN)
        return AUTH_E_TOKEN;
    if ((m.flags & REQUIRED_FLAGS) != REQUIRED_FLAGS)
        return AUTH_E_WEAK;
    r = auth_random(&n->base, n->server_challenge, sizeof(n->server_challenge));
    if (r)
        return r;
    n->flags = REQUIRED_FLAGS | (m.flags & OPTIONAL_FLAGS);
    memcpy(c.challenge, n->server_challenge, sizeof(c.challenge));
    c.flags = n->flags | NTLMSSP_NEGOTIATE_TARGET_INFO |
              (config->domain_controller ? NTLMSSP_TARGET_TYPE_DOMAIN : NTLMSSP_TARGET_TYPE_SERVER);
    writer_init(&info, CHALLENGE_MAX_LEN);
    put_info(n, &info);
    c.info = (struct ntlm_bytes){info.data, info.len};
    ntlm_challenge_put(&n->challenge, &c);
    r = ntlm_keep(&n->negotiate, token, len);
    if (info.failed || n->challenge.failed)
        r = -ENOMEM;
    writer_deinit(&info);
    if (!r)
        r = ntlm_keep(out, n->challenge.data, n->challenge.len);
    return r ? r : AUTH_CONTINUE;
}

/* ---- The third ---- */

/* Not telling the client which of the two it was; the account's own condition only with the right password.
 */
static int check_proof(struct ntlm *n, const struct ntlm_authenticate *m, const struct auth_account *account,
                       uint8_t base_key[16])
{
    struct ntlm_bytes temp = {m->nt.at + 16, m->nt.len - 16};
    uint8_t owf[16], proof[16];
    int r = ntlm_owf(account->nt_hash, m->user, m->domain, owf);

    if (r)
        return r;
    ntlm_proof(owf, n->server_challenge, temp, proof, base_key);
    auth_wipe(owf, sizeof(owf));
    return memeql_sec(proof, m->nt.at, sizeof(proof)) ? 0 : AUTH_E_LOGON;
}

static int check_bindings(struct ntlm *n, const struct ntlm_av *av)
{
    const struct ntlm_bytes *sent = &av->value[MsvAvChannelBindings];
    static const uint8_t none[16];

    if (!n->has_bindings)
        return 0;
    if (!sent->at || memcmp(sent->at, none, sizeof(none)) == 0)
        return n->acceptor->config.require_bindings ? AUTH_E_BINDINGS : 0;
    n->base.peer.bound = memeql_sec(sent->at, n->bindings, sizeof(n->bindings));
    return n->base.peer.bound ? 0 : AUTH_E_BINDINGS;
}

/* The client's part of the AV pairs. Trusted no sooner than the proof is found right. */
static int read_response(struct ntlm *n, const struct ntlm_authenticate *m, struct ntlm_av *av, bool *has_mic)
{
    struct reader r;
    int e = ntlm_av_get(av, m->nt.at + NTLM_RESPONSE_HEAD_LEN, m->nt.len - NTLM_RESPONSE_HEAD_LEN);

    if (e)
        return e;
    *has_mic = false;
    if (av->value[MsvAvFlags].at) {
        reader_init(&r, av->value[MsvAvFlags].at, 4);
        *has_mic = reader_u32(&r) & MSV_AV_FLAG_MIC;
    }
    if (av->value[MsvAvTargetName].at)
        return auth_keep_name(&n->base, av->value[MsvAvTargetName].at, av->value[MsvAvTargetName].len,
                              &n->base.peer.target);
    return 0;
}

static int take_session_key(struct ntlm *n, const struct ntlm_authenticate *m, const uint8_t base_key[16],
                            uint8_t session_key[16])
{
    if (!(n->flags & NTLMSSP_NEGOTIATE_KEY_EXCH)) {
        memcpy(session_key, base_key, 16);
        return 0;
    }
    if (m->key.len != 16)
        return AUTH_E_TOKEN;
    ntlm_rc4(base_key, m->key.at, session_key);
    return 0;
}

static int check_mic(struct ntlm *n, const struct ntlm_authenticate *m, const uint8_t session_key[16],
                     struct ntlm_bytes token)
{
    uint8_t mic[16];

    if (!m->mic)
        return AUTH_E_TOKEN;
    ntlm_mic(session_key, (struct ntlm_bytes){n->negotiate.data, n->negotiate.len},
             (struct ntlm_bytes){n->challenge.data, n->challenge.len}, token, mic);
    return memeql_sec(mic, m->mic, sizeof(mic)) ? 0 : AUTH_E_ALTERED;
}

static int find_account(struct ntlm *n, struct auth_account *account)
{
    const struct auth_acceptor_config *config = &n->acceptor->config;
    struct auth_peer *peer = &n->base.peer;
    int r = config->account(config->data, peer->user, peer->domain, account);

    if (r == AUTH_E_NO_SUCH_USER) { /* a hash that nobody knows, and the work goes on */
        auth_set_detail(&n->base, "no such account");
        r = auth_random(&n->base, account->nt_hash, sizeof(account->nt_hash));
    }
    return r;
}

static int accept_user(struct ntlm *n, const struct ntlm_authenticate *m, struct ntlm_bytes token)
{
    struct auth_account account = {0};
    uint8_t base_key[16], session_key[16];
    struct ntlm_av av;
    bool has_mic = false;
    int r;

    if (m->nt.len < NTLM_RESPONSE_HEAD_LEN || m->nt.at[16] != 1 || m->nt.at[17] != 1)
        return AUTH_E_WEAK;
    r = find_account(n, &account);
    if (!r)
        r = check_proof(n, m, &account, base_key);
    if (!r)
        r = read_response(n, m, &av, &has_mic);
    if (!r)
        r = check_bindings(n, &av);
    if (!r)
        r = take_session_key(n, m, base_key, session_key);
    if (!r && has_mic)
        r = check_mic(n, m, session_key, token);
    n->base.peer.account = account.id;
    if (!r)
        r = account.condition;
    if (!r)
        r = ntlm_establish(n, session_key, false);
    n->base.peer.authenticated = r == 0;
    auth_wipe(&account, sizeof(account));
    auth_wipe(base_key, sizeof(base_key));
    auth_wipe(session_key, sizeof(session_key));
    return r;
}

/* No user and no response (one zero byte of LM at most): keys made from zeros. */
static int accept_anonymous(struct ntlm *n, const struct ntlm_authenticate *m)
{
    static const uint8_t base_key[16];
    uint8_t session_key[16];
    int r;

    n->base.peer.anonymous = true;
    if (!n->acceptor->config.allow_anonymous)
        return AUTH_E_ANONYMOUS;
    if (m->lm.len > 1 || (m->lm.len && m->lm.at[0]))
        return AUTH_E_TOKEN;
    r = take_session_key(n, m, base_key, session_key);
    if (!r)
        r = ntlm_establish(n, session_key, false);
    auth_wipe(session_key, sizeof(session_key));
    return r;
}

static int authenticate(struct ntlm *n, const uint8_t *token, size_t len)
{
    struct auth_peer *peer = &n->base.peer;
    struct ntlm_authenticate m;
    int r = ntlm_authenticate_get(&m, token, len);

    if (!r)
        r = auth_keep_name(&n->base, m.user.at, m.user.len, &peer->user);
    if (!r)
        r = auth_keep_name(&n->base, m.domain.at, m.domain.len, &peer->domain);
    if (!r)
        r = auth_keep_name(&n->base, m.workstation.at, m.workstation.len, &peer->computer);
    if (r)
        return r;
    peer->mechanism = AUTH_TYPE_NTLM;
    n->flags &= m.flags | NTLMSSP_NEGOTIATE_NTLM; /* that one goes without saying by now */
    if ((n->flags & REQUIRED_FLAGS) != REQUIRED_FLAGS)
        return AUTH_E_WEAK;
    if (!m.user.len && !m.nt.len)
        return accept_anonymous(n, &m);
    return accept_user(n, &m, (struct ntlm_bytes){token, len});
}

static int step(struct auth *a, const uint8_t *token, size_t len, struct writer *out)
{
    struct ntlm *n = (struct ntlm *)a;

    if (!token)
        return AUTH_E_TOKEN;
    return n->negotiate.len ? authenticate(n, token, len) : challenge(n, token, len, out);
}

const struct auth_ops ntlm_acceptor_ops = {.step = step, NTLM_COMMON_OPS};

int auth_ntlm_context(struct auth **out, struct auth_acceptor *acceptor, const struct auth_options *options)
{
    struct ntlm *n;
    int r = ntlm_init(&n, &ntlm_acceptor_ops, options);

    if (r)
        return r;
    n->acceptor = acceptor;
    *out = &n->base;
    return 0;
}
