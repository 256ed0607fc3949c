/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "records/satchel-error.h"
#include "records/satchel-value.h"
#include "test-vocabulary.h"

#define UUID_A "01957a3c-7f00-7abc-8def-0123456789aa"
#define UUID_B "01957a3c-7f00-7abc-8def-0123456789bb"

static SatchelVocabulary *vocabulary;

static const SatchelField *
field (const char *name)
{
  const SatchelType *specimen = satchel_vocabulary_lookup (vocabulary, "specimen");
  guint index;

  if (!satchel_type_lookup_field (specimen, name, &index))
    g_error ("no field %s", name);

  return satchel_type_get_field (specimen, index);
}

static SatchelValue
parse (const char *name, const char *text)
{
  SatchelValue value = SATCHEL_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  satchel_value_parse (field (name), text, &value, &error);
  g_assert_no_error (error);

  return value;
}

/* What was written, and what is stored of it, as text; "" is null. */
typedef struct
{
  const char *field;
  const char *written;
  const char *stored;
} Accepted;

static const Accepted accepted[] = {
  { "title",     "",                                      ""                             },
  { "title",     " \t\n ",                                ""                             },
  { "title",     "  Anna \n",                             "Anna"                         },
  { "title",     "\u00a0Анна\u2003",                      "Анна"                         },
  { "title",     "tab\tinside",                           "tab\tinside"                  },
  { "title",     "Jose\u0301",                            "José"                         },
  { "title",     "José",                                  "José"                         },
  { "title",     "=SUM(A1)",                              "=SUM(A1)"                     },
  { "title",     "It's \"quoted\" \\ 100%",               "It's \"quoted\" \\ 100%"      },
  { "story",     "one\r\ntwo\rthree\n",                   "one\ntwo\nthree\n"            },
  { "story",     "  kept  ",                              "  kept  "                     },
  { "story",     "e\u0301\r\nз",                          "é\nз"                         },
  { "phone",     " +7 (495) 123-45-67 ",                  "+7 (495) 123-45-67"           },
  { "email",     "anna@example.com",                      "anna@example.com"             },
  { "email",     "анна@почта.рф",                         "анна@почта.рф"                },
  { "website",   "example.com/a?b=c",                     "example.com/a?b=c"            },
  { "pieces",    "42",                                    "42"                           },
  { "pieces",    " -7 ",                                  "-7"                           },
  { "pieces",    "+7",                                    "7"                            },
  { "pieces",    "9223372036854775807",                   "9223372036854775807"          },
  { "pieces",    "-9223372036854775808",                  "-9223372036854775808"         },
  { "amount",    "125000",                                "125000"                       },
  { "weight",    "12.50",                                 "12.5"                         },
  { "weight",    "12.0",                                  "12"                           },
  { "weight",    "-0",                                    "0"                            },
  { "weight",    "0.1",                                   "0.1"                          },
  { "weight",    "55.755826",                             "55.755826"                    },
  { "weight",    "0.30000000000000004",                   "0.30000000000000004"          },
  { "weight",    "1e3",                                   "1000"                         },
  { "weight",    ".5",                                    "0.5"                          },
  { "weight",    "1e300",                                 "1e+300"                       },
  { "fragile",   "true",                                  "true"                         },
  { "fragile",   "Yes",                                   "true"                         },
  { "fragile",   "1",                                     "true"                         },
  { "fragile",   "FALSE",                                 "false"                        },
  { "fragile",   "no",                                    "false"                        },
  { "fragile",   "0",                                     "false"                        },
  { "currency",  "eur",                                   "EUR"                          },
  { "found_on",  "2026-03-09",                            "2026-03-09"                   },
  { "found_at",  "2026-03-09T10:15+02:00",                "2026-03-09T08:15:00.000Z"     },
  { "colour",    "green",                                 "green"                        },
  { "mood",      "anything",                              "anything"                     },
  { "account",   "01957A3C-7F00-7ABC-8DEF-0123456789AA",  UUID_A                         },
  { "labels",    "vip, hot ,vip,, cold",                  "cold,hot,vip"                 },
  { "labels",    "[\"b\",\" a \",\"b\",\"\"]",            "a,b"                          },
  { "labels",    "[\"one, two\",\"three\"]",              "[\"one, two\",\"three\"]"     },
  { "labels",    " , ",                                   ""                             },
  { "labels",    "[]",                                    ""                             },
  { "labels",    "Ωмега,e\u0301",                         "é,Ωмега"                      },
  { "labels",    "[\"[odd\"]",                            "[\"[odd\"]"                   },
  { "labels",    "say \"hi\",back\\slash",                "back\\slash,say \"hi\""       },
  { "relatives", UUID_B "," UUID_A,                       UUID_A "," UUID_B              },
  { "measures",  "{\"b\": [1, 2.50, -0.0], \"a\": null}", "{\"a\":null,\"b\":[1,2.5,0]}" },
  { "measures",  "\"text\"",                              "\"text\""                     },
  { "measures",  "null",                                  ""                             },
};

