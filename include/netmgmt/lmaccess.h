/* SPDX-License-Identifier: MIT */
/*
 * lmaccess.h: users, groups, local groups, password policy, access lists.
 *
 * A function's `level` chooses the structure in its buffer: NetGroupEnum with level 1 gives an array of
 * GROUP_INFO_1. Structures that come from a function stand with all that their pointers point to in one
 * buffer, which one NetApiBufferFree releases. Structures given to a function stay the caller's; they are
 * read during the call and not kept. All text is UTF-16 with a terminator.
 *
 * Prototypes are here only of functions that exist; structures and constants are complete.
 */
#ifndef NETMGMT_LMACCESS_H
#define NETMGMT_LMACCESS_H

#include "lmapibuf.h"
#include "lmcons.h"
#include "lmerr.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Groups. */

typedef struct _GROUP_INFO_0 {
    LPWSTR grpi0_name; /* at most GNLEN characters */
} GROUP_INFO_0, *PGROUP_INFO_0, *LPGROUP_INFO_0;

typedef struct _GROUP_INFO_1 {
    LPWSTR grpi1_name;
    LPWSTR grpi1_comment; /* at most MAXCOMMENTSZ characters */
} GROUP_INFO_1, *PGROUP_INFO_1, *LPGROUP_INFO_1;

typedef struct _GROUP_INFO_2 {
    LPWSTR grpi2_name;
    LPWSTR grpi2_comment;
    DWORD grpi2_group_id;   /* RID */
    DWORD grpi2_attributes; /* SE_GROUP_... */
} GROUP_INFO_2, *PGROUP_INFO_2, *LPGROUP_INFO_2;

typedef struct _GROUP_INFO_3 {
    LPWSTR grpi3_name;
    LPWSTR grpi3_comment;
    PSID grpi3_group_sid;   /* SID * */
    DWORD grpi3_attributes; /* SE_GROUP_... */
} GROUP_INFO_3, *PGROUP_INFO_3, *LPGROUP_INFO_3;

typedef struct _GROUP_INFO_1002 {
    LPWSTR grpi1002_comment;
} GROUP_INFO_1002, *PGROUP_INFO_1002, *LPGROUP_INFO_1002;

typedef struct _GROUP_INFO_1005 {
    DWORD grpi1005_attributes; /* SE_GROUP_... */
} GROUP_INFO_1005, *PGROUP_INFO_1005, *LPGROUP_INFO_1005;

/* Members of a group. */
typedef struct _GROUP_USERS_INFO_0 {
    LPWSTR grui0_name;
} GROUP_USERS_INFO_0, *PGROUP_USERS_INFO_0, *LPGROUP_USERS_INFO_0;

typedef struct _GROUP_USERS_INFO_1 {
    LPWSTR grui1_name;
    DWORD grui1_attributes; /* SE_GROUP_... */
} GROUP_USERS_INFO_1, *PGROUP_USERS_INFO_1, *LPGROUP_USERS_INFO_1;

/* *parm_err of the group functions. */
#define GROUP_ALL_PARMNUM 0
#define GROUP_NAME_PARMNUM 1
#define GROUP_COMMENT_PARMNUM 2
#define GROUP_ATTRIBUTES_PARMNUM 3
#define GROUP_ALL_INFOLEVEL 1000
#define GROUP_NAME_INFOLEVEL 1001
#define GROUP_COMMENT_INFOLEVEL 1002
#define GROUP_ATTRIBUTES_INFOLEVEL 1003

/* Names and bits of LAN Manager groups. */
#define GROUPIDMASK 0x8000
#define GROUP_SPECIALGRP_USERS NETMGMT_WIDE_LITERAL("USERS")
#define GROUP_SPECIALGRP_ADMINS NETMGMT_WIDE_LITERAL("ADMINS")
#define GROUP_SPECIALGRP_GUESTS NETMGMT_WIDE_LITERAL("GUESTS")
#define GROUP_SPECIALGRP_LOCAL NETMGMT_WIDE_LITERAL("LOCAL")

/*
 * The group functions: global groups of a server's or a domain's account database, as [MS-SAMR] has them.
 *
 * servername: the server, "name" or "\\name" (a DNS name, NetBIOS name or address); NULL or empty: this
 * machine.
 * parm_err: may be NULL. With ERROR_INVALID_PARAMETER it tells which member is not valid.
 * bufptr: where the buffer's address goes; release it with NetApiBufferFree. NULL after a failure.
 *
 * Each may also return: ERROR_ACCESS_DENIED (no right to do it), ERROR_INVALID_PARAMETER (a pointer that is
 * required is NULL), NERR_InvalidComputer or ERROR_INVALID_NAME (the server's name is malformed),
 * RPC_S_SERVER_UNAVAILABLE or ERROR_BAD_NETPATH (it cannot be reached), ERROR_LOGON_FAILURE and others (it
 * does not take the credentials, see libnetmgmt(7)), ERROR_TIMEOUT (it does not answer in time; 30 s, see
 * netmgmt_set_timeout()), RPC_S_CALL_FAILED (the connection broke during the call), RPC_X_BAD_STUB_DATA (the
 * server's answer makes no sense), ERROR_NOT_ENOUGH_MEMORY. Each may be called from any number of threads at
 * once.
 */

