/* SPDX-License-Identifier: MIT */
/* What the files of the SQLite storage share: the connection, its prepared statements, result codes. */
#ifndef SAM_SQLITE_H
#define SAM_SQLITE_H

#include <sqlite3.h>

#include "sam/store.h"

/* name, SQL. Parameters are numbered in the order in which the callers bind them. */
#define STATEMENTS(X)                                                                                     \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                           \
    X(COMMIT, "COMMIT")                                                                                   \
    X(ROLLBACK, "ROLLBACK")                                                                               \
    X(DOMAIN_GET, "SELECT name, sid, created, min_password_length, password_history_length, "             \
                  "password_properties, max_password_age, min_password_age, force_logoff, "               \
                  "lockout_duration, lockout_window, lockout_threshold, next_rid, modified, user_count, " \
                  "user_bytes, group_count, group_bytes, alias_count, alias_bytes "                       \
                  "FROM domain WHERE domain=?1")                                                          \
    X(DOMAIN_INSERT, "INSERT INTO domain VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,"              \
                     "0,0,0,0,0,0,0,0)")                                                                  \
    X(COUNTERS_GET, "SELECT next_rid, modified, user_count, user_bytes, group_count, group_bytes, "       \
                    "alias_count, alias_bytes FROM domain WHERE domain=?1")                               \
    X(COUNTERS_SET, "UPDATE domain SET next_rid=?2, modified=?3, user_count=?4, user_bytes=?5, "          \
                    "group_count=?6, group_bytes=?7, alias_count=?8, alias_bytes=?9 WHERE domain=?1")     \
    X(FIND_KEY, "SELECT id, attributes, members, name, comment, full_name FROM account WHERE key=?1")     \
    X(FIND_RID, "SELECT id, attributes, members, name, comment, full_name FROM account WHERE id=?1 "      \
                "UNION ALL SELECT id, attributes, members, name, comment, full_name FROM account "        \
                "WHERE id=?2 "                                                                            \
                "UNION ALL SELECT id, attributes, members, name, comment, full_name FROM account "        \
                "WHERE id=?3")                                                                            \
    X(GET, "SELECT id, attributes, members, name, comment, full_name FROM account WHERE id=?1")           \
    X(INSERT, "INSERT INTO account(id, class, attributes, members, key, name, comment, full_name) "       \
              "VALUES(?1,?2,?3,0,?4,?5,?6,?7)")                                                           \
    X(SET_NAME, "UPDATE account SET key=?2, name=?3 WHERE id=?1")                                         \
    X(SET_COMMENT, "UPDATE account SET comment=?2 WHERE id=?1")                                           \
    X(SET_ATTRIBUTES, "UPDATE account SET attributes=?2 WHERE id=?1")                                     \
    X(BURY, "INSERT INTO tombstone(id, key) SELECT id, key FROM account WHERE id=?1")                     \
    X(FORGET, "DELETE FROM tombstone WHERE number <= (SELECT max(number) FROM tombstone) - ?1")           \
    X(REMOVE, "DELETE FROM account WHERE id=?1")                                                          \
    X(USER_GET, "SELECT a.id, a.attributes, a.members, a.name, a.comment, a.full_name, u.primary_group, " \
                "u.created FROM account a JOIN user u ON u.id=a.id WHERE a.id=?1")                        \
    X(USER_INSERT, "INSERT INTO user(id, primary_group, created) VALUES(?1,?2,?3)")                       \
    X(PASSWORD_SET, "INSERT OR REPLACE INTO password(id, nt_hash, changed) VALUES(?1,?2,?3)")             \
    X(PASSWORD_GET, "SELECT a.attributes, p.nt_hash, p.changed FROM account a "                           \
                    "JOIN password p ON p.id=a.id WHERE a.id=?1")                                         \
    X(PRIMARY_MEMBERS, "SELECT EXISTS(SELECT 1 FROM user WHERE primary_group=?1)")                        \
    X(MEMBERS, "SELECT a.members, m.user, m.attributes FROM account a "                                   \
               "LEFT JOIN member m ON m.grp=a.id WHERE a.id=?1 ORDER BY m.user")                          \
    X(GROUPS_OF, "SELECT (SELECT count(*) FROM member WHERE user=?1), m.grp, m.attributes "               \
                 "FROM user u LEFT JOIN member m ON m.user=u.id WHERE u.id=?1 ORDER BY m.grp")            \
    X(MEMBER_GET, "SELECT attributes FROM member WHERE grp=?1 AND user=?2")                               \
    X(MEMBER_ADD, "INSERT INTO member(grp, user, attributes) VALUES(?1,?2,?3)")                           \
    X(MEMBER_SET, "UPDATE member SET attributes=?3 WHERE grp=?1 AND user=?2")                             \
    X(MEMBER_REMOVE, "DELETE FROM member WHERE grp=?1 AND user=?2")                                       \
    X(MEMBER_COUNT, "UPDATE account SET members=members+?2 WHERE id=?1")                                  \
    X(ALIAS_MEMBER_ADD, "INSERT INTO alias_member(alias, sid) VALUES(?1,?2)")                             \
    X(ALIAS_MEMBER_REMOVE, "DELETE FROM alias_member WHERE alias=?1 AND sid=?2")                          \
    X(ALIAS_MEMBER_GET, "SELECT EXISTS(SELECT 1 FROM alias_member WHERE alias=?1 AND sid=?2)")            \
    X(ALIAS_MEMBERS, "SELECT count(*) OVER (), sid FROM alias_member WHERE alias=?1 ORDER BY sid")        \
    X(ALIASES_OF, "SELECT count(*) OVER (), alias FROM alias_member "                                     \
                  "WHERE sid=?1 AND alias>?2 AND alias<?3 ORDER BY alias")                                \
    X(SCAN_RIDS, "SELECT id, name, attributes FROM account WHERE id>?1 AND id<?2 ORDER BY id")            \
    X(SCAN_NAMES, "SELECT id, name, attributes, comment, full_name FROM account "                         \
                  "INDEXED BY account_display WHERE class=?1 AND key>?2 ORDER BY key")                    \
    X(POSITION, "SELECT key FROM account WHERE id=?1 UNION ALL SELECT key FROM tombstone WHERE id=?1")    \
    X(BEFORE, "SELECT EXISTS(SELECT 1 FROM account WHERE class=?1 AND key>=?2), "                         \
              "(SELECT id FROM account WHERE class=?1 AND key<?2 ORDER BY key DESC LIMIT 1)")

