/* SPDX-License-Identifier: MIT */
/* Named pipes over the SMB server in memory of test_peer.c: how many round trips things take, what happens
 * when a server does not take requests in one frame, and answers of many fragments in the wrong order. */
#include "transport/named_pipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "smb/test_peer.h"

#define FRAGMENTS 40
#define STUB 200

struct world {
    struct test_peer peer;
    struct writer out; /* of the peer */
    bool backwards;    /* it answers several requests that come at once in the wrong order */
    unsigned trips;    /* times it was sent something */
    struct auth_credentials *credentials;
    struct auth *auth;
    struct pipe_session *session;
};

/* What `out` has from `from` on, frame by frame, last to first. */
static void turn_round(struct writer *out, size_t from)
{
    size_t len = out->len - from, at = 0, to = len;
    uint8_t *copy = malloc(len + 1);

    assert_non_null(copy);
    memcpy(copy, out->data + from, len);
    while (at < len) {
        size_t frame = 4 + ((size_t)copy[at + 1] << 16 | (size_t)copy[at + 2] << 8 | copy[at + 3]);

        to -= frame;
        memcpy(out->data + from + to, copy + at, frame);
        at += frame;
    }
    free(copy);
}

static int peer_input(void *data, const void *bytes, size_t len)
{
    struct world *w = data;
    size_t from = w->out.len;
    int r;

    if (!len)
        return 0;
    w->trips++;
    r = test_peer_take(&w->peer, bytes, len, &w->out);
    if (w->backwards)
        turn_round(&w->out, from);
    return r;
}

static const uint8_t *peer_output(void *data, size_t *len)
{
    struct world *w = data;

    *len = w->out.len;
    return w->out.data;
}

static void peer_sent(void *data, size_t len)
{
    struct world *w = data;

    memmove(w->out.data, w->out.data + len, w->out.len - len);
    w->out.len -= len;
}

static void peer_close(void *data)
{
    (void)data;
}

static void start(struct world *w, uint16_t dialect)
{
    static const struct transport_peer_ops ops = {
        .input = peer_input, .output = peer_output, .sent = peer_sent, .close = peer_close};
    struct auth_client_config c = {.options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_CONNECT},
                                   .target = "cifs/peer",
                                   .mechanisms = AUTH_NTLM};
    struct smb_config config = {.server = "peer"};
    struct transport *stream;
    struct pipe_report report;

    memset(w, 0, sizeof(*w));
    writer_init(&w->out, 16 << 20);
    assert_int_equal(test_peer_init(&w->peer, dialect), 0);
    assert_int_equal(auth_credentials_new(&w->credentials), 0);
    assert_int_equal(auth_credentials_set_name_utf8(w->credentials, "user", "DOM"), 0);
    assert_int_equal(auth_credentials_set_password_utf8(w->credentials, "Passw0rd"), 0);
    c.credentials = w->credentials;
    assert_int_equal(auth_client_new(&w->auth, &c), 0);
    config.auth = w->auth;
    assert_int_equal(transport_inproc_open(&stream, &ops, w), 0);
    assert_int_equal(pipe_session_start(&w->session, stream, &config, 0, &report), 0);
    w->trips = 0;
}

static void stop(struct world *w)
{
    assert_int_equal(w->peer.bad_signatures, 0);
    assert_int_equal(w->peer.bad_chains, 0);
    pipe_session_close(w->session);
    auth_free(w->auth);
    auth_credentials_unref(w->credentials);
    test_peer_deinit(&w->peer);
    writer_deinit(&w->out);
}

/* A PDU that is answered: a bind (11), or a request (0). */
static void make_pdu(uint8_t pdu[24], uint8_t type)
{
    memset(pdu, 0, 24);
    pdu[0] = 5;
    pdu[2] = type;
    pdu[3] = 3;
    pdu[4] = 0x10;
    pdu[8] = 24;
}

static void send_pdu(struct transport *t, uint8_t type)
{
    uint8_t pdu[24];

    make_pdu(pdu, type);
    assert_int_equal(t->ops->send(t, pdu, sizeof(pdu), 0), 0);
}

static void expect_echo(struct transport *t, uint8_t type)
{
    uint8_t pdu[24], back[100];

    make_pdu(pdu, type);
    assert_int_equal(t->ops->recv(t, back, sizeof(back), 0), sizeof(pdu));
    assert_memory_equal(back, pdu, sizeof(pdu));
}

static void opening_takes_one_trip(void **state)
{
    struct transport *t;
    struct world w;

    (void)state;
    start(&w, SMB_3_1_1);
    assert_int_equal(transport_pipe_begin(&t, w.session, "samr"), 0);
    send_pdu(t, 11);
    assert_int_equal(w.trips, 0);
    expect_echo(t, 11);
    assert_int_equal(w.trips, 1);
    assert_int_equal(pipe_session_opening(w.session)->error, 0);
    assert_int_not_equal(pipe_session_opening(w.session)->ended, 0);
    send_pdu(t, 0);
    expect_echo(t, 0);
    assert_int_equal(w.trips, 2);
    t->ops->close(t);
    stop(&w);
}

/* IPC$ is connected before, so that nobody has changed the negotiation. */
static void opening_in_older_dialects(void **state)
{
    static const uint16_t dialects[] = {SMB_2_0_2, SMB_2_1, SMB_3_0, SMB_3_0_2};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct transport *t;
        struct world w;

        start(&w, dialects[i]);
        assert_int_equal(w.peer.commands[SMB_TREE_CONNECT], 1);
        assert_int_equal(w.peer.commands[SMB_IOCTL], 1);
        assert_int_equal(transport_pipe_begin(&t, w.session, "samr"), 0);
        send_pdu(t, 11);
        expect_echo(t, 11);
        assert_int_equal(w.trips, 1);
        t->ops->close(t);
        stop(&w);
    }
}

