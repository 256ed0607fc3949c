/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-spare.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replica-files.h"

/* The first line while the replica has not taken over what stands behind it. */
#define SALVAGING "{\"salvaging\":true}\n"
#define DURABLE (G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE)

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

gboolean
replica_spare_append (const char *replica_path, const char *line)
{
  g_autofree char *path = make_path (replica_path);
  int fd = g_open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  gboolean written = fd >= 0 && write_all (fd, line, strlen (line));

  if (!written)
    g_info ("The spare copy of unsent work is behind: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);

  return written;
}

gboolean
replica_spare_rewrite (const char *replica_path, ReplicaConnection *connection)
{
  g_autofree char *path = make_path (replica_path);
  g_autoptr (ReplicaKept) kept = replica_kept_gather (connection, NULL);
  g_autofree char *text = kept != NULL ? replica_kept_to_text (kept) : NULL;
  g_autoptr (GError) error = NULL;

  if (text != NULL &&
      g_file_set_contents_full (path, text, (gssize) strlen (text), G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    return TRUE;

  g_info ("The spare copy of unsent work is behind: %s", error != NULL ? error->message : "nothing could be read");

  return FALSE;
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

/* ---- Whether it has everything -------------------------------------------------------------------- */

static GHashTable *
list_kept (const ReplicaKept *kept)
{
  GHashTable *marks = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < kept->groups->len; i++)
    g_hash_table_add (marks, ((SatchelGroup *) g_ptr_array_index (kept->groups, i))->hash);
  for (guint i = 0; i < kept->tray->len; i++)
    g_hash_table_add (marks, ((SatchelWork *) g_ptr_array_index (kept->tray, i))->id);

  return marks;
}

/* Lines may have been lost with the power anywhere in it, and earlier versions wrote less into them. What cannot be read
 * now is no reason to write it anew. */
gboolean
replica_spare_is_complete (const char *replica_path, ReplicaConnection *connection)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  g_autoptr (ReplicaKept) spare = NULL;
  g_autoptr (GHashTable) marks = NULL;

  statement = replica_query (connection, NULL, "SELECT hash FROM _outbox UNION ALL SELECT id FROM _tray", "");
  if (statement == NULL || replica_step (statement, NULL) != REPLICA_ROW)
    return TRUE;

  spare = replica_spare_read (replica_path);
  if (spare->version == REPLICA_KEPT_NO_VERSION)
    return FALSE;

  marks = list_kept (spare);
  do
    if (!g_hash_table_contains (marks, replica_column_text (statement, 0)))
      return FALSE;
  while (replica_step (statement, NULL) == REPLICA_ROW);

  return TRUE;
}

/* ---- While a damaged replica is replaced ---------------------------------------------------------- */

gboolean
replica_spare_begin_salvage (const char *replica_path, const ReplicaKept *kept, GError **error)
{
  g_autofree char *path = make_path (replica_path);
  g_autofree char *lines = replica_kept_to_text (kept);
  g_autofree char *text = g_strconcat (SALVAGING, lines, NULL);
  g_autoptr (GError) problem = NULL;

  if (g_file_set_contents_full (path, text, (gssize) strlen (text), DURABLE, 0600, &problem) &&
      replica_files_sync_folder (path))
    return TRUE;

  replica_set_error_code (g_error_matches (problem, G_FILE_ERROR, G_FILE_ERROR_NOSPC) ? SQLITE_FULL : SQLITE_IOERR,
                          problem != NULL ? problem->message : g_strerror (errno), error);

  return FALSE;
}

gboolean
replica_spare_is_salvaging (const char *replica_path)
{
  g_autofree char *text = read_text (replica_path);

  return g_str_has_prefix (text, SALVAGING);
}

gboolean
replica_spare_end_salvage (const char *replica_path, GError **error)
{
  if (!replica_spare_is_salvaging (replica_path) && replica_files_sync_folder (replica_path))
    return TRUE;

  replica_set_error_code (SQLITE_IOERR, g_strerror (errno), error);

  return FALSE;
}
