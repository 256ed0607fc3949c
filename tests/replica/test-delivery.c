/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pages: staged, arriving, with outcomes; what goes, what is not understood, and starting over. */

#define _GNU_SOURCE /* memmem */

#include "replica-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"

static guint64
count (Fixture *self, const char *type)
{
  g_autoptr (SatchelQuery) query = satchel_query_new (satchel_vocabulary_lookup (self->vocabulary, type));
  g_autoptr (GError) error = NULL;
  guint64 n;

  satchel_replica_count (self->replica, query, &n, &error);
  g_assert_no_error (error);

  return n;
}

/* ---- Staged and arriving -------------------------------------------------------------------------- */

static void
test_staged (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Alfreds", NULL);
  g_autoptr (SatchelRecord) one = fixture_record (self, "account", NULL, "name", "One", NULL);
  g_autoptr (SatchelRecord) two = fixture_record (self, "account", NULL, "name", "Two", NULL);
  g_autoptr (SatchelRecord) renamed = fixture_record (self, "account", satchel_record_get_id (one), "name", "Uno",
                                                      NULL);
  Page *page = page_new (self);

  page_put (page, one, "e.1");
  satchel_delivery_add_delete (page->delivery, "account", satchel_record_get_id (given));
  page_stage (page);
  g_assert_cmpuint (count (self, "account"), ==, 1);
  g_assert_true (fixture_has (self, satchel_record_get_id (given)));

  page_put (page, two, "e.1");
  page_put (page, renamed, "e.2");
  page_apply (page, 0);

  g_assert_cmpuint (count (self, "account"), ==, 2);
  g_assert_false (fixture_has (self, satchel_record_get_id (given)));
  fixture_assert_text (self, satchel_record_get_id (one), "name", "Uno");
}

static void
test_staged_dropped (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Alfreds", NULL);
  g_autoptr (SatchelRecord) one = fixture_record (self, "account", NULL, "name", "One", NULL);
  g_autoptr (SatchelRecord) two = fixture_record (self, "account", NULL, "name", "Two", NULL);
  g_autoptr (Page) cut = page_new (self);
  Page *page;

  page_put (cut, one, "e.1");
  page_stage (cut);
  g_assert_true (satchel_replica_drop_staged (self->replica, NULL));

  page = page_new (self);
  page_put (page, two, "e.1");
  page_apply (page, 0);
  g_assert_false (fixture_has (self, satchel_record_get_id (one)));
  g_assert_true (fixture_has (self, satchel_record_get_id (two)));
}

/* A page that is given up leaves nothing, whether it was held or streamed. */
static void
test_given_up (Fixture *self, gconstpointer data)
{
  for (guint round = 0; round < 2; round++)
    {
      Page *page = page_new (self);

      for (guint i = 0; i < 1000; i++)
        {
          g_autoptr (SatchelRecord) record = fixture_record (self, "account", NULL, "name", "Somebody", NULL);

          page_put (page, record, "e.1");
        }
      page_free (page);
      g_assert_cmpuint (count (self, "account"), ==, round);

      if (round == 0)
        satchel_record_unref (fixture_given (self, "account", "name", "Alfreds", NULL));
    }
}

static void
put_many (Fixture *self, Page *page, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("Account %u", i);
      g_autoptr (SatchelRecord) record = fixture_record (self, "account", NULL, "name", name, NULL);

      page_put (page, record, "e.1");
    }
}

static gboolean
is_arriving (Fixture *self)
{
  g_autoptr (SatchelStatus) status = satchel_replica_get_status (self->replica, NULL);

  return status->arriving;
}

