/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The conversation of a session with its server. */

#include "satchel-config.h"

#include "satchel-session-private.h"

/* How long the server is asked to hold an answer for news, in seconds. */
#define POLL_WAIT 55

/* How long a held answer may take to come once another request has taken its place. */
#define SUPERSEDED_PATIENCE (250 * G_TIME_SPAN_MILLISECOND)

/* A server that answers at once, again and again, with nothing to say is not asked more often than so. */
#define HASTE (50 * G_TIME_SPAN_MILLISECOND)
#define MAX_HASTY_ANSWERS 5

/* ---- Listening ---- */

static void
arrived_cb (gpointer data)
{
  SatchelSession *self = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_cond_broadcast (&self->cond);
}

typedef enum
{
  WOKEN_BY_NEWS,
  WOKEN_BY_WORK,
  WOKEN_BY_NETWORK,
  WOKEN_TO_LEAVE,
} Woken;

/* With the mutex held; lets go of it to look into the replica, which announces its own syncs too. */
static gboolean
has_work (SatchelSession *self)
{
  gboolean unsent;

  if (self->asked)
    {
      self->asked = FALSE;
      return TRUE;
    }
  if (!self->written)
    return FALSE;

  self->written = FALSE;
  g_mutex_unlock (&self->mutex);
  unsent = satchel_sync_core_has_unsent (satchel_sync_run_get_core (self->run));
  g_mutex_lock (&self->mutex);

  return unsent;
}

static gboolean
has_network (SatchelSession *self)
{
  gboolean network = self->network;

  self->network = FALSE;

  return network;
}

static Woken
wait_for_something (SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (TRUE)
    {
      if (satchel_session_must_leave (self))
        return WOKEN_TO_LEAVE;
      if (has_work (self))
        return WOKEN_BY_WORK;
      if (has_network (self))
        return WOKEN_BY_NETWORK;
      if (satchel_errand_has_arrived (self->poll))
        return WOKEN_BY_NEWS;
      if (!self->written && !self->asked && !satchel_session_must_leave (self))
        g_cond_wait (&self->cond, &self->mutex);
    }
}

static void
drop_poll (SatchelSession *self)
{
  if (self->poll == NULL)
    return;

  satchel_errand_cancel (self->poll);
  g_clear_pointer (&self->poll, satchel_errand_free);
}

/* The server ends a held answer when another request comes; the wire it came on is then good for the next one. What it
 * says has been said to the other request too. */
static void
collect_superseded (SatchelSession *self)
{
  gint64 deadline = g_get_monotonic_time () + SUPERSEDED_PATIENCE;

  if (self->poll == NULL)
    return;

  g_mutex_lock (&self->mutex);
  while (!satchel_errand_has_arrived (self->poll) && !satchel_session_must_leave (self))
    if (!g_cond_wait_until (&self->cond, &self->mutex, deadline))
      break;
  g_mutex_unlock (&self->mutex);
  drop_poll (self);
}

static gboolean
start_poll (SatchelSession *self, GError **error)
{
  SatchelConnection *connection = satchel_sync_run_get_connection (self->run);
  g_autoptr (GBytes) request = satchel_sync_core_prepare (satchel_sync_run_get_core (self->run), POLL_WAIT, error);

  if (request == NULL)
    return FALSE;
  self->poll = satchel_errand_new (connection, request, POLL_WAIT, arrived_cb, self);
  self->poll_began = g_get_monotonic_time ();

  return TRUE;
}

static gboolean
receive_poll (SatchelSession *self, GError **error)
{
  SatchelSyncCore *core = satchel_sync_run_get_core (self->run);
  SatchelSyncCounts before = *satchel_sync_core_get_counts (core);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GBytes) answer = satchel_errand_finish (g_steal_pointer (&self->poll), &reason);
  gboolean hasty = g_get_monotonic_time () - self->poll_began < HASTE;

  if (answer == NULL)
    {
      satchel_sync_core_fail (core);
      if (satchel_sync_run_take_token (self->run, reason))
        return satchel_sync_run_to_head (self->run, 0, error);
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (!satchel_sync_run_receive (self->run, answer, error))
    return FALSE;

  hasty = hasty && before.pulled == satchel_sync_core_get_counts (core)->pulled &&
          before.pushed == satchel_sync_core_get_counts (core)->pushed;
  self->n_hasty = hasty ? self->n_hasty + 1 : 0;
  if (self->n_hasty > MAX_HASTY_ANSWERS)
    satchel_session_rest (self, SATCHEL_SESSION_SHORTEST_PAUSE);

  return TRUE;
}

