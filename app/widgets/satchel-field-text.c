/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-field-text.h"

#include <glib/gi18n.h>
#include <langinfo.h>
#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"

/* Years of the Buddhist calendar are ahead by this much. */
#define BUDDHIST_YEARS 543
#define FIRST_BUDDHIST_YEAR 2400

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, message);
  return FALSE;
}

/* Numbers. */

static gboolean
is_grouping (gunichar c)
{
  return g_unichar_isspace (c) || c == '\'' || c == 0x2019 || c == 0x202f || c == 0xa0;
}

static gboolean
starts_with_separator (const char *text, const char *separator)
{
  return *separator != '\0' && g_str_has_prefix (text, separator);
}

/* Digits of any script become ASCII, what groups them goes, the locale's decimal point becomes a dot. */
static char *
to_plain_number (const char *text)
{
  const char *point = nl_langinfo (RADIXCHAR);
  const char *group = nl_langinfo (THOUSEP);
  GString *plain = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_isdigit (c))
        g_string_append_c (plain, (char) ('0' + g_unichar_digit_value (c)));
      else if (c == 0x2212)
        g_string_append_c (plain, '-');
      else if (starts_with_separator (p, point))
        g_string_append_c (plain, '.');
      else if (!is_grouping (c) && !starts_with_separator (p, group))
        g_string_append_unichar (plain, c);
    }

  return g_string_free_and_steal (plain);
}

static gboolean
has_only_digits (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isdigit (text[i]))
      return FALSE;
  return TRUE;
}

/* "1250.5" with two decimals to 125050; exact, never through a floating number. */
static gboolean
to_minor_units (const char *plain, guint decimals, gint64 *minor_units)
{
  g_autoptr (GString) digits = g_string_new (NULL);
  const char *number = *plain == '-' || *plain == '+' ? plain + 1 : plain;
  const char *point = strchr (number, '.');
  gsize whole = point != NULL ? (gsize) (point - number) : strlen (number);
  gsize fraction = point != NULL ? strlen (point + 1) : 0;

  if (whole + fraction == 0 || fraction > decimals || !has_only_digits (number, whole) ||
      (point != NULL && !has_only_digits (point + 1, fraction)))
    return FALSE;

  if (*plain == '-')
    g_string_append_c (digits, '-');
  g_string_append_len (digits, number, whole);
  if (point != NULL)
    g_string_append (digits, point + 1);
  for (gsize i = fraction; i < decimals; i++)
    g_string_append_c (digits, '0');

  return g_ascii_string_to_signed (digits->str, 10, G_MININT64, G_MAXINT64, minor_units, NULL);
}

static gboolean
parse_money (const char *text, const char *currency, SatchelValue *value, GError **error)
{
  g_autofree char *plain = to_plain_number (text);
  gint64 minor_units;

  if (!to_minor_units (plain, satchel_currency_get_decimals (currency), &minor_units))
    {
      g_autofree char *example = g_strdup_printf ("%'.*f", satchel_currency_get_decimals (currency), 1250.0);
      g_autofree char *message = g_strdup_printf (_ ("Write an amount such as %s."), example);

      return refuse (error, message);
    }

  satchel_value_set_integer (value, minor_units);
  return TRUE;
}

static char *
money_to_text (gint64 minor_units, const char *currency)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint decimals = satchel_currency_get_decimals (currency);
  gsize start;

  g_string_printf (text, "%0*" G_GINT64_FORMAT, (int) decimals + 1 + (minor_units < 0), minor_units);
  start = text->len - decimals;
  if (decimals > 0)
    g_string_insert (text, (gssize) start, nl_langinfo (RADIXCHAR));

  return g_string_free_and_steal (g_steal_pointer (&text));
}

static gboolean
parse_number (const SatchelField *field, const char *text, SatchelValue *value, GError **error)
{
  g_autofree char *plain = to_plain_number (text);
  g_autofree char *example = NULL, *message = NULL;

  if (satchel_value_parse (field, plain, value, NULL))
    return TRUE;
  if (field->kind == SATCHEL_KIND_INTEGER)
    return refuse (error, _ ("Write a whole number."));

  example = g_strdup_printf ("%.1f", 12.5);
  message = g_strdup_printf (_ ("Write a number such as %s."), example);
  return refuse (error, message);
}

static char *
number_to_text (const SatchelField *field, const SatchelValue *value)
{
  g_autofree char *text = satchel_value_to_text (field, value);
  g_auto (GStrv) parts = g_strsplit (text, ".", 2);

  return g_strjoinv (nl_langinfo (RADIXCHAR), parts);
}

/* Days and times. */

static gboolean
parse_day (const char *text, GDate *day)
{
  g_autofree char *normal = satchel_date_normalise (text);
  int year;

  g_date_clear (day, 1);
  g_date_set_parse (day, normal != NULL ? normal : text);
  if (!g_date_valid (day))
    return FALSE;

  year = g_date_get_year (day);
  if (year >= FIRST_BUDDHIST_YEAR)
    g_date_set_dmy (day, g_date_get_day (day), g_date_get_month (day), (GDateYear) (year - BUDDHIST_YEARS));
  return g_date_valid (day);
}

static gboolean
refuse_day (GError **error, const char *format)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *example = g_date_time_format (now, format);
  g_autofree char *message = g_strdup_printf (_ ("Write a date such as %s."), example);

  return refuse (error, message);
}

