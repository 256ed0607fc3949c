/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-form.h"

#include <glib/gi18n.h>
#include <langinfo.h>

#include "records/satchel-error.h"
#include "satchel-reference-row.h"

/**
 * SatchelForm:
 *
 * The rows of a record's fields, made from its type's declaration alone:
 * fields that only make sense together stand in a box of their own. What is
 * typed goes into a #SatchelDraft at each keystroke.
 *
 * Signal `finished`: a good moment to save what the draft holds.
 */
struct _SatchelForm
{
  AdwBin parent_instance;

  GtkBox *box;
  GtkWidget *more; /* nullable: reveals the other fields */

  SatchelServices *services; /* nullable */
  SatchelDraft *draft; /* nullable */
  char **first_fields; /* nullable: all */
  const SatchelType *type; /* nullable: of which there are rows */
  gboolean read_only;
  gboolean only_first;
  gboolean read_only_owner;
  GPtrArray *rows; /* (element-type SatchelFieldRow), borrowed; NULL for hidden fields */
};

enum
{
  FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SatchelForm, satchel_form, ADW_TYPE_BIN)

/* Fields. */

static SatchelFieldRow *
get_row_at (SatchelForm *self, guint index)
{
  return self->rows->pdata[index];
}

static guint
get_index (SatchelForm *self, SatchelFieldRow *row)
{
  guint index = 0;

  if (!g_ptr_array_find (self->rows, row, &index))
    g_assert_not_reached ();
  return index;
}

static gboolean
is_locked (SatchelForm *self, const SatchelField *field)
{
  gboolean created = satchel_draft_get_created (self->draft);

  if (self->read_only || (field->flags & SATCHEL_FIELD_SERVER) || field->policy == SATCHEL_POLICY_DERIVED)
    return TRUE;
  if (satchel_type_get_rights (self->type) > SATCHEL_RIGHTS_OWN)
    return TRUE;
  return created &&
         ((field->flags & SATCHEL_FIELD_REASSIGN) || (satchel_type_get_flags (self->type) & SATCHEL_TYPE_APPEND_ONLY));
}

/* The currency that an amount is in: of its own unit, else of the record. */
static gboolean
find_currency (SatchelForm *self, guint money, guint *index)
{
  const SatchelUnit *unit = satchel_type_get_unit_of_field (self->type, money);

  for (guint i = 0; i < unit->n_fields; i++)
    if (satchel_type_get_field (self->type, unit->fields[i])->kind == SATCHEL_KIND_CURRENCY)
      {
        *index = unit->fields[i];
        return TRUE;
      }
  return satchel_type_lookup_field (self->type, "currency", index);
}

static const char *
get_text (SatchelForm *self, guint index)
{
  const SatchelValue *value = satchel_draft_get_value (self->draft, index);

  return value->storage == SATCHEL_STORAGE_TEXT ? value->text : NULL;
}

/* What one row shows may decide what another offers. */
static void
tell_rows (SatchelForm *self)
{
  guint account, currency;
  gboolean has_account = satchel_type_lookup_field (self->type, "account", &account);

  for (guint i = 0; i < self->rows->len; i++)
    {
      SatchelFieldRow *row = get_row_at (self, i);

      if (row == NULL)
        continue;
      if (satchel_type_get_field (self->type, i)->kind == SATCHEL_KIND_MONEY && find_currency (self, i, &currency))
        satchel_field_row_set_currency (row, get_text (self, currency));
      if (SATCHEL_IS_REFERENCE_ROW (row) && has_account && i != account)
        satchel_reference_row_set_account (SATCHEL_REFERENCE_ROW (row), get_text (self, account));
    }
}

/* An amount without a currency gets that of the locale. */
static void
complete_currency (SatchelForm *self, guint money)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  g_autofree char *code = g_strndup (nl_langinfo (__INT_CURR_SYMBOL), 3);
  guint currency;

  if (satchel_value_is_null (satchel_draft_get_value (self->draft, money)) || !find_currency (self, money, &currency) ||
      get_text (self, currency) != NULL || strlen (code) != 3)
    return;
  satchel_value_set_text (&value, code);
  satchel_draft_set_value (self->draft, currency, &value);
  if (get_row_at (self, currency) != NULL)
    satchel_field_row_show (get_row_at (self, currency), &value);
}

