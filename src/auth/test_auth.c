/* SPDX-License-Identifier: MIT */
/*
 * Clients against our own acceptor: every combination of type and level; wrong credentials of every kind;
 * tokens and messages that somebody cut, flipped, repeated or dropped. NTLM alone: tests/auth/ has Kerberos.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>

#include "auth/test_pair.h"
#include "auth/test_pdu.h"

static const enum auth_type types[] = {AUTH_TYPE_NTLM, AUTH_TYPE_SPNEGO};
static const enum auth_level levels[] = {AUTH_LEVEL_CONNECT, AUTH_LEVEL_INTEGRITY, AUTH_LEVEL_PRIVACY};

static void converse(struct pair *p, enum auth_level level)
{
    assert_converse(p->client, p->server, level, level == AUTH_LEVEL_CONNECT ? 0 : 16);
}

static void test_all_combinations(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 3; j++)
            for (int signing = 0; signing < 2; signing++) {
                struct pair_setup setup = {.type = types[i], .level = levels[j]};
                const uint8_t *keys[2];
                size_t len[2];
                bool at_server;
                struct pair p;

                pair_init(&p, &setup);
                assert_null(auth_session_key(p.client, &len[0]));
                assert_int_equal(pair_run(&p, &at_server), 0);
                assert_int_equal(p.legs, types[i] == AUTH_TYPE_NTLM ? 3 : 4);
                keys[0] = auth_session_key(p.client, &len[0]);
                keys[1] = auth_session_key(p.server, &len[1]);
                assert_int_equal(len[0], 16);
                assert_int_equal(len[1], 16);
                assert_memory_equal(keys[0], keys[1], 16);
                auth_set_header_signing(p.client, signing);
                auth_set_header_signing(p.server, signing);
                converse(&p, levels[j]);
                pair_deinit(&p);
            }
}

static void assert_utf16(const uint16_t *got, const uint16_t *wanted)
{
    assert_int_equal(utf16_len(got), utf16_len(wanted));
    assert_memory_equal(got, wanted, utf16_len(wanted) * 2);
}

static void test_peer(void **state)
{
    struct pair_setup setup = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_PRIVACY};
    const struct auth_peer *peer;
    bool at_server;
    struct pair p;

    (void)state;
    pair_init(&p, &setup);
    assert_int_equal(pair_run(&p, &at_server), 0);
    peer = auth_peer(p.server);
    assert_true(peer->authenticated);
    assert_false(peer->anonymous);
    assert_int_equal(peer->mechanism, AUTH_TYPE_NTLM);
    assert_utf16(peer->user, u"\u00dcser");
    assert_utf16(peer->domain, u"Dom");
    assert_utf16(peer->computer, u"CLIENT");
    assert_utf16(peer->target, u"host/server.example.test");
    assert_int_equal(peer->account, 1007);
    assert_utf16(auth_peer(p.client)->computer, u"SERVER");
    assert_utf16(auth_peer(p.client)->domain, u"WORKGROUP");
    pair_deinit(&p);
}

static void test_results(void **state)
{
    static const struct {
        const char *what;
        struct pair_setup setup;
        int result;
    } rows[] = {
        {"UPN", {.name = "alice@example.test"}, 0},
        {"wrong password", {.password = "pa55w\u00f6rd"}, AUTH_E_LOGON},
        {"empty password", {.password = ""}, AUTH_E_LOGON},
        {"unknown user", {.name = "nobody"}, AUTH_E_LOGON},
        {"disabled", {.account_condition = AUTH_E_ACCOUNT_DISABLED}, AUTH_E_ACCOUNT_DISABLED},
        {"expired", {.account_condition = AUTH_E_PASSWORD_EXPIRED}, AUTH_E_PASSWORD_EXPIRED},
        {"disabled, not told", {.account_condition = AUTH_E_ACCOUNT_DISABLED, .password = "x"}, AUTH_E_LOGON},
        {"anonymous refused", {.anonymous = true}, AUTH_E_ANONYMOUS},
        {"anonymous", {.anonymous = true, .allow_anonymous = true}, 0},
        {"bound",
         {.bindings = "tls-unique:1", .server_bindings = "tls-unique:1", .require_bindings = true},
         0},
        {"other channel", {.bindings = "tls-unique:1", .server_bindings = "tls-unique:2"}, AUTH_E_BINDINGS},
        {"no bindings sent", {.server_bindings = "tls-unique:1"}, 0},
        {"bindings missing", {.server_bindings = "tls-unique:1", .require_bindings = true}, AUTH_E_BINDINGS},
        {"bindings not looked at", {.bindings = "tls-unique:1"}, 0},
        {"client asks for less",
         {.level = AUTH_LEVEL_INTEGRITY, .server_level = AUTH_LEVEL_PRIVACY},
         AUTH_E_LEVEL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t j = 0; j < 2; j++) {
            struct pair_setup setup = rows[i].setup;
            bool at_server;
            struct pair p;
            int r;

            setup.type = types[j];
            if (!setup.level)
                setup.level = AUTH_LEVEL_PRIVACY;
            pair_init(&p, &setup);
            r = pair_run(&p, &at_server);
            if (r != rows[i].result)
                fail_msg("%s, type %d: %d, not %d", rows[i].what, types[j], r, rows[i].result);
            assert_int_equal(auth_established(p.server), r == 0);
            assert_int_equal(auth_peer(p.server)->authenticated, r == 0 && !setup.anonymous);
            assert_int_equal(auth_peer(p.server)->anonymous, setup.anonymous);
            if (r) {
                struct pdu pdu;
                size_t len;

                pdu_init(&pdu, 16, 1);
                assert_null(auth_session_key(p.server, &len));
                assert_int_equal(auth_signature_len(p.server), 0);
                assert_int_equal(auth_protect(p.server, &pdu.m, pdu.signature), -EINVAL);
                assert_int_equal(auth_step(p.server, "x", 1, &p.token[1]), -EINVAL);
            }
            pair_deinit(&p);
        }
}

static void test_nt_hash_is_enough(void **state)
{
    struct pair_setup setup = {.type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_PRIVACY, .password = "wrong"};
    uint8_t hash[16];
    bool at_server;
    struct pair p;

    (void)state;
    pair_init(&p, &setup);
    auth_nt_hash(u"Pa55w\u00f6rd", 8, hash);
    auth_credentials_set_nt_hash(p.credentials, hash);
    assert_int_equal(pair_run(&p, &at_server), 0);
    pair_deinit(&p);
}

/* ---- Tokens on a hostile way ---- */

