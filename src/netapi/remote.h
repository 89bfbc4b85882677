/* SPDX-License-Identifier: MIT */
/*
 * What connections to other machines offer to the rest of netapi.
 */
#ifndef NETAPI_REMOTE_H
#define NETAPI_REMOTE_H

#include <stdint.h>

#include "client/channel.h"
#include "netapi/credentials.h"
#include "transport/named_pipe.h"

/* Who wants to know how a connection comes about. */
struct remote_watch {
    /* A step has ended; what came of it, in words. */
    void (*step)(struct remote_watch *w, const char *name, struct net_status status, int64_t ended,
                 const char *detail);
};

/* What the interface and the server's options do not say, or are not to say. Members are 0 where nothing is
 * said. */
struct remote_endpoint {
    int transport;                 /* NETMGMT_TRANSPORT_... */
    const char *pipe;              /* its name */
    uint16_t port;                 /* of TCP */
    enum auth_level level;         /* by RPC itself; never less than the options say */
    const struct ndr_uuid *object; /* of each call */
};

/* Reach `server` (UTF-8, without backslashes) as `c` says and bind the interface there, at the pipe or port
 * that `at` (NULL: leaves it open) names, else its IDL, else under its own name or where the endpoint mapper
 * says. `*transport` is the channel's. Named pipe first; TCP where that was asked for, or where nothing
 * listens for SMB. `watch` may be NULL. */
struct net_status remote_open(struct channel **out, struct transport **transport, const char *server,
                              const struct credentials *c, const struct ndr_interface *interface,
                              const struct remote_endpoint *at, int64_t deadline, struct remote_watch *watch);

/* False: the server's name is not an address, `address` is "". */
#define REMOTE_ADDRESS_LEN 128
bool remote_address(const char *server, char address[REMOTE_ADDRESS_LEN]);

/* Connect to the server as `c` says, as far as it takes to know that the credentials are good (SMB: up to
 * IPC$), and keep the connection for the next call. */
struct net_status remote_verify(const uint16_t *server, const struct credentials *c);

/* What it means for the caller that connecting failed with `r` (as of transport.h). Nothing was asked of the
 * server then: it is out of reach, whatever the network calls it. */
struct net_status remote_connect_status(int r);
/* The same of pipe_session_start(). */
struct net_status remote_logon_status(int r, const struct pipe_report *report);

#endif
