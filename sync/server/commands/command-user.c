/* SPDX-License-Identifier: GPL-3.0-or-later */

/* user add, user list, user disable, user password. */

#include "satchel-config.h"

#include "server-commands.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "records/satchel-id.h"
#include "server-invitation.h"
#include "server/core/server-administration.h"
#include "server/core/server-devices.h"
#include "server/core/server-password.h"
#include "server/operation/server-audit.h"
#include "terminal/satchel-password.h"

#define MAX_MINUTES (7 * 24 * 60)

static char *role;
static char **territories;
static char *password_file;

#define PASSWORD_OPTION                                        \
  { "password-file",                                           \
    0,                                                         \
    0,                                                         \
    G_OPTION_ARG_FILENAME,                                     \
    &password_file,                                            \
    N_ ("The file with the password, “-” for standard input"), \
    N_ ("FILE") }

static const GOptionEntry add_options[] = {
  { "role",      0, 0, G_OPTION_ARG_STRING,       &role,        N_ ("What the user may do (rep)"),           N_ ("rep|manager|admin") },
  { "territory", 0, 0, G_OPTION_ARG_STRING_ARRAY, &territories, N_ ("A territory that the user is granted"),
   N_ ("NAME")                                                                                                                        },
  PASSWORD_OPTION,
  G_OPTION_ENTRY_NULL,
};

static const GOptionEntry password_options[] = {
  PASSWORD_OPTION,
  G_OPTION_ENTRY_NULL,
};

/* ---- Passwords ------------------------------------------------------------------------------------ */

/* The hash of the password that the command was given; NULL without an error when there is none to be had. */
static gboolean
read_hash (char **hash, GError **error)
{
  g_autofree char *password = NULL;

  if (password_file == NULL && !isatty (STDIN_FILENO))
    return TRUE;

  password = satchel_read_password (password_file, error);
  if (password == NULL)
    return FALSE;
  if (*password == '\0')
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("The password is empty."));
      return FALSE;
    }

  *hash = satchel_password_hash (password);
  satchel_forget_password (g_steal_pointer (&password));
  return TRUE;
}

/* ---- One transaction ------------------------------------------------------------------------------ */

/**
 * Change:
 * @hash: (nullable): of a new password, or of the code of an invitation
 * @user: whom it was about, once it is known
 */
typedef struct
{
  const char *event;
  const char *name;
  const char *hash;
  char *user;
} Change;

