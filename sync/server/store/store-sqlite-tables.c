/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tables of the SQLite store as they are, to carry them to another store and back. */

#include "satchel-config.h"

#include "store-sqlite-private.h"

#include <string.h>

#define MAX_COLUMNS 16

/* The SQL is made of the names in SatchelStoreTable, and of nothing that came from outside. */
static sqlite3_stmt *
prepare (SatchelStoreSession *session, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (SQLITE_SESSION (session)->database, sql, -1, &statement, NULL) == SQLITE_OK)
    return statement;
  store_sql_fail (SQLITE_SESSION (session)->database, error);

  return NULL;
}

static gboolean
read_rows (SatchelStoreSession *session, sqlite3_stmt *statement, SatchelStoreRowFunc func, gpointer data,
           GError **error)
{
  const char *values[MAX_COLUMNS];
  gboolean row, done;

  while ((done = store_sql_step (session, statement, &row, error)) && row)
    {
      for (int i = 0; i < sqlite3_column_count (statement); i++)
        values[i] = store_sql_get_text (statement, i);
      if (!func (values, data, error))
        return FALSE;
    }

  return done;
}

gboolean
store_sqlite_read_table (SatchelStoreSession *session, const SatchelStoreTable *table, SatchelStoreRowFunc func,
                         gpointer data, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("SELECT %s FROM %s ORDER BY %s", table->columns, table->name, table->key);
  sqlite3_stmt *statement = prepare (session, sql, error);
  gboolean done = statement != NULL && read_rows (session, statement, func, data, error);

  sqlite3_finalize (statement);

  return done;
}

static char *
make_insert (const SatchelStoreTable *table)
{
  GString *sql = g_string_new (NULL);

  g_string_printf (sql, "INSERT OR REPLACE INTO %s (%s) VALUES (", table->name, table->columns);
  for (guint i = 0; i < strlen (table->kinds); i++)
    g_string_append (sql, i == 0 ? "?" : ", ?");
  g_string_append_c (sql, ')');

  return g_string_free_and_steal (sql);
}

static gboolean
write_row (SatchelStoreSession *session, sqlite3_stmt *statement, const SatchelStoreTable *table,
           const char *const *values, GError **error)
{
  for (int i = 0; table->kinds[i] != '\0'; i++)
    if (table->kinds[i] == 't' || values[i] == NULL)
      store_sql_text (statement, i + 1, values[i]);
    else
      store_sql_integer (statement, i + 1, g_ascii_strtoll (values[i], NULL, 10));

  return store_sql_run (session, statement, error);
}

/* @rows: (element-type char **): the values begin at the second place. */
gboolean
store_sqlite_write_rows (SatchelStoreSession *session, const SatchelStoreTable *table, GPtrArray *rows, GError **error)
{
  g_autofree char *sql = make_insert (table);
  sqlite3_stmt *statement = prepare (session, sql, error);
  gboolean done = statement != NULL;

  for (guint i = 0; done && i < rows->len; i++)
    done = write_row (session, statement, table, (const char *const *) g_ptr_array_index (rows, i) + 1, error);
  sqlite3_finalize (statement);

  return done;
}

/* Numbers go on by themselves. */
gboolean
store_sqlite_end_rows (SatchelStoreSession *session, GError **error)
{
  return TRUE;
}
