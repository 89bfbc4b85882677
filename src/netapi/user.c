/* SPDX-License-Identifier: MIT */
/*
 * NetUserGetInfo. It is documented in lmaccess.h.
 */
#include "netapi/user.h"

#include <time.h>

#include "api.h"
#include "netapi/buffer.h"

struct get_arguments {
    const uint16_t *user;
    const struct user_level *level;
    LPBYTE *bufptr;
};

struct getting {
    const struct get_arguments *arguments;
    struct net_status status;
};

static struct net_status make_buffer(struct call *c, const struct get_arguments *a,
                                     const struct user_entry *entry)
{
    union user_info info;
    size_t len;

    if (!user_fill(c, a->level->level, entry, time(NULL), &info))
        return c->failure;
    len = ndr_block_len(&api_interface, a->level->type, &info, 1);
    *a->bufptr = api_buffer_alloc(len, "NetUserGetInfo");
    if (!*a->bufptr)
        return NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    ndr_block_copy(&api_interface, a->level->type, &info, 1, *a->bufptr, len);
    return NET_STATUS(NERR_Success);
}

static bool take(struct call *c, struct nt_status s, size_t i, const struct user_entry *entry, void *context)
{
    struct getting *g = context;

    (void)i;
    g->status = nt_success(s) ? make_buffer(c, g->arguments, entry) : call_status(c, s);
    return true;
}

static struct net_status get_info(struct call *c, void *arguments)
{
    const struct get_arguments *a = arguments;
    struct getting g = {a,
                        NET_STATUS(NERR_UserNotFound)}; /* what it stays when the user is deleted meanwhile */
    struct user_listed user = {0};
    struct text name;
    struct nt_status s;
    uint32_t kind;

    if (a->level->level == 24 && c->credentials)
        return NET_STATUS(ERROR_INVALID_LEVEL);
    if (!text_from(&name, a->user, UNLEN))
        return NET_STATUS(NERR_UserNotFound);
    s = accounts_find(c, &name, 1, &user.rid, &kind);
    if (nt_success(s) && kind != ACCOUNT_USER)
        return NET_STATUS(NERR_UserNotFound);
    if (nt_success(s) && !a->level->needs) /* the name as the server writes it */
        s = accounts_names(c, &user.rid, 1, &user.name, &kind);
    if (nt_success(s) && kind == ACCOUNT_USER)
        s = users_look(c, &user, 1, a->level->needs, 1, take, &g);
    return c->failure.v || !nt_success(s) ? call_status(c, s) : g.status;
}

NET_API_STATUS NetUserGetInfo(LPCWSTR servername, LPCWSTR username, DWORD level, LPBYTE *bufptr)
{
    struct get_arguments a = {.user = username, .level = user_level_find(level), .bufptr = bufptr};

    if (bufptr)
        *bufptr = NULL;
    if (!bufptr || !username)
        return ERROR_INVALID_PARAMETER;
    if (!a.level)
        return ERROR_INVALID_LEVEL;
    return call_run(servername, get_info, &a).v;
}
