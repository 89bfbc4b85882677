/* SPDX-License-Identifier: MIT */
/*
 * Users: attributes and groups. [MS-SAMR] 3.1.5.5.5 (rights per level: 3.1.5.5.5.1, per field: 3.1.5.5.5.2),
 * 3.1.5.9.1.
 *
 * What the database does not hold yet has the value of a new account: never logged on, never expires, may log
 * on at any hour, no home, no script.
 */
#include "server/samr_procedures.h"

#define NEVER INT64_MAX
#define HOURS_A_WEEK (7 * 24)

/* 2.2.1.8: fields of SAMPR_USER_ALL_INFORMATION, by the right that they need */
#define FIELDS_GENERAL 0x0000003fu     /* names, RID, primary group, comments */
#define FIELDS_LOGON 0x0003ffc0u       /* home to password-must-change */
#define FIELDS_ACCOUNT 0x003c0000u     /* password last set, expiry, control, parameters */
#define FIELDS_PREFERENCES 0x00c00000u /* country, code page */

#define ALL_READ (USER_READ_GENERAL | USER_READ_PREFERENCES | USER_READ_LOGON | USER_READ_ACCOUNT)

/* The rights that a level needs, all of them; 0: it cannot be queried. */
static uint32_t rights_of(int32_t level)
{
    switch (level) {
    case UserGeneralInformation:
    case UserNameInformation:
    case UserAccountNameInformation:
    case UserFullNameInformation:
    case UserPrimaryGroupInformation:
    case UserAdminCommentInformation:
        return USER_READ_GENERAL;
    case UserPreferencesInformation:
        return USER_READ_PREFERENCES | USER_READ_GENERAL;
    case UserLogonInformation:
    case UserAccountInformation:
        return ALL_READ;
    case UserLogonHoursInformation:
    case UserHomeInformation:
    case UserScriptInformation:
    case UserProfileInformation:
    case UserWorkStationsInformation:
        return USER_READ_LOGON;
    case UserControlInformation:
    case UserExpiresInformation:
    case UserParametersInformation:
        return USER_READ_ACCOUNT;
    default:
        return 0;
    }
}

static SAMPR_LOGON_HOURS any_hour(void)
{
    static const uint8_t hours[HOURS_A_WEEK / 8] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                                    255, 255, 255, 255, 255, 255, 255, 255, 255, 255};

    return (SAMPR_LOGON_HOURS){.UnitsPerWeek = HOURS_A_WEEK, .LogonHours = (uint8_t *)(uintptr_t)hours};
}

static SAMPR_USER_LOGON_INFORMATION logon(const struct sam_user *u)
{
    return (SAMPR_USER_LOGON_INFORMATION){
        .UserName = samr_string(u->name),
        .FullName = samr_string(u->full_name),
        .UserId = u->rid,
        .PrimaryGroupId = u->primary_group,
        .PasswordLastSet = samr_large(u->created),
        .PasswordCanChange = samr_large(u->created),
        .PasswordMustChange = samr_large(NEVER),
        .LogonHours = any_hour(),
        .UserAccountControl = u->control,
    };
}

static SAMPR_USER_ACCOUNT_INFORMATION account(const struct sam_user *u)
{
    return (SAMPR_USER_ACCOUNT_INFORMATION){
        .UserName = samr_string(u->name),
        .FullName = samr_string(u->full_name),
        .UserId = u->rid,
        .PrimaryGroupId = u->primary_group,
        .AdminComment = samr_string(u->comment),
        .LogonHours = any_hour(),
        .PasswordLastSet = samr_large(u->created),
        .AccountExpires = samr_large(NEVER),
        .UserAccountControl = u->control,
    };
}

