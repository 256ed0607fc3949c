/* SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON from anywhere into json-glib's values. Its own parser takes six times as long for the short texts that a sync is
 * made of, cuts whole numbers of more than 64 bits, and reads 1e999 as infinite. */

#include "satchel-config.h"

#include "satchel-value-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "satchel-error.h"

/* As many digits fit 64 bits, whatever they are. */
#define SAFE_DIGITS 18

typedef struct
{
  const char *cursor;
  const char *end;
  guint depth;
  guint max_depth;
  GString *scratch; /* the text that was read last */
} Reading;

static JsonNode *read_value (Reading *self, GError **error);

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, _ ("This is not JSON that Satchel takes: %s."),
               reason);
  return FALSE;
}

static char
peek (const Reading *self)
{
  return self->cursor < self->end ? *self->cursor : '\0';
}

static gboolean
take (Reading *self, char letter)
{
  if (peek (self) != letter || self->cursor == self->end)
    return FALSE;
  self->cursor++;

  return TRUE;
}

static void
skip_space (Reading *self)
{
  while (self->cursor < self->end &&
         (*self->cursor == ' ' || *self->cursor == '\t' || *self->cursor == '\n' || *self->cursor == '\r'))
    self->cursor++;
}

static gboolean
refuse_here (Reading *self, GError **error)
{
  if (self->cursor == self->end)
    return refuse (error, _ ("it has no end"));
  if (*self->cursor == '/')
    return refuse (error, _ ("it holds a comment"));

  return refuse (error, _ ("something in it is out of place"));
}

/* ---- Texts ---------------------------------------------------------------------------------------- */

/* Four hexadecimal digits; -1 when they are not. */
static int
read_code (Reading *self)
{
  int code = 0;

  if (self->end - self->cursor < 4)
    return -1;
  for (guint i = 0; i < 4; i++, self->cursor++)
    {
      if (!g_ascii_isxdigit (*self->cursor))
        return -1;
      code = code * 16 + g_ascii_xdigit_value (*self->cursor);
    }

  return code;
}

/* Behind \u. */
static gboolean
read_unicode (Reading *self, GError **error)
{
  int code = read_code (self), low;

  if (code < 0)
    return refuse (error, _ ("a \\u is not followed by four hexadecimal digits"));
  if (code == 0)
    return refuse (error, _ ("a text holds the character NUL"));
  if (code < 0xd800 || code > 0xdfff)
    {
      g_string_append_unichar (self->scratch, (gunichar) code);
      return TRUE;
    }

  low = take (self, '\\') && take (self, 'u') ? read_code (self) : -1;
  if (code > 0xdbff || low < 0xdc00 || low > 0xdfff)
    return refuse (error, _ ("a text holds half of a character"));
  g_string_append_unichar (self->scratch, 0x10000 + (((gunichar) code & 0x3ff) << 10) + ((gunichar) low & 0x3ff));

  return TRUE;
}

/* Behind the backslash. */
static gboolean
read_escape (Reading *self, GError **error)
{
  static const char escapes[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *found;

  if (take (self, 'u'))
    return read_unicode (self, error);

  found = peek (self) != '\0' ? strchr (escapes, *self->cursor) : NULL;
  if (found == NULL)
    return refuse_here (self, error);
  g_string_append_c (self->scratch, meanings[found - escapes]);
  self->cursor++;

  return TRUE;
}

/* Behind the opening quote, into scratch. */
static gboolean
read_text (Reading *self, GError **error)
{
  g_string_truncate (self->scratch, 0);

  for (;;)
    {
      const char *run = self->cursor;

      while (self->cursor < self->end && (guchar) *self->cursor >= 0x20 && *self->cursor != '"' &&
             *self->cursor != '\\')
        self->cursor++;

      g_string_append_len (self->scratch, run, self->cursor - run);
      if (take (self, '"'))
        return TRUE;
      if (!take (self, '\\'))
        return refuse (error, _ ("a text holds a control character or has no end"));
      if (!read_escape (self, error))
        return FALSE;
    }
}

/* ---- Scalars -------------------------------------------------------------------------------------- */

static gboolean
take_digits (Reading *self)
{
  const char *start = self->cursor;

  while (self->cursor < self->end && g_ascii_isdigit (*self->cursor))
    self->cursor++;

  return self->cursor > start;
}

/* Moves behind a number in the one way in which JSON writes it. */
static gboolean
skip_number (Reading *self, gboolean *whole)
{
  *whole = TRUE;
  take (self, '-');
  if (!take (self, '0') && !take_digits (self))
    return FALSE;

  if (take (self, '.'))
    {
      *whole = FALSE;
      if (!take_digits (self))
        return FALSE;
    }

  if (take (self, 'e') || take (self, 'E'))
    {
      *whole = FALSE;
      if (!take (self, '+'))
        take (self, '-');
      return take_digits (self);
    }

  return TRUE;
}

static JsonNode *
make_number (const char *text, gboolean whole, GError **error)
{
  JsonNode *node = json_node_alloc ();
  gint64 integer = 0;
  double real = 0;

  if (whole && strlen (text) <= SAFE_DIGITS)
    return json_node_init_int (node, g_ascii_strtoll (text, NULL, 10));
  if (whole && g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &integer, NULL))
    return json_node_init_int (node, integer);

  real = g_ascii_strtod (text, NULL);
  if (!whole && isfinite (real))
    return json_node_init_double (node, real);

  json_node_unref (node);
  refuse (error, _ ("a number is too large"));

  return NULL;
}

