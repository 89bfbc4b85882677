/* SPDX-License-Identifier: MIT */
/*
 * Reaching other machines: see remote.h. [MS-RPCE] 2.1.1, [MS-SAMR] 2.1.
 *
 * Invariant: the server's name and its address are two things. Connections go to the address; the name is
 * what it is called in the SPN and in \\NAME\IPC$.
 */
#include "netapi/remote.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <lmerr.h>
#include <netmgmt.h>
#include <windows.h>

#include "client/endpoint.h"
#include "netapi/string_binding.h"

#define DETAIL_LEN 512
#define SPN_LEN (8 + 3 * 255 + 1) /* "cifs/" or "host/" and a name */

/* What the steps of one remote_open() share. */
struct way {
    const char *server, *address; /* what it is called, where it is */
    const struct credentials *credentials;
    const struct ndr_interface *interface;
    const struct remote_endpoint *at;
    int64_t deadline;
    struct channel **out;
    struct transport **transport;
    struct remote_watch *watch;
};

static void tell(const struct way *way, const char *name, struct net_status status, int64_t ended,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
static void tell(const struct way *way, const char *name, struct net_status status, int64_t ended,
                 const char *format, ...)
{
    char detail[DETAIL_LEN];
    va_list arguments;

    if (!way->watch)
        return;
    va_start(arguments, format);
    vsnprintf(detail, sizeof(detail), format, arguments);
    va_end(arguments);
    way->watch->step(way->watch, name, status, ended, detail);
}

/* Nobody has Kerberos tickets for an address, and asking for one costs time. With a password or a hash NTLM
 * does; without, the question is at least answered. */
static unsigned mechanisms_for(const char *server, const struct credentials *c)
{
    char address[REMOTE_ADDRESS_LEN];
    uint8_t hash[16];
    bool secret = auth_credentials_nt_hash(c->auth, hash);

    explicit_bzero(hash, sizeof(hash));
    if ((c->mechanisms & AUTH_NTLM) && secret && remote_address(server, address))
        return AUTH_NTLM;
    return c->mechanisms;
}

static struct net_status connect_to(struct transport **out, const struct way *way, uint16_t port)
{
    struct tcp_report report;
    int r = transport_tcp_connect_report(out, way->address, port, way->deadline, &report);
    struct net_status status = remote_connect_status(r);

    if (!report.resolved) {
        tell(way, "resolve", status, transport_now(), "%s", way->address);
        return status;
    }
    tell(way, "resolve", NET_STATUS(NERR_Success), report.resolved, "%s is at %s", way->address,
         report.address);
    tell(way, "connect", status, transport_now(), "TCP port %u%s%s", port, r ? ": " : "",
         r ? strerror(-r) : "");
    return status;
}

static const char *mechanism_name(const struct auth *auth)
{
    switch (auth ? auth_peer(auth)->mechanism : AUTH_TYPE_NONE) {
    case AUTH_TYPE_KERBEROS:
        return "Kerberos";
    case AUTH_TYPE_NTLM:
        return "NTLM";
    default:
        return "no common mechanism";
    }
}

/* ---- Named pipes ---- */

static const char *const signings[] = {"HMAC-SHA256", "AES-CMAC", "AES-GMAC"};
static const char *const ciphers[] = {"not encrypted", "AES-128-CCM", "AES-128-GCM", "AES-256-CCM",
                                      "AES-256-GCM"};

/* The names of a set, of which bit 0 is names[0]; 0: all. */
static const char *set_text(char text[64], unsigned set, const char *const names[], unsigned count)
{
    size_t len = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < count; i++)
        if (!set || (set & 1u << i))
            len += (size_t)snprintf(text + len, 64 - len, "%s%s", len ? ", " : "", names[i]);
    return text;
}

static const char *dialect_name(uint16_t dialect)
{
    switch (dialect) {
    case SMB_2_0_2:
        return "2.0.2";
    case SMB_2_1:
        return "2.1";
    case SMB_3_0:
        return "3.0";
    case SMB_3_0_2:
        return "3.0.2";
    default:
        return "3.1.1";
    }
}

static const char *dialects_text(char text[64], const struct smb_config *config)
{
    uint16_t dialects[SMB_DIALECTS_MAX];
    unsigned count = smb_config_dialects(config, dialects);
    size_t len = 0;

    for (unsigned i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, 64 - len, "%s%s", i ? ", " : "", dialect_name(dialects[i]));
    return text;
}

static void tell_disagreement(const struct way *way, const struct pipe_report *report,
                              struct net_status failed, const struct smb_config *config)
{
    const struct smb_info *info = &report->info;
    char text[64];

