/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-value-private.h"

#include <float.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "satchel-error.h"

/* Objects of records have some thirty members; more than these are sorted on the heap. */
#define MEMBERS_ON_STACK 64

/* ---- Writing ---- */

static void append_node (GString *json, JsonNode *node);

/* Private: appends text in quotes with only the escapes that JSON demands. */
void
satchel_json_append_string (GString *json, const char *text)
{
  const char *run = text;

  g_string_append_c (json, '"');
  for (const char *cursor = text; *cursor != '\0'; cursor++)
    {
      static const char shorts[] = "btn\0fr"; /* for 0x08 to 0x0d; there is none for 0x0b */
      guchar c = *cursor;

      if (c >= 0x20 && c != '"' && c != '\\')
        continue;

      g_string_append_len (json, run, cursor - run);
      run = cursor + 1;
      if (c == '"' || c == '\\')
        g_string_append_printf (json, "\\%c", c);
      else if (c >= 0x08 && c <= 0x0d && c != 0x0b)
        g_string_append_printf (json, "\\%c", shorts[c - 0x08]);
      else
        g_string_append_printf (json, "\\u%04x", c);
    }
  g_string_append (json, run);
  g_string_append_c (json, '"');
}

/* Private: whether a number is whole and fits 64 bits. */
gboolean
satchel_double_is_whole (double number, gint64 *whole)
{
  if (!(number >= -0x1p63 && number < 0x1p63) || number != trunc (number))
    return FALSE;
  *whole = (gint64) number;

  return TRUE;
}

/* Coordinates and percentages, without printing and reading back: of at most 15 digits there is only one decimal that
 * reads back as the same number, and whether this one does is a division of two exact numbers. */
static gboolean
append_short_decimal (GString *json, double number)
{
  double scaled = rint (number * 1e7);
  guint64 whole, fraction;
  int n_digits = 7;

  if (!(fabs (number) >= 1e-4 && fabs (scaled) < 1e15) || scaled / 1e7 != number)
    return FALSE;

  whole = (guint64) fabs (scaled) / 10000000;
  for (fraction = (guint64) fabs (scaled) % 10000000; fraction % 10 == 0; fraction /= 10)
    n_digits--;
  g_string_append_printf (json, "%s%" G_GUINT64_FORMAT ".%0*" G_GUINT64_FORMAT, number < 0 ? "-" : "", whole, n_digits,
                          fraction);

  return TRUE;
}

/* Private: appends the shortest decimal that reads back as the same number; a whole one without a fraction. */
void
satchel_json_append_double (GString *json, double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  gint64 whole;

  g_assert (isfinite (number));

  if (satchel_double_is_whole (number, &whole))
    {
      g_string_append_printf (json, "%" G_GINT64_FORMAT, whole);
      return;
    }
  if (append_short_decimal (json, number))
    return;

  /* Any 15 digits survive a double, unless it is so small that it has lost some. */
  for (int precision = fabs (number) < DBL_MIN ? 1 : 15; precision <= 17; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (buffer, sizeof buffer, format, number);
      if (g_ascii_strtod (buffer, NULL) == number)
        break;
    }
  g_string_append (json, buffer);
}

typedef struct
{
  const char *name;
  JsonNode *node;
} Member;

static int
compare_members (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Member *) a)->name, ((const Member *) b)->name);
}

static void
append_object (GString *json, JsonObject *object)
{
  guint n_members = json_object_get_size (object), n = 0;
  Member on_stack[MEMBERS_ON_STACK];
  g_autofree Member *on_heap = n_members > MEMBERS_ON_STACK ? g_new (Member, n_members) : NULL;
  Member *members = on_heap != NULL ? on_heap : on_stack;
  JsonObjectIter iter;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &members[n].name, &members[n].node))
    if (++n == n_members)
      break;
  qsort (members, n, sizeof *members, compare_members);

  g_string_append_c (json, '{');
  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      satchel_json_append_string (json, members[i].name);
      g_string_append_c (json, ':');
      append_node (json, members[i].node);
    }
  g_string_append_c (json, '}');
}

