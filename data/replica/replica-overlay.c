/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows as shown: the server's version of a record with the device's own unsettled mutations laid over it, in the order
 * in which they were made. */

#include "satchel-config.h"

#include "replica-overlay.h"

#include <string.h>

#include "replica-pending.h"
#include "replica-wire.h"

#define MUTATION_MAX_DEPTH 40

/* ---- Mutations as text ---------------------------------------------------------------------------- */

SatchelMutation *
replica_mutation_parse (const char *body, GError **error)
{
  g_autoptr (JsonNode) node = satchel_json_parse (body, -1, MUTATION_MAX_DEPTH, error);

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return satchel_mutation_from_json (json_node_get_object (node), error);

  replica_set_error_code (SQLITE_CORRUPT, NULL, error);

  return NULL;
}

static char *
object_to_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  return satchel_json_to_canonical (node);
}

char *
replica_mutation_dup_body (const SatchelMutation *mutation)
{
  g_autoptr (JsonObject) object = satchel_mutation_to_json (mutation);

  return object_to_text (object);
}

/* ---- Laying one mutation over a record ------------------------------------------------------------ */

static void
mark (char **pending, const char *unit, const ReplicaLayer *layer)
{
  char *marked = replica_pending_set (*pending, unit, layer->n);

  g_free (*pending);
  *pending = marked;
}

/* What does not fit any more (a field that has gone) is sent all the same; the server says what becomes of it. */
static void
lay_units (const SatchelMutation *mutation, const ReplicaLayer *layer, SatchelRecord *record, char **pending)
{
  for (guint i = 0; i < mutation->units->len; i++)
    {
      const SatchelUnitChange *change = g_ptr_array_index (mutation->units, i);

      satchel_unit_change_apply (change, record, NULL);
      mark (pending, change->unit, layer);
    }
}

static void
lay_create (const ReplicaSchema *schema, const SatchelMutation *mutation, const ReplicaLayer *layer,
            SatchelRecord **record, char **pending)
{
  const ReplicaTable *table = replica_schema_find (schema, mutation->type);

  if (*record == NULL && table != NULL)
    {
      *record = satchel_record_new (table->type, mutation->id);
      satchel_record_set_created (*record, layer->at, layer->user);
    }

  if (*record == NULL)
    return;

  for (guint i = 0; i < mutation->units->len; i++)
    satchel_unit_change_apply (g_ptr_array_index (mutation->units, i), *record, NULL);
  mark (pending, REPLICA_PENDING_ALL, layer);
}

static void
put_back (SatchelRecord *record)
{
  satchel_record_set_deleted_at (record, NULL);
  satchel_record_set_deleted_with (record, NULL);
}

static gboolean
names_account (const ReplicaLayer *layer)
{
  return layer->cause != NULL && *layer->cause != '\0';
}

static void
lay_delete (const ReplicaLayer *layer, SatchelRecord *record)
{
  if (satchel_record_get_deleted_at (record) != NULL)
    return;

  satchel_record_set_deleted_at (record, layer->at);
  satchel_record_set_deleted_with (record, names_account (layer) ? layer->cause : NULL);
}

/* What went to the bin by itself stays there when its account comes back. */
static void
lay_restore (const ReplicaLayer *layer, SatchelRecord *record)
{
  if (!names_account (layer) || g_strcmp0 (satchel_record_get_deleted_with (record), layer->cause) == 0)
    put_back (record);
}

static void
set_text (SatchelRecord *record, const char *field, const char *text)
{
  guint index = 0;
  SatchelValue value = SATCHEL_VALUE_INIT;

  if (!satchel_type_lookup_field (satchel_record_get_record_type (record), field, &index))
    return;

  satchel_value_set_text (&value, text);
  satchel_record_take_value (record, index, &value);
}

static void
lay_resolve (const SatchelMutation *mutation, const ReplicaLayer *layer, SatchelRecord *conflict, char **pending)
{
  g_autofree char *resolution = object_to_text (mutation->resolution);

  set_text (conflict, "state", "resolved");
  set_text (conflict, "resolved_by", layer->user);
  set_text (conflict, "resolved_at", layer->at);
  set_text (conflict, "resolution", resolution);
  mark (pending, "state", layer);
}

static void
lay_patch (const SatchelMutation *mutation, const ReplicaLayer *layer, SatchelRecord *record, char **pending)
{
  /* A value that was chosen in a conflict brings its record back. */
  if (layer->cause != NULL && satchel_record_get_deleted_at (record) != NULL)
    {
      put_back (record);
      mark (pending, REPLICA_PENDING_DELETED, layer);
    }

  lay_units (mutation, layer, record, pending);
}

/**
 * replica_overlay_lay:
 * @schema: the tables
 * @mutation: what was done
 * @layer: by whom, when
 * @record: (inout) (nullable): the record as shown so far
 * @pending: (inout) (nullable): its units that show unsettled work
 *
 * Lays one mutation over a record as if nothing stood against it. What has no
 * record to be laid over shows nothing.
 */
