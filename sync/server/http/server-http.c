/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The server over HTTP: one thread that never waits, in front of those that do.
 *
 * libsoup parses requests and writes answers. Everything that a client could do to it stands before it: our own listener
 * (its own gives up for good when files run out), our own TLS handshakes, deadlines, limits and reading of heads. */

#include "satchel-config.h"

#include "server-http.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>
#include <sys/socket.h>

#include "http-devices.h"
#include "http-listener.h"
#include "http-metrics.h"
#include "http-reads.h"
#include "http-prune.h"
#include "http-sync.h"
#include "server/operation/server-log.h"

#define STOP_SECONDS 30
#define BUSY_SECONDS 5

/**
 * ServerHttp:
 * @silence: keeps libsoup believing that it listens
 * @n_open: requests that came and are not over
 * @stop: (nullable): gives up waiting for clients when stopping
 */
struct _ServerHttp
{
  SoupServer *soup;
  HttpListener *listener;
  HttpConnections *connections;
  HttpWorkers *workers;
  HttpPolls *polls;
  HttpPrune *prune;
  HttpDevices *devices;
  HttpMetrics *metrics;
  gboolean tls;
  char *address_header;
  GSocket *silence[2];

  guint n_requests;
  guint n_open;
  gboolean stopping;
  gboolean stopped;
  GSource *stop;
  ServerHttpStoppedFunc stopped_func;
  gpointer stopped_data;
};

/* ---- Requests ------------------------------------------------------------------------------------- */

static void
run (ServerHttp *self, HttpRequest *request)
{
  g_autoptr (GBytes) ok = NULL;

  switch (request->head.route)
    {
    case HTTP_ROUTE_SIGN_IN:
      http_devices_sign_in (self->devices, request);
      break;

    case HTTP_ROUTE_SIGN_OUT:
      http_devices_sign_out (self->devices, request);
      break;

    case HTTP_ROUTE_RENEW:
      http_devices_renew (self->devices, request);
      break;

    case HTTP_ROUTE_SYNC:
      http_sync_run (self->polls, request);
      break;

    case HTTP_ROUTE_HISTORY:
      http_reads_history (self->workers, request);
      break;

    case HTTP_ROUTE_RECORD:
      http_reads_record (self->workers, request);
      break;

    case HTTP_ROUTE_DIGESTS:
    case HTTP_ROUTE_BUCKET_DIGESTS:
      http_reads_digests (self->workers, request);
      break;

    case HTTP_ROUTE_READYZ:
      http_reads_ready (self->workers, request);
      break;

    case HTTP_ROUTE_HEALTHZ:
      ok = g_bytes_new_static ("ok\n", 3);
      http_request_answer (request, 200, "text/plain", ok);
      break;

    case HTTP_N_ROUTES:
    default:
      g_assert_not_reached ();
    }
}

static void
refuse_busy (HttpRequest *request)
{
  const HttpRefusal refusal = { 503, "busy", _ ("The server is busy. Nothing is lost; please try again in a moment."),
                                BUSY_SECONDS, FALSE };

  http_request_refuse (request, &refusal);
}

static void
stop_if_done (ServerHttp *self)
{
  if (!self->stopping || self->stopped || self->n_open > 0)
    return;

  self->stopped = TRUE;
  self->stopped_func (self->stopped_data);
}

static void
ended_cb (HttpRequest *request, gpointer data)
{
  ServerHttp *self = data;

  self->n_open--;
  http_request_unref (request);
  stop_if_done (self);
}

static HttpConnection *
get_connection (SoupServerMessage *message)
{
  GSocketAddress *address = soup_server_message_get_remote_address (message);

  return g_object_get_data (G_OBJECT (address), "satchel-connection");
}

/* Each proxy puts the address that it was asked from at the end. */
static char *
dup_forwarded (ServerHttp *self, SoupServerMessage *message)
{
  const char *list = soup_message_headers_get_list (soup_server_message_get_request_headers (message),
                                                    self->address_header);
  const char *comma = list != NULL ? strrchr (list, ',') : NULL;
  g_autofree char *last = g_strdup (comma != NULL ? comma + 1 : list);
  g_autoptr (GInetAddress) address = last != NULL ? g_inet_address_new_from_string (g_strstrip (last)) : NULL;

  return address != NULL ? http_address_to_string (address) : NULL;
}

