/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values as a person reads them, in their locale. */

#include "satchel-config.h"

#include "satchel-value-private.h"

#include <glib/gi18n-lib.h>
#include <langinfo.h>
#include <stdio.h>

/* ISO 4217: what differs from two decimals. */
static const char *const without_decimals[] = {
  "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
  "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF", NULL,
};
static const char *const with_three_decimals[] = { "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND", NULL };
static const char *const with_four_decimals[] = { "CLF", "UYW", NULL };

/**
 * satchel_currency_get_decimals:
 * @currency: (nullable): an ISO 4217 code
 *
 * Returns: how many decimals the currency's minor unit makes: 0 for JPY, 3 for KWD, 2 for most and for %NULL
 */
guint
satchel_currency_get_decimals (const char *currency)
{
  if (currency == NULL)
    return 2;
  if (g_strv_contains (without_decimals, currency))
    return 0;
  if (g_strv_contains (with_three_decimals, currency))
    return 3;
  if (g_strv_contains (with_four_decimals, currency))
    return 4;

  return 2;
}

static char *
money_to_display (gint64 minor_units, const char *currency)
{
  guint decimals = satchel_currency_get_decimals (currency);
  guint64 amount = minor_units < 0 ? -(guint64) minor_units : (guint64) minor_units;
  g_autoptr (GString) text = g_string_new (minor_units < 0 ? "-" : "");
  guint64 scale = 1;

  for (guint i = 0; i < decimals; i++)
    scale *= 10;

  g_string_append_printf (text, "%'" G_GUINT64_FORMAT, amount / scale);
  if (decimals > 0)
    g_string_append_printf (text, "%s%0*" G_GUINT64_FORMAT, nl_langinfo (RADIXCHAR), (int) decimals, amount % scale);
  if (currency != NULL)
    g_string_append_printf (text, " %s", currency);

  return g_string_free_and_steal (g_steal_pointer (&text));
}

static char *
integer_to_display (const SatchelField *field, gint64 integer, const char *currency)
{
  if (field->kind == SATCHEL_KIND_BOOLEAN)
    return g_strdup (integer ? _ ("Yes") : _ ("No"));
  if (field->kind == SATCHEL_KIND_MONEY)
    return money_to_display (integer, currency);

  return g_strdup_printf ("%'" G_GINT64_FORMAT, integer);
}

static char *
date_to_display (const char *date)
{
  int year, month, day;
  g_autoptr (GDateTime) time = NULL;

  if (sscanf (date, "%d-%d-%d", &year, &month, &day) == 3)
    time = g_date_time_new_utc (year, month, day, 0, 0, 0);
  if (time == NULL)
    return g_strdup (date);

  /* Translators: a day, such as 12 March 2026; see g_date_time_format(). xgettext:no-c-format */
  return g_date_time_format (time, _ ("%-d %B %Y"));
}

static char *
time_to_display (const char *instant)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_iso8601 (instant, NULL);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  if (local == NULL)
    return g_strdup (instant);

  /* Translators: a day and a time of it, such as 12 March 2026, 14:30. xgettext:no-c-format */
  return g_date_time_format (local, _ ("%-d %B %Y, %H:%M"));
}

static char *
set_to_display (const SatchelValue *self)
{
  g_auto (GStrv) members = satchel_value_dup_set (self);

  return g_strjoinv (", ", members);
}

static char *
text_to_display (const SatchelField *field, const SatchelValue *self)
{
  switch (field->kind)
    {
    case SATCHEL_KIND_DATE:
      return date_to_display (self->text);
    case SATCHEL_KIND_TIME:
      return time_to_display (self->text);
    case SATCHEL_KIND_SET:
      return set_to_display (self);
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_CHOICE:
      return g_strdup (satchel_field_get_choice_label (field, self->text));
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_NUMBER:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_MONEY:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_REFERENCE:
    case SATCHEL_KIND_JSON:
    default:
      return g_strdup (self->text);
    }
}

/**
 * satchel_value_to_display:
 * @field: the value's field
 * @self: a value
 * @currency: (nullable): the ISO 4217 code that an amount of money is in
 *
 * Writes a value for a person, in their language, locale and time zone. The
 * id of another record stays an id: only the caller can look its title up.
 *
 * Returns: (transfer full): the text, "" for the null value
 */
char *
satchel_value_to_display (const SatchelField *field, const SatchelValue *self, const char *currency)
{
  switch (self->storage)
    {
    case SATCHEL_STORAGE_INTEGER:
      return integer_to_display (field, self->integer, currency);
    case SATCHEL_STORAGE_REAL:
      return g_strdup_printf ("%'.15g", self->real);
    case SATCHEL_STORAGE_TEXT:
      return text_to_display (field, self);
    case SATCHEL_STORAGE_NULL:
    default:
      return g_strdup ("");
    }
}
