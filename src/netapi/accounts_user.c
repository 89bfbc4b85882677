/* SPDX-License-Identifier: MIT */
/*
 * Looking at users, many at once: see accounts_user.h. [MS-SAMR] 3.1.5.1.9, 3.1.5.5.5, 3.1.5.9, 3.1.5.12.2.
 */
#include "netapi/accounts_user.h"

#include <stdlib.h>
#include <string.h>

#include "netapi/each.h"
#include "netapi/memberships.h"
#include "netapi/samr_call.h"

/* Entries */

/* 2.2.1.8 */
#define USER_ALL_USERNAME 0x00000001u
#define USER_ALL_FULLNAME 0x00000002u
#define USER_ALL_USERID 0x00000004u
#define USER_ALL_PRIMARYGROUPID 0x00000008u
#define USER_ALL_ADMINCOMMENT 0x00000010u
#define USER_ALL_USERCOMMENT 0x00000020u
#define USER_ALL_HOMEDIRECTORY 0x00000040u
#define USER_ALL_HOMEDIRECTORYDRIVE 0x00000080u
#define USER_ALL_SCRIPTPATH 0x00000100u
#define USER_ALL_PROFILEPATH 0x00000200u
#define USER_ALL_WORKSTATIONS 0x00000400u
#define USER_ALL_LASTLOGON 0x00000800u
#define USER_ALL_LASTLOGOFF 0x00001000u
#define USER_ALL_LOGONHOURS 0x00002000u
#define USER_ALL_BADPASSWORDCOUNT 0x00004000u
#define USER_ALL_LOGONCOUNT 0x00008000u
#define USER_ALL_PASSWORDMUSTCHANGE 0x00020000u
#define USER_ALL_PASSWORDLASTSET 0x00040000u
#define USER_ALL_ACCOUNTEXPIRES 0x00080000u
#define USER_ALL_USERACCOUNTCONTROL 0x00100000u
#define USER_ALL_PARAMETERS 0x00200000u
#define USER_ALL_COUNTRYCODE 0x00400000u
#define USER_ALL_CODEPAGE 0x00800000u
#define USER_ALL_PASSWORDEXPIRED 0x08000000u

#define UNITS_PER_WEEK_MAX 10080 /* minutes */

static int64_t large(const OLD_LARGE_INTEGER *v)
{
    return (int64_t)((uint64_t)(uint32_t)v->HighPart << 32 | v->LowPart);
}

static void read_text(struct text *out, const RPC_UNICODE_STRING *s)
{
    if (s->Length / 2u && s->Buffer)
        *out = samr_text(s);
}

static void read_numbers(struct user_entry *out, const SAMPR_USER_ALL_INFORMATION *all)
{
    uint32_t which = all->WhichFields;

    if (which & USER_ALL_PRIMARYGROUPID)
        out->primary_group = all->PrimaryGroupId;
    if (which & USER_ALL_USERACCOUNTCONTROL)
        out->control = all->UserAccountControl;
    if (which & USER_ALL_BADPASSWORDCOUNT)
        out->bad_passwords = all->BadPasswordCount;
    if (which & USER_ALL_LOGONCOUNT)
        out->logons = all->LogonCount;
    if (which & USER_ALL_COUNTRYCODE)
        out->country = all->CountryCode;
    if (which & USER_ALL_CODEPAGE)
        out->code_page = all->CodePage;
    if (which & USER_ALL_PASSWORDEXPIRED)
        out->password_expired = all->PasswordExpired != 0;
    if (which & USER_ALL_LOGONHOURS && all->LogonHours.LogonHours && all->LogonHours.UnitsPerWeek &&
        all->LogonHours.UnitsPerWeek <= UNITS_PER_WEEK_MAX) {
        out->units_per_week = all->LogonHours.UnitsPerWeek;
        out->logon_hours = all->LogonHours.LogonHours;
    }
}