/* A proxy says who it speaks for, if it is to be believed; without one, nobody else does. */
static char *
dup_address (ServerHttp *self, HttpRequest *request)
{
  if (self->tls)
    return g_strdup (http_connections_get_address (self->connections, request->connection));

  return self->address_header != NULL ? dup_forwarded (self, request->message) : NULL;
}

static void
handler_cb (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  ServerHttp *self = data;
  HttpRequest *request = http_request_new (message, get_connection (message), ++self->n_requests,
                                           http_workers_get_metrics (self->workers));

  self->n_open++;
  request->end_func = ended_cb;
  request->end_data = self;
  request->closing = self->stopping;
  request->address = dup_address (self, request);

  if (request->head.route != HTTP_ROUTE_HEALTHZ && http_workers_are_full (self->workers))
    refuse_busy (request);
  else if (request->head.route == HTTP_ROUTE_READYZ && self->stopping)
    refuse_busy (request);
  else
    run (self, request);
}

/* ---- Connections ---------------------------------------------------------------------------------- */

/* libsoup asks where a connection is from, and to; what it gets tells us again which one it is. */
static GSocketAddress *
make_address (HttpConnection *connection)
{
  g_autoptr (GInetAddress) here = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  GSocketAddress *address = g_inet_socket_address_new (here, 0);

  g_object_set_data (G_OBJECT (address), "satchel-connection", connection);

  return address;
}

static void
opened_cb (HttpConnection *connection, gpointer data)
{
  ServerHttp *self = data;
  g_autoptr (GSocketAddress) address = make_address (connection);

  soup_server_accept_iostream (self->soup, G_IO_STREAM (connection), address, address, NULL);
}

static void
refused_cb (HttpConnection *connection, HttpRefusal *refusal, gpointer data)
{
  ServerHttp *self = data;
  ServerLogLine *line = server_log_line_new (SERVER_LOG_INFO, "refused");

  http_request_name (++self->n_requests, refusal->request);
  server_metrics_count_refusal (http_workers_get_metrics (self->workers), refusal->code);
  server_log_line_text (line, "request", refusal->request);
  server_log_line_number (line, "status", refusal->status);
  server_log_line_text (line, "reason", refusal->code);
  server_log_line_end (line);
}

static const HttpConnectionsWatch connections_watch = { opened_cb, refused_cb };

static void
accept_cb (GSocket *socket, gpointer data)
{
  ServerHttp *self = data;
  gboolean added = http_connections_add (self->connections, socket);

  server_metrics_count (http_workers_get_metrics (self->workers),
                        added ? SERVER_COUNT_CONNECTIONS_ACCEPTED : SERVER_COUNT_CONNECTIONS_REFUSED, 1);
}

/* ---- Metrics -------------------------------------------------------------------------------------- */

static void
measure_cb (ServerMetrics *metrics, gpointer data)
{
  ServerHttp *self = data;

  server_metrics_set (metrics, SERVER_GAUGE_WAITING, http_polls_get_n (self->polls));
  server_metrics_set (metrics, SERVER_GAUGE_CONNECTIONS, http_connections_get_n (self->connections));
  server_metrics_set (metrics, SERVER_GAUGE_REQUESTS, self->n_open);
  server_metrics_set (metrics, SERVER_GAUGE_QUEUED, http_workers_get_n_works (self->workers));
}

static gboolean
start_metrics (ServerHttp *self, const char *where, GError **error)
{
  if (where == NULL)
    return TRUE;

  self->metrics = http_metrics_new (where, self->workers, measure_cb, self, error);

  return self->metrics != NULL;
}

/* ---- Making it ------------------------------------------------------------------------------------ */

static gboolean
listen_where (ServerHttp *self, const ServerHttpOptions *options, GError **error)
{
  g_autofree char *where = NULL;

  self->listener = options->n_inherited > 0
                       ? http_listener_new_inherited (options->first_inherited, options->n_inherited, error)
                       : http_listener_new (options->listen, error);
  if (self->listener == NULL)
    return FALSE;

  self->tls = options->certificate != NULL && !http_listener_is_unix (self->listener);
  if (self->tls || http_listener_is_local (self->listener))
    return TRUE;

  where = http_listener_dup_url (self->listener, FALSE);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _ ("Others can connect to %s, so it must not be served without TLS. Behind a proxy, listen on 127.0.0.1 "
                  "or on a unix: socket."),
               options->n_inherited > 0 ? where : options->listen);

  return FALSE;
}

