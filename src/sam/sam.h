/* SPDX-License-Identifier: MIT */
/*
 * The account database: one account domain and BUILTIN, their users, groups and aliases, and the rules that
 * hold for them
 * ([MS-SAMR] 3.1.1). Rules (names, RIDs, special accounts, membership) are in rules.c, apart from storage,
 * which is behind struct sam_store; SQLite first (sqlite_*.c). docs/database.md describes the schema.
 *
 * A struct sam belongs to one thread; several, in any number of processes, may have the same file open. Each
 * function that changes something is one durable transaction, unless it runs inside sam_begin ... sam_commit.
 * All of it happens or none. Text and arrays handed out are in the arena given. Names compare without case.
 */
#ifndef SAM_SAM_H
#define SAM_SAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct sam;

struct sam_text {
    const uint16_t *chars; /* UTF-16, not terminated; NULL when count is 0 */
    size_t count;          /* units */
};

#define SAM_SID_MAX_SUBAUTHORITIES 15
struct sam_sid {
    uint8_t revision, count;
    uint8_t authority[6];
    uint32_t sub[SAM_SID_MAX_SUBAUTHORITIES];
};

enum sam_domain { SAM_ACCOUNT = 0, SAM_BUILTIN = 1, SAM_DOMAIN_COUNT = 2 };

enum sam_kind { SAM_USER = 1, SAM_GROUP = 2, SAM_ALIAS = 3 };

/* SE_GROUP_MANDATORY | ENABLED_BY_DEFAULT | ENABLED */
#define SAM_GROUP_ATTRIBUTES 7u

/* Account control of users, [MS-SAMR] 2.2.1.12 */
#define SAM_USER_DISABLED 0x001u
#define SAM_USER_PASSWORD_NOT_REQUIRED 0x004u
#define SAM_USER_NORMAL 0x010u
#define SAM_USER_DONT_EXPIRE_PASSWORD 0x200u
#define SAM_USER_LOCKED 0x400u

#define SAM_RID_ADMINISTRATORS 544u /* in BUILTIN */
#define SAM_RID_ADMINISTRATOR 500u
#define SAM_RID_GUEST 501u
#define SAM_RID_NONE_GROUP \
    513u                    /* "None", the group of all users on a machine that is not a domain controller */
#define SAM_FIRST_RID 1000u /* of those that are given out; none is ever used twice */

/* `create`: make the file (0600, folder 0700 when missing) with a new random domain when there is none.
 * Errors name the cause: STATUS_OBJECT_NAME_NOT_FOUND (no such file), STATUS_ACCESS_DENIED,
 * STATUS_INTERNAL_DB_CORRUPTION (not a database of ours, or damaged), STATUS_NOT_SUPPORTED (made by a newer
 * version), STATUS_DISK_FULL, ... */
struct nt_status sam_open(struct sam **out, const char *path, bool create);
/* `deadline`: as sam_set_deadline() */
struct nt_status sam_open_until(struct sam **out, const char *path, bool create, int64_t deadline);
void sam_close(struct sam *s);
/* Until when all that follows waits for other processes: CLOCK_MONOTONIC, ns; 0: for as long as it takes;
 * SAM_PATIENCE, and unless it is called: 30 s each time. Then STATUS_FILE_LOCK_CONFLICT. */
#define SAM_PATIENCE (-1)
void sam_set_deadline(struct sam *s, int64_t deadline);

/* Several changes as one transaction. Changes inside are each all or nothing; they become durable together.
 * A change that the storage cannot carry out (disk full, I/O error, no memory) ends it: that change, all
 * later ones and sam_commit return the same status. Others wait for it, in the order in which they came. */
struct nt_status sam_begin(struct sam *s);
/* The same without waiting: STATUS_FILE_LOCK_CONFLICT while others change something. The place among those
 * who wait is kept, so ask again soon, until it succeeds or sam_rollback(). */
struct nt_status sam_try_begin(struct sam *s);
struct nt_status sam_commit(struct sam *s); /* after a failure all changes since sam_begin are undone */
void sam_rollback(struct sam *s);           /* undo them; outside a transaction: give up sam_try_begin() */
bool sam_in_transaction(const struct sam *s);

