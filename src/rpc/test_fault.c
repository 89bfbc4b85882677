/* SPDX-License-Identifier: MIT */
/*
 * What a client believes of faults on a protected connection. Servers do not sign them (server.h); one that
 * does is held to its signature.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rpc/server_internal.h"
#include "rpc/test_secure.h"

#define SOME_FAULT ((struct rpc_fault){0x6f7})

/* A bound pair, and a call that the server has taken and not answered. */
struct talk {
    struct secure s;
    struct pair p;
    uint32_t id;
    struct writer fault;
};

static void begin(struct talk *t, enum auth_level level)
{
    const uint8_t *data;
    size_t len;

    assert_int_equal(secure_init(&t->s, AUTH_TYPE_SPNEGO, level, "secret"), 0);
    assert_int_equal(pair_open_with(&t->p, &t->s.server, &t->s.client), 0);
    pair_run(&t->p);
    assert_int_equal(rpc_client_call(t->p.client, &test_interface, TEST_ECHO, NULL, "x", 1, &t->id), 0);
    data = rpc_client_output(t->p.client, &len);
    assert_int_equal(rpc_server_input(t->p.server, data, len), 0);
    rpc_client_sent(t->p.client, len);
    writer_init(&t->fault, 4096);
    pdu_fault(&t->fault, t->id, PDU_WHOLE | PDU_DID_NOT_EXECUTE, &(struct pdu_fault){.status = SOME_FAULT});
}

static void end(struct talk *t)
{
    writer_deinit(&t->fault);
    pair_close(&t->p);
    secure_deinit(&t->s);
}

static void sign(struct talk *t)
{
    assert_int_equal(protect_seal(&t->p.server->protection, &t->fault, 0, PDU_FAULT_LEN), 0);
    assert_true(t->fault.len > PDU_FAULT_LEN);
}

/* Takes the reply to the call; false: there is none. */
static bool arrives(struct talk *t, bool *did_not_execute)
{
    struct rpc_reply reply;

    rpc_client_input(t->p.client, t->fault.data, t->fault.len);
    if (!rpc_client_take(t->p.client, t->id, &reply))
        return false;
    assert_null(reply.stub);
    assert_int_equal(reply.fault.v, SOME_FAULT.v);
    *did_not_execute = reply.did_not_execute;
    return true;
}

/* Anybody can send it: the call has no other answer, and nothing more is believed. */
static void unsigned_fault(void **state)
{
    struct talk t;
    bool did_not_execute;

    (void)state;
    for (enum auth_level level = AUTH_LEVEL_INTEGRITY; level <= AUTH_LEVEL_PRIVACY; level++) {
        begin(&t, level);
        assert_true(arrives(&t, &did_not_execute));
        assert_false(did_not_execute);
        end(&t);
    }
}

static void signed_fault(void **state)
{
    struct talk t;
    bool did_not_execute;

    (void)state;
    for (enum auth_level level = AUTH_LEVEL_INTEGRITY; level <= AUTH_LEVEL_PRIVACY; level++) {
        begin(&t, level);
        sign(&t);
        assert_true(arrives(&t, &did_not_execute));
        assert_true(did_not_execute);
        end(&t);
    }
}

/* A byte of a signed one is changed: the connection ends. Taking the signature off makes it an unsigned one.
 */
static void altered_fault(void **state)
{
    struct talk t;
    bool did_not_execute;
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i == 0 || i < len; i++) {
        begin(&t, AUTH_LEVEL_INTEGRITY);
        sign(&t);
        len = t.fault.len;
        t.fault.data[i] ^= 0x10;
        if (arrives(&t, &did_not_execute)) {
            if (i != PDU_AUTH_LEN_AT || did_not_execute) /* then it seems to be unsigned */
                fail_msg("byte %zu", i);
        } else if (i != PDU_FRAG_LEN_AT && i != PDU_FRAG_LEN_AT + 1) {
            assert_int_not_equal(rpc_client_status(t.p.client), 0);
        }
        end(&t);
    }
    begin(&t, AUTH_LEVEL_INTEGRITY);
    sign(&t);
    t.fault.len = PDU_FAULT_LEN;
    t.fault.data[PDU_FRAG_LEN_AT] = PDU_FAULT_LEN;
    t.fault.data[PDU_AUTH_LEN_AT] = 0;
    assert_true(arrives(&t, &did_not_execute));
    assert_false(did_not_execute);
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsigned_fault),
        cmocka_unit_test(signed_fault),
        cmocka_unit_test(altered_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
