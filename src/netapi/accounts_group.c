/* SPDX-License-Identifier: MIT */
/*
 * Groups and their members as SAMR requests: see accounts.h. [MS-SAMR] 3.1.5.3 to 3.1.5.8, 3.1.5.13.2.
 *
 * Invariant: a handle that a function hands out is open; a failure leaves none behind.
 */
#include <stddef.h>
#include <stdlib.h>

#include "netapi/samr_call.h"

struct nt_status group_create(struct call *c, struct text name, uint32_t access, group_handle *out,
                              uint32_t *rid)
{
    struct SamrCreateGroupInDomain_params p = {.Name = samr_string(name), .DesiredAccess = access};
    struct nt_status s = accounts_domain(c, DOMAIN_FOR_NEW, &p.DomainHandle);

    if (nt_success(s))
        s = SAMR_CHANGE(c, SamrCreateGroupInDomain, &p);
    *out = p.GroupHandle;
    *rid = p.RelativeId;
    return s;
}

struct nt_status group_open(struct call *c, uint32_t rid, uint32_t access, group_handle *out)
{
    struct SamrOpenGroup_params p = {.DesiredAccess = access, .GroupId = rid};
    struct nt_status s = accounts_domain(c, DOMAIN_FOR_NAMES, &p.DomainHandle);

    if (nt_success(s))
        s = SAMR(c, SamrOpenGroup, &p);
    *out = p.GroupHandle;
    return s;
}

void group_close(struct call *c, const group_handle *group)
{
    struct SamrCloseHandle_params p = {.SamHandle = *group};

    call_post(c, SamrCloseHandle_opnum, &p);
}

struct nt_status group_delete(struct call *c, const group_handle *group)
{
    struct SamrDeleteGroup_params p = {.GroupHandle = *group};

    return SAMR_CHANGE(c, SamrDeleteGroup, &p);
}

struct nt_status group_query(struct call *c, const group_handle *group, uint32_t rid, struct group_entry *out)
{
    struct SamrQueryInformationGroup_params p = {.GroupHandle = *group,
                                                 .GroupInformationClass = GroupGeneralInformation};
    struct nt_status s = SAMR(c, SamrQueryInformationGroup, &p);

    if (!nt_success(s))
        return s;
    if (!p.Buffer)
        return call_fail_reply(c);
    *out =
        (struct group_entry){samr_text(&p.Buffer->General.Name), samr_text(&p.Buffer->General.AdminComment),
                             rid, p.Buffer->General.Attributes};
    return s;
}

static struct nt_status set(struct call *c, const group_handle *group, GROUP_INFORMATION_CLASS class,
                            SAMPR_GROUP_INFO_BUFFER info)
{
    struct SamrSetInformationGroup_params p = {
        .GroupHandle = *group, .GroupInformationClass = class, .Buffer = info};

    return SAMR_CHANGE(c, SamrSetInformationGroup, &p);
}

struct nt_status group_set_name(struct call *c, const group_handle *group, struct text name)
{
    return set(c, group, GroupNameInformation, (SAMPR_GROUP_INFO_BUFFER){.Name.Name = samr_string(name)});
}

struct nt_status group_set_comment(struct call *c, const group_handle *group, struct text comment)
{
    return set(c, group, GroupAdminCommentInformation,
               (SAMPR_GROUP_INFO_BUFFER){.AdminComment.AdminComment = samr_string(comment)});
}

struct nt_status group_set_attributes(struct call *c, const group_handle *group, uint32_t attributes)
{
    return set(c, group, GroupAttributeInformation,
               (SAMPR_GROUP_INFO_BUFFER){.Attribute.Attributes = attributes});
}

static int member_compare(const void *a, const void *b)
{
    const struct group_member *x = a, *y = b;

    return (x->rid > y->rid) - (x->rid < y->rid);
}

