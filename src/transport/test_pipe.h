/* SPDX-License-Identifier: MIT */
/* For tests and fuzz targets: the SMB server of src/smb/test_peer.h as a stream, and a session over it. */
#ifndef TRANSPORT_TEST_PIPE_H
#define TRANSPORT_TEST_PIPE_H

#include <errno.h>
#include <stdlib.h>

#include "smb/test_peer.h"
#include "transport/named_pipe.h"

struct test_stream {
    struct transport base;
    struct test_peer peer;
    struct writer answers; /* of the peer, given out up to `at` */
    size_t at, piece;      /* bytes given out at once */
    uint64_t given;        /* in all */
    bool closed;
};

static inline int test_stream_send(struct transport *t, const void *data, size_t len, int64_t deadline)
{
    struct test_stream *s = (struct test_stream *)t;

    (void)deadline;
    if (s->at == s->answers.len) {
        writer_reset(&s->answers);
        s->at = 0;
    }
    return test_peer_take(&s->peer, data, len, &s->answers) ? -EPIPE : 0;
}

/* When the peer has nothing to say it never will: the deadline is over at once. */
static inline ssize_t test_stream_recv(struct transport *t, void *data, size_t len, int64_t deadline)
{
    struct test_stream *s = (struct test_stream *)t;
    size_t n = s->answers.len - s->at;

    (void)deadline;
    if (!n)
        return -ETIMEDOUT;
    n = n < s->piece ? n : s->piece;
    n = n < len ? n : len;
    memcpy(data, s->answers.data + s->at, n);
    s->at += n;
    s->given += n;
    return (ssize_t)n;
}

static inline void test_stream_close(struct transport *t)
{
    ((struct test_stream *)t)->closed = true; /* its owner has it still */
}

static const struct transport_ops test_stream_ops = {
    .name = "test", .send = test_stream_send, .recv = test_stream_recv, .close = test_stream_close};

static inline int test_stream_init(struct test_stream *s, uint16_t dialect)
{
    *s = (struct test_stream){.base.ops = &test_stream_ops, .piece = SIZE_MAX};
    writer_init(&s->answers, (size_t)1 << 26);
    return test_peer_init(&s->peer, dialect);
}

static inline void test_stream_deinit(struct test_stream *s)
{
    test_peer_deinit(&s->peer);
    writer_deinit(&s->answers);
}

/* Log on as the peer's user. */
static inline int test_stream_log_on(struct test_stream *s, const struct auth_source *source,
                                     struct pipe_session **session)
{
    struct auth_client_config c = {
        .options = {.type = AUTH_TYPE_SPNEGO, .level = AUTH_LEVEL_CONNECT, .source = source},
        .target = "cifs/peer",
        .mechanisms = AUTH_NTLM};
    struct smb_config config = {.server = "peer"};
    struct pipe_report report;
    int r = auth_credentials_new(&c.credentials);

    *session = NULL;
    if (!r)
        r = auth_credentials_set_name_utf8(c.credentials, "user", "DOM");
    if (!r)
        r = auth_credentials_set_password_utf8(c.credentials, "Passw0rd");
    if (!r)
        r = auth_client_new(&config.auth, &c);
    if (!r)
        r = pipe_session_start(session, &s->base, &config, 0, &report);
    auth_free(config.auth);
    auth_credentials_unref(c.credentials);
    return r;
}

static inline int test_pipe_open(struct pipe_session *session, struct transport **pipe)
{
    struct nt_status why;

    return transport_pipe_open(pipe, session, "samr", 0, &why);
}

/* A message of `len` bytes that says of itself what an RPC message does. */
static inline void test_pipe_message(struct writer *w, uint8_t type, uint8_t flags, uint16_t len)
{
    uint8_t head[10] = {5, 0, type, flags, 0x10, 0, 0, 0, (uint8_t)len, (uint8_t)(len >> 8)};

    writer_put(w, head, sizeof(head));
    for (uint16_t i = sizeof(head); i < len; i++)
        writer_u8(w, (uint8_t)(i * 7));
}

#endif
