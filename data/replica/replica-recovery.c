/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a server that was brought back from a backup needs of this device: see "Restored servers" in PROTOCOL.md. */

#include "satchel-config.h"

#include <string.h>

#include "replica-line.h"
#include "replica-overlay.h"
#include "replica-private.h"
#include "replica-server-version.h"
#include "replica-wire.h"

/* ---- The beginning -------------------------------------------------------------------------------- */

typedef struct
{
  const char *epoch;
  gint64 known;
} Beginning;

static gboolean
forget_progress (ReplicaTransaction *tx, gint64 known, GError **error)
{
  gint64 acknowledged;

  return replica_meta_get_integer (tx->connection, "acknowledged", &acknowledged, error) &&
         replica_meta_set_integer (tx->connection, "acknowledged", MIN (acknowledged, known), error) &&
         replica_meta_set (tx->connection, "nonce", NULL, error) &&
         replica_meta_set (tx->connection, "proposed_nonce", NULL, error) &&
         replica_run (tx->connection, error, "DELETE FROM _outcome", "") && replica_line_drop_staged (tx, error);
}

static gboolean
begin_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  const Beginning *beginning = data;
  g_autofree char *ended = NULL;

  tx->changes->outbox = TRUE;

  return replica_meta_get (tx->connection, "epoch", &ended, error) &&
         replica_meta_set (tx->connection, "recovering", ended != NULL ? ended : "", error) &&
         replica_meta_set (tx->connection, "epoch", beginning->epoch, error) &&
         forget_progress (tx, beginning->known, error);
}

/**
 * satchel_replica_begin_recovery:
 * @self: a replica
 * @epoch: the server's present epoch
 * @known: the last group of this device that the server still has
 * @error: what went wrong with the file
 *
 * Notes that the server lost what this device may have: groups after @known
 * are not settled any more, and what the replica holds is to be offered before
 * anything new is laid down. On disk when it returns. Blocks.
 *
 * Returns: whether it was noted
 */
gboolean
satchel_replica_begin_recovery (SatchelReplica *self, const char *epoch, gint64 known, GError **error)
{
  Beginning beginning = { epoch, known };

  return replica_check_open (self, error) &&
         replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, begin_cb, &beginning, error);
}

/* ---- The order of types --------------------------------------------------------------------------- */

static gboolean
hangs_on (const SatchelType *type, const SatchelType *other)
{
  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    {
      const SatchelField *field = satchel_type_get_field (type, i);

      if ((field->flags & SATCHEL_FIELD_ANCHOR) != 0 && field->target != NULL &&
          strcmp (field->target, satchel_type_get_name (other)) == 0)
        return type != other;
    }

  return satchel_type_get_home (type) == SATCHEL_HOME_TARGET && satchel_type_get_home (other) != SATCHEL_HOME_TARGET;
}

static gboolean
waits_for_another (const ReplicaSchema *schema, guint index, guint64 placed)
{
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (schema->tables[i] != NULL && (placed & (G_GUINT64_CONSTANT (1) << i)) == 0 &&
        hangs_on (schema->tables[index]->type, schema->tables[i]->type))
      return TRUE;

  return FALSE;
}

/* The table that comes as number @position, when each comes behind those that it hangs on; %NULL behind the last. */
static const ReplicaTable *
get_table (const ReplicaSchema *schema, guint position)
{
  guint64 placed = 0;
  guint n_placed = 0;

  for (gboolean found = TRUE; found;)
    {
      found = FALSE;
      for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
        if (schema->tables[i] != NULL && (placed & (G_GUINT64_CONSTANT (1) << i)) == 0 &&
            !waits_for_another (schema, i, placed))
          {
            if (n_placed++ == position)
              return schema->tables[i];
            placed |= G_GUINT64_CONSTANT (1) << i;
            found = TRUE;
          }
    }

  return NULL;
}

/* ---- Revisions ------------------------------------------------------------------------------------ */

