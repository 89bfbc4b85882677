/* SPDX-License-Identifier: MIT */
/* What a server tells of a user, in every level: usual values, odd ones, and none at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api.h"
#include "netapi/memberships.h"
#include "netapi/user.h"
#include "samr.h"

#define NOW INT64_C(1800000000)
#define SECONDS(s) (((s) + INT64_C(11644473600)) * 10000000)

static const DWORD levels[] = {0, 1, 2, 3, 4, 10, 11, 20, 23, 24};

static OLD_LARGE_INTEGER large(int64_t v)
{
    return (OLD_LARGE_INTEGER){(uint32_t)v, (int32_t)(v >> 32)};
}

static RPC_UNICODE_STRING string(const WCHAR *s)
{
    uint16_t len = 0;

    while (s[len / 2])
        len += 2;
    return (RPC_UNICODE_STRING){len, len, (uint16_t *)s};
}

static bool same(const WCHAR *a, const WCHAR *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

#define assert_same(a, b) assert_true(same((a), (b)))

/* A call on a connection that needs no server: of a domain that is known. */
static struct binding binding;
static struct call call = {.binding = &binding};

static int begin(void **state)
{
    static const uint8_t sid[] = {1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0};

    (void)state;
    memcpy(binding.domain_sid, sid, sizeof(sid));
    call.failure = NET_STATUS(NERR_Success);
    arena_init(&call.arena, 1 << 20);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    arena_deinit(&call.arena);
    return 0;
}

static SAMPR_USER_ALL_INFORMATION everything(void)
{
    static uint8_t hours[21] = {1, 2, 3, [20] = 0x80};

    return (SAMPR_USER_ALL_INFORMATION){
        .LastLogon = large(SECONDS(NOW - 60)),
        .LastLogoff = large(SECONDS(NOW - 30)),
        .PasswordLastSet = large(SECONDS(NOW - 1000)),
        .AccountExpires = large(SECONDS(NOW + 86400)),
        .PasswordMustChange = large(SECONDS(NOW + 1)),
        .UserName = string(u"alice"),
        .FullName = string(u"Alice A."),
        .HomeDirectory = string(u"\\\\files\\alice"),
        .HomeDirectoryDrive = string(u"H:"),
        .ScriptPath = string(u"logon.cmd"),
        .ProfilePath = string(u"\\\\files\\profile"),
        .AdminComment = string(u"of sales"),
        .WorkStations = string(u"ONE,TWO"),
        .UserComment = string(u"on leave"),
        .Parameters = string(u"parms"),
        .UserId = 1105,
        .PrimaryGroupId = 513,
        .UserAccountControl = USER_NORMAL_ACCOUNT | USER_ACCOUNT_DISABLED,
        .WhichFields = 0x00ffffff,
        .LogonHours = {168, hours},
        .BadPasswordCount = 3,
        .LogonCount = 44,
        .CountryCode = 49,
        .CodePage = 850,
    };
}

static struct user_entry entry_of(const SAMPR_USER_ALL_INFORMATION *all)
{
    struct user_entry e = {.rid = 1105, .name = {u"listed", 6}, .password_must_change = FILETIME_NEVER};

    user_entry_read(&e, all);
    return e;
}

/* The level's structure, as a program gets it: in a block of its own. */
static void *level_of(DWORD level, const struct user_entry *e)
{
    union user_info info;
    uint16_t type = user_level_find(level)->type;
    size_t len;
    void *block;

    assert_true(user_fill(&call, level, e, NOW, &info));
    len = ndr_block_len(&api_interface, type, &info, 1);
    block = malloc(len);
    assert_non_null(block);
    ndr_block_copy(&api_interface, type, &info, 1, block, len);
    return block;
}

