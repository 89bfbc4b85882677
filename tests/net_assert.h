/* SPDX-License-Identifier: MIT */
/*
 * What tests of the Net functions assert: statuses, text, which entries a buffer has. Behind <cmocka.h>.
 */
#ifndef TEST_NET_ASSERT_H
#define TEST_NET_ASSERT_H

#include <stdbool.h>
#include <stddef.h>

#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define assert_ok(call) assert_int_equal((call), NERR_Success)

static inline bool same(LPCWSTR a, LPCWSTR b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

#define assert_same(a, b)                                                    \
    if (!same((a), (b)))                                                     \
    fail_msg("\"%s\" is not \"%s\"", netmgmt_utf8((a), (char[300]){0}, 300), \
             netmgmt_utf8((b), (char[300]){0}, 300))

/* Position of a name among `count` structures of `width`, in which it comes first; -1: not there. */
static inline int position(const BYTE *buffer, DWORD count, size_t width, LPCWSTR name)
{
    for (DWORD i = 0; i < count; i++)
        if (same(*(const LPCWSTR *)(buffer + i * width), name))
            return (int)i;
    return -1;
}

/* The levels of NetUserEnum. */
static const DWORD user_levels[] = {0, 1, 2, 3, 10, 11, 20};

static inline size_t user_width(DWORD level)
{
    switch (level) {
    case 0:
        return sizeof(USER_INFO_0);
    case 1:
        return sizeof(USER_INFO_1);
    case 2:
        return sizeof(USER_INFO_2);
    case 3:
        return sizeof(USER_INFO_3);
    case 10:
        return sizeof(USER_INFO_10);
    case 11:
        return sizeof(USER_INFO_11);
    default:
        return sizeof(USER_INFO_20);
    }
}

#endif
