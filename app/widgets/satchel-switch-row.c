/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-switch-row.h"

/**
 * SatchelSwitchRow: yes or no. Nothing said shows as no and stays nothing said until it is switched.
 */
struct _SatchelSwitchRow
{
  AdwActionRow parent_instance;

  GtkSwitch *toggle;
  SatchelValue shown;
  gboolean showing;
};

static void field_row_iface_init (SatchelFieldRowInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelSwitchRow, satchel_switch_row, ADW_TYPE_ACTION_ROW,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_FIELD_ROW, field_row_iface_init))

static void
active_cb (SatchelSwitchRow *self)
{
  if (self->showing)
    return;
  satchel_field_row_edited (SATCHEL_FIELD_ROW (self));
  satchel_field_row_finished (SATCHEL_FIELD_ROW (self));
}

static void
satchel_switch_row_show (SatchelFieldRow *row, const SatchelValue *value)
{
  SatchelSwitchRow *self = SATCHEL_SWITCH_ROW (row);

  satchel_value_copy (value, &self->shown);
  self->showing = TRUE;
  gtk_switch_set_active (self->toggle, value->storage == SATCHEL_STORAGE_INTEGER && value->integer != 0);
  self->showing = FALSE;
}

static gboolean
satchel_switch_row_read (SatchelFieldRow *row, SatchelValue *value, GError **error)
{
  SatchelSwitchRow *self = SATCHEL_SWITCH_ROW (row);

  if (satchel_field_row_get_edited (row))
    satchel_value_set_integer (value, gtk_switch_get_active (self->toggle));
  else
    satchel_value_copy (&self->shown, value);
  return TRUE;
}

static void
field_row_iface_init (SatchelFieldRowInterface *iface)
{
  iface->show = satchel_switch_row_show;
  iface->read = satchel_switch_row_read;
}

static void
satchel_switch_row_finalize (GObject *object)
{
  SatchelSwitchRow *self = SATCHEL_SWITCH_ROW (object);

  satchel_value_clear (&self->shown);
  G_OBJECT_CLASS (satchel_switch_row_parent_class)->finalize (object);
}

static void
satchel_switch_row_class_init (SatchelSwitchRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = satchel_switch_row_finalize;
}

static void
satchel_switch_row_init (SatchelSwitchRow *self)
{
  self->toggle = GTK_SWITCH (gtk_switch_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->toggle), GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), GTK_WIDGET (self->toggle));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), GTK_WIDGET (self->toggle));
  g_signal_connect_swapped (self->toggle, "notify::active", G_CALLBACK (active_cb), self);
}
