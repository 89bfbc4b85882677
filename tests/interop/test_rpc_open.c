/* SPDX-License-Identifier: MIT */
/*
 * <netmgmt/rpc.h> against real Samba: interfaces that have no Net function ([MS-LSAD]; [MS-WKST] and
 * [MS-NRPC] from IDL of the user's own), over pipes and TCP, with each form of binding, level of protection
 * and mechanism.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <lm.h>
#include <netmgmt.h>
#include <netmgmt/rpc.h>

#include "logon.h"
#include "lsarpc.h"
#include "wksta.h"

#define DC "dc1.world.test"
#define VIEW_LOCAL 1u /* POLICY_VIEW_LOCAL_INFORMATION */

static struct netmgmt_rpc *open_at(const char *binding, const struct ndr_interface *interface)
{
    struct netmgmt_rpc *rpc;
    uint32_t status = netmgmt_rpc_open(binding, interface, &rpc);

    if (status)
        fail_msg("%s: %u", binding, status);
    return rpc;
}

static uint32_t failure(const char *binding, const struct ndr_interface *interface)
{
    struct netmgmt_rpc *rpc = (struct netmgmt_rpc *)&failure;
    uint32_t status = netmgmt_rpc_open(binding, interface, &rpc);

    assert_true(!status == (rpc != NULL));
    netmgmt_rpc_close(rpc);
    return status;
}

static void assert_text(const uint16_t *text, size_t chars, const char *expected)
{
    assert_int_equal(chars, strlen(expected));
    for (size_t i = 0; i < chars; i++)
        assert_int_equal(text[i], expected[i]);
}

/* Open the policy, ask it the account domain's name. */
static void ask_policy(const char *binding, const char *domain)
{
    struct netmgmt_rpc *rpc = open_at(binding, &lsarpc_interface);
    LSAPR_OBJECT_ATTRIBUTES attributes = {.Length = 24};
    struct LsarOpenPolicy2_params policy = {.ObjectAttributes = attributes, .DesiredAccess = VIEW_LOCAL};
    struct LsarQueryInformationPolicy_params query = {.InformationClass = PolicyAccountDomainInformation};
    struct LsarClose_params end = {0};
    const RPC_UNICODE_STRING *name;

    assert_int_equal(netmgmt_rpc_call(rpc, LsarOpenPolicy2_opnum, &policy), 0);
    assert_int_equal(policy.Return, 0);
    query.PolicyHandle = policy.PolicyHandle;
    assert_int_equal(netmgmt_rpc_call(rpc, LsarQueryInformationPolicy_opnum, &query), 0);
    assert_int_equal(query.Return, 0);
    name = &query.PolicyInformation->PolicyAccountDomainInfo.DomainName;
    assert_text(name->Buffer, name->Length / 2, domain);
    end.ObjectHandle = policy.PolicyHandle;
    assert_int_equal(netmgmt_rpc_call(rpc, LsarClose_opnum, &end), 0);
    netmgmt_rpc_close(rpc);
}

static void test_pipes(void **state)
{
    static const char *const files[] = {"\\\\files",
                                        "\\\\FILES",
                                        "ncacn_np:files[\\pipe\\lsarpc]",
                                        "ncacn_np:\\\\files[\\\\PIPE\\\\lsarpc]",
                                        "ncacn_np:files",
                                        "ncacn_np:127.0.0.2[lsarpc]",
                                        "ncacn_np:files[endpoint=lsarpc]"};
    static const char *const dc[] = {"\\\\" DC, "ncacn_np:" DC, "ncacn_np:127.0.0.5[\\pipe\\lsarpc]"};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        ask_policy(files[i], "FILES");
    for (size_t i = 0; i < sizeof(dc) / sizeof(dc[0]); i++)
        ask_policy(dc[i], "WORLD");
}

static void ask_station(const char *binding, const char *computer)
{
    struct netmgmt_rpc *rpc = open_at(binding, &wksta_interface);
    struct NetrWkstaGetInfo_params p = {.Level = 100};
    const WKSTA_INFO_100 *info;
    size_t chars = 0;

    assert_int_equal(netmgmt_rpc_call(rpc, NetrWkstaGetInfo_opnum, &p), 0);
    assert_int_equal(p.Return, 0);
    info = p.WkstaInfo.WkstaInfo100;
    while (info->wki100_computername[chars])
        chars++;
    assert_text(info->wki100_computername, chars, computer);
    netmgmt_rpc_close(rpc);
}

