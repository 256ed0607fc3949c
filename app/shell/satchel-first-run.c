/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-first-run.h"

#include "satchel-connect-form.h"
#include "satchel-menu-button.h"
#include "satchel-window-banner.h"

struct _SatchelFirstRun
{
  AdwBreakpointBin parent_instance;

  AdwNavigationView *navigation;
  SatchelConnectForm *form;

  SatchelServices *services;
};

G_DEFINE_FINAL_TYPE (SatchelFirstRun, satchel_first_run, ADW_TYPE_BREAKPOINT_BIN)

enum
{
  PROP_SERVICES = 1,
};

static void
satchel_first_run_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  switch (property_id)
    {
    case PROP_SERVICES:
      g_value_set_object (value, SATCHEL_FIRST_RUN (object)->services);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_first_run_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelFirstRun *self = SATCHEL_FIRST_RUN (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      if (g_set_object (&self->services, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_first_run_dispose (GObject *object)
{
  SatchelFirstRun *self = SATCHEL_FIRST_RUN (object);

  adw_breakpoint_bin_set_child (ADW_BREAKPOINT_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_FIRST_RUN);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_first_run_parent_class)->dispose (object);
}

static void
satchel_first_run_class_init (SatchelFirstRunClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = satchel_first_run_dispose;
  object_class->get_property = satchel_first_run_get_property;
  object_class->set_property = satchel_first_run_set_property;
  g_object_class_install_property (
      object_class, PROP_SERVICES,
      g_param_spec_object ("services", NULL, NULL, SATCHEL_TYPE_SERVICES,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));

  g_type_ensure (SATCHEL_TYPE_CONNECT_FORM);
  g_type_ensure (SATCHEL_TYPE_MENU_BUTTON);
  g_type_ensure (SATCHEL_TYPE_WINDOW_BANNER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/shell/satchel-first-run.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelFirstRun, navigation);
  gtk_widget_class_bind_template_child (widget_class, SatchelFirstRun, form);
}

static void
satchel_first_run_init (SatchelFirstRun *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * satchel_first_run_connect:
 * @self: the page
 * @server: (nullable): a server's address
 * @user: (nullable): the person's name there
 *
 * Goes to the form that connects.
 */
void
satchel_first_run_connect (SatchelFirstRun *self, const char *server, const char *user)
{
  g_return_if_fail (SATCHEL_IS_FIRST_RUN (self));

  satchel_connect_form_fill (self->form, server, user);
  if (g_strcmp0 (adw_navigation_view_get_visible_page_tag (self->navigation), "connect") != 0)
    adw_navigation_view_push_by_tag (self->navigation, "connect");
}
