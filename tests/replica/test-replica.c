/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Opening, writing and reading back, and what is refused. */

#include "replica-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"

static gboolean
commit (Fixture *self, SatchelEdit *edit, GError **error)
{
  return satchel_replica_commit (self->replica, edit, NULL, error);
}

/* ---- Opening -------------------------------------------------------------------------------------- */

static void
test_private (Fixture *self, gconstpointer data)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };
  g_autofree char *id = fixture_create (self, "account", "name", "Alfreds Futterkiste", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strconcat (self->path, suffixes[i], NULL);
      GStatBuf info;

      g_assert_no_errno (g_stat (path, &info));
      g_assert_cmphex (info.st_mode & 0777, ==, 0600);
    }
}

static void
test_missing (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->folder, "none.db", NULL);

  g_assert_null (satchel_replica_open (path, self->vocabulary, SATCHEL_OPEN_MUST_EXIST, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* ---- Reading back --------------------------------------------------------------------------------- */

static void
test_every_kind (Fixture *self, gconstpointer data)
{
  g_autofree char *account = fixture_create (self, "account", "name", "Alfreds Futterkiste", NULL);
  g_autoptr (SatchelRecord) record = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelRecord) read = NULL;

  record = fixture_record (self, "specimen", NULL, "account", account, "title", "Tin of tea", "story", "One\nTwo",
                           "phone", "030-0074321", "email", "a@example.com", "website", "https://example.com/",
                           "pieces", "-9223372036854775808", "weight", "1.25", "fragile", "true", "amount", "12345",
                           "currency", "EUR", "found_on", "2026-03-09", "found_at", "2026-03-09T08:15:30.000Z",
                           "colour", "red", "mood", "calm", "labels", "b,a", "measures", "{\"a\":[1,2.5,null]}", NULL);
  satchel_edit_create (edit, record);
  fixture_commit (self, edit);

  read = fixture_get (self, satchel_record_get_id (record));
  for (guint i = 0; i < satchel_type_get_n_fields (self->specimen); i++)
    {
      const SatchelField *field = satchel_type_get_field (self->specimen, i);
      g_autofree char *before = satchel_value_to_text (field, satchel_record_get_value (record, i));
      g_autofree char *after = satchel_value_to_text (field, satchel_record_get_value (read, i));

      g_assert_cmpstr (before, ==, after);
      g_assert_true (satchel_value_equal (satchel_record_get_value (record, i), satchel_record_get_value (read, i)));
    }

  g_assert_true (satchel_record_get_pending (read));
  g_assert_nonnull (satchel_record_get_created_at (read));
}

static void
test_reopen (Fixture *self, gconstpointer data)
{
  g_autofree char *id = fixture_create (self, "account", "name", "Berglunds snabbköp", NULL);

  fixture_reopen (self);
  fixture_assert_text (self, id, "name", "Berglunds snabbköp");
  g_assert_cmpuint (fixture_count_pending (self), ==, 1);
}

static void
test_not_found (Fixture *self, gconstpointer data)
{
  g_autofree char *id = satchel_id_new ();

  g_assert_false (fixture_has (self, id));
  g_assert_false (fixture_has (self, "no id at all"));
}

/* ---- What is refused ------------------------------------------------------------------------------ */

static void
assert_refused (Fixture *self, SatchelEdit *edit, SatchelDataError code)
{
  g_autoptr (GError) error = NULL;
  guint before = fixture_count_pending (self);

  g_assert_false (commit (self, edit, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, (gint) code);
  g_assert_cmpuint (strlen (error->message), >, 20);
  g_assert_cmpuint (fixture_count_pending (self), ==, before);
  g_assert_cmpint (satchel_edit_peek_group (edit)->n, ==, 0);
}

static void
refuse_create (Fixture *self, SatchelRecord *record, SatchelDataError code)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelRecord) owned = record;

  satchel_edit_create (edit, record);
  assert_refused (self, edit, code);
}

