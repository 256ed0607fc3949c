/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What both command lines read from a file, from standard input or from a person at a terminal. */

#include "satchel-config.h"

#include "satchel-password.h"

#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_MAX_BYTES 1024

static gboolean
read_standard_input (char **contents, gsize *length, GError **error)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();

  if (g_output_stream_splice (output, input, G_OUTPUT_STREAM_SPLICE_NONE, NULL, error) < 0)
    return FALSE;

  *length = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (output));
  if (!g_output_stream_write_all (output, "", 1, NULL, NULL, error) || !g_output_stream_close (output, NULL, error))
    return FALSE;

  *contents = g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (output));
  return TRUE;
}

/**
 * satchel_read_input:
 * @path: a file, or "-" for standard input
 * @contents: (out) (transfer full): all of it, with a NUL behind it
 * @length: (out): how many bytes, the NUL not counted
 * @error: return location for an error
 *
 * Reads a file that a person named. Blocks.
 *
 * Returns: whether it could be read
 */
gboolean
satchel_read_input (const char *path, char **contents, gsize *length, GError **error)
{
  if (strcmp (path, "-") == 0)
    return read_standard_input (contents, length, error);

  return g_file_get_contents (path, contents, length, error);
}

static char *
prompt (GError **error)
{
  char line[PASSWORD_MAX_BYTES];
  struct termios before, silent;
  char *password = NULL;

  fputs (_ ("Password: "), stderr);
  tcgetattr (STDIN_FILENO, &before);
  silent = before;
  silent.c_lflag &= ~(tcflag_t) ECHO;
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &silent);
  if (fgets (line, sizeof line, stdin) != NULL)
    password = g_strndup (line, strcspn (line, "\r\n"));
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
  fputc ('\n', stderr);
  explicit_bzero (line, sizeof line);

  if (password == NULL)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, _ ("No password was given."));
  return password;
}

/**
 * satchel_read_password:
 * @password_file: (nullable): a file, "-" for standard input, or %NULL to ask at the terminal
 * @error: return location for an error
 *
 * Reads a password: the first line of the file, or what is typed, unseen, at the prompt. Blocks.
 *
 * Returns: (transfer full): the password, to be ended with satchel_forget_password(); %NULL with G_OPTION_ERROR when
 *   there is neither a file nor a terminal
 */
char *
satchel_read_password (const char *password_file, GError **error)
{
  char *contents = NULL;
  gsize length;

  if (password_file == NULL && isatty (STDIN_FILENO))
    return prompt (error);
  if (password_file == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           _ ("Name the file with the password: --password-file FILE, or “-” for standard input."));
      return NULL;
    }
  if (!satchel_read_input (password_file, &contents, &length, error))
    return NULL;

  contents[strcspn (contents, "\r\n")] = '\0';
  return contents;
}

/**
 * satchel_forget_password:
 * @password: (transfer full) (nullable): a password
 *
 * Overwrites and frees it.
 */
void
satchel_forget_password (char *password)
{
  if (password != NULL)
    explicit_bzero (password, strlen (password));
  g_free (password);
}
