/* SPDX-License-Identifier: MIT */
/* What a new database holds, groups, their members, transactions. */
#include "sam/test_sam.h"

#include <time.h>

static void new_domains(void **state)
{
    struct fixture *f = *state;
    struct sam_domain_info d;
    int64_t now = (time(NULL) + INT64_C(11644473600)) * 10000000;

    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &d));
    assert_in_range(d.name.count, 1, 15);
    for (size_t i = 0; i < d.name.count; i++)
        assert_true(d.name.chars[i] > ' ' && d.name.chars[i] < 0x7F &&
                    !(d.name.chars[i] >= 'a' && d.name.chars[i] <= 'z'));
    assert_int_equal(d.sid.revision, 1);
    assert_int_equal(d.sid.count, 4);
    assert_memory_equal(d.sid.authority, "\0\0\0\0\0\5", 6);
    assert_int_equal(d.sid.sub[0], 21);
    assert_true(d.sid.sub[1] || d.sid.sub[2] || d.sid.sub[3]);
    assert_int_equal(d.user_count, 4);
    assert_int_equal(d.group_count, 1);
    assert_int_equal(d.alias_count, 0);
    assert_true(d.created <= now + 10000000 && d.created > now - 600 * INT64_C(10000000));
    assert_int_equal(d.max_password_age, -42 * INT64_C(864000000000));
    assert_int_equal(d.force_logoff, INT64_MIN);
    assert_int_equal(d.lockout_duration, d.lockout_window);
    assert_done(sam_domain_get(f->s, SAM_BUILTIN, &f->arena, &d));
    assert_text(d.name, u"Builtin");
    assert_int_equal(d.sid.count, 1);
    assert_int_equal(d.sid.sub[0], 32);
    assert_int_equal(d.user_count, 0);
    assert_int_equal(d.group_count, 0);
    assert_int_equal(d.alias_count, 25);
    assert_sound(f->path);
}

static void every_database_has_its_own_sid(void **state)
{
    struct fixture *f = *state;
    struct sam_domain_info one, two;
    struct sam *other;
    char path[96];

    snprintf(path, sizeof(path), "%s.2", f->path);
    assert_done(sam_open(&other, path, true));
    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &one));
    assert_done(sam_domain_get(other, SAM_ACCOUNT, &f->arena, &two));
    assert_memory_not_equal(one.sid.sub, two.sid.sub, sizeof(one.sid.sub));
    sam_close(other);
}

static void builtin_accounts(void **state)
{
    struct fixture *f = *state;
    static const struct {
        uint32_t rid;
        const char16_t *name;
        uint32_t control;
    } users[] = {{500, u"Administrator", 0x211},
                 {501, u"Guest", 0x215},
                 {503, u"DefaultAccount", 0x215},
                 {504, u"WDAGUtilityAccount", 0x011}};
    static const uint32_t aliases[] = {544, 545, 546, 547, 550, 551, 552, 555, 556, 558, 559, 562, 568,
                                       569, 573, 574, 575, 576, 577, 578, 579, 580, 581, 582, 583};
    struct sam_account account;
    struct sam_member *list;
    struct sam_user user;
    struct sam_group group;
    size_t count;

    for (size_t i = 0; i < 4; i++) {
        assert_done(sam_user_get(f->s, users[i].rid, &f->arena, &user));
        assert_text(user.name, users[i].name);
        assert_int_equal(user.control, users[i].control);
        assert_int_equal(user.primary_group, SAM_RID_NONE_GROUP);
        assert_true(user.comment.count > 0 && user.full_name.count == 0 && user.created > 0);
        assert_done(sam_user_groups(f->s, users[i].rid, &f->arena, &list, &count));
        assert_int_equal(count, 1);
        assert_int_equal(list[0].rid, SAM_RID_NONE_GROUP);
        assert_int_equal(list[0].attributes, SAM_GROUP_ATTRIBUTES);
    }
    for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++) {
        assert_done(sam_lookup_rid(f->s, SAM_BUILTIN, aliases[i], &f->arena, &account));
        assert_int_equal(account.kind, SAM_ALIAS);
        assert_int_equal(account.rid, aliases[i]);
    }
    assert_done(sam_group_get(f->s, SAM_RID_NONE_GROUP, &f->arena, &group));
    assert_text(group.name, u"None");
    assert_text(group.comment, u"Ordinary users");
    assert_int_equal(group.member_count, 4);
    assert_string_equal(query(f->path, "SELECT count(*) FROM alias_member m, domain d WHERE d.domain = 0 AND "
                                       "m.alias = (19 << 32 | 544) AND substr(m.sid, 3, 22) = "
                                       "substr(d.sid, 3, 22) AND hex(substr(m.sid, 25)) = 'F4010000' AND "
                                       "hex(substr(m.sid, 1, 2)) = '0105'"),
                        "1");
}

