/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "app-fixture.h"

#include <glib/gstdio.h>

#include "records/satchel-value.h"
#include "samples/satchel-samples.h"
#include "shell/satchel-screenshot.h"

#define PATIENCE (60 * G_TIME_SPAN_SECOND)

/* ---- Waiting ---- */

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
app_wait_until (gboolean (*condition) (gpointer data), gpointer data)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  guint wake = g_timeout_add (50, wake_cb, NULL);

  while (!condition (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (wake);
}

static gboolean
is_decided (gpointer data)
{
  return !dex_future_is_pending (data);
}

void
app_fixture_settle (AppFixture *self)
{
  g_autoptr (DexFuture) settled = satchel_window_settle (self->window);

  app_wait_until (is_decided, settled);
  g_assert_true (dex_future_is_resolved (settled));
}

/* ---- The replica ---- */

typedef struct
{
  SatchelReplica *replica;
  gpointer (*question) (SatchelReplica *replica, gpointer data);
  gpointer data;
} Question;

static gpointer
answer (gpointer data)
{
  Question *question = data;

  return question->question (question->replica, question->data);
}

gpointer
app_fixture_ask (AppFixture *self, gpointer (*question) (SatchelReplica *replica, gpointer data), gpointer data)
{
  Question asked = { self->replica, question, data };

  return g_thread_join (g_thread_new ("question", answer, &asked));
}

static gpointer
get (SatchelReplica *replica, gpointer data)
{
  return satchel_replica_get (replica, data, NULL);
}

SatchelRecord *
app_fixture_get (AppFixture *self, const char *id)
{
  return app_fixture_ask (self, get, (gpointer) id);
}

static gpointer
land (SatchelReplica *replica, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelDelivery) delivery = satchel_delivery_new (replica);
  g_autoptr (JsonNode) node = satchel_json_parse (data, -1, 32, &error);
  SatchelDeliveryEnd end = { .cursor = "", .epoch = "demo" };
  SatchelDeliveryResult result;

  g_assert_no_error (error);
  satchel_delivery_add_put (delivery, json_node_get_object (node), &error);
  g_assert_no_error (error);
  satchel_delivery_apply (delivery, &end, &result, &error);
  g_assert_no_error (error);
  return NULL;
}

void
app_fixture_land (AppFixture *self, const char *json)
{
  app_fixture_ask (self, land, (gpointer) json);
}

typedef struct
{
  const char *id;
  const char *field;
  const char *text;
} Change;

static gpointer
commit_text (SatchelReplica *replica, gpointer data)
{
  Change *change = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelRecord) record = satchel_replica_get (replica, change->id, &error);

  g_assert_no_error (error);
  satchel_edit_set_field (edit, record, change->field, change->text, &error);
  g_assert_no_error (error);
  satchel_replica_commit (replica, edit, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

void
app_fixture_commit_text (AppFixture *self, const char *id, const char *field, const char *text)
{
  Change change = { id, field, text };

  app_fixture_ask (self, commit_text, &change);
}

/* ---- The fixture ---- */

static gpointer
open_sample (gpointer data)
{
  g_autoptr (GError) error = NULL;
  SatchelReplica *replica = satchel_replica_open (data, satchel_vocabulary_get_default (), SATCHEL_OPEN_DEFAULT,
                                                  &error);

  g_assert_no_error (error);
  satchel_samples_fill (replica, &error);
  g_assert_no_error (error);
  return replica;
}

/* The application never runs; it brings style and icons. */
void
app_test_init (int *argc, char ***argv)
{
  AdwApplication *application;

  g_test_init (argc, argv, NULL);
  dex_init ();
  satchel_replica_forbid_queries ();
  application = g_object_new (ADW_TYPE_APPLICATION, "flags", G_APPLICATION_NON_UNIQUE, "resource-base-path",
                              "/org/satchelcrm/Satchel", NULL);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  g_application_set_default (G_APPLICATION (application));
}

void
app_fixture_set_up (AppFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  self->folder = g_dir_make_tmp ("satchel-app-XXXXXX", &error);
  g_assert_no_error (error);
  path = g_build_filename (self->folder, "replica.db", NULL);
  self->replica = g_thread_join (g_thread_new ("open", open_sample, path));
  self->services = satchel_services_new (self->replica, NULL);
  self->window = g_object_ref (satchel_window_new (GTK_APPLICATION (g_application_get_default ())));
  satchel_window_set_services (self->window, self->services);
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

void
app_fixture_tear_down (AppFixture *self, gconstpointer data)
{
  g_autoptr (DexFuture) closed = NULL;

  gtk_window_destroy (GTK_WINDOW (self->window));
  closed = satchel_services_close (self->services);
  app_wait_until (is_decided, closed);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (self->window);
  g_clear_object (&self->services);
  g_clear_object (&self->replica);
  remove_folder (self->folder);
  g_free (self->folder);
}

void
app_fixture_show (AppFixture *self, int width, int height)
{
  gtk_widget_add_css_class (GTK_WIDGET (self->window), "picture");
  gtk_window_set_default_size (GTK_WINDOW (self->window), width, height);
  gtk_window_present (GTK_WINDOW (self->window));
  app_fixture_settle (self);
}

/* ---- Looking at widgets ---- */

GtkWidget *
find_widget (GtkWidget *root, WidgetMatch match, gpointer data)
{
  if (!gtk_widget_get_mapped (root))
    return NULL;
  if (match (root, data))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, match, data);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_of_type (GtkWidget *widget, gpointer data)
{
  return G_TYPE_CHECK_INSTANCE_TYPE (widget, GPOINTER_TO_SIZE (data));
}

GtkWidget *
find_of_type (GtkWidget *root, GType type)
{
  return find_widget (root, is_of_type, GSIZE_TO_POINTER (type));
}

static gboolean
is_button_with_label (GtkWidget *widget, gpointer data)
{
  return GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), data) == 0;
}

GtkWidget *
find_button (GtkWidget *root, const char *label)
{
  return find_widget (root, is_button_with_label, (gpointer) label);
}

static gboolean
is_label_with_text (GtkWidget *widget, gpointer data)
{
  return GTK_IS_LABEL (widget) && g_strcmp0 (gtk_label_get_text (GTK_LABEL (widget)), data) == 0;
}

GtkWidget *
find_label (GtkWidget *root, const char *text)
{
  return find_widget (root, is_label_with_text, (gpointer) text);
}
