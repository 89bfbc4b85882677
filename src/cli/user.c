/* SPDX-License-Identifier: MIT */
/*
 * `netmgmt user ...`: one function for each command.
 */
#include "cli.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAGE_LEN (1024 * 1024)

enum {
    COLUMN_NAME,
    COLUMN_RID,
    COLUMN_SID,
    COLUMN_FULL_NAME,
    COLUMN_COMMENT,
    COLUMN_FLAGS,
    COLUMN_PRIVILEGE,
    COLUMN_OPERATOR,
    COLUMN_LAST_LOGON,
    COLUMN_PASSWORD_SET,
    COLUMN_EXPIRES,
    COLUMN_HOME,
    COLUMN_SCRIPT,
    COLUMN_PROFILE,
    COLUMN_WORKSTATIONS
};

static const struct column columns[] = {
    [COLUMN_NAME] = {"NAME", "name of the user", 0.15, 0, false},
    [COLUMN_RID] = {"RID", "relative identifier", 4, SCOLS_FL_RIGHT, true},
    [COLUMN_SID] = {"SID", "security identifier", 20, 0, false},
    [COLUMN_FULL_NAME] = {"FULL-NAME", "full name", 0.2, SCOLS_FL_TRUNC, false},
    [COLUMN_COMMENT] = {"COMMENT", "comment", 0.3, SCOLS_FL_TRUNC, false},
    [COLUMN_FLAGS] = {"FLAGS", "kind and state of the account: UF_ bits", 0.2, 0, false},
    [COLUMN_PRIVILEGE] = {"PRIVILEGE", "admin, user or guest", 5, 0, false},
    [COLUMN_OPERATOR] = {"OPERATOR", "operator of accounts, server, print", 5, 0, false},
    [COLUMN_LAST_LOGON] = {"LAST-LOGON", "when he last logged on, to this server", 20, 0, false},
    [COLUMN_PASSWORD_SET] = {"PASSWORD-SET", "when the password was set", 20, 0, false},
    [COLUMN_EXPIRES] = {"EXPIRES", "when the account expires", 20, 0, false},
    [COLUMN_HOME] = {"HOME", "home directory, and its drive", 0.2, 0, false},
    [COLUMN_SCRIPT] = {"SCRIPT", "logon script", 0.1, 0, false},
    [COLUMN_PROFILE] = {"PROFILE", "path of the profile", 0.1, 0, false},
    [COLUMN_WORKSTATIONS] = {"WORKSTATIONS", "where he may log on; empty: anywhere", 0.1, 0, false},
    {0},
};

/* Of the columns these are in the level that costs least; a list with others is of level 3. */
static const unsigned cheap =
    1u << COLUMN_NAME | 1u << COLUMN_RID | 1u << COLUMN_FULL_NAME | 1u << COLUMN_COMMENT | 1u << COLUMN_FLAGS;

/* Values as text, to be freed */

struct bit {
    DWORD bit;
    const char *name;
};

static char *bits_text(DWORD bits, const struct bit *names, size_t count)
{
    char text[512] = "";
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        if (bits & names[i].bit) {
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len ? "," : "", names[i].name);
            bits &= ~names[i].bit;
        }
    if (bits)
        snprintf(text + len, sizeof(text) - len, "%s0x%x", len ? "," : "", bits);
    return must(strdup(text));
}

static char *flags_text(DWORD flags)
{
    static const struct bit names[] = {
        {UF_NORMAL_ACCOUNT, "normal"},
        {UF_WORKSTATION_TRUST_ACCOUNT, "workstation"},
        {UF_SERVER_TRUST_ACCOUNT, "server"},
        {UF_INTERDOMAIN_TRUST_ACCOUNT, "trust"},
        {UF_TEMP_DUPLICATE_ACCOUNT, "temporary"},
        {UF_ACCOUNTDISABLE, "disabled"},
        {UF_LOCKOUT, "locked"},
        {UF_PASSWORD_EXPIRED, "password-expired"},
        {UF_PASSWD_NOTREQD, "no-password-needed"},
        {UF_PASSWD_CANT_CHANGE, "password-fixed"},
        {UF_DONT_EXPIRE_PASSWD, "password-lasts"},
        {UF_ENCRYPTED_TEXT_PASSWORD_ALLOWED, "password-reversible"},
        {UF_HOMEDIR_REQUIRED, "home-required"},
        {UF_SMARTCARD_REQUIRED, "smartcard-required"},
        {UF_TRUSTED_FOR_DELEGATION, "may-delegate"},
        {UF_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION, "may-authenticate-for-delegation"},
        {UF_NOT_DELEGATED, "not-delegated"},
        {UF_USE_DES_KEY_ONLY, "des-only"},
        {UF_DONT_REQUIRE_PREAUTH, "no-preauthentication"},
        {UF_NO_AUTH_DATA_REQUIRED, "no-auth-data"},
        {UF_MNS_LOGON_ACCOUNT, "mns"},
    };

    return bits_text(flags & ~(DWORD)UF_SCRIPT, names, sizeof(names) / sizeof(names[0])); /* always set */
}