static gboolean
parse_date (const char *text, SatchelValue *value, GError **error)
{
  GDate day;

  if (!parse_day (text, &day))
    return refuse_day (error, "%-d %B %Y");

  satchel_value_take_text (value, g_strdup_printf ("%04d-%02d-%02d", g_date_get_year (&day), g_date_get_month (&day),
                                                   g_date_get_day (&day)));
  return TRUE;
}

/* Takes "14:30" out of @text; what is left of it is the day. */
static gboolean
take_clock (char *text, int *hour, int *minute)
{
  char *colon = strrchr (text, ':');
  char *start = colon, *end;

  if (colon == NULL)
    return TRUE;
  while (start > text && g_ascii_isdigit (start[-1]))
    start--;
  *hour = atoi (start);
  *minute = (int) g_ascii_strtoull (colon + 1, &end, 10);
  if (start == colon || end == colon + 1 || *hour > 23 || *minute > 59)
    return FALSE;

  memset (start, ' ', (gsize) (end - start));
  return TRUE;
}

static gboolean
parse_time (const char *text, SatchelValue *value, GError **error)
{
  g_autofree char *day_text = g_strdup (text);
  g_autoptr (GDateTime) local = NULL;
  int hour = 9, minute = 0;
  GDate day;

  if (!take_clock (day_text, &hour, &minute))
    return refuse_day (error, "%-d %B %Y, %H:%M");
  g_strdelimit (day_text, ",", ' ');
  g_strstrip (day_text);
  if (*day_text == '\0')
    g_date_clear (&day, 1), g_date_set_time_t (&day, time (NULL));
  else if (!parse_day (day_text, &day))
    return refuse_day (error, "%-d %B %Y, %H:%M");

  local = g_date_time_new_local (g_date_get_year (&day), g_date_get_month (&day), g_date_get_day (&day), hour, minute,
                                 0);
  if (local == NULL)
    return refuse_day (error, "%-d %B %Y, %H:%M");
  {
    g_autofree char *iso = g_date_time_format_iso8601 (local);

    satchel_value_take_text (value, satchel_time_normalise (iso));
  }
  return TRUE;
}

/* Texts of a certain form. */

static const char *
find_proposal (const SatchelField *field, const char *text)
{
  for (const SatchelChoice *choice = field->choices; choice != NULL && choice->value != NULL; choice++)
    if (g_utf8_collate (satchel_field_get_choice_label (field, choice->value), text) == 0)
      return choice->value;
  return text;
}

static gboolean
parse_text (const SatchelField *field, const char *text, SatchelValue *value, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (satchel_value_parse (field, find_proposal (field, text), value, &reason))
    return TRUE;

  if (g_error_matches (reason, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_TOO_LARGE))
    return refuse (error, _ ("This text is too long. Put part of it into a note."));
  if (field->kind == SATCHEL_KIND_EMAIL)
    return refuse (error, _ ("Write an address such as anna@example.com."));
  if (field->kind == SATCHEL_KIND_CURRENCY)
    return refuse (error, _ ("Write three letters such as EUR."));
  if (field->kind == SATCHEL_KIND_JSON)
    return refuse (error, _ ("Something is missing: a bracket, a comma or a quotation mark."));
  return refuse (error, reason->message);
}

/**
 * satchel_field_to_text:
 * @currency: (nullable): what an amount is in
 *
 * Returns: (transfer full): what an entry shows for the value
 */
char *
satchel_field_to_text (const SatchelField *field, const SatchelValue *value, const char *currency)
{
  if (satchel_value_is_null (value))
    return g_strdup ("");

  switch (field->kind)
    {
    case SATCHEL_KIND_MONEY:
      return money_to_text (value->integer, currency);
    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_NUMBER:
      return number_to_text (field, value);
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
      return satchel_value_to_display (field, value, NULL);
    case SATCHEL_KIND_TEXT:
      return g_strdup (satchel_field_get_choice_label (field, value->text));
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
    case SATCHEL_KIND_SET:
    case SATCHEL_KIND_JSON:
    default:
      return satchel_value_to_text (field, value);
    }
}

/**
 * satchel_field_from_text:
 * @text: what was typed
 * @currency: (nullable): what an amount is in
 * @value: (out caller-allocates): an initialised value
 * @error: a sentence for the person
 *
 * Returns: whether @text fits the field
 */
gboolean
satchel_field_from_text (const SatchelField *field, const char *text, const char *currency, SatchelValue *value,
                         GError **error)
{
  g_autofree char *line = g_strdup (text);

  if (field->kind != SATCHEL_KIND_LONG_TEXT)
    g_strstrip (line);
  if (*line == '\0')
    {
      satchel_value_clear (value);
      return TRUE;
    }

  switch (field->kind)
    {
    case SATCHEL_KIND_MONEY:
      return parse_money (line, currency, value, error);
    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_NUMBER:
      return parse_number (field, line, value, error);
    case SATCHEL_KIND_DATE:
      return parse_date (line, value, error);
    case SATCHEL_KIND_TIME:
      return parse_time (line, value, error);
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
    case SATCHEL_KIND_SET:
    case SATCHEL_KIND_JSON:
    default:
      return parse_text (field, line, value, error);
    }
}
