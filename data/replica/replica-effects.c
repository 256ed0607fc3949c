/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-effects.h"

#include <string.h>

#include "replica-children.h"

#define VALUES_MAX_DEPTH 32

/* ---- What hangs on an account --------------------------------------------------------------------- */

static gboolean
add_effect_on_child (ReplicaTransaction *tx, SatchelMutationKind kind, const char *id, GPtrArray *effects,
                     GError **error)
{
  const ReplicaTable *table;
  gint64 key;

  if (!replica_rows_locate (tx->connection, tx->schema, id, &table, &key, error))
    return FALSE;
  if (table != NULL)
    g_ptr_array_add (effects, satchel_mutation_new (kind, satchel_type_get_name (table->type), id));

  return TRUE;
}

static gboolean
add_effects_on_children (ReplicaTransaction *tx, const SatchelMutation *mutation, const SatchelRecord *before,
                         GPtrArray *effects, GError **error)
{
  const SatchelType *type = satchel_record_get_record_type (before);
  g_autoptr (GPtrArray) children = g_ptr_array_new_with_free_func (g_free);
  gboolean listed;

  if (mutation->kind == SATCHEL_MUTATION_DELETE)
    listed = replica_children_list (tx->connection, tx->schema, type, mutation->id, children, error);
  else
    listed = replica_children_list_binned (tx->connection, tx->schema, mutation->id, children, error);

  for (guint i = 0; listed && i < children->len; i++)
    listed = add_effect_on_child (tx, mutation->kind, g_ptr_array_index (children, i), effects, error);

  return listed;
}

/* ---- What a settled conflict says of its target --------------------------------------------------- */

static JsonObject *
get_listed_value (const SatchelRecord *conflict, gint64 number, JsonNode **values)
{
  const char *text = satchel_record_get_text (conflict, "values");
  JsonArray *array;
  JsonNode *value, *fields;

  *values = text != NULL ? satchel_json_parse (text, -1, VALUES_MAX_DEPTH, NULL) : NULL;
  if (*values == NULL || !JSON_NODE_HOLDS_ARRAY (*values))
    return NULL;

  array = json_node_get_array (*values);
  if (number < 1 || number > (gint64) json_array_get_length (array))
    return NULL;

  value = json_array_get_element (array, (guint) number - 1);
  fields = JSON_NODE_HOLDS_OBJECT (value) ? json_object_get_member (json_node_get_object (value), "fields") : NULL;

  return fields != NULL && JSON_NODE_HOLDS_OBJECT (fields) ? json_node_get_object (fields) : NULL;
}

/* %NULL: the target stays as it is. */
static JsonObject *
dup_chosen_value (const SatchelRecord *conflict, JsonObject *resolution)
{
  JsonNode *keep = json_object_get_member (resolution, "keep");
  g_autoptr (JsonNode) values = NULL;
  JsonObject *chosen = NULL;

  if (json_node_get_value_type (keep) == G_TYPE_INT64)
    chosen = get_listed_value (conflict, json_node_get_int (keep), &values);
  else if (g_strcmp0 (json_node_get_string (keep), "value") == 0)
    chosen = json_object_get_object_member (resolution, "value");

  return chosen != NULL ? json_object_ref (chosen) : NULL;
}

static SatchelMutation *
effect_on_target_new (const SatchelRecord *conflict, const char *type, const char *id, JsonObject *value)
{
  const char *unit = satchel_record_get_text (conflict, "unit");
  SatchelMutation *effect;
  SatchelUnitChange *change;

  if (strcmp (unit, "deleted") == 0)
    return satchel_mutation_new (json_object_get_boolean_member_with_default (value, "deleted", FALSE)
                                     ? SATCHEL_MUTATION_DELETE
                                     : SATCHEL_MUTATION_RESTORE,
                                 type, id);

  effect = satchel_mutation_new (SATCHEL_MUTATION_PATCH, type, id);
  change = satchel_unit_change_new (unit, NULL);
  change->value = json_object_ref (value);
  g_ptr_array_add (effect->units, change);

  return effect;
}

static void
add_effect_on_target (const SatchelMutation *mutation, const SatchelRecord *conflict, GPtrArray *effects)
{
  const char *type = satchel_record_get_text (conflict, "target_type");
  const char *id = satchel_record_get_text (conflict, "target_id");
  g_autoptr (JsonObject) value = dup_chosen_value (conflict, mutation->resolution);

  if (value != NULL && type != NULL && id != NULL && satchel_record_has (conflict, "unit"))
    g_ptr_array_add (effects, effect_on_target_new (conflict, type, id, value));
}

gboolean
replica_effects_list (ReplicaTransaction *tx, const SatchelMutation *mutation, const SatchelRecord *before,
                      GPtrArray *effects, GError **error)
{
  switch (mutation->kind)
    {
    case SATCHEL_MUTATION_DELETE:
    case SATCHEL_MUTATION_RESTORE:
      return !replica_type_has_children (satchel_record_get_record_type (before)) ||
             add_effects_on_children (tx, mutation, before, effects, error);
    case SATCHEL_MUTATION_RESOLVE:
      add_effect_on_target (mutation, before, effects);
      return TRUE;
    case SATCHEL_MUTATION_CREATE:
    case SATCHEL_MUTATION_PATCH:
    default:
      return TRUE;
    }
}
