/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What went wrong on purpose, by kind. */
typedef enum
{
  FAULT_REQUEST_DROPPED,
  FAULT_ANSWER_DROPPED,
  FAULT_REQUEST_TWICE,
  FAULT_REORDERED,
  FAULT_REQUEST_CUT,
  FAULT_ANSWER_CUT,
  FAULT_DEVICE_KILLED,
  FAULT_SERVER_KILLED,
  FAULT_POWER_LOST,
  FAULT_CLONED,
  FAULT_REPLICA_RESTORED,
  FAULT_SERVER_RESTORED,
  FAULT_CLOCK_JUMP,
  FAULT_SCOPE_CHANGE,
  FAULT_DEVICE_REVOKED,
  FAULT_DISK_FULL,
  N_FAULTS,
} Fault;

const char *fault_get_name (Fault fault);

/* What happened, step by step, in words; and a hash of it all. */
typedef struct
{
  gboolean prints; /* each line as it comes */
  gboolean frames; /* and what is said over the network */
  guint64 hash;
  guint step;
  guint faults[N_FAULTS];
  GString *problems; /* empty: none */
} SimTrace;

void sim_trace_init (SimTrace *self, gboolean prints);
void sim_trace_clear (SimTrace *self);
void sim_trace_say (SimTrace *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Only for whoever reads along: not part of what must be the same each time. */
void sim_trace_tell (SimTrace *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void sim_trace_fault (SimTrace *self, Fault fault);
/* Something that must not be. */
void sim_trace_fail (SimTrace *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean sim_trace_has_failed (SimTrace *self);

G_END_DECLS
