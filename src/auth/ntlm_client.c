/* SPDX-License-Identifier: MIT */
/*
 * NTLM, client: NEGOTIATE out, CHALLENGE in, AUTHENTICATE out. [MS-NLMP] 3.1.5.
 *
 * Invariant: the response is version 2, with a MIC over all three messages, the channel bindings and the name
 * of the service that is meant; a server that cannot do this with 128-bit keys gets nothing.
 */
#include "auth/ntlm.h"

#include <errno.h>
#include <string.h>

#include "base/utf16.h"

/* AV pairs of a server: names, of which none is longer than 255 units */
#define INFO_MAX ((size_t)8 * 1024)
#define RESPONSE_LIMIT ((size_t)16 * 1024)

#define CLIENT_FLAGS                                                                                        \
    (NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_REQUEST_TARGET | NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_NTLM | \
     NTLMSSP_NEGOTIATE_ALWAYS_SIGN | NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY |                           \
     NTLMSSP_NEGOTIATE_TARGET_INFO | NTLMSSP_NEGOTIATE_VERSION | NTLMSSP_NEGOTIATE_128 |                    \
     NTLMSSP_NEGOTIATE_KEY_EXCH | NTLMSSP_NEGOTIATE_56)
#define REQUIRED_FLAGS                                                                                 \
    (NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_NEGOTIATE_NTLM | NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY | \
     NTLMSSP_NEGOTIATE_128)

static const uint8_t zeros[24];

static int negotiate(struct ntlm *n, struct writer *out)
{
    struct ntlm_negotiate m = {CLIENT_FLAGS};
    int r;

    if (n->base.level == AUTH_LEVEL_PRIVACY)
        m.flags |= NTLMSSP_NEGOTIATE_SEAL;
    ntlm_negotiate_put(&n->negotiate, &m);
    if (n->negotiate.failed)
        return -ENOMEM;
    n->flags = m.flags;
    r = ntlm_keep(out, n->negotiate.data, n->negotiate.len);
    return r ? r : AUTH_CONTINUE;
}

static struct ntlm_bytes bytes16(const uint16_t *s)
{
    return (struct ntlm_bytes){(const uint8_t *)s, utf16_len(s) * 2};
}

/* NTLMv2_CLIENT_CHALLENGE: the server's AV pairs with ours in the place of those that are the client's. */
static int put_client_challenge(struct ntlm *n, const struct ntlm_av *av, struct writer *w)
{
    struct ntlm_bytes target = bytes16(n->target);
    uint32_t av_flags = MSV_AV_FLAG_MIC;
    uint8_t challenge[8];
    struct reader r;
    int e = auth_random(&n->base, challenge, sizeof(challenge));

    if (e)
        return e;
    writer_u32(w, 0x0101); /* versions of the response, most and least */
    writer_u32(w, 0);
    if (av->value[MsvAvTimestamp].at)
        writer_put(w, av->value[MsvAvTimestamp].at, 8);
    else
        writer_u64(w, auth_now(&n->base));
    writer_put(w, challenge, sizeof(challenge));
    writer_u32(w, 0);
    if (av->value[MsvAvFlags].at) {
        reader_init(&r, av->value[MsvAvFlags].at, 4);
        av_flags |= reader_u32(&r);
    }
    reader_init(&r, av->all.at, av->all.len);
    while (reader_left(&r)) {
        uint16_t id = reader_u16(&r), len = reader_u16(&r);
        const uint8_t *value = reader_take(&r, len);

        if (id != MsvAvFlags && id != MsvAvTargetName && id != MsvAvChannelBindings)
            ntlm_av_put(w, id, value, len);
    }
    av_flags = htole32(av_flags);
    ntlm_av_put(w, MsvAvFlags, &av_flags, sizeof(av_flags));
    ntlm_av_put(w, MsvAvChannelBindings, n->bindings, sizeof(n->bindings));
    ntlm_av_put(w, MsvAvTargetName, target.at, target.len);
    ntlm_av_put(w, MsvAvEOL, NULL, 0);
    writer_u32(w, 0);
    return w->failed ? -ENOMEM : 0;
}

