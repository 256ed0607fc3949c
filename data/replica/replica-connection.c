/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Connections to the replica file: settings, prepared statements, errors in words, and the guard that keeps queries
 * off the UI thread. */

#include "satchel-config.h"

#include "replica-connection.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"
#include "replica-files.h"
#include "replica-functions.h"
#include "replica-log.h"
#include "satchel-replica.h"

#define BUSY_TIMEOUT_MS 10000
#define CACHE_KIB 16384
#define CHECKPOINT_PAGES 4000
#define JOURNAL_LIMIT_BYTES (32 * 1024 * 1024)

struct _ReplicaConnection
{
  char *path;
  sqlite3 *db;
  GHashTable *statements; /* SQL -> Prepared */
  GHashTable *recent; /* where a SQL text stood in memory -> Prepared of the statements, so that none is hashed twice */
  GHashTable *bucket_names; /* number -> name */
  GHashTable *bucket_numbers; /* name -> number */
  gboolean in_transaction;
  gboolean log_is_doubtful; /* a sync of it failed, and that could not be written down perhaps */
};

typedef struct
{
  char *sql;
  sqlite3_stmt *statement;
} Prepared;

static _Thread_local gboolean queries_forbidden;

/**
 * satchel_replica_forbid_queries:
 *
 * Makes every later query of the calling thread abort, in every build that is
 * not a release. The UI thread calls it once at its start.
 */
void
satchel_replica_forbid_queries (void)
{
  queries_forbidden = TRUE;
}

static void
check_thread (void)
{
#ifndef SATCHEL_RELEASE
  if (queries_forbidden)
    g_error ("A query of the replica on a thread that must not wait");
#endif
}

/* ---- Errors --------------------------------------------------------------------------------------- */

static SatchelDataError
classify (int code)
{
  switch (code & 0xff)
    {
    case SQLITE_FULL:
      return SATCHEL_DATA_ERROR_FULL;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return SATCHEL_DATA_ERROR_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return SATCHEL_DATA_ERROR_BUSY;
    default:
      return SATCHEL_DATA_ERROR_IO;
    }
}

static const char *
get_sentence (int code)
{
  switch (code & 0xff)
    {
    case SQLITE_FULL:
      return _ ("The disk is full, so this could not be saved. Everything saved before is safe. Please free some space "
                "and try again.");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return _ ("The file with your data is damaged. What the server has is safe; Satchel can set the file aside and "
                "take over what was not sent yet.");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return _ ("Another program is using your data for a long time. Nothing was changed. Please try again.");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return _ ("Your data cannot be opened for writing here. Nothing was changed. Please check that the file and its "
                "folder may be written to.");
    default:
      return NULL;
    }
}

/* Sets @error from a result code of SQLite. */
void
replica_set_error_code (int code, const char *details, GError **error)
{
  const char *sentence = get_sentence (code);

  if (sentence != NULL)
    g_set_error_literal (error, SATCHEL_DATA_ERROR, classify (code), sentence);
  else
    g_set_error (error, SATCHEL_DATA_ERROR, classify (code),
                 _ ("Reading or writing your data failed (%s). Everything saved before is safe. Please try again."),
                 details);
}

/* What is found damaged is looked through before it is opened again. */
void
replica_set_error (sqlite3 *db, GError **error)
{
  const char *path = db != NULL ? sqlite3_db_filename (db, NULL) : NULL;

  if (path != NULL && classify (sqlite3_errcode (db)) == SATCHEL_DATA_ERROR_CORRUPT)
    replica_files_set_suspicious (path, TRUE);

  replica_set_error_code (sqlite3_extended_errcode (db), sqlite3_errmsg (db), error);
}

static gboolean
is_log_doubtful (ReplicaConnection *self)
{
  return self->log_is_doubtful || replica_files_is_log_doubtful (self->path);
}

/* Other processes write into the log too, and so will the next one. */
static void
note_code (ReplicaConnection *self, int code)
{
  if (!replica_log_is_failed_sync (code))
    return;

  self->log_is_doubtful = TRUE;
  replica_files_set_log_doubtful (self->path, TRUE);
}

static void
note_failure (ReplicaConnection *self)
{
  note_code (self, sqlite3_extended_errcode (self->db));
}