/* Whether the record would lack what it must have without this field. */
static gboolean
is_needed (SatchelForm *self, guint index)
{
  const SatchelUnit *unit = satchel_type_get_unit_of_field (self->type, index);

  if (!(satchel_type_get_field (self->type, index)->flags & SATCHEL_FIELD_REQUIRED))
    return FALSE;
  for (guint i = 0; i < unit->n_fields; i++)
    if (unit->fields[i] != index &&
        (satchel_type_get_field (self->type, unit->fields[i])->flags & SATCHEL_FIELD_REQUIRED) &&
        !satchel_value_is_null (satchel_draft_get_value (self->draft, unit->fields[i])))
      return FALSE;
  return TRUE;
}

static gboolean
read_row (SatchelForm *self, guint index, SatchelValue *value, GError **error)
{
  if (!satchel_field_row_read (get_row_at (self, index), value, error))
    return FALSE;
  if (!satchel_value_is_null (value) || !is_needed (self, index))
    return TRUE;

  g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_MISSING, _ ("This cannot be empty."));
  return FALSE;
}

/* Takes over what is typed, if it is a value. */
static gboolean
take_row (SatchelForm *self, guint index, GError **error)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  gboolean fits = read_row (self, index, &value, error);

  satchel_draft_set_held (self->draft, index, !fits);
  if (!fits)
    return FALSE;

  satchel_draft_set_value (self->draft, index, &value);
  if (satchel_type_get_field (self->type, index)->kind == SATCHEL_KIND_MONEY)
    complete_currency (self, index);
  tell_rows (self);
  return TRUE;
}

/* Rows. */

static void
row_edited_cb (SatchelForm *self, SatchelFieldRow *row)
{
  if (take_row (self, get_index (self, row), NULL))
    satchel_field_row_set_error (row, NULL);
}

static void
row_finished_cb (SatchelForm *self, SatchelFieldRow *row)
{
  g_autoptr (GError) error = NULL;

  if (self->draft == NULL || !satchel_field_row_get_edited (row))
    return;
  if (take_row (self, get_index (self, row), &error))
    g_signal_emit (self, signals[FINISHED], 0);
  else
    satchel_field_row_set_error (row, error->message);
}

static GtkWidget *
make_error_row (const char *message)
{
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *label = gtk_label_new (message);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_set_margin_bottom (label, 6);
  gtk_widget_set_margin_start (label, 12);
  gtk_widget_set_margin_end (label, 12);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "error");
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, message, -1);

  return row;
}

/* The sentence stands in a row of its own, below. */
static void
row_error_cb (SatchelForm *self, SatchelFieldRow *row)
{
  GtkWidget *list = gtk_widget_get_parent (GTK_WIDGET (row));
  GtkWidget *shown = g_object_get_data (G_OBJECT (row), "satchel-error-row");
  const char *message = satchel_field_row_get_error (row);

  if (shown != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (list), shown);
  g_object_set_data (G_OBJECT (row), "satchel-error-row", NULL);
  if (message == NULL)
    return;

  shown = make_error_row (message);
  gtk_list_box_insert (GTK_LIST_BOX (list), shown, gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row)) + 1);
  g_object_set_data (G_OBJECT (row), "satchel-error-row", shown);
  gtk_accessible_announce (GTK_ACCESSIBLE (row), message, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static SatchelFieldRow *
make_row (SatchelForm *self, guint index)
{
  const SatchelField *field = satchel_type_get_field (self->type, index);
  GtkWidget *row;

  if (is_locked (self, field))
    return SATCHEL_FIELD_ROW (satchel_field_row_new_read_only (field, self->services));

  row = satchel_field_row_new (field, self->services);
  g_signal_connect_object (row, "edited", G_CALLBACK (row_edited_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "finished", G_CALLBACK (row_finished_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "error-changed", G_CALLBACK (row_error_cb), self, G_CONNECT_SWAPPED);

  return SATCHEL_FIELD_ROW (row);
}

static guint
count_visible_fields (SatchelForm *self, const SatchelUnit *unit)
{
  guint n_visible = 0;

  for (guint i = 0; i < unit->n_fields; i++)
    if (!(satchel_type_get_field (self->type, unit->fields[i])->flags & SATCHEL_FIELD_HIDDEN))
      n_visible++;
  return n_visible;
}

static GtkWidget *
add_list (SatchelForm *self)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_box_append (self->box, list);
  return list;
}

static gboolean
is_first (SatchelForm *self, const char *field)
{
  return self->first_fields == NULL || g_strv_contains ((const char *const *) self->first_fields, field);
}

/* Fields of one unit stand together; those that are units of their own stand with their neighbours. */
static void
add_rows (SatchelForm *self, gboolean first)
{
  const SatchelUnit *unit_of_list = NULL;
  GtkWidget *list = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const SatchelField *field = satchel_type_get_field (self->type, i);
      const SatchelUnit *unit = satchel_type_get_unit_of_field (self->type, i);

      if ((field->flags & SATCHEL_FIELD_HIDDEN) || self->rows->pdata[i] != NULL ||
          is_first (self, field->name) != first)
        continue;
      if (first && self->first_fields != NULL)
        unit = NULL;
      else if (count_visible_fields (self, unit) < 2)
        unit = NULL;
      if (list == NULL || unit != unit_of_list)
        list = add_list (self);
      unit_of_list = unit;
      self->rows->pdata[i] = make_row (self, i);
      gtk_list_box_append (GTK_LIST_BOX (list), self->rows->pdata[i]);
    }
}

static void
show_field (SatchelForm *self, guint index)
{
  SatchelFieldRow *row = get_row_at (self, index);

  if (row != NULL)
    satchel_field_row_show (row, satchel_draft_get_value (self->draft, index));
}

static void
show_all (SatchelForm *self)
{
  tell_rows (self);
  for (guint i = 0; i < self->rows->len; i++)
    show_field (self, i);
}

static void
more_cb (SatchelForm *self)
{
  GtkWidget *list = gtk_widget_get_parent (self->more);

  self->more = NULL;
  gtk_box_remove (self->box, list);
  add_rows (self, FALSE);
  tell_rows (self);
  for (guint i = 0; i < self->rows->len; i++)
    if (!is_first (self, satchel_type_get_field (self->type, i)->name))
      show_field (self, i);
}

static void
add_more (SatchelForm *self)
{
  GtkWidget *list = add_list (self);

  self->more = adw_button_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->more), _ ("More details"));
  g_signal_connect_object (self->more, "activated", G_CALLBACK (more_cb), self, G_CONNECT_SWAPPED);
  gtk_list_box_append (GTK_LIST_BOX (list), self->more);
}