/* Sends what was written on another wire than the one that listens. */
static gboolean
sync_beside_poll (SatchelSession *self, GError **error)
{
  gboolean whole;

  satchel_session_show_state (self, SATCHEL_SESSION_SYNCING, NULL);
  whole = satchel_sync_run_to_head (self->run, 0, error);
  collect_superseded (self);

  return whole;
}

/* While a poll only listens, any process may sync the replica. */
static gboolean
leave_replica (SatchelSession *self, GError **error)
{
  if (!satchel_sync_core_is_resting (satchel_sync_run_get_core (self->run)))
    return TRUE;

  self->left = satchel_replica_get_link (self->replica, error);
  if (self->left == NULL)
    return FALSE;
  satchel_session_give_replica (self);

  return TRUE;
}

static gboolean
is_as_left (const SatchelLink *left, const SatchelLink *found)
{
  return g_strcmp0 (left->server, found->server) == 0 && g_strcmp0 (left->device_id, found->device_id) == 0 &&
         g_strcmp0 (left->cursor, found->cursor) == 0 && g_strcmp0 (left->nonce, found->nonce) == 0 &&
         g_strcmp0 (left->proposed_nonce, found->proposed_nonce) == 0 && left->acknowledged == found->acknowledged;
}

/* FALSE without @error when it is time to leave, or when somebody else has synced: what the poll brings then belongs to
 * another state, and another conversation begins from what is there now. What they staged and did not lay down goes. */
static gboolean
return_to_replica (SatchelSession *self, GError **error)
{
  g_autoptr (SatchelLink) left = g_steal_pointer (&self->left);
  g_autoptr (SatchelLink) found = NULL;

  if (left == NULL)
    return TRUE;
  if (!satchel_session_take_replica (self, error))
    return FALSE;
  found = satchel_replica_get_link (self->replica, error);

  return found != NULL && satchel_replica_drop_staged (self->replica, error) && is_as_left (left, found);
}

/* FALSE also when it is time to leave, then without @error. */
static gboolean
listen_once (SatchelSession *self, GError **error)
{
  Woken woken;

  if (!start_poll (self, error) || !leave_replica (self, error))
    return FALSE;

  woken = wait_for_something (self);
  if (woken == WOKEN_TO_LEAVE || !return_to_replica (self, error))
    return FALSE;

  switch (woken)
    {
    case WOKEN_BY_NEWS:
      return receive_poll (self, error);
    case WOKEN_BY_WORK:
      return sync_beside_poll (self, error);
    case WOKEN_BY_NETWORK:
      drop_poll (self);
      return satchel_sync_run_to_head (self->run, 0, error);
    case WOKEN_TO_LEAVE:
    default:
      return FALSE;
    }
}

/* ---- One life of a connection ---- */

static void
progress_cb (SatchelSyncRun *run, gpointer data)
{
  SatchelSession *self = data;
  SatchelSyncCore *core = satchel_sync_run_get_core (run);
  gboolean arriving = satchel_sync_core_get_arriving (core);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->latest.state = arriving ? SATCHEL_SESSION_ARRIVING : SATCHEL_SESSION_SYNCING;
  self->latest.received = arriving ? satchel_sync_core_get_counts (core)->pulled : 0;
  satchel_session_show_soon (self);
}

static void
begin_attempt (SatchelSession *self, GCancellable *cancellable)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_set_object (&self->cancellable, cancellable);
  self->asked = FALSE;
  self->written = FALSE;
  self->network = FALSE;
  if (satchel_session_must_leave (self))
    g_cancellable_cancel (cancellable);
}

/* One life of a connection: to the head, then listening, until something fails or it is time to leave. */
gboolean
satchel_session_converse (SatchelSession *self, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gboolean whole;

  begin_attempt (self, cancellable);
  self->run = satchel_sync_run_new (self->replica, cancellable, error);
  if (self->run == NULL)
    return FALSE;

  satchel_session_show_state (self, SATCHEL_SESSION_SYNCING, NULL);
  satchel_sync_run_set_progress (self->run, progress_cb, self);
  whole = satchel_sync_run_to_head (self->run, 0, error);
  while (whole)
    {
      self->pause = SATCHEL_SESSION_SHORTEST_PAUSE;
      satchel_session_show_synced (self);
      whole = listen_once (self, error);
    }
  drop_poll (self);
  g_clear_pointer (&self->left, satchel_link_free);

  return FALSE;
}
