/* SPDX-License-Identifier: MIT */
/* SQLite's memory: as its own, with failures. */
#include <sqlite3.h>
#include <stddef.h>

#include "failing_allocation.h"

static sqlite3_mem_methods real;

static void *malloc_or_fail(int len)
{
    return allocation_allowed() ? real.xMalloc(len) : NULL;
}

static void *realloc_or_fail(void *p, int len)
{
    return allocation_allowed() ? real.xRealloc(p, len) : NULL;
}

void watch_sqlite_allocations(void)
{
    sqlite3_mem_methods watched;

    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    watched = real;
    watched.xMalloc = malloc_or_fail;
    watched.xRealloc = realloc_or_fail;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &watched);
}
