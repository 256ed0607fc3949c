/* SPDX-License-Identifier: GPL-3.0-or-later */

/* import: the sample company, or a folder with one TYPE.csv for each type, and grant.csv: all of it or nothing. */

#include "satchel-config.h"

#include "server-import.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "exchange/satchel-csv.h"
#include "records/satchel-id.h"
#include "server/core/server-administration.h"
#include "server/operation/server-audit.h"

#define ROWS_AT_ONCE 2000
#define MOST_BAD_ROWS_SHOWN 20

/**
 * Import:
 * @names: (element-type utf8 utf8): "type/name" to id, "" where the name is not the only one; what rows refer to
 * @listed: (element-type utf8): types whose records in the store are among @names
 */
typedef struct
{
  ServerRun *run;
  SatchelView *view;
  const char *folder;
  GHashTable *names;
  GHashTable *listed;
  const char *path;
  guint n_created;
  guint n_changed;
  guint n_bad;
} Import;

/* ---- What rows refer to --------------------------------------------------------------------------- */

static const char *
find_name_field (const SatchelType *type)
{
  static const char *const candidates[] = { "name", "sku", "title", "number" };

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    if (satchel_type_lookup_field (type, candidates[i], NULL))
      return candidates[i];

  return NULL;
}

static void
learn (Import *import, const char *type, const char *name, const char *id)
{
  char *key = g_strdup_printf ("%s/%s", type, name);
  const char *known = g_hash_table_lookup (import->names, key);

  g_hash_table_insert (import->names, key, g_strdup (known == NULL || strcmp (known, id) == 0 ? id : ""));
}

static void
learn_record (Import *import, const SatchelRecord *record)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  const char *field = find_name_field (type);
  const char *name = field == NULL ? NULL : satchel_record_get_text (record, field);

  if (name != NULL)
    learn (import, satchel_type_get_name (type), name, satchel_record_get_id (record));
}

static void
learn_stored (gpointer data, gpointer user_data)
{
  const SatchelStored *stored = data;
  Import *import = user_data;
  g_autoptr (JsonNode) node = satchel_json_parse (stored->body, -1, 32, NULL);
  g_autoptr (SatchelRecord) record = NULL;

  if (node != NULL)
    record = satchel_record_from_wire (import->run->vocabulary, json_node_get_object (node), NULL);
  if (record != NULL && stored->deleted_at == NULL)
    learn_record (import, record);
}

static char *
resolve (const SatchelField *field, const char *text, gpointer data)
{
  Import *import = data;
  g_autofree char *key = g_strdup_printf ("%s/%s", field->target, text);
  const char *id;

  if (g_hash_table_add (import->listed, g_strdup (field->target)))
    satchel_store_foreach_of_type (import->run->session, field->target, learn_stored, import, NULL);

  id = g_hash_table_lookup (import->names, key);
  return id == NULL || *id == '\0' ? NULL : g_strdup (id);
}

/* ---- Rows ----------------------------------------------------------------------------------------- */

static void
report (Import *import, guint64 line, const char *reason)
{
  if (import->n_bad++ < MOST_BAD_ROWS_SHOWN)
    server_say (_ ("%s, line %" G_GUINT64_FORMAT ": %s"), import->path, line, reason);
}

static gboolean
put_rows (Import *import, GPtrArray *rows, GError **error)
{
  guint n_created = 0;
  guint n_changed = 0;

  if (rows->len == 0)
    return TRUE;
  if (!satchel_server_put_records (import->view, rows, &n_created, &n_changed, error))
    {
      g_prefix_error (error, "%s: ", import->path);
      return FALSE;
    }

  import->n_created += n_created;
  import->n_changed += n_changed;
  g_ptr_array_set_size (rows, 0);
  return TRUE;
}

static gboolean
take_row (Import *import, SatchelRecord *record, guint64 line, GPtrArray *rows, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (!satchel_record_validate (record, &reason))
    {
      report (import, line, reason->message);
      return TRUE;
    }

  learn_record (import, record);
  g_ptr_array_add (rows, satchel_record_ref (record));
  return rows->len < ROWS_AT_ONCE || put_rows (import, rows, error);
}

static gboolean
read_rows (Import *import, SatchelCsvReader *reader, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);

  for (;;)
    {
      g_autoptr (SatchelRecord) record = NULL;
      g_autoptr (GError) reason = NULL;
      guint64 line = 0;

      switch (satchel_csv_reader_next (reader, &record, &line, &reason))
        {
        case SATCHEL_CSV_END:
          return put_rows (import, rows, error);

        case SATCHEL_CSV_RECORD:
          if (!take_row (import, record, line, rows, error))
            return FALSE;
          break;

        case SATCHEL_CSV_REFUSED:
          report (import, line, reason->message);
          break;

        case SATCHEL_CSV_FAILED:
        default:
          g_propagate_prefixed_error (error, g_steal_pointer (&reason), "%s: ", import->path);
          return FALSE;
        }
    }
}

static void
say_ignored (Import *import, SatchelCsvReader *reader)
{
  g_autofree char *columns = g_strjoinv (", ", (char **) satchel_csv_reader_get_ignored_columns (reader));

  if (*columns != '\0')
    server_say (_ ("%s: these columns fit no field and were left out: %s."), import->path, columns);
}

static GInputStream *
open_file (Import *import, const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  import->path = path;
  return G_INPUT_STREAM (g_file_read (file, NULL, error));
}