void
replica_overlay_lay (const ReplicaSchema *schema, const SatchelMutation *mutation, const ReplicaLayer *layer,
                     SatchelRecord **record, char **pending)
{
  if (mutation->kind == SATCHEL_MUTATION_CREATE)
    lay_create (schema, mutation, layer, record, pending);
  else if (*record == NULL)
    return;
  else if (mutation->kind == SATCHEL_MUTATION_PATCH)
    lay_patch (mutation, layer, *record, pending);
  else if (mutation->kind == SATCHEL_MUTATION_RESOLVE)
    lay_resolve (mutation, layer, *record, pending);
  else if (mutation->kind == SATCHEL_MUTATION_DELETE)
    lay_delete (layer, *record);
  else
    lay_restore (layer, *record);

  if (*record == NULL)
    return;
  if (mutation->kind == SATCHEL_MUTATION_DELETE || mutation->kind == SATCHEL_MUTATION_RESTORE)
    mark (pending, REPLICA_PENDING_DELETED, layer);
  if (layer->cause == NULL)
    satchel_record_set_updated (*record, layer->at, layer->user);
}

/* ---- The server's version ------------------------------------------------------------------------- */

gboolean
replica_overlay_set_base (ReplicaTransaction *tx, const SatchelRecord *base, GError **error)
{
  g_autofree char *body = replica_wire_write (base);

  return replica_run (tx->connection, error,
                      "INSERT OR REPLACE INTO _base (id, type, bucket, body) VALUES (?, ?, ?, ?)", "ssss",
                      satchel_record_get_id (base), satchel_type_get_name (satchel_record_get_record_type (base)),
                      satchel_record_get_bucket (base), body);
}

gboolean
replica_overlay_keep_base (ReplicaTransaction *tx, const ReplicaRow *row, GError **error)
{
  return row->pending != NULL || replica_overlay_set_base (tx, row->record, error);
}

gboolean
replica_overlay_drop_base (ReplicaTransaction *tx, const char *id, GError **error)
{
  return replica_run (tx->connection, error, "DELETE FROM _base WHERE id = ?", "s", id);
}

/* %NULL without an error: nothing is kept aside. */
gboolean
replica_overlay_get_base (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id,
                          SatchelRecord **base, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  *base = NULL;
  statement = replica_query (connection, error, "SELECT body FROM _base WHERE id = ?", "s", id);
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  if (step == REPLICA_ROW)
    *base = replica_wire_read (schema, replica_column_text (statement, 0), (gsize) sqlite3_column_bytes (statement, 0),
                               error);

  return step == REPLICA_DONE || *base != NULL;
}

gboolean
replica_overlay_is_touched (ReplicaConnection *connection, const char *id, gboolean *touched, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  *touched = FALSE;
  statement = replica_query (connection, error, "SELECT 1 FROM _mutation WHERE id = ? LIMIT 1", "s", id);
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  *touched = step == REPLICA_ROW;

  return step != REPLICA_FAILED;
}

/* ---- Showing a record anew ------------------------------------------------------------------------ */

static gboolean
lay_all (ReplicaTransaction *tx, const char *id, SatchelRecord **record, char **pending, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  g_autofree char *user = NULL;
  ReplicaStep step;

  if (!replica_meta_get (tx->connection, "user_id", &user, error))
    return FALSE;

  statement = replica_query (tx->connection, error,
                             "SELECT m.n, o.at, m.cause, m.body FROM _mutation m JOIN _outbox o ON o.n = m.n"
                             " WHERE m.id = ? ORDER BY m.n, m.position",
                             "s", id);
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      ReplicaLayer layer = {
        .n = replica_column_integer (statement, 0),
        .at = replica_column_text (statement, 1),
        .user = user,
        .cause = replica_column_text (statement, 2),
      };
      g_autoptr (SatchelMutation) mutation = replica_mutation_parse (replica_column_text (statement, 3), error);

      if (mutation == NULL)
        return FALSE;

      replica_overlay_lay (tx->schema, mutation, &layer, record, pending);
    }

  return step == REPLICA_DONE;
}

static gboolean
drop_row (ReplicaTransaction *tx, const char *id, GError **error)
{
  const ReplicaTable *table;
  gint64 key;

  if (!replica_rows_locate (tx->connection, tx->schema, id, &table, &key, error))
    return FALSE;

  return table == NULL || replica_rows_delete (tx, table, key, id, error);
}

/* The server's version as it has just come goes aside only where work is laid over it still. */
static gboolean
find_base (ReplicaTransaction *tx, const char *id, SatchelRecord *landed, gboolean touched, SatchelRecord **base,
           GError **error)
{
  if (landed == NULL)
    return replica_overlay_get_base (tx->connection, tx->schema, id, base, error);

  *base = satchel_record_ref (landed);

  return !touched || replica_overlay_set_base (tx, landed, error);
}

/**
 * replica_overlay_recompute:
 * @tx: a transaction
 * @id: a record that unsettled work touches or touched
 * @landed: (nullable): the server's version, where it is newer than what was kept aside; it may be changed
 * @order: (nullable): what replica_table_dup_order() says of it
 * @error: what went wrong with the file
 *
 * Shows the record anew. The server's version that was kept aside goes back to
 * its place when nothing is laid over it any more; a record that neither the
 * server nor unsettled work has is gone.
 */
gboolean
replica_overlay_recompute (ReplicaTransaction *tx, const char *id, SatchelRecord *landed, const char *order,
                           GError **error)
{
  g_autoptr (SatchelRecord) record = NULL;
  g_autofree char *pending = NULL;
  gboolean touched;

  if (!replica_overlay_is_touched (tx->connection, id, &touched, error) ||
      !find_base (tx, id, landed, touched, &record, error))
    return FALSE;

  if (touched ? !lay_all (tx, id, &record, &pending, error) : !replica_overlay_drop_base (tx, id, error))
    return FALSE;

  return record != NULL ? replica_rows_put (tx, record, touched ? NULL : order, pending, error)
                        : drop_row (tx, id, error);
}