struct change {
    unsigned leg;
    size_t bit, cut;
    bool flip, out_of_range;
};

static void change_token(struct pair *p, unsigned leg, struct writer *token)
{
    struct change *c = p->meddle_data;

    if (leg != c->leg)
        return;
    if (c->flip && c->bit < token->len * 8)
        token->data[c->bit / 8] ^= (uint8_t)(1u << c->bit % 8);
    else if (!c->flip && c->cut < token->len)
        token->len = c->cut;
    else
        c->out_of_range = true;
}

static bool run_changed(enum auth_type type, struct change *c, int *result)
{
    struct pair_setup setup = {.type = type, .level = AUTH_LEVEL_PRIVACY};
    const uint8_t *keys[2];
    bool at_server;
    size_t len;
    struct pair p;

    pair_init(&p, &setup);
    p.meddle = change_token;
    p.meddle_data = c;
    *result = pair_run(&p, &at_server);
    if (auth_established(p.server) &&
        auth_established(p.client)) { /* then nothing was changed that matters */
        keys[0] = auth_session_key(p.client, &len);
        keys[1] = auth_session_key(p.server, &len);
        assert_memory_equal(keys[0], keys[1], 16);
        converse(&p, AUTH_LEVEL_PRIVACY);
    }
    pair_deinit(&p);
    return !c->out_of_range;
}

/* NTLM's MIC covers every bit of all three messages. */
static void test_ntlm_flips(void **state)
{
    (void)state;
    for (unsigned leg = 0; leg < 3; leg++)
        for (struct change c = {.leg = leg, .flip = true};; c.bit++) {
            int r;

            if (!run_changed(AUTH_TYPE_NTLM, &c, &r))
                break;
            if (!r)
                fail_msg("token %u, bit %zu: accepted", leg, c.bit);
        }
}

