/* SPDX-License-Identifier: MIT */
/*
 * NetGroupAddUser, NetGroupDelUser, NetGroupGetUsers, NetGroupSetUsers. They are documented in lmaccess.h.
 *
 * SAMR gives the members of a group in one reply; pages are made here. They are in the order of RIDs, and the
 * resume handle is the last RID handed out: no state is kept between calls, and members that come or go
 * meanwhile make none of the others appear twice or be left out.
 */
#include "netapi/group.h"

#include <stdlib.h>

#include "api.h"
#include "netapi/buffer.h"

/* Changes of membership, and taking them back */

struct undo_arguments {
    uint32_t rid;
    struct member_change *changes;
    size_t count;
};

static struct net_status undo_members(struct call *c, void *arguments)
{
    const struct undo_arguments *a = arguments;
    group_handle group;
    struct nt_status s = group_open(c, a->rid, GROUP_ADD_MEMBER | GROUP_REMOVE_MEMBER, &group);

    if (!nt_success(s))
        return call_status(c, s);
    s = group_members_change(c, a->rid, &group, a->changes, a->count, true);
    group_close(c, &group);
    return call_status(c, s);
}

/* The change that takes this one back. Where it is not certain that it took effect, the server refuses the
 * opposite if it did not. */
static struct member_change opposite(struct member_change change)
{
    struct member_change back = {.kind = change.kind, .member = {change.member.rid, change.old_attributes}};

    if (change.kind == MEMBER_ADD)
        back.kind = MEMBER_REMOVE;
    else if (change.kind == MEMBER_REMOVE)
        back.kind = MEMBER_ADD;
    return back;
}

void group_undo_members(struct call *c, uint32_t rid, struct member_change *changes, size_t count)
{
    struct undo_arguments undo = {rid, changes, 0};

    for (size_t i = 0; i < count; i++)
        if (changes[i].changed)
            changes[undo.count++] = opposite(changes[i]);
    if (undo.count)
        call_undo(c, undo_members, &undo);
}

/* Additions first: what can be refused for what it is comes before anything is taken away. */
struct nt_status group_change_members(struct call *c, uint32_t rid, const group_handle *group,
                                      struct member_change *changes, size_t count)
{
    struct nt_status s;
    size_t first = 0;

    while (first < count && changes[first].kind != MEMBER_REMOVE)
        first++;
    for (size_t i = first; i < count; i++)
        changes[i].changed = false;
    s = group_members_change(c, rid, group, changes, first, false);
    if (nt_success(s))
        s = group_members_change(c, rid, group, changes + first, count - first, false);
    if (!nt_success(s))
        group_undo_members(c, rid, changes, count);
    return s;
}

/* NetGroupAddUser, NetGroupDelUser */

struct member_arguments {
    const uint16_t *group, *user;
    enum member_change_kind kind;
};

/* Both names in one request. */
static struct net_status find_both(struct call *c, const struct member_arguments *a, uint32_t rids[2])
{
    struct text names[2];
    uint32_t kinds[2];
    struct nt_status s;

    if (!text_from(&names[0], a->group, GNLEN))
        return NET_STATUS(NERR_GroupNotFound);
    if (!text_from(&names[1], a->user, UNLEN))
        return NET_STATUS(NERR_UserNotFound);
    s = accounts_find(c, names, 2, rids, kinds);
    if (nt_success(s) && kinds[0] != ACCOUNT_GROUP)
        return NET_STATUS(NERR_GroupNotFound);
    if (nt_success(s) && kinds[1] != ACCOUNT_USER)
        return NET_STATUS(NERR_UserNotFound);
    return call_status(c, s);
}

static struct net_status change_member(struct call *c, void *arguments)
{
    const struct member_arguments *a = arguments;
    struct member_change change = {.kind = a->kind, .member.attributes = GROUP_ATTRIBUTES};
    group_handle group;
    uint32_t rids[2];
    struct net_status status = find_both(c, a, rids);
    struct nt_status s;

