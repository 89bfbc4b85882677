/* SPDX-License-Identifier: MIT */
/* A database in a folder of its own, for the tests of this folder. Include after cmocka's own headers. */
#ifndef SAM_TEST_SAM_H
#define SAM_TEST_SAM_H

#include <ftw.h>
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

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st, (void)type, (void)where;
    return remove(path);
}

static inline int drop_folder(void **state)
{
    struct fixture *f = *state;

    sam_close(f->s);
    arena_deinit(&f->arena);
    if (nftw(f->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
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

/* Everything that docs/database.md promises of a database that nobody is changing: each gives 0 or "ok". */
static const char *const soundness[] = {
    "SELECT iif(integrity_check = 'ok', 0, integrity_check) FROM pragma_integrity_check",
    "SELECT count(*) FROM pragma_foreign_key_check",
    "SELECT count(*) FROM account a WHERE class = 2 AND members <> "
    "(SELECT count(*) FROM member WHERE grp = a.id)",
    "SELECT count(*) FROM domain d LEFT JOIN (SELECT class >> 4 AS of, "
    "  sum(class & 15 = 1) AS u, sum(class & 15 = 2) AS g, sum(class & 15 = 3) AS a,"
    "  sum((class & 15 = 1) * (length(name) + length(comment) + length(full_name))) AS ub,"
    "  sum((class & 15 = 2) * (length(name) + length(comment) + length(full_name))) AS gb,"
    "  sum((class & 15 = 3) * (length(name) + length(comment) + length(full_name))) AS ab,"
    "  max(id & 0xffffffff) AS rid FROM account GROUP BY 1) ON of = domain "
    "WHERE (u, ub, g, gb, a, ab) IS NOT "
    "(user_count, user_bytes, group_count, group_bytes, alias_count, alias_bytes) OR rid >= next_rid",
    "SELECT count(*) FROM user u WHERE NOT EXISTS "
    "(SELECT 1 FROM member WHERE grp = primary_group AND user = u.id)",
    "SELECT abs(count(*) - 2) FROM domain",
};

static inline void assert_sound(const char *path)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof(soundness) / sizeof(*soundness); i++) {
        sqlite3_stmt *q;

        assert_int_equal(sqlite3_prepare_v2(db, soundness[i], -1, &q, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(q), SQLITE_ROW);
        if (strcmp((const char *)sqlite3_column_text(q, 0), "0") != 0)
            fail_msg("%s: %s", soundness[i], (const char *)sqlite3_column_text(q, 0));
        sqlite3_finalize(q);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static inline uint32_t add_group(struct sam *s, const char16_t *name)
{
    uint32_t rid = 0;

    assert_done(sam_group_create(s, text(name), &rid));
    assert_true(rid >= SAM_FIRST_RID);
    return rid;
}

#endif
