/* SPDX-License-Identifier: MIT */
/*
 * The runtime for users of idlc: include/netmgmt/rpc.h.
 *
 * Invariant: the arena holds the result of the last call and nothing else.
 */
#include <netmgmt/rpc.h>

#include <stdlib.h>
#include <string.h>

#include <lmerr.h>
#include <netmgmt.h>
#include <windows.h>

#include "netapi/call.h"
#include "netapi/remote.h"
#include "netapi/string_binding.h"

#define SERVER_NAME_CHARS (2 + 255 + 1) /* with backslashes and terminator */
#define THIS_MACHINE "127.0.0.1"        /* for a protocol without a server: never a question of names */

struct netmgmt_rpc {
    struct channel *channel;
    const struct ndr_interface *interface;
    struct arena arena;
};

/* What a binding's text says. */
struct place {
    struct target target;
    const struct remote_endpoint *at; /* NULL: nothing */
    const struct ndr_uuid *object;    /* NULL: none */
    uint16_t name[SERVER_NAME_CHARS]; /* of another machine, as credentials are looked up */
    struct string_binding string;     /* what the pointers point into */
    struct remote_endpoint endpoint;
};

static struct net_status place_local(struct place *p)
{
    const char *prefix = "unix:";
    char binding[PATH_MAX + 8];

    if (!p->string.endpoint[0])
        return target_resolve(&p->target, NULL);
    strcpy(stpcpy(binding, prefix), p->string.endpoint);
    return target_parse(&p->target, binding);
}

/* The text says how the server is reached, so its own name is reached that way too. */
static struct net_status place_string(struct place *p, const char *binding)
{
    struct string_binding *s = &p->string;
    struct net_status status = string_binding_parse(s, binding);
    bool tcp = s->protocol == STRING_TCP;

    if (status.v)
        return status;
    p->object = s->has_object ? &s->object : NULL;
    if (s->protocol == STRING_LOCAL)
        return place_local(p);
    if (!*s->server)
        strcpy(s->server, THIS_MACHINE);
    if (!netmgmt_utf16(s->server, (LPWSTR)p->name, SERVER_NAME_CHARS))
        return NET_STATUS(RPC_S_INVALID_NET_ADDR);
    p->target.kind = TARGET_REMOTE;
    strcpy(p->target.path, s->server);
    p->endpoint = (struct remote_endpoint){.transport = tcp ? NETMGMT_TRANSPORT_TCP : NETMGMT_TRANSPORT_PIPE,
                                           .pipe = *s->endpoint ? s->endpoint : NULL,
                                           .port = s->port,
                                           .level = s->level,
                                           .object = p->object};
    p->at = &p->endpoint;
    return NET_STATUS(NERR_Success);
}

/* "\\server": where the servername of a Net function leads. */
static struct net_status place_server(struct place *p, const char *server)
{
    if (!netmgmt_utf16(server, (LPWSTR)p->name, SERVER_NAME_CHARS))
        return NET_STATUS(NERR_InvalidComputer);
    return target_resolve(&p->target, p->name);
}

static struct net_status find(struct place *p, const char *binding)
{
    struct net_status status;

    if (!binding)
        return target_resolve(&p->target, NULL);
    if (*binding == '\\')
        return place_server(p, binding);
    status = target_parse(&p->target, binding); /* "unix:", "embedded:" */
    return status.v == ERROR_INVALID_PARAMETER ? place_string(p, binding) : status;
}

static struct net_status open_remote(struct netmgmt_rpc *rpc, const struct place *p, int64_t deadline)
{
    struct credentials credentials = {0};
    struct transport *transport;
    struct net_status status = credentials_for(p->name, &credentials);

    if (!status.v)
        status = remote_open(&rpc->channel, &transport, p->target.path, &credentials, rpc->interface, p->at,
                             deadline, NULL);
    credentials_release(&credentials);
    return status;
}

static struct net_status open_local(struct netmgmt_rpc *rpc, const struct place *p, int64_t deadline)
{
    const struct channel_options options = {.object = p->object};
    struct transport *transport;
    struct net_status status = binding_connect(&transport, &p->target, deadline);

    return status.v ? status : channel_open(&rpc->channel, transport, rpc->interface, &options, deadline);
}

static struct net_status open_binding(struct netmgmt_rpc *rpc, const char *binding, int64_t deadline)
{
    struct place *p = calloc(1, sizeof(*p)); /* some paths long */
    struct net_status status;

    if (!p)
        return NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    status = find(p, binding);
    if (!status.v)
        status =
            p->target.kind == TARGET_REMOTE ? open_remote(rpc, p, deadline) : open_local(rpc, p, deadline);
    free(p);
    return status;
}

uint32_t netmgmt_rpc_open(const char *binding, const struct ndr_interface *interface,
                          struct netmgmt_rpc **handle)
{
    int64_t deadline = call_deadline();
    struct netmgmt_rpc *rpc;
    struct net_status status;

    if (!handle)
        return ERROR_INVALID_PARAMETER;
    *handle = NULL;
    if (!interface || interface->abi != NDR_ABI_VERSION)
        return ERROR_INVALID_PARAMETER;
    rpc = calloc(1, sizeof(*rpc));
    if (!rpc)
        return ERROR_NOT_ENOUGH_MEMORY;
    rpc->interface = interface;
    arena_init(&rpc->arena, CALL_MEMORY_MAX);
    status = open_binding(rpc, binding, deadline);
    if (status.v)
        free(rpc);
    else
        *handle = rpc;
    return status.v;
}

static bool is_call(const struct netmgmt_rpc *handle, uint32_t opnum, const void *params)
{
    return handle && params && opnum < handle->interface->proc_count &&
           !(handle->interface->procs[opnum].flags & NDR_P_ABSENT);
}

uint32_t netmgmt_rpc_call(struct netmgmt_rpc *handle, uint32_t opnum, void *params)
{
    if (!is_call(handle, opnum, params))
        return ERROR_INVALID_PARAMETER;
    arena_reset(&handle->arena);
    return channel_call(handle->channel, (uint16_t)opnum, params, &handle->arena, call_deadline()).v;
}

uint32_t netmgmt_rpc_begin(struct netmgmt_rpc *handle, uint32_t opnum, const void *params, uint32_t *call)
{
    if (!is_call(handle, opnum, params) || !call)
        return ERROR_INVALID_PARAMETER;
    return channel_begin(handle->channel, (uint16_t)opnum, params, call, call_deadline()).v;
}

uint32_t netmgmt_rpc_finish(struct netmgmt_rpc *handle, uint32_t call, void *params)
{
    if (!handle || !params || !channel_awaits(handle->channel, call))
        return ERROR_INVALID_PARAMETER;
    arena_reset(&handle->arena);
    return channel_finish(handle->channel, call, params, &handle->arena, call_deadline()).v;
}

void netmgmt_rpc_result_free(struct netmgmt_rpc *handle)
{
    if (!handle)
        return;
    arena_deinit(&handle->arena);
    arena_init(&handle->arena, CALL_MEMORY_MAX);
}

void netmgmt_rpc_close(struct netmgmt_rpc *handle)
{
    if (!handle)
        return;
    channel_close(handle->channel);
    arena_deinit(&handle->arena);
    free(handle);
}
