/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Merge units as the server meets them. */

#include "satchel-config.h"

#include "server-units.h"

#include <string.h>

#define EXTRA_PREFIX "extra."
#define VALUE_MAX_DEPTH 32

static gboolean
is_known (const SatchelType *type, const char *unit)
{
  return g_str_has_prefix (unit, EXTRA_PREFIX) || satchel_type_lookup_unit (type, unit) != NULL;
}

SatchelPolicy
satchel_unit_get_policy (const SatchelType *type, const char *unit)
{
  const SatchelUnit *declared = satchel_type_lookup_unit (type, unit);

  return declared != NULL ? declared->policy : SATCHEL_POLICY_ASK;
}

/* A set has the name of its only field. */
static gboolean
is_unknown_set (const SatchelType *type, const SatchelUnitChange *change)
{
  return change->value == NULL && !is_known (type, change->unit);
}

SatchelPolicy
satchel_unit_get_change_policy (const SatchelType *type, const SatchelUnitChange *change)
{
  return is_unknown_set (type, change) ? SATCHEL_POLICY_SET : satchel_unit_get_policy (type, change->unit);
}

JsonObject *
satchel_unit_change_dup_like (const SatchelType *type, const SatchelUnitChange *change)
{
  JsonObject *like;

  if (change->value != NULL)
    return json_object_ref (change->value);
  if (!is_unknown_set (type, change))
    return NULL;

  like = json_object_new ();
  json_object_set_null_member (like, change->unit);

  return like;
}

static void
copy_unknown_member (const SatchelRecord *record, JsonObject *value, const char *member)
{
  g_autofree char *unit = g_strconcat (EXTRA_PREFIX, member, NULL);
  g_autoptr (JsonObject) extra = satchel_record_dup_unit (record, unit);

  json_object_set_member (value, member, json_object_dup_member (extra, member));
}

JsonObject *
satchel_unit_dup_value (const SatchelRecord *record, const char *unit, JsonObject *like)
{
  JsonObject *value = satchel_record_dup_unit (record, unit);
  JsonObjectIter iter;
  const char *member;

  if (value == NULL)
    value = json_object_new ();
  if (like == NULL)
    return value;

  json_object_iter_init_ordered (&iter, like);
  while (json_object_iter_next_ordered (&iter, &member, NULL))
    if (!json_object_has_member (value, member))
      copy_unknown_member (record, value, member);

  return value;
}

static gboolean
apply_unknown_unit (SatchelRecord *record, JsonObject *value, GError **error)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, value);
  while (json_object_iter_next_ordered (&iter, &member, &node))
    {
      g_autofree char *unit = g_strconcat (EXTRA_PREFIX, member, NULL);
      g_autoptr (JsonObject) single = json_object_new ();

      json_object_set_member (single, member, json_node_ref (node));
      if (!satchel_record_apply_unit (record, unit, single, error))
        return FALSE;
    }

  return TRUE;
}

SatchelRecord *
satchel_unit_try_value (const SatchelRecord *record, const char *unit, JsonObject *value, GError **error)
{
  g_autoptr (SatchelRecord) copy = satchel_record_copy (record);
  gboolean applied = is_known (satchel_record_get_record_type (record), unit)
                         ? satchel_record_apply_unit (copy, unit, value, error)
                         : apply_unknown_unit (copy, value, error);

  return applied ? g_steal_pointer (&copy) : NULL;
}

static SatchelRecord *
try_unknown_set (const SatchelRecord *record, const SatchelUnitChange *change, GError **error)
{
  const SatchelField field = { .name = change->unit, .kind = SATCHEL_KIND_SET, .policy = SATCHEL_POLICY_SET };
  g_autoptr (JsonObject) like = satchel_unit_change_dup_like (satchel_record_get_record_type (record), change);
  g_autoptr (JsonObject) before = satchel_unit_dup_value (record, change->unit, like);
  g_autoptr (JsonObject) after = json_object_new ();
  g_auto (SatchelValue) set = SATCHEL_VALUE_INIT;

  if (!satchel_value_from_json (&field, json_object_get_member (before, change->unit), &set, error))
    return NULL;

  satchel_value_set_apply (&set, (const char *const *) change->add, (const char *const *) change->remove);
  json_object_set_member (after, change->unit, satchel_value_to_json (&field, &set));

  return satchel_unit_try_value (record, change->unit, after, error);
}

SatchelRecord *
satchel_unit_try (const SatchelRecord *record, const SatchelUnitChange *change, GError **error)
{
  g_autoptr (SatchelRecord) copy = NULL;

  if (change->value != NULL)
    return satchel_unit_try_value (record, change->unit, change->value, error);
  if (is_unknown_set (satchel_record_get_record_type (record), change))
    return try_unknown_set (record, change, error);

  copy = satchel_record_copy (record);

  return satchel_unit_change_apply (change, copy, error) ? g_steal_pointer (&copy) : NULL;
}

/* ---- Values --------------------------------------------------------------------------------------- */

char *
satchel_unit_value_to_text (JsonObject *value)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), value);

  return satchel_json_to_canonical (node);
}

JsonObject *
satchel_unit_value_from_text (const char *text)
{
  g_autoptr (JsonNode) node = text != NULL ? satchel_json_parse (text, -1, VALUE_MAX_DEPTH, NULL) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_dup_object (node) : NULL;
}

gboolean
satchel_unit_value_equal (JsonObject *a, JsonObject *b)
{
  g_autofree char *a_text = satchel_unit_value_to_text (a);
  g_autofree char *b_text = satchel_unit_value_to_text (b);

  return strcmp (a_text, b_text) == 0;
}

static const char *
get_only_field (const SatchelType *type, const char *unit)
{
  const SatchelUnit *declared = satchel_type_lookup_unit (type, unit);

  return declared != NULL && declared->n_fields == 1 ? satchel_type_get_field (type, declared->fields[0])->name : NULL;
}

const char *
satchel_unit_value_get_text (const SatchelType *type, const char *unit, JsonObject *value)
{
  const char *field = get_only_field (type, unit);

  return field != NULL ? json_object_get_string_member_with_default (value, field, "") : NULL;
}

JsonObject *
satchel_unit_value_new_text (const SatchelType *type, const char *unit, const char *text)
{
  JsonObject *value = json_object_new ();

  if (text[0] != '\0')
    json_object_set_string_member (value, get_only_field (type, unit), text);
  else
    json_object_set_null_member (value, get_only_field (type, unit));

  return value;
}
