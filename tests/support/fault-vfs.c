/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Fault disks as SQLite sees them. */

#include "fault-vfs.h"

#include <errno.h>
#include <string.h>

#include "fault-vfs-private.h"

#define MAX_PATH 512
#define SECTOR 4096

static sqlite3_vfs *real;
static sqlite3_vfs vfs;
static guint64 chance;

/* ---- Errors --------------------------------------------------------------------------------------- */

static int
translate (int code, int otherwise)
{
  switch (code)
    {
    case 0:
      return SQLITE_OK;
    case ENOSPC:
      return SQLITE_FULL;
    case EROFS:
      return SQLITE_READONLY;
    default:
      return otherwise;
    }
}

/* ---- Files ---------------------------------------------------------------------------------------- */

static int
close_file (sqlite3_file *file)
{
  FaultHandle *self = (FaultHandle *) file;

  fault_vfs_shm_unmap (file, 0);
  fault_vfs_unlock (file, SQLITE_LOCK_NONE);
  g_mutex_lock (&self->disk->mutex);
  if (self->deletes)
    fault_disk_delete (self->disk, self->name, FALSE);
  self->disk->n_open--;
  fault_file_unref (self->file);
  g_mutex_unlock (&self->disk->mutex);
  g_clear_pointer (&self->name, g_free);

  return SQLITE_OK;
}

static int
read_file (sqlite3_file *file, void *bytes, int length, sqlite3_int64 offset)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);
  gsize n_read;
  int code = fault_file_read (self->disk, self->file, bytes, (gsize) length, (gsize) offset, &n_read);

  if (code != 0)
    return SQLITE_IOERR_READ;
  if (n_read == (gsize) length)
    return SQLITE_OK;

  memset ((char *) bytes + n_read, 0, (gsize) length - n_read);

  return SQLITE_IOERR_SHORT_READ;
}

static int
write_file (sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);

  if (self->read_only)
    return SQLITE_READONLY;

  return translate (fault_file_write (self->disk, self->file, bytes, (gsize) length, (gsize) offset),
                    SQLITE_IOERR_WRITE);
}

static int
truncate_file (sqlite3_file *file, sqlite3_int64 size)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);

  return fault_file_truncate (self->disk, self->file, (gsize) size) == 0 ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int
sync_file (sqlite3_file *file, int flags)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);

  if (fault_file_sync (self->disk, self->file, self->syncs_folder) != 0)
    return SQLITE_IOERR_FSYNC;

  self->syncs_folder = FALSE;

  return SQLITE_OK;
}

static int
get_file_size (sqlite3_file *file, sqlite3_int64 *size)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);

  *size = self->file->data->len;

  return self->disk->dead ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int
control_file (sqlite3_file *file, int operation, void *argument)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);

  if (operation != SQLITE_FCNTL_HAS_MOVED)
    return SQLITE_NOTFOUND;

  *(int *) argument = fault_disk_find (self->disk, self->name) != self->file;

  return SQLITE_OK;
}

static int
get_sector_size (sqlite3_file *file)
{
  return SECTOR;
}

static int
get_characteristics (sqlite3_file *file)
{
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
  .iVersion = 2,
  .xClose = close_file,
  .xRead = read_file,
  .xWrite = write_file,
  .xTruncate = truncate_file,
  .xSync = sync_file,
  .xFileSize = get_file_size,
  .xLock = fault_vfs_lock,
  .xUnlock = fault_vfs_unlock,
  .xCheckReservedLock = fault_vfs_check_reserved_lock,
  .xFileControl = control_file,
  .xSectorSize = get_sector_size,
  .xDeviceCharacteristics = get_characteristics,
  .xShmMap = fault_vfs_shm_map,
  .xShmLock = fault_vfs_shm_lock,
  .xShmBarrier = fault_vfs_shm_barrier,
  .xShmUnmap = fault_vfs_shm_unmap,
};

/* ---- The folder ----------------------------------------------------------------------------------- */

static int
find_or_make (FaultDisk *disk, const char *name, int flags, FaultFile **file)
{
  FaultEffect effect;
  int code = fault_disk_meet (disk, FAULT_OPEN, &effect);

  if (code != 0)
    return code;

  *file = (flags & SQLITE_OPEN_CREATE) != 0 ? fault_disk_make (disk, name, &code) : fault_disk_find (disk, name);

  return code == 0 && *file == NULL ? ENOENT : code;
}

