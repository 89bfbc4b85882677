/* SPDX-License-Identifier: MIT */
/* The database as a file: made, opened again, refused, damaged, shared by connections and processes. */
#include "sam/test_sam.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Statuses of sam_open with `create`. */
static struct nt_status try_open(const char *path, bool create)
{
    struct sam *s;
    struct nt_status status = sam_open(&s, path, create);

    assert_true(nt_success(status) == (s != NULL));
    sam_close(s);
    return status;
}

static void write_file(const char *path, const void *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    close(fd);
}

static size_t read_file(const char *path, char *data, size_t capacity)
{
    int fd = open(path, O_RDONLY);
    ssize_t len;

    assert_true(fd >= 0);
    len = read(fd, data, capacity);
    close(fd);
    assert_true(len >= 0 && (size_t)len < capacity);
    return (size_t)len;
}

static bool exists(const struct fixture *f, const char *suffix)
{
    char path[128];

    snprintf(path, sizeof(path), "%s%s", f->path, suffix);
    return access(path, F_OK) == 0;
}

/* The file is refused and stays as it is, with nothing beside it. */
static void assert_refused(struct fixture *f)
{
    static char before[1 << 18], after[1 << 18];
    size_t len = read_file(f->path, before, sizeof(before));

    assert_status(try_open(f->path, false), STATUS_INTERNAL_DB_CORRUPTION);
    assert_int_equal(read_file(f->path, after, sizeof(after)), len);
    assert_memory_equal(before, after, len);
    assert_status(try_open(f->path, true), STATUS_INTERNAL_DB_CORRUPTION);
    assert_int_equal(read_file(f->path, after, sizeof(after)), len);
    assert_memory_equal(before, after, len);
    assert_false(exists(f, "-wal") || exists(f, "-shm") || exists(f, "-journal"));
}

static void nothing_there(void **state)
{
    struct fixture *f = *state;
    char path[128];

    assert_status(try_open(f->path, false), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_false(exists(f, ""));
    snprintf(path, sizeof(path), "%s/no/folder/sam.db", f->folder);
    assert_status(try_open(path, false), STATUS_OBJECT_NAME_NOT_FOUND);
    snprintf(path, sizeof(path), "%s/no", f->folder);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_status(try_open("", true), STATUS_OBJECT_NAME_INVALID);
    assert_status(try_open(f->folder, false), STATUS_OBJECT_NAME_INVALID);
    assert_status(try_open(f->folder, true), STATUS_OBJECT_NAME_INVALID);
    write_file(f->path, "", 0);
    snprintf(path, sizeof(path), "%s/sam.db", f->path); /* a file where a folder should be */
    assert_status(try_open(path, true), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void made_for_the_owner_alone(void **state)
{
    struct fixture *f = *state;
    mode_t mask = umask(0);
    struct stat st;
    char path[128];

    snprintf(path, sizeof(path), "%s/deep//down/sam.db", f->folder);
    assert_done(try_open(path, true));
    umask(mask);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    snprintf(path, sizeof(path), "%s/deep/down", f->folder);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    snprintf(path, sizeof(path), "%s/deep", f->folder);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
}

static void names_are_only_names(void **state)
{
    struct fixture *f = *state;
    static const char *const odd[] = {":memory:", "file:x?mode=memory", "file::memory:", "plain"};

    assert_int_equal(chdir(f->folder), 0);
    for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
        assert_done(try_open(odd[i], true));
        assert_int_equal(access(odd[i], F_OK), 0);
        assert_done(try_open(odd[i], false));
    }
    assert_int_equal(chdir("/"), 0);
}

static void what_the_file_says(void **state)
{
    struct fixture *f = *state;

    assert_done(try_open(f->path, true));
    assert_string_equal(query(f->path, "PRAGMA application_id"), "1316244839");
    assert_string_equal(query(f->path, "PRAGMA user_version"), "2");
    assert_string_equal(query(f->path, "PRAGMA encoding"), "UTF-16le");
    assert_string_equal(query(f->path, "PRAGMA journal_mode"), "wal");
    assert_string_equal(query(f->path, "SELECT comment FROM accounts WHERE name = 'None'"), "Ordinary users");
    assert_string_equal(query(f->path, "SELECT count(*) FROM members WHERE grp = 'None'"), "4");
    assert_sound(f->path);
}

static void opened_again(void **state)
{
    struct fixture *f = *state;
    struct sam_domain_info before, after;
    struct sam_group group;
    uint32_t rid;

    assert_done(sam_open(&f->s, f->path, true));
    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &before));
    rid = add_group(f->s, u"lasting");
    sam_close(f->s);
    assert_done(sam_open(&f->s, f->path, true)); /* it is there: not made again */
    assert_done(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &after));
    assert_memory_equal(&before.sid, &after.sid, sizeof(before.sid));
    assert_int_equal(before.created, after.created);
    assert_done(sam_group_get(f->s, rid, &f->arena, &group));
    assert_text(group.name, u"lasting");
}