static void
test_arriving (Fixture *self, gconstpointer data)
{
  g_autofree char *mine = fixture_create (self, "account", "name", "Mine", NULL);
  Page *page = page_new (self);

  put_many (self, page, 1000);
  page_arrive (page);
  g_assert_cmpuint (count (self, "account"), ==, 1001);
  g_assert_true (is_arriving (self));

  page = page_new (self);
  put_many (self, page, 500);
  page_outcome (page, 1, "applied", NULL, NULL);
  page_arrive (page);
  g_assert_cmpuint (fixture_count_pending (self), ==, 1);
  fixture_assert_text (self, mine, "name", "Mine");

  page = page_new (self);
  page_apply (page, 1);
  g_assert_cmpuint (count (self, "account"), ==, 1500);
  g_assert_false (is_arriving (self));
  g_assert_cmpuint (fixture_count_pending (self), ==, 0);
}

/* A page that came while everything arrives, but must wait for the head. */
static void
test_arriving_staged (Fixture *self, gconstpointer data)
{
  g_autofree char *mine = fixture_create (self, "account", "name", "Mine", NULL);
  g_autoptr (SatchelRecord) landed = fixture_record (self, "account", mine, "name", "Theirs", "city", "Rome", NULL);
  g_autoptr (SatchelRecord) gone = fixture_record (self, "account", NULL, "name", "Gone", NULL);
  Page *page = page_new (self);

  put_many (self, page, 300);
  page_put (page, landed, "e.1");
  page_put (page, gone, "e.1");
  satchel_delivery_add_delete (page->delivery, "account", satchel_record_get_id (gone));
  page_stage (page);
  g_assert_cmpuint (count (self, "account"), ==, 1);

  put_many (self, page, 10);
  page_apply (page, 0);
  g_assert_cmpuint (count (self, "account"), ==, 311);
  g_assert_false (fixture_has (self, satchel_record_get_id (gone)));
  fixture_assert_text (self, mine, "name", "Mine");
}

/* ---- Outcomes ------------------------------------------------------------------------------------- */

static void
test_uncovered (Fixture *self, gconstpointer data)
{
  g_autofree char *id = fixture_create (self, "account", "name", "Mine", NULL);
  g_autoptr (SatchelRecord) landed = fixture_record (self, "account", id, "name", "Mine", NULL);
  g_autoptr (GPtrArray) groups = NULL;
  Page *page = page_new (self);

  /* Decided, but the page does not show it yet: it stays, and is not sent again. */
  page_outcome (page, 1, "applied", NULL, NULL);
  page_apply (page, 0);
  g_assert_cmpuint (fixture_count_pending (self), ==, 1);
  groups = fixture_take_groups (self, 10);
  g_assert_cmpuint (groups->len, ==, 0);

  page = page_new (self);
  page_put (page, landed, "e.1");
  page_apply (page, 1);
  g_assert_cmpuint (fixture_count_pending (self), ==, 0);
  g_assert_true (fixture_has (self, id));
}

static const SatchelWork *
get_entry (GPtrArray *tray, guint index)
{
  g_assert_cmpuint (tray->len, >, index);

  return g_ptr_array_index (tray, index);
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  g_autofree char *id = fixture_create (self, "account", "name", "Mine", "city", "Rome", NULL);
  g_autofree char *child = fixture_create (self, "contact", "account", id, "given_name", "Ana", NULL);
  g_autoptr (GPtrArray) tray = NULL;
  g_autoptr (SatchelLink) link = NULL;
  const SatchelWork *first, *second;
  Page *page = page_new (self);

  fixture_change (self, id, "phone", "123456", NULL);
  page_outcome (page, 1, "refused", "permission", NULL);
  page_outcome (page, 2, "refused", "gone", NULL);
  page_outcome (page, 3, "refused", "dependency", NULL);
  satchel_delivery_apply (page->delivery, &page->end, &page->result, NULL);
  g_assert_cmpuint (page->result.refused, ==, 0);
  page->end.applied_through = 3;
  satchel_delivery_apply (page->delivery, &page->end, &page->result, NULL);
  g_assert_cmpuint (page->result.refused, ==, 3);
  g_assert_cmpuint (page->result.applied, ==, 0);
  page_free (page);

  g_assert_false (fixture_has (self, id));
  g_assert_false (fixture_has (self, child));
  tray = satchel_replica_list_tray (self->replica, NULL);
  g_assert_cmpuint (tray->len, ==, 3);
  first = get_entry (tray, 0);
  g_assert_cmpstr (first->code, ==, "permission");
  g_assert_cmpstr (first->reason, ==, "That is not for you to change.");
  g_assert_cmpint (first->n, ==, 1);
  second = get_entry (tray, 2);
  g_assert_cmpstr (second->code, ==, "dependency");
  g_assert_nonnull (satchel_mutation_find_unit (g_ptr_array_index (second->mutations, 0), "phone"));

  link = satchel_replica_get_link (self->replica, NULL);
  g_assert_cmpint (link->acknowledged, ==, 3);
  g_assert_nonnull (link->last_hash);
}

