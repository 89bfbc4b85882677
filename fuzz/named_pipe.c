/* SPDX-License-Identifier: MIT */
/*
 * Pipes over an SMB server that lies. Input: dialect; options; then steps: send a message, receive, open
 * another pipe, close one, change what the server does. Where the server lies the steps are followed by what
 * it changes in its answers.
 *
 * Oracles: no crash, no leak, an end of every wait; nothing is received that was not sent. While the server
 * is honest what one pipe gives is what was put in, and it comes; a session that is dead stays so.
 */
#include <stdio.h>

#include "transport/test_pipe.h"

#define PIPES 3
#define MAX_STEPS 48

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { PENDING = 16, SERVER_LIES = 32, PIECES = 64 };
enum { SEND, RECEIVE, OPEN, CLOSE, OVERFLOW, REFUSE, STEPS };

struct play {
    struct test_stream stream;
    struct pipe_session *session;
    struct transport *pipe[PIPES];
    unsigned pipes;
    struct reader in;
    struct writer sent; /* by the first pipe */
    size_t received;    /* of that */
    bool honest;        /* the server was, so far; and there is one pipe */
};

static void require(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static int fixed_random(void *data, void *out, size_t len)
{
    (void)data;
    memset(out, 0x5a, len);
    return 0;
}

static uint64_t fixed_now(void *data)
{
    (void)data;
    return UINT64_C(134000000000000000);
}

static void lie(void *data, uint8_t *message, size_t len)
{
    struct play *p = data;
    uint8_t count = reader_left(&p->in) ? reader_u8(&p->in) & 3 : 0;

    for (uint8_t i = 0; i < count && len; i++) {
        size_t at = reader_u16(&p->in) % len;
        uint8_t bits = reader_u8(&p->in);

        message[at] ^= bits;
        p->honest = p->honest && !bits;
    }
}

static void send_message(struct play *p, unsigned i, uint8_t what)
{
    static const uint8_t types[] = {0, 11, 14, 16};
    uint16_t len = (uint16_t)(10 + reader_u16(&p->in) % 6000);
    struct writer w;

    writer_init(&w, 1 << 16);
    test_pipe_message(&w, types[what & 3], what & 4 ? 1 : 3, len);
    if (what & 8)
        test_pipe_message(&w, 0, 3, 30);
    if (p->pipe[i]->ops->send(p->pipe[i], w.data, w.len, 0) == 0)
        writer_put(&p->sent, w.data, w.len);
    else
        require(!p->honest, "a message is not taken");
    writer_deinit(&w);
}

static void receive(struct play *p, unsigned i)
{
    uint8_t data[5000];
    ssize_t n = p->pipe[i]->ops->recv(p->pipe[i], data, sizeof(data), 0);

    require(n != 0 && n <= (ssize_t)sizeof(data), "neither data nor an error");
    require(n < 0 || (uint64_t)n <= p->stream.given, "data that nobody has sent");
    if (!p->honest)
        return;
    if (p->received == p->sent.len) {
        require(n == -ETIMEDOUT, "more than was sent");
        p->honest = false; /* the session has ended */
        return;
    }
    require(n > 0, "nothing, though there is something");
    require((size_t)n <= p->sent.len - p->received &&
                memcmp(p->sent.data + p->received, data, (size_t)n) == 0,
            "other data than were sent");
    p->received += (size_t)n;
}

static void close_pipe(struct play *p, unsigned i)
{
    p->pipe[i]->ops->close(p->pipe[i]);
    p->pipe[i] = p->pipe[--p->pipes];
    p->honest = false;
}

static void step(struct play *p, uint8_t what)
{
    unsigned i = p->pipes ? (what >> 7) % p->pipes : 0, kind = (what & 7u) % STEPS;
    bool dead = pipe_session_is_dead(p->session);

    if (kind == OPEN && p->pipes < PIPES && what & 8) { /* with its first message */
        if (transport_pipe_begin(&p->pipe[p->pipes], p->session, "samr") == 0)
            p->pipes++;
        p->honest = p->honest && !dead && p->pipes == 1;
    } else if (kind == OPEN && p->pipes < PIPES) {
        if (test_pipe_open(p->session, &p->pipe[p->pipes]) == 0) {
            require(!dead, "a pipe of a dead session");
            p->honest = p->honest && !p->pipes;
            p->pipes++;
        } else {
            p->honest = false;
        }
    }
    if (kind == OVERFLOW)
        p->stream.peer.overflow = what & 8 ? 7 : 0;
    if (kind == REFUSE) {
        p->stream.peer.write_status = what & 8 ? 0xC00000B0 : 0;
        p->stream.peer.refuse = what & 16 ? 0xC000000D : 0; /* STATUS_INVALID_PARAMETER */
        p->honest = false;
    }
    if (!p->pipes)
        return;
    if (kind == SEND)
        send_message(p, i, what >> 3 & 15);
    else if (kind == RECEIVE)
        receive(p, i);
    else if (kind == CLOSE)
        close_pipe(p, i);
    require(!dead || pipe_session_is_dead(p->session), "alive again");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint16_t dialects[] = {SMB_2_0_2, SMB_2_1, SMB_3_0, SMB_3_0_2, SMB_3_1_1};
    struct auth_source source = {.random = fixed_random, .now = fixed_now};
    struct play p = {.honest = true};
    uint8_t dialect, how;

    reader_init(&p.in, data, len);
    dialect = reader_u8(&p.in);
    how = reader_u8(&p.in);
    require(test_stream_init(&p.stream, dialects[dialect % 5]) == 0, "init");
    p.stream.peer.cipher = p.stream.peer.dialect == SMB_3_1_1 ? how % 5 : 0;
    p.stream.peer.pending = how & PENDING;
    p.stream.peer.patient = true;
    p.stream.piece = how & PIECES ? 61 : SIZE_MAX;
    writer_init(&p.sent, 1 << 20);
    if (test_stream_log_on(&p.stream, &source, &p.session) == 0) {
        if (how & SERVER_LIES) {
            p.stream.peer.meddle = lie;
            p.stream.peer.meddle_data = &p;
        }
        for (unsigned i = 0; i < MAX_STEPS && reader_left(&p.in); i++)
            step(&p, reader_u8(&p.in));
        while (p.pipes)
            close_pipe(&p, 0);
        pipe_session_close(p.session);
    } else {
        abort();
    }
    require(p.stream.closed, "the stream is left open");
    writer_deinit(&p.sent);
    test_stream_deinit(&p.stream);
    return 0;
}
