/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The server's side of what is held: what digests run over. */

#include "satchel-config.h"

#include "replica-server-version.h"

#include <string.h>

#include "replica-check.h"
#include "replica-overlay.h"
#include "replica-private.h"

#define RAW_MAX_DEPTH 32

/* ---- One record ----------------------------------------------------------------------------------- */

gboolean
replica_server_version (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id,
                        SatchelRecord **record, GError **error)
{
  g_autoptr (ReplicaRow) row = NULL;

  if (!replica_overlay_get_base (connection, schema, id, record, error))
    return FALSE;
  if (*record != NULL)
    return TRUE;
  if (!replica_rows_find (connection, schema, id, &row, error))
    return FALSE;

  if (row != NULL && row->pending == NULL)
    *record = g_steal_pointer (&row->record);

  return TRUE;
}

/**
 * satchel_replica_get_server_version:
 * @self: a replica
 * @id: a record's id
 * @error: %SATCHEL_DATA_ERROR_NOT_FOUND, or what went wrong with the file
 *
 * Blocks.
 *
 * Returns: (transfer full) (nullable): the record as the server has it, as far as this device knows
 */
SatchelRecord *
satchel_replica_get_server_version (SatchelReplica *self, const char *id, GError **error)
{
  ReplicaConnection *reader;
  g_autoptr (SatchelRecord) record = NULL;
  gboolean read;

  if (!replica_check_open (self, error))
    return NULL;

  reader = replica_pool_take (self->readers, error);
  if (reader == NULL)
    return NULL;

  read = replica_server_version (reader, self->schema, id, &record, error);
  replica_pool_give (self->readers, reader);

  if (read && record == NULL)
    replica_report_not_found (id, error);

  return g_steal_pointer (&record);
}

/* ---- All of a bucket ------------------------------------------------------------------------------ */

/* One type's records in the bucket, by id; all types together are merged by id. */
typedef struct
{
  const ReplicaTable *table; /* NULL: records of unknown types */
  ReplicaStatement *statement; /* on a row, or NULL when there are no more */
} Strand;

typedef struct
{
  ReplicaConnection *connection;
  const ReplicaSchema *schema;
  Strand strands[REPLICA_MAX_TYPES];
  guint n_strands;
} Braid;

static void
braid_clear (Braid *self)
{
  for (guint i = 0; i < self->n_strands; i++)
    g_clear_pointer (&self->strands[i].statement, replica_statement_release);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Braid, braid_clear)

static gboolean
strand_advance (Strand *self, GError **error)
{
  ReplicaStep step = replica_step (self->statement, error);

  if (step != REPLICA_ROW)
    g_clear_pointer (&self->statement, replica_statement_release);

  return step != REPLICA_FAILED;
}

static gboolean
braid_add (Braid *self, const ReplicaTable *table, const char *sql, const char *bucket, GError **error)
{
  Strand *strand = &self->strands[self->n_strands];

  strand->table = table;
  strand->statement = replica_query (self->connection, error, sql, "s", bucket);
  if (strand->statement == NULL)
    return FALSE;

  self->n_strands++;

  return strand_advance (strand, error);
}

static gboolean
braid_begin (Braid *self, const char *bucket, GError **error)
{
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    {
      const ReplicaTable *table = self->schema->tables[i];
      g_autofree char *sql = NULL;

      if (table == NULL)
        continue;

      sql = g_strdup_printf (
          "SELECT %s FROM %s WHERE _bucket = (SELECT number FROM _bucket WHERE name = ?) ORDER BY id", table->columns,
          table->quoted);
      if (!braid_add (self, table, sql, bucket, error))
        return FALSE;
    }

  return braid_add (self, NULL, "SELECT NULL, id, type, body FROM _raw WHERE bucket = ? ORDER BY id", bucket, error);
}

static const char *
strand_get_id (const Strand *self)
{
  return replica_column_text (self->statement, REPLICA_COLUMN_ID);
}

/* %NULL at the end. */
static Strand *
braid_find_next (Braid *self)
{
  Strand *next = NULL;

  for (guint i = 0; i < self->n_strands; i++)
    if (self->strands[i].statement != NULL &&
        (next == NULL || strcmp (strand_get_id (&self->strands[i]), strand_get_id (next)) < 0))
      next = &self->strands[i];

  return next;
}