/* What was not refused of a group stays applied; the rest is in the tray alone. */
static void
test_partial (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Alfreds", "phone", "123", NULL);
  g_autoptr (SatchelRecord) landed = satchel_record_copy (given);
  g_autofree char *user = satchel_id_new ();
  g_autoptr (GPtrArray) tray = NULL;
  const SatchelMutation *left;
  const char *id = satchel_record_get_id (given);
  Page *page = page_new (self);

  fixture_change (self, id, "name", "Alfreds F.", "phone", "456", "preferences", "Tea", "owner", user, NULL);
  satchel_record_set_from_text (landed, "name", "Alfreds F.", NULL);
  satchel_record_set_from_text (landed, "preferences", "Tea\nCake", NULL);

  page_put (page, landed, "e.2");
  page_outcome (page, 1, "partial", NULL,
                "[{\"id\":\"x\",\"rev\":\"e.2\",\"units\":{\"owner\":{\"outcome\":\"refused\",\"code\":\"permission\","
                "\"reason\":\"Ask your manager.\"},\"phone\":{\"outcome\":\"conflict\",\"conflict\":\"c\"},"
                "\"preferences\":{\"outcome\":\"merged\"}}}]");
  page->end.applied_through = 1;
  satchel_delivery_apply (page->delivery, &page->end, &page->result, NULL);
  g_assert_cmpuint (page->result.applied, ==, 1);
  g_assert_cmpuint (page->result.merged, ==, 1);
  g_assert_cmpuint (page->result.conflicts, ==, 1);
  g_assert_cmpuint (page->result.refused, ==, 1);
  page_free (page);

  fixture_assert_text (self, id, "phone", "123");
  fixture_assert_text (self, id, "owner", "");
  fixture_assert_text (self, id, "preferences", "Tea\nCake");

  tray = satchel_replica_list_tray (self->replica, NULL);
  g_assert_cmpstr (get_entry (tray, 0)->reason, ==, "Ask your manager.");
  left = g_ptr_array_index (get_entry (tray, 0)->mutations, 0);
  g_assert_cmpuint (left->units->len, ==, 1);
  g_assert_nonnull (satchel_mutation_find_unit (left, "owner"));
}

/* ---- The tray ------------------------------------------------------------------------------------- */

static void
refuse_all (Fixture *self, gint64 through)
{
  Page *page = page_new (self);

  for (gint64 n = 1; n <= through; n++)
    page_outcome (page, n, "refused", "permission", NULL);
  page_apply (page, through);
}

static char *
dup_entry_id (Fixture *self, guint index)
{
  g_autoptr (GPtrArray) tray = satchel_replica_list_tray (self->replica, NULL);

  return g_strdup (get_entry (tray, index)->id);
}

