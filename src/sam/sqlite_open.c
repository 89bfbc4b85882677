/* SPDX-License-Identifier: MIT */
/*
 * The database file on SQLite: refused when it is not ours, opened so that what is committed
 * is on disk; transactions.
 *
 * Invariant: a file that is not ours is only read. A database gets its name when all of it is on disk
 * (sqlite_create.c), so whoever opens the file sees all of it. Writers take the write lock
 * at the start of a transaction (BEGIN IMMEDIATE), so no transaction fails halfway because of another one.
 */
#include "sam/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE INT64_C(30000000000) /* ns to wait for another process when no deadline is set */
#define PAUSE_MIN 50000u              /* ns between two looks: it doubles from here, */
#define PAUSE_MAX 2000000u            /* to here */
#define PAUSE_QUEUE 200000u           /* in the queue: for each who is ahead, */
#define PAUSE_QUEUE_MAX 20000000u     /* and at most */

/* The parts of the file's header that are read before SQLite reads the file (sqlite.org/fileformat2.html) */
#define HEADER_LEN 100
#define HEADER_APPLICATION_AT 68

/* Pages of 4 KiB in the log before a commit moves them into the database: enough that pages written again and
 * again (domain, last RIDs) are moved once, and few enough that nobody waits for the move for long. */
#define SETTINGS                          \
    "PRAGMA synchronous=FULL;"            \
    "PRAGMA wal_autocheckpoint=1000;"     \
    "PRAGMA journal_size_limit=16777216;" \
    "PRAGMA cache_size=-1024;"            \
    "PRAGMA temp_store=MEMORY;"           \
    "PRAGMA foreign_keys=ON;"

static struct sqlite_store *store(struct sam_store *base)
{
    return (struct sqlite_store *)base;
}

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static uint32_t pause_after(int count)
{
    return count < 5 ? PAUSE_MIN << count : PAUSE_MAX;
}

/* Waits were before this one: `count`. False: the time is up. */
static bool wait_a_little(struct sqlite_store *s, int count, uint32_t ns)
{
    int64_t t = now(), end = s->deadline;

    if (count == 0)
        s->waiting_since = t;
    if (end == SAM_PATIENCE)
        end = s->waiting_since + PATIENCE;
    if (end && t >= end)
        return false;
    if (end && ns > end - t)
        ns = (uint32_t)(end - t);
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
    return true;
}

/* SQLite's busy handler */
static int wait_for_lock(void *arg, int count)
{
    struct sqlite_store *s = arg;

    return !s->impatient && wait_a_little(s, count, pause_after(count));
}

struct nt_status sam_sqlite_status_of_errno(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return NT(STATUS_OBJECT_NAME_NOT_FOUND);
    case EACCES:
    case EPERM:
        return NT(STATUS_ACCESS_DENIED);
    case EROFS:
        return NT(STATUS_MEDIA_WRITE_PROTECTED);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return NT(STATUS_DISK_FULL);
    case ENOMEM:
        return NT(STATUS_NO_MEMORY);
    case EMFILE:
    case ENFILE:
        return NT(STATUS_INSUFFICIENT_RESOURCES);
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
        return NT(STATUS_OBJECT_NAME_INVALID);
    default:
        return NT(STATUS_INTERNAL_DB_ERROR);
    }
}

struct nt_status sam_sqlite_status(sqlite3 *db, int rc)
{
    switch (rc & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return NT(STATUS_SUCCESS);
    case SQLITE_NOMEM:
        return NT(STATUS_NO_MEMORY);
    case SQLITE_FULL:
        return NT(STATUS_DISK_FULL);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return NT(STATUS_FILE_LOCK_CONFLICT);
    case SQLITE_READONLY:
        return rc == SQLITE_READONLY_DIRECTORY ? NT(STATUS_ACCESS_DENIED) : NT(STATUS_MEDIA_WRITE_PROTECTED);
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return NT(STATUS_ACCESS_DENIED);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return NT(STATUS_INTERNAL_DB_CORRUPTION);
    case SQLITE_CANTOPEN:
        return sam_sqlite_status_of_errno(sqlite3_system_errno(db));
    case SQLITE_IOERR:
        return rc == SQLITE_IOERR_NOMEM ? NT(STATUS_NO_MEMORY)
                                        : sam_sqlite_status_of_errno(sqlite3_system_errno(db));
    default:
        return NT(STATUS_INTERNAL_DB_ERROR);
    }
}

