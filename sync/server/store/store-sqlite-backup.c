/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A copy of the store as of one moment. It gets its name when all of it is on the disk: a file of that name is whole. */

#include "satchel-config.h"

#include "store-sqlite-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

static gboolean
fail_file (const char *path, int code, GError **error)
{
  g_set_error (error, SATCHEL_STORE_ERROR,
               code == EEXIST   ? SATCHEL_STORE_ERROR_EXISTS
               : code == ENOSPC ? SATCHEL_STORE_ERROR_FULL
                                : SATCHEL_STORE_ERROR_FAILED,
               _ ("The backup cannot be written to “%s”: %s."), path, g_strerror (code));

  return FALSE;
}

/* It is nobody else's to read from the first byte on. */
static gboolean
make_private (const char *path, GError **error)
{
  int file = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  return file >= 0 ? g_close (file, error) : fail_file (path, errno, error);
}

/* In one step: those who write meanwhile do not disturb a reader of a WAL, nor it them. */
static gboolean
copy_pages (sqlite3 *from, sqlite3 *to, GError **error)
{
  sqlite3_backup *backup = sqlite3_backup_init (to, "main", from, "main");
  int code;

  if (backup == NULL)
    return store_sql_fail (to, error);

  sqlite3_backup_step (backup, -1);
  code = sqlite3_backup_finish (backup);

  return code == SQLITE_OK ? TRUE : store_sql_fail (to, error);
}

/* A plain file without a WAL beside it. */
static gboolean
copy_to (SatchelStoreSession *session, const char *path, GError **error)
{
  sqlite3 *copy = NULL;
  gboolean done = sqlite3_open_v2 (path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL) == SQLITE_OK &&
                  sqlite3_exec (copy, "PRAGMA synchronous = FULL", NULL, NULL, NULL) == SQLITE_OK;

  done = done ? copy_pages (SQLITE_SESSION (session)->database, copy, error) : store_sql_fail (copy, error);
  if (done && sqlite3_exec (copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
    done = store_sql_fail (copy, error);
  sqlite3_close (copy);

  return done;
}

static gboolean
sync_file (const char *path, int flags, GError **error)
{
  int file = g_open (path, flags | O_CLOEXEC, 0);
  gboolean done = file >= 0 && fsync (file) == 0;
  int code = errno;

  if (file >= 0)
    g_close (file, NULL);

  return done ? TRUE : fail_file (path, code, error);
}

/* Never over another file: two backups under one name would leave one. */
static gboolean
give_name (const char *from, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (link (from, path) != 0)
    return fail_file (path, errno, error);

  return sync_file (folder, O_RDONLY | O_DIRECTORY, error);
}

gboolean
store_sqlite_backup (SatchelStoreSession *session, const char *path, GError **error)
{
  g_autofree char *partial = g_strdup_printf ("%s.%08x.partial", path, g_random_int ());
  gboolean done;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return fail_file (path, EEXIST, error);
  if (!make_private (partial, error))
    return FALSE;

  done = copy_to (session, partial, error) && sync_file (partial, O_RDWR, error) && give_name (partial, path, error);
  g_unlink (partial);

  return done;
}
