/* SPDX-License-Identifier: MIT */
/*
 * Named pipes: the SMB client of src/smb driven over a stream.
 *
 * A pipe in message mode carries one PDU a message, so what is sent is cut at the lengths that the messages
 * themselves tell, and type and flags tell how many answers are to be read (bytes 2, 3, 8 and 9, the same in
 * every PDU: [C706] 12.6.3.1). The last message handed over is held back until the answer is asked for: then
 * one TRANSCEIVE carries it there and the answer back. A server refuses that while an answer is still unread
 * (STATUS_PIPE_BUSY), so behind a message whose answer nobody has waited for, WRITE and READs go out
 * together: one round trip as well. The first message of a pipe that is not open yet goes in one frame with
 * what opens it; where a server does not like that, one after the other.
 */
#include "transport/named_pipe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/pipe_order.h"

#define PDU_TYPE_OFFSET 2
#define PDU_FLAGS_OFFSET 3
#define PDU_LAST_FRAGMENT 0x02
#define PDU_LENGTH_OFFSET 8
#define PDU_HEADER_LEN 10 /* as much of it as tells the length */
#define ANSWER_LEN 65536u /* asked for at once: one credit */
#define PIPE_REQUESTS 64  /* under way on one pipe */
#define READS_MAX PIPE_ORDER_READS
#define MESSAGE_LIMIT ((size_t)64 << 20)
#define CLOSE_WAIT INT64_C(200000000)

struct pipe;

struct pipe_session {
    struct transport *stream;
    struct smb_client *smb;
    unsigned users; /* the opener and each pipe */
    struct pipe *pipes;
    bool ready, dead;
    int64_t negotiated; /* when */
    struct pipe_opening opening;
    struct nt_status why;
    uint8_t buffer[65536];
};

struct pipe {
    struct transport transport;
    struct pipe_session *session;
    struct pipe *next;
    struct smb_file_id file;
    bool open, failed;
    char *name;
    struct nt_status status;
    uint64_t opening, first;           /* requests: CREATE, and the TRANSCEIVE that went with it */
    size_t first_len;                  /* of what is held, sent with CREATE; 0: nothing, or it is answered */
    bool refused;                      /* what went together: to be done again, one after the other */
    uint64_t under_way[PIPE_REQUESTS]; /* requests whose answer is data */
    unsigned under_way_count;
    uint64_t written; /* the latest WRITE: when it fails those before it have failed too, or do no harm */
    unsigned answers; /* still to come, for what was sent */
    struct writer partial; /* of the message coming in, as much as did not end it */
    struct pipe_order order;
    struct writer held;  /* messages not sent yet */
    struct writer inbox; /* what came, in order, from inbox_at on */
    size_t inbox_at;
};

static int errno_of(struct nt_status s)
{
    switch ((int)s.v) {
    case NT_STATUS_OBJECT_NAME_NOT_FOUND:
        return -ENOENT;
    case NT_STATUS_INSUFFICIENT_RESOURCES:
        return -ENOMEM;
    default:
        return -EACCES;
    }
}

/* Events to whom they belong. */

static bool forget_request(struct pipe *p, uint64_t request)
{
    for (unsigned i = 0; i < p->under_way_count; i++)
        if (p->under_way[i] == request) {
            p->under_way[i] = p->under_way[--p->under_way_count];
            return true;
        }
    return false;
}

static int remember_request(struct pipe *p, uint64_t request)
{
    if (p->under_way_count == PIPE_REQUESTS)
        return -EBUSY;
    p->under_way[p->under_way_count++] = request;
    return 0;
}

/* The first `len` bytes of what is held: they are sent. */
static void drop_held(struct pipe *p, size_t len)
{
    memmove(p->held.data, p->held.data + len, p->held.len - len);
    p->held.len -= len;
}

static void take_opened(struct pipe *p, const struct smb_event *e)
{
    struct pipe_opening *opening = &p->session->opening;

    p->open = nt_success(e->status);
    p->file = e->file;
    p->status = e->status;
    p->failed = !p->open && !p->first_len;
    *opening = (struct pipe_opening){.ended = transport_now(),
                                     .error = p->failed ? errno_of(e->status) : 0,
                                     .why = p->failed ? e->status : NT(STATUS_SUCCESS)};
}

/* Length of the first message of `len` bytes; 0: not all there. What cannot be one is all of it: others will
 * say so. */
