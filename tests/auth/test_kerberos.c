/* SPDX-License-Identifier: MIT */
/*
 * Kerberos alone and inside SPNEGO against our own acceptor and a real KDC (kdc.sh): combinations, failures
 * of every kind, falling back to NTLM, hostile bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/test_pdu.h"
#include "base/utf16.h"

#define PASSWORD "Pa55w0rd"
#define HOST "host/server.example.test"

struct setup {
    enum auth_type type;
    enum auth_level level;
    bool dce_style;
    unsigned client_mechanisms, server_mechanisms; /* 0: Kerberos */
    const char *name, *password, *ccache, *keytab, *target;
    bool no_keytab, member; /* of a domain, not with accounts of its own */
    const uint16_t *dns_domain;
    const char *bindings, *server_bindings;
    bool require_bindings;
    struct auth_credentials *credentials; /* instead of the names */
};

struct pair {
    struct auth_credentials *credentials;
    struct auth_acceptor *acceptor;
    struct auth *client, *server;
    struct writer token[2];
    unsigned legs, leg; /* leg: whose bit is flipped */
    size_t bit;
    bool flip, done;
};

static int account(void *data, const uint16_t *user, const uint16_t *domain, struct auth_account *out)
{
    (void)data, (void)domain;
    if (utf16_casecmp(user, utf16_len(user), u"alice", 5) != 0 &&
        utf16_casecmp(user, utf16_len(user), u"admin", 5) != 0)
        return AUTH_E_NO_SUCH_USER;
    auth_nt_hash(u"" PASSWORD, 8, out->nt_hash);
    return 0;
}

static int pair_init(struct pair *p, const struct setup *s)
{
    const char *keytab = s->no_keytab ? "FILE:/nonexistent" : getenv("TEST_KEYTAB");
    struct auth_acceptor_config acceptor = {.mechanisms =
                                                s->server_mechanisms ? s->server_mechanisms : AUTH_KERBEROS,
                                            .account = account,
                                            .computer = u"SERVER",
                                            .domain = s->dns_domain ? u"OLDNAME" : u"EXAMPLE",
                                            .dns_domain = s->dns_domain,
                                            .domain_controller = s->member,
                                            .keytab = keytab,
                                            .require_bindings = s->require_bindings};
    struct auth_client_config client = {.options = {.type = s->type,
                                                    .level = s->level,
                                                    .dce_style = s->dce_style,
                                                    .bindings = s->bindings,
                                                    .bindings_len = s->bindings ? strlen(s->bindings) : 0},
                                        .target = s->target ? s->target : HOST,
                                        .mechanisms =
                                            s->client_mechanisms ? s->client_mechanisms : AUTH_KERBEROS};
    struct auth_options server = client.options;
    int r;

    *p = (struct pair){0};
    server.bindings = s->server_bindings;
    server.bindings_len = s->server_bindings ? strlen(s->server_bindings) : 0;
    writer_init(&p->token[0], 1 << 20);
    writer_init(&p->token[1], 1 << 20);
    if (s->credentials) {
        p->credentials = auth_credentials_ref(s->credentials);
    } else {
        assert_int_equal(auth_credentials_new(&p->credentials), 0);
        if (s->name)
            assert_int_equal(auth_credentials_set_name_utf8(p->credentials, s->name, NULL), 0);
        if (s->password)
            assert_int_equal(auth_credentials_set_password_utf8(p->credentials, s->password), 0);
        if (s->ccache)
            assert_int_equal(auth_credentials_set_ccache(p->credentials, s->ccache), 0);
        if (s->keytab)
            assert_int_equal(auth_credentials_set_keytab(p->credentials, s->keytab), 0);
    }
    client.credentials = p->credentials;
    assert_int_equal(auth_acceptor_new(&p->acceptor, &acceptor), 0);
    r = auth_client_new(&p->client, &client);
    return r ? r : auth_acceptor_context(&p->server, p->acceptor, &server);
}

