/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The JSON forms of a record: its units as they stand in mutations, the wire object, and what --json prints. */

#include "satchel-config.h"

#include "satchel-record-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "satchel-error.h"
#include "satchel-id.h"
#include "satchel-value-private.h"

#define UNIT_NAME_MAX_BYTES 64
#define EXTRA_MAX_DEPTH SATCHEL_JSON_VALUE_MAX_DEPTH
#define EXTRA_KEY_MAX_BYTES 128
#define SHOWN_LETTERS 64

/* ---- Names of units ------------------------------------------------------------------------------- */

const char *
satchel_unit_get_extra_key (const char *unit)
{
  return g_str_has_prefix (unit, SATCHEL_EXTRA_PREFIX) ? unit + strlen (SATCHEL_EXTRA_PREFIX) : NULL;
}

static gboolean
extra_key_is_valid (const char *key)
{
  SatchelBookkeeping taken;
  gsize length = strlen (key);

  if (length == 0 || length > EXTRA_KEY_MAX_BYTES || satchel_bookkeeping_find (key, &taken))
    return FALSE;

  for (const char *p = key; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return FALSE;

  return g_utf8_validate (key, (gssize) length, NULL);
}

gboolean
satchel_unit_name_is_valid (const char *unit)
{
  const char *key = satchel_unit_get_extra_key (unit);
  gsize length = strlen (unit);

  if (key != NULL)
    return extra_key_is_valid (key);
  if (length == 0 || length > UNIT_NAME_MAX_BYTES)
    return FALSE;

  for (const char *p = unit; *p != '\0'; p++)
    if (!g_ascii_islower (*p) && !g_ascii_isdigit (*p) && *p != '_')
      return FALSE;

  return TRUE;
}

/* ---- Extra fields --------------------------------------------------------------------------------- */

static gboolean
report_bad_member (const char *name, GError **error)
{
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
               _ ("An entry that arrived is damaged: “%s” cannot be read."), name);

  return FALSE;
}

/* What is kept as extra was written by us, so it can only fail to be read when the replica is damaged. */
static JsonObject *
parse_extra (const SatchelRecord *self, GError **error)
{
  g_autoptr (JsonNode) node = NULL;

  if (self->extra == NULL)
    return json_object_new ();

  node = satchel_json_parse (self->extra, -1, EXTRA_MAX_DEPTH, error);
  if (node != NULL && !JSON_NODE_HOLDS_OBJECT (node))
    report_bad_member ("extra", error);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_dup_object (node) : NULL;
}

/* The same for showing, where what cannot be read is not there. */
JsonObject *
satchel_record_dup_extra_object (const SatchelRecord *self)
{
  g_autoptr (GError) error = NULL;
  JsonObject *extra = parse_extra (self, &error);

  if (extra != NULL)
    return extra;

  g_warning ("The additional fields of %s cannot be read: %s", satchel_record_get_id (self), error->message);

  return json_object_new ();
}

static gboolean
report_large_extra (GError **error)
{
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_TOO_LARGE,
               _ ("The additional fields of one entry together may have at most 1 MiB. Please shorten them."));

  return FALSE;
}

gboolean
satchel_record_take_extra_object (SatchelRecord *self, JsonObject *extra, GError **error)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), extra);
  g_autofree char *text = NULL;

  if (satchel_json_get_depth (node) > EXTRA_MAX_DEPTH)
    return report_bad_member ("extra", error);

  text = satchel_json_to_canonical (node);
  if (strlen (text) > SATCHEL_VALUE_MAX_BYTES)
    return report_large_extra (error);

  satchel_record_set_extra (self, text);

  return TRUE;
}

/* A null takes the key away: a field that nobody filled in is not there, known or not. */
static void
set_extra_member (JsonObject *extra, const char *key, JsonNode *node)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    json_object_remove_member (extra, key);
  else
    json_object_set_member (extra, key, json_node_copy (node));
}

static gboolean
report_unknown_unit (const SatchelRecord *self, const char *unit, GError **error)
{
  g_autofree char *shown = g_utf8_truncate_middle (unit, SHOWN_LETTERS);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_FIELD, _ ("“%s” has no field “%s”."),
               satchel_type_get_display_label (self->type), shown);

  return FALSE;
}

static gboolean
report_foreign_member (const char *unit, const char *member, GError **error)
{
  g_autofree char *shown = g_utf8_truncate_middle (member, SHOWN_LETTERS);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” is not a part of “%s”."), shown, unit);

  return FALSE;
}

static gboolean
check_only_member (JsonObject *value, const char *unit, const char *key, GError **error)
{
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init_ordered (&iter, value);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    if (strcmp (name, key) != 0)
      return report_foreign_member (unit, name, error);

  return TRUE;
}

