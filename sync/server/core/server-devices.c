/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Devices: signing in and out, and forks. */

#include "satchel-config.h"

#include "server-devices.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#include "records/satchel-id.h"
#include "records/satchel-text.h"
#include "records/satchel-value.h"
#include "server-tokens.h"
#include "wire/satchel-frames.h"

#define MAX_BODY_BYTES (16 * 1024)
#define MAX_DEPTH 4
#define MAX_NAME_BYTES 200
#define MAX_PASSWORD_BYTES 1024

/* ---- Reading the request -------------------------------------------------------------------------- */

static gboolean
malformed (GError **error)
{
  g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_MALFORMED,
               _ ("The request cannot be read. Nothing was changed."));

  return FALSE;
}

static gboolean
read_text (JsonObject *object, const char *name, gsize max, gboolean required, char **text)
{
  JsonNode *node = json_object_get_member (object, name);
  const char *value;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return !required;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return FALSE;

  value = json_node_get_string (node);
  if (strlen (value) > max || !g_utf8_validate (value, -1, NULL))
    return FALSE;
  *text = satchel_text_normalise (value, -1);

  return *text != NULL;
}

static gboolean
read_members (SatchelSignIn *self, JsonObject *object, GError **error)
{
  if (json_object_get_int_member_with_default (object, "protocol", 0) != SATCHEL_PROTOCOL_VERSION)
    {
      g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_PROTOCOL,
                   _ ("This server speaks another version of the protocol. One of the two must be updated."));
      return FALSE;
    }

  return (read_text (object, "user", MAX_NAME_BYTES, TRUE, &self->user) &&
          read_text (object, "password", MAX_PASSWORD_BYTES, TRUE, &self->password) &&
          read_text (object, "device", MAX_NAME_BYTES, FALSE, &self->device) &&
          read_text (object, "previous", MAX_NAME_BYTES, FALSE, &self->previous)) ||
         malformed (error);
}

SatchelSignIn *
satchel_sign_in_parse (GBytes *body, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (SatchelSignIn) self = g_new0 (SatchelSignIn, 1);

  if (length > 0 && length <= MAX_BODY_BYTES)
    node = satchel_json_parse (text, (gssize) length, MAX_DEPTH, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      malformed (error);
      return NULL;
    }

  return read_members (self, json_node_get_object (node), error) ? g_steal_pointer (&self) : NULL;
}

void
satchel_sign_in_free (SatchelSignIn *self)
{
  if (self->password != NULL)
    sodium_memzero (self->password, strlen (self->password));
  g_free (self->user);
  g_free (self->password);
  g_free (self->device);
  g_free (self->previous);
  g_free (self);
}

/* ---- Signing in ----------------------------------------------------------------------------------- */

gboolean
satchel_server_find_password (SatchelServer *self, SatchelStoreSession *session, const SatchelSignIn *sign_in,
                              char **hash, GError **error)
{
  g_autoptr (SatchelStoredUser) user = NULL;
  gboolean found;

  *hash = NULL;
  if (!satchel_store_begin (session, error))
    return FALSE;
  found = satchel_store_find_user (session, sign_in->user, &user, error);
  satchel_store_rollback (session);

  if (found && user != NULL)
    *hash = g_strdup (user->password);

  return found;
}

static SatchelStoredUser *
require_user (SatchelStoreSession *session, const SatchelSignIn *sign_in, const char *hash, GError **error)
{
  g_autoptr (SatchelStoredUser) user = NULL;

  if (!satchel_store_find_user (session, sign_in->user, &user, error))
    return NULL;
  if (user == NULL || hash == NULL || g_strcmp0 (user->password, hash) != 0)
    {
      g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_CREDENTIALS,
                   _ ("The name or the password is wrong."));
      return NULL;
    }
  if (!user->active)
    {
      g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_DISABLED,
                   _ ("This user is disabled. Nothing is lost; please ask your administrator."));
      return NULL;
    }

  return g_steal_pointer (&user);
}

static SatchelStoredDevice *
device_new (const char *user, const char *name)
{
  SatchelStoredDevice *device = g_new0 (SatchelStoredDevice, 1);

  device->id = satchel_id_new ();
  device->user = g_strdup (user);
  device->name = g_strdup (name != NULL ? name : "");
  device->created_at = satchel_time_now ();

  return device;
}

