/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "base/status.h"

static void test_nt(void **state)
{
    (void)state;
    assert_int_equal(net_from_nt(NT(STATUS_SUCCESS)).v, 0);
    assert_int_equal(net_from_nt(NT(STATUS_MORE_ENTRIES)).v, 234);
    assert_int_equal(net_from_nt(NT(STATUS_ACCESS_DENIED)).v, 5);
    assert_int_equal(net_from_nt(NT(STATUS_GROUP_EXISTS)).v, 2223);
    assert_int_equal(net_from_nt(NT(STATUS_INVALID_MEMBER)).v, 1388);
    assert_int_equal(net_from_nt(NT_STATUS(0xC0070005u)).v, 5); /* a Win32 code inside */
    assert_int_equal(net_from_nt(NT_STATUS(0xC0070000u)).v, 317);
    assert_int_equal(net_from_nt(NT_STATUS(0xC0FFEE00u)).v, 317);
}

#define X(name, value, net) {value, net, #name},
static const struct {
    uint32_t nt, net;
    const char *name;
} table[] = {NT_STATUS_TABLE(X)};
#undef X

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        assert_string_equal(nt_status_name(NT_STATUS(table[i].nt)), table[i].name);
        assert_int_equal(net_from_nt(NT_STATUS(table[i].nt)).v, table[i].net);
        assert_int_equal(table[i].net == 0, table[i].nt == 0);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(table[i].nt, table[k].nt);
    }
    assert_null(nt_status_name(NT_STATUS(0xC0FFEE00u)));
}

static void test_fault(void **state)
{
    static const struct {
        uint32_t fault, net;
    } map[] = {
        {0x1C010002, 1745}, {0x1C010003, 1717}, {0x6F7, 1783},      {5, 5},
        {0x1C00001A, 6},    {0x721, 1825},      {0x1C01000B, 1728}, {0x1C010014, 1723},
        {0xC0000022, 5},    {0x1C0000FF, 1726}, {0x12345678, 1726}, {0, 1726},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        assert_int_equal(net_from_fault((struct rpc_fault){map[i].fault}).v, map[i].net);
    for (uint32_t low = 0; low < 0x100; low++) { /* a fault is never success */
        assert_int_not_equal(net_from_fault((struct rpc_fault){0x1C000000 + low}).v, 0);
        assert_int_not_equal(net_from_fault((struct rpc_fault){0x1C010000 + low}).v, 0);
    }
}

static void test_errno(void **state)
{
    (void)state;
    assert_int_equal(net_from_errno(0).v, 0);
    assert_int_equal(net_from_errno(ETIMEDOUT).v, 1460);
    assert_int_equal(net_from_errno(-ETIMEDOUT).v, 1460);
    assert_int_equal(net_from_errno(-ECONNREFUSED).v, 1722);
    assert_int_equal(net_from_errno(-ENOENT).v, 1722);
    assert_int_equal(net_from_errno(-EPIPE).v, 1726);
    assert_int_equal(net_from_errno(-ECONNRESET).v, 1726);
    assert_int_equal(net_from_errno(-ENOMEM).v, 8);
    assert_int_equal(net_from_errno(EPERM).v, 5);
    assert_int_equal(net_from_errno(-EACCES).v, 5);
    assert_int_equal(net_from_errno(-123456).v, 31);
    assert_int_equal(net_from_errno(INT32_MIN).v, 31);
    for (int e = 1; e < 200; e++)
        assert_int_not_equal(net_from_errno(e).v, 0);
}

static void test_success(void **state)
{
    (void)state;
    assert_true(nt_success(NT(STATUS_SUCCESS)));
    assert_true(nt_success(NT(STATUS_MORE_ENTRIES)));
    assert_false(nt_success(NT(STATUS_NO_MORE_ENTRIES)));
    assert_false(nt_success(NT(STATUS_NO_MEMORY)));
    assert_true(nt_is(NT(STATUS_NO_MEMORY), NT_STATUS_NO_MEMORY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nt),    cmocka_unit_test(test_table),   cmocka_unit_test(test_fault),
        cmocka_unit_test(test_errno), cmocka_unit_test(test_success),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
