/* SPDX-License-Identifier: GPL-3.0-or-later */

/* satchel-server on the command line: finds the command, loads the settings, opens the store, turns errors into exit
 * codes. The commands stand in the command-*.c files beside this one. */

#include "satchel-config.h"

#include "server-commands.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/operation/server-log.h"

static const ServerCommand *const tables[] = {
  server_store_commands,  server_serve_commands,  server_user_commands,    server_territory_commands,
  server_device_commands, server_backup_commands, server_migrate_commands,
};

void
server_say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "satchel-server: %s\n", text);
}

/* ---- The store ------------------------------------------------------------------------------------ */

/**
 * server_run_get_data_dir:
 * @run: a run
 * @error: return location for an error
 *
 * Returns: (nullable): the data folder; %NULL with wrong usage when none is named
 */
const char *
server_run_get_data_dir (ServerRun *run, GError **error)
{
  const char *folder = server_settings_get (run->settings, SERVER_SETTING_DATA_DIR);

  if (folder == NULL)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                         _ ("Name the folder where the server keeps everything: --data-dir DIR."));
  return folder;
}

/* A store that is not there yet has nothing to lock, and says so itself. */
static gboolean
lock_store (ServerRun *run, const char *database, GError **error)
{
  g_autoptr (GError) problem = NULL;

  run->lock = server_lock_to_use (database, &problem);
  if (!g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_BUSY))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&problem));

  return FALSE;
}

/**
 * server_run_open:
 * @run: a run
 * @error: return location for an error
 *
 * Opens the store for writing.
 *
 * Returns: whether it is open
 */
gboolean
server_run_open (ServerRun *run, GError **error)
{
  const char *database = server_settings_get (run->settings, SERVER_SETTING_DATABASE);

  if (database == NULL && server_run_get_data_dir (run, error) == NULL)
    return FALSE;
  if (!lock_store (run, database, error))
    return FALSE;

  run->store = satchel_store_open (database, SATCHEL_STORE_OPEN, error);
  if (run->store == NULL)
    return FALSE;

  run->session = satchel_store_open_session (run->store, SATCHEL_STORE_WRITE, error);
  if (run->session == NULL)
    return FALSE;

  run->server = satchel_server_new (run->vocabulary, run->session, error);
  return run->server != NULL;
}

SatchelStoredUser *
server_run_find_user (ServerRun *run, const char *name, GError **error)
{
  SatchelStoredUser *user = NULL;

  if (satchel_store_find_user (run->session, name, &user, error) && user == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("There is no user “%s”."), name);
  return user;
}

static SatchelStoredTerritory *
take_territory_named (GPtrArray *territories, const char *name)
{
  for (guint i = 0; i < territories->len; i++)
    {
      const SatchelStoredTerritory *territory = g_ptr_array_index (territories, i);

      if (strcmp (territory->name, name) == 0 || strcmp (territory->id, name) == 0)
        return g_ptr_array_steal_index_fast (territories, i);
    }

  return NULL;
}

SatchelStoredTerritory *
server_run_find_territory (ServerRun *run, const char *name, GError **error)
{
  g_autoptr (GPtrArray) territories = satchel_store_list_territories (run->session, error);
  SatchelStoredTerritory *territory;

  if (territories == NULL)
    return NULL;

  territory = take_territory_named (territories, name);
  if (territory == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("There is no territory “%s”."), name);
  return territory;
}

/* ---- Lists ---------------------------------------------------------------------------------------- */

static void
print_json_row (const char *const *names, const char *const *values)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    if (values[i] != NULL)
      json_object_set_string_member (object, names[i], values[i]);
    else
      json_object_set_null_member (object, names[i]);

  node = json_node_init_object (json_node_alloc (), object);
  text = json_to_string (node, FALSE);
  puts (text);
}

void
server_print_row (ServerRun *run, const char *const *names, const char *const *values)
{
  gboolean columns = isatty (STDOUT_FILENO);

  if (run->json)
    {
      print_json_row (names, values);
      return;
    }

  for (guint i = 0; names[i] != NULL; i++)
    {
      const char *value = values[i] != NULL ? values[i] : "";
      int padding = columns && names[i + 1] != NULL ? MAX (0, 20 - (int) g_utf8_strlen (value, -1)) : 0;

      printf ("%s%*s%s", value, padding, "", names[i + 1] == NULL ? "\n" : columns ? "  " : "\t");
    }
}

/* ---- The command line ----------------------------------------------------------------------------- */

static const ServerCommand *
find_command (char **words, guint *n_words)
{
  g_autofree char *two = words[0] != NULL && words[1] != NULL ? g_strconcat (words[0], " ", words[1], NULL) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const ServerCommand *command = tables[i]; command->name != NULL; command++)
      {
        *n_words = strchr (command->name, ' ') != NULL ? 2 : 1;
        if (g_strcmp0 (command->name, *n_words == 2 ? two : words[0]) == 0)
          return command;
      }

  return NULL;
}

