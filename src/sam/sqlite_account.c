/* SPDX-License-Identifier: MIT */
/*
 * Accounts in SQLite: found by key and by id, made, changed, removed; what users have besides.
 *
 * Invariant: a removed account leaves its key behind, so that a listing by name can go on where it stood; the
 * newest TOMBSTONES of them are kept.
 */
#include "sam/sqlite.h"

#include <string.h>

#define TOMBSTONES 65536

static struct sqlite_store *store(struct sam_store *base)
{
    return (struct sqlite_store *)base;
}

/* Of a row with the columns id, attributes, members, name, comment, full_name. */
static struct nt_status read_record(sqlite3_stmt *q, struct arena *arena, struct sam_record *out)
{
    int64_t id = sqlite3_column_int64(q, 0);

    out->domain = (enum sam_domain)(id >> 36);
    out->kind = (enum sam_kind)(id >> 32 & 15);
    out->rid = (uint32_t)id;
    out->attributes = (uint32_t)sqlite3_column_int64(q, 1);
    out->member_count = (uint32_t)sqlite3_column_int64(q, 2);
    if (!sam_sqlite_text(q, 3, arena, &out->name) || !sam_sqlite_text(q, 4, arena, &out->comment) ||
        !sam_sqlite_text(q, 5, arena, &out->full_name))
        return NT(STATUS_NO_MEMORY);
    return NT(STATUS_SUCCESS);
}

static struct nt_status read_first(struct sqlite_store *s, sqlite3_stmt *q, struct arena *arena,
                                   struct sam_record *out)
{
    struct nt_status status = sam_sqlite_first(s, q);

    if (nt_success(status)) {
        status = read_record(q, arena, out);
        sqlite3_reset(q);
    }
    return status;
}

struct nt_status sam_sqlite_find_key(struct sam_store *base, const struct sam_key *key, struct arena *arena,
                                     struct sam_record *out)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_FIND_KEY, &status);

    if (!q)
        return status;
    sam_sqlite_bind_key(q, 1, key);
    return read_first(store(base), q, arena, out);
}

struct nt_status sam_sqlite_find_rid(struct sam_store *base, enum sam_domain domain, uint32_t rid,
                                     struct arena *arena, struct sam_record *out)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_FIND_RID, &status);

    if (!q)
        return status;
    for (int kind = SAM_USER; kind <= SAM_ALIAS; kind++)
        sqlite3_bind_int64(q, kind, sqlite_id(domain, (enum sam_kind)kind, rid));
    return read_first(store(base), q, arena, out);
}

struct nt_status sam_sqlite_get(struct sam_store *base, enum sam_domain domain, enum sam_kind kind,
                                uint32_t rid, struct arena *arena, struct sam_record *out)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_GET, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(domain, kind, rid));
    return read_first(store(base), q, arena, out);
}

struct nt_status sam_sqlite_insert(struct sam_store *base, const struct sam_record *r,
                                   const struct sam_key *key)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_INSERT, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(r->domain, r->kind, r->rid));
    sqlite3_bind_int64(q, 2, sqlite_class(r->domain, r->kind));
    sqlite3_bind_int64(q, 3, r->attributes);
    sam_sqlite_bind_key(q, 4, key);
    sam_sqlite_bind_text(q, 5, r->name);
    sam_sqlite_bind_text(q, 6, r->comment);
    sam_sqlite_bind_text(q, 7, r->full_name);
    return sam_sqlite_run(store(base), q);
}

/* The statement with the account's id as its first parameter. */
static sqlite3_stmt *use_for(struct sam_store *base, enum sqlite_statement which, const struct sam_record *r,
                             struct nt_status *status)
{
    sqlite3_stmt *q = sam_sqlite_use(store(base), which, status);

    if (q)
        sqlite3_bind_int64(q, 1, sqlite_id(r->domain, r->kind, r->rid));
    return q;
}

struct nt_status sam_sqlite_set_name(struct sam_store *base, const struct sam_record *r,
                                     const struct sam_key *key)
{
    struct nt_status status;
    sqlite3_stmt *q = use_for(base, STATEMENT_SET_NAME, r, &status);

    if (!q)
        return status;
    sam_sqlite_bind_key(q, 2, key);
    sam_sqlite_bind_text(q, 3, r->name);
    return sam_sqlite_run(store(base), q);
}