static void special_groups(void **state)
{
    struct fixture *f = *state;
    struct sam_group group;

    assert_status(sam_group_delete(f->s, SAM_RID_NONE_GROUP), STATUS_SPECIAL_ACCOUNT);
    assert_status(sam_group_remove_member(f->s, SAM_RID_NONE_GROUP, 500), STATUS_MEMBERS_PRIMARY_GROUP);
    assert_status(sam_group_add_member(f->s, SAM_RID_NONE_GROUP, 500, 7), STATUS_MEMBER_IN_GROUP);
    /* a user or an alias is no group */
    assert_status(sam_group_delete(f->s, 500), STATUS_NO_SUCH_GROUP);
    assert_status(sam_group_delete(f->s, 544), STATUS_NO_SUCH_GROUP);
    assert_status(sam_group_get(f->s, 501, &f->arena, &group), STATUS_NO_SUCH_GROUP);
    assert_done(sam_group_set_comment(f->s, SAM_RID_NONE_GROUP, text(u"everybody")));
    assert_sound(f->path);
}

static void life_of_a_group(void **state)
{
    struct fixture *f = *state;
    uint32_t rid = add_group(f->s, u"Staff"), next;
    struct sam_domain_info before, after;
    struct sam_account account;
    struct sam_group group;
    uint64_t bytes_before, bytes;
    uint32_t count;

    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &before));
    assert_int_equal(before.group_count, 2);
    assert_done(sam_display_totals(f->s, SAM_ACCOUNT, SAM_GROUP, &count, &bytes_before));
    assert_done(sam_group_get(f->s, rid, &f->arena, &group));
    assert_text(group.name, u"Staff");
    assert_int_equal(group.comment.count, 0);
    assert_null(group.comment.chars);
    assert_int_equal(group.attributes, SAM_GROUP_ATTRIBUTES);
    assert_int_equal(group.member_count, 0);
    assert_done(sam_group_set_comment(f->s, rid, text(u"those who work")));
    assert_done(sam_group_set_attributes(f->s, rid, 0xFFFFFFFF));
    assert_done(sam_group_set_name(f->s, rid, text(u"Workers")));
    assert_done(sam_group_get(f->s, rid, &f->arena, &group));
    assert_text(group.name, u"Workers");
    assert_text(group.comment, u"those who work");
    assert_int_equal(group.attributes, 0xFFFFFFFF);
    assert_done(sam_display_totals(f->s, SAM_ACCOUNT, SAM_GROUP, &count, &bytes));
    assert_int_equal(bytes, bytes_before + 2 * (14 + 7 - 5));
    assert_status(sam_lookup_name(f->s, SAM_ACCOUNT, text(u"staff"), &f->arena, &account),
                  STATUS_NONE_MAPPED);
    assert_done(sam_lookup_name(f->s, SAM_ACCOUNT, text(u"workers"), &f->arena, &account));
    assert_int_equal(account.rid, rid);
    assert_int_equal(account.kind, SAM_GROUP);
    assert_done(sam_lookup_rid(f->s, SAM_ACCOUNT, rid, &f->arena, &account));
    assert_text(account.name, u"Workers");
    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &after));
    assert_int_equal(after.modified_count, before.modified_count + 3);

    assert_done(sam_group_delete(f->s, rid));
    assert_status(sam_group_delete(f->s, rid), STATUS_NO_SUCH_GROUP);
    assert_status(sam_group_get(f->s, rid, &f->arena, &group), STATUS_NO_SUCH_GROUP);
    assert_status(sam_group_set_comment(f->s, rid, text(u"x")), STATUS_NO_SUCH_GROUP);
    assert_status(sam_group_set_attributes(f->s, rid, 7), STATUS_NO_SUCH_GROUP);
    assert_status(sam_lookup_rid(f->s, SAM_ACCOUNT, rid, &f->arena, &account), STATUS_NONE_MAPPED);
    next = add_group(f->s, u"Workers");
    assert_true(next > rid); /* a RID is never used twice */
    assert_sound(f->path);
}

