/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A request and its answer. */

#include "satchel-config.h"

#include "http-request.h"

#include <glib/gi18n-lib.h>

#include "server/core/server-core.h"
#include "server/operation/server-log.h"

#define PROCESS_LETTERS 6

/* Processes of one team have logs that may be read together. */
static const char *
get_process (void)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
  static char process[PROCESS_LETTERS + 1];
  static gsize made;

  if (g_once_init_enter (&made))
    {
      for (guint i = 0; i < PROCESS_LETTERS; i++)
        process[i] = letters[g_random_int_range (0, sizeof letters - 1)];
      g_once_init_leave (&made, 1);
    }

  return process;
}

void
http_request_name (guint number, char id[HTTP_REQUEST_ID_BYTES])
{
  g_snprintf (id, HTTP_REQUEST_ID_BYTES, "%s-%u", get_process (), number);
}

/* One line a request, of nothing that says what it is about. */
static void
log_end (HttpRequest *self)
{
  ServerLogLine *line = server_log_line_new (SERVER_LOG_INFO, "request");

  server_log_line_text (line, "request", self->id);
  server_log_line_text (line, "route", http_route_get_template (self->head.route));
  if (self->status != 0)
    server_log_line_number (line, "status", self->status);
  server_log_line_text (line, "end", self->status == 0 ? "gone" : self->written ? "whole" : "cut");
  server_log_line_number (line, "ms", (g_get_monotonic_time () - self->began) / 1000);
  server_log_line_text (line, "device", self->device);
  server_log_line_end (line);
  server_metrics_count_answer (self->metrics, self->head.route, self->status);
}

static void
end (HttpRequest *self)
{
  gboolean open = self->status == 0;

  if (self->message == NULL)
    return;

  log_end (self);
  g_signal_handlers_disconnect_by_data (self->message, self);
  self->message = NULL;

  if (open && self->gone_func != NULL)
    self->gone_func (self, self->gone_data);
  self->end_func (self, self->end_data);
}

static void
finished_cb (SoupServerMessage *message, HttpRequest *self)
{
  g_autoptr (HttpRequest) held = http_request_ref (self);

  http_connection_enter (self->connection, HTTP_PHASE_IDLE);
  end (self);
}

static void
disconnected_cb (SoupServerMessage *message, HttpRequest *self)
{
  g_autoptr (HttpRequest) held = http_request_ref (self);

  end (self);
}

static void
written_cb (SoupServerMessage *message, HttpRequest *self)
{
  self->written = TRUE;
}

/* Whoever takes the answer in pieces is not late. */
static void
wrote_cb (SoupServerMessage *message, guint n, HttpRequest *self)
{
  http_connection_enter (self->connection, HTTP_PHASE_WRITING);
}

HttpRequest *
http_request_new (SoupServerMessage *message, HttpConnection *connection, guint number, ServerMetrics *metrics)
{
  HttpRequest *self = g_new0 (HttpRequest, 1);

  g_ref_count_init (&self->refs);
  self->message = message;
  self->connection = g_object_ref (connection);
  http_connection_take_head (connection, &self->head);
  /* libsoup would cut answers into as many overlapping pieces as it is asked for. */
  soup_message_headers_remove (soup_server_message_get_request_headers (message), "Range");
  self->body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  soup_message_body_truncate (soup_server_message_get_request_body (message));
  self->number = number;
  http_request_name (number, self->id);
  self->metrics = metrics;
  server_metrics_count (metrics, SERVER_COUNT_RECEIVED_BYTES, g_bytes_get_size (self->body));
  self->began = g_get_monotonic_time ();
  g_signal_connect (message, "finished", G_CALLBACK (finished_cb), self);
  g_signal_connect (message, "disconnected", G_CALLBACK (disconnected_cb), self);
  g_signal_connect (message, "wrote-body-data", G_CALLBACK (wrote_cb), self);
  g_signal_connect (message, "wrote-body", G_CALLBACK (written_cb), self);

  return self;
}

