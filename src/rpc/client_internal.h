/* SPDX-License-Identifier: MIT */
/*
 * What client.c (calls, the stream) and client_bind.c (contexts, authentication) share.
 */
#ifndef RPC_CLIENT_INTERNAL_H
#define RPC_CLIENT_INTERNAL_H

#include "rpc/client.h"
#include "rpc/pdu.h"
#include "rpc/protect.h"
#include "rpc/stream.h"

enum client_state {
    CLIENT_BINDING = 0x01,
    CLIENT_AUTHENTICATING = 0x02, /* the interfaces are bound, tokens are missing */
    CLIENT_BOUND = 0x04
};

struct client_binding {
    const struct ndr_interface *interface;
    bool accepted;
    bool verified; /* a verification trailer was sent */
    enum ndr_syntax syntax;
    struct rpc_fault why; /* when not accepted */
};

struct rpc_client {
    struct rpc_client_config config;
    enum client_state state;
    int status;
    bool multiplex, closing;
    bool orphaned; /* some call was: answers to calls that are gone may come */
    bool header_signing_offered, header_signing;
    bool proven; /* the server knows the key: it has accepted us */
    struct protection protection;
    int auth_result;
    uint16_t max_xmit;
    uint32_t assoc_group, last_id;
    struct rpc_fault refusal;
    struct stream_in in;
    struct stream_out out;
    struct client_binding bindings[RPC_CLIENT_MAX_INTERFACES];
    unsigned binding_count;
    unsigned offered;  /* bindings from here on were offered and not answered */
    uint32_t offer_id; /* call_id of that bind or alter_context; 0: none under way */
    unsigned call_count, spare_count;
    size_t kept; /* bytes of replies */
    struct client_call *calls, **end, *spare;
};

uint32_t client_next_id(struct rpc_client *c); /* for a call, a bind, an alter_context */

/* The bind, with the first token if there is one to be sent. 0, -ENOMEM, -EINVAL, RPC_CLIENT_E_AUTH. */
int client_bind(struct rpc_client *c, const struct auth_client_config *auth);
/* An alter_context for the interfaces that were not offered yet. */
void client_alter(struct rpc_client *c);
/* The authentication has failed: remembers why. */
int client_auth_failed(struct rpc_client *c, int result);
/* A fault for what was offered last: the end of it, or of the connection. */
int client_refuse_offer(struct rpc_client *c, struct rpc_fault why);
/* A fault that, while no more is at issue, is about who we are; and what comes of it. */
bool client_is_refusal(struct rpc_fault fault);
int client_logon_refused(struct rpc_client *c);

int client_receive_bind_ack(struct rpc_client *c, const struct pdu_header *h, struct reader *body,
                            const struct pdu_auth *auth);
int client_receive_alter_resp(struct rpc_client *c, const struct pdu_header *h, struct reader *body,
                              const struct pdu_auth *auth);
int client_receive_bind_nak(struct rpc_client *c, const struct pdu_header *h, struct reader *body,
                            const struct pdu_auth *auth);

#endif
