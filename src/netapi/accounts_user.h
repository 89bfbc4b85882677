/* SPDX-License-Identifier: MIT */
/*
 * The users of a server, as requests of [MS-SAMR]; as accounts.h: knows no lm*.h, believes nothing unchecked.
 */
#ifndef NETAPI_ACCOUNTS_USER_H
#define NETAPI_ACCOUNTS_USER_H

#include "netapi/accounts.h"

/* Account control ([MS-SAMR] 2.2.1.12) */
#define USER_ACCOUNT_DISABLED 0x00000001u
#define USER_HOME_DIRECTORY_REQUIRED 0x00000002u
#define USER_PASSWORD_NOT_REQUIRED 0x00000004u
#define USER_TEMP_DUPLICATE_ACCOUNT 0x00000008u
#define USER_NORMAL_ACCOUNT 0x00000010u
#define USER_MNS_LOGON_ACCOUNT 0x00000020u
#define USER_INTERDOMAIN_TRUST_ACCOUNT 0x00000040u
#define USER_WORKSTATION_TRUST_ACCOUNT 0x00000080u
#define USER_SERVER_TRUST_ACCOUNT 0x00000100u
#define USER_DONT_EXPIRE_PASSWORD 0x00000200u
#define USER_ACCOUNT_AUTO_LOCKED 0x00000400u
#define USER_ENCRYPTED_TEXT_PASSWORD_ALLOWED 0x00000800u
#define USER_SMARTCARD_REQUIRED 0x00001000u
#define USER_TRUSTED_FOR_DELEGATION 0x00002000u
#define USER_NOT_DELEGATED 0x00004000u
#define USER_USE_DES_KEY_ONLY 0x00008000u
#define USER_DONT_REQUIRE_PREAUTH 0x00010000u
#define USER_PASSWORD_EXPIRED_BIT 0x00020000u
#define USER_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION 0x00040000u
#define USER_NO_AUTH_DATA_REQUIRED 0x00080000u

/* Local groups of BUILTIN that say what a user may do */
#define USER_IN_ADMINISTRATORS 0x01u
#define USER_IN_GUESTS 0x02u
#define USER_IN_ACCOUNT_OPERATORS 0x04u
#define USER_IN_SERVER_OPERATORS 0x08u
#define USER_IN_PRINT_OPERATORS 0x10u

#define FILETIME_NEVER INT64_MAX

/* What the server does not tell, or the caller may not see, is 0, empty or NULL. Times are FILETIMEs. */
struct user_entry {
    uint32_t rid, primary_group, control; /* control: USER_... */
    struct text name, full_name, comment, user_comment;
    struct text home, home_drive, script, profile, workstations, parameters;
    int64_t last_logon, last_logoff, password_set, account_expires;
    int64_t password_must_change; /* FILETIME_NEVER too when it is not known */
    const uint8_t *logon_hours;   /* (units_per_week + 7) / 8 bytes; NULL: any time */
    uint16_t units_per_week, bad_passwords, logons, country, code_page;
    bool password_expired;
    bool password_is_fixed; /* its descriptor does not let the user change it */
    uint32_t memberships;   /* USER_IN_... */
};

struct _SAMPR_USER_ALL_INFORMATION;
/* The fields that it says it holds; `*out` has been filled with what is known otherwise. */
void user_entry_read(struct user_entry *out, const struct _SAMPR_USER_ALL_INFORMATION *all);

/* Whether a user's security descriptor (self-relative, [MS-DTYP] 2.4.6) lets the user change the password.
 * One that cannot be read does. `domain`, an RPC_SID, and `rid`: the user. */
bool user_may_change_password(const void *descriptor, size_t len, const void *domain, uint32_t rid);

/* What is to be known of users. */
enum user_need {
    USER_NEED_INFORMATION = 1, /* all but the next two */
    USER_NEED_CHANGE = 2,      /* password_is_fixed */
    USER_NEED_MEMBERSHIPS = 4,
};

/* A user in a list. */
struct user_listed {
    uint32_t rid, control;
    struct text name, full_name, comment;
    bool complete; /* with all that a display information has; else RID and name only */
};

struct user_list {
    struct user_listed *users; /* in the order of RIDs, each once; in the call's arena or the binding */
    size_t count;
    uint32_t kinds;
    bool display, kept; /* kept: in the binding already */
};
/* `kinds`: account control, one of these bits; 0: all. `display`: complete, where a listing of the server's
 * is. `resumed`: one that goes on with a list that was kept a short while ago on this connection, when there
 * is one: then the server is not asked for all of it again for each page that a program wants. */
struct nt_status users_list(struct call *c, uint32_t kinds, bool display, bool resumed,
                            struct user_list *out);
/* The list will be gone on with, or not. Memory that is not there is no failure. */
void users_list_keep(struct call *c, const struct user_list *list);
void users_list_forget(struct call *c);

/* Ask for `needs` of the users, many at once. `take` is called for each in order, with the call `c` in whose
 * arena its text is; not for one that has been deleted meanwhile. `s`: success, or why its entry cannot be
 * had: STATUS_ACCESS_DENIED. False: no further ones are wanted. `chunk`: how many may be wanted. */
typedef bool (*user_take)(struct call *c, struct nt_status s, size_t i, const struct user_entry *entry,
                          void *context);
struct nt_status users_look(struct call *c, const struct user_listed *users, size_t count, unsigned needs,
                            size_t chunk, user_take take, void *context);

#endif
