/* SPDX-License-Identifier: MIT */
/*
 * NetUseEnum and NetUseGetInfo: see lmuse.h.
 *
 * Invariant: what is returned was true at one moment; passwords are never in it. A resumed list goes on
 * behind the id of the last entry handed out, so it repeats none and loses none that is there throughout.
 */
#include "netapi/use.h"

#include <lmerr.h>
#include <lmuse.h>
#include <windows.h>

#include "api.h"
#include "ndr/ndr.h"
#include "netapi/buffer.h"

_Static_assert(offsetof(USE_INFO_3, ui3_ui2) == 0 &&
                   offsetof(USE_INFO_2, ui2_remote) == offsetof(USE_INFO_0, ui0_remote) &&
                   offsetof(USE_INFO_2, ui2_password) == offsetof(USE_INFO_1, ui1_password) &&
                   offsetof(USE_INFO_2, ui2_usecount) == offsetof(USE_INFO_1, ui1_usecount),
               "each level begins with those below it");

static const uint16_t types[] = {api_type_USE_INFO_0, api_type_USE_INFO_1, api_type_USE_INFO_2,
                                 api_type_USE_INFO_3};

/* Of any level: the walkers look at no more than that level has. */
static USE_INFO_3 describe(const struct use *use)
{
    static const WCHAR none[1];
    DWORD flags = use->flags | (use->identity.auth ? 0 : USE_DEFAULT_CREDENTIALS);

    return (USE_INFO_3){.ui3_ui2 = {.ui2_local = (LPWSTR)(uintptr_t)none,
                                    .ui2_remote = (LPWSTR)(uintptr_t)use->remote,
                                    .ui2_status = USE_OK,
                                    .ui2_asg_type = USE_IPC,
                                    .ui2_usecount = use->count,
                                    .ui2_username = (LPWSTR)(uintptr_t)use->user,
                                    .ui2_domainname = (LPWSTR)(uintptr_t)use->domain},
                        .ui3_flags = flags};
}

struct list {
    DWORD limit; /* bytes, or MAX_PREFERRED_LENGTH */
    uint32_t id; /* of the last entry that was taken; before: go on behind it */
    DWORD total; /* from where it began */
};

/* Under the lock. `*complete`: all there are were taken. */
static int collect(struct list *list, struct ndr_block_builder *b, bool *complete)
{
    uint32_t start = list->id;

    *complete = true;
    for (const struct use *use = known_uses(); use; use = use->next) {
        USE_INFO_3 info = describe(use);

        if (use->id <= start)
            continue;
        list->total++;
        if (*complete && list->limit != MAX_PREFERRED_LENGTH && ndr_block_len_with(b, &info) > list->limit)
            *complete = false;
        if (!*complete)
            continue;
        if (ndr_block_add(b, &info))
            return -1;
        list->id = use->id;
    }
    return 0;
}

static struct net_status enum_uses(struct list *list, DWORD level, LPBYTE *bufptr, DWORD *read)
{
    struct net_status status = NET_STATUS(NERR_Success);
    struct ndr_block_builder b;
    void *block = NULL;
    bool complete;

    ndr_block_init(&b, &api_interface, types[level]);
    known_lock();
    if (collect(list, &b, &complete))
        status = NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    known_unlock();
    *read = (DWORD)b.count;
    if (!status.v && !complete)
        status = NET_STATUS(b.count ? ERROR_MORE_DATA : NERR_BufTooSmall);
    if ((!status.v || status.v == ERROR_MORE_DATA) &&
        ndr_block_take(&b, api_buffer_allocate, "NetUseEnum", &block))
        status = NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    ndr_block_deinit(&b);
    *bufptr = block;
    return status;
}

NET_API_STATUS NetUseEnum(LPCWSTR UncServerName, DWORD LevelFlags, LPBYTE *BufPtr, DWORD PreferedMaximumSize,
                          LPDWORD EntriesRead, LPDWORD TotalEntries, LPDWORD ResumeHandle)
{
    struct list list = {.limit = PreferedMaximumSize, .id = ResumeHandle ? *ResumeHandle : 0};
    struct net_status status;
    DWORD read = 0;

    if (BufPtr)
        *BufPtr = NULL;
    if (EntriesRead)
        *EntriesRead = 0;
    if (TotalEntries)
        *TotalEntries = 0;
    if (!BufPtr || !EntriesRead)
        return ERROR_INVALID_PARAMETER;
    if (LevelFlags > 2)
        return ERROR_INVALID_LEVEL;
    status = use_check_computer(UncServerName);
    if (!status.v)
        status = enum_uses(&list, LevelFlags, BufPtr, &read);
    if (ResumeHandle)
        *ResumeHandle = status.v == ERROR_MORE_DATA ? list.id : 0;
    if (status.v == NERR_Success || status.v == ERROR_MORE_DATA) {
        *EntriesRead = read;
        if (TotalEntries)
            *TotalEntries = list.total;
    }
    return status.v;
}

/* Under the lock. */
static struct net_status get_info(const struct use *use, DWORD level, LPBYTE *bufptr)
{
    USE_INFO_3 info = describe(use);
    size_t len = ndr_block_len(&api_interface, types[level], &info, 1);
    void *block = api_buffer_alloc(len, "NetUseGetInfo");

    if (!block)
        return NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    ndr_block_copy(&api_interface, types[level], &info, 1, block, len);
    *bufptr = block;
    return NET_STATUS(NERR_Success);
}

NET_API_STATUS NetUseGetInfo(LPCWSTR UncServerName, LPCWSTR UseName, DWORD LevelFlags, LPBYTE *bufptr)
{
    struct net_status status;
    const struct use *use;

    if (bufptr)
        *bufptr = NULL;
    if (!bufptr || !UseName || !*UseName)
        return ERROR_INVALID_PARAMETER;
    if (LevelFlags > 3)
        return ERROR_INVALID_LEVEL;
    status = use_check_computer(UncServerName);
    if (status.v)
        return status.v;
    known_lock();
    use = use_find(UseName);
    status = use ? get_info(use, LevelFlags, bufptr) : NET_STATUS(NERR_UseNotFound);
    known_unlock();
    return status.v;
}
