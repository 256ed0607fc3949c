/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-window-private.h"

#include <glib/gi18n.h>

#include "records/satchel-error.h"
#include "satchel-bottom-bar.h"
#include "satchel-places.h"
#include "satchel-settings.h"
#include "satchel-sidebar.h"
#include "satchel-window-banner.h"

G_DEFINE_FINAL_TYPE (SatchelWindow, satchel_window, ADW_TYPE_APPLICATION_WINDOW)

enum
{
  PROP_SERVICES = 1,
  PROP_PLACE,
  PROP_NARROW,
  PROP_COMPACT,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

/* ---- Places ---- */

static SatchelPage *
ensure_page (SatchelWindow *self, const SatchelPlace *place)
{
  GtkWidget *page = gtk_stack_get_child_by_name (self->places, place->name);

  if (page == NULL)
    {
      page = g_object_new (place->get_type (), "services", self->services, NULL);
      gtk_stack_add_named (self->places, page, place->name);
      g_object_bind_property (self, "narrow", page, "narrow", G_BINDING_SYNC_CREATE);
    }
  return SATCHEL_PAGE (page);
}

/* An action's state is never NULL. */
static const char *
shown_place (SatchelWindow *self)
{
  const char *name = gtk_stack_get_visible_child_name (self->places);

  return name != NULL ? name : "";
}

static void
place_changed (SatchelWindow *self)
{
  g_action_change_state (g_action_map_lookup_action (G_ACTION_MAP (self), "place"),
                         g_variant_new_string (shown_place (self)));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PLACE]);
}

static gboolean
in_places (SatchelWindow *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->states), "places") == 0;
}

static void
want (SatchelWindow *self, const char *place, const char *type, const char *id)
{
  g_set_str (&self->wanted_place, place);
  g_set_str (&self->wanted_type, type);
  g_set_str (&self->wanted_id, id);
}

/* There is something to see: goes where the person wanted to go. */
static void
enter_places (SatchelWindow *self)
{
  guint n_places;
  const SatchelPlace *places = satchel_places_get (&n_places);

  gtk_stack_set_visible_child_name (self->states, "places");
  satchel_window_show_place (self, self->wanted_place != NULL ? self->wanted_place : places[0].name);
  if (self->wanted_id != NULL)
    satchel_window_open_record (self, self->wanted_type, self->wanted_id);
  want (self, NULL, NULL, NULL);
}

/* ---- What services ask for ---- */

static void
toast_cb (SatchelWindow *self, AdwToast *toast)
{
  adw_toast_overlay_add_toast (self->toasts, g_object_ref (toast));
}

static void
error_cb (SatchelWindow *self, const char *heading, const GError *error)
{
  AdwDialog *dialog = adw_alert_dialog_new (heading, error->message);

  adw_alert_dialog_add_response (ADW_ALERT_DIALOG (dialog), "close", _ ("_Close"));
  adw_dialog_present (dialog, GTK_WIDGET (self));
}

static void
open_record_cb (SatchelWindow *self, const char *type, const char *id)
{
  satchel_window_open_record (self, type, id);
}

static gboolean
has_records (const SatchelStatus *status)
{
  for (guint i = 0; i < 64; i++)
    if (status->records[i] > 0)
      return TRUE;
  return FALSE;
}

/* Places, once the state is known; the greeting, while there is nothing to see and nowhere to get it from. */
static void
status_cb (SatchelWindow *self)
{
  const SatchelStatus *status = satchel_services_get_status (self->services);

  satchel_window_update_actions (self);
  if (status == NULL)
    return;
  if (status->server == NULL && !has_records (status))
    gtk_stack_set_visible_child_name (self->states, "first-run");
  else if (!in_places (self))
    enter_places (self);
}

static void
services_bound_cb (SatchelWindow *self)
{
  status_cb (self);
}

static GSignalGroup *
create_service_signals (SatchelWindow *self)
{
  GSignalGroup *group = g_signal_group_new (SATCHEL_TYPE_SERVICES);

  g_signal_group_connect_swapped (group, "toast", G_CALLBACK (toast_cb), self);
  g_signal_group_connect_swapped (group, "error", G_CALLBACK (error_cb), self);
  g_signal_group_connect_swapped (group, "open-record", G_CALLBACK (open_record_cb), self);
  g_signal_group_connect_swapped (group, "notify::can-undo", G_CALLBACK (satchel_window_update_actions), self);
  g_signal_group_connect_swapped (group, "notify::status", G_CALLBACK (status_cb), self);
  g_signal_connect_object (group, "bind", G_CALLBACK (services_bound_cb), self, G_CONNECT_SWAPPED);
  return group;
}

/* What was typed is written down when the window loses the person's eye. */
static void
save_now_cb (SatchelWindow *self)
{
  if (self->services != NULL &&
      (gtk_window_is_suspended (GTK_WINDOW (self)) || !gtk_window_is_active (GTK_WINDOW (self))))
    satchel_services_save_now (self->services);
}

