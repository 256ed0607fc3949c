/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Before a replica is opened: whether its file is there, may be written to, and is whole. */

#include "satchel-config.h"

#include "replica-opening.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "records/satchel-error.h"
#include "replica-connection.h"
#include "replica-files.h"
#include "replica-spare.h"

/* How long the look at a file that was merely not closed may take. */
#define CHECK_BUDGET_US G_USEC_PER_SEC
#define CHECK_STEPS 20000

/* ---- The file ------------------------------------------------------------------------------------- */

static gboolean
report_missing_file (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND,
               _ ("There is no file “%s”. Please check its name, or connect to your team first."), shown);

  return FALSE;
}

static gboolean
report_unusable_file (const char *path, int code, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, SATCHEL_DATA_ERROR, code == ENOSPC ? SATCHEL_DATA_ERROR_FULL : SATCHEL_DATA_ERROR_IO,
               _ ("Your data in “%s” cannot be opened for writing: %s. Nothing was changed."), shown,
               g_strerror (code));

  return FALSE;
}

gboolean
replica_opening_is_there (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS) || replica_spare_is_salvaging (path);
}

/* SQLite gives its other files the mode of the first. One that is there is not opened: closing it would take the locks
 * away that SQLite holds on it for this process. */
gboolean
replica_opening_ensure_file (const char *path, SatchelOpenFlags flags, GError **error)
{
  int fd;

  if (access (path, R_OK | W_OK) == 0)
    return TRUE;
  if (errno != ENOENT)
    return report_unusable_file (path, errno, error);
  if ((flags & SATCHEL_OPEN_MUST_EXIST) != 0)
    return report_missing_file (path, error);

  fd = g_open (path, O_RDWR | O_CLOEXEC | O_CREAT, 0600);
  if (fd < 0)
    return report_unusable_file (path, errno, error);

  close (fd);

  return TRUE;
}

/* ---- Damage --------------------------------------------------------------------------------------- */

static gboolean
report_damage (GError **error)
{
  replica_set_error_code (SQLITE_CORRUPT, NULL, error);

  return FALSE;
}

static int
budget_cb (void *data)
{
  return g_get_monotonic_time () > *(gint64 *) data;
}

static gboolean
table_is_whole (sqlite3 *db, const char *table)
{
  char *sql = sqlite3_mprintf ("PRAGMA quick_check (%Q)", table);
  sqlite3_stmt *statement = NULL;
  gboolean whole = TRUE;
  int code;

  sqlite3_prepare_v2 (db, sql, -1, &statement, NULL);
  sqlite3_free (sql);
  code = sqlite3_step (statement);
  if (code == SQLITE_ROW)
    whole = g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0;
  else if (code != SQLITE_INTERRUPT && code != SQLITE_DONE)
    whole = FALSE;
  sqlite3_finalize (statement);

  return whole;
}

/* Table by table: the check of all would also read the whole search, which can be made anew. */
static gboolean
tables_are_whole (sqlite3 *db)
{
  sqlite3_stmt *statement = NULL;
  gboolean whole = TRUE;
  int code = SQLITE_DONE;

  if (sqlite3_prepare_v2 (db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
                          -1, &statement, NULL) != SQLITE_OK)
    return FALSE;

  while (whole && (code = sqlite3_step (statement)) == SQLITE_ROW)
    whole = table_is_whole (db, (const char *) sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);

  return whole && (code == SQLITE_DONE || code == SQLITE_ROW || code == SQLITE_INTERRUPT);
}

/* @budget: in microseconds; 0: as long as it takes. */
static gboolean
file_is_whole (const char *path, gint64 budget)
{
  gint64 deadline = g_get_monotonic_time () + budget;
  sqlite3 *db = NULL;
  gboolean whole = FALSE;

  if (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
    {
      /* The log is not taken in before it is known to be on the disk. */
      sqlite3_db_config (db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
      if (budget > 0)
        sqlite3_progress_handler (db, CHECK_STEPS, budget_cb, &deadline);
      whole = tables_are_whole (db);
    }
  sqlite3_close (db);

  return whole;
}

/* An empty file beside unsettled work has lost what was in it, and one that was to take such work over never did. */
static gboolean
has_lost_all (const char *path)
{
  g_autoptr (ReplicaKept) spare = NULL;
  GStatBuf info;

  if (replica_spare_is_salvaging (path))
    return TRUE;
  if (g_stat (path, &info) != 0 || info.st_size > 0)
    return FALSE;

  spare = replica_spare_read (path);

  return !replica_kept_is_empty (spare);
}

gboolean
replica_opening_check (const char *path, gboolean is_alone, GError **error)
{
  gboolean was_left = is_alone && replica_files_was_left_unclean (path);

  if (has_lost_all (path))
    return report_damage (error);

  if (replica_files_is_suspicious (path))
    {
      if (!file_is_whole (path, 0))
        return report_damage (error);
      replica_files_set_suspicious (path, FALSE);
    }
  else if (was_left && !file_is_whole (path, CHECK_BUDGET_US))
    {
      return report_damage (error);
    }

  if (was_left)
    replica_files_set_log_doubtful (path, TRUE);

  return TRUE;
}
