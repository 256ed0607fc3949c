/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files of other programs: import, export. */

#include "satchel-config.h"

#include "ctl-private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>

#include "exchange/satchel-csv.h"
#include "records/satchel-error.h"

#define ROWS_PER_GROUP 500

/* import */

static char *import_format;
static char *import_type;
static char **import_map;
static gboolean import_dry_run;

static GOptionEntry import_options[] = {
  { "format",  0, 0, G_OPTION_ARG_STRING,       &import_format,  N_ ("csv"),                                             N_ ("FORMAT")       },
  { "type",    0, 0, G_OPTION_ARG_STRING,       &import_type,    N_ ("What the rows are; else the file's name says it"),
   N_ ("TYPE")                                                                                                                               },
  { "map",     0, 0, G_OPTION_ARG_STRING_ARRAY, &import_map,     N_ ("Which field a column is"),                         N_ ("COLUMN=FIELD") },
  { "dry-run", 0, 0, G_OPTION_ARG_NONE,         &import_dry_run, N_ ("Read and check everything, keep nothing"),         NULL                },
  G_OPTION_ENTRY_NULL,
};

/**
 * Import: one run over one file.
 * @edit: the rows that become the next group
 */
typedef struct
{
  Ctl *ctl;
  const char *path;
  SatchelCsvReader *reader;
  SatchelEdit *edit;
  guint n_in_edit;
  guint n_added;
  guint n_changed;
  guint n_refused;
} Import;

static gboolean
flush_rows (Import *import, GError **error)
{
  gboolean done = import_dry_run || satchel_edit_is_empty (import->edit) ||
                  satchel_replica_commit (import->ctl->replica, import->edit, NULL, error);

  g_clear_object (&import->edit);
  import->edit = satchel_edit_new ();
  import->n_in_edit = 0;
  return done;
}

/* What the file does not speak of stays as it is. */
static void
add_change (Import *import, const SatchelRecord *seen, const SatchelRecord *row)
{
  const SatchelType *type = satchel_record_get_record_type (seen);
  g_autoptr (SatchelRecord) changed = satchel_record_copy (seen);

  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    if (satchel_csv_reader_has_field (import->reader, i))
      satchel_record_set_value (changed, i, satchel_record_get_value (row, i));

  satchel_edit_update (import->edit, seen, changed);
  import->n_changed++;
}

static gboolean
add_row (Import *import, SatchelRecord *row, GError **error)
{
  g_autoptr (SatchelRecord) seen = NULL;

  if (satchel_csv_reader_has_id (import->reader))
    seen = satchel_replica_get (import->ctl->replica, satchel_record_get_id (row), NULL);

  if (seen != NULL)
    {
      add_change (import, seen, row);
    }
  else
    {
      satchel_edit_create (import->edit, row);
      import->n_added++;
    }

  return ++import->n_in_edit < ROWS_PER_GROUP || flush_rows (import, error);
}

static void
report_row (Import *import, guint64 line, const GError *reason)
{
  import->n_refused++;
  ctl_say (_ ("%s, line %" G_GUINT64_FORMAT ": %s"), import->path, line, reason->message);
}

static gboolean
add_rows (Import *import, GError **error)
{
  for (;;)
    {
      g_autoptr (SatchelRecord) row = NULL;
      g_autoptr (GError) reason = NULL;
      guint64 line = 0;

      switch (satchel_csv_reader_next (import->reader, &row, &line, &reason))
        {
        case SATCHEL_CSV_END:
          return flush_rows (import, error);

        case SATCHEL_CSV_RECORD:
          if (satchel_record_validate (row, &reason))
            {
              if (!add_row (import, row, error))
                return FALSE;
              break;
            }
          G_GNUC_FALLTHROUGH;

        case SATCHEL_CSV_REFUSED:
          report_row (import, line, reason);
          break;

        case SATCHEL_CSV_FAILED:
        default:
          g_propagate_prefixed_error (error, g_steal_pointer (&reason), _ ("%s, line %" G_GUINT64_FORMAT ": "),
                                      import->path, line);
          return FALSE;
        }
    }
}

static const SatchelType *
find_import_type (Ctl *ctl, const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);

  if (import_type != NULL)
    return satchel_vocabulary_find (ctl->vocabulary, import_type, error);

  name[strcspn (name, ".")] = '\0';
  if (satchel_vocabulary_lookup (ctl->vocabulary, name) == NULL)
    {
      g_set_error (error, CTL_USAGE_ERROR, 0, _ ("Say what the rows are: --type TYPE."));
      return NULL;
    }

  return satchel_vocabulary_lookup (ctl->vocabulary, name);
}

static gboolean
map_columns (SatchelCsvReader *reader, GError **error)
{
  for (guint i = 0; import_map != NULL && import_map[i] != NULL; i++)
    {
      const char *equals = strrchr (import_map[i], '=');
      g_autofree char *column = equals == NULL ? NULL : g_strndup (import_map[i], equals - import_map[i]);

      if (column == NULL)
        {
          g_set_error (error, CTL_USAGE_ERROR, 0, _ ("--map takes COLUMN=FIELD, not “%s”."), import_map[i]);
          return FALSE;
        }
      if (!satchel_csv_reader_map (reader, column, equals + 1, error))
        return FALSE;
    }

  return TRUE;
}

static char *
resolve_cell (const SatchelField *field, const char *text, gpointer data)
{
  return ctl_resolve_value (data, field, text, NULL);
}

static void
say_ignored_columns (SatchelCsvReader *reader)
{
  g_autofree char *columns = g_strjoinv (", ", (char **) satchel_csv_reader_get_ignored_columns (reader));

  if (*columns != '\0')
    ctl_say (_ ("These columns fit no field and were left out: %s."), columns);
}

