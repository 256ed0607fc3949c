/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a device compares itself with: digests of the buckets that it is granted, of the records in one of them, and the
 * record that turned out to be another one. */

#include "satchel-config.h"

#include "server-digest.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "server-rights.h"
#include "wire/satchel-digest.h"
#include "wire/satchel-frames.h"

/* A bucket with more records is told in several answers. */
#define LISTING_MAX_RECORDS 50000

typedef struct
{
  char *type;
  char *id;
  char digest[SATCHEL_DIGEST_LENGTH];
} Line;

/* One answer. */
typedef struct
{
  SatchelServer *server;
  SatchelStoreSession *session;
  SatchelView *view;
  SatchelFrameWriter *writer;
} Telling;

static void
telling_clear (Telling *self)
{
  g_clear_pointer (&self->view, satchel_view_free);
  g_clear_pointer (&self->writer, satchel_frame_writer_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Telling, telling_clear)

static gboolean
telling_open (Telling *self, const char *token, GError **error)
{
  g_autoptr (JsonObject) begin = NULL;

  self->view = satchel_view_open (self->server, self->session, token, error);
  if (self->view == NULL)
    return FALSE;

  begin = json_object_new ();
  json_object_set_int_member (begin, "protocol", SATCHEL_PROTOCOL_VERSION);
  json_object_set_string_member (begin, "epoch", satchel_server_get_epoch (self->server));
  self->writer = satchel_frame_writer_new ();
  satchel_frame_writer_add (self->writer, "begin", begin);

  return TRUE;
}

/* ---- Reading a bucket ----------------------------------------------------------------------------- */

typedef struct
{
  const SatchelVocabulary *vocabulary;
  GArray *lines;
  GError *error;
} Reading;

static void
line_clear (gpointer line)
{
  g_free (((Line *) line)->type);
  g_free (((Line *) line)->id);
}

static gboolean
take_record (const SatchelFeedEntry *entry, gpointer data)
{
  Reading *self = data;
  g_autofree char *canonical = NULL;
  Line line;

  if (entry->kind != SATCHEL_FEED_PUT)
    return TRUE;

  canonical = satchel_digest_read_canonical (self->vocabulary, entry->body, entry->length, &line.type, &line.id,
                                             &self->error);
  if (canonical == NULL)
    return FALSE;

  satchel_digest_of_canonical (canonical, line.digest);
  g_array_append_val (self->lines, line);

  return TRUE;
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Line *) a)->id, ((const Line *) b)->id);
}

/* The records of a bucket are its puts in the feed: of each the latest is kept. */
static GArray *
read_bucket (Telling *self, const char *bucket, GError **error)
{
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line));
  Reading reading = { .vocabulary = satchel_server_get_vocabulary (self->server), .lines = lines };
  SatchelFeedSource source = { .name = bucket };
  gboolean at_end;

  g_array_set_clear_func (lines, line_clear);
  if (!satchel_store_number_buckets (self->session, &source, 1, error) ||
      !satchel_store_read_feed (self->session, &source, 1, NULL, take_record, &reading, &at_end, error))
    return NULL;
  if (reading.error != NULL)
    {
      g_propagate_error (error, reading.error);
      return NULL;
    }

  g_array_sort (lines, compare_lines);

  return g_steal_pointer (&lines);
}

/* ---- All buckets ---------------------------------------------------------------------------------- */

static gboolean
tell_bucket (Telling *self, const char *bucket, GError **error)
{
  g_autoptr (GArray) lines = read_bucket (self, bucket, error);
  g_autoptr (SatchelDigest) digest = satchel_digest_new ();
  g_autoptr (JsonObject) object = json_object_new ();
  char text[SATCHEL_DIGEST_LENGTH];

  if (lines == NULL)
    return FALSE;

  for (guint i = 0; i < lines->len; i++)
    {
      const Line *line = &g_array_index (lines, Line, i);

      satchel_digest_add_digest (digest, line->id, line->digest);
    }
  satchel_digest_finish (digest, text);

  json_object_set_string_member (object, "name", bucket);
  json_object_set_int_member (object, "count", (gint64) satchel_digest_get_count (digest));
  json_object_set_string_member (object, "digest", text);
  satchel_frame_writer_add (self->writer, "bucket", object);

  return TRUE;
}

static GBytes *
write_digests (Telling *self, const char *token, GError **error)
{
  const char *const *buckets;
  guint n_buckets;

  if (!telling_open (self, token, error))
    return NULL;

  buckets = satchel_view_get_buckets (self->view, &n_buckets);
  for (guint i = 0; i < n_buckets; i++)
    if (!tell_bucket (self, buckets[i], error))
      return NULL;

  return satchel_frame_writer_finish (self->writer);
}

