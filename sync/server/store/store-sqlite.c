/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The store in one SQLite file: opening it, sessions, transactions, statements.
 *
 * Commits are durable (WAL, synchronous=FULL). Only sessions that write make checkpoints, and of all processes only one
 * that serves or finds nobody serving: SQLite before 3.51.3 can damage a WAL that two connections checkpoint at once. */

#include "satchel-config.h"

#include "store-sqlite-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define BUSY_TIMEOUT_MS 15000
#define CHECKPOINT_PAGES 4000

/* ---- Errors --------------------------------------------------------------------------------------- */

static SatchelStoreError
classify (int code)
{
  switch (code & 0xff)
    {
    case SQLITE_FULL:
      return SATCHEL_STORE_ERROR_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return SATCHEL_STORE_ERROR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return SATCHEL_STORE_ERROR_CORRUPT;
    case SQLITE_CANTOPEN:
      return SATCHEL_STORE_ERROR_MISSING;
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return SATCHEL_STORE_ERROR_DISK;
    default:
      return SATCHEL_STORE_ERROR_FAILED;
    }
}

static const char *
explain (SatchelStoreError code)
{
  switch (code)
    {
    case SATCHEL_STORE_ERROR_FULL:
      return _ ("The disk is full. Nothing was changed; please make room on it.");
    case SATCHEL_STORE_ERROR_BUSY:
      return _ ("Another process holds the database. Nothing was changed; please try again.");
    case SATCHEL_STORE_ERROR_CORRUPT:
      return _ ("The database is damaged. Please bring back a backup with “satchel-server restore”.");
    case SATCHEL_STORE_ERROR_DISK:
      return _ (
          "The disk did not let the database be read or written. Nothing was changed; please look at the disk, how "
          "it is mounted, and who may write to the file and its folder.");
    case SATCHEL_STORE_ERROR_MISSING:
      return _ (
          "The database cannot be opened. Please see whether the file is there, and whether it and its folder may be "
          "written to.");
    case SATCHEL_STORE_ERROR_EXISTS:
    case SATCHEL_STORE_ERROR_NEWER:
    case SATCHEL_STORE_ERROR_TAKEN:
    case SATCHEL_STORE_ERROR_AGAIN:
    case SATCHEL_STORE_ERROR_FAILED:
    default:
      return _ ("The database failed. Nothing was changed.");
    }
}

gboolean
store_sql_fail (sqlite3 *database, GError **error)
{
  int code = sqlite3_extended_errcode (database);

  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
    g_set_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_TAKEN, _ ("That name or id is taken. (%s)"),
                 sqlite3_errmsg (database));
  else
    g_set_error (error, SATCHEL_STORE_ERROR, classify (code), "%s (SQLite: %s)", explain (classify (code)),
                 sqlite3_errmsg (database));

  return FALSE;
}

/* ---- Statements ----------------------------------------------------------------------------------- */

/* After a read that failed SQLite has rolled back by itself: what comes next would be there at once, and by itself. */
static gboolean
check_transaction (SqliteSession *self, GError **error)
{
  if (!self->in_transaction || sqlite3_get_autocommit (self->database) == 0)
    return TRUE;

  g_set_error_literal (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_DISK, explain (SATCHEL_STORE_ERROR_DISK));

  return FALSE;
}

