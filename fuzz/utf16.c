/* SPDX-License-Identifier: MIT */
/*
 * Text conversions. Oracle: UTF-8 is accepted exactly when libunistring's checker accepts it, and comes back
 * as it was; any UTF-16 becomes valid UTF-8 of the same units, with U+FFFD for unpaired surrogates;
 * upper-casing is idempotent and agrees with the comparison without case.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "base/arena.h"
#include "base/utf16.h"

#define REQUIRE(condition) \
    do {                   \
        if (!(condition))  \
            abort();       \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_utf8(struct arena *a, const uint8_t *data, size_t len)
{
    size_t chars;
    bool invalid;
    uint16_t *wide = utf16_from_utf8(a, (const char *)data, len, &chars, &invalid);
    bool valid = u8_check(data, len) == NULL;
    char *back;

    REQUIRE(invalid == !valid && (wide != NULL) == valid);
    if (!wide)
        return;
    REQUIRE(wide[chars] == 0 && chars <= len && !u16_check(wide, chars));
    back = utf16_to_utf8(a, wide, chars);
    REQUIRE(back && !memcmp(back, data, len) && back[len] == 0);
}

static void check_utf16(struct arena *a, const uint16_t *s, size_t chars)
{
    char *narrow = utf16_to_utf8(a, s, chars);
    uint16_t *upper = utf16_dup(a, s, chars), *twice = utf16_dup(a, s, chars), *back;
    size_t len = 0, back_chars;

    REQUIRE(narrow && upper && twice);
    utf16_upcase(upper, s, chars);
    utf16_upcase(twice, upper, chars);
    REQUIRE(!memcmp(upper, twice, chars * 2));
    REQUIRE(utf16_casecmp(s, chars, upper, chars) == 0);
    REQUIRE(!chars || utf16_casecmp(s, chars, s, chars - 1) > 0);
    for (size_t i = 0; i < chars; i++) { /* length as the units say */
        bool pair = (s[i] & 0xFC00) == 0xD800 && i + 1 < chars && (s[i + 1] & 0xFC00) == 0xDC00;

        len += pair ? 4 : s[i] < 0x80 ? 1 : s[i] < 0x800 ? 2 : 3;
        i += pair;
    }
    REQUIRE(narrow[len] == 0 && !u8_check((uint8_t *)narrow, len));
    back = utf16_from_utf8(a, narrow, len, &back_chars, NULL);
    REQUIRE(back && back_chars == chars);
    for (size_t i = 0; i < chars; i++)
        REQUIRE(back[i] == s[i] || (back[i] == 0xFFFD && (s[i] & 0xF800) == 0xD800));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena a;
    uint16_t *units = malloc(len + 2);

    REQUIRE(units);
    memcpy(units, data, len & ~(size_t)1);
    arena_init(&a, (size_t)64 << 20);
    check_utf8(&a, data, len);
    check_utf16(&a, units, len / 2);
    arena_deinit(&a);
    free(units);
    return 0;
}
