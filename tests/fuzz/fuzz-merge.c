/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Three texts: a merge with the base gives the other side, both orders agree, no line that somebody wrote is lost, and
 * the runs that a person is shown make up the three texts. */

#include "fuzz.h"

#include <string.h>

#include "records/satchel-merge.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return 0;
}

static void
check_merge (const char *base, const char *theirs, const char *mine, const char *expected)
{
  g_autofree char *merged = NULL;

  g_assert_true (satchel_merge_text (base, theirs, mine, &merged));
  g_assert_cmpstr (merged, ==, expected);
}

static void
check_runs (const char *base, const char *theirs, const char *mine, const char *merged)
{
  g_autoptr (GPtrArray) runs = satchel_diff_three_way (base, theirs, mine);
  g_autoptr (GString) bases = g_string_new (NULL);
  g_autoptr (GString) theirs_all = g_string_new (NULL);
  g_autoptr (GString) mine_all = g_string_new (NULL);
  gboolean conflict = FALSE;

  for (guint i = 0; i < runs->len; i++)
    {
      const SatchelDiffRun *run = g_ptr_array_index (runs, i);

      g_string_append (bases, run->base);
      g_string_append (theirs_all, run->theirs);
      g_string_append (mine_all, run->mine);
      conflict |= run->kind == SATCHEL_DIFF_CONFLICT;
    }

  g_assert_cmpstr (bases->str, ==, base);
  g_assert_cmpstr (theirs_all->str, ==, theirs);
  g_assert_cmpstr (mine_all->str, ==, mine);
  g_assert_cmpint (conflict, ==, merged == NULL);
}

/* How often each line stands in a text. Empty ones do not count: at the end of a text they are no more than its end. */
static GHashTable *
count_lines (const char *text)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      {
        guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, lines[i]));

        g_hash_table_insert (counts, g_strdup (lines[i]), GUINT_TO_POINTER (n + 1));
      }

  return counts;
}

/* A line that a side has more often than the base was written there, and stands in the merged text. */
static void
check_nothing_is_lost (const char *base, const char *side, const char *merged)
{
  g_autoptr (GHashTable) before = count_lines (base);
  g_autoptr (GHashTable) written = count_lines (side);
  g_autoptr (GHashTable) after = count_lines (merged);
  GHashTableIter iter;
  gpointer line, n;

  g_hash_table_iter_init (&iter, written);
  while (g_hash_table_iter_next (&iter, &line, &n))
    if (GPOINTER_TO_UINT (n) > GPOINTER_TO_UINT (g_hash_table_lookup (before, line)))
      g_assert_true (g_hash_table_contains (after, line));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_auto (GStrv) texts = fuzz_split (data, size, 3);
  const char *base = texts[0], *theirs = texts[1], *mine = texts[2];
  g_autofree char *merged = NULL;
  g_autofree char *swapped = NULL;
  gboolean merges = satchel_merge_text (base, theirs, mine, &merged);

  check_merge (base, theirs, base, theirs);
  check_merge (base, base, mine, mine);
  check_merge (base, mine, mine, mine);
  g_assert_cmpint (satchel_merge_text (base, mine, theirs, &swapped), ==, merges);
  g_assert_cmpstr (merged, ==, swapped);
  check_runs (base, theirs, mine, merged);
  if (!merges)
    return 0;

  check_nothing_is_lost (base, theirs, merged);
  check_nothing_is_lost (base, mine, merged);

  return 0;
}
