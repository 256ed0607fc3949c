/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "merge-laws.h"

/* With -m slow, far more. */
#define N_ROUNDS (g_test_slow () ? 50000u : 200u)

typedef struct
{
  const char *base;
  const char *theirs;
  const char *mine;
  const char *merged; /* NULL: an overlap */
} Case;

static void
test_cases (void)
{
  static const Case cases[] = {
    { "",                "",                "",                ""           },
    { "a\nb\nc\n",       "A\nb\nc\n",       "a\nb\nC\n",       "A\nb\nC\n"  },
    { "a\nb\nc\n",       "a\nX\nc\n",       "a\nY\nc\n",       NULL         },
    { "a\nb\nc\n",       "a\nX\nc\n",       "a\nX\nc\n",       "a\nX\nc\n"  },
    /* Touching is not overlapping. */
    { "a\nb\n",          "A\nb\n",          "a\nB\n",          "A\nB\n"     },
    { "a\nb\n",          "b\n",             "a\nB\n",          "B\n"        },
    { "a\nb\n",          "a\nx\nb\n",       "a\nB\n",          "a\nx\nB\n"  },
    { "a\nb\n",          "A\nb\n",          "a\nx\nb\n",       "A\nx\nb\n"  },
    /* Two insertions at one place. */
    { "a\nb\n",          "a\nx\nb\n",       "a\ny\nb\n",       NULL         },
    { "a\nb\n",          "a\nx\nb\n",       "a\nx\nb\n",       "a\nx\nb\n"  },
    { "a\n",             "a\nx\n",          "a\ny\n",          NULL         },
    { "",                "x\n",             "y\n",             NULL         },
    { "",                "x\n",             "x\n",             "x\n"        },
    { "",                "x\n",             "",                "x\n"        },
    { "a\n",             "x\na\n",          "a\ny\n",          "x\na\ny\n"  },
    /* Ranges that overlap in part, and one that spans two of the other. */
    { "a\nb\nc\nd\n",    "a\nX\nd\n",       "a\nb\nY\nd\n",    NULL         },
    { "a\nb\nc\nd\ne\n", "A\nX\nY\nZ\ne\n", "A\nb\nc\nD\ne\n", NULL         },
    { "a\nb\nc\n",       "",                "a\nB\nc\n",       NULL         },
    { "a\nb\nc\n",       "a\nc\n",          "a\nc\n",          "a\nc\n"     },
    /* The missing end of the last line. */
    { "a\nb",            "a\nb\n",          "A\nb",            "A\nb\n"     },
    { "a\nb",            "a\nb\nc",         "A\nb",            "A\nb\nc"    },
    { "a\nb",            "a\nb\n",          "a\nb\nc",         "a\nb\nc\n"  },
    { "a\nb\n",          "a\nb",            "a\nb\nc\n",       "a\nb\nc"    },
    { "a\nb\n",          "a\nb",            "a\nb",            "a\nb"       },
    { "a",               "",                "a\nb",            "b"          },
    { "a",               "a\n",             "",                ""           },
    { "",                "a",               "a\n",             "a\n"        },
    { "\n",              "\n\n",            "\n",              "\n\n"       },
    { "a\r\nb\r\n",      "A\r\nb\r\n",      "a\r\nB\r\n",      "A\r\nB\r\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *each = &cases[i];

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      merge_check (each->base, each->theirs, each->mine, each->merged);
      merge_check (each->base, each->mine, each->theirs, each->merged);
    }
}

/* ---- Properties ----------------------------------------------------------------------------------- */

/* Few different lines, so that they repeat and slide. */
static char *
random_text (GRand *random, gint max_lines, gint n_kinds)
{
  GString *text = g_string_new (NULL);
  gint n = g_rand_int_range (random, 0, max_lines + 1);

  for (gint i = 0; i < n; i++)
    {
      g_string_append_c (text, (char) ('a' + g_rand_int_range (random, 0, n_kinds)));
      g_string_append_c (text, '\n');
    }
  if (text->len > 0 && g_rand_int_range (random, 0, 3) == 0)
    g_string_truncate (text, text->len - 1);

  return g_string_free_and_steal (text);
}

/* The text with a few lines taken out, and others put in whose names no other text has. */
static char *
random_edit (GRand *random, const char *text, char author, GPtrArray *inserted)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *edited = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      gint dice = g_rand_int_range (random, 0, 12);
      gboolean last = lines[i + 1] == NULL;

      if (dice == 0)
        {
          char *line = g_strdup_printf ("%c%u", author, inserted->len);

          g_ptr_array_add (inserted, line);
          g_string_append_printf (edited, "%s\n", line);
        }
      if (dice != 1)
        g_string_append_printf (edited, "%s%s", lines[i], last ? "" : "\n");
    }

  return g_string_free_and_steal (edited);
}

static gboolean
has_line (const char *text, const char *line)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  return g_strv_contains ((const char *const *) lines, line);
}