static void
test_tray_retry (Fixture *self, gconstpointer data)
{
  g_autofree char *id = fixture_create (self, "account", "name", "Mine", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GPtrArray) pending = NULL;
  g_autoptr (GError) error = NULL;
  const SatchelMutation *mutation;

  fixture_change (self, id, "phone", "123456", NULL);
  refuse_all (self, 2);
  first = dup_entry_id (self, 0);
  second = dup_entry_id (self, 1);

  /* What builds on a creation waits for it. */
  g_assert_false (satchel_replica_tray_retry (self->replica, second, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpuint (fixture_count_tray (self), ==, 2);

  satchel_replica_tray_retry (self->replica, first, &error);
  g_assert_no_error (error);
  satchel_replica_tray_retry (self->replica, second, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture_count_tray (self), ==, 0);
  fixture_assert_text (self, id, "phone", "123456");

  pending = satchel_replica_list_pending (self->replica, NULL);
  g_assert_cmpuint (pending->len, ==, 2);
  mutation = g_ptr_array_index (((SatchelWork *) g_ptr_array_index (pending, 1))->mutations, 0);
  g_assert_cmpstr (satchel_mutation_find_unit (mutation, "phone")->base, ==, "@3");
}

/* A change that was typed over one in the tray stands, alone, on what that one stood on. */
static void
test_tray_rebased (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Alfreds", "phone", "123", NULL);
  const char *id = satchel_record_get_id (given);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GPtrArray) pending = NULL;
  g_autoptr (GError) error = NULL;
  const SatchelMutation *mutation;

  fixture_change (self, id, "phone", "456", NULL);
  fixture_change (self, id, "phone", "789", NULL);
  refuse_all (self, 2);
  first = dup_entry_id (self, 0);
  second = dup_entry_id (self, 1);

  satchel_replica_tray_drop (self->replica, first, &error);
  g_assert_no_error (error);
  satchel_replica_tray_retry (self->replica, second, &error);
  g_assert_no_error (error);

  pending = satchel_replica_list_pending (self->replica, NULL);
  mutation = g_ptr_array_index (((SatchelWork *) g_ptr_array_index (pending, 0))->mutations, 0);
  g_assert_cmpstr (satchel_mutation_find_unit (mutation, "phone")->base, ==, "e.1");
  fixture_assert_text (self, id, "phone", "789");

  g_assert_false (satchel_replica_tray_drop (self->replica, first, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND);
}

/* ---- What goes ------------------------------------------------------------------------------------ */

static void
test_exits (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) leaves = fixture_given (self, "account", "name", "Leaves", NULL);
  g_autoptr (SatchelRecord) moves = fixture_given (self, "account", "name", "Moves", NULL);
  g_autoptr (SatchelRecord) late = fixture_given (self, "account", "name", "Moves and is put first", NULL);
  g_autoptr (SatchelRecord) edited = fixture_given (self, "account", "name", "Edited", NULL);
  Page *page = page_new (self);

  fixture_change (self, satchel_record_get_id (edited), "phone", "123", NULL);

  satchel_delivery_add_exit (page->delivery, "account", satchel_record_get_id (leaves), PAGE_BUCKET, "territory:9");
  satchel_delivery_add_exit (page->delivery, "account", satchel_record_get_id (edited), PAGE_BUCKET, NULL);
  satchel_delivery_add_exit (page->delivery, "account", satchel_record_get_id (moves), PAGE_BUCKET, "territory:2");
  page_put_in (page, moves, "e.2", "territory:2");
  page_put_in (page, late, "e.2", "territory:2");
  satchel_delivery_add_exit (page->delivery, "account", satchel_record_get_id (late), PAGE_BUCKET, "territory:2");
  page_apply (page, 0);

  g_assert_false (fixture_has (self, satchel_record_get_id (leaves)));
  g_assert_true (fixture_has (self, satchel_record_get_id (moves)));
  g_assert_true (fixture_has (self, satchel_record_get_id (late)));

  /* What was typed on what left is still sent, and comes back refused. */
  g_assert_false (fixture_has (self, satchel_record_get_id (edited)));
  g_assert_cmpuint (fixture_count_pending (self), ==, 1);
  refuse_all (self, 1);
  g_assert_cmpuint (fixture_count_tray (self), ==, 1);
}

/* While another bucket is arriving, what left for it waits. */
static void
test_exit_while_arriving (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) comes = fixture_given (self, "account", "name", "Comes", NULL);
  g_autoptr (SatchelRecord) stays_away = fixture_given (self, "account", "name", "Stays away", NULL);
  Page *page = page_new (self);

  fixture_change (self, satchel_record_get_id (comes), "phone", "123", NULL);
  satchel_delivery_add_exit (page->delivery, "account", satchel_record_get_id (comes), PAGE_BUCKET, "territory:2");
  satchel_delivery_add_exit (page->delivery, "account", satchel_record_get_id (stays_away), PAGE_BUCKET, "territory:2");
  page_arrive (page);
  fixture_assert_text (self, satchel_record_get_id (comes), "phone", "123");
  g_assert_true (fixture_has (self, satchel_record_get_id (stays_away)));

  page = page_new (self);
  page_put_in (page, comes, "e.2", "territory:2");
  page_apply (page, 0);
  fixture_assert_text (self, satchel_record_get_id (comes), "phone", "123");
  g_assert_false (fixture_has (self, satchel_record_get_id (stays_away)));
}

