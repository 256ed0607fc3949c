/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-bottom-bar.h"

#include <glib/gi18n.h>

#include "satchel-places.h"

struct _SatchelBottomBar
{
  AdwBin parent_instance;

  GtkBox *box;
};

G_DEFINE_FINAL_TYPE (SatchelBottomBar, satchel_bottom_bar, ADW_TYPE_BIN)

static GtkWidget *
create_place_button (const SatchelPlace *place)
{
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *label = gtk_label_new (satchel_place_get_display_title (place));

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "caption");
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (place->icon_name));
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.place");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", place->name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  satchel_place_get_display_title (place), -1);
  return button;
}

static GtkWidget *
create_new_button (void)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("list-add-symbolic");

  gtk_widget_add_css_class (button, "suggested-action");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("New"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.new");
  return button;
}

/* "+" stands in the middle, under either thumb. */
static void
fill (SatchelBottomBar *self)
{
  guint n_places, n_in_bar = 0, seen = 0;
  const SatchelPlace *places = satchel_places_get (&n_places);

  for (guint i = 0; i < n_places; i++)
    n_in_bar += places[i].in_bar ? 1 : 0;
  for (guint i = 0; i < n_places; i++)
    {
      if (!places[i].in_bar)
        continue;
      if (seen++ == (n_in_bar + 1) / 2)
        gtk_box_append (self->box, create_new_button ());
      gtk_box_append (self->box, create_place_button (&places[i]));
    }
  if (n_in_bar < 2)
    gtk_box_append (self->box, create_new_button ());
}

static void
satchel_bottom_bar_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), SATCHEL_TYPE_BOTTOM_BAR);
  G_OBJECT_CLASS (satchel_bottom_bar_parent_class)->dispose (object);
}

static void
satchel_bottom_bar_class_init (SatchelBottomBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_bottom_bar_dispose;
  gtk_widget_class_set_css_name (widget_class, "bottombar");
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/shell/satchel-bottom-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelBottomBar, box);
}

static void
satchel_bottom_bar_init (SatchelBottomBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  fill (self);
}
