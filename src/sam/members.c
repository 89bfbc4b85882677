/* SPDX-License-Identifier: MIT */
/*
 * The rules of membership in groups and aliases ([MS-SAMR] 3.1.5.8, 3.1.5.9), and users as far as groups need
 * them.
 *
 * Invariant: members of a group are users of the same domain; a user is a member of its primary group, so the
 * groups of a user are its memberships and nothing else.
 */
#include "sam/rules.h"

#include <stdlib.h>
#include <string.h>

static struct nt_status group_exists(struct sam *s, uint32_t rid)
{
    struct sam_record r;
    struct nt_status status = s->store->ops->get(s->store, SAM_ACCOUNT, SAM_GROUP, rid, NULL, &r);

    return nt_is(status, NT_STATUS_NONE_MAPPED) ? NT(STATUS_NO_SUCH_GROUP) : status;
}

static struct nt_status get_user(struct sam *s, uint32_t rid, struct arena *arena, struct sam_record *account,
                                 struct sam_user_record *user)
{
    struct nt_status status = s->store->ops->user_get(s->store, rid, arena, account, user);

    return nt_is(status, NT_STATUS_NONE_MAPPED) ? NT(STATUS_NO_SUCH_USER) : status;
}

struct nt_status sam_group_members(struct sam *s, uint32_t rid, struct arena *arena, struct sam_member **out,
                                   size_t *count)
{
    struct nt_status status = s->store->ops->members(s->store, rid, arena, out, count);

    return nt_is(status, NT_STATUS_NONE_MAPPED) ? NT(STATUS_NO_SUCH_GROUP) : status;
}

/* Group and user exist; the membership: STATUS_SUCCESS, STATUS_MEMBER_NOT_IN_GROUP. */
static struct nt_status check(struct sam *s, uint32_t rid, uint32_t member, struct sam_user_record *user)
{
    struct sam_record account;
    uint32_t attributes;
    struct nt_status status = group_exists(s, rid);

    if (nt_success(status))
        status = get_user(s, member, NULL, &account, user);
    return nt_success(status) ? s->store->ops->member_get(s->store, rid, member, &attributes) : status;
}

static struct nt_status add(struct sam_change *change, uint32_t rid, uint32_t member, uint32_t attributes)
{
    struct sam *s = change->sam;
    struct sam_counters *counters;
    struct sam_user_record user;
    struct nt_status status = check(s, rid, member, &user);

    if (nt_success(status))
        return NT(STATUS_MEMBER_IN_GROUP);
    if (!nt_is(status, NT_STATUS_MEMBER_NOT_IN_GROUP))
        return status;
    status = sam_change_write(change, SAM_ACCOUNT, &counters);
    return nt_success(status) ? s->store->ops->member_add(s->store, rid, member, attributes) : status;
}

struct nt_status sam_group_add_member(struct sam *s, uint32_t rid, uint32_t member, uint32_t attributes)
{
    struct sam_change change;
    struct nt_status status = sam_change_begin(&change, s);

    return nt_success(status) ? sam_change_end(&change, add(&change, rid, member, attributes)) : status;
}

static struct nt_status take_out(struct sam_change *change, uint32_t rid, uint32_t member)
{
    struct sam *s = change->sam;
    struct sam_counters *counters;
    struct sam_user_record user;
    struct nt_status status = check(s, rid, member, &user);

    if (nt_success(status) && user.primary_group == rid)
        status = NT(STATUS_MEMBERS_PRIMARY_GROUP);
    if (nt_success(status))
        status = sam_change_write(change, SAM_ACCOUNT, &counters);
    return nt_success(status) ? s->store->ops->member_remove(s->store, rid, member) : status;
}

struct nt_status sam_group_remove_member(struct sam *s, uint32_t rid, uint32_t member)
{
    struct sam_change change;
    struct nt_status status = sam_change_begin(&change, s);

    return nt_success(status) ? sam_change_end(&change, take_out(&change, rid, member)) : status;
}

static struct nt_status set(struct sam_change *change, uint32_t rid, uint32_t member, uint32_t attributes)
{
    struct sam *s = change->sam;
    struct sam_counters *counters;
    struct sam_user_record user;
    struct nt_status status = check(s, rid, member, &user);

    if (nt_success(status))
        status = sam_change_write(change, SAM_ACCOUNT, &counters);
    return nt_success(status) ? s->store->ops->member_set(s->store, rid, member, attributes) : status;
}

struct nt_status sam_group_set_member_attributes(struct sam *s, uint32_t rid, uint32_t member,
                                                 uint32_t attributes)
{
    struct sam_change change;
    struct nt_status status = sam_change_begin(&change, s);

    return nt_success(status) ? sam_change_end(&change, set(&change, rid, member, attributes)) : status;
}

