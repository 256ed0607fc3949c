/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SatchelCursor: where a device stands. Opaque to it.
 * @epoch: the life of the store that it speaks of
 * @scope: (element-type gint64): numbers of the buckets that the device has, ascending
 * @pos: up to where it has them
 * @arriving: (element-type gint64): numbers of the buckets that are arriving
 * @own: whether they still are at the user's own accounts
 * @arrived: up to where they have arrived, of the own accounts or of all
 * @started: the head when they began to arrive: up to there the own accounts need not be sent again
 */
typedef struct
{
  char *epoch;
  GArray *scope;
  gint64 pos;
  GArray *arriving;
  gboolean own;
  gint64 arrived;
  gint64 started;
} SatchelCursor;

SatchelCursor *satchel_cursor_new (const char *epoch);
SatchelCursor *satchel_cursor_parse (const char *text); /* NULL: cannot be read */
char *satchel_cursor_to_text (const SatchelCursor *self);
void satchel_cursor_free (SatchelCursor *self);

gboolean satchel_numbers_contain (GArray *numbers, gint64 number);
void satchel_numbers_add (GArray *numbers, gint64 number);
void satchel_numbers_remove (GArray *numbers, gint64 number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelCursor, satchel_cursor_free)

G_END_DECLS
