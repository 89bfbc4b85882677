/* SPDX-License-Identifier: MIT */
/*
 * Every way to reach the servers of tests/samba/world.sh: each SMB dialect with each signing algorithm and
 * each cipher that it has, and TCP with integrity and with privacy; each with every mechanism that the server
 * knows. For tests of functions that must do the same in all of them.
 */
#ifndef TEST_WAYS_H
#define TEST_WAYS_H

#include <stdbool.h>

#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

/* One of the world's servers, and who administers it. */
struct way_server {
    LPCWSTR name;
    const char *address, *user, *domain;
    bool dc; /* knows Kerberos and TCP */
};
extern const struct way_server way_files, way_dc;

enum way_logon {
    WAY_NTLM,
    WAY_SPNEGO,   /* a password, and what both sides like best */
    WAY_TICKET,   /* Kerberos, with the world's tickets */
    WAY_PASSWORD, /* Kerberos, with a password */
    WAY_LOGONS
};

struct way {
    int transport, protection;         /* of netmgmt.h */
    unsigned dialect, signing, cipher; /* pipes: NETMGMT_SMB_..., one of NETMGMT_SIGNING_..., 0 or one of
                                          NETMGMT_CIPHER_...; not what may be agreed: what must be */
    enum way_logon logon;
};

/* For each way over pipes or TCP (NETMGMT_TRANSPORT_...; 0: both) reach the server so, see that what was
 * agreed is what was asked for, and check. A failure names the way. Credentials and options stay as of the
 * last way. */
void ways_run(const struct way_server *server, int transport, void (*check)(void));

/* Credentials and options for one way; NULL: as they are without any options, with the password. */
void way_take(const struct way_server *server, const struct way *way);

#endif
