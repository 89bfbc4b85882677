/* SPDX-License-Identifier: MIT */
/*
 * The user functions against real Samba: every level, filter and page, in every way to reach it, and compared
 * with what Samba's own tools say and set. Argument: "files" (a standalone server) or "dc".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <lm.h>
#include <netmgmt.h>
#include <windows.h>

#include "../net_assert.h"
#include "ways.h"

static const struct server {
    const struct way_server *way;
    const char *prepare;     /* what the tests expect, set with Samba's tools */
    const char *names;       /* all users, one a line */
    const char *show;        /* what Samba says of $USER_NAME */
    LPCWSTR machine;         /* that prepare has added */
    LPCWSTR admin, operator; /* who is so by a local group: directly, or by a global group */
} servers[] = {
    {.way = &way_files,
     .prepare = "set -e; c=$SAMBA_FILES_CONF; pdbedit -s $c -u alice -f 'Alice \u00c4pfel' -N 'of sales' "
                "-h '\\\\files\\alice' -D H: -S logon.cmd -p '\\\\files\\profile' >/dev/null; "
                "net -s $c sam set workstations alice ONE,TWO; net -s $c sam addmem Administrators alice; "
                "$SAMBA_DIR/files/accounts add-user 'ws1$'; pdbedit -s $c -a -m -u 'ws1$' >/dev/null",
     .names = "pdbedit -s $SAMBA_FILES_CONF -L | cut -d: -f1",
     .show = "pdbedit -s $SAMBA_FILES_CONF -Lv -u \"$USER_NAME\"",
     .machine = u"ws1$",
     .admin = u"alice"},
    {
        .way = &way_dc,
        .prepare =
            "set -e; d=CN=Users,DC=world,DC=test; printf '%s\\n' \"dn: CN=alice,$d\" 'changetype: modify' "
            "'replace: displayName' 'displayName:: QWxpY2Ugw4RwZmVs' '-' "
            "'replace: description' 'description: of sales' '-' 'replace: comment' 'comment: on leave' '-' "
            "'replace: homeDirectory' 'homeDirectory: \\\\files\\alice' '-' "
            "'replace: homeDrive' 'homeDrive: H:' '-' 'replace: scriptPath' 'scriptPath: logon.cmd' '-' "
            "'replace: profilePath' 'profilePath: \\\\files\\profile' '-' "
            "'replace: userWorkstations' 'userWorkstations: ONE,TWO' '-' "
            "'replace: accountExpires' 'accountExpires: 138000000000000000' '-' "
            "'replace: countryCode' 'countryCode: 49' '-' 'replace: codePage' 'codePage: 850' '-' "
            "'replace: logonHours' 'logonHours:: AQIDBAUGBwgJCgsMDQ4PEBESExQV' "
            "| ldbmodify -H $SAMBA_DIR/dc/private/sam.ldb >/dev/null; "
            "samba-tool group addmembers -s $SAMBA_DC_CONF 'Domain Admins' alice >/dev/null; "
            "samba-tool group addmembers -s $SAMBA_DC_CONF 'Print Operators' bob >/dev/null; "
            "samba-tool computer create -s $SAMBA_DC_CONF ws1 >/dev/null",
        .names = "samba-tool user list -s $SAMBA_DC_CONF; echo 'ws1$'; echo 'DC1$'",
        .show = "samba-tool user show -s $SAMBA_DC_CONF \"$USER_NAME\"",
        .machine = u"ws1$",
        .admin = u"alice",
        .operator= u"bob" },
    };
static const struct server *server;
static LPCWSTR S; /* its name */

static void *get(LPCWSTR user, DWORD level)
{
    LPBYTE buffer = NULL;

    assert_ok(NetUserGetInfo(S, user, level, &buffer));
    assert_non_null(buffer);
    return buffer;
}

