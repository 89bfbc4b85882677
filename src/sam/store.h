/* SPDX-License-Identifier: MIT */
/*
 * What the rules of the account database (rules.c, members.c, builtin.c) ask of a storage: accounts found by
 * name key and by RID, ordered scans, memberships, two domains, and transactions. A storage knows no rule.
 *
 * Between begin and commit all changes belong together; a change that returned an error may have been carried
 * out in part, so the caller rolls back. Everything else may be called outside a transaction, too, and is
 * then atomic on its own. Text handed out is in the arena given.
 */
#ifndef SAM_STORE_H
#define SAM_STORE_H

#include "sam/sam.h"

#define SAM_NAME_MAX 256 /* units */

/* How names compare and sort: the upper-cased UTF-16 units, big-endian, so that bytes order as units do. */
struct sam_key {
    size_t len; /* bytes */
    uint8_t bytes[SAM_NAME_MAX * 2];
};

struct sam_record {
    enum sam_domain domain;
    enum sam_kind kind;
    uint32_t rid;
    uint32_t attributes, member_count;
    struct sam_text name, comment, full_name;
};

struct sam_user_record {
    uint32_t primary_group; /* RID of a group of the account domain */
    int64_t created;        /* FILETIME */
};

struct sam_password_record {
    uint8_t nt_hash[SAM_NT_HASH_LEN];
    int64_t changed; /* FILETIME */
};

/* What is counted and never scanned for; part of a domain. */
struct sam_counters {
    uint32_t next_rid;
    uint64_t modified;
    struct {
        uint32_t count;
        uint64_t text_bytes;
    } kinds[SAM_ALIAS + 1]; /* by enum sam_kind */
};

struct sam_store {
    const struct sam_store_ops *ops;
};

/* "None": STATUS_NONE_MAPPED where an account is looked for. */
struct sam_store_ops {
    void (*close)(struct sam_store *s);

    void (*set_deadline)(struct sam_store *s, int64_t deadline); /* as sam_set_deadline() */
    /* `wait` false: as sam_try_begin() */
    struct nt_status (*begin)(struct sam_store *s, bool wait);
    struct nt_status (*commit)(struct sam_store *s); /* durable when it succeeds, undone when not */
    void (*rollback)(struct sam_store *s);           /* and no longer wait to begin */
    bool (*in_transaction)(struct sam_store *s);     /* false also after a failure that ended it */

    /* `info` without the counters; name in the arena */
    struct nt_status (*domain_get)(struct sam_store *s, enum sam_domain domain, struct arena *arena,
                                   struct sam_domain_info *info, struct sam_counters *counters);
    struct nt_status (*domain_insert)(struct sam_store *s, enum sam_domain domain,
                                      const struct sam_domain_info *info);
    struct nt_status (*counters_get)(struct sam_store *s, enum sam_domain domain,
                                     struct sam_counters *counters);
    struct nt_status (*counters_set)(struct sam_store *s, enum sam_domain domain,
                                     const struct sam_counters *counters);

    /* Accounts. `arena` NULL: of texts only the count is wanted. A key is unique over both domains. */
    struct nt_status (*find_key)(struct sam_store *s, const struct sam_key *key, struct arena *arena,
                                 struct sam_record *out);
    struct nt_status (*find_rid)(struct sam_store *s, enum sam_domain domain, uint32_t rid,
                                 struct arena *arena, struct sam_record *out);
    struct nt_status (*get)(struct sam_store *s, enum sam_domain domain, enum sam_kind kind, uint32_t rid,
                            struct arena *arena, struct sam_record *out);
    struct nt_status (*insert)(struct sam_store *s, const struct sam_record *r, const struct sam_key *key);
    /* These three name the account by domain, kind and rid of the record. */
    struct nt_status (*set_name)(struct sam_store *s, const struct sam_record *r, const struct sam_key *key);
    struct nt_status (*set_comment)(struct sam_store *s, const struct sam_record *r);
    struct nt_status (*set_attributes)(struct sam_store *s, const struct sam_record *r);
    /* With its memberships; where it stood in the order of names stays known for a while (scan_names). */
    struct nt_status (*remove)(struct sam_store *s, const struct sam_record *r);

    /* Users: what they have besides. */
    struct nt_status (*user_get)(struct sam_store *s, uint32_t rid, struct arena *arena,
                                 struct sam_record *account, struct sam_user_record *user);
    struct nt_status (*user_insert)(struct sam_store *s, uint32_t rid, const struct sam_user_record *user);
    struct nt_status (*has_primary_members)(struct sam_store *s, uint32_t group, bool *out);
    /* password_get: "none" for a user without a password, too. */
    struct nt_status (*password_set)(struct sam_store *s, uint32_t rid, const struct sam_password_record *p);
    struct nt_status (*password_get)(struct sam_store *s, uint32_t rid, uint32_t *attributes,
                                     struct sam_password_record *p);

    /* Memberships. member_get: STATUS_MEMBER_NOT_IN_GROUP. Adding and removing count in the group. */
    struct nt_status (*members)(struct sam_store *s, uint32_t group, struct arena *arena,
                                struct sam_member **out, size_t *count);
    struct nt_status (*groups_of)(struct sam_store *s, uint32_t user, struct arena *arena,
                                  struct sam_member **out, size_t *count);
    struct nt_status (*member_get)(struct sam_store *s, uint32_t group, uint32_t user, uint32_t *attributes);
    struct nt_status (*member_add)(struct sam_store *s, uint32_t group, uint32_t user, uint32_t attributes);
    struct nt_status (*member_set)(struct sam_store *s, uint32_t group, uint32_t user, uint32_t attributes);
    struct nt_status (*member_remove)(struct sam_store *s, uint32_t group, uint32_t user);
    struct nt_status (*alias_member_add)(struct sam_store *s, enum sam_domain domain, uint32_t alias,
                                         const struct sam_sid *sid);
    struct nt_status (*alias_member_remove)(struct sam_store *s, enum sam_domain domain, uint32_t alias,
                                            const struct sam_sid *sid);
    struct nt_status (*alias_member_get)(struct sam_store *s, enum sam_domain domain, uint32_t alias,
                                         const struct sam_sid *sid, bool *out);

    struct nt_status (*alias_members)(struct sam_store *s, enum sam_domain domain, uint32_t alias,
                                      struct arena *arena, struct sam_sid **out, size_t *count);
    struct nt_status (*aliases_of)(struct sam_store *s, enum sam_domain domain, const struct sam_sid *sid,
                                   struct arena *arena, uint32_t **out, size_t *count);

    /* One scan at a time. scan_names with a RID that is not known: STATUS_INVALID_PARAMETER. */
    struct nt_status (*scan_rids)(struct sam_store *s, enum sam_domain domain, enum sam_kind kind,
                                  uint32_t after_rid);
    struct nt_status (*scan_names)(struct sam_store *s, enum sam_domain domain, enum sam_kind kind,
                                   uint32_t after_rid);
    struct nt_status (*scan_next)(struct sam_store *s, struct sam_row *row);
    void (*scan_stop)(struct sam_store *s);
    /* As sam_display_find. */
    struct nt_status (*before)(struct sam_store *s, enum sam_domain domain, enum sam_kind kind,
                               const struct sam_key *key, uint32_t *rid);
};

/* Make the file when there is none, with what `fill` puts into the empty tables in a transaction. */
struct nt_status sam_sqlite_create(const char *path, struct nt_status (*fill)(struct sam_store *store));
/* Statuses as sam_open. */
struct nt_status sam_sqlite_open(struct sam_store **out, const char *path, int64_t deadline);

#endif
