/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Mutations and groups as JSON, the same in the outbox, on the wire and in the server's log. What is read may come
 * from anybody. */

#include "satchel-config.h"

#include "satchel-mutation.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "satchel-error.h"
#include "satchel-id.h"
#include "satchel-record-private.h"

#define NAME_MAX_BYTES 64
#define BASE_MAX_BYTES 128
#define HASH_BYTES 64
#define SHOWN_LETTERS 64

/* ---- Writing -------------------------------------------------------------------------------------- */

static void
set_string (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

static void
set_strings (JsonObject *object, const char *name, char **texts)
{
  JsonArray *array;

  if (texts == NULL)
    return;

  array = json_array_new ();
  for (guint i = 0; texts[i] != NULL; i++)
    json_array_add_string_element (array, texts[i]);
  json_object_set_array_member (object, name, g_steal_pointer (&array));
}

static JsonObject *
unit_change_to_json (const SatchelUnitChange *self)
{
  JsonObject *object = json_object_new ();

  set_string (object, "base", self->base);
  if (self->value != NULL)
    json_object_set_object_member (object, "value", json_object_ref (self->value));
  set_strings (object, "add", self->add);
  set_strings (object, "remove", self->remove);

  return object;
}

static JsonObject *
units_to_json (GPtrArray *units)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < units->len; i++)
    {
      const SatchelUnitChange *change = g_ptr_array_index (units, i);

      json_object_set_object_member (object, change->unit, unit_change_to_json (change));
    }

  return object;
}

/**
 * satchel_mutation_to_json:
 * @self: a mutation
 *
 * Returns: (transfer full): its JSON form; it shares the values, so neither may be changed afterwards
 */
JsonObject *
satchel_mutation_to_json (const SatchelMutation *self)
{
  JsonObject *object = json_object_new ();

  set_string (object, "type", self->type);
  set_string (object, "id", self->id);
  set_string (object, "kind", satchel_mutation_kind_to_string (self->kind));
  set_string (object, "base", self->base);
  if (self->units->len > 0)
    json_object_set_object_member (object, "units", units_to_json (self->units));
  if (self->resolution != NULL)
    json_object_set_object_member (object, "resolution", json_object_ref (self->resolution));

  return object;
}

static JsonObject *
group_to_json_without_hash (const SatchelGroup *self)
{
  JsonObject *object = json_object_new ();
  JsonArray *mutations = json_array_sized_new (self->mutations->len);

  for (guint i = 0; i < self->mutations->len; i++)
    json_array_add_object_element (mutations, satchel_mutation_to_json (g_ptr_array_index (self->mutations, i)));

  json_object_set_int_member (object, "n", self->n);
  json_object_set_boolean_member (object, "strict", self->strict);
  set_string (object, "at", self->at);
  json_object_set_array_member (object, "mutations", g_steal_pointer (&mutations));

  return object;
}

/**
 * satchel_group_to_json:
 * @self: a group
 *
 * Returns: (transfer full): its JSON form; it shares the values, so neither may be changed afterwards
 */
JsonObject *
satchel_group_to_json (const SatchelGroup *self)
{
  JsonObject *object = group_to_json_without_hash (self);

  set_string (object, "hash", self->hash);

  return object;
}

/**
 * satchel_group_compute_hash:
 * @self: a group with its number
 * @previous_hash: (nullable): the hash of the group before it; %NULL or "" for the first
 *
 * Computes what chains a group to the one before it, so that the server can
 * tell a group sent again from another one of the same number.
 *
 * Returns: (transfer full): SHA-256, in hex
 */
char *
satchel_group_compute_hash (const SatchelGroup *self, const char *previous_hash)
{
  g_autoptr (JsonNode) node = json_node_alloc ();
  g_autofree char *text = NULL;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  json_node_take_object (json_node_init (node, JSON_NODE_OBJECT), group_to_json_without_hash (self));
  text = satchel_json_to_canonical (node);

  if (previous_hash != NULL)
    g_checksum_update (checksum, (const guchar *) previous_hash, (gssize) strlen (previous_hash));
  g_checksum_update (checksum, (const guchar *) "\n", 1);
  g_checksum_update (checksum, (const guchar *) text, (gssize) strlen (text));

  return g_strdup (g_checksum_get_string (checksum));
}

/* ---- Reading -------------------------------------------------------------------------------------- */

static gboolean
report (GError **error, const char *member)
{
  g_autofree char *shown = g_utf8_truncate_middle (member, SHOWN_LETTERS);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
               _ ("A change cannot be read: “%s” is not as it should be."), shown);

  return FALSE;
}

