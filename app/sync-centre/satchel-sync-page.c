/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-sync-page.h"

#include "shell/satchel-shell-buttons.h"

struct _SatchelSyncPage
{
  AdwBin parent_instance;

  SatchelServices *services;
  gboolean narrow;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelSyncPage, satchel_sync_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_PAGE, NULL))

enum
{
  PROP_SERVICES = 1,
  PROP_NARROW,
};

static void
satchel_sync_page_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  SatchelSyncPage *self = SATCHEL_SYNC_PAGE (object);

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
satchel_sync_page_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelSyncPage *self = SATCHEL_SYNC_PAGE (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      self->services = g_value_dup_object (value);
      break;
    case PROP_NARROW:
      self->narrow = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_sync_page_dispose (GObject *object)
{
  SatchelSyncPage *self = SATCHEL_SYNC_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_SYNC_PAGE);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_sync_page_parent_class)->dispose (object);
}

static void
satchel_sync_page_class_init (SatchelSyncPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = satchel_sync_page_dispose;
  object_class->get_property = satchel_sync_page_get_property;
  object_class->set_property = satchel_sync_page_set_property;
  g_object_class_override_property (object_class, PROP_SERVICES, "services");
  g_object_class_override_property (object_class, PROP_NARROW, "narrow");

  g_type_ensure (SATCHEL_TYPE_SHELL_BUTTONS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/sync-centre/satchel-sync-page.ui");
}

static void
satchel_sync_page_init (SatchelSyncPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
