/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Connecting to a real server by typing and tapping, and leaving it again. */

#include <glib/gstdio.h>

#include "app-fixture.h"
#include "shell/satchel-connect-form.h"
#include "shell/satchel-first-run.h"
#include "shell/satchel-sign-out.h"

#define PASSWORD "a door, a bell, a smile"

/* ---- The server ---- */

typedef struct
{
  char *folder;
  char *url;
  GSubprocess *process;
} Server;

static void
run_server_command (Server *self, const char *first, ...)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  va_list list;

  g_ptr_array_add (arguments, (gpointer) g_getenv ("SATCHEL_SERVER"));
  va_start (list, first);
  for (const char *argument = first; argument != NULL; argument = va_arg (list, const char *))
    g_ptr_array_add (arguments, (gpointer) argument);
  va_end (list);
  g_ptr_array_add (arguments, (gpointer) "--data-dir");
  g_ptr_array_add (arguments, self->folder);
  g_ptr_array_add (arguments, NULL);
  process = g_subprocess_newv ((const char *const *) arguments->pdata, G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
}

static void
serve (Server *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *line = NULL;

  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                                    g_getenv ("SATCHEL_SERVER"), "serve", "--data-dir", self->folder, "--listen",
                                    "127.0.0.1:0", NULL);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  line = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  self->url = g_strdup (strrchr (line, ' ') + 1);
}

static void
server_start (Server *self, const char *parent)
{
  g_autofree char *password = g_build_filename (parent, "password", NULL);

  self->folder = g_build_filename (parent, "server", NULL);
  g_assert_true (g_file_set_contents (password, PASSWORD "\n", -1, NULL));
  run_server_command (self, "init", NULL);
  run_server_command (self, "certificate", "--host", "127.0.0.1", NULL);
  run_server_command (self, "import", "northwind", NULL);
  run_server_command (self, "user", "password", "nancy", "--password-file", password, NULL);
  serve (self);
}

static void
server_stop (Server *self)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
  g_free (self->url);
  g_free (self->folder);
}

/* ---- A window that is not connected, and a server ---- */

typedef struct
{
  char *folder;
  Server server;
  AppFixture app;
} Fixture;

static gpointer
open_empty (gpointer data)
{
  return satchel_replica_open (data, satchel_vocabulary_get_default (), SATCHEL_OPEN_DEFAULT, NULL);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (SatchelSession) session = NULL;

  self->folder = g_strdup (g_get_user_data_dir ());
  g_mkdir_with_parents (self->folder, 0700);
  server_start (&self->server, self->folder);
  path = g_build_filename (self->folder, "replica.db", NULL);
  self->app.replica = g_thread_join (g_thread_new ("open", open_empty, path));
  session = satchel_session_new (self->app.replica);
  self->app.services = satchel_services_new (self->app.replica, session);
  self->app.window = satchel_window_new (GTK_APPLICATION (g_application_get_default ()));
  satchel_window_set_services (self->app.window, self->app.services);
  satchel_session_start (session);
}

static gboolean
is_decided (gpointer data)
{
  return !dex_future_is_pending (data);
}

static void
remove_folder (const char *folder)
{
  const char *const arguments[] = { "rm", "-rf", folder, NULL };

  g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr (DexFuture) closed = satchel_services_close (self->app.services);

  app_wait_until (is_decided, closed);
  gtk_window_destroy (GTK_WINDOW (self->app.window));
  g_clear_object (&self->app.services);
  g_clear_object (&self->app.replica);
  server_stop (&self->server);
  remove_folder (self->folder);
  g_free (self->folder);
}

/* ---- What a person does ---- */

static GtkWidget *
find_form (Fixture *self)
{
  return find_of_type (GTK_WIDGET (self->app.window), SATCHEL_TYPE_CONNECT_FORM);
}

static gboolean
is_password_row (GtkWidget *widget, gpointer data)
{
  return ADW_IS_PASSWORD_ENTRY_ROW (widget);
}

static void
fill_form (Fixture *self, const char *password, gboolean with_certificate)
{
  g_autofree char *path = g_build_filename (self->server.folder, "tls", "ca.pem", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  satchel_window_connect_to_team (self->app.window, self->server.url, "nancy");
  app_fixture_show (&self->app, 360, 720);
  if (with_certificate)
    satchel_connect_form_set_certificate (SATCHEL_CONNECT_FORM (find_form (self)), file);
  gtk_editable_set_text (GTK_EDITABLE (find_widget (find_form (self), is_password_row, NULL)), password);
}

static gboolean
is_connect_button (GtkWidget *widget, gpointer data)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_has_css_class (widget, "suggested-action");
}

