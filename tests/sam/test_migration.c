/* SPDX-License-Identifier: MIT */
/* Databases of older versions, made by the SQL files given as arguments, are brought up to date with all that
 * is in them. */
#include "sam/test_sam.h"

static const char *version_1;

static void make_old(const char *path, const char *sql_path)
{
    static char sql[1 << 16];
    FILE *file = fopen(sql_path, "r");
    sqlite3 *db;
    char *error = NULL;

    assert_non_null(file);
    sql[fread(sql, 1, sizeof(sql) - 1, file)] = '\0';
    fclose(file);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &error);
    if (error)
        fail_msg("%s: %s", sql_path, error);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void from_version_1(void **state)
{
    static const uint8_t hash[SAM_NT_HASH_LEN] = {7};
    struct fixture *f = *state;
    struct sam_credentials c;
    struct sam_account account;
    struct sam_group group;

    make_old(f->path, version_1);
    assert_string_equal(query(f->path, "PRAGMA user_version"), "1");
    assert_done(sam_open(&f->s, f->path, false));
    assert_string_equal(query(f->path, "PRAGMA user_version"), "2");
    assert_done(sam_lookup_name(f->s, SAM_ACCOUNT, text(u"STAFF"), &f->arena, &account));
    assert_text(account.name, u"staff");
    assert_done(sam_group_get(f->s, account.rid, &f->arena, &group));
    assert_text(group.comment, u"Made by version 1");
    assert_int_equal(group.member_count, 1);
    assert_done(sam_user_set_password(f->s, SAM_RID_ADMINISTRATOR, hash));
    assert_done(sam_user_credentials(f->s, text(u"Administrator"), &c));
    assert_memory_equal(c.nt_hash, hash, sizeof(hash));
    assert_sound(f->path);
    sam_close(f->s);
    assert_done(sam_open(&f->s, f->path, false));
    assert_done(sam_user_credentials(f->s, text(u"Administrator"), &c));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(from_version_1, make_folder, drop_folder),
    };

    if (argc < 2)
        return 2;
    version_1 = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
