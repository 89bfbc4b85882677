/* SPDX-License-Identifier: MIT */
/*
 * String bindings: text that says where an interface is, [C706] chapter 3 as Windows and Samba write it:
 *
 *     [OBJECT@]PROTOCOL:[SERVER][[[endpoint=]ENDPOINT][,OPTION...]]
 *     ncacn_np:server[\pipe\samr]   ncacn_ip_tcp:2001:db8::7[135]   ncalrpc:[/run/netmgmt/netmgmtd.sock]
 *
 * A backslash makes one of @ : [ ] , = and the backslash stand for itself, as RpcStringBindingCompose
 * writes \pipe\samr: \\pipe\\samr. Before other characters it is one: so the plain form is good too.
 * Options are connect, sign and seal, as Samba's tools take them: the protection by RPC itself.
 */
#ifndef NETAPI_STRING_BINDING_H
#define NETAPI_STRING_BINDING_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/status.h"
#include "netmgmt/ndr.h"

#define STRING_BINDING_NAME_LEN (3 * 255 + 1) /* of a server, UTF-8 */

enum string_protocol { STRING_PIPE, STRING_TCP, STRING_LOCAL };

struct string_binding {
    enum string_protocol protocol;
    bool has_object;
    struct ndr_uuid object;
    char server[STRING_BINDING_NAME_LEN]; /* without backslashes in front; "": this machine */
    char endpoint[PATH_MAX];              /* name of a pipe, path of a socket; "": not said */
    uint16_t port;                        /* 0: not said */
    enum auth_level level;                /* 0: not said */
};

/* RPC_S_INVALID_STRING_BINDING: not of this form; RPC_S_INVALID_RPC_PROTSEQ: no protocol sequence;
 * RPC_S_PROTSEQ_NOT_SUPPORTED: one that is not had; RPC_S_INVALID_STRING_UUID; RPC_S_INVALID_NET_ADDR;
 * RPC_S_INVALID_ENDPOINT_FORMAT; RPC_S_INVALID_NETWORK_OPTIONS. */
struct net_status string_binding_parse(struct string_binding *out, const char *text);

/* The endpoint that the interface's IDL gives for this protocol; false: none. */
bool string_binding_well_known(struct string_binding *out, const struct ndr_interface *interface,
                               enum string_protocol protocol);

#endif
