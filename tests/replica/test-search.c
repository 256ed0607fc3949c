/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The search as a person types it: scripts, telephone numbers, short words, hostile text, and what is not in the index
 * yet. */

#include "replica-fixture.h"

#include <string.h>

#include "replica/replica-private.h"

static char *
search (Fixture *self, const char *text, const SatchelType *const *types, guint limit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = satchel_replica_search (self->replica, text, types, limit, &error);

  g_assert_no_error (error);

  return join_titles (found);
}

static void
finish (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  replica_writer_catch_up (self->replica->writer, &error);
  g_assert_no_error (error);
}

/* In the index and before. */
static void
assert_found (Fixture *self, const char *text, const char *expected)
{
  g_autofree char *found = NULL;

  finish (self);
  found = search (self, text, NULL, 50);
  g_assert_cmpstr (found, ==, expected);
}

static void
assert_finds_all (Fixture *self, const char *const *texts, const char *expected)
{
  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_test_message ("“%s”", texts[i]);
      assert_found (self, texts[i], expected);
    }
}

static void
test_latin (Fixture *self, gconstpointer data)
{
  static const char *const texts[] = { "berglunds",  "GLUND",      "snabbköp", "snabbkop", "köp",
                                       "berg snabb", "snabb berg", "luleå",    "LULEA",    NULL };

  g_free (fixture_create (self, "account", "name", "Berglunds snabbköp", "city", "Luleå", NULL));
  g_free (fixture_create (self, "account", "name", "Alfreds Futterkiste", "city", "Berlin", NULL));

  assert_finds_all (self, texts, "Berglunds snabbköp");
  assert_found (self, "berglunds berlin", "");
  assert_found (self, "", "");
  assert_found (self, " \t\n ", "");
}

static void
test_cyrillic (Fixture *self, gconstpointer data)
{
  static const char *const texts[] = { "ёлочка", "ЕЛОЧКА", "елоч", "лочк", NULL };

  g_free (fixture_create (self, "account", "name", "ООО «Ёлочка»", NULL));
  g_free (fixture_create (self, "account", "name", "Чайный дом", NULL));

  assert_finds_all (self, texts, "ООО «Ёлочка»");
  assert_found (self, "чайный", "Чайный дом");
  assert_found (self, "чаиный", "");
}

static void
test_thai (Fixture *self, gconstpointer data)
{
  static const char *const texts[] = { "ร้านอาหาร", "อาหาร", "ทะเล", "อาหารทะเล", NULL };

  g_free (fixture_create (self, "account", "name", "ร้านอาหารทะเล", NULL));
  g_free (fixture_create (self, "account", "name", "เกาะสมุย", NULL));

  assert_finds_all (self, texts, "ร้านอาหารทะเล");
  /* Thai marks are letters of their own. */
  assert_found (self, "รานอา", "");
  /* A leading vowel is typed before its consonant. */
  assert_found (self, "เ", "เกาะสมุย");
  assert_found (self, "เก", "เกาะสมุย");
  assert_found (self, "เกาะ", "เกาะสมุย");
}

static void
test_phones (Fixture *self, gconstpointer data)
{
  static const char *const texts[] = { "4951234567", "495 123 45 67", "(495) 123-45-67", "+7495123",
                                       "123-45",     "7 495",         "34567",           NULL };

  g_free (fixture_create (self, "account", "name", "Moscow", "phone", "+7 (495) 123-45 67", NULL));
  g_free (fixture_create (self, "account", "name", "Berlin", "phone", "030-0074321", NULL));
  g_free (fixture_create (self, "specimen", "title", "A tin", "phone", "8 800 555 35 35", NULL));

  assert_finds_all (self, texts, "Moscow");
  assert_found (self, "0300 074", "Berlin");
  assert_found (self, "88005553535", "A tin");
  assert_found (self, "5553536", "");
}

static void
test_numbers_in_text (Fixture *self, gconstpointer data)
{
  g_free (fixture_create (self, "account", "name", "Route 66 Motors", "street", "Baker St. 2217", NULL));

  assert_found (self, "2217", "Route 66 Motors");
  assert_found (self, "66", "");
  assert_found (self, "route 66", "Route 66 Motors");
}

static void
test_short (Fixture *self, gconstpointer data)
{
  g_free (fixture_create (self, "account", "name", "Ötker", NULL));
  g_free (fixture_create (self, "account", "name", "Otto", NULL));
  g_free (fixture_create (self, "account", "name", "Botany", NULL));

  assert_found (self, "o", "Otto,Ötker");
  assert_found (self, "OT", "Otto,Ötker");
  assert_found (self, "ott", "Otto");
  assert_found (self, "bo", "Botany");
  assert_found (self, "q", "");
}