struct nt_status group_members(struct call *c, const group_handle *group, struct group_member **out,
                               size_t *count)
{
    struct SamrGetMembersInGroup_params p = {.GroupHandle = *group};
    struct nt_status s = SAMR(c, SamrGetMembersInGroup, &p);
    const SAMPR_GET_MEMBERS_BUFFER *m = p.Members;

    *count = 0;
    if (!nt_success(s))
        return s;
    if (!m || (m->MemberCount && (!m->Members || !m->Attributes)))
        return call_fail_reply(c);
    *out = arena_array(&c->arena, m->MemberCount, sizeof(**out), 4);
    if (!*out)
        return call_fail_memory(c);
    *count = m->MemberCount;
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = (struct group_member){m->Members[i], m->Attributes[i]};
    qsort(*out, *count, sizeof(**out), member_compare);
    return s;
}

/* Changing members */

struct member_changes {
    uint32_t rid;
    struct SamrOpenGroup_params own; /* the group as it is open on the call's own connection */
    struct member_change *changes;
    bool on;
};

union member_request {
    struct SamrAddMemberToGroup_params add;
    struct SamrSetMemberAttributesOfGroup_params set;
    struct SamrRemoveMemberFromGroup_params remove;
};

static int32_t member_result(const struct member_change *change, const union member_request *q)
{
    switch (change->kind) {
    case MEMBER_ADD:
        return q->add.Return;
    case MEMBER_SET:
        return q->set.Return;
    default:
        return q->remove.Return;
    }
}

static struct nt_status member_step(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    const struct member_changes *m = context;
    const struct member_change *change = &m->changes[i];
    const struct SamrOpenGroup_params *group = each_joined(c);
    union member_request *q = object;

    if (stage > 0)
        return m->on ? NT(STATUS_SUCCESS) : NT_STATUS((uint32_t)member_result(change, q));
    switch (change->kind) {
    case MEMBER_ADD:
        q->add = (struct SamrAddMemberToGroup_params){.GroupHandle = group->GroupHandle,
                                                      .MemberId = change->member.rid,
                                                      .Attributes = change->member.attributes};
        SAMR_BEGIN_CHANGE(c, SamrAddMemberToGroup, &q->add);
        break;
    case MEMBER_SET:
        q->set = (struct SamrSetMemberAttributesOfGroup_params){.GroupHandle = group->GroupHandle,
                                                                .MemberId = change->member.rid,
                                                                .Attributes = change->member.attributes};
        SAMR_BEGIN_CHANGE(c, SamrSetMemberAttributesOfGroup, &q->set);
        break;
    default:
        q->remove = (struct SamrRemoveMemberFromGroup_params){.GroupHandle = group->GroupHandle,
                                                              .MemberId = change->member.rid};
        SAMR_BEGIN_CHANGE(c, SamrRemoveMemberFromGroup, &q->remove);
        break;
    }
    return NT(STATUS_SUCCESS);
}

static void member_end(struct call *c, void *object, size_t i, void *context)
{
    const struct member_changes *m = context;
    struct nt_status s = NT_STATUS((uint32_t)member_result(&m->changes[i], object));

    (void)c;
    m->changes[i].changed = nt_success(s) || s.v == EACH_UNKNOWN;
}

/* The group on a further connection. */
static struct nt_status member_join(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    const struct member_changes *m = context;
    struct SamrOpenGroup_params *p = object;
    struct nt_status s;

    (void)i;
    if (stage > 0)
        return NT_STATUS((uint32_t)p->Return);
    *p = (struct SamrOpenGroup_params){.DesiredAccess = GROUP_ADD_MEMBER | GROUP_REMOVE_MEMBER,
                                       .GroupId = m->rid};
    s = accounts_domain(c, DOMAIN_FOR_NAMES, &p->DomainHandle);
    if (nt_success(s))
        SAMR_BEGIN(c, SamrOpenGroup, p);
    return s;
}

static void member_leave(struct call *c, void *object, size_t i, void *context)
{
    const struct member_changes *m = context;
    const struct SamrOpenGroup_params *p = object;

    (void)i;
    if (p != &m->own)
        group_close(c, &p->GroupHandle);
}

struct nt_status group_members_change(struct call *c, uint32_t rid, const group_handle *group,
                                      struct member_change *changes, size_t count, bool on)
{
    static const struct each join = {
        .object_len = sizeof(struct SamrOpenGroup_params), .step = member_join, .end = member_leave};
    struct member_changes m = {rid, {.GroupHandle = *group}, changes, on};
    const struct each each = {.object_len = sizeof(union member_request),
                              .step = member_step,
                              .end = member_end,
                              .changes = true,
                              .join = &join,
                              .joined = &m.own};

