/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-sidebar.h"

#include "satchel-menu-button.h"
#include "satchel-places.h"
#include "sync-centre/satchel-sync-indicator.h"

struct _SatchelSidebar
{
  AdwBin parent_instance;

  GtkListBox *list;

  SatchelServices *services;
  char *place;
  gboolean compact;
};

G_DEFINE_FINAL_TYPE (SatchelSidebar, satchel_sidebar, ADW_TYPE_BIN)

enum
{
  PROP_SERVICES = 1,
  PROP_PLACE,
  PROP_COMPACT,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

static void
row_activated_cb (SatchelSidebar *self, GtkListBoxRow *row)
{
  guint n_places;
  const SatchelPlace *places = satchel_places_get (&n_places);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.place", "s", places[gtk_list_box_row_get_index (row)].name);
}

static GtkWidget *
create_row (SatchelSidebar *self, const SatchelPlace *place)
{
  const char *title = satchel_place_get_display_title (place);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name (place->icon_name);
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_widget_set_tooltip_text (row, title);
  gtk_widget_set_halign (icon, GTK_ALIGN_CENTER);
  g_object_bind_property (self, "compact", icon, "hexpand", G_BINDING_SYNC_CREATE);
  g_object_bind_property (self, "compact", label, "visible", G_BINDING_SYNC_CREATE | G_BINDING_INVERT_BOOLEAN);
  return row;
}

static void
select_place (SatchelSidebar *self)
{
  guint n_places;
  const SatchelPlace *places = satchel_places_get (&n_places);

  gtk_list_box_unselect_all (self->list);
  for (guint i = 0; i < n_places; i++)
    if (g_strcmp0 (places[i].name, self->place) == 0)
      gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, (int) i));
}

static void
satchel_sidebar_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  SatchelSidebar *self = SATCHEL_SIDEBAR (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      g_value_set_object (value, self->services);
      break;
    case PROP_PLACE:
      g_value_set_string (value, self->place);
      break;
    case PROP_COMPACT:
      g_value_set_boolean (value, self->compact);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_sidebar_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelSidebar *self = SATCHEL_SIDEBAR (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      if (g_set_object (&self->services, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_PLACE:
      if (g_set_str (&self->place, g_value_get_string (value)))
        {
          select_place (self);
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    case PROP_COMPACT:
      if (self->compact != g_value_get_boolean (value))
        {
          self->compact = !self->compact;
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_sidebar_dispose (GObject *object)
{
  SatchelSidebar *self = SATCHEL_SIDEBAR (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_SIDEBAR);
  g_clear_object (&self->services);
  g_clear_pointer (&self->place, g_free);
  G_OBJECT_CLASS (satchel_sidebar_parent_class)->dispose (object);
}

static void
satchel_sidebar_class_init (SatchelSidebarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = satchel_sidebar_dispose;
  object_class->get_property = satchel_sidebar_get_property;
  object_class->set_property = satchel_sidebar_set_property;

  properties[PROP_SERVICES] = g_param_spec_object ("services", NULL, NULL, SATCHEL_TYPE_SERVICES, flags);
  properties[PROP_PLACE] = g_param_spec_string ("place", NULL, NULL, NULL, flags);
  properties[PROP_COMPACT] = g_param_spec_boolean ("compact", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  g_type_ensure (SATCHEL_TYPE_SYNC_INDICATOR);
  g_type_ensure (SATCHEL_TYPE_MENU_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/shell/satchel-sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelSidebar, list);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
}

static void
satchel_sidebar_init (SatchelSidebar *self)
{
  guint n_places;
  const SatchelPlace *places = satchel_places_get (&n_places);

  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < n_places; i++)
    gtk_list_box_append (self->list, create_row (self, &places[i]));
}
