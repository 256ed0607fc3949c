/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-reference-row.h"

#include <glib/gi18n.h>

#include "satchel-record-chooser.h"
#include "satchel-titles.h"

/**
 * SatchelReferenceRow: another record, shown by what it is called and chosen from a list with a search.
 */
struct _SatchelReferenceRow
{
  AdwActionRow parent_instance;

  GtkWidget *clear_button;

  SatchelServices *services; /* nullable */
  char *id; /* nullable */
  char *account_id; /* nullable: only what hangs on this account is offered */
};

static void field_row_iface_init (SatchelFieldRowInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelReferenceRow, satchel_reference_row, ADW_TYPE_ACTION_ROW,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_FIELD_ROW, field_row_iface_init))

static void
take_titles (gpointer owner, GHashTable *titles)
{
  SatchelReferenceRow *self = owner;
  const char *title = self->id != NULL ? g_hash_table_lookup (titles, self->id) : NULL;

  if (title != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self), title);
}

static void
set_id (SatchelReferenceRow *self, const char *id)
{
  g_set_str (&self->id, id);
  gtk_widget_set_visible (self->clear_button, id != NULL);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), id != NULL ? "…" : C_ ("choice", "—"));
  if (id != NULL && self->services != NULL)
    satchel_titles_fetch (self->services, (const char *[]) { id, NULL }, self, take_titles);
}

static void
choose (SatchelReferenceRow *self, const char *id)
{
  set_id (self, id);
  satchel_field_row_edited (SATCHEL_FIELD_ROW (self));
  satchel_field_row_finished (SATCHEL_FIELD_ROW (self));
}

static void
chosen_cb (gpointer owner, SatchelRecord *record)
{
  choose (owner, satchel_record_get_id (record));
}

static void
clear_cb (SatchelReferenceRow *self)
{
  choose (self, NULL);
}

static void
activated_cb (SatchelReferenceRow *self)
{
  const SatchelField *field = satchel_field_row_get_field (SATCHEL_FIELD_ROW (self));

  if (self->services != NULL)
    satchel_record_chooser_present (GTK_WIDGET (self), self->services, field->target, self->account_id, chosen_cb);
}

static void
satchel_reference_row_show (SatchelFieldRow *row, const SatchelValue *value)
{
  SatchelReferenceRow *self = SATCHEL_REFERENCE_ROW (row);

  set_id (self, satchel_value_is_null (value) ? NULL : value->text);
}

static gboolean
satchel_reference_row_read (SatchelFieldRow *row, SatchelValue *value, GError **error)
{
  SatchelReferenceRow *self = SATCHEL_REFERENCE_ROW (row);

  satchel_value_clear (value);
  if (self->id != NULL)
    satchel_value_set_text (value, self->id);
  return TRUE;
}

static void
field_row_iface_init (SatchelFieldRowInterface *iface)
{
  iface->show = satchel_reference_row_show;
  iface->read = satchel_reference_row_read;
}

static void
satchel_reference_row_finalize (GObject *object)
{
  SatchelReferenceRow *self = SATCHEL_REFERENCE_ROW (object);

  g_clear_object (&self->services);
  g_free (self->id);
  g_free (self->account_id);
  G_OBJECT_CLASS (satchel_reference_row_parent_class)->finalize (object);
}

static void
satchel_reference_row_class_init (SatchelReferenceRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = satchel_reference_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/widgets/satchel-reference-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelReferenceRow, clear_button);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
}

static void
satchel_reference_row_init (SatchelReferenceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
satchel_reference_row_set_services (SatchelReferenceRow *self, SatchelServices *services)
{
  g_return_if_fail (SATCHEL_IS_REFERENCE_ROW (self));

  g_set_object (&self->services, services);
}

/**
 * satchel_reference_row_set_account:
 * @account_id: (nullable): the id of an account
 *
 * Offers only what hangs on this account, where the target hangs on accounts.
 */
void
satchel_reference_row_set_account (SatchelReferenceRow *self, const char *account_id)
{
  g_return_if_fail (SATCHEL_IS_REFERENCE_ROW (self));

  g_set_str (&self->account_id, account_id);
}
