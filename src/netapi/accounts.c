/* SPDX-License-Identifier: MIT */
/*
 * Reaching the account domain of a server, names, RIDs and SIDs: see accounts.h. [MS-SAMR] 3.1.5.1, 3.1.5.2,
 * 3.1.5.11.
 *
 * Invariant: handles to the server and its domains belong to the connection and live as long; each is opened
 * when it is first needed, with no more rights than that needs.
 */
#include "netapi/accounts.h"

#include <string.h>

#include "base/utf16.h"
#include "netapi/samr_call.h"
#include "sam/sam.h"

/* 2.2.1.3, 2.2.1.4 */
#define SAM_SERVER_CONNECT 0x01u
#define SAM_SERVER_ENUMERATE_DOMAINS 0x10u
#define SAM_SERVER_LOOKUP_DOMAIN 0x20u
#define DOMAIN_READ_OTHER_PARAMETERS 0x004u
#define DOMAIN_CREATE_GROUP 0x020u
#define DOMAIN_GET_ALIAS_MEMBERSHIP 0x080u
#define DOMAIN_LIST_ACCOUNTS 0x100u
#define DOMAIN_LOOKUP 0x200u

bool text_from(struct text *out, const uint16_t *s, size_t max)
{
    size_t count = 0;

    while (count <= max && s[count])
        count++;
    *out = (struct text){s, count};
    return count <= max;
}

bool text_from_new_name(struct text *out, const uint16_t *s, size_t max)
{
    return text_from(out, s, max) && sam_name_possible((struct sam_text){out->chars, out->count});
}

uint16_t *text_copy(struct call *c, struct text t)
{
    uint16_t *copy = arena_array(&c->arena, t.count + 1, 2, 2);

    if (!copy)
        call_fail_memory(c);
    else if (t.count)
        memcpy(copy, t.chars, t.count * 2);
    return copy;
}

/* Brent's way to find a circle: the mark is set anew at pages 1, 2, 4, 8, ... */
bool page_trail_goes_on(struct page_trail *trail, uint32_t place)
{
    if (place == trail->last || place == trail->mark)
        return false;
    trail->last = place;
    trail->pages++;
    if ((trail->pages & (trail->pages - 1)) == 0)
        trail->mark = place;
    return true;
}

static bool handle_is_null(const struct ndr_context_handle *h)
{
    static const struct ndr_context_handle null;

    return memcmp(h, &null, sizeof(null)) == 0;
}

#define SERVER_ACCESS (SAM_SERVER_CONNECT | SAM_SERVER_ENUMERATE_DOMAINS | SAM_SERVER_LOOKUP_DOMAIN)

static const uint32_t domain_rights[DOMAIN_USE_COUNT] = {
    [DOMAIN_FOR_NAMES] = DOMAIN_LOOKUP,
    [DOMAIN_FOR_LISTS] = DOMAIN_LIST_ACCOUNTS,
    [DOMAIN_FOR_COUNTS] = DOMAIN_READ_OTHER_PARAMETERS,
    [DOMAIN_FOR_NEW] = DOMAIN_CREATE_GROUP,
    [DOMAIN_FOR_ALIASES] = DOMAIN_LOOKUP | DOMAIN_GET_ALIAS_MEMBERSHIP,
};

static struct nt_status connect_server(struct call *c)
{
    struct SamrConnect5_params five = {
        .DesiredAccess = SERVER_ACCESS, .InVersion = 1, .InRevisionInfo.V1.Revision = 3};
    struct SamrConnect4_params four = {.ClientRevision = 2, .DesiredAccess = SERVER_ACCESS};
    struct SamrConnect2_params two = {.DesiredAccess = SERVER_ACCESS};
    struct nt_status s = SAMR(c, SamrConnect5, &five);