    for (size_t i = 0; i < count; i++)
        changes[i].changed = false;
    return each_run(c, &each, count, &m);
}

_Static_assert(sizeof(struct SamrQueryDisplayInformation_params) ==
                       sizeof(struct SamrQueryDisplayInformation3_params) &&
                   sizeof(struct SamrQueryDisplayInformation2_params) ==
                       sizeof(struct SamrQueryDisplayInformation3_params) &&
                   offsetof(struct SamrQueryDisplayInformation_params, Return) ==
                       offsetof(struct SamrQueryDisplayInformation3_params, Return) &&
                   offsetof(struct SamrQueryDisplayInformation2_params, Return) ==
                       offsetof(struct SamrQueryDisplayInformation3_params, Return),
               "the three are declared alike: one structure serves all");

struct nt_status samr_query_display(struct call *c, struct SamrQueryDisplayInformation3_params *p)
{
    static const uint16_t versions[] = {SamrQueryDisplayInformation3_opnum,
                                        SamrQueryDisplayInformation2_opnum,
                                        SamrQueryDisplayInformation_opnum};
    uint8_t *version = &c->binding->display_version;
    struct nt_status s = call_request(c, versions[*version], p, &p->Return, false);

    while (*version + 1u < sizeof(versions) / sizeof(versions[0]) && call_forgive_absent(c))
        s = call_request(c, versions[++*version], p, &p->Return, false);
    return s;
}

struct nt_status groups_page(struct call *c, uint32_t index, uint32_t len, struct group_page *out)
{
    struct SamrQueryDisplayInformation3_params p = {.DisplayInformationClass = DomainDisplayGroup,
                                                    .Index = index,
                                                    .EntryCount = UINT32_MAX,
                                                    .PreferredMaximumLength = len};
    const SAMPR_DOMAIN_DISPLAY_GROUP_BUFFER *page = &p.Buffer.GroupInformation;
    struct nt_status s = accounts_domain(c, DOMAIN_FOR_LISTS, &p.DomainHandle);

    *out = (struct group_page){0};
    if (nt_success(s))
        s = samr_query_display(c, &p);
    if (nt_is(s, NT_STATUS_NO_MORE_ENTRIES))
        return NT(STATUS_SUCCESS);
    if (!nt_success(s))
        return s;
    if (page->EntriesRead && !page->Buffer)
        return call_fail_reply(c);
    *out = (struct group_page){page->Buffer, page->EntriesRead, nt_is(s, NT_STATUS_MORE_ENTRIES)};
    return out->more && !out->count ? call_fail_reply(c) : s;
}

void groups_page_entry(const struct group_page *page, size_t i, struct group_entry *out, uint32_t *index)
{
    const SAMPR_DOMAIN_DISPLAY_GROUP *g = (const SAMPR_DOMAIN_DISPLAY_GROUP *)page->entries + i;

    *out =
        (struct group_entry){samr_text(&g->AccountName), samr_text(&g->AdminComment), g->Rid, g->Attributes};
    *index = g->Index;
}

struct nt_status groups_count(struct call *c, uint32_t *count)
{
    struct SamrQueryInformationDomain2_params p = {.DomainInformationClass = DomainGeneralInformation};
    struct nt_status s = accounts_domain(c, DOMAIN_FOR_COUNTS, &p.DomainHandle);

    if (!nt_success(s))
        return s;
    s = SAMR(c, SamrQueryInformationDomain2, &p);
    if (call_forgive_absent(c)) {
        struct SamrQueryInformationDomain_params older = {.DomainHandle = p.DomainHandle,
                                                          .DomainInformationClass = DomainGeneralInformation};

        s = SAMR(c, SamrQueryInformationDomain, &older);
        p.Buffer = older.Buffer;
    }
    if (nt_success(s) && !p.Buffer)
        s = call_fail_reply(c);
    if (nt_success(s))
        *count = p.Buffer->General.GroupCount;
    return s;
}
