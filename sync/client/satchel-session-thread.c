/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The thread of a session: one attempt after the other, and the rest between them. */

#include "satchel-config.h"

#include "satchel-session-private.h"

#include "records/satchel-error.h"

/* Between attempts: doubled from one to the next, with as much again by chance. */
#define LONGEST_PAUSE (150 * G_TIME_SPAN_SECOND)

/* What is written while there is no server asks for an attempt, but not more often than so. */
#define EAGER_PAUSE (5 * G_TIME_SPAN_SECOND)

/* With the mutex held: whether the thread is to let go of everything. */
gboolean
satchel_session_must_leave (SatchelSession *self)
{
  return self->stopping || self->paused > 0;
}

/* ---- Resting ---- */

/* With the mutex held: whether the pause is over before its time. */
static gboolean
pause_is_over (SatchelSession *self, gint64 pause, gint64 began)
{
  gboolean eager = pause != SATCHEL_SESSION_FOR_EVER && self->written && g_get_monotonic_time () >= began + EAGER_PAUSE;

  /* Another process may have signed in. */
  if (self->latest.state == SATCHEL_SESSION_NOT_CONNECTED && self->written)
    return TRUE;

  return satchel_session_must_leave (self) || self->asked || (self->network && pause != SATCHEL_SESSION_FOR_EVER) ||
         eager;
}

void
satchel_session_rest (SatchelSession *self, gint64 pause)
{
  gint64 began = g_get_monotonic_time ();
  gint64 end = pause == SATCHEL_SESSION_FOR_EVER ? SATCHEL_SESSION_FOR_EVER : began + pause;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (!pause_is_over (self, pause, began))
    {
      gint64 now = g_get_monotonic_time ();
      gint64 eager = self->written && pause != SATCHEL_SESSION_FOR_EVER ? began + EAGER_PAUSE
                                                                        : SATCHEL_SESSION_FOR_EVER;

      if (now >= end)
        return;
      if (MIN (end, eager) == SATCHEL_SESSION_FOR_EVER)
        g_cond_wait (&self->cond, &self->mutex);
      else
        g_cond_wait_until (&self->cond, &self->mutex, MIN (end, eager));
    }
}

/* ---- When something fails ---- */

static SatchelSessionState
classify (const GError *reason)
{
  if (g_error_matches (reason, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_BUSY))
    return SATCHEL_SESSION_OFFLINE; /* another process has the replica in hand for a while */
  if (g_error_matches (reason, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_MASS_DELETION))
    return SATCHEL_SESSION_ASKING;
  if (reason->domain != SATCHEL_SYNC_ERROR)
    return SATCHEL_SESSION_FAILED;

  switch ((SatchelSyncError) reason->code)
    {
    case SATCHEL_SYNC_ERROR_UNREACHABLE:
    case SATCHEL_SYNC_ERROR_BUSY:
      return SATCHEL_SESSION_OFFLINE;
    case SATCHEL_SYNC_ERROR_CREDENTIALS:
    case SATCHEL_SYNC_ERROR_SIGNED_OUT:
    case SATCHEL_SYNC_ERROR_REFUSED:
      return SATCHEL_SESSION_SIGNED_OUT;
    case SATCHEL_SYNC_ERROR_NOT_CONNECTED:
      return SATCHEL_SESSION_NOT_CONNECTED;
    case SATCHEL_SYNC_ERROR_UNTRUSTED:
    case SATCHEL_SYNC_ERROR_NOT_A_SERVER:
    case SATCHEL_SYNC_ERROR_VERSION:
    case SATCHEL_SYNC_ERROR_ADDRESS:
    case SATCHEL_SYNC_ERROR_PROTOCOL:
    default:
      return SATCHEL_SESSION_FAILED;
    }
}

/* Whether only a person can change it: no further attempt is made before they ask for one. */
static gboolean
needs_person (const GError *reason)
{
  SatchelSessionState state = classify (reason);

  return state == SATCHEL_SESSION_SIGNED_OUT || state == SATCHEL_SESSION_NOT_CONNECTED ||
         state == SATCHEL_SESSION_ASKING ||
         g_error_matches (reason, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNTRUSTED) ||
         g_error_matches (reason, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_ADDRESS);
}

static gint64
choose_pause (SatchelSession *self, const GError *reason, int retry_after)
{
  gint64 pause = MAX (self->pause, retry_after * G_TIME_SPAN_SECOND);

  if (needs_person (reason))
    return SATCHEL_SESSION_FOR_EVER;
  self->pause = MIN (2 * self->pause, LONGEST_PAUSE);

  return pause + (gint64) (g_random_double () * (double) pause);
}

static void
show_failure (SatchelSession *self, const GError *reason)
{
  SatchelSessionState state = classify (reason);

  satchel_session_show_state (self, state, state == SATCHEL_SESSION_NOT_CONNECTED ? NULL : reason->message);
}

/* ---- The thread ---- */

static void
set_active (SatchelSession *self, gboolean active)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->active = active;
  if (!active)
    g_clear_object (&self->cancellable);
  g_cond_broadcast (&self->cond);
}

/* One attempt with all that it holds, up to its end. How long to rest then. */
static gint64
attempt (SatchelSession *self)
{
  g_autoptr (GError) reason = NULL;
  int retry_after = 0;

  if (satchel_session_take_replica (self, &reason))
    {
      satchel_session_converse (self, &reason);
      if (self->run != NULL)
        retry_after = satchel_connection_get_retry_after (satchel_sync_run_get_connection (self->run));
      g_clear_pointer (&self->run, satchel_sync_run_free);
      satchel_session_give_replica (self);
    }
  if (reason == NULL || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return 0;
  show_failure (self, reason);

  return choose_pause (self, reason, retry_after);
}

/* Waits while somebody signs in; FALSE when it is time to end. */
static gboolean
may_attempt (SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (self->paused > 0 && !self->stopping)
    g_cond_wait (&self->cond, &self->mutex);
  self->active = !self->stopping;

  return self->active;
}

static void
show_last_sync (SatchelSession *self)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (link == NULL || link->last_sync == NULL)
    return;
  g_set_str (&self->latest.last_sync, link->last_sync);
  satchel_session_show_soon (self);
}

gpointer
satchel_session_run_thread (gpointer data)
{
  SatchelSession *self = data;

  show_last_sync (self);
  while (may_attempt (self))
    {
      gint64 pause = attempt (self);

      set_active (self, FALSE);
      if (pause > 0)
        satchel_session_rest (self, pause);
    }

  return NULL;
}