/*
 * Create a group.
 *
 * level  structure at `buf`: 0 GROUP_INFO_0, 1 GROUP_INFO_1, 2 GROUP_INFO_2, 3 GROUP_INFO_3. The RID and the
 *        SID of levels 2 and 3 are chosen by the server: what the structure has there is ignored.
 *
 * Names have at most GNLEN characters, none of  " / \ [ ] : | < > + = ; , ? *  nor a control character, and
 * do not end in a period. They are unique among groups, local groups and users; case does not count.
 *
 * Attributes of 0 (levels 2 and 3) stand for the usual ones, SE_GROUP_MANDATORY, ENABLED_BY_DEFAULT, ENABLED.
 *
 * Returns NERR_GroupExists, NERR_UserExists or ERROR_ALIAS_EXISTS (the name is taken by a group, a user, a
 * local group), ERROR_INVALID_PARAMETER (*parm_err: GROUP_NAME_PARMNUM, GROUP_COMMENT_PARMNUM,
 * GROUP_ATTRIBUTES_PARMNUM), NERR_BadUsername (the name breaks the rules), ERROR_INVALID_LEVEL,
 * NERR_NotPrimary. After a failure there is no group, except where the answer itself was lost (ERROR_TIMEOUT,
 * RPC_S_CALL_FAILED): then nobody knows.
 *
 * learn.microsoft.com: lmaccess.h, NetGroupAdd
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetGroupAdd(LPCWSTR servername, DWORD level, LPBYTE buf,
                                                        LPDWORD parm_err);

/*
 * Make a user a member of a group.
 *
 * Returns NERR_GroupNotFound, NERR_UserNotFound, NERR_UserInGroup (is a member already), NERR_SpeGroupOp,
 * NERR_NotPrimary.
 *
 * learn.microsoft.com: lmaccess.h, NetGroupAddUser
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetGroupAddUser(LPCWSTR servername, LPCWSTR GroupName,
                                                            LPCWSTR username);

/*
 * List the groups.
 *
 * level          0 GROUP_INFO_0, 1 GROUP_INFO_1, 2 GROUP_INFO_2, 3 GROUP_INFO_3: `*bufptr` is an array.
 * prefmaxlen     the most bytes that the buffer shall have; MAX_PREFERRED_LENGTH: all groups.
 * entriesread    elements of the array.
 * totalentries   entries there are from where this call began, a hint.
 * resume_handle  0 before the first call, then left alone until the last. May be NULL: the list cannot be
 *                continued. After an error it is not valid any more.
 *
 * Returns ERROR_MORE_DATA when there is more: the buffer is good and must be freed, and the next call
 * continues. NERR_Success with the last entries. NERR_BufTooSmall (not one entry fits into prefmaxlen),
 * ERROR_INVALID_LEVEL. `*bufptr` is NULL when there are no entries.
 *
 * learn.microsoft.com: lmaccess.h, NetGroupEnum
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetGroupEnum(LPCWSTR servername, DWORD level, LPBYTE *bufptr,
                                                         DWORD prefmaxlen, LPDWORD entriesread,
                                                         LPDWORD totalentries, PDWORD_PTR resume_handle);

/*
 * Read one group.
 *
 * level  0 GROUP_INFO_0, 1 GROUP_INFO_1, 2 GROUP_INFO_2, 3 GROUP_INFO_3: `*bufptr` is one of them.
 *
 * Returns NERR_GroupNotFound, ERROR_INVALID_LEVEL.
 *
 * learn.microsoft.com: lmaccess.h, NetGroupGetInfo
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetGroupGetInfo(LPCWSTR servername, LPCWSTR groupname,
                                                            DWORD level, LPBYTE *bufptr);

/*
 * Change one group.
 *
 * level  0 GROUP_INFO_0: rename it. 1 GROUP_INFO_1: comment. 2 GROUP_INFO_2, 3 GROUP_INFO_3: comment and
 *        attributes. 1002 GROUP_INFO_1002: comment. 1005 GROUP_INFO_1005: attributes. Only level 0 changes
 *        the name; the name, RID and SID of the others are ignored. A comment that is NULL stays as it is,
 *        an empty one clears it.
 *
 * Returns NERR_GroupNotFound, NERR_GroupExists or NERR_UserExists (the new name is taken), NERR_SpeGroupOp (a
 * group that cannot be renamed), ERROR_INVALID_PARAMETER (*parm_err tells the member), ERROR_INVALID_LEVEL,
 * NERR_NotPrimary.
 *
 * learn.microsoft.com: lmaccess.h, NetGroupSetInfo
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetGroupSetInfo(LPCWSTR servername, LPCWSTR groupname,
                                                            DWORD level, LPBYTE buf, LPDWORD parm_err);

/*
 * Delete a group, also one that has members.
 *
 * Returns NERR_GroupNotFound, NERR_SpeGroupOp (a built-in group), ERROR_MEMBERS_PRIMARY_GROUP (it is the
 * primary group of a user), NERR_NotPrimary.
 *
 * learn.microsoft.com: lmaccess.h, NetGroupDel
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetGroupDel(LPCWSTR servername, LPCWSTR groupname);

/*
 * Remove a user from a group.
 *
 * Returns NERR_GroupNotFound, NERR_UserNotFound, NERR_UserNotInGroup, NERR_SpeGroupOp,
 * ERROR_MEMBERS_PRIMARY_GROUP (it is the user's primary group), NERR_NotPrimary.
 *
 * learn.microsoft.com: lmaccess.h, NetGroupDelUser
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetGroupDelUser(LPCWSTR servername, LPCWSTR GroupName,
                                                            LPCWSTR Username);

/*
 * List the members of a group.
 *
 * level         0 GROUP_USERS_INFO_0, 1 GROUP_USERS_INFO_1: `*bufptr` is an array of them.
 * prefmaxlen, entriesread, totalentries, ResumeHandle  as of NetGroupEnum.
 *
 * Returns ERROR_MORE_DATA when there is more (free the buffer and call again), NERR_GroupNotFound,
 * NERR_BufTooSmall, ERROR_INVALID_LEVEL.
 *
 * learn.microsoft.com: lmaccess.h, NetGroupGetUsers
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetGroupGetUsers(LPCWSTR servername, LPCWSTR groupname,
                                                             DWORD level, LPBYTE *bufptr, DWORD prefmaxlen,
                                                             LPDWORD entriesread, LPDWORD totalentries,
                                                             PDWORD_PTR ResumeHandle);

/*
 * Replace the members of a group: those at `buf` and no others.
 *
 * level         0 GROUP_USERS_INFO_0, 1 GROUP_USERS_INFO_1 (with each member's attributes).
 * buf           array of `totalentries` elements; may be NULL when that is 0: the group becomes empty.
 * totalentries  elements at `buf`.
 *
 * Returns NERR_GroupNotFound, NERR_UserNotFound (one of the names; nothing is changed then),
 * NERR_SpeGroupOp, ERROR_MEMBERS_PRIMARY_GROUP (it is the primary group of a user who is not among them),
 * ERROR_INVALID_LEVEL, NERR_NotPrimary.
 *
 * learn.microsoft.com: lmaccess.h, NetGroupSetUsers
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetGroupSetUsers(LPCWSTR servername, LPCWSTR groupname,
                                                             DWORD level, LPBYTE buf, DWORD totalentries);

/* Local groups. */
typedef struct _LOCALGROUP_INFO_0 {
    LPWSTR lgrpi0_name;
} LOCALGROUP_INFO_0, *PLOCALGROUP_INFO_0, *LPLOCALGROUP_INFO_0;

typedef struct _LOCALGROUP_INFO_1 {
    LPWSTR lgrpi1_name;
    LPWSTR lgrpi1_comment;
} LOCALGROUP_INFO_1, *PLOCALGROUP_INFO_1, *LPLOCALGROUP_INFO_1;

typedef struct _LOCALGROUP_INFO_1002 {
    LPWSTR lgrpi1002_comment;
} LOCALGROUP_INFO_1002, *PLOCALGROUP_INFO_1002, *LPLOCALGROUP_INFO_1002;

