/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-moment.h"

#include <glib/gi18n.h>

#include "records/satchel-id.h"

static GDateTime *
read_now (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (satchel_time_now_unix_ms () / 1000);

  return g_date_time_to_local (now);
}

static int
count_days (GDateTime *moment)
{
  GDate day;

  g_date_clear (&day, 1);
  g_date_set_dmy (&day, (GDateDay) g_date_time_get_day_of_month (moment), (GDateMonth) g_date_time_get_month (moment),
                  (GDateYear) g_date_time_get_year (moment));
  return (int) g_date_get_julian (&day);
}

/* "Today", "Tomorrow", "12 March", "12 March 2024". */
static char *
name_day (GDateTime *moment)
{
  g_autoptr (GDateTime) now = read_now ();
  int distance = count_days (moment) - count_days (now);

  if (distance == 0)
    return g_strdup (_ ("Today"));
  if (distance == -1)
    return g_strdup (_ ("Yesterday"));
  if (distance == 1)
    return g_strdup (_ ("Tomorrow"));
  if (g_date_time_get_year (moment) == g_date_time_get_year (now))
    /* Translators: a day of this year, such as 12 March; see g_date_time_format(). xgettext:no-c-format */
    return g_date_time_format (moment, _ ("%-d %B"));
  /* Translators: a day of another year, such as 12 March 2026. xgettext:no-c-format */
  return g_date_time_format (moment, _ ("%-d %B %Y"));
}

static GDateTime *
read_time (const char *time)
{
  g_autoptr (GDateTime) moment = g_date_time_new_from_iso8601 (time, NULL);

  return moment != NULL ? g_date_time_to_local (moment) : NULL;
}

/**
 * satchel_moment_to_short_text:
 * @time: UTC ISO 8601
 *
 * Returns: (transfer full): the time of day for today, else the day
 */
char *
satchel_moment_to_short_text (const char *time)
{
  g_autoptr (GDateTime) moment = read_time (time);
  g_autoptr (GDateTime) now = read_now ();

  if (moment == NULL)
    return g_strdup (time);
  if (count_days (moment) == count_days (now))
    /* Translators: a time of the day, such as 14:30. xgettext:no-c-format */
    return g_date_time_format (moment, _ ("%H:%M"));
  return name_day (moment);
}

/**
 * satchel_moment_to_text:
 * @time: UTC ISO 8601
 *
 * Returns: (transfer full): the day and the time of day
 */
char *
satchel_moment_to_text (const char *time)
{
  g_autoptr (GDateTime) moment = read_time (time);
  g_autofree char *day = NULL, *clock = NULL;

  if (moment == NULL)
    return g_strdup (time);

  day = name_day (moment);
  clock = g_date_time_format (moment, _ ("%H:%M"));
  /* Translators: a day and a time of the day, such as “Yesterday, 14:30”. */
  return g_strdup_printf (C_ ("day and time", "%s, %s"), day, clock);
}

/**
 * satchel_day_to_text:
 * @day: such as 2026-03-09
 *
 * Returns: (transfer full): the day
 */
char *
satchel_day_to_text (const char *day)
{
  g_autoptr (GTimeZone) here = g_time_zone_new_local ();
  g_autofree char *noon = g_strconcat (day, "T12:00:00", NULL);
  g_autoptr (GDateTime) moment = g_date_time_new_from_iso8601 (noon, here);

  return moment != NULL ? name_day (moment) : g_strdup (day);
}