enum sqlite_statement {
#define X(name, sql) STATEMENT_##name,
    STATEMENTS(X)
#undef X
        STATEMENT_COUNT
};

/* Our place among the writers (sqlite_queue.c). */
struct sqlite_queue {
    int fd;         /* -1: not open */
    int64_t ticket; /* 0: none */
};

struct sqlite_store {
    struct sam_store base;
    sqlite3 *db;
    struct sqlite_queue queue;
    int64_t deadline;                          /* as sam_set_deadline() */
    int64_t waiting_since;                     /* ns, monotonic: of the lock that is being waited for */
    bool impatient;                            /* nothing is waited for */
    sqlite3_stmt *scan;                        /* the statement of the scan that is open */
    uint8_t *row;                              /* text of its current row, aligned */
    size_t row_capacity;                       /* bytes */
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared when first used */
};

extern const struct sam_store_ops sam_sqlite_ops;

/* The documented status for what the connection says went wrong last; for an errno value. */
struct nt_status sam_sqlite_status(sqlite3 *db, int rc);
struct nt_status sam_sqlite_status_of_errno(int error);

/* The path so that SQLite takes it for nothing but a name (":memory:", "file:..."). NULL: no memory. */
char *sam_sqlite_name(const char *path);
/* A connection to a file that is there, or (`name` NULL) to a database in memory. *out is NULL or to be
 * closed, whatever the status. */
