/* SPDX-License-Identifier: MIT */
/*
 * SAMR: the procedures that are served, and what their files share. [MS-SAMR] 3.1.5; the access required on a
 * handle is that of 3.1.2.2 where it does not depend on an information level.
 */
#ifndef SERVER_SAMR_PROCEDURES_H
#define SERVER_SAMR_PROCEDURES_H

#include "samr.h"
#include "server/dispatch.h"

/* FREE(procedure, effect): called without a handle.
 * ON(procedure, handle parameter, kinds of objects, required access, effect) */
#define SAMR_PROCEDURES(FREE, ON)                                                                          \
    FREE(SamrConnect, NOTHING)                                                                             \
    FREE(SamrConnect2, NOTHING)                                                                            \
    FREE(SamrConnect4, NOTHING)                                                                            \
    FREE(SamrConnect5, NOTHING)                                                                            \
    ON(SamrCloseHandle, SamHandle, 0, 0, NOTHING)                                                          \
    ON(SamrQuerySecurityObject, ObjectHandle, CONTEXT_ANY, 0, NOTHING)                                     \
    ON(SamrEnumerateDomainsInSamServer, ServerHandle, CONTEXT_SERVER, SAM_SERVER_ENUMERATE_DOMAINS, READS) \
    ON(SamrLookupDomainInSamServer, ServerHandle, CONTEXT_SERVER, SAM_SERVER_LOOKUP_DOMAIN, READS)         \
    ON(SamrOpenDomain, ServerHandle, CONTEXT_SERVER, SAM_SERVER_LOOKUP_DOMAIN, NOTHING)                    \
    ON(SamrRidToSid, ObjectHandle, CONTEXT_ANY & ~CONTEXT_SERVER, 0, NOTHING)                              \
                                                                                                           \
    ON(SamrQueryInformationDomain, DomainHandle, CONTEXT_DOMAIN, 0, READS)                                 \
    ON(SamrQueryInformationDomain2, DomainHandle, CONTEXT_DOMAIN, 0, READS)                                \
    ON(SamrGetUserDomainPasswordInformation, UserHandle, CONTEXT_USER, 0, READS)                           \
    FREE(SamrGetDomainPasswordInformation, READS)                                                          \
                                                                                                           \
    ON(SamrLookupNamesInDomain, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LOOKUP, READS)                        \
    ON(SamrLookupIdsInDomain, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LOOKUP, READS)                          \
    ON(SamrEnumerateGroupsInDomain, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LIST_ACCOUNTS, READS)             \
    ON(SamrEnumerateUsersInDomain, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LIST_ACCOUNTS, READS)              \
    ON(SamrEnumerateAliasesInDomain, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LIST_ACCOUNTS, READS)            \
                                                                                                           \
    ON(SamrQueryDisplayInformation, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LIST_ACCOUNTS, READS)             \
    ON(SamrQueryDisplayInformation2, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LIST_ACCOUNTS, READS)            \
    ON(SamrQueryDisplayInformation3, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LIST_ACCOUNTS, READS)            \
    ON(SamrGetDisplayEnumerationIndex, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LIST_ACCOUNTS, READS)          \
    ON(SamrGetDisplayEnumerationIndex2, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LIST_ACCOUNTS, READS)         \
                                                                                                           \
    ON(SamrCreateGroupInDomain, DomainHandle, CONTEXT_DOMAIN, DOMAIN_CREATE_GROUP, CHANGES)                \
    ON(SamrOpenGroup, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LOOKUP, READS)                                  \
    ON(SamrQueryInformationGroup, GroupHandle, CONTEXT_GROUP, GROUP_READ_INFORMATION, READS)               \
    ON(SamrSetInformationGroup, GroupHandle, CONTEXT_GROUP, GROUP_WRITE_ACCOUNT, CHANGES)                  \
    ON(SamrDeleteGroup, GroupHandle, CONTEXT_GROUP, ACCESS_DELETE, CHANGES)                                \
    ON(SamrAddMemberToGroup, GroupHandle, CONTEXT_GROUP, GROUP_ADD_MEMBER, CHANGES)                        \
    ON(SamrRemoveMemberFromGroup, GroupHandle, CONTEXT_GROUP, GROUP_REMOVE_MEMBER, CHANGES)                \
    ON(SamrGetMembersInGroup, GroupHandle, CONTEXT_GROUP, GROUP_LIST_MEMBERS, READS)                       \
    ON(SamrSetMemberAttributesOfGroup, GroupHandle, CONTEXT_GROUP, GROUP_ADD_MEMBER, CHANGES)              \
                                                                                                           \
    ON(SamrOpenAlias, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LOOKUP, READS)                                  \
    ON(SamrGetMembersInAlias, AliasHandle, CONTEXT_ALIAS, ALIAS_LIST_MEMBERS, READS)                       \
    ON(SamrGetAliasMembership, DomainHandle, CONTEXT_DOMAIN, DOMAIN_GET_ALIAS_MEMBERSHIP, READS)           \
                                                                                                           \
    ON(SamrOpenUser, DomainHandle, CONTEXT_DOMAIN, DOMAIN_LOOKUP, READS)                                   \
    ON(SamrQueryInformationUser, UserHandle, CONTEXT_USER, 0, READS)                                       \
    ON(SamrQueryInformationUser2, UserHandle, CONTEXT_USER, 0, READS)                                      \
    ON(SamrGetGroupsForUser, UserHandle, CONTEXT_USER, USER_LIST_GROUPS, READS)

/* The handlers: struct nt_status serve_SamrConnect5(struct call *c, struct SamrConnect5_params *p); */
#define SAMR_HANDLER(name, ...) struct nt_status serve_##name(struct call *c, struct name##_params *p);
SAMR_PROCEDURES(SAMR_HANDLER, SAMR_HANDLER)
#undef SAMR_HANDLER

extern const struct dispatch_row samr_rows[];
extern const uint16_t samr_row_count;

/* samr_wire.c: between the wire's types and the database's. */

/* A view of `s`; false: it says that it has text but has none. */
bool samr_text(const RPC_UNICODE_STRING *s, struct sam_text *text);
/* A view of `text`, which must live until the reply is encoded. */
RPC_UNICODE_STRING samr_string(struct sam_text text);
/* The same of a copy in the call's arena. False: no memory. */
bool samr_string_dup(struct call *c, struct sam_text text, RPC_UNICODE_STRING *s);
OLD_LARGE_INTEGER samr_large(int64_t value);
/* In the call's arena. NULL: no memory. */
RPC_SID *samr_sid_of(struct call *c, const struct sam_sid *sid);

/* Lengths of listings are those of the entries (as NDR20 has them) and the characters, without counts and
 * padding: the same measure for what is asked for, what is returned, and what there is in all. */

/* Entries of one length, in the call's arena, grown by doubling. */
struct samr_list {
    void *items;
    uint32_t count, room;
};
void *samr_append(struct call *c, struct samr_list *list, size_t len); /* zeroed; NULL: no memory */

/* samr_open.c: SamrOpenGroup, SamrOpenAlias, SamrOpenUser. */
struct nt_status samr_open_account(struct call *c, enum sam_kind kind, uint32_t rid, uint32_t desired,
                                   struct ndr_context_handle *handle);

#endif