/* Domains. */
struct sam_domain_info {
    struct sam_text name; /* the machine's name in upper case, at most 15; "Builtin" */
    struct sam_sid sid;
    uint32_t user_count, group_count, alias_count; /* kept up to date, not counted */
    uint64_t modified_count;
    int64_t created; /* FILETIME: 100 ns since 1601 */
    /* password policy, as [MS-SAMR] 2.2.3.5 has it; intervals are negative 100 ns */
    uint16_t min_password_length, password_history_length;
    uint32_t password_properties;
    int64_t max_password_age, min_password_age, force_logoff;
    int64_t lockout_duration, lockout_window;
    uint16_t lockout_threshold;
};
struct nt_status sam_domain_get(struct sam *s, enum sam_domain domain, struct arena *arena,
                                struct sam_domain_info *out);

/* Names and RIDs. */
struct sam_account {
    uint32_t rid;
    enum sam_kind kind;
    struct sam_text name;
};
/* STATUS_NONE_MAPPED when there is none. */
struct nt_status sam_lookup_name(struct sam *s, enum sam_domain domain, struct sam_text name,
                                 struct arena *arena, struct sam_account *out);
struct nt_status sam_lookup_rid(struct sam *s, enum sam_domain domain, uint32_t rid, struct arena *arena,
                                struct sam_account *out);

/* Enumerations: a cursor over stored rows; text is valid until the next sam_cursor_next. One cursor at a
 * time, and no change while it is open (STATUS_INVALID_DOMAIN_STATE). Order by RID, after `after` (0: from
 * the start). */
struct sam_row {
    uint32_t rid;
    enum sam_kind kind;
    struct sam_text name;
    struct sam_text comment;   /* description, "AdminComment" */
    struct sam_text full_name; /* users */
    uint32_t attributes;       /* groups: SE_GROUP_*; users: USER_* account control ([MS-SAMR] 2.2.1.12) */
};
struct sam_cursor;
/* By RID; name only is filled in besides rid, kind and attributes. */
struct nt_status sam_enumerate(struct sam *s, enum sam_domain domain, enum sam_kind kind, uint32_t after_rid,
                               struct sam_cursor **out);
/* By name, everything filled in ("display information"). `after_rid`: continue behind the account that has,
 * or had when it still existed, this RID; 0: from the start. Costs the same wherever it starts. For a RID
 * that none had, and for one of the deleted longer than 65,536 deletions ago: STATUS_INVALID_PARAMETER. */
struct nt_status sam_display(struct sam *s, enum sam_domain domain, enum sam_kind kind, uint32_t after_rid,
                             struct sam_cursor **out);
/* The account before the first whose name is not less than `prefix`: 0 in *after_rid when that is the very
 * first (so sam_display(after_rid) starts there). STATUS_NO_MORE_ENTRIES when no name is that large. */
struct nt_status sam_display_find(struct sam *s, enum sam_domain domain, enum sam_kind kind,
                                  struct sam_text prefix, uint32_t *after_rid);
/* STATUS_SUCCESS, STATUS_NO_MORE_ENTRIES, or an error. */
struct nt_status sam_cursor_next(struct sam_cursor *c, struct sam_row *row);
void sam_cursor_close(struct sam_cursor *c);

/* Bytes that the accounts of a kind take on the wire in a display listing, all together: a kept-up-to-date
 * sum for SamrQueryDisplayInformation's TotalAvailable (24 or 28 fixed bytes each are the caller's to add).
 */
struct nt_status sam_display_totals(struct sam *s, enum sam_domain domain, enum sam_kind kind,
                                    uint32_t *count, uint64_t *text_bytes);

/* Groups (of the account domain; BUILTIN has none). */
struct sam_group {
    uint32_t rid, attributes, member_count;
    struct sam_text name, comment;
};
struct sam_member {
    uint32_t rid, attributes;
};
/* May any server have an account of this name? What [MS-SAMR] 3.1.1.6 makes every server refuse: forbidden
 * characters, a period at the end, blanks only. A server may have further rules, and limits of length. */
bool sam_name_possible(struct sam_text name);

/* Errors: STATUS_INVALID_ACCOUNT_NAME (characters, length 1..256, a period at the end, only periods and
 * blanks), STATUS_USER_EXISTS, STATUS_GROUP_EXISTS, STATUS_ALIAS_EXISTS (taken, in either domain),
 * STATUS_DISK_FULL, ... */
