/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "exchange/satchel-csv.h"
#include "records/satchel-error.h"
#include "records/satchel-value.h"
#include "test-vocabulary.h"

#define UUID_A "01957a3c-7f00-7abc-8def-0123456789aa"
#define UUID_B "01957a3c-7f00-7abc-8def-0123456789bb"

static SatchelVocabulary *vocabulary;
static const SatchelType *specimen;

static SatchelCsvReader *
reader_new (const char *text, gssize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, length >= 0 ? (gsize) length : strlen (text));
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);

  return satchel_csv_reader_new (specimen, stream);
}

static SatchelCsvReader *
reader_start (const char *text)
{
  g_autoptr (GError) error = NULL;
  SatchelCsvReader *reader = reader_new (text, -1);

  satchel_csv_reader_start (reader, NULL, &error);
  g_assert_no_error (error);

  return reader;
}

static SatchelRecord *
next_record (SatchelCsvReader *reader, guint64 expected_line)
{
  g_autoptr (GError) error = NULL;
  SatchelRecord *record;
  guint64 line;
  SatchelCsvResult result = satchel_csv_reader_next (reader, &record, &line, &error);

  g_assert_no_error (error);
  g_assert_cmpint (result, ==, SATCHEL_CSV_RECORD);
  g_assert_cmpuint (line, ==, expected_line);

  return record;
}

static void
assert_next (SatchelCsvReader *reader, SatchelCsvResult expected, guint64 expected_line, const char *message)
{
  g_autoptr (GError) error = NULL;
  SatchelRecord *record;
  guint64 line;

  g_assert_cmpint (satchel_csv_reader_next (reader, &record, &line, &error), ==, expected);
  g_assert_null (record);
  if (message == NULL)
    {
      g_assert_no_error (error);
      return;
    }
  g_assert_cmpuint (line, ==, expected_line);
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, message);
}

static void
assert_end (SatchelCsvReader *reader)
{
  assert_next (reader, SATCHEL_CSV_END, 0, NULL);
}

static void
assert_value (const SatchelRecord *record, const char *field, const char *expected)
{
  g_autofree char *text = NULL;
  guint index;

  g_assert_true (satchel_type_lookup_field (specimen, field, &index));
  text = satchel_value_to_text (satchel_type_get_field (specimen, index), satchel_record_get_value (record, index));
  g_assert_cmpstr (text, ==, expected);
}

/* The values of the title column of all rows, joined by |. */
static void
assert_titles (const char *text, gssize length, const char *expected)
{
  g_autoptr (SatchelCsvReader) reader = reader_new (text, length);
  g_autoptr (GString) titles = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  SatchelRecord *record;
  guint64 line;

  satchel_csv_reader_start (reader, NULL, &error);
  g_assert_no_error (error);
  while (satchel_csv_reader_next (reader, &record, &line, &error) == SATCHEL_CSV_RECORD)
    {
      const char *title = satchel_record_get_text (record, "title");

      g_string_append_printf (titles, "%s%s", titles->len > 0 ? "|" : "", title != NULL ? title : "∅");
      satchel_record_unref (record);
    }
  g_assert_no_error (error);
  g_assert_cmpstr (titles->str, ==, expected);
}

/* ---- Reading ---- */

static void
test_rows (void)
{
  g_autoptr (SatchelCsvReader) reader = reader_start ("id,title,story\r\n" UUID_A
                                                      ",\"one, \"\"1\"\"\",\"first\r\nsecond\"\r\n"
                                                      "\r\n"
                                                      ",two,\n" UUID_B ",three\n"
                                                      ",four,end,,\n"
                                                      ",five,no line end");
  g_autoptr (SatchelRecord) one = next_record (reader, 2);
  g_autoptr (SatchelRecord) two = next_record (reader, 5);
  g_autoptr (SatchelRecord) three = next_record (reader, 6);
  g_autoptr (SatchelRecord) four = next_record (reader, 7);
  g_autoptr (SatchelRecord) five = next_record (reader, 8);

  assert_end (reader);
  assert_end (reader);
  g_assert_cmpstr (satchel_record_get_id (one), ==, UUID_A);
  assert_value (one, "title", "one, \"1\"");
  assert_value (one, "story", "first\nsecond");
  g_assert_cmpuint (strlen (satchel_record_get_id (two)), ==, 36);
  assert_value (two, "title", "two");
  g_assert_false (satchel_record_has (two, "story"));
  g_assert_cmpstr (satchel_record_get_id (three), ==, UUID_B);
  g_assert_false (satchel_record_has (three, "story"));
  assert_value (four, "story", "end");
  assert_value (five, "story", "no line end");
}

