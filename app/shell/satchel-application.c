/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-application.h"

#include <glib/gi18n.h>

#include "samples/satchel-samples.h"
#include "satchel-config.h"
#include "satchel-options.h"
#include "satchel-screenshot.h"
#include "satchel-settings.h"
#include "satchel-shortcuts.h"
#include "satchel-sign-out.h"
#include "satchel-window.h"

/* How long a window waits to be shown with its accounts in it. */
#define PATIENCE_MS 500

/* Pictures narrower than this are of a phone. */
#define PHONE_WIDTH 620

struct _SatchelApplication
{
  AdwApplication parent_instance;

  SatchelOptions options;
  int exit_status;

  GSettings *settings;
  SatchelWindow *window;
  SatchelServices *services;
  gboolean opened;
  guint patience;
};

G_DEFINE_FINAL_TYPE (SatchelApplication, satchel_application, ADW_TYPE_APPLICATION)

/* ---- The command line ---- */

/* An instance with a file of its own, or one that only takes a picture, has nothing to do with the one that runs. */
static int
satchel_application_handle_local_options (GApplication *application, GVariantDict *dict)
{
  SatchelApplication *self = SATCHEL_APPLICATION (application);
  g_autoptr (GError) error = NULL;

  if (!satchel_options_check (&self->options, &error))
    {
      g_printerr ("satchel: %s\n", error->message);
      return 2;
    }
  if (self->options.replica != NULL || self->options.screenshot != NULL)
    g_application_set_flags (application, g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  if (!g_application_register (application, NULL, &error))
    {
      g_printerr ("satchel: %s\n", error->message);
      return 1;
    }
  if (g_application_get_is_remote (application) && self->options.page != NULL)
    g_action_group_activate_action (G_ACTION_GROUP (application), "place", g_variant_new_string (self->options.page));
  return -1;
}

static char *
dup_replica_path (SatchelApplication *self)
{
  const char *from_environment = g_getenv ("SATCHEL_REPLICA");

  if (self->options.replica != NULL)
    return g_strdup (self->options.replica);
  if (from_environment != NULL && *from_environment != '\0')
    return g_strdup (from_environment);
  return g_build_filename (g_get_user_data_dir (), "satchel", "replica.db", NULL);
}

/* ---- Opening ---- */

typedef struct
{
  SatchelApplication *application;
  char *path;
  gboolean demo;
} Opening;

static void
opening_free (Opening *opening)
{
  g_application_release (G_APPLICATION (opening->application));
  g_object_unref (opening->application);
  g_free (opening->path);
  g_free (opening);
}

static gpointer
open_replica (gpointer data, GError **error)
{
  Opening *opening = data;
  g_autofree char *folder = g_path_get_dirname (opening->path);
  g_autoptr (SatchelReplica) replica = NULL;

  g_mkdir_with_parents (folder, 0700);
  replica = satchel_replica_open (opening->path, satchel_vocabulary_get_default (), SATCHEL_OPEN_SET_ASIDE, error);
  if (replica != NULL && opening->demo && !satchel_samples_fill (replica, error))
    g_clear_object (&replica);
  return g_steal_pointer (&replica);
}

/* The pages of the new services have taken the place of those of the old ones. */
static void
retire_services (SatchelServices *services)
{
  dex_future_disown (satchel_services_close (services));
  g_object_unref (services);
}

static void
start_services (SatchelApplication *self, SatchelReplica *replica, gboolean demo)
{
  SatchelServices *earlier = g_steal_pointer (&self->services);
  g_autoptr (SatchelSession) session = NULL;

  if (!demo && self->options.screenshot == NULL)
    session = satchel_session_new (replica);
  self->services = satchel_services_new (replica, session);
  satchel_window_set_services (self->window, self->services);
  g_clear_pointer (&earlier, retire_services);
  if (session != NULL)
    satchel_session_start (session);
}

static void
take_picture (SatchelApplication *self)
{
  g_autoptr (GError) error = NULL;

  gtk_window_present (GTK_WINDOW (self->window));
  if (!dex_await (satchel_window_settle (self->window), &error) ||
      !satchel_window_shoot (self->window, self->options.screenshot, &error))
    {
      g_printerr ("satchel: %s\n", error->message);
      self->exit_status = 1;
    }
  g_application_quit (G_APPLICATION (self));
}

static void
present (gpointer data)
{
  SatchelApplication *self = data;

  g_clear_handle_id (&self->patience, g_source_remove);
  if (self->window != NULL)
    gtk_window_present (GTK_WINDOW (self->window));
}

/* A window that comes up with its accounts in it looks faster than one that fills. */
static void
present_when_ready (SatchelApplication *self)
{
  if (self->services != NULL)
    dex_await (satchel_services_idle (self->services), NULL);
  present (self);
}

/* On the screen for a person, on standard error for whoever takes pictures. */
static void
fail (SatchelApplication *self, const GError *error)
{
  satchel_window_show_failure (self->window, error);
  if (self->options.screenshot != NULL)
    {
      g_printerr ("satchel: %s\n", error->message);
      self->exit_status = 1;
    }
}

static DexFuture *
open_fiber (gpointer data)
{
  Opening *opening = data;
  SatchelApplication *self = opening->application;
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelReplica) replica = NULL;

  replica = satchel_await (satchel_run_in_thread (open_replica, opening, NULL, g_object_unref), &error);
  if (self->window == NULL)
    return NULL;
  if (replica != NULL)
    start_services (self, replica, opening->demo);
  else
    fail (self, error);
  if (self->options.screenshot != NULL)
    take_picture (self);
  else
    present_when_ready (self);
  return NULL;
}

