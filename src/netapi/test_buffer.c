/* SPDX-License-Identifier: MIT */
/*
 * The buffer contract. A test that carries out a documented statement names its source: "api:X" is the
 * function's page at learn.microsoft.com, "wine" what Wine's tests assert of Windows itself.
 *
 * The debug modes are read once, so they are tested in children: this program again, told what to do.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "lm.h"
#include "netapi/buffer.h"
#include "netapi/buffer_debug.h"
#include "netapi/buffer_registry.h"
#include "netmgmt.h"

#define THREADS 4

/* The compiler knows what free() does and so would see through some of these tests. */
static NET_API_STATUS (*volatile buffer_free)(LPVOID) = NetApiBufferFree;

static size_t live_count(void)
{
    size_t count;

    netmgmt_buffers_live(&count, NULL);
    return count;
}

static void *allocate(DWORD len)
{
    void *p = NULL;

    assert_int_equal(NetApiBufferAllocate(len, &p), NERR_Success);
    assert_non_null(p);
    memset(p, 0x5A, len);
    return p;
}

static DWORD size_of(void *p)
{
    DWORD len = 0xDEAD;

    assert_int_equal(NetApiBufferSize(p, &len), NERR_Success);
    return len;
}

/* api:NetApiBufferAllocate; api:NetApiBufferSize; design: the size is exact */
static void test_allocate_size_free(void **state)
{
    (void)state;
    for (DWORD len = 0; len < 5000; len = len * 2 + 1) {
        void *p = allocate(len);

        assert_int_equal((uintptr_t)p % 16, 0);
        assert_int_equal(size_of(p), len);
        assert_int_equal(NetApiBufferFree(p), NERR_Success);
    }
    assert_int_equal(live_count(), 0);
}

/* wine: Allocate(0) succeeds, the buffer can be sized and freed */
static void test_allocate_nothing(void **state)
{
    void *p = allocate(0), *q = allocate(0);

    (void)state;
    assert_ptr_not_equal(p, q);
    assert_int_equal(size_of(p), 0);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
    assert_int_equal(NetApiBufferFree(p), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetApiBufferFree(q), NERR_Success);
}

