/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Groups that were settled, with what came of them. */

#include "satchel-config.h"

#include "replica-journal.h"

#include <string.h>

#include "replica-tray.h"

#define OUTCOME_MAX_DEPTH 16

/* ---- Writing -------------------------------------------------------------------------------------- */

gboolean
replica_journal_keep (ReplicaTransaction *tx, gint64 through, const char *at, GError **error)
{
  return replica_run (
      tx->connection, error,
      "INSERT OR REPLACE INTO _journal (n, strict, at, hash, settled_at, body, result, code, reason, outcome)"
      " SELECT o.n, o.strict, o.at, o.hash, ?, (SELECT json_group_array (json (m.body) ORDER BY m.position)"
      " FROM _mutation m WHERE m.n = o.n AND m.cause IS NULL), u.result, u.code, u.reason, u.body"
      " FROM _outcome u JOIN _outbox o ON o.n = u.n WHERE u.n <= ?",
      "si", at, through);
}

gboolean
replica_journal_keep_again (ReplicaTransaction *tx, const SatchelOutcome *outcome, GError **error)
{
  g_autofree char *body = outcome->mutations != NULL ? satchel_json_to_canonical (outcome->mutations) : NULL;

  return replica_run (tx->connection, error,
                      "UPDATE _journal SET result = ?, code = ?, reason = ?, outcome = ? WHERE n = ?", "ssssi",
                      outcome->result, outcome->code, outcome->reason, body, outcome->n);
}

gboolean
replica_journal_prune (ReplicaTransaction *tx, const char *at, GError **error)
{
  return replica_run (tx->connection, error,
                      "DELETE FROM _journal WHERE settled_at < strftime ('%Y-%m-%dT%H:%M:%fZ', ?, '-30 days')", "s",
                      at);
}

gboolean
replica_journal_renumber (ReplicaTransaction *tx, gint64 from, const SatchelGroup *group, GError **error)
{
  g_autofree char *body = replica_tray_mutations_to_body (group->mutations);

  return replica_run (tx->connection, error, "UPDATE _journal SET n = ?, hash = ?, body = ? WHERE n = ?", "issi",
                      group->n, group->hash, body, from);
}

/* ---- Reading -------------------------------------------------------------------------------------- */

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

/* As the server told it. */
static JsonObject *
read_outcome (ReplicaStatement *statement)
{
  const char *body = replica_column_text (statement, 8);
  JsonNode *mutations = body != NULL ? satchel_json_parse (body, -1, OUTCOME_MAX_DEPTH, NULL) : NULL;
  JsonObject *outcome = json_object_new ();

  json_object_set_int_member (outcome, "n", replica_column_integer (statement, 0));
  set_text (outcome, "result", replica_column_text (statement, 5));
  set_text (outcome, "code", replica_column_text (statement, 6));
  set_text (outcome, "reason", replica_column_text (statement, 7));
  if (mutations != NULL)
    json_object_set_member (outcome, "mutations", mutations);

  return outcome;
}

static SatchelGroup *
read_group (ReplicaStatement *statement, GError **error)
{
  g_autoptr (SatchelGroup) group = satchel_group_new ();

  g_clear_pointer (&group->mutations, g_ptr_array_unref);
  group->n = replica_column_integer (statement, 0);
  group->strict = replica_column_integer (statement, 1) != 0;
  group->at = replica_column_dup_text (statement, 2);
  group->hash = replica_column_dup_text (statement, 3);
  group->mutations = replica_tray_mutations_from_body (replica_column_text (statement, 4), error);
  group->outcome = read_outcome (statement);

  return group->mutations != NULL ? g_steal_pointer (&group) : NULL;
}

GPtrArray *
replica_journal_read (ReplicaConnection *connection, gint64 after, guint max_groups, gsize max_bytes, GError **error)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_group_free);
  g_autoptr (ReplicaStatement) statement = replica_query (
      connection, error,
      "SELECT n, strict, at, hash, body, result, code, reason, outcome FROM _journal WHERE n > ? ORDER BY n LIMIT ?",
      "ii", after, (gint64) max_groups);
  ReplicaStep step;
  gsize bytes = 0;

  if (statement == NULL)
    return NULL;

  while ((step = replica_step (statement, error)) == REPLICA_ROW && bytes <= max_bytes)
    {
      SatchelGroup *group = read_group (statement, error);

      if (group == NULL)
        return NULL;
      bytes += strlen (replica_column_text (statement, 4));
      g_ptr_array_add (groups, group);
    }

  return step != REPLICA_FAILED ? g_steal_pointer (&groups) : NULL;
}

static char *
object_to_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  return satchel_json_to_canonical (node);
}

/* What came of it is told ahead of it. */
static SatchelOutgoing *
outgoing_new_again (const SatchelGroup *group)
{
  SatchelOutgoing *outgoing = g_new0 (SatchelOutgoing, 1);
  g_autoptr (JsonObject) object = satchel_group_to_json (group);
  g_autoptr (JsonObject) replay = json_object_new ();

  json_object_set_int_member (replay, "n", group->n);
  json_object_set_object_member (replay, "outcome", json_object_ref (group->outcome));

  outgoing->n = group->n;
  outgoing->text = object_to_text (object);
  outgoing->replay = object_to_text (replay);

  return outgoing;
}

GPtrArray *
replica_journal_take (ReplicaConnection *connection, gint64 after, guint max_groups, gsize max_bytes, GError **error)
{
  g_autoptr (GPtrArray) groups = replica_journal_read (connection, after, max_groups, max_bytes, error);
  GPtrArray *outgoing;

  if (groups == NULL)
    return NULL;

  outgoing = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_outgoing_free);
  for (guint i = 0; i < groups->len; i++)
    g_ptr_array_add (outgoing, outgoing_new_again (g_ptr_array_index (groups, i)));

  return outgoing;
}
