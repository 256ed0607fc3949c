/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Out of a damaged replica into a new one: who it belongs to and what was not settled. What the server has is asked
 * for again. */

#include "satchel-config.h"

#include "replica-salvage.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-id.h"
#include "replica-landing.h"
#include "replica-link.h"
#include "replica-outbox.h"
#include "replica-overlay.h"
#include "replica-spare.h"
#include "replica-tray.h"

/* ---- Out of the damaged file ---------------------------------------------------------------------- */

typedef void (*RowFunc) (ReplicaStatement *statement, ReplicaKept *kept);

/* Row by row up to the damage. */
static void
read_rows (sqlite3 *db, const char *sql, RowFunc func, ReplicaKept *kept)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) == SQLITE_OK)
    while (sqlite3_step (statement) == SQLITE_ROW)
      func (statement, kept);

  sqlite3_finalize (statement);
}

static gboolean
has_group (const ReplicaKept *kept, gint64 n)
{
  for (guint i = 0; i < kept->groups->len; i++)
    if (((const SatchelGroup *) g_ptr_array_index (kept->groups, i))->n == n)
      return TRUE;

  return FALSE;
}

static void
take_group (ReplicaStatement *statement, ReplicaKept *kept)
{
  SatchelGroup *group;

  if (replica_column_text (statement, 2) == NULL || replica_column_text (statement, 3) == NULL ||
      has_group (kept, replica_column_integer (statement, 0)))
    return;

  group = satchel_group_new ();
  group->n = replica_column_integer (statement, 0);
  group->strict = replica_column_integer (statement, 1) != 0;
  group->at = replica_column_dup_text (statement, 2);
  group->hash = replica_column_dup_text (statement, 3);
  g_ptr_array_add (kept->groups, group);
}

static void
take_mutation (ReplicaStatement *statement, ReplicaKept *kept)
{
  const char *body = replica_column_text (statement, 1);
  SatchelMutation *mutation = body != NULL ? replica_mutation_parse (body, NULL) : NULL;
  gint64 n = replica_column_integer (statement, 0);

  for (guint i = 0; mutation != NULL && i < kept->groups->len; i++)
    {
      SatchelGroup *group = g_ptr_array_index (kept->groups, i);

      if (group->n == n)
        g_ptr_array_add (group->mutations, g_steal_pointer (&mutation));
    }

  g_clear_pointer (&mutation, satchel_mutation_free);
}

static void
take_entry (ReplicaStatement *statement, ReplicaKept *kept)
{
  SatchelWork *entry = replica_tray_read_entry (statement, NULL);

  if (entry != NULL)
    g_ptr_array_add (kept->tray, entry);
}

static void
take_meta (ReplicaStatement *statement, JsonObject *meta)
{
  const char *name = replica_column_text (statement, 0);
  const char *value = replica_column_text (statement, 1);

  if (name != NULL && value != NULL)
    json_object_set_string_member (meta, name, value);
}

static gint64
get_integer (JsonObject *meta, const char *name, gint64 otherwise)
{
  const char *text = json_object_get_string_member_with_default (meta, name, NULL);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : otherwise;
}

static void
take_link (sqlite3 *db, ReplicaKept *kept)
{
  g_autoptr (JsonObject) meta = json_object_new ();
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (db, "SELECT name, value FROM _meta", -1, &statement, NULL) == SQLITE_OK)
    while (sqlite3_step (statement) == SQLITE_ROW)
      take_meta (statement, meta);
  sqlite3_finalize (statement);

  kept->version = get_integer (meta, "kept", REPLICA_KEPT_NO_VERSION);
  if (!json_object_has_member (meta, "device_id"))
    return;

  kept->link = replica_link_from_json (meta);
  kept->link->acknowledged = get_integer (meta, "acknowledged", 0);
}

/* A group whose mutations are not all there is not what was made: its hash tells. */
static gboolean
is_torn (const ReplicaKept *kept, guint index)
{
  const SatchelGroup *group = g_ptr_array_index (kept->groups, index);
  const char *previous = replica_kept_get_previous_hash (kept, index);
  g_autofree char *hash = previous != NULL ? satchel_group_compute_hash (group, previous) : NULL;

  return group->mutations->len == 0 || (hash != NULL && strcmp (hash, group->hash) != 0);
}

static void
drop_torn_groups (ReplicaKept *kept)
{
  g_autoptr (GPtrArray) torn = g_ptr_array_new ();

  for (guint i = 0; i < kept->groups->len; i++)
    if (is_torn (kept, i))
      g_ptr_array_add (torn, g_ptr_array_index (kept->groups, i));

  for (guint i = 0; i < torn->len; i++)
    g_ptr_array_remove (kept->groups, g_ptr_array_index (torn, i));
}