static void test_truncations(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (unsigned leg = 0; leg < 3; leg++)
            for (struct change c = {.leg = leg};; c.cut++) {
                int r;

                if (!run_changed(types[i], &c, &r))
                    break;
                if (!r)
                    fail_msg("type %d, token %u, cut to %zu: accepted", types[i], leg, c.cut);
            }
}

/* In SPNEGO's own bytes some bits mean nothing; what is established is then the same on both sides. But no
 * such bit is in the list of mechanisms or in a mechanism's token. */
static void test_spnego_flips(void **state)
{
    size_t accepted = 0, runs = 0;

    (void)state;
    for (unsigned leg = 0; leg < 4; leg++)
        for (struct change c = {.leg = leg, .flip = true};; c.bit++, runs++) {
            int r;

            if (!run_changed(AUTH_TYPE_SPNEGO, &c, &r))
                break;
            accepted += r == 0;
        }
    assert_true(runs > 4000);
    assert_true(accepted < 16); /* states: incomplete instead of nothing, for example */
}

/* ---- Messages on a hostile way ---- */

static void begin(struct pair *p, enum auth_type type, enum auth_level level)
{
    struct pair_setup setup = {.type = type, .level = level};
    bool at_server;

    pair_init(p, &setup);
    assert_int_equal(pair_run(p, &at_server), 0);
}

static void test_message_flips(void **state)
{
    (void)state;
    for (size_t level = 1; level < 3; level++)
        for (size_t bit = 0; bit < (24 + 32 + 8 + 16) * 8; bit++) {
            struct pair p;
            struct pdu pdu;

            begin(&p, AUTH_TYPE_NTLM, levels[level]);
            pdu_init(&pdu, 32, 7);
            assert_int_equal(send_pdu(p.client, &pdu), 0);
            pdu.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(receive_pdu(p.server, &pdu), AUTH_E_SIGNATURE);
            assert_int_equal(receive_pdu(p.server, &pdu), -EINVAL); /* it stays that way */
            assert_int_equal(send_pdu(p.server, &pdu), -EINVAL);
            pair_deinit(&p);
        }
}

static void test_replay_and_gap(void **state)
{
    (void)state;
    for (size_t level = 1; level < 3; level++) {
        struct pair p;
        struct pdu first, copy, second;

        begin(&p, AUTH_TYPE_SPNEGO, levels[level]);
        pdu_init(&first, 32, 7);
        assert_int_equal(send_pdu(p.client, &first), 0);
        copy = first;
        copy.m.header = copy.bytes, copy.m.body = copy.bytes + 24, copy.m.trailer = copy.bytes + 56;
        copy.signature = copy.bytes + 64;
        assert_int_equal(receive_pdu(p.server, &first), 0);
        assert_int_equal(receive_pdu(p.server, &copy), AUTH_E_SIGNATURE);
        pair_deinit(&p);

        begin(&p, AUTH_TYPE_SPNEGO, levels[level]);
        pdu_init(&first, 32, 7);
        pdu_init(&second, 32, 8);
        assert_int_equal(send_pdu(p.client, &first), 0);
        assert_int_equal(send_pdu(p.client, &second), 0);
        assert_int_equal(receive_pdu(p.server, &second), AUTH_E_SIGNATURE);
        pair_deinit(&p);

        begin(&p, AUTH_TYPE_SPNEGO, levels[level]); /* sent back to its sender */
        pdu_init(&first, 32, 7);
        assert_int_equal(send_pdu(p.client, &first), 0);
        assert_int_equal(receive_pdu(p.client, &first), AUTH_E_SIGNATURE);
        pair_deinit(&p);
    }
}

static void test_signature_lengths(void **state)
{
    (void)state;
    for (size_t len = 0; len < 20; len++) {
        struct pair p;
        struct pdu pdu;

        begin(&p, AUTH_TYPE_NTLM, AUTH_LEVEL_INTEGRITY);
        pdu_init(&pdu, 32, 7);
        assert_int_equal(send_pdu(p.client, &pdu), 0);
        pdu.signature_len = len;
        assert_int_equal(receive_pdu(p.server, &pdu), len == 16 ? 0 : AUTH_E_SIGNATURE);
        pair_deinit(&p);
    }
}

