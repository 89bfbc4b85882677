/* SPDX-License-Identifier: MIT */
/*
 * NetGroupAdd, NetGroupSetInfo, NetGroupDel, NetGroupGetInfo, and what all group functions share. They are
 * documented in lmaccess.h.
 *
 * Invariant: a function that fails has changed nothing, as far as the protocol allows: what it did before the
 * failure is undone.
 */
#include "netapi/group.h"

#include <stddef.h>
#include <string.h>

#include "api.h"
#include "netapi/buffer.h"

_Static_assert(offsetof(GROUP_INFO_0, grpi0_name) == offsetof(GROUP_INFO_3, grpi3_name) &&
                   offsetof(GROUP_INFO_1, grpi1_name) == offsetof(GROUP_INFO_3, grpi3_name) &&
                   offsetof(GROUP_INFO_1, grpi1_comment) == offsetof(GROUP_INFO_2, grpi2_comment) &&
                   offsetof(GROUP_INFO_1, grpi1_comment) == offsetof(GROUP_INFO_3, grpi3_comment),
               "group_fill writes name and comment of every level through level 1");

bool group_level_type(DWORD level, uint16_t *type)
{
    static const uint16_t types[] = {api_type_GROUP_INFO_0, api_type_GROUP_INFO_1, api_type_GROUP_INFO_2,
                                     api_type_GROUP_INFO_3};

    if (level >= sizeof(types) / sizeof(types[0]))
        return false;
    *type = types[level];
    return true;
}

bool group_fill(struct call *c, DWORD level, const struct group_entry *entry, union group_info *info)
{
    memset(info, 0, sizeof(*info));
    info->level0.grpi0_name = text_copy(c, entry->name);
    if (level > 0)
        info->level1.grpi1_comment = text_copy(c, entry->comment);
    if (level == 2) {
        info->level2.grpi2_group_id = entry->rid;
        info->level2.grpi2_attributes = entry->attributes;
    } else if (level == 3) {
        info->level3.grpi3_group_sid = accounts_sid(c, entry->rid);
        info->level3.grpi3_attributes = entry->attributes;
    }
    return !c->failure.v;
}

struct net_status group_find(struct call *c, const uint16_t *name, uint32_t *rid)
{
    struct text text;
    struct nt_status s;
    uint32_t kind;

    if (!text_from(&text, name, GNLEN))
        return NET_STATUS(NERR_GroupNotFound);
    s = accounts_find(c, &text, 1, rid, &kind);
    if (nt_success(s) && kind != ACCOUNT_GROUP)
        return NET_STATUS(NERR_GroupNotFound);
    return call_status(c, s);
}

struct net_status group_find_open(struct call *c, const uint16_t *name, uint32_t access, group_handle *out,
                                  uint32_t *rid)
{
    struct net_status status = group_find(c, name, rid);

    return status.v ? status : call_status(c, group_open(c, *rid, access, out));
}

/* What NetGroupAdd and NetGroupSetInfo are asked to set: without `chars`, false: not to be set. */
struct change {
    const uint16_t *group;      /* whose information is set; NetGroupAdd: NULL */
    const uint16_t *given_name; /* as they stand in the caller's structure */
    const uint16_t *given_comment;
    struct text name, comment;
    bool attributes_given;
    uint32_t attributes;
    DWORD parameter; /* which one is being dealt with: *parm_err when it is not valid */
};

static void change_read(struct change *a, DWORD level, const BYTE *buf)
{
    const GROUP_INFO_1 *info1 = (const GROUP_INFO_1 *)buf;

    a->attributes_given = level == 2 || level == 3 || level == 1005;
    if (level <= 3)
        a->given_name = ((const GROUP_INFO_0 *)buf)->grpi0_name;
    if (level >= 1 && level <= 3)
        a->given_comment = info1->grpi1_comment;
    if (level == 2)
        a->attributes = ((const GROUP_INFO_2 *)buf)->grpi2_attributes;
    if (level == 3)
        a->attributes = ((const GROUP_INFO_3 *)buf)->grpi3_attributes;
    if (level == 1002)
        a->given_comment = ((const GROUP_INFO_1002 *)buf)->grpi1002_comment;
    if (level == 1005)
        a->attributes = ((const GROUP_INFO_1005 *)buf)->grpi1005_attributes;
}

/* What needs no server to be seen. */
static struct net_status change_check(struct change *a, bool name_needed)
{
    a->parameter = GROUP_NAME_PARMNUM;
    if (name_needed && !a->given_name)
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    if (a->given_name && !text_from_new_name(&a->name, a->given_name, GNLEN))
        return NET_STATUS(NERR_BadUsername);
    a->parameter = GROUP_COMMENT_PARMNUM;
    if (a->given_comment && !text_from(&a->comment, a->given_comment, MAXCOMMENTSZ))
        return NET_STATUS(ERROR_INVALID_PARAMETER);
    return NET_STATUS(NERR_Success);
}

