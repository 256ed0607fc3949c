/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The server: enroll, sync, status, sign-out. */

#include "satchel-config.h"

#include "ctl-private.h"

#include <stdio.h>

#include <glib/gi18n-lib.h>

#include "client/satchel-connection.h"
#include "client/satchel-invitation.h"
#include "client/satchel-token-store.h"
#include "records/satchel-error.h"
#include "replica/satchel-replica-sync.h"
#include "terminal/satchel-password.h"

/* enroll */

static char *enroll_user;
static char *enroll_password_file;
static char *enroll_ca_file;
static char *enroll_device;
static char *enroll_code;

static GOptionEntry enroll_options[] = {
  { "user",          0, 0, G_OPTION_ARG_STRING,   &enroll_user,          N_ ("Your name at the server"),                        N_ ("NAME") },
  { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &enroll_password_file,
   N_ ("The file with your password, “-” for standard input"),                                                                  N_ ("FILE") },
  { "ca-file",       0, 0, G_OPTION_ARG_FILENAME, &enroll_ca_file,       N_ ("The certificate that the server's is signed by"),
   N_ ("FILE")                                                                                                                              },
  { "code",          0, 0, G_OPTION_ARG_STRING,   &enroll_code,          N_ ("The code that you were invited with"),            N_ ("CODE") },
  { "device",        0, 0, G_OPTION_ARG_STRING,   &enroll_device,        N_ ("What this device is called"),                     N_ ("NAME") },
  G_OPTION_ENTRY_NULL,
};

static gboolean
keep_token (const char *device_id, const char *token, GError **error)
{
  if (satchel_token_store_has_service ())
    return satchel_token_store_save (device_id, token, SATCHEL_TOKEN_PLACE_SERVICE, error);

  ctl_say (_ ("No keyring is running, so the key to your account is kept in a file that only you can read, below %s."),
           g_get_user_data_dir ());
  return satchel_token_store_save (device_id, token, SATCHEL_TOKEN_PLACE_FILE, error);
}

static char *
dup_absolute (const char *path)
{
  return path == NULL ? NULL : g_canonicalize_filename (path, NULL);
}

/**
 * Enrolment:
 * @code: (nullable): of an invitation
 * @password: (nullable): the person's, or with a code the one that they choose
 */
typedef struct
{
  const char *server;
  const char *code;
  const char *ca_file;
  char *password;
} Enrolment;

static gboolean
sign_in (Ctl *ctl, const Enrolment *enrolment, char **token, GError **error)
{
  const char *device = enroll_device == NULL ? g_get_host_name () : enroll_device;
  g_autoptr (SatchelConnection) connection = satchel_connection_new (enrolment->server, enrolment->ca_file, error);

  if (connection == NULL || !ctl_open_replica (ctl, FALSE, error))
    return FALSE;
  if (enrolment->code != NULL)
    return satchel_connection_enroll_with_code (connection, ctl->replica, enrolment->code, enrolment->password, device,
                                                NULL, token, error);

  return satchel_connection_enroll (connection, ctl->replica, enroll_user, enrolment->password, device, NULL, token,
                                    error);
}

static CtlExit
enroll (Ctl *ctl, const Enrolment *enrolment, GError **error)
{
  g_autofree char *token = NULL;
  g_autoptr (SatchelLink) link = NULL;

  if (!sign_in (ctl, enrolment, &token, error) || (link = satchel_replica_get_link (ctl->replica, error)) == NULL ||
      !keep_token (link->device_id, token, error))
    return CTL_FAILED;

  ctl_say (_ ("Connected to %s as %s. Use “sync” to fetch your accounts."), link->server, link->user_name);
  puts (link->device_id);
  return CTL_DONE;
}

/* With a code, who names no file for a password chooses none. */
static gboolean
read_password (gboolean invited, char **password, GError **error)
{
  if (invited && enroll_password_file == NULL)
    return TRUE;

  *password = satchel_read_password (enroll_password_file, error);
  if (invited && *password != NULL && **password == '\0')
    {
      g_clear_pointer (password, g_free);
      g_set_error_literal (error, CTL_USAGE_ERROR, 0, _ ("The password is empty."));
    }

  return *password != NULL;
}

static CtlExit
run_enrolment (Ctl *ctl, Enrolment *enrolment, GError **error)
{
  CtlExit code;

  if (!read_password (enrolment->code != NULL, &enrolment->password, error))
    return CTL_FAILED;

  code = enroll (ctl, enrolment, error);
  satchel_forget_password (enrolment->password);
  return code;
}

