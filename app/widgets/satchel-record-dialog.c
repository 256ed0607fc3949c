/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-record-dialog.h"

#include <glib/gi18n.h>

#include "satchel-deletion.h"
#include "satchel-keeper.h"

/**
 * SatchelRecordDialog:
 *
 * All fields of a record, to be changed in place: there is nothing to
 * confirm, what is typed is saved when the focus leaves and when the dialog
 * goes.
 */
struct _SatchelRecordDialog
{
  AdwDialog parent_instance;

  SatchelForm *form;
  GtkWidget *delete_button;

  SatchelServices *services;
  SatchelKeeper *keeper;
  gboolean warned; /* the person was shown what does not fit */
};

G_DEFINE_FINAL_TYPE (SatchelRecordDialog, satchel_record_dialog, ADW_TYPE_DIALOG)

static void
finished_cb (SatchelRecordDialog *self)
{
  self->warned = FALSE;
  satchel_keeper_save (self->keeper);
}

/* Something typed that does not fit keeps the dialog open once, so that it is seen. */
static void
close_attempt_cb (SatchelRecordDialog *self)
{
  if (!satchel_form_take_typed (self->form) && !self->warned)
    {
      self->warned = TRUE;
      return;
    }
  satchel_keeper_close (self->keeper);
  adw_dialog_force_close (ADW_DIALOG (self));
}

static void
delete_cb (SatchelRecordDialog *self)
{
  SatchelDraft *draft = satchel_keeper_get_draft (self->keeper);
  /* Translators: %s is a kind of record, such as “Task”. */
  g_autofree char *message = g_strdup_printf (_ ("%s deleted"),
                                              satchel_type_get_display_label (satchel_draft_get_record_type (draft)));

  satchel_keeper_close (self->keeper);
  satchel_deletion_start (self->services, satchel_draft_get_id (draft), message);
  adw_dialog_force_close (ADW_DIALOG (self));
}

static void
history_cb (SatchelRecordDialog *self)
{
  SatchelDraft *draft = satchel_keeper_get_draft (self->keeper);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.history", "(ss)",
                              satchel_type_get_name (satchel_draft_get_record_type (draft)),
                              satchel_draft_get_id (draft));
}

static void
gone_cb (SatchelRecordDialog *self)
{
  adw_dialog_force_close (ADW_DIALOG (self));
}

static void
save_now_cb (SatchelRecordDialog *self)
{
  satchel_form_take_typed (self->form);
  satchel_keeper_save (self->keeper);
}

static void
satchel_record_dialog_dispose (GObject *object)
{
  SatchelRecordDialog *self = SATCHEL_RECORD_DIALOG (object);

  g_clear_object (&self->keeper);
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_RECORD_DIALOG);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_record_dialog_parent_class)->dispose (object);
}

static void
satchel_record_dialog_class_init (SatchelRecordDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_record_dialog_dispose;
  g_type_ensure (SATCHEL_TYPE_FORM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/widgets/satchel-record-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordDialog, form);
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordDialog, delete_button);
  gtk_widget_class_bind_template_callback (widget_class, close_attempt_cb);
  gtk_widget_class_bind_template_callback (widget_class, delete_cb);
  gtk_widget_class_bind_template_callback (widget_class, finished_cb);
  gtk_widget_class_bind_template_callback (widget_class, history_cb);
}

static void
satchel_record_dialog_init (SatchelRecordDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static gboolean
can_delete (const SatchelType *type)
{
  return satchel_type_get_rights (type) <= SATCHEL_RIGHTS_OWN &&
         !(satchel_type_get_flags (type) & SATCHEL_TYPE_APPEND_ONLY) &&
         !g_str_equal (satchel_type_get_name (type), "order");
}

/**
 * satchel_record_dialog_present:
 * @parent: the widget over which it appears
 * @services: reads and writes the record
 * @record: the record as the person sees it
 *
 * Returns: (transfer none): the dialog
 */
SatchelRecordDialog *
satchel_record_dialog_present (GtkWidget *parent, SatchelServices *services, SatchelRecord *record)
{
  SatchelRecordDialog *self = g_object_new (SATCHEL_TYPE_RECORD_DIALOG, NULL);
  const SatchelType *type = satchel_record_get_record_type (record);
  g_autoptr (SatchelDraft) draft = satchel_draft_new (record);

  self->services = g_object_ref (services);
  self->keeper = satchel_keeper_new (services, draft);
  g_signal_connect_object (self->keeper, "gone", G_CALLBACK (gone_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (services, "save-now", G_CALLBACK (save_now_cb), self, G_CONNECT_SWAPPED);
  adw_dialog_set_title (ADW_DIALOG (self), satchel_type_get_display_label (type));
  gtk_widget_set_visible (self->delete_button, can_delete (type));
  satchel_form_set_services (self->form, services);
  satchel_form_set_read_only (self->form, g_str_equal (satchel_type_get_name (type), "order"));
  satchel_form_set_draft (self->form, draft);
  adw_dialog_present (ADW_DIALOG (self), parent);

  return self;
}

SatchelForm *
satchel_record_dialog_get_form (SatchelRecordDialog *self)
{
  g_return_val_if_fail (SATCHEL_IS_RECORD_DIALOG (self), NULL);

  return self->form;
}
