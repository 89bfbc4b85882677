/* SPDX-License-Identifier: MIT */
/*
 * Calls to any MS-RPC interface that idlc has compiled: the runtime below the Net functions, for interfaces
 * of your own or ones that have no Net function.
 *
 *     struct netmgmt_rpc *rpc;
 *     struct SamrConnect2_params p = {.DesiredAccess = 1};
 *
 *     if (netmgmt_rpc_open("\\\\server", &samr_interface, &rpc) == 0) {
 *         if (netmgmt_rpc_call(rpc, SamrConnect2_opnum, &p) == 0 && p.Return == 0)
 *             ...
 *         netmgmt_rpc_close(rpc);
 *     }
 *
 * Statuses are NET_API_STATUS values of lmerr.h and windows.h. Those headers are not needed here; a source
 * file that wants them too includes them before what idlc has made, which may declare types of the same
 * names.
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
 * binding    where the interface is, in UTF-8:
 *                NULL                          where a NULL servername leads, see libnetmgmt(7)
 *                \\server                      where that servername leads
 *                ncacn_np:server[\pipe\name]   a named pipe; without the brackets the one that the IDL's
 * endpoint attribute names, else that of the interface's name ncacn_ip_tcp:server[port]     TCP; without the
 * brackets the IDL's port, else the one that the server's endpoint mapper knows ncalrpc:[path], unix:path a
 * socket of this machine, as netmgmtd has one embedded:path                 the embedded server on a database
 * file netmgmt_rpc_open(3) has the whole grammar. Who one is for another machine, and how it is spoken to, is
 * what netmgmt_set_credentials() and netmgmt_set_server_options() say, as for Net functions. interface  what
 * idlc made: NAME_interface. Must live as long as the handle. handle     receives the connection; NULL on
 * failure. To be closed with netmgmt_rpc_close().
 *
 * 0, ERROR_INVALID_PARAMETER (a NULL argument, or tables made for another version of the runtime),
 * RPC_S_INVALID_STRING_BINDING (malformed binding), RPC_S_INVALID_RPC_PROTSEQ, RPC_S_PROTSEQ_NOT_SUPPORTED,
 * RPC_S_INVALID_STRING_UUID, RPC_S_INVALID_NET_ADDR, RPC_S_INVALID_ENDPOINT_FORMAT,
 * RPC_S_INVALID_NETWORK_OPTIONS (that part of it), ERROR_INVALID_NAME or NERR_InvalidComputer (\\server is
 * malformed), RPC_S_SERVER_UNAVAILABLE (nothing listens there; no such pipe), RPC_S_UNKNOWN_IF (the server
 * has no such interface there), EPT_S_NOT_REGISTERED (its endpoint mapper does not know the interface),
 * ERROR_TIMEOUT, ERROR_NOT_ENOUGH_MEMORY, ERROR_ACCESS_DENIED, and for other machines what Net functions
 * return: ERROR_BAD_NETPATH, ERROR_LOGON_FAILURE and others of libnetmgmt(7).
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

/*
 * The same in two steps, so that several calls can be under way on one handle: they are sent together and the
 * server may work at them at once. `begin` sends the request: its [in] members may be changed or freed when
 * it returns; `*call` receives a number. `finish` waits for that call's answer, in any order, and fills [out]
 * members and `Return` of `params`, a structure of the same procedure. Memory that they point to stays until
 * the next netmgmt_rpc_call() or netmgmt_rpc_finish() on the handle. Every call that was begun must be
 * finished, or the handle closed: its answer is kept until then.
 *
 * Statuses as of netmgmt_rpc_call(); also RPC_S_OUT_OF_RESOURCES (more than 1024 under way), and of finish
 * ERROR_INVALID_PARAMETER (no such call, or it was finished).
 */
NETMGMT_API uint32_t netmgmt_rpc_begin(struct netmgmt_rpc *handle, uint32_t opnum, const void *params,
                                       uint32_t *call);
NETMGMT_API uint32_t netmgmt_rpc_finish(struct netmgmt_rpc *handle, uint32_t call, void *params);

/* Release the memory of the last call's result early. NULL is fine. */
NETMGMT_API void netmgmt_rpc_result_free(struct netmgmt_rpc *handle);

/* Close the connection and release everything. Context handles that are still open are run down by the
 * server. NULL is fine. */
NETMGMT_API void netmgmt_rpc_close(struct netmgmt_rpc *handle);

#ifdef __cplusplus
}
#endif

#endif
