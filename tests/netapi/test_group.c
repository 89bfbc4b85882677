/* SPDX-License-Identifier: MIT */
/*
 * The group functions: every function, level, parm_err and documented error. A test that carries out a
 * documented statement names its source: "api:X" is the function's page at learn.microsoft.com, "win32:X" a
 * page of the Network Management documentation there, "wine" what Wine's tests assert of Windows itself.
 */
#include "harness.h"

#define SID_LEN 28 /* of a group's in a buffer */

static void *get(LPCWSTR group, DWORD level)
{
    LPBYTE buffer = NULL;

    assert_ok(NetGroupGetInfo(harness_server, group, level, &buffer));
    assert_non_null(buffer);
    return buffer;
}

static DWORD size_of(void *buffer)
{
    DWORD len = 0;

    assert_ok(NetApiBufferSize(buffer, &len));
    return len;
}

static const struct {
    LPCWSTR name;
    NET_API_STATUS status;
} bad_names[] = {
    {u"", NERR_BadUsername},
    {u"a\"b", NERR_BadUsername},
    {u"a/b", NERR_BadUsername},
    {u"a\\b", NERR_BadUsername},
    {u"a[b", NERR_BadUsername},
    {u"a]b", NERR_BadUsername},
    {u"a:b", NERR_BadUsername},
    {u"a|b", NERR_BadUsername},
    {u"a<b", NERR_BadUsername},
    {u"a>b", NERR_BadUsername},
    {u"a+b", NERR_BadUsername},
    {u"a=b", NERR_BadUsername},
    {u"a;b", NERR_BadUsername},
    {u"a,b", NERR_BadUsername},
    {u"a?b", NERR_BadUsername},
    {u"a*b", NERR_BadUsername},
    {u"a\x01", NERR_BadUsername},
    {u"ends with.", NERR_BadUsername},
    {u"...", NERR_BadUsername},
    {u"   ", NERR_BadUsername},
    {LONGEST LONGEST LONGEST LONGEST u"x", NERR_BadUsername},
    {u"None", NERR_GroupExists},
    {u"nONE", NERR_GroupExists},
    {u"administrator", NERR_UserExists},
    {u"Guest", NERR_UserExists},
    {u"Administrators", ERROR_ALIAS_EXISTS},
    {u"USERS", ERROR_ALIAS_EXISTS},
};

static void test_add_levels(void **state)
{
    GROUP_INFO_0 info0 = {u"Zero"};
    GROUP_INFO_1 info1 = {u"One", u"first"};
    GROUP_INFO_2 info2 = {u"Two", u"second", 77, 0};
    GROUP_INFO_3 info3 = {u"Three", NULL, NULL, 3};
    DWORD parm = 99;
    GROUP_INFO_2 *got;

    (void)state;
    assert_ok(NetGroupAdd(harness_server, 0, (LPBYTE)&info0, &parm));
    assert_int_equal(parm, PARM_ERROR_NONE);
    assert_ok(NetGroupAdd(harness_server, 1, (LPBYTE)&info1, NULL));
    assert_ok(NetGroupAdd(harness_server, 2, (LPBYTE)&info2, NULL));
    assert_ok(NetGroupAdd(harness_server, 3, (LPBYTE)&info3, NULL));
    got = get(u"ZERO", 2);
    assert_same(got->grpi2_name, u"Zero"); /* as it was given, however it was asked for */
    assert_same(got->grpi2_comment, u"");
    assert_int_equal(got->grpi2_attributes, 7);
    assert_true(got->grpi2_group_id >= 1000);
    NetApiBufferFree(got);
    got = get(u"One", 2);
    assert_same(got->grpi2_comment, u"first");
    NetApiBufferFree(got);
    got = get(u"Two", 2);
    assert_same(got->grpi2_comment, u"second");
    assert_int_not_equal(got->grpi2_group_id, 77); /* api:GROUP_INFO_2: the RID is the database's choice */
    assert_int_equal(got->grpi2_attributes, 7);
    NetApiBufferFree(got);
    got = get(u"Three", 2);
    assert_int_equal(got->grpi2_attributes, 3);
    NetApiBufferFree(got);
}

