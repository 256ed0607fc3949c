/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The feed of the PostgreSQL store: buckets, positions, and reading several buckets as one stream. */

#include "satchel-config.h"

#include "store-postgres-private.h"

#define ROWS_AT_ONCE 1000
#define MIN_ROWS_OF_BUCKET 16

/* ---- Positions ------------------------------------------------------------------------------------ */

/* Also whether there is something that has no place yet: the same snapshot is about to be read. */
gboolean
store_postgres_get_head (SatchelStoreSession *session, gint64 *pos, GError **error)
{
  g_autoptr (PGresult) result = pq_query (session, "SELECT pos, EXISTS (SELECT FROM outbox)::integer FROM head", NULL,
                                          error);

  if (result == NULL)
    return FALSE;
  *pos = pq_get_number (result, 0, 0);
  POSTGRES_SESSION (session)->has_unplaced = pq_get_number (result, 0, 1) != 0;

  return TRUE;
}

gboolean
store_postgres_get_forgotten (SatchelStoreSession *session, gint64 *pos, GError **error)
{
  return pq_one_number (session, "SELECT forgotten FROM head", NULL, pos, NULL, error);
}

/* ---- Buckets -------------------------------------------------------------------------------------- */

/* Numbers and names of buckets never change, so they are asked for once. */
static void
learn_bucket (SatchelStoreSession *session, gint64 number, const char *name)
{
  PostgresSession *self = POSTGRES_SESSION (session);

  g_hash_table_replace (self->bucket_names, g_memdup2 (&number, sizeof number), g_strdup (name));
  g_hash_table_replace (self->bucket_numbers, g_strdup (name), g_memdup2 (&number, sizeof number));
}

static gboolean
learn_buckets (SatchelStoreSession *session, const char *sql, PqParams *params, GError **error)
{
  g_autoptr (PGresult) result = pq_query (session, sql, params, error);

  for (int i = 0; result != NULL && i < PQntuples (result); i++)
    learn_bucket (session, pq_get_number (result, i, 0), PQgetvalue (result, i, 1));

  return result != NULL;
}

/* 0: it has none that is known. */
gint64
store_postgres_find_bucket (SatchelStoreSession *session, const char *name)
{
  gint64 *number = g_hash_table_lookup (POSTGRES_SESSION (session)->bucket_numbers, name);

  return number != NULL ? *number : 0;
}

/* NULL: none is unknown. */
static GString *
add_unknown (SatchelStoreSession *session, PqParams *params, const char *name, GString *array)
{
  if (store_postgres_find_bucket (session, name) != 0)
    return array;
  if (array == NULL)
    array = pq_array (params);
  pq_array_add_text (array, name);

  return array;
}

static GString *
add_all_unknown (SatchelStoreSession *session, PqParams *params, GHashTable *names)
{
  GString *array = NULL;
  g_autoptr (GPtrArray) sorted = g_hash_table_get_keys_as_ptr_array (names);

  /* In one order, for whoever makes the same ones waits. */
  g_ptr_array_sort_values (sorted, (GCompareFunc) g_strcmp0);
  for (guint i = 0; i < sorted->len; i++)
    array = add_unknown (session, params, g_ptr_array_index (sorted, i), array);

  return array;
}

#define FIND_BUCKETS "SELECT number, name FROM bucket WHERE name = ANY ($1::text[])"

/* In a transaction of their own, on a connection of their own: whoever needs the same bucket would wait for ours to end. A
 * bucket that comes to nothing harms nobody, and it happens once in the life of each. */
static gboolean
insert_buckets (SatchelStoreSession *session, PqParams *params, GError **error)
{
  PostgresStore *store = (PostgresStore *) session->store;
  SatchelStoreSession *other = store->base.interface->open_session (&store->base, SATCHEL_STORE_READ, error);
  gboolean done;

  if (other == NULL)
    {
      pq_params_clear (params);
      return FALSE;
    }
  done = pq_run (other, "INSERT INTO bucket (name) SELECT * FROM unnest ($1::text[]) ON CONFLICT (name) DO NOTHING",
                 params, error);
  satchel_store_session_close (other);

  return done;
}