typedef struct _LOCALGROUP_MEMBERS_INFO_0 {
    PSID lgrmi0_sid;
} LOCALGROUP_MEMBERS_INFO_0, *PLOCALGROUP_MEMBERS_INFO_0, *LPLOCALGROUP_MEMBERS_INFO_0;

typedef struct _LOCALGROUP_MEMBERS_INFO_1 {
    PSID lgrmi1_sid;
    SID_NAME_USE lgrmi1_sidusage;
    LPWSTR lgrmi1_name;
} LOCALGROUP_MEMBERS_INFO_1, *PLOCALGROUP_MEMBERS_INFO_1, *LPLOCALGROUP_MEMBERS_INFO_1;

typedef struct _LOCALGROUP_MEMBERS_INFO_2 {
    PSID lgrmi2_sid;
    SID_NAME_USE lgrmi2_sidusage;
    LPWSTR lgrmi2_domainandname; /* "DOMAIN\\name" */
} LOCALGROUP_MEMBERS_INFO_2, *PLOCALGROUP_MEMBERS_INFO_2, *LPLOCALGROUP_MEMBERS_INFO_2;

typedef struct _LOCALGROUP_MEMBERS_INFO_3 {
    LPWSTR lgrmi3_domainandname; /* "DOMAIN\\name" */
} LOCALGROUP_MEMBERS_INFO_3, *PLOCALGROUP_MEMBERS_INFO_3, *LPLOCALGROUP_MEMBERS_INFO_3;

typedef struct _LOCALGROUP_USERS_INFO_0 {
    LPWSTR lgrui0_name;
} LOCALGROUP_USERS_INFO_0, *PLOCALGROUP_USERS_INFO_0, *LPLOCALGROUP_USERS_INFO_0;

#define LOCALGROUP_NAME_PARMNUM 1
#define LOCALGROUP_COMMENT_PARMNUM 2
#define LG_INCLUDE_INDIRECT 1

/*
 * Users. Times are seconds since 1970-01-01 UTC. Members of the same name mean the same in all levels; here
 * is what the functions return in them. Text is never NULL but for the password.
 */
typedef struct _USER_INFO_0 {
    LPWSTR usri0_name; /* at most UNLEN characters, on most servers 20 */
} USER_INFO_0, *PUSER_INFO_0, *LPUSER_INFO_0;

typedef struct _USER_INFO_1 {
    LPWSTR usri1_name;
    LPWSTR usri1_password;    /* NULL in everything returned */
    DWORD usri1_password_age; /* seconds; 0: is to be changed at the next logon */
    DWORD usri1_priv;         /* USER_PRIV_...: is in Administrators, else in Guests, else USER_PRIV_USER */
    LPWSTR usri1_home_dir;
    LPWSTR usri1_comment;
    DWORD usri1_flags; /* UF_... */
    LPWSTR usri1_script_path;
} USER_INFO_1, *PUSER_INFO_1, *LPUSER_INFO_1;

typedef struct _USER_INFO_2 {
    LPWSTR usri2_name;
    LPWSTR usri2_password;
    DWORD usri2_password_age;
    DWORD usri2_priv;
    LPWSTR usri2_home_dir;
    LPWSTR usri2_comment;
    DWORD usri2_flags;
    LPWSTR usri2_script_path;
    DWORD usri2_auth_flags; /* AF_OP_...: is in Print, Server, Account Operators */
    LPWSTR usri2_full_name;
    LPWSTR usri2_usr_comment;
    LPWSTR usri2_parms;         /* of Microsoft's products */
    LPWSTR usri2_workstations;  /* at which he may log on, between commas; empty: at all */
    DWORD usri2_last_logon;     /* by this server; 0: not known */
    DWORD usri2_last_logoff;    /* 0: not known */
    DWORD usri2_acct_expires;   /* TIMEQ_FOREVER: never */
    DWORD usri2_max_storage;    /* USER_MAXSTORAGE_UNLIMITED */
    DWORD usri2_units_per_week; /* bits at usri2_logon_hours; UNITS_PER_WEEK nearly always */
    PBYTE usri2_logon_hours;    /* (units_per_week + 7) / 8 bytes: a bit an hour from Sunday 0:00 UTC */
    DWORD usri2_bad_pw_count;   /* wrong passwords since the last logon, by this server */
    DWORD usri2_num_logons;     /* by this server */
    LPWSTR usri2_logon_server;  /* "\\\\*": any */
    DWORD usri2_country_code;
    DWORD usri2_code_page;
} USER_INFO_2, *PUSER_INFO_2, *LPUSER_INFO_2;

typedef struct _USER_INFO_3 {
    LPWSTR usri3_name;
    LPWSTR usri3_password;
    DWORD usri3_password_age;
    DWORD usri3_priv;
    LPWSTR usri3_home_dir;
    LPWSTR usri3_comment;
    DWORD usri3_flags;
    LPWSTR usri3_script_path;
    DWORD usri3_auth_flags;
    LPWSTR usri3_full_name;
    LPWSTR usri3_usr_comment;
    LPWSTR usri3_parms;
    LPWSTR usri3_workstations;
    DWORD usri3_last_logon;
    DWORD usri3_last_logoff;
    DWORD usri3_acct_expires;
    DWORD usri3_max_storage;
    DWORD usri3_units_per_week;
    PBYTE usri3_logon_hours;
    DWORD usri3_bad_pw_count;
    DWORD usri3_num_logons;
    LPWSTR usri3_logon_server;
    DWORD usri3_country_code;
    DWORD usri3_code_page;
    DWORD usri3_user_id;          /* RID */
    DWORD usri3_primary_group_id; /* RID */
    LPWSTR usri3_profile;
    LPWSTR usri3_home_dir_drive;
    DWORD usri3_password_expired; /* 0: no */
} USER_INFO_3, *PUSER_INFO_3, *LPUSER_INFO_3;

typedef struct _USER_INFO_4 {
    LPWSTR usri4_name;
    LPWSTR usri4_password;
    DWORD usri4_password_age;
    DWORD usri4_priv;
    LPWSTR usri4_home_dir;
    LPWSTR usri4_comment;
    DWORD usri4_flags;
    LPWSTR usri4_script_path;
    DWORD usri4_auth_flags;
    LPWSTR usri4_full_name;
    LPWSTR usri4_usr_comment;
    LPWSTR usri4_parms;
    LPWSTR usri4_workstations;
    DWORD usri4_last_logon;
    DWORD usri4_last_logoff;
    DWORD usri4_acct_expires;
    DWORD usri4_max_storage;
    DWORD usri4_units_per_week;
    PBYTE usri4_logon_hours;
    DWORD usri4_bad_pw_count;
    DWORD usri4_num_logons;
    LPWSTR usri4_logon_server;
    DWORD usri4_country_code;
    DWORD usri4_code_page;
    PSID usri4_user_sid; /* SID * */
    DWORD usri4_primary_group_id;
    LPWSTR usri4_profile;
    LPWSTR usri4_home_dir_drive;
    DWORD usri4_password_expired;
} USER_INFO_4, *PUSER_INFO_4, *LPUSER_INFO_4;

