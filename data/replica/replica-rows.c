/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Records as rows: binding, reading, finding; and taking in what an older version could only keep. */

#include "satchel-config.h"

#include "replica-rows.h"

#include <string.h>

#include "records/satchel-text.h"
#include "replica-changes.h"
#include "replica-pending.h"
#include "replica-wire.h"

#define ORDER_MAX_BYTES 120

void
replica_row_free (ReplicaRow *self)
{
  g_clear_pointer (&self->record, satchel_record_unref);
  g_free (self->pending);
  g_free (self);
}

/* ---- Buckets -------------------------------------------------------------------------------------- */

static gint64 *
key_new (gint64 number)
{
  return g_memdup2 (&number, sizeof number);
}

static void
remember_bucket (ReplicaConnection *connection, const char *name, gint64 number)
{
  g_hash_table_replace (replica_connection_get_bucket_numbers (connection), g_strdup (name), key_new (number));
  g_hash_table_replace (replica_connection_get_bucket_names (connection), key_new (number), g_strdup (name));
}

static gboolean
find_bucket (ReplicaConnection *connection, const char *name, gint64 *number, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (connection, error, "SELECT number FROM _bucket WHERE name = ?", "s", name);
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  *number = step == REPLICA_ROW ? replica_column_integer (statement, 0) : 0;

  return step != REPLICA_FAILED;
}

gboolean
replica_bucket_intern (ReplicaConnection *connection, const char *name, gint64 *number, GError **error)
{
  const gint64 *known;

  *number = 0;
  if (name == NULL)
    return TRUE;

  known = g_hash_table_lookup (replica_connection_get_bucket_numbers (connection), name);
  if (known != NULL)
    {
      *number = *known;
      return TRUE;
    }

  if (!replica_run (connection, error, "INSERT OR IGNORE INTO _bucket (name) VALUES (?)", "s", name) ||
      !find_bucket (connection, name, number, error))
    return FALSE;

  remember_bucket (connection, name, *number);

  return TRUE;
}

const char *
replica_bucket_get_name (ReplicaConnection *connection, gint64 number)
{
  GHashTable *names = replica_connection_get_bucket_names (connection);
  g_autoptr (ReplicaStatement) statement = NULL;
  const char *name;

  if (number == 0)
    return NULL;

  name = g_hash_table_lookup (names, &number);
  if (name != NULL)
    return name;

  statement = replica_query (connection, NULL, "SELECT name FROM _bucket WHERE number = ?", "i", number);
  if (statement != NULL && replica_step (statement, NULL) == REPLICA_ROW)
    remember_bucket (connection, replica_column_text (statement, 0), number);

  return g_hash_table_lookup (names, &number);
}

/* ---- Reading -------------------------------------------------------------------------------------- */

static void
read_value (ReplicaStatement *statement, int column, SatchelValue *value)
{
  switch (sqlite3_column_type (statement, column))
    {
    case SQLITE_INTEGER:
      value->storage = SATCHEL_STORAGE_INTEGER;
      value->integer = sqlite3_column_int64 (statement, column);
      break;
    case SQLITE_FLOAT:
      value->storage = SATCHEL_STORAGE_REAL;
      value->real = sqlite3_column_double (statement, column);
      break;
    case SQLITE_TEXT:
      value->storage = SATCHEL_STORAGE_TEXT;
      value->text = replica_column_dup_text (statement, column);
      break;
    default:
      break;
    }
}

