/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-mutation.h"
#include "replica-schema.h"
#include "satchel-replica-sync.h"

G_BEGIN_DECLS

/* Groups that were settled, for as long as a server may be brought back from a backup that does not have them: see
 * "Restored servers" in PROTOCOL.md. */

/* Keeps the groups that are about to be settled, with their outcomes. @at: by the server's clock. */
gboolean replica_journal_keep (ReplicaTransaction *tx, gint64 through, const char *at, GError **error);
/* What was kept before is settled again. */
gboolean replica_journal_keep_again (ReplicaTransaction *tx, const SatchelOutcome *outcome, GError **error);
/* Forgets what is older than thirty days. */
gboolean replica_journal_prune (ReplicaTransaction *tx, const char *at, GError **error);
/* Groups after number @after, ascending, with their outcomes; at least one where there is one.
 * (element-type SatchelGroup) */
GPtrArray *replica_journal_read (ReplicaConnection *connection, gint64 after, guint max_groups, gsize max_bytes,
                                 GError **error);
/* The same, as they are sent. (element-type SatchelOutgoing) */
GPtrArray *replica_journal_take (ReplicaConnection *connection, gint64 after, guint max_groups, gsize max_bytes,
                                 GError **error);
/* Under another number, for another device. */
gboolean replica_journal_renumber (ReplicaTransaction *tx, gint64 from, const SatchelGroup *group, GError **error);

G_END_DECLS
