/* SPDX-License-Identifier: MIT */
/*
 * Client side of one connection: calls in, bytes out; bytes in, replies out. No I/O, no NDR.
 *
 * Invariant: each call that was begun ends once: taken as a reply or fault, or dropped by the caller's wish.
 * All that is kept is bounded: `max_calls`, replies of `max_reply` bytes in all. After a result that is not 0
 * the connection can only be freed. [C706] chapter 12, [MS-RPCE] 2.2.2 and 3.3.
 *
 * Where the server does not grant concurrent multiplexing, requests wait inside and go out one by one.
 */
#ifndef RPC_CLIENT_H
#define RPC_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/status.h"
#include "netmgmt/ndr.h"

#define RPC_CLIENT_MAX_INTERFACES 16

/* Conditions; negative errno values are fatal. */
enum {
    RPC_CLIENT_E_PROTOCOL = 1, /* the server broke the protocol: the connection is of no use any more */
    RPC_CLIENT_E_REFUSED = 2,  /* bind refused: rpc_client_refusal() */
    RPC_CLIENT_E_BUSY = 3,     /* max_calls are under way, or an alter_context is */
    RPC_CLIENT_E_CLOSING = 4,  /* the server asked for no further calls */
    RPC_CLIENT_E_UNBOUND = 5,  /* no context was accepted for this interface (yet) */
    RPC_CLIENT_E_AUTH = 6,     /* rpc_client_auth_result(): the connection is of no use any more */
};

struct rpc_client;
struct pdu_observer;

struct rpc_client_config {
    const struct ndr_interface *const *interfaces; /* one to bind at least; NULL at the end */
    bool offer_ndr64;                              /* used for each interface that the server takes it for */
    /* Who we are, and at which level requests are protected (options.dce_style is set here); NULL: without
     * authentication. Kerberos asks its KDC in rpc_client_new, and in it only. */
    const struct auth_client_config *auth;
    bool no_header_signing;              /* do not offer it */
    uint32_t assoc_group;                /* to join; 0: a new one */
    uint16_t max_fragment;               /* longest PDU sent and received; 0: 5840 */
    uint16_t max_calls;                  /* under way at once; 0: 256 */
    const struct pdu_observer *observer; /* outlives the client; NULL: none */
    size_t max_reply;                    /* stubs of replies kept at once; 0: 64 MiB */
};

struct rpc_reply {
    uint32_t call_id;
    uint16_t opnum;
    const struct ndr_interface *interface;
    enum ndr_syntax syntax;
    struct rpc_fault fault; /* 0: it is a reply, else a fault */
    bool did_not_execute;   /* of a fault: the server says that nothing was carried out */
    uint8_t *stub; /* from malloc(), 16-aligned: the taker's to free or arena_adopt; NULL when empty */
    size_t stub_len;
};

/* The bind is in the output at once. `config` is copied, but not the interfaces' tables. 0 also when the
 * authentication could not be begun: rpc_client_status() tells. -ENOMEM, -EINVAL. */
int rpc_client_new(struct rpc_client **out, const struct rpc_client_config *config);
void rpc_client_free(struct rpc_client *c);

/* The last result of rpc_client_input, or of a call that could not be signed: 0, or the connection can only
 * be freed. */
int rpc_client_status(const struct rpc_client *c);
/* After RPC_CLIENT_E_AUTH: a result of auth.h. */
int rpc_client_auth_result(const struct rpc_client *c);
/* For auth_peer(), auth_detail(): the security context; NULL: none. */
const struct auth *rpc_client_auth(const struct rpc_client *c);

/* Has the server answered the bind (and the last alter_context)? */
bool rpc_client_is_bound(const struct rpc_client *c);
/* Under way: sent or waiting inside, reply not taken. */
unsigned rpc_client_calls(const struct rpc_client *c);
/* Is an answer to come: to a call, or to the bind? */
bool rpc_client_expects(const struct rpc_client *c);
bool rpc_client_is_closing(const struct rpc_client *c);
uint32_t rpc_client_assoc_group(const struct rpc_client *c);
/* Has the server granted concurrent multiplexing? */
bool rpc_client_multiplexes(const struct rpc_client *c);
/* 0 and the syntax chosen; RPC_CLIENT_E_UNBOUND and why: as the status of a fault. */
int rpc_client_syntax(const struct rpc_client *c, const struct ndr_interface *interface,
                      enum ndr_syntax *syntax, struct rpc_fault *why);
/* After RPC_CLIENT_E_REFUSED. */
struct rpc_fault rpc_client_refusal(const struct rpc_client *c);

/* Bind one more interface (alter_context). 0, BUSY, CLOSING, -ENOMEM. */
int rpc_client_alter(struct rpc_client *c, const struct ndr_interface *interface);

/* Begin a call: `stub` (copied) in the syntax of rpc_client_syntax(); `object` may be NULL. 0, BUSY, CLOSING,
 * UNBOUND, -ENOMEM: nothing was begun. Or rpc_client_status(). */
int rpc_client_call(struct rpc_client *c, const struct ndr_interface *interface, uint16_t opnum,
                    const struct ndr_uuid *object, const void *stub, size_t len, uint32_t *call_id);
/* The reply is not wanted: dropped when it comes. An unknown call is ignored. */
void rpc_client_drop(struct rpc_client *c, uint32_t call_id);
/* Ask the server to stop; its answer still comes. */
int rpc_client_cancel(struct rpc_client *c, uint32_t call_id);
/* Tell the server that nobody waits any more. The call is gone; an answer that is under way is dropped. */
int rpc_client_orphan(struct rpc_client *c, uint32_t call_id);

/* Take all of `len` bytes, however they were cut. 0, PROTOCOL, REFUSED, AUTH, -ENOMEM, -EMSGSIZE (max_reply).
 * Replies that were complete before can still be taken. */
int rpc_client_input(struct rpc_client *c, const void *data, size_t len);

/* Was this call begun, and neither taken nor dropped? */
bool rpc_client_awaits(const struct rpc_client *c, uint32_t call_id);
/* Is the reply to this call there? */
bool rpc_client_is_done(const struct rpc_client *c, uint32_t call_id);
/* The reply to this call, when it is there. */
bool rpc_client_take(struct rpc_client *c, uint32_t call_id, struct rpc_reply *reply);
/* The reply to the oldest call that has one. */
bool rpc_client_take_any(struct rpc_client *c, struct rpc_reply *reply);

/* What is to be sent; `rpc_client_sent` removes the first `len` bytes of it. */
const uint8_t *rpc_client_output(struct rpc_client *c, size_t *len);
void rpc_client_sent(struct rpc_client *c, size_t len);

#endif