static void rids_survive(void **state)
{
    struct fixture *f = *state;
    uint32_t rid = add_group(f->s, u"last");

    assert_done(sam_group_delete(f->s, rid));
    sam_close(f->s);
    f->s = NULL;
    assert_done(sam_open(&f->s, f->path, false));
    assert_true(add_group(f->s, u"last") > rid);
}

static void rids_end(void **state)
{
    struct fixture *f = *state;
    uint32_t rid;

    assert_string_equal(query(f->path, "UPDATE domain SET next_rid = 0x3FFFFFFF RETURNING next_rid"),
                        "1073741823");
    assert_done(sam_begin(f->s));
    assert_done(sam_group_create(f->s, text(u"the last one"), &rid));
    assert_int_equal(rid, 0x3FFFFFFF);
    assert_status(sam_group_create(f->s, text(u"one too many"), &rid), STATUS_INSUFFICIENT_RESOURCES);
    assert_done(sam_commit(f->s)); /* it was found out before anything was written */
    assert_status(sam_group_create(f->s, text(u"one too many"), &rid), STATUS_INSUFFICIENT_RESOURCES);
    assert_done(sam_group_set_comment(f->s, 0x3FFFFFFF, text(u"still works")));
    assert_sound(f->path);
}

static void comments(void **state)
{
    struct fixture *f = *state;
    static uint16_t units[32768];
    uint32_t rid = add_group(f->s, u"talkative");
    struct sam_group group;

    for (size_t i = 0; i < 32768; i++)
        units[i] = (uint16_t)i;
    assert_status(sam_group_set_comment(f->s, rid, (struct sam_text){.chars = units, .count = 32768}),
                  STATUS_INVALID_PARAMETER);
    assert_done(sam_group_set_comment(f->s, rid, (struct sam_text){.chars = units, .count = 32767}));
    assert_done(sam_group_get(f->s, rid, &f->arena, &group));
    assert_int_equal(group.comment.count, 32767);
    assert_memory_equal(group.comment.chars, units, 2 * 32767);
    assert_done(sam_group_set_comment(f->s, rid, text(u"")));
    assert_done(sam_group_get(f->s, rid, &f->arena, &group));
    assert_int_equal(group.comment.count, 0);
    assert_sound(f->path);
}

