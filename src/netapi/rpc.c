/* SPDX-License-Identifier: MIT */
/*
 * The runtime for users of idlc: include/netmgmt/rpc.h.
 *
 * Invariant: the arena holds the result of the last call and nothing else.
 */
#include <netmgmt/rpc.h>

#include <stdlib.h>

#include <lmerr.h>
#include <windows.h>

#include "netapi/call.h"

struct netmgmt_rpc {
    struct channel *channel;
    const struct ndr_interface *interface;
    struct arena arena;
};

uint32_t netmgmt_rpc_open(const char *binding, const struct ndr_interface *interface,
                          struct netmgmt_rpc **handle)
{
    struct netmgmt_rpc *rpc;
    struct transport *transport;
    struct target target;
    struct net_status status;
    int64_t deadline = call_deadline();

    if (!handle)
        return ERROR_INVALID_PARAMETER;
    *handle = NULL;
    if (!interface || interface->abi != NDR_ABI_VERSION)
        return ERROR_INVALID_PARAMETER;
    status = binding ? target_parse(&target, binding) : target_resolve(&target, NULL);
    if (status.v)
        return status.v;
    if (target.kind == TARGET_REMOTE)
        return ERROR_NOT_SUPPORTED;
    rpc = calloc(1, sizeof(*rpc));
    if (!rpc)
        return ERROR_NOT_ENOUGH_MEMORY;
    rpc->interface = interface;
    arena_init(&rpc->arena, CALL_MEMORY_MAX);
    status = binding_connect(&transport, &target, deadline);
    if (!status.v)
        status = channel_open(&rpc->channel, transport, interface, NULL, deadline);
    if (status.v)
        free(rpc);
    else
        *handle = rpc;
    return status.v;
}

uint32_t netmgmt_rpc_call(struct netmgmt_rpc *handle, uint32_t opnum, void *params)
{
    const struct ndr_interface *interface;

    if (!handle || !params)
        return ERROR_INVALID_PARAMETER;
    interface = handle->interface;
    if (opnum >= interface->proc_count || interface->procs[opnum].flags & NDR_P_ABSENT)
        return ERROR_INVALID_PARAMETER;
    arena_reset(&handle->arena);
    return channel_call(handle->channel, (uint16_t)opnum, params, &handle->arena, call_deadline()).v;
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
