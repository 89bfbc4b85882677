/* SPDX-License-Identifier: MIT */
/* Pipes over the SMB peer of the tests: which requests a message becomes, and how errors arrive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "transport/test_pipe.h"

enum { REQUEST = 0, BIND = 11, AUTH3 = 16, WHOLE = 3 };

struct fixture {
    struct test_stream stream;
    struct pipe_session *session;
    struct transport *pipe;
    struct writer sent;
};

static void open_fixture(struct fixture *f)
{
    assert_int_equal(test_stream_init(&f->stream, SMB_3_1_1), 0);
    assert_int_equal(test_stream_log_on(&f->stream, NULL, &f->session), 0);
    assert_int_equal(test_pipe_open(f->session, &f->pipe), 0);
    writer_init(&f->sent, 1 << 20);
}

static void close_fixture(struct fixture *f)
{
    f->pipe->ops->close(f->pipe);
    pipe_session_close(f->session);
    assert_true(f->stream.closed);
    writer_deinit(&f->sent);
    test_stream_deinit(&f->stream);
}

static void send_all(struct fixture *f)
{
    assert_int_equal(f->pipe->ops->send(f->pipe, f->sent.data, f->sent.len, 0), 0);
}

static void receive_all(struct fixture *f)
{
    uint8_t data[700];

    for (size_t got = 0; got < f->sent.len;) {
        ssize_t n = f->pipe->ops->recv(f->pipe, data, sizeof(data), 0);

        assert_in_range(n, 1, f->sent.len - got);
        assert_memory_equal(data, f->sent.data + got, (size_t)n);
        got += (size_t)n;
    }
}

/* A message with an answer is one TRANSCEIVE; of several, all but the last are written first. */
static void test_messages(void **state)
{
    struct fixture f;

    (void)state;
    open_fixture(&f);
    test_pipe_message(&f.sent, BIND, WHOLE, 100);
    send_all(&f);
    receive_all(&f);
    assert_int_equal(f.stream.peer.writes, 0);
    writer_reset(&f.sent);
    test_pipe_message(&f.sent, AUTH3, WHOLE, 50);
    test_pipe_message(&f.sent, REQUEST, 1, 4000);
    test_pipe_message(&f.sent, REQUEST, 2, 3000);
    send_all(&f);
    receive_all(&f);
    assert_int_equal(f.stream.peer.writes, 2);
    assert_int_equal(f.stream.peer.commands[SMB_READ], 0);
    close_fixture(&f);
}

/* The pipe is gone when a message is written: that is known at once, and not when an answer does not come. */
static void test_failed_write(void **state)
{
    struct fixture f;
    uint8_t data[100];

    (void)state;
    open_fixture(&f);
    f.stream.peer.write_status = 0xC00000B0; /* STATUS_PIPE_DISCONNECTED */
    f.stream.peer.patient = true;
    for (int i = 0; i < 3; i++)
        test_pipe_message(&f.sent, REQUEST, WHOLE, 200);
    send_all(&f);
    assert_int_equal(f.pipe->ops->recv(f.pipe, data, sizeof(data), 0), -EPIPE);
    assert_int_equal(f.pipe->ops->check(f.pipe), -EPIPE);
    close_fixture(&f);
}

/* An answer of no bytes is none, and asking again would only bring the next one. */
static void test_empty_answers(void **state)
{
    uint8_t data[100];

    (void)state;
    for (int held = 0; held < 2; held++) {
        struct fixture f;

        open_fixture(&f);
        test_pipe_message(&f.sent, REQUEST, WHOLE, 100);
        send_all(&f);
        receive_all(&f);
        f.stream.peer.mute = true;
        if (held)
            send_all(&f);
        assert_int_equal(f.pipe->ops->recv(f.pipe, data, sizeof(data), 0), -EPIPE);
        close_fixture(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_failed_write),
        cmocka_unit_test(test_empty_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
