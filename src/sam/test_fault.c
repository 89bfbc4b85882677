/* SPDX-License-Identifier: MIT */
/*
 * The n-th write, sync or allocation fails, for n = 1 until nothing fails any more, over everything that a
 * program does with the database: each failure has a documented status, and the database is sound afterwards
 * and holds what was acknowledged.
 *
 * Linked with --wrap for what the library itself calls: memory, and write, fsync and link when it makes a
 * file; SQLite gets its memory and its files through the same counters. Nothing is really synced: it takes
 * too long.
 */
#include "sam/test_sam.h"

#include <errno.h>

#include "../../tests/failing_allocation.h"

static enum { FAIL_NOTHING, FAIL_IO_ERROR, FAIL_DISK_FULL, FAIL_MEMORY } what;

/* Writes: counts down to the one that fails; every later one fails, too, when `persistent`. */
static struct {
    long left;
    bool armed, persistent, hit;
} fault;

static bool fails(void)
{
    if (!fault.armed)
        return false;
    if (fault.left > 0 && --fault.left > 0)
        return false;
    if (fault.hit && !fault.persistent)
        return false;
    fault.hit = true;
    return true;
}

static void arm(long n, bool persistent)
{
    allocation_failed = false;
    if (what == FAIL_MEMORY)
        allocations_left = (unsigned)n - 1;
    fault.left = n;
    fault.persistent = persistent;
    fault.hit = false;
    fault.armed = what != FAIL_MEMORY;
}

static void disarm(void)
{
    fault.armed = false;
    allocations_left = UINT32_MAX;
}

/* A VFS that is the default one but for writes, syncs and truncations of the database and its log */

static sqlite3_vfs shim;
static sqlite3_vfs *real_vfs;

struct shim_file {
    sqlite3_file base;
    void *padding; /* the real file follows, aligned */
};

static sqlite3_file *real_file(sqlite3_file *file)
{
    return (sqlite3_file *)((char *)file + sizeof(struct shim_file));
}

static int io_result(int otherwise)
{
    if (!fails())
        return SQLITE_OK;
    errno = otherwise == SQLITE_FULL ? ENOSPC : EIO;
    return otherwise;
}

static int shim_close(sqlite3_file *f)
{
    return real_file(f)->pMethods->xClose(real_file(f));
}
static int shim_read(sqlite3_file *f, void *data, int len, sqlite3_int64 at)
{
    return real_file(f)->pMethods->xRead(real_file(f), data, len, at);
}
static int shim_write(sqlite3_file *f, const void *data, int len, sqlite3_int64 at)
{
    int rc = io_result(what == FAIL_DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE);

    if (rc != SQLITE_OK) { /* some of it is there */
        real_file(f)->pMethods->xWrite(real_file(f), data, len / 2, at);
        return rc;
    }
    return real_file(f)->pMethods->xWrite(real_file(f), data, len, at);
}
static int shim_truncate(sqlite3_file *f, sqlite3_int64 len)
{
    int rc = io_result(SQLITE_IOERR_TRUNCATE);

    return rc == SQLITE_OK ? real_file(f)->pMethods->xTruncate(real_file(f), len) : rc;
}
static int shim_sync(sqlite3_file *f, int flags)
{
    (void)f, (void)flags;
    return io_result(SQLITE_IOERR_FSYNC);
}
static int shim_size(sqlite3_file *f, sqlite3_int64 *len)
{
    return real_file(f)->pMethods->xFileSize(real_file(f), len);
}
static int shim_lock(sqlite3_file *f, int level)
{
    return real_file(f)->pMethods->xLock(real_file(f), level);
}
static int shim_unlock(sqlite3_file *f, int level)
{
    return real_file(f)->pMethods->xUnlock(real_file(f), level);
}
static int shim_reserved(sqlite3_file *f, int *out)
{
    return real_file(f)->pMethods->xCheckReservedLock(real_file(f), out);
}
static int shim_control(sqlite3_file *f, int op, void *arg)
{
    return real_file(f)->pMethods->xFileControl(real_file(f), op, arg);
}
static int shim_sector(sqlite3_file *f)
{
    return real_file(f)->pMethods->xSectorSize(real_file(f));
}
static int shim_device(sqlite3_file *f)
{
    return real_file(f)->pMethods->xDeviceCharacteristics(real_file(f));
}
static int shim_map(sqlite3_file *f, int page, int len, int extend, void volatile **out)
{
    int rc = extend ? io_result(SQLITE_IOERR_SHMSIZE) : SQLITE_OK;

    return rc == SQLITE_OK ? real_file(f)->pMethods->xShmMap(real_file(f), page, len, extend, out) : rc;
}
static int shim_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real_file(f)->pMethods->xShmLock(real_file(f), offset, n, flags);
}
static void shim_barrier(sqlite3_file *f)
{
    real_file(f)->pMethods->xShmBarrier(real_file(f));
}
static int shim_unmap(sqlite3_file *f, int delete)
{
    return real_file(f)->pMethods->xShmUnmap(real_file(f), delete);
}

