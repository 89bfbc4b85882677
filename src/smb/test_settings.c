/* SPDX-License-Identifier: MIT */
/* What may be used of SMB: what is offered because of settings, and servers that do not comply. */
#include <errno.h>

#include "smb/test_pair.h"

#define CIPHERS(a) SMB_CIPHER_SET(SMB_AES##a)
#define SIGNINGS(a) SMB_SIGNING_SET(SMB_SIGN_##a)

/* Settings, and what is offered to the server because of them. */
static void settings_restrict_what_is_offered(void **state)
{
    static const struct {
        struct smb_config config;
        uint16_t dialects[6], ciphers[5], signings[4]; /* ended by 0; signings by 0xFFFF */
    } cases[] = {
        {{0}, {SMB_2_0_2, SMB_2_1, SMB_3_0, SMB_3_0_2, SMB_3_1_1}, {4, 2, 3, 1}, {2, 1, 0xFFFF}},
        {{.min_dialect = SMB_3_0}, {SMB_3_0, SMB_3_0_2, SMB_3_1_1}, {4, 2, 3, 1}, {2, 1, 0xFFFF}},
        {{.max_dialect = SMB_2_1}, {SMB_2_0_2, SMB_2_1}, {0}, {0xFFFF}},
        {{.min_dialect = SMB_2_1, .max_dialect = SMB_2_1}, {SMB_2_1}, {0}, {0xFFFF}},
        /* encryption is required: no dialect is offered that cannot */
        {{.encryption = SMB_ENCRYPT_REQUIRED}, {SMB_3_0, SMB_3_0_2, SMB_3_1_1}, {4, 2, 3, 1}, {2, 1, 0xFFFF}},
        {{.encryption = SMB_ENCRYPT_REQUIRED, .ciphers = CIPHERS(256_GCM) | CIPHERS(256_CCM)},
         {SMB_3_1_1},
         {4, 3},
         {2, 1, 0xFFFF}},
        {{.encryption = SMB_ENCRYPT_NEVER},
         {SMB_2_0_2, SMB_2_1, SMB_3_0, SMB_3_0_2, SMB_3_1_1},
         {0},
         {2, 1, 0xFFFF}},
        {{.ciphers = CIPHERS(128_CCM)},
         {SMB_2_0_2, SMB_2_1, SMB_3_0, SMB_3_0_2, SMB_3_1_1},
         {1},
         {2, 1, 0xFFFF}},
        {{.signings = SIGNINGS(GMAC)}, {SMB_3_1_1}, {4, 2, 3, 1}, {2, 0xFFFF}},
        {{.signings = SIGNINGS(CMAC)}, {SMB_3_0, SMB_3_0_2, SMB_3_1_1}, {4, 2, 3, 1}, {1, 0xFFFF}},
        {{.signings = SIGNINGS(HMAC)}, {SMB_2_0_2, SMB_2_1, SMB_3_1_1}, {4, 2, 3, 1}, {0, 0xFFFF}},
        {{.signings = SIGNINGS(HMAC) | SIGNINGS(GMAC)},
         {SMB_2_0_2, SMB_2_1, SMB_3_1_1},
         {4, 2, 3, 1},
         {2, 0, 0xFFFF}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct test_peer_offer *offer;
        unsigned dialects = 0, ciphers = 0, signings = 0;
        struct pair x;

        config = cases[i].config;
        config.server = "peer";
        open_pair(&x, SMB_2_1, 0, 0, "Passw0rd");
        assert_int_equal(run(&x, 4096), 0);
        offer = &x.peer.offer;
        for (; cases[i].dialects[dialects]; dialects++)
            assert_int_equal(offer->dialects[dialects], cases[i].dialects[dialects]);
        assert_int_equal(offer->dialect_count, dialects);
        for (; cases[i].ciphers[ciphers]; ciphers++)
            assert_int_equal(offer->ciphers[ciphers], cases[i].ciphers[ciphers]);
        assert_int_equal(offer->cipher_count, ciphers);
        for (; cases[i].signings[signings] != 0xFFFF; signings++)
            assert_int_equal(offer->signings[signings], cases[i].signings[signings]);
        assert_int_equal(offer->signing_count, signings);
        close_pair(&x);
    }
    config = (struct smb_config){.server = "peer"};
}

/* A server that has none of what may be used: which, and that nothing came of it. */
static void servers_outside_of_the_settings_are_refused(void **state)
{
    static const struct {
        struct smb_config config;
        uint16_t dialect, cipher, signing; /* what the server has */
        enum smb_disagreement about;       /* SMB_AGREED: it is good enough */
    } cases[] = {
        {{.min_dialect = SMB_3_0}, SMB_2_1, 0, 0, SMB_NO_DIALECT},
        {{.max_dialect = SMB_3_0_2}, SMB_3_1_1, 2, 2, SMB_NO_DIALECT},
        {{.max_dialect = SMB_3_0_2}, SMB_3_0_2, 1, 0, SMB_AGREED},
        {{.signings = SIGNINGS(CMAC)}, SMB_2_1, 0, 0, SMB_NO_DIALECT},
        {{.signings = SIGNINGS(GMAC)}, SMB_3_1_1, 2, 1, SMB_NO_SIGNING},
        {{.signings = SIGNINGS(GMAC)}, SMB_3_1_1, 2, 2, SMB_AGREED},
        {{.encryption = SMB_ENCRYPT_REQUIRED}, SMB_2_1, 0, 0, SMB_NO_DIALECT},
        {{.encryption = SMB_ENCRYPT_REQUIRED}, SMB_3_0, 0, 0, SMB_NO_ENCRYPTION},
        {{.encryption = SMB_ENCRYPT_REQUIRED}, SMB_3_1_1, 0, 2, SMB_NO_ENCRYPTION},
        {{.encryption = SMB_ENCRYPT_REQUIRED, .ciphers = CIPHERS(256_GCM)}, SMB_3_1_1, 2, 2, SMB_NO_CIPHER},
        {{.encryption = SMB_ENCRYPT_REQUIRED, .ciphers = CIPHERS(256_GCM)}, SMB_3_1_1, 4, 2, SMB_AGREED},
        {{.ciphers = CIPHERS(256_GCM)}, SMB_3_1_1, 2, 2, SMB_AGREED}, /* without encryption */
        {{.ciphers = CIPHERS(256_GCM)}, SMB_3_0, 1, 0, SMB_AGREED},
        {{.encryption = SMB_ENCRYPT_NEVER}, SMB_3_0, 1, 0, SMB_AGREED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pair x;

        config = cases[i].config;
        config.server = "peer";
        open_pair(&x, cases[i].dialect, cases[i].cipher, cases[i].signing, "Passw0rd");
        assert_int_equal(run(&x, 4096), 0);
        assert_int_equal(smb_client_info(x.client)->disagreement, cases[i].about);
        assert_int_equal(x.events[SMB_EVENT_READY], cases[i].about == SMB_AGREED);
        assert_int_equal(x.events[SMB_EVENT_FAILED], cases[i].about != SMB_AGREED);
        if (cases[i].about) {
            assert_true(nt_is(x.last.status, NT_STATUS_NOT_SUPPORTED));
            assert_int_equal(x.peer.commands[SMB_SESSION_SETUP], 0); /* it did not even learn who we are */
        }
        if (config.ciphers && config.encryption != SMB_ENCRYPT_REQUIRED)
            assert_int_equal(smb_client_info(x.client)->cipher, 0);
        close_pair(&x);
    }
    config = (struct smb_config){.server = "peer"};
}

/* A choice that was not offered is no choice: somebody is at work between us. */
static void choices_not_offered_are_refused(void **state)
{
    static const struct {
        struct smb_config config;
        uint16_t dialect, cipher, signing;
    } cases[] = {
        {{.min_dialect = SMB_3_0}, SMB_2_1, 0, 0},
        {{.max_dialect = SMB_3_0}, SMB_3_0_2, 0, 0},
        {{.signings = SIGNINGS(CMAC)}, SMB_3_1_1, 2, 2},
        {{0}, SMB_3_1_1, 2, 0},
        {{.ciphers = CIPHERS(256_GCM)}, SMB_3_1_1, 2, 2},
        {{0}, SMB_3_1_1, 5, 2},
        {{0}, SMB_3_1_1, 33, 2},
        {{.encryption = SMB_ENCRYPT_NEVER}, SMB_3_1_1, 2, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pair x;

        config = cases[i].config;
        config.server = "peer";
        open_pair(&x, cases[i].dialect, cases[i].cipher, cases[i].signing, "Passw0rd");
        x.peer.stubborn = true;
        assert_int_equal(run(&x, 4096), SMB_E_PROTOCOL);
        assert_int_equal(x.events[SMB_EVENT_READY], 0);
        close_pair(&x);
    }
    config = (struct smb_config){.server = "peer"};
}

static void settings_that_allow_nothing(void **state)
{
    static const struct smb_config nothing[] = {
        {.min_dialect = SMB_3_0, .max_dialect = SMB_2_1},
        {.max_dialect = SMB_3_0_2, .signings = SIGNINGS(GMAC)},
        {.min_dialect = SMB_3_0, .max_dialect = SMB_3_0_2, .signings = SIGNINGS(HMAC)},
        {.max_dialect = SMB_2_1, .encryption = SMB_ENCRYPT_REQUIRED},
        {.max_dialect = SMB_3_0_2, .encryption = SMB_ENCRYPT_REQUIRED, .ciphers = CIPHERS(256_GCM)},
    };
    uint16_t dialects[SMB_DIALECTS_MAX];
    struct smb_client *client;

    (void)state;
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
        struct smb_config c = nothing[i];

        assert_int_equal(smb_config_dialects(&c, dialects), 0);
        c.server = "peer";
        assert_int_equal(smb_client_new(&client, &c), -EINVAL);
        assert_null(client);
    }
}

/* An anonymous session has no key to encrypt with. */
static void required_encryption_is_not_for_anonymous(void **state)
{
    struct pair x;

    (void)state;
    config.encryption = SMB_ENCRYPT_REQUIRED;
    config.anonymous = true;
    open_pair(&x, SMB_3_1_1, SMB_AES128_GCM, SMB_SIGN_GMAC, "Passw0rd");
    x.peer.session_flags = SMB_SESSION_NULL;
    assert_int_equal(run(&x, 4096), 0);
    assert_int_equal(x.last.type, SMB_EVENT_FAILED);
    assert_int_equal(smb_client_info(x.client)->disagreement, SMB_NO_KEY);
    assert_int_equal(x.peer.commands[SMB_TREE_CONNECT], 0);
    close_pair(&x);
    config.encryption = SMB_ENCRYPT_IF_OFFERED;
    config.anonymous = false;
}

/* Servers need not say that a session is anonymous (Samba does not): one that protects nothing is. */
static void anonymous_sessions_may_be_unprotected(void **state)
{
    static const uint16_t dialects[] = {SMB_3_1_1, SMB_2_1};
    struct pair x;

    (void)state;
    for (int anonymous = 0; anonymous < 2; anonymous++)
        for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
            config.anonymous = anonymous;
            open_pair(&x, dialects[i], SMB_AES128_GCM, SMB_SIGN_GMAC, "Passw0rd");
            x.peer.unprotected = true;
            assert_int_equal(run(&x, 4096), anonymous ? 0 : SMB_E_PROTOCOL);
            assert_int_equal(x.events[SMB_EVENT_READY], anonymous);
            close_pair(&x);
        }
    config.anonymous = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_restrict_what_is_offered),
        cmocka_unit_test(servers_outside_of_the_settings_are_refused),
        cmocka_unit_test(choices_not_offered_are_refused),
        cmocka_unit_test(settings_that_allow_nothing),
        cmocka_unit_test(required_encryption_is_not_for_anonymous),
        cmocka_unit_test(anonymous_sessions_may_be_unprotected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