static void
say_import (const Import *import)
{
  ctl_say (import_dry_run ? _ ("Would add %u, change %u and refuse %u rows.")
                          : _ ("Added %u, changed %u, refused %u rows."),
           import->n_added, import->n_changed, import->n_refused);
}

static gboolean
open_reader (Import *import, const SatchelType *type, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (import->path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);

  if (stream == NULL)
    return FALSE;

  import->reader = satchel_csv_reader_new (type, G_INPUT_STREAM (stream));
  satchel_csv_reader_set_resolver (import->reader, resolve_cell, import->ctl);
  return map_columns (import->reader, error) && satchel_csv_reader_start (import->reader, NULL, error);
}

static gboolean
check_format (const char *format, const char *const *known, GError **error)
{
  g_autofree char *list = NULL;

  if (format == NULL || g_strv_contains (known, format))
    return TRUE;

  list = g_strjoinv (", ", (char **) known);
  g_set_error (error, CTL_USAGE_ERROR, 0, _ ("--format takes %s, not “%s”."), list, format);
  return FALSE;
}

static CtlExit
run_import (Ctl *ctl, GError **error)
{
  static const char *const known[] = { "csv", NULL };
  const SatchelType *type;
  Import import = { .ctl = ctl };
  gboolean done;

  if (!ctl_check_args (ctl, 1, 1, error) || !check_format (import_format, known, error) ||
      (type = find_import_type (ctl, ctl->args[0], error)) == NULL || !ctl_open_replica (ctl, FALSE, error))
    return CTL_FAILED;

  import.path = ctl->args[0];
  import.edit = satchel_edit_new ();
  done = open_reader (&import, type, error);
  if (done)
    {
      say_ignored_columns (import.reader);
      done = add_rows (&import, error);
      say_import (&import);
    }

  g_clear_pointer (&import.reader, satchel_csv_reader_free);
  g_clear_object (&import.edit);
  return done && import.n_refused == 0 ? CTL_DONE : CTL_FAILED;
}

/* export */

static char *export_format;
static char *export_output;

static GOptionEntry export_options[] = {
  { "format", 0, 0, G_OPTION_ARG_STRING,   &export_format, N_ ("csv or json"),        N_ ("FORMAT") },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &export_output, N_ ("Write to this file"), N_ ("FILE")   },
  G_OPTION_ENTRY_NULL,
};

static GOutputStream *
open_output (GError **error)
{
  g_autoptr (GFile) file = NULL;

  if (export_output == NULL)
    return g_unix_output_stream_new (STDOUT_FILENO, FALSE);

  file = g_file_new_for_commandline_arg (export_output);
  return G_OUTPUT_STREAM (
      g_file_replace (file, NULL, FALSE, G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION, NULL, error));
}

static gboolean
write_json_page (Ctl *ctl, GPtrArray *records, gpointer output, GError **error)
{
  for (guint i = 0; i < records->len; i++)
    {
      g_autoptr (JsonNode) node = satchel_record_to_json (g_ptr_array_index (records, i));
      g_autofree char *text = json_to_string (node, FALSE);

      if (!g_output_stream_printf (output, NULL, NULL, error, "%s\n", text))
        return FALSE;
    }

  return TRUE;
}

static gboolean
export_type (Ctl *ctl, const SatchelType *type, gboolean json, GOutputStream *output, GError **error)
{
  g_autoptr (SatchelQuery) query = satchel_query_new (type);
  g_autoptr (SatchelCsvWriter) writer = NULL;

  if (json)
    return ctl_foreach_page (ctl, query, G_MAXUINT64, write_json_page, output, error);

  writer = satchel_csv_writer_new (type, output);
  return ctl_foreach_page (ctl, query, G_MAXUINT64, ctl_write_csv_page, writer, error) &&
         satchel_csv_writer_finish (writer, error);
}

static gboolean
export_all (Ctl *ctl, GOutputStream *output, GError **error)
{
  for (guint i = 0; i < satchel_vocabulary_get_n_types (ctl->vocabulary); i++)
    if (!export_type (ctl, satchel_vocabulary_get_type_at (ctl->vocabulary, i), TRUE, output, error))
      return FALSE;

  return TRUE;
}

static CtlExit
run_export (Ctl *ctl, GError **error)
{
  static const char *const known[] = { "csv", "json", NULL };
  g_autoptr (GOutputStream) output = NULL;
  const SatchelType *type = NULL;
  gboolean all, json;

  if (!ctl_check_args (ctl, 1, 1, error) || !check_format (export_format, known, error))
    return CTL_USAGE;

  all = g_str_equal (ctl->args[0], "all");
  json = export_format != NULL ? g_str_equal (export_format, "json") : all;
  if (all && !json)
    {
      g_set_error (error, CTL_USAGE_ERROR, 0, _ ("CSV holds one type; export all of them as --format json."));
      return CTL_USAGE;
    }
  if ((!all && (type = satchel_vocabulary_find (ctl->vocabulary, ctl->args[0], error)) == NULL) ||
      !ctl_open_replica (ctl, TRUE, error) || (output = open_output (error)) == NULL)
    return CTL_FAILED;

  if (!(all ? export_all (ctl, output, error) : export_type (ctl, type, json, output, error)))
    return CTL_FAILED;

  return g_output_stream_close (output, NULL, error) ? CTL_DONE : CTL_FAILED;
}

const CtlCommand ctl_exchange_commands[] = {
  { "import", "FILE", N_ ("Adds and changes from the rows of a file"), import_options, run_import },
  { "export", "TYPE|all", N_ ("Writes what is here"), export_options, run_export },
  { NULL },
};
