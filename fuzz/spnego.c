/* SPDX-License-Identifier: MIT */
/*
 * SPNEGO (with NTLM inside), both sides. The first byte says who is fed:
 *   0  the acceptor, with tokens (a length of two bytes before each): never established
 *   1  the client, with a hint or none (bit 7) and then tokens: never established, it wants a MIC
 *   2  an honest exchange with changed bytes: whoever is established has the key that the other has, and the
 *      client only when the server has seen its list of mechanisms as it was
 *   3  the two messages alone: what is read, written and read again is the same
 * Changes are (leg, offset low, offset high, xor) each.
 */
#include "auth/spnego.h"
#include "auth/test_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int secret_account(void *data, const uint16_t *user, const uint16_t *domain, struct auth_account *out)
{
    const struct auth system = {0};

    (void)data, (void)user, (void)domain;
    return auth_random(&system, out->nt_hash, sizeof(out->nt_hash));
}

/* Until the side has had enough. */
static void feed_tokens(struct auth *a, const uint8_t *data, size_t len, struct writer *out)
{
    int r = AUTH_CONTINUE;

    while (len >= 2 && r == AUTH_CONTINUE) {
        size_t n = data[0] | (size_t)data[1] << 8;

        data += 2, len -= 2;
        n = n < len ? n : len;
        writer_reset(out);
        r = auth_step(a, data, n, out);
        data += n, len -= n;
        pair_check(r != 0 && !auth_established(a), "established without a proof");
        pair_check(out->len < 20 * 1024, "the answer is too long");
    }
}

static void feed_acceptor(const uint8_t *data, size_t len, bool flag)
{
    struct pair_setup setup = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_INTEGRITY};
    struct pair p;

    (void)flag;
    pair_init(&p, &setup);
    p.acceptor->config.account = secret_account;
    feed_tokens(p.server, data, len, &p.token[1]);
    pair_deinit(&p);
}

static void feed_client(const uint8_t *data, size_t len, bool with_hint)
{
    struct pair_setup setup = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_INTEGRITY};
    struct pair p;

    pair_init(&p, &setup);
    if (with_hint || auth_step(p.client, NULL, 0, &p.token[0]) == AUTH_CONTINUE)
        feed_tokens(p.client, data, len, &p.token[0]);
    pair_deinit(&p);
}

struct input {
    const uint8_t *data;
    size_t len;
};

static void meddle(struct pair *p, unsigned leg, struct writer *token)
{
    const struct input *in = p->meddle_data;

    for (size_t i = 0; i + 4 <= in->len; i += 4)
        if (in->data[i] % 4 == leg)
            token->data[(in->data[i + 1] | (size_t)in->data[i + 2] << 8) % token->len] ^= in->data[i + 3];
}

static void change_tokens(const uint8_t *data, size_t len, bool flag)
{
    struct pair_setup setup = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_PRIVACY};
    struct input in = {data, len};
    const uint8_t *ours, *theirs;
    size_t our_len, their_len;
    bool at_server;
    struct pair p;

    (void)flag;
    pair_init(&p, &setup);
    p.meddle = meddle;
    p.meddle_data = &in;
    pair_run(&p, &at_server);
    ours = auth_session_key(p.client, &our_len);
    if (!ours && auth_established(p.client))
        pair_check(false, "no key");
    theirs = auth_session_key(p.server, &their_len);
    if (ours && !((struct spnego *)p.server)->raw) {
        const struct spnego_bytes *sent = &((struct spnego *)p.client)->mech_list;
        const struct spnego_bytes *taken = &((struct spnego *)p.server)->mech_list;

        pair_check(sent->len == taken->len && memcmp(sent->at, taken->at, sent->len) == 0,
                   "the client is content, and the server was shown another list of mechanisms");
    }
    pair_check(!ours || (theirs && our_len == their_len && memcmp(ours, theirs, our_len) == 0),
               "the client is content, and the server has another key");
    pair_check(!theirs || memcmp(theirs, ((struct spnego *)p.client)->inner->session_key, 16) == 0,
               "the server is content, and the client has another key");
    pair_deinit(&p);
}

static bool same(struct spnego_bytes a, struct spnego_bytes b)
{
    return (a.at == NULL) == (b.at == NULL) && a.len == b.len && (!a.len || memcmp(a.at, b.at, a.len) == 0);
}

static void read_messages(const uint8_t *data, size_t len, bool flag)
{
    struct spnego_response response, response2;
    struct spnego_init init, init2;
    struct writer w;

    (void)flag;
    writer_init(&w, 1 << 20);
    if (spnego_response_get(&response, data, len) == 0) {
        spnego_response_put(&w, &response);
        pair_check(spnego_response_get(&response2, w.data, w.len) == 0 && response.state == response2.state &&
                       same(response.mech, response2.mech) && same(response.token, response2.token) &&
                       same(response.mic, response2.mic) && w.len <= len + 16,
                   "NegTokenResp");
    }
    if (spnego_init_get(&init, data, len) == 0) {
        struct spnego_bytes oid = {0};
        const struct spnego_mech *known;
        size_t at = 0, before = 0;

        while (spnego_mech_next(init.mech_list, &at, &oid, &known)) {
            pair_check(at > before && at <= init.mech_list.len, "MechTypeList");
            before = at;
        }
        writer_reset(&w);
        spnego_init_put(&w, &init, flag);
        pair_check(spnego_init_get(&init2, w.data, w.len) == 0 && same(init.mech_list, init2.mech_list) &&
                       same(init.token, init2.token),
                   "NegTokenInit");
    }
    writer_deinit(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static void (*const feed[])(const uint8_t *data, size_t len, bool flag) = {feed_acceptor, feed_client,
                                                                               change_tokens, read_messages};

    if (len)
        feed[data[0] % 4](data + 1, len - 1, data[0] & 0x80);
    return 0;
}
