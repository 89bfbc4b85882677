/* SPDX-License-Identifier: MIT */
/*
 * One connection of a client to the server: its RPC, its calls, who it is. Used alike by the daemon's sockets
 * and by the in-process transport: bytes in, bytes out.
 *
 * Invariant: context handles belong to the association group, which is the association's own unless the
 * client joins that of another one of its connections, and are run down with the group's last association.
 * Their number, the calls and the bytes held for the client are bounded (struct server_limits).
 */
#ifndef SERVER_ASSOCIATION_H
#define SERVER_ASSOCIATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/auth.h"
#include "sam/sam.h"
#include "transport/transport.h"

struct server; /* what associations share: the database handle, limits, identity of the machine. One thread */
struct association;

struct server_config {
    const char *database; /* path; created when it does not exist and `create` */
    bool create;
    bool batch; /* changes of several calls share one commit: server_commit() must be called before any output
                   of any association is sent (the daemon, once for each turn of its loop). Else each call
                   commits */
    bool patient;     /* changes wait inside for other processes that change the database, as
                         server_set_deadline() says; without `batch` they do in any case */
    int64_t deadline; /* of server_open(), as sam_set_deadline() */
};

/* Who calls: from SO_PEERCRED, the process itself, or, over the network, from the authentication. */
struct caller {
    uint32_t uid, gid;  /* of local ones */
    bool administrator; /* root, the server's own uid; remote: Administrator and the members of
                           BUILTIN\\Administrators, of those who come with Kerberos the latter alone. All
                           rights; others read */
    bool barred;        /* may not even read */
};

/* What clients must show that come over the network. */
struct server_remote {
    enum auth_level min_level; /* of each request */
    bool everyone;             /* whoever has an account may read; else administrators alone, as on Windows */
    const char *keytab;        /* of this server, path: Kerberos is taken as well as NTLM; NULL: it is not */
};

struct nt_status server_open(struct server **out, const struct server_config *config);
void server_close(struct server *s);
/* How long calls wait inside for other processes that change the database, as sam_set_deadline(). */
void server_set_deadline(struct server *s, int64_t deadline);
/* Make everything that was answered durable. When it fails, the clients whose changes are lost get
 * a failure in the place of the answers that wait (and none of these answers was sent before). Answers that
 * were held back may let further calls begin: until server_needs_commit() is false. */
struct nt_status server_commit(struct server *s);
bool server_needs_commit(const struct server *s);
/* A batch that is not `patient`: nothing waits inside; calls that change something are put off while another
 * process changes the database, for 20 s at most (STATUS_FILE_LOCK_CONFLICT), and so are the later calls of
 * these clients. While server_waits(), server_resume() must be called every few milliseconds; it is an input
 * of all that association_waits() before. `give_up`: put off no longer. */
bool server_waits(const struct server *s);
void server_resume(struct server *s, bool give_up);

/* Before the first association_new_remote(). *why (may be NULL): a result of auth.h when it is the keytab
 * that is of no use, else 0. */
struct nt_status server_accept_remote(struct server *s, const struct server_remote *remote, int *why);

int association_new(struct association **out, struct server *s, const struct caller *caller);
/* A client that must authenticate itself (NTLM or Kerberos, alone or in SPNEGO) before it can call anything.
 * `secondary_address`: of bind_ack, the port. */
int association_new_remote(struct association **out, struct server *s, const char *secondary_address);
/* A client that asks the endpoint mapper: anybody may; SAMR is at `port` here, 0: it is not. */
int association_new_mapper(struct association **out, struct server *s, uint16_t port);
/* As rpc_server_peer() and rpc_server_auth_result(). */
const struct auth_peer *association_peer(const struct association *a);
int association_auth_result(const struct association *a);
void association_free(struct association *a);
/* All of the bytes; calls that become complete are carried out, unless much output waits already: then when
 * it has been sent. The result is that of association_status. */
int association_input(struct association *a, const void *data, size_t len);
/* Reading more from this client should wait until it has taken its answers. */
bool association_full(const struct association *a);
/* 0, or not 0: send the output, then close (the client broke the protocol, or there was no memory). */
int association_status(const struct association *a);
/* Its next call is put off (server_resume). */
bool association_waits(const struct association *a);
/* Part of a PDU or of a request has come, and the rest is waited for. */
bool association_partial(const struct association *a);
/* How many calls it has begun; wraps around. */
uint32_t association_calls(const struct association *a);
const uint8_t *association_output(struct association *a, size_t *len);
void association_sent(struct association *a, size_t len);

/* A server of its own behind an in-process transport: the embedded default. */
int server_embedded_open(struct transport **out, const char *database, int64_t deadline);

#endif