static void
test_nothing_and_null (void)
{
  assert_titles ("title,phone\nNULL,1\n\"NULL\",1\n,1\n\"\",1\n null ,1\n", -1, "∅|NULL|∅|∅|null");
}

static void
test_line_ends (void)
{
  assert_titles ("title\none\ntwo", -1, "one|two");
  assert_titles ("title\r\none\r\ntwo\r\n", -1, "one|two");
  assert_titles ("title\rone\rtwo\r", -1, "one|two");
  assert_titles ("\n\ntitle\n\n\none\n\n", -1, "one");
}

static void
test_delimiters (void)
{
  assert_titles ("title,phone\none;1,2\n", -1, "one;1");
  assert_titles ("title;phone\none,1;2\n", -1, "one,1");
  assert_titles ("title\tphone\none,1\t2\n", -1, "one,1");
  assert_titles ("title|phone\none,1|2\n", -1, "one,1");
  assert_titles ("title;\"a,b,c,d\";phone\none;1;2\n", -1, "one");
  assert_titles ("sep=;\r\ntitle;phone,x\r\none,1;2\r\n", -1, "one,1");
  assert_titles ("title\none,1\n", strlen ("title\n"), "");
}

static void
test_charsets (void)
{
  static const char utf16_le[] = "\xff\xfet\0i\0t\0l\0e\0\t\0x\0\n\0\x10\x04\t\0001\0\n\0";
  static const char utf16_be[] = "\xfe\xff\0t\0i\0t\0l\0e\0\n\x04\x10\0\n";
  g_autoptr (SatchelCsvReader) reader = reader_start ("title,story,phone\nMünchen,,1\nM\xfcnchen,M\xc3\xbcnchen,1\n");
  g_autoptr (SatchelRecord) first = next_record (reader, 2);
  g_autoptr (SatchelRecord) second = NULL;

  g_assert_false (satchel_csv_reader_get_used_charset (reader));
  second = next_record (reader, 3);
  g_assert_true (satchel_csv_reader_get_used_charset (reader));
  assert_value (first, "title", "München");
  assert_value (second, "title", "München");
  assert_value (second, "story", "München");

  assert_titles ("\xef\xbb\xbftitle\none\n", -1, "one");
  assert_titles ("\xef\xbb\xbf\"title\",phone\none,1\n", -1, "one");
  assert_titles (utf16_le, sizeof utf16_le - 1, "А");
  assert_titles (utf16_be, sizeof utf16_be - 1, "А");
  assert_titles ("title\n10 \x80\n", -1, "10 €");
}

