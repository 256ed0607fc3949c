/* SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON from anywhere: what is taken, json-glib alone reads as the same; canonical text reads as itself; what is refused
 * is refused with words. */

#include "fuzz.h"

#include "records/satchel-error.h"
#include "records/satchel-value.h"

#define MAX_DEPTH 8

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return 0;
}

static guint
get_depth (JsonNode *node)
{
  g_autoptr (GList) children = NULL;
  guint deepest = 0;

  if (!JSON_NODE_HOLDS_OBJECT (node) && !JSON_NODE_HOLDS_ARRAY (node))
    return 0;

  children = JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_values (json_node_get_object (node))
                                           : json_array_get_elements (json_node_get_array (node));
  for (GList *child = children; child != NULL; child = child->next)
    {
      guint depth = get_depth (child->data);

      deepest = MAX (deepest, depth);
    }

  return deepest + 1;
}

static char *
read_plainly (const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, text, (gssize) length, &error);
  g_assert_no_error (error);

  return satchel_json_to_canonical (json_parser_get_root (parser));
}

static void
check_canonical (const char *canonical)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = satchel_json_parse (canonical, -1, MAX_DEPTH, &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  again = satchel_json_to_canonical (node);
  g_assert_cmpstr (again, ==, canonical);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = satchel_json_parse ((const char *) data, (gssize) size, MAX_DEPTH, &error);
  g_autofree char *canonical = NULL;
  g_autofree char *plainly = NULL;

  if (node == NULL)
    {
      g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  g_assert_cmpuint (get_depth (node), <=, MAX_DEPTH);
  canonical = satchel_json_to_canonical (node);
  plainly = read_plainly ((const char *) data, size);
  g_assert_cmpstr (canonical, ==, plainly);
  check_canonical (canonical);

  return 0;
}