static size_t message_len(const uint8_t *data, size_t len)
{
    size_t message =
        len < PDU_HEADER_LEN ? 0 : data[PDU_LENGTH_OFFSET] | (size_t)data[PDU_LENGTH_OFFSET + 1] << 8;

    if (len >= PDU_HEADER_LEN && message < PDU_HEADER_LEN)
        return len;
    return message <= len ? message : 0;
}

static int take_message(struct pipe *p, const uint8_t *message, size_t len)
{
    int r;

    if (p->inbox_at == p->inbox.len) {
        p->inbox_at = 0;
        writer_reset(&p->inbox);
    }
    p->order.ended = 0;
    r = pipe_order_take(&p->order, message, len, p->under_way_count > 0, &p->inbox);
    p->answers -= p->order.ended < p->answers ? p->order.ended : p->answers;
    return r;
}

/* One message, as a rule. A pipe that is not in message mode gives what is there, several or half of one. */
static int take_bytes(struct pipe *p, const uint8_t *data, size_t len)
{
    size_t at = 0, message;
    int r = 0;

    p->order.never = p->order.never || message_len(data, len) != len;
    if (p->partial.len) {
        writer_put(&p->partial, data, len);
        if (p->partial.failed)
            return -ENOMEM;
        data = p->partial.data;
        len = p->partial.len;
    }
    while (r == 0 && (message = message_len(data + at, len - at))) {
        r = take_message(p, data + at, message);
        at += message;
    }
    if (data == p->partial.data) {
        memmove(p->partial.data, data + at, len - at);
        p->partial.len = len - at;
    } else {
        writer_put(&p->partial, data + at, len - at);
    }
    return r ? r : p->partial.failed ? -ENOMEM : 0;
}

static int take_data(struct pipe *p, const struct smb_event *e)
{
    bool more = nt_is(e->status, NT_STATUS_BUFFER_OVERFLOW);
    uint64_t request;
    int r;

    if (p->first_len && e->request == p->first && !more && !nt_success(e->status)) {
        p->refused = true;
        return 0;
    }
    if (p->first_len && e->request == p->first)
        drop_held(p, p->first_len);
    p->first_len = 0;
    /* the pipe is gone: STATUS_PIPE_DISCONNECTED and its kin; or a server that would keep us asking for ever
     */
    if ((!more && !nt_success(e->status)) || !e->len) {
        p->failed = true;
        p->status = e->status;
        return 0;
    }
    r = take_bytes(p, e->data, e->len);
    if (r || !more)
        return r;
    r = smb_client_read(p->session->smb, p->file, ANSWER_LEN, &request);
    return r < 0 ? r : r ? -EBUSY : remember_request(p, request);
}

static int take_event(struct pipe_session *s, const struct smb_event *e)
{
    if (e->type == SMB_EVENT_READY)
        s->ready = true;
    if (e->type == SMB_EVENT_FAILED) {
        s->dead = true;
        s->why = e->status;
        s->opening = (struct pipe_opening){transport_now(), -EACCES, e->status};
    }
    for (struct pipe *p = s->pipes; p; p = p->next) {
        if (e->type == SMB_EVENT_OPENED && p->opening == e->request) {
            take_opened(p, e);
            return 0;
        }
        if (e->type == SMB_EVENT_DATA && forget_request(p, e->request))
            return take_data(p, e);
        if (e->type == SMB_EVENT_DONE && p->written == e->request && !nt_success(e->status)) {
            p->failed = true; /* what was to be answered has not arrived */
            p->status = e->status;
            return 0;
        }
    }
    return 0; /* of a pipe that was closed meanwhile, or a write that went well */
}

static int flush(struct pipe_session *s, int64_t deadline)
{
    const uint8_t *data;
    size_t len;

    while ((data = smb_client_output(s->smb, &len))) {
        int r = s->stream->ops->send(s->stream, data, len, deadline);

        if (r)
            return r;
        smb_client_sent(s->smb, len);
    }
    return 0;
}

/* Send what waits, then take what comes, once. */
static int turn(struct pipe_session *s, int64_t deadline)
{
    struct smb_event e;
    ssize_t n;
    int r = s->dead ? -EPIPE : flush(s, deadline);

    if (r == 0) {
        n = s->stream->ops->recv(s->stream, s->buffer, sizeof(s->buffer), deadline);
        r = n > 0 ? smb_client_input(s->smb, s->buffer, (size_t)n) : n == 0 ? -ECONNRESET : (int)n;
    }
    if (!s->negotiated && smb_client_info(s->smb)->dialect)
        s->negotiated = transport_now();
    while (smb_client_next(s->smb, &e)) {
        int taken = take_event(s, &e);

        r = r ? r : taken;
    }
    if (r == 0)
        r = flush(s, deadline);
    if (r && r != -EBUSY)
        s->dead = true;
    return r > 0 ? -EPROTO : r;
}

