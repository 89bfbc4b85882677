/* SPDX-License-Identifier: MIT */
/*
 * See pac_sids.h. [MS-PAC] 2.5, in the serialization of [MS-RPCE] 2.2.6.1: two headers of 8 bytes, then a
 * pointer and what it points to.
 *
 * Invariant: what is not legal gives no SID at all.
 */
#include "server/pac_sids.h"

#include <errno.h>
#include <string.h>

#include "base/reader.h"
#include "ndr/ndr.h"
#include "pac.h"

#define HEADERS_LEN 16
#define VERSION 1
#define LITTLE_ENDIAN_NDR 0x10
#define COMMON_HEADER_LEN 8
#define LOGON_EXTRA_SIDS 0x0020u /* of UserFlags */
#define LOGON_RESOURCE_GROUPS 0x0200u

struct list {
    struct sam_sid *sids;
    size_t count;
    bool illegal;
};

static bool sid_from(struct sam_sid *out, const RPC_SID *sid)
{
    if (!sid || sid->Revision != 1 || sid->SubAuthorityCount > SAM_SID_MAX_SUBAUTHORITIES)
        return false;
    *out = (struct sam_sid){.revision = 1, .count = sid->SubAuthorityCount};
    memcpy(out->authority, sid->IdentifierAuthority.Value, sizeof(out->authority));
    for (size_t i = 0; i < out->count; i++)
        out->sub[i] = sid->SubAuthority[i];
    return true;
}

static void add_sid(struct list *l, const RPC_SID *sid)
{
    if (sid_from(&l->sids[l->count], sid))
        l->count++;
    else
        l->illegal = true;
}

static void add_rid(struct list *l, const RPC_SID *domain, uint32_t rid)
{
    struct sam_sid *sid = &l->sids[l->count];

    if (!sid_from(sid, domain) || sid->count == SAM_SID_MAX_SUBAUTHORITIES) {
        l->illegal = true;
        return;
    }
    sid->sub[sid->count++] = rid;
    l->count++;
}

static void add_groups(struct list *l, const RPC_SID *domain, const GROUP_MEMBERSHIP *groups, uint32_t count)
{
    for (uint32_t i = 0; i < count && !l->illegal; i++)
        if (!(groups[i].Attributes & SE_GROUP_USE_FOR_DENY_ONLY))
            add_rid(l, domain, groups[i].RelativeId);
}

static struct nt_status collect(const KERB_VALIDATION_INFO *v, struct arena *arena, struct list *l)
{
    uint32_t groups = v->GroupIds ? v->GroupCount : 0;
    uint32_t extra = v->ExtraSids && (v->UserFlags & LOGON_EXTRA_SIDS) ? v->SidCount : 0;
    uint32_t resource =
        v->ResourceGroupIds && (v->UserFlags & LOGON_RESOURCE_GROUPS) ? v->ResourceGroupCount : 0;

    if (groups > PAC_SIDS_MAX || extra > PAC_SIDS_MAX || resource > PAC_SIDS_MAX ||
        1 + groups + extra + resource > PAC_SIDS_MAX)
        return NT(STATUS_INVALID_PARAMETER);
    l->sids = arena_array(arena, 1 + groups + extra + resource, sizeof(*l->sids), 8);
    if (!l->sids)
        return NT(STATUS_NO_MEMORY);
    if (v->UserId) /* else the user is the first of the extra SIDs */
        add_rid(l, v->LogonDomainId, v->UserId);
    add_groups(l, v->LogonDomainId, v->GroupIds, groups);
    for (uint32_t i = 0; i < extra && !l->illegal; i++)
        if (!(v->ExtraSids[i].Attributes & SE_GROUP_USE_FOR_DENY_ONLY))
            add_sid(l, v->ExtraSids[i].Sid);
    add_groups(l, v->ResourceGroupDomainSid, v->ResourceGroupIds, resource);
    return l->illegal ? NT(STATUS_INVALID_PARAMETER) : NT(STATUS_SUCCESS);
}

static bool headers_are_legal(const uint8_t *info, size_t len)
{
    struct reader r;
    bool legal;

    reader_init(&r, info, len);
    legal =
        reader_u8(&r) == VERSION && reader_u8(&r) == LITTLE_ENDIAN_NDR && reader_u16(&r) == COMMON_HEADER_LEN;
    reader_u32(&r); /* filler */
    legal &= reader_u32(&r) <= len - HEADERS_LEN || r.failed;
    reader_u32(&r);
    return legal && !r.failed;
}

struct nt_status pac_sids(const uint8_t *info, size_t len, struct arena *arena, struct sam_sid **out,
                          size_t *count)
{
    struct PacLogonInfo_params p = {0};
    struct list l = {0};
    struct nt_status status;
    size_t used;
    int r;

    *out = NULL;
    *count = 0;
    if (len < HEADERS_LEN || !headers_are_legal(info, len))
        return NT(STATUS_INVALID_PARAMETER);
    r = ndr_decode(&pac_interface, 0, NDR_F_IN, NDR_SYNTAX_NDR20, info + HEADERS_LEN, len - HEADERS_LEN,
                   arena, &p, &used);
    if (r == -ENOMEM)
        return NT(STATUS_NO_MEMORY);
    if (r || !p.Info)
        return NT(STATUS_INVALID_PARAMETER);
    status = collect(p.Info, arena, &l);
    if (nt_success(status)) {
        *out = l.sids;
        *count = l.count;
    }
    return status;
}
