/* SPDX-License-Identifier: MIT */
/*
 * How a client binds to interfaces and says who it is: bind, alter_context, auth3. [C706] 12.6.3.1,
 * [MS-RPCE] 3.3.1.5.1 to 3.3.1.5.6.
 *
 * Invariant: one security context at most, begun in the bind; the state is SERVER_AUTH_DONE only when it is
 * established at the level that the client named. A failure is final: in a bind a bind_nak, in an
 * alter_context a fault, in an auth3, which has no answer, the fault of the first request.
 */
#include <errno.h>
#include <string.h>

#include "ndr/ndr.h"
#include "rpc/server_internal.h"

#define FEATURES PDU_FEATURE_KEEP_ON_ORPHAN
#define TOKEN_LIMIT AUTH_TOKEN_MAX

/* --- contexts --- */

static const struct ndr_interface *find_interface(const struct rpc_server *s,
                                                  const struct pdu_syntax *abstract)
{
    for (const struct ndr_interface *const *i = s->config.interfaces; *i; i++)
        if (ndr_uuid_equal(&(*i)->uuid, &abstract->uuid) && (*i)->major == abstract->major &&
            (*i)->minor >= abstract->minor)
            return *i;
    return NULL;
}

const struct server_context *server_find_context(const struct rpc_server *s, uint16_t id)
{
    for (unsigned i = 0; i < s->context_count; i++)
        if (s->contexts[i].id == id)
            return &s->contexts[i];
    return NULL;
}

/* The first transfer syntax in the client's order that we have. `features`: the bits, when it is not a
 * syntax but an offer of features; then *found stays false. */
static bool choose_syntax(struct reader *r, unsigned count, enum ndr_syntax *syntax, bool *found,
                          bool *is_features, uint8_t *features)
{
    *found = *is_features = false;
    for (unsigned i = 0; i < count; i++) {
        struct pdu_syntax offer;

        if (!pdu_syntax_get(r, &offer))
            return false;
        if (count == 1)
            *is_features = pdu_features_get(&offer, features);
        for (int known = 0; known < NDR_SYNTAX_COUNT && !*found; known++) {
            struct pdu_syntax ours = pdu_transfer_syntax((enum ndr_syntax)known);

            if (pdu_syntax_equal(&ours, &offer)) {
                *syntax = (enum ndr_syntax)known;
                *found = true;
            }
        }
    }
    return count != 0;
}

/* One element of the list; false: not legal. A context that exists may be offered again as it is. */
static bool negotiate_context(struct rpc_server *s, struct reader *r, bool binding, struct pdu_result *result)
{
    struct server_context new = {0};
    const struct server_context *old;
    struct pdu_context offer;
    bool found, is_features;
    uint8_t features = 0;

    if (!pdu_context_get(r, &offer) ||
        !choose_syntax(r, offer.count, &new.syntax, &found, &is_features, &features))
        return false;
    *result = (struct pdu_result){.result = PDU_PROVIDER_REJECTION};
    if (is_features && binding) {
        result->result = PDU_NEGOTIATE_ACK;
        result->reason = features & FEATURES;
        return true;
    }
    new.id = offer.id;
    new.interface = find_interface(s, &offer.abstract);
    old = server_find_context(s, offer.id);
    if (old && (old->interface != new.interface || !found || old->syntax != new.syntax))
        return false;
    if (!new.interface) {
        result->reason = PDU_REASON_ABSTRACT_SYNTAX;
    } else if (!found) {
        result->reason = PDU_REASON_TRANSFER_SYNTAX;
    } else if (!old && s->context_count == SERVER_MAX_CONTEXTS) {
        result->reason = PDU_REASON_LOCAL_LIMIT;
    } else {
        result->result = PDU_ACCEPTANCE;
        result->transfer = pdu_transfer_syntax(new.syntax);
        if (!old)
            s->contexts[s->context_count++] = new;
    }
    return true;
}

/* The answer to both, with our token if there is one; false: the list is not legal, and nothing was written.
 */
static bool answer_bind(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                        const struct pdu_bind *b, const struct writer *token)
{
    bool binding = h->type == PDU_BIND;
    struct writer *w = &s->out.bytes;
    size_t start = pdu_begin(w, binding ? PDU_BIND_ACK : PDU_ALTER_CONTEXT_RESP,
                             PDU_WHOLE | (s->multiplex ? PDU_MULTIPLEX : 0) |
                                 (binding && s->header_signing ? PDU_HEADER_SIGN : 0),
                             h->call_id);
    const char *address = binding ? s->address : NULL;

    pdu_bind_ack_put(w, start,
                     &(struct pdu_bind_ack){.max_xmit = s->max_xmit,
                                            .max_recv = s->max_recv,
                                            .assoc_group = s->config.assoc_group,
                                            .address = address,
                                            .address_len = address ? (uint16_t)(strlen(address) + 1) : 0,
                                            .count = b->count});
    for (unsigned i = 0; i < b->count; i++) {
        struct pdu_result result;

        if (!negotiate_context(s, body, binding, &result)) {
            w->len = start;
            return false;
        }
        pdu_result_put(w, &result);
    }
    if (token->len)
        protect_put_token(&s->protection, w, start, token);
    if (w->len - start > s->max_xmit) {
        w->len = start;
        return false;
    }
    pdu_end(w, start);
    return true;
}

