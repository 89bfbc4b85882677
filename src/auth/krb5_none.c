/* SPDX-License-Identifier: MIT */
/* A build without Kerberos: it says so. */
#include "auth/mech.h"

int auth_krb5_client(struct auth **out, const struct auth_client_config *config)
{
    (void)out, (void)config;
    return AUTH_E_UNAVAILABLE;
}

int auth_krb5_context(struct auth **out, struct auth_acceptor *acceptor, const struct auth_options *options)
{
    (void)out, (void)acceptor, (void)options;
    return AUTH_E_UNAVAILABLE;
}

void auth_krb5_cache_deinit(struct auth_krb5_cache *cache)
{
    pthread_mutex_destroy(&cache->lock);
}
