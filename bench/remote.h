/* SPDX-License-Identifier: MIT */
/*
 * What bench/remote.c measures, of our library or of Samba's.
 */
#ifndef BENCH_REMOTE_H
#define BENCH_REMOTE_H

#include <stdbool.h>
#include <stddef.h>

struct remote_way {
    const char *server, *user, *domain, *password; /* domain: NULL: none */
    bool tcp, encrypt;
};

extern const char *const remote_library; /* first part of the figures' names */

/* 0 or a NET_API_STATUS. */
unsigned remote_prepare(const struct remote_way *way);
unsigned remote_add(const char *group);
unsigned remote_get(const char *group);                    /* level 1 */
unsigned remote_enum(size_t *count);                       /* level 1, all */
unsigned remote_enum_users(unsigned level, size_t *count); /* normal accounts, all */

#endif
