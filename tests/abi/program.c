/* SPDX-License-Identifier: MIT */
/* Types, literals and the functions that need no server, in C and in C++: compiled, linked and run. */
#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include <assert.h>

#ifdef WIDE_L
#define W(s) L##s
#else
#define W(s) u##s
#endif

static int is_text(LPCWSTR s)
{
    return s != NULL && s[0] == 'U' && s[5] == 0;
}

int main(void)
{
    static const WCHAR text[] = W("Users");
    GROUP_INFO_1002 info = {NULL};
    LARGE_INTEGER big;
    LPVOID buffer = NULL;

    assert(is_text(W("Users")) && is_text(text) && is_text(NETMGMT_WIDE_LITERAL("Users")));
    big.QuadPart = (LONGLONG)5 << 32;
    assert(big.HighPart == 5 && big.u.LowPart == 0 && info.grpi1002_comment == NULL);
    assert(NetApiBufferAllocate(10, &buffer) == NERR_Success && NetApiBufferFree(buffer) == NERR_Success);
    return netmgmt_strerror(ERROR_ACCESS_DENIED) == NULL;
}
