/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"

G_BEGIN_DECLS

/* One row of a type's table: the record as shown. @pending names the units that show unsettled work, see
 * replica_pending_set(). */
typedef struct
{
  gint64 key;
  SatchelRecord *record;
  char *pending;
} ReplicaRow;

void replica_row_free (ReplicaRow *self);

/* The record of a row of ReplicaTable.columns. */
SatchelRecord *replica_rows_read (ReplicaConnection *connection, const ReplicaTable *table, ReplicaStatement *statement,
                                  GError **error);
/* %NULL without an error: there is none. */
gboolean replica_rows_find (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id,
                            ReplicaRow **row, GError **error);
gboolean replica_rows_find_in (ReplicaConnection *connection, const ReplicaTable *table, const char *id,
                               ReplicaRow **row, GError **error);
gboolean replica_rows_find_by_key (ReplicaConnection *connection, const ReplicaTable *table, gint64 key,
                                   ReplicaRow **row, GError **error);
gboolean replica_rows_locate (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id,
                              const ReplicaTable **table, gint64 *key, GError **error);

/* Writing. @order: (nullable): replica_table_dup_order() when the caller has it already. */
gboolean replica_rows_insert (ReplicaTransaction *tx, SatchelRecord *record, const char *order, const char *pending,
                              gboolean *inserted, GError **error);
gboolean replica_rows_update (ReplicaTransaction *tx, gint64 key, SatchelRecord *record, const char *order,
                              const char *pending, GError **error);
gboolean replica_rows_delete (ReplicaTransaction *tx, const ReplicaTable *table, gint64 key, const char *id,
                              GError **error);
/* Updates or inserts. */
gboolean replica_rows_put (ReplicaTransaction *tx, SatchelRecord *record, const char *order, const char *pending,
                           GError **error);
/* 0 when there is none. */
gboolean replica_rows_find_key (ReplicaConnection *connection, const ReplicaTable *table, const char *id, gint64 *key,
                                GError **error);

/* What the row stands at in its type's own order. */
char *replica_table_dup_order (const ReplicaTable *table, const SatchelRecord *record);

/* Buckets are kept as numbers. 0 for %NULL. */
gboolean replica_bucket_intern (ReplicaConnection *connection, const char *name, gint64 *number, GError **error);
const char *replica_bucket_get_name (ReplicaConnection *connection, gint64 number);

/* For a newer vocabulary: values of fields and records of types that were kept unread. */
gboolean replica_rows_adopt_extra (ReplicaTransaction *tx, const ReplicaTable *table, GError **error);
gboolean replica_rows_adopt_raw (ReplicaTransaction *tx, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaRow, replica_row_free)

G_END_DECLS
