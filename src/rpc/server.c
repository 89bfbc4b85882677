/* SPDX-License-Identifier: MIT */
/*
 * Server side of a connection; the invariant is in server.h. [C706] 12.6, [MS-RPCE] 3.3.1.5 and 3.3.3.
 *
 * Two tables say what is legal: `rules` (which PDU in which state of the connection) here, and that of
 * fragment.c (which fragment when). What is not legal gets a fault nca_s_proto_error (a bind: a bind_nak) and
 * ends the connection. What is wrong with one call only (interface, operation, length of its stub) gets a
 * fault at once; the rest of its fragments is read and dropped.
 */
#include "rpc/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ndr/ndr.h"
#include "rpc/fragment.h"
#include "rpc/pdu.h"
#include "rpc/stream.h"

#define DEFAULT_CALLS 64
#define DEFAULT_STUB ((size_t)4 << 20)
#define DEFAULT_OUTPUT ((size_t)256 << 10)
#define MAX_CONTEXTS 32
#define MAX_SPARE 4
#define SPARE_STUB ((size_t)16 << 10) /* memory for a stub that a spare call may hold on to */
#define FEATURES PDU_FEATURE_KEEP_ON_ORPHAN

enum state { NEW = 0x01, BOUND = 0x02 };

enum call_state {
    JOINING,    /* fragments are missing */
    DISCARDING, /* answered with a fault; fragments are still to come */
    READY,      /* complete */
    TAKEN       /* by rpc_server_next */
};

struct call {
    struct call *next;
    uint32_t id;
    uint16_t context_id, opnum;
    uint8_t state, cancels;
    bool silent; /* no answer: maybe semantics, orphaned, or its id was answered by an error */
    bool has_object;
    enum ndr_syntax syntax;
    const struct ndr_interface *interface;
    struct ndr_uuid object;
    struct fragment_join join;
};

struct context {
    uint16_t id;
    enum ndr_syntax syntax;
    const struct ndr_interface *interface;
};

struct rpc_server {
    struct rpc_server_config config;
    char *address;
    enum state state;
    int status;
    bool multiplex;
    uint16_t max_xmit, max_recv;
    struct stream_in in;
    struct stream_out out;
    struct context contexts[MAX_CONTEXTS];
    unsigned context_count, call_count, complete_count, spare_count;
    size_t complete_bytes, joining_bytes; /* of stubs */
    struct call *calls, *spare;
    struct call *ready; /* the one that is complete and not taken */
};

int rpc_server_new(struct rpc_server **out, const struct rpc_server_config *config)
{
    struct rpc_server *s = calloc(1, sizeof(*s));

    *out = NULL;
    if (!s)
        return -ENOMEM;
    s->config = *config;
    if (config->secondary_address) {
        s->address = strdup(config->secondary_address);
        if (!s->address) {
            free(s);
            return -ENOMEM;
        }
    }
    if (!s->config.max_fragment)
        s->config.max_fragment = PDU_DEFAULT_FRAGMENT;
    if (s->config.max_fragment < PDU_MIN_FRAGMENT)
        s->config.max_fragment = PDU_MIN_FRAGMENT;
    if (!s->config.max_calls)
        s->config.max_calls = DEFAULT_CALLS;
    if (!s->config.max_stub)
        s->config.max_stub = DEFAULT_STUB;
    if (!s->config.max_output)
        s->config.max_output = DEFAULT_OUTPUT;
    s->state = NEW;
    s->max_xmit = s->max_recv = s->config.max_fragment;
    stream_in_init(&s->in);
    stream_out_init(&s->out);
    *out = s;
    return 0;
}

static void free_calls(struct call *c)
{
    while (c) {
        struct call *next = c->next;

        fragment_join_deinit(&c->join);
        free(c);
        c = next;
    }
}

void rpc_server_free(struct rpc_server *s)
{
    if (!s)
        return;
    free_calls(s->calls);
    free_calls(s->spare);
    stream_in_deinit(&s->in);
    stream_out_deinit(&s->out);
    free(s->address);
    free(s);
}

/* --- calls --- */

