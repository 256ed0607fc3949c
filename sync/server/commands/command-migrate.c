/* SPDX-License-Identifier: GPL-3.0-or-later */

/* migrate: carries everything from one kind of store to another. */

#include "satchel-config.h"

#include "server-commands.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define SQLITE_PREFIX "sqlite:"

static char *from_database;
static char *to_database;

static const GOptionEntry migrate_options[] = {
  { "from", 0, 0, G_OPTION_ARG_STRING, &from_database, N_ ("The store as it is"),                        N_ ("sqlite:PATH|postgresql://…") },
  { "to",   0, 0, G_OPTION_ARG_STRING, &to_database,   N_ ("The store to make; there must be none yet"),
   N_ ("sqlite:PATH|postgresql://…")                                                                                                       },
  G_OPTION_ENTRY_NULL,
};

/* One of the two. */
typedef struct
{
  ServerLock *lock;
  SatchelStore *store;
  SatchelStoreSession *session;
} Side;

static void
side_clear (Side *self)
{
  g_clear_pointer (&self->session, satchel_store_session_close);
  g_clear_pointer (&self->store, satchel_store_free);
  g_clear_pointer (&self->lock, server_lock_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Side, side_clear)

/* While nobody uses it: a file is locked, anything else sees to it itself. */
static gboolean
side_open (Side *self, const char *database, SatchelStoreOpen mode, GError **error)
{
  if (g_str_has_prefix (database, SQLITE_PREFIX) && (self->lock = server_lock_to_replace (database, error)) == NULL)
    return FALSE;

  self->store = satchel_store_open (database, mode, error);
  if (self->store != NULL)
    self->session = satchel_store_open_session (self->store, SATCHEL_STORE_ALONE, error);

  return self->session != NULL;
}

/* What came to nothing is not left behind. */
static void
side_discard (Side *self, const char *database)
{
  static const char *const ends[] = { "", "-wal", "-shm", ".lock" };

  if (self->store == NULL)
    return;
  if (!satchel_store_is_file (self->store))
    {
      if (self->session != NULL)
        satchel_store_discard (self->session, NULL);
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strconcat (database + strlen (SQLITE_PREFIX), ends[i], NULL);

      g_unlink (path);
    }
}

static gboolean
copy (Side *from, Side *to, GError **error)
{
  gboolean done = satchel_store_begin (from->session, error);

  if (done && (done = satchel_store_begin (to->session, error)))
    {
      done = satchel_store_copy (from->session, to->session, error) && satchel_store_commit (to->session, error);
      if (!done)
        satchel_store_rollback (to->session);
    }
  satchel_store_rollback (from->session);

  return done;
}

/* Only what is a store of ours, and was finished, has an epoch. */
static gboolean
check_store (ServerRun *run, Side *side, GError **error)
{
  g_autoptr (SatchelServer) server = satchel_server_new (run->vocabulary, side->session, error);

  return server != NULL;
}

static ServerExit
run_migrate (ServerRun *run, GError **error)
{
  g_auto (Side) from = { 0 };
  g_auto (Side) to = { 0 };

  if (from_database == NULL || to_database == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           _ ("Say from where and to where: --from sqlite:PATH --to postgresql://USER@HOST/NAME."));
      return SERVER_USAGE;
    }

  if (!side_open (&from, from_database, SATCHEL_STORE_OPEN, error) || !check_store (run, &from, error))
    return SERVER_FAILED;
  if (!side_open (&to, to_database, SATCHEL_STORE_CREATE, error) || !copy (&from, &to, error))
    {
      side_discard (&to, to_database);
      return SERVER_FAILED;
    }

  server_say (
      _ ("Everything was carried over, and is the same there. Name the new store as --database from now on; the "
         "old one is as it was, and must not be served any more."));

  return SERVER_DONE;
}

const ServerCommand server_migrate_commands[] = {
  { "migrate", "--from DATABASE --to DATABASE",
   N_ ("Carries everything to a store of another kind, while no server serves"), 0, 0, migrate_options, run_migrate },
  { NULL },
};