static void
append_array (GString *json, JsonArray *array)
{
  guint length = json_array_get_length (array);

  g_string_append_c (json, '[');
  for (guint i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      append_node (json, json_array_get_element (array, i));
    }
  g_string_append_c (json, ']');
}

static void
append_scalar (GString *json, JsonNode *node)
{
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_INT64:
      g_string_append_printf (json, "%" G_GINT64_FORMAT, json_node_get_int (node));
      break;
    case G_TYPE_DOUBLE:
      satchel_json_append_double (json, json_node_get_double (node));
      break;
    case G_TYPE_BOOLEAN:
      g_string_append (json, json_node_get_boolean (node) ? "true" : "false");
      break;
    case G_TYPE_STRING:
      satchel_json_append_string (json, json_node_get_string (node));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
append_node (GString *json, JsonNode *node)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      append_object (json, json_node_get_object (node));
      break;
    case JSON_NODE_ARRAY:
      append_array (json, json_node_get_array (node));
      break;
    case JSON_NODE_VALUE:
      append_scalar (json, node);
      break;
    case JSON_NODE_NULL:
    default:
      g_string_append (json, "null");
      break;
    }
}

/**
 * satchel_json_to_canonical:
 * @node: any JSON value
 *
 * Writes JSON in the one form that hashes and digests run over: keys sorted by
 * their bytes, no white space, only the escapes that JSON demands, whole
 * numbers without a fraction and others as short as reads back the same.
 *
 * Returns: (transfer full): the text
 */
char *
satchel_json_to_canonical (JsonNode *node)
{
  GString *json = g_string_sized_new (128);

  append_node (json, node);

  return g_string_free_and_steal (json);
}

static guint
get_depth_of_members (JsonObject *object)
{
  JsonObjectIter iter;
  JsonNode *member;
  guint deepest = 0;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, NULL, &member))
    {
      guint depth = satchel_json_get_depth (member);

      deepest = MAX (deepest, depth);
    }

  return deepest;
}

static guint
get_depth_of_elements (JsonArray *array)
{
  guint deepest = 0;

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      guint depth = satchel_json_get_depth (json_array_get_element (array, i));

      deepest = MAX (deepest, depth);
    }

  return deepest;
}

/* Private: how deep a value is nested; a scalar is 0 deep. */
guint
satchel_json_get_depth (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return get_depth_of_members (json_node_get_object (node)) + 1;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return get_depth_of_elements (json_node_get_array (node)) + 1;

  return 0;
}

/* ---- Reading ---- */

/* A look over the text before json-glib sees it: finds what would overflow its stack or be changed silently. */
typedef struct
{
  const char *cursor;
  const char *end;
  guint depth;
  guint max_depth;
} Scan;

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, _ ("This is not JSON that Satchel takes: %s."),
               reason);
  return FALSE;
}

static int
read_unicode_escape (const char *cursor, const char *end)
{
  int code = 0;

  if (end - cursor < 6 || cursor[0] != '\\' || cursor[1] != 'u')
    return -1;
  for (guint i = 2; i < 6; i++)
    {
      if (!g_ascii_isxdigit (cursor[i]))
        return -1;
      code = code * 16 + g_ascii_xdigit_value (cursor[i]);
    }

  return code;
}

/* Stands on the backslash; leaves the cursor behind the escape. */
static gboolean
scan_escape (Scan *scan, GError **error)
{
  int code, low;

  if (scan->end - scan->cursor < 2)
    return refuse (error, _ ("a text has no end"));
  if (scan->cursor[1] != 'u')
    {
      scan->cursor += 2;
      return TRUE;
    }

  code = read_unicode_escape (scan->cursor, scan->end);
  scan->cursor += 6;
  if (code < 0)
    return refuse (error, _ ("a \\u is not followed by four hexadecimal digits"));
  if (code == 0)
    return refuse (error, _ ("a text holds the character NUL"));
  if (code < 0xd800 || code > 0xdfff)
    return TRUE;

  low = read_unicode_escape (scan->cursor, scan->end);
  scan->cursor += 6;
  if (code > 0xdbff || low < 0xdc00 || low > 0xdfff)
    return refuse (error, _ ("a text holds half of a character"));

  return TRUE;
}