gboolean
store_postgres_make_buckets (SatchelStoreSession *session, GHashTable *names, GError **error)
{
  PqParams params = { .n = 0 };

  if (add_all_unknown (session, &params, names) == NULL)
    return TRUE;
  if (!learn_buckets (session, FIND_BUCKETS, &params, error))
    return FALSE;
  if (add_all_unknown (session, &params, names) == NULL)
    return TRUE;
  if (!insert_buckets (session, &params, error))
    return FALSE;
  add_all_unknown (session, &params, names);

  return learn_buckets (session, FIND_BUCKETS, &params, error);
}

/* Fills in the numbers by name; 0 for a bucket that nothing was ever in. */
gboolean
store_postgres_number_buckets (SatchelStoreSession *session, SatchelFeedSource *sources, guint n_sources,
                               GError **error)
{
  PqParams params = { .n = 0 };
  GString *unknown = NULL;

  for (guint i = 0; i < n_sources; i++)
    unknown = add_unknown (session, &params, sources[i].name, unknown);
  if (unknown != NULL && !learn_buckets (session, FIND_BUCKETS, &params, error))
    return FALSE;

  for (guint i = 0; i < n_sources; i++)
    sources[i].number = store_postgres_find_bucket (session, sources[i].name);

  return TRUE;
}

const char *
store_postgres_get_bucket_name (SatchelStoreSession *session, gint64 number, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);
  const char *name = g_hash_table_lookup (self->bucket_names, &number);
  PqParams params = { .n = 0 };

  if (name != NULL)
    return name;

  pq_number (&params, number);
  if (!learn_buckets (session, "SELECT number, name FROM bucket WHERE number = $1::bigint", &params, error))
    return NULL;

  return g_hash_table_lookup (self->bucket_names, &number);
}

char *
store_postgres_name_bucket (SatchelStoreSession *session, gint64 number, GError **error)
{
  return g_strdup (store_postgres_get_bucket_name (session, number, error));
}

/* ---- Rows ----------------------------------------------------------------------------------------- */

/* The rows that one statement gave to several streams. */
typedef struct
{
  PGresult *result;
} Rows;

static void
rows_clear (gpointer data)
{
  PQclear (((Rows *) data)->result);
}

static Rows *
rows_new (PGresult *result)
{
  Rows *self = g_rc_box_new0 (Rows);

  self->result = result;

  return self;
}

static void
rows_unref (Rows *self)
{
  g_rc_box_release_full (self, rows_clear);
}

/* A bucket that is read. @rows: what is there of it, from @row to before @end. */
typedef struct
{
  const SatchelFeedSource *source;
  gint64 after; /* of the last row that was fetched */
  Rows *rows;
  int row;
  int end;
  gboolean ended; /* there is no more than what was fetched */
} Stream;

/* All of them, while they are read. */
typedef struct
{
  SatchelStoreSession *session;
  const char *owner;
  Stream *streams;
  guint n_streams;
  gint64 head;
} Reading;

