/* SPDX-License-Identifier: MIT */
/* Passwords of users, and who is an administrator. */
#include <sys/stat.h>

#include "sam/test_sam.h"

static const uint8_t first[SAM_NT_HASH_LEN] = {1, 2, 3, 0, 5}, second[SAM_NT_HASH_LEN] = {9, 8, 7};

static void set_and_asked_for(void **state)
{
    struct fixture *f = *state;
    struct sam_credentials c;
    struct stat st;

    assert_status(sam_user_credentials(f->s, text(u"Administrator"), &c), STATUS_WRONG_PASSWORD);
    assert_done(sam_user_set_password(f->s, SAM_RID_ADMINISTRATOR, first));
    assert_done(sam_user_credentials(f->s, text(u"ADMINistrator"), &c));
    assert_int_equal(c.rid, SAM_RID_ADMINISTRATOR);
    assert_true(c.control & SAM_USER_DISABLED);
    assert_memory_equal(c.nt_hash, first, sizeof(first));
    assert_done(sam_user_set_password(f->s, SAM_RID_ADMINISTRATOR, second));
    sam_close(f->s);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_done(sam_open(&f->s, f->path, false));
    assert_done(sam_user_credentials(f->s, text(u"Administrator"), &c));
    assert_memory_equal(c.nt_hash, second, sizeof(second));
    assert_sound(f->path);
}

static void only_users_have_them(void **state)
{
    struct fixture *f = *state;
    struct sam_credentials c;
    uint32_t group = add_group(f->s, u"group");

    assert_status(sam_user_set_password(f->s, group, first), STATUS_NO_SUCH_USER);
    assert_status(sam_user_set_password(f->s, 4711, first), STATUS_NO_SUCH_USER);
    assert_status(sam_user_set_control(f->s, group, 0), STATUS_NO_SUCH_USER);
    assert_status(sam_user_credentials(f->s, text(u"group"), &c), STATUS_NO_SUCH_USER);
    assert_status(sam_user_credentials(f->s, text(u"Administrators"), &c), STATUS_NO_SUCH_USER);
    assert_status(sam_user_credentials(f->s, text(u"nobody"), &c), STATUS_NO_SUCH_USER);
    assert_status(sam_user_credentials(f->s, text(u""), &c), STATUS_NO_SUCH_USER);
}

static void control_is_kept(void **state)
{
    struct fixture *f = *state;
    struct sam_user user;

    assert_done(sam_begin(f->s));
    assert_done(sam_user_set_control(f->s, SAM_RID_GUEST, SAM_USER_NORMAL));
    assert_done(sam_user_set_password(f->s, SAM_RID_GUEST, first));
    sam_rollback(f->s);
    assert_done(sam_user_get(f->s, SAM_RID_GUEST, &f->arena, &user));
    assert_true(user.control & SAM_USER_DISABLED);
    assert_done(sam_user_set_control(f->s, SAM_RID_GUEST, SAM_USER_NORMAL));
    assert_done(sam_user_get(f->s, SAM_RID_GUEST, &f->arena, &user));
    assert_int_equal(user.control, SAM_USER_NORMAL);
    assert_sound(f->path);
}

static void members_of_aliases(void **state)
{
    struct fixture *f = *state;
    struct sam_domain_info info;
    bool member = false;

    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &info));
    info.sid.sub[info.sid.count++] = SAM_RID_ADMINISTRATOR;
    assert_done(sam_alias_has_member(f->s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &info.sid, &member));
    assert_true(member);
    assert_done(sam_alias_has_member(f->s, SAM_BUILTIN, 546, &info.sid, &member));
    assert_false(member);
    info.sid.sub[info.sid.count - 1] = SAM_RID_GUEST;
    assert_done(sam_alias_has_member(f->s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &info.sid, &member));
    assert_false(member);
}

/* Members of another domain, too. */
static void changes_members_of_aliases(void **state)
{
    const struct sam_sid foreign = {1, 5, {[5] = 5}, {21, 1, 2, 3, 512}};
    struct fixture *f = *state;
    bool member = false;

    assert_true(nt_is(sam_alias_remove_member(f->s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &foreign),
                      NT_STATUS_MEMBER_NOT_IN_ALIAS));
    assert_true(nt_is(sam_alias_add_member(f->s, SAM_BUILTIN, 4711, &foreign), NT_STATUS_NO_SUCH_ALIAS));
    assert_done(sam_alias_add_member(f->s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &foreign));
    assert_true(nt_is(sam_alias_add_member(f->s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &foreign),
                      NT_STATUS_MEMBER_IN_ALIAS));
    assert_done(sam_alias_has_member(f->s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &foreign, &member));
    assert_true(member);
    assert_done(sam_alias_remove_member(f->s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &foreign));
    assert_done(sam_alias_has_member(f->s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &foreign, &member));
    assert_false(member);
    assert_sound(f->path);
}

static void lists_members_and_aliases(void **state)
{
    struct fixture *f = *state;
    struct sam_domain_info info;
    struct sam_sid sids[4] = {{1, 1, {[5] = 5}, {11}}}, *members;
    uint32_t *aliases;
    size_t count;

    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &info));
    for (size_t i = 1; i < 4; i++) {
        sids[i] = info.sid;
        sids[i].sub[sids[i].count++] = i == 1 ? SAM_RID_GUEST : SAM_RID_ADMINISTRATOR;
    }
    assert_done(sam_alias_members(f->s, SAM_BUILTIN, SAM_RID_ADMINISTRATORS, &f->arena, &members, &count));
    assert_int_equal(count, 1);
    assert_memory_equal(&members[0], &sids[2], sizeof(sids[2]));
    assert_done(sam_alias_members(f->s, SAM_BUILTIN, 545, &f->arena, &members, &count));
    assert_int_equal(count, 2);
    assert_done(sam_alias_members(f->s, SAM_BUILTIN, 4711, &f->arena, &members, &count));
    assert_int_equal(count, 0);
    assert_done(sam_aliases_of(f->s, SAM_BUILTIN, sids, 4, &f->arena, &aliases, &count));
    assert_int_equal(count, 3);
    assert_memory_equal(aliases, ((uint32_t[]){544, 545, 546}), 12);
    assert_done(sam_aliases_of(f->s, SAM_ACCOUNT, sids, 4, &f->arena, &aliases, &count));
    assert_int_equal(count, 0);
    assert_done(sam_aliases_of(f->s, SAM_BUILTIN, sids, 0, &f->arena, &aliases, &count));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(set_and_asked_for, make_database, drop_folder),
        cmocka_unit_test_setup_teardown(only_users_have_them, make_database, drop_folder),
        cmocka_unit_test_setup_teardown(control_is_kept, make_database, drop_folder),
        cmocka_unit_test_setup_teardown(lists_members_and_aliases, make_database, drop_folder),
        cmocka_unit_test_setup_teardown(members_of_aliases, make_database, drop_folder),
        cmocka_unit_test_setup_teardown(changes_members_of_aliases, make_database, drop_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