static gboolean
scan_string (Scan *scan, GError **error)
{
  scan->cursor++;
  while (scan->cursor < scan->end && *scan->cursor != '"')
    {
      if ((guchar) *scan->cursor < 0x20)
        return refuse (error, _ ("a text holds a control character or has no end"));
      if (*scan->cursor != '\\')
        scan->cursor++;
      else if (!scan_escape (scan, error))
        return FALSE;
    }

  if (scan->cursor >= scan->end)
    return refuse (error, _ ("a text has no end"));
  scan->cursor++;

  return TRUE;
}

/* json-glib would cut a whole number that is over 64 bits, and read 1e999 as infinite. */
static gboolean
scan_number (Scan *scan, GError **error)
{
  const char *start = scan->cursor;
  gboolean whole = TRUE, exponent = FALSE;
  g_autofree char *number = NULL;

  while (scan->cursor < scan->end && (g_ascii_isdigit (*scan->cursor) || strchr ("+-.eE", *scan->cursor) != NULL))
    {
      whole = whole && *scan->cursor != '.' && *scan->cursor != 'e' && *scan->cursor != 'E';
      exponent = exponent || *scan->cursor == 'e' || *scan->cursor == 'E';
      scan->cursor++;
    }
  if (scan->cursor - start <= 18 && !exponent)
    return TRUE;

  number = g_strndup (start, scan->cursor - start);
  if (whole ? !g_ascii_string_to_signed (number, 10, G_MININT64, G_MAXINT64, NULL, NULL)
            : !isfinite (g_ascii_strtod (number, NULL)))
    return refuse (error, _ ("a number is too large"));

  return TRUE;
}

static gboolean
scan_token (Scan *scan, GError **error)
{
  char c = *scan->cursor;

  if (c == '"')
    return scan_string (scan, error);
  if (c == '-' || g_ascii_isdigit (c))
    return scan_number (scan, error);

  if (c == '/')
    return refuse (error, _ ("it holds a comment"));
  if ((c == '{' || c == '[') && ++scan->depth > scan->max_depth)
    return refuse (error, _ ("it is nested too deeply"));
  if ((c == '}' || c == ']') && scan->depth > 0)
    scan->depth--;
  scan->cursor++;

  return TRUE;
}

static gboolean
scan_text (const char *text, gsize length, guint max_depth, GError **error)
{
  Scan scan = { text, text + length, 0, max_depth };

  /* Says no to NUL bytes too. */
  if (!g_utf8_validate_len (text, length, NULL))
    return refuse (error, _ ("it is not UTF-8 text"));
  while (scan.cursor < scan.end)
    if (!scan_token (&scan, error))
      return FALSE;

  return TRUE;
}

/**
 * satchel_json_parse:
 * @text: JSON
 * @length: bytes of @text, or -1 when it ends with a NUL
 * @max_depth: how deep objects and arrays may be nested; a scalar alone is 0 deep
 * @error: set to %SATCHEL_DATA_ERROR_INVALID
 *
 * Reads JSON that may come from anywhere. A first look over the text, in
 * linear time and without recursion, refuses what is nested too deeply, what
 * is not UTF-8 and what would not survive: NUL characters, halves of
 * surrogate pairs, numbers over 64 bits. What it costs is bounded by @length,
 * which the caller bounds.
 *
 * Returns: (transfer full) (nullable): the value, immutable; %NULL with @error set
 */
JsonNode *
satchel_json_parse (const char *text, gssize length, guint max_depth, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) reason = NULL;
  gsize size = length >= 0 ? (gsize) length : strlen (text);
  JsonNode *root;

  if (!scan_text (text, size, max_depth, error))
    return NULL;

  parser = json_parser_new_immutable ();
  json_parser_set_strict (parser, TRUE);
  if (!json_parser_load_from_data (parser, text, size, &reason))
    {
      /* What it quotes of the text may end in the middle of a character. */
      g_autofree char *message = g_utf8_make_valid (reason->message, -1);

      refuse (error, message);
      return NULL;
    }

  root = json_parser_steal_root (parser);
  if (root == NULL)
    refuse (error, _ ("it is empty"));

  return root;
}
