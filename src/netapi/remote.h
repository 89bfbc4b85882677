/* SPDX-License-Identifier: MIT */
/*
 * What connections to other machines offer to the rest of netapi.
 */
#ifndef NETAPI_REMOTE_H
#define NETAPI_REMOTE_H

#include <stdint.h>

#include "base/status.h"
#include "netapi/credentials.h"

/* Connect to the server as `c` says, as far as it takes to know that the credentials are good (SMB: up to
 * IPC$), and keep the connection for the next call. Weak: a build without it does not try credentials. */
__attribute__((weak)) struct net_status remote_verify(const uint16_t *server, const struct credentials *c);

#endif
