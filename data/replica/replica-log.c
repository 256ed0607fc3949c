/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-log.h"

#define CHUNK 65536

gboolean
replica_log_is_failed_sync (int code)
{
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

static int
write_over (sqlite3_file *log, sqlite3_int64 size)
{
  g_autofree char *chunk = g_malloc (CHUNK);
  int code = SQLITE_OK;

  for (sqlite3_int64 offset = 0; code == SQLITE_OK && offset < size; offset += CHUNK)
    {
      int length = (int) MIN (CHUNK, size - offset);

      code = log->pMethods->xRead (log, chunk, length, offset);
      if (code == SQLITE_OK)
        code = log->pMethods->xWrite (log, chunk, length, offset);
    }

  return code;
}

static int
find_log (sqlite3 *db, sqlite3_file **log)
{
  int code = sqlite3_file_control (db, "main", SQLITE_FCNTL_JOURNAL_POINTER, log);

  /* Until something is written there is none. */
  return code == SQLITE_OK && (*log)->pMethods == NULL ? SQLITE_NOTFOUND : code;
}

int
replica_log_sync (sqlite3 *db)
{
  sqlite3_file *log = NULL;
  int code = find_log (db, &log);

  return code == SQLITE_OK ? log->pMethods->xSync (log, SQLITE_SYNC_NORMAL) : code;
}

int
replica_log_write_anew (sqlite3 *db)
{
  sqlite3_file *log = NULL;
  sqlite3_int64 size = 0;
  int code = find_log (db, &log);

  if (code == SQLITE_OK)
    code = log->pMethods->xFileSize (log, &size);
  if (code == SQLITE_OK)
    code = write_over (log, size);

  return code == SQLITE_OK ? log->pMethods->xSync (log, SQLITE_SYNC_NORMAL) : code;
}