/* ---- Opening and closing -------------------------------------------------------------------------- */

/* Takes the log in now and then. That it cannot be is no reason to refuse what was committed. */
static int
committed_cb (void *data, sqlite3 *db, const char *name, int n_pages)
{
  ReplicaConnection *self = data;

  if (n_pages >= CHECKPOINT_PAGES)
    note_code (self, sqlite3_wal_checkpoint_v2 (db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));

  return SQLITE_OK;
}

static gboolean
apply_settings (ReplicaConnection *self, ReplicaAccess access, GError **error)
{
  g_autofree char *settings = NULL;

  sqlite3_extended_result_codes (self->db, 1);
  sqlite3_busy_timeout (self->db, BUSY_TIMEOUT_MS);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);

  if (access == REPLICA_ACCESS_READ)
    settings = g_strdup_printf ("PRAGMA query_only=1; PRAGMA mmap_size=0; PRAGMA cache_size=-%d;", CACHE_KIB / 2);
  else
    settings = g_strdup_printf ("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                "PRAGMA mmap_size=0; PRAGMA cache_size=-%d; PRAGMA journal_size_limit=%d;"
                                "PRAGMA temp_store=MEMORY;",
                                CACHE_KIB, JOURNAL_LIMIT_BYTES);

  sqlite3_wal_hook (self->db, committed_cb, self);

  return replica_run_script (self, settings, error) && replica_functions_register (self->db, error);
}

static void
prepared_free (gpointer data)
{
  Prepared *prepared = data;

  sqlite3_finalize (prepared->statement);
  g_free (prepared->sql);
  g_free (prepared);
}

/**
 * replica_connection_open:
 * @path: the replica file; made when it is missing and is opened for writing
 * @access: what it is opened for; one connection of a process does all the writing
 * @error: why it cannot be opened
 *
 * Returns: (transfer full) (nullable): the connection
 */
ReplicaConnection *
replica_connection_open (const char *path, ReplicaAccess access, GError **error)
{
  g_autoptr (ReplicaConnection) self = g_new0 (ReplicaConnection, 1);
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE;

  check_thread ();

  self->path = g_strdup (path);
  self->statements = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, prepared_free);
  self->recent = g_hash_table_new (NULL, NULL);
  self->bucket_names = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->bucket_numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (sqlite3_open_v2 (path, &self->db, flags, NULL) != SQLITE_OK)
    {
      replica_set_error (self->db, error);
      return NULL;
    }

  if (!apply_settings (self, access, error))
    return NULL;

  return g_steal_pointer (&self);
}

