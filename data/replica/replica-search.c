/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The search over everything: a full-text index over folded text in groups of three letters, filled behind the rows;
 * what it does not have yet is looked at row by row, so that nothing is ever missed. */

#include "satchel-config.h"

#include "replica-search.h"

#include "records/satchel-text.h"
#include "replica-needle.h"
#include "replica-query.h"
#include "replica-plan.h"
#include "replica-rows.h"

#define TIDY_PAGES 200

/* ---- Filling the index ---------------------------------------------------------------------------- */

typedef struct
{
  gint64 key;
  guint type;
  gboolean fresh;
} Waiting;

static gboolean
list_waiting (ReplicaConnection *connection, guint max, GArray *waiting, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (connection, error, "SELECT key, type, fresh FROM _unindexed ORDER BY key LIMIT ?", "i",
                             (gint64) max);
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      Waiting one = {
        .key = replica_column_integer (statement, 0),
        .type = (guint) replica_column_integer (statement, 1),
        .fresh = replica_column_integer (statement, 2) != 0,
      };

      g_array_append_val (waiting, one);
    }

  return step == REPLICA_DONE;
}

static void
append_folded (GString *to, char separator, const char *text)
{
  g_autofree char *folded = satchel_text_fold (text);

  if (to->len > 0)
    g_string_append_c (to, separator);
  g_string_append (to, folded);
}

static void
append_digits (GString *to, const char *text)
{
  g_autofree char *digits = satchel_text_phone_digits (text);

  if (digits != NULL)
    g_string_append_printf (to, "\n%s", digits);
}

/* Words of one field never run into those of the next: no search has a line feed in it. */
static void
collect_texts (const ReplicaTable *table, ReplicaStatement *statement, GString *title, GString *text)
{
  for (int i = 0; i < sqlite3_column_count (statement); i++)
    {
      const char *value = replica_column_text (statement, i);

      if (value == NULL)
        continue;

      if ((table->search_titles >> i & 1) != 0)
        append_folded (title, '\n', value);
      else
        append_folded (text, '\n', value);

      if ((table->search_phones >> i & 1) != 0)
        append_digits (text, value);
    }
}

static gboolean
read_texts (ReplicaConnection *connection, const ReplicaTable *table, gint64 key, GString *title, GString *text,
            gboolean *exists, GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, table->select_searchable, "i", key);
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  *exists = step == REPLICA_ROW;
  if (*exists)
    collect_texts (table, statement, title, text);

  return step != REPLICA_FAILED;
}

static gboolean
index_one (ReplicaTransaction *tx, const Waiting *one, GString *title, GString *text, GError **error)
{
  const ReplicaTable *table = tx->schema->tables[one->type];
  gint64 rowid = one->key << REPLICA_SEARCH_KEY_SHIFT | one->type;
  gboolean exists = FALSE;

  g_string_truncate (title, 0);
  g_string_truncate (text, 0);

  if (!one->fresh && !replica_run (tx->connection, error, "DELETE FROM _search WHERE rowid = ?", "i", rowid))
    return FALSE;
  if (table != NULL && !read_texts (tx->connection, table, one->key, title, text, &exists, error))
    return FALSE;

  return !exists || replica_run (tx->connection, error, "INSERT INTO _search (rowid, title, text) VALUES (?, ?, ?)",
                                 "iss", rowid, title->str, text->str);
}

/**
 * replica_search_catch_up:
 * @tx: a transaction
 * @max_records: how many records to take at most
 * @n_done: (out): how many were taken; fewer than @max_records: none are left
 * @error: what went wrong with the file
 *
 * Brings the index up to date with some of the records that wait for it.
 */
gboolean
replica_search_catch_up (ReplicaTransaction *tx, guint max_records, guint *n_done, GError **error)
{
  g_autoptr (GArray) waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
  g_autoptr (GString) title = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 last;

  *n_done = 0;
  if (!list_waiting (tx->connection, max_records, waiting, error))
    return FALSE;
  if (waiting->len == 0)
    return TRUE;

  for (guint i = 0; i < waiting->len; i++)
    if (!index_one (tx, &g_array_index (waiting, Waiting, i), title, text, error))
      return FALSE;

  *n_done = waiting->len;
  last = g_array_index (waiting, Waiting, waiting->len - 1).key;

  return replica_run (tx->connection, error, "DELETE FROM _unindexed WHERE key <= ?", "i", last);
}

gboolean
replica_search_tidy (ReplicaTransaction *tx, gboolean *more, GError **error)
{
  sqlite3 *db = replica_connection_get_db (tx->connection);
  int before = sqlite3_total_changes (db);

  if (!replica_run (tx->connection, error, "INSERT INTO _search (_search, rank) VALUES ('merge', ?)", "i",
                    (gint64) TIDY_PAGES))
    return FALSE;

  /* The command itself counts as one. */
  *more = sqlite3_total_changes (db) - before >= 2;

  return TRUE;
}