static void pair_deinit(struct pair *p)
{
    auth_free(p->client);
    auth_free(p->server);
    auth_acceptor_free(p->acceptor);
    auth_credentials_unref(p->credentials);
    writer_deinit(&p->token[0]);
    writer_deinit(&p->token[1]);
}

static int pair_run(struct pair *p)
{
    struct auth *side[2] = {p->client, p->server};
    struct writer *in = NULL;

    for (unsigned turn = 0; turn < 20; turn++) {
        struct writer *out = &p->token[turn & 1];
        int r;

        writer_reset(out);
        r = auth_step(side[turn & 1], in ? in->data : NULL, in ? in->len : 0, out);
        if (r && r != AUTH_CONTINUE)
            return r;
        if (!out->len)
            return r || !auth_established(side[~turn & 1]) ? AUTH_CONTINUE : 0;
        if (p->flip && p->leg == turn) {
            if (p->bit >= out->len * 8)
                p->done = true;
            else
                out->data[p->bit / 8] ^= (uint8_t)(1u << p->bit % 8);
        }
        p->legs++;
        in = out;
    }
    return AUTH_CONTINUE;
}

static int run(struct pair *p, const struct setup *s)
{
    int r = pair_init(p, s);

    return r ? r : pair_run(p);
}

static void converse(struct pair *p, enum auth_level level)
{
    static const size_t lens[] = {
        [AUTH_LEVEL_CONNECT] = 0, [AUTH_LEVEL_INTEGRITY] = 28, [AUTH_LEVEL_PRIVACY] = 76};

    assert_converse(p->client, p->server, level, lens[level]);
}

static const enum auth_level levels[] = {AUTH_LEVEL_CONNECT, AUTH_LEVEL_INTEGRITY, AUTH_LEVEL_PRIVACY};
static struct auth_credentials *alice; /* her tickets are got once */

static void test_combinations(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * 2 * 3 * 2; i++) {
        enum auth_level level = levels[i / 4 % 3];
        struct setup s = {.type = i & 1 ? AUTH_TYPE_SPNEGO : AUTH_TYPE_KERBEROS,
                          .dce_style = i & 2,
                          .level = level,
                          .credentials = alice};
        const uint8_t *keys[2];
        size_t len[2];
        struct pair p;

        if (!s.dce_style && level == AUTH_LEVEL_PRIVACY)
            continue; /* RPC alone seals, and always in this style */
        assert_int_equal(run(&p, &s), 0);
        assert_int_equal(p.legs, !s.dce_style ? 2 : s.type == AUTH_TYPE_SPNEGO ? 4 : 3);
        keys[0] = auth_session_key(p.client, &len[0]);
        keys[1] = auth_session_key(p.server, &len[1]);
        assert_int_equal(len[0], 32);
        assert_int_equal(len[1], 32);
        assert_memory_equal(keys[0], keys[1], 32);
        auth_set_header_signing(p.client, i >= 12);
        auth_set_header_signing(p.server, i >= 12);
        converse(&p, level);
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
    struct setup s = {.type = AUTH_TYPE_SPNEGO,
                      .level = AUTH_LEVEL_CONNECT,
                      .ccache = getenv("TEST_CCACHE"),
                      .target = "cifs/server.example.test"};
    struct pair p;

    (void)state;
    assert_int_equal(run(&p, &s), 0);
    assert_true(auth_peer(p.server)->authenticated);
    assert_int_equal(auth_peer(p.server)->mechanism, AUTH_TYPE_KERBEROS);
    assert_utf16(auth_peer(p.server)->user, u"bob");
    assert_utf16(auth_peer(p.server)->domain, u"EXAMPLE.TEST");
    assert_utf16(auth_peer(p.server)->target, u"cifs/server.example.test@EXAMPLE.TEST");
    assert_int_equal(auth_peer(p.client)->mechanism, AUTH_TYPE_KERBEROS);
    pair_deinit(&p);
    s = (struct setup){.type = AUTH_TYPE_KERBEROS,
                       .level = AUTH_LEVEL_PRIVACY,
                       .dce_style = true,
                       .name = "carol@EXAMPLE.TEST",
                       .keytab = getenv("TEST_CLIENT_KEYTAB")};
    assert_int_equal(run(&p, &s), 0);
    assert_utf16(auth_peer(p.server)->user, u"carol");
    pair_deinit(&p);
}

