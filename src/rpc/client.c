/* SPDX-License-Identifier: MIT */
/*
 * Client side of a connection; the invariant is in client.h. [C706] 12.6, [MS-RPCE] 3.3.1.5 and 3.3.2.
 *
 * Each interface is offered as one context for each transfer syntax (number 2 * index + syntax), as Windows
 * does: a server picks one syntax of a context, and ours is the choice when it takes both. `rules` says which
 * PDU is legal in which state, fragment.c which fragment when; all else is the server's error and ends the
 * connection.
 */
#include <errno.h>
#include <stdlib.h>

#include "rpc/client_internal.h"
#include "rpc/fragment.h"
#include "rpc/verification.h"

#define DEFAULT_CALLS 256
#define DEFAULT_REPLY ((size_t)64 << 20)
#define REPLY_ROOM 64 /* bytes of a stub */
#define MAX_SPARE 4

enum call_state {
    WAITING, /* for the calls before it: no multiplexing */
    SENT,
    DONE /* reply or fault is there */
};

struct client_call {
    struct client_call *next;
    uint32_t id;
    uint16_t opnum;
    uint8_t state;
    bool dropped; /* nobody wants the reply */
    bool did_not_execute;
    struct rpc_fault fault;
    struct client_binding *binding;
    struct fragment_join join;
    struct writer stub; /* of a request that waits: only what goes out may be signed */
    bool has_object;
    struct ndr_uuid object;
};

/* --- calls --- */

static struct client_call *find_call(const struct rpc_client *c, uint32_t id)
{
    struct client_call *call = c->calls;

    while (call && call->id != id)
        call = call->next;
    return call;
}

uint32_t client_next_id(struct rpc_client *c)
{
    do
        c->last_id++;
    while (!c->last_id || find_call(c, c->last_id));
    return c->last_id;
}

static struct client_call *add_call(struct rpc_client *c)
{
    struct client_call *call = c->spare;

    if (call) {
        c->spare = call->next;
        c->spare_count--;
    } else {
        call = malloc(sizeof(*call));
        if (!call)
            return NULL;
    }
    *call = (struct client_call){.id = client_next_id(c), .state = SENT};
    fragment_join_init(&call->join);
    writer_init(&call->stub, SIZE_MAX / 4);
    /* Room for a short reply while the request can still be left unsent: who changes something must not lose
     * the answer for want of memory. */
    if (!writer_grow(&call->join.stub, REPLY_ROOM)) {
        free(call);
        return NULL;
    }
    *c->end = call;
    c->end = &call->next;
    c->call_count++;
    return call;
}

static void remove_call(struct rpc_client *c, struct client_call *call)
{
    struct client_call **at = &c->calls;

    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    if (c->end == &call->next)
        c->end = at;
    c->call_count--;
    c->kept -= call->join.stub.len;
    fragment_join_deinit(&call->join);
    writer_deinit(&call->stub);
    if (c->spare_count == MAX_SPARE) {
        free(call);
        return;
    }
    call->next = c->spare;
    c->spare = call;
    c->spare_count++;
}

static void send_bare(struct rpc_client *c, uint8_t type, uint32_t call_id)
{
    size_t start = pdu_begin(&c->out.bytes, type, PDU_WHOLE, call_id);

    protect_end(&c->protection, &c->out.bytes, start);
}

static int check_output(struct rpc_client *c)
{
    if (c->out.bytes.failed)
        c->status = -ENOMEM;
    return c->out.bytes.failed ? -ENOMEM : 0;
}

/* The request goes into the output. The first one of a binding that is signed also says, signed, what we
 * believe to have bound; where headers are not signed, each one says what its header is. 0, -ENOMEM (then
 * nothing was done), a result of auth.h. */
