/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The right to sync the replica, which the session shares with other processes. */

#include "satchel-config.h"

#include "satchel-session-private.h"

#include "records/satchel-error.h"

/* Another process lets go without telling. */
#define LOOK_AGAIN (50 * G_TIME_SPAN_MILLISECOND)

/* A sync by somebody else that takes longer is shown as what it is. */
#define WORTH_SHOWING (2 * G_TIME_SPAN_SECOND)

static gboolean
wait_a_little (SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (!satchel_session_must_leave (self))
    g_cond_wait_until (&self->cond, &self->mutex, g_get_monotonic_time () + LOOK_AGAIN);

  return !satchel_session_must_leave (self);
}

gboolean
satchel_session_take_replica (SatchelSession *self, GError **error)
{
  gint64 worth_showing = g_get_monotonic_time () + WORTH_SHOWING;

  do
    {
      g_autoptr (GError) reason = NULL;

      self->holds_replica = satchel_replica_lock_sync (self->replica, &reason);
      if (self->holds_replica)
        return TRUE;
      if (!g_error_matches (reason, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_BUSY))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      if (g_get_monotonic_time () >= worth_showing)
        satchel_session_show_state (self, SATCHEL_SESSION_SYNCING, NULL);
    }
  while (wait_a_little (self));

  return FALSE;
}

void
satchel_session_give_replica (SatchelSession *self)
{
  if (self->holds_replica)
    satchel_replica_unlock_sync (self->replica);
  self->holds_replica = FALSE;
}