static void test_results(void **state)
{
    static const struct {
        const char *what;
        struct setup setup;
        int result;
    } rows[] = {
        {"realm by name", {.name = "alice@EXAMPLE.TEST", .password = PASSWORD}, 0},
        {"realm in lower case", {.name = "alice@example.test", .password = PASSWORD}, 0},
        {"domain", {.name = "example.test\\alice", .password = PASSWORD}, 0},
        {"short domain", {.name = "EXAMPLE\\alice", .password = PASSWORD}, 0},
        {"no domain", {.name = "alice", .password = PASSWORD}, 0},
        {"foreign domain", {.name = "OTHER\\alice", .password = PASSWORD}, AUTH_E_NO_KDC},
        {"wrong password", {.name = "alice", .password = "wrong"}, AUTH_E_LOGON},
        {"unknown user", {.name = "nobody", .password = PASSWORD}, AUTH_E_NO_SUCH_USER},
        {"expired", {.name = "expired", .password = PASSWORD}, AUTH_E_PASSWORD_EXPIRED},
        {"disabled", {.name = "disabled", .password = PASSWORD}, AUTH_E_ACCOUNT_DISABLED},
        {"no KDC", {.name = "alice@UNREACHABLE.TEST", .password = PASSWORD}, AUTH_E_NO_KDC},
        {"no ticket", {0}, AUTH_E_NO_CREDENTIALS},
        {"no such cache", {.ccache = "FILE:/nonexistent"}, AUTH_E_NO_CREDENTIALS},
        {"unknown SPN",
         {.target = "host/unknown.example.test", .name = "alice", .password = PASSWORD},
         AUTH_E_UNKNOWN_TARGET},
        {"address",
         {.target = "host/127.0.0.1", .name = "alice", .password = PASSWORD},
         AUTH_E_UNKNOWN_TARGET},
        {"no SPN", {.target = "server", .name = "alice", .password = PASSWORD}, AUTH_E_UNKNOWN_TARGET},
        {"another server's ticket",
         {.target = "host/other.example.test", .name = "alice", .password = PASSWORD},
         AUTH_E_WRONG_TARGET},
        {"no keytab", {.no_keytab = true, .name = "alice", .password = PASSWORD}, AUTH_E_NO_KEYTAB},
        {"bound",
         {.bindings = "x:1",
          .server_bindings = "x:1",
          .require_bindings = true,
          .name = "alice",
          .password = PASSWORD},
         0},
        {"other channel",
         {.bindings = "x:1", .server_bindings = "x:2", .name = "alice", .password = PASSWORD},
         AUTH_E_BINDINGS},
        {"bindings missing",
         {.server_bindings = "x:2", .require_bindings = true, .name = "alice", .password = PASSWORD},
         AUTH_E_BINDINGS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct setup s = rows[i].setup;
        struct pair p;
        int r;

        s.type = AUTH_TYPE_KERBEROS;
        s.level = AUTH_LEVEL_PRIVACY;
        s.dce_style = true;
        r = run(&p, &s);
        if (r != rows[i].result)
            fail_msg("%s: %d (%s; %s | %s), not %d", rows[i].what, r, auth_text(r),
                     p.client ? auth_detail(p.client) : "", p.server ? auth_detail(p.server) : "",
                     rows[i].result);
        pair_deinit(&p);
    }
}

/* Kerberos is wished for, NTLM is what it comes to; or not, where it must not. */
static void test_fall_back(void **state)
{
    static const struct {
        const char *what;
        struct setup setup;
        int result;
        enum auth_type mechanism;
        unsigned legs;
    } rows[] = {
        {"both", {.name = "alice", .password = PASSWORD}, 0, AUTH_TYPE_KERBEROS, 4},
        {"unknown SPN",
         {.target = "host/u.example.test", .name = "alice", .password = PASSWORD},
         0,
         AUTH_TYPE_NTLM,
         4},
        {"address",
         {.target = "host/127.0.0.1", .name = "alice", .password = PASSWORD},
         0,
         AUTH_TYPE_NTLM,
         4},
        {"local account", {.name = "SERVER\\alice", .password = PASSWORD}, 0, AUTH_TYPE_NTLM, 4},
        {"wrong password", {.name = "alice", .password = "wrong"}, AUTH_E_LOGON, 0, 0},
        {"another password here", {.name = "admin", .password = PASSWORD}, 0, AUTH_TYPE_NTLM, 4},
        {"another password here, another domain",
         {.name = "admin", .password = PASSWORD, .member = true, .dns_domain = u"ample.test"},
         0,
         AUTH_TYPE_NTLM,
         4},
        {"another password, named", {.name = "EXAMPLE\\admin", .password = PASSWORD}, AUTH_E_LOGON, 0, 0},
        {"another password, UPN", {.name = "admin@example.test", .password = PASSWORD}, AUTH_E_LOGON, 0, 0},
        {"another password, server of the realm",
         {.name = "admin", .password = PASSWORD, .member = true},
         AUTH_E_LOGON,
         0,
         2},
        {"another password, by DNS",
         {.name = "admin", .password = PASSWORD, .member = true, .dns_domain = u"example.TEST"},
         AUTH_E_LOGON,
         0,
         2},
        {"another password, domain below",
         {.name = "admin", .password = PASSWORD, .member = true, .dns_domain = u"sub.example.test"},
         AUTH_E_LOGON,
         0,
         2},
        {"another password, domain above",
         {.name = "admin", .password = PASSWORD, .member = true, .dns_domain = u"test"},
         AUTH_E_LOGON,
         0,
         2},
        {"expired in the realm", {.name = "expired", .password = PASSWORD}, AUTH_E_LOGON, 0, 3},
        {"another password, required",
         {.client_mechanisms = AUTH_KERBEROS, .name = "admin", .password = PASSWORD},
         AUTH_E_LOGON,
         0,
         0},
        {"Kerberos required",
         {.client_mechanisms = AUTH_KERBEROS,
          .target = "host/127.0.0.1",
          .name = "alice",
          .password = PASSWORD},
         AUTH_E_UNKNOWN_TARGET,
         0,
         0},
        {"server without keytab",
         {.no_keytab = true, .name = "alice", .password = PASSWORD},
         0,
         AUTH_TYPE_NTLM,
         6},
        {"server without Kerberos",
         {.server_mechanisms = AUTH_NTLM, .name = "alice", .password = PASSWORD},
         0,
         AUTH_TYPE_NTLM,
         6},
        {"nothing in common",
         {.server_mechanisms = AUTH_NTLM,
          .client_mechanisms = AUTH_KERBEROS,
          .name = "alice",
          .password = PASSWORD},
         AUTH_E_MECHANISM,
         0,
         0},
        {"ticket only", {.no_keytab = true, .ccache = "TEST_CCACHE"}, AUTH_E_NO_KEYTAB, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct setup s = rows[i].setup;
        struct pair p;
        int r;

        s.type = AUTH_TYPE_SPNEGO;
        s.level = AUTH_LEVEL_PRIVACY;
        s.dce_style = true;
        if (s.ccache)
            s.ccache = getenv(s.ccache);
        if (!s.client_mechanisms)
            s.client_mechanisms = AUTH_KERBEROS | AUTH_NTLM;
        if (!s.server_mechanisms)
            s.server_mechanisms = AUTH_KERBEROS | AUTH_NTLM;
        r = run(&p, &s);
        if (r != rows[i].result || ((!r || rows[i].legs) && p.legs != rows[i].legs))
            fail_msg("%s: %d (%s; %s | %s) after %u", rows[i].what, r, auth_text(r), auth_detail(p.client),
                     auth_detail(p.server), p.legs);
        if (!r) {
            struct pdu pdu;

            assert_int_equal(auth_peer(p.client)->mechanism, rows[i].mechanism);
            assert_int_equal(auth_peer(p.server)->mechanism, rows[i].mechanism);
            assert_true(auth_peer(p.server)->authenticated);
            for (unsigned j = 0; j < 4; j++) {
                pdu_init(&pdu, 32, 9);
                assert_int_equal(send_pdu(j & 1 ? p.server : p.client, &pdu), 0);
                assert_int_equal(receive_pdu(j & 1 ? p.client : p.server, &pdu), 0);
            }
        }
        pair_deinit(&p);
    }
}

/* The server's hint, as in SMB: what it does not list is not tried. And a bare token in the place of
 * SPNEGO's. */
static void test_hint_and_raw(void **state)
{
    struct setup s = {.type = AUTH_TYPE_SPNEGO,
                      .level = AUTH_LEVEL_CONNECT,
                      .credentials = alice,
                      .client_mechanisms = AUTH_KERBEROS | AUTH_NTLM,
                      .server_mechanisms = AUTH_NTLM};
    struct auth_client_config raw = {.options = {.type = AUTH_TYPE_KERBEROS, .level = AUTH_LEVEL_CONNECT},
                                     .credentials = alice,
                                     .target = HOST};
    struct auth *client;
    struct writer hint;
    struct pair p;
    int r;

    (void)state;
    writer_init(&hint, 1000);
    assert_int_equal(pair_init(&p, &s), 0);
    assert_int_equal(auth_acceptor_hint(p.acceptor, &hint), 0);
    assert_int_equal(auth_step(p.client, hint.data, hint.len, &p.token[0]), AUTH_CONTINUE);
    assert_int_equal(auth_step(p.server, p.token[0].data, p.token[0].len, &p.token[1]), AUTH_CONTINUE);
    assert_int_equal(auth_peer(p.client)->mechanism, AUTH_TYPE_NONE);
    writer_reset(&p.token[0]);
    assert_int_equal(auth_step(p.client, p.token[1].data, p.token[1].len, &p.token[0]), AUTH_CONTINUE);
    assert_int_equal(auth_peer(p.client)->mechanism, AUTH_TYPE_NTLM);
    pair_deinit(&p);
    writer_deinit(&hint);

    s.server_mechanisms = AUTH_KERBEROS;
    assert_int_equal(pair_init(&p, &s), 0);
    assert_int_equal(auth_client_new(&client, &raw), 0);
    assert_int_equal(auth_step(client, NULL, 0, &p.token[0]), AUTH_CONTINUE);
    assert_int_equal(auth_step(p.server, p.token[0].data, p.token[0].len, &p.token[1]), 0);
    r = auth_step(client, p.token[1].data, p.token[1].len, &p.token[0]);
    assert_int_equal(r, 0);
    auth_free(client);
    pair_deinit(&p);
}

/* A server's KRB-ERROR for clocks that are too far apart, framed as Samba sends it in DCE style or bare: the
 * client says what it says, and a cut one is no more than a bad token. */
static void test_error_token(void **state)
{
    static const uint8_t frame[] = {0x60, 0, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2, 3, 0};
    static const uint8_t error[] = {
        0x7E, 0x3E, 0x30, 0x3C, 0xA0, 0x03, 0x02, 0x01, 0x05, 0xA1, 0x03, 0x02, 0x01, 0x1E, 0xA4, 0x11,
        0x18, 0x0F, 0x32, 0x30, 0x32, 0x36, 0x30, 0x31, 0x30, 0x31, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30,
        0x5A, 0xA5, 0x03, 0x02, 0x01, 0x00, 0xA6, 0x03, 0x02, 0x01, 0x25, 0xA9, 0x03, 0x1B, 0x01, 0x52,
        0xAA, 0x0E, 0x30, 0x0C, 0xA0, 0x03, 0x02, 0x01, 0x01, 0xA1, 0x05, 0x30, 0x03, 0x1B, 0x01, 0x73};

    (void)state;
    for (unsigned framed = 0; framed < 2; framed++)
        for (size_t cut = 0; cut < 3; cut++) {
            struct setup s = {.type = AUTH_TYPE_KERBEROS,
                              .level = AUTH_LEVEL_PRIVACY,
                              .dce_style = true,
                              .credentials = alice};
            uint8_t token[sizeof(frame) + sizeof(error)];
            size_t len = framed ? sizeof(frame) : 0;
            struct pair p;

            memcpy(token, frame, sizeof(frame));
            memcpy(token + len, error, sizeof(error));
            len += sizeof(error);
            if (framed)
                token[1] = (uint8_t)(len - 2);
            assert_int_equal(pair_init(&p, &s), 0);
            assert_int_equal(auth_step(p.client, NULL, 0, &p.token[0]), AUTH_CONTINUE);
            assert_int_equal(auth_step(p.client, token, len - cut * sizeof(error) / 3, &p.token[0]),
                             cut ? AUTH_E_TOKEN : AUTH_E_CLOCK_SKEW);
            if (!cut)
                assert_non_null(strstr(auth_detail(p.client), "skew"));
            pair_deinit(&p);
        }
}

static void test_message_flips(void **state)
{
    (void)state;
    for (unsigned level = 1; level < 3; level++)
        for (size_t bit = 0, end = 1; bit < end; bit += 13) {
            struct setup s = {
                .type = AUTH_TYPE_KERBEROS, .level = levels[level], .dce_style = true, .credentials = alice};
            struct pair p;
            struct pdu pdu;

            assert_int_equal(run(&p, &s), 0);
            auth_set_header_signing(p.client, true);
            auth_set_header_signing(p.server, true);
            pdu_init(&pdu, 32, 7);
            assert_int_equal(send_pdu(p.client, &pdu), 0);
            end = (24 + 32 + 8 + pdu.signature_len) * 8;
            pdu.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (receive_pdu(p.server, &pdu) != AUTH_E_SIGNATURE)
                fail_msg("level %d, bit %zu", levels[level], bit);
            pair_deinit(&p);
        }
}

static void test_replay_and_gap(void **state)
{
    (void)state;
    for (unsigned level = 1; level < 3; level++) {
        struct setup s = {
            .type = AUTH_TYPE_SPNEGO, .level = levels[level], .dce_style = true, .credentials = alice};
        struct pdu first, copy;
        struct pair p;

        assert_int_equal(run(&p, &s), 0);
        pdu_init(&first, 32, 7);
        pdu_init(&copy, 32, 7);
        assert_int_equal(send_pdu(p.client, &first), 0);
        memcpy(copy.bytes, first.bytes, sizeof(copy.bytes));
        copy.signature_len = first.signature_len;
        assert_int_equal(receive_pdu(p.server, &first), 0);
        assert_int_equal(receive_pdu(p.server, &copy), AUTH_E_SIGNATURE);
        pair_deinit(&p);
        assert_int_equal(run(&p, &s), 0);
        assert_int_equal(send_pdu(p.client, &first), 0);
        pdu_init(&copy, 32, 7);
        assert_int_equal(send_pdu(p.client, &copy), 0);
        assert_int_equal(receive_pdu(p.server, &copy), AUTH_E_SIGNATURE);
        pair_deinit(&p);
    }
}

/* Header and trailer are signed when both sides say so; a side that does not agree is found out. */
static void test_header_signing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct setup s = {.type = AUTH_TYPE_KERBEROS,
                          .level = i & 4 ? AUTH_LEVEL_PRIVACY : AUTH_LEVEL_INTEGRITY,
                          .dce_style = true,
                          .credentials = alice};
        struct pair p;
        struct pdu pdu;

        assert_int_equal(run(&p, &s), 0);
        auth_set_header_signing(p.client, i & 1);
        auth_set_header_signing(p.server, i & 2);
        pdu_init(&pdu, 32, 7);
        assert_int_equal(send_pdu(p.client, &pdu), 0);
        if (i % 4 == 0)
            pdu.bytes[3] ^= 1; /* nobody looks */
        assert_int_equal(receive_pdu(p.server, &pdu), i % 4 == 0 || i % 4 == 3 ? 0 : AUTH_E_SIGNATURE);
        pair_deinit(&p);
    }
}