/* The member, or NULL when it is absent or null. */
static JsonNode *
find_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node == NULL || JSON_NODE_HOLDS_NULL (node) ? NULL : node;
}

static const char *
node_get_string (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                                          : NULL;
}

static gboolean
node_is_integer (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64;
}

/* An absent member gives NULL and TRUE. */
static gboolean
read_string (JsonObject *object, const char *name, gsize max_bytes, char **out, GError **error)
{
  JsonNode *node = find_member (object, name);
  const char *text;

  if (node == NULL)
    return TRUE;

  text = node_get_string (node);
  if (text == NULL || *text == '\0' || strlen (text) > max_bytes)
    return report (error, name);

  *out = g_strdup (text);

  return TRUE;
}

static gboolean
read_required_string (JsonObject *object, const char *name, gsize max_bytes, char **out, GError **error)
{
  return read_string (object, name, max_bytes, out, error) && (*out != NULL || report (error, name));
}

static gboolean
read_object (JsonObject *object, const char *name, JsonObject **out, GError **error)
{
  JsonNode *node = find_member (object, name);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return report (error, name);

  *out = json_node_dup_object (node);

  return TRUE;
}

static gboolean
read_strings (JsonObject *object, const char *name, char ***out, GError **error)
{
  JsonNode *node = find_member (object, name);
  JsonArray *array;
  g_auto (GStrv) texts = NULL;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return report (error, name);

  array = json_node_get_array (node);
  texts = g_new0 (char *, json_array_get_length (array) + 1);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *text = node_get_string (json_array_get_element (array, i));

      if (text == NULL || strlen (text) > SATCHEL_VALUE_MAX_BYTES)
        return report (error, name);
      texts[i] = g_strdup (text);
    }

  *out = g_steal_pointer (&texts);

  return TRUE;
}

static SatchelUnitChange *
unit_change_from_json (const char *unit, JsonNode *node, GError **error)
{
  g_autoptr (SatchelUnitChange) self = NULL;
  JsonObject *object;

  if (!satchel_unit_name_is_valid (unit) || !JSON_NODE_HOLDS_OBJECT (node))
    {
      report (error, unit);
      return NULL;
    }

  self = satchel_unit_change_new (unit, NULL);
  object = json_node_get_object (node);
  if (!read_string (object, "base", BASE_MAX_BYTES, &self->base, error) ||
      !read_object (object, "value", &self->value, error) || !read_strings (object, "add", &self->add, error) ||
      !read_strings (object, "remove", &self->remove, error))
    return NULL;

  if ((self->value != NULL) == (self->add != NULL || self->remove != NULL))
    {
      report (error, unit);
      return NULL;
    }

  return g_steal_pointer (&self);
}

static gboolean
read_units (JsonObject *object, GPtrArray *units, GError **error)
{
  JsonNode *node = find_member (object, "units");
  JsonObjectIter iter;
  const char *unit;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return report (error, "units");

  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &unit, &node))
    {
      SatchelUnitChange *change = unit_change_from_json (unit, node, error);

      if (change == NULL)
        return FALSE;
      g_ptr_array_add (units, change);
    }

  return TRUE;
}

static gboolean
check_keep (JsonNode *node)
{
  const char *word;

  if (node == NULL)
    return FALSE;
  if (node_is_integer (node))
    return json_node_get_int (node) >= 1;

  word = node_get_string (node);

  return word != NULL && (strcmp (word, "current") == 0 || strcmp (word, "value") == 0);
}

static gboolean
keeps_own_value (JsonNode *keep)
{
  return g_strcmp0 (node_get_string (keep), "value") == 0;
}

static gboolean
check_resolution (JsonObject *resolution, GError **error)
{
  JsonNode *seen = find_member (resolution, "seen");
  JsonNode *keep = find_member (resolution, "keep");
  JsonNode *value = find_member (resolution, "value");
  g_autofree char *base = NULL;

  if (seen == NULL || !node_is_integer (seen) || json_node_get_int (seen) < 0)
    return report (error, "seen");
  if (!check_keep (keep))
    return report (error, "keep");
  if (value != NULL && !JSON_NODE_HOLDS_OBJECT (value))
    return report (error, "value");
  if (value == NULL && keeps_own_value (keep))
    return report (error, "value");

  return read_string (resolution, "target_base", BASE_MAX_BYTES, &base, error);
}

