/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From what a person, a file or another device wrote to a value, or to a sentence that says what is wrong. */

#include "satchel-config.h"

#include "satchel-value-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "satchel-error.h"
#include "satchel-id.h"
#include "satchel-text.h"

/* How much of a refused text an error repeats. */
#define SHOWN_BYTES 64
#define SHOWN(text) shorten ((text), (char[SHOWN_BYTES]) { 0 })

static const char *
shorten (const char *text, char *buffer)
{
  g_autofree char *start = g_strndup (text, SHOWN_BYTES);
  g_autofree char *valid = g_utf8_make_valid (start, -1);
  const char *end = valid;
  gsize room = SHOWN_BYTES - strlen ("…") - 1;

  if (strlen (valid) <= room)
    return strcpy (buffer, valid);

  while ((gsize) (g_utf8_next_char (end) - valid) <= room)
    end = g_utf8_next_char (end);
  memcpy (buffer, valid, end - valid);
  strcpy (buffer + (end - valid), "…");

  return buffer;
}

G_GNUC_PRINTF (3, 4)
static gboolean
refuse (GError **error, SatchelDataError code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, SATCHEL_DATA_ERROR, code, message);

  return FALSE;
}

static gboolean
refuse_size (const SatchelField *field, GError **error)
{
  return refuse (error, SATCHEL_DATA_ERROR_TOO_LARGE, _ ("“%s” is too long: one value takes at most %d bytes of text."),
                 field->name, SATCHEL_VALUE_MAX_BYTES);
}

/* ---- Text ---- */

static gboolean
is_ascii (const char *text, gsize length)
{
  guchar bits = 0;

  for (gsize i = 0; i < length; i++)
    bits |= text[i];

  return bits < 0x80;
}

/* NFC within the limit, or NULL with @error set. */
static char *
normalise (const SatchelField *field, const char *text, gsize length, gboolean *ascii, GError **error)
{
  g_autofree char *result = NULL;

  *ascii = is_ascii (text, length);
  /* Normalising may shrink a text, but not to a quarter. */
  if (length / 4 > SATCHEL_VALUE_MAX_BYTES)
    result = NULL;
  else if (*ascii)
    result = g_strndup (text, length);
  else if ((result = satchel_text_normalise (text, length)) == NULL)
    {
      refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” holds bytes that are not UTF-8 text."), field->name);
      return NULL;
    }

  if (result == NULL || ((*ascii ? length : strlen (result)) > SATCHEL_VALUE_MAX_BYTES))
    {
      refuse_size (field, error);
      return NULL;
    }

  return g_steal_pointer (&result);
}

static gboolean
has_line_break (const char *text, gboolean ascii)
{
  if (text[strcspn (text, "\n\r\v\f")] != '\0')
    return TRUE;

  return !ascii &&
         (strstr (text, "\xc2\x85") != NULL || strstr (text, "\u2028") != NULL || strstr (text, "\u2029") != NULL);
}

/* g_strstrip() for all of Unicode. */
static char *
strip_in_place (char *text)
{
  char *start = text, *end = text + strlen (text);

  while (g_unichar_isspace (g_utf8_get_char (start)))
    start = g_utf8_next_char (start);
  while (end > start && g_unichar_isspace (g_utf8_get_char (g_utf8_prev_char (end))))
    end = g_utf8_prev_char (end);
  memmove (text, start, end - start);
  text[end - start] = '\0';

  return text;
}

/* One line without white space around it, maybe "", or NULL with @error set. */
static char *
read_line (const SatchelField *field, const char *text, gsize length, GError **error)
{
  g_autofree char *line = NULL;
  gboolean ascii;

  for (; length > 0 && g_ascii_isspace (*text); length--)
    text++;
  while (length > 0 && g_ascii_isspace (text[length - 1]))
    length--;

  line = normalise (field, text, length, &ascii, error);
  if (line == NULL)
    return NULL;
  if (!ascii)
    strip_in_place (line);
  if (has_line_break (line, ascii))
    {
      refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes one line of text, and this has several."), field->name);
      return NULL;
    }

  return g_steal_pointer (&line);
}

