/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counting, pages and outlines. */

#include "replica-fixture.h"

#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "replica/replica-private.h"

static SatchelQuery *
accounts (Fixture *self)
{
  return satchel_query_new (self->account);
}

static void
where (SatchelQuery *query, const char *field, const char *text)
{
  g_autoptr (GError) error = NULL;

  satchel_query_where_text (query, field, text, &error);
  g_assert_no_error (error);
}

static void
sort (SatchelQuery *query, const char *field, gboolean descending)
{
  g_autoptr (GError) error = NULL;

  satchel_query_set_sort (query, field, descending, &error);
  g_assert_no_error (error);
}

/* All that a query finds, three ways that must agree: one page, page after page, and by the outline. */
static char *
list (Fixture *self, SatchelQuery *query, guint page_size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) all = satchel_replica_page (self->replica, query, NULL, 10000, &error);
  g_autoptr (GPtrArray) paged = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
  g_autoptr (GPtrArray) outlined = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
  g_autoptr (SatchelOutline) outline = NULL;
  g_autofree char *titles = NULL;
  g_autofree char *paged_titles = NULL;
  g_autofree char *outlined_titles = NULL;
  guint64 n;

  g_assert_no_error (error);
  for (;;)
    {
      const SatchelRecord *last = paged->len > 0 ? g_ptr_array_index (paged, paged->len - 1) : NULL;
      g_autoptr (GPtrArray) page = satchel_replica_page (self->replica, query, last, page_size, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (page->len, <=, page_size);
      if (page->len == 0)
        break;
      g_ptr_array_extend_and_steal (paged, g_steal_pointer (&page));
    }

  outline = satchel_replica_outline (self->replica, query, page_size, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < outline->pages->len; i++)
    {
      g_autoptr (GPtrArray) page = satchel_replica_page_at (self->replica, query, outline, i, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (page->len, <=, page_size);
      g_ptr_array_extend_and_steal (outlined, g_steal_pointer (&page));
    }

  satchel_replica_count (self->replica, query, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, all->len);
  g_assert_cmpuint (outline->n_records, ==, all->len);
  g_assert_cmpuint (outline->pages->len, ==, (all->len + page_size - 1) / page_size);

  titles = join_titles (all);
  paged_titles = join_titles (paged);
  outlined_titles = join_titles (outlined);
  g_assert_cmpstr (titles, ==, paged_titles);
  g_assert_cmpstr (titles, ==, outlined_titles);

  return g_steal_pointer (&titles);
}

static void
make_indexes (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  replica_writer_catch_up (self->replica->writer, &error);
  g_assert_no_error (error);
}

/* A new replica has no indexes for a while; the first list of each test finds none. */
static void
assert_list (Fixture *self, SatchelQuery *query, const char *expected)
{
  for (guint page_size = 1; page_size <= 3; page_size++)
    {
      g_autofree char *titles = list (self, query, page_size);

      g_assert_cmpstr (titles, ==, expected);
      make_indexes (self);
    }
}

static void
test_title_order (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "Zorba", "éclair", "Ёлка", "alpha", "Ель", "Alpha", "เกาะ", "ขนม", "7 Seas" };
  g_autoptr (SatchelQuery) query = accounts (self);
  g_autoptr (SatchelQuery) backwards = accounts (self);

  assert_list (self, query, "");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (fixture_create (self, "account", "name", names[i], NULL));

  /* Equal keys keep the order of their ids, which is that of their making. */
  assert_list (self, query, "7 Seas,alpha,Alpha,éclair,Zorba,Ёлка,Ель,เกาะ,ขนม");
  sort (backwards, "name", TRUE);
  assert_list (self, backwards, "ขนม,เกาะ,Ель,Ёлка,Zorba,éclair,Alpha,alpha,7 Seas");
}

static void
test_equal_keys (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelQuery) query = accounts (self);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const SatchelRecord *last = NULL;
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < 50; i++)
    g_free (fixture_create (self, "account", "name", "Same", NULL));

  for (guint i = 0; i < 8; i++)
    {
      GPtrArray *page = satchel_replica_page (self->replica, query, last, 7, NULL);

      g_ptr_array_add (kept, page);
      for (guint j = 0; j < page->len; j++)
        g_assert_true (g_hash_table_add (seen, g_strdup (satchel_record_get_id (g_ptr_array_index (page, j)))));
      last = g_ptr_array_index (page, page->len - 1);
    }

  g_assert_cmpuint (g_hash_table_size (seen), ==, 50);
}

/* The page behind a record that is not there any more. */
static void
test_behind_gone (Fixture *self, gconstpointer data)
{
  g_autofree char *a = fixture_create (self, "account", "name", "A", NULL);
  g_autofree char *b = fixture_create (self, "account", "name", "B", NULL);
  g_autofree char *c = fixture_create (self, "account", "name", "C", NULL);
  g_autoptr (SatchelRecord) gone = fixture_get (self, b);
  g_autoptr (SatchelQuery) query = accounts (self);
  g_autoptr (GPtrArray) page = NULL;
  g_autofree char *titles = NULL;

  fixture_delete (self, b);
  page = satchel_replica_page (self->replica, query, gone, 10, NULL);
  titles = join_titles (page);
  g_assert_cmpstr (titles, ==, "C");
}

