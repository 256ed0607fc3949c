/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-sync-indicator.h"

#include <glib/gi18n.h>

#include "satchel-sync-words.h"

struct _SatchelSyncIndicator
{
  AdwBin parent_instance;

  GtkMenuButton *button;

  SatchelServices *services;
  GSignalGroup *service_signals;
  GSignalGroup *session_signals;
  gboolean show_words;
};

G_DEFINE_FINAL_TYPE (SatchelSyncIndicator, satchel_sync_indicator, ADW_TYPE_BIN)

enum
{
  PROP_SERVICES = 1,
  PROP_SHOW_WORDS,
  PROP_WORDS,
  PROP_SHORT_WORDS,
  PROP_ICON_NAME,
  PROP_CONNECTED,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

static const SatchelStatus *
get_status (SatchelSyncIndicator *self)
{
  return self->services != NULL ? satchel_services_get_status (self->services) : NULL;
}

static SatchelSession *
get_session (SatchelSyncIndicator *self)
{
  return self->services != NULL ? satchel_services_get_session (self->services) : NULL;
}

static SatchelSessionState
get_state (SatchelSyncIndicator *self)
{
  SatchelSession *session = get_session (self);

  return session != NULL ? satchel_session_get_state (session) : SATCHEL_SESSION_NOT_CONNECTED;
}

static char *
dup_words (SatchelSyncIndicator *self)
{
  SatchelSession *session = get_session (self);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  guint64 received = 0;

  if (session != NULL)
    g_object_get (session, "received", &received, NULL);
  return satchel_sync_dup_words (get_status (self), get_state (self),
                                 session != NULL ? satchel_session_get_message (session) : NULL, received, now);
}

static char *
dup_short_words (SatchelSyncIndicator *self)
{
  if (satchel_sync_mood (get_status (self), get_state (self)) == SATCHEL_SYNC_MOOD_DONE)
    return g_strdup (_ ("Up to date"));
  return satchel_sync_dup_headline (get_status (self), get_state (self));
}

static void
update (SatchelSyncIndicator *self)
{
  g_autofree char *words = dup_words (self);

  for (guint i = PROP_WORDS; i < N_PROPERTIES; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
set_services (SatchelSyncIndicator *self, SatchelServices *services)
{
  if (!g_set_object (&self->services, services))
    return;
  g_signal_group_set_target (self->service_signals, services);
  g_signal_group_set_target (self->session_signals, get_session (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SERVICES]);
  update (self);
}

static void
open_centre_cb (SatchelSyncIndicator *self)
{
  gtk_menu_button_popdown (self->button);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.place", "s", "sync");
}

static void
sync_now_cb (SatchelSyncIndicator *self)
{
  gtk_menu_button_popdown (self->button);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.sync", NULL);
}

static void
satchel_sync_indicator_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  SatchelSyncIndicator *self = SATCHEL_SYNC_INDICATOR (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      g_value_set_object (value, self->services);
      break;
    case PROP_SHOW_WORDS:
      g_value_set_boolean (value, self->show_words);
      break;
    case PROP_WORDS:
      g_value_take_string (value, dup_words (self));
      break;
    case PROP_SHORT_WORDS:
      g_value_take_string (value, dup_short_words (self));
      break;
    case PROP_ICON_NAME:
      g_value_set_static_string (
          value, satchel_sync_mood_get_icon_name (satchel_sync_mood (get_status (self), get_state (self))));
      break;
    case PROP_CONNECTED:
      g_value_set_boolean (value, get_session (self) != NULL && get_state (self) != SATCHEL_SESSION_NOT_CONNECTED);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_sync_indicator_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelSyncIndicator *self = SATCHEL_SYNC_INDICATOR (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      set_services (self, g_value_get_object (value));
      break;
    case PROP_SHOW_WORDS:
      if (self->show_words != g_value_get_boolean (value))
        {
          self->show_words = !self->show_words;
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_sync_indicator_dispose (GObject *object)
{
  SatchelSyncIndicator *self = SATCHEL_SYNC_INDICATOR (object);

  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_SYNC_INDICATOR);
  g_clear_object (&self->service_signals);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_sync_indicator_parent_class)->dispose (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags writable = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  properties[PROP_SERVICES] = g_param_spec_object ("services", NULL, NULL, SATCHEL_TYPE_SERVICES, writable);
  properties[PROP_SHOW_WORDS] = g_param_spec_boolean ("show-words", NULL, NULL, FALSE, writable);
  properties[PROP_WORDS] = g_param_spec_string ("words", NULL, NULL, NULL, readable);
  properties[PROP_SHORT_WORDS] = g_param_spec_string ("short-words", NULL, NULL, NULL, readable);
  properties[PROP_ICON_NAME] = g_param_spec_string ("icon-name", NULL, NULL, NULL, readable);
  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE, readable);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
satchel_sync_indicator_class_init (SatchelSyncIndicatorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = satchel_sync_indicator_dispose;
  object_class->get_property = satchel_sync_indicator_get_property;
  object_class->set_property = satchel_sync_indicator_set_property;
  install_properties (object_class);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/sync-centre/satchel-sync-indicator.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncIndicator, button);
  gtk_widget_class_bind_template_callback (widget_class, open_centre_cb);
  gtk_widget_class_bind_template_callback (widget_class, sync_now_cb);
}

static void
satchel_sync_indicator_init (SatchelSyncIndicator *self)
{
  self->service_signals = g_signal_group_new (SATCHEL_TYPE_SERVICES);
  self->session_signals = g_signal_group_new (SATCHEL_TYPE_SESSION);
  g_signal_group_connect_swapped (self->service_signals, "notify::status", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->session_signals, "notify", G_CALLBACK (update), self);
  gtk_widget_init_template (GTK_WIDGET (self));
}
