/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tables of the PostgreSQL store, as the SQLite store has them: to carry them there and back, for backups too. */

#include "satchel-config.h"

#include "store-postgres-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "store-sqlite.h"

#define ROWS_AT_ONCE "2000"
#define MAX_COLUMNS 16

/* ---- Reading -------------------------------------------------------------------------------------- */

/* `entry` is the feed with places for what has none yet, behind the head. */
static const struct
{
  const char *table;
  const char *from;
} sources[] = {
  { "record",    "(SELECT r.*, e.pos FROM record r JOIN entry e ON e.bucket = r.bucket AND e.id = r.id AND e.kind = 0)" },
  { "departure", "(SELECT * FROM entry WHERE kind <> 0)"                                                                },
  { "head",      "(SELECT one, greatest (pos, (SELECT max (e.pos) FROM entry e)) AS pos, forgotten FROM head)"          },
};

static const char *
find_source (const SatchelStoreTable *table)
{
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    if (strcmp (sources[i].table, table->name) == 0)
      return sources[i].from;

  return table->name;
}

static gboolean
hand_out (const PGresult *result, SatchelStoreRowFunc func, gpointer data, GError **error)
{
  const char *values[MAX_COLUMNS];

  for (int row = 0; row < PQntuples (result); row++)
    {
      for (int i = 0; i < PQnfields (result); i++)
        values[i] = pq_get_text (result, row, i);
      if (!func (values, data, error))
        return FALSE;
    }

  return TRUE;
}

/* A part at a time. Whole tables are read in other ways than what a device asks for. */
static gboolean
fetch_all (SatchelStoreSession *session, SatchelStoreRowFunc func, gpointer data, GError **error)
{
  int n_rows;

  do
    {
      g_autoptr (PGresult) result = PQexec (POSTGRES_SESSION (session)->connection, "FETCH " ROWS_AT_ONCE " FROM rows");

      if (PQresultStatus (result) != PGRES_TUPLES_OK)
        return pq_fail (session, result, error);
      n_rows = PQntuples (result);
      if (!hand_out (result, func, data, error))
        return FALSE;
    }
  while (n_rows > 0);

  return pq_run_plain (session, "CLOSE rows", error);
}

static gboolean
read_table (SatchelStoreSession *session, const SatchelStoreTable *table, SatchelStoreRowFunc func, gpointer data,
            GError **error)
{
  g_autofree char *sql = g_strdup_printf (
      "SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on;"
      "DECLARE rows NO SCROLL CURSOR FOR SELECT %s FROM %s AS source ORDER BY %s",
      table->columns, find_source (table), table->key);

  return pq_run_plain (session, sql, error) && fetch_all (session, func, data, error);
}

gboolean
store_postgres_read_table (SatchelStoreSession *session, const SatchelStoreTable *table, SatchelStoreRowFunc func,
                           gpointer data, GError **error)
{
  g_assert (POSTGRES_SESSION (session)->in_transaction);

  return read_table (session, table, func, data, error);
}

/* ---- Writing -------------------------------------------------------------------------------------- */

#define RECORD_COLUMNS                                                                                             \
  "number, id, type, bucket, account, target, owner, epoch, n, units, deleted_at, deleted_with, creator, device, " \
  "body"

/* What happens with the rows, which are called s. */
static const struct
{
  const char *table;
  const char *action;
} actions[] = {
  { "record",    "WITH placed AS (INSERT INTO feed (bucket, id, pos, kind) SELECT bucket, id, pos, 0 FROM s) "
              "INSERT INTO record (" RECORD_COLUMNS ") SELECT " RECORD_COLUMNS " FROM s" },
  { "departure", "INSERT INTO feed (bucket, pos, kind, type, id, entered) "
                 "SELECT bucket, pos, kind, type, id, entered FROM s"                 },
  { "head",      "UPDATE head h SET pos = s.pos, forgotten = s.forgotten FROM s"                      },
};

static char *
make_action (const SatchelStoreTable *table)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (strcmp (actions[i].table, table->name) == 0)
      return g_strdup (actions[i].action);

  return g_strdup_printf ("INSERT INTO %s (%s) SELECT * FROM s", table->name, table->columns);
}

