/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"

G_BEGIN_DECLS

/* Stored; only add at the end. */
typedef enum
{
  REPLICA_LINE_PUT = 1,
  REPLICA_LINE_RAW = 2, /* a put of a type that this version does not know */
  REPLICA_LINE_EXIT = 3,
  REPLICA_LINE_DELETE = 4,
  REPLICA_LINE_DROP = 5, /* of a whole bucket */
} ReplicaLineKind;

/**
 * ReplicaLine: one thing that the server says of its records.
 * @record: of a put
 * @order: (nullable): of a put: where it stands in its type's own order, when that is known already
 * @type: of all but a put and a drop
 * @id: of all but a drop
 * @from: the bucket of an exit, a drop or a raw put
 * @to: (nullable): where an exit says that it went
 * @body: of a raw put: the wire object's text
 */
typedef struct
{
  ReplicaLineKind kind;
  SatchelRecord *record;
  char *order;
  char *type;
  char *id;
  char *from;
  char *to;
  char *body;
} ReplicaLine;

ReplicaLine *replica_line_new (ReplicaLineKind kind, const char *type, const char *id, const char *from,
                               const char *to);
/* %NULL: the text is no record. */
ReplicaLine *replica_line_new_put (const ReplicaSchema *schema, const char *text, gsize length, GError **error);
void replica_line_free (ReplicaLine *self);

/* Lines that wait in the file for the page at the head. */
gboolean replica_line_stage (ReplicaTransaction *tx, const ReplicaLine *line, GError **error);
typedef gboolean (*ReplicaLineFunc) (ReplicaLine *line, gpointer data, GError **error);
gboolean replica_line_foreach_staged (ReplicaTransaction *tx, ReplicaLineFunc func, gpointer data, GError **error);
gboolean replica_line_drop_staged (ReplicaTransaction *tx, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaLine, replica_line_free)

G_END_DECLS
