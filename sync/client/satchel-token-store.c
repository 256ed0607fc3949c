/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-token-store.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <libsecret/secret.h>
#include <string.h>

#include "records/satchel-id.h"

#define SECRETS_NAME "org.freedesktop.secrets"
#define SECRETS_PATH "/org/freedesktop/secrets"
#define SERVICE_INTERFACE "org.freedesktop.Secret.Service"
#define COLLECTION_INTERFACE "org.freedesktop.Secret.Collection"
#define PORTAL_NAME "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"

/* How long all questions together may take, in milliseconds. */
#define PATIENCE 900

static const SecretSchema schema = {
  SATCHEL_APPLICATION_ID ".Device",
  SECRET_SCHEMA_NONE,
  {
    { "device", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { NULL, 0 },
    },
};

/* ---- Whether there is a secret service ---- */

/* A bus, and until when it is asked. */
typedef struct
{
  GDBusConnection *bus;
  gint64 deadline;
} Question;

static GVariant *
ask (const Question *question, const char *name, const char *path, const char *interface, const char *method,
     GVariant *parameters, const char *reply_type)
{
  gint64 patience = (question->deadline - g_get_monotonic_time ()) / 1000;

  if (patience <= 0)
    {
      g_variant_unref (g_variant_ref_sink (parameters));
      return NULL;
    }

  return g_dbus_connection_call_sync (question->bus, name, path, interface, method, parameters,
                                      G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NO_AUTO_START, (int) patience,
                                      NULL, NULL);
}

static GVariant *
ask_bus (const Question *question, const char *method, GVariant *parameters, const char *reply_type)
{
  return ask (question, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method, parameters,
              reply_type);
}

static GVariant *
ask_property (const Question *question, const char *name, const char *path, const char *interface, const char *property)
{
  g_autoptr (GVariant) reply = ask (question, name, path, "org.freedesktop.DBus.Properties", "Get",
                                    g_variant_new ("(ss)", interface, property), "(v)");
  GVariant *value = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);

  return value;
}

/* Owned already, or started now. */
static gboolean
is_running (const Question *question)
{
  g_autoptr (GVariant) owned = ask_bus (question, "NameHasOwner", g_variant_new ("(s)", SECRETS_NAME), "(b)");
  g_autoptr (GVariant) started = NULL;
  gboolean has_owner = FALSE;

  if (owned != NULL)
    g_variant_get (owned, "(b)", &has_owner);
  if (has_owner)
    return TRUE;
  started = ask_bus (question, "StartServiceByName", g_variant_new ("(su)", SECRETS_NAME, 0), "(u)");

  return started != NULL;
}

/* A locked keyring is opened by asking the person, which needs a display. */
static gboolean
is_usable (const Question *question, const char *collection)
{
  g_autoptr (GVariant) locked = ask_property (question, SECRETS_NAME, collection, COLLECTION_INTERFACE, "Locked");

  if (locked == NULL || !g_variant_is_of_type (locked, G_VARIANT_TYPE_BOOLEAN))
    return FALSE;

  return !g_variant_get_boolean (locked) || g_getenv ("WAYLAND_DISPLAY") != NULL || g_getenv ("DISPLAY") != NULL;
}

/* Without a default collection there is nowhere to store without asking for a new password first. */
static gboolean
has_usable_collection (const Question *question)
{
  g_autoptr (GVariant) reply = ask (question, SECRETS_NAME, SECRETS_PATH, SERVICE_INTERFACE, "ReadAlias",
                                    g_variant_new ("(s)", "default"), "(o)");
  const char *path = "/";

  if (reply != NULL)
    g_variant_get (reply, "(&o)", &path);

  return strcmp (path, "/") != 0 && is_usable (question, path);
}

/* In a sandbox libsecret keeps a file of its own, with a key from the portal. */
static gboolean
has_portal (const Question *question)
{
  g_autoptr (GVariant) version = ask_property (question, PORTAL_NAME, PORTAL_PATH, "org.freedesktop.portal.Secret",
                                               "version");

  return version != NULL;
}

/* Asking GIO for a bus where there is none may start one. */
static gboolean
has_bus_address (void)
{
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL || g_file_test (socket, G_FILE_TEST_EXISTS);
}

static gboolean
wants_file (void)
{
  return g_strcmp0 (g_getenv ("SATCHEL_TOKEN_STORE"), "file") == 0;
}

/**
 * satchel_token_store_has_service:
 *
 * Whether a secret service is there that can keep a token now. Answers within
 * a second; a service that does not, or that would have to ask the person
 * where there is no display, counts as none.
 *
 * Returns: whether %SATCHEL_TOKEN_PLACE_SERVICE can be used
 */
gboolean
satchel_token_store_has_service (void)
{
  Question question = { .deadline = g_get_monotonic_time () + PATIENCE * 1000 };
  g_autoptr (GDBusConnection) bus = NULL;

  if (wants_file () || !has_bus_address ())
    return FALSE;
  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  if (bus == NULL)
    return FALSE;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  question.bus = bus;

  if (g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    return has_portal (&question);

  return is_running (&question) && has_usable_collection (&question);
}

/* ---- The file ---- */

static char *
get_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "satchel", "tokens", NULL);
}