static const sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_device,
    .xShmMap = shim_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_barrier,
    .xShmUnmap = shim_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
    int rc;

    (void)vfs;
    memset(file, 0, sizeof(struct shim_file));
    rc = flags & SQLITE_OPEN_CREATE ? io_result(SQLITE_CANTOPEN) : SQLITE_OK;
    if (rc == SQLITE_OK)
        rc = real_vfs->xOpen(real_vfs, path, real_file(file), flags, out_flags);
    if (rc == SQLITE_OK || real_file(file)->pMethods)
        file->pMethods = rc == SQLITE_OK ? &shim_methods : NULL;
    return rc;
}

static int get_last_error(sqlite3_vfs *vfs, int len, char *text_)
{
    (void)vfs, (void)len, (void)text_;
    return errno;
}

/* What is done: one program of operations, of which each that succeeds is remembered */

enum {
    STEP_OPEN,
    STEP_CREATE,
    STEP_COMMENT,
    STEP_RENAME,
    STEP_ADD,
    STEP_DELETE,
    STEP_BATCH,
    STEP_READ,
    STEPS
};

struct done {
    bool steps[STEPS];
    uint32_t rid, other;
};

static struct nt_status read_everything(struct fixture *f, uint32_t rid)
{
    struct sam_account account;
    struct sam_member *list;
    struct sam_group group;
    struct sam_cursor *c;
    struct sam_row row;
    struct arena arena;
    size_t count;
    struct nt_status status;

    arena_init(&arena, 1 << 20);
    status = sam_group_get(f->s, rid, &arena, &group);
    if (nt_success(status))
        status = sam_lookup_name(f->s, SAM_ACCOUNT, text(u"renamed"), &arena, &account);
    if (nt_success(status))
        status = sam_lookup_rid(f->s, SAM_ACCOUNT, rid, &arena, &account);
    if (nt_success(status))
        status = sam_group_members(f->s, rid, &arena, &list, &count);
    if (nt_success(status))
        status = sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, rid, &c);
    if (nt_success(status)) {
        while (nt_is(status = sam_cursor_next(c, &row), NT_STATUS_SUCCESS))
            ;
        sam_cursor_close(c);
        status = nt_is(status, NT_STATUS_NO_MORE_ENTRIES) ? NT(STATUS_SUCCESS) : status;
    }
    arena_deinit(&arena);
    return status;
}

static struct nt_status batch(struct fixture *f, struct done *done)
{
    struct nt_status status = sam_begin(f->s), committed;
    uint32_t rid;

    if (!nt_success(status))
        return status;
    status = sam_group_create(f->s, text(u"in batch"), &rid);
    if (nt_success(status))
        status = sam_group_add_member(f->s, rid, 500, 7);
    read_everything(f, done->rid); /* may fail by itself, or end the transaction */
    if (nt_success(status))
        status = sam_group_set_comment(f->s, rid, text(u"all or nothing"));
    committed = sam_commit(f->s);
    assert_false(sam_in_transaction(f->s));
    /* a change that failed for want of memory or disk must not be half in what is committed */
    return nt_success(status) ? committed : status;
}

