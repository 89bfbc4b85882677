/* SPDX-License-Identifier: MIT */
/*
 * What the levels of a user's information hold, made of what a server tells: see user.h.
 *
 * Text is never NULL (programs written for Windows read it unasked), but for the password, which no function
 * returns.
 */
#include "netapi/user.h"

#include <stddef.h>
#include <string.h>

#include "api.h"

#define SAME(a, b, member) \
    (offsetof(USER_INFO_##a, usri##a##_##member) == offsetof(USER_INFO_##b, usri##b##_##member))

_Static_assert(SAME(0, 1, name) && SAME(1, 2, name) && SAME(1, 2, script_path) && SAME(2, 3, auth_flags) &&
                   SAME(2, 3, code_page) && SAME(2, 4, auth_flags) && SAME(2, 4, code_page),
               "level 1 begins level 2, which begins levels 3 and 4: one function fills each part");
_Static_assert(SAME(10, 11, name) && SAME(10, 11, full_name), "level 10 begins level 11");
_Static_assert(SAME(20, 23, name) && SAME(20, 23, flags), "level 20 begins level 23");

static const struct user_level levels[] = {
    {0, api_type_USER_INFO_0, true, 0},
    {1, api_type_USER_INFO_1, true, USER_NEED_INFORMATION | USER_NEED_CHANGE | USER_NEED_MEMBERSHIPS},
    {2, api_type_USER_INFO_2, true, USER_NEED_INFORMATION | USER_NEED_CHANGE | USER_NEED_MEMBERSHIPS},
    {3, api_type_USER_INFO_3, true, USER_NEED_INFORMATION | USER_NEED_CHANGE | USER_NEED_MEMBERSHIPS},
    {4, api_type_USER_INFO_4, false, USER_NEED_INFORMATION | USER_NEED_CHANGE | USER_NEED_MEMBERSHIPS},
    {10, api_type_USER_INFO_10, true, USER_NEED_INFORMATION},
    {11, api_type_USER_INFO_11, true, USER_NEED_INFORMATION | USER_NEED_MEMBERSHIPS},
    {20, api_type_USER_INFO_20, true, USER_NEED_INFORMATION | USER_NEED_CHANGE},
    {23, api_type_USER_INFO_23, false, USER_NEED_INFORMATION | USER_NEED_CHANGE},
    {24, api_type_USER_INFO_24, false, USER_NEED_INFORMATION | USER_NEED_CHANGE},
};

const struct user_level *user_level_find(DWORD level)
{
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        if (levels[i].level == level)
            return &levels[i];
    return NULL;
}

/* Times */

#define FILETIME_PER_SECOND 10000000
#define SECONDS_TO_1970 INT64_C(11644473600)

static int64_t seconds_since_1970(int64_t filetime)
{
    return filetime / FILETIME_PER_SECOND - SECONDS_TO_1970;
}

static DWORD clamp(int64_t seconds)
{
    return seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (DWORD)seconds;
}

/* 0: not known. */
static DWORD moment(int64_t filetime)
{
    return filetime <= 0 || filetime == FILETIME_NEVER ? 0 : clamp(seconds_since_1970(filetime));
}

/* 0 stands for never too ([MS-ADTS] accountExpires); so does a time that the member cannot hold. */
static DWORD expiry(int64_t filetime)
{
    return filetime <= 0 ? TIMEQ_FOREVER : clamp(seconds_since_1970(filetime));
}

/* A password that was never set, or is to be changed at once, has no age. */
static DWORD password_age(const struct user_entry *e, int64_t now)
{
    return e->password_set <= 0 || e->password_set == FILETIME_NEVER
               ? 0
               : clamp(now - seconds_since_1970(e->password_set));
}

/* The time to change it is 0 when that is at the next logon. Where Samba says never it may say so in a number
 * that has run over, and is negative. */
static DWORD password_expired(const struct user_entry *e, int64_t now)
{
    return e->password_expired || (e->control & USER_PASSWORD_EXPIRED_BIT) ||
           (e->password_must_change >= 0 && e->password_must_change != FILETIME_NEVER &&
            seconds_since_1970(e->password_must_change) <= now);
}

/* Bits */

static DWORD flags(const struct user_entry *e)
{
    static const struct {
        uint32_t control;
        DWORD flag;
    } map[] = {
        {USER_ACCOUNT_DISABLED, UF_ACCOUNTDISABLE},
        {USER_HOME_DIRECTORY_REQUIRED, UF_HOMEDIR_REQUIRED},
        {USER_PASSWORD_NOT_REQUIRED, UF_PASSWD_NOTREQD},
        {USER_TEMP_DUPLICATE_ACCOUNT, UF_TEMP_DUPLICATE_ACCOUNT},
        {USER_NORMAL_ACCOUNT, UF_NORMAL_ACCOUNT},
        {USER_MNS_LOGON_ACCOUNT, UF_MNS_LOGON_ACCOUNT},
        {USER_INTERDOMAIN_TRUST_ACCOUNT, UF_INTERDOMAIN_TRUST_ACCOUNT},
        {USER_WORKSTATION_TRUST_ACCOUNT, UF_WORKSTATION_TRUST_ACCOUNT},
        {USER_SERVER_TRUST_ACCOUNT, UF_SERVER_TRUST_ACCOUNT},
        {USER_DONT_EXPIRE_PASSWORD, UF_DONT_EXPIRE_PASSWD},
        {USER_ACCOUNT_AUTO_LOCKED, UF_LOCKOUT},
        {USER_ENCRYPTED_TEXT_PASSWORD_ALLOWED, UF_ENCRYPTED_TEXT_PASSWORD_ALLOWED},
        {USER_SMARTCARD_REQUIRED, UF_SMARTCARD_REQUIRED},
        {USER_TRUSTED_FOR_DELEGATION, UF_TRUSTED_FOR_DELEGATION},
        {USER_NOT_DELEGATED, UF_NOT_DELEGATED},
        {USER_USE_DES_KEY_ONLY, UF_USE_DES_KEY_ONLY},
        {USER_DONT_REQUIRE_PREAUTH, UF_DONT_REQUIRE_PREAUTH},
        {USER_PASSWORD_EXPIRED_BIT, UF_PASSWORD_EXPIRED},
        {USER_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION, UF_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION},
        {USER_NO_AUTH_DATA_REQUIRED, UF_NO_AUTH_DATA_REQUIRED},
    };
    DWORD out = UF_SCRIPT; /* always set: win32:changing-elements-of-user-information */

    for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        if (e->control & map[i].control)
            out |= map[i].flag;
    return e->password_is_fixed ? out | UF_PASSWD_CANT_CHANGE : out;
}

static DWORD privilege(const struct user_entry *e)
{
    return e->memberships & USER_IN_ADMINISTRATORS ? USER_PRIV_ADMIN
           : e->memberships & USER_IN_GUESTS       ? USER_PRIV_GUEST
                                                   : USER_PRIV_USER;
}

/* Nobody is a communications operator: there is no such local group. */
static DWORD operator_flags(const struct user_entry *e)
{
    return (e->memberships & USER_IN_PRINT_OPERATORS ? AF_OP_PRINT : 0) |
           (e->memberships & USER_IN_SERVER_OPERATORS ? AF_OP_SERVER : 0) |
           (e->memberships & USER_IN_ACCOUNT_OPERATORS ? AF_OP_ACCOUNTS : 0);
}

/* Parts */

static LPWSTR any_server(void)
{
    static const WCHAR name[] = u"\\\\*"; /* any may check the password */

    return (LPWSTR)name;
}

static DWORD logon_hours(const struct user_entry *e, PBYTE *hours)
{
    static const BYTE always[UNITS_PER_WEEK / 8] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                                    255, 255, 255, 255, 255, 255, 255, 255, 255, 255};

    *hours = (PBYTE)(e->logon_hours ? e->logon_hours : always);
    return e->logon_hours ? e->units_per_week : UNITS_PER_WEEK;
}

static void fill_1(struct call *c, const struct user_entry *e, int64_t now, USER_INFO_1 *i)
{
    i->usri1_name = text_copy(c, e->name);
    i->usri1_password_age = password_age(e, now);
    i->usri1_priv = privilege(e);
    i->usri1_home_dir = text_copy(c, e->home);
    i->usri1_comment = text_copy(c, e->comment);
    i->usri1_flags = flags(e);
    i->usri1_script_path = text_copy(c, e->script);
}

/* What it has and level 1 has not. */
static void fill_2(struct call *c, const struct user_entry *e, USER_INFO_2 *i)
{
    i->usri2_auth_flags = operator_flags(e);
    i->usri2_full_name = text_copy(c, e->full_name);
    i->usri2_usr_comment = text_copy(c, e->user_comment);
    i->usri2_parms = text_copy(c, e->parameters);
    i->usri2_workstations = text_copy(c, e->workstations);
    i->usri2_last_logon = moment(e->last_logon);
    i->usri2_last_logoff = moment(e->last_logoff);
    i->usri2_acct_expires = expiry(e->account_expires);
    i->usri2_max_storage = USER_MAXSTORAGE_UNLIMITED;
    i->usri2_units_per_week = logon_hours(e, &i->usri2_logon_hours);
    i->usri2_bad_pw_count = e->bad_passwords;
    i->usri2_num_logons = e->logons;
    i->usri2_logon_server = any_server();
    i->usri2_country_code = e->country;
    i->usri2_code_page = e->code_page;
}

static void fill_3(struct call *c, const struct user_entry *e, int64_t now, USER_INFO_3 *i)
{
    i->usri3_user_id = e->rid;
    i->usri3_primary_group_id = e->primary_group;
    i->usri3_profile = text_copy(c, e->profile);
    i->usri3_home_dir_drive = text_copy(c, e->home_drive);
    i->usri3_password_expired = password_expired(e, now);
}

static void fill_4(struct call *c, const struct user_entry *e, int64_t now, USER_INFO_4 *i)
{
    i->usri4_user_sid = accounts_sid(c, e->rid);
    i->usri4_primary_group_id = e->primary_group;
    i->usri4_profile = text_copy(c, e->profile);
    i->usri4_home_dir_drive = text_copy(c, e->home_drive);
    i->usri4_password_expired = password_expired(e, now);
}

static void fill_10(struct call *c, const struct user_entry *e, USER_INFO_10 *i)
{
    i->usri10_name = text_copy(c, e->name);
    i->usri10_comment = text_copy(c, e->comment);
    i->usri10_usr_comment = text_copy(c, e->user_comment);
    i->usri10_full_name = text_copy(c, e->full_name);
}

static void fill_11(struct call *c, const struct user_entry *e, int64_t now, USER_INFO_11 *i)
{
    i->usri11_priv = privilege(e);
    i->usri11_auth_flags = operator_flags(e);
    i->usri11_password_age = password_age(e, now);
    i->usri11_home_dir = text_copy(c, e->home);
    i->usri11_parms = text_copy(c, e->parameters);
    i->usri11_last_logon = moment(e->last_logon);
    i->usri11_last_logoff = moment(e->last_logoff);
    i->usri11_bad_pw_count = e->bad_passwords;
    i->usri11_num_logons = e->logons;
    i->usri11_logon_server = any_server();
    i->usri11_country_code = e->country;
    i->usri11_workstations = text_copy(c, e->workstations);
    i->usri11_max_storage = USER_MAXSTORAGE_UNLIMITED;
    i->usri11_units_per_week = logon_hours(e, &i->usri11_logon_hours);
    i->usri11_code_page = e->code_page;
}

static void fill_20(struct call *c, const struct user_entry *e, USER_INFO_20 *i)
{
    i->usri20_name = text_copy(c, e->name);
    i->usri20_full_name = text_copy(c, e->full_name);
    i->usri20_comment = text_copy(c, e->comment);
    i->usri20_flags = flags(e);
}

/* An account that no Internet identity is connected with: there are no others here. */
static void fill_24(struct call *c, const struct user_entry *e, USER_INFO_24 *i)
{
    i->usri24_internet_identity = FALSE;
    i->usri24_flags = flags(e);
    i->usri24_internet_provider_name = text_copy(c, (struct text){0});
    i->usri24_internet_principal_name = text_copy(c, (struct text){0});
    i->usri24_user_sid = accounts_sid(c, e->rid);
}

bool user_fill(struct call *c, DWORD level, const struct user_entry *entry, int64_t now,
               union user_info *info)
{
    memset(info, 0, sizeof(*info));
    if (level == 0)
        info->level0.usri0_name = text_copy(c, entry->name);
    if (level >= 1 && level <= 4)
        fill_1(c, entry, now, &info->level1);
    if (level >= 2 && level <= 4)
        fill_2(c, entry, &info->level2);
    if (level == 3)
        fill_3(c, entry, now, &info->level3);
    if (level == 4)
        fill_4(c, entry, now, &info->level4);
    if (level == 10 || level == 11)
        fill_10(c, entry, &info->level10);
    if (level == 11)
        fill_11(c, entry, now, &info->level11);
    if (level == 20 || level == 23)
        fill_20(c, entry, &info->level20);
    if (level == 20)
        info->level20.usri20_user_id = entry->rid;
    if (level == 23)
        info->level23.usri23_user_sid = accounts_sid(c, entry->rid);
    if (level == 24)
        fill_24(c, entry, &info->level24);
    return !c->failure.v;
}
