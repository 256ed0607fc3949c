/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SatchelLines:
 * @text: (unowned): the text
 * @starts: where each line starts, and behind the last one where the text ends
 * @tokens: a number per line; equal lines of texts numbered together have equal numbers
 * @n_lines: how many
 * @ends_open: whether the last line has no line end of its own
 *
 * A text as lines. Whether the last one has a line end is kept apart and does
 * not make it another line.
 */
typedef struct
{
  const char *text;
  gsize *starts;
  guint *tokens;
  guint n_lines;
  gboolean ends_open;
} SatchelLines;

/**
 * SatchelHunk:
 *
 * Lines base_start up to base_end of one text stand in the place of lines
 * start up to end of the other. One of the two may be empty, never both.
 */
typedef struct
{
  guint base_start;
  guint base_end;
  guint start;
  guint end;
} SatchelHunk;

void satchel_lines_init (SatchelLines *self, const char *text);
void satchel_lines_number (SatchelLines *texts, guint n_texts);
void satchel_lines_clear (SatchelLines *self);
GArray *satchel_lines_compare (const SatchelLines *base, const SatchelLines *other);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SatchelLines, satchel_lines_clear)

G_END_DECLS