typedef struct _USER_INFO_10 {
    LPWSTR usri10_name;
    LPWSTR usri10_comment;
    LPWSTR usri10_usr_comment;
    LPWSTR usri10_full_name;
} USER_INFO_10, *PUSER_INFO_10, *LPUSER_INFO_10;

typedef struct _USER_INFO_11 {
    LPWSTR usri11_name;
    LPWSTR usri11_comment;
    LPWSTR usri11_usr_comment;
    LPWSTR usri11_full_name;
    DWORD usri11_priv;
    DWORD usri11_auth_flags;
    DWORD usri11_password_age;
    LPWSTR usri11_home_dir;
    LPWSTR usri11_parms;
    DWORD usri11_last_logon;
    DWORD usri11_last_logoff;
    DWORD usri11_bad_pw_count;
    DWORD usri11_num_logons;
    LPWSTR usri11_logon_server;
    DWORD usri11_country_code;
    LPWSTR usri11_workstations;
    DWORD usri11_max_storage;
    DWORD usri11_units_per_week;
    PBYTE usri11_logon_hours;
    DWORD usri11_code_page;
} USER_INFO_11, *PUSER_INFO_11, *LPUSER_INFO_11;

typedef struct _USER_INFO_20 {
    LPWSTR usri20_name;
    LPWSTR usri20_full_name;
    LPWSTR usri20_comment;
    DWORD usri20_flags;
    DWORD usri20_user_id; /* RID */
} USER_INFO_20, *PUSER_INFO_20, *LPUSER_INFO_20;

typedef struct _USER_INFO_21 {
    BYTE usri21_password[ENCRYPTED_PWLEN];
} USER_INFO_21, *PUSER_INFO_21, *LPUSER_INFO_21;

typedef struct _USER_INFO_22 {
    LPWSTR usri22_name;
    BYTE usri22_password[ENCRYPTED_PWLEN];
    DWORD usri22_password_age;
    DWORD usri22_priv;
    LPWSTR usri22_home_dir;
    LPWSTR usri22_comment;
    DWORD usri22_flags;
    LPWSTR usri22_script_path;
    DWORD usri22_auth_flags;
    LPWSTR usri22_full_name;
    LPWSTR usri22_usr_comment;
    LPWSTR usri22_parms;
    LPWSTR usri22_workstations;
    DWORD usri22_last_logon;
    DWORD usri22_last_logoff;
    DWORD usri22_acct_expires;
    DWORD usri22_max_storage;
    DWORD usri22_units_per_week;
    PBYTE usri22_logon_hours;
    DWORD usri22_bad_pw_count;
    DWORD usri22_num_logons;
    LPWSTR usri22_logon_server;
    DWORD usri22_country_code;
    DWORD usri22_code_page;
} USER_INFO_22, *PUSER_INFO_22, *LPUSER_INFO_22;

typedef struct _USER_INFO_23 {
    LPWSTR usri23_name;
    LPWSTR usri23_full_name;
    LPWSTR usri23_comment;
    DWORD usri23_flags;
    PSID usri23_user_sid; /* SID * */
} USER_INFO_23, *PUSER_INFO_23, *LPUSER_INFO_23;

typedef struct _USER_INFO_24 {
    BOOL usri24_internet_identity;
    DWORD usri24_flags;
    LPWSTR usri24_internet_provider_name;
    LPWSTR usri24_internet_principal_name;
    PSID usri24_user_sid; /* SID * */
} USER_INFO_24, *PUSER_INFO_24, *LPUSER_INFO_24;

/* One member each, for NetUserSetInfo. */
typedef struct _USER_INFO_1003 {
    LPWSTR usri1003_password;
} USER_INFO_1003, *PUSER_INFO_1003, *LPUSER_INFO_1003;

typedef struct _USER_INFO_1005 {
    DWORD usri1005_priv;
} USER_INFO_1005, *PUSER_INFO_1005, *LPUSER_INFO_1005;

typedef struct _USER_INFO_1006 {
    LPWSTR usri1006_home_dir;
} USER_INFO_1006, *PUSER_INFO_1006, *LPUSER_INFO_1006;

typedef struct _USER_INFO_1007 {
    LPWSTR usri1007_comment;
} USER_INFO_1007, *PUSER_INFO_1007, *LPUSER_INFO_1007;

typedef struct _USER_INFO_1008 {
    DWORD usri1008_flags;
} USER_INFO_1008, *PUSER_INFO_1008, *LPUSER_INFO_1008;

typedef struct _USER_INFO_1009 {
    LPWSTR usri1009_script_path;
} USER_INFO_1009, *PUSER_INFO_1009, *LPUSER_INFO_1009;

typedef struct _USER_INFO_1010 {
    DWORD usri1010_auth_flags;
} USER_INFO_1010, *PUSER_INFO_1010, *LPUSER_INFO_1010;

typedef struct _USER_INFO_1011 {
    LPWSTR usri1011_full_name;
} USER_INFO_1011, *PUSER_INFO_1011, *LPUSER_INFO_1011;

typedef struct _USER_INFO_1012 {
    LPWSTR usri1012_usr_comment;
} USER_INFO_1012, *PUSER_INFO_1012, *LPUSER_INFO_1012;

typedef struct _USER_INFO_1013 {
    LPWSTR usri1013_parms;
} USER_INFO_1013, *PUSER_INFO_1013, *LPUSER_INFO_1013;

typedef struct _USER_INFO_1014 {
    LPWSTR usri1014_workstations;
} USER_INFO_1014, *PUSER_INFO_1014, *LPUSER_INFO_1014;

typedef struct _USER_INFO_1017 {
    DWORD usri1017_acct_expires;
} USER_INFO_1017, *PUSER_INFO_1017, *LPUSER_INFO_1017;

typedef struct _USER_INFO_1018 {
    DWORD usri1018_max_storage;
} USER_INFO_1018, *PUSER_INFO_1018, *LPUSER_INFO_1018;

typedef struct _USER_INFO_1020 {
    DWORD usri1020_units_per_week;
    LPBYTE usri1020_logon_hours;
} USER_INFO_1020, *PUSER_INFO_1020, *LPUSER_INFO_1020;

typedef struct _USER_INFO_1023 {
    LPWSTR usri1023_logon_server;
} USER_INFO_1023, *PUSER_INFO_1023, *LPUSER_INFO_1023;

typedef struct _USER_INFO_1024 {
    DWORD usri1024_country_code;
} USER_INFO_1024, *PUSER_INFO_1024, *LPUSER_INFO_1024;