HttpRequest *
http_request_ref (HttpRequest *self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

void
http_request_unref (HttpRequest *self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  g_assert (self->message == NULL);
  g_object_unref (self->connection);
  http_head_clear (&self->head);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->address);
  g_free (self->device);
  g_free (self);
}

void
http_request_set_device (HttpRequest *self, const char *device)
{
  g_set_str (&self->device, device);
}

gboolean
http_request_is_open (HttpRequest *self)
{
  return self->message != NULL && self->status == 0;
}

void
http_request_hold (HttpRequest *self)
{
  if (!http_request_is_open (self))
    return;

  self->paused = TRUE;
  soup_server_message_pause (self->message);
}

void
http_request_answer (HttpRequest *self, guint status, const char *media_type, GBytes *body)
{
  SoupMessageHeaders *headers;

  if (!http_request_is_open (self))
    return;

  self->status = status;
  headers = soup_server_message_get_response_headers (self->message);
  soup_server_message_set_status (self->message, status, NULL);
  soup_message_headers_replace (headers, HTTP_REQUEST_ID_HEADER, self->id);
  if (media_type != NULL)
    soup_message_headers_replace (headers, "Content-Type", media_type);
  if (self->closing)
    soup_message_headers_replace (headers, "Connection", "close");
  if (body != NULL)
    server_metrics_count (self->metrics, SERVER_COUNT_SENT_BYTES, g_bytes_get_size (body));
  if (body != NULL)
    soup_message_body_append_bytes (soup_server_message_get_response_body (self->message), body);

  http_connection_enter (self->connection, HTTP_PHASE_WRITING);
  if (self->paused)
    soup_server_message_unpause (self->message);
}

void
http_request_refuse (HttpRequest *self, const HttpRefusal *refusal)
{
  HttpRefusal named = *refusal;
  g_autoptr (GBytes) json = NULL;
  g_autofree char *seconds = g_strdup_printf ("%u", refusal->retry_after);
  SoupMessageHeaders *headers;

  if (!http_request_is_open (self))
    return;

  http_request_name (self->number, named.request);
  json = http_refusal_to_json (&named);
  server_metrics_count_refusal (self->metrics, refusal->code);
  headers = soup_server_message_get_response_headers (self->message);
  if (refusal->retry_after > 0)
    soup_message_headers_replace (headers, "Retry-After", seconds);
  if (refusal->status == 401)
    soup_message_headers_replace (headers, "WWW-Authenticate", "Bearer");
  http_request_answer (self, refusal->status, HTTP_JSON, json);
}

/* What the system or the store says may name a file, never what is in one; others may quote what came. */
static gboolean
may_be_told (const GError *error)
{
  return error->domain == SATCHEL_STORE_ERROR || error->domain == SATCHEL_SERVER_ERROR || error->domain == G_IO_ERROR ||
         error->domain == G_FILE_ERROR;
}

static void
log_failure (HttpRequest *self, const GError *error)
{
  ServerLogLine *line = server_log_line_new (SERVER_LOG_ERROR, "failed");

  server_log_line_text (line, "request", self->id);
  server_log_line_text (line, "domain", g_quark_to_string (error->domain));
  server_log_line_number (line, "code", error->code);
  if (may_be_told (error))
    server_log_line_text (line, "message", error->message);
  server_log_line_end (line);
}

void
http_request_fail (HttpRequest *self, const GError *error)
{
  HttpRefusal refusal = http_refusal_from_error (error);

  if (http_error_is_for_log (error) && http_request_is_open (self))
    log_failure (self, error);
  http_request_refuse (self, &refusal);
}

void
http_request_abandon (HttpRequest *self)
{
  g_autoptr (HttpRequest) held = http_request_ref (self);

  if (!http_request_is_open (self))
    return;

  g_socket_shutdown (http_connection_get_socket (self->connection), TRUE, TRUE, NULL);
  if (self->gone_func != NULL)
    self->gone_func (self, self->gone_data);
  self->gone_func = NULL;
  if (self->paused)
    soup_server_message_unpause (self->message);
}
