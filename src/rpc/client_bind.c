/* SPDX-License-Identifier: MIT */
/*
 * How a client binds to interfaces and says who it is: bind, alter_context, auth3. [C706] 12.6.3.1,
 * [MS-RPCE] 3.3.1.5.1 to 3.3.1.5.6.
 *
 * Invariant: with credentials the state becomes CLIENT_BOUND only when the security context is established;
 * a server that would go on without is refused. A token that expects an answer goes out in an alter_context,
 * the last one of a bare mechanism in an auth3, which costs no round trip: then a server that does not take
 * it says so to the first request.
 */
#include <errno.h>

#include "ndr/ndr.h"
#include "rpc/client_internal.h"

#define FEATURES PDU_FEATURE_KEEP_ON_ORPHAN
#define TOKEN_LIMIT AUTH_TOKEN_MAX
#define AUTH_CONTEXT_ID 1 /* any number: we have but one */

/* --- contexts --- */

/* bind or alter_context for the interfaces that were not offered yet. */
static void offer(struct rpc_client *c, bool binding, const struct writer *token)
{
    struct writer *w = &c->out.bytes;
    unsigned syntaxes = c->config.offer_ndr64 ? 2 : 1, first = c->offered;
    struct pdu_bind b = {.max_xmit = c->config.max_fragment, .max_recv = c->config.max_fragment};
    size_t start;

    b.assoc_group = binding ? c->config.assoc_group : c->assoc_group;
    b.count = (uint8_t)((c->binding_count - first) * syntaxes + (binding ? 1 : 0));
    c->offer_id = client_next_id(c);
    start = pdu_begin(w, binding ? PDU_BIND : PDU_ALTER_CONTEXT,
                      PDU_WHOLE | (binding || c->multiplex ? PDU_MULTIPLEX : 0) |
                          (binding && c->header_signing_offered ? PDU_HEADER_SIGN : 0),
                      c->offer_id);
    pdu_bind_put(w, &b);
    for (unsigned i = first; i < c->binding_count; i++)
        for (unsigned syntax = 0; syntax < syntaxes; syntax++) {
            struct pdu_syntax transfer = pdu_transfer_syntax((enum ndr_syntax)syntax);

            pdu_context_put(
                w, &(struct pdu_context){.id = (uint16_t)(2 * i + syntax),
                                         .count = 1,
                                         .abstract = pdu_interface_syntax(c->bindings[i].interface)});
            pdu_syntax_put(w, &transfer);
        }
    if (binding) {
        struct pdu_syntax transfer = pdu_features(FEATURES);

        pdu_context_put(w, &(struct pdu_context){.id = (uint16_t)(2 * c->binding_count),
                                                 .count = 1,
                                                 .abstract = pdu_interface_syntax(c->bindings[0].interface)});
        pdu_syntax_put(w, &transfer);
    }
    if (token->len)
        protect_put_token(&c->protection, w, start, token);
    protect_end(&c->protection, w, start);
}

static struct rpc_fault why_rejected(const struct pdu_result *result)
{
    if (result->result != PDU_PROVIDER_REJECTION)
        return FAULT_ACCESS_DENIED;
    switch (result->reason) {
    case PDU_REASON_ABSTRACT_SYNTAX:
        return FAULT_UNKNOWN_INTERFACE;
    case PDU_REASON_TRANSFER_SYNTAX:
        return FAULT_TRANSFER_SYNTAX;
    case PDU_REASON_LOCAL_LIMIT:
        return FAULT_TOO_BUSY;
    default:
        return FAULT_SERVER_UNAVAILABLE;
    }
}

/* The results for what `offer` has written, in its order. */
static int read_results(struct rpc_client *c, struct reader *body, unsigned count, bool binding)
{
    unsigned syntaxes = c->config.offer_ndr64 ? 2 : 1;
    struct pdu_result result;

    if (count != (c->binding_count - c->offered) * syntaxes + (binding ? 1 : 0))
        return RPC_CLIENT_E_PROTOCOL;
    for (unsigned i = c->offered; i < c->binding_count; i++)
        for (unsigned syntax = 0; syntax < syntaxes; syntax++) {
            struct pdu_syntax transfer = pdu_transfer_syntax((enum ndr_syntax)syntax);
            struct client_binding *b = &c->bindings[i];

            if (!pdu_result_get(body, &result))
                return RPC_CLIENT_E_PROTOCOL;
            if (result.result == PDU_ACCEPTANCE) {
                if (!pdu_syntax_equal(&result.transfer, &transfer))
                    return RPC_CLIENT_E_PROTOCOL;
                b->accepted = true;
                b->syntax = (enum ndr_syntax)syntax; /* the later, NDR64, is preferred */
            } else if (!syntax) {
                b->why = why_rejected(&result);
            }
        }
    if (binding && !pdu_result_get(body, &result)) /* features: a server that knows none rejects */
        return RPC_CLIENT_E_PROTOCOL;
    c->offered = c->binding_count;
    c->offer_id = 0;
    return 0;
}

