/* SPDX-License-Identifier: MIT */
/*
 * Connections under the Net functions: many threads, fork, servers that die, are slow, talk nonsense or are
 * not there, databases that are replaced.
 */
#include "harness.h"

#include <dirent.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define ROUNDS 12
#define CLIENTS 40

static NET_API_STATUS ask(void)
{
    LPBYTE buffer = (LPBYTE)1;
    NET_API_STATUS status = NetGroupGetInfo(harness_server, u"None", 2, &buffer);

    if ((status == NERR_Success) != (buffer != NULL))
        return NERR_InternalError;
    NetApiBufferFree(buffer);
    return status;
}

/* Threads: assertions of cmocka belong to the main thread, so the first wrong line is reported back. */

struct worker {
    pthread_t thread;
    unsigned number;
    int wrong_line;
};

#define EXPECT(condition)             \
    do {                              \
        if (!(condition)) {           \
            w->wrong_line = __LINE__; \
            return NULL;              \
        }                             \
    } while (0)

static void *work(void *argument)
{
    struct worker *w = argument;
    WCHAR name[32], renamed[32];
    GROUP_USERS_INFO_0 users[] = {{u"Guest"}, {u"Administrator"}};
    GROUP_INFO_1 info1 = {name, u"by a thread"};
    GROUP_INFO_0 info0 = {renamed};

    for (unsigned round = 0; round < ROUNDS; round++) {
        LPBYTE buffer;
        DWORD read, total;

        numbered(name, "Thread", w->number * ROUNDS + round);
        numbered(renamed, "Renamed", w->number * ROUNDS + round);
        EXPECT(NetGroupAdd(harness_server, 1, (LPBYTE)&info1, NULL) == NERR_Success);
        EXPECT(NetGroupAdd(harness_server, 1, (LPBYTE)&info1, NULL) == NERR_GroupExists);
        EXPECT(NetGroupAddUser(harness_server, name, u"Guest") == NERR_Success);
        EXPECT(NetGroupSetUsers(harness_server, name, 0, (LPBYTE)users, 2) == NERR_Success);
        EXPECT(NetGroupDelUser(harness_server, name, u"Guest") == NERR_Success);
        EXPECT(NetGroupGetUsers(harness_server, name, 0, &buffer, MAX_PREFERRED_LENGTH, &read, &total,
                                NULL) == NERR_Success);
        EXPECT(read == 1 && same(((GROUP_USERS_INFO_0 *)buffer)->grui0_name, u"Administrator"));
        EXPECT(NetApiBufferFree(buffer) == NERR_Success);
        EXPECT(NetGroupSetInfo(harness_server, name, 0, (LPBYTE)&info0, NULL) == NERR_Success);
        EXPECT(NetGroupGetInfo(harness_server, renamed, 1, &buffer) == NERR_Success);
        EXPECT(same(((GROUP_INFO_1 *)buffer)->grpi1_comment, u"by a thread"));
        EXPECT(NetApiBufferFree(buffer) == NERR_Success);
        EXPECT(NetGroupEnum(harness_server, 3, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL) ==
               NERR_Success);
        EXPECT(read >= 2 && read == total);
        EXPECT(NetApiBufferFree(buffer) == NERR_Success);
        if (round % 2)
            EXPECT(NetGroupDel(harness_server, renamed) == NERR_Success);
    }
    return NULL;
}

static void test_threads(void **state)
{
    struct worker workers[THREADS];
    LPBYTE buffer;
    DWORD read, total;

    (void)state;
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].wrong_line)
            fail_msg("thread %u: line %d", i, workers[i].wrong_line);
    }
    assert_ok(NetGroupEnum(harness_server, 0, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    assert_int_equal(read, 1 + THREADS * ROUNDS / 2);
    NetApiBufferFree(buffer);
}

static void *ask_once(void *argument)
{
    pthread_barrier_wait(argument);
    return (void *)(uintptr_t)ask();
}

static int open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* However many called at once, no more than 16 connections stay. */
static void test_cache_is_bounded(void **state)
{
    pthread_t threads[CLIENTS];
    pthread_barrier_t barrier;
    int before = open_files();

    (void)state;
    pthread_barrier_init(&barrier, NULL, CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_once, &barrier), 0);
    for (int i = 0; i < CLIENTS; i++) {
        void *status;

        pthread_join(threads[i], &status);
        assert_int_equal((uintptr_t)status, NERR_Success);
    }
    pthread_barrier_destroy(&barrier);
    if (harness_has_daemon())
        assert_true(open_files() <= before + 16);
}