static void
test_dropped_bucket (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) here = fixture_given (self, "account", "name", "Here", NULL);
  g_autoptr (SatchelRecord) there = fixture_record (self, "account", NULL, "name", "There", NULL);
  g_auto (GStrv) buckets = NULL;
  Page *page = page_new (self);

  page_put_in (page, there, "e.1", "territory:2");
  page_apply (page, 0);
  buckets = satchel_replica_list_buckets (self->replica, NULL);
  g_assert_cmpuint (g_strv_length (buckets), ==, 2);

  page = page_new (self);
  satchel_delivery_drop_bucket (page->delivery, "territory:2");
  page_apply (page, 0);
  g_assert_true (fixture_has (self, satchel_record_get_id (here)));
  g_assert_false (fixture_has (self, satchel_record_get_id (there)));
}

/* What was made here came back from the server, and its bucket went, all in one delivery. */
static void
test_dropped_under_work (Fixture *self, gconstpointer data)
{
  g_autofree char *id = fixture_create (self, "account", "name", "Mine", NULL);
  g_autoptr (SatchelRecord) made = fixture_get (self, id);
  g_autofree char *outcome = g_strdup_printf ("[{\"id\":\"%s\",\"rev\":\"e.1\"}]", id);
  g_autoptr (SatchelRecord) held = NULL;
  Page *page = page_new (self);

  page_put_in (page, made, "e.1", "territory:2");
  page_outcome (page, 1, "applied", NULL, outcome);
  satchel_delivery_drop_bucket (page->delivery, "territory:2");
  page_apply (page, 1);

  held = satchel_replica_get_server_version (self->replica, id, NULL);
  g_assert_null (held);
  g_assert_false (fixture_has (self, id));
}

/* It was in the bucket that went, and is in another one by now. */
static void
test_dropped_after_moving_under_work (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) there = fixture_record (self, "account", NULL, "name", "There", NULL);
  const char *id = satchel_record_get_id (there);
  g_autoptr (SatchelRecord) held = NULL;
  Page *page = page_new (self);

  page_put_in (page, there, "e.1", "territory:2");
  page_apply (page, 0);
  fixture_change (self, id, "phone", "1", NULL);

  page = page_new (self);
  page_put (page, there, "e.2");
  satchel_delivery_drop_bucket (page->delivery, "territory:2");
  page_apply (page, 0);

  held = satchel_replica_get_server_version (self->replica, id, NULL);
  g_assert_nonnull (held);
  g_assert_cmpstr (satchel_record_get_rev (held), ==, "e.2");
  fixture_assert_text (self, id, "phone", "1");
}

/* ---- What is not understood ----------------------------------------------------------------------- */

