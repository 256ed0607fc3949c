/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "plain-fixture.h"

#include "app-fixture.h"
#include "widgets/satchel-record-list-model.h"

#define N_MANY 1000

/* ---- Watching a list: a copy that follows what the list says of itself ---- */

typedef struct
{
  GListModel *model;
  GPtrArray *held; /* (element-type SatchelRecordItem), nullable elements: nobody looks there */
  guint n_changes;
  guint n_sections;
  guint largest; /* of the changes */
} Watch;

static void
unref_some (gpointer object)
{
  if (object != NULL)
    g_object_unref (object);
}

static void
items_changed_cb (Watch *watch, guint position, guint removed, guint added)
{
  watch->n_changes++;
  watch->largest = MAX (watch->largest, MAX (removed, added));
  g_assert_cmpuint (position + removed, <=, watch->held->len);
  if (removed > 0)
    g_ptr_array_remove_range (watch->held, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (watch->held, (gint) position, NULL);
  g_assert_cmpuint (watch->held->len, ==, g_list_model_get_n_items (watch->model));
  for (guint i = 0; i < watch->held->len; i++)
    {
      g_autoptr (GObject) item = NULL;

      if (watch->held->pdata[i] == NULL)
        continue;
      item = g_list_model_get_item (watch->model, i);
      g_assert_true (item == watch->held->pdata[i]);
    }
}

static void
sections_changed_cb (Watch *watch)
{
  watch->n_sections++;
}

static Watch *
watch_new (SatchelRecordListModel *model)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->model = G_LIST_MODEL (model);
  watch->held = g_ptr_array_new_with_free_func (unref_some);
  g_ptr_array_set_size (watch->held, (gint) g_list_model_get_n_items (watch->model));
  g_signal_connect_swapped (model, "items-changed", G_CALLBACK (items_changed_cb), watch);
  g_signal_connect_swapped (model, "sections-changed", G_CALLBACK (sections_changed_cb), watch);

  return watch;
}

static void
watch_free (Watch *watch)
{
  g_signal_handlers_disconnect_by_data (watch->model, watch);
  g_ptr_array_unref (watch->held);
  g_free (watch);
}

/* As a list view does with what is on screen. */
static void
look_at (Watch *watch, guint first, guint n)
{
  for (guint i = first; i < first + n; i++)
    if (watch->held->pdata[i] == NULL)
      watch->held->pdata[i] = g_list_model_get_item (watch->model, i);
}

static char *
dup_title (Watch *watch, guint position)
{
  SatchelRecord *record = satchel_record_item_get_record (watch->held->pdata[position]);

  return record != NULL ? satchel_record_dup_title (record) : NULL;
}

static void
assert_title (Watch *watch, guint position, const char *title)
{
  g_autofree char *shown = dup_title (watch, position);

  g_assert_cmpstr (shown, ==, title);
}

static void
reset (Watch *watch)
{
  watch->n_changes = watch->n_sections = watch->largest = 0;
}

/* ---- Lists ---- */

static SatchelRecordListModel *
list_accounts (PlainFixture *fixture)
{
  g_autoptr (SatchelQuery) query = satchel_query_new (satchel_vocabulary_lookup (fixture->vocabulary, "account"));
  SatchelRecordListModel *model = satchel_record_list_model_new (fixture->services, query);

  plain_fixture_settle (fixture);
  return model;
}

/* "A 000", "B 001", … "Z 025", "A 026", …: as many under each letter. */
static void
add_many (PlainFixture *fixture)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < N_MANY; i++)
    g_strv_builder_take (builder, g_strdup_printf ("%c %04u", 'A' + i % 26, i));
  names = g_strv_builder_end (builder);
  plain_fixture_add_many (fixture, "account", "name", (const char *const *) names);
}

static char *
find_id (Watch *watch, guint position)
{
  return g_strdup (satchel_record_item_get_id (watch->held->pdata[position]));
}

static void
test_empty (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecordListModel) model = satchel_record_list_model_new (fixture->services, NULL);
  g_autoptr (SatchelQuery) query = satchel_query_new (satchel_vocabulary_lookup (fixture->vocabulary, "account"));

  g_assert_true (satchel_record_list_model_get_loading (model));
  satchel_record_list_model_set_query (model, query);
  plain_fixture_settle (fixture);
  g_assert_false (satchel_record_list_model_get_loading (model));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 0);
}