    c->binding->connect_version = 5;
    if (!call_forgive_absent(c)) {
        if (nt_success(s))
            c->binding->server = five.ServerHandle;
        c->binding->sids_by_server = five.OutVersion == 1 && (five.OutRevisionInfo.V1.SupportedFeatures & 1);
        return s;
    }
    s = SAMR(c, SamrConnect4, &four);
    c->binding->connect_version = 4;
    if (!call_forgive_absent(c)) {
        if (nt_success(s))
            c->binding->server = four.ServerHandle;
        return s;
    }
    s = SAMR(c, SamrConnect2, &two);
    c->binding->connect_version = 2;
    if (nt_success(s))
        c->binding->server = two.ServerHandle;
    return s;
}

/* S-1-5-32 on every server */
static RPC_SID *builtin_sid(struct call *c)
{
    RPC_SID *sid = arena_alloc(&c->arena, sizeof(*sid) + sizeof(sid->SubAuthority[0]), 4);

    if (!sid) {
        call_fail_memory(c);
        return NULL;
    }
    sid->Revision = 1;
    sid->SubAuthorityCount = 1;
    sid->IdentifierAuthority.Value[5] = 5;
    sid->SubAuthority[0] = 32;
    return sid;
}

/* False: no memory, and the call has failed. */
static bool opening(struct call *c, enum domain_use use, struct SamrOpenDomain_params *p)
{
    *p = (struct SamrOpenDomain_params){
        .ServerHandle = c->binding->server,
        .DesiredAccess = domain_rights[use],
        .DomainId = use == DOMAIN_FOR_ALIASES ? builtin_sid(c) : (RPC_SID *)c->binding->domain_sid};
    return p->DomainId;
}

/* A further connection to where the call's own one leads, with all that is open there. */
struct join {
    union {
        struct SamrConnect5_params five;
        struct SamrConnect4_params four;
        struct SamrConnect2_params two;
    } connect;
    bool connecting;
    struct SamrOpenDomain_params domains[DOMAIN_USE_COUNT];
};

static void join_connect(struct call *c, struct join *j)
{
    switch (c->binding->connect_version) {
    case 5:
        j->connect.five = (struct SamrConnect5_params){
            .DesiredAccess = SERVER_ACCESS, .InVersion = 1, .InRevisionInfo.V1.Revision = 3};
        SAMR_BEGIN(c, SamrConnect5, &j->connect.five);
        break;
    case 4:
        j->connect.four = (struct SamrConnect4_params){.ClientRevision = 2, .DesiredAccess = SERVER_ACCESS};
        SAMR_BEGIN(c, SamrConnect4, &j->connect.four);
        break;
    default:
        j->connect.two = (struct SamrConnect2_params){.DesiredAccess = SERVER_ACCESS};
        SAMR_BEGIN(c, SamrConnect2, &j->connect.two);
        break;
    }
}

static struct nt_status join_connected(struct call *c, struct join *j)
{
    struct binding *b = c->binding;

    b->server = b->connect_version == 5   ? j->connect.five.ServerHandle
                : b->connect_version == 4 ? j->connect.four.ServerHandle
                                          : j->connect.two.ServerHandle;
    return NT_STATUS((uint32_t)(b->connect_version == 5   ? j->connect.five.Return
                                : b->connect_version == 4 ? j->connect.four.Return
                                                          : j->connect.two.Return));
}

static void join_domains(struct call *c, struct join *j, const struct binding *own)
{
    for (enum domain_use use = 0; use < DOMAIN_USE_COUNT; use++)
        if (!handle_is_null(&own->domains[use]) && handle_is_null(&c->binding->domains[use]) &&
            opening(c, use, &j->domains[use]))
            SAMR_BEGIN(c, SamrOpenDomain, &j->domains[use]);
}

static struct nt_status join_opened(struct call *c, const struct join *j)
{
    struct nt_status s = NT(STATUS_SUCCESS);

    for (enum domain_use use = 0; nt_success(s) && use < DOMAIN_USE_COUNT; use++) {
        s = NT_STATUS((uint32_t)j->domains[use].Return);
        if (!handle_is_null(&j->domains[use].DomainHandle))
            c->binding->domains[use] = j->domains[use].DomainHandle;
    }
    return s;
}

