/* SPDX-License-Identifier: MIT */
/* Typed calls over the in-process transport and over a socket, and every way in which they end. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "client/channel.h"
#include "client/test_double.h"
#include "rpc/server.h"
#include "rpc/test_secure.h"

#define MS ((int64_t)1000000)

static const struct ndr_interface unknown = {.abi = NDR_ABI_VERSION,
                                             .name = "unknown",
                                             .uuid = {2, 2, 3, {4}},
                                             .major = 1,
                                             .procs = double_procs,
                                             .proc_count = 1};
static const struct ndr_interface *const interfaces[] = {&double_interface, NULL};

/* Values that the server treats in its own way. */
enum { FAULT_5 = -5, GARBAGE = -6, SHUTDOWN = -7, VANISH = -8, NEVER = -9, DONE_AFTER_ALL = -10 };

struct service {
    struct rpc_server *server;
    unsigned calls;
    bool gone;
};

static void carry_out(struct service *s, const struct rpc_request *q)
{
    struct Double_params p = {0};
    struct arena arena;
    struct writer w;
    size_t used;

    arena_init(&arena, 65536);
    writer_init(&w, 1000);
    s->calls++;
    assert_int_equal(
        ndr_decode(q->interface, q->opnum, NDR_F_IN, q->syntax, q->stub, q->stub_len, &arena, &p, &used), 0);
    p.Result = p.Value * 2;
    p.Return = p.Value + 100;
    assert_int_equal(ndr_encode(q->interface, q->opnum, NDR_F_OUT, q->syntax, &p, &w), 0);
    if (p.Value == SHUTDOWN)
        rpc_server_shutdown(s->server);
    if (p.Value == VANISH || p.Value == NEVER)
        s->gone = p.Value == VANISH;
    else if (p.Value == FAULT_5)
        rpc_server_fault(s->server, q, (struct rpc_fault){5});
    else if (p.Value == DONE_AFTER_ALL) /* carried out; and then a status that says it was not */
        rpc_server_fault(s->server, q, (struct rpc_fault){1727});
    else
        rpc_server_reply(s->server, q, w.data, p.Value == GARBAGE ? 3 : w.len);
    writer_deinit(&w);
    arena_deinit(&arena);
}

static int service_input(void *peer, const void *data, size_t len)
{
    struct service *s = peer;
    struct rpc_request q;

    rpc_server_input(s->server, data, len);
    while (!s->gone && rpc_server_next(s->server, &q))
        carry_out(s, &q);
    return s->gone ? 1 : rpc_server_status(s->server);
}

static const uint8_t *service_output(void *peer, size_t *len)
{
    return rpc_server_output(((struct service *)peer)->server, len);
}

static void service_sent(void *peer, size_t len)
{
    rpc_server_sent(((struct service *)peer)->server, len);
}

static void service_close(void *peer)
{
    rpc_server_free(((struct service *)peer)->server);
}

static struct transport *open_service_for(struct service *s, struct auth_acceptor *acceptor,
                                          enum auth_level min_level)
{
    static const struct transport_peer_ops ops = {service_input, service_output, service_sent, service_close};
    struct rpc_server_config config = {
        .interfaces = interfaces, .assoc_group = 1, .acceptor = acceptor, .min_level = min_level};
    struct transport *t;

    *s = (struct service){0};
    assert_int_equal(rpc_server_new(&s->server, &config), 0);
    assert_int_equal(transport_inproc_open(&t, &ops, s), 0);
    return t;
}

static struct transport *open_service(struct service *s)
{
    return open_service_for(s, NULL, 0);
}

static uint32_t call(struct channel *c, int32_t value, struct Double_params *p)
{
    struct arena arena;
    uint32_t status;

    *p = (struct Double_params){.Value = value};
    arena_init(&arena, 65536);
    status = channel_call(c, 0, p, &arena, transport_now() + 5000 * MS).v;
    arena_deinit(&arena);
    return status;
}