static void
read_damaged (sqlite3 *db, ReplicaKept *kept)
{
  take_link (db, kept);
  read_rows (db, "SELECT n, strict, at, hash FROM _outbox ORDER BY n", take_group, kept);
  read_rows (db, "SELECT n, body FROM _mutation WHERE cause IS NULL ORDER BY n, position", take_mutation, kept);
  read_rows (db, REPLICA_TRAY_SELECT, take_entry, kept);
  drop_torn_groups (kept);
}

static ReplicaKept *
read_file (const char *path)
{
  ReplicaKept *kept = replica_kept_new ();
  sqlite3 *db = NULL;

  if (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
    {
      sqlite3_db_config (db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
      read_damaged (db, kept);
    }
  sqlite3_close (db);

  return kept;
}

/* ---- What does not follow on what is there -------------------------------------------------------- */

static guint
find_break (const ReplicaKept *kept)
{
  guint i = 1;

  while (i < kept->groups->len && replica_kept_get_previous_hash (kept, i) != NULL && !is_torn (kept, i))
    i++;

  return i;
}

static SatchelWork *
entry_new (const SatchelGroup *group)
{
  SatchelWork *entry = g_new0 (SatchelWork, 1);

  entry->id = satchel_id_new ();
  entry->n = group->n;
  entry->at = g_strdup (group->at);
  entry->strict = group->strict;
  entry->code = g_strdup ("dependency");
  entry->reason = g_strdup (_ ("What you changed before this was in a damaged part of the file and could not be read. "
                               "Please see whether this still fits."));
  entry->mutations = g_ptr_array_ref (group->mutations);

  return entry;
}

/* The server takes no group behind one that it never got. */
static void
move_into_tray (ReplicaKept *kept)
{
  guint first = find_break (kept);

  for (guint i = first; i < kept->groups->len; i++)
    g_ptr_array_add (kept->tray, entry_new (g_ptr_array_index (kept->groups, i)));
  if (first < kept->groups->len)
    g_ptr_array_set_size (kept->groups, (gint) first);
}

/* A file that was set back by damage in its log has what was settled, refused or taken back since. */
ReplicaKept *
replica_salvage_gather (const char *path)
{
  g_autoptr (ReplicaKept) spare = replica_spare_read (path);
  g_autoptr (ReplicaKept) kept = read_file (path);

  if (kept->version != REPLICA_KEPT_NO_VERSION && kept->version < spare->version && !replica_spare_is_salvaging (path))
    {
      replica_kept_free (kept);
      kept = replica_kept_new ();
    }
  replica_kept_merge (kept, spare);
  move_into_tray (kept);

  return g_steal_pointer (&kept);
}

/* ---- Into the new one ----------------------------------------------------------------------------- */

static gboolean
restore_group (ReplicaTransaction *tx, const SatchelGroup *group, GError **error)
{
  for (guint i = 0; i < group->mutations->len; i++)
    if (!replica_outbox_add (tx, group->n, g_ptr_array_index (group->mutations, i), NULL, error))
      return FALSE;

  return replica_run (tx->connection, error, "INSERT INTO _outbox (n, strict, at, hash, sent) VALUES (?, ?, ?, ?, 1)",
                      "iiss", group->n, (gint64) group->strict, group->at, group->hash);
}

static gboolean
restore_groups (ReplicaTransaction *tx, const ReplicaKept *kept, GError **error)
{
  const SatchelGroup *last = NULL;

  for (guint i = 0; i < kept->groups->len; i++)
    {
      last = g_ptr_array_index (kept->groups, i);
      if (!restore_group (tx, last, error))
        return FALSE;
    }

  if (last != NULL)
    return replica_meta_set_integer (tx->connection, "last_group", last->n, error) &&
           replica_meta_set (tx->connection, "last_group_hash", last->hash, error);
  if (kept->link == NULL)
    return TRUE;

  return replica_meta_set_integer (tx->connection, "last_group", kept->link->acknowledged, error) &&
         replica_meta_set (tx->connection, "last_group_hash", kept->link->last_hash, error);
}

static gboolean
show_group (ReplicaTransaction *tx, const SatchelGroup *group, GError **error)
{
  for (guint i = 0; i < group->mutations->len; i++)
    {
      const SatchelMutation *mutation = g_ptr_array_index (group->mutations, i);

      if (!replica_overlay_recompute (tx, mutation->id, NULL, NULL, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
replica_salvage_restore (ReplicaTransaction *tx, const ReplicaKept *kept, GError **error)
{
  tx->kept_changed = TRUE;
  if (kept->version != REPLICA_KEPT_NO_VERSION &&
      !replica_meta_set_integer (tx->connection, "kept", kept->version, error))
    return FALSE;

  if ((kept->link != NULL && !replica_link_restore (tx, kept->link, error)) || !restore_groups (tx, kept, error))
    return FALSE;

  for (guint i = 0; i < kept->tray->len; i++)
    if (!replica_tray_restore (tx, g_ptr_array_index (kept->tray, i), error))
      return FALSE;

  for (guint i = 0; i < kept->groups->len; i++)
    if (!show_group (tx, g_ptr_array_index (kept->groups, i), error))
      return FALSE;

  return TRUE;
}