/* A link says where, with what, and whom to trust. */
static CtlExit
run_invitation (Ctl *ctl, const char *text, GError **error)
{
  g_autoptr (SatchelInvitation) invitation = satchel_invitation_parse (text, error);
  g_autofree char *ca_file = dup_absolute (enroll_ca_file);
  Enrolment enrolment;

  if (invitation == NULL)
    return CTL_USAGE;
  if (ca_file == NULL && invitation->authority != NULL &&
      (ca_file = satchel_authority_fetch (invitation->server, invitation->authority, NULL, error)) == NULL)
    return CTL_FAILED;

  enrolment = (Enrolment) { .server = invitation->server, .code = invitation->code, .ca_file = ca_file };

  return run_enrolment (ctl, &enrolment, error);
}

static CtlExit
run_enroll (Ctl *ctl, GError **error)
{
  g_autofree char *ca_file = dup_absolute (enroll_ca_file);
  Enrolment enrolment = { .code = enroll_code, .ca_file = ca_file };

  if (!ctl_check_args (ctl, 1, 1, error))
    return CTL_USAGE;
  if (g_str_has_prefix (ctl->args[0], "satchel:"))
    return run_invitation (ctl, ctl->args[0], error);
  if (enroll_user == NULL && enroll_code == NULL)
    {
      g_set_error (error, CTL_USAGE_ERROR, 0, _ ("Say who you are: --user NAME, or --code CODE if you were invited."));
      return CTL_USAGE;
    }

  enrolment.server = ctl->args[0];

  return run_enrolment (ctl, &enrolment, error);
}

/* sync */

static int sync_wait;
static gboolean sync_allow_deletions;

static GOptionEntry sync_options[] = {
  { "wait",            0, 0, G_OPTION_ARG_INT,  &sync_wait,            N_ ("When there is nothing to do, wait so long for news"),
   N_ ("SECONDS")                                                                                                                      },
  { "allow-deletions", 0, 0, G_OPTION_ARG_NONE, &sync_allow_deletions,
   N_ ("Let the server remove many entries at once"),                                                                             NULL },
  G_OPTION_ENTRY_NULL,
};

static void
print_counts (Ctl *ctl, const SatchelSyncCounts *counts)
{
  const struct
  {
    const char *name;
    guint64 value;
  } lines[] = {
    { "pushed",         counts->pushed         },
    { "applied",        counts->applied        },
    { "merged",         counts->merged         },
    { "conflicts",      counts->conflicts      },
    { "refused",        counts->refused        },
    { "pulled",         counts->pulled         },
    { "bytes_sent",     counts->bytes_sent     },
    { "bytes_received", counts->bytes_received },
    { "requests",       counts->requests       },
  };
  g_autoptr (JsonObject) object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (ctl->json)
      json_object_set_int_member (object, lines[i].name, (gint64) lines[i].value);
    else
      printf ("%s%s %" G_GUINT64_FORMAT, i == 0 ? "" : ", ", lines[i].name, lines[i].value);

  if (ctl->json)
    ctl_print_json_object (object);
  else
    putchar ('\n');
}

static void
explain_sync (const GError *problem)
{
  if (g_error_matches (problem, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_MASS_DELETION))
    ctl_say (_ ("If it is meant so: satchelctl sync --allow-deletions"));
}

static CtlExit
run_sync (Ctl *ctl, GError **error)
{
  SatchelSyncCounts counts = { 0 };
  GError *problem = NULL;

  if (!ctl_check_args (ctl, 0, 0, error) || !ctl_open_replica (ctl, TRUE, error))
    return CTL_FAILED;
  if (sync_wait < 0 || sync_wait > 300)
    {
      g_set_error (error, CTL_USAGE_ERROR, 0, _ ("--wait takes 0 to 300 seconds."));
      return CTL_USAGE;
    }
  if (sync_allow_deletions && !satchel_replica_allow_mass_deletion (ctl->replica, error))
    return CTL_FAILED;
  if (!satchel_sync_run (ctl->replica, (guint) sync_wait, NULL, &counts, &problem))
    {
      explain_sync (problem);
      g_propagate_error (error, problem);
      return CTL_FAILED;
    }

  print_counts (ctl, &counts);
  return ctl_exit_of_waiting (ctl, error);
}

/* status */

static JsonObject *
records_by_type (Ctl *ctl, const SatchelStatus *status)
{
  JsonObject *records = json_object_new ();

  for (guint i = 0; i < satchel_vocabulary_get_n_types (ctl->vocabulary); i++)
    {
      const SatchelType *type = satchel_vocabulary_get_type_at (ctl->vocabulary, i);

      json_object_set_int_member (records, satchel_type_get_name (type),
                                  (gint64) status->records[satchel_type_get_number (type)]);
    }

  return records;
}