static void not_ours(void **state)
{
    struct fixture *f = *state;
    static char data[8192];

    write_file(f->path, "", 0);
    assert_refused(f);
    write_file(f->path, "short", 5);
    assert_refused(f);
    memset(data, 'x', sizeof(data));
    write_file(f->path, data, sizeof(data));
    assert_refused(f);
    memset(data, 0, sizeof(data));
    write_file(f->path, data, sizeof(data));
    assert_refused(f);
}

static void of_another_program(void **state)
{
    struct fixture *f = *state;
    static const char *const modes[] = {"delete", "wal"};
    sqlite3 *db;
    char sql[128];

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
        snprintf(sql, sizeof(sql), "PRAGMA journal_mode=%s; CREATE TABLE t%zu(x); PRAGMA application_id=%zu",
                 modes[i], i, i);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_refused(f);
    }
}

static void newer_than_we_are(void **state)
{
    struct fixture *f = *state;

    assert_done(try_open(f->path, true));
    query(f->path, "PRAGMA user_version=3");
    assert_status(try_open(f->path, false), STATUS_NOT_SUPPORTED);
    assert_status(try_open(f->path, true), STATUS_NOT_SUPPORTED);
    assert_string_equal(query(f->path, "PRAGMA user_version"), "3");
    query(f->path, "PRAGMA user_version=0");
    assert_status(try_open(f->path, false), STATUS_INTERNAL_DB_CORRUPTION);
    query(f->path, "PRAGMA user_version=2");
    assert_done(try_open(f->path, false));
}

/* Every page in turn is overwritten: some documented status, or an answer, and never a crash. */
static void damaged(void **state)
{
    struct fixture *f = *state;
    static char whole[1 << 18], junk[4096];
    size_t len;
    unsigned refused = 0;

    assert_done(sam_open(&f->s, f->path, true));
    for (char16_t c = 'a'; c <= 'z'; c++)
        add_group(f->s, (char16_t[]){c, 0});
    sam_close(f->s);
    f->s = NULL;
    len = read_file(f->path, whole, sizeof(whole));
    for (size_t at = 0; at < len; at += sizeof(junk)) {
        struct sam_cursor *c;
        struct sam_row row;
        uint32_t rid;
        struct nt_status status;

        memset(junk, at / sizeof(junk) & 1 ? 0xFF : 0x0D, sizeof(junk));
        write_file(f->path, whole, len);
        memcpy(junk, whole + at, at ? 0 : 100); /* the header says that it is ours */
        int fd = open(f->path, O_WRONLY);
        assert_int_equal(pwrite(fd, junk, sizeof(junk), (off_t)at), sizeof(junk));
        close(fd);
        status = sam_open(&f->s, f->path, false);
        if (nt_success(status)) {
            status = sam_group_create(f->s, text(u"new"), &rid);
            if (nt_success(status))
                status = sam_display(f->s, SAM_ACCOUNT, SAM_GROUP, 0, &c);
            if (nt_success(status)) {
                while (nt_is(status = sam_cursor_next(c, &row), NT_STATUS_SUCCESS))
                    ;
                sam_cursor_close(c);
            }
            if (nt_is(status, NT_STATUS_NO_MORE_ENTRIES))
                status = sam_group_delete(f->s, rid);
        }
        sam_close(f->s);
        f->s = NULL;
        refused += nt_is(status, NT_STATUS_INTERNAL_DB_CORRUPTION);
        assert_true(nt_is(status, NT_STATUS_SUCCESS) || nt_is(status, NT_STATUS_INTERNAL_DB_CORRUPTION) ||
                    nt_is(status, NT_STATUS_INTERNAL_DB_ERROR));
    }
    assert_true(refused >= 3);
}

static int as_nobody(struct fixture *f, int (*body)(struct fixture *f))
{
    int status = 1;
    pid_t child = fork();

    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(99);
        _exit(body(f));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int is_denied(struct fixture *f)
{
    struct sam *s;

    return nt_is(sam_open(&s, f->path, true), NT_STATUS_ACCESS_DENIED) ? 0 : 1;
}

static void no_permission(void **state)
{
    struct fixture *f = *state;
    static const mode_t file_modes[] = {0000, 0400, 0444};

    assert_int_equal(chmod(f->folder, 0555), 0);
    assert_int_equal(as_nobody(f, is_denied), 0);
    assert_false(exists(f, ""));
    assert_int_equal(chmod(f->folder, 0755), 0);
    assert_done(try_open(f->path, true));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(chmod(f->path, file_modes[i]), 0);
        assert_int_equal(as_nobody(f, is_denied), 0);
    }
    /* may be written, but its folder has no room for the log */
    assert_int_equal(chmod(f->path, 0666), 0);
    assert_int_equal(chmod(f->folder, 0555), 0);
    assert_int_equal(as_nobody(f, is_denied), 0);
    assert_int_equal(chmod(f->folder, 0700), 0);
    assert_int_equal(as_nobody(f, is_denied), geteuid() == 0 ? 0 : 1);
}

