/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where metrics are read. Who asks is on this computer and asks now and then, so this is as small as can be: one request
 * a connection, a few at once, ten seconds for each. */

#include "satchel-config.h"

#include "http-metrics.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "http-head.h"
#include "http-listener.h"

#define MAX_SCRAPES 8
#define MAX_REQUEST_BYTES 4096
#define PATIENCE_SECONDS 10
#define PATH "/metrics"

struct _HttpMetrics
{
  HttpListener *listener;
  HttpWorkers *workers;
  HttpMeasureFunc measure;
  gpointer data;
  GPtrArray *scrapes;
  gboolean stopped;
};

/**
 * Scrape: one reading of the metrics.
 * @source: (nullable): while it is asked or answered
 * @working: the workers have it
 */
typedef struct
{
  HttpWork work;
  HttpMetrics *metrics;
  GSocket *socket;
  GSource *source;
  GString *request;
  GString *answer;
  gsize sent;
  gint64 head;
  gboolean working;
} Scrape;

/* ---- One reading ---------------------------------------------------------------------------------- */

static void
scrape_await (Scrape *self, GIOCondition condition, GSocketSourceFunc func)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (func == NULL)
    return;

  self->source = g_socket_create_source (self->socket, condition, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (func), self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

static void
scrape_free (Scrape *self)
{
  scrape_await (self, 0, NULL);
  g_ptr_array_remove_fast (self->metrics->scrapes, self);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_clear_error (&self->work.error);
  g_string_free (self->request, TRUE);
  if (self->answer != NULL)
    g_string_free (self->answer, TRUE);
  g_free (self);
}

static gboolean
send_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  Scrape *self = data;
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_send (socket, self->answer->str + self->sent, self->answer->len - self->sent, NULL, &error);

  self->sent += (gsize) MAX (n, 0);
  if (self->sent < self->answer->len && (n >= 0 || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)))
    return G_SOURCE_CONTINUE;
  scrape_free (self);

  return G_SOURCE_REMOVE;
}

static void
scrape_answer (Scrape *self, const char *status, const char *media_type, const char *body)
{
  self->answer = g_string_new (NULL);
  g_string_printf (self->answer,
                   "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %" G_GSIZE_FORMAT
                   "\r\nConnection: close\r\n\r\n%s",
                   status, media_type, strlen (body), body);
  scrape_await (self, G_IO_OUT, send_cb);
}

/* ---- The store ------------------------------------------------------------------------------------ */

static HttpStep
scrape_read (HttpWork *work, SatchelServer *server, SatchelStoreSession *session)
{
  Scrape *self = (Scrape *) work;

  if (!satchel_store_begin (session, &work->error))
    return HTTP_STEP_DONE;
  satchel_store_get_head (session, &self->head, &work->error);
  satchel_store_rollback (session);

  return HTTP_STEP_DONE;
}

static void
scrape_tell (Scrape *self)
{
  HttpMetrics *metrics = self->metrics;
  ServerMetrics *numbers = http_workers_get_metrics (metrics->workers);
  const char *routes[HTTP_N_ROUTES];
  g_autofree char *text = NULL;

  for (guint i = 0; i < HTTP_N_ROUTES; i++)
    routes[i] = http_route_get_template (i);
  server_metrics_set (numbers, SERVER_GAUGE_STORE_UP, self->work.error == NULL);
  if (self->work.error == NULL)
    server_metrics_set (numbers, SERVER_GAUGE_FEED_HEAD, self->head);
  metrics->measure (numbers, metrics->data);
  text = server_metrics_to_text (numbers, routes, HTTP_N_ROUTES);
  scrape_answer (self, "200 OK", SERVER_METRICS_MEDIA_TYPE, text);
}

static void
scrape_done (HttpWork *work)
{
  Scrape *self = (Scrape *) work;

  self->working = FALSE;
  if (self->metrics->stopped)
    scrape_free (self);
  else
    scrape_tell (self);
}

static const HttpWorkClass scrape_class = { .read = scrape_read, .done = scrape_done };

/* ---- Asking --------------------------------------------------------------------------------------- */

static void
scrape_start (Scrape *self)
{
  scrape_await (self, 0, NULL);
  if (!g_str_has_prefix (self->request->str, "GET " PATH " HTTP/1."))
    {
      scrape_answer (self, "404 Not Found", "text/plain", "Only " PATH " is here.\n");
      return;
    }

  self->working = TRUE;
  self->work.class = &scrape_class;
  http_workers_start (self->metrics->workers, &self->work, HTTP_STEP_READ);
}

static gboolean
receive_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  Scrape *self = data;
  g_autoptr (GError) error = NULL;
  char buffer[MAX_REQUEST_BYTES];
  gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  if (n <= 0 || self->request->len + (gsize) n > MAX_REQUEST_BYTES)
    {
      scrape_free (self);
      return G_SOURCE_REMOVE;
    }

  g_string_append_len (self->request, buffer, n);
  if (strstr (self->request->str, "\r\n\r\n") == NULL)
    return G_SOURCE_CONTINUE;
  scrape_start (self);

  return G_SOURCE_REMOVE;
}

static void
accept_cb (GSocket *socket, gpointer data)
{
  HttpMetrics *self = data;
  Scrape *scrape;

  if (self->scrapes->len >= MAX_SCRAPES)
    return;

  g_socket_set_blocking (socket, FALSE);
  g_socket_set_timeout (socket, PATIENCE_SECONDS);
  scrape = g_new0 (Scrape, 1);
  scrape->metrics = self;
  scrape->socket = g_object_ref (socket);
  scrape->request = g_string_new (NULL);
  g_ptr_array_add (self->scrapes, scrape);
  scrape_await (scrape, G_IO_IN, receive_cb);
}

/* ---- All of it ------------------------------------------------------------------------------------ */

static gboolean
listen_where (HttpMetrics *self, const char *where, GError **error)
{
  self->listener = http_listener_new (where, error);
  if (self->listener == NULL)
    return FALSE;
  if (http_listener_is_local (self->listener) && !http_listener_is_unix (self->listener))
    return TRUE;

  g_set_error (
      error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      _ ("Metrics are told on this computer only, so they cannot listen on %s. Use 127.0.0.1:PORT; a proxy can "
         "pass them on."),
      where);

  return FALSE;
}

HttpMetrics *
http_metrics_new (const char *where, HttpWorkers *workers, HttpMeasureFunc measure, gpointer data, GError **error)
{
  HttpMetrics *self = g_new0 (HttpMetrics, 1);

  self->workers = workers;
  self->measure = measure;
  self->data = data;
  self->scrapes = g_ptr_array_new ();
  if (!listen_where (self, where, error))
    {
      http_metrics_free (self);
      return NULL;
    }
  http_listener_start (self->listener, accept_cb, self);

  return self;
}

void
http_metrics_stop (HttpMetrics *self)
{
  self->stopped = TRUE;
  http_listener_stop (self->listener);
}

void
http_metrics_free (HttpMetrics *self)
{
  while (self->scrapes->len > 0)
    scrape_free (g_ptr_array_index (self->scrapes, 0));
  g_ptr_array_unref (self->scrapes);
  g_clear_pointer (&self->listener, http_listener_free);
  g_free (self);
}

char *
http_metrics_dup_url (HttpMetrics *self)
{
  g_autofree char *base = http_listener_dup_url (self->listener, FALSE);

  return g_strconcat (base, PATH, NULL);
}
