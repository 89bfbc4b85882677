/* SPDX-License-Identifier: MIT */
/*
 * A SAMR channel over a named pipe to a server of tests/samba/world.sh, with every choice that the client can
 * make forced: for tests that must know what was negotiated.
 */
#ifndef TEST_WIRE_H
#define TEST_WIRE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/channel.h"
#include "samr.h"
#include "transport/named_pipe.h"

struct wire_login {
    const char *address, *server; /* where to connect; the name for the SPN (NULL: the address) */
    const char *user, *domain, *password;
    const char *ccache;  /* NULL: none */
    unsigned mechanisms; /* AUTH_NTLM, AUTH_KERBEROS; 0: both */
    uint16_t dialect, cipher, signing;
    bool any_signing; /* `signing` is not looked at */
    enum smb_encryption encryption;
    unsigned seconds; /* deadline of everything; 0: 20 */
};

struct wire {
    struct pipe_session *session;
    struct channel *channel;
    struct arena arena;
    struct ndr_context_handle server, domain;
    int64_t deadline;
    struct nt_status why; /* of the logon */
};

/* What it takes to reach one of the servers as its administrator. */
struct wire_login wire_login_files(void);
struct wire_login wire_login_dc(void);

/* 0 or what pipe_session_open says; then w->why. Closed with wire_close in any case. */
int wire_open(struct wire *w, const struct wire_login *login);
void wire_close(struct wire *w);

/* Find and open the account domain. These return a runtime status, or the procedure's in `*result`. */
struct net_status wire_domain(struct wire *w, int32_t *result);
struct net_status wire_group_add(struct wire *w, const uint16_t *name, struct ndr_context_handle *group,
                                 uint32_t *rid, int32_t *result);
/* The RID of a name, 0: there is no such account. Asks the database, where listings may be some seconds old.
 */
struct net_status wire_find(struct wire *w, const uint16_t *name, uint32_t *rid, int32_t *result);
/* How often a group of this name and RID is among all that are listed, in pages of `page` bytes. */
struct net_status wire_group_count(struct wire *w, const uint16_t *name, uint32_t rid, uint32_t page,
                                   unsigned *count, int32_t *result);
struct net_status wire_group_delete(struct wire *w, struct ndr_context_handle *group, int32_t *result);
/* How many users there are, and whether one has this name. */
struct net_status wire_users(struct wire *w, const uint16_t *name, unsigned *count, bool *found,
                             int32_t *result);

/* All of the above, asserted: a group comes, is seen, goes. */
void wire_prove(struct wire *w, const uint16_t *name);

#endif
