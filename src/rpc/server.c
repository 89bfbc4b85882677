/* SPDX-License-Identifier: MIT */
/*
 * Server side of a connection; the invariant is in server.h. [C706] 12.6, [MS-RPCE] 3.3.1.5 and 3.3.3.
 *
 * Two tables say what is legal: `rules` (which PDU in which state of the connection) here, and that of
 * fragment.c (which fragment when). What is not legal gets a fault nca_s_proto_error (a bind: a bind_nak) and
 * ends the connection. What is wrong with one call only (interface, operation, length of its stub) gets a
 * fault at once; the rest of its fragments is read and dropped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/server_internal.h"

#define DEFAULT_CALLS 64
#define DEFAULT_STUB ((size_t)4 << 20)
#define DEFAULT_OUTPUT ((size_t)256 << 10)
#define MAX_SPARE 4
#define SPARE_STUB ((size_t)16 << 10) /* memory for a stub that a spare call may hold on to */

enum call_state {
    JOINING,    /* fragments are missing */
    DISCARDING, /* answered with a fault; fragments are still to come */
    READY,      /* complete */
    TAKEN       /* by rpc_server_next */
};

struct server_call {
    struct server_call *next;
    uint32_t id;
    uint16_t context_id, opnum;
    uint8_t state, cancels;
    bool silent; /* no answer: maybe semantics, orphaned, or its id was answered by an error */
    bool orphaned;
    bool has_object;
    enum ndr_syntax syntax;
    const struct ndr_interface *interface;
    struct ndr_uuid object;
    struct fragment_join join;
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
    s->state = SERVER_NEW;
    s->level = AUTH_LEVEL_NONE;
    s->max_xmit = s->max_recv = s->config.max_fragment;
    stream_in_init(&s->in);
    stream_out_init(&s->out);
    *out = s;
    return 0;
}

