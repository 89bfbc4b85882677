/* SPDX-License-Identifier: MIT */
/*
 * Who of the account domain is in the local groups of BUILTIN that say what a user may do, directly or as a
 * member of a global group: what SamrGetGroupsForUser and SamrGetAliasMembership tell of one user, found out
 * for all at once. The members of a few groups are few requests, however many users there are; to ask for
 * each user would be two requests more of each, and those that servers take longest for.
 */
#ifndef NETAPI_MEMBERSHIPS_H
#define NETAPI_MEMBERSHIPS_H

#include "netapi/accounts_user.h"

struct membership {
    uint32_t rid;     /* of a user or a global group */
    uint32_t aliases; /* USER_IN_... */
};

struct memberships {
    struct membership *of; /* in the order of RIDs; in the call's arena */
    size_t count, room;
};

/* STATUS_ACCESS_DENIED: the caller may not list members, or the server's SIDs do not tell: ask for each. */
struct nt_status memberships_learn(struct call *c, struct memberships *out);
uint32_t memberships_of(const struct memberships *m, uint32_t user, uint32_t primary_group);
/* USER_IN_... of the RID of an alias in BUILTIN; 0: says nothing of rights. */
uint32_t membership_of_alias(uint32_t rid);

#endif
