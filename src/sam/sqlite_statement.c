/* SPDX-License-Identifier: MIT */
/*
 * Prepared statements: made when first used, kept for the life of the connection, always reset before anyone
 * uses them again (an open one keeps a read transaction open).
 */
#include "sam/sqlite.h"

#include <string.h>

#include "base/arena.h"

static const char *const sql[STATEMENT_COUNT] = {
#define X(name, text) text,
    STATEMENTS(X)
#undef X
};

sqlite3_stmt *sam_sqlite_use(struct sqlite_store *s, enum sqlite_statement which, struct nt_status *status)
{
    sqlite3_stmt **q = &s->statements[which];

    *status = NT(STATUS_SUCCESS);
    if (!*q) {
        int rc = sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, q, NULL);

        if (rc != SQLITE_OK)
            *status = sam_sqlite_status(s->db, rc);
    }
    return *q;
}

void sam_sqlite_bind_text(sqlite3_stmt *statement, int at, struct sam_text text)
{
    /* a NULL pointer would bind NULL */
    sqlite3_bind_blob(statement, at, text.count ? (const void *)text.chars : "",
                      (int)(text.count * sizeof(*text.chars)), SQLITE_STATIC);
}

void sam_sqlite_bind_key(sqlite3_stmt *statement, int at, const struct sam_key *key)
{
    sqlite3_bind_blob(statement, at, key->bytes, (int)key->len, SQLITE_STATIC);
}

struct nt_status sam_sqlite_run(struct sqlite_store *s, sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    struct nt_status status = sam_sqlite_status(s->db, rc);

    sqlite3_reset(statement);
    return status;
}

struct nt_status sam_sqlite_first(struct sqlite_store *s, sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    struct nt_status status;

    if (rc == SQLITE_ROW)
        return NT(STATUS_SUCCESS);
    status = rc == SQLITE_DONE ? NT(STATUS_NONE_MAPPED) : sam_sqlite_status(s->db, rc);
    sqlite3_reset(statement);
    return status;
}

bool sam_sqlite_text(sqlite3_stmt *statement, int column, struct arena *arena, struct sam_text *out)
{
    const void *bytes = sqlite3_column_blob(statement, column);
    uint16_t *copy;

    *out = (struct sam_text){.count = (size_t)sqlite3_column_bytes(statement, column) / sizeof(*copy)};
    if (!arena || !out->count)
        return true;
    copy = bytes ? arena_array(arena, out->count, sizeof(*copy), _Alignof(uint16_t)) : NULL;
    if (copy)
        memcpy(copy, bytes, out->count * sizeof(*copy));
    out->chars = copy;
    return copy != NULL;
}
