/* SPDX-License-Identifier: MIT */
/* Names of other machines, and what it means that one cannot be reached. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netmgmt.h>
#include <windows.h>
#include <lm.h>

#include "netapi/call.h"
#include "netapi/remote.h"
#include "netapi/target.h"

static void test_targets(void **state)
{
    static const struct {
        LPCWSTR name;
        NET_API_STATUS status;
        const char *server; /* NULL: this machine */
    } cases[] = {
        {NULL, 0, NULL},
        {u"", 0, NULL},
        {u"\\\\.", 0, NULL},
        {u"LocalHost", 0, NULL},
        {u"\\\\::1", 0, NULL},
        {u"\\\\Server", 0, "Server"},
        {u"server", 0, "server"},
        {u"\\\\dc1.example.org", 0, "dc1.example.org"},
        {u"192.0.2.7", 0, "192.0.2.7"},
        {u"\\\\2001:db8::7", 0, "2001:db8::7"},
        {u"\\\\fe80::1%eth0", 0, "fe80::1%eth0"},
        {u"\\\\r\u00e4chner", 0,
         "r\xc3\xa4"
         "chner"},
        {u"\\", ERROR_INVALID_NAME, NULL},
        {u"\\\\", ERROR_INVALID_NAME, NULL},
        {u"\\server", ERROR_INVALID_NAME, NULL},
        {u"\\\\\\server", NERR_InvalidComputer, NULL},
        {u"\\\\server\\", NERR_InvalidComputer, NULL},
        {u"\\\\server/x", NERR_InvalidComputer, NULL},
        {u"ser ver", NERR_InvalidComputer, NULL},
        {u"server\n", NERR_InvalidComputer, NULL},
        {u"server\x7f", NERR_InvalidComputer, NULL},
    };

    (void)state;
    setenv("NETMGMT_LOCAL", "unix:/nowhere", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct target t;

        if (target_resolve(&t, cases[i].name).v != cases[i].status)
            fail_msg("case %zu", i);
        if (cases[i].status)
            continue;
        assert_int_equal(t.kind == TARGET_REMOTE, cases[i].server != NULL);
        assert_string_equal(t.path, cases[i].server ? cases[i].server : "/nowhere");
    }
}

/* A tunnel, or a server of another kind on this machine: whoever says how it is reached means the network. */
static void test_own_name_with_options(void **state)
{
    struct netmgmt_server_options o = {.size = sizeof(o), .transport = NETMGMT_TRANSPORT_TCP, .port = 4000};
    struct target t;

    (void)state;
    setenv("NETMGMT_LOCAL", "unix:/nowhere", 1);
    assert_int_equal(netmgmt_set_server_options(u"127.0.0.1", &o), NERR_Success);
    assert_int_equal(target_resolve(&t, u"\\\\127.0.0.1").v, NERR_Success);
    assert_int_equal(t.kind, TARGET_REMOTE);
    assert_int_equal(target_resolve(&t, u"localhost").v, NERR_Success);
    assert_int_equal(t.kind, TARGET_UNIX);
    assert_int_equal(netmgmt_set_server_options(u"127.0.0.1", NULL), NERR_Success);
    assert_int_equal(netmgmt_set_server_options(NULL, &o), NERR_Success); /* says nothing of this machine */
    assert_int_equal(target_resolve(&t, u"127.0.0.1").v, NERR_Success);
    assert_int_equal(t.kind, TARGET_UNIX);
    assert_int_equal(netmgmt_set_server_options(NULL, NULL), NERR_Success);
}

static void test_longest_name(void **state)
{
    WCHAR name[2 + 256 + 1] = u"\\\\";
    struct target t;

    (void)state;
    for (size_t i = 2; i < 2 + 255; i++)
        name[i] = 0x20ac; /* three bytes */
    assert_int_equal(target_resolve(&t, name).v, NERR_Success);
    assert_int_equal(strlen(t.path), 3 * 255);
    name[2 + 255] = u'x';
    assert_int_equal(target_resolve(&t, name).v, NERR_InvalidComputer);
}

static void test_addresses(void **state)
{
    static const struct {
        const char *name, *address; /* NULL: it is not one */
    } cases[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"2001:db8::7", "2001:db8::7"},
        {"fe80::1%eth0", "fe80::1%eth0"},
        {"[2001:db8::7]", "2001:db8::7"},
        {"2001-db8--7.ipv6-literal.net", "2001:db8::7"},
        {"FE80--1S4.IPv6-Literal.NET", NULL}, /* a capital S is no zone's sign */
        {"fe80--1s4.ipv6-literal.net", "fe80::1%4"},
        {"server", NULL},
        {"192.0.2", NULL},
        {"192.0.2.256", NULL},
        {"[server]", NULL},
        {"[]", NULL},
        {"", NULL},
        {".ipv6-literal.net", NULL},
        {"a.b.ipv6-literal.net", NULL},
        {"1111:2222:3333:4444:5555:6666:7777:8888:9999", NULL},
    };
    char longest[400], address[REMOTE_ADDRESS_LEN];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *expected = cases[i].address ? cases[i].address : "";

        if (remote_address(cases[i].name, address) != (cases[i].address != NULL))
            fail_msg("case %zu", i);
        assert_string_equal(address, expected);
    }
    memset(longest, ':', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    assert_false(remote_address(longest, address));
}

