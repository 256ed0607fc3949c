/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-connection.h"
#include "satchel-replica-sync.h"

G_BEGIN_DECLS

/**
 * ReplicaKept: the work that a server has not got, apart from the replica.
 * @link: (nullable): what tied the replica to its server
 * @groups: (element-type SatchelGroup): what was not settled, ascending
 * @tray: (element-type SatchelWork): what was refused
 *
 * As text it is lines of JSON: {"link":…}, {"group":…}, {"tray":…}.
 */
typedef struct
{
  SatchelLink *link;
  GPtrArray *groups;
  GPtrArray *tray;
} ReplicaKept;

ReplicaKept *replica_kept_new (void);
/* All of it from a replica that is whole. */
ReplicaKept *replica_kept_gather (ReplicaConnection *connection, GError **error);
void replica_kept_free (ReplicaKept *self);
gboolean replica_kept_is_empty (const ReplicaKept *self);
char *replica_kept_to_text (const ReplicaKept *self);
/* Takes what can be read; the rest is passed over. */
void replica_kept_add_text (ReplicaKept *self, const char *text);
/* Takes what @self does not have, and orders the groups. */
void replica_kept_merge (ReplicaKept *self, ReplicaKept *other);
/* One line, for appending. */
char *replica_kept_group_to_line (const SatchelGroup *group);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaKept, replica_kept_free)

G_END_DECLS
