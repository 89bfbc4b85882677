/* SPDX-License-Identifier: MIT */
/*
 * Authenticated RPC over TCP with a real domain controller: endpoint mapper, then SAMR, with each mechanism,
 * level and with and without signed headers; calls of several fragments both ways; every refusal by its
 * status. From the environment, as tests/samba/world.sh sets it: SAMBA_DC_ADDRESS, SAMBA_DC_NAME,
 * SAMBA_DC_REALM, SAMBA_PASSWORD, and a ticket cache.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/utf16.h"
#include "client/channel.h"
#include "client/endpoint.h"
#include "samr.h"

#define SECONDS INT64_C(1000000000)
#define MAXIMUM_ALLOWED 0x02000000u
#define SKIPPED 77
#define NAMES 900 /* several fragments, there and back */

static const char *address, *name, *realm, *password;

struct login {
    enum auth_type type;
    unsigned mechanism;
    enum auth_level level;
    bool plain_headers, ticket;
    const char *password; /* NULL: the right one */
    const char *target;   /* NULL: the right one */
};

/* What a login needs while it is used. */
struct session {
    struct auth_credentials *credentials;
    char target[300];
    struct auth_client_config auth;
    struct channel_options options;
    struct channel *channel;
    struct arena arena;
    int auth_result;
};

static void prepare(struct session *s, const struct login *login)
{
    char user[300];

    *s = (struct session){0};
    arena_init(&s->arena, (size_t)16 << 20);
    assert_int_equal(auth_credentials_new(&s->credentials), 0);
    if (!login->ticket) {
        snprintf(user, sizeof(user), "Administrator@%s", realm);
        assert_int_equal(auth_credentials_set_name_utf8(s->credentials, user, NULL), 0);
        assert_int_equal(
            auth_credentials_set_password_utf8(s->credentials, login->password ? login->password : password),
            0);
    }
    snprintf(s->target, sizeof(s->target), "host/%s", login->target ? login->target : name);
    s->auth = (struct auth_client_config){.options = {.type = login->type, .level = login->level},
                                          .credentials = s->credentials,
                                          .target = s->target,
                                          .mechanisms = login->mechanism};
    s->options = (struct channel_options){
        .auth = &s->auth, .no_header_signing = login->plain_headers, .auth_result = &s->auth_result};
}

static void finish(struct session *s)
{
    channel_close(s->channel);
    arena_deinit(&s->arena);
    auth_credentials_unref(s->credentials);
}

static int64_t soon(void)
{
    return transport_now() + 20 * SECONDS;
}

static struct transport *reach(uint16_t port)
{
    struct transport *t;

    assert_int_equal(transport_tcp_connect(&t, address, port, soon()), 0);
    return t;
}

static uint16_t samr_port(const struct channel_options *options)
{
    uint16_t port;

    assert_int_equal(endpoint_map(reach(ENDPOINT_MAPPER_PORT), &samr_interface, options, soon(), &port).v, 0);
    assert_int_not_equal(port, 0);
    return port;
}

static struct net_status open_samr(struct session *s)
{
    return channel_open(&s->channel, reach(samr_port(NULL)), &samr_interface, &s->options, soon());
}

static struct net_status call(struct session *s, uint16_t opnum, void *params)
{
    return channel_call(s->channel, opnum, params, &s->arena, soon());
}

static struct net_status connect_samr(struct session *s, SAMPR_HANDLE *handle)
{
    struct SamrConnect5_params p = {
        .DesiredAccess = MAXIMUM_ALLOWED, .InVersion = 1, .InRevisionInfo = {.V1 = {.Revision = 3}}};
    struct net_status status = call(s, SamrConnect5_opnum, &p);

    if (!status.v)
        assert_int_equal(p.Return, 0);
    *handle = p.ServerHandle;
    return status;
}

/* The first domain that is not Builtin. */
static SAMPR_HANDLE open_domain(struct session *s, SAMPR_HANDLE server)
{
    struct SamrEnumerateDomainsInSamServer_params domains = {.ServerHandle = server,
                                                             .PreferedMaximumLength = 0x10000};
    struct SamrLookupDomainInSamServer_params lookup = {.ServerHandle = server};
    struct SamrOpenDomain_params open = {.ServerHandle = server, .DesiredAccess = MAXIMUM_ALLOWED};

    assert_int_equal(call(s, SamrEnumerateDomainsInSamServer_opnum, &domains).v, 0);
    assert_int_equal(domains.Return, 0);
    assert_int_equal(domains.CountReturned, 2);
    lookup.Name = domains.Buffer->Buffer[0].Name;
    if (utf16_casecmp(lookup.Name.Buffer, lookup.Name.Length / 2u, u"Builtin", 7) == 0)
        lookup.Name = domains.Buffer->Buffer[1].Name;
    assert_int_equal(call(s, SamrLookupDomainInSamServer_opnum, &lookup).v, 0);
    assert_int_equal(lookup.Return, 0);
    open.DomainId = lookup.DomainId;
    assert_int_equal(call(s, SamrOpenDomain_opnum, &open).v, 0);
    assert_int_equal(open.Return, 0);
    return open.DomainHandle;
}