static struct nt_status join_step(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    const struct binding *own = context;
    struct binding *b = c->binding;
    struct join *j = object;
    struct nt_status s = NT(STATUS_SUCCESS);

    (void)i;
    if (stage == 0) {
        memcpy(b->domain_sid, own->domain_sid, sizeof(b->domain_sid));
        b->sids_by_server = own->sids_by_server;
        b->connect_version = own->connect_version;
        b->user_version = own->user_version;
        b->display_version = own->display_version;
        j->connecting = !handle_is_null(&own->server) && handle_is_null(&b->server);
        if (j->connecting) {
            join_connect(c, j);
            return s;
        }
    } else if (!j->connecting) {
        return join_opened(c, j);
    } else {
        j->connecting = false;
        s = join_connected(c, j);
    }
    if (nt_success(s))
        join_domains(c, j, own);
    return s;
}

const struct each accounts_join = {.object_len = sizeof(struct join), .step = join_step};

/* A SAM server has two domains; the one that is not called Builtin holds the accounts. */
static struct nt_status find_account_domain(struct call *c, RPC_UNICODE_STRING *name)
{
    static const uint16_t builtin[] = u"Builtin";
    struct SamrEnumerateDomainsInSamServer_params p = {.ServerHandle = c->binding->server,
                                                       .PreferedMaximumLength = UINT32_MAX};
    struct nt_status s = SAMR(c, SamrEnumerateDomainsInSamServer, &p);

    if (!nt_success(s))
        return s;
    for (uint32_t i = 0; p.Buffer && p.Buffer->Buffer && i < p.Buffer->EntriesRead; i++) {
        *name = p.Buffer->Buffer[i].Name;
        if (name->Buffer && utf16_casecmp(name->Buffer, name->Length / 2u, builtin, 7) != 0)
            return NT(STATUS_SUCCESS);
    }
    return NT(STATUS_NO_SUCH_DOMAIN);
}

static size_t sid_len(const RPC_SID *sid)
{
    return offsetof(RPC_SID, SubAuthority) + sid->SubAuthorityCount * sizeof(sid->SubAuthority[0]);
}

static struct nt_status reach_domain(struct call *c)
{
    struct SamrLookupDomainInSamServer_params p = {0};
    RPC_SID *known = (RPC_SID *)c->binding->domain_sid;
    struct nt_status s;

    if (known->SubAuthorityCount)
        return NT(STATUS_SUCCESS);
    s = handle_is_null(&c->binding->server) ? connect_server(c) : NT(STATUS_SUCCESS);
    if (nt_success(s))
        s = find_account_domain(c, &p.Name);
    if (!nt_success(s))
        return s;
    p.ServerHandle = c->binding->server;
    s = SAMR(c, SamrLookupDomainInSamServer, &p);
    if (!nt_success(s))
        return s;
    /* one more must have room for a RID */
    if (!p.DomainId || !p.DomainId->SubAuthorityCount ||
        p.DomainId->SubAuthorityCount > BINDING_SID_COUNT - 1)
        return call_fail_reply(c);
    memcpy(known, p.DomainId, sid_len(p.DomainId));
    return s;
}

struct nt_status accounts_domain(struct call *c, enum domain_use use, struct ndr_context_handle *out)
{
    struct SamrOpenDomain_params p;
    struct ndr_context_handle *known = &c->binding->domains[use];
    struct nt_status s = NT(STATUS_SUCCESS);

    if (handle_is_null(known)) {
        s = reach_domain(c);
        if (!nt_success(s))
            return s;
        if (!opening(c, use, &p))
            return NT(STATUS_NO_MEMORY);
        s = SAMR(c, SamrOpenDomain, &p);
        if (nt_success(s))
            *known = p.DomainHandle;
    }
    *out = *known;
    return s;
}