/* Pipes as transports. */

/* Connect to IPC$ if need be, open the pipe, wait. */
static int open_alone(struct pipe *p, int64_t deadline)
{
    struct pipe_session *s = p->session;
    uint64_t request;
    int r = 0;

    if (p->open) /* in company that was refused: whether the first message arrived is not known */
        r = smb_client_close(s->smb, p->file, &request);
    r = r < 0 ? r : 0;
    p->open = p->refused = false;
    p->under_way_count = p->answers = 0;
    p->first_len = 0;
    while (r == 0 && (r = smb_client_open(s->smb, p->name, &p->opening)) == SMB_E_CREDITS)
        r = turn(s, deadline);
    r = r > 0 ? -EPIPE : r;
    while (r == 0 && !p->open && !p->failed)
        r = turn(s, deadline);
    return r == 0 && p->failed ? errno_of(p->status) : r;
}

/* Does the server answer this message? The last fragment of a request; bind and alter_context. */
static bool is_answered(const uint8_t *message)
{
    uint8_t type = message[PDU_TYPE_OFFSET];

    return (message[PDU_FLAGS_OFFSET] & PDU_LAST_FRAGMENT) && (type == 0 || type == 11 || type == 14);
}

static int write_now(struct pipe *p, const uint8_t *message, size_t len, int64_t deadline)
{
    uint64_t request;
    int r;

    while ((r = smb_client_write(p->session->smb, p->file, message, len, &request)) == SMB_E_CREDITS) {
        r = turn(p->session, deadline);
        if (r)
            return r;
    }
    if (r == 0)
        p->written = request;
    if (r == 0 && is_answered(message))
        p->answers++;
    return r > 0 ? -EPIPE : r;
}

/* One request whose answer is data; waits for credits. */
static int ask_once(struct pipe *p, bool transceive, int64_t deadline)
{
    struct smb_client *smb = p->session->smb;
    uint64_t request;
    int r;

    while ((r = transceive
                    ? smb_client_transceive(smb, p->file, p->held.data, p->held.len, ANSWER_LEN, &request)
                    : smb_client_read(smb, p->file, ANSWER_LEN, &request)) == SMB_E_CREDITS) {
        r = turn(p->session, deadline);
        if (r)
            return r;
    }
    return r ? (r > 0 ? -EPIPE : r) : remember_request(p, request);
}

/* Send what is held, and have a READ under way for each answer that is still to come. */
static int ask(struct pipe *p, int64_t deadline)
{
    bool alone = p->answers == 0 && p->under_way_count == 0;
    unsigned reads = p->answers;
    int r = 0;

    if (p->order.inside) { /* what is sent in between could be answered in between */
        reads = p->answers > 1 ? 1 : pipe_order_reads(&p->order);
    } else if (p->held.len && alone && p->held.len <= smb_client_info(p->session->smb)->max_transact) {
        r = ask_once(p, true, deadline);
        p->answers += r == 0 && is_answered(p->held.data);
        writer_reset(&p->held);
        return r;
    } else if (p->held.len) {
        r = write_now(p, p->held.data, p->held.len, deadline);
        writer_reset(&p->held);
        reads = p->answers;
    }
    while (r == 0 && (p->under_way_count == 0 || p->under_way_count < reads) &&
           p->under_way_count < READS_MAX)
        r = ask_once(p, false, deadline);
    return r;
}

/* Until what was sent with opening is answered, and an answer that has begun is complete: what is sent then
 * comes behind it, and so does its answer. */
static int settle(struct pipe *p, int64_t deadline)
{
    int r = 0;

    while (r == 0 && p->first_len && !p->refused && !p->failed)
        r = turn(p->session, deadline);
    while (r == 0 && p->order.inside && !p->failed) {
        r = ask(p, deadline);
        r = r ? r : turn(p->session, deadline);
    }
    return r;
}

