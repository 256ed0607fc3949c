/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cursors: `1:EPOCH:SCOPE:POS`, and `:BACKFILL` while buckets are arriving. SCOPE is the numbers of buckets, BACKFILL is
 * what stands in the struct's second half; numbers are in base 36, lists are joined with points. */

#include "satchel-config.h"

#include "server-cursor.h"

#include <string.h>

#define VERSION "1"
#define BASE 36
#define MAX_NUMBERS 20000

SatchelCursor *
satchel_cursor_new (const char *epoch)
{
  SatchelCursor *self = g_new0 (SatchelCursor, 1);

  self->epoch = g_strdup (epoch);
  self->scope = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->arriving = g_array_new (FALSE, FALSE, sizeof (gint64));

  return self;
}

void
satchel_cursor_free (SatchelCursor *self)
{
  g_free (self->epoch);
  g_array_unref (self->scope);
  g_array_unref (self->arriving);
  g_free (self);
}

/* ---- Lists of numbers ----------------------------------------------------------------------------- */

static gboolean
find (GArray *numbers, gint64 number, guint *index)
{
  guint low = 0, high = numbers->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (numbers, gint64, middle) < number)
        low = middle + 1;
      else
        high = middle;
    }
  *index = low;

  return low < numbers->len && g_array_index (numbers, gint64, low) == number;
}

gboolean
satchel_numbers_contain (GArray *numbers, gint64 number)
{
  guint index;

  return find (numbers, number, &index);
}

void
satchel_numbers_add (GArray *numbers, gint64 number)
{
  guint index;

  if (!find (numbers, number, &index))
    g_array_insert_val (numbers, index, number);
}

void
satchel_numbers_remove (GArray *numbers, gint64 number)
{
  guint index;

  if (find (numbers, number, &index))
    g_array_remove_index (numbers, index);
}

/* ---- Text ----------------------------------------------------------------------------------------- */

static void
append_number (GString *text, gint64 number)
{
  static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  char reversed[16];
  guint length = 0;

  do
    reversed[length++] = digits[number % BASE];
  while ((number /= BASE) > 0);

  while (length > 0)
    g_string_append_c (text, reversed[--length]);
}

static void
append_numbers (GString *text, GArray *numbers)
{
  for (guint i = 0; i < numbers->len; i++)
    {
      if (i > 0)
        g_string_append_c (text, '.');
      append_number (text, g_array_index (numbers, gint64, i));
    }
}

char *
satchel_cursor_to_text (const SatchelCursor *self)
{
  GString *text = g_string_new (VERSION ":");

  g_string_append (text, self->epoch);
  g_string_append_c (text, ':');
  append_numbers (text, self->scope);
  g_string_append_c (text, ':');
  append_number (text, self->pos);
  if (self->arriving->len == 0)
    return g_string_free_and_steal (text);

  g_string_append (text, self->own ? ":o." : ":a.");
  append_number (text, self->arrived);
  g_string_append_c (text, '.');
  append_number (text, self->started);
  g_string_append_c (text, '.');
  append_numbers (text, self->arriving);

  return g_string_free_and_steal (text);
}

static gboolean
read_number (const char *text, gint64 *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, BASE, 0, G_MAXINT64, &value, NULL))
    return FALSE;
  *number = (gint64) value;

  return TRUE;
}

static gboolean
read_numbers (const char *const *words, GArray *numbers)
{
  for (guint i = 0; words[i] != NULL; i++)
    {
      gint64 number;

      if (i >= MAX_NUMBERS || !read_number (words[i], &number))
        return FALSE;
      satchel_numbers_add (numbers, number);
    }

  return TRUE;
}

static gboolean
read_scope (SatchelCursor *self, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, ".", MAX_NUMBERS + 1);

  return text[0] == '\0' || read_numbers ((const char *const *) words, self->scope);
}

static gboolean
read_arriving (SatchelCursor *self, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, ".", MAX_NUMBERS + 4);

  if (g_strv_length (words) < 4)
    return FALSE;
  self->own = strcmp (words[0], "o") == 0;

  return read_number (words[1], &self->arrived) && read_number (words[2], &self->started) &&
         read_numbers ((const char *const *) words + 3, self->arriving);
}

SatchelCursor *
satchel_cursor_parse (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 6);
  guint n_parts = g_strv_length (parts);
  g_autoptr (SatchelCursor) self = NULL;

  if ((n_parts != 4 && n_parts != 5) || strcmp (parts[0], VERSION) != 0)
    return NULL;

  self = satchel_cursor_new (parts[1]);
  if (!read_scope (self, parts[2]) || !read_number (parts[3], &self->pos) ||
      (n_parts == 5 && !read_arriving (self, parts[4])))
    return NULL;

  return g_steal_pointer (&self);
}