/* Line ends of other systems become \n. */
static void
unify_line_ends (char *text)
{
  char *to = strchr (text, '\r');

  if (to == NULL)
    return;

  for (const char *from = to; *from != '\0'; from++)
    {
      if (*from != '\r')
        *to++ = *from;
      else if (from[1] != '\n')
        *to++ = '\n';
    }
  *to = '\0';
}

static gboolean
parse_long_text (const SatchelField *field, const char *text, SatchelValue *out, GError **error)
{
  gboolean ascii;
  char *normal = normalise (field, text, strlen (text), &ascii, error);

  if (normal == NULL)
    return FALSE;

  unify_line_ends (normal);
  satchel_value_take_text (out, normal);

  return TRUE;
}

/* ---- Text of a certain form; each takes a line that is not empty and gives what is stored, or NULL. ---- */

static char *
check_email (const SatchelField *field, char *line, GError **error)
{
  const char *at = strchr (line, '@');

  if (at != NULL && at != line && at[1] != '\0' && strchr (at + 1, '@') == NULL && line[strcspn (line, " \t")] == '\0')
    return line;

  refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes a mail address such as anna@example.com, not “%s”."),
          field->name, SHOWN (line));
  g_free (line);
  return NULL;
}

static char *
check_currency (const SatchelField *field, char *line, GError **error)
{
  if (strlen (line) == 3 && g_ascii_isalpha (line[0]) && g_ascii_isalpha (line[1]) && g_ascii_isalpha (line[2]))
    {
      for (char *letter = line; *letter != '\0'; letter++)
        *letter = g_ascii_toupper (*letter);
      return line;
    }

  refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes a currency of three letters such as EUR, not “%s”."),
          field->name, SHOWN (line));
  g_free (line);
  return NULL;
}

static char *
check_date (const SatchelField *field, char *line, GError **error)
{
  g_autofree char *text = line;
  char *date = satchel_date_normalise (text);

  if (date == NULL)
    refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes a day of the calendar such as 2026-03-09, not “%s”."),
            field->name, SHOWN (text));

  return date;
}

static char *
check_time (const SatchelField *field, char *line, GError **error)
{
  g_autofree char *text = line;
  char *time = satchel_time_normalise (text);

  if (time == NULL)
    refuse (error, SATCHEL_DATA_ERROR_INVALID,
            _ ("“%s” takes a time with its offset such as 2026-03-09T08:15:00Z or 2026-03-09T10:15+02:00, not “%s”."),
            field->name, SHOWN (text));

  return time;
}

static char *
refuse_choice (const SatchelField *field, char *line, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (const SatchelChoice *choice = field->choices; choice->value != NULL; choice++)
    g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", choice->value);

  refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes one of %s, not “%s”."), field->name, names->str,
          SHOWN (line));
  g_free (line);
  return NULL;
}

static char *
check_choice (const SatchelField *field, char *line, GError **error)
{
  for (const SatchelChoice *choice = field->choices; choice->value != NULL; choice++)
    if (g_str_equal (choice->value, line))
      return line;

  return refuse_choice (field, line, error);
}

static char *
check_reference (const SatchelField *field, char *line, GError **error)
{
  g_autofree char *text = line;
  g_autofree char *id = NULL;

  if (satchel_id_is_valid (text))
    return g_steal_pointer (&text);
  id = g_ascii_strdown (text, -1);
  if (satchel_id_is_valid (id))
    return g_steal_pointer (&id);

  refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes the id of a record of type “%s”, not “%s”."), field->name,
          field->target, SHOWN (text));
  return NULL;
}