static char *
make_unknown (const char *id)
{
  return g_strdup_printf (
      "{\"id\":\"%s\",\"type\":\"starship\",\"rev\":\"e.1\",\"bucket\":\"" PAGE_BUCKET "\",\"warp\":9}", id);
}

static gboolean
collect_cb (const char *type, const char *id, const char *canonical, gpointer data)
{
  GString *texts = data;

  g_string_append_printf (texts, "%s %s\n", type, canonical);

  return TRUE;
}

static void
test_unknown (Fixture *self, gconstpointer data)
{
  g_autofree char *ship = g_strdup ("00000000-0000-7000-8000-000000000001");
  g_autofree char *account = g_strdup ("00000000-0000-7000-8000-000000000002");
  g_autofree char *unknown = make_unknown (ship);
  g_autofree char *known = g_strdup_printf (
      "{\"id\":\"%s\",\"type\":\"account\",\"rev\":\"e.1\",\"bucket\":\"" PAGE_BUCKET
      "\",\"name\":\"Alfreds\",\"shoe_size\":42}",
      account);
  g_autoptr (GString) texts = g_string_new (NULL);
  g_autoptr (SatchelRecord) shown = NULL;
  Page *page = page_new (self);

  page_put_text (page, known);
  page_put_text (page, unknown);
  page_apply (page, 0);

  shown = fixture_get (self, account);
  g_assert_cmpstr (satchel_record_get_extra (shown), ==, "{\"shoe_size\":42}");
  g_assert_false (fixture_has (self, ship));

  /* Both count in digests, by id; what is unsettled does not. */
  fixture_change (self, account, "name", "Changed", NULL);
  satchel_replica_foreach_canonical (self->replica, PAGE_BUCKET, collect_cb, texts, NULL);
  g_assert_cmpstr (texts->str, ==,
                   "starship {\"id\":\"00000000-0000-7000-8000-000000000001\",\"rev\":\"e.1\",\"type\":\"starship\","
                   "\"warp\":9}\n"
                   "account {\"id\":\"00000000-0000-7000-8000-000000000002\",\"name\":\"Alfreds\",\"rev\":\"e.1\","
                   "\"shoe_size\":42,\"type\":\"account\"}\n");

  page = page_new (self);
  satchel_delivery_add_delete (page->delivery, "starship", ship);
  page_apply (page, 0);
  g_string_truncate (texts, 0);
  satchel_replica_foreach_canonical (self->replica, PAGE_BUCKET, collect_cb, texts, NULL);
  g_assert_null (strstr (texts->str, "starship"));
}

/* A newer version may say more of a field than this one takes: that is carried, and counts in digests. */
static void
test_misfit (Fixture *self, gconstpointer data)
{
  g_autofree char *account = g_strdup ("00000000-0000-7000-8000-000000000002");
  g_autofree char *text = g_strdup_printf (
      "{\"id\":\"%s\",\"type\":\"account\",\"rev\":\"e.1\",\"bucket\":\"" PAGE_BUCKET
      "\",\"name\":\"Alfreds\",\"tier\":\"Z\",\"new\":1}",
      account);
  g_autoptr (GString) texts = g_string_new (NULL);
  g_autoptr (SatchelRecord) shown = NULL;
  Page *page = page_new (self);

  page_put_text (page, text);
  page_apply (page, 0);

  fixture_change (self, account, "name", "Changed", NULL);
  shown = fixture_get (self, account);
  g_assert_false (satchel_record_has (shown, "tier"));
  g_assert_cmpstr (satchel_record_get_extra (shown), ==, "{\"new\":1,\"tier\":\"Z\"}");
  satchel_replica_foreach_canonical (self->replica, PAGE_BUCKET, collect_cb, texts, NULL);
  g_assert_cmpstr (texts->str, ==,
                   "account {\"id\":\"00000000-0000-7000-8000-000000000002\",\"name\":\"Alfreds\",\"new\":1,"
                   "\"rev\":\"e.1\",\"tier\":\"Z\",\"type\":\"account\"}\n");
}

