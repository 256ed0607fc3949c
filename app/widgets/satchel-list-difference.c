/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-list-difference.h"

static gboolean
is_somewhere (const SatchelPlace *place)
{
  return place->after != SATCHEL_PLACE_GONE && place->after != SATCHEL_PLACE_UNKNOWN;
}

/* Index in @tails of the first chain that @after cannot prolong. */
static guint
find_chain (const SatchelPlace *places, GArray *tails, guint after)
{
  guint low = 0, high = tails->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (places[g_array_index (tails, guint, middle)].after < after)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static void
put_tail (GArray *tails, guint chain, guint place)
{
  if (chain == tails->len)
    g_array_append_val (tails, place);
  else
    g_array_index (tails, guint, chain) = place;
}

/* The largest set of places that kept their order: those need not be touched. */
static gboolean *
find_kept (const SatchelPlace *places, guint n_places)
{
  g_autoptr (GArray) tails = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint *previous = g_new (guint, n_places);
  gboolean *kept = g_new0 (gboolean, n_places);

  for (guint i = 0; i < n_places; i++)
    {
      guint chain;

      if (!is_somewhere (&places[i]))
        continue;
      chain = find_chain (places, tails, places[i].after);
      previous[i] = chain > 0 ? g_array_index (tails, guint, chain - 1) : G_MAXUINT;
      put_tail (tails, chain, i);
    }

  if (tails->len > 0)
    for (guint i = g_array_index (tails, guint, tails->len - 1); i != G_MAXUINT; i = previous[i])
      kept[i] = TRUE;

  return kept;
}

static void
add_splice (GArray *splices, guint position, guint removed, guint added)
{
  SatchelSplice splice = { position, removed, added };

  g_array_append_val (splices, splice);
}

/* The stretch between two kept items: @first to @last of @places stand in it. */
static void
splice_stretch (GArray *splices, const SatchelPlace *places, gint first, gint last, guint start, guint end,
                guint n_after)
{
  guint n_left = end - start;

  for (gint i = first; i <= last; i++)
    if (places[i].after != SATCHEL_PLACE_UNKNOWN)
      n_left--;

  /* What is missing comes, or what is left over goes, at the end of the stretch. */
  if (n_left < n_after)
    add_splice (splices, end, 0, n_after - n_left);
  for (gint i = last; i >= first; i--)
    if (places[i].after != SATCHEL_PLACE_UNKNOWN)
      add_splice (splices, places[i].before, 1, 0);
  if (n_left > n_after)
    add_splice (splices, start + n_after, n_left - n_after, 0);
}

/**
 * satchel_list_difference:
 * @places: (array length=n_places): what is held of the list, by ascending position
 * @n_before: how long the list was
 * @n_after: how long it is now
 *
 * Finds the changes that lead from one state of a list to the next without
 * touching what kept its order, knowing only the few items that somebody
 * holds. The changes are to be made in the order given.
 *
 * Returns: (transfer full) (element-type SatchelSplice): the changes
 */
GArray *
satchel_list_difference (const SatchelPlace *places, guint n_places, guint n_before, guint n_after)
{
  GArray *splices = g_array_new (FALSE, FALSE, sizeof (SatchelSplice));
  g_autofree gboolean *kept = find_kept (places, n_places);
  gint last = (gint) n_places - 1;

  for (gint i = last; i >= -1; i--)
    {
      guint start, start_after;

      if (i >= 0 && !kept[i])
        continue;
      start = i >= 0 ? places[i].before + 1 : 0;
      start_after = i >= 0 ? places[i].after + 1 : 0;
      splice_stretch (splices, places, i + 1, last, start, n_before, n_after - start_after);
      if (i >= 0)
        {
          n_before = places[i].before;
          n_after = places[i].after;
        }
      last = i - 1;
    }

  return splices;
}
