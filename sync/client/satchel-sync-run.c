/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include <glib/gi18n-lib.h>

#include "satchel-sync-run.h"
#include "satchel-sync-lock.h"

/* ---- Connections for a replica ---- */

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

/* ---- Exchanges ---- */

struct _SatchelSyncRun
{
  SatchelReplica *replica;
  SatchelConnection *connection;
  SatchelSyncCore *core;
  SatchelTokenPlace place;
  GCancellable *cancellable;
  gulong cancelled_id;
  SatchelSyncRunFunc progress;
  gpointer progress_data;

  GMutex mutex;
  SatchelErrand *ahead; /* (nullable): the next page, on its way; guarded by the mutex */
};

static void
cancelled_cb (GCancellable *cancellable, SatchelSyncRun *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->ahead != NULL)
    satchel_errand_cancel (self->ahead);
}

static SatchelErrand *
steal_ahead (SatchelSyncRun *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return g_steal_pointer (&self->ahead);
}

static void
drop_ahead (SatchelSyncRun *self)
{
  g_autoptr (SatchelErrand) errand = steal_ahead (self);

  if (errand != NULL)
    satchel_errand_cancel (errand);
}

/* Asks for the next page while this one is laid down. */
static void
send_ahead (SatchelSyncRun *self, GBytes *answer)
{
  g_autoptr (GBytes) request = satchel_sync_core_look_ahead (self->core, answer);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (request == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  self->ahead = satchel_errand_new (self->connection, request, 0, NULL, NULL);
}

/* The answer that is on its way already, if it is for this request. It can be called back until it has arrived. */
static GBytes *
carry (SatchelSyncRun *self, GBytes *request, guint wait, GError **error)
{
  if (self->ahead != NULL && satchel_errand_get_request (self->ahead) == request)
    {
      satchel_errand_wait (self->ahead);
      return satchel_errand_finish (steal_ahead (self), error);
    }
  drop_ahead (self);

  return satchel_connection_sync (self->connection, request, wait, self->cancellable, error);
}

static gboolean
receive (SatchelSyncRun *self, GBytes *answer, SatchelSyncStep *step, GError **error)
{
  send_ahead (self, answer);
  if (!satchel_sync_core_receive (self->core, answer, step, error))
    return FALSE;
  if (self->progress != NULL)
    self->progress (self, self->progress_data);

  return *step != SATCHEL_SYNC_STEP_FORKED ||
         satchel_connection_take_fork (self->connection, self->core, self->place, error);
}

/* Another process may have been given a new token, which ends the one that is used here. */
gboolean
satchel_sync_run_take_token (SatchelSyncRun *self, const GError *reason)
{
  g_autoptr (SatchelLink) link = NULL;
  g_autofree char *token = NULL;

  if (!g_error_matches (reason, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_SIGNED_OUT))
    return FALSE;

  link = satchel_replica_get_link (self->replica, NULL);
  if (link != NULL && link->device_id != NULL)
    token = satchel_token_store_load (link->device_id, &self->place, NULL);
  if (token == NULL || satchel_connection_has_token (self->connection, token))
    return FALSE;

  satchel_connection_set_token (self->connection, token);

  return TRUE;
}

/* A token that is near its end does for now: if there is no new one yet, the next sync asks again. */
static void
renew_token (SatchelSyncRun *self)
{
  g_autoptr (SatchelLink) link = NULL;
  g_autoptr (GError) error = NULL;

  if (!satchel_sync_core_take_renewal (self->core))
    return;

  link = satchel_replica_get_link (self->replica, &error);
  if (link == NULL || link->device_id == NULL ||
      !satchel_connection_renew (self->connection, link->device_id, self->place, self->cancellable, &error))
    g_debug ("The token stays as it is: %s", error != NULL ? error->message : "signed out");
}

static gboolean
exchange (SatchelSyncRun *self, guint wait, SatchelSyncStep *step, GError **error)
{
  g_autoptr (GBytes) request = satchel_sync_core_prepare (self->core, wait, error);
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) reason = NULL;

  if (request == NULL)
    return FALSE;
  answer = carry (self, request, wait, &reason);
  if (answer == NULL)
    {
      satchel_sync_core_fail (self->core);
      *step = SATCHEL_SYNC_STEP_AGAIN;
      if (satchel_sync_run_take_token (self, reason))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }

  return receive (self, answer, step, error);
}

