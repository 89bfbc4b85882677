/* SPDX-License-Identifier: MIT */
/*
 * Named pipes (ncacn_np): an SMB session over TCP, and pipes on it as transports.
 *
 * A session and its pipes belong to one thread at a time. The session lives as long as its last pipe.
 */
#ifndef TRANSPORT_NAMED_PIPE_H
#define TRANSPORT_NAMED_PIPE_H

#include "base/status.h"
#include "smb/client.h"
#include "transport/transport.h"

#define SMB_PORT 445

struct pipe_session;

/* How far a session came, with transport_now() of the steps; 0: not so far. */
struct pipe_report {
    int64_t negotiated, ready;
    struct smb_info info;
    struct nt_status why; /* of the refusal that it ended with */
};

/* Over a connected stream (taken over in any case): negotiate, log on as `config` says.
 * -EACCES: the server (or our policy) refused: report->why, and report->info.auth_result when it is our side
 * of the authentication that failed. -EPROTO: what came was not legal or not signed. Others as in
 * transport.h. */
int pipe_session_start(struct pipe_session **out, struct transport *stream, const struct smb_config *config,
                       int64_t deadline, struct pipe_report *report);
/* Connected to `address` (name or number; port 0: 445) first. */
int pipe_session_open(struct pipe_session **out, const char *address, uint16_t port,
                      const struct smb_config *config, int64_t deadline, struct nt_status *why);
/* Gives up the caller's hold; with the last pipe closed too the session logs off. NULL is fine. */
void pipe_session_close(struct pipe_session *s);
const struct smb_info *pipe_session_info(const struct pipe_session *s);
bool pipe_session_is_dead(const struct pipe_session *s);

/* `pipe`: "samr". -ENOENT: the server has no such pipe; -EACCES: not for this user; *why its NTSTATUS. */
int transport_pipe_open(struct transport **out, struct pipe_session *s, const char *pipe, int64_t deadline,
                        struct nt_status *why);
/* The same, but nothing goes to the server before the first message does, and then it goes with it: one round
 * trip for IPC$, the pipe and the first answer. What came of the opening is told by pipe_session_opening()
 * then. */
int transport_pipe_begin(struct transport **out, struct pipe_session *s, const char *pipe);
/* Of the pipe that was begun or opened last. */
struct pipe_opening {
    int64_t ended; /* when; 0: not yet */
    int error;     /* 0, or as of transport_pipe_open */
    struct nt_status why;
};
const struct pipe_opening *pipe_session_opening(const struct pipe_session *s);

#endif
