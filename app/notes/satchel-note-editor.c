/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-note-editor.h"

#include <string.h>

#include <glib/gi18n.h>

#include "records/satchel-id.h"
#include "widgets/satchel-deletion.h"
#include "widgets/satchel-field-row.h"
#include "widgets/satchel-keeper.h"
#include "widgets/satchel-record-chooser.h"
#include "widgets/satchel-titles.h"

/**
 * SatchelNoteEditor:
 *
 * One note to write in. There is nothing to confirm: it is saved at each
 * pause, when the focus leaves, when another note is opened and when the
 * window goes.
 */
struct _SatchelNoteEditor
{
  AdwBin parent_instance;

  GtkStack *states;
  GtkWidget *menu_button;
  GtkWidget *pin_button;
  GtkText *title;
  GtkWidget *account_button;
  AdwButtonContent *account_label;
  GtkWidget *tags_button;
  AdwButtonContent *tags_label;
  GtkListBox *tags_list;
  GtkWidget *private_icon;
  GtkTextView *view;
  GtkTextBuffer *buffer;

  SatchelServices *services;
  SatchelFieldRow *tags_row;
  GSimpleActionGroup *actions;
  char *id; /* nullable: the note that is shown or being read */
  SatchelKeeper *keeper; /* nullable: of the note that is shown */
  gboolean showing; /* what changes in the widgets is not typed */
};

enum
{
  PROP_0,
  PROP_TITLE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  DELETED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SatchelNoteEditor, satchel_note_editor, ADW_TYPE_BIN)

static SatchelDraft *
get_draft (SatchelNoteEditor *self)
{
  return self->keeper != NULL ? satchel_keeper_get_draft (self->keeper) : NULL;
}

static guint
get_field (const char *name, SatchelDraft *draft)
{
  guint index;

  if (!satchel_type_lookup_field (satchel_draft_get_record_type (draft), name, &index))
    g_assert_not_reached ();
  return index;
}

/* ---- Showing -------------------------------------------------------------------------------------- */

static char *
dup_body (SatchelNoteEditor *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, TRUE);
}

/* How many characters two texts have in common at their starts, and then at their ends. */
static void
compare_texts (const char *a, const char *b, int *n_start, int *n_end)
{
  const char *p = a, *q = b;
  const char *a_end = a + strlen (a), *b_end = b + strlen (b);

  for (*n_start = 0; *p != '\0' && g_utf8_get_char (p) == g_utf8_get_char (q); (*n_start)++)
    {
      p = g_utf8_next_char (p);
      q = g_utf8_next_char (q);
    }
  for (*n_end = 0; a_end > p && b_end > q; (*n_end)++)
    {
      const char *a_last = g_utf8_prev_char (a_end), *b_last = g_utf8_prev_char (b_end);

      if (g_utf8_get_char (a_last) != g_utf8_get_char (b_last))
        break;
      a_end = a_last;
      b_end = b_last;
    }
}

/* Changes only what differs, so that the cursor and what is on screen stay. */
static void
show_body (SatchelNoteEditor *self, const char *text)
{
  g_autofree char *shown = dup_body (self);
  GtkTextIter start, end;
  int n_start, n_end;

  if (g_str_equal (shown, text))
    return;

  compare_texts (shown, text, &n_start, &n_end);
  gtk_text_buffer_begin_irreversible_action (self->buffer);
  gtk_text_buffer_get_iter_at_offset (self->buffer, &start, n_start);
  gtk_text_buffer_get_iter_at_offset (self->buffer, &end, (int) g_utf8_strlen (shown, -1) - n_end);
  gtk_text_buffer_delete (self->buffer, &start, &end);
  {
    const char *from = g_utf8_offset_to_pointer (text, n_start);
    const char *to = g_utf8_offset_to_pointer (text, g_utf8_strlen (text, -1) - n_end);

    gtk_text_buffer_insert (self->buffer, &start, from, (int) (to - from));
  }
  gtk_text_buffer_end_irreversible_action (self->buffer);
}

static void
take_titles (gpointer owner, GHashTable *titles)
{
  SatchelNoteEditor *self = owner;
  SatchelDraft *draft = get_draft (self);
  const char *account = draft != NULL ? satchel_draft_get_text (draft, "account") : NULL;
  const char *name = account != NULL ? g_hash_table_lookup (titles, account) : NULL;

  if (name != NULL)
    adw_button_content_set_label (self->account_label, name);
}

static void
enable (SatchelNoteEditor *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), name)),
                               enabled);
}