/* A statement once made stays, for it is prepared by its address. */
static const char *
make_insert (const SatchelStoreTable *table)
{
  g_autofree char *action = make_action (table);
  g_autoptr (GString) sql = g_string_new ("WITH s AS MATERIALIZED (SELECT * FROM unnest (");

  for (guint i = 0; table->kinds[i] != '\0'; i++)
    g_string_append_printf (sql, "%s$%u::%s[]", i == 0 ? "" : ", ", i + 1, table->kinds[i] == 't' ? "text" : "bigint");
  g_string_append_printf (sql, ") AS s (%s)) ", table->columns);
  if (g_str_has_prefix (action, "WITH "))
    g_string_append_printf (sql, ", %s", action + strlen ("WITH "));
  else
    g_string_append (sql, action);

  return g_intern_string (sql->str);
}

/* @rows: (element-type char **): the values begin at the second place. */
gboolean
store_postgres_write_rows (SatchelStoreSession *session, const SatchelStoreTable *table, GPtrArray *rows,
                           GError **error)
{
  PqParams params = { .n = 0 };

  for (guint i = 0; table->kinds[i] != '\0'; i++)
    {
      GString *array = pq_array (&params);

      for (guint j = 0; j < rows->len; j++)
        pq_array_add_text (array, ((char **) g_ptr_array_index (rows, j))[i + 1]);
    }

  return pq_run (session, make_insert (table), &params, error);
}

/* Numbers go on behind those that came. */
gboolean
store_postgres_end_rows (SatchelStoreSession *session, GError **error)
{
  return pq_run_plain (
      session,
      "SELECT setval (pg_get_serial_sequence ('epoch', 'number'), coalesce (max (number), 0) + 1, false) FROM epoch;"
      "SELECT setval (pg_get_serial_sequence ('bucket', 'number'), coalesce (max (number), 0) + 1, false) FROM bucket;"
      "SELECT setval (pg_get_serial_sequence ('record', 'number'), coalesce (max (number), 0) + 1, false) FROM record;"
      "SELECT setval (pg_get_serial_sequence ('history', 'number'), coalesce (max (number), 0) + 1, false) FROM "
      "history",
      error);
}

/* ---- Setting aside -------------------------------------------------------------------------------- */

gboolean
store_postgres_set_aside (SatchelStoreSession *session, const char *name, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);
  g_autofree char *quoted = NULL;
  g_autofree char *sql = NULL;
  char *identifier;

  g_assert (self->in_transaction && self->access == SATCHEL_STORE_ALONE);

  identifier = PQescapeIdentifier (self->connection, name, strlen (name));
  quoted = g_strdup (identifier);
  PQfreemem (identifier);
  sql = g_strdup_printf ("ALTER SCHEMA satchel RENAME TO %s", quoted);

  return pq_run_plain (session, sql, error) && store_postgres_make_schema (self->connection, error);
}

gboolean
store_postgres_discard (SatchelStoreSession *session, GError **error)
{
  return pq_run_plain (session, "DROP SCHEMA satchel CASCADE", error);
}

/* ---- Backups -------------------------------------------------------------------------------------- */

static void
remove_file (const char *path)
{
  static const char *const ends[] = { "", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *file = g_strconcat (path, ends[i], NULL);

      g_unlink (file);
    }
}

static gboolean
copy_in_transactions (SatchelStoreSession *from, SatchelStoreSession *to, GError **error)
{
  gboolean done = satchel_store_begin (from, error);

  if (done && (done = satchel_store_begin (to, error)))
    {
      done = satchel_store_copy (from, to, error) && satchel_store_commit (to, error);
      if (!done)
        satchel_store_rollback (to);
    }
  satchel_store_rollback (from);

  return done;
}

/* By way of a store of SQLite's beside it, of which the file is a copy: so it has no log, and its name only when it is
 * whole. */
static gboolean
back_up_by (SatchelStoreSession *reader, const char *by, const char *path, GError **error)
{
  g_autoptr (SatchelStore) store = satchel_sqlite_store_open (by, SATCHEL_STORE_CREATE, error);
  g_autoptr (SatchelStoreSession) session = store != NULL
                                                ? satchel_store_open_session (store, SATCHEL_STORE_WRITE, error)
                                                : NULL;

  return session != NULL && copy_in_transactions (reader, session, error) &&
         satchel_store_backup (session, path, error);
}

gboolean
store_postgres_backup (SatchelStoreSession *session, const char *path, GError **error)
{
  g_autofree char *by = g_strdup_printf ("%s.%08x.copying", path, g_random_int ());
  g_autoptr (SatchelStoreSession) reader = NULL;
  gboolean done;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_EXISTS,
                   _ ("There is a file at “%s” already. Nothing was changed."), path);
      return FALSE;
    }
  /* A snapshot of its own. */
  reader = satchel_store_open_session (session->store, SATCHEL_STORE_READ, error);
  done = reader != NULL && back_up_by (reader, by, path, error);
  remove_file (by);

  return done;
}
