/* SPDX-License-Identifier: MIT */
/*
 * The statuses of three worlds, as types that do not mix, and the only maps between them.
 *
 * nt_status: NTSTATUS, what the procedures of samr and lsarpc return ([MS-ERREF] 2.3).
 * net_status: NET_API_STATUS, what the Net functions return (Win32 and NERR_ codes, [MS-ERREF] 2.2).
 * rpc_fault: the status of a fault PDU or of a bind that was refused ([C706] appendix E, [MS-RPCE] 3.3.3.5).
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

struct nt_status {
    uint32_t v;
};
struct net_status {
    uint32_t v;
};
struct rpc_fault {
    uint32_t v;
};

#define NT_STATUS(code) ((struct nt_status){(code)})
#define NET_STATUS(code) ((struct net_status){(code)})

/* name, value, NET_API_STATUS in general (a function may know better: NERR_GroupNotFound for
 * STATUS_NO_SUCH_GROUP is general, NERR_UserNotFound for STATUS_NONE_MAPPED is not) */
#define NT_STATUS_TABLE(X)                               \
    X(STATUS_SUCCESS, 0x00000000u, 0)                    \
    X(STATUS_MORE_ENTRIES, 0x00000105u, 234)             \
    X(STATUS_SOME_NOT_MAPPED, 0x00000107u, 1301)         \
    X(STATUS_BUFFER_OVERFLOW, 0x80000005u, 234)          \
    X(STATUS_NO_MORE_ENTRIES, 0x8000001Au, 259)          \
    X(STATUS_UNSUCCESSFUL, 0xC0000001u, 31)              \
    X(STATUS_NOT_IMPLEMENTED, 0xC0000002u, 50)           \
    X(STATUS_INVALID_INFO_CLASS, 0xC0000003u, 124)       \
    X(STATUS_INVALID_HANDLE, 0xC0000008u, 6)             \
    X(STATUS_INVALID_PARAMETER, 0xC000000Du, 87)         \
    X(STATUS_NO_MEMORY, 0xC0000017u, 8)                  \
    X(STATUS_ACCESS_DENIED, 0xC0000022u, 5)              \
    X(STATUS_BUFFER_TOO_SMALL, 0xC0000023u, 122)         \
    X(STATUS_OBJECT_TYPE_MISMATCH, 0xC0000024u, 6)       \
    X(STATUS_OBJECT_NAME_INVALID, 0xC0000033u, 123)      \
    X(STATUS_OBJECT_NAME_NOT_FOUND, 0xC0000034u, 2)      \
    X(STATUS_OBJECT_NAME_COLLISION, 0xC0000035u, 183)    \
    X(STATUS_FILE_LOCK_CONFLICT, 0xC0000054u, 33)        \
    X(STATUS_INVALID_ACCOUNT_NAME, 0xC0000062u, 2202)    \
    X(STATUS_USER_EXISTS, 0xC0000063u, 2224)             \
    X(STATUS_NO_SUCH_USER, 0xC0000064u, 2221)            \
    X(STATUS_GROUP_EXISTS, 0xC0000065u, 2223)            \
    X(STATUS_NO_SUCH_GROUP, 0xC0000066u, 2220)           \
    X(STATUS_MEMBER_IN_GROUP, 0xC0000067u, 2236)         \
    X(STATUS_MEMBER_NOT_IN_GROUP, 0xC0000068u, 2237)     \
    X(STATUS_LAST_ADMIN, 0xC0000069u, 2452)              \
    X(STATUS_WRONG_PASSWORD, 0xC000006Au, 86)            \
    X(STATUS_PASSWORD_RESTRICTION, 0xC000006Cu, 2245)    \
    X(STATUS_LOGON_FAILURE, 0xC000006Du, 1326)           \
    X(STATUS_ACCOUNT_RESTRICTION, 0xC000006Eu, 1327)     \
    X(STATUS_INVALID_LOGON_HOURS, 0xC000006Fu, 1328)     \
    X(STATUS_INVALID_WORKSTATION, 0xC0000070u, 1329)     \
    X(STATUS_PASSWORD_EXPIRED, 0xC0000071u, 1330)        \
    X(STATUS_ACCOUNT_DISABLED, 0xC0000072u, 1331)        \
    X(STATUS_NONE_MAPPED, 0xC0000073u, 1332)             \
    X(STATUS_INVALID_SID, 0xC0000078u, 1337)             \
    X(STATUS_DISK_FULL, 0xC000007Fu, 112)                \
    X(STATUS_INSUFFICIENT_RESOURCES, 0xC000009Au, 1450)  \
    X(STATUS_MEDIA_WRITE_PROTECTED, 0xC00000A2u, 19)     \
    X(STATUS_NOT_SUPPORTED, 0xC00000BBu, 50)             \
    X(STATUS_INVALID_DOMAIN_STATE, 0xC00000DDu, 1353)    \
    X(STATUS_NO_SUCH_DOMAIN, 0xC00000DFu, 1355)          \
    X(STATUS_INTERNAL_ERROR, 0xC00000E5u, 1359)          \
    X(STATUS_INTERNAL_DB_CORRUPTION, 0xC00000E4u, 1358)  \
    X(STATUS_INTERNAL_DB_ERROR, 0xC0000158u, 1383)       \
    X(STATUS_SPECIAL_ACCOUNT, 0xC0000124u, 1371)         \
    X(STATUS_SPECIAL_GROUP, 0xC0000125u, 1372)           \
    X(STATUS_SPECIAL_USER, 0xC0000126u, 1373)            \
    X(STATUS_MEMBERS_PRIMARY_GROUP, 0xC0000127u, 1374)   \
    X(STATUS_NO_SUCH_ALIAS, 0xC0000151u, 1376)           \
    X(STATUS_MEMBER_NOT_IN_ALIAS, 0xC0000152u, 1377)     \
    X(STATUS_MEMBER_IN_ALIAS, 0xC0000153u, 1378)         \
    X(STATUS_ALIAS_EXISTS, 0xC0000154u, 1379)            \
    X(STATUS_NO_SUCH_MEMBER, 0xC000017Au, 1387)          \
    X(STATUS_INVALID_MEMBER, 0xC000017Bu, 1388)          \
    X(STATUS_ACCOUNT_EXPIRED, 0xC0000193u, 1793)         \
    X(STATUS_PASSWORD_MUST_CHANGE, 0xC0000224u, 1907)    \
    X(STATUS_ACCOUNT_LOCKED_OUT, 0xC0000234u, 1909)      \
    X(RPC_NT_ENUM_VALUE_OUT_OF_RANGE, 0xC003000Au, 1781) \
    X(RPC_NT_BAD_STUB_DATA, 0xC003000Cu, 1783)

enum {
#define X(name, value, net) NT_##name = (int)(value),
    NT_STATUS_TABLE(X)
#undef X
};

static inline bool nt_success(struct nt_status s) /* success and information: STATUS_MORE_ENTRIES too */
{
    return s.v < 0x80000000u;
}

static inline bool nt_is(struct nt_status s, int code)
{
    return s.v == (uint32_t)code;
}

#define NT(code) ((struct nt_status){(uint32_t)NT_##code}) /* NT(STATUS_ACCESS_DENIED) */

struct net_status net_from_nt(struct nt_status s);
struct net_status net_from_fault(struct rpc_fault f);
struct net_status net_from_errno(int error);    /* errno value, positive or negative */
const char *nt_status_name(struct nt_status s); /* "STATUS_..." or NULL */

#endif
