/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-pending.h"

#include <string.h>

/* Marks the units on a record. */
void
replica_pending_apply (const char *pending, SatchelRecord *record)
{
  g_auto (GStrv) lines = NULL;

  if (pending == NULL)
    return;

  lines = g_strsplit (pending, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char *tab = strrchr (*line, '\t');

      if (tab == NULL)
        continue;
      *tab = '\0';
      satchel_record_set_unit_pending (record, *line, g_ascii_strtoll (tab + 1, NULL, 10));
    }
}

static gboolean
line_names (const char *line, const char *unit)
{
  gsize length = strlen (unit);

  return strncmp (line, unit, length) == 0 && line[length] == '\t';
}

/**
 * replica_pending_set:
 * @pending: (nullable): the units that are pending
 * @unit: a unit's name
 * @group: the group that set it
 *
 * Returns: (transfer full): @pending with @unit set by @group
 */
char *
replica_pending_set (const char *pending, const char *unit, gint64 group)
{
  GString *text = g_string_new (NULL);
  g_auto (GStrv) lines = g_strsplit (pending != NULL ? pending : "", "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0' && !line_names (*line, unit))
      g_string_append_printf (text, "%s\n", *line);
  g_string_append_printf (text, "%s\t%" G_GINT64_FORMAT, unit, group);

  return g_string_free_and_steal (text);
}