static gboolean
satchel_window_close_request (GtkWindow *window)
{
  satchel_window_put_away (SATCHEL_WINDOW (window));
  return GTK_WINDOW_CLASS (satchel_window_parent_class)->close_request (window);
}

/* ---- Object ---- */

static void
satchel_window_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  SatchelWindow *self = SATCHEL_WINDOW (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      g_value_set_object (value, self->services);
      break;
    case PROP_PLACE:
      g_value_set_string (value, shown_place (self));
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;
    case PROP_COMPACT:
      g_value_set_boolean (value, self->compact);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
set_compact (SatchelWindow *self, gboolean compact)
{
  self->compact = compact;
  adw_overlay_split_view_set_min_sidebar_width (self->split_view, compact ? 64 : 200);
  adw_overlay_split_view_set_max_sidebar_width (self->split_view, compact ? 64 : 220);
}

static void
satchel_window_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelWindow *self = SATCHEL_WINDOW (object);

  switch (property_id)
    {
    case PROP_PLACE:
      satchel_window_show_place (self, g_value_get_string (value));
      return;
    case PROP_NARROW:
      self->narrow = g_value_get_boolean (value);
      break;
    case PROP_COMPACT:
      set_compact (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
  g_object_notify_by_pspec (object, pspec);
}

static void
satchel_window_dispose (GObject *object)
{
  SatchelWindow *self = SATCHEL_WINDOW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_WINDOW);
  g_clear_object (&self->service_signals);
  g_clear_object (&self->services);
  g_queue_clear_full (&self->history, g_free);
  want (self, NULL, NULL, NULL);
  G_OBJECT_CLASS (satchel_window_parent_class)->dispose (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  properties[PROP_SERVICES] = g_param_spec_object ("services", NULL, NULL, SATCHEL_TYPE_SERVICES,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_PLACE] = g_param_spec_string ("place", NULL, NULL, NULL, flags);
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE, flags);
  properties[PROP_COMPACT] = g_param_spec_boolean ("compact", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

/* A text that is being written undoes its own typing first. */
static gboolean
undo_binding_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (widget));

  if (focus != NULL && (GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus)))
    return GDK_EVENT_PROPAGATE;
  return gtk_widget_activate_action (widget, "win.undo", NULL);
}

static void
satchel_window_class_init (SatchelWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = satchel_window_dispose;
  object_class->get_property = satchel_window_get_property;
  object_class->set_property = satchel_window_set_property;
  GTK_WINDOW_CLASS (klass)->close_request = satchel_window_close_request;
  install_properties (object_class);

  g_type_ensure (SATCHEL_TYPE_BOTTOM_BAR);
  g_type_ensure (SATCHEL_TYPE_FIRST_RUN);
  g_type_ensure (SATCHEL_TYPE_WINDOW_BANNER);
  g_type_ensure (SATCHEL_TYPE_SIDEBAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/shell/satchel-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, SatchelWindow, states);
  gtk_widget_class_bind_template_child (widget_class, SatchelWindow, failure);
  gtk_widget_class_bind_template_child (widget_class, SatchelWindow, first_run);
  gtk_widget_class_bind_template_child (widget_class, SatchelWindow, split_view);
  gtk_widget_class_bind_template_child (widget_class, SatchelWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, SatchelWindow, places);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, undo_binding_cb, NULL);
}

static void
satchel_window_init (SatchelWindow *self)
{
  g_queue_init (&self->history);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->service_signals = create_service_signals (self);
  satchel_window_add_actions (self);
  g_object_bind_property (self, "place", self->sidebar, "place", G_BINDING_SYNC_CREATE);
  g_signal_connect (self, "notify::suspended", G_CALLBACK (save_now_cb), NULL);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (save_now_cb), NULL);
}

SatchelWindow *
satchel_window_new (GtkApplication *application)
{
  return g_object_new (SATCHEL_TYPE_WINDOW, "application", application, NULL);
}

SatchelServices *
satchel_window_get_services (SatchelWindow *self)
{
  g_return_val_if_fail (SATCHEL_IS_WINDOW (self), NULL);
  return self->services;
}

/**
 * satchel_window_set_services:
 * @self: a window
 * @services: what it works on from now on
 *
 * Shows the accounts of a replica; the pages of an earlier one go away.
 */
void
satchel_window_set_services (SatchelWindow *self, SatchelServices *services)
{
  GtkWidget *page;

  g_return_if_fail (SATCHEL_IS_WINDOW (self));
  g_return_if_fail (SATCHEL_IS_SERVICES (services));

  if (!g_set_object (&self->services, services))
    return;
  g_queue_clear_full (&self->history, g_free);
  while ((page = gtk_widget_get_first_child (GTK_WIDGET (self->places))) != NULL)
    gtk_stack_remove (self->places, page);
  gtk_stack_set_visible_child_name (self->states, "starting");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SERVICES]);
  g_signal_group_set_target (self->service_signals, services);
}