static void look_up_many(struct session *s, SAMPR_HANDLE domain)
{
    static uint16_t unknown[] = u"no such name";
    static uint16_t known[] = u"Administrator";
    struct SamrLookupNamesInDomain_params p = {.DomainHandle = domain, .Count = NAMES};

    p.Names = arena_array(&s->arena, NAMES, sizeof(*p.Names), 8);
    assert_non_null(p.Names);
    for (unsigned i = 0; i < NAMES; i++)
        p.Names[i] =
            i == NAMES - 1 ? (RPC_UNICODE_STRING){26, 26, known} : (RPC_UNICODE_STRING){24, 24, unknown};
    assert_int_equal(call(s, SamrLookupNamesInDomain_opnum, &p).v, 0);
    assert_int_equal(p.Return, 0x107); /* STATUS_SOME_NOT_MAPPED */
    assert_int_equal(p.RelativeIds.Count, NAMES);
    assert_int_equal(p.RelativeIds.Element[NAMES - 1], 500);
}

static void work(const struct login *login)
{
    struct SamrCloseHandle_params close = {0};
    struct net_status status;
    SAMPR_HANDLE server;
    struct session s;

    prepare(&s, login);
    status = open_samr(&s);
    if (status.v)
        fail_msg("type %d mechanism %u level %d: %u, %s", login->type, login->mechanism, login->level,
                 status.v, auth_text(s.auth_result));
    status = connect_samr(&s, &server);
    if (status.v)
        fail_msg("type %d mechanism %u level %d: first call %u, %s", login->type, login->mechanism,
                 login->level, status.v, auth_text(channel_auth_result(s.channel)));
    for (int i = 0; i < 3; i++)
        look_up_many(&s, open_domain(&s, server));
    close.SamHandle = server;
    assert_int_equal(call(&s, SamrCloseHandle_opnum, &close).v, 0);
    finish(&s);
}

static const struct {
    enum auth_type type;
    unsigned mechanism;
} ways[] = {{AUTH_TYPE_NTLM, AUTH_NTLM},
            {AUTH_TYPE_SPNEGO, AUTH_NTLM},
            {AUTH_TYPE_KERBEROS, AUTH_KERBEROS},
            {AUTH_TYPE_SPNEGO, AUTH_KERBEROS}};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void test_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS * 4; i++)
        work(&(struct login){.type = ways[i % WAYS].type,
                             .mechanism = ways[i % WAYS].mechanism,
                             .level = i / WAYS % 2 ? AUTH_LEVEL_INTEGRITY : AUTH_LEVEL_PRIVACY,
                             .plain_headers = i / WAYS / 2});
}

static void test_ticket(void **state)
{
    (void)state;
    work(&(struct login){.type = AUTH_TYPE_KERBEROS, .level = AUTH_LEVEL_PRIVACY, .ticket = true});
    work(&(struct login){.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_PRIVACY, .ticket = true});
}

/* NDR64 is offered and not taken, and the mapper takes authenticated questions too. */
static void test_mapper(void **state)
{
    static const struct ndr_interface unknown = {.uuid = {.time_low = 0x12345}, .major = 1};
    struct session s;
    uint16_t port;

    (void)state;
    prepare(&s, &(struct login){.type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_INTEGRITY});
    s.options.offer_ndr64 = true;
    assert_int_equal(samr_port(&s.options), samr_port(NULL));
    assert_int_equal(endpoint_map(reach(ENDPOINT_MAPPER_PORT), &unknown, NULL, soon(), &port).v, 1753);
    assert_int_equal(port, 0);
    finish(&s);
}

/* At binding, or, with bare NTLM, by the first call. */
static void check_refusal(const struct login *login, uint32_t want)
{
    struct net_status status;
    SAMPR_HANDLE server;
    struct session s;

    prepare(&s, login);
    status = open_samr(&s);
    if (!status.v)
        status = connect_samr(&s, &server);
    if (status.v != want)
        fail_msg("type %d mechanism %u level %d: %u, not %u; %s", login->type, login->mechanism, login->level,
                 status.v, want, auth_text(s.auth_result));
    finish(&s);
}

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++)
        check_refusal(&(struct login){.type = ways[i].type,
                                      .mechanism = ways[i].mechanism,
                                      .level = AUTH_LEVEL_PRIVACY,
                                      .password = "wrong"},
                      1326);
    check_refusal(&(struct login){.type = AUTH_TYPE_KERBEROS,
                                  .level = AUTH_LEVEL_PRIVACY,
                                  .target = "nobody.example.test"},
                  1396);
    check_refusal(&(struct login){.type = AUTH_TYPE_NTLM, .level = AUTH_LEVEL_CONNECT}, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_ticket),
        cmocka_unit_test(test_mapper),
        cmocka_unit_test(test_refusals),
    };

    address = getenv("SAMBA_DC_ADDRESS");
    name = getenv("SAMBA_DC_NAME");
    realm = getenv("SAMBA_DC_REALM");
    password = getenv("SAMBA_PASSWORD");
    if (!address || !name || !realm || !password)
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