static void test_add_longest(void **state)
{
    WCHAR *name = LONGEST LONGEST LONGEST LONGEST;
    GROUP_INFO_1 info = {name, name}, *got;
    DWORD parm = 99;

    (void)state;
    assert_int_equal(length(name), GNLEN);
    assert_ok(NetGroupAdd(harness_server, 1, (LPBYTE)&info, NULL));
    got = get(name, 1);
    assert_same(got->grpi1_name, name);
    assert_same(got->grpi1_comment, name);
    NetApiBufferFree(got);
    info = (GROUP_INFO_1){u"Short", LONGEST LONGEST LONGEST LONGEST u"x"};
    /* win32:parameter-error-reporting */
    assert_int_equal(NetGroupAdd(harness_server, 1, (LPBYTE)&info, &parm), ERROR_INVALID_PARAMETER);
    assert_int_equal(parm, GROUP_COMMENT_PARMNUM);
    assert_int_equal(NetGroupAdd(harness_server, 1, (LPBYTE)&info, NULL), ERROR_INVALID_PARAMETER);
}

static void test_add_errors(void **state)
{
    GROUP_INFO_1 info = {NULL, u"no name"};
    DWORD parm = 99;

    (void)state;
    for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++) {
        GROUP_INFO_0 bad = {(LPWSTR)bad_names[i].name};
        NET_API_STATUS status = NetGroupAdd(harness_server, 0, (LPBYTE)&bad, &parm);

        if (status != bad_names[i].status)
            fail_msg("name %zu: status %u instead of %u", i, status, bad_names[i].status);
    }
    assert_int_equal(NetGroupAdd(harness_server, 1, (LPBYTE)&info, &parm), ERROR_INVALID_PARAMETER);
    assert_int_equal(parm, GROUP_NAME_PARMNUM);
    assert_int_equal(NetGroupAdd(harness_server, 1, NULL, &parm), ERROR_INVALID_PARAMETER);
    assert_int_equal(parm, PARM_ERROR_UNKNOWN);
    assert_int_equal(NetGroupAdd(harness_server, 1, NULL, NULL), ERROR_INVALID_PARAMETER);
    info.grpi1_name = u"Level";
    assert_int_equal(NetGroupAdd(harness_server, 4, (LPBYTE)&info, &parm), ERROR_INVALID_LEVEL);
    assert_int_equal(NetGroupAdd(harness_server, 1002, (LPBYTE)&info, NULL), ERROR_INVALID_LEVEL);
    assert_int_equal(NetGroupDel(harness_server, u"Level"), NERR_GroupNotFound);
}

/* What the caller gives is read only: a constant in read-only memory will do.
 * (win32:network-management-function- buffers: only the pointer is passed) */
static void test_add_reads_only(void **state)
{
    static const GROUP_INFO_1 constant = {(LPWSTR)u"Constant", (LPWSTR)u"in read-only memory"};

    (void)state;
    assert_ok(NetGroupAdd(harness_server, 1, (LPBYTE)&constant, NULL));
}

static void test_get_levels(void **state)
{
    GROUP_INFO_0 *info0;
    GROUP_INFO_1 *info1;
    GROUP_INFO_2 *info2;
    GROUP_INFO_3 *info3;
    const SID *sid;

    (void)state;
    add(u"Level", u"of information");
    info0 = get(u"Level", 0);
    info1 = get(u"Level", 1);
    info2 = get(u"Level", 2);
    info3 = get(u"Level", 3);
    assert_same(info0->grpi0_name, u"Level");
    assert_same(info1->grpi1_name, u"Level");
    assert_same(info3->grpi3_name, u"Level");
    assert_same(info3->grpi3_comment, u"of information");
    assert_int_equal(info3->grpi3_attributes, 7);
    sid = info3->grpi3_group_sid;
    assert_int_equal(sid->Revision, 1);
    assert_int_equal(sid->SubAuthorityCount, 5);
    assert_int_equal(sid->SubAuthority[0], 21);
    assert_int_equal(sid->SubAuthority[4], info2->grpi2_group_id);
    /* one block: structures, then what they point to, and nothing else */
    assert_int_equal(size_of(info0), sizeof(*info0) + 12);
    assert_int_equal(size_of(info1), sizeof(*info1) + 12 + 30);
    assert_int_equal(size_of(info2), sizeof(*info2) + 12 + 30);
    assert_int_equal(size_of(info3), sizeof(*info3) + SID_LEN + 12 + 30);
    assert_ok(NetApiBufferFree(info0));
    assert_ok(NetApiBufferFree(info1));
    assert_ok(NetApiBufferFree(info2));
    assert_ok(NetApiBufferFree(info3));
}