static void
test_conditions (Fixture *self, gconstpointer data)
{
  g_autofree char *me = satchel_id_new ();
  g_autofree char *a = fixture_create (self, "account", "name", "A", "owner", me, "tier", "A", "tags", "x,y", NULL);
  g_autofree char *b = fixture_create (self, "account", "name", "B", "owner", me, "employees", "7", NULL);
  g_autofree char *c = fixture_create (self, "account", "name", "C", "tier", "A", "tags", "y", NULL);
  g_autoptr (SatchelQuery) mine = accounts (self);
  g_autoptr (SatchelQuery) mine_first_class = NULL;
  g_autoptr (SatchelQuery) tagged = accounts (self);
  g_autoptr (SatchelQuery) unowned = accounts (self);
  g_autoptr (SatchelQuery) sized = accounts (self);
  g_autoptr (SatchelQuery) one = accounts (self);
  g_autoptr (GError) error = NULL;

  where (mine, "owner", me);
  assert_list (self, mine, "A,B");
  mine_first_class = satchel_query_copy (mine);
  where (mine_first_class, "tier", "A");
  assert_list (self, mine_first_class, "A");
  where (tagged, "tags", "y");
  assert_list (self, tagged, "A,C");
  where (unowned, "owner", "");
  assert_list (self, unowned, "C");
  where (sized, "employees", "7");
  assert_list (self, sized, "B");
  where (one, "id", c);
  assert_list (self, one, "C");

  g_assert_false (satchel_query_where_text (one, "nothing", "x", &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_FIELD);
  g_clear_error (&error);
  g_assert_false (satchel_query_where_text (one, "employees", "many", &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (satchel_query_set_sort (one, "nothing", FALSE, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_FIELD);
}

static void
test_other_orders (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelQuery) by_city = accounts (self);
  g_autoptr (SatchelQuery) by_size = accounts (self);
  g_autoptr (SatchelQuery) by_size_down = accounts (self);
  g_autoptr (SatchelQuery) by_making = accounts (self);

  g_free (fixture_create (self, "account", "name", "One", "city", "berlin", "employees", "30", NULL));
  g_free (fixture_create (self, "account", "name", "Two", "city", "Ålesund", NULL));
  g_free (fixture_create (self, "account", "name", "Three", "employees", "4", NULL));
  g_free (fixture_create (self, "account", "name", "Four", "city", "Berlin", "employees", "30", NULL));
  g_free (fixture_create (self, "account", "name", "Five", NULL));

  sort (by_city, "city", FALSE);
  assert_list (self, by_city, "Two,One,Four,Three,Five");
  sort (by_size, "employees", FALSE);
  assert_list (self, by_size, "Three,One,Four,Two,Five");
  sort (by_size_down, "employees", TRUE);
  assert_list (self, by_size_down, "Four,One,Three,Five,Two");
  sort (by_making, "created_at", FALSE);
  assert_list (self, by_making, "One,Two,Three,Four,Five");
}

/* What has a time is read newest first. */
static void
test_time_order (Fixture *self, gconstpointer data)
{
  g_autofree char *account = fixture_create (self, "account", "name", "A", NULL);
  const SatchelType *activity = satchel_vocabulary_lookup (self->vocabulary, "activity");
  g_autoptr (SatchelQuery) query = satchel_query_new (activity);
  g_autoptr (SatchelQuery) of_account = satchel_query_new (activity);
  g_autoptr (SatchelQuery) oldest_first = satchel_query_new (activity);

  g_free (fixture_create (self, "activity", "channel", "call", "subject", "Two", "starts_at", "2026-03-02T08:00:00Z",
                          "account", account, NULL));
  g_free (fixture_create (self, "activity", "channel", "call", "subject", "One", "starts_at", "2026-03-01T08:00:00Z",
                          "account", account, NULL));
  g_free (fixture_create (self, "activity", "channel", "call", "subject", "Three", "starts_at", "2026-03-03T08:00:00Z",
                          NULL));

  assert_list (self, query, "Three,Two,One");
  where (of_account, "account", account);
  assert_list (self, of_account, "Two,One");
  sort (oldest_first, "starts_at", FALSE);
  assert_list (self, oldest_first, "One,Two,Three");
}

static void
test_bin (Fixture *self, gconstpointer data)
{
  g_autofree char *a = fixture_create (self, "account", "name", "A", NULL);
  g_autofree char *b = fixture_create (self, "account", "name", "B", NULL);
  g_autoptr (SatchelQuery) live = accounts (self);
  g_autoptr (SatchelQuery) binned = accounts (self);

  fixture_delete (self, a);
  satchel_query_set_in_bin (binned, TRUE);
  assert_list (self, live, "B");
  assert_list (self, binned, "A");
}

static void
test_sections (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "99 Cents", "alpha", "Álamo", "Beta", "bravo", "Ель", "Ёлка", "เกาะ" };
  static const char *const headings[] = { "#", "A", "B", "Е", "ก" };
  static const guint64 starts[] = { 0, 1, 3, 5, 7 };
  g_autoptr (SatchelQuery) query = accounts (self);
  g_autoptr (SatchelQuery) by_city = accounts (self);
  g_autoptr (SatchelOutline) plain = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (fixture_create (self, "account", "name", names[i], NULL));

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (SatchelOutline) outline = satchel_replica_outline (self->replica, query, 3, NULL);

      g_assert_cmpuint (outline->sections->len, ==, G_N_ELEMENTS (headings));
      for (guint i = 0; i < outline->sections->len; i++)
        {
          const SatchelSection *section = &g_array_index (outline->sections, SatchelSection, i);

          g_assert_cmpstr (section->heading, ==, headings[i]);
          g_assert_cmpuint (section->start, ==, starts[i]);
        }
      make_indexes (self);
    }

  sort (by_city, "city", FALSE);
  plain = satchel_replica_outline (self->replica, by_city, 3, NULL);
  g_assert_cmpuint (plain->sections->len, ==, 0);
}

static void
test_with_search (Fixture *self, gconstpointer data)
{
  g_autofree char *me = satchel_id_new ();
  g_autoptr (SatchelQuery) query = accounts (self);
  g_autoptr (SatchelQuery) mine = NULL;
  g_autoptr (SatchelQuery) nothing = accounts (self);

  g_free (fixture_create (self, "account", "name", "Berlin Tea", "owner", me, NULL));
  g_free (fixture_create (self, "account", "name", "Anna", "city", "Berlin", "owner", me, NULL));
  g_free (fixture_create (self, "account", "name", "Oberlin", NULL));
  g_free (fixture_create (self, "account", "name", "Tea of Rome", "owner", me, NULL));

  satchel_query_set_search (query, "berl");
  assert_list (self, query, "Anna,Berlin Tea,Oberlin");
  mine = satchel_query_copy (query);
  where (mine, "owner", me);
  assert_list (self, mine, "Anna,Berlin Tea");
  satchel_query_set_search (mine, "te");
  assert_list (self, mine, "Tea of Rome");
  satchel_query_set_search (mine, "te berlin");
  assert_list (self, mine, "Berlin Tea");
  satchel_query_set_search (mine, "  ");
  assert_list (self, mine, "Anna,Berlin Tea,Tea of Rome");
  satchel_query_set_search (nothing, "xyzzy");
  assert_list (self, nothing, "");
}

/* Among so many matches that rows are taken in order, and before the index has them. */
static void
test_many_matches (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelQuery) query = accounts (self);
  g_autoptr (SatchelQuery) tier_a = NULL;
  g_autoptr (GString) expected = g_string_new (NULL);
  Page *page = page_new (self);

  for (guint i = 0; i < 2500; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s %04u", i % 2 == 0 ? "Berlin" : "Rome", i);
      g_autoptr (SatchelRecord) record = fixture_record (self, "account", NULL, "name", name, "tier",
                                                         i % 500 == 0 ? "A" : "B", NULL);

      page_put (page, record, "e.1");
      if (i % 2 == 0)
        g_string_append_printf (expected, "%s%s", expected->len > 0 ? "," : "", name);
    }
  page_arrive (page);

  satchel_query_set_search (query, "berl");
  for (guint round = 0; round < 2; round++)
    {
      g_autofree char *titles = list (self, query, 99);

      g_assert_cmpstr (titles, ==, expected->str);
      make_indexes (self);
    }

  tier_a = satchel_query_copy (query);
  where (tier_a, "tier", "A");
  assert_list (self, tier_a, "Berlin 0000,Berlin 0500,Berlin 1000,Berlin 1500,Berlin 2000");
  satchel_query_set_search (tier_a, "berl 05");
  assert_list (self, tier_a, "Berlin 0500");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  REPLICA_TEST ("/lists/title-order", test_title_order);
  REPLICA_TEST ("/lists/equal-keys", test_equal_keys);
  REPLICA_TEST ("/lists/behind-gone", test_behind_gone);
  REPLICA_TEST ("/lists/conditions", test_conditions);
  REPLICA_TEST ("/lists/other-orders", test_other_orders);
  REPLICA_TEST ("/lists/time-order", test_time_order);
  REPLICA_TEST ("/lists/bin", test_bin);
  REPLICA_TEST ("/lists/sections", test_sections);
  REPLICA_TEST ("/lists/with-search", test_with_search);
  REPLICA_TEST ("/lists/many-matches", test_many_matches);

  return g_test_run ();
}
