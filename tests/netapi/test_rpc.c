/* SPDX-License-Identifier: MIT */
/*
 * <netmgmt/rpc.h>: calls to an interface with tables that idlc made, as a program outside of this project
 * makes them. The interface is SAMR, compiled here from its IDL.
 */
#include "harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netmgmt/rpc.h>

#include "rpc_samr.h"

static struct netmgmt_rpc *open_it(const char *binding)
{
    struct netmgmt_rpc *rpc = NULL;

    assert_ok(rpc_samr_open(binding, &rpc));
    assert_non_null(rpc);
    return rpc;
}

/* Wherever this run has its server. */
static struct netmgmt_rpc *open_local(void)
{
    char server[64];

    return open_it(harness_server ? netmgmt_utf8(harness_server, server, sizeof(server))
                                  : getenv("NETMGMT_LOCAL"));
}

static void works(const char *binding)
{
    struct netmgmt_rpc *rpc = open_it(binding);
    char names[2][32];

    assert_int_equal(rpc_samr_domains(rpc, names, 2), 2);
    netmgmt_rpc_close(rpc);
}

static void test_call(void **state)
{
    struct netmgmt_rpc *rpc = open_local();
    char names[2][32];

    (void)state;
    assert_int_equal(rpc_samr_domains(rpc, names, 2), 2);
    assert_true(strcmp(names[0], "Builtin") == 0 || strcmp(names[1], "Builtin") == 0);
    netmgmt_rpc_result_free(rpc);
    assert_int_equal(rpc_samr_domains(rpc, names, 2), 2); /* the handle is good for more */
    netmgmt_rpc_close(rpc);
}

static void test_default(void **state)
{
    struct netmgmt_rpc *rpc;

    (void)state;
    assert_ok(rpc_samr_open(NULL, &rpc)); /* where a NULL servername leads */
    netmgmt_rpc_close(rpc);
}

static void test_several(void **state)
{
    struct netmgmt_rpc *rpc = open_local();
    char names[2][32];

    (void)state;
    assert_int_equal(rpc_samr_many(rpc, 64), ERROR_INVALID_PARAMETER);
    assert_int_equal(rpc_samr_domains(rpc, names, 2), 2);
    netmgmt_rpc_close(rpc);
}

/* Each way to say where this run's server is. */
static void test_bindings(void **state)
{
    const char *local = getenv("NETMGMT_LOCAL");
    char binding[256], server[64];
    struct netmgmt_rpc *rpc;

    (void)state;
    works("\\\\localhost");
    works("ncalrpc:");
    if (strncmp(local, "unix:", 5) == 0) {
        snprintf(binding, sizeof(binding), "ncalrpc:[%s]", local + 5);
        works(binding);
        snprintf(binding, sizeof(binding), "12345778-1234-ABCD-EF00-0123456789AC@ncalrpc:[%s]", local + 5);
        works(binding); /* an object is for the procedures to look at */
    }
    if (!harness_server)
        return;
    netmgmt_utf8(harness_server + 2, server, sizeof(server));
    snprintf(binding, sizeof(binding), "ncacn_ip_tcp:%s[%u]", server, harness_port);
    works(binding);
    snprintf(binding, sizeof(binding), "ncacn_ip_tcp:%s[endpoint=%u,seal]", server, harness_port);
    works(binding);
    /* less than the server wants: it says so when it is asked for something */
    snprintf(binding, sizeof(binding), "ncacn_ip_tcp:%s[%u,sign]", server, harness_port);
    rpc = open_it(binding);
    assert_int_equal(rpc_samr_many(rpc, 1), UINT32_MAX);
    netmgmt_rpc_close(rpc);
    snprintf(binding, sizeof(binding), "ncacn_ip_tcp:%s", server); /* the port that the options say */
    works(binding);
    assert_int_equal(rpc_samr_open("ncacn_ip_tcp:127.0.0.66[1]", &rpc), RPC_S_SERVER_UNAVAILABLE);
    snprintf(binding, sizeof(binding), "ncacn_ip_tcp:127.0.0.67[%u]", harness_port);
    assert_int_equal(rpc_samr_open(binding, &rpc), RPC_S_SERVER_UNAVAILABLE);
}

