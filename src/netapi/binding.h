/* SPDX-License-Identifier: MIT */
/*
 * A bound SAMR connection to the accounts of a server, from a bounded cache or made now. One to another
 * machine serves only calls that take the credentials, and were told the options, that it was made with.
 *
 * A binding belongs to one thread from binding_get to binding_put; several to one server when several threads
 * call. At most BINDING_IDLE_MAX idle ones are kept, none longer than BINDING_IDLE_NS (looked at when the
 * next call comes: no hidden thread). No lock is held during I/O. After fork() the child starts with an empty
 * cache and never touches what the parent has open.
 */
#ifndef NETAPI_BINDING_H
#define NETAPI_BINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "client/channel.h"
#include "netapi/credentials.h"
#include "netapi/target.h"

#define BINDING_IDLE_MAX 16
#define BINDING_IDLE_NS (30 * INT64_C(1000000000))

/* The account domain is opened once for each purpose, with no more rights than it needs: a server that
 * refuses one purpose still serves the others. DOMAIN_FOR_ALIASES: it is BUILTIN, for its local groups. */
enum domain_use {
    DOMAIN_FOR_NAMES,
    DOMAIN_FOR_LISTS,
    DOMAIN_FOR_COUNTS,
    DOMAIN_FOR_NEW,
    DOMAIN_FOR_ALIASES,
    DOMAIN_USE_COUNT
};

#define BINDING_SID_COUNT 15 /* most subauthorities that a SID can have */

struct binding {
    struct channel *channel;
    struct ndr_context_handle server;                          /* SamrConnect*; null until asked for */
    struct ndr_context_handle domains[DOMAIN_USE_COUNT];       /* null until asked for */
    _Alignas(4) uint8_t domain_sid[8 + 4 * BINDING_SID_COUNT]; /* of 0 subauthorities until asked for */
    bool sids_by_server;  /* SIDs are not the domain's and the RID: SamrRidToSid tells ([MS-SAMR] 2.2.7.15) */
    uint8_t user_version; /* as the next, of SamrQueryInformationUser* */
    uint8_t connect_version; /* the number of the SamrConnect procedure that the server has */
    uint8_t display_version; /* of SamrQueryDisplayInformation*, that the server is known to have: index */
    void *users;             /* a list that is being gone on with (accounts_user_list.c), from malloc() */
    bool reused;             /* came from the cache: it may have died meanwhile */

    /* Further pipes on the same SMB session, for this one's calls (each.h): they go where it goes. */
    struct binding *lanes;

    struct transport *transport; /* the channel's */
    struct target target;
    struct credentials credentials; /* TARGET_REMOTE: for credentials_same() only; no reference */
    int64_t idle_since;
    struct binding *next;
};

/* `credentials`: for TARGET_REMOTE, else NULL. `fresh`: not from the cache. */
struct net_status binding_get(struct binding **out, const struct target *target,
                              const struct credentials *credentials, bool fresh, int64_t deadline);
/* Back to the cache, or closed when it is dead. NULL is fine. */
void binding_put(struct binding *b);

/* Begin further lanes until there are `count`, as far as the transport has such. They open when they are
 * waited for. */
void binding_widen(struct binding *b, size_t count, int64_t deadline);
/* Close the lanes that are not `wanted`. */
void binding_narrow(struct binding *b, bool (*wanted)(const struct binding *lane, void *context),
                    void *context);
/* It can only be closed: looks at the connection too, so nothing may be under way. */
bool binding_is_dead(const struct binding *b);
bool binding_has_dead_lane(const struct binding *b);

/* A transport to a target on this machine, not yet bound. */
struct net_status binding_connect(struct transport **out, const struct target *target, int64_t deadline);

#endif
