/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-log.h"

#include <string.h>

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

/* ---- What was not committed after all ------------------------------------------------------------- */

/* SQLite's files, as far as they are needed: see "WAL-mode File Format" in its documentation. */
#define INDEX_BYTES 32768
#define HEADER_BYTES 32
#define FRAME_HEADER_BYTES 24
#define SALTS_OFFSET 16 /* in the header of the log */
#define SALTS_BYTES 8

/* The beginning of the index that all processes share, numbers as the computer has them. */
typedef struct
{
  guint32 version;
  guint32 unused;
  guint32 change;
  guint8 is_initialised;
  guint8 has_big_endian_checksums;
  guint16 page_bytes; /* 1: 65536 */
  guint32 last_frame;
  guint32 n_pages;
  guint32 checksums[2];
  guint32 salts[2];
} Index;

static gboolean
read_index (sqlite3 *db, Index *index)
{
  sqlite3_file *file = NULL;
  volatile void *shared = NULL;

  if (sqlite3_file_control (db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || file->pMethods == NULL ||
      file->pMethods->iVersion < 2 || file->pMethods->xShmMap (file, 0, INDEX_BYTES, 0, &shared) != SQLITE_OK ||
      shared == NULL)
    return FALSE;
  memcpy (index, (const void *) shared, sizeof *index);

  return index->is_initialised != 0;
}

static gboolean
is_of_same_log (sqlite3_file *log, const Index *index)
{
  guint32 salts[2];

  return log->pMethods->xRead (log, salts, SALTS_BYTES, SALTS_OFFSET) == SQLITE_OK &&
         memcmp (salts, index->salts, SALTS_BYTES) == 0;
}

/* Frames behind the last one that counts were written for a commit that failed. Their checksums are right: whoever looks
 * through the log when this process was killed would take them for committed. */
static int
cut_tail (sqlite3 *db, sqlite3_file *log, sqlite3_int64 size)
{
  static const char nothing[FRAME_HEADER_BYTES];
  Index index;
  sqlite3_int64 end;

  if (!read_index (db, &index) || size < HEADER_BYTES || !is_of_same_log (log, &index))
    return SQLITE_OK;

  end = HEADER_BYTES +
        (sqlite3_int64) index.last_frame * (FRAME_HEADER_BYTES + (index.page_bytes == 1 ? 65536 : index.page_bytes));

  return end + FRAME_HEADER_BYTES <= size ? log->pMethods->xWrite (log, nothing, FRAME_HEADER_BYTES, end) : SQLITE_OK;
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
    code = cut_tail (db, log, size);
  if (code == SQLITE_OK)
    code = write_over (log, size);

  return code == SQLITE_OK ? log->pMethods->xSync (log, SQLITE_SYNC_NORMAL) : code;
}