    switch (info->disagreement) {
    case SMB_NO_DIALECT:
        tell(way, "negotiate", failed, transport_now(), "the server does not speak SMB %s",
             dialects_text(text, config));
        break;
    case SMB_NO_SIGNING:
        tell(way, "negotiate", failed, transport_now(), "SMB %s, and the server does not sign with %s",
             dialect_name(info->dialect), set_text(text, config->signings, signings, 3));
        break;
    case SMB_NO_CIPHER:
        tell(way, "negotiate", failed, transport_now(), "SMB %s, and the server does not encrypt with %s",
             dialect_name(info->dialect), set_text(text, config->ciphers, ciphers + 1, 4));
        break;
    case SMB_NO_ENCRYPTION:
        tell(way, "negotiate", failed, transport_now(), "SMB %s, and the server does not encrypt",
             dialect_name(info->dialect));
        break;
    case SMB_NO_KEY:
        tell(way, "log on", failed, transport_now(), "an anonymous session has no key to encrypt with");
        break;
    case SMB_MUST_NOT_ENCRYPT:
        tell(way, "log on", failed, transport_now(),
             "the server demands encryption, which is off or has no cipher in common");
        break;
    case SMB_AGREED:
        break;
    }
}

static void tell_negotiated(const struct way *way, const struct pipe_report *report, struct net_status failed)
{
    const struct smb_info *info = &report->info;
    const char *why = failed.v == ERROR_TIMEOUT              ? "no answer in time"
                      : failed.v == RPC_S_SERVER_UNAVAILABLE ? "the server closed the connection"
                                                             : "the server does not speak SMB 2 or 3 with us";

    if (!report->negotiated)
        tell(way, "negotiate", failed, transport_now(), "%s", why);
    else
        tell(way, "negotiate", NET_STATUS(NERR_Success), report->negotiated, "SMB %s, signed with %s, %s%s",
             dialect_name(info->dialect), signings[info->signing % 3], info->cipher ? "encrypted with " : "",
             ciphers[info->cipher % 5]);
}

static void tell_logon(const struct way *way, const struct smb_config *config,
                       const struct pipe_report *report, struct net_status status)
{
    const struct auth *auth = config->auth;
    const char *detail = auth_detail(auth), *name = nt_status_name(report->why);
    enum smb_disagreement about = report->info.disagreement;

    if (about == SMB_AGREED || about == SMB_NO_KEY || about == SMB_MUST_NOT_ENCRYPT)
        tell_negotiated(way, report, status);
    if (about)
        tell_disagreement(way, report, status, config);
    if (about || !report->negotiated)
        return;
    if (!status.v)
        tell(way, "log on", status, report->ready, "%s, to \\\\%s", mechanism_name(auth), way->server);
    else if (report->info.auth_result)
        tell(way, "log on", status, transport_now(), "%s%s%s", auth_text(report->info.auth_result),
             *detail ? ": " : "", detail);
    else
        tell(way, "log on", status, transport_now(), "%s: the server says %s (0x%08X)%s",
             mechanism_name(auth), name ? name : "no", report->why.v,
             nt_is(report->why, NT_STATUS_ACCESS_DENIED) && !report->info.cipher
                 ? ", as those do that demand encryption"
                 : "");
}

/* Takes over `stream`. */
static struct net_status log_on(struct pipe_session **out, struct transport *stream, const struct way *way)
{
    const struct credentials *c = way->credentials;
    char spn[SPN_LEN];
    struct auth_client_config auth = {.options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_CONNECT},
                                      .credentials = c->auth,
                                      .target = spn,
                                      .deadline = way->deadline,
                                      .mechanisms = mechanisms_for(way->server, c)};
    struct smb_config smb = {.server = way->server, .anonymous = auth_credentials_anonymous(c->auth)};
    struct pipe_report report;
    struct net_status status;
    int r;

    if (!server_options_smb(&c->options, &smb)) {
        stream->ops->close(stream);
        status = NET_STATUS(ERROR_PROTOCOL_UNREACHABLE);
        tell(way, "negotiate", status, transport_now(),
             "what was set for this server and what was set for all leave no SMB dialect");
        return status;
    }
    snprintf(spn, sizeof(spn), "cifs/%s", way->server);
    r = auth_client_new(&smb.auth, &auth);
    if (r) {
        stream->ops->close(stream);
        return r < 0 ? net_from_errno(r) : auth_net_status(r);
    }
    r = pipe_session_start(out, stream, &smb, way->deadline, &report);
    status = remote_logon_status(r, &report);
    if (way->watch)
        tell_logon(way, &smb, &report, status);
    auth_free(smb.auth);
    return status;
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

/* ---- Binding ---- */

static void tell_bound(const struct way *way, struct net_status status, enum auth_level level, int result)
{
    const char *protection = level == AUTH_LEVEL_PRIVACY     ? "encrypted"
                             : level == AUTH_LEVEL_INTEGRITY ? "signed"
                                                             : "not protected";

    if (!status.v && !level)
        tell(way, "bind", status, transport_now(), "%s",
             auth_credentials_anonymous(way->credentials->auth)
                 ? "not protected: an anonymous session has no key"
                 : "protected by SMB");
    else if (!status.v)
        tell(way, "bind", status, transport_now(), "%s, %s", mechanism_name(channel_auth(*way->out)),
             protection);
    else
        tell(way, "bind", status, transport_now(), "%s",
             result ? auth_text(result) : "refused by the server");
}