static char *
check_line (const SatchelField *field, char *line, GError **error)
{
  switch (field->kind)
    {
    case SATCHEL_KIND_EMAIL:
      return check_email (field, line, error);
    case SATCHEL_KIND_CURRENCY:
      return check_currency (field, line, error);
    case SATCHEL_KIND_DATE:
      return check_date (field, line, error);
    case SATCHEL_KIND_TIME:
      return check_time (field, line, error);
    case SATCHEL_KIND_CHOICE:
      return check_choice (field, line, error);
    case SATCHEL_KIND_REFERENCE:
      return check_reference (field, line, error);
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_URI:
      return line;
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_NUMBER:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_MONEY:
    case SATCHEL_KIND_SET:
    case SATCHEL_KIND_JSON:
    default:
      g_assert_not_reached ();
    }
}

/* ---- Numbers; they take a line that is not empty. ---- */

static gboolean
parse_integer (const SatchelField *field, const char *line, SatchelValue *out, GError **error)
{
  g_autoptr (GError) reason = NULL;
  const char *number = line[0] == '+' && g_ascii_isdigit (line[1]) ? line + 1 : line;
  gint64 integer;

  if (g_ascii_string_to_signed (number, 10, G_MININT64, G_MAXINT64, &integer, &reason))
    {
      satchel_value_set_integer (out, integer);
      return TRUE;
    }

  if (g_error_matches (reason, G_NUMBER_PARSER_ERROR, G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS))
    return refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes a whole number of at most 64 bits, not “%s”."),
                   field->name, SHOWN (line));
  if (field->kind == SATCHEL_KIND_MONEY)
    return refuse (error, SATCHEL_DATA_ERROR_INVALID,
                   _ ("“%s” takes whole minor units such as cents (1250 for 12.50), not “%s”."), field->name,
                   SHOWN (line));
  return refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes a whole number, not “%s”."), field->name,
                 SHOWN (line));
}

static gboolean
parse_number (const SatchelField *field, const char *line, SatchelValue *out, GError **error)
{
  char *end = NULL;
  double real = g_ascii_strtod (line, &end);

  /* Only decimals: strtod() would take 0x10, inf and nan too. */
  if (*end != '\0' || line[strspn (line, "+-.0123456789eE")] != '\0' || !isfinite (real))
    return refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes a number such as 12.5, not “%s”."), field->name,
                   SHOWN (line));

  satchel_value_set_real (out, real);
  return TRUE;
}

static gboolean
parse_boolean (const SatchelField *field, const char *line, SatchelValue *out, GError **error)
{
  static const char *const words[] = { "false", "true", "no", "yes", "0", "1" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (line, words[i]) == 0)
      {
        satchel_value_set_integer (out, i % 2);
        return TRUE;
      }

  return refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes true or false, not “%s”."), field->name,
                 SHOWN (line));
}

/* ---- Sets ---- */

static gboolean
add_member (const SatchelField *field, const char *text, gsize length, GPtrArray *members, GError **error)
{
  char *member = read_line (field, text, length, error);

  if (member != NULL && *member == '\0')
    {
      g_free (member);
      return TRUE;
    }
  if (member != NULL && field->target != NULL)
    member = check_reference (field, member, error);
  if (member == NULL)
    return FALSE;

  g_ptr_array_add (members, member);
  return TRUE;
}

static gboolean
take_members (const SatchelField *field, GPtrArray *members, SatchelValue *out, GError **error)
{
  g_autofree char *stored = satchel_set_to_stored (members);

  if (stored != NULL && strlen (stored) > SATCHEL_VALUE_MAX_BYTES)
    return refuse_size (field, error);

  satchel_value_take_text (out, g_steal_pointer (&stored));
  return TRUE;
}

/* Private: a set from texts that are not checked yet. */
gboolean
satchel_value_take_texts (const SatchelField *field, GPtrArray *texts, SatchelValue *out, GError **error)
{
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < texts->len; i++)
    {
      const char *text = g_ptr_array_index (texts, i);

      if (!add_member (field, text, strlen (text), members, error))
        return FALSE;
    }

  return take_members (field, members, out, error);
}

