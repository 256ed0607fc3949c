/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-capture-form.h"

#include <glib/gi18n.h>

#include "records/satchel-id.h"
#include "widgets/satchel-journal.h"

#define KEEP_AFTER_MS 400

/**
 * SatchelCaptureForm:
 *
 * The form in which something new is written down. What is typed is kept
 * until it is saved or thrown away, also when the sheet is dismissed or the
 * app is killed.
 */
struct _SatchelCaptureForm
{
  AdwNavigationPage parent_instance;

  AdwBanner *restored;
  SatchelForm *form;
  GtkWidget *next_step_box;
  SatchelForm *next_step;

  SatchelServices *services;
  const SatchelCaptureKind *kind;
  char *account_id; /* nullable: whom it is about */
  guint timer;
  gboolean done; /* saved or thrown away */
};

G_DEFINE_FINAL_TYPE (SatchelCaptureForm, satchel_capture_form, ADW_TYPE_NAVIGATION_PAGE)

enum
{
  SAVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* ---- Drafts --------------------------------------------------------------------------------------- */

static char *
dup_key (SatchelCaptureForm *self)
{
  return g_strconcat ("new-", self->kind->name, NULL);
}

static SatchelRecord *
make_record (SatchelCaptureForm *self)
{
  g_autofree char *id = satchel_id_new ();
  g_autofree char *now = satchel_time_now ();
  SatchelRecord *record = satchel_record_new (satchel_services_get_record_type (self->services, self->kind->type), id);

  if (self->kind->channel != NULL)
    {
      satchel_record_set_from_text (record, "channel", self->kind->channel, NULL);
      satchel_record_set_from_text (record, "starts_at", now, NULL);
    }
  if (g_str_equal (self->kind->type, "account"))
    satchel_record_set_from_text (record, "stage", "prospect", NULL);
  else if (self->account_id != NULL)
    satchel_record_set_from_text (record, "account", self->account_id, NULL);

  return record;
}

static SatchelRecord *
make_next_step (SatchelCaptureForm *self)
{
  g_autofree char *id = satchel_id_new ();

  return satchel_record_new (satchel_services_get_record_type (self->services, "task"), id);
}

static void edited_cb (SatchelCaptureForm *self);

static void
set_draft (SatchelCaptureForm *self, SatchelForm *form, SatchelRecord *record)
{
  g_autoptr (SatchelDraft) draft = satchel_draft_new_for_creation (record);

  satchel_form_set_draft (form, draft);
  g_signal_connect_object (draft, "edited", G_CALLBACK (edited_cb), self, G_CONNECT_SWAPPED);
}

static void
start_over (SatchelCaptureForm *self)
{
  g_autoptr (SatchelRecord) record = make_record (self);
  g_autoptr (SatchelRecord) next_step = make_next_step (self);

  set_draft (self, self->form, record);
  if (self->kind->has_next_step)
    set_draft (self, self->next_step, next_step);
}

static gboolean
is_touched (SatchelForm *form)
{
  SatchelDraft *draft = satchel_form_get_draft (form);

  return draft != NULL && satchel_draft_is_touched (draft);
}

static gboolean
has_content (SatchelCaptureForm *self)
{
  return is_touched (self->form) || is_touched (self->next_step);
}

/* ---- Keeping what is not saved -------------------------------------------------------------------- */

static JsonObject *
describe (SatchelForm *form)
{
  return satchel_record_to_wire (satchel_draft_get_record (satchel_form_get_draft (form)));
}

static char *
dup_content (SatchelCaptureForm *self)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *content = json_object_new ();

  json_object_set_object_member (content, "record", describe (self->form));
  if (is_touched (self->next_step))
    json_object_set_object_member (content, "next_step", describe (self->next_step));
  json_node_take_object (node, content);

  return json_to_string (node, FALSE);
}

static void
forget (SatchelCaptureForm *self)
{
  g_autofree char *key = dup_key (self);

  self->done = TRUE;
  g_clear_handle_id (&self->timer, g_source_remove);
  satchel_journal_remove (self->services, key);
}

static gboolean
timer_cb (gpointer data)
{
  SatchelCaptureForm *self = data;

  self->timer = 0;
  satchel_capture_form_keep (self);
  return G_SOURCE_REMOVE;
}

static void
edited_cb (SatchelCaptureForm *self)
{
  if (self->timer == 0 && !self->done)
    self->timer = g_timeout_add (KEEP_AFTER_MS, timer_cb, self);
}

static void
take_kept (SatchelCaptureForm *self, SatchelForm *form, JsonObject *content, const char *member)
{
  const SatchelVocabulary *vocabulary = satchel_services_get_vocabulary (self->services);
  g_autoptr (SatchelRecord) kept = NULL;
  SatchelDraft *draft = satchel_form_get_draft (form);

  if (!json_object_has_member (content, member))
    return;
  kept = satchel_record_from_wire (vocabulary, json_object_get_object_member (content, member), NULL);
  if (kept == NULL || satchel_record_get_record_type (kept) != satchel_draft_get_record_type (draft))
    return;
  for (guint i = 0; i < satchel_type_get_n_fields (satchel_record_get_record_type (kept)); i++)
    if (!satchel_value_is_null (satchel_record_get_value (kept, i)))
      satchel_draft_set_value (draft, i, satchel_record_get_value (kept, i));
  satchel_form_show (form);
}

static DexFuture *
restore_fiber (gpointer data)
{
  SatchelCaptureForm *self = data;
  g_autofree char *key = dup_key (self);
  g_autofree char *text = satchel_await (satchel_journal_read (self->services, key), NULL);
  g_autoptr (JsonNode) node = text != NULL ? json_from_string (text, NULL) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node) || has_content (self))
    return NULL;
  take_kept (self, self->form, json_node_get_object (node), "record");
  if (self->kind->has_next_step)
    take_kept (self, self->next_step, json_node_get_object (node), "next_step");
  adw_banner_set_revealed (self->restored, has_content (self));

  return NULL;
}

