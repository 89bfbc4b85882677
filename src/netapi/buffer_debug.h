/* SPDX-License-Identifier: MIT */
/*
 * Debug modes of API buffers, chosen by NETMGMT_BUFFERS in the environment: a comma-separated list of
 *   guard, guard:aligned   each buffer ends at an inaccessible page and becomes inaccessible when freed
 *   leaks, leaks:FILE      at exit the buffers that were not freed are listed (FILE: the rest of the value)
 */
#ifndef NETAPI_BUFFER_DEBUG_H
#define NETAPI_BUFFER_DEBUG_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define BUFFER_LEAKS 0x1u
#define BUFFER_GUARD 0x2u
#define BUFFER_GUARD_ALIGNED 0x4u

struct buffer_modes {
    unsigned set;
    const char *leaks_file; /* NULL: stderr */
};

/* What a value of the variable means; false: a word in it is not known. `value` must stay. */
bool buffer_modes_parse(const char *value, struct buffer_modes *modes);
/* Of this process: the environment is read at the first call. */
const struct buffer_modes *buffer_modes(void);

/* Over all that the modes keep: they need not be fast, and fork() has one lock to take. */
extern pthread_mutex_t buffer_debug_lock;

/* buffer_guard.c */
void *buffer_guard_alloc(size_t len, bool aligned); /* NULL: no memory */
void buffer_guard_free(void *buffer, size_t len, bool aligned);

/* buffer_report.c */
struct buffer_site;
/* The calls that led here. Equal ones are one site, which is never freed. NULL: no memory. */
const struct buffer_site *buffer_site_here(void);

#endif
