/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Three-way comparison and merge of texts by lines. The last line's missing end is no difference of that line: it is
 * merged by itself, so that it never stands in the way of other changes. */

#include "satchel-merge.h"

#include <string.h>

#include "satchel-lines.h"

enum
{
  BASE,
  THEIRS,
  MINE,
  N_TEXTS,
};

/* A run of lines of all three texts; what is from `start` up to `end` of each belongs together. */
typedef struct
{
  SatchelDiffKind kind;
  guint start[N_TEXTS];
  guint end[N_TEXTS];
} Region;

typedef struct
{
  SatchelLines texts[N_TEXTS];
  GArray *hunks[N_TEXTS]; /* what theirs and mine changed of the base */
  guint next[N_TEXTS]; /* the first hunk of each that is not yet in a region */
  gint shift[N_TEXTS]; /* how far theirs and mine are ahead of the base, behind the hunks so far */
  GArray *regions;
} Comparison;

/* ---- Finding the regions -------------------------------------------------------------------------- */

static const SatchelHunk *
peek_hunk (const Comparison *self, guint side)
{
  return self->next[side] < self->hunks[side]->len ? &g_array_index (self->hunks[side], SatchelHunk, self->next[side])
                                                   : NULL;
}

static gboolean
comes_before (const SatchelHunk *one, const SatchelHunk *other)
{
  if (one->base_start != other->base_start)
    return one->base_start < other->base_start;

  return one->base_end < other->base_end;
}

/* Changes that only touch do not overlap; two insertions at one place do, for nobody can tell which comes first. */
static gboolean
overlaps (const Region *region, const SatchelHunk *hunk)
{
  if (region->start[BASE] == region->end[BASE] && hunk->base_start == hunk->base_end)
    return region->start[BASE] == hunk->base_start;

  return hunk->base_start < region->end[BASE] && region->start[BASE] < hunk->base_end;
}

static void
take_hunk (Comparison *self, guint side, Region *region)
{
  const SatchelHunk *hunk = peek_hunk (self, side);

  region->end[BASE] = MAX (region->end[BASE], hunk->base_end);
  self->shift[side] = (gint) hunk->end - (gint) hunk->base_end;
  self->next[side]++;
}

static void
region_follow (const Comparison *self, Region *region)
{
  for (guint side = THEIRS; side <= MINE; side++)
    region->end[side] = (guint) ((gint) region->end[BASE] + self->shift[side]);
}

static gboolean
same_lines (const Comparison *self, const Region *region, guint one, guint other)
{
  guint n = region->end[one] - region->start[one];

  return n == region->end[other] - region->start[other] &&
         memcmp (self->texts[one].tokens + region->start[one], self->texts[other].tokens + region->start[other],
                 n * sizeof (guint)) == 0;
}

static SatchelDiffKind
judge (const Comparison *self, const Region *region, const gboolean *changed)
{
  if (!changed[MINE])
    return SATCHEL_DIFF_THEIRS;
  if (!changed[THEIRS])
    return SATCHEL_DIFF_MINE;

  return same_lines (self, region, THEIRS, MINE) ? SATCHEL_DIFF_BOTH : SATCHEL_DIFF_CONFLICT;
}

/* What stands between the last region and the given line of the base, where nobody changed anything. */
static void
add_same_region (Comparison *self, const guint *position, guint base_end)
{
  Region region = { .kind = SATCHEL_DIFF_SAME };

  if (position[BASE] == base_end)
    return;

  memcpy (region.start, position, sizeof region.start);
  region.end[BASE] = base_end;
  region_follow (self, &region);
  g_array_append_val (self->regions, region);
}

/* The next change with all that overlaps with it, directly or through another. */
static void
add_changed_region (Comparison *self, const guint *position, guint first)
{
  const SatchelHunk *hunk = peek_hunk (self, first);
  gboolean changed[N_TEXTS] = { FALSE };
  gboolean grown;
  Region region;

  memcpy (region.start, position, sizeof region.start);
  region.end[BASE] = hunk->base_end;
  take_hunk (self, first, &region);
  changed[first] = TRUE;

  do
    {
      grown = FALSE;
      for (guint side = THEIRS; side <= MINE; side++)
        for (; (hunk = peek_hunk (self, side)) != NULL && overlaps (&region, hunk); grown = TRUE)
          {
            take_hunk (self, side, &region);
            changed[side] = TRUE;
          }
    }
  while (grown);

  region_follow (self, &region);
  region.kind = judge (self, &region, changed);
  g_array_append_val (self->regions, region);
}

static void
find_regions (Comparison *self)
{
  guint position[N_TEXTS] = { 0 };

  for (;;)
    {
      const SatchelHunk *theirs = peek_hunk (self, THEIRS);
      const SatchelHunk *mine = peek_hunk (self, MINE);
      guint first = theirs != NULL && (mine == NULL || !comes_before (mine, theirs)) ? THEIRS : MINE;
      const SatchelHunk *hunk = first == THEIRS ? theirs : mine;
      const guint n_before = self->regions->len;

      add_same_region (self, position, hunk != NULL ? hunk->base_start : self->texts[BASE].n_lines);
      if (self->regions->len > n_before)
        memcpy (position, g_array_index (self->regions, Region, n_before).end, sizeof position);
      if (hunk == NULL)
        return;

      add_changed_region (self, position, first);
      memcpy (position, g_array_index (self->regions, Region, self->regions->len - 1).end, sizeof position);
    }
}

