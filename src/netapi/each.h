/* SPDX-License-Identifier: MIT */
/*
 * The same requests for each of many objects, many objects at once.
 *
 * A function that must ask several things about each of `count` objects describes what one object needs as
 * steps. A step looks at the answers to the step before and begins the next requests; when it begins none,
 * the object is finished. While one object waits for its answers the others go on, so that the time of a
 * round trip is paid for a window of objects instead of each:
 *
 *     struct look {                              // what is kept of one object: zeroed, several at a time
 *         struct SamrOpenUser_params open;       // parameters stay here while they are under way
 *         struct SamrQueryInformationUser2_params query;
 *         struct SamrGetGroupsForUser_params groups;
 *     };
 *
 *     static struct nt_status step(struct call *c, void *object, size_t i, unsigned stage, void *context)
 *     {
 *         struct look *l = object;
 *         struct nt_status s = NT(STATUS_SUCCESS);
 *
 *         if (stage == 0) {
 *             l->open = (struct SamrOpenUser_params){.UserId = rids[i], ...};
 *             s = accounts_domain(c, DOMAIN_FOR_NAMES, &l->open.DomainHandle);
 *             SAMR_BEGIN(c, SamrOpenUser, &l->open);
 *         } else if (stage == 1) {
 *             s = NT_STATUS((uint32_t)l->open.Return);   // not success ends it all;
 *             ...                                        // or begin nothing: this object is left out
 *             SAMR_BEGIN(c, SamrQueryInformationUser2, &l->query);
 *             SAMR_BEGIN(c, SamrGetGroupsForUser, &l->groups);
 *         }
 *         return s;                              // stage 2: began nothing: finished, all is in *l
 *     }
 *     static void end(...)  { close the handle, if there is one, with user_close(c, ...): it is posted }
 *     static bool done(...) { add what *l says to the buffer }
 *
 *     s = each_run(c, &(struct each){.object_len = sizeof(struct look), step, end, done}, count, &context);
 *
 * Where the server takes requests while others are under way, all go over the connection of the call. On
 * named pipes further pipes of the same SMB session take their share when there are many objects: they are
 * opened meanwhile, with the domains that the call has open by then, stay with the binding for the next call,
 * and are done without when the server refuses them. So all callbacks get a call `c` of the connection that
 * the object is worked on over: handles belong to their connection, take them with it (accounts_domain(c,
 * ...) gives its own; others: `join`) and give them back with it. Its arena, where answers and text_copy(c,
 * ...) are, lasts until the object's chunk is handed out; the arena of the caller of each_run() is left
 * alone. A step may also wait for single requests, with call_request().
 *
 * The first failure (of a step, or of the runtime) starts no further objects and begins no further requests;
 * what is under way is waited for, so that its outcome is known: see each_request(). Each request gets the
 * time of netmgmt_set_timeout() from the answer before it on.
 */
#ifndef NETAPI_EACH_H
#define NETAPI_EACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netapi/call.h"

#define EACH_LANES 8    /* connections that work on them together */
#define EACH_CHUNK 512  /* objects whose answers are kept at once */
#define EACH_WINDOW 64  /* of these, under way at once on one connection, at most */
#define EACH_TOGETHER 4 /* requests of one step */

struct each {
    size_t object_len; /* of what is kept of an object; 0: nothing, `object` is NULL */
    /* Carry an object on: `stage` counts its steps, from 0. Objects begin in order; later steps come in any
     * order, and not at all for an object of which a request failed by the runtime. Not success: a failure.
     */
    struct nt_status (*step)(struct call *c, void *object, size_t i, unsigned stage, void *context);
    /* Nothing more will happen to an object that had its first step: close its handles. Also after failures.
     * In any order, after its last step. NULL: not needed. */
    void (*end)(struct call *c, void *object, size_t i, void *context);
    /* Each finished object, in order, none twice; not those of a chunk in which something failed. False: no
     * further ones are wanted (or call_fail_...() says why there cannot be). NULL: not needed. */
    bool (*done)(struct call *c, void *object, size_t i, void *context);
    /* The objects are changed. Servers take such requests one after the other on one connection; what several
     * do at once through scripts and databases of theirs gets lost or is refused. So further connections are
     * used only where the server does not take requests while others are under way. */
    bool changes;
    /* Steps (and memory) of each further connection, before objects come over it: open there what was opened
     * on the call's own one besides the domains of accounts_domain(). When they fail it is done without.
     * `end`: when all is over; for the own one too. What the answers pointed to is gone with the last step.
     */
    const struct each *join; /* NULL: nothing */
    void *joined;            /* what each_joined() is on the call's own connection */
    size_t chunk;            /* as EACH_CHUNK, less: where the caller may want to stop early; 0: EACH_CHUNK */
};

/* Success; or what the first object in order that failed said, and c->failure as call.h says. */
struct nt_status each_run(struct call *c, const struct each *each, size_t count, void *context);

/* In callbacks: what the `join` of this connection made. */
void *each_joined(const struct call *c);

/* In a step: begin a request. `params` stay where they are until it is answered. `changes`: it changes
 * something on the server. Failures show in the outcome only; `*result`, the member that will have the
 * procedure's own status, is set to one of these when the runtime failed, and c->failure tells more: */
#define EACH_NOT_DONE 0xC002001Cu /* RPC_NT_CALL_FAILED_DNE: certainly not carried out */
#define EACH_UNKNOWN 0xC002001Bu  /* RPC_NT_CALL_FAILED: it may have been carried out */
void each_request(struct call *c, uint16_t opnum, void *params, int32_t *result, bool changes);

#endif
