/* SPDX-License-Identifier: MIT */
/*
 * Reaching other machines: see remote.h. [MS-RPCE] 2.1.1, [MS-SAMR] 2.1.
 *
 * Invariant: the server's name and its address are two things. Connections go to the address; the name is
 * what it is called in the SPN and in \\NAME\IPC$.
 */
#include "netapi/remote.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <lmerr.h>
#include <netmgmt.h>
#include <windows.h>

#include "client/endpoint.h"

#define SPN_LEN (8 + 3 * 255 + 1) /* "cifs/" or "host/" and a name */

/* What the steps of one remote_open() share. */
struct way {
    const char *server, *address; /* what it is called, where it is */
    const struct credentials *credentials;
    const struct ndr_interface *interface;
    int64_t deadline;
    struct channel **out;
    struct transport **transport;
};

/* Nobody has Kerberos tickets for an address, and asking for one costs time. With a password or a hash NTLM
 * does; without, the question is at least answered. */
static unsigned mechanisms_for(const char *server, const struct credentials *c)
{
    unsigned char address[sizeof(struct in6_addr)];
    uint8_t hash[16];
    bool secret = auth_credentials_nt_hash(c->auth, hash);

    explicit_bzero(hash, sizeof(hash));
    if ((c->mechanisms & AUTH_NTLM) && secret &&
        (inet_pton(AF_INET, server, address) == 1 || inet_pton(AF_INET6, server, address) == 1))
        return AUTH_NTLM;
    return c->mechanisms;
}

static enum smb_encryption encryption_of(const struct server_options *o)
{
    switch (o->encryption) {
    case NETMGMT_ENCRYPTION_REQUIRED:
        return SMB_ENCRYPT_REQUIRED;
    case NETMGMT_ENCRYPTION_OFF:
        return SMB_ENCRYPT_NEVER;
    default:
        return SMB_ENCRYPT_IF_OFFERED;
    }
}

/* ---- Named pipes ---- */

/* Takes over `stream`. */
static struct net_status log_on(struct pipe_session **out, struct transport *stream, const struct way *way)
{
    const struct credentials *c = way->credentials;
    char spn[SPN_LEN];
    struct auth_client_config auth = {.options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_CONNECT},
                                      .credentials = c->auth,
                                      .target = spn,
                                      .mechanisms = mechanisms_for(way->server, c)};
    struct smb_config smb = {.server = way->server,
                             .anonymous = auth_credentials_anonymous(c->auth),
                             .encryption = encryption_of(&c->options)};
    struct pipe_report report;
    int r;

    snprintf(spn, sizeof(spn), "cifs/%s", way->server);
    r = auth_client_new(&smb.auth, &auth);
    if (r) {
        stream->ops->close(stream);
        return r < 0 ? net_from_errno(r) : auth_net_status(r);
    }
    r = pipe_session_start(out, stream, &smb, way->deadline, &report);
    auth_free(smb.auth);
    return remote_logon_status(r, &report);
}

static struct net_status pipe_status(int r, struct nt_status why)
{
    switch (r) {
    case -ENOENT: /* no such pipe: the service is not there */
        return NET_STATUS(RPC_S_SERVER_UNAVAILABLE);
    case -EACCES:
        return net_from_nt(why);
    default:
        return remote_connect_status(r);
    }
}

static struct net_status open_pipe(const struct way *way)
{
    const struct server_options *o = &way->credentials->options;
    struct transport *stream;
    struct pipe_session *session;
    struct nt_status why = NT(STATUS_SUCCESS);
    struct net_status status;
    int r = transport_tcp_connect(&stream, way->address, o->port ? o->port : SMB_PORT, way->deadline);

    if (r)
        return remote_connect_status(r);
    status = log_on(&session, stream, way);
    if (status.v)
        return status;
    r = transport_pipe_open(way->transport, session, way->interface->name, way->deadline, &why);
    pipe_session_close(session); /* the pipe keeps it */
    if (r)
        return pipe_status(r, why);
    return channel_open(way->out, *way->transport, way->interface, NULL, way->deadline);
}

/* ---- TCP ---- */

static struct net_status find_port(const struct way *way, uint16_t *port)
{
    struct transport *mapper;
    int r;

    *port = way->credentials->options.port;
    if (*port)
        return NET_STATUS(NERR_Success);
    r = transport_tcp_connect(&mapper, way->address, ENDPOINT_MAPPER_PORT, way->deadline);
    if (r)
        return remote_connect_status(r);
    return endpoint_map(mapper, way->interface, NULL, way->deadline, port);
}

static struct net_status open_tcp(const struct way *way)
{
    const struct credentials *c = way->credentials;
    char spn[SPN_LEN];
    struct auth_client_config auth = {.options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_PRIVACY},
                                      .credentials = c->auth,
                                      .target = spn,
                                      .mechanisms = mechanisms_for(way->server, c)};
    struct channel_options options = {.auth = &auth};
    struct net_status status;
    uint16_t port;
    int r;

    if (c->options.protection)
        auth.options.level = (enum auth_level)c->options.protection;
    snprintf(spn, sizeof(spn), "host/%s", way->server);
    status = find_port(way, &port);
    if (status.v)
        return status;
    r = transport_tcp_connect(way->transport, way->address, port, way->deadline);
    if (r)
        return remote_connect_status(r);
    return channel_open(way->out, *way->transport, way->interface, &options, way->deadline);
}

struct net_status remote_open(struct channel **out, struct transport **transport, const char *server,
                              const struct credentials *c, const struct ndr_interface *interface,
                              int64_t deadline)
{
    const struct way way = {.server = server,
                            .address = c->options.address[0] ? c->options.address : server,
                            .credentials = c,
                            .interface = interface,
                            .deadline = deadline,
                            .out = out,
                            .transport = transport};
    struct net_status status, over_tcp;

    *out = NULL;
    if (c->options.transport == NETMGMT_TRANSPORT_TCP)
        return open_tcp(&way);
    status = open_pipe(&way);
    if (status.v != RPC_S_SERVER_UNAVAILABLE || c->options.transport || c->options.port)
        return status;
    over_tcp = open_tcp(&way);
    return over_tcp.v == ERROR_TIMEOUT ? status : over_tcp;
}
