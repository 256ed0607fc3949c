/* SPDX-License-Identifier: GPL-3.0-or-later */

/* backup, restore. A restore prepares the new store beside the old one, and puts it in its place in one step: wherever it
 * stops, there is one whole store, and the old one is kept. */

#include "satchel-config.h"

#include "server-commands.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "server/operation/server-audit.h"

#define SQLITE_PREFIX "sqlite:"

/* ---- backup --------------------------------------------------------------------------------------- */

static ServerExit
run_backup (ServerRun *run, GError **error)
{
  if (!server_run_open (run, error) || !satchel_store_backup (run->session, run->args[0], error))
    return SERVER_FAILED;

  server_say (_ ("Everything up to now is in %s."), run->args[0]);
  server_audit_command (&(ServerAudit) { .event = "backup", .file = run->args[0] });

  return SERVER_DONE;
}

/* ---- restore -------------------------------------------------------------------------------------- */

static gboolean verify;

static const GOptionEntry restore_options[] = {
  { "verify", 0, 0, G_OPTION_ARG_NONE, &verify,
   N_ ("Read all of the backup first; it is not used if anything is wrong"), NULL },
  G_OPTION_ENTRY_NULL,
};

/**
 * Restore:
 * @path: of the store
 * @next: where the new one is prepared
 * @aside: where the old one is kept
 */
typedef struct
{
  const SatchelVocabulary *vocabulary;
  char *path;
  char *next;
  char *aside;
  SatchelStore *store;
  SatchelStoreSession *session;
} Restore;

static void
restore_close (Restore *self)
{
  g_clear_pointer (&self->session, satchel_store_session_close);
  g_clear_pointer (&self->store, satchel_store_free);
}

static void
restore_clear (Restore *self)
{
  restore_close (self);
  g_free (self->path);
  g_free (self->next);
  g_free (self->aside);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Restore, restore_clear)

static gboolean
fail (const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _ ("%s cannot be replaced: %s."), path,
               g_strerror (code));

  return FALSE;
}

static void
remove_next (Restore *self)
{
  static const char *const ends[] = { "", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strconcat (self->next, ends[i], NULL);

      g_unlink (path);
    }
}

/* A copy, for a backup may be restored more than once. */
static gboolean
copy_backup (Restore *self, const char *backup, GError **error)
{
  g_autoptr (GFile) from = g_file_new_for_commandline_arg (backup);
  g_autoptr (GFile) to = g_file_new_for_path (self->next);
  g_autoptr (GError) problem = NULL;

  remove_next (self);
  if (g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, &problem) && g_chmod (self->next, 0600) == 0)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The backup %s cannot be copied: %s. Nothing was changed."),
               backup, problem != NULL ? problem->message : g_strerror (errno));

  return FALSE;
}

static gboolean
check_whole (Restore *self, GError **error)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);

  if (!satchel_store_check (self->session, problems, error))
    return FALSE;
  if (problems->len == 0)
    return TRUE;

  g_set_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_CORRUPT,
               _ ("The backup is damaged: %s. Nothing was changed."), (const char *) g_ptr_array_index (problems, 0));

  return FALSE;
}

static gboolean
open_next (Restore *self, GError **error)
{
  g_autofree char *database = g_strconcat (SQLITE_PREFIX, self->next, NULL);
  g_autoptr (SatchelServer) server = NULL;

  self->store = satchel_store_open (database, SATCHEL_STORE_OPEN, error);
  if (self->store == NULL ||
      (self->session = satchel_store_open_session (self->store, SATCHEL_STORE_WRITE, error)) == NULL)
    return FALSE;

  /* Only what is a store of ours has an epoch. */
  server = satchel_server_new (self->vocabulary, self->session, error);

  return server != NULL && (!verify || check_whole (self, error));
}

static gboolean
holds_epoch (GPtrArray *epochs, const char *name)
{
  for (guint i = 0; i < epochs->len; i++)
    if (strcmp (((const SatchelStoredEpoch *) g_ptr_array_index (epochs, i))->name, name) == 0)
      return TRUE;

  return FALSE;
}