typedef struct _USER_INFO_1025 {
    DWORD usri1025_code_page;
} USER_INFO_1025, *PUSER_INFO_1025, *LPUSER_INFO_1025;

typedef struct _USER_INFO_1051 {
    DWORD usri1051_primary_group_id;
} USER_INFO_1051, *PUSER_INFO_1051, *LPUSER_INFO_1051;

typedef struct _USER_INFO_1052 {
    LPWSTR usri1052_profile;
} USER_INFO_1052, *PUSER_INFO_1052, *LPUSER_INFO_1052;

typedef struct _USER_INFO_1053 {
    LPWSTR usri1053_home_dir_drive;
} USER_INFO_1053, *PUSER_INFO_1053, *LPUSER_INFO_1053;

/* Account flags. */
#define UF_SCRIPT 0x1
#define UF_ACCOUNTDISABLE 0x2
#define UF_HOMEDIR_REQUIRED 0x8
#define UF_LOCKOUT 0x10
#define UF_PASSWD_NOTREQD 0x20
#define UF_PASSWD_CANT_CHANGE 0x40
#define UF_ENCRYPTED_TEXT_PASSWORD_ALLOWED 0x80
#define UF_TEMP_DUPLICATE_ACCOUNT 0x100
#define UF_NORMAL_ACCOUNT 0x200
#define UF_INTERDOMAIN_TRUST_ACCOUNT 0x800
#define UF_WORKSTATION_TRUST_ACCOUNT 0x1000
#define UF_SERVER_TRUST_ACCOUNT 0x2000
#define UF_MACHINE_ACCOUNT_MASK 0x3800
#define UF_ACCOUNT_TYPE_MASK 0x3B00
#define UF_DONT_EXPIRE_PASSWD 0x10000
#define UF_MNS_LOGON_ACCOUNT 0x20000
#define UF_SMARTCARD_REQUIRED 0x40000
#define UF_TRUSTED_FOR_DELEGATION 0x80000
#define UF_NOT_DELEGATED 0x100000
#define UF_USE_DES_KEY_ONLY 0x200000
#define UF_DONT_REQUIRE_PREAUTH 0x400000
#define UF_PASSWORD_EXPIRED 0x800000
#define UF_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION 0x1000000
#define UF_NO_AUTH_DATA_REQUIRED 0x2000000
#define UF_SETTABLE_BITS 0x3FF3BFB

/* Privileges; operators' rights (usri2_auth_flags). */
#define USER_PRIV_MASK 3
#define USER_PRIV_GUEST 0
#define USER_PRIV_USER 1
#define USER_PRIV_ADMIN 2
#define AF_OP_PRINT 0x1
#define AF_OP_COMM 0x2
#define AF_OP_SERVER 0x4
#define AF_OP_ACCOUNTS 0x8
#define AF_SETTABLE_BITS 0xF

/* *parm_err of the user functions, and the levels that set one member. */
#define USER_NAME_PARMNUM 1
#define USER_PASSWORD_PARMNUM 3
#define USER_PASSWORD_AGE_PARMNUM 4
#define USER_PRIV_PARMNUM 5
#define USER_HOME_DIR_PARMNUM 6
#define USER_COMMENT_PARMNUM 7
#define USER_FLAGS_PARMNUM 8
#define USER_SCRIPT_PATH_PARMNUM 9
#define USER_AUTH_FLAGS_PARMNUM 10
#define USER_FULL_NAME_PARMNUM 11
#define USER_USR_COMMENT_PARMNUM 12
#define USER_PARMS_PARMNUM 13
#define USER_WORKSTATIONS_PARMNUM 14
#define USER_LAST_LOGON_PARMNUM 15
#define USER_LAST_LOGOFF_PARMNUM 16
#define USER_ACCT_EXPIRES_PARMNUM 17
#define USER_MAX_STORAGE_PARMNUM 18
#define USER_UNITS_PER_WEEK_PARMNUM 19
#define USER_LOGON_HOURS_PARMNUM 20
#define USER_PAD_PW_COUNT_PARMNUM 21
#define USER_NUM_LOGONS_PARMNUM 22
#define USER_LOGON_SERVER_PARMNUM 23
#define USER_COUNTRY_CODE_PARMNUM 24
#define USER_CODE_PAGE_PARMNUM 25
#define USER_PRIMARY_GROUP_PARMNUM 51
#define USER_PROFILE_PARMNUM 52
#define USER_HOME_DIR_DRIVE_PARMNUM 53
#define USER_PROFILE 52
#define USER_NAME_INFOLEVEL 1001
#define USER_PASSWORD_INFOLEVEL 1003
#define USER_PASSWORD_AGE_INFOLEVEL 1004
#define USER_PRIV_INFOLEVEL 1005
#define USER_HOME_DIR_INFOLEVEL 1006
#define USER_COMMENT_INFOLEVEL 1007
#define USER_FLAGS_INFOLEVEL 1008
#define USER_SCRIPT_PATH_INFOLEVEL 1009
#define USER_AUTH_FLAGS_INFOLEVEL 1010
#define USER_FULL_NAME_INFOLEVEL 1011
#define USER_USR_COMMENT_INFOLEVEL 1012
#define USER_PARMS_INFOLEVEL 1013
#define USER_WORKSTATIONS_INFOLEVEL 1014
#define USER_LAST_LOGON_INFOLEVEL 1015
#define USER_LAST_LOGOFF_INFOLEVEL 1016
#define USER_ACCT_EXPIRES_INFOLEVEL 1017
#define USER_MAX_STORAGE_INFOLEVEL 1018
#define USER_UNITS_PER_WEEK_INFOLEVEL 1019
#define USER_LOGON_HOURS_INFOLEVEL 1020
#define USER_PAD_PW_COUNT_INFOLEVEL 1021
#define USER_NUM_LOGONS_INFOLEVEL 1022
#define USER_LOGON_SERVER_INFOLEVEL 1023
#define USER_COUNTRY_CODE_INFOLEVEL 1024
#define USER_CODE_PAGE_INFOLEVEL 1025
#define USER_PRIMARY_GROUP_INFOLEVEL 1051
#define USER_HOME_DIR_DRIVE_INFOLEVEL 1053

/* Values of users' members. */
#define MAX_PASSWD_LEN 256
#define TIMEQ_FOREVER ((DWORD)-1)
#define USER_MAXSTORAGE_UNLIMITED ((DWORD)-1)
#define USER_NO_LOGOFF ((DWORD)-1)
#define UNITS_PER_DAY 24
#define UNITS_PER_WEEK (UNITS_PER_DAY * 7)
#define ONE_DAY 86400
#define PASSWORD_EXPIRED 2
#define NULL_USERSETINFO_PASSWD "              "

