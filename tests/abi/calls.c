/* SPDX-License-Identifier: MIT */
/* Calls as programs from Windows write them, in C and in C++: compiled only. */
#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include <stdio.h>

#ifdef WIDE_L
#define W(s) L##s
#else
#define W(s) u##s
#endif

typedef NET_API_STATUS(NET_API_FUNCTION *get_info)(LPCWSTR, LPCWSTR, DWORD, LPBYTE *);

extern DWORD WINAPI list(_In_opt_ LPCWSTR server, OUT PDWORD total);
extern BOOL all(void);

DWORD WINAPI list(_In_opt_ LPCWSTR server, OUT PDWORD total)
{
    LPGROUP_INFO_1 groups = NULL;
    DWORD read = 0;
    DWORD_PTR resume = 0;
    NET_API_STATUS status;

    do {
        status = NetGroupEnum(server, 1, (LPBYTE *)&groups, MAX_PREFERRED_LENGTH, &read, total, &resume);
        for (DWORD i = 0; groups != NULL && i < read; i++)
            printf("%d\n", groups[i].grpi1_name[0]);
        NetApiBufferFree(groups);
    } while (status == ERROR_MORE_DATA);
    return status;
}

extern DWORD WINAPI list_users(_In_opt_ LPCWSTR server, OUT PDWORD total);

DWORD WINAPI list_users(_In_opt_ LPCWSTR server, OUT PDWORD total)
{
    LPUSER_INFO_3 users = NULL;
    LPUSER_INFO_4 user = NULL;
    DWORD read = 0, resume = 0;
    NET_API_STATUS status;

    do {
        status = NetUserEnum(server, 3, FILTER_NORMAL_ACCOUNT, (LPBYTE *)&users, MAX_PREFERRED_LENGTH, &read,
                             total, &resume);
        for (DWORD i = 0; users != NULL && i < read; i++)
            if (users[i].usri3_priv == USER_PRIV_ADMIN && !(users[i].usri3_flags & UF_ACCOUNTDISABLE))
                printf("%d\n", users[i].usri3_name[0]);
        NetApiBufferFree(users);
    } while (status == ERROR_MORE_DATA);
    if (NetUserGetInfo(server, W("Guest"), 4, (LPBYTE *)&user) == NERR_Success)
        NetApiBufferFree(user);
    return status;
}

BOOL all(void)
{
    static WCHAR name[] = W("group"), comment[] = W("comment");
    GROUP_INFO_1 group = {name, comment};
    static WCHAR remote[] = W("\\\\server\\IPC$");
    USE_INFO_2 use = {NULL, remote, name, 0, USE_IPC, 0, 0, name, NULL};
    GROUP_INFO_1002 info = {comment};
    GROUP_USERS_INFO_0 users[] = {{name}, {name}};
    LPGROUP_USERS_INFO_1 members = NULL;
    get_info f = NetGroupGetInfo;
    LPBYTE buffer = NULL;
    DWORD total = 0, read = 0, parm_err = 0;
    DWORD_PTR resume = 0;

    if (NetUseAdd(NULL, 2, (LPBYTE)&use, &parm_err) != NERR_Success ||
        NetUseGetInfo(NULL, remote, 2, &buffer) != NERR_Success ||
        NetUseEnum(NULL, 0, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL) != NERR_Success ||
        NetUseDel(NULL, remote, USE_LOTS_OF_FORCE) != NERR_Success)
        return 0;
    if (NetGroupAdd(NULL, 1, (LPBYTE)&group, &parm_err) != NERR_Success)
        fprintf(stderr, "%s\n", netmgmt_strerror(NERR_GroupExists));
    return f(W("\\\\server"), W("Users"), 1, &buffer) == NERR_Success &&
           NetGroupSetInfo(NULL, name, 1002, (LPBYTE)&info, NULL) == NERR_Success &&
           NetGroupAddUser(NULL, W("Users"), name) == NERR_Success &&
           NetGroupGetUsers(NULL, name, 1, (LPBYTE *)&members, MAX_PREFERRED_LENGTH, &read, &total,
                            &resume) == NERR_Success &&
           NetGroupSetUsers(NULL, name, 0, (LPBYTE)users, 2) == NERR_Success &&
           NetGroupDelUser(NULL, name, W("user")) == NERR_Success &&
           NetGroupDel(NULL, name) == NERR_Success && list(NULL, &total) == ERROR_SUCCESS;
}