/* wine: Allocate(n, NULL) is ERROR_INVALID_PARAMETER and leaves the thread's last error alone */
static void test_allocate_to_nowhere(void **state)
{
    (void)state;
    errno = 4711;
    assert_int_equal(NetApiBufferAllocate(100, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetapipBufferAllocate(100, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(errno, 4711);
    assert_int_equal(live_count(), 0);
}

/* lmapibuf.h: NetApiBufferFree's pointer is optional */
static void test_free_null(void **state)
{
    (void)state;
    assert_int_equal(NetApiBufferFree(NULL), NERR_Success);
}

/* wine: Size(NULL) is ERROR_INVALID_PARAMETER */
static void test_size_of_null(void **state)
{
    DWORD len = 77;
    void *p = allocate(5);

    (void)state;
    assert_int_equal(NetApiBufferSize(NULL, &len), ERROR_INVALID_PARAMETER);
    assert_int_equal(len, 77);
    assert_int_equal(NetApiBufferSize(p, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
}

/* wine: Reallocate(NULL, n) allocates; Reallocate(p, 0) frees and stores NULL */
static void test_reallocate_ends(void **state)
{
    void *p = NULL, *q = (void *)1;

    (void)state;
    assert_int_equal(NetApiBufferReallocate(NULL, 1500, &p), NERR_Success);
    assert_non_null(p);
    assert_int_equal(size_of(p), 1500);
    assert_int_equal(NetApiBufferReallocate(p, 0, &q), NERR_Success);
    assert_null(q);
    assert_int_equal(NetApiBufferFree(p), ERROR_INVALID_PARAMETER);
    q = (void *)1;
    assert_int_equal(NetApiBufferReallocate(NULL, 0, &q), NERR_Success);
    assert_null(q);
    assert_int_equal(live_count(), 0);
}

/* api:NetApiBufferReallocate: the content is kept */
static void test_reallocate_keeps_content(void **state)
{
    static const DWORD lengths[] = {10, 1000, 1000, 100000, 7, 8};
    uint8_t *p = allocate(10);
    DWORD valid = 10;

    (void)state;
    for (int i = 0; i < 10; i++)
        p[i] = (uint8_t)i;
    for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
        assert_int_equal(NetApiBufferReallocate(p, lengths[k], (void **)&p), NERR_Success);
        assert_int_equal(size_of(p), lengths[k]);
        valid = valid < lengths[k] ? valid : lengths[k];
        for (DWORD i = 0; i < valid; i++)
            assert_int_equal(p[i], i);
    }
    assert_int_equal(live_count(), 1);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
}

static void test_reallocate_refuses(void **state)
{
    int local;
    void *p = allocate(10), *q = (void *)1;

    (void)state;
    assert_int_equal(NetApiBufferReallocate(p, 20, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetApiBufferReallocate(&local, 20, &q), ERROR_INVALID_PARAMETER);
    assert_int_equal(NetApiBufferReallocate((char *)p + 1, 0, &q), ERROR_INVALID_PARAMETER);
    assert_ptr_equal(q, (void *)1);
    assert_int_equal(size_of(p), 10);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
}

/* design: a pointer that is not a live API buffer gets ERROR_INVALID_PARAMETER, never a crash */
static void test_foreign_pointers(void **state)
{
    static char text[] = "not a buffer";
    char *p = allocate(100), *heap = malloc(100);
    void *foreign[] = {text,
                       &state,
                       heap,
                       p + 1,
                       p + 16,
                       p - 16,
                       p + 100,
                       (void *)1,
                       (void *)8,
                       (void *)(uintptr_t)-1,
                       (void *)(uintptr_t)0x800000000000};
    DWORD len = 3;

    (void)state;
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        assert_int_equal(buffer_free(foreign[i]), ERROR_INVALID_PARAMETER);
        assert_int_equal(NetApiBufferSize(foreign[i], &len), ERROR_INVALID_PARAMETER);
        assert_int_equal(len, 3);
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal((uint8_t)p[i], 0x5A);
    free(heap);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
}

static void test_double_free(void **state)
{
    enum { COUNT = 1000 };
    static void *p[COUNT];
    DWORD len;

    (void)state;
    for (int i = 0; i < COUNT; i++)
        p[i] = allocate((DWORD)i);
    for (int i = 0; i < COUNT; i += 2) {
        assert_int_equal(buffer_free(p[i]), NERR_Success);
        assert_int_equal(buffer_free(p[i]), ERROR_INVALID_PARAMETER);
        assert_int_equal(NetApiBufferSize(p[i], &len), ERROR_INVALID_PARAMETER);
    }
    for (int i = 1; i < COUNT; i += 2) {
        assert_int_equal(size_of(p[i]), i);
        assert_int_equal(buffer_free(p[i]), NERR_Success);
        assert_int_equal(buffer_free(p[i]), ERROR_INVALID_PARAMETER);
    }
    assert_int_equal(live_count(), 0);
}

/* api:NetApiBufferFree: frees what any other Net function returned; how those get their memory */
static void test_out_buffer(void **state)
{
    size_t count, bytes;
    void *p = api_buffer_alloc(4711, "NetGroupEnum"), *q = api_buffer_allocate(12, (void *)"NetGroupGetInfo");
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_int_equal(size_of(p), 4711);
    netmgmt_buffers_live(&count, &bytes);
    assert_int_equal(count, 2);
    assert_int_equal(bytes, 4723);
    netmgmt_buffers_live(NULL, NULL);
    netmgmt_buffers_report(out);
    netmgmt_buffers_report(NULL);
    fclose(out);
    assert_non_null(strstr(text, "2 API buffers, 4723 bytes, live"));
    assert_non_null(strstr(text, "1 buffer, 4711 bytes, made by NetGroupEnum\n"));
    assert_non_null(strstr(text, "1 buffer, 12 bytes, made by NetGroupGetInfo\n"));
    free(text);
    assert_int_equal(NetApiBufferFree(p), NERR_Success);
    assert_true(api_buffer_free(q));
    assert_false(api_buffer_free(q));
    assert_true(api_buffer_free(NULL));
    assert_null(api_buffer_alloc((size_t)UINT32_MAX + 1, "NetGroupEnum"));
}

/* Against a plain list, with addresses that collide as badly as a heap makes them. */
static void test_registry(void **state)
{
    enum { COUNT = 3000, STEPS = 200000 };
    static bool live[COUNT];
    static char memory[COUNT * 16];
    size_t expect_count = 0, expect_bytes = 0, count, bytes;
    uint32_t random = 1;

    (void)state;
    for (int step = 0; step < STEPS; step++) {
        struct buffer_entry entry;
        size_t i;

        random = random * 1664525 + 1013904223;
        i = (random >> 8) % COUNT;
        if (step > STEPS / 2 && step % 3)
            i = i % 50; /* later mostly a few, so that the tables shrink */
        assert_int_equal(buffer_registry_find(memory + 16 * i, &entry), live[i]);
        if (live[i]) {
            assert_true(buffer_registry_remove(memory + 16 * i, &entry));
            assert_int_equal(entry.len, i);
            assert_ptr_equal(buffer_entry_address(&entry), memory + 16 * i);
            expect_count--;
            expect_bytes -= i;
        } else {
            assert_false(buffer_registry_remove(memory + 16 * i, &entry));
            assert_true(buffer_registry_add(memory + 16 * i, i, "test", NULL));
            expect_count++;
            expect_bytes += i;
        }
        live[i] = !live[i];
    }
    buffer_registry_sum(&count, &bytes);
    assert_int_equal(count, expect_count);
    assert_int_equal(bytes, expect_bytes);
    for (size_t i = 0; i < COUNT; i++) {
        struct buffer_entry entry;

        assert_int_equal(buffer_registry_remove(memory + 16 * i, &entry), live[i]);
    }
    assert_int_equal(live_count(), 0);
}

/* Each thread frees what another made; the pointers to exchange are taken with one atomic step. */
static void *exchange[64];

static void *work(void *context)
{
    uint32_t random = (uint32_t)(uintptr_t)context;

    for (int i = 0; i < 20000; i++) {
        void *p, *q;
        DWORD len;

        random = random * 1664525 + 1013904223;
        len = random >> 24;
        if (NetApiBufferAllocate(len + 1, &p))
            return "allocate";
        memset(p, (int)len, len + 1);
        q = __atomic_exchange_n(&exchange[random >> 8 & 63], p, __ATOMIC_ACQ_REL);
        if (!q)
            continue;
        if (NetApiBufferSize(q, &len) || ((uint8_t *)q)[len - 1] != (uint8_t)(len - 1))
            return "size";
        if (NetApiBufferFree(q))
            return "free";
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)(i + 1)), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failure;

        pthread_join(threads[i], &failure);
        assert_null(failure);
    }
    for (size_t i = 0; i < sizeof(exchange) / sizeof(exchange[0]); i++)
        assert_int_equal(NetApiBufferFree(exchange[i]), NERR_Success);
    assert_int_equal(live_count(), 0);
}

static void test_modes(void **state)
{
    struct buffer_modes m;

    (void)state;
    assert_true(buffer_modes_parse("", &m));
    assert_int_equal(m.set, 0);
    assert_true(buffer_modes_parse("leaks", &m));
    assert_int_equal(m.set, BUFFER_LEAKS);
    assert_null(m.leaks_file);
    assert_true(buffer_modes_parse("guard", &m));
    assert_int_equal(m.set, BUFFER_GUARD);
    assert_true(buffer_modes_parse("guard:aligned,leaks:/tmp/a,b", &m));
    assert_int_equal(m.set, BUFFER_GUARD | BUFFER_GUARD_ALIGNED | BUFFER_LEAKS);
    assert_string_equal(m.leaks_file, "/tmp/a,b");
    assert_true(buffer_modes_parse("leaks,guard", &m));
    assert_int_equal(m.set, BUFFER_GUARD | BUFFER_LEAKS);
    assert_false(buffer_modes_parse("leak", &m));
    assert_false(buffer_modes_parse("leaks:", &m));
    assert_false(buffer_modes_parse("guarded", &m));
    assert_false(buffer_modes_parse("leaks,,", &m));
}

/* Children. */

#define CHILD_OK 7 /* exit status of a child that came to its end: the modes must not change it */

__attribute__((noinline)) static void *leak_from_here(DWORD len)
{
    void *p;

    return NetApiBufferAllocate(len, &p) ? NULL : p;
}

static void child_leak(void)
{
    volatile DWORD count = 30; /* unknown, so that the loop stays one and the site too */

    while (count--)
        leak_from_here(1000);
    NetApiBufferFree(leak_from_here(55));
    api_buffer_alloc(321, "NetGroupEnum");
}

static void child_clean(void)
{
    NetApiBufferFree(leak_from_here(100));
}

static void *freed_late;

static void free_late(void)
{
    NetApiBufferFree(freed_late);
}

/* Handlers of the program that free come before the list, also those that were registered first. */
static void child_free_at_exit(void)
{
    atexit(free_late);
    freed_late = leak_from_here(9);
}

/* Through volatile, so that the access happens. */
static void child_overrun(void)
{
    volatile uint8_t *p = leak_from_here(100);

    p[100] = 1;
}

static void child_overread(void)
{
    volatile uint8_t *p = leak_from_here(4096);

    (void)p[4096];
}

static void child_use_after_free(void)
{
    volatile uint8_t *p = leak_from_here(100);

    NetApiBufferFree((void *)p);
    for (int i = 0; i < 1000; i++)
        NetApiBufferFree(leak_from_here(100));
    (void)p[50];
}

static void child_use_after_reallocate(void)
{
    volatile uint8_t *p = leak_from_here(100);
    void *q;

    NetApiBufferReallocate((void *)p, 200, &q);
    (void)p[0];
}

static void child_aligned_overrun(void)
{
    volatile uint8_t *p = leak_from_here(13);

    p[13] = 1; /* in the slack: seen when it is freed */
    NetApiBufferFree((void *)p);
}

/* What is right stays right. */
static void child_right_use(void)
{
    for (DWORD len = 0; len < 20000; len = len * 3 + 8) {
        uint8_t *p = leak_from_here(len);
        DWORD got;

        if (!p || ((uintptr_t)p & 7) != 0 || NetApiBufferSize(p, &got) || got != len)
            exit(1);
        memset(p, 1, len);
        if (NetApiBufferReallocate(p, len + 1000, (void **)&p) || (len && p[len - 1] != 1))
            exit(2);
        if (NetApiBufferFree(p) || buffer_free(p) != ERROR_INVALID_PARAMETER)
            exit(3);
    }
    for (int i = 0; i < 20000; i++) /* more than the quarantine holds */
        if (NetApiBufferFree(leak_from_here(8)))
            exit(4);
}

static void child_fork(void)
{
    leak_from_here(10);
    if (fork() == 0) {
        leak_from_here(20);
        exit(0);
    }
    wait(NULL);
}

static const struct {
    const char *name;
    void (*run)(void);
} children[] = {
    {"leak", child_leak},
    {"clean", child_clean},
    {"free-at-exit", child_free_at_exit},
    {"overrun", child_overrun},
    {"overread", child_overread},
    {"use-after-free", child_use_after_free},
    {"use-after-reallocate", child_use_after_reallocate},
    {"aligned-overrun", child_aligned_overrun},
    {"right-use", child_right_use},
    {"fork", child_fork},
};

static int run_child(const char *name)
{
    const struct rlimit no_core = {0, 0};

    setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGSEGV, SIG_DFL); /* a sanitizer's handlers would turn these into exit statuses */
    signal(SIGBUS, SIG_DFL);
    signal(SIGABRT, SIG_DFL);
    for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
        if (!strcmp(name, children[i].name)) {
            children[i].run();
            exit(CHILD_OK);
        }
    }
    return 1;
}

/* Runs the child `name` with NETMGMT_BUFFERS=`mode`; what it wrote to stderr is in `text`, its wait status is
 * the result. */
static int spawn(const char *name, const char *mode, char text[8192])
{
    int fds[2], status;
    size_t used = 0;
    ssize_t n;
    pid_t pid;

    assert_int_equal(pipe(fds), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]);
        close(fds[1]);
        setenv("NETMGMT_BUFFERS", mode, 1);
        setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* they leak on purpose */
        execl("/proc/self/exe", "test_buffer", name, (char *)NULL);
        _exit(126);
    }
    close(fds[1]);
    while ((n = read(fds[0], text + used, 8191 - used)) > 0)
        used += (size_t)n;
    text[used] = 0;
    close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void assert_exited(int status)
{
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), CHILD_OK);
}