static void
change_clear (Change *change)
{
  g_free (change->user);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

typedef gboolean (*ChangeFunc) (ServerRun *run, Change *change, GError **error);

static ServerExit
run_change (ServerRun *run, const char *event, ChangeFunc func, const char *hash, GError **error)
{
  g_auto (Change) change = { .event = event, .name = run->args[0], .hash = hash };

  if (!server_run_open (run, error) || !satchel_store_begin (run->session, error))
    return SERVER_FAILED;
  if (!func (run, &change, error))
    {
      satchel_store_rollback (run->session);
      return SERVER_FAILED;
    }

  if (!satchel_store_commit (run->session, error))
    return SERVER_FAILED;
  server_audit_command (&(ServerAudit) { .event = event, .user = change.user });

  return SERVER_DONE;
}

static gboolean
put (ServerRun *run, SatchelRecord *record, GError **error)
{
  g_autoptr (SatchelView) view = satchel_view_open_administration (run->server, run->session);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();

  g_ptr_array_add (records, record);
  return satchel_server_put_records (view, records, NULL, NULL, error);
}

static SatchelRecord *
make_record (ServerRun *run, const char *id, const char *name, const char *user_role, gboolean active, GError **error)
{
  const SatchelType *type = satchel_vocabulary_lookup (run->vocabulary, "user");
  g_autoptr (SatchelRecord) record = satchel_record_new (type, id);

  if (!satchel_record_set_from_text (record, "name", name, error) ||
      !satchel_record_set_from_text (record, "role", user_role, error) ||
      !satchel_record_set_from_text (record, "active", active ? "true" : "false", error))
    return NULL;

  return g_steal_pointer (&record);
}

/* ---- add ------------------------------------------------------------------------------------------ */

static gboolean
grant_all (ServerRun *run, char *user, GError **error)
{
  for (guint i = 0; territories != NULL && territories[i] != NULL; i++)
    {
      g_autoptr (SatchelStoredTerritory) territory = server_run_find_territory (run, territories[i], error);

      if (territory == NULL ||
          !satchel_store_set_grant (run->session, &(SatchelStoredGrant) { user, territory->id }, TRUE, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
check_name_is_free (ServerRun *run, const char *name, GError **error)
{
  g_autoptr (SatchelStoredUser) existing = NULL;

  if (!satchel_store_find_user (run->session, name, &existing, error))
    return FALSE;
  if (existing == NULL)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _ ("There is a user “%s” already."), name);
  return FALSE;
}

static gboolean
add (ServerRun *run, Change *change, GError **error)
{
  g_autofree char *id = satchel_id_new ();
  g_autoptr (SatchelRecord) record = NULL;

  if (!check_name_is_free (run, change->name, error))
    return FALSE;

  record = make_record (run, id, change->name, role != NULL ? role : "rep", TRUE, error);
  if (record == NULL || !put (run, record, error) ||
      (change->hash != NULL && !satchel_store_set_password (run->session, id, change->hash, error)) ||
      !grant_all (run, id, error))
    return FALSE;

  puts (id);
  change->user = g_steal_pointer (&id);

  return TRUE;
}

static ServerExit
run_add (ServerRun *run, GError **error)
{
  g_autofree char *hash = NULL;
  ServerExit code;

  if (!read_hash (&hash, error))
    return SERVER_FAILED;

  code = run_change (run, "user-added", add, hash, error);
  if (code == SERVER_DONE && hash == NULL)
    server_say (_ ("“%s” has no password yet. Set one with “user password”, or invite them with “user invite”."),
                run->args[0]);
  return code;
}

/* ---- list ----------------------------------------------------------------------------------------- */

static char *
join_territories (ServerRun *run, const char *user, GPtrArray *all, GError **error)
{
  g_autoptr (GPtrArray) grants = satchel_store_list_grants (run->session, user, error);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  if (grants == NULL)
    return NULL;

  for (guint i = 0; i < grants->len; i++)
    for (guint j = 0; j < all->len; j++)
      {
        const SatchelStoredGrant *granted = g_ptr_array_index (grants, i);
        const SatchelStoredTerritory *territory = g_ptr_array_index (all, j);

        if (strcmp (granted->territory, territory->id) == 0)
          g_strv_builder_add (names, territory->name);
      }

  list = g_strv_builder_end (names);
  return g_strjoinv (", ", list);
}

static ServerExit
run_list (ServerRun *run, GError **error)
{
  static const char *const names[] = { "id", "name", "role", "state", "territories", NULL };
  g_autoptr (GPtrArray) users = NULL;
  g_autoptr (GPtrArray) all = NULL;

  if (!server_run_open (run, error) || (users = satchel_store_list_users (run->session, error)) == NULL ||
      (all = satchel_store_list_territories (run->session, error)) == NULL)
    return SERVER_FAILED;

  for (guint i = 0; i < users->len; i++)
    {
      const SatchelStoredUser *user = g_ptr_array_index (users, i);
      g_autofree char *granted = join_territories (run, user->id, all, error);
      const char *state = !user->active ? "disabled" : user->password == NULL ? "no-password" : "active";

      if (granted == NULL)
        return SERVER_FAILED;
      server_print_row (run, names, (const char *[]) { user->id, user->name, user->role, state, granted });
    }

  return SERVER_DONE;
}

/* ---- disable -------------------------------------------------------------------------------------- */

static SatchelRecord *
load_record (ServerRun *run, const char *id, GError **error)
{
  g_autoptr (GPtrArray) stored = satchel_store_load_records (run->session, (const char *const[]) { id, NULL }, error);
  g_autoptr (JsonNode) node = NULL;

  if (stored == NULL || stored->len == 0)
    return NULL;

  node = satchel_json_parse (((SatchelStored *) g_ptr_array_index (stored, 0))->body, -1, 32, error);
  return node == NULL ? NULL : satchel_record_from_wire (run->vocabulary, json_node_get_object (node), error);
}

static gboolean
disable (ServerRun *run, Change *change, GError **error)
{
  g_autoptr (SatchelStoredUser) user = server_run_find_user (run, change->name, error);
  g_autoptr (SatchelRecord) record = user == NULL ? NULL : load_record (run, user->id, error);

  if (record == NULL)
    return FALSE;

  change->user = g_strdup (user->id);

  return satchel_record_set_from_text (record, "active", "false", error) && put (run, record, error);
}

static ServerExit
run_disable (ServerRun *run, GError **error)
{
  return run_change (run, "user-disabled", disable, NULL, error);
}

/* ---- password ------------------------------------------------------------------------------------- */

static gboolean
set_password (ServerRun *run, Change *change, GError **error)
{
  g_autoptr (SatchelStoredUser) user = server_run_find_user (run, change->name, error);

  if (user == NULL)
    return FALSE;

  change->user = g_strdup (user->id);

  return satchel_store_set_password (run->session, user->id, change->hash, error);
}

static ServerExit
run_password (ServerRun *run, GError **error)
{
  g_autofree char *hash = NULL;

  if (!read_hash (&hash, error))
    return SERVER_FAILED;
  if (hash == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           _ ("Name the file with the password: --password-file FILE, or “-” for standard input."));
      return SERVER_USAGE;
    }

  return run_change (run, "user-password", set_password, hash, error);
}

/* ---- invite --------------------------------------------------------------------------------------- */

static int minutes = 60;

static const GOptionEntry invite_options[] = {
  { "expires", 0, 0, G_OPTION_ARG_INT, &minutes, N_ ("How long the code is good (60)"), N_ ("MINUTES") },
  G_OPTION_ENTRY_NULL,
};

static gboolean
invite (ServerRun *run, Change *change, GError **error)
{
  g_autoptr (SatchelStoredUser) user = server_run_find_user (run, change->name, error);
  SatchelStoredInvitation invitation = { .hash = (char *) change->hash };

  if (user == NULL)
    return FALSE;
  if (!user->active)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("“%s” is disabled and cannot be invited."), change->name);
      return FALSE;
    }

  change->user = g_strdup (user->id);
  invitation.user = user->id;
  invitation.expires = g_get_real_time () / G_USEC_PER_SEC + (gint64) minutes * 60;

  return satchel_store_set_invitation (run->session, user->id, &invitation, error);
}

static void
print_invitation (ServerRun *run, const char *code)
{
  static const char *const names[] = { "code", "link", NULL };
  g_autofree char *link = server_invitation_make_link (run->settings, code);

  if (run->json)
    server_print_row (run, names, (const char *[]) { code, link });
  else
    printf ("%s\n%s%s", code, link != NULL ? link : "", link != NULL ? "\n" : "");
  if (link == NULL)
    server_say (_ ("How devices reach this server is not known, so there is no link. Say it with --url https://NAME."));
}

static ServerExit
run_invite (ServerRun *run, GError **error)
{
  g_autofree char *code = satchel_code_new ();
  g_autofree char *hash = satchel_code_hash (code);
  ServerExit done;

  if (minutes < 1 || minutes > MAX_MINUTES)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--expires takes 1 to %d minutes."),
                   MAX_MINUTES);
      return SERVER_USAGE;
    }

  done = run_change (run, "user-invited", invite, hash, error);
  if (done == SERVER_DONE)
    print_invitation (run, code);

  return done;
}

const ServerCommand server_user_commands[] = {
  { "user add", "NAME", N_ ("Adds a user and prints the new id"), 1, 1, add_options, run_add },
  { "user list", "", N_ ("Lists the users"), 0, 0, NULL, run_list },
  { "user invite", "NAME", N_ ("Prints a code and a link that connect one device, once"), 1, 1, invite_options,
   run_invite },
  { "user disable", "NAME", N_ ("Lets a user sign in no more, on no device"), 1, 1, NULL, run_disable },
  { "user password", "NAME", N_ ("Sets a user's password"), 1, 1, password_options, run_password },
  { NULL },
};