static void
reading_clear (Reading *self)
{
  for (guint i = 0; i < self->n_streams; i++)
    g_clear_pointer (&self->streams[i].rows, rows_unref);
  g_free (self->streams);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

enum
{
  COLUMN_STREAM,
  COLUMN_POS,
  COLUMN_KIND,
  COLUMN_ID,
  COLUMN_TYPE,
  COLUMN_BUCKET,
  COLUMN_ENTERED,
  COLUMN_BODY,
  COLUMN_OWNER,
};

/* What has a place, unless it was changed since and the change has none yet. */
#define READ_PLACED                                                                         \
  "SELECT s.i, f.pos, f.kind, f.id, f.type, f.bucket, f.entered, r.body, r.owner "          \
  "FROM unnest ($1::bigint[], $2::bigint[], $3::bigint[]) AS s (i, bucket, after) "         \
  "CROSS JOIN LATERAL (SELECT * FROM feed f WHERE f.bucket = s.bucket AND f.pos > s.after " \
  "AND NOT EXISTS (SELECT FROM outbox o WHERE o.bucket = f.bucket AND o.id = f.id) "        \
  "ORDER BY f.pos LIMIT $4::bigint) f LEFT JOIN record r ON r.id = f.id AND f.kind = 0 ORDER BY s.i, f.pos"

#define READ_OWN                                                                                 \
  "SELECT s.i, f.number, 0, f.id, NULL, f.bucket, NULL, f.body, f.owner "                        \
  "FROM unnest ($1::bigint[], $2::bigint[], $3::bigint[]) AS s (i, bucket, after) "              \
  "CROSS JOIN LATERAL (SELECT * FROM record f WHERE f.owner = $5::text AND f.bucket = s.bucket " \
  "AND f.number > s.after ORDER BY f.number LIMIT $4::bigint) f ORDER BY s.i, f.number"

/* Of a record the last change in the bucket. The place behind all others. */
#define READ_UNPLACED                                                                                \
  "SELECT 0, $2::bigint + 1, l.kind, l.id, l.type, l.bucket, l.entered, r.body, r.owner "            \
  "FROM (SELECT DISTINCT ON (o.bucket, o.id) o.* FROM outbox o WHERE o.bucket = ANY ($1::bigint[]) " \
  "ORDER BY o.bucket, o.id, o.number DESC) l LEFT JOIN record r ON r.id = l.id AND l.kind = 0 ORDER BY l.number"

/* ---- Fetching ------------------------------------------------------------------------------------- */

static gboolean
is_empty (const Stream *stream)
{
  return stream->row == stream->end;
}

/* As many rows of each bucket as together make a page, roughly. */
static guint
add_streams (Reading *self, PqParams *params)
{
  GString *indexes = pq_array (params);
  GString *buckets = pq_array (params);
  GString *afters = pq_array (params);
  guint n = 0;

  for (guint i = 0; i < self->n_streams; i++)
    {
      const Stream *stream = &self->streams[i];

      if (stream->ended || !is_empty (stream))
        continue;
      pq_array_add_number (indexes, i);
      pq_array_add_number (buckets, stream->source->number);
      pq_array_add_number (afters, stream->after);
      n++;
    }

  return n;
}

static void
hand_out (Reading *self, Rows *rows, guint limit)
{
  int n_rows = PQntuples (rows->result);

  for (guint i = 0; i < self->n_streams; i++)
    if (is_empty (&self->streams[i]))
      {
        g_clear_pointer (&self->streams[i].rows, rows_unref);
        self->streams[i].row = self->streams[i].end = 0;
        self->streams[i].ended = TRUE;
      }

  for (int row = 0, end; row < n_rows; row = end)
    {
      Stream *stream = &self->streams[pq_get_number (rows->result, row, COLUMN_STREAM)];

      for (end = row; end < n_rows && &self->streams[pq_get_number (rows->result, end, COLUMN_STREAM)] == stream;)
        end++;
      stream->rows = g_rc_box_acquire (rows);
      stream->row = row;
      stream->end = end;
      stream->after = pq_get_number (rows->result, end - 1, COLUMN_POS);
      stream->ended = (guint) (end - row) < limit;
    }
}

/* Asks at once for all of which nothing is there any more. */
static gboolean
fetch (Reading *self, GError **error)
{
  PqParams params = { .n = 0 };
  guint n = add_streams (self, &params);
  guint limit = n > 0 ? MAX (ROWS_AT_ONCE / n, MIN_ROWS_OF_BUCKET) : 0;
  PGresult *result;
  Rows *rows;

  if (n == 0)
    {
      pq_params_clear (&params);
      return TRUE;
    }
  pq_number (&params, limit);
  if (self->owner != NULL)
    pq_text (&params, self->owner);
  result = pq_query (self->session, self->owner != NULL ? READ_OWN : READ_PLACED, &params, error);
  if (result == NULL)
    return FALSE;

  rows = rows_new (result);
  hand_out (self, rows, limit);
  rows_unref (rows);

  return TRUE;
}

/* Whether one of them may have a row that is not there yet. */
static gboolean
wants_rows (const Reading *self)
{
  for (guint i = 0; i < self->n_streams; i++)
    if (is_empty (&self->streams[i]) && !self->streams[i].ended)
      return TRUE;

  return FALSE;
}

/* ---- Handing out ---------------------------------------------------------------------------------- */

static gboolean
read_entry (Reading *self, const PGresult *result, int row, SatchelFeedEntry *entry, GError **error)
{
  *entry = (SatchelFeedEntry) {
    .pos = pq_get_number (result, row, COLUMN_POS),
    .kind = (SatchelFeedEntryKind) pq_get_number (result, row, COLUMN_KIND),
  };

  if (entry->kind == SATCHEL_FEED_PUT)
    {
      entry->body = pq_get_text (result, row, COLUMN_BODY);
      entry->length = (gsize) PQgetlength (result, row, COLUMN_BODY);
      entry->owner = pq_get_text (result, row, COLUMN_OWNER);
      return TRUE;
    }

  entry->type = pq_get_text (result, row, COLUMN_TYPE);
  entry->id = pq_get_text (result, row, COLUMN_ID);
  entry->from = store_postgres_get_bucket_name (self->session, pq_get_number (result, row, COLUMN_BUCKET), error);
  if (entry->from != NULL && pq_get_text (result, row, COLUMN_ENTERED) != NULL)
    entry->to = store_postgres_get_bucket_name (self->session, pq_get_number (result, row, COLUMN_ENTERED), error);

  return entry->from != NULL && (entry->to != NULL || pq_get_text (result, row, COLUMN_ENTERED) == NULL);
}

static Stream *
find_next (Reading *self)
{
  Stream *next = NULL;
  gint64 next_pos = 0;

  for (guint i = 0; i < self->n_streams; i++)
    {
      Stream *stream = &self->streams[i];
      gint64 pos = is_empty (stream) ? 0 : pq_get_number (stream->rows->result, stream->row, COLUMN_POS);

      if (!is_empty (stream) && (next == NULL || pos < next_pos))
        {
          next = stream;
          next_pos = pos;
        }
    }

  return next;
}

/* @enough: that entry was not taken. */
static gboolean
hand_out_placed (Reading *self, SatchelFeedFunc func, gpointer data, gboolean *enough, GError **error)
{
  SatchelFeedEntry entry;
  Stream *stream;

  for (*enough = FALSE; !*enough;)
    {
      if (wants_rows (self) && !fetch (self, error))
        return FALSE;
      stream = find_next (self);
      if (stream == NULL)
        return TRUE;
      if (!read_entry (self, stream->rows->result, stream->row, &entry, error))
        return FALSE;
      *enough = !func (&entry, data);
      stream->row++;
    }

  return TRUE;
}

static gboolean
hand_out_unplaced (Reading *self, SatchelFeedFunc func, gpointer data, gboolean *enough, GError **error)
{
  PqParams params = { .n = 0 };
  GString *buckets = pq_array (&params);
  g_autoptr (PGresult) result = NULL;

  for (guint i = 0; i < self->n_streams; i++)
    pq_array_add_number (buckets, self->streams[i].source->number);
  pq_number (&params, self->head);
  result = pq_query (self->session, READ_UNPLACED, &params, error);
  if (result == NULL)
    return FALSE;

  for (int row = 0; row < PQntuples (result) && !*enough; row++)
    {
      SatchelFeedEntry entry;

      if (!read_entry (self, result, row, &entry, error))
        return FALSE;
      *enough = !func (&entry, data);
    }

  return TRUE;
}

static void
open_streams (Reading *self, const SatchelFeedSource *sources, guint n_sources)
{
  self->streams = g_new0 (Stream, n_sources);
  for (guint i = 0; i < n_sources; i++)
    if (sources[i].number != 0)
      self->streams[self->n_streams++] = (Stream) { .source = &sources[i], .after = sources[i].after };
}

/* What is read is all of the snapshot: behind what has a place comes what was committed and has none yet. It comes again
 * when it has: the place that is told of it here is none to go on from. */
static gboolean
hand_out_all (Reading *self, SatchelFeedFunc func, gpointer data, gboolean *at_end, GError **error)
{
  gboolean enough;

  if (!hand_out_placed (self, func, data, &enough, error))
    return FALSE;
  if (!enough && self->owner == NULL && POSTGRES_SESSION (self->session)->has_unplaced &&
      (!store_postgres_get_head (self->session, &self->head, error) ||
       !hand_out_unplaced (self, func, data, &enough, error)))
    return FALSE;
  *at_end = !enough;

  return TRUE;
}

gboolean
store_postgres_read_feed (SatchelStoreSession *session, const SatchelFeedSource *sources, guint n_sources,
                          const char *owner, SatchelFeedFunc func, gpointer data, gboolean *at_end, GError **error)
{
  g_auto (Reading) reading = { .session = session, .owner = owner };

  *at_end = FALSE;
  open_streams (&reading, sources, n_sources);

  return hand_out_all (&reading, func, data, at_end, error);
}
