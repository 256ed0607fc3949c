/* SPDX-License-Identifier: GPL-3.0-or-later */

/* territory add, territory list, territory grant, territory revoke. */

#include "satchel-config.h"

#include "server-commands.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "records/satchel-id.h"
#include "server/core/server-administration.h"
#include "server/operation/server-audit.h"

static char *parent_name;

static const GOptionEntry add_options[] = {
  { "parent", 0, 0, G_OPTION_ARG_STRING, &parent_name, N_ ("The territory that it is part of"), N_ ("NAME") },
  G_OPTION_ENTRY_NULL,
};

/* What is told once it is committed. */
typedef struct
{
  const char *event;
  char *user;
  char *territory;
} Told;

static void
told_clear (Told *told)
{
  g_free (told->user);
  g_free (told->territory);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Told, told_clear)

static ServerExit
run_change (ServerRun *run, const char *event, gboolean (*change) (ServerRun *run, Told *told, GError **error),
            GError **error)
{
  g_auto (Told) told = { .event = event };

  if (!server_run_open (run, error) || !satchel_store_begin (run->session, error))
    return SERVER_FAILED;
  if (!change (run, &told, error))
    {
      satchel_store_rollback (run->session);
      return SERVER_FAILED;
    }

  if (!satchel_store_commit (run->session, error))
    return SERVER_FAILED;
  server_audit_command (&(ServerAudit) { .event = told.event, .user = told.user, .territory = told.territory });

  return SERVER_DONE;
}

/* ---- add ------------------------------------------------------------------------------------------ */

static gboolean
check_name_is_free (ServerRun *run, const char *name, GError **error)
{
  g_autoptr (GPtrArray) territories = satchel_store_list_territories (run->session, error);

  if (territories == NULL)
    return FALSE;

  for (guint i = 0; i < territories->len; i++)
    if (strcmp (((SatchelStoredTerritory *) g_ptr_array_index (territories, i))->name, name) == 0)
      {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _ ("There is a territory “%s” already."), name);
        return FALSE;
      }

  return TRUE;
}

static gboolean
put (ServerRun *run, const char *id, const char *name, const char *parent, GError **error)
{
  const SatchelType *type = satchel_vocabulary_lookup (run->vocabulary, "territory");
  g_autoptr (SatchelView) view = satchel_view_open_administration (run->server, run->session);
  g_autoptr (SatchelRecord) record = satchel_record_new (type, id);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();

  g_ptr_array_add (records, record);
  return satchel_record_set_from_text (record, "name", name, error) &&
         satchel_record_set_from_text (record, "parent", parent != NULL ? parent : "", error) &&
         satchel_server_put_records (view, records, NULL, NULL, error);
}

static gboolean
add (ServerRun *run, Told *told, GError **error)
{
  g_autofree char *id = satchel_id_new ();
  g_autoptr (SatchelStoredTerritory) parent = NULL;

  if (!check_name_is_free (run, run->args[0], error) ||
      (parent_name != NULL && (parent = server_run_find_territory (run, parent_name, error)) == NULL) ||
      !put (run, id, run->args[0], parent != NULL ? parent->id : NULL, error))
    return FALSE;

  puts (id);
  told->territory = g_steal_pointer (&id);

  return TRUE;
}

static ServerExit
run_add (ServerRun *run, GError **error)
{
  return run_change (run, "territory-added", add, error);
}

/* ---- grant, revoke -------------------------------------------------------------------------------- */

static gboolean
set_grant (ServerRun *run, gboolean granted, Told *told, GError **error)
{
  g_autoptr (SatchelStoredUser) user = server_run_find_user (run, run->args[0], error);
  g_autoptr (SatchelStoredTerritory) territory = NULL;

  if (user == NULL || (territory = server_run_find_territory (run, run->args[1], error)) == NULL)
    return FALSE;

  told->user = g_strdup (user->id);
  told->territory = g_strdup (territory->id);

  return satchel_store_set_grant (run->session, &(SatchelStoredGrant) { user->id, territory->id }, granted, error);
}

static gboolean
grant_territory (ServerRun *run, Told *told, GError **error)
{
  return set_grant (run, TRUE, told, error);
}

static gboolean
revoke_territory (ServerRun *run, Told *told, GError **error)
{
  return set_grant (run, FALSE, told, error);
}

static ServerExit
run_grant (ServerRun *run, GError **error)
{
  return run_change (run, "grant", grant_territory, error);
}

static ServerExit
run_revoke (ServerRun *run, GError **error)
{
  return run_change (run, "revoke", revoke_territory, error);
}

/* ---- list ----------------------------------------------------------------------------------------- */

static const char *
find_name (GPtrArray *territories, const char *id)
{
  for (guint i = 0; id != NULL && i < territories->len; i++)
    {
      const SatchelStoredTerritory *territory = g_ptr_array_index (territories, i);

      if (strcmp (territory->id, id) == 0)
        return territory->name;
    }

  return NULL;
}

static ServerExit
run_list (ServerRun *run, GError **error)
{
  static const char *const names[] = { "id", "name", "parent", NULL };
  g_autoptr (GPtrArray) territories = NULL;

  if (!server_run_open (run, error) || (territories = satchel_store_list_territories (run->session, error)) == NULL)
    return SERVER_FAILED;

  for (guint i = 0; i < territories->len; i++)
    {
      const SatchelStoredTerritory *territory = g_ptr_array_index (territories, i);

      server_print_row (
          run, names, (const char *[]) { territory->id, territory->name, find_name (territories, territory->parent) });
    }

  return SERVER_DONE;
}

const ServerCommand server_territory_commands[] = {
  { "territory add", "NAME", N_ ("Adds a territory and prints the new id"), 1, 1, add_options, run_add },
  { "territory grant", "USER NAME", N_ ("Shows a user the accounts of a territory"), 2, 2, NULL, run_grant },
  { "territory revoke", "USER NAME", N_ ("Shows them no more"), 2, 2, NULL, run_revoke },
  { "territory list", "", N_ ("Lists the territories"), 0, 0, NULL, run_list },
  { NULL },
};