static void test_calls(void **state)
{
    struct Double_params p, a = {.Value = 1}, b = {.Value = 2};
    struct service s;
    struct channel *c;
    struct arena arena;
    uint32_t first, second;

    (void)state;
    for (int ndr64 = 0; ndr64 < 2; ndr64++) {
        arena_init(&arena, 65536);
        assert_int_equal(channel_open(&c, open_service(&s), &double_interface,
                                      &(struct channel_options){.offer_ndr64 = ndr64}, 0)
                             .v,
                         0);
        for (int32_t i = 0; i < 300; i++) {
            assert_int_equal(call(c, i, &p), 0);
            assert_int_equal(p.Result, 2 * i);
            assert_int_equal(p.Return, 100 + i);
        }
        assert_int_equal(channel_begin(c, 0, &a, &first, 0).v, 0);
        assert_int_equal(channel_begin(c, 0, &b, &second, 0).v, 0);
        assert_int_equal(call(c, 3, &p), 0);
        assert_int_equal(p.Result, 6);
        assert_int_equal(channel_finish(c, second, &b, &arena, 0).v, 0);
        assert_int_equal(b.Result, 4);
        assert_int_equal(channel_finish(c, first, &a, &arena, 0).v, 0);
        assert_int_equal(a.Result, 2);
        assert_false(channel_is_dead(c));
        channel_close(c);
        arena_deinit(&arena);
    }
}

/* Goes with the next call; many of them do no harm; what is left goes at the end. */
static void test_post(void **state)
{
    struct Double_params p, post = {.Value = 9};
    struct service s;
    struct channel *c;

    (void)state;
    assert_int_equal(channel_open(&c, open_service(&s), &double_interface, NULL, 0).v, 0);
    channel_post(c, 0, &post);
    assert_int_equal(s.calls, 0);
    assert_int_equal(call(c, 3, &p), 0);
    assert_int_equal(p.Result, 6);
    assert_int_equal(s.calls, 2);
    for (int i = 0; i < 500; i++)
        channel_post(c, 0, &post);
    assert_int_equal(call(c, 4, &p), 0);
    assert_int_equal(p.Result, 8);
    assert_int_equal(s.calls, 503);
    channel_post(c, 0, &post);
    channel_close(c);
    assert_int_equal(s.calls, 504);
    channel_close(NULL);
}

static void test_failures(void **state)
{
    static const struct {
        int32_t value;
        uint32_t want;
        bool dead;
    } rows[] = {{FAULT_5, 5, false},
                {DONE_AFTER_ALL, 1726, false},
                {GARBAGE, 1783, false},
                {VANISH, 1726, true},
                {NEVER, 1726, true}};
    struct Double_params p;
    struct service s;
    struct channel *c;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(channel_open(&c, open_service(&s), &double_interface, NULL, 0).v, 0);
        assert_int_equal(call(c, rows[i].value, &p), rows[i].want);
        assert_int_equal(channel_is_dead(c), rows[i].dead);
        assert_int_equal(call(c, 1, &p), rows[i].dead ? 1727 : 0);
        channel_close(c);
    }
    /* the server wants no more: what is under way ends well */
    assert_int_equal(channel_open(&c, open_service(&s), &double_interface, NULL, 0).v, 0);
    assert_int_equal(call(c, SHUTDOWN, &p), 0);
    assert_int_equal(p.Result, 2 * SHUTDOWN);
    assert_true(channel_is_dead(c));
    assert_int_equal(call(c, 1, &p), 1727);
    channel_close(c);

    assert_int_equal(channel_open(&c, open_service(&s), &unknown, NULL, 0).v, 1717); /* RPC_S_UNKNOWN_IF */
    assert_null(c);
}

/* --- over a socket --- */

struct remote {
    struct service service;
    pthread_t thread;
    int fd;
};

static void *serve_socket(void *arg)
{
    struct remote *r = arg;
    uint8_t data[5000];
    ssize_t n;

    while ((n = read(r->fd, data, sizeof(data))) > 0) {
        const uint8_t *out;
        size_t len;

        service_input(&r->service, data, (size_t)n);
        while ((out = service_output(&r->service, &len))) {
            if (write(r->fd, out, len) != (ssize_t)len)
                break;
            service_sent(&r->service, len);
        }
        if (r->service.gone)
            break;
    }
    close(r->fd);
    return NULL;
}

static struct transport *open_remote(struct remote *r)
{
    struct rpc_server_config config = {.interfaces = interfaces, .assoc_group = 1};
    struct transport *t;
    int fds[2];