/* Which accounts NetUserEnum gives. */
#define FILTER_TEMP_DUPLICATE_ACCOUNT 0x1
#define FILTER_NORMAL_ACCOUNT 0x2
#define FILTER_INTERDOMAIN_TRUST_ACCOUNT 0x8
#define FILTER_WORKSTATION_TRUST_ACCOUNT 0x10
#define FILTER_SERVER_TRUST_ACCOUNT 0x20

/*
 * The user functions: users of a server's or a domain's account database, as [MS-SAMR] has them. What is said
 * of servername, bufptr and the statuses of each function at the group functions holds here too.
 */

/*
 * List the users.
 *
 * level          0 USER_INFO_0, 1 USER_INFO_1, 2 USER_INFO_2, 3 USER_INFO_3, 10 USER_INFO_10,
 *                11 USER_INFO_11, 20 USER_INFO_20: `*bufptr` is an array of them.
 * filter         kinds of accounts, FILTER_...; 0: all.
 * prefmaxlen     the most bytes that the buffer shall have; MAX_PREFERRED_LENGTH: all users.
 * entriesread    elements of the array.
 * totalentries   users there are from where this call began, a hint.
 * resume_handle  0 before the first call, then left alone until the last. May be NULL: the list cannot be
 *                continued. After an error it is not valid any more.
 *
 * Of the levels that tell more than names 20 costs least by far: its users come by the hundred with each
 * request. It does not tell UF_PASSWD_CANT_CHANGE; levels 1 to 3 do.
 *
 * Users come in the order of their RIDs. One that exists throughout is returned exactly once; one that is
 * deleted meanwhile may be left out. Users that the caller may not read are left out; when that is all of
 * them the status is ERROR_ACCESS_DENIED.
 *
 * Returns ERROR_MORE_DATA when there is more: the buffer is good and must be freed, and the next call
 * continues. NERR_Success with the last entries. NERR_BufTooSmall (not one entry fits into prefmaxlen),
 * ERROR_INVALID_LEVEL, ERROR_INVALID_PARAMETER (also: filter has other bits). `*bufptr` is NULL when there
 * are no entries.
 *
 * learn.microsoft.com: lmaccess.h, NetUserEnum
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetUserEnum(LPCWSTR servername, DWORD level, DWORD filter,
                                                        LPBYTE *bufptr, DWORD prefmaxlen, LPDWORD entriesread,
                                                        LPDWORD totalentries, PDWORD resume_handle);

/*
 * Read one user.
 *
 * level  0 USER_INFO_0, 1 USER_INFO_1, 2 USER_INFO_2, 3 USER_INFO_3, 4 USER_INFO_4, 10 USER_INFO_10,
 *        11 USER_INFO_11, 20 USER_INFO_20, 23 USER_INFO_23, 24 USER_INFO_24 (of this machine only; no account
 *        here is connected with an Internet identity): `*bufptr` is one of them.
 *
 * Returns NERR_UserNotFound, ERROR_INVALID_LEVEL.
 *
 * learn.microsoft.com: lmaccess.h, NetUserGetInfo
 */
NETMGMT_API NET_API_STATUS NET_API_FUNCTION NetUserGetInfo(LPCWSTR servername, LPCWSTR username, DWORD level,
                                                           LPBYTE *bufptr);

/* Password and logon policy. Times are seconds. */
typedef struct _USER_MODALS_INFO_0 {
    DWORD usrmod0_min_passwd_len;
    DWORD usrmod0_max_passwd_age; /* TIMEQ_FOREVER: never expires */
    DWORD usrmod0_min_passwd_age;
    DWORD usrmod0_force_logoff; /* TIMEQ_FOREVER: never */
    DWORD usrmod0_password_hist_len;
} USER_MODALS_INFO_0, *PUSER_MODALS_INFO_0, *LPUSER_MODALS_INFO_0;

typedef struct _USER_MODALS_INFO_1 {
    DWORD usrmod1_role; /* UAS_ROLE_... */
    LPWSTR usrmod1_primary;
} USER_MODALS_INFO_1, *PUSER_MODALS_INFO_1, *LPUSER_MODALS_INFO_1;

typedef struct _USER_MODALS_INFO_1001 {
    DWORD usrmod1001_min_passwd_len;
} USER_MODALS_INFO_1001, *PUSER_MODALS_INFO_1001, *LPUSER_MODALS_INFO_1001;

typedef struct _USER_MODALS_INFO_1002 {
    DWORD usrmod1002_max_passwd_age;
} USER_MODALS_INFO_1002, *PUSER_MODALS_INFO_1002, *LPUSER_MODALS_INFO_1002;

typedef struct _USER_MODALS_INFO_1003 {
    DWORD usrmod1003_min_passwd_age;
} USER_MODALS_INFO_1003, *PUSER_MODALS_INFO_1003, *LPUSER_MODALS_INFO_1003;

typedef struct _USER_MODALS_INFO_1004 {
    DWORD usrmod1004_force_logoff;
} USER_MODALS_INFO_1004, *PUSER_MODALS_INFO_1004, *LPUSER_MODALS_INFO_1004;

typedef struct _USER_MODALS_INFO_1005 {
    DWORD usrmod1005_password_hist_len;
} USER_MODALS_INFO_1005, *PUSER_MODALS_INFO_1005, *LPUSER_MODALS_INFO_1005;

typedef struct _USER_MODALS_INFO_1006 {
    DWORD usrmod1006_role;
} USER_MODALS_INFO_1006, *PUSER_MODALS_INFO_1006, *LPUSER_MODALS_INFO_1006;

typedef struct _USER_MODALS_INFO_1007 {
    LPWSTR usrmod1007_primary;
} USER_MODALS_INFO_1007, *PUSER_MODALS_INFO_1007, *LPUSER_MODALS_INFO_1007;

typedef struct _USER_MODALS_INFO_2 {
    LPWSTR usrmod2_domain_name;
    PSID usrmod2_domain_id; /* SID * */
} USER_MODALS_INFO_2, *PUSER_MODALS_INFO_2, *LPUSER_MODALS_INFO_2;

typedef struct _USER_MODALS_INFO_3 {
    DWORD usrmod3_lockout_duration;
    DWORD usrmod3_lockout_observation_window;
    DWORD usrmod3_lockout_threshold;
} USER_MODALS_INFO_3, *PUSER_MODALS_INFO_3, *LPUSER_MODALS_INFO_3;

