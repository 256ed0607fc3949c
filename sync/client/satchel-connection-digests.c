/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Asking the server what it holds, to compare it with what is held here. */

#include "satchel-config.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "satchel-connection-private.h"
#include "wire/satchel-frames.h"

void
satchel_bucket_digest_free (SatchelBucketDigest *self)
{
  g_free (self->name);
  g_free (self->digest);
  g_free (self);
}

void
satchel_record_digest_free (SatchelRecordDigest *self)
{
  g_free (self->type);
  g_free (self->id);
  g_free (self->digest);
  g_free (self);
}

/* ---- Asking ---- */

/* With @missing, that the server has nothing there for us is no error, and there is no body. */
static GBytes *
get (SatchelConnection *self, const char *path, gboolean *missing, GCancellable *cancellable, GError **error)
{
  SatchelRequest request = { "GET", path, NULL, NULL, 0, TRUE };
  g_auto (SatchelReply) reply = { 0 };
  g_autoptr (GError) reason = NULL;

  if (!satchel_connection_send (self, &request, &reply, cancellable, error))
    return NULL;
  if (satchel_connection_check_reply (self, &reply, SOUP_STATUS_OK, SATCHEL_FRAMES_MEDIA_TYPE, &reason))
    return g_steal_pointer (&reply.body);

  /* Only a server that says so itself: not a proxy, which has no such error. */
  *missing = reply.status == SOUP_STATUS_NOT_FOUND &&
             g_error_matches (reason, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_REFUSED);
  if (!*missing)
    g_propagate_error (error, g_steal_pointer (&reason));

  return NULL;
}

/* Takes one frame; FALSE: it breaks the protocol. */
typedef gboolean (*FrameFunc) (const char *kind, const char *body, gsize length, gpointer data);

static gboolean
read_frames (GBytes *body, FrameFunc func, gpointer data, GError **error)
{
  GError *reason = NULL;
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (body, SATCHEL_ANSWER_MAX_DECODED, &reason);
  const char *kind, *text;
  gsize length;

  while (reader != NULL && satchel_frame_reader_next_text (reader, &kind, &text, &length, &reason))
    if (!func (kind, text, length, data))
      {
        g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_PROTOCOL,
                     _ ("The server's answer cannot be understood. Nothing was changed; Satchel or the server must be "
                        "updated."));
        return FALSE;
      }
  if (reason == NULL)
    return TRUE;

  satchel_sync_error_take_wire (error, reason);

  return FALSE;
}

static JsonNode *
parse_object (const char *body, gsize length)
{
  g_autoptr (JsonNode) node = satchel_json_parse (body, (gssize) length, SATCHEL_JSON_MAX_DEPTH, NULL);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? g_steal_pointer (&node) : NULL;
}

static char *
dup_member (JsonNode *node, const char *name)
{
  JsonNode *member = json_object_get_member (json_node_get_object (node), name);

  return member != NULL && json_node_get_value_type (member) == G_TYPE_STRING ? json_node_dup_string (member) : NULL;
}

/* ---- All buckets ---- */

static gboolean
take_bucket (const char *kind, const char *body, gsize length, gpointer data)
{
  g_autoptr (JsonNode) node = NULL;
  SatchelBucketDigest *bucket;

  if (strcmp (kind, "bucket") != 0)
    return TRUE;
  node = parse_object (body, length);
  if (node == NULL)
    return FALSE;

  bucket = g_new0 (SatchelBucketDigest, 1);
  g_ptr_array_add (data, bucket);
  bucket->name = dup_member (node, "name");
  bucket->digest = dup_member (node, "digest");
  bucket->count = (guint64) json_object_get_int_member_with_default (json_node_get_object (node), "count", 0);

  return bucket->name != NULL && bucket->digest != NULL;
}

/* Private: see the header. */
GPtrArray *
satchel_connection_get_digests (SatchelConnection *self, GCancellable *cancellable, GError **error)
{
  gboolean missing = FALSE;
  g_autoptr (GBytes) body = get (self, "/v1/digests", &missing, cancellable, error);
  g_autoptr (GPtrArray) buckets = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_bucket_digest_free);

  if (missing)
    g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_VERSION,
                 _ ("This server is too old to compare with. Nothing was changed; ask whoever looks after it to update "
                    "it."));
  if (body == NULL || !read_frames (body, take_bucket, buckets, error))
    return NULL;

  return g_steal_pointer (&buckets);
}

/* ---- One bucket ---- */

typedef struct
{
  GPtrArray *records;
  char *after; /* (nullable): there are more, after this id */
} Listing;

static gboolean
take_record (Listing *self, JsonNode *node)
{
  SatchelRecordDigest *record = g_new0 (SatchelRecordDigest, 1);

  g_ptr_array_add (self->records, record);
  record->type = dup_member (node, "type");
  record->id = dup_member (node, "id");
  record->digest = dup_member (node, "digest");

  return record->type != NULL && record->id != NULL && record->digest != NULL;
}

static gboolean
take_listing (const char *kind, const char *body, gsize length, gpointer data)
{
  Listing *self = data;
  gboolean is_record = strcmp (kind, "record") == 0;
  g_autoptr (JsonNode) node = NULL;

  if (!is_record && strcmp (kind, "more") != 0)
    return TRUE;
  node = parse_object (body, length);
  if (node == NULL)
    return FALSE;
  if (is_record)
    return take_record (self, node);

  g_free (self->after);
  self->after = dup_member (node, "after");

  return self->after != NULL;
}

/* Advances @listing by one answer. A bucket that is not granted any more ends it. */
static gboolean
get_listing (SatchelConnection *self, const char *bucket, Listing *listing, GCancellable *cancellable, GError **error)
{
  g_autofree char *before = g_steal_pointer (&listing->after);
  g_autofree char *path = g_strconcat ("/v1/digests/", bucket, before != NULL ? "/" : NULL, before, NULL);
  gboolean missing = FALSE;
  g_autoptr (GBytes) body = get (self, path, &missing, cancellable, error);

  if (body == NULL)
    return missing;
  if (!read_frames (body, take_listing, listing, error))
    return FALSE;

  /* What does not go on would never end. */
  if (before != NULL && listing->after != NULL && strcmp (before, listing->after) >= 0)
    g_clear_pointer (&listing->after, g_free);

  return TRUE;
}

/* Private: see the header. */
GPtrArray *
satchel_connection_get_bucket_digests (SatchelConnection *self, const char *bucket, GCancellable *cancellable,
                                       GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_digest_free);
  Listing listing = { .records = records };
  gboolean listed;

  do
    listed = get_listing (self, bucket, &listing, cancellable, error);
  while (listed && listing.after != NULL);
  g_free (listing.after);

  return listed ? g_steal_pointer (&records) : NULL;
}

/* ---- One record ---- */

static gboolean
take_put (const char *kind, const char *body, gsize length, gpointer data)
{
  char **record = data;

  if (strcmp (kind, "put") == 0 && *record == NULL)
    *record = g_strndup (body, length);

  return TRUE;
}

/* Private: see the header. */
gboolean
satchel_connection_get_record (SatchelConnection *self, const char *type, const char *id, char **record,
                               GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/v1/records/%s/%s", type, id);
  gboolean missing = FALSE;
  g_autoptr (GBytes) body = get (self, path, &missing, cancellable, error);

  *record = NULL;
  if (body == NULL)
    return missing;

  return read_frames (body, take_put, record, error);
}
