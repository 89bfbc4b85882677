/* SPDX-License-Identifier: MIT */
/*
 * The maps between the statuses of NT, RPC and the Net functions.
 *
 * Invariant: failure stays failure; no status other than success maps to 0. [MS-ERREF] 2.2 and 2.3, [C706]
 * appendix E, [MS-RPCE] 3.3.3.5.
 */
#include "base/status.h"

#include <errno.h>
#include <stddef.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Win32 statuses that only this file gives; programs see them with their names in windows.h. */
enum {
    MR_MID_NOT_FOUND = 317, /* what Windows itself says for a status with no counterpart */
    GEN_FAILURE = 31,
    CALL_FAILED = 1726,
};

static const struct {
    const char *name;
    uint32_t nt, net;
} nt_table[] = {
#define X(name, value, net) {#name, value, net},
    NT_STATUS_TABLE(X)
#undef X
};

struct net_status net_from_nt(struct nt_status s)
{
    if (!s.v)
        return NET_STATUS(0);
    for (size_t i = 0; i < COUNT(nt_table); i++)
        if (nt_table[i].nt == s.v)
            return NET_STATUS(nt_table[i].net);
    if ((s.v & 0xFFFF0000u) == 0xC0070000u && (s.v & 0xFFFF)) /* FACILITY_NTWIN32: a Win32 code inside */
        return NET_STATUS(s.v & 0xFFFF);
    return NET_STATUS(MR_MID_NOT_FOUND);
}

const char *nt_status_name(struct nt_status s)
{
    for (size_t i = 0; i < COUNT(nt_table); i++)
        if (nt_table[i].nt == s.v)
            return nt_table[i].name;
    return NULL;
}

static const struct {
    uint32_t fault, net;
} fault_table[] = {
    {0x1C000001, 1767},        /* nca_s_fault_int_div_by_zero: RPC_S_ZERO_DIVIDE */
    {0x1C000002, 1768},        /* nca_s_fault_addr_error: RPC_S_ADDRESS_ERROR */
    {0x1C000003, 1769},        /* nca_s_fault_fp_div_zero: RPC_S_FP_DIV_ZERO */
    {0x1C000004, 1770},        /* nca_s_fault_fp_underflow: RPC_S_FP_UNDERFLOW */
    {0x1C000005, 1771},        /* nca_s_fault_fp_overflow: RPC_S_FP_OVERFLOW */
    {0x1C000006, 1733},        /* nca_s_fault_invalid_tag: RPC_S_INVALID_TAG */
    {0x1C000007, 1734},        /* nca_s_fault_invalid_bound: RPC_S_INVALID_BOUND */
    {0x1C000008, 1728},        /* nca_s_rpc_version_mismatch: RPC_S_PROTOCOL_ERROR */
    {0x1C000009, 1727},        /* nca_s_unspec_reject: RPC_S_CALL_FAILED_DNE */
    {0x1C00000A, 1727},        /* nca_s_bad_actid */
    {0x1C00000C, 1727},        /* nca_s_manager_not_entered */
    {0x1C00000D, 1818},        /* nca_s_fault_cancel: RPC_S_CALL_CANCELLED */
    {0x1C000012, CALL_FAILED}, /* nca_s_fault_unspec */
    {0x1C00001A, 6},           /* nca_s_fault_context_mismatch: ERROR_INVALID_HANDLE */
    {0x1C00001B, 1130},        /* nca_s_fault_remote_no_memory: ERROR_NOT_ENOUGH_SERVER_MEMORY */
    {0x1C00001C, 1728},        /* nca_s_invalid_pres_context_id: RPC_S_PROTOCOL_ERROR */
    {0x1C00001D, 1821},        /* nca_s_unsupported_authn_level: RPC_S_UNSUPPORTED_AUTHN_LEVEL */
    {0x1C000024, 1710},        /* nca_s_fault_object_not_found: RPC_S_OBJECT_NOT_FOUND */
    {0x1C010001, 1820},        /* nca_s_comm_failure: RPC_S_COMM_FAILURE */
    {0x1C010002, 1745},        /* nca_s_op_rng_error: RPC_S_PROCNUM_OUT_OF_RANGE */
    {0x1C010003, 1717},        /* nca_s_unk_if: RPC_S_UNKNOWN_IF */
    {0x1C010006, 1727},        /* nca_s_wrong_boot_time */
    {0x1C010009, CALL_FAILED}, /* nca_s_you_crashed */
    {0x1C01000B, 1728},        /* nca_s_proto_error: RPC_S_PROTOCOL_ERROR */
    {0x1C010013, 1130},        /* nca_s_out_args_too_big */
    {0x1C010014, 1723},        /* nca_s_server_too_busy: RPC_S_SERVER_TOO_BUSY */
    {0x1C010015, 1743},        /* nca_s_fault_string_too_long: RPC_S_STRING_TOO_LONG */
    {0x1C010017, 1732},        /* nca_s_unsupported_type: RPC_S_UNSUPPORTED_TYPE */
};