static DWORD enum_all(DWORD level, DWORD filter, void *out)
{
    DWORD read = 99, total = 99;

    assert_ok(NetUserEnum(S, level, filter, (LPBYTE *)out, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    assert_int_equal(read, total);
    return read;
}

static int no_buffers(void **state)
{
    size_t count, bytes;

    (void)state;
    netmgmt_buffers_live(&count, &bytes);
    assert_int_equal(count, 0);
    return 0;
}

/* What is told of many at once is what is told of each: the two ask the server different questions. */
static void check_as_get(void)
{
    USER_INFO_3 *users;
    USER_INFO_20 *users20;
    USER_INFO_11 *users11;
    USER_INFO_10 *users10;
    DWORD count = enum_all(3, 0, &users);

    assert_int_equal(enum_all(20, 0, &users20), count);
    assert_int_equal(enum_all(11, 0, &users11), count);
    assert_int_equal(enum_all(10, 0, &users10), count);
    for (DWORD i = 0; i < count; i++) {
        USER_INFO_4 *one = get(users[i].usri3_name, 4);
        USER_INFO_23 *one23 = get(users[i].usri3_name, 23);
        const SID *sid = one->usri4_user_sid;

        assert_same(one->usri4_name, users[i].usri3_name);
        assert_null(users[i].usri3_password);
        assert_int_equal(one->usri4_priv, users[i].usri3_priv);
        assert_int_equal(one->usri4_auth_flags, users[i].usri3_auth_flags);
        assert_int_equal(one->usri4_flags, users[i].usri3_flags);
        assert_same(one->usri4_full_name, users[i].usri3_full_name);
        assert_same(one->usri4_comment, users[i].usri3_comment);
        assert_int_equal(one->usri4_acct_expires, users[i].usri3_acct_expires);
        assert_int_equal(one->usri4_password_expired != 0, users[i].usri3_password_expired != 0);
        assert_int_equal(one->usri4_units_per_week, 168);
        assert_memory_equal(one->usri4_logon_hours, users[i].usri3_logon_hours, 21);
        assert_same(one->usri4_logon_server, u"\\\\*");
        assert_int_equal(one->usri4_max_storage, USER_MAXSTORAGE_UNLIMITED);
        assert_int_equal(sid->SubAuthority[sid->SubAuthorityCount - 1], users[i].usri3_user_id);
        assert_int_equal(one23->usri23_flags, one->usri4_flags);
        assert_same(users20[i].usri20_name, users[i].usri3_name);
        assert_same(users20[i].usri20_full_name, users[i].usri3_full_name);
        assert_same(users20[i].usri20_comment, users[i].usri3_comment);
        assert_int_equal(users20[i].usri20_user_id, users[i].usri3_user_id);
        /* which a list of level 20 does not tell */
        assert_int_equal(users20[i].usri20_flags, users[i].usri3_flags & ~(DWORD)UF_PASSWD_CANT_CHANGE);
        assert_same(users11[i].usri11_name, users[i].usri3_name);
        assert_int_equal(users11[i].usri11_priv, users[i].usri3_priv);
        assert_int_equal(users11[i].usri11_auth_flags, users[i].usri3_auth_flags);
        assert_same(users10[i].usri10_name, users[i].usri3_name);
        assert_same(users10[i].usri10_usr_comment, users[i].usri3_usr_comment);
        NetApiBufferFree(one);
        NetApiBufferFree(one23);
    }
    NetApiBufferFree(users);
    NetApiBufferFree(users20);
    NetApiBufferFree(users11);
    NetApiBufferFree(users10);
}

static void check_get(void)
{
    static const DWORD levels[] = {0, 1, 2, 3, 4, 10, 11, 20, 23};
    LPBYTE none;

    for (size_t l = 0; l < COUNT(levels); l++) {
        LPWSTR *name = get(u"ALICE", levels[l]);

        assert_same(*name, u"alice");
        NetApiBufferFree(name);
    }
    assert_int_equal(NetUserGetInfo(S, u"alice", 24, &none), ERROR_INVALID_LEVEL);
    assert_int_equal(NetUserGetInfo(S, u"nobody here", 1, &none), NERR_UserNotFound);
    assert_null(none);
    assert_int_equal(NetUserGetInfo(S, u"Domain Users", 1, &none), NERR_UserNotFound);
}

static void check_filters(void)
{
    static const DWORD filters[] = {FILTER_TEMP_DUPLICATE_ACCOUNT, FILTER_NORMAL_ACCOUNT,
                                    FILTER_INTERDOMAIN_TRUST_ACCOUNT, FILTER_WORKSTATION_TRUST_ACCOUNT,
                                    FILTER_SERVER_TRUST_ACCOUNT};
    static const DWORD flags[] = {UF_TEMP_DUPLICATE_ACCOUNT, UF_NORMAL_ACCOUNT, UF_INTERDOMAIN_TRUST_ACCOUNT,
                                  UF_WORKSTATION_TRUST_ACCOUNT, UF_SERVER_TRUST_ACCOUNT};
    USER_INFO_20 *all, *some;
    DWORD count = enum_all(20, 0, &all);
    LPBYTE buffer;

    for (DWORD mask = 1; mask < 32; mask++) {
        DWORD filter = 0, expected = 0, read;

        for (DWORD bit = 0; bit < 5; bit++) {
            if (!(mask & 1u << bit))
                continue;
            filter |= filters[bit];
            for (DWORD i = 0; i < count; i++)
                expected += (all[i].usri20_flags & flags[bit]) != 0;
        }
        read = enum_all(20, filter, &some);
        assert_int_equal(read, expected);
        assert_int_equal(position((BYTE *)some, read, sizeof(*some), server->machine) >= 0,
                         (filter & FILTER_WORKSTATION_TRUST_ACCOUNT) != 0);
        NetApiBufferFree(some);
        assert_int_equal(enum_all(0, filter, &buffer), expected);
        NetApiBufferFree(buffer);
    }
    for (size_t l = 0; l < COUNT(user_levels); l++) {
        DWORD read = enum_all(user_levels[l], FILTER_WORKSTATION_TRUST_ACCOUNT, &buffer);

        assert_int_equal(read, 1);
        assert_same(*(LPWSTR *)buffer, server->machine);
        NetApiBufferFree(buffer);
    }
    NetApiBufferFree(all);
}

static void check_pages(DWORD level)
{
    size_t width = user_width(level);
    DWORD resume = 0, seen = 0, read, total, size, count;
    DWORD limit = (DWORD)(width + 300); /* one or some */
    NET_API_STATUS status;
    LPBYTE all, page;

    count = enum_all(level, 0, &all);
    do {
        status = NetUserEnum(S, level, 0, &page, limit, &read, &total, &resume);
        assert_true(status == NERR_Success || status == ERROR_MORE_DATA);
        assert_true(read > 0);
        assert_int_equal(total, count - seen);
        assert_ok(NetApiBufferSize(page, &size));
        assert_true(size <= limit);
        for (DWORD i = 0; i < read; i++)
            assert_same(*(LPWSTR *)(page + i * width), *(LPWSTR *)(all + (seen + i) * width));
        seen += read;
        NetApiBufferFree(page);
    } while (status == ERROR_MORE_DATA);
    assert_int_equal(seen, count);
    NetApiBufferFree(all);
}

/* Every level of both functions, a filter, and the pages of one level. */
static void check_way(void)
{
    check_get();
    for (size_t l = 0; l < COUNT(user_levels); l++) {
        LPBYTE all, machines;
        DWORD count = enum_all(user_levels[l], 0, &all);

        assert_true(position(all, count, user_width(user_levels[l]), u"alice") >= 0);
        assert_true(position(all, count, user_width(user_levels[l]), server->machine) >= 0);
        NetApiBufferFree(all);
        assert_int_equal(enum_all(user_levels[l], FILTER_WORKSTATION_TRUST_ACCOUNT, &machines), 1);
        assert_same(*(LPWSTR *)machines, server->machine);
        NetApiBufferFree(machines);
    }
    check_pages(20);
}

/* A line of a tool's that begins with `key`: what follows, without blanks around it. False: there is none. */
static bool told(const char *command, const char *user, const char *key, char value[300])
{
    FILE *f;
    char line[1000];
    bool found = false;

    setenv("USER_NAME", user, 1);
    f = popen(command, "r");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f)) {
        if (found || strncmp(line, key, strlen(key)) != 0)
            continue;
        found = true;
        snprintf(value, 300, "%s", line + strlen(key) + strspn(line + strlen(key), ": "));
        value[strcspn(value, "\n")] = '\0';
    }
    pclose(f);
    return found;
}

