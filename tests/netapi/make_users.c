/* SPDX-License-Identifier: MIT */
/*
 * make_users DATABASE add COUNT: users "user00000" ... of all kinds into an account database, of which
 * nothing else can make any yet: every tenth is a machine, a server, a trust, a temporary duplicate; the
 * first is in Administrators, the second in the group "Operators", which is in Print Operators and Guests.
 * make_users DATABASE churn COUNT: so many times a user "volatile" comes and goes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sam/rules.h"
#include "sam/sam.h"

#define FIRST_KIND 2 /* the number of the user that is of the first odd kind */

static struct sam *sam;
static struct arena arena;

static void check(struct nt_status status, const char *what)
{
    if (nt_success(status))
        return;
    fprintf(stderr, "make_users: %s: %08x\n", what, status.v);
    exit(1);
}

static struct sam_text text(uint16_t *out, const char *s)
{
    size_t count = 0;

    while (s[count]) {
        out[count] = (uint8_t)s[count];
        count++;
    }
    return (struct sam_text){out, count};
}

static uint32_t control_of(unsigned number)
{
    static const uint32_t kinds[] = {0x80, 0x100, 0x40, 0x8};

    if (number % 10 >= FIRST_KIND && number % 10 < FIRST_KIND + 4)
        return kinds[number % 10 - FIRST_KIND];
    return SAM_USER_NORMAL | (number % 7 == 0 ? SAM_USER_DISABLED : 0);
}

static uint32_t add_user(const char *name, const char *full_name, uint32_t control)
{
    uint16_t wide[3][64];
    struct sam_record r = {.domain = SAM_ACCOUNT,
                           .kind = SAM_USER,
                           .attributes = control,
                           .name = text(wide[0], name),
                           .comment = text(wide[1], "made for a test"),
                           .full_name = text(wide[2], full_name)};
    struct sam_user_record user = {.primary_group = SAM_RID_NONE_GROUP, .created = 133000000000000000};
    struct sam_counters *counters;
    struct sam_change change;
    struct sam_key key;
    struct nt_status status;

    check(sam_change_begin(&change, sam), "begin");
    status = sam_change_write(&change, SAM_ACCOUNT, &counters);
    if (nt_success(status)) {
        r.rid = counters->next_rid++;
        counters->kinds[SAM_USER].count++;
        counters->kinds[SAM_USER].text_bytes += 2 * (r.name.count + r.comment.count + r.full_name.count);
        sam_name_key(r.name, &key);
        status = sam->store->ops->insert(sam->store, &r, &key);
    }
    if (nt_success(status))
        status = sam->store->ops->user_insert(sam->store, r.rid, &user);
    if (nt_success(status))
        status = sam->store->ops->member_add(sam->store, SAM_RID_NONE_GROUP, r.rid, SAM_GROUP_ATTRIBUTES);
    check(sam_change_end(&change, status), name);
    return r.rid;
}

static void remove_user(uint32_t rid)
{
    struct sam_record r = {.domain = SAM_ACCOUNT, .kind = SAM_USER, .rid = rid};
    struct sam_counters *counters;
    struct sam_change change;
    struct nt_status status;

    check(sam_change_begin(&change, sam), "begin");
    status = sam_change_write(&change, SAM_ACCOUNT, &counters);
    if (nt_success(status)) {
        counters->kinds[SAM_USER].count--;
        status = sam->store->ops->member_remove(sam->store, SAM_RID_NONE_GROUP, rid);
    }
    if (nt_success(status))
        status = sam->store->ops->remove(sam->store, &r);
    check(sam_change_end(&change, status), "remove");
}

static void add_alias_member(uint32_t alias, uint32_t rid)
{
    struct sam_domain_info info;

    check(sam_domain_get(sam, SAM_ACCOUNT, &arena, &info), "domain");
    info.sid.sub[info.sid.count++] = rid;
    check(sam->store->ops->alias_member_add(sam->store, SAM_BUILTIN, alias, &info.sid), "alias");
}

static void add_users(unsigned count)
{
    uint16_t wide[16];
    uint32_t group;

    check(sam_begin(sam), "begin");
    check(sam_group_create(sam, text(wide, "Operators"), &group), "group");
    add_alias_member(550, group);
    add_alias_member(546, group);
    for (unsigned i = 0; i < count; i++) {
        char name[32], full_name[32];
        uint32_t rid;

        snprintf(name, sizeof(name), "user%05u", i);
        snprintf(full_name, sizeof(full_name), "Number %u", i);
        rid = add_user(name, full_name, control_of(i));
        if (i == 0)
            add_alias_member(SAM_RID_ADMINISTRATORS, rid);
        if (i == 1)
            check(sam_group_add_member(sam, group, rid, SAM_GROUP_ATTRIBUTES), "member");
    }
    check(sam_commit(sam), "commit");
}

int main(int argc, char **argv)
{
    unsigned count = argc == 4 ? (unsigned)atoi(argv[3]) : 0;

    if (!count)
        return 2;
    arena_init(&arena, 1 << 20);
    check(sam_open(&sam, argv[1], true), argv[1]);
    if (strcmp(argv[2], "add") == 0)
        add_users(count);
    else
        for (unsigned i = 0; i < count; i++)
            remove_user(add_user("volatile", "", SAM_USER_NORMAL));
    sam_close(sam);
    arena_deinit(&arena);
    return 0;
}
