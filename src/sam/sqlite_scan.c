/* SPDX-License-Identifier: MIT */
/*
 * Ordered scans in SQLite: by id along the table, by name along an index that holds all columns of a row.
 *
 * Invariant: a scan starts behind a key, never at a distance from the start, so every page costs the same.
 * While one is open it reads the database as it was when it began.
 */
#include "sam/sqlite.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMN_ID, COLUMN_NAME, COLUMN_ATTRIBUTES, COLUMN_COMMENT, COLUMN_FULL_NAME };

static struct sqlite_store *store(struct sam_store *base)
{
    return (struct sqlite_store *)base;
}

struct nt_status sam_sqlite_scan_rids(struct sam_store *base, enum sam_domain domain, enum sam_kind kind,
                                      uint32_t after_rid)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_SCAN_RIDS, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(domain, kind, after_rid));
    sqlite3_bind_int64(q, 2, (sqlite_class(domain, kind) + 1) << 32);
    store(base)->scan = q;
    return status;
}

/* Where an account stands, or stood, in the order of names. */
static struct nt_status position(struct sqlite_store *s, int64_t id, struct sam_key *key)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(s, STATEMENT_POSITION, &status);
    const void *bytes;

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, id);
    status = sam_sqlite_first(s, q);
    if (nt_is(status, NT_STATUS_NONE_MAPPED))
        return NT(STATUS_INVALID_PARAMETER);
    if (!nt_success(status))
        return status;
    bytes = sqlite3_column_blob(q, 0);
    key->len = (size_t)sqlite3_column_bytes(q, 0);
    if (!bytes || key->len > sizeof(key->bytes))
        status = NT(STATUS_INTERNAL_DB_CORRUPTION);
    else
        memcpy(key->bytes, bytes, key->len);
    sqlite3_reset(q);
    return status;
}

struct nt_status sam_sqlite_scan_names(struct sam_store *base, enum sam_domain domain, enum sam_kind kind,
                                       uint32_t after_rid)
{
    struct sam_key key = {0};
    struct nt_status status = NT(STATUS_SUCCESS);
    sqlite3_stmt *q;

    if (after_rid)
        status = position(store(base), sqlite_id(domain, kind, after_rid), &key);
    q = nt_success(status) ? sam_sqlite_use(store(base), STATEMENT_SCAN_NAMES, &status) : NULL;
    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_class(domain, kind));
    /* copied: the scan outlives this function */
    if (sqlite3_bind_blob(q, 2, key.bytes, (int)key.len, SQLITE_TRANSIENT) != SQLITE_OK)
        return NT(STATUS_NO_MEMORY);
    store(base)->scan = q;
    return status;
}

static bool reserve(struct sqlite_store *s, size_t len)
{
    uint8_t *bigger;

    if (len <= s->row_capacity)
        return true;
    bigger = realloc(s->row, 2 * len);
    if (!bigger)
        return false;
    s->row = bigger;
    s->row_capacity = 2 * len;
    return true;
}

struct nt_status sam_sqlite_scan_next(struct sam_store *base, struct sam_row *row)
{
    struct sqlite_store *s = store(base);
    sqlite3_stmt *q = s->scan;
    bool all = q == s->statements[STATEMENT_SCAN_NAMES];
    struct sam_text *texts[] = {&row->name, &row->comment, &row->full_name};
    const int columns[] = {COLUMN_NAME, COLUMN_COMMENT, COLUMN_FULL_NAME};
    size_t lens[3] = {0}, total = 0;
    int64_t id;
    int rc = sqlite3_step(q);

    if (rc == SQLITE_DONE)
        return NT(STATUS_NO_MORE_ENTRIES);
    if (rc != SQLITE_ROW)
        return sam_sqlite_status(s->db, rc);
    id = sqlite3_column_int64(q, COLUMN_ID);
    row->rid = (uint32_t)id;
    row->kind = (enum sam_kind)(id >> 32 & 15);
    row->attributes = (uint32_t)sqlite3_column_int64(q, COLUMN_ATTRIBUTES);
    for (size_t i = 0; i < (all ? 3 : 1); i++)
        total += lens[i] = (size_t)sqlite3_column_bytes(q, columns[i]) & ~(size_t)1;
    if (!reserve(s, total))
        return NT(STATUS_NO_MEMORY);
    total = 0;
    for (size_t i = 0; i < 3; i++) { /* columns are not aligned where they are */
        *texts[i] = (struct sam_text){.count = lens[i] / 2};
        if (!lens[i])
            continue;
        texts[i]->chars = memcpy(s->row + total, sqlite3_column_blob(q, columns[i]), lens[i]);
        total += lens[i];
    }
    return NT(STATUS_SUCCESS);
}

void sam_sqlite_scan_stop(struct sam_store *base)
{
    sqlite3_reset(store(base)->scan);
    store(base)->scan = NULL;
}

struct nt_status sam_sqlite_before(struct sam_store *base, enum sam_domain domain, enum sam_kind kind,
                                   const struct sam_key *key, uint32_t *rid)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_BEFORE, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_class(domain, kind));
    sam_sqlite_bind_key(q, 2, key);
    status = sam_sqlite_first(store(base), q);
    if (!nt_success(status))
        return status;
    if (!sqlite3_column_int(q, 0))
        status = NT(STATUS_NO_MORE_ENTRIES);
    else
        *rid = (uint32_t)sqlite3_column_int64(q, 1); /* NULL reads as 0 */
    sqlite3_reset(q);
    return status;
}
