/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-menu-button.h"

struct _SatchelMenuButton
{
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (SatchelMenuButton, satchel_menu_button, ADW_TYPE_BIN)

static void
satchel_menu_button_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SATCHEL_TYPE_MENU_BUTTON);
  G_OBJECT_CLASS (satchel_menu_button_parent_class)->dispose (object);
}

static void
satchel_menu_button_class_init (SatchelMenuButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = satchel_menu_button_dispose;
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               "/org/satchelcrm/Satchel/shell/satchel-menu-button.ui");
}

static void
satchel_menu_button_init (SatchelMenuButton *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