static int send_request(struct rpc_client *c, struct client_call *call, const void *stub, size_t len)
{
    struct client_binding *b = call->binding;
    struct pdu_request q = {.context_id = (uint16_t)(2 * (b - c->bindings) + (int)b->syntax),
                            .opnum = call->opnum,
                            .has_object = call->has_object,
                            .stub = stub,
                            .stub_len = len};
    struct writer longer;
    int r;

    if (call->has_object)
        q.object = call->object;
    if (!c->protection.signature_len || (b->verified && c->header_signing))
        return fragment_cut_request(&c->out.bytes, call->id, 0, &q, c->max_xmit, &c->protection);
    writer_init(&longer, SIZE_MAX / 4);
    writer_put(&longer, stub, len);
    verification_put(&longer,
                     &(struct rpc_request){.call_id = call->id,
                                           .context_id = q.context_id,
                                           .opnum = q.opnum,
                                           .interface = b->interface,
                                           .syntax = b->syntax,
                                           .header_signing = c->header_signing_offered},
                     c->header_signing);
    q.stub = longer.data;
    q.stub_len = longer.len;
    r = longer.failed ? -ENOMEM
                      : fragment_cut_request(&c->out.bytes, call->id, 0, &q, c->max_xmit, &c->protection);
    writer_deinit(&longer);
    b->verified = !r;
    return r;
}

/* Without multiplexing the oldest request that waits goes out when no other is under way. */
static void send_waiting(struct rpc_client *c)
{
    struct client_call *oldest = NULL;
    int r;

    for (struct client_call *call = c->calls; call; call = call->next) {
        if (call->state == SENT)
            return;
        if (call->state == WAITING && !oldest)
            oldest = call;
    }
    if (!oldest)
        return;
    r = send_request(c, oldest, oldest->stub.data, oldest->stub.len);
    writer_deinit(&oldest->stub);
    oldest->state = SENT;
    if (r && !c->status)
        c->status = r == -ENOMEM ? r : client_auth_failed(c, r);
}

static void complete_call(struct rpc_client *c, struct client_call *call)
{
    call->state = DONE;
    if (call->dropped)
        remove_call(c, call);
    if (!c->multiplex)
        send_waiting(c);
}

/* --- response, fault, shutdown --- */

/* An answer that was on its way when its call was orphaned. */
static bool is_late(const struct rpc_client *c, uint32_t call_id)
{
    return c->orphaned && call_id && call_id <= c->last_id && !find_call(c, call_id);
}

static int receive_response(struct rpc_client *c, const struct pdu_header *h, struct reader *body,
                            const struct pdu_auth *auth)
{
    struct client_call *call = find_call(c, h->call_id);
    struct pdu_response p;
    int r;

    (void)auth;
    if (is_late(c, h->call_id))
        return 0;
    if (!call || call->state != SENT || !pdu_response_get(body, &p) ||
        p.context_id != 2 * (call->binding - c->bindings) + (int)call->binding->syntax)
        return RPC_CLIENT_E_PROTOCOL;
    if (call->dropped)
        p.stub_len = 0;
    r = fragment_join_add(&call->join, h->flags, p.stub, p.stub_len,
                          c->config.max_reply - (c->kept - call->join.stub.len));
    if (r == FRAGMENT_E_ORDER)
        return RPC_CLIENT_E_PROTOCOL;
    if (r == FRAGMENT_E_LIMIT)
        return -EMSGSIZE;
    if (r < 0)
        return r;
    c->kept += p.stub_len;
    if (r == FRAGMENT_COMPLETE)
        complete_call(c, call);
    return 0;
}

static int receive_fault(struct rpc_client *c, const struct pdu_header *h, struct reader *body,
                         const struct pdu_auth *auth)
{
    struct client_call *call = find_call(c, h->call_id);
    struct pdu_fault f;

    if (!pdu_fault_get(body, &f))
        return RPC_CLIENT_E_PROTOCOL;
    if (!f.status.v) /* an exception of the application's own, in the stub data: we declare none */
        f.status = FAULT_UNSPECIFIED;
    if (c->offer_id && h->call_id == c->offer_id)
        return client_refuse_offer(c, f.status);
    if (is_late(c, h->call_id))
        return 0;
    if (!call || call->state != SENT)
        return RPC_CLIENT_E_PROTOCOL;
    if (c->protection.signature_len && !c->proven && client_is_refusal(f.status))
        return client_logon_refused(c); /* our last token had no answer: this is it */
    c->kept -= call->join.stub.len;     /* it may come in the middle of a response */
    fragment_join_reset(&call->join, 0);
    call->fault = f.status;
    /* servers do not sign faults; then this is but a hint that anybody can give */
    call->did_not_execute = (h->flags & PDU_DID_NOT_EXECUTE) && (!c->protection.signature_len || auth->token);
    complete_call(c, call);
    return 0;
}