    if (status.v)
        return status;
    s = group_open(c, rids[0], a->kind == MEMBER_ADD ? GROUP_ADD_MEMBER : GROUP_REMOVE_MEMBER, &group);
    if (!nt_success(s))
        return call_status(c, s);
    change.member.rid = rids[1];
    status = call_status(c, group_members_change(c, rids[0], &group, &change, 1, false));
    group_close(c, &group);
    return status;
}

NET_API_STATUS NetGroupAddUser(LPCWSTR servername, LPCWSTR GroupName, LPCWSTR username)
{
    struct member_arguments a = {GroupName, username, MEMBER_ADD};

    return GroupName && username ? call_run(servername, change_member, &a).v : ERROR_INVALID_PARAMETER;
}

NET_API_STATUS NetGroupDelUser(LPCWSTR servername, LPCWSTR GroupName, LPCWSTR Username)
{
    struct member_arguments a = {GroupName, Username, MEMBER_REMOVE};

    return GroupName && Username ? call_run(servername, change_member, &a).v : ERROR_INVALID_PARAMETER;
}

/* NetGroupGetUsers */

struct get_users_arguments {
    const uint16_t *group;
    DWORD level, limit; /* limit: bytes, or MAX_PREFERRED_LENGTH */
    uint32_t start;     /* RID to go on behind */
    uint32_t last;      /* RID of the last member handed out */
    LPBYTE *bufptr;
    DWORD read, total;
};

/* `*done`: how many of the members are dealt with; fewer than `count`: the next one does not fit. */
static struct nt_status add_users(struct call *c, const struct get_users_arguments *a,
                                  struct ndr_block_builder *b, const struct group_member *members,
                                  size_t count, size_t *done)
{
    uint32_t *rids = arena_array(&c->arena, count, sizeof(*rids), 4);
    uint32_t *kinds = arena_array(&c->arena, count, sizeof(*kinds), 4);
    struct text *names = arena_array(&c->arena, count, sizeof(*names), 8);
    struct nt_status s;

    *done = 0;
    if (!rids || !kinds || !names)
        return call_fail_memory(c);
    for (size_t i = 0; i < count; i++)
        rids[i] = members[i].rid;
    s = accounts_names(c, rids, count, names, kinds);
    if (!nt_success(s))
        return s;
    for (; *done < count; ++*done) {
        GROUP_USERS_INFO_1 info = {.grui1_attributes = members[*done].attributes};

        if (kinds[*done] == ACCOUNT_UNKNOWN) /* deleted since the list was made */
            continue;
        info.grui1_name = text_copy(c, names[*done]);
        if (!info.grui1_name)
            return NT(STATUS_NO_MEMORY);
        if (a->limit != MAX_PREFERRED_LENGTH && ndr_block_len_with(b, &info) > a->limit)
            break;
        if (ndr_block_add(b, &info))
            return call_fail_memory(c);
    }
    return s;
}

static struct net_status build_users(struct call *c, struct get_users_arguments *a,
                                     const struct group_member *members, size_t count)
{
    struct ndr_block_builder b;
    struct nt_status s = NT(STATUS_SUCCESS);
    struct net_status status;
    size_t at = 0, done = 0, some = 0;
    void *block = NULL;

    ndr_block_init(&b, &api_interface, a->level ? api_type_GROUP_USERS_INFO_1 : api_type_GROUP_USERS_INFO_0);
    for (; nt_success(s) && at < count && done == some; at += done) {
        some = count - at < ACCOUNTS_NAMES_MAX ? count - at : ACCOUNTS_NAMES_MAX;
        s = add_users(c, a, &b, members + at, some, &done);
    }
    status = call_status(c, s);
    a->read = (DWORD)b.count;
    a->total = (DWORD)(b.count + (count - at));
    if (!status.v && at < count && !b.count)
        status = NET_STATUS(NERR_BufTooSmall);
    if (!status.v && ndr_block_take(&b, api_buffer_allocate, "NetGroupGetUsers", &block))
        status = NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    ndr_block_deinit(&b);
    if (status.v)
        return status;
    *a->bufptr = block;
    if (at)
        a->last = members[at - 1].rid;
    return NET_STATUS(at < count ? ERROR_MORE_DATA : NERR_Success);
}