static void
show_account (SatchelNoteEditor *self)
{
  const char *account = satchel_draft_get_text (get_draft (self), "account");

  enable (self, "unlink", account != NULL);
  if (account == NULL)
    adw_button_content_set_label (self->account_label, _ ("Account"));
  else
    satchel_titles_fetch (self->services, (const char *[]) { account, NULL }, self, take_titles);
}

static void
show_tags (SatchelNoteEditor *self)
{
  SatchelDraft *draft = get_draft (self);
  const SatchelValue *value = satchel_draft_get_value (draft, get_field ("tags", draft));
  g_auto (GStrv) tags = satchel_value_dup_set (value);
  g_autofree char *text = tags != NULL && tags[0] != NULL ? g_strjoinv (", ", tags) : g_strdup (_ ("Tags"));

  adw_button_content_set_label (self->tags_label, text);
}

static gboolean
is_set (SatchelDraft *draft, const char *field)
{
  const SatchelValue *value = satchel_draft_get_value (draft, get_field (field, draft));

  return value->storage == SATCHEL_STORAGE_INTEGER && value->integer != 0;
}

static void
show_state_of (SatchelNoteEditor *self, const char *action, gboolean state)
{
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), action)),
                             g_variant_new_boolean (state));
}

static void
show_field (SatchelNoteEditor *self, const char *field)
{
  SatchelDraft *draft = get_draft (self);
  const char *text = g_str_equal (field, "title") || g_str_equal (field, "body") ? satchel_draft_get_text (draft, field)
                                                                                 : NULL;

  self->showing = TRUE;
  if (g_str_equal (field, "title") && g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->title)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->title), text != NULL ? text : "");
  else if (g_str_equal (field, "body"))
    show_body (self, text != NULL ? text : "");
  else if (g_str_equal (field, "account"))
    show_account (self);
  else if (g_str_equal (field, "tags"))
    {
      satchel_field_row_show (self->tags_row, satchel_draft_get_value (draft, get_field ("tags", draft)));
      show_tags (self);
    }
  else if (g_str_equal (field, "pinned"))
    show_state_of (self, "pin", is_set (draft, "pinned"));
  else if (g_str_equal (field, "private"))
    {
      show_state_of (self, "private", is_set (draft, "private"));
      gtk_widget_set_visible (self->private_icon, is_set (draft, "private"));
    }
  self->showing = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

static void
show_note (SatchelNoteEditor *self)
{
  static const char *const fields[] = { "title", "body", "account", "tags", "pinned", "private" };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    show_field (self, fields[i]);
}

static void
refreshed_cb (SatchelNoteEditor *self, guint index)
{
  show_field (self, satchel_type_get_field (satchel_draft_get_record_type (get_draft (self)), index)->name);
}

static void
show_state (SatchelNoteEditor *self, const char *state)
{
  gboolean has_note = g_str_equal (state, "note");

  gtk_stack_set_visible_child_name (self->states, state);
  gtk_widget_set_visible (self->menu_button, has_note);
  gtk_widget_set_visible (self->pin_button, has_note);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

/* ---- Typing --------------------------------------------------------------------------------------- */

static void
typed (SatchelNoteEditor *self, const char *field, const char *text)
{
  if (self->showing || self->keeper == NULL)
    return;
  satchel_draft_set_text (get_draft (self), field, text);
  satchel_keeper_save_soon (self->keeper);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

static void
title_changed_cb (SatchelNoteEditor *self)
{
  typed (self, "title", gtk_editable_get_text (GTK_EDITABLE (self->title)));
}

static void
body_changed_cb (SatchelNoteEditor *self)
{
  g_autofree char *body = dup_body (self);

  typed (self, "body", body);
}

static void
title_activate_cb (SatchelNoteEditor *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
save (SatchelNoteEditor *self)
{
  if (self->keeper != NULL)
    satchel_keeper_save (self->keeper);
}

static void
focus_left_cb (SatchelNoteEditor *self)
{
  save (self);
}

static void
tags_edited_cb (SatchelNoteEditor *self)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  SatchelDraft *draft = get_draft (self);

  if (draft == NULL || !satchel_field_row_read (self->tags_row, &value, NULL))
    return;
  satchel_draft_set_value (draft, get_field ("tags", draft), &value);
  show_tags (self);
}

static void
set_account (SatchelNoteEditor *self, const char *id)
{
  if (self->keeper == NULL)
    return;
  satchel_draft_set_text (get_draft (self), "account", id);
  show_account (self);
  save (self);
}

static void
chosen_cb (gpointer owner, SatchelRecord *record)
{
  set_account (owner, satchel_record_get_id (record));
}

static void
choose_account_cb (SatchelNoteEditor *self)
{
  satchel_record_chooser_present (GTK_WIDGET (self), self->services, "account", NULL, chosen_cb);
}

static void
unlink_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  set_account (data, NULL);
}

static void
change_flag (SatchelNoteEditor *self, const char *field, gboolean state)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  SatchelDraft *draft = get_draft (self);

  if (draft == NULL)
    return;
  satchel_value_set_integer (&value, state);
  satchel_draft_set_value (draft, get_field (field, draft), &value);
  show_field (self, field);
  save (self);
}

