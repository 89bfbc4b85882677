/* SPDX-License-Identifier: MIT */
/*
 * lmuse.h: connections to other machines, and so the credentials for them.
 *
 * The Net functions have no argument for credentials. A program that wants others than the default ones for a
 * server first calls NetUseAdd with the remote name "\\server\IPC$", a user name and a password; from then on
 * every call of the process to that server uses them, until NetUseDel. netmgmt.h has
 * netmgmt_set_credentials() for programs that need not run on Windows.
 *
 * Only IPC$ can be connected to, without a local device: nothing is mounted. The table of connections belongs
 * to the process and is empty at its start.
 */
#ifndef NETMGMT_LMUSE_H
#define NETMGMT_LMUSE_H

#include "lmcons.h"
#include "lmuseflg.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _USE_INFO_0 {
    LPWSTR ui0_local;  /* given: NULL or ""; returned: "" */
    LPWSTR ui0_remote; /* "\\server\IPC$" */
} USE_INFO_0, *PUSE_INFO_0, *LPUSE_INFO_0;

typedef struct _USE_INFO_1 {
    LPWSTR ui1_local;
    LPWSTR ui1_remote;
    LPWSTR ui1_password; /* returned: NULL */
    DWORD ui1_status;    /* USE_OK ...; given: ignored */
    DWORD ui1_asg_type;  /* USE_IPC; given: also USE_WILDCARD */
    DWORD ui1_refcount;  /* 0; given: ignored */
    DWORD ui1_usecount;  /* times it was added and not deleted; given: ignored */
} USE_INFO_1, *PUSE_INFO_1, *LPUSE_INFO_1;

typedef struct _USE_INFO_2 {
    LPWSTR ui2_local;
    LPWSTR ui2_remote;
    LPWSTR ui2_password;
    DWORD ui2_status;
    DWORD ui2_asg_type;
    DWORD ui2_refcount;
    DWORD ui2_usecount;
    LPWSTR ui2_username; /* "user", "user@realm", "DOMAIN\user"; returned: without domain, "": default */
    LPWSTR ui2_domainname;
} USE_INFO_2, *PUSE_INFO_2, *LPUSE_INFO_2;

typedef struct _USE_INFO_3 {
    USE_INFO_2 ui3_ui2;
    ULONG ui3_flags; /* CREATE_..., USE_DEFAULT_CREDENTIALS */
} USE_INFO_3, *PUSE_INFO_3, *LPUSE_INFO_3;

typedef struct _USE_INFO_4 {
    USE_INFO_3 ui4_ui3;
    DWORD ui4_auth_identity_length; /* bytes */
    PBYTE ui4_auth_identity;
} USE_INFO_4, *PUSE_INFO_4, *LPUSE_INFO_4;

typedef struct _USE_INFO_5 {
    USE_INFO_3 ui4_ui3;
    DWORD ui4_auth_identity_length; /* bytes */
    PBYTE ui4_auth_identity;
    DWORD ui5_security_descriptor_length; /* bytes */
    PBYTE ui5_security_descriptor;
    DWORD ui5_use_options_length; /* bytes */
    PBYTE ui5_use_options;
} USE_INFO_5, *PUSE_INFO_5, *LPUSE_INFO_5;

/* *parm_err of NetUseAdd. */
#define USE_LOCAL_PARMNUM 1
#define USE_REMOTE_PARMNUM 2
#define USE_PASSWORD_PARMNUM 3
#define USE_ASGTYPE_PARMNUM 4
#define USE_USERNAME_PARMNUM 5
#define USE_DOMAINNAME_PARMNUM 6
#define USE_FLAGS_PARMNUM 7
#define USE_AUTHIDENTITY_PARMNUM 8
#define USE_SD_PARMNUM 9
#define USE_OPTIONS_PARMNUM 10

/* ui1_status, ui2_status. */
#define USE_OK 0
#define USE_PAUSED 1
#define USE_SESSLOST 2
#define USE_DISCONN 2
#define USE_NETERR 3
#define USE_CONN 4
#define USE_RECONN 5

/* ui1_asg_type, ui2_asg_type. */
#define USE_WILDCARD ((DWORD)-1) /* whatever the remote name is */
#define USE_DISKDEV 0
#define USE_SPOOLDEV 1
#define USE_CHARDEV 2
#define USE_IPC 3

/* ui3_flags. */
#define CREATE_NO_CONNECT 0x1 /* do not try the credentials now */
#define CREATE_BYPASS_CSC 0x2
#define CREATE_CRED_RESET 0x4
#define USE_DEFAULT_CREDENTIALS 0x4 /* returned: no user was named */
#define CREATE_REQUIRE_CONNECTION_INTEGRITY 0x8
#define CREATE_REQUIRE_CONNECTION_PRIVACY 0x10 /* encrypted, else no connection */

