/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Conflicts: values that wait for a person, and how a person settles them. */

#include "satchel-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "server-buckets.h"
#include "server-decide.h"
#include "server-replay.h"
#include "server-units.h"

#define CONFLICT "conflict"
#define VALUES_MAX_DEPTH 32
#define MAX_COURTESY_BYTES (64 * 1024)

/* ---- Values --------------------------------------------------------------------------------------- */

static gboolean
is_open (const SatchelRecord *conflict)
{
  return g_strcmp0 (satchel_record_get_text (conflict, "state"), "open") == 0;
}

static JsonArray *
parse_values (const char *text)
{
  g_autoptr (JsonNode) node = text != NULL ? satchel_json_parse (text, -1, VALUES_MAX_DEPTH, NULL) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_dup_array (node) : json_array_new ();
}

static JsonArray *
get_values (const SatchelRow *conflict)
{
  return parse_values (satchel_record_get_text (conflict->record, "values"));
}

static char *
element_to_text (JsonArray *values, guint index)
{
  return satchel_json_to_canonical (json_array_get_element (values, index));
}

static gboolean
holds_element (JsonArray *values, guint length, const char *text)
{
  for (guint i = 0; i < MIN (length, json_array_get_length (values)); i++)
    {
      g_autofree char *element = element_to_text (values, i);

      if (strcmp (element, text) == 0)
        return TRUE;
    }

  return FALSE;
}

static const char *
get_device (JsonObject *value)
{
  return json_object_get_string_member_with_default (value, "device", NULL);
}

/* Says what the other one says, and where it was typed if that does. */
static gboolean
tells_all_of (JsonObject *value, JsonObject *other)
{
  return (get_device (other) == NULL || g_strcmp0 (get_device (value), get_device (other)) == 0) &&
         satchel_unit_value_equal (json_object_get_object_member (value, "fields"),
                                   json_object_get_object_member (other, "fields"));
}

static gboolean
holds_value (JsonArray *values, JsonObject *value)
{
  for (guint i = 0; i < json_array_get_length (values); i++)
    if (tells_all_of (json_array_get_object_element (values, i), value))
      return TRUE;

  return FALSE;
}

static void
put_value (JsonArray *values, JsonObject *value)
{
  if (holds_value (values, value))
    return;

  for (guint i = json_array_get_length (values); i > 0; i--)
    if (tells_all_of (value, json_array_get_object_element (values, i - 1)))
      json_array_remove_element (values, i - 1);
  json_array_add_object_element (values, json_object_ref (value));
}

static void
remove_value_of (JsonArray *values, const char *device)
{
  for (guint i = json_array_get_length (values); i > 0; i--)
    if (g_strcmp0 (get_device (json_array_get_object_element (values, i - 1)), device) == 0)
      json_array_remove_element (values, i - 1);
}

/* Of what is brought back it is not known which device it was typed on. */
static JsonObject *
make_value (SatchelSender *sender, JsonObject *fields)
{
  SatchelView *view = satchel_ledger_get_view (sender->ledger);
  const char *author = sender->offered != NULL ? satchel_record_get_updated_by (sender->offered) : NULL;
  JsonObject *value = json_object_new ();

  json_object_set_object_member (value, "fields", json_object_ref (fields));
  json_object_set_string_member (value, "author", author != NULL ? author : satchel_view_get_user (view));
  if (sender->offered == NULL)
    json_object_set_string_member (value, "device", sender->devices[0]);
  json_object_set_string_member (value, "happened_at", satchel_ledger_get_at (sender->ledger));

  return value;
}

/* ---- Changing a conflict -------------------------------------------------------------------------- */

static SatchelRecord *
try_json_field (const SatchelRecord *record, const char *field, JsonNode *node, GError **error)
{
  g_autoptr (JsonObject) value = json_object_new ();

  json_object_set_member (value, field, json_node_ref (node));

  return satchel_unit_try_value (record, field, value, error);
}

/* Changes one field of a conflict; each is a unit of its own. */
static gboolean
set_field (SatchelSender *sender, SatchelRow *conflict, const char *field, JsonNode *node, GError **error)
{
  SatchelRecord *changed = try_json_field (conflict->record, field, node, error);
  SatchelPast past = { 0 };
  gboolean is_given = satchel_ledger_get_given (sender->ledger, satchel_record_get_id (conflict->record),
                                                &past.revision);
  g_autoptr (JsonObject) old_value = NULL;
  g_autoptr (JsonObject) new_value = NULL;

  if (changed == NULL)
    return FALSE;

  old_value = satchel_unit_dup_value (conflict->record, field, NULL);
  new_value = satchel_unit_dup_value (changed, field, NULL);
  if (satchel_unit_value_equal (old_value, new_value))
    satchel_record_unref (changed);
  else
    satchel_ledger_change (sender->ledger, conflict, changed, field, is_given ? &past : NULL, old_value, new_value);

  return TRUE;
}

