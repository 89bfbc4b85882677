/* SPDX-License-Identifier: MIT */
#include "older_server.h"

#include <string.h>

#include "samr.h"
#include "server/server.h"

_Static_assert((int)OLDER_CLOSE == SamrCloseHandle_opnum &&
                   (int)OLDER_DOMAINS == SamrEnumerateDomainsInSamServer_opnum &&
                   (int)OLDER_OPEN_GROUP == SamrOpenGroup_opnum &&
                   (int)OLDER_SET_GROUP == SamrSetInformationGroup_opnum &&
                   (int)OLDER_DELETE_GROUP == SamrDeleteGroup_opnum &&
                   (int)OLDER_QUERY_DOMAIN == SamrQueryInformationDomain_opnum &&
                   (int)OLDER_QUERY_DOMAIN_2 == SamrQueryInformationDomain2_opnum &&
                   (int)OLDER_DISPLAY == SamrQueryDisplayInformation_opnum &&
                   (int)OLDER_DISPLAY_2 == SamrQueryDisplayInformation2_opnum &&
                   (int)OLDER_DISPLAY_3 == SamrQueryDisplayInformation3_opnum &&
                   (int)OLDER_CONNECT_2 == SamrConnect2_opnum && (int)OLDER_CONNECT_4 == SamrConnect4_opnum &&
                   (int)OLDER_ENUMERATE_USERS == SamrEnumerateUsersInDomain_opnum &&
                   (int)OLDER_ALIAS_MEMBERSHIP == SamrGetAliasMembership_opnum &&
                   (int)OLDER_MEMBERS_IN_ALIAS == SamrGetMembersInAlias_opnum &&
                   (int)OLDER_QUERY_USER == SamrQueryInformationUser_opnum &&
                   (int)OLDER_GROUPS_FOR_USER == SamrGetGroupsForUser_opnum &&
                   (int)OLDER_QUERY_USER_2 == SamrQueryInformationUser2_opnum &&
                   (int)OLDER_CONNECT_5 == SamrConnect5_opnum && (int)OLDER_RID_TO_SID == SamrRidToSid_opnum,
               "the numbers are SAMR's");

bool older_lacks[OLDER_PROCEDURES];
unsigned older_asked[OLDER_PROCEDURES];
uint32_t older_features;
struct older_refusal older_open, older_query;
enum older_lie older_lie;

int __real_dispatch_run(struct association *a, const struct rpc_request *request, bool last);
int __wrap_dispatch_run(struct association *a, const struct rpc_request *request, bool last);
struct nt_status __real_serve_SamrConnect5(struct call *c, struct SamrConnect5_params *p);
struct nt_status __wrap_serve_SamrConnect5(struct call *c, struct SamrConnect5_params *p);

void older_reset(void)
{
    memset(older_lacks, 0, sizeof(older_lacks));
    memset(older_asked, 0, sizeof(older_asked));
    older_features = 0;
    older_open = older_query = (struct older_refusal){0};
    older_lie = LIE_NONE;
}

int __wrap_dispatch_run(struct association *a, const struct rpc_request *request, bool last)
{
    if (request->opnum < OLDER_PROCEDURES) {
        older_asked[request->opnum]++;
        if (older_lacks[request->opnum])
            return rpc_server_fault(a->rpc, request, (struct rpc_fault){FAULT_OP_RANGE});
    }
    return __real_dispatch_run(a, request, last);
}

struct nt_status __wrap_serve_SamrConnect5(struct call *c, struct SamrConnect5_params *p)
{
    struct nt_status status = __real_serve_SamrConnect5(c, p);

    p->OutRevisionInfo.V1.SupportedFeatures = older_features;
    return status;
}

static bool refuses(const struct older_refusal *refusal, uint32_t rid)
{
    return refusal->status && rid >= refusal->first && rid <= refusal->last;
}