static void free_calls(struct server_call *c)
{
    while (c) {
        struct server_call *next = c->next;

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
    auth_free(s->protection.auth);
    free(s->address);
    free(s);
}

/* --- calls --- */

static struct server_call *find_call(const struct rpc_server *s, uint32_t id)
{
    struct server_call *c = s->calls;

    while (c && c->id != id)
        c = c->next;
    return c;
}

static struct server_call *add_call(struct rpc_server *s, uint32_t id)
{
    struct server_call *c = s->spare;

    if (c) {
        s->spare = c->next;
        s->spare_count--;
    } else {
        c = malloc(sizeof(*c));
        if (!c)
            return NULL;
        fragment_join_init(&c->join);
    }
    *c = (struct server_call){.id = id, .state = JOINING, .join = c->join, .next = s->calls};
    s->calls = c;
    s->call_count++;
    return c;
}

/* The stub counts no longer: the call goes, or its stub does. */
static void uncount(struct rpc_server *s, struct server_call *c)
{
    if (c->state == JOINING) {
        s->joining_bytes -= c->join.stub.len;
    } else if (c->state != DISCARDING) {
        s->complete_bytes -= c->join.stub.len;
        s->complete_count--;
    }
}

static void remove_call(struct rpc_server *s, struct server_call *c)
{
    struct server_call **at = &s->calls;

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

static void complete_call(struct rpc_server *s, struct server_call *c)
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
void server_end_with_fault(struct rpc_server *s, uint32_t call_id, struct rpc_fault fault)
{
    struct server_call *c = find_call(s, call_id);

    if (c)
        c->silent = true;
    pdu_fault(&s->out.bytes, call_id, PDU_WHOLE | PDU_DID_NOT_EXECUTE, &(struct pdu_fault){.status = fault});
    s->status = RPC_E_PROTOCOL;
}

void server_end_with_nak(struct rpc_server *s, uint32_t call_id, uint16_t reason)
{
    pdu_bind_nak(&s->out.bytes, call_id, reason);
    s->status = RPC_E_PROTOCOL;
}

/* Something about this call only. `last`: no more fragments of it will come. */
static void refuse_call(struct rpc_server *s, struct server_call *c, struct rpc_fault fault, bool last)
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

/* --- request --- */

/* The first fragment says what the call is. False: refused, or the end of the connection. */
static struct server_call *begin_call(struct rpc_server *s, const struct pdu_header *h,
                                      const struct pdu_request *q)
{
    const struct server_context *context = server_find_context(s, q->context_id);
    bool last = h->flags & PDU_LAST;
    struct server_call *c;

    for (c = s->calls; c; c = c->next)
        if (c->id == h->call_id || (!s->multiplex && c->state <= DISCARDING)) {
            server_end_with_fault(s, h->call_id, FAULT_PROTOCOL);
            return NULL;
        }
    if (s->call_count >= s->config.max_calls) { /* and none is complete: else nothing would be looked at */
        server_end_with_fault(s, h->call_id, FAULT_TOO_BUSY);
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
    if (s->level < s->config.min_level) {
        refuse_call(s, c, FAULT_ACCESS_DENIED, last);
        return NULL;
    }
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
static struct server_call *continue_call(struct rpc_server *s, const struct pdu_header *h,
                                         const struct pdu_request *q)
{
    struct server_call *c = find_call(s, h->call_id);

    if (!c || c->state > DISCARDING || c->context_id != q->context_id || c->opnum != q->opnum) {
        server_end_with_fault(s, h->call_id, FAULT_PROTOCOL);
        return NULL;
    }
    if (c->state == JOINING)
        return c;
    if (h->flags & PDU_LAST)
        remove_call(s, c);
    return NULL;
}

static void receive_request(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                            const struct pdu_auth *auth)
{
    struct pdu_request q;
    struct server_call *c;
    size_t others;

    (void)auth;
    if (!pdu_request_get(body, h->flags, &q)) {
        server_end_with_fault(s, h->call_id, FAULT_PROTOCOL);
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
        if (c->cancels)
            refuse_call(s, c, FAULT_CANCELLED, true);
        else
            complete_call(s, c);
        break;
    case FRAGMENT_E_LIMIT:
        refuse_call(s, c, FAULT_NO_MEMORY, h->flags & PDU_LAST);
        break;
    case FRAGMENT_E_ORDER: /* begin_call and continue_call let none through */
        server_end_with_fault(s, h->call_id, FAULT_PROTOCOL);
        break;
    default:
        s->status = -ENOMEM;
    }
}

/* --- co_cancel, orphaned --- */

/* A request to stop. A call that is not complete yet will not begin; one that was taken is its taker's to
 * stop, and is answered in any case: with a fault, or with its result and how many cancels have not stopped
 * it. */
static void receive_cancel(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                           const struct pdu_auth *auth)
{
    struct server_call *c = find_call(s, h->call_id);

    (void)body, (void)auth;
    if (c && c->cancels < UINT8_MAX)
        c->cancels++;
}

/* Nobody waits for the answer any more. */
static void receive_orphaned(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                             const struct pdu_auth *auth)
{
    struct server_call *c = find_call(s, h->call_id);

    (void)body, (void)auth;
    if (!c)
        return;
    if (c->state <= DISCARDING)
        remove_call(s, c);
    else
        c->silent = c->orphaned = true;
}

/* --- the stream --- */

/* Which PDU is legal in which states. */
static const struct rule {
    uint8_t states;
    void (*receive)(struct rpc_server *s, const struct pdu_header *h, struct reader *body,
                    const struct pdu_auth *auth);
    bool negotiates; /* a token in it is part of the authentication; in others it is a signature */
} rules[PDU_TYPE_COUNT] = {
    [PDU_BIND] = {SERVER_NEW, server_receive_bind, true},
    [PDU_ALTER_CONTEXT] = {SERVER_BOUND, server_receive_alter, true},
    [PDU_AUTH3] = {SERVER_BOUND, server_receive_auth3, true},
    [PDU_REQUEST] = {SERVER_BOUND, receive_request},
    [PDU_CO_CANCEL] = {SERVER_BOUND, receive_cancel},
    [PDU_ORPHANED] = {SERVER_BOUND, receive_orphaned},
};

/* May be acted upon as it is, or when it was opened; else why not. Where requests must be protected others
 * need not be, as clients do it: who can change those can cut the connection too. */
static struct rpc_fault admit(struct rpc_server *s, const struct pdu_header *h, const uint8_t *pdu,
                              struct reader *body, const struct pdu_auth *auth)
{
    bool request = h->type == PDU_REQUEST;
    uint8_t *own;
    int r;

    if (s->auth == SERVER_AUTH_NONE)
        return h->auth_len ? FAULT_SECURITY_PACKAGE : (struct rpc_fault){0};
    if (!h->auth_len && (!request || (s->auth == SERVER_AUTH_DONE && !s->protection.signature_len)))
        return (struct rpc_fault){0};
    if (!h->auth_len || s->auth != SERVER_AUTH_DONE)
        return FAULT_ACCESS_DENIED;
    if (!s->protection.signature_len) /* some send a trailer at level CONNECT; it proves nothing */
        return protect_matches(&s->protection, auth) ? (struct rpc_fault){0} : FAULT_SECURITY_PACKAGE;
    own = stream_in_own(&s->in, pdu, h->frag_len);
    if (!own)
        s->status = -ENOMEM;
    r = own ? protect_open(&s->protection, own, h, body) : -ENOMEM;
    return r ? FAULT_SECURITY_PACKAGE : (struct rpc_fault){0};
}

static void receive(struct rpc_server *s, const struct pdu_header *h, const uint8_t *pdu)
{
    const struct rule *rule = h->type < PDU_TYPE_COUNT ? &rules[h->type] : NULL;
    bool whole = (h->flags & PDU_WHOLE) == PDU_WHOLE || h->type == PDU_REQUEST;
    struct rpc_fault why;
    struct reader body;
    struct pdu_auth auth;

    if (!rule || !(rule->states & s->state) || !whole || !pdu_open(pdu, h, &body, &auth)) {
        if (h->type == PDU_BIND)
            server_end_with_nak(s, h->call_id, PDU_NAK_UNSPECIFIED);
        else
            server_end_with_fault(s, h->call_id, FAULT_PROTOCOL);
        return;
    }
    why = rule->negotiates ? (struct rpc_fault){0} : admit(s, h, pdu, &body, &auth);
    if (why.v && !s->status)
        server_end_with_fault(s, h->call_id, why);
    else if (!why.v)
        rule->receive(s, h, &body, &auth);
}

/* Only the first 16 bytes are known, so there is no way to find the next PDU. */
static void refuse_header(struct rpc_server *s, const struct pdu_header *h, int why)
{
    if (h->type == PDU_BIND)
        server_end_with_nak(s, h->call_id, why == PDU_E_VERSION ? PDU_NAK_VERSION : PDU_NAK_UNSPECIFIED);
    else
        server_end_with_fault(s, h->call_id, why == PDU_E_VERSION ? FAULT_VERSION : FAULT_PROTOCOL);
}

bool rpc_server_full(const struct rpc_server *s)
{
    return s->ready || stream_out_len(&s->out) >= s->config.max_output ||
           (s->complete_count &&
            (s->call_count >= s->config.max_calls || s->complete_bytes >= s->config.max_stub));
}

bool rpc_server_partial(const struct rpc_server *s)
{
    for (const struct server_call *c = s->calls; c; c = c->next)
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

bool rpc_server_has_more(const struct rpc_server *s)
{
    return stream_in_len(&s->in) > 0;
}

int rpc_server_status(const struct rpc_server *s)
{
    return s->status;
}

const struct auth_peer *rpc_server_peer(const struct rpc_server *s)
{
    return s->protection.auth ? auth_peer(s->protection.auth) : NULL;
}

int rpc_server_auth_result(const struct rpc_server *s)
{
    return s->auth == SERVER_AUTH_STEPPING ? AUTH_CONTINUE : s->auth_result;
}

/* --- requests and answers --- */

bool rpc_server_next(struct rpc_server *s, struct rpc_request *request)
{
    struct server_call *c;

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
                                    .level = s->level,
                                    .header_signing = s->header_signing,
                                    .object = c->has_object ? &c->object : NULL,
                                    .stub = c->join.stub.data,
                                    .stub_len = c->join.stub.len};
    return true;
}

/* Of an answer: the client's cancels came to nothing. */
static uint8_t pending(const struct server_call *c)
{
    return c->cancels ? PDU_PENDING_CANCEL : 0;
}

int rpc_server_reply(struct rpc_server *s, const struct rpc_request *request, const void *stub, size_t len)
{
    struct server_call *c = find_call(s, request->call_id);
    struct pdu_response p = {.context_id = request->context_id, .stub = stub, .stub_len = len};
    int r = 0;

    if (!c || c->state != TAKEN)
        return -EINVAL;
    p.cancel_count = c->cancels;
    if (!c->silent)
        r = fragment_cut_response(&s->out.bytes, c->id, pending(c), &p, s->max_xmit, &s->protection);
    remove_call(s, c);
    if (r && !s->status) /* a context that cannot protect any more: no answer can be given */
        s->status = r == -ENOMEM ? r : RPC_E_PROTOCOL;
    return r == -ENOMEM ? r : 0;
}

static int answer_with_fault(struct rpc_server *s, const struct rpc_request *request, struct rpc_fault fault,
                             uint8_t flags)
{
    struct server_call *c = find_call(s, request->call_id);
    struct pdu_fault f = {.context_id = request->context_id, .status = fault};

    if (!c || c->state != TAKEN)
        return -EINVAL;
    f.cancel_count = c->cancels;
    if (!c->silent)
        pdu_fault(&s->out.bytes, c->id,
                  (uint8_t)(PDU_WHOLE | flags | (fault.v == FAULT_CANCELLED.v ? 0 : pending(c))), &f);
    remove_call(s, c);
    return check_output(s);
}

int rpc_server_fault(struct rpc_server *s, const struct rpc_request *request, struct rpc_fault fault)
{
    return answer_with_fault(s, request, fault, 0);
}

int rpc_server_refuse(struct rpc_server *s, const struct rpc_request *request, struct rpc_fault fault)
{
    return answer_with_fault(s, request, fault, PDU_DID_NOT_EXECUTE);
}

bool rpc_server_unwanted(const struct rpc_server *s, const struct rpc_request *request)
{
    const struct server_call *c = find_call(s, request->call_id);

    return c && (c->cancels || c->orphaned);
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
