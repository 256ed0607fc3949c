/* SPDX-License-Identifier: GPL-3.0-or-later */

/* init, check, certificate. (import has a file of its own.) */

#include "satchel-config.h"

#include "server-commands.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>

#include "server-certificate.h"
#include "server-import.h"

/* ---- init ----------------------------------------------------------------------------------------- */

#define WARN_DAYS 30

static char *organisation;

static const GOptionEntry init_options[] = {
  { "organisation", 0, 0, G_OPTION_ARG_STRING, &organisation, N_ ("What your organisation is called"), N_ ("NAME") },
  G_OPTION_ENTRY_NULL,
};

static gboolean
make_folder (const char *folder, GError **error)
{
  if (g_mkdir_with_parents (folder, 0700) == 0)
    return TRUE;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s could not be made: %s."), folder,
               g_strerror (errno));
  return FALSE;
}

static ServerExit
run_init (ServerRun *run, GError **error)
{
  const char *folder = server_run_get_data_dir (run, error);

  if (folder == NULL || !make_folder (folder, error))
    return SERVER_FAILED;

  run->store = satchel_store_open (server_settings_get (run->settings, SERVER_SETTING_DATABASE), SATCHEL_STORE_CREATE,
                                   error);
  if (run->store == NULL ||
      (run->session = satchel_store_open_session (run->store, SATCHEL_STORE_WRITE, error)) == NULL ||
      !satchel_store_begin (run->session, error))
    return SERVER_FAILED;
  if (!satchel_server_found (run->session, organisation, error))
    {
      satchel_store_rollback (run->session);
      return SERVER_FAILED;
    }

  return satchel_store_commit (run->session, error) ? SERVER_DONE : SERVER_FAILED;
}

/* ---- check ---------------------------------------------------------------------------------------- */

static void
print_settings (ServerRun *run)
{
  static const char *const names[] = { "setting", "value", "from", NULL };

  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    {
      const char *name, *origin;
      g_autofree char *value = server_settings_describe (run->settings, i, &name, &origin);

      if (value != NULL)
        server_print_row (run, names, (const char *[]) { name, value, origin });
    }
}

/* A file that others can read is a problem; one that is not there is none. */
static void
check_private (const char *path, GPtrArray *problems)
{
  GStatBuf status;

  if (path != NULL && g_stat (path, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    g_ptr_array_add (problems, g_strdup_printf (_ ("%s can be read by others; “chmod go= %s” mends it."), path, path));
}

/* A group, that of a proxy for one, may look into a folder. */
static void
check_folder (const char *path, GPtrArray *problems)
{
  GStatBuf status;

  if (path != NULL && g_stat (path, &status) == 0 && (status.st_mode & (S_IWGRP | S_IRWXO)) != 0)
    g_ptr_array_add (problems, g_strdup_printf (_ ("%s is open to others; “chmod g-w,o= %s” mends it."), path, path));
}

/* A configuration file without a secret in it may be read by anybody. */
static void
check_config (ServerRun *run, GPtrArray *problems)
{
  const char *name, *origin;
  const char *config = server_settings_get_config (run->settings);
  const char *database = server_settings_get (run->settings, SERVER_SETTING_DATABASE);
  g_autofree char *shown = server_settings_describe (run->settings, SERVER_SETTING_DATABASE, &name, &origin);

  if (g_strcmp0 (origin, config) == 0 && g_strcmp0 (shown, database) != 0)
    check_private (config, problems);
}

static void
check_sqlite (const char *path, GPtrArray *problems)
{
  static const char *const ends[] = { "", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *file = g_strconcat (path, ends[i], NULL);

      check_private (file, problems);
    }
}

static void
check_validity (const char *path, GTlsCertificate *certificate, GPtrArray *problems)
{
  g_autoptr (GDateTime) end = g_tls_certificate_get_not_valid_after (certificate);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = end != NULL ? g_date_time_format (end, "%F") : NULL;

  if (end == NULL)
    return;
  if (g_date_time_compare (end, now) <= 0)
    g_ptr_array_add (problems,
                     g_strdup_printf (_ ("The certificate %s ended on %s; no device trusts it."), path, date));
  else if (g_date_time_difference (end, now) < WARN_DAYS * G_TIME_SPAN_DAY)
    server_say (_ ("The certificate %s ends on %s. Please make another one before."), path, date);
}

/* One that is not there is needed only where the server does TLS, and serve says so. */
static void
check_certificate (ServerRun *run, GPtrArray *problems)
{
  const char *path = server_settings_get (run->settings, SERVER_SETTING_TLS_CERTIFICATE);
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    return;

  certificate = g_tls_certificate_new_from_file (path, &error);
  if (certificate != NULL)
    check_validity (path, certificate, problems);
  else
    g_ptr_array_add (problems, g_strdup_printf (_ ("The certificate %s cannot be read: %s."), path, error->message));
}

static void
check_files (ServerRun *run, GPtrArray *problems)
{
  const char *database = server_settings_get (run->settings, SERVER_SETTING_DATABASE);

  check_folder (server_settings_get (run->settings, SERVER_SETTING_DATA_DIR), problems);
  if (g_str_has_prefix (database, "sqlite:"))
    check_sqlite (database + strlen ("sqlite:"), problems);
  check_private (server_settings_get (run->settings, SERVER_SETTING_TLS_KEY), problems);
  check_config (run, problems);
  check_certificate (run, problems);
}

static ServerExit
run_check (ServerRun *run, GError **error)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);

  if (server_run_get_data_dir (run, error) == NULL)
    return SERVER_FAILED;

  print_settings (run);
  if (!server_run_open (run, error) || !satchel_store_check (run->session, problems, error))
    return SERVER_FAILED;

  check_files (run, problems);
  for (guint i = 0; i < problems->len; i++)
    server_say ("%s", (const char *) g_ptr_array_index (problems, i));
  if (problems->len == 0)
    server_say (_ ("Everything is in order."));

  return problems->len == 0 ? SERVER_DONE : SERVER_FAILED;
}

