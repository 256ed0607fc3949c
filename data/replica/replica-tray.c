/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tray: what the server refused, with its reason, until a person has decided. */

#include "satchel-config.h"

#include "replica-tray.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "replica-commit.h"
#include "replica-overlay.h"

#define BODY_MAX_DEPTH 48

/* ---- Entries as text ------------------------------------------------------------------------------ */

char *
replica_tray_mutations_to_body (GPtrArray *mutations)
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

GPtrArray *
replica_tray_mutations_from_body (const char *body, GError **error)
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

SatchelWork *
replica_tray_read_entry (ReplicaStatement *statement, GError **error)
{
  g_autoptr (SatchelWork) work = g_new0 (SatchelWork, 1);

  work->id = replica_column_dup_text (statement, 0);
  work->n = replica_column_integer (statement, 1);
  work->at = replica_column_dup_text (statement, 2);
  work->strict = replica_column_integer (statement, 3) != 0;
  work->sent = TRUE;
  work->code = replica_column_dup_text (statement, 4);
  work->reason = replica_column_dup_text (statement, 5);
  if (work->id != NULL && replica_column_text (statement, 6) != NULL)
    work->mutations = replica_tray_mutations_from_body (replica_column_text (statement, 6), error);

  return work->mutations != NULL ? g_steal_pointer (&work) : NULL;
}

GPtrArray *
replica_tray_list (ReplicaConnection *connection, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_work_free);
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (connection, error, REPLICA_TRAY_SELECT, "");
  if (statement == NULL)
    return NULL;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      SatchelWork *work = replica_tray_read_entry (statement, error);

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
  SatchelWork entry = {
    .id = id,
    .n = group->n,
    .at = group->at,
    .strict = group->strict,
    .code = (char *) code,
    .reason = (char *) reason,
    .mutations = group->mutations,
  };

  return replica_tray_restore (tx, &entry, error);
}

gboolean
replica_tray_restore (ReplicaTransaction *tx, const SatchelWork *entry, GError **error)
{
  g_autofree char *body = replica_tray_mutations_to_body (entry->mutations);

  tx->changes->outbox = TRUE;
  tx->kept_changed = TRUE;

  return replica_run (
      tx->connection, error, "INSERT INTO _tray (id, n, at, strict, code, reason, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
      "sisisss", entry->id, entry->n, entry->at, (gint64) entry->strict, entry->code, entry->reason, body);
}

/* ---- Bases on what was refused -------------------------------------------------------------------- */

/* What one change in the tray was made on, when that was another one in the tray: @group becomes what it was made on
 * itself, or the group that it is sent with now. */
typedef struct
{
  const SatchelWork *group;
  gint64 now; /* 0: it is dropped */
} Rebasing;

static gboolean
is_based_on (const char *base, gint64 n)
{
  return base != NULL && base[0] == '@' && g_ascii_strtoll (base + 1, NULL, 10) == n;
}

static const SatchelMutation *
find_mutation (const SatchelWork *work, const char *id)
{
  for (guint i = 0; i < work->mutations->len; i++)
    {
      const SatchelMutation *mutation = g_ptr_array_index (work->mutations, i);

      if (strcmp (mutation->id, id) == 0)
        return mutation;
    }

  return NULL;
}

/* %NULL: it stays as it is. */
static char *
find_base (const Rebasing *self, const char *id, const char *unit)
{
  const SatchelMutation *mutation = find_mutation (self->group, id);
  const SatchelUnitChange *change;

  if (self->now != 0)
    return g_strdup_printf ("@%" G_GINT64_FORMAT, self->now);
  if (mutation == NULL || unit == NULL)
    return mutation != NULL ? g_strdup (mutation->base) : NULL;

  change = satchel_mutation_find_unit (mutation, unit);

  return change != NULL ? g_strdup (change->base) : NULL;
}

static gboolean
rebase (const Rebasing *self, const char *id, const char *unit, char **base)
{
  char *found;

  if (!is_based_on (*base, self->group->n))
    return FALSE;

  found = find_base (self, id, unit);
  if (found == NULL)
    return FALSE;

  g_free (*base);
  *base = found;

  return TRUE;
}

static gboolean
rebase_mutation (const Rebasing *self, SatchelMutation *mutation)
{
  gboolean changed = rebase (self, mutation->id, NULL, &mutation->base);

  for (guint i = 0; i < mutation->units->len; i++)
    {
      SatchelUnitChange *change = g_ptr_array_index (mutation->units, i);

      changed |= rebase (self, mutation->id, change->unit, &change->base);
    }

  return changed;
}