static gboolean
set_values (SatchelSender *sender, SatchelRow *conflict, JsonArray *values, GError **error)
{
  g_autoptr (JsonNode) node = json_node_init_array (json_node_alloc (), values);

  return set_field (sender, conflict, "values", node, error);
}

static void
set_text (SatchelSender *sender, SatchelRow *conflict, const char *field, const char *text)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), text);
  g_autoptr (GError) error = NULL;

  if (text == NULL)
    json_node_init_null (node);
  if (!set_field (sender, conflict, field, node, &error))
    satchel_ledger_fail (sender->ledger, g_steal_pointer (&error));
}

/* ---- Opening one ---------------------------------------------------------------------------------- */

static JsonObject *
make_conflict_value (SatchelSender *sender, const SatchelRow *row, const char *unit, JsonObject *base,
                     JsonArray *values)
{
  JsonObject *object = json_object_new ();
  g_autofree char *id = satchel_id_new ();

  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "type", CONFLICT);
  json_object_set_string_member (object, "created_at", satchel_ledger_get_at (sender->ledger));
  json_object_set_string_member (object, "created_by",
                                 satchel_view_get_user (satchel_ledger_get_view (sender->ledger)));
  json_object_set_string_member (object, "target_type", satchel_type_get_name (row->type));
  json_object_set_string_member (object, "target_id", satchel_record_get_id (row->record));
  json_object_set_string_member (object, "unit", unit);
  if (base != NULL)
    json_object_set_object_member (object, "base", json_object_ref (base));
  json_object_set_array_member (object, "values", json_array_ref (values));
  json_object_set_string_member (object, "state", "open");

  return object;
}

static void
place_at_target (SatchelSender *sender, SatchelRow *conflict, const SatchelRow *target)
{
  const char *id = satchel_record_get_id (target->record);
  gboolean is_account = satchel_type_get_home (target->type) == SATCHEL_HOME_ACCOUNT;

  satchel_ledger_move (sender->ledger, conflict, target->bucket, is_account ? id : target->account, id);
}

static const char *
open_conflict (SatchelSender *sender, const SatchelRow *row, const char *unit, JsonObject *base, JsonArray *values,
               GError **error)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (sender->ledger));
  g_autoptr (JsonObject) object = make_conflict_value (sender, row, unit, base, values);
  SatchelRecord *record = satchel_record_from_wire (satchel_server_get_vocabulary (server), object, error);
  SatchelRow *conflict;

  if (record == NULL)
    return NULL;

  satchel_record_set_updated (record, satchel_record_get_created_at (record), satchel_record_get_created_by (record));
  conflict = satchel_ledger_add (sender->ledger, record);
  place_at_target (sender, conflict, row);
  satchel_ledger_set_conflict (sender->ledger, satchel_record_get_id (row->record), unit,
                               satchel_record_get_id (record));

  return satchel_record_get_id (record);
}

static const char *
join_conflict (SatchelSender *sender, const char *id, JsonObject *value, GError **error)
{
  SatchelRow *conflict = satchel_ledger_find (sender->ledger, id);
  g_autoptr (JsonArray) values = NULL;

  g_assert (conflict != NULL || satchel_ledger_get_error (sender->ledger) != NULL);
  if (conflict == NULL)
    return id;

  /* A value is never put where nobody looks any more. */
  g_assert (is_open (conflict->record));
  values = get_values (conflict);
  if (get_device (value) != NULL)
    remove_value_of (values, get_device (value));
  put_value (values, value);

  return set_values (sender, conflict, values, error) ? id : NULL;
}

static void
tell_conflict (SatchelSender *sender, const char *id, SatchelMutationOutcome *outcome, const char *told_as)
{
  SatchelRow *conflict = satchel_ledger_find (sender->ledger, id);
  g_autofree char *joined = conflict != NULL ? satchel_row_dup_revision (conflict) : NULL;

  satchel_mutation_outcome_conflict (outcome, told_as, id, joined);
}

