/* SPDX-License-Identifier: MIT */
/*
 * Servers that are older, or different: they lack procedures, for which older ones are taken, tell SIDs
 * themselves, refuse single users, or lie. For what it lacks of connecting and listing it is asked once in a
 * connection.
 */
#include "harness.h"
#include "older_server.h"

#define GROUPS 40
#define PAGE 400

/* A database, and so a connection, for each test. */
static int up(void **state)
{
    static unsigned number;
    char local[160];

    (void)state;
    older_reset();
    snprintf(local, sizeof(local), "embedded:%s/older%u.db", harness_folder(), number++);
    setenv("NETMGMT_LOCAL", local, 1);
    return 0;
}

/* Everything that a function could fall back for. */
static void work(void)
{
    GROUP_INFO_3 *one;
    GROUP_INFO_1 *page;
    DWORD read, total, seen = 0;
    DWORD_PTR resume = 0;
    NET_API_STATUS status;

    for (unsigned i = 0; i < GROUPS; i++) {
        WCHAR name[32];

        add(numbered(name, "Group", i), u"of an older server");
    }
    do {
        status = NetGroupEnum(NULL, 1, (LPBYTE *)&page, PAGE, &read, &total, &resume);
        assert_true(status == NERR_Success || status == ERROR_MORE_DATA);
        assert_int_equal(total, GROUPS + 1 - seen);
        seen += read;
        assert_same(page[read - 1].grpi1_comment,
                    status == NERR_Success ? page[read - 1].grpi1_comment : u"of an older server");
        NetApiBufferFree(page);
    } while (status == ERROR_MORE_DATA);
    assert_int_equal(seen, GROUPS + 1);
    assert_ok(NetGroupGetInfo(NULL, u"Group00007", 3, (LPBYTE *)&one));
    assert_int_equal(((SID *)one->grpi3_group_sid)->SubAuthorityCount, 5);
    NetApiBufferFree(one);
}

static void lack(enum older_procedure procedure)
{
    older_lacks[procedure] = true;
}

static void test_of_today(void **state)
{
    (void)state;
    work();
    assert_int_equal(older_asked[OLDER_CONNECT_5], 1);
    assert_int_equal(older_asked[OLDER_CONNECT_4] + older_asked[OLDER_CONNECT_2], 0);
    assert_true(older_asked[OLDER_DISPLAY_3] > 1 && older_asked[OLDER_QUERY_DOMAIN_2] > 1);
    assert_int_equal(older_asked[OLDER_DISPLAY_2] + older_asked[OLDER_DISPLAY], 0);
    assert_int_equal(older_asked[OLDER_QUERY_DOMAIN] + older_asked[OLDER_RID_TO_SID], 0);
}

static void test_without_connect_5(void **state)
{
    (void)state;
    lack(OLDER_CONNECT_5);
    work();
    assert_int_equal(older_asked[OLDER_CONNECT_5], 1);
    assert_int_equal(older_asked[OLDER_CONNECT_4], 1);
    assert_int_equal(older_asked[OLDER_CONNECT_2], 0);
}

static void test_without_connect_4(void **state)
{
    (void)state;
    lack(OLDER_CONNECT_5);
    lack(OLDER_CONNECT_4);
    work();
    assert_int_equal(older_asked[OLDER_CONNECT_5], 1);
    assert_int_equal(older_asked[OLDER_CONNECT_4], 1);
    assert_int_equal(older_asked[OLDER_CONNECT_2], 1);
}

static void test_without_any_connect(void **state)
{
    LPBYTE buffer = (LPBYTE)1;

    (void)state;
    lack(OLDER_CONNECT_5);
    lack(OLDER_CONNECT_4);
    lack(OLDER_CONNECT_2);
    assert_int_equal(NetGroupGetInfo(NULL, u"None", 1, &buffer), RPC_S_PROCNUM_OUT_OF_RANGE);
    assert_null(buffer);
    older_reset();
    assert_ok(NetGroupGetInfo(NULL, u"None", 1, &buffer));
    NetApiBufferFree(buffer);
}

