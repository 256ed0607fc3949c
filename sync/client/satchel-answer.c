/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-answer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"
#include "satchel-connection-private.h"

/* While an answer is read. */
typedef struct
{
  SatchelAnswer *answer;
  SatchelDelivery *delivery;
} Reading;

typedef gboolean (*FrameFunc) (Reading *reading, JsonObject *body, GError **error);

static gboolean
refuse (GError **error, const char *frame)
{
  g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_PROTOCOL,
               _ ("The server’s answer cannot be right: its “%s” says something that Satchel does not expect. Nothing "
                  "of it was used and your work is safe; if it happens again, tell whoever looks after the server."),
               frame);
  return FALSE;
}

static const char *
get_string (JsonObject *object, const char *name)
{
  const char *text = json_object_get_string_member_with_default (object, name, NULL);

  return text != NULL && *text != '\0' ? text : NULL;
}

static gboolean
get_integer (JsonObject *object, const char *name, gint64 *number)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *number = json_node_get_int (node);

  return TRUE;
}

static gboolean
get_boolean (JsonObject *object, const char *name)
{
  return json_object_get_boolean_member_with_default (object, name, FALSE);
}

/* ---- Frames ---- */

static gboolean
read_begin (Reading *reading, JsonObject *body, GError **error)
{
  const char *epoch = get_string (body, "epoch");

  if (epoch == NULL)
    return refuse (error, "begin");
  g_set_str (&reading->answer->epoch, epoch);
  g_set_str (&reading->answer->at, get_string (body, "at"));
  reading->answer->resync = get_boolean (body, "resync");
  reading->answer->renew = get_boolean (body, "renew");

  return TRUE;
}

static gboolean
read_fork (Reading *reading, JsonObject *body, GError **error)
{
  const char *device = get_string (body, "device"), *token = get_string (body, "token");

  if (device == NULL || token == NULL)
    return refuse (error, "fork");
  g_set_str (&reading->answer->fork_device, device);
  g_set_str (&reading->answer->fork_token, token);

  return TRUE;
}

static gboolean
read_restored (Reading *reading, JsonObject *body, GError **error)
{
  if (!get_integer (body, "known", &reading->answer->known) || reading->answer->known < 0)
    return refuse (error, "restored");
  reading->answer->restored = TRUE;

  return TRUE;
}

static gboolean
read_want (Reading *reading, JsonObject *body, GError **error)
{
  JsonNode *node = json_object_get_member (body, "ids");
  JsonArray *ids = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    {
      JsonNode *id = json_array_get_element (ids, i);

      if (!JSON_NODE_HOLDS_VALUE (id) || json_node_get_value_type (id) != G_TYPE_STRING)
        return refuse (error, "want");
      g_ptr_array_add (reading->answer->wanted, json_node_dup_string (id));
    }
  reading->answer->recovered = TRUE;

  return ids != NULL || refuse (error, "want");
}

static gboolean
read_taken (Reading *reading, JsonObject *body, GError **error)
{
  reading->answer->recovered = TRUE;

  return TRUE;
}

static gboolean
is_list_of_objects (JsonNode *node)
{
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!JSON_NODE_HOLDS_OBJECT (json_array_get_element (array, i)))
      return FALSE;

  return TRUE;
}

/* Absent or null: none. */
static JsonNode *
copy_mutations (JsonNode *mutations)
{
  JsonNode *none;

  if (mutations != NULL && !JSON_NODE_HOLDS_NULL (mutations))
    return json_node_copy (mutations);
  none = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (none, json_array_new ());

  return none;
}

static gboolean
read_outcome (Reading *reading, JsonObject *body, GError **error)
{
  static const char *const results[] = { "applied", "partial", "refused", NULL };
  const char *result = get_string (body, "result");
  JsonNode *mutations = json_object_get_member (body, "mutations");
  SatchelOutcome *outcome;
  gint64 n;

  if (!get_integer (body, "n", &n) || result == NULL || !g_strv_contains (results, result))
    return refuse (error, "outcome");
  if (mutations != NULL && !JSON_NODE_HOLDS_NULL (mutations) && !is_list_of_objects (mutations))
    return refuse (error, "outcome");

  outcome = g_new0 (SatchelOutcome, 1);
  outcome->n = n;
  outcome->result = g_strdup (result);
  outcome->code = g_strdup (get_string (body, "code"));
  outcome->reason = g_strdup (get_string (body, "reason"));
  outcome->mutations = copy_mutations (mutations);
  g_ptr_array_add (reading->answer->outcomes, outcome);

  return TRUE;
}

static gboolean
read_exit (Reading *reading, JsonObject *body, GError **error)
{
  const char *type = get_string (body, "type"), *id = get_string (body, "id"), *from = get_string (body, "from");

  if (type == NULL || id == NULL || from == NULL)
    return refuse (error, "exit");
  satchel_delivery_add_exit (reading->delivery, type, id, from, get_string (body, "to"));

  return TRUE;
}

static gboolean
read_delete (Reading *reading, JsonObject *body, GError **error)
{
  const char *type = get_string (body, "type"), *id = get_string (body, "id");

  if (type == NULL || id == NULL)
    return refuse (error, "delete");
  satchel_delivery_add_delete (reading->delivery, type, id);

  return TRUE;
}

static gboolean
read_drop (Reading *reading, JsonObject *body, GError **error)
{
  const char *bucket = get_string (body, "bucket");

  if (bucket == NULL)
    return refuse (error, "drop");
  satchel_delivery_drop_bucket (reading->delivery, bucket);

  return TRUE;
}

