/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "server-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

#define SQLITE_PREFIX "sqlite:"

struct _ServerLock
{
  int file;
};

static ServerLock *
lock (const char *database, int how, const char *taken, GError **error)
{
  g_autofree char *path = NULL;
  ServerLock *self;

  if (!g_str_has_prefix (database, SQLITE_PREFIX))
    return NULL;

  path = g_strconcat (database + strlen (SQLITE_PREFIX), ".lock", NULL);
  self = g_new0 (ServerLock, 1);
  self->file = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->file >= 0 && flock (self->file, how | LOCK_NB) == 0)
    return self;

  if (errno == EWOULDBLOCK)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, taken);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s cannot be locked: %s."), path,
                 g_strerror (errno));
  server_lock_free (self);

  return NULL;
}

ServerLock *
server_lock_to_use (const char *database, GError **error)
{
  return lock (database, LOCK_SH, _ ("This store is being replaced by a backup. Please try again when that is done."),
               error);
}

ServerLock *
server_lock_to_replace (const char *database, GError **error)
{
  return lock (database, LOCK_EX, _ ("A server is at work on this store. Nothing was changed; please stop it first."),
               error);
}

void
server_lock_free (ServerLock *self)
{
  if (self->file >= 0)
    close (self->file);
  g_free (self);
}