static void
test_parse (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      const Accepted *test = &accepted[i];
      g_auto (SatchelValue) value = parse (test->field, test->written);
      g_autofree char *text = satchel_value_to_text (field (test->field), &value);

      g_test_message ("%s=%s", test->field, test->written);
      g_assert_cmpstr (text, ==, test->stored);
      g_assert_cmpint (satchel_value_is_null (&value), ==, *test->stored == '\0');
    }
}

/* Whatever is stored survives text, JSON and its own text, byte for byte. */
static void
test_round_trips (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      const SatchelField *of = field (accepted[i].field);
      g_auto (SatchelValue) value = parse (accepted[i].field, accepted[i].written);
      g_autofree char *text = satchel_value_to_text (of, &value);
      g_auto (SatchelValue) from_text = parse (accepted[i].field, text);
      g_autoptr (JsonNode) node = satchel_value_to_json (of, &value);
      g_autofree char *json = satchel_json_to_canonical (node);
      g_autoptr (JsonNode) reread = NULL;
      g_auto (SatchelValue) from_json = SATCHEL_VALUE_INIT;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s=%s → %s", accepted[i].field, accepted[i].written, json);
      g_assert_true (satchel_value_equal (&value, &from_text));

      reread = satchel_json_parse (json, -1, 64, &error);
      g_assert_no_error (error);
      satchel_value_from_json (of, reread, &from_json, &error);
      g_assert_no_error (error);
      g_assert_true (satchel_value_equal (&value, &from_json));
    }
}

static const struct
{
  const char *field;
  const char *written;
  const char *message;
} refused[] = {
  { "title",     "two\nlines",          "“title” takes one line of text, and this has several."                            },
  { "title",     "two\u2028lines",      "“title” takes one line of text, and this has several."                            },
  { "title",     "bad \xff byte",       "“title” holds bytes that are not UTF-8 text."                                     },
  { "story",     "\xc3",                "“story” holds bytes that are not UTF-8 text."                                     },
  { "email",     "nobody",              "“email” takes a mail address such as anna@example.com, not “nobody”."             },
  { "email",     "a@b@c",               "“email” takes a mail address such as anna@example.com, not “a@b@c”."              },
  { "email",     "anna b@example.com",  "“email” takes a mail address such as anna@example.com, not “anna b@example.com”." },
  { "email",     "@example.com",        "“email” takes a mail address such as anna@example.com, not “@example.com”."       },
  { "pieces",    "many",                "“pieces” takes a whole number, not “many”."                                       },
  { "pieces",    "1.5",                 "“pieces” takes a whole number, not “1.5”."                                        },
  { "pieces",    "0x10",                "“pieces” takes a whole number, not “0x10”."                                       },
  { "pieces",    "9223372036854775808", "“pieces” takes a whole number of at most 64 bits, not “9223372036854775808”."     },
  { "amount",    "12.50",               "“amount” takes whole minor units such as cents (1250 for 12.50), not “12.50”."    },
  { "weight",    "heavy",               "“weight” takes a number such as 12.5, not “heavy”."                               },
  { "weight",    "12,5",                "“weight” takes a number such as 12.5, not “12,5”."                                },
  { "weight",    "inf",                 "“weight” takes a number such as 12.5, not “inf”."                                 },
  { "weight",    "nan",                 "“weight” takes a number such as 12.5, not “nan”."                                 },
  { "weight",    "1e999",               "“weight” takes a number such as 12.5, not “1e999”."                               },
  { "weight",    "0x1p3",               "“weight” takes a number such as 12.5, not “0x1p3”."                               },
  { "fragile",   "maybe",               "“fragile” takes true or false, not “maybe”."                                      },
  { "currency",  "EURO",                "“currency” takes a currency of three letters such as EUR, not “EURO”."            },
  { "currency",  "E1R",                 "“currency” takes a currency of three letters such as EUR, not “E1R”."             },
  { "found_on",  "2026-02-30",          "“found_on” takes a day of the calendar such as 2026-03-09, not “2026-02-30”."     },
  { "found_at",  "2026-03-09",
   "“found_at” takes a time with its offset such as 2026-03-09T08:15:00Z or 2026-03-09T10:15+02:00, "
    "not “2026-03-09”."                                                                                                    },
  { "colour",    "mauve",               "“colour” takes one of red, green, blue, not “mauve”."                             },
  { "account",   "Northwind",           "“account” takes the id of a record of type “account”, not “Northwind”."           },
  { "relatives", UUID_A ",x",           "“relatives” takes the id of a record of type “specimen”, not “x”."                },
  { "labels",    "[1]",                 "“labels” takes a list of texts."                                                  },
  { "labels",    "[null]",              "“labels” takes a list of texts."                                                  },
  { "labels",    "[[\"a\"]]",           "“labels”: This is not JSON that Satchel takes: it is nested too deeply."          },
  { "labels",    "a\nb,c",              "“labels” takes one line of text, and this has several."                           },
  { "measures",  "[1,",                 NULL                                                                               },
  { "measures",  "{'a': 1}",            NULL                                                                               },
  { "measures",  "[1, 2] // a comment", "“measures”: This is not JSON that Satchel takes: it holds a comment."             },
};