struct nt_status __real_serve_SamrOpenUser(struct call *c, struct SamrOpenUser_params *p);
struct nt_status __wrap_serve_SamrOpenUser(struct call *c, struct SamrOpenUser_params *p);
struct nt_status __wrap_serve_SamrOpenUser(struct call *c, struct SamrOpenUser_params *p)
{
    return refuses(&older_open, p->UserId) ? NT_STATUS(older_open.status) : __real_serve_SamrOpenUser(c, p);
}

struct nt_status __real_serve_SamrQueryInformationUser2(struct call *c,
                                                        struct SamrQueryInformationUser2_params *p);
struct nt_status __wrap_serve_SamrQueryInformationUser2(struct call *c,
                                                        struct SamrQueryInformationUser2_params *p);
struct nt_status __wrap_serve_SamrQueryInformationUser2(struct call *c,
                                                        struct SamrQueryInformationUser2_params *p)
{
    if (refuses(&older_query, c->context->rid))
        return NT_STATUS(older_query.status);
    return older_lie == LIE_NO_BUFFER ? NT(STATUS_SUCCESS) : __real_serve_SamrQueryInformationUser2(c, p);
}

struct nt_status __real_serve_SamrEnumerateUsersInDomain(struct call *c,
                                                         struct SamrEnumerateUsersInDomain_params *p);
struct nt_status __wrap_serve_SamrEnumerateUsersInDomain(struct call *c,
                                                         struct SamrEnumerateUsersInDomain_params *p);
struct nt_status __wrap_serve_SamrEnumerateUsersInDomain(struct call *c,
                                                         struct SamrEnumerateUsersInDomain_params *p)
{
    uint32_t cookie = p->EnumerationContext;
    struct nt_status status;

    if (older_lie == LIE_ROUND)
        p->EnumerationContext = 0;
    status = __real_serve_SamrEnumerateUsersInDomain(c, p);
    if (older_lie == LIE_ROUND) {
        p->EnumerationContext = cookie % 3 + 1;
        return NT(STATUS_MORE_ENTRIES);
    }
    if (older_lie == LIE_NO_LIST)
        p->Buffer->Buffer = NULL;
    if (older_lie != LIE_NO_STEP)
        return status;
    p->EnumerationContext = cookie;
    return NT(STATUS_MORE_ENTRIES);
}

struct nt_status __real_serve_SamrQuerySecurityObject(struct call *c,
                                                      struct SamrQuerySecurityObject_params *p);
struct nt_status __wrap_serve_SamrQuerySecurityObject(struct call *c,
                                                      struct SamrQuerySecurityObject_params *p);
struct nt_status __wrap_serve_SamrQuerySecurityObject(struct call *c,
                                                      struct SamrQuerySecurityObject_params *p)
{
    struct nt_status status = __real_serve_SamrQuerySecurityObject(c, p);

    if (older_lie == LIE_NO_DESCRIPTOR)
        p->SecurityDescriptor->SecurityDescriptor = NULL;
    return status;
}

struct nt_status __real_serve_SamrQueryDisplayInformation3(struct call *c,
                                                           struct SamrQueryDisplayInformation3_params *p);
struct nt_status __wrap_serve_SamrQueryDisplayInformation3(struct call *c,
                                                           struct SamrQueryDisplayInformation3_params *p);
struct nt_status __wrap_serve_SamrQueryDisplayInformation3(struct call *c,
                                                           struct SamrQueryDisplayInformation3_params *p)
{
    uint32_t index = p->Index;
    struct nt_status status;

    if (older_lie != LIE_ROUND)
        return __real_serve_SamrQueryDisplayInformation3(c, p);
    p->Index = 0;
    p->EntryCount = 1;
    status = __real_serve_SamrQueryDisplayInformation3(c, p);
    if (p->DisplayInformationClass == DomainDisplayUser)
        p->Buffer.UserInformation.Buffer[0].Index = index % 3 + 1;
    else
        p->Buffer.GroupInformation.Buffer[0].Index = index % 3 + 1;
    return status;
}