static int pipe_send(struct transport *t, const void *data, size_t len, int64_t deadline)
{
    struct pipe *p = (struct pipe *)t;
    size_t message;
    int r = 0;

    if (p->failed)
        return -EPIPE;
    writer_put(&p->held, data, len);
    if (p->held.failed)
        return -ENOMEM;
    /* all but the last message go now */
    while ((message = message_len(p->held.data, p->held.len)) && message < p->held.len) {
        r = settle(p, deadline);
        if (r == 0 && (!p->open || p->refused))
            r = open_alone(p, deadline);
        r = r ? r : write_now(p, p->held.data, message, deadline);
        if (r)
            return r;
        drop_held(p, message);
    }
    return 0;
}

/* The same with opening the pipe. */
static int open_together(struct pipe *p, int64_t deadline)
{
    size_t len = message_len(p->held.data, p->held.len);
    int r = SMB_E_STATE;

    if (len && is_answered(p->held.data))
        r = smb_client_open_with(p->session->smb, p->name, p->held.data, len, ANSWER_LEN, &p->opening,
                                 &p->first);
    if (r > 0) /* not with this server, or not now */
        return open_alone(p, deadline);
    if (r == 0) {
        p->first_len = len;
        p->answers++;
        r = remember_request(p, p->first);
    }
    return r;
}

/* Have what is needed for an answer under way. */
static int go_on(struct pipe *p, int64_t deadline)
{
    int r = 0;

    if (p->refused)
        r = open_alone(p, deadline);
    else if (!p->open && !p->first_len)
        r = open_together(p, deadline);
    return r || p->first_len ? r : ask(p, deadline);
}

/* Nobody waits any more: the server need not go on either. */
static void give_up(struct pipe *p)
{
    for (unsigned i = 0; i < p->under_way_count; i++)
        smb_client_cancel(p->session->smb, p->under_way[i]);
    flush(p->session, transport_now() + CLOSE_WAIT);
}

static ssize_t pipe_recv(struct transport *t, void *data, size_t len, int64_t deadline)
{
    struct pipe *p = (struct pipe *)t;
    size_t n;
    int r = 0;

    while (p->inbox_at == p->inbox.len) {
        if (p->failed)
            return -EPIPE;
        r = go_on(p, deadline);
        r = r ? r : turn(p->session, deadline);
        if (r == -ETIMEDOUT)
            give_up(p);
        if (r)
            return r;
    }
    n = p->inbox.len - p->inbox_at < len ? p->inbox.len - p->inbox_at : len;
    memcpy(data, p->inbox.data + p->inbox_at, n);
    p->inbox_at += n;
    return (ssize_t)n;
}

static void unref(struct pipe_session *s)
{
    if (--s->users)
        return;
    if (!s->dead && smb_client_logoff(s->smb) == 0)
        flush(s, transport_now() + CLOSE_WAIT);
    smb_client_free(s->smb);
    s->stream->ops->close(s->stream);
    explicit_bzero(s->buffer, sizeof(s->buffer));
    free(s);
}

static void pipe_close(struct transport *t)
{
    struct pipe *p = (struct pipe *)t;
    struct pipe_session *s = p->session;
    uint64_t request;

    for (struct pipe **at = &s->pipes; *at; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            break;
        }
    if (p->open && !s->dead) {
        if (p->held.len && !p->first_len)
            write_now(p, p->held.data, p->held.len, transport_now() + CLOSE_WAIT);
        if (smb_client_close(s->smb, p->file, &request) == 0)
            flush(s, transport_now() + CLOSE_WAIT); /* its answer is dropped when it comes */
    }
    pipe_order_deinit(&p->order);
    writer_deinit(&p->held);
    writer_deinit(&p->partial);
    writer_deinit(&p->inbox);
    free(p->name);
    free(p);
    unref(s);
}

static void pipe_describe(struct transport *t, char text[])
{
    static const char tcp[] = "ncacn_ip_tcp:";
    struct pipe *p = (struct pipe *)t;
    struct transport *stream = p->session->stream;
    char stream_text[TRANSPORT_NAME_LEN];
    const char *host = stream_text;

    stream->ops->describe(stream, stream_text);
    if (strncmp(host, tcp, sizeof(tcp) - 1) == 0)
        host += sizeof(tcp) - 1;
    snprintf(text, TRANSPORT_NAME_LEN, "ncacn_np:%.*s[\\pipe\\%s]", (int)strcspn(host, "["), host, p->name);
}

static void pipe_abandon(struct transport *t)
{
    struct transport *stream = ((struct pipe *)t)->session->stream;

    stream->ops->abandon(stream);
}

static int pipe_check(struct transport *t)
{
    struct pipe *p = (struct pipe *)t;
    struct transport *stream = p->session->stream;

    return p->failed || p->session->dead ? -EPIPE : stream->ops->check(stream);
}