static int receive_shutdown(struct rpc_client *c, const struct pdu_header *h, struct reader *body,
                            const struct pdu_auth *auth)
{
    (void)h, (void)body, (void)auth;
    c->closing = true;
    return 0;
}

/* --- the stream --- */

static const struct rule {
    uint8_t states;
    int (*receive)(struct rpc_client *c, const struct pdu_header *h, struct reader *body,
                   const struct pdu_auth *auth);
    bool negotiates; /* a token in it is part of the authentication; in others it is a signature */
} rules[PDU_TYPE_COUNT] = {
    [PDU_BIND_ACK] = {CLIENT_BINDING, client_receive_bind_ack, true},
    [PDU_BIND_NAK] = {CLIENT_BINDING, client_receive_bind_nak},
    [PDU_ALTER_CONTEXT_RESP] = {CLIENT_AUTHENTICATING | CLIENT_BOUND, client_receive_alter_resp, true},
    [PDU_RESPONSE] = {CLIENT_BOUND, receive_response},
    [PDU_FAULT] = {CLIENT_BINDING | CLIENT_AUTHENTICATING | CLIENT_BOUND, receive_fault},
    [PDU_SHUTDOWN] = {CLIENT_BINDING | CLIENT_AUTHENTICATING | CLIENT_BOUND, receive_shutdown},
};

/* May be acted upon as it is, or when it was opened: 0. Only responses must be protected where that was
 * agreed. */
static int admit(struct rpc_client *c, const struct pdu_header *h, const uint8_t **pdu, struct reader *body,
                 const struct pdu_auth *auth)
{
    uint8_t *own;
    int r;

    if (!auth->token)
        return h->type == PDU_RESPONSE && c->protection.signature_len
                   ? client_auth_failed(c, AUTH_E_SIGNATURE)
                   : 0;
    if (!c->protection.auth || c->state != CLIENT_BOUND)
        return RPC_CLIENT_E_PROTOCOL;
    if (!c->protection.signature_len) /* some send a trailer at level CONNECT; it proves nothing */
        return protect_matches(&c->protection, auth) ? 0 : RPC_CLIENT_E_PROTOCOL;
    own = stream_in_own(&c->in, *pdu, h->frag_len);
    if (!own)
        return -ENOMEM;
    *pdu = own;
    r = protect_open(&c->protection, own, h, body);
    if (r)
        return client_auth_failed(c, r);
    c->proven = true;
    return 0;
}

static int receive(struct rpc_client *c, const struct pdu_header *h, const uint8_t *pdu)
{
    const struct rule *rule = h->type < PDU_TYPE_COUNT ? &rules[h->type] : NULL;
    struct reader body;
    const struct pdu_observer *observer = c->config.observer;
    struct pdu_auth auth;
    int r = 0;

    if (!rule || !(rule->states & c->state) || !pdu_open(pdu, h, &body, &auth))
        r = RPC_CLIENT_E_PROTOCOL;
    else if (!rule->negotiates)
        r = admit(c, h, &pdu, &body, &auth);
    if (observer) /* also what is refused: it may tell why */
        observer->see(observer->context, true, pdu, h->frag_len);
    return r ? r : rule->receive(c, h, &body, &auth);
}

int rpc_client_input(struct rpc_client *c, const void *bytes, size_t len)
{
    const uint8_t *data = bytes;

    while (!c->status) {
        struct pdu_header h;
        const uint8_t *pdu;
        int why, r = stream_in_next(&c->in, &data, &len, c->config.max_fragment, &h, &pdu, &why);

        if (r == 0)
            break;
        if (r == STREAM_PDU)
            r = receive(c, &h, pdu);
        else if (r == STREAM_BAD_HEADER)
            r = RPC_CLIENT_E_PROTOCOL;
        if (r)
            c->status = r;
    }
    return c->status;
}

/* --- for the owner --- */