static void
comparison_init (Comparison *self, const char *base, const char *theirs, const char *mine)
{
  const char *texts[N_TEXTS] = { base, theirs, mine };

  *self = (Comparison) { .regions = g_array_new (FALSE, FALSE, sizeof (Region)) };

  for (guint i = 0; i < N_TEXTS; i++)
    satchel_lines_init (&self->texts[i], texts[i]);
  satchel_lines_number (self->texts, N_TEXTS);
  for (guint side = THEIRS; side <= MINE; side++)
    self->hunks[side] = satchel_lines_compare (&self->texts[BASE], &self->texts[side]);

  find_regions (self);
}

static void
comparison_clear (Comparison *self)
{
  for (guint i = 0; i < N_TEXTS; i++)
    {
      satchel_lines_clear (&self->texts[i]);
      g_clear_pointer (&self->hunks[i], g_array_unref);
    }

  g_clear_pointer (&self->regions, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Comparison, comparison_clear)

/* ---- The runs that people see --------------------------------------------------------------------- */

static char *
dup_lines (const Comparison *self, const Region *region, guint text)
{
  const SatchelLines *lines = &self->texts[text];
  gsize start = lines->starts[region->start[text]];

  return g_strndup (lines->text + start, lines->starts[region->end[text]] - start);
}

static SatchelDiffRun *
run_new (const Comparison *self, const Region *region)
{
  SatchelDiffRun *run = g_new0 (SatchelDiffRun, 1);

  run->kind = region->kind;
  run->base = dup_lines (self, region, BASE);
  run->theirs = dup_lines (self, region, THEIRS);
  run->mine = dup_lines (self, region, MINE);

  return run;
}

void
satchel_diff_run_free (SatchelDiffRun *run)
{
  g_free (run->base);
  g_free (run->theirs);
  g_free (run->mine);
  g_free (run);
}

/**
 * satchel_diff_three_way:
 * @base: the text as it was
 * @theirs: what they made of it
 * @mine: what I made of it
 *
 * Compares three texts by lines. The runs cover the texts exactly: their base
 * parts one after the other are @base, and so for the others. In a run that is
 * the same, the last line may still differ in whether it has a line end.
 *
 * Returns: (transfer full) (element-type SatchelDiffRun): the runs; none when all texts are empty
 */
GPtrArray *
satchel_diff_three_way (const char *base, const char *theirs, const char *mine)
{
  g_auto (Comparison) comparison = { 0 };
  GPtrArray *runs = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_diff_run_free);

  comparison_init (&comparison, base, theirs, mine);
  for (guint i = 0; i < comparison.regions->len; i++)
    g_ptr_array_add (runs, run_new (&comparison, &g_array_index (comparison.regions, Region, i)));

  return runs;
}

/* ---- Merging -------------------------------------------------------------------------------------- */

/* Two yes-or-nos that both differ from a third are equal, so this merge has no conflict. A text without lines has
 * nothing to say. */
static gboolean
merge_open_end (const Comparison *self)
{
  const SatchelLines *base = &self->texts[BASE];
  const SatchelLines *theirs = &self->texts[THEIRS];
  const SatchelLines *mine = &self->texts[MINE];

  if (theirs->n_lines == 0)
    return mine->ends_open;
  if (mine->n_lines == 0)
    return theirs->ends_open;
  if (base->n_lines == 0)
    return theirs->ends_open && mine->ends_open;

  return theirs->ends_open == base->ends_open ? mine->ends_open : theirs->ends_open;
}

static void
append_lines (GString *merged, const Comparison *self, const Region *region)
{
  guint from = region->kind == SATCHEL_DIFF_SAME ? BASE : region->kind == SATCHEL_DIFF_MINE ? MINE : THEIRS;
  const SatchelLines *lines = &self->texts[from];
  gsize start = lines->starts[region->start[from]];
  gsize end = lines->starts[region->end[from]];

  if (start == end)
    return;

  g_string_append_len (merged, lines->text + start, (gssize) (end - start));
  if (merged->str[merged->len - 1] != '\n')
    g_string_append_c (merged, '\n');
}

/**
 * satchel_merge_text:
 * @base: the text as it was
 * @theirs: what they made of it
 * @mine: what I made of it
 * @merged: (out) (optional) (transfer full): the merged text, when there is one
 *
 * Merges two texts made of a third by lines: what only one changed is taken,
 * what both changed in the same way is taken once. Changes that only touch do
 * not overlap. The same on every device; swapping theirs and mine changes
 * nothing but the names.
 *
 * Returns: %TRUE when no different changes overlap
 */
gboolean
satchel_merge_text (const char *base, const char *theirs, const char *mine, char **merged)
{
  g_auto (Comparison) comparison = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  comparison_init (&comparison, base, theirs, mine);
  for (guint i = 0; i < comparison.regions->len; i++)
    {
      const Region *region = &g_array_index (comparison.regions, Region, i);

      if (region->kind == SATCHEL_DIFF_CONFLICT)
        return FALSE;
      append_lines (text, &comparison, region);
    }

  if (text->len > 0 && merge_open_end (&comparison))
    g_string_truncate (text, text->len - 1);
  if (merged != NULL)
    *merged = g_string_free_and_steal (g_steal_pointer (&text));

  return TRUE;
}
