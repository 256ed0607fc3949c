/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-csv-private.h"

#include <glib/gi18n-lib.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "records/satchel-value.h"
#include "satchel-csv-rows.h"

/* How many of a file's columns an error names. */
#define NAMED_COLUMNS 12

typedef enum
{
  TARGET_IGNORED,
  TARGET_ID,
  TARGET_FIELD,
  TARGET_CUSTOM,
  TARGET_CREATED_AT,
  TARGET_CREATED_BY,
} TargetKind;

/* Where the cells of a column go. */
typedef struct
{
  TargetKind kind;
  guint index; /* of the type's field, or of the custom field */
} Target;

typedef struct
{
  char *column;
  Target target;
  gboolean used;
} Mapping;

struct _SatchelCsvReader
{
  const SatchelType *type;
  const SatchelField *custom_fields;
  guint n_custom_fields;
  SatchelCsvResolve resolve;
  gpointer resolve_data;
  GPtrArray *mappings;

  SatchelCsvRows *rows;
  GCancellable *cancellable;
  GArray *targets;            /* one for each column */
  GPtrArray *ignored_columns; /* null-terminated */
  gboolean *has_field;
  gboolean has_id;
};

static void
mapping_free (gpointer data)
{
  Mapping *mapping = data;

  g_free (mapping->column);
  g_free (mapping);
}

/**
 * satchel_csv_reader_new:
 * @type: the type of the records
 * @stream: CSV; it is read with blocking calls and not closed
 *
 * Makes a reader of the records of one type, to be used on one thread. However
 * long the file is, one row at a time is in memory.
 *
 * Returns: (transfer full): a reader
 */
SatchelCsvReader *
satchel_csv_reader_new (const SatchelType *type, GInputStream *stream)
{
  SatchelCsvReader *self = g_new0 (SatchelCsvReader, 1);

  self->type = type;
  self->rows = satchel_csv_rows_new (stream);
  self->mappings = g_ptr_array_new_with_free_func (mapping_free);
  self->targets = g_array_new (FALSE, TRUE, sizeof (Target));
  self->ignored_columns = g_ptr_array_new_null_terminated (0, g_free, TRUE);
  self->has_field = g_new0 (gboolean, satchel_type_get_n_fields (type));

  return self;
}

/**
 * satchel_csv_reader_free:
 * @self: (transfer full): a reader
 */
void
satchel_csv_reader_free (SatchelCsvReader *self)
{
  satchel_csv_rows_free (self->rows);
  g_clear_object (&self->cancellable);
  g_ptr_array_unref (self->mappings);
  g_array_unref (self->targets);
  g_ptr_array_unref (self->ignored_columns);
  g_free (self->has_field);
  g_free (self);
}

/**
 * satchel_csv_reader_set_custom_fields:
 * @self: a reader that is not started
 * @fields: (array length=n_fields): the team's own fields of the type; they must outlive the reader
 * @n_fields: how many
 *
 * Lets columns also go to the team's own fields, which records hold in their extra.
 */
void
satchel_csv_reader_set_custom_fields (SatchelCsvReader *self, const SatchelField *fields, guint n_fields)
{
  g_assert (self->targets->len == 0 && self->mappings->len == 0);

  self->custom_fields = fields;
  self->n_custom_fields = n_fields;
}

/**
 * satchel_csv_reader_set_charset:
 * @self: a reader that is not started
 * @charset: what cells that are not UTF-8 are read as; Windows-1252 unless told
 */
void
satchel_csv_reader_set_charset (SatchelCsvReader *self, const char *charset)
{
  satchel_csv_rows_set_charset (self->rows, charset);
}

/**
 * satchel_csv_reader_set_resolver:
 * @self: a reader
 * @resolve: finds the record that a text means which is no id; called by satchel_csv_reader_next()
 * @data: passed to @resolve
 */
void
satchel_csv_reader_set_resolver (SatchelCsvReader *self, SatchelCsvResolve resolve, gpointer data)
{
  self->resolve = resolve;
  self->resolve_data = data;
}

