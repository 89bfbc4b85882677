/* SPDX-License-Identifier: MIT */
/* String bindings: what is taken, what is refused and how, and that no text does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>

#include "ndr/ndr.h"
#include "netapi/string_binding.h"

static void test_good(void **state)
{
    static const struct {
        const char *text;
        enum string_protocol protocol;
        const char *server, *endpoint;
        uint16_t port;
        enum auth_level level;
    } cases[] = {
        {"ncacn_np:server[\\pipe\\samr]", STRING_PIPE, "server", "samr", 0, 0},
        {"ncacn_np:server[\\\\pipe\\\\samr]", STRING_PIPE, "server", "samr", 0, 0}, /* as Windows composes */
        {"ncacn_np:\\\\server[\\PIPE\\samr]", STRING_PIPE, "server", "samr", 0, 0},
        {"ncacn_np:\\\\\\\\server[\\\\pipe\\\\samr]", STRING_PIPE, "server", "samr", 0, 0},
        {"ncacn_np:server[samr]", STRING_PIPE, "server", "samr", 0, 0},
        {"ncacn_np:server[samr,sign]", STRING_PIPE, "server", "samr", 0, AUTH_LEVEL_INTEGRITY},
        {"ncacn_np:server", STRING_PIPE, "server", "", 0, 0},
        {"ncacn_np:server[]", STRING_PIPE, "server", "", 0, 0},
        {"ncacn_np:[\\pipe\\samr]", STRING_PIPE, "", "samr", 0, 0},
        {"ncacn_np:", STRING_PIPE, "", "", 0, 0},
        {"NCACN_IP_TCP:Server.Example.ORG[49152]", STRING_TCP, "Server.Example.ORG", "", 49152, 0},
        {"ncacn_ip_tcp:server[endpoint=135]", STRING_TCP, "server", "", 135, 0},
        {"ncacn_ip_tcp:server[,connect]", STRING_TCP, "server", "", 0, AUTH_LEVEL_CONNECT},
        {"ncacn_ip_tcp:server[seal,endpoint=5]", STRING_TCP, NULL, NULL, 0, 0},
        {"ncacn_ip_tcp:server[1,seal]", STRING_TCP, "server", "", 1, AUTH_LEVEL_PRIVACY},
        {"ncacn_ip_tcp:192.0.2.7[65535]", STRING_TCP, "192.0.2.7", "", 65535, 0},
        {"ncacn_ip_tcp:2001:db8::7[135]", STRING_TCP, "2001:db8::7", "", 135, 0},
        {"ncacn_ip_tcp:2001\\:db8\\:\\:7", STRING_TCP, "2001:db8::7", "", 0, 0},
        {"ncacn_ip_tcp:fe80::1%eth0[135]", STRING_TCP, "fe80::1%eth0", "", 135, 0},
        {"ncacn_ip_tcp:[2001:db8::7][135]", STRING_TCP, "[2001:db8::7]", "", 135, 0},
        {"ncacn_ip_tcp:[::1]", STRING_TCP, "[::1]", "", 0, 0},
        {"ncacn_np:[::1][samr]", STRING_PIPE, "[::1]", "samr", 0, 0},
        {"ncalrpc:", STRING_LOCAL, "", "", 0, 0},
        {"ncalrpc:[/run/a \\[b\\],c.sock]", STRING_LOCAL, NULL, NULL, 0, 0},
        {"ncalrpc:[/run/a \\[b\\]\\,c.sock]", STRING_LOCAL, "", "/run/a [b],c.sock", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct string_binding b;
        struct net_status status = string_binding_parse(&b, cases[i].text);

        if ((status.v == 0) != (cases[i].server != NULL))
            fail_msg("%s gave %u", cases[i].text, status.v);
        if (status.v)
            continue;
        assert_int_equal(b.protocol, cases[i].protocol);
        assert_string_equal(b.server, cases[i].server);
        assert_string_equal(b.endpoint, cases[i].endpoint);
        assert_int_equal(b.port, cases[i].port);
        assert_int_equal(b.level, cases[i].level);
        assert_false(b.has_object);
    }
}

