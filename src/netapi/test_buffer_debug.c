/* SPDX-License-Identifier: MIT */
/*
 * NETMGMT_BUFFERS=leaks and guard. The variable is read once, so the modes are tested in children: this
 * program again, told what to do.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
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
#include "netmgmt.h"

/* The compiler knows what free() does and so would see through some of these tests. */
static NET_API_STATUS (*volatile buffer_free)(LPVOID) = NetApiBufferFree;

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
        execl("/proc/self/exe", "test_buffer_debug", name, (char *)NULL);
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
    assert_non_null(strstr(text, "test_buffer_debug+0x"));
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
    char mode[80] = "guard,leaks:/tmp/test_buffer_debug.XXXXXX", text[8192];
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
    return cmocka_run_group_tests(tests, NULL, NULL);
}