static NET_API_STATUS report(struct net_status status, const struct change *a, LPDWORD parm_err)
{
    if (parm_err && (status.v == ERROR_INVALID_PARAMETER || status.v == NERR_BadUsername))
        *parm_err = a->parameter;
    return status.v;
}

static struct nt_status set_comment(struct call *c, const group_handle *group, struct change *a)
{
    a->parameter = GROUP_COMMENT_PARMNUM;
    return group_set_comment(c, group, a->comment);
}

static struct nt_status set_attributes(struct call *c, const group_handle *group, struct change *a)
{
    a->parameter = GROUP_ATTRIBUTES_PARMNUM;
    return group_set_attributes(c, group, a->attributes);
}

/* NetGroupAdd */

static struct net_status undo_add(struct call *c, void *arguments)
{
    const uint32_t *rid = arguments;
    group_handle group;
    struct nt_status s = group_open(c, *rid, GROUP_DELETE, &group);

    if (nt_success(s)) {
        s = group_delete(c, &group);
        if (!nt_success(s))
            group_close(c, &group);
    }
    return call_status(c, s);
}

static struct net_status add(struct call *c, void *arguments)
{
    struct change *a = arguments;
    group_handle group;
    uint32_t rid;
    struct nt_status s;
    struct net_status status;

    a->parameter = GROUP_NAME_PARMNUM;
    s = group_create(c, a->name, GROUP_WRITE_ACCOUNT, &group, &rid);
    if (!nt_success(s))
        return call_status(c, s);
    if (a->comment.count)
        s = set_comment(c, &group, a);
    /* 0 stands for the usual ones: programs that know them as fixed leave the member 0 */
    if (nt_success(s) && a->attributes_given && a->attributes && a->attributes != GROUP_ATTRIBUTES)
        s = set_attributes(c, &group, a);
    status = call_status(c, s);
    group_close(c, &group);
    if (status.v)
        call_undo(c, undo_add, &rid);
    return status;
}

NET_API_STATUS NetGroupAdd(LPCWSTR servername, DWORD level, LPBYTE buf, LPDWORD parm_err)
{
    struct change a = {.parameter = PARM_ERROR_UNKNOWN};
    struct net_status status;

    if (parm_err)
        *parm_err = PARM_ERROR_NONE;
    if (level > 3)
        return ERROR_INVALID_LEVEL;
    if (!buf)
        return report(NET_STATUS(ERROR_INVALID_PARAMETER), &a, parm_err);
    change_read(&a, level, buf);
    status = change_check(&a, true);
    if (!status.v)
        status = call_run(servername, add, &a);
    return report(status, &a, parm_err);
}

/* NetGroupSetInfo */

static struct net_status undo_comment(struct call *c, void *arguments)
{
    const struct group_entry *old = arguments;
    group_handle group;
    struct nt_status s = group_open(c, old->rid, GROUP_WRITE_ACCOUNT, &group);

    if (nt_success(s)) {
        s = group_set_comment(c, &group, old->comment);
        group_close(c, &group);
    }
    return call_status(c, s);
}

static struct nt_status set_both(struct call *c, const group_handle *group, uint32_t rid, struct change *a)
{
    struct group_entry old;
    struct nt_status s = group_query(c, group, rid, &old);

    if (nt_success(s))
        s = set_comment(c, group, a);
    if (!nt_success(s) || a->attributes == old.attributes)
        return s;
    s = set_attributes(c, group, a);
    if (!nt_success(s))
        call_undo(c, undo_comment, &old);
    return s;
}

static struct nt_status set_given(struct call *c, const group_handle *group, uint32_t rid, struct change *a)
{
    if (a->name.chars) {
        a->parameter = GROUP_NAME_PARMNUM;
        return group_set_name(c, group, a->name);
    }
    if (a->comment.chars && a->attributes_given)
        return set_both(c, group, rid, a);
    if (a->comment.chars)
        return set_comment(c, group, a);
    return a->attributes_given ? set_attributes(c, group, a) : NT(STATUS_SUCCESS);
}

static struct net_status set_info(struct call *c, void *arguments)
{
    struct change *a = arguments;
    bool both = a->comment.chars && a->attributes_given;
    group_handle group;
    uint32_t rid;
    struct net_status status =
        group_find_open(c, a->group, GROUP_WRITE_ACCOUNT | (both ? GROUP_READ_INFORMATION : 0), &group, &rid);

