/* SPDX-License-Identifier: MIT */
/* The part of talk.c that uses the Net functions. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <windows.h>
#include <lm.h>

#define ROUNDS 10

uint32_t talk_net(unsigned number);

/* Groups of one's own; the list is of all. The first status that is not success. */
uint32_t talk_net(unsigned number)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        char text[64];
        WCHAR name[64];
        GROUP_INFO_0 group = {name};
        DWORD read, total, status;
        LPBYTE buffer;

        snprintf(text, sizeof(text), "Process %d thread %u group %u", (int)getpid(), number, i);
        for (size_t c = 0; c <= strlen(text); c++)
            name[c] = (WCHAR)text[c];
        status = NetGroupAdd(NULL, 0, (LPBYTE)&group, NULL);
        if (status)
            return status;
        status = NetGroupEnum(NULL, 1, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL);
        NetApiBufferFree(buffer);
        if (status)
            return status;
    }
    return 0;
}
