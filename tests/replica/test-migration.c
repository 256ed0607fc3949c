/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Replicas of earlier versions, and of vocabularies that have grown since. With `--make FILE` this program makes the
 * replica that the fixture of the current version is written from, see fixtures/dump-replica. */

#include "replica-fixture.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "records/satchel-error.h"

#define USER "019a0000-0000-7000-8000-0000000000aa"
#define ACCOUNT "019a0000-0000-7000-8000-000000000001"
#define CONTACT "019a0000-0000-7000-8000-000000000002"
#define NOTE "019a0000-0000-7000-8000-000000000003"
#define SHIP "019a0000-0000-7000-8000-000000000004"
#define REFUSED "019a0000-0000-7000-8000-000000000005"
#define CONFLICT "019a0000-0000-7000-8000-000000000006"

/* ---- The fixture ---------------------------------------------------------------------------------- */

static const char *const given[] = {
  "{\"id\":\"" ACCOUNT "\",\"type\":\"account\",\"rev\":\"e.4\",\"bucket\":\"" PAGE_BUCKET
  "\",\"created_at\":\"2026-01-02T03:04:05.678Z\",\"created_by\":\"" USER
  "\",\"name\":\"Alfreds Futterkiste\",\"phone\":\"030-0074321\",\"city\":\"Berlin\",\"tags\":[\"cheese\"],"
  "\"shoe_size\":42}",
  "{\"id\":\"" CONTACT "\",\"type\":\"contact\",\"rev\":\"e.1\",\"bucket\":\"" PAGE_BUCKET "\",\"account\":\"" ACCOUNT
  "\",\"given_name\":\"Maria\",\"family_name\":\"Anders\"}",
  "{\"id\":\"" SHIP "\",\"type\":\"specimen\",\"rev\":\"e.1\",\"bucket\":\"" PAGE_BUCKET
  "\",\"title\":\"Tin of tea\",\"labels\":[\"a\"],\"measures\":{\"depth\":3}}",
  "{\"id\":\"" CONFLICT "\",\"type\":\"conflict\",\"rev\":\"e.1\",\"bucket\":\"" PAGE_BUCKET
  "\",\"target_type\":\"account\",\"target_id\":\"" ACCOUNT "\",\"unit\":\"phone\",\"state\":\"open\","
  "\"values\":[{\"fields\":{\"phone\":\"1\"}}]}",
};

static void
create (Fixture *self, const char *type, const char *id, const char *field, const char *text)
{
  g_autoptr (SatchelRecord) record = fixture_record (self, type, id, field, text, NULL);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  satchel_edit_create (edit, record);
  fixture_commit (self, edit);
}

static void
tie (Fixture *self)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);

  g_set_str (&link->server, "https://example.com");
  g_set_str (&link->user_id, USER);
  g_set_str (&link->user_name, "nancy");
  g_set_str (&link->device_id, "device-1");
  g_assert_true (satchel_replica_set_link (self->replica, link, NULL));
}

static void
fill (Fixture *self)
{
  Page *page = page_new (self);

  tie (self);
  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    page_put_text (page, given[i]);
  page_apply (page, 0);

  create (self, "account", REFUSED, "name", "Refused");
  create (self, "note", NOTE, "title", "Likes tea");
  fixture_change (self, ACCOUNT, "phone", "030-99", "tags", "cheese,wine", NULL);
  fixture_change (self, NOTE, "account", ACCOUNT, "body", "And cake", NULL);

  page = page_new (self);
  page_outcome (page, 1, "refused", "permission", NULL);
  page_apply (page, 1);
}

