/* SPDX-License-Identifier: MIT */
/*
 * How a server is spoken to: what was said with netmgmt_set_server_options(), checked, and what it means.
 */
#ifndef NETAPI_SERVER_OPTIONS_H
#define NETAPI_SERVER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "smb/client.h"

#define SERVER_ADDRESS_LEN 256 /* a DNS name or an address, with its terminator */

struct server_options {               /* members are 0 (address "") where nothing was said */
    char address[SERVER_ADDRESS_LEN]; /* "": the server's name is its address */
    uint16_t port;
    int transport;             /* NETMGMT_TRANSPORT_... */
    int protection;            /* NETMGMT_PROTECTION_...: the value is the enum auth_level */
    int encryption;            /* NETMGMT_ENCRYPTION_... */
    uint16_t smb_min, smb_max; /* NETMGMT_SMB_...: the value is the enum smb_dialect */
    unsigned ciphers, signing; /* NETMGMT_CIPHER_..., NETMGMT_SIGNING_...: sets as in struct smb_config */
};

bool server_options_any(const struct server_options *o); /* something was said */
bool server_options_given(const uint16_t *server);       /* of this very server, not of all */
bool server_options_same(const struct server_options *a, const struct server_options *b);
/* What was said of a server, and for the rest what was said for all; either may be NULL. */
void server_options_join(struct server_options *out, const struct server_options *server,
                         const struct server_options *all);
/* Raise them to what flags of USE_INFO_3 demand. */
void server_options_require(struct server_options *o, uint32_t flags);

/* What SMB may agree about, into `config`. False: there is nothing that all of them allow, as happens when
 * something was said of the server and something else for all. */
bool server_options_smb(const struct server_options *o, struct smb_config *config);

#endif
