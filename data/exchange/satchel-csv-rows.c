/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cuts a stream of CSV into rows and cells, in memory that does not grow with the file. */

#include "satchel-config.h"

#include "satchel-csv-rows.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"

#define BUFFER_BYTES (64 * 1024)
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* A row has some thirty values of at most 1 MiB; what is longer lacks a closing quote. */
#define ROW_MAX_BYTES (32 * 1024 * 1024)
#define ROW_MAX_CELLS 4096

#define NOTHING_LEFT -1
#define READING_FAILED -2

static const char delimiters[] = ",;\t|";

typedef struct
{
  gsize offset; /* in the row's text */
  gsize length;
  gboolean quoted;
  char *converted; /* (nullable): its text, when it was not UTF-8 */
} Cell;

struct _SatchelCsvRows
{
  GInputStream *stream;
  char *charset;
  gboolean used_charset;

  char *buffer;
  gsize position;
  gsize filled;
  gboolean at_end;
  gboolean started;

  char delimiter;
  guint64 next_line;

  /* The row that was read last. */
  guint64 line;
  GString *text;
  GArray *cells;
  gboolean malformed;
};

static void
clear_cell (gpointer data)
{
  g_free (((Cell *) data)->converted);
}

/**
 * satchel_csv_rows_new:
 * @stream: a stream of CSV; it is read with blocking calls
 *
 * Finds out by itself whether the cells are parted by commas, semicolons, tabs
 * or bars, and whether the text is UTF-8, with or without a byte order mark,
 * or UTF-16 with one.
 *
 * Returns: (transfer full): the rows
 */
SatchelCsvRows *
satchel_csv_rows_new (GInputStream *stream)
{
  SatchelCsvRows *self = g_new0 (SatchelCsvRows, 1);

  self->stream = g_buffered_input_stream_new (stream);
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (self->stream), FALSE);
  self->charset = g_strdup ("WINDOWS-1252");
  self->buffer = g_malloc (BUFFER_BYTES);
  self->text = g_string_new (NULL);
  self->cells = g_array_new (FALSE, TRUE, sizeof (Cell));
  g_array_set_clear_func (self->cells, clear_cell);
  self->next_line = 1;

  return self;
}

/**
 * satchel_csv_rows_free:
 * @self: (transfer full): rows
 */
void
satchel_csv_rows_free (SatchelCsvRows *self)
{
  g_object_unref (self->stream);
  g_free (self->charset);
  g_free (self->buffer);
  g_string_free (self->text, TRUE);
  g_array_unref (self->cells);
  g_free (self);
}

/**
 * satchel_csv_rows_set_charset:
 * @self: rows
 * @charset: what cells that are not UTF-8 are read as; Windows-1252 unless told
 */
void
satchel_csv_rows_set_charset (SatchelCsvRows *self, const char *charset)
{
  g_set_str (&self->charset, charset);
}

/**
 * satchel_csv_rows_get_used_charset:
 * @self: rows
 *
 * Returns: whether a cell so far was not UTF-8
 */
gboolean
satchel_csv_rows_get_used_charset (SatchelCsvRows *self)
{
  return self->used_charset;
}

/**
 * satchel_csv_rows_get_line:
 * @self: rows
 *
 * Returns: the line that the row which was read last starts on, from 1
 */
guint64
satchel_csv_rows_get_line (SatchelCsvRows *self)
{
  return self->line;
}

/**
 * satchel_csv_rows_get_n_cells:
 * @self: rows
 *
 * Returns: how many cells the row has that was read last
 */
guint
satchel_csv_rows_get_n_cells (SatchelCsvRows *self)
{
  return self->cells->len;
}

/**
 * satchel_csv_rows_get_cell:
 * @self: rows
 * @index: less than the number of cells
 * @quoted: (out) (optional): whether the cell stood in quotes
 *
 * Returns: (transfer none): the cell's text, UTF-8, valid until the next row is read
 */
const char *
satchel_csv_rows_get_cell (SatchelCsvRows *self, guint index, gboolean *quoted)
{
  const Cell *cell = &g_array_index (self->cells, Cell, index);

  g_assert (index < self->cells->len);

  if (quoted != NULL)
    *quoted = cell->quoted;

  return cell->converted != NULL ? cell->converted : self->text->str + cell->offset;
}

/* ---- Bytes ---- */

static gboolean
fill (SatchelCsvRows *self, GCancellable *cancellable, GError **error)
{
  self->position = 0;
  if (!g_input_stream_read_all (self->stream, self->buffer, BUFFER_BYTES, &self->filled, cancellable, error))
    {
      g_prefix_error_literal (error, _ ("The file could not be read to its end: "));
      return FALSE;
    }
  self->at_end = self->filled < BUFFER_BYTES;

  return TRUE;
}

/* The next byte, which stays where it is. */
static int
peek (SatchelCsvRows *self, GCancellable *cancellable, GError **error)
{
  if (self->position == self->filled)
    {
      if (self->at_end)
        return NOTHING_LEFT;
      if (!fill (self, cancellable, error))
        return READING_FAILED;
      if (self->filled == 0)
        return NOTHING_LEFT;
    }

  return (guchar) self->buffer[self->position];
}

