/* SPDX-License-Identifier: MIT */
/*
 * Typed calls to a bound interface: ndr/ + rpc/client + a transport, blocking, with a deadline for each call.
 *
 * A channel belongs to one thread at a time. Several calls may be under way: begin sends, finish waits
 * (replies of others that come meanwhile are kept). The status returned is that of the runtime; what the
 * procedure itself said is in its result parameter:
 *   ERROR_NOT_ENOUGH_MEMORY (8), ERROR_INVALID_PARAMETER (87: NULL or out of range where the IDL forbids it)
 *   RPC_S_CALL_FAILED_DNE (1727): the connection failed before the request was out; it was not carried out
 *   RPC_S_CALL_FAILED (1726): it failed later; RPC_S_PROTOCOL_ERROR (1728): the server broke the protocol
 *   RPC_S_OUT_OF_RESOURCES (1721): replies longer than 64 MiB in all, or more calls under way than
 *     CHANNEL_MAX_CALLS; RPC_X_BAD_STUB_DATA (1783): a reply that is no legal value
 *   ERROR_TIMEOUT (1460): the deadline. A server that is late holds back all that is behind the call, so the
 *     channel is dead then: closing it makes the server run down the handles, whatever became of the call
 *   the status of a fault, or of a bind that was refused (RPC_S_UNKNOWN_IF, ...)
 * After a status for which channel_is_dead() says true the channel can only be closed.
 */
#ifndef CLIENT_CHANNEL_H
#define CLIENT_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "netmgmt/ndr.h"
#include "transport/transport.h"

#define CHANNEL_MAX_CALLS 1024

struct channel;

/* Bind `interface` (NDR20 and, where the server takes it, NDR64 when `offer_ndr64`). Takes over `t` in any
 * case. */
struct net_status channel_open(struct channel **out, struct transport *t,
                               const struct ndr_interface *interface, bool offer_ndr64, int64_t deadline);
void channel_close(struct channel *c); /* NULL is fine */
bool channel_is_dead(const struct channel *c);

/* `params`: the structure that idlc generated for the procedure. Its [out] members are filled; what they
 * point to is in `arena` or in memory that the arena has adopted. */
struct net_status channel_call(struct channel *c, uint16_t opnum, void *params, struct arena *arena,
                               int64_t deadline);
struct net_status channel_begin(struct channel *c, uint16_t opnum, const void *params, uint32_t *call,
                                int64_t deadline);
struct net_status channel_finish(struct channel *c, uint32_t call, void *params, struct arena *arena,
                                 int64_t deadline);
/* Not waited for: goes out with the next thing that is sent (or on close), its reply is dropped. For closing
 * handles. Failure is silent: a lost close is run down with the connection. */
void channel_post(struct channel *c, uint16_t opnum, const void *params);

#endif
