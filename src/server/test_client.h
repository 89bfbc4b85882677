/* SPDX-License-Identifier: MIT */
/*
 * For the server's tests: a server on a database of its own, and clients that speak to it through the whole
 * runtime in memory.
 */
#ifndef SERVER_TEST_CLIENT_H
#define SERVER_TEST_CLIENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/utf16.h"
#include "client/channel.h"
#include "server/server.h"
#include "samr.h"

#define MAXIMUM ACCESS_MAXIMUM_ALLOWED

struct test_server {
    char folder[64], path[96];
    struct server *server;
    bool hold; /* a client that wants output does not commit: the test does */
};

struct test_client {
    struct test_server *server;
    struct association *association;
    struct channel *channel;
    struct arena arena;
};

static inline void test_server_open(struct test_server *t, bool batch)
{
    struct server_config config = {.create = true, .batch = batch};

    *t = (struct test_server){0};
    snprintf(t->folder, sizeof(t->folder), "%s/netmgmt-server-XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    assert_non_null(mkdtemp(t->folder));
    snprintf(t->path, sizeof(t->path), "%s/accounts.db", t->folder);
    config.database = t->path;
    assert_int_equal(server_open(&t->server, &config).v, 0);
}

static inline void test_server_close(struct test_server *t)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-queue"};
    char path[128];

    server_close(t->server);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        snprintf(path, sizeof(path), "%s%s", t->path, suffixes[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(t->folder), 0);
}

static inline int test_input(void *peer, const void *data, size_t len)
{
    return association_input(((struct test_client *)peer)->association, data, len);
}

static inline const uint8_t *test_output(void *peer, size_t *len)
{
    struct test_client *c = peer;

    while (!c->server->hold && server_needs_commit(c->server->server))
        server_commit(c->server->server);
    return association_output(c->association, len);
}

static inline void test_sent(void *peer, size_t len)
{
    association_sent(((struct test_client *)peer)->association, len);
}

static inline void test_gone(void *peer)
{
    association_free(((struct test_client *)peer)->association);
}

static inline void test_connect_with(struct test_client *c, struct test_server *t, bool administrator,
                                     const struct channel_options *options)
{
    static const struct transport_peer_ops ops = {test_input, test_output, test_sent, test_gone};
    struct caller caller = {.uid = administrator ? 0 : 1000, .administrator = administrator};
    struct transport *transport;

    *c = (struct test_client){.server = t};
    arena_init(&c->arena, (size_t)256 << 20);
    assert_int_equal(association_new(&c->association, t->server, &caller), 0);
    assert_int_equal(transport_inproc_open(&transport, &ops, c), 0);
    assert_int_equal(channel_open(&c->channel, transport, &samr_interface, options, 0).v, 0);
}

static inline void test_connect_as(struct test_client *c, struct test_server *t, bool administrator,
                                   bool ndr64)
{
    test_connect_with(c, t, administrator, &(struct channel_options){.offer_ndr64 = ndr64});
}

/* Another administrator's connection, in the association group of `first`. */
static inline void test_connect_joining(struct test_client *c, struct test_server *t,
                                        const struct test_client *first)
{
    test_connect_with(c, t, true,
                      &(struct channel_options){.assoc_group = channel_assoc_group(first->channel)});
}

static inline void test_connect(struct test_client *c, struct test_server *t)
{
    test_connect_as(c, t, true, false);
}

static inline void test_disconnect(struct test_client *c)
{
    channel_close(c->channel);
    arena_deinit(&c->arena);
}

/* The procedure's status; the call itself must succeed. */
#define CALL(client, procedure, params)                                                                      \
    (assert_int_equal(channel_call((client)->channel, procedure##_opnum, params, &(client)->arena, 0).v, 0), \
     (uint32_t)(params)->Return)

/* The status of a call that gets a fault. */
#define FAULT_OF(client, procedure, params) \
    (channel_call((client)->channel, procedure##_opnum, params, &(client)->arena, 0).v)

#define assert_status(got, name) assert_int_equal((uint32_t)(got), (uint32_t)NT_##name)

static inline RPC_UNICODE_STRING test_string(struct test_client *c, const char *text)
{
    size_t chars;
    uint16_t *wide = utf16_from_utf8(&c->arena, text, strlen(text), &chars, NULL);

    assert_non_null(wide);
    return (RPC_UNICODE_STRING){
        .Length = (uint16_t)(chars * 2), .MaximumLength = (uint16_t)(chars * 2), .Buffer = wide};
}

static inline const char *test_text(struct test_client *c, RPC_UNICODE_STRING s)
{
    return utf16_to_utf8(&c->arena, s.Buffer, s.Length / 2);
}

static inline SAMPR_HANDLE test_open_server(struct test_client *c, uint32_t access)
{
    struct SamrConnect5_params p = {.DesiredAccess = access, .InVersion = 1};

    assert_status(CALL(c, SamrConnect5, &p), STATUS_SUCCESS);
    return p.ServerHandle;
}

/* 0: the account domain, 1: BUILTIN */
static inline RPC_SID *test_domain_sid(struct test_client *c, SAMPR_HANDLE server, int domain)
{
    struct SamrEnumerateDomainsInSamServer_params e = {.ServerHandle = server, .PreferedMaximumLength = 9999};
    struct SamrLookupDomainInSamServer_params l = {.ServerHandle = server};

    assert_status(CALL(c, SamrEnumerateDomainsInSamServer, &e), STATUS_SUCCESS);
    assert_int_equal(e.CountReturned, 2);
    l.Name = e.Buffer->Buffer[domain].Name;
    assert_status(CALL(c, SamrLookupDomainInSamServer, &l), STATUS_SUCCESS);
    return l.DomainId;
}

static inline SAMPR_HANDLE test_open_domain(struct test_client *c, int domain, uint32_t access)
{
    struct SamrOpenDomain_params p = {.ServerHandle = test_open_server(c, MAXIMUM), .DesiredAccess = access};

    p.DomainId = test_domain_sid(c, p.ServerHandle, domain);
    assert_status(CALL(c, SamrOpenDomain, &p), STATUS_SUCCESS);
    return p.DomainHandle;
}

static inline struct SamrCreateGroupInDomain_params test_create(struct test_client *c, SAMPR_HANDLE domain,
                                                                const char *name)
{
    struct SamrCreateGroupInDomain_params p = {
        .DomainHandle = domain, .Name = test_string(c, name), .DesiredAccess = MAXIMUM};

    CALL(c, SamrCreateGroupInDomain, &p);
    return p;
}

static inline uint32_t test_close(struct test_client *c, SAMPR_HANDLE *handle)
{
    struct SamrCloseHandle_params p = {.SamHandle = *handle};
    uint32_t status = CALL(c, SamrCloseHandle, &p);

    *handle = p.SamHandle;
    return status;
}

/* cmocka: one server and one administrator's connection for each test. */
struct fixture {
    struct test_server server;
    struct test_client client;
};

static inline int fixture_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    test_server_open(&f->server, false);
    test_connect(&f->client, &f->server);
    *state = f;
    return 0;
}

static inline int fixture_down(void **state)
{
    struct fixture *f = *state;

    test_disconnect(&f->client);
    test_server_close(&f->server);
    free(f);
    return 0;
}

#endif
