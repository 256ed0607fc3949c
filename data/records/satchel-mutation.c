/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What was changed: changes of units, mutations of records, groups of mutations. Their JSON form is in
 * satchel-mutation-json.c. */

#include "satchel-config.h"

#include "satchel-mutation.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "satchel-error.h"
#include "satchel-record-private.h"
#include "satchel-text.h"

#define SHOWN_LETTERS 64

static const char *const kind_names[] = {
  [SATCHEL_MUTATION_CREATE] = "create",   [SATCHEL_MUTATION_PATCH] = "patch",     [SATCHEL_MUTATION_DELETE] = "delete",
  [SATCHEL_MUTATION_RESTORE] = "restore", [SATCHEL_MUTATION_RESOLVE] = "resolve",
};

/**
 * satchel_mutation_kind_to_string:
 * @kind: a kind
 *
 * Returns: its name on the wire
 */
const char *
satchel_mutation_kind_to_string (SatchelMutationKind kind)
{
  g_assert ((guint) kind < G_N_ELEMENTS (kind_names));

  return kind_names[kind];
}

/**
 * satchel_mutation_kind_from_string:
 * @text: what should be a kind's name
 * @kind: (out): the kind
 *
 * Returns: whether there is a kind of that name
 */
gboolean
satchel_mutation_kind_from_string (const char *text, SatchelMutationKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
    if (strcmp (text, kind_names[i]) == 0)
      {
        *kind = i;
        return TRUE;
      }

  return FALSE;
}

/* ---- Life ----------------------------------------------------------------------------------------- */

/**
 * satchel_unit_change_new:
 * @unit: the unit's name
 * @base: (nullable): what it was made on
 *
 * Returns: (transfer full): a change without a value yet
 */
SatchelUnitChange *
satchel_unit_change_new (const char *unit, const char *base)
{
  SatchelUnitChange *self = g_new0 (SatchelUnitChange, 1);

  self->unit = g_strdup (unit);
  self->base = g_strdup (base);

  return self;
}

void
satchel_unit_change_free (SatchelUnitChange *self)
{
  g_free (self->unit);
  g_free (self->base);
  g_clear_pointer (&self->value, json_object_unref);
  g_strfreev (self->add);
  g_strfreev (self->remove);
  g_free (self);
}

/**
 * satchel_mutation_new:
 * @kind: what is done
 * @type: the type's name
 * @id: the record's id
 *
 * Returns: (transfer full): a mutation without units yet
 */
SatchelMutation *
satchel_mutation_new (SatchelMutationKind kind, const char *type, const char *id)
{
  SatchelMutation *self = g_new0 (SatchelMutation, 1);

  self->kind = kind;
  self->type = g_strdup (type);
  self->id = g_strdup (id);
  self->units = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_unit_change_free);

  return self;
}

void
satchel_mutation_free (SatchelMutation *self)
{
  g_free (self->type);
  g_free (self->id);
  g_free (self->base);
  g_clear_pointer (&self->units, g_ptr_array_unref);
  g_clear_pointer (&self->resolution, json_object_unref);
  g_free (self);
}

/**
 * satchel_mutation_find_unit:
 * @self: a mutation
 * @unit: a unit's name
 *
 * Returns: (transfer none) (nullable): the change of that unit
 */
SatchelUnitChange *
satchel_mutation_find_unit (const SatchelMutation *self, const char *unit)
{
  for (guint i = 0; i < self->units->len; i++)
    {
      SatchelUnitChange *change = g_ptr_array_index (self->units, i);

      if (strcmp (change->unit, unit) == 0)
        return change;
    }

  return NULL;
}

/**
 * satchel_group_new:
 *
 * Returns: (transfer full): a group without number, time and mutations yet
 */
SatchelGroup *
satchel_group_new (void)
{
  SatchelGroup *self = g_new0 (SatchelGroup, 1);

  self->mutations = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_mutation_free);

  return self;
}

void
satchel_group_free (SatchelGroup *self)
{
  g_free (self->at);
  g_free (self->hash);
  g_clear_pointer (&self->mutations, g_ptr_array_unref);
  g_clear_pointer (&self->outcome, json_object_unref);
  g_free (self);
}

/* ---- Laying a change over a record ---------------------------------------------------------------- */

static JsonNode *
members_to_json (char **members)
{
  g_autoptr (JsonArray) array = json_array_new ();

  for (guint i = 0; members != NULL && members[i] != NULL; i++)
    json_array_add_string_element (array, members[i]);

  return json_node_init_array (json_node_alloc (), array);
}

/* The members as the field holds them, checked like a value of it. */
static char **
check_members (const SatchelField *field, char **members, GError **error)
{
  g_autoptr (JsonNode) node = members_to_json (members);
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  char **checked;

  if (!satchel_value_from_json (field, node, &value, error))
    return NULL;

  checked = satchel_value_dup_set (&value);

  return checked != NULL ? checked : g_new0 (char *, 1);
}

/* What is to be taken away need not fit the field; it must only be spelled as it is held. */
static char **
normalise_members (char **members)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  char **normal;

  for (guint i = 0; members != NULL && members[i] != NULL; i++)
    {
      g_autofree char *member = satchel_text_normalise (members[i], -1);

      if (member != NULL)
        g_strv_builder_add (builder, member);
    }

  normal = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);

  return normal;
}

static gboolean
apply_set_change (const SatchelUnitChange *self, SatchelRecord *record, guint index, GError **error)
{
  const SatchelField *field = satchel_type_get_field (satchel_record_get_record_type (record), index);
  g_auto (GStrv) add = check_members (field, self->add, error);
  g_auto (GStrv) remove = NULL;
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  g_auto (SatchelValue) checked = SATCHEL_VALUE_INIT;
  g_autoptr (JsonNode) node = NULL;

  if (add == NULL)
    return FALSE;

  remove = normalise_members (self->remove);
  satchel_value_copy (satchel_record_get_value (record, index), &value);
  satchel_value_set_apply (&value, (const char *const *) add, (const char *const *) remove);

  /* The whole set has its limits too. */
  node = satchel_value_to_json (field, &value);
  if (!satchel_value_from_json (field, node, &checked, error))
    return FALSE;

  satchel_record_take_value (record, index, &checked);

  return TRUE;
}

static gboolean
report_no_set (const char *unit, GError **error)
{
  g_autofree char *shown = g_utf8_truncate_middle (unit, SHOWN_LETTERS);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
               _ ("“%s” is not a list, so nothing can be added to it or removed from it."), shown);

  return FALSE;
}

/**
 * satchel_unit_change_apply:
 * @self: a change
 * @record: the record that it is laid over
 * @error: why it does not fit
 *
 * Lays one change over a record as if nothing stood against it: a value
 * replaces the unit, additions and removals change the set that is there.
 *
 * Returns: whether it was laid over; on an error nothing has changed
 */
gboolean
satchel_unit_change_apply (const SatchelUnitChange *self, SatchelRecord *record, GError **error)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  const SatchelUnit *unit;

  if (self->value != NULL)
    return satchel_record_apply_unit (record, self->unit, self->value, error);

  unit = satchel_type_lookup_unit (type, self->unit);
  if (unit == NULL || unit->policy != SATCHEL_POLICY_SET)
    return report_no_set (self->unit, error);

  g_assert (unit->n_fields == 1);

  return apply_set_change (self, record, unit->fields[0], error);
}