static void
test_refuses (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
      g_autoptr (GError) error = NULL;

      satchel_value_set_integer (&value, 99);
      g_test_message ("%s: %u", refused[i].field, i);
      g_assert_false (satchel_value_parse (field (refused[i].field), refused[i].written, &value, &error));
      g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
      if (refused[i].message != NULL)
        g_assert_cmpstr (error->message, ==, refused[i].message);
      g_assert_cmpint (value.integer, ==, 99);
    }
}

static void
test_shortens_what_it_repeats (void)
{
  g_autofree char *long_text = g_strnfill (5000, 'x');
  g_autofree char *cyrillic = g_strdup ("яяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяя");
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_false (satchel_value_parse (field ("pieces"), long_text, &value, &error));
  g_assert_cmpuint (strlen (error->message), <, 150);
  g_clear_error (&error);

  g_assert_false (satchel_value_parse (field ("pieces"), cyrillic, &value, &error));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_true (g_str_has_suffix (error->message, "я…”."));
}

static void
assert_size (const char *name, char *text, gboolean fits)
{
  g_autofree char *owned = text;
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (satchel_value_parse (field (name), owned, &value, &error), ==, fits);
  if (fits)
    {
      g_assert_no_error (error);
      return;
    }
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "1048576"));
}

static void
test_limits (void)
{
  g_autofree char *nearly = g_strnfill (SATCHEL_VALUE_MAX_BYTES - 1, 'x');
  g_autofree char *half = g_strnfill (SATCHEL_VALUE_MAX_BYTES / 2, 'x');

  assert_size ("story", g_strnfill (SATCHEL_VALUE_MAX_BYTES, 'x'), TRUE);
  assert_size ("story", g_strnfill (SATCHEL_VALUE_MAX_BYTES + 1, 'x'), FALSE);
  assert_size ("story", g_strnfill (64 * 1024 * 1024, 'x'), FALSE);
  assert_size ("title", g_strconcat (" ", nearly, "x ", NULL), TRUE);
  assert_size ("story", g_strconcat (nearly, "я", NULL), FALSE);
  /* Two characters that NFC makes one of. */
  assert_size ("story", g_strconcat (half, half + 3, "e\u0301", NULL), TRUE);
  assert_size ("labels", g_strconcat (half, ",y", half, NULL), FALSE);
  assert_size ("measures", g_strconcat ("\"", nearly, "\"", NULL), FALSE);
  assert_size ("pieces", g_strnfill (SATCHEL_VALUE_MAX_BYTES + 1, '1'), FALSE);
}

