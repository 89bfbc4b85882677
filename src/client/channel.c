/* SPDX-License-Identifier: MIT */
/*
 * The blocking client: see channel.h.
 *
 * Invariant: when a function returns, all that was begun is with the transport, but for what was queued. A
 * channel whose stream has failed is dead: nothing is sent or received on it again.
 */
#include "client/channel.h"

#include <errno.h>
#include <stdlib.h>

#include "ndr/ndr.h"
#include "client/trace.h"
#include "rpc/client.h"

#define RECEIVE_LEN ((size_t)64 << 10)
#define IDLE_STUB ((size_t)64 << 10)
#define MAX_REPLY ((size_t)64 << 20)

#define S_NOT_ENOUGH_MEMORY NET_STATUS(8)
#define S_INVALID_PARAMETER NET_STATUS(87)
#define S_OUT_OF_RESOURCES NET_STATUS(1721)
#define S_CALL_FAILED NET_STATUS(1726)
#define S_CALL_FAILED_DNE NET_STATUS(1727)
#define S_PROTOCOL_ERROR NET_STATUS(1728)
#define S_BAD_STUB_DATA NET_STATUS(1783)

struct channel {
    struct transport *transport;
    struct rpc_client *rpc;
    const struct ndr_interface *interface;
    enum ndr_syntax syntax;
    bool open, dead, has_object;
    struct net_status why; /* it died */
    struct ndr_uuid object;
    struct trace *trace; /* NULL: nobody wants to see */
    struct writer stub;  /* of the request that is being begun */
    uint8_t received[RECEIVE_LEN];
};

/* --- moving bytes --- */

static struct net_status die(struct channel *c, struct net_status status)
{
    if (!c->dead)
        c->why = status;
    c->dead = true;
    return status;
}

/* `failed`: what it means for the caller when the connection is lost now. */
static struct net_status status_of(int error, struct net_status failed)
{
    return error == -ETIMEDOUT || error == -ENOMEM ? net_from_errno(error) : failed;
}

static struct net_status flush(struct channel *c, int64_t deadline, struct net_status failed)
{
    size_t len;
    const uint8_t *output = rpc_client_output(c->rpc, &len);
    int r;

    if (!len)
        return NET_STATUS(0);
    r = c->transport->ops->send(c->transport, output, len, deadline);
    if (r)
        return die(c, status_of(r, failed));
    rpc_client_sent(c->rpc, len);
    return NET_STATUS(0);
}

/* What the state of the connection means for it. */
static struct net_status check_rpc(struct channel *c)
{
    switch (rpc_client_status(c->rpc)) {
    case 0:
        return NET_STATUS(0);
    case RPC_CLIENT_E_AUTH:
        return die(c, auth_net_status(rpc_client_auth_result(c->rpc)));
    case RPC_CLIENT_E_REFUSED:
        return die(c, net_from_fault(rpc_client_refusal(c->rpc)));
    case -ENOMEM:
        return die(c, S_NOT_ENOUGH_MEMORY);
    case -EMSGSIZE:
        return die(c, S_OUT_OF_RESOURCES);
    default:
        return die(c, S_PROTOCOL_ERROR);
    }
}

struct net_status channel_receive(struct channel *c, int64_t deadline)
{
    struct net_status status = flush(c, deadline, S_CALL_FAILED); /* a request that had to wait, perhaps */
    ssize_t n;

    if (status.v)
        return status;
    n = c->transport->ops->recv(c->transport, c->received, sizeof(c->received), deadline);
    if (n <= 0)
        return die(c, status_of((int)n, S_CALL_FAILED));
    rpc_client_input(c->rpc, c->received, (size_t)n);
    return check_rpc(c);
}

/* --- open, close --- */

static struct net_status begin_bind(struct channel *c, const struct channel_options *options,
                                    int64_t deadline)
{
    const struct ndr_interface *interfaces[] = {c->interface, NULL};
    struct auth_client_config auth = options->auth ? *options->auth : (struct auth_client_config){0};
    struct rpc_client_config config = {.interfaces = interfaces,
                                       .offer_ndr64 = options->offer_ndr64,
                                       .auth = options->auth ? &auth : NULL,
                                       .no_header_signing = options->no_header_signing,
                                       .assoc_group = options->assoc_group,
                                       .max_fragment = c->transport->ops->max_fragment,
                                       .observer = trace_observer(c->trace),
                                       .max_calls = CHANNEL_MAX_CALLS,
                                       .max_reply = MAX_REPLY};
    int r;

    auth.deadline = deadline;
    r = rpc_client_new(&c->rpc, &config);
    if (r)
        return r == -EINVAL ? S_INVALID_PARAMETER : S_NOT_ENOUGH_MEMORY;
    return check_rpc(c);
}

/* The server has answered the bind. */
static struct net_status end_bind(struct channel *c)
{
    struct rpc_fault why;

    if (rpc_client_syntax(c->rpc, c->interface, &c->syntax, &why))
        return die(c, net_from_fault(why));
    c->open = true;
    return NET_STATUS(0);
}

