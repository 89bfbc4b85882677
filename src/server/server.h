/* SPDX-License-Identifier: MIT */
/*
 * Inside of the server: what the associations share, an association's parts, and a call under way. Only
 * src/server/ includes this.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/writer.h"
#include "ndr/ndr.h"
#include "rpc/server.h"
#include "sam/sam.h"
#include "server/association.h"
#include "server/context.h"

#define SERVER_PAGE_LEN ((size_t)256 << 10) /* most bytes of entries that one listing returns */
#define SERVER_FRAGMENT_LEN 65528           /* longest PDU: local streams carry any length */
/* Longest request: a thousand of the longest names take half of it. A client can make us keep a few of them.
 */
#define SERVER_STUB_LEN ((size_t)1 << 20)
#define SERVER_CALL_MEMORY ((size_t)256 << 20)
#define SERVER_REPLY_LEN ((size_t)64 << 20)
#define SERVER_WAIT                                                                         \
    INT64_C(20000000000) /* ns that a change waits: less than clients do, so they learn why \
                          */
#define SERVER_HELD_LEN ((size_t)16 << 20) /* of answers that wait for a commit, beyond which it is due */

/* Statuses of faults: [MS-RPCE] 3.3.3.5, [C706] appendix E, Win32 codes as Windows sends them. */
#define FAULT_OP_RANGE 0x1c010002u         /* nca_s_op_rng_error */
#define FAULT_CONTEXT_MISMATCH 0x1c00001au /* nca_s_fault_context_mismatch */
#define FAULT_NO_MEMORY 0x1c00001bu        /* nca_s_fault_remote_no_memory */
#define FAULT_BAD_STUB_DATA 0x000006f7u    /* RPC_X_BAD_STUB_DATA */
#define FAULT_ACCESS_DENIED 0x00000005u    /* the verification trailer names another interface */
#define FAULT_INVALID_TAG 0x000006c5u      /* RPC_S_INVALID_TAG */
#define FAULT_CANCELLED 0x1c00000du        /* nca_s_fault_cancel */

/* An answer that waits for the commit of the changes that it reports or has seen. */
struct held {
    struct held *next;
    struct rpc_request request;
    struct rpc_fault fault; /* the answer is this fault when not 0 */
    size_t stub_len;        /* of the answer */
    size_t failure_len;     /* of the answer when the commit fails: status is its last 4 bytes; 0: a fault */
    bool opened, closed;    /* by this call: undone when the commit fails */
    struct context context;
    uint8_t stubs[]; /* answer, then failure */
};

struct server {
    struct sam *sam;
    bool batch, patient;
    struct sam_sid sids[SAM_DOMAIN_COUNT]; /* they never change */
    struct auth_acceptor *acceptor;        /* NULL: no remote clients */
    struct server_remote remote;
    struct context_random random;
    struct arena arena;           /* of the call under way; one call is carried out at a time */
    struct writer reply, failure; /* stubs */
    struct association *holders;  /* associations with held answers */
    size_t held_len;              /* of all held stubs */
    struct nt_status unreported;  /* why a commit failed that was made within a turn */
    struct association *waiters;  /* whose next call is put off; in the order of `waits_since` */
    struct association **waiters_end;
    size_t waiting; /* so many */
    struct association_group *groups;
    uint32_t last_group; /* number given last */
};

/* association_group.c */
struct association_group {
    struct association_group *next;
    uint32_t id;
    struct association *members;
    struct context_table contexts;
};

enum association_kind { ASSOCIATION_LOCAL, ASSOCIATION_REMOTE, ASSOCIATION_MAPPER };
#define ASSOCIATION_ENDPOINT_LEN 16 /* "49152" */

struct association {
    struct server *server;
    struct caller caller;
    struct rpc_server *rpc;
    enum association_kind kind;
    char endpoint[ASSOCIATION_ENDPOINT_LEN]; /* that the client came to; "": there is but one of this kind */
    struct association_group *group;         /* never NULL */
    struct association *next_member;
    uint32_t wanted_group; /* that the client has named; 0: none */
    struct held *held, **held_end;
    struct association *next_holder;
    struct association *next_waiter;
    struct rpc_request request; /* that was taken last */
    int64_t waits_since;        /* transport_now() when it was put off; 0: it was not */
    uint16_t samr_port;         /* that the endpoint mapper tells */
    bool unknown;               /* a remote client: who it is will be known with its first call */
    uint32_t calls;
    int error; /* an answer could not be given: the association is at its end */
};

/* A call under way, as a handler sees it. */
struct call {
    struct server *server;
    struct association *association;
    const struct caller *caller;
    const struct ndr_interface *interface;
    struct sam *sam;
    struct arena *arena;     /* of the call: handlers free nothing */
    struct context *context; /* of the handle parameter; kind and access are checked. NULL: the null handle,
                                for procedures that take it */
    struct rpc_fault fault;  /* set by a handler that cannot answer otherwise */
    bool opened, closed;     /* at most one each; kept in case that the commit fails */
    struct context changed;
};

/* Carry out one request and answer it, or hold the answer back. 0 or -ENOMEM; DISPATCH_E_LOCKED: nothing was
 * done, since another process is changing the database; not when `last`, then it is answered. */
#define DISPATCH_E_LOCKED 1
int dispatch_run(struct association *a, const struct rpc_request *request, bool last);

/* Give the call a new handle; the rights are granted already. *handle stays null when it fails:
 * STATUS_INSUFFICIENT_RESOURCES. */
struct nt_status call_open(struct call *c, const struct context *context, struct ndr_context_handle *handle);
struct nt_status call_reserve(struct call *c); /* after success call_open cannot fail */
/* Close the handle that the call was made on. */
void call_close(struct call *c, struct ndr_context_handle *handle);

/* remote.c: who a client is that has authenticated itself. */
struct nt_status remote_identify(struct server *s, const struct auth_peer *peer, struct caller *out);

/* server_commit() within a turn: when it fails, the next server_commit() says so. */
void server_commit_early(struct server *s);
/* Let other processes change the database first, when nobody here waits to. */
void server_leave_queue(struct server *s);

/* A group of its own: 0, -ENOMEM. */
int association_group_new(struct association *a);
void association_group_leave(struct association *a);
/* In its bind the client names another group: may it have that? (struct rpc_server_config, join) */
bool association_group_ask(void *association, uint32_t id);
/* The client is known now: into the group that it has named. False: it is another client's. */
bool association_group_join(struct association *a);

/* association.c: carry out what can be. */
void association_run(struct association *a);
/* Carry out the call that was put off, and what can be behind it. `last`: it is not put off again. */
void association_resume(struct association *a, bool last);

#endif