static gboolean
parse_array (const SatchelField *field, JsonNode *node, SatchelValue *out, GError **error)
{
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (g_free);
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      const char *text = json_node_get_value_type (element) == G_TYPE_STRING ? json_node_get_string (element) : NULL;

      if (text == NULL)
        array = NULL;
      else if (!add_member (field, text, strlen (text), members, error))
        return FALSE;
    }

  if (array == NULL)
    return refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes a list of texts."), field->name);

  return take_members (field, members, out, error);
}

static gboolean
parse_json_set (const SatchelField *field, const char *text, SatchelValue *out, GError **error)
{
  g_autoptr (JsonNode) node = satchel_json_parse (text, -1, 1, error);

  if (node == NULL)
    {
      g_prefix_error (error, "“%s”: ", field->name);
      return FALSE;
    }

  return parse_array (field, node, out, error);
}

static gboolean
parse_set (const SatchelField *field, const char *text, SatchelValue *out, GError **error)
{
  g_autoptr (GPtrArray) members = NULL;
  const char *start = text + strspn (text, " \t\r\n");

  if (*start == '[')
    return parse_json_set (field, start, out, error);

  members = g_ptr_array_new_with_free_func (g_free);
  for (start = text;; start++)
    {
      gsize length = strcspn (start, ",");

      if (!add_member (field, start, length, members, error))
        return FALSE;
      start += length;
      if (*start == '\0')
        break;
    }

  return take_members (field, members, out, error);
}

/* ---- JSON ---- */

static gboolean
take_json (const SatchelField *field, JsonNode *node, SatchelValue *out, GError **error)
{
  g_autofree char *canonical = NULL;

  if (satchel_json_get_depth (node) > SATCHEL_JSON_VALUE_MAX_DEPTH)
    return refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes JSON of at most %d levels."), field->name,
                   SATCHEL_JSON_VALUE_MAX_DEPTH);

  canonical = JSON_NODE_HOLDS_NULL (node) ? NULL : satchel_json_to_canonical (node);
  if (canonical != NULL && strlen (canonical) > SATCHEL_VALUE_MAX_BYTES)
    return refuse_size (field, error);

  satchel_value_take_text (out, g_steal_pointer (&canonical));
  return TRUE;
}

static gboolean
parse_json (const SatchelField *field, const char *text, SatchelValue *out, GError **error)
{
  g_autoptr (JsonNode) node = NULL;

  /* White space may make up some of it. */
  if (strlen (text) / 2 > SATCHEL_VALUE_MAX_BYTES)
    return refuse_size (field, error);

  node = satchel_json_parse (text, -1, SATCHEL_JSON_VALUE_MAX_DEPTH, error);
  if (node == NULL)
    {
      g_prefix_error (error, "“%s”: ", field->name);
      return FALSE;
    }

  return take_json (field, node, out, error);
}

/* ---- Doors ---- */

static gboolean
parse_line (const SatchelField *field, const char *text, SatchelValue *out, GError **error)
{
  g_autofree char *line = read_line (field, text, strlen (text), error);

  if (line == NULL)
    return FALSE;
  if (*line == '\0')
    {
      satchel_value_clear (out);
      return TRUE;
    }

  if (field->kind == SATCHEL_KIND_INTEGER || field->kind == SATCHEL_KIND_MONEY)
    return parse_integer (field, line, out, error);
  if (field->kind == SATCHEL_KIND_NUMBER)
    return parse_number (field, line, out, error);
  if (field->kind == SATCHEL_KIND_BOOLEAN)
    return parse_boolean (field, line, out, error);

  line = check_line (field, g_steal_pointer (&line), error);
  if (line == NULL)
    return FALSE;

  satchel_value_take_text (out, g_steal_pointer (&line));
  return TRUE;
}

