/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define REPLICA_NEEDLE_MIN_LETTERS 3

/**
 * ReplicaNeedle: what a person looks for.
 * @words: folded words that the index can find; all must be there
 * @short_words: folded words below three letters; each must begin a word
 * @digits: (nullable): the digits, when it reads like a telephone number
 * @prefix: the whole of it as the beginning of a sort key
 * @awaits_consonant: whether it ends with a Thai vowel that is written before its consonant and sorted behind it
 */
typedef struct
{
  GPtrArray *words;
  GPtrArray *short_words;
  char *digits;
  char *prefix;
  gboolean awaits_consonant;
} ReplicaNeedle;

ReplicaNeedle *replica_needle_new (const char *text);
void replica_needle_free (ReplicaNeedle *self);
gboolean replica_needle_is_empty (const ReplicaNeedle *self);
/* Whether there is something that the index can find. */
gboolean replica_needle_has_grams (const ReplicaNeedle *self);
char *replica_needle_dup_expression (const ReplicaNeedle *self);
gboolean replica_needle_matches (const ReplicaNeedle *self, const char *const *folded, const char *const *digits);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaNeedle, replica_needle_free)

G_END_DECLS
