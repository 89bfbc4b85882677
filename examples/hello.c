/* SPDX-License-Identifier: MIT */
/* The shortest use: make a group, list all groups. Compile with: cc hello.c $(pkg-config --cflags --libs
 * netmgmt) */
#include <windows.h>
#include <lm.h>
#include <netmgmt.h>
#include <stdio.h>

int main(void)
{
    GROUP_INFO_1 group = {.grpi1_name = u"Operators", .grpi1_comment = u"Night shift"};
    NET_API_STATUS status = NetGroupAdd(NULL, 1, (LPBYTE)&group, NULL);

    if (status != NERR_Success && status != NERR_GroupExists)
        return fprintf(stderr, "cannot add the group: %s\n", netmgmt_strerror(status)), 1;

    GROUP_INFO_1 *list;
    DWORD read, total;
    status = NetGroupEnum(NULL, 1, (LPBYTE *)&list, MAX_PREFERRED_LENGTH, &read, &total, NULL);
    for (DWORD i = 0; status == NERR_Success && i < read; i++)
        printf("%s\n", netmgmt_utf8(list[i].grpi1_name, (char[512]){0}, 512));
    NetApiBufferFree(list);
    return status != NERR_Success;
}