/* The level's high half. */
#define USE_FLAG_GLOBAL_MAPPING 0x10000
#define USE_LEVEL(LevelFlags) ((LevelFlags)&0xffff)
#define USE_FLAGS(LevelFlags) ((LevelFlags)&0xffff0000)

/*
 * UncServerName is on whose behalf: NULL, or a name of this machine. ERROR_NOT_SUPPORTED: another one; no
 * server of today keeps connections for others. Each function may also return ERROR_INVALID_PARAMETER (a
 * pointer that is required is NULL), ERROR_INVALID_NAME or NERR_InvalidComputer (UncServerName is malformed)
 * and ERROR_NOT_ENOUGH_MEMORY, and may be called from any number of threads at once.
 */

/*
 * Connect to `\\server\IPC$`, and use these credentials for all later calls to that server.
 *
 * LevelFlags  structure at `buf`: 0 USE_INFO_0, 1 USE_INFO_1 (both: the default credentials, as if nothing
 * had been added), 2 USE_INFO_2, 3 USE_INFO_3. There are no flags.
 * parm_err    may be NULL. It tells which member is not valid: USE_..._PARMNUM.
 *
 * User name and password NULL stand for the default credentials, both "" for an anonymous session. A user
 * name without a password means Kerberos with the tickets that the user has. Names of servers are the same
 * with capitals and without; "\\server" and its address are two servers.
 *
 * The server is asked at once whether it takes the credentials, unless flags of level 3 say no. When the same
 * connection is added again with the same credentials, it must be deleted as many times.
 *
 * Returns ERROR_INVALID_PARAMETER (*parm_err: the remote name is not "\\server\share", a local device, a
 * password without user name, a text that is too long, an unknown type or flag), ERROR_NOT_SUPPORTED (a share
 * other than IPC$: nothing is mounted here), ERROR_BAD_DEV_TYPE (a type that IPC$ is not),
 * ERROR_SESSION_CREDENTIAL_CONFLICT (it is connected with other credentials: delete that first),
 * ERROR_INVALID_LEVEL; when the server was asked, ERROR_LOGON_FAILURE and all that any call to it may return.
 *
 * learn.microsoft.com: lmuse.h, NetUseAdd
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetUseAdd(LPCWSTR servername, DWORD LevelFlags, LPBYTE buf,
                                                      LPDWORD parm_err);

/*
 * End the connection `UseName`, "\\server\IPC$". Calls that are under way are not disturbed; later ones use
 * other credentials and other connections.
 *
 * ForceLevelFlags  USE_NOFORCE, USE_FORCE: take one NetUseAdd back. USE_LOTS_OF_FORCE: all of them.
 *
 * Returns NERR_UseNotFound, ERROR_INVALID_LEVEL (an unknown level of force).
 *
 * learn.microsoft.com: lmuse.h, NetUseDel
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetUseDel(LPCWSTR UncServerName, LPCWSTR UseName,
                                                      DWORD ForceLevelFlags);

/*
 * List the connections, in the order in which they were added.
 *
 * LevelFlags           0 USE_INFO_0, 1 USE_INFO_1, 2 USE_INFO_2: `*BufPtr` is an array of them. Passwords are
 *                      NULL.
 * PreferedMaximumSize  most bytes that the buffer should have; MAX_PREFERRED_LENGTH: all connections.
 * EntriesRead          elements of the array.
 * TotalEntries         connections there are from where this call began. May be NULL.
 * ResumeHandle         0 before the first call, then left alone until the last. May be NULL.
 *
 * Returns ERROR_MORE_DATA when there is more: the buffer is good and must be freed, and the next call
 * continues. NERR_BufTooSmall (not one entry fits), ERROR_INVALID_LEVEL. `*BufPtr` is NULL when there are no
 * entries.
 *
 * learn.microsoft.com: lmuse.h, NetUseEnum
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetUseEnum(LPCWSTR UncServerName, DWORD LevelFlags,
                                                       LPBYTE *BufPtr, DWORD PreferedMaximumSize,
                                                       LPDWORD EntriesRead, LPDWORD TotalEntries,
                                                       LPDWORD ResumeHandle);

/*
 * Read one connection, `UseName`: "\\server\IPC$".
 *
 * LevelFlags  0 USE_INFO_0, 1 USE_INFO_1, 2 USE_INFO_2, 3 USE_INFO_3: `*bufptr` is one of them, the password
 *             NULL.
 *
 * Returns NERR_UseNotFound, ERROR_INVALID_LEVEL.
 *
 * learn.microsoft.com: lmuse.h, NetUseGetInfo
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetUseGetInfo(LPCWSTR UncServerName, LPCWSTR UseName,
                                                          DWORD LevelFlags, LPBYTE *bufptr);

#ifdef __cplusplus
}
#endif
#endif