/* What may not be on the disk is not taken out of the log: the power may go in the middle of that. */
void
replica_connection_close (ReplicaConnection *self)
{
  g_hash_table_unref (self->recent);
  g_hash_table_unref (self->statements);
  g_hash_table_unref (self->bucket_names);
  g_hash_table_unref (self->bucket_numbers);
  if (self->db != NULL && is_log_doubtful (self))
    sqlite3_db_config (self->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  sqlite3_close_v2 (self->db);
  g_free (self->path);
  g_free (self);
}

sqlite3 *
replica_connection_get_db (ReplicaConnection *self)
{
  return self->db;
}

GHashTable *
replica_connection_get_bucket_names (ReplicaConnection *self)
{
  return self->bucket_names;
}

GHashTable *
replica_connection_get_bucket_numbers (ReplicaConnection *self)
{
  return self->bucket_numbers;
}

void
replica_connection_forget_buckets (ReplicaConnection *self)
{
  g_hash_table_remove_all (self->bucket_names);
  g_hash_table_remove_all (self->bucket_numbers);
}

/* ---- Statements ----------------------------------------------------------------------------------- */

static Prepared *
prepare_anew (ReplicaConnection *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;
  Prepared *prepared;

  if (sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    {
      replica_set_error (self->db, error);
      return NULL;
    }

  prepared = g_new0 (Prepared, 1);
  prepared->sql = g_strdup (sql);
  prepared->statement = statement;
  g_hash_table_insert (self->statements, prepared->sql, prepared);

  return prepared;
}

static Prepared *
find_prepared (ReplicaConnection *self, const char *sql, GError **error)
{
  Prepared *prepared = g_hash_table_lookup (self->recent, sql);

  /* Another text may stand there by now. */
  if (prepared != NULL && strcmp (prepared->sql, sql) == 0)
    return prepared;

  prepared = g_hash_table_lookup (self->statements, sql);
  if (prepared == NULL)
    prepared = prepare_anew (self, sql, error);
  if (prepared != NULL)
    g_hash_table_insert (self->recent, (gpointer) sql, prepared);

  return prepared;
}

/* After a read that failed SQLite has rolled back by itself: what comes next would be there at once, and by itself. */
static gboolean
check_transaction (ReplicaConnection *self, GError **error)
{
  if (!self->in_transaction || !sqlite3_get_autocommit (self->db))
    return TRUE;

  replica_set_error_code (SQLITE_IOERR, sqlite3_errstr (SQLITE_IOERR), error);

  return FALSE;
}

/* Takes a statement from the connection's store, prepared on first use. A text is in use once at a time. */
ReplicaStatement *
replica_prepare (ReplicaConnection *self, const char *sql, GError **error)
{
  Prepared *prepared = check_transaction (self, error) ? find_prepared (self, sql, error) : NULL;

  if (prepared == NULL)
    return NULL;

  g_assert (!sqlite3_stmt_busy (prepared->statement));

  return prepared->statement;
}

void
replica_statement_release (ReplicaStatement *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

static void
bind_all (ReplicaStatement *statement, const char *kinds, va_list arguments)
{
  g_assert (sqlite3_bind_parameter_count (statement) == (int) strlen (kinds));

  for (int i = 0; kinds[i] != '\0'; i++)
    switch (kinds[i])
      {
      case 's':
        sqlite3_bind_text (statement, i + 1, va_arg (arguments, const char *), -1, SQLITE_TRANSIENT);
        break;
      case 'i':
        sqlite3_bind_int64 (statement, i + 1, va_arg (arguments, gint64));
        break;
      case 'r':
        sqlite3_bind_double (statement, i + 1, va_arg (arguments, double));
        break;
      case 'n':
        sqlite3_bind_null (statement, i + 1);
        break;
      default:
        g_assert_not_reached ();
      }
}

/**
 * replica_query:
 * @self: a connection
 * @error: why it cannot be prepared
 * @sql: the statement, a constant text or one made from the vocabulary
 * @kinds: a letter for each parameter: s text, i gint64, r double, n null
 *
 * Returns: (nullable): the statement, bound and ready for replica_step(), on loan
 */
ReplicaStatement *
replica_query (ReplicaConnection *self, GError **error, const char *sql, const char *kinds, ...)
{
  ReplicaStatement *statement = replica_prepare (self, sql, error);
  va_list arguments;

  if (statement == NULL)
    return NULL;

  va_start (arguments, kinds);
  bind_all (statement, kinds, arguments);
  va_end (arguments);

  return statement;
}

/* As replica_query(), carried out at once; rows are passed over. */
gboolean
replica_run (ReplicaConnection *self, GError **error, const char *sql, const char *kinds, ...)
{
  ReplicaStatement *statement = replica_prepare (self, sql, error);
  va_list arguments;

  if (statement == NULL)
    return FALSE;

  va_start (arguments, kinds);
  bind_all (statement, kinds, arguments);
  va_end (arguments);

  return replica_finish (statement, error);
}

/* Carries out statements without parameters that are used once. */
gboolean
replica_run_script (ReplicaConnection *self, const char *sql, GError **error)
{
  check_thread ();

  if (sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;

  note_failure (self);
  replica_set_error (self->db, error);

  return FALSE;
}

ReplicaStep
replica_step (ReplicaStatement *statement, GError **error)
{
  int code;

  check_thread ();

  code = sqlite3_step (statement);
  if (code == SQLITE_ROW)
    return REPLICA_ROW;
  if (code == SQLITE_DONE)
    return REPLICA_DONE;

  replica_set_error (sqlite3_db_handle (statement), error);

  return REPLICA_FAILED;
}

/* Steps to the end and gives the statement back. */
gboolean
replica_finish (ReplicaStatement *statement, GError **error)
{
  ReplicaStep step;

  do
    step = replica_step (statement, error);
  while (step == REPLICA_ROW);

  replica_statement_release (statement);

  return step == REPLICA_DONE;
}

const char *
replica_column_text (ReplicaStatement *statement, int column)
{
  return (const char *) sqlite3_column_text (statement, column);
}

char *
replica_column_dup_text (ReplicaStatement *statement, int column)
{
  return g_strdup (replica_column_text (statement, column));
}

gint64
replica_column_integer (ReplicaStatement *statement, int column)
{
  return sqlite3_column_int64 (statement, column);
}

/* The first column of the first row of a statement without parameters; 0 when there is none. */
gboolean
replica_query_integer (ReplicaConnection *self, const char *sql, gint64 *value, GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (self, error, sql, "");
  ReplicaStep step;

  *value = 0;
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  if (step == REPLICA_ROW)
    *value = replica_column_integer (statement, 0);

  return step != REPLICA_FAILED;
}

/* ---- Transactions --------------------------------------------------------------------------------- */

static gboolean
mend_log (ReplicaConnection *self, GError **error)
{
  int code = replica_log_write_anew (self->db);

  if (code != SQLITE_OK)
    {
      replica_set_error_code (code, sqlite3_errstr (code), error);
      return FALSE;
    }

  self->log_is_doubtful = FALSE;
  replica_files_set_log_doubtful (self->path, FALSE);

  return TRUE;
}

/* Nothing is written behind what may not be on the disk. */
gboolean
replica_begin (ReplicaConnection *self, GError **error)
{
  if (!replica_run (self, error, "BEGIN IMMEDIATE", ""))
    return FALSE;

  self->in_transaction = TRUE;
  if (!is_log_doubtful (self) || mend_log (self, error))
    return TRUE;

  replica_rollback (self);

  return FALSE;
}

gboolean
replica_commit (ReplicaConnection *self, GError **error)
{
  if (replica_run (self, error, "COMMIT", ""))
    {
      self->in_transaction = FALSE;
      return TRUE;
    }

  note_failure (self);

  return FALSE;
}

void
replica_mend_log (ReplicaConnection *self)
{
  if (is_log_doubtful (self) && replica_begin (self, NULL))
    replica_rollback (self);
}

/* What was committed is on the disk. */
gboolean
replica_sync (ReplicaConnection *self)
{
  int code = replica_log_sync (self->db);

  note_code (self, code);

  return code == SQLITE_OK;
}

/* What was read into memory in the transaction may never have been: it goes too. */
void
replica_rollback (ReplicaConnection *self)
{
  replica_connection_forget_buckets (self);
  self->in_transaction = FALSE;

  if (!sqlite3_get_autocommit (self->db))
    replica_run (self, NULL, "ROLLBACK", "");
}

/* ---- Settings and state --------------------------------------------------------------------------- */

/* %NULL when there is none. */
gboolean
replica_meta_get (ReplicaConnection *self, const char *name, char **value, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  *value = NULL;
  statement = replica_query (self, error, "SELECT value FROM _meta WHERE name = ?", "s", name);
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  if (step == REPLICA_ROW)
    *value = replica_column_dup_text (statement, 0);

  return step != REPLICA_FAILED;
}

/* 0 when there is none. */
gboolean
replica_meta_get_integer (ReplicaConnection *self, const char *name, gint64 *value, GError **error)
{
  g_autofree char *text = NULL;

  *value = 0;
  if (!replica_meta_get (self, name, &text, error))
    return FALSE;

  if (text != NULL)
    *value = g_ascii_strtoll (text, NULL, 10);

  return TRUE;
}

/* %NULL forgets it. */
gboolean
replica_meta_set (ReplicaConnection *self, const char *name, const char *value, GError **error)
{
  if (value == NULL)
    return replica_run (self, error, "DELETE FROM _meta WHERE name = ?", "s", name);

  return replica_run (self, error, "INSERT OR REPLACE INTO _meta (name, value) VALUES (?, ?)", "ss", name, value);
}

gboolean
replica_meta_set_integer (ReplicaConnection *self, const char *name, gint64 value, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  return replica_meta_set (self, name, text, error);
}
