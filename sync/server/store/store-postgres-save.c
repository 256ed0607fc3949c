/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing what a transaction changed into the PostgreSQL store: one statement for all records, not one for each. */

#include "satchel-config.h"

#include "store-postgres-private.h"

#define RECORD_COLUMNS \
  "id, type, bucket, account, target, owner, epoch, n, units, deleted_at, deleted_with, creator, device, body"
#define RECORD_ARRAYS                                                                                                  \
  "unnest ($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], "       \
  "$9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[]) WITH ORDINALITY AS s (" RECORD_COLUMNS \
  ", o)"

/* ---- Records as columns --------------------------------------------------------------------------- */

static void
add_buckets (SatchelStoreSession *session, PqParams *params, GPtrArray *records)
{
  GString *array = pq_array (params);

  for (guint i = 0; i < records->len; i++)
    pq_array_add_number (
        array, store_postgres_find_bucket (session, ((SatchelStored *) g_ptr_array_index (records, i))->bucket));
}

static void
add_records (SatchelStoreSession *session, PqParams *params, GPtrArray *records)
{
  static const gsize texts[] = {
    G_STRUCT_OFFSET (SatchelStored, units),        G_STRUCT_OFFSET (SatchelStored, deleted_at),
    G_STRUCT_OFFSET (SatchelStored, deleted_with), G_STRUCT_OFFSET (SatchelStored, creator),
    G_STRUCT_OFFSET (SatchelStored, device),       G_STRUCT_OFFSET (SatchelStored, body),
  };

  pq_array_of_texts (params, records, G_STRUCT_OFFSET (SatchelStored, id));
  pq_array_of_texts (params, records, G_STRUCT_OFFSET (SatchelStored, type));
  add_buckets (session, params, records);
  pq_array_of_texts (params, records, G_STRUCT_OFFSET (SatchelStored, account));
  pq_array_of_texts (params, records, G_STRUCT_OFFSET (SatchelStored, target));
  pq_array_of_texts (params, records, G_STRUCT_OFFSET (SatchelStored, owner));
  pq_array_of_texts (params, records, G_STRUCT_OFFSET (SatchelStored, epoch));
  pq_array_of_numbers (params, records, G_STRUCT_OFFSET (SatchelStored, n));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    pq_array_of_texts (params, records, texts[i]);
}

/* ---- Saving --------------------------------------------------------------------------------------- */

static gboolean
insert_records (SatchelStoreSession *session, GPtrArray *records, GError **error)
{
  PqParams params = { .n = 0 };

  if (records->len == 0)
    return TRUE;
  add_records (session, &params, records);

  return pq_run (session,
                 "WITH made AS (INSERT INTO record (" RECORD_COLUMNS ") SELECT " RECORD_COLUMNS " FROM " RECORD_ARRAYS
                 " ORDER BY o RETURNING number, bucket, id) "
                 "INSERT INTO outbox (bucket, id, kind) SELECT bucket, id, 0 FROM made ORDER BY number",
                 &params, error);
}

/* Exit from one bucket and entry into the other, in this order. */
static gboolean
update_records (SatchelStoreSession *session, GPtrArray *records, GError **error)
{
  PqParams params = { .n = 0 };
  g_autoptr (PGresult) result = NULL;

  if (records->len == 0)
    return TRUE;
  add_records (session, &params, records);
  result = pq_query (
      session,
      "WITH found AS (SELECT s.*, r.number, r.bucket AS was FROM " RECORD_ARRAYS " JOIN record r ON r.id = s.id), "
      "changed AS (UPDATE record r SET type = f.type, bucket = f.bucket, account = f.account, target = f.target, "
      "owner = f.owner, epoch = f.epoch, n = f.n, units = f.units, deleted_at = f.deleted_at, "
      "deleted_with = f.deleted_with, creator = f.creator, device = f.device, body = f.body FROM found f "
      "WHERE r.number = f.number RETURNING f.o, f.id, f.type, f.was, f.bucket) "
      "INSERT INTO outbox (bucket, id, kind, type, entered) "
      "SELECT e.bucket, e.id, e.kind, e.type, e.entered FROM ("
      "SELECT o, was AS bucket, id, 1 AS kind, type, bucket AS entered FROM changed WHERE was <> bucket "
      "UNION ALL SELECT o, bucket, id, 0, NULL, NULL FROM changed) e ORDER BY e.o, e.kind DESC",
      &params, error);
  if (result == NULL)
    return FALSE;

  /* They were locked when they were read. */
  g_assert (g_ascii_strtoll (PQcmdTuples (result), NULL, 10) >= records->len);

  return TRUE;
}

static void
collect_buckets (GPtrArray *records, GHashTable *names)
{
  for (guint i = 0; i < records->len; i++)
    g_hash_table_add (names, ((SatchelStored *) g_ptr_array_index (records, i))->bucket);
}

/* Writes what one transaction changed: records, history, groups, conflicts. Places in the feed come later. */
gboolean
store_postgres_save (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  collect_buckets (batch->created, names);
  collect_buckets (batch->changed, names);

  return store_postgres_make_buckets (session, names, error) && insert_records (session, batch->created, error) &&
         update_records (session, batch->changed, error) && store_postgres_save_log (session, batch, error);
}
