/* SPDX-License-Identifier: MIT */
/*
 * Which credentials a call to a server takes, and what was said about the server (netmgmt.h): one snapshot,
 * taken when the call looks for a connection.
 */
#ifndef NETAPI_CREDENTIALS_H
#define NETAPI_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/status.h"
#include "netapi/server_options.h"

enum credentials_source { /* in the order in which they are looked for */
                          CREDENTIALS_SET,
                          CREDENTIALS_SET_FOR_ALL,
                          CREDENTIALS_USE,
                          CREDENTIALS_FILE,
                          CREDENTIALS_TICKETS
};

struct credentials {
    struct auth_credentials *auth; /* a reference: credentials_release() gives it back */
    unsigned mechanisms;           /* AUTH_KERBEROS, AUTH_NTLM: as struct auth_client_config wants them */
    enum credentials_source source;
    uint64_t number; /* no other credentials have it, nor what replaces these */
    struct server_options options;
};

/* `server`: as the Net functions are given it, not this machine. ERROR_INVALID_NAME, NERR_InvalidComputer:
 * its name is malformed; NETMGMT_AUTH_FILE's statuses; ERROR_NOT_ENOUGH_MEMORY. `out` may be released in any
 * case. The default ticket cache is not opened: authentication finds out whether there is one. */
struct net_status credentials_for(const uint16_t *server, struct credentials *out);
void credentials_release(struct credentials *c);

/* A connection to the server that was made as `a` says may serve a call as `b` says. Looks at no reference:
 * `a` may have been released. */
bool credentials_same(const struct credentials *a, const struct credentials *b);

#endif
