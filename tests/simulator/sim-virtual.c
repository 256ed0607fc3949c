/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the shipping objects do by the real clock, or hear from the real system, happens here when the simulator says so:
 * the linker leads their calls here. */

#include "sim.h"

gpointer __wrap_g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout);
GFileMonitor *__wrap_g_file_monitor_file (GFile *file, GFileMonitorFlags flags, GCancellable *cancellable,
                                          GError **error);

/* The writer's pause for what is not urgent never ends: time stands still while it waits. */
gpointer
__wrap_g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout)
{
  return g_async_queue_pop (queue);
}

/* No other process writes to the replica. */
GFileMonitor *
__wrap_g_file_monitor_file (GFile *file, GFileMonitorFlags flags, GCancellable *cancellable, GError **error)
{
  return NULL;
}
