/* SPDX-License-Identifier: MIT */
/*
 * <netmgmt/rpc.h>: calls to an interface with tables that idlc made, as a program outside of this project
 * makes them. The interface is SAMR, compiled here from its IDL.
 */
#include "harness.h"

#include <netmgmt/rpc.h>

#include "rpc_samr.h"

static struct netmgmt_rpc *open_local(void)
{
    struct netmgmt_rpc *rpc = NULL;

    assert_ok(rpc_samr_open(getenv("NETMGMT_LOCAL"), &rpc));
    assert_non_null(rpc);
    return rpc;
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

static void test_errors(void **state)
{
    struct netmgmt_rpc *rpc = (struct netmgmt_rpc *)state;
    struct ndr_interface wrong = {.abi = 77, .name = "wrong"}, unknown;
    int params = 0;

    assert_int_equal(rpc_samr_open("unix:/nonexistent/socket", &rpc), RPC_S_SERVER_UNAVAILABLE);
    assert_null(rpc);
    assert_int_equal(rpc_samr_open("nonsense", &rpc), ERROR_INVALID_PARAMETER);
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
    netmgmt_rpc_close(rpc);
    netmgmt_rpc_close(NULL);
    netmgmt_rpc_result_free(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_default),
        cmocka_unit_test(test_errors),
    };
    int failed;

    harness_start(argc, argv);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    harness_stop();
    return failed;
}
