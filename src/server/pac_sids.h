/* SPDX-License-Identifier: MIT */
/*
 * The SIDs that a domain says a client has: its user, groups and extra SIDs of the PAC's logon information.
 */
#ifndef SERVER_PAC_SIDS_H
#define SERVER_PAC_SIDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "sam/sam.h"

#define PAC_SIDS_MAX 2048 /* Windows: 1010 groups and a handful of others */

/* `info` is that of a PAC whose signature was found right (auth_peer), 8-aligned. The SIDs in `arena`, each
 * as often as it is there; groups that count for denials only are left out. STATUS_INVALID_PARAMETER: it is
 * not legal, or has more than PAC_SIDS_MAX. */
struct nt_status pac_sids(const uint8_t *info, size_t len, struct arena *arena, struct sam_sid **out,
                          size_t *count);

#endif