struct nt_status sam_user_get(struct sam *s, uint32_t rid, struct arena *arena, struct sam_user *out)
{
    struct sam_record account;
    struct sam_user_record user;
    struct nt_status status = get_user(s, rid, arena, &account, &user);

    if (nt_success(status))
        *out = (struct sam_user){.rid = rid,
                                 .primary_group = user.primary_group,
                                 .control = account.attributes,
                                 .name = account.name,
                                 .full_name = account.full_name,
                                 .comment = account.comment,
                                 .created = user.created};
    return status;
}

struct nt_status sam_user_groups(struct sam *s, uint32_t rid, struct arena *arena, struct sam_member **out,
                                 size_t *count)
{
    struct nt_status status = s->store->ops->groups_of(s->store, rid, arena, out, count);

    return nt_is(status, NT_STATUS_NONE_MAPPED) ? NT(STATUS_NO_SUCH_USER) : status;
}

struct nt_status sam_alias_has_member(struct sam *s, enum sam_domain domain, uint32_t alias,
                                      const struct sam_sid *sid, bool *out)
{
    return s->store->ops->alias_member_get(s->store, domain, alias, sid, out);
}

static struct nt_status change_alias(struct sam_change *change, enum sam_domain domain, uint32_t alias,
                                     const struct sam_sid *sid, bool in)
{
    struct sam_store *store = change->sam->store;
    struct sam_counters *counters;
    struct sam_record r;
    bool is_in = false;
    struct nt_status status = store->ops->get(store, domain, SAM_ALIAS, alias, NULL, &r);

    if (nt_is(status, NT_STATUS_NONE_MAPPED))
        return NT(STATUS_NO_SUCH_ALIAS);
    if (nt_success(status))
        status = store->ops->alias_member_get(store, domain, alias, sid, &is_in);
    if (nt_success(status) && is_in == in)
        status = in ? NT(STATUS_MEMBER_IN_ALIAS) : NT(STATUS_MEMBER_NOT_IN_ALIAS);
    if (nt_success(status))
        status = sam_change_write(change, domain, &counters);
    if (!nt_success(status))
        return status;
    return in ? store->ops->alias_member_add(store, domain, alias, sid)
              : store->ops->alias_member_remove(store, domain, alias, sid);
}

struct nt_status sam_alias_add_member(struct sam *s, enum sam_domain domain, uint32_t alias,
                                      const struct sam_sid *sid)
{
    struct sam_change change;
    struct nt_status status = sam_change_begin(&change, s);

    return nt_success(status) ? sam_change_end(&change, change_alias(&change, domain, alias, sid, true))
                              : status;
}

struct nt_status sam_alias_remove_member(struct sam *s, enum sam_domain domain, uint32_t alias,
                                         const struct sam_sid *sid)
{
    struct sam_change change;
    struct nt_status status = sam_change_begin(&change, s);

    return nt_success(status) ? sam_change_end(&change, change_alias(&change, domain, alias, sid, false))
                              : status;
}

struct nt_status sam_alias_members(struct sam *s, enum sam_domain domain, uint32_t alias, struct arena *arena,
                                   struct sam_sid **out, size_t *count)
{
    return s->store->ops->alias_members(s->store, domain, alias, arena, out, count);
}

static int compare_rids(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Two sorted lists as one, each RID once. */
static struct nt_status unite(struct arena *arena, uint32_t **rids, size_t *count, const uint32_t *more,
                              size_t more_count)
{
    uint32_t *all;
    size_t n = 0;

    if (!more_count)
        return NT(STATUS_SUCCESS);
    all = arena_array(arena, *count + more_count, sizeof(*all), 4);
    if (!all)
        return NT(STATUS_NO_MEMORY);
    if (*count)
        memcpy(all, *rids, *count * sizeof(*all));
    memcpy(all + *count, more, more_count * sizeof(*all));
    qsort(all, *count + more_count, sizeof(*all), compare_rids);
    for (size_t i = 0; i < *count + more_count; i++)
        if (!n || all[i] != all[n - 1])
            all[n++] = all[i];
    *rids = all;
    *count = n;
    return NT(STATUS_SUCCESS);
}

struct nt_status sam_aliases_of(struct sam *s, enum sam_domain domain, const struct sam_sid *sids,
                                size_t sid_count, struct arena *arena, uint32_t **out, size_t *count)
{
    struct nt_status status = NT(STATUS_SUCCESS);

    *out = NULL;
    *count = 0;
    for (size_t i = 0; nt_success(status) && i < sid_count; i++) {
        uint32_t *rids;
        size_t n;

        status = s->store->ops->aliases_of(s->store, domain, &sids[i], arena, &rids, &n);
        if (nt_success(status))
            status = unite(arena, out, count, rids, n);
    }
    return status;
}