static void
test_other_charset (void)
{
  g_autoptr (SatchelCsvReader) reader = reader_new ("title\n\xc0\xed\xed\xe0\n", -1);
  g_autoptr (SatchelRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  satchel_csv_reader_set_charset (reader, "WINDOWS-1251");
  satchel_csv_reader_start (reader, NULL, &error);
  g_assert_no_error (error);
  record = next_record (reader, 2);
  assert_value (record, "title", "Анна");
}

static void
test_columns (void)
{
  g_autoptr (SatchelCsvReader) reader = reader_start (" TITLE ,Seen by,found on,shoe size,,Title,\"Found at\"\n"
                                                      "a,b,2026-03-09,44,,c,2026-03-09T08:15Z\n");
  g_autoptr (SatchelRecord) record = next_record (reader, 2);
  const char *const *ignored = satchel_csv_reader_get_ignored_columns (reader);
  guint index;

  assert_value (record, "title", "a");
  assert_value (record, "seen_by", "b");
  assert_value (record, "found_on", "2026-03-09");
  assert_value (record, "found_at", "2026-03-09T08:15:00.000Z");
  g_assert_cmpuint (g_strv_length ((char **) ignored), ==, 2);
  g_assert_cmpstr (ignored[0], ==, "shoe size");
  g_assert_cmpstr (ignored[1], ==, "Title");

  g_assert_false (satchel_csv_reader_has_id (reader));
  g_assert_true (satchel_type_lookup_field (specimen, "seen_by", &index));
  g_assert_true (satchel_csv_reader_has_field (reader, index));
  g_assert_true (satchel_type_lookup_field (specimen, "story", &index));
  g_assert_false (satchel_csv_reader_has_field (reader, index));
}

static void
test_map (void)
{
  g_autoptr (SatchelCsvReader) reader = reader_new ("Kundennr,Firma,Title,Story\n" UUID_A ",Acme,Dr.,x\n", -1);
  g_autoptr (SatchelRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (satchel_csv_reader_map (reader, "kundennr", "id", &error));
  g_assert_true (satchel_csv_reader_map (reader, "Firma", "title", &error));
  g_assert_true (satchel_csv_reader_map (reader, "Story", "", &error));
  g_assert_false (satchel_csv_reader_map (reader, "Firma", "titel", &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_FIELD);
  g_assert_cmpstr (error->message, ==, "The type “specimen” has no field “titel”. Did you mean “title”?");
  g_clear_error (&error);

  satchel_csv_reader_start (reader, NULL, &error);
  g_assert_no_error (error);
  record = next_record (reader, 2);
  g_assert_cmpstr (satchel_record_get_id (record), ==, UUID_A);
  assert_value (record, "title", "Acme");
  g_assert_false (satchel_record_has (record, "story"));
}

static void
assert_start_fails (const char *text, const char *column, const char *message)
{
  g_autoptr (SatchelCsvReader) reader = reader_new (text, -1);
  g_autoptr (GError) error = NULL;

  if (column != NULL)
    {
      g_assert_true (satchel_csv_reader_map (reader, column, "title", &error));
      g_assert_true (satchel_csv_reader_map (reader, "b", "title", &error));
    }
  g_assert_false (satchel_csv_reader_start (reader, NULL, &error));
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_bad_headers (void)
{
  assert_start_fails ("", NULL, "The file is empty. Its first line should name the columns.");
  assert_start_fails ("\n\n", NULL, "The file is empty. Its first line should name the columns.");
  assert_start_fails ("a,b\n1,2\n", NULL,
                      "The first line should name the columns, and none of its names (a, b) is a field of “specimen”.");
  assert_start_fails ("id\n" UUID_A "\n", NULL,
                      "The first line should name the columns, and none of its names (id) is a field of “specimen”.");
  assert_start_fails ("a,b\n1,2\n", "c", "The file has no column “c”.");
  assert_start_fails ("a,b\n1,2\n", "a",
                      "The column “b” is mapped to a field that another column is mapped to already.");
  assert_start_fails ("\"title\n", NULL, "The quote that opens on line 1 is never closed.");
}

static void
test_refused_rows (void)
{
  g_autoptr (SatchelCsvReader) reader = reader_start ("id,title,pieces,created_at\n"
                                                      ",one,many,\n"
                                                      "7,two,1,\n"
                                                      ",\"three\"x,1,\n"
                                                      ",four,1,,surplus\n"
                                                      ",\"fi\nve\",1,\n"
                                                      ",six,1,yesterday\n"
                                                      ",seven,7,\n");
  g_autoptr (SatchelRecord) seven = NULL;

  assert_next (reader, SATCHEL_CSV_REFUSED, 2, "“pieces” takes a whole number, not “many”.");
  assert_next (reader, SATCHEL_CSV_REFUSED, 3,
               "The id of this row is not a UUID. For a new record, leave the cell “id” empty.");
  assert_next (reader, SATCHEL_CSV_REFUSED, 4, "A cell of this row has text behind its closing quote.");
  assert_next (reader, SATCHEL_CSV_REFUSED, 5, "This row has 5 cells, but there are 4 columns.");
  assert_next (reader, SATCHEL_CSV_REFUSED, 6, "“title” takes one line of text, and this has several.");
  assert_next (reader, SATCHEL_CSV_REFUSED, 8,
               "“created_at” takes a time with its offset such as 2026-03-09T08:15:00Z.");
  seven = next_record (reader, 9);
  assert_value (seven, "pieces", "7");
  assert_end (reader);
}

static void
test_nul (void)
{
  static const char text[] = "title,phone\none\0two,1\nthree,1\n";
  g_autoptr (SatchelCsvReader) reader = reader_new (text, sizeof text - 1);
  g_autoptr (SatchelRecord) three = NULL;
  g_autoptr (GError) error = NULL;

  satchel_csv_reader_start (reader, NULL, &error);
  g_assert_no_error (error);
  assert_next (reader, SATCHEL_CSV_REFUSED, 2, "A cell of this row holds the character NUL.");
  three = next_record (reader, 3);
}

static void
test_open_quote (void)
{
  g_autoptr (SatchelCsvReader) reader = reader_start ("title,story\none,fine\ntwo,\"never\nclosed\nthree,x\n");
  g_autoptr (SatchelRecord) one = next_record (reader, 2);

  assert_next (reader, SATCHEL_CSV_FAILED, 3, "The quote that opens on line 3 is never closed.");
}

static void
test_endless_row (void)
{
  g_autoptr (GString) text = g_string_new ("title,story\none,\"");
  g_autoptr (SatchelCsvReader) reader = NULL;

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *megabyte = g_strnfill (1024 * 1024, 'x');

      g_string_append (text, megabyte);
    }
  reader = reader_start (text->str);
  assert_next (reader, SATCHEL_CSV_FAILED, 2,
               "The row that starts on line 2 is longer than 32 MiB. A closing quote may be missing there.");
}

static void
test_bookkeeping (void)
{
  g_autoptr (SatchelCsvReader) reader = reader_start ("title,created_at,created_by\n"
                                                      "one,2026-03-09T08:15Z," UUID_A "\n"
                                                      "two,,\n");
  g_autoptr (SatchelRecord) one = next_record (reader, 2);
  g_autoptr (SatchelRecord) two = next_record (reader, 3);

  g_assert_cmpstr (satchel_record_get_created_at (one), ==, "2026-03-09T08:15:00.000Z");
  g_assert_cmpstr (satchel_record_get_created_by (one), ==, UUID_A);
  g_assert_null (satchel_record_get_created_at (two));
  g_assert_null (satchel_record_get_created_by (two));
  g_assert_cmpuint (g_strv_length ((char **) satchel_csv_reader_get_ignored_columns (reader)), ==, 0);
}

static char *
resolve_account (const SatchelField *field, const char *text, gpointer data)
{
  g_assert_cmpstr (field->target, ==, "account");
  ++*(guint *) data;

  return g_str_equal (text, "Northwind") ? g_strdup (UUID_B) : NULL;
}

static void
test_resolver (void)
{
  g_autoptr (SatchelCsvReader) reader = reader_start ("title,account\none,Northwind\ntwo," UUID_A
                                                      "\nthree,\nfour,Nobody\n");
  g_autoptr (SatchelRecord) one = NULL;
  g_autoptr (SatchelRecord) two = NULL;
  g_autoptr (SatchelRecord) three = NULL;
  guint n_calls = 0;

  satchel_csv_reader_set_resolver (reader, resolve_account, &n_calls);
  one = next_record (reader, 2);
  two = next_record (reader, 3);
  three = next_record (reader, 4);
  assert_value (one, "account", UUID_B);
  assert_value (two, "account", UUID_A);
  assert_value (three, "account", "");
  assert_next (reader, SATCHEL_CSV_REFUSED, 5, "“account” takes the id of a record of type “account”, not “Nobody”.");
  g_assert_cmpuint (n_calls, ==, 2);
}

/* ---- Writing ---- */

static char *export (GPtrArray *records)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;

  satchel_csv_export (specimen, records, stream, &error);
  g_assert_no_error (error);
  g_assert_true (g_output_stream_write_all (stream, "", 1, NULL, NULL, &error));
  g_assert_true (g_output_stream_close (stream, NULL, &error));

  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (stream));
}

static SatchelRecord *
record_with (const char *id, const char *field, const char *text)
{
  SatchelRecord *record = satchel_record_new (specimen, id);
  g_autoptr (GError) error = NULL;

  satchel_record_set_from_text (record, field, text, &error);
  g_assert_no_error (error);

  return record;
}

#define HEADER                                                                                                      \
  "id,account,title,story,phone,email,website,pieces,weight,fragile,amount,currency,found_on,found_at,colour,mood," \
  "seen_on,seen_by,labels,relatives,measures,stock,score\r\n"

static void
test_export (void)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
  g_autofree char *empty = export (records);
  g_autofree char *one = NULL;
  SatchelRecord *record = record_with (UUID_A, "title", "a \"b\", c");

  g_assert_cmpstr (empty, ==, HEADER);

  g_assert_true (satchel_record_set_from_text (record, "pieces", "-5", NULL));
  g_assert_true (satchel_record_set_from_text (record, "phone", "+7 495", NULL));
  g_assert_true (satchel_record_set_from_text (record, "fragile", "1", NULL));
  g_assert_true (satchel_record_set_from_text (record, "labels", "b,a", NULL));
  g_assert_true (satchel_record_set_from_text (record, "measures", "{\"a\":1}", NULL));
  g_ptr_array_add (records, record);
  one = export (records);
  g_assert_cmpstr (one, ==,
                   HEADER UUID_A ",,\"a \"\"b\"\", c\",,'+7 495,,,-5,,true,,,,,,,,,\"a,b\",,\"{\"\"a\"\":1}\",,\r\n");
}

