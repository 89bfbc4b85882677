/* SPDX-License-Identifier: MIT */
/*
 * Sessions with real Samba: every dialect, signing algorithm and cipher, with NTLM and Kerberos, does real
 * work; what was agreed is what was asked for; and each kind of refusal has its status. Argument: "files" or
 * "dc".
 */
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool dc;

static struct wire_login admin(void)
{
    return dc ? wire_login_dc() : wire_login_files();
}

static const struct choice {
    uint16_t dialect, signing, cipher; /* what smb_info must say */
} choices[] = {
    {SMB_2_0_2, 0, 0}, {SMB_2_1, 0, 0},   {SMB_3_0, 1, 0},   {SMB_3_0, 1, 1},   {SMB_3_0_2, 1, 0},
    {SMB_3_0_2, 1, 1}, {SMB_3_1_1, 1, 0}, {SMB_3_1_1, 2, 0}, {SMB_3_1_1, 1, 1}, {SMB_3_1_1, 1, 2},
    {SMB_3_1_1, 2, 3}, {SMB_3_1_1, 2, 4}, {SMB_3_1_1, 0, 0}, {SMB_3_1_1, 0, 4},
};

static void check_choices(unsigned mechanisms, const char *password, const char *ccache)
{
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        const struct choice *c = &choices[i];
        struct wire_login login = admin();
        const struct smb_info *info;
        struct wire w;
        int r;

        login.mechanisms = mechanisms;
        login.password = password;
        login.ccache = ccache;
        if (!password)
            login.user = login.domain = NULL;
        login.dialect = c->dialect;
        login.cipher = c->cipher;
        login.signing = c->signing;
        login.any_signing = false;
        login.encryption = c->cipher ? SMB_ENCRYPT_REQUIRED : SMB_ENCRYPT_NEVER;
        r = wire_open(&w, &login);
        if (r)
            fail_msg("dialect %x signing %d cipher %d: %s, %08x", c->dialect, c->signing, c->cipher,
                     strerror(-r), w.why.v);
        info = pipe_session_info(w.session);
        assert_int_equal(info->dialect, c->dialect);
        assert_int_equal(info->cipher, c->cipher);
        assert_int_equal(info->signing, c->signing);
        wire_prove(&w, u"interop choice");
        wire_close(&w);
    }
}

static void test_ntlm(void **state)
{
    (void)state;
    check_choices(AUTH_NTLM, getenv("SAMBA_PASSWORD"), NULL);
}

static void test_kerberos_ticket(void **state)
{
    (void)state;
    check_choices(AUTH_KERBEROS, NULL, getenv("KRB5CCNAME"));
}

static void test_kerberos_password(void **state)
{
    (void)state;
    check_choices(AUTH_KERBEROS, getenv("SAMBA_PASSWORD"), NULL);
}

/* Without a choice of ours the best of both is taken. */
static void test_defaults(void **state)
{
    struct wire_login login = admin();
    struct wire w;

    (void)state;
    assert_int_equal(wire_open(&w, &login), 0);
    assert_int_equal(pipe_session_info(w.session)->dialect, SMB_3_1_1);
    assert_int_not_equal(pipe_session_info(w.session)->cipher, 0);
    wire_prove(&w, u"interop defaults");
    wire_close(&w);
}

/* SPNEGO that begins with Kerberos where there is none. */
static void test_fallback(void **state)
{
    struct wire_login login = admin();
    struct wire w;

    (void)state;
    login.server = "nobody-knows-me";
    assert_int_equal(wire_open(&w, &login), 0);
    wire_prove(&w, u"interop fallback");
    wire_close(&w);
}

struct refusal {
    const char *user, *password;
    unsigned mechanisms;
    uint32_t status;
};

static void check_refusals(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wire_login login = admin();
        struct wire w;

        login.user = refusals[i].user;
        if (refusals[i].password)
            login.password = refusals[i].password;
        login.mechanisms = refusals[i].mechanisms;
        assert_int_equal(wire_open(&w, &login), -EACCES);
        if (w.why.v != refusals[i].status)
            fail_msg("%s (%u): %08x instead of %08x", refusals[i].user, refusals[i].mechanisms, w.why.v,
                     refusals[i].status);
        wire_close(&w);
    }
}

static void test_refusals(void **state)
{
    static const struct refusal refusals[] = {
        {"alice", "wrong", AUTH_NTLM, 0xC000006D},     {"alice", "", AUTH_NTLM, 0xC000006D},
        {"no such user", NULL, AUTH_NTLM, 0xC000006D}, {"disabled", NULL, AUTH_NTLM, 0xC0000072},
        {"locked", NULL, AUTH_NTLM, 0xC0000234},       {"expired", NULL, AUTH_NTLM, 0xC0000193},
        {"oldpass", NULL, AUTH_NTLM, 0xC0000071},      {"mustchange", NULL, AUTH_NTLM, 0xC0000224},
    };

    (void)state;
    check_refusals(refusals, sizeof(refusals) / sizeof(refusals[0]));
}

static void test_kerberos_refusals(void **state)
{
    static const struct refusal refusals[] = {
        {"alice", "wrong", AUTH_KERBEROS, 0xC000006D},   {"no such user", NULL, AUTH_KERBEROS, 0xC000006D},
        {"disabled", NULL, AUTH_KERBEROS, 0xC0000072},   {"oldpass", NULL, AUTH_KERBEROS, 0xC0000071},
        {"mustchange", NULL, AUTH_KERBEROS, 0xC0000071},
    };
    struct wire_login login = admin();
    struct wire w;

    (void)state;
    check_refusals(refusals, sizeof(refusals) / sizeof(refusals[0]));
    login.mechanisms = AUTH_KERBEROS;
    login.user = login.domain = login.password = NULL;
    login.ccache = "FILE:/nonexistent";
    assert_int_equal(wire_open(&w, &login), -EACCES);
    assert_int_equal(w.why.v, 0xC000005F);
    wire_close(&w);
    login = admin();
    login.mechanisms = AUTH_KERBEROS;
    login.server = "nobody-knows-me.world.test";
    assert_int_equal(wire_open(&w, &login), -EACCES);
    assert_int_equal(w.why.v, 0xC000006D);
    wire_close(&w);
}

/* What the server does not do is refused by one side or the other, never half done. */
static void test_impossible(void **state)
{
    struct wire_login login = admin();
    struct wire w;

    (void)state;
    login.dialect = SMB_2_1; /* knows no encryption */
    login.encryption = SMB_ENCRYPT_REQUIRED;
    assert_int_equal(wire_open(&w, &login), -EINVAL);
    wire_close(&w);
    login = admin();
    login.address = "127.0.0.77"; /* nobody there */
    assert_int_equal(wire_open(&w, &login), -ECONNREFUSED);
    wire_close(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest standalone[] = {
        cmocka_unit_test(test_ntlm),     cmocka_unit_test(test_defaults),   cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_impossible),
    };
    const struct CMUnitTest domain[] = {
        cmocka_unit_test(test_ntlm),
        cmocka_unit_test(test_kerberos_ticket),
        cmocka_unit_test(test_kerberos_password),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_kerberos_refusals),
        cmocka_unit_test(test_impossible),
    };

    dc = argc > 1 && strcmp(argv[1], "dc") == 0;
    return dc ? cmocka_run_group_tests_name("sessions with a DC", domain, NULL, NULL)
              : cmocka_run_group_tests_name("sessions with a standalone server", standalone, NULL, NULL);
}
