/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is kept for a while only: the bin, the outcomes of groups, what left a bucket. */

#include "satchel-config.h"

#include "store-sqlite-private.h"

/* Groups that a device may send again because their answer was lost: those of a few requests. */
#define GROUPS_KEPT "4000"

typedef struct
{
  char *id;
  char *type;
  gint64 bucket;
  char *bucket_name;
} Binned;

static void
binned_free (gpointer data)
{
  Binned *self = data;

  g_free (self->id);
  g_free (self->type);
  g_free (self->bucket_name);
  g_free (self);
}

static gpointer
read_binned (sqlite3_stmt *statement)
{
  Binned *self = g_new0 (Binned, 1);

  self->id = store_sql_dup_text (statement, 0);
  self->type = store_sql_dup_text (statement, 1);
  self->bucket = sqlite3_column_int64 (statement, 2);
  self->bucket_name = store_sql_dup_text (statement, 3);

  return self;
}

/* A statement about one text or about one text and a number. */
static gboolean
run (SatchelStoreSession *session, const char *sql, const char *text, gint64 number, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, sql, error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, text);
  if (sqlite3_bind_parameter_count (statement) > 1)
    store_sql_integer (statement, 2, number);

  return store_sql_run (session, statement, error);
}

/* ---- The bin -------------------------------------------------------------------------------------- */

/* What waits for a person in a conflict stays, and so does what hangs on it, or is newer in the bin than it. */
static GPtrArray *
list_binned (SatchelStoreSession *session, const char *before, guint limit, GError **error)
{
  sqlite3_stmt *statement = store_sql (
      session,
      "SELECT r.id, r.type, r.bucket, b.name FROM record r JOIN bucket b ON b.number = r.bucket "
      "WHERE r.deleted_at < ?1 AND NOT EXISTS (SELECT 1 FROM conflict c WHERE c.target = r.id) "
      "AND NOT EXISTS (SELECT 1 FROM record h WHERE (h.account = r.id OR h.target = r.id) "
      "AND h.type <> 'conflict' AND (h.deleted_at IS NULL OR h.deleted_at >= ?1)) LIMIT ?2",
      error);

  if (statement == NULL)
    return NULL;
  store_sql_text (statement, 1, before);
  store_sql_integer (statement, 2, limit);

  return store_sql_list (session, statement, read_binned, binned_free, error);
}

/* Settled conflicts that were about it. */
static GPtrArray *
list_about (SatchelStoreSession *session, const char *id, GError **error)
{
  sqlite3_stmt *statement = store_sql (
      session,
      "SELECT r.id, r.type, r.bucket, b.name FROM record r "
      "JOIN bucket b ON b.number = r.bucket WHERE r.target = ?1 AND r.type = 'conflict'",
      error);

  if (statement == NULL)
    return NULL;
  store_sql_text (statement, 1, id);

  return store_sql_list (session, statement, read_binned, binned_free, error);
}

static gboolean
write_deletion (SatchelStoreSession *session, const Binned *record, gint64 pos, GError **error)
{
  sqlite3_stmt *statement = store_sql (session,
                                       "INSERT OR REPLACE INTO departure (bucket, pos, kind, type, id, entered) "
                                       "VALUES (?1, ?2, ?3, ?4, ?5, NULL)",
                                       error);

  if (statement == NULL)
    return FALSE;
  store_sql_integer (statement, 1, record->bucket);
  store_sql_integer (statement, 2, pos);
  store_sql_integer (statement, 3, SATCHEL_FEED_DELETE);
  store_sql_text (statement, 4, record->type);
  store_sql_text (statement, 5, record->id);

  return store_sql_run (session, statement, error);
}

static gboolean
remove_record (SatchelStoreSession *session, const Binned *record, gint64 *pos, GHashTable *touched, GError **error)
{
  g_hash_table_add (touched, g_strdup (record->bucket_name));

  return run (session, "DELETE FROM history WHERE record = (SELECT number FROM record WHERE id = ?1)", record->id, 0,
              error) &&
         run (session, "DELETE FROM record WHERE id = ?1", record->id, 0, error) &&
         run (session, "INSERT OR IGNORE INTO tombstone (id) VALUES (?1)", record->id, 0, error) &&
         write_deletion (session, record, ++*pos, error);
}