static void test_connect_statuses(void **state)
{
    static const struct {
        int error;
        NET_API_STATUS status;
    } cases[] = {
        {0, NERR_Success},
        {-ECONNREFUSED, RPC_S_SERVER_UNAVAILABLE},
        {-ECONNRESET, RPC_S_SERVER_UNAVAILABLE}, /* before anything was asked: not RPC_S_CALL_FAILED */
        {-EPIPE, RPC_S_SERVER_UNAVAILABLE},
        {-EHOSTUNREACH, ERROR_BAD_NETPATH},
        {-ENETUNREACH, ERROR_BAD_NETPATH},
        {-EAGAIN, ERROR_BAD_NETPATH},
        {-ETIMEDOUT, ERROR_TIMEOUT},
        {-EPROTO, RPC_S_PROTOCOL_ERROR},
        {-ENOMEM, ERROR_NOT_ENOUGH_MEMORY},
        {-EMFILE, ERROR_TOO_MANY_OPEN_FILES},
        {-12345, RPC_S_SERVER_UNAVAILABLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (remote_connect_status(cases[i].error).v != cases[i].status)
            fail_msg("%s", strerror(-cases[i].error));
}

static void test_logon_statuses(void **state)
{
    static const struct {
        uint32_t why;
        int auth_result;
        NET_API_STATUS status;
    } cases[] = {
        {0xC000006D, 0, ERROR_LOGON_FAILURE},
        {0xC000006A, 0, ERROR_LOGON_FAILURE},
        {0xC0000064, 0, ERROR_LOGON_FAILURE}, /* whether there is such a user is not for the caller to know */
        {0xC0000071, 0, ERROR_PASSWORD_EXPIRED},
        {0xC0000224, 0, ERROR_PASSWORD_MUST_CHANGE},
        {0xC0000234, 0, ERROR_ACCOUNT_LOCKED_OUT},
        {0xC0000072, 0, ERROR_ACCOUNT_DISABLED},
        {0xC0000193, 0, ERROR_ACCOUNT_EXPIRED},
        {0xC000006F, 0, ERROR_INVALID_LOGON_HOURS},
        {0xC0000070, 0, ERROR_INVALID_WORKSTATION},
        {0xC000015B, 0, ERROR_LOGON_TYPE_NOT_GRANTED},
        {0xC0000133, 0, ERROR_TIME_SKEW},
        {0xC0000022, 0, ERROR_ACCESS_DENIED},
        {0xC00704F8, 0, ERROR_SMB_GUEST_LOGON_BLOCKED},
        {0xC000006D, AUTH_E_UNKNOWN_TARGET, ERROR_WRONG_TARGET_NAME},
        {0xC000005F, AUTH_E_NO_CREDENTIALS, ERROR_NO_SUCH_LOGON_SESSION},
        {0xC000005F, AUTH_E_TICKET_EXPIRED, ERROR_NO_SUCH_LOGON_SESSION},
        {0xC000005E, AUTH_E_NO_KDC, ERROR_NO_LOGON_SERVERS},
        {0xC0000388, AUTH_E_ALTERED, ERROR_DOWNGRADE_DETECTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pipe_report report = {.why = NT_STATUS(cases[i].why),
                                     .info.auth_result = cases[i].auth_result};

        if (remote_logon_status(-EACCES, &report).v != cases[i].status)
            fail_msg("0x%08X gave %u", cases[i].why, remote_logon_status(-EACCES, &report).v);
    }
    for (enum smb_disagreement about = SMB_NO_DIALECT; about <= SMB_MUST_NOT_ENCRYPT; about++) {
        struct pipe_report report = {.why = NT(STATUS_NOT_SUPPORTED), .info.disagreement = about};

        assert_int_equal(remote_logon_status(-EACCES, &report).v, ERROR_PROTOCOL_UNREACHABLE);
    }
    assert_int_equal(remote_logon_status(0, &(struct pipe_report){0}).v, NERR_Success);
    assert_int_equal(remote_logon_status(-EPROTO, &(struct pipe_report){0}).v, RPC_S_PROTOCOL_ERROR);
}

/* A server may send any status. None of them makes a failed call look as if there were a buffer. */
static void test_no_failure_is_more_data(void **state)
{
    static const uint32_t statuses[] = {0x80000005, 0xC00700EA}; /* STATUS_BUFFER_OVERFLOW, a Win32 code */
    struct call c = {.failure = net_from_fault((struct rpc_fault){ERROR_MORE_DATA})};

    (void)state;
    assert_int_equal(call_status(&c, NT(STATUS_SUCCESS)).v, ERROR_MR_MID_NOT_FOUND);
    c.failure = NET_STATUS(NERR_Success);
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        assert_int_equal(call_status(&c, NT_STATUS(statuses[i])).v, ERROR_MR_MID_NOT_FOUND);
    assert_int_equal(call_status(&c, NT(STATUS_MORE_ENTRIES)).v, NERR_Success);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_own_name_with_options),
        cmocka_unit_test(test_longest_name),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_connect_statuses),
        cmocka_unit_test(test_logon_statuses),
        cmocka_unit_test(test_no_failure_is_more_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
