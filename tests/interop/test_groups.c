/* SPDX-License-Identifier: MIT */
/*
 * The group functions against real Samba: every function and level in every way
 * to reach it, and seen with Samba's own tools. Argument: "files" (a standalone
 * server) or "dc".
 *
 * What the two servers do otherwise than Windows is in struct server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <lm.h>
#include <netmgmt.h>
#include <windows.h>

#include "../net_assert.h"
#include "ways.h"

static const struct server {
    const struct way_server *way;
    NET_API_STATUS name_of_user; /* of adding a group so named; Windows: NERR_UserExists */
    DWORD builtin_groups;        /* before any is added */
    /* Samba's own tools. Of $GROUP: is it there (by each of two), add, delete, is alice in it, put bob in */
    const char *tool_list, *tool_list_rpc, *tool_add, *tool_delete, *tool_alice, *tool_bob;
    const char *tool_user; /* add user $GROUP */
} servers[] = {
    {.way = &way_files,
     .name_of_user = NERR_UserExists,
     .tool_list = "net -s $SAMBA_FILES_CONF groupmap list ntgroup=\"$GROUP\" >/dev/null",
     .tool_list_rpc = "net rpc group list -s $SAMBA_FILES_CONF -S files -U admin%$SAMBA_PASSWORD "
                      "| grep -x \"$GROUP\" >/dev/null",
     .tool_add = "$SAMBA_DIR/files/accounts add-group \"$GROUP\" >/dev/null && net -s $SAMBA_FILES_CONF "
                 "groupmap add ntgroup=\"$GROUP\" unixgroup=\"$GROUP\" type=domain >/dev/null",
     .tool_delete = "net -s $SAMBA_FILES_CONF groupmap delete ntgroup=\"$GROUP\" >/dev/null",
     .tool_alice = "net rpc group members \"$GROUP\" -s $SAMBA_FILES_CONF -S files -U admin%$SAMBA_PASSWORD "
                   "| grep -i alice >/dev/null",
     .tool_bob = "net rpc group addmem \"$GROUP\" bob -s $SAMBA_FILES_CONF -S files "
                 "-U admin%$SAMBA_PASSWORD >/dev/null",
     .tool_user = "$SAMBA_DIR/files/accounts add-user \"$GROUP\" && printf 'Secret.77\\nSecret.77\\n' | "
                  "pdbedit -s $SAMBA_FILES_CONF -a -t \"$GROUP\" >/dev/null 2>&1"},
    {.way = &way_dc,
     .name_of_user = NERR_GroupExists,
     .builtin_groups = 11,
     .tool_list = "samba-tool group list -s $SAMBA_DC_CONF | grep -x \"$GROUP\" >/dev/null",
     .tool_list_rpc =
         "net rpc group list -s $SAMBA_DC_CONF -S dc1.world.test -U Administrator%$SAMBA_PASSWORD "
         "| grep -x \"$GROUP\" >/dev/null",
     .tool_add = "samba-tool group add -s $SAMBA_DC_CONF \"$GROUP\" >/dev/null",
     .tool_delete = "samba-tool group delete -s $SAMBA_DC_CONF \"$GROUP\" >/dev/null",
     .tool_alice = "samba-tool group listmembers -s $SAMBA_DC_CONF \"$GROUP\" | grep -x alice >/dev/null",
     .tool_bob = "samba-tool group addmembers -s $SAMBA_DC_CONF \"$GROUP\" bob >/dev/null",
     .tool_user = "printf 'Secret.77\\nSecret.77\\n' | "
                  "pdbedit -s $SAMBA_DC_CONF -a -t \"$GROUP\" >/dev/null 2>&1"},
};
static const struct server *server;
static LPCWSTR S; /* its name */

/* A command of the shell, with the name of a group in $GROUP. */
static int run(const char *command, const char *group)
{
    setenv("GROUP", group, 1);
    return system(command);
}