int rpc_client_new(struct rpc_client **out, const struct rpc_client_config *config)
{
    struct rpc_client *c = calloc(1, sizeof(*c));
    int r;

    *out = NULL;
    if (!c)
        return -ENOMEM;
    c->config = *config;
    if (!c->config.max_fragment)
        c->config.max_fragment = PDU_DEFAULT_FRAGMENT;
    if (c->config.max_fragment < PDU_MIN_FRAGMENT)
        c->config.max_fragment = PDU_MIN_FRAGMENT;
    if (!c->config.max_calls)
        c->config.max_calls = DEFAULT_CALLS;
    if (!c->config.max_reply)
        c->config.max_reply = DEFAULT_REPLY;
    c->config.interfaces = NULL; /* the caller's array may go */
    c->config.auth = NULL;
    c->protection.observer = config->observer;
    for (const struct ndr_interface *const *i = config->interfaces; *i; i++) {
        if (c->binding_count == RPC_CLIENT_MAX_INTERFACES) {
            free(c);
            return -EINVAL;
        }
        c->bindings[c->binding_count++].interface = *i;
    }
    c->state = CLIENT_BINDING;
    c->end = &c->calls;
    stream_in_init(&c->in);
    stream_out_init(&c->out);
    r = client_bind(c, config->auth);
    if (r < 0) {
        rpc_client_free(c);
        return r;
    }
    c->status = r;
    *out = c;
    return 0;
}

void rpc_client_free(struct rpc_client *c)
{
    if (!c)
        return;
    while (c->calls)
        remove_call(c, c->calls);
    while (c->spare) {
        struct client_call *next = c->spare->next;

        free(c->spare);
        c->spare = next;
    }
    stream_in_deinit(&c->in);
    stream_out_deinit(&c->out);
    auth_free(c->protection.auth);
    free(c);
}

int rpc_client_status(const struct rpc_client *c)
{
    return c->status;
}

int rpc_client_auth_result(const struct rpc_client *c)
{
    return c->auth_result;
}

const struct auth *rpc_client_auth(const struct rpc_client *c)
{
    return c->protection.auth;
}

bool rpc_client_is_bound(const struct rpc_client *c)
{
    return c->state == CLIENT_BOUND && !c->offer_id;
}

unsigned rpc_client_calls(const struct rpc_client *c)
{
    return c->call_count;
}

bool rpc_client_is_closing(const struct rpc_client *c)
{
    return c->closing;
}

uint32_t rpc_client_assoc_group(const struct rpc_client *c)
{
    return c->assoc_group;
}

struct rpc_fault rpc_client_refusal(const struct rpc_client *c)
{
    return c->refusal;
}

bool rpc_client_multiplexes(const struct rpc_client *c)
{
    return c->multiplex;
}

/* Its place; or `offered`: none. */
static unsigned find_binding(const struct rpc_client *c, const struct ndr_interface *interface)
{
    unsigned i = 0;

    while (i < c->offered && c->bindings[i].interface != interface)
        i++;
    return i;
}

int rpc_client_syntax(const struct rpc_client *c, const struct ndr_interface *interface,
                      enum ndr_syntax *syntax, struct rpc_fault *why)
{
    unsigned i = find_binding(c, interface);

    *why = i < c->offered ? c->bindings[i].why : FAULT_UNKNOWN_INTERFACE;
    if (i == c->offered || !c->bindings[i].accepted)
        return RPC_CLIENT_E_UNBOUND;
    *syntax = c->bindings[i].syntax;
    *why = (struct rpc_fault){0};
    return 0;
}

int rpc_client_alter(struct rpc_client *c, const struct ndr_interface *interface)
{
    if (c->status)
        return c->status;
    if (c->closing)
        return RPC_CLIENT_E_CLOSING;
    if (!rpc_client_is_bound(c) || c->binding_count == RPC_CLIENT_MAX_INTERFACES)
        return RPC_CLIENT_E_BUSY;
    c->bindings[c->binding_count++].interface = interface;
    client_alter(c);
    return check_output(c);
}

/* --- calls, for the owner --- */

static bool is_answered(const struct rpc_client *c)
{
    for (const struct client_call *call = c->calls; call; call = call->next)
        if (call->state != DONE)
            return false;
    return true;
}

