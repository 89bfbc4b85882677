/* SPDX-License-Identifier: MIT */
/*
 * Text at the tool's edge: UTF-8 outside, UTF-16 inside. What is not valid UTF-8 is refused, because a name
 * that was silently altered would name another account.
 */
#include "cli.h"

#include <stdio.h>
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

char *number_text(DWORD number)
{
    char *text = NULL;

    return must(asprintf(&text, "%u", number) < 0 ? NULL : text);
}

char *sid_text(const void *sid)
{
    const SID *s = sid;
    uint64_t authority = 0;
    char *text, *at;

    for (int i = 0; i < 6; i++)
        authority = authority << 8 | s->IdentifierAuthority.Value[i];
    at = text = must(malloc(32 + 11 * (size_t)s->SubAuthorityCount));
    at += sprintf(at, "S-%u-%llu", s->Revision, (unsigned long long)authority);
    for (unsigned i = 0; i < s->SubAuthorityCount; i++)
        at += sprintf(at, "-%u", s->SubAuthority[i]);
    return text;
}