static void assert_killed(const char *name, const char *mode, int signal)
{
    char text[8192];
    int status = spawn(name, mode, text);

    if (!WIFSIGNALED(status) || WTERMSIG(status) != signal)
        fail_msg("%s under %s ended with wait status %#x: %s", name, mode, status, text);
}

static void test_leaks(void **state)
{
    char text[8192];

    (void)state;
    assert_exited(spawn("leak", "leaks", text));
    assert_non_null(strstr(text, "netmgmt: 31 API buffers, 30321 bytes, not freed"));
    assert_non_null(strstr(text, "30 buffers, 30000 bytes, made by NetApiBufferAllocate\n"));
    assert_non_null(strstr(text, ": 1000 bytes\n"));
    assert_non_null(strstr(text, "and 10 more\n"));
    assert_non_null(strstr(text, "1 buffer, 321 bytes, made by NetGroupEnum\n"));
    assert_non_null(strstr(text, "called from\n"));
    assert_non_null(strstr(text, "test_buffer+0x"));
    assert_null(strstr(text, " 55 bytes"));
}

static void test_leaks_silent_when_none(void **state)
{
    char text[8192];

    (void)state;
    assert_exited(spawn("clean", "leaks", text));
    assert_string_equal(text, "");
    assert_exited(spawn("leak", "", text));
    assert_string_equal(text, "");
    assert_exited(spawn("free-at-exit", "leaks", text));
    assert_string_equal(text, "");
}