/* Also protected by RPC itself, inside of SMB. */
static void test_own_idl(void **state)
{
    (void)state;
    ask_station("\\\\files", "FILES");
    ask_station("ncacn_np:files[wkssvc,sign]", "FILES");
    ask_station("ncacn_np:files[\\pipe\\wkssvc,seal]", "FILES");
    ask_station("ncacn_np:" DC "[,seal]", "DC1");
}

static void challenge(struct netmgmt_rpc *rpc)
{
    struct NetrServerReqChallenge_params p = {.ComputerName = (uint16_t *)u"STATION",
                                              .ClientChallenge = {"\1\2\3\4\5\6\7"}};
    static const NETLOGON_CREDENTIAL nothing;

    assert_int_equal(netmgmt_rpc_call(rpc, NetrServerReqChallenge_opnum, &p), 0);
    assert_int_equal(p.Return, 0);
    assert_memory_not_equal(&p.ServerChallenge, &nothing, sizeof(nothing));
}

static void test_tcp(void **state)
{
    static const char *const bindings[] = {"ncacn_ip_tcp:" DC, "ncacn_ip_tcp:127.0.0.5[]",
                                           "ncacn_ip_tcp:" DC "[,sign]", "ncacn_ip_tcp:" DC "[,seal]",
                                           "ncacn_np:" DC};

    (void)state;
    for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++) {
        struct netmgmt_rpc *rpc = open_at(bindings[i], &logon_interface);

        challenge(rpc);
        netmgmt_rpc_close(rpc);
    }
}

#define MANY 40

/* Finished in another order than begun, and the handle is good for more. */
static void test_several(void **state)
{
    static const char *const bindings[] = {"ncacn_ip_tcp:" DC, "ncacn_np:" DC};
    struct NetrServerReqChallenge_params p[MANY];
    uint32_t calls[MANY];

    (void)state;
    for (size_t b = 0; b < sizeof(bindings) / sizeof(bindings[0]); b++) {
        struct netmgmt_rpc *rpc = open_at(bindings[b], &logon_interface);

        for (int i = 0; i < MANY; i++) {
            p[i] = (struct NetrServerReqChallenge_params){.ComputerName = (uint16_t *)u"STATION"};
            assert_int_equal(netmgmt_rpc_begin(rpc, NetrServerReqChallenge_opnum, &p[i], &calls[i]), 0);
        }
        for (int i = MANY - 1; i >= 0; i--) {
            assert_int_equal(netmgmt_rpc_finish(rpc, calls[i], &p[i]), 0);
            assert_int_equal(p[i].Return, 0);
        }
        assert_int_equal(netmgmt_rpc_finish(rpc, calls[0], &p[0]), ERROR_INVALID_PARAMETER);
        for (int i = 1; i < MANY; i++) /* each has its own answer */
            assert_memory_not_equal(&p[i].ServerChallenge, &p[i - 1].ServerChallenge, 8);
        challenge(rpc);
        netmgmt_rpc_close(rpc);
    }
}