static void
read_bookkeeping (ReplicaConnection *connection, ReplicaStatement *statement, SatchelRecord *record)
{
  satchel_record_set_rev (record, replica_column_text (statement, REPLICA_COLUMN_REV));
  satchel_record_set_bucket (
      record, replica_bucket_get_name (connection, replica_column_integer (statement, REPLICA_COLUMN_BUCKET)));
  satchel_record_set_created (record, replica_column_text (statement, REPLICA_COLUMN_CREATED_AT),
                              replica_column_text (statement, REPLICA_COLUMN_CREATED_BY));
  satchel_record_set_updated (record, replica_column_text (statement, REPLICA_COLUMN_UPDATED_AT),
                              replica_column_text (statement, REPLICA_COLUMN_UPDATED_BY));
  satchel_record_set_deleted_at (record, replica_column_text (statement, REPLICA_COLUMN_DELETED_AT));
  satchel_record_set_deleted_with (record, replica_column_text (statement, REPLICA_COLUMN_DELETED_WITH));
  satchel_record_set_extra (record, replica_column_text (statement, REPLICA_COLUMN_EXTRA));
}

/**
 * replica_rows_read:
 * @connection: a connection
 * @table: the table that the row is of
 * @statement: a statement whose columns are those of @table, standing on a row
 * @error: when memory cannot hold it
 *
 * Returns: (transfer full): the record
 */
SatchelRecord *
replica_rows_read (ReplicaConnection *connection, const ReplicaTable *table, ReplicaStatement *statement,
                   GError **error)
{
  const char *id = replica_column_text (statement, REPLICA_COLUMN_ID);
  g_autoptr (SatchelRecord) record = NULL;

  if (id == NULL)
    {
      replica_set_error_code (SQLITE_CORRUPT, NULL, error);
      return NULL;
    }

  record = satchel_record_new (table->type, id);
  read_bookkeeping (connection, statement, record);
  replica_pending_apply (replica_column_text (statement, REPLICA_COLUMN_PENDING), record);

  for (guint i = 0; i < satchel_type_get_n_fields (table->type); i++)
    {
      SatchelValue value = SATCHEL_VALUE_INIT;

      read_value (statement, REPLICA_N_COLUMNS + (int) i, &value);
      satchel_record_take_value (record, i, &value);
    }

  return g_steal_pointer (&record);
}

static ReplicaRow *
read_row (ReplicaConnection *connection, const ReplicaTable *table, ReplicaStatement *statement, GError **error)
{
  g_autoptr (SatchelRecord) record = replica_rows_read (connection, table, statement, error);
  ReplicaRow *row;

  if (record == NULL)
    return NULL;

  row = g_new0 (ReplicaRow, 1);
  row->key = replica_column_integer (statement, REPLICA_COLUMN_KEY);
  row->pending = replica_column_dup_text (statement, REPLICA_COLUMN_PENDING);
  row->record = g_steal_pointer (&record);

  return row;
}

gboolean
replica_rows_find_in (ReplicaConnection *connection, const ReplicaTable *table, const char *id, ReplicaRow **row,
                      GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, table->select_by_id, "s", id);
  ReplicaStep step;

  *row = NULL;
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  if (step == REPLICA_ROW)
    *row = read_row (connection, table, statement, error);

  return step == REPLICA_DONE || *row != NULL;
}

/* %NULL without an error: there is none. */
gboolean
replica_rows_find_by_key (ReplicaConnection *connection, const ReplicaTable *table, gint64 key, ReplicaRow **row,
                          GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, table->select_by_key, "i", key);
  ReplicaStep step;

  *row = NULL;
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  if (step == REPLICA_ROW)
    *row = read_row (connection, table, statement, error);

  return step == REPLICA_DONE || *row != NULL;
}

gboolean
replica_rows_locate (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id,
                     const ReplicaTable **table, gint64 *key, GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, schema->locate, "s", id);
  ReplicaStep step;

  *table = NULL;
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  if (step == REPLICA_ROW)
    {
      *table = schema->tables[replica_column_integer (statement, 0)];
      *key = replica_column_integer (statement, 1);
    }

  return step != REPLICA_FAILED;
}

gboolean
replica_rows_find_key (ReplicaConnection *connection, const ReplicaTable *table, const char *id, gint64 *key,
                       GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, table->select_key, "s", id);
  ReplicaStep step;

  *key = 0;
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  if (step == REPLICA_ROW)
    *key = replica_column_integer (statement, 0);

  return step != REPLICA_FAILED;
}

