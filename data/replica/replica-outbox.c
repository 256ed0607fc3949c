/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Groups that are not settled with the server yet. */

#include "satchel-config.h"

#include "replica-outbox.h"

#include <string.h>

#include "records/satchel-id.h"
#include "records/satchel-value-private.h"
#include "replica-kept.h"
#include "replica-overlay.h"

/* Of one group, without the effects that it has here. */
#define SELECT_BODIES "SELECT body FROM _mutation WHERE n = ? AND cause IS NULL ORDER BY position"

/* ---- Making a group ------------------------------------------------------------------------------- */

gboolean
replica_outbox_begin_group (ReplicaTransaction *tx, SatchelGroup *group, char **previous_hash, GError **error)
{
  gint64 last;

  if (!replica_meta_get_integer (tx->connection, "last_group", &last, error) ||
      !replica_meta_get (tx->connection, "last_group_hash", previous_hash, error))
    return FALSE;

  group->n = last + 1;
  g_free (group->at);
  group->at = satchel_time_now ();
  g_clear_pointer (&group->hash, g_free);

  return TRUE;
}

static gboolean
next_position (ReplicaConnection *connection, gint64 n, gint64 *position, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;

  statement = replica_query (connection, error, "SELECT ifnull(max(position), -1) + 1 FROM _mutation WHERE n = ?", "i",
                             n);
  if (statement == NULL || replica_step (statement, error) != REPLICA_ROW)
    return FALSE;

  *position = replica_column_integer (statement, 0);

  return TRUE;
}

gboolean
replica_outbox_add (ReplicaTransaction *tx, gint64 n, const SatchelMutation *mutation, const char *cause,
                    GError **error)
{
  g_autofree char *body = replica_mutation_dup_body (mutation);
  gint64 position;

  return next_position (tx->connection, n, &position, error) &&
         replica_run (tx->connection, error,
                      "INSERT INTO _mutation (n, position, id, type, cause, body) VALUES (?, ?, ?, ?, ?, ?)", "iissss",
                      n, position, mutation->id, mutation->type, cause, body);
}

static gboolean
make_line (ReplicaTransaction *tx, const SatchelGroup *group, const char *previous_hash, GError **error)
{
  ReplicaKeptMark mark = { 0, (char *) (previous_hash != NULL ? previous_hash : ""), (char *) tx->retried };

  if (!replica_meta_get_integer (tx->connection, "kept", &mark.version, error))
    return FALSE;

  g_free (tx->made);
  tx->made = replica_kept_group_to_line (group, &mark);

  return TRUE;
}

gboolean
replica_outbox_end_group (ReplicaTransaction *tx, SatchelGroup *group, const char *previous_hash, GError **error)
{
  g_free (group->hash);
  group->hash = satchel_group_compute_hash (group, previous_hash);
  tx->changes->outbox = TRUE;

  return make_line (tx, group, previous_hash, error) &&
         replica_run (tx->connection, error, "INSERT INTO _outbox (n, strict, at, hash) VALUES (?, ?, ?, ?)", "iiss",
                      group->n, (gint64) group->strict, group->at, group->hash) &&
         replica_meta_set_integer (tx->connection, "last_group", group->n, error) &&
         replica_meta_set (tx->connection, "last_group_hash", group->hash, error);
}

/* ---- Reading -------------------------------------------------------------------------------------- */

static gboolean
read_mutations (ReplicaConnection *connection, SatchelGroup *group, GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, SELECT_BODIES, "i", group->n);
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      SatchelMutation *mutation = replica_mutation_parse (replica_column_text (statement, 0), error);

      if (mutation == NULL)
        return FALSE;

      g_ptr_array_add (group->mutations, mutation);
    }

  return step == REPLICA_DONE;
}

