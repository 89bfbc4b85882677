/* SPDX-License-Identifier: MIT */
/*
 * For the tests of the Net functions: a fresh account database, reached embedded or through a netmgmtd of the
 * test's own, which may stand for another machine (TCP, NTLM, privacy). How is the first argument:
 * "embedded", the path of netmgmtd, or that path behind "tcp:".
 */
#ifndef TEST_HARNESS_H
#define TEST_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include "../net_assert.h"

#define LONGEST u"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" /* 64 */

extern LPCWSTR harness_server; /* NULL, or the name of the other machine */

extern unsigned harness_port; /* of the other machine, over TCP */

/* Makes a temporary folder, sets NETMGMT_LOCAL, starts the daemon. Exits when it cannot. */
void harness_start(int argc, char **argv);
/* Kills the daemon at once and starts another one: what is connected to the old one is dead. */
void harness_restart(void);
bool harness_has_daemon(void);
const char *harness_folder(void);
/* Stops the daemon, removes the folder. */
void harness_stop(void);

/* setup and teardown of a test: all groups but the built-in one are deleted, no API buffer is alive. */
int harness_clean(void **state);

void add(LPCWSTR name, LPCWSTR comment);
NET_API_STATUS try_add(LPCWSTR name);
size_t live(void);
size_t length(LPCWSTR s);
WCHAR *numbered(WCHAR buffer[32], const char *prefix, unsigned number);

#endif
