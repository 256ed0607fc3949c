/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-conflict-editor.h"

#include <glib/gi18n.h>

#include "satchel-diff-view.h"
#include "satchel-version-view.h"
#include "widgets/satchel-form.h"

struct _SatchelConflictEditor
{
  AdwDialog parent_instance;

  GtkStack *kinds;
  GtkTextView *text;
  AdwPreferencesGroup *about;
  SatchelForm *form;

  const SatchelUnit *unit;
  const SatchelField *field; /* of a long text */
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

static JsonObject *
read_text (SatchelConflictEditor *self)
{
  g_autofree char *typed = dup_typed (self);
  JsonObject *value = json_object_new ();

  if (*typed != '\0')
    json_object_set_string_member (value, self->field->name, typed);
  else
    json_object_set_null_member (value, self->field->name);
  return value;
}

/* NULL while something is typed that is no value; the form says which. */
static JsonObject *
read_form (SatchelConflictEditor *self)
{
  SatchelDraft *draft = satchel_form_get_draft (self->form);

  return satchel_form_check (self->form) ? satchel_record_dup_unit (satchel_draft_get_record (draft), self->unit->name)
                                         : NULL;
}

static void
settle_cb (SatchelConflictEditor *self)
{
  g_autoptr (JsonObject) value = self->field != NULL ? read_text (self) : read_form (self);

  if (value == NULL)
    return;
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
  g_type_ensure (SATCHEL_TYPE_FORM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/sync-centre/satchel-conflict-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelConflictEditor, kinds);
  gtk_widget_class_bind_template_child (widget_class, SatchelConflictEditor, text);
  gtk_widget_class_bind_template_child (widget_class, SatchelConflictEditor, about);
  gtk_widget_class_bind_template_child (widget_class, SatchelConflictEditor, form);
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

static gboolean
is_long_text (const SatchelConflictCase *shown)
{
  return satchel_conflict_case_is_text (shown) && shown->rows->len == 1;
}

static void
show_text (SatchelConflictEditor *self, const SatchelConflictCase *shown)
{
  g_autofree char *before = dup_text (shown, 0);
  g_autofree char *current = dup_text (shown, 1);
  g_autofree char *value = dup_text (shown, shown->versions->len - 1);
  g_autofree char *draft = satchel_diff_dup_draft (before, current, value);

  self->field = g_ptr_array_index (shown->rows, 0);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text), draft, -1);
  adw_dialog_set_focus (ADW_DIALOG (self), GTK_WIDGET (self->text));
}

static const SatchelField *
get_field (const SatchelConflictCase *shown, guint index)
{
  return satchel_type_get_field (satchel_record_get_record_type (shown->target), shown->unit->fields[index]);
}

static char **
list_fields (const SatchelConflictCase *shown)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < shown->unit->n_fields; i++)
    g_strv_builder_add (names, get_field (shown, i)->name);
  return g_strv_builder_end (names);
}

/* The record as it would be with what was written last. It counts as new, so that every field of it can be changed. */
static SatchelDraft *
create_draft (const SatchelConflictCase *shown)
{
  const SatchelVersion *last = g_ptr_array_index (shown->versions, shown->versions->len - 1);
  g_autoptr (SatchelRecord) record = satchel_record_copy (shown->target);

  if (last->fields != NULL)
    satchel_record_apply_unit (record, shown->unit->name, last->fields, NULL);
  return satchel_draft_new_for_creation (record);
}

/* What there is to choose from stays in sight while a third answer is typed. */
static void
add_versions (SatchelConflictEditor *self, const SatchelConflictCase *shown)
{
  for (guint i = 0; i < shown->versions->len; i++)
    {
      const SatchelVersion *version = g_ptr_array_index (shown->versions, i);
      g_autofree char *value = satchel_version_dup_summary (version, shown);
      GtkWidget *row = adw_action_row_new ();

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), satchel_version_get_title (version));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), value);
      gtk_widget_add_css_class (row, "property");
      adw_preferences_group_add (self->about, row);
    }
}

static void
show_form (SatchelConflictEditor *self, SatchelServices *services, const SatchelConflictCase *shown)
{
  g_auto (GStrv) fields = list_fields (shown);
  g_autoptr (SatchelDraft) draft = create_draft (shown);

  satchel_form_set_services (self->form, services);
  satchel_form_set_first_fields (self->form, (const char *const *) fields);
  satchel_form_set_only_first (self->form, TRUE);
  satchel_form_set_draft (self->form, draft);
  add_versions (self, shown);
}

/**
 * satchel_conflict_editor_can_edit:
 * @shown: a case
 *
 * Returns: whether a third answer can be typed: not to whether something is deleted, and not for fields that only a
 *   newer version knows
 */
gboolean
satchel_conflict_editor_can_edit (const SatchelConflictCase *shown)
{
  const SatchelVersion *current = g_ptr_array_index (shown->versions, 1);

  if (shown->unit == NULL || current->deleted || shown->versions->len < 3)
    return FALSE;
  for (guint i = 0; i < shown->unit->n_fields; i++)
    if ((get_field (shown, i)->flags & SATCHEL_FIELD_HIDDEN) == 0)
      return TRUE;
  return FALSE;
}

/**
 * satchel_conflict_editor_new:
 * @services: the services
 * @shown: the case to settle, which satchel_conflict_editor_can_edit() holds for
 *
 * Returns: (transfer floating): a dialog that begins with what was written: of a text, all of it
 */
AdwDialog *
satchel_conflict_editor_new (SatchelServices *services, const SatchelConflictCase *shown)
{
  SatchelConflictEditor *self = g_object_new (SATCHEL_TYPE_CONFLICT_EDITOR, NULL);

  self->unit = shown->unit;
  if (is_long_text (shown))
    show_text (self, shown);
  else
    show_form (self, services, shown);
  gtk_stack_set_visible_child_name (self->kinds, self->field != NULL ? "text" : "form");
  return ADW_DIALOG (self);
}
