/* SPDX-License-Identifier: MIT */
/* For tests: a pair that is bound, and calls that come back as they were sent. Include after cmocka's
 * headers. */
#ifndef RPC_TEST_ECHO_H
#define RPC_TEST_ECHO_H

#include "rpc/test_pair.h"

static inline void assert_opened(struct pair *p)
{
    pair_run(p);
    assert_int_equal(p->client_result, 0);
    assert_int_equal(p->server_result, 0);
    assert_true(rpc_client_is_bound(p->client));
}

static inline uint8_t *pattern(size_t len)
{
    uint8_t *data = malloc(len + 1);

    assert_non_null(data);
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(i * 7 + (i >> 8));
    return data;
}

/* The first request's verification trailer comes back too: `more` bytes at most. */
static inline void assert_echo(struct pair *p, const struct ndr_uuid *object, size_t len, size_t more)
{
    uint8_t *stub = pattern(len);
    struct rpc_reply reply;
    uint32_t id;

    assert_int_equal(rpc_client_call(p->client, &test_interface, TEST_ECHO, object, stub, len, &id), 0);
    pair_run(p);
    assert_int_equal(p->client_result, 0);
    assert_true(rpc_client_take(p->client, id, &reply));
    assert_int_equal(reply.fault.v, 0);
    assert_int_equal(reply.opnum, TEST_ECHO);
    assert_ptr_equal(reply.interface, &test_interface);
    assert_in_range(reply.stub_len, len, len + more);
    assert_int_equal((uintptr_t)reply.stub % 8, 0);
    if (len)
        assert_memory_equal(reply.stub, stub, len);
    assert_false(rpc_client_take(p->client, id, &reply));
    assert_int_equal(rpc_client_calls(p->client), 0);
    free(reply.stub);
    free(stub);
}

#endif