/* What is written and read again is the same, whatever it was. */
static void
test_round_trips (void)
{
  static const struct
  {
    const char *field;
    const char *text;
  } values[] = {
    { "title",     "=SUM(A1)"                 },
    { "title",     "+1"                       },
    { "title",     "-1"                       },
    { "title",     "@cmd"                     },
    { "title",     "'=1"                      },
    { "title",     "''@1"                     },
    { "title",     "'"                        },
    { "title",     "'quoted'"                 },
    { "title",     "NULL"                     },
    { "title",     "null"                     },
    { "title",     "\""                       },
    { "title",     "a,b;c\td|e"               },
    { "title",     "Анна Каренина"            },
    { "title",     "sep=;"                    },
    { "story",     "\tindented\n\n  more  \n" },
    { "story",     "\n"                       },
    { "story",     "=a\n=b"                   },
    { "story",     " "                        },
    { "phone",     "+7 495 123"               },
    { "pieces",    "-5"                       },
    { "weight",    "-0.25"                    },
    { "amount",    "-125000"                  },
    { "currency",  "EUR"                      },
    { "fragile",   "false"                    },
    { "found_on",  "2026-03-09"               },
    { "found_at",  "2026-03-09T08:15:00.000Z" },
    { "colour",    "red"                      },
    { "account",   UUID_B                     },
    { "labels",    "-minus,=formula,plain"    },
    { "labels",    "[\"a,b\",\"c\"]"          },
    { "labels",    "NULL"                     },
    { "relatives", UUID_A "," UUID_B          },
    { "measures",  "{\"a\":[1,\"=x\"]}"       },
    { "measures",  "-5"                       },
    { "stock",     "3"                        },
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
      g_autoptr (SatchelCsvReader) reader = NULL;
      g_autoptr (SatchelRecord) record = NULL;
      g_autofree char *text = NULL;

      g_ptr_array_add (records, record_with (UUID_A, values[i].field, values[i].text));
      text = export (records);
      g_test_message ("case %u", i);
      reader = reader_start (text);
      record = next_record (reader, 2);
      assert_end (reader);
      for (guint f = 0; f < satchel_type_get_n_fields (specimen); f++)
        g_assert_true (satchel_value_equal (satchel_record_get_value (record, f),
                                            satchel_record_get_value (records->pdata[0], f)));
    }
}

