/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading the body of a sync request. */

#include "satchel-config.h"

#include "server-request.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "wire/satchel-frames.h"

#define MAX_WAIT 300
#define MAX_GROUP_BYTES (8 * 1024 * 1024)
#define MAX_NONCE_BYTES 128
#define HASH_BYTES 64

static gboolean
malformed (GError **error, const char *what)
{
  g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_MALFORMED,
               _ ("The request cannot be read: %s. Nothing was changed."), what);

  return FALSE;
}

/* The wire's errors, as the core tells them. */
static gboolean
take_wire_error (GError **error, GError *wire)
{
  SatchelServerError code = SATCHEL_SERVER_ERROR_MALFORMED;

  if (g_error_matches (wire, SATCHEL_WIRE_ERROR, SATCHEL_WIRE_ERROR_LIMITS))
    code = SATCHEL_SERVER_ERROR_LIMITS;
  else if (g_error_matches (wire, SATCHEL_WIRE_ERROR, SATCHEL_WIRE_ERROR_PROTOCOL))
    code = SATCHEL_SERVER_ERROR_PROTOCOL;

  g_set_error_literal (error, SATCHEL_SERVER_ERROR, code, wire->message);
  g_error_free (wire);

  return FALSE;
}

/* ---- Groups --------------------------------------------------------------------------------------- */

static void
sent_group_free (gpointer data)
{
  SatchelSentGroup *self = data;

  g_free (self->hash);
  g_free (self->canonical);
  json_object_unref (self->object);
  g_clear_pointer (&self->group, satchel_group_free);
  g_clear_pointer (&self->replay, json_object_unref);
  g_free (self->flaw);
  g_free (self);
}

/* The hash runs over the group as it came, with whatever a newer version put into it. */
static char *
group_to_canonical (JsonObject *object)
{
  g_autoptr (JsonObject) copy = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    if (strcmp (name, "hash") != 0)
      json_object_set_member (copy, name, json_node_ref (member));
  node = json_node_init_object (json_node_alloc (), copy);

  return satchel_json_to_canonical (node);
}

gboolean
satchel_sent_group_is_chained (const SatchelSentGroup *self, const char *previous)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *) previous, -1);
  g_checksum_update (checksum, (const guchar *) "\n", 1);
  g_checksum_update (checksum, (const guchar *) self->canonical, -1);

  return strcmp (g_checksum_get_string (checksum), self->hash) == 0;
}

/* One record stands once in a group, but a delete may follow what made or changed it. */
static char *
find_repetition (const SatchelGroup *group)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < group->mutations->len; i++)
    {
      const SatchelMutation *mutation = g_ptr_array_index (group->mutations, i);
      gboolean first = g_hash_table_add (seen, mutation->id);

      if (!first && mutation->kind != SATCHEL_MUTATION_DELETE)
        return g_strdup (_ ("It changes the same entry twice."));
    }

  return NULL;
}

/* What breaks the rules is refused as a group, so that those behind it are not held up. */
static void
read_content (SatchelSentGroup *self, JsonObject *object)
{
  g_autoptr (GError) error = NULL;

  self->canonical = group_to_canonical (object);
  self->too_large = strlen (self->canonical) > MAX_GROUP_BYTES;
  if (self->too_large)
    {
      self->flaw = g_strdup (_ ("It is larger than 8 MiB."));
      return;
    }

  self->group = satchel_group_from_json (object, &error);
  if (self->group == NULL)
    {
      self->too_large = g_error_matches (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_TOO_LARGE);
      self->flaw = g_strdup (error->message);
      return;
    }

  self->flaw = find_repetition (self->group);
  if (self->flaw != NULL)
    g_clear_pointer (&self->group, satchel_group_free);
}

static gboolean
read_group (SatchelSyncRequest *self, JsonObject *object, GError **error)
{
  gint64 n = json_object_get_int_member_with_default (object, "n", 0);
  const char *hash = json_object_get_string_member_with_default (object, "hash", NULL);
  SatchelSentGroup *group;

  if (n < 1)
    return malformed (error, "n");
  if (hash == NULL || strlen (hash) != HASH_BYTES)
    return malformed (error, "hash");
  if (self->groups->len > 0 &&
      ((SatchelSentGroup *) g_ptr_array_index (self->groups, self->groups->len - 1))->n != n - 1)
    return malformed (error, "n");
  if (self->groups->len >= SATCHEL_REQUEST_MAX_GROUPS)
    {
      g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_LIMITS,
                   _ ("The request has more than %d groups. Nothing was changed."), SATCHEL_REQUEST_MAX_GROUPS);
      return FALSE;
    }

  group = g_new0 (SatchelSentGroup, 1);
  group->n = n;
  group->hash = g_strdup (hash);
  group->object = json_object_ref (object);
  group->replay = g_steal_pointer (&self->replay);
  read_content (group, object);
  g_ptr_array_add (self->groups, group);

  return TRUE;
}

/* ---- What was lost with an epoch ------------------------------------------------------------------- */

static gboolean
read_replay (SatchelSyncRequest *self, JsonObject *object, GError **error)
{
  JsonNode *outcome = json_object_get_member (object, "outcome");

  if (outcome == NULL || !JSON_NODE_HOLDS_OBJECT (outcome))
    return malformed (error, "replay");
  g_clear_pointer (&self->replay, json_object_unref);
  self->replay = json_node_dup_object (outcome);

  return TRUE;
}

