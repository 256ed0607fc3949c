/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts as lines, and what differs between two of them: the shortest edit script after Eugene W. Myers,
 * "An O(ND) Difference Algorithm and Its Variations" (1986), in linear space and with a bound on its time. */

#include "satchel-lines.h"

#include <string.h>

/* How many edits deep one search goes before it settles for the best way found so far. Bounds the time by the number
 * of lines times this. */
#define SEARCH_MAX_EDITS 128

/* ---- Lines ---------------------------------------------------------------------------------------- */

static guint
count_lines (const char *text, gboolean *ends_open)
{
  guint n = 0;
  const char *p = text;

  for (const char *end; (end = strchr (p, '\n')) != NULL; p = end + 1)
    n++;

  *ends_open = *p != '\0';

  return n + (*ends_open ? 1 : 0);
}

void
satchel_lines_init (SatchelLines *self, const char *text)
{
  const char *p = text;

  self->text = text;
  self->n_lines = count_lines (text, &self->ends_open);
  self->starts = g_new (gsize, self->n_lines + 1);
  self->tokens = g_new0 (guint, self->n_lines + 1);

  for (guint i = 0; i < self->n_lines; i++)
    {
      self->starts[i] = (gsize) (p - text);
      p += strcspn (p, "\n");
      p += *p == '\n' ? 1 : 0;
    }

  self->starts[self->n_lines] = (gsize) (p - text);
}

void
satchel_lines_clear (SatchelLines *self)
{
  g_clear_pointer (&self->starts, g_free);
  g_clear_pointer (&self->tokens, g_free);
}

/* A line without its end. */
typedef struct
{
  const char *start;
  gsize length;
  guint *token;
} Line;

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  const Line *one = a;
  const Line *other = b;
  int order = memcmp (one->start, other->start, MIN (one->length, other->length));

  if (order != 0)
    return order;

  return one->length < other->length ? -1 : one->length > other->length;
}

static void
collect_lines (SatchelLines *self, GArray *lines)
{
  for (guint i = 0; i < self->n_lines; i++)
    {
      Line line = { self->text + self->starts[i], self->starts[i + 1] - self->starts[i], &self->tokens[i] };

      if (line.length > 0 && line.start[line.length - 1] == '\n')
        line.length--;
      g_array_append_val (lines, line);
    }
}

/* Gives equal lines of all the texts the same number. By sorting and not by hashing: nobody can prepare a text that
 * makes it slow. */
void
satchel_lines_number (SatchelLines *texts, guint n_texts)
{
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line));
  guint token = 0;

  for (guint i = 0; i < n_texts; i++)
    collect_lines (&texts[i], lines);

  g_array_sort (lines, compare_lines);

  for (guint i = 0; i < lines->len; i++)
    {
      Line *line = &g_array_index (lines, Line, i);

      if (i > 0 && compare_lines (line - 1, line) != 0)
        token++;
      *line->token = token;
    }
}

/* ---- The shortest edit script --------------------------------------------------------------------- */

/* The lines of one text that may have a partner in the other. */
typedef struct
{
  guint *tokens;
  guint *places; /* which line of the text each one is */
  gboolean *partnered; /* per line of the text */
  gint n;
} Side;

/* Diagonals are x - y; `ahead` and `back` hold how far x got on each, from the two ends. */
typedef struct
{
  Side a;
  Side b;
  gint *ahead;
  gint *back;
} Search;

typedef struct
{
  gint a_start;
  gint a_end;
  gint b_start;
  gint b_end;
} Box;

typedef struct
{
  gint low;
  gint high;
} Range;

static void
range_widen (Range *self, gint lowest, gint highest, gint *reach, gint outside)
{
  if (self->low > lowest)
    reach[--self->low - 1] = outside;
  else
    self->low++;

  if (self->high < highest)
    reach[++self->high + 1] = outside;
  else
    self->high--;
}

static gboolean
range_holds (const Range *self, gint diagonal)
{
  return self->low <= diagonal && diagonal <= self->high;
}

static gint
slide_ahead (const Search *self, const Box *box, gint x, gint diagonal)
{
  while (x < box->a_end && x - diagonal < box->b_end && self->a.tokens[x] == self->b.tokens[x - diagonal])
    x++;

  return x;
}

