/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "records/satchel-error.h"
#include "records/satchel-value.h"

#define MAX_DEPTH 8

static void
test_canonical (void)
{
  static const struct
  {
    const char *text;
    const char *canonical;
  } cases[] = {
    { " { \"b\" : 1 , \"a\" : [ true , false , null ] } ", "{\"a\":[true,false,null],\"b\":1}"            },
    { "{\"é\":1,\"z\":2,\"Z\":3,\"\":4}",                  "{\"\":4,\"Z\":3,\"z\":2,\"é\":1}"             },
    { "\"\\u0041\\/\\u00e9\\ud83d\\ude00\"",               "\"A/é😀\""                                    },
    { "\"\\u0001\\b\\t\\n\\f\\r\\u001f\\u007f\\u000b\"",   "\"\\u0001\\b\\t\\n\\f\\r\\u001f\x7f\\u000b\"" },
    { "\"\\\"\\\\\"",                                      "\"\\\"\\\\\""                                 },
    { "\"[{\"",                                            "\"[{\""                                       },
    { "1.0",                                               "1"                                            },
    { "-0.0",                                              "0"                                            },
    { "1E2",                                               "100"                                          },
    { "0.1",                                               "0.1"                                          },
    { "1e17",                                              "100000000000000000"                           },
    { "1e19",                                              "1e+19"                                        },
    { "-9223372036854775808",                              "-9223372036854775808"                         },
    { "9223372036854775807",                               "9223372036854775807"                          },
    { "1.7976931348623157e308",                            "1.7976931348623157e+308"                      },
    { "5e-324",                                            "5e-324"                                       },
    { "[]",                                                "[]"                                           },
    { "{}",                                                "{}"                                           },
    { "null",                                              "null"                                         },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = satchel_json_parse (cases[i].text, -1, MAX_DEPTH, &error);
      g_autoptr (JsonNode) again = NULL;
      g_autofree char *canonical = NULL;
      g_autofree char *twice = NULL;

      g_test_message ("%s", cases[i].text);
      g_assert_no_error (error);
      canonical = satchel_json_to_canonical (node);
      g_assert_cmpstr (canonical, ==, cases[i].canonical);

      again = satchel_json_parse (canonical, -1, MAX_DEPTH, &error);
      g_assert_no_error (error);
      twice = satchel_json_to_canonical (again);
      g_assert_cmpstr (twice, ==, canonical);
    }
}

/* Whatever way a number is written, it is the shortest of those that read back as the same. */
static void
test_numbers (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (26);

  for (guint i = 0; i < 20000; i++)
    {
      double number = i % 2 ? g_rand_double_range (random, -1e6, 1e6) : g_rand_int_range (random, -1e9, 1e9) / 1e7;
      g_autoptr (JsonNode) node = json_node_init_double (json_node_alloc (), number);
      g_autofree char *written = satchel_json_to_canonical (node);
      char shortest[G_ASCII_DTOSTR_BUF_SIZE];

      for (guint precision = 1; precision <= 17; precision++)
        {
          g_autofree char *format = g_strdup_printf ("%%.%ug", precision);

          g_ascii_formatd (shortest, sizeof shortest, format, number);
          if (g_ascii_strtod (shortest, NULL) == number)
            break;
        }
      if (strchr (shortest, 'e') == NULL)
        g_assert_cmpstr (written, ==, shortest);
      g_assert_true (g_ascii_strtod (written, NULL) == number);
    }
}

static void
test_many_members (void)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (GString) expected = g_string_new ("{");
  g_autofree char *canonical = NULL;

  for (guint i = 200; i > 0; i--)
    {
      g_autofree char *name = g_strdup_printf ("m%03u", i);

      json_object_set_int_member (object, name, i);
    }
  for (guint i = 1; i <= 200; i++)
    g_string_append_printf (expected, "%s\"m%03u\":%u", i > 1 ? "," : "", i, i);
  g_string_append_c (expected, '}');

  json_node_set_object (node, object);
  canonical = satchel_json_to_canonical (node);
  g_assert_cmpstr (canonical, ==, expected->str);
}

static void
assert_refused (const char *text, gssize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = satchel_json_parse (text, length, MAX_DEPTH, &error);

  g_assert_null (node);
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
test_refuses (void)
{
  static const char *const cases[] = {
    "",
    "  ",
    "{",
    "}",
    "]",
    "[",
    "[1",
    "[1,",
    "[1,]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{'a':1}",
    "'a'",
    "[1 2]",
    "1 2",
    "{} {}",
    "tru",
    "nan",
    "NaN",
    "Infinity",
    "-",
    "+1",
    "01",
    "1.",
    ".5",
    "1e",
    "0x10",
    "\"no end",
    "\"\\\"",
    "\"\\",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\q\"",
    "\"\\u0000\"",
    "\"a\\u0000b\"",
    "\"\\ud800\"",
    "\"\\ud800x\"",
    "\"\\ud800\\u0041\"",
    "\"\\udc00\"",
    "\"line\nbreak\"",
    "\"\xff\"",
    "\"\xed\xa0\x80\"",
    "9223372036854775808",
    "-9223372036854775809",
    "[99999999999999999999999999]",
    "1e999",
    "-1e999",
    "[1] // comment",
    "/* comment */ [1]",
    "# comment\n[1]",
    "[[[[[[[[[1]]]]]]]]]",
    "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      assert_refused (cases[i], -1);
    }
  assert_refused ("[1]\0[2]", 7);
  assert_refused ("[\"a\0b\"]", 7);
}

static void
test_depth_is_found_in_linear_time (void)
{
  gsize length = 16 * 1024 * 1024;
  g_autofree char *deep = g_strnfill (length, '[');
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = satchel_json_parse ("[[[[[[[[1]]]]]]]]", -1, MAX_DEPTH, &error);

  g_assert_no_error (error);
  assert_refused (deep, length);
}

/* json-glib quotes what it does not expect, and cuts it somewhere. */
static void
test_reasons_are_whole_characters (void)
{
  for (guint n = 0; n < 4; n++)
    {
      g_autoptr (GString) text = g_string_new ("[] \"");

      for (guint i = 0; i < n; i++)
        g_string_append_c (text, 'a');
      for (guint i = 0; i < 200; i++)
        g_string_append (text, "\360\237\230\200");
      g_string_append_c (text, '"');
      assert_refused (text->str, -1);
    }
}

static void
test_length_is_kept (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = satchel_json_parse ("[1]garbage", 3, MAX_DEPTH, &error);

  g_assert_no_error (error);
  g_assert_true (json_node_is_immutable (node));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/canonical", test_canonical);
  g_test_add_func ("/json/numbers", test_numbers);
  g_test_add_func ("/json/many-members", test_many_members);
  g_test_add_func ("/json/refuses", test_refuses);
  g_test_add_func ("/json/depth-is-found-in-linear-time", test_depth_is_found_in_linear_time);
  g_test_add_func ("/json/reasons-are-whole-characters", test_reasons_are_whole_characters);
  g_test_add_func ("/json/length-is-kept", test_length_is_kept);

  return g_test_run ();
}