/* Each kind carries what it needs and nothing that would be passed over in silence. */
static gboolean
check_kind (const SatchelMutation *self, GError **error)
{
  gboolean has_units = self->units->len > 0;

  /* An empty note may be created; an empty patch says nothing. */
  if (self->kind != SATCHEL_MUTATION_CREATE && has_units != (self->kind == SATCHEL_MUTATION_PATCH))
    return report (error, "units");
  if ((self->resolution != NULL) != (self->kind == SATCHEL_MUTATION_RESOLVE))
    return report (error, "resolution");

  return self->resolution == NULL || check_resolution (self->resolution, error);
}

static gboolean
read_kind (JsonObject *object, SatchelMutationKind *kind, GError **error)
{
  g_autofree char *name = NULL;

  if (!read_required_string (object, "kind", NAME_MAX_BYTES, &name, error))
    return FALSE;

  return satchel_mutation_kind_from_string (name, kind) || report (error, "kind");
}

static gboolean
read_mutation (JsonObject *object, SatchelMutation *self, GError **error)
{
  if (!read_kind (object, &self->kind, error) ||
      !read_required_string (object, "type", NAME_MAX_BYTES, &self->type, error) ||
      !read_required_string (object, "id", NAME_MAX_BYTES, &self->id, error))
    return FALSE;
  if (!satchel_id_is_valid (self->id))
    return report (error, "id");

  return read_string (object, "base", BASE_MAX_BYTES, &self->base, error) && read_units (object, self->units, error) &&
         read_object (object, "resolution", &self->resolution, error) && check_kind (self, error);
}

/**
 * satchel_mutation_from_json:
 * @object: what should be a mutation
 * @error: %SATCHEL_DATA_ERROR_INVALID
 *
 * Reads a mutation and checks its shape: that strings are strings, that the id
 * is one, that names can be names. Whether type and units exist and values fit
 * is for who applies it.
 *
 * Returns: (transfer full) (nullable): the mutation; it shares the values with @object
 */
SatchelMutation *
satchel_mutation_from_json (JsonObject *object, GError **error)
{
  g_autoptr (SatchelMutation) self = satchel_mutation_new (SATCHEL_MUTATION_CREATE, NULL, NULL);

  return read_mutation (object, self, error) ? g_steal_pointer (&self) : NULL;
}

static gboolean
read_mutations (JsonObject *object, GPtrArray *mutations, GError **error)
{
  JsonNode *node = find_member (object, "mutations");
  JsonArray *array;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return report (error, "mutations");

  array = json_node_get_array (node);
  if (json_array_get_length (array) == 0)
    return report (error, "mutations");

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      SatchelMutation *mutation;

      if (!JSON_NODE_HOLDS_OBJECT (element))
        return report (error, "mutations");
      mutation = satchel_mutation_from_json (json_node_get_object (element), error);
      if (mutation == NULL)
        return FALSE;
      g_ptr_array_add (mutations, mutation);
    }

  return TRUE;
}

static gboolean
read_number (JsonObject *object, gint64 *n, GError **error)
{
  JsonNode *node = find_member (object, "n");

  if (node == NULL || !node_is_integer (node) || json_node_get_int (node) < 0)
    return report (error, "n");

  *n = json_node_get_int (node);

  return TRUE;
}

static gboolean
read_strict (JsonObject *object, gboolean *strict, GError **error)
{
  JsonNode *node = find_member (object, "strict");

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return report (error, "strict");

  *strict = json_node_get_boolean (node);

  return TRUE;
}

static gboolean
hash_is_valid (const char *hash)
{
  return hash == NULL || (strlen (hash) == HASH_BYTES && strspn (hash, "0123456789abcdef") == HASH_BYTES);
}

/**
 * satchel_group_from_json:
 * @object: what should be a group
 * @error: %SATCHEL_DATA_ERROR_INVALID
 *
 * Reads a group and checks its shape, as [func@mutation_from_json] does. The
 * hash is not checked against the content.
 *
 * Returns: (transfer full) (nullable): the group; it shares the values with @object
 */
SatchelGroup *
satchel_group_from_json (JsonObject *object, GError **error)
{
  g_autoptr (SatchelGroup) self = satchel_group_new ();

  if (!read_number (object, &self->n, error) || !read_strict (object, &self->strict, error) ||
      !read_required_string (object, "at", NAME_MAX_BYTES, &self->at, error) ||
      !read_string (object, "hash", HASH_BYTES, &self->hash, error))
    return NULL;
  if (!hash_is_valid (self->hash))
    {
      report (error, "hash");
      return NULL;
    }

  return read_mutations (object, self->mutations, error) ? g_steal_pointer (&self) : NULL;
}