static gboolean
rebase_entry (ReplicaTransaction *tx, const Rebasing *self, const SatchelWork *entry, GError **error)
{
  g_autofree char *body = NULL;
  gboolean changed = FALSE;

  for (guint i = 0; i < entry->mutations->len; i++)
    changed |= rebase_mutation (self, g_ptr_array_index (entry->mutations, i));
  if (!changed)
    return TRUE;

  body = replica_tray_mutations_to_body (entry->mutations);

  return replica_run (tx->connection, error, "UPDATE _tray SET body = ? WHERE id = ?", "ss", body, entry->id);
}

/* @now: the group that the entry is sent with now; 0: it is dropped. */
static gboolean
rebase_others (ReplicaTransaction *tx, GPtrArray *entries, const SatchelWork *entry, gint64 now, GError **error)
{
  Rebasing rebasing = { entry, now };

  for (guint i = 0; i < entries->len; i++)
    {
      const SatchelWork *other = g_ptr_array_index (entries, i);

      if (other != entry && !rebase_entry (tx, &rebasing, other, error))
        return FALSE;
    }

  return TRUE;
}

/* Sent alone, a change cannot stand on one that is still in the tray; it stands on what that one stood on. */
static void
rebase_on_sent (GPtrArray *entries, SatchelWork *entry)
{
  for (guint i = entries->len; i > 0; i--)
    {
      Rebasing rebasing = { g_ptr_array_index (entries, i - 1), 0 };

      if (rebasing.group == entry)
        continue;
      for (guint m = 0; m < entry->mutations->len; m++)
        rebase_mutation (&rebasing, g_ptr_array_index (entry->mutations, m));
    }
}

/* ---- Trying again and letting go ------------------------------------------------------------------ */

static SatchelWork *
find_entry (GPtrArray *entries, const char *id, GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    {
      SatchelWork *entry = g_ptr_array_index (entries, i);

      if (strcmp (entry->id, id) == 0)
        return entry;
    }

  g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND,
                       _ ("This is not in the tray any more. Nothing was changed."));

  return NULL;
}

static gboolean
remove_entry (ReplicaTransaction *tx, const SatchelWork *entry, GError **error)
{
  tx->changes->outbox = TRUE;
  tx->kept_changed = TRUE;

  return replica_run (tx->connection, error, "DELETE FROM _tray WHERE id = ?", "s", entry->id);
}

/* @n: the group that takes the entry's place; 0: none does */
static gboolean
give_way (ReplicaTransaction *tx, GPtrArray *entries, const SatchelWork *entry, gint64 n, GError **error)
{
  return rebase_others (tx, entries, entry, n, error) && remove_entry (tx, entry, error);
}

gboolean
replica_tray_retry (ReplicaTransaction *tx, const char *id, GError **error)
{
  g_autoptr (GPtrArray) entries = replica_tray_list (tx->connection, error);
  SatchelWork *entry = entries != NULL ? find_entry (entries, id, error) : NULL;
  g_autoptr (SatchelGroup) group = NULL;

  if (entry == NULL)
    return FALSE;

  rebase_on_sent (entries, entry);
  group = satchel_group_new ();
  group->strict = entry->strict;
  g_clear_pointer (&group->mutations, g_ptr_array_unref);
  group->mutations = g_ptr_array_ref (entry->mutations);
  tx->retried = id;

  return replica_commit_group (tx, group, NULL, error) && give_way (tx, entries, entry, group->n, error);
}

gboolean
replica_tray_give_way (ReplicaTransaction *tx, const char *id, gint64 n, GError **error)
{
  g_autoptr (GPtrArray) entries = replica_tray_list (tx->connection, error);
  SatchelWork *entry = entries != NULL ? find_entry (entries, id, error) : NULL;

  return entry != NULL && give_way (tx, entries, entry, n, error);
}

gboolean
replica_tray_drop (ReplicaTransaction *tx, const char *id, GError **error)
{
  g_autoptr (GPtrArray) entries = replica_tray_list (tx->connection, error);
  SatchelWork *entry = entries != NULL ? find_entry (entries, id, error) : NULL;

  return entry != NULL && give_way (tx, entries, entry, 0, error);
}
