/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every command of the window. The application forwards to them under the same names. */

#include "satchel-window-private.h"

#include <glib/gi18n.h>

#include "capture/satchel-capture.h"
#include "replica/satchel-replica-sync.h"
#include "satchel-config.h"
#include "satchel-connect-form.h"
#include "satchel-preferences.h"
#include "sync-centre/satchel-history-dialog.h"
#include "satchel-shortcuts.h"

static void
present_capture (SatchelWindow *self, const char *kind)
{
  SatchelPage *page = satchel_window_get_page (self);
  g_autofree char *account = NULL;

  if (page == NULL)
    return;
  account = satchel_page_dup_context (page);
  satchel_capture_present (GTK_WIDGET (self), self->services, kind, account);
}

static void
new_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  present_capture (data, NULL);
}

/* new-note, new-call, … */
static void
new_kind_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  present_capture (data, g_action_get_name (G_ACTION (action)) + strlen ("new-"));
}

static void
new_about_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelWindow *self = data;
  const char *kind, *account;

  g_variant_get (parameter, "(&s&s)", &kind, &account);
  if (self->services != NULL)
    satchel_capture_present (GTK_WIDGET (self), self->services, kind, account);
}

static void
search_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelPage *page = satchel_window_get_page (data);

  if (page != NULL)
    satchel_page_search (page);
}

static void
undo_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelWindow *self = data;

  if (self->services != NULL)
    satchel_services_undo (self->services);
}

static void
sync_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelWindow *self = data;
  SatchelSession *session = self->services != NULL ? satchel_services_get_session (self->services) : NULL;

  if (session != NULL)
    satchel_session_sync_now (session);
}

static gpointer
allow_removal (SatchelReplica *replica, gpointer data, GError **error)
{
  return GINT_TO_POINTER (satchel_replica_allow_mass_deletion (replica, error));
}

static DexFuture *
allow_removal_fiber (gpointer data)
{
  SatchelServices *services = data;
  g_autoptr (GError) error = NULL;

  satchel_await (satchel_services_write (services, allow_removal, NULL, NULL, NULL), &error);
  if (error != NULL)
    satchel_services_show_error (services, _ ("That did not work"), error);
  else
    satchel_session_sync_now (satchel_services_get_session (services));

  return NULL;
}

static void
allow_removal_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelWindow *self = data;

  if (self->services != NULL && satchel_services_get_session (self->services) != NULL)
    satchel_services_spawn (allow_removal_fiber, g_object_ref (self->services), g_object_unref);
}

static void
back_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  satchel_window_go_back (data);
}

static void
open_record_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *type, *id;

  g_variant_get (parameter, "(&s&s)", &type, &id);
  satchel_window_open_record (data, type, id);
}

static void
history_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelWindow *self = data;
  const char *type, *id;

  g_variant_get (parameter, "(&s&s)", &type, &id);
  if (self->services != NULL)
    satchel_history_dialog_present (GTK_WIDGET (self), self->services, type, id);
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AdwDialog *dialog = adw_about_dialog_new ();

  g_object_set (dialog, "application-name", _ ("Satchel"), "application-icon", SATCHEL_APPLICATION_ID, "version",
                SATCHEL_VERSION, "developer-name", _ ("The Satchel developers"), "license-type", GTK_LICENSE_GPL_3_0,
                "comments", _ ("Your accounts with you, wherever you sell"), NULL);
  adw_dialog_present (dialog, GTK_WIDGET (data));
}

static void
sign_in_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelWindow *self = data;
  const SatchelStatus *status = self->services != NULL ? satchel_services_get_status (self->services) : NULL;
  GtkWidget *form;
  AdwDialog *dialog;

  if (status == NULL)
    return;
  form = g_object_new (SATCHEL_TYPE_CONNECT_FORM, "services", self->services, NULL);
  satchel_connect_form_fill (SATCHEL_CONNECT_FORM (form), status->server, status->user_name);
  dialog = adw_dialog_new ();
  adw_dialog_set_title (dialog, _ ("Sign in"));
  adw_dialog_set_content_width (dialog, 480);
  adw_dialog_set_child (dialog, form);
  g_signal_connect_object (form, "connected", G_CALLBACK (adw_dialog_force_close), dialog, G_CONNECT_SWAPPED);
  adw_dialog_present (dialog, GTK_WIDGET (self));
}

static void
preferences_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelWindow *self = data;

  adw_dialog_present (satchel_preferences_new (self->services), GTK_WIDGET (self));
}

static void
shortcuts_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_dialog_present (satchel_shortcuts_dialog_new (), GTK_WIDGET (data));
}

static void
place_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  satchel_window_show_place (data, g_variant_get_string (parameter, NULL));
}

/* The state follows the window; asking for another one is going there by way of the action. */
static void
place_state (GSimpleAction *action, GVariant *state, gpointer data)
{
  g_simple_action_set_state (action, state);
}

static const GActionEntry entries[] = {
  { "place", place_action, "s", "''", place_state },
  { "new", new_action },
  { "new-account", new_kind_action },
  { "new-contact", new_kind_action },
  { "new-note", new_kind_action },
  { "new-call", new_kind_action },
  { "new-visit", new_kind_action },
  { "new-task", new_kind_action },
  { "new-about", new_about_action, "(ss)" },
  { "search", search_action },
  { "undo", undo_action },
  { "sync", sync_action },
  { "allow-removal", allow_removal_action },
  { "back", back_action },
  { "open-record", open_record_action, "(ss)" },
  { "history", history_action, "(ss)" },
  { "sign-in", sign_in_action },
  { "preferences", preferences_action },
  { "shortcuts", shortcuts_action },
  { "about", about_action },
};

/**
 * satchel_window_get_action_entries:
 * @n_entries: (out): how many
 *
 * Returns: (transfer none) (array length=n_entries): what a window can do
 */
const GActionEntry *
satchel_window_get_action_entries (gsize *n_entries)
{
  *n_entries = G_N_ELEMENTS (entries);
  return entries;
}

void
satchel_window_add_actions (SatchelWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  satchel_window_update_actions (self);
}

static void
enable (SatchelWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

/* What can be done now. */
void
satchel_window_update_actions (SatchelWindow *self)
{
  gboolean can_undo = FALSE;

  if (self->services != NULL)
    g_object_get (self->services, "can-undo", &can_undo, NULL);
  enable (self, "undo", can_undo);
  enable (self, "sync", self->services != NULL && satchel_services_get_session (self->services) != NULL);
}