/* What Windows, or Samba, has to say about a token. */
bool client_is_refusal(struct rpc_fault fault)
{
    return fault.v == FAULT_ACCESS_DENIED.v || fault.v == FAULT_PROTOCOL.v ||
           fault.v == FAULT_SECURITY_PACKAGE.v;
}

int client_refuse_offer(struct rpc_client *c, struct rpc_fault why)
{
    if (c->state != CLIENT_BOUND) {
        if (c->protection.auth && client_is_refusal(why))
            return client_logon_refused(c);
        c->refusal = why;
        return RPC_CLIENT_E_REFUSED;
    }
    while (c->offered < c->binding_count)
        c->bindings[c->offered++].why = why;
    c->offer_id = 0;
    return 0;
}

/* --- authentication --- */

int client_auth_failed(struct rpc_client *c, int result)
{
    if (result == -ENOMEM)
        return result;
    c->auth_result = result;
    return RPC_CLIENT_E_AUTH;
}

int client_logon_refused(struct rpc_client *c)
{
    bool ntlm = auth_peer(c->protection.auth)->mechanism == AUTH_TYPE_NTLM;

    return client_auth_failed(c, ntlm ? AUTH_E_LOGON : AUTH_E_REFUSED);
}

static const struct client_binding *first_accepted(const struct rpc_client *c)
{
    for (unsigned i = 0; i < c->offered; i++)
        if (c->bindings[i].accepted)
            return &c->bindings[i];
    return NULL;
}

/* An alter_context that offers again what was accepted, for its token. */
static void send_leg(struct rpc_client *c, const struct writer *token)
{
    const struct client_binding *b = first_accepted(c);
    struct pdu_bind bind = {.max_xmit = c->config.max_fragment,
                            .max_recv = c->config.max_fragment,
                            .assoc_group = c->assoc_group,
                            .count = 1};
    struct pdu_context context = {.id = (uint16_t)(2 * (b - c->bindings) + (int)b->syntax),
                                  .count = 1,
                                  .abstract = pdu_interface_syntax(b->interface)};
    struct pdu_syntax transfer = pdu_transfer_syntax(b->syntax);
    struct writer *w = &c->out.bytes;
    size_t start;

    c->offer_id = client_next_id(c);
    start = pdu_begin(w, PDU_ALTER_CONTEXT, PDU_WHOLE | (c->multiplex ? PDU_MULTIPLEX : 0), c->offer_id);
    pdu_bind_put(w, &bind);
    pdu_context_put(w, &context);
    pdu_syntax_put(w, &transfer);
    protect_put_token(&c->protection, w, start, token);
    protect_end(&c->protection, w, start);
}

static void send_auth3(struct rpc_client *c, uint32_t call_id, const struct writer *token)
{
    struct writer *w = &c->out.bytes;
    size_t start = pdu_begin(w, PDU_AUTH3, PDU_WHOLE, call_id);

    writer_zero(w, 4);
    protect_put_token(&c->protection, w, start, token);
    protect_end(&c->protection, w, start);
}

/* The server's token: answer it, or be done. */
static int take_token(struct rpc_client *c, const struct pdu_header *h, const struct pdu_auth *auth)
{
    struct writer token;
    int r;

    if (!auth->token) /* it goes on without: not with us */
        return client_auth_failed(c, AUTH_E_LEVEL);
    if (!protect_matches(&c->protection, auth))
        return RPC_CLIENT_E_PROTOCOL;
    writer_init(&token, TOKEN_LIMIT);
    r = auth_step(c->protection.auth, auth->token, auth->token_len, &token);
    if (r == AUTH_CONTINUE && token.len) {
        c->state = CLIENT_AUTHENTICATING;
        send_leg(c, &token);
        r = 0;
    } else if (!r) {
        if (token.len)
            send_auth3(c, h->call_id, &token);
        c->proven = !token.len || c->protection.type != AUTH_TYPE_NTLM;
        r = protect_start(&c->protection, c->header_signing);
        if (!r && !writer_grow(&c->in.kept, c->config.max_fragment)) /* as for replies: in time */
            r = -ENOMEM;
        c->state = CLIENT_BOUND;
    } else if (r == AUTH_CONTINUE) {
        r = AUTH_E_TOKEN;
    }
    writer_deinit(&token);
    if (!r && c->out.bytes.failed)
        return -ENOMEM;
    return r ? client_auth_failed(c, r) : 0;
}

