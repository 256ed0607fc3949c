/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the tables come to be and how they grow: numbered migrations for what is the same whatever the vocabulary says,
 * then tables, columns and indexes for types and fields that the file does not have yet. A released migration never
 * changes. */

#include "satchel-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"
#include "replica-grams.h"
#include "replica-rows.h"
#include "replica-search.h"

/* ---- Numbered migrations -------------------------------------------------------------------------- */

static gboolean
migrate_to_1 (ReplicaConnection *connection, GError **error)
{
  return replica_run_script (
      connection,
      "CREATE TABLE _meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
                             /* Numbers are never used again: connections remember them. */
      "CREATE TABLE _bucket (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);"
      /* Groups that are not settled, and what they do to which record. What has a cause is an
                              * effect of its group on another record; it is not sent. */
      "CREATE TABLE _outbox (n INTEGER PRIMARY KEY, strict INTEGER NOT NULL, at TEXT NOT NULL,"
      " hash TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0);"
      "CREATE TABLE _mutation (n INTEGER NOT NULL, position INTEGER NOT NULL, id TEXT NOT NULL,"
      " type TEXT NOT NULL, cause TEXT, body TEXT NOT NULL, PRIMARY KEY (n, position))"
      " WITHOUT ROWID;"
      "CREATE INDEX _mutation_id ON _mutation (id);"
      /* The server's version of each record that shows unsettled work. */
      "CREATE TABLE _base (id TEXT PRIMARY KEY, type TEXT NOT NULL, bucket TEXT,"
      " body TEXT NOT NULL) WITHOUT ROWID;"
      "CREATE TABLE _tray (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, n INTEGER,"
      " at TEXT, strict INTEGER NOT NULL, code TEXT, reason TEXT, body TEXT NOT NULL);"
      "CREATE TABLE _outcome (n INTEGER PRIMARY KEY, result TEXT NOT NULL, code TEXT,"
      " reason TEXT, body TEXT);"
      /* Pages that wait for the one at the head. */
      "CREATE TABLE _staged (position INTEGER PRIMARY KEY, kind INTEGER NOT NULL, type TEXT,"
      " id TEXT, from_bucket TEXT, to_bucket TEXT, body TEXT);"
      /* Records that left their bucket while more is arriving, and those that a server which
                              * sends everything anew has not sent yet. */
      "CREATE TABLE _leaving (id TEXT PRIMARY KEY) WITHOUT ROWID;"
      "CREATE TABLE _stale (key INTEGER PRIMARY KEY, id TEXT NOT NULL);"
      /* Records of types that this version does not know. */
      "CREATE TABLE _raw (id TEXT PRIMARY KEY, type TEXT NOT NULL, bucket TEXT,"
      " body TEXT NOT NULL) WITHOUT ROWID;"
      "CREATE VIRTUAL TABLE _search USING fts5 (title, text, content = '',"
      " contentless_delete = 1, tokenize = '" REPLICA_GRAMS "', detail = full);"
                             /* It is put together while nobody waits. */
      "INSERT INTO _search (_search, rank) VALUES ('automerge', 0);"
      "INSERT INTO _search (_search, rank) VALUES ('crisismerge', 512);"
      "INSERT INTO _search (_search, rank) VALUES ('hashsize', 4194304);"
      /* Records whose place in the search is not made yet, or stale. */
      "CREATE TABLE _unindexed (key INTEGER PRIMARY KEY, type INTEGER NOT NULL,"
      " fresh INTEGER NOT NULL);"
      "PRAGMA application_id = 1400136052;",
      error);
}

/* What was settled, for servers that are brought back from a backup. */
static gboolean
migrate_to_2 (ReplicaConnection *connection, GError **error)
{
  return replica_run_script (connection,
                             "CREATE TABLE _journal (n INTEGER PRIMARY KEY, strict INTEGER NOT NULL, at TEXT NOT NULL,"
                             " hash TEXT NOT NULL, settled_at TEXT NOT NULL, body TEXT NOT NULL, result TEXT NOT NULL,"
                             " code TEXT, reason TEXT, outcome TEXT);"
                             "CREATE INDEX _journal_settled ON _journal (settled_at);",
                             error);
}

typedef gboolean (*Migration) (ReplicaConnection *connection, GError **error);

static const Migration migrations[REPLICA_USER_VERSION] = {
  migrate_to_1,
  migrate_to_2,
};

static gboolean
run_migrations (ReplicaConnection *connection, gint64 version, GError **error)
{
  g_autofree char *set_version = g_strdup_printf ("PRAGMA user_version = %d", REPLICA_USER_VERSION);

  if (version == REPLICA_USER_VERSION)
    return TRUE;

  for (gint64 i = version; i < REPLICA_USER_VERSION; i++)
    if (!migrations[i](connection, error))
      return FALSE;

  return replica_run_script (connection, set_version, error);
}

