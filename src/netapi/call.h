/* SPDX-License-Identifier: MIT */
/*
 * One call of a Net function: its connection, its memory, its outcome.
 *
 * Every Net function checks its arguments, gathers them in a struct, and hands that with its body to
 * call_run(). Procedures return an NTSTATUS; when the runtime fails, `failure` says how, and every later
 * request of the call fails at once, so that bodies test only the procedures' own results. call_status()
 * makes one status of both.
 */
#ifndef NETAPI_CALL_H
#define NETAPI_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "netapi/binding.h"

#define CALL_MEMORY_MAX \
    (SIZE_MAX / 2) /* of a call's arena: what a reply may hold is bounded by ndr/ and rpc/ */

struct call {
    struct binding *binding;
    const struct credentials *credentials; /* of another machine, else NULL */
    struct arena arena;
    struct net_status failure; /* of the runtime; 0: none */
    bool changing;             /* a request that changes something may have reached the server */
};

typedef struct net_status (*call_body)(struct call *c, void *arguments);

/* Find the server, connect, run the body. When a cached connection turns out to be dead and nothing can have
 * been changed, the body runs once more on a fresh one: it starts from its arguments alone. */
struct net_status call_run(const uint16_t *servername, call_body body, void *arguments);

/* Take back what a failing call has changed: the body runs as a call of its own to the same server, on the
 * same connection if that still lives. Nothing more can be done when it fails too. */
void call_undo(struct call *c, call_body body, void *arguments);

struct net_status call_status(const struct call *c, struct nt_status s);

/* One request, waited for. `result`: where the procedure's return value will be. `changes`: it changes
 * something on the server. */
struct nt_status call_request(struct call *c, uint16_t opnum, void *params, const int32_t *result,
                              bool changes);
/* Not waited for. */
void call_post(struct call *c, uint16_t opnum, const void *params);
/* The server has no such procedure: clears the failure, an older one can be tried. */
bool call_forgive_absent(struct call *c);

/* These set `failure` and return a status that is not success. */
struct nt_status call_fail_memory(struct call *c);
struct nt_status call_fail_reply(struct call *c); /* the server's answer cannot be believed */

/* When a request that is sent now must be answered: netmgmt_set_timeout(), NETMGMT_TIMEOUT. 0: never. */
int64_t call_deadline(void);

#endif