static void read_times(struct user_entry *out, const SAMPR_USER_ALL_INFORMATION *all)
{
    uint32_t which = all->WhichFields;

    if (which & USER_ALL_LASTLOGON)
        out->last_logon = large(&all->LastLogon);
    if (which & USER_ALL_LASTLOGOFF)
        out->last_logoff = large(&all->LastLogoff);
    if (which & USER_ALL_PASSWORDLASTSET)
        out->password_set = large(&all->PasswordLastSet);
    if (which & USER_ALL_ACCOUNTEXPIRES)
        out->account_expires = large(&all->AccountExpires);
    if (which & USER_ALL_PASSWORDMUSTCHANGE)
        out->password_must_change = large(&all->PasswordMustChange);
}

void user_entry_read(struct user_entry *out, const SAMPR_USER_ALL_INFORMATION *all)
{
    const struct {
        uint32_t field;
        struct text *to;
        const RPC_UNICODE_STRING *from;
    } texts[] = {
        {USER_ALL_USERNAME, &out->name, &all->UserName},
        {USER_ALL_FULLNAME, &out->full_name, &all->FullName},
        {USER_ALL_ADMINCOMMENT, &out->comment, &all->AdminComment},
        {USER_ALL_USERCOMMENT, &out->user_comment, &all->UserComment},
        {USER_ALL_HOMEDIRECTORY, &out->home, &all->HomeDirectory},
        {USER_ALL_HOMEDIRECTORYDRIVE, &out->home_drive, &all->HomeDirectoryDrive},
        {USER_ALL_SCRIPTPATH, &out->script, &all->ScriptPath},
        {USER_ALL_PROFILEPATH, &out->profile, &all->ProfilePath},
        {USER_ALL_WORKSTATIONS, &out->workstations, &all->WorkStations},
        {USER_ALL_PARAMETERS, &out->parameters, &all->Parameters},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (all->WhichFields & texts[i].field)
            read_text(texts[i].to, texts[i].from);
    read_numbers(out, all);
    read_times(out, all);
}

static struct user_entry listed_entry(const struct user_listed *user)
{
    return (struct user_entry){.rid = user->rid,
                               .name = user->name,
                               .full_name = user->full_name,
                               .comment = user->comment,
                               .control = user->control,
                               .password_must_change = FILETIME_NEVER};
}

/* Looking at users */

/* 2.2.1.7, 2.2.1.1 */
#define USER_READ_GENERAL 0x00001u
#define USER_READ_PREFERENCES 0x00002u
#define USER_READ_LOGON 0x00008u
#define USER_READ_ACCOUNT 0x00010u
#define USER_LIST_GROUPS 0x00100u
#define READ_CONTROL 0x20000u

#define DACL_SECURITY_INFORMATION 4u
#define SIDS_MAX 1024u /* of SamrGetAliasMembership */

/* For so few users it is cheaper to ask what each is a member of than who the members are. */
#define FEW_USERS 8

struct looks {
    const struct user_listed *users;
    unsigned needs;
    const struct memberships *known; /* of all users; NULL: ask for each */
    uint16_t query_opnum;
    user_take take;
    void *context;
};

struct look {
    struct SamrOpenUser_params open;
    struct SamrQueryInformationUser2_params all;
    struct SamrQuerySecurityObject_params security;
    struct SamrGetGroupsForUser_params groups;
    struct SamrGetAliasMembership_params aliases;
    bool opened, gone;
    struct nt_status denied; /* or success */
    uint32_t sids_asked, memberships;
};

_Static_assert(sizeof(struct SamrQueryInformationUser_params) ==
                       sizeof(struct SamrQueryInformationUser2_params) &&
                   offsetof(struct SamrQueryInformationUser_params, Buffer) ==
                       offsetof(struct SamrQueryInformationUser2_params, Buffer) &&
                   offsetof(struct SamrQueryInformationUser_params, Return) ==
                       offsetof(struct SamrQueryInformationUser2_params, Return),
               "the two are declared alike: one structure serves both");

static struct nt_status begin_open(struct call *c, struct look *l, const struct looks *looks, uint32_t rid)
{
    uint32_t access = USER_READ_GENERAL | USER_READ_PREFERENCES | USER_READ_LOGON | USER_READ_ACCOUNT;
    struct nt_status s;

    if (looks->needs & USER_NEED_CHANGE)
        access |= READ_CONTROL;
    if (looks->needs & USER_NEED_MEMBERSHIPS && !looks->known)
        access |= USER_LIST_GROUPS;
    l->open = (struct SamrOpenUser_params){.DesiredAccess = access, .UserId = rid};
    s = accounts_domain(c, DOMAIN_FOR_NAMES, &l->open.DomainHandle);
    if (nt_success(s))
        SAMR_BEGIN(c, SamrOpenUser, &l->open);
    return s;
}

/* What became of one request: success, or the look is over, or (a failure) everything is. */
static struct nt_status judge(struct look *l, int32_t result)
{
    struct nt_status s = NT_STATUS((uint32_t)result);

    if (nt_is(s, NT_STATUS_NO_SUCH_USER))
        l->gone = true; /* deleted since it was listed */
    else if (nt_is(s, NT_STATUS_ACCESS_DENIED))
        l->denied = s;
    else
        return s;
    return NT(STATUS_SUCCESS);
}

static bool is_over(const struct look *l)
{
    return l->gone || !nt_success(l->denied);
}

static struct nt_status begin_queries(struct call *c, struct look *l, const struct looks *looks)
{
    struct nt_status s = judge(l, l->open.Return);

    if (!nt_success(s) || is_over(l))
        return s;
    l->opened = true;
    l->all = (struct SamrQueryInformationUser2_params){.UserHandle = l->open.UserHandle,
                                                       .UserInformationClass = UserAllInformation};
    each_request(c, looks->query_opnum, &l->all, &l->all.Return, false);
    if (looks->needs & USER_NEED_CHANGE) {
        l->security = (struct SamrQuerySecurityObject_params){
            .ObjectHandle = l->open.UserHandle, .SecurityInformation = DACL_SECURITY_INFORMATION};
        SAMR_BEGIN(c, SamrQuerySecurityObject, &l->security);
    }
    if (looks->needs & USER_NEED_MEMBERSHIPS && !looks->known) {
        l->groups = (struct SamrGetGroupsForUser_params){.UserHandle = l->open.UserHandle};
        SAMR_BEGIN(c, SamrGetGroupsForUser, &l->groups);
    }
    return s;
}

/* Groups and user are members of aliases: ask for as many at once as a request takes. */
static struct nt_status begin_aliases(struct call *c, struct look *l, uint32_t rid)
{
    const SAMPR_GET_GROUPS_BUFFER *g = l->groups.Groups;
    uint32_t total = (g ? g->MembershipCount : 0) + 1, count = total - l->sids_asked;
    SAMPR_SID_INFORMATION *sids;
    struct nt_status s;

    if (!count)
        return NT(STATUS_SUCCESS);
    if (g && g->MembershipCount && !g->Groups)
        return call_fail_reply(c);
    if (count > SIDS_MAX)
        count = SIDS_MAX;
    sids = arena_array(&c->arena, count, sizeof(*sids), 8);
    if (!sids)
        return call_fail_memory(c);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = l->sids_asked + i;

        sids[i].SidPointer = accounts_sid(c, at ? g->Groups[at - 1].RelativeId : rid);
        if (!sids[i].SidPointer)
            return NT(STATUS_UNSUCCESSFUL);
    }
    l->aliases = (struct SamrGetAliasMembership_params){.SidArray = {count, sids}};
    s = accounts_domain(c, DOMAIN_FOR_ALIASES, &l->aliases.DomainHandle);
    l->sids_asked += count;
    if (nt_success(s))
        SAMR_BEGIN(c, SamrGetAliasMembership, &l->aliases);
    return s;
}

