/* SPDX-License-Identifier: MIT */
/*
 * delay_relay FILE PORT MILLISECONDS: a TCP relay for each line ADDRESS:PORT of FILE. It listens on PORT of
 * the address, and hands on to the line's own port what comes, each piece so much later, either way.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <uv.h>

struct piece {
    struct piece *next;
    uint64_t due;
    bool end; /* the sender has closed */
    uv_buf_t data;
    uv_write_t write;
};

struct side {
    uv_tcp_t stream;
    struct pair *pair;
    struct side *other;
    struct piece *first, **last; /* on their way to this side */
};

struct pair {
    struct side sides[2];
    uv_connect_t connect;
    uv_timer_t timer;
    int open; /* handles */
    bool connected;
};

struct address {
    uv_tcp_t listener;
    struct sockaddr_in target;
};

static uint64_t delay;

static void handle_closed(uv_handle_t *handle)
{
    struct pair *p = handle->data;

    if (--p->open)
        return;
    for (int i = 0; i < 2; i++)
        while (p->sides[i].first) {
            struct piece *piece = p->sides[i].first;

            p->sides[i].first = piece->next;
            free(piece->data.base);
            free(piece);
        }
    free(p);
}

static void close_pair(struct pair *p)
{
    uv_handle_t *handles[] = {(uv_handle_t *)&p->sides[0].stream, (uv_handle_t *)&p->sides[1].stream,
                              (uv_handle_t *)&p->timer};

    for (int i = 0; i < 3; i++)
        if (!uv_is_closing(handles[i]))
            uv_close(handles[i], handle_closed);
}

static void written(uv_write_t *write, int status)
{
    struct piece *piece = write->data;

    (void)status; /* who reads finds out */
    free(piece->data.base);
    free(piece);
}

static void on_timer(uv_timer_t *timer);

/* Hand on what is due; wait for the next. */
static void go_on(struct pair *p)
{
    uint64_t now = uv_now(p->timer.loop), next = UINT64_MAX;

    for (int i = 0; i < 2 && p->connected; i++) {
        struct side *s = &p->sides[i];

        while (s->first && s->first->due <= now) {
            struct piece *piece = s->first;

            if (piece->end) {
                close_pair(p);
                return;
            }
            s->first = piece->next;
            if (!s->first)
                s->last = &s->first;
            piece->write.data = piece;
            if (uv_write(&piece->write, (uv_stream_t *)&s->stream, &piece->data, 1, written))
                written(&piece->write, 0);
        }
        if (s->first && s->first->due < next)
            next = s->first->due;
    }
    if (next != UINT64_MAX)
        uv_timer_start(&p->timer, on_timer, next - now, 0);
}

static void on_timer(uv_timer_t *timer)
{
    go_on(timer->data);
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)handle;
    *buffer = uv_buf_init(malloc(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct pair *p = stream->data;
    struct side *to = stream == (uv_stream_t *)&p->sides[0].stream ? &p->sides[1] : &p->sides[0];
    struct piece *piece = n ? calloc(1, sizeof(*piece)) : NULL;

    if (!piece) {
        free(buffer->base);
        return;
    }
    piece->due = uv_now(stream->loop) + delay;
    piece->end = n < 0;
    piece->data = uv_buf_init(buffer->base, n < 0 ? 0 : (unsigned)n);
    *to->last = piece;
    to->last = &piece->next;
    if (n < 0)
        uv_read_stop(stream);
    if (!uv_is_closing((uv_handle_t *)&p->timer) && !uv_is_active((uv_handle_t *)&p->timer))
        go_on(p);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct pair *p = connect->data;

    p->connected = true;
    if (status)
        close_pair(p);
    else if (uv_read_start((uv_stream_t *)&p->sides[1].stream, allocate, on_read))
        close_pair(p);
    else
        go_on(p);
}

static void on_client(uv_stream_t *listener, int status)
{
    struct address *a = listener->data;
    struct pair *p = status ? NULL : calloc(1, sizeof(*p));

    if (!p)
        return;
    p->open = 3;
    p->timer.data = p->connect.data = p;
    uv_timer_init(listener->loop, &p->timer);
    for (int i = 0; i < 2; i++) {
        uv_tcp_init(listener->loop, &p->sides[i].stream);
        p->sides[i].stream.data = p;
        p->sides[i].last = &p->sides[i].first;
    }
    if (uv_accept(listener, (uv_stream_t *)&p->sides[0].stream) ||
        uv_tcp_connect(&p->connect, &p->sides[1].stream, (const struct sockaddr *)&a->target, on_connected) ||
        uv_read_start((uv_stream_t *)&p->sides[0].stream, allocate, on_read)) {
        close_pair(p);
        return;
    }
    uv_tcp_nodelay(&p->sides[0].stream, 1);
    uv_tcp_nodelay(&p->sides[1].stream, 1);
}

static int add(uv_loop_t *loop, const char *line, int port)
{
    struct address *a = calloc(1, sizeof(*a));
    char host[64];
    int target, r;
    struct sockaddr_in here;

    if (!a || sscanf(line, "%63[0-9.]:%d", host, &target) != 2 || uv_ip4_addr(host, target, &a->target) ||
        uv_ip4_addr(host, port, &here)) {
        free(a);
        return -1;
    }
    uv_tcp_init(loop, &a->listener);
    a->listener.data = a;
    r = uv_tcp_bind(&a->listener, (const struct sockaddr *)&here, 0);
    if (!r)
        r = uv_listen((uv_stream_t *)&a->listener, 1024, on_client);
    if (r)
        fprintf(stderr, "%s: %s\n", line, uv_strerror(r));
    return r;
}

int main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    FILE *file = argc == 4 ? fopen(argv[1], "r") : NULL;
    struct rlimit limit;
    char line[128];

    if (!file) {
        fprintf(stderr, "usage: delay_relay FILE PORT MILLISECONDS\n");
        return 2;
    }
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    signal(SIGPIPE, SIG_IGN); /* who was written to may have gone */
    delay = strtoul(argv[3], NULL, 10);
    while (fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        if (add(loop, line, atoi(argv[2])))
            return 1;
    }
    fclose(file);
    puts("ready");
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