static void
test_laws (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (11);

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      gint n_kinds = g_rand_int_range (random, 1, 5);
      g_autofree char *base = random_text (random, 12, n_kinds);
      g_autofree char *theirs = random_text (random, 12, n_kinds);
      g_autofree char *mine = random_text (random, 12, n_kinds);

      merge_check_laws (base, theirs, mine);
    }
}

static void
test_edits_survive (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (12);
  guint n_merged = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (GPtrArray) inserted = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *base = random_text (random, 20, 4);
      g_autofree char *theirs = random_edit (random, base, 'T', inserted);
      g_autofree char *mine = random_edit (random, base, 'M', inserted);
      g_autofree char *merged = NULL;

      merge_check_laws (base, theirs, mine);
      if (!satchel_merge_text (base, theirs, mine, &merged))
        continue;

      n_merged++;
      for (guint i = 0; i < inserted->len; i++)
        g_assert_true (has_line (merged, g_ptr_array_index (inserted, i)));
    }

  g_assert_cmpuint (n_merged, >, N_ROUNDS / 10);
}

/* ---- The comparison is the shortest where it is not bounded ---------------------------------------- */

static guint
split_lines (const char *text, char ***lines)
{
  *lines = g_strsplit (text, "\n", -1);

  return g_strv_length (*lines);
}

static guint
longest_common (char **a, guint n_a, char **b, guint n_b)
{
  g_autofree guint *row = g_new0 (guint, n_b + 1);

  for (guint i = 0; i < n_a; i++)
    {
      guint diagonal = 0;

      for (guint j = 0; j < n_b; j++)
        {
          guint above = row[j + 1];

          row[j + 1] = strcmp (a[i], b[j]) == 0 ? diagonal + 1 : MAX (above, row[j]);
          diagonal = above;
        }
    }

  return row[n_b];
}

static void
test_shortest (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (13);

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autofree char *base = random_text (random, 60, 6);
      g_autofree char *other = random_text (random, 60, 6);
      g_autoptr (GPtrArray) runs = satchel_diff_three_way (base, other, base);
      g_auto (GStrv) a = NULL;
      g_auto (GStrv) b = NULL;
      guint n_a = split_lines (base, &a);
      guint n_b = split_lines (other, &b);
      guint n_same = 0;

      /* Whether the last line has an end is no difference of the line. */
      n_a -= n_a > 0 && a[n_a - 1][0] == '\0' ? 1 : 0;
      n_b -= n_b > 0 && b[n_b - 1][0] == '\0' ? 1 : 0;

      for (guint i = 0; i < runs->len; i++)
        {
          const SatchelDiffRun *run = g_ptr_array_index (runs, i);

          if (run->kind == SATCHEL_DIFF_SAME)
            {
              g_auto (GStrv) lines = g_strsplit (run->base, "\n", -1);

              n_same += g_strv_length (lines) - (g_str_has_suffix (run->base, "\n") ? 1 : 0);
            }
        }

      g_assert_cmpuint (n_same, ==, longest_common (a, n_a, b, n_b));
    }
}

/* ---- Size ----------------------------------------------------------------------------------------- */

static char *
large_text (GRand *random, guint n_lines, gint n_kinds)
{
  GString *text = g_string_sized_new (n_lines * 8);

  for (guint i = 0; i < n_lines; i++)
    {
      for (gint kind = g_rand_int_range (random, 0, n_kinds); kind > 0; kind /= 10)
        g_string_append_c (text, (char) ('0' + kind % 10));
      g_string_append_c (text, '\n');
    }

  return g_string_free_and_steal (text);
}

/* Without a bound each of these takes minutes. */
static void
test_large (void)
{
  static const gint kinds[] = { 2, 5000 };
  g_autoptr (GRand) random = g_rand_new_with_seed (14);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *base = large_text (random, 100000, kinds[i]);
      g_autofree char *theirs = large_text (random, 100000, kinds[i]);
      g_autofree char *mine = large_text (random, 100000, kinds[i]);
      gint64 start = g_get_monotonic_time ();
      gboolean merges = satchel_merge_text (base, theirs, mine, NULL);

      g_test_message ("%d kinds of lines: %" G_GINT64_FORMAT " ms", kinds[i], (g_get_monotonic_time () - start) / 1000);
      g_assert_false (merges);
    }
}

/* A large text with edits far apart still merges. */
static void
test_large_edited (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (15);
  g_autofree char *base = large_text (random, 100000, 1000000);
  g_autofree char *theirs = g_strconcat ("first\n", base, NULL);
  g_autofree char *mine = g_strconcat (base, "last\n", NULL);
  g_autofree char *expected = g_strconcat ("first\n", base, "last\n", NULL);

  merge_check (base, theirs, mine, expected);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/merge/cases", test_cases);
  g_test_add_func ("/merge/laws", test_laws);
  g_test_add_func ("/merge/edits-survive", test_edits_survive);
  g_test_add_func ("/merge/shortest", test_shortest);
  g_test_add_func ("/merge/large", test_large);
  g_test_add_func ("/merge/large-edited", test_large_edited);

  return g_test_run ();
}