static gboolean
remove_all (SatchelStoreSession *session, GPtrArray *records, gint64 *pos, GHashTable *touched, GError **error)
{
  for (guint i = 0; i < records->len; i++)
    if (!remove_record (session, g_ptr_array_index (records, i), pos, touched, error))
      return FALSE;

  return TRUE;
}

static gboolean
empty_bin (SatchelStoreSession *session, const char *before, guint limit, gboolean *more, GHashTable *touched,
           GError **error)
{
  g_autoptr (GPtrArray) records = list_binned (session, before, limit, error);
  gint64 pos;

  if (records == NULL || !store_sqlite_get_head (session, &pos, error))
    return FALSE;

  for (guint i = 0; i < records->len; i++)
    {
      const Binned *record = g_ptr_array_index (records, i);
      g_autoptr (GPtrArray) about = list_about (session, record->id, error);

      if (about == NULL || !remove_all (session, about, &pos, touched, error) ||
          !remove_record (session, record, &pos, touched, error))
        return FALSE;
    }
  *more = records->len > 0;

  return store_sqlite_set_head (session, pos, error);
}

/* ---- The feed and the groups ---------------------------------------------------------------------- */

static gboolean
note_day (SatchelStoreSession *session, const char *now, GError **error)
{
  return run (session, "INSERT OR IGNORE INTO calendar (day, pos) SELECT substr (?1, 1, 10), pos FROM head", now, 0,
              error);
}

/* A cursor from before what is forgotten is answered with everything anew. */
static gboolean
forget_departures (SatchelStoreSession *session, const char *before, GError **error)
{
  return run (session,
              "UPDATE head SET forgotten = max (forgotten, "
              "ifnull ((SELECT max (pos) FROM calendar WHERE day < substr (?1, 1, 10)), 0))",
              before, 0, error) &&
         store_sql_run_plain (session, "DELETE FROM departure WHERE pos <= (SELECT forgotten FROM head)", error) &&
         run (session, "DELETE FROM calendar WHERE day < substr (?1, 1, 10)", before, 0, error);
}

static gboolean
forget_groups (SatchelStoreSession *session, const char *before, guint limit, gboolean *more, GError **error)
{
  gboolean done = run (session,
                       "DELETE FROM sent WHERE rowid IN (SELECT s.rowid FROM sent s JOIN device d ON d.id = s.device "
                       "WHERE s.at < ?1 AND s.n <= d.last_n - " GROUPS_KEPT " ORDER BY s.rowid LIMIT ?2)",
                       before, limit, error);

  *more |= done && sqlite3_changes64 (SQLITE_SESSION (session)->database) > 0;

  return done;
}

gboolean
store_sqlite_prune (SatchelStoreSession *session, const SatchelPruning *pruning, gboolean *more, GHashTable *touched,
                    GError **error)
{
  return note_day (session, pruning->now, error) &&
         empty_bin (session, pruning->before, pruning->limit, more, touched, error) &&
         forget_departures (session, pruning->before, error) &&
         forget_groups (session, pruning->before, pruning->limit, more, error);
}

/* ---- Asking --------------------------------------------------------------------------------------- */

gboolean
store_sqlite_get_forgotten (SatchelStoreSession *session, gint64 *pos, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "SELECT forgotten FROM head", error);
  g_autofree gint64 *found = NULL;

  if (statement == NULL || !store_sql_one (session, statement, store_sql_read_number, (gpointer *) &found, error))
    return FALSE;
  *pos = *found;

  return TRUE;
}

gboolean
store_sqlite_is_buried (SatchelStoreSession *session, const char *id, gboolean *buried, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "SELECT 1 FROM tombstone WHERE id = ?1", error);
  g_autofree gint64 *found = NULL;

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, id);
  if (!store_sql_one (session, statement, store_sql_read_number, (gpointer *) &found, error))
    return FALSE;
  *buried = found != NULL;

  return TRUE;
}