static void taken_away(void **state)
{
    struct fixture *f = *state;
    uint32_t rid;

    assert_done(sam_open(&f->s, f->path, true));
    add_group(f->s, u"x");
    assert_int_equal(unlink(f->path), 0);
    assert_status(sam_group_create(f->s, text(u"y"), &rid), STATUS_OBJECT_NAME_NOT_FOUND);
}

/* 15 numbers are the most that a SID has: no account's SID can be made of such a domain's. */
static void a_domain_without_room_for_accounts(void **state)
{
    static const char sql[] = "UPDATE domain SET sid=CAST(X'010F000000000005'||zeroblob(60) AS BLOB) "
                              "WHERE domain=0";
    struct fixture *f = *state;
    struct sam_domain_info info;
    sqlite3 *db;

    assert_done(sam_open(&f->s, f->path, true));
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_status(sam_domain_get(f->s, SAM_ACCOUNT, &f->arena, &info), STATUS_INTERNAL_DB_CORRUPTION);
}

static void two_connections(void **state)
{
    struct fixture *f = *state;
    struct sam_group group;
    struct sam *other;
    uint32_t one, two;

    assert_done(sam_open(&f->s, f->path, true));
    assert_done(sam_open(&other, f->path, true));
    one = add_group(f->s, u"one");
    two = add_group(other, u"two");
    assert_int_equal(two, one + 1);
    assert_status(sam_group_create(other, text(u"ONE"), &one), STATUS_GROUP_EXISTS);
    assert_done(sam_group_set_comment(other, one, text(u"by the other")));
    assert_done(sam_group_get(f->s, one, &f->arena, &group));
    assert_text(group.comment, u"by the other");
    assert_done(sam_group_delete(f->s, two));
    assert_status(sam_group_get(other, two, &f->arena, &group), STATUS_NO_SUCH_GROUP);
    sam_close(other);
    assert_sound(f->path);
}

static void locked_by_another(void **state)
{
    struct fixture *f = *state;
    struct sam_group group;
    sqlite3 *db;
    uint32_t rid;

    assert_done(sam_open(&f->s, f->path, true));
    rid = add_group(f->s, u"x");
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_done(sam_group_get(f->s, rid, &f->arena, &group)); /* readers do not wait */
    sam_set_deadline(f->s, 1);                                /* long past */
    assert_status(sam_group_delete(f->s, rid), STATUS_FILE_LOCK_CONFLICT);
    sam_set_deadline(f->s, SAM_PATIENCE);
    assert_status(sam_try_begin(f->s), STATUS_FILE_LOCK_CONFLICT);
    assert_status(sam_try_begin(f->s), STATUS_FILE_LOCK_CONFLICT);
    sam_rollback(f->s);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_done(sam_group_delete(f->s, rid));
}

/* Child processes run `body` at the same time; the sum of what they return. */
static int together(struct fixture *f, int processes, int (*body)(struct fixture *f, int number))
{
    int start[2], sum = 0;

    assert_int_equal(pipe(start), 0);
    for (int i = 0; i < processes; i++) {
        if (fork() == 0) {
            char c;

            close(start[1]);
            if (read(start[0], &c, 1) != 0)
                _exit(255);
            _exit(body(f, i));
        }
    }
    close(start[0]);
    close(start[1]); /* go */
    for (int i = 0; i < processes; i++) {
        int status;

        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status));
        assert_int_not_equal(WEXITSTATUS(status), 255);
        sum += WEXITSTATUS(status);
    }
    return sum;
}

static int make_or_open(struct fixture *f, int number)
{
    struct sam *s;
    uint32_t rid;
    char16_t name[] = {u'g', (char16_t)('0' + number), 0};

    if (!nt_success(sam_open(&s, f->path, true)))
        return 255;
    if (!nt_success(sam_group_create(s, text(name), &rid)))
        return 255;
    sam_close(s);
    return 1;
}

static void made_by_several_at_once(void **state)
{
    struct fixture *f = *state;

    for (int round = 0; round < 5; round++) {
        assert_int_equal(together(f, 8, make_or_open), 8);
        assert_string_equal(query(f->path, "SELECT count(*) FROM domain"), "2");
        assert_string_equal(query(f->path, "SELECT group_count FROM domain WHERE domain = 0"), "9");
        assert_sound(f->path);
        unlink(f->path);
        assert_false(exists(f, "-wal"));
    }
}

#define CONTESTED 100