gboolean
replica_rows_find (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id, ReplicaRow **row,
                   GError **error)
{
  const ReplicaTable *table;
  gint64 key;

  *row = NULL;
  if (!replica_rows_locate (connection, schema, id, &table, &key, error))
    return FALSE;

  return table == NULL || replica_rows_find_in (connection, table, id, row, error);
}

/* ---- Writing -------------------------------------------------------------------------------------- */

static char *
cut (char *text, gsize max_bytes)
{
  if (strlen (text) > max_bytes)
    *g_utf8_find_prev_char (text, text + max_bytes + 1) = '\0';

  return text;
}

static const char *
get_order_time (const ReplicaTable *table, const SatchelRecord *record)
{
  const SatchelValue *value;

  if (table->time_field < 0)
    return satchel_record_get_created_at (record);

  value = satchel_record_get_value (record, (guint) table->time_field);

  return value->storage == SATCHEL_STORAGE_TEXT ? value->text : NULL;
}

/**
 * replica_table_dup_order:
 * @table: a table
 * @record: a record of it
 *
 * Returns: (transfer full): the text whose byte order is the table's own order
 */
char *
replica_table_dup_order (const ReplicaTable *table, const SatchelRecord *record)
{
  g_autofree char *title = NULL;
  const char *time;

  if (!table->by_time)
    {
      title = satchel_record_dup_title (record);
      return cut (satchel_text_sort_key (title), ORDER_MAX_BYTES);
    }

  time = get_order_time (table, record);

  return g_strdup (time != NULL ? time : "");
}

static void
bind_text (ReplicaStatement *statement, int column, const char *text)
{
  sqlite3_bind_text (statement, column + 1, text, -1, SQLITE_STATIC);
}

static void
bind_value (ReplicaStatement *statement, int column, const SatchelValue *value)
{
  switch (value->storage)
    {
    case SATCHEL_STORAGE_INTEGER:
      sqlite3_bind_int64 (statement, column + 1, value->integer);
      break;
    case SATCHEL_STORAGE_REAL:
      sqlite3_bind_double (statement, column + 1, value->real);
      break;
    case SATCHEL_STORAGE_TEXT:
      bind_text (statement, column, value->text);
      break;
    case SATCHEL_STORAGE_NULL:
    default:
      break;
    }
}

static gboolean
bind_record (ReplicaConnection *connection, ReplicaStatement *statement, gint64 key, const SatchelRecord *record,
             const char *order, const char *pending, GError **error)
{
  guint n_fields = satchel_type_get_n_fields (satchel_record_get_record_type (record));
  gint64 bucket;

  if (!replica_bucket_intern (connection, satchel_record_get_bucket (record), &bucket, error))
    return FALSE;

  sqlite3_bind_int64 (statement, REPLICA_COLUMN_KEY + 1, key);
  bind_text (statement, REPLICA_COLUMN_ID, satchel_record_get_id (record));
  bind_text (statement, REPLICA_COLUMN_REV, satchel_record_get_rev (record));
  if (bucket != 0)
    sqlite3_bind_int64 (statement, REPLICA_COLUMN_BUCKET + 1, bucket);
  bind_text (statement, REPLICA_COLUMN_CREATED_AT, satchel_record_get_created_at (record));
  bind_text (statement, REPLICA_COLUMN_CREATED_BY, satchel_record_get_created_by (record));
  bind_text (statement, REPLICA_COLUMN_UPDATED_AT, satchel_record_get_updated_at (record));
  bind_text (statement, REPLICA_COLUMN_UPDATED_BY, satchel_record_get_updated_by (record));
  bind_text (statement, REPLICA_COLUMN_DELETED_AT, satchel_record_get_deleted_at (record));
  bind_text (statement, REPLICA_COLUMN_DELETED_WITH, satchel_record_get_deleted_with (record));
  bind_text (statement, REPLICA_COLUMN_EXTRA, satchel_record_get_extra (record));
  bind_text (statement, REPLICA_COLUMN_PENDING, pending);
  for (guint i = 0; i < n_fields; i++)
    bind_value (statement, REPLICA_N_COLUMNS + (int) i, satchel_record_get_value (record, i));
  bind_text (statement, REPLICA_N_COLUMNS + (int) n_fields, order);

  return TRUE;
}

