/* SPDX-License-Identifier: MIT */
/*
 * netmgmt_set_server_options() and what comes of it: see server_options.h.
 *
 * Invariant: options in the table are consistent by themselves. Whoever says something of what SMB may agree
 * about means SMB, and whoever chooses ciphers means that it is encrypted: no other way is taken behind their
 * back, so both are stored as if they had been said.
 */
#include "netapi/server_options.h"

#include <string.h>

#include <lmerr.h>
#include <lmuse.h>
#include <netmgmt.h>

#include "netapi/known_server.h"
#include "netapi/versioned.h"
#include "smb/crypto.h"

#define ALL_CIPHERS                                                                      \
    (NETMGMT_CIPHER_AES128_CCM | NETMGMT_CIPHER_AES128_GCM | NETMGMT_CIPHER_AES256_CCM | \
     NETMGMT_CIPHER_AES256_GCM)
#define ALL_SIGNING (NETMGMT_SIGNING_HMAC_SHA256 | NETMGMT_SIGNING_AES_CMAC | NETMGMT_SIGNING_AES_GMAC)

_Static_assert(NETMGMT_CIPHER_AES128_CCM == SMB_CIPHER_SET(SMB_AES128_CCM) &&
                   NETMGMT_CIPHER_AES128_GCM == SMB_CIPHER_SET(SMB_AES128_GCM) &&
                   NETMGMT_CIPHER_AES256_CCM == SMB_CIPHER_SET(SMB_AES256_CCM) &&
                   NETMGMT_CIPHER_AES256_GCM == SMB_CIPHER_SET(SMB_AES256_GCM) &&
                   NETMGMT_SIGNING_HMAC_SHA256 == SMB_SIGNING_SET(SMB_SIGN_HMAC) &&
                   NETMGMT_SIGNING_AES_CMAC == SMB_SIGNING_SET(SMB_SIGN_CMAC) &&
                   NETMGMT_SIGNING_AES_GMAC == SMB_SIGNING_SET(SMB_SIGN_GMAC),
               "the public sets are those of smb/");

bool server_options_same(const struct server_options *a, const struct server_options *b)
{
    return strcmp(a->address, b->address) == 0 && a->port == b->port && a->transport == b->transport &&
           a->protection == b->protection && a->encryption == b->encryption && a->smb_min == b->smb_min &&
           a->smb_max == b->smb_max && a->ciphers == b->ciphers && a->signing == b->signing;
}

bool server_options_any(const struct server_options *o)
{
    static const struct server_options nothing;

    return !server_options_same(o, &nothing);
}

bool server_options_given(const uint16_t *server)
{
    const struct known_server *s;
    struct server_name name;
    bool given;

    if (server_name_parse(&name, server).v)
        return false;
    known_lock();
    s = known_find(&name);
    given = s && server_options_any(&s->options);
    known_unlock();
    return given;
}

void server_options_join(struct server_options *out, const struct server_options *server,
                         const struct server_options *all)
{
    static const struct server_options nothing;
    const struct server_options *a = server ? server : &nothing, *b = all ? all : &nothing;

    *out = *a;
    out->port = a->port ? a->port : b->port;
    out->transport = a->transport ? a->transport : b->transport;
    out->protection = a->protection ? a->protection : b->protection;
    out->encryption = a->encryption ? a->encryption : b->encryption;
    out->smb_min = a->smb_min ? a->smb_min : b->smb_min;
    out->smb_max = a->smb_max ? a->smb_max : b->smb_max;
    out->ciphers = a->ciphers ? a->ciphers : b->ciphers;
    out->signing = a->signing ? a->signing : b->signing;
}

void server_options_require(struct server_options *o, uint32_t flags)
{
    if (flags & CREATE_REQUIRE_CONNECTION_PRIVACY) {
        o->encryption = NETMGMT_ENCRYPTION_REQUIRED;
        o->protection = NETMGMT_PROTECTION_PRIVACY;
    } else if (flags & CREATE_REQUIRE_CONNECTION_INTEGRITY && o->protection == NETMGMT_PROTECTION_CONNECT) {
        o->protection = NETMGMT_PROTECTION_INTEGRITY; /* SMB is signed in any case */
    }
}