static void
test_derived_is_not_read (void)
{
  g_autoptr (SatchelCsvReader) reader = reader_start ("title,score\none,5\n");
  g_autoptr (SatchelRecord) one = next_record (reader, 2);

  g_assert_false (satchel_record_has (one, "score"));
}

static const SatchelField custom_fields[] = {
  { "shelf", "Shelf", SATCHEL_KIND_TEXT    },
  { "year",  "Year",  SATCHEL_KIND_INTEGER },
};

static void
test_custom_fields (void)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (SatchelCsvWriter) writer = satchel_csv_writer_new (specimen, stream);
  g_autoptr (SatchelRecord) record = record_with (UUID_A, "title", "one");
  g_autoptr (SatchelRecord) reread = NULL;
  g_autoptr (SatchelCsvReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  const char *data;

  satchel_record_set_extra (record, "{\"shelf\":\"=top\",\"unknown\":1,\"year\":1999}");
  satchel_csv_writer_set_custom_fields (writer, custom_fields, G_N_ELEMENTS (custom_fields));
  g_assert_true (satchel_csv_writer_add (writer, record, &error));
  g_assert_true (satchel_csv_writer_finish (writer, &error));
  data = g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (stream));
  g_assert_nonnull (strstr (data, ",shelf,year\r\n"));
  g_assert_nonnull (strstr (data, ",'=top,1999\r\n"));

  reader = reader_new (data, g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)));
  satchel_csv_reader_set_custom_fields (reader, custom_fields, G_N_ELEMENTS (custom_fields));
  satchel_csv_reader_start (reader, NULL, &error);
  g_assert_no_error (error);
  reread = next_record (reader, 2);
  g_assert_cmpstr (satchel_record_get_extra (reread), ==, "{\"shelf\":\"=top\",\"year\":1999}");
}

