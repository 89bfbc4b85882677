/* SPDX-License-Identifier: MIT */
/*
 * Handles to accounts by RID, and SIDs of RIDs. [MS-SAMR] 3.1.5.1.6 - 3.1.5.1.9, 3.1.5.13.5.
 */
#include "server/samr_procedures.h"

static const struct {
    enum context_kind context;
    int missing;
} kinds[] = {
    [SAM_USER] = {CONTEXT_USER, NT_STATUS_NO_SUCH_USER},
    [SAM_GROUP] = {CONTEXT_GROUP, NT_STATUS_NO_SUCH_GROUP},
    [SAM_ALIAS] = {CONTEXT_ALIAS, NT_STATUS_NO_SUCH_ALIAS},
};

struct nt_status samr_open_account(struct call *c, enum sam_kind kind, uint32_t rid, uint32_t desired,
                                   struct ndr_context_handle *handle)
{
    struct context context = {.kind = kinds[kind].context, .domain = c->context->domain, .rid = rid};
    struct sam_account account;
    struct nt_status status = sam_lookup_rid(c->sam, context.domain, rid, c->arena, &account);

    if (nt_is(status, NT_STATUS_NONE_MAPPED) || (nt_success(status) && account.kind != kind))
        return NT_STATUS((uint32_t)kinds[kind].missing);
    if (nt_success(status))
        status = access_grant(context.kind, c->caller->administrator, desired, &context.granted);
    return nt_success(status) ? call_open(c, &context, handle) : status;
}

struct nt_status serve_SamrOpenGroup(struct call *c, struct SamrOpenGroup_params *p)
{
    return samr_open_account(c, SAM_GROUP, p->GroupId, p->DesiredAccess, &p->GroupHandle);
}

struct nt_status serve_SamrOpenAlias(struct call *c, struct SamrOpenAlias_params *p)
{
    return samr_open_account(c, SAM_ALIAS, p->AliasId, p->DesiredAccess, &p->AliasHandle);
}

struct nt_status serve_SamrOpenUser(struct call *c, struct SamrOpenUser_params *p)
{
    return samr_open_account(c, SAM_USER, p->UserId, p->DesiredAccess, &p->UserHandle);
}

struct nt_status serve_SamrRidToSid(struct call *c, struct SamrRidToSid_params *p)
{
    struct sam_sid sid = c->server->sids[c->context->domain];

    sid.sub[sid.count++] = p->Rid; /* whether there is such an account or not */
    p->Sid = samr_sid_of(c, &sid);
    return p->Sid ? NT(STATUS_SUCCESS) : NT(STATUS_NO_MEMORY);
}