static void test_get_errors(void **state)
{
    LPBYTE buffer = (LPBYTE)state;

    assert_int_equal(NetGroupGetInfo(harness_server, u"Nobody", 1, &buffer), NERR_GroupNotFound);
    assert_null(buffer);
    buffer = (LPBYTE)state;
    assert_int_equal(NetGroupGetInfo(harness_server, u"Administrator", 1, &buffer),
                     NERR_GroupNotFound); /* a user */
    assert_null(buffer);
    buffer = (LPBYTE)state;
    assert_int_equal(NetGroupGetInfo(harness_server, u"None", 4, &buffer), ERROR_INVALID_LEVEL);
    assert_null(buffer);
    buffer = (LPBYTE)state;
    assert_int_equal(NetGroupGetInfo(harness_server, u"None", 1002, &buffer), ERROR_INVALID_LEVEL);
    assert_null(buffer);
    buffer = (LPBYTE)state;
    assert_int_equal(NetGroupGetInfo(harness_server, NULL, 1, &buffer), ERROR_INVALID_PARAMETER);
    assert_null(buffer);
    assert_int_equal(NetGroupGetInfo(harness_server, u"None", 1, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetGroupGetInfo(harness_server, LONGEST LONGEST LONGEST LONGEST u"x", 1, &buffer),
                     NERR_GroupNotFound);
    assert_int_equal(NetGroupGetInfo(harness_server, u"", 1, &buffer), NERR_GroupNotFound);
}

static void check(LPCWSTR name, LPCWSTR comment, DWORD attributes)
{
    GROUP_INFO_2 *got = get(name, 2);

    assert_same(got->grpi2_name, name);
    assert_same(got->grpi2_comment, comment);
    assert_int_equal(got->grpi2_attributes, attributes);
    NetApiBufferFree(got);
}

static void test_set_levels(void **state)
{
    GROUP_INFO_0 info0 = {u"Renamed"};
    GROUP_INFO_1 info1 = {u"ignored", u"by level 1"};
    GROUP_INFO_2 info2 = {u"ignored", u"by level 2", 5, 3};
    GROUP_INFO_3 info3 = {u"ignored", u"by level 3", NULL, 7};
    GROUP_INFO_1002 info1002 = {u"by level 1002"};
    GROUP_INFO_1005 info1005 = {5};
    DWORD parm = 99;

    (void)state;
    add(u"Set", u"old");
    assert_ok(NetGroupSetInfo(harness_server, u"Set", 1, (LPBYTE)&info1, &parm));
    assert_int_equal(parm, PARM_ERROR_NONE);
    check(u"Set", u"by level 1", 7); /* api:NetGroupSetInfo: grpi1_name is ignored */
    assert_ok(NetGroupSetInfo(harness_server, u"set", 2, (LPBYTE)&info2, NULL));
    check(u"Set", u"by level 2", 3);
    assert_ok(NetGroupSetInfo(harness_server, u"Set", 3, (LPBYTE)&info3, NULL));
    check(u"Set", u"by level 3", 7);
    assert_ok(NetGroupSetInfo(harness_server, u"Set", 1002, (LPBYTE)&info1002, NULL));
    check(u"Set", u"by level 1002", 7);
    assert_ok(NetGroupSetInfo(harness_server, u"Set", 1005, (LPBYTE)&info1005, NULL));
    check(u"Set", u"by level 1002", 5);
    info1002.grpi1002_comment = NULL; /* unchanged */
    assert_ok(NetGroupSetInfo(harness_server, u"Set", 1002, (LPBYTE)&info1002, NULL));
    check(u"Set", u"by level 1002", 5);
    info1002.grpi1002_comment = u""; /* cleared */
    assert_ok(NetGroupSetInfo(harness_server, u"Set", 1002, (LPBYTE)&info1002, NULL));
    check(u"Set", u"", 5);
    assert_ok(
        NetGroupSetInfo(harness_server, u"Set", 0, (LPBYTE)&info0, NULL)); /* api:NetGroupSetInfo: renames */
    check(u"Renamed", u"", 5);
    assert_int_equal(NetGroupDel(harness_server, u"Set"), NERR_GroupNotFound);
}

static void test_set_errors(void **state)
{
    GROUP_INFO_0 info0 = {NULL};
    GROUP_INFO_1 info1 = {u"ignored", LONGEST LONGEST LONGEST LONGEST u"x"};
    DWORD parm = 99;

    (void)state;
    add(u"Set", u"old");
    assert_int_equal(NetGroupSetInfo(harness_server, u"Set", 1, (LPBYTE)&info1, &parm),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(parm, GROUP_COMMENT_PARMNUM);
    assert_int_equal(NetGroupSetInfo(harness_server, u"Set", 0, (LPBYTE)&info0, &parm),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(parm, GROUP_NAME_PARMNUM);
    for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++) {
        info0.grpi0_name = (LPWSTR)bad_names[i].name;
        assert_int_equal(NetGroupSetInfo(harness_server, u"Set", 0, (LPBYTE)&info0, NULL),
                         bad_names[i].status);
    }
    info1.grpi1_comment = u"new";
    assert_int_equal(NetGroupSetInfo(harness_server, u"Nobody", 1, (LPBYTE)&info1, NULL), NERR_GroupNotFound);
    assert_int_equal(NetGroupSetInfo(harness_server, u"Set", 4, (LPBYTE)&info1, NULL), ERROR_INVALID_LEVEL);
    assert_int_equal(NetGroupSetInfo(harness_server, u"Set", 1003, (LPBYTE)&info1, NULL),
                     ERROR_INVALID_LEVEL);
    assert_int_equal(NetGroupSetInfo(harness_server, u"Set", 1, NULL, &parm), ERROR_INVALID_PARAMETER);
    assert_int_equal(parm, PARM_ERROR_UNKNOWN);
    assert_int_equal(NetGroupSetInfo(harness_server, NULL, 1, (LPBYTE)&info1, NULL), ERROR_INVALID_PARAMETER);
    check(u"Set", u"old", 7);
}

static void test_del(void **state)
{
    (void)state;
    add(u"Gone", NULL);
    assert_ok(NetGroupAddUser(harness_server, u"Gone", u"Guest"));
    assert_ok(
        NetGroupDel(harness_server, u"GONE")); /* win32:group-functions: members do not stand in the way */
    assert_int_equal(NetGroupDel(harness_server, u"Gone"), NERR_GroupNotFound);
    assert_int_equal(NetGroupDel(harness_server, u"None"), NERR_SpeGroupOp);
    assert_int_equal(NetGroupDel(harness_server, u"Administrators"), NERR_GroupNotFound); /* a local group */
    assert_int_equal(NetGroupDel(harness_server, NULL), ERROR_INVALID_PARAMETER);
}

/* Members */

static DWORD members(LPCWSTR group, GROUP_USERS_INFO_1 **out)
{
    DWORD read = 99, total = 99;

    assert_ok(
        NetGroupGetUsers(harness_server, group, 1, (LPBYTE *)out, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    assert_int_equal(read, total);
    assert_true((read == 0) == (*out == NULL));
    return read;
}

static void test_members(void **state)
{
    GROUP_USERS_INFO_1 *list;

    (void)state;
    add(u"Crew", NULL);
    assert_int_equal(members(u"Crew", &list), 0);
    assert_ok(NetGroupAddUser(harness_server, u"Crew", u"Guest"));
    assert_ok(NetGroupAddUser(harness_server, u"crew", u"ADMINISTRATOR"));
    assert_int_equal(NetGroupAddUser(harness_server, u"Crew", u"Guest"), NERR_UserInGroup);
    assert_int_equal(NetGroupAddUser(harness_server, u"Crew", u"Nobody"), NERR_UserNotFound);
    assert_int_equal(NetGroupAddUser(harness_server, u"Crew", u"None"), NERR_UserNotFound); /* a group */
    assert_int_equal(NetGroupAddUser(harness_server, u"Nobody", u"Guest"), NERR_GroupNotFound);
    assert_int_equal(NetGroupAddUser(harness_server, u"Nobody", u"Nobody"), NERR_GroupNotFound);
    assert_int_equal(NetGroupAddUser(harness_server, NULL, u"Guest"), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetGroupAddUser(harness_server, u"Crew", NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(members(u"Crew", &list), 2);
    assert_same(list[0].grui1_name, u"Administrator");
    assert_same(list[1].grui1_name, u"Guest");
    assert_int_equal(list[0].grui1_attributes, 7);
    assert_int_equal(size_of(list), 2 * sizeof(*list) + 2 * 14 + 2 * 6);
    NetApiBufferFree(list);
    assert_ok(NetGroupDelUser(harness_server, u"CREW", u"guest"));
    assert_int_equal(NetGroupDelUser(harness_server, u"Crew", u"Guest"), NERR_UserNotInGroup);
    assert_int_equal(NetGroupDelUser(harness_server, u"Crew", u"Nobody"), NERR_UserNotFound);
    assert_int_equal(NetGroupDelUser(harness_server, u"Nobody", u"Guest"), NERR_GroupNotFound);
    assert_int_equal(NetGroupDelUser(harness_server, u"None", u"Guest"), ERROR_MEMBERS_PRIMARY_GROUP);
    assert_int_equal(NetGroupDelUser(harness_server, NULL, u"Guest"), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetGroupDelUser(harness_server, u"Crew", NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(members(u"Crew", &list), 1);
    NetApiBufferFree(list);
}

static void test_get_users_errors(void **state)
{
    LPBYTE buffer = (LPBYTE)state;
    DWORD read = 99, total = 99;
    DWORD_PTR resume = 0;

    assert_int_equal(NetGroupGetUsers(harness_server, u"Nobody", 0, &buffer, 100, &read, &total, &resume),
                     NERR_GroupNotFound);
    assert_null(buffer);
    assert_int_equal(read, 0);
    assert_int_equal(total, 0);
    buffer = (LPBYTE)state, read = total = 99;
    assert_int_equal(NetGroupGetUsers(harness_server, u"None", 2, &buffer, 100, &read, &total, &resume),
                     ERROR_INVALID_LEVEL);
    assert_null(buffer);
    assert_int_equal(read + total, 0);
    buffer = (LPBYTE)state, read = total = 99;
    assert_int_equal(NetGroupGetUsers(harness_server, NULL, 0, &buffer, 100, &read, &total, &resume),
                     ERROR_INVALID_PARAMETER);
    assert_null(buffer);
    assert_int_equal(read + total, 0);
    assert_int_equal(NetGroupGetUsers(harness_server, u"None", 0, NULL, 100, &read, &total, &resume),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(NetGroupGetUsers(harness_server, u"None", 0, &buffer, 100, NULL, &total, &resume),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(NetGroupGetUsers(harness_server, u"None", 0, &buffer, 100, &read, NULL, &resume),
                     ERROR_INVALID_PARAMETER);
    /* not even one entry fits: nothing is returned */
    buffer = (LPBYTE)state, read = total = 99;
    assert_int_equal(NetGroupGetUsers(harness_server, u"None", 0, &buffer, 10, &read, &total, &resume),
                     NERR_BufTooSmall);
    assert_null(buffer);
    assert_int_equal(read + total, 0);
}

/* Pages hold whole entries only, structures and text counted
 * (win32:network-management-function-buffer-lengths); ERROR_MORE_DATA is success with more to come
 * (api:NetGroupGetUsers). */
static void test_get_users_pages(void **state)
{
    GROUP_USERS_INFO_1 *all, *page;
    DWORD count = members(u"None", &all), seen = 0, read, total;
    DWORD_PTR resume = 0;
    NET_API_STATUS status;

    (void)state;
    assert_true(count >= 2);
    do {
        DWORD limit = (DWORD)(sizeof(*page) + 2 * (length(all[seen].grui1_name) + 1));

        status = NetGroupGetUsers(harness_server, u"None", 1, (LPBYTE *)&page, limit, &read, &total, &resume);
        assert_int_equal(status, seen + 1 < count ? ERROR_MORE_DATA : NERR_Success);
        assert_int_equal(read, 1);
        assert_int_equal(total, count - seen); /* from the position on */
        assert_int_equal(size_of(page), limit);
        assert_same(page->grui1_name, all[seen].grui1_name);
        assert_ok(NetApiBufferFree(page));
        seen++;
    } while (status == ERROR_MORE_DATA);
    assert_int_equal(seen, count);
    assert_int_equal(resume, 0);
    NetApiBufferFree(all);
}

static void test_set_users(void **state)
{
    GROUP_USERS_INFO_0 both[] = {{u"Guest"}, {u"administrator"}, {u"GUEST"}};
    GROUP_USERS_INFO_1 one[] = {{u"Guest", 3}};
    GROUP_USERS_INFO_0 unknown[] = {{u"Guest"}, {u"Nobody"}};
    GROUP_USERS_INFO_0 null[] = {{u"Guest"}, {NULL}};
    GROUP_USERS_INFO_1 *list;

    (void)state;
    add(u"Crew", NULL);
    assert_ok(NetGroupSetUsers(harness_server, u"Crew", 0, (LPBYTE)both, 3)); /* named twice: one member */
    assert_int_equal(members(u"Crew", &list), 2);
    NetApiBufferFree(list);
    assert_ok(NetGroupSetUsers(harness_server, u"Crew", 1, (LPBYTE)one, 1));
    assert_int_equal(members(u"Crew", &list), 1);
    assert_same(list->grui1_name, u"Guest");
    assert_int_equal(list->grui1_attributes, 3);
    NetApiBufferFree(list);
    assert_ok(NetGroupSetUsers(harness_server, u"Crew", 0, (LPBYTE)both,
                               1)); /* level 0 leaves attributes as they are */
    assert_int_equal(members(u"Crew", &list), 1);
    assert_int_equal(list->grui1_attributes, 3);
    NetApiBufferFree(list);
    assert_int_equal(NetGroupSetUsers(harness_server, u"Crew", 0, (LPBYTE)unknown, 2), NERR_UserNotFound);
    assert_int_equal(NetGroupSetUsers(harness_server, u"Crew", 0, (LPBYTE)null, 2), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetGroupSetUsers(harness_server, u"Crew", 0, NULL, 1), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetGroupSetUsers(harness_server, u"Crew", 2, (LPBYTE)both, 1), ERROR_INVALID_LEVEL);
    assert_int_equal(NetGroupSetUsers(harness_server, u"Nobody", 0, (LPBYTE)both, 1), NERR_GroupNotFound);
    assert_int_equal(NetGroupSetUsers(harness_server, NULL, 0, (LPBYTE)both, 1), ERROR_INVALID_PARAMETER);
    assert_int_equal(members(u"Crew", &list), 1); /* a failure changes nothing */
    NetApiBufferFree(list);
    assert_ok(NetGroupSetUsers(harness_server, u"Crew", 0, NULL, 0));
    assert_int_equal(members(u"Crew", &list), 0);
}

/* A member that cannot be removed (the primary group) comes after additions; all of it is taken back. */
static void test_set_users_undo(void **state)
{
    GROUP_USERS_INFO_1 *before, *after;
    DWORD count = members(u"None", &before);
    GROUP_USERS_INFO_1 changed = {u"Guest", 3};

    (void)state;
    assert_int_equal(NetGroupSetUsers(harness_server, u"None", 1, (LPBYTE)&changed, 1),
                     ERROR_MEMBERS_PRIMARY_GROUP);
    assert_int_equal(members(u"None", &after), count);
    for (DWORD i = 0; i < count; i++) {
        assert_same(after[i].grui1_name, before[i].grui1_name);
        assert_int_equal(after[i].grui1_attributes, before[i].grui1_attributes);
    }
    NetApiBufferFree(before);
    NetApiBufferFree(after);
}

/* Lists */

#define MANY 300

static void add_many(void)
{
    for (unsigned i = 0; i < MANY; i++) {
        WCHAR name[32];

        add(numbered(name, "Many", i), i % 2 ? u"an odd one" : NULL);
    }
}

static DWORD entry_len(const GROUP_INFO_1 *g)
{
    return (DWORD)(sizeof(*g) + 2 * (length(g->grpi1_name) + 1 + length(g->grpi1_comment) + 1));
}

static void test_enum_levels(void **state)
{
    static const DWORD widths[] = {sizeof(GROUP_INFO_0), sizeof(GROUP_INFO_1), sizeof(GROUP_INFO_2),
                                   sizeof(GROUP_INFO_3)};
    LPBYTE buffer;
    DWORD read, total;

    (void)state;
    add(u"Alpha", u"first");
    for (DWORD level = 0; level <= 3; level++) {
        DWORD text = 2 * (6 + 5); /* names; then comments */

        assert_ok(NetGroupEnum(harness_server, level, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL));
        assert_int_equal(read, 2);
        assert_int_equal(total, 2);
        assert_same(*(LPWSTR *)buffer, u"Alpha");
        if (level) {
            const GROUP_INFO_1 *second = (const GROUP_INFO_1 *)(buffer + widths[level]);

            assert_same(((GROUP_INFO_1 *)buffer)->grpi1_comment, u"first");
            assert_same(second->grpi1_name, u"None");
            text += (DWORD)(2 * (6 + length(second->grpi1_comment) + 1));
        }
        if (level == 3) {
            const SID *sid = ((GROUP_INFO_3 *)buffer)[1].grpi3_group_sid;

            assert_int_equal(sid->SubAuthority[sid->SubAuthorityCount - 1], 513);
            text += 2 * SID_LEN;
        }
        assert_int_equal(size_of(buffer), 2 * widths[level] + text);
        NetApiBufferFree(buffer);
    }
}

/* Resume handles are zero at first and left alone between calls (win32:enumeration-resume-handles); exact
 * counts come from looping to the end (api:NetGroupEnum). */
static void test_enum_pages(void **state)
{
    GROUP_INFO_1 *all, *page;
    DWORD count, read, total, seen = 0, calls = 0;
    DWORD_PTR resume = 0;
    NET_API_STATUS status;

    (void)state;
    add_many();
    assert_ok(NetGroupEnum(harness_server, 1, (LPBYTE *)&all, MAX_PREFERRED_LENGTH, &count, &total, NULL));
    assert_int_equal(count, MANY + 1);
    do {
        const DWORD limit = 1000;

        status = NetGroupEnum(harness_server, 1, (LPBYTE *)&page, limit, &read, &total, &resume);
        assert_true(status == NERR_Success || status == ERROR_MORE_DATA);
        assert_true(read > 0);
        assert_int_equal(total, count - seen);
        assert_true(size_of(page) <= limit);
        for (DWORD i = 0; i < read; i++)
            assert_same(page[i].grpi1_name, all[seen + i].grpi1_name);
        seen += read;
        if (status == ERROR_MORE_DATA) /* the next entry would not have fitted */
            assert_true(size_of(page) + entry_len(&all[seen]) > limit);
        NetApiBufferFree(page);
        calls++;
    } while (status == ERROR_MORE_DATA);
    assert_int_equal(seen, count);
    assert_true(calls > 10);
    assert_int_equal(resume, 0);
    NetApiBufferFree(all);
}

/* What exists all the time is seen exactly once, whatever comes and goes meanwhile. */
static void test_enum_changing(void **state)
{
    GROUP_INFO_0 *page;
    DWORD read, total, stable = 0;
    DWORD_PTR resume = 0;
    NET_API_STATUS status;

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        WCHAR name[32];

        add(numbered(name, "Stable", i), NULL);
        add(numbered(name, "Volatile", i), NULL);
    }
    do {
        status = NetGroupEnum(harness_server, 0, (LPBYTE *)&page, 200, &read, &total, &resume);
        assert_true(status == NERR_Success || status == ERROR_MORE_DATA);
        for (DWORD i = 0; i < read; i++) {
            if (page[i].grpi0_name[0] == u'S')
                stable++;
            else if (page[i].grpi0_name[0] == u'V')
                assert_ok(NetGroupDel(harness_server,
                                      page[i].grpi0_name)); /* also the one that the handle stands on */
        }
        NetApiBufferFree(page);
        assert_ok(try_add(u"Aardvark")); /* before the position */
        assert_ok(NetGroupDel(harness_server, u"Aardvark"));
    } while (status == ERROR_MORE_DATA);
    assert_int_equal(stable, 20);
}

static void test_enum_errors(void **state)
{
    LPBYTE buffer = (LPBYTE)state;
    DWORD read = 99, total = 99;
    DWORD_PTR resume = 0;

    assert_int_equal(NetGroupEnum(harness_server, 4, &buffer, 100, &read, &total, &resume),
                     ERROR_INVALID_LEVEL);
    assert_null(buffer);
    assert_int_equal(read, 0);
    assert_int_equal(total, 0);
    buffer = (LPBYTE)state, read = total = 99;
    assert_int_equal(NetGroupEnum(harness_server, 1, NULL, 100, &read, &total, &resume),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(read + total, 0);
    assert_int_equal(NetGroupEnum(harness_server, 1, &buffer, 100, NULL, &total, &resume),
                     ERROR_INVALID_PARAMETER);
    assert_null(buffer);
    assert_int_equal(NetGroupEnum(harness_server, 1, &buffer, 100, &read, NULL, &resume),
                     ERROR_INVALID_PARAMETER);
    buffer = (LPBYTE)state, read = total = 99;
    /* not one entry fits: nothing is returned, and nobody loops for ever on ERROR_MORE_DATA */
    assert_int_equal(NetGroupEnum(harness_server, 1, &buffer, 0, &read, &total, &resume), NERR_BufTooSmall);
    assert_null(buffer);
    assert_int_equal(read + total, 0);
    assert_int_equal(resume, 0);
}

/* Without a handle the list cannot be continued: every call starts anew (win32:enumeration-resume-handles).
 */
static void test_enum_without_handle(void **state)
{
    GROUP_INFO_0 *page;
    DWORD read, total;

    (void)state;
    add(u"Alpha", NULL);
    add(u"Beta", NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(NetGroupEnum(harness_server, 0, (LPBYTE *)&page, 30, &read, &total, NULL),
                         ERROR_MORE_DATA);
        assert_int_equal(read, 1);
        assert_int_equal(total, 3);
        assert_same(page->grpi0_name, u"Alpha");
        NetApiBufferFree(page);
    }
}

/* Servers */

static void test_servers(void **state)
{
    static const struct {
        LPCWSTR name;
        NET_API_STATUS status;
    } servers[] = {
        {u"", NERR_Success}, /* api:NetQueryDisplayInformation, its sample */
        {u"localhost", NERR_Success},
        {u"\\\\localhost", NERR_Success},
        {u"\\\\LOCALHOST", NERR_Success},
        {u"127.0.0.1", NERR_Success},
        {u"\\", ERROR_INVALID_NAME},   /* wine */
        {u"\\\\", ERROR_INVALID_NAME}, /* wine */
        {u"\\one-backslash", ERROR_INVALID_NAME},
        {u"\\\\\\", NERR_InvalidComputer},
        {u"\\\\a b", NERR_InvalidComputer},
        {u"\\\\host\\share", NERR_InvalidComputer},
        {LONGEST LONGEST LONGEST LONGEST, NERR_InvalidComputer},
        {u"\\\\127.0.0.77", RPC_S_SERVER_UNAVAILABLE}, /* nobody listens */
        {u"somewhere.invalid", ERROR_BAD_NETPATH},
        {u"\\\\r\u00e4chner.invalid", ERROR_BAD_NETPATH},
    };
    LPBYTE buffer;

    (void)state;
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        buffer = (LPBYTE)state;
        if (NetGroupGetInfo(servers[i].name, u"None", 0, &buffer) != servers[i].status)
            fail_msg("server %zu", i);
        assert_true((buffer == NULL) == (servers[i].status != NERR_Success));
        NetApiBufferFree(buffer);
    }
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, NULL, harness_clean)
    const struct CMUnitTest tests[] = {
        T(test_add_levels),    T(test_add_longest),    T(test_add_errors),          T(test_add_reads_only),
        T(test_get_levels),    T(test_get_errors),     T(test_set_levels),          T(test_set_errors),
        T(test_del),           T(test_members),        T(test_get_users_errors),    T(test_get_users_pages),
        T(test_set_users),     T(test_set_users_undo), T(test_enum_levels),         T(test_enum_pages),
        T(test_enum_changing), T(test_enum_errors),    T(test_enum_without_handle), T(test_servers),
    };
    int failed;

    harness_start(argc, argv);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    harness_stop();
    return failed;
}
