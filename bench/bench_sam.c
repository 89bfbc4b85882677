/* SPDX-License-Identifier: MIT */
/* The account database alone: bench_sam [GROUPS [FOLDER]] makes a database and prints
 * name<TAB>value<TAB>unit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sam/sam.h"

#define STRIDE 4096u /* between the numbers of groups that are made together */
#define BATCH 100000
#define SINGLE 2000
#define LOOKUPS 20000
#define PAGE 700 /* rows: about 64 KiB of a display listing */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(struct nt_status status, const char *what)
{
    if (nt_success(status))
        return;
    fprintf(stderr, "bench_sam: %s: %s\n", what, nt_status_name(status));
    exit(1);
}

static void print(const char *name, double value, const char *unit)
{
    printf("%s\t%.3f\t%s\n", name, value, unit);
    fflush(stdout);
}

static struct sam_text text(uint16_t *buffer, size_t capacity, const char *ascii)
{
    size_t len = strlen(ascii);

    if (len > capacity)
        exit(1);
    for (size_t i = 0; i < len; i++)
        buffer[i] = (uint8_t)ascii[i];
    return (struct sam_text){.chars = buffer, .count = len};
}

/* Spread over the order of names, as real names are. */
static unsigned scatter(unsigned i)
{
    return i * 2654435761u;
}

static struct sam_text group_name(uint16_t *buffer, unsigned number)
{
    char ascii[32];

    snprintf(ascii, sizeof(ascii), "group-%08x", number);
    return text(buffer, 32, ascii);
}

static void create_one(struct sam *s, unsigned number)
{
    uint16_t name[32], comment[64];
    char ascii[64];
    uint32_t rid;

    snprintf(ascii, sizeof(ascii), "people who work on subject %u", number);
    must(sam_group_create(s, group_name(name, number), &rid), "sam_group_create");
    must(sam_group_set_comment(s, rid, text(comment, 64, ascii)), "sam_group_set_comment");
}

