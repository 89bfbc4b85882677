/* SPDX-License-Identifier: MIT */
/* The public headers against the facts: every structure's size, every member's offset and size, every
 * constant. */
#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include <stdio.h>
#include <string.h>

static int failures, checks;

static void check(const char *what, const char *member, unsigned long long ours, unsigned long long fact)
{
    checks++;
    if (ours == fact)
        return;
    failures++;
    printf("%s%s%s is %llu, on Windows %llu\n", what, *member ? "." : "", member, ours, fact);
}

/* A text may be narrow or wide; all of them are ASCII. */
static void check_text(const char *name, const void *ours, size_t len, const char *fact)
{
    const char *narrow = ours;
    const WCHAR *wide = ours;
    size_t chars = strlen(fact), i = 0;

    checks++;
    if (len == chars + 1 && !memcmp(narrow, fact, len))
        return;
    while (len == (chars + 1) * sizeof(WCHAR) && i <= chars && wide[i] == (WCHAR)fact[i])
        i++;
    if (i == chars + 1)
        return;
    failures++;
    printf("%s is not \"%s\"\n", name, fact);
}

int main(void)
{
    /* Layouts are those of 64-bit Windows: 8-byte pointers, long integers of 4. */
#if defined(__x86_64__) && !defined(__ILP32__)
#define STRUCT(name, len) check(#name, "", sizeof(struct _##name), len);
#define MEMBER(name, member, offset, len)                            \
    check(#name, #member, offsetof(struct _##name, member), offset); \
    check("size of " #name, #member, sizeof(((name *)0)->member), len);
#else
#define STRUCT(name, len)
#define MEMBER(name, member, offset, len)
#endif
#define CONSTANT(name, value) check(#name, "", (unsigned long long)(name), value);
#define TEXT_CONSTANT(name, value) check_text(#name, name, sizeof(name), value);
#include "facts.h"

    check("size of WCHAR", "", sizeof(WCHAR), 2);
    check("size of DWORD", "", sizeof(DWORD), 4);
    check("size of LONG", "", sizeof(LONG), 4);
    check("size of BOOL", "", sizeof(BOOL), 4);
    check("size of GUID", "", sizeof(GUID), 16);
    check("size of FILETIME", "", sizeof(FILETIME), 8);
    check("size of LARGE_INTEGER", "", sizeof(LARGE_INTEGER), 8);
    check("size of SID", "", sizeof(SID), 12);
    check("size of DWORD_PTR", "", sizeof(DWORD_PTR), sizeof(void *));
    printf("%d checks, %d failures\n", checks, failures);
    return failures || checks < 500;
}
