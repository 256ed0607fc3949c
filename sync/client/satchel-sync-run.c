/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include <glib/gi18n-lib.h>

#include "satchel-connection-private.h"
#include "satchel-token-store.h"

/* The longest that a server may be asked to hold an answer, in seconds. */
#define MAX_WAIT 300

/* Private: signs the connection in as the replica's device. */
gboolean
satchel_connection_load_token (SatchelConnection *self, const char *device_id, SatchelTokenPlace *place, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree char *token = satchel_token_store_load (device_id, place, &reason);

  satchel_connection_set_token (self, token);
  if (token != NULL)
    return TRUE;

  if (reason != NULL)
    g_set_error_literal (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_SIGNED_OUT, reason->message);
  else
    g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_SIGNED_OUT,
                 _ ("This device is not signed in. Your work is safe on it; sign in again to send it."));

  return FALSE;
}

/* Private: the token is kept first, then the replica becomes the new device's: wherever this stops, work is safe. The
 * token of the old device stays; the copy that this one parts from may need it. */
gboolean
satchel_connection_take_fork (SatchelConnection *self, SatchelSyncCore *core, SatchelTokenPlace place, GError **error)
{
  const char *token = satchel_sync_core_get_fork_token (core);

  if (!satchel_token_store_save (satchel_sync_core_get_fork_device (core), token, place, error))
    return FALSE;
  satchel_connection_set_token (self, token);

  return satchel_sync_core_accept_fork (core, error);
}

/* Private: a connection to the replica's server, as the replica's device. */
SatchelConnection *
satchel_connection_new_for_replica (SatchelReplica *replica, SatchelTokenPlace *place, GError **error)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (replica, error);
  g_autoptr (SatchelConnection) connection = NULL;

  if (link == NULL)
    return NULL;
  if (link->server == NULL || link->device_id == NULL)
    {
      g_set_error (
          error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_NOT_CONNECTED,
          _ ("Satchel is not connected to a server yet. Your work is kept on this device; connect to share it."));
      return NULL;
    }

  connection = satchel_connection_new (link->server, link->ca_file, error);
  if (connection == NULL || !satchel_connection_load_token (connection, link->device_id, place, error))
    return NULL;

  return g_steal_pointer (&connection);
}

/* One whole sync. */
typedef struct
{
  SatchelConnection *connection;
  SatchelSyncCore *core;
  SatchelTokenPlace place;
  GCancellable *cancellable;
} Run;

static void
run_clear (Run *run)
{
  g_clear_object (&run->connection);
  g_clear_pointer (&run->core, satchel_sync_core_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static gboolean
exchange (Run *run, guint wait, SatchelSyncStep *step, GError **error)
{
  g_autoptr (GBytes) request = satchel_sync_core_prepare (run->core, wait, error);
  g_autoptr (GBytes) answer = NULL;

  if (request == NULL)
    return FALSE;
  answer = satchel_connection_sync (run->connection, request, wait, run->cancellable, error);
  if (answer == NULL)
    {
      satchel_sync_core_fail (run->core);
      return FALSE;
    }
  if (!satchel_sync_core_receive (run->core, answer, step, error))
    return FALSE;

  return *step != SATCHEL_SYNC_STEP_FORKED ||
         satchel_connection_take_fork (run->connection, run->core, run->place, error);
}

static gboolean
run_to_head (Run *run, guint wait, GError **error)
{
  SatchelSyncStep step;

  do
    {
      if (!exchange (run, wait, &step, error))
        return FALSE;
      wait = 0;
    }
  while (step != SATCHEL_SYNC_STEP_DONE);

  return TRUE;
}

static gboolean
has_news (Run *run)
{
  const SatchelSyncCounts *counts = satchel_sync_core_get_counts (run->core);

  return counts->pushed > 0 || counts->pulled > 0;
}

static gboolean
run_and_wait (Run *run, guint wait, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + wait * G_TIME_SPAN_SECOND;

  if (!run_to_head (run, 0, error))
    return FALSE;
  while (!has_news (run))
    {
      gint64 left = (deadline - g_get_monotonic_time () + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND;

      if (wait == 0 || left <= 0)
        break;
      if (!run_to_head (run, MIN (left, MAX_WAIT), error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
run_locked (SatchelReplica *replica, guint wait, GCancellable *cancellable, SatchelSyncCounts *counts, GError **error)
{
  g_auto (Run) run = { .cancellable = cancellable };
  gboolean whole;

  run.connection = satchel_connection_new_for_replica (replica, &run.place, error);
  if (run.connection == NULL)
    return FALSE;
  run.core = satchel_sync_core_new (replica);
  whole = run_and_wait (&run, wait, error);
  if (counts != NULL)
    *counts = *satchel_sync_core_get_counts (run.core);

  return whole;
}

/**
 * satchel_sync_run:
 * @replica: a replica
 * @wait: with nothing pushed or pulled on the way to the head, seconds to wait there for news
 * @cancellable: (nullable): stops it; what is laid down stays so
 * @counts: (out) (optional): what was done, also on failure
 * @error: set to a #SatchelSyncError or #SatchelDataError, or %G_IO_ERROR_CANCELLED
 *
 * One whole sync: sends everything, takes everything in up to the head of the
 * feed, parts from a copy of this device where there is one. Blocks.
 *
 * Returns: whether the replica is at the head with everything sent
 */
gboolean
satchel_sync_run (SatchelReplica *replica, guint wait, GCancellable *cancellable, SatchelSyncCounts *counts,
                  GError **error)
{
  gboolean whole;

  g_return_val_if_fail (SATCHEL_IS_REPLICA (replica), FALSE);

  if (counts != NULL)
    *counts = (SatchelSyncCounts) { 0 };
  if (!satchel_replica_lock_sync (replica, error))
    return FALSE;
  whole = run_locked (replica, wait, cancellable, counts, error);
  satchel_replica_unlock_sync (replica);

  return whole;
}