static struct nt_status check_queries(struct call *c, struct look *l, const struct looks *looks)
{
    const SAMPR_SR_SECURITY_DESCRIPTOR *sd = l->security.SecurityDescriptor;
    struct nt_status s = judge(l, l->all.Return);

    if (nt_success(s) && !is_over(l) && (!l->all.Buffer || (sd && sd->Length && !sd->SecurityDescriptor)))
        s = call_fail_reply(c);
    /* who may read a user but not its descriptor learns all but that */
    if (nt_success(s) && looks->needs & USER_NEED_CHANGE &&
        !nt_is(NT_STATUS((uint32_t)l->security.Return), NT_STATUS_ACCESS_DENIED))
        s = judge(l, l->security.Return);
    if (nt_success(s) && looks->needs & USER_NEED_MEMBERSHIPS && !looks->known)
        s = judge(l, l->groups.Return);
    return s;
}

static struct nt_status take_aliases(struct call *c, struct look *l)
{
    struct nt_status s = judge(l, l->aliases.Return);
    const SAMPR_ULONG_ARRAY *m = &l->aliases.Membership;

    if (!nt_success(s) || is_over(l))
        return s;
    if (m->Count && !m->Element)
        return call_fail_reply(c);
    for (uint32_t i = 0; i < m->Count; i++)
        l->memberships |= membership_of_alias(m->Element[i]);
    return s;
}

