/* SPDX-License-Identifier: MIT */
/*
 * Between SAMR's types and ours: for accounts*.c and memberships.c only.
 */
#ifndef NETAPI_SAMR_CALL_H
#define NETAPI_SAMR_CALL_H

#include "netapi/accounts.h"
#include "netapi/each.h"
#include "samr.h"

/* `SAMR(c, SamrOpenGroup, &p)`: one request. SAMR_CHANGE: one that changes something. */
#define SAMR(c, name, p) call_request((c), name##_opnum, (struct name##_params *){(p)}, &(p)->Return, false)
#define SAMR_CHANGE(c, name, p) \
    call_request((c), name##_opnum, (struct name##_params *){(p)}, &(p)->Return, true)

/* The same in a step of each_run(): begun, not waited for. */
#define SAMR_BEGIN(c, name, p) \
    each_request((c), name##_opnum, (struct name##_params *){(p)}, &(p)->Return, false)
#define SAMR_BEGIN_CHANGE(c, name, p) \
    each_request((c), name##_opnum, (struct name##_params *){(p)}, &(p)->Return, true)

/* SamrQueryDisplayInformation3, or the newest one like it that the server has. */
struct nt_status samr_query_display(struct call *c, struct SamrQueryDisplayInformation3_params *p);

/* `t` has at most 32767 units. */
static inline RPC_UNICODE_STRING samr_string(struct text t)
{
    uint16_t len = (uint16_t)(t.count * 2);

    return (RPC_UNICODE_STRING){len, len, (uint16_t *)t.chars};
}

static inline struct text samr_text(const RPC_UNICODE_STRING *s)
{
    return (struct text){s->Buffer, s->Buffer ? s->Length / 2u : 0};
}

#endif
