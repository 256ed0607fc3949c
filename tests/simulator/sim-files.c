/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>

#include "sim.h"

char *
sim_files_make_folder (const char *parent, const char *name)
{
  char *folder = g_build_filename (parent, name, NULL);
  int made = g_mkdir (folder, 0700);

  g_assert (made == 0);

  return folder;
}

void
sim_files_copy (const char *from, const char *to)
{
  g_autofree char *content = NULL;
  gsize length;
  gboolean copied = g_file_get_contents (from, &content, &length, NULL) &&
                    g_file_set_contents_full (to, content, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0600, NULL);

  g_assert (copied);
}

void
sim_files_remove (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        sim_files_remove (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}
