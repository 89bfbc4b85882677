/* SPDX-License-Identifier: MIT */
/*
 * SAMR's server object: connecting, its two domains, closing handles. [MS-SAMR] 3.1.5.1.1 - 3.1.5.1.5,
 * 3.1.5.2.1, 3.1.5.11.1, 3.1.5.13.1.
 */
#include <string.h>

#include "base/utf16.h"
#include "server/samr_procedures.h"

static struct nt_status connect_with(struct call *c, uint32_t desired, struct ndr_context_handle *handle)
{
    struct context context = {.kind = CONTEXT_SERVER};
    struct nt_status status = NT(STATUS_ACCESS_DENIED);

    if (!c->caller->barred)
        status = access_grant(CONTEXT_SERVER, c->caller->administrator, desired, &context.granted);
    return nt_success(status) ? call_open(c, &context, handle) : status;
}

struct nt_status serve_SamrConnect(struct call *c, struct SamrConnect_params *p)
{
    return connect_with(c, p->DesiredAccess, &p->ServerHandle);
}

struct nt_status serve_SamrConnect2(struct call *c, struct SamrConnect2_params *p)
{
    return connect_with(c, p->DesiredAccess, &p->ServerHandle);
}

struct nt_status serve_SamrConnect4(struct call *c, struct SamrConnect4_params *p)
{
    return connect_with(c, p->DesiredAccess, &p->ServerHandle);
}

struct nt_status serve_SamrConnect5(struct call *c, struct SamrConnect5_params *p)
{
    p->OutVersion = 1;
    p->OutRevisionInfo.V1 = (SAMPR_REVISION_INFO_V1){.Revision = 3};
    if (p->InVersion != 1)
        return NT(STATUS_NOT_SUPPORTED);
    return connect_with(c, p->DesiredAccess, &p->ServerHandle);
}

struct nt_status serve_SamrCloseHandle(struct call *c, struct SamrCloseHandle_params *p)
{
    if (!c->context)
        return NT(STATUS_INVALID_HANDLE);
    call_close(c, &p->SamHandle);
    return NT(STATUS_SUCCESS);
}

/* The cookie is the number of domains returned so far. */
struct nt_status serve_SamrEnumerateDomainsInSamServer(struct call *c,
                                                       struct SamrEnumerateDomainsInSamServer_params *p)
{
    SAMPR_ENUMERATION_BUFFER *buffer = arena_alloc(c->arena, sizeof(*buffer), 8);
    size_t len = 0;

    if (p->EnumerationContext > SAM_DOMAIN_COUNT)
        return NT(STATUS_INVALID_PARAMETER);
    if (!buffer)
        return NT(STATUS_NO_MEMORY);
    buffer->Buffer = arena_array(c->arena, SAM_DOMAIN_COUNT, sizeof(*buffer->Buffer), 8);
    if (!buffer->Buffer)
        return NT(STATUS_NO_MEMORY);
    for (; p->EnumerationContext < SAM_DOMAIN_COUNT; p->EnumerationContext++) {
        struct sam_domain_info info;
        struct nt_status status =
            sam_domain_get(c->sam, (enum sam_domain)p->EnumerationContext, c->arena, &info);

        if (!nt_success(status))
            return status;
        len += 12 + 2 * info.name.count;
        if (buffer->EntriesRead && len > p->PreferedMaximumLength)
            break;
        buffer->Buffer[buffer->EntriesRead++].Name = samr_string(info.name);
    }
    p->Buffer = buffer;
    p->CountReturned = buffer->EntriesRead;
    return p->EnumerationContext < SAM_DOMAIN_COUNT ? NT(STATUS_MORE_ENTRIES) : NT(STATUS_SUCCESS);
}

struct nt_status serve_SamrLookupDomainInSamServer(struct call *c,
                                                   struct SamrLookupDomainInSamServer_params *p)
{
    struct sam_text name;

    if (!samr_text(&p->Name, &name))
        return NT(STATUS_INVALID_PARAMETER);
    for (int d = 0; d < SAM_DOMAIN_COUNT; d++) {
        struct sam_domain_info info;
        struct nt_status status = sam_domain_get(c->sam, (enum sam_domain)d, c->arena, &info);

        if (!nt_success(status))
            return status;
        if (utf16_casecmp(name.chars, name.count, info.name.chars, info.name.count))
            continue;
        p->DomainId = samr_sid_of(c, &c->server->sids[d]);
        return p->DomainId ? NT(STATUS_SUCCESS) : NT(STATUS_NO_MEMORY);
    }
    return NT(STATUS_NO_SUCH_DOMAIN);
}

static bool is_domain(const RPC_SID *sid, const struct sam_sid *domain)
{
    return sid->Revision == domain->revision && sid->SubAuthorityCount == domain->count &&
           !memcmp(sid->IdentifierAuthority.Value, domain->authority, sizeof(domain->authority)) &&
           !memcmp(sid->SubAuthority, domain->sub, domain->count * sizeof(uint32_t));
}

struct nt_status serve_SamrOpenDomain(struct call *c, struct SamrOpenDomain_params *p)
{
    struct context context = {.kind = CONTEXT_DOMAIN};
    struct nt_status status;

    while (!is_domain(p->DomainId, &c->server->sids[context.domain]))
        if (++context.domain == SAM_DOMAIN_COUNT)
            return NT(STATUS_NO_SUCH_DOMAIN);
    status = access_grant(CONTEXT_DOMAIN, c->caller->administrator, p->DesiredAccess, &context.granted);
    return nt_success(status) ? call_open(c, &context, &p->DomainHandle) : status;
}