/* The device that this replica was before, if it is the same user's; else a new one. */
static SatchelStoredDevice *
find_device (SatchelStoreSession *session, const SatchelSignIn *sign_in, const SatchelStoredUser *user, GError **error)
{
  g_autoptr (SatchelStoredDevice) previous = NULL;

  if (sign_in->previous != NULL && !satchel_store_load_device (session, sign_in->previous, &previous, error))
    return NULL;
  if (previous == NULL || strcmp (previous->user, user->id) != 0)
    return device_new (user->id, sign_in->device);

  previous->revoked = FALSE;
  if (sign_in->device != NULL)
    g_set_str (&previous->name, sign_in->device);

  return g_steal_pointer (&previous);
}

static char *
give_token (SatchelServer *self, SatchelStoredDevice *device)
{
  char *token = satchel_token_new ();

  g_free (device->token_hash);
  device->token_hash = satchel_token_hash (token);
  device->token_expires = satchel_time_now_unix_ms () / 1000 + satchel_server_get_token_lifetime (self);

  return token;
}

static char *
make_answer (SatchelServer *self, const SatchelStoredDevice *device, const SatchelStoredUser *user, const char *token)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GDateTime) expires = g_date_time_new_from_unix_utc (device->token_expires);
  g_autofree char *expires_at = g_date_time_format (expires, "%Y-%m-%dT%H:%M:%S.000Z");
  JsonObject *user_object = json_object_new ();

  json_object_set_string_member (user_object, "id", user->id);
  json_object_set_string_member (user_object, "name", user->name);
  json_object_set_string_member (object, "device", device->id);
  json_object_set_string_member (object, "token", token);
  json_object_set_object_member (object, "user", user_object);
  json_object_set_string_member (object, "organisation", satchel_server_get_organisation (self));
  json_object_set_string_member (object, "epoch", satchel_server_get_epoch (self));
  json_object_set_string_member (object, "expires_at", expires_at);
  node = json_node_init_object (json_node_alloc (), object);

  return json_to_string (node, FALSE);
}

char *
satchel_server_sign_in (SatchelServer *self, SatchelStoreSession *session, const SatchelSignIn *sign_in,
                        const char *hash, GError **error)
{
  g_autoptr (SatchelStoredUser) user = require_user (session, sign_in, hash, error);
  g_autoptr (SatchelStoredDevice) device = NULL;
  g_autofree char *token = NULL;

  if (user == NULL)
    return NULL;
  device = find_device (session, sign_in, user, error);
  if (device == NULL)
    return NULL;

  token = give_token (self, device);
  g_free (device->last_seen);
  device->last_seen = satchel_time_now ();

  return satchel_store_save_device (session, device, error) ? make_answer (self, device, user, token) : NULL;
}

gboolean
satchel_server_sign_out (SatchelServer *self, SatchelStoreSession *session, const char *token, GError **error)
{
  g_autofree char *hash = satchel_token_hash (token);
  g_autoptr (SatchelStoredDevice) device = NULL;

  if (!satchel_store_find_device (session, hash, &device, error))
    return FALSE;
  if (device == NULL)
    {
      g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_TOKEN,
                   _ ("This device is not signed in. Nothing is lost; please sign in again."));
      return FALSE;
    }

  g_clear_pointer (&device->token_hash, g_free);

  return satchel_store_save_device (session, device, error);
}

/* ---- Forks ---------------------------------------------------------------------------------------- */

SatchelStoredDevice *
satchel_device_fork (SatchelServer *server, SatchelStoreSession *session, const SatchelStoredDevice *device,
                     char **token, GError **error)
{
  g_autoptr (SatchelStoredDevice) fork = device_new (device->user, device->name);

  fork->forked_from = g_strdup (device->id);
  *token = give_token (server, fork);
  /* Not longer than whoever it was before. */
  fork->token_expires = MIN (fork->token_expires, device->token_expires);

  return satchel_store_save_device (session, fork, error) ? g_steal_pointer (&fork) : NULL;
}