static int first_token(struct rpc_client *c, const struct auth_client_config *config, struct writer *token)
{
    struct auth_client_config rpc = *config;
    struct protection *p = &c->protection;
    int r;

    rpc.options.dce_style = true;
    r = auth_client_new(&p->auth, &rpc);
    if (!r)
        r = auth_step(p->auth, NULL, 0, token);
    if (!r)
        r = AUTH_E_TOKEN; /* no mechanism is content with one message */
    if (r != AUTH_CONTINUE)
        return r > 0 ? client_auth_failed(c, r) : r;
    p->type = (uint8_t)config->options.type;
    p->level = (uint8_t)config->options.level;
    p->context_id = AUTH_CONTEXT_ID;
    c->header_signing_offered = !c->config.no_header_signing;
    return 0;
}

int client_bind(struct rpc_client *c, const struct auth_client_config *auth)
{
    struct writer token;
    int r;

    writer_init(&token, TOKEN_LIMIT);
    r = auth ? first_token(c, auth, &token) : 0;
    if (!r) {
        offer(c, true, &token);
        r = c->out.bytes.failed ? -ENOMEM : 0;
    }
    writer_deinit(&token);
    return r;
}

void client_alter(struct rpc_client *c)
{
    static const struct writer none;

    offer(c, false, &none);
}

/* --- the PDUs --- */

int client_receive_bind_ack(struct rpc_client *c, const struct pdu_header *h, struct reader *body,
                            const struct pdu_auth *auth)
{
    struct pdu_bind_ack ack;
    int r;

    if (!c->offer_id || h->call_id != c->offer_id || !pdu_bind_ack_get(body, &ack) ||
        ack.max_recv < PDU_MIN_FRAGMENT)
        return RPC_CLIENT_E_PROTOCOL;
    r = read_results(c, body, ack.count, true);
    if (r)
        return r;
    c->assoc_group = ack.assoc_group;
    c->multiplex = h->flags & PDU_MULTIPLEX;
    c->max_xmit = ack.max_recv < c->config.max_fragment ? ack.max_recv : c->config.max_fragment;
    if (c->protection.auth) {
        c->header_signing = c->header_signing_offered && (h->flags & PDU_HEADER_SIGN);
        if (first_accepted(c))
            return take_token(c, h, auth);
        c->refusal = c->bindings[0].why; /* nothing to authenticate for */
        return RPC_CLIENT_E_REFUSED;
    }
    c->state = CLIENT_BOUND;
    return auth->token ? RPC_CLIENT_E_PROTOCOL : 0;
}

int client_receive_alter_resp(struct rpc_client *c, const struct pdu_header *h, struct reader *body,
                              const struct pdu_auth *auth)
{
    struct pdu_bind_ack ack;
    struct pdu_result result;

    if (!c->offer_id || h->call_id != c->offer_id || !pdu_bind_ack_get(body, &ack))
        return RPC_CLIENT_E_PROTOCOL;
    if (c->state == CLIENT_BOUND)
        return auth->token ? RPC_CLIENT_E_PROTOCOL : read_results(c, body, ack.count, false);
    if (ack.count != 1 || !pdu_result_get(body, &result) || result.result != PDU_ACCEPTANCE)
        return RPC_CLIENT_E_PROTOCOL;
    c->offer_id = 0;
    return take_token(c, h, auth);
}

int client_receive_bind_nak(struct rpc_client *c, const struct pdu_header *h, struct reader *body,
                            const struct pdu_auth *auth)
{
    uint16_t reason;

    (void)auth;
    if (h->call_id != c->offer_id || !pdu_bind_nak_get(body, &reason))
        return RPC_CLIENT_E_PROTOCOL;
    switch (reason) {
    case PDU_NAK_CONGESTION:
    case PDU_NAK_LOCAL_LIMIT:
        c->refusal = FAULT_TOO_BUSY;
        break;
    case PDU_NAK_VERSION:
        c->refusal = FAULT_VERSION;
        break;
    case PDU_NAK_CHECKSUM:
        return client_refuse_offer(c, FAULT_ACCESS_DENIED);
    case PDU_NAK_AUTHENTICATION_TYPE:
        c->refusal = FAULT_AUTHENTICATION;
        break;
    default:
        c->refusal = FAULT_SERVER_UNAVAILABLE;
    }
    return RPC_CLIENT_E_REFUSED;
}