struct nt_status sam_sqlite_connect(struct sqlite_store **out, const char *name);

/* The statement, ready to be bound; NULL: *status says why not. */
sqlite3_stmt *sam_sqlite_use(struct sqlite_store *s, enum sqlite_statement which, struct nt_status *status);
/* SQLite reads what is bound when the statement runs, so it has to stay there until then. */
void sam_sqlite_bind_text(sqlite3_stmt *statement, int at, struct sam_text text);
void sam_sqlite_bind_key(sqlite3_stmt *statement, int at, const struct sam_key *key);
/* Run a statement that gives no row, and reset it. */
struct nt_status sam_sqlite_run(struct sqlite_store *s, sqlite3_stmt *statement);
/* The first row: STATUS_SUCCESS (reset it when read), STATUS_NONE_MAPPED or an error (reset already). */
struct nt_status sam_sqlite_first(struct sqlite_store *s, sqlite3_stmt *statement);
/* Text of a column, copied into the arena; the count only when `arena` is NULL. False: no memory. */
bool sam_sqlite_text(sqlite3_stmt *statement, int column, struct arena *arena, struct sam_text *out);

/* An account's id: domain and kind above, RID below, so that the ids of a kind are together. */
static inline int64_t sqlite_class(enum sam_domain domain, enum sam_kind kind)
{
    return (int64_t)domain << 4 | kind;
}

static inline int64_t sqlite_id(enum sam_domain domain, enum sam_kind kind, uint32_t rid)
{
    return sqlite_class(domain, kind) << 32 | rid;
}

#define SQLITE_SID_LEN_MAX (8 + 4 * SAM_SID_MAX_SUBAUTHORITIES)

/* A SID as [MS-DTYP] 2.4.2.2 has it in bytes; returns their number. */
size_t sam_sqlite_put_sid(uint8_t bytes[SQLITE_SID_LEN_MAX], const struct sam_sid *sid);
bool sam_sqlite_get_sid(struct sam_sid *sid, const uint8_t *bytes, size_t len);

#define SAM_SQLITE_APPLICATION 0x4E744D67 /* "NtMg" */

/* sqlite_queue.c. `database`: its full name. Stand in the queue, if that is possible now and not done yet. */
void sam_sqlite_queue_enter(struct sqlite_queue *q, const char *database);
/* 0: it is our turn, or nobody waits. Else how far ahead the first is, about. */
uint32_t sam_sqlite_queue_ahead(struct sqlite_queue *q, const char *database);
void sam_sqlite_queue_leave(struct sqlite_queue *q);
void sam_sqlite_queue_close(struct sqlite_queue *q);

/* Make the tables of the newest version, in the transaction that is open. */
int sam_sqlite_create_schema(sqlite3 *db);
/* Bring an older database up to the newest version. STATUS_NOT_SUPPORTED: it is newer. */
struct nt_status sam_sqlite_migrate(sqlite3 *db);

/* Parts of the table of functions, each in the file of its subject. */
struct nt_status sam_sqlite_domain_get(struct sam_store *base, enum sam_domain domain, struct arena *arena,
                                       struct sam_domain_info *info, struct sam_counters *counters);
struct nt_status sam_sqlite_domain_insert(struct sam_store *base, enum sam_domain domain,
                                          const struct sam_domain_info *info);
struct nt_status sam_sqlite_counters_get(struct sam_store *base, enum sam_domain domain,
                                         struct sam_counters *counters);
struct nt_status sam_sqlite_counters_set(struct sam_store *base, enum sam_domain domain,
                                         const struct sam_counters *counters);
struct nt_status sam_sqlite_find_key(struct sam_store *base, const struct sam_key *key, struct arena *arena,
                                     struct sam_record *out);
struct nt_status sam_sqlite_find_rid(struct sam_store *base, enum sam_domain domain, uint32_t rid,
                                     struct arena *arena, struct sam_record *out);