static const struct
{
  const char *field;
  const char *json;
  const char *stored; /* NULL: refused with the message */
  const char *message;
} from_json[] = {
  { "title", "null", "" },
  { "title", "\" e\\u0301 \"", "é" },
  { "title", "5", NULL, "“title” takes a text." },
  { "title", "[\"a\"]", NULL, "“title” takes a text." },
  { "found_on", "20260309", NULL, "“found_on” takes a text." },
  { "pieces", "5", "5" },
  { "pieces", "5.0", "5" },
  { "pieces", "5.5", NULL, "“pieces” takes a whole number." },
  { "pieces", "1e300", NULL, "“pieces” takes a whole number." },
  { "pieces", "\"5\"", NULL, "“pieces” takes a whole number." },
  { "pieces", "true", NULL, "“pieces” takes a whole number." },
  { "amount", "{}", NULL, "“amount” takes a whole number." },
  { "weight", "5", "5" },
  { "weight", "5.25", "5.25" },
  { "weight", "-0.0", "0" },
  { "weight", "\"5\"", NULL, "“weight” takes a number." },
  { "weight", "false", NULL, "“weight” takes a number." },
  { "fragile", "true", "true" },
  { "fragile", "0", "false" },
  { "fragile", "1", "true" },
  { "fragile", "2", NULL, "“fragile” takes true or false." },
  { "fragile", "\"true\"", NULL, "“fragile” takes true or false." },
  { "colour", "\"mauve\"", NULL, "“colour” takes one of red, green, blue, not “mauve”." },
  { "labels", "[\"b\",\"a\",\"b\"]", "a,b" },
  { "labels", "\"a,b\"", NULL, "“labels” takes a list of texts." },
  { "labels", "{\"a\":1}", NULL, "“labels” takes a list of texts." },
  { "measures", "{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}", "{\"a\":{\"c\":{},\"d\":[]},\"b\":1}" },
};

static void
test_from_json (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (from_json); i++)
    {
      const SatchelField *of = field (from_json[i].field);
      g_autoptr (JsonNode) node = json_from_string (from_json[i].json, NULL);
      g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      g_test_message ("%s=%s", from_json[i].field, from_json[i].json);
      g_assert_cmpint (satchel_value_from_json (of, node, &value, &error), ==, from_json[i].stored != NULL);
      if (from_json[i].stored == NULL)
        {
          g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
          g_assert_cmpstr (error->message, ==, from_json[i].message);
          continue;
        }
      text = satchel_value_to_text (of, &value);
      g_assert_cmpstr (text, ==, from_json[i].stored);
    }
}

