/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One process at a time syncs a replica: a lock on a file beside it, which ends with the process. */

#include "satchel-config.h"

#include "replica-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "records/satchel-error.h"
#include "replica-files.h"

/* Threads of one process take turns as processes do. */
static GMutex mutex;

static gboolean
report_failure (int code, GError **error)
{
  if (code == EAGAIN || code == EACCES)
    g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_BUSY,
                         _ ("Another program is syncing this data right now. Please wait until it is done."));
  else
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO, _ ("The lock for syncing cannot be taken: %s."),
                 g_strerror (code));

  return FALSE;
}

/**
 * satchel_replica_lock_sync:
 * @self: a replica
 * @error: %SATCHEL_DATA_ERROR_BUSY when another holds it
 *
 * Takes the right to sync this replica, until satchel_replica_unlock_sync() or
 * the end of the process. Does not wait.
 *
 * Returns: whether it is held now
 */
gboolean
satchel_replica_lock_sync (SatchelReplica *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  if (self->sync_lock >= 0)
    return report_failure (EAGAIN, error);

  self->sync_lock = replica_files_lock (self->path, REPLICA_LOCK_SYNC, TRUE);

  return self->sync_lock >= 0 || report_failure (errno, error);
}

/**
 * satchel_replica_unlock_sync:
 * @self: a replica
 *
 * Gives the right to sync back; nothing happens when it is not held.
 */
void
satchel_replica_unlock_sync (SatchelReplica *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  if (self->sync_lock >= 0)
    close (self->sync_lock);

  self->sync_lock = -1;
}
