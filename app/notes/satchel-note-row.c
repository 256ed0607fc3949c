/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-note-row.h"

#include <string.h>

#include "widgets/satchel-moment.h"
#include "widgets/satchel-names.h"
#include "widgets/satchel-preview.h"
#include "widgets/satchel-record-item.h"

#define SATCHEL_TYPE_NOTE_ROW (satchel_note_row_get_type ())
G_DECLARE_FINAL_TYPE (SatchelNoteRow, satchel_note_row, SATCHEL, NOTE_ROW, AdwBin)

/* A note in the list: what it is called, how it goes on, whom it is about and when it was written. */
struct _SatchelNoteRow
{
  AdwBin parent_instance;

  GtkLabel *title;
  GtkLabel *preview;
  GtkLabel *second_line;
  GtkWidget *private_icon;
  GtkWidget *pin_icon;

  SatchelNames *names; /* borrowed from the services */
  SatchelRecordItem *item; /* nullable */
  gulong item_handler;
};

G_DEFINE_FINAL_TYPE (SatchelNoteRow, satchel_note_row, ADW_TYPE_BIN)

/* How it goes on: what does not stand as the title already. */
static char *
dup_preview (SatchelRecord *note)
{
  const char *text = satchel_record_get_text (note, "body");

  if (text != NULL && satchel_record_get_text (note, "title") == NULL)
    text = strchr (text + strspn (text, " \t\n"), '\n');
  return satchel_preview_dup (text);
}

static char *
dup_second_line (SatchelNoteRow *self, SatchelRecord *note)
{
  const char *updated = satchel_record_get_updated_at (note);
  const char *account = satchel_names_lookup (self->names, satchel_record_get_text (note, "account"));
  g_autofree char *when = updated != NULL ? satchel_moment_to_short_text (updated) : NULL;

  return satchel_preview_join (when, account);
}

static void
show_note (SatchelNoteRow *self)
{
  SatchelRecord *note = self->item != NULL ? satchel_record_item_get_record (self->item) : NULL;
  g_autofree char *title = note != NULL ? satchel_record_dup_title (note) : g_strdup ("");
  g_autofree char *preview = note != NULL ? dup_preview (note) : g_strdup ("");
  g_autofree char *line = note != NULL ? dup_second_line (self, note) : g_strdup ("");

  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->preview, preview);
  gtk_widget_set_visible (GTK_WIDGET (self->preview), note == NULL || *preview != '\0');
  gtk_label_set_label (self->second_line, line);
  gtk_widget_set_visible (self->pin_icon, note != NULL && satchel_record_get_integer (note, "pinned") != 0);
  gtk_widget_set_visible (self->private_icon, note != NULL && satchel_record_get_integer (note, "private") != 0);
}

static void
set_item (SatchelNoteRow *self, SatchelRecordItem *item)
{
  if (self->item != NULL)
    g_clear_signal_handler (&self->item_handler, self->item);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  self->item_handler = g_signal_connect_swapped (item, "notify::record", G_CALLBACK (show_note), self);
  show_note (self);
}

static void
satchel_note_row_dispose (GObject *object)
{
  SatchelNoteRow *self = SATCHEL_NOTE_ROW (object);

  set_item (self, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_NOTE_ROW);
  G_OBJECT_CLASS (satchel_note_row_parent_class)->dispose (object);
}

static void
satchel_note_row_class_init (SatchelNoteRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_note_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/notes/satchel-note-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteRow, title);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteRow, preview);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteRow, second_line);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteRow, private_icon);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteRow, pin_icon);
}

static void
satchel_note_row_init (SatchelNoteRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *list_item, SatchelServices *services)
{
  SatchelNoteRow *row = g_object_new (SATCHEL_TYPE_NOTE_ROW, NULL);

  row->names = satchel_names_get_default (services);
  g_signal_connect_object (row->names, "arrived", G_CALLBACK (show_note), row, G_CONNECT_SWAPPED);
  gtk_list_item_set_child (list_item, GTK_WIDGET (row));
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *list_item)
{
  set_item (SATCHEL_NOTE_ROW (gtk_list_item_get_child (list_item)), gtk_list_item_get_item (list_item));
}

static void
unbind_cb (GtkListItemFactory *factory, GtkListItem *list_item)
{
  set_item (SATCHEL_NOTE_ROW (gtk_list_item_get_child (list_item)), NULL);
}

/**
 * satchel_note_row_factory_new:
 * @services: looks names up; must outlive the factory
 *
 * Returns: (transfer full): makes rows of notes
 */
GtkListItemFactory *
satchel_note_row_factory_new (SatchelServices *services)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), services, G_CONNECT_DEFAULT);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);

  return factory;
}