/* A server of libsoup's ends each connection after one answer unless it listens itself. So it does, to silence. */
static gboolean
listen_to_silence (ServerHttp *self, GError **error)
{
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "socketpair: %s", g_strerror (errno));
      return FALSE;
    }

  for (guint i = 0; i < 2; i++)
    if ((self->silence[i] = g_socket_new_from_fd (ends[i], error)) == NULL)
      return FALSE;

  return soup_server_listen_socket (self->soup, self->silence[0], 0, error);
}

static gboolean
start (ServerHttp *self, SatchelServer *server, SatchelStore *store, SatchelStoreSession *writer,
       const ServerHttpOptions *options, GError **error)
{
  if (!listen_where (self, options, error) || !listen_to_silence (self, error))
    return FALSE;

  self->polls = http_polls_new ();
  self->workers = http_workers_new (server, store, writer, http_polls_tell, self->polls, error);
  if (self->workers == NULL)
    return FALSE;

  http_polls_set_workers (self->polls, self->workers);
  self->devices = http_devices_new (self->workers);
  if (!start_metrics (self, options->metrics_listen, error))
    return FALSE;
  self->prune = http_prune_new (self->workers);
  self->connections = http_connections_new (&options->limits, self->tls ? options->certificate : NULL,
                                            &connections_watch, self);
  soup_server_add_handler (self->soup, NULL, handler_cb, self, NULL);
  http_listener_start (self->listener, accept_cb, self);

  return TRUE;
}

/**
 * server_http_new:
 * @server: what answers
 * @store: its store
 * @writer: a session of it that writes, lent until server_http_free()
 * @options: where and how to listen
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): a server that serves on the thread's main context
 */
ServerHttp *
server_http_new (SatchelServer *server, SatchelStore *store, SatchelStoreSession *writer,
                 const ServerHttpOptions *options, GError **error)
{
  g_autoptr (ServerHttp) self = g_new0 (ServerHttp, 1);

  self->soup = g_object_new (SOUP_TYPE_SERVER, "raw-paths", TRUE, NULL);
  self->address_header = g_strdup (options->address_header);

  return start (self, server, store, writer, options, error) ? g_steal_pointer (&self) : NULL;
}

char *
server_http_dup_url (ServerHttp *self)
{
  return http_listener_dup_url (self->listener, self->tls);
}

char *
server_http_dup_metrics_url (ServerHttp *self)
{
  return self->metrics != NULL ? http_metrics_dup_url (self->metrics) : NULL;
}

/* ---- Stopping ------------------------------------------------------------------------------------- */

static gboolean
give_up_cb (gpointer data)
{
  ServerHttp *self = data;

  self->n_open = 0;
  stop_if_done (self);

  return G_SOURCE_REMOVE;
}

void
server_http_stop (ServerHttp *self, ServerHttpStoppedFunc func, gpointer data)
{
  if (self->stopping)
    return;

  self->stopping = TRUE;
  self->stopped_func = func;
  self->stopped_data = data;
  http_listener_stop (self->listener);
  http_connections_end_idle (self->connections);
  http_polls_stop (self->polls);

  self->stop = g_timeout_source_new_seconds (STOP_SECONDS);
  g_source_set_callback (self->stop, give_up_cb, self, NULL);
  g_source_attach (self->stop, g_main_context_get_thread_default ());
  stop_if_done (self);
}

void
server_http_free (ServerHttp *self)
{
  self->stopped = TRUE;
  if (self->stop != NULL)
    g_source_destroy (self->stop);
  g_clear_pointer (&self->stop, g_source_unref);

  g_clear_pointer (&self->listener, http_listener_free);
  soup_server_disconnect (self->soup);
  g_clear_pointer (&self->prune, http_prune_free);
  if (self->metrics != NULL)
    http_metrics_stop (self->metrics);
  g_clear_pointer (&self->workers, http_workers_free);
  g_clear_pointer (&self->connections, http_connections_free);
  g_clear_pointer (&self->polls, http_polls_free);
  g_clear_pointer (&self->devices, http_devices_free);
  g_clear_pointer (&self->metrics, http_metrics_free);
  g_clear_pointer (&self->address_header, g_free);
  g_clear_object (&self->soup);
  g_clear_object (&self->silence[0]);
  g_clear_object (&self->silence[1]);
  g_free (self);
}
