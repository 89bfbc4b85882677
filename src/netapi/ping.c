/* SPDX-License-Identifier: MIT */
/*
 * netmgmt_ping(): a connection made step by step, each told to the caller with its time. It goes the way that
 * calls go, but never takes a connection from the cache nor leaves one there.
 */
#include <netmgmt.h>

#include <stddef.h>
#include <stdio.h>

#include <lmerr.h>
#include <windows.h>

#include "netapi/accounts.h"
#include "netapi/remote.h"

extern const struct ndr_interface samr_interface; /* samr.h and windows.h declare types of the same names */

struct ping {
    struct remote_watch watch;
    netmgmt_ping_report report;
    void *data;
    int64_t since; /* the end of the step before */
};

static void tell(struct remote_watch *w, const char *name, struct net_status status, int64_t ended,
                 const char *detail)
{
    struct ping *p = (struct ping *)((char *)w - offsetof(struct ping, watch));
    struct netmgmt_ping_step step = {.size = sizeof(step),
                                     .name = name,
                                     .status = status.v,
                                     .microseconds = (unsigned)((ended - p->since) / 1000),
                                     .detail = detail};

    p->since = ended;
    if (p->report)
        p->report(p->data, &step);
}

static struct net_status open_local(struct ping *p, struct binding *b, const struct target *target,
                                    int64_t deadline)
{
    struct net_status status = binding_connect(&b->transport, target, deadline);

    tell(&p->watch, "connect", status, transport_now(), target->path);
    if (status.v)
        return status;
    status = channel_open(&b->channel, b->transport, &samr_interface, NULL, deadline);
    tell(&p->watch, "bind", status, transport_now(), "on this machine");
    return status;
}

static struct net_status make_call(struct ping *p, struct call *c)
{
    struct ndr_context_handle domain;
    struct net_status status;
    const uint8_t *sid = c->binding->domain_sid;
    char text[256] = "the account domain";
    int len = 0;

    arena_init(&c->arena, CALL_MEMORY_MAX);
    status = call_status(c, accounts_domain(c, DOMAIN_FOR_NAMES, &domain));
    arena_deinit(&c->arena);
    if (!status.v)
        len = snprintf(text, sizeof(text), "the account domain is S-1-%u", sid[7]);
    for (unsigned i = 0; !status.v && i < sid[1]; i++)
        len += snprintf(text + len, sizeof(text) - (size_t)len, "-%u",
                        ((const uint32_t *)(const void *)sid)[2 + i]);
    tell(&p->watch, "call", status, transport_now(), text);
    return status;
}

NET_API_STATUS netmgmt_ping(LPCWSTR server, netmgmt_ping_report report, void *data)
{
    struct ping p = {.watch.step = tell, .report = report, .data = data, .since = transport_now()};
    struct credentials credentials = {0};
    struct binding b = {0};
    struct target target;
    struct net_status status = target_resolve(&target, server);
    bool remote = !status.v && target.kind == TARGET_REMOTE;
    int64_t deadline = call_deadline();

    if (remote)
        status = credentials_for(server, &credentials);
    if (!status.v)
        status = remote ? remote_open(&b.channel, &b.transport, target.path, &credentials, &samr_interface,
                                      NULL, deadline, &p.watch)
                        : open_local(&p, &b, &target, deadline);
    if (!status.v) {
        struct call c = {.binding = &b, .credentials = remote ? &credentials : NULL};

        status = make_call(&p, &c);
        channel_close(b.channel);
    }
    credentials_release(&credentials);
    return status.v;
}