/* Epochs that came after the backup was made are known to devices; the last one of them ends here too. */
static gboolean
carry_epochs (SatchelStoreSession *session, GPtrArray *before, GError **error)
{
  g_autoptr (GPtrArray) here = satchel_store_list_epochs (session, error);

  if (here == NULL)
    return FALSE;
  for (guint i = 0; before != NULL && i < before->len; i++)
    {
      const char *name = ((const SatchelStoredEpoch *) g_ptr_array_index (before, i))->name;

      if (!holds_epoch (here, name) && !satchel_store_begin_epoch (session, name, error))
        return FALSE;
    }

  return satchel_server_refound (session, error);
}

static gboolean
begin_epoch (Restore *self, GPtrArray *before, GError **error)
{
  if (!satchel_store_begin (self->session, error))
    return FALSE;
  if (carry_epochs (self->session, before, error))
    return satchel_store_commit (self->session, error);

  satchel_store_rollback (self->session);

  return FALSE;
}

/* Of the old store, if it can be read at all; closing it puts its log away. */
static GPtrArray *
list_epochs_before (Restore *self)
{
  g_autofree char *database = g_strconcat (SQLITE_PREFIX, self->path, NULL);
  g_autoptr (SatchelStore) store = satchel_store_open (database, SATCHEL_STORE_OPEN, NULL);
  g_autoptr (SatchelStoreSession) session = store != NULL
                                                ? satchel_store_open_session (store, SATCHEL_STORE_WRITE, NULL)
                                                : NULL;

  return session != NULL ? satchel_store_list_epochs (session, NULL) : NULL;
}

static gboolean
prepare (Restore *self, const char *backup, GError **error)
{
  g_autoptr (GPtrArray) before = list_epochs_before (self);

  return copy_backup (self, backup, error) && open_next (self, error) && begin_epoch (self, before, error);
}

/* ---- In its place ---- */

/* A log that is left beside the new store would be taken for its own. */
static gboolean
set_log_aside (Restore *self, const char *end, GError **error)
{
  g_autofree char *from = g_strconcat (self->path, end, NULL);
  g_autofree char *to = g_strconcat (self->aside, end, NULL);

  return g_rename (from, to) == 0 || errno == ENOENT || fail (from, error);
}

static gboolean
sync_folder (Restore *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  int file = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean done = file >= 0 && fsync (file) == 0;

  if (!done)
    fail (folder, error);
  if (file >= 0)
    close (file);

  return done;
}

static gboolean
put_in_place (Restore *self, GError **error)
{
  if (!set_log_aside (self, "-wal", error) || !set_log_aside (self, "-shm", error))
    return FALSE;
  if (link (self->path, self->aside) != 0 && errno != ENOENT)
    return fail (self->path, error);
  if (g_rename (self->next, self->path) != 0)
    return fail (self->path, error);

  return sync_folder (self, error);
}

static void
restore_init (Restore *self, ServerRun *run, const char *path)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = g_date_time_format (now, "%Y%m%dT%H%M%S.%f");

  self->vocabulary = run->vocabulary;
  self->path = g_strdup (path);
  self->next = g_strconcat (path, ".restoring", NULL);
  self->aside = g_strdup_printf ("%s.before-%s", path, when);
}

static ServerExit
say_restored (ServerRun *run, const char *aside)
{
  server_say (_ ("%s is in place. What was there before is kept as %s; devices bring back what they know of it."),
              run->args[0], aside);
  server_audit_command (&(ServerAudit) { .event = "restore", .file = run->args[0] });

  return SERVER_DONE;
}

