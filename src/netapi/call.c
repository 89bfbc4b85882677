/* SPDX-License-Identifier: MIT */
/*
 * Running a call: see call.h.
 *
 * Invariant: after the runtime has failed nothing more is sent for this call, and a call is repeated only
 * when it is certain that it has changed nothing.
 */
#include "netapi/call.h"

#include <stdatomic.h>
#include <stdlib.h>

#include <lmerr.h>
#include <netmgmt.h>
#include <windows.h>

#define TIMEOUT_DEFAULT_MS 30000u
#define TIMEOUT_UNSET UINT64_MAX
#define NS_PER_MS INT64_C(1000000)

static _Atomic uint64_t timeout_ms = TIMEOUT_UNSET;

void netmgmt_set_timeout(unsigned milliseconds)
{
    atomic_store_explicit(&timeout_ms, milliseconds, memory_order_relaxed);
}

static uint64_t timeout_from_environment(void)
{
    const char *text = getenv("NETMGMT_TIMEOUT");
    unsigned long seconds;
    char *end;

    if (!text || *text < '0' || *text > '9')
        return TIMEOUT_DEFAULT_MS;
    seconds = strtoul(text, &end, 10);
    return *end || seconds > UINT32_MAX / 1000 ? TIMEOUT_DEFAULT_MS : seconds * 1000;
}

int64_t call_deadline(void)
{
    uint64_t ms = atomic_load_explicit(&timeout_ms, memory_order_relaxed);

    if (ms == TIMEOUT_UNSET) {
        ms = timeout_from_environment();
        atomic_store_explicit(&timeout_ms, ms, memory_order_relaxed);
    }
    return ms ? transport_now() + (int64_t)ms * NS_PER_MS : 0;
}

/* ERROR_MORE_DATA promises a buffer and a place to go on from. A server that fails has given neither, so that
 * cannot be how its failure is told: the caller would go on for ever. */
static struct net_status failure(struct net_status status)
{
    return status.v == ERROR_MORE_DATA ? NET_STATUS(ERROR_MR_MID_NOT_FOUND) : status;
}

static bool may_repeat(const struct call *c)
{
    return c->failure.v && c->binding->reused && !c->changing &&
           (channel_is_dead(c->binding->channel) || binding_has_dead_lane(c->binding));
}

static struct net_status run(const struct target *target, const struct credentials *credentials,
                             call_body body, void *arguments)
{
    struct net_status status;

    for (bool fresh = false, again = true; again; fresh = true) {
        struct call c = {.credentials = credentials};

        status = binding_get(&c.binding, target, credentials, fresh, call_deadline());
        if (status.v) {
            status = failure(status);
            break;
        }
        arena_init(&c.arena, CALL_MEMORY_MAX);
        status = body(&c, arguments);
        again = may_repeat(&c);
        arena_deinit(&c.arena);
        binding_put(c.binding);
    }
    return status;
}

struct net_status call_run(const uint16_t *servername, call_body body, void *arguments)
{
    struct credentials credentials = {0};
    struct target target;
    struct net_status status = target_resolve(&target, servername);
    bool remote = !status.v && target.kind == TARGET_REMOTE;

    if (remote)
        status = credentials_for(servername, &credentials);
    if (!status.v)
        status = run(&target, remote ? &credentials : NULL, body, arguments);
    credentials_release(&credentials);
    return status;
}

void call_undo(struct call *c, call_body body, void *arguments)
{
    struct call undo = {.binding = c->binding, .credentials = c->credentials};
    bool dead = binding_is_dead(c->binding);

    if (dead && binding_get(&undo.binding, &c->binding->target, c->credentials, true, call_deadline()).v)
        return;
    arena_init(&undo.arena, CALL_MEMORY_MAX);
    body(&undo, arguments);
    arena_deinit(&undo.arena);
    if (dead)
        binding_put(undo.binding);
}

struct net_status call_status(const struct call *c, struct nt_status s)
{
    if (c->failure.v)
        return failure(c->failure);
    if (nt_success(s))
        return NET_STATUS(NERR_Success);
    if (nt_is(s, NT_STATUS_SPECIAL_ACCOUNT) || nt_is(s, NT_STATUS_SPECIAL_GROUP))
        return NET_STATUS(NERR_SpeGroupOp);
    return failure(net_from_nt(s));
}

struct nt_status call_request(struct call *c, uint16_t opnum, void *params, const int32_t *result,
                              bool changes)
{
    if (c->failure.v)
        return NT(STATUS_UNSUCCESSFUL);
    c->failure = channel_call(c->binding->channel, opnum, params, &c->arena, call_deadline());
    /* RPC_S_CALL_FAILED_DNE: certainly not carried out */
    if (changes && c->failure.v != RPC_S_CALL_FAILED_DNE)
        c->changing = true;
    return c->failure.v ? NT(STATUS_UNSUCCESSFUL) : NT_STATUS((uint32_t)*result);
}

void call_post(struct call *c, uint16_t opnum, const void *params)
{
    if (!channel_is_dead(c->binding->channel))
        channel_post(c->binding->channel, opnum, params);
}

bool call_forgive_absent(struct call *c)
{
    if (c->failure.v != RPC_S_PROCNUM_OUT_OF_RANGE)
        return false;
    c->failure = NET_STATUS(NERR_Success);
    return true;
}

struct nt_status call_fail_memory(struct call *c)
{
    c->failure = NET_STATUS(ERROR_NOT_ENOUGH_MEMORY);
    return NT(STATUS_NO_MEMORY);
}

struct nt_status call_fail_reply(struct call *c)
{
    c->failure = NET_STATUS(RPC_X_BAD_STUB_DATA);
    return NT(STATUS_UNSUCCESSFUL);
}