bool rpc_client_expects(const struct rpc_client *c)
{
    return !rpc_client_is_bound(c) || !is_answered(c);
}

int rpc_client_call(struct rpc_client *c, const struct ndr_interface *interface, uint16_t opnum,
                    const struct ndr_uuid *object, const void *stub, size_t len, uint32_t *call_id)
{
    unsigned i = find_binding(c, interface);
    bool wait = !c->multiplex && !is_answered(c);
    struct client_call *call;
    int r = 0;

    if (c->status)
        return c->status;
    if (c->closing)
        return RPC_CLIENT_E_CLOSING;
    if (c->state != CLIENT_BOUND || i == c->offered || !c->bindings[i].accepted)
        return RPC_CLIENT_E_UNBOUND;
    if (c->call_count >= c->config.max_calls)
        return RPC_CLIENT_E_BUSY;
    call = add_call(c);
    if (!call)
        return -ENOMEM;
    call->opnum = opnum;
    call->binding = &c->bindings[i];
    call->has_object = object;
    if (object)
        call->object = *object;
    if (wait) {
        call->state = WAITING;
        writer_put(&call->stub, stub, len);
        r = call->stub.failed ? -ENOMEM : 0;
    } else {
        r = send_request(c, call, stub, len);
    }
    if (r) { /* no memory: only this call could not be begun */
        remove_call(c, call);
        if (r != -ENOMEM)
            r = c->status = client_auth_failed(c, r);
        return r;
    }
    *call_id = call->id;
    return 0;
}

void rpc_client_drop(struct rpc_client *c, uint32_t call_id)
{
    struct client_call *call = find_call(c, call_id);

    if (!call)
        return;
    call->dropped = true;
    if (call->state == DONE)
        remove_call(c, call);
}

int rpc_client_cancel(struct rpc_client *c, uint32_t call_id)
{
    struct client_call *call = find_call(c, call_id);

    if (!call || call->state == DONE)
        return 0;
    if (call->state == WAITING) {
        call->fault = FAULT_CANCELLED;
        call->did_not_execute = true;
        complete_call(c, call);
        return 0;
    }
    send_bare(c, PDU_CO_CANCEL, call_id);
    return check_output(c);
}

int rpc_client_orphan(struct rpc_client *c, uint32_t call_id)
{
    struct client_call *call = find_call(c, call_id);

    if (!call)
        return 0;
    if (call->state == SENT) {
        c->orphaned = true;
        send_bare(c, PDU_ORPHANED, call_id);
    }
    remove_call(c, call);
    if (!c->multiplex)
        send_waiting(c);
    return check_output(c);
}

static void hand_out(struct rpc_client *c, struct client_call *call, struct rpc_reply *reply)
{
    *reply = (struct rpc_reply){.call_id = call->id,
                                .opnum = call->opnum,
                                .interface = call->binding->interface,
                                .syntax = call->binding->syntax,
                                .fault = call->fault,
                                .did_not_execute = call->did_not_execute};
    c->kept -= call->join.stub.len;
    reply->stub = writer_steal(&call->join.stub, &reply->stub_len);
    remove_call(c, call);
}

bool rpc_client_awaits(const struct rpc_client *c, uint32_t call_id)
{
    const struct client_call *call = find_call(c, call_id);

    return call && !call->dropped;
}

bool rpc_client_is_done(const struct rpc_client *c, uint32_t call_id)
{
    const struct client_call *call = find_call(c, call_id);

    return call && call->state == DONE;
}

bool rpc_client_take(struct rpc_client *c, uint32_t call_id, struct rpc_reply *reply)
{
    struct client_call *call = find_call(c, call_id);

    if (!call || call->state != DONE)
        return false;
    hand_out(c, call, reply);
    return true;
}

bool rpc_client_take_any(struct rpc_client *c, struct rpc_reply *reply)
{
    for (struct client_call *call = c->calls; call; call = call->next)
        if (call->state == DONE) {
            hand_out(c, call, reply);
            return true;
        }
    return false;
}

const uint8_t *rpc_client_output(struct rpc_client *c, size_t *len)
{
    return stream_out_view(&c->out, len);
}

void rpc_client_sent(struct rpc_client *c, size_t len)
{
    stream_out_sent(&c->out, len);
}