static const char *
describe_failure (const GError *error)
{
  if (g_error_matches (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NEWER))
    return _ ("This Satchel is too old");
  if (g_error_matches (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_FULL))
    return _ ("The disk is full");
  return _ ("Your accounts cannot be opened");
}

/**
 * satchel_window_show_failure:
 * @self: a window
 * @error: why there is nothing to work on; its message says what is safe and what to do
 *
 * Shows that there is nothing to work on, in place of everything else.
 */
void
satchel_window_show_failure (SatchelWindow *self, const GError *error)
{
  g_autofree char *description = g_markup_escape_text (error->message, -1);

  g_return_if_fail (SATCHEL_IS_WINDOW (self));

  adw_status_page_set_title (self->failure, describe_failure (error));
  adw_status_page_set_description (self->failure, description);
  gtk_stack_set_visible_child_name (self->states, "failed");
}

void
satchel_window_show_message (SatchelWindow *self, const char *message)
{
  AdwToast *toast = adw_toast_new (message);

  g_return_if_fail (SATCHEL_IS_WINDOW (self));

  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

SatchelPage *
satchel_window_get_page (SatchelWindow *self)
{
  GtkWidget *page = gtk_stack_get_visible_child (self->places);

  return page != NULL ? SATCHEL_PAGE (page) : NULL;
}

/**
 * satchel_window_show_place:
 * @self: a window
 * @name: of a place
 *
 * Goes to a place; a second call for the place that is shown leads back to its beginning.
 *
 * Returns: %FALSE when there is no such place
 */
gboolean
satchel_window_show_place (SatchelWindow *self, const char *name)
{
  const SatchelPlace *place = satchel_places_lookup (name);
  const char *shown;

  g_return_val_if_fail (SATCHEL_IS_WINDOW (self), FALSE);

  if (place == NULL)
    return FALSE;
  if (!in_places (self))
    {
      want (self, name, NULL, NULL);
      return TRUE;
    }
  shown = gtk_stack_get_visible_child_name (self->places);
  if (g_strcmp0 (shown, name) == 0)
    {
      if (self->narrow)
        satchel_page_back (satchel_window_get_page (self));
      place_changed (self);
      return TRUE;
    }
  if (shown != NULL)
    g_queue_push_head (&self->history, g_strdup (shown));
  ensure_page (self, place);
  gtk_stack_set_visible_child_name (self->places, name);
  place_changed (self);
  return TRUE;
}

/* Out of the detail, then to the place before. */
gboolean
satchel_window_go_back (SatchelWindow *self)
{
  SatchelPage *page = satchel_window_get_page (self);
  g_autofree char *earlier = NULL;

  if (page != NULL && satchel_page_back (page))
    return TRUE;
  earlier = g_queue_pop_head (&self->history);
  if (earlier == NULL)
    return FALSE;
  satchel_window_show_place (self, earlier);
  g_free (g_queue_pop_head (&self->history));
  return TRUE;
}

/**
 * satchel_window_open_record:
 * @self: a window
 * @type: the name of a record type
 * @id: the record's id
 *
 * Goes to the place that shows such records, and to the record.
 *
 * Returns: %FALSE when no place shows such records
 */
gboolean
satchel_window_open_record (SatchelWindow *self, const char *type, const char *id)
{
  const SatchelPlace *place = satchel_places_lookup_for_type (type);

  g_return_val_if_fail (SATCHEL_IS_WINDOW (self), FALSE);

  if (place == NULL)
    return FALSE;
  if (!in_places (self))
    {
      want (self, place->name, type, id);
      return TRUE;
    }
  if (!satchel_page_open (ensure_page (self, place), type, id))
    return FALSE;
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->places), place->name) != 0)
    satchel_window_show_place (self, place->name);
  return TRUE;
}

/**
 * satchel_window_connect_to_team:
 * @self: a window
 * @server: (nullable): a server's address
 * @user: (nullable): the person's name there
 *
 * Goes to the form that connects, when there is no team yet.
 */
void
satchel_window_connect_to_team (SatchelWindow *self, const char *server, const char *user)
{
  g_return_if_fail (SATCHEL_IS_WINDOW (self));

  satchel_first_run_connect (self->first_run, server, user);
}

gboolean
satchel_window_get_busy (SatchelWindow *self)
{
  g_return_val_if_fail (SATCHEL_IS_WINDOW (self), FALSE);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->states), "starting") == 0)
    return TRUE;
  return self->services != NULL && satchel_services_get_busy (self->services);
}

/**
 * satchel_window_put_away:
 * @self: a window that is about to go
 *
 * Writes down what is typed in it, and how large it was.
 */
void
satchel_window_put_away (SatchelWindow *self)
{
  g_autoptr (GSettings) settings = satchel_settings_new ();

  g_return_if_fail (SATCHEL_IS_WINDOW (self));

  if (self->services != NULL)
    satchel_services_save_now (self->services);
  if (!gtk_widget_has_css_class (GTK_WIDGET (self), "picture"))
    satchel_settings_keep_window (settings, GTK_WINDOW (self));
}
