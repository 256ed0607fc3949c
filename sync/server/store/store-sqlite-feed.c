/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The feed of the SQLite store: buckets, positions, and reading several buckets as one stream. */

#include "satchel-config.h"

#include "store-sqlite-private.h"

/* ---- Positions and buckets ------------------------------------------------------------------------ */

gboolean
store_sqlite_get_head (SatchelStoreSession *session, gint64 *pos, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "SELECT pos FROM head", error);
  g_autofree gint64 *found = NULL;

  if (statement == NULL || !store_sql_one (session, statement, store_sql_read_number, (gpointer *) &found, error))
    return FALSE;
  *pos = *found;

  return TRUE;
}

gboolean
store_sqlite_set_head (SatchelStoreSession *session, gint64 pos, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "UPDATE head SET pos = ?1 WHERE pos <> ?1", error);

  if (statement == NULL)
    return FALSE;
  store_sql_integer (statement, 1, pos);

  return store_sql_run (session, statement, error);
}

static gboolean
find_number (SatchelStoreSession *session, const char *name, gint64 *number, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "SELECT number FROM bucket WHERE name = ?1", error);
  g_autofree gint64 *found = NULL;

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, name);
  if (!store_sql_one (session, statement, store_sql_read_number, (gpointer *) &found, error))
    return FALSE;
  *number = found != NULL ? *found : 0;

  return TRUE;
}

/* The number of a bucket, given now when it has none. */
gboolean
store_sqlite_number_bucket (SatchelStoreSession *session, const char *name, gint64 *number, GError **error)
{
  sqlite3_stmt *statement;

  if (!find_number (session, name, number, error))
    return FALSE;
  if (*number != 0)
    return TRUE;

  statement = store_sql (session, "INSERT INTO bucket (name) VALUES (?1)", error);
  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, name);
  if (!store_sql_run (session, statement, error))
    return FALSE;
  *number = sqlite3_last_insert_rowid (SQLITE_SESSION (session)->database);

  return TRUE;
}

/* Fills in the numbers by name; 0 for a bucket that nothing was ever in. */
gboolean
store_sqlite_number_buckets (SatchelStoreSession *session, SatchelFeedSource *sources, guint n_sources, GError **error)
{
  for (guint i = 0; i < n_sources; i++)
    if (!find_number (session, sources[i].name, &sources[i].number, error))
      return FALSE;

  return TRUE;
}

static gpointer
read_name (sqlite3_stmt *statement)
{
  return store_sql_dup_text (statement, 0);
}

char *
store_sqlite_name_bucket (SatchelStoreSession *session, gint64 number, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "SELECT name FROM bucket WHERE number = ?1", error);
  gpointer name = NULL;

  if (statement == NULL)
    return NULL;
  store_sql_integer (statement, 1, number);

  return store_sql_one (session, statement, read_name, &name, error) ? name : NULL;
}

/* ---- Reading several buckets as one stream -------------------------------------------------------- */

/* The kinds of statements that a feed is read with; each bucket that is read at once needs one of its own. */
typedef enum
{
  STREAM_PUTS,
  STREAM_OWN,
  STREAM_DEPARTURES,
  N_STREAMS,
} StreamKind;

static const char *const stream_sql[] = {
  [STREAM_PUTS] = "SELECT pos, body, owner FROM record WHERE bucket = ?1 AND pos > ?2 ORDER BY pos",
  [STREAM_OWN] = "SELECT number, body, owner FROM record WHERE owner = ?3 AND bucket = ?1 AND number > ?2 "
                 "ORDER BY number",
  [STREAM_DEPARTURES] = "SELECT d.pos, d.kind, d.type, d.id, f.name, e.name FROM departure d "
                        "JOIN bucket f ON f.number = d.bucket LEFT JOIN bucket e ON e.number = d.entered "
                        "WHERE d.bucket = ?1 AND d.pos > ?2 ORDER BY d.pos",
};

typedef struct
{
  sqlite3_stmt *statement;
  StreamKind kind;
  gint64 pos; /* of the row it stands on */
  gboolean open;
} Stream;