static void
start_handle (FaultHandle *self, FaultDisk *disk, FaultFile *file, const char *name, int flags)
{
  self->disk = disk;
  self->file = fault_file_ref (file);
  self->name = g_strdup (name);
  self->syncs_folder = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & SQLITE_OPEN_MAIN_DB) == 0;
  self->deletes = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  self->read_only = disk->read_only || (flags & SQLITE_OPEN_READONLY) != 0;
  self->base.pMethods = &methods;
  disk->n_open++;
}

static int
open_file (sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *flags_out)
{
  const char *name;
  FaultDisk *disk = fault_disk_lookup (path, &name);
  FaultHandle *handle = (FaultHandle *) file;
  FaultFile *found = NULL;

  if (disk == NULL)
    return real->xOpen (real, path, file, flags, flags_out);

  memset (handle, 0, sizeof *handle);
  g_mutex_lock (&disk->mutex);
  if (find_or_make (disk, name, flags, &found) == 0)
    start_handle (handle, disk, found, name, flags);
  g_mutex_unlock (&disk->mutex);
  if (found == NULL || handle->base.pMethods == NULL)
    return SQLITE_CANTOPEN;

  if (flags_out != NULL)
    *flags_out = handle->read_only ? (flags & ~SQLITE_OPEN_READWRITE) | SQLITE_OPEN_READONLY : flags;

  return SQLITE_OK;
}

static int
delete_file (sqlite3_vfs *self, const char *path, int sync_folder)
{
  const char *name;
  FaultDisk *disk = fault_disk_lookup (path, &name);
  int code;

  if (disk == NULL)
    return real->xDelete (real, path, sync_folder);

  g_mutex_lock (&disk->mutex);
  code = fault_disk_delete (disk, name, sync_folder != 0);
  g_mutex_unlock (&disk->mutex);

  return code == 0 ? SQLITE_OK : code == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
}

/* SQLite takes an empty file for none. */
static int
access_file (sqlite3_vfs *self, const char *path, int flags, int *accessible)
{
  const char *name;
  FaultDisk *disk = fault_disk_lookup (path, &name);
  const FaultFile *file;

  if (disk == NULL)
    return real->xAccess (real, path, flags, accessible);

  g_mutex_lock (&disk->mutex);
  file = fault_disk_find (disk, name);
  if (flags == SQLITE_ACCESS_EXISTS)
    *accessible = file != NULL && file->data->len > 0;
  else
    *accessible = file != NULL && !disk->read_only;
  g_mutex_unlock (&disk->mutex);

  return SQLITE_OK;
}

static int
make_full_path (sqlite3_vfs *self, const char *path, int size, char *full)
{
  const char *name;

  if (fault_disk_lookup (path, &name) == NULL)
    return real->xFullPathname (real, path, size, full);

  return g_strlcpy (full, path, (gsize) size) < (gsize) size ? SQLITE_OK : SQLITE_CANTOPEN;
}

/* ---- The rest of the system ----------------------------------------------------------------------- */

static int
get_chance (sqlite3_vfs *self, int length, char *bytes)
{
  FaultDisk source = { .chance = chance };

  for (int i = 0; i < length; i++)
    bytes[i] = (char) fault_disk_draw (&source, 256);
  chance = source.chance;

  return length;
}

static int
sleep_real (sqlite3_vfs *self, int microseconds)
{
  return real->xSleep (real, microseconds);
}

static int
get_time (sqlite3_vfs *self, sqlite3_int64 *time)
{
  return real->xCurrentTimeInt64 (real, time);
}

static int
get_last_error (sqlite3_vfs *self, int length, char *text)
{
  return 0;
}

void
fault_vfs_register (void)
{
  int code;

  real = sqlite3_vfs_find (NULL);
  vfs = (sqlite3_vfs) {
    .iVersion = 2,
    .szOsFile = MAX ((int) sizeof (FaultHandle), real->szOsFile),
    .mxPathname = MAX (MAX_PATH, real->mxPathname),
    .zName = "fault",
    .xOpen = open_file,
    .xDelete = delete_file,
    .xAccess = access_file,
    .xFullPathname = make_full_path,
    .xRandomness = get_chance,
    .xSleep = sleep_real,
    .xGetLastError = get_last_error,
    .xCurrentTimeInt64 = get_time,
  };
  code = sqlite3_vfs_register (&vfs, TRUE);
  g_assert (code == SQLITE_OK);
}

void
fault_vfs_seed (guint64 seed)
{
  chance = seed;
  sqlite3_randomness (0, NULL);
}
