/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Records in the SQLite store: reading them, and saving what a transaction changed. */

#include "satchel-config.h"

#include "store-sqlite-private.h"

#define RECORD_COLUMNS                                                                                        \
  "r.id, r.type, b.name, r.account, r.target, r.owner, r.epoch, r.n, r.units, r.deleted_at, r.deleted_with, " \
  "r.creator, r.device, r.body FROM record r JOIN bucket b ON b.number = r.bucket "

/* ---- Reading -------------------------------------------------------------------------------------- */

static gpointer
read_record (sqlite3_stmt *statement)
{
  SatchelStored *record = g_new0 (SatchelStored, 1);

  record->id = store_sql_dup_text (statement, 0);
  record->type = store_sql_dup_text (statement, 1);
  record->bucket = store_sql_dup_text (statement, 2);
  record->account = store_sql_dup_text (statement, 3);
  record->target = store_sql_dup_text (statement, 4);
  record->owner = store_sql_dup_text (statement, 5);
  record->epoch = store_sql_dup_text (statement, 6);
  record->n = sqlite3_column_int64 (statement, 7);
  record->units = store_sql_dup_text (statement, 8);
  record->deleted_at = store_sql_dup_text (statement, 9);
  record->deleted_with = store_sql_dup_text (statement, 10);
  record->creator = store_sql_dup_text (statement, 11);
  record->device = store_sql_dup_text (statement, 12);
  record->body = store_sql_dup_text (statement, 13);

  return record;
}

GPtrArray *
store_sqlite_load_records (SatchelStoreSession *session, const char *const *ids, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "SELECT " RECORD_COLUMNS "WHERE r.id = ?1", error);
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_free);

  if (statement == NULL)
    return NULL;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      gpointer record;

      store_sql_text (statement, 1, ids[i]);
      if (!store_sql_one (session, statement, read_record, &record, error))
        return NULL;
      if (record != NULL)
        g_ptr_array_add (records, record);
    }

  return g_steal_pointer (&records);
}

static GPtrArray *
list_records (SatchelStoreSession *session, const char *sql, const char *text, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, sql, error);

  if (statement == NULL)
    return NULL;
  store_sql_text (statement, 1, text);

  return store_sql_list (session, statement, read_record, (GDestroyNotify) satchel_stored_free, error);
}

GPtrArray *
store_sqlite_list_hanging (SatchelStoreSession *session, const char *account, GError **error)
{
  return list_records (session, "SELECT " RECORD_COLUMNS "WHERE r.account = ?1 ORDER BY r.number", account, error);
}

GPtrArray *
store_sqlite_list_about (SatchelStoreSession *session, const char *target, GError **error)
{
  return list_records (session, "SELECT " RECORD_COLUMNS "WHERE r.target = ?1 ORDER BY r.number", target, error);
}

/* One after the other, because there may be very many. */
gboolean
store_sqlite_foreach_of_type (SatchelStoreSession *session, const char *type, GFunc func, gpointer data, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "SELECT " RECORD_COLUMNS "WHERE r.type = ?1 ORDER BY r.number", error);
  gboolean row, done;

  if (statement == NULL)
    return FALSE;

  store_sql_text (statement, 1, type);
  while ((done = store_sql_step (session, statement, &row, error)) && row)
    {
      g_autoptr (SatchelStored) record = read_record (statement);

      func (record, data);
    }
  store_sql_end (statement);

  return done;
}

/* ---- Saving --------------------------------------------------------------------------------------- */

/* What one save needs again and again. */
typedef struct
{
  SatchelStoreSession *session;
  gint64 pos;
  GHashTable *buckets; /* name -> number */
} Saving;

static gboolean
find_bucket (Saving *self, const char *name, gint64 *number, GError **error)
{
  gint64 *known = g_hash_table_lookup (self->buckets, name);

  if (known == NULL)
    {
      if (!store_sqlite_number_bucket (self->session, name, number, error))
        return FALSE;
      known = g_memdup2 (number, sizeof *number);
      g_hash_table_insert (self->buckets, g_strdup (name), known);
    }
  *number = *known;

  return TRUE;
}

static void
bind_record (sqlite3_stmt *statement, const SatchelStored *record, gint64 bucket, gint64 pos)
{
  store_sql_text (statement, 1, record->id);
  store_sql_text (statement, 2, record->type);
  store_sql_integer (statement, 3, bucket);
  store_sql_integer (statement, 4, pos);
  store_sql_text (statement, 5, record->account);
  store_sql_text (statement, 6, record->target);
  store_sql_text (statement, 7, record->owner);
  store_sql_text (statement, 8, record->epoch);
  store_sql_integer (statement, 9, record->n);
  store_sql_text (statement, 10, record->units);
  store_sql_text (statement, 11, record->deleted_at);
  store_sql_text (statement, 12, record->deleted_with);
  store_sql_text (statement, 13, record->creator);
  store_sql_text (statement, 14, record->device);
  store_sql_text (statement, 15, record->body);
}