/* A child has no part in its parent's connections, and the parent keeps them. */
static void test_fork(void **state)
{
    int status;
    pid_t child;

    (void)state;
    add(u"Parent", NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool ok = ask() == NERR_Success && try_add(u"Parent") == NERR_GroupExists &&
                  try_add(u"Child") == NERR_Success && NetGroupDel(harness_server, u"Parent") == NERR_Success;

        _exit(ok ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(try_add(u"Child"), NERR_GroupExists);
    assert_int_equal(NetGroupDel(harness_server, u"Parent"), NERR_GroupNotFound);
    assert_ok(ask());
}

/* A cached connection that has died is replaced without notice, also when the first request is a change: it
 * was certainly not carried out. */
static void test_restart(void **state)
{
    (void)state;
    assert_ok(ask());
    harness_restart();
    assert_ok(ask());
    assert_ok(try_add(u"Before"));
    harness_restart();
    assert_ok(try_add(u"After"));
    assert_int_equal(try_add(u"Before"), NERR_GroupExists);
}

/* Servers that are not there, or not servers */

static char *old_local;

static void point_to(const char *local)
{
    old_local = strdup(getenv("NETMGMT_LOCAL"));
    setenv("NETMGMT_LOCAL", local, 1);
}

static void point_back(void)
{
    setenv("NETMGMT_LOCAL", old_local, 1);
    free(old_local);
}

static void test_not_there(void **state)
{
    (void)state;
    point_to("unix:/nonexistent/socket");
    assert_int_equal(ask(), RPC_S_SERVER_UNAVAILABLE);
    point_back();
    point_to("tcp:127.0.0.1");
    assert_int_equal(ask(), ERROR_INVALID_PARAMETER);
    point_back();
    point_to("unix:");
    assert_int_equal(ask(), ERROR_INVALID_PARAMETER);
    point_back();
    point_to("embedded:/proc/accounts.db");
    assert_int_not_equal(ask(), NERR_Success);
    point_back();
    assert_ok(ask());
}

struct impostor {
    char path[100];
    int listener;
    const char *answer; /* NULL: none, and the connection stays open */
    size_t len;
    pthread_t thread;
};

static void *impersonate(void *argument)
{
    struct impostor *s = argument;
    char request[4096];
    int fd = accept(s->listener, NULL, NULL);

    if (fd < 0)
        return NULL;
    if (s->answer && read(fd, request, sizeof(request)) > 0 && write(fd, s->answer, s->len) < 0)
        perror("write");
    if (s->answer)
        close(fd);
    return NULL;
}

static void impostor_start(struct impostor *s, const char *answer, size_t len)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char local[128];

    *s = (struct impostor){.answer = answer, .len = len};
    snprintf(s->path, sizeof(s->path), "%s/impostor", harness_folder());
    snprintf(local, sizeof(local), "unix:%s", s->path);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", s->path);
    unlink(s->path);
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(s->listener, 4), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, impersonate, s), 0);
    point_to(local);
}

static void impostor_stop(struct impostor *s)
{
    point_back();
    pthread_join(s->thread, NULL);
    close(s->listener);
}

static void test_timeout(void **state)
{
    struct impostor silent;
    struct timespec start, end;
    double seconds;

    (void)state;
    impostor_start(&silent, NULL, 0);
    netmgmt_set_timeout(200);
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(ask(), ERROR_TIMEOUT);
    clock_gettime(CLOCK_MONOTONIC, &end);
    netmgmt_set_timeout(30000);
    seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    assert_true(seconds > 0.19 && seconds < 20);
    impostor_stop(&silent);
    assert_ok(ask());
}

static void test_nonsense(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } answers[] = {
        {"", 0},
        {"HTTP/1.1 400 Bad Request\r\n\r\n", 28},
        {"\5\0\x0c\3\x10\0\0\0\x10\0\0\0\1\0\0\0", 16},                 /* a bind_ack without a body */
        {"\5\0\x0d\3\x10\0\0\0\x18\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0", 24}, /* bind_nak */
        {"\5\0\2\3\x10\0\0\0\xff\xff\0\0\1\0\0\0", 16},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct impostor impostor;

        impostor_start(&impostor, answers[i].bytes, answers[i].len);
        assert_int_not_equal(ask(), NERR_Success);
        impostor_stop(&impostor);
    }
    assert_ok(ask());
}

