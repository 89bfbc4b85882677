/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails, for n = 1 until none does, over whole calls of every group and user function:
 * client, runtime and embedded server, SQLite included. Each time: a documented status, NULL and zero counts,
 * no buffer and no memory left (LeakSanitizer sees to that), a call that works afterwards, and a failed
 * change that has changed nothing.
 */
#include "harness.h"

#include <netmgmt/rpc.h>

#include "rpc_samr.h"

#include "../failing_allocation.h"

#define CALLS_MAX 3000

/* The functions under test. `present`: whether the group "Subject" is there before and after success. */

static LPBYTE buffer;
static DWORD read_count, total_count;

static NET_API_STATUS do_add(void)
{
    GROUP_INFO_2 info = {u"Subject", u"a comment", 0, 3};

    return NetGroupAdd(NULL, 2, (LPBYTE)&info, NULL);
}

static NET_API_STATUS do_del(void)
{
    return NetGroupDel(NULL, u"Subject");
}

static NET_API_STATUS do_set_info(void)
{
    GROUP_INFO_2 info = {NULL, u"another comment", 0, 5};

    return NetGroupSetInfo(NULL, u"Subject", 2, (LPBYTE)&info, NULL);
}

static NET_API_STATUS do_get_info(void)
{
    return NetGroupGetInfo(NULL, u"Subject", 3, &buffer);
}

static NET_API_STATUS do_enum(void)
{
    return NetGroupEnum(NULL, 3, &buffer, MAX_PREFERRED_LENGTH, &read_count, &total_count, NULL);
}

static NET_API_STATUS do_get_user(void)
{
    return NetUserGetInfo(NULL, u"Administrator", 4, &buffer);
}

static NET_API_STATUS do_enum_users(void)
{
    return NetUserEnum(NULL, 3, 0, &buffer, MAX_PREFERRED_LENGTH, &read_count, &total_count, NULL);
}

static NET_API_STATUS do_enum_users_display(void)
{
    return NetUserEnum(NULL, 20, 0, &buffer, MAX_PREFERRED_LENGTH, &read_count, &total_count, NULL);
}

static NET_API_STATUS do_add_user(void)
{
    return NetGroupAddUser(NULL, u"Subject", u"Administrator");
}

static NET_API_STATUS do_del_user(void)
{
    return NetGroupDelUser(NULL, u"Subject", u"Guest");
}

static NET_API_STATUS do_get_users(void)
{
    return NetGroupGetUsers(NULL, u"Subject", 1, &buffer, MAX_PREFERRED_LENGTH, &read_count, &total_count,
                            NULL);
}

static NET_API_STATUS do_set_users(void)
{
    GROUP_USERS_INFO_0 users[] = {{u"Administrator"}};

    return NetGroupSetUsers(NULL, u"Subject", 0, (LPBYTE)users, 1);
}

