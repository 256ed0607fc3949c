/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "records/satchel-id.h"
#include "satchel-connection-private.h"
#include "wire/satchel-frames.h"

#define JSON_MEDIA_TYPE "application/json"

/* ---- Signing in ---- */

/* What the server answers to a sign-in. */
typedef struct
{
  char *device;
  char *token;
  char *user_id;
  char *user_name;
  char *epoch;
  char *continues; /* (nullable): the device that this one goes on as */
} Enrolment;

static void
enrolment_clear (Enrolment *self)
{
  g_free (self->device);
  g_free (self->token);
  g_free (self->user_id);
  g_free (self->user_name);
  g_free (self->epoch);
  g_free (self->continues);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Enrolment, enrolment_clear)

/**
 * Credentials:
 * @user: (nullable): whose password it is
 * @code: (nullable): of an invitation
 * @password: (nullable): with a code, the one that the person chooses
 */
typedef struct
{
  const char *user;
  const char *code;
  const char *password;
} Credentials;

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

static GBytes *
write_sign_in (const Credentials *credentials, const char *device_name, const char *previous)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  char *text;

  json_object_set_int_member (object, "protocol", SATCHEL_PROTOCOL_VERSION);
  set_text (object, "user", credentials->user);
  set_text (object, "code", credentials->code);
  set_text (object, "password", credentials->password);
  set_text (object, "device", device_name);
  set_text (object, "previous", previous);

  node = json_node_init_object (json_node_alloc (), object);
  text = json_to_string (node, FALSE);

  return g_bytes_new_take (text, strlen (text));
}

static char *
take_string (JsonObject *object, const char *name)
{
  return g_strdup (json_object_get_string_member_with_default (object, name, NULL));
}

static gboolean
read_enrolment (GBytes *body, Enrolment *enrolment)
{
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  g_autoptr (JsonNode) node = satchel_json_parse (text, length, SATCHEL_JSON_MAX_DEPTH, NULL);
  JsonObject *object;
  JsonNode *user;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  object = json_node_get_object (node);
  user = json_object_get_member (object, "user");
  if (user == NULL || !JSON_NODE_HOLDS_OBJECT (user))
    return FALSE;

  enrolment->device = take_string (object, "device");
  enrolment->token = take_string (object, "token");
  enrolment->epoch = take_string (object, "epoch");
  enrolment->continues = take_string (object, "continues");
  enrolment->user_id = take_string (json_node_get_object (user), "id");
  enrolment->user_name = take_string (json_node_get_object (user), "name");

  return enrolment->device != NULL && satchel_id_is_valid (enrolment->device) && enrolment->token != NULL &&
         enrolment->epoch != NULL && enrolment->user_id != NULL && enrolment->user_name != NULL;
}

static gboolean
sign_in (SatchelConnection *self, GBytes *body, Enrolment *enrolment, GCancellable *cancellable, GError **error)
{
  SatchelRequest request = { "POST", "/v1/devices", JSON_MEDIA_TYPE, body, 0, FALSE };
  g_auto (SatchelReply) reply = { 0 };
  g_autofree char *host = satchel_address_get_host (satchel_connection_get_server (self));

  satchel_connection_set_token (self, NULL);
  if (!satchel_connection_send (self, &request, &reply, cancellable, error) ||
      !satchel_connection_check_reply (self, &reply, SOUP_STATUS_CREATED, JSON_MEDIA_TYPE, error))
    return FALSE;
  if (!read_enrolment (reply.body, enrolment))
    {
      satchel_sync_error_set_not_a_server (error, host, _ ("its answer to the sign-in cannot be read"));
      return FALSE;
    }

  return TRUE;
}

/* Work of one person is never sent as another's. */
static gboolean
check_owner (SatchelConnection *self, const SatchelLink *link, GError **error)
{
  if (link->server == NULL || strcmp (link->server, satchel_connection_get_server (self)) == 0)
    return TRUE;

  g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_REFUSED,
               _ ("This device is connected to “%s”. Nothing was changed; sign out there before you connect to another "
                  "server."),
               link->server);
  return FALSE;
}

static gboolean
check_user (SatchelConnection *self, const SatchelLink *link, const Enrolment *enrolment, GCancellable *cancellable,
            GError **error)
{
  if (link->user_id == NULL || strcmp (link->user_id, enrolment->user_id) == 0)
    return TRUE;

  /* The device that was just made is of no use. */
  satchel_connection_set_token (self, enrolment->token);
  satchel_connection_sign_out (self, cancellable, NULL);
  satchel_connection_set_token (self, NULL);
  g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_REFUSED,
               _ ("What is on this device belongs to “%s”. Nothing was changed; sign in as “%s”, or sign out before "
                  "somebody else signs in."),
               link->user_name, link->user_name);
  return FALSE;
}