static struct net_status bind_interface(struct channel *c, const struct channel_options *options,
                                        int64_t deadline)
{
    struct net_status status = begin_bind(c, options, deadline);

    while (!status.v && !rpc_client_is_bound(c->rpc))
        status = channel_receive(c, deadline);
    if (options->auth_result && c->rpc)
        *options->auth_result = rpc_client_auth_result(c->rpc);
    return status.v ? status : end_bind(c);
}

static const struct channel_options no_options;

static struct channel *make_channel(struct transport *t, const struct ndr_interface *interface,
                                    const struct channel_options *options)
{
    struct channel *c = malloc(sizeof(*c));

    if (!c) {
        t->ops->close(t);
        return NULL;
    }
    c->transport = t;
    c->rpc = NULL;
    c->interface = interface;
    c->syntax = NDR_SYNTAX_NDR20;
    c->open = c->dead = false;
    c->has_object = options->object;
    if (c->has_object)
        c->object = *options->object;
    c->trace = trace_open(t, interface);
    writer_init(&c->stub, SIZE_MAX / 4);
    return c;
}

static void close_failed(struct channel *c)
{
    c->dead = true; /* nothing more is sent */
    channel_close(c);
}

struct net_status channel_open(struct channel **out, struct transport *t,
                               const struct ndr_interface *interface, const struct channel_options *options,
                               int64_t deadline)
{
    struct channel *c;
    struct net_status status;

    *out = NULL;
    if (!options)
        options = &no_options;
    c = make_channel(t, interface, options);
    if (!c)
        return S_NOT_ENOUGH_MEMORY;
    status = bind_interface(c, options, deadline);
    if (status.v)
        close_failed(c);
    else
        *out = c;
    return status;
}

struct net_status channel_open_begin(struct channel **out, struct transport *t,
                                     const struct ndr_interface *interface, int64_t deadline)
{
    struct channel *c = make_channel(t, interface, &no_options);
    struct net_status status;

    *out = NULL;
    if (!c)
        return S_NOT_ENOUGH_MEMORY;
    status = begin_bind(c, &no_options, deadline);
    if (!status.v)
        status = flush(c, deadline, S_CALL_FAILED);
    if (status.v)
        close_failed(c);
    else
        *out = c;
    return status;
}

bool channel_is_open(const struct channel *c)
{
    return c->open;
}

const struct ndr_interface *channel_interface(const struct channel *c)
{
    return c->interface;
}

void channel_close(struct channel *c)
{
    if (!c)
        return;
    if (!c->dead)
        flush(c, transport_now(), S_CALL_FAILED); /* what was posted, if it goes without waiting */
    trace_close(c->trace);
    c->transport->ops->close(c->transport);
    rpc_client_free(c->rpc);
    writer_deinit(&c->stub);
    free(c);
}

const struct auth *channel_auth(const struct channel *c)
{
    return rpc_client_auth(c->rpc);
}

uint32_t channel_assoc_group(const struct channel *c)
{
    return rpc_client_assoc_group(c->rpc);
}

int channel_auth_result(const struct channel *c)
{
    return rpc_client_auth_result(c->rpc);
}

bool channel_is_dead(const struct channel *c)
{
    return c->dead || (rpc_client_is_closing(c->rpc) && !rpc_client_calls(c->rpc));
}

bool channel_multiplexes(const struct channel *c)
{
    return rpc_client_multiplexes(c->rpc);
}

/* --- several at once --- */

static bool expects(const struct channel *c)
{
    return c && !c->dead && rpc_client_expects(c->rpc);
}

/* `*any`: something has come. */
static struct net_status go_on(struct channel *c, bool wait, int64_t deadline, bool *any)
{
    struct net_status status = flush(c, deadline, S_CALL_FAILED);
    int r;

    if (status.v)
        return status;
    r = c->transport->ops->advance(c->transport, wait, deadline);
    if (r < 0)
        return die(c, status_of(r, S_CALL_FAILED));
    if (r == 0)
        return status;
    *any = true;
    status = channel_receive(c, deadline);
    return !status.v && !c->open && rpc_client_is_bound(c->rpc) ? end_bind(c) : status;
}

