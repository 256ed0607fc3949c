/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-line.h"

#include "records/satchel-error.h"
#include "replica-rows.h"
#include "replica-wire.h"

#define RAW_MAX_DEPTH 32

ReplicaLine *
replica_line_new (ReplicaLineKind kind, const char *type, const char *id, const char *from, const char *to)
{
  ReplicaLine *self = g_new0 (ReplicaLine, 1);

  self->kind = kind;
  self->type = g_strdup (type);
  self->id = g_strdup (id);
  self->from = g_strdup (from);
  self->to = g_strdup (to);

  return self;
}

void
replica_line_free (ReplicaLine *self)
{
  g_clear_pointer (&self->record, satchel_record_unref);
  g_free (self->order);
  g_free (self->type);
  g_free (self->id);
  g_free (self->from);
  g_free (self->to);
  g_free (self->body);
  g_free (self);
}

/* ---- Puts ----------------------------------------------------------------------------------------- */

static ReplicaLine *
new_raw (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonNode) node = satchel_json_parse (text, (gssize) length, RAW_MAX_DEPTH, error);
  JsonObject *object;
  ReplicaLine *self;

  if (node == NULL)
    return NULL;

  /* It was read up to its type, so it is an object with an id. */
  object = json_node_get_object (node);
  self = replica_line_new (REPLICA_LINE_RAW, json_object_get_string_member (object, "type"),
                           json_object_get_string_member (object, "id"),
                           json_object_get_string_member_with_default (object, "bucket", NULL), NULL);
  self->body = satchel_json_to_canonical (node);

  return self;
}

/**
 * replica_line_new_put:
 * @schema: the tables
 * @text: the wire object's text, from anywhere
 * @length: its bytes
 * @error: %SATCHEL_DATA_ERROR_INVALID
 *
 * Returns: (transfer full) (nullable): the line, with all that can be found out without the file
 */
ReplicaLine *
replica_line_new_put (const ReplicaSchema *schema, const char *text, gsize length, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (SatchelRecord) record = replica_wire_read (schema, text, length, &problem);
  ReplicaLine *self;

  if (record == NULL && g_error_matches (problem, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_TYPE))
    return new_raw (text, length, error);
  if (record == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }

  self = g_new0 (ReplicaLine, 1);
  self->kind = REPLICA_LINE_PUT;
  self->order = replica_table_dup_order (replica_schema_get (schema, satchel_record_get_record_type (record)), record);
  self->record = g_steal_pointer (&record);

  return self;
}

/* ---- Lines that wait ------------------------------------------------------------------------------ */

gboolean
replica_line_stage (ReplicaTransaction *tx, const ReplicaLine *line, GError **error)
{
  g_autofree char *body = line->record != NULL ? replica_wire_write (line->record) : g_strdup (line->body);

  return replica_run (tx->connection, error,
                      "INSERT INTO _staged (kind, type, id, from_bucket, to_bucket, body) VALUES (?, ?, ?, ?, ?, ?)",
                      "isssss", (gint64) line->kind, line->type, line->id, line->from, line->to, body);
}

static ReplicaLine *
read_staged (ReplicaTransaction *tx, ReplicaStatement *statement, GError **error)
{
  ReplicaLineKind kind = (ReplicaLineKind) replica_column_integer (statement, 0);
  const char *body = replica_column_text (statement, 5);
  ReplicaLine *line;

  if (kind == REPLICA_LINE_PUT)
    return replica_line_new_put (tx->schema, body, (gsize) sqlite3_column_bytes (statement, 5), error);

  line = replica_line_new (kind, replica_column_text (statement, 1), replica_column_text (statement, 2),
                           replica_column_text (statement, 3), replica_column_text (statement, 4));
  line->body = g_strdup (body);

  return line;
}

/* @func does not keep the line. */
gboolean
replica_line_foreach_staged (ReplicaTransaction *tx, ReplicaLineFunc func, gpointer data, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (tx->connection, error,
                             "SELECT kind, type, id, from_bucket, to_bucket, body FROM _staged ORDER BY position", "");
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      g_autoptr (ReplicaLine) line = read_staged (tx, statement, error);

      if (line == NULL || !func (line, data, error))
        return FALSE;
    }

  return step == REPLICA_DONE;
}

gboolean
replica_line_drop_staged (ReplicaTransaction *tx, GError **error)
{
  return replica_run (tx->connection, error, "DELETE FROM _staged", "");
}