static void test_levels_1_to_4(void **state)
{
    SAMPR_USER_ALL_INFORMATION all = everything();
    struct user_entry e = entry_of(&all);
    USER_INFO_4 *i;
    USER_INFO_3 *i3;
    const SID *sid;

    (void)state;
    e.memberships = USER_IN_ADMINISTRATORS | USER_IN_PRINT_OPERATORS;
    i = level_of(4, &e);
    assert_same(i->usri4_name, u"alice");
    assert_null(i->usri4_password);
    assert_int_equal(i->usri4_password_age, 1000);
    assert_int_equal(i->usri4_priv, USER_PRIV_ADMIN);
    assert_same(i->usri4_home_dir, u"\\\\files\\alice");
    assert_same(i->usri4_comment, u"of sales");
    assert_int_equal(i->usri4_flags, UF_SCRIPT | UF_NORMAL_ACCOUNT | UF_ACCOUNTDISABLE);
    assert_same(i->usri4_script_path, u"logon.cmd");
    assert_int_equal(i->usri4_auth_flags, AF_OP_PRINT);
    assert_same(i->usri4_full_name, u"Alice A.");
    assert_same(i->usri4_usr_comment, u"on leave");
    assert_same(i->usri4_parms, u"parms");
    assert_same(i->usri4_workstations, u"ONE,TWO");
    assert_int_equal(i->usri4_last_logon, NOW - 60);
    assert_int_equal(i->usri4_last_logoff, NOW - 30);
    assert_int_equal(i->usri4_acct_expires, NOW + 86400);
    assert_int_equal(i->usri4_max_storage, USER_MAXSTORAGE_UNLIMITED);
    assert_int_equal(i->usri4_units_per_week, UNITS_PER_WEEK);
    assert_memory_equal(i->usri4_logon_hours, all.LogonHours.LogonHours, 21);
    assert_int_equal(i->usri4_bad_pw_count, 3);
    assert_int_equal(i->usri4_num_logons, 44);
    assert_same(i->usri4_logon_server, u"\\\\*");
    assert_int_equal(i->usri4_country_code, 49);
    assert_int_equal(i->usri4_code_page, 850);
    assert_int_equal(i->usri4_primary_group_id, 513);
    assert_same(i->usri4_profile, u"\\\\files\\profile");
    assert_same(i->usri4_home_dir_drive, u"H:");
    assert_int_equal(i->usri4_password_expired, 0);
    sid = i->usri4_user_sid;
    assert_int_equal(sid->SubAuthorityCount, 5);
    assert_int_equal(sid->SubAuthority[4], 1105);
    i3 = level_of(3, &e);
    assert_memory_equal(&i3->usri3_max_storage, &i->usri4_max_storage, 2 * sizeof(DWORD));
    assert_memory_equal(i3->usri3_logon_hours, i->usri4_logon_hours, 21);
    assert_int_equal(i3->usri3_code_page, 850);
    assert_int_equal(i3->usri3_user_id, 1105);
    assert_int_equal(i3->usri3_primary_group_id, 513);
    assert_same(i3->usri3_profile, u"\\\\files\\profile");
    assert_same(i3->usri3_home_dir_drive, u"H:");
    free(i3);
    i3 = level_of(2, &e); /* begins as 3 does */
    assert_same(i3->usri3_logon_server, u"\\\\*");
    assert_int_equal(i3->usri3_code_page, 850);
    free(i3);
    i3 = level_of(1, &e);
    assert_same(i3->usri3_script_path, u"logon.cmd");
    free(i3);
    free(i);
}