static void memberships(void **state)
{
    struct fixture *f = *state;
    uint32_t rid = add_group(f->s, u"crew"), other = add_group(f->s, u"other");
    struct sam_member *list = (struct sam_member *)1;
    struct sam_group group;
    size_t count = 1;

    assert_done(sam_group_members(f->s, rid, &f->arena, &list, &count));
    assert_null(list);
    assert_int_equal(count, 0);
    assert_status(sam_group_members(f->s, 4711, &f->arena, &list, &count), STATUS_NO_SUCH_GROUP);
    assert_status(sam_group_add_member(f->s, 4711, 500, 7), STATUS_NO_SUCH_GROUP);
    assert_status(sam_group_add_member(f->s, rid, 4711, 7), STATUS_NO_SUCH_USER);
    assert_status(sam_group_add_member(f->s, rid, other, 7), STATUS_NO_SUCH_USER);
    assert_done(sam_group_add_member(f->s, rid, 501, 5));
    assert_done(sam_group_add_member(f->s, rid, 500, 0));
    assert_status(sam_group_add_member(f->s, rid, 500, 7), STATUS_MEMBER_IN_GROUP);
    assert_done(sam_group_members(f->s, rid, &f->arena, &list, &count));
    assert_int_equal(count, 2);
    assert_int_equal(list[0].rid, 500);
    assert_int_equal(list[0].attributes, 0);
    assert_int_equal(list[1].rid, 501);
    assert_int_equal(list[1].attributes, 5);
    assert_done(sam_group_get(f->s, rid, &f->arena, &group));
    assert_int_equal(group.member_count, 2);
    assert_done(sam_user_groups(f->s, 500, &f->arena, &list, &count));
    assert_int_equal(count, 2);
    assert_int_equal(list[0].rid, SAM_RID_NONE_GROUP);
    assert_int_equal(list[1].rid, rid);

    assert_status(sam_group_set_member_attributes(f->s, rid, 503, 7), STATUS_MEMBER_NOT_IN_GROUP);
    assert_status(sam_group_set_member_attributes(f->s, rid, 4711, 7), STATUS_NO_SUCH_USER);
    assert_status(sam_group_set_member_attributes(f->s, 4711, 500, 7), STATUS_NO_SUCH_GROUP);
    assert_done(sam_group_set_member_attributes(f->s, rid, 500, 0x80000007));
    assert_status(sam_group_remove_member(f->s, rid, 503), STATUS_MEMBER_NOT_IN_GROUP);
    assert_status(sam_group_remove_member(f->s, rid, 4711), STATUS_NO_SUCH_USER);
    assert_status(sam_group_remove_member(f->s, 4711, 500), STATUS_NO_SUCH_GROUP);
    assert_done(sam_group_remove_member(f->s, rid, 501));
    assert_done(sam_group_members(f->s, rid, &f->arena, &list, &count));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].attributes, 0x80000007);
    assert_sound(f->path);

    assert_status(sam_group_delete(f->s, rid), STATUS_MEMBER_IN_GROUP);
    assert_done(sam_group_get(f->s, rid, &f->arena, &group));
    assert_done(sam_group_remove_member(f->s, rid, 500));
    assert_done(sam_group_delete(f->s, rid));
    assert_done(sam_user_groups(f->s, 500, &f->arena, &list, &count));
    assert_int_equal(count, 1);
    assert_status(sam_user_groups(f->s, rid, &f->arena, &list, &count), STATUS_NO_SUCH_USER);
    assert_sound(f->path);
}

static void primary_groups_stay(void **state)
{
    struct fixture *f = *state;
    uint32_t rid = add_group(f->s, u"first");
    char sql[128];

    assert_done(sam_group_add_member(f->s, rid, 501, 7));
    snprintf(sql, sizeof(sql),
             "UPDATE user SET primary_group = (2 << 32 | %u) WHERE id & 0xffffffff = 501 RETURNING 1", rid);
    assert_string_equal(query(f->path, sql), "1");
    assert_status(sam_group_delete(f->s, rid), STATUS_MEMBERS_PRIMARY_GROUP);
    assert_status(sam_group_remove_member(f->s, rid, 501), STATUS_MEMBERS_PRIMARY_GROUP);
    assert_done(sam_group_remove_member(f->s, SAM_RID_NONE_GROUP, 501));
    assert_sound(f->path);
}

static void users_are_read(void **state)
{
    struct fixture *f = *state;
    struct sam_user user;

    assert_status(sam_user_get(f->s, 4711, &f->arena, &user), STATUS_NO_SUCH_USER);
    assert_status(sam_user_get(f->s, SAM_RID_NONE_GROUP, &f->arena, &user), STATUS_NO_SUCH_USER);
}

