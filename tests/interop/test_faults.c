/* SPDX-License-Identifier: MIT */
/*
 * A bad network and a dying server between us and real Samba: whatever happens, the outcome is the right
 * result or a documented status, within the deadline, and what was said to be done is done. Argument: the
 * program proxy.
 */
#include "fault.h"
#include "wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <windows.h>
#include <lmerr.h>

#define SECONDS 2
#define SLACK_NS INT64_C(1500000000) /* for a machine that is busy */

static unsigned serial;
static unsigned expected_users;

static struct wire_login through_proxy(void)
{
    struct wire_login login = wire_login_files();

    login.address = PROXY_ADDRESS;
    login.seconds = SECONDS;
    return login;
}

/* How it is when nothing is wrong. */
static int count_users(void **state)
{
    struct wire_login login = wire_login_files();
    struct wire w;
    int32_t result;
    bool found;

    (void)state;
    assert_int_equal(wire_open(&w, &login), 0);
    assert_int_equal(wire_domain(&w, &result).v, 0);
    assert_int_equal(wire_users(&w, u"alice", &expected_users, &found, &result).v, 0);
    wire_close(&w);
    return 0;
}

/* What RID it really has. */
static uint32_t really(const uint16_t *name)
{
    struct wire_login login = wire_login_files();
    struct wire w;
    uint32_t rid = 0;
    int32_t result = -1;

    assert_int_equal(wire_open(&w, &login), 0);
    assert_int_equal(wire_domain(&w, &result).v, 0);
    assert_int_equal(wire_find(&w, name, &rid, &result).v, 0);
    assert_int_equal(result, 0);
    wire_close(&w);
    return rid;
}

/* Statuses of channel.h for a connection that goes wrong; a procedure's own result must be 0. */
static bool documented(struct net_status s)
{
    static const uint32_t known[] = {RPC_S_CALL_FAILED_DNE, RPC_S_CALL_FAILED, RPC_S_PROTOCOL_ERROR,
                                     RPC_X_BAD_STUB_DATA, ERROR_TIMEOUT};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (s.v == known[i])
            return true;
    fail_msg("status %u", s.v);
    return false;
}

/* False: a call failed as it may. Its results are checked when it did not. */
static bool work(struct wire *w)
{
    uint16_t name[] = u"interop fault 0000";
    struct ndr_context_handle group;
    struct net_status s;
    uint32_t rid;
    int32_t result = -1;
    unsigned count = 0;
    bool found;

    for (unsigned i = 0, n = serial++; i < 4; i++, n /= 10)
        name[17 - i] = (uint16_t)('0' + n % 10);
    s = wire_domain(w, &result);
    if (s.v)
        return !documented(s);
    assert_int_equal(result, 0);
    s = wire_users(w, u"alice", &count, &found, &result);
    if (s.v)
        return !documented(s);
    assert_int_equal(result, 0);
    assert_int_equal(count, expected_users);
    assert_true(found);
    s = wire_group_add(w, name, &group, &rid, &result);
    if (s.v)
        return !documented(s);
    assert_int_equal(result, 0);
    assert_int_equal(really(name), rid);
    s = wire_group_count(w, name, rid, 65535, &count, &result);
    if (s.v)
        return !documented(s);
    assert_int_equal(result, 0);
    assert_int_equal(count, 1);
    s = wire_group_delete(w, &group, &result);
    if (s.v)
        return !documented(s);
    assert_int_equal(result, 0);
    assert_int_equal(really(name), 0);
    return true;
}

/* 0: all went well; or what stopped the session, -EIO: a call. */
static int attempt(const struct wire_login *login)
{
    int64_t start = transport_now();
    struct wire w;
    int r = wire_open(&w, login);

    if (r == 0 && !work(&w))
        r = -EIO;
    wire_close(&w);
    assert_true(transport_now() - start < SECONDS * INT64_C(1000000000) + SLACK_NS);
    return r;
}

static void test_harmless(void **state)
{
    static const enum smb_encryption encryptions[] = {SMB_ENCRYPT_NEVER, SMB_ENCRYPT_REQUIRED};
    static const struct {
        const char *mode;
        unsigned amount;
    } modes[] = {{"pass", 0}, {"split", 0}, {"delay", 30}};

    (void)state;
    for (size_t m = 0; m < 3; m++)
        for (size_t e = 0; e < 2; e++) {
            struct wire_login login = through_proxy();

            proxy_start(modes[m].mode, modes[m].amount, 1);
            login.encryption = encryptions[e];
            login.seconds = 20;
            assert_int_equal(attempt(&login), 0);
            proxy_stop();
        }
}

