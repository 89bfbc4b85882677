/* SPDX-License-Identifier: MIT */
/*
 * Server side of one connection: bytes in, requests out; replies in, bytes out. No I/O, no dispatch.
 *
 * Faults are never signed, as other servers do it: Samba's and impacket's clients do not look for a signature
 * there, lose count of the messages with it, and refuse the next answer. So a client on a protected
 * connection may believe a fault no more than that its call has no other answer.
 *
 * Invariant: all that is kept for the client is bounded: stubs being put together (`max_stub` bytes in all),
 * complete requests (`max_calls`, less than twice `max_stub` bytes in all), input not looked at yet, output.
 * The server looks at its input only up to the next complete request, and not beyond while `max_calls` are
 * unanswered or much output waits. So a driver that answers each request before it takes the next one sends
 * the same bytes however the input was cut. After RPC_E_PROTOCOL nothing more is read; what is in the output
 * (a fault, a bind_nak) is still to be sent. [C706] chapter 12, [MS-RPCE] 2.2.2 and 3.3.
 *
 * A driver's turn: rpc_server_input; then while rpc_server_next: carry out, answer; then send the output and
 * rpc_server_sent; then rpc_server_next again, since what was held back may go on; then rpc_server_status.
 */
#ifndef RPC_SERVER_H
#define RPC_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/status.h"
#include "netmgmt/ndr.h"

#define RPC_E_PROTOCOL 1 /* what was received is not legal here: send what is in the output, then close */

struct rpc_server;

struct rpc_server_config {
    const struct ndr_interface *const *interfaces; /* that may be bound; NULL at the end */
    const char *secondary_address;                 /* of bind_ack: "135", "\\PIPE\\samr"; NULL: empty */
    uint32_t assoc_group;                          /* given to a client that asks for a new one; not 0 */
    /* A client names another group in its bind, before it has authenticated itself: is there one of this
     * number that it may belong to? Else the bind is refused. NULL: there are no others. */
    bool (*join)(void *join_data, uint32_t assoc_group);
    void *join_data;
    uint16_t max_fragment; /* longest PDU sent and received; 0: 5840 */
    uint16_t max_calls;    /* under way at once; 0: 64 */
    size_t max_stub;       /* of one request, all fragments; 0: 4 MiB */
    /* Who may call. Binds with credentials are taken when there is an acceptor. A request that comes with
     * less than `min_level` (without authentication: AUTH_LEVEL_NONE) gets a fault "access denied"; 0: every
     * one is handed out, with its level. */
    struct auth_acceptor *acceptor;
    const struct auth_source *source; /* NULL: the system's */
    enum auth_level min_level;
    size_t max_output; /* waiting to be sent, beyond which no further request is looked at; 0: 256 KiB */
};

struct rpc_request {
    uint32_t call_id;
    uint16_t context_id, opnum;
    const struct ndr_interface *interface;
    enum ndr_syntax syntax;
    enum auth_level level;         /* what it was verified with; NONE, CONNECT: the message itself was not */
    bool header_signing;           /* the client offered it */
    const struct ndr_uuid *object; /* or NULL */
    const uint8_t *stub;           /* 8-aligned; valid until the call is answered */
    size_t stub_len;
};

int rpc_server_new(struct rpc_server **out, const struct rpc_server_config *config); /* config is copied */
void rpc_server_free(struct rpc_server *s);

/* Take all of `len` bytes, however they were cut. 0, RPC_E_PROTOCOL, -ENOMEM; -ENOBUFS: more than `max_stub`
 * bytes given while rpc_server_full(). A request that was complete before an error can still be taken. */
int rpc_server_input(struct rpc_server *s, const void *data, size_t len);

/* Input waits for requests to be taken and answered, or for output to be sent: reading more can wait too. */
bool rpc_server_full(const struct rpc_server *s);
/* Part of a PDU or of a request has come, and the rest is waited for. */
bool rpc_server_partial(const struct rpc_server *s);
/* Bytes wait behind the requests handed out so far: more of them, most likely. */
bool rpc_server_has_more(const struct rpc_server *s);
/* The result of the last look at the input, by rpc_server_input or rpc_server_next: 0, RPC_E_PROTOCOL,
 * -ENOMEM. Not 0: send the output, then close. */
int rpc_server_status(const struct rpc_server *s);

/* Who the client is: NULL when it has not tried to authenticate. Only when `authenticated` are the names more
 * than a claim. Lives as long as the server. */
const struct auth_peer *rpc_server_peer(const struct rpc_server *s);
/* How the authentication went: 0 (or none was tried), AUTH_CONTINUE, or the result that it failed with. */
int rpc_server_auth_result(const struct rpc_server *s);

/* The oldest complete request not taken yet; false: none, or held back (see above). Each taken request must
 * be answered exactly once, in any order (one that was cancelled or orphaned meanwhile too). One that was
 * cancelled before it was complete is refused inside, and one that was orphaned then is dropped. */
bool rpc_server_next(struct rpc_server *s, struct rpc_request *request);
int rpc_server_reply(struct rpc_server *s, const struct rpc_request *request, const void *stub, size_t len);
int rpc_server_fault(struct rpc_server *s, const struct rpc_request *request, struct rpc_fault fault);
/* A fault that says, too, that nothing was done. */
int rpc_server_refuse(struct rpc_server *s, const struct rpc_request *request, struct rpc_fault fault);
/* The client has cancelled or orphaned it: what is not begun may be refused with FAULT_CANCELLED. */
bool rpc_server_unwanted(const struct rpc_server *s, const struct rpc_request *request);

/* Ask the client to make no further calls and to close when it has its answers. */
int rpc_server_shutdown(struct rpc_server *s);

/* What is to be sent; `rpc_server_sent` removes the first `len` bytes of it. */
const uint8_t *rpc_server_output(struct rpc_server *s, size_t *len);
void rpc_server_sent(struct rpc_server *s, size_t len);

#endif