sqlite3_stmt *
store_sql (SatchelStoreSession *session, const char *sql, GError **error)
{
  SqliteSession *self = SQLITE_SESSION (session);
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);

  if (!check_transaction (self, error))
    return NULL;
  if (statement != NULL)
    return statement;

  if (sqlite3_prepare_v3 (self->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    {
      store_sql_fail (self->database, error);
      return NULL;
    }

  g_hash_table_insert (self->statements, (gpointer) sql, statement);

  return statement;
}

void
store_sql_end (sqlite3_stmt *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

/* The text must live until the statement is ended. */
void
store_sql_text (sqlite3_stmt *statement, int place, const char *text)
{
  int code = text != NULL ? sqlite3_bind_text (statement, place, text, -1, SQLITE_STATIC)
                          : sqlite3_bind_null (statement, place);

  g_assert (code == SQLITE_OK || code == SQLITE_TOOBIG || code == SQLITE_NOMEM);
}

void
store_sql_integer (sqlite3_stmt *statement, int place, gint64 integer)
{
  int code = sqlite3_bind_int64 (statement, place, integer);

  g_assert (code == SQLITE_OK);
}

gboolean
store_sql_step (SatchelStoreSession *session, sqlite3_stmt *statement, gboolean *row, GError **error)
{
  int code = sqlite3_step (statement);

  *row = code == SQLITE_ROW;
  if (code == SQLITE_ROW || code == SQLITE_DONE)
    return TRUE;

  return store_sql_fail (SQLITE_SESSION (session)->database, error);
}

/* Runs a statement that gives no rows, and ends it. */
gboolean
store_sql_run (SatchelStoreSession *session, sqlite3_stmt *statement, GError **error)
{
  gboolean row;
  gboolean done = store_sql_step (session, statement, &row, error);

  store_sql_end (statement);

  return done;
}

gboolean
store_sql_run_plain (SatchelStoreSession *session, const char *sql, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, sql, error);

  return statement != NULL && store_sql_run (session, statement, error);
}

char *
store_sql_dup_text (sqlite3_stmt *statement, int column)
{
  return g_strdup (store_sql_get_text (statement, column));
}

const char *
store_sql_get_text (sqlite3_stmt *statement, int column)
{
  return (const char *) sqlite3_column_text (statement, column);
}

/* Reads all rows of a statement, and ends it. */
GPtrArray *
store_sql_list (SatchelStoreSession *session, sqlite3_stmt *statement, StoreSqlRowFunc func, GDestroyNotify destroy,
                GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (destroy);
  gboolean row, done;

  while ((done = store_sql_step (session, statement, &row, error)) && row)
    g_ptr_array_add (list, func (statement));
  store_sql_end (statement);

  return done ? g_steal_pointer (&list) : NULL;
}

/* Reads the first row, if there is one, and ends the statement. */
gboolean
store_sql_one (SatchelStoreSession *session, sqlite3_stmt *statement, StoreSqlRowFunc func, gpointer *found,
               GError **error)
{
  gboolean row;
  gboolean done = store_sql_step (session, statement, &row, error);

  *found = done && row ? func (statement) : NULL;
  store_sql_end (statement);

  return done;
}

/* The first column of a row, for store_sql_one(). */
gpointer
store_sql_read_number (sqlite3_stmt *statement)
{
  gint64 number = sqlite3_column_int64 (statement, 0);

  return g_memdup2 (&number, sizeof number);
}

/* ---- Transactions --------------------------------------------------------------------------------- */

static gboolean
begin (SatchelStoreSession *session, GError **error)
{
  SqliteSession *self = SQLITE_SESSION (session);

  g_assert (!self->in_transaction);

  self->in_transaction = self->access != SATCHEL_STORE_READ ? store_sql_run_plain (session, "BEGIN IMMEDIATE", error)
                                                            : store_sql_run_plain (session, "BEGIN", error);

  return self->in_transaction;
}

static gboolean
commit (SatchelStoreSession *session, GError **error)
{
  SqliteSession *self = SQLITE_SESSION (session);

  g_assert (self->in_transaction);

  if (!store_sql_run_plain (session, "COMMIT", error))
    return FALSE;
  self->in_transaction = FALSE;

  return TRUE;
}

static void
rollback (SatchelStoreSession *session)
{
  SqliteSession *self = SQLITE_SESSION (session);

  /* After some errors SQLite has rolled back by itself. */
  if (self->in_transaction && sqlite3_get_autocommit (self->database) == 0)
    sqlite3_exec (self->database, "ROLLBACK", NULL, NULL, NULL);
  self->in_transaction = FALSE;
}

/* A number that changes when another process or session has committed. Needs no transaction. */
static gboolean
get_stamp (SatchelStoreSession *session, gint64 *stamp, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "PRAGMA data_version", error);
  g_autofree gint64 *found = NULL;

  if (statement == NULL || !store_sql_one (session, statement, store_sql_read_number, (gpointer *) &found, error))
    return FALSE;
  *stamp = found != NULL ? *found : 0;

  return TRUE;
}