static void test_without_display_3(void **state)
{
    (void)state;
    lack(OLDER_DISPLAY_3);
    work();
    assert_int_equal(older_asked[OLDER_DISPLAY_3], 1);
    assert_true(older_asked[OLDER_DISPLAY_2] > 1);
    assert_int_equal(older_asked[OLDER_DISPLAY], 0);
}

static void test_without_display_2(void **state)
{
    (void)state;
    lack(OLDER_DISPLAY_3);
    lack(OLDER_DISPLAY_2);
    work();
    assert_int_equal(older_asked[OLDER_DISPLAY_3], 1);
    assert_int_equal(older_asked[OLDER_DISPLAY_2], 1);
    assert_true(older_asked[OLDER_DISPLAY] > 1);
}

static void test_without_any_display(void **state)
{
    LPBYTE buffer = (LPBYTE)1;
    DWORD read = 9, total = 9;

    (void)state;
    lack(OLDER_DISPLAY_3);
    lack(OLDER_DISPLAY_2);
    lack(OLDER_DISPLAY);
    assert_int_equal(NetGroupEnum(NULL, 0, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL),
                     RPC_S_PROCNUM_OUT_OF_RANGE);
    assert_null(buffer);
    assert_int_equal(read + total, 0);
    assert_ok(NetGroupGetInfo(NULL, u"None", 1, &buffer)); /* the rest goes on */
    NetApiBufferFree(buffer);
}

static void test_without_query_domain_2(void **state)
{
    (void)state;
    lack(OLDER_QUERY_DOMAIN_2);
    work();
    assert_int_equal(older_asked[OLDER_QUERY_DOMAIN_2], older_asked[OLDER_QUERY_DOMAIN]);
    assert_true(older_asked[OLDER_QUERY_DOMAIN] > 0);
}

/* Not to know how many there are is no failure. */
static void test_without_any_count(void **state)
{
    GROUP_INFO_0 *page;
    DWORD read, total;

    (void)state;
    lack(OLDER_QUERY_DOMAIN_2);
    lack(OLDER_QUERY_DOMAIN);
    for (unsigned i = 0; i < GROUPS; i++) {
        WCHAR name[32];

        add(numbered(name, "Group", i), u"");
    }
    assert_int_equal(NetGroupEnum(NULL, 0, (LPBYTE *)&page, PAGE, &read, &total, NULL), ERROR_MORE_DATA);
    assert_int_equal(total, read + 1);
    NetApiBufferFree(page);
}

