/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SQLite's locks on files, and the memory that the connections to one file share. They are those of one process after
 * the other, so they work on a dead disk too: what is open there must still be closed. */

#include "fault-vfs-private.h"

/* ---- Locks on the file ---------------------------------------------------------------------------- */

static gboolean
is_others (gpointer holder, FaultHandle *self)
{
  return holder != NULL && holder != self;
}

static int
lock_shared (FaultHandle *self)
{
  FaultFile *file = self->file;

  if (is_others (file->pending, self) || is_others (file->exclusive, self))
    return SQLITE_BUSY;

  if (self->lock < SQLITE_LOCK_SHARED)
    file->n_shared++;
  self->lock = SQLITE_LOCK_SHARED;

  return SQLITE_OK;
}

static int
lock_reserved (FaultHandle *self)
{
  if (is_others (self->file->reserved, self) || is_others (self->file->exclusive, self))
    return SQLITE_BUSY;

  self->file->reserved = self;
  self->lock = SQLITE_LOCK_RESERVED;

  return SQLITE_OK;
}

/* Who cannot have it yet keeps others from starting to read. */
static int
lock_exclusive (FaultHandle *self)
{
  FaultFile *file = self->file;

  if (is_others (file->reserved, self) || is_others (file->pending, self) || is_others (file->exclusive, self))
    return SQLITE_BUSY;

  file->pending = self;
  self->lock = SQLITE_LOCK_PENDING;
  if (file->n_shared > 1)
    return SQLITE_BUSY;

  file->exclusive = self;
  self->lock = SQLITE_LOCK_EXCLUSIVE;

  return SQLITE_OK;
}

int
fault_vfs_lock (sqlite3_file *file, int level)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);

  if (level <= self->lock)
    return SQLITE_OK;
  if (level == SQLITE_LOCK_SHARED)
    return lock_shared (self);
  if (level == SQLITE_LOCK_RESERVED)
    return lock_reserved (self);

  return lock_exclusive (self);
}

static void
drop_lock (gpointer *holder, FaultHandle *self)
{
  if (*holder == self)
    *holder = NULL;
}

int
fault_vfs_unlock (sqlite3_file *file, int level)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);

  if (self->lock <= level)
    return SQLITE_OK;

  drop_lock (&self->file->reserved, self);
  drop_lock (&self->file->pending, self);
  drop_lock (&self->file->exclusive, self);
  if (level == SQLITE_LOCK_NONE)
    self->file->n_shared--;
  self->lock = level;

  return SQLITE_OK;
}

int
fault_vfs_check_reserved_lock (sqlite3_file *file, int *reserved)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);

  *reserved = self->file->reserved != NULL || self->file->exclusive != NULL;

  return SQLITE_OK;
}

/* ---- Shared memory -------------------------------------------------------------------------------- */

int
fault_vfs_shm_map (sqlite3_file *file, int number, int size, int extend, void volatile **region)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);
  GPtrArray *regions = self->file->regions;

  *region = NULL;
  if (self->read_only && self->file->n_mapped == 0)
    return SQLITE_READONLY_CANTINIT;
  if (self->disk->dead)
    return SQLITE_IOERR_SHMMAP;

  self->file->n_mapped += !self->mapped;
  self->mapped = TRUE;
  while (extend && regions->len <= (guint) number)
    g_ptr_array_add (regions, g_malloc0 ((gsize) size));
  if ((guint) number < regions->len)
    *region = g_ptr_array_index (regions, (guint) number);

  return self->read_only ? SQLITE_READONLY : SQLITE_OK;
}

static void
unlock_place (FaultHandle *self, int place, int flags)
{
  if ((flags & SQLITE_SHM_SHARED) != 0)
    self->file->shared_locks[place]--;
  else
    drop_lock (&self->file->exclusive_locks[place], self);
}

static gboolean
place_is_free (FaultHandle *self, int place, int flags)
{
  return self->file->exclusive_locks[place] == NULL &&
         ((flags & SQLITE_SHM_SHARED) != 0 || self->file->shared_locks[place] == 0);
}

static void
lock_place (FaultHandle *self, int place, int flags)
{
  if ((flags & SQLITE_SHM_SHARED) != 0)
    self->file->shared_locks[place]++;
  else
    self->file->exclusive_locks[place] = self;
}

/* SQLite takes no lock twice, and gives back none that it does not have. */
int
fault_vfs_shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);
  gboolean locks = (flags & SQLITE_SHM_LOCK) != 0;

  for (int i = offset; locks && i < offset + n; i++)
    if (!place_is_free (self, i, flags))
      return SQLITE_BUSY;

  for (int i = offset; i < offset + n; i++)
    if (locks)
      lock_place (self, i, flags);
    else
      unlock_place (self, i, flags);

  return SQLITE_OK;
}

void
fault_vfs_shm_barrier (sqlite3_file *file)
{
  FaultHandle *self = (FaultHandle *) file;

  g_mutex_lock (&self->disk->mutex);
  g_mutex_unlock (&self->disk->mutex);
}

/* The first to come finds nothing of those before: as FILE-shm, it is made anew. */
int
fault_vfs_shm_unmap (sqlite3_file *file, int delete_it)
{
  FaultHandle *self = (FaultHandle *) file;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->disk->mutex);

  if (!self->mapped)
    return SQLITE_OK;

  self->mapped = FALSE;
  self->file->n_mapped--;
  if (self->file->n_mapped == 0)
    g_ptr_array_set_size (self->file->regions, 0);

  return SQLITE_OK;
}
