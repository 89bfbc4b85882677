/* SPDX-License-Identifier: MIT */
/*
 * A bar on stderr for work that takes longer than a second, when stderr is a terminal. It is erased at the
 * end and before anything else is written, so that it never mixes with output or messages.
 */
#include "cli.h"

#include <time.h>
#include <unistd.h>

#define DELAY_MS 1000
#define INTERVAL_MS 100
#define BAR_WIDTH 40

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_init(struct progress *p, const struct job *job, const char *what)
{
    *p = (struct progress){
        .what = what, .started = now_ms(), .active = !job->one_of_many && isatty(STDERR_FILENO) == 1};
}

void progress_step(struct progress *p, size_t done, size_t total)
{
    int64_t now;
    int filled;

    if (!p->active)
        return;
    now = now_ms();
    if (now - p->started < DELAY_MS || now - p->drawn < INTERVAL_MS)
        return;
    p->drawn = now;
    if (!total) {
        fprintf(stderr, "\r\033[K%s %zu", p->what, done);
    } else {
        filled = (int)(done >= total ? BAR_WIDTH : (double)done / (double)total * BAR_WIDTH);
        fprintf(stderr, "\r\033[K%s [%.*s%*s] %zu of %zu", p->what, filled,
                "########################################", BAR_WIDTH - filled, "", done, total);
    }
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        p->drawn = 0;
    }
}