static gboolean
fail_limit (GError **error, guint limit)
{
  g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_LIMITS,
               _ ("The request has more than %u entries. Nothing was changed."), limit);

  return FALSE;
}

static gboolean
read_have (SatchelSyncRequest *self, JsonObject *object, GError **error)
{
  JsonObjectIter iter;
  const char *id;
  JsonNode *revision;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &id, &revision))
    {
      if (!satchel_id_is_valid (id) || !JSON_NODE_HOLDS_VALUE (revision) ||
          json_node_get_value_type (revision) != G_TYPE_STRING)
        return malformed (error, "have");
      g_hash_table_insert (self->haves, g_strdup (id), json_node_dup_string (revision));
    }

  return g_hash_table_size (self->haves) <= SATCHEL_REQUEST_MAX_HAVES || fail_limit (error, SATCHEL_REQUEST_MAX_HAVES);
}

static gboolean
read_offer (SatchelSyncRequest *self, JsonObject *object, GError **error)
{
  g_ptr_array_add (self->offers, json_object_ref (object));

  return self->offers->len <= SATCHEL_REQUEST_MAX_GROUPS || fail_limit (error, SATCHEL_REQUEST_MAX_GROUPS);
}

/* ---- The request ---------------------------------------------------------------------------------- */

static gboolean
read_text (JsonObject *object, const char *name, gsize max, char **text, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING ||
      strlen (json_node_get_string (node)) > max)
    return malformed (error, name);

  *text = json_node_dup_string (node);

  return TRUE;
}

static gboolean
read_begin (SatchelSyncRequest *self, JsonObject *object, GError **error)
{
  self->wait = (guint) CLAMP (json_object_get_int_member_with_default (object, "wait", 0), 0, MAX_WAIT);

  self->recovering = json_object_get_boolean_member_with_default (object, "recovering", FALSE);
  self->parting = json_object_get_boolean_member_with_default (object, "parting", FALSE);

  return read_text (object, "epoch", MAX_NONCE_BYTES, &self->epoch, error) &&
         read_text (object, "cursor", G_MAXUINT16, &self->cursor, error) &&
         read_text (object, "nonce", MAX_NONCE_BYTES, &self->nonce, error) &&
         read_text (object, "proposed", MAX_NONCE_BYTES, &self->proposed, error);
}

static gboolean
read_frame (SatchelSyncRequest *self, const char *kind, JsonObject *body, GError **error)
{
  static const struct
  {
    const char *kind;
    gboolean (*read) (SatchelSyncRequest *self, JsonObject *body, GError **error);
  } frames[] = {
    { "begin",  read_begin  },
    { "group",  read_group  },
    { "replay", read_replay },
    { "have",   read_have   },
    { "offer",  read_offer  },
  };

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    if (strcmp (frames[i].kind, kind) == 0)
      return frames[i].read (self, body, error);

  return TRUE; /* from a newer version */
}

static gboolean
read_frames (SatchelSyncRequest *self, SatchelFrameReader *reader, GError **error)
{
  const char *kind;
  JsonObject *body;
  GError *wire = NULL;

  while (satchel_frame_reader_next (reader, &kind, &body, &wire))
    if (!read_frame (self, kind, body, error))
      return FALSE;

  return wire == NULL || take_wire_error (error, wire);
}

/**
 * satchel_sync_request_parse:
 * @body: a body as it came
 * @error: %SATCHEL_SERVER_ERROR_MALFORMED, %SATCHEL_SERVER_ERROR_LIMITS or %SATCHEL_SERVER_ERROR_PROTOCOL
 *
 * Returns: (transfer full) (nullable): the request
 */
SatchelSyncRequest *
satchel_sync_request_parse (GBytes *body, GError **error)
{
  g_autoptr (SatchelSyncRequest) self = NULL;
  g_autoptr (SatchelFrameReader) reader = NULL;
  GError *wire = NULL;

  if (g_bytes_get_size (body) > SATCHEL_REQUEST_MAX_BYTES)
    {
      g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_LIMITS,
                   _ ("The request is larger than 8 MiB. Nothing was changed."));
      return NULL;
    }

  reader = satchel_frame_reader_new (body, SATCHEL_REQUEST_MAX_DECODED, &wire);
  if (reader == NULL)
    {
      take_wire_error (error, wire);
      return NULL;
    }

  self = g_new0 (SatchelSyncRequest, 1);
  self->groups = g_ptr_array_new_with_free_func (sent_group_free);
  self->haves = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->offers = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  if (!read_frames (self, reader, error))
    return NULL;
  if (self->groups->len > 0 || self->recovering)
    self->wait = 0;

  return g_steal_pointer (&self);
}

void
satchel_sync_request_free (SatchelSyncRequest *self)
{
  g_free (self->epoch);
  g_free (self->cursor);
  g_free (self->nonce);
  g_free (self->proposed);
  g_ptr_array_unref (self->groups);
  g_hash_table_unref (self->haves);
  g_ptr_array_unref (self->offers);
  g_clear_pointer (&self->replay, json_object_unref);
  g_free (self);
}

gboolean
satchel_sync_request_writes (const SatchelSyncRequest *self)
{
  return self->groups->len > 0 || self->offers->len > 0;
}

guint
satchel_sync_request_get_wait (const SatchelSyncRequest *self)
{
  return self->wait;
}
