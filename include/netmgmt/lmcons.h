/* SPDX-License-Identifier: MIT */
/* lmcons.h: constants and types that all Network Management functions share. */
#ifndef NETMGMT_LMCONS_H
#define NETMGMT_LMCONS_H

#include "windows.h"

/* On each function: it is part of libnetmgmt. */
#ifndef NETMGMT_API
#if defined(__GNUC__)
#define NETMGMT_API __attribute__((visibility("default")))
#else
#define NETMGMT_API
#endif
#endif

/* The calling convention, empty; also in pointers to functions: NET_API_STATUS (NET_API_FUNCTION *f)(...). */
#define NET_API_FUNCTION

/* 0 (NERR_Success), an NERR_... of lmerr.h, or an ERROR_... or RPC_... of windows.h. netmgmt.h has
 * netmgmt_strerror(). */
typedef DWORD NET_API_STATUS;
#define API_RET_TYPE NET_API_STATUS

typedef LPWSTR LMSTR;
typedef LPCWSTR LMCSTR;

/* prefmaxlen of the ...Enum functions: all there is. */
#define MAX_PREFERRED_LENGTH ((DWORD)-1)

/* Longest names, in characters without the terminator. LM20_: what LAN Manager 2.0 servers take. */
#define CNLEN 15
#define LM20_CNLEN 15
#define DNLEN 15
#define LM20_DNLEN 15
#define UNCLEN 17
#define LM20_UNCLEN 17
#define NNLEN 80
#define LM20_NNLEN 12
#define RMLEN 98
#define LM20_RMLEN 30
#define SNLEN 80
#define LM20_SNLEN 15
#define STXTLEN 256
#define LM20_STXTLEN 63
#define PATHLEN 256
#define LM20_PATHLEN 256
#define DEVLEN 80
#define LM20_DEVLEN 8
#define EVLEN 16
#define UNLEN 256
#define LM20_UNLEN 20
#define GNLEN 256
#define LM20_GNLEN 20
#define PWLEN 256
#define LM20_PWLEN 14
#define SHPWLEN 8
#define CLTYPE_LEN 12
#define MAXCOMMENTSZ 256
#define LM20_MAXCOMMENTSZ 48
#define QNLEN 80
#define LM20_QNLEN 12
#define ALERTSZ 128
#define NETBIOS_NAME_LEN 16
#define MAXDEVENTRIES 32

/* Lengths in bytes of keys and encrypted passwords. */
#define CRYPT_KEY_LEN 7
#define CRYPT_TXT_LEN 8
#define ENCRYPTED_PWLEN 16
#define SESSION_PWLEN 24
#define SESSION_CRYPT_KLEN 21

/* *parm_err after ERROR_INVALID_PARAMETER: 0, or the ..._PARMNUM of the member that is not valid. A SetInfo
 * level that changes one member alone is PARMNUM_BASE_INFOLEVEL + its PARMNUM. */
#define PARMNUM_ALL 0
#define PARM_ERROR_UNKNOWN ((DWORD)-1)
#define PARM_ERROR_NONE 0
#define PARMNUM_BASE_INFOLEVEL 1000

/* Platforms of servers. */
#define PLATFORM_ID_DOS 300
#define PLATFORM_ID_OS2 400
#define PLATFORM_ID_NT 500
#define PLATFORM_ID_OSF 600
#define PLATFORM_ID_VMS 700

/* Messages. */
#define MIN_LANMAN_MESSAGE_ID 2100
#define MAX_LANMAN_MESSAGE_ID 5899
#define MESSAGE_FILENAME TEXT("NETMSG")
#define OS2MSG_FILENAME TEXT("BASE")
#define HELP_MSG_FILENAME TEXT("NETH")
#define BACKUP_MSG_FILENAME TEXT("BAK.MSG")

#endif
