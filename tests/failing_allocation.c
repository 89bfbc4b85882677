/* SPDX-License-Identifier: MIT */
#include "failing_allocation.h"

#include <stddef.h>

unsigned allocations_left = UINT32_MAX;
bool allocation_failed;
unsigned allocations_made;

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *p, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *p, size_t len);

bool allocation_allowed(void)
{
    allocations_made++;
    if (allocations_left == UINT32_MAX)
        return true;
    if (allocations_left--)
        return true;
    allocation_failed = true; /* this one; allocations_left is UINT32_MAX now */
    return false;
}

void *__wrap_malloc(size_t len)
{
    return allocation_allowed() ? __real_malloc(len) : NULL;
}

void *__wrap_calloc(size_t count, size_t len)
{
    return allocation_allowed() ? __real_calloc(count, len) : NULL;
}

void *__wrap_realloc(void *p, size_t len)
{
    return allocation_allowed() ? __real_realloc(p, len) : NULL;
}