static int add_contested(struct fixture *f, int number)
{
    struct sam *s;
    int mine = 0;
    uint32_t rid;

    if (!nt_success(sam_open(&s, f->path, false)))
        return 255;
    for (int i = 0; i < CONTESTED; i++) {
        int n = number ? i : CONTESTED - 1 - i;
        char16_t name[] = {u'n', (char16_t)('0' + n / 10), (char16_t)('0' + n % 10), 0};
        struct nt_status status = sam_group_create(s, text(name), &rid);

        if (nt_success(status))
            mine++;
        else if (!nt_is(status, NT_STATUS_GROUP_EXISTS))
            return 255;
    }
    sam_close(s);
    return mine;
}

static void two_processes(void **state)
{
    struct fixture *f = *state;

    assert_done(try_open(f->path, true));
    assert_int_equal(together(f, 2, add_contested), CONTESTED); /* each name went to one */
    assert_string_equal(query(f->path, "SELECT next_rid FROM domain WHERE domain = 0"), "1100");
    assert_sound(f->path);
}

/* One that asked first is served first, though another asks all the time. */
static void first_come_first_served(void **state)
{
    struct fixture *f = *state;
    struct sam *patient, *greedy;
    uint32_t rid;

    assert_done(sam_open(&f->s, f->path, true));
    assert_done(sam_open(&patient, f->path, true));
    assert_done(sam_open(&greedy, f->path, true));
    sam_set_deadline(greedy, 1);
    assert_done(sam_begin(f->s));
    assert_status(sam_try_begin(patient), STATUS_FILE_LOCK_CONFLICT);
    assert_done(sam_commit(f->s));
    assert_status(sam_group_create(greedy, text(u"greedy"), &rid), STATUS_FILE_LOCK_CONFLICT);
    sam_set_deadline(f->s, 1);
    assert_status(sam_begin(f->s), STATUS_FILE_LOCK_CONFLICT);
    assert_done(sam_try_begin(patient));
    assert_done(sam_commit(patient));
    assert_done(sam_group_create(greedy, text(u"greedy"), &rid));

    assert_done(sam_begin(greedy));
    assert_status(sam_try_begin(patient), STATUS_FILE_LOCK_CONFLICT);
    assert_done(sam_commit(greedy));
    sam_rollback(patient); /* does not want any more */
    assert_done(sam_begin(f->s));
    assert_status(sam_try_begin(patient), STATUS_FILE_LOCK_CONFLICT);
    assert_done(sam_commit(f->s));
    sam_close(patient); /* nor does one that has gone hold up anybody */
    assert_done(sam_group_create(greedy, text(u"again"), &rid));
    sam_close(greedy);
    assert_sound(f->path);
}

#define CROWD 64

static int add_one_of_a_crowd(struct fixture *f, int number)
{
    char16_t name[] = {u'c', (char16_t)('0' + number / 10), (char16_t)('0' + number % 10), 0};
    struct sam *s;
    uint32_t rid;

    if (!nt_success(sam_open(&s, f->path, false)))
        return 0;
    number = nt_success(sam_group_create(s, text(name), &rid));
    sam_close(s);
    return number;
}

/* While one writes without end, each of a crowd gets its turn. */
static void crowd(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    char name[96];
    pid_t busy, self = getpid();

    assert_done(try_open(f->path, true));
    busy = fork();
    if (busy == 0) {
        uint32_t rid;

        if (!nt_success(sam_open(&f->s, f->path, false)))
            _exit(1);
        while (getppid() == self && nt_success(sam_group_create(f->s, text(u"on and on"), &rid)) &&
               nt_success(sam_group_delete(f->s, rid))) {
        }
        _exit(1);
    }
    assert_int_equal(together(f, CROWD, add_one_of_a_crowd), CROWD);
    kill(busy, SIGKILL);
    assert_int_equal(waitpid(busy, NULL, 0), busy);
    assert_string_equal(query(f->path, "SELECT count(*) FROM account WHERE substr(name, 1, 2) = x'6300'"),
                        "64");
    assert_sound(f->path);
    snprintf(name, sizeof(name), "%s-queue", f->path);
    assert_int_equal(stat(name, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)
    const struct CMUnitTest tests[] = {
        TEST(nothing_there),
        TEST(made_for_the_owner_alone),
        TEST(names_are_only_names),
        TEST(what_the_file_says),
        TEST(opened_again),
        TEST(not_ours),
        TEST(of_another_program),
        TEST(newer_than_we_are),
        TEST(damaged),
        TEST(no_permission),
        TEST(taken_away),
        TEST(a_domain_without_room_for_accounts),
        TEST(two_connections),
        TEST(locked_by_another),
        TEST(first_come_first_served),
        TEST(made_by_several_at_once),
        TEST(crowd),
        TEST(two_processes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
