/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-window-banner.h"

#include <glib/gi18n.h>

struct _SatchelWindowBanner
{
  AdwBin parent_instance;

  AdwBanner *banner;

  SatchelServices *services;
  GSignalGroup *service_signals;
  GSignalGroup *session_signals;
  gboolean set_aside_read;
};

G_DEFINE_FINAL_TYPE (SatchelWindowBanner, satchel_window_banner, ADW_TYPE_BIN)

enum
{
  PROP_SERVICES = 1,
};

static SatchelSessionState
get_state (SatchelWindowBanner *self)
{
  SatchelSession *session = satchel_services_get_session (self->services);

  return session != NULL ? satchel_session_get_state (session) : SATCHEL_SESSION_NOT_CONNECTED;
}

/* A damaged file was put aside: what became of it. */
static char *
dup_set_aside (SatchelWindowBanner *self)
{
  guint n_salvaged = 0;
  const char *file = satchel_replica_get_set_aside (satchel_services_get_replica (self->services), &n_salvaged);

  if (n_salvaged == 0)
    return g_strdup_printf (_ ("It is kept as %s. What the server has is safe and comes anew from there."), file);
  return g_strdup_printf (ngettext ("It is kept as %s. %u change that was not sent yet has been saved; what the "
                                    "server has is safe and comes anew from there.",
                                    "It is kept as %s. %u changes that were not sent yet have been saved; what the "
                                    "server has is safe and comes anew from there.",
                                    n_salvaged),
                          file, n_salvaged);
}

static gboolean
was_set_aside (SatchelWindowBanner *self)
{
  guint n_salvaged;

  return !self->set_aside_read &&
         satchel_replica_get_set_aside (satchel_services_get_replica (self->services), &n_salvaged) != NULL;
}

static char *
dup_arriving (SatchelWindowBanner *self)
{
  guint64 received = 0;

  g_object_get (satchel_services_get_session (self->services), "received", &received, NULL);
  return g_strdup_printf (ngettext ("Your accounts are arriving: %u entry so far. You can start working.",
                                    "Your accounts are arriving: %u entries so far. You can start working.",
                                    (gulong) received),
                          (guint) received);
}

static void
show (SatchelWindowBanner *self, const char *title, const char *button, const char *action)
{
  if (title != NULL)
    {
      adw_banner_set_title (self->banner, title);
      adw_banner_set_button_label (self->banner, button);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->banner), action);
    }
  adw_banner_set_revealed (self->banner, title != NULL);
}

/* Somebody, but nobody's server. */
static gboolean
is_demo (const SatchelStatus *status)
{
  return status != NULL && status->server == NULL && status->user_id != NULL;
}

static void
update (SatchelWindowBanner *self)
{
  const SatchelStatus *status = satchel_services_get_status (self->services);
  g_autofree char *arriving = NULL;

  if (was_set_aside (self))
    show (self, _ ("The file with your accounts was damaged."), _ ("Details"), "banner.read");
  else if (is_demo (status))
    show (self, _ ("This is a demo."), _ ("Leave"), "app.leave-demo");
  else if (get_state (self) == SATCHEL_SESSION_SIGNED_OUT)
    show (self, _ ("Please sign in again. Everything is kept and will be sent."), _ ("Sign in"), "win.sign-in");
  else if (get_state (self) == SATCHEL_SESSION_ARRIVING)
    show (self, arriving = dup_arriving (self), NULL, NULL);
  else
    show (self, NULL, NULL, NULL);
}

static void
read_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SatchelWindowBanner *self = SATCHEL_WINDOW_BANNER (widget);
  g_autofree char *details = dup_set_aside (self);
  AdwDialog *dialog = adw_alert_dialog_new (_ ("The file with your accounts was damaged"), details);

  adw_alert_dialog_add_response (ADW_ALERT_DIALOG (dialog), "close", _ ("_Close"));
  adw_dialog_present (dialog, widget);
  self->set_aside_read = TRUE;
  update (self);
}

static void
set_services (SatchelWindowBanner *self, SatchelServices *services)
{
  if (!g_set_object (&self->services, services))
    return;
  self->set_aside_read = FALSE;
  g_signal_group_set_target (self->service_signals, services);
  g_signal_group_set_target (self->session_signals, services != NULL ? satchel_services_get_session (services) : NULL);
  if (services != NULL)
    update (self);
}

static void
satchel_window_banner_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  switch (property_id)
    {
    case PROP_SERVICES:
      g_value_set_object (value, SATCHEL_WINDOW_BANNER (object)->services);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_window_banner_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  switch (property_id)
    {
    case PROP_SERVICES:
      set_services (SATCHEL_WINDOW_BANNER (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_window_banner_dispose (GObject *object)
{
  SatchelWindowBanner *self = SATCHEL_WINDOW_BANNER (object);

  g_clear_object (&self->service_signals);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_window_banner_parent_class)->dispose (object);
}

static void
satchel_window_banner_class_init (SatchelWindowBannerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = satchel_window_banner_dispose;
  object_class->get_property = satchel_window_banner_get_property;
  object_class->set_property = satchel_window_banner_set_property;
  g_object_class_install_property (
      object_class, PROP_SERVICES,
      g_param_spec_object ("services", NULL, NULL, SATCHEL_TYPE_SERVICES, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "banner.read", NULL, read_action);
}

static void
satchel_window_banner_init (SatchelWindowBanner *self)
{
  self->banner = ADW_BANNER (adw_banner_new (""));
  adw_banner_set_use_markup (self->banner, FALSE);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->banner));
  self->service_signals = g_signal_group_new (SATCHEL_TYPE_SERVICES);
  self->session_signals = g_signal_group_new (SATCHEL_TYPE_SESSION);
  g_signal_group_connect_swapped (self->service_signals, "notify::status", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->session_signals, "notify", G_CALLBACK (update), self);
}
