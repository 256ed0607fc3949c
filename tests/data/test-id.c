/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "records/satchel-id.h"

#define N_THREADS 4
#define N_IDS 20000

static gint64
read_clock (gpointer data)
{
  return *(gint64 *) data;
}

static void
test_form (void)
{
  gint64 now = 0x0123456789ab;
  g_autofree char *id = NULL;

  satchel_time_set_clock (read_clock, &now);
  id = satchel_id_new ();
  satchel_time_set_clock (NULL, NULL);

  g_assert_true (satchel_id_is_valid (id));
  g_assert_true (g_str_has_prefix (id, "01234567-89ab-7"));
  g_assert_nonnull (strchr ("89ab", id[19]));
}

static void
test_ascends (void)
{
  gint64 now = 1773043200000;
  g_autofree char *last = g_strdup ("");

  satchel_time_set_clock (read_clock, &now);
  for (guint i = 0; i < N_IDS; i++)
    {
      g_autofree char *id = satchel_id_new ();

      g_assert_cmpstr (id, >, last);
      g_set_str (&last, id);
      if (i == N_IDS / 2)
        now -= 3600 * 1000;
    }
  satchel_time_set_clock (NULL, NULL);
}

static gpointer
make_ids (gpointer data)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < N_IDS; i++)
    g_ptr_array_add (ids, satchel_id_new ());

  return ids;
}

static void
test_threads (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("ids", make_ids, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_autoptr (GPtrArray) ids = g_thread_join (threads[i]);

      for (guint j = 0; j < ids->len; j++)
        {
          if (j > 0)
            g_assert_cmpstr (ids->pdata[j - 1], <, ids->pdata[j]);
          g_assert_true (g_hash_table_add (seen, g_strdup (ids->pdata[j])));
        }
    }

  g_assert_cmpuint (g_hash_table_size (seen), ==, N_THREADS * N_IDS);
}

static void
test_repeats_from_a_seed (void)
{
  gint64 now = 1773043200000;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_random_set_seed (7);
  satchel_time_set_clock (read_clock, &now);
  first = satchel_id_new ();
  g_random_set_seed (7);
  satchel_time_set_clock (read_clock, &now);
  second = satchel_id_new ();
  satchel_time_set_clock (NULL, NULL);

  g_assert_cmpstr (first, ==, second);
}

static void
test_is_valid (void)
{
  g_assert_true (satchel_id_is_valid ("01957a3c-7f00-7abc-8def-0123456789ab"));
  g_assert_true (satchel_id_is_valid ("6ba7b810-9dad-11d1-80b4-00c04fd430c8"));
  g_assert_false (satchel_id_is_valid (NULL));
  g_assert_false (satchel_id_is_valid (""));
  g_assert_false (satchel_id_is_valid ("01957A3C-7F00-7ABC-8DEF-0123456789AB"));
  g_assert_false (satchel_id_is_valid ("01957a3c-7f00-7abc-8def-0123456789a"));
  g_assert_false (satchel_id_is_valid ("01957a3c-7f00-7abc-8def-0123456789abc"));
  g_assert_false (satchel_id_is_valid ("01957a3c07f0007abc08def00123456789ab"));
  g_assert_false (satchel_id_is_valid ("01957a3c-7f00-7abc-8def-0123456789ag"));
}

static void
test_now (void)
{
  gint64 now = 1773043200000;
  g_autofree char *text = NULL;

  satchel_time_set_clock (read_clock, &now);
  g_assert_cmpint (satchel_time_now_unix_ms (), ==, now);
  now += 7;
  text = satchel_time_now ();
  satchel_time_set_clock (NULL, NULL);

  g_assert_cmpstr (text, ==, "2026-03-09T08:00:00.007Z");
  g_assert_cmpint (ABS (satchel_time_now_unix_ms () - g_get_real_time () / 1000), <, 60000);
}

