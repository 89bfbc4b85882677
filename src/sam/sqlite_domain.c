/* SPDX-License-Identifier: MIT */
/* The two domains in SQLite: what they are, their policy, and the counters that spare all scans. */
#include "sam/sqlite.h"

#include <string.h>

static struct sqlite_store *store(struct sam_store *base)
{
    return (struct sqlite_store *)base;
}

/* From `column` on: next_rid, modified, and count and bytes of each kind. */
static void read_counters(sqlite3_stmt *q, int column, struct sam_counters *c)
{
    memset(c, 0, sizeof(*c));
    c->next_rid = (uint32_t)sqlite3_column_int64(q, column++);
    c->modified = (uint64_t)sqlite3_column_int64(q, column++);
    for (int kind = SAM_USER; kind <= SAM_ALIAS; kind++) {
        c->kinds[kind].count = (uint32_t)sqlite3_column_int64(q, column++);
        c->kinds[kind].text_bytes = (uint64_t)sqlite3_column_int64(q, column++);
    }
}

static struct nt_status read_domain(sqlite3_stmt *q, struct arena *arena, struct sam_domain_info *info)
{
    memset(info, 0, sizeof(*info));
    if (!sam_sqlite_get_sid(&info->sid, sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1)) ||
        info->sid.count == SAM_SID_MAX_SUBAUTHORITIES) /* with a RID it is an account's */
        return NT(STATUS_INTERNAL_DB_CORRUPTION);
    info->created = sqlite3_column_int64(q, 2);
    info->min_password_length = (uint16_t)sqlite3_column_int(q, 3);
    info->password_history_length = (uint16_t)sqlite3_column_int(q, 4);
    info->password_properties = (uint32_t)sqlite3_column_int64(q, 5);
    info->max_password_age = sqlite3_column_int64(q, 6);
    info->min_password_age = sqlite3_column_int64(q, 7);
    info->force_logoff = sqlite3_column_int64(q, 8);
    info->lockout_duration = sqlite3_column_int64(q, 9);
    info->lockout_window = sqlite3_column_int64(q, 10);
    info->lockout_threshold = (uint16_t)sqlite3_column_int(q, 11);
    return sam_sqlite_text(q, 0, arena, &info->name) ? NT(STATUS_SUCCESS) : NT(STATUS_NO_MEMORY);
}

/* Both domains are always there. */
static struct nt_status first(struct sqlite_store *s, sqlite3_stmt *q)
{
    struct nt_status status = sam_sqlite_first(s, q);

    return nt_is(status, NT_STATUS_NONE_MAPPED) ? NT(STATUS_INTERNAL_DB_CORRUPTION) : status;
}

struct nt_status sam_sqlite_domain_get(struct sam_store *base, enum sam_domain domain, struct arena *arena,
                                       struct sam_domain_info *info, struct sam_counters *counters)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_DOMAIN_GET, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, domain);
    status = first(store(base), q);
    if (!nt_success(status))
        return status;
    status = read_domain(q, arena, info);
    read_counters(q, 12, counters);
    sqlite3_reset(q);
    return status;
}

struct nt_status sam_sqlite_domain_insert(struct sam_store *base, enum sam_domain domain,
                                          const struct sam_domain_info *info)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_DOMAIN_INSERT, &status);
    uint8_t sid[SQLITE_SID_LEN_MAX];

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, domain);
    sam_sqlite_bind_text(q, 2, info->name);
    sqlite3_bind_blob(q, 3, sid, (int)sam_sqlite_put_sid(sid, &info->sid), SQLITE_STATIC);
    sqlite3_bind_int64(q, 4, info->created);
    sqlite3_bind_int64(q, 5, info->min_password_length);
    sqlite3_bind_int64(q, 6, info->password_history_length);
    sqlite3_bind_int64(q, 7, info->password_properties);
    sqlite3_bind_int64(q, 8, info->max_password_age);
    sqlite3_bind_int64(q, 9, info->min_password_age);
    sqlite3_bind_int64(q, 10, info->force_logoff);
    sqlite3_bind_int64(q, 11, info->lockout_duration);
    sqlite3_bind_int64(q, 12, info->lockout_window);
    sqlite3_bind_int64(q, 13, info->lockout_threshold);
    return sam_sqlite_run(store(base), q);
}

struct nt_status sam_sqlite_counters_get(struct sam_store *base, enum sam_domain domain,
                                         struct sam_counters *counters)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_COUNTERS_GET, &status);

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, domain);
    status = first(store(base), q);
    if (nt_success(status)) {
        read_counters(q, 0, counters);
        sqlite3_reset(q);
    }
    return status;
}

struct nt_status sam_sqlite_counters_set(struct sam_store *base, enum sam_domain domain,
                                         const struct sam_counters *c)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), STATEMENT_COUNTERS_SET, &status);
    int at = 4;

    if (!q)
        return status;
    sqlite3_bind_int64(q, 1, domain);
    sqlite3_bind_int64(q, 2, c->next_rid);
    sqlite3_bind_int64(q, 3, (int64_t)c->modified);
    for (int kind = SAM_USER; kind <= SAM_ALIAS; kind++) {
        sqlite3_bind_int64(q, at++, c->kinds[kind].count);
        sqlite3_bind_int64(q, at++, (int64_t)c->kinds[kind].text_bytes);
    }
    return sam_sqlite_run(store(base), q);
}
