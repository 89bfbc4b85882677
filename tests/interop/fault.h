/* SPDX-License-Identifier: MIT */
/*
 * Faults for tests in a world of tests/samba/world.sh: a bad network (proxy.c) before the standalone server,
 * and the death of that server.
 */
#ifndef TEST_FAULT_H
#define TEST_FAULT_H

#define PROXY_ADDRESS "127.0.0.3"

extern const char *fault_proxy_program; /* its path, from the command line */

/* One at a time; the one before is ended. See proxy.c for the modes. */
void proxy_start(const char *mode, unsigned amount, unsigned seed);
void proxy_stop(void);

void servers_signal(int number);
void servers_start(void);

#endif
