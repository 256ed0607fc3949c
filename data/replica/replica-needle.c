/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person looks for, as the index takes it and as a row is compared with it. Nothing typed is ever read as the
 * index's own syntax. */

#include "satchel-config.h"

#include "replica-needle.h"

#include <string.h>

#include "records/satchel-text.h"

/* More than this nobody types; what is pasted is looked for by its beginning. */
#define MAX_WORDS 16
#define WORD_MAX_LETTERS 48
#define TEXT_MAX_LETTERS 512

static gboolean
is_short (const char *word)
{
  return g_utf8_strlen (word, -1) < REPLICA_NEEDLE_MIN_LETTERS;
}

static char *
dup_beginning (const char *text, glong max_letters)
{
  return g_utf8_strlen (text, -1) > max_letters ? g_utf8_substring (text, 0, max_letters) : g_strdup (text);
}

/* "" when it is not UTF-8. */
static char *
dup_normal_beginning (const char *text)
{
  g_autofree char *beginning = dup_beginning (g_utf8_validate (text, -1, NULL) ? text : "", TEXT_MAX_LETTERS);

  return satchel_text_normalise (beginning, -1);
}

static void
take_words (ReplicaNeedle *self, const char *folded)
{
  g_auto (GStrv) words = g_strsplit (folded, " ", -1);

  for (guint i = 0; words[i] != NULL && i < MAX_WORDS; i++)
    if (*words[i] != '\0')
      g_ptr_array_add (is_short (words[i]) ? self->short_words : self->words,
                       dup_beginning (words[i], WORD_MAX_LETTERS));
}

static gboolean
ends_with_leading_vowel (const char *folded)
{
  const char *last = g_utf8_find_prev_char (folded, folded + strlen (folded));
  gunichar letter = last != NULL ? g_utf8_get_char (last) : 0;

  return letter >= 0x0e40 && letter <= 0x0e44;
}

/**
 * replica_needle_new:
 * @text: what a person typed; any text
 *
 * Returns: (transfer full): what to look for; empty when @text is not UTF-8
 */
ReplicaNeedle *
replica_needle_new (const char *text)
{
  ReplicaNeedle *self = g_new0 (ReplicaNeedle, 1);
  g_autofree char *normal = dup_normal_beginning (text);
  g_autofree char *folded = satchel_text_fold (normal);

  self->words = g_ptr_array_new_with_free_func (g_free);
  self->short_words = g_ptr_array_new_with_free_func (g_free);
  self->prefix = satchel_text_sort_key (folded);
  self->awaits_consonant = ends_with_leading_vowel (folded);
  take_words (self, folded);

  if (satchel_text_looks_like_phone (normal))
    self->digits = satchel_text_phone_digits (normal);

  return self;
}

void
replica_needle_free (ReplicaNeedle *self)
{
  g_ptr_array_unref (self->words);
  g_ptr_array_unref (self->short_words);
  g_free (self->digits);
  g_free (self->prefix);
  g_free (self);
}

gboolean
replica_needle_is_empty (const ReplicaNeedle *self)
{
  return self->words->len == 0 && self->short_words->len == 0;
}

gboolean
replica_needle_has_grams (const ReplicaNeedle *self)
{
  return self->words->len > 0 || self->digits != NULL;
}

static void
append_phrase (GString *expression, const char *word)
{
  g_string_append_c (expression, '"');
  for (const char *p = word; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (expression, '"');
      g_string_append_c (expression, *p);
    }
  g_string_append_c (expression, '"');
}

/**
 * replica_needle_dup_expression:
 * @self: what to look for
 *
 * Makes the full-text expression that finds every record that
 * replica_needle_matches() holds of; it may find more.
 *
 * Returns: (transfer full) (nullable): the expression
 */
char *
replica_needle_dup_expression (const ReplicaNeedle *self)
{
  GString *expression;

  if (!replica_needle_has_grams (self))
    return NULL;

  expression = g_string_new ("(");
  for (guint i = 0; i < self->words->len; i++)
    {
      g_string_append (expression, i > 0 ? " AND " : "");
      append_phrase (expression, g_ptr_array_index (self->words, i));
    }

  if (self->digits != NULL)
    {
      g_string_append (expression, self->words->len > 0 ? ") OR (" : "");
      append_phrase (expression, self->digits);
    }
  g_string_append_c (expression, ')');

  return g_string_free_and_steal (expression);
}

static gboolean
contains (const char *const *texts, const char *word)
{
  for (; *texts != NULL; texts++)
    if (strstr (*texts, word) != NULL)
      return TRUE;

  return FALSE;
}

static gboolean
begins_a_word (const char *text, const char *word)
{
  for (const char *found = strstr (text, word); found != NULL; found = strstr (found + 1, word))
    if (found == text || !g_unichar_isalnum (g_utf8_get_char (g_utf8_prev_char (found))))
      return TRUE;

  return FALSE;
}

static gboolean
contains_beginning (const char *const *texts, const char *word)
{
  for (; *texts != NULL; texts++)
    if (begins_a_word (*texts, word))
      return TRUE;

  return FALSE;
}

static gboolean
matches_words (const ReplicaNeedle *self, const char *const *folded)
{
  for (guint i = 0; i < self->words->len; i++)
    if (!contains (folded, g_ptr_array_index (self->words, i)))
      return FALSE;

  for (guint i = 0; i < self->short_words->len; i++)
    if (!contains_beginning (folded, g_ptr_array_index (self->short_words, i)))
      return FALSE;

  return !replica_needle_is_empty (self);
}

/**
 * replica_needle_matches:
 * @self: what to look for
 * @folded: (array zero-terminated=1): the folded texts of a record
 * @digits: (array zero-terminated=1): the digits of its telephone numbers
 *
 * Returns: whether the record is what is looked for
 */
gboolean
replica_needle_matches (const ReplicaNeedle *self, const char *const *folded, const char *const *digits)
{
  return matches_words (self, folded) || (self->digits != NULL && contains (digits, self->digits));
}
