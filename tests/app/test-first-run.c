/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person meets first: the greeting, and the demo. */

#include "app-fixture.h"
#include "records/satchel-error.h"
#include "samples/satchel-samples.h"
#include "shell/satchel-first-run.h"

static gpointer
open_empty (gpointer data)
{
  return satchel_replica_open (data, satchel_vocabulary_get_default (), SATCHEL_OPEN_DEFAULT, NULL);
}

/* The fixture's window on another replica, which has nothing in it. */
static SatchelServices *
show_empty (AppFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "empty.db", NULL);
  g_autoptr (SatchelReplica) replica = g_thread_join (g_thread_new ("open", open_empty, path));
  SatchelServices *services = satchel_services_new (replica, NULL);

  satchel_window_set_services (fixture->window, services);
  return services;
}

static gboolean
is_decided (gpointer data)
{
  return !dex_future_is_pending (data);
}

static void
close_services (SatchelServices *services)
{
  g_autoptr (DexFuture) closed = satchel_services_close (services);

  app_wait_until (is_decided, closed);
  g_object_unref (services);
}

static void
test_greets_where_there_is_nothing (AppFixture *fixture, gconstpointer data)
{
  SatchelServices *services = show_empty (fixture);

  app_fixture_show (fixture, 360, 720);
  g_assert_nonnull (find_of_type (GTK_WIDGET (fixture->window), SATCHEL_TYPE_FIRST_RUN));
  g_assert_nonnull (find_label (GTK_WIDGET (fixture->window), "Welcome to Satchel"));
  satchel_window_set_services (fixture->window, fixture->services);
  close_services (services);
}

static gboolean
is_row_with_text (GtkWidget *widget, gpointer data)
{
  return ADW_IS_ENTRY_ROW (widget) && g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (widget)), data) == 0;
}

static void
test_an_invitation_fills_the_form (AppFixture *fixture, gconstpointer data)
{
  SatchelServices *services = show_empty (fixture);

  satchel_window_connect_to_team (fixture->window, "https://crm.example", "nancy");
  app_fixture_show (fixture, 360, 720);
  g_assert_nonnull (find_label (GTK_WIDGET (fixture->window), "Connect to your team"));
  g_assert_nonnull (find_widget (GTK_WIDGET (fixture->window), is_row_with_text, (gpointer) "https://crm.example"));
  g_assert_nonnull (find_widget (GTK_WIDGET (fixture->window), is_row_with_text, (gpointer) "nancy"));
  satchel_window_set_services (fixture->window, fixture->services);
  close_services (services);
}

static void
test_the_demo_has_nothing_to_send (AppFixture *fixture, gconstpointer data)
{
  const SatchelStatus *status;
  const SatchelType *account = satchel_services_get_record_type (fixture->services, "account");

  app_fixture_show (fixture, 1200, 800);
  status = satchel_services_get_status (fixture->services);
  g_assert_cmpuint (status->pending, ==, 0);
  g_assert_cmpuint (status->records[satchel_type_get_number (account)], ==, 91);
  g_assert_cmpstr (satchel_services_get_user_id (fixture->services), ==, SAMPLE_USER);
  g_assert_nonnull (find_label (GTK_WIDGET (fixture->window), "This is a demo."));
}

static gpointer
fill_again (SatchelReplica *replica, gpointer data)
{
  return GINT_TO_POINTER (satchel_samples_fill (replica, NULL));
}

static void
test_the_demo_is_filled_once (AppFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) account = NULL;

  app_fixture_commit_text (fixture, SAMPLE_ACCOUNT, "phone", "030 444");
  g_assert_true (GPOINTER_TO_INT (app_fixture_ask (fixture, fill_again, NULL)));
  account = app_fixture_get (fixture, SAMPLE_ACCOUNT);
  g_assert_cmpstr (satchel_record_get_text (account, "phone"), ==, "030 444");
}

static void
test_no_such_samples (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = satchel_samples_find ("atlantis", &error);

  g_assert_null (folder);
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND);
}

int
main (int argc, char *argv[])
{
  app_test_init (&argc, &argv);

  APP_TEST ("/first-run/greets-where-there-is-nothing", test_greets_where_there_is_nothing);
  APP_TEST ("/first-run/an-invitation-fills-the-form", test_an_invitation_fills_the_form);
  APP_TEST ("/first-run/the-demo-has-nothing-to-send", test_the_demo_has_nothing_to_send);
  APP_TEST ("/first-run/the-demo-is-filled-once", test_the_demo_is_filled_once);
  g_test_add_func ("/first-run/no-such-samples", test_no_such_samples);

  return g_test_run ();
}
