/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading records in the PostgreSQL store, and locking what is read in a transaction that writes. */

#include "satchel-config.h"

#include "store-postgres-private.h"

/* The name of the bucket is not asked for in the same statement: when a lock was waited for, PostgreSQL looks at the row
 * that is locked again, but not at what it was joined to. */
#define RECORD_COLUMNS                                                                                            \
  "SELECT id, type, bucket, account, target, owner, epoch, n, units, deleted_at, deleted_with, creator, device, " \
  "body, number FROM record "

#define AT_ONCE 1000

/* ---- Rows ----------------------------------------------------------------------------------------- */

static SatchelStored *
read_record (const PGresult *result, int row, const char *bucket)
{
  SatchelStored *record = g_new0 (SatchelStored, 1);

  record->id = pq_dup_text (result, row, 0);
  record->type = pq_dup_text (result, row, 1);
  record->bucket = g_strdup (bucket);
  record->account = pq_dup_text (result, row, 3);
  record->target = pq_dup_text (result, row, 4);
  record->owner = pq_dup_text (result, row, 5);
  record->epoch = pq_dup_text (result, row, 6);
  record->n = pq_get_number (result, row, 7);
  record->units = pq_dup_text (result, row, 8);
  record->deleted_at = pq_dup_text (result, row, 9);
  record->deleted_with = pq_dup_text (result, row, 10);
  record->creator = pq_dup_text (result, row, 11);
  record->device = pq_dup_text (result, row, 12);
  record->body = pq_dup_text (result, row, 13);

  return record;
}

static GPtrArray *
read_records (SatchelStoreSession *session, const PGresult *result, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_free);

  for (int i = 0; result != NULL && i < PQntuples (result); i++)
    {
      const char *bucket = store_postgres_get_bucket_name (session, pq_get_number (result, i, 2), error);

      if (bucket == NULL)
        return NULL;
      g_ptr_array_add (records, read_record (result, i, bucket));
    }

  return result != NULL ? g_steal_pointer (&records) : NULL;
}

/* ---- By id ---------------------------------------------------------------------------------------- */

static void
add_ids (PqParams *params, const char *const *ids)
{
  GString *array = pq_array (params);

  for (guint i = 0; ids[i] != NULL; i++)
    pq_array_add_text (array, ids[i]);
}

/* Of those that are not there, which were deleted for good: whoever makes one wants to know it next. */
static gboolean
look_among_buried (SatchelStoreSession *session, const char *const *ids, GPtrArray *found, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);
  PqParams params = { .n = 0 };
  g_autoptr (PGresult) result = NULL;

  add_ids (&params, ids);
  result = pq_query (session, "SELECT id FROM tombstone WHERE id = ANY ($1::text[])", &params, error);
  if (result == NULL)
    return FALSE;

  for (guint i = 0; ids[i] != NULL; i++)
    g_hash_table_add (self->unburied, g_strdup (ids[i]));
  for (int i = 0; i < PQntuples (result); i++)
    g_hash_table_remove (self->unburied, PQgetvalue (result, i, 0));

  return TRUE;
}

GPtrArray *
store_postgres_load_records (SatchelStoreSession *session, const char *const *ids, GError **error)
{
  const char *sql = pq_writes (session) ? RECORD_COLUMNS "WHERE id = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE"
                                        : RECORD_COLUMNS "WHERE id = ANY ($1::text[]) ORDER BY id";
  PqParams params = { .n = 0 };
  g_autoptr (PGresult) result = NULL;
  g_autoptr (GPtrArray) records = NULL;

  if (ids[0] == NULL)
    return g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_free);

  add_ids (&params, ids);
  result = pq_query (session, sql, &params, error);
  records = read_records (session, result, error);
  if (records != NULL && pq_writes (session) && records->len < g_strv_length ((char **) ids) &&
      !look_among_buried (session, ids, records, error))
    return NULL;

  return g_steal_pointer (&records);
}

