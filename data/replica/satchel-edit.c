/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person did, gathered into one group before it is committed. */

#include "satchel-config.h"

#include "satchel-edit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"

struct _SatchelEdit
{
  GObject parent_instance;

  SatchelGroup *group;
};

G_DEFINE_FINAL_TYPE (SatchelEdit, satchel_edit, G_TYPE_OBJECT)

static void
satchel_edit_finalize (GObject *object)
{
  SatchelEdit *self = SATCHEL_EDIT (object);

  satchel_group_free (self->group);

  G_OBJECT_CLASS (satchel_edit_parent_class)->finalize (object);
}

static void
satchel_edit_class_init (SatchelEditClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = satchel_edit_finalize;
}

static void
satchel_edit_init (SatchelEdit *self)
{
  self->group = satchel_group_new ();
}

/**
 * satchel_edit_new:
 *
 * Returns: (transfer full): an edit that changes nothing yet
 */
SatchelEdit *
satchel_edit_new (void)
{
  return g_object_new (SATCHEL_TYPE_EDIT, NULL);
}

/**
 * satchel_edit_set_strict:
 * @self: an edit
 * @strict: whether all of it has to apply at the server, or none
 */
void
satchel_edit_set_strict (SatchelEdit *self, gboolean strict)
{
  self->group->strict = strict;
}

gboolean
satchel_edit_is_empty (SatchelEdit *self)
{
  return self->group->mutations->len == 0;
}

const SatchelGroup *
satchel_edit_peek_group (SatchelEdit *self)
{
  return self->group;
}

/* ---- Mutations ------------------------------------------------------------------------------------ */

static SatchelMutation *
find_mutation (SatchelEdit *self, const char *id)
{
  for (guint i = 0; i < self->group->mutations->len; i++)
    {
      SatchelMutation *mutation = g_ptr_array_index (self->group->mutations, i);

      if (strcmp (mutation->id, id) == 0 &&
          (mutation->kind == SATCHEL_MUTATION_CREATE || mutation->kind == SATCHEL_MUTATION_PATCH))
        return mutation;
    }

  return NULL;
}

static SatchelMutation *
add_mutation (SatchelEdit *self, SatchelMutationKind kind, const SatchelRecord *record)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  SatchelMutation *mutation;

  mutation = satchel_mutation_new (kind, satchel_type_get_name (type), satchel_record_get_id (record));
  g_ptr_array_add (self->group->mutations, mutation);

  return mutation;
}

/* The mutation that a change of @seen belongs to: what this edit does to it already, else a new patch. */
static SatchelMutation *
get_mutation (SatchelEdit *self, const SatchelRecord *seen)
{
  SatchelMutation *mutation = find_mutation (self, satchel_record_get_id (seen));

  return mutation != NULL ? mutation : add_mutation (self, SATCHEL_MUTATION_PATCH, seen);
}

/* A change of the unit, on the base of @seen unless this edit touches the unit already. */
static SatchelUnitChange *
get_change (SatchelEdit *self, const SatchelRecord *seen, const char *unit)
{
  SatchelMutation *mutation = get_mutation (self, seen);
  SatchelUnitChange *change = satchel_mutation_find_unit (mutation, unit);
  g_autofree char *base = NULL;

  if (change != NULL)
    return change;

  if (mutation->kind == SATCHEL_MUTATION_PATCH)
    base = satchel_record_dup_base (seen, unit);
  change = satchel_unit_change_new (unit, base);
  g_ptr_array_add (mutation->units, change);

  return change;
}

static void
change_value (SatchelEdit *self, const SatchelRecord *seen, const SatchelRecord *changed, const char *unit)
{
  SatchelUnitChange *change = get_change (self, seen, unit);

  g_clear_pointer (&change->value, json_object_unref);
  change->value = satchel_record_dup_unit (changed, unit);
}

/* ---- Sets ----------------------------------------------------------------------------------------- */

static char **
list_without (const char *const *members, const char *const *without)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; members != NULL && members[i] != NULL; i++)
    if (without == NULL || !g_strv_contains (without, members[i]))
      g_strv_builder_add (builder, members[i]);

  return g_strv_builder_end (builder);
}

static char **
list_joined (const char *const *members, const char *const *more)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) fresh = list_without (more, members);

  g_strv_builder_addv (builder, (const char **) members);
  g_strv_builder_addv (builder, (const char **) fresh);
  return g_strv_builder_end (builder);
}

static void
replace_list (char ***place, char **list)
{
  g_strfreev (*place);
  *place = list;
}