static void assert_told(const char *user, const char *key, LPCWSTR ours)
{
    char value[300] = "", utf8[300];

    told(server->show, user, key, value); /* what is empty is not shown by some */
    netmgmt_utf8(ours, utf8, sizeof(utf8));
    if (strcmp(value, utf8) != 0)
        fail_msg("%s: %s \"%s\" here, \"%s\" there", user, key, utf8, value);
}

static void check_texts(const char *const keys[7])
{
    USER_INFO_3 *i = get(u"alice", 3);

    assert_same(i->usri3_full_name, u"Alice \u00c4pfel");
    assert_same(i->usri3_comment, u"of sales");
    assert_same(i->usri3_home_dir, u"\\\\files\\alice");
    assert_same(i->usri3_home_dir_drive, u"H:");
    assert_same(i->usri3_script_path, u"logon.cmd");
    assert_same(i->usri3_profile, u"\\\\files\\profile");
    assert_same(i->usri3_workstations, u"ONE,TWO");
    if (keys[0])
        assert_told("alice", keys[0], i->usri3_full_name);
    assert_told("alice", keys[1], i->usri3_comment);
    assert_told("alice", keys[2], i->usri3_home_dir);
    assert_told("alice", keys[3], i->usri3_home_dir_drive);
    assert_told("alice", keys[4], i->usri3_script_path);
    assert_told("alice", keys[5], i->usri3_profile);
    assert_told("alice", keys[6], i->usri3_workstations);
    NetApiBufferFree(i);
}

