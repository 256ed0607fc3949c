/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Out of a damaged replica into a new one: who it belongs to and what was not settled. What the server has is asked
 * for again. */

#include "satchel-config.h"

#include "replica-salvage.h"

#include <string.h>

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

static void
take_link (sqlite3 *db, ReplicaKept *kept)
{
  g_autoptr (JsonObject) meta = json_object_new ();
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (db, "SELECT name, value FROM _meta", -1, &statement, NULL) == SQLITE_OK)
    while (sqlite3_step (statement) == SQLITE_ROW)
      take_meta (statement, meta);
  sqlite3_finalize (statement);

  if (!json_object_has_member (meta, "device_id"))
    return;

  kept->link = replica_link_from_json (meta);
  kept->link->acknowledged = g_ascii_strtoll (json_object_get_string_member_with_default (meta, "acknowledged", "0"),
                                              NULL, 10);
}

/* What the group's hash is chained to; %NULL when that is not known. */
static const char *
find_previous_hash (const ReplicaKept *kept, const SatchelGroup *group)
{
  for (guint i = 0; i < kept->groups->len; i++)
    {
      const SatchelGroup *previous = g_ptr_array_index (kept->groups, i);

      if (previous->n == group->n - 1)
        return previous->hash;
    }

  if (group->n == 1)
    return "";

  return kept->link != NULL && kept->link->acknowledged == group->n - 1 ? kept->link->last_hash : NULL;
}

/* A group whose mutations are not all there is not what was made: its hash tells. */
static gboolean
is_torn (const ReplicaKept *kept, const SatchelGroup *group)
{
  const char *previous = find_previous_hash (kept, group);
  g_autofree char *hash = previous != NULL ? satchel_group_compute_hash (group, previous) : NULL;

  return group->mutations->len == 0 || (hash != NULL && strcmp (hash, group->hash) != 0);
}

static void
drop_torn_groups (ReplicaKept *kept)
{
  g_autoptr (GPtrArray) torn = g_ptr_array_new ();

  for (guint i = 0; i < kept->groups->len; i++)
    {
      SatchelGroup *group = g_ptr_array_index (kept->groups, i);

      if (is_torn (kept, group))
        g_ptr_array_add (torn, group);
    }

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

ReplicaKept *
replica_salvage_gather (const char *path)
{
  g_autoptr (ReplicaKept) spare = replica_spare_read (path);
  ReplicaKept *kept = replica_kept_new ();
  sqlite3 *db = NULL;

  if (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
    read_damaged (db, kept);
  sqlite3_close (db);

  replica_kept_merge (kept, spare);

  return kept;
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