static void create_many(struct sam *s, unsigned count)
{
    double start = now();

    for (unsigned i = 0; i < count; i++) {
        if (i % BATCH == 0)
            must(sam_begin(s), "sam_begin");
        create_one(s, i * STRIDE);
        if (i % BATCH == BATCH - 1 || i + 1 == count)
            must(sam_commit(s), "sam_commit");
    }
    print("sam: create in large transactions", (now() - start) / count, "us/group");
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* create + comment, each in a transaction of its own, as NetGroupAdd level 1 */
static void create_singly(struct sam *s, unsigned from, unsigned count, const char *what)
{
    double *took = calloc(count, sizeof(*took)), start = now();
    char title[80];

    for (unsigned i = 0; took && i < count; i++) {
        double t = now();

        must(sam_begin(s), "sam_begin");
        create_one(s, scatter(from + i) | 1); /* never one of create_many */
        must(sam_commit(s), "sam_commit");
        took[i] = now() - t;
    }
    snprintf(title, sizeof(title), "sam: durable create, %s database", what);
    print(title, (now() - start) / count, "us/group");
    if (!took)
        return;
    qsort(took, count, sizeof(*took), compare);
    snprintf(title, sizeof(title), "sam: durable create, %s database, p50", what);
    print(title, took[count / 2], "us");
    snprintf(title, sizeof(title), "sam: durable create, %s database, longest", what);
    print(title, took[count - 1], "us");
    free(took);
}

static uint32_t list(struct sam *s, uint32_t after, unsigned most, unsigned *rows)
{
    struct sam_cursor *c;
    struct sam_row row;
    uint32_t last = 0;
    struct nt_status status;
    unsigned n = 0;

    must(sam_display(s, SAM_ACCOUNT, SAM_GROUP, after, &c), "sam_display");
    while (n < most && nt_is(status = sam_cursor_next(c, &row), NT_STATUS_SUCCESS)) {
        last = row.rid;
        n++;
    }
    sam_cursor_close(c);
    *rows = n;
    return last;
}

static void page(struct sam *s, const char *name, uint32_t after)
{
    double best = 1e9;
    unsigned rows;

    for (int i = 0; i < 20; i++) {
        double start = now();

        list(s, after, PAGE, &rows);
        if (now() - start < best)
            best = now() - start;
    }
    print(name, best, "us");
}

static void read_all(struct sam *s, unsigned count)
{
    struct sam_cursor *c;
    struct sam_row row;
    uint32_t last, penultimate = 0;
    unsigned rows;
    double start = now();

    last = list(s, 0, UINT32_MAX, &rows);
    print("sam: display, all rows", (now() - start) * 1000 / rows, "ns/row");
    if (rows < count || !last)
        exit(1);
    if (rows > PAGE)
        penultimate = list(s, 0, rows - PAGE, &rows);
    page(s, "sam: display, first page of 700", 0);
    page(s, "sam: display, last page of 700", penultimate);
    start = now();
    rows = 0;
    must(sam_enumerate(s, SAM_ACCOUNT, SAM_GROUP, 0, &c), "sam_enumerate");
    while (nt_is(sam_cursor_next(c, &row), NT_STATUS_SUCCESS))
        rows++;
    sam_cursor_close(c);
    print("sam: enumerate by RID, all rows", (now() - start) * 1000 / rows, "ns/row");
}

static void look_up(struct sam *s, unsigned count, unsigned among, const char *what)
{
    struct arena arena;
    uint16_t name[32];
    char title[80];
    double by_name = 0, by_rid = 0, get = 0;

    arena_init(&arena, 1 << 20);
    for (unsigned i = 0; i < count; i++) {
        struct sam_account account;
        struct sam_group group;
        double start = now(), found, gotten;

        must(sam_lookup_name(s, SAM_ACCOUNT, group_name(name, scatter(i) % among * STRIDE), &arena, &account),
             "sam_lookup_name");
        found = now();
        must(sam_group_get(s, account.rid, &arena, &group), "sam_group_get");
        gotten = now();
        must(sam_lookup_rid(s, SAM_ACCOUNT, account.rid, &arena, &account), "sam_lookup_rid");
        by_rid += now() - gotten;
        get += gotten - found;
        by_name += found - start;
        arena_reset(&arena);
    }
    arena_deinit(&arena);
    snprintf(title, sizeof(title), "sam: lookup_name, %s", what);
    print(title, by_name / count, "us");
    snprintf(title, sizeof(title), "sam: group_get, %s", what);
    print(title, get / count, "us");
    snprintf(title, sizeof(title), "sam: lookup_rid, %s", what);
    print(title, by_rid / count, "us");
}

static void memory(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[128];

    while (f && fgets(line, sizeof(line), f))
        if (!strncmp(line, "RssAnon:", 8))
            print("sam: anonymous memory of the process", atof(line + 8), "kB");
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 100000;
    char folder[] = "/tmp/bench_sam.XXXXXX", path[512];
    struct sam *s;
    double start;

    if (!count || (argc <= 2 && !mkdtemp(folder)))
        return 1;
    snprintf(path, sizeof(path), "%s/sam.db", argc > 2 ? argv[2] : folder);
    start = now();
    must(sam_open(&s, path, true), "sam_open");
    print("sam: make a database", now() - start, "us");
    create_singly(s, 0, SINGLE, "small");
    sam_close(s);
    start = now();
    must(sam_open(&s, path, false), "sam_open");
    print("sam: open it", now() - start, "us");
    create_many(s, count);
    create_singly(s, SINGLE, SINGLE, "large");
    look_up(s, LOOKUPS, 10, "10 groups");
    look_up(s, LOOKUPS, count, "all groups");
    read_all(s, count);
    memory();
    sam_close(s);
    if (argc <= 2) {
        unlink(path);
        rmdir(folder);
    }
    return 0;
}
