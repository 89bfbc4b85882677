/* SPDX-License-Identifier: MIT */
/*
 * Faults for tests in a world of tests/samba/world.sh: a bad network (proxy.c) before a server, and the death
 * of the standalone server.
 */
#ifndef TEST_FAULT_H
#define TEST_FAULT_H

#define PROXY_ADDRESS "127.0.0.3"

extern const char *fault_proxy_program; /* its path, from the command line */

/* Where it listens and what is behind it, "ADDRESS" or "ADDRESS:PORT"; at first the standalone server's SMB.
 */
void proxy_between(const char *listener, const char *server);
/* One at a time; the one before is ended. See proxy.c for the modes. */
void proxy_start(const char *mode, unsigned amount, unsigned seed);
void proxy_stop(void);

void servers_signal(int number);
void servers_start(void);

#endif
