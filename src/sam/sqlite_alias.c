/* SPDX-License-Identifier: MIT */
/* SIDs in SQLite, and which of them are in aliases. */
#include "sam/sqlite.h"

#include <string.h>

#include "base/arena.h"

static struct sqlite_store *store(struct sam_store *base)
{
    return (struct sqlite_store *)base;
}

size_t sam_sqlite_put_sid(uint8_t bytes[SQLITE_SID_LEN_MAX], const struct sam_sid *sid)
{
    bytes[0] = sid->revision;
    bytes[1] = sid->count;
    memcpy(bytes + 2, sid->authority, sizeof(sid->authority));
    for (size_t i = 0; i < sid->count; i++)
        for (size_t b = 0; b < 4; b++)
            bytes[8 + 4 * i + b] = (uint8_t)(sid->sub[i] >> 8 * b);
    return 8 + 4 * (size_t)sid->count;
}

bool sam_sqlite_get_sid(struct sam_sid *sid, const uint8_t *bytes, size_t len)
{
    memset(sid, 0, sizeof(*sid));
    if (!bytes || len < 8 || bytes[1] > SAM_SID_MAX_SUBAUTHORITIES || len != 8 + 4 * (size_t)bytes[1])
        return false;
    sid->revision = bytes[0];
    sid->count = bytes[1];
    memcpy(sid->authority, bytes + 2, sizeof(sid->authority));
    for (size_t i = 0; i < sid->count; i++)
        for (size_t b = 4; b-- > 0;)
            sid->sub[i] = sid->sub[i] << 8 | bytes[8 + 4 * i + b];
    return true;
}

static struct nt_status change_member(struct sam_store *base, enum sqlite_statement statement,
                                      enum sam_domain domain, uint32_t alias, const struct sam_sid *sid)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), statement, &status);
    uint8_t bytes[SQLITE_SID_LEN_MAX];

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(domain, SAM_ALIAS, alias));
    sqlite3_bind_blob(q, 2, bytes, (int)sam_sqlite_put_sid(bytes, sid), SQLITE_STATIC);
    return sam_sqlite_run(store(base), q);
}

struct nt_status sam_sqlite_alias_member_add(struct sam_store *base, enum sam_domain domain, uint32_t alias,
                                             const struct sam_sid *sid)
{
    return change_member(base, STATEMENT_ALIAS_MEMBER_ADD, domain, alias, sid);
}

struct nt_status sam_sqlite_alias_member_remove(struct sam_store *base, enum sam_domain domain,
                                                uint32_t alias, const struct sam_sid *sid)
{
    return change_member(base, STATEMENT_ALIAS_MEMBER_REMOVE, domain, alias, sid);
}

struct nt_status sam_sqlite_alias_member_get(struct sam_store *base, enum sam_domain domain, uint32_t alias,
                                             const struct sam_sid *sid, bool *out)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_ALIAS_MEMBER_GET, &status);
    uint8_t bytes[SQLITE_SID_LEN_MAX];

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(domain, SAM_ALIAS, alias));
    sqlite3_bind_blob(q, 2, bytes, (int)sam_sqlite_put_sid(bytes, sid), SQLITE_STATIC);
    status = sam_sqlite_first(store(base), q);
    if (nt_success(status)) {
        *out = sqlite3_column_int(q, 0) != 0;
        sqlite3_reset(q);
    }
    return status;
}

/* A row of an array that a statement gives, whose first column tells how many rows there are. */
typedef bool (*read_row)(sqlite3_stmt *q, void *entry);

static struct nt_status read_rows(struct sqlite_store *s, sqlite3_stmt *q, read_row read, size_t entry_len,
                                  struct arena *arena, void **out, size_t *count)
{
    struct nt_status status = sam_sqlite_first(s, q);
    size_t expected, n = 0;
    uint8_t *list;
    int rc = SQLITE_ROW;

    *out = NULL;
    *count = 0;
    if (!nt_success(status))
        return nt_is(status, NT_STATUS_NONE_MAPPED) ? NT(STATUS_SUCCESS) : status;
    expected = (size_t)sqlite3_column_int64(q, 0);
    list = arena_array(arena, expected, entry_len, 4);
    if (!list)
        status = NT(STATUS_NO_MEMORY);
    for (; nt_success(status) && rc == SQLITE_ROW; rc = sqlite3_step(q))
        if (n == expected || !read(q, list + n++ * entry_len))
            status = NT(STATUS_INTERNAL_DB_CORRUPTION);
    if (nt_success(status) && rc != SQLITE_DONE)
        status = sam_sqlite_status(s->db, rc);
    sqlite3_reset(q);
    if (!nt_success(status))
        return status;
    *out = list;
    *count = n;
    return status;
}

static bool read_sid(sqlite3_stmt *q, void *entry)
{
    return sam_sqlite_get_sid(entry, sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1));
}

static bool read_rid(sqlite3_stmt *q, void *entry)
{
    *(uint32_t *)entry = (uint32_t)sqlite3_column_int64(q, 1);
    return true;
}

struct nt_status sam_sqlite_alias_members(struct sam_store *base, enum sam_domain domain, uint32_t alias,
                                          struct arena *arena, struct sam_sid **out, size_t *count)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_ALIAS_MEMBERS, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(domain, SAM_ALIAS, alias));
    return read_rows(store(base), q, read_sid, sizeof(**out), arena, (void **)out, count);
}

struct nt_status sam_sqlite_aliases_of(struct sam_store *base, enum sam_domain domain,
                                       const struct sam_sid *sid, struct arena *arena, uint32_t **out,
                                       size_t *count)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_ALIASES_OF, &status);
    uint8_t bytes[SQLITE_SID_LEN_MAX];

    if (!q)
        return status;
    sqlite3_bind_blob(q, 1, bytes, (int)sam_sqlite_put_sid(bytes, sid), SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, sqlite_id(domain, SAM_ALIAS, 0));
    sqlite3_bind_int64(q, 3, sqlite_id(domain, SAM_ALIAS, UINT32_MAX));
    return read_rows(store(base), q, read_rid, sizeof(**out), arena, (void **)out, count);
}