#define UAS_ROLE_STANDALONE 0
#define UAS_ROLE_MEMBER 1
#define UAS_ROLE_BACKUP 2
#define UAS_ROLE_PRIMARY 3
#define MODALS_MIN_PASSWD_LEN_PARMNUM 1
#define MODALS_MAX_PASSWD_AGE_PARMNUM 2
#define MODALS_MIN_PASSWD_AGE_PARMNUM 3
#define MODALS_FORCE_LOGOFF_PARMNUM 4
#define MODALS_PASSWD_HIST_LEN_PARMNUM 5
#define MODALS_ROLE_PARMNUM 6
#define MODALS_PRIMARY_PARMNUM 7
#define MODALS_DOMAIN_NAME_PARMNUM 8
#define MODALS_DOMAIN_ID_PARMNUM 9
#define MODALS_LOCKOUT_DURATION_PARMNUM 10
#define MODALS_LOCKOUT_OBSERVATION_WINDOW_PARMNUM 11
#define MODALS_LOCKOUT_THRESHOLD_PARMNUM 12
#define MODALS_MIN_PASSWD_LEN_INFOLEVEL 1001
#define MODALS_MAX_PASSWD_AGE_INFOLEVEL 1002
#define MODALS_MIN_PASSWD_AGE_INFOLEVEL 1003
#define MODALS_FORCE_LOGOFF_INFOLEVEL 1004
#define MODALS_PASSWD_HIST_LEN_INFOLEVEL 1005
#define MODALS_ROLE_INFOLEVEL 1006
#define MODALS_PRIMARY_INFOLEVEL 1007
#define MODALS_DOMAIN_NAME_INFOLEVEL 1008
#define MODALS_DOMAIN_ID_INFOLEVEL 1009
#define DEF_MAX_BADPW 0
#define DEF_MIN_PWAGE 0
#define DEF_PWUNIQUENESS 5
#define DEF_MIN_PWLEN 6
#define DEF_MAX_PWHIST 8
#define DEF_FORCE_LOGOFF ((DWORD)-1)
#define DEF_MAX_PWAGE ((DWORD)-1)

/* What NetQueryDisplayInformation gives. */
typedef struct _NET_DISPLAY_USER {
    LPWSTR usri1_name;
    LPWSTR usri1_comment;
    DWORD usri1_flags;
    LPWSTR usri1_full_name;
    DWORD usri1_user_id;    /* RID */
    DWORD usri1_next_index; /* to continue from */
} NET_DISPLAY_USER, *PNET_DISPLAY_USER, *LPNET_DISPLAY_USER;

typedef struct _NET_DISPLAY_MACHINE {
    LPWSTR usri2_name;
    LPWSTR usri2_comment;
    DWORD usri2_flags;
    DWORD usri2_user_id;    /* RID */
    DWORD usri2_next_index; /* to continue from */
} NET_DISPLAY_MACHINE, *PNET_DISPLAY_MACHINE, *LPNET_DISPLAY_MACHINE;

typedef struct _NET_DISPLAY_GROUP {
    LPWSTR grpi3_name;
    LPWSTR grpi3_comment;
    DWORD grpi3_group_id; /* RID */
    DWORD grpi3_attributes;
    DWORD grpi3_next_index; /* to continue from */
} NET_DISPLAY_GROUP, *PNET_DISPLAY_GROUP, *LPNET_DISPLAY_GROUP;

/* Password validation. */
typedef enum _NET_VALIDATE_PASSWORD_TYPE {
    NetValidateAuthentication = 1,
    NetValidatePasswordChange,
    NetValidatePasswordReset
} NET_VALIDATE_PASSWORD_TYPE,
    *PNET_VALIDATE_PASSWORD_TYPE;

typedef struct _NET_VALIDATE_PASSWORD_HASH {
    ULONG Length; /* bytes at Hash */
    LPBYTE Hash;
} NET_VALIDATE_PASSWORD_HASH, *PNET_VALIDATE_PASSWORD_HASH, *LPNET_VALIDATE_PASSWORD_HASH;

typedef struct _NET_VALIDATE_PERSISTED_FIELDS {
    ULONG PresentFields; /* NET_VALIDATE_... bits */
    FILETIME PasswordLastSet;
    FILETIME BadPasswordTime;
    FILETIME LockoutTime;
    ULONG BadPasswordCount;
    ULONG PasswordHistoryLength; /* elements at PasswordHistory */
    PNET_VALIDATE_PASSWORD_HASH PasswordHistory;
} NET_VALIDATE_PERSISTED_FIELDS, *PNET_VALIDATE_PERSISTED_FIELDS, *LPNET_VALIDATE_PERSISTED_FIELDS;

typedef struct _NET_VALIDATE_OUTPUT_ARG {
    NET_VALIDATE_PERSISTED_FIELDS ChangedPersistedFields;
    DWORD ValidationStatus;
} NET_VALIDATE_OUTPUT_ARG, *PNET_VALIDATE_OUTPUT_ARG, *LPNET_VALIDATE_OUTPUT_ARG;

typedef struct _NET_VALIDATE_AUTHENTICATION_INPUT_ARG {
    NET_VALIDATE_PERSISTED_FIELDS InputPersistedFields;
    BOOLEAN PasswordMatched;
} NET_VALIDATE_AUTHENTICATION_INPUT_ARG, *PNET_VALIDATE_AUTHENTICATION_INPUT_ARG,
    *LPNET_VALIDATE_AUTHENTICATION_INPUT_ARG;

typedef struct _NET_VALIDATE_PASSWORD_CHANGE_INPUT_ARG {
    NET_VALIDATE_PERSISTED_FIELDS InputPersistedFields;
    LPWSTR ClearPassword;
    LPWSTR UserAccountName;
    NET_VALIDATE_PASSWORD_HASH HashedPassword;
    BOOLEAN PasswordMatch;
} NET_VALIDATE_PASSWORD_CHANGE_INPUT_ARG, *PNET_VALIDATE_PASSWORD_CHANGE_INPUT_ARG,
    *LPNET_VALIDATE_PASSWORD_CHANGE_INPUT_ARG;

typedef struct _NET_VALIDATE_PASSWORD_RESET_INPUT_ARG {
    NET_VALIDATE_PERSISTED_FIELDS InputPersistedFields;
    LPWSTR ClearPassword;
    LPWSTR UserAccountName;
    NET_VALIDATE_PASSWORD_HASH HashedPassword;
    BOOLEAN PasswordMustChangeAtNextLogon;
    BOOLEAN ClearLockout;
} NET_VALIDATE_PASSWORD_RESET_INPUT_ARG, *PNET_VALIDATE_PASSWORD_RESET_INPUT_ARG,
    *LPNET_VALIDATE_PASSWORD_RESET_INPUT_ARG;

#define NET_VALIDATE_PASSWORD_LAST_SET 0x1
#define NET_VALIDATE_BAD_PASSWORD_TIME 0x2
#define NET_VALIDATE_LOCKOUT_TIME 0x4
#define NET_VALIDATE_BAD_PASSWORD_COUNT 0x8
#define NET_VALIDATE_PASSWORD_HISTORY_LENGTH 0x10
#define NET_VALIDATE_PASSWORD_HISTORY 0x20