/* Fibers answer on the UI thread, so the job outlives its thread. */
static void
open_path (SatchelApplication *self, const char *path, gboolean demo)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->application = g_object_ref (self);
  opening->path = g_strdup (path);
  opening->demo = demo;
  g_application_hold (G_APPLICATION (self));
  satchel_services_spawn (open_fiber, opening, (GDestroyNotify) opening_free);
}

static void
open_own (SatchelApplication *self)
{
  g_autofree char *path = dup_replica_path (self);

  open_path (self, path, FALSE);
}

/* ---- The window ---- */

static void
window_gone_cb (gpointer data, GObject *window)
{
  SATCHEL_APPLICATION (data)->window = NULL;
}

static void
patience_cb (gpointer data)
{
  SATCHEL_APPLICATION (data)->patience = 0;
  present (data);
}

static void
size_window (SatchelApplication *self)
{
  int width, height;

  satchel_settings_restore_window (self->options.screenshot == NULL ? self->settings : NULL, GTK_WINDOW (self->window));
  gtk_window_get_default_size (GTK_WINDOW (self->window), &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (self->window), self->options.width > 0 ? self->options.width : width,
                               self->options.height > 0 ? self->options.height : height);
  if (self->options.screenshot != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->window), "picture");
}

static void
ensure_window (SatchelApplication *self)
{
  if (self->window == NULL)
    {
      self->window = satchel_window_new (GTK_APPLICATION (self));
      g_object_weak_ref (G_OBJECT (self->window), window_gone_cb, self);
      size_window (self);
    }
  if (!self->opened)
    {
      self->opened = TRUE;
      open_own (self);
    }
}

static void
satchel_application_activate (GApplication *application)
{
  SatchelApplication *self = SATCHEL_APPLICATION (application);
  gboolean is_new = self->window == NULL;

  ensure_window (self);
  if (is_new && self->options.page != NULL)
    satchel_window_show_place (self->window, self->options.page);
  if (self->options.screenshot != NULL)
    return;
  if (!is_new)
    present (self);
  else
    self->patience = g_timeout_add_once (PATIENCE_MS, patience_cb, self);
}

static void
follow_uri (SatchelApplication *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelUri) uri = satchel_uri_parse (text, &error);

  if (uri == NULL)
    satchel_window_show_message (self->window, error->message);
  else if (uri->server != NULL)
    satchel_window_connect_to_team (self->window, uri->server, uri->user);
  else
    satchel_window_open_record (self->window, uri->type, uri->id);
}

static void
satchel_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  SatchelApplication *self = SATCHEL_APPLICATION (application);

  g_application_activate (application);
  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      follow_uri (self, uri);
    }
}

/* ---- Actions ---- */

static void
demo_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelApplication *self = data;
  g_autofree char *own = dup_replica_path (self);
  g_autofree char *folder = g_path_get_dirname (own);
  g_autofree char *path = g_build_filename (folder, "demo.db", NULL);

  g_application_activate (G_APPLICATION (self));
  open_path (self, path, TRUE);
}

