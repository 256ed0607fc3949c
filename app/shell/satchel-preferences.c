/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-preferences.h"

#include "satchel-settings.h"

struct _SatchelPreferences
{
  AdwPreferencesDialog parent_instance;

  AdwComboRow *style_row;
  GtkWidget *team_group;
  GtkWidget *sign_out_group;
  AdwActionRow *server_row;
  AdwActionRow *user_row;

  GSettings *settings;
};

G_DEFINE_FINAL_TYPE (SatchelPreferences, satchel_preferences, ADW_TYPE_PREFERENCES_DIALOG)

static void
style_changed_cb (SatchelPreferences *self)
{
  g_settings_set_enum (self->settings, "style", (int) adw_combo_row_get_selected (self->style_row));
}

static void
satchel_preferences_dispose (GObject *object)
{
  SatchelPreferences *self = SATCHEL_PREFERENCES (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_PREFERENCES);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (satchel_preferences_parent_class)->dispose (object);
}

static void
satchel_preferences_class_init (SatchelPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_preferences_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/shell/satchel-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelPreferences, style_row);
  gtk_widget_class_bind_template_child (widget_class, SatchelPreferences, team_group);
  gtk_widget_class_bind_template_child (widget_class, SatchelPreferences, sign_out_group);
  gtk_widget_class_bind_template_child (widget_class, SatchelPreferences, server_row);
  gtk_widget_class_bind_template_child (widget_class, SatchelPreferences, user_row);
}

static void
satchel_preferences_init (SatchelPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->settings = satchel_settings_new ();
  gtk_widget_set_sensitive (GTK_WIDGET (self->style_row), self->settings != NULL);
  if (self->settings == NULL)
    return;
  adw_combo_row_set_selected (self->style_row, (guint) g_settings_get_enum (self->settings, "style"));
  g_signal_connect_object (self->style_row, "notify::selected", G_CALLBACK (style_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
show_team (SatchelPreferences *self, const SatchelStatus *status)
{
  gboolean connected = status != NULL && status->server != NULL;

  gtk_widget_set_visible (self->team_group, connected);
  gtk_widget_set_visible (self->sign_out_group, connected);
  if (!connected)
    return;
  adw_action_row_set_subtitle (self->server_row, status->server);
  adw_action_row_set_subtitle (self->user_row, status->user_name != NULL ? status->user_name : "");
}

/**
 * satchel_preferences_new:
 * @services: (nullable): what the window works on
 *
 * Returns: (transfer floating): the preferences
 */
AdwDialog *
satchel_preferences_new (SatchelServices *services)
{
  SatchelPreferences *self = g_object_new (SATCHEL_TYPE_PREFERENCES, NULL);

  show_team (self, services != NULL ? satchel_services_get_status (services) : NULL);
  return ADW_DIALOG (self);
}