/* Keys grow over all tables, so that a higher one was made later. */
static gboolean
next_key (ReplicaTransaction *tx, gint64 *key, GError **error)
{
  gint64 last;

  if (tx->next_key == 0)
    {
      if (!replica_query_integer (tx->connection, tx->schema->last_key, &last, error))
        return FALSE;
      tx->next_key = last + 1;
    }

  *key = tx->next_key;

  return TRUE;
}

static gboolean
mark_unindexed (ReplicaTransaction *tx, const ReplicaTable *table, gint64 key, gboolean fresh, GError **error)
{
  if (!table->is_searchable)
    return TRUE;

  return replica_run (tx->connection, error, "INSERT OR IGNORE INTO _unindexed (key, type, fresh) VALUES (?, ?, ?)",
                      "iii", key, (gint64) table->number, (gint64) fresh);
}

/* Whether what the search looks at is in the row as it is in @record. */
static gboolean
is_found_alike (ReplicaTransaction *tx, const ReplicaTable *table, gint64 key, const SatchelRecord *record)
{
  g_autoptr (ReplicaStatement) statement = replica_query (tx->connection, NULL, table->select_searchable, "i", key);
  int column = 0;

  if (statement == NULL || replica_step (statement, NULL) != REPLICA_ROW)
    return FALSE;

  for (guint i = 0; i < satchel_type_get_n_fields (table->type); i++)
    {
      const SatchelValue *value = satchel_record_get_value (record, i);

      if (!replica_field_is_searchable (satchel_type_get_field (table->type, i)))
        continue;
      if (g_strcmp0 (value->storage == SATCHEL_STORAGE_TEXT ? value->text : NULL,
                     replica_column_text (statement, column++)) != 0)
        return FALSE;
    }

  return TRUE;
}

static gboolean
write_record (ReplicaTransaction *tx, const char *sql, gint64 key, const SatchelRecord *record, const char *order,
              const char *pending, GError **error)
{
  const ReplicaTable *table = replica_schema_get (tx->schema, satchel_record_get_record_type (record));
  g_autofree char *own_order = NULL;
  ReplicaStatement *statement;

  if (order == NULL)
    order = own_order = replica_table_dup_order (table, record);

  statement = replica_prepare (tx->connection, sql, error);
  if (statement == NULL)
    return FALSE;
  if (!bind_record (tx->connection, statement, key, record, order, pending, error))
    {
      replica_statement_release (statement);
      return FALSE;
    }

  return replica_finish (statement, error);
}

gboolean
replica_rows_insert (ReplicaTransaction *tx, SatchelRecord *record, const char *order, const char *pending,
                     gboolean *inserted, GError **error)
{
  const ReplicaTable *table = replica_schema_get (tx->schema, satchel_record_get_record_type (record));
  gint64 key;

  if (!next_key (tx, &key, error) || !write_record (tx, table->insert, key, record, order, pending, error))
    return FALSE;

  *inserted = sqlite3_changes (replica_connection_get_db (tx->connection)) > 0;
  if (!*inserted)
    return TRUE;

  tx->next_key++;
  replica_changes_add (tx->changes, table->number, satchel_record_get_id (record));

  return mark_unindexed (tx, table, key, TRUE, error);
}

gboolean
replica_rows_update (ReplicaTransaction *tx, gint64 key, SatchelRecord *record, const char *order, const char *pending,
                     GError **error)
{
  const ReplicaTable *table = replica_schema_get (tx->schema, satchel_record_get_record_type (record));
  gboolean is_stale = table->is_searchable && !is_found_alike (tx, table, key, record);

  replica_changes_add (tx->changes, table->number, satchel_record_get_id (record));

  return write_record (tx, table->update, key, record, order, pending, error) &&
         (!is_stale || mark_unindexed (tx, table, key, FALSE, error));
}