/* `level` 0: RPC itself authenticates nobody. *result: of auth.h, for tell_bound(). */
static struct net_status bind_interface(const struct way *way, enum auth_level level, int *result)
{
    char spn[SPN_LEN];
    struct auth_client_config auth = {.options = {.type = AUTH_TYPE_SPNEGO, .level = level},
                                      .credentials = way->credentials->auth,
                                      .target = spn,
                                      .mechanisms = mechanisms_for(way->server, way->credentials)};
    struct channel_options options = {
        .auth = level ? &auth : NULL, .auth_result = result, .object = way->at->object};

    snprintf(spn, sizeof(spn), "host/%s", way->server);
    return channel_open(way->out, *way->transport, way->interface, &options, way->deadline);
}

/* The pipe was opened together with its first message: false when it is because of that that `*status` says
 * no. */
static bool tell_opened(const struct way *way, const struct pipe_session *session, const char *pipe,
                        struct net_status *status)
{
    const struct pipe_opening *opening = pipe_session_opening(session);
    bool opened = opening->ended && !opening->error;

    if (opening->error)
        *status = pipe_status(opening->error, opening->why);
    tell(way, "open", opened ? NET_STATUS(NERR_Success) : *status, opened ? opening->ended : transport_now(),
         "pipe \\%s", pipe);
    return opened;
}

static struct net_status open_pipe(const struct way *way)
{
    const struct server_options *o = &way->credentials->options;
    struct transport *stream;
    struct pipe_session *session;
    struct string_binding known;
    const char *pipe = way->at->pipe;
    uint16_t port = o->transport == NETMGMT_TRANSPORT_TCP ? 0 : o->port; /* else it is not SMB's */
    struct net_status status = connect_to(&stream, way, port ? port : SMB_PORT);
    int result = 0;

    if (!status.v)
        status = log_on(&session, stream, way);
    if (status.v)
        return status;
    if (!pipe)
        pipe = string_binding_well_known(&known, way->interface, STRING_PIPE) ? known.endpoint
                                                                              : way->interface->name;
    status = net_from_errno(transport_pipe_begin(way->transport, session, pipe));
    if (!status.v) {
        status = bind_interface(way, way->at->level, &result);
        if (tell_opened(way, session, pipe, &status) && way->watch)
            tell_bound(way, status, way->at->level, result);
    }
    pipe_session_close(session); /* the pipe keeps it */
    return status;
}

/* ---- TCP ---- */

static struct net_status find_port(const struct way *way, uint16_t *port)
{
    const struct server_options *o = &way->credentials->options;
    struct transport *mapper;
    struct string_binding known;
    struct net_status status;

    *port = way->at->port;
    if (!*port && o->transport == NETMGMT_TRANSPORT_TCP)
        *port = o->port;
    if (!*port && string_binding_well_known(&known, way->interface, STRING_TCP))
        *port = known.port;
    if (*port)
        return NET_STATUS(NERR_Success);
    status = connect_to(&mapper, way, ENDPOINT_MAPPER_PORT);
    if (status.v)
        return status;
    status = endpoint_map(mapper, way->interface, NULL, way->deadline, port);
    tell(way, "map", status, transport_now(), status.v ? "no port for %s" : "%s is at port %u",
         way->interface->name, *port);
    return status;
}

static struct net_status open_tcp(const struct way *way)
{
    enum auth_level said = (enum auth_level)way->credentials->options.protection,
                    level = way->at->level > said ? way->at->level : said;
    uint16_t port;
    int result = 0;
    struct net_status status = find_port(way, &port);

    if (!status.v)
        status = connect_to(way->transport, way, port);
    if (status.v)
        return status;
    if (!level)
        level = AUTH_LEVEL_PRIVACY;
    status = bind_interface(way, level, &result);
    if (way->watch)
        tell_bound(way, status, level, result);
    return status;
}

struct net_status remote_open(struct channel **out, struct transport **transport, const char *server,
                              const struct credentials *c, const struct ndr_interface *interface,
                              const struct remote_endpoint *at, int64_t deadline, struct remote_watch *watch)
{
    static const struct remote_endpoint open;
    const char *name = c->options.address[0] ? c->options.address : server;
    char address[REMOTE_ADDRESS_LEN];
    const struct way way = {.server = server,
                            .address = remote_address(name, address) ? address : name,
                            .credentials = c,
                            .interface = interface,
                            .at = at ? at : &open,
                            .deadline = deadline,
                            .out = out,
                            .transport = transport,
                            .watch = watch};
    int how = way.at->transport ? way.at->transport : c->options.transport;
    struct net_status status, over_tcp;

    *out = NULL;
    if (how == NETMGMT_TRANSPORT_TCP)
        return open_tcp(&way);
    status = open_pipe(&way);
    if (status.v != RPC_S_SERVER_UNAVAILABLE || how || c->options.port)
        return status;
    over_tcp = open_tcp(&way);
    return over_tcp.v == ERROR_TIMEOUT ? status : over_tcp;
}