static void
test_damaged (Fixture *self, gconstpointer data)
{
  static const char *const damaged[] = {
    "",
    "[]",
    "{}",
    "{\"type\":\"account\"}",
    "{\"id\":7,\"type\":\"account\"}",
    "{\"id\":\"00000000-0000-7000-8000-000000000001\",\"type\":\"starship\",\"warp\":",
  };
  g_autoptr (Page) page = page_new (self);

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (satchel_delivery_add_put_text (page->delivery, damaged[i], strlen (damaged[i]), &error));
      g_assert_nonnull (error);
    }
}

/* ---- Starting over -------------------------------------------------------------------------------- */

static void
test_resync (Fixture *self, gconstpointer data)
{
  g_autofree char *ship = g_strdup ("00000000-0000-7000-8000-000000000001");
  g_autofree char *unknown = make_unknown (ship);
  g_autoptr (SatchelRecord) stays = fixture_given (self, "account", "name", "Stays", NULL);
  g_autoptr (SatchelRecord) later = fixture_given (self, "account", "name", "Later", NULL);
  g_autoptr (SatchelRecord) gone = fixture_given (self, "account", "name", "Gone", NULL);
  g_autoptr (SatchelRecord) edited = fixture_given (self, "account", "name", "Edited", NULL);
  g_autofree char *mine = fixture_create (self, "account", "name", "Mine", NULL);
  g_autoptr (GString) texts = g_string_new (NULL);
  Page *page = page_new (self);

  page_put_text (page, unknown);
  page_apply (page, 0);
  fixture_change (self, satchel_record_get_id (edited), "phone", "123", NULL);

  page = page_new (self);
  page->end.resync = TRUE;
  page_put (page, stays, "e.1");
  page_put (page, edited, "e.1");
  page_arrive (page);
  g_assert_true (fixture_has (self, satchel_record_get_id (gone)));

  fixture_reopen (self);
  page = page_new (self);
  page_put (page, later, "e.1");
  page_apply (page, 0);

  g_assert_true (fixture_has (self, satchel_record_get_id (stays)));
  g_assert_true (fixture_has (self, satchel_record_get_id (later)));
  g_assert_false (fixture_has (self, satchel_record_get_id (gone)));
  g_assert_true (fixture_has (self, mine));
  fixture_assert_text (self, satchel_record_get_id (edited), "phone", "123");
  satchel_replica_foreach_canonical (self->replica, PAGE_BUCKET, collect_cb, texts, NULL);
  g_assert_null (strstr (texts->str, "starship"));
}

static void
test_restart (Fixture *self, gconstpointer data)
{
  g_autofree char *settled = fixture_create (self, "account", "name", "Settled", NULL);
  g_autoptr (SatchelRecord) landed = fixture_record (self, "account", settled, "name", "Settled", NULL);
  g_autofree char *waiting = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  g_autoptr (SatchelLink) link = NULL;
  g_autoptr (GError) error = NULL;
  const char *previous = NULL;
  const SatchelGroup *group;

  /* One change is made on what is then settled, one on what still waits. */
  fixture_change (self, settled, "phone", "123", NULL);
  waiting = fixture_create (self, "account", "name", "Waiting", NULL);
  fixture_change (self, waiting, "phone", "456", NULL);
  fixture_settle (self, 1, landed, "e.1");

  satchel_replica_restart (self->replica, "e", &error);
  g_assert_no_error (error);
  link = satchel_replica_get_link (self->replica, NULL);
  g_assert_null (link->cursor);
  g_assert_cmpint (link->acknowledged, ==, 0);

  groups = fixture_take_groups (self, 10);
  g_assert_cmpuint (groups->len, ==, 3);
  for (guint i = 0; i < groups->len; i++)
    {
      g_autofree char *hash = NULL;

      group = g_ptr_array_index (groups, i);
      hash = satchel_group_compute_hash (group, previous);
      g_assert_cmpint (group->n, ==, i + 1);
      g_assert_cmpstr (group->hash, ==, hash);
      previous = group->hash;
    }

  group = g_ptr_array_index (groups, 2);
  g_assert_cmpstr (satchel_mutation_find_unit (g_ptr_array_index (group->mutations, 0), "phone")->base, ==, "@2");
  fixture_assert_text (self, settled, "phone", "123");
  fixture_assert_text (self, waiting, "phone", "456");
  g_assert_cmpint (satchel_replica_get_last_group (self->replica, NULL), ==, 3);
}