static gboolean
await_table (ReplicaTransaction *tx, const ReplicaTable *table, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("INSERT OR REPLACE INTO _unindexed (key, type, fresh) SELECT _key, %u, 1"
                                          " FROM %s",
                                          table->number, table->quoted);

  return replica_run (tx->connection, error, sql, "");
}

/* Empties the index; every record waits for it. */
gboolean
replica_search_begin_anew (ReplicaTransaction *tx, GError **error)
{
  if (!replica_run (tx->connection, error, "INSERT INTO _search (_search) VALUES ('delete-all')", "") ||
      !replica_run (tx->connection, error, "DELETE FROM _unindexed", ""))
    return FALSE;

  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (tx->schema->tables[i] != NULL && tx->schema->tables[i]->is_searchable &&
        !await_table (tx, tx->schema->tables[i], error))
      return FALSE;

  return replica_meta_set (tx->connection, "search", REPLICA_SEARCH_VERSION, error);
}

/* ---- Searching ------------------------------------------------------------------------------------ */

typedef struct
{
  ReplicaConnection *connection;
  const ReplicaSchema *schema;
  const ReplicaNeedle *needle;
  const char *typed;
  guint64 types;
  guint limit;
  GPtrArray *found;
  GHashTable *seen; /* ids */
} Searching;

static gboolean
is_wanted (const Searching *self, guint number)
{
  const ReplicaTable *table = number < REPLICA_MAX_TYPES ? self->schema->tables[number] : NULL;

  return table != NULL && table->is_searchable && (self->types >> number & 1) != 0;
}

static gboolean
is_full (const Searching *self)
{
  return self->found->len >= self->limit;
}

static void
take (Searching *self, SatchelRecord *record)
{
  if (satchel_record_get_deleted_at (record) == NULL && !is_full (self) &&
      g_hash_table_add (self->seen, g_strdup (satchel_record_get_id (record))))
    g_ptr_array_add (self->found, satchel_record_ref (record));
}

/* ---- Titles that begin so ------------------------------------------------------------------------- */

typedef struct
{
  gint64 key;
  SatchelRecord *record;
} Beginning;

static void
beginning_clear (gpointer data)
{
  Beginning *beginning = data;

  satchel_record_unref (beginning->record);
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const Beginning *first = a, *second = b;

  return (first->key < second->key) - (first->key > second->key);
}

static gboolean
list_beginnings_of (Searching *self, const ReplicaTable *table, GArray *beginnings, GError **error)
{
  g_autoptr (SatchelQuery) query = satchel_query_new (table->type);
  g_autoptr (ReplicaPlan) plan = replica_plan_new (self->connection, self->schema, query, error);
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  if (plan == NULL)
    return FALSE;

  replica_plan_add_prefix (plan, self->needle);
  statement = replica_plan_select (plan, self->connection, table->columns, NULL, TRUE, TRUE, NULL, error);
  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, sqlite3_bind_parameter_count (statement), self->limit);
  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      Beginning one = { replica_column_integer (statement, REPLICA_COLUMN_KEY), NULL };

      one.record = replica_rows_read (self->connection, table, statement, error);
      if (one.record == NULL)
        return FALSE;
      g_array_append_val (beginnings, one);
    }

  return step == REPLICA_DONE;
}

static gboolean
take_beginnings (Searching *self, GError **error)
{
  g_autoptr (GArray) beginnings = g_array_new (FALSE, FALSE, sizeof (Beginning));

  g_array_set_clear_func (beginnings, beginning_clear);
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (is_wanted (self, i) && !self->schema->tables[i]->by_time &&
        !list_beginnings_of (self, self->schema->tables[i], beginnings, error))
      return FALSE;

  g_array_sort (beginnings, compare_newest_first);
  for (guint i = 0; i < beginnings->len; i++)
    take (self, g_array_index (beginnings, Beginning, i).record);

  return TRUE;
}

/* ---- What is in the index ------------------------------------------------------------------------- */

/* The index knows no short words; those are looked for in the row. */
static gboolean
fits_short_words (Searching *self, const ReplicaTable *table, gint64 key, gboolean *fits, GError **error)
{
  g_autofree char *sql = NULL;
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  *fits = TRUE;
  if (self->needle->short_words->len == 0)
    return TRUE;

  sql = g_strdup_printf ("SELECT satchel_matches (?, %" G_GUINT64_FORMAT ", %s) FROM %s WHERE _key = ?",
                         table->search_phones, table->search_columns, table->quoted);
  statement = replica_query (self->connection, error, sql, "si", self->typed, key);
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  *fits = step == REPLICA_ROW && replica_column_integer (statement, 0) != 0;

  return step != REPLICA_FAILED;
}