/* The server is late for all of them. */
static void time_out(struct channel *const channels[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (expects(channels[i]))
            die(channels[i], net_from_errno(-ETIMEDOUT));
}

struct net_status channel_receive_any(struct channel *const channels[], size_t count, int64_t deadline)
{
    struct net_status status = NET_STATUS(0), another;
    bool any = false;

    for (;;) {
        struct channel *one = NULL;

        for (size_t i = 0; i < count; i++) {
            if (!expects(channels[i]))
                continue;
            one = channels[i];
            if (!one->transport->ops->advance) /* then it is the only one */
                return channel_receive(one, deadline);
            another = go_on(one, false, deadline, &any);
            status = status.v ? status : another;
        }
        if (any || status.v || !one)
            return status;
        status = go_on(one, true, deadline, &any);
        if (status.v && deadline && transport_now() >= deadline)
            time_out(channels, count);
    }
}

/* --- calls --- */

/* Encode, and hand over to rpc/: in its output then, not sent. */
static struct net_status hand_over(struct channel *c, uint16_t opnum, const void *params, uint32_t *call,
                                   size_t *len)
{
    int r;

    if (c->dead)
        return S_CALL_FAILED_DNE;
    writer_reset(&c->stub);
    r = ndr_encode(c->interface, opnum, NDR_F_IN, c->syntax, params, &c->stub);
    if (!r)
        r = rpc_client_call(c->rpc, c->interface, opnum, c->has_object ? &c->object : NULL, c->stub.data,
                            c->stub.len, call);
    else if (r > 0)
        r = -EINVAL;
    *len = c->stub.len;
    if (c->stub.capacity > IDLE_STUB)
        writer_deinit(&c->stub);
    switch (r) {
    case 0:
        return NET_STATUS(0);
    case -ENOMEM:
        return S_NOT_ENOUGH_MEMORY;
    case -EINVAL:
        return S_INVALID_PARAMETER;
    case RPC_CLIENT_E_AUTH:
        return check_rpc(c);
    case RPC_CLIENT_E_BUSY:
        return S_OUT_OF_RESOURCES;
    default: /* the server wants no more calls */
        return S_CALL_FAILED_DNE;
    }
}

struct net_status channel_queue(struct channel *c, uint16_t opnum, const void *params, uint32_t *call)
{
    struct net_status status;
    size_t len = 0;

    if (c->trace)
        trace_call(c->trace, opnum, c->syntax, params);
    status = hand_over(c, opnum, params, call, &len);
    if (c->trace)
        trace_begun(c->trace, status.v ? 0 : *call, len, status);
    return status;
}

struct net_status channel_begin(struct channel *c, uint16_t opnum, const void *params, uint32_t *call,
                                int64_t deadline)
{
    struct net_status status = channel_queue(c, opnum, params, call);

    /* The request is the last thing in the output: when not all of it can be sent, it is not whole. */
    if (status.v)
        return status;
    status = flush(c, deadline, S_CALL_FAILED_DNE);
    if (status.v && c->trace)
        trace_ended(c->trace, *call, 0, status, NULL);
    return status;
}

/* RPC_S_CALL_FAILED_DNE lets callers repeat what changes something, so the number alone is not believed: a
 * server that did the work may send it, and under most levels of protection so may whoever is between. */
static struct net_status fault_status(const struct rpc_reply *reply)
{
    struct net_status status = net_from_fault(reply->fault);

    return status.v == S_CALL_FAILED_DNE.v && !reply->did_not_execute ? S_CALL_FAILED : status;
}

bool channel_awaits(const struct channel *c, uint32_t call)
{
    return rpc_client_awaits(c->rpc, call);
}

static struct net_status decode(struct channel *c, struct rpc_reply *reply, void *params, struct arena *arena)
{
    size_t used;
    int r;

    if (reply->fault.v) {
        free(reply->stub);
        return fault_status(reply);
    }
    r = reply->stub ? arena_adopt(arena, reply->stub) : 0;
    if (!r)
        r = ndr_decode(c->interface, reply->opnum, NDR_F_OUT, c->syntax, reply->stub, reply->stub_len, arena,
                       params, &used);
    if (r)
        return r < 0 ? S_NOT_ENOUGH_MEMORY : S_BAD_STUB_DATA;
    return NET_STATUS(0);
}

/* For a call that was under way: another one's request may be what failed to get out. */
static struct net_status died_of(const struct channel *c)
{
    return c->why.v == S_CALL_FAILED_DNE.v ? S_CALL_FAILED : c->why;
}

static struct net_status finish(struct channel *c, uint32_t call, void *params, struct arena *arena,
                                int64_t deadline, size_t *len)
{
    struct rpc_reply reply;

    while (!rpc_client_take(c->rpc, call, &reply)) {
        struct net_status status = c->dead ? died_of(c) : channel_receive(c, deadline);

        if (status.v && !rpc_client_take(c->rpc, call, &reply))
            return status;
        if (status.v)
            break;
    }
    *len = reply.stub_len;
    return decode(c, &reply, params, arena);
}

struct net_status channel_finish(struct channel *c, uint32_t call, void *params, struct arena *arena,
                                 int64_t deadline)
{
    size_t len = 0;
    struct net_status status = finish(c, call, params, arena, deadline, &len);

    if (c->trace)
        trace_ended(c->trace, call, len, status, params);
    return status;
}

bool channel_is_answered(const struct channel *c, uint32_t call)
{
    return c->dead || rpc_client_is_done(c->rpc, call);
}

struct net_status channel_call(struct channel *c, uint16_t opnum, void *params, struct arena *arena,
                               int64_t deadline)
{
    uint32_t call;
    struct net_status status = channel_begin(c, opnum, params, &call, deadline);

    return status.v ? status : channel_finish(c, call, params, arena, deadline);
}

void channel_post(struct channel *c, uint16_t opnum, const void *params)
{
    uint32_t call;

    if (channel_queue(c, opnum, params, &call).v)
        return;
    rpc_client_drop(c->rpc, call);
    if (c->trace)
        trace_dropped(c->trace, call);
}
