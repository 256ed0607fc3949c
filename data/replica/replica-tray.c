/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tray: what the server refused, with its reason, until a person has decided. */

#include "satchel-config.h"

#include "replica-tray.h"

#include "records/satchel-id.h"
#include "replica-overlay.h"

#define BODY_MAX_DEPTH 48

/* ---- Entries as text ------------------------------------------------------------------------------ */

static char *
mutations_to_body (GPtrArray *mutations)
{
  g_autoptr (JsonArray) array = json_array_new ();
  g_autoptr (JsonNode) node = NULL;

  for (guint i = 0; i < mutations->len; i++)
    json_array_add_object_element (array, satchel_mutation_to_json (g_ptr_array_index (mutations, i)));
  node = json_node_init_array (json_node_alloc (), array);

  return satchel_json_to_canonical (node);
}

static gboolean
read_mutation (JsonNode *node, GPtrArray *mutations, GError **error)
{
  SatchelMutation *mutation;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      replica_set_error_code (SQLITE_CORRUPT, NULL, error);
      return FALSE;
    }

  mutation = satchel_mutation_from_json (json_node_get_object (node), error);
  if (mutation != NULL)
    g_ptr_array_add (mutations, mutation);

  return mutation != NULL;
}

static GPtrArray *
mutations_from_body (const char *body, GError **error)
{
  g_autoptr (JsonNode) node = satchel_json_parse (body, -1, BODY_MAX_DEPTH, error);
  g_autoptr (GPtrArray) mutations = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_mutation_free);
  JsonArray *array;

  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      replica_set_error_code (SQLITE_CORRUPT, NULL, error);
      return NULL;
    }

  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_mutation (json_array_get_element (array, i), mutations, error))
      return NULL;

  return g_steal_pointer (&mutations);
}

/* ---- Reading -------------------------------------------------------------------------------------- */

static SatchelWork *
read_entry (ReplicaStatement *statement, GError **error)
{
  g_autoptr (SatchelWork) work = g_new0 (SatchelWork, 1);

  work->id = replica_column_dup_text (statement, 0);
  work->n = replica_column_integer (statement, 1);
  work->at = replica_column_dup_text (statement, 2);
  work->strict = replica_column_integer (statement, 3) != 0;
  work->sent = TRUE;
  work->code = replica_column_dup_text (statement, 4);
  work->reason = replica_column_dup_text (statement, 5);
  work->mutations = mutations_from_body (replica_column_text (statement, 6), error);

  return work->mutations != NULL ? g_steal_pointer (&work) : NULL;
}

GPtrArray *
replica_tray_list (ReplicaConnection *connection, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_work_free);
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (connection, error,
                             "SELECT id, n, at, strict, code, reason, body FROM _tray ORDER BY number", "");
  if (statement == NULL)
    return NULL;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      SatchelWork *work = read_entry (statement, error);

      if (work == NULL)
        return NULL;
      g_ptr_array_add (list, work);
    }

  return step == REPLICA_DONE ? g_steal_pointer (&list) : NULL;
}

/* ---- Writing -------------------------------------------------------------------------------------- */

gboolean
replica_tray_add (ReplicaTransaction *tx, const SatchelGroup *group, const char *code, const char *reason,
                  GError **error)
{
  g_autofree char *id = satchel_id_new ();
  g_autofree char *body = mutations_to_body (group->mutations);

  tx->changes->outbox = TRUE;

  return replica_run (tx->connection, error,
                      "INSERT INTO _tray (id, n, at, strict, code, reason, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
                      "sisisss", id, group->n, group->at, (gint64) group->strict, code, reason, body);
}