static void test_failures(void **state)
{
    struct netmgmt_rpc *rpc;
    struct ndr_interface unknown = wksta_interface;
    struct NetrWkstaGetInfo_params info = {.Level = 100};
    LSAPR_OBJECT_ATTRIBUTES attributes = {.Length = 24};
    struct LsarOpenPolicy2_params policy = {.ObjectAttributes = attributes, .DesiredAccess = VIEW_LOCAL};

    (void)state;
    assert_int_equal(failure("ncacn_np:files[no such pipe]", &lsarpc_interface), RPC_S_SERVER_UNAVAILABLE);
    assert_int_equal(failure("ncacn_np:files[wkssvc]", &lsarpc_interface), RPC_S_UNKNOWN_IF);
    assert_int_equal(failure("ncacn_np:no-such-host", &lsarpc_interface), ERROR_BAD_NETPATH);
    assert_int_equal(failure("ncacn_np:127.0.0.99", &lsarpc_interface), RPC_S_SERVER_UNAVAILABLE);
    unknown.uuid.time_low ^= 1;
    assert_int_equal(failure("ncacn_ip_tcp:" DC, &unknown), EPT_S_NOT_REGISTERED);
    assert_int_equal(failure("ncacn_ip_tcp:" DC "[1]", &lsarpc_interface), RPC_S_SERVER_UNAVAILABLE);
    /* Samba wants what it verifies at this level to be protected too */
    rpc = open_at("ncacn_np:files[,connect]", &wksta_interface);
    assert_int_equal(netmgmt_rpc_call(rpc, NetrWkstaGetInfo_opnum, &info), ERROR_ACCESS_DENIED);
    netmgmt_rpc_close(rpc);
    /* the service is there and says that this procedure is for pipes ([MS-LSAD] 2.1) */
    rpc = open_at("ncacn_ip_tcp:" DC, &lsarpc_interface);
    assert_int_equal(netmgmt_rpc_call(rpc, LsarOpenPolicy2_opnum, &policy), ERROR_ACCESS_DENIED);
    netmgmt_rpc_close(rpc);
}

static void identify(LPCWSTR server, const struct netmgmt_credentials *identity)
{
    struct netmgmt_credentials c = *identity;

    c.size = sizeof(c);
    assert_int_equal(netmgmt_set_credentials(server, &c), NERR_Success);
}

static void identify_rightly(void)
{
    const char *password = getenv("SAMBA_PASSWORD");
    struct netmgmt_credentials files = {.user = "admin", .password = password},
                               dc = {.user = "Administrator", .domain = "WORLD", .password = password};

    identify(u"files", &files);
    identify(u"127.0.0.2", &files);
    identify(u"" DC, &dc);
    identify(u"127.0.0.5", &dc);
}

/* Credentials and options are those of the server's name, as for Net functions. */
static void test_identities(void **state)
{
    struct netmgmt_server_options o = {.size = sizeof(o)};
    struct netmgmt_rpc *rpc;

    (void)state;
    identify(u"files", &(struct netmgmt_credentials){.user = "admin", .password = "wrong"});
    assert_int_equal(failure("ncacn_np:files", &lsarpc_interface), ERROR_LOGON_FAILURE);
    assert_int_equal(failure("\\\\files", &lsarpc_interface), ERROR_LOGON_FAILURE);
    identify(u"" DC,
             &(struct netmgmt_credentials){.kerberos = NETMGMT_KERBEROS_REQUIRED}); /* with a ticket */
    ask_policy("ncacn_np:" DC, "WORLD");
    ask_station("ncacn_np:" DC "[,sign]", "DC1");
    rpc = open_at("ncacn_ip_tcp:" DC, &logon_interface);
    challenge(rpc);
    netmgmt_rpc_close(rpc);
    identify_rightly();
    o.address = "127.0.0.2";
    assert_int_equal(netmgmt_set_server_options(u"somewhere", &o), NERR_Success);
    identify(u"somewhere",
             &(struct netmgmt_credentials){.user = "admin", .password = getenv("SAMBA_PASSWORD")});
    ask_policy("ncacn_np:somewhere", "FILES");
    o = (struct netmgmt_server_options){.size = sizeof(o), .transport = NETMGMT_TRANSPORT_TCP, .port = 1};
    assert_int_equal(netmgmt_set_server_options(u"" DC, &o), NERR_Success);
    assert_int_equal(failure("\\\\" DC, &logon_interface), RPC_S_SERVER_UNAVAILABLE); /* as it was told */
    ask_policy("ncacn_np:" DC, "WORLD"); /* the binding says how, and the port is not that of pipes */
    assert_int_equal(netmgmt_set_server_options(u"" DC, NULL), NERR_Success);
}

static int prepare(void **state)
{
    (void)state;
    identify_rightly();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipes),   cmocka_unit_test(test_own_idl),  cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_several), cmocka_unit_test(test_failures), cmocka_unit_test(test_identities),
    };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
