/* SPDX-License-Identifier: MIT */
/*
 * For tests and fuzz targets: what a client and a server need to authenticate to each other by NTLM, alone or
 * in SPNEGO, with randomness and time that are the same in every run.
 */
#ifndef RPC_TEST_SECURE_H
#define RPC_TEST_SECURE_H

#include "auth/auth.h"
#include "base/utf16.h"
#include "rpc/test_pair.h"

struct secure {
    uint64_t seed[2]; /* of client and server */
    struct auth_source source[2];
    struct auth_credentials *credentials;
    struct auth_acceptor *acceptor;
    struct auth_client_config auth;
    struct rpc_client_config client;
    struct rpc_server_config server;
};

static const struct ndr_interface *const secure_interfaces[] = {&test_interface, NULL};

static inline int secure_random(void *data, void *out, size_t len)
{
    uint64_t *x = data;

    for (size_t i = 0; i < len; i++) {
        *x = *x * 6364136223846793005u + 1442695040888963407u;
        ((uint8_t *)out)[i] = (uint8_t)(*x >> 56);
    }
    return 0;
}

static inline uint64_t secure_now(void *data)
{
    (void)data;
    return 133000000000000000u;
}

static inline int secure_account(void *data, const uint16_t *user, const uint16_t *domain,
                                 struct auth_account *out)
{
    (void)data, (void)domain;
    if (utf16_casecmp(user, utf16_len(user), u"user", 4) != 0)
        return AUTH_E_NO_SUCH_USER;
    auth_nt_hash(u"secret", 6, out->nt_hash);
    out->id = 1007;
    return 0;
}

/* Configurations that fit each other; the caller may change them before it opens a pair with them. */
static inline int secure_init(struct secure *s, enum auth_type type, enum auth_level level,
                              const char *password)
{
    struct auth_acceptor_config acceptor = {
        .mechanisms = AUTH_NTLM, .account = secure_account, .computer = u"SERVER", .domain = u"WORKGROUP"};

    *s = (struct secure){.seed = {1, 2}};
    for (int i = 0; i < 2; i++)
        s->source[i] = (struct auth_source){secure_random, secure_now, &s->seed[i]};
    if (auth_credentials_new(&s->credentials) ||
        auth_credentials_set_name_utf8(s->credentials, "WORKGROUP\\user", NULL) ||
        auth_credentials_set_password_utf8(s->credentials, password) ||
        auth_acceptor_new(&s->acceptor, &acceptor))
        return 1;
    s->auth = (struct auth_client_config){.options = {.type = type, .level = level, .source = &s->source[0]},
                                          .credentials = s->credentials,
                                          .target = "host/server.example.test",
                                          .mechanisms = AUTH_NTLM};
    s->client = (struct rpc_client_config){
        .interfaces = secure_interfaces, .max_fragment = 5840, .max_calls = 1000, .auth = &s->auth};
    s->server = (struct rpc_server_config){.interfaces = test_interfaces,
                                           .secondary_address = "135",
                                           .assoc_group = 7,
                                           .max_fragment = 5840,
                                           .acceptor = s->acceptor,
                                           .source = &s->source[1],
                                           .min_level = level};
    return 0;
}

static inline void secure_deinit(struct secure *s)
{
    auth_acceptor_free(s->acceptor);
    auth_credentials_unref(s->credentials);
}

#endif