static void
test_pages (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecordListModel) model = NULL;
  Watch *watch;

  add_many (fixture);
  model = list_accounts (fixture);
  watch = watch_new (model);
  g_assert_cmpuint (watch->held->len, ==, N_MANY);

  /* The first page came with the count; what is far away comes when it is looked at. */
  look_at (watch, 0, 20);
  assert_title (watch, 0, "A 0000");
  look_at (watch, 700, 20);
  assert_title (watch, 700, NULL);
  plain_fixture_settle (fixture);
  for (guint i = 700; i < 720; i++)
    {
      g_autofree char *title = dup_title (watch, i);
      g_autofree char *heading = g_strndup (title, 1);

      g_assert_cmpstr (heading, ==, satchel_record_list_model_get_heading (model, i));
    }
  g_assert_cmpuint (watch->n_changes, ==, 0);
  watch_free (watch);
}

static void
test_sections (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecordListModel) model = NULL;
  guint start, end, n_sections = 0;

  add_many (fixture);
  model = list_accounts (fixture);
  for (guint position = 0; position < N_MANY; position = end)
    {
      gtk_section_model_get_section (GTK_SECTION_MODEL (model), position, &start, &end);
      g_assert_cmpuint (start, ==, position);
      g_assert_cmpuint (end, >, start);
      n_sections++;
    }
  g_assert_cmpuint (end, ==, N_MANY);
  g_assert_cmpuint (n_sections, ==, 26);
  gtk_section_model_get_section (GTK_SECTION_MODEL (model), N_MANY, &start, &end);
  g_assert_cmpuint (start, ==, N_MANY);
  g_assert_cmpuint (end, ==, G_MAXUINT);
}

static void
test_one_added (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecordListModel) model = NULL;
  g_autofree char *id = NULL;
  Watch *watch;

  add_many (fixture);
  model = list_accounts (fixture);
  watch = watch_new (model);
  look_at (watch, 500, 30);
  plain_fixture_settle (fixture);
  reset (watch);

  id = plain_fixture_add (fixture, "account", "name", "A first", NULL);
  plain_fixture_settle (fixture);
  g_assert_cmpuint (watch->held->len, ==, N_MANY + 1);
  g_assert_cmpuint (watch->n_changes, ==, 1);
  g_assert_cmpuint (watch->largest, ==, 1);
  g_assert_null (watch->held->pdata[500]);
  g_assert_nonnull (watch->held->pdata[501]);
  watch_free (watch);
}

static void
test_one_changed (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecordListModel) model = NULL;
  g_autofree char *id = NULL;
  Watch *watch;

  add_many (fixture);
  model = list_accounts (fixture);
  watch = watch_new (model);
  look_at (watch, 0, 30);
  plain_fixture_settle (fixture);
  id = find_id (watch, 7);
  reset (watch);

  plain_fixture_change (fixture, id, "city", "Berlin");
  plain_fixture_settle (fixture);
  g_assert_cmpuint (watch->n_changes, ==, 0);
  g_assert_cmpuint (watch->n_sections, ==, 0);
  g_assert_cmpstr (satchel_record_get_text (satchel_record_item_get_record (watch->held->pdata[7]), "city"), ==,
                   "Berlin");
  watch_free (watch);
}

static void
test_one_renamed (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecordListModel) model = NULL;
  g_autofree char *id = NULL;
  guint start, end;
  Watch *watch;

  add_many (fixture);
  model = list_accounts (fixture);
  watch = watch_new (model);
  look_at (watch, 0, 30);
  plain_fixture_settle (fixture);
  id = find_id (watch, 7);
  reset (watch);

  plain_fixture_change (fixture, id, "name", "Zzz last");
  plain_fixture_settle (fixture);
  g_assert_cmpuint (watch->held->len, ==, N_MANY);
  g_assert_cmpuint (watch->n_changes, ==, 2);
  g_assert_cmpuint (watch->largest, ==, 1);
  g_assert_cmpstr (satchel_record_list_model_get_heading (model, N_MANY - 1), ==, "Z");
  gtk_section_model_get_section (GTK_SECTION_MODEL (model), 0, &start, &end);
  g_assert_cmpuint (end, ==, 38);
  look_at (watch, N_MANY - 1, 1);
  plain_fixture_settle (fixture);
  assert_title (watch, N_MANY - 1, "Zzz last");
  watch_free (watch);
}

static void
test_one_deleted (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecordListModel) model = NULL;
  g_autofree char *id = NULL, *next = NULL;
  Watch *watch;

  add_many (fixture);
  model = list_accounts (fixture);
  watch = watch_new (model);
  look_at (watch, 300, 30);
  plain_fixture_settle (fixture);
  id = find_id (watch, 310);
  next = find_id (watch, 311);
  reset (watch);

  plain_fixture_delete (fixture, id);
  plain_fixture_settle (fixture);
  g_assert_cmpuint (watch->held->len, ==, N_MANY - 1);
  g_assert_cmpuint (watch->n_changes, ==, 1);
  g_assert_cmpstr (satchel_record_item_get_id (watch->held->pdata[310]), ==, next);
  watch_free (watch);
}

