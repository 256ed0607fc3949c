/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-announcer.h"
#include "replica-pool.h"
#include "replica-writer.h"
#include "satchel-replica-sync.h"

G_BEGIN_DECLS

struct _SatchelReplica
{
  GObject parent_instance;

  char *path;
  const SatchelVocabulary *vocabulary;
  ReplicaSchema *schema;
  ReplicaAnnouncer *announcer;
  ReplicaPool *readers;
  ReplicaWriter *writer;

  char *set_aside; /* where a damaged file went */
  guint n_salvaged;
  int open_lock; /* file descriptor: the replica is in use; -1: not held */
  gboolean was_alone; /* nobody else had it open when it was opened */
  int sync_lock; /* file descriptor, -1: not held */
  GFileMonitor *monitor; /* (nullable): of what other processes write */
};

/* Whether the replica is open; %FALSE and @error after it was closed. */
gboolean replica_check_open (SatchelReplica *self, GError **error);

G_END_DECLS