static struct nt_status find_some(struct call *c, const struct ndr_context_handle *domain,
                                  RPC_UNICODE_STRING *names, size_t count, uint32_t *rids, uint32_t *kinds)
{
    struct SamrLookupNamesInDomain_params p = {
        .DomainHandle = *domain, .Count = (uint32_t)count, .Names = names};
    struct nt_status s = SAMR(c, SamrLookupNamesInDomain, &p);

    if (nt_is(s, NT_STATUS_NONE_MAPPED)) {
        for (size_t i = 0; i < count; i++)
            rids[i] = 0, kinds[i] = ACCOUNT_UNKNOWN;
        return NT(STATUS_SUCCESS);
    }
    if (!nt_success(s))
        return s;
    if (p.RelativeIds.Count != count || p.Use.Count != count || !p.RelativeIds.Element || !p.Use.Element)
        return call_fail_reply(c);
    memcpy(rids, p.RelativeIds.Element, count * sizeof(*rids));
    memcpy(kinds, p.Use.Element, count * sizeof(*kinds));
    return s;
}

struct nt_status accounts_find(struct call *c, const struct text *names, size_t count, uint32_t *rids,
                               uint32_t *kinds)
{
    struct ndr_context_handle domain;
    RPC_UNICODE_STRING *strings = arena_array(&c->arena, count, sizeof(*strings), 8);
    struct nt_status s = accounts_domain(c, DOMAIN_FOR_NAMES, &domain);

    if (!strings)
        return call_fail_memory(c);
    for (size_t i = 0; i < count; i++)
        strings[i] = samr_string(names[i]);
    for (size_t at = 0; nt_success(s) && at < count; at += ACCOUNTS_NAMES_MAX) {
        size_t some = count - at < ACCOUNTS_NAMES_MAX ? count - at : ACCOUNTS_NAMES_MAX;

        s = find_some(c, &domain, strings + at, some, rids + at, kinds + at);
    }
    return s;
}

struct nt_status accounts_names(struct call *c, const uint32_t *rids, size_t count, struct text *names,
                                uint32_t *kinds)
{
    struct SamrLookupIdsInDomain_params p = {.Count = (uint32_t)count, .RelativeIds = (uint32_t *)rids};
    struct nt_status s = accounts_domain(c, DOMAIN_FOR_NAMES, &p.DomainHandle);
    bool none;

    if (nt_success(s))
        s = SAMR(c, SamrLookupIdsInDomain, &p);
    none = nt_is(s, NT_STATUS_NONE_MAPPED);
    if (!nt_success(s) && !none)
        return s;
    if (!none && (p.Names.Count != count || p.Use.Count != count || !p.Names.Element || !p.Use.Element))
        return call_fail_reply(c);
    for (size_t i = 0; i < count; i++) {
        names[i] = none ? (struct text){0} : samr_text(&p.Names.Element[i]);
        kinds[i] = none ? ACCOUNT_UNKNOWN : p.Use.Element[i];
    }
    return NT(STATUS_SUCCESS);
}

static void *sid_by_server(struct call *c, uint32_t rid)
{
    struct SamrRidToSid_params p = {.Rid = rid};
    struct nt_status s = accounts_domain(c, DOMAIN_FOR_NAMES, &p.ObjectHandle);

    if (nt_success(s))
        s = SAMR(c, SamrRidToSid, &p);
    if (nt_success(s) && p.Sid)
        return p.Sid;
    if (!c->failure.v)
        call_fail_reply(c);
    return NULL;
}

void *accounts_sid(struct call *c, uint32_t rid)
{
    const RPC_SID *domain = (const RPC_SID *)c->binding->domain_sid;
    size_t len = sid_len(domain);
    RPC_SID *sid;

    if (c->binding->sids_by_server)
        return sid_by_server(c, rid);
    sid = arena_alloc(&c->arena, len + sizeof(rid), 4);
    if (!sid) {
        call_fail_memory(c);
        return NULL;
    }
    memcpy(sid, domain, len);
    sid->SubAuthority[sid->SubAuthorityCount++] = rid;
    return sid;
}