static void
pin_change_state (GSimpleAction *action, GVariant *state, gpointer data)
{
  change_flag (data, "pinned", g_variant_get_boolean (state));
}

static void
private_change_state (GSimpleAction *action, GVariant *state, gpointer data)
{
  change_flag (data, "private", g_variant_get_boolean (state));
}

static void
history_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_widget_activate_action (data, "win.history", "(ss)", "note", SATCHEL_NOTE_EDITOR (data)->id);
}

static void
delete_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelNoteEditor *self = data;
  g_autofree char *id = g_strdup (self->id);

  satchel_note_editor_leave (self);
  satchel_deletion_start (self->services, id, _ ("Note deleted"));
  g_signal_emit (self, signals[DELETED], 0);
}

static const GActionEntry entries[] = {
  { "pin", .state = "false", .change_state = pin_change_state },
  { "private", .state = "false", .change_state = private_change_state },
  { "unlink", unlink_action },
  { "history", history_action },
  { "delete", delete_action },
};

/* ---- Opening and leaving -------------------------------------------------------------------------- */

static void
let_go (SatchelNoteEditor *self)
{
  if (self->keeper == NULL)
    return;
  satchel_keeper_close (self->keeper);
  g_signal_handlers_disconnect_by_data (self->keeper, self);
  g_signal_handlers_disconnect_by_data (get_draft (self), self);
  g_clear_object (&self->keeper);
}

static void
gone_cb (SatchelNoteEditor *self)
{
  let_go (self);
  show_state (self, "gone");
}

static void
take_draft (SatchelNoteEditor *self, SatchelDraft *draft)
{
  let_go (self);
  g_set_str (&self->id, satchel_draft_get_id (draft));
  self->keeper = satchel_keeper_new (self->services, draft);
  g_signal_connect_object (self->keeper, "gone", G_CALLBACK (gone_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (draft, "refreshed", G_CALLBACK (refreshed_cb), self, G_CONNECT_SWAPPED);
  show_note (self);
  show_state (self, "note");
}

typedef struct
{
  SatchelNoteEditor *editor;
  char *id;
} Opening;

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->editor);
  g_free (opening->id);
  g_free (opening);
}

static void
take_note (SatchelNoteEditor *self, SatchelRecord *note)
{
  g_autoptr (SatchelDraft) draft = satchel_draft_new (note);
  GtkTextIter start;

  take_draft (self, draft);
  gtk_text_buffer_get_start_iter (self->buffer, &start);
  gtk_text_buffer_place_cursor (self->buffer, &start);
  gtk_text_view_scroll_to_iter (self->view, &start, 0, FALSE, 0, 0);
}

static DexFuture *
open_fiber (gpointer data)
{
  Opening *opening = data;
  SatchelNoteEditor *self = opening->editor;
  g_autoptr (SatchelRecord) note = satchel_await (satchel_services_get (self->services, opening->id), NULL);

  if (g_strcmp0 (opening->id, self->id) != 0 || self->services == NULL)
    return NULL;
  if (note != NULL && satchel_record_get_deleted_at (note) == NULL)
    take_note (self, note);
  else
    gone_cb (self);

  return NULL;
}

static void
start_cb (SatchelNoteEditor *self)
{
  satchel_note_editor_start (self, NULL);
}

/* ---- The object ----------------------------------------------------------------------------------- */

static char *
dup_title (SatchelNoteEditor *self)
{
  const char *title = self->keeper != NULL ? satchel_draft_get_text (get_draft (self), "title") : NULL;

  return g_strdup (title != NULL ? title : _ ("Note"));
}