static JsonNode *
read_number (Reading *self, GError **error)
{
  const char *start = self->cursor;
  gboolean whole;

  if (!skip_number (self, &whole))
    {
      refuse_here (self, error);
      return NULL;
    }
  g_string_truncate (self->scratch, 0);
  g_string_append_len (self->scratch, start, self->cursor - start);

  return make_number (self->scratch->str, whole, error);
}

static gboolean
take_word (Reading *self, const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (self->end - self->cursor) < length || memcmp (self->cursor, word, length) != 0)
    return FALSE;
  self->cursor += length;

  return TRUE;
}

static JsonNode *
read_word (Reading *self, GError **error)
{
  if (take_word (self, "true"))
    return json_node_init_boolean (json_node_alloc (), TRUE);
  if (take_word (self, "false"))
    return json_node_init_boolean (json_node_alloc (), FALSE);
  if (take_word (self, "null"))
    return json_node_init_null (json_node_alloc ());

  refuse_here (self, error);

  return NULL;
}

/* ---- What holds others ---------------------------------------------------------------------------- */

static gboolean
go_deeper (Reading *self, GError **error)
{
  self->cursor++;
  if (++self->depth > self->max_depth)
    return refuse (error, _ ("it is nested too deeply"));
  skip_space (self);

  return TRUE;
}

/* Behind a member or an element: whether there is another one. */
static gboolean
goes_on (Reading *self, char closing, gboolean *another, GError **error)
{
  skip_space (self);
  *another = take (self, ',');
  if (!*another && !take (self, closing))
    return refuse_here (self, error);
  skip_space (self);

  return TRUE;
}

/* Of names that stand twice, the last one counts. */
static gboolean
read_member (Reading *self, JsonObject *object, GError **error)
{
  g_autofree char *name = NULL;
  JsonNode *member;

  if (!take (self, '"'))
    return refuse_here (self, error);
  if (!read_text (self, error))
    return FALSE;

  name = g_strndup (self->scratch->str, self->scratch->len);
  skip_space (self);
  if (!take (self, ':'))
    return refuse_here (self, error);

  member = read_value (self, error);
  if (member != NULL)
    json_object_set_member (object, name, member);

  return member != NULL;
}

static gboolean
read_members (Reading *self, JsonObject *object, GError **error)
{
  gboolean another = TRUE;

  if (take (self, '}'))
    return TRUE;
  while (another)
    if (!read_member (self, object, error) || !goes_on (self, '}', &another, error))
      return FALSE;

  return TRUE;
}

static JsonNode *
read_object (Reading *self, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();

  if (!go_deeper (self, error) || !read_members (self, object, error))
    return NULL;
  self->depth--;

  return json_node_init_object (json_node_alloc (), object);
}

static gboolean
read_elements (Reading *self, JsonArray *array, GError **error)
{
  gboolean another = TRUE;

  if (take (self, ']'))
    return TRUE;
  while (another)
    {
      JsonNode *element = read_value (self, error);

      if (element == NULL)
        return FALSE;
      json_array_add_element (array, element);
      if (!goes_on (self, ']', &another, error))
        return FALSE;
    }

  return TRUE;
}

static JsonNode *
read_array (Reading *self, GError **error)
{
  g_autoptr (JsonArray) array = json_array_new ();

  if (!go_deeper (self, error) || !read_elements (self, array, error))
    return NULL;
  self->depth--;

  return json_node_init_array (json_node_alloc (), array);
}

/* As deep as the caller lets it go, and no deeper. */
static JsonNode *
read_value (Reading *self, GError **error)
{
  skip_space (self);
  if (peek (self) == '-' || g_ascii_isdigit (peek (self)))
    return read_number (self, error);

  switch (peek (self))
    {
    case '{':
      return read_object (self, error);
    case '[':
      return read_array (self, error);
    case '"':
      self->cursor++;
      return read_text (self, error) ? json_node_init_string (json_node_alloc (), self->scratch->str) : NULL;
    default:
      return read_word (self, error);
    }
}

static JsonNode *
read_all (Reading *self, GError **error)
{
  g_autoptr (JsonNode) root = NULL;

  skip_space (self);
  if (self->cursor == self->end)
    {
      refuse (error, _ ("it is empty"));
      return NULL;
    }

  root = read_value (self, error);
  skip_space (self);
  if (root != NULL && self->cursor < self->end)
    {
      refuse_here (self, error);
      return NULL;
    }

  return g_steal_pointer (&root);
}

/**
 * satchel_json_parse:
 * @text: JSON
 * @length: bytes of @text, or -1 when it ends with a NUL
 * @max_depth: how deep objects and arrays may be nested; a scalar alone is 0 deep
 * @error: set to %SATCHEL_DATA_ERROR_INVALID
 *
 * Reads JSON that may come from anywhere. What is nested too deeply, what is
 * not UTF-8 and what would not survive is refused: NUL characters, halves of
 * surrogate pairs, numbers over 64 bits. What it costs is bounded by @length,
 * and the stack that it needs by @max_depth; the caller bounds both.
 *
 * Returns: (transfer full) (nullable): the value, immutable; %NULL with @error set
 */
JsonNode *
satchel_json_parse (const char *text, gssize length, guint max_depth, GError **error)
{
  gsize size = length >= 0 ? (gsize) length : strlen (text);
  Reading reading = { .cursor = text, .end = text + size, .max_depth = max_depth };
  JsonNode *root;

  /* Says no to NUL bytes too. */
  if (!g_utf8_validate_len (text, size, NULL))
    {
      refuse (error, _ ("it is not UTF-8 text"));
      return NULL;
    }

  reading.scratch = g_string_sized_new (64);
  root = read_all (&reading, error);
  g_string_free (reading.scratch, TRUE);
  if (root != NULL)
    json_node_seal (root);

  return root;
}
