/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What happened, in the SQLite store: the history of records, the groups of devices, the open conflicts. */

#include "satchel-config.h"

#include "store-sqlite-private.h"

/* ---- History -------------------------------------------------------------------------------------- */

static gpointer
read_change (sqlite3_stmt *statement)
{
  SatchelStoredChange *change = g_new0 (SatchelStoredChange, 1);

  change->record = store_sql_dup_text (statement, 0);
  change->epoch = store_sql_dup_text (statement, 1);
  change->n = sqlite3_column_int64 (statement, 2);
  change->unit = store_sql_dup_text (statement, 3);
  change->kind = store_sql_dup_text (statement, 4);
  change->at = store_sql_dup_text (statement, 5);
  change->by = store_sql_dup_text (statement, 6);
  change->device = store_sql_dup_text (statement, 7);
  change->old_value = store_sql_dup_text (statement, 8);
  change->new_value = store_sql_dup_text (statement, 9);
  change->past_epoch = store_sql_dup_text (statement, 10);
  change->past_n = sqlite3_column_int64 (statement, 11);

  return change;
}

/* Epochs follow each other; within one, numbers do. */
#define LIST_CHANGES                                                                                          \
  "SELECT ?1, h.epoch, h.n, h.unit, h.kind, h.at, h.by, h.device, h.old, h.new, h.past_epoch, h.past_n "      \
  "FROM history h LEFT JOIN epoch e ON e.name = h.epoch "                                                     \
  "WHERE h.record = (SELECT number FROM record WHERE id = ?1) AND (?2 IS NULL OR h.unit = ?2) "               \
  "AND (?3 IS NULL OR h.past_epoch IS NULL OR h.past_epoch <> ?3 OR h.past_n > ?4) "                          \
  "AND (?3 IS NULL OR (h.epoch = ?3 AND h.n > ?4) OR e.number > (SELECT number FROM epoch WHERE name = ?3)) " \
  "ORDER BY "

GPtrArray *
store_sqlite_list_changes (SatchelStoreSession *session, const char *record, const char *unit,
                           const SatchelRevision *after, guint limit, gboolean newest_first, GError **error)
{
  const char *sql = newest_first ? LIST_CHANGES "e.number DESC, h.n DESC, h.number DESC LIMIT ?5"
                                 : LIST_CHANGES "e.number, h.n, h.number LIMIT ?5";
  sqlite3_stmt *statement = store_sql (session, sql, error);

  if (statement == NULL)
    return NULL;
  store_sql_text (statement, 1, record);
  store_sql_text (statement, 2, unit);
  store_sql_text (statement, 3, after != NULL ? after->epoch : NULL);
  store_sql_integer (statement, 4, after != NULL ? after->n : 0);
  store_sql_integer (statement, 5, limit);

  return store_sql_list (session, statement, read_change, (GDestroyNotify) satchel_stored_change_free, error);
}