static void test_leaks_file(void **state)
{
    char mode[64] = "guard,leaks:/tmp/test_buffer.XXXXXX", text[8192];
    char *path = strchr(mode, '/');
    int fd = mkstemp(path);
    ssize_t n;

    (void)state;
    assert_true(fd >= 0);
    assert_exited(spawn("leak", mode, text));
    assert_string_equal(text, "");
    n = read(fd, text, sizeof(text) - 1);
    assert_true(n > 0);
    text[n] = 0;
    assert_non_null(strstr(text, "made by NetApiBufferAllocate"));
    close(fd);
    unlink(path);
    assert_exited(spawn("leak", "leaks:/nowhere/at/all", text)); /* falls back to stderr */
    assert_non_null(strstr(text, "cannot write to /nowhere/at/all"));
    assert_non_null(strstr(text, "made by NetApiBufferAllocate"));
}

static void test_unknown_mode(void **state)
{
    char text[8192];

    (void)state;
    assert_exited(spawn("leak", "leak", text));
    assert_non_null(strstr(text, "NETMGMT_BUFFERS=leak is not understood"));
}

static void test_leaks_fork(void **state)
{
    char text[8192];

    (void)state;
    assert_exited(spawn("fork", "leaks", text));
    assert_non_null(strstr(text, "netmgmt: 2 API buffers, 30 bytes, not freed"));
    assert_non_null(strstr(text, "netmgmt: 1 API buffer, 10 bytes, not freed"));
}

