/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in while a session runs. */

#include "satchel-config.h"

#include "satchel-invitation.h"
#include "satchel-session-private.h"
#include "satchel-sync-lock.h"

/* With a link, which says the rest, or with a name and a password. */
typedef struct
{
  char *link;
  char *server;
  char *ca_file;
  char *user;
  char *password;
  char *device_name;
  SatchelTokenPlace place;
} SignIn;

static void
sign_in_free (SignIn *sign_in)
{
  g_free (sign_in->link);
  g_free (sign_in->server);
  g_free (sign_in->ca_file);
  g_free (sign_in->user);
  g_free (sign_in->password);
  g_free (sign_in->device_name);
  g_free (sign_in);
}

static void
pause_thread (SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->paused++;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_cond_broadcast (&self->cond);
  while (self->active)
    g_cond_wait (&self->cond, &self->mutex);
}

static void
resume_thread (SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->paused--;
  self->asked = TRUE;
  g_cond_broadcast (&self->cond);
}

static gboolean
enroll_with_link (SatchelSession *self, const SignIn *sign_in, GCancellable *cancellable, char **token, GError **error)
{
  g_autoptr (SatchelInvitation) invitation = satchel_invitation_parse (sign_in->link, error);
  g_autoptr (SatchelConnection) connection = NULL;
  g_autofree char *ca_file = NULL;

  if (invitation == NULL)
    return FALSE;
  if (invitation->authority != NULL &&
      (ca_file = satchel_authority_fetch (invitation->server, invitation->authority, cancellable, error)) == NULL)
    return FALSE;

  connection = satchel_connection_new (invitation->server, ca_file, error);

  return connection != NULL && satchel_connection_enroll_with_code (connection, self->replica, invitation->code, NULL,
                                                                    sign_in->device_name, cancellable, token, error);
}

static gboolean
enroll_with_password (SatchelSession *self, const SignIn *sign_in, GCancellable *cancellable, char **token,
                      GError **error)
{
  g_autoptr (SatchelConnection) connection = satchel_connection_new (sign_in->server, sign_in->ca_file, error);

  return connection != NULL && satchel_connection_enroll (connection, self->replica, sign_in->user, sign_in->password,
                                                          sign_in->device_name, cancellable, token, error);
}

static gboolean
sign_in_and_keep (SatchelSession *self, const SignIn *sign_in, GCancellable *cancellable, GError **error)
{
  g_autoptr (SatchelLink) link = NULL;
  g_autofree char *token = NULL;
  gboolean enrolled = sign_in->link != NULL ? enroll_with_link (self, sign_in, cancellable, &token, error)
                                            : enroll_with_password (self, sign_in, cancellable, &token, error);

  if (!enrolled)
    return FALSE;
  link = satchel_replica_get_link (self->replica, error);

  return link != NULL && satchel_token_store_save (link->device_id, token, sign_in->place, error);
}

static void
enroll_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SatchelSession *self = source;
  GError *error = NULL;
  gboolean whole;

  pause_thread (self);
  whole = satchel_sync_lock (self->replica, cancellable, &error);
  if (whole)
    {
      whole = sign_in_and_keep (self, data, cancellable, &error);
      satchel_replica_unlock_sync (self->replica);
    }
  resume_thread (self);

  if (whole)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
start_sign_in (SatchelSession *self, SignIn *sign_in, GCancellable *cancellable, GAsyncReadyCallback callback,
               gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_task_set_source_tag (task, start_sign_in);
  g_task_set_task_data (task, sign_in, (GDestroyNotify) sign_in_free);
  g_task_run_in_thread (task, enroll_in_thread);
}

/**
 * satchel_session_enroll_async:
 * @server: the server's address as a person writes it
 * @ca_file: (nullable): PEM file of a private certificate authority
 * @user: the person's name at the server
 * @password: their password
 * @device_name: what the device is called, for people
 * @place: where the token is kept
 * @cancellable: (nullable): stops it
 * @callback: called when it is done
 *
 * Signs in, on a worker thread, and has the session sync with that server.
 */
void
satchel_session_enroll_async (SatchelSession *self, const char *server, const char *ca_file, const char *user,
                              const char *password, const char *device_name, SatchelTokenPlace place,
                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  SignIn *sign_in;

  g_return_if_fail (SATCHEL_IS_SESSION (self));

  sign_in = g_new0 (SignIn, 1);
  sign_in->server = g_strdup (server);
  sign_in->ca_file = g_strdup (ca_file);
  sign_in->user = g_strdup (user);
  sign_in->password = g_strdup (password);
  sign_in->device_name = g_strdup (device_name);
  sign_in->place = place;
  start_sign_in (self, sign_in, cancellable, callback, data);
}

/**
 * satchel_session_accept_async:
 * @link: a link that an administrator gave: `satchel:connect?…`
 * @device_name: what the device is called, for people
 * @place: where the token is kept
 * @cancellable: (nullable): stops it
 * @callback: called when it is done
 *
 * Signs in with an invitation, on a worker thread, and has the session sync
 * with its server. Ended by satchel_session_enroll_finish().
 */
void
satchel_session_accept_async (SatchelSession *self, const char *link, const char *device_name, SatchelTokenPlace place,
                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  SignIn *sign_in;

  g_return_if_fail (SATCHEL_IS_SESSION (self));

  sign_in = g_new0 (SignIn, 1);
  sign_in->link = g_strdup (link);
  sign_in->device_name = g_strdup (device_name);
  sign_in->place = place;
  start_sign_in (self, sign_in, cancellable, callback, data);
}

/**
 * satchel_session_enroll_finish:
 * @error: as of satchel_connection_enroll() and satchel_token_store_save()
 *
 * Ends satchel_session_enroll_async() and satchel_session_accept_async().
 *
 * Returns: whether the replica is signed in
 */
gboolean
satchel_session_enroll_finish (SatchelSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
