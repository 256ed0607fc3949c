/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-preview.h"

/* More than any row shows. */
#define MAX_LENGTH 200

/**
 * satchel_preview_dup:
 * @text: (nullable): a long text
 *
 * Returns: (transfer full): its beginning, in one line; where it goes on there is an ellipsis. "" for none
 */
char *
satchel_preview_dup (const char *text)
{
  g_autofree char *start = NULL;
  gboolean cut;

  if (text == NULL)
    return g_strdup ("");
  cut = g_utf8_strlen (text, -1) > MAX_LENGTH;
  start = cut ? g_utf8_substring (text, 0, MAX_LENGTH) : g_strdup (text);
  g_strstrip (g_strdelimit (start, "\n\r\t", ' '));
  return cut ? g_strconcat (start, "…", NULL) : g_steal_pointer (&start);
}

/**
 * satchel_preview_join:
 * @first: (nullable): some words
 * @second: (nullable): some more
 *
 * Returns: (transfer full): those that are there, with a dot between
 */
char *
satchel_preview_join (const char *first, const char *second)
{
  if (first == NULL || *first == '\0')
    return g_strdup (second != NULL ? second : "");
  if (second == NULL || *second == '\0')
    return g_strdup (first);
  return g_strconcat (first, " · ", second, NULL);
}