static gboolean
take_indexed_row (Searching *self, gint64 rowid, GError **error)
{
  const ReplicaTable *table = self->schema->tables[rowid & REPLICA_SEARCH_TYPE_MASK];
  gint64 key = rowid >> REPLICA_SEARCH_KEY_SHIFT;
  g_autoptr (ReplicaRow) row = NULL;
  gboolean fits;

  if (!fits_short_words (self, table, key, &fits, error))
    return FALSE;
  if (!fits)
    return TRUE;
  if (!replica_rows_find_by_key (self->connection, table, key, &row, error))
    return FALSE;
  if (row != NULL)
    take (self, row->record);

  return TRUE;
}

/* Newest first; what waits to be indexed anew is left to take_waiting(). */
static gboolean
take_indexed (Searching *self, const char *expression, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step = REPLICA_DONE;

  statement = replica_query (self->connection, error,
                             "SELECT rowid FROM _search WHERE _search MATCH ? AND rowid >> 6 NOT IN"
                             " (SELECT key FROM _unindexed) ORDER BY rowid DESC",
                             "s", expression);
  if (statement == NULL)
    return FALSE;

  while (!is_full (self) && (step = replica_step (statement, error)) == REPLICA_ROW)
    {
      gint64 rowid = replica_column_integer (statement, 0);

      if (is_wanted (self, rowid & REPLICA_SEARCH_TYPE_MASK) && !take_indexed_row (self, rowid, error))
        return FALSE;
    }

  return step != REPLICA_FAILED;
}

/* ---- What waits to be indexed --------------------------------------------------------------------- */

static gboolean
take_waiting_of (Searching *self, const ReplicaTable *table, GError **error)
{
  g_autofree char *sql = NULL;
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step = REPLICA_DONE;

  sql = g_strdup_printf ("SELECT %s FROM %s WHERE _key IN (SELECT key FROM _unindexed WHERE type = %u)"
                         " AND satchel_matches (?, %" G_GUINT64_FORMAT ", %s) ORDER BY _key DESC",
                         table->columns, table->quoted, table->number, table->search_phones, table->search_columns);
  statement = replica_query (self->connection, error, sql, "s", self->typed);
  if (statement == NULL)
    return FALSE;

  while (!is_full (self) && (step = replica_step (statement, error)) == REPLICA_ROW)
    {
      g_autoptr (SatchelRecord) record = replica_rows_read (self->connection, table, statement, error);

      if (record == NULL)
        return FALSE;
      take (self, record);
    }

  return step != REPLICA_FAILED;
}

static gboolean
take_waiting (Searching *self, GError **error)
{
  gint64 waiting;

  if (!replica_query_integer (self->connection, "SELECT EXISTS (SELECT 1 FROM _unindexed)", &waiting, error))
    return FALSE;

  for (guint i = 0; waiting != 0 && i < REPLICA_MAX_TYPES; i++)
    if (is_wanted (self, i) && !take_waiting_of (self, self->schema->tables[i], error))
      return FALSE;

  return TRUE;
}

/* ---- The search ----------------------------------------------------------------------------------- */

static gboolean
take_all (Searching *self, GError **error)
{
  g_autofree char *expression = replica_needle_dup_expression (self->needle);
  g_autofree char *in_titles = NULL;

  if (!take_beginnings (self, error))
    return FALSE;
  if (expression == NULL)
    return TRUE;

  in_titles = g_strdup_printf ("{title} : (%s)", expression);

  return take_indexed (self, in_titles, error) && take_waiting (self, error) && take_indexed (self, expression, error);
}

static guint64
mask_types (const SatchelType *const *types)
{
  guint64 mask = 0;

  if (types == NULL)
    return G_MAXUINT64;

  for (; *types != NULL; types++)
    mask |= G_GUINT64_CONSTANT (1) << satchel_type_get_number (*types);

  return mask;
}

/**
 * replica_search:
 * @connection: a connection
 * @schema: the tables
 * @text: what a person typed; any text
 * @types: (nullable) (array zero-terminated=1): where to look
 * @limit: how many records at most
 * @error: what went wrong with the file
 *
 * Returns: (transfer full) (element-type SatchelRecord): what was found, best first
 */
GPtrArray *
replica_search (ReplicaConnection *connection, const ReplicaSchema *schema, const char *text,
                const SatchelType *const *types, guint limit, GError **error)
{
  g_autoptr (ReplicaNeedle) needle = replica_needle_new (text);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
  Searching self = {
    .connection = connection,
    .schema = schema,
    .needle = needle,
    .typed = text,
    .types = mask_types (types),
    .limit = limit,
    .found = found,
    .seen = seen,
  };

  if (!replica_needle_is_empty (needle) && !take_all (&self, error))
    return NULL;

  return g_steal_pointer (&found);
}