/* A user whom the KDC locks after two wrong passwords: credentials try theirs once, whatever is done with
 * them, so that the right one is still good. */
static void test_lockout(void **state)
{
    struct setup s = {.type = AUTH_TYPE_SPNEGO,
                      .level = AUTH_LEVEL_PRIVACY,
                      .dce_style = true,
                      .client_mechanisms = AUTH_KERBEROS | AUTH_NTLM,
                      .server_mechanisms = AUTH_KERBEROS | AUTH_NTLM};
    struct pair p;

    (void)state;
    assert_int_equal(auth_credentials_new(&s.credentials), 0);
    assert_int_equal(auth_credentials_set_name_utf8(s.credentials, "watched", NULL), 0);
    assert_int_equal(auth_credentials_set_password_utf8(s.credentials, "wrong"), 0);
    for (int i = 0; i < 6; i++) {
        s.member = i % 2;
        assert_int_equal(run(&p, &s), AUTH_E_LOGON);
        assert_int_equal(*auth_peer(p.server)->user == 0, s.member); /* a server of the realm was not asked */
        pair_deinit(&p);
    }
    auth_credentials_unref(s.credentials);
    s.credentials = NULL;
    s.name = "watched";
    s.password = PASSWORD;
    s.client_mechanisms = AUTH_KERBEROS;
    assert_int_equal(run(&p, &s), 0);
    pair_deinit(&p);
}