/* ---- The vocabulary's tables ---------------------------------------------------------------------- */

static const char *
get_column_type (const SatchelField *field)
{
  switch (field->kind)
    {
    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_MONEY:
      return "INTEGER";
    case SATCHEL_KIND_NUMBER:
      return "REAL";

    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
    case SATCHEL_KIND_SET:
    case SATCHEL_KIND_JSON:
    default:
      return "TEXT";
    }
}

static char *
make_create_table (const ReplicaTable *table)
{
  GString *sql = g_string_new (NULL);

  g_string_append_printf (sql,
                          "CREATE TABLE %s (_key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, rev TEXT,"
                          " _bucket INTEGER, created_at TEXT, created_by TEXT, updated_at TEXT, updated_by TEXT,"
                          " deleted_at TEXT, deleted_with TEXT, _extra TEXT, _pending TEXT, _order TEXT NOT NULL",
                          table->quoted);
  for (guint i = 0; i < satchel_type_get_n_fields (table->type); i++)
    {
      const SatchelField *field = satchel_type_get_field (table->type, i);

      g_string_append_printf (sql, ", \"%s\" %s", field->name, get_column_type (field));
    }
  g_string_append (sql, ")");

  return g_string_free_and_steal (sql);
}

static gboolean
create_order_index (ReplicaConnection *connection, const ReplicaTable *table, GError **error)
{
  g_autofree char *name = replica_table_dup_index_name (table, NULL);
  g_autofree char *sql = g_strdup_printf ("CREATE INDEX IF NOT EXISTS %s ON %s (deleted_at, _order, id)", name,
                                          table->quoted);

  return replica_run_script (connection, sql, error);
}

static gboolean
create_field_index (ReplicaConnection *connection, const ReplicaTable *table, const char *field, GError **error)
{
  g_autofree char *name = replica_table_dup_index_name (table, field);
  g_autofree char *sql = g_strdup_printf ("CREATE INDEX IF NOT EXISTS %s ON %s (\"%s\", deleted_at, _order, id)"
                                          " WHERE \"%s\" IS NOT NULL",
                                          name, table->quoted, field, field);

  return replica_run_script (connection, sql, error);
}

static gboolean
create_indexes_of (ReplicaConnection *connection, const ReplicaTable *table, GError **error)
{
  if (!create_order_index (connection, table, error))
    return FALSE;

  for (guint i = 0; i < satchel_type_get_n_fields (table->type); i++)
    {
      const SatchelField *field = satchel_type_get_field (table->type, i);

      if (replica_field_is_indexed (field) && !create_field_index (connection, table, field->name, error))
        return FALSE;
    }

  return TRUE;
}

/* A new replica has none: so many rows arrive at first that the indexes are made at once, and in a third of the time,
 * when they are there. Until then lists are sorted as they are read. */
gboolean
replica_schema_has_indexes (ReplicaConnection *connection)
{
  g_autofree char *indexes = NULL;

  return replica_meta_get (connection, "indexes", &indexes, NULL) && indexes != NULL;
}

gboolean
replica_schema_create_indexes (ReplicaTransaction *tx, GError **error)
{
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (tx->schema->tables[i] != NULL && !create_indexes_of (tx->connection, tx->schema->tables[i], error))
      return FALSE;

  return replica_meta_set (tx->connection, "indexes", "made", error);
}

/* The columns that the file has; empty when it has no such table. */
static GHashTable *
list_columns (ReplicaConnection *connection, const ReplicaTable *table, GError **error)
{
  g_autoptr (GHashTable) columns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (connection, error, "SELECT name FROM pragma_table_info (?)", "s",
                             satchel_type_get_name (table->type));
  if (statement == NULL)
    return NULL;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    g_hash_table_add (columns, replica_column_dup_text (statement, 0));

  return step == REPLICA_DONE ? g_steal_pointer (&columns) : NULL;
}

static gboolean
add_column (ReplicaConnection *connection, const ReplicaTable *table, const SatchelField *field, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("ALTER TABLE %s ADD COLUMN \"%s\" %s", table->quoted, field->name,
                                          get_column_type (field));

  return replica_run_script (connection, sql, error);
}

