/* SPDX-License-Identifier: MIT */
/*
 * Client side of a connection; the invariant is in client.h. [C706] 12.6, [MS-RPCE] 3.3.1.5 and 3.3.2.
 *
 * Each interface is offered as one context for each transfer syntax (number 2 * index + syntax), as Windows
 * does: a server picks one syntax of a context, and ours is the choice when it takes both. `rules` says which
 * PDU is legal in which state, fragment.c which fragment when; all else is the server's error and ends the
 * connection.
 */
#include "rpc/client.h"

#include <errno.h>
#include <stdlib.h>

#include "ndr/ndr.h"
#include "rpc/fragment.h"
#include "rpc/pdu.h"
#include "rpc/stream.h"

#define DEFAULT_CALLS 256
#define DEFAULT_REPLY ((size_t)64 << 20)
#define REPLY_ROOM 64 /* bytes of a stub */
#define MAX_SPARE 4
#define FEATURES PDU_FEATURE_KEEP_ON_ORPHAN

enum state { BINDING = 0x01, BOUND = 0x02 };

enum call_state {
    WAITING, /* for the calls before it: no multiplexing */
    SENT,
    DONE /* reply or fault is there */
};

struct call {
    struct call *next;
    uint32_t id;
    uint16_t opnum;
    uint8_t state;
    bool dropped; /* nobody wants the reply */
    bool did_not_execute;
    struct rpc_fault fault;
    const struct binding *binding;
    struct fragment_join join;
    struct writer pdus; /* of a request that waits */
};

struct binding {
    const struct ndr_interface *interface;
    bool accepted;
    enum ndr_syntax syntax;
    struct rpc_fault why; /* when not accepted */
};

struct rpc_client {
    struct rpc_client_config config;
    enum state state;
    int status;
    bool multiplex, closing;
    bool orphaned; /* some call was: answers to calls that are gone may come */
    uint16_t max_xmit;
    uint32_t assoc_group, last_id;
    struct rpc_fault refusal;
    struct stream_in in;
    struct stream_out out;
    struct binding bindings[RPC_CLIENT_MAX_INTERFACES];
    unsigned binding_count;
    unsigned offered;  /* bindings from here on were offered and not answered */
    uint32_t offer_id; /* call_id of that bind or alter_context; 0: none under way */
    unsigned call_count, spare_count;
    size_t kept; /* bytes of replies */
    struct call *calls, **end, *spare;
};

/* --- calls --- */

static struct call *find_call(const struct rpc_client *c, uint32_t id)
{
    struct call *call = c->calls;

    while (call && call->id != id)
        call = call->next;
    return call;
}

static uint32_t next_id(struct rpc_client *c)
{
    do
        c->last_id++;
    while (!c->last_id || find_call(c, c->last_id));
    return c->last_id;
}

static struct call *add_call(struct rpc_client *c)
{
    struct call *call = c->spare;