void
satchel_conflict_join (SatchelSender *sender, SatchelRow *row, const char *unit, JsonObject *base, JsonObject *fields,
                       SatchelMutationOutcome *outcome, const char *told_as)
{
  const char *open = satchel_ledger_find_conflict (sender->ledger, satchel_record_get_id (row->record), unit);
  g_autoptr (JsonObject) value = make_value (sender, fields);
  g_autoptr (GError) error = NULL;

  if (open == NULL)
    {
      g_autoptr (JsonArray) values = json_array_new ();

      json_array_add_object_element (values, json_object_ref (value));
      open = open_conflict (sender, row, unit, base, values, &error);
    }
  else
    open = join_conflict (sender, open, value, &error);

  if (open != NULL)
    tell_conflict (sender, open, outcome, told_as);
  else
    satchel_decide_refuse_error (outcome, told_as, error);
}

/* ---- Bringing one back ---------------------------------------------------------------------------- */

/* Puts the values of a lost conflict into an open one. */
static gboolean
add_values (SatchelSender *sender, SatchelRow *conflict, JsonArray *lost, GError **error)
{
  g_autoptr (JsonArray) values = get_values (conflict);

  for (guint i = 0; i < json_array_get_length (lost); i++)
    put_value (values, json_array_get_object_element (lost, i));

  return set_values (sender, conflict, values, error);
}

/* It went on in the epoch that ended, and nobody touched it here since. */
static gboolean
take_fields (SatchelSender *sender, SatchelRow *conflict, const SatchelRecord *lost, GError **error)
{
  static const char *const fields[] = { "values", "resolution", "resolved_by", "resolved_at", "state" };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autoptr (JsonObject) value = satchel_unit_dup_value (lost, fields[i], NULL);

      if (!set_field (sender, conflict, fields[i], json_object_get_member (value, fields[i]), error))
        return FALSE;
    }
  if (!is_open (lost))
    satchel_ledger_set_conflict (sender->ledger, satchel_record_get_text (lost, "target_id"),
                                 satchel_record_get_text (lost, "unit"), NULL);

  return TRUE;
}

static gboolean
was_in_list (const char *text, JsonObject *value)
{
  g_autoptr (JsonObject) change = text != NULL ? satchel_unit_value_from_text (text) : NULL;
  JsonNode *list = change != NULL ? json_object_get_member (change, "values") : NULL;

  return list != NULL && JSON_NODE_HOLDS_ARRAY (list) && holds_value (json_node_get_array (list), value);
}

/* What was in the list when it was settled here is settled. */
static void
drop_settled (SatchelSender *sender, const SatchelRow *conflict, JsonArray *values)
{
  g_autoptr (GPtrArray) changes = satchel_ledger_list_changes (sender->ledger, conflict, "values", NULL);

  for (guint c = 0; c < changes->len; c++)
    for (guint i = json_array_get_length (values); i > 0; i--)
      if (was_in_list (((SatchelStoredChange *) g_ptr_array_index (changes, c))->old_value,
                       json_array_get_object_element (values, i - 1)))
        json_array_remove_element (values, i - 1);
}

/* It was settled here by somebody who had not seen these. */
static gboolean
put_anew (SatchelSender *sender, const SatchelRow *conflict, const SatchelRecord *lost, JsonArray *values,
          GError **error)
{
  const char *unit = satchel_record_get_text (lost, "unit");
  const char *target_id = satchel_record_get_text (conflict->record, "target_id");
  SatchelRow *target = target_id != NULL ? satchel_ledger_find (sender->ledger, target_id) : NULL;
  const char *open = satchel_ledger_find_conflict (sender->ledger, target_id, unit);

  if (open != NULL)
    return add_values (sender, satchel_ledger_find (sender->ledger, open), values, error);

  return target == NULL || open_conflict (sender, target, unit, NULL, values, error) != NULL;
}

static gboolean
recover_known (SatchelSender *sender, SatchelRow *conflict, const SatchelRecord *lost, const SatchelRevision *given,
               GError **error)
{
  SatchelRevision here;
  g_autoptr (JsonArray) values = parse_values (satchel_record_get_text (lost, "values"));

  satchel_row_get_revision (conflict, &here);
  if (strcmp (here.epoch, given->epoch) == 0)
    return here.n >= given->n || take_fields (sender, conflict, lost, error);
  if (!is_open (lost) || satchel_row_knows (conflict, "values", given))
    return TRUE;
  if (is_open (conflict->record))
    return add_values (sender, conflict, values, error);

  drop_settled (sender, conflict, values);

  return json_array_get_length (values) == 0 || put_anew (sender, conflict, lost, values, error);
}

