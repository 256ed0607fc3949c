/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-shell-buttons.h"

#include "satchel-menu-button.h"
#include "satchel-page.h"
#include "sync-centre/satchel-sync-indicator.h"

struct _SatchelShellButtons
{
  AdwBin parent_instance;

  SatchelServices *services;
  gboolean narrow;
  gboolean bound;
};

G_DEFINE_FINAL_TYPE (SatchelShellButtons, satchel_shell_buttons, ADW_TYPE_BIN)

enum
{
  PROP_SERVICES = 1,
  PROP_NARROW,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

static void
satchel_shell_buttons_root (GtkWidget *widget)
{
  SatchelShellButtons *self = SATCHEL_SHELL_BUTTONS (widget);
  GtkWidget *page;

  GTK_WIDGET_CLASS (satchel_shell_buttons_parent_class)->root (widget);

  page = gtk_widget_get_ancestor (widget, SATCHEL_TYPE_PAGE);
  if (page == NULL || self->bound)
    return;
  g_object_get (page, "services", &self->services, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SERVICES]);
  g_object_bind_property (page, "narrow", self, "narrow", G_BINDING_SYNC_CREATE);
  self->bound = TRUE;
}

static void
satchel_shell_buttons_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  SatchelShellButtons *self = SATCHEL_SHELL_BUTTONS (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      g_value_set_object (value, self->services);
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_shell_buttons_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelShellButtons *self = SATCHEL_SHELL_BUTTONS (object);

  switch (property_id)
    {
    case PROP_NARROW:
      self->narrow = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_shell_buttons_dispose (GObject *object)
{
  SatchelShellButtons *self = SATCHEL_SHELL_BUTTONS (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_SHELL_BUTTONS);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_shell_buttons_parent_class)->dispose (object);
}

static void
satchel_shell_buttons_class_init (SatchelShellButtonsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = satchel_shell_buttons_dispose;
  object_class->get_property = satchel_shell_buttons_get_property;
  object_class->set_property = satchel_shell_buttons_set_property;
  widget_class->root = satchel_shell_buttons_root;

  properties[PROP_SERVICES] = g_param_spec_object ("services", NULL, NULL, SATCHEL_TYPE_SERVICES,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                                                  G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  g_type_ensure (SATCHEL_TYPE_SYNC_INDICATOR);
  g_type_ensure (SATCHEL_TYPE_MENU_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/shell/satchel-shell-buttons.ui");
}

static void
satchel_shell_buttons_init (SatchelShellButtons *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
