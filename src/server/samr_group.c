/* SPDX-License-Identifier: MIT */
/*
 * Groups: create, attributes, members, delete. [MS-SAMR] 3.1.5.4.1, 3.1.5.4.2, 3.1.5.5.3, 3.1.5.6.2,
 * 3.1.5.7.1, 3.1.5.8.1 - 3.1.5.8.3, 3.1.5.13.2. A machine of ours has groups of its own, which of Windows'
 * only domain controllers have; for the rest it follows the rules of a machine that is none.
 *
 * Invariant: each procedure makes at most one change, which happens as a whole or not at all.
 */
#include "server/samr_procedures.h"

struct nt_status serve_SamrCreateGroupInDomain(struct call *c, struct SamrCreateGroupInDomain_params *p)
{
    struct context context = {.kind = CONTEXT_GROUP, .domain = c->context->domain};
    struct sam_text name;
    struct nt_status status;

    if (context.domain == SAM_BUILTIN)
        return NT(STATUS_ACCESS_DENIED);
    if (!samr_text(&p->Name, &name))
        return NT(STATUS_INVALID_PARAMETER);
    status = access_grant(CONTEXT_GROUP, c->caller->administrator, p->DesiredAccess, &context.granted);
    if (nt_success(status))
        status = call_reserve(c); /* else a group could be made whose handle finds no place */
    if (nt_success(status))
        status = sam_group_create(c->sam, name, &context.rid);
    if (!nt_success(status))
        return status;
    p->RelativeId = context.rid;
    return call_open(c, &context, &p->GroupHandle);
}

struct nt_status serve_SamrQueryInformationGroup(struct call *c, struct SamrQueryInformationGroup_params *p)
{
    SAMPR_GROUP_INFO_BUFFER *out = arena_alloc(c->arena, sizeof(*out), 8);
    struct sam_group group;
    struct nt_status status;

    if (p->GroupInformationClass < GroupGeneralInformation ||
        p->GroupInformationClass > GroupReplicationInformation)
        return NT(STATUS_INVALID_INFO_CLASS);
    if (!out)
        return NT(STATUS_NO_MEMORY);
    status = sam_group_get(c->sam, c->context->rid, c->arena, &group);
    if (!nt_success(status))
        return status;
    switch (p->GroupInformationClass) {
    case GroupNameInformation:
        out->Name.Name = samr_string(group.name);
        break;
    case GroupAttributeInformation:
        out->Attribute.Attributes = group.attributes;
        break;
    case GroupAdminCommentInformation:
        out->AdminComment.AdminComment = samr_string(group.comment);
        break;
    default: /* general; for replication the same without the members (3.1.5.5.3.1) */
        out->General = (SAMPR_GROUP_GENERAL_INFORMATION){
            .Name = samr_string(group.name),
            .Attributes = group.attributes,
            .MemberCount = p->GroupInformationClass == GroupGeneralInformation ? group.member_count : 0,
            .AdminComment = samr_string(group.comment)};
        break;
    }
    p->Buffer = out;
    return status;
}

struct nt_status serve_SamrSetInformationGroup(struct call *c, struct SamrSetInformationGroup_params *p)
{
    struct sam_text text;

    switch (p->GroupInformationClass) {
    case GroupNameInformation:
        if (!samr_text(&p->Buffer.Name.Name, &text))
            return NT(STATUS_INVALID_PARAMETER);
        return sam_group_set_name(c->sam, c->context->rid, text);
    case GroupAttributeInformation:
        return sam_group_set_attributes(c->sam, c->context->rid, p->Buffer.Attribute.Attributes);
    case GroupAdminCommentInformation:
        if (!samr_text(&p->Buffer.AdminComment.AdminComment, &text))
            return NT(STATUS_INVALID_PARAMETER);
        return sam_group_set_comment(c->sam, c->context->rid, text);
    default:
        return NT(STATUS_INVALID_INFO_CLASS);
    }
}

struct nt_status serve_SamrDeleteGroup(struct call *c, struct SamrDeleteGroup_params *p)
{
    struct nt_status status = sam_group_delete(c->sam, c->context->rid);

    if (nt_success(status))
        call_close(c, &p->GroupHandle);
    return status;
}

struct nt_status serve_SamrAddMemberToGroup(struct call *c, struct SamrAddMemberToGroup_params *p)
{
    return sam_group_add_member(c->sam, c->context->rid, p->MemberId, p->Attributes);
}

struct nt_status serve_SamrRemoveMemberFromGroup(struct call *c, struct SamrRemoveMemberFromGroup_params *p)
{
    return sam_group_remove_member(c->sam, c->context->rid, p->MemberId);
}

struct nt_status serve_SamrSetMemberAttributesOfGroup(struct call *c,
                                                      struct SamrSetMemberAttributesOfGroup_params *p)
{
    return sam_group_set_member_attributes(c->sam, c->context->rid, p->MemberId, p->Attributes);
}

struct nt_status serve_SamrGetMembersInGroup(struct call *c, struct SamrGetMembersInGroup_params *p)
{
    SAMPR_GET_MEMBERS_BUFFER *out = arena_alloc(c->arena, sizeof(*out), 8);
    struct sam_member *members;
    size_t count;
    struct nt_status status = sam_group_members(c->sam, c->context->rid, c->arena, &members, &count);

    if (!nt_success(status))
        return status;
    if (!out || count > UINT32_MAX)
        return NT(STATUS_NO_MEMORY);
    out->MemberCount = (uint32_t)count;
    if (count) {
        out->Members = arena_array(c->arena, count, sizeof(*out->Members), 4);
        out->Attributes = arena_array(c->arena, count, sizeof(*out->Attributes), 4);
        if (!out->Members || !out->Attributes)
            return NT(STATUS_NO_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        out->Members[i] = members[i].rid;
        out->Attributes[i] = members[i].attributes;
    }
    p->Members = out;
    return status;
}