static struct nt_status step(struct call *c, void *object, size_t i, unsigned stage, void *context)
{
    const struct looks *looks = context;
    struct look *l = object;
    struct nt_status s = NT(STATUS_SUCCESS);

    if (stage == 0)
        return !looks->needs || looks->users[i].complete ? s : begin_open(c, l, looks, looks->users[i].rid);
    if (is_over(l))
        return s;
    if (stage == 1)
        return begin_queries(c, l, looks);
    s = stage == 2 ? check_queries(c, l, looks) : take_aliases(c, l);
    if (nt_success(s) && !is_over(l) && looks->needs & USER_NEED_MEMBERSHIPS && !looks->known)
        s = begin_aliases(c, l, looks->users[i].rid);
    return s;
}

static void end(struct call *c, void *object, size_t i, void *context)
{
    const struct look *l = object;
    struct SamrCloseHandle_params p = {.SamHandle = l->open.UserHandle};

    (void)i;
    (void)context;
    if (l->opened)
        call_post(c, SamrCloseHandle_opnum, &p);
}

static void fill(struct call *c, const struct look *l, const struct looks *looks, struct user_entry *e)
{
    const SAMPR_SR_SECURITY_DESCRIPTOR *sd = l->security.SecurityDescriptor;

    user_entry_read(e, &l->all.Buffer->All);
    if (nt_success(NT_STATUS((uint32_t)l->security.Return)) && sd)
        e->password_is_fixed =
            !user_may_change_password(sd->SecurityDescriptor, sd->Length, c->binding->domain_sid, e->rid);
    e->memberships = looks->known ? memberships_of(looks->known, e->rid, e->primary_group) : l->memberships;
}

static bool done(struct call *c, void *object, size_t i, void *context)
{
    const struct looks *looks = context;
    const struct user_listed *user = &looks->users[i];
    const struct look *l = object;
    struct user_entry entry = listed_entry(user);

    if (l->gone)
        return true;
    if (looks->needs && !user->complete && nt_success(l->denied))
        fill(c, l, looks, &entry);
    return looks->take(c, l->denied, i, &entry, looks->context);
}

/* A server that has only the older procedure says so before anything is handed out. */
static struct nt_status run(struct call *c, const struct each *each, struct looks *looks, size_t count)
{
    static const uint16_t opnums[] = {SamrQueryInformationUser2_opnum, SamrQueryInformationUser_opnum};
    struct nt_status s;

    looks->query_opnum = opnums[c->binding->user_version];
    s = each_run(c, each, count, looks);
    if (c->binding->user_version || !call_forgive_absent(c))
        return s;
    looks->query_opnum = opnums[++c->binding->user_version];
    return each_run(c, each, count, looks);
}

struct nt_status users_look(struct call *c, const struct user_listed *users, size_t count, unsigned needs,
                            size_t chunk, user_take take, void *context)
{
    struct each each = {.object_len = sizeof(struct look), .step = step, .end = end, .done = done};
    struct looks looks = {.users = users, .needs = needs, .take = take, .context = context};
    struct memberships known;
    struct nt_status s;

    each.chunk = chunk < EACH_CHUNK ? chunk : 0;
    if (needs & USER_NEED_MEMBERSHIPS && count > FEW_USERS && chunk > FEW_USERS) {
        s = memberships_learn(c, &known);
        if (nt_success(s))
            looks.known = &known;
        else if (!nt_is(s, NT_STATUS_ACCESS_DENIED) && !call_forgive_absent(c))
            return s;
    }
    return run(c, &each, &looks, count);
}