static gboolean
import_type (Import *import, const SatchelType *type, GError **error)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.csv", import->folder, satchel_type_get_name (type));
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (SatchelCsvReader) reader = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;

  stream = open_file (import, path, error);
  if (stream == NULL)
    return FALSE;

  reader = satchel_csv_reader_new (type, stream);
  satchel_csv_reader_set_resolver (reader, resolve, import);
  if (!satchel_csv_reader_start (reader, NULL, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  say_ignored (import, reader);
  return read_rows (import, reader, error);
}

/* ---- Types, what is referred to first ------------------------------------------------------------- */

static void
visit (const SatchelVocabulary *vocabulary, const SatchelType *type, GPtrArray *order, GHashTable *seen)
{
  if (!g_hash_table_add (seen, (gpointer) type))
    return;

  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    {
      const SatchelField *field = satchel_type_get_field (type, i);

      if (field->kind == SATCHEL_KIND_REFERENCE)
        visit (vocabulary, satchel_vocabulary_lookup (vocabulary, field->target), order, seen);
    }

  g_ptr_array_add (order, (gpointer) type);
}

static GPtrArray *
order_types (const SatchelVocabulary *vocabulary)
{
  GPtrArray *order = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < satchel_vocabulary_get_n_types (vocabulary); i++)
    visit (vocabulary, satchel_vocabulary_get_type_at (vocabulary, i), order, seen);

  return order;
}

/* ---- Grants --------------------------------------------------------------------------------------- */

/* Lines of "user,territory": ids or names; the first line is the header. */
static gboolean
import_grant (Import *import, const char *line, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, ",", -1);
  g_autoptr (SatchelStoredTerritory) territory = NULL;
  g_autoptr (SatchelStoredUser) user = NULL;

  if (g_strv_length (words) != 2)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("%s: “%s” is not USER,TERRITORY."), import->path,
                   line);
      return FALSE;
    }

  if (satchel_id_is_valid (words[0]))
    satchel_store_load_user (import->run->session, words[0], &user, NULL);
  if (user == NULL)
    user = server_run_find_user (import->run, words[0], error);
  territory = user == NULL ? NULL : server_run_find_territory (import->run, words[1], error);

  return territory != NULL &&
         satchel_store_set_grant (import->run->session, &(SatchelStoredGrant) { user->id, territory->id }, TRUE, error);
}

static gboolean
import_grants (Import *import, GError **error)
{
  g_autofree char *path = g_build_filename (import->folder, "grant.csv", NULL);
  g_autofree char *contents = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!g_file_get_contents (path, &contents, NULL, error))
    return FALSE;

  import->path = path;
  lines = g_strsplit (contents, "\n", -1);
  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    if (*g_strstrip (lines[i]) != '\0' && !import_grant (import, lines[i], error))
      return FALSE;

  return TRUE;
}

/* ---- The folder ----------------------------------------------------------------------------------- */

static char *
find_folder (const char *name, GError **error)
{
  const char *places[] = { g_getenv ("SATCHEL_SAMPLES"), SATCHEL_SAMPLES_DIR, SATCHEL_SOURCE_SAMPLES_DIR };

  if (g_file_test (name, G_FILE_TEST_IS_DIR))
    return g_strdup (name);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *folder = places[i] == NULL ? NULL : g_build_filename (places[i], name, NULL);

      if (folder != NULL && g_file_test (folder, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&folder);
    }

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("“%s” is neither a sample nor a folder of CSV files."),
               name);
  return NULL;
}

static gboolean
check_has_files (Import *import, GPtrArray *types, GError **error)
{
  for (guint i = 0; i < types->len; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s.csv", import->folder,
                                               satchel_type_get_name (g_ptr_array_index (types, i)));

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return TRUE;
    }

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _ ("%s has no file that is called like what it holds, such as account.csv."), import->folder);
  return FALSE;
}

static gboolean
check_no_bad_rows (Import *import, GError **error)
{
  if (import->n_bad == 0)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               g_dngettext (GETTEXT_PACKAGE, "%u row does not fit. Nothing was imported.",
                            "%u rows do not fit. Nothing was imported.", import->n_bad),
               import->n_bad);
  return FALSE;
}

static gboolean
import_all (Import *import, GError **error)
{
  g_autoptr (GPtrArray) types = order_types (import->run->vocabulary);

  if (!check_has_files (import, types, error))
    return FALSE;

  for (guint i = 0; i < types->len; i++)
    if (!import_type (import, g_ptr_array_index (types, i), error))
      return FALSE;

  return import_grants (import, error) && check_no_bad_rows (import, error);
}

static ServerExit
import_in_transaction (Import *import, GError **error)
{
  SatchelStoreSession *session = import->run->session;

  if (!satchel_store_begin (session, error))
    return SERVER_FAILED;
  if (!import_all (import, error))
    {
      satchel_store_rollback (session);
      return SERVER_FAILED;
    }
  if (!satchel_store_commit (session, error))
    return SERVER_FAILED;

  server_say (_ ("Added %u and changed %u."), import->n_created, import->n_changed);
  server_audit_command (&(ServerAudit) { .event = "import", .file = import->folder });
  return SERVER_DONE;
}

/**
 * server_import_run:
 * @run: a run with the name of a sample or a folder
 * @error: return location for an error
 *
 * Loads all files of a folder in one transaction. Records whose id is in the store already are changed to what the file
 * says, so that loading twice doubles nothing.
 *
 * Returns: the exit code
 */
ServerExit
server_import_run (ServerRun *run, GError **error)
{
  g_autofree char *folder = find_folder (run->args[0], error);
  Import import = { .run = run, .folder = folder };
  ServerExit code;

  if (folder == NULL || !server_run_open (run, error))
    return SERVER_FAILED;

  import.view = satchel_view_open_administration (run->server, run->session);
  import.names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  import.listed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  code = import_in_transaction (&import, error);

  g_hash_table_unref (import.listed);
  g_hash_table_unref (import.names);
  satchel_view_free (import.view);
  return code;
}
