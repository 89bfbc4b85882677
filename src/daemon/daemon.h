/* SPDX-License-Identifier: MIT */
/*
 * netmgmtd: one loop, one database handle, many clients on a unix socket and over TCP.
 *
 * A turn of the loop: read from every client that has sent something and carry out its calls (loop.c polls,
 * connection.c reads); then one commit for all of them; then send. So nothing is sent before it is durable,
 * and clients that come together share the cost of the disk.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "server/association.h"

struct daemon_options {
    const char *socket, *database;
    mode_t mode;              /* of the socket */
    unsigned max_connections; /* in all */
    unsigned max_per_user;    /* of one user id that is not an administrator */
    unsigned max_per_address; /* of one remote address */
    unsigned idle_seconds;    /* without a call, after which a connection is closed; 0: never */
    bool create;              /* the database, when there is none */
    struct server_remote remote;
};

#define DAEMON_NAME_LEN 64 /* "[IPv6 address%interface]:port" */

union daemon_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The first is the unix socket, the others are TCP. */
struct listener {
    struct daemon *daemon;
    uv_poll_t poll;
    int fd;      /* -1: closed */
    bool mapper; /* serves the endpoint mapper, not SAMR */
    union daemon_address address;
    char name[DAEMON_NAME_LEN], port[6];
};

struct connection {
    struct connection *next, *previous; /* of all */
    struct connection *next_ready;      /* of those that this turn has touched */
    struct daemon *daemon;
    struct association *association;
    uv_poll_t poll;
    int fd;
    int events;                 /* asked for */
    uint32_t uid;               /* of a local client */
    uint8_t address[16];        /* of a remote one: IPv4 mapped, of IPv6 the network's half */
    char name[DAEMON_NAME_LEN]; /* for the log */
    bool remote, mapper, administrator, ready, closing;
    bool authenticated, failed; /* how the logon of a remote one went; neither: not done yet */
    uint64_t since;             /* it is here, ms of the loop's clock */
    uint64_t punished_until;    /* nothing is read and sent: its logon has failed */
    uint32_t calls;             /* seen at the last look */
    uint64_t active_at;         /* a call has come, ms of the loop's clock */
    uint64_t partial_since;     /* part of a request has been waiting since then; 0: none */
    uint64_t blocked_since;     /* answers have not been taken since then; 0: none wait */
};

/* Of lines that clients cause, as many as they like. */
struct daemon_log_share {
    uint64_t since; /* ms of the loop's clock */
    unsigned lines;
};

struct daemon {
    struct daemon_options options;
    uv_loop_t loop;
    uv_check_t after_poll;
    uv_timer_t watch, retry, punishment, lock;
    uv_signal_t terminate, interrupt;
    struct server *server;
    struct connection *connections, *ready;
    struct listener *listeners;
    size_t listener_count;
    unsigned count;
    unsigned strangers; /* remote clients that have not authenticated themselves */
    uint64_t refused, commit_failures;
    uint64_t refused_logged_at;
    uint64_t logons_failed;
    struct daemon_log_share logons_logged, closings_logged;
    bool own_socket; /* made by us, to be removed: not handed over by the service manager */
    ino_t socket_inode;
    dev_t socket_device;
    bool accepting, stopping;
    uint64_t stop_at;     /* no longer waited for clients to take their answers */
    uint8_t input[65536]; /* read buffer of whichever client is being read */
};

/* listen.c. 0 or -1, the error logged. */
int daemon_listen(struct daemon *d);
void daemon_unlisten(struct daemon *d);

/* listen_tcp.c. 0 or -1, the error logged. `text`: ADDRESS:PORT, [ADDRESS]:PORT, @FILE with one of them in a
 * line. */
int daemon_add_tcp(struct daemon *d, const char *text, bool mapper);
/* Where the endpoint mapper behind this listener says that SAMR is: on its own address, on all addresses, or
 * on the first. 0: nowhere. */
uint16_t daemon_mapped_port(const struct listener *mapper);
int daemon_listen_tcp(struct listener *l);
void daemon_name_address(const union daemon_address *address, char name[DAEMON_NAME_LEN]);

/* password.c: give the user the password that standard input gives. The exit status. */
int daemon_set_password(const struct daemon_options *o, const char *user);

/* administrator.c: the exit status. */
int daemon_set_administrator(const struct daemon_options *o, const char *sid, bool add);

/* loop.c */
int daemon_run(struct daemon *d); /* until SIGTERM or SIGINT; the exit status */

/* connection.c */
void connection_accept(struct listener *l, int fd);        /* takes over fd */
void connection_touch(struct connection *c);               /* it is sent to in this turn */
void connection_send(struct connection *c);                /* after the commit */
void connection_watch(struct connection *c, uint64_t now); /* the rules of time */
void connection_close(struct connection *c, const char *why);

/* logon.c */
void logon_note(struct connection *c, uint64_t now); /* input has come: how far is its logon? */
bool logon_punished(struct connection *c);           /* nothing may be read from it or sent to it now */
void on_punishment(uv_timer_t *timer);

/* log.c: one line on stderr, with the priority that journald understands when it listens. */
enum daemon_priority { DAEMON_ERROR = 3, DAEMON_WARNING = 4, DAEMON_NOTICE = 5, DAEMON_INFO = 6 };
__attribute__((format(printf, 2, 3))) void daemon_log(enum daemon_priority priority, const char *format, ...);

/* May another line of this kind be logged? Twenty in ten seconds; *suffix: to be put at its end. */
bool daemon_may_log(struct daemon_log_share *s, uint64_t now, const char **suffix);

/* main.c: why it cannot be opened, and what can be done */
void daemon_log_database(const char *path, struct nt_status status);

/* notify.c: the service manager's protocols ($NOTIFY_SOCKET, $LISTEN_FDS). */
void daemon_notify(const char *state);
int daemon_inherited_socket(void); /* -1: none */

#endif
