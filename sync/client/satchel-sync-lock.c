/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-sync-lock.h"

#include "records/satchel-error.h"

#define PATIENCE (10 * G_TIME_SPAN_SECOND)
#define LOOK_AGAIN_MS 20

/* Comes back early when it is cancelled. */
static void
wait_a_little (GCancellable *cancellable)
{
  GPollFD fd;

  if (cancellable == NULL || !g_cancellable_make_pollfd (cancellable, &fd))
    {
      g_usleep (LOOK_AGAIN_MS * G_TIME_SPAN_MILLISECOND);
      return;
    }
  g_poll (&fd, 1, LOOK_AGAIN_MS);
  g_cancellable_release_fd (cancellable);
}

/* Private: see the header. */
gboolean
satchel_sync_lock (SatchelReplica *replica, GCancellable *cancellable, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;

  while (TRUE)
    {
      g_autoptr (GError) reason = NULL;

      if (satchel_replica_lock_sync (replica, &reason))
        return TRUE;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!g_error_matches (reason, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_BUSY) || g_get_monotonic_time () >= deadline)
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      wait_a_little (cancellable);
    }
}
