/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The same replica under a new device: what is not settled is numbered anew from 1, since the server counts the groups
 * of each device, and everything is asked for again. Where the server was brought back from a backup meanwhile, what was
 * settled and is in the journal comes before it. */

#include "satchel-config.h"

#include "replica-private.h"

#include "replica-journal.h"
#include "replica-landing.h"
#include "replica-outbox.h"
#include "replica-overlay.h"
#include "replica-server-version.h"

typedef struct
{
  ReplicaTransaction *tx;
  GHashTable *numbers; /* old -> new, of the groups that will be sent */
  GPtrArray *journal;
  GPtrArray *outbox;
  const char *hash; /* of the last group that was numbered */
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
renumber_group (Renumbering *self, SatchelGroup *group, gint64 number, GError **error)
{
  for (guint i = 0; i < group->mutations->len; i++)
    if (!renumber_mutation (self, g_ptr_array_index (group->mutations, i), error))
      return FALSE;

  group->n = number;
  g_free (group->hash);
  self->hash = group->hash = satchel_group_compute_hash (group, self->hash);

  return TRUE;
}

static gboolean
move_unsettled (Renumbering *self, SatchelGroup *group, gint64 number, GError **error)
{
  gint64 old = group->n;

  return renumber_group (self, group, number, error) &&
         replica_run (self->tx->connection, error, "UPDATE _outbox SET n = ?, hash = ?, sent = 0 WHERE n = ?", "isi",
                      group->n, group->hash, old) &&
         move_mutations (self, old, group, error);
}

static gboolean
move_settled (Renumbering *self, SatchelGroup *group, gint64 number, GError **error)
{
  gint64 old = group->n;

  return renumber_group (self, group, number, error) && replica_journal_renumber (self->tx, old, group, error);
}

static void
assign_numbers (Renumbering *self, GPtrArray *groups, gint64 after)
{
  for (guint i = 0; i < groups->len; i++)
    {
      const SatchelGroup *group = g_ptr_array_index (groups, i);
      gint64 number = after + i + 1;

      g_hash_table_insert (self->numbers, g_memdup2 (&group->n, sizeof group->n), g_memdup2 (&number, sizeof number));
    }
}

/* Ascending, and numbers only fall: none is in the way of another. */
static gboolean
renumber_groups (Renumbering *self, GError **error)
{
  gint64 last = 0;

  assign_numbers (self, self->journal, 0);
  assign_numbers (self, self->outbox, self->journal->len);
  for (guint i = 0; i < self->journal->len; i++)
    if (!move_settled (self, g_ptr_array_index (self->journal, i), ++last, error))
      return FALSE;
  for (guint i = 0; i < self->outbox->len; i++)
    if (!move_unsettled (self, g_ptr_array_index (self->outbox, i), ++last, error))
      return FALSE;

  return replica_meta_set_integer (self->tx->connection, "last_group", last, error) &&
         replica_meta_set (self->tx->connection, "last_group_hash", self->hash, error);
}

static gboolean
read_groups (Renumbering *self, GError **error)
{
  self->journal = replica_journal_read (self->tx->connection, 0, G_MAXINT, G_MAXSIZE, error);
  self->outbox = replica_outbox_read (self->tx->connection, 0, G_MAXINT, error);

  return self->journal != NULL && self->outbox != NULL;
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
    if (!replica_overlay_recompute (tx, g_ptr_array_index (ids, i), NULL, NULL, error))
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

/* The journal is of use to a server of another epoch only: this one has all of it, from another device. */
static gboolean
meet_epoch (ReplicaTransaction *tx, const char *epoch, GError **error)
{
  g_autofree char *before = NULL;
  g_autofree char *recovering = NULL;

  if (!replica_meta_get (tx->connection, "epoch", &before, error) ||
      !replica_meta_get (tx->connection, "recovering", &recovering, error))
    return FALSE;
  if (recovering != NULL)
    return TRUE;
  if (before == NULL || g_strcmp0 (before, epoch) == 0)
    return replica_run (tx->connection, error, "DELETE FROM _journal", "");

  return replica_meta_set (tx->connection, "recovering", before, error);
}

static void
renumbering_clear (Renumbering *self)
{
  g_clear_pointer (&self->numbers, g_hash_table_unref);
  g_clear_pointer (&self->journal, g_ptr_array_unref);
  g_clear_pointer (&self->outbox, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Renumbering, renumbering_clear)

static gboolean
restart_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  const char *epoch = data;
  g_auto (Renumbering) self = { .tx = tx };

  self.numbers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  tx->changes->outbox = TRUE;
  tx->kept_changed = TRUE;

  return meet_epoch (tx, epoch, error) && read_groups (&self, error) && renumber_groups (&self, error) &&
         forget_progress (tx, error) && replica_meta_set (tx->connection, "epoch", epoch, error) &&
         show_touched (tx, error);
}

/**
 * satchel_replica_restart:
 * @self: a replica
 * @epoch: the server's epoch, as it was told with the new device
 * @error: what went wrong with the file
 *
 * For a device that was enrolled anew over this replica. What is not settled
 * is kept and numbered from 1; the cursor starts over, and what the server
 * does not send again by the end of that is removed. Where the server's epoch
 * is another than before, it was brought back from a backup: then what is in
 * the journal is sent again too, and what is held here is offered first.
 * Blocks.
 *
 * Returns: whether it was done
 */
gboolean
satchel_replica_restart (SatchelReplica *self, const char *epoch, GError **error)
{
  return replica_check_open (self, error) &&
         replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, restart_cb, (gpointer) epoch, error);
}
