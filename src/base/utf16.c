/* SPDX-License-Identifier: MIT */
/*
 * UTF-16 text: copies, strict conversions, simple case mapping.
 *
 * Invariant: nothing is read beyond the count given; every conversion knows its exact length before it
 * allocates. ASCII takes a path of its own, all else goes through libunistring.
 */
#include "base/utf16.h"

#include <string.h>
#include <unicase.h>
#include <unistr.h>

#include "base/arena.h"

#define REPLACEMENT_LEN                                                                \
    3 /* of U+FFFD in UTF-8; what every unit from U+0800 takes, unless it is in a pair \
       */

size_t utf16_len(const uint16_t *s)
{
    const uint16_t *end = s;

    while (*end)
        end++;
    return (size_t)(end - s);
}

uint16_t *utf16_dup(struct arena *a, const uint16_t *s, size_t chars)
{
    uint16_t *copy;

    if (chars == SIZE_MAX)
        return NULL;
    copy = arena_array(a, chars + 1, sizeof(*copy), _Alignof(uint16_t));
    if (copy && chars)
        memcpy(copy, s, chars * sizeof(*copy));
    return copy;
}

static size_t ascii_prefix(const char *s, size_t len)
{
    size_t i = 0;

    for (uint64_t word; len - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, s + i, sizeof(word));
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < len && !(s[i] & 0x80))
        i++;
    return i;
}

/* Units that the UTF-8 text takes behind its `i` bytes of ASCII; false: it is not UTF-8. */
static bool count_units(const char *s, size_t i, size_t len, size_t *chars)
{
    *chars = i;
    while (i < len) {
        ucs4_t c;
        int n = u8_mbtoucr(&c, (const uint8_t *)s + i, len - i);

        if (n < 1)
            return false;
        i += (size_t)n;
        *chars += c > 0xFFFF ? 2 : 1;
    }
    return true;
}

uint16_t *utf16_from_utf8(struct arena *a, const char *s, size_t len, size_t *chars, bool *invalid)
{
    size_t units, ascii = ascii_prefix(s, len), at = ascii, i = ascii;
    uint16_t *out;

    if (chars)
        *chars = 0;
    if (invalid)
        *invalid = false;
    if (!count_units(s, ascii, len, &units)) {
        if (invalid)
            *invalid = true;
        return NULL;
    }
    out = units == SIZE_MAX ? NULL : arena_array(a, units + 1, sizeof(*out), _Alignof(uint16_t));
    if (!out)
        return NULL;
    for (size_t k = 0; k < ascii; k++)
        out[k] = (uint8_t)s[k];
    while (i < len) {
        ucs4_t c;

        if (!(s[i] & 0x80)) {
            out[at++] = (uint16_t)s[i++];
            continue;
        }
        i += (size_t)u8_mbtouc_unsafe(&c, (const uint8_t *)s + i, len - i);
        at += (size_t)u16_uctomb(out + at, c, (ptrdiff_t)(units - at));
    }
    if (chars)
        *chars = units;
    return out;
}

static bool is_high(uint16_t u)
{
    return (u & 0xFC00) == 0xD800;
}

static bool is_low(uint16_t u)
{
    return (u & 0xFC00) == 0xDC00;
}

static size_t ascii_units(const uint16_t *s, size_t chars)
{
    size_t i = 0;

    for (uint64_t word; chars - i >= sizeof(word) / sizeof(*s); i += sizeof(word) / sizeof(*s)) {
        memcpy(&word, s + i, sizeof(word));
        if (word & UINT64_C(0xFF80FF80FF80FF80))
            break;
    }
    while (i < chars && s[i] < 0x80)
        i++;
    return i;
}

/* Of the UTF-8 text behind its `i` units of ASCII, without terminator; false: overflow. */
static bool count_bytes(const uint16_t *s, size_t i, size_t chars, size_t *len)
{
    if (__builtin_mul_overflow(chars, REPLACEMENT_LEN, len) || *len == SIZE_MAX)
        return false;
    *len = i;
    for (; i < chars; i++) {
        if (is_high(s[i]) && i + 1 < chars && is_low(s[i + 1]))
            *len += 4, i++;
        else
            *len += s[i] < 0x80 ? 1 : s[i] < 0x800 ? 2 : REPLACEMENT_LEN;
    }
    return true;
}

char *utf16_to_utf8(struct arena *a, const uint16_t *s, size_t chars)
{
    size_t len, ascii = ascii_units(s, chars), at = ascii, i = ascii;
    char *out;

    if (!count_bytes(s, ascii, chars, &len))
        return NULL;
    out = arena_alloc(a, len + 1, 1);
    if (!out)
        return NULL;
    for (size_t k = 0; k < ascii; k++)
        out[k] = (char)s[k];
    while (i < chars) {
        ucs4_t c;

        if (s[i] < 0x80) {
            out[at++] = (char)s[i++];
            continue;
        }
        i += (size_t)u16_mbtouc(&c, s + i, chars - i); /* U+FFFD for what is not a pair */
        at += (size_t)u8_uctomb((uint8_t *)out + at, c, (ptrdiff_t)(len - at));
    }
    return out;
}

/* A letter beyond ASCII never becomes an ASCII one (U+0131, U+017F), as in Windows' own table: else two
 * names that look different to every other tool would be one here. Surrogates have no case. */
static uint16_t upcase(uint16_t u)
{
    ucs4_t c;

    if (u < 0x80)
        return u >= 'a' && u <= 'z' ? (uint16_t)(u - ('a' - 'A')) : u;
    c = uc_toupper(u);
    return c < 0x80 || c > 0xFFFF ? u : (uint16_t)c;
}

void utf16_upcase(uint16_t *dst, const uint16_t *src, size_t chars)
{
    for (size_t i = 0; i < chars; i++)
        dst[i] = upcase(src[i]);
}

int utf16_casecmp(const uint16_t *a, size_t a_chars, const uint16_t *b, size_t b_chars)
{
    size_t chars = a_chars < b_chars ? a_chars : b_chars;

    for (size_t i = 0; i < chars; i++) {
        uint16_t x, y;

        if (a[i] == b[i])
            continue;
        x = upcase(a[i]);
        y = upcase(b[i]);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a_chars > b_chars) - (a_chars < b_chars);
}
