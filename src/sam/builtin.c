/* SPDX-License-Identifier: MIT */
/*
 * What a new database holds: the account domain with a random SID, BUILTIN, and the accounts that Windows
 * creates on a machine that is not a domain controller.
 *
 * Invariant: everything here has a RID below 1000, so it is never given to another account.
 */
#include "sam/rules.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <uchar.h>
#include <unistd.h>

#define NETBIOS_MAX 15
#define FILETIME_OF_1970 INT64_C(116444736000000000)
#define SECOND INT64_C(10000000) /* in 100 ns */

struct builtin {
    uint32_t rid, attributes;
    const char16_t *name, *comment;
};

static const struct builtin users[] = {
    {SAM_RID_ADMINISTRATOR, SAM_USER_NORMAL | SAM_USER_DONT_EXPIRE_PASSWORD | SAM_USER_DISABLED,
     u"Administrator", u"Predefined account that administers this computer"},
    {SAM_RID_GUEST,
     SAM_USER_NORMAL | SAM_USER_DONT_EXPIRE_PASSWORD | SAM_USER_PASSWORD_NOT_REQUIRED | SAM_USER_DISABLED,
     u"Guest", u"Predefined account for visitors"},
    {503,
     SAM_USER_NORMAL | SAM_USER_DONT_EXPIRE_PASSWORD | SAM_USER_PASSWORD_NOT_REQUIRED | SAM_USER_DISABLED,
     u"DefaultAccount", u"Account that the system looks after itself"},
    {504, SAM_USER_NORMAL | SAM_USER_DISABLED, u"WDAGUtilityAccount",
     u"Account that the system uses for isolated applications"},
};

static const struct builtin groups[] = {
    {SAM_RID_NONE_GROUP, SAM_GROUP_ATTRIBUTES, u"None", u"Ordinary users"},
};

static const struct builtin aliases[] = {
    {SAM_RID_ADMINISTRATORS, 0, u"Administrators", u"May do everything on this computer"},
    {545, 0, u"Users", u"May use this computer, but not change it for everybody"},
    {546, 0, u"Guests", u"May use this computer as visitors"},
    {547, 0, u"Power Users", u"Kept for old programs; rights close to those of Users"},
    {550, 0, u"Print Operators", u"Look after the printers"},
    {551, 0, u"Backup Operators", u"May read and restore all files for backups"},
    {552, 0, u"Replicator", u"Copies files between the computers of a domain"},
    {555, 0, u"Remote Desktop Users", u"May log on from afar"},
    {556, 0, u"Network Configuration Operators", u"May set up the network"},
    {558, 0, u"Performance Monitor Users", u"May read performance counters, also from afar"},
    {559, 0, u"Performance Log Users", u"May record performance counters and traces"},
    {562, 0, u"Distributed COM Users", u"May start and use DCOM objects"},
    {568, 0, u"IIS_IUSRS", u"Web server processes"},
    {569, 0, u"Cryptographic Operators", u"May perform cryptographic operations"},
    {573, 0, u"Event Log Readers", u"May read the event logs"},
    {574, 0, u"Certificate Service DCOM Access", u"May reach certification authorities"},
    {575, 0, u"RDS Remote Access Servers", u"Servers that give access to desktops and programs"},
    {576, 0, u"RDS Endpoint Servers", u"Servers that run desktops and programs of users"},
    {577, 0, u"RDS Management Servers", u"Servers that manage remote desktop services"},
    {578, 0, u"Hyper-V Administrators", u"May do everything with virtual machines"},
    {579, 0, u"Access Control Assistance Operators", u"May ask from afar who has access to what"},
    {580, 0, u"Remote Management Users", u"May use management interfaces from afar"},
    {581, 0, u"System Managed Accounts Group", u"Accounts that the system looks after itself"},
    {582, 0, u"Storage Replica Administrators", u"May do everything with replicated storage"},
    {583, 0, u"Device Owners", u"May change settings of the whole device"},
};

/* Members of local groups: `rid` of the account domain, or the well-known S-1-5-`nt` when it is 0. */
static const struct {
    uint32_t alias, rid, nt;
} alias_members[] = {
    {SAM_RID_ADMINISTRATORS, SAM_RID_ADMINISTRATOR, 0},
    {545, 0, 4},
    {545, 0, 11}, /* interactive, authenticated users */
    {546, SAM_RID_GUEST, 0},
    {568, 0, 17}, /* IUSR */
    {581, 503, 0},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sam_text text(const char16_t *s)
{
    size_t count = 0;

    while (s[count])
        count++;
    return (struct sam_text){.chars = (const uint16_t *)s, .count = count};
}

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return FILETIME_OF_1970 + t.tv_sec * SECOND + t.tv_nsec / 100;
}

