/* SPDX-License-Identifier: MIT */
/*
 * The context handles of one association group.
 *
 * Invariant: at most CONTEXT_MAX; a handle is 16 random bytes, valid only in the group and for the interface
 * that made it, until it is closed or the group ends. [C706] 6.1.6, [MS-SAMR] 3.1.1.10.
 */
#ifndef SERVER_CONTEXT_H
#define SERVER_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "netmgmt/ndr.h"
#include "sam/sam.h"
#include "server/access.h"

#define CONTEXT_MAX 2048

struct context {
    struct ndr_uuid uuid;
    const struct ndr_interface *interface;
    enum context_kind kind;
    enum sam_domain domain; /* not of CONTEXT_SERVER */
    uint32_t rid;           /* of CONTEXT_GROUP, _ALIAS, _USER */
    uint32_t granted;       /* access mask */
};

struct context_table {
    struct context *contexts; /* oldest first, but the last takes the place of one that is closed */
    size_t count, capacity;
};

/* Random bytes for handles, fetched from the kernel by the page. */
struct context_random {
    uint8_t bytes[4096];
    size_t left;
};

/* Room and randomness for one more: after 0 the next context_open cannot fail. -ENOMEM; -EMFILE: CONTEXT_MAX;
 * or the error of getrandom(2). */
int context_reserve(struct context_table *t, struct context_random *random);
/* Adds a copy under a new handle, written to `copy->uuid` as well. Results as context_reserve. */
int context_open(struct context_table *t, struct context_random *random, struct context *copy);
/* Adds it under the handle that it has already; there was room for it before. */
void context_reopen(struct context_table *t, const struct context *copy);
/* NULL: none. Valid until the table changes. */
struct context *context_find(const struct context_table *t, const struct ndr_interface *interface,
                             const struct ndr_uuid *uuid);
void context_close(struct context_table *t, const struct ndr_uuid *uuid); /* one not there is ignored */
void context_run_down(struct context_table *t);                           /* all of them */

#endif
