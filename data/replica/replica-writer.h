/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"

G_BEGIN_DECLS

/* The thread that performs every write and every checkpoint of this process on the replica. */
typedef struct _ReplicaWriter ReplicaWriter;

/**
 * ReplicaDurability:
 * @REPLICA_DURABILITY_FULL: on disk before it is said to be done
 * @REPLICA_DURABILITY_NORMAL: whole after a power loss, but perhaps not there: for what can be had again
 */
typedef enum
{
  REPLICA_DURABILITY_FULL,
  REPLICA_DURABILITY_NORMAL,
} ReplicaDurability;

typedef gboolean (*ReplicaWriteFunc) (ReplicaTransaction *tx, gpointer data, GError **error);
typedef void (*ReplicaAnnounceFunc) (SatchelChanges *changes, gpointer data);

ReplicaWriter *replica_writer_new (const char *path, const ReplicaSchema *schema, ReplicaAnnounceFunc announce,
                                   gpointer announce_data);
void replica_writer_free (ReplicaWriter *self);
/* Opens the connection, makes or migrates the tables; before anything else. */
gboolean replica_writer_open (ReplicaWriter *self, GError **error);
/* Runs @func in one transaction on the writer's thread and waits for it. */
gboolean replica_writer_run (ReplicaWriter *self, ReplicaDurability durability, ReplicaWriteFunc func, gpointer data,
                             GError **error);
/* The same in two steps, for what is handed over while it is carried out. */
typedef struct _ReplicaWriting ReplicaWriting;
ReplicaWriting *replica_writer_start (ReplicaWriter *self, ReplicaDurability durability, ReplicaWriteFunc func,
                                      gpointer data);
gboolean replica_writer_wait (ReplicaWriter *self, ReplicaWriting *writing, GError **error);
/* Looks, some time, whether another process has written. */
void replica_writer_look_outside (ReplicaWriter *self);
/* Makes the indexes that are missing, and waits until the search has everything. */
gboolean replica_writer_catch_up (ReplicaWriter *self, GError **error);
/* Gives the space of what was deleted back. */
gboolean replica_writer_compact (ReplicaWriter *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaWriter, replica_writer_free)

G_END_DECLS