static gboolean
walk_table (ReplicaConnection *connection, const char *sql, SatchelRevisionWalk *walk, guint *limit,
            SatchelRevisionFunc func, gpointer data, GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, sql, "si",
                                                          walk->id != NULL ? walk->id : "", (gint64) *limit);
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      g_set_str (&walk->id, replica_column_text (statement, 0));
      func (walk->id, replica_column_text (statement, 1), data);
      (*limit)--;
    }

  return step == REPLICA_DONE;
}

/* One table's part; the records of unknown types come last. */
static gboolean
walk_on (ReplicaConnection *connection, const ReplicaSchema *schema, SatchelRevisionWalk *walk, guint *limit,
         SatchelRevisionFunc func, gpointer data, GError **error)
{
  const ReplicaTable *table = get_table (schema, walk->table);
  g_autofree char *sql = NULL;

  sql = table != NULL ? g_strdup_printf ("SELECT id, rev FROM %s WHERE id > ? AND rev IS NOT NULL ORDER BY id LIMIT ?",
                                         table->quoted)
                      : g_strdup ("SELECT id, json_extract (body, '$.rev') AS rev FROM _raw WHERE id > ?"
                                  " AND rev IS NOT NULL ORDER BY id LIMIT ?");
  if (!walk_table (connection, sql, walk, limit, func, data, error))
    return FALSE;
  if (*limit == 0)
    return TRUE;

  g_clear_pointer (&walk->id, g_free);
  walk->table++;
  walk->at_end = table == NULL;

  return TRUE;
}

/**
 * satchel_replica_walk_revisions:
 * @self: a replica
 * @walk: where to begin; is moved on
 * @limit: how many records at most
 * @func: gets each record's id and the revision of the server's version of it
 * @data: passed to @func
 * @error: what went wrong with the file
 *
 * Walks over all that the server has given, bin included, types in the order
 * in which they hang on each other. Blocks.
 *
 * Returns: whether it was read; @walk says whether there is more
 */
gboolean
satchel_replica_walk_revisions (SatchelReplica *self, SatchelRevisionWalk *walk, guint limit, SatchelRevisionFunc func,
                                gpointer data, GError **error)
{
  ReplicaConnection *reader;
  gboolean read = TRUE;

  if (!replica_check_open (self, error))
    return FALSE;

  reader = replica_pool_take (self->readers, error);
  if (reader == NULL)
    return FALSE;

  while (read && limit > 0 && !walk->at_end)
    read = walk_on (reader, self->schema, walk, &limit, func, data, error);
  replica_pool_give (self->readers, reader);

  return read;
}

/* ---- Records -------------------------------------------------------------------------------------- */

static gboolean
read_raw (ReplicaConnection *connection, const char *id, char **text, GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, "SELECT body FROM _raw WHERE id = ?", "s",
                                                          id);
  ReplicaStep step = statement != NULL ? replica_step (statement, error) : REPLICA_FAILED;

  if (step == REPLICA_ROW)
    *text = replica_column_dup_text (statement, 0);

  return step != REPLICA_FAILED;
}

static gboolean
read_text (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id, char **text, GError **error)
{
  g_autoptr (SatchelRecord) record = NULL;

  if (!replica_server_version (connection, schema, id, &record, error))
    return FALSE;
  if (record == NULL)
    return read_raw (connection, id, text, error);

  *text = replica_wire_write (record);

  return TRUE;
}

/**
 * satchel_replica_dup_server_text:
 * @self: a replica
 * @id: a record's id
 * @error: what went wrong with the file
 *
 * Blocks.
 *
 * Returns: (transfer full) (nullable): the wire text of the server's version, also of a type that is not known here;
 *   %NULL without an error: there is none
 */
char *
satchel_replica_dup_server_text (SatchelReplica *self, const char *id, GError **error)
{
  ReplicaConnection *reader;
  char *text = NULL;

  if (!replica_check_open (self, error))
    return NULL;

  reader = replica_pool_take (self->readers, error);
  if (reader == NULL)
    return NULL;

  read_text (reader, self->schema, id, &text, error);
  replica_pool_give (self->readers, reader);

  return text;
}