/* ---- certificate ---------------------------------------------------------------------------------- */

static char **hosts;

static const GOptionEntry certificate_options[] = {
  { "host", 0, 0, G_OPTION_ARG_STRING_ARRAY, &hosts, N_ ("A name or an address that devices reach the server by"),
   N_ ("NAME") },
  G_OPTION_ENTRY_NULL,
};

static char *
dup_organisation (ServerRun *run)
{
  g_autoptr (GError) missing = NULL;

  if (server_run_open (run, &missing) && *satchel_server_get_organisation (run->server) != '\0')
    return g_strdup (satchel_server_get_organisation (run->server));

  return g_strdup ("Satchel");
}

/* Further names may follow the first one without another --host. */
static char **
list_hosts (ServerRun *run)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (hosts != NULL)
    g_strv_builder_addv (builder, (const char **) hosts);
  g_strv_builder_addv (builder, (const char **) run->args);
  return g_strv_builder_end (builder);
}

static ServerExit
run_certificate (ServerRun *run, GError **error)
{
  const char *data_dir = server_run_get_data_dir (run, error);
  g_auto (GStrv) all = list_hosts (run);
  g_autofree char *folder = NULL;
  g_autofree char *name = NULL;

  if (data_dir == NULL)
    return SERVER_USAGE;
  if (all[0] == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           _ ("Say how devices reach the server: --host NAME."));
      return SERVER_USAGE;
    }

  folder = g_build_filename (data_dir, "tls", NULL);
  name = dup_organisation (run);
  if (!server_certificate_make (folder, name, (const char *const *) all, error))
    return SERVER_FAILED;

  server_say (_ ("Made a certificate in %s. Devices need %s/ca.pem to trust it."), folder, folder);
  return SERVER_DONE;
}

const ServerCommand server_store_commands[] = {
  { "init", "", N_ ("Makes an empty store"), 0, 0, init_options, run_init },
  { "check", "", N_ ("Checks settings, store and files"), 0, 0, NULL, run_check },
  { "certificate", "--host NAME…", N_ ("Makes a private authority and a certificate, for a LAN or a demo"), 0,
   G_MAXUINT, certificate_options, run_certificate },
  { "import", "SAMPLE|DIR", N_ ("Loads the sample company, or a folder of CSV files"), 1, 1, NULL, server_import_run },
  { NULL },
};
