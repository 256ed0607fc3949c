/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Letting go of a server: what it gave is forgotten; what it has not got is never. */

#include "satchel-config.h"

#include "replica-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"
#include "replica-changes.h"
#include "replica-files.h"
#include "replica-kept.h"

/* ---- The file of what is kept --------------------------------------------------------------------- */

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
  g_autoptr (ReplicaKept) kept = replica_kept_gather (tx->connection, error);
  g_autofree char *text = NULL;
  g_autoptr (GError) problem = NULL;

  if (kept == NULL)
    return FALSE;

  g_clear_pointer (&kept->link, satchel_link_free);
  kept->version = REPLICA_KEPT_NO_VERSION;
  text = replica_kept_to_text (kept);
  if (g_file_set_contents_full (path, text, (gssize) strlen (text),
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &problem) &&
      replica_files_sync_folder (path))
    return TRUE;

  return report_unwritable (path, problem != NULL ? problem->message : g_strerror (errno), error);
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
    "_leaving", "_stale",    "_raw",  "_unindexed", "_bucket",  "_journal",
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
         replica_run (tx->connection, error,
                      "DELETE FROM _meta WHERE name NOT IN ('vocabulary', 'search', 'indexes', 'kept')", "");
}

static gboolean
sign_out_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  const char *path = data;

  if (path != NULL ? !keep_work (tx, path, error) : !check_settled (tx, error))
    return FALSE;

  replica_connection_forget_buckets (tx->connection);
  replica_changes_add_everything (tx->changes);
  tx->kept_changed = TRUE;

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
