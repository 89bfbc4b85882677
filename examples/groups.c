/* SPDX-License-Identifier: MIT */
/*
 * The demo: the groups of this machine's /etc/group go into an account database through the Windows
 * functions, and come back as a table.
 *
 *   NETMGMT_LOCAL=embedded:/tmp/accounts.db ./groups
 *
 * It shows the whole life of a buffer: yours on the way in (you fill a GROUP_INFO_1, you keep it), the
 * library's on the way out (you pass the address of a pointer, you free what comes back with one
 * NetApiBufferFree).
 */
#include <windows.h>
#include <lm.h>
#include <netmgmt.h>

#include <grp.h>
#include <libsmartcols/libsmartcols.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SMALL_PAGE 512 /* bytes: so that even a short list needs several pages */

/* What was measured: calls of one function, the buffers it gave and the time it took. */
struct measure {
    unsigned calls;
    size_t bytes;
    double seconds;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void stop(const char *what, NET_API_STATUS status)
{
    fprintf(stderr, "groups: cannot %s: %s\n", what, netmgmt_strerror(status));
    exit(1);
}

static size_t buffer_len(void *buffer)
{
    DWORD bytes = 0;

    if (buffer)
        NetApiBufferSize(buffer, &bytes);
    return bytes;
}

/* In-buffer: ours. It may stand on the stack; the function only reads it. */
static NET_API_STATUS add_group(const struct group *g, struct measure *m)
{
    WCHAR name[GNLEN + 1], comment[MAXCOMMENTSZ + 1];
    GROUP_INFO_1 info = {name, comment};
    char text[64];
    unsigned members = 0;
    NET_API_STATUS status;
    double start;

    while (g->gr_mem[members])
        members++;
    snprintf(text, sizeof(text), "gid %u, %u member%s", (unsigned)g->gr_gid, members,
             members == 1 ? "" : "s");
    if (!netmgmt_utf16(g->gr_name, name, GNLEN + 1) || !netmgmt_utf16(text, comment, MAXCOMMENTSZ + 1))
        return ERROR_INVALID_NAME;
    start = now();
    status = NetGroupAdd(NULL, 1, (LPBYTE)&info, NULL);
    m->seconds += now() - start;
    m->calls++;
    return status;
}

static void add_all(struct measure *m)
{
    unsigned added = 0, read = 0;
    struct group *g;

    setgrent();
    while ((g = getgrent())) {
        NET_API_STATUS status = add_group(g, m);

        read++;
        added += status == NERR_Success;
        switch (status) {
        case NERR_Success:
            break;
        case NERR_GroupExists:
        case NERR_UserExists:
        case ERROR_ALIAS_EXISTS:
            printf("  left out: \"%s\" (%s; names are compared without case)\n", g->gr_name,
                   status == NERR_GroupExists  ? "there is such a group already"
                   : status == NERR_UserExists ? "a built-in user has this name"
                                               : "a built-in local group has this name");
            break;
        case NERR_BadUsername:
        case ERROR_INVALID_NAME:
            printf("  left out: \"%s\" (not a name that Windows allows)\n", g->gr_name);
            break;
        default:
            stop("add a group", status);
        }
    }
    endgrent();
    printf("  %u of %u groups added\n\n", added, read);
}

/* Page by page: the resume handle starts at 0 and is left alone. ERROR_MORE_DATA is a success with more to
 * come: its buffer is valid and must be freed. */
static unsigned read_pages(struct measure *m)
{
    DWORD_PTR resume = 0;
    DWORD entries = 0, read, total;
    NET_API_STATUS status;

    do {
        GROUP_INFO_1 *page;
        double start = now();

        status = NetGroupEnum(NULL, 1, (LPBYTE *)&page, SMALL_PAGE, &read, &total, &resume);
        m->seconds += now() - start;
        if (status != NERR_Success && status != ERROR_MORE_DATA)
            stop("list the groups page by page", status);
        m->calls++;
        m->bytes += buffer_len(page);
        entries += read;
        NetApiBufferFree(page);
    } while (status == ERROR_MORE_DATA);
    return entries;
}

static void print_table(const GROUP_INFO_2 *groups, DWORD count)
{
    struct libscols_table *table = scols_new_table();

    if (!table || !scols_table_new_column(table, "RID", 4, SCOLS_FL_RIGHT) ||
        !scols_table_new_column(table, "GROUP", 0.3, 0) || !scols_table_new_column(table, "COMMENT", 0.5, 0))
        stop("make a table", ERROR_NOT_ENOUGH_MEMORY);
    for (DWORD i = 0; i < count; i++) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        char rid[16], text[3 * GNLEN + 1];

        if (!line)
            stop("make a table", ERROR_NOT_ENOUGH_MEMORY);
        snprintf(rid, sizeof(rid), "%u", groups[i].grpi2_group_id);
        scols_line_set_data(line, 0, rid);
        scols_line_set_data(line, 1, netmgmt_utf8(groups[i].grpi2_name, text, sizeof(text)));
        scols_line_set_data(line, 2, netmgmt_utf8(groups[i].grpi2_comment, text, sizeof(text)));
    }
    scols_print_table(table);
    scols_unref_table(table);
}

static void print_measure(const char *what, const struct measure *m)
{
    printf("  %-46s %5u call%s %9.3f ms", what, m->calls, m->calls == 1 ? " " : "s", m->seconds * 1e3);
    if (m->bytes)
        printf("  %8zu bytes", m->bytes);
    putchar('\n');
}

int main(void)
{
    struct measure adding = {0}, paging = {0}, listing = {0};
    GROUP_INFO_2 *groups;
    DWORD read, total;
    unsigned paged;
    size_t live, bytes;
    NET_API_STATUS status;
    double start;

    setlocale(LC_ALL, "");
    puts("Adding the groups of /etc/group, each with NetGroupAdd:");
    add_all(&adding);
    paged = read_pages(&paging);

    start = now();
    status = NetGroupEnum(NULL, 2, (LPBYTE *)&groups, MAX_PREFERRED_LENGTH, &read, &total, NULL);
    listing.seconds = now() - start;
    if (status != NERR_Success)
        stop("list the groups", status);
    listing.calls = 1;
    listing.bytes = buffer_len(groups);
    print_table(groups, read);

    printf("\nThese %u groups stand in one buffer of exactly %zu bytes: %u structures of %zu bytes, the rest "
           "text.\n"
           "One NetApiBufferFree releases all of it.\n",
           read, listing.bytes, read, sizeof(*groups));
    NetApiBufferFree(groups);
    netmgmt_buffers_live(&live, &bytes);
    printf("API buffers still alive after it: %zu\n\n", live);

    puts("Measured:");
    print_measure("NetGroupAdd, each durable on disk", &adding);
    print_measure("NetGroupEnum in pages of 512 bytes", &paging);
    print_measure("NetGroupEnum, MAX_PREFERRED_LENGTH", &listing);
    if (paged != read || live) {
        fprintf(stderr, "groups: %u entries in pages, %u at once, %zu buffers left\n", paged, read, live);
        return 1;
    }
    return 0;
}