/* What was not known here is made anew; where another one is open on the same unit, that takes its values. */
static gboolean
recover_unknown (SatchelSender *sender, SatchelRow *target, SatchelRecord *lost, const SatchelRevision *given,
                 GError **error)
{
  const char *unit = satchel_record_get_text (lost, "unit");
  const char *open = satchel_ledger_find_conflict (sender->ledger, satchel_record_get_id (target->record), unit);
  g_autoptr (JsonArray) values = parse_values (satchel_record_get_text (lost, "values"));
  SatchelRow *conflict;

  if (open != NULL && is_open (lost))
    return add_values (sender, satchel_ledger_find (sender->ledger, open), values, error);

  conflict = satchel_ledger_add (sender->ledger, satchel_record_copy (lost));
  satchel_row_date_units (conflict, given);
  place_at_target (sender, conflict, target);
  if (is_open (lost))
    satchel_ledger_set_conflict (sender->ledger, satchel_record_get_id (target->record), unit,
                                 satchel_record_get_id (lost));

  return TRUE;
}

gboolean
satchel_conflict_recover (SatchelSender *sender, SatchelRecord *lost, const SatchelRevision *given)
{
  SatchelView *view = satchel_ledger_get_view (sender->ledger);
  const char *target_id = satchel_record_get_text (lost, "target_id");
  SatchelRow *target = target_id != NULL ? satchel_ledger_find (sender->ledger, target_id) : NULL;
  SatchelRow *conflict = satchel_ledger_find (sender->ledger, satchel_record_get_id (lost));
  g_autoptr (GError) error = NULL;

  if (target == NULL || !satchel_view_sees_bucket (view, target->bucket) ||
      satchel_record_get_text (lost, "unit") == NULL)
    return FALSE;

  return conflict != NULL ? recover_known (sender, conflict, lost, given, &error)
                          : recover_unknown (sender, target, lost, given, &error);
}

/* ---- Resolving ------------------------------------------------------------------------------------ */

typedef struct
{
  SatchelSender *sender;
  const SatchelMutation *mutation;
  SatchelMutationOutcome *outcome;
  SatchelRow *conflict;
  SatchelRow *target;
  char *unit;
  SatchelBase target_base;
  JsonArray *values; /* as they are */
  JsonArray *seen; /* as the person saw them */
  guint n_seen;
  JsonObject *kept; /* NULL: the current value */
} Resolving;