/* What the replica says of the server's epochs from then on goes into @link. */
static gboolean
restart (SatchelReplica *replica, SatchelLink *link, const char *epoch, GError **error)
{
  g_autoptr (SatchelLink) restarted = NULL;

  if (!satchel_replica_restart (replica, epoch, error))
    return FALSE;
  restarted = satchel_replica_get_link (replica, error);
  if (restarted == NULL)
    return FALSE;

  g_set_str (&link->epoch, restarted->epoch);
  g_set_str (&link->recovering, restarted->recovering);

  return TRUE;
}

static gboolean
tie_replica (SatchelConnection *self, SatchelReplica *replica, SatchelLink *link, const Enrolment *enrolment,
             const char *device_name, GError **error)
{
  gboolean anew = link->device_id != NULL && strcmp (link->device_id, enrolment->device) != 0;
  gboolean goes_on = anew && g_strcmp0 (enrolment->continues, link->device_id) == 0;

  g_set_str (&link->server, satchel_connection_get_server (self));
  g_set_str (&link->ca_file, satchel_connection_get_ca_file (self));
  g_set_str (&link->user_id, enrolment->user_id);
  g_set_str (&link->user_name, enrolment->user_name);
  g_set_str (&link->device_id, enrolment->device);
  g_set_str (&link->device_name, device_name);
  if (link->epoch == NULL)
    g_set_str (&link->epoch, enrolment->epoch);
  if (anew)
    {
      g_clear_pointer (&link->nonce, g_free);
      g_clear_pointer (&link->proposed_nonce, g_free);
    }

  return (!anew || goes_on || restart (replica, link, enrolment->epoch, error)) &&
         satchel_replica_set_link (replica, link, error);
}

static gboolean
enroll (SatchelConnection *self, SatchelReplica *replica, const Credentials *credentials, const char *device_name,
        GCancellable *cancellable, char **token, GError **error)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (replica, error);
  g_autoptr (GBytes) body = NULL;
  g_auto (Enrolment) enrolment = { 0 };

  if (link == NULL || !check_owner (self, link, error))
    return FALSE;

  body = write_sign_in (credentials, device_name, link->device_id);
  if (!sign_in (self, body, &enrolment, cancellable, error) ||
      !check_user (self, link, &enrolment, cancellable, error) ||
      !tie_replica (self, replica, link, &enrolment, device_name, error))
    return FALSE;

  satchel_connection_set_token (self, enrolment.token);
  *token = g_steal_pointer (&enrolment.token);

  return TRUE;
}

/**
 * satchel_connection_enroll:
 * @replica: the replica, not connected to another server
 * @user: the person's name at the server
 * @password: their password
 * @device_name: what the device is called, for people
 * @cancellable: (nullable): stops it
 * @token: (out) (transfer full): the device's token, for the caller to keep
 * @error: set to a #SatchelSyncError or #SatchelDataError, or %G_IO_ERROR_CANCELLED
 *
 * Signs in and ties the replica to the server. A replica that was tied to the
 * same server before stays the same device if the server still knows it; what
 * was not sent is kept either way. Blocks.
 *
 * Returns: whether the replica is tied to the server now
 */
gboolean
satchel_connection_enroll (SatchelConnection *self, SatchelReplica *replica, const char *user, const char *password,
                           const char *device_name, GCancellable *cancellable, char **token, GError **error)
{
  const Credentials credentials = { .user = user, .password = password };

  return enroll (self, replica, &credentials, device_name, cancellable, token, error);
}

/**
 * satchel_connection_enroll_with_code:
 * @replica: the replica, not connected to another server
 * @code: the code of an invitation, as it was typed
 * @password: (nullable): the password that the person chooses
 * @device_name: what the device is called, for people
 * @cancellable: (nullable): stops it
 * @token: (out) (transfer full): the device's token, for the caller to keep
 * @error: set to a #SatchelSyncError or #SatchelDataError, or %G_IO_ERROR_CANCELLED
 *
 * Does what satchel_connection_enroll() does, for whoever was invited with
 * that code, which is of no more use then. Blocks.
 *
 * Returns: whether the replica is tied to the server now
 */
