/* SPDX-License-Identifier: MIT */
/*
 * Memberships in SQLite.
 *
 * Invariant: account.members of a group is the number of its rows in `member`.
 */
#include "sam/sqlite.h"

#include "base/arena.h"

static struct sqlite_store *store(struct sam_store *base)
{
    return (struct sqlite_store *)base;
}

/* Rows of (how many, id or NULL when there is none, attributes). */
static struct nt_status read_list(struct sqlite_store *s, sqlite3_stmt *q, struct arena *arena,
                                  struct sam_member **out, size_t *count)
{
    struct nt_status status = sam_sqlite_first(s, q);
    struct sam_member *list;
    size_t expected, n = 0;
    int rc = SQLITE_ROW;

    *out = NULL;
    *count = 0;
    if (!nt_success(status))
        return status;
    expected = (size_t)sqlite3_column_int64(q, 0);
    list = arena_array(arena, expected, sizeof(*list), _Alignof(struct sam_member));
    if (!list) {
        sqlite3_reset(q);
        return NT(STATUS_NO_MEMORY);
    }
    for (; rc == SQLITE_ROW && sqlite3_column_type(q, 1) != SQLITE_NULL; rc = sqlite3_step(q)) {
        if (n == expected)
            break;
        list[n++] = (struct sam_member){.rid = (uint32_t)sqlite3_column_int64(q, 1),
                                        .attributes = (uint32_t)sqlite3_column_int64(q, 2)};
    }
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        status = sam_sqlite_status(s->db, rc);
    else if (n != expected || (rc == SQLITE_ROW && n))
        status = NT(STATUS_INTERNAL_DB_CORRUPTION); /* the count is not kept */
    sqlite3_reset(q);
    if (!nt_success(status))
        return status;
    *out = n ? list : NULL;
    *count = n;
    return status;
}

struct nt_status sam_sqlite_members(struct sam_store *base, uint32_t group, struct arena *arena,
                                    struct sam_member **out, size_t *count)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_MEMBERS, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(SAM_ACCOUNT, SAM_GROUP, group));
    return read_list(store(base), q, arena, out, count);
}

struct nt_status sam_sqlite_groups_of(struct sam_store *base, uint32_t user, struct arena *arena,
                                      struct sam_member **out, size_t *count)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_GROUPS_OF, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(SAM_ACCOUNT, SAM_USER, user));
    return read_list(store(base), q, arena, out, count);
}

/* The statement with group and user as its first parameters. */
static sqlite3_stmt *use_for(struct sam_store *base, enum sqlite_statement which, uint32_t group,
                             uint32_t user, struct nt_status *status)
{
    sqlite3_stmt *q = sam_sqlite_use(store(base), which, status);

    if (q) {
        sqlite3_bind_int64(q, 1, sqlite_id(SAM_ACCOUNT, SAM_GROUP, group));
        sqlite3_bind_int64(q, 2, sqlite_id(SAM_ACCOUNT, SAM_USER, user));
    }
    return q;
}

struct nt_status sam_sqlite_member_get(struct sam_store *base, uint32_t group, uint32_t user,
                                       uint32_t *attributes)
{
    struct nt_status status;
    sqlite3_stmt *q = use_for(base, STATEMENT_MEMBER_GET, group, user, &status);

    if (!q)
        return status;
    status = sam_sqlite_first(store(base), q);
    if (nt_success(status)) {
        *attributes = (uint32_t)sqlite3_column_int64(q, 0);
        sqlite3_reset(q);
    }
    return nt_is(status, NT_STATUS_NONE_MAPPED) ? NT(STATUS_MEMBER_NOT_IN_GROUP) : status;
}

static struct nt_status add_to_count(struct sam_store *base, uint32_t group, int change)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_MEMBER_COUNT, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, sqlite_id(SAM_ACCOUNT, SAM_GROUP, group));
    sqlite3_bind_int(q, 2, change);
    return sam_sqlite_run(store(base), q);
}

struct nt_status sam_sqlite_member_add(struct sam_store *base, uint32_t group, uint32_t user,
                                       uint32_t attributes)
{
    struct nt_status status;
    sqlite3_stmt *q = use_for(base, STATEMENT_MEMBER_ADD, group, user, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 3, attributes);
    status = sam_sqlite_run(store(base), q);
    return nt_success(status) ? add_to_count(base, group, 1) : status;
}

struct nt_status sam_sqlite_member_set(struct sam_store *base, uint32_t group, uint32_t user,
                                       uint32_t attributes)
{
    struct nt_status status;
    sqlite3_stmt *q = use_for(base, STATEMENT_MEMBER_SET, group, user, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 3, attributes);
    return sam_sqlite_run(store(base), q);
}

struct nt_status sam_sqlite_member_remove(struct sam_store *base, uint32_t group, uint32_t user)
{
    struct nt_status status;
    sqlite3_stmt *q = use_for(base, STATEMENT_MEMBER_REMOVE, group, user, &status);

    if (!q)
        return status;
    status = sam_sqlite_run(store(base), q);
    return nt_success(status) ? add_to_count(base, group, -1) : status;
}