/**
 * satchel_server_digests:
 * @self: the server
 * @session: a session, in no transaction
 * @token: who asks
 * @error: %SATCHEL_SERVER_ERROR_TOKEN, %SATCHEL_SERVER_ERROR_DISABLED, or what the store says
 *
 * Reads everything that is granted: takes as long as there is much of it.
 *
 * Returns: (transfer full) (nullable): the body of the answer
 */
GBytes *
satchel_server_digests (SatchelServer *self, SatchelStoreSession *session, const char *token, GError **error)
{
  g_auto (Telling) telling = { .server = self, .session = session };
  GBytes *body;

  if (!satchel_store_begin (session, error))
    return NULL;
  body = write_digests (&telling, token, error);
  satchel_store_rollback (session);

  return body;
}

/* ---- One bucket ----------------------------------------------------------------------------------- */

static void
tell_record (Telling *self, const Line *line)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "type", line->type);
  json_object_set_string_member (object, "id", line->id);
  json_object_set_string_member (object, "digest", line->digest);
  satchel_frame_writer_add (self->writer, "record", object);
}

static void
tell_more (Telling *self, const char *after)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "after", after);
  satchel_frame_writer_add (self->writer, "more", object);
}

static void
tell_records (Telling *self, GArray *lines, const char *after)
{
  const Line *last = NULL;
  guint n = 0;

  for (guint i = 0; i < lines->len; i++)
    {
      const Line *line = &g_array_index (lines, Line, i);

      if (after != NULL && strcmp (line->id, after) <= 0)
        continue;
      if (n++ == LISTING_MAX_RECORDS)
        {
          tell_more (self, last->id);
          return;
        }
      tell_record (self, line);
      last = line;
    }
}

static GBytes *
write_bucket_digests (Telling *self, const char *token, const char *bucket, const char *after, GError **error)
{
  g_autoptr (GArray) lines = NULL;

  if (!telling_open (self, token, error))
    return NULL;
  if (!satchel_view_sees_bucket (self->view, bucket))
    {
      g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_NOT_FOUND,
                   _ ("This part of the data is not there, or is not yours to see."));
      return NULL;
    }

  lines = read_bucket (self, bucket, error);
  if (lines == NULL)
    return NULL;
  tell_records (self, lines, after);

  return satchel_frame_writer_finish (self->writer);
}

/**
 * satchel_server_bucket_digests:
 * @self: the server
 * @session: a session, in no transaction
 * @token: who asks
 * @bucket: a bucket's name
 * @after: (nullable): an id: only of records after it
 * @error: %SATCHEL_SERVER_ERROR_NOT_FOUND also for what they may not see; %SATCHEL_SERVER_ERROR_TOKEN,
 *   %SATCHEL_SERVER_ERROR_DISABLED, or what the store says
 *
 * Returns: (transfer full) (nullable): the body of the answer
 */
GBytes *
satchel_server_bucket_digests (SatchelServer *self, SatchelStoreSession *session, const char *token, const char *bucket,
                               const char *after, GError **error)
{
  g_auto (Telling) telling = { .server = self, .session = session };
  GBytes *body;

  if (!satchel_store_begin (session, error))
    return NULL;
  body = write_bucket_digests (&telling, token, bucket, after, error);
  satchel_store_rollback (session);

  return body;
}

/* ---- One record ----------------------------------------------------------------------------------- */

static GBytes *
write_record (Telling *self, const char *token, const char *type, const char *id, GError **error)
{
  g_autoptr (SatchelStored) stored = NULL;

  if (!telling_open (self, token, error))
    return NULL;
  stored = satchel_view_load (self->view, type, id, error);
  if (stored == NULL)
    return NULL;

  satchel_frame_writer_add_text (self->writer, "put", stored->body, -1);

  return satchel_frame_writer_finish (self->writer);
}

/**
 * satchel_server_record:
 * @self: the server
 * @session: a session, in no transaction
 * @token: who asks
 * @type: the record's type
 * @id: its id
 * @error: %SATCHEL_SERVER_ERROR_NOT_FOUND also for what they may not see; %SATCHEL_SERVER_ERROR_TOKEN,
 *   %SATCHEL_SERVER_ERROR_DISABLED, or what the store says
 *
 * Returns: (transfer full) (nullable): the body of the answer
 */
GBytes *
satchel_server_record (SatchelServer *self, SatchelStoreSession *session, const char *token, const char *type,
                       const char *id, GError **error)
{
  g_auto (Telling) telling = { .server = self, .session = session };
  GBytes *body;

  if (!satchel_store_begin (session, error))
    return NULL;
  body = write_record (&telling, token, type, id, error);
  satchel_store_rollback (session);

  return body;
}
