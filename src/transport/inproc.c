/* SPDX-License-Identifier: MIT */
/*
 * A transport without a socket: the peer is called where it stands. Invariant: after send() the peer has done
 * all that it can do with what it was given, so what recv() does not find will never come.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "transport/transport.h"

struct inproc {
    struct transport base;
    const struct transport_peer_ops *ops;
    void *peer;
    int closed; /* the peer's reason, once it takes nothing more */
};

static void input(struct inproc *t, const void *data, size_t len, int64_t deadline)
{
    if (t->ops->until)
        t->ops->until(t->peer, deadline);
    t->closed = t->ops->input(t->peer, data, len);
}

static int inproc_send(struct transport *base, const void *data, size_t len, int64_t deadline)
{
    struct inproc *t = (struct inproc *)base;

    if (t->closed)
        return -EPIPE;
    input(t, data, len, deadline);
    return 0;
}

static ssize_t inproc_recv(struct transport *base, void *data, size_t len, int64_t deadline)
{
    struct inproc *t = (struct inproc *)base;
    size_t have;
    const uint8_t *output = t->ops->output(t->peer, &have);

    if (!have)
        return t->closed ? 0 : -EPIPE;
    if (len > have)
        len = have;
    memcpy(data, output, len);
    t->ops->sent(t->peer, len);
    if (!t->closed && len == have)
        input(t, NULL, 0, deadline);
    return (ssize_t)len;
}

static void inproc_close(struct transport *base)
{
    struct inproc *t = (struct inproc *)base;

    t->ops->close(t->peer);
    free(t);
}

static const struct transport_ops inproc_ops = {
    .name = "inproc", .send = inproc_send, .recv = inproc_recv, .close = inproc_close, .max_fragment = 65528};

int transport_inproc_open(struct transport **out, const struct transport_peer_ops *ops, void *peer)
{
    struct inproc *t = malloc(sizeof(*t));

    *out = NULL;
    if (!t)
        return -ENOMEM;
    *t = (struct inproc){.base.ops = &inproc_ops, .ops = ops, .peer = peer};
    *out = &t->base;
    return 0;
}
