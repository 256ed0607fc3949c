/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-history-dialog.h"

#include <glib/gi18n.h>

#include "client/satchel-connection.h"
#include "satchel-history.h"

#define SATCHEL_TYPE_HISTORY_DIALOG (satchel_history_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SatchelHistoryDialog, satchel_history_dialog, SATCHEL, HISTORY_DIALOG, AdwDialog)

struct _SatchelHistoryDialog
{
  AdwDialog parent_instance;

  GtkStack *states;
  AdwStatusPage *trouble;
  GtkListBox *changes;

  SatchelServices *services;
  GCancellable *cancellable;
  char *type;
  char *id;
  SatchelHistory *history; /* (nullable): as shown */
};

G_DEFINE_FINAL_TYPE (SatchelHistoryDialog, satchel_history_dialog, ADW_TYPE_DIALOG)

/* ---- Going back ---- */

/* An ordinary edit of the record as it was when this was asked: what arrived since is not overwritten unseen. */
static void
restore_cb (SatchelHistoryDialog *self, GtkWidget *button)
{
  guint change = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "satchel-change"));
  g_autoptr (SatchelRecord) restored = satchel_history_dup_restored (self->history, change);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  satchel_edit_update (edit, self->history->record, restored);
  dex_future_disown (satchel_services_commit (self->services, edit, _ ("Value restored")));
  adw_dialog_close (ADW_DIALOG (self));
}

static void
add_restore (SatchelHistoryDialog *self, AdwActionRow *row, guint change)
{
  g_autoptr (SatchelRecord) restored = satchel_history_dup_restored (self->history, change);
  GtkWidget *button;

  if (restored == NULL)
    return;
  button = gtk_button_new_from_icon_name ("edit-undo-symbolic");
  gtk_widget_set_tooltip_text (button, _ ("Restore this value"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "satchel-touch");
  g_object_set_data (G_OBJECT (button), "satchel-change", GUINT_TO_POINTER (change));
  g_signal_connect_object (button, "clicked", G_CALLBACK (restore_cb), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (row, button);
}

/* ---- Showing ---- */

static GtkWidget *
create_row (SatchelHistoryDialog *self, guint change, GDateTime *now)
{
  AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());
  g_autofree char *what = satchel_history_dup_what (self->history, change);
  g_autofree char *values = satchel_history_dup_values (self->history, change);
  g_autofree char *who = satchel_history_dup_who (self->history, change, now);
  g_autofree char *subtitle = g_strjoin (*values != '\0' && *who != '\0' ? "\n" : "", values, who, NULL);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), what);
  adw_action_row_set_subtitle (row, subtitle);
  add_restore (self, row, change);
  return GTK_WIDGET (row);
}

static void
show_history (SatchelHistoryDialog *self, SatchelHistory *history)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  g_clear_pointer (&self->history, satchel_history_free);
  self->history = history;
  gtk_list_box_remove_all (self->changes);
  for (guint i = 0; i < history->changes->len; i++)
    gtk_list_box_append (self->changes, create_row (self, i, now));
  gtk_stack_set_visible_child_name (self->states, "changes");
}

static void
show_trouble (SatchelHistoryDialog *self, const GError *error)
{
  gboolean unreachable = g_error_matches (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNREACHABLE) ||
                         g_error_matches (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_NOT_CONNECTED);

  adw_status_page_set_title (self->trouble,
                             unreachable ? _ ("History needs a connection") : _ ("The history cannot be shown"));
  adw_status_page_set_description (self->trouble, error->message);
  gtk_stack_set_visible_child_name (self->states, "trouble");
}

/* ---- Asking ---- */

typedef struct
{
  SatchelReplica *replica;
  GCancellable *cancellable;
  char *type;
  char *id;
} Request;

static void
request_free (Request *request)
{
  g_object_unref (request->replica);
  g_object_unref (request->cancellable);
  g_free (request->type);
  g_free (request->id);
  g_free (request);
}

static gpointer
read_in_background (gpointer data, GError **error)
{
  Request *request = data;

  return satchel_history_read (request->replica, request->type, request->id, request->cancellable, error);
}

static DexFuture *
request_history (SatchelHistoryDialog *self)
{
  Request *request = g_new0 (Request, 1);

  request->replica = g_object_ref (satchel_services_get_replica (self->services));
  request->cancellable = g_object_ref (self->cancellable);
  request->type = g_strdup (self->type);
  request->id = g_strdup (self->id);
  return satchel_run_in_thread (read_in_background, request, (GDestroyNotify) request_free,
                                (GDestroyNotify) satchel_history_free);
}

static DexFuture *
ask_fiber (gpointer data)
{
  SatchelHistoryDialog *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelHistory) history = NULL;

  /* Also while a picture is taken, this is worth waiting for. */
  satchel_services_hold (self->services);
  history = satchel_await (request_history (self), &error);
  satchel_services_release (self->services);
  if (g_cancellable_is_cancelled (self->cancellable))
    return NULL;
  if (history != NULL)
    show_history (self, g_steal_pointer (&history));
  else
    show_trouble (self, error);
  return NULL;
}

static void
ask_cb (SatchelHistoryDialog *self)
{
  gtk_stack_set_visible_child_name (self->states, "asking");
  satchel_services_spawn (ask_fiber, g_object_ref (self), g_object_unref);
}

/* ---- Object ---- */

static void
satchel_history_dialog_closed (AdwDialog *dialog)
{
  g_cancellable_cancel (SATCHEL_HISTORY_DIALOG (dialog)->cancellable);
}

static void
satchel_history_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SATCHEL_TYPE_HISTORY_DIALOG);
  G_OBJECT_CLASS (satchel_history_dialog_parent_class)->dispose (object);
}

static void
satchel_history_dialog_finalize (GObject *object)
{
  SatchelHistoryDialog *self = SATCHEL_HISTORY_DIALOG (object);

  g_clear_pointer (&self->history, satchel_history_free);
  g_clear_object (&self->services);
  g_clear_object (&self->cancellable);
  g_free (self->type);
  g_free (self->id);
  G_OBJECT_CLASS (satchel_history_dialog_parent_class)->finalize (object);
}

static void
satchel_history_dialog_class_init (SatchelHistoryDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = satchel_history_dialog_dispose;
  object_class->finalize = satchel_history_dialog_finalize;
  ADW_DIALOG_CLASS (klass)->closed = satchel_history_dialog_closed;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/sync-centre/satchel-history-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelHistoryDialog, states);
  gtk_widget_class_bind_template_child (widget_class, SatchelHistoryDialog, trouble);
  gtk_widget_class_bind_template_child (widget_class, SatchelHistoryDialog, changes);
  gtk_widget_class_bind_template_callback (widget_class, ask_cb);
}

static void
satchel_history_dialog_init (SatchelHistoryDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
}

/**
 * satchel_history_dialog_present:
 * @parent: the widget over which it appears
 * @services: the services
 * @type: the name of a record type
 * @id: the record's id
 *
 * Shows what happened to a record.
 */
void
satchel_history_dialog_present (GtkWidget *parent, SatchelServices *services, const char *type, const char *id)
{
  SatchelHistoryDialog *self = g_object_new (SATCHEL_TYPE_HISTORY_DIALOG, NULL);

  self->services = g_object_ref (services);
  self->type = g_strdup (type);
  self->id = g_strdup (id);
  adw_dialog_present (ADW_DIALOG (self), parent);
  ask_cb (self);
}