/* A Samba server goes on listing what it remembers, until 10 seconds after it was asked last, when another of
 * its processes has changed it. */
#define REMEMBERS 11
#define TRIES 3

static bool run_until(const char *command, const char *group, bool success)
{
    for (int i = 1; (run(command, group) == 0) != success; i++) {
        if (i == TRIES)
            return false;
        sleep(REMEMBERS);
    }
    return true;
}

static void *get(LPCWSTR group, DWORD level)
{
    LPBYTE buffer = NULL;

    assert_ok(NetGroupGetInfo(S, group, level, &buffer));
    assert_non_null(buffer);
    return buffer;
}

static void check_comment(LPCWSTR name, LPCWSTR comment)
{
    GROUP_INFO_2 *got = get(name, 2);

    assert_true(same(got->grpi2_name, name));
    assert_true(same(got->grpi2_comment, comment));
    assert_int_equal(got->grpi2_attributes, 7);
    assert_true(got->grpi2_group_id >= 1000);
    NetApiBufferFree(got);
}

static LPCWSTR const names[] = {u"iop zero",  u"iop one",     u"iop two",
                                u"iop three", u"iop Renamed", u"iop tool"};

static int clean(void **state)
{
    size_t count, bytes;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        NET_API_STATUS status = NetGroupDel(S, names[i]);

        if (status && status != NERR_GroupNotFound)
            fail_msg("cleaning: %u %s", status, netmgmt_strerror(status));
    }
    netmgmt_buffers_live(&count, &bytes);
    assert_int_equal(count, 0);
    return 0;
}

static void check_add_get(void)
{
    GROUP_INFO_0 info0 = {u"iop zero"}, *got0;
    GROUP_INFO_1 info1 = {u"iop one", u"first \u00e4\u20ac"}, *got1;
    GROUP_INFO_2 info2 = {u"iop two", u"second", 77, 7}, *got2;
    GROUP_INFO_3 info3 = {u"iop three", u"third", NULL, 7}, *got3;
    LPBYTE none = (LPBYTE)&info0;
    const SID *sid;
    DWORD parm = 99;

    assert_ok(NetGroupAdd(S, 0, (LPBYTE)&info0, &parm));
    assert_ok(NetGroupAdd(S, 1, (LPBYTE)&info1, &parm));
    assert_ok(NetGroupAdd(S, 2, (LPBYTE)&info2, &parm));
    assert_ok(NetGroupAdd(S, 3, (LPBYTE)&info3, &parm));
    assert_int_equal(NetGroupAdd(S, 0, (LPBYTE)&info0, &parm), NERR_GroupExists);
    info0.grpi0_name = u"alice";
    assert_int_equal(NetGroupAdd(S, 0, (LPBYTE)&info0, &parm), server->name_of_user);
    assert_int_equal(NetGroupAdd(S, 4, (LPBYTE)&info0, &parm), ERROR_INVALID_LEVEL);
    got0 = get(u"iop zero", 0);
    assert_true(same(got0->grpi0_name, u"iop zero"));
    got1 = get(u"IOP ONE", 1);
    assert_true(same(got1->grpi1_name, u"iop one") && same(got1->grpi1_comment, info1.grpi1_comment));
    check_comment(u"iop two", u"second");
    check_comment(u"iop three", u"third");
    got2 = get(u"iop three", 2);
    got3 = get(u"iop three", 3);
    sid = got3->grpi3_group_sid;
    assert_true(sid->Revision == 1 && sid->SubAuthorityCount == 5 && sid->SubAuthority[0] == 21);
    assert_int_equal(sid->SubAuthority[4], got2->grpi2_group_id);
    assert_true(same(got3->grpi3_comment, u"third"));
    NetApiBufferFree(got0);
    NetApiBufferFree(got1);
    NetApiBufferFree(got2);
    NetApiBufferFree(got3);
    assert_int_equal(NetGroupGetInfo(S, u"iop nobody", 1, &none), NERR_GroupNotFound);
    assert_null(none);
    assert_int_equal(NetGroupGetInfo(S, u"alice", 1, &none), NERR_GroupNotFound);
}