static gint
slide_back (const Search *self, const Box *box, gint x, gint diagonal)
{
  while (x > box->a_start && x - diagonal > box->b_start && self->a.tokens[x - 1] == self->b.tokens[x - diagonal - 1])
    x--;

  return x;
}

/* One more edit from the start; whether it met the ways from the end on a diagonal of `meeting`. */
static gboolean
step_ahead (Search *self, const Box *box, const Range *range, const Range *meeting, gint *x, gint *diagonal)
{
  for (gint d = range->high; d >= range->low; d -= 2)
    {
      gint from_left = self->ahead[d - 1] + 1;
      gint from_above = self->ahead[d + 1];

      *x = slide_ahead (self, box, MAX (from_left, from_above), d);
      self->ahead[d] = *x;
      *diagonal = d;
      if (meeting != NULL && range_holds (meeting, d) && self->back[d] <= *x)
        return TRUE;
    }

  return FALSE;
}

static gboolean
step_back (Search *self, const Box *box, const Range *range, const Range *meeting, gint *x, gint *diagonal)
{
  for (gint d = range->high; d >= range->low; d -= 2)
    {
      gint from_right = self->back[d + 1] - 1;
      gint from_below = self->back[d - 1];

      *x = slide_back (self, box, MIN (from_right, from_below), d);
      self->back[d] = *x;
      *diagonal = d;
      if (meeting != NULL && range_holds (meeting, d) && *x <= self->ahead[d])
        return TRUE;
    }

  return FALSE;
}

/* The farthest point from the start, kept inside the box. */
static void
find_farthest_ahead (const Search *self, const Box *box, const Range *range, gint *best_x, gint *best_y)
{
  gint best = -1;

  for (gint d = range->low; d <= range->high; d += 2)
    {
      gint x = MIN (self->ahead[d], box->a_end);
      gint y = x - d;

      if (y > box->b_end)
        {
          y = box->b_end;
          x = y + d;
        }
      if (x + y > best)
        {
          best = x + y;
          *best_x = x;
          *best_y = y;
        }
    }
}

/* Where a shortest way through the box, or when that takes too long a good one, passes. */
static void
find_split (Search *self, const Box *box, gint *x, gint *y)
{
  const gint lowest = box->a_start - box->b_end;
  const gint highest = box->a_end - box->b_start;
  const gint first = box->a_start - box->b_start;
  const gint last = box->a_end - box->b_end;
  const gboolean odd = ((first - last) & 1) != 0;
  Range ahead = { first, first };
  Range back = { last, last };
  gint diagonal;

  self->ahead[first] = box->a_start;
  self->back[last] = box->a_end;

  for (guint n = 0; n < SEARCH_MAX_EDITS; n++)
    {
      gboolean met;

      range_widen (&ahead, lowest, highest, self->ahead, G_MININT / 2);
      met = step_ahead (self, box, &ahead, odd ? &back : NULL, x, &diagonal);
      if (!met)
        {
          range_widen (&back, lowest, highest, self->back, G_MAXINT / 2);
          met = step_back (self, box, &back, odd ? NULL : &ahead, x, &diagonal);
        }
      if (met)
        {
          *y = *x - diagonal;
          return;
        }
    }

  find_farthest_ahead (self, box, &ahead, x, y);
}

static void
mark_partners (Search *self, gint x, gint y)
{
  self->a.partnered[self->a.places[x]] = TRUE;
  self->b.partnered[self->b.places[y]] = TRUE;
}

static void
box_trim (Search *self, Box *box)
{
  while (box->a_start < box->a_end && box->b_start < box->b_end &&
         self->a.tokens[box->a_start] == self->b.tokens[box->b_start])
    mark_partners (self, box->a_start++, box->b_start++);

  while (box->a_start < box->a_end && box->b_start < box->b_end &&
         self->a.tokens[box->a_end - 1] == self->b.tokens[box->b_end - 1])
    mark_partners (self, --box->a_end, --box->b_end);
}

static gint
box_size (const Box *box)
{
  return box->a_end - box->a_start + box->b_end - box->b_start;
}

