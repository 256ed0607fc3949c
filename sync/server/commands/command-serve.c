/* SPDX-License-Identifier: GPL-3.0-or-later */

/* serve. */

#include "satchel-config.h"

#include "server-commands.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "server/http/server-http.h"
#include "server/operation/server-activation.h"
#include "server/operation/server-log.h"

#define MAX_FILES 65536
#define SPARE_FILES 64

/* ---- TLS ------------------------------------------------------------------------------------------ */

static gboolean
check_certificate (const char *certificate, const char *key, GError **error)
{
  const char *missing = NULL;

  if (certificate != NULL && !g_file_test (certificate, G_FILE_TEST_EXISTS))
    missing = certificate;
  else if (key != NULL && !g_file_test (key, G_FILE_TEST_EXISTS))
    missing = key;

  if (certificate != NULL && key != NULL && missing == NULL)
    return TRUE;

  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      _ ("There is no certificate to serve with: %s is missing. Make one with “satchel-server certificate --host "
         "NAME”, name yours with --tls-certificate and --tls-key, or leave TLS to a proxy with "
         "--behind-proxy."),
      missing != NULL ? missing : "--tls-certificate");
  return FALSE;
}

/* A key that everybody can read is nobody's. */
static gboolean
check_key (const char *key, GError **error)
{
  GStatBuf status;

  if (g_stat (key, &status) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", key, g_strerror (errno));
      return FALSE;
    }
  if ((status.st_mode & S_IRWXO) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   _ ("Everybody on this computer can read the key %s. “chmod o= %s” mends it."), key, key);
      return FALSE;
    }

  if ((status.st_mode & S_IRWXG) != 0)
    server_say (_ ("A group of users can read the key %s."), key);
  return TRUE;
}

static GTlsCertificate *
load_certificate (ServerRun *run, GError **error)
{
  const char *certificate = server_settings_get (run->settings, SERVER_SETTING_TLS_CERTIFICATE);
  const char *key = server_settings_get (run->settings, SERVER_SETTING_TLS_KEY);
  g_autoptr (GError) failed = NULL;
  GTlsCertificate *loaded;

  if (!check_certificate (certificate, key, error) || !check_key (key, error))
    return NULL;

  loaded = g_tls_certificate_new_from_files (certificate, key, &failed);
  if (loaded == NULL)
    g_set_error (error, failed->domain, failed->code, _ ("The certificate %s and the key %s cannot be used: %s."),
                 certificate, key, failed->message);
  return loaded;
}

static gboolean
is_plain (ServerRun *run, guint n_inherited)
{
  if (n_inherited > 0 && server_activation_is_unix ())
    return TRUE;

  return server_settings_get_boolean (run->settings, SERVER_SETTING_BEHIND_PROXY) ||
         g_str_has_prefix (server_settings_get (run->settings, SERVER_SETTING_LISTEN), "unix:");
}

/* ---- Serving -------------------------------------------------------------------------------------- */

/* Each client takes a file. */
static guint
get_max_connections (ServerRun *run)
{
  gint64 wanted = server_settings_get_integer (run->settings, SERVER_SETTING_CONNECTIONS);
  struct rlimit files;

  if (getrlimit (RLIMIT_NOFILE, &files) != 0)
    return (guint) wanted;

  if (files.rlim_cur < MIN (files.rlim_max, MAX_FILES))
    {
      files.rlim_cur = MIN (files.rlim_max, MAX_FILES);
      setrlimit (RLIMIT_NOFILE, &files);
      getrlimit (RLIMIT_NOFILE, &files);
    }

  return (guint) MIN ((rlim_t) wanted, MAX (files.rlim_cur, 2 * SPARE_FILES) - SPARE_FILES);
}