/* The NT response in `w`: 16 bytes of proof, then what it proves. */
static int make_response(struct ntlm *n, const struct ntlm_challenge *c, struct ntlm_bytes user,
                         struct ntlm_bytes domain, struct writer *w, uint8_t base_key[16])
{
    uint8_t hash[16], owf[16];
    struct ntlm_av av;
    int r = ntlm_av_get(&av, c->info.at, c->info.len);

    if (r)
        return r;
    writer_zero(w, 16);
    r = put_client_challenge(n, &av, w);
    if (r)
        return r;
    if (!auth_credentials_nt_hash(n->credentials, hash))
        return AUTH_E_NO_CREDENTIALS;
    r = ntlm_owf(hash, user, domain, owf);
    if (!r)
        ntlm_proof(owf, c->challenge, (struct ntlm_bytes){w->data + 16, w->len - 16}, w->data, base_key);
    auth_wipe(hash, sizeof(hash));
    auth_wipe(owf, sizeof(owf));
    return r;
}

/* Without KEY_EXCH the base key is the session key; with it a fresh one goes over encrypted. */
static int make_session_key(struct ntlm *n, const uint8_t base_key[16], uint8_t session_key[16],
                            uint8_t encrypted[16])
{
    int r;

    if (!(n->flags & NTLMSSP_NEGOTIATE_KEY_EXCH)) {
        memcpy(session_key, base_key, 16);
        return 0;
    }
    r = auth_random(&n->base, session_key, 16);
    if (!r)
        ntlm_rc4(base_key, session_key, encrypted);
    return r;
}

/* What the server says of itself: for the reader of a trace. */
static int keep_server_names(struct ntlm *n, const struct ntlm_challenge *c)
{
    struct auth_peer *peer = &n->base.peer;
    struct ntlm_av av;
    int r = ntlm_av_get(&av, c->info.at, c->info.len);

    if (!r && av.value[MsvAvNbDomainName].at)
        r = auth_keep_name(&n->base, av.value[MsvAvNbDomainName].at, av.value[MsvAvNbDomainName].len,
                           &peer->domain);
    if (!r && av.value[MsvAvNbComputerName].at)
        r = auth_keep_name(&n->base, av.value[MsvAvNbComputerName].at, av.value[MsvAvNbComputerName].len,
                           &peer->computer);
    return r;
}

/* A name of the server's domain that is the realm, or one above or below it: their KDCs are one authority. */
static bool is_related(const uint16_t *name, const uint16_t *realm)
{
    size_t a = utf16_len(name), b = utf16_len(realm), less = a < b ? a : b;
    const uint16_t *longer = a < b ? realm : name;

    if (!less || utf16_casecmp(name + a - less, less, realm + b - less, less) != 0)
        return false;
    return a == b || longer[(a < b ? b : a) - less - 1] == '.';
}

/* Would a server that says this of itself ask the realm about the user? One that names itself as the place
 * of its accounts would not, whatever domain or workgroup it is in. */
static int is_to_be_avoided(struct ntlm *n, const struct ntlm_challenge *c, bool *avoid)
{
    static const uint8_t ids[] = {MsvAvDnsDomainName, MsvAvDnsTreeName};
    const uint16_t *name, *netbios = n->base.peer.domain;
    size_t label = 0;
    struct ntlm_av av;
    int r = ntlm_av_get(&av, c->info.at, c->info.len);

    *avoid = false;
    if (r || !n->avoid || (c->flags & NTLMSSP_TARGET_TYPE_SERVER))
        return r;
    while (n->avoid[label] && n->avoid[label] != '.')
        label++;
    *avoid = utf16_casecmp(netbios, utf16_len(netbios), n->avoid, label) == 0;
    for (size_t i = 0; i < sizeof(ids) && !r && !*avoid; i++)
        if (av.value[ids[i]].at) {
            r = auth_keep_name(&n->base, av.value[ids[i]].at, av.value[ids[i]].len, &name);
            *avoid = !r && is_related(name, n->avoid);
        }
    return r;
}

static int put_authenticate(struct ntlm *n, struct ntlm_authenticate *m, const uint8_t session_key[16],
                            const struct ntlm_bytes *challenge, struct writer *out)
{
    size_t start = out->len;
    uint8_t mic[16];

    ntlm_authenticate_put(out, m);
    if (out->failed)
        return -ENOMEM;
    ntlm_mic(session_key, (struct ntlm_bytes){n->negotiate.data, n->negotiate.len}, *challenge,
             (struct ntlm_bytes){out->data + start, out->len - start}, mic);
    memcpy(out->data + start + NTLM_MIC_OFFSET, mic, sizeof(mic));
    return 0;
}