/* The users are those that Samba's tool lists, and no others. */
static void check_names(void)
{
    FILE *f = popen(server->names, "r");
    DWORD count, listed = 0;
    USER_INFO_0 *users;
    char line[300];

    assert_non_null(f);
    count = enum_all(0, 0, &users);
    while (fgets(line, sizeof(line), f)) {
        WCHAR name[300];

        line[strcspn(line, "\n")] = '\0';
        netmgmt_utf16(line, name, 300);
        if (position((BYTE *)users, count, sizeof(*users), name) < 0)
            fail_msg("%s is not listed", line);
        listed++;
    }
    pclose(f);
    assert_int_equal(listed, count);
    NetApiBufferFree(users);
}

static DWORD flags_of(LPCWSTR user)
{
    USER_INFO_1 *i = get(user, 1);
    DWORD flags = i->usri1_flags;

    NetApiBufferFree(i);
    return flags;
}

static DWORD expired(LPCWSTR user)
{
    USER_INFO_3 *i = get(user, 3);
    DWORD value = i->usri3_password_expired;

    NetApiBufferFree(i);
    return value;
}

static void check_accounts(void)
{
    USER_INFO_11 *i = get(server->admin, 11);

    assert_int_equal(i->usri11_priv, USER_PRIV_ADMIN);
    NetApiBufferFree(i);
    i = get(u"disabled", 11);
    assert_int_equal(i->usri11_priv, USER_PRIV_USER);
    NetApiBufferFree(i);
    if (server->operator) {
        i = get(server->operator, 11);
        assert_int_equal(i->usri11_priv, USER_PRIV_USER);
        assert_int_equal(i->usri11_auth_flags, AF_OP_PRINT);
        NetApiBufferFree(i);
    }
    assert_int_equal(flags_of(u"bob") & (UF_SCRIPT | UF_NORMAL_ACCOUNT | UF_ACCOUNTDISABLE),
                     UF_SCRIPT | UF_NORMAL_ACCOUNT);
    assert_true(flags_of(u"bob") & UF_DONT_EXPIRE_PASSWD);
    assert_true(flags_of(u"disabled") & UF_ACCOUNTDISABLE);
    assert_true(flags_of(u"locked") & UF_LOCKOUT);
    assert_int_equal(flags_of(server->machine) & UF_ACCOUNT_TYPE_MASK, UF_WORKSTATION_TRUST_ACCOUNT);
    assert_int_equal(expired(u"bob"), 0);
    assert_int_not_equal(expired(u"mustchange"), 0);
    assert_int_not_equal(expired(u"oldpass"), 0);
}

static void test_tools_files(void **state)
{
    static const char *const keys[7] = {"Full Name",    "Account desc", "Home Directory", "HomeDir Drive",
                                        "Logon Script", "Profile Path", "Workstations"};
    USER_INFO_3 *i;
    char value[300];

    (void)state;
    way_take(server->way, NULL);
    check_names();
    check_texts(keys);
    check_accounts();
    i = get(u"alice", 3);
    assert_true(told(server->show, "alice", "User SID", value));
    assert_int_equal(strtoul(strrchr(value, '-') + 1, NULL, 10), i->usri3_user_id);
    assert_true(told(server->show, "alice", "Primary Group SID", value));
    assert_int_equal(strtoul(strrchr(value, '-') + 1, NULL, 10), i->usri3_primary_group_id);
    assert_true(labs((long)(time(NULL) - 0x68000000 - (time_t)i->usri3_password_age)) < 60);
    NetApiBufferFree(i);
    i = get(u"expired", 3);
    assert_int_equal(i->usri3_acct_expires, 1000000000);
    NetApiBufferFree(i);
}