static void
tap_connect (Fixture *self)
{
  GtkWidget *button = find_widget (find_form (self), is_connect_button, NULL);

  g_assert_true (gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

static gboolean
is_asked (gpointer data)
{
  AdwDialog *dialog = adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (data));

  return ADW_IS_ALERT_DIALOG (dialog);
}

static void
answer (Fixture *self, const char *response)
{
  AdwDialog *dialog;

  app_wait_until (is_asked, self->app.window);
  dialog = adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (self->app.window));
  g_assert_true (adw_alert_dialog_has_response (ADW_ALERT_DIALOG (dialog), response));
  g_signal_emit_by_name (dialog, "response", response);
  adw_dialog_force_close (dialog);
}

static gboolean
has_accounts (gpointer data)
{
  const SatchelStatus *status = satchel_services_get_status (data);

  return status != NULL && status->server != NULL && !status->arriving && status->last_sync != NULL &&
         status->records[1] > 0;
}

static gboolean
is_trouble (GtkWidget *widget, gpointer data)
{
  return ADW_IS_BANNER (widget) && adw_banner_get_revealed (ADW_BANNER (widget));
}

static gboolean
is_in_trouble (gpointer data)
{
  return find_widget (GTK_WIDGET (data), is_trouble, NULL) != NULL;
}

static const char *
wait_for_trouble (Fixture *self)
{
  app_wait_until (is_in_trouble, find_form (self));
  return adw_banner_get_title (ADW_BANNER (find_widget (find_form (self), is_trouble, NULL)));
}

static void
assert_trouble_with (Fixture *self, const char *word)
{
  const char *trouble = wait_for_trouble (self);

  if (strstr (trouble, word) == NULL)
    g_error ("It says nothing of the %s: %s", word, trouble);
}

/* ---- Tests ---- */

static void
assert_token_is_private (Fixture *self)
{
  const SatchelStatus *status = satchel_services_get_status (self->app.services);
  g_autofree char *path = g_build_filename (self->folder, "satchel", "tokens", status->device_id, NULL);
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0600);
}

static void
test_connects (Fixture *fixture, gconstpointer data)
{
  fill_form (fixture, PASSWORD, TRUE);
  tap_connect (fixture);
  answer (fixture, "keep");
  app_wait_until (has_accounts, fixture->app.services);
  app_fixture_settle (&fixture->app);
  g_assert_null (find_of_type (GTK_WIDGET (fixture->app.window), SATCHEL_TYPE_FIRST_RUN));
  assert_token_is_private (fixture);
}

/* The link of an invitation, as it is printed: the second line. */
static char *
invite (Server *self)
{
  const char *address = strstr (self->url, "://") + strlen ("://");
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *printed = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                              g_getenv ("SATCHEL_SERVER"), "user", "invite", "nancy", "--data-dir", self->folder,
                              "--listen", address, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &printed, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (printed, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);

  return g_strdup (lines[1]);
}

/* A link is all that is typed. */
static void
test_connects_by_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = invite (&fixture->server);

  satchel_window_connect_to_team (fixture->app.window, link, NULL);
  app_fixture_show (&fixture->app, 360, 720);
  g_assert_null (find_widget (find_form (fixture), is_password_row, NULL)); /* only what is to be seen is found */
  tap_connect (fixture);
  answer (fixture, "keep");
  app_wait_until (has_accounts, fixture->app.services);
}

static void
connect_well (Fixture *fixture)
{
  fill_form (fixture, PASSWORD, TRUE);
  tap_connect (fixture);
  answer (fixture, "keep");
  app_wait_until (has_accounts, fixture->app.services);
  app_fixture_settle (&fixture->app);
}

static void
click (GtkWidget *button)
{
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

/* ---- What happened to a record ---- */

static gboolean
has_sent_everything (gpointer data)
{
  const SatchelStatus *status = satchel_services_get_status (data);

  return status->pending == 0;
}

static gboolean
is_restore_button (GtkWidget *widget, gpointer data)
{
  return GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_widget_get_tooltip_text (widget), "Restore this value") == 0;
}

static void
ask_for_history (Fixture *fixture)
{
  gtk_widget_activate_action (GTK_WIDGET (fixture->app.window), "win.history", "(ss)", "account", SAMPLE_ACCOUNT);
  app_fixture_settle (&fixture->app);
}

static void
change_phone (Fixture *fixture, const char *phone)
{
  app_fixture_commit_text (&fixture->app, SAMPLE_ACCOUNT, "phone", phone);
  app_fixture_settle (&fixture->app);
  app_wait_until (has_sent_everything, fixture->app.services);
}

