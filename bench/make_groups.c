/* SPDX-License-Identifier: MIT */
/* make_groups DATABASE COUNT: an account database with COUNT groups, made through the same rules as any
 * other, in an order that is not the order of their names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sam/sam.h"

#define BATCH 10000u

static struct sam_text text(const char *ascii, uint16_t *units)
{
    size_t count = strlen(ascii);

    for (size_t i = 0; i < count; i++)
        units[i] = (uint8_t)ascii[i];
    return (struct sam_text){.chars = units, .count = count};
}

static void check(struct nt_status status, const char *what)
{
    if (nt_success(status))
        return;
    fprintf(stderr, "make_groups: cannot %s: %s\n", what, nt_status_name(status));
    exit(1);
}

int main(int argc, char **argv)
{
    unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    struct sam *sam;

    if (!count) {
        fprintf(stderr, "usage: make_groups DATABASE COUNT\n");
        return 2;
    }
    check(sam_open(&sam, argv[1], true), "open the database");
    for (unsigned long i = 0; i < count; i++) {
        /* scattered within a batch: not in the order of names, and yet a batch touches few pages */
        unsigned long start = i / BATCH * BATCH, len = count - start < BATCH ? count - start : BATCH;
        unsigned long n = start + (i - start) * 6113 % len;
        uint16_t units[64];
        char ascii[64];
        uint32_t rid;

        if (i % BATCH == 0)
            check(sam_begin(sam), "begin");
        snprintf(ascii, sizeof(ascii), "group-%07lu", n);
        check(sam_group_create(sam, text(ascii, units), &rid), "create a group");
        snprintf(ascii, sizeof(ascii), "Staff of department %lu", n);
        check(sam_group_set_comment(sam, rid, text(ascii, units)), "set a comment");
        if (i % BATCH == BATCH - 1 || i == count - 1)
            check(sam_commit(sam), "commit");
    }
    sam_close(sam);
    return 0;
}