/* What both can do, but no less than everybody can. */
static uint16_t fragment_len(uint16_t ours, uint16_t theirs)
{
    uint16_t len = ours < theirs ? ours : theirs;

    return len < PDU_MIN_FRAGMENT ? PDU_MIN_FRAGMENT : len;
}

/* --- authentication --- */

/* 0; or the reason of a bind_nak. */
static uint16_t begin_auth(struct rpc_server *s, const struct pdu_header *h, const struct pdu_auth *auth)
{
    struct auth_options options = {
        .type = auth->type, .level = auth->level, .dce_style = true, .source = s->config.source};
    struct protection *p = &s->protection;

    if (!s->config.acceptor)
        return PDU_NAK_AUTHENTICATION_TYPE;
    s->auth_result = auth_acceptor_context(&p->auth, s->config.acceptor, &options);
    if (s->auth_result)
        return s->auth_result == -ENOMEM ? PDU_NAK_LOCAL_LIMIT : PDU_NAK_AUTHENTICATION_TYPE;
    p->type = auth->type;
    p->level = auth->level;
    p->context_id = auth->context_id;
    s->header_signing = h->flags & PDU_HEADER_SIGN;
    return 0;
}

/* Take the client's token. False: it has failed, for good. */
static bool authenticate(struct rpc_server *s, const struct pdu_auth *auth, struct writer *token)
{
    int r = auth_step(s->protection.auth, auth->token, auth->token_len, token);

    s->auth = SERVER_AUTH_STEPPING;
    if (r == AUTH_CONTINUE)
        return true;
    if (!r)
        r = protect_start(&s->protection, s->header_signing);
    s->auth_result = r;
    s->auth = r ? SERVER_AUTH_FAILED : SERVER_AUTH_DONE;
    if (!r)
        s->level = s->protection.level;
    return !r;
}

/* --- the PDUs --- */

#define BOUND_WELL UINT16_MAX /* no reason of a bind_nak: 0 is one */

static bool join_group(struct rpc_server *s, uint32_t assoc_group)
{
    if (!assoc_group || assoc_group == s->config.assoc_group)
        return true;
    if (!s->config.join || !s->config.join(s->config.join_data, assoc_group))
        return false;
    s->config.assoc_group = assoc_group;
    return true;
}

static uint16_t bind_client(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                            const struct pdu_auth *auth, struct writer *token)
{
    struct pdu_bind b;
    uint16_t reason;

    if (!pdu_bind_get(body, &b) || !b.count || !join_group(s, b.assoc_group))
        return PDU_NAK_UNSPECIFIED;
    s->max_xmit = fragment_len(s->config.max_fragment, b.max_recv);
    s->max_recv = fragment_len(s->config.max_fragment, b.max_xmit);
    s->multiplex = h->flags & PDU_MULTIPLEX;
    if (auth->token) {
        reason = begin_auth(s, h, auth);
        if (reason)
            return reason;
        if (!authenticate(s, auth, token))
            return s->auth_result == -ENOMEM ? PDU_NAK_LOCAL_LIMIT : PDU_NAK_CHECKSUM;
    }
    return answer_bind(s, h, body, &b, token) ? BOUND_WELL : PDU_NAK_UNSPECIFIED;
}

void server_receive_bind(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                         const struct pdu_auth *auth)
{
    struct writer token;
    uint16_t reason;

    writer_init(&token, TOKEN_LIMIT);
    reason = bind_client(s, h, body, auth, &token);
    writer_deinit(&token);
    if (reason == BOUND_WELL)
        s->state = SERVER_BOUND;
    else
        server_end_with_nak(s, h->call_id, reason);
}

/* 0, or the fault that ends the connection. */
static struct rpc_fault alter_client(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                                     const struct pdu_auth *auth, struct writer *token)
{
    struct pdu_bind b;

    if (!pdu_bind_get(body, &b) || !b.count)
        return FAULT_PROTOCOL;
    if (auth->token && (s->auth != SERVER_AUTH_STEPPING || !protect_matches(&s->protection, auth)))
        return FAULT_ACCESS_DENIED;
    if (auth->token && !authenticate(s, auth, token))
        return s->auth_result == -ENOMEM ? FAULT_NO_MEMORY : FAULT_ACCESS_DENIED;
    return answer_bind(s, h, body, &b, token) ? (struct rpc_fault){0} : FAULT_PROTOCOL;
}

void server_receive_alter(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                          const struct pdu_auth *auth)
{
    struct rpc_fault fault;
    struct writer token;

    writer_init(&token, TOKEN_LIMIT);
    fault = alter_client(s, h, body, auth, &token);
    writer_deinit(&token);
    if (fault.v)
        server_end_with_fault(s, h->call_id, fault);
}

void server_receive_auth3(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                          const struct pdu_auth *auth)
{
    struct writer token;

    (void)body;
    if (s->auth != SERVER_AUTH_STEPPING || !protect_matches(&s->protection, auth)) {
        server_end_with_fault(s, h->call_id, FAULT_PROTOCOL);
        return;
    }
    writer_init(&token, TOKEN_LIMIT);
    authenticate(s, auth, &token);
    if (s->auth == SERVER_AUTH_STEPPING) { /* it wants more, and there is no way to say so */
        s->auth = SERVER_AUTH_FAILED;
        s->auth_result = AUTH_E_TOKEN;
    }
    writer_deinit(&token);
    if (s->auth_result == -ENOMEM) /* not the client's mistake: it is not told that it was */
        s->status = -ENOMEM;
}