/* The canonical text of a record that was kept unread: without its bucket, as of any other. */
static char *
raw_to_canonical (const char *body, GError **error)
{
  g_autoptr (JsonNode) node = satchel_json_parse (body, -1, RAW_MAX_DEPTH, error);

  if (node == NULL)
    return NULL;

  json_object_remove_member (json_node_get_object (node), "bucket");

  return satchel_json_to_canonical (node);
}

/* %NULL without an error: the server has none. */
static gboolean
strand_dup_canonical (const Strand *self, Braid *braid, char **canonical, GError **error)
{
  g_autoptr (SatchelRecord) record = NULL;
  gboolean is_pending;

  if (self->table == NULL)
    {
      *canonical = raw_to_canonical (replica_column_text (self->statement, 3), error);
      return *canonical != NULL;
    }

  is_pending = replica_column_text (self->statement, REPLICA_COLUMN_PENDING) != NULL;
  if (is_pending && !replica_overlay_get_base (braid->connection, braid->schema, strand_get_id (self), &record, error))
    return FALSE;
  if (!is_pending)
    record = replica_rows_read (braid->connection, self->table, self->statement, error);

  *canonical = record != NULL ? satchel_record_to_canonical (record) : NULL;

  return record != NULL || is_pending;
}

static gboolean
braid_walk (Braid *self, SatchelCanonicalFunc func, gpointer data, GError **error)
{
  Strand *next;

  while ((next = braid_find_next (self)) != NULL)
    {
      const char *type = next->table != NULL ? satchel_type_get_name (next->table->type)
                                             : replica_column_text (next->statement, 2);
      g_autofree char *canonical = NULL;

      if (!strand_dup_canonical (next, self, &canonical, error))
        return FALSE;
      if (canonical != NULL && !func (type, strand_get_id (next), canonical, data))
        return TRUE;
      if (!strand_advance (next, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * satchel_replica_foreach_canonical:
 * @self: a replica
 * @bucket: a bucket's name
 * @func: called for each record, by ascending id; %FALSE stops
 * @data: for @func
 * @error: what went wrong with the file
 *
 * Walks over the server's versions of all records in a bucket, those in the
 * bin and those of unknown types too. Blocks; memory stays flat.
 *
 * Returns: whether nothing went wrong
 */
gboolean
satchel_replica_foreach_canonical (SatchelReplica *self, const char *bucket, SatchelCanonicalFunc func, gpointer data,
                                   GError **error)
{
  ReplicaConnection *reader;
  gboolean walked;

  if (!replica_check_open (self, error))
    return FALSE;

  reader = replica_pool_take (self->readers, error);
  if (reader == NULL)
    return FALSE;

  {
    g_auto (Braid) braid = { .connection = reader, .schema = self->schema };

    walked = braid_begin (&braid, bucket, error) && braid_walk (&braid, func, data, error);
  }

  replica_pool_give (self->readers, reader);

  return walked;
}

/* ---- Buckets -------------------------------------------------------------------------------------- */

static char *
make_bucket_list (const ReplicaSchema *schema)
{
  GString *sql = g_string_new ("SELECT name FROM _bucket WHERE number IN (");
  gsize start = sql->len;

  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (schema->tables[i] != NULL)
      g_string_append_printf (sql, "%sSELECT _bucket FROM %s", sql->len > start ? " UNION " : "",
                              schema->tables[i]->quoted);
  g_string_append (sql, ") UNION SELECT bucket FROM _raw WHERE bucket IS NOT NULL ORDER BY 1");

  return g_string_free_and_steal (sql);
}

static char **
list_buckets (ReplicaConnection *connection, const ReplicaSchema *schema, GError **error)
{
  g_autofree char *sql = make_bucket_list (schema);
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, sql, "");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  ReplicaStep step;

  if (statement == NULL)
    return NULL;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    g_strv_builder_add (builder, replica_column_text (statement, 0));

  return step == REPLICA_DONE ? g_strv_builder_end (builder) : NULL;
}

/**
 * satchel_replica_list_buckets:
 * @self: a replica
 * @error: what went wrong with the file
 *
 * Blocks.
 *
 * Returns: (transfer full) (nullable): the names of the buckets that records are held of, ascending
 */
char **
satchel_replica_list_buckets (SatchelReplica *self, GError **error)
{
  ReplicaConnection *reader;
  char **buckets;

  if (!replica_check_open (self, error))
    return NULL;

  reader = replica_pool_take (self->readers, error);
  if (reader == NULL)
    return NULL;

  buckets = list_buckets (reader, self->schema, error);
  replica_pool_give (self->readers, reader);

  return buckets;
}
