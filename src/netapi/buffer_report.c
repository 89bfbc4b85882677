/* SPDX-License-Identifier: MIT */
/*
 * Lists of live API buffers: netmgmt_buffers_report(), and NETMGMT_BUFFERS=leaks at exit.
 *
 * Invariant: a site, once made, never changes and is never freed, so entries and copies of entries may point
 * to it without a lock; equal call stacks are one site. There are as many as there are places in the program.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if __has_include(<execinfo.h>)
#include <execinfo.h>
#else
#define backtrace(frames, count) 0
#endif

#include "netapi/buffer_debug.h"
#include "netapi/buffer_registry.h"
#include "netmgmt.h"

#define DEPTH 32
#define SITE_LISTS 256
#define LISTED 20 /* buffers of one site that are listed one by one */

struct buffer_site {
    const struct buffer_site *next;
    int depth;
    void *frames[DEPTH]; /* return addresses, innermost first */
};

static const struct buffer_site *sites[SITE_LISTS];

static void *object_of(const void *address)
{
    Dl_info info;

    return dladdr(address, &info) ? info.dli_fbase : NULL;
}

/* Frames to leave out: all of this library, or, where it is linked into the program itself, the allocator's.
 */
static int inner_frames(void *const *frames, int depth)
{
    const void *self = object_of(sites);
    int inner = 0;

    while (inner < depth && object_of(frames[inner]) == self)
        inner++;
    return inner < depth && depth > 0 && object_of(frames[depth - 1]) != self ? inner : depth < 2 ? 0 : 2;
}

const struct buffer_site *buffer_site_here(void)
{
    struct buffer_site here = {0}, *made;
    void *frames[DEPTH + 8];
    uintptr_t hash = 0;
    const struct buffer_site **list, *site;
    int depth = backtrace(frames, DEPTH + 8), inner = inner_frames(frames, depth);

    for (int i = inner; i < depth && here.depth < DEPTH; i++) {
        here.frames[here.depth++] = frames[i];
        hash = (hash ^ (uintptr_t)frames[i]) * (uintptr_t)UINT64_C(0x9E3779B97F4A7C15);
    }
    list = &sites[hash >> (sizeof(hash) * 8 - 8)];
    pthread_mutex_lock(&buffer_debug_lock);
    for (site = *list; site; site = site->next)
        if (site->depth == here.depth && !memcmp(site->frames, here.frames, sizeof(here.frames)))
            break;
    if (!site && (made = malloc(sizeof(*made)))) {
        here.next = *list;
        *made = here;
        *list = site = made;
    }
    pthread_mutex_unlock(&buffer_debug_lock);
    return site;
}

/* Those of one site together, then of one function, then by address. */
static int compare(const void *a, const void *b)
{
    const struct buffer_entry *x = a, *y = b;
    int order = strcmp(x->function, y->function);

    if (order)
        return order;
    if (x->site != y->site)
        return (uintptr_t)x->site < (uintptr_t)y->site ? -1 : 1;
    return (uintptr_t)buffer_entry_address(x) < (uintptr_t)buffer_entry_address(y) ? -1 : 1;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void print_frame(FILE *out, void *address)
{
    Dl_info info;
    char *call = (char *)address - 1; /* a return address may be the start of the next function */

    if (!dladdr(call, &info) || !info.dli_fname)
        fprintf(out, "      %p\n", address);
    else if (info.dli_sname)
        fprintf(out, "      %s+%#tx (%s+%#tx)\n", info.dli_sname, call - (char *)info.dli_saddr,
                info.dli_fname, call - (char *)info.dli_fbase);
    else
        fprintf(out, "      %s+%#tx\n", info.dli_fname, call - (char *)info.dli_fbase);
}

static void print_group(FILE *out, const struct buffer_entry *entries, size_t count)
{
    const struct buffer_site *site = entries[0].site;
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        bytes += entries[i].len;
    fprintf(out, "  %zu buffer%s, %zu byte%s, made by %s\n", count, plural(count), bytes, plural(bytes),
            entries[0].function);
    for (size_t i = 0; i < count && i < LISTED; i++)
        fprintf(out, "    %p: %zu byte%s\n", buffer_entry_address(&entries[i]), entries[i].len,
                plural(entries[i].len));
    if (count > LISTED)
        fprintf(out, "    and %zu more\n", count - LISTED);
    if (site && site->depth)
        fputs("    called from\n", out);
    for (int i = 0; site && i < site->depth; i++)
        print_frame(out, site->frames[i]);
}

static void print_entries(FILE *out, struct buffer_entry *entries, size_t count, const char *state)
{
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        bytes += entries[i].len;
    fprintf(out, "netmgmt: %zu API buffer%s, %zu byte%s, %s (process %ld)\n", count, plural(count), bytes,
            plural(bytes), state, (long)getpid());
    if (count)
        qsort(entries, count, sizeof(*entries), compare);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count; end++)
            if (entries[end].site != entries[first].site ||
                strcmp(entries[end].function, entries[first].function) != 0)
                break;
        print_group(out, entries + first, end - first);
    }
    fflush(out);
}

static void report(FILE *out, const char *state)
{
    size_t count;
    struct buffer_entry *entries = buffer_registry_copy(&count);

    if (count && !entries)
        fprintf(out, "netmgmt: %zu API buffer%s %s; not enough memory to list them\n", count, plural(count),
                state);
    else
        print_entries(out, entries, count, state);
    free(entries);
}

void netmgmt_buffers_report(FILE *out)
{
    if (out)
        report(out, "live");
}

/* Not by atexit(): the program's own handlers, which may free, come before this. */
__attribute__((destructor)) static void report_at_exit(void)
{
    const struct buffer_modes *modes = buffer_modes();
    size_t count, bytes;
    FILE *out = stderr;

    if (!(modes->set & BUFFER_LEAKS))
        return;
    buffer_registry_sum(&count, &bytes);
    if (!count)
        return;
    if (modes->leaks_file)
        out = fopen(modes->leaks_file, "ae");
    if (!out) {
        fprintf(stderr, "netmgmt: cannot write to %s: %m; the list follows here\n", modes->leaks_file);
        out = stderr;
    }
    report(out, "not freed");
    fputs("  file and line of a call: addr2line -fpe PROGRAM OFFSET\n", out);
    if (out != stderr)
        fclose(out);
}