static void test_other_levels(void **state)
{
    SAMPR_USER_ALL_INFORMATION all = everything();
    struct user_entry e = entry_of(&all);
    USER_INFO_0 *i0 = level_of(0, &e);
    USER_INFO_11 *i11;
    USER_INFO_20 *i20 = level_of(20, &e);
    USER_INFO_23 *i23 = level_of(23, &e);
    USER_INFO_24 *i24 = level_of(24, &e);

    (void)state;
    assert_same(i0->usri0_name, u"alice");
    for (DWORD level = 10; level <= 11; level++) { /* 10 begins 11 */
        i11 = level_of(level, &e);
        assert_same(i11->usri11_name, u"alice");
        assert_same(i11->usri11_comment, u"of sales");
        assert_same(i11->usri11_usr_comment, u"on leave");
        assert_same(i11->usri11_full_name, u"Alice A.");
        if (level == 10)
            free(i11);
    }
    assert_int_equal(i11->usri11_priv, USER_PRIV_USER);
    assert_int_equal(i11->usri11_auth_flags, 0);
    assert_int_equal(i11->usri11_password_age, 1000);
    assert_same(i11->usri11_home_dir, u"\\\\files\\alice");
    assert_same(i11->usri11_parms, u"parms");
    assert_int_equal(i11->usri11_last_logon, NOW - 60);
    assert_int_equal(i11->usri11_last_logoff, NOW - 30);
    assert_int_equal(i11->usri11_bad_pw_count, 3);
    assert_int_equal(i11->usri11_num_logons, 44);
    assert_same(i11->usri11_logon_server, u"\\\\*");
    assert_int_equal(i11->usri11_country_code, 49);
    assert_same(i11->usri11_workstations, u"ONE,TWO");
    assert_int_equal(i11->usri11_max_storage, USER_MAXSTORAGE_UNLIMITED);
    assert_int_equal(i11->usri11_units_per_week, 168);
    assert_memory_equal(i11->usri11_logon_hours, all.LogonHours.LogonHours, 21);
    assert_int_equal(i11->usri11_code_page, 850);
    assert_same(i20->usri20_name, u"alice");
    assert_same(i20->usri20_full_name, u"Alice A.");
    assert_same(i20->usri20_comment, u"of sales");
    assert_int_equal(i20->usri20_flags, UF_SCRIPT | UF_NORMAL_ACCOUNT | UF_ACCOUNTDISABLE);
    assert_int_equal(i20->usri20_user_id, 1105);
    assert_same(i23->usri23_comment, u"of sales");
    assert_int_equal(i23->usri23_flags, i20->usri20_flags);
    assert_int_equal(((SID *)i23->usri23_user_sid)->SubAuthority[4], 1105);
    assert_false(i24->usri24_internet_identity);
    assert_int_equal(i24->usri24_flags, i20->usri20_flags);
    assert_same(i24->usri24_internet_provider_name, u"");
    assert_same(i24->usri24_internet_principal_name, u"");
    assert_int_equal(((SID *)i24->usri24_user_sid)->SubAuthority[4], 1105);
    free(i0);
    free(i11);
    free(i20);
    free(i23);
    free(i24);
}

/* Fields that the server does not say it gives are not looked at, whatever stands there. */
static void test_nothing_told(void **state)
{
    SAMPR_USER_ALL_INFORMATION all = everything();
    struct user_entry e;
    USER_INFO_3 *i;

    (void)state;
    all.WhichFields = 0;
    all.UserName.Buffer = NULL;
    e = entry_of(&all);
    i = level_of(3, &e);
    assert_same(i->usri3_name, u"listed");
    assert_int_equal(i->usri3_password_age, 0);
    assert_int_equal(i->usri3_priv, USER_PRIV_USER);
    assert_same(i->usri3_home_dir, u"");
    assert_same(i->usri3_comment, u"");
    assert_int_equal(i->usri3_flags, UF_SCRIPT);
    assert_same(i->usri3_parms, u"");
    assert_int_equal(i->usri3_last_logon, 0);
    assert_int_equal(i->usri3_acct_expires, TIMEQ_FOREVER);
    assert_int_equal(i->usri3_units_per_week, UNITS_PER_WEEK);
    for (int b = 0; b < 21; b++)
        assert_int_equal(i->usri3_logon_hours[b], 0xff);
    assert_int_equal(i->usri3_primary_group_id, 0);
    assert_int_equal(i->usri3_user_id, 1105);
    assert_int_equal(i->usri3_password_expired, 0);
    free(i);
    for (size_t l = 0; l < sizeof(levels) / sizeof(levels[0]); l++)
        free(level_of(levels[l], &e));
}

/* A length without text, and text without a length. */
static void test_hostile_text(void **state)
{
    SAMPR_USER_ALL_INFORMATION all = everything();
    struct user_entry e;
    USER_INFO_1 *i;

    (void)state;
    all.UserName = (RPC_UNICODE_STRING){500, 500, NULL};
    all.AdminComment = (RPC_UNICODE_STRING){0, 500, (uint16_t *)u"x"};
    all.ScriptPath.Length = 3; /* half a character */
    all.HomeDirectory.Length = 1;
    e = entry_of(&all);
    i = level_of(1, &e);
    assert_same(i->usri1_name, u"listed");
    assert_same(i->usri1_comment, u"");
    assert_same(i->usri1_script_path, u"l");
    assert_same(i->usri1_home_dir, u"");
    free(i);
}

