/* SPDX-License-Identifier: MIT */
/*
 * A stream of bytes to a server, client side, behind one struct of functions. Knows no RPC.
 *
 * Deadlines are absolute, CLOCK_MONOTONIC, nanoseconds; 0: none. Results are 0 or a negative errno value
 * (-ETIMEDOUT: deadline; -EPIPE, -ECONNRESET: the peer has gone). SIGPIPE is never raised.
 */
#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct transport;

struct transport_ops {
    const char *name; /* "ncalrpc", "inproc" */
    /* All of `len` bytes, or an error. */
    int (*send)(struct transport *t, const void *data, size_t len, int64_t deadline);
    /* 1..len bytes; 0: the peer has closed; or an error. */
    ssize_t (*recv)(struct transport *t, void *data, size_t len, int64_t deadline);
    void (*close)(struct transport *t); /* frees t */
    uint16_t max_fragment;              /* PDU length that suits it */
};

struct transport {
    const struct transport_ops *ops;
};

int64_t transport_now(void);

/* Unix stream socket (ncalrpc). */
int transport_unix_connect(struct transport **out, const char *path, int64_t deadline);

/* In-process: the other end is a struct of functions over bytes. `input` takes all it is given;
 * `output`/`sent` as in rpc/server.h. Works synchronously in send(): when recv() finds nothing, nothing will
 * come: -EPIPE. */
struct transport_peer_ops {
    int (*input)(void *peer, const void *data, size_t len); /* 0, or not 0: closed after the output */
    const uint8_t *(*output)(void *peer, size_t *len);
    void (*sent)(void *peer, size_t len);
    void (*close)(void *peer);
};
int transport_inproc_open(struct transport **out, const struct transport_peer_ops *ops, void *peer);

#endif