static struct call *find_call(const struct rpc_server *s, uint32_t id)
{
    struct call *c = s->calls;

    while (c && c->id != id)
        c = c->next;
    return c;
}

static struct call *add_call(struct rpc_server *s, uint32_t id)
{
    struct call *c = s->spare;

    if (c) {
        s->spare = c->next;
        s->spare_count--;
    } else {
        c = malloc(sizeof(*c));
        if (!c)
            return NULL;
        fragment_join_init(&c->join);
    }
    *c = (struct call){.id = id, .state = JOINING, .join = c->join, .next = s->calls};
    s->calls = c;
    s->call_count++;
    return c;
}

/* The stub counts no longer: the call goes, or its stub does. */
static void uncount(struct rpc_server *s, struct call *c)
{
    if (c->state == JOINING) {
        s->joining_bytes -= c->join.stub.len;
    } else if (c->state != DISCARDING) {
        s->complete_bytes -= c->join.stub.len;
        s->complete_count--;
    }
}

static void remove_call(struct rpc_server *s, struct call *c)
{
    struct call **at = &s->calls;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    uncount(s, c);
    s->call_count--;
    if (s->spare_count == MAX_SPARE) {
        fragment_join_deinit(&c->join);
        free(c);
        return;
    }
    fragment_join_reset(&c->join, SPARE_STUB);
    c->next = s->spare;
    s->spare = c;
    s->spare_count++;
}

static void complete_call(struct rpc_server *s, struct call *c)
{
    s->joining_bytes -= c->join.stub.len;
    s->complete_bytes += c->join.stub.len;
    s->complete_count++;
    c->state = READY;
    s->ready = c;
}

/* --- errors --- */

/* The writer of the output has failed: nothing that was promised can be kept. */
static int check_output(struct rpc_server *s)
{
    if (!s->out.bytes.failed)
        return 0;
    s->status = -ENOMEM;
    return -ENOMEM;
}

/* The end of the connection. An unanswered call of the same number stays unanswered: one number, one answer.
 */
static void end_with_fault(struct rpc_server *s, uint32_t call_id, struct rpc_fault fault)
{
    struct call *c = find_call(s, call_id);

    if (c)
        c->silent = true;
    pdu_fault(&s->out.bytes, call_id, PDU_WHOLE | PDU_DID_NOT_EXECUTE, &(struct pdu_fault){.status = fault});
    s->status = RPC_E_PROTOCOL;
}

static void end_with_nak(struct rpc_server *s, uint32_t call_id, uint16_t reason)
{
    pdu_bind_nak(&s->out.bytes, call_id, reason);
    s->status = RPC_E_PROTOCOL;
}

/* Something about this call only. `last`: no more fragments of it will come. */
static void refuse_call(struct rpc_server *s, struct call *c, struct rpc_fault fault, bool last)
{
    if (!c->silent)
        pdu_fault(
            &s->out.bytes, c->id, PDU_WHOLE | PDU_DID_NOT_EXECUTE,
            &(struct pdu_fault){.context_id = c->context_id, .cancel_count = c->cancels, .status = fault});
    if (last) {
        remove_call(s, c);
        return;
    }
    uncount(s, c);
    fragment_join_reset(&c->join, 0);
    c->state = DISCARDING;
}

/* --- bind, alter_context --- */

static const struct ndr_interface *find_interface(const struct rpc_server *s,
                                                  const struct pdu_syntax *abstract)
{
    for (const struct ndr_interface *const *i = s->config.interfaces; *i; i++)
        if (ndr_uuid_equal(&(*i)->uuid, &abstract->uuid) && (*i)->major == abstract->major &&
            (*i)->minor >= abstract->minor)
            return *i;
    return NULL;
}

static struct context *find_context(struct rpc_server *s, uint16_t id)
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
    struct context new = {0}, *old;
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
    old = find_context(s, offer.id);
    if (old && (old->interface != new.interface || !found || old->syntax != new.syntax))
        return false;
    if (!new.interface) {
        result->reason = PDU_REASON_ABSTRACT_SYNTAX;
    } else if (!found) {
        result->reason = PDU_REASON_TRANSFER_SYNTAX;
    } else if (!old && s->context_count == MAX_CONTEXTS) {
        result->reason = PDU_REASON_LOCAL_LIMIT;
    } else {
        result->result = PDU_ACCEPTANCE;
        result->transfer = pdu_transfer_syntax(new.syntax);
        if (!old)
            s->contexts[s->context_count++] = new;
    }
    return true;
}

