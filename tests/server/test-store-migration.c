/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Stores that earlier versions of the server left, see fixtures/make-store, and one that a later version did. */

#include "satchel-config.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <sqlite3.h>
#include <string.h>

#include "server-fixture.h"
#include "test-vocabulary.h"

/* ---- A store that is there ------------------------------------------------------------------------ */

static char *
get_path (Fixture *self)
{
  return g_build_filename (self->folder, "satchel.db", NULL);
}

static void
run_sql (Fixture *self, const char *sql)
{
  g_autofree char *path = get_path (self);
  sqlite3 *database = NULL;
  char *problem = NULL;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  sqlite3_exec (database, sql, NULL, NULL, &problem);
  g_assert_cmpstr (problem, ==, NULL);
  sqlite3_close (database);
}

static void
load (Fixture *self, const char *name)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "server", "fixtures", name, NULL);
  g_autofree char *sql = NULL;
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("satchel-server-XXXXXX", &error);
  g_assert_no_error (error);
  self->vocabulary = satchel_test_vocabulary_new ();
  g_file_get_contents (file, &sql, NULL, &error);
  g_assert_no_error (error);
  run_sql (self, sql);
}

static SatchelStore *
open_store (Fixture *self, GError **error)
{
  g_autofree char *path = get_path (self);
  g_autofree char *database = g_strconcat ("sqlite:", path, NULL);

  return satchel_store_open (database, SATCHEL_STORE_OPEN, error);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (sodium_init (), >=, 0);
  load (self, data);
  self->store = open_store (self, &error);
  g_assert_no_error (error);
  fixture_reopen (self);
}

/* ---- Earlier versions ----------------------------------------------------------------------------- */

static char *
find_account (Device *device, const char *name)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, device->records);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (g_strcmp0 (device_get (device, id, "type"), "account") == 0 &&
        g_strcmp0 (device_get (device, id, "name"), name) == 0)
      return g_strdup (id);

  return NULL;
}

static void
assert_whole (Fixture *self)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  satchel_store_check (self->writer, problems, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (problems->len, ==, 0);
}

/* What was there is served, in the bin and in conflicts too, and a device that was known sends its next group. */
static void
test_serves (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) phone = device_resume (self, "phone");
  g_autofree char *alfreds = NULL;
  g_autofree char *bolido = NULL;
  g_autofree char *moved = NULL;
  g_autofree char *conflict = NULL;

  assert_whole (self);
  g_assert_cmpint (phone->n, >, 5);
  device_sync (phone);
  alfreds = find_account (phone, "Alfreds Futterkiste");
  bolido = find_account (phone, "Bolido Comidas");
  moved = find_account (phone, "Centro Moctezuma");
  g_assert_cmpstr (device_get (phone, alfreds, "phone"), ==, "030-1");
  g_assert_cmpstr (device_get (phone, alfreds, "website"), ==, "https://alfreds.example");
  g_assert_nonnull (device_get (phone, bolido, "deleted_at"));
  conflict = device_find_conflict (phone, alfreds, "phone");
  g_assert_cmpuint (device_count_values (phone, conflict), ==, 1);

  g_assert_cmpstr (device_push (phone, FALSE,
                                "[{'type':'account','id':'%s','kind':'patch','units':{'phone':{'base':'%s','value':"
                                "{'phone':'030-3'}}}},{'type':'account','id':'%s','kind':'patch','units':{'website':{"
                                "'base':'%s','value':{'website':'https://moved.example'}}}}]",
                                alfreds, device_rev (phone, alfreds), moved, device_rev (phone, moved)),
                   ==, "applied");
  device_sync (phone);
  g_assert_false (phone->forked);
  g_assert_cmpstr (device_get (phone, alfreds, "phone"), ==, "030-3");
  g_assert_cmpstr (device_get (phone, moved, "website"), ==, "https://moved.example");
  assert_whole (self);
}

/* A group that was decided then has its outcome. */
static void
test_outcomes (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) phone = device_resume (self, "phone");
  g_autoptr (GError) error = NULL;

  satchel_store_begin (self->reader, &error);
  for (gint64 n = 1; n <= phone->n; n++)
    {
      g_autoptr (SatchelStoredGroup) group = NULL;

      satchel_store_load_group (self->reader, phone->id, n, &group, &error);
      g_assert_no_error (error);
      g_assert_nonnull (group);
      g_assert_nonnull (strstr (group->outcome, "\"result\""));
    }
  satchel_store_rollback (self->reader);
}

static void
test_rights (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) laptop = device_resume (self, "laptop");
  g_autoptr (Device) office = device_resume (self, "office");
  g_autoptr (GError) error = NULL;

  g_assert_false (device_pull_once (laptop, &error));
  g_assert_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_DISABLED);
  device_sync (office);
  g_assert_cmpuint (g_hash_table_size (office->records), >, 8);
}

/* ---- A later version ------------------------------------------------------------------------------ */

static void
set_up_newer (Fixture *self, gconstpointer data)
{
  load (self, data);
  run_sql (self, "CREATE TABLE news (one); PRAGMA user_version = 1000");
}

static GBytes *
read_file (Fixture *self)
{
  g_autofree char *path = get_path (self);
  char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));

  return g_bytes_new_take (content, length);
}

static void
test_newer (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) before = read_file (self);
  g_autoptr (GBytes) after = NULL;
  g_autofree char *path = get_path (self);
  g_autoptr (GError) error = NULL;

  g_assert_null (open_store (self, &error));
  g_assert_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_NEWER);
  after = read_file (self);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_rmdir (self->folder));
  g_clear_pointer (&self->folder, g_free);
  satchel_vocabulary_free (self->vocabulary);
}

#define EARLIER(name, function) \
  g_test_add ("/server/migration/1/" name, Fixture, "store-v1.sql", set_up, function, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  EARLIER ("serves", test_serves);
  EARLIER ("outcomes", test_outcomes);
  EARLIER ("rights", test_rights);
  g_test_add ("/server/migration/newer", Fixture, "store-v1.sql", set_up_newer, test_newer, NULL);

  return g_test_run ();
}
