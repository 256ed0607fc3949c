/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A server that listens, and whatever a client may send to it. Every connection ends; what it was told is HTTP; and a
 * device that behaves is served between any two of them.
 *
 * `{token}` stands for a device's token and `{length}` for how long what follows the head is. Where the head says
 * `{seal}`, lines follow it, and go out as a framed body with its right end. */

#include "fuzz.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <stdlib.h>
#include <string.h>

#include "server-fixture.h"
#include "server/http/server-http.h"

#define PATIENCE_SECONDS 60
#define HEAD_SECONDS 2

static Fixture fixture;
static GSocketAddress *address;
static char *token;
static GMainLoop *loop;
static GThread *thread;

/* ---- The server, on a thread of its own ------------------------------------------------------------ */

static gpointer
serve (gpointer data)
{
  g_autofree char *listen = data;
  const ServerHttpOptions options = {
    .listen = listen,
    .limits = { .head = HEAD_SECONDS,
               .body = HEAD_SECONDS,
               .idle = HEAD_SECONDS,
               .connections = 64,
               .per_address = 64 },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (ServerHttp) http = NULL;

  g_main_context_push_thread_default (g_main_loop_get_context (loop));
  http = server_http_new (fixture.server, fixture.store, fixture.writer, &options, &error);
  g_assert_no_error (error);
  g_main_loop_run (loop);
  g_clear_pointer (&http, server_http_free);
  g_main_context_pop_thread_default (g_main_loop_get_context (loop));

  return NULL;
}

static void
stop (void)
{
  g_main_loop_quit (loop);
  g_thread_join (thread);
  g_clear_pointer (&loop, g_main_loop_unref);
  g_clear_object (&address);
  g_clear_pointer (&token, g_free);
  fixture_tear_down (&fixture, NULL);
}

/* The server tells of each request; warnings end the program. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if (level <= G_LOG_LEVEL_WARNING)
    return g_log_writer_default (level, fields, n_fields, data);

  return G_LOG_WRITER_HANDLED;
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_autoptr (Device) device = NULL;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autofree char *path = NULL;

  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  g_log_set_writer_func (write_log, NULL, NULL);
  fixture_set_up (&fixture, NULL);
  device = device_new (&fixture, fixture.nancy);
  token = g_strdup (device->token);
  path = g_build_filename (fixture.folder, "socket", NULL);
  address = g_unix_socket_address_new (path);
  loop = g_main_loop_new (context, FALSE);
  thread = g_thread_new ("server", serve, g_strconcat ("unix:", path, NULL));
  atexit (stop);

  return 0;
}

/* ---- Connections ---------------------------------------------------------------------------------- */

/* The server may still be on its way when the first one connects. */
static GSocket *
connect_to_server (void)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  gint64 deadline = g_get_monotonic_time () + PATIENCE_SECONDS * G_TIME_SPAN_SECOND;

  g_socket_set_timeout (socket, PATIENCE_SECONDS);
  while (!g_socket_connect (socket, address, NULL, NULL))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_thread_yield ();
    }

  return g_steal_pointer (&socket);
}

/* A client that is refused may be cut off in the middle of what it says. */
static void
send_all (GSocket *socket, GString *text)
{
  gssize sent = 1;

  for (gsize at = 0; at < text->len && sent > 0; at += (gsize) sent)
    sent = g_socket_send (socket, text->str + at, text->len - at, NULL, NULL);
  g_socket_shutdown (socket, FALSE, TRUE, NULL);
}

/* Until the server ends it. */
static GString *
receive_all (GSocket *socket)
{
  GString *all = g_string_new (NULL);
  char buffer[4096];
  gssize n;

  do
    {
      g_autoptr (GError) error = NULL;

      n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        g_error ("the server does not end a connection: %s", all->str);
      g_string_append_len (all, buffer, MAX (n, 0));
    }
  while (n > 0);

  return all;
}

static GString *
ask (GString *request)
{
  g_autoptr (GSocket) socket = connect_to_server ();

  send_all (socket, request);

  return receive_all (socket);
}

/* ---- Those who behave ------------------------------------------------------------------------------ */

static void
check_health (void)
{
  g_autoptr (GString) request = g_string_new ("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  g_autoptr (GString) answer = ask (request);

  g_assert_true (g_str_has_prefix (answer->str, "HTTP/1.1 200 "));
  g_assert_true (g_str_has_suffix (answer->str, "\r\n\r\nok\n"));
}

/* ---- Those who do not ------------------------------------------------------------------------------ */

static void
seal_body (GString *text, gsize body)
{
  g_autoptr (GBytes) sealed = fuzz_seal (text->str + body, text->len - body);
  gsize length;
  const char *bytes = g_bytes_get_data (sealed, &length);

  g_string_truncate (text, body);
  g_string_append_len (text, bytes, (gssize) length);
}

/* Replaces a word of the head. */
static void
fill_in (GString *text, gsize head, const char *word, const char *with)
{
  char *found = memmem (text->str, head, word, strlen (word));
  gssize place = found != NULL ? found - text->str : -1;

  if (place < 0)
    return;

  g_string_erase (text, place, (gssize) strlen (word));
  g_string_insert (text, place, with);
}

static GString *
make_request (const guint8 *data, gsize size)
{
  GString *text = g_string_new_len ((const char *) data, (gssize) size);
  char *blank = memmem (text->str, text->len, "\r\n\r\n", 4);
  gsize head = blank != NULL ? (gsize) (blank - text->str) + 4 : text->len;
  g_autofree char *length = NULL;

  if (memmem (text->str, head, "{seal}", 6) != NULL)
    seal_body (text, head);
  length = g_strdup_printf ("%" G_GSIZE_FORMAT, text->len - head);
  /* From the end on, so that the head's length holds for the one before. */
  fill_in (text, head, "{length}", length);
  fill_in (text, MIN (head, text->len), "{token}", token);

  return text;
}

static void
check_answer (const GString *answer)
{
  if (answer->len == 0)
    return;

  if (!g_str_has_prefix (answer->str, "HTTP/1."))
    g_error ("this is no answer: %s", answer->str);
  g_assert_nonnull (strstr (answer->str, "\r\n\r\n"));
  g_assert_false (g_str_has_prefix (answer->str, "HTTP/1.1 500"));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GString) request = make_request (data, size);
  g_autoptr (GString) answer = ask (request);

  check_answer (answer);
  check_health ();

  return 0;
}
