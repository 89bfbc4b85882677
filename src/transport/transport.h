/* SPDX-License-Identifier: MIT */
/*
 * A stream of bytes to a server, client side, behind one struct of functions. Knows no RPC.
 *
 * Deadlines are absolute, CLOCK_MONOTONIC, nanoseconds; 0: none. Results are 0 or a negative errno value
 * (-ETIMEDOUT: deadline; -EPIPE, -ECONNRESET: the peer has gone). SIGPIPE is never raised.
 */
#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct transport;

#define TRANSPORT_NAME_LEN 192

struct transport_ops {
    const char *name; /* "ncalrpc", "inproc" */
    /* All of `len` bytes, or an error. */
    int (*send)(struct transport *t, const void *data, size_t len, int64_t deadline);
    /* 1..len bytes; 0: the peer has closed; or an error. */
    ssize_t (*recv)(struct transport *t, void *data, size_t len, int64_t deadline);
    void (*close)(struct transport *t); /* frees t */
    /* The server as a binding, at most TRANSPORT_NAME_LEN bytes with the terminator: "unix:PATH",
     * "ncacn_ip_tcp:ADDRESS[PORT]", "ncacn_np:ADDRESS[\\pipe\\NAME]". NULL: `name` is all there is. */
    void (*describe)(struct transport *t, char text[]);
    /* In a child, after fork(): let go of the descriptors without a byte. `t` cannot be used any more and
     * stays in memory. NULL: there are none. */
    void (*abandon)(struct transport *t);
    /* While nothing is under way: 0, or -EPIPE when the peer has closed. NULL: it is not known. */
    int (*check)(struct transport *t);
    /* Streams that share one connection; NULL: this one has its own. another: one more to the same service,
     * which need not be open yet. advance: what was sent is on its way, and its answer asked for; with `wait`
     * something more has come besides, for any of them. 1: recv() has something at once; 0: nothing yet. */
    int (*another)(struct transport *t, struct transport **out);
    int (*advance)(struct transport *t, bool wait, int64_t deadline);
    uint16_t max_fragment; /* PDU length that suits it */
};

struct transport {
    const struct transport_ops *ops;
};

int64_t transport_now(void);

/* Unix stream socket (ncalrpc). While send() has to wait for the peer it also reads what the peer sends
 * (recv() gives it out later, at most TRANSPORT_INBOX_LEN): two long opposite streams cannot block each
 * other. */
#define TRANSPORT_INBOX_LEN ((size_t)64 << 20)
int transport_unix_connect(struct transport **out, const char *path, int64_t deadline);
/* Takes over a connected stream socket; closed also on failure. */
int transport_unix_adopt(struct transport **out, int fd);

/* TCP. `host`: a name or an address. -EHOSTUNREACH: no such name; -EAGAIN: no name server answered. */
int transport_tcp_connect(struct transport **out, const char *host, uint16_t port, int64_t deadline);
/* The same, and what it did; `report` is filled also on failure. */
struct tcp_report {
    int64_t resolved; /* transport_now() when the address was known; 0: it was not found */
    char address[64]; /* the last one tried */
};
int transport_tcp_connect_report(struct transport **out, const char *host, uint16_t port, int64_t deadline,
                                 struct tcp_report *report);

/* Server side. A non-blocking listening socket at `path` with exactly the permissions `mode`. A socket left
 * behind that nobody answers on is replaced; one that answers, or a file of another kind: -EADDRINUSE; path
 * too long for a socket: -ENAMETOOLONG. The caller unlinks it at the end. */
int transport_unix_listen(const char *path, mode_t mode, int backlog, int *fd);
/* Who is at the other end of a connected unix socket, as the kernel knows it. Any of them may be NULL. */
int transport_unix_peer(int fd, uid_t *uid, gid_t *gid, pid_t *pid);

/* In-process: the other end is a struct of functions over bytes. `input` takes all it is given;
 * `output`/`sent` as in rpc/server.h. Works synchronously in send(): when recv() finds nothing, nothing will
 * come: -EPIPE. `input` is called with no bytes after output was sent, so that a peer can go on with what it
 * held back because of it; `until` before each, with the deadline of what is under way, or NULL. */
struct transport_peer_ops {
    int (*input)(void *peer, const void *data, size_t len); /* 0, or not 0: closed after the output */
    const uint8_t *(*output)(void *peer, size_t *len);
    void (*sent)(void *peer, size_t len);
    void (*close)(void *peer);
    void (*until)(void *peer, int64_t deadline);
};
int transport_inproc_open(struct transport **out, const struct transport_peer_ops *ops, void *peer);

#endif