static gboolean
go_on (SatchelSyncRun *self, SatchelSyncStep step, guint wait, GError **error)
{
  while (step != SATCHEL_SYNC_STEP_DONE)
    {
      if (!exchange (self, wait, &step, error))
        {
          drop_ahead (self);
          return FALSE;
        }
      wait = 0;
    }
  drop_ahead (self);
  renew_token (self);

  return TRUE;
}

/* Private: with nothing to send, the first request may wait at the server for news. */
gboolean
satchel_sync_run_to_head (SatchelSyncRun *self, guint wait, GError **error)
{
  return go_on (self, SATCHEL_SYNC_STEP_AGAIN, wait, error);
}

/* Private: see the header. */
gboolean
satchel_sync_run_receive (SatchelSyncRun *self, GBytes *answer, GError **error)
{
  SatchelSyncStep step;

  if (receive (self, answer, &step, error))
    return go_on (self, step, 0, error);
  drop_ahead (self);

  return FALSE;
}

/* Private: the core. */
SatchelSyncCore *
satchel_sync_run_get_core (SatchelSyncRun *self)
{
  return self->core;
}

/* Private: the connection. */
SatchelConnection *
satchel_sync_run_get_connection (SatchelSyncRun *self)
{
  return self->connection;
}

/* Private: @progress is called on the thread that runs it. */
void
satchel_sync_run_set_progress (SatchelSyncRun *self, SatchelSyncRunFunc progress, gpointer data)
{
  self->progress = progress;
  self->progress_data = data;
}

/* Private: ready to sync @replica, which is locked for it. */
SatchelSyncRun *
satchel_sync_run_new (SatchelReplica *replica, GCancellable *cancellable, GError **error)
{
  SatchelTokenPlace place;
  SatchelConnection *connection = satchel_connection_new_for_replica (replica, &place, error);
  SatchelSyncRun *self;

  if (connection == NULL)
    return NULL;

  self = g_new0 (SatchelSyncRun, 1);
  g_mutex_init (&self->mutex);
  self->replica = g_object_ref (replica);
  self->connection = connection;
  self->place = place;
  self->core = satchel_sync_core_new (replica);
  if (cancellable != NULL)
    {
      self->cancellable = g_object_ref (cancellable);
      self->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
    }

  return self;
}

/* Private: frees a run; what is on its way is called back. */
void
satchel_sync_run_free (SatchelSyncRun *self)
{
  if (self == NULL)
    return;

  if (self->cancellable != NULL)
    g_cancellable_disconnect (self->cancellable, self->cancelled_id);
  drop_ahead (self);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->connection);
  g_clear_object (&self->replica);
  g_clear_pointer (&self->core, satchel_sync_core_free);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* ---- One whole sync ---- */

static gboolean
has_news (SatchelSyncRun *run)
{
  const SatchelSyncCounts *counts = satchel_sync_core_get_counts (run->core);

  return counts->pushed > 0 || counts->pulled > 0;
}

static gboolean
run_and_wait (SatchelSyncRun *run, guint wait, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + wait * G_TIME_SPAN_SECOND;

  if (!satchel_sync_run_to_head (run, 0, error))
    return FALSE;
  while (!has_news (run))
    {
      gint64 left = (deadline - g_get_monotonic_time () + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND;

      if (wait == 0 || left <= 0)
        break;
      if (!satchel_sync_run_to_head (run, MIN (left, SATCHEL_SYNC_MAX_WAIT), error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
run_locked (SatchelReplica *replica, guint wait, GCancellable *cancellable, SatchelSyncCounts *counts, GError **error)
{
  g_autoptr (SatchelSyncRun) run = satchel_sync_run_new (replica, cancellable, error);
  gboolean whole;

  if (run == NULL)
    return FALSE;
  whole = run_and_wait (run, wait, error);
  if (counts != NULL)
    *counts = *satchel_sync_core_get_counts (run->core);

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
  if (!satchel_sync_lock (replica, cancellable, error))
    return FALSE;
  whole = run_locked (replica, wait, cancellable, counts, error);
  satchel_replica_unlock_sync (replica);

  return whole;
}
