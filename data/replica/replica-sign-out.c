/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Letting go of a server: what it gave is forgotten; what it has not got is never. */

#include "satchel-config.h"

#include "replica-private.h"

#include <glib/gi18n-lib.h>

#include "records/satchel-error.h"
#include "replica-changes.h"
#include "replica-outbox.h"
#include "replica-tray.h"

/* ---- The file of what is kept --------------------------------------------------------------------- */

static void
append_line (GString *text, const char *name, JsonObject *object)
{
  g_autoptr (JsonObject) line = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *canonical = NULL;

  json_object_set_object_member (line, name, object);
  node = json_node_init_object (json_node_alloc (), line);
  canonical = satchel_json_to_canonical (node);
  g_string_append_printf (text, "%s\n", canonical);
}

static void
set_string (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

static JsonObject *
entry_to_json (const SatchelWork *entry)
{
  JsonObject *object = json_object_new ();
  JsonArray *mutations = json_array_new ();

  for (guint i = 0; i < entry->mutations->len; i++)
    json_array_add_object_element (mutations, satchel_mutation_to_json (g_ptr_array_index (entry->mutations, i)));

  set_string (object, "at", entry->at);
  set_string (object, "code", entry->code);
  set_string (object, "reason", entry->reason);
  json_object_set_array_member (object, "mutations", mutations);

  return object;
}

static gboolean
report_unwritable (const char *path, const char *reason, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO,
               _ ("What was not sent yet could not be written to “%s”: %s. You are still signed in and nothing was "
                  "changed."),
               shown, reason);

  return FALSE;
}

static gboolean
keep_work (ReplicaTransaction *tx, const char *path, GError **error)
{
  g_autoptr (GPtrArray) groups = replica_outbox_read (tx->connection, 0, G_MAXINT, G_MAXSIZE, TRUE, error);
  g_autoptr (GPtrArray) tray = groups != NULL ? replica_tray_list (tx->connection, error) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) problem = NULL;

  if (tray == NULL)
    return FALSE;

  for (guint i = 0; i < groups->len; i++)
    append_line (text, "group", satchel_group_to_json (g_ptr_array_index (groups, i)));
  for (guint i = 0; i < tray->len; i++)
    append_line (text, "tray", entry_to_json (g_ptr_array_index (tray, i)));

  if (g_file_set_contents_full (path, text->str, (gssize) text->len,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &problem))
    return TRUE;

  return report_unwritable (path, problem->message, error);
}

/* ---- Forgetting ----------------------------------------------------------------------------------- */

static gboolean
check_settled (ReplicaTransaction *tx, GError **error)
{
  gint64 n;

  if (!replica_query_integer (tx->connection, "SELECT (SELECT count(*) FROM _outbox) + (SELECT count(*) FROM _tray)",
                              &n, error))
    return FALSE;
  if (n == 0)
    return TRUE;

  g_set_error (
      error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_PENDING,
      g_dngettext (
          GETTEXT_PACKAGE, "%u change was not taken by the server yet. Please sync first, or say where to keep it.",
          "%u changes were not taken by the server yet. Please sync first, or say where to keep them.", (gulong) n),
      (guint) n);

  return FALSE;
}

static gboolean
empty_tables (ReplicaTransaction *tx, GError **error)
{
  static const char *const own_tables[] = {
    "_outbox",  "_mutation", "_base", "_tray",      "_outcome", "_staged",
    "_leaving", "_stale",    "_raw",  "_unindexed", "_bucket",
  };

  for (guint i = 0; i < G_N_ELEMENTS (own_tables); i++)
    {
      g_autofree char *sql = g_strdup_printf ("DELETE FROM %s", own_tables[i]);

      if (!replica_run (tx->connection, error, sql, ""))
        return FALSE;
    }

  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    {
      g_autofree char *sql = NULL;

      if (tx->schema->tables[i] == NULL)
        continue;

      sql = g_strdup_printf ("DELETE FROM %s", tx->schema->tables[i]->quoted);
      if (!replica_run (tx->connection, error, sql, ""))
        return FALSE;
    }

  return replica_run (tx->connection, error, "INSERT INTO _search (_search) VALUES ('delete-all')", "") &&
         replica_run (tx->connection, error, "DELETE FROM _meta WHERE name <> 'vocabulary'", "");
}

static gboolean
sign_out_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  const char *path = data;

  if (path != NULL ? !keep_work (tx, path, error) : !check_settled (tx, error))
    return FALSE;

  g_hash_table_remove_all (replica_connection_get_bucket_numbers (tx->connection));
  replica_changes_add_everything (tx->changes);

  return replica_run (tx->connection, error, "PRAGMA secure_delete = ON", "") && empty_tables (tx, error);
}

/**
 * satchel_replica_sign_out:
 * @self: a replica
 * @keep_pending_file: (nullable): where to write what was not sent and what was refused, as lines of JSON
 * @error: %SATCHEL_DATA_ERROR_PENDING when there is such work and no file for it, or what went wrong
 *
 * Forgets the server and every record, so that nothing of it stays in the
 * file. Blocks.
 *
 * Returns: whether it is forgotten; if not, nothing has changed
 */
gboolean
satchel_replica_sign_out (SatchelReplica *self, const char *keep_pending_file, GError **error)
{
  if (!replica_check_open (self, error) ||
      !replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, sign_out_cb, (gpointer) keep_pending_file, error))
    return FALSE;

  /* All of it is overwritten already; that the file stays as large as it was is no harm. */
  replica_writer_compact (self->writer, NULL);

  return TRUE;
}