/* The logon service. */
typedef struct _NETLOGON_INFO_1 {
    DWORD netlog1_flags; /* NETLOGON_... */
    DWORD netlog1_pdc_connection_status;
} NETLOGON_INFO_1, *PNETLOGON_INFO_1, *LPNETLOGON_INFO_1;

typedef struct _NETLOGON_INFO_2 {
    DWORD netlog2_flags;
    DWORD netlog2_pdc_connection_status;
    LPWSTR netlog2_trusted_dc_name;
    DWORD netlog2_tc_connection_status;
} NETLOGON_INFO_2, *PNETLOGON_INFO_2, *LPNETLOGON_INFO_2;

typedef struct _NETLOGON_INFO_3 {
    DWORD netlog3_flags;
    DWORD netlog3_logon_attempts;
    DWORD netlog3_reserved1;
    DWORD netlog3_reserved2;
    DWORD netlog3_reserved3;
    DWORD netlog3_reserved4;
    DWORD netlog3_reserved5;
} NETLOGON_INFO_3, *PNETLOGON_INFO_3, *LPNETLOGON_INFO_3;

typedef struct _NETLOGON_INFO_4 {
    LPWSTR netlog4_trusted_dc_name;
    LPWSTR netlog4_trusted_domain_name;
} NETLOGON_INFO_4, *PNETLOGON_INFO_4, *LPNETLOGON_INFO_4;

#define NETLOGON_CONTROL_QUERY 1
#define NETLOGON_CONTROL_REPLICATE 2
#define NETLOGON_CONTROL_SYNCHRONIZE 3
#define NETLOGON_CONTROL_PDC_REPLICATE 4
#define NETLOGON_CONTROL_REDISCOVER 5
#define NETLOGON_CONTROL_TC_QUERY 6
#define NETLOGON_CONTROL_TRANSPORT_NOTIFY 7
#define NETLOGON_CONTROL_FIND_USER 8
#define NETLOGON_CONTROL_CHANGE_PASSWORD 9
#define NETLOGON_CONTROL_TC_VERIFY 10
#define NETLOGON_CONTROL_FORCE_DNS_REG 11
#define NETLOGON_CONTROL_QUERY_DNS_REG 12
#define NETLOGON_CONTROL_UNLOAD_NETLOGON_DLL 65531
#define NETLOGON_CONTROL_BACKUP_CHANGE_LOG 65532
#define NETLOGON_CONTROL_TRUNCATE_LOG 65533
#define NETLOGON_CONTROL_SET_DBFLAG 65534
#define NETLOGON_CONTROL_BREAKPOINT 65535
#define NETLOGON_REPLICATION_NEEDED 0x1
#define NETLOGON_REPLICATION_IN_PROGRESS 0x2
#define NETLOGON_FULL_SYNC_REPLICATION 0x4
#define NETLOGON_REDO_NEEDED 0x8
#define NETLOGON_HAS_IP 0x10
#define NETLOGON_HAS_TIMESERV 0x20
#define NETLOGON_DNS_UPDATE_FAILURE 0x40
#define NETLOGON_VERIFY_STATUS_RETURNED 0x80
#define VALIDATED_LOGON 0
#define NON_VALIDATED_LOGON 3
#define VALID_LOGOFF 1

/* Service accounts. */
typedef enum _MSA_INFO_STATE {
    MsaInfoNotExist = 1,
    MsaInfoNotService,
    MsaInfoCannotInstall,
    MsaInfoCanInstall,
    MsaInfoInstalled
} MSA_INFO_STATE,
    *PMSA_INFO_STATE;

typedef struct _MSA_INFO_0 {
    MSA_INFO_STATE State;
} MSA_INFO_0, *PMSA_INFO_0, *LPMSA_INFO_0;

#define SERVICE_ACCOUNT_FLAG_LINK_TO_HOST_ONLY 1

/* Access lists of LAN Manager resources. */
typedef struct _ACCESS_INFO_0 {
    LPWSTR acc0_resource_name;
} ACCESS_INFO_0, *PACCESS_INFO_0, *LPACCESS_INFO_0;

typedef struct _ACCESS_INFO_1 {
    LPWSTR acc1_resource_name;
    DWORD acc1_attr;  /* ACCESS_AUDIT or ACCESS_SUCCESS_..., ACCESS_FAIL_... */
    DWORD acc1_count; /* of the ACCESS_LIST elements that follow */
} ACCESS_INFO_1, *PACCESS_INFO_1, *LPACCESS_INFO_1;

typedef struct _ACCESS_INFO_1002 {
    DWORD acc1002_attr;
} ACCESS_INFO_1002, *PACCESS_INFO_1002, *LPACCESS_INFO_1002;

typedef struct _ACCESS_LIST {
    LPWSTR acl_ugname;
    DWORD acl_access; /* ACCESS_... bits */
} ACCESS_LIST, *PACCESS_LIST, *LPACCESS_LIST;

#define MAXPERMENTRIES 64
#define ACCESS_NONE 0
#define ACCESS_ALL 0x7F
#define ACCESS_READ 0x1
#define ACCESS_WRITE 0x2
#define ACCESS_CREATE 0x4
#define ACCESS_EXEC 0x8
#define ACCESS_DELETE 0x10
#define ACCESS_ATRIB 0x20
#define ACCESS_PERM 0x40
#define ACCESS_GROUP 0x8000
#define ACCESS_AUDIT 0x1
#define ACCESS_SUCCESS_OPEN 0x10
#define ACCESS_SUCCESS_WRITE 0x20
#define ACCESS_SUCCESS_DELETE 0x40
#define ACCESS_SUCCESS_ACL 0x80
#define ACCESS_SUCCESS_MASK 0xF0
#define ACCESS_FAIL_OPEN 0x100
#define ACCESS_FAIL_WRITE 0x200
#define ACCESS_FAIL_DELETE 0x400
#define ACCESS_FAIL_ACL 0x800
#define ACCESS_FAIL_MASK 0xF00
#define ACCESS_LETTERS "RWCXDAP         "
#define ACCESS_RESOURCE_NAME_PARMNUM 1
#define ACCESS_ATTR_PARMNUM 2
#define ACCESS_COUNT_PARMNUM 3
#define ACCESS_ACCESS_LIST_PARMNUM 4
#define ACCESS_FAIL_SHIFT 4
#define ACCESS_RESOURCE_NAME_INFOLEVEL 1001
#define ACCESS_ATTR_INFOLEVEL 1002
#define ACCESS_COUNT_INFOLEVEL 1003
#define ACCESS_ACCESS_LIST_INFOLEVEL 1004

#ifdef __cplusplus
}
#endif
#endif
