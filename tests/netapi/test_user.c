/* SPDX-License-Identifier: MIT */
/*
 * The user functions: every level, filter and documented error. A test that carries out a documented
 * statement names its source, as in test_group.c.
 */
#include "harness.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BUILTIN 4 /* users that every database has */
#define MANY 100  /* that make_users adds */

static bool is_remote(void)
{
    return harness_server != NULL;
}

static void *get(LPCWSTR user, DWORD level)
{
    LPBYTE buffer = NULL;

    assert_ok(NetUserGetInfo(harness_server, user, level, &buffer));
    assert_non_null(buffer);
    return buffer;
}

static DWORD enum_all(DWORD level, DWORD filter, void *out)
{
    DWORD read = 99, total = 99;

    assert_ok(
        NetUserEnum(harness_server, level, filter, (LPBYTE *)out, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    assert_int_equal(read, total);
    return read;
}

static void make_users(const char *what, unsigned count)
{
    char command[1024];

    snprintf(command, sizeof(command), "'%s' '%s/accounts.db' %s %u", getenv("MAKE_USERS"), harness_folder(),
             what, count);
    assert_int_equal(system(command), 0);
}

static void test_get_levels(void **state)
{
    USER_INFO_0 *i0 = get(u"ADMINISTRATOR", 0);
    USER_INFO_3 *i3 = get(u"administrator", 3);
    USER_INFO_4 *i4 = get(u"Administrator", 4);
    USER_INFO_11 *i11 = get(u"Administrator", 11);
    USER_INFO_20 *i20 = get(u"Administrator", 20);
    USER_INFO_23 *i23 = get(u"Administrator", 23);
    DWORD flags = UF_SCRIPT | UF_NORMAL_ACCOUNT | UF_DONT_EXPIRE_PASSWD;
    const SID *sid = i4->usri4_user_sid;

    (void)state;
    if (!is_remote()) /* where the password is set, the account is enabled */
        flags |= UF_ACCOUNTDISABLE;
    assert_same(i0->usri0_name, u"Administrator"); /* as it is written there, not as it was asked for */
    assert_same(i3->usri3_name, u"Administrator");
    assert_null(i3->usri3_password); /* api:NetUserGetInfo */
    assert_true(i3->usri3_password_age < 1000);
    assert_int_equal(i3->usri3_priv, USER_PRIV_ADMIN);
    assert_same(i3->usri3_home_dir, u"");
    assert_true(length(i3->usri3_comment) > 0);
    assert_int_equal(i3->usri3_flags, flags);
    assert_same(i3->usri3_script_path, u"");
    assert_int_equal(i3->usri3_auth_flags, 0);
    assert_same(i3->usri3_full_name, u"");
    assert_same(i3->usri3_workstations, u"");
    assert_int_equal(i3->usri3_last_logon, 0);
    assert_int_equal(i3->usri3_acct_expires, TIMEQ_FOREVER);
    assert_int_equal(i3->usri3_max_storage, USER_MAXSTORAGE_UNLIMITED);
    assert_int_equal(i3->usri3_units_per_week, UNITS_PER_WEEK);
    for (int b = 0; b < 21; b++)
        assert_int_equal(i3->usri3_logon_hours[b], 0xff);
    assert_same(i3->usri3_logon_server, u"\\\\*");
    assert_int_equal(i3->usri3_user_id, 500);
    assert_int_equal(i3->usri3_primary_group_id, 513);
    assert_int_equal(i3->usri3_password_expired, 0);
    assert_int_equal(sid->SubAuthorityCount, 5);
    assert_int_equal(sid->SubAuthority[4], 500);
    assert_int_equal(i4->usri4_flags, flags);
    assert_int_equal(i11->usri11_priv, USER_PRIV_ADMIN);
    assert_same(i11->usri11_comment, i3->usri3_comment);
    assert_int_equal(i20->usri20_flags, flags);
    assert_int_equal(i20->usri20_user_id, 500);
    assert_memory_equal(i23->usri23_user_sid, sid, 28);
    NetApiBufferFree(i0);
    NetApiBufferFree(i3);
    NetApiBufferFree(i4);
    NetApiBufferFree(i11);
    NetApiBufferFree(i20);
    NetApiBufferFree(i23);
    i3 = get(u"Guest", 3);
    assert_int_equal(i3->usri3_priv, USER_PRIV_GUEST);
    assert_int_equal(i3->usri3_flags, UF_SCRIPT | UF_NORMAL_ACCOUNT | UF_DONT_EXPIRE_PASSWD |
                                          UF_PASSWD_NOTREQD | UF_ACCOUNTDISABLE);
    NetApiBufferFree(i3);
    i3 = get(u"DefaultAccount", 3);
    assert_int_equal(i3->usri3_priv, USER_PRIV_USER);
    NetApiBufferFree(i3);
}

static void test_get_level_24(void **state)
{
    LPBYTE buffer = (LPBYTE)state;
    USER_INFO_24 *i;

    if (is_remote()) {
        assert_int_equal(NetUserGetInfo(harness_server, u"Guest", 24, &buffer), ERROR_INVALID_LEVEL);
        assert_null(buffer);
        return;
    }
    i = get(u"Guest", 24);
    assert_false(i->usri24_internet_identity);
    assert_same(i->usri24_internet_principal_name, u"");
    assert_int_equal(((SID *)i->usri24_user_sid)->SubAuthority[4], 501);
    NetApiBufferFree(i);
}

static void test_get_errors(void **state)
{
    LPBYTE buffer = (LPBYTE)state;

    assert_int_equal(NetUserGetInfo(harness_server, u"nobody", 1, &buffer), NERR_UserNotFound);
    assert_null(buffer);
    assert_int_equal(NetUserGetInfo(harness_server, u"None", 1, &buffer), NERR_UserNotFound); /* a group */
    assert_int_equal(NetUserGetInfo(harness_server, u"None", 0, &buffer), NERR_UserNotFound);
    assert_int_equal(NetUserGetInfo(harness_server, u"", 1, &buffer), NERR_UserNotFound);
    assert_int_equal(NetUserGetInfo(harness_server, LONGEST LONGEST LONGEST LONGEST u"x", 1, &buffer),
                     NERR_UserNotFound);
    buffer = (LPBYTE)state;
    assert_int_equal(NetUserGetInfo(harness_server, u"Guest", 10000, &buffer),
                     ERROR_INVALID_LEVEL); /* wine */
    assert_null(buffer);
    assert_int_equal(NetUserGetInfo(harness_server, u"Guest", 5, &buffer), ERROR_INVALID_LEVEL);
    assert_int_equal(NetUserGetInfo(harness_server, u"Guest", 1003, &buffer), ERROR_INVALID_LEVEL);
    assert_int_equal(NetUserGetInfo(harness_server, NULL, 1, &buffer), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetUserGetInfo(harness_server, u"Guest", 1, NULL), ERROR_INVALID_PARAMETER);
}

static void test_enum_builtin(void **state)
{
    static const LPCWSTR names[] = {u"Administrator", u"Guest", u"DefaultAccount", u"WDAGUtilityAccount"};
    DWORD size = 0, text = 0;
    LPBYTE buffer;
    USER_INFO_3 *users;

    (void)state;
    for (size_t l = 0; l < COUNT(user_levels); l++) {
        assert_int_equal(enum_all(user_levels[l], 0, &buffer), BUILTIN);
        for (size_t i = 0; i < BUILTIN; i++)
            assert_same(*(LPWSTR *)(buffer + i * user_width(user_levels[l])), names[i]);
        NetApiBufferFree(buffer);
    }
    assert_int_equal(enum_all(0, 0, &buffer), BUILTIN); /* one exact block */
    for (size_t i = 0; i < BUILTIN; i++)
        text += (DWORD)(2 * (length(names[i]) + 1));
    assert_ok(NetApiBufferSize(buffer, &size));
    assert_int_equal(size, BUILTIN * sizeof(USER_INFO_0) + text);
    NetApiBufferFree(buffer);
    enum_all(3, 0, &users);
    assert_int_equal(users[0].usri3_priv, USER_PRIV_ADMIN);
    assert_int_equal(users[1].usri3_priv, USER_PRIV_GUEST);
    assert_int_equal(users[2].usri3_priv, USER_PRIV_USER);
    NetApiBufferFree(users);
}

static void test_enum_errors(void **state)
{
    LPBYTE buffer = (LPBYTE)state;
    DWORD read = 99, total = 99, resume = 0;

    /* api:NetUserEnum: there is no 4, and no 23 */
    for (DWORD level = 4; level < 30; level++) {
        if (level == 10 || level == 11 || level == 20)
            continue;
        assert_int_equal(NetUserEnum(harness_server, level, 0, &buffer, 100, &read, &total, &resume),
                         ERROR_INVALID_LEVEL);
        assert_null(buffer);
        assert_int_equal(read + total, 0);
        buffer = (LPBYTE)state, read = total = 99;
    }
    assert_int_equal(NetUserEnum(harness_server, 0, 0x4, &buffer, 100, &read, &total, &resume),
                     ERROR_INVALID_PARAMETER);
    assert_null(buffer);
    assert_int_equal(NetUserEnum(harness_server, 0, 0x80000002, &buffer, 100, &read, &total, &resume),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(NetUserEnum(harness_server, 0, 0, NULL, 100, &read, &total, &resume),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(NetUserEnum(harness_server, 0, 0, &buffer, 100, NULL, &total, &resume),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(NetUserEnum(harness_server, 0, 0, &buffer, 100, &read, NULL, &resume),
                     ERROR_INVALID_PARAMETER);
    /* api:NetUserEnum: no entry was written */
    buffer = (LPBYTE)state, read = total = 99;
    assert_int_equal(NetUserEnum(harness_server, 1, 0, &buffer, 10, &read, &total, &resume),
                     NERR_BufTooSmall);
    assert_null(buffer);
    assert_int_equal(read + total, 0);
    assert_int_equal(resume, 0);
    assert_int_equal(NetUserEnum(harness_server, 0, 0, &buffer, 0, &read, &total, NULL), NERR_BufTooSmall);
}

/* From here on there are many users. */

static int add_many(void **state)
{
    static bool added;

    (void)state;
    if (!added)
        make_users("add", MANY);
    added = true;
    return 0;
}

static DWORD kind_flag(unsigned number)
{
    static const DWORD kinds[] = {UF_WORKSTATION_TRUST_ACCOUNT, UF_SERVER_TRUST_ACCOUNT,
                                  UF_INTERDOMAIN_TRUST_ACCOUNT, UF_TEMP_DUPLICATE_ACCOUNT};

    return number % 10 >= 2 && number % 10 < 6 ? kinds[number % 10 - 2] : UF_NORMAL_ACCOUNT;
}

static void test_filters(void **state)
{
    static const struct {
        DWORD filter, flags, count;
    } cases[] = {
        {0, UF_ACCOUNT_TYPE_MASK, MANY + BUILTIN},
        {FILTER_NORMAL_ACCOUNT, UF_NORMAL_ACCOUNT, MANY * 6 / 10 + BUILTIN},
        {FILTER_WORKSTATION_TRUST_ACCOUNT, UF_WORKSTATION_TRUST_ACCOUNT, MANY / 10},
        {FILTER_SERVER_TRUST_ACCOUNT, UF_SERVER_TRUST_ACCOUNT, MANY / 10},
        {FILTER_INTERDOMAIN_TRUST_ACCOUNT, UF_INTERDOMAIN_TRUST_ACCOUNT, MANY / 10},
        {FILTER_TEMP_DUPLICATE_ACCOUNT, UF_TEMP_DUPLICATE_ACCOUNT, MANY / 10},
        {FILTER_NORMAL_ACCOUNT | FILTER_SERVER_TRUST_ACCOUNT, UF_NORMAL_ACCOUNT | UF_SERVER_TRUST_ACCOUNT,
         MANY * 7 / 10 + BUILTIN},
        {0x3b, UF_ACCOUNT_TYPE_MASK, MANY + BUILTIN},
    };
    LPBYTE buffer;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        USER_INFO_20 *i20;
        USER_INFO_1 *i1;

        for (size_t l = 0; l < COUNT(user_levels); l++) {
            assert_int_equal(enum_all(user_levels[l], cases[i].filter, &buffer), cases[i].count);
            NetApiBufferFree(buffer);
        }
        enum_all(20, cases[i].filter, &i20);
        enum_all(1, cases[i].filter, &i1);
        for (DWORD n = 0; n < cases[i].count; n++) {
            assert_int_not_equal(i20[n].usri20_flags & cases[i].flags, 0);
            assert_true(!n || i20[n].usri20_user_id > i20[n - 1].usri20_user_id);
            assert_same(i20[n].usri20_name, i1[n].usri1_name);
            assert_int_equal(i20[n].usri20_flags, i1[n].usri1_flags);
        }
        NetApiBufferFree(i20);
        NetApiBufferFree(i1);
    }
}

/* What is told of many is what is told of each. */
static void test_enum_as_get(void **state)
{
    USER_INFO_3 *users;
    USER_INFO_11 *users11;
    USER_INFO_20 *users20;
    DWORD count = enum_all(3, 0, &users), named = 0;

    (void)state;
    assert_int_equal(enum_all(11, 0, &users11), count);
    assert_int_equal(enum_all(20, 0, &users20), count);
    for (DWORD i = 0; i < count; i++) {
        USER_INFO_3 *one = get(users[i].usri3_name, 3);
        unsigned number;
        char name[64];

        assert_same(one->usri3_name, users[i].usri3_name);
        assert_int_equal(one->usri3_priv, users[i].usri3_priv);
        assert_int_equal(one->usri3_auth_flags, users[i].usri3_auth_flags);
        assert_int_equal(one->usri3_flags, users[i].usri3_flags);
        assert_same(one->usri3_comment, users[i].usri3_comment);
        assert_same(one->usri3_full_name, users[i].usri3_full_name);
        assert_int_equal(one->usri3_user_id, users[i].usri3_user_id);
        assert_true(users[i].usri3_password_age - one->usri3_password_age + 5 <= 10);
        assert_int_equal(users11[i].usri11_priv, users[i].usri3_priv);
        assert_int_equal(users11[i].usri11_auth_flags, users[i].usri3_auth_flags);
        assert_same(users20[i].usri20_full_name, users[i].usri3_full_name);
        assert_same(users20[i].usri20_comment, users[i].usri3_comment);
        assert_int_equal(users20[i].usri20_flags, users[i].usri3_flags);
        assert_int_equal(users20[i].usri20_user_id, users[i].usri3_user_id);
        netmgmt_utf8(users[i].usri3_name, name, sizeof(name));
        if (sscanf(name, "user%u", &number) == 1) {
            assert_int_equal(users[i].usri3_flags & UF_ACCOUNT_TYPE_MASK, kind_flag(number));
            assert_int_equal(users[i].usri3_priv, number == 0   ? USER_PRIV_ADMIN
                                                  : number == 1 ? USER_PRIV_GUEST
                                                                : USER_PRIV_USER);
            assert_int_equal(users[i].usri3_auth_flags, number == 1 ? AF_OP_PRINT : 0);
            named++;
        }
        NetApiBufferFree(one);
    }
    assert_int_equal(named, MANY);
    NetApiBufferFree(users);
    NetApiBufferFree(users11);
    NetApiBufferFree(users20);
}

/* Every user once, in exact pages, whatever their length. */
static void test_enum_pages(void **state)
{
    static const DWORD limits[] = {64, 700, 5000, 1000000};

    (void)state;
    for (size_t l = 0; l < COUNT(user_levels); l++)
        for (size_t n = 0; n < COUNT(limits); n++) {
            size_t width = user_width(user_levels[l]);
            DWORD resume = 0, seen = 0, read, total, size, count;
            NET_API_STATUS status;
            LPBYTE all, page;

            if (limits[n] < 2 * width + 200 && limits[n] < 700)
                continue;
            count = enum_all(user_levels[l], 0, &all);
            do {
                status =
                    NetUserEnum(harness_server, user_levels[l], 0, &page, limits[n], &read, &total, &resume);
                assert_true(status == NERR_Success || status == ERROR_MORE_DATA);
                assert_true(read > 0);
                assert_int_equal(total, count - seen);
                assert_ok(NetApiBufferSize(page, &size));
                assert_true(size <= limits[n]);
                for (DWORD i = 0; i < read; i++)
                    assert_same(*(LPWSTR *)(page + i * width), *(LPWSTR *)(all + (seen + i) * width));
                seen += read;
                NetApiBufferFree(page);
            } while (status == ERROR_MORE_DATA);
            assert_int_equal(seen, count);
            assert_int_equal(resume, 0);
            NetApiBufferFree(all);
        }
}

/* api:NetUserEnum: without a handle every call begins at the start. */
static void test_enum_without_handle(void **state)
{
    DWORD read, total;
    USER_INFO_0 *page;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(NetUserEnum(harness_server, 0, 0, (LPBYTE *)&page, 100, &read, &total, NULL),
                         ERROR_MORE_DATA);
        assert_same(page[0].usri0_name, u"Administrator");
        assert_true(total > read);
        NetApiBufferFree(page);
    }
}

/* The handle means the same on another connection, to another daemon even. */
static void test_enum_over_restart(void **state)
{
    DWORD read, total, resume = 0, seen = 0;
    NET_API_STATUS status;
    USER_INFO_10 *page;

    (void)state;
    do {
        status = NetUserEnum(harness_server, 10, 0, (LPBYTE *)&page, 2000, &read, &total, &resume);
        assert_true(status == NERR_Success || status == ERROR_MORE_DATA);
        seen += read;
        NetApiBufferFree(page);
        if (harness_has_daemon() && seen < 50)
            harness_restart();
    } while (status == ERROR_MORE_DATA);
    assert_int_equal(seen, MANY + BUILTIN);
}

/* A user that comes and goes all the time is left out or not, and harms none of the others. */
static void test_enum_changing(void **state)
{
    pid_t child = fork();
    unsigned rounds = 0;
    int result;

    (void)state;
    if (child == 0) {
        char database[256];

        snprintf(database, sizeof(database), "%s/accounts.db", harness_folder());
        execl(getenv("MAKE_USERS"), "make_users", database, "churn", "2000", (char *)NULL);
        _exit(127);
    }
    while (waitpid(child, &result, WNOHANG) == 0) {
        DWORD level = rounds++ % 2 ? 20 : 3, stable = 0;
        LPBYTE users;
        DWORD count = enum_all(level, 0, &users);

        for (DWORD i = 0; i < count; i++)
            stable += !same(*(LPWSTR *)(users + i * user_width(level)), u"volatile");
        NetApiBufferFree(users);
        assert_int_equal(stable, MANY + BUILTIN);
    }
    assert_int_equal(result, 0);
    assert_true(rounds > 0);
}

static int no_buffers(void **state)
{
    (void)state;
    assert_int_equal(live(), 0);
    return 0;
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, NULL, no_buffers)
#define M(f) cmocka_unit_test_setup_teardown(f, add_many, no_buffers)
    const struct CMUnitTest tests[] = {
        T(test_get_levels),          T(test_get_level_24),      T(test_get_errors),    T(test_enum_builtin),
        T(test_enum_errors),         M(test_filters),           M(test_enum_as_get),   M(test_enum_pages),
        M(test_enum_without_handle), M(test_enum_over_restart), M(test_enum_changing),
    };
    int failed;

    harness_start(argc, argv);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    harness_stop();
    return failed;
}