static char *operator_text(DWORD flags)
{
    static const struct bit names[] = {
        {AF_OP_ACCOUNTS, "accounts"}, {AF_OP_SERVER, "server"}, {AF_OP_PRINT, "print"}, {AF_OP_COMM, "comm"}};

    return bits_text(flags, names, sizeof(names) / sizeof(names[0]));
}

static char *privilege_text(DWORD privilege)
{
    static const char *const names[] = {"guest", "user", "admin"};

    return privilege <= USER_PRIV_ADMIN ? must(strdup(names[privilege])) : number_text(privilege);
}

static char *time_text(int64_t seconds)
{
    char text[32];
    time_t t = (time_t)seconds;
    struct tm tm;

    if (!gmtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
        text[0] = '\0';
    return must(strdup(text));
}

static char *home_text(const USER_INFO_3 *info)
{
    char *home = text_from_wide(info->usri3_home_dir), *drive = text_from_wide(info->usri3_home_dir_drive);
    char *both = NULL;

    if (!*drive || !*home) {
        free(drive);
        return home;
    }
    must(asprintf(&both, "%s (%s)", home, drive) < 0 ? NULL : both);
    free(home);
    free(drive);
    return both;
}

/* Rows */

static void add_row_20(struct table *t, const USER_INFO_20 *info)
{
    struct libscols_line *line = table_line(t);

    table_set(t, line, COLUMN_NAME, text_from_wide(info->usri20_name));
    table_set(t, line, COLUMN_FULL_NAME, text_from_wide(info->usri20_full_name));
    table_set(t, line, COLUMN_COMMENT, text_from_wide(info->usri20_comment));
    table_set(t, line, COLUMN_FLAGS, flags_text(info->usri20_flags));
    table_set(t, line, COLUMN_RID, number_text(info->usri20_user_id));
}

static void add_row_3(struct table *t, const USER_INFO_3 *info, DWORD rid, char *sid)
{
    struct libscols_line *line = table_line(t);
    bool forever = info->usri3_acct_expires == TIMEQ_FOREVER;

    table_set(t, line, COLUMN_NAME, text_from_wide(info->usri3_name));
    table_set(t, line, COLUMN_RID, number_text(rid));
    table_set(t, line, COLUMN_SID, sid);
    table_set(t, line, COLUMN_FULL_NAME, text_from_wide(info->usri3_full_name));
    table_set(t, line, COLUMN_COMMENT, text_from_wide(info->usri3_comment));
    table_set(t, line, COLUMN_FLAGS, flags_text(info->usri3_flags));
    table_set(t, line, COLUMN_PRIVILEGE, privilege_text(info->usri3_priv));
    table_set(t, line, COLUMN_OPERATOR, operator_text(info->usri3_auth_flags));
    table_set(t, line, COLUMN_LAST_LOGON,
              info->usri3_last_logon ? time_text(info->usri3_last_logon) : must(strdup("")));
    table_set(t, line, COLUMN_PASSWORD_SET,
              info->usri3_password_age ? time_text((int64_t)time(NULL) - info->usri3_password_age)
                                       : must(strdup(""))); /* never, or it is to be changed at once */
    table_set(t, line, COLUMN_EXPIRES, forever ? must(strdup("never")) : time_text(info->usri3_acct_expires));
    table_set(t, line, COLUMN_HOME, home_text(info));
    table_set(t, line, COLUMN_SCRIPT, text_from_wide(info->usri3_script_path));
    table_set(t, line, COLUMN_PROFILE, text_from_wide(info->usri3_profile));
    table_set(t, line, COLUMN_WORKSTATIONS, text_from_wide(info->usri3_workstations));
}

/* Listing */

static bool read_kinds(const struct job *job, DWORD *filter)
{
    static const struct bit kinds[] = {
        {FILTER_NORMAL_ACCOUNT, "normal"},
        {FILTER_WORKSTATION_TRUST_ACCOUNT, "workstation"},
        {FILTER_SERVER_TRUST_ACCOUNT, "server"},
        {FILTER_INTERDOMAIN_TRUST_ACCOUNT, "trust"},
        {FILTER_TEMP_DUPLICATE_ACCOUNT, "temporary"},
        {0, "all"},
    };
    const char *list = job->options->given[OPTION_KINDS] ? job->options->value[OPTION_KINDS] : "normal";
    bool all = false;

    *filter = 0;
    do {
        size_t len = strcspn(list, ","), i = 0;

        while (i < sizeof(kinds) / sizeof(kinds[0]) &&
               (strlen(kinds[i].name) != len || strncmp(kinds[i].name, list, len) != 0))
            i++;
        if (i == sizeof(kinds) / sizeof(kinds[0])) {
            complain("--kinds is a list of normal, workstation, server, trust, temporary, or all, not \"%s\"",
                     job->options->value[OPTION_KINDS]);
            return false;
        }
        *filter |= kinds[i].bit;
        all |= !kinds[i].bit;
        list += len + (list[len] == ',');
    } while (*list);
    if (all)
        *filter = 0;
    return true;
}

static DWORD level_for(const struct table *t)
{
    for (int column = 0; columns[column].name; column++)
        if (table_shows(t, column) && !(cheap & 1u << column))
            return 3;
    return 20;
}

/* A list tells RIDs: their SIDs are the domain's, as one user's shows, with the RID at the end. */
struct sids {
    USER_INFO_23 *example;
};

static NET_API_STATUS sids_learn(struct sids *s, const struct job *job, const struct table *t,
                                 const WCHAR *name)
{
    NET_API_STATUS status = NERR_Success;

    if (!s->example && table_shows(t, COLUMN_SID))
        status = NetUserGetInfo(job->server, name, 23, (LPBYTE *)&s->example);
    return status == NERR_UserNotFound ? NERR_Success : status; /* deleted meanwhile: then by the next one */
}

static char *sids_text(const struct sids *s, DWORD rid)
{
    SID *sid = s->example ? s->example->usri23_user_sid : NULL;

    if (!sid || !sid->SubAuthorityCount)
        return NULL;
    sid->SubAuthority[sid->SubAuthorityCount - 1] = rid;
    return sid_text(sid);
}

static NET_API_STATUS add_page(const struct job *job, struct table *t, DWORD level, struct sids *sids,
                               const BYTE *buffer, DWORD read)
{
    NET_API_STATUS status = NERR_Success;

    for (DWORD i = 0; i < read && !status; i++) {
        const USER_INFO_3 *info = (const USER_INFO_3 *)buffer + i;

        if (level == 20) {
            add_row_20(t, (const USER_INFO_20 *)buffer + i);
        } else {
            status = sids_learn(sids, job, t, info->usri3_name);
            add_row_3(t, info, info->usri3_user_id, sids_text(sids, info->usri3_user_id));
        }
    }
    return status;
}

int user_list(struct job *job, int argc, char **argv)
{
    struct progress progress;
    struct table table;
    struct sids sids = {0};
    DWORD read, total, filter, level, resume = 0;
    size_t done = 0;
    LPBYTE buffer;
    NET_API_STATUS status;

    (void)argc;
    (void)argv;
    if (!read_kinds(job, &filter) || !table_init(&table, job, "users", columns, "RID,NAME,FULL-NAME,COMMENT"))
        return EXIT_USAGE;
    level = level_for(&table);
    progress_init(&progress, job, "users");
    do {
        NET_API_STATUS added = NERR_Success;

        status = NetUserEnum(job->server, level, filter, &buffer, PAGE_LEN, &read, &total, &resume);
        if (status == NERR_Success || status == ERROR_MORE_DATA)
            added = add_page(job, &table, level, &sids, buffer, read);
        if (added)
            status = added;
        NetApiBufferFree(buffer);
        progress_end(&progress); /* rows, perhaps */
        table_flush(&table);
        progress_step(&progress, done + read, done + total);
        done += read;
    } while (status == ERROR_MORE_DATA);
    progress_end(&progress);
    NetApiBufferFree(sids.example);
    if (status == NERR_Success)
        return table_finish(&table);
    table_abandon(&table);
    return complain_status(status, "list the users");
}

/* Showing */

_Static_assert(offsetof(USER_INFO_3, usri3_user_id) == offsetof(USER_INFO_4, usri4_user_sid),
               "what stands before it is copied");

static int show_one(const struct job *job, struct table *table, const char *name)
{
    WCHAR *wide = text_to_wide(name);
    LPBYTE buffer = NULL;
    NET_API_STATUS status;

    if (!wide)
        return EXIT_FAILED;
    status = NetUserGetInfo(job->server, wide, 4, &buffer);
    if (!status) {
        const USER_INFO_4 *info = (const USER_INFO_4 *)buffer;
        const SID *sid = info->usri4_user_sid;
        USER_INFO_3 same = {0};

        /* up to the SID, in whose place level 3 has the RID, they are the same */
        memcpy(&same, info, offsetof(USER_INFO_3, usri3_user_id));
        same.usri3_profile = info->usri4_profile;
        same.usri3_home_dir_drive = info->usri4_home_dir_drive;
        add_row_3(table, &same, sid->SubAuthorityCount ? sid->SubAuthority[sid->SubAuthorityCount - 1] : 0,
                  sid_text(sid));
    }
    NetApiBufferFree(buffer);
    free(wide);
    return status ? complain_status(status, "show user \"%s\"", name) : EXIT_OK;
}

int user_show(struct job *job, int argc, char **argv)
{
    return table_of_named(job, "users", columns,
                          "NAME,RID,FULL-NAME,PRIVILEGE,FLAGS,LAST-LOGON,PASSWORD-SET,EXPIRES,COMMENT",
                          show_one, argc, argv);
}
