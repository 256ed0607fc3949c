/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What libFuzzer does with a corpus, where there is no libFuzzer: replay-NAME FILE-OR-FOLDER… */

#include "fuzz.h"

#include <stdio.h>

static guint
replay_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  g_autofree guint8 *input = NULL;
  gsize length;

  if (!g_file_get_contents (path, &contents, &length, &error))
    g_error ("%s", error->message);

  /* Without the NUL that GLib adds: whoever reads too far is seen. */
  input = g_memdup2 (contents, length);
  g_clear_pointer (&contents, g_free);
  LLVMFuzzerTestOneInput (input, length);

  return 1;
}

static guint
replay (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  if (folder == NULL)
    return replay_file (path);

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      n += replay_file (child);
    }

  return n;
}

int
main (int argc, char **argv)
{
  guint n = 0;

  LLVMFuzzerInitialize (&argc, &argv);
  for (int i = 1; i < argc; i++)
    n += replay (argv[i]);
  printf ("%u inputs\n", n);

  return n > 0 ? 0 : 1;
}
