/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-application.h"

#include <glib/gi18n.h>

#include "satchel-config.h"
#include "satchel-window.h"

struct _SatchelApplication
{
  AdwApplication parent_instance;

  char *replica_path;
  char *page;
  char *uri;
  gboolean opening;
  SatchelServices *services;
};

G_DEFINE_FINAL_TYPE (SatchelApplication, satchel_application, ADW_TYPE_APPLICATION)

static const struct
{
  const char *action;
  const char *accels[3];
} shortcuts[] = {
  { "win.search",      { "<Control>f" }        },
  { "win.new",         { "<Control>n" }        },
  { "win.sync",        { "F5" }                },
  { "win.back",        { "<Alt>Left" }         },
  { "win.preferences", { "<Control>comma" }    },
  { "win.shortcuts",   { "<Control>question" } },
  { "window.close",    { "<Control>w" }        },
  { "app.quit",        { "<Control>q" }        },
};

static SatchelWindow *
ensure_window (SatchelApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  return window != NULL ? SATCHEL_WINDOW (window) : satchel_window_new (GTK_APPLICATION (self));
}

/* ---- Opening the replica ---- */

static gpointer
open_replica (gpointer data, GError **error)
{
  const char *path = data;
  g_autofree char *folder = g_path_get_dirname (path);

  g_mkdir_with_parents (folder, 0700);
  return satchel_replica_open (path, satchel_vocabulary_get_default (), SATCHEL_OPEN_SET_ASIDE, error);
}

static DexFuture *
open_fiber (gpointer data)
{
  SatchelApplication *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelReplica) replica = NULL;
  g_autoptr (SatchelSession) session = NULL;
  SatchelWindow *window;

  replica = satchel_await (satchel_run_in_thread (open_replica, g_strdup (self->replica_path), g_free, g_object_unref),
                           &error);
  window = ensure_window (self);
  if (replica == NULL)
    {
      satchel_window_show_failure (window, _ ("Your accounts cannot be opened"), error->message);
      return NULL;
    }
  session = satchel_session_new (replica);
  self->services = satchel_services_new (replica, session);
  satchel_window_set_services (window, self->services);
  satchel_session_start (session);
  return NULL;
}

static void
satchel_application_activate (GApplication *application)
{
  SatchelApplication *self = SATCHEL_APPLICATION (application);
  SatchelWindow *window = ensure_window (self);

  if (!self->opening)
    {
      self->opening = TRUE;
      satchel_services_spawn (open_fiber, g_object_ref (self), g_object_unref);
    }
  gtk_window_present (GTK_WINDOW (window));
}

static char *
find_replica_path (void)
{
  const char *from_environment = g_getenv ("SATCHEL_REPLICA");

  if (from_environment != NULL && *from_environment != '\0')
    return g_strdup (from_environment);
  return g_build_filename (g_get_user_data_dir (), "satchel", "replica.db", NULL);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_application_quit (data);
}

static const GActionEntry entries[] = {
  { "quit", quit_action },
};

static void
satchel_application_startup (GApplication *application)
{
  SatchelApplication *self = SATCHEL_APPLICATION (application);

  G_APPLICATION_CLASS (satchel_application_parent_class)->startup (application);

  dex_init ();
  satchel_replica_forbid_queries ();
  if (self->replica_path == NULL)
    self->replica_path = find_replica_path ();
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), shortcuts[i].action, shortcuts[i].accels);
}

static void
satchel_application_finalize (GObject *object)
{
  SatchelApplication *self = SATCHEL_APPLICATION (object);

  g_clear_object (&self->services);
  g_free (self->replica_path);
  g_free (self->page);
  g_free (self->uri);
  G_OBJECT_CLASS (satchel_application_parent_class)->finalize (object);
}

static void
satchel_application_class_init (SatchelApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = satchel_application_finalize;
  application_class->activate = satchel_application_activate;
  application_class->startup = satchel_application_startup;
}

static void
satchel_application_init (SatchelApplication *self)
{
}

SatchelApplication *
satchel_application_new (void)
{
  return g_object_new (SATCHEL_TYPE_APPLICATION, "application-id", SATCHEL_APPLICATION_ID, "resource-base-path",
                       "/org/satchelcrm/Satchel", NULL);
}
