/* SPDX-License-Identifier: MIT */
/* A database in a folder of its own, for the tests of this folder. Include after cmocka's own headers. */
#ifndef SAM_TEST_SAM_H
#define SAM_TEST_SAM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "sam/sam.h"

struct fixture {
    char folder[64], path[80];
    struct sam *s;
    struct arena arena;
};

#define assert_status(expression, name)                                           \
    do {                                                                          \
        struct nt_status got_ = (expression);                                     \
        if (got_.v != (uint32_t)NT_##name)                                        \
            fail_msg("%s: %s, not %s", #expression, nt_status_name(got_), #name); \
    } while (0)
#define assert_done(expression) assert_status(expression, STATUS_SUCCESS)

static inline struct sam_text text(const char16_t *s)
{
    size_t count = 0;

    while (s[count])
        count++;
    return (struct sam_text){.chars = count ? (const uint16_t *)s : NULL, .count = count};
}

static inline bool same_text(struct sam_text a, struct sam_text b)
{
    return a.count == b.count && (!a.count || !memcmp(a.chars, b.chars, a.count * sizeof(*a.chars)));
}

#define assert_text(got, expected) assert_true(same_text((got), text(expected)))

static inline int make_folder(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (!f)
        return -1;
    *state = f;
    strcpy(f->folder, "/tmp/test_sam.XXXXXX");
    if (!mkdtemp(f->folder))
        return -1;
    snprintf(f->path, sizeof(f->path), "%s/sam.db", f->folder);
    arena_init(&f->arena, 1 << 24);
    return 0;
}

static inline int make_database(void **state)
{
    struct fixture *f;

    if (make_folder(state) != 0)
        return -1;
    f = *state;
    return nt_success(sam_open(&f->s, f->path, true)) ? 0 : -1;
}

static inline int drop_folder(void **state)
{
    struct fixture *f = *state;
    char command[128];

    sam_close(f->s);
    arena_deinit(&f->arena);
    snprintf(command, sizeof(command), "rm -rf %s", f->folder);
    if (system(command) != 0)
        return -1;
    free(f);
    return 0;
}

/* The first column of the first row that a connection of its own reads, as text; "" when there is none. */
static inline const char *query(const char *path, const char *sql)
{
    static char answer[4096];
    sqlite3 *db;
    sqlite3_stmt *q;

    answer[0] = '\0';
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
    if (sqlite3_step(q) == SQLITE_ROW)
        snprintf(answer, sizeof(answer), "%s", (const char *)sqlite3_column_text(q, 0));
    assert_int_equal(sqlite3_finalize(q), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return answer;
}

/* Everything that docs/database.md promises of a database that nobody is changing. */
static inline void assert_sound(const char *path)
{
    assert_string_equal(query(path, "PRAGMA integrity_check"), "ok");
    assert_string_equal(query(path, "SELECT count(*) FROM pragma_foreign_key_check"), "0");
    assert_string_equal(query(path, "SELECT count(*) FROM account a WHERE class >> 4 = 0 AND members <> "
                                    "(SELECT count(*) FROM member WHERE grp = a.id)"),
                        "0");
    assert_string_equal(
        query(path, "SELECT count(*) FROM domain d WHERE "
                    "user_count <> (SELECT count(*) FROM account WHERE class = domain << 4 | 1) OR "
                    "group_count <> (SELECT count(*) FROM account WHERE class = domain << 4 | 2) OR "
                    "alias_count <> (SELECT count(*) FROM account WHERE class = domain << 4 | 3)"),
        "0");
    assert_string_equal(
        query(path,
              "SELECT count(*) FROM domain d, (SELECT class >> 4 AS dom, "
              "sum(iif(class & 15 = 1, length(name) + length(comment) + length(full_name), 0)) AS users, "
              "sum(iif(class & 15 = 2, length(name) + length(comment) + length(full_name), 0)) AS groups, "
              "sum(iif(class & 15 = 3, length(name) + length(comment) + length(full_name), 0)) AS aliases "
              "FROM account GROUP BY 1) s WHERE s.dom = d.domain AND "
              "(users <> user_bytes OR groups <> group_bytes OR aliases <> alias_bytes)"),
        "0");
    assert_string_equal(query(path, "SELECT count(*) FROM account, domain WHERE domain = class >> 4 AND "
                                    "id & 0xffffffff >= next_rid"),
                        "0");
    assert_string_equal(query(path, "SELECT count(*) FROM user u WHERE NOT EXISTS "
                                    "(SELECT 1 FROM member WHERE grp = primary_group AND user = u.id)"),
                        "0");
}

static inline uint32_t add_group(struct sam *s, const char16_t *name)
{
    uint32_t rid = 0;

    assert_done(sam_group_create(s, text(name), &rid));
    assert_true(rid >= SAM_FIRST_RID);
    return rid;
}

#endif
