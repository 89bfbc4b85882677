/* SPDX-License-Identifier: MIT */
/* What is said of how a server is spoken to: what is refused, and what comes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include "netapi/credentials.h"
#include "smb/crypto.h"

#define SERVER u"\\\\FileServer"

static int forget(void **state)
{
    (void)state;
    netmgmt_set_server_options(NULL, NULL);
    netmgmt_set_server_options(SERVER, NULL);
    return 0;
}

static struct server_options options_of(LPCWSTR server)
{
    struct credentials c;

    assert_int_equal(credentials_for((const uint16_t *)server, &c).v, NERR_Success);
    credentials_release(&c);
    return c.options;
}

#define OPTIONS(server, ...)                                             \
    netmgmt_set_server_options(server, &(struct netmgmt_server_options){ \
                                           .size = sizeof(struct netmgmt_server_options), __VA_ARGS__})

static void test_options(void **state)
{
    char longest[SERVER_ADDRESS_LEN + 1];
    struct server_options o = options_of(SERVER);

    (void)state;
    assert_false(server_options_any(&o));
    assert_int_equal(OPTIONS(NULL, .encryption = NETMGMT_ENCRYPTION_REQUIRED, .port = 4450), NERR_Success);
    assert_int_equal(OPTIONS(SERVER, .address = "127.0.0.5", .transport = NETMGMT_TRANSPORT_TCP),
                     NERR_Success);
    o = options_of(u"FILESERVER");
    assert_string_equal(o.address, "127.0.0.5");
    assert_int_equal(o.transport, NETMGMT_TRANSPORT_TCP);
    assert_int_equal(o.encryption,
                     NETMGMT_ENCRYPTION_REQUIRED); /* as for all: an address takes nothing away */
    assert_int_equal(o.port, 4450);
    assert_int_equal(OPTIONS(SERVER, .encryption = NETMGMT_ENCRYPTION_OFF, .protection = 5), NERR_Success);
    o = options_of(SERVER);
    assert_string_equal(o.address, ""); /* set anew as a whole */
    assert_int_equal(o.encryption, NETMGMT_ENCRYPTION_OFF);
    assert_int_equal(o.protection, AUTH_LEVEL_INTEGRITY);
    assert_int_equal(options_of(u"other").encryption, NETMGMT_ENCRYPTION_REQUIRED);
    assert_int_equal(netmgmt_set_server_options(NULL, NULL), NERR_Success);
    o = options_of(u"other");
    assert_false(server_options_any(&o));

    memset(longest, 'x', sizeof(longest));
    longest[SERVER_ADDRESS_LEN] = '\0';
    assert_int_equal(OPTIONS(SERVER, .address = longest), ERROR_INVALID_PARAMETER);
    longest[SERVER_ADDRESS_LEN - 1] = '\0';
    assert_int_equal(OPTIONS(SERVER, .address = longest), NERR_Success);
    assert_int_equal(OPTIONS(SERVER, .address = ""), ERROR_INVALID_PARAMETER);
    assert_int_equal(OPTIONS(SERVER, .address = "a b"), ERROR_INVALID_PARAMETER);
    assert_int_equal(OPTIONS(SERVER, .address = "\\\\a"), ERROR_INVALID_PARAMETER);
    assert_int_equal(OPTIONS(NULL, .address = "a"), ERROR_INVALID_PARAMETER);
    assert_int_equal(OPTIONS(u"", .address = "a"), ERROR_INVALID_PARAMETER);
    assert_int_equal(OPTIONS(SERVER, .port = 65536), ERROR_INVALID_PARAMETER);
    assert_int_equal(OPTIONS(SERVER, .transport = 3), ERROR_INVALID_PARAMETER);
    assert_int_equal(OPTIONS(SERVER, .transport = -1), ERROR_INVALID_PARAMETER);
    assert_int_equal(OPTIONS(SERVER, .encryption = 4), ERROR_INVALID_PARAMETER);
    assert_int_equal(OPTIONS(SERVER, .encryption = -1), ERROR_INVALID_PARAMETER);
    for (int protection = -1; protection < 9; protection++)
        assert_int_equal(OPTIONS(SERVER, .protection = protection) == NERR_Success,
                         protection == 0 || protection == 2 || protection == 5 || protection == 6);
}

