/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the server decided, and how the device's own work is retired by it. */

#include "satchel-config.h"

#include "replica-settle.h"

#include <string.h>

#include "replica-journal.h"
#include "replica-outbox.h"
#include "replica-tray.h"

#define OUTCOME_MAX_DEPTH 16

/**
 * satchel_outcome_free:
 * @outcome: (transfer full): an outcome
 */
void
satchel_outcome_free (SatchelOutcome *outcome)
{
  g_free (outcome->result);
  g_free (outcome->code);
  g_free (outcome->reason);
  g_clear_pointer (&outcome->mutations, json_node_unref);
  g_free (outcome);
}

/* ---- Outcomes in the file ------------------------------------------------------------------------- */

static gboolean
store_outcome (ReplicaTransaction *tx, const SatchelOutcome *outcome, GError **error)
{
  g_autofree char *body = outcome->mutations != NULL ? satchel_json_to_canonical (outcome->mutations) : NULL;

  return replica_run (tx->connection, error,
                      "INSERT OR REPLACE INTO _outcome (n, result, code, reason, body) VALUES (?, ?, ?, ?, ?)", "issss",
                      outcome->n, outcome->result, outcome->code, outcome->reason, body);
}

gboolean
replica_settle_store (ReplicaTransaction *tx, GPtrArray *outcomes, GError **error)
{
  for (guint i = 0; i < outcomes->len; i++)
    if (!store_outcome (tx, g_ptr_array_index (outcomes, i), error))
      return FALSE;

  return TRUE;
}

static SatchelOutcome *
read_outcome (ReplicaStatement *statement)
{
  SatchelOutcome *outcome = g_new0 (SatchelOutcome, 1);
  const char *body = replica_column_text (statement, 4);

  outcome->n = replica_column_integer (statement, 0);
  outcome->result = replica_column_dup_text (statement, 1);
  outcome->code = replica_column_dup_text (statement, 2);
  outcome->reason = replica_column_dup_text (statement, 3);
  if (body != NULL)
    outcome->mutations = satchel_json_parse (body, -1, OUTCOME_MAX_DEPTH, NULL);

  return outcome;
}

static gboolean
list_outcomes (ReplicaTransaction *tx, gint64 through, GPtrArray *outcomes, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (tx->connection, error,
                             "SELECT n, result, code, reason, body FROM _outcome WHERE n <= ? ORDER BY n", "i",
                             through);
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    g_ptr_array_add (outcomes, read_outcome (statement));

  return step == REPLICA_DONE;
}

/* ---- What became of each unit --------------------------------------------------------------------- */