/* The answer to both; false: the list is not legal, and nothing was written. */
static bool answer_bind(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                        const struct pdu_bind *b, bool binding)
{
    struct writer *w = &s->out.bytes;
    size_t start = pdu_begin(w, binding ? PDU_BIND_ACK : PDU_ALTER_CONTEXT_RESP,
                             PDU_WHOLE | (s->multiplex ? PDU_MULTIPLEX : 0), h->call_id);
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

static void receive_bind(struct rpc_server *s, const struct pdu_header *h, struct reader *body)
{
    struct pdu_bind b;

    /* Association groups of several connections are not shared: only our own number can be joined. */
    if (!pdu_bind_get(body, &b) || !b.count || (b.assoc_group && b.assoc_group != s->config.assoc_group)) {
        end_with_nak(s, h->call_id, PDU_NAK_UNSPECIFIED);
        return;
    }
    s->max_xmit = fragment_len(s->config.max_fragment, b.max_recv);
    s->max_recv = fragment_len(s->config.max_fragment, b.max_xmit);
    s->multiplex = h->flags & PDU_MULTIPLEX;
    if (answer_bind(s, h, body, &b, true))
        s->state = BOUND;
    else
        end_with_nak(s, h->call_id, PDU_NAK_UNSPECIFIED);
}

static void receive_alter(struct rpc_server *s, const struct pdu_header *h, struct reader *body)
{
    struct pdu_bind b;

    if (!pdu_bind_get(body, &b) || !b.count || !answer_bind(s, h, body, &b, false))
        end_with_fault(s, h->call_id, FAULT_PROTOCOL);
}

/* --- request --- */

/* The first fragment says what the call is. False: refused, or the end of the connection. */
static struct call *begin_call(struct rpc_server *s, const struct pdu_header *h, const struct pdu_request *q)
{
    const struct context *context = find_context(s, q->context_id);
    bool last = h->flags & PDU_LAST;
    struct call *c;

    for (c = s->calls; c; c = c->next)
        if (c->id == h->call_id || (!s->multiplex && c->state <= DISCARDING)) {
            end_with_fault(s, h->call_id, FAULT_PROTOCOL);
            return NULL;
        }
    if (s->call_count >= s->config.max_calls) { /* and none is complete: else nothing would be looked at */
        end_with_fault(s, h->call_id, FAULT_TOO_BUSY);
        return NULL;
    }
    c = add_call(s, h->call_id);
    if (!c) {
        s->status = -ENOMEM;
        return NULL;
    }
    c->context_id = q->context_id;
    c->opnum = q->opnum;
    c->silent = h->flags & PDU_MAYBE;
    c->has_object = q->has_object;
    if (q->has_object)
        c->object = q->object;
    if (!context) {
        refuse_call(s, c, FAULT_UNKNOWN_INTERFACE, last);
        return NULL;
    }
    c->interface = context->interface;
    c->syntax = context->syntax;
    if (q->opnum >= c->interface->proc_count || c->interface->procs[q->opnum].flags & NDR_P_ABSENT) {
        refuse_call(s, c, FAULT_OP_RANGE, last);
        return NULL;
    }
    return c;
}

/* A later fragment; NULL: dropped, or the end of the connection. */
static struct call *continue_call(struct rpc_server *s, const struct pdu_header *h,
                                  const struct pdu_request *q)
{
    struct call *c = find_call(s, h->call_id);

    if (!c || c->state > DISCARDING || c->context_id != q->context_id || c->opnum != q->opnum) {
        end_with_fault(s, h->call_id, FAULT_PROTOCOL);
        return NULL;
    }
    if (c->state == JOINING)
        return c;
    if (h->flags & PDU_LAST)
        remove_call(s, c);
    return NULL;
}

static void receive_request(struct rpc_server *s, const struct pdu_header *h, struct reader *body)
{
    struct pdu_request q;
    struct call *c;
    size_t others;

    if (!pdu_request_get(body, h->flags, &q)) {
        end_with_fault(s, h->call_id, FAULT_PROTOCOL);
        return;
    }
    c = h->flags & PDU_FIRST ? begin_call(s, h, &q) : continue_call(s, h, &q);
    if (!c)
        return;
    others = s->joining_bytes - c->join.stub.len;
    switch (fragment_join_add(&c->join, h->flags, q.stub, q.stub_len, s->config.max_stub - others)) {
    case 0:
        s->joining_bytes += q.stub_len;
        break;
    case FRAGMENT_COMPLETE:
        s->joining_bytes += q.stub_len;
        complete_call(s, c);
        break;
    case FRAGMENT_E_LIMIT:
        refuse_call(s, c, FAULT_NO_MEMORY, h->flags & PDU_LAST);
        break;
    case FRAGMENT_E_ORDER: /* begin_call and continue_call let none through */
        end_with_fault(s, h->call_id, FAULT_PROTOCOL);
        break;
    default:
        s->status = -ENOMEM;
    }
}

/* --- co_cancel, orphaned --- */

/* A request to stop; the call is answered all the same, and soon: procedures do not wait for anything. */
static void receive_cancel(struct rpc_server *s, const struct pdu_header *h, struct reader *body)
{
    struct call *c = find_call(s, h->call_id);

    (void)body;
    if (c && c->cancels < UINT8_MAX)
        c->cancels++;
}

/* Nobody waits for the answer any more. */
static void receive_orphaned(struct rpc_server *s, const struct pdu_header *h, struct reader *body)
{
    struct call *c = find_call(s, h->call_id);

    (void)body;
    if (!c)
        return;
    if (c->state <= DISCARDING)
        remove_call(s, c);
    else
        c->silent = true;
}

/* --- the stream --- */

/* Which PDU is legal in which states. auth3 would be the third leg of an authentication: none is offered. */
static const struct rule {
    uint8_t states;
    void (*receive)(struct rpc_server *s, const struct pdu_header *h, struct reader *body);
} rules[PDU_TYPE_COUNT] = {
    [PDU_BIND] = {NEW, receive_bind},           [PDU_ALTER_CONTEXT] = {BOUND, receive_alter},
    [PDU_REQUEST] = {BOUND, receive_request},   [PDU_CO_CANCEL] = {BOUND, receive_cancel},
    [PDU_ORPHANED] = {BOUND, receive_orphaned},
};

static void receive(struct rpc_server *s, const struct pdu_header *h, const uint8_t *pdu)
{
    const struct rule *rule = h->type < PDU_TYPE_COUNT ? &rules[h->type] : NULL;
    bool whole = (h->flags & PDU_WHOLE) == PDU_WHOLE || h->type == PDU_REQUEST;
    struct reader body;
    struct pdu_auth auth;

    if (!rule || !(rule->states & s->state) || !whole || !pdu_open(pdu, h, &body, &auth)) {
        if (h->type == PDU_BIND)
            end_with_nak(s, h->call_id, PDU_NAK_UNSPECIFIED);
        else
            end_with_fault(s, h->call_id, FAULT_PROTOCOL);
        return;
    }
    /* A bind with credentials is refused, so nothing after it can be protected. */
    if (h->auth_len) {
        if (h->type == PDU_BIND)
            end_with_nak(s, h->call_id, PDU_NAK_AUTHENTICATION_TYPE);
        else
            end_with_fault(s, h->call_id,
                           h->type == PDU_ALTER_CONTEXT ? FAULT_ACCESS_DENIED : FAULT_SECURITY_PACKAGE);
        return;
    }
    rule->receive(s, h, &body);
}

/* Only the first 16 bytes are known, so there is no way to find the next PDU. */
static void refuse_header(struct rpc_server *s, const struct pdu_header *h, int why)
{
    if (h->type == PDU_BIND)
        end_with_nak(s, h->call_id, why == PDU_E_VERSION ? PDU_NAK_VERSION : PDU_NAK_UNSPECIFIED);
    else
        end_with_fault(s, h->call_id, why == PDU_E_VERSION ? FAULT_VERSION : FAULT_PROTOCOL);
}

bool rpc_server_full(const struct rpc_server *s)
{
    return s->ready || stream_out_len(&s->out) >= s->config.max_output ||
           (s->complete_count &&
            (s->call_count >= s->config.max_calls || s->complete_bytes >= s->config.max_stub));
}

bool rpc_server_partial(const struct rpc_server *s)
{
    for (const struct call *c = s->calls; c; c = c->next)
        if (c->state <= DISCARDING)
            return true;
    return !rpc_server_full(s) && stream_in_len(&s->in);
}

/* Look at what was kept and then at `data`, as far as may be now; keep the rest. */
static void look(struct rpc_server *s, const uint8_t *data, size_t len)
{
    while (!s->status && !rpc_server_full(s)) {
        struct pdu_header h;
        const uint8_t *pdu;
        int why, r = stream_in_next(&s->in, &data, &len, s->max_recv, &h, &pdu, &why);

        if (r == 0)
            return;
        if (r < 0)
            s->status = r;
        else if (r == STREAM_BAD_HEADER)
            refuse_header(s, &h, why);
        else
            receive(s, &h, pdu);
        check_output(s);
    }
    if (!s->status)
        s->status = stream_in_keep(&s->in, data, len);
}

int rpc_server_input(struct rpc_server *s, const void *data, size_t len)
{
    size_t kept = stream_in_len(&s->in);

    if (!s->status && rpc_server_full(s) && (kept > s->config.max_stub || len > s->config.max_stub - kept))
        s->status = -ENOBUFS;
    if (!s->status)
        look(s, data, len);
    return s->status;
}

int rpc_server_status(const struct rpc_server *s)
{
    return s->status;
}

/* --- requests and answers --- */

bool rpc_server_next(struct rpc_server *s, struct rpc_request *request)
{
    struct call *c;

    if (!s->ready && !s->status && stream_in_len(&s->in))
        look(s, NULL, 0);
    c = s->ready;
    if (!c)
        return false;
    s->ready = NULL;
    c->state = TAKEN;
    *request = (struct rpc_request){.call_id = c->id,
                                    .context_id = c->context_id,
                                    .opnum = c->opnum,
                                    .interface = c->interface,
                                    .syntax = c->syntax,
                                    .object = c->has_object ? &c->object : NULL,
                                    .stub = c->join.stub.data,
                                    .stub_len = c->join.stub.len};
    return true;
}

int rpc_server_reply(struct rpc_server *s, const struct rpc_request *request, const void *stub, size_t len)
{
    struct call *c = find_call(s, request->call_id);
    struct pdu_response p = {.context_id = request->context_id, .stub = stub, .stub_len = len};

    if (!c || c->state != TAKEN)
        return -EINVAL;
    p.cancel_count = c->cancels;
    if (!c->silent)
        fragment_cut_response(&s->out.bytes, c->id, 0, &p, s->max_xmit);
    remove_call(s, c);
    return check_output(s);
}

int rpc_server_fault(struct rpc_server *s, const struct rpc_request *request, struct rpc_fault fault)
{
    struct call *c = find_call(s, request->call_id);
    struct pdu_fault f = {.context_id = request->context_id, .status = fault};

    if (!c || c->state != TAKEN)
        return -EINVAL;
    f.cancel_count = c->cancels;
    if (!c->silent)
        pdu_fault(&s->out.bytes, c->id, PDU_WHOLE, &f);
    remove_call(s, c);
    return check_output(s);
}

int rpc_server_shutdown(struct rpc_server *s)
{
    pdu_bare(&s->out.bytes, PDU_SHUTDOWN, 0);
    return check_output(s);
}

const uint8_t *rpc_server_output(struct rpc_server *s, size_t *len)
{
    return stream_out_view(&s->out, len);
}

void rpc_server_sent(struct rpc_server *s, size_t len)
{
    stream_out_sent(&s->out, len);
}
