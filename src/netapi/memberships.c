/* SPDX-License-Identifier: MIT */
/*
 * Members of the local groups that say what a user may do: see memberships.h. [MS-SAMR] 3.1.5.8.2, 3.1.5.8.3.
 */
#include "netapi/memberships.h"

#include <stdlib.h>
#include <string.h>

#include "netapi/each.h"
#include "netapi/samr_call.h"

#define ALIAS_LIST_MEMBERS 0x04u

static const struct {
    uint32_t rid, bit;
} aliases[] = {
    {544, USER_IN_ADMINISTRATORS},   {546, USER_IN_GUESTS},          {548, USER_IN_ACCOUNT_OPERATORS},
    {549, USER_IN_SERVER_OPERATORS}, {550, USER_IN_PRINT_OPERATORS},
};
#define ALIAS_COUNT (sizeof(aliases) / sizeof(aliases[0]))

uint32_t membership_of_alias(uint32_t rid)
{
    for (size_t i = 0; i < ALIAS_COUNT; i++)
        if (aliases[i].rid == rid)
            return aliases[i].bit;
    return 0;
}

static bool add(struct call *c, struct memberships *m, uint32_t rid, uint32_t bits)
{
    if (m->count == m->room) {
        size_t room = m->room ? m->room * 2 : 64;
        struct membership *of = arena_array(&c->arena, room, sizeof(*of), 4);

        if (!of) {
            call_fail_memory(c);
            return false;
        }
        if (m->count)
            memcpy(of, m->of, m->count * sizeof(*of));
        m->of = of;
        m->room = room;
    }
    m->of[m->count++] = (struct membership){rid, bits};
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct membership *x = a, *y = b;

    return (x->rid > y->rid) - (x->rid < y->rid);
}

/* By RID, each once. */
static void put_in_order(struct memberships *m)
{
    size_t n = 0;

    if (m->count)
        qsort(m->of, m->count, sizeof(*m->of), compare);
    for (size_t i = 0; i < m->count; i++) {
        if (n && m->of[n - 1].rid == m->of[i].rid)
            m->of[n - 1].aliases |= m->of[i].aliases;
        else
            m->of[n++] = m->of[i];
    }
    m->count = n;
}

static uint32_t find(const struct memberships *m, uint32_t rid)
{
    const struct membership key = {.rid = rid};
    const struct membership *found =
        m->count ? bsearch(&key, m->of, m->count, sizeof(*m->of), compare) : NULL;

    return found ? found->aliases : 0;
}

uint32_t memberships_of(const struct memberships *m, uint32_t user, uint32_t primary_group)
{
    return find(m, user) | find(m, primary_group);
}

/* The members of the local groups */

struct learning {
    struct call *caller;
    struct memberships *out;
    struct membership *groups; /* those whose members are asked for */
};

struct alias_look {
    struct SamrOpenAlias_params open;
    struct SamrGetMembersInAlias_params members;
    bool opened;
};

static struct nt_status alias_step(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    struct alias_look *l = object;
    struct nt_status s;

    (void)context;
    if (stage == 0) {
        l->open =
            (struct SamrOpenAlias_params){.DesiredAccess = ALIAS_LIST_MEMBERS, .AliasId = aliases[i].rid};
        s = accounts_domain(c, DOMAIN_FOR_ALIASES, &l->open.DomainHandle);
        if (nt_success(s))
            SAMR_BEGIN(c, SamrOpenAlias, &l->open);
        return s;
    }
    if (stage == 1) {
        s = NT_STATUS((uint32_t)l->open.Return);
        if (nt_is(s, NT_STATUS_NO_SUCH_ALIAS)) /* only some servers have operators */
            return NT(STATUS_SUCCESS);
        if (!nt_success(s))
            return s;
        l->opened = true;
        l->members.AliasHandle = l->open.AliasHandle;
        SAMR_BEGIN(c, SamrGetMembersInAlias, &l->members);
        return s;
    }
    s = NT_STATUS((uint32_t)l->members.Return);
    return nt_success(s) && l->members.Members.Count && !l->members.Members.Sids ? call_fail_reply(c) : s;
}

static void alias_end(struct call *c, void *object, size_t i, void *context)
{
    const struct alias_look *l = object;
    struct SamrCloseHandle_params p = {.SamHandle = l->open.AliasHandle};

    (void)i;
    (void)context;
    if (l->opened)
        call_post(c, SamrCloseHandle_opnum, &p);
}

/* The RID of a SID of the account domain; 0: it is of another. */
static uint32_t own_rid(const struct call *c, const RPC_SID *sid)
{
    const RPC_SID *domain = (const RPC_SID *)c->binding->domain_sid;
    size_t count = domain->SubAuthorityCount;

    if (!sid || sid->Revision != domain->Revision || sid->SubAuthorityCount != count + 1 ||
        memcmp(&sid->IdentifierAuthority, &domain->IdentifierAuthority, sizeof(sid->IdentifierAuthority)) !=
            0 ||
        memcmp(sid->SubAuthority, domain->SubAuthority, count * sizeof(sid->SubAuthority[0])) != 0)
        return 0;
    return sid->SubAuthority[count];
}