static void check_set(void)
{
    GROUP_INFO_0 info0 = {u"iop Renamed"};
    GROUP_INFO_1 info1 = {NULL, u"by level 1"};
    GROUP_INFO_2 info2 = {NULL, u"by level 2", 0, 7};
    GROUP_INFO_3 info3 = {NULL, u"by level 3", NULL, 7};
    GROUP_INFO_1002 info1002 = {u"by level 1002"};
    GROUP_INFO_1005 info1005 = {7};
    DWORD parm = 99;

    assert_ok(NetGroupSetInfo(S, u"iop one", 1, (LPBYTE)&info1, &parm));
    check_comment(u"iop one", u"by level 1");
    assert_ok(NetGroupSetInfo(S, u"iop one", 2, (LPBYTE)&info2, &parm));
    check_comment(u"iop one", u"by level 2");
    assert_ok(NetGroupSetInfo(S, u"iop one", 3, (LPBYTE)&info3, &parm));
    check_comment(u"iop one", u"by level 3");
    assert_ok(NetGroupSetInfo(S, u"iop one", 1002, (LPBYTE)&info1002, &parm));
    check_comment(u"iop one", u"by level 1002");
    info1002.grpi1002_comment = u"";
    assert_ok(NetGroupSetInfo(S, u"iop one", 1002, (LPBYTE)&info1002, &parm));
    check_comment(u"iop one", u"");
    assert_ok(NetGroupSetInfo(S, u"iop one", 1005, (LPBYTE)&info1005, &parm));
    assert_ok(NetGroupSetInfo(S, u"iop one", 0, (LPBYTE)&info0, &parm));
    check_comment(u"iop Renamed", u"");
    assert_int_equal(NetGroupSetInfo(S, u"iop one", 1, (LPBYTE)&info1, &parm), NERR_GroupNotFound);
}

static void check_enum(void)
{
    static const size_t widths[] = {sizeof(GROUP_INFO_0), sizeof(GROUP_INFO_1), sizeof(GROUP_INFO_2),
                                    sizeof(GROUP_INFO_3)};
    DWORD read, total, seen = 0, found = 0;
    DWORD_PTR resume = 0;
    NET_API_STATUS status;
    LPBYTE buffer;

    for (DWORD level = 0; level < 4; level++) {
        int at;

        assert_ok(NetGroupEnum(S, level, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL));
        assert_int_equal(read, server->builtin_groups + 4);
        assert_int_equal(total, read);
        at = position(buffer, read, widths[level], u"iop three");
        assert_true(at >= 0 && position(buffer, read, widths[level], u"iop zero") >= 0);
        if (level == 2) {
            GROUP_INFO_2 *group = (GROUP_INFO_2 *)buffer + at, *got = get(u"iop three", 2);

            assert_true(same(group->grpi2_comment, u"third"));
            assert_int_equal(group->grpi2_group_id, got->grpi2_group_id);
            NetApiBufferFree(got);
        }
        if (level == 3)
            assert_int_equal(((SID *)((GROUP_INFO_3 *)buffer)[at].grpi3_group_sid)->SubAuthorityCount, 5);
        NetApiBufferFree(buffer);
    }
    do { /* pages of one or two */
        status = NetGroupEnum(S, 1, &buffer, 300, &read, &total, &resume);
        assert_true(status == NERR_Success || status == ERROR_MORE_DATA);
        assert_true(read > 0 && total >= read);
        seen += read;
        found += position(buffer, read, sizeof(GROUP_INFO_1), u"iop three") >= 0;
        found += position(buffer, read, sizeof(GROUP_INFO_1), u"iop zero") >= 0;
        NetApiBufferFree(buffer);
    } while (status == ERROR_MORE_DATA);
    assert_int_equal(seen, server->builtin_groups + 4);
    assert_int_equal(found, 2);
}

