/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The schema of the SQLite store. Released migrations never change; a new one is added at the end. */

#include "satchel-config.h"

#include "store-sqlite-private.h"

#include <glib/gi18n-lib.h>

/* The puts of the feed are the records themselves, in the order of their position; what left a bucket is told by
 * `departure`. So only the latest entry of a record in a bucket is ever kept, and a page is a walk along one index. */
static const char *const migrations[] = {
  /* 1 */
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
  "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), pos INTEGER NOT NULL);"
  "INSERT INTO head VALUES (1, 0);"
  "CREATE TABLE epoch (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, began_at TEXT NOT NULL);"
  "CREATE TABLE bucket (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
  "CREATE TABLE record ("
  "  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,"
  "  bucket INTEGER NOT NULL REFERENCES bucket, pos INTEGER NOT NULL,"
  "  account TEXT, target TEXT, owner TEXT, epoch TEXT NOT NULL, n INTEGER NOT NULL, units TEXT,"
  "  deleted_at TEXT, deleted_with TEXT, creator TEXT, device TEXT, body TEXT NOT NULL);"
  "CREATE UNIQUE INDEX record_feed ON record (bucket, pos);"
  "CREATE INDEX record_account ON record (account) WHERE account IS NOT NULL;"
  "CREATE INDEX record_target ON record (target) WHERE target IS NOT NULL;"
  "CREATE INDEX record_owner ON record (owner, bucket) WHERE owner IS NOT NULL;"
  "CREATE INDEX record_type ON record (type) WHERE type IN ('user', 'territory');"
  "CREATE TABLE departure ("
  "  bucket INTEGER NOT NULL, pos INTEGER NOT NULL, kind INTEGER NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL,"
  "  entered INTEGER, PRIMARY KEY (bucket, pos)) WITHOUT ROWID;"
  "CREATE UNIQUE INDEX departure_record ON departure (bucket, id);"
  "CREATE TABLE history ("
  "  number INTEGER PRIMARY KEY, record INTEGER NOT NULL REFERENCES record, epoch TEXT NOT NULL,"
  "  n INTEGER NOT NULL, unit TEXT NOT NULL,"
  "  kind TEXT NOT NULL, at TEXT NOT NULL, by TEXT, device TEXT, old TEXT, new TEXT);"
  "CREATE INDEX history_record ON history (record, n);"
  "CREATE TABLE conflict ("
  "  target TEXT NOT NULL, unit TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (target, unit)) WITHOUT ROWID;"
  "CREATE TABLE person ("
  "  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, active INTEGER NOT NULL, password TEXT)"
  "  WITHOUT ROWID;"
  "CREATE TABLE territory (id TEXT PRIMARY KEY, name TEXT NOT NULL, parent TEXT, manager TEXT) WITHOUT ROWID;"
  "CREATE TABLE permission ("
  "  person TEXT NOT NULL REFERENCES person, territory TEXT NOT NULL REFERENCES territory,"
  "  PRIMARY KEY (person, territory)) WITHOUT ROWID;"
  "CREATE TABLE device ("
  "  id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person, name TEXT NOT NULL, token_hash TEXT UNIQUE,"
  "  token_expires INTEGER NOT NULL, created_at TEXT NOT NULL, last_seen TEXT, nonce TEXT,"
  "  last_n INTEGER NOT NULL DEFAULT 0, last_hash TEXT, forked_from TEXT, revoked INTEGER NOT NULL DEFAULT 0)"
  "  WITHOUT ROWID;"
  "CREATE TABLE sent ("
  "  device TEXT NOT NULL, n INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT, outcome TEXT NOT NULL, seen TEXT,"
  "  at TEXT NOT NULL);"
  "CREATE UNIQUE INDEX sent_group ON sent (device, n);",

  /* 2: where an epoch was cut off, and what was brought back of it. */
  "ALTER TABLE epoch ADD COLUMN cut INTEGER;"
  "ALTER TABLE history ADD COLUMN past_epoch TEXT;"
  "ALTER TABLE history ADD COLUMN past_n INTEGER;"
  /* What is kept for a while only: ids that were deleted for good, where the feed stood on which day, up to where it is
   * forgotten who left. */
  "CREATE TABLE tombstone (id TEXT PRIMARY KEY) WITHOUT ROWID;"
  "CREATE TABLE calendar (day TEXT PRIMARY KEY, pos INTEGER NOT NULL) WITHOUT ROWID;"
  "ALTER TABLE head ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;"
  "CREATE INDEX record_bin ON record (deleted_at) WHERE deleted_at IS NOT NULL;"
  "CREATE INDEX sent_at ON sent (at);",

  /* 3: the token that a device was given and has not used yet; who may sign in once with a code. */
  "ALTER TABLE device ADD COLUMN next_hash TEXT;"
  "ALTER TABLE device ADD COLUMN next_expires INTEGER NOT NULL DEFAULT 0;"
  "CREATE UNIQUE INDEX device_next ON device (next_hash) WHERE next_hash IS NOT NULL;"
  "CREATE TABLE invitation ("
  "  person TEXT PRIMARY KEY REFERENCES person, hash TEXT NOT NULL UNIQUE, expires INTEGER NOT NULL) WITHOUT ROWID;",
};

static int
get_version (sqlite3 *database)
{
  sqlite3_stmt *statement = NULL;
  int version = -1;

  if (sqlite3_prepare_v2 (database, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    version = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);

  return version;
}

static gboolean
run_migration (sqlite3 *database, guint number, GError **error)
{
  g_autofree char *version = g_strdup_printf ("PRAGMA user_version = %u", number + 1);

  return sqlite3_exec (database, migrations[number], NULL, NULL, NULL) == SQLITE_OK &&
                 sqlite3_exec (database, version, NULL, NULL, NULL) == SQLITE_OK
             ? TRUE
             : store_sql_fail (database, error);
}

static gboolean
report_newer (GError **error)
{
  g_set_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_NEWER,
               _ ("This database was written by a newer satchel-server. Nothing was changed; please update this one."));

  return FALSE;
}

/* Before anything is set on it: one that is newer is left as it is. */
gboolean
store_sqlite_check_version (sqlite3 *database, GError **error)
{
  return get_version (database) <= (int) G_N_ELEMENTS (migrations) || report_newer (error);
}

/**
 * store_sqlite_migrate:
 * @database: a connection that may write, to a store that is not newer
 * @error: why not
 *
 * Brings the schema up to date, all missing steps in one transaction.
 *
 * Returns: whether it is
 */
gboolean
store_sqlite_migrate (sqlite3 *database, GError **error)
{
  int version;
  gboolean done = TRUE;

  version = get_version (database);
  if (version == G_N_ELEMENTS (migrations))
    return TRUE;

  if (sqlite3_exec (database, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
    return store_sql_fail (database, error);

  /* Another process may have been faster. */
  version = get_version (database);
  if (version < 0)
    done = store_sql_fail (database, error);
  for (guint i = (guint) MAX (version, 0); done && i < G_N_ELEMENTS (migrations); i++)
    done = run_migration (database, i, error);

  if (done && sqlite3_exec (database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
    done = store_sql_fail (database, error);
  if (!done)
    sqlite3_exec (database, "ROLLBACK", NULL, NULL, NULL);

  return done;
}
