/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-value-private.h"

#include <string.h>

/**
 * satchel_value_clear:
 * @self: a value
 *
 * Makes it the null value and frees what it held.
 */
void
satchel_value_clear (SatchelValue *self)
{
  if (self->storage == SATCHEL_STORAGE_TEXT)
    g_free (self->text);
  self->storage = SATCHEL_STORAGE_NULL;
  self->integer = 0;
}

/**
 * satchel_value_copy:
 * @from: a value
 * @to: another value, initialised; what it held is freed
 */
void
satchel_value_copy (const SatchelValue *from, SatchelValue *to)
{
  if (from == to)
    return;

  satchel_value_clear (to);
  *to = *from;
  if (to->storage == SATCHEL_STORAGE_TEXT)
    to->text = g_strdup (from->text);
}

/**
 * satchel_value_equal:
 * @a: a value
 * @b: another value of the same field
 *
 * Returns: whether both hold the same
 */
gboolean
satchel_value_equal (const SatchelValue *a, const SatchelValue *b)
{
  if (a->storage != b->storage)
    return FALSE;

  switch (a->storage)
    {
    case SATCHEL_STORAGE_INTEGER:
      return a->integer == b->integer;
    case SATCHEL_STORAGE_REAL:
      return a->real == b->real;
    case SATCHEL_STORAGE_TEXT:
      return strcmp (a->text, b->text) == 0;
    case SATCHEL_STORAGE_NULL:
    default:
      return TRUE;
    }
}

/**
 * satchel_value_is_null:
 * @self: a value
 *
 * Returns: whether it holds nothing
 */
gboolean
satchel_value_is_null (const SatchelValue *self)
{
  return self->storage == SATCHEL_STORAGE_NULL;
}

/**
 * satchel_value_set_text:
 * @self: a value, initialised
 * @text: (nullable): text that is normalised already; %NULL and "" make it null
 */
void
satchel_value_set_text (SatchelValue *self, const char *text)
{
  satchel_value_take_text (self, g_strdup (text));
}

/**
 * satchel_value_take_text:
 * @self: a value, initialised
 * @text: (transfer full) (nullable): text that is normalised already; %NULL and "" make it null
 */
void
satchel_value_take_text (SatchelValue *self, char *text)
{
  satchel_value_clear (self);
  if (text == NULL || *text == '\0')
    {
      g_free (text);
      return;
    }

  self->storage = SATCHEL_STORAGE_TEXT;
  self->text = text;
}

/**
 * satchel_value_set_integer:
 * @self: a value, initialised
 * @integer: a whole number, minor units, or 1 and 0 for yes and no
 */
void
satchel_value_set_integer (SatchelValue *self, gint64 integer)
{
  satchel_value_clear (self);
  self->storage = SATCHEL_STORAGE_INTEGER;
  self->integer = integer;
}

/* Private: @real must be finite. There is one zero only, so that equal numbers have equal bytes. */
void
satchel_value_set_real (SatchelValue *self, double real)
{
  satchel_value_clear (self);
  self->storage = SATCHEL_STORAGE_REAL;
  self->real = real == 0 ? 0.0 : real;
}

/* ---- The machine's written form ---- */

static char *
real_to_text (double real)
{
  GString *text = g_string_new (NULL);

  satchel_json_append_double (text, real);

  return g_string_free_and_steal (text);
}

/* Whether the members, joined by commas, read back as the same set. */
static gboolean
set_survives_commas (char **members)
{
  for (char **member = members; *member != NULL; member++)
    if (strchr (*member, ',') != NULL)
      return FALSE;

  return **members != '[';
}

static char *
set_to_text (const SatchelValue *self)
{
  g_auto (GStrv) members = satchel_value_dup_set (self);

  return set_survives_commas (members) ? g_strjoinv (",", members) : g_strdup (self->text);
}

/**
 * satchel_value_to_text:
 * @field: the value's field
 * @self: a value
 *
 * Writes a value so that satchel_value_parse() reads it back: numbers in the C
 * locale, yes and no as `true` and `false`, sets with commas, or as a JSON array
 * where a member holds a comma.
 *
 * Returns: (transfer full): the text, "" for the null value
 */
char *
satchel_value_to_text (const SatchelField *field, const SatchelValue *self)
{
  switch (self->storage)
    {
    case SATCHEL_STORAGE_INTEGER:
      if (field->kind == SATCHEL_KIND_BOOLEAN)
        return g_strdup (self->integer ? "true" : "false");
      return g_strdup_printf ("%" G_GINT64_FORMAT, self->integer);
    case SATCHEL_STORAGE_REAL:
      return real_to_text (self->real);
    case SATCHEL_STORAGE_TEXT:
      return field->kind == SATCHEL_KIND_SET ? set_to_text (self) : g_strdup (self->text);
    case SATCHEL_STORAGE_NULL:
    default:
      return g_strdup ("");
    }
}

/* ---- JSON ---- */

static JsonNode *
set_to_json (const SatchelValue *self)
{
  g_auto (GStrv) members = satchel_value_dup_set (self);
  g_autoptr (JsonArray) array = json_array_sized_new (g_strv_length (members));

  for (char **member = members; *member != NULL; member++)
    json_array_add_string_element (array, *member);

  return json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
text_to_json (const SatchelField *field, const SatchelValue *self)
{
  if (field->kind == SATCHEL_KIND_SET)
    return set_to_json (self);
  if (field->kind == SATCHEL_KIND_JSON)
    return json_from_string (self->text, NULL);

  return json_node_init_string (json_node_alloc (), self->text);
}

static JsonNode *
integer_to_json (const SatchelField *field, gint64 integer)
{
  if (field->kind == SATCHEL_KIND_BOOLEAN)
    return json_node_init_boolean (json_node_alloc (), integer != 0);

  return json_node_init_int (json_node_alloc (), integer);
}

static JsonNode *
real_to_json (double real)
{
  gint64 whole;

  if (satchel_double_is_whole (real, &whole))
    return json_node_init_int (json_node_alloc (), whole);

  return json_node_init_double (json_node_alloc (), real);
}

/**
 * satchel_value_to_json:
 * @field: the value's field
 * @self: a value
 *
 * Returns: (transfer full): what satchel_value_from_json() reads back as the same value; a JSON null for none
 */
JsonNode *
satchel_value_to_json (const SatchelField *field, const SatchelValue *self)
{
  switch (self->storage)
    {
    case SATCHEL_STORAGE_INTEGER:
      return integer_to_json (field, self->integer);
    case SATCHEL_STORAGE_REAL:
      return real_to_json (self->real);
    case SATCHEL_STORAGE_TEXT:
      return text_to_json (field, self);
    case SATCHEL_STORAGE_NULL:
    default:
      return json_node_init_null (json_node_alloc ());
    }
}
