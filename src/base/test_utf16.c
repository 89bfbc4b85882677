/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/utf16.h"

#define LEN(s) (sizeof(s) / sizeof((s)[0]) - 1)

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

/* Copies first, so that a sanitizer sees a read too far. */
static void check_pair(const char *utf8, size_t len, const char16_t *utf16, size_t chars)
{
    char *in8 = malloc(len ? len : 1);
    uint16_t *in16 = malloc((chars ? chars : 1) * 2);
    size_t got = 99;
    bool invalid = true;
    uint16_t *wide;
    char *narrow;

    assert_non_null(in8);
    assert_non_null(in16);
    memcpy(in8, utf8, len);
    memcpy(in16, utf16, chars * 2);
    wide = utf16_from_utf8(&arena, in8, len, &got, &invalid);
    assert_non_null(wide);
    assert_false(invalid);
    assert_int_equal(got, chars);
    assert_memory_equal(wide, utf16, chars * 2);
    assert_int_equal(wide[chars], 0);
    narrow = utf16_to_utf8(&arena, in16, chars);
    assert_non_null(narrow);
    assert_memory_equal(narrow, utf8, len);
    assert_int_equal(narrow[len], 0);
    free(in8);
    free(in16);
}

static void test_conversions(void **state)
{
    (void)state;
#define PAIR(s) check_pair(s, sizeof(s) - 1, u##s, LEN(u##s))
    PAIR("");
    PAIR("a");
    PAIR("Domain Admins");
    PAIR("exactly8");
    PAIR("a name of more than sixteen units");
    PAIR("Mitarbeiter K\u00f6ln");
    PAIR("\u03b1\u03b2\u03b3 \u20ac \uffff");
    PAIR("12345678\u00e9 and more ASCII after it");
    PAIR("\U0001F600 smile \U0010FFFF");
    PAIR("embedded \0 zero");
#undef PAIR
}

static void test_every_scalar(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c += c < 0x900 ? 1 : 61) {
        char16_t unit[2] = {(char16_t)c, 0};
        size_t chars = 1, got;
        char *utf8;
        uint16_t *back;

        if (c >= 0xD800 && c < 0xE000)
            continue;
        if (c > 0xFFFF) {
            unit[0] = (char16_t)(0xD800 + ((c - 0x10000) >> 10));
            unit[1] = (char16_t)(0xDC00 + (c & 0x3FF));
            chars = 2;
        }
        utf8 = utf16_to_utf8(&arena, unit, chars);
        assert_non_null(utf8);
        back = utf16_from_utf8(&arena, utf8, c ? strlen(utf8) : 1, &got, NULL);
        assert_non_null(back);
        assert_int_equal(got, chars);
        assert_memory_equal(back, unit, chars * 2);
        arena_reset(&arena);
    }
}

static void test_invalid_utf8(void **state)
{
    static const struct {
        const char *s;
        size_t len;
    } bad[] = {
        {"\x80", 1}, /* continuation alone */
        {"\xC3", 1},
        {"abcdefgh\xC3", 9}, /* cut */
        {"\xE2\x82", 2},
        {"\xF0\x9F\x98", 3}, /* cut */
        {"\xC0\x80", 2},
        {"\xC1\xBF", 2}, /* overlong */
        {"\xE0\x80\xAF", 3},
        {"\xF0\x80\x80\xAF", 4},
        {"\xED\xA0\x80", 3},
        {"\xED\xBF\xBF", 3}, /* surrogates */
        {"\xF4\x90\x80\x80", 4},
        {"\xF8\x88\x80\x80\x80", 5}, /* beyond U+10FFFF */
        {"\xFF", 1},
        {"a\xFE\x62", 3},
        {"\xC3\x28", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char *exact = malloc(bad[i].len);
        bool invalid = false;
        size_t chars = 7;

        assert_non_null(exact);
        memcpy(exact, bad[i].s, bad[i].len);
        assert_null(utf16_from_utf8(&arena, exact, bad[i].len, &chars, &invalid));
        assert_true(invalid);
        assert_int_equal(chars, 0);
        free(exact);
    }
}

static void test_unpaired_surrogates(void **state)
{
    static const struct {
        uint16_t units[4];
        size_t chars;
        const char *utf8;
    } cases[] = {
        {{0xD800}, 1, "\uFFFD"},
        {{0xDC00}, 1, "\uFFFD"},
        {{0xD800, 'x'}, 2, "\uFFFDx"},
        {{0xD800, 0xD83D, 0xDE00}, 3, "\uFFFD\U0001F600"},
        {{0xDE00, 0xD83D}, 2, "\uFFFD\uFFFD"},
        {{'a', 0xDBFF}, 2, "a\uFFFD"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(utf16_to_utf8(&arena, cases[i].units, cases[i].chars), cases[i].utf8);
}

static void test_no_memory(void **state)
{
    struct arena small;
    bool invalid = true;

    (void)state;
    arena_init(&small, 8);
    assert_null(utf16_from_utf8(&small, "12345", 5, NULL, &invalid));
    assert_false(invalid);
    assert_null(utf16_to_utf8(&small, u"12345678", 8));
    assert_null(utf16_dup(&small, u"1234", 4));
    assert_null(utf16_dup(&small, u"1234", SIZE_MAX));
    assert_null(utf16_dup(&small, u"1234", SIZE_MAX / 2));
    assert_non_null(utf16_dup(&small, u"123", 3));
    arena_deinit(&small);
}

static void test_dup_and_len(void **state)
{
    uint16_t *copy = utf16_dup(&arena, u"Users and more", 5);

    (void)state;
    assert_int_equal(utf16_len(copy), 5);
    assert_memory_equal(copy, u"Users", 12);
    assert_int_equal(utf16_len(u""), 0);
    assert_int_equal(utf16_len(utf16_dup(&arena, NULL, 0)), 0);
}

static int compare(const char16_t *a, const char16_t *b)
{
    return utf16_casecmp(a, utf16_len(a), b, utf16_len(b));
}

static void test_case(void **state)
{
    uint16_t s[] = u"az{`@ \u00e9\u00ff\u03c9\u0131\u017f\u00df\u0451\U00010428";
    static const uint16_t upper[] = u"AZ{`@ \u00c9\u0178\u03a9\u0131\u017f\u00df\u0401\U00010428";

    (void)state;
    utf16_upcase(s, s, LEN(s));
    assert_memory_equal(s, upper, sizeof(upper));

    assert_int_equal(compare(u"domain users", u"DOMAIN USERS"), 0);
    assert_int_equal(compare(u"K\u00f6ln", u"k\u00d6LN"), 0);
    assert_true(compare(u"abc", u"ABD") < 0);
    assert_true(compare(u"abd", u"ABC") > 0);
    assert_true(compare(u"ab", u"ABC") < 0);
    assert_true(compare(u"abc", u"AB") > 0);
    assert_true(compare(u"_", u"a") > 0); /* upper-cased 'A' is before '_' */
    assert_true(compare(u"", u"") == 0);
    assert_int_not_equal(compare(u"admi\u0131n", u"ADMIIN"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversions),  cmocka_unit_test(test_every_scalar),
        cmocka_unit_test(test_invalid_utf8), cmocka_unit_test(test_unpaired_surrogates),
        cmocka_unit_test(test_no_memory),    cmocka_unit_test(test_dup_and_len),
        cmocka_unit_test(test_case),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
