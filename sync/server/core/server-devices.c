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
#include "server-rights.h"
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

  if (!read_text (object, "code", MAX_NAME_BYTES, FALSE, &self->code))
    return malformed (error);

  return (read_text (object, "user", MAX_NAME_BYTES, self->code == NULL, &self->user) &&
          read_text (object, "password", MAX_PASSWORD_BYTES, self->code == NULL, &self->password) &&
          read_text (object, "device", MAX_NAME_BYTES, FALSE, &self->device) &&
          read_text (object, "previous", MAX_NAME_BYTES, FALSE, &self->previous) &&
          (self->code == NULL || self->password == NULL || *self->password != '\0')) ||
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
  if (self->code != NULL)
    sodium_memzero (self->code, strlen (self->code));
  g_free (self->user);
  g_free (self->password);
  g_free (self->code);
  g_free (self->device);
  g_free (self->previous);
  g_free (self);
}

void
satchel_who_clear (SatchelWho *self)
{
  g_clear_pointer (&self->user, g_free);
  g_clear_pointer (&self->device, g_free);
}

/* ---- Invitations ---------------------------------------------------------------------------------- */

static gboolean
refuse_code (GError **error)
{
  g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_CODE,
               _ ("This code is wrong, was used already, or has expired. Please ask for a new one."));

  return FALSE;
}

/* The user who is invited with that code, disabled or not. */
static gboolean
find_invited (SatchelStoreSession *session, const char *code, SatchelStoredUser **user, GError **error)
{
  g_autofree char *hash = satchel_code_hash (code);
  g_autoptr (SatchelStoredInvitation) invitation = NULL;

  if (hash == NULL)
    return refuse_code (error);
  if (!satchel_store_find_invitation (session, hash, &invitation, error))
    return FALSE;
  if (invitation == NULL || invitation->expires <= satchel_time_now_unix_ms () / 1000)
    return refuse_code (error);

  return satchel_store_load_user (session, invitation->user, user, error) && (*user != NULL || refuse_code (error));
}

/* ---- Signing in ----------------------------------------------------------------------------------- */

static gboolean
find_who (SatchelStoreSession *session, const SatchelSignIn *sign_in, SatchelStoredUser **user, GError **error)
{
  if (sign_in->code != NULL)
    return find_invited (session, sign_in->code, user, error);

  return satchel_store_find_user (session, sign_in->user, user, error);
}

gboolean
satchel_server_find_password (SatchelServer *self, SatchelStoreSession *session, const SatchelSignIn *sign_in,
                              char **hash, SatchelWho *who, GError **error)
{
  g_autoptr (SatchelStoredUser) user = NULL;
  gboolean found;

  *hash = NULL;
  if (!satchel_store_begin (session, error))
    return FALSE;
  found = find_who (session, sign_in, &user, error);
  satchel_store_rollback (session);

  if (!found || user == NULL)
    return found;
  g_set_str (&who->user, user->id);
  if (sign_in->code == NULL)
    *hash = g_strdup (user->password);

  return TRUE;
}

static gboolean
check_password (const SatchelStoredUser *user, const char *hash, GError **error)
{
  if (user != NULL && hash != NULL && g_strcmp0 (user->password, hash) == 0)
    return TRUE;

  g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_CREDENTIALS, _ ("The name or the password is wrong."));

  return FALSE;
}

static gboolean
check_active (const SatchelStoredUser *user, GError **error)
{
  if (user->active)
    return TRUE;

  g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_DISABLED,
               _ ("This user is disabled. Nothing is lost; please ask your administrator."));

  return FALSE;
}

/* The code is used up, and the password that was chosen is theirs. */
static gboolean
accept_invitation (SatchelStoreSession *session, const SatchelStoredUser *user, const char *hash, GError **error)
{
  return satchel_store_set_invitation (session, user->id, NULL, error) &&
         (hash == NULL || satchel_store_set_password (session, user->id, hash, error));
}

static SatchelStoredUser *
require_user (SatchelStoreSession *session, const SatchelSignIn *sign_in, const char *hash, GError **error)
{
  g_autoptr (SatchelStoredUser) user = NULL;

  if (!find_who (session, sign_in, &user, error) || (sign_in->code == NULL && !check_password (user, hash, error)) ||
      !check_active (user, error) || (sign_in->code != NULL && !accept_invitation (session, user, hash, error)))
    return NULL;

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

/* One that this server never knew, or has lost: the replica goes on as a fork of it, and so do copies of that replica. */
static SatchelStoredDevice *
device_new_after_unknown (const SatchelSignIn *sign_in, const SatchelStoredUser *user)
{
  SatchelStoredDevice *device = device_new (user->id, sign_in->device);

  if (sign_in->previous != NULL && satchel_id_is_valid (sign_in->previous))
    device->forked_from = g_strdup (sign_in->previous);

  return device;
}

/* The device that this replica was before, if it is the same user's; else a new one. */
static SatchelStoredDevice *
find_device (SatchelStoreSession *session, const SatchelSignIn *sign_in, const SatchelStoredUser *user, GError **error)
{
  g_autoptr (SatchelStoredDevice) previous = NULL;

  if (sign_in->previous != NULL && !satchel_store_load_device (session, sign_in->previous, &previous, error))
    return NULL;
  if (previous == NULL)
    return device_new_after_unknown (sign_in, user);
  if (strcmp (previous->user, user->id) != 0)
    return device_new (user->id, sign_in->device);

  previous->revoked = FALSE;
  if (sign_in->device != NULL)
    g_set_str (&previous->name, sign_in->device);

  return g_steal_pointer (&previous);
}

static gint64
get_expiry (SatchelServer *self)
{
  return satchel_time_now_unix_ms () / 1000 + satchel_server_get_token_lifetime (self);
}

static char *
give_token (SatchelServer *self, SatchelStoredDevice *device)
{
  char *token = satchel_token_new ();

  g_free (device->token_hash);
  device->token_hash = satchel_token_hash (token);
  device->token_expires = get_expiry (self);
  g_clear_pointer (&device->next_hash, g_free);

  return token;
}

static void
set_expiry (JsonObject *object, gint64 expires)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (expires);
  g_autofree char *text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S.000Z");

  json_object_set_string_member (object, "expires_at", text);
}