struct nt_status sam_group_create(struct sam *s, struct sam_text name, uint32_t *rid);
struct nt_status sam_group_get(struct sam *s, uint32_t rid, struct arena *arena,
                               struct sam_group *out); /* STATUS_NO_SUCH_GROUP */
struct nt_status sam_group_set_name(struct sam *s, uint32_t rid, struct sam_text name);
struct nt_status sam_group_set_comment(struct sam *s, uint32_t rid, struct sam_text comment);
struct nt_status sam_group_set_attributes(struct sam *s, uint32_t rid, uint32_t attributes);
/* STATUS_SPECIAL_ACCOUNT for a built-in group (RID below 1000), STATUS_MEMBERS_PRIMARY_GROUP when it is
 * somebody's primary group, STATUS_MEMBER_IN_GROUP when it has members. */
struct nt_status sam_group_delete(struct sam *s, uint32_t rid);
struct nt_status sam_group_members(struct sam *s, uint32_t rid, struct arena *arena, struct sam_member **out,
                                   size_t *count);
/* STATUS_NO_SUCH_USER, STATUS_MEMBER_IN_GROUP */
struct nt_status sam_group_add_member(struct sam *s, uint32_t rid, uint32_t member, uint32_t attributes);
/* STATUS_NO_SUCH_USER, STATUS_MEMBER_NOT_IN_GROUP, STATUS_MEMBERS_PRIMARY_GROUP */
struct nt_status sam_group_remove_member(struct sam *s, uint32_t rid, uint32_t member);
struct nt_status sam_group_set_member_attributes(struct sam *s, uint32_t rid, uint32_t member,
                                                 uint32_t attributes);

/* Aliases (local groups). */
struct nt_status sam_alias_has_member(struct sam *s, enum sam_domain domain, uint32_t alias,
                                      const struct sam_sid *sid, bool *out);

/* Any SID. STATUS_NO_SUCH_ALIAS, STATUS_MEMBER_IN_ALIAS, STATUS_MEMBER_NOT_IN_ALIAS. */
struct nt_status sam_alias_add_member(struct sam *s, enum sam_domain domain, uint32_t alias,
                                      const struct sam_sid *sid);
struct nt_status sam_alias_remove_member(struct sam *s, enum sam_domain domain, uint32_t alias,
                                         const struct sam_sid *sid);

/* Who is in an alias. An alias that does not exist has no members. */
struct nt_status sam_alias_members(struct sam *s, enum sam_domain domain, uint32_t alias, struct arena *arena,
                                   struct sam_sid **out, size_t *count);
/* The aliases that one of the SIDs is in: RIDs in ascending order, each once. */
struct nt_status sam_aliases_of(struct sam *s, enum sam_domain domain, const struct sam_sid *sids,
                                size_t sid_count, struct arena *arena, uint32_t **out, size_t *count);

/* Users: the built-in ones, to be looked up, listed, and given passwords. */
struct sam_user {
    uint32_t rid, primary_group, control; /* control: USER_* bits */
    struct sam_text name, full_name, comment;
    int64_t created; /* FILETIME */
};
struct nt_status sam_user_get(struct sam *s, uint32_t rid, struct arena *arena,
                              struct sam_user *out); /* STATUS_NO_SUCH_USER */
struct nt_status sam_user_groups(struct sam *s, uint32_t rid, struct arena *arena, struct sam_member **out,
                                 size_t *count);
struct nt_status sam_user_set_control(struct sam *s, uint32_t rid, uint32_t control);

/* Passwords: of each the MD4 hash that NTLM works with, which is as good as the password itself. */
#define SAM_NT_HASH_LEN 16
struct sam_credentials {
    uint32_t rid, control;
    uint8_t nt_hash[SAM_NT_HASH_LEN];
};
struct nt_status sam_user_set_password(struct sam *s, uint32_t rid, const uint8_t nt_hash[SAM_NT_HASH_LEN]);
/* Of the account domain. STATUS_NO_SUCH_USER: nobody has this name, a user or anything else;
 * STATUS_WRONG_PASSWORD: the user has none. */
struct nt_status sam_user_credentials(struct sam *s, struct sam_text name, struct sam_credentials *out);

#endif
