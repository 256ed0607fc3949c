/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-property-row.h"

#include "satchel-titles.h"

/**
 * SatchelPropertyRow: a field that this person cannot change; out of sight while it is empty.
 */
struct _SatchelPropertyRow
{
  AdwActionRow parent_instance;

  SatchelServices *services; /* nullable */
  SatchelValue shown;
  char *currency;
};

static void field_row_iface_init (SatchelFieldRowInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelPropertyRow, satchel_property_row, ADW_TYPE_ACTION_ROW,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_FIELD_ROW, field_row_iface_init))

static void
take_titles (gpointer owner, GHashTable *titles)
{
  SatchelPropertyRow *self = owner;
  const char *title = NULL;

  if (self->shown.storage == SATCHEL_STORAGE_TEXT)
    title = g_hash_table_lookup (titles, self->shown.text);
  if (title != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self), title);
  gtk_widget_set_visible (GTK_WIDGET (self), title != NULL);
}

static void
show_text (SatchelPropertyRow *self)
{
  const SatchelField *field = satchel_field_row_get_field (SATCHEL_FIELD_ROW (self));
  g_autofree char *text = satchel_value_to_display (field, &self->shown, self->currency);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
  gtk_widget_set_visible (GTK_WIDGET (self), *text != '\0');
}

static void
satchel_property_row_show (SatchelFieldRow *row, const SatchelValue *value)
{
  SatchelPropertyRow *self = SATCHEL_PROPERTY_ROW (row);
  const SatchelField *field = satchel_field_row_get_field (row);

  satchel_value_copy (value, &self->shown);
  if (field->kind != SATCHEL_KIND_REFERENCE)
    show_text (self);
  else if (satchel_value_is_null (value) || self->services == NULL)
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  else
    satchel_titles_fetch (self->services, (const char *[]) { value->text, NULL }, self, take_titles);
}

static gboolean
satchel_property_row_read (SatchelFieldRow *row, SatchelValue *value, GError **error)
{
  satchel_value_copy (&SATCHEL_PROPERTY_ROW (row)->shown, value);
  return TRUE;
}

static void
satchel_property_row_set_currency (SatchelFieldRow *row, const char *currency)
{
  SatchelPropertyRow *self = SATCHEL_PROPERTY_ROW (row);

  if (g_set_str (&self->currency, currency))
    show_text (self);
}

static void
field_row_iface_init (SatchelFieldRowInterface *iface)
{
  iface->show = satchel_property_row_show;
  iface->read = satchel_property_row_read;
  iface->set_currency = satchel_property_row_set_currency;
}

static void
satchel_property_row_finalize (GObject *object)
{
  SatchelPropertyRow *self = SATCHEL_PROPERTY_ROW (object);

  satchel_value_clear (&self->shown);
  g_free (self->currency);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_property_row_parent_class)->finalize (object);
}

static void
satchel_property_row_class_init (SatchelPropertyRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = satchel_property_row_finalize;
}

static void
satchel_property_row_init (SatchelPropertyRow *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "property");
  adw_action_row_set_subtitle_selectable (ADW_ACTION_ROW (self), TRUE);
}

void
satchel_property_row_set_services (SatchelPropertyRow *self, SatchelServices *services)
{
  g_set_object (&self->services, services);
}
