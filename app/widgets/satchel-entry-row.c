/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-entry-row.h"

#include <glib/gi18n.h>

#include "satchel-field-text.h"

/**
 * SatchelEntryRow: a field of one line: texts, numbers, amounts.
 */
struct _SatchelEntryRow
{
  AdwEntryRow parent_instance;

  GtkWidget *proposals; /* nullable */
  GtkWidget *unit; /* nullable: names the currency */
  char *currency;
  gboolean showing;
};

static void field_row_iface_init (SatchelFieldRowInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelEntryRow, satchel_entry_row, ADW_TYPE_ENTRY_ROW,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_FIELD_ROW, field_row_iface_init))

/* What the keyboard on the screen should offer. */

static GtkInputPurpose
get_purpose (const SatchelField *field)
{
  switch (field->kind)
    {
    case SATCHEL_KIND_PHONE:
      return GTK_INPUT_PURPOSE_PHONE;
    case SATCHEL_KIND_EMAIL:
      return GTK_INPUT_PURPOSE_EMAIL;
    case SATCHEL_KIND_URI:
      return GTK_INPUT_PURPOSE_URL;
    case SATCHEL_KIND_INTEGER:
      return GTK_INPUT_PURPOSE_DIGITS;
    case SATCHEL_KIND_NUMBER:
    case SATCHEL_KIND_MONEY:
      return GTK_INPUT_PURPOSE_NUMBER;
    case SATCHEL_KIND_CURRENCY:
      return GTK_INPUT_PURPOSE_ALPHA;
    case SATCHEL_KIND_TEXT:
      return (field->flags & SATCHEL_FIELD_TITLE) && (field->flags & SATCHEL_FIELD_PERSONAL)
                 ? GTK_INPUT_PURPOSE_NAME
                 : GTK_INPUT_PURPOSE_FREE_FORM;
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
    case SATCHEL_KIND_SET:
    case SATCHEL_KIND_JSON:
    default:
      return GTK_INPUT_PURPOSE_FREE_FORM;
    }
}

static GtkInputHints
get_hints (const SatchelField *field)
{
  if (field->kind == SATCHEL_KIND_CURRENCY)
    return GTK_INPUT_HINT_UPPERCASE_CHARS | GTK_INPUT_HINT_NO_SPELLCHECK;
  if (field->kind != SATCHEL_KIND_TEXT)
    return GTK_INPUT_HINT_LOWERCASE | GTK_INPUT_HINT_NO_SPELLCHECK;
  if (get_purpose (field) == GTK_INPUT_PURPOSE_NAME)
    return GTK_INPUT_HINT_UPPERCASE_WORDS | GTK_INPUT_HINT_NO_SPELLCHECK;
  return GTK_INPUT_HINT_UPPERCASE_SENTENCES | GTK_INPUT_HINT_SPELLCHECK | GTK_INPUT_HINT_WORD_COMPLETION;
}

/* Texts that have proposals. */

static void
proposal_cb (GtkListBox *list, GtkListBoxRow *chosen, gpointer data)
{
  SatchelEntryRow *self = SATCHEL_ENTRY_ROW (data);
  const SatchelField *field = satchel_field_row_get_field (SATCHEL_FIELD_ROW (self));
  const char *value = field->choices[gtk_list_box_row_get_index (chosen)].value;

  gtk_editable_set_text (GTK_EDITABLE (self), satchel_field_get_choice_label (field, value));
  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->proposals));
  satchel_field_row_finished (SATCHEL_FIELD_ROW (self));
}

static GtkWidget *
make_proposal_list (SatchelEntryRow *self, const SatchelField *field)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_widget_add_css_class (list, "navigation-sidebar");
  for (const SatchelChoice *choice = field->choices; choice->value != NULL; choice++)
    {
      GtkWidget *label = gtk_label_new (satchel_field_get_choice_label (field, choice->value));

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_list_box_append (GTK_LIST_BOX (list), label);
    }
  g_signal_connect (list, "row-activated", G_CALLBACK (proposal_cb), self);

  return list;
}

static void
add_proposals (SatchelEntryRow *self, const SatchelField *field)
{
  GtkWidget *popover = gtk_popover_new ();

  self->proposals = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->proposals), "pan-down-symbolic");
  gtk_widget_set_tooltip_text (self->proposals, _ ("Choose"));
  gtk_widget_set_valign (self->proposals, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->proposals, "flat");
  gtk_widget_add_css_class (popover, "menu");
  gtk_popover_set_child (GTK_POPOVER (popover), make_proposal_list (self, field));
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->proposals), popover);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (self), self->proposals);
}

static void
add_unit (SatchelEntryRow *self)
{
  self->unit = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->unit, "dim-label");
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (self), self->unit);
}

/* The row's life. */

static void
changed_cb (SatchelEntryRow *self)
{
  if (!self->showing)
    satchel_field_row_edited (SATCHEL_FIELD_ROW (self));
}

static void
set_up_once (SatchelEntryRow *self)
{
  const SatchelField *field = satchel_field_row_get_field (SATCHEL_FIELD_ROW (self));

  adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (self), get_purpose (field));
  adw_entry_row_set_input_hints (ADW_ENTRY_ROW (self), get_hints (field));
  if (field->choices != NULL && self->proposals == NULL)
    add_proposals (self, field);
}

static void
satchel_entry_row_show (SatchelFieldRow *row, const SatchelValue *value)
{
  SatchelEntryRow *self = SATCHEL_ENTRY_ROW (row);
  g_autofree char *text = satchel_field_to_text (satchel_field_row_get_field (row), value, self->currency);

  set_up_once (self);
  if (g_str_equal (text, gtk_editable_get_text (GTK_EDITABLE (self))))
    return;

  self->showing = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self), text);
  self->showing = FALSE;
}

static gboolean
satchel_entry_row_read (SatchelFieldRow *row, SatchelValue *value, GError **error)
{
  SatchelEntryRow *self = SATCHEL_ENTRY_ROW (row);

  return satchel_field_from_text (satchel_field_row_get_field (row), gtk_editable_get_text (GTK_EDITABLE (self)),
                                  self->currency, value, error);
}

static void
satchel_entry_row_set_currency (SatchelFieldRow *row, const char *currency)
{
  SatchelEntryRow *self = SATCHEL_ENTRY_ROW (row);

  if (satchel_field_row_get_field (row)->kind != SATCHEL_KIND_MONEY || !g_set_str (&self->currency, currency))
    return;
  if (self->unit == NULL)
    add_unit (self);
  gtk_label_set_label (GTK_LABEL (self->unit), currency != NULL ? currency : "");
}

static void
field_row_iface_init (SatchelFieldRowInterface *iface)
{
  iface->show = satchel_entry_row_show;
  iface->read = satchel_entry_row_read;
  iface->set_currency = satchel_entry_row_set_currency;
}

static void
satchel_entry_row_finalize (GObject *object)
{
  SatchelEntryRow *self = SATCHEL_ENTRY_ROW (object);

  g_free (self->currency);
  G_OBJECT_CLASS (satchel_entry_row_parent_class)->finalize (object);
}

static void
satchel_entry_row_class_init (SatchelEntryRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = satchel_entry_row_finalize;
}

static void
satchel_entry_row_init (SatchelEntryRow *self)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect_swapped (focus, "leave", G_CALLBACK (satchel_field_row_finished), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  g_signal_connect (self, "changed", G_CALLBACK (changed_cb), NULL);
  g_signal_connect (self, "entry-activated", G_CALLBACK (satchel_field_row_finished), NULL);
}