/* The levels whose fields are all empty are left as they are: zero. */
static void fill(int32_t level, const struct sam_user *u, SAMPR_USER_INFO_BUFFER *out)
{
    switch (level) {
    case UserGeneralInformation:
        out->General = (SAMPR_USER_GENERAL_INFORMATION){.UserName = samr_string(u->name),
                                                        .FullName = samr_string(u->full_name),
                                                        .PrimaryGroupId = u->primary_group,
                                                        .AdminComment = samr_string(u->comment)};
        break;
    case UserLogonInformation:
        out->Logon = logon(u);
        break;
    case UserLogonHoursInformation:
        out->LogonHours.LogonHours = any_hour();
        break;
    case UserAccountInformation:
        out->Account = account(u);
        break;
    case UserNameInformation:
        out->Name.UserName = samr_string(u->name);
        out->Name.FullName = samr_string(u->full_name);
        break;
    case UserAccountNameInformation:
        out->AccountName.UserName = samr_string(u->name);
        break;
    case UserFullNameInformation:
        out->FullName.FullName = samr_string(u->full_name);
        break;
    case UserPrimaryGroupInformation:
        out->PrimaryGroup.PrimaryGroupId = u->primary_group;
        break;
    case UserAdminCommentInformation:
        out->AdminComment.AdminComment = samr_string(u->comment);
        break;
    case UserControlInformation:
        out->Control.UserAccountControl = u->control;
        break;
    case UserExpiresInformation:
        out->Expires.AccountExpires = samr_large(NEVER);
        break;
    default:
        break;
    }
}

/* Only the fields that the handle's rights cover, as WhichFields says. */
static struct nt_status fill_all(uint32_t granted, const struct sam_user *u, SAMPR_USER_ALL_INFORMATION *out)
{
    if (granted & USER_READ_GENERAL) {
        out->UserName = samr_string(u->name);
        out->FullName = samr_string(u->full_name);
        out->UserId = u->rid;
        out->PrimaryGroupId = u->primary_group;
        out->AdminComment = samr_string(u->comment);
        out->WhichFields |= FIELDS_GENERAL;
    }
    if (granted & USER_READ_LOGON) {
        out->LogonHours = any_hour();
        out->PasswordCanChange = samr_large(u->created);
        out->PasswordMustChange = samr_large(NEVER);
        out->WhichFields |= FIELDS_LOGON;
    }
    if (granted & USER_READ_ACCOUNT) {
        out->PasswordLastSet = samr_large(u->created);
        out->AccountExpires = samr_large(NEVER);
        out->UserAccountControl = u->control;
        out->WhichFields |= FIELDS_ACCOUNT;
    }
    if (granted & USER_READ_PREFERENCES)
        out->WhichFields |= FIELDS_PREFERENCES;
    return out->WhichFields ? NT(STATUS_SUCCESS) : NT(STATUS_ACCESS_DENIED);
}

static struct nt_status query(struct call *c, int32_t level, SAMPR_USER_INFO_BUFFER **buffer)
{
    uint32_t rights = rights_of(level);
    SAMPR_USER_INFO_BUFFER *out = arena_alloc(c->arena, sizeof(*out), 8);
    struct sam_user user;
    struct nt_status status;

    if (!rights && level != UserAllInformation)
        return NT(STATUS_INVALID_INFO_CLASS);
    if (rights & ~c->context->granted)
        return NT(STATUS_ACCESS_DENIED);
    if (!out)
        return NT(STATUS_NO_MEMORY);
    status = sam_user_get(c->sam, c->context->rid, c->arena, &user);
    if (nt_success(status) && level == UserAllInformation)
        status = fill_all(c->context->granted, &user, &out->All);
    else if (nt_success(status))
        fill(level, &user, out);
    if (nt_success(status))
        *buffer = out;
    return status;
}

struct nt_status serve_SamrQueryInformationUser(struct call *c, struct SamrQueryInformationUser_params *p)
{
    return query(c, p->UserInformationClass, &p->Buffer);
}

struct nt_status serve_SamrQueryInformationUser2(struct call *c, struct SamrQueryInformationUser2_params *p)
{
    return query(c, p->UserInformationClass, &p->Buffer);
}

struct nt_status serve_SamrGetGroupsForUser(struct call *c, struct SamrGetGroupsForUser_params *p)
{
    SAMPR_GET_GROUPS_BUFFER *out = arena_alloc(c->arena, sizeof(*out), 8);
    struct sam_member *groups;
    size_t count;
    struct nt_status status = sam_user_groups(c->sam, c->context->rid, c->arena, &groups, &count);

    if (!nt_success(status))
        return status;
    if (!out || count > UINT32_MAX)
        return NT(STATUS_NO_MEMORY);
    out->MembershipCount = (uint32_t)count;
    out->Groups = count ? arena_array(c->arena, count, sizeof(*out->Groups), 4) : NULL;
    if (count && !out->Groups)
        return NT(STATUS_NO_MEMORY);
    for (size_t i = 0; i < count; i++)
        out->Groups[i] = (GROUP_MEMBERSHIP){.RelativeId = groups[i].rid, .Attributes = groups[i].attributes};
    p->Groups = out;
    return status;
}
