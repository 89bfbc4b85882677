/* SPDX-License-Identifier: MIT */
/*
 * Calls to any MS-RPC interface that idlc has compiled: the runtime below the Net functions, for interfaces
 * of your own or ones that have no Net function.
 *
 *     struct netmgmt_rpc *rpc;
 *     struct SamrConnect2_params p = {.DesiredAccess = 1};
 *
 *     if (netmgmt_rpc_open("unix:/run/netmgmt/netmgmtd.sock", &samr_interface, &rpc) == 0) {
 *         if (netmgmt_rpc_call(rpc, SamrConnect2_opnum, &p) == 0 && p.Return == 0)
 *             ...
 *         netmgmt_rpc_close(rpc);
 *     }
 *
 * Statuses are NET_API_STATUS values of lmerr.h and windows.h. Those headers are not needed here and not
 * included: [MS-DTYP], which most interfaces import, declares types of the same names, so a source file has
 * the one or the other.
 *
 * A handle is one connection, used by one thread at a time. Each request waits for its answer at most as long
 * as netmgmt_set_timeout() says. A child must not use handles that were opened before
 * fork(), nor open an embedded database that is open through one of them.
 */
#ifndef NETMGMT_RPC_H
#define NETMGMT_RPC_H

#include "ndr.h"

#ifndef NETMGMT_API
#if defined(__GNUC__)
#define NETMGMT_API __attribute__((visibility("default")))
#else
#define NETMGMT_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct netmgmt_rpc;

/*
 * Connect and bind.
 *
 * binding    "unix:PATH" (a socket of netmgmtd), "embedded:PATH" (the embedded server on a database file), or
 *            NULL: where a NULL servername leads, see libnetmgmt(7).
 * interface  what idlc made: NAME_interface. Must live as long as the handle.
 * handle     receives the connection; NULL on failure. To be closed with netmgmt_rpc_close().
 *
 * 0, ERROR_INVALID_PARAMETER (malformed binding, or tables made for another version of the
 * runtime), RPC_S_SERVER_UNAVAILABLE, RPC_S_UNKNOWN_IF (the server has no such interface), ERROR_TIMEOUT,
 * ERROR_NOT_ENOUGH_MEMORY, ERROR_ACCESS_DENIED.
 */
NETMGMT_API uint32_t netmgmt_rpc_open(const char *binding, const struct ndr_interface *interface,
                                      struct netmgmt_rpc **handle);

/*
 * One request, waited for. `params` is the procedure's structure of parameters (struct NAME_params): its [in]
 * members are read, its [out] members and `Return` are written. Memory that [out] members point to belongs to
 * the handle: it stays until the next call on it, netmgmt_rpc_result_free() or netmgmt_rpc_close().
 *
 * The status is the runtime's: 0 means that the procedure has answered; what it says is in
 * `Return`. ERROR_INVALID_PARAMETER (no such procedure, a value that cannot be sent), RPC_S_CALL_FAILED,
 * ERROR_TIMEOUT, RPC_X_BAD_STUB_DATA, ERROR_NOT_ENOUGH_MEMORY, or the status of the server's fault. On
 * failure [out] members are undefined.
 */
NETMGMT_API uint32_t netmgmt_rpc_call(struct netmgmt_rpc *handle, uint32_t opnum, void *params);

/* Release the memory of the last call's result early. NULL is fine. */
NETMGMT_API void netmgmt_rpc_result_free(struct netmgmt_rpc *handle);

/* Close the connection and release everything. Context handles that are still open are run down by the
 * server. NULL is fine. */
NETMGMT_API void netmgmt_rpc_close(struct netmgmt_rpc *handle);

#ifdef __cplusplus
}
#endif

#endif