static void
resolving_clear (Resolving *self)
{
  g_free (self->unit);
  satchel_base_clear (&self->target_base);
  g_clear_pointer (&self->values, json_array_unref);
  g_clear_pointer (&self->seen, json_array_unref);
  g_clear_pointer (&self->kept, json_object_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Resolving, resolving_clear)

static void
refuse (Resolving *self, const char *code, const char *reason)
{
  satchel_decide_refuse_all (self->mutation, self->outcome, code, reason);
}

/* The list that the person saw: at the revision of the conflict that they name, else as it is. */
static JsonArray *
find_seen (Resolving *self)
{
  g_auto (SatchelBase) base = { 0 };
  g_autoptr (JsonObject) value = NULL;

  satchel_base_find (self->sender, self->mutation->base, self->mutation->id, "values", &base);
  value = satchel_base_dup_value (self->sender, self->conflict, "values", &base, NULL);
  if (value == NULL || !json_object_has_member (value, "values") || json_object_get_null_member (value, "values"))
    return json_array_ref (self->values);

  return json_array_ref (json_object_get_array_member (value, "values"));
}

static gboolean
read_kept (Resolving *self)
{
  JsonObject *resolution = self->mutation->resolution;
  JsonNode *keep = json_object_get_member (resolution, "keep");
  gint64 number;

  if (keep != NULL && JSON_NODE_HOLDS_VALUE (keep) && json_node_get_value_type (keep) == G_TYPE_INT64)
    {
      number = json_node_get_int (keep);
      if (number < 1 || number > json_array_get_length (self->seen) || number > self->n_seen)
        return FALSE;
      self->kept = json_object_ref (
          json_object_get_object_member (json_array_get_object_element (self->seen, (guint) (number - 1)), "fields"));
      return TRUE;
    }

  if (g_strcmp0 (json_node_get_string (keep), "value") == 0)
    {
      if (!json_object_has_member (resolution, "value"))
        return FALSE;
      self->kept = json_object_ref (json_object_get_object_member (resolution, "value"));
    }

  return TRUE;
}

static gboolean
find_target (Resolving *self)
{
  SatchelView *view = satchel_ledger_get_view (self->sender->ledger);
  const char *id = satchel_record_get_text (self->conflict->record, "target_id");

  self->target = satchel_ledger_find (self->sender->ledger, id);
  self->unit = g_strdup (satchel_record_get_text (self->conflict->record, "unit"));

  return self->target != NULL && satchel_view_sees_bucket (view, self->target->bucket);
}

/* Settling is writing: who may not change the unit may not choose for others either. */
static gboolean
may_resolve (Resolving *self)
{
  SatchelView *view = satchel_ledger_get_view (self->sender->ledger);
  g_autofree char *reason = NULL;

  if (satchel_view_may_edit (view, self->target->record, &reason) &&
      satchel_view_may_set (view, self->target->record, self->unit, FALSE, &reason))
    return TRUE;

  refuse (self, SATCHEL_REFUSED_PERMISSION, reason);

  return FALSE;
}

static gboolean
read_resolution (Resolving *self)
{
  const char *base = json_object_get_string_member_with_default (self->mutation->resolution, "target_base", NULL);

  self->values = get_values (self->conflict);
  self->n_seen = (guint) CLAMP (json_object_get_int_member_with_default (self->mutation->resolution, "seen", 0), 0,
                                G_MAXUINT16);
  self->seen = find_seen (self);
  if (!read_kept (self))
    {
      refuse (self, SATCHEL_REFUSED_VALIDATION, _ ("There is no such value in this conflict."));
      return FALSE;
    }

  satchel_base_find (self->sender, base, satchel_record_get_id (self->target->record),
                     strcmp (self->unit, SATCHEL_UNIT_DELETED) == 0 ? NULL : self->unit, &self->target_base);

  return TRUE;
}

static gboolean
was_binned_or_restored_since (Resolving *self)
{
  return !satchel_base_is_unchanged (self->sender, self->target, SATCHEL_UNIT_DELETED, &self->target_base);
}

/* TRUE: the target is now as the person wants it. FALSE: somebody changed it since, or it cannot be so. */
static gboolean
lay_deletion (Resolving *self)
{
  if (satchel_row_is_binned (self->target))
    return TRUE;
  if (!satchel_bin_is_unchanged (self->sender, self->target, &self->target_base))
    return FALSE;

  satchel_bin_put (self->sender, self->target);

  return TRUE;
}

static gboolean
revive (Resolving *self)
{
  if (!satchel_row_is_binned (self->target))
    return TRUE;
  if (was_binned_or_restored_since (self))
    return FALSE;
  if (satchel_bin_take_out (self->sender, self->target))
    return TRUE;

  refuse (self, SATCHEL_REFUSED_GONE, _ ("What this hangs on is in the bin. Please restore that first."));

  return FALSE;
}

static gboolean
lay_value (Resolving *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelRecord) changed = satchel_unit_try_value (self->target->record, self->unit, self->kept, &error);
  g_autoptr (JsonObject) old_value = NULL;
  g_autoptr (JsonObject) new_value = NULL;

  if (changed == NULL)
    {
      satchel_decide_refuse_error_all (self->mutation, self->outcome, error);
      return FALSE;
    }

  old_value = satchel_unit_dup_value (self->target->record, self->unit, self->kept);
  new_value = satchel_unit_dup_value (changed, self->unit, self->kept);
  if (satchel_unit_value_equal (old_value, new_value))
    return revive (self);
  if (!satchel_base_is_unchanged (self->sender, self->target, self->unit, &self->target_base))
    return FALSE;
  if (!satchel_decide_check_unit (self->sender, self->target, changed, self->unit, self->outcome,
                                  SATCHEL_UNIT_RESOLUTION))
    return FALSE;
  if (!revive (self))
    return FALSE;

  /* Taken out of the bin it is another record than the one that was tried. */
  g_clear_pointer (&changed, satchel_record_unref);
  changed = satchel_unit_try_value (self->target->record, self->unit, self->kept, NULL);
  g_assert (changed != NULL);
  satchel_decide_apply (self->sender, self->target, g_steal_pointer (&changed), self->unit, NULL, old_value, new_value);

  return TRUE;
}

static gboolean
lay_kept (Resolving *self)
{
  if (self->kept == NULL)
    return TRUE;

  return strcmp (self->unit, SATCHEL_UNIT_DELETED) == 0 ? lay_deletion (self) : lay_value (self);
}