/* Statements are kept in the session, N_STREAMS for each place. */
static sqlite3_stmt *
get_stream_statement (SatchelStoreSession *session, guint place, StreamKind kind, GError **error)
{
  SqliteSession *self = SQLITE_SESSION (session);
  guint index = place * N_STREAMS + kind;
  sqlite3_stmt *statement = NULL;

  if (index >= self->readers->len)
    g_ptr_array_set_size (self->readers, (int) index + 1);
  if (g_ptr_array_index (self->readers, index) != NULL)
    return g_ptr_array_index (self->readers, index);

  if (sqlite3_prepare_v3 (self->database, stream_sql[kind], -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
      SQLITE_OK)
    {
      store_sql_fail (self->database, error);
      return NULL;
    }
  g_ptr_array_index (self->readers, index) = statement;

  return statement;
}

static gboolean
stream_advance (SatchelStoreSession *session, Stream *stream, GError **error)
{
  if (!store_sql_step (session, stream->statement, &stream->open, error))
    return FALSE;
  if (stream->open)
    stream->pos = sqlite3_column_int64 (stream->statement, 0);

  return TRUE;
}

static gboolean
stream_start (SatchelStoreSession *session, Stream *stream, guint place, StreamKind kind,
              const SatchelFeedSource *source, const char *owner, GError **error)
{
  stream->kind = kind;
  stream->statement = get_stream_statement (session, place, kind, error);
  if (stream->statement == NULL)
    return FALSE;

  store_sql_integer (stream->statement, 1, source->number);
  store_sql_integer (stream->statement, 2, source->after);
  if (kind == STREAM_OWN)
    store_sql_text (stream->statement, 3, owner);

  return stream_advance (session, stream, error);
}

static void
read_entry (const Stream *stream, SatchelFeedEntry *entry)
{
  *entry = (SatchelFeedEntry) { .pos = stream->pos, .kind = SATCHEL_FEED_PUT };

  if (stream->kind == STREAM_DEPARTURES)
    {
      entry->kind = (SatchelFeedEntryKind) sqlite3_column_int (stream->statement, 1);
      entry->type = store_sql_get_text (stream->statement, 2);
      entry->id = store_sql_get_text (stream->statement, 3);
      entry->from = store_sql_get_text (stream->statement, 4);
      entry->to = store_sql_get_text (stream->statement, 5);
      return;
    }

  entry->body = store_sql_get_text (stream->statement, 1);
  entry->length = (gsize) sqlite3_column_bytes (stream->statement, 1);
  entry->owner = store_sql_get_text (stream->statement, 2);
}

static Stream *
find_next (GArray *streams)
{
  Stream *next = NULL;

  for (guint i = 0; i < streams->len; i++)
    {
      Stream *stream = &g_array_index (streams, Stream, i);

      if (stream->open && (next == NULL || stream->pos < next->pos))
        next = stream;
    }

  return next;
}

/* Streams that have nothing are left out, so that many quiet buckets cost nothing further. */
static gboolean
start_streams (SatchelStoreSession *session, GArray *streams, const SatchelFeedSource *sources, guint n_sources,
               const char *owner, GError **error)
{
  static const StreamKind all_kinds[] = { STREAM_PUTS, STREAM_DEPARTURES };

  for (guint i = 0; i < n_sources; i++)
    for (guint k = 0; k < (owner != NULL ? 1 : G_N_ELEMENTS (all_kinds)); k++)
      {
        Stream stream = { 0 };

        if (sources[i].number == 0)
          break;
        if (!stream_start (session, &stream, i, owner != NULL ? STREAM_OWN : all_kinds[k], &sources[i], owner, error))
          return FALSE;
        if (stream.open)
          g_array_append_val (streams, stream);
        else
          store_sql_end (stream.statement);
      }

  return TRUE;
}

static gboolean
run_streams (SatchelStoreSession *session, GArray *streams, SatchelFeedFunc func, gpointer data, gboolean *at_end,
             GError **error)
{
  Stream *stream;
  SatchelFeedEntry entry;

  while ((stream = find_next (streams)) != NULL)
    {
      read_entry (stream, &entry);
      if (!func (&entry, data))
        return TRUE;
      if (!stream_advance (session, stream, error))
        return FALSE;
    }
  *at_end = TRUE;

  return TRUE;
}

/* Hands out the entries of several buckets in the order of their positions, until @func says that it is enough: then
 * that entry has not been taken. @owner: only accounts of that owner, and no departures; their positions are those in the order
 * in which they were made, which stay whatever changes. */
gboolean
store_sqlite_read_feed (SatchelStoreSession *session, const SatchelFeedSource *sources, guint n_sources,
                        const char *owner, SatchelFeedFunc func, gpointer data, gboolean *at_end, GError **error)
{
  g_autoptr (GArray) streams = g_array_new (FALSE, FALSE, sizeof (Stream));
  gboolean done;

  *at_end = FALSE;
  done = start_streams (session, streams, sources, n_sources, owner, error) &&
         run_streams (session, streams, func, data, at_end, error);

  for (guint i = 0; i < streams->len; i++)
    store_sql_end (g_array_index (streams, Stream, i).statement);

  return done;
}