static void
remove_rows (SatchelForm *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->box))) != NULL)
    gtk_box_remove (self->box, child);
  g_ptr_array_set_size (self->rows, 0);
  self->more = NULL;
}

static void
build (SatchelForm *self)
{
  remove_rows (self);
  g_ptr_array_set_size (self->rows, (gint) satchel_type_get_n_fields (self->type));
  add_rows (self, TRUE);
  if (self->first_fields != NULL && !self->only_first)
    add_more (self);
}

static void
refreshed_cb (SatchelForm *self, guint index)
{
  show_field (self, index);
  tell_rows (self);
}

/* The object. */

static void
satchel_form_dispose (GObject *object)
{
  SatchelForm *self = SATCHEL_FORM (object);

  satchel_form_set_draft (self, NULL);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_form_parent_class)->dispose (object);
}

static void
satchel_form_finalize (GObject *object)
{
  SatchelForm *self = SATCHEL_FORM (object);

  g_strfreev (self->first_fields);
  g_ptr_array_unref (self->rows);
  G_OBJECT_CLASS (satchel_form_parent_class)->finalize (object);
}

static void
satchel_form_class_init (SatchelFormClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = satchel_form_dispose;
  object_class->finalize = satchel_form_finalize;

  signals[FINISHED] = g_signal_new ("finished", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 0);
}

static void
satchel_form_init (SatchelForm *self)
{
  self->rows = g_ptr_array_new ();
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 18));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->box));
}

/**
 * satchel_form_new:
 * @services: (nullable): for fields that refer to other records
 *
 * Returns: (transfer floating): an empty form
 */
GtkWidget *
satchel_form_new (SatchelServices *services)
{
  SatchelForm *self = g_object_new (SATCHEL_TYPE_FORM, NULL);

  satchel_form_set_services (self, services);
  return GTK_WIDGET (self);
}

void
satchel_form_set_services (SatchelForm *self, SatchelServices *services)
{
  g_return_if_fail (SATCHEL_IS_FORM (self));

  g_set_object (&self->services, services);
}

/**
 * satchel_form_set_first_fields:
 * @fields: (nullable) (array zero-terminated=1): names of fields
 *
 * Shows only these at first, and the others when the person asks for more.
 * Decided before there is a draft.
 */
void
satchel_form_set_first_fields (SatchelForm *self, const char *const *fields)
{
  g_return_if_fail (SATCHEL_IS_FORM (self));
  g_return_if_fail (self->type == NULL);

  g_strfreev (self->first_fields);
  self->first_fields = g_strdupv ((char **) fields);
}