static void test_logon_hours(void **state)
{
    static const struct {
        uint16_t units;
        bool there;
        DWORD units_out;
        size_t len;
    } cases[] = {
        {7, true, 7, 1},        {168, true, 168, 21},       {1, true, 1, 1},
        {9, true, 9, 2},        {10080, true, 10080, 1260}, {10081, true, 168, 21},
        {65535, true, 168, 21}, {0, true, 168, 21},         {168, false, 168, 21},
    };
    static uint8_t hours[1260];

    (void)state;
    memset(hours, 0x5a, sizeof(hours));
    for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
        SAMPR_USER_ALL_INFORMATION all = everything();
        struct user_entry e;
        USER_INFO_11 *i;
        bool passed = cases[n].units_out == cases[n].units && cases[n].there;

        all.LogonHours = (SAMPR_LOGON_HOURS){cases[n].units, cases[n].there ? hours : NULL};
        e = entry_of(&all);
        i = level_of(11, &e);
        assert_int_equal(i->usri11_units_per_week, cases[n].units_out);
        for (size_t b = 0; b < cases[n].len; b++)
            assert_int_equal(i->usri11_logon_hours[b], passed ? 0x5a : 0xff);
        free(i);
    }
}

static void test_times(void **state)
{
    static const struct {
        int64_t filetime;
        DWORD logon, expires, age;
    } cases[] = {
        {0, 0, TIMEQ_FOREVER, 0},
        {FILETIME_NEVER, 0, TIMEQ_FOREVER, 0},
        {INT64_MIN, 0, TIMEQ_FOREVER, 0},
        {-1, 0, TIMEQ_FOREVER, 0},
        {1, 0, 0, UINT32_MAX},        /* 1601 */
        {SECONDS(-1), 0, 0, NOW + 1}, /* before 1970 */
        {SECONDS(1), 1, 1, NOW - 1},
        {SECONDS(NOW) - 1, NOW - 1, NOW - 1, 1},
        {SECONDS(NOW + 5), NOW + 5, NOW + 5, 0}, /* of a server whose clock is ahead */
        {SECONDS(INT64_C(5000000000)), UINT32_MAX, TIMEQ_FOREVER, 0},
        {FILETIME_NEVER - 1, UINT32_MAX, TIMEQ_FOREVER, 0},
    };

    (void)state;
    for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
        SAMPR_USER_ALL_INFORMATION all = everything();
        struct user_entry e;
        USER_INFO_2 *i;

        all.LastLogon = all.AccountExpires = all.PasswordLastSet = large(cases[n].filetime);
        e = entry_of(&all);
        i = level_of(2, &e);
        assert_int_equal(i->usri2_last_logon, cases[n].logon);
        assert_int_equal(i->usri2_acct_expires, cases[n].expires);
        assert_int_equal(i->usri2_password_age, cases[n].age);
        free(i);
    }
}

static DWORD expired(const SAMPR_USER_ALL_INFORMATION *all)
{
    struct user_entry e = entry_of(all);
    USER_INFO_3 *i = level_of(3, &e);
    DWORD value = i->usri3_password_expired;

    free(i);
    return value;
}

static void test_password_expired(void **state)
{
    SAMPR_USER_ALL_INFORMATION all = everything();

    (void)state;
    assert_int_equal(expired(&all), 0);
    all.PasswordMustChange = large(SECONDS(NOW));
    assert_int_not_equal(expired(&all), 0);
    all.PasswordMustChange = large(0); /* at the next logon */
    assert_int_not_equal(expired(&all), 0);
    all.PasswordMustChange = large(FILETIME_NEVER);
    assert_int_equal(expired(&all), 0);
    all.PasswordMustChange = large(INT64_MIN); /* of Samba without an age of passwords */
    assert_int_equal(expired(&all), 0);
    all.UserAccountControl |= 0x20000;
    assert_int_not_equal(expired(&all), 0);
    all.UserAccountControl = 0;
    all.PasswordExpired = 1;
    assert_int_equal(expired(&all), 0); /* it does not say that it tells */
    all.WhichFields |= 0x08000000;
    assert_int_not_equal(expired(&all), 0);
}

