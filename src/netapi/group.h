/* SPDX-License-Identifier: MIT */
/*
 * What the NetGroup functions share.
 */
#ifndef NETAPI_GROUP_H
#define NETAPI_GROUP_H

#include <lmaccess.h>
#include <lmerr.h>
#include <windows.h>

#include "ndr/ndr.h"
#include "netapi/accounts.h"

/* What groups and memberships have by default */
#define GROUP_ATTRIBUTES (SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED)

union group_info {
    GROUP_INFO_0 level0;
    GROUP_INFO_1 level1;
    GROUP_INFO_2 level2;
    GROUP_INFO_3 level3;
};

/* False: no such level of a group's information. `*type`: its descriptor in api_interface. */
bool group_level_type(DWORD level, uint16_t *type);
/* The structure of the level, what it points to in the call's arena. False: the call has failed. */
bool group_fill(struct call *c, DWORD level, const struct group_entry *entry, union group_info *info);

/* NERR_GroupNotFound when there is no global group of that name. */
struct net_status group_find(struct call *c, const uint16_t *name, uint32_t *rid);
struct net_status group_find_open(struct call *c, const uint16_t *name, uint32_t access, group_handle *out,
                                  uint32_t *rid);

/* All of them, or none: when one fails, those that may have taken effect are taken back. `changes` are in the
 * order of their kinds, and used up. */
struct nt_status group_change_members(struct call *c, uint32_t rid, const group_handle *group,
                                      struct member_change *changes, size_t count);
/* Take back those that have `changed`. */
void group_undo_members(struct call *c, uint32_t rid, struct member_change *changes, size_t count);

#endif