/* ---- Columns ---- */

/* Letters of either case, and a space where a field's name has an underscore. */
static gboolean
names_equal (const char *column, const char *name)
{
  g_autofree char *a = g_utf8_casefold (column, -1);
  g_autofree char *b = g_utf8_casefold (name, -1);

  return g_str_equal (g_strdelimit (g_strstrip (a), " -", '_'), g_strdelimit (g_strstrip (b), " -", '_'));
}

static gboolean
find_bookkeeping (const char *name, Target *target)
{
  static const struct
  {
    const char *name;
    TargetKind kind;
  } columns[] = {
    { "id",         TARGET_ID         },
    { "created_at", TARGET_CREATED_AT },
    { "created_by", TARGET_CREATED_BY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    if (names_equal (name, columns[i].name))
      {
        target->kind = columns[i].kind;
        return TRUE;
      }

  return FALSE;
}

static const SatchelField *
get_field_at (const SatchelCsvReader *self, gboolean custom, guint index)
{
  return custom ? &self->custom_fields[index] : satchel_type_get_field (self->type, index);
}

static gboolean
find_field (const SatchelCsvReader *self, const char *name, gboolean custom, gboolean by_label, Target *target)
{
  guint n_fields = custom ? self->n_custom_fields : satchel_type_get_n_fields (self->type);

  for (guint i = 0; i < n_fields; i++)
    {
      const SatchelField *field = get_field_at (self, custom, i);
      gboolean found = by_label ? names_equal (name, field->label) ||
                                      names_equal (name, satchel_field_get_display_label (field))
                                : names_equal (name, field->name);

      if (!found)
        continue;
      target->kind = custom ? TARGET_CUSTOM : TARGET_FIELD;
      target->index = i;
      return TRUE;
    }

  return FALSE;
}

/* Names before labels, and the type's own before the team's. */
static gboolean
find_target (const SatchelCsvReader *self, const char *name, Target *target)
{
  return find_bookkeeping (name, target) || find_field (self, name, FALSE, FALSE, target) ||
         find_field (self, name, TRUE, FALSE, target) || find_field (self, name, FALSE, TRUE, target) ||
         find_field (self, name, TRUE, TRUE, target);
}

/**
 * satchel_csv_reader_map:
 * @self: a reader that is not started
 * @column: a column's heading, in letters of either case
 * @field: the field that its cells go to, `id`, or "" to leave the column out
 * @error: set to %SATCHEL_DATA_ERROR_UNKNOWN_FIELD
 *
 * Says where a column goes whose heading is no field's name or label.
 *
 * Returns: whether there is such a field
 */
gboolean
satchel_csv_reader_map (SatchelCsvReader *self, const char *column, const char *field, GError **error)
{
  Target target = { TARGET_IGNORED };
  Mapping *mapping;

  if (*field != '\0' && !find_target (self, field, &target))
    return satchel_type_find_field (self->type, field, error) != NULL;

  mapping = g_new0 (Mapping, 1);
  mapping->column = g_strdup (column);
  mapping->target = target;
  g_ptr_array_add (self->mappings, mapping);

  return TRUE;
}

static Mapping *
find_mapping (SatchelCsvReader *self, const char *column)
{
  for (guint i = 0; i < self->mappings->len; i++)
    {
      Mapping *mapping = g_ptr_array_index (self->mappings, i);

      if (names_equal (column, mapping->column))
        return mapping;
    }

  return NULL;
}

static gboolean
is_taken (const SatchelCsvReader *self, const Target *target)
{
  for (guint i = 0; i < self->targets->len; i++)
    {
      const Target *other = &g_array_index (self->targets, Target, i);

      if (other->kind == target->kind && other->index == target->index)
        return TRUE;
    }

  return FALSE;
}

/* Mapped columns are placed first, so that one that only happens to bear a field's name does not take its place. */
static gboolean
place_mapped_columns (SatchelCsvReader *self, GError **error)
{
  for (guint i = 0; i < self->targets->len; i++)
    {
      const char *column = satchel_csv_rows_get_cell (self->rows, i, NULL);
      Mapping *mapping = find_mapping (self, column);

      if (mapping == NULL)
        continue;

      if (mapping->target.kind != TARGET_IGNORED && is_taken (self, &mapping->target))
        {
          g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                       _ ("The column “%s” is mapped to a field that another column is mapped to already."), column);
          return FALSE;
        }
      mapping->used = TRUE;
      g_array_index (self->targets, Target, i) = mapping->target;
    }

  for (guint i = 0; i < self->mappings->len; i++)
    {
      const Mapping *mapping = g_ptr_array_index (self->mappings, i);

      if (!mapping->used)
        {
          g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, _ ("The file has no column “%s”."),
                       mapping->column);
          return FALSE;
        }
    }

  return TRUE;
}