static ServerExit
restore_file (ServerRun *run, const char *database, GError **error)
{
  g_auto (Restore) restore = { 0 };
  g_autoptr (ServerLock) lock = server_lock_to_replace (database, error);

  if (lock == NULL)
    return SERVER_FAILED;

  restore_init (&restore, run, database + strlen (SQLITE_PREFIX));
  if (!prepare (&restore, run->args[0], error))
    {
      restore_close (&restore);
      remove_next (&restore);
      return SERVER_FAILED;
    }
  restore_close (&restore);

  return put_in_place (&restore, error) ? say_restored (run, restore.aside) : SERVER_FAILED;
}

/* ---- Into a store that is no file ---- */

/* One that is not there yet is made. */
static SatchelStore *
open_target (const char *database, gboolean *is_new, GError **error)
{
  g_autoptr (GError) problem = NULL;
  SatchelStore *store = satchel_store_open (database, SATCHEL_STORE_OPEN, &problem);

  *is_new = g_error_matches (problem, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_MISSING);
  if (*is_new)
    return satchel_store_open (database, SATCHEL_STORE_CREATE, error);
  if (store == NULL)
    g_propagate_error (error, g_steal_pointer (&problem));

  return store;
}

static gboolean
fill_target (Restore *self, SatchelStoreSession *target, gboolean is_new, GError **error)
{
  g_autoptr (GPtrArray) before = is_new ? NULL : satchel_store_list_epochs (target, error);

  return (is_new || (before != NULL && satchel_store_set_aside (target, self->aside, error))) &&
         satchel_store_copy (self->session, target, error) && carry_epochs (target, before, error);
}

/* All in one transaction: until its end the old store is there, and then the new one. */
static gboolean
replace_target (Restore *self, SatchelStoreSession *target, gboolean is_new, GError **error)
{
  gboolean done = satchel_store_begin (self->session, error);

  if (done && (done = satchel_store_begin (target, error)))
    {
      done = fill_target (self, target, is_new, error) && satchel_store_commit (target, error);
      if (!done)
        satchel_store_rollback (target);
    }
  satchel_store_rollback (self->session);
  if (!done && is_new)
    satchel_store_discard (target, NULL);

  return done;
}

static gboolean
restore_into (Restore *self, const char *database, const char *backup, GError **error)
{
  gboolean is_new;
  g_autoptr (SatchelStore) store = NULL;
  g_autoptr (SatchelStoreSession) target = NULL;

  if (!copy_backup (self, backup, error) || !open_next (self, error))
    return FALSE;
  store = open_target (database, &is_new, error);
  target = store != NULL ? satchel_store_open_session (store, SATCHEL_STORE_ALONE, error) : NULL;

  return target != NULL && replace_target (self, target, is_new, error);
}

static ServerExit
restore_tables (ServerRun *run, const char *database, GError **error)
{
  g_auto (Restore) restore = { 0 };
  g_autofree char *path = g_build_filename (server_run_get_data_dir (run, NULL), "restore", NULL);
  gboolean done;

  restore_init (&restore, run, path);
  g_free (restore.aside);
  restore.aside = g_strdup_printf ("satchel_before_%" G_GINT64_FORMAT, g_get_real_time ());
  done = restore_into (&restore, database, run->args[0], error);
  restore_close (&restore);
  remove_next (&restore);

  return done ? say_restored (run, restore.aside) : SERVER_FAILED;
}

static ServerExit
run_restore (ServerRun *run, GError **error)
{
  const char *database;

  if (server_run_get_data_dir (run, error) == NULL)
    return SERVER_USAGE;
  database = server_settings_get (run->settings, SERVER_SETTING_DATABASE);

  return g_str_has_prefix (database, SQLITE_PREFIX) ? restore_file (run, database, error)
                                                    : restore_tables (run, database, error);
}

const ServerCommand server_backup_commands[] = {
  { "backup", "FILE", N_ ("Copies everything into a file, also while the server serves"), 1, 1, NULL, run_backup },
  { "restore", "FILE", N_ ("Puts a backup in the place of the store, while no server serves"), 1, 1, restore_options,
   run_restore },
  { NULL },
};