static int authenticate(struct ntlm *n, const uint8_t *token, size_t len, struct writer *out)
{
    uint8_t base_key[16] = {0}, session_key[16] = {0}, encrypted[16];
    struct ntlm_authenticate m = {.lm = {zeros, 24}};
    struct ntlm_bytes challenge = {token, len};
    struct ntlm_challenge c;
    struct writer response;
    bool avoid;
    int r = ntlm_challenge_get(&c, token, len);

    if (!r && c.info.len > INFO_MAX)
        r = AUTH_E_TOKEN;
    if (r)
        return r;
    n->flags &= c.flags;
    if ((n->flags & REQUIRED_FLAGS) != REQUIRED_FLAGS || !(c.flags & NTLMSSP_NEGOTIATE_TARGET_INFO))
        return AUTH_E_WEAK;
    r = keep_server_names(n, &c);
    if (!r)
        r = is_to_be_avoided(n, &c, &avoid);
    if (!r && avoid)
        r = n->avoid_condition;
    if (r)
        return r;
    m.workstation = bytes16(n->workstation);
    writer_init(&response, RESPONSE_LIMIT);
    if (auth_credentials_anonymous(n->credentials)) {
        n->flags |= NTLMSSP_ANONYMOUS;
        m.lm.len = 1;
    } else {
        m.user = bytes16(auth_credentials_user(n->credentials));
        m.domain = bytes16(auth_credentials_domain(n->credentials));
        r = make_response(n, &c, m.user, m.domain, &response, base_key);
        m.nt = (struct ntlm_bytes){response.data, response.len};
    }
    if (!r)
        r = make_session_key(n, base_key, session_key, encrypted);
    if (!r) {
        m.flags = n->flags;
        m.key = (struct ntlm_bytes){encrypted, n->flags & NTLMSSP_NEGOTIATE_KEY_EXCH ? 16 : 0};
        r = put_authenticate(n, &m, session_key, &challenge, out);
    }
    if (!r)
        r = ntlm_establish(n, session_key, true);
    writer_deinit(&response);
    auth_wipe(base_key, sizeof(base_key));
    auth_wipe(session_key, sizeof(session_key));
    return r;
}

static int step(struct auth *a, const uint8_t *token, size_t len, struct writer *out)
{
    struct ntlm *n = (struct ntlm *)a;

    if (!n->negotiate.len)
        return token ? AUTH_E_TOKEN : negotiate(n, out);
    return token ? authenticate(n, token, len, out) : AUTH_E_TOKEN;
}

const struct auth_ops ntlm_client_ops = {.step = step, NTLM_COMMON_OPS};

int auth_ntlm_client(struct auth **out, const struct auth_client_config *config)
{
    static const uint16_t empty[1];
    const uint16_t *workstation = config->workstation ? config->workstation : empty;
    const char *target = config->target ? config->target : "";
    struct ntlm *n;
    uint8_t hash[16];
    int r;

    if (!auth_credentials_anonymous(config->credentials)) {
        bool known = auth_credentials_nt_hash(config->credentials, hash);

        auth_wipe(hash, sizeof(hash));
        if (!known || !*auth_credentials_user(config->credentials))
            return AUTH_E_NO_CREDENTIALS;
    }
    r = ntlm_init(&n, &ntlm_client_ops, &config->options);
    if (r)
        return r;
    n->credentials = auth_credentials_ref(config->credentials);
    n->target = utf16_from_utf8(&n->base.memory, target, strlen(target), NULL, NULL);
    n->workstation = utf16_dup(&n->base.memory, workstation, utf16_len(workstation));
    if (!n->target || !n->workstation) {
        auth_free(&n->base);
        return -ENOMEM;
    }
    *out = &n->base;
    return 0;
}

int auth_ntlm_avoid(struct auth *ntlm, const char *realm, int condition)
{
    struct ntlm *n = (struct ntlm *)ntlm;

    n->avoid = utf16_from_utf8(&n->base.memory, realm, strlen(realm), NULL, NULL);
    n->avoid_condition = condition;
    return n->avoid ? 0 : -ENOMEM;
}
