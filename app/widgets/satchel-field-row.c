/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-field-row.h"

#include "satchel-choice-row.h"
#include "satchel-date-row.h"
#include "satchel-entry-row.h"
#include "satchel-property-row.h"
#include "satchel-reference-row.h"
#include "satchel-set-row.h"
#include "satchel-switch-row.h"
#include "satchel-text-row.h"

/**
 * SatchelFieldRow:
 *
 * A row in which a person sees and changes one field of a record, made from
 * the field's declaration alone.
 *
 * Signal `edited`: the person changed what the row holds, at each keystroke.
 * Signal `finished`: a good moment to save: the focus left, Enter was pressed,
 * something was chosen. Signal `error-changed`.
 */

typedef struct
{
  const SatchelField *field;
  char *error;
  gboolean edited;
} Data;

enum
{
  EDITED,
  FINISHED,
  ERROR_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_INTERFACE (SatchelFieldRow, satchel_field_row, ADW_TYPE_PREFERENCES_ROW)

static void
satchel_field_row_default_init (SatchelFieldRowInterface *iface)
{
  GType type = SATCHEL_TYPE_FIELD_ROW;

  signals[EDITED] = g_signal_new ("edited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FINISHED] = g_signal_new ("finished", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ERROR_CHANGED] = g_signal_new ("error-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
data_free (Data *data)
{
  g_free (data->error);
  g_free (data);
}

static Data *
get_data (SatchelFieldRow *self)
{
  return g_object_get_data (G_OBJECT (self), "satchel-field-row");
}

static GType
get_row_type (const SatchelField *field)
{
  switch (field->kind)
    {
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_JSON:
      return SATCHEL_TYPE_TEXT_ROW;
    case SATCHEL_KIND_BOOLEAN:
      return SATCHEL_TYPE_SWITCH_ROW;
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
      return SATCHEL_TYPE_DATE_ROW;
    case SATCHEL_KIND_CHOICE:
      return SATCHEL_TYPE_CHOICE_ROW;
    case SATCHEL_KIND_REFERENCE:
      return SATCHEL_TYPE_REFERENCE_ROW;
    case SATCHEL_KIND_SET:
      return SATCHEL_TYPE_SET_ROW;
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_NUMBER:
    case SATCHEL_KIND_MONEY:
    case SATCHEL_KIND_CURRENCY:
    default:
      return SATCHEL_TYPE_ENTRY_ROW;
    }
}

/**
 * satchel_field_row_new:
 * @field: a line of the vocabulary
 * @services: (nullable): for fields that refer to other records
 *
 * Returns: (transfer floating): the row for the field's kind
 */
GtkWidget *
satchel_field_row_new (const SatchelField *field, SatchelServices *services)
{
  GtkWidget *row = g_object_new (get_row_type (field), NULL);

  if (SATCHEL_IS_REFERENCE_ROW (row))
    satchel_reference_row_set_services (SATCHEL_REFERENCE_ROW (row), services);
  if (SATCHEL_IS_SET_ROW (row))
    satchel_set_row_set_services (SATCHEL_SET_ROW (row), services);
  satchel_field_row_set_up (SATCHEL_FIELD_ROW (row), field);

  return row;
}

/**
 * satchel_field_row_new_read_only:
 * @field: a line of the vocabulary
 * @services: (nullable): for fields that refer to other records
 *
 * Returns: (transfer floating): a row that shows the field and does not let it be changed
 */
GtkWidget *
satchel_field_row_new_read_only (const SatchelField *field, SatchelServices *services)
{
  GtkWidget *row = g_object_new (SATCHEL_TYPE_PROPERTY_ROW, NULL);

  satchel_property_row_set_services (SATCHEL_PROPERTY_ROW (row), services);
  satchel_field_row_set_up (SATCHEL_FIELD_ROW (row), field);

  return row;
}

void
satchel_field_row_set_up (SatchelFieldRow *self, const SatchelField *field)
{
  g_auto (SatchelValue) nothing = SATCHEL_VALUE_INIT;
  Data *data = g_new0 (Data, 1);

  data->field = field;
  g_object_set_data_full (G_OBJECT (self), "satchel-field-row", data, (GDestroyNotify) data_free);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), satchel_field_get_display_label (field));
  satchel_field_row_show (self, &nothing);
}

const SatchelField *
satchel_field_row_get_field (SatchelFieldRow *self)
{
  g_return_val_if_fail (SATCHEL_IS_FIELD_ROW (self), NULL);

  return get_data (self)->field;
}

/**
 * satchel_field_row_show:
 * @value: what the row is to hold
 *
 * Shows a value that did not come from the person.
 */
void
satchel_field_row_show (SatchelFieldRow *self, const SatchelValue *value)
{
  g_return_if_fail (SATCHEL_IS_FIELD_ROW (self));

  SATCHEL_FIELD_ROW_GET_IFACE (self)->show (self, value);
  get_data (self)->edited = FALSE;
  satchel_field_row_set_error (self, NULL);
}

/**
 * satchel_field_row_read:
 * @value: (out caller-allocates): an initialised value
 * @error: a sentence for the person
 *
 * Returns: %FALSE when what is typed does not fit the field
 */
gboolean
satchel_field_row_read (SatchelFieldRow *self, SatchelValue *value, GError **error)
{
  g_return_val_if_fail (SATCHEL_IS_FIELD_ROW (self), FALSE);

  return SATCHEL_FIELD_ROW_GET_IFACE (self)->read (self, value, error);
}

/**
 * satchel_field_row_set_currency:
 * @currency: (nullable): an ISO 4217 code
 *
 * Tells a row of an amount which currency the amount is in.
 */
void
satchel_field_row_set_currency (SatchelFieldRow *self, const char *currency)
{
  g_return_if_fail (SATCHEL_IS_FIELD_ROW (self));

  if (SATCHEL_FIELD_ROW_GET_IFACE (self)->set_currency != NULL)
    SATCHEL_FIELD_ROW_GET_IFACE (self)->set_currency (self, currency);
}

const char *
satchel_field_row_get_error (SatchelFieldRow *self)
{
  g_return_val_if_fail (SATCHEL_IS_FIELD_ROW (self), NULL);

  return get_data (self)->error;
}

/**
 * satchel_field_row_set_error:
 * @message: (nullable): a sentence that says what is wrong, or %NULL
 *
 * Marks the row; the form shows the sentence below it.
 */
void
satchel_field_row_set_error (SatchelFieldRow *self, const char *message)
{
  g_return_if_fail (SATCHEL_IS_FIELD_ROW (self));

  if (!g_set_str (&get_data (self)->error, message))
    return;

  if (message != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_INVALID,
                               message != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
  g_signal_emit (self, signals[ERROR_CHANGED], 0);
}

/**
 * satchel_field_row_get_edited:
 *
 * Returns: whether the person changed it since it was last shown
 */
gboolean
satchel_field_row_get_edited (SatchelFieldRow *self)
{
  g_return_val_if_fail (SATCHEL_IS_FIELD_ROW (self), FALSE);

  return get_data (self)->edited;
}

void
satchel_field_row_edited (SatchelFieldRow *self)
{
  get_data (self)->edited = TRUE;
  g_signal_emit (self, signals[EDITED], 0);
}

void
satchel_field_row_finished (SatchelFieldRow *self)
{
  g_signal_emit (self, signals[FINISHED], 0);
}