static void transactions(void **state)
{
    struct fixture *f = *state;
    struct sam_domain_info before, d;
    struct sam_account account;
    uint64_t bytes;
    uint32_t rid, count;

    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &before));
    assert_false(sam_in_transaction(f->s));
    assert_status(sam_commit(f->s), STATUS_INVALID_DOMAIN_STATE);
    assert_done(sam_begin(f->s));
    assert_true(sam_in_transaction(f->s));
    assert_status(sam_begin(f->s), STATUS_INVALID_DOMAIN_STATE);
    rid = add_group(f->s, u"one");
    assert_int_equal(add_group(f->s, u"two"), rid + 1);
    /* a change that is refused takes nothing else with it */
    assert_status(sam_group_create(f->s, text(u"ONE"), &rid), STATUS_GROUP_EXISTS);
    assert_status(sam_group_delete(f->s, 513), STATUS_SPECIAL_ACCOUNT);
    assert_status(sam_group_add_member(f->s, rid, 4711, 7), STATUS_NO_SUCH_USER);
    /* what is not committed is seen here, and nowhere else */
    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &d));
    assert_int_equal(d.group_count, 3);
    assert_int_equal(d.modified_count, before.modified_count + 2);
    assert_done(sam_display_totals(f->s, SAM_ACCOUNT, SAM_GROUP, &count, &bytes));
    assert_int_equal(count, 3);
    assert_string_equal(query(f->path, "SELECT group_count FROM domain WHERE domain = 0"), "1");
    assert_done(sam_commit(f->s));
    assert_false(sam_in_transaction(f->s));
    assert_string_equal(query(f->path, "SELECT group_count FROM domain WHERE domain = 0"), "3");

    assert_done(sam_begin(f->s));
    rid = add_group(f->s, u"three");
    sam_rollback(f->s);
    assert_false(sam_in_transaction(f->s));
    sam_rollback(f->s); /* nothing to undo */
    assert_status(sam_lookup_name(f->s, SAM_ACCOUNT, text(u"three"), &f->arena, &account),
                  STATUS_NONE_MAPPED);
    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &d));
    assert_int_equal(d.group_count, 3);
    assert_done(sam_begin(f->s));
    assert_done(sam_commit(f->s)); /* nothing in it */
    assert_done(sam_begin(f->s));
    add_group(f->s, u"lost with the handle");
    sam_close(f->s);
    f->s = NULL;
    assert_sound(f->path);
    assert_string_equal(query(f->path, "SELECT group_count FROM domain WHERE domain = 0"), "3");
}

static void memory_of_the_call_ends(void **state)
{
    struct fixture *f = *state;
    struct sam_domain_info d;
    struct sam_account account;
    struct sam_member *list;
    struct sam_group group;
    struct arena small;
    uint32_t rid = add_group(f->s, u"a group with a name");
    size_t count;

    arena_init(&small, 8);
    assert_status(sam_group_get(f->s, rid, &small, &group), STATUS_NO_MEMORY);
    assert_status(sam_lookup_rid(f->s, SAM_ACCOUNT, rid, &small, &account), STATUS_NO_MEMORY);
    assert_status(sam_group_members(f->s, 513, &small, &list, &count), STATUS_NO_MEMORY);
    assert_status(sam_domain_get(f->s, SAM_BUILTIN, &small, &d), STATUS_NO_MEMORY);
    arena_deinit(&small);
    assert_done(sam_group_delete(f->s, rid)); /* nothing is left open */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_database, drop_folder)
    const struct CMUnitTest tests[] = {
        TEST(new_domains),
        TEST(every_database_has_its_own_sid),
        TEST(builtin_accounts),
        TEST(special_groups),
        TEST(life_of_a_group),
        TEST(rids_survive),
        TEST(rids_end),
        TEST(comments),
        TEST(memberships),
        TEST(primary_groups_stay),
        TEST(users_are_read),
        TEST(transactions),
        TEST(memory_of_the_call_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