/* Without its mutations. */
static SatchelGroup *
read_head (ReplicaStatement *statement)
{
  SatchelGroup *group = satchel_group_new ();

  group->n = replica_column_integer (statement, 0);
  group->strict = replica_column_integer (statement, 1) != 0;
  group->at = replica_column_dup_text (statement, 2);
  group->hash = replica_column_dup_text (statement, 3);

  return group;
}

static SatchelGroup *
read_group (ReplicaConnection *connection, ReplicaStatement *statement, GError **error)
{
  g_autoptr (SatchelGroup) group = read_head (statement);

  return read_mutations (connection, group, error) ? g_steal_pointer (&group) : NULL;
}

GPtrArray *
replica_outbox_read (ReplicaConnection *connection, gint64 after, guint max_groups, GError **error)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_group_free);
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (connection, error,
                             "SELECT n, strict, at, hash FROM _outbox WHERE n > ? ORDER BY n LIMIT ?", "ii", after,
                             (gint64) max_groups);
  if (statement == NULL)
    return NULL;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      SatchelGroup *group = read_group (connection, statement, error);

      if (group == NULL)
        return NULL;
      g_ptr_array_add (groups, group);
    }

  return step == REPLICA_DONE ? g_steal_pointer (&groups) : NULL;
}

gboolean
replica_outbox_find_last (ReplicaConnection *connection, gint64 first, gint64 last, SatchelGroup **group,
                          GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  *group = NULL;
  statement = replica_query (connection, error,
                             "SELECT n, strict, at, hash FROM _outbox WHERE n BETWEEN ? AND ? ORDER BY n DESC LIMIT 1",
                             "ii", first, last);
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  if (step == REPLICA_ROW)
    *group = read_head (statement);

  return step != REPLICA_FAILED;
}

/* ---- Groups on their way -------------------------------------------------------------------------- */

/**
 * satchel_outgoing_free:
 * @outgoing: (transfer full): a group as it is sent
 */
void
satchel_outgoing_free (SatchelOutgoing *outgoing)
{
  g_free (outgoing->text);
  g_free (outgoing->replay);
  g_free (outgoing);
}

static gboolean
append_mutations (ReplicaConnection *connection, gint64 n, GString *text, GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, SELECT_BODIES, "i", n);
  gsize start = text->len;
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      if (text->len > start)
        g_string_append_c (text, ',');
      g_string_append_len (text, replica_column_text (statement, 0), sqlite3_column_bytes (statement, 0));
    }

  return step == REPLICA_DONE;
}

/* Mutations are kept as the canonical text that the hash ran over: they are sent as they are. */
static SatchelOutgoing *
read_outgoing (ReplicaConnection *connection, ReplicaStatement *statement, GError **error)
{
  g_autoptr (GString) text = g_string_new ("{\"at\":");
  SatchelOutgoing *outgoing;
  gint64 n = replica_column_integer (statement, 0);

  satchel_json_append_string (text, replica_column_text (statement, 2));
  g_string_append (text, ",\"hash\":");
  satchel_json_append_string (text, replica_column_text (statement, 3));
  g_string_append (text, ",\"mutations\":[");
  if (!append_mutations (connection, n, text, error))
    return NULL;
  g_string_append_printf (text, "],\"n\":%" G_GINT64_FORMAT ",\"strict\":%s}", n,
                          replica_column_integer (statement, 1) != 0 ? "true" : "false");

  outgoing = g_new0 (SatchelOutgoing, 1);
  outgoing->n = n;
  outgoing->text = g_string_free_and_steal (g_steal_pointer (&text));

  return outgoing;
}

