/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-choice-row.h"

#include <glib/gi18n.h>

/**
 * SatchelChoiceRow: one of the field's choices, or none.
 */
struct _SatchelChoiceRow
{
  AdwComboRow parent_instance;

  char *unknown; /* nullable: a choice that a newer version knows */
  gboolean showing;
};

static void field_row_iface_init (SatchelFieldRowInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelChoiceRow, satchel_choice_row, ADW_TYPE_COMBO_ROW,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_FIELD_ROW, field_row_iface_init))

static guint
count_choices (const SatchelField *field)
{
  guint n_choices = 0;

  while (field->choices[n_choices].value != NULL)
    n_choices++;
  return n_choices;
}

/* Position 0 is none; what this version does not know comes last. */
static guint
find_position (const SatchelField *field, const char *text)
{
  guint position = 0;

  if (text == NULL)
    return 0;
  while (field->choices[position].value != NULL && !g_str_equal (field->choices[position].value, text))
    position++;
  return position + 1;
}

static GtkStringList *
make_model (SatchelChoiceRow *self, const SatchelField *field)
{
  GtkStringList *labels = gtk_string_list_new (NULL);

  /* Translators: nothing is chosen. */
  gtk_string_list_append (labels, C_ ("choice", "—"));
  for (const SatchelChoice *choice = field->choices; choice->value != NULL; choice++)
    gtk_string_list_append (labels, satchel_field_get_choice_label (field, choice->value));
  if (self->unknown != NULL)
    gtk_string_list_append (labels, self->unknown);

  return labels;
}

static void
selected_cb (SatchelChoiceRow *self)
{
  if (self->showing)
    return;
  satchel_field_row_edited (SATCHEL_FIELD_ROW (self));
  satchel_field_row_finished (SATCHEL_FIELD_ROW (self));
}

static void
satchel_choice_row_show (SatchelFieldRow *row, const SatchelValue *value)
{
  SatchelChoiceRow *self = SATCHEL_CHOICE_ROW (row);
  const SatchelField *field = satchel_field_row_get_field (row);
  const char *text = value->storage == SATCHEL_STORAGE_TEXT ? value->text : NULL;
  guint position = find_position (field, text);
  gboolean unknown_changed = g_set_str (&self->unknown, position > count_choices (field) ? text : NULL);

  self->showing = TRUE;
  if (unknown_changed || adw_combo_row_get_model (ADW_COMBO_ROW (self)) == NULL)
    {
      g_autoptr (GtkStringList) labels = make_model (self, field);

      adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (labels));
    }
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), position);
  self->showing = FALSE;
}

static gboolean
satchel_choice_row_read (SatchelFieldRow *row, SatchelValue *value, GError **error)
{
  SatchelChoiceRow *self = SATCHEL_CHOICE_ROW (row);
  const SatchelField *field = satchel_field_row_get_field (row);
  guint position = adw_combo_row_get_selected (ADW_COMBO_ROW (self));

  if (position == 0)
    satchel_value_clear (value);
  else if (position > count_choices (field))
    satchel_value_set_text (value, self->unknown);
  else
    satchel_value_set_text (value, field->choices[position - 1].value);

  return TRUE;
}

static void
field_row_iface_init (SatchelFieldRowInterface *iface)
{
  iface->show = satchel_choice_row_show;
  iface->read = satchel_choice_row_read;
}

static void
satchel_choice_row_finalize (GObject *object)
{
  SatchelChoiceRow *self = SATCHEL_CHOICE_ROW (object);

  g_free (self->unknown);
  G_OBJECT_CLASS (satchel_choice_row_parent_class)->finalize (object);
}

static void
satchel_choice_row_class_init (SatchelChoiceRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = satchel_choice_row_finalize;
}

static void
satchel_choice_row_init (SatchelChoiceRow *self)
{
  g_signal_connect (self, "notify::selected", G_CALLBACK (selected_cb), NULL);
}
