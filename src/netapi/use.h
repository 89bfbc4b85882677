/* SPDX-License-Identifier: MIT */
/*
 * What the NetUse functions share.
 */
#ifndef NETAPI_USE_H
#define NETAPI_USE_H

#include <stdbool.h>
#include <stdint.h>

#include "netapi/known_server.h"

/* On whose behalf: this machine's. ERROR_NOT_SUPPORTED: another one's; or the name is malformed. */
struct net_status use_check_computer(const uint16_t *name);

/* "\\server\IPC$": the server. ERROR_INVALID_PARAMETER: not of the form "\\server\share";
 * ERROR_NOT_SUPPORTED: another share. */
struct net_status use_parse(struct server_name *server, const uint16_t *remote);

/* Under known_lock(): the use of that name, or NULL. */
struct use *use_find(const uint16_t *name);

#endif