static void
test_history (Fixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->app.window);
  g_autoptr (SatchelRecord) restored = NULL;

  connect_well (fixture);
  change_phone (fixture, "030 1");
  change_phone (fixture, "030 2");
  ask_for_history (fixture);
  g_assert_nonnull (find_label (window, "030 1 → 030 2\nYou, on this device · just now"));
  g_assert_nonnull (find_label (window, "030-0074321 → 030 1\nYou, on this device · just now"));

  /* The newest value is the one that is there: the first that can be brought back is the one before. */
  click (find_widget (window, is_restore_button, NULL));
  app_fixture_settle (&fixture->app);
  restored = app_fixture_get (&fixture->app, SAMPLE_ACCOUNT);
  g_assert_cmpstr (satchel_record_get_text (restored, "phone"), ==, "030 1");
  g_assert_nonnull (find_button (window, "Undo"));
}

static void
test_history_without_network (Fixture *fixture, gconstpointer data)
{
  connect_well (fixture);
  g_subprocess_force_exit (fixture->server.process);
  g_subprocess_wait (fixture->server.process, NULL, NULL);
  ask_for_history (fixture);
  g_assert_nonnull (find_label (GTK_WIDGET (fixture->app.window), "History needs a connection"));
  g_assert_nonnull (find_button (GTK_WIDGET (fixture->app.window), "Try again"));
}

/* ---- Comparing ---- */

static gboolean
is_equal_words (GtkWidget *widget, gpointer data)
{
  return GTK_IS_LABEL (widget) &&
         strstr (gtk_label_get_text (GTK_LABEL (widget)), "are as they are on the server.\njust now") != NULL;
}

static gboolean
says_equal (gpointer window)
{
  return find_widget (window, is_equal_words, NULL) != NULL;
}

/* The session listens all the while, and goes on afterwards. */
static void
test_compares (Fixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->app.window);

  connect_well (fixture);
  satchel_window_show_place (fixture->app.window, "sync");
  app_fixture_settle (&fixture->app);
  click (find_button (window, "Compare"));
  app_wait_until (says_equal, window);
  change_phone (fixture, "030 1");
}

static void
test_no_file_without_consent (Fixture *fixture, gconstpointer data)
{
  g_autofree char *tokens = g_build_filename (fixture->folder, "satchel", "tokens", NULL);

  fill_form (fixture, PASSWORD, TRUE);
  tap_connect (fixture);
  answer (fixture, "cancel");
  app_fixture_settle (&fixture->app);
  g_assert_nonnull (find_form (fixture));
  g_assert_false (g_file_test (tokens, G_FILE_TEST_EXISTS));
}

static void
test_wrong_password (Fixture *fixture, gconstpointer data)
{
  fill_form (fixture, "not it", TRUE);
  tap_connect (fixture);
  answer (fixture, "keep");
  assert_trouble_with (fixture, "password");
}

static void
test_unknown_certificate (Fixture *fixture, gconstpointer data)
{
  fill_form (fixture, PASSWORD, FALSE);
  tap_connect (fixture);
  answer (fixture, "keep");
  assert_trouble_with (fixture, "certificate");
}

static void
test_signs_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DexFuture) left = NULL;
  g_autofree char *device = NULL;
  g_autofree char *token = NULL;

  fill_form (fixture, PASSWORD, TRUE);
  tap_connect (fixture);
  answer (fixture, "keep");
  app_wait_until (has_accounts, fixture->app.services);
  device = g_strdup (satchel_services_get_status (fixture->app.services)->device_id);
  token = g_build_filename (fixture->folder, "satchel", "tokens", device, NULL);

  left = satchel_sign_out (GTK_WIDGET (fixture->app.window), fixture->app.services);
  answer (fixture, "sign-out");
  app_wait_until (is_decided, left);
  g_assert_true (dex_future_is_resolved (left));
  g_assert_false (g_file_test (token, G_FILE_TEST_EXISTS));
  app_fixture_settle (&fixture->app);
  g_assert_null (satchel_services_get_status (fixture->app.services)->server);
}

#define CONNECT_TEST(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_autofree char *parent = g_dir_make_tmp ("satchel-connect-XXXXXX", NULL);
  g_autofree char *home = g_build_filename (parent, "home", NULL);
  int result;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  app_test_init (&argc, &argv);

  CONNECT_TEST ("/connect/connects", test_connects);
  CONNECT_TEST ("/connect/connects-by-link", test_connects_by_link);
  CONNECT_TEST ("/connect/no-file-without-consent", test_no_file_without_consent);
  CONNECT_TEST ("/connect/wrong-password", test_wrong_password);
  CONNECT_TEST ("/connect/unknown-certificate", test_unknown_certificate);
  CONNECT_TEST ("/connect/signs-out", test_signs_out);
  CONNECT_TEST ("/connect/history", test_history);
  CONNECT_TEST ("/connect/history-without-network", test_history_without_network);
  CONNECT_TEST ("/connect/compares", test_compares);

  result = g_test_run ();
  g_rmdir (parent);
  return result;
}
