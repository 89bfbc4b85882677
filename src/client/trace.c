/* SPDX-License-Identifier: MIT */
/*
 * See trace.h. A call is remembered from its beginning, when the values of the request can be printed, to its
 * end; the line is put together there.
 */
#include "client/trace.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <unistr.h>

#include "client/pcap.h"
#include "ndr/ndr.h"
#include "netmgmt.h"

#define MAX_VALUES ((size_t)16 << 20) /* bytes of JSON for one direction of a call */
#define MAX_LINE (2 * MAX_VALUES + 65536)

struct call {
    struct call *next;
    uint32_t id; /* 0: not begun yet */
    uint16_t opnum;
    enum ndr_syntax syntax;
    size_t sent;
    struct timespec time;
    int64_t began;
    struct writer in; /* values, JSON */
};

struct trace {
    const struct ndr_interface *interface;
    char server[TRANSPORT_NAME_LEN];
    struct call *calls; /* latest first */
    struct pdu_observer observer;
    struct pcap_flow flow;
    uint8_t pdu[UINT16_MAX]; /* the one that is being written down */
};

/* --- settings --- */

static struct {
    pthread_once_t once;
    int lines, capture; /* file descriptors, or negative */
} settings = {PTHREAD_ONCE_INIT, -1, -1};

static int open_lines(const char *path)
{
    struct stat st;
    int fd;

    if (strcmp(path, "-") == 0)
        return STDERR_FILENO;
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && !S_ISFIFO(st.st_mode)) /* a FIFO could block us, or end us with SIGPIPE */
        return fd;
    close(fd);
    return -1;
}

/* A program that runs with other rights than its user's writes no files for that user. */
static void read_settings(void)
{
    const char *lines = secure_getenv("NETMGMT_TRACE"), *capture = secure_getenv("NETMGMT_PCAP");

    if (lines && *lines)
        settings.lines = open_lines(lines);
    if (capture && *capture)
        settings.capture = pcap_open(capture);
}

/* --- lines --- */

static void put(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct writer *w, const char *format, ...)
{
    char text[256];
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (n >= 0 && (size_t)n < sizeof(text))
        writer_put(w, text, (size_t)n);
    else
        w->failed = true;
}

/* A path may hold any bytes: what is not UTF-8 is shown as Latin-1. */
static void put_text(struct writer *w, const char *text)
{
    bool is_utf8 = !u8_check((const uint8_t *)text, strlen(text));

    writer_u8(w, '"');
    for (const char *c = text; *c; c++)
        if (*c == '"' || *c == '\\')
            put(w, "\\%c", *c);
        else if ((uint8_t)*c < 0x20 || ((uint8_t)*c >= 0x80 && !is_utf8))
            put(w, "\\u%04x", (unsigned)(uint8_t)*c);
        else
            writer_u8(w, (uint8_t)*c);
    writer_u8(w, '"');
}

static void put_time(struct writer *w, const struct timespec *time)
{
    struct tm tm;

    gmtime_r(&time->tv_sec, &tm);
    put(w, "\"%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ\"", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
        tm.tm_hour, tm.tm_min, tm.tm_sec, time->tv_nsec / 1000);
}

/* What the procedure itself returned, when it is a status: `long` is NTSTATUS in the interfaces that there
 * are, `unsigned long` a Windows error. */
static void put_result(struct writer *w, const struct ndr_interface *interface, uint16_t opnum,
                       const void *params)
{
    const struct ndr_proc *proc = &interface->procs[opnum];
    const struct ndr_field *last = &interface->fields[proc->first + proc->members - 1];
    uint8_t kind = proc->members ? interface->types[last->type].kind : NDR_NONE;
    const char *name;
    uint32_t v;

    if (!proc->members || !(last->flags & NDR_F_RESULT) || (kind != NDR_INT32 && kind != NDR_UINT32))
        return;
    memcpy(&v, (const uint8_t *)params + last->host_offset, sizeof(v));
    name = kind == NDR_INT32 ? nt_status_name(NT_STATUS(v)) : netmgmt_status_name(v);
    if (name)
        put(w, ",\"result\":\"%s\"", name);
    else
        put(w, ",\"result\":\"0x%08X\"", v);
}

static void put_status(struct writer *w, struct net_status status)
{
    const char *name = netmgmt_status_name(status.v);

    put(w, ",\"status\":%u", status.v);
    if (status.v && name)
        put(w, ",\"status_name\":\"%s\"", name);
}

static void put_call(struct writer *w, const struct trace *t, const struct call *c)
{
    put(w, "{\"time\":");
    put_time(w, &c->time);
    put(w, ",\"pid\":%d,\"tid\":%d,\"server\":", (int)getpid(), (int)gettid());
    put_text(w, t->server);
    put(w, ",\"interface\":");
    put_text(w, t->interface->name);
    put(w, ",\"operation\":");
    put_text(w, t->interface->names + t->interface->procs[c->opnum].name);
    put(w, ",\"syntax\":\"%s\"", c->syntax == NDR_SYNTAX_NDR64 ? "ndr64" : "ndr20");
}