gboolean
satchel_connection_enroll_with_code (SatchelConnection *self, SatchelReplica *replica, const char *code,
                                     const char *password, const char *device_name, GCancellable *cancellable,
                                     char **token, GError **error)
{
  const Credentials credentials = { .code = code, .password = password };

  return enroll (self, replica, &credentials, device_name, cancellable, token, error);
}

/* ---- A new token ---- */

static char *
read_renewal (SatchelConnection *self, GBytes *body, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  g_autoptr (JsonNode) node = satchel_json_parse (text, length, SATCHEL_JSON_MAX_DEPTH, NULL);
  g_autofree char *host = satchel_address_get_host (satchel_connection_get_server (self));
  char *token = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? take_string (json_node_get_object (node), "token")
                                                              : NULL;

  if (token == NULL)
    satchel_sync_error_set_not_a_server (error, host, _ ("its answer to the sign-in cannot be read"));

  return token;
}

/* Private: the old token is good until the new one was used, so wherever this stops, one of them is kept. */
gboolean
satchel_connection_renew (SatchelConnection *self, const char *device_id, SatchelTokenPlace place,
                          GCancellable *cancellable, GError **error)
{
  SatchelRequest request = { "POST", "/v1/devices/self/token", NULL, NULL, 0, TRUE };
  g_auto (SatchelReply) reply = { 0 };
  g_autofree char *token = NULL;

  if (!satchel_connection_send (self, &request, &reply, cancellable, error) ||
      !satchel_connection_check_reply (self, &reply, SOUP_STATUS_OK, JSON_MEDIA_TYPE, error))
    return FALSE;
  token = read_renewal (self, reply.body, error);
  if (token == NULL || !satchel_token_store_save (device_id, token, place, error))
    return FALSE;
  satchel_connection_set_token (self, token);

  return TRUE;
}

/**
 * satchel_connection_sign_out:
 * @cancellable: (nullable): stops it
 * @error: set to a #SatchelSyncError, or %G_IO_ERROR_CANCELLED
 *
 * Makes the token worthless at the server. Blocks. The replica is untouched.
 *
 * Returns: whether the token is worthless now; also when it was before
 */
gboolean
satchel_connection_sign_out (SatchelConnection *self, GCancellable *cancellable, GError **error)
{
  SatchelRequest request = { "DELETE", "/v1/devices/self", NULL, NULL, 0, TRUE };
  g_auto (SatchelReply) reply = { 0 };
  g_autoptr (GError) reason = NULL;

  if (!satchel_connection_send (self, &request, &reply, cancellable, error))
    return FALSE;
  if (satchel_connection_check_reply (self, &reply, SOUP_STATUS_NO_CONTENT, NULL, &reason) ||
      g_error_matches (reason, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_SIGNED_OUT))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&reason));

  return FALSE;
}

/* ---- History ---- */

static GPtrArray *
read_history (GBytes *body, GError **error)
{
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (body, SATCHEL_ANSWER_MAX_DECODED, error);
  g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_autoptr (GError) reason = NULL;
  const char *kind;
  JsonObject *change;

  if (reader == NULL)
    return NULL;
  while (satchel_frame_reader_next (reader, &kind, &change, &reason))
    if (strcmp (kind, "change") == 0)
      g_ptr_array_add (changes, json_object_ref (change));
  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }

  return g_steal_pointer (&changes);
}

/**
 * satchel_connection_get_history:
 * @type: the record's type
 * @id: the record's id
 * @cancellable: (nullable): stops it
 * @error: set to a #SatchelSyncError, or %G_IO_ERROR_CANCELLED
 *
 * Asks the server who changed what of a record. Blocks.
 *
 * Returns: (transfer full) (nullable) (element-type JsonObject): `change`
 *   bodies of the protocol, newest first; %NULL with @error set
 */
GPtrArray *
satchel_connection_get_history (SatchelConnection *self, const char *type, const char *id, GCancellable *cancellable,
                                GError **error)
{
  g_autofree char *path = g_strdup_printf ("/v1/records/%s/%s/history", type, id);
  SatchelRequest request = { "GET", path, NULL, NULL, 0, TRUE };
  g_auto (SatchelReply) reply = { 0 };
  GError *reason = NULL;
  GPtrArray *changes;

  if (!satchel_connection_send (self, &request, &reply, cancellable, error) ||
      !satchel_connection_check_reply (self, &reply, SOUP_STATUS_OK, SATCHEL_FRAMES_MEDIA_TYPE, error))
    return NULL;

  changes = read_history (reply.body, &reason);
  if (changes == NULL)
    satchel_sync_error_take_wire (error, reason);

  return changes;
}
