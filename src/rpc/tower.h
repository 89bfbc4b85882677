/* SPDX-License-Identifier: MIT */
/*
 * Protocol towers: what the endpoint mapper is asked with and answers with. [C706] appendix L, [MS-RPCE]
 * 2.2.1.2.5.
 */
#ifndef RPC_TOWER_H
#define RPC_TOWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netmgmt/ndr.h"

#define TOWER_LEN 75 /* of one for TCP over IPv4 */

struct writer;

/* For TCP over IPv4 at any address; a question has port 0. */
void tower_put(struct writer *w, const struct ndr_interface *interface, uint16_t port);
/* The port of a tower for TCP, this interface and NDR20; false, and port 0: it is for something else, or not
 * legal. */
bool tower_get(const uint8_t *tower, size_t len, const struct ndr_interface *interface, uint16_t *port);

#endif