/**
 * satchel_value_parse:
 * @field: the value's field
 * @text: (nullable): what was written; %NULL and "" are the null value
 * @out: an initialised value; what it held is freed; untouched on an error
 * @error: set to %SATCHEL_DATA_ERROR_INVALID or %SATCHEL_DATA_ERROR_TOO_LARGE
 *
 * Reads a value in the machine's written form and brings it to the form that
 * is stored: NFC, one line where the kind has one, UTC times, lower-case ids,
 * sorted sets, canonical JSON. The same text gives the same bytes everywhere.
 * A set is written with commas, or as a JSON array, which starts with `[`.
 *
 * Returns: whether @text fits the field
 */
gboolean
satchel_value_parse (const SatchelField *field, const char *text, SatchelValue *out, GError **error)
{
  if (text == NULL || *text == '\0')
    {
      satchel_value_clear (out);
      return TRUE;
    }

  switch (field->kind)
    {
    case SATCHEL_KIND_LONG_TEXT:
      return parse_long_text (field, text, out, error);
    case SATCHEL_KIND_SET:
      return parse_set (field, text, out, error);
    case SATCHEL_KIND_JSON:
      return parse_json (field, text, out, error);
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_NUMBER:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_MONEY:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
    default:
      return parse_line (field, text, out, error);
    }
}

static gboolean
take_json_integer (const SatchelField *field, JsonNode *node, SatchelValue *out, GError **error)
{
  GType type = json_node_get_value_type (node);
  gint64 integer;

  if (type == G_TYPE_INT64)
    integer = json_node_get_int (node);
  else if (type != G_TYPE_DOUBLE || !satchel_double_is_whole (json_node_get_double (node), &integer))
    return refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes a whole number."), field->name);

  satchel_value_set_integer (out, integer);
  return TRUE;
}

static gboolean
take_json_number (const SatchelField *field, JsonNode *node, SatchelValue *out, GError **error)
{
  GType type = json_node_get_value_type (node);
  double real = NAN;

  if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
    real = json_node_get_double (node);
  if (!isfinite (real))
    return refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes a number."), field->name);

  satchel_value_set_real (out, real);
  return TRUE;
}

static gboolean
take_json_boolean (const SatchelField *field, JsonNode *node, SatchelValue *out, GError **error)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_BOOLEAN)
    satchel_value_set_integer (out, json_node_get_boolean (node));
  else if (type == G_TYPE_INT64 && (json_node_get_int (node) & ~G_GINT64_CONSTANT (1)) == 0)
    satchel_value_set_integer (out, json_node_get_int (node));
  else
    return refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes true or false."), field->name);

  return TRUE;
}

static gboolean
take_json_text (const SatchelField *field, JsonNode *node, SatchelValue *out, GError **error)
{
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return refuse (error, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” takes a text."), field->name);

  return satchel_value_parse (field, json_node_get_string (node), out, error);
}

/**
 * satchel_value_from_json:
 * @field: the value's field
 * @node: (nullable): a JSON value; %NULL and null are the null value
 * @out: an initialised value; what it held is freed; untouched on an error
 * @error: set to %SATCHEL_DATA_ERROR_INVALID or %SATCHEL_DATA_ERROR_TOO_LARGE
 *
 * Reads a value from JSON, with the checks of satchel_value_parse(). Numbers
 * must be numbers and texts must be texts; yes and no may be 1 and 0.
 *
 * Returns: whether @node fits the field
 */
gboolean
satchel_value_from_json (const SatchelField *field, JsonNode *node, SatchelValue *out, GError **error)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    {
      satchel_value_clear (out);
      return TRUE;
    }

  switch (field->kind)
    {
    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_MONEY:
      return take_json_integer (field, node, out, error);
    case SATCHEL_KIND_NUMBER:
      return take_json_number (field, node, out, error);
    case SATCHEL_KIND_BOOLEAN:
      return take_json_boolean (field, node, out, error);
    case SATCHEL_KIND_SET:
      return parse_array (field, node, out, error);
    case SATCHEL_KIND_JSON:
      return take_json (field, node, out, error);
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
    default:
      return take_json_text (field, node, out, error);
    }
}