static void
satchel_note_editor_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_TITLE:
      g_value_take_string (value, dup_title (SATCHEL_NOTE_EDITOR (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
satchel_note_editor_dispose (GObject *object)
{
  SatchelNoteEditor *self = SATCHEL_NOTE_EDITOR (object);

  let_go (self);
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_NOTE_EDITOR);
  g_clear_object (&self->actions);
  g_clear_object (&self->services);
  g_clear_pointer (&self->id, g_free);
  G_OBJECT_CLASS (satchel_note_editor_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/notes/satchel-note-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, states);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, menu_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, pin_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, title);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, account_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, account_label);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, tags_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, tags_label);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, tags_list);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, private_icon);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, view);
  gtk_widget_class_bind_template_child (widget_class, SatchelNoteEditor, buffer);
  gtk_widget_class_bind_template_callback (widget_class, title_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, title_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, body_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, focus_left_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_account_cb);
  gtk_widget_class_bind_template_callback (widget_class, start_cb);
}

static void
satchel_note_editor_class_init (SatchelNoteEditorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = satchel_note_editor_dispose;
  object_class->get_property = satchel_note_editor_get_property;

  /**
   * SatchelNoteEditor:title:
   *
   * What the note is called.
   */
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * SatchelNoteEditor::deleted:
   *
   * The person deleted the note that was shown.
   */
  signals[DELETED] = g_signal_new ("deleted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);

  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
satchel_note_editor_init (SatchelNoteEditor *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "note", G_ACTION_GROUP (self->actions));
  show_state (self, "none");
}

static void
add_tags_row (SatchelNoteEditor *self)
{
  const SatchelType *type = satchel_services_get_record_type (self->services, "note");
  const SatchelField *field = satchel_type_find_field (type, "tags", NULL);

  self->tags_row = SATCHEL_FIELD_ROW (satchel_field_row_new (field, self->services));
  g_signal_connect_object (self->tags_row, "edited", G_CALLBACK (tags_edited_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tags_row, "finished", G_CALLBACK (save), self, G_CONNECT_SWAPPED);
  gtk_list_box_append (self->tags_list, GTK_WIDGET (self->tags_row));
}

/**
 * satchel_note_editor_set_services:
 * @services: reads and writes notes; given once
 */
void
satchel_note_editor_set_services (SatchelNoteEditor *self, SatchelServices *services)
{
  g_return_if_fail (SATCHEL_IS_NOTE_EDITOR (self));
  g_return_if_fail (self->services == NULL);

  self->services = g_object_ref (services);
  add_tags_row (self);
}

/**
 * satchel_note_editor_open:
 * @id: the id of a note
 *
 * Shows a note as soon as it is read; saves the one shown until then.
 */
void
satchel_note_editor_open (SatchelNoteEditor *self, const char *id)
{
  Opening *opening;

  g_return_if_fail (SATCHEL_IS_NOTE_EDITOR (self));

  if (!g_set_str (&self->id, id))
    return;
  save (self);
  opening = g_new0 (Opening, 1);
  opening->editor = g_object_ref (self);
  opening->id = g_strdup (id);
  satchel_services_spawn (open_fiber, opening, (GDestroyNotify) opening_free);
}

/**
 * satchel_note_editor_start:
 * @account_id: (nullable): the account that the note is about
 *
 * Shows a new note and moves the focus there: writing can start. A note in
 * which nothing is written is none.
 */
void
satchel_note_editor_start (SatchelNoteEditor *self, const char *account_id)
{
  g_autofree char *id = satchel_id_new ();
  g_autoptr (SatchelRecord) note = NULL;
  g_autoptr (SatchelDraft) draft = NULL;

  g_return_if_fail (SATCHEL_IS_NOTE_EDITOR (self));

  note = satchel_record_new (satchel_services_get_record_type (self->services, "note"), id);
  if (account_id != NULL)
    satchel_record_set_from_text (note, "account", account_id, NULL);
  draft = satchel_draft_new_for_creation (note);
  take_draft (self, draft);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

/**
 * satchel_note_editor_focus:
 *
 * Moves the focus to where writing goes on.
 */
void
satchel_note_editor_focus (SatchelNoteEditor *self)
{
  g_return_if_fail (SATCHEL_IS_NOTE_EDITOR (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

/**
 * satchel_note_editor_leave:
 *
 * Saves the note and shows none.
 */
void
satchel_note_editor_leave (SatchelNoteEditor *self)
{
  g_return_if_fail (SATCHEL_IS_NOTE_EDITOR (self));

  let_go (self);
  g_clear_pointer (&self->id, g_free);
  show_state (self, "none");
}

/**
 * satchel_note_editor_get_id:
 *
 * Returns: (nullable): the id of the note that is shown
 */
const char *
satchel_note_editor_get_id (SatchelNoteEditor *self)
{
  g_return_val_if_fail (SATCHEL_IS_NOTE_EDITOR (self), NULL);

  return self->id;
}
