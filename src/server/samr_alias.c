/* SPDX-License-Identifier: MIT */
/*
 * Aliases: who is in them, and which of them somebody is in. [MS-SAMR] 3.1.5.8.3, 3.1.5.9.2.
 */
#include <string.h>

#include "server/samr_procedures.h"

struct nt_status serve_SamrGetMembersInAlias(struct call *c, struct SamrGetMembersInAlias_params *p)
{
    SAMPR_SID_INFORMATION *list;
    struct sam_account account;
    struct sam_sid *sids;
    size_t count;
    struct nt_status status = sam_lookup_rid(c->sam, c->context->domain, c->context->rid, c->arena, &account);

    if (nt_is(status, NT_STATUS_NONE_MAPPED))
        return NT(STATUS_NO_SUCH_ALIAS); /* deleted since it was opened */
    if (nt_success(status))
        status = sam_alias_members(c->sam, c->context->domain, c->context->rid, c->arena, &sids, &count);
    if (!nt_success(status))
        return status;
    list = arena_array(c->arena, count, sizeof(*list), 8);
    if (!list || count > UINT32_MAX)
        return NT(STATUS_NO_MEMORY);
    for (size_t i = 0; i < count; i++) {
        list[i].SidPointer = samr_sid_of(c, &sids[i]);
        if (!list[i].SidPointer)
            return NT(STATUS_NO_MEMORY);
    }
    p->Members = (SAMPR_PSID_ARRAY_OUT){.Count = (uint32_t)count, .Sids = count ? list : NULL};
    return status;
}

static bool read_sid(const RPC_SID *from, struct sam_sid *to)
{
    if (!from || from->SubAuthorityCount > SAM_SID_MAX_SUBAUTHORITIES)
        return false;
    *to = (struct sam_sid){.revision = from->Revision, .count = from->SubAuthorityCount};
    memcpy(to->authority, from->IdentifierAuthority.Value, sizeof(to->authority));
    memcpy(to->sub, from->SubAuthority, from->SubAuthorityCount * sizeof(to->sub[0]));
    return true;
}

struct nt_status serve_SamrGetAliasMembership(struct call *c, struct SamrGetAliasMembership_params *p)
{
    uint32_t count = p->SidArray.Count, *rids;
    struct sam_sid *sids = arena_array(c->arena, count, sizeof(*sids), 4);
    size_t found;
    struct nt_status status;

    if (!sids)
        return NT(STATUS_NO_MEMORY);
    for (uint32_t i = 0; i < count; i++)
        if (!p->SidArray.Sids || !read_sid(p->SidArray.Sids[i].SidPointer, &sids[i]))
            return NT(STATUS_INVALID_PARAMETER);
    status = sam_aliases_of(c->sam, c->context->domain, sids, count, c->arena, &rids, &found);
    if (nt_success(status))
        p->Membership = (SAMPR_ULONG_ARRAY){.Count = (uint32_t)found, .Element = rids};
    return status;
}