static void test_object(void **state)
{
    static const struct ndr_uuid expected = {
        0x12345778, 0x1234, 0xabcd, {0xef, 0, 0x01, 0x23, 0x45, 0x67, 0x89, 0xac}};
    struct string_binding b;
    char text[37];

    (void)state;
    assert_int_equal(
        string_binding_parse(&b, "12345778-1234-ABCD-EF00-0123456789ac@ncacn_ip_tcp:server[1]").v, 0);
    assert_true(b.has_object);
    assert_true(ndr_uuid_equal(&b.object, &expected));
    ndr_uuid_text(&b.object, text);
    assert_string_equal(text, "12345778-1234-abcd-ef00-0123456789ac");
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        uint32_t status;
    } cases[] = {
        {"", RPC_S_INVALID_STRING_BINDING},
        {"nonsense", RPC_S_INVALID_STRING_BINDING},
        {":", RPC_S_INVALID_STRING_BINDING},
        {"server[135]", RPC_S_INVALID_STRING_BINDING},
        {"ncacn_np[samr]:x", RPC_S_INVALID_STRING_BINDING},
        {"ncacn_np:server[samr", RPC_S_INVALID_STRING_BINDING},
        {"ncacn_np:server[samr]x", RPC_S_INVALID_STRING_BINDING},
        {"ncacn_np:server[samr][x]", RPC_S_INVALID_STRING_BINDING},
        {"ncacn_np:server[sa[mr]", RPC_S_INVALID_STRING_BINDING},
        {"ncacn_np:server[samr,endpoint=x]", RPC_S_INVALID_STRING_BINDING},
        {"nonsense:server", RPC_S_INVALID_RPC_PROTSEQ},
        {"ncacn_n:server", RPC_S_INVALID_RPC_PROTSEQ},
        {"ncacn_npp:server", RPC_S_INVALID_RPC_PROTSEQ},
        {"ncacn_http:server[593]", RPC_S_PROTSEQ_NOT_SUPPORTED},
        {"ncadg_ip_udp:server", RPC_S_PROTSEQ_NOT_SUPPORTED},
        {"@ncacn_np:server", RPC_S_INVALID_STRING_UUID},
        {"x@ncacn_np:server", RPC_S_INVALID_STRING_UUID},
        {"12345778-1234-ABCD-EF00-0123456789a@ncacn_np:server", RPC_S_INVALID_STRING_UUID},
        {"12345778-1234-ABCD-EF00-0123456789acd@ncacn_np:server", RPC_S_INVALID_STRING_UUID},
        {"12345778-1234-ABCD-EF00+0123456789ac@ncacn_np:server", RPC_S_INVALID_STRING_UUID},
        {"12345778-1234-ABCD-EF00-0123456789ag@ncacn_np:server", RPC_S_INVALID_STRING_UUID},
        {"12345778-1234-ABCD-EF00-0123456-89ac@ncacn_np:server", RPC_S_INVALID_STRING_UUID},
        {"ncacn_np:ser ver[samr]", RPC_S_INVALID_NET_ADDR},
        {"ncacn_np:server/x[samr]", RPC_S_INVALID_NET_ADDR},
        {"ncacn_np:server\\x[samr]", RPC_S_INVALID_NET_ADDR},
        {"ncacn_np:\\\\[samr]", RPC_S_INVALID_NET_ADDR},
        {"ncacn_np:server\n", RPC_S_INVALID_NET_ADDR},
        {"ncalrpc:server[/x]", RPC_S_INVALID_NET_ADDR},
        {"ncacn_ip_tcp:server[0]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_ip_tcp:server[65536]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_ip_tcp:server[99999999999999999999]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_ip_tcp:server[-1]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_ip_tcp:server[ 135]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_ip_tcp:server[135x]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_ip_tcp:server[\\pipe\\samr]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_ip_tcp:server[endpoint=]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_np:server[\\pipe\\]", RPC_S_INVALID_STRING_BINDING}, /* the bracket is escaped */
        {"ncacn_np:server[\\\\pipe\\\\]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_np:server[\\pipe\\a\\b]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_np:server[/pipe/a]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncalrpc:[name]", RPC_S_INVALID_ENDPOINT_FORMAT},
        {"ncacn_np:server[samr,seel]", RPC_S_INVALID_NETWORK_OPTIONS},
        {"ncacn_np:server[samr,sign,seal]", RPC_S_INVALID_NETWORK_OPTIONS},
        {"ncacn_np:server[samr,]", RPC_S_INVALID_NETWORK_OPTIONS},
        {"ncacn_np:server[samr,security=impersonation]", RPC_S_INVALID_NETWORK_OPTIONS},
        {"ncalrpc:[/x,seal]", RPC_S_INVALID_NETWORK_OPTIONS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct string_binding b;
        struct net_status status = string_binding_parse(&b, cases[i].text);

        if (status.v != cases[i].status)
            fail_msg("%s gave %u instead of %u", cases[i].text, status.v, cases[i].status);
    }
}

