/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-wire.h"

#include <string.h>

#include "records/satchel-error.h"

#define MAX_DEPTH 40

static char *
object_to_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  return satchel_json_to_canonical (node);
}

char *
replica_wire_write (const SatchelRecord *record)
{
  g_autoptr (JsonObject) wire = satchel_record_to_wire (record);

  return object_to_text (wire);
}

static JsonObject *
parse_object (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonNode) node = satchel_json_parse (text, (gssize) length, MAX_DEPTH, error);

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_node_dup_object (node);

  replica_set_error_code (SQLITE_CORRUPT, NULL, error);

  return NULL;
}

/* ---- Values that do not fit ----------------------------------------------------------------------- */

static gboolean
fits (const SatchelType *type, const char *name, JsonNode *node)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  guint index;

  return !satchel_type_lookup_field (type, name, &index) || JSON_NODE_HOLDS_NULL (node) ||
         satchel_value_from_json (satchel_type_get_field (type, index), node, &value, NULL);
}

static char **
list_members (JsonObject *object)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    g_strv_builder_add (builder, name);

  return g_strv_builder_end (builder);
}

/* Takes the members whose values do not fit their fields out of @wire. */
static JsonObject *
take_misfits (const SatchelType *type, JsonObject *wire)
{
  g_auto (GStrv) names = list_members (wire);
  JsonObject *misfits = json_object_new ();

  for (char **name = names; *name != NULL; name++)
    {
      JsonNode *node = json_object_get_member (wire, *name);

      if (fits (type, *name, node))
        continue;

      json_object_set_member (misfits, *name, json_node_copy (node));
      json_object_remove_member (wire, *name);
    }

  return misfits;
}

static JsonObject *
parse_extra (const SatchelRecord *record)
{
  const char *extra = satchel_record_get_extra (record);
  JsonObject *object = extra != NULL ? parse_object (extra, strlen (extra), NULL) : NULL;

  return object != NULL ? object : json_object_new ();
}

static void
set_extra (SatchelRecord *record, JsonObject *extra)
{
  g_autofree char *text = json_object_get_size (extra) > 0 ? object_to_text (extra) : NULL;

  satchel_record_set_extra (record, text);
}

static void
carry (SatchelRecord *record, JsonObject *misfits)
{
  g_autoptr (JsonObject) extra = parse_extra (record);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, misfits);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (extra, name, json_node_copy (node));

  set_extra (record, extra);
}

static const SatchelType *
find_type (const ReplicaSchema *schema, JsonObject *wire)
{
  JsonNode *type = json_object_get_member (wire, "type");

  if (type == NULL || !JSON_NODE_HOLDS_VALUE (type) || json_node_get_value_type (type) != G_TYPE_STRING)
    return NULL;

  return satchel_vocabulary_lookup (schema->vocabulary, json_node_get_string (type));
}

static SatchelRecord *
read_with_misfits (const ReplicaSchema *schema, const char *text, gsize length, GError **error)
{
  g_autoptr (JsonObject) wire = parse_object (text, length, error);
  const SatchelType *type = wire != NULL ? find_type (schema, wire) : NULL;
  g_autoptr (JsonObject) misfits = type != NULL ? take_misfits (type, wire) : NULL;
  SatchelRecord *record;

  if (wire == NULL)
    return NULL;

  record = satchel_record_from_wire (schema->vocabulary, wire, error);
  if (record != NULL && misfits != NULL)
    carry (record, misfits);

  return record;
}

/**
 * replica_wire_read:
 * @schema: the tables
 * @text: a wire object's text, from anywhere
 * @length: its bytes
 * @error: %SATCHEL_DATA_ERROR_UNKNOWN_TYPE, or %SATCHEL_DATA_ERROR_INVALID when it is no record at all
 *
 * Returns: (transfer full) (nullable): the record
 */
SatchelRecord *
replica_wire_read (const ReplicaSchema *schema, const char *text, gsize length, GError **error)
{
  g_autoptr (GError) problem = NULL;
  SatchelRecord *record = satchel_record_from_wire_text (schema->vocabulary, text, length, &problem);

  if (record != NULL)
    return record;
  if (!g_error_matches (problem, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_TYPE))
    return read_with_misfits (schema, text, length, error);

  g_propagate_error (error, g_steal_pointer (&problem));

  return NULL;
}

/* ---- Fields that were not known ------------------------------------------------------------------- */

static gboolean
adopt (SatchelRecord *record, JsonObject *extra, const char *name)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  guint index;

  if (!satchel_type_lookup_field (type, name, &index) ||
      !satchel_value_from_json (satchel_type_get_field (type, index), json_object_get_member (extra, name), &value,
                                NULL))
    return FALSE;

  satchel_record_take_value (record, index, &value);
  json_object_remove_member (extra, name);

  return TRUE;
}

gboolean
replica_wire_adopt_extra (SatchelRecord *record)
{
  g_autoptr (JsonObject) extra = parse_extra (record);
  g_auto (GStrv) names = list_members (extra);
  gboolean moved = FALSE;

  for (char **name = names; *name != NULL; name++)
    moved |= adopt (record, extra, *name);

  if (moved)
    set_extra (record, extra);

  return moved;
}
