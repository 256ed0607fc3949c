/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The same replica under a new device: what is not settled is numbered anew from 1, since the server counts the groups
 * of each device, and everything is asked for again. */

#include "satchel-config.h"

#include "replica-private.h"

#include "replica-landing.h"
#include "replica-outbox.h"
#include "replica-overlay.h"
#include "replica-server-version.h"

typedef struct
{
  ReplicaTransaction *tx;
  GHashTable *numbers; /* old -> new, of the groups that are not settled */
} Renumbering;

/* ---- Bases ---------------------------------------------------------------------------------------- */

static gboolean
dup_server_rev (Renumbering *self, const char *id, char **rev, GError **error)
{
  g_autoptr (SatchelRecord) record = NULL;

  if (!replica_server_version (self->tx->connection, self->tx->schema, id, &record, error))
    return FALSE;

  *rev = record != NULL ? g_strdup (satchel_record_get_rev (record)) : NULL;

  return TRUE;
}

/* A base that names a group of the old device: one that waits has a new number; one that is settled is in the
 * revision that the server has given. */
static gboolean
renumber_base (Renumbering *self, const char *id, char **base, GError **error)
{
  g_autofree char *found = NULL;
  const gint64 *number;
  gint64 old;

  if (*base == NULL || (*base)[0] != '@')
    return TRUE;

  old = g_ascii_strtoll (*base + 1, NULL, 10);
  number = g_hash_table_lookup (self->numbers, &old);
  if (number != NULL)
    found = g_strdup_printf ("@%" G_GINT64_FORMAT, *number);
  else if (!dup_server_rev (self, id, &found, error))
    return FALSE;

  g_set_str (base, found);

  return TRUE;
}

static gboolean
renumber_mutation (Renumbering *self, SatchelMutation *mutation, GError **error)
{
  if (!renumber_base (self, mutation->id, &mutation->base, error))
    return FALSE;

  for (guint i = 0; i < mutation->units->len; i++)
    {
      SatchelUnitChange *change = g_ptr_array_index (mutation->units, i);

      if (!renumber_base (self, mutation->id, &change->base, error))
        return FALSE;
    }

  return TRUE;
}

/* ---- Groups --------------------------------------------------------------------------------------- */

/* Effects stay where they are but for their group's number, and so does the order of all. */
static gboolean
move_mutations (Renumbering *self, gint64 from, const SatchelGroup *group, GError **error)
{
  ReplicaConnection *connection = self->tx->connection;
  g_autoptr (ReplicaStatement) statement = NULL;
  g_autoptr (GArray) positions = g_array_new (FALSE, FALSE, sizeof (gint64));
  ReplicaStep step;

  if (!replica_run (connection, error, "UPDATE _mutation SET n = ? WHERE n = ?", "ii", group->n, from))
    return FALSE;

  statement = replica_query (connection, error,
                             "SELECT position FROM _mutation WHERE n = ? AND cause IS NULL ORDER BY position", "i",
                             group->n);
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      gint64 position = replica_column_integer (statement, 0);

      g_array_append_val (positions, position);
    }

  for (guint i = 0; step == REPLICA_DONE && i < group->mutations->len; i++)
    {
      g_autofree char *body = replica_mutation_dup_body (g_ptr_array_index (group->mutations, i));

      if (!replica_run (connection, error, "UPDATE _mutation SET body = ? WHERE n = ? AND position = ?", "sii", body,
                        group->n, g_array_index (positions, gint64, i)))
        return FALSE;
    }

  return step == REPLICA_DONE;
}

static gboolean
renumber_group (Renumbering *self, SatchelGroup *group, gint64 number, const char *previous_hash, GError **error)
{
  gint64 old = group->n;

  for (guint i = 0; i < group->mutations->len; i++)
    if (!renumber_mutation (self, g_ptr_array_index (group->mutations, i), error))
      return FALSE;

  group->n = number;
  g_free (group->hash);
  group->hash = satchel_group_compute_hash (group, previous_hash);

  return replica_run (self->tx->connection, error, "UPDATE _outbox SET n = ?, hash = ?, sent = 0 WHERE n = ?", "isi",
                      group->n, group->hash, old) &&
         move_mutations (self, old, group, error);
}

static void
assign_numbers (Renumbering *self, GPtrArray *groups)
{
  for (guint i = 0; i < groups->len; i++)
    {
      const SatchelGroup *group = g_ptr_array_index (groups, i);
      gint64 number = i + 1;

      g_hash_table_insert (self->numbers, g_memdup2 (&group->n, sizeof group->n), g_memdup2 (&number, sizeof number));
    }
}

/* Ascending, and numbers only fall: none is in the way of another. */
static gboolean
renumber_groups (Renumbering *self, GError **error)
{
  g_autoptr (GPtrArray) groups = replica_outbox_read (self->tx->connection, 0, G_MAXINT, G_MAXSIZE, TRUE, error);
  const char *hash = NULL;

  if (groups == NULL)
    return FALSE;

  assign_numbers (self, groups);
  for (guint i = 0; i < groups->len; i++)
    {
      SatchelGroup *group = g_ptr_array_index (groups, i);

      if (!renumber_group (self, group, i + 1, hash, error))
        return FALSE;
      hash = group->hash;
    }

  return replica_meta_set_integer (self->tx->connection, "last_group", groups->len, error) &&
         replica_meta_set (self->tx->connection, "last_group_hash", hash, error);
}

/* ---- Rows ----------------------------------------------------------------------------------------- */

static gboolean
show_touched (ReplicaTransaction *tx, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (tx->connection, error, "SELECT DISTINCT id FROM _mutation", "");
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    g_ptr_array_add (ids, replica_column_dup_text (statement, 0));

  for (guint i = 0; step == REPLICA_DONE && i < ids->len; i++)
    if (!replica_overlay_recompute (tx, g_ptr_array_index (ids, i), error))
      return FALSE;

  return step == REPLICA_DONE;
}

static gboolean
forget_progress (ReplicaTransaction *tx, GError **error)
{
  static const char *const names[] = {
    "cursor", "epoch", "nonce", "proposed_nonce", "acknowledged", "last_hash", "arriving",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!replica_meta_set (tx->connection, names[i], NULL, error))
      return FALSE;

  return replica_run (tx->connection, error, "DELETE FROM _outcome", "") &&
         replica_run (tx->connection, error, "DELETE FROM _staged", "") &&
         replica_run (tx->connection, error, "DELETE FROM _leaving", "") &&
         replica_run (tx->connection, error, "UPDATE _tray SET n = 0", "") && replica_mark_all_stale (tx, error);
}

static gboolean
restart_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  Renumbering self = { .tx = tx, .numbers = numbers };

  tx->changes->outbox = TRUE;
  tx->kept_changed = TRUE;

  return renumber_groups (&self, error) && forget_progress (tx, error) && show_touched (tx, error);
}

/**
 * satchel_replica_restart:
 * @self: a replica
 * @error: what went wrong with the file
 *
 * For a device that was enrolled anew over this replica. What is not settled
 * is kept and numbered from 1; the cursor starts over, and what the server
 * does not send again by the end of that is removed. Blocks.
 *
 * Returns: whether it was done
 */
gboolean
satchel_replica_restart (SatchelReplica *self, GError **error)
{
  return replica_check_open (self, error) &&
         replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, restart_cb, NULL, error);
}