/* Members that a set gains and loses, after what this edit has gained and lost already. */
static void
change_members (SatchelUnitChange *change, const char *const *add, const char *const *remove)
{
  g_auto (GStrv) kept = list_without ((const char *const *) change->add, remove);
  g_auto (GStrv) lost = list_without ((const char *const *) change->remove, add);

  replace_list (&change->add, list_joined ((const char *const *) kept, add));
  replace_list (&change->remove, list_joined ((const char *const *) lost, remove));
}

/* In a create the set is a value like any other: there is nothing to add to. */
static void
change_created_set (SatchelUnitChange *change, const SatchelField *field, const char *const *add,
                    const char *const *remove)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  JsonNode *before = change->value == NULL ? NULL : json_object_get_member (change->value, field->name);

  if (before != NULL && !JSON_NODE_HOLDS_NULL (before))
    satchel_value_from_json (field, before, &value, NULL);
  satchel_value_set_apply (&value, add, remove);

  if (change->value == NULL)
    change->value = json_object_new ();
  json_object_set_member (change->value, field->name, satchel_value_to_json (field, &value));
}

static void
change_set (SatchelEdit *self, const SatchelRecord *seen, const SatchelField *field, const char *const *add,
            const char *const *remove)
{
  static const char *const nothing[] = { NULL };
  SatchelMutation *mutation = get_mutation (self, seen);
  SatchelUnitChange *change = get_change (self, seen, field->unit != NULL ? field->unit : field->name);

  add = add != NULL ? add : nothing;
  remove = remove != NULL ? remove : nothing;
  if (mutation->kind == SATCHEL_MUTATION_CREATE)
    change_created_set (change, field, add, remove);
  else
    change_members (change, add, remove);
}

static void
update_set (SatchelEdit *self, const SatchelRecord *seen, const SatchelRecord *changed, guint index)
{
  const SatchelField *field = satchel_type_get_field (satchel_record_get_record_type (seen), index);
  g_auto (GStrv) before = satchel_value_dup_set (satchel_record_get_value (seen, index));
  g_auto (GStrv) after = satchel_value_dup_set (satchel_record_get_value (changed, index));
  g_auto (GStrv) add = list_without ((const char *const *) after, (const char *const *) before);
  g_auto (GStrv) remove = list_without ((const char *const *) before, (const char *const *) after);

  change_set (self, seen, field, (const char *const *) add, (const char *const *) remove);
}

/* ---- Changes -------------------------------------------------------------------------------------- */

static gboolean
unit_differs (const SatchelUnit *unit, const SatchelRecord *seen, const SatchelRecord *changed)
{
  for (guint i = 0; i < unit->n_fields; i++)
    if (!satchel_value_equal (satchel_record_get_value (seen, unit->fields[i]),
                              satchel_record_get_value (changed, unit->fields[i])))
      return TRUE;

  return FALSE;
}

static gboolean
unit_is_empty (const SatchelUnit *unit, const SatchelRecord *record)
{
  for (guint i = 0; i < unit->n_fields; i++)
    if (!satchel_value_is_null (satchel_record_get_value (record, unit->fields[i])))
      return FALSE;

  return TRUE;
}

/**
 * satchel_edit_create:
 * @self: an edit
 * @record: a new record; all that it has is taken over
 *
 * Adds a new record. Whether it is whole is checked when the edit is committed.
 *
 * Returns: (transfer none): its id
 */
const char *
satchel_edit_create (SatchelEdit *self, SatchelRecord *record)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  SatchelMutation *mutation = add_mutation (self, SATCHEL_MUTATION_CREATE, record);

  for (guint i = 0; i < satchel_type_get_n_units (type); i++)
    {
      const SatchelUnit *unit = satchel_type_get_unit (type, i);

      if (unit->policy != SATCHEL_POLICY_DERIVED && !unit_is_empty (unit, record))
        {
          SatchelUnitChange *change = satchel_unit_change_new (unit->name, NULL);

          change->value = satchel_record_dup_unit (record, unit->name);
          g_ptr_array_add (mutation->units, change);
        }
    }

  return mutation->id;
}

/**
 * satchel_edit_update:
 * @self: an edit
 * @seen: a record as the person saw it
 * @changed: the same record as the person left it
 *
 * Saves each unit in which the two differ, on the bases of @seen. Sets become adds and removes.
 */
void
satchel_edit_update (SatchelEdit *self, const SatchelRecord *seen, const SatchelRecord *changed)
{
  const SatchelType *type = satchel_record_get_record_type (seen);

  g_assert (satchel_record_get_record_type (changed) == type);

  for (guint i = 0; i < satchel_type_get_n_units (type); i++)
    {
      const SatchelUnit *unit = satchel_type_get_unit (type, i);

      if (!unit_differs (unit, seen, changed))
        continue;
      if (unit->policy == SATCHEL_POLICY_SET)
        update_set (self, seen, changed, unit->fields[0]);
      else
        change_value (self, seen, changed, unit->name);
    }
}

