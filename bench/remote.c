/* SPDX-License-Identifier: MIT */
/*
 * remote PREFIX SERVER USER DOMAIN VERB: calls to a real server, measured; DOMAIN "" for none, the password
 * in SAMBA_PASSWORD. One figure a line: name, value, unit. PREFIX "x+tcp": over TCP; "x+signed": without
 * encryption. Each verb is short, so that two libraries can take turns many times.
 *
 *   first    one new process: what its first call takes, from main() and from fork, and its memory
 *   getinfo  warm calls of NetGroupGetInfo: the median
 *   enum     all groups, with comments, over a warm connection: the median of three
 *   once     the same once, for counting what goes over the wire
 *   usersN   all users, level N, over a warm connection: once
 */
#include "remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ENUMS 3
#define CALLS 500
#define SETTLE_NS 50000000 /* until the server has done with the last connection */
#define GROUP "bench warm"

static struct remote_way way;
static char prefix[64];

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what, unsigned status)
{
    fprintf(stderr, "%s %s: %s: status %u\n", remote_library, prefix, what, status);
    exit(1);
}

static void figure(const char *name, double value, const char *unit)
{
    printf("%s.%s.%s\t%.6g\t%s\n", remote_library, prefix, name, value, unit);
    fflush(stdout);
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

static double resident_kb(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    double kb = 0;

    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtod(line + 6, NULL);
    if (f)
        fclose(f);
    return kb;
}

static void first_in_child(void)
{
    double start = now(), results[3];
    size_t count;
    unsigned status = remote_prepare(&way);

    if (!status)
        status = remote_enum(&count);
    if (status)
        die("first call", status);
    results[1] = now();
    results[0] = results[1] - start;
    results[2] = resident_kb();
    if (write(1, results, sizeof(results)) != (ssize_t)sizeof(results))
        exit(1);
}

static void first(char **argv)
{
    double start, results[3];
    int ends[2];
    pid_t child;

    nanosleep(&(struct timespec){.tv_nsec = SETTLE_NS}, NULL);
    start = now();
    if (pipe(ends) || (child = fork()) < 0)
        die("fork", 0);
    if (child == 0) {
        dup2(ends[1], 1);
        argv[5] = (char[]){"child"};
        execv("/proc/self/exe", argv);
        _exit(127);
    }
    close(ends[1]);
    if (read(ends[0], results, sizeof(results)) != (ssize_t)sizeof(results))
        exit(1);
    close(ends[0]);
    waitpid(child, NULL, 0);
    figure("first.call", results[0] * 1e3, "ms");
    figure("first.process", (results[1] - start) * 1e3, "ms");
    figure("first.memory", results[2] / 1024, "MB");
}

static void getinfo(void)
{
    static double times[CALLS];

    remote_add(GROUP); /* it may be there */
    for (int i = -20; i < CALLS; i++) {
        double start = now();
        unsigned status = remote_get(GROUP);

        if (status)
            die("NetGroupGetInfo", status);
        if (i >= 0)
            times[i] = (now() - start) * 1e6;
    }
    figure("getinfo.p50", median(times, CALLS), "us");
}

static void enumerate(int runs)
{
    double times[ENUMS];
    size_t count = 0;

    for (int i = runs > 1 ? -1 : 0; i < runs; i++) {
        double start = now();
        unsigned status = remote_enum(&count);

        if (status)
            die("NetGroupEnum", status);
        if (i >= 0)
            times[i] = (now() - start) * 1e3;
    }
    if (runs > 1)
        figure("enum.time", median(times, (size_t)runs), "ms");
    fprintf(stderr, "%s %s: %zu groups\n", remote_library, prefix, count);
}

/* The connection is made by the first call, of level 0, which is not counted. */
static void users(const char *verb)
{
    unsigned level = (unsigned)atoi(verb + 5), status;
    char name[32];
    size_t count = 0;
    double start;

    status = remote_enum_users(0, &count);
    start = now();
    if (!status)
        status = remote_enum_users(level, &count);
    if (status)
        die("NetUserEnum", status);
    snprintf(name, sizeof(name), "%s.time", verb);
    figure(name, (now() - start) * 1e3, "ms");
    fprintf(stderr, "%s %s: %zu users\n", remote_library, prefix, count);
}

int main(int argc, char **argv)
{
    const char *verb;
    unsigned status;

    if (argc < 6)
        return fprintf(stderr, "remote PREFIX SERVER USER DOMAIN VERB\n"), 2;
    snprintf(prefix, sizeof(prefix), "%s", argv[1]);
    way = (struct remote_way){.server = argv[2],
                              .user = argv[3],
                              .domain = argv[4][0] ? argv[4] : NULL,
                              .password = getenv("SAMBA_PASSWORD"),
                              .tcp = strstr(argv[1], "+tcp") != NULL,
                              .encrypt = strstr(argv[1], "+signed") == NULL};
    verb = argv[5];
    if (strcmp(verb, "child") == 0)
        return first_in_child(), 0;
    if (strcmp(verb, "first") == 0)
        return first(argv), 0;
    status = remote_prepare(&way);
    if (status)
        die("beginning", status);
    if (strcmp(verb, "getinfo") == 0)
        getinfo();
    else if (strncmp(verb, "users", 5) == 0)
        users(verb);
    else
        enumerate(strcmp(verb, "once") == 0 ? 1 : ENUMS);
    return 0;
}