static gboolean
read_page (Reading *reading, JsonObject *body, GError **error)
{
  SatchelAnswer *answer = reading->answer;
  const char *cursor = get_string (body, "cursor");

  if (cursor == NULL || !get_integer (body, "applied_through", &answer->applied_through) || answer->applied_through < 0)
    return refuse (error, "page");
  answer->has_page = TRUE;
  g_set_str (&answer->cursor, cursor);
  g_set_str (&answer->nonce, get_string (body, "nonce"));
  answer->head = get_boolean (body, "head");
  answer->arriving = get_boolean (body, "arriving");

  return TRUE;
}

/* ---- The whole ---- */

static FrameFunc
find_frame (const char *kind)
{
  static const struct
  {
    const char *kind;
    FrameFunc read;
  } frames[] = {
    { "begin",    read_begin    },
    { "fork",     read_fork     },
    { "restored", read_restored },
    { "want",     read_want     },
    { "taken",    read_taken    },
    { "outcome",  read_outcome  },
    { "exit",     read_exit     },
    { "delete",   read_delete   },
    { "drop",     read_drop     },
    { "page",     read_page     },
  };

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    if (strcmp (frames[i].kind, kind) == 0)
      return frames[i].read;

  return NULL;
}

/* What is wrong with a record is the server's fault; that the disk is full is not. */
static gboolean
explain_put (GError *reason, GError **error)
{
  gboolean local = reason->domain != SATCHEL_DATA_ERROR || reason->code >= SATCHEL_DATA_ERROR_NEWER;

  if (local)
    {
      g_propagate_error (error, reason);
      return FALSE;
    }

  g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_PROTOCOL,
               _ ("The server sent an entry that Satchel cannot read. Nothing was changed and your work is safe; tell "
                  "whoever looks after the server. %s"),
               reason->message);
  g_error_free (reason);

  return FALSE;
}

static gboolean
read_put (Reading *reading, const char *text, gsize length, GError **error)
{
  GError *reason = NULL;

  return satchel_delivery_add_put_text (reading->delivery, text, length, &reason) || explain_put (reason, error);
}

static gboolean
read_frame (Reading *reading, const char *kind, const char *text, gsize length, GError **error)
{
  gboolean put = strcmp (kind, "put") == 0;
  FrameFunc read = put ? NULL : find_frame (kind);
  g_autoptr (JsonNode) node = NULL;

  if (!put && read == NULL)
    return TRUE; /* from a newer version */
  if (reading->answer->has_page)
    return refuse (error, kind);
  if (put)
    return read_put (reading, text, length, error);

  node = satchel_json_parse (text, length, SATCHEL_JSON_MAX_DEPTH, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, kind);

  return read (reading, json_node_get_object (node), error);
}

static gboolean
read_frames (Reading *reading, SatchelFrameReader *reader, GError **error)
{
  GError *reason = NULL;
  const char *kind, *text;
  gsize length;

  while (satchel_frame_reader_next_text (reader, &kind, &text, &length, &reason))
    if (!read_frame (reading, kind, text, length, error))
      return FALSE;
  if (reason != NULL)
    {
      satchel_sync_error_take_wire (error, reason);
      return FALSE;
    }

  return TRUE;
}

/* Private: an answer that says nothing yet. */
void
satchel_answer_init (SatchelAnswer *self)
{
  *self = (SatchelAnswer) { 0 };
  self->wanted = g_ptr_array_new_with_free_func (g_free);
  self->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_outcome_free);
}

/* Private: frees what an answer holds. */
void
satchel_answer_clear (SatchelAnswer *self)
{
  g_clear_pointer (&self->epoch, g_free);
  g_clear_pointer (&self->at, g_free);
  g_clear_pointer (&self->wanted, g_ptr_array_unref);
  g_clear_pointer (&self->fork_device, g_free);
  g_clear_pointer (&self->fork_token, g_free);
  g_clear_pointer (&self->outcomes, g_ptr_array_unref);
  g_clear_pointer (&self->cursor, g_free);
  g_clear_pointer (&self->nonce, g_free);
}

/* Private: see the header. */
SatchelFrameReader *
satchel_answer_open (GBytes *body, GError **error)
{
  GError *reason = NULL;
  SatchelFrameReader *reader = satchel_frame_reader_new (body, SATCHEL_ANSWER_MAX_DECODED, &reason);

  if (reader == NULL)
    satchel_sync_error_take_wire (error, reason);

  return reader;
}

/* Private: see the header. FALSE where the page has to be met in its turn. */
gboolean
satchel_answer_peek_page (SatchelAnswer *self, SatchelFrameReader *reader)
{
  Reading reading = { self, NULL };
  gsize length;
  const char *text = satchel_frame_reader_peek_last (reader, "page", &length);
  g_autoptr (JsonNode) node = text != NULL ? satchel_json_parse (text, length, SATCHEL_JSON_MAX_DEPTH, NULL) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) && read_page (&reading, json_node_get_object (node), NULL);
}

/* Private: reads an answer. On failure what @delivery was given so far must not be laid down. */
gboolean
satchel_answer_read (SatchelAnswer *self, SatchelFrameReader *reader, SatchelDelivery *delivery, GError **error)
{
  Reading reading = { self, delivery };

  if (!read_frames (&reading, reader, error))
    return FALSE;
  if (self->fork_device == NULL && !self->restored && !self->recovered && !self->has_page)
    return refuse (error, "page");

  return TRUE;
}