/* ---- What kind of file it is ---- */

/* Spreadsheets write UTF-16 with a byte order mark under the name of Unicode text. */
static gboolean
convert_from_utf16 (SatchelCsvRows *self, GCancellable *cancellable, GError **error)
{
  GBufferedInputStream *buffered = G_BUFFERED_INPUT_STREAM (self->stream);
  g_autoptr (GCharsetConverter) converter = NULL;
  GInputStream *converted;
  const guchar *start;
  gssize n_read = 1;
  gsize available;

  while (g_buffered_input_stream_get_available (buffered) < 2 && n_read > 0)
    n_read = g_buffered_input_stream_fill (buffered, -1, cancellable, error);
  if (n_read < 0)
    {
      g_prefix_error_literal (error, _ ("The file could not be read: "));
      return FALSE;
    }

  start = g_buffered_input_stream_peek_buffer (buffered, &available);
  if (available < 2 || (start[0] ^ start[1]) != (0xff ^ 0xfe) || MIN (start[0], start[1]) != 0xfe)
    return TRUE;

  converter = g_charset_converter_new ("UTF-8", start[0] == 0xff ? "UTF-16LE" : "UTF-16BE", error);
  if (converter == NULL)
    return FALSE;
  converted = g_converter_input_stream_new (self->stream, G_CONVERTER (converter));
  g_object_unref (self->stream);
  self->stream = converted;

  return TRUE;
}

/* Some spreadsheets name the delimiter in a line of its own. */
static gboolean
take_delimiter_line (SatchelCsvRows *self)
{
  const char *line = self->buffer + self->position;
  gsize length = self->filled - self->position;
  gsize end;

  if (length < strlen ("sep=,\n") || strncmp (line, "sep=", 4) != 0 || line[4] == '\0' ||
      strchr (delimiters, line[4]) == NULL)
    return FALSE;

  end = line[5] == '\r' ? 6 : 5;
  if (end >= length || line[end] != '\n')
    return FALSE;

  self->delimiter = line[4];
  self->position += end + 1;
  self->next_line++;

  return TRUE;
}

/* The one that the first line has most of, outside of quotes. */
static void
guess_delimiter (SatchelCsvRows *self)
{
  guint counts[sizeof delimiters] = { 0 };
  gboolean quoted = FALSE;
  guint best = 0;

  for (gsize i = self->position; i < self->filled; i++)
    {
      char c = self->buffer[i];
      const char *found = c != '\0' ? strchr (delimiters, c) : NULL;

      if (c == '"')
        quoted = !quoted;
      else if (!quoted && (c == '\n' || c == '\r'))
        break;
      else if (!quoted && found != NULL)
        counts[found - delimiters]++;
    }

  for (guint i = 1; i < strlen (delimiters); i++)
    if (counts[i] > counts[best])
      best = i;
  self->delimiter = delimiters[best];
}

static gboolean
start (SatchelCsvRows *self, GCancellable *cancellable, GError **error)
{
  gsize mark_length = strlen (BYTE_ORDER_MARK);

  if (!convert_from_utf16 (self, cancellable, error) || !fill (self, cancellable, error))
    return FALSE;

  if (self->filled >= mark_length && memcmp (self->buffer, BYTE_ORDER_MARK, mark_length) == 0)
    self->position = mark_length;
  if (!take_delimiter_line (self))
    guess_delimiter (self);
  self->started = TRUE;

  return TRUE;
}

/* ---- Cells ---- */

static gboolean
append_run (SatchelCsvRows *self, gsize length, GError **error)
{
  if (self->text->len + length > ROW_MAX_BYTES)
    {
      g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                   _ ("The row that starts on line %" G_GUINT64_FORMAT
                      " is longer than 32 MiB. A closing quote may be missing there."),
                   self->line);
      return FALSE;
    }

  g_string_append_len (self->text, self->buffer + self->position, length);
  self->position += length;

  return TRUE;
}

static gboolean
read_plain_text (SatchelCsvRows *self, GCancellable *cancellable, GError **error)
{
  int c;

  while ((c = peek (self, cancellable, error)) >= 0)
    {
      const char *run = self->buffer + self->position;
      gsize left = self->filled - self->position;
      gsize length = 0;

      while (length < left && run[length] != self->delimiter && run[length] != '\n' && run[length] != '\r')
        length++;
      if (length == 0)
        return TRUE;
      if (!append_run (self, length, error))
        return FALSE;
    }

  return c == NOTHING_LEFT;
}

static gboolean
append_quoted_run (SatchelCsvRows *self, GError **error)
{
  const char *run = self->buffer + self->position;
  gsize left = self->filled - self->position;
  const char *quote = memchr (run, '"', left);
  gsize length = quote != NULL ? (gsize) (quote - run) : left;

  for (gsize i = 0; i < length; i++)
    self->next_line += run[i] == '\n';

  return append_run (self, length, error);
}

