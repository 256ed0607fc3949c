/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "records/satchel-text.h"

typedef struct
{
  const char *text;
  const char *expected;
} Case;

typedef char *(*Make) (const char *text);

static void
check_cases (const Case *cases, gsize n_cases, Make make)
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autofree char *made = make (cases[i].text);

      g_assert_cmpstr (made, ==, cases[i].expected);
    }
}

static void
test_fold (void)
{
  static const Case cases[] = {
    { "",                       ""                       },
    { "Alfreds Futterkiste",    "alfreds futterkiste"    },
    { "  a \t\n b  ",           "a b"                    },
    { "a\u00a0\u2003b",         "a b"                    },
    { "Köln",                   "koln"                   },
    { "Ko\u0308ln",             "koln"                   },
    { "Straße STRASSE",         "strasse strasse"        },
    { "GRO\u1e9eE",             "grosse"                 },
    { "Łódź",                   "lodz"                   },
    { "Søren Ærø",              "soren aero"             },
    { "Œuvre",                  "oeuvre"                 },
    { "Đà Nẵng",                "da nang"                },
    { "İstanbul ıI",            "istanbul ii"            },
    { "Ἀθῆναι ΟΔΟΣ οδός",       "αθηναι οδοσ οδοσ"       },
    { "Ёлка ёж",                "елка еж"                },
    { "е\u0308лка",             "елка"                   },
    { "Чайковский",             "чайковский"             },
    { "Чаи\u0306ковскии\u0306", "чайковский"             },
    { "Київ Ґанок",             "київ ґанок"             },
    { "น้ำตาล",                  "น\u0e49\u0e4d\u0e32ตาล" },
    { "เก่า",                    "เก่า"                    },
    { "ก\u200bข",               "กข"                     },
    { "so\u00adft",             "soft"                   },
    { "ＡＢＣ１２３",           "abc123"                 },
    { "ﬁne №5 ½",               "fine no5 1\u20442"      },
    { "ガギグ",                 "ガギグ"                 },
    { "\uff76\uff9e",           "ガ"                     },
    { "서울",                   "서울"                   },
    { "´",                      "´"                      },
    { "𝒜lpha",                  "alpha"                  },
  };

  check_cases (cases, G_N_ELEMENTS (cases), satchel_text_fold);
}

/* Every letter of the scripts that people of a sales team write names in, and of those made up for compatibility. */
static const struct
{
  gunichar first;
  gunichar last;
} written[] = {
  { 0x0001,  0x1fff  },
  { 0x2000,  0x21ff  },
  { 0x2c00,  0x30ff  },
  { 0xa640,  0xa7ff  },
  { 0xac00,  0xac7f  },
  { 0xf900,  0xfa2f  },
  { 0xfb00,  0xfb4f  },
  { 0xff00,  0xffef  },
  { 0x1d400, 0x1d4ff },
};

static void
check_letter (gunichar letter)
{
  char text[16] = "x";
  g_autofree char *apart = NULL;
  g_autofree char *folded = NULL;
  g_autofree char *of_apart = NULL;
  g_autofree char *twice = NULL;

  strcpy (text + 1 + g_unichar_to_utf8 (letter, text + 1), "y");
  apart = g_utf8_normalize (text, -1, G_NORMALIZE_NFD);
  folded = satchel_text_fold (text);
  of_apart = satchel_text_fold (apart);
  twice = satchel_text_fold (folded);

  g_assert_cmpstr (of_apart, ==, folded);
  g_assert_cmpstr (twice, ==, folded);
}

static void
test_fold_every_letter (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (written); i++)
    for (gunichar letter = written[i].first; letter <= written[i].last; letter++)
      check_letter (letter);
}

static void
test_normalise (void)
{
  static const Case cases[] = {
    { "plain",              "plain"         },
    { "e\u0301",            "\u00e9"        },
    { "и\u0306",            "й"             },
    { "\u1100\u1161\u11a8", "각"            },
    { "\u212b",             "\u00c5"        },
    { "ก\u0e48\u0e38",      "ก\u0e38\u0e48" },
    { "\u0958",             "\u0915\u093c"  },
    { "ﬁ",                  "ﬁ"             },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *normal = satchel_text_normalise (cases[i].text, -1);

      g_assert_cmpstr (normal, ==, cases[i].expected);
    }
}

static void
test_normalise_refuses (void)
{
  g_assert_null (satchel_text_normalise ("\xff", -1));
  g_assert_null (satchel_text_normalise ("a\xc3", -1));
  g_assert_null (satchel_text_normalise ("\xed\xa0\x80", -1));
  g_assert_null (satchel_text_normalise ("a\0b", 3));
}

