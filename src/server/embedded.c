/* SPDX-License-Identifier: MIT */
/*
 * The embedded server: one server and one association behind an in-process transport.
 *
 * Invariant: the caller is the process itself, so it may do all that the file's permissions allow. Requests
 * that were sent together share one commit, and when a function here returns nothing is left to be committed:
 * no lock is held on the database while the program does something else.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/association.h"

struct embedded {
    struct server *server;
    struct association *association;
};

static void commit(struct embedded *e)
{
    while (server_needs_commit(e->server))
        server_commit(e->server); /* what came of it is in the answers */
}

static int peer_input(void *peer, const void *data, size_t len)
{
    struct embedded *e = peer;

    association_input(e->association, data, len);
    commit(e);
    return association_status(e->association);
}

static const uint8_t *peer_output(void *peer, size_t *len)
{
    return association_output(((struct embedded *)peer)->association, len);
}

static void peer_sent(void *peer, size_t len)
{
    struct embedded *e = peer;

    association_sent(e->association, len);
    commit(e);
}

static void peer_close(void *peer)
{
    struct embedded *e = peer;

    association_free(e->association);
    server_close(e->server);
    free(e);
}

static void peer_until(void *peer, int64_t deadline)
{
    server_set_deadline(((struct embedded *)peer)->server, deadline);
}

static int errno_of(struct nt_status status)
{
    switch ((int)status.v) {
    case NT_STATUS_SUCCESS:
        return 0;
    case NT_STATUS_NO_MEMORY:
        return -ENOMEM;
    case NT_STATUS_OBJECT_NAME_NOT_FOUND:
        return -ENOENT;
    case NT_STATUS_ACCESS_DENIED:
        return -EACCES;
    case NT_STATUS_DISK_FULL:
        return -ENOSPC;
    case NT_STATUS_NOT_SUPPORTED:
        return -EPROTONOSUPPORT;
    case NT_STATUS_MEDIA_WRITE_PROTECTED:
        return -EROFS;
    case NT_STATUS_FILE_LOCK_CONFLICT:
        return -EBUSY;
    case NT_STATUS_INTERNAL_DB_CORRUPTION:
        return -ENOEXEC;
    case NT_STATUS_OBJECT_NAME_INVALID:
        return -EISDIR;
    default:
        return -EIO;
    }
}

int server_embedded_open(struct transport **out, const char *database, int64_t deadline)
{
    static const struct transport_peer_ops ops = {peer_input, peer_output, peer_sent, peer_close, peer_until};
    struct server_config config = {
        .database = database, .create = true, .batch = true, .patient = true, .deadline = deadline};
    struct caller caller = {.uid = geteuid(), .gid = getegid(), .administrator = true};
    struct embedded *e = calloc(1, sizeof(*e));
    int r;

    *out = NULL;
    if (!e)
        return -ENOMEM;
    r = errno_of(server_open(&e->server, &config));
    if (!r)
        r = association_new(&e->association, e->server, &caller);
    if (!r)
        r = transport_inproc_open(out, &ops, e);
    if (r)
        peer_close(e);
    return r;
}
