/* SPDX-License-Identifier: MIT */
/*
 * Where a servername leads: a socket or a database of this machine, or another machine.
 */
#ifndef NETAPI_TARGET_H
#define NETAPI_TARGET_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum target_kind { TARGET_UNIX, TARGET_EMBEDDED, TARGET_REMOTE };

struct target {
    enum target_kind kind;
    uint64_t device, inode; /* of the file when it was looked at; 0: there was none */
    char path[PATH_MAX];    /* TARGET_REMOTE: the server's name, UTF-8, as it was given without backslashes */
};

/* NULL, "" and the machine's own names are local: NETMGMT_LOCAL, else the daemon's socket if there is one,
 * else the embedded server; but an own name of which netmgmt_set_server_options() has said how it is reached
 * is reached so. Never asks DNS or NetBIOS. ERROR_INVALID_NAME, NERR_InvalidComputer:
 * malformed. */
struct net_status target_resolve(struct target *t, const uint16_t *servername);

/* "unix:PATH", "embedded:PATH"; else ERROR_INVALID_PARAMETER. */
struct net_status target_parse(struct target *t, const char *binding);

/* Look at the file again: after it was made. */
void target_identify(struct target *t);
bool target_equal(const struct target *a, const struct target *b);

#endif