static gboolean
insert_record (Saving *self, const SatchelStored *record, GError **error)
{
  sqlite3_stmt *statement = store_sql (
      self->session,
      "INSERT INTO record (id, type, bucket, pos, account, target, owner, epoch, n, units, deleted_at, "
      "deleted_with, creator, device, body) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
      error);
  gint64 bucket;

  if (statement == NULL || !find_bucket (self, record->bucket, &bucket, error))
    return FALSE;
  bind_record (statement, record, bucket, ++self->pos);

  return store_sql_run (self->session, statement, error);
}

static gboolean
load_bucket_of (Saving *self, const char *id, gint64 *bucket, GError **error)
{
  sqlite3_stmt *statement = store_sql (self->session, "SELECT bucket FROM record WHERE id = ?1", error);
  g_autofree gint64 *found = NULL;

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, id);
  if (!store_sql_one (self->session, statement, store_sql_read_number, (gpointer *) &found, error))
    return FALSE;

  g_assert (found != NULL);
  *bucket = *found;

  return TRUE;
}

static gboolean
write_departure (Saving *self, const SatchelStored *record, gint64 from, gint64 to, GError **error)
{
  sqlite3_stmt *statement = store_sql (self->session,
                                       "INSERT OR REPLACE INTO departure (bucket, pos, kind, type, id, entered) "
                                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                                       error);

  if (statement == NULL)
    return FALSE;
  store_sql_integer (statement, 1, from);
  store_sql_integer (statement, 2, ++self->pos);
  store_sql_integer (statement, 3, SATCHEL_FEED_EXIT);
  store_sql_text (statement, 4, record->type);
  store_sql_text (statement, 5, record->id);
  store_sql_integer (statement, 6, to);

  return store_sql_run (self->session, statement, error);
}

static gboolean
remove_departure (Saving *self, const SatchelStored *record, gint64 bucket, GError **error)
{
  sqlite3_stmt *statement = store_sql (self->session, "DELETE FROM departure WHERE bucket = ?1 AND id = ?2", error);

  if (statement == NULL)
    return FALSE;
  store_sql_integer (statement, 1, bucket);
  store_sql_text (statement, 2, record->id);

  return store_sql_run (self->session, statement, error);
}

/* Exit from one bucket and entry into the other, in this order. */
static gboolean
move_record (Saving *self, const SatchelStored *record, gint64 from, gint64 to, GError **error)
{
  return from == to || (write_departure (self, record, from, to, error) && remove_departure (self, record, to, error));
}

static gboolean
update_record (Saving *self, const SatchelStored *record, GError **error)
{
  sqlite3_stmt *statement = store_sql (
      self->session,
      "UPDATE record SET type = ?2, bucket = ?3, pos = ?4, account = ?5, target = ?6, owner = ?7, "
      "epoch = ?8, n = ?9, units = ?10, deleted_at = ?11, deleted_with = ?12, creator = ?13, device = ?14, "
      "body = ?15 WHERE id = ?1",
      error);
  gint64 from, to;

  if (statement == NULL || !load_bucket_of (self, record->id, &from, error) ||
      !find_bucket (self, record->bucket, &to, error) || !move_record (self, record, from, to, error))
    return FALSE;
  bind_record (statement, record, to, ++self->pos);

  return store_sql_run (self->session, statement, error);
}

static gboolean
save_records (Saving *self, const SatchelStoreBatch *batch, GError **error)
{
  for (guint i = 0; i < batch->created->len; i++)
    if (!insert_record (self, g_ptr_array_index (batch->created, i), error))
      return FALSE;

  for (guint i = 0; i < batch->changed->len; i++)
    if (!update_record (self, g_ptr_array_index (batch->changed, i), error))
      return FALSE;

  return TRUE;
}

/* Writes what one transaction changed: records with their places in the feed, history, groups, conflicts. */
gboolean
store_sqlite_save (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error)
{
  g_autoptr (GHashTable) buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Saving saving = { .session = session, .buckets = buckets };

  return store_sqlite_get_head (session, &saving.pos, error) && save_records (&saving, batch, error) &&
         store_sqlite_set_head (session, saving.pos, error) && store_sqlite_save_log (session, batch, error);
}
