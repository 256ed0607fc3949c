/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crash-subject.h"

#include <string.h>

static sqlite3_stmt *
prepare (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (db));

  return statement;
}

/* Keys are given anew after a row went, so that a step done again may give another one. */
static gboolean
counts (sqlite3_stmt *statement, int column)
{
  return sqlite3_column_type (statement, column) != SQLITE_NULL &&
         strcmp (sqlite3_column_name (statement, column), "_key") != 0;
}

static char *
describe_row (const char *table, sqlite3_stmt *statement)
{
  GString *row = g_string_new (table);

  for (int i = 0; i < sqlite3_column_count (statement); i++)
    if (counts (statement, i))
      g_string_append_printf (row, " %s=%s", sqlite3_column_name (statement, i),
                              (const char *) sqlite3_column_text (statement, i));

  return g_string_free_and_steal (row);
}

static void
add_table (sqlite3 *db, const char *table, GPtrArray *rows)
{
  g_autofree char *sql = g_strdup_printf ("SELECT * FROM \"%s\"", table);
  sqlite3_stmt *statement = prepare (db, sql);
  int code;

  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    g_ptr_array_add (rows, describe_row (table, statement));
  if (code != SQLITE_DONE)
    g_error ("%s: %s", table, sqlite3_errmsg (db));

  sqlite3_finalize (statement);
}

static gboolean
is_ignored (const char *table, const char *const *patterns)
{
  for (guint i = 0; patterns[i] != NULL; i++)
    if (g_pattern_match_simple (patterns[i], table))
      return TRUE;

  return FALSE;
}

static int
compare_rows (gconstpointer first, gconstpointer second)
{
  return strcmp (*(const char *const *) first, *(const char *const *) second);
}

static char *
join (GPtrArray *rows, const char *ignored_rows)
{
  g_autoptr (GRegex) ignored = g_regex_new (ignored_rows, G_REGEX_DEFAULT, 0, NULL);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    if (!g_regex_match (ignored, g_ptr_array_index (rows, i), 0, NULL))
      g_string_append_printf (text, "%s\n", (const char *) g_ptr_array_index (rows, i));

  return g_string_free_and_steal (text);
}

void
crash_assert_whole (sqlite3 *db)
{
  sqlite3_stmt *statement = prepare (db, "PRAGMA integrity_check");

  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  g_assert_cmpstr ((const char *) sqlite3_column_text (statement, 0), ==, "ok");
  sqlite3_finalize (statement);
}

char *
crash_dump_tables (sqlite3 *db, const char *const *ignored_patterns, const char *ignored_rows)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *statement;

  statement = prepare (db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      const char *table = (const char *) sqlite3_column_text (statement, 0);

      if (!is_ignored (table, ignored_patterns))
        add_table (db, table, rows);
    }
  sqlite3_finalize (statement);
  g_ptr_array_sort (rows, compare_rows);

  return join (rows, ignored_rows);
}
