/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-conflict-editor.h"

#include <glib/gi18n.h>

#include "satchel-diff-view.h"

struct _SatchelConflictEditor
{
  AdwDialog parent_instance;

  GtkTextView *text;

  const SatchelField *field;
};

G_DEFINE_FINAL_TYPE (SatchelConflictEditor, satchel_conflict_editor, ADW_TYPE_DIALOG)

enum
{
  SETTLED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
cancel_cb (SatchelConflictEditor *self)
{
  adw_dialog_close (ADW_DIALOG (self));
}

static char *
dup_typed (SatchelConflictEditor *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

static void
settle_cb (SatchelConflictEditor *self)
{
  g_autofree char *typed = dup_typed (self);
  g_autoptr (JsonObject) value = json_object_new ();

  if (*typed != '\0')
    json_object_set_string_member (value, self->field->name, typed);
  else
    json_object_set_null_member (value, self->field->name);
  g_signal_emit (self, signals[SETTLED], 0, value);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
satchel_conflict_editor_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SATCHEL_TYPE_CONFLICT_EDITOR);
  G_OBJECT_CLASS (satchel_conflict_editor_parent_class)->dispose (object);
}

static void
satchel_conflict_editor_class_init (SatchelConflictEditorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_conflict_editor_dispose;
  signals[SETTLED] = g_signal_new ("settled", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/sync-centre/satchel-conflict-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelConflictEditor, text);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, settle_cb);
}

static void
satchel_conflict_editor_init (SatchelConflictEditor *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static char *
dup_text (const SatchelConflictCase *shown, guint version)
{
  char *text = satchel_version_dup_value (g_ptr_array_index (shown->versions, version), shown, 0);

  return text != NULL ? text : g_strdup ("");
}

gboolean
satchel_conflict_editor_can_edit (const SatchelConflictCase *shown)
{
  const SatchelVersion *current = g_ptr_array_index (shown->versions, 1);

  return shown->unit != NULL && satchel_conflict_case_is_text (shown) && shown->rows->len == 1 && !current->deleted &&
         shown->versions->len > 2;
}

/**
 * satchel_conflict_editor_new:
 * @services: the services
 * @shown: the case to settle, which satchel_conflict_editor_can_edit() holds for
 *
 * Returns: (transfer floating): a dialog that begins with all that was written
 */
AdwDialog *
satchel_conflict_editor_new (SatchelServices *services, const SatchelConflictCase *shown)
{
  SatchelConflictEditor *self = g_object_new (SATCHEL_TYPE_CONFLICT_EDITOR, NULL);
  g_autofree char *before = dup_text (shown, 0);
  g_autofree char *current = dup_text (shown, 1);
  g_autofree char *value = dup_text (shown, shown->versions->len - 1);
  g_autofree char *draft = satchel_diff_dup_draft (before, current, value);

  self->field = g_ptr_array_index (shown->rows, 0);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text), draft, -1);
  adw_dialog_set_focus (ADW_DIALOG (self), GTK_WIDGET (self->text));
  return ADW_DIALOG (self);
}
