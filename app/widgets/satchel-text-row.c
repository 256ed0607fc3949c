/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-text-row.h"

#include "satchel-field-text.h"

/**
 * SatchelTextRow: a text of many lines that grows with what is typed.
 */
struct _SatchelTextRow
{
  AdwPreferencesRow parent_instance;

  GtkTextView *view;
  gboolean showing;
};

static void field_row_iface_init (SatchelFieldRowInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelTextRow, satchel_text_row, ADW_TYPE_PREFERENCES_ROW,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_FIELD_ROW, field_row_iface_init))

static char *
dup_text (SatchelTextRow *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

static void
changed_cb (SatchelTextRow *self)
{
  if (!self->showing)
    satchel_field_row_edited (SATCHEL_FIELD_ROW (self));
}

static void
satchel_text_row_show (SatchelFieldRow *row, const SatchelValue *value)
{
  SatchelTextRow *self = SATCHEL_TEXT_ROW (row);
  g_autofree char *text = satchel_field_to_text (satchel_field_row_get_field (row), value, NULL);
  g_autofree char *typed = dup_text (self);

  if (g_str_equal (text, typed))
    return;

  self->showing = TRUE;
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), text, -1);
  self->showing = FALSE;
}

static gboolean
satchel_text_row_read (SatchelFieldRow *row, SatchelValue *value, GError **error)
{
  g_autofree char *text = dup_text (SATCHEL_TEXT_ROW (row));

  return satchel_field_from_text (satchel_field_row_get_field (row), text, NULL, value, error);
}

static void
field_row_iface_init (SatchelFieldRowInterface *iface)
{
  iface->show = satchel_text_row_show;
  iface->read = satchel_text_row_read;
}

static gboolean
satchel_text_row_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (SATCHEL_TEXT_ROW (widget)->view));
}

static void
satchel_text_row_class_init (SatchelTextRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->grab_focus = satchel_text_row_grab_focus;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/widgets/satchel-text-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelTextRow, view);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, satchel_field_row_finished);
}

static void
satchel_text_row_init (SatchelTextRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