gboolean
replica_rows_delete (ReplicaTransaction *tx, const ReplicaTable *table, gint64 key, const char *id, GError **error)
{
  replica_changes_add (tx->changes, table->number, id);

  return replica_run (tx->connection, error, table->delete, "i", key) && mark_unindexed (tx, table, key, FALSE, error);
}

gboolean
replica_rows_put (ReplicaTransaction *tx, SatchelRecord *record, const char *order, const char *pending, GError **error)
{
  const ReplicaTable *table = replica_schema_get (tx->schema, satchel_record_get_record_type (record));
  gboolean inserted;
  gint64 key;

  if (!replica_rows_find_key (tx->connection, table, satchel_record_get_id (record), &key, error))
    return FALSE;

  return key != 0 ? replica_rows_update (tx, key, record, order, pending, error)
                  : replica_rows_insert (tx, record, order, pending, &inserted, error);
}

/* ---- What an older version could only keep -------------------------------------------------------- */

static gboolean
list_keys_with_extra (ReplicaConnection *connection, const ReplicaTable *table, GArray *keys, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("SELECT _key FROM %s WHERE _extra IS NOT NULL", table->quoted);
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, sql, "");
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      gint64 key = replica_column_integer (statement, 0);

      g_array_append_val (keys, key);
    }

  return step == REPLICA_DONE;
}

static gboolean
adopt_row (ReplicaTransaction *tx, const ReplicaTable *table, gint64 key, GError **error)
{
  g_autoptr (ReplicaRow) row = NULL;

  if (!replica_rows_find_by_key (tx->connection, table, key, &row, error))
    return FALSE;

  return row == NULL || !replica_wire_adopt_extra (row->record) ||
         replica_rows_update (tx, key, row->record, NULL, row->pending, error);
}

/**
 * replica_rows_adopt_extra:
 * @tx: a transaction
 * @table: a table that has gained columns
 * @error: what went wrong with the file
 *
 * Moves values of fields that are known now from the extra fields into their
 * own columns; one that does not fit stays where it is.
 */
gboolean
replica_rows_adopt_extra (ReplicaTransaction *tx, const ReplicaTable *table, GError **error)
{
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (!list_keys_with_extra (tx->connection, table, keys, error))
    return FALSE;

  for (guint i = 0; i < keys->len; i++)
    if (!adopt_row (tx, table, g_array_index (keys, gint64, i), error))
      return FALSE;

  return TRUE;
}

static gboolean
adopt_raw_record (ReplicaTransaction *tx, const char *body, GError **error)
{
  g_autoptr (SatchelRecord) record = replica_wire_read (tx->schema, body, strlen (body), NULL);

  if (record == NULL)
    return TRUE;

  return replica_rows_put (tx, record, NULL, NULL, error) &&
         replica_run (tx->connection, error, "DELETE FROM _raw WHERE id = ?", "s", satchel_record_get_id (record));
}

static gboolean
list_raw (ReplicaTransaction *tx, GPtrArray *bodies, GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (tx->connection, error, "SELECT type, body FROM _raw", "");
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    if (replica_schema_find (tx->schema, replica_column_text (statement, 0)) != NULL)
      g_ptr_array_add (bodies, replica_column_dup_text (statement, 1));

  return step == REPLICA_DONE;
}

/**
 * replica_rows_adopt_raw:
 * @tx: a transaction
 * @error: what went wrong with the file
 *
 * Moves records of types that are known now into their tables.
 */
gboolean
replica_rows_adopt_raw (ReplicaTransaction *tx, GError **error)
{
  g_autoptr (GPtrArray) bodies = g_ptr_array_new_with_free_func (g_free);

  if (!list_raw (tx, bodies, error))
    return FALSE;

  for (guint i = 0; i < bodies->len; i++)
    if (!adopt_raw_record (tx, g_ptr_array_index (bodies, i), error))
      return FALSE;

  return TRUE;
}