struct net_status net_from_fault(struct rpc_fault f)
{
    for (size_t i = 0; i < COUNT(fault_table); i++)
        if (fault_table[i].fault == f.v)
            return NET_STATUS(fault_table[i].net);
    if (f.v && f.v <= 0xFFFF) /* Windows and Samba send Win32 codes as they are: 5, 0x6f7, 0x721 */
        return NET_STATUS(f.v);
    if (f.v >= 0xC0000000u) /* an NTSTATUS that was raised as an exception */
        return net_from_nt(NT_STATUS(f.v));
    return NET_STATUS(CALL_FAILED);
}

static const struct {
    int error;
    uint32_t net;
} errno_table[] = {
    {0, 0},
    {ETIMEDOUT, 1460},    /* ERROR_TIMEOUT */
    {ECONNREFUSED, 1722}, /* RPC_S_SERVER_UNAVAILABLE */
    {ENOENT, 1722},       /* no such socket */
    {ENOTSOCK, 1722},     /* a file that is none */
    {ENOTDIR, 1722},
    {EHOSTDOWN, 1722},
    {EPIPE, CALL_FAILED}, /* RPC_S_CALL_FAILED: the peer went away, it may have done its work or not */
    {ECONNRESET, CALL_FAILED},
    {ECONNABORTED, CALL_FAILED},
    {ENOTCONN, CALL_FAILED},
    {ESHUTDOWN, CALL_FAILED},
    {ENOMEM, 8}, /* ERROR_NOT_ENOUGH_MEMORY */
    {EACCES, 5}, /* ERROR_ACCESS_DENIED */
    {EPERM, 5},
    {EHOSTUNREACH, 1232}, /* ERROR_HOST_UNREACHABLE */
    {ENETUNREACH, 1231},  /* ERROR_NETWORK_UNREACHABLE */
    {ENETDOWN, 1231},
    {EPROTO, 1728}, /* RPC_S_PROTOCOL_ERROR */
    {EBADMSG, 1728},
    {EINVAL, 87},        /* ERROR_INVALID_PARAMETER */
    {ENAMETOOLONG, 206}, /* ERROR_FILENAME_EXCED_RANGE */
    {EILSEQ, 1113},      /* ERROR_NO_UNICODE_TRANSLATION */
    {EMFILE, 4},         /* ERROR_TOO_MANY_OPEN_FILES */
    {ENFILE, 4},
    {ENOBUFS, 1450}, /* ERROR_NO_SYSTEM_RESOURCES */
    {EAGAIN, 1723},  /* RPC_S_SERVER_TOO_BUSY: the accept queue of a unix socket is full */
    {EBUSY, 170},    /* ERROR_BUSY */
    {EADDRINUSE, 170},
    {EEXIST, 183}, /* ERROR_ALREADY_EXISTS */
    {ENOSPC, 112}, /* ERROR_DISK_FULL */
    {EDQUOT, 112},
    {EROFS, 19},     /* ERROR_WRITE_PROTECT */
    {EIO, 1117},     /* ERROR_IO_DEVICE */
    {ENOEXEC, 1358}, /* ERROR_INTERNAL_DB_CORRUPTION: a file that is not what it should be */
    {EISDIR, 123},   /* ERROR_INVALID_NAME */
    {ENOSYS, 50},    /* ERROR_NOT_SUPPORTED */
    {ENOTSUP, 50},
    {EAFNOSUPPORT, 50},
    {ECANCELED, 1818}, /* RPC_S_CALL_CANCELLED */
};

struct net_status net_from_errno(int error)
{
    if (error < 0 && error != INT32_MIN)
        error = -error;
    for (size_t i = 0; i < COUNT(errno_table); i++)
        if (errno_table[i].error == error)
            return NET_STATUS(errno_table[i].net);
    return NET_STATUS(GEN_FAILURE);
}