static void
place_other_columns (SatchelCsvReader *self)
{
  for (guint i = 0; i < self->targets->len; i++)
    {
      const char *column = satchel_csv_rows_get_cell (self->rows, i, NULL);
      Target target = { TARGET_IGNORED };

      if (find_mapping (self, column) == NULL && find_target (self, column, &target) && !is_taken (self, &target))
        g_array_index (self->targets, Target, i) = target;
    }
}

static void
note_columns (SatchelCsvReader *self)
{
  for (guint i = 0; i < self->targets->len; i++)
    {
      const Target *target = &g_array_index (self->targets, Target, i);
      const char *column = satchel_csv_rows_get_cell (self->rows, i, NULL);

      if (target->kind == TARGET_ID)
        self->has_id = TRUE;
      else if (target->kind == TARGET_FIELD)
        self->has_field[target->index] = TRUE;
      else if (target->kind == TARGET_IGNORED && *column != '\0')
        g_ptr_array_add (self->ignored_columns, g_strdup (column));
    }
}

static gboolean
check_columns (SatchelCsvReader *self, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < self->targets->len; i++)
    {
      TargetKind kind = g_array_index (self->targets, Target, i).kind;

      if (kind == TARGET_FIELD || kind == TARGET_CUSTOM)
        return TRUE;
      if (i < NAMED_COLUMNS)
        g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", satchel_csv_rows_get_cell (self->rows, i, NULL));
      else if (i == NAMED_COLUMNS)
        g_string_append (names, ", …");
    }

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_FIELD,
               _ ("The first line should name the columns, and none of its names (%s) is a field of “%s”."), names->str,
               satchel_type_get_name (self->type));
  return FALSE;
}

/**
 * satchel_csv_reader_start:
 * @self: a reader
 * @cancellable: (nullable): stops the reading, now and of the rows
 * @error: set when the file cannot be read, is empty, or its header does not fit the type and the mapping
 *
 * Reads the header and finds out where each column goes: where it is mapped
 * to, else by the field's name, else by its label.
 *
 * Returns: whether rows can be read
 */
gboolean
satchel_csv_reader_start (SatchelCsvReader *self, GCancellable *cancellable, GError **error)
{
  SatchelCsvResult result;

  g_assert (self->targets->len == 0);

  g_set_object (&self->cancellable, cancellable);
  result = satchel_csv_rows_next (self->rows, cancellable, error);
  if (result == SATCHEL_CSV_END)
    g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                         _ ("The file is empty. Its first line should name the columns."));
  if (result != SATCHEL_CSV_RECORD)
    return FALSE;

  g_array_set_size (self->targets, satchel_csv_rows_get_n_cells (self->rows));
  if (!place_mapped_columns (self, error))
    return FALSE;
  place_other_columns (self);
  note_columns (self);

  return check_columns (self, error);
}

/**
 * satchel_csv_reader_get_ignored_columns:
 * @self: a reader that is started
 *
 * Returns: (transfer none) (array zero-terminated=1): the headings of the columns whose cells go nowhere
 */