static bool alias_done(struct call *c, void *object, size_t i, void *context)
{
    const struct alias_look *l = object;
    struct learning *learning = context;

    for (uint32_t m = 0; l->opened && m < l->members.Members.Count; m++) {
        uint32_t rid = own_rid(c, l->members.Members.Sids[m].SidPointer);

        if (rid && !add(learning->caller, learning->out, rid, aliases[i].bit))
            return false;
    }
    return true;
}

/* The members of the global groups that are in them */

struct group_look {
    struct SamrOpenGroup_params open;
    struct SamrGetMembersInGroup_params members;
    bool opened;
};

static struct nt_status group_step(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    const struct learning *learning = context;
    struct group_look *l = object;
    struct nt_status s;

    if (stage == 0) {
        l->open = (struct SamrOpenGroup_params){.DesiredAccess = GROUP_LIST_MEMBERS,
                                                .GroupId = learning->groups[i].rid};
        s = accounts_domain(c, DOMAIN_FOR_NAMES, &l->open.DomainHandle);
        if (nt_success(s))
            SAMR_BEGIN(c, SamrOpenGroup, &l->open);
        return s;
    }
    if (stage == 1) {
        s = NT_STATUS((uint32_t)l->open.Return);
        if (nt_is(s, NT_STATUS_NO_SUCH_GROUP)) /* deleted meanwhile */
            return NT(STATUS_SUCCESS);
        if (!nt_success(s))
            return s;
        l->opened = true;
        l->members.GroupHandle = l->open.GroupHandle;
        SAMR_BEGIN(c, SamrGetMembersInGroup, &l->members);
        return s;
    }
    s = NT_STATUS((uint32_t)l->members.Return);
    if (nt_is(s, NT_STATUS_NO_SUCH_GROUP)) {
        l->members.Members = NULL;
        return NT(STATUS_SUCCESS);
    }
    if (nt_success(s) &&
        (!l->members.Members || (l->members.Members->MemberCount && !l->members.Members->Members)))
        return call_fail_reply(c);
    return s;
}

static void group_end(struct call *c, void *object, size_t i, void *context)
{
    const struct group_look *l = object;

    (void)i;
    (void)context;
    if (l->opened)
        group_close(c, &l->open.GroupHandle);
}

static bool group_done(struct call *c, void *object, size_t i, void *context)
{
    const struct group_look *l = object;
    const SAMPR_GET_MEMBERS_BUFFER *members = l->opened ? l->members.Members : NULL;
    struct learning *learning = context;

    (void)c;
    for (uint32_t m = 0; members && m < members->MemberCount; m++)
        if (!add(learning->caller, learning->out, members->Members[m], learning->groups[i].aliases))
            return false;
    return true;
}

/* Of what is in `m` that which is a global group. */
static struct nt_status find_groups(struct call *c, const struct memberships *m, struct membership **out,
                                    size_t *count)
{
    uint32_t *rids = arena_array(&c->arena, m->count, sizeof(*rids), 4);
    uint32_t *kinds = arena_array(&c->arena, m->count, sizeof(*kinds), 4);
    struct text *names = arena_array(&c->arena, m->count, sizeof(*names), 8);
    struct membership *groups = arena_array(&c->arena, m->count, sizeof(*groups), 4);
    struct nt_status s = NT(STATUS_SUCCESS);

    *count = 0;
    *out = groups;
    if (!rids || !kinds || !names || !groups)
        return call_fail_memory(c);
    for (size_t i = 0; i < m->count; i++)
        rids[i] = m->of[i].rid;
    for (size_t at = 0; nt_success(s) && at < m->count; at += ACCOUNTS_NAMES_MAX) {
        size_t some = m->count - at < ACCOUNTS_NAMES_MAX ? m->count - at : ACCOUNTS_NAMES_MAX;

        s = accounts_names(c, rids + at, some, names + at, kinds + at);
    }
    for (size_t i = 0; nt_success(s) && i < m->count; i++)
        if (kinds[i] == ACCOUNT_GROUP)
            groups[(*count)++] = m->of[i];
    return s;
}

struct nt_status memberships_learn(struct call *c, struct memberships *out)
{
    static const struct each of_aliases = {
        .object_len = sizeof(struct alias_look), .step = alias_step, .end = alias_end, .done = alias_done};
    static const struct each of_groups = {
        .object_len = sizeof(struct group_look), .step = group_step, .end = group_end, .done = group_done};
    struct learning learning = {.caller = c, .out = out};
    size_t groups = 0;
    struct nt_status s;

    *out = (struct memberships){0};
    if (c->binding->sids_by_server)
        return NT(STATUS_ACCESS_DENIED);
    s = each_run(c, &of_aliases, ALIAS_COUNT, &learning);
    put_in_order(out);
    if (nt_success(s))
        s = find_groups(c, out, &learning.groups, &groups);
    if (nt_success(s))
        s = each_run(c, &of_groups, groups, &learning);
    put_in_order(out);
    return c->failure.v ? NT(STATUS_UNSUCCESSFUL) : s;
}