/* What can be seen of the group, as one text. */
static void look(char text[256])
{
    GROUP_INFO_2 *info;
    GROUP_USERS_INFO_1 *users;
    DWORD read, total;
    NET_API_STATUS status = NetGroupGetInfo(NULL, u"Subject", 2, (LPBYTE *)&info);
    int len;

    if (status == NERR_GroupNotFound) {
        strcpy(text, "absent");
        return;
    }
    assert_ok(status);
    len = snprintf(text, 256, "%s %u:", netmgmt_utf8(info->grpi2_comment, (char[64]){0}, 64),
                   info->grpi2_attributes);
    NetApiBufferFree(info);
    assert_ok(
        NetGroupGetUsers(NULL, u"Subject", 1, (LPBYTE *)&users, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    for (DWORD i = 0; i < read; i++)
        len += snprintf(text + len, 256 - (size_t)len, " %s/%u",
                        netmgmt_utf8(users[i].grui1_name, (char[64]){0}, 64), users[i].grui1_attributes);
    NetApiBufferFree(users);
}

static void make_subject(bool present)
{
    NET_API_STATUS status = NetGroupDel(NULL, u"Subject");

    assert_true(status == NERR_Success || status == NERR_GroupNotFound);
    if (!present)
        return;
    add(u"Subject", u"old");
    assert_ok(NetGroupAddUser(NULL, u"Subject", u"Guest"));
}

/* The same database under another spelling of its path is a connection of its own: a cold call. */
static void cool(unsigned n)
{
    char local[256];

    snprintf(local, sizeof(local), "embedded:%s/%.*saccounts.db", harness_folder(), (int)(2 * (n % 50)),
             "./././././././././././././././././././././././././././././././././././././././././././././././"
             "././.");
    setenv("NETMGMT_LOCAL", local, 1);
}

static bool documented(NET_API_STATUS status)
{
    return status == ERROR_NOT_ENOUGH_MEMORY || status == ERROR_NO_SYSTEM_RESOURCES ||
           status == ERROR_NOT_ENOUGH_SERVER_MEMORY ||
           /* a server without memory may have nothing left to answer with, and then takes nothing more */
           status == RPC_S_CALL_FAILED || status == RPC_S_CALL_FAILED_DNE;
}

static void run(NET_API_STATUS (*function)(void), bool present, bool cold)
{
    char before[256], after[256];
    unsigned n = 1;

    do {
        NET_API_STATUS status;

        make_subject(present);
        look(before);
        if (cold)
            cool(n);
        buffer = (LPBYTE)1;
        read_count = total_count = 0;
        allocation_failed = false;
        allocations_left = n - 1;
        status = function();
        allocations_left = UINT32_MAX;
        if (status != NERR_Success) {
            assert_true(allocation_failed);
            if (!documented(status))
                fail_msg("allocation %u: status %u", n, status);
            assert_true(buffer == NULL || buffer == (LPBYTE)1);
            assert_int_equal(read_count + total_count, 0);
        } else if (buffer != (LPBYTE)1) {
            NetApiBufferFree(buffer);
        }
        assert_int_equal(live(), 0);
        look(after);
        if (status != NERR_Success && strcmp(before, after) != 0)
            fail_msg("allocation %u: status %u, but \"%s\" became \"%s\"", n, status, before, after);
    } while (allocation_failed && ++n < CALLS_MAX);
    assert_true(n < CALLS_MAX);
    if (n < 2)
        fail_msg("nothing was allocated");
}

static void test_warm(void **state)
{
    (void)state;
    run(do_add, false, false);
    run(do_del, true, false);
    run(do_set_info, true, false);
    run(do_get_info, true, false);
    run(do_enum, true, false);
    run(do_add_user, true, false);
    run(do_del_user, true, false);
    run(do_get_users, true, false);
    run(do_set_users, true, false);
}

/* So many that who is in the local groups is found out for all of them. */
static void test_users(void **state)
{
    char command[1024];

    (void)state;
    snprintf(command, sizeof(command), "'%s' '%s/accounts.db' add 12", getenv("MAKE_USERS"),
             harness_folder());
    assert_int_equal(system(command), 0);
    run(do_get_user, false, false);
    run(do_enum_users_display, false, false);
    run(do_enum_users, false, false);
    run(do_enum_users, false, true);
}

/* An interface of one's own: open, call, several calls at once. The helper tells only whether all went well.
 */
static NET_API_STATUS do_rpc(void)
{
    struct netmgmt_rpc *rpc = (struct netmgmt_rpc *)&buffer;
    NET_API_STATUS status = rpc_samr_open("ncalrpc:", &rpc);
    char names[2][32];

    assert_true(!status == (rpc != NULL));
    if (status)
        return status;
    if (rpc_samr_domains(rpc, names, 2) != 2 || rpc_samr_many(rpc, 3) == UINT32_MAX)
        status = ERROR_NOT_ENOUGH_MEMORY;
    netmgmt_rpc_close(rpc);
    return status;
}

static void test_rpc(void **state)
{
    (void)state;
    run(do_rpc, true, true);
}

static void test_cold(void **state)
{
    (void)state;
    run(do_get_info, true, true);
    run(do_enum, true, true);
    run(do_add, false, true);
    run(do_set_users, true, true);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_warm),
        cmocka_unit_test(test_cold),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_rpc),
    };
    int result;

    watch_sqlite_allocations();
    harness_start(argc, argv);
    result = cmocka_run_group_tests(tests, NULL, NULL);
    harness_stop();
    return result;
}
