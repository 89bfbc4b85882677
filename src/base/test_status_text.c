/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/status.h"
#include "base/status_text.h"
#include "lm.h"
#include "netmgmt.h"

static void check_order(const struct status_text *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || rows[i - 1].status < rows[i].status);
        assert_string_equal(netmgmt_status_name(rows[i].status), rows[i].name);
        if (!rows[i].text)
            continue;
        assert_string_equal(netmgmt_strerror(rows[i].status), rows[i].text);
        assert_true(strlen(rows[i].text) > 15); /* a sentence */
        assert_int_equal(rows[i].text[strlen(rows[i].text) - 1], '.');
    }
}

static void test_tables(void **state)
{
    (void)state;
    check_order(status_text_win32, status_text_win32_count);
    check_order(status_text_nerr, status_text_nerr_count);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(netmgmt_status_name(NERR_Success), "NERR_Success");
    assert_string_equal(netmgmt_status_name(NERR_GroupNotFound), "NERR_GroupNotFound");
    assert_string_equal(netmgmt_status_name(ERROR_ACCESS_DENIED), "ERROR_ACCESS_DENIED");
    assert_string_equal(netmgmt_status_name(RPC_S_SERVER_UNAVAILABLE), "RPC_S_SERVER_UNAVAILABLE");
    assert_string_equal(netmgmt_status_name(NERR_RplNotRplServer), "NERR_RplNotRplServer");
    assert_null(netmgmt_status_name(2999));
    assert_null(netmgmt_status_name(0xFFFFFFFF));
    assert_non_null(strchr(netmgmt_version(), '.'));
}

static void test_never_null(void **state)
{
    (void)state;
    for (uint32_t status = 0; status < 20000; status++)
        assert_true(strlen(netmgmt_strerror(status)) > 15);
    assert_non_null(netmgmt_strerror(0xFFFFFFFF));
    assert_string_not_equal(netmgmt_strerror(2999), netmgmt_strerror(0));
}

static void check_has_text(struct net_status s)
{
    if (!netmgmt_status_name(s.v) || !strncmp(netmgmt_strerror(s.v), "The server reported a status", 28))
        fail_msg("status %u has no text of its own", s.v);
}

/* Whatever the maps of status.h can give has a text of its own. */
static void test_every_mapped_status(void **state)
{
#define X(name, value, net) value,
    static const uint32_t nt[] = {NT_STATUS_TABLE(X)};
#undef X

    (void)state;
    for (size_t i = 0; i < sizeof(nt) / sizeof(nt[0]); i++)
        if (net_from_nt(NT_STATUS(nt[i])).v)
            check_has_text(net_from_nt(NT_STATUS(nt[i])));
    for (uint32_t low = 0; low < 0x100; low++) {
        check_has_text(net_from_fault((struct rpc_fault){0x1C000000 + low}));
        check_has_text(net_from_fault((struct rpc_fault){0x1C010000 + low}));
    }
    for (int e = 1; e < 200; e++)
        check_has_text(net_from_errno(e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_never_null),
        cmocka_unit_test(test_every_mapped_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
