/* SPDX-License-Identifier: MIT */
/*
 * NTLM, both sides. The first byte says who is fed:
 *   0  the acceptor, with tokens: never established (nobody knows the account's hash)
 *   1  the client, with a challenge: what it answers is whole and strong, or nothing
 *   2  an honest exchange with changed bytes: established if and only if nothing was changed
 *   3  an honest message with changed bytes: opened if and only if nothing was changed
 * Changes are (where, offset low, offset high, xor) each.
 */
#include "auth/ntlm.h"
#include "auth/test_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct input {
    const uint8_t *data;
    size_t len;
    bool changed;
};

static int secret_account(void *data, const uint16_t *user, const uint16_t *domain, struct auth_account *out)
{
    static uint8_t hash[16];
    static bool known;
    const struct auth system = {0};

    (void)data, (void)user, (void)domain;
    if (!known)
        pair_check(auth_random(&system, hash, sizeof(hash)) == 0, "random");
    known = true;
    memcpy(out->nt_hash, hash, sizeof(hash));
    return 0;
}

static void feed_acceptor(const uint8_t *data, size_t len)
{
    struct pair_setup setup = {.type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_PRIVACY};
    size_t first = len ? data[0] : 0;
    struct pair p;
    int r;

    pair_init(&p, &setup);
    p.acceptor->config.account = secret_account;
    if (len) {
        data++, len--;
        first = first < len ? first : len;
        r = auth_step(p.server, data, first, &p.token[1]);
        if (r == AUTH_CONTINUE)
            r = auth_step(p.server, data + first, len - first, &p.token[1]);
        pair_check(r != 0 && !auth_established(p.server), "accepted without a proof");
        pair_check(p.token[1].len < 1024, "the challenge is too long");
    }
    pair_deinit(&p);
}

static void feed_client(const uint8_t *data, size_t len)
{
    struct pair_setup setup = {.type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_PRIVACY};
    struct ntlm_authenticate m;
    struct ntlm_av av;
    struct pair p;
    int r;

    pair_init(&p, &setup);
    pair_check(auth_step(p.client, NULL, 0, &p.token[0]) == AUTH_CONTINUE, "negotiate");
    writer_reset(&p.token[0]);
    r = auth_step(p.client, data, len, &p.token[0]);
    pair_check(r >= 0, "no condition but a failure of ours");
    if (r == 0) {
        pair_check(p.token[0].len < 17 * 1024, "the answer is too long");
        pair_check(ntlm_authenticate_get(&m, p.token[0].data, p.token[0].len) == 0,
                   "the answer is not legal");
        pair_check(m.mic && m.key.len == (m.flags & NTLMSSP_NEGOTIATE_KEY_EXCH ? 16 : 0), "no MIC or key");
        pair_check(m.nt.len > NTLM_RESPONSE_HEAD_LEN && m.nt.at[16] == 1, "not version 2");
        pair_check(ntlm_av_get(&av, m.nt.at + NTLM_RESPONSE_HEAD_LEN, m.nt.len - NTLM_RESPONSE_HEAD_LEN) ==
                           0 &&
                       av.value[MsvAvTargetName].len == 2 * 24 && av.value[MsvAvChannelBindings].len == 16 &&
                       (*av.value[MsvAvFlags].at & MSV_AV_FLAG_MIC),
                   "AV pairs");
        pair_check((m.flags & NTLMSSP_NEGOTIATE_128) && (m.flags & NTLMSSP_NEGOTIATE_SEAL) &&
                       (m.flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY),
                   "weak");
    } else {
        pair_check(!auth_established(p.client), "established by a failure");
    }
    pair_deinit(&p);
}

static void change(struct input *in, uint8_t where, uint8_t *bytes, size_t len)
{
    uint8_t *before = malloc(len + 1);

    pair_check(before != NULL, "memory");
    memcpy(before, bytes, len);
    for (size_t i = 0; i + 4 <= in->len; i += 4)
        if (in->data[i] % 4 == where && len)
            bytes[(in->data[i + 1] | (size_t)in->data[i + 2] << 8) % len] ^= in->data[i + 3];
    in->changed = in->changed || memcmp(before, bytes, len) != 0;
    free(before);
}

static void meddle(struct pair *p, unsigned leg, struct writer *token)
{
    change(p->meddle_data, (uint8_t)leg, token->data, token->len);
}

static void change_tokens(const uint8_t *data, size_t len)
{
    struct pair_setup setup = {.type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_INTEGRITY};
    struct input in = {data, len, false};
    bool at_server;
    struct pair p;
    int r;

    pair_init(&p, &setup);
    p.meddle = meddle;
    p.meddle_data = &in;
    r = pair_run(&p, &at_server);
    pair_check((r == 0) == !in.changed, "changed tokens were accepted, or right ones refused");
    pair_deinit(&p);
}

static void change_message(const uint8_t *data, size_t len)
{
    struct pair_setup setup = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_PRIVACY};
    uint8_t bytes[24 + 64 + 8 + 16] = {1, 2, 3};
    struct auth_message m = {bytes, 24, bytes + 24, 64, bytes + 88, 8};
    struct input in = {data, len, false};
    bool at_server;
    struct pair p;
    int r;

    pair_init(&p, &setup);
    pair_check(pair_run(&p, &at_server) == 0, "an honest exchange");
    pair_check(auth_protect(p.client, &m, bytes + 96) == 0, "protect");
    change(&in, 0, bytes, sizeof(bytes));
    r = auth_unprotect(p.server, &m, bytes + 96, 16);
    pair_check((r == 0) == !in.changed, "a changed message was opened, or a right one refused");
    pair_check(r || (bytes[0] == 1 && bytes[1] == 2 && !bytes[24]), "the message is not what was sent");
    pair_deinit(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static void (*const feed[])(const uint8_t *data, size_t len) = {feed_acceptor, feed_client, change_tokens,
                                                                    change_message};

    if (len)
        feed[data[0] % 4](data + 1, len - 1);
    return 0;
}
