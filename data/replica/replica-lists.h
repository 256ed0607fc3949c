/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"
#include "replica-query.h"

G_BEGIN_DECLS

gboolean replica_lists_count (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelQuery *query,
                              guint64 *count, GError **error);
GPtrArray *replica_lists_page (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelQuery *query,
                               const SatchelRecord *after, guint limit, GError **error);
SatchelOutline *replica_lists_outline (ReplicaConnection *connection, const ReplicaSchema *schema,
                                       const SatchelQuery *query, guint page_size, GError **error);
GPtrArray *replica_lists_page_at (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelQuery *query,
                                  const SatchelOutline *outline, guint page, GError **error);

G_END_DECLS