/* [MS-SAMR] 2.2.7.15: such a server has SIDs that are not the domain's and the RID; so it is asked. */
static void test_sids_by_server(void **state)
{
    GROUP_INFO_3 *told, *all;
    DWORD read, total;

    (void)state;
    older_features = 1;
    work();
    assert_true(older_asked[OLDER_RID_TO_SID] > 0);
    assert_ok(NetGroupGetInfo(NULL, u"None", 3, (LPBYTE *)&told));
    assert_int_equal(((SID *)told->grpi3_group_sid)->SubAuthority[4], 513);
    NetApiBufferFree(told);
    assert_ok(NetGroupEnum(NULL, 3, (LPBYTE *)&all, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    assert_int_equal(read, GROUPS + 1);
    for (DWORD i = 0; i < read; i++)
        assert_int_equal(((SID *)all[i].grpi3_group_sid)->SubAuthorityCount, 5);
    NetApiBufferFree(all);

    lack(OLDER_RID_TO_SID);
    assert_int_equal(NetGroupGetInfo(NULL, u"None", 3, (LPBYTE *)&told), RPC_S_PROCNUM_OUT_OF_RANGE);
    assert_null(told);
    assert_ok(NetGroupGetInfo(NULL, u"None", 2, (LPBYTE *)&told));
    NetApiBufferFree(told);
}

/* Users: 4 that every database has and those of make_users, of which one is an administrator and one a guest
 * and print operator by a group. */
#define USERS 30

static int up_with_users(void **state)
{
    char command[1024];

    up(state);
    snprintf(command, sizeof(command), "'%s' '%s' add %u", getenv("MAKE_USERS"),
             getenv("NETMGMT_LOCAL") + strlen("embedded:"), USERS);
    return system(command);
}

static void check_users(DWORD prefmaxlen)
{
    DWORD read, total, seen = 0, admins = 0, guests = 0, operators = 0, resume = 0;
    NET_API_STATUS status;
    USER_INFO_3 *users;
    USER_INFO_4 *one;

    do {
        status = NetUserEnum(NULL, 3, 0, (LPBYTE *)&users, prefmaxlen, &read, &total, &resume);
        assert_true(status == NERR_Success || status == ERROR_MORE_DATA);
        for (DWORD i = 0; i < read; i++) {
            admins += users[i].usri3_priv == USER_PRIV_ADMIN;
            guests += users[i].usri3_priv == USER_PRIV_GUEST;
            operators += users[i].usri3_auth_flags == AF_OP_PRINT;
        }
        seen += read;
        NetApiBufferFree(users);
    } while (status == ERROR_MORE_DATA);
    assert_int_equal(seen, USERS + 4);
    assert_int_equal(admins, 2);
    assert_int_equal(guests, 2);
    assert_int_equal(operators, 1);
    assert_ok(NetUserGetInfo(NULL, u"user00001", 4, (LPBYTE *)&one));
    assert_int_equal(one->usri4_auth_flags, AF_OP_PRINT);
    assert_int_equal(((SID *)one->usri4_user_sid)->SubAuthorityCount, 5);
    NetApiBufferFree(one);
}

static void test_users_of_today(void **state)
{
    (void)state;
    check_users(MAX_PREFERRED_LENGTH);
    assert_int_equal(older_asked[OLDER_QUERY_USER_2], USERS + 4 + 1);
    assert_int_equal(older_asked[OLDER_QUERY_USER], 0);
    assert_int_equal(older_asked[OLDER_MEMBERS_IN_ALIAS], 3); /* two of the five are not there */
    assert_int_equal(older_asked[OLDER_ALIAS_MEMBERSHIP], 1); /* of the one that is read by itself */
    assert_int_equal(older_asked[OLDER_GROUPS_FOR_USER], 1);
    assert_int_equal(older_asked[OLDER_ENUMERATE_USERS], 1);
}

/* One list serves all pages that come soon after each other. */
static void test_users_in_pages(void **state)
{
    (void)state;
    check_users(1000);
    assert_int_equal(older_asked[OLDER_ENUMERATE_USERS], 1);
}

static void test_without_query_user_2(void **state)
{
    (void)state;
    lack(OLDER_QUERY_USER_2);
    check_users(MAX_PREFERRED_LENGTH);
    assert_int_equal(older_asked[OLDER_QUERY_USER], USERS + 4 + 1);
}

static void test_without_any_query_user(void **state)
{
    LPBYTE buffer = (LPBYTE)1;
    DWORD read = 9, total = 9;

    (void)state;
    lack(OLDER_QUERY_USER);
    lack(OLDER_QUERY_USER_2);
    assert_int_equal(NetUserEnum(NULL, 3, 0, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL),
                     RPC_S_PROCNUM_OUT_OF_RANGE);
    assert_null(buffer);
    assert_int_equal(read + total, 0);
    assert_ok(NetUserEnum(NULL, 0, 0, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    NetApiBufferFree(buffer);
}

/* Where nobody tells who is in a local group, each user is asked for; and where SIDs are the server's. */
static void test_memberships_of_each(void **state)
{
    (void)state;
    lack(OLDER_MEMBERS_IN_ALIAS);
    check_users(MAX_PREFERRED_LENGTH);
    assert_int_equal(older_asked[OLDER_ALIAS_MEMBERSHIP], USERS + 4 + 1);
}

static void test_users_with_sids_by_server(void **state)
{
    (void)state;
    older_features = 1;
    check_users(MAX_PREFERRED_LENGTH);
    assert_int_equal(older_asked[OLDER_MEMBERS_IN_ALIAS], 0);
    assert_true(older_asked[OLDER_RID_TO_SID] > USERS);
}

/* Users that are refused, and users that are gone */

#define ACCESS_DENIED 0xC0000022u
#define NO_SUCH_USER 0xC0000064u
#define NO_MEMORY 0xC0000017u
#define FIRST 1000u /* RID of the group of make_users; then come the users */

static DWORD count_users(DWORD level, DWORD prefmaxlen, NET_API_STATUS *status)
{
    DWORD read, total, seen = 0, resume = 0;
    LPBYTE buffer;

    do {
        *status = NetUserEnum(NULL, level, 0, &buffer, prefmaxlen, &read, &total, &resume);
        assert_true((*status != NERR_Success && *status != ERROR_MORE_DATA) == (buffer == NULL && !total) ||
                    !read);
        seen += read;
        NetApiBufferFree(buffer);
    } while (*status == ERROR_MORE_DATA);
    return seen;
}

/* api:NetUserEnum: "only returns information to which the caller has Read access" */
static void check_left_out(struct older_refusal *refusal, uint32_t reason)
{
    static const DWORD sizes[] = {MAX_PREFERRED_LENGTH, 1000};
    NET_API_STATUS status;

    for (size_t i = 0; i < 2; i++) {
        *refusal = (struct older_refusal){FIRST + 5, FIRST + 14, reason};
        assert_int_equal(count_users(3, sizes[i], &status), USERS + 4 - 10);
        assert_ok(status);
        *refusal = (struct older_refusal){FIRST + 5, UINT32_MAX, reason}; /* up to the last */
        assert_int_equal(count_users(11, sizes[i], &status), 4 + 4);
        assert_ok(status);
        *refusal = (struct older_refusal){0, FIRST + 4, reason}; /* from the first */
        assert_int_equal(count_users(2, sizes[i], &status), USERS - 4);
        assert_ok(status);
        *refusal = (struct older_refusal){0, UINT32_MAX, reason};
        assert_int_equal(count_users(3, sizes[i], &status), 0);
        assert_int_equal(status, reason == ACCESS_DENIED ? ERROR_ACCESS_DENIED : NERR_Success);
        assert_int_equal(count_users(0, sizes[i], &status), USERS + 4); /* their names need no more */
        assert_int_equal(count_users(20, sizes[i], &status), USERS + 4 - USERS * 4 / 10);
    }
}

static void test_refused(void **state)
{
    LPBYTE buffer = (LPBYTE)1;

    (void)state;
    check_left_out(&older_open, ACCESS_DENIED);
    assert_int_equal(NetUserGetInfo(NULL, u"user00007", 3, &buffer), ERROR_ACCESS_DENIED);
    assert_null(buffer);
    older_reset();
    check_left_out(&older_query, ACCESS_DENIED);
    assert_int_equal(NetUserGetInfo(NULL, u"user00007", 3, &buffer), ERROR_ACCESS_DENIED);
    assert_null(buffer);
}

static void test_gone(void **state)
{
    LPBYTE buffer = (LPBYTE)1;

    (void)state;
    check_left_out(&older_open, NO_SUCH_USER);
    assert_int_equal(NetUserGetInfo(NULL, u"user00007", 3, &buffer), NERR_UserNotFound);
    assert_null(buffer);
    older_reset();
    check_left_out(&older_query, NO_SUCH_USER);
    assert_int_equal(NetUserGetInfo(NULL, u"user00007", 3, &buffer), NERR_UserNotFound);
    assert_null(buffer);
}

/* Another failure is the whole's. */
static void test_failing(void **state)
{
    NET_API_STATUS status;

    (void)state;
    older_query = (struct older_refusal){FIRST + 20, FIRST + 20, NO_MEMORY};
    assert_int_equal(count_users(3, MAX_PREFERRED_LENGTH, &status), 0);
    assert_int_equal(status, ERROR_NOT_ENOUGH_MEMORY);
    older_reset();
    assert_int_equal(count_users(3, MAX_PREFERRED_LENGTH, &status), USERS + 4);
}

static void test_lies(void **state)
{
    NET_API_STATUS status;
    LPBYTE buffer;

    (void)state;
    older_lie = LIE_NO_BUFFER;
    assert_int_equal(count_users(3, MAX_PREFERRED_LENGTH, &status), 0);
    assert_int_equal(status, RPC_X_BAD_STUB_DATA);
    assert_int_equal(NetUserGetInfo(NULL, u"Guest", 1, &buffer), RPC_X_BAD_STUB_DATA);
    assert_null(buffer);
    older_lie = LIE_NO_LIST;
    assert_int_equal(count_users(0, MAX_PREFERRED_LENGTH, &status), 0);
    assert_int_equal(status, RPC_X_BAD_STUB_DATA);
    older_lie = LIE_NO_STEP;
    assert_int_equal(count_users(0, MAX_PREFERRED_LENGTH, &status), 0);
    assert_int_equal(status, RPC_X_BAD_STUB_DATA);
    older_lie = LIE_NO_DESCRIPTOR;
    assert_int_equal(count_users(3, MAX_PREFERRED_LENGTH, &status), 0);
    assert_int_equal(status, RPC_X_BAD_STUB_DATA);
    assert_int_equal(NetUserGetInfo(NULL, u"Guest", 1, &buffer), RPC_X_BAD_STUB_DATA);
    assert_null(buffer);
    older_lie = LIE_NONE;
    assert_int_equal(count_users(3, MAX_PREFERRED_LENGTH, &status), USERS + 4);
    assert_ok(status);
}

/* A connection is used again and again: what a call opened and could not use must not pile up there. */
static void test_handles_after_failures(void **state)
{
    GROUP_INFO_1 group = {.grpi1_name = u"Half", .grpi1_comment = u"of a group"};
    LPBYTE buffer;

    (void)state;
    lack(OLDER_DOMAINS);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(NetGroupGetInfo(NULL, u"None", 1, &buffer), RPC_S_PROCNUM_OUT_OF_RANGE);
    assert_int_equal(older_asked[OLDER_DOMAINS], 3);
    assert_int_equal(older_asked[OLDER_CONNECT_5], 1);
    older_reset();
    lack(OLDER_SET_GROUP);
    lack(OLDER_DELETE_GROUP);
    assert_int_equal(NetGroupAdd(NULL, 1, (LPBYTE)&group, NULL), RPC_S_PROCNUM_OUT_OF_RANGE);
    assert_int_equal(older_asked[OLDER_OPEN_GROUP], 1);                         /* to take it back */
    assert_int_equal(NetGroupGetInfo(NULL, u"None", 1, &buffer), NERR_Success); /* takes the closes along */
    NetApiBufferFree(buffer);
    assert_int_equal(NetGroupGetInfo(NULL, u"None", 1, &buffer), NERR_Success);
    NetApiBufferFree(buffer);
    assert_int_equal(older_asked[OLDER_CLOSE], 3);
}

/* Pages that lead round in a circle: each is a step, and they never end. */
static void test_rounds(void **state)
{
    DWORD_PTR resume = 0;
    NET_API_STATUS status;
    DWORD read, total;
    LPBYTE buffer;

    (void)state;
    older_lie = LIE_ROUND;
    assert_int_equal(count_users(0, MAX_PREFERRED_LENGTH, &status), 0);
    assert_int_equal(status, RPC_X_BAD_STUB_DATA);
    assert_int_equal(count_users(20, MAX_PREFERRED_LENGTH, &status), 0);
    assert_int_equal(status, RPC_X_BAD_STUB_DATA);
    assert_int_equal(NetGroupEnum(NULL, 1, &buffer, MAX_PREFERRED_LENGTH, &read, &total, &resume),
                     RPC_X_BAD_STUB_DATA);
    assert_null(buffer);
    assert_int_equal(read + total + resume, 0);
    assert_true(older_asked[OLDER_DISPLAY_3] < 20 && older_asked[OLDER_ENUMERATE_USERS] < 10);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, up)
#define U(f) cmocka_unit_test_setup(f, up_with_users)
    const struct CMUnitTest tests[] = {
        T(test_of_today),
        T(test_without_connect_5),
        T(test_without_connect_4),
        T(test_without_any_connect),
        T(test_without_display_3),
        T(test_without_display_2),
        T(test_without_any_display),
        T(test_without_query_domain_2),
        T(test_without_any_count),
        T(test_sids_by_server),
        T(test_handles_after_failures),
        U(test_users_of_today),
        U(test_users_in_pages),
        U(test_without_query_user_2),
        U(test_without_any_query_user),
        U(test_memberships_of_each),
        U(test_users_with_sids_by_server),
        U(test_refused),
        U(test_gone),
        U(test_failing),
        U(test_lies),
        U(test_rounds),
    };
    char *arguments[] = {NULL};
    int failed;

    harness_start(1, arguments);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    harness_stop();
    return failed;
}
