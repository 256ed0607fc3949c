/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "merge-laws.h"

void
merge_check (const char *base, const char *theirs, const char *mine, const char *expected)
{
  g_autofree char *merged = NULL;
  gboolean done = satchel_merge_text (base, theirs, mine, &merged);

  g_assert_cmpint (done, ==, expected != NULL);
  g_assert_cmpstr (merged, ==, expected);
}

static void
check_runs (const char *base, const char *theirs, const char *mine, gboolean merges)
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

      g_assert_true (run->base[0] != '\0' || run->theirs[0] != '\0' || run->mine[0] != '\0');
      if (run->kind == SATCHEL_DIFF_CONFLICT)
        g_assert_cmpstr (run->theirs, !=, run->mine);
    }

  g_assert_cmpstr (bases->str, ==, base);
  g_assert_cmpstr (theirs_all->str, ==, theirs);
  g_assert_cmpstr (mine_all->str, ==, mine);
  g_assert_cmpint (conflict, ==, !merges);
}

void
merge_check_laws (const char *base, const char *theirs, const char *mine)
{
  g_autofree char *merged = NULL;
  g_autofree char *swapped = NULL;
  gboolean merges = satchel_merge_text (base, theirs, mine, &merged);

  merge_check (base, theirs, base, theirs);
  merge_check (base, base, mine, mine);
  merge_check (base, mine, mine, mine);

  g_assert_cmpint (satchel_merge_text (base, mine, theirs, &swapped), ==, merges);
  g_assert_cmpstr (merged, ==, swapped);
  check_runs (base, theirs, mine, merges);
}