static char *
describe_commands (void)
{
  GString *text = g_string_new (_ ("Commands:"));

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const ServerCommand *command = tables[i]; command->name != NULL; command++)
      g_string_append_printf (text, "\n  %s %s\n      %s", command->name, command->usage, _ (command->summary));

  return g_string_free_and_steal (text);
}

static GOptionContext *
make_context (ServerRun *run, const ServerCommand *command, const GOptionEntry *common)
{
  g_autofree char *parameters = command == NULL ? g_strdup (_ ("COMMAND …"))
                                                : g_strdup_printf ("%s %s", command->name, command->usage);
  g_autofree char *description = command == NULL ? describe_commands () : NULL;
  GOptionContext *context = g_option_context_new (parameters);

  g_option_context_set_summary (context, command == NULL ? _ ("The server of your team.") : _ (command->summary));
  g_option_context_set_description (context, description);
  g_option_context_set_strict_posix (context, command == NULL);
  if (command != NULL && command->options != NULL)
    g_option_context_add_main_entries (context, command->options, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, server_settings_get_options (run->settings), GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);

  return context;
}

static gboolean
parse_options (ServerRun *run, const ServerCommand *command, char ***words, GError **error)
{
  gboolean version = FALSE;
  const GOptionEntry common[] = {
    { "json",    0, 0, G_OPTION_ARG_NONE, &run->json, N_ ("Print lists as one JSON object a line"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version,   N_ ("Print the version"),                     NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = make_context (run, command, common);

  if (!g_option_context_parse_strv (context, words, error))
    return FALSE;

  if (version)
    {
      puts ("satchel-server " SATCHEL_VERSION);
      exit (SERVER_DONE);
    }
  return TRUE;
}

/* The words that options left over, without the first @skip of them; a "--" that ended the options is none. */
static char **
dup_rest (char **words, guint skip)
{
  g_autoptr (GStrvBuilder) rest = g_strv_builder_new ();
  gboolean options = TRUE;

  for (guint i = 0; words[i] != NULL; i++)
    if (options && i > 0 && strcmp (words[i], "--") == 0)
      options = FALSE;
    else if (i >= skip)
      g_strv_builder_add (rest, words[i]);

  return g_strv_builder_end (rest);
}

static gboolean
check_count (const ServerCommand *command, char **args, GError **error)
{
  guint n = g_strv_length (args);

  if (n >= command->least && n <= command->most)
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, _ ("It is: satchel-server %s %s"), command->name,
               command->usage);
  return FALSE;
}

static void
start_log (ServerSettings *settings)
{
  server_log_start (server_log_format_from_name (server_settings_get (settings, SERVER_SETTING_LOG_FORMAT)),
                    server_log_level_from_name (server_settings_get (settings, SERVER_SETTING_LOG_LEVEL)));
}

static ServerExit
run_words (ServerRun *run, char **argv, GError **error)
{
  g_auto (GStrv) words = g_strdupv (argv);
  g_auto (GStrv) rest = NULL;
  const ServerCommand *command;
  guint n_words;

  if (!parse_options (run, NULL, &words, error))
    return SERVER_USAGE;

  rest = dup_rest (words, 1);
  command = find_command (rest, &n_words);
  if (command == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                   rest[0] == NULL ? _ ("Say what to do. Try --help.") : _ ("There is no command “%s”. Try --help."),
                   rest[0]);
      return SERVER_USAGE;
    }

  if (!parse_options (run, command, &words, error))
    return SERVER_USAGE;

  run->args = dup_rest (words, 1 + n_words);
  if (!check_count (command, run->args, error) || !server_settings_load (run->settings, error))
    return SERVER_USAGE;

  start_log (run->settings);
  return command->run (run, error);
}

static void
run_clear (ServerRun *run)
{
  g_clear_pointer (&run->server, satchel_server_free);
  g_clear_pointer (&run->session, satchel_store_session_close);
  g_clear_pointer (&run->store, satchel_store_free);
  g_clear_pointer (&run->lock, server_lock_free);
  g_clear_pointer (&run->args, g_strfreev);
  g_clear_pointer (&run->settings, server_settings_free);
}

/**
 * satchel_server_main:
 * @vocabulary: the record types to serve
 * @argc: as main() gets it
 * @argv: as main() gets it
 *
 * Runs one command of satchel-server.
 *
 * Returns: the exit code: 0 done, 1 failed, 2 wrong usage
 */
int
satchel_server_main (const SatchelVocabulary *vocabulary, int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  ServerRun run = { .vocabulary = vocabulary };
  ServerExit code;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, SATCHEL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_set_prgname ("satchel-server");
  if (sodium_init () < 0)
    g_error ("libsodium does not start");

  run.settings = server_settings_new ();
  code = run_words (&run, argv, &error);
  if (error != NULL)
    {
      server_say ("%s", error->message);
      code = error->domain == G_OPTION_ERROR ? SERVER_USAGE : SERVER_FAILED;
    }

  run_clear (&run);
  if (fflush (stdout) != 0 && code == SERVER_DONE)
    code = SERVER_FAILED;
  return code;
}
