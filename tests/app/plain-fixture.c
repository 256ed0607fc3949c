/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "plain-fixture.h"

#include <glib/gstdio.h>

#include "app-fixture.h"
#include "records/satchel-id.h"
#include "test-vocabulary.h"

/* ---- Elsewhere: the replica may not be asked on the UI thread ---- */

typedef struct
{
  PlainFixture *fixture;
  gpointer (*work) (PlainFixture *fixture, gpointer data);
  gpointer data;
} Job;

static gpointer
run_job (gpointer data)
{
  Job *job = data;

  return job->work (job->fixture, job->data);
}

static gpointer
run_elsewhere (PlainFixture *self, gpointer (*work) (PlainFixture *fixture, gpointer data), gpointer data)
{
  Job job = { self, work, data };

  return g_thread_join (g_thread_new ("elsewhere", run_job, &job));
}

static gpointer
open_replica (PlainFixture *self, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->folder, "replica.db", NULL);
  SatchelReplica *replica = satchel_replica_open (path, self->vocabulary, SATCHEL_OPEN_DEFAULT, &error);

  g_assert_no_error (error);
  return replica;
}

static gpointer
commit (PlainFixture *self, gpointer data)
{
  g_autoptr (GError) error = NULL;

  satchel_replica_commit (self->replica, data, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

static gpointer
get (PlainFixture *self, gpointer data)
{
  return satchel_replica_get (self->replica, data, NULL);
}

static gpointer
count (PlainFixture *self, gpointer data)
{
  guint64 n_records = 0;

  g_assert_true (satchel_replica_count (self->replica, data, &n_records, NULL));
  return GUINT_TO_POINTER ((guint) n_records);
}

static gpointer
list_groups (PlainFixture *self, gpointer data)
{
  return satchel_replica_list_pending (self->replica, NULL);
}

/* ---- The fixture ---- */

static void
changed_cb (PlainFixture *self)
{
  self->n_changes++;
}

void
plain_fixture_set_up (PlainFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("satchel-plain-XXXXXX", &error);
  g_assert_no_error (error);
  self->vocabulary = satchel_test_vocabulary_new ();
  self->replica = run_elsewhere (self, open_replica, NULL);
  self->services = satchel_services_new (self->replica, NULL);
  g_signal_connect_swapped (self->replica, "changed", G_CALLBACK (changed_cb), self);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        remove_folder (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

static gboolean
is_decided (gpointer data)
{
  return !dex_future_is_pending (data);
}

void
plain_fixture_tear_down (PlainFixture *self, gconstpointer data)
{
  g_autoptr (DexFuture) closed = NULL;

  plain_fixture_settle (self);
  if (self->window != NULL)
    {
      gtk_window_destroy (self->window);
      g_assert_finalize_object (self->window);
    }
  g_signal_handlers_disconnect_by_data (self->replica, self);
  closed = satchel_services_close (self->services);
  app_wait_until (is_decided, closed);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (self->services);
  g_clear_object (&self->replica);
  g_clear_pointer (&self->vocabulary, satchel_vocabulary_free);
  remove_folder (self->folder);
  g_free (self->folder);
}

/* ---- Records ---- */

static gboolean
is_announced (gpointer data)
{
  return ((PlainFixture *) data)->n_changes > 0;
}

static void
commit_elsewhere (PlainFixture *self, SatchelEdit *edit)
{
  self->n_changes = 0;
  run_elsewhere (self, commit, edit);
  app_wait_until (is_announced, self);
}

static void
set_values (SatchelRecord *record, va_list arguments)
{
  const char *field;

  while ((field = va_arg (arguments, const char *)) != NULL)
    {
      g_autoptr (GError) error = NULL;

      satchel_record_set_from_text (record, field, va_arg (arguments, const char *), &error);
      g_assert_no_error (error);
    }
}

static SatchelRecord *
make_record (PlainFixture *self, const char *type)
{
  g_autofree char *id = satchel_id_new ();

  return satchel_record_new (satchel_vocabulary_lookup (self->vocabulary, type), id);
}

SatchelRecord *
plain_fixture_make (PlainFixture *self, const char *type, ...)
{
  SatchelRecord *record = make_record (self, type);
  va_list arguments;

  va_start (arguments, type);
  set_values (record, arguments);
  va_end (arguments);
  return record;
}

char *
plain_fixture_add (PlainFixture *self, const char *type, ...)
{
  g_autoptr (SatchelRecord) record = make_record (self, type);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  va_list arguments;

  va_start (arguments, type);
  set_values (record, arguments);
  va_end (arguments);
  satchel_edit_create (edit, record);
  commit_elsewhere (self, edit);
  return g_strdup (satchel_record_get_id (record));
}

void
plain_fixture_add_many (PlainFixture *self, const char *type, const char *field, const char *const *texts)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_autoptr (SatchelRecord) record = make_record (self, type);

      g_assert_true (satchel_record_set_from_text (record, field, texts[i], NULL));
      satchel_edit_create (edit, record);
    }
  commit_elsewhere (self, edit);
}

void
plain_fixture_change (PlainFixture *self, const char *id, const char *field, const char *text)
{
  g_autoptr (SatchelRecord) record = plain_fixture_get (self, id);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (GError) error = NULL;

  satchel_edit_set_field (edit, record, field, text, &error);
  g_assert_no_error (error);
  commit_elsewhere (self, edit);
}

void
plain_fixture_delete (PlainFixture *self, const char *id)
{
  g_autoptr (SatchelRecord) record = plain_fixture_get (self, id);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  satchel_edit_delete (edit, record);
  commit_elsewhere (self, edit);
}

SatchelRecord *
plain_fixture_get (PlainFixture *self, const char *id)
{
  return run_elsewhere (self, get, (gpointer) id);
}

char *
plain_fixture_dup_text (PlainFixture *self, const char *id, const char *field)
{
  g_autoptr (SatchelRecord) record = plain_fixture_get (self, id);

  return g_strdup (satchel_record_get_text (record, field));
}

guint
plain_fixture_count (PlainFixture *self, const char *type)
{
  g_autoptr (SatchelQuery) query = satchel_query_new (satchel_vocabulary_lookup (self->vocabulary, type));

  return GPOINTER_TO_UINT (run_elsewhere (self, count, query));
}

GPtrArray *
plain_fixture_list_groups (PlainFixture *self)
{
  return run_elsewhere (self, list_groups, NULL);
}

/* ---- Widgets ---- */

static gboolean
is_quiet (gpointer data)
{
  return !satchel_services_get_busy (data);
}

/* Twice: what is answered may ask for more. */
void
plain_fixture_settle (PlainFixture *self)
{
  for (guint i = 0; i < 2; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      app_wait_until (is_quiet, self->services);
    }
}

static gboolean
is_mapped (gpointer data)
{
  return gtk_widget_get_mapped (data) && gtk_widget_get_width (data) > 0;
}

void
plain_fixture_show (PlainFixture *self, GtkWidget *widget, int width, int height)
{
  self->window = g_object_ref (GTK_WINDOW (adw_window_new ()));
  gtk_window_set_default_size (self->window, width, height);
  adw_window_set_content (ADW_WINDOW (self->window), widget);
  gtk_window_present (self->window);
  app_wait_until (is_mapped, widget);
  plain_fixture_settle (self);
}