static gboolean
apply_extra_unit (SatchelRecord *self, const char *unit, const char *key, JsonObject *value, GError **error)
{
  g_autoptr (JsonObject) extra = NULL;
  guint taken;

  if (!extra_key_is_valid (key) || satchel_type_lookup_field (self->type, key, &taken))
    return report_unknown_unit (self, unit, error);
  if (!check_only_member (value, unit, key, error))
    return FALSE;

  extra = parse_extra (self, error);
  if (extra == NULL)
    return FALSE;

  set_extra_member (extra, key, json_object_get_member (value, key));

  return satchel_record_take_extra_object (self, extra, error);
}

static JsonObject *
dup_extra_unit (const SatchelRecord *self, const char *key)
{
  JsonObject *value = json_object_new ();
  g_autoptr (JsonObject) extra = satchel_record_dup_extra_object (self);
  JsonNode *node = json_object_get_member (extra, key);

  json_object_set_member (value, key, node != NULL ? json_node_copy (node) : json_node_new (JSON_NODE_NULL));

  return value;
}

/* ---- Units ---------------------------------------------------------------------------------------- */

static JsonNode *
field_to_json (const SatchelRecord *self, guint index)
{
  return satchel_value_to_json (satchel_type_get_field (self->type, index), &self->values[index]);
}

/**
 * satchel_record_dup_unit:
 * @self: a record
 * @unit: a unit's name, or `extra.KEY`
 *
 * Returns: (transfer full) (nullable): the unit's value, an object of all its
 *   fields with nulls for those that are not filled in; %NULL when the type has
 *   no such unit
 */
JsonObject *
satchel_record_dup_unit (const SatchelRecord *self, const char *unit)
{
  const char *key = satchel_unit_get_extra_key (unit);
  const SatchelUnit *declared;
  JsonObject *value;

  if (key != NULL)
    return dup_extra_unit (self, key);

  declared = satchel_type_lookup_unit (self->type, unit);
  if (declared == NULL)
    return NULL;

  value = json_object_new ();
  for (guint i = 0; i < declared->n_fields; i++)
    {
      guint index = declared->fields[i];

      json_object_set_member (value, satchel_type_get_field (self->type, index)->name, field_to_json (self, index));
    }

  return value;
}

static gboolean
unit_holds (const SatchelUnit *unit, guint index)
{
  for (guint i = 0; i < unit->n_fields; i++)
    if (unit->fields[i] == index)
      return TRUE;

  return FALSE;
}

/* Members that the unit does not declare: a newer version's are carried, another unit's must not slip in. */
static gboolean
collect_unknown_members (const SatchelRecord *self, const SatchelUnit *unit, JsonObject *value, JsonObject **extra,
                         GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, value);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      guint index;

      if (satchel_type_lookup_field (self->type, name, &index))
        {
          if (!unit_holds (unit, index))
            return report_foreign_member (unit->name, name, error);
          continue;
        }
      if (!extra_key_is_valid (name))
        return report_foreign_member (unit->name, name, error);

      if (*extra == NULL && (*extra = parse_extra (self, error)) == NULL)
        return FALSE;
      set_extra_member (*extra, name, node);
    }

  return TRUE;
}