struct nt_status sam_sqlite_set_comment(struct sam_store *base, const struct sam_record *r)
{
    struct nt_status status;
    sqlite3_stmt *q = use_for(base, STATEMENT_SET_COMMENT, r, &status);

    if (!q)
        return status;
    sam_sqlite_bind_text(q, 2, r->comment);
    return sam_sqlite_run(store(base), q);
}

struct nt_status sam_sqlite_set_attributes(struct sam_store *base, const struct sam_record *r)
{
    struct nt_status status;
    sqlite3_stmt *q = use_for(base, STATEMENT_SET_ATTRIBUTES, r, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 2, r->attributes);
    return sam_sqlite_run(store(base), q);
}

struct nt_status sam_sqlite_remove(struct sam_store *base, const struct sam_record *r)
{
    struct nt_status status;
    sqlite3_stmt *q = use_for(base, STATEMENT_BURY, r, &status);

    if (q)
        status = sam_sqlite_run(store(base), q);
    q = nt_success(status) ? sam_sqlite_use(store(base), STATEMENT_FORGET, &status) : NULL;
    if (q) {
        sqlite3_bind_int64(q, 1, TOMBSTONES);
        status = sam_sqlite_run(store(base), q);
    }
    q = nt_success(status) ? use_for(base, STATEMENT_REMOVE, r, &status) : NULL;
    return q ? sam_sqlite_run(store(base), q) : status;
}

struct nt_status sam_sqlite_user_get(struct sam_store *base, uint32_t rid, struct arena *arena,
                                     struct sam_record *account, struct sam_user_record *user)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_USER_GET, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(SAM_ACCOUNT, SAM_USER, rid));
    status = sam_sqlite_first(store(base), q);
    if (!nt_success(status))
        return status;
    status = read_record(q, arena, account);
    user->primary_group = (uint32_t)sqlite3_column_int64(q, 6);
    user->created = sqlite3_column_int64(q, 7);
    sqlite3_reset(q);
    return status;
}

struct nt_status sam_sqlite_user_insert(struct sam_store *base, uint32_t rid,
                                        const struct sam_user_record *user)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_USER_INSERT, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(SAM_ACCOUNT, SAM_USER, rid));
    sqlite3_bind_int64(q, 2, sqlite_id(SAM_ACCOUNT, SAM_GROUP, user->primary_group));
    sqlite3_bind_int64(q, 3, user->created);
    return sam_sqlite_run(store(base), q);
}

struct nt_status sam_sqlite_password_set(struct sam_store *base, uint32_t rid,
                                         const struct sam_password_record *p)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_PASSWORD_SET, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(SAM_ACCOUNT, SAM_USER, rid));
    sqlite3_bind_blob(q, 2, p->nt_hash, sizeof(p->nt_hash), SQLITE_STATIC);
    sqlite3_bind_int64(q, 3, p->changed);
    status = sam_sqlite_run(store(base), q);
    sqlite3_clear_bindings(q);
    return status;
}

struct nt_status sam_sqlite_password_get(struct sam_store *base, uint32_t rid, uint32_t *attributes,
                                         struct sam_password_record *p)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_PASSWORD_GET, &status);
    const void *hash;

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(SAM_ACCOUNT, SAM_USER, rid));
    status = sam_sqlite_first(store(base), q);
    if (!nt_success(status))
        return status;
    *attributes = (uint32_t)sqlite3_column_int64(q, 0);
    p->changed = sqlite3_column_int64(q, 2);
    hash = sqlite3_column_blob(q, 1);
    if (!hash || sqlite3_column_bytes(q, 1) != sizeof(p->nt_hash))
        status = NT(STATUS_INTERNAL_DB_CORRUPTION);
    else
        memcpy(p->nt_hash, hash, sizeof(p->nt_hash));
    sqlite3_reset(q);
    return status;
}

struct nt_status sam_sqlite_has_primary_members(struct sam_store *base, uint32_t group, bool *out)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_PRIMARY_MEMBERS, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(SAM_ACCOUNT, SAM_GROUP, group));
    status = sam_sqlite_first(store(base), q);
    if (nt_success(status)) {
        *out = sqlite3_column_int(q, 0) != 0;
        sqlite3_reset(q);
    }
    return status;
}
