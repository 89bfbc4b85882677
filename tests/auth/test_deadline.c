/* SPDX-License-Identifier: MIT */
/*
 * A KDC that swallows what it is sent (SILENT.TEST of kdc.sh): a step ends by its deadline, and what it
 * leaves behind harms nobody: later steps, children, the end of the process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "auth/auth.h"
#include "auth/krb5_wait.h"
#include "auth/mech.h"

#define MS INT64_C(1000000)
#define THREADS (KRB5_WAIT_MAX + 20)
#define EXITS 300

static const char *self;
static int kdc[2]; /* UDP, TCP */

static void open_kdc(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)atoi(getenv("TEST_SILENT_PORT"))),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;

    for (int i = 0; i < 2; i++) {
        kdc[i] = socket(AF_INET, (i ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
        setsockopt(kdc[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        if (bind(kdc[i], (struct sockaddr *)&a, sizeof(a)) || (i && listen(kdc[i], 1000)))
            abort();
    }
}

static void close_kdc(void)
{
    close(kdc[0]);
    close(kdc[1]);
}

static struct auth_credentials *user(const char *name)
{
    struct auth_credentials *c;

    assert_int_equal(auth_credentials_new(&c), 0);
    assert_int_equal(auth_credentials_set_name_utf8(c, name, NULL), 0);
    assert_int_equal(auth_credentials_set_password_utf8(c, "Pa55w0rd"), 0);
    return c;
}

/* The first step; `wait`: ns until its deadline, 0: none. True in `*ntlm`: it fell back. */
static int step(struct auth_credentials *c, unsigned mechanisms, int64_t wait, bool *ntlm)
{
    struct auth_client_config config = {
        .options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_PRIVACY, .dce_style = true},
        .credentials = c,
        .target = "host/server.example.test",
        .deadline = wait ? auth_clock() + wait : 0,
        .mechanisms = mechanisms};
    struct writer token;
    struct auth *a;
    int r = auth_client_new(&a, &config);

    if (r)
        return r;
    writer_init(&token, AUTH_TOKEN_MAX);
    r = auth_step(a, NULL, 0, &token);
    if (ntlm)
        *ntlm = token.len && memmem(token.data, token.len, "NTLMSSP", 7);
    writer_deinit(&token);
    auth_free(a);
    return r;
}

static void test_in_time(void **state)
{
    struct auth_credentials *c = user("alice@EXAMPLE.TEST");

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(step(c, AUTH_KERBEROS, 100000 * MS, NULL), AUTH_CONTINUE);
    assert_int_equal(krb5_wait_running(), 0);
    auth_credentials_unref(c);
}

/* The library would say AUTH_E_NO_KDC, long after. */
static void test_late(void **state)
{
    struct auth_credentials *silent = user("alice@SILENT.TEST"), *other = user("alice@EXAMPLE.TEST");
    bool ntlm;

    (void)state;
    open_kdc();
    for (int i = 0; i < 3; i++) /* the later ones wait for what the first is asking */
        assert_int_equal(step(silent, AUTH_KERBEROS, 100 * MS, NULL), AUTH_E_TIMEOUT);
    assert_int_equal(krb5_wait_running(), 1);
    assert_int_equal(auth_net_status(AUTH_E_TIMEOUT).v, 1460);
    assert_int_equal(step(silent, AUTH_KERBEROS | AUTH_NTLM, 200 * MS, &ntlm), AUTH_CONTINUE);
    assert_true(ntlm);
    assert_int_equal(step(other, AUTH_KERBEROS, 100000 * MS, NULL), AUTH_CONTINUE);
    auth_credentials_unref(silent); /* the thread has its own hold */
    auth_credentials_unref(other);
    close_kdc();
}

static void *step_alone(void *result)
{
    struct auth_credentials *c = user("alice@SILENT.TEST");

    *(int *)result = step(c, AUTH_KERBEROS, 300 * MS, NULL);
    auth_credentials_unref(c);
    return NULL;
}

/* More than there may be threads. */
static void test_many(void **state)
{
    pthread_t threads[THREADS];
    int results[THREADS] = {0};

    (void)state;
    open_kdc();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, step_alone, &results[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(results[i], AUTH_E_TIMEOUT);
    }
    assert_in_range(krb5_wait_running(), 1, KRB5_WAIT_MAX);
    close_kdc();
}

/* A child of a process with such threads: new steps, with the same credentials too. */
static void test_fork(void **state)
{
    struct auth_credentials *silent = user("alice@SILENT.TEST"), *other = user("alice@EXAMPLE.TEST");
    int status;
    pid_t child;

    (void)state;
    open_kdc();
    assert_int_equal(step(other, AUTH_KERBEROS, 100000 * MS, NULL), AUTH_CONTINUE);
    assert_int_equal(step(silent, AUTH_KERBEROS, 100 * MS, NULL), AUTH_E_TIMEOUT);
    child = fork();
    if (!child) {
        bool good = krb5_wait_running() == 0 &&
                    step(other, AUTH_KERBEROS, 100000 * MS, NULL) == AUTH_CONTINUE &&
                    step(silent, AUTH_KERBEROS, 100 * MS, NULL) == AUTH_E_TIMEOUT && krb5_wait_running() == 1;

        auth_credentials_unref(silent);
        auth_credentials_unref(other);
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    auth_credentials_unref(silent);
    auth_credentials_unref(other);
    close_kdc();
}

/* exit() while a thread is anywhere in the library, at work or asleep. */
static void test_exit(void **state)
{
    (void)state;
#ifdef __SANITIZE_THREAD__
    skip(); /* it does not understand that a thread is cancelled in getaddrinfo() */
#endif
    open_kdc();
    for (int i = 0; i < EXITS; i++) {
        char microseconds[16];
        int status;
        pid_t child;

        snprintf(microseconds, sizeof(microseconds), "%d", 10 + i % 100 * 20);
        child = fork();
        if (!child) {
            setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* a cancelled thread frees nothing */
            execl(self, self, i % 3 ? "alice@EXAMPLE.TEST" : "alice@SILENT.TEST", microseconds, NULL);
            _exit(1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (status)
            fail_msg("after %s us: %d", microseconds, status);
    }
    close_kdc();
}

/* Nothing is left for ever: without a KDC at all the library gives up. */
static void test_end(void **state)
{
    (void)state;
    while (krb5_wait_running())
        nanosleep(&(struct timespec){.tv_nsec = 10 * MS}, NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_time), cmocka_unit_test(test_late), cmocka_unit_test(test_many),
        cmocka_unit_test(test_fork),    cmocka_unit_test(test_exit), cmocka_unit_test(test_end),
    };

    if (!getenv("TEST_SILENT_PORT"))
        return 77; /* kdc.sh runs it */
    self = argv[0];
    if (argc > 2) { /* test_exit's child */
        step(user(argv[1]), AUTH_KERBEROS, atoi(argv[2]) * MS / 1000, NULL);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