const char *const *
satchel_csv_reader_get_ignored_columns (SatchelCsvReader *self)
{
  static const char *const none[] = { NULL };

  return self->ignored_columns->len > 0 ? (const char *const *) self->ignored_columns->pdata : none;
}

/**
 * satchel_csv_reader_has_id:
 * @self: a reader that is started
 *
 * Returns: whether the file has a column of ids; without one, every record is given a new id
 */
gboolean
satchel_csv_reader_has_id (SatchelCsvReader *self)
{
  return self->has_id;
}

/**
 * satchel_csv_reader_has_field:
 * @self: a reader that is started
 * @field_index: a field of the type
 *
 * Returns: whether the file has a column for the field: what it has none for, an import must not clear
 */
gboolean
satchel_csv_reader_has_field (SatchelCsvReader *self, guint field_index)
{
  g_assert (field_index < satchel_type_get_n_fields (self->type));

  return self->has_field[field_index];
}

/**
 * satchel_csv_reader_get_used_charset:
 * @self: a reader
 *
 * Returns: whether some text so far was not UTF-8, so that a person should look whether it was read well
 */
gboolean
satchel_csv_reader_get_used_charset (SatchelCsvReader *self)
{
  return satchel_csv_rows_get_used_charset (self->rows);
}

/* ---- Rows ---- */

/* A row while it becomes a record. */
typedef struct
{
  SatchelRecord *record;
  JsonObject *custom;
  const char *created_at;
  const char *created_by;
} Row;

static void
row_clear (Row *row)
{
  g_clear_pointer (&row->record, satchel_record_unref);
  g_clear_pointer (&row->custom, json_object_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Row, row_clear)

/* What stands in a cell; NULL when it is no value. */
static const char *
get_text (SatchelCsvReader *self, guint column)
{
  gboolean quoted;
  const char *text;

  if (column >= satchel_csv_rows_get_n_cells (self->rows))
    return NULL;

  text = satchel_csv_rows_get_cell (self->rows, column, &quoted);
  if (*text == '\0' || (!quoted && strcmp (text, "NULL") == 0))
    return NULL;

  return *text == '\'' && satchel_csv_is_formula (text) ? text + 1 : text;
}

static gboolean
parse_cell (SatchelCsvReader *self, const SatchelField *field, const char *text, SatchelValue *value, GError **error)
{
  g_autofree char *id = NULL;

  if (text != NULL && self->resolve != NULL && field->kind == SATCHEL_KIND_REFERENCE && !satchel_id_is_valid (text))
    id = self->resolve (field, text, self->resolve_data);

  return satchel_value_parse (field, id != NULL ? id : text, value, error);
}

static gboolean
read_field (SatchelCsvReader *self, guint field_index, const char *text, Row *row, GError **error)
{
  const SatchelField *field = satchel_type_get_field (self->type, field_index);
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;

  /* What is computed is written for people and not read back. */
  if (field->policy == SATCHEL_POLICY_DERIVED)
    return TRUE;
  if (!parse_cell (self, field, text, &value, error))
    return FALSE;

  satchel_record_take_value (row->record, field_index, &value);
  return TRUE;
}

static gboolean
read_custom_field (SatchelCsvReader *self, guint index, const char *text, Row *row, GError **error)
{
  const SatchelField *field = &self->custom_fields[index];
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;

  if (!parse_cell (self, field, text, &value, error))
    return FALSE;
  if (satchel_value_is_null (&value))
    return TRUE;

  if (row->custom == NULL)
    row->custom = json_object_new ();
  json_object_set_member (row->custom, field->name, satchel_value_to_json (field, &value));

  return TRUE;
}

static gboolean
read_cell (SatchelCsvReader *self, guint column, Row *row, GError **error)
{
  const Target *target = &g_array_index (self->targets, Target, column);
  const char *text = get_text (self, column);

  switch (target->kind)
    {
    case TARGET_FIELD:
      return read_field (self, target->index, text, row, error);
    case TARGET_CUSTOM:
      return read_custom_field (self, target->index, text, row, error);
    case TARGET_CREATED_AT:
      row->created_at = text;
      return TRUE;
    case TARGET_CREATED_BY:
      row->created_by = text;
      return TRUE;
    case TARGET_ID:
    case TARGET_IGNORED:
    default:
      return TRUE;
    }
}

static gboolean
set_created (Row *row, GError **error)
{
  g_autofree char *at = row->created_at != NULL ? satchel_time_normalise (row->created_at) : NULL;

  if (row->created_at != NULL && at == NULL)
    {
      g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                   _ ("“%s” takes a time with its offset such as 2026-03-09T08:15:00Z."), "created_at");
      return FALSE;
    }
  if (at != NULL || row->created_by != NULL)
    satchel_record_set_created (row->record, at, row->created_by);

  return TRUE;
}

