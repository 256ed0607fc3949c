/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-spare.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
make_path (const char *replica_path)
{
  return g_strconcat (replica_path, ".outbox", NULL);
}

static gboolean
write_all (int fd, const char *text, gsize length)
{
  while (length > 0)
    {
      gssize written = write (fd, text, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;

      text += written;
      length -= (gsize) written;
    }

  return TRUE;
}

void
replica_spare_append (const char *replica_path, const char *line, goffset *length_before)
{
  g_autofree char *path = make_path (replica_path);
  int fd = g_open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  struct stat info;

  *length_before = -1;
  if (fd < 0)
    return;

  if (fstat (fd, &info) == 0)
    *length_before = info.st_size;
  if (!write_all (fd, line, strlen (line)))
    g_info ("The spare copy of unsent work is behind: %s", g_strerror (errno));

  close (fd);
}

void
replica_spare_truncate (const char *replica_path, goffset length)
{
  g_autofree char *path = make_path (replica_path);

  if (length >= 0 && truncate (path, length) != 0)
    g_info ("The spare copy of unsent work is ahead: %s", g_strerror (errno));
}

void
replica_spare_rewrite (const char *replica_path, ReplicaConnection *connection)
{
  g_autofree char *path = make_path (replica_path);
  g_autoptr (ReplicaKept) kept = replica_kept_gather (connection, NULL);
  g_autofree char *text = kept != NULL ? replica_kept_to_text (kept) : NULL;
  g_autoptr (GError) error = NULL;

  if (text != NULL &&
      !g_file_set_contents_full (path, text, (gssize) strlen (text), G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_info ("The spare copy of unsent work is behind: %s", error->message);
}

static char *
read_text (const char *replica_path)
{
  g_autofree char *path = make_path (replica_path);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : g_strdup ("");
}

ReplicaKept *
replica_spare_read (const char *replica_path)
{
  g_autofree char *text = read_text (replica_path);
  ReplicaKept *kept = replica_kept_new ();

  replica_kept_add_text (kept, text);

  return kept;
}

/* The hash of the last group is nowhere else. */
gboolean
replica_spare_is_complete (const char *replica_path, ReplicaConnection *connection)
{
  g_autofree char *hash = NULL;
  g_autofree char *text = NULL;
  gint64 n_groups;

  if (!replica_query_integer (connection, "SELECT EXISTS (SELECT 1 FROM _outbox)", &n_groups, NULL) || n_groups == 0)
    return TRUE;
  if (!replica_meta_get (connection, "last_group_hash", &hash, NULL) || hash == NULL)
    return TRUE;

  text = read_text (replica_path);

  return strstr (text, hash) != NULL;
}
