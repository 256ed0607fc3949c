/* SPDX-License-Identifier: GPL-3.0-or-later */

#define _GNU_SOURCE /* locks that belong to the open file */

#include "satchel-config.h"

#include "replica-files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "records/satchel-error.h"

/* ---- Locks ---------------------------------------------------------------------------------------- */

static int
set_lock (int fd, ReplicaLock lock, short type)
{
  struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = lock, .l_len = 1 };

  return fcntl (fd, F_OFD_SETLK, &range);
}

static int
open_lock_file (const char *path)
{
  g_autofree char *name = g_strconcat (path, ".lock", NULL);

  return g_open (name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

int
replica_files_lock (const char *path, ReplicaLock lock, gboolean exclusive)
{
  int fd = open_lock_file (path);
  int code;

  if (fd < 0 || set_lock (fd, lock, exclusive ? F_WRLCK : F_RDLCK) == 0)
    return fd;

  code = errno;
  close (fd);
  errno = code;

  return -1;
}

int
replica_files_lock_open (const char *path, gboolean *was_alone)
{
  int fd = open_lock_file (path);

  *was_alone = fd >= 0 && set_lock (fd, REPLICA_LOCK_OPEN, F_WRLCK) == 0;
  if (fd >= 0)
    set_lock (fd, REPLICA_LOCK_OPEN, F_RDLCK);

  return fd;
}

/* ---- Marks ---------------------------------------------------------------------------------------- */

/* The last one to close a replica takes its log in and removes it. */
gboolean
replica_files_was_left_unclean (const char *path)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  GStatBuf info;

  return g_stat (log, &info) == 0 && info.st_size > 0;
}

static gboolean
has_mark (const char *path, const char *suffix)
{
  g_autofree char *mark = g_strconcat (path, suffix, NULL);

  return g_file_test (mark, G_FILE_TEST_EXISTS);
}

static void
set_mark (const char *path, const char *suffix, gboolean set)
{
  g_autofree char *mark = g_strconcat (path, suffix, NULL);

  if (set)
    g_file_set_contents_full (mark, "", 0, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
  else
    g_unlink (mark);
}

gboolean
replica_files_is_suspicious (const char *path)
{
  return has_mark (path, ".check");
}

void
replica_files_set_suspicious (const char *path, gboolean suspicious)
{
  set_mark (path, ".check", suspicious);
}

gboolean
replica_files_is_log_doubtful (const char *path)
{
  return has_mark (path, ".unsynced");
}

void
replica_files_set_log_doubtful (const char *path, gboolean doubtful)
{
  set_mark (path, ".unsynced", doubtful);
}

/* ---- Names ---------------------------------------------------------------------------------------- */

gboolean
replica_files_sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean synced = fd >= 0 && fsync (fd) == 0;
  int code = errno;

  if (fd >= 0)
    close (fd);
  errno = code;

  return synced;
}

/* ---- Setting aside -------------------------------------------------------------------------------- */

static char *
make_aside_name (const char *path)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%S");
  char *name = g_strdup_printf ("%s.damaged-%s", path, stamp);

  for (guint i = 2; g_file_test (name, G_FILE_TEST_EXISTS); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s.damaged-%s-%u", path, stamp, i);
    }

  return name;
}

static gboolean
rename_one (const char *path, const char *name, const char *suffix)
{
  g_autofree char *from = g_strconcat (path, suffix, NULL);
  g_autofree char *to = g_strconcat (name, suffix, NULL);

  return g_rename (from, to) == 0 || errno == ENOENT;
}

char *
replica_files_set_aside (const char *path, GError **error)
{
  g_autofree char *name = make_aside_name (path);

  /* The log first: without it the replica is still what it is, but a log must never meet another replica. */
  if (rename_one (path, name, "-wal") && rename_one (path, name, "-shm") && rename_one (path, name, ""))
    return g_steal_pointer (&name);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO,
               _ ("The damaged file with your data cannot be set aside: %s. Nothing was changed."), g_strerror (errno));

  return NULL;
}
