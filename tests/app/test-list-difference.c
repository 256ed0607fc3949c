/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "widgets/satchel-list-difference.h"

#define N_ROUNDS 2000
#define MAX_LENGTH 40

/* A list of numbers; changed at random; only some of it is held, and some of that is not known by number. */
static GArray *
make_next (GRand *rand, GArray *before)
{
  GArray *after = g_array_new (FALSE, FALSE, sizeof (int));
  static int next = 1000;

  for (guint i = 0; i < before->len; i++)
    {
      int number = g_array_index (before, int, i);

      if (g_rand_int_range (rand, 0, 10) == 0)
        continue;
      if (g_rand_int_range (rand, 0, 10) == 0)
        {
          int other = next++;

          g_array_append_val (after, other);
        }
      g_array_insert_val (after, g_rand_int_range (rand, 0, 20) == 0 ? 0 : after->len, number);
    }
  if (g_rand_boolean (rand))
    g_array_append_val (after, next);
  next++;

  return after;
}

static guint
find (GArray *numbers, int number)
{
  for (guint i = 0; i < numbers->len; i++)
    if (g_array_index (numbers, int, i) == number)
      return i;
  return SATCHEL_PLACE_GONE;
}

static GArray *
hold_some (GRand *rand, GArray *before, GArray *after)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (SatchelPlace));

  for (guint i = 0; i < before->len; i++)
    {
      SatchelPlace place = { i, find (after, g_array_index (before, int, i)) };

      if (g_rand_int_range (rand, 0, 3) == 0)
        continue;
      if (g_rand_int_range (rand, 0, 8) == 0)
        place.after = SATCHEL_PLACE_UNKNOWN;
      g_array_append_val (places, place);
    }

  return places;
}

/* Follows the splices with a list of places: what is held and not spliced away must stand where it belongs. */
static void
check (GArray *places, guint n_before, guint n_after, GArray *splices)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (int));

  for (guint i = 0; i < n_before; i++)
    {
      int none = -1;

      g_array_append_val (list, none);
    }
  for (guint i = 0; i < places->len; i++)
    g_array_index (list, int, g_array_index (places, SatchelPlace, i).before) = (int) i;

  for (guint i = 0; i < splices->len; i++)
    {
      const SatchelSplice *splice = &g_array_index (splices, SatchelSplice, i);
      int none = -2;

      g_assert_cmpuint (splice->position + splice->removed, <=, list->len);
      if (splice->removed > 0)
        g_array_remove_range (list, splice->position, splice->removed);
      for (guint j = 0; j < splice->added; j++)
        g_array_insert_val (list, splice->position, none);
    }

  g_assert_cmpuint (list->len, ==, n_after);
  for (guint i = 0; i < list->len; i++)
    {
      int held = g_array_index (list, int, i);
      guint after = held >= 0 ? g_array_index (places, SatchelPlace, held).after : SATCHEL_PLACE_UNKNOWN;

      if (after != SATCHEL_PLACE_UNKNOWN)
        g_assert_cmpuint (after, ==, i);
    }
}

static void
test_random (void)
{
  GRand *rand = g_rand_new_with_seed (g_test_rand_int ());

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (GArray) before = g_array_new (FALSE, FALSE, sizeof (int));
      g_autoptr (GArray) after = NULL, places = NULL, splices = NULL;
      int length = g_rand_int_range (rand, 0, MAX_LENGTH);

      for (int i = 0; i < length; i++)
        g_array_append_val (before, i);
      after = make_next (rand, before);
      places = hold_some (rand, before, after);
      splices = satchel_list_difference ((const SatchelPlace *) places->data, places->len, before->len, after->len);
      check (places, before->len, after->len, splices);
    }

  g_rand_free (rand);
}

static void
test_nothing_changed (void)
{
  const SatchelPlace places[] = {
    { 3,      3      },
    { 4,      4      },
    { 500000, 500000 }
  };
  g_autoptr (GArray) splices = satchel_list_difference (places, G_N_ELEMENTS (places), 1000000, 1000000);

  g_assert_cmpuint (splices->len, ==, 0);
}

static void
test_one_added_above (void)
{
  const SatchelPlace places[] = {
    { 400, 401 },
    { 401, 402 },
    { 402, 403 }
  };
  g_autoptr (GArray) splices = satchel_list_difference (places, G_N_ELEMENTS (places), 1000, 1001);
  const SatchelSplice *splice = &g_array_index (splices, SatchelSplice, 0);

  g_assert_cmpuint (splices->len, ==, 1);
  g_assert_cmpuint (splice->position, <=, 400);
  g_assert_cmpuint (splice->removed, ==, 0);
  g_assert_cmpuint (splice->added, ==, 1);
}

static void
test_one_moved (void)
{
  const SatchelPlace places[] = {
    { 0, 0 },
    { 1, 3 },
    { 2, 1 },
    { 3, 2 }
  };
  g_autoptr (GArray) splices = satchel_list_difference (places, G_N_ELEMENTS (places), 4, 4);

  g_assert_cmpuint (splices->len, ==, 2);
  check (&(GArray) { (char *) places, G_N_ELEMENTS (places) }, 4, 4, splices);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/list-difference/nothing-changed", test_nothing_changed);
  g_test_add_func ("/list-difference/one-added-above", test_one_added_above);
  g_test_add_func ("/list-difference/one-moved", test_one_moved);
  g_test_add_func ("/list-difference/random", test_random);

  return g_test_run ();
}
