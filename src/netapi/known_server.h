/* SPDX-License-Identifier: MIT */
/*
 * What the process was told about servers: credentials, connections (NetUseAdd), options. By name; the empty
 * name stands for all servers.
 *
 * Invariant: everything here is read and written under known_lock() only, which is never held during I/O; a
 * server is in the table as long as something is known of it. After fork() the child has the same knowledge.
 */
#ifndef NETAPI_KNOWN_SERVER_H
#define NETAPI_KNOWN_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netapi/credentials.h"

#define SERVER_NAME_MAX 255

struct server_name {
    size_t chars;
    uint16_t text[SERVER_NAME_MAX + 1]; /* without backslashes, upper case, terminated */
};

/* NULL: the empty name. ERROR_INVALID_NAME, NERR_InvalidComputer: malformed. */
struct net_status server_name_parse(struct server_name *name, const uint16_t *server);

/* Credentials under a number that no others have, not even equal ones. */
struct identity {
    struct auth_credentials *auth; /* a reference; NULL: none */
    unsigned mechanisms;
    uint64_t number;
};
uint64_t identity_number(void); /* a new one; never 0 */

/* An entry of NetUseAdd. */
struct use {
    struct use *next; /* in the order of addition */
    struct known_server *server;
    struct identity identity;
    uint32_t id;                   /* ascending in the list; never 0 */
    uint32_t count;                /* times it was added and not deleted */
    uint32_t flags;                /* of USE_INFO_3 */
    const uint16_t *user, *domain; /* of the credentials */
    uint16_t remote[];             /* as it was given */
};

struct known_server {
    struct known_server *next; /* in its chain */
    struct identity set;       /* netmgmt_set_credentials() */
    struct use *use;           /* NULL: none */
    struct server_options options;
    size_t chars;
    uint16_t name[]; /* upper case */
};

void known_lock(void);
void known_unlock(void);
struct known_server *known_find(const struct server_name *name); /* NULL: nothing is known */
struct known_server *known_make(const struct server_name *name); /* found or new; NULL: no memory */
void known_tidy(struct known_server *s); /* NULL is fine; gone when nothing is known any more */

/* The list of uses. */
struct use *known_uses(void);
void known_add_use(struct known_server *s, struct use *use); /* takes it over; gives it its id */
struct use *known_remove_use(struct use *use); /* the caller's again; its server may go with it */

#endif
