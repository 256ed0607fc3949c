/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-capture.h"

#include <glib/gi18n.h>

#include "notes/satchel-note-editor.h"
#include "satchel-capture-form.h"
#include "satchel-capture-kinds.h"

#define SATCHEL_TYPE_CAPTURE (satchel_capture_get_type ())
G_DECLARE_FINAL_TYPE (SatchelCapture, satchel_capture, SATCHEL, CAPTURE, AdwDialog)

/* The + sheet: what can be written down, and the form of what was chosen. */
struct _SatchelCapture
{
  AdwDialog parent_instance;

  AdwNavigationView *pages;
  GtkListBox *kinds;

  SatchelServices *services;
  char *account_id; /* nullable */
};

G_DEFINE_FINAL_TYPE (SatchelCapture, satchel_capture, ADW_TYPE_DIALOG)

static SatchelNoteEditor *
find_editor (AdwNavigationPage *page)
{
  GtkWidget *child = adw_navigation_page_get_child (page);

  return SATCHEL_IS_NOTE_EDITOR (child) ? SATCHEL_NOTE_EDITOR (child) : NULL;
}

static void
close_cb (SatchelCapture *self)
{
  adw_dialog_close (ADW_DIALOG (self));
}

static AdwNavigationPage *
make_note_page (SatchelCapture *self)
{
  SatchelNoteEditor *editor = g_object_new (SATCHEL_TYPE_NOTE_EDITOR, NULL);
  AdwNavigationPage *page = adw_navigation_page_new (GTK_WIDGET (editor), _ ("Note"));

  satchel_note_editor_set_services (editor, self->services);
  satchel_note_editor_start (editor, self->account_id);
  g_signal_connect_object (editor, "deleted", G_CALLBACK (close_cb), self, G_CONNECT_SWAPPED);

  return page;
}

static AdwNavigationPage *
make_page (SatchelCapture *self, const SatchelCaptureKind *kind)
{
  AdwNavigationPage *page;

  if (g_str_equal (kind->type, "note"))
    return make_note_page (self);

  page = satchel_capture_form_new (self->services, kind, self->account_id);
  g_signal_connect_object (page, "saved", G_CALLBACK (close_cb), self, G_CONNECT_SWAPPED);
  return page;
}

static void
start_writing (AdwNavigationPage *page)
{
  if (SATCHEL_IS_CAPTURE_FORM (page))
    satchel_capture_form_start (SATCHEL_CAPTURE_FORM (page));
  else if (find_editor (page) != NULL)
    satchel_note_editor_focus (find_editor (page));
}

/* A note needs room to write in; a form takes what it needs. */
static void
show_kind (SatchelCapture *self, const SatchelCaptureKind *kind, gboolean alone)
{
  AdwNavigationPage *page = make_page (self, kind);

  adw_dialog_set_content_height (ADW_DIALOG (self), 600);
  if (alone)
    adw_navigation_view_replace (self->pages, &page, 1);
  else
    adw_navigation_view_push (self->pages, page);
  adw_dialog_set_title (ADW_DIALOG (self), _ (kind->title));
  g_signal_connect (page, "shown", G_CALLBACK (start_writing), NULL);
}

static void
kind_cb (SatchelCapture *self, GtkWidget *row)
{
  show_kind (self, g_object_get_data (G_OBJECT (row), "satchel-kind"), FALSE);
}

static void
add_kind (SatchelCapture *self, const SatchelCaptureKind *kind)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (kind->icon);

  gtk_widget_add_css_class (icon, "satchel-event");
  gtk_widget_set_valign (icon, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (kind->title));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data (G_OBJECT (row), "satchel-kind", (gpointer) kind);
  g_signal_connect_object (row, "activated", G_CALLBACK (kind_cb), self, G_CONNECT_SWAPPED);
  gtk_list_box_append (self->kinds, row);
}

/* Whatever is typed is kept: a note is saved, a form is there again the next time. */
static void
closed_cb (SatchelCapture *self)
{
  AdwNavigationPage *page = adw_navigation_view_get_visible_page (self->pages);

  if (page != NULL && SATCHEL_IS_CAPTURE_FORM (page))
    satchel_capture_form_keep (SATCHEL_CAPTURE_FORM (page));
  else if (page != NULL && find_editor (page) != NULL)
    satchel_note_editor_leave (find_editor (page));
}

static void
satchel_capture_dispose (GObject *object)
{
  SatchelCapture *self = SATCHEL_CAPTURE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_CAPTURE);
  g_clear_object (&self->services);
  g_clear_pointer (&self->account_id, g_free);
  G_OBJECT_CLASS (satchel_capture_parent_class)->dispose (object);
}

static void
satchel_capture_class_init (SatchelCaptureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_capture_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/capture/satchel-capture.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelCapture, pages);
  gtk_widget_class_bind_template_child (widget_class, SatchelCapture, kinds);
  gtk_widget_class_bind_template_callback (widget_class, closed_cb);
}

static void
satchel_capture_init (SatchelCapture *self)
{
  guint n_kinds;
  const SatchelCaptureKind *kinds = satchel_capture_kinds_get (&n_kinds);

  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < n_kinds; i++)
    add_kind (self, &kinds[i]);
}

/**
 * satchel_capture_present:
 * @parent: the widget over which it appears
 * @services: writes what is captured
 * @kind: (nullable): the name of what to write down, or %NULL to ask
 * @account_id: (nullable): whom it is about
 *
 * Shows the + sheet.
 */
void
satchel_capture_present (GtkWidget *parent, SatchelServices *services, const char *kind, const char *account_id)
{
  SatchelCapture *self = g_object_new (SATCHEL_TYPE_CAPTURE, NULL);

  self->services = g_object_ref (services);
  self->account_id = g_strdup (account_id);
  if (satchel_capture_kinds_lookup (kind) != NULL)
    show_kind (self, satchel_capture_kinds_lookup (kind), TRUE);
  adw_dialog_present (ADW_DIALOG (self), parent);
}
