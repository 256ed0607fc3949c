/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-sign-out.h"

#include <glib/gi18n.h>

#include "replica/satchel-replica-sync.h"
#include "satchel-ask.h"

typedef struct
{
  GtkWidget *parent;
  SatchelServices *services;
  SatchelReplica *replica;
  SatchelSession *session;
  char *keep_file;
} SignOut;

static void
sign_out_free (SignOut *sign_out)
{
  g_object_unref (sign_out->parent);
  g_object_unref (sign_out->services);
  g_object_unref (sign_out->replica);
  g_clear_object (&sign_out->session);
  g_free (sign_out->keep_file);
  g_free (sign_out);
}

/* ---- Asking ---- */

static void
file_chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;
  g_autoptr (GFile) file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, NULL);

  dex_promise_resolve_string (promise, file != NULL ? g_file_get_path (file) : NULL);
}

static DexFuture *
choose_file (GtkWidget *parent)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  DexPromise *promise = dex_promise_new ();
  DexFuture *future = dex_ref (DEX_FUTURE (promise));

  gtk_file_dialog_set_title (dialog, _ ("Keep what is not sent"));
  gtk_file_dialog_set_initial_name (dialog, _ ("Satchel changes.ndjson"));
  gtk_file_dialog_save (dialog, GTK_WINDOW (gtk_widget_get_root (parent)), NULL, file_chosen_cb, promise);
  return future;
}

static gboolean
ask_plainly (SignOut *sign_out)
{
  g_autofree char *answer = dex_await_string (
      satchel_ask (sign_out->parent, _ ("Sign out?"),
                   _ ("Your accounts leave this device and stay on the server. Everything that you "
                      "typed has been sent."),
                   "sign-out", _ ("_Sign out"), ADW_RESPONSE_DESTRUCTIVE),
      NULL);

  return g_strcmp0 (answer, "sign-out") == 0;
}

static gboolean
ask_about_unsent (SignOut *sign_out, guint unsent)
{
  g_autofree char *body = NULL;
  g_autofree char *answer = NULL;

  body = g_strdup_printf (ngettext ("%u change has not reached the server. It can be kept in a file before you sign "
                                    "out; nothing is lost.",
                                    "%u changes have not reached the server. They can be kept in a file before you "
                                    "sign out; nothing is lost.",
                                    unsent),
                          unsent);
  answer = dex_await_string (satchel_ask (sign_out->parent, _ ("Keep what is not sent?"), body, "keep",
                                          _ ("_Keep in a file…"), ADW_RESPONSE_SUGGESTED),
                             NULL);
  if (g_strcmp0 (answer, "keep") != 0)
    return FALSE;
  sign_out->keep_file = dex_await_string (choose_file (sign_out->parent), NULL);
  return sign_out->keep_file != NULL;
}

static gboolean
ask (SignOut *sign_out)
{
  const SatchelStatus *status = satchel_services_get_status (sign_out->services);
  guint unsent = status != NULL ? status->pending + status->tray : 0;

  return unsent > 0 ? ask_about_unsent (sign_out, unsent) : ask_plainly (sign_out);
}

/* ---- Leaving ---- */

/* The server is told where it can be reached; the device is gone for it in any case when it is not heard of again. */
static void
tell_server (const SatchelLink *link)
{
  g_autofree char *token = satchel_token_store_load (link->device_id, NULL, NULL);
  g_autoptr (SatchelConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  if (token == NULL)
    return;
  connection = satchel_connection_new (link->server, link->ca_file, &error);
  if (connection == NULL)
    return;
  satchel_connection_set_token (connection, token);
  if (!satchel_connection_sign_out (connection, NULL, &error))
    g_info ("The server was not told: %s", error->message);
}

/* On a worker. First what may refuse, then what cannot be taken back. */
static gpointer
leave (gpointer data, GError **error)
{
  SignOut *sign_out = data;
  g_autoptr (SatchelLink) link = NULL;

  link = satchel_replica_get_link (sign_out->replica, error);
  if (link == NULL || !satchel_replica_sign_out (sign_out->replica, sign_out->keep_file, error))
    return NULL;
  if (link->device_id != NULL)
    {
      tell_server (link);
      satchel_token_store_forget (link->device_id, NULL);
    }
  return NULL;
}

static DexFuture *
sign_out_fiber (gpointer data)
{
  SignOut *sign_out = data;
  g_autoptr (GError) error = NULL;

  if (!ask (sign_out))
    return dex_future_new_false ();
  if (sign_out->session != NULL)
    satchel_session_stop (sign_out->session);
  satchel_await (satchel_run_in_thread (leave, sign_out, NULL, NULL), &error);
  if (error == NULL)
    return dex_future_new_true ();
  if (sign_out->session != NULL)
    satchel_session_start (sign_out->session);
  satchel_services_show_error (sign_out->services, _ ("Not signed out"), error);
  return dex_future_new_false ();
}

/**
 * satchel_sign_out:
 * @parent: where questions come up
 * @services: what is signed in
 *
 * Leaves the team on this device, when the person still wants to after having
 * been told what becomes of their work. Afterwards the replica is empty.
 *
 * Returns: (transfer full): a future of a boolean
 */
DexFuture *
satchel_sign_out (GtkWidget *parent, SatchelServices *services)
{
  SignOut *sign_out = g_new0 (SignOut, 1);

  sign_out->parent = g_object_ref (parent);
  sign_out->services = g_object_ref (services);
  sign_out->replica = g_object_ref (satchel_services_get_replica (services));
  sign_out->session = satchel_services_get_session (services);
  if (sign_out->session != NULL)
    g_object_ref (sign_out->session);
  return dex_scheduler_spawn (NULL, 0, sign_out_fiber, sign_out, (GDestroyNotify) sign_out_free);
}