static int pipe_another(struct transport *t, struct transport **out)
{
    const struct pipe *p = (struct pipe *)t;

    return transport_pipe_begin(out, p->session, p->name);
}

static int pipe_advance(struct transport *t, bool wait, int64_t deadline)
{
    struct pipe *p = (struct pipe *)t;
    struct pipe_session *s = p->session;
    int r;

    if (p->inbox_at < p->inbox.len)
        return 1;
    if (p->failed || s->dead)
        return -EPIPE;
    r = go_on(p, deadline);
    if (r == 0 && wait)
        r = turn(s, deadline);
    else if (r == 0 && (r = flush(s, deadline)))
        s->dead = true;
    if (r == -ETIMEDOUT)
        give_up(p);
    return r ? r : p->inbox_at < p->inbox.len;
}

/* 4280 is what Windows and Samba use on pipes; servers that can do more say so in the bind. */
static const struct transport_ops pipe_ops = {.name = "ncacn_np",
                                              .send = pipe_send,
                                              .recv = pipe_recv,
                                              .close = pipe_close,
                                              .describe = pipe_describe,
                                              .abandon = pipe_abandon,
                                              .check = pipe_check,
                                              .another = pipe_another,
                                              .advance = pipe_advance,
                                              .max_fragment = 5840};

int transport_pipe_begin(struct transport **out, struct pipe_session *s, const char *pipe)
{
    struct pipe *p = calloc(1, sizeof(*p));

    *out = NULL;
    if (!p)
        return -ENOMEM;
    p->transport.ops = &pipe_ops;
    p->session = s;
    p->name = strdup(pipe);
    if (!p->name) {
        free(p);
        return -ENOMEM;
    }
    writer_init(&p->held, MESSAGE_LIMIT);
    writer_init(&p->partial, MESSAGE_LIMIT);
    writer_init(&p->inbox, MESSAGE_LIMIT);
    p->next = s->pipes;
    s->pipes = p;
    s->users++;
    s->opening = (struct pipe_opening){0};
    *out = &p->transport;
    return 0;
}

int transport_pipe_open(struct transport **out, struct pipe_session *s, const char *pipe, int64_t deadline,
                        struct nt_status *why)
{
    int r = transport_pipe_begin(out, s, pipe);

    if (r)
        return r;
    r = open_alone((struct pipe *)*out, deadline);
    r = r && s->opening.error ? s->opening.error : r;
    *why = s->opening.why;
    if (r) {
        pipe_close(*out);
        *out = NULL;
    }
    return r;
}

const struct pipe_opening *pipe_session_opening(const struct pipe_session *s)
{
    return &s->opening;
}

static void report_to(struct pipe_report *report, const struct pipe_session *s)
{
    report->negotiated = s->negotiated;
    report->ready = s->ready ? transport_now() : 0;
    report->why = s->why;
    if (s->smb)
        report->info = *smb_client_info(s->smb);
}

int pipe_session_start(struct pipe_session **out, struct transport *stream, const struct smb_config *config,
                       int64_t deadline, struct pipe_report *report)
{
    struct pipe_session *s = calloc(1, sizeof(*s));
    int r;

    *out = NULL;
    *report = (struct pipe_report){0};
    if (!s) {
        stream->ops->close(stream);
        return -ENOMEM;
    }
    s->users = 1;
    s->stream = stream;
    r = smb_client_new(&s->smb, config);
    while (r == 0 && !s->ready && !s->dead)
        r = turn(s, deadline);
    report_to(report, s);
    if (r || s->dead) {
        r = s->why.v ? -EACCES : r;
        s->dead = true;
        unref(s);
        return r;
    }
    *out = s;
    return 0;
}

int pipe_session_open(struct pipe_session **out, const char *address, uint16_t port,
                      const struct smb_config *config, int64_t deadline, struct nt_status *why)
{
    struct pipe_report report = {0};
    struct transport *stream;
    int r = transport_tcp_connect(&stream, address, port ? port : SMB_PORT, deadline);

    *out = NULL;
    if (!r)
        r = pipe_session_start(out, stream, config, deadline, &report);
    *why = report.why;
    return r;
}

void pipe_session_close(struct pipe_session *s)
{
    if (s)
        unref(s);
}

const struct smb_info *pipe_session_info(const struct pipe_session *s)
{
    return smb_client_info(s->smb);
}

bool pipe_session_is_dead(const struct pipe_session *s)
{
    return s->dead;
}