struct nt_status sam_sqlite_get(struct sam_store *base, enum sam_domain domain, enum sam_kind kind,
                                uint32_t rid, struct arena *arena, struct sam_record *out);
struct nt_status sam_sqlite_insert(struct sam_store *base, const struct sam_record *r,
                                   const struct sam_key *key);
struct nt_status sam_sqlite_set_name(struct sam_store *base, const struct sam_record *r,
                                     const struct sam_key *key);
struct nt_status sam_sqlite_set_comment(struct sam_store *base, const struct sam_record *r);
struct nt_status sam_sqlite_set_attributes(struct sam_store *base, const struct sam_record *r);
struct nt_status sam_sqlite_remove(struct sam_store *base, const struct sam_record *r);
struct nt_status sam_sqlite_user_get(struct sam_store *base, uint32_t rid, struct arena *arena,
                                     struct sam_record *account, struct sam_user_record *user);
struct nt_status sam_sqlite_user_insert(struct sam_store *base, uint32_t rid,
                                        const struct sam_user_record *user);
struct nt_status sam_sqlite_password_set(struct sam_store *base, uint32_t rid,
                                         const struct sam_password_record *p);
struct nt_status sam_sqlite_password_get(struct sam_store *base, uint32_t rid, uint32_t *attributes,
                                         struct sam_password_record *p);
struct nt_status sam_sqlite_has_primary_members(struct sam_store *base, uint32_t group, bool *out);
struct nt_status sam_sqlite_members(struct sam_store *base, uint32_t group, struct arena *arena,
                                    struct sam_member **out, size_t *count);
struct nt_status sam_sqlite_groups_of(struct sam_store *base, uint32_t user, struct arena *arena,
                                      struct sam_member **out, size_t *count);
struct nt_status sam_sqlite_member_get(struct sam_store *base, uint32_t group, uint32_t user,
                                       uint32_t *attributes);
struct nt_status sam_sqlite_member_add(struct sam_store *base, uint32_t group, uint32_t user,
                                       uint32_t attributes);
struct nt_status sam_sqlite_member_set(struct sam_store *base, uint32_t group, uint32_t user,
                                       uint32_t attributes);
struct nt_status sam_sqlite_member_remove(struct sam_store *base, uint32_t group, uint32_t user);
struct nt_status sam_sqlite_alias_member_add(struct sam_store *base, enum sam_domain domain, uint32_t alias,
                                             const struct sam_sid *sid);
struct nt_status sam_sqlite_alias_member_remove(struct sam_store *base, enum sam_domain domain,
                                                uint32_t alias, const struct sam_sid *sid);
struct nt_status sam_sqlite_alias_member_get(struct sam_store *base, enum sam_domain domain, uint32_t alias,
                                             const struct sam_sid *sid, bool *out);
struct nt_status sam_sqlite_alias_members(struct sam_store *base, enum sam_domain domain, uint32_t alias,
                                          struct arena *arena, struct sam_sid **out, size_t *count);
struct nt_status sam_sqlite_aliases_of(struct sam_store *base, enum sam_domain domain,
                                       const struct sam_sid *sid, struct arena *arena, uint32_t **out,
                                       size_t *count);
struct nt_status sam_sqlite_scan_rids(struct sam_store *base, enum sam_domain domain, enum sam_kind kind,
                                      uint32_t after_rid);
struct nt_status sam_sqlite_scan_names(struct sam_store *base, enum sam_domain domain, enum sam_kind kind,
                                       uint32_t after_rid);
struct nt_status sam_sqlite_scan_next(struct sam_store *base, struct sam_row *row);
void sam_sqlite_scan_stop(struct sam_store *base);
struct nt_status sam_sqlite_before(struct sam_store *base, enum sam_domain domain, enum sam_kind kind,
                                   const struct sam_key *key, uint32_t *rid);

#endif