static void check_harmful(const char *mode, unsigned first, unsigned last, unsigned step, unsigned *good,
                          unsigned *bad)
{
    *good = *bad = 0;
    for (unsigned amount = first; amount <= last; amount += step) {
        struct wire_login login = through_proxy();

        proxy_start(mode, amount, amount);
        login.encryption = amount / step % 2 ? SMB_ENCRYPT_NEVER : SMB_ENCRYPT_REQUIRED;
        login.seconds = SECONDS;
        ++*(attempt(&login) ? bad : good);
        proxy_stop();
    }
}

static void test_flipped(void **state)
{
    unsigned good, bad;

    (void)state;
    check_harmful("flip", 150, 9000, 150, &good, &bad);
    assert_true(bad >= 20);
}

static void test_dropped(void **state)
{
    unsigned good, bad;

    (void)state;
    check_harmful("drop", 1000, 12000, 1000, &good, &bad);
    assert_true(bad >= 4);
}

static void test_cut(void **state)
{
    unsigned good, bad;
    int64_t start = transport_now();

    (void)state;
    check_harmful("cut", 0, 6000, 100, &good, &bad);
    assert_true(bad >= 40);
    assert_true(transport_now() - start < 40 * INT64_C(1000000000)); /* nobody waits for the deadline */
}

static void test_stalled(void **state)
{
    struct wire_login login = through_proxy();
    static const unsigned amounts[] = {0, 300, 2500, 4200};

    (void)state;
    login.seconds = 1;
    for (size_t i = 0; i < 4; i++) {
        struct net_status s = {0};
        struct wire w;
        int32_t result;
        int r;

        proxy_start("stall", amounts[i], 1);
        r = wire_open(&w, &login);
        if (r == 0)
            s = wire_domain(&w, &result);
        if (r == 0 && !s.v)
            s = wire_users(&w, u"", &(unsigned){0}, &(bool){0}, &result);
        assert_true(r == -ETIMEDOUT || r == -EPROTO || s.v == ERROR_TIMEOUT);
        wire_close(&w);
        proxy_stop();
    }
}

static void test_killed(void **state)
{
    struct wire_login login = wire_login_files();
    struct SamrEnumerateUsersInDomain_params p = {.PreferedMaximumLength = 1000};
    struct wire w;
    uint32_t call;
    int32_t result;
    int64_t start;
    int r = -1;

    (void)state;
    assert_int_equal(wire_open(&w, &login), 0);
    assert_int_equal(wire_domain(&w, &result).v, 0);
    p.DomainHandle = w.domain;
    servers_signal(SIGSTOP);
    assert_int_equal(channel_begin(w.channel, SamrEnumerateUsersInDomain_opnum, &p, &call, w.deadline).v, 0);
    if (fork() == 0) { /* the request must be out first */
        usleep(300000);
        servers_signal(SIGKILL);
        _exit(0);
    }
    start = transport_now();
    assert_int_equal(channel_finish(w.channel, call, &p, &w.arena, w.deadline).v, RPC_S_CALL_FAILED);
    assert_true(transport_now() - start < 2 * INT64_C(1000000000));
    assert_true(channel_is_dead(w.channel) && pipe_session_is_dead(w.session));
    wait(NULL);
    wire_close(&w);
    r = wire_open(&w, &login); /* the last of them may still be going */
    assert_true(r == -ECONNREFUSED || r == -ECONNRESET);
    wire_close(&w);
    servers_start();
    for (int i = 0; i < 100 && r; i++) {
        usleep(50000);
        r = wire_open(&w, &login);
        if (r)
            wire_close(&w);
    }
    assert_int_equal(r, 0);
    wire_prove(&w, u"interop revived");
    wire_close(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_harmless), cmocka_unit_test(test_flipped), cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_cut),      cmocka_unit_test(test_stalled), cmocka_unit_test(test_killed),
    };

    if (argc < 2)
        return 2;
    fault_proxy_program = argv[1];
    return cmocka_run_group_tests_name("a bad network and a dying server", tests, count_users, NULL);
}