static void
print_status_json (Ctl *ctl, const SatchelStatus *status)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "server", status->server);
  json_object_set_string_member (object, "user", status->user_name);
  json_object_set_string_member (object, "device", status->device_id);
  json_object_set_string_member (object, "last_sync", status->last_sync);
  json_object_set_int_member (object, "pending", status->pending);
  json_object_set_int_member (object, "conflicts", status->conflicts);
  json_object_set_int_member (object, "tray", status->tray);
  json_object_set_object_member (object, "records", records_by_type (ctl, status));
  ctl_print_json_object (object);
}

static void
print_status_text (Ctl *ctl, const SatchelStatus *status)
{
  printf ("%-12s %s\n", "server", status->server == NULL ? _ ("not connected") : status->server);
  if (status->server != NULL)
    {
      printf ("%-12s %s\n", "user", status->user_name);
      printf ("%-12s %s\n", "device", status->device_id);
      printf ("%-12s %s\n", "last_sync", status->last_sync == NULL ? _ ("never") : status->last_sync);
    }
  printf ("%-12s %u\n%-12s %u\n%-12s %u\n", "pending", status->pending, "conflicts", status->conflicts, "tray",
          status->tray);

  for (guint i = 0; i < satchel_vocabulary_get_n_types (ctl->vocabulary); i++)
    {
      const SatchelType *type = satchel_vocabulary_get_type_at (ctl->vocabulary, i);
      guint64 count = status->records[satchel_type_get_number (type)];

      if (count > 0)
        printf ("  %-18s %" G_GUINT64_FORMAT "\n", satchel_type_get_name (type), count);
    }
}

static CtlExit
run_status (Ctl *ctl, GError **error)
{
  g_autoptr (SatchelStatus) status = NULL;

  if (!ctl_check_args (ctl, 0, 0, error) || !ctl_open_replica (ctl, TRUE, error) ||
      (status = satchel_replica_get_status (ctl->replica, error)) == NULL)
    return CTL_FAILED;

  if (ctl->json)
    print_status_json (ctl, status);
  else
    print_status_text (ctl, status);

  return CTL_DONE;
}

/* sign-out */

static char *sign_out_keep;

static GOptionEntry sign_out_options[] = {
  { "keep-pending", 0, 0, G_OPTION_ARG_FILENAME, &sign_out_keep, N_ ("Write what was not sent to this file first"),
   N_ ("FILE") },
  G_OPTION_ENTRY_NULL,
};

/* The server's side: best done, not needed. Without a network the device stays listed there until it is revoked. */
static void
sign_out_at_server (const SatchelLink *link)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = satchel_token_store_load (link->device_id, NULL, NULL);
  g_autoptr (SatchelConnection) connection = satchel_connection_new (link->server, link->ca_file, &error);

  if (connection != NULL && token != NULL)
    {
      satchel_connection_set_token (connection, token);
      satchel_connection_sign_out (connection, NULL, &error);
    }
  if (error != NULL)
    ctl_say (_ ("The server could not be told: %s This device is signed out all the same."), error->message);
}

static CtlExit
run_sign_out (Ctl *ctl, GError **error)
{
  g_autoptr (SatchelLink) link = NULL;

  if (!ctl_check_args (ctl, 0, 0, error) || !ctl_open_replica (ctl, TRUE, error) ||
      (link = satchel_replica_get_link (ctl->replica, error)) == NULL)
    return CTL_FAILED;
  if (link->server == NULL)
    {
      g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_NOT_CONNECTED, _ ("You are not signed in."));
      return CTL_REFUSED;
    }
  if (!satchel_replica_sign_out (ctl->replica, sign_out_keep, error))
    return CTL_FAILED;

  sign_out_at_server (link);
  return satchel_token_store_forget (link->device_id, error) ? CTL_DONE : CTL_FAILED;
}

const CtlCommand ctl_sync_commands[] = {
  { "enroll", "URL --user NAME|--code CODE, or satchel:…", N_ ("Connects this device to your team's server"),
   enroll_options, run_enroll },
  { "sync", "", N_ ("Sends what was changed here and fetches what was changed elsewhere"), sync_options, run_sync },
  { "status", "", N_ ("Tells what is here and what waits"), NULL, run_status },
  { "sign-out", "", N_ ("Disconnects this device; never drops what was not sent"), sign_out_options, run_sign_out },
  { NULL },
};