static void
test_refused_creates (Fixture *self, gconstpointer data)
{
  g_autofree char *account = fixture_create (self, "account", "name", "Bólido Comidas", NULL);
  g_autofree char *nobody = satchel_id_new ();

  refuse_create (self, fixture_record (self, "account", account, "name", "Again", NULL), SATCHEL_DATA_ERROR_EXISTS);
  refuse_create (self, fixture_record (self, "note", account, "title", "Again", NULL), SATCHEL_DATA_ERROR_EXISTS);
  refuse_create (self, fixture_record (self, "account", NULL, "city", "Berlin", NULL), SATCHEL_DATA_ERROR_MISSING);
  refuse_create (self, fixture_record (self, "contact", NULL, "given_name", "Ana", "account", nobody, NULL),
                 SATCHEL_DATA_ERROR_INVALID);
  refuse_create (self, fixture_record (self, "specimen", NULL, "title", "Tin", "stock", "3", NULL),
                 SATCHEL_DATA_ERROR_READ_ONLY);
  refuse_create (
      self,
      fixture_record (self, "conflict", NULL, "target_type", "account", "target_id", account, "unit", "name", NULL),
      SATCHEL_DATA_ERROR_READ_ONLY);

  fixture_delete (self, account);
  refuse_create (self, fixture_record (self, "contact", NULL, "given_name", "Ana", "account", account, NULL),
                 SATCHEL_DATA_ERROR_INVALID);
}

static void
refuse_change (Fixture *self, const SatchelRecord *seen, const char *field, const char *text, SatchelDataError code)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (GError) error = NULL;

  satchel_edit_set_field (edit, seen, field, text, &error);
  g_assert_no_error (error);
  assert_refused (self, edit, code);
}

static void
test_refused_changes (Fixture *self, gconstpointer data)
{
  g_autofree char *account = fixture_create (self, "account", "name", "Around the Horn", NULL);
  g_autofree char *entry = fixture_create (self, "loyalty_entry", "account", account, "points", "5", NULL);
  g_autofree char *order = fixture_create (self, "order", "account", account, NULL);
  g_autoptr (SatchelRecord) seen = fixture_get (self, account);
  g_autoptr (SatchelRecord) seen_entry = fixture_get (self, entry);
  g_autoptr (SatchelRecord) seen_order = fixture_get (self, order);
  g_autoptr (SatchelRecord) unknown = fixture_record (self, "account", NULL, "name", "Nobody", NULL);

  refuse_change (self, seen, "name", "", SATCHEL_DATA_ERROR_MISSING);
  refuse_change (self, seen_entry, "points", "6", SATCHEL_DATA_ERROR_READ_ONLY);
  refuse_change (self, seen_order, "total", "600", SATCHEL_DATA_ERROR_READ_ONLY);
  refuse_change (self, unknown, "name", "Somebody", SATCHEL_DATA_ERROR_NOT_FOUND);

  fixture_delete (self, account);
  refuse_change (self, seen, "name", "Round the Horn", SATCHEL_DATA_ERROR_INVALID);
}

/* An edit is done whole or not at all. */
static void
test_all_or_nothing (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) good = fixture_record (self, "account", NULL, "name", "Cactus", NULL);
  g_autoptr (SatchelRecord) bad = fixture_record (self, "account", NULL, "city", "Buenos Aires", NULL);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  satchel_edit_create (edit, good);
  satchel_edit_create (edit, bad);
  assert_refused (self, edit, SATCHEL_DATA_ERROR_MISSING);
  g_assert_false (fixture_has (self, satchel_record_get_id (good)));
}

/* ---- Groups --------------------------------------------------------------------------------------- */

static void
test_chain (Fixture *self, gconstpointer data)
{
  g_autofree char *a = fixture_create (self, "account", "name", "One", NULL);
  g_autofree char *b = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  g_autoptr (GError) error = NULL;
  const char *previous = NULL;

  fixture_reopen (self);
  b = fixture_create (self, "account", "name", "Two", NULL);
  fixture_change (self, a, "name", "One more", NULL);

  groups = satchel_replica_list_pending (self->replica, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (groups->len, ==, 3);

  groups = (g_ptr_array_unref (groups), fixture_take_groups (self, 100));
  g_assert_cmpuint (groups->len, ==, 3);
  for (guint i = 0; i < groups->len; i++)
    {
      SatchelGroup *group = g_ptr_array_index (groups, i);
      g_autofree char *hash = satchel_group_compute_hash (group, previous);

      g_assert_cmpint (group->n, ==, i + 1);
      g_assert_cmpstr (group->hash, ==, hash);
      previous = group->hash;
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  REPLICA_TEST ("/replica/private", test_private);
  REPLICA_TEST ("/replica/missing", test_missing);
  REPLICA_TEST ("/replica/every-kind", test_every_kind);
  REPLICA_TEST ("/replica/reopen", test_reopen);
  REPLICA_TEST ("/replica/not-found", test_not_found);
  REPLICA_TEST ("/replica/refused-creates", test_refused_creates);
  REPLICA_TEST ("/replica/refused-changes", test_refused_changes);
  REPLICA_TEST ("/replica/all-or-nothing", test_all_or_nothing);
  REPLICA_TEST ("/replica/chain", test_chain);

  return g_test_run ();
}
