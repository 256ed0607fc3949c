/* SPDX-License-Identifier: GPL-3.0-or-later */

/* satchelctl: the command line client. This file finds the command, opens the replica and turns errors into exit
 * codes; the commands stand in the ctl-*.c files beside it, one file a concern. */

#include "satchel-config.h"

#include "ctl-private.h"

#include <locale.h>
#include <stdio.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "client/satchel-connection.h"
#include "records/satchel-error.h"

G_DEFINE_QUARK (ctl-usage-error-quark, ctl_usage_error)

static const CtlCommand *const command_tables[] = {
  ctl_sync_commands,  ctl_verify_commands,   ctl_records_commands,
  ctl_batch_commands, ctl_conflict_commands, ctl_exchange_commands,
};

static const CtlCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (command_tables); i++)
    for (const CtlCommand *command = command_tables[i]; command->name != NULL; command++)
      if (g_str_equal (command->name, name))
        return command;

  return NULL;
}

static char *
describe_commands (void)
{
  GString *text = g_string_new (_ ("Commands:"));

  for (guint i = 0; i < G_N_ELEMENTS (command_tables); i++)
    for (const CtlCommand *command = command_tables[i]; command->name != NULL; command++)
      g_string_append_printf (text, "\n  %s %s\n      %s", command->name, command->usage, _ (command->summary));

  return g_string_free (text, FALSE);
}

void
ctl_say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "satchelctl: %s\n", text);
}

guint
ctl_count_args (Ctl *ctl)
{
  return ctl->args == NULL ? 0 : g_strv_length (ctl->args);
}

gboolean
ctl_check_args (Ctl *ctl, guint least, guint most, GError **error)
{
  guint n = ctl_count_args (ctl);

  if (n < least)
    g_set_error (error, CTL_USAGE_ERROR, 0, _ ("Something is missing. Try --help."));
  else if (n > most)
    g_set_error (error, CTL_USAGE_ERROR, 0, _ ("“%s” is too much. Try --help."), ctl->args[most]);
  else
    return TRUE;

  return FALSE;
}

static CtlExit
exit_of_sync_error (int code)
{
  switch ((SatchelSyncError) code)
    {
    case SATCHEL_SYNC_ERROR_UNREACHABLE:
    case SATCHEL_SYNC_ERROR_BUSY:
      return CTL_UNREACHABLE;

    case SATCHEL_SYNC_ERROR_UNTRUSTED:
    case SATCHEL_SYNC_ERROR_CREDENTIALS:
    case SATCHEL_SYNC_ERROR_SIGNED_OUT:
    case SATCHEL_SYNC_ERROR_REFUSED:
    case SATCHEL_SYNC_ERROR_NOT_CONNECTED:
      return CTL_REFUSED;

    case SATCHEL_SYNC_ERROR_ADDRESS:
      return CTL_USAGE;

    case SATCHEL_SYNC_ERROR_NOT_A_SERVER:
    case SATCHEL_SYNC_ERROR_VERSION:
    case SATCHEL_SYNC_ERROR_PROTOCOL:
    default:
      return CTL_FAILED;
    }
}

CtlExit
ctl_exit_of_error (const GError *error)
{
  if (error->domain == CTL_USAGE_ERROR || error->domain == G_OPTION_ERROR)
    return CTL_USAGE;
  if (error->domain == SATCHEL_SYNC_ERROR)
    return exit_of_sync_error (error->code);

  return CTL_FAILED;
}

CtlExit
ctl_exit_of_waiting (Ctl *ctl, GError **error)
{
  g_autoptr (SatchelStatus) status = satchel_replica_get_status (ctl->replica, error);

  if (status == NULL)
    return CTL_FAILED;

  return status->conflicts > 0 || status->tray > 0 ? CTL_WAITING : CTL_DONE;
}

static char *
get_own_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "satchel", "replica.db", NULL);
}

static char *
find_replica_path (const char *given)
{
  const char *from_environment = g_getenv ("SATCHEL_REPLICA");

  if (given != NULL)
    return g_strdup (given);
  if (from_environment != NULL && *from_environment != '\0')
    return g_strdup (from_environment);

  return get_own_path ();
}

/* Whoever comes first makes the folder of the app's own file; a folder that somebody names is there, or misspelt. If it
 * cannot be made, opening the file says why. */
static void
make_own_folder (Ctl *ctl)
{
  g_autofree char *own = get_own_path ();
  g_autofree char *folder = g_path_get_dirname (own);

  if (g_str_equal (own, ctl->replica_path))
    g_mkdir_with_parents (folder, 0700);
}

static void
say_what_was_set_aside (SatchelReplica *replica)
{
  guint n_salvaged = 0;
  const char *set_aside = satchel_replica_get_set_aside (replica, &n_salvaged);

  if (set_aside == NULL)
    return;

  ctl_say (_ ("The file with your accounts was damaged. It was set aside as %s and a new one was made."), set_aside);
  ctl_say (g_dngettext (GETTEXT_PACKAGE,
                        "%u change that was not sent yet was taken over; run “sync” to fetch the rest.",
                        "%u changes that were not sent yet were taken over; run “sync” to fetch the rest.", n_salvaged),
           n_salvaged);
}