static void
leave_demo_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelApplication *self = data;

  if (self->services != NULL && satchel_services_get_session (self->services) == NULL)
    open_own (self);
}

static DexFuture *
sign_out_fiber (gpointer data)
{
  SatchelApplication *self = data;

  if (dex_await_boolean (satchel_sign_out (GTK_WIDGET (self->window), self->services), NULL) && self->window != NULL)
    open_own (self);
  return NULL;
}

static void
sign_out_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelApplication *self = data;

  if (self->window != NULL && self->services != NULL)
    satchel_services_spawn (sign_out_fiber, g_object_ref (self), g_object_unref);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelApplication *self = data;

  if (self->window != NULL)
    satchel_window_put_away (self->window);
  g_application_quit (G_APPLICATION (self));
}

static const GActionEntry entries[] = {
  { "demo",       demo_action       },
  { "leave-demo", leave_demo_action },
  { "sign-out",   sign_out_action   },
  { "quit",       quit_action       },
};

static void
forward_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelApplication *self = data;

  g_application_activate (G_APPLICATION (self));
  g_action_group_activate_action (G_ACTION_GROUP (self->window), g_action_get_name (G_ACTION (action)), parameter);
}

/* What the window can do, the application can be asked for from outside. */
static void
add_forwarding_actions (SatchelApplication *self)
{
  gsize n_entries;
  const GActionEntry *window_entries = satchel_window_get_action_entries (&n_entries);

  for (gsize i = 0; i < n_entries; i++)
    {
      GActionEntry entry = { window_entries[i].name, forward_action, window_entries[i].parameter_type };

      g_action_map_add_action_entries (G_ACTION_MAP (self), &entry, 1, self);
    }
}

/* ---- Object ---- */

static void
satchel_application_startup (GApplication *application)
{
  SatchelApplication *self = SATCHEL_APPLICATION (application);

  G_APPLICATION_CLASS (satchel_application_parent_class)->startup (application);

  dex_init ();
  satchel_replica_forbid_queries ();
  self->settings = satchel_settings_new ();
  satchel_settings_follow_style (self->settings);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  add_forwarding_actions (self);
  satchel_shortcuts_install (GTK_APPLICATION (self));
  if (self->options.screenshot != NULL)
    satchel_screenshot_prepare (self->options.width > 0 && self->options.width < PHONE_WIDTH, self->options.dark);
}

/* Nothing that was typed stays behind: what is being written down is waited for. */
static void
satchel_application_shutdown (GApplication *application)
{
  SatchelApplication *self = SATCHEL_APPLICATION (application);

  g_clear_handle_id (&self->patience, g_source_remove);
  if (self->services != NULL)
    {
      g_autoptr (DexFuture) closed = satchel_services_close (self->services);

      while (dex_future_is_pending (closed))
        g_main_context_iteration (NULL, TRUE);
      g_clear_object (&self->services);
    }
  g_clear_object (&self->settings);
  G_APPLICATION_CLASS (satchel_application_parent_class)->shutdown (application);
}

static void
satchel_application_finalize (GObject *object)
{
  satchel_options_clear (&SATCHEL_APPLICATION (object)->options);
  G_OBJECT_CLASS (satchel_application_parent_class)->finalize (object);
}

static void
satchel_application_class_init (SatchelApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = satchel_application_finalize;
  application_class->activate = satchel_application_activate;
  application_class->handle_local_options = satchel_application_handle_local_options;
  application_class->open = satchel_application_open;
  application_class->shutdown = satchel_application_shutdown;
  application_class->startup = satchel_application_startup;
}

static void
satchel_application_init (SatchelApplication *self)
{
  satchel_options_add (&self->options, G_APPLICATION (self));
}

SatchelApplication *
satchel_application_new (void)
{
  return g_object_new (SATCHEL_TYPE_APPLICATION, "application-id", SATCHEL_APPLICATION_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/org/satchelcrm/Satchel", NULL);
}

/**
 * satchel_application_get_exit_status:
 * @self: an application that has run
 *
 * Returns: 0, or 1 when a picture could not be taken
 */
int
satchel_application_get_exit_status (SatchelApplication *self)
{
  g_return_val_if_fail (SATCHEL_IS_APPLICATION (self), 1);
  return self->exit_status;
}