/* `head`, then `count` times x, then `tail`. */
static struct net_status parse_long(const char *head, size_t count, const char *tail)
{
    size_t len = strlen(head);
    char *text = malloc(len + count + strlen(tail) + 1);
    struct string_binding b;
    struct net_status status;

    assert_non_null(text);
    memcpy(text, head, len);
    memset(text + len, 'x', count);
    strcpy(text + len + count, tail);
    status = string_binding_parse(&b, text);
    free(text);
    return status;
}

static void test_lengths(void **state)
{
    (void)state;
    assert_int_equal(parse_long("ncacn_np:", STRING_BINDING_NAME_LEN - 1, "[a]").v, 0);
    assert_int_equal(parse_long("ncacn_np:", STRING_BINDING_NAME_LEN, "[a]").v, RPC_S_INVALID_NET_ADDR);
    assert_int_equal(parse_long("ncacn_np:", 1000000, "").v, RPC_S_INVALID_NET_ADDR);
    assert_int_equal(parse_long("ncacn_np:s[", 255, "]").v, 0);
    assert_int_equal(parse_long("ncacn_np:s[", 256, "]").v, RPC_S_INVALID_ENDPOINT_FORMAT);
    assert_int_equal(parse_long("ncacn_np:s[", 1000000, "]").v, RPC_S_INVALID_STRING_BINDING);
    assert_int_equal(parse_long("ncalrpc:[/", PATH_MAX - 2, "]").v, 0);
    assert_int_equal(parse_long("ncalrpc:[/", PATH_MAX - 1, "]").v, RPC_S_INVALID_STRING_BINDING);
    assert_int_equal(parse_long("", 1000000, ":").v, RPC_S_INVALID_RPC_PROTSEQ);
    assert_int_equal(parse_long("ncacn_ip_tcp:[::", 1000000, "][1]").v, RPC_S_INVALID_STRING_BINDING);
}

/* Each text cut anywhere, and with any one character changed: 0 or a status, and never a byte too far (what
 * the sanitizers see). */
static void test_mutants(void **state)
{
    static const char seed[] =
        "12345778-1234-ABCD-EF00-0123456789ac@ncacn_np:[::1][endpoint=\\\\pipe\\\\samr,seal]";

    (void)state;
    for (size_t i = 0; i < sizeof(seed); i++) {
        char *copy = strndup(seed, i);
        struct string_binding b;

        assert_non_null(copy);
        string_binding_parse(&b, copy);
        free(copy);
        for (int c = 1; i < sizeof(seed) - 1 && c < 128; c++) {
            copy = strdup(seed);
            assert_non_null(copy);
            copy[i] = (char)c;
            string_binding_parse(&b, copy);
            free(copy);
        }
    }
}

static void test_well_known(void **state)
{
    static const char *const endpoints[] = {"ncacn_np:[\\pipe\\lsass]", "nonsense",
                                            "ncacn_ip_tcp:", "ncacn_ip_tcp:[135]", NULL};
    const struct ndr_interface some = {.name = "some", .endpoints = endpoints}, none = {.name = "none"};
    struct string_binding b;

    (void)state;
    assert_true(string_binding_well_known(&b, &some, STRING_PIPE));
    assert_string_equal(b.endpoint, "lsass");
    assert_true(string_binding_well_known(&b, &some, STRING_TCP));
    assert_int_equal(b.port, 135);
    assert_false(string_binding_well_known(&b, &some, STRING_LOCAL));
    assert_false(string_binding_well_known(&b, &none, STRING_PIPE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),    cmocka_unit_test(test_object),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_lengths), cmocka_unit_test(test_mutants), cmocka_unit_test(test_well_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