/* Only what was seen is settled: the rest of the list stays, and with it the conflict. */
static JsonArray *
find_unsettled (Resolving *self)
{
  JsonArray *left = json_array_new ();

  for (guint i = 0; i < json_array_get_length (self->values); i++)
    {
      g_autofree char *text = element_to_text (self->values, i);

      if (!holds_element (self->seen, self->n_seen, text))
        json_array_add_element (left, json_array_dup_element (self->values, i));
    }

  return left;
}

/* The value itself stands in the target; here it is a courtesy, left out where it would be too long. */
static JsonNode *
make_resolution (Resolving *self)
{
  g_autofree char *text = self->kept != NULL ? satchel_unit_value_to_text (self->kept) : NULL;
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_member (object, "keep", json_node_copy (json_object_get_member (self->mutation->resolution, "keep")));
  if (text != NULL && strlen (text) <= MAX_COURTESY_BYTES)
    json_object_set_object_member (object, "value", json_object_ref (self->kept));

  return json_node_init_object (json_node_alloc (), object);
}

static void
settle (Resolving *self)
{
  SatchelLedger *ledger = self->sender->ledger;
  g_autoptr (JsonArray) left = find_unsettled (self);
  g_autoptr (JsonNode) resolution = make_resolution (self);
  g_autoptr (GError) error = NULL;

  if (!set_values (self->sender, self->conflict, left, &error) ||
      !set_field (self->sender, self->conflict, "resolution", resolution, &error))
    satchel_ledger_fail (ledger, g_steal_pointer (&error));
  set_text (self->sender, self->conflict, "resolved_by", satchel_view_get_user (satchel_ledger_get_view (ledger)));
  set_text (self->sender, self->conflict, "resolved_at", satchel_ledger_get_at (ledger));
  if (json_array_get_length (left) > 0)
    return;

  set_text (self->sender, self->conflict, "state", "resolved");
  satchel_ledger_set_conflict (ledger, satchel_record_get_id (self->target->record), self->unit, NULL);
}

/* The person chose on sight of something older: their choice becomes a value like the others. */
static void
stay_open (Resolving *self)
{
  const char *id = self->mutation->id;

  for (guint i = 0; i < json_array_get_length (self->values); i++)
    {
      JsonObject *value = json_array_get_object_element (self->values, i);

      if (satchel_unit_value_equal (json_object_get_object_member (value, "fields"), self->kept))
        {
          tell_conflict (self->sender, id, self->outcome, SATCHEL_UNIT_RESOLUTION);
          return;
        }
    }

  satchel_conflict_join (self->sender, self->target, self->unit, NULL, self->kept, self->outcome,
                         SATCHEL_UNIT_RESOLUTION);
}

/* Somebody settled it before: the same is fine, anything else is one more change of the target. */
static void
resolve_again (Resolving *self)
{
  if (lay_kept (self))
    satchel_mutation_outcome_apply (self->outcome, SATCHEL_UNIT_RESOLUTION, SATCHEL_OUTCOME_APPLIED);
  else if (self->outcome->units->len == 0)
    satchel_conflict_join (self->sender, self->target, self->unit, NULL, self->kept, self->outcome,
                           SATCHEL_UNIT_RESOLUTION);
}

static void
resolve (Resolving *self)
{
  if (!is_open (self->conflict->record))
    {
      resolve_again (self);
      return;
    }

  if (lay_kept (self))
    {
      settle (self);
      satchel_mutation_outcome_apply (self->outcome, SATCHEL_UNIT_RESOLUTION, SATCHEL_OUTCOME_APPLIED);
    }
  else if (self->outcome->units->len == 0)
    stay_open (self);
}

void
satchel_decide_resolve (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome)
{
  g_auto (Resolving) resolving = { .sender = sender, .mutation = mutation, .outcome = outcome };

  resolving.conflict = satchel_decide_find_row (sender, mutation, outcome);
  if (resolving.conflict == NULL)
    return;
  if (satchel_replay_unit (sender, resolving.conflict, "state", NULL, outcome, SATCHEL_UNIT_RESOLUTION))
    {
      outcome->rev = satchel_row_dup_revision (resolving.conflict);
      return;
    }
  if (strcmp (satchel_type_get_name (resolving.conflict->type), CONFLICT) != 0 || !find_target (&resolving))
    {
      refuse (&resolving, SATCHEL_REFUSED_GONE, _ ("What this conflict is about is not there any more."));
      return;
    }
  if (!may_resolve (&resolving) || !read_resolution (&resolving))
    return;

  resolve (&resolving);
  outcome->rev = satchel_row_dup_revision (resolving.conflict);
}
