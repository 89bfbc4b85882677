/* SPDX-License-Identifier: MIT */
/*
 * What the NetUser functions share.
 */
#ifndef NETAPI_USER_H
#define NETAPI_USER_H

#include <lmaccess.h>
#include <lmerr.h>
#include <windows.h>

#include "ndr/ndr.h"
#include "netapi/accounts_user.h"

union user_info {
    USER_INFO_0 level0;
    USER_INFO_1 level1;
    USER_INFO_2 level2;
    USER_INFO_3 level3;
    USER_INFO_4 level4;
    USER_INFO_10 level10;
    USER_INFO_11 level11;
    USER_INFO_20 level20;
    USER_INFO_23 level23;
    USER_INFO_24 level24;
};

struct user_level {
    DWORD level;
    uint16_t type;  /* its descriptor in api_interface */
    bool listed;    /* NetUserEnum has it */
    unsigned needs; /* USER_NEED_... */
};
/* NULL: there is no such level of a user's information. */
const struct user_level *user_level_find(DWORD level);

/* The structure of the level, what it points to in the call's arena. `now`: seconds since 1970. False: the
 * call has failed. */
bool user_fill(struct call *c, DWORD level, const struct user_entry *entry, int64_t now,
               union user_info *info);

#endif