static struct net_status get_users(struct call *c, void *arguments)
{
    struct get_users_arguments *a = arguments;
    group_handle group;
    struct group_member *members;
    size_t count, skip = 0;
    uint32_t rid;
    struct net_status status = group_find_open(c, a->group, GROUP_LIST_MEMBERS, &group, &rid);
    struct nt_status s;

    if (status.v)
        return status;
    s = group_members(c, &group, &members, &count);
    group_close(c, &group);
    if (!nt_success(s))
        return call_status(c, s);
    while (skip < count && members[skip].rid <= a->start)
        skip++;
    return build_users(c, a, members + skip, count - skip);
}

NET_API_STATUS NetGroupGetUsers(LPCWSTR servername, LPCWSTR groupname, DWORD level, LPBYTE *bufptr,
                                DWORD prefmaxlen, LPDWORD entriesread, LPDWORD totalentries,
                                PDWORD_PTR ResumeHandle)
{
    struct get_users_arguments a = {.group = groupname,
                                    .level = level,
                                    .limit = prefmaxlen,
                                    .start = ResumeHandle ? (uint32_t)*ResumeHandle : 0,
                                    .bufptr = bufptr};
    struct net_status status;

    if (bufptr)
        *bufptr = NULL;
    if (entriesread)
        *entriesread = 0;
    if (totalentries)
        *totalentries = 0;
    if (!groupname || !bufptr || !entriesread || !totalentries)
        return ERROR_INVALID_PARAMETER;
    if (level > 1)
        return ERROR_INVALID_LEVEL;
    status = call_run(servername, get_users, &a);
    if (ResumeHandle)
        *ResumeHandle = status.v == ERROR_MORE_DATA ? a.last : 0;
    if (status.v == NERR_Success || status.v == ERROR_MORE_DATA) {
        *entriesread = a.read;
        *totalentries = a.total;
    }
    return status.v;
}

/* NetGroupSetUsers */

struct set_users_arguments {
    const uint16_t *group;
    DWORD level;
    const BYTE *users;
    size_t count;
};

static GROUP_USERS_INFO_1 user_given(const struct set_users_arguments *a, size_t i)
{
    const GROUP_USERS_INFO_0 *users0 = (const GROUP_USERS_INFO_0 *)a->users;
    const GROUP_USERS_INFO_1 *users1 = (const GROUP_USERS_INFO_1 *)a->users;

    return a->level ? users1[i] : (GROUP_USERS_INFO_1){users0[i].grui0_name, GROUP_ATTRIBUTES};
}

static int member_compare(const void *a, const void *b)
{
    const struct group_member *x = a, *y = b;

    return (x->rid > y->rid) - (x->rid < y->rid);
}

/* Who is to be a member: by RID, each once, in the order of RIDs. */
static struct net_status find_users(struct call *c, const struct set_users_arguments *a,
                                    struct group_member **out, size_t *count)
{
    struct text *names = arena_array(&c->arena, a->count, sizeof(*names), 8);
    uint32_t *rids = arena_array(&c->arena, a->count, sizeof(*rids), 4);
    uint32_t *kinds = arena_array(&c->arena, a->count, sizeof(*kinds), 4);
    struct group_member *users = arena_array(&c->arena, a->count, sizeof(*users), 4);
    struct nt_status s;