static struct nt_status step(struct fixture *f, int which, struct done *done)
{
    switch (which) {
    case STEP_OPEN:
        return sam_open(&f->s, f->path, true);
    case STEP_CREATE:
        return sam_group_create(f->s, text(u"made"), &done->rid);
    case STEP_COMMENT:
        return sam_group_set_comment(f->s, done->rid, text(u"with a comment"));
    case STEP_RENAME:
        return sam_group_set_name(f->s, done->rid, text(u"renamed"));
    case STEP_ADD:
        return sam_group_add_member(f->s, done->rid, 501, 7);
    case STEP_DELETE: {
        struct nt_status status = sam_group_create(f->s, text(u"to be deleted"), &done->other);

        return nt_success(status) ? sam_group_delete(f->s, done->other) : status;
    }
    case STEP_BATCH:
        return batch(f, done);
    default:
        return read_everything(f, done->rid);
    }
}

static bool is_expected(struct nt_status status)
{
    static const uint32_t io[] = {(uint32_t)NT_STATUS_INTERNAL_DB_ERROR, (uint32_t)NT_STATUS_DISK_FULL};

    if (what == FAIL_MEMORY)
        return nt_is(status, NT_STATUS_NO_MEMORY) || nt_is(status, NT_STATUS_INTERNAL_DB_ERROR);
    if (what == FAIL_DISK_FULL)
        return status.v == io[1] || status.v == io[0];
    return status.v == io[0];
}

/* Runs the steps until one fails. */
static void run(struct fixture *f, struct done *done, int *failed_at)
{
    *failed_at = STEPS;
    for (int i = 0; i < STEPS; i++) {
        struct nt_status status = step(f, i, done);

        done->steps[i] = nt_success(status);
        if (done->steps[i])
            continue;
        if (!is_expected(status))
            fail_msg("step %d: %s", i, nt_status_name(status));
        *failed_at = i;
        return;
    }
}

static void check_after(struct fixture *f, const struct done *done)
{
    char sql[256];

    if (!done->steps[STEP_OPEN]) { /* made completely or to be made */
        assert_done(sam_open(&f->s, f->path, true));
        sam_close(f->s);
        f->s = NULL;
    }
    assert_sound(f->path);
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM accounts WHERE rid = %u AND comment = 'with a comment'",
             done->rid);
    if (done->steps[STEP_COMMENT])
        assert_string_equal(query(f->path, sql), "1");
    if (done->steps[STEP_RENAME])
        assert_string_equal(query(f->path, "SELECT count(*) FROM accounts WHERE name = 'renamed'"), "1");
    if (done->steps[STEP_ADD])
        assert_string_equal(query(f->path, "SELECT user FROM members WHERE grp = 'renamed'"), "Guest");
    if (done->steps[STEP_DELETE])
        assert_string_equal(query(f->path, "SELECT count(*) FROM accounts WHERE name = 'to be deleted'"),
                            "0");
    /* all of the batch or nothing */
    assert_string_equal(query(f->path,
                              "SELECT count(*) FROM account WHERE CAST(name AS TEXT) = 'in batch' AND "
                              "(members <> 1 OR CAST(comment AS TEXT) <> 'all or nothing')"),
                        "0");
    if (done->steps[STEP_BATCH])
        assert_string_equal(query(f->path, "SELECT members FROM accounts WHERE name = 'in batch'"), "1");
}

/* n = 1, 2, ... until no fault is hit; how many were. */
static long all_faults(bool persistent)
{
    long n = 1;

    for (;; n++) {
        struct done done = {0};
        struct fixture *f;
        void *state = NULL;
        int failed_at;

        assert_int_equal(make_folder(&state), 0);
        f = state;
        arm(n, persistent);
        run(f, &done, &failed_at);
        sam_close(f->s);
        f->s = NULL;
        disarm();
        check_after(f, &done);
        drop_folder(&state);
        if (!fault.hit && !allocation_failed) {
            print_message("%ld faults\n", n - 1);
            assert_int_equal(failed_at, STEPS);
            return n - 1;
        }
    }
}

static void nth_write(void **state)
{
    (void)state;
    what = FAIL_IO_ERROR;
    assert_in_range(all_faults(false), 50, 100000);
    assert_in_range(all_faults(true), 50, 100000);
}