/* A database that was replaced under its path is another one, whatever is cached. */
static void test_replaced_database(void **state)
{
    char path[128], local[160], side[160];

    (void)state;
    snprintf(path, sizeof(path), "%s/other.db", harness_folder());
    snprintf(local, sizeof(local), "embedded:%s", path);
    point_to(local);
    assert_ok(try_add(u"Old"));
    assert_int_equal(try_add(u"Old"), NERR_GroupExists);
    unlink(path);
    snprintf(side, sizeof(side), "%s-wal", path);
    unlink(side);
    snprintf(side, sizeof(side), "%s-shm", path);
    unlink(side);
    assert_int_equal(NetGroupDel(harness_server, u"Old"), NERR_GroupNotFound);
    assert_ok(try_add(u"Old"));
    point_back();
}

/* A change waits for other processes no longer than a call may take; readers do not wait. */
static void test_locked_database(void **state)
{
    char path[128], local[160];
    LPBYTE buffer;
    sqlite3 *db;

    (void)state;
    snprintf(path, sizeof(path), "%s/locked.db", harness_folder());
    snprintf(local, sizeof(local), "embedded:%s", path);
    point_to(local);
    assert_ok(try_add(u"Before"));
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    netmgmt_set_timeout(200);
    assert_int_equal(try_add(u"After"), ERROR_LOCK_VIOLATION);
    assert_ok(NetGroupGetInfo(NULL, u"Before", 0, &buffer));
    NetApiBufferFree(buffer);
    assert_int_equal(NetGroupDel(NULL, u"Before"), ERROR_LOCK_VIOLATION);
    netmgmt_set_timeout(30000);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_ok(try_add(u"After"));
    point_back();
}

/* A group is emptied before it is deleted; when it cannot be deleted then, its members are in it again. */
static void test_delete_undone(void **state)
{
    GROUP_USERS_INFO_1 *members;
    char path[128], local[160];
    DWORD read, total;
    sqlite3 *db;

    (void)state;
    snprintf(path, sizeof(path), "%s/undone.db", harness_folder());
    snprintf(local, sizeof(local), "embedded:%s", path);
    point_to(local);
    assert_ok(try_add(u"Crew"));
    assert_ok(NetGroupAddUser(NULL, u"Crew", u"Guest"));
    assert_ok(NetGroupAddUser(NULL, u"Crew", u"Administrator"));
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TRIGGER guard BEFORE DELETE ON account BEGIN "
                                  "SELECT raise(ABORT, 'not now'); END",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_not_equal(NetGroupDel(NULL, u"Crew"), NERR_Success);
    assert_ok(
        NetGroupGetUsers(NULL, u"Crew", 1, (LPBYTE *)&members, MAX_PREFERRED_LENGTH, &read, &total, NULL));
    assert_int_equal(read, 2);
    assert_int_equal(members[0].grui1_attributes, 7);
    assert_same(members[0].grui1_name, u"Administrator");
    assert_same(members[1].grui1_name, u"Guest");
    NetApiBufferFree(members);
    assert_int_equal(sqlite3_exec(db, "DROP TRIGGER guard", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_ok(NetGroupDel(NULL, u"Crew"));
    assert_int_equal(NetGroupDel(NULL, u"Crew"), NERR_GroupNotFound);
    point_back();
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, NULL, harness_clean)
    const struct CMUnitTest tests[] = {
        T(test_threads),           T(test_cache_is_bounded), T(test_fork),
        T(test_not_there),         T(test_timeout),          T(test_nonsense),
        T(test_replaced_database), T(test_locked_database),  T(test_delete_undone),
    };
    const struct CMUnitTest remote_tests[] = {T(test_threads), T(test_cache_is_bounded), T(test_fork)};
    const struct CMUnitTest daemon_tests[] = {T(test_restart)};
    int failed;

    harness_start(argc, argv);
    if (harness_server)
        failed = cmocka_run_group_tests(remote_tests, NULL, NULL);
    else
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (harness_has_daemon())
        failed += cmocka_run_group_tests(daemon_tests, NULL, NULL);
    harness_stop();
    return failed;
}