static void
test_time_normalise (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } cases[] = {
    { "2026-03-09T08:15:30.000Z",      "2026-03-09T08:15:30.000Z" },
    { "2026-03-09T08:15:30Z",          "2026-03-09T08:15:30.000Z" },
    { "2026-03-09T08:15Z",             "2026-03-09T08:15:00.000Z" },
    { "2026-03-09t08:15:30.5z",        "2026-03-09T08:15:30.500Z" },
    { "2026-03-09T08:15:30,1239Z",     "2026-03-09T08:15:30.123Z" },
    { "2026-03-09 10:15+02:00",        "2026-03-09T08:15:00.000Z" },
    { "2026-03-09T10:15:30.250+0200",  "2026-03-09T08:15:30.250Z" },
    { "2026-01-01T00:30:00+01",        "2025-12-31T23:30:00.000Z" },
    { "2025-12-31T20:30:00-05:30",     "2026-01-01T02:00:00.000Z" },
    { "2016-12-31T23:59:60Z",          "2017-01-01T00:00:00.000Z" },
    { "2024-02-29T00:00:00Z",          "2024-02-29T00:00:00.000Z" },
    { "1969-12-31T23:59:59.999Z",      "1969-12-31T23:59:59.999Z" },
    { "1969-12-31T23:59:59.999+00:00", "1969-12-31T23:59:59.999Z" },
    { "1850-06-01T12:00:00.001+00:01", "1850-06-01T11:59:00.001Z" },
    { "0001-01-01T00:00:00+00:00",     "0001-01-01T00:00:00.000Z" },
    { "9999-12-31T23:59:59+00:00",     "9999-12-31T23:59:59.000Z" },
    { "0001-01-01T00:00:00+01:00",     NULL                       },
    { "9999-12-31T23:59:59-01:00",     NULL                       },
    { "2026-03-09",                    NULL                       },
    { "2026-03-09T08:15:30",           NULL                       },
    { "2026-03-09T08Z",                NULL                       },
    { "2026-02-29T08:15:30.000Z",      NULL                       },
    { "2026-03-09T24:00:00.000Z",      NULL                       },
    { "2026-03-09T08:60:00.000Z",      NULL                       },
    { "2026-03-09T08:15:61.000Z",      NULL                       },
    { "2026-03-09T08:15:30.Z",         NULL                       },
    { "2026-03-09T08:15:30.000Z ",     NULL                       },
    { "2026-03-09T08:15:30+25:00",     NULL                       },
    { "2026-03-09T08:15:30+02:",       NULL                       },
    { "0000-01-01T00:00:00Z",          NULL                       },
    { "tomorrow",                      NULL                       },
    { "",                              NULL                       },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *normalised = satchel_time_normalise (cases[i].text);

      g_test_message ("“%s”", cases[i].text);
      g_assert_cmpstr (normalised, ==, cases[i].expected);
    }
}

static void
test_date_normalise (void)
{
  static const char *const good[] = { "2026-03-09", "2024-02-29", "0001-01-01", "9999-12-31" };
  static const char *const bad[] = { "2026-02-29", "2026-13-01",           "2026-00-01", "2026-01-00", "2026-3-9",
                                     "20260309",   "2026-03-09T00:00:00Z", "0000-01-01", "09.03.2026", "" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *date = satchel_date_normalise (good[i]);

      g_assert_cmpstr (date, ==, good[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (satchel_date_normalise (bad[i]));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/id/form", test_form);
  g_test_add_func ("/id/ascends", test_ascends);
  g_test_add_func ("/id/threads", test_threads);
  g_test_add_func ("/id/repeats-from-a-seed", test_repeats_from_a_seed);
  g_test_add_func ("/id/is-valid", test_is_valid);
  g_test_add_func ("/time/now", test_now);
  g_test_add_func ("/time/normalise", test_time_normalise);
  g_test_add_func ("/date/normalise", test_date_normalise);

  return g_test_run ();
}