    if (call) {
        c->spare = call->next;
        c->spare_count--;
    } else {
        call = malloc(sizeof(*call));
        if (!call)
            return NULL;
    }
    *call = (struct call){.id = next_id(c), .state = SENT};
    fragment_join_init(&call->join);
    writer_init(&call->pdus, SIZE_MAX / 4);
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

static void remove_call(struct rpc_client *c, struct call *call)
{
    struct call **at = &c->calls;

    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    if (c->end == &call->next)
        c->end = at;
    c->call_count--;
    c->kept -= call->join.stub.len;
    fragment_join_deinit(&call->join);
    writer_deinit(&call->pdus);
    if (c->spare_count == MAX_SPARE) {
        free(call);
        return;
    }
    call->next = c->spare;
    c->spare = call;
    c->spare_count++;
}

static int check_output(struct rpc_client *c)
{
    if (c->out.bytes.failed)
        c->status = -ENOMEM;
    return c->out.bytes.failed ? -ENOMEM : 0;
}

/* Without multiplexing the oldest request that waits goes out when no other is under way. */
static void send_waiting(struct rpc_client *c)
{
    struct call *oldest = NULL;

    for (struct call *call = c->calls; call; call = call->next) {
        if (call->state == SENT)
            return;
        if (call->state == WAITING && !oldest)
            oldest = call;
    }
    if (!oldest)
        return;
    writer_put(&c->out.bytes, oldest->pdus.data, oldest->pdus.len);
    writer_deinit(&oldest->pdus);
    oldest->state = SENT;
    check_output(c);
}

static void complete_call(struct rpc_client *c, struct call *call)
{
    call->state = DONE;
    if (call->dropped)
        remove_call(c, call);
    if (!c->multiplex)
        send_waiting(c);
}

/* --- bind, alter_context --- */

/* bind or alter_context for the interfaces that were not offered yet. */
static void offer(struct rpc_client *c, bool binding)
{
    struct writer *w = &c->out.bytes;
    unsigned syntaxes = c->config.offer_ndr64 ? 2 : 1, first = c->offered;
    struct pdu_bind b = {.max_xmit = c->config.max_fragment, .max_recv = c->config.max_fragment};
    size_t start;

    b.assoc_group = binding ? c->config.assoc_group : c->assoc_group;
    b.count = (uint8_t)((c->binding_count - first) * syntaxes + (binding ? 1 : 0));
    c->offer_id = next_id(c);
    start = pdu_begin(w, binding ? PDU_BIND : PDU_ALTER_CONTEXT,
                      PDU_WHOLE | (binding || c->multiplex ? PDU_MULTIPLEX : 0), c->offer_id);
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
    pdu_end(w, start);
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
            struct binding *b = &c->bindings[i];

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

static int receive_bind_ack(struct rpc_client *c, const struct pdu_header *h, struct reader *body)
{
    struct pdu_bind_ack ack;
    bool binding = h->type == PDU_BIND_ACK;
    int r;

    if (!c->offer_id || h->call_id != c->offer_id || !pdu_bind_ack_get(body, &ack) ||
        (binding && ack.max_recv < PDU_MIN_FRAGMENT))
        return RPC_CLIENT_E_PROTOCOL;
    r = read_results(c, body, ack.count, binding);
    if (r || !binding)
        return r;
    c->assoc_group = ack.assoc_group;
    c->multiplex = h->flags & PDU_MULTIPLEX;
    c->max_xmit = ack.max_recv < c->config.max_fragment ? ack.max_recv : c->config.max_fragment;
    c->state = BOUND;
    return 0;
}

static int receive_bind_nak(struct rpc_client *c, const struct pdu_header *h, struct reader *body)
{
    uint16_t reason;

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
    case PDU_NAK_AUTHENTICATION_TYPE:
        c->refusal = FAULT_AUTHENTICATION;
        break;
    default:
        c->refusal = FAULT_SERVER_UNAVAILABLE;
    }
    return RPC_CLIENT_E_REFUSED;
}

/* --- response, fault, shutdown --- */

/* An answer that was on its way when its call was orphaned. */
static bool is_late(const struct rpc_client *c, uint32_t call_id)
{
    return c->orphaned && call_id && call_id <= c->last_id && !find_call(c, call_id);
}

static int receive_response(struct rpc_client *c, const struct pdu_header *h, struct reader *body)
{
    struct call *call = find_call(c, h->call_id);
    struct pdu_response p;
    int r;

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

static int refuse_offer(struct rpc_client *c, struct rpc_fault why)
{
    if (c->state == BINDING) {
        c->refusal = why;
        return RPC_CLIENT_E_REFUSED;
    }
    while (c->offered < c->binding_count)
        c->bindings[c->offered++].why = why;
    c->offer_id = 0;
    return 0;
}

static int receive_fault(struct rpc_client *c, const struct pdu_header *h, struct reader *body)
{
    struct call *call = find_call(c, h->call_id);
    struct pdu_fault f;

    if (!pdu_fault_get(body, &f))
        return RPC_CLIENT_E_PROTOCOL;
    if (!f.status.v) /* an exception of the application's own, in the stub data: we declare none */
        f.status = FAULT_UNSPECIFIED;
    if (c->offer_id && h->call_id == c->offer_id)
        return refuse_offer(c, f.status);
    if (is_late(c, h->call_id))
        return 0;
    if (!call || call->state != SENT)
        return RPC_CLIENT_E_PROTOCOL;
    c->kept -= call->join.stub.len; /* it may come in the middle of a response */
    fragment_join_reset(&call->join, 0);
    call->fault = f.status;
    call->did_not_execute = h->flags & PDU_DID_NOT_EXECUTE;
    complete_call(c, call);
    return 0;
}

static int receive_shutdown(struct rpc_client *c, const struct pdu_header *h, struct reader *body)
{
    (void)h, (void)body;
    c->closing = true;
    return 0;
}

/* --- the stream --- */

static const struct rule {
    uint8_t states;
    int (*receive)(struct rpc_client *c, const struct pdu_header *h, struct reader *body);
} rules[PDU_TYPE_COUNT] = {
    [PDU_BIND_ACK] = {BINDING, receive_bind_ack},
    [PDU_BIND_NAK] = {BINDING, receive_bind_nak},
    [PDU_ALTER_CONTEXT_RESP] = {BOUND, receive_bind_ack},
    [PDU_RESPONSE] = {BOUND, receive_response},
    [PDU_FAULT] = {BINDING | BOUND, receive_fault},
    [PDU_SHUTDOWN] = {BINDING | BOUND, receive_shutdown},
};

static int receive(struct rpc_client *c, const struct pdu_header *h, const uint8_t *pdu)
{
    const struct rule *rule = h->type < PDU_TYPE_COUNT ? &rules[h->type] : NULL;
    struct reader body;
    struct pdu_auth auth;

    if (!rule || !(rule->states & c->state) || !pdu_open(pdu, h, &body, &auth) || auth.token)
        return RPC_CLIENT_E_PROTOCOL; /* nothing was protected by us, so nothing can be by them */
    return rule->receive(c, h, &body);
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
    for (const struct ndr_interface *const *i = config->interfaces; *i; i++) {
        if (c->binding_count == RPC_CLIENT_MAX_INTERFACES) {
            free(c);
            return -EINVAL;
        }
        c->bindings[c->binding_count++].interface = *i;
    }
    c->state = BINDING;
    c->end = &c->calls;
    stream_in_init(&c->in);
    stream_out_init(&c->out);
    offer(c, true);
    r = check_output(c);
    if (r) {
        rpc_client_free(c);
        return r;
    }
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
        struct call *next = c->spare->next;

        free(c->spare);
        c->spare = next;
    }
    stream_in_deinit(&c->in);
    stream_out_deinit(&c->out);
    free(c);
}

bool rpc_client_is_bound(const struct rpc_client *c)
{
    return c->state == BOUND && !c->offer_id;
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

static const struct binding *find_binding(const struct rpc_client *c, const struct ndr_interface *interface)
{
    for (unsigned i = 0; i < c->offered; i++)
        if (c->bindings[i].interface == interface)
            return &c->bindings[i];
    return NULL;
}

int rpc_client_syntax(const struct rpc_client *c, const struct ndr_interface *interface,
                      enum ndr_syntax *syntax, struct rpc_fault *why)
{
    const struct binding *b = find_binding(c, interface);

    *why = b ? b->why : FAULT_UNKNOWN_INTERFACE;
    if (!b || !b->accepted)
        return RPC_CLIENT_E_UNBOUND;
    *syntax = b->syntax;
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
    offer(c, false);
    return check_output(c);
}

/* --- calls, for the owner --- */

static bool must_wait(const struct rpc_client *c)
{
    if (!c->multiplex)
        for (const struct call *call = c->calls; call; call = call->next)
            if (call->state != DONE)
                return true;
    return false;
}

int rpc_client_call(struct rpc_client *c, const struct ndr_interface *interface, uint16_t opnum,
                    const struct ndr_uuid *object, const void *stub, size_t len, uint32_t *call_id)
{
    const struct binding *b = find_binding(c, interface);
    struct pdu_request q = {.opnum = opnum, .has_object = object, .stub = stub, .stub_len = len};
    bool wait = must_wait(c);
    struct call *call;

    if (c->status)
        return c->status;
    if (c->closing)
        return RPC_CLIENT_E_CLOSING;
    if (!b || !b->accepted)
        return RPC_CLIENT_E_UNBOUND;
    if (c->call_count >= c->config.max_calls)
        return RPC_CLIENT_E_BUSY;
    call = add_call(c);
    if (!call)
        return -ENOMEM;
    call->opnum = opnum;
    call->binding = b;
    q.context_id = (uint16_t)(2 * (b - c->bindings) + (int)b->syntax);
    if (object)
        q.object = *object;
    if (wait)
        call->state = WAITING;
    fragment_cut_request(wait ? &call->pdus : &c->out.bytes, call->id, 0, &q, c->max_xmit);
    if (wait ? call->pdus.failed : c->out.bytes.failed) {
        c->out.bytes.failed = false; /* it is as it was: only this call could not be begun */
        remove_call(c, call);
        return -ENOMEM;
    }
    *call_id = call->id;
    return 0;
}

void rpc_client_drop(struct rpc_client *c, uint32_t call_id)
{
    struct call *call = find_call(c, call_id);

    if (!call)
        return;
    call->dropped = true;
    if (call->state == DONE)
        remove_call(c, call);
}

int rpc_client_cancel(struct rpc_client *c, uint32_t call_id)
{
    struct call *call = find_call(c, call_id);

    if (!call || call->state == DONE)
        return 0;
    if (call->state == WAITING) {
        call->fault = FAULT_CANCELLED;
        call->did_not_execute = true;
        complete_call(c, call);
        return 0;
    }
    pdu_bare(&c->out.bytes, PDU_CO_CANCEL, call_id);
    return check_output(c);
}

int rpc_client_orphan(struct rpc_client *c, uint32_t call_id)
{
    struct call *call = find_call(c, call_id);

    if (!call)
        return 0;
    if (call->state == SENT) {
        c->orphaned = true;
        pdu_bare(&c->out.bytes, PDU_ORPHANED, call_id);
    }
    remove_call(c, call);
    if (!c->multiplex)
        send_waiting(c);
    return check_output(c);
}

static void hand_out(struct rpc_client *c, struct call *call, struct rpc_reply *reply)
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

bool rpc_client_take(struct rpc_client *c, uint32_t call_id, struct rpc_reply *reply)
{
    struct call *call = find_call(c, call_id);

    if (!call || call->state != DONE)
        return false;
    hand_out(c, call, reply);
    return true;
}

bool rpc_client_take_any(struct rpc_client *c, struct rpc_reply *reply)
{
    for (struct call *call = c->calls; call; call = call->next)
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