static void test_guard(void **state)
{
    char text[8192];

    (void)state;
    assert_exited(spawn("clean", "guard", text));
    assert_exited(spawn("right-use", "guard", text));
    assert_exited(spawn("right-use", "guard:aligned,leaks", text));
    assert_string_equal(text, "");
    assert_killed("overrun", "guard", SIGSEGV);
    assert_killed("overread", "guard", SIGSEGV);
    assert_killed("overread", "guard:aligned", SIGSEGV);
    assert_killed("use-after-free", "guard", SIGSEGV);
    assert_killed("use-after-free", "guard,leaks", SIGSEGV);
    assert_killed("use-after-reallocate", "guard", SIGSEGV);
    assert_killed("aligned-overrun", "guard:aligned", SIGABRT);
    assert_killed("aligned-overrun", "guard", SIGSEGV);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocate_size_free),
        cmocka_unit_test(test_allocate_nothing),
        cmocka_unit_test(test_allocate_to_nowhere),
        cmocka_unit_test(test_free_null),
        cmocka_unit_test(test_size_of_null),
        cmocka_unit_test(test_reallocate_ends),
        cmocka_unit_test(test_reallocate_keeps_content),
        cmocka_unit_test(test_reallocate_refuses),
        cmocka_unit_test(test_foreign_pointers),
        cmocka_unit_test(test_double_free),
        cmocka_unit_test(test_out_buffer),
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_leaks),
        cmocka_unit_test(test_leaks_silent_when_none),
        cmocka_unit_test(test_leaks_file),
        cmocka_unit_test(test_leaks_fork),
        cmocka_unit_test(test_unknown_mode),
        cmocka_unit_test(test_guard),
    };

    if (argc == 2)
        return run_child(argv[1]);
    return cmocka_run_group_tests_name(argv[0], tests, NULL, NULL);
}
