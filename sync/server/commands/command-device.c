/* SPDX-License-Identifier: GPL-3.0-or-later */

/* device list, device revoke. */

#include "satchel-config.h"

#include "server-commands.h"

#include <glib/gi18n-lib.h>

#include "server/operation/server-audit.h"

static char *list_user;

static const GOptionEntry list_options[] = {
  { "user", 0, 0, G_OPTION_ARG_STRING, &list_user, N_ ("Only this user's"), N_ ("NAME") },
  G_OPTION_ENTRY_NULL,
};

static const char *
get_state (const SatchelStoredDevice *device)
{
  if (device->revoked)
    return "revoked";
  if (device->token_hash == NULL)
    return "signed-out";
  if (device->token_expires <= g_get_real_time () / G_USEC_PER_SEC)
    return "expired";

  return "active";
}

static void
print_device (ServerRun *run, const SatchelStoredDevice *device, const SatchelStoredUser *user)
{
  static const char *const names[] = { "id", "user", "name", "state", "created_at", "last_seen", NULL };
  const char *values[] = {
    device->id,        user != NULL ? user->name : device->user, device->name, get_state (device), device->created_at,
    device->last_seen,
  };

  server_print_row (run, names, values);
}

static ServerExit
run_list (ServerRun *run, GError **error)
{
  g_autoptr (SatchelStoredUser) only = NULL;
  g_autoptr (GPtrArray) devices = NULL;

  if (!server_run_open (run, error) ||
      (list_user != NULL && (only = server_run_find_user (run, list_user, error)) == NULL) ||
      (devices = satchel_store_list_devices (run->session, error)) == NULL)
    return SERVER_FAILED;

  for (guint i = 0; i < devices->len; i++)
    {
      const SatchelStoredDevice *device = g_ptr_array_index (devices, i);
      g_autoptr (SatchelStoredUser) user = NULL;

      if (only != NULL && g_strcmp0 (device->user, only->id) != 0)
        continue;
      if (!satchel_store_load_user (run->session, device->user, &user, error))
        return SERVER_FAILED;
      print_device (run, device, user);
    }

  return SERVER_DONE;
}

static gboolean
revoke_device (ServerRun *run, const char *id, GError **error)
{
  g_autoptr (SatchelStoredDevice) device = NULL;

  if (!satchel_store_load_device (run->session, id, &device, error))
    return FALSE;
  if (device == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("There is no device %s."), id);
      return FALSE;
    }

  device->revoked = TRUE;
  g_clear_pointer (&device->token_hash, g_free);
  g_clear_pointer (&device->next_hash, g_free);
  return satchel_store_save_device (run->session, device, error);
}

static ServerExit
commit_revoke (ServerRun *run, GError **error)
{
  if (!satchel_store_commit (run->session, error))
    return SERVER_FAILED;

  server_audit_command (&(ServerAudit) { .event = "device-revoked", .device = run->args[0] });

  return SERVER_DONE;
}

static ServerExit
run_revoke (ServerRun *run, GError **error)
{
  if (!server_run_open (run, error) || !satchel_store_begin (run->session, error))
    return SERVER_FAILED;
  if (!revoke_device (run, run->args[0], error))
    {
      satchel_store_rollback (run->session);
      return SERVER_FAILED;
    }

  return commit_revoke (run, error);
}

const ServerCommand server_device_commands[] = {
  { "device list", "", N_ ("Lists the devices that have signed in"), 0, 0, list_options, run_list },
  { "device revoke", "ID", N_ ("Signs a device out; its owner can sign in again"), 1, 1, NULL, run_revoke },
  { NULL },
};
