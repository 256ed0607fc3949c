/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-id.h"

#include <string.h>

#define ID_LENGTH 36
#define COUNTER_MAX 0xfff
#define MS_PER_SECOND G_GINT64_CONSTANT (1000)
#define SECONDS_PER_DAY G_GINT64_CONSTANT (86400)
#define JULIAN_OF_1970 719163

/* The one place of the data layer with state of its own: a clock that tests replace, and what the last id was. */
static struct
{
  GMutex lock;
  gint64 (*clock) (gpointer data);
  gpointer clock_data;
  gint64 last_ms;
  guint counter;
} state;

/**
 * satchel_time_set_clock:
 * @clock: (nullable): returns milliseconds since 1970, UTC; %NULL for the real clock
 * @data: passed to @clock
 *
 * Replaces the clock behind every time and id that is made from here on, for
 * the simulator and tests. Thread-safe; @clock may be called by any thread.
 */
void
satchel_time_set_clock (gint64 (*clock) (gpointer data), gpointer data)
{
  g_mutex_lock (&state.lock);
  state.clock = clock;
  state.clock_data = data;
  state.last_ms = 0;
  g_mutex_unlock (&state.lock);
}

/**
 * satchel_time_now_unix_ms:
 *
 * Returns: now, in milliseconds since 1970, UTC
 */
gint64
satchel_time_now_unix_ms (void)
{
  gint64 (*clock) (gpointer data);
  gpointer data;

  g_mutex_lock (&state.lock);
  clock = state.clock;
  data = state.clock_data;
  g_mutex_unlock (&state.lock);

  return clock != NULL ? clock (data) : g_get_real_time () / 1000;
}

/* Gives the millisecond and the counter of the next id, both never less than before. */
static gint64
next_tick (guint *counter)
{
  gint64 now = satchel_time_now_unix_ms ();
  gint64 ms;

  g_mutex_lock (&state.lock);
  if (now > state.last_ms || state.last_ms == 0)
    {
      state.last_ms = now;
      state.counter = g_random_int () & (COUNTER_MAX >> 1);
    }
  else if (++state.counter > COUNTER_MAX)
    {
      state.last_ms++;
      state.counter = 0;
    }
  ms = state.last_ms;
  *counter = state.counter;
  g_mutex_unlock (&state.lock);

  return ms;
}

static void
write_hex (char *out, guint64 number, guint n_digits)
{
  for (guint i = n_digits; i > 0; i--, number >>= 4)
    out[i - 1] = "0123456789abcdef"[number & 0xf];
}

/**
 * satchel_id_new:
 *
 * Makes an id for a new record: a UUIDv7 (RFC 9562), lower case. Ids that one
 * process makes ascend, also within one millisecond and when the clock steps
 * back. The random part comes from GLib's generator, so that a simulator that
 * seeds it repeats its ids. Thread-safe.
 *
 * Returns: (transfer full): the id
 */
char *
satchel_id_new (void)
{
  char *id = g_malloc (ID_LENGTH + 1);
  guint counter;
  gint64 ms = next_tick (&counter);

  write_hex (id, ms >> 16, 8);
  id[8] = '-';
  write_hex (id + 9, ms & 0xffff, 4);
  id[13] = '-';
  id[14] = '7';
  write_hex (id + 15, counter, 3);
  id[18] = '-';
  write_hex (id + 19, 0x8000 | (g_random_int () & 0x3fff), 4);
  id[23] = '-';
  write_hex (id + 24, g_random_int () & 0xffff, 4);
  write_hex (id + 28, g_random_int (), 8);
  id[ID_LENGTH] = '\0';

  return id;
}

/**
 * satchel_id_is_valid:
 * @id: (nullable): any text
 *
 * Returns: whether @id is a UUID of any version in its stored form, lower case
 */
gboolean
satchel_id_is_valid (const char *id)
{
  if (id == NULL)
    return FALSE;

  for (guint i = 0; i < ID_LENGTH; i++)
    {
      gboolean dash = i == 8 || i == 13 || i == 18 || i == 23;

      if (dash ? id[i] != '-' : !(g_ascii_isdigit (id[i]) || (id[i] >= 'a' && id[i] <= 'f')))
        return FALSE;
    }

  return id[ID_LENGTH] == '\0';
}

static gint64
days_from_date (guint year, guint month, guint day)
{
  GDate date;

  g_date_clear (&date, 1);
  g_date_set_dmy (&date, day, month, year);

  return (gint64) g_date_get_julian (&date) - JULIAN_OF_1970;
}

static gboolean
read_digits (const char **cursor, guint n_digits, guint *number)
{
  *number = 0;
  for (guint i = 0; i < n_digits; i++, (*cursor)++)
    {
      if (!g_ascii_isdigit (**cursor))
        return FALSE;
      *number = *number * 10 + (**cursor - '0');
    }

  return TRUE;
}

static gboolean
read_character (const char **cursor, char character)
{
  if (**cursor != character)
    return FALSE;
  (*cursor)++;

  return TRUE;
}