/* ---- Checking ------------------------------------------------------------------------------------- */

static gpointer
read_text (sqlite3_stmt *statement)
{
  return store_sql_dup_text (statement, 0);
}

static gboolean
collect_problems (SatchelStoreSession *session, const char *sql, GPtrArray *problems, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, sql, error);
  g_autoptr (GPtrArray) found = NULL;

  if (statement == NULL)
    return FALSE;
  found = store_sql_list (session, statement, read_text, g_free, error);
  if (found == NULL)
    return FALSE;

  for (guint i = 0; i < found->len; i++)
    if (g_strcmp0 (g_ptr_array_index (found, i), "ok") != 0)
      g_ptr_array_add (problems, g_strdup (g_ptr_array_index (found, i)));

  return TRUE;
}

static gboolean
check (SatchelStoreSession *session, GPtrArray *problems, GError **error)
{
  return collect_problems (session, "PRAGMA integrity_check", problems, error) &&
         collect_problems (session, "SELECT \"table\" || ': ' || rowid FROM pragma_foreign_key_check", problems,
                           error) &&
         collect_problems (session,
                           "SELECT 'record ' || id || ' is ahead of the feed' FROM record "
                           "WHERE pos > (SELECT pos FROM head)",
                           problems, error);
}

/* ---- Opening -------------------------------------------------------------------------------------- */