static gboolean
add_missing_columns (ReplicaConnection *connection, const ReplicaTable *table, GHashTable *columns, gboolean *grown,
                     GError **error)
{
  for (guint i = 0; i < satchel_type_get_n_fields (table->type); i++)
    {
      const SatchelField *field = satchel_type_get_field (table->type, i);

      if (g_hash_table_contains (columns, field->name))
        continue;
      if (!add_column (connection, table, field, error))
        return FALSE;
      *grown = TRUE;
    }

  return TRUE;
}

static gboolean
prepare_table (ReplicaTransaction *tx, const ReplicaTable *table, GError **error)
{
  ReplicaConnection *connection = tx->connection;
  g_autoptr (GHashTable) columns = list_columns (connection, table, error);
  g_autofree char *create = NULL;
  gboolean grown = FALSE;

  if (columns == NULL)
    return FALSE;

  if (g_hash_table_size (columns) == 0)
    {
      create = make_create_table (table);
      return replica_run_script (connection, create, error);
    }

  if (!add_missing_columns (connection, table, columns, &grown, error))
    return FALSE;

  return !grown || replica_rows_adopt_extra (tx, table, error);
}

/* ---- Files of newer versions ---------------------------------------------------------------------- */

static gboolean
report_newer (GError **error)
{
  g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NEWER,
                       _ ("Your data was last used with a newer version of Satchel. Nothing was changed. Please update "
                          "Satchel on this device."));

  return FALSE;
}

static gboolean
check_columns (const ReplicaSchema *self, ReplicaConnection *connection, const ReplicaTable *table, GError **error)
{
  g_autoptr (GHashTable) columns = list_columns (connection, table, error);
  GHashTableIter iter;
  gpointer column;

  if (columns == NULL)
    return FALSE;

  g_hash_table_iter_init (&iter, columns);
  while (g_hash_table_iter_next (&iter, &column, NULL))
    if (!replica_table_has_column (table, column))
      return report_newer (error);

  return TRUE;
}

/* A table or a column that the vocabulary does not have was made by a newer one. */
static gboolean
check_tables (const ReplicaSchema *self, ReplicaConnection *connection, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (connection, error,
                             "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'"
                             " AND name NOT LIKE 'sqlite%'",
                             "");
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      const ReplicaTable *table = replica_schema_find (self, replica_column_text (statement, 0));

      if (table == NULL)
        return report_newer (error);
      if (!check_columns (self, connection, table, error))
        return FALSE;
    }

  return step == REPLICA_DONE;
}

/* ---- The search ----------------------------------------------------------------------------------- */

static gboolean
search_is_current (ReplicaConnection *connection, gboolean *current, GError **error)
{
  g_autofree char *version = NULL;

  if (!replica_meta_get (connection, "search", &version, error))
    return FALSE;

  *current = g_strcmp0 (version, REPLICA_SEARCH_VERSION) == 0;

  return TRUE;
}

static gboolean
prepare_search (ReplicaTransaction *tx, GError **error)
{
  gboolean current;

  return search_is_current (tx->connection, &current, error) && (current || replica_search_begin_anew (tx, error));
}

/* ---- Doors ---------------------------------------------------------------------------------------- */

gboolean
replica_schema_check (const ReplicaSchema *self, ReplicaConnection *connection, gboolean *ready, GError **error)
{
  g_autofree char *fingerprint = NULL;
  gboolean is_known, is_searchable;
  gint64 version;

  *ready = FALSE;
  if (!replica_query_integer (connection, "PRAGMA user_version", &version, error))
    return FALSE;
  if (version > REPLICA_USER_VERSION)
    return report_newer (error);
  if (version < REPLICA_USER_VERSION)
    return TRUE;

  if (!replica_meta_get (connection, "vocabulary", &fingerprint, error) ||
      !search_is_current (connection, &is_searchable, error))
    return FALSE;

  is_known = g_strcmp0 (fingerprint, satchel_vocabulary_get_fingerprint (self->vocabulary)) == 0;
  *ready = is_known && is_searchable;

  return is_known || check_tables (self, connection, error);
}

gboolean
replica_schema_prepare (ReplicaTransaction *tx, GError **error)
{
  const ReplicaSchema *self = tx->schema;
  ReplicaConnection *connection = tx->connection;
  gint64 version;

  if (!replica_query_integer (connection, "PRAGMA user_version", &version, error) ||
      !run_migrations (connection, version, error))
    return FALSE;

  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (self->tables[i] != NULL && !prepare_table (tx, self->tables[i], error))
      return FALSE;

  if (replica_schema_has_indexes (connection) && !replica_schema_create_indexes (tx, error))
    return FALSE;

  return replica_rows_adopt_raw (tx, error) && prepare_search (tx, error) &&
         replica_meta_set (connection, "vocabulary", satchel_vocabulary_get_fingerprint (self->vocabulary), error);
}
