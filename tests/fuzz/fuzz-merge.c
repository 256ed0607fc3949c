/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Three texts: a merge with the base gives the other side, both orders agree, no line that somebody wrote is lost, and
 * the runs that a person is shown make up the three texts. */

#include "fuzz.h"

#include <string.h>

#include "merge-laws.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return 0;
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

  merge_check_laws (base, theirs, mine);
  if (!satchel_merge_text (base, theirs, mine, &merged))
    return 0;

  check_nothing_is_lost (base, theirs, merged);
  check_nothing_is_lost (base, mine, merged);

  return 0;
}
