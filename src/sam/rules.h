/* SPDX-License-Identifier: MIT */
/* What the files with rules share: the handle, and the frame that every change runs in. */
#ifndef SAM_RULES_H
#define SAM_RULES_H

#include "sam/store.h"

struct sam_cursor {
    struct sam_store *store;
    bool open;
};

struct sam {
    struct sam_store *store;
    bool batch;              /* between sam_begin and sam_commit */
    struct nt_status failed; /* why the batch cannot be committed any more; it is rolled back already */
    struct {
        bool loaded, changed;
        struct sam_counters counters;
    } domains[SAM_DOMAIN_COUNT]; /* of the transaction; written when it is committed */
    struct sam_cursor cursor;
};

/* The frame of a change: sam_change_begin, checks, sam_change_write, writes, sam_change_end with the result
 * so far. A failure before sam_change_write leaves the transaction as it was; a later one ends it. */
struct sam_change {
    struct sam *sam;
    bool writing;
};
struct nt_status sam_change_begin(struct sam_change *change, struct sam *s);
/* The counters of a domain, to be changed in place. */
struct nt_status sam_change_write(struct sam_change *change, enum sam_domain domain,
                                  struct sam_counters **counters);
struct nt_status sam_change_end(struct sam_change *change, struct nt_status status);

/* As a name is stored and found. False: longer than any name. */
bool sam_name_key(struct sam_text name, struct sam_key *key);
/* [MS-SAMR] 3.1.1.6, and the length: STATUS_INVALID_ACCOUNT_NAME. */
struct nt_status sam_name_check(struct sam_text name);

/* The content of a new database: two domains and what Windows creates in them. */
struct nt_status sam_builtin_fill(struct sam_store *store);

#endif
