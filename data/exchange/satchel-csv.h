/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-record.h"

G_BEGIN_DECLS

/*
 * CSV (RFC 4180) of records of one type: the columns are `id` and the names of the type's fields, the values as
 * satchel_value_to_text() writes them. Text that a spreadsheet would run as a formula gets an apostrophe in front,
 * which reading takes away again. An empty cell, and NULL without quotes, is no value.
 */

/* ---- Writing ---- */

typedef struct _SatchelCsvWriter SatchelCsvWriter;

SatchelCsvWriter *satchel_csv_writer_new (const SatchelType *type, GOutputStream *stream);
void satchel_csv_writer_set_custom_fields (SatchelCsvWriter *self, const SatchelField *fields, guint n_fields);
gboolean satchel_csv_writer_add (SatchelCsvWriter *self, const SatchelRecord *record, GError **error);
gboolean satchel_csv_writer_finish (SatchelCsvWriter *self, GError **error);
void satchel_csv_writer_free (SatchelCsvWriter *self);

/* All of it in one call. */
gboolean satchel_csv_export (const SatchelType *type, GPtrArray *records, GOutputStream *stream, GError **error);

/* ---- Reading ---- */

/**
 * SatchelCsvResult:
 * @SATCHEL_CSV_END: there are no more rows
 * @SATCHEL_CSV_RECORD: a row was read into a record
 * @SATCHEL_CSV_REFUSED: a row does not fit the type; the rows after it can still be read
 * @SATCHEL_CSV_FAILED: reading cannot go on
 */
typedef enum
{
  SATCHEL_CSV_END,
  SATCHEL_CSV_RECORD,
  SATCHEL_CSV_REFUSED,
  SATCHEL_CSV_FAILED,
} SatchelCsvResult;

/**
 * SatchelCsvResolve:
 * @field: a reference
 * @text: what stands in the file in place of an id, such as a name
 *
 * Returns: (transfer full) (nullable): the id of the record that is meant, or %NULL when there is none
 */
typedef char *(*SatchelCsvResolve) (const SatchelField *field, const char *text, gpointer data);

typedef struct _SatchelCsvReader SatchelCsvReader;

SatchelCsvReader *satchel_csv_reader_new (const SatchelType *type, GInputStream *stream);
void satchel_csv_reader_free (SatchelCsvReader *self);

/* Before the start. A column is mapped to a field by name, to `id`, or to "" to leave it out. */
void satchel_csv_reader_set_custom_fields (SatchelCsvReader *self, const SatchelField *fields, guint n_fields);
void satchel_csv_reader_set_charset (SatchelCsvReader *self, const char *charset);
void satchel_csv_reader_set_resolver (SatchelCsvReader *self, SatchelCsvResolve resolve, gpointer data);
gboolean satchel_csv_reader_map (SatchelCsvReader *self, const char *column, const char *field, GError **error);

/* Reads the header. Afterwards: which columns are left out, and which fields the rows bring. */
gboolean satchel_csv_reader_start (SatchelCsvReader *self, GCancellable *cancellable, GError **error);
const char *const *satchel_csv_reader_get_ignored_columns (SatchelCsvReader *self);
gboolean satchel_csv_reader_has_id (SatchelCsvReader *self);
gboolean satchel_csv_reader_has_field (SatchelCsvReader *self, guint field_index);

/* One row. @line is where it starts, from 1; @error is set when it is refused and when reading failed. */
SatchelCsvResult satchel_csv_reader_next (SatchelCsvReader *self, SatchelRecord **record, guint64 *line,
                                          GError **error);

/* Whether some text was not UTF-8 and was read in the other charset. */
gboolean satchel_csv_reader_get_used_charset (SatchelCsvReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelCsvWriter, satchel_csv_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelCsvReader, satchel_csv_reader_free)

G_END_DECLS
