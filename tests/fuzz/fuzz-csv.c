/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A table in a file: however it arrives it reads the same, and what was read is written and read as the same. */

#include "fuzz.h"

#include <string.h>

#include "exchange/satchel-csv.h"
#include "records/satchel-error.h"
#include "test-vocabulary.h"

static const SatchelType *type;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  type = satchel_vocabulary_lookup (satchel_test_vocabulary_new (), "specimen");
  return 0;
}

/* An id that the file does not give is made up, another one each time. */
static char *
tell (const SatchelRecord *record, gboolean with_id)
{
  g_autoptr (JsonObject) wire = satchel_record_to_wire (record);

  if (!with_id)
    json_object_remove_member (wire, "id");

  return fuzz_object_to_canonical (wire);
}

static void
read_rows (SatchelCsvReader *reader, GString *told, GPtrArray *records)
{
  SatchelCsvResult result;

  do
    {
      g_autoptr (SatchelRecord) record = NULL;
      g_autoptr (GError) error = NULL;
      guint64 line = 0;

      result = satchel_csv_reader_next (reader, &record, &line, &error);
      g_assert_cmpint (error != NULL, ==, result == SATCHEL_CSV_REFUSED || result == SATCHEL_CSV_FAILED);
      g_assert_cmpint (record != NULL, ==, result == SATCHEL_CSV_RECORD);
      if (error != NULL)
        g_string_append_printf (told, "%" G_GUINT64_FORMAT ": %s\n", line, error->message);
      if (record != NULL)
        {
          g_autofree char *text = tell (record, FALSE);

          g_string_append_printf (told, "%" G_GUINT64_FORMAT ": %s\n", line, text);
          g_ptr_array_add (records, satchel_record_ref (record));
        }
    }
  while (result == SATCHEL_CSV_RECORD || result == SATCHEL_CSV_REFUSED);
}

/* A line for each row, or for what is wrong with it. */
static char *
read_stream (GInputStream *stream, const char *charset, GPtrArray *records)
{
  g_autoptr (SatchelCsvReader) reader = satchel_csv_reader_new (type, stream);
  GString *told = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (charset != NULL)
    satchel_csv_reader_set_charset (reader, charset);
  if (satchel_csv_reader_start (reader, NULL, &error))
    read_rows (reader, told, records);
  else
    g_string_append (told, error->message);

  return g_string_free_and_steal (told);
}

static GPtrArray *
new_records (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
}

/* In pieces of a few bytes, as a pipe may bring it. */
static GInputStream *
open_in_pieces (const guint8 *data, gsize size)
{
  GInputStream *stream = g_memory_input_stream_new ();

  for (gsize at = 0; at < size; at += 5)
    {
      g_autoptr (GBytes) piece = g_bytes_new (data + at, MIN (5, size - at));

      g_memory_input_stream_add_bytes (G_MEMORY_INPUT_STREAM (stream), piece);
    }

  return stream;
}

static void
check_written_again (GPtrArray *records)
{
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GPtrArray) again = new_records ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GInputStream) input = NULL;
  g_autofree char *told = NULL;

  satchel_csv_export (type, records, output, &error);
  g_assert_no_error (error);
  g_output_stream_close (output, NULL, NULL);
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
  input = g_memory_input_stream_new_from_bytes (bytes);
  told = read_stream (input, NULL, again);

  if (again->len != records->len)
    g_error ("%u of %u came back: %s", again->len, records->len, told);
  for (guint i = 0; i < records->len; i++)
    {
      g_autofree char *before = tell (g_ptr_array_index (records, i), TRUE);
      g_autofree char *after = tell (g_ptr_array_index (again, i), TRUE);

      g_assert_cmpstr (after, ==, before);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GPtrArray) records = new_records ();
  g_autoptr (GPtrArray) same_records = new_records ();
  const char *charset = size > 0 && data[size - 1] == '~' ? "WINDOWS-1252" : NULL;
  g_autoptr (GInputStream) whole = g_memory_input_stream_new_from_data (data, (gssize) size, NULL);
  g_autoptr (GInputStream) pieces = open_in_pieces (data, size);
  g_autofree char *told = read_stream (whole, charset, records);
  g_autofree char *told_of_pieces = read_stream (pieces, charset, same_records);

  g_assert_cmpstr (told_of_pieces, ==, told);
  check_written_again (records);

  return 0;
}