    *count = 0;
    *out = users;
    if (!names || !rids || !kinds || !users)
        return NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    for (size_t i = 0; i < a->count; i++)
        if (!text_from(&names[i], user_given(a, i).grui1_name, UNLEN))
            return NET_STATUS(NERR_UserNotFound);
    s = accounts_find(c, names, a->count, rids, kinds);
    if (!nt_success(s))
        return call_status(c, s);
    for (size_t i = 0; i < a->count; i++) {
        if (kinds[i] != ACCOUNT_USER)
            return NET_STATUS(NERR_UserNotFound);
        users[i] = (struct group_member){rids[i], user_given(a, i).grui1_attributes};
    }
    qsort(users, a->count, sizeof(*users), member_compare);
    for (size_t i = 0; i < a->count; i++)
        if (!*count || users[i].rid != users[*count - 1].rid)
            users[(*count)++] = users[i];
    return NET_STATUS(NERR_Success);
}

/* One kind of change out of what makes `have` into `want`. */
static size_t compare_members(enum member_change_kind kind, const struct group_member *have,
                              size_t have_count, const struct group_member *want, size_t want_count,
                              struct member_change *out)
{
    size_t count = 0;

    for (size_t h = 0, w = 0; h < have_count || w < want_count;) {
        bool had = w == want_count || (h < have_count && have[h].rid <= want[w].rid);
        bool wanted = h == have_count || (w < want_count && want[w].rid <= have[h].rid);

        if (kind == MEMBER_ADD && !had)
            out[count++] = (struct member_change){kind, want[w], 0, false};
        else if (kind == MEMBER_REMOVE && !wanted)
            out[count++] = (struct member_change){kind, have[h], have[h].attributes, false};
        else if (kind == MEMBER_SET && had && wanted && have[h].attributes != want[w].attributes)
            out[count++] = (struct member_change){kind, want[w], have[h].attributes, false};
        h += had;
        w += wanted;
    }
    return count;
}

static struct nt_status replace_members(struct call *c, const group_handle *group, uint32_t rid, DWORD level,
                                        const struct group_member *want, size_t want_count)
{
    struct group_member *have;
    struct member_change *changes;
    size_t have_count, count;
    struct nt_status s = group_members(c, group, &have, &have_count);

    if (!nt_success(s))
        return s;
    changes = arena_array(&c->arena, have_count + want_count, sizeof(*changes), 4);
    if (!changes)
        return call_fail_memory(c);
    count = compare_members(MEMBER_ADD, have, have_count, want, want_count, changes);
    if (level == 1)
        count += compare_members(MEMBER_SET, have, have_count, want, want_count, changes + count);
    count += compare_members(MEMBER_REMOVE, have, have_count, want, want_count, changes + count);
    return group_change_members(c, rid, group, changes, count);
}

static struct net_status set_users(struct call *c, void *arguments)
{
    const struct set_users_arguments *a = arguments;
    group_handle group;
    struct group_member *want;
    size_t count;
    uint32_t rid;
    struct net_status status = group_find_open(
        c, a->group, GROUP_LIST_MEMBERS | GROUP_ADD_MEMBER | GROUP_REMOVE_MEMBER, &group, &rid);

    if (status.v)
        return status;
    status = find_users(c, a, &want, &count);
    if (!status.v)
        status = call_status(c, replace_members(c, &group, rid, a->level, want, count));
    group_close(c, &group);
    return status;
}

NET_API_STATUS NetGroupSetUsers(LPCWSTR servername, LPCWSTR groupname, DWORD level, LPBYTE buf,
                                DWORD totalentries)
{
    struct set_users_arguments a = {groupname, level, buf, totalentries};

    if (!groupname || (!buf && totalentries))
        return ERROR_INVALID_PARAMETER;
    if (level > 1)
        return ERROR_INVALID_LEVEL;
    for (size_t i = 0; i < totalentries; i++)
        if (!user_given(&a, i).grui1_name)
            return ERROR_INVALID_PARAMETER;
    return call_run(servername, set_users, &a).v;
}