/* Programs that were built against other versions of the header. */
static void test_size(void **state)
{
    struct {
        struct netmgmt_server_options known;
        uint64_t later;
    } o = {.known = {.transport = NETMGMT_TRANSPORT_TCP, .smb_min = 77}};
    const size_t first_len = offsetof(struct netmgmt_server_options, smb_min);

    (void)state;
    for (o.known.size = 0; o.known.size < first_len; o.known.size++)
        assert_int_equal(netmgmt_set_server_options(SERVER, &o.known), ERROR_INVALID_PARAMETER);
    assert_int_equal(netmgmt_set_server_options(SERVER, &o.known), NERR_Success); /* it ends before smb_min */
    assert_int_equal(options_of(SERVER).transport, NETMGMT_TRANSPORT_TCP);
    o.known.size = sizeof(o.known);
    assert_int_equal(netmgmt_set_server_options(SERVER, &o.known), ERROR_INVALID_PARAMETER);
    o.known.smb_min = 0;
    o.known.size = sizeof(o);
    assert_int_equal(netmgmt_set_server_options(SERVER, &o.known), NERR_Success);
    o.later = 1;
    assert_int_equal(netmgmt_set_server_options(SERVER, &o.known), ERROR_NOT_SUPPORTED);
    o.known.size = SIZE_MAX;
    assert_int_equal(netmgmt_set_server_options(SERVER, &o.known), ERROR_INVALID_PARAMETER);
}

/* What SMB may agree about. */
static void test_smb(void **state)
{
    struct smb_config config = {0};
    struct server_options o;

    (void)state;
    assert_int_equal(OPTIONS(SERVER, .smb_min = NETMGMT_SMB_3_0, .smb_max = NETMGMT_SMB_3_1_1,
                             .signing = NETMGMT_SIGNING_AES_CMAC | NETMGMT_SIGNING_AES_GMAC),
                     NERR_Success);
    o = options_of(SERVER);
    assert_int_equal(o.transport, NETMGMT_TRANSPORT_PIPE); /* not TCP behind our back */
    assert_int_equal(o.encryption, 0);
    assert_true(server_options_smb(&o, &config));
    assert_int_equal(config.encryption, SMB_ENCRYPT_IF_OFFERED);
    assert_int_equal(config.min_dialect, SMB_3_0);
    assert_int_equal(config.max_dialect, SMB_3_1_1);
    assert_int_equal(config.ciphers, 0);
    assert_int_equal(config.signings, SMB_SIGNING_SET(SMB_SIGN_CMAC) | SMB_SIGNING_SET(SMB_SIGN_GMAC));

    /* who names ciphers means that it is encrypted */
    assert_int_equal(OPTIONS(SERVER, .ciphers = NETMGMT_CIPHER_AES256_GCM | NETMGMT_CIPHER_AES256_CCM),
                     NERR_Success);
    o = options_of(SERVER);
    assert_true(server_options_smb(&o, &config));
    assert_int_equal(config.encryption, SMB_ENCRYPT_REQUIRED);
    assert_int_equal(config.ciphers, SMB_CIPHER_SET(SMB_AES256_GCM) | SMB_CIPHER_SET(SMB_AES256_CCM));
    assert_int_equal(
        OPTIONS(SERVER, .ciphers = NETMGMT_CIPHER_AES128_GCM, .encryption = NETMGMT_ENCRYPTION_OFFERED),
        NERR_Success);
    o = options_of(SERVER);
    assert_true(server_options_smb(&o, &config));
    assert_int_equal(config.encryption, SMB_ENCRYPT_IF_OFFERED);
    assert_int_equal(config.ciphers, SMB_CIPHER_SET(SMB_AES128_GCM));
}

