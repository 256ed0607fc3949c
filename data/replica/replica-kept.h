/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-connection.h"
#include "satchel-replica-sync.h"

G_BEGIN_DECLS

#define REPLICA_KEPT_NO_VERSION (-1)

/**
 * ReplicaKeptMark: what a line says beside its group.
 * @version: as that of #ReplicaKept, when the group was made
 * @previous: (nullable): the hash that the group's own is chained to
 * @retried: (nullable): the id of the tray's entry that it takes the place of
 */
typedef struct
{
  gint64 version;
  char *previous;
  char *retried;
} ReplicaKeptMark;

/**
 * ReplicaKept: the work that a server has not got, apart from the replica.
 * @version: counts what happens to such work other than that a group is added or settled;
 *   %REPLICA_KEPT_NO_VERSION: not told
 * @link: (nullable): what tied the replica to its server
 * @groups: (element-type SatchelGroup): what was not settled, ascending
 * @tray: (element-type SatchelWork): what was refused
 * @marks: (element-type SatchelGroup ReplicaKeptMark): of groups that were read from lines
 *
 * As text it is lines of JSON: {"kept":VERSION,"link":…}, {"group":…,"kept":VERSION,"previous":…,"retried":…},
 * {"kept":VERSION,"tray":…}; earlier ones had only the link, the group, the entry in them.
 */
typedef struct
{
  gint64 version;
  SatchelLink *link;
  GPtrArray *groups;
  GPtrArray *tray;
  GHashTable *marks;
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
char *replica_kept_group_to_line (const SatchelGroup *group, const ReplicaKeptMark *mark);
/* What the hash of the group at @index is chained to; NULL when that is not known. The groups ascend. */
const char *replica_kept_get_previous_hash (const ReplicaKept *self, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaKept, replica_kept_free)

G_END_DECLS