    if (status.v)
        return status;
    status = call_status(c, set_given(c, &group, rid, a));
    group_close(c, &group);
    return status;
}

NET_API_STATUS NetGroupSetInfo(LPCWSTR servername, LPCWSTR groupname, DWORD level, LPBYTE buf,
                               LPDWORD parm_err)
{
    struct change a = {.group = groupname, .parameter = PARM_ERROR_UNKNOWN};
    struct net_status status;

    if (parm_err)
        *parm_err = PARM_ERROR_NONE;
    if (level > 3 && level != 1002 && level != 1005)
        return ERROR_INVALID_LEVEL;
    if (!groupname || !buf)
        return report(NET_STATUS(ERROR_INVALID_PARAMETER), &a, parm_err);
    change_read(&a, level, buf);
    if (level != 0)
        a.given_name = NULL; /* only level 0 renames; elsewhere the member is ignored */
    status = change_check(&a, level == 0);
    if (!status.v)
        status = call_run(servername, set_info, &a);
    return report(status, &a, parm_err);
}

/* NetGroupDel */

/* A server that is not a domain controller deletes only empty groups: take the members out, and put them back
 * when it still refuses. */
static struct nt_status delete_with_members(struct call *c, uint32_t rid)
{
    group_handle group;
    struct group_member *members;
    struct member_change *changes = NULL;
    size_t count;
    struct nt_status s = group_open(c, rid, GROUP_DELETE | GROUP_LIST_MEMBERS | GROUP_REMOVE_MEMBER, &group);

    if (!nt_success(s))
        return s;
    s = group_members(c, &group, &members, &count);
    if (nt_success(s)) {
        changes = arena_array(&c->arena, count, sizeof(*changes), 4);
        if (!changes)
            s = call_fail_memory(c);
    }
    for (size_t i = 0; nt_success(s) && i < count; i++)
        changes[i] = (struct member_change){MEMBER_REMOVE, members[i], members[i].attributes, false};
    if (nt_success(s))
        s = group_change_members(c, rid, &group, changes, count);
    if (nt_success(s)) {
        s = group_delete(c, &group);
        if (nt_success(s))
            return s;
        group_undo_members(c, rid, changes, count);
    }
    group_close(c, &group);
    return s;
}

static struct net_status delete (struct call *c, void *arguments)
{
    const uint16_t *name = arguments;
    group_handle group;
    uint32_t rid;
    struct net_status status = group_find_open(c, name, GROUP_DELETE, &group, &rid);
    struct nt_status s;

    if (status.v)
        return status;
    s = group_delete(c, &group);
    if (nt_success(s))
        return status; /* the handle went with the group */
    group_close(c, &group);
    if (nt_is(s, NT_STATUS_MEMBER_IN_GROUP))
        s = delete_with_members(c, rid);
    return call_status(c, s);
}

NET_API_STATUS NetGroupDel(LPCWSTR servername, LPCWSTR groupname)
{
    return groupname ? call_run(servername, delete, (void *)groupname).v : ERROR_INVALID_PARAMETER;
}

/* NetGroupGetInfo */

struct get_arguments {
    const uint16_t *group;
    DWORD level;
    uint16_t type;
    LPBYTE *bufptr;
};

static struct net_status get_info(struct call *c, void *arguments)
{
    const struct get_arguments *a = arguments;
    group_handle group;
    struct group_entry entry;
    union group_info info;
    uint32_t rid;
    struct net_status status = group_find_open(c, a->group, GROUP_READ_INFORMATION, &group, &rid);
    struct nt_status s;
    size_t len;

    if (status.v)
        return status;
    s = group_query(c, &group, rid, &entry);
    group_close(c, &group);
    if (!nt_success(s) || !group_fill(c, a->level, &entry, &info))
        return call_status(c, s);
    len = ndr_block_len(&api_interface, a->type, &info, 1);
    *a->bufptr = api_buffer_alloc(len, "NetGroupGetInfo");
    if (!*a->bufptr)
        return NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    ndr_block_copy(&api_interface, a->type, &info, 1, *a->bufptr, len);
    return NET_STATUS(NERR_Success);
}

NET_API_STATUS NetGroupGetInfo(LPCWSTR servername, LPCWSTR groupname, DWORD level, LPBYTE *bufptr)
{
    struct get_arguments a = {.group = groupname, .level = level, .bufptr = bufptr};

    if (bufptr)
        *bufptr = NULL;
    if (!bufptr || !groupname)
        return ERROR_INVALID_PARAMETER;
    if (!group_level_type(level, &a.type))
        return ERROR_INVALID_LEVEL;
    return call_run(servername, get_info, &a).v;
}
