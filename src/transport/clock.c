/* SPDX-License-Identifier: MIT */
/* The clock of deadlines: monotonic, in nanoseconds. */
#include <time.h>

#include "transport/transport.h"

int64_t transport_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
