/* SPDX-License-Identifier: MIT */
/*
 * What programs see of a bad network and of a dying server: the Net functions return the right result or a
 * documented status, in time; what they say is done is done; a connection that died unnoticed is made anew.
 * Arguments: the program proxy; "dc": over TCP to a DC, where the network only is bad.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include "../net_assert.h"
#include "fault.h"
#include "ways.h"

#define PROXIED u"\\\\proxied"
#define TIMEOUT 10000      /* ms, of each answer: time enough for a server that starts */
#define SHORT_TIMEOUT 1500 /* where answers are lost */

static const struct way_server *server = &way_files;
static LPCWSTR DIRECT = u"\\\\files";

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* New connections from now on: the number of the credentials changes. */
static void log_on(LPCWSTR name)
{
    struct netmgmt_credentials c = {.size = sizeof(c),
                                    .user = server->user,
                                    .domain = server->domain,
                                    .password = getenv("SAMBA_PASSWORD"),
                                    .kerberos = NETMGMT_KERBEROS_OFF}; /* nobody has tickets for "proxied" */

    assert_ok(netmgmt_set_credentials(name, NULL));
    assert_ok(netmgmt_set_credentials(name, &c));
}

static bool documented(NET_API_STATUS status)
{
    static const NET_API_STATUS known[] = {
        RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED,   RPC_S_CALL_FAILED_DNE, RPC_S_PROTOCOL_ERROR,
        RPC_X_BAD_STUB_DATA,      ERROR_TIMEOUT,       ERROR_ACCESS_DENIED,   ERROR_LOGON_FAILURE,
        ERROR_INVALID_PARAMETER,  RPC_S_SEC_PKG_ERROR, ERROR_INVALID_NAME,    ERROR_BAD_NETPATH,
    };
    /* of what is said before there is a key: dialects, statuses, mechanisms, the interface */
    static const NET_API_STATUS unprotected[] = {ERROR_PROTOCOL_UNREACHABLE, ERROR_MR_MID_NOT_FOUND,
                                                 ERROR_DOWNGRADE_DETECTED, RPC_S_UNKNOWN_IF,
                                                 RPC_S_UNSUPPORTED_TRANS_SYN};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i] == status)
            return true;
    for (size_t i = 0; i < sizeof(unprotected) / sizeof(unprotected[0]); i++)
        if (unprotected[i] == status)
            return true;
    fail_msg("status %u: %s", status, netmgmt_strerror(status));
    return false;
}

/* False: something failed, as it may. */
static bool work(unsigned serial)
{
    WCHAR name[] = u"iop fault 0000";
    GROUP_INFO_1 info = {name, u"by a bad network"}, *got;
    NET_API_STATUS status;
    LPBYTE buffer;
    DWORD read, total;

    for (unsigned i = 0; i < 4; i++, serial /= 10)
        name[13 - i] = (WCHAR)('0' + serial % 10);
    status = NetGroupAdd(PROXIED, 1, (LPBYTE)&info, NULL);
    if (status)
        return !documented(status);
    assert_ok(NetGroupGetInfo(DIRECT, name, 1, (LPBYTE *)&got));
    assert_int_equal(memcmp(got->grpi1_comment, info.grpi1_comment, 2 * 17), 0);
    NetApiBufferFree(got);
    status = NetGroupEnum(PROXIED, 1, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL);
    if (status)
        return !documented(status);
    assert_true(read > 0 && read == total);
    NetApiBufferFree(buffer);
    status = NetGroupDel(PROXIED, name);
    if (status)
        return !documented(status);
    assert_int_equal(NetGroupGetInfo(DIRECT, name, 1, (LPBYTE *)&got), NERR_GroupNotFound);
    return true;
}

static void test_harmless(void **state)
{
    (void)state;
    proxy_start("split", 0, 1);
    log_on(PROXIED);
    assert_true(work(1));
    proxy_start("delay", 20, 1);
    log_on(PROXIED);
    assert_true(work(2));
    proxy_stop();
}

static NET_API_STATUS list(void)
{
    LPBYTE buffer = NULL;
    DWORD read, total;
    NET_API_STATUS status = NetGroupEnum(DIRECT, 0, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL);

    NetApiBufferFree(buffer);
    return status;
}

static void check_harmful(const char *mode, unsigned first, unsigned last, unsigned step, unsigned least)
{
    static unsigned serial = 1000;
    unsigned failed = 0;

    netmgmt_set_timeout(SHORT_TIMEOUT);
    for (unsigned amount = first; amount <= last; amount += step) {
        double start = now();

        proxy_start(mode, amount, amount);
        log_on(PROXIED);
        failed += !work(serial++); /* a new one: what failed may have left its group */
        /* an answer may come late in each of the steps of connecting, and once more in a new connection */
        assert_true(now() - start < 4.0 * SHORT_TIMEOUT / 1000);
    }
    proxy_stop();
    netmgmt_set_timeout(TIMEOUT);
    assert_true(failed >= least);
}

static void test_flipped(void **state)
{
    (void)state;
    check_harmful("flip", 200, 6000, 200, 10);
}

static void test_dropped(void **state)
{
    (void)state;
    check_harmful("drop", 500, 5000, 500, 3);
}

