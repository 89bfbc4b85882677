/* SPDX-License-Identifier: MIT */
/*
 * What server.c (calls, the stream) and server_bind.c (contexts, authentication) share.
 */
#ifndef RPC_SERVER_INTERNAL_H
#define RPC_SERVER_INTERNAL_H

#include "rpc/fragment.h"
#include "rpc/pdu.h"
#include "rpc/protect.h"
#include "rpc/server.h"
#include "rpc/stream.h"

#define SERVER_MAX_CONTEXTS 32

enum server_state { SERVER_NEW = 0x01, SERVER_BOUND = 0x02 };

enum server_auth {
    SERVER_AUTH_NONE,     /* the bind came without */
    SERVER_AUTH_STEPPING, /* tokens are to come */
    SERVER_AUTH_DONE,
    SERVER_AUTH_FAILED /* in a PDU that has no answer: the first request is told */
};

struct server_context {
    uint16_t id;
    enum ndr_syntax syntax;
    const struct ndr_interface *interface;
};

struct rpc_server {
    struct rpc_server_config config;
    char *address;
    enum server_state state;
    int status;
    bool multiplex, header_signing;
    enum server_auth auth;
    enum auth_level level; /* what requests come with: NONE, or that of the context once it is established */
    int auth_result;
    struct protection protection;
    uint16_t max_xmit, max_recv;
    struct stream_in in;
    struct stream_out out;
    struct server_context contexts[SERVER_MAX_CONTEXTS];
    unsigned context_count, call_count, complete_count, spare_count;
    size_t complete_bytes, joining_bytes; /* of stubs */
    struct server_call *calls, *spare;
    struct server_call *ready; /* the one that is complete and not taken */
};

const struct server_context *server_find_context(const struct rpc_server *s, uint16_t id);

/* The end of the connection. */
void server_end_with_fault(struct rpc_server *s, uint32_t call_id, struct rpc_fault fault);
void server_end_with_nak(struct rpc_server *s, uint32_t call_id, uint16_t reason);

void server_receive_bind(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                         const struct pdu_auth *auth);
void server_receive_alter(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                          const struct pdu_auth *auth);
void server_receive_auth3(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                          const struct pdu_auth *auth);

#endif
