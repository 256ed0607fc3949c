/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-mutation.h"
#include "replica-rows.h"

G_BEGIN_DECLS

/**
 * ReplicaLayer: who lays a mutation over a record, and when.
 * @cause: (nullable): for an effect: the account that the record hangs on, "" when it does not matter; %NULL for what was
 *   done to the record itself
 */
typedef struct
{
  gint64 n;
  const char *at;
  const char *user;
  const char *cause;
} ReplicaLayer;

/* @record: (inout) (nullable): as shown so far; @pending: (inout) (nullable): its pending units. */
void replica_overlay_lay (const ReplicaSchema *schema, const SatchelMutation *mutation, const ReplicaLayer *layer,
                          SatchelRecord **record, char **pending);

/* Before the first unsettled work is laid over a row: the server's version is kept aside. */
gboolean replica_overlay_keep_base (ReplicaTransaction *tx, const ReplicaRow *row, GError **error);
gboolean replica_overlay_get_base (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id,
                                   SatchelRecord **base, GError **error);
gboolean replica_overlay_set_base (ReplicaTransaction *tx, const SatchelRecord *base, GError **error);
gboolean replica_overlay_drop_base (ReplicaTransaction *tx, const char *id, GError **error);
/* Whether unsettled work touches the record. */
gboolean replica_overlay_is_touched (ReplicaConnection *connection, const char *id, gboolean *touched, GError **error);
/* Shows the record anew: the server's version with what is unsettled laid over it, in order. */
gboolean replica_overlay_recompute (ReplicaTransaction *tx, const char *id, SatchelRecord *landed, const char *order,
                                    GError **error);

SatchelMutation *replica_mutation_parse (const char *body, GError **error);
char *replica_mutation_dup_body (const SatchelMutation *mutation);

G_END_DECLS