gboolean
ctl_open_replica (Ctl *ctl, gboolean must_exist, GError **error)
{
  SatchelOpenFlags flags = SATCHEL_OPEN_SET_ASIDE | (must_exist ? SATCHEL_OPEN_MUST_EXIST : 0);

  if (ctl->replica != NULL)
    return TRUE;

  if (!must_exist)
    make_own_folder (ctl);
  ctl->replica = satchel_replica_open (ctl->replica_path, ctl->vocabulary, flags, error);
  if (ctl->replica == NULL)
    return FALSE;

  say_what_was_set_aside (ctl->replica);
  return TRUE;
}

static GOptionContext *
new_context (const CtlCommand *command)
{
  g_autofree char *parameters = command == NULL ? g_strdup (_ ("COMMAND …"))
                                                : g_strdup_printf ("%s %s", command->name, command->usage);
  GOptionContext *context = g_option_context_new (parameters);

  if (command != NULL)
    {
      g_option_context_set_summary (context, _ (command->summary));
      if (command->options != NULL)
        g_option_context_add_main_entries (context, command->options, GETTEXT_PACKAGE);
    }
  else
    {
      g_autofree char *description = describe_commands ();
      g_option_context_set_summary (context, _ ("Your accounts on the command line, with or without a network."));
      g_option_context_set_description (context, description);
      g_option_context_set_strict_posix (context, TRUE);
    }

  return context;
}

static gboolean
parse_options (Ctl *ctl, const CtlCommand *command, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = new_context (command);
  g_autofree char *replica = NULL;
  gboolean version = FALSE;
  GOptionEntry common[] = {
    { "replica", 0, 0, G_OPTION_ARG_FILENAME, &replica,   N_ ("The file with your accounts"),  N_ ("FILE") },
    { "json",    0, 0, G_OPTION_ARG_NONE,     &ctl->json, N_ ("Print one JSON object a line"), NULL        },
    { "version", 0, 0, G_OPTION_ARG_NONE,     &version,   N_ ("Print the version"),            NULL        },
    G_OPTION_ENTRY_NULL,
  };

  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  if (!g_option_context_parse_strv (context, argv, error))
    return FALSE;

  if (version)
    {
      puts ("satchelctl " SATCHEL_VERSION);
      exit (CTL_DONE);
    }
  if (replica != NULL)
    {
      g_free (ctl->replica_path);
      ctl->replica_path = g_steal_pointer (&replica);
    }

  return TRUE;
}

/* Takes the words that options left over; a "--" that ended the options is not one of them. */
static char **
dup_rest (char **words)
{
  GStrvBuilder *rest = g_strv_builder_new ();
  gboolean options = TRUE;

  for (guint i = 1; words[0] != NULL && words[i] != NULL; i++)
    if (options && g_str_equal (words[i], "--"))
      options = FALSE;
    else
      g_strv_builder_add (rest, words[i]);

  return g_strv_builder_unref_to_strv (rest);
}

static CtlExit
run (Ctl *ctl, char **argv, GError **error)
{
  g_auto (GStrv) words = g_strdupv (argv);
  g_auto (GStrv) rest = NULL;
  const CtlCommand *command;

  if (!parse_options (ctl, NULL, &words, error))
    return CTL_USAGE;

  rest = dup_rest (words);
  if (rest[0] == NULL)
    {
      g_set_error (error, CTL_USAGE_ERROR, 0, _ ("Say what to do. Try --help."));
      return CTL_USAGE;
    }

  command = find_command (rest[0]);
  if (command == NULL)
    {
      g_set_error (error, CTL_USAGE_ERROR, 0, _ ("There is no command “%s”. Try --help."), rest[0]);
      return CTL_USAGE;
    }

  if (!parse_options (ctl, command, &rest, error))
    return CTL_USAGE;

  ctl->args = dup_rest (rest);
  return command->run (ctl, error);
}

/**
 * satchelctl_main:
 * @vocabulary: the record types to work with
 * @argc: as main() gets it
 * @argv: as main() gets it
 *
 * Runs one command of satchelctl.
 *
 * Returns: the exit code, see #CtlExit
 */
int
satchelctl_main (const SatchelVocabulary *vocabulary, int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Ctl ctl = { .vocabulary = vocabulary };
  CtlExit code;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, SATCHEL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_set_prgname ("satchelctl");
  satchel_connection_speak_alone ();

  ctl.replica_path = find_replica_path (NULL);
  code = run (&ctl, argv, &error);
  if (error != NULL)
    {
      ctl_say ("%s", error->message);
      code = ctl_exit_of_error (error);
    }

  if (ctl.replica != NULL)
    satchel_replica_close (ctl.replica);
  g_clear_object (&ctl.replica);
  g_strfreev (ctl.args);
  g_free (ctl.replica_path);
  if (fflush (stdout) != 0 && code == CTL_DONE)
    code = CTL_FAILED;

  return code;
}