static JsonObject *
get_mutation (const SatchelOutcome *outcome, guint index)
{
  JsonArray *array;
  JsonNode *node;

  if (outcome->mutations == NULL || !JSON_NODE_HOLDS_ARRAY (outcome->mutations))
    return NULL;

  array = json_node_get_array (outcome->mutations);
  node = index < json_array_get_length (array) ? json_array_get_element (array, index) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* What was said of the units of mutation number @index; %NULL when all of them were simply applied. */
static JsonObject *
get_units (const SatchelOutcome *outcome, guint index)
{
  JsonObject *mutation = get_mutation (outcome, index);
  JsonNode *node = mutation != NULL ? json_object_get_member (mutation, "units") : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* What was said of one unit; %NULL when it was simply applied. */
static JsonObject *
get_unit (JsonObject *units, const char *name)
{
  JsonNode *node = json_object_get_member (units, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static gboolean
is_unit_outcome (JsonObject *unit, const char *outcome)
{
  return unit != NULL && g_strcmp0 (get_string (unit, "outcome"), outcome) == 0;
}

static void
count_units (JsonObject *units, SatchelDeliveryResult *result)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, units);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *unit = get_unit (units, name);

      result->merged += is_unit_outcome (unit, "merged");
      result->conflicts += is_unit_outcome (unit, "conflict");
    }
}

/* ---- What was refused of a group ------------------------------------------------------------------ */

/* Collects the refused parts of a group, with the first reason. What was refused when the group was settled before is in
 * the tray already, or was taken out of it. */
typedef struct
{
  const SatchelOutcome *before; /* NULL: it was not */
  SatchelGroup *group;
  const char *code;
  const char *reason;
} Refused;

static gboolean
was_refused (JsonObject *before, const char *unit)
{
  return before != NULL && is_unit_outcome (get_unit (before, unit), "refused");
}

static void
note_reason (Refused *refused, JsonObject *unit)
{
  if (refused->code != NULL)
    return;

  refused->code = get_string (unit, "code");
  refused->reason = get_string (unit, "reason");
}

static SatchelUnitChange *
copy_change (const SatchelUnitChange *change, const char *base)
{
  SatchelUnitChange *copy = satchel_unit_change_new (change->unit, change->base != NULL ? change->base : base);

  copy->value = change->value != NULL ? json_object_ref (change->value) : NULL;
  copy->add = g_strdupv (change->add);
  copy->remove = g_strdupv (change->remove);

  return copy;
}

/* What is left of a create is a change of what was created: on the revision that it was given. */
static void
collect_units (Refused *refused, const SatchelMutation *mutation, JsonObject *units, JsonObject *before,
               const char *base)
{
  SatchelMutation *left = satchel_mutation_new (SATCHEL_MUTATION_PATCH, mutation->type, mutation->id);

  for (guint i = 0; i < mutation->units->len; i++)
    {
      const SatchelUnitChange *change = g_ptr_array_index (mutation->units, i);
      JsonObject *unit = get_unit (units, change->unit);

      if (!is_unit_outcome (unit, "refused") || was_refused (before, change->unit))
        continue;

      note_reason (refused, unit);
      g_ptr_array_add (left->units, copy_change (change, base));
    }

  if (left->units->len > 0)
    g_ptr_array_add (refused->group->mutations, left);
  else
    satchel_mutation_free (left);
}

static void
collect_whole (Refused *refused, const SatchelMutation *mutation, JsonObject *units, JsonObject *before)
{
  JsonObject *whole = get_unit (units, "deleted");
  SatchelMutation *left;

  if (!is_unit_outcome (whole, "refused") || was_refused (before, "deleted"))
    return;

  note_reason (refused, whole);
  left = satchel_mutation_new (mutation->kind, mutation->type, mutation->id);
  left->base = g_strdup (mutation->base);
  left->resolution = mutation->resolution != NULL ? json_object_ref (mutation->resolution) : NULL;
  g_ptr_array_add (refused->group->mutations, left);
}

static void
collect_refused (Refused *refused, const SatchelGroup *group, const SatchelOutcome *outcome,
                 SatchelDeliveryResult *result)
{
  for (guint i = 0; i < group->mutations->len; i++)
    {
      const SatchelMutation *mutation = g_ptr_array_index (group->mutations, i);
      JsonObject *units = get_units (outcome, i);
      JsonObject *before = refused->before != NULL ? get_units (refused->before, i) : NULL;

      if (units == NULL)
        continue;

      count_units (units, result);
      if (mutation->units->len > 0)
        collect_units (refused, mutation, units, before, get_string (get_mutation (outcome, i), "rev"));
      else
        collect_whole (refused, mutation, units, before);
    }
}

static gboolean
is_refused (const SatchelOutcome *outcome)
{
  return strcmp (outcome->result, "refused") == 0;
}

/* ---- One group ------------------------------------------------------------------------------------ */

static gboolean
settle_refused (ReplicaTransaction *tx, const SatchelGroup *group, const SatchelOutcome *outcome,
                const SatchelOutcome *before, SatchelDeliveryResult *result, GError **error)
{
  if (before != NULL && is_refused (before))
    return TRUE;
  result->refused++;

  return replica_tray_add (tx, group, outcome->code, outcome->reason, error);
}

static gboolean
settle_applied (ReplicaTransaction *tx, const SatchelGroup *group, const SatchelOutcome *outcome,
                const SatchelOutcome *before, SatchelDeliveryResult *result, GError **error)
{
  g_autoptr (SatchelGroup) left = satchel_group_new ();
  Refused refused = { .before = before, .group = left };

  left->n = group->n;
  left->at = g_strdup (group->at);
  left->strict = group->strict;
  collect_refused (&refused, group, outcome, result);
  result->applied++;

  if (left->mutations->len == 0)
    return TRUE;

  result->refused++;

  return replica_tray_add (tx, left, refused.code, refused.reason, error);
}

static gboolean
acknowledge (ReplicaTransaction *tx, const SatchelGroup *group, GError **error)
{
  return replica_meta_set_integer (tx->connection, "acknowledged", group->n, error) &&
         replica_meta_set (tx->connection, "last_hash", group->hash, error);
}

static gboolean
settle_parts (ReplicaTransaction *tx, const SatchelGroup *group, const SatchelOutcome *outcome,
              const SatchelOutcome *before, SatchelDeliveryResult *result, GError **error)
{
  return is_refused (outcome) ? settle_refused (tx, group, outcome, before, result, error)
                              : settle_applied (tx, group, outcome, before, result, error);
}

static SatchelOutcome *
outcome_from_json (JsonObject *object)
{
  SatchelOutcome *outcome = g_new0 (SatchelOutcome, 1);

  outcome->result = g_strdup (json_object_get_string_member_with_default (object, "result", "applied"));
  if (json_object_has_member (object, "mutations"))
    outcome->mutations = json_object_dup_member (object, "mutations");

  return outcome;
}

/* A group of the journal, sent again to a server that had lost it. */
static gboolean
settle_again (ReplicaTransaction *tx, const SatchelOutcome *outcome, SatchelDeliveryResult *result, GError **error)
{
  g_autoptr (GPtrArray) groups = replica_journal_read (tx->connection, outcome->n - 1, 1, G_MAXSIZE, error);
  g_autoptr (SatchelOutcome) before = NULL;
  SatchelGroup *group;

  if (groups == NULL)
    return FALSE;

  group = groups->len > 0 ? g_ptr_array_index (groups, 0) : NULL;
  if (group == NULL || group->n != outcome->n)
    return TRUE;

  before = outcome_from_json (group->outcome);

  return settle_parts (tx, group, outcome, before, result, error) && replica_journal_keep_again (tx, outcome, error) &&
         acknowledge (tx, group, error);
}

/* ---- Groups one behind the other ------------------------------------------------------------------ */

/* Whether nothing has to be looked up in the group to settle it. */
static gboolean
is_plain (const SatchelOutcome *outcome)
{
  if (strcmp (outcome->result, "applied") != 0)
    return FALSE;

  for (guint i = 0; get_mutation (outcome, i) != NULL; i++)
    if (get_units (outcome, i) != NULL)
      return FALSE;

  return TRUE;
}

/* @n_found grows if the group is there. */
static gboolean
look_into (ReplicaTransaction *tx, const SatchelOutcome *outcome, guint *n_found, SatchelDeliveryResult *result,
           GError **error)
{
  g_autoptr (GPtrArray) groups = replica_outbox_read (tx->connection, outcome->n - 1, 1, error);
  SatchelGroup *group;

  if (groups == NULL)
    return FALSE;

  group = groups->len > 0 ? g_ptr_array_index (groups, 0) : NULL;
  if (group == NULL || group->n != outcome->n)
    return TRUE;
  *n_found += 1;

  return settle_parts (tx, group, outcome, NULL, result, error);
}

static const SatchelOutcome *
get_outcome (GPtrArray *outcomes, guint index)
{
  return g_ptr_array_index (outcomes, index);
}

static gboolean
look_into_run (ReplicaTransaction *tx, GPtrArray *outcomes, guint start, guint end, guint *n_found,
               SatchelDeliveryResult *result, GError **error)
{
  for (guint i = start; i < end; i++)
    if (!is_plain (get_outcome (outcomes, i)) && !look_into (tx, get_outcome (outcomes, i), n_found, result, error))
      return FALSE;

  return TRUE;
}

/* A run leaves no counter out, so that what is said of each of its groups is said of all between its ends. */
static guint
find_run_end (GPtrArray *outcomes, guint start)
{
  guint end = start + 1;

  while (end < outcomes->len && get_outcome (outcomes, end)->n == get_outcome (outcomes, end - 1)->n + 1)
    end++;

  return end;
}

static gboolean
settle_run (ReplicaTransaction *tx, GPtrArray *outcomes, guint start, guint end, GHashTable *touched,
            SatchelDeliveryResult *result, GError **error)
{
  gint64 first = get_outcome (outcomes, start)->n, last = get_outcome (outcomes, end - 1)->n;
  g_autoptr (SatchelGroup) newest = NULL;
  guint n_looked_into = 0, n_removed = 0;

  if (!replica_outbox_find_last (tx->connection, first, last, &newest, error))
    return FALSE;
  if (newest == NULL)
    return TRUE;
  if (!look_into_run (tx, outcomes, start, end, &n_looked_into, result, error) || !acknowledge (tx, newest, error) ||
      !replica_outbox_remove (tx, first, last, touched, &n_removed, error))
    return FALSE;

  result->applied += n_removed - n_looked_into;

  return TRUE;
}

/* What was settled before has a lower counter than what is not. Returns: how many of the outcomes are of such. */
static gboolean
settle_known (ReplicaTransaction *tx, GPtrArray *outcomes, guint *n_known, SatchelDeliveryResult *result,
              GError **error)
{
  gint64 first;

  if (!replica_query_integer (tx->connection, "SELECT ifnull (min (n), 9223372036854775807) FROM _outbox", &first,
                              error))
    return FALSE;

  for (*n_known = 0; *n_known < outcomes->len && get_outcome (outcomes, *n_known)->n < first; *n_known += 1)
    if (!settle_again (tx, get_outcome (outcomes, *n_known), result, error))
      return FALSE;

  return TRUE;
}

static gboolean
settle_all (ReplicaTransaction *tx, GPtrArray *outcomes, GHashTable *touched, SatchelDeliveryResult *result,
            GError **error)
{
  guint start, end;

  if (!settle_known (tx, outcomes, &start, result, error))
    return FALSE;

  for (; start < outcomes->len; start = end)
    {
      end = find_run_end (outcomes, start);
      if (!settle_run (tx, outcomes, start, end, touched, result, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
replica_settle (ReplicaTransaction *tx, gint64 through, const char *at, GHashTable *touched,
                SatchelDeliveryResult *result, GError **error)
{
  g_autoptr (GPtrArray) outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_outcome_free);

  if (!list_outcomes (tx, through, outcomes, error))
    return FALSE;
  if (outcomes->len == 0)
    return TRUE;

  return replica_journal_keep (tx, through, at, error) && settle_all (tx, outcomes, touched, result, error) &&
         replica_run (tx->connection, error, "DELETE FROM _outcome WHERE n <= ?", "i", through) &&
         replica_journal_prune (tx, at, error);
}
