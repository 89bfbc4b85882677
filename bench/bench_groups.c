/* SPDX-License-Identifier: MIT */
/*
 * What a user of the group functions waits for, measured through the public headers only. One figure a line:
 * name, value, unit, separated by tabs. The server is what NETMGMT_LOCAL says.
 */
#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what, NET_API_STATUS status)
{
    fprintf(stderr, "bench_groups: %s: %s\n", what, netmgmt_strerror(status));
    exit(1);
}

static void figure(const char *prefix, const char *name, double value, const char *unit)
{
    printf("%s.%s\t%.6g\t%s\n", prefix, name, value, unit);
    fflush(stdout);
}

__attribute__((format(printf, 2, 3))) static void group_name(WCHAR *units, const char *format, ...)
{
    char ascii[64];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(ascii, sizeof(ascii), format, arguments);
    va_end(arguments);
    for (size_t i = 0; i <= strlen(ascii); i++)
        units[i] = (unsigned char)ascii[i];
}

/* A line of /proc/self/status or smaps_rollup in KB. */
static double proc_kb(const char *file, const char *key)
{
    FILE *f = fopen(file, "r");
    char line[256];
    double kb = 0;

    while (f && fgets(line, sizeof(line), f))
        if (!strncmp(line, key, strlen(key)))
            kb = strtod(line + strlen(key), NULL);
    if (f)
        fclose(f);
    return kb;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double percentile(double *values, size_t count, double p)
{
    qsort(values, count, sizeof(*values), compare);
    return values[(size_t)((double)(count - 1) * p)];
}

/* Enumerate everything at once: entries a second, and peak memory against the buffer. */
static void enumerate(const char *prefix, DWORD level)
{
    DWORD read, total, bytes;
    double base = proc_kb("/proc/self/status", "VmHWM:"), start = now(), took;
    LPBYTE buffer;
    NET_API_STATUS status = NetGroupEnum(NULL, level, &buffer, MAX_PREFERRED_LENGTH, &read, &total, NULL);

    took = now() - start;
    if (status)
        die("NetGroupEnum", status);
    NetApiBufferSize(buffer, &bytes);
    figure(prefix, "entries", read, "entries");
    figure(prefix, "rate", read / took, "entries/s");
    figure(prefix, "buffer", bytes / 1e6, "MB");
    figure(prefix, "peak_ratio", (proc_kb("/proc/self/status", "VmHWM:") - base) * 1024 / bytes, "x buffer");
    NetApiBufferFree(buffer);
}

static double page(DWORD level, DWORD_PTR resume, DWORD_PTR *next, NET_API_STATUS *status)
{
    DWORD read, total;
    LPBYTE buffer;
    double start = now();

    *next = resume;
    *status = NetGroupEnum(NULL, level, &buffer, 65536, &read, &total, next);
    if (*status && *status != ERROR_MORE_DATA)
        die("NetGroupEnum", *status);
    start = now() - start;
    NetApiBufferFree(buffer);
    return start;
}

/* Pages of 64 KiB: does the last full one cost what the first one costs? */
static void pages(const char *prefix)
{
    DWORD_PTR resume = 0, before = 0, next;
    NET_API_STATUS status;
    double first[21], last[21];
    unsigned count = 0;

    do {
        next = resume;
        page(1, resume, &next, &status);
        if (status == ERROR_MORE_DATA) {
            before = resume;
            resume = next;
        }
        count++;
    } while (status == ERROR_MORE_DATA);
    for (int i = 0; i < 21; i++) {
        first[i] = page(1, 0, &next, &status);
        last[i] = page(1, before, &next, &status);
    }
    figure(prefix, "pages", count, "pages");
    figure(prefix, "first_page", percentile(first, 21, 0.5) * 1e6, "us");
    figure(prefix, "last_page", percentile(last, 21, 0.5) * 1e6, "us");
}

static unsigned long get_info_for(double seconds, unsigned seed, unsigned groups, double *times, size_t room)
{
    double end = now() + seconds;
    unsigned long n = 0;

    while (now() < end) {
        WCHAR name[32];
        LPBYTE buffer;
        double start = now();
        NET_API_STATUS status;

        seed = seed * 1103515245 + 12345;
        group_name(name, "group-%07u", (seed >> 8) % groups);
        status = NetGroupGetInfo(NULL, name, 1, &buffer);
        if (status)
            die("NetGroupGetInfo", status);
        NetApiBufferFree(buffer);
        if (n < room)
            times[n] = now() - start;
        n++;
    }
    return n;
}

static void get_info(const char *prefix, unsigned groups)
{
    enum { ROOM = 1 << 18 };
    double *times = calloc(ROOM, sizeof(*times));
    unsigned long n;

    get_info_for(0.3, 7, groups, NULL, 0);
    n = get_info_for(2, 1, groups, times, ROOM);
    if (n > ROOM)
        n = ROOM;
    figure(prefix, "p50", percentile(times, n, 0.5) * 1e6, "us");
    figure(prefix, "p99", percentile(times, n, 0.99) * 1e6, "us");
    free(times);
}

/* `clients` processes; each does `work` and tells how many calls it made. Returns the sum over the seconds
 * taken. */
static double in_processes(unsigned clients, unsigned long (*work)(unsigned client, unsigned argument),
                           unsigned argument)
{
    double start = now();
    unsigned long sum = 0, n;
    int fd[2];

    if (pipe(fd))
        die("pipe", ERROR_NOT_ENOUGH_MEMORY);
    for (unsigned i = 0; i < clients; i++)
        if (fork() == 0) {
            n = work(i, argument);
            if (write(fd[1], &n, sizeof(n)) != sizeof(n))
                _exit(1);
            _exit(0);
        }
    for (unsigned i = 0; i < clients; i++)
        if (read(fd[0], &n, sizeof(n)) == sizeof(n))
            sum += n;
    start = now() - start;
    while (wait(NULL) > 0)
        ;
    close(fd[0]);
    close(fd[1]);
    return (double)sum / start;
}

static unsigned long client_gets(unsigned client, unsigned groups)
{
    return get_info_for(3, client * 7919 + 1, groups, NULL, 0);
}

static unsigned long client_adds(unsigned client, unsigned seconds)
{
    double end = now() + seconds;
    unsigned long n = 0;

    while (now() < end) {
        WCHAR name[48], comment[] = u"made by the benchmark";
        GROUP_INFO_1 info = {.grpi1_name = name, .grpi1_comment = comment};
        NET_API_STATUS status;

        group_name(name, "added-%u-%u", (unsigned)getpid(), (unsigned)(client * 1000000 + n));
        status = NetGroupAdd(NULL, 1, (LPBYTE)&info, NULL);
        if (status)
            die("NetGroupAdd", status);
        n++;
    }
    return n;
}

static void first_call(const char *prefix)
{
    double before = proc_kb("/proc/self/smaps_rollup", "Private_Dirty:"),
           rss = proc_kb("/proc/self/smaps_rollup", "Pss:");
    DWORD read, total;
    LPBYTE buffer;
    NET_API_STATUS status = NetGroupEnum(NULL, 0, &buffer, 65536, &read, &total, NULL);

    if (status && status != ERROR_MORE_DATA)
        die("NetGroupEnum", status);
    NetApiBufferFree(buffer);
    figure(prefix, "private_memory", (proc_kb("/proc/self/smaps_rollup", "Private_Dirty:") - before) / 1024,
           "MB");
    figure(prefix, "pss_growth", (proc_kb("/proc/self/smaps_rollup", "Pss:") - rss) / 1024, "MB");
}

/* Start of a process to its first answered enumeration: this program, run anew. */
static void cold(const char *prefix, const char *self)
{
    double times[31];

    for (int i = 0; i < 31; i++) {
        double start = now();
        int state;
        pid_t pid = fork();

        if (pid == 0) {
            execl(self, self, "answer", "", (char *)NULL);
            _exit(127);
        }
        waitpid(pid, &state, 0);
        if (state)
            die("a new process", ERROR_INVALID_FUNCTION);
        times[i] = now() - start;
    }
    figure(prefix, "process", percentile(times, 31, 0.5) * 1e3, "ms");
}

/* What this disk takes for the durability of one transaction: the floor under every add. */
static void sync_file(const char *folder)
{
    char path[4096], block[4096] = {0};
    double times[101];
    int fd;

    snprintf(path, sizeof(path), "%s/sync", folder);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    for (int i = 0; fd >= 0 && i < 101; i++) {
        double start = now();

        if (pwrite(fd, block, sizeof(block), (off_t)i * (off_t)sizeof(block)) < 0 || fdatasync(fd))
            die("fdatasync", ERROR_INVALID_FUNCTION);
        times[i] = now() - start;
    }
    if (fd < 0)
        die("a file for fdatasync", ERROR_INVALID_FUNCTION);
    close(fd);
    figure("disk", "fdatasync", percentile(times, 101, 0.5) * 1e6, "us");
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "", *prefix = argc > 2 ? argv[2] : "";
    unsigned n = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;

    if (!strcmp(what, "enum"))
        enumerate(prefix, n);
    else if (!strcmp(what, "pages"))
        pages(prefix);
    else if (!strcmp(what, "getinfo"))
        get_info(prefix, n);
    else if (!strcmp(what, "clients"))
        figure(prefix, "rate", in_processes(32, client_gets, n), "calls/s");
    else if (!strcmp(what, "add"))
        figure(prefix, "rate", in_processes(n, client_adds, 3), "adds/s");
    else if (!strcmp(what, "sync"))
        sync_file(prefix);
    else if (!strcmp(what, "first"))
        first_call(prefix);
    else if (!strcmp(what, "cold"))
        cold(prefix, argv[0]);
    else if (!strcmp(what, "answer")) {
        DWORD read, total;
        LPBYTE buffer;
        NET_API_STATUS status = NetGroupEnum(NULL, 0, &buffer, 65536, &read, &total, NULL);

        return status && status != ERROR_MORE_DATA;
    } else {
        fprintf(stderr, "usage: bench_groups enum|pages|getinfo|clients|add|first|cold PREFIX [N], "
                        "bench_groups sync FOLDER\n");
        return 2;
    }
    return 0;
}