/* ---- Saving --------------------------------------------------------------------------------------- */

static void
add_next_step (SatchelCaptureForm *self, SatchelEdit *edit)
{
  static const char *const shared[] = { "account", "contact" };
  SatchelDraft *step = satchel_form_get_draft (self->next_step);
  SatchelDraft *draft = satchel_form_get_draft (self->form);

  if (!is_touched (self->next_step))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shared); i++)
    satchel_draft_set_text (step, shared[i], satchel_draft_get_text (draft, shared[i]));
  if (satchel_draft_get_text (step, "title") == NULL)
    satchel_draft_set_text (step, "title", _ ("Follow up"));
  satchel_draft_add_to_edit (step, edit);
}

static void
save_cb (SatchelCaptureForm *self)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  SatchelDraft *draft = satchel_form_get_draft (self->form);

  if (!satchel_form_check (self->form) || !satchel_form_take_typed (self->next_step))
    return;
  if (satchel_draft_is_touched (draft))
    satchel_draft_add_to_edit (draft, edit);
  else
    satchel_edit_create (edit, satchel_draft_get_record (draft));
  add_next_step (self, edit);
  dex_future_disown (satchel_services_commit (self->services, edit, _ (self->kind->saved)));
  forget (self);
  if (g_str_equal (self->kind->type, "account"))
    satchel_services_open_record (self->services, "account", satchel_draft_get_id (draft));
  g_signal_emit (self, signals[SAVED], 0);
}

static void
discard_cb (SatchelCaptureForm *self)
{
  forget (self);
  self->done = FALSE;
  adw_banner_set_revealed (self->restored, FALSE);
  start_over (self);
}

/* ---- The object ----------------------------------------------------------------------------------- */

static void
satchel_capture_form_dispose (GObject *object)
{
  SatchelCaptureForm *self = SATCHEL_CAPTURE_FORM (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_CAPTURE_FORM);
  g_clear_object (&self->services);
  g_clear_pointer (&self->account_id, g_free);
  G_OBJECT_CLASS (satchel_capture_form_parent_class)->dispose (object);
}

static void
satchel_capture_form_class_init (SatchelCaptureFormClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_capture_form_dispose;

  /**
   * SatchelCaptureForm::saved:
   *
   * What was typed is on its way to the replica.
   */
  signals[SAVED] = g_signal_new ("saved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);

  g_type_ensure (SATCHEL_TYPE_FORM);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/capture/satchel-capture-form.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelCaptureForm, restored);
  gtk_widget_class_bind_template_child (widget_class, SatchelCaptureForm, form);
  gtk_widget_class_bind_template_child (widget_class, SatchelCaptureForm, next_step_box);
  gtk_widget_class_bind_template_child (widget_class, SatchelCaptureForm, next_step);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_bind_template_callback (widget_class, discard_cb);
}

static void
satchel_capture_form_init (SatchelCaptureForm *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * satchel_capture_form_new:
 * @services: writes the record
 * @kind: what is written down; not a note
 * @account_id: (nullable): whom it is about
 *
 * Returns: (transfer floating): a page for the sheet, with what was started earlier
 */
AdwNavigationPage *
satchel_capture_form_new (SatchelServices *services, const SatchelCaptureKind *kind, const char *account_id)
{
  SatchelCaptureForm *self = g_object_new (SATCHEL_TYPE_CAPTURE_FORM, "title", _ (kind->title), NULL);

  self->services = g_object_ref (services);
  self->kind = kind;
  self->account_id = g_strdup (account_id);
  satchel_form_set_services (self->form, services);
  satchel_form_set_first_fields (self->form, kind->first);
  satchel_form_set_services (self->next_step, services);
  satchel_form_set_first_fields (self->next_step, (const char *const[]) { "title", "due_on", NULL });
  satchel_form_set_only_first (self->next_step, TRUE);
  gtk_widget_set_visible (self->next_step_box, kind->has_next_step);
  start_over (self);
  satchel_services_spawn (restore_fiber, g_object_ref (self), g_object_unref);

  return ADW_NAVIGATION_PAGE (self);
}

SatchelForm *
satchel_capture_form_get_form (SatchelCaptureForm *self)
{
  g_return_val_if_fail (SATCHEL_IS_CAPTURE_FORM (self), NULL);

  return self->form;
}

SatchelForm *
satchel_capture_form_get_next_step (SatchelCaptureForm *self)
{
  g_return_val_if_fail (SATCHEL_IS_CAPTURE_FORM (self), NULL);

  return self->next_step;
}

/**
 * satchel_capture_form_start:
 *
 * Moves the focus to where writing starts.
 */
void
satchel_capture_form_start (SatchelCaptureForm *self)
{
  SatchelFieldRow *row;

  g_return_if_fail (SATCHEL_IS_CAPTURE_FORM (self));

  row = satchel_form_get_row (self->form, self->kind->focus);
  if (row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

/**
 * satchel_capture_form_keep:
 *
 * Keeps what is typed for the next time, unless it is saved already.
 */
void
satchel_capture_form_keep (SatchelCaptureForm *self)
{
  g_autofree char *key = NULL;
  g_autofree char *content = NULL;

  g_return_if_fail (SATCHEL_IS_CAPTURE_FORM (self));

  if (self->done)
    return;
  satchel_form_take_typed (self->form);
  satchel_form_take_typed (self->next_step);
  if (!has_content (self))
    return;
  key = dup_key (self);
  content = dup_content (self);
  satchel_journal_write (self->services, key, content);
}
