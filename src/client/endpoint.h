/* SPDX-License-Identifier: MIT */
/*
 * The endpoint mapper's client: at which TCP port does a server offer an interface? [C706] appendices L and
 * O, [MS-RPCE] 2.2.1.2 and 3.3.2.
 */
#ifndef CLIENT_ENDPOINT_H
#define CLIENT_ENDPOINT_H

#include "client/channel.h"

#define ENDPOINT_MAPPER_PORT 135

/* Ask the mapper behind `t` (ENDPOINT_MAPPER_PORT of the server; taken over in any case). `options`: of the
 * conversation with the mapper; NULL: without authentication, which most servers allow here. Of several
 * answers the first that is for TCP, this interface and NDR20. EPT_S_NOT_REGISTERED (1753): there is none.
 * EPT_S_CANT_PERFORM_OP (1752): the mapper says that it cannot tell. Others as of channel_open and
 * channel_call. */
struct net_status endpoint_map(struct transport *t, const struct ndr_interface *interface,
                               const struct channel_options *options, int64_t deadline, uint16_t *port);

#endif
