/* SPDX-License-Identifier: MIT */
/*
 * The tables (docs/database.md) and the steps that lead from each version of them to the next.
 *
 * Invariant: `user_version` says which version a database has; a step and its version are committed together.
 * A version newer than ours is not touched.
 */
#include "sam/sqlite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define STRING_(x) #x
#define STRING(x) STRING_(x)

static const char version_1[] =
    "CREATE TABLE domain("
    "  domain INTEGER PRIMARY KEY,"
    "  name BLOB NOT NULL, sid BLOB NOT NULL, created INTEGER NOT NULL,"
    "  min_password_length INTEGER NOT NULL, password_history_length INTEGER NOT NULL,"
    "  password_properties INTEGER NOT NULL, max_password_age INTEGER NOT NULL,"
    "  min_password_age INTEGER NOT NULL, force_logoff INTEGER NOT NULL,"
    "  lockout_duration INTEGER NOT NULL, lockout_window INTEGER NOT NULL,"
    "  lockout_threshold INTEGER NOT NULL,"
    "  next_rid INTEGER NOT NULL, modified INTEGER NOT NULL,"
    "  user_count INTEGER NOT NULL, user_bytes INTEGER NOT NULL,"
    "  group_count INTEGER NOT NULL, group_bytes INTEGER NOT NULL,"
    "  alias_count INTEGER NOT NULL, alias_bytes INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE account("
    "  id INTEGER PRIMARY KEY,"
    "  class INTEGER NOT NULL CHECK(class = id >> 32),"
    "  attributes INTEGER NOT NULL, members INTEGER NOT NULL CHECK(members >= 0),"
    "  key BLOB NOT NULL, name BLOB NOT NULL, comment BLOB NOT NULL, full_name BLOB NOT NULL"
    ") STRICT;"
    "CREATE UNIQUE INDEX account_key ON account(key);"
    "CREATE INDEX account_display ON account(class, key, name, attributes, comment, full_name);"

    "CREATE TABLE user("
    "  id INTEGER PRIMARY KEY REFERENCES account(id) ON DELETE CASCADE,"
    "  primary_group INTEGER NOT NULL REFERENCES account(id),"
    "  created INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX user_primary_group ON user(primary_group);"

    "CREATE TABLE member("
    "  grp INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    "  user INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,"
    "  attributes INTEGER NOT NULL,"
    "  PRIMARY KEY(grp, user)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX member_user ON member(user);"

    "CREATE TABLE alias_member("
    "  alias INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,"
    "  sid BLOB NOT NULL,"
    "  PRIMARY KEY(alias, sid)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX alias_member_sid ON alias_member(sid);"

    "CREATE TABLE tombstone("
    "  number INTEGER PRIMARY KEY,"
    "  id INTEGER NOT NULL UNIQUE,"
    "  key BLOB NOT NULL"
    ") STRICT;"

    /* for people with the sqlite3 tool */
    "CREATE VIEW accounts AS SELECT "
    "  iif(class >> 4, 'BUILTIN', 'account') AS domain,"
    "  CASE class & 15 WHEN 1 THEN 'user' WHEN 2 THEN 'group' ELSE 'alias' END AS kind,"
    "  id & 0xffffffff AS rid, CAST(name AS TEXT) AS name, CAST(comment AS TEXT) AS comment,"
    "  CAST(full_name AS TEXT) AS full_name, attributes, members FROM account;"
    "CREATE VIEW members AS SELECT "
    "  CAST(g.name AS TEXT) AS grp, CAST(u.name AS TEXT) AS user, m.attributes "
    "  FROM member m JOIN account g ON g.id=m.grp JOIN account u ON u.id=m.user;";

static const char version_2[] = "CREATE TABLE password("
                                "  id INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE,"
                                "  nt_hash BLOB NOT NULL CHECK(length(nt_hash) = 16),"
                                "  changed INTEGER NOT NULL"
                                ") STRICT;";

/* steps[n] leads from version n to n + 1. */
static const char *const steps[] = {version_1, version_2};

static int run_steps(sqlite3 *db, int from)
{
    char set_version[64];
    int rc = SQLITE_OK;

    for (int i = from; i < COUNT(steps) && rc == SQLITE_OK; i++)
        rc = sqlite3_exec(db, steps[i], NULL, NULL, NULL);
    sqlite3_snprintf((int)sizeof(set_version), set_version, "PRAGMA user_version=%d", COUNT(steps));
    return rc == SQLITE_OK ? sqlite3_exec(db, set_version, NULL, NULL, NULL) : rc;
}

int sam_sqlite_create_schema(sqlite3 *db)
{
    int rc = sqlite3_exec(db, "PRAGMA application_id=" STRING(SAM_SQLITE_APPLICATION), NULL, NULL, NULL);

    return rc == SQLITE_OK ? run_steps(db, 0) : rc;
}

static int get_version(sqlite3 *db, int *version)
{
    sqlite3_stmt *q;
    int rc = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &q, NULL);

    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        *version = sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
}

struct nt_status sam_sqlite_migrate(sqlite3 *db)
{
    int version = 0, rc = get_version(db, &version);

    if (rc == SQLITE_OK && version == COUNT(steps))
        return NT(STATUS_SUCCESS);
    if (rc == SQLITE_OK && version > COUNT(steps))
        return NT(STATUS_NOT_SUPPORTED);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = get_version(db, &version); /* another process may have been faster */
    if (rc == SQLITE_OK && version < 1)
        rc = SQLITE_CORRUPT; /* version 0 has never been committed */
    if (rc == SQLITE_OK && version < COUNT(steps))
        rc = run_steps(db, version);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
        struct nt_status status = sam_sqlite_status(db, rc);

        if (!sqlite3_get_autocommit(db))
            sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    return version > COUNT(steps) ? NT(STATUS_NOT_SUPPORTED) : NT(STATUS_SUCCESS);
}
