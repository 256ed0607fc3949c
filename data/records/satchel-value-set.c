/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-value-private.h"

#include <string.h>

#include "satchel-text.h"

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Private: sorts the members by their bytes and leaves out repeats; %NULL when there are none. */
char *
satchel_set_to_stored (GPtrArray *members)
{
  GString *stored;
  const char *last = NULL;

  if (members->len == 0)
    return NULL;

  g_ptr_array_sort (members, compare_texts);
  stored = g_string_new ("[");
  for (guint i = 0; i < members->len; i++)
    {
      const char *member = g_ptr_array_index (members, i);

      if (last != NULL && strcmp (last, member) == 0)
        continue;
      if (last != NULL)
        g_string_append_c (stored, ',');
      satchel_json_append_string (stored, member);
      last = member;
    }
  g_string_append_c (stored, ']');

  return g_string_free_and_steal (stored);
}

static char
unescape_character (const char **cursor)
{
  char c = *++*cursor;
  const char *found;

  if (c == 'u')
    {
      c = g_ascii_xdigit_value ((*cursor)[3]) * 16 + g_ascii_xdigit_value ((*cursor)[4]);
      *cursor += 4;
      return c;
    }

  found = strchr ("b\bt\tn\nf\fr\r", c);
  return found != NULL ? found[1] : c;
}

/* Stands on the opening quote of the stored form; leaves the cursor behind the closing one. */
static char *
read_member (const char **cursor)
{
  GString *member = g_string_new (NULL);

  for ((*cursor)++; **cursor != '"'; (*cursor)++)
    {
      g_assert (**cursor != '\0');
      g_string_append_c (member, **cursor == '\\' ? unescape_character (cursor) : **cursor);
    }
  (*cursor)++;

  return g_string_free_and_steal (member);
}

static GPtrArray *
read_members (const SatchelValue *self)
{
  GPtrArray *members = g_ptr_array_new_null_terminated (0, g_free, TRUE);

  if (self->storage == SATCHEL_STORAGE_TEXT)
    for (const char *cursor = self->text; (cursor = strchr (cursor, '"')) != NULL;)
      g_ptr_array_add (members, read_member (&cursor));

  return members;
}

/**
 * satchel_value_dup_set:
 * @self: the value of a set
 *
 * Returns: (transfer full) (array zero-terminated=1): its members, ascending; none for the null value
 */
char **
satchel_value_dup_set (const SatchelValue *self)
{
  GPtrArray *members = read_members (self);

  if (members->pdata == NULL)
    g_ptr_array_set_size (members, 0);

  return (char **) g_ptr_array_free (members, FALSE) ?: g_new0 (char *, 1);
}

/* As a member is stored: NFC, no white space around it; NULL when nothing is left. */
static char *
normalise_member (const char *text)
{
  g_autofree char *member = satchel_text_normalise (text, -1);

  if (member == NULL || *g_strstrip (member) == '\0')
    return NULL;

  return g_steal_pointer (&member);
}

static void
add_member (GPtrArray *members, const char *text)
{
  char *member = normalise_member (text);

  if (member != NULL)
    g_ptr_array_add (members, member);
}

static void
remove_member (GPtrArray *members, const char *text)
{
  g_autofree char *member = normalise_member (text);
  guint index;

  if (member != NULL && g_ptr_array_find_with_equal_func (members, member, g_str_equal, &index))
    g_ptr_array_remove_index (members, index);
}

/**
 * satchel_value_take_set:
 * @self: a value, initialised
 * @members: (transfer full) (array zero-terminated=1): its members in any order
 *
 * Makes it the set of @members; an empty set is the null value.
 */
void
satchel_value_take_set (SatchelValue *self, char **members)
{
  g_autoptr (GPtrArray) normalised = g_ptr_array_new_with_free_func (g_free);

  for (char **member = members; *member != NULL; member++)
    add_member (normalised, *member);
  satchel_value_take_text (self, satchel_set_to_stored (normalised));
  g_strfreev (members);
}

/**
 * satchel_value_set_apply:
 * @self: the value of a set
 * @add: (nullable) (array zero-terminated=1): members that it gains
 * @remove: (nullable) (array zero-terminated=1): members that it loses
 *
 * Removes, then adds: what stands in both is in the set afterwards.
 */
void
satchel_value_set_apply (SatchelValue *self, const char *const *add, const char *const *remove)
{
  g_autoptr (GPtrArray) members = read_members (self);

  for (; remove != NULL && *remove != NULL; remove++)
    remove_member (members, *remove);
  for (; add != NULL && *add != NULL; add++)
    add_member (members, *add);

  satchel_value_take_text (self, satchel_set_to_stored (members));
}