static void test_smb_refused(void **state)
{
    static const struct netmgmt_server_options refused[] = {
        {.smb_min = 1},
        {.smb_min = 0x02FF}, /* of multi-protocol negotiation, no dialect */
        {.smb_max = 0x0310},
        {.smb_max = 0x10202},
        {.ciphers = 16},
        {.ciphers = UINT32_MAX},
        {.signing = 8},
        {.smb_min = NETMGMT_SMB_3_0, .smb_max = NETMGMT_SMB_2_1},
        {.smb_min = NETMGMT_SMB_3_0, .transport = NETMGMT_TRANSPORT_TCP},
        {.smb_max = NETMGMT_SMB_3_0, .transport = NETMGMT_TRANSPORT_TCP},
        {.ciphers = NETMGMT_CIPHER_AES256_GCM, .transport = NETMGMT_TRANSPORT_TCP},
        {.signing = NETMGMT_SIGNING_AES_GMAC, .transport = NETMGMT_TRANSPORT_TCP},
        {.ciphers = NETMGMT_CIPHER_AES256_GCM, .encryption = NETMGMT_ENCRYPTION_OFF},
        {.ciphers = NETMGMT_CIPHER_AES256_GCM, .smb_max = NETMGMT_SMB_3_0_2},
        {.encryption = NETMGMT_ENCRYPTION_REQUIRED, .smb_max = NETMGMT_SMB_2_1},
        {.signing = NETMGMT_SIGNING_AES_GMAC, .smb_max = NETMGMT_SMB_3_0_2},
        {.signing = NETMGMT_SIGNING_HMAC_SHA256, .smb_min = NETMGMT_SMB_3_0, .smb_max = NETMGMT_SMB_3_0_2},
        {.signing = NETMGMT_SIGNING_AES_CMAC, .smb_max = NETMGMT_SMB_2_1},
    };
    struct server_options before;

    (void)state;
    assert_int_equal(OPTIONS(SERVER, .smb_min = NETMGMT_SMB_2_1), NERR_Success);
    before = options_of(SERVER);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct netmgmt_server_options o = refused[i];
        struct server_options after;

        o.size = sizeof(o);
        if (netmgmt_set_server_options(SERVER, &o) != ERROR_INVALID_PARAMETER)
            fail_msg("case %zu", i);
        after = options_of(SERVER);
        assert_true(server_options_same(&before, &after));
    }
}

/* What was said of a server, of all, and by NetUseAdd comes together. */
static void test_smb_joined(void **state)
{
    struct smb_config config = {0};
    struct server_options o;

    (void)state;
    /* one that knows SMB only among those that are reached over TCP, and the other way round */
    assert_int_equal(OPTIONS(NULL, .transport = NETMGMT_TRANSPORT_TCP), NERR_Success);
    assert_int_equal(OPTIONS(SERVER, .smb_min = NETMGMT_SMB_3_1_1), NERR_Success);
    assert_int_equal(options_of(SERVER).transport, NETMGMT_TRANSPORT_PIPE);
    assert_int_equal(OPTIONS(NULL, .ciphers = NETMGMT_CIPHER_AES256_GCM), NERR_Success);
    assert_int_equal(OPTIONS(SERVER, .transport = NETMGMT_TRANSPORT_TCP), NERR_Success);
    assert_int_equal(options_of(SERVER).transport, NETMGMT_TRANSPORT_TCP);
    assert_int_equal(options_of(u"other").encryption, NETMGMT_ENCRYPTION_REQUIRED);
    /* an old server, by itself, does without; but not when only half of it was said */
    assert_int_equal(OPTIONS(SERVER, .smb_max = NETMGMT_SMB_2_1, .encryption = NETMGMT_ENCRYPTION_OFF),
                     NERR_Success);
    o = options_of(SERVER);
    assert_true(server_options_smb(&o, &config));
    assert_int_equal(config.max_dialect, SMB_2_1);
    assert_int_equal(OPTIONS(SERVER, .smb_max = NETMGMT_SMB_2_1), NERR_Success);
    o = options_of(SERVER);
    assert_false(server_options_smb(&o, &config));
    o = options_of(u"other");
    assert_true(server_options_smb(&o, &config));
    assert_int_equal(config.ciphers, SMB_CIPHER_SET(SMB_AES256_GCM));
}

/* A connection that was made under other options serves nobody. */
static void test_same(void **state)
{
    static const struct server_options others[] = {
        {.address = "::1"},   {.port = 1},          {.transport = 1}, {.protection = 5}, {.encryption = 1},
        {.smb_min = SMB_3_0}, {.smb_max = SMB_3_0}, {.ciphers = 1},   {.signing = 1},
    };
    struct credentials a = {.number = 7}, b = {.number = 7};

    (void)state;
    assert_true(credentials_same(&a, &b));
    assert_false(server_options_any(&a.options));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        b.options = others[i];
        assert_false(credentials_same(&a, &b));
        assert_true(server_options_any(&b.options));
        a.options = others[i];
        assert_true(credentials_same(&a, &b));
        a.options = (struct server_options){0};
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_options, forget),
        cmocka_unit_test_teardown(test_size, forget),
        cmocka_unit_test_teardown(test_smb, forget),
        cmocka_unit_test_teardown(test_smb_refused, forget),
        cmocka_unit_test_teardown(test_smb_joined, forget),
        cmocka_unit_test(test_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