/* `status` NULL: nobody waited for it. `params` NULL: there are no values. */
static void write_line(const struct trace *t, const struct call *c, const struct net_status *status,
                       size_t received, const void *params)
{
    struct writer w;
    ssize_t written;
    size_t mark;

    writer_init(&w, MAX_LINE);
    put_call(&w, t, c);
    if (status)
        put_status(&w, *status);
    else
        put(&w, ",\"status\":null");
    if (params)
        put_result(&w, t->interface, c->opnum, params);
    put(&w, ",\"sent\":%zu,\"received\":%zu,\"us\":%lld,\"in\":", c->sent, received,
        (long long)((transport_now() - c->began) / 1000));
    if (c->in.failed)
        put(&w, "null");
    else
        writer_put(&w, c->in.data, c->in.len);
    put(&w, ",\"out\":");
    mark = w.len;
    if (!params || w.failed || ndr_print(t->interface, c->opnum, NDR_F_OUT, params, &w) ||
        w.len - mark > MAX_VALUES) {
        w.len = mark;
        w.failed = !w.data;
        put(&w, "null");
    }
    put(&w, "}\n");
    if (!w.failed) {
        written = write(settings.lines, w.data, w.len);
        (void)written; /* there is nobody to be told */
    }
    writer_deinit(&w);
}

/* --- calls --- */

static struct call *take(struct trace *t, uint32_t id)
{
    struct call **at = &t->calls, *c;

    while (*at && (*at)->id != id)
        at = &(*at)->next;
    c = *at;
    if (c)
        *at = c->next;
    return c;
}

static void end(struct trace *t, struct call *c, const struct net_status *status, size_t received,
                const void *params)
{
    if (!c)
        return;
    write_line(t, c, status, received, params);
    writer_deinit(&c->in);
    free(c);
}

void trace_call(struct trace *t, uint16_t opnum, enum ndr_syntax syntax, const void *params)
{
    struct call *c = settings.lines < 0 ? NULL : malloc(sizeof(*c));

    if (!c)
        return;
    *c = (struct call){.next = t->calls, .opnum = opnum, .syntax = syntax};
    writer_init(&c->in, MAX_VALUES);
    ndr_print(t->interface, opnum, NDR_F_IN, params, &c->in);
    clock_gettime(CLOCK_REALTIME, &c->time);
    c->began = transport_now();
    t->calls = c;
}

void trace_begun(struct trace *t, uint32_t call, size_t len, struct net_status status)
{
    struct call *c = t->calls;

    if (!c || c->id) /* there was no memory for it */
        return;
    if (status.v) {
        end(t, take(t, 0), &status, 0, NULL);
    } else {
        c->id = call;
        c->sent = len;
    }
}

void trace_ended(struct trace *t, uint32_t call, size_t len, struct net_status status, const void *params)
{
    end(t, take(t, call), &status, len, status.v ? NULL : params);
}

void trace_dropped(struct trace *t, uint32_t call)
{
    end(t, take(t, call), NULL, 0, NULL);
}

/* --- capture --- */

/* In PDUs of calls a token is a signature: without it, what was sealed can be read. In others it is part of
 * the authentication, and worth reading. */
static bool is_signed(uint8_t type)
{
    return type == PDU_REQUEST || type == PDU_RESPONSE || type == PDU_FAULT;
}

static void see(void *context, bool received, const uint8_t *pdu, size_t len)
{
    struct trace *t = context;
    struct pdu_header h;
    struct pdu_auth auth;
    struct reader body;
    struct writer w;

    if (pdu_header_get(pdu, UINT16_MAX, &h) || !h.auth_len || !is_signed(h.type) ||
        !pdu_open(pdu, &h, &body, &auth)) {
        pcap_flow_add(&t->flow, received, pdu, len);
        return;
    }
    len = (size_t)(body.end - pdu);
    writer_init_fixed(&w, t->pdu, sizeof(t->pdu));
    writer_put(&w, pdu, len);
    writer_patch_u16(&w, PDU_FRAG_LEN_AT, (uint16_t)len);
    writer_patch_u16(&w, PDU_AUTH_LEN_AT, 0);
    if (!w.failed)
        pcap_flow_add(&t->flow, received, t->pdu, len);
}

/* 0: it has none that an analyser could show. */
static uint32_t ipv4_of(const char *server)
{
    const char *host = strchr(server, ':');
    char text[INET_ADDRSTRLEN];
    struct in_addr address;
    size_t len = host ? strcspn(++host, "[") : 0;

    if (!len || len >= sizeof(text))
        return 0;
    memcpy(text, host, len);
    text[len] = '\0';
    return inet_pton(AF_INET, text, &address) == 1 ? ntohl(address.s_addr) : 0;
}

/* --- the channel's --- */

struct trace *trace_open(struct transport *transport, const struct ndr_interface *interface)
{
    struct trace *t;

    pthread_once(&settings.once, read_settings);
    if (settings.lines < 0 && settings.capture < 0)
        return NULL;
    t = malloc(sizeof(*t));
    if (!t)
        return NULL;
    t->interface = interface;
    t->calls = NULL;
    t->observer = (struct pdu_observer){see, t};
    if (transport->ops->describe)
        transport->ops->describe(transport, t->server);
    else
        snprintf(t->server, sizeof(t->server), "%s", transport->ops->name);
    if (settings.capture >= 0)
        pcap_flow_open(&t->flow, settings.capture, ipv4_of(t->server));
    return t;
}

void trace_close(struct trace *t)
{
    if (!t)
        return;
    while (t->calls)
        trace_dropped(t, t->calls->id);
    if (settings.capture >= 0)
        pcap_flow_close(&t->flow);
    free(t);
}

const struct pdu_observer *trace_observer(const struct trace *t)
{
    return t && settings.capture >= 0 ? &t->observer : NULL;
}