/**
 * satchel_form_set_only_first:
 * @only_first: whether the other fields are not even offered
 *
 * Decided before there is a draft.
 */
void
satchel_form_set_only_first (SatchelForm *self, gboolean only_first)
{
  g_return_if_fail (SATCHEL_IS_FORM (self));

  self->only_first = only_first;
}

/**
 * satchel_form_show:
 *
 * Shows what the draft holds, after it was changed otherwise than here.
 */
void
satchel_form_show (SatchelForm *self)
{
  g_return_if_fail (SATCHEL_IS_FORM (self));

  if (self->draft != NULL)
    show_all (self);
}

/**
 * satchel_form_set_read_only:
 * @read_only: whether the person only looks
 *
 * Decided before there is a draft.
 */
void
satchel_form_set_read_only (SatchelForm *self, gboolean read_only)
{
  g_return_if_fail (SATCHEL_IS_FORM (self));

  self->read_only = read_only;
}

/**
 * satchel_form_set_draft:
 * @draft: (nullable): what the form shows and changes
 *
 * What is typed in the draft shown until now stays there; take it first with
 * satchel_form_take_typed().
 */
void
satchel_form_set_draft (SatchelForm *self, SatchelDraft *draft)
{
  gboolean rebuild;

  g_return_if_fail (SATCHEL_IS_FORM (self));

  if (self->draft == draft)
    return;

  if (self->draft != NULL)
    g_signal_handlers_disconnect_by_func (self->draft, refreshed_cb, self);
  g_set_object (&self->draft, draft);
  if (draft == NULL)
    return;

  rebuild = self->type != satchel_draft_get_record_type (draft) ||
            self->read_only_owner != satchel_draft_get_created (draft);
  self->type = satchel_draft_get_record_type (draft);
  self->read_only_owner = satchel_draft_get_created (draft);
  g_signal_connect_object (draft, "refreshed", G_CALLBACK (refreshed_cb), self, G_CONNECT_SWAPPED);
  if (rebuild)
    build (self);
  show_all (self);
}

SatchelDraft *
satchel_form_get_draft (SatchelForm *self)
{
  g_return_val_if_fail (SATCHEL_IS_FORM (self), NULL);

  return self->draft;
}

/**
 * satchel_form_get_row:
 * @field: the name of a field
 *
 * Returns: (transfer none) (nullable): its row, or %NULL while the form does not show it
 */
SatchelFieldRow *
satchel_form_get_row (SatchelForm *self, const char *field)
{
  guint index;

  g_return_val_if_fail (SATCHEL_IS_FORM (self), NULL);

  if (self->type == NULL || !satchel_type_lookup_field (self->type, field, &index))
    return NULL;
  return get_row_at (self, index);
}

/**
 * satchel_form_take_typed:
 *
 * Takes what is typed in any row over into the draft, without waiting for the
 * focus to leave; marks rows in which something else than a value is typed.
 *
 * Returns: whether all that is typed are values
 */
gboolean
satchel_form_take_typed (SatchelForm *self)
{
  gboolean all = TRUE;

  g_return_val_if_fail (SATCHEL_IS_FORM (self), FALSE);

  for (guint i = 0; self->draft != NULL && i < self->rows->len; i++)
    {
      SatchelFieldRow *row = get_row_at (self, i);
      g_autoptr (GError) error = NULL;

      if (row == NULL || !satchel_field_row_get_edited (row) || take_row (self, i, &error))
        continue;
      satchel_field_row_set_error (row, error->message);
      all = FALSE;
    }

  return all;
}

/**
 * satchel_form_check:
 *
 * Looks at all rows before a record is made: marks what is missing or does
 * not fit, and moves the focus to the first such row.
 *
 * Returns: whether the record can be made
 */
gboolean
satchel_form_check (SatchelForm *self)
{
  SatchelFieldRow *wrong = NULL;

  g_return_val_if_fail (SATCHEL_IS_FORM (self), FALSE);

  for (guint i = 0; self->draft != NULL && i < self->rows->len; i++)
    {
      SatchelFieldRow *row = get_row_at (self, i);
      g_autoptr (GError) error = NULL;

      if (row == NULL || take_row (self, i, &error))
        continue;
      satchel_field_row_set_error (row, error->message);
      if (wrong == NULL)
        wrong = row;
    }

  if (wrong != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (wrong));
  return wrong == NULL;
}
