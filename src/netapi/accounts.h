/* SPDX-License-Identifier: MIT */
/*
 * The accounts of a server, as requests of [MS-SAMR]: what the Net functions are made of. Knows no lm*.h.
 *
 * What a server answers is checked here before it is believed: counts against what was asked, pointers
 * against NULL. Text and arrays handed out are in the call's arena.
 */
#ifndef NETAPI_ACCOUNTS_H
#define NETAPI_ACCOUNTS_H

#include "netapi/call.h"

struct text {
    const uint16_t *chars; /* not terminated */
    size_t count;          /* units */
};

/* False: longer than `max` units. */
bool text_from(struct text *out, const uint16_t *s, size_t max);
/* For an account that is to have this name. False: too long, or no server may take it ([MS-SAMR] 3.1.1.6):
 * the servers that do not say so make accounts that others cannot name. Not for names to look up: those
 * servers may have them. */
bool text_from_new_name(struct text *out, const uint16_t *s, size_t max);
/* Zero-terminated. NULL: the call has failed. */
uint16_t *text_copy(struct call *c, struct text t);

/* The account domain (or BUILTIN), opened for this purpose. */
struct nt_status accounts_domain(struct call *c, enum domain_use use, struct ndr_context_handle *out);

/* For each_run(): what makes a further connection like the call's own one, the struct binding in `context`.
 */
extern const struct each accounts_join;

enum account_kind { ACCOUNT_USER = 1, ACCOUNT_GROUP = 2, ACCOUNT_ALIAS = 4, ACCOUNT_UNKNOWN = 8 };

/* RIDs and kinds of `count` names; ACCOUNT_UNKNOWN: there is no such account. */
struct nt_status accounts_find(struct call *c, const struct text *names, size_t count, uint32_t *rids,
                               uint32_t *kinds);
/* The other way round, of at most ACCOUNTS_NAMES_MAX. */
#define ACCOUNTS_NAMES_MAX 1000
struct nt_status accounts_names(struct call *c, const uint32_t *rids, size_t count, struct text *names,
                                uint32_t *kinds);
/* The SID of an account, 4-aligned. NULL: the call has failed. */
void *accounts_sid(struct call *c, uint32_t rid);

/* Rights on a group ([MS-SAMR] 2.2.1.5, 2.2.1.1) */
#define GROUP_READ_INFORMATION 0x01u
#define GROUP_WRITE_ACCOUNT 0x02u
#define GROUP_ADD_MEMBER 0x04u
#define GROUP_REMOVE_MEMBER 0x08u
#define GROUP_LIST_MEMBERS 0x10u
#define GROUP_DELETE 0x10000u

typedef struct ndr_context_handle group_handle;

struct group_entry {
    struct text name, comment;
    uint32_t rid, attributes;
};

struct group_member {
    uint32_t rid, attributes;
};

struct nt_status group_create(struct call *c, struct text name, uint32_t access, group_handle *out,
                              uint32_t *rid);
struct nt_status group_open(struct call *c, uint32_t rid, uint32_t access, group_handle *out);
void group_close(struct call *c, const group_handle *group);              /* nobody waits for it */
struct nt_status group_delete(struct call *c, const group_handle *group); /* success closes it too */
struct nt_status group_query(struct call *c, const group_handle *group, uint32_t rid,
                             struct group_entry *out);
struct nt_status group_set_name(struct call *c, const group_handle *group, struct text name);
struct nt_status group_set_comment(struct call *c, const group_handle *group, struct text comment);
struct nt_status group_set_attributes(struct call *c, const group_handle *group, uint32_t attributes);

/* In the order of their RIDs. */
struct nt_status group_members(struct call *c, const group_handle *group, struct group_member **out,
                               size_t *count);

enum member_change_kind { MEMBER_ADD, MEMBER_SET, MEMBER_REMOVE };

struct member_change {
    enum member_change_kind kind;
    struct group_member member;
    uint32_t old_attributes; /* of MEMBER_SET and MEMBER_REMOVE */
    bool changed;            /* it has, or may have, taken effect */
};

/* Of the group with this RID, open as `group`. Several at once, in no order; `changed` of each tells what
 * became of it. The first one that is refused keeps what has not been sent from being sent, unless it is to
 * go `on`. */
struct nt_status group_members_change(struct call *c, uint32_t rid, const group_handle *group,
                                      struct member_change *changes, size_t count, bool on);

/* From page to page of a list: a server that says that there are more and leads round in a circle, or
 * nowhere, would keep its client for ever. Begun with the place of the first page in both members. */
struct page_trail {
    uint32_t last, mark; /* places: of the page before, and of one further back */
    uint32_t pages;
};
/* False: the next page's place is one where the trail has been. Not each such one is seen at once, but a
 * circle is before its pages have been read four times. */
bool page_trail_goes_on(struct page_trail *trail, uint32_t place);

/* One page of groups by name, behind the entry whose `index` is given (0: from the start), of about `len`
 * bytes on the wire. `*more`: there is a next page. The page is in the call's arena. */
struct group_page {
    const void *entries;
    size_t count;
    bool more;
};
struct nt_status groups_page(struct call *c, uint32_t index, uint32_t len, struct group_page *out);
void groups_page_entry(const struct group_page *page, size_t i, struct group_entry *out, uint32_t *index);
/* How many groups there are. */
struct nt_status groups_count(struct call *c, uint32_t *count);

#endif