/* Nobody holds what is not on screen. */
static void
test_holds_weakly (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecordListModel) model = NULL;
  SatchelRecordItem *item;

  add_many (fixture);
  model = list_accounts (fixture);
  item = g_list_model_get_item (G_LIST_MODEL (model), 3);
  g_assert_finalize_object (item);
}

/* Only the answer to the last question is shown. */
static void
test_stale_answers (PlainFixture *fixture, gconstpointer data)
{
  const SatchelType *account = satchel_vocabulary_lookup (fixture->vocabulary, "account");
  g_autoptr (SatchelRecordListModel) model = NULL;
  g_autofree char *only = plain_fixture_add (fixture, "account", "name", "Only one", "city", "Riga", NULL);
  Watch *watch;

  add_many (fixture);
  model = list_accounts (fixture);
  watch = watch_new (model);
  reset (watch);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (SatchelQuery) query = satchel_query_new (account);

      if (i == 19)
        satchel_query_where_text (query, "city", "Riga", NULL);
      else
        satchel_query_set_search (query, "A");
      satchel_record_list_model_set_query (model, query);
    }
  plain_fixture_settle (fixture);

  g_assert_cmpuint (watch->held->len, ==, 1);
  look_at (watch, 0, 1);
  assert_title (watch, 0, "Only one");
  g_assert_cmpuint (watch->n_changes, ==, 2);
  watch_free (watch);
}

/* Without those whose field equals a value; those without a value stay. */
static void
test_where_not (PlainFixture *fixture, gconstpointer data)
{
  const SatchelType *note = satchel_vocabulary_lookup (fixture->vocabulary, "note");
  g_autoptr (SatchelQuery) query = satchel_query_new (note);
  g_autoptr (SatchelRecordListModel) model = NULL;
  g_autofree char *pinned = plain_fixture_add (fixture, "note", "title", "Pinned", "pinned", "true", NULL);
  g_autofree char *unpinned = plain_fixture_add (fixture, "note", "title", "Not", "pinned", "false", NULL);
  g_autofree char *silent = plain_fixture_add (fixture, "note", "title", "Nothing said", NULL);
  g_auto (SatchelValue) yes = SATCHEL_VALUE_INIT;
  guint position;

  satchel_value_set_integer (&yes, 1);
  satchel_query_where_not (query, "pinned", &yes);
  model = satchel_record_list_model_new (fixture->services, query);
  plain_fixture_settle (fixture);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 2);
  g_assert_false (satchel_record_list_model_find (model, pinned, &position));
  g_assert_true (satchel_record_list_model_find (model, unpinned, &position));
  g_assert_true (satchel_record_list_model_find (model, silent, &position));
}

/* In a list view: what is on screen stays where it is when something is added above it. */
static void
test_keeps_scroll (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecordListModel) model = NULL;
  g_autofree char *id = NULL;
  guint position, moved;
  GtkSingleSelection *selection;

  add_many (fixture);
  model = list_accounts (fixture);
  selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (model)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_selected (selection, 400);
  plain_fixture_settle (fixture);
  {
    g_autoptr (SatchelRecordItem) item = g_list_model_get_item (G_LIST_MODEL (model), 400);

    position = 400;
    id = g_strdup (satchel_record_item_get_id (item));
  }
  plain_fixture_add_many (fixture, "account", "name", (const char *const[]) { "A a", "B a", "A b", NULL });
  plain_fixture_settle (fixture);

  g_assert_true (satchel_record_list_model_find (model, id, &moved));
  g_assert_cmpuint (moved, ==, position + 3);
  g_assert_cmpuint (gtk_single_selection_get_selected (selection), ==, moved);
  g_assert_finalize_object (selection);
}

int
main (int argc, char *argv[])
{
  app_test_init (&argc, &argv);

  PLAIN_TEST ("/record-list-model/empty", test_empty);
  PLAIN_TEST ("/record-list-model/pages", test_pages);
  PLAIN_TEST ("/record-list-model/sections", test_sections);
  PLAIN_TEST ("/record-list-model/one-added", test_one_added);
  PLAIN_TEST ("/record-list-model/one-changed", test_one_changed);
  PLAIN_TEST ("/record-list-model/one-renamed", test_one_renamed);
  PLAIN_TEST ("/record-list-model/one-deleted", test_one_deleted);
  PLAIN_TEST ("/record-list-model/holds-weakly", test_holds_weakly);
  PLAIN_TEST ("/record-list-model/stale-answers", test_stale_answers);
  PLAIN_TEST ("/record-list-model/where-not", test_where_not);
  PLAIN_TEST ("/record-list-model/keeps-selection", test_keeps_scroll);

  return g_test_run ();
}
