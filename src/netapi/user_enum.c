/* SPDX-License-Identifier: MIT */
/*
 * NetUserEnum: the list of users in one go, then what the level needs of those that fit, many at once.
 *
 * Invariant: users come in the order of RIDs, and the resume handle is the last RID that was dealt with. So
 * it needs no state, neither here nor on the server (SAMR's own cookies may be worth nothing on another
 * connection), and a user that exists throughout is returned exactly once. The connection remembers the list
 * for the next page; without it the next page asks again.
 */
#include <stddef.h>
#include <time.h>

#include "api.h"
#include "netapi/buffer.h"
#include "netapi/user.h"

struct enum_arguments {
    const struct user_level *level;
    DWORD filter, limit; /* limit: bytes, or MAX_PREFERRED_LENGTH */
    uint32_t start;      /* RID to go on behind */
    uint32_t last;       /* RID of the last user dealt with */
    LPBYTE *bufptr;
    DWORD read, total;
};

struct collecting {
    struct enum_arguments *arguments;
    struct ndr_block_builder builder;
    int64_t now;
    bool full;    /* there is a user that does not fit */
    bool refused; /* there is one that the caller may not read */
};

static bool take(struct call *c, struct nt_status s, size_t i, const struct user_entry *entry, void *context)
{
    struct collecting *o = context;
    struct enum_arguments *a = o->arguments;
    union user_info info;

    (void)i;
    if (!nt_success(s)) { /* api:NetUserEnum: only what the caller may read is returned */
        o->refused = true;
        a->last = entry->rid;
        return true;
    }
    if (!user_fill(c, a->level->level, entry, o->now, &info))
        return false;
    if (a->limit != MAX_PREFERRED_LENGTH && ndr_block_len_with(&o->builder, &info) > a->limit) {
        o->full = true;
        return false;
    }
    if (ndr_block_add(&o->builder, &info)) {
        call_fail_memory(c);
        return false;
    }
    a->last = entry->rid;
    return true;
}

/* No more than this many of the users can fit. */
static size_t most(const struct enum_arguments *a, const struct user_list *list)
{
    size_t least_len = api_interface.types[a->level->type].host_len + sizeof(WCHAR);

    if (a->limit == MAX_PREFERRED_LENGTH || a->limit / least_len >= list->count)
        return list->count;
    return a->limit / least_len + 1; /* one to see that it does not fit */
}

static uint32_t kinds_of(DWORD filter)
{
    uint32_t kinds = 0;

    if (filter & FILTER_TEMP_DUPLICATE_ACCOUNT)
        kinds |= USER_TEMP_DUPLICATE_ACCOUNT;
    if (filter & FILTER_NORMAL_ACCOUNT)
        kinds |= USER_NORMAL_ACCOUNT;
    if (filter & FILTER_INTERDOMAIN_TRUST_ACCOUNT)
        kinds |= USER_INTERDOMAIN_TRUST_ACCOUNT;
    if (filter & FILTER_WORKSTATION_TRUST_ACCOUNT)
        kinds |= USER_WORKSTATION_TRUST_ACCOUNT;
    if (filter & FILTER_SERVER_TRUST_ACCOUNT)
        kinds |= USER_SERVER_TRUST_ACCOUNT;
    return kinds;
}

/* `*rest`: of the list, those behind the position. */
static struct nt_status collect(struct call *c, struct collecting *o, struct user_list *rest)
{
    struct enum_arguments *a = o->arguments;
    struct user_list list;
    size_t skip = 0;
    struct nt_status s = users_list(c, kinds_of(a->filter), a->level->level == 20, a->start != 0, &list);

    if (!nt_success(s))
        return s;
    while (skip < list.count && list.users[skip].rid <= a->start)
        skip++;
    *rest = list;
    rest->users += skip;
    rest->count -= skip;
    /* level 20 does not tell of the right to change the password: where it comes with the list, it cannot */
    s = users_look(c, rest->users, rest->count,
                   a->level->level == 20 ? USER_NEED_INFORMATION : a->level->needs, most(a, rest), take, o);
    if (nt_success(s) && o->full)
        users_list_keep(c, &list);
    return s;
}

static struct net_status enum_users(struct call *c, void *arguments)
{
    struct enum_arguments *a = arguments;
    struct collecting o = {.arguments = a, .now = time(NULL)};
    struct user_list rest = {0};
    struct net_status status;
    void *block = NULL;

    a->last = a->start;
    ndr_block_init(&o.builder, &api_interface, a->level->type);
    status = call_status(c, collect(c, &o, &rest));
    a->read = (DWORD)o.builder.count;
    if (!status.v && !a->read && o.full)
        status = NET_STATUS(NERR_BufTooSmall);
    if (!status.v && !a->read && o.refused && !a->start)
        status = NET_STATUS(ERROR_ACCESS_DENIED);
    if (!status.v && ndr_block_take(&o.builder, api_buffer_allocate, "NetUserEnum", &block))
        status = NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    ndr_block_deinit(&o.builder);
    if (status.v)
        return status;
    *a->bufptr = block;
    a->total = a->read;
    for (size_t i = rest.count; o.full && i-- > 0 && rest.users[i].rid > a->last;)
        a->total++;
    if (!o.full)
        users_list_forget(c);
    return NET_STATUS(o.full ? ERROR_MORE_DATA : NERR_Success);
}

#define FILTERS                                                                                 \
    (FILTER_TEMP_DUPLICATE_ACCOUNT | FILTER_NORMAL_ACCOUNT | FILTER_INTERDOMAIN_TRUST_ACCOUNT | \
     FILTER_WORKSTATION_TRUST_ACCOUNT | FILTER_SERVER_TRUST_ACCOUNT)

NET_API_STATUS NetUserEnum(LPCWSTR servername, DWORD level, DWORD filter, LPBYTE *bufptr, DWORD prefmaxlen,
                           LPDWORD entriesread, LPDWORD totalentries, PDWORD resume_handle)
{
    struct enum_arguments a = {.level = user_level_find(level),
                               .filter = filter,
                               .limit = prefmaxlen,
                               .start = resume_handle ? *resume_handle : 0,
                               .bufptr = bufptr};
    struct net_status status;

    if (bufptr)
        *bufptr = NULL;
    if (entriesread)
        *entriesread = 0;
    if (totalentries)
        *totalentries = 0;
    if (!bufptr || !entriesread || !totalentries || filter & ~(DWORD)FILTERS)
        return ERROR_INVALID_PARAMETER;
    if (!a.level || !a.level->listed)
        return ERROR_INVALID_LEVEL;
    status = call_run(servername, enum_users, &a);
    if (resume_handle)
        *resume_handle = status.v == ERROR_MORE_DATA ? a.last : 0;
    if (status.v == NERR_Success || status.v == ERROR_MORE_DATA) {
        *entriesread = a.read;
        *totalentries = a.total;
    }
    return status.v;
}