static gboolean
configure (sqlite3 *database, SatchelStoreAccess access, GError **error)
{
  const char *settings = access != SATCHEL_STORE_READ
                             ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                               "PRAGMA wal_autocheckpoint = " G_STRINGIFY (
                                   CHECKPOINT_PAGES) "; PRAGMA cache_size = -64000;"
                             : "PRAGMA query_only = ON; PRAGMA cache_size = -16000;";

  sqlite3_busy_timeout (database, BUSY_TIMEOUT_MS);
  sqlite3_db_config (database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  if (access == SATCHEL_STORE_READ)
    sqlite3_db_config (database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);

  return sqlite3_exec (database, settings, NULL, NULL, NULL) == SQLITE_OK ? TRUE : store_sql_fail (database, error);
}

static sqlite3 *
connect_to (const char *path, SatchelStoreAccess access, GError **error)
{
  sqlite3 *database = NULL;

  if (sqlite3_open_v2 (path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL) !=
          SQLITE_OK ||
      !configure (database, access, error))
    {
      if (error != NULL && *error == NULL)
        store_sql_fail (database, error);
      sqlite3_close (database);
      return NULL;
    }

  return database;
}

static void
finalize_statement (gpointer statement)
{
  sqlite3_finalize (statement);
}

static SatchelStoreSession *
open_session (SatchelStore *store, SatchelStoreAccess access, GError **error)
{
  sqlite3 *database = connect_to (((SqliteStore *) store)->path, access, error);
  SqliteSession *self;

  if (database == NULL)
    return NULL;

  self = g_new0 (SqliteSession, 1);
  self->base.store = store;
  self->database = database;
  self->access = access;
  self->statements = g_hash_table_new_full (NULL, NULL, NULL, finalize_statement);
  self->readers = g_ptr_array_new_with_free_func (finalize_statement);

  return &self->base;
}

static void
close_session (SatchelStoreSession *session)
{
  SqliteSession *self = SQLITE_SESSION (session);
  int code;

  rollback (session);
  g_hash_table_unref (self->statements);
  g_ptr_array_unref (self->readers);
  code = sqlite3_close (self->database);
  g_assert (code == SQLITE_OK);
  g_free (self);
}

static void
free_store (SatchelStore *store)
{
  SqliteStore *self = (SqliteStore *) store;

  g_free (self->path);
  g_free (self);
}

static const SatchelStoreInterface sqlite_interface = {
  .open_session = open_session,
  .close_session = close_session,
  .free = free_store,
  .check = check,
  .begin = begin,
  .commit = commit,
  .rollback = rollback,
  .get_stamp = get_stamp,
  .load_records = store_sqlite_load_records,
  .list_hanging = store_sqlite_list_hanging,
  .list_about = store_sqlite_list_about,
  .foreach_of_type = store_sqlite_foreach_of_type,
  .list_changes = store_sqlite_list_changes,
  .list_conflicts = store_sqlite_list_conflicts,
  .save = store_sqlite_save,
  .is_buried = store_sqlite_is_buried,
  .prune = store_sqlite_prune,
  .get_forgotten = store_sqlite_get_forgotten,
  .get_head = store_sqlite_get_head,
  .number_buckets = store_sqlite_number_buckets,
  .name_bucket = store_sqlite_name_bucket,
  .read_feed = store_sqlite_read_feed,
  .load_device = store_sqlite_load_device,
  .find_device = store_sqlite_find_device,
  .list_devices = store_sqlite_list_devices,
  .save_device = store_sqlite_save_device,
  .load_group = store_sqlite_load_group,
  .load_user = store_sqlite_load_user,
  .find_user = store_sqlite_find_user,
  .list_users = store_sqlite_list_users,
  .save_user = store_sqlite_save_user,
  .set_password = store_sqlite_set_password,
  .find_invitation = store_sqlite_find_invitation,
  .set_invitation = store_sqlite_set_invitation,
  .list_territories = store_sqlite_list_territories,
  .save_territory = store_sqlite_save_territory,
  .list_grants = store_sqlite_list_grants,
  .set_grant = store_sqlite_set_grant,
  .get_meta = store_sqlite_get_meta,
  .set_meta = store_sqlite_set_meta,
  .list_epochs = store_sqlite_list_epochs,
  .begin_epoch = store_sqlite_begin_epoch,
  .read_table = store_sqlite_read_table,
  .write_rows = store_sqlite_write_rows,
  .end_rows = store_sqlite_end_rows,
  .backup = store_sqlite_backup,
};

/* The file is made before SQLite sees it, so that it is nobody else's to read from the first byte on. */
static gboolean
make_file (const char *path, GError **error)
{
  int file = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (file >= 0)
    return g_close (file, error);

  if (errno == EEXIST)
    g_set_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_EXISTS,
                 _ ("There is a database at “%s” already. Nothing was changed."), path);
  else
    g_set_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_FAILED, _ ("“%s” cannot be made: %s."), path,
                 g_strerror (errno));

  return FALSE;
}

static gboolean
require_file (const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;

  g_set_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_MISSING,
               _ ("There is no database at “%s” yet. “satchel-server init” makes one."), path);

  return FALSE;
}

static gboolean
migrate (const char *path, GError **error)
{
  sqlite3 *database = NULL;
  gboolean done;

  if (sqlite3_open_v2 (path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    done = store_sql_fail (database, error);
  else
    done = store_sqlite_check_version (database, error) && configure (database, SATCHEL_STORE_WRITE, error) &&
           store_sqlite_migrate (database, error);

  sqlite3_close (database);

  return done;
}

/**
 * satchel_sqlite_store_open:
 * @path: the file
 * @mode: whether it must be there already
 * @error: why not
 *
 * Returns: (transfer full) (nullable): the store, its schema up to date
 */
SatchelStore *
satchel_sqlite_store_open (const char *path, SatchelStoreOpen mode, GError **error)
{
  SqliteStore *self;

  if (!(mode == SATCHEL_STORE_CREATE ? make_file (path, error) : require_file (path, error)) || !migrate (path, error))
    return NULL;

  self = g_new0 (SqliteStore, 1);
  self->base.interface = &sqlite_interface;
  self->path = g_strdup (path);

  return &self->base;
}
