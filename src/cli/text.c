/* SPDX-License-Identifier: MIT */
/*
 * Text at the tool's edge: UTF-8 outside, UTF-16 inside. What is not valid UTF-8 is refused, because a name
 * that was silently altered would name another account.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

void *must(void *allocated)
{
    if (!allocated) {
        complain("out of memory");
        exit(EXIT_FAILED);
    }
    return allocated;
}

WCHAR *text_to_wide(const char *s)
{
    size_t chars = strlen(s) + 1; /* no character has more units than bytes */
    WCHAR *wide = must(malloc(chars * sizeof(*wide)));

    if (!netmgmt_utf16(s, wide, chars)) {
        complain("\"%s\" is not valid UTF-8; nothing was done with it", s);
        free(wide);
        return NULL;
    }
    return wide;
}

char *text_from_wide(const WCHAR *s)
{
    size_t chars = 0;

    while (s && s[chars])
        chars++;
    return netmgmt_utf8(s, must(malloc(3 * chars + 1)), 3 * chars + 1);
}
