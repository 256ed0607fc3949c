/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "sim-trace.h"

#include <stdio.h>

#define MAX_PROBLEMS_BYTES 4000

static const char *const fault_names[] = {
  [FAULT_REQUEST_DROPPED] = "requests dropped",
  [FAULT_ANSWER_DROPPED] = "answers dropped",
  [FAULT_REQUEST_TWICE] = "requests sent twice",
  [FAULT_REORDERED] = "messages overtaken",
  [FAULT_REQUEST_CUT] = "requests cut",
  [FAULT_ANSWER_CUT] = "answers cut",
  [FAULT_DEVICE_KILLED] = "devices killed",
  [FAULT_SERVER_KILLED] = "server killed",
  [FAULT_POWER_LOST] = "power lost",
  [FAULT_CLONED] = "replicas cloned",
  [FAULT_REPLICA_RESTORED] = "replicas restored",
  [FAULT_SERVER_RESTORED] = "server restored",
  [FAULT_CLOCK_JUMP] = "clocks set",
  [FAULT_SCOPE_CHANGE] = "rights changed",
  [FAULT_DEVICE_REVOKED] = "devices revoked",
  [FAULT_DISK_FULL] = "disks full",
};

const char *
fault_get_name (Fault fault)
{
  return fault_names[fault];
}

void
sim_trace_init (SimTrace *self, gboolean prints)
{
  *self = (SimTrace) { .prints = prints, .hash = G_GUINT64_CONSTANT (0xcbf29ce484222325) };
  self->problems = g_string_new (NULL);
}

void
sim_trace_clear (SimTrace *self)
{
  g_string_free (self->problems, TRUE);
}

/* FNV-1a */
static void
hash_line (SimTrace *self, const char *line)
{
  for (const char *c = line; *c != '\0'; c++)
    self->hash = (self->hash ^ (guint8) *c) * G_GUINT64_CONSTANT (0x100000001b3);
}

void
sim_trace_say (SimTrace *self, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  hash_line (self, line);
  if (self->prints)
    printf ("%4u  %s\n", self->step, line);
}

void
sim_trace_tell (SimTrace *self, const char *format, ...)
{
  va_list arguments;

  if (!self->prints)
    return;
  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  putchar ('\n');
}

void
sim_trace_fault (SimTrace *self, Fault fault)
{
  self->faults[fault]++;
}

void
sim_trace_fail (SimTrace *self, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  hash_line (self, line);
  if (self->prints)
    printf ("%4u  WRONG: %s\n", self->step, line);
  if (self->problems->len < MAX_PROBLEMS_BYTES)
    g_string_append_printf (self->problems, "step %u: %s\n", self->step, line);
}

gboolean
sim_trace_has_failed (SimTrace *self)
{
  return self->problems->len > 0;
}
