/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The history of a record, for who may see the record. */

#include "satchel-config.h"

#include <string.h>

#include "server-push.h"
#include "server-units.h"
#include "wire/satchel-frames.h"

#define MAX_CHANGES 10000
#define MAX_DECODED (32 * 1024 * 1024)

typedef struct
{
  SatchelServer *server;
  SatchelStoreSession *session;
  SatchelView *view;
  SatchelFrameWriter *writer;
} Telling;

static void
add_begin (Telling *self)
{
  g_autoptr (JsonObject) begin = json_object_new ();

  json_object_set_int_member (begin, "protocol", SATCHEL_PROTOCOL_VERSION);
  json_object_set_string_member (begin, "epoch", satchel_server_get_epoch (self->server));
  satchel_frame_writer_add (self->writer, "begin", begin);
}

static void
set_value (JsonObject *object, const char *name, const char *text)
{
  JsonObject *value = satchel_unit_value_from_text (text);

  if (value != NULL)
    json_object_set_object_member (object, name, value);
  else
    json_object_set_null_member (object, name);
}

static void
tell_change (Telling *self, const SatchelStoredChange *change)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *rev = satchel_revision_to_string (change->epoch, change->n);

  json_object_set_string_member (object, "rev", rev);
  json_object_set_string_member (object, "unit", change->unit);
  json_object_set_string_member (object, "at", change->at);
  json_object_set_string_member (object, "by", change->by);
  json_object_set_string_member (object, "device", change->device);
  json_object_set_string_member (object, "kind", change->kind);
  set_value (object, "old", change->old_value);
  set_value (object, "new", change->new_value);
  satchel_frame_writer_add (self->writer, "change", object);
}

/* ---- How it began --------------------------------------------------------------------------------- */

/* The creation is not kept: it is what the first change of each unit began with, or what the unit still is. */
static char *
find_first_value (const SatchelRecord *record, const char *unit, GPtrArray *newest_first)
{
  g_autoptr (JsonObject) value = NULL;

  for (guint i = newest_first->len; i > 0; i--)
    {
      const SatchelStoredChange *change = g_ptr_array_index (newest_first, i - 1);

      if (strcmp (change->unit, unit) == 0)
        return g_strdup (change->old_value);
    }

  value = satchel_unit_dup_value (record, unit, NULL);

  return satchel_unit_value_to_text (value);
}

static gboolean
is_empty_value (const char *text)
{
  g_autoptr (JsonObject) value = satchel_unit_value_from_text (text);
  JsonObjectIter iter;
  JsonNode *node;

  if (value == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, value);
  while (json_object_iter_next_ordered (&iter, NULL, &node))
    if (!JSON_NODE_HOLDS_NULL (node) &&
        !(JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) == 0))
      return FALSE;

  return TRUE;
}

static void
tell_creation (Telling *self, const SatchelStored *stored, const SatchelRecord *record, GPtrArray *changes)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  const SatchelStoredChange *oldest = changes->len > 0 ? g_ptr_array_index (changes, changes->len - 1) : NULL;
  SatchelStoredChange change = {
    .epoch = oldest != NULL ? oldest->epoch : stored->epoch,
    .n = 1,
    .kind = (char *) "create",
    .at = (char *) satchel_record_get_created_at (record),
    .by = (char *) satchel_record_get_created_by (record),
    .device = stored->device,
  };

  for (guint i = 0; i < satchel_type_get_n_units (type); i++)
    {
      const SatchelUnit *unit = satchel_type_get_unit (type, i);
      g_autofree char *value = NULL;

      if (unit->policy == SATCHEL_POLICY_DERIVED)
        continue;
      value = find_first_value (record, unit->name, changes);
      if (is_empty_value (value))
        continue;
      change.unit = (char *) unit->name;
      change.new_value = value;
      tell_change (self, &change);
    }
}

static gboolean
tell (Telling *self, const SatchelStored *stored, GError **error)
{
  g_autoptr (GPtrArray) changes = satchel_store_list_changes (self->session, stored->id, NULL, NULL, MAX_CHANGES, TRUE,
                                                              error);
  g_autoptr (SatchelRecord) record = NULL;

  if (changes == NULL)
    return FALSE;
  record = satchel_record_from_wire_text (satchel_server_get_vocabulary (self->server), stored->body,
                                          strlen (stored->body), error);
  if (record == NULL)
    return FALSE;

  add_begin (self);
  for (guint i = 0; i < changes->len && satchel_frame_writer_get_decoded (self->writer) < MAX_DECODED; i++)
    tell_change (self, g_ptr_array_index (changes, i));
  if (changes->len < MAX_CHANGES)
    tell_creation (self, stored, record, changes);

  return TRUE;
}

static GBytes *
write_history (Telling *self, const char *token, const char *type, const char *id, GError **error)
{
  g_autoptr (SatchelStored) stored = NULL;

  self->view = satchel_view_open (self->server, self->session, token, error);
  stored = self->view != NULL ? satchel_view_load (self->view, type, id, error) : NULL;
  if (stored == NULL)
    return NULL;

  self->writer = satchel_frame_writer_new ();

  return tell (self, stored, error) ? satchel_frame_writer_finish (self->writer) : NULL;
}

/**
 * satchel_server_history:
 * @self: the server
 * @session: a session, in no transaction
 * @token: who asks
 * @type: the record's type
 * @id: its id
 * @error: %SATCHEL_SERVER_ERROR_NOT_FOUND also for what they may not see; %SATCHEL_SERVER_ERROR_TOKEN,
 *   %SATCHEL_SERVER_ERROR_DISABLED, or what the store says
 *
 * Returns: (transfer full) (nullable): the body of the answer: changes, the newest first
 */
GBytes *
satchel_server_history (SatchelServer *self, SatchelStoreSession *session, const char *token, const char *type,
                        const char *id, GError **error)
{
  Telling telling = { .server = self, .session = session };
  GBytes *body;

  if (!satchel_store_begin (session, error))
    return NULL;
  body = write_history (&telling, token, type, id, error);
  satchel_store_rollback (session);

  g_clear_pointer (&telling.view, satchel_view_free);
  g_clear_pointer (&telling.writer, satchel_frame_writer_free);

  return body;
}