/* A sample of all bits of all tokens: refused, or of no meaning (both sides then have one key). */
static void test_token_flips(void **state)
{
    (void)state;
    for (unsigned leg = 0; leg < 4; leg++)
        for (size_t bit = 0;; bit += 61) {
            struct setup s = {.type = AUTH_TYPE_SPNEGO,
                              .level = AUTH_LEVEL_PRIVACY,
                              .dce_style = true,
                              .credentials = alice};
            bool done;
            struct pair p;

            assert_int_equal(pair_init(&p, &s), 0);
            p.flip = true;
            p.leg = leg;
            p.bit = bit;
            pair_run(&p);
            if (auth_established(p.client) && auth_established(p.server)) {
                const uint8_t *keys[2];
                size_t len[2];

                keys[0] = auth_session_key(p.client, &len[0]);
                keys[1] = auth_session_key(p.server, &len[1]);
                assert_int_equal(len[0], len[1]);
                assert_memory_equal(keys[0], keys[1], len[0]);
            }
            done = p.done;
            pair_deinit(&p);
            if (done)
                break;
        }
}

static void *many(void *result)
{
    for (int i = 0; i < 10; i++) {
        struct setup s = {
            .type = AUTH_TYPE_KERBEROS, .level = levels[i % 3], .dce_style = true, .credentials = alice};
        struct pair p;
        int r = run(&p, &s);

        if (r)
            *(int *)result = r;
        pair_deinit(&p);
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[4];
    int results[4] = {0};

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, many, &results[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(results[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_combinations),   cmocka_unit_test(test_peer),
        cmocka_unit_test(test_results),        cmocka_unit_test(test_fall_back),
        cmocka_unit_test(test_hint_and_raw),   cmocka_unit_test(test_message_flips),
        cmocka_unit_test(test_replay_and_gap), cmocka_unit_test(test_token_flips),
        cmocka_unit_test(test_threads),        cmocka_unit_test(test_header_signing),
        cmocka_unit_test(test_error_token),    cmocka_unit_test(test_lockout),
    };
    int failed;

    if (!getenv("TEST_KEYTAB"))
        return 77; /* kdc.sh runs it */
    if (auth_credentials_new(&alice) || auth_credentials_set_name_utf8(alice, "alice@EXAMPLE.TEST", NULL) ||
        auth_credentials_set_password_utf8(alice, PASSWORD))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    auth_credentials_unref(alice);
    return failed;
}