static void test_cut(void **state)
{
    (void)state;
    check_harmful("cut", 0, 6000, 300, 10);
}

static void test_stalled(void **state)
{
    static const unsigned amounts[] = {0, 300, 2500};
    LPBYTE buffer;
    DWORD read, total;

    (void)state;
    netmgmt_set_timeout(SHORT_TIMEOUT);
    for (size_t i = 0; i < 3; i++) {
        double start = now();

        proxy_start("stall", amounts[i], 1);
        log_on(PROXIED);
        assert_int_equal(NetGroupEnum(PROXIED, 0, &buffer, 1000, &read, &total, NULL), ERROR_TIMEOUT);
        assert_true(now() - start < 2.0 * SHORT_TIMEOUT / 1000);
    }
    netmgmt_set_timeout(TIMEOUT);
    proxy_stop();
}

/* As soon as the server is there again calls succeed, with no failure in between that says it is not. */
static void wait_for_server(void)
{
    NET_API_STATUS status = RPC_S_SERVER_UNAVAILABLE;

    servers_start();
    for (int i = 0; i < 100 && status == RPC_S_SERVER_UNAVAILABLE; i++) {
        usleep(50000);
        status = list();
    }
    assert_ok(status);
}

static void test_killed_between_calls(void **state)
{
    GROUP_INFO_0 info = {u"iop after"};

    (void)state;
    assert_ok(list());
    servers_signal(SIGKILL);
    usleep(200000);
    servers_start();
    usleep(500000);
    assert_ok(NetGroupAdd(DIRECT, 0, (LPBYTE)&info, NULL)); /* the old connection is dead: not sent on it */
    assert_ok(NetGroupDel(DIRECT, u"iop after"));
}

static void test_killed_in_mid_call(void **state)
{
    GROUP_INFO_0 info = {u"iop unsure"};
    NET_API_STATUS status;
    double start;

    (void)state;
    for (int changing = 0; changing < 2; changing++) {
        assert_ok(list());
        assert_ok(NetGroupAdd(DIRECT, 0, (LPBYTE)&info, NULL)); /* all handles are open */
        assert_ok(NetGroupDel(DIRECT, u"iop unsure"));
        servers_signal(SIGSTOP);
        if (fork() == 0) {
            usleep(300000);
            servers_signal(SIGKILL);
            _exit(0);
        }
        start = now();
        status = changing ? NetGroupAdd(DIRECT, 0, (LPBYTE)&info, NULL) : list();
        assert_true(now() - start < 2);
        /* reading is tried again, and nobody is there then; a change is not */
        assert_int_equal(status, changing ? RPC_S_CALL_FAILED : RPC_S_SERVER_UNAVAILABLE);
        wait(NULL);
        wait_for_server();
    }
}

/* Which port the endpoint mapper names. */
static void listen_for_port(void *data, const struct netmgmt_ping_step *step)
{
    const char *port = strcmp(step->name, "map") == 0 ? strstr(step->detail, "port ") : NULL;

    if (port && !step->status)
        *(unsigned *)data = (unsigned)strtoul(port + 5, NULL, 10);
}

static bool prepare_dc(void)
{
    struct netmgmt_server_options proxied = {
        .size = sizeof(proxied), .address = PROXY_ADDRESS, .transport = NETMGMT_TRANSPORT_TCP};
    struct netmgmt_server_options tcp = {.size = sizeof(tcp), .transport = NETMGMT_TRANSPORT_TCP};
    char from[64], to[64];

    server = &way_dc;
    DIRECT = server->name;
    log_on(DIRECT);
    if (netmgmt_set_server_options(DIRECT, &tcp) || netmgmt_ping(DIRECT, listen_for_port, &proxied.port))
        return false;
    snprintf(from, sizeof(from), PROXY_ADDRESS ":%u", proxied.port);
    snprintf(to, sizeof(to), "%s:%u", server->address, proxied.port);
    proxy_between(from, to);
    return netmgmt_set_server_options(PROXIED, &proxied) == NERR_Success;
}

static bool prepare_files(void)
{
    struct netmgmt_server_options proxied = {.size = sizeof(proxied), .address = PROXY_ADDRESS};

    log_on(DIRECT);
    return netmgmt_set_server_options(PROXIED, &proxied) == NERR_Success;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest network[] = {
        cmocka_unit_test(test_harmless), cmocka_unit_test(test_flipped), cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_cut),      cmocka_unit_test(test_stalled),
    };
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_harmless),
        cmocka_unit_test(test_flipped),
        cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_stalled),
        cmocka_unit_test(test_killed_between_calls),
        cmocka_unit_test(test_killed_in_mid_call),
    };
    bool dc = argc > 2 && strcmp(argv[2], "dc") == 0;

    if (argc < 2)
        return 2;
    fault_proxy_program = argv[1];
    netmgmt_set_timeout(TIMEOUT);
    if (!(dc ? prepare_dc() : prepare_files()))
        return fprintf(stderr, "the server cannot be reached\n"), 1;
    return dc ? cmocka_run_group_tests_name("the Net functions in trouble over TCP", network, NULL, NULL)
              : cmocka_run_group_tests_name("the Net functions in trouble", all, NULL, NULL);
}