/* Nobody answers, but the connection shows where it went. */
static void test_ipv6(void **state)
{
    static const char *const names[] = {"::1", "[::1]"};
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct netmgmt_credentials c = {
        .size = sizeof(c), .user = "u", .password = "p", .kerberos = NETMGMT_KERBEROS_OFF};
    struct netmgmt_rpc *rpc;

    (void)state;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) != 0) {
        if (listener >= 0)
            close(listener);
        skip(); /* no IPv6 here */
    }
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    netmgmt_set_timeout(200);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char binding[64];
        int fd;

        snprintf(binding, sizeof(binding), "ncacn_ip_tcp:%s[%u]", names[i], ntohs(address.sin6_port));
        assert_ok(netmgmt_set_credentials(i ? u"[::1]" : u"::1", &c));
        assert_int_equal(rpc_samr_open(binding, &rpc), ERROR_TIMEOUT);
        fd = accept(listener, NULL, NULL);
        assert_true(fd >= 0);
        close(fd);
    }
    close(listener);
    netmgmt_set_timeout(30000);
}

static void test_errors(void **state)
{
    struct netmgmt_rpc *rpc = (struct netmgmt_rpc *)state;
    struct ndr_interface wrong = {.abi = 77, .name = "wrong"}, unknown;
    uint32_t call;
    int params = 0;

    assert_int_equal(rpc_samr_open("unix:/nonexistent/socket", &rpc), RPC_S_SERVER_UNAVAILABLE);
    assert_null(rpc);
    assert_int_equal(rpc_samr_open("nonsense", &rpc), RPC_S_INVALID_STRING_BINDING);
    assert_null(rpc);
    assert_int_equal(rpc_samr_open("", &rpc), RPC_S_INVALID_STRING_BINDING);
    assert_int_equal(rpc_samr_open("unix:", &rpc), RPC_S_INVALID_RPC_PROTSEQ);
    assert_int_equal(rpc_samr_open("ncacn_http:server", &rpc), RPC_S_PROTSEQ_NOT_SUPPORTED);
    assert_int_equal(rpc_samr_open("ncacn_ip_tcp:server[x]", &rpc), RPC_S_INVALID_ENDPOINT_FORMAT);
    assert_int_equal(rpc_samr_open("ncacn_np:\xff", &rpc), RPC_S_INVALID_NET_ADDR);
    assert_int_equal(rpc_samr_open("\\server", &rpc), ERROR_INVALID_NAME);
    assert_int_equal(rpc_samr_open("\\\\ser ver", &rpc), NERR_InvalidComputer);
    assert_null(rpc);
    assert_int_equal(netmgmt_rpc_open(NULL, &wrong, &rpc), ERROR_INVALID_PARAMETER);
    assert_int_equal(netmgmt_rpc_open(NULL, NULL, &rpc), ERROR_INVALID_PARAMETER);
    assert_int_equal(netmgmt_rpc_open(NULL, rpc_samr_interface(), NULL), ERROR_INVALID_PARAMETER);
    unknown = *rpc_samr_interface();
    unknown.uuid.time_low ^= 1;
    assert_int_equal(netmgmt_rpc_open(NULL, &unknown, &rpc), RPC_S_UNKNOWN_IF);
    assert_null(rpc);
    rpc = open_local();
    assert_int_equal(netmgmt_rpc_call(rpc, 4, &params), ERROR_INVALID_PARAMETER);   /* not used on the wire */
    assert_int_equal(netmgmt_rpc_call(rpc, 999, &params), ERROR_INVALID_PARAMETER); /* no such procedure */
    assert_int_equal(netmgmt_rpc_call(rpc, 0, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(netmgmt_rpc_call(NULL, 0, &params), ERROR_INVALID_PARAMETER);
    assert_int_equal(netmgmt_rpc_begin(rpc, 4, &params, &call), ERROR_INVALID_PARAMETER);
    assert_int_equal(netmgmt_rpc_begin(rpc, 0, &params, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(netmgmt_rpc_finish(rpc, 4711, &params), ERROR_INVALID_PARAMETER);
    assert_int_equal(netmgmt_rpc_finish(NULL, 1, &params), ERROR_INVALID_PARAMETER);
    netmgmt_rpc_close(rpc);
    netmgmt_rpc_close(NULL);
    netmgmt_rpc_result_free(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call),     cmocka_unit_test(test_default), cmocka_unit_test(test_several),
        cmocka_unit_test(test_bindings), cmocka_unit_test(test_ipv6),    cmocka_unit_test(test_errors),
    };
    int failed;

    harness_start(argc, argv);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    harness_stop();
    return failed;
}
