/* SPDX-License-Identifier: MIT */
/* What test_each.c needs of the Windows headers, which it cannot include beside samr.h. */
#ifndef TEST_EACH_SERVER_H
#define TEST_EACH_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#define EACH_USERS 200

void each_begin(bool dc);
const uint16_t *each_server(void);
int each_transports(void);
const char *each_transport_name(int transport);
bool each_is_pipe(int transport);
/* Over this transport from now on, over connections of its own. */
void each_take(int transport);
/* Connections to the server that were made since then. */
unsigned each_connections(void);
const uint16_t *each_user_name(unsigned i, uint16_t name[9]);
/* All users into a group and out of it again, some of them in between; each time it is looked at. */
void each_set_members(void);

#endif
