/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation of the code under test fails: one, then all succeed again. Link failing_allocation.c
 * with
 * --wrap for malloc, calloc and realloc; failing_sqlite.c too where SQLite's are to be among them.
 */
#ifndef TESTS_FAILING_ALLOCATION_H
#define TESTS_FAILING_ALLOCATION_H

#include <stdbool.h>
#include <stdint.h>

extern unsigned allocations_left; /* that still succeed; UINT32_MAX: all, as at the start */
extern bool allocation_failed;    /* has one; cleared by the test */
extern unsigned allocations_made; /* counted for whoever wants to know; cleared by the test */

bool allocation_allowed(void); /* counts one */

/* failing_sqlite.c, before SQLite is used. */
void watch_sqlite_allocations(void);

#endif
