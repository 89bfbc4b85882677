/* SPDX-License-Identifier: MIT */
/*
 * Attributes of a domain: its policy, counts, names. [MS-SAMR] 3.1.5.5.1, 3.1.5.13.3, 3.1.5.13.4; rights per
 * level: 3.1.2.2.
 */
#include "server/samr_procedures.h"

#define UAS_COMPATIBLE 1 /* the domain requires names that LAN Manager's clients can show (2.2.3.1) */

/* The rights that a level needs; 0: no such level. */
static uint32_t rights_of(int32_t level)
{
    switch (level) {
    case DomainPasswordInformation:
    case DomainLockoutInformation:
        return DOMAIN_READ_PASSWORD_PARAMETERS;
    case DomainGeneralInformation2:
        return DOMAIN_READ_PASSWORD_PARAMETERS | DOMAIN_READ_OTHER_PARAMETERS;
    case DomainGeneralInformation:
    case DomainLogoffInformation:
    case DomainOemInformation:
    case DomainNameInformation:
    case DomainReplicationInformation:
    case DomainServerRoleInformation:
    case DomainModifiedInformation:
    case DomainStateInformation:
    case DomainModifiedInformation2:
        return DOMAIN_READ_OTHER_PARAMETERS;
    default:
        return 0;
    }
}

static DOMAIN_PASSWORD_INFORMATION password(const struct sam_domain_info *info)
{
    return (DOMAIN_PASSWORD_INFORMATION){.MinPasswordLength = info->min_password_length,
                                         .PasswordHistoryLength = info->password_history_length,
                                         .PasswordProperties = info->password_properties,
                                         .MaxPasswordAge = samr_large(info->max_password_age),
                                         .MinPasswordAge = samr_large(info->min_password_age)};
}

static SAMPR_DOMAIN_GENERAL_INFORMATION general(const struct sam_domain_info *info)
{
    return (SAMPR_DOMAIN_GENERAL_INFORMATION){
        .ForceLogoff = samr_large(info->force_logoff),
        .DomainName = samr_string(info->name),
        .DomainModifiedCount = samr_large((int64_t)info->modified_count),
        .DomainServerState = DomainServerEnabled,
        .DomainServerRole = DomainServerRolePrimary,
        .UasCompatibilityRequired = UAS_COMPATIBLE,
        .UserCount = info->user_count,
        .GroupCount = info->group_count,
        .AliasCount = info->alias_count,
    };
}

static SAMPR_DOMAIN_LOCKOUT_INFORMATION lockout(const struct sam_domain_info *info)
{
    return (SAMPR_DOMAIN_LOCKOUT_INFORMATION){.LockoutDuration.QuadPart = info->lockout_duration,
                                              .LockoutObservationWindow.QuadPart = info->lockout_window,
                                              .LockoutThreshold = info->lockout_threshold};
}

/* OEM information and the replica's source are empty: nothing can set them. */
static void fill(int32_t level, const struct sam_domain_info *info, SAMPR_DOMAIN_INFO_BUFFER *out)
{
    switch (level) {
    case DomainPasswordInformation:
        out->Password = password(info);
        break;
    case DomainGeneralInformation:
        out->General = general(info);
        break;
    case DomainLogoffInformation:
        out->Logoff.ForceLogoff = samr_large(info->force_logoff);
        break;
    case DomainNameInformation:
        out->Name.DomainName = samr_string(info->name);
        break;
    case DomainServerRoleInformation:
        out->Role.DomainServerRole = DomainServerRolePrimary;
        break;
    case DomainModifiedInformation:
        out->Modified.DomainModifiedCount = samr_large((int64_t)info->modified_count);
        out->Modified.CreationTime = samr_large(info->created);
        break;
    case DomainStateInformation:
        out->State.DomainServerState = DomainServerEnabled;
        break;
    case DomainGeneralInformation2: {
        SAMPR_DOMAIN_LOCKOUT_INFORMATION l = lockout(info);

        out->General2.I1 = general(info);
        out->General2.LockoutDuration = l.LockoutDuration;
        out->General2.LockoutObservationWindow = l.LockoutObservationWindow;
        out->General2.LockoutThreshold = l.LockoutThreshold;
        break;
    }
    case DomainLockoutInformation:
        out->Lockout = lockout(info);
        break;
    case DomainModifiedInformation2:
        out->Modified2.DomainModifiedCount = samr_large((int64_t)info->modified_count);
        out->Modified2.CreationTime = samr_large(info->created);
        break;
    default:
        break;
    }
}

static struct nt_status query(struct call *c, int32_t level, SAMPR_DOMAIN_INFO_BUFFER **out)
{
    uint32_t rights = rights_of(level);
    SAMPR_DOMAIN_INFO_BUFFER *buffer;
    struct sam_domain_info info;
    struct nt_status status;

    if (!rights)
        return NT(STATUS_INVALID_INFO_CLASS);
    if (rights & ~c->context->granted)
        return NT(STATUS_ACCESS_DENIED);
    buffer = arena_alloc(c->arena, sizeof(*buffer), 8);
    if (!buffer)
        return NT(STATUS_NO_MEMORY);
    status = sam_domain_get(c->sam, c->context->domain, c->arena, &info);
    if (!nt_success(status))
        return status;
    fill(level, &info, buffer);
    *out = buffer;
    return NT(STATUS_SUCCESS);
}

struct nt_status serve_SamrQueryInformationDomain(struct call *c, struct SamrQueryInformationDomain_params *p)
{
    return query(c, p->DomainInformationClass, &p->Buffer);
}

struct nt_status serve_SamrQueryInformationDomain2(struct call *c,
                                                   struct SamrQueryInformationDomain2_params *p)
{
    return query(c, p->DomainInformationClass, &p->Buffer);
}

static struct nt_status password_rules(struct call *c, USER_DOMAIN_PASSWORD_INFORMATION *out)
{
    struct sam_domain_info info;
    struct nt_status status = sam_domain_get(c->sam, SAM_ACCOUNT, c->arena, &info);

    if (nt_success(status)) {
        out->MinPasswordLength = info.min_password_length;
        out->PasswordProperties = info.password_properties;
    }
    return status;
}

struct nt_status serve_SamrGetDomainPasswordInformation(struct call *c,
                                                        struct SamrGetDomainPasswordInformation_params *p)
{
    return password_rules(c, &p->PasswordInformation);
}

/* Everybody has DOMAIN_READ_PASSWORD_PARAMETERS, so nothing is checked beyond the handle. */
struct nt_status
serve_SamrGetUserDomainPasswordInformation(struct call *c,
                                           struct SamrGetUserDomainPasswordInformation_params *p)
{
    return password_rules(c, &p->PasswordInformation);
}