/* Stands on the opening quote; leaves the position behind the closing one. */
static gboolean
read_quoted_text (SatchelCsvRows *self, GCancellable *cancellable, GError **error)
{
  guint64 opened_on = self->next_line;
  int c;

  self->position++;
  while ((c = peek (self, cancellable, error)) >= 0)
    {
      if (c != '"')
        {
          if (!append_quoted_run (self, error))
            return FALSE;
          continue;
        }

      self->position++;
      c = peek (self, cancellable, error);
      if (c != '"')
        return c != READING_FAILED;
      if (!append_run (self, 1, error))
        return FALSE;
    }

  if (c == NOTHING_LEFT)
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                 _ ("The quote that opens on line %" G_GUINT64_FORMAT " is never closed."), opened_on);
  return FALSE;
}

static gboolean
read_cell (SatchelCsvRows *self, GCancellable *cancellable, GError **error)
{
  Cell cell = { .offset = self->text->len };
  int first = peek (self, cancellable, error);
  gsize quoted_end;

  if (first == READING_FAILED)
    return FALSE;

  cell.quoted = first == '"';
  if (cell.quoted && !read_quoted_text (self, cancellable, error))
    return FALSE;
  quoted_end = self->text->len;
  if (!read_plain_text (self, cancellable, error))
    return FALSE;

  self->malformed = self->malformed || (cell.quoted && self->text->len > quoted_end);
  cell.length = self->text->len - cell.offset;
  g_string_append_c (self->text, '\0');
  g_array_append_val (self->cells, cell);

  return TRUE;
}

/* Takes what parts this cell from the next. */
static gboolean
take_end_of_cell (SatchelCsvRows *self, gboolean *last, GCancellable *cancellable, GError **error)
{
  int c = peek (self, cancellable, error);

  *last = c != self->delimiter;
  if (c < 0)
    return c == NOTHING_LEFT;

  self->position++;
  if (!*last)
    return TRUE;

  self->next_line++;
  if (c == '\r')
    {
      c = peek (self, cancellable, error);
      if (c == '\n')
        self->position++;
    }

  return c != READING_FAILED;
}

static gboolean
read_cells (SatchelCsvRows *self, GCancellable *cancellable, GError **error)
{
  gboolean last = FALSE;

  g_string_truncate (self->text, 0);
  g_array_set_size (self->cells, 0);
  self->malformed = FALSE;
  self->line = self->next_line;

  while (!last)
    {
      if (self->cells->len == ROW_MAX_CELLS)
        {
          g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                       _ ("The row on line %" G_GUINT64_FORMAT " has more than %d columns."), self->line,
                       ROW_MAX_CELLS);
          return FALSE;
        }
      if (!read_cell (self, cancellable, error) || !take_end_of_cell (self, &last, cancellable, error))
        return FALSE;
    }

  return TRUE;
}

/* ---- Rows ---- */

static void
convert_cell (SatchelCsvRows *self, Cell *cell)
{
  const char *text = self->text->str + cell->offset;

  if (g_utf8_validate_len (text, cell->length, NULL))
    return;

  self->used_charset = TRUE;
  cell->converted = g_convert (text, cell->length, "UTF-8", self->charset, NULL, NULL, NULL);
  if (cell->converted == NULL)
    cell->converted = g_convert (text, cell->length, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
}

static SatchelCsvResult
refuse_row (const char *reason, GError **error)
{
  g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, reason);

  return SATCHEL_CSV_REFUSED;
}

static SatchelCsvResult
check_row (SatchelCsvRows *self, GError **error)
{
  if (self->malformed)
    return refuse_row (_ ("A cell of this row has text behind its closing quote."), error);

  for (guint i = 0; i < self->cells->len; i++)
    {
      Cell *cell = &g_array_index (self->cells, Cell, i);

      if (memchr (self->text->str + cell->offset, '\0', cell->length) != NULL)
        return refuse_row (_ ("A cell of this row holds the character NUL."), error);
      convert_cell (self, cell);
    }

  return SATCHEL_CSV_RECORD;
}

static gboolean
is_blank (SatchelCsvRows *self)
{
  const Cell *first = &g_array_index (self->cells, Cell, 0);

  return self->cells->len == 1 && first->length == 0 && !first->quoted;
}

/**
 * satchel_csv_rows_next:
 * @self: rows
 * @cancellable: (nullable): stops the reading
 * @error: set for %SATCHEL_CSV_REFUSED and %SATCHEL_CSV_FAILED
 *
 * Reads the next row; blank lines are none. A row may span lines within quotes.
 *
 * Returns: %SATCHEL_CSV_RECORD when there is a row, or what is in its place
 */
SatchelCsvResult
satchel_csv_rows_next (SatchelCsvRows *self, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return SATCHEL_CSV_FAILED;
  if (!self->started && !start (self, cancellable, error))
    return SATCHEL_CSV_FAILED;

  for (;;)
    {
      int c = peek (self, cancellable, error);

      if (c < 0)
        return c == NOTHING_LEFT ? SATCHEL_CSV_END : SATCHEL_CSV_FAILED;
      if (!read_cells (self, cancellable, error))
        return SATCHEL_CSV_FAILED;
      if (!is_blank (self))
        return check_row (self, error);
    }
}
