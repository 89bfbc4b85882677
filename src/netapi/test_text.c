/* SPDX-License-Identifier: MIT */
#include <windows.h>
#include <netmgmt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void utf8_of_all_planes(void **state)
{
    char out[32];

    (void)state;
    assert_string_equal(netmgmt_utf8(u"a\u00e9\u20ac\U0001F600", out, sizeof(out)),
                        "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_string_equal(netmgmt_utf8(u"", out, sizeof(out)), "");
    assert_string_equal(netmgmt_utf8(NULL, out, sizeof(out)), "");
}

static void unpaired_surrogates_are_replaced(void **state)
{
    const WCHAR lone[] = {0xD800, 'x', 0xDC00, 0};
    char out[32];

    (void)state;
    assert_string_equal(netmgmt_utf8(lone, out, sizeof(out)), "\xef\xbf\xbdx\xef\xbf\xbd");
}

static void utf8_is_cut_between_characters(void **state)
{
    char out[8];

    (void)state;
    memset(out, 'z', sizeof(out));
    assert_string_equal(netmgmt_utf8(u"a\u20acb", out, 4), "a"); /* the euro sign takes three */
    assert_int_equal(out[4], 'z');
    assert_string_equal(netmgmt_utf8(u"a\u20acb", out, 5), "a\xe2\x82\xac");
    assert_string_equal(netmgmt_utf8(u"abc", out, 1), "");
    memset(out, 'z', sizeof(out));
    assert_ptr_equal(netmgmt_utf8(u"abc", out, 0), out);
    assert_int_equal(out[0], 'z');
}

static void utf16_is_all_or_nothing(void **state)
{
    WCHAR out[5];

    (void)state;
    assert_ptr_equal(netmgmt_utf16("ab\xf0\x9f\x98\x80", out, 5), out);
    assert_memory_equal(out, u"ab\U0001F600", 10);
    assert_null(netmgmt_utf16("ab\xf0\x9f\x98\x80", out, 4));
    assert_null(netmgmt_utf16("abcde", out, 5));
    assert_null(netmgmt_utf16("a\xff", out, 5));
    assert_ptr_equal(netmgmt_utf16("", out, 1), out);
    assert_int_equal(out[0], 0);
    assert_null(netmgmt_utf16("", out, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_of_all_planes),
        cmocka_unit_test(unpaired_surrogates_are_replaced),
        cmocka_unit_test(utf8_is_cut_between_characters),
        cmocka_unit_test(utf16_is_all_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