GPtrArray *
replica_outbox_take (ReplicaTransaction *tx, gint64 after, guint max_groups, gsize max_bytes, GError **error)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_outgoing_free);
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;
  gsize bytes = 0;

  statement = replica_query (tx->connection, error,
                             "SELECT n, strict, at, hash FROM _outbox WHERE n > ?"
                             " AND n NOT IN (SELECT n FROM _outcome) ORDER BY n LIMIT ?",
                             "ii", after, (gint64) max_groups);
  if (statement == NULL)
    return NULL;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      SatchelOutgoing *group = read_outgoing (tx->connection, statement, error);

      if (group == NULL)
        return NULL;

      bytes += strlen (group->text);
      if (groups->len > 0 && bytes > max_bytes)
        {
          satchel_outgoing_free (group);
          return g_steal_pointer (&groups);
        }
      g_ptr_array_add (groups, group);
    }

  return step == REPLICA_DONE ? g_steal_pointer (&groups) : NULL;
}

/* ---- Listing -------------------------------------------------------------------------------------- */

static gboolean
list_sent (ReplicaConnection *connection, GHashTable *sent, GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, "SELECT n FROM _outbox WHERE sent", "");
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      gint64 n = replica_column_integer (statement, 0);

      g_hash_table_add (sent, g_memdup2 (&n, sizeof n));
    }

  return step == REPLICA_DONE;
}

static SatchelWork *
work_from_group (SatchelGroup *group, gboolean sent)
{
  SatchelWork *work = g_new0 (SatchelWork, 1);

  work->n = group->n;
  work->at = g_strdup (group->at);
  work->strict = group->strict;
  work->sent = sent;
  work->mutations = g_ptr_array_ref (group->mutations);

  return work;
}

/* (element-type SatchelWork) */
GPtrArray *
replica_outbox_list (ReplicaConnection *connection, GError **error)
{
  g_autoptr (GPtrArray) groups = replica_outbox_read (connection, 0, G_MAXINT, error);
  g_autoptr (GHashTable) sent = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  GPtrArray *list;

  if (groups == NULL || !list_sent (connection, sent, error))
    return NULL;

  list = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_work_free);
  for (guint i = 0; i < groups->len; i++)
    {
      SatchelGroup *group = g_ptr_array_index (groups, i);

      g_ptr_array_add (list, work_from_group (group, g_hash_table_contains (sent, &group->n)));
    }

  return list;
}

/**
 * satchel_work_free:
 * @work: (transfer full): a group or a tray entry
 */
void
satchel_work_free (SatchelWork *work)
{
  g_free (work->id);
  g_free (work->at);
  g_free (work->reason);
  g_free (work->code);
  g_clear_pointer (&work->mutations, g_ptr_array_unref);
  g_free (work);
}

/* ---- Sent and settled ----------------------------------------------------------------------------- */

gboolean
replica_outbox_mark_sent (ReplicaTransaction *tx, gint64 first, gint64 last, GError **error)
{
  return replica_run (tx->connection, error, "UPDATE _outbox SET sent = 1 WHERE n BETWEEN ? AND ? AND NOT sent", "ii",
                      first, last);
}

static gboolean
list_touched (ReplicaConnection *connection, gint64 first, gint64 last, GHashTable *touched, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (connection, error, "SELECT id FROM _mutation WHERE n BETWEEN ? AND ?", "ii", first, last);
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      const char *id = replica_column_text (statement, 0);

      if (!g_hash_table_contains (touched, id))
        g_hash_table_insert (touched, g_strdup (id), NULL);
    }

  return step == REPLICA_DONE;
}

gboolean
replica_outbox_remove (ReplicaTransaction *tx, gint64 first, gint64 last, GHashTable *touched, guint *n_removed,
                       GError **error)
{
  tx->changes->outbox = TRUE;
  tx->settled = TRUE;

  if (!list_touched (tx->connection, first, last, touched, error) ||
      !replica_run (tx->connection, error, "DELETE FROM _mutation WHERE n BETWEEN ? AND ?", "ii", first, last) ||
      !replica_run (tx->connection, error, "DELETE FROM _outbox WHERE n BETWEEN ? AND ?", "ii", first, last))
    return FALSE;

  *n_removed = (guint) sqlite3_changes (replica_connection_get_db (tx->connection));

  return TRUE;
}