/* ---- Streams that give little at a time, or fail ---- */

static void
test_every_buffer_border (void)
{
  for (guint padding = 65536 - 60; padding < 65536 + 4; padding++)
    {
      g_autofree char *long_text = g_strnfill (padding - strlen ("title,story\r\na,"), 'x');
      g_autofree char *text = g_strconcat ("title,story\r\na,", long_text, "\r\n\"b \"\"q\"\"\",\"l1\r\nl2\"\r\nc,\r\n",
                                           NULL);

      assert_titles (text, -1, "a|b \"q\"|c");
    }
}

static void
test_many_rows (void)
{
  const guint n_rows = 50000;
  g_autoptr (GString) text = g_string_new ("title,pieces,labels\n");
  g_autoptr (SatchelCsvReader) reader = NULL;

  for (guint i = 0; i < n_rows; i++)
    g_string_append_printf (text, "Record %u,%u,\"a,b\"\n", i, i);
  reader = reader_start (text->str);
  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (SatchelRecord) record = next_record (reader, i + 2);

      g_assert_cmpint (satchel_record_get_integer (record, "pieces"), ==, i);
    }
  assert_end (reader);
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (SatchelCsvReader) reader = reader_new ("title\none\n", -1);
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (satchel_csv_reader_start (reader, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_full_disk (void)
{
  char room[16];
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new (room, sizeof room, NULL, NULL);
  g_autoptr (SatchelCsvWriter) writer = satchel_csv_writer_new (specimen, stream);
  g_autoptr (GError) error = NULL;

  g_assert_false (satchel_csv_writer_finish (writer, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_true (g_str_has_prefix (error->message, "The file could not be written to its end: "));
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  vocabulary = satchel_test_vocabulary_new ();
  specimen = satchel_vocabulary_lookup (vocabulary, "specimen");
  g_test_add_func ("/csv/rows", test_rows);
  g_test_add_func ("/csv/nothing-and-null", test_nothing_and_null);
  g_test_add_func ("/csv/line-ends", test_line_ends);
  g_test_add_func ("/csv/delimiters", test_delimiters);
  g_test_add_func ("/csv/charsets", test_charsets);
  g_test_add_func ("/csv/other-charset", test_other_charset);
  g_test_add_func ("/csv/columns", test_columns);
  g_test_add_func ("/csv/map", test_map);
  g_test_add_func ("/csv/bad-headers", test_bad_headers);
  g_test_add_func ("/csv/refused-rows", test_refused_rows);
  g_test_add_func ("/csv/nul", test_nul);
  g_test_add_func ("/csv/open-quote", test_open_quote);
  g_test_add_func ("/csv/endless-row", test_endless_row);
  g_test_add_func ("/csv/bookkeeping", test_bookkeeping);
  g_test_add_func ("/csv/resolver", test_resolver);
  g_test_add_func ("/csv/export", test_export);
  g_test_add_func ("/csv/round-trips", test_round_trips);
  g_test_add_func ("/csv/derived-is-not-read", test_derived_is_not_read);
  g_test_add_func ("/csv/custom-fields", test_custom_fields);
  g_test_add_func ("/csv/every-buffer-border", test_every_buffer_border);
  g_test_add_func ("/csv/many-rows", test_many_rows);
  g_test_add_func ("/csv/cancelled", test_cancelled);
  g_test_add_func ("/csv/full-disk", test_full_disk);
  result = g_test_run ();
  satchel_vocabulary_free (vocabulary);

  return result;
}