static gboolean
read_date (const char **cursor, guint *year, guint *month, guint *day)
{
  return read_digits (cursor, 4, year) && read_character (cursor, '-') && read_digits (cursor, 2, month) &&
         read_character (cursor, '-') && read_digits (cursor, 2, day) && *year > 0 && *month > 0 && *day > 0 &&
         g_date_valid_dmy (*day, *month, *year);
}

/* HH:MM, HH:MM:SS or HH:MM:SS.fraction, to milliseconds of the day; what is finer is cut off. */
static gboolean
read_time_of_day (const char **cursor, gint64 *ms)
{
  guint hour, minute, second = 0, fraction = 0;

  if (!read_digits (cursor, 2, &hour) || !read_character (cursor, ':') || !read_digits (cursor, 2, &minute))
    return FALSE;
  if (read_character (cursor, ':'))
    {
      if (!read_digits (cursor, 2, &second))
        return FALSE;
      if (read_character (cursor, '.') || read_character (cursor, ','))
        {
          if (!g_ascii_isdigit (**cursor))
            return FALSE;
          for (guint weight = 100; g_ascii_isdigit (**cursor); weight /= 10, (*cursor)++)
            fraction += (**cursor - '0') * weight;
        }
    }

  /* 60 is a leap second. */
  if (hour > 23 || minute > 59 || second > 60)
    return FALSE;

  *ms = ((hour * 60 + minute) * 60 + second) * MS_PER_SECOND + fraction;
  return TRUE;
}

/* Z, +HH:MM, +HHMM or +HH, to minutes east. */
static gboolean
read_offset (const char **cursor, int *minutes)
{
  char sign = **cursor;
  guint hour, minute = 0;

  *minutes = 0;
  if (read_character (cursor, 'Z') || read_character (cursor, 'z'))
    return TRUE;
  if (!(read_character (cursor, '+') || read_character (cursor, '-')) || !read_digits (cursor, 2, &hour))
    return FALSE;
  if ((read_character (cursor, ':') || **cursor != '\0') && !read_digits (cursor, 2, &minute))
    return FALSE;

  *minutes = (int) (hour * 60 + minute) * (sign == '-' ? -1 : 1);
  return hour <= 23 && minute <= 59;
}

/* NULL outside of the years 1 to 9999. */
static char *
format_instant (gint64 ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc_usec (ms * 1000);
  int year, month, day;

  if (time == NULL)
    return NULL;

  g_date_time_get_ymd (time, &year, &month, &day);
  return g_strdup_printf ("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day, g_date_time_get_hour (time),
                          g_date_time_get_minute (time), g_date_time_get_second (time),
                          g_date_time_get_microsecond (time) / 1000);
}

/**
 * satchel_time_now:
 *
 * Returns: (transfer full): now, in the stored form
 */
char *
satchel_time_now (void)
{
  return format_instant (satchel_time_now_unix_ms ());
}

/* The form that is stored, 2026-03-09T08:15:30.000Z, with fields in their ranges. */
static gboolean
is_stored_form (const char *text)
{
  const char *cursor = text;
  guint year, month, day, hour, minute, second, fraction;

  return read_date (&cursor, &year, &month, &day) && read_character (&cursor, 'T') && read_digits (&cursor, 2, &hour) &&
         read_character (&cursor, ':') && read_digits (&cursor, 2, &minute) && read_character (&cursor, ':') &&
         read_digits (&cursor, 2, &second) && read_character (&cursor, '.') && read_digits (&cursor, 3, &fraction) &&
         read_character (&cursor, 'Z') && *cursor == '\0' && hour <= 23 && minute <= 59 && second <= 59;
}

/**
 * satchel_time_normalise:
 * @text: an ISO 8601 instant with `Z` or an offset; seconds and their fraction may be left out
 *
 * Brings an instant to the form that is stored, UTC with milliseconds. A time
 * without an offset says nothing about when it was, and is refused.
 *
 * Returns: (transfer full) (nullable): the stored form, or %NULL when @text is not an instant
 */
char *
satchel_time_normalise (const char *text)
{
  const char *cursor = text;
  guint year, month, day;
  gint64 ms;
  int offset;

  if (is_stored_form (text))
    return g_strdup (text);

  if (!read_date (&cursor, &year, &month, &day) ||
      !(read_character (&cursor, 'T') || read_character (&cursor, 't') || read_character (&cursor, ' ')) ||
      !read_time_of_day (&cursor, &ms) || !read_offset (&cursor, &offset) || *cursor != '\0')
    return NULL;

  ms += days_from_date (year, month, day) * SECONDS_PER_DAY * MS_PER_SECOND;
  return format_instant (ms - offset * 60 * MS_PER_SECOND);
}

/**
 * satchel_date_normalise:
 * @text: a date, `2026-03-09`
 *
 * Returns: (transfer full) (nullable): the date, or %NULL when the calendar has no such day
 */
char *
satchel_date_normalise (const char *text)
{
  const char *cursor = text;
  guint year, month, day;

  if (!read_date (&cursor, &year, &month, &day) || *cursor != '\0')
    return NULL;

  return g_strdup (text);
}
