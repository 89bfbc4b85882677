/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails, for every n until there is none: of a whole conversation with authentication,
 * both sides. What comes of it is a failure for want of memory, or what comes of it without; never a crash, a
 * wrong answer, or the claim that a password was wrong. (Linked with --wrap for the three functions.)
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rpc/pdu.h"
#include "rpc/test_secure.h"
#include "../failing_allocation.h"

static void serve(struct rpc_server *s)
{
    struct rpc_request q;

    while (rpc_server_next(s, &q))
        rpc_server_reply(s, &q, q.stub, q.stub_len);
}

/* Bytes both ways until nothing moves or a side has failed. */
static void run(struct rpc_client *c, struct rpc_server *s)
{
    size_t up, down;

    do {
        const uint8_t *data = rpc_client_output(c, &up);

        if (up)
            rpc_server_input(s, data, up);
        rpc_client_sent(c, up);
        serve(s);
        data = rpc_server_output(s, &down);
        if (down)
            rpc_client_input(c, data, down);
        rpc_server_sent(s, down);
    } while (up || down);
}

/* True: the whole stub came back. */
static bool converse(struct rpc_client *c, struct rpc_server *server)
{
    static uint8_t stub[20000];
    struct rpc_reply reply = {0};
    bool right = false;
    uint32_t id;

    run(c, server);
    for (size_t i = 0; i < sizeof(stub); i++)
        stub[i] = (uint8_t)(i * 3);
    if (rpc_client_call(c, &test_interface, TEST_ECHO, NULL, stub, sizeof(stub), &id))
        return false;
    run(c, server);
    if (!rpc_client_take(c, id, &reply))
        return false;
    if (!reply.fault.v) {
        assert_in_range(reply.stub_len, sizeof(stub), sizeof(stub) + 100);
        assert_memory_equal(reply.stub, stub, sizeof(stub));
        right = true;
    }
    free(reply.stub);
    return right;
}

/* With the n-th allocation failing. False: there is none, and all went well. */
static bool attempt(enum auth_type type, unsigned n)
{
    struct rpc_client *c = NULL;
    struct rpc_server *server = NULL;
    struct secure s;
    bool right = false;

    assert_int_equal(secure_init(&s, type, AUTH_LEVEL_PRIVACY, "secret"), 0);
    allocation_failed = false;
    allocations_left = n;
    if (!rpc_server_new(&server, &s.server) && !rpc_client_new(&c, &s.client))
        right = converse(c, server);
    allocations_left = UINT32_MAX;
    if (!allocation_failed)
        assert_true(right);
    if (c)
        assert_int_not_equal(rpc_client_auth_result(c), AUTH_E_LOGON);
    if (server)
        assert_int_not_equal(rpc_server_auth_result(server), AUTH_E_LOGON);
    rpc_client_free(c);
    rpc_server_free(server);
    secure_deinit(&s);
    return allocation_failed;
}

static void test_every_allocation(void **state)
{
    static const enum auth_type types[] = {AUTH_TYPE_NTLM, AUTH_TYPE_SPNEGO};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        unsigned n = 0;

        while (attempt(types[i], n))
            n++;
        assert_in_range(n, 20, 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation)};

    allocations_left = UINT32_MAX;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