/* Halves the box until nothing in it matches. The smaller half is done by calling itself, so that the depth stays
 * logarithmic. */
static void
search_box (Search *self, Box box)
{
  for (;;)
    {
      Box before, after;
      gint x = 0;
      gint y = 0;

      box_trim (self, &box);
      if (box.a_start == box.a_end || box.b_start == box.b_end)
        return;

      find_split (self, &box, &x, &y);
      before = (Box) { box.a_start, x, box.b_start, y };
      after = (Box) { x, box.a_end, y, box.b_end };
      g_assert (box_size (&before) < box_size (&box) && box_size (&after) < box_size (&box));

      if (box_size (&before) < box_size (&after))
        {
          search_box (self, before);
          box = after;
        }
      else
        {
          search_box (self, after);
          box = before;
        }
    }
}

/* ---- Comparing ------------------------------------------------------------------------------------ */

static gboolean *
mark_tokens (const SatchelLines *lines, guint n_tokens)
{
  gboolean *present = g_new0 (gboolean, n_tokens);

  for (guint i = 0; i < lines->n_lines; i++)
    present[lines->tokens[i]] = TRUE;

  return present;
}

/* Leaves out the lines that the other text does not have at all. */
static void
side_init (Side *self, const SatchelLines *lines, const gboolean *in_other)
{
  self->tokens = g_new (guint, lines->n_lines + 1);
  self->places = g_new (guint, lines->n_lines + 1);
  self->partnered = g_new0 (gboolean, lines->n_lines + 1);
  self->n = 0;

  for (guint i = 0; i < lines->n_lines; i++)
    if (in_other[lines->tokens[i]])
      {
        self->tokens[self->n] = lines->tokens[i];
        self->places[self->n++] = i;
      }
}

static void
side_clear (Side *self)
{
  g_free (self->tokens);
  g_free (self->places);
  g_free (self->partnered);
}

static guint
count_tokens (const SatchelLines *lines)
{
  guint highest = 0;

  for (guint i = 0; i < lines->n_lines; i++)
    highest = MAX (highest, lines->tokens[i] + 1);

  return highest;
}

static void
find_partners (Side *a, Side *b)
{
  gsize n_diagonals = (gsize) a->n + (gsize) b->n + 3;
  g_autofree gint *ahead = g_new (gint, n_diagonals);
  g_autofree gint *back = g_new (gint, n_diagonals);
  Search search = { *a, *b, ahead + b->n + 1, back + b->n + 1 };

  search_box (&search, (Box) { 0, a->n, 0, b->n });
}

/* Partnered lines stand in the same order on both sides; what is between two pairs is a hunk. */
static GArray *
collect_hunks (const Side *a, guint n_a, const Side *b, guint n_b)
{
  GArray *hunks = g_array_new (FALSE, FALSE, sizeof (SatchelHunk));
  guint i = 0;
  guint j = 0;

  while (i < n_a || j < n_b)
    {
      SatchelHunk hunk = { .base_start = i, .start = j };

      while (i < n_a && !a->partnered[i])
        i++;
      while (j < n_b && !b->partnered[j])
        j++;

      hunk.base_end = i++;
      hunk.end = j++;
      if (hunk.base_end > hunk.base_start || hunk.end > hunk.start)
        g_array_append_val (hunks, hunk);
    }

  return hunks;
}

/* What was changed from base to other: (element-type SatchelHunk), ascending, none touching the next. Takes time in
 * proportion to the lines, whatever they are. Both must have been numbered together. */
GArray *
satchel_lines_compare (const SatchelLines *base, const SatchelLines *other)
{
  guint n_tokens = MAX (count_tokens (base), count_tokens (other));
  g_autofree gboolean *in_base = mark_tokens (base, n_tokens);
  g_autofree gboolean *in_other = mark_tokens (other, n_tokens);
  Side a, b;
  GArray *hunks;

  side_init (&a, base, in_other);
  side_init (&b, other, in_base);
  find_partners (&a, &b);
  hunks = collect_hunks (&a, base->n_lines, &b, other->n_lines);
  side_clear (&a);
  side_clear (&b);

  return hunks;
}
