/* SPDX-License-Identifier: MIT */
/*
 * The embedded server as if it were older: without some of its procedures, or with other features; or as if
 * it refused users, or answered what no server may. Link with --wrap=dispatch_run and --wrap= of the
 * procedures below.
 */
#ifndef TEST_OLDER_SERVER_H
#define TEST_OLDER_SERVER_H

#include <stdint.h>

/* Procedures that may be missing, and those that stand for them. */
enum older_procedure {
    OLDER_CLOSE = 1,
    OLDER_DOMAINS = 6,
    OLDER_QUERY_DOMAIN = 8,
    OLDER_ENUMERATE_USERS = 13,
    OLDER_ALIAS_MEMBERSHIP = 16,
    OLDER_OPEN_GROUP = 19,
    OLDER_SET_GROUP = 21,
    OLDER_DELETE_GROUP = 23,
    OLDER_MEMBERS_IN_ALIAS = 33,
    OLDER_QUERY_USER = 36,
    OLDER_GROUPS_FOR_USER = 39,
    OLDER_DISPLAY = 40,
    OLDER_QUERY_DOMAIN_2 = 46,
    OLDER_QUERY_USER_2 = 47,
    OLDER_DISPLAY_2 = 48,
    OLDER_DISPLAY_3 = 51,
    OLDER_CONNECT_2 = 57,
    OLDER_CONNECT_4 = 62,
    OLDER_CONNECT_5 = 64,
    OLDER_RID_TO_SID = 65,
    OLDER_PROCEDURES = 128
};

extern _Bool older_lacks[OLDER_PROCEDURES];    /* answered with nca_s_op_rng_error */
extern unsigned older_asked[OLDER_PROCEDURES]; /* so often, also for what it lacks */
extern uint32_t older_features;                /* SupportedFeatures of SamrConnect5 */

/* What SamrOpenUser and SamrQueryInformationUser2 say of users with RIDs from `first` to `last`; 0: as
 * always. */
struct older_refusal {
    uint32_t first, last, status;
};
extern struct older_refusal older_open, older_query;

/* Answers that say that they succeed. */
enum older_lie {
    LIE_NONE,
    LIE_NO_BUFFER,     /* of SamrQueryInformationUser2 */
    LIE_NO_DESCRIPTOR, /* of SamrQuerySecurityObject: it has a length, but is not there */
    LIE_NO_LIST,       /* of SamrEnumerateUsersInDomain: entries, but none there */
    LIE_NO_STEP,       /* the same: more to come, from where the client is */
    LIE_ROUND, /* ... and of SamrQueryDisplayInformation3: three pages, one behind the other, for ever */
};
extern enum older_lie older_lie;

void older_reset(void); /* a server of today, asked for nothing */

#endif