/* The machine's name as NetBIOS knows it: first label, upper case, at most 15 characters. */
static size_t machine_name(uint16_t name[NETBIOS_MAX])
{
    static const char fallback[] = "LOCALHOST";
    char host[256];
    size_t count = 0;

    if (gethostname(host, sizeof(host)) != 0)
        host[0] = '\0';
    host[sizeof(host) - 1] = '\0';
    for (const char *p = host; *p && *p != '.' && count < NETBIOS_MAX; p++) {
        char c = *p >= 'a' && *p <= 'z' ? (char)(*p - ('a' - 'A')) : *p;

        if (c > ' ' && c < 0x7F && !strchr("\"/\\[]:|<>+=;?*,", c))
            name[count++] = (uint16_t)c;
    }
    for (size_t i = 0; !count && fallback[i]; i++)
        name[i] = (uint16_t)fallback[i];
    return count ? count : sizeof(fallback) - 1;
}

static bool random_sid(struct sam_sid *sid)
{
    *sid = (struct sam_sid){.revision = 1, .count = 4, .authority = {[5] = 5}, .sub = {21}};
    for (uint8_t *at = (uint8_t *)(sid->sub + 1), *end = (uint8_t *)(sid->sub + 4); at < end;) {
        ssize_t n = getrandom(at, (size_t)(end - at), 0);

        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? n : 0;
    }
    return true;
}

static struct nt_status insert(struct sam_store *store, enum sam_domain domain, enum sam_kind kind,
                               const struct builtin *b, struct sam_counters *counters)
{
    struct sam_record r = {.domain = domain,
                           .kind = kind,
                           .rid = b->rid,
                           .attributes = b->attributes,
                           .name = text(b->name),
                           .comment = text(b->comment)};
    struct sam_key key;

    counters->kinds[kind].count++;
    counters->kinds[kind].text_bytes += 2 * (r.name.count + r.comment.count);
    sam_name_key(r.name, &key);
    return store->ops->insert(store, &r, &key);
}

static struct nt_status fill_account(struct sam_store *store, const struct sam_domain_info *info,
                                     struct sam_counters *c)
{
    struct sam_user_record user = {.primary_group = SAM_RID_NONE_GROUP, .created = info->created};
    struct nt_status status = NT(STATUS_SUCCESS);

    for (size_t i = 0; i < COUNT(groups) && nt_success(status); i++)
        status = insert(store, SAM_ACCOUNT, SAM_GROUP, &groups[i], c);
    for (size_t i = 0; i < COUNT(users) && nt_success(status); i++) {
        status = insert(store, SAM_ACCOUNT, SAM_USER, &users[i], c);
        if (nt_success(status))
            status = store->ops->user_insert(store, users[i].rid, &user);
        if (nt_success(status))
            status = store->ops->member_add(store, SAM_RID_NONE_GROUP, users[i].rid, SAM_GROUP_ATTRIBUTES);
    }
    return status;
}

static struct nt_status fill_builtin(struct sam_store *store, const struct sam_sid *account_sid,
                                     struct sam_counters *c)
{
    struct nt_status status = NT(STATUS_SUCCESS);

    for (size_t i = 0; i < COUNT(aliases) && nt_success(status); i++)
        status = insert(store, SAM_BUILTIN, SAM_ALIAS, &aliases[i], c);
    for (size_t i = 0; i < COUNT(alias_members) && nt_success(status); i++) {
        struct sam_sid sid = {
            .revision = 1, .count = 1, .authority = {[5] = 5}, .sub = {alias_members[i].nt}};

        if (alias_members[i].rid) {
            sid = *account_sid;
            sid.sub[sid.count++] = alias_members[i].rid;
        }
        status = store->ops->alias_member_add(store, SAM_BUILTIN, alias_members[i].alias, &sid);
    }
    return status;
}

struct nt_status sam_builtin_fill(struct sam_store *store)
{
    static const struct sam_sid builtin_sid = {
        .revision = 1, .count = 1, .authority = {[5] = 5}, .sub = {32}};
    uint16_t name[NETBIOS_MAX];
    struct sam_domain_info info = {
        .name = {.chars = name, .count = machine_name(name)},
        .created = now(),
        .max_password_age = -42 * 24 * 3600 * SECOND,
        .force_logoff = INT64_MIN, /* never */
        .lockout_duration = -30 * 60 * SECOND,
        .lockout_window = -30 * 60 * SECOND,
    };
    struct sam_counters counters[SAM_DOMAIN_COUNT] = {{.next_rid = SAM_FIRST_RID},
                                                      {.next_rid = SAM_FIRST_RID}};
    struct sam_sid account_sid;
    struct nt_status status = random_sid(&account_sid) ? NT(STATUS_SUCCESS) : NT(STATUS_UNSUCCESSFUL);

    info.sid = account_sid;
    if (nt_success(status))
        status = store->ops->domain_insert(store, SAM_ACCOUNT, &info);
    info.name = text(u"Builtin");
    info.sid = builtin_sid;
    if (nt_success(status))
        status = store->ops->domain_insert(store, SAM_BUILTIN, &info);
    if (nt_success(status))
        status = fill_account(store, &info, &counters[SAM_ACCOUNT]);
    if (nt_success(status))
        status = fill_builtin(store, &account_sid, &counters[SAM_BUILTIN]);
    for (int d = 0; d < SAM_DOMAIN_COUNT && nt_success(status); d++)
        status = store->ops->counters_set(store, (enum sam_domain)d, &counters[d]);
    return status;
}