/* What this edit has made of the unit already; %NULL when it has not touched it. */
static SatchelUnitChange *
find_value_change (SatchelEdit *self, const SatchelRecord *seen, const SatchelUnit *unit)
{
  SatchelMutation *mutation = find_mutation (self, satchel_record_get_id (seen));
  SatchelUnitChange *change = mutation != NULL ? satchel_mutation_find_unit (mutation, unit->name) : NULL;

  return change != NULL && change->value != NULL ? change : NULL;
}

/**
 * satchel_edit_set_field:
 * @self: an edit
 * @seen: a record as the person saw it
 * @field: a field of its type
 * @text: the machine's written form of the new value; "" clears
 * @error: return location for an error
 *
 * Changes one field; the rest of its unit is saved with it, as seen or as this edit has made it. Nothing when the
 * value is the same.
 *
 * Returns: %FALSE when there is no such field or the value does not fit it
 */
gboolean
satchel_edit_set_field (SatchelEdit *self, const SatchelRecord *seen, const char *field, const char *text,
                        GError **error)
{
  const SatchelType *type = satchel_record_get_record_type (seen);
  g_autoptr (SatchelRecord) changed = NULL;
  const SatchelUnit *unit;
  SatchelUnitChange *change;
  guint index = 0;

  if (satchel_type_find_field (type, field, error) == NULL)
    return FALSE;

  satchel_type_lookup_field (type, field, &index);
  unit = satchel_type_get_unit_of_field (type, index);
  change = find_value_change (self, seen, unit);
  changed = satchel_record_copy (seen);
  if (change != NULL)
    satchel_record_apply_unit (changed, unit->name, change->value, NULL);
  if (!satchel_record_set_from_text (changed, field, text, error))
    return FALSE;

  if (change != NULL)
    change_value (self, seen, changed, unit->name);
  else
    satchel_edit_update (self, seen, changed);
  return TRUE;
}

static const SatchelField *
find_set (const SatchelRecord *seen, const char *name, GError **error)
{
  const SatchelField *field = satchel_type_find_field (satchel_record_get_record_type (seen), name, error);

  if (field == NULL || field->kind == SATCHEL_KIND_SET)
    return field;

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
               _ ("“%s” holds one value. Only fields that hold several can gain or lose some."), name);
  return NULL;
}

/* Members in the form in which sets keep them; NULL when one does not fit. */
static char **
check_members (const SatchelField *field, const char *const *members, GError **error)
{
  g_autoptr (JsonArray) array = json_array_new ();
  g_autoptr (JsonNode) node = NULL;
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  char **checked;

  for (guint i = 0; members[i] != NULL; i++)
    json_array_add_string_element (array, members[i]);
  node = json_node_init_array (json_node_alloc (), array);
  if (!satchel_value_from_json (field, node, &value, error))
    return NULL;

  checked = satchel_value_dup_set (&value);
  return checked != NULL ? checked : g_new0 (char *, 1);
}

/**
 * satchel_edit_add_members:
 * @self: an edit
 * @seen: a record as the person saw it
 * @field: a set of its type
 * @members: (array zero-terminated=1): what the set gains
 * @error: return location for an error
 *
 * Returns: %FALSE when the field is no set or a member does not fit it
 */
gboolean
satchel_edit_add_members (SatchelEdit *self, const SatchelRecord *seen, const char *field, const char *const *members,
                          GError **error)
{
  const SatchelField *set = find_set (seen, field, error);
  g_auto (GStrv) checked = set == NULL ? NULL : check_members (set, members, error);

  if (checked == NULL)
    return FALSE;

  change_set (self, seen, set, (const char *const *) checked, NULL);
  return TRUE;
}

/**
 * satchel_edit_remove_members:
 * @self: an edit
 * @seen: a record as the person saw it
 * @field: a set of its type
 * @members: (array zero-terminated=1): what the set loses
 * @error: return location for an error
 *
 * Returns: %FALSE when the field is no set or a member does not fit it
 */
gboolean
satchel_edit_remove_members (SatchelEdit *self, const SatchelRecord *seen, const char *field,
                             const char *const *members, GError **error)
{
  const SatchelField *set = find_set (seen, field, error);
  g_auto (GStrv) checked = set == NULL ? NULL : check_members (set, members, error);

  if (checked == NULL)
    return FALSE;

  change_set (self, seen, set, NULL, (const char *const *) checked);
  return TRUE;
}

static void
add_on_whole (SatchelEdit *self, SatchelMutationKind kind, const SatchelRecord *seen)
{
  SatchelMutation *mutation = add_mutation (self, kind, seen);

  mutation->base = satchel_record_dup_base (seen, NULL);
}

/**
 * satchel_edit_delete:
 * @self: an edit
 * @seen: a record as the person saw it
 *
 * Puts a record into the bin, and what hangs on it.
 */