static ServerHttp *
make_http (ServerRun *run, GTlsCertificate *certificate, guint n_inherited, GError **error)
{
  const ServerHttpOptions options = {
    .listen = server_settings_get (run->settings, SERVER_SETTING_LISTEN),
    .first_inherited = SERVER_ACTIVATION_FIRST,
    .n_inherited = n_inherited,
    .certificate = certificate,
    .address_header = server_settings_get (run->settings, SERVER_SETTING_ADDRESS_HEADER),
    .metrics_listen = server_settings_get (run->settings, SERVER_SETTING_METRICS_LISTEN),
    .limits = {
      .head = (guint) server_settings_get_integer (run->settings, SERVER_SETTING_HEAD_TIMEOUT),
      .body = (guint) server_settings_get_integer (run->settings, SERVER_SETTING_BODY_TIMEOUT),
      .idle = (guint) server_settings_get_integer (run->settings, SERVER_SETTING_IDLE_TIMEOUT),
      .connections = get_max_connections (run),
      .per_address = (guint) server_settings_get_integer (run->settings, SERVER_SETTING_CONNECTIONS_PER_ADDRESS),
    },
  };

  return server_http_new (run->server, run->store, run->session, &options, error);
}

static void
stopped_cb (gpointer data)
{
  g_main_loop_quit (data);
}

typedef struct
{
  ServerHttp *http;
  GMainLoop *loop;
  guint terminate;
  guint interrupt;
  gboolean asked;
} Service;

/* Asked once, it stops when all is answered; asked twice, now. */
static gboolean
signal_cb (gpointer data)
{
  Service *service = data;

  if (service->asked)
    g_main_loop_quit (service->loop);
  else
    {
      server_activation_notify ("STOPPING=1");
      server_http_stop (service->http, stopped_cb, service->loop);
    }
  service->asked = TRUE;

  return G_SOURCE_CONTINUE;
}

static void
log_start (ServerHttp *http, const char *url)
{
  g_autofree char *metrics = server_http_dup_metrics_url (http);
  ServerLogLine *line = server_log_line_new (SERVER_LOG_INFO, "started");

  server_log_line_text (line, "version", SATCHEL_VERSION);
  server_log_line_text (line, "url", url);
  server_log_line_text (line, "metrics", metrics);
  server_log_line_end (line);
}

/* Before anybody can connect: who finds a server there may also tell it to stop. That is done once it runs. */
static void
service_init (Service *service)
{
  *service = (Service) { .loop = g_main_loop_new (NULL, FALSE) };
  service->terminate = g_unix_signal_add (SIGTERM, signal_cb, service);
  service->interrupt = g_unix_signal_add (SIGINT, signal_cb, service);
}

static void
service_clear (Service *service)
{
  g_source_remove (service->terminate);
  g_source_remove (service->interrupt);
  g_clear_pointer (&service->http, server_http_free);
  g_main_loop_unref (service->loop);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Service, service_clear)

static void
serve (Service *service)
{
  g_autofree char *url = server_http_dup_url (service->http);

  log_start (service->http, url);
  printf ("listening on %s\n", url);
  fflush (stdout);
  server_activation_notify ("READY=1");
  g_main_loop_run (service->loop);

  server_log (SERVER_LOG_INFO, "stopped", NULL, NULL);
}

static ServerExit
run_serve (ServerRun *run, GError **error)
{
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_auto (Service) service;
  guint n_inherited = server_activation_take ();

  service_init (&service);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like any other */
  if (!server_run_open (run, error))
    return SERVER_FAILED;

  satchel_server_set_token_lifetime (run->server,
                                     server_settings_get_integer (run->settings, SERVER_SETTING_TOKEN_LIFETIME));
  if (!is_plain (run, n_inherited) && (certificate = load_certificate (run, error)) == NULL)
    return SERVER_FAILED;

  service.http = make_http (run, certificate, n_inherited, error);
  if (service.http == NULL)
    return SERVER_FAILED;

  serve (&service);

  return SERVER_DONE;
}

const ServerCommand server_serve_commands[] = {
  { "serve", "", N_ ("Serves devices until it is told to stop (SIGTERM)"), 0, 0, NULL, run_serve },
  { NULL },
};