gboolean
store_postgres_is_buried (SatchelStoreSession *session, const char *id, gboolean *buried, GError **error)
{
  PqParams params = { .n = 0 };
  gint64 one;

  *buried = FALSE;
  if (g_hash_table_contains (POSTGRES_SESSION (session)->unburied, id))
    return TRUE;

  pq_text (&params, id);

  return pq_one_number (session, "SELECT 1 FROM tombstone WHERE id = $1", &params, &one, buried, error);
}

/* ---- By what they belong to ----------------------------------------------------------------------- */

/* What a list is read with, without locks and with them, and how many there are. */
typedef struct
{
  const char *read;
  const char *lock;
  const char *count;
} Listing;

static const Listing hanging = {
  .read = RECORD_COLUMNS "WHERE account = $1 ORDER BY number",
  .lock = "SELECT FROM record WHERE account = $1 ORDER BY id FOR NO KEY UPDATE",
  .count = "SELECT count (*) FROM record WHERE account = $1",
};

static const Listing about = {
  .read = RECORD_COLUMNS "WHERE target = $1 ORDER BY number",
  .lock = "SELECT FROM record WHERE target = $1 ORDER BY id FOR NO KEY UPDATE",
  .count = "SELECT count (*) FROM record WHERE target = $1",
};

static int
lock (SatchelStoreSession *session, const Listing *listing, const char *id, GError **error)
{
  PqParams params = { .n = 0 };
  g_autoptr (PGresult) result = NULL;

  pq_text (&params, id);
  result = pq_query (session, listing->lock, &params, error);

  return result != NULL ? PQntuples (result) : -1;
}

/* While it waited for a lock, somebody who held it may have added one. What is locked stays where it is, and what it hangs
 * on is locked by the caller, so once the number is what was locked, it is complete. */
static gboolean
lock_all (SatchelStoreSession *session, const Listing *listing, const char *id, GError **error)
{
  gint64 n_there = -1;
  int n_locked;

  do
    {
      PqParams params = { .n = 0 };

      n_locked = lock (session, listing, id, error);
      if (n_locked < 0)
        return FALSE;
      pq_text (&params, id);
      if (!pq_one_number (session, listing->count, &params, &n_there, NULL, error))
        return FALSE;
    }
  while (n_there != n_locked);

  return TRUE;
}

static GPtrArray *
list_records (SatchelStoreSession *session, const Listing *listing, const char *id, GError **error)
{
  PqParams params = { .n = 0 };
  g_autoptr (PGresult) result = NULL;

  if (pq_writes (session) && !lock_all (session, listing, id, error))
    return NULL;

  pq_text (&params, id);
  result = pq_query (session, listing->read, &params, error);

  return read_records (session, result, error);
}

GPtrArray *
store_postgres_list_hanging (SatchelStoreSession *session, const char *account, GError **error)
{
  return list_records (session, &hanging, account, error);
}

GPtrArray *
store_postgres_list_about (SatchelStoreSession *session, const char *target, GError **error)
{
  return list_records (session, &about, target, error);
}

/* ---- All of a type -------------------------------------------------------------------------------- */

/* A part at a time, because there may be very many; @func may use the session. */
gboolean
store_postgres_foreach_of_type (SatchelStoreSession *session, const char *type, GFunc func, gpointer data,
                                GError **error)
{
  gint64 after = 0;
  int n_rows;

  do
    {
      PqParams params = { .n = 0 };
      g_autoptr (PGresult) result = NULL;
      g_autoptr (GPtrArray) records = NULL;

      pq_text (&params, type);
      pq_number (&params, after);
      pq_number (&params, AT_ONCE);
      result = pq_query (session,
                         RECORD_COLUMNS "WHERE type = $1 AND number > $2::bigint ORDER BY number LIMIT $3::bigint",
                         &params, error);
      records = read_records (session, result, error);
      if (records == NULL)
        return FALSE;

      n_rows = PQntuples (result);
      if (n_rows > 0)
        after = pq_get_number (result, n_rows - 1, 14);
      g_ptr_array_foreach (records, func, data);
    }
  while (n_rows == AT_ONCE);

  return TRUE;
}