static char *
make_answer (SatchelServer *self, const SatchelStoredDevice *device, const SatchelStoredUser *user, const char *token)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonObject *user_object = json_object_new ();

  json_object_set_string_member (user_object, "id", user->id);
  json_object_set_string_member (user_object, "name", user->name);
  json_object_set_string_member (object, "device", device->id);
  json_object_set_string_member (object, "token", token);
  json_object_set_object_member (object, "user", user_object);
  json_object_set_string_member (object, "organisation", satchel_server_get_organisation (self));
  json_object_set_string_member (object, "epoch", satchel_server_get_epoch (self));
  if (device->forked_from != NULL && device->last_hash == NULL)
    json_object_set_string_member (object, "continues", device->forked_from);
  set_expiry (object, device->token_expires);
  node = json_node_init_object (json_node_alloc (), object);

  return json_to_string (node, FALSE);
}

char *
satchel_server_sign_in (SatchelServer *self, SatchelStoreSession *session, const SatchelSignIn *sign_in,
                        const char *hash, SatchelWho *who, GError **error)
{
  g_autoptr (SatchelStoredUser) user = require_user (session, sign_in, hash, error);
  g_autoptr (SatchelStoredDevice) device = NULL;
  g_autofree char *token = NULL;

  if (user == NULL)
    return NULL;
  device = find_device (session, sign_in, user, error);
  if (device == NULL)
    return NULL;

  g_set_str (&who->device, device->id);
  token = give_token (self, device);
  g_free (device->last_seen);
  device->last_seen = satchel_time_now ();

  return satchel_store_save_device (session, device, error) ? make_answer (self, device, user, token) : NULL;
}

gboolean
satchel_server_sign_out (SatchelServer *self, SatchelStoreSession *session, const char *token, SatchelWho *who,
                         GError **error)
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

  g_set_str (&who->user, device->user);
  g_set_str (&who->device, device->id);
  g_clear_pointer (&device->token_hash, g_free);
  g_clear_pointer (&device->next_hash, g_free);

  return satchel_store_save_device (session, device, error);
}

/* ---- Tokens --------------------------------------------------------------------------------------- */

gboolean
satchel_device_use_token (SatchelStoredDevice *device, const char *hash)
{
  if (g_strcmp0 (device->next_hash, hash) != 0)
    return FALSE;

  g_free (device->token_hash);
  device->token_hash = g_steal_pointer (&device->next_hash);
  device->token_expires = device->next_expires;

  return TRUE;
}

/* A quarter of its life is long enough for somebody who comes only now and then. */
gboolean
satchel_device_wants_new_token (SatchelServer *server, const SatchelStoredDevice *device)
{
  gint64 left = device->token_expires - satchel_time_now_unix_ms () / 1000;

  return left <= satchel_server_get_token_lifetime (server) / 4;
}

static char *
make_renewal (const char *token, gint64 expires)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;

  json_object_set_string_member (object, "token", token);
  set_expiry (object, expires);
  node = json_node_init_object (json_node_alloc (), object);

  return json_to_string (node, FALSE);
}

char *
satchel_server_renew_token (SatchelServer *self, SatchelStoreSession *session, const char *token, SatchelWho *who,
                            GError **error)
{
  g_autoptr (SatchelView) view = satchel_view_open (self, session, token, error);
  g_autofree char *next = NULL;
  SatchelStoredDevice *device;

  if (view == NULL)
    return NULL;

  device = satchel_view_get_device (view);
  g_set_str (&who->user, device->user);
  g_set_str (&who->device, device->id);
  next = satchel_token_new ();
  g_free (device->next_hash);
  device->next_hash = satchel_token_hash (next);
  device->next_expires = get_expiry (self);

  return satchel_store_save_device (session, device, error) ? make_renewal (next, device->next_expires) : NULL;
}

char *
satchel_server_find_device_id (SatchelStoreSession *session, const char *token)
{
  g_autofree char *hash = satchel_token_hash (token);
  g_autoptr (SatchelStoredDevice) device = NULL;

  if (!satchel_store_begin (session, NULL))
    return NULL;
  satchel_store_find_device (session, hash, &device, NULL);
  satchel_store_rollback (session);

  return device != NULL ? g_strdup (device->id) : NULL;
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
