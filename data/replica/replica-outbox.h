/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-mutation.h"
#include "replica-schema.h"

G_BEGIN_DECLS

/* The group that comes next, numbered and timed, and the hash that its own is chained to. */
gboolean replica_outbox_begin_group (ReplicaTransaction *tx, SatchelGroup *group, char **previous_hash, GError **error);
/* Adds a mutation of the group, or with @cause an effect of one. */
gboolean replica_outbox_add (ReplicaTransaction *tx, gint64 n, const SatchelMutation *mutation, const char *cause,
                             GError **error);
/* Computes the hash and lets the group wait to be sent. */
gboolean replica_outbox_end_group (ReplicaTransaction *tx, SatchelGroup *group, const char *previous_hash,
                                   GError **error);

/* (element-type SatchelGroup) */
GPtrArray *replica_outbox_read (ReplicaConnection *connection, gint64 after, guint max_groups, GError **error);
/* (element-type SatchelWork) */
GPtrArray *replica_outbox_list (ReplicaConnection *connection, GError **error);
/* Those that have no outcome. (element-type SatchelOutgoing) */
GPtrArray *replica_outbox_take (ReplicaTransaction *tx, gint64 after, guint max_groups, gsize max_bytes,
                                GError **error);
gboolean replica_outbox_mark_sent (ReplicaTransaction *tx, gint64 first, gint64 last, GError **error);
/* The last group between two, without its mutations; NULL when there is none. */
gboolean replica_outbox_find_last (ReplicaConnection *connection, gint64 first, gint64 last, SatchelGroup **group,
                                   GError **error);
/* Forgets settled groups; adds the ids of the records that they touched to @touched, without a value. */
gboolean replica_outbox_remove (ReplicaTransaction *tx, gint64 first, gint64 last, GHashTable *touched,
                                guint *n_removed, GError **error);

G_END_DECLS