static DWORD members(LPCWSTR group, GROUP_USERS_INFO_1 **out)
{
    DWORD read = 99, total = 99;

    assert_ok(NetGroupGetUsers(S, group, 1, (LPBYTE *)out, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    assert_int_equal(read, total);
    return read;
}

static void check_members(void)
{
    GROUP_USERS_INFO_0 both[] = {{u"bob"}, {u"alice"}}, *page;
    GROUP_USERS_INFO_1 one[] = {{u"bob", 7}}, *list;
    DWORD read, total, seen = 0;
    DWORD_PTR resume = 0;
    NET_API_STATUS status;

    assert_ok(NetGroupAddUser(S, u"iop two", u"alice"));
    assert_int_equal(NetGroupAddUser(S, u"iop two", u"alice"), NERR_UserInGroup);
    assert_int_equal(NetGroupAddUser(S, u"iop two", u"no such user"), NERR_UserNotFound);
    assert_int_equal(NetGroupAddUser(S, u"iop nobody", u"alice"), NERR_GroupNotFound);
    assert_int_equal(members(u"iop two", &list), 1);
    assert_true(same(list[0].grui1_name, u"alice"));
    assert_int_equal(list[0].grui1_attributes, 7);
    NetApiBufferFree(list);
    assert_ok(NetGroupSetUsers(S, u"iop two", 0, (LPBYTE)both, 2));
    assert_int_equal(members(u"iop two", &list), 2);
    NetApiBufferFree(list);
    do {
        status = NetGroupGetUsers(S, u"iop two", 0, (LPBYTE *)&page, 24, &read, &total, &resume);
        assert_true(status == NERR_Success || status == ERROR_MORE_DATA);
        seen += read;
        assert_int_equal(read, 1);
        NetApiBufferFree(page);
    } while (status == ERROR_MORE_DATA);
    assert_int_equal(seen, 2);
    assert_ok(NetGroupSetUsers(S, u"iop two", 1, (LPBYTE)one, 1));
    assert_int_equal(members(u"iop two", &list), 1);
    assert_true(same(list[0].grui1_name, u"bob"));
    NetApiBufferFree(list);
    assert_ok(NetGroupDelUser(S, u"iop two", u"bob"));
    assert_int_equal(NetGroupDelUser(S, u"iop two", u"bob"), NERR_UserNotInGroup);
    assert_int_equal(members(u"iop two", &list), 0);
    assert_ok(NetGroupAddUser(S, u"iop two", u"bob")); /* goes with the group */
}

static void check_delete(void)
{
    assert_ok(NetGroupDel(S, u"iop two"));
    assert_ok(NetGroupDel(S, u"iop Renamed"));
    assert_int_equal(NetGroupDel(S, u"iop two"), NERR_GroupNotFound);
    assert_int_equal(NetGroupDel(S, u"alice"), NERR_GroupNotFound);
}

/* The nine functions, with every level. */
static void check_all(void)
{
    GROUP_INFO_0 info0 = {(LPWSTR)u"iop Renamed"};

    clean(NULL);
    check_add_get();
    check_enum();
    check_members();
    check_set();
    check_delete();
    assert_ok(NetGroupAdd(S, 0, (LPBYTE)&info0, NULL));
}

/* Connections to port 445 that this world has. */
static unsigned count_smb(void)
{
    FILE *f = fopen("/proc/self/net/tcp", "r");
    char line[300];
    unsigned count = 0;

    assert_non_null(f);
    while (fgets(line, sizeof(line), f))
        count += strstr(line, ":01BD 01 ") != NULL;
    fclose(f);
    return count;
}

/* The first of all: there must be no SMB in it. */
static void test_tcp(void **state)
{
    (void)state;
    ways_run(server->way, NETMGMT_TRANSPORT_TCP, check_all);
    assert_int_equal(count_smb(), 0);
}

static void test_pipes(void **state)
{
    (void)state;
    ways_run(server->way, NETMGMT_TRANSPORT_PIPE, check_all);
    way_take(server->way, NULL);
    check_all();
    assert_true(count_smb() > 0);
}

/* What we make is seen by others' tools. */
static void test_seen_by_tools(void **state)
{
    GROUP_INFO_1 info = {u"iop one", u"made by us"};

    (void)state;
    way_take(server->way, NULL);
    clean(NULL);
    assert_int_not_equal(run(server->tool_list, "iop one"), 0);
    assert_ok(NetGroupAdd(S, 1, (LPBYTE)&info, NULL));
    assert_int_equal(run(server->tool_list, "iop one"), 0);
    assert_true(run_until(server->tool_list_rpc, "iop one", true));
    assert_int_not_equal(run(server->tool_alice, "iop one"), 0);
    assert_ok(NetGroupAddUser(S, u"iop one", u"alice"));
    assert_int_equal(run(server->tool_alice, "iop one"), 0);
    assert_ok(NetGroupDelUser(S, u"iop one", u"alice"));
    assert_int_not_equal(run(server->tool_alice, "iop one"), 0);
    assert_ok(NetGroupDel(S, u"iop one"));
    assert_int_not_equal(run(server->tool_list, "iop one"), 0);
    assert_true(run_until(server->tool_list_rpc, "iop one", false));
}

static bool is_listed(LPCWSTR name)
{
    GROUP_INFO_0 *groups;
    DWORD read, total;
    bool found;

    assert_ok(NetGroupEnum(S, 0, (LPBYTE *)&groups, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    found = position((LPBYTE)groups, read, sizeof(*groups), name) >= 0;
    NetApiBufferFree(groups);
    return found;
}

/* What they make is seen by us. */
static void test_sees_tools(void **state)
{
    GROUP_USERS_INFO_1 *list;
    LPBYTE buffer;

    (void)state;
    way_take(server->way, NULL);
    clean(NULL);
    assert_int_equal(run(server->tool_add, "iop tool"), 0);
    buffer = get(u"iop tool", 1);
    assert_true(same(((GROUP_INFO_1 *)buffer)->grpi1_name, u"iop tool"));
    NetApiBufferFree(buffer);
    for (int i = 1; !is_listed(u"iop tool"); i++) {
        assert_true(i < TRIES);
        sleep(REMEMBERS);
    }
    assert_int_equal(run(server->tool_bob, "iop tool"), 0);
    assert_int_equal(members(u"iop tool", &list), 1);
    assert_true(same(list[0].grui1_name, u"bob"));
    NetApiBufferFree(list);
    assert_int_equal(NetGroupAddUser(S, u"iop tool", u"iopcarol"), NERR_UserNotFound);
    assert_int_equal(run(server->tool_user, "iopcarol"), 0);
    assert_ok(NetGroupAddUser(S, u"iop tool", u"iopcarol"));
    assert_int_equal(members(u"iop tool", &list), 2);
    assert_true(position((LPBYTE)list, 2, sizeof(*list), u"iopcarol") >= 0);
    NetApiBufferFree(list);
    assert_int_equal(run(server->tool_delete, "iop tool"), 0);
    assert_int_equal(NetGroupGetInfo(S, u"iop tool", 1, &buffer), NERR_GroupNotFound);
}

static NET_API_STATUS as(const char *user, const char *domain, const char *password, int kerberos)
{
    struct netmgmt_credentials c = {
        .size = sizeof(c), .user = user, .domain = domain, .password = password, .kerberos = kerberos};
    LPBYTE buffer = NULL;
    DWORD read, total;
    NET_API_STATUS status;

    assert_ok(netmgmt_set_credentials(S, &c));
    status = NetGroupEnum(S, 0, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL);
    NetApiBufferFree(buffer);
    return status;
}

static void check_refusals(int kerberos)
{
    const char *password = getenv("SAMBA_PASSWORD"), *d = server->way->domain;
    bool k = kerberos == NETMGMT_KERBEROS_REQUIRED; /* a KDC says less than an SMB server */

    assert_ok(as("alice", d, password, kerberos));
    assert_int_equal(as("alice", d, "wrong", kerberos), ERROR_LOGON_FAILURE);
    assert_int_equal(as("no such user", d, password, kerberos), ERROR_LOGON_FAILURE);
    assert_int_equal(as("disabled", d, password, kerberos), ERROR_ACCOUNT_DISABLED);
    assert_int_equal(as("locked", d, password, kerberos),
                     k ? ERROR_ACCOUNT_DISABLED : ERROR_ACCOUNT_LOCKED_OUT);
    assert_int_equal(as("expired", d, password, kerberos),
                     k ? ERROR_ACCOUNT_DISABLED : ERROR_ACCOUNT_EXPIRED);
    assert_int_equal(as("oldpass", d, password, kerberos), ERROR_PASSWORD_EXPIRED);
    assert_int_equal(as("mustchange", d, password, kerberos),
                     k ? ERROR_PASSWORD_EXPIRED : ERROR_PASSWORD_MUST_CHANGE);
    assert_ok(as(server->way->user, d, password, kerberos));
}

/* What no server may accept is refused here with one status, whatever the server would say or do; what a
 * domain controller takes goes through; and what is there under a bad name can be looked at, renamed and
 * deleted. */
static void test_names(void **state)
{
    static LPCWSTR const bad[] = {u"",      u" ",     u"iop.",  u"iop/x", u"iop\\x", u"iop\"x",  u"iop[x",
                                  u"iop]x", u"iop:x", u"iop;x", u"iop|x", u"iop<x",  u"iop>x",   u"iop+x",
                                  u"iop=x", u"iop?x", u"iop,x", u"iop*x", u"iop\tx", u"iop\x1fx"};
    static LPCWSTR const good[] = {u" iop", u"iop ", u"iop. x", u".iop", u"iop@x", u"iop%x'#$&()-^_`{}~!",
                                   u". "};
    GROUP_INFO_0 info = {u"iop zero"};
    LPBYTE buffer;
    DWORD parm;

    (void)state;
    way_take(server->way, NULL);
    assert_ok(NetGroupAdd(S, 0, (LPBYTE)&info, NULL));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        info.grpi0_name = (LPWSTR)bad[i];
        parm = 99;
        assert_int_equal(NetGroupAdd(S, 0, (LPBYTE)&info, &parm), NERR_BadUsername);
        assert_int_equal(parm, GROUP_NAME_PARMNUM);
        assert_int_equal(NetGroupSetInfo(S, u"iop zero", 0, (LPBYTE)&info, NULL), NERR_BadUsername);
    }
    assert_ok(NetGroupDel(S, u"iop zero"));
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        info.grpi0_name = (LPWSTR)good[i];
        assert_ok(NetGroupAdd(S, 0, (LPBYTE)&info, NULL));
        assert_ok(NetGroupDel(S, good[i]));
    }
    assert_int_equal(NetGroupGetInfo(S, u"iop/x", 0, &buffer), NERR_GroupNotFound);
    assert_int_equal(NetGroupDel(S, u"iop=x"), NERR_GroupNotFound);
    if (server != &servers[0]) /* the domain controller has none to find */
        return;
    for (int rename = 0; rename < 2; rename++) {
        info.grpi0_name = u"iop zero";
        assert_int_equal(run(server->tool_add, "iop=x"), 0);
        assert_ok(NetGroupGetInfo(S, u"iop=x", 0, &buffer));
        assert_true(same(((GROUP_INFO_0 *)buffer)->grpi0_name, u"iop=x"));
        NetApiBufferFree(buffer);
        if (rename)
            assert_ok(NetGroupSetInfo(S, u"iop=x", 0, (LPBYTE)&info, NULL));
        assert_ok(NetGroupDel(S, rename ? u"iop zero" : u"iop=x"));
    }
}

static void test_refusals(void **state)
{
    GROUP_INFO_0 info = {u"iop zero"};
    LPBYTE buffer;
    DWORD read, total;

    (void)state;
    way_take(server->way, NULL);
    check_refusals(NETMGMT_KERBEROS_OFF);
    /* a user who may look but not change */
    assert_ok(as("alice", server->way->domain, getenv("SAMBA_PASSWORD"), NETMGMT_KERBEROS_OFF));
    assert_int_equal(NetGroupAdd(S, 0, (LPBYTE)&info, NULL), ERROR_ACCESS_DENIED);
    way_take(server->way, NULL);
    assert_int_equal(NetGroupEnum(u"\\\\127.0.0.99", 0, &buffer, 1000, &read, &total, NULL),
                     RPC_S_SERVER_UNAVAILABLE);
    assert_int_equal(NetGroupEnum(u"\\\\no-such-host", 0, &buffer, 1000, &read, &total, NULL),
                     ERROR_BAD_NETPATH);
}

static void test_refusals_domain(void **state)
{
    struct netmgmt_server_options tcp = {.size = sizeof(tcp), .transport = NETMGMT_TRANSPORT_TCP};
    struct netmgmt_server_options elsewhere = {.size = sizeof(elsewhere), .address = server->way->address};
    struct netmgmt_credentials tickets = {
        .size = sizeof(tickets), .kerberos = NETMGMT_KERBEROS_REQUIRED, .ccache = "FILE:/nonexistent"};
    LPCWSTR stranger = u"\\\\stranger.world.test";
    LPBYTE buffer;
    DWORD read, total;

    (void)state;
    test_refusals(state);
    check_refusals(NETMGMT_KERBEROS_REQUIRED);
    assert_ok(netmgmt_set_server_options(S, &tcp));
    check_refusals(NETMGMT_KERBEROS_REQUIRED);
    assert_ok(as("alice", "WORLD", getenv("SAMBA_PASSWORD"), NETMGMT_KERBEROS_OFF));
    assert_int_equal(as("alice", "WORLD", "wrong", NETMGMT_KERBEROS_OFF), ERROR_LOGON_FAILURE);
    assert_ok(netmgmt_set_credentials(S, &tickets));
    assert_int_equal(NetGroupEnum(S, 0, &buffer, 1000, &read, &total, NULL), ERROR_NO_SUCH_LOGON_SESSION);
    tickets.ccache = NULL;
    assert_ok(netmgmt_set_credentials(stranger, &tickets));
    assert_ok(netmgmt_set_server_options(stranger, &elsewhere));
    assert_int_equal(NetGroupEnum(stranger, 0, &buffer, 1000, &read, &total, NULL), ERROR_WRONG_TARGET_NAME);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest standalone[] = {
        cmocka_unit_test_teardown(test_sees_tools, clean),
        cmocka_unit_test_teardown(test_seen_by_tools, clean),
        cmocka_unit_test_teardown(test_pipes, clean),
        cmocka_unit_test_teardown(test_names, clean),
        cmocka_unit_test_teardown(test_refusals, clean),
    };
    const struct CMUnitTest domain[] = {
        cmocka_unit_test_teardown(test_tcp, clean),
        cmocka_unit_test_teardown(test_pipes, clean),
        cmocka_unit_test_teardown(test_sees_tools, clean),
        cmocka_unit_test_teardown(test_seen_by_tools, clean),
        cmocka_unit_test_teardown(test_names, clean),
        cmocka_unit_test(test_refusals_domain),
    };
    bool dc = argc > 1 && strcmp(argv[1], "dc") == 0;

    server = &servers[dc];
    S = server->way->name;
    return dc ? cmocka_run_group_tests_name("groups of a DC", domain, NULL, NULL)
              : cmocka_run_group_tests_name("groups of a standalone server", standalone, NULL, NULL);
}