static void nth_write_finds_the_disk_full(void **state)
{
    (void)state;
    what = FAIL_DISK_FULL;
    assert_in_range(all_faults(false), 50, 100000);
    assert_in_range(all_faults(true), 50, 100000);
}

static void nth_allocation(void **state)
{
    (void)state;
    what = FAIL_MEMORY;
    assert_in_range(all_faults(false), 100, 100000);
    what = FAIL_NOTHING;
}

/* After a disk was full and is not any more, the same handle goes on. */
static void goes_on(void **state)
{
    struct fixture *f = *state;
    uint32_t rid;

    what = FAIL_DISK_FULL;
    arm(1, true);
    assert_status(sam_group_create(f->s, text(u"a"), &rid), STATUS_DISK_FULL);
    assert_status(sam_group_create(f->s, text(u"a"), &rid), STATUS_DISK_FULL);
    assert_done(sam_begin(f->s));
    assert_done(sam_group_create(f->s, text(u"b"), &rid)); /* in memory so far */
    assert_status(sam_commit(f->s), STATUS_DISK_FULL);
    disarm();
    what = FAIL_NOTHING;
    assert_int_equal(add_group(f->s, u"b"), 1000); /* a RID that nobody was told is not used up */
    assert_sound(f->path);
}

/* A batch that a change ended stays ended, whatever is asked of it. */
static void a_batch_stays_ended(void **state)
{
    struct fixture *f = *state;
    static uint16_t name[64];
    uint32_t rid;
    struct nt_status status = NT(STATUS_SUCCESS);

    what = FAIL_IO_ERROR;
    assert_done(sam_begin(f->s));
    arm(1, false);
    for (unsigned i = 0; i < 20000 && nt_success(status); i++) { /* until the cache is too small for it */
        for (unsigned j = 0; j < 64; j++)
            name[j] = (uint16_t)('A' + (i * (j + 7) + (i >> j % 16)) % 26);
        name[0] = (uint16_t)(0x4E00 + i);
        status = sam_group_create(f->s, (struct sam_text){.chars = name, .count = 64}, &rid);
    }
    assert_status(status, STATUS_INTERNAL_DB_ERROR);
    assert_true(sam_in_transaction(f->s));
    assert_status(sam_group_create(f->s, text(u"later"), &rid), STATUS_INTERNAL_DB_ERROR);
    assert_status(sam_commit(f->s), STATUS_INTERNAL_DB_ERROR);
    disarm();
    what = FAIL_NOTHING;
    assert_int_equal(add_group(f->s, u"later"), 1000);
    assert_sound(f->path);
}

static int prepare(void **state)
{
    (void)state;
    watch_sqlite_allocations();
    if (sqlite3_initialize() != SQLITE_OK)
        return -1;
    real_vfs = sqlite3_vfs_find(NULL);
    shim = *real_vfs;
    shim.zName = "shim";
    shim.szOsFile += (int)sizeof(struct shim_file);
    shim.xOpen = shim_open;
    shim.xGetLastError = get_last_error;
    shim.pNext = NULL;
    return sqlite3_vfs_register(&shim, 1) == SQLITE_OK ? 0 : -1;
}

int __real_link(const char *from, const char *to);
ssize_t __real_write(int fd, const void *data, size_t len);
int __wrap_link(const char *from, const char *to);
int __wrap_fsync(int fd);
ssize_t __wrap_write(int fd, const void *data, size_t len);

int __wrap_link(const char *from, const char *to)
{
    return io_result(SQLITE_IOERR) == SQLITE_OK ? __real_link(from, to) : -1;
}

int __wrap_fsync(int fd)
{
    (void)fd;
    return io_result(SQLITE_IOERR) == SQLITE_OK ? 0 : -1;
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
    return io_result(what == FAIL_DISK_FULL ? SQLITE_FULL : SQLITE_IOERR) == SQLITE_OK
               ? __real_write(fd, data, len)
               : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nth_write),
        cmocka_unit_test(nth_write_finds_the_disk_full),
        cmocka_unit_test(nth_allocation),
        cmocka_unit_test_setup_teardown(goes_on, make_database, drop_folder),
        cmocka_unit_test_setup_teardown(a_batch_stays_ended, make_database, drop_folder),
    };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