/* ---- Around it ---- */

static void test_clients_without_means(void **state)
{
    struct auth_client_config config = {.options = {.type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_PRIVACY}};
    struct writer out;
    struct auth *a;

    (void)state;
    writer_init(&out, 1000);
    assert_int_equal(auth_credentials_new(&config.credentials), 0);
    assert_int_equal(auth_client_new(&a, &config), AUTH_E_NO_CREDENTIALS);
    assert_null(a);
    config.options.type = AUTH_TYPE_SPNEGO;
    config.mechanisms = AUTH_NTLM;
    assert_int_equal(auth_client_new(&a, &config), 0);
    assert_int_equal(auth_step(a, NULL, 0, &out), AUTH_E_NO_CREDENTIALS);
    auth_free(a);
    config.options.level = AUTH_LEVEL_NONE;
    assert_int_equal(auth_client_new(&a, &config), -EINVAL);
    auth_credentials_unref(config.credentials);
    writer_deinit(&out);
}

static void test_names(void **state)
{
    static const struct {
        const char *name, *domain;
        const uint16_t *user, *in;
    } rows[] = {
        {"user", NULL, u"user", u""},
        {"DOM\\user", NULL, u"user", u"DOM"},
        {"DOM\\user", "OTHER", u"user", u"OTHER"},
        {"user@realm.test", NULL, u"user@realm.test", u""},
        {"user", "DOM", u"user", u"DOM"},
        {".\\user", NULL, u"user", u"."},
        {"", NULL, u"", u""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct auth_credentials *c;

        assert_int_equal(auth_credentials_new(&c), 0);
        assert_int_equal(auth_credentials_set_name_utf8(c, rows[i].name, rows[i].domain), 0);
        assert_utf16(auth_credentials_user(c), rows[i].user);
        assert_utf16(auth_credentials_domain(c), rows[i].in);
        assert_int_equal(auth_credentials_set_name_utf8(c, "\xff", NULL), -EINVAL);
        assert_int_equal(auth_credentials_set_password_utf8(c, "\xc0\x80"), -EINVAL);
        auth_credentials_unref(c);
    }
}

static void test_conditions(void **state)
{
    (void)state;
    for (int i = AUTH_CONTINUE; i < AUTH_CONDITION_END; i++) {
        assert_int_not_equal(auth_nt_status(i).v, 0);
        assert_int_not_equal(auth_net_status(i).v, 0);
        assert_true(strlen(auth_text(i)) > 10);
    }
    assert_int_equal(auth_net_status(AUTH_E_LOGON).v, 1326);
    assert_int_equal(auth_net_status(-ENOMEM).v, 8);
    assert_int_equal(auth_net_status(0).v, 0);
    assert_int_equal(auth_from_nt(NT(STATUS_LOGON_FAILURE)), AUTH_E_LOGON);
    assert_int_equal(auth_from_nt(NT(STATUS_WRONG_PASSWORD)), AUTH_E_LOGON);
    assert_int_equal(auth_from_nt(NT(STATUS_ACCOUNT_LOCKED_OUT)), AUTH_E_ACCOUNT_LOCKED);
    assert_int_equal(auth_from_nt(NT(STATUS_PASSWORD_MUST_CHANGE)), AUTH_E_PASSWORD_MUST_CHANGE);
    assert_int_equal(auth_from_nt(NT(STATUS_ACCESS_DENIED)), AUTH_E_REFUSED);
    assert_int_equal(auth_from_nt(NT(STATUS_INTERNAL_ERROR)), AUTH_E_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_combinations),
        cmocka_unit_test(test_peer),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_nt_hash_is_enough),
        cmocka_unit_test(test_ntlm_flips),
        cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_spnego_flips),
        cmocka_unit_test(test_message_flips),
        cmocka_unit_test(test_replay_and_gap),
        cmocka_unit_test(test_signature_lengths),
        cmocka_unit_test(test_clients_without_means),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_conditions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