    memset(r, 0, sizeof(*r));
    assert_int_equal(rpc_server_new(&r->service.server, &config), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    r->fd = fds[1];
    assert_int_equal(transport_unix_adopt(&t, fds[0]), 0);
    assert_int_equal(pthread_create(&r->thread, NULL, serve_socket, r), 0);
    return t;
}

static void join_remote(struct remote *r)
{
    pthread_join(r->thread, NULL);
    rpc_server_free(r->service.server);
}

static void test_socket(void **state)
{
    struct Double_params p;
    struct remote r;
    struct channel *c;
    struct arena arena;

    (void)state;
    assert_int_equal(channel_open(&c, open_remote(&r), &double_interface,
                                  &(struct channel_options){.offer_ndr64 = true}, transport_now() + 5000 * MS)
                         .v,
                     0);
    for (int32_t i = 0; i < 100; i++) {
        assert_int_equal(call(c, i, &p), 0);
        assert_int_equal(p.Result, 2 * i);
    }
    /* late: the channel is given up */
    arena_init(&arena, 1000);
    p.Value = NEVER;
    assert_int_equal(channel_call(c, 0, &p, &arena, transport_now() + 30 * MS).v, 1460);
    assert_true(channel_is_dead(c));
    assert_int_equal(call(c, 1, &p), 1727);
    channel_close(c);
    join_remote(&r);

    /* gone in the middle of a call; then before a call: never carried out */
    assert_int_equal(channel_open(&c, open_remote(&r), &double_interface, NULL, 0).v, 0);
    assert_int_equal(call(c, VANISH, &p), 1726);
    assert_true(channel_is_dead(c));
    channel_close(c);
    join_remote(&r);
    assert_int_equal(channel_open(&c, open_remote(&r), &double_interface, NULL, 0).v, 0);
    shutdown(r.fd, SHUT_RDWR);
    pthread_join(r.thread, NULL);
    assert_int_equal(call(c, 1, &p), 1727);
    assert_true(channel_is_dead(c));
    assert_int_equal(r.service.calls, 0);
    channel_close(c);
    rpc_server_free(r.service.server);
    arena_deinit(&arena);
}

/* Where each failure of the authentication shows, and as what. */
static void test_authentication(void **state)
{
    static const struct {
        enum auth_type type;
        enum auth_level level, demanded;
        const char *password;
        bool no_acceptor;
        uint32_t opened, called; /* status of each */
        int result;
    } rows[] = {
        {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, AUTH_LEVEL_PRIVACY, "secret", false, 0, 100 + 1, 0},
        {AUTH_TYPE_SPNEGO, AUTH_LEVEL_INTEGRITY, AUTH_LEVEL_INTEGRITY, "secret", false, 0, 100 + 1, 0},
        {AUTH_TYPE_SPNEGO, AUTH_LEVEL_CONNECT, AUTH_LEVEL_INTEGRITY, "secret", false, 0, 5, 0},
        {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, AUTH_LEVEL_PRIVACY, "wrong", false, 0, 1326, AUTH_E_LOGON},
        {AUTH_TYPE_SPNEGO, AUTH_LEVEL_PRIVACY, AUTH_LEVEL_PRIVACY, "wrong", false, 1326, 0, AUTH_E_LOGON},
        {AUTH_TYPE_NTLM, AUTH_LEVEL_PRIVACY, AUTH_LEVEL_PRIVACY, "secret", true, 1747, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int result = -1;
        struct channel_options options = {.auth_result = &result};
        struct Double_params p;
        struct service service;
        struct secure s;
        struct channel *c;
        uint32_t status;

        assert_int_equal(secure_init(&s, rows[i].type, rows[i].level, rows[i].password), 0);
        options.auth = &s.auth;
        status =
            channel_open(
                &c, open_service_for(&service, rows[i].no_acceptor ? NULL : s.acceptor, rows[i].demanded),
                &double_interface, &options, 0)
                .v;
        assert_int_equal(status, rows[i].opened);
        if (!status) {
            assert_int_equal(result, 0);
            status = call(c, 1, &p);
            assert_int_equal(status ? status : (uint32_t)p.Return, rows[i].called);
            result = channel_auth_result(c);
            assert_int_equal(channel_is_dead(c), status && status != 5);
            assert_int_equal(service.calls, !status);
            channel_close(c);
        }
        assert_int_equal(result, rows[i].result);
        secure_deinit(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),  cmocka_unit_test(test_post),           cmocka_unit_test(test_failures),
        cmocka_unit_test(test_socket), cmocka_unit_test(test_authentication),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
