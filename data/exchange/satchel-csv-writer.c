/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-csv-private.h"

#include <glib/gi18n-lib.h>

#include "records/satchel-value.h"

#define FLUSH_BYTES (64 * 1024)

struct _SatchelCsvWriter
{
  const SatchelType *type;
  const SatchelField *custom_fields;
  guint n_custom_fields;
  GOutputStream *stream;
  GString *buffer;
  gboolean header_written;
};

/**
 * satchel_csv_writer_new:
 * @type: the type of the records
 * @stream: where they go; it is written with blocking calls and not closed
 *
 * Returns: (transfer full): a writer
 */
SatchelCsvWriter *
satchel_csv_writer_new (const SatchelType *type, GOutputStream *stream)
{
  SatchelCsvWriter *self = g_new0 (SatchelCsvWriter, 1);

  self->type = type;
  self->stream = g_object_ref (stream);
  self->buffer = g_string_sized_new (2 * FLUSH_BYTES);

  return self;
}

/**
 * satchel_csv_writer_free:
 * @self: (transfer full): a writer; what was not finished may be missing from its stream
 */
void
satchel_csv_writer_free (SatchelCsvWriter *self)
{
  g_object_unref (self->stream);
  g_string_free (self->buffer, TRUE);
  g_free (self);
}

/**
 * satchel_csv_writer_set_custom_fields:
 * @self: a writer that has written nothing yet
 * @fields: (array length=n_fields): the team's own fields of the type; they must outlive the writer
 * @n_fields: how many
 *
 * Adds columns, after the type's own, for values that records hold in their extra.
 */
void
satchel_csv_writer_set_custom_fields (SatchelCsvWriter *self, const SatchelField *fields, guint n_fields)
{
  g_assert (!self->header_written);

  self->custom_fields = fields;
  self->n_custom_fields = n_fields;
}

static gboolean
flush (SatchelCsvWriter *self, GError **error)
{
  gsize length = self->buffer->len;

  if (!g_output_stream_write_all (self->stream, self->buffer->str, length, NULL, NULL, error))
    {
      g_prefix_error_literal (error, _ ("The file could not be written to its end: "));
      return FALSE;
    }
  g_string_truncate (self->buffer, 0);

  return TRUE;
}

/* What a reader would take for something else without quotes. */
static gboolean
needs_quotes (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && (text[strcspn (text, "\",;\t|\r\n")] != '\0' || g_ascii_isspace (text[0]) ||
                        g_ascii_isspace (text[length - 1]) || strcmp (text, "NULL") == 0);
}

static void
append_cell (SatchelCsvWriter *self, const char *text)
{
  if (!needs_quotes (text))
    {
      g_string_append (self->buffer, text);
      return;
    }

  g_string_append_c (self->buffer, '"');
  for (const char *quote; (quote = strchr (text, '"')) != NULL; text = quote + 1)
    {
      g_string_append_len (self->buffer, text, quote + 1 - text);
      g_string_append_c (self->buffer, '"');
    }
  g_string_append (self->buffer, text);
  g_string_append_c (self->buffer, '"');
}

static void
append_text_cell (SatchelCsvWriter *self, const char *text)
{
  g_autofree char *defused = NULL;

  if (satchel_csv_is_formula (text))
    text = defused = g_strconcat ("'", text, NULL);

  append_cell (self, text);
}

static void
append_value_cell (SatchelCsvWriter *self, const SatchelField *field, const SatchelValue *value)
{
  g_autofree char *text = NULL;

  g_string_append_c (self->buffer, ',');
  if (satchel_value_is_null (value))
    return;

  /* Numbers are not text: a minus in front of one is no formula. */
  text = satchel_value_to_text (field, value);
  if (value->storage == SATCHEL_STORAGE_TEXT)
    append_text_cell (self, text);
  else
    append_cell (self, text);
}

static void
end_row (SatchelCsvWriter *self)
{
  g_string_append (self->buffer, "\r\n");
}

static void
append_header (SatchelCsvWriter *self)
{
  append_cell (self, "id");
  for (guint i = 0; i < satchel_type_get_n_fields (self->type); i++)
    {
      g_string_append_c (self->buffer, ',');
      append_cell (self, satchel_type_get_field (self->type, i)->name);
    }
  for (guint i = 0; i < self->n_custom_fields; i++)
    {
      g_string_append_c (self->buffer, ',');
      append_text_cell (self, self->custom_fields[i].name);
    }
  end_row (self);

  self->header_written = TRUE;
}

/* A value that a newer version or an older kind left behind is shown as it is. */
static void
append_custom_cell (SatchelCsvWriter *self, const SatchelField *field, JsonNode *node)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  g_autofree char *text = NULL;

  if (node == NULL || satchel_value_from_json (field, node, &value, NULL))
    {
      append_value_cell (self, field, &value);
      return;
    }

  text = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_dup_string (node)
             : satchel_json_to_canonical (node);
  g_string_append_c (self->buffer, ',');
  append_text_cell (self, text);
}

static void
append_custom_cells (SatchelCsvWriter *self, const SatchelRecord *record)
{
  const char *extra = satchel_record_get_extra (record);
  g_autoptr (JsonNode) node = extra != NULL ? json_from_string (extra, NULL) : NULL;
  JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  for (guint i = 0; i < self->n_custom_fields; i++)
    {
      const SatchelField *field = &self->custom_fields[i];

      append_custom_cell (self, field, object != NULL ? json_object_get_member (object, field->name) : NULL);
    }
}

/**
 * satchel_csv_writer_add:
 * @self: a writer
 * @record: a record of the writer's type
 * @error: set when the stream cannot be written
 *
 * Writes one row, and the header before the first.
 *
 * Returns: whether it worked
 */
gboolean
satchel_csv_writer_add (SatchelCsvWriter *self, const SatchelRecord *record, GError **error)
{
  g_assert (satchel_record_get_record_type (record) == self->type);

  if (!self->header_written)
    append_header (self);

  append_cell (self, satchel_record_get_id (record));
  for (guint i = 0; i < satchel_type_get_n_fields (self->type); i++)
    append_value_cell (self, satchel_type_get_field (self->type, i), satchel_record_get_value (record, i));
  if (self->n_custom_fields > 0)
    append_custom_cells (self, record);
  end_row (self);

  return self->buffer->len < FLUSH_BYTES || flush (self, error);
}

/**
 * satchel_csv_writer_finish:
 * @self: a writer
 * @error: set when the stream cannot be written
 *
 * Writes what is left; a file without records has its header too. The stream
 * is flushed and stays open.
 *
 * Returns: whether it worked
 */
gboolean
satchel_csv_writer_finish (SatchelCsvWriter *self, GError **error)
{
  if (!self->header_written)
    append_header (self);

  return flush (self, error) && g_output_stream_flush (self->stream, NULL, error);
}

/**
 * satchel_csv_export:
 * @type: the type of the records
 * @records: (element-type SatchelRecord): records of @type
 * @stream: where they go; it is not closed
 * @error: set when the stream cannot be written
 *
 * Writes records as CSV in one call.
 *
 * Returns: whether it worked
 */
gboolean
satchel_csv_export (const SatchelType *type, GPtrArray *records, GOutputStream *stream, GError **error)
{
  g_autoptr (SatchelCsvWriter) writer = satchel_csv_writer_new (type, stream);

  for (guint i = 0; i < records->len; i++)
    if (!satchel_csv_writer_add (writer, g_ptr_array_index (records, i), error))
      return FALSE;

  return satchel_csv_writer_finish (writer, error);
}