static void
test_hostile (Fixture *self, gconstpointer data)
{
  static const char *const texts[] = {
    "\"",   "\"\"",        "\"\"\"tea", "tea\"",        "tea*",       "tea AND",
    "AND",  "OR",          "NOT tea",   "NEAR(tea, 2)", "title:tea",  "{title} : tea",
    "(tea", "tea)",        "-tea",      "^tea",         "tea + cake", "'; DROP TABLE account; --",
    "%",    "_",           "\\",        "tea\001cake",  "\xff\xfe",   "\xe2\x82",
    "*",    "a\"b\"c d'e", "💥💥💥",    "\u202e\u202d",
  };

  g_free (fixture_create (self, "account", "name", "Tea \"and\" cake (large) * %", NULL));
  finish (self);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *found = search (self, texts[i], NULL, 10);
      g_autoptr (SatchelQuery) query = satchel_query_new (self->account);
      g_autoptr (GError) error = NULL;
      guint64 n;

      satchel_query_set_search (query, texts[i]);
      satchel_replica_count (self->replica, query, &n, &error);
      g_assert_no_error (error);
    }

  assert_found (self, "\"and\"", "Tea \"and\" cake (large) * %");
  assert_found (self, "(large)", "Tea \"and\" cake (large) * %");
}

static void
test_long (Fixture *self, gconstpointer data)
{
  g_autofree char *text = g_strnfill (200000, 'a');
  g_autofree char *words = NULL;
  g_autoptr (GString) many = g_string_new (NULL);
  g_autofree char *found = NULL;
  g_autofree char *found_words = NULL;

  g_free (fixture_create (self, "note", "title", "Long", "body", text, NULL));
  finish (self);
  found = search (self, text, NULL, 10);
  g_assert_cmpstr (found, ==, "Long");

  for (guint i = 0; i < 5000; i++)
    g_string_append (many, "aaa ");
  found_words = search (self, many->str, NULL, 10);
  g_assert_cmpstr (found_words, ==, "Long");
}

/* Titles that begin so, then titles, then the rest; newest first within. */
static void
test_ranking (Fixture *self, gconstpointer data)
{
  g_free (fixture_create (self, "account", "name", "Rest one", "city", "Berlin", NULL));
  g_free (fixture_create (self, "account", "name", "Rest two", "city", "Berlin", NULL));
  g_free (fixture_create (self, "account", "name", "Tea of Berlin", NULL));
  g_free (fixture_create (self, "account", "name", "Oberlin", NULL));
  g_free (fixture_create (self, "account", "name", "Berlin Tea", NULL));
  g_free (fixture_create (self, "note", "title", "Berlin note", NULL));

  assert_found (self, "berlin", "Berlin note,Berlin Tea,Oberlin,Tea of Berlin,Rest two,Rest one");
}

static void
test_types_and_limit (Fixture *self, gconstpointer data)
{
  const SatchelType *notes[] = { satchel_vocabulary_lookup (self->vocabulary, "note"), NULL };
  g_autofree char *found = NULL;
  g_autofree char *few = NULL;

  g_free (fixture_create (self, "account", "name", "Berlin Tea", NULL));
  g_free (fixture_create (self, "note", "title", "Berlin note", NULL));
  g_free (fixture_create (self, "note", "body", "Seen in Berlin", NULL));

  found = search (self, "berlin", notes, 10);
  g_assert_cmpstr (found, ==, "Berlin note,Seen in Berlin");
  few = search (self, "berlin", NULL, 2);
  g_assert_cmpstr (few, ==, "Berlin note,Berlin Tea");
}

/* What was changed is found as it is now and not as it was, indexed or not; what went is not found. */
static void
test_changes (Fixture *self, gconstpointer data)
{
  g_autofree char *id = fixture_create (self, "account", "name", "Alfreds", NULL);
  g_autofree char *gone = fixture_create (self, "account", "name", "Alfredo", NULL);
  g_autofree char *found = NULL;

  finish (self);
  fixture_change (self, id, "name", "Berglunds", NULL);
  fixture_delete (self, gone);
  found = search (self, "alfred", NULL, 10);
  g_assert_cmpstr (found, ==, "");
  assert_found (self, "alfred", "");
  assert_found (self, "berglunds", "Berglunds");
}

/* A page that is not in the index yet is searched all the same. */
static void
test_before_index (Fixture *self, gconstpointer data)
{
  Page *page = page_new (self);
  g_autofree char *found = NULL;

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *name = g_strdup_printf ("Number%u", i);
      g_autoptr (SatchelRecord) record = fixture_record (self, "account", NULL, "name", name, NULL);

      page_put (page, record, "e.1");
    }
  page_arrive (page);

  found = search (self, "umber2999", NULL, 10);
  g_assert_cmpstr (found, ==, "Number2999");
  assert_found (self, "umber2999", "Number2999");
  assert_found (self, "umber1234", "Number1234");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  REPLICA_TEST ("/search/latin", test_latin);
  REPLICA_TEST ("/search/cyrillic", test_cyrillic);
  REPLICA_TEST ("/search/thai", test_thai);
  REPLICA_TEST ("/search/phones", test_phones);
  REPLICA_TEST ("/search/numbers-in-text", test_numbers_in_text);
  REPLICA_TEST ("/search/short", test_short);
  REPLICA_TEST ("/search/hostile", test_hostile);
  REPLICA_TEST ("/search/long", test_long);
  REPLICA_TEST ("/search/ranking", test_ranking);
  REPLICA_TEST ("/search/types-and-limit", test_types_and_limit);
  REPLICA_TEST ("/search/changes", test_changes);
  REPLICA_TEST ("/search/before-index", test_before_index);

  return g_test_run ();
}