static int
make (const char *path)
{
  Fixture self = { .vocabulary = (SatchelVocabulary *) satchel_vocabulary_get_default () };
  g_autoptr (GError) error = NULL;

  self.replica = satchel_replica_open (path, self.vocabulary, SATCHEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  fill (&self);
  g_clear_object (&self.replica);

  return 0;
}

/* ---- Earlier versions ----------------------------------------------------------------------------- */

static void
load (Fixture *self, const char *name)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "replica", "fixtures", name, NULL);
  g_autofree char *sql = NULL;
  g_autoptr (GError) error = NULL;
  char *problem = NULL;
  sqlite3 *db;

  satchel_replica_close (self->replica);
  g_clear_object (&self->replica);
  g_assert_no_errno (g_unlink (self->path));

  g_file_get_contents (file, &sql, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sqlite3_open (self->path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, sql, NULL, NULL, &problem);
  g_assert_cmpstr (problem, ==, NULL);
  sqlite3_close (db);
}

static char *
search (Fixture *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = satchel_replica_search (self->replica, text, NULL, 10, &error);

  g_assert_no_error (error);

  return join_titles (found);
}

static void
assert_chain (Fixture *self, gint64 first)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);
  g_autoptr (GPtrArray) groups = fixture_take_groups (self, 10);
  const char *previous = link->last_hash;

  for (guint i = 0; i < groups->len; i++)
    {
      SatchelGroup *group = g_ptr_array_index (groups, i);
      g_autofree char *hash = satchel_group_compute_hash (group, previous);

      g_assert_cmpint (group->n, ==, first + i);
      g_assert_cmpstr (group->hash, ==, hash);
      previous = group->hash;
    }
}

static void
assert_work (Fixture *self)
{
  g_autoptr (SatchelRecord) server = satchel_replica_get_server_version (self->replica, ACCOUNT, NULL);
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);
  g_autoptr (GPtrArray) conflicts = satchel_replica_list_conflicts (self->replica, NULL);
  g_autofree char *found = search (self, "futterkiste");
  g_autofree char *found_note = search (self, "cake");

  g_assert_cmpstr (link->device_id, ==, "device-1");
  g_assert_cmpint (link->acknowledged, ==, 1);
  g_assert_cmpuint (fixture_count_pending (self), ==, 3);
  g_assert_cmpuint (fixture_count_tray (self), ==, 1);
  g_assert_cmpuint (conflicts->len, ==, 1);
  fixture_assert_text (self, ACCOUNT, "phone", "030-99");
  fixture_assert_text (self, ACCOUNT, "tags", "cheese,wine");
  fixture_assert_text (self, NOTE, "body", "And cake");
  fixture_assert_text (self, CONTACT, "family_name", "Anders");
  g_assert_cmpstr (satchel_record_get_text (server, "phone"), ==, "030-0074321");
  g_assert_cmpstr (satchel_record_get_extra (server), ==, "{\"shoe_size\":42}");
  g_assert_cmpstr (found, ==, "Alfreds Futterkiste");
  g_assert_cmpstr (found_note, ==, "Likes tea");
  assert_chain (self, 2);
}

/* @data: the name of the fixture. */
static void
test_version (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  load (self, data);
  self->replica = satchel_replica_open (self->path, satchel_vocabulary_get_default (), SATCHEL_OPEN_MUST_EXIST, &error);
  g_assert_no_error (error);

  assert_work (self);
  g_assert_false (fixture_has (self, SHIP));
  g_free (fixture_create (self, "account", "name", "Written now", NULL));
  assert_chain (self, 2);
}

/* The same, by a version that knows one type more. */
static void
test_version_grown (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  load (self, data);
  self->replica = satchel_replica_open (self->path, self->vocabulary, SATCHEL_OPEN_MUST_EXIST, &error);
  g_assert_no_error (error);

  assert_work (self);
  fixture_assert_text (self, SHIP, "title", "Tin of tea");
  fixture_assert_text (self, SHIP, "labels", "a");
}

/* The fixture is what this version would make; what it makes is what the fixture holds. */
static void
test_made_now (Fixture *self, gconstpointer data)
{
  fill (self);
  assert_work (self);
}

/* ---- A type that gains fields --------------------------------------------------------------------- */

#define N_EARLIER_FIELDS 10