static gboolean
read_unit_values (const SatchelRecord *self, const SatchelUnit *unit, JsonObject *value, SatchelValue *values,
                  GError **error)
{
  for (guint i = 0; i < unit->n_fields; i++)
    {
      const SatchelField *field = satchel_type_get_field (self->type, unit->fields[i]);
      JsonNode *node = json_object_get_member (value, field->name);

      if (node != NULL && !satchel_value_from_json (field, node, &values[i], error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
apply_declared_unit (SatchelRecord *self, const SatchelUnit *unit, JsonObject *value, SatchelValue *values,
                     GError **error)
{
  g_autoptr (JsonObject) extra = NULL;

  if (!collect_unknown_members (self, unit, value, &extra, error) ||
      !read_unit_values (self, unit, value, values, error))
    return FALSE;
  if (extra != NULL && !satchel_record_take_extra_object (self, extra, error))
    return FALSE;

  for (guint i = 0; i < unit->n_fields; i++)
    satchel_record_take_value (self, unit->fields[i], &values[i]);

  return TRUE;
}

static gboolean
report_derived (const char *unit, GError **error)
{
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_READ_ONLY,
               _ ("“%s” is computed and cannot be set. Nothing was changed."), unit);

  return FALSE;
}

/**
 * satchel_record_apply_unit:
 * @self: a record
 * @unit: a unit's name, or `extra.KEY`
 * @value: the unit's whole new value: an object of its fields; an absent member is null
 * @error: %SATCHEL_DATA_ERROR_UNKNOWN_FIELD, or why a value does not fit its field
 *
 * Sets a unit as a whole. Every value is checked and brought into normal form
 * first. Members that no field declares are carried in the extra fields;
 * members that belong to another unit are refused.
 *
 * Returns: whether it was set; on an error nothing has changed
 */
gboolean
satchel_record_apply_unit (SatchelRecord *self, const char *unit, JsonObject *value, GError **error)
{
  const char *key = satchel_unit_get_extra_key (unit);
  const SatchelUnit *declared;
  g_autofree SatchelValue *values = NULL;
  gboolean applied;

  if (key != NULL)
    return apply_extra_unit (self, unit, key, value, error);

  declared = satchel_type_lookup_unit (self->type, unit);
  if (declared == NULL)
    return report_unknown_unit (self, unit, error);
  if (declared->policy == SATCHEL_POLICY_DERIVED)
    return report_derived (unit, error);

  values = g_new0 (SatchelValue, declared->n_fields);
  applied = apply_declared_unit (self, declared, value, values, error);
  for (guint i = 0; i < declared->n_fields; i++)
    satchel_value_clear (&values[i]);

  return applied;
}

/* ---- To JSON -------------------------------------------------------------------------------------- */

static void
add_bookkeeping (const SatchelRecord *self, JsonObject *object, SatchelBookkeeping first, SatchelBookkeeping last)
{
  for (guint i = first; i <= last; i++)
    {
      const char *text = i == SATCHEL_BOOKKEEPING_TYPE ? satchel_type_get_name (self->type) : self->bookkeeping[i];

      if (text != NULL)
        json_object_set_string_member (object, satchel_bookkeeping_names[i], text);
    }
}

static void
add_fields (const SatchelRecord *self, JsonObject *object, gboolean derived_too)
{
  for (guint i = 0; i < self->n_fields; i++)
    {
      const SatchelField *field = satchel_type_get_field (self->type, i);

      if (satchel_value_is_null (&self->values[i]) || (field->policy == SATCHEL_POLICY_DERIVED && !derived_too))
        continue;

      json_object_set_member (object, field->name, field_to_json (self, i));
    }
}

/* What is a field by now, and filled in, wins over what was carried while it was not known. */
static void
add_extra_members (const SatchelRecord *self, JsonObject *object)
{
  g_autoptr (JsonObject) extra = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (self->extra == NULL)
    return;

  extra = satchel_record_dup_extra_object (self);
  json_object_iter_init_ordered (&iter, extra);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      SatchelBookkeeping taken;

      if (!json_object_has_member (object, name) && !satchel_bookkeeping_find (name, &taken))
        json_object_set_member (object, name, json_node_ref (node));
    }
}

/**
 * satchel_record_to_wire:
 * @self: a record
 *
 * Makes the object that stands for the record between device and server: its
 * bookkeeping, the fields that have a value in the order of the vocabulary,
 * and beside them what is carried without being known.
 *
 * Returns: (transfer full): the object
 */
JsonObject *
satchel_record_to_wire (const SatchelRecord *self)
{
  JsonObject *object = json_object_new ();

  add_bookkeeping (self, object, SATCHEL_BOOKKEEPING_ID, SATCHEL_BOOKKEEPING_DELETED_WITH);
  add_fields (self, object, FALSE);
  add_extra_members (self, object);

  return object;
}

/**
 * satchel_record_to_json:
 * @self: a record
 *
 * Makes what `--json` prints: id, type, rev, pending, the fields that have a
 * value, times and authors, and the extra fields as an object of their own.
 *
 * Returns: (transfer full): the object
 */
JsonNode *
satchel_record_to_json (const SatchelRecord *self)
{
  JsonObject *object = json_object_new ();
  JsonNode *node;

  add_bookkeeping (self, object, SATCHEL_BOOKKEEPING_ID, SATCHEL_BOOKKEEPING_REV);
  json_object_set_boolean_member (object, "pending", satchel_record_get_pending (self));
  add_fields (self, object, TRUE);
  add_bookkeeping (self, object, SATCHEL_BOOKKEEPING_CREATED_AT, SATCHEL_BOOKKEEPING_DELETED_WITH);

  if (self->extra != NULL)
    json_object_set_object_member (object, "extra", satchel_record_dup_extra_object (self));

  node = json_node_init (json_node_alloc (), JSON_NODE_OBJECT);
  json_node_take_object (node, object);

  return node;
}

/* ---- From the wire -------------------------------------------------------------------------------- */

const char *
satchel_wire_get_name (const SatchelRecord *record, guint place)
{
  if (place < SATCHEL_N_BOOKKEEPING)
    return satchel_bookkeeping_names[place];

  return satchel_type_get_field (record->type, place - SATCHEL_N_BOOKKEEPING)->name;
}

static gboolean
wire_find_out_of_order (const SatchelRecord *record, const char *name, guint *place)
{
  SatchelBookkeeping bookkeeping;
  guint index;

  if (satchel_type_lookup_field (record->type, name, &index))
    *place = SATCHEL_N_BOOKKEEPING + index;
  else if (satchel_bookkeeping_find (name, &bookkeeping))
    *place = bookkeeping;
  else
    return FALSE;

  return TRUE;
}

/* Members that come in the order of the wire, and those of a Satchel do, are found by looking ahead a little, without
 * hashing a name. */
gboolean
satchel_wire_find_place (const SatchelRecord *record, const char *name, guint *next, guint *place)
{
  guint n_places = SATCHEL_N_BOOKKEEPING + record->n_fields;

  for (guint i = *next; i < n_places; i++)
    if (strcmp (satchel_wire_get_name (record, i), name) == 0)
      {
        *place = i;
        *next = i + 1;
        return TRUE;
      }

  return wire_find_out_of_order (record, name, place);
}

typedef struct
{
  SatchelRecord *record;
  guint next; /* the place behind the last member that was found */
  JsonObject *extra;
} WireReading;

static const char *
get_string (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static gboolean
wire_take_bookkeeping (WireReading *self, SatchelBookkeeping which, JsonNode *node, GError **error)
{
  const char *text = get_string (node);

  if (which <= SATCHEL_BOOKKEEPING_TYPE) /* read before all others */
    return TRUE;
  if (text == NULL && !JSON_NODE_HOLDS_NULL (node))
    return report_bad_member (satchel_bookkeeping_names[which], error);

  g_free (self->record->bookkeeping[which]);
  self->record->bookkeeping[which] = g_strdup (text);

  return TRUE;
}

static gboolean
wire_take_field (WireReading *self, guint index, JsonNode *node, GError **error)
{
  const SatchelField *field = satchel_type_get_field (self->record->type, index);

  if (field->policy == SATCHEL_POLICY_DERIVED || JSON_NODE_HOLDS_NULL (node))
    return TRUE;

  return satchel_value_from_json (field, node, &self->record->values[index], error);
}

static void
wire_take_unknown (WireReading *self, const char *name, JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return;

  if (self->extra == NULL)
    self->extra = json_object_new ();
  json_object_set_member (self->extra, name, json_node_ref (node));
}

static gboolean
wire_take_member (WireReading *self, const char *name, JsonNode *node, GError **error)
{
  guint place;

  if (!satchel_wire_find_place (self->record, name, &self->next, &place))
    {
      wire_take_unknown (self, name, node);
      return TRUE;
    }

  if (place < SATCHEL_N_BOOKKEEPING)
    return wire_take_bookkeeping (self, place, node, error);

  return wire_take_field (self, place - SATCHEL_N_BOOKKEEPING, node, error);
}

static gboolean
wire_take_members (WireReading *self, JsonObject *object, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!wire_take_member (self, name, node, error))
      return FALSE;

  return self->extra == NULL || satchel_record_take_extra_object (self->record, self->extra, error);
}

/**
 * satchel_record_from_wire:
 * @vocabulary: the vocabulary, which must outlive the record
 * @object: a wire object; it is not kept
 * @error: %SATCHEL_DATA_ERROR_UNKNOWN_TYPE (the caller keeps the raw object), or %SATCHEL_DATA_ERROR_INVALID
 *
 * Reads a record as it arrives. Every value is checked and brought into normal
 * form; members that no field declares become extra fields.
 *
 * Returns: (transfer full) (nullable): the record
 */
SatchelRecord *
satchel_record_from_wire (const SatchelVocabulary *vocabulary, JsonObject *object, GError **error)
{
  const char *type_name = get_string (json_object_get_member (object, "type"));
  const char *id = get_string (json_object_get_member (object, "id"));
  const SatchelType *type;
  g_autoptr (SatchelRecord) record = NULL;
  WireReading reading = { 0 };
  gboolean whole;

  if (type_name == NULL || id == NULL || !satchel_id_is_valid (id))
    {
      report_bad_member (type_name == NULL ? "type" : "id", error);
      return NULL;
    }

  type = satchel_vocabulary_find (vocabulary, type_name, error);
  if (type == NULL)
    return NULL;

  record = satchel_record_new (type, id);
  reading.record = record;
  whole = wire_take_members (&reading, object, error);
  g_clear_pointer (&reading.extra, json_object_unref);

  return whole ? g_steal_pointer (&record) : NULL;
}