static void
set_custom (Row *row)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *extra = NULL;

  if (row->custom == NULL)
    return;

  node = json_node_init_object (json_node_alloc (), row->custom);
  extra = satchel_json_to_canonical (node);
  satchel_record_set_extra (row->record, extra);
}

static char *
read_id (SatchelCsvReader *self, GError **error)
{
  const char *text = NULL;
  g_autofree char *id = NULL;

  for (guint i = 0; i < self->targets->len; i++)
    if (g_array_index (self->targets, Target, i).kind == TARGET_ID)
      text = get_text (self, i);
  if (text == NULL)
    return satchel_id_new ();

  id = g_ascii_strdown (text, -1);
  if (satchel_id_is_valid (g_strstrip (id)))
    return g_steal_pointer (&id);

  g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                       _ ("The id of this row is not a UUID. For a new record, leave the cell “id” empty."));
  return NULL;
}

/* Cells that no column stands over would be lost. */
static gboolean
check_width (SatchelCsvReader *self, GError **error)
{
  guint n_cells = satchel_csv_rows_get_n_cells (self->rows);

  for (guint i = self->targets->len; i < n_cells; i++)
    if (*satchel_csv_rows_get_cell (self->rows, i, NULL) != '\0')
      {
        g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                     _ ("This row has %u cells, but there are %u columns."), n_cells, self->targets->len);
        return FALSE;
      }

  return TRUE;
}

static SatchelRecord *
read_record (SatchelCsvReader *self, GError **error)
{
  g_auto (Row) row = { 0 };
  g_autofree char *id = NULL;

  if (!check_width (self, error) || (id = read_id (self, error)) == NULL)
    return NULL;

  row.record = satchel_record_new (self->type, id);
  for (guint i = 0; i < self->targets->len; i++)
    if (!read_cell (self, i, &row, error))
      return NULL;
  if (!set_created (&row, error))
    return NULL;
  set_custom (&row);

  return g_steal_pointer (&row.record);
}

/**
 * satchel_csv_reader_next:
 * @self: a reader that is started
 * @record: (out) (transfer full): the record, when there is one
 * @line: (out): the line that the row starts on, from 1
 * @error: set for %SATCHEL_CSV_REFUSED and %SATCHEL_CSV_FAILED
 *
 * Reads one row. Its values are checked one by one; whether the record as a
 * whole has what its type requires is for satchel_record_validate(), as a row
 * may bring a part of a record that exists already.
 *
 * Returns: what became of the row
 */
SatchelCsvResult
satchel_csv_reader_next (SatchelCsvReader *self, SatchelRecord **record, guint64 *line, GError **error)
{
  SatchelCsvResult result = satchel_csv_rows_next (self->rows, self->cancellable, error);

  *record = NULL;
  *line = satchel_csv_rows_get_line (self->rows);
  if (result != SATCHEL_CSV_RECORD)
    return result;

  *record = read_record (self, error);

  return *record != NULL ? SATCHEL_CSV_RECORD : SATCHEL_CSV_REFUSED;
}
