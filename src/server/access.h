/* SPDX-License-Identifier: MIT */
/*
 * Access masks of SAMR's objects ([MS-SAMR] 2.2.1) and the policy that grants them: an administrator gets
 * all, everybody else may read. The security descriptor that SamrQuerySecurityObject returns says the same.
 */
#ifndef SERVER_ACCESS_H
#define SERVER_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* Kinds of objects that a context handle stands for; bits, so that a procedure may take several. */
enum context_kind {
    CONTEXT_SERVER = 1,
    CONTEXT_DOMAIN = 2,
    CONTEXT_GROUP = 4,
    CONTEXT_ALIAS = 8,
    CONTEXT_USER = 16,
    CONTEXT_ANY = 31,
};

/* 2.2.1.1 and [MS-DTYP] 2.4.3 */
#define ACCESS_DELETE 0x00010000u
#define ACCESS_READ_CONTROL 0x00020000u
#define ACCESS_SYSTEM_SECURITY 0x01000000u
#define ACCESS_MAXIMUM_ALLOWED 0x02000000u
#define ACCESS_GENERIC_ALL 0x10000000u
#define ACCESS_GENERIC_EXECUTE 0x20000000u
#define ACCESS_GENERIC_WRITE 0x40000000u
#define ACCESS_GENERIC_READ 0x80000000u

/* 2.2.1.3 */
#define SAM_SERVER_CONNECT 0x00000001u
#define SAM_SERVER_ENUMERATE_DOMAINS 0x00000010u
#define SAM_SERVER_LOOKUP_DOMAIN 0x00000020u
/* 2.2.1.4 */
#define DOMAIN_READ_PASSWORD_PARAMETERS 0x00000001u
#define DOMAIN_READ_OTHER_PARAMETERS 0x00000004u
#define DOMAIN_CREATE_GROUP 0x00000020u
#define DOMAIN_GET_ALIAS_MEMBERSHIP 0x00000080u
#define DOMAIN_LIST_ACCOUNTS 0x00000100u
#define DOMAIN_LOOKUP 0x00000200u
/* 2.2.1.5 */
#define GROUP_READ_INFORMATION 0x00000001u
#define GROUP_WRITE_ACCOUNT 0x00000002u
#define GROUP_ADD_MEMBER 0x00000004u
#define GROUP_REMOVE_MEMBER 0x00000008u
#define GROUP_LIST_MEMBERS 0x00000010u
/* 2.2.1.6 */
#define ALIAS_LIST_MEMBERS 0x00000004u
/* 2.2.1.7 */
#define USER_READ_GENERAL 0x00000001u
#define USER_READ_PREFERENCES 0x00000002u
#define USER_READ_LOGON 0x00000008u
#define USER_READ_ACCOUNT 0x00000010u
#define USER_LIST_GROUPS 0x00000100u

/* What `kind` grants to administrators and to everybody. */
uint32_t access_all(enum context_kind kind);
uint32_t access_everybody(enum context_kind kind);

/* Generic bits translated to those of the kind; with MAXIMUM_ALLOWED all that the caller may have, else
 * exactly what is asked for, or STATUS_ACCESS_DENIED. */
struct nt_status access_grant(enum context_kind kind, bool administrator, uint32_t desired,
                              uint32_t *granted);

#endif