static void test_tools_dc(void **state)
{
    static const char *const keys[7] = {NULL,         "description", "homeDirectory",   "homeDrive",
                                        "scriptPath", "profilePath", "userWorkstations"};
    static const BYTE hours[21] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};
    USER_INFO_3 *i;
    char value[300];

    (void)state;
    way_take(server->way, NULL);
    check_names();
    check_texts(keys);
    check_accounts();
    i = get(u"alice", 3);
    assert_same(i->usri3_usr_comment, u"on leave");
    assert_int_equal(i->usri3_acct_expires, 138000000000000000 / 10000000 - 11644473600);
    assert_int_equal(i->usri3_country_code, 49);
    assert_int_equal(i->usri3_code_page, 850);
    assert_memory_equal(i->usri3_logon_hours, hours, sizeof(hours));
    assert_true(told(server->show, "alice", "objectSid", value));
    assert_int_equal(strtoul(strrchr(value, '-') + 1, NULL, 10), i->usri3_user_id);
    assert_true(told(server->show, "alice", "primaryGroupID", value));
    assert_int_equal(strtoul(value, NULL, 10), i->usri3_primary_group_id);
    assert_true(told(server->show, "alice", "pwdLastSet", value));
    assert_true(labs((long)(time(NULL) - (strtoll(value, NULL, 10) / 10000000 - 11644473600) -
                            (time_t)i->usri3_password_age)) < 60);
    NetApiBufferFree(i);
    i = get(u"bob", 3);
    assert_int_equal(i->usri3_acct_expires, TIMEQ_FOREVER);
    assert_same(i->usri3_usr_comment, u"");
    NetApiBufferFree(i);
    i = get(u"mustchange", 3);
    assert_int_equal(i->usri3_password_age, 0);
    NetApiBufferFree(i);
    i = get(u"Guest", 3);
    assert_int_equal(i->usri3_priv, USER_PRIV_GUEST);
    NetApiBufferFree(i);
    i = get(u"DC1$", 3);
    assert_int_equal(i->usri3_flags & UF_ACCOUNT_TYPE_MASK, UF_SERVER_TRUST_ACCOUNT);
    NetApiBufferFree(i);
}

/* Who may read and not change sees the same. */
static void test_as_user(void **state)
{
    struct netmgmt_credentials c = {.size = sizeof(c),
                                    .user = "bob",
                                    .domain = server->way->domain,
                                    .password = getenv("SAMBA_PASSWORD"),
                                    .kerberos = NETMGMT_KERBEROS_OFF};
    USER_INFO_3 *mine, *his;
    DWORD count;

    (void)state;
    way_take(server->way, NULL);
    count = enum_all(3, 0, &mine);
    assert_ok(netmgmt_set_credentials(S, &c));
    assert_int_equal(enum_all(3, 0, &his), count);
    for (DWORD i = 0; i < count; i++) {
        assert_same(his[i].usri3_name, mine[i].usri3_name);
        assert_int_equal(his[i].usri3_flags, mine[i].usri3_flags);
        assert_int_equal(his[i].usri3_priv, mine[i].usri3_priv);
        assert_same(his[i].usri3_home_dir, mine[i].usri3_home_dir);
    }
    NetApiBufferFree(mine);
    NetApiBufferFree(his);
    check_get();
}

static void test_ways(void **state)
{
    (void)state;
    ways_run(server->way, 0, check_way);
}

/* All levels, filters and pages, compared with each other. */
static void check_thoroughly(const struct way *way)
{
    way_take(server->way, way);
    check_get();
    check_as_get();
    check_filters();
    for (size_t l = 0; l < COUNT(user_levels); l++)
        check_pages(user_levels[l]);
}

static void test_thoroughly(void **state)
{
    static const struct way old = {.transport = NETMGMT_TRANSPORT_PIPE,
                                   .dialect = NETMGMT_SMB_2_0_2,
                                   .signing = NETMGMT_SIGNING_HMAC_SHA256,
                                   .logon = WAY_NTLM};
    static const struct way tcp = {.transport = NETMGMT_TRANSPORT_TCP, .logon = WAY_TICKET};

    (void)state;
    check_thoroughly(NULL);
    check_thoroughly(&old);
    if (server->way->dc)
        check_thoroughly(&tcp);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest standalone[] = {
        cmocka_unit_test_teardown(test_tools_files, no_buffers),
        cmocka_unit_test_teardown(test_thoroughly, no_buffers),
        cmocka_unit_test_teardown(test_ways, no_buffers),
        cmocka_unit_test_teardown(test_as_user, no_buffers),
    };
    const struct CMUnitTest domain[] = {
        cmocka_unit_test_teardown(test_tools_dc, no_buffers),
        cmocka_unit_test_teardown(test_thoroughly, no_buffers),
        cmocka_unit_test_teardown(test_ways, no_buffers),
        cmocka_unit_test_teardown(test_as_user, no_buffers),
    };
    bool dc = argc > 1 && strcmp(argv[1], "dc") == 0;

    server = &servers[dc];
    S = server->way->name;
    if (system(server->prepare) != 0)
        return fprintf(stderr, "the accounts cannot be prepared\n"), 1;
    return dc ? cmocka_run_group_tests(domain, NULL, NULL) : cmocka_run_group_tests(standalone, NULL, NULL);
}