static void
test_sign_out (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Geheimnisvoll", NULL);
  g_autofree char *mine = fixture_create (self, "account", "name", "Mine and unsent", NULL);
  g_autofree char *file = g_build_filename (self->folder, "kept.ndjson", NULL);
  g_autofree char *missing = g_build_filename (self->folder, "no", "kept.ndjson", NULL);
  g_autofree char *kept = NULL;
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = NULL;
  gsize length;

  g_assert_false (satchel_replica_sign_out (self->replica, NULL, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_PENDING);
  g_clear_error (&error);
  g_assert_false (satchel_replica_sign_out (self->replica, missing, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO);
  g_clear_error (&error);
  g_assert_true (fixture_has (self, mine));

  satchel_replica_sign_out (self->replica, file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count (self, "account"), ==, 0);
  g_assert_cmpuint (fixture_count_pending (self), ==, 0);
  found = satchel_replica_search (self->replica, "geheim", NULL, 10, NULL);
  g_assert_cmpuint (found->len, ==, 0);

  g_file_get_contents (file, &kept, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (kept, "Mine and unsent"));
  g_assert_null (strstr (kept, "Geheimnisvoll"));

  /* Nothing of it stays behind. */
  fixture_reopen (self);
  satchel_replica_close (self->replica);
  g_clear_object (&self->replica);
  g_file_get_contents (self->path, &bytes, &length, &error);
  g_assert_no_error (error);
  g_assert_null (memmem (bytes, length, "Geheimnisvoll", strlen ("Geheimnisvoll")));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  REPLICA_TEST ("/delivery/staged", test_staged);
  REPLICA_TEST ("/delivery/staged-dropped", test_staged_dropped);
  REPLICA_TEST ("/delivery/given-up", test_given_up);
  REPLICA_TEST ("/delivery/arriving", test_arriving);
  REPLICA_TEST ("/delivery/arriving-staged", test_arriving_staged);
  REPLICA_TEST ("/delivery/uncovered", test_uncovered);
  REPLICA_TEST ("/delivery/refused", test_refused);
  REPLICA_TEST ("/delivery/partial", test_partial);
  REPLICA_TEST ("/delivery/tray-retry", test_tray_retry);
  REPLICA_TEST ("/delivery/tray-rebased", test_tray_rebased);
  REPLICA_TEST ("/delivery/exits", test_exits);
  REPLICA_TEST ("/delivery/exit-while-arriving", test_exit_while_arriving);
  REPLICA_TEST ("/delivery/dropped-bucket", test_dropped_bucket);
  REPLICA_TEST ("/delivery/dropped-under-work", test_dropped_under_work);
  REPLICA_TEST ("/delivery/dropped-after-moving-under-work", test_dropped_after_moving_under_work);
  REPLICA_TEST ("/delivery/unknown", test_unknown);
  REPLICA_TEST ("/delivery/misfit", test_misfit);
  REPLICA_TEST ("/delivery/damaged", test_damaged);
  REPLICA_TEST ("/delivery/resync", test_resync);
  REPLICA_TEST ("/delivery/restart", test_restart);
  REPLICA_TEST ("/delivery/sign-out", test_sign_out);

  return g_test_run ();
}