/* The specimens of an earlier version: without their last fields. */
static SatchelVocabulary *
earlier_vocabulary_new (Fixture *self, SatchelTypeDeclaration *earlier)
{
  *earlier = (SatchelTypeDeclaration) {
    .name = satchel_type_get_name (self->specimen),
    .number = satchel_type_get_number (self->specimen),
    .label = "Specimen",
    .plural = "Specimens",
    .home = satchel_type_get_home (self->specimen),
    .rights = satchel_type_get_rights (self->specimen),
    .fields = satchel_type_get_field (self->specimen, 0),
    .n_fields = N_EARLIER_FIELDS,
  };

  return satchel_vocabulary_new_with (earlier);
}

static void
test_fields_gained (Fixture *self, gconstpointer data)
{
  SatchelTypeDeclaration declaration;
  g_autoptr (SatchelVocabulary) earlier = earlier_vocabulary_new (self, &declaration);
  g_autofree char *later_path = g_build_filename (self->folder, "later.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelRecord) shown = NULL;
  g_autofree char *found = NULL;
  Fixture then = *self;
  Page *page;

  then.vocabulary = earlier;
  then.replica = satchel_replica_open (later_path, earlier, SATCHEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  page = page_new (&then);
  page_put_text (page, "{\"id\":\"" SHIP "\",\"type\":\"specimen\",\"rev\":\"e.1\",\"title\":\"Tin of tea\","
                       "\"amount\":250,\"currency\":\"EUR\",\"labels\":[\"green\"],\"colour\":\"plaid\","
                       "\"measures\":{\"depth\":3},\"unheard_of\":true}");
  page_apply (page, 0);
  fixture_change (&then, SHIP, "pieces", "7", NULL);
  shown = fixture_get (&then, SHIP);
  g_assert_nonnull (strstr (satchel_record_get_extra (shown), "currency"));
  g_clear_pointer (&shown, satchel_record_unref);
  g_clear_object (&then.replica);

  /* The value that does not fit its field now stays where it was. */
  then.vocabulary = self->vocabulary;
  then.replica = satchel_replica_open (later_path, self->vocabulary, SATCHEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  shown = fixture_get (&then, SHIP);
  g_assert_cmpstr (satchel_record_get_text (shown, "currency"), ==, "EUR");
  g_assert_cmpint (satchel_record_get_integer (shown, "amount"), ==, 250);
  g_assert_cmpint (satchel_record_get_integer (shown, "pieces"), ==, 7);
  g_assert_cmpstr (satchel_record_get_text (shown, "measures"), ==, "{\"depth\":3}");
  g_assert_cmpstr (satchel_record_get_extra (shown), ==, "{\"colour\":\"plaid\",\"unheard_of\":true}");
  g_assert_true (satchel_record_get_pending (shown));
  found = search (&then, "green");
  g_assert_cmpstr (found, ==, "Tin of tea");
  g_clear_object (&then.replica);

  /* The earlier version keeps away from it. */
  g_assert_null (satchel_replica_open (later_path, earlier, SATCHEL_OPEN_DEFAULT, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NEWER);
}

static void
test_fixture (const char *version, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/migration/version-%s", version);
  g_autofree char *grown = g_strdup_printf ("/migration/version-%s-grown", version);

  g_test_add (path, Fixture, name, fixture_set_up, test_version, fixture_tear_down);
  g_test_add (grown, Fixture, name, fixture_set_up, test_version_grown, fixture_tear_down);
}

int
main (int argc, char *argv[])
{
  if (argc == 3 && strcmp (argv[1], "--make") == 0)
    return make (argv[2]);

  g_test_init (&argc, &argv, NULL);

  test_fixture ("1", "replica-v1.sql");
  test_fixture ("2", "replica-v2.sql");
  REPLICA_TEST ("/migration/made-now", test_made_now);
  REPLICA_TEST ("/migration/fields-gained", test_fields_gained);

  return g_test_run ();
}