static void requests_that_do_not_go_together(void **state)
{
    static const uint16_t refused[] = {0, SMB_CREATE, SMB_IOCTL, SMB_TREE_CONNECT};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct transport *t, *second;
        struct world w;

        start(&w, SMB_3_1_1);
        w.peer.refuse = (uint32_t)NT_STATUS_INVALID_PARAMETER;
        w.peer.refuse_only = refused[i];
        w.peer.refuse_first = refused[i] == SMB_TREE_CONNECT;
        assert_int_equal(transport_pipe_begin(&t, w.session, "samr"), 0);
        send_pdu(t, 11);
        expect_echo(t, 11);
        assert_int_equal(pipe_session_opening(w.session)->error, 0);
        /* what had been opened in company was closed: the first message may have been lost or not */
        assert_int_equal(w.peer.commands[SMB_CLOSE], refused[i] == SMB_IOCTL);
        assert_int_equal(w.peer.chains, 1);
        send_pdu(t, 0);
        expect_echo(t, 0);
        /* not tried again with this server */
        assert_int_equal(transport_pipe_begin(&second, w.session, "samr"), 0);
        send_pdu(second, 11);
        expect_echo(second, 11);
        assert_int_equal(w.peer.chains, 1);
        t->ops->close(t);
        second->ops->close(second);
        stop(&w);
    }
}

static void refusals_are_told(void **state)
{
    (void)state;
    for (unsigned variant = 0; variant < 3; variant++) {
        struct nt_status why = NT(STATUS_SUCCESS);
        struct transport *t;
        struct world w;
        char byte;

        start(&w, SMB_3_1_1);
        if (variant)
            w.peer.refuse_tree = (uint32_t)NT_STATUS_ACCESS_DENIED;
        else
            w.peer.refuse_create = (uint32_t)NT_STATUS_OBJECT_NAME_NOT_FOUND;
        if (variant == 2) {
            assert_int_equal(transport_pipe_open(&t, w.session, "samr", 0, &why), -EACCES);
            assert_true(nt_is(why, NT_STATUS_ACCESS_DENIED));
            assert_null(t);
            stop(&w);
            continue;
        }
        assert_int_equal(transport_pipe_begin(&t, w.session, "samr"), 0);
        send_pdu(t, 11);
        assert_in_range(-t->ops->recv(t, &byte, 1, 0), 1, 4095);
        assert_int_equal(pipe_session_opening(w.session)->error, variant ? -EACCES : -ENOENT);
        assert_int_equal(pipe_session_opening(w.session)->why.v,
                         (uint32_t)(variant ? NT_STATUS_ACCESS_DENIED : NT_STATUS_OBJECT_NAME_NOT_FOUND));
        t->ops->close(t);
        stop(&w);
    }
}

/* To a request, an answer of many fragments; to a bind, the same PDU. */
static void serve(void *data, const uint8_t *message, size_t len, struct writer *answer)
{
    bool exact = *(bool *)data;

    if (len < 24 || message[2] != 0) {
        writer_put(answer, message, len);
        return;
    }
    for (unsigned i = 0; i < FRAGMENTS; i++) {
        uint8_t pdu[24 + STUB] = {5, 0, 2, 0, 0x10};
        unsigned hint = exact ? (FRAGMENTS - i) * STUB : 0;

        pdu[3] = (uint8_t)((i == 0 ? 1 : 0) | (i == FRAGMENTS - 1 ? 2 : 0));
        pdu[8] = (uint8_t)sizeof(pdu);
        pdu[16] = (uint8_t)hint;
        pdu[17] = (uint8_t)(hint >> 8);
        memset(pdu + 24, (int)i, STUB);
        writer_put(answer, pdu, sizeof(pdu));
    }
}

static void expect_answer(struct transport *t)
{
    static uint8_t all[FRAGMENTS * (24 + STUB)];
    size_t len = 0;

    while (len < sizeof(all)) {
        ssize_t n = t->ops->recv(t, all + len, sizeof(all) - len, 0);

        assert_true(n > 0);
        len += (size_t)n;
    }
    for (unsigned i = 0; i < FRAGMENTS; i++)
        for (size_t k = 24; k < 24 + STUB; k++)
            assert_int_equal(all[i * (24 + STUB) + k], i);
}

static void fragments_are_read_ahead(void **state)
{
    (void)state;
    for (unsigned variant = 0; variant < 8; variant++) {
        bool exact = variant & 1;
        struct transport *t;
        struct world w;

        start(&w, SMB_3_1_1);
        w.peer.serve = serve;
        w.peer.serve_data = &exact;
        w.backwards = variant & 2;
        w.peer.overflow = variant & 4 ? 100 : 0;
        assert_int_equal(transport_pipe_begin(&t, w.session, "samr"), 0);
        send_pdu(t, 11);
        expect_echo(t, 11);
        for (unsigned call = 0; call < 3; call++) {
            w.trips = 0;
            send_pdu(t, 0);
            expect_answer(t);
            if (variant == 1 || variant == 3) /* 2 one by one at first, then as many as may be */
                assert_in_range(w.trips, FRAGMENTS / 16, 8);
            /* no READ is left over: the next request finds the pipe free */
            assert_int_equal(w.peer.writes, 0);
        }
        t->ops->close(t);
        stop(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_takes_one_trip),           cmocka_unit_test(opening_in_older_dialects),
        cmocka_unit_test(requests_that_do_not_go_together), cmocka_unit_test(refusals_are_told),
        cmocka_unit_test(fragments_are_read_ahead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