static char *
get_path (const char *device_id)
{
  g_autofree char *folder = get_folder ();

  g_assert (satchel_id_is_valid (device_id));

  return g_build_filename (folder, device_id, NULL);
}

static gboolean
report_file (GError **error, const char *path, const char *reason)
{
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_FAILED,
      _ ("The sign-in cannot be kept in “%s”: %s. Your work is safe; see that the folder can be written, and sign "
         "in again."),
      path, reason);
  return FALSE;
}

static gboolean
save_file (const char *device_id, const char *token, GError **error)
{
  g_autofree char *folder = get_folder ();
  g_autofree char *path = get_path (device_id);
  g_autoptr (GError) reason = NULL;

  if (g_mkdir_with_parents (folder, 0700) != 0 || g_chmod (folder, 0700) != 0)
    return report_file (error, folder, g_strerror (errno));
  if (!g_file_set_contents_full (path, token, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                 &reason))
    return report_file (error, path, reason->message);

  return TRUE;
}

static gboolean
load_file (const char *device_id, char **token, GError **error)
{
  g_autofree char *path = get_path (device_id);
  g_autoptr (GError) reason = NULL;

  if (g_file_get_contents (path, token, NULL, &reason))
    {
      g_strstrip (*token);
      return TRUE;
    }
  if (g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               _ ("The sign-in cannot be read from “%s”: %s. Your work is safe; sign in again."), path,
               reason->message);

  return FALSE;
}

static gboolean
forget_file (const char *device_id, GError **error)
{
  g_autofree char *path = get_path (device_id);

  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               _ ("The sign-in in “%s” cannot be removed: %s. Remove the file yourself."), path, g_strerror (errno));

  return FALSE;
}

/* ---- The service ---- */

static gboolean
save_service (const char *device_id, const char *token, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT, _ ("Satchel: sign-in of this device"), token,
                                  NULL, &reason, "device", device_id, NULL))
    return forget_file (device_id, error);

  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_FAILED,
      _ ("The keyring does not keep the sign-in: %s. Your work is safe; unlock the keyring and sign in again."),
      reason->message);

  return FALSE;
}

static gboolean
load_service (const char *device_id, char **token, GError **error)
{
  g_autoptr (GError) reason = NULL;
  char *password = secret_password_lookup_sync (&schema, NULL, &reason, "device", device_id, NULL);

  *token = g_strdup (password);
  secret_password_free (password);
  if (reason == NULL)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               _ ("The keyring does not give the sign-in: %s. Your work is safe; unlock the keyring and try again."),
               reason->message);

  return FALSE;
}

/* ---- Both ---- */

/**
 * satchel_token_store_save:
 * @device_id: the device
 * @token: its token
 * @place: where to keep it
 * @error: set to %G_IO_ERROR_FAILED, with a sentence for people
 *
 * Keeps the token of a device, in the place of one that was kept before.
 *
 * Returns: whether it is kept
 */
gboolean
satchel_token_store_save (const char *device_id, const char *token, SatchelTokenPlace place, GError **error)
{
  g_return_val_if_fail (device_id != NULL && token != NULL, FALSE);

  if (place == SATCHEL_TOKEN_PLACE_SERVICE)
    return save_service (device_id, token, error);

  return save_file (device_id, token, error);
}

/**
 * satchel_token_store_load:
 * @device_id: the device
 * @place: (out) (optional): where it was found
 * @error: set to %G_IO_ERROR_FAILED, with a sentence for people
 *
 * Finds the token of a device.
 *
 * Returns: (transfer full) (nullable): the token; %NULL without @error when there is none
 */
char *
satchel_token_store_load (const char *device_id, SatchelTokenPlace *place, GError **error)
{
  SatchelTokenPlace found = SATCHEL_TOKEN_PLACE_FILE;
  char *token = NULL;

  g_return_val_if_fail (device_id != NULL, NULL);

  if (!load_file (device_id, &token, error))
    return NULL;
  if (token == NULL && satchel_token_store_has_service ())
    {
      found = SATCHEL_TOKEN_PLACE_SERVICE;
      if (!load_service (device_id, &token, error))
        return NULL;
    }
  if (place != NULL)
    *place = found;

  return token;
}

/**
 * satchel_token_store_forget:
 * @device_id: the device
 * @error: set to %G_IO_ERROR_FAILED, with a sentence for people
 *
 * Removes the token of a device wherever it is kept.
 *
 * Returns: whether there is none any more
 */
gboolean
satchel_token_store_forget (const char *device_id, GError **error)
{
  g_return_val_if_fail (device_id != NULL, FALSE);

  if (!forget_file (device_id, error))
    return FALSE;
  if (satchel_token_store_has_service ())
    secret_password_clear_sync (&schema, NULL, NULL, "device", device_id, NULL);

  return TRUE;
}