/* [MS-SAMR] 3.1.5.14.2: each bit of the one is one of the other. */
static void test_flags(void **state)
{
    static const DWORD flags[] = {0x2,      0x8,      0x20,     0x100,    0x200,     0x20000,  0x800,
                                  0x1000,   0x2000,   0x10000,  0x10,     0x80,      0x40000,  0x80000,
                                  0x100000, 0x200000, 0x400000, 0x800000, 0x1000000, 0x2000000};

    (void)state;
    for (size_t bit = 0; bit < 32; bit++) {
        struct user_entry e = {.control = 1u << bit};
        USER_INFO_20 *i = level_of(20, &e);

        assert_int_equal(i->usri20_flags, UF_SCRIPT | (bit < 20 ? flags[bit] : 0));
        free(i);
    }
    struct user_entry e = {.password_is_fixed = true};
    USER_INFO_20 *i = level_of(20, &e);

    assert_int_equal(i->usri20_flags, UF_SCRIPT | UF_PASSWD_CANT_CHANGE);
    free(i);
}

static void test_rights(void **state)
{
    static const struct {
        uint32_t memberships;
        DWORD priv, operators;
    } cases[] = {
        {0, USER_PRIV_USER, 0},
        {USER_IN_GUESTS, USER_PRIV_GUEST, 0},
        {USER_IN_ADMINISTRATORS | USER_IN_GUESTS, USER_PRIV_ADMIN, 0},
        {USER_IN_ACCOUNT_OPERATORS, USER_PRIV_USER, AF_OP_ACCOUNTS},
        {USER_IN_SERVER_OPERATORS, USER_PRIV_USER, AF_OP_SERVER},
        {USER_IN_PRINT_OPERATORS | USER_IN_GUESTS, USER_PRIV_GUEST, AF_OP_PRINT},
        {0x1f, USER_PRIV_ADMIN, AF_OP_ACCOUNTS | AF_OP_SERVER | AF_OP_PRINT},
    };
    static const uint32_t aliases[] = {544, 546, 548, 549, 550};

    (void)state;
    for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
        struct user_entry e = {.memberships = cases[n].memberships};
        USER_INFO_11 *i = level_of(11, &e);

        assert_int_equal(i->usri11_priv, cases[n].priv);
        assert_int_equal(i->usri11_auth_flags, cases[n].operators);
        free(i);
    }
    for (size_t n = 0; n < 5; n++)
        assert_int_equal(membership_of_alias(aliases[n]), 1u << n);
    assert_int_equal(membership_of_alias(545), 0);
}

static void test_memberships_of(void **state)
{
    struct membership of[] = {{500, 1}, {512, 1}, {513, 2}, {1105, 16}};
    struct memberships m = {of, 4, 4}, none = {0};

    (void)state;
    assert_int_equal(memberships_of(&m, 1105, 513), 18);
    assert_int_equal(memberships_of(&m, 1106, 513), 2);
    assert_int_equal(memberships_of(&m, 1106, 514), 0);
    assert_int_equal(memberships_of(&m, 500, 512), 1);
    assert_int_equal(memberships_of(&none, 500, 512), 0);
}

static void test_level_table(void **state)
{
    (void)state;
    for (DWORD level = 0; level < 30; level++) {
        const struct user_level *l = user_level_find(level);
        bool there = false;

        for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
            there |= levels[i] == level;
        assert_int_equal(l != NULL, there);
        if (l) /* api:NetUserEnum */
            assert_int_equal(l->listed, level != 4 && level != 23 && level != 24);
    }
    assert_null(user_level_find(1003));
    assert_null(user_level_find(UINT32_MAX));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
    const struct CMUnitTest tests[] = {
        TEST(test_levels_1_to_4),    TEST(test_other_levels), TEST(test_nothing_told),
        TEST(test_hostile_text),     TEST(test_logon_hours),  TEST(test_times),
        TEST(test_password_expired), TEST(test_flags),        TEST(test_rights),
        TEST(test_memberships_of),   TEST(test_level_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
