/* SPDX-License-Identifier: MIT */
/*
 * Typed calls to a bound interface: ndr/ + rpc/client + a transport, blocking, with a deadline for each call.
 *
 * A channel belongs to one thread at a time. Several calls may be under way: begin sends, finish waits
 * (replies of others that come meanwhile are kept). The status returned is that of the runtime; what the
 * procedure itself said is in its result parameter:
 *   ERROR_NOT_ENOUGH_MEMORY (8), ERROR_INVALID_PARAMETER (87: NULL or out of range where the IDL forbids it)
 *   RPC_S_CALL_FAILED_DNE (1727): the connection failed before the request was out, or the server says so in
 * a fault that proves it (rpc_reply.did_not_execute); it was not carried out RPC_S_CALL_FAILED (1726): it
 * failed later; RPC_S_PROTOCOL_ERROR (1728): the server broke the protocol RPC_S_OUT_OF_RESOURCES (1721):
 * replies longer than 64 MiB in all, or more calls under way than CHANNEL_MAX_CALLS; RPC_X_BAD_STUB_DATA
 * (1783): a reply that is no legal value ERROR_TIMEOUT (1460): the deadline. A server that is late holds back
 * all that is behind the call, so the channel is dead then: closing it makes the server run down the handles,
 * whatever became of the call ERROR_ACCESS_DENIED (5): the server refuses us, or the level of protection
 *   RPC_S_SEC_PKG_ERROR (1825): a message was altered, repeated or lost on its way
 *   the status of a fault, or of a bind that was refused (RPC_S_UNKNOWN_IF, ...)
 * After a status for which channel_is_dead() says true the channel can only be closed.
 */
#ifndef CLIENT_CHANNEL_H
#define CLIENT_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "base/status.h"
#include "netmgmt/ndr.h"
#include "transport/transport.h"

#define CHANNEL_MAX_CALLS 1024

struct channel;

struct channel_options {
    bool offer_ndr64; /* used where the server takes it */
    /* Who we are, and how requests and replies are protected (options.dce_style is set here): credentials,
     * target ("host/server.example.org"), type, level (the deadline is set here). NULL: without
     * authentication, as on a named pipe and a unix socket, where the transport has authenticated us. */
    const struct auth_client_config *auth;
    bool no_header_signing;        /* as clients before Windows XP SP2; protects less with Kerberos */
    uint32_t assoc_group;          /* share the context handles of that connection of ours; 0: of none */
    const struct ndr_uuid *object; /* that all calls are for, copied; NULL: none */
    int *auth_result; /* NULL, or where a result of auth.h goes when it is the authentication that failed */
};

/* Bind `interface`; `options` may be NULL. Takes over `t` in any case. A wrong password may show no sooner
 * than in the first call (bare NTLM): then that has the status, ERROR_LOGON_FAILURE (1326). Kerberos may ask
 * a KDC here, by the deadline. Besides those above:
 *   the statuses of auth_net_status(): ERROR_LOGON_FAILURE, ERROR_TIME_SKEW (1398) ...
 *   RPC_S_UNKNOWN_AUTHN_SERVICE (1747): the server does not take this type */
struct net_status channel_open(struct channel **out, struct transport *t,
                               const struct ndr_interface *interface, const struct channel_options *options,
                               int64_t deadline);
/* The same without authentication and without waiting: channel_receive_any() goes on with it until
 * channel_is_open() or channel_is_dead(). */
struct net_status channel_open_begin(struct channel **out, struct transport *t,
                                     const struct ndr_interface *interface, int64_t deadline);
bool channel_is_open(const struct channel *c);
/* The security context, for auth_peer() and auth_detail(); NULL: none. The result that a call died of. */
const struct auth *channel_auth(const struct channel *c);
int channel_auth_result(const struct channel *c);
uint32_t channel_assoc_group(const struct channel *c); /* for struct channel_options */
const struct ndr_interface *channel_interface(const struct channel *c);
void channel_close(struct channel *c); /* NULL is fine */
bool channel_is_dead(const struct channel *c);

/* `params`: the structure that idlc generated for the procedure. Its [out] members are filled; what they
 * point to is in `arena` or in memory that the arena has adopted. */
struct net_status channel_call(struct channel *c, uint16_t opnum, void *params, struct arena *arena,
                               int64_t deadline);
struct net_status channel_begin(struct channel *c, uint16_t opnum, const void *params, uint32_t *call,
                                int64_t deadline);
/* The same, but it goes out with the next thing that is sent or waited for, together with all that was queued
 * before it: one message, and for a server that shares commits one commit. A failure to send shows when it is
 * waited for. */
struct net_status channel_queue(struct channel *c, uint16_t opnum, const void *params, uint32_t *call);
/* Was this call begun, and not finished yet? Else it must not be finished: nothing would ever come. */
bool channel_awaits(const struct channel *c, uint32_t call);
struct net_status channel_finish(struct channel *c, uint32_t call, void *params, struct arena *arena,
                                 int64_t deadline);
/* The server takes requests while others are under way. Else they wait here, and go out one by one. */
bool channel_multiplexes(const struct channel *c);
/* Its answer is there, or will never be: channel_finish() does not wait. */
bool channel_is_answered(const struct channel *c, uint32_t call);
/* Wait until something comes, for whatever call. A failure is the end of the channel. */
struct net_status channel_receive(struct channel *c, int64_t deadline);
/* The same for several whose transports share a connection: what was begun on any of them is sent, and when
 * it returns something has come for one at least, or one has died. Dead ones and NULL are left out. */
struct net_status channel_receive_any(struct channel *const channels[], size_t count, int64_t deadline);
/* Not waited for: goes out with the next thing that is sent (or on close), its reply is dropped. For closing
 * handles. Failure is silent: a lost close is run down with the connection. */
void channel_post(struct channel *c, uint16_t opnum, const void *params);

#endif
