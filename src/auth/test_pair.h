/* SPDX-License-Identifier: MIT */
/*
 * For tests and fuzz targets: a client and an acceptor that talk to each other, with randomness and time that
 * are the same in every run.
 */
#ifndef AUTH_TEST_PAIR_H
#define AUTH_TEST_PAIR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/mech.h"
#include "base/utf16.h"

struct pair {
    struct auth_source source;
    uint64_t seed;
    struct auth_credentials *credentials;
    struct auth_acceptor *acceptor;
    struct auth *client, *server;
    struct writer token[2]; /* the last one of client and server */
    unsigned legs;          /* tokens sent */
    int account_condition;
    /* Called with each token on its way; may change it. */
    void (*meddle)(struct pair *p, unsigned leg, struct writer *token);
    void *meddle_data;
};

static inline int pair_random(void *data, void *out, size_t len)
{
    uint64_t *x = data;

    for (size_t i = 0; i < len; i++) {
        *x = *x * 6364136223846793005u + 1442695040888963407u;
        ((uint8_t *)out)[i] = (uint8_t)(*x >> 56);
    }
    return 0;
}

static inline uint64_t pair_now(void *data)
{
    (void)data;
    return 133000000000000000u;
}

/* The database: "user" and "alice@example.test" with the password "Pa55w\u00f6rd". */
static inline int pair_account(void *data, const uint16_t *user, const uint16_t *domain,
                               struct auth_account *out)
{
    struct pair *p = data;

    (void)domain;
    if (utf16_casecmp(user, utf16_len(user), u"\u00fcser", 4) != 0 &&
        utf16_casecmp(user, utf16_len(user), u"alice@example.test", 18) != 0)
        return AUTH_E_NO_SUCH_USER;
    auth_nt_hash(u"Pa55w\u00f6rd", 8, out->nt_hash);
    out->condition = p->account_condition;
    out->id = 1007;
    return 0;
}

static inline void pair_check(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

struct pair_setup {
    enum auth_type type;
    enum auth_level level, server_level;           /* 0: the same */
    unsigned client_mechanisms, server_mechanisms; /* 0: NTLM */
    const char *name, *password;                   /* NULL: the right ones */
    const char *bindings, *server_bindings;
    bool anonymous, allow_anonymous, require_bindings;
    int account_condition;
};

static inline void pair_init(struct pair *p, const struct pair_setup *s)
{
    struct auth_acceptor_config acceptor = {.mechanisms =
                                                s->server_mechanisms ? s->server_mechanisms : AUTH_NTLM,
                                            .account = pair_account,
                                            .data = p,
                                            .computer = u"SERVER",
                                            .domain = u"WORKGROUP",
                                            .dns_computer = u"server.example.test",
                                            .allow_anonymous = s->allow_anonymous,
                                            .require_bindings = s->require_bindings};
    struct auth_client_config client = {.options = {.type = s->type, .level = s->level, .dce_style = true},
                                        .target = "host/server.example.test",
                                        .mechanisms = s->client_mechanisms ? s->client_mechanisms : AUTH_NTLM,
                                        .workstation = u"CLIENT"};
    struct auth_options server;

    *p = (struct pair){.seed = 1, .account_condition = s->account_condition};
    p->source = (struct auth_source){pair_random, pair_now, &p->seed};
    client.options.source = &p->source;
    server = client.options;
    if (s->server_level)
        server.level = s->server_level;
    client.options.bindings = s->bindings;
    client.options.bindings_len = s->bindings ? strlen(s->bindings) : 0;
    server.bindings = s->server_bindings;
    server.bindings_len = s->server_bindings ? strlen(s->server_bindings) : 0;
    pair_check(auth_credentials_new(&p->credentials) == 0, "credentials");
    if (s->anonymous) {
        auth_credentials_set_anonymous(p->credentials);
    } else {
        pair_check(
            auth_credentials_set_name_utf8(p->credentials, s->name ? s->name : "Dom\\\u00dcser", NULL) == 0,
            "name");
        pair_check(auth_credentials_set_password_utf8(p->credentials,
                                                      s->password ? s->password : "Pa55w\u00f6rd") == 0,
                   "password");
    }
    client.credentials = p->credentials;
    pair_check(auth_acceptor_new(&p->acceptor, &acceptor) == 0, "acceptor");
    pair_check(auth_client_new(&p->client, &client) == 0, "client");
    pair_check(auth_acceptor_context(&p->server, p->acceptor, &server) == 0, "context");
    writer_init(&p->token[0], 1 << 20);
    writer_init(&p->token[1], 1 << 20);
}

static inline void pair_deinit(struct pair *p)
{
    auth_free(p->client);
    auth_free(p->server);
    auth_acceptor_free(p->acceptor);
    auth_credentials_unref(p->credentials);
    writer_deinit(&p->token[0]);
    writer_deinit(&p->token[1]);
}

/* To the end, or to the first failure: its result; `*at_server` tells whose. */
static inline int pair_run(struct pair *p, bool *at_server)
{
    struct auth *side[2] = {p->client, p->server};
    struct writer *in = NULL;

    for (unsigned turn = 0; turn < 20; turn++) {
        struct writer *out = &p->token[turn & 1];
        int r;

        writer_reset(out);
        *at_server = turn & 1;
        r = auth_step(side[turn & 1], in ? in->data : NULL, in ? in->len : 0, out);
        if (r && r != AUTH_CONTINUE)
            return r;
        if (!out->len)
            return r || !auth_established(side[~turn & 1]) ? AUTH_CONTINUE : 0;
        if (p->meddle)
            p->meddle(p, turn, out);
        p->legs++;
        in = out;
    }
    return AUTH_CONTINUE; /* they would go on for ever */
}

#endif