bool server_options_smb(const struct server_options *o, struct smb_config *config)
{
    uint16_t dialects[SMB_DIALECTS_MAX];

    config->encryption = o->encryption == NETMGMT_ENCRYPTION_REQUIRED ? SMB_ENCRYPT_REQUIRED
                         : o->encryption == NETMGMT_ENCRYPTION_OFF    ? SMB_ENCRYPT_NEVER
                                                                      : SMB_ENCRYPT_IF_OFFERED;
    config->min_dialect = (enum smb_dialect)o->smb_min;
    config->max_dialect = (enum smb_dialect)o->smb_max;
    config->ciphers = o->ciphers;
    config->signings = o->signing;
    return smb_config_dialects(config, dialects) > 0;
}

/* ---- Setting them ---- */

static bool is_address(const char *address)
{
    size_t len = strlen(address);

    for (size_t i = 0; i < len; i++)
        if (address[i] <= ' ' || address[i] == 0x7f || strchr("\\/", address[i]))
            return false;
    return len > 0 && len < SERVER_ADDRESS_LEN;
}

static bool is_dialect(unsigned value)
{
    return value == NETMGMT_SMB_2_0_2 || value == NETMGMT_SMB_2_1 || value == NETMGMT_SMB_3_0 ||
           value == NETMGMT_SMB_3_0_2 || value == NETMGMT_SMB_3_1_1;
}

static bool take_smb(struct server_options *out, const struct netmgmt_server_options *o)
{
    struct smb_config config = {0};

    if ((o->smb_min && !is_dialect(o->smb_min)) || (o->smb_max && !is_dialect(o->smb_max)) ||
        (o->ciphers & ~(unsigned)ALL_CIPHERS) || (o->signing & ~(unsigned)ALL_SIGNING))
        return false;
    if (!o->smb_min && !o->smb_max && !o->ciphers && !o->signing)
        return true;
    if (o->transport == NETMGMT_TRANSPORT_TCP || (o->ciphers && o->encryption == NETMGMT_ENCRYPTION_OFF))
        return false;
    out->smb_min = (uint16_t)o->smb_min;
    out->smb_max = (uint16_t)o->smb_max;
    out->ciphers = o->ciphers;
    out->signing = o->signing;
    out->transport = NETMGMT_TRANSPORT_PIPE;
    if (o->ciphers && !o->encryption)
        out->encryption = NETMGMT_ENCRYPTION_REQUIRED;
    return server_options_smb(out, &config);
}

static bool take(struct server_options *out, const struct netmgmt_server_options *o, bool for_all)
{
    if (o->address && (for_all || !is_address(o->address)))
        return false;
    if (o->port > UINT16_MAX || o->transport < 0 || o->transport > NETMGMT_TRANSPORT_TCP ||
        o->encryption < 0 || o->encryption > NETMGMT_ENCRYPTION_OFF)
        return false;
    if (o->protection && o->protection != NETMGMT_PROTECTION_CONNECT &&
        o->protection != NETMGMT_PROTECTION_INTEGRITY && o->protection != NETMGMT_PROTECTION_PRIVACY)
        return false;
    if (o->address)
        strcpy(out->address, o->address);
    out->port = (uint16_t)o->port;
    out->transport = o->transport;
    out->protection = o->protection;
    out->encryption = o->encryption;
    return take_smb(out, o);
}

NET_API_STATUS netmgmt_set_server_options(LPCWSTR server, const struct netmgmt_server_options *options)
{
    struct netmgmt_server_options said;
    struct server_options fresh = {0};
    struct server_name name;
    struct known_server *s;
    struct net_status status = server_name_parse(&name, server);

    if (!status.v && options)
        status =
            versioned_copy(&said, sizeof(said), options, offsetof(struct netmgmt_server_options, smb_min));
    if (status.v)
        return status.v;
    if (options && !take(&fresh, &said, !name.chars))
        return ERROR_INVALID_PARAMETER;
    known_lock();
    s = server_options_any(&fresh) ? known_make(&name) : known_find(&name);
    if (s) {
        s->options = fresh;
        known_tidy(s);
    }
    known_unlock();
    return !s && server_options_any(&fresh) ? ERROR_NOT_ENOUGH_MEMORY : NERR_Success;
}