static gunichar
random_letter (GRand *random)
{
  static const gunichar marks[] = { 0x0300, 0x0301, 0x0308, 0x0323, 0x0345, 0x0e48, 0x0e38, 0x3099, 0x0344, 0x093c };
  static const gunichar letters[] = { 'a',    'o',    ' ',    0x0438, 0x0435, 0x03b1, 0x304b, 0x0e01,
                                      0x1100, 0x1161, 0x11a8, 0xac00, 0x09c7, 0x09be, 0x212b, 0x1e9b };

  return g_rand_boolean (random) ? marks[g_rand_int_range (random, 0, G_N_ELEMENTS (marks))]
                                 : letters[g_rand_int_range (random, 0, G_N_ELEMENTS (letters))];
}

/* Piece by piece gives what the whole would give. */
static void
test_normalise_like_glib (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 300; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *normal = NULL;
      g_autofree char *expected = NULL;
      gint n = g_rand_int_range (random, 0, 400);

      for (gint i = 0; i < n; i++)
        g_string_append_unichar (text, random_letter (random));

      normal = satchel_text_normalise (text->str, (gssize) text->len);
      expected = g_utf8_normalize (text->str, -1, G_NORMALIZE_NFC);
      g_assert_cmpstr (normal, ==, expected);
    }
}

/* With GLib alone this would take minutes. */
static void
test_normalise_is_bounded (void)
{
  g_autoptr (GString) marks = g_string_new ("a");
  g_autoptr (GString) apart = g_string_new (NULL);
  g_autofree char *normal = NULL;
  g_autofree char *again = NULL;
  g_autofree char *composed = NULL;

  for (guint i = 0; i < 200000; i++)
    g_string_append (marks, i % 2 == 0 ? "\u0301" : "\u0323");
  normal = satchel_text_normalise (marks->str, -1);
  again = satchel_text_normalise (normal, -1);
  g_assert_cmpstr (normal, ==, again);

  for (guint i = 0; i < 300000; i++)
    g_string_append (apart, "e\u0301");
  composed = satchel_text_normalise (apart->str, -1);
  g_assert_cmpint (g_utf8_strlen (composed, -1), ==, 300000);
}

static void
test_phone (void)
{
  static const Case cases[] = {
    { "(030) 007-43.21",       "0300074321"  },
    { "+66 2 123 4567 ext. 8", "66212345678" },
    { "๐๒-๑๒๓",                "02123"       },
    { "12",                    NULL          },
    { "",                      NULL          },
  };

  check_cases (cases, G_N_ELEMENTS (cases), satchel_text_phone_digits);

  g_assert_true (satchel_text_looks_like_phone ("+49 (30) 007-4321"));
  g_assert_true (satchel_text_looks_like_phone ("030/1"));
  g_assert_true (satchel_text_looks_like_phone ("๐๒ ๑๒"));
  g_assert_false (satchel_text_looks_like_phone ("12"));
  g_assert_false (satchel_text_looks_like_phone ("+ ( ) -"));
  g_assert_false (satchel_text_looks_like_phone ("Route 66 100"));
  g_assert_false (satchel_text_looks_like_phone (""));
}

static void
test_sort_key (void)
{
  static const Case cases[] = {
    { "Äpfel",      "apfel"      },
    { "เก",         "กเ"         },
    { "โรงแรม ไทย", "รโงรแม ทไย" },
    { "เ",          "เ"          },
    { "เa",         "เa"         },
    { "",           ""           },
  };
  /* The order of a Thai dictionary. */
  static const char *const ordered[] = { "กา", "เก", "ไก่", "ขา", "แขก", "คน", "โรงแรม" };

  check_cases (cases, G_N_ELEMENTS (cases), satchel_text_sort_key);

  for (gsize i = 1; i < G_N_ELEMENTS (ordered); i++)
    {
      g_autofree char *before = satchel_text_sort_key (ordered[i - 1]);
      g_autofree char *after = satchel_text_sort_key (ordered[i]);

      g_assert_cmpint (strcmp (before, after), <, 0);
    }
}

static void
test_section (void)
{
  static const Case cases[] = {
    { "alfreds", "A" },
    { "Ärger",   "A" },
    { "ßa",      "S" },
    { "ёж",      "Е" },
    { "йод",     "Й" },
    { "เก่า",     "ก" },
    { "ไทย",     "ท" },
    { "ไ",       "#" },
    { "42nd",    "#" },
    { "«Рога»",  "#" },
    { "",        "#" },
    { "  ",      "#" },
    { "ǆ",       "D" },
    { "๕",       "#" },
  };

  check_cases (cases, G_N_ELEMENTS (cases), satchel_text_section);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/text/fold", test_fold);
  g_test_add_func ("/text/fold/every-letter", test_fold_every_letter);
  g_test_add_func ("/text/normalise", test_normalise);
  g_test_add_func ("/text/normalise/refuses", test_normalise_refuses);
  g_test_add_func ("/text/normalise/like-glib", test_normalise_like_glib);
  g_test_add_func ("/text/normalise/bounded", test_normalise_is_bounded);
  g_test_add_func ("/text/phone", test_phone);
  g_test_add_func ("/text/sort-key", test_sort_key);
  g_test_add_func ("/text/section", test_section);

  return g_test_run ();
}