static struct nt_status execute(sqlite3 *db, const char *sql)
{
    return sam_sqlite_status(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* Transactions */

static bool in_transaction(struct sam_store *base)
{
    return store(base)->db && !sqlite3_get_autocommit(store(base)->db);
}

static void rollback(struct sam_store *base)
{
    struct nt_status status;
    sqlite3_stmt *q;

    sam_sqlite_queue_leave(&store(base)->queue);
    if (!in_transaction(base))
        return;
    q = sam_sqlite_use(store(base), STATEMENT_ROLLBACK, &status);
    if (q)
        sam_sqlite_run(store(base), q);
}

static struct nt_status run(struct sam_store *base, enum sqlite_statement which)
{
    struct nt_status status;
    sqlite3_stmt *q = sam_sqlite_use(store(base), which, &status);

    return q ? sam_sqlite_run(store(base), q) : status;
}

/* Somebody deleted or replaced the file: what is written now would be gone with the last who has it open. */
static bool has_moved(struct sqlite_store *s)
{
    int moved = 0;

    return sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}

/* Begin when it is our turn. STATUS_FILE_LOCK_CONFLICT: we stand in the queue now, if that is possible, and
 * `ahead` of us are others; 0: whoever writes now. */
static struct nt_status try_begin(struct sqlite_store *s, uint32_t *ahead)
{
    const char *name = sqlite3_db_filename(s->db, "main");
    struct nt_status status = NT(STATUS_FILE_LOCK_CONFLICT);

    *ahead = sam_sqlite_queue_ahead(&s->queue, name);
    if (!*ahead) {
        s->impatient = true;
        status = run(&s->base, STATEMENT_BEGIN);
        s->impatient = false;
    }
    if (nt_is(status, NT_STATUS_FILE_LOCK_CONFLICT))
        sam_sqlite_queue_enter(&s->queue, name);
    else
        sam_sqlite_queue_leave(&s->queue);
    return status;
}

static uint32_t pause_behind(uint32_t ahead)
{
    return ahead < PAUSE_QUEUE_MAX / PAUSE_QUEUE ? ahead * PAUSE_QUEUE : PAUSE_QUEUE_MAX;
}

static struct nt_status wait_to_begin(struct sqlite_store *s, uint32_t ahead)
{
    struct nt_status status = NT(STATUS_FILE_LOCK_CONFLICT);

    for (int i = 0, first = 0; nt_is(status, NT_STATUS_FILE_LOCK_CONFLICT); i++) {
        first = ahead ? 0 : first + 1;
        if (!wait_a_little(s, i, ahead ? pause_behind(ahead) : pause_after(first)))
            break;
        status = try_begin(s, &ahead);
    }
    sam_sqlite_queue_leave(&s->queue);
    return status;
}

static struct nt_status begin(struct sam_store *base, bool wait)
{
    struct sqlite_store *s = store(base);
    struct nt_status status;
    uint32_t ahead;

    if (has_moved(s))
        return NT(STATUS_OBJECT_NAME_NOT_FOUND);

    /* so that nothing has to be prepared, which takes memory, to get out again */
    if (!sam_sqlite_use(s, STATEMENT_ROLLBACK, &status) || !sam_sqlite_use(s, STATEMENT_COMMIT, &status))
        return status;
    if (in_transaction(base))
        rollback(base);
    status = try_begin(s, &ahead);
    if (wait && nt_is(status, NT_STATUS_FILE_LOCK_CONFLICT))
        status = wait_to_begin(s, ahead);
    return status;
}

static void set_deadline(struct sam_store *base, int64_t deadline)
{
    store(base)->deadline = deadline;
}

static struct nt_status commit(struct sam_store *base)
{
    struct nt_status status = run(base, STATEMENT_COMMIT);

    if (!nt_success(status))
        rollback(base);
    return status;
}

/* Opening */

static void close_store(struct sam_store *base)
{
    struct sqlite_store *s = store(base);

    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(s->statements[i]);
    sam_sqlite_queue_close(&s->queue);
    sqlite3_close(s->db);
    free(s->row);
    free(s);
}

/* What kind of file it is, told by its header alone: before this SQLite must not touch it. */
static struct nt_status check_header(sqlite3 *db)
{
    static const char magic[16] = "SQLite format 3";
    uint8_t header[HEADER_LEN];
    const uint8_t *id = header + HEADER_APPLICATION_AT;
    sqlite3_file *file = NULL;
    int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

    if (rc == SQLITE_OK)
        rc = file->pMethods->xRead(file, header, sizeof(header), 0);
    if (rc == SQLITE_IOERR_SHORT_READ)
        return NT(STATUS_INTERNAL_DB_CORRUPTION);
    if (rc != SQLITE_OK)
        return NT(STATUS_INTERNAL_DB_ERROR);
    if (memcmp(header, magic, sizeof(magic)) != 0 || ((uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
                                                      (uint32_t)id[2] << 8 | id[3]) != SAM_SQLITE_APPLICATION)
        return NT(STATUS_INTERNAL_DB_CORRUPTION);
    return NT(STATUS_SUCCESS);
}

/* The switch to a write-ahead log, once in a database's life, does not wait for others by itself. */
static struct nt_status use_log(struct sqlite_store *s)
{
    struct nt_status status = execute(s->db, "PRAGMA journal_mode=WAL");

    for (int i = 0; nt_is(status, NT_STATUS_FILE_LOCK_CONFLICT) && wait_for_lock(s, i); i++)
        status = execute(s->db, "PRAGMA journal_mode=WAL");
    return status;
}

char *sam_sqlite_name(const char *path)
{
    char *name;

    return asprintf(&name, "%s%s", *path == '/' ? "" : "./", path) < 0 ? NULL : name;
}

struct nt_status sam_sqlite_connect(struct sqlite_store **out, const char *name)
{
    struct sqlite_store *s = calloc(1, sizeof(*s));
    struct nt_status status = NT(STATUS_NO_MEMORY);
    int rc;

    *out = s;
    if (!s)
        return status;
    s->base.ops = &sam_sqlite_ops;
    s->queue.fd = -1;
    s->deadline = SAM_PATIENCE;
    rc = sqlite3_open_v2(name ? name : ":memory:", &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (s->db)
        status = sam_sqlite_status(s->db, rc);
    if (!nt_success(status))
        return status;
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_handler(s->db, wait_for_lock, s);
    return status;
}

struct nt_status sam_sqlite_open(struct sam_store **out, const char *path, int64_t deadline)
{
    struct sqlite_store *s = NULL;
    struct nt_status status = *path ? NT(STATUS_NO_MEMORY) : NT(STATUS_OBJECT_NAME_INVALID);
    char *name = *path ? sam_sqlite_name(path) : NULL;

    if (name)
        status = sam_sqlite_connect(&s, name);
    if (nt_success(status))
        set_deadline(&s->base, deadline);
    /* SQLite takes a file that may only be read, too */
    if (nt_success(status) && sqlite3_db_readonly(s->db, "main"))
        status = access(name, W_OK) != 0 ? sam_sqlite_status_of_errno(errno) : NT(STATUS_ACCESS_DENIED);
    if (nt_success(status))
        status = check_header(s->db);
    if (nt_success(status))
        status = use_log(s);
    if (nt_success(status))
        status = execute(s->db, SETTINGS);
    if (nt_success(status))
        status = sam_sqlite_migrate(s->db);
    free(name);
    if (nt_success(status))
        *out = &s->base;
    else if (s)
        close_store(&s->base);
    return status;
}

const struct sam_store_ops sam_sqlite_ops = {
    .close = close_store,
    .set_deadline = set_deadline,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .in_transaction = in_transaction,
    .domain_get = sam_sqlite_domain_get,
    .domain_insert = sam_sqlite_domain_insert,
    .counters_get = sam_sqlite_counters_get,
    .counters_set = sam_sqlite_counters_set,
    .find_key = sam_sqlite_find_key,
    .find_rid = sam_sqlite_find_rid,
    .get = sam_sqlite_get,
    .insert = sam_sqlite_insert,
    .set_name = sam_sqlite_set_name,
    .set_comment = sam_sqlite_set_comment,
    .set_attributes = sam_sqlite_set_attributes,
    .remove = sam_sqlite_remove,
    .user_get = sam_sqlite_user_get,
    .user_insert = sam_sqlite_user_insert,
    .password_set = sam_sqlite_password_set,
    .password_get = sam_sqlite_password_get,
    .has_primary_members = sam_sqlite_has_primary_members,
    .members = sam_sqlite_members,
    .groups_of = sam_sqlite_groups_of,
    .member_get = sam_sqlite_member_get,
    .member_add = sam_sqlite_member_add,
    .member_set = sam_sqlite_member_set,
    .member_remove = sam_sqlite_member_remove,
    .alias_member_add = sam_sqlite_alias_member_add,
    .alias_member_remove = sam_sqlite_alias_member_remove,
    .alias_member_get = sam_sqlite_alias_member_get,
    .alias_members = sam_sqlite_alias_members,
    .aliases_of = sam_sqlite_aliases_of,
    .scan_rids = sam_sqlite_scan_rids,
    .scan_names = sam_sqlite_scan_names,
    .scan_next = sam_sqlite_scan_next,
    .scan_stop = sam_sqlite_scan_stop,
    .before = sam_sqlite_before,
};