static gboolean
insert_change (SatchelStoreSession *session, const SatchelStoredChange *change, GError **error)
{
  sqlite3_stmt *statement = store_sql (
      session,
      "INSERT INTO history (record, epoch, n, unit, kind, at, by, device, old, new, past_epoch, past_n) "
      "VALUES ((SELECT number FROM record WHERE id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, change->record);
  store_sql_text (statement, 2, change->epoch);
  store_sql_integer (statement, 3, change->n);
  store_sql_text (statement, 4, change->unit);
  store_sql_text (statement, 5, change->kind);
  store_sql_text (statement, 6, change->at);
  store_sql_text (statement, 7, change->by);
  store_sql_text (statement, 8, change->device);
  store_sql_text (statement, 9, change->old_value);
  store_sql_text (statement, 10, change->new_value);
  store_sql_text (statement, 11, change->past_epoch);
  if (change->past_epoch != NULL)
    store_sql_integer (statement, 12, change->past_n);

  return store_sql_run (session, statement, error);
}

/* ---- Groups --------------------------------------------------------------------------------------- */

static gpointer
read_group (sqlite3_stmt *statement)
{
  SatchelStoredGroup *group = g_new0 (SatchelStoredGroup, 1);

  group->device = store_sql_dup_text (statement, 0);
  group->n = sqlite3_column_int64 (statement, 1);
  group->hash = store_sql_dup_text (statement, 2);
  group->body = store_sql_dup_text (statement, 3);
  group->outcome = store_sql_dup_text (statement, 4);
  group->seen = store_sql_dup_text (statement, 5);
  group->at = store_sql_dup_text (statement, 6);

  return group;
}

gboolean
store_sqlite_load_group (SatchelStoreSession *session, const char *device, gint64 n, SatchelStoredGroup **group,
                         GError **error)
{
  sqlite3_stmt *statement = store_sql (
      session, "SELECT device, n, hash, body, outcome, seen, at FROM sent WHERE device = ?1 AND n = ?2", error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, device);
  store_sql_integer (statement, 2, n);

  return store_sql_one (session, statement, read_group, (gpointer *) group, error);
}

static gboolean
insert_group (SatchelStoreSession *session, const SatchelStoredGroup *group, GError **error)
{
  sqlite3_stmt *statement = store_sql (session,
                                       "INSERT INTO sent (device, n, hash, body, outcome, seen, at) "
                                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                                       error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, group->device);
  store_sql_integer (statement, 2, group->n);
  store_sql_text (statement, 3, group->hash);
  store_sql_text (statement, 4, group->body);
  store_sql_text (statement, 5, group->outcome);
  store_sql_text (statement, 6, group->seen);
  store_sql_text (statement, 7, group->at);

  return store_sql_run (session, statement, error);
}

/* ---- Conflicts ------------------------------------------------------------------------------------ */

static gpointer
read_conflict (sqlite3_stmt *statement)
{
  SatchelStoredConflict *conflict = g_new0 (SatchelStoredConflict, 1);

  conflict->target = store_sql_dup_text (statement, 0);
  conflict->unit = store_sql_dup_text (statement, 1);
  conflict->conflict = store_sql_dup_text (statement, 2);

  return conflict;
}

/* The open conflicts about any of these records. */
GPtrArray *
store_sqlite_list_conflicts (SatchelStoreSession *session, const char *const *targets, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "SELECT target, unit, id FROM conflict WHERE target = ?1", error);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_conflict_free);

  if (statement == NULL)
    return NULL;

  for (guint i = 0; targets[i] != NULL; i++)
    {
      GPtrArray *found;

      store_sql_text (statement, 1, targets[i]);
      found = store_sql_list (session, statement, read_conflict, NULL, error);
      if (found == NULL)
        return NULL;
      g_ptr_array_extend_and_steal (list, found);
    }

  return g_steal_pointer (&list);
}

static gboolean
open_conflict (SatchelStoreSession *session, const SatchelStoredConflict *conflict, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "INSERT INTO conflict (target, unit, id) VALUES (?1, ?2, ?3)", error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, conflict->target);
  store_sql_text (statement, 2, conflict->unit);
  store_sql_text (statement, 3, conflict->conflict);

  return store_sql_run (session, statement, error);
}

static gboolean
close_conflict (SatchelStoreSession *session, const SatchelStoredConflict *conflict, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "DELETE FROM conflict WHERE target = ?1 AND unit = ?2 AND id = ?3",
                                       error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, conflict->target);
  store_sql_text (statement, 2, conflict->unit);
  store_sql_text (statement, 3, conflict->conflict);

  return store_sql_run (session, statement, error);
}

/* ---- All of it ------------------------------------------------------------------------------------ */

gboolean
store_sqlite_save_log (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error)
{
  for (guint i = 0; i < batch->history->len; i++)
    if (!insert_change (session, g_ptr_array_index (batch->history, i), error))
      return FALSE;

  for (guint i = 0; i < batch->groups->len; i++)
    if (!insert_group (session, g_ptr_array_index (batch->groups, i), error))
      return FALSE;

  /* One may be settled and the next one opened on the same unit in the same transaction. */
  for (guint i = 0; i < batch->closed->len; i++)
    if (!close_conflict (session, g_ptr_array_index (batch->closed, i), error))
      return FALSE;

  for (guint i = 0; i < batch->opened->len; i++)
    if (!open_conflict (session, g_ptr_array_index (batch->opened, i), error))
      return FALSE;

  return TRUE;
}