void
satchel_edit_delete (SatchelEdit *self, const SatchelRecord *seen)
{
  add_on_whole (self, SATCHEL_MUTATION_DELETE, seen);
}

/**
 * satchel_edit_restore:
 * @self: an edit
 * @seen: a record in the bin, as the person saw it
 *
 * Takes a record out of the bin again, and what went there with it.
 */
void
satchel_edit_restore (SatchelEdit *self, const SatchelRecord *seen)
{
  add_on_whole (self, SATCHEL_MUTATION_RESTORE, seen);
}

/* ---- Conflicts ------------------------------------------------------------------------------------ */

static guint
count_values (const SatchelRecord *conflict)
{
  const char *text = satchel_record_get_text (conflict, "values");
  g_autoptr (JsonNode) node = text == NULL ? NULL : satchel_json_parse (text, -1, 32, NULL);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_array_get_length (json_node_get_array (node)) : 0;
}

/* `deleted` is no unit of the target: its base is the record's. */
static char *
dup_target_base (const SatchelRecord *conflict, const SatchelRecord *current)
{
  const char *unit = satchel_record_get_text (conflict, "unit");

  return satchel_record_dup_base (current, g_strcmp0 (unit, "deleted") == 0 ? NULL : unit);
}

static JsonObject *
add_resolution (SatchelEdit *self, const SatchelRecord *conflict, const SatchelRecord *current)
{
  SatchelMutation *mutation = add_mutation (self, SATCHEL_MUTATION_RESOLVE, conflict);
  g_autofree char *target_base = dup_target_base (conflict, current);

  mutation->base = satchel_record_dup_base (conflict, NULL);
  mutation->resolution = json_object_new ();
  json_object_set_int_member (mutation->resolution, "seen", count_values (conflict));
  if (target_base != NULL)
    json_object_set_string_member (mutation->resolution, "target_base", target_base);

  return mutation->resolution;
}

/**
 * satchel_edit_resolve_keep_current:
 * @self: an edit
 * @conflict: an open conflict as seen
 * @current: its target as seen
 *
 * Settles a conflict in favour of what the target says now.
 */
void
satchel_edit_resolve_keep_current (SatchelEdit *self, const SatchelRecord *conflict, const SatchelRecord *current)
{
  json_object_set_string_member (add_resolution (self, conflict, current), "keep", "current");
}

/**
 * satchel_edit_resolve_keep_value:
 * @self: an edit
 * @conflict: an open conflict as seen
 * @current: its target as seen
 * @number: which of its values, from 1
 * @error: return location for an error
 *
 * Settles a conflict in favour of one of its values.
 *
 * Returns: %FALSE when there is no such value
 */
gboolean
satchel_edit_resolve_keep_value (SatchelEdit *self, const SatchelRecord *conflict, const SatchelRecord *current,
                                 guint number, GError **error)
{
  guint n_values = count_values (conflict);

  if (number >= 1 && number <= n_values)
    {
      json_object_set_int_member (add_resolution (self, conflict, current), "keep", number);
      return TRUE;
    }

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND,
               g_dngettext (GETTEXT_PACKAGE, "This conflict has %u value; there is no value %u.",
                            "This conflict has %u values; there is no value %u.", n_values),
               n_values, number);
  return FALSE;
}

/* Whether the value has what its unit has, in the form that the unit keeps. */
static gboolean
check_unit_value (const SatchelRecord *conflict, const SatchelRecord *current, JsonObject *value, GError **error)
{
  g_autoptr (SatchelRecord) tried = satchel_record_copy (current);

  return satchel_record_apply_unit (tried, satchel_record_get_text (conflict, "unit"), value, error);
}

/**
 * satchel_edit_resolve_with:
 * @self: an edit
 * @conflict: an open conflict as seen
 * @current: its target as seen
 * @value: the whole value of the unit: an object of its fields
 * @error: return location for an error
 *
 * Settles a conflict with a value of one's own.
 *
 * Returns: %FALSE when the value does not fit the unit
 */
gboolean
satchel_edit_resolve_with (SatchelEdit *self, const SatchelRecord *conflict, const SatchelRecord *current,
                           JsonObject *value, GError **error)
{
  JsonObject *resolution;

  if (g_strcmp0 (satchel_record_get_text (conflict, "unit"), "deleted") == 0)
    {
      g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                           _ ("This conflict is about being in the bin or not; keep one of the two."));
      return FALSE;
    }
  if (!check_unit_value (conflict, current, value, error))
    return FALSE;

  resolution = add_resolution (self, conflict, current);
  json_object_set_string_member (resolution, "keep", "value");
  json_object_set_object_member (resolution, "value", json_object_ref (value));
  return TRUE;
}