static void
test_depth (void)
{
  g_autofree char *open = g_strnfill (33, '[');
  g_autofree char *close = g_strnfill (33, ']');
  g_autofree char *too_deep = g_strconcat (open, close, NULL);
  g_autofree char *deep = g_strconcat (open + 1, close + 1, NULL);
  g_auto (SatchelValue) value = parse ("measures", deep);
  g_autoptr (JsonNode) node = json_from_string (too_deep, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (value.text, ==, deep);
  g_assert_false (satchel_value_parse (field ("measures"), too_deep, &value, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (satchel_value_from_json (field ("measures"), node, &value, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
  g_assert_cmpstr (value.text, ==, deep);
}

static void
test_to_json (void)
{
  static const struct
  {
    const char *field;
    const char *text;
    const char *json;
  } cases[] = {
    { "title",    "",              "null"            },
    { "title",    "a \"b\"",       "\"a \\\"b\\\"\"" },
    { "pieces",   "5",             "5"               },
    { "weight",   "5",             "5"               },
    { "weight",   "5.5",           "5.5"             },
    { "fragile",  "yes",           "true"            },
    { "labels",   "b,a",           "[\"a\",\"b\"]"   },
    { "measures", "{ \"b\" : 1 }", "{\"b\":1}"       },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (SatchelValue) value = parse (cases[i].field, cases[i].text);
      g_autoptr (JsonNode) node = satchel_value_to_json (field (cases[i].field), &value);
      g_autofree char *json = satchel_json_to_canonical (node);

      g_assert_cmpstr (json, ==, cases[i].json);
    }
}

static void
test_sets (void)
{
  const char *const add[] = { "delta", " alpha ", "e\u0301", "", NULL };
  const char *const remove[] = { "beta", "absent", "delta", NULL };
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  g_auto (GStrv) members = NULL;
  g_auto (GStrv) none = satchel_value_dup_set (&value);

  g_assert_cmpuint (g_strv_length (none), ==, 0);

  satchel_value_take_set (&value, g_strsplit ("gamma|beta|beta||quote\"\\\n\x01", "|", -1));
  g_assert_cmpstr (value.text, ==, "[\"beta\",\"gamma\",\"quote\\\"\\\\\\n\\u0001\"]");
  members = satchel_value_dup_set (&value);
  g_assert_cmpuint (g_strv_length (members), ==, 3);
  g_assert_cmpstr (members[2], ==, "quote\"\\\n\x01");

  satchel_value_set_apply (&value, add, remove);
  g_assert_cmpstr (value.text, ==, "[\"alpha\",\"delta\",\"gamma\",\"quote\\\"\\\\\\n\\u0001\",\"é\"]");

  satchel_value_set_apply (&value, NULL, (const char *const[]) { "alpha", "delta", "gamma", "é", members[2], NULL });
  g_assert_true (satchel_value_is_null (&value));
  satchel_value_set_apply (&value, NULL, NULL);
  g_assert_true (satchel_value_is_null (&value));
}

static void
test_copies (void)
{
  g_auto (SatchelValue) text = parse ("title", "one");
  g_auto (SatchelValue) copy = parse ("title", "two");
  g_auto (SatchelValue) null = SATCHEL_VALUE_INIT;

  g_assert_false (satchel_value_equal (&text, &copy));
  satchel_value_copy (&text, &copy);
  g_assert_true (satchel_value_equal (&text, &copy));
  g_assert_true (text.text != copy.text);
  satchel_value_copy (&null, &copy);
  g_assert_true (satchel_value_is_null (&copy));
  g_assert_false (satchel_value_equal (&text, &null));
  satchel_value_copy (&text, &text);
  g_assert_cmpstr (text.text, ==, "one");
}

static void
test_display (void)
{
  static const struct
  {
    const char *field;
    const char *text;
    const char *currency;
    const char *shown;
  } cases[] = {
    { "title",    "",                         NULL,  ""                      },
    { "amount",   "125000",                   "EUR", "1250.00 EUR"           },
    { "amount",   "125000",                   "JPY", "125000 JPY"            },
    { "amount",   "125005",                   "KWD", "125.005 KWD"           },
    { "amount",   "-5",                       "EUR", "-0.05 EUR"             },
    { "amount",   "125000",                   NULL,  "1250.00"               },
    { "amount",   "-9223372036854775808",     NULL,  "-92233720368547758.08" },
    { "pieces",   "1234",                     NULL,  "1234"                  },
    { "weight",   "12.5",                     NULL,  "12.5"                  },
    { "fragile",  "true",                     NULL,  "Yes"                   },
    { "fragile",  "false",                    NULL,  "No"                    },
    { "colour",   "green",                    NULL,  "Green"                 },
    { "mood",     "red",                      NULL,  "Red"                   },
    { "mood",     "fair",                     NULL,  "fair"                  },
    { "found_on", "2026-03-09",               NULL,  "9 March 2026"          },
    { "found_at", "2026-03-09T08:15:00.000Z", NULL,  "9 March 2026, 08:15"   },
    { "labels",   "b,a",                      NULL,  "a, b"                  },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (SatchelValue) value = parse (cases[i].field, cases[i].text);
      g_autofree char *shown = satchel_value_to_display (field (cases[i].field), &value, cases[i].currency);

      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  vocabulary = satchel_test_vocabulary_new ();
  g_test_add_func ("/value/parse", test_parse);
  g_test_add_func ("/value/round-trips", test_round_trips);
  g_test_add_func ("/value/refuses", test_refuses);
  g_test_add_func ("/value/shortens-what-it-repeats", test_shortens_what_it_repeats);
  g_test_add_func ("/value/limits", test_limits);
  g_test_add_func ("/value/from-json", test_from_json);
  g_test_add_func ("/value/depth", test_depth);
  g_test_add_func ("/value/to-json", test_to_json);
  g_test_add_func ("/value/sets", test_sets);
  g_test_add_func ("/value/copies", test_copies);
  g_test_add_func ("/value/display", test_display);
  result = g_test_run ();
  satchel_vocabulary_free (vocabulary);

  return result;
}
