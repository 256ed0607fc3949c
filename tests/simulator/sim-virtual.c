/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the shipping objects do by the real clock, or hear from the real system, happens here when the simulator says so:
 * the linker leads their calls here. */

#include "sim-virtual.h"

#include <string.h>

gpointer __wrap_g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout);
GFileMonitor *__wrap_g_file_monitor_file (GFile *file, GFileMonitorFlags flags, GCancellable *cancellable,
                                          GError **error);

/* The writer's pause for what is not urgent never ends: time stands still while it waits. */
gpointer
__wrap_g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout)
{
  return g_async_queue_pop (queue);
}

/* ---- Warnings ------------------------------------------------------------------------------------- */

static Sim *listener;

static gboolean
somebody_is_dead (Sim *sim)
{
  gboolean dead = fault_disk_is_dead (sim->server.disk);

  for (guint i = 0; i < sim->devices->len; i++)
    dead |= fault_disk_is_dead (((SimDevice *) g_ptr_array_index (sim->devices, i))->disk);

  return dead;
}

static const char *
get_message (const GLogField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_strcmp0 (fields[i].key, "MESSAGE") == 0)
      return fields[i].value;

  return "";
}

/* A process that was killed says nothing; one whose disk is full says just that. */
static gboolean
is_expected (const GLogField *fields, gsize n_fields)
{
  return somebody_is_dead (listener) || strstr (get_message (fields, n_fields), "The disk is full") != NULL;
}

static GLogWriterOutput
hear (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if ((level & G_LOG_LEVEL_ERROR) != 0 || listener == NULL)
    return g_log_writer_default (level, fields, n_fields, NULL);
  if (level <= G_LOG_LEVEL_WARNING && !is_expected (fields, n_fields))
    sim_trace_fail (&listener->trace, "warning: %s", get_message (fields, n_fields));

  return G_LOG_WRITER_HANDLED;
}

void
sim_virtual_listen (Sim *sim)
{
  static gboolean hears;

  listener = sim;
  if (!hears)
    g_log_set_writer_func (hear, NULL, NULL);
  hears = TRUE;
}

/* No other process writes to the replica. */
GFileMonitor *
__wrap_g_file_monitor_file (GFile *file, GFileMonitorFlags flags, GCancellable *cancellable, GError **error)
{
  return NULL;
}
