/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One client's connection. libsoup's server says of itself that it is not made for clients one cannot trust, so this
 * stands between it and them: it reads heads by itself, lets good ones through, counts the body, keeps the time, and
 * never blocks, not even in closing. */

#include "satchel-config.h"

#include "http-connection.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "http-answer.h"
#include "http-input.h"

#define CHUNK_BYTES 4096
#define BUSY_SECONDS 5
#define LINGER_MAX_BYTES (16 * 1024 * 1024)

/**
 * HttpConnection:
 * @received: bytes of heads, and what came with them
 * @looked_at: how many of them were searched for the end of a head
 * @ready: how many of them may be given out
 * @body_left: how much of the body was not made ready yet
 * @over: cancelled when whoever reads is to find the end
 */
struct _HttpConnection
{
  GIOStream parent_instance;

  GSocket *socket;
  GIOStream *base;
  GInputStream *input;
  GCancellable *over;
  const HttpConnectionWatch *watch;
  gpointer watch_data;

  HttpPhase phase;
  HttpHead head;

  GByteArray *received;
  gsize looked_at;
  gsize ready;
  gsize body_left;

  GSource *drain;
  gsize drained;
  gboolean refused;
  gboolean gone;
};

G_DEFINE_FINAL_TYPE (HttpConnection, http_connection, G_TYPE_IO_STREAM)

void
http_connection_enter (HttpConnection *self, HttpPhase phase)
{
  if (self->gone)
    return;

  self->phase = phase;
  self->watch->entered (self, phase, self->watch_data);
}

/* ---- The end -------------------------------------------------------------------------------------- */

/* TLS says goodbye in closing, and would wait until there is room for that: for ever, if the client reads nothing. */
static void
shut (HttpConnection *self)
{
  if (self->gone)
    return;

  self->gone = TRUE;
  if ((g_socket_condition_check (self->socket, G_IO_OUT) & G_IO_OUT) == 0 || self->refused)
    g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
  g_io_stream_close (self->base, NULL, NULL);
  g_cancellable_cancel (self->over);

  g_object_ref (self);
  self->watch->closed (self, self->watch_data);
  g_object_unref (self);
}

static void
stop_draining (HttpConnection *self)
{
  if (self->drain != NULL)
    g_source_destroy (self->drain);
  g_clear_pointer (&self->drain, g_source_unref);
}

static gboolean
drain_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  HttpConnection *self = data;
  char nowhere[16 * 1024];
  gssize n = g_socket_receive_with_blocking (socket, nowhere, sizeof nowhere, FALSE, NULL, NULL);

  self->drained += (gsize) MAX (n, 0);
  if (n > 0 && self->drained < LINGER_MAX_BYTES)
    return G_SOURCE_CONTINUE;

  stop_draining (self);
  shut (self);

  return G_SOURCE_REMOVE;
}

/* A connection that is closed with bytes unread is reset, and the refusal on its way is lost. */
static void
linger (HttpConnection *self)
{
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
  self->drain = g_socket_create_source (self->socket, G_IO_IN | G_IO_HUP, NULL);
  g_source_set_callback (self->drain, G_SOURCE_FUNC (drain_cb), g_object_ref (self), g_object_unref);
  g_source_attach (self->drain, g_main_context_get_thread_default ());
  http_connection_enter (self, HTTP_PHASE_LINGERING);
}

/* Says no. The answer is so short that it fits where nothing else is waiting; if it does not, nobody is reading. */
static void
refuse (HttpConnection *self, HttpRefusal refusal)
{
  g_autoptr (GBytes) answer = NULL;
  GOutputStream *output = g_io_stream_get_output_stream (self->base);

  self->watch->refused (self, &refusal, self->watch_data);
  answer = http_refusal_to_answer (&refusal);
  g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (output), g_bytes_get_data (answer, NULL),
                                              g_bytes_get_size (answer), NULL, NULL);
  self->refused = TRUE;
  g_cancellable_cancel (self->over);
}

static void
refuse_late (HttpConnection *self)
{
  const HttpRefusal refusal = { 408, "malformed", _ ("The request did not come in time. Nothing was changed."), 0,
                                FALSE };

  refuse (self, refusal);
}

/**
 * http_connection_discard:
 * @self: a connection that libsoup does not use, or not any more
 *
 * Closes it at once.
 */
void
http_connection_discard (HttpConnection *self)
{
  stop_draining (self);
  shut (self);
}

void
http_connection_expire (HttpConnection *self)
{
  switch (self->phase)
    {
    case HTTP_PHASE_OPENING:
    case HTTP_PHASE_IDLE:
      g_cancellable_cancel (self->over);
      break;

    case HTTP_PHASE_HEAD:
    case HTTP_PHASE_BODY:
      refuse_late (self);
      break;

    case HTTP_PHASE_LINGERING:
      http_connection_discard (self);
      break;

    case HTTP_PHASE_WORKING:
    case HTTP_PHASE_WRITING:
    case HTTP_N_PHASES:
    default:
      /* Whoever writes finds that it cannot. */
      g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
      break;
    }
}

static gboolean
http_connection_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  HttpConnection *self = HTTP_CONNECTION (stream);

  if (self->refused && !self->gone && self->drain == NULL)
    linger (self);
  else if (!self->refused)
    shut (self);

  return TRUE;
}

/* ---- Reading -------------------------------------------------------------------------------------- */

static gssize
read_base (HttpConnection *self, void *buffer, gsize count, GError **error)
{
  GInputStream *input = g_io_stream_get_input_stream (self->base);

  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), buffer, count, NULL, error);
}

static gssize
receive (HttpConnection *self, GError **error)
{
  guint8 chunk[CHUNK_BYTES];
  gssize n = read_base (self, chunk, sizeof chunk, error);

  if (n > 0)
    g_byte_array_append (self->received, chunk, (guint) n);

  return n;
}

/* Empty lines between requests mean nothing. */
static void
skip_empty_lines (HttpConnection *self)
{
  guint n = 0;

  while (n + 1 < self->received->len && self->received->data[n] == '\r' && self->received->data[n + 1] == '\n')
    n += 2;
  if (n > 0)
    g_byte_array_remove_range (self->received, 0, n);
}

static HttpHeadEnd
look_for_head (HttpConnection *self, gsize *length)
{
  HttpHeadEnd end;

  if (self->looked_at == 0)
    skip_empty_lines (self);
  if (self->received->len == 0)
    return HTTP_HEAD_MORE;

  if (self->phase != HTTP_PHASE_HEAD)
    http_connection_enter (self, HTTP_PHASE_HEAD);
  end = http_head_find_end ((const char *) self->received->data, self->received->len, self->looked_at, length);
  self->looked_at = self->received->len;

  return end;
}

static void
refuse_head (HttpConnection *self, gboolean broken)
{
  const HttpRefusal bad = { 400, "malformed", _ ("The request cannot be read. Nothing was changed."), 0, FALSE };
  const HttpRefusal big = { 400, "limits", _ ("The head of the request is too large."), 0, FALSE };

  refuse (self, broken ? bad : big);
}

static gboolean
check_room (HttpConnection *self, HttpRefusal *refusal)
{
  if (self->watch->may_send (self, self->head.content_length, self->watch_data))
    return TRUE;

  *refusal = (HttpRefusal) { 503, "busy", _ ("The server is busy. Nothing is lost; please try again in a moment."),
                             BUSY_SECONDS, FALSE };

  return FALSE;
}

/* A whole head is there: it may pass, or the connection ends with a refusal. */
static void
take_head (HttpConnection *self, gsize length)
{
  HttpRefusal refusal;

  http_head_clear (&self->head);
  if (!http_head_parse ((const char *) self->received->data, length, &self->head, &refusal) ||
      !check_room (self, &refusal))
    {
      refuse (self, refusal);
      return;
    }

  self->looked_at = 0;
  self->ready = length;
  self->body_left = self->head.content_length;
  http_connection_enter (self, self->body_left > 0 ? HTTP_PHASE_BODY : HTTP_PHASE_WORKING);
}

/* Waits for a head. Returns 1 when one is ready, else what the stream said: 0 at the end, -1. */
static gssize
await_head (HttpConnection *self, GError **error)
{
  for (;;)
    {
      gsize length = 0;
      HttpHeadEnd end = self->looked_at < self->received->len ? look_for_head (self, &length) : HTTP_HEAD_MORE;
      gssize n;

      if (end == HTTP_HEAD_WHOLE && length <= HTTP_HEAD_MAX_BYTES)
        take_head (self, length);
      else if (end != HTTP_HEAD_MORE || self->received->len > HTTP_HEAD_MAX_BYTES)
        refuse_head (self, end == HTTP_HEAD_BROKEN);
      if (self->refused || self->ready > 0)
        return self->ready > 0;

      n = receive (self, error);
      if (n <= 0)
        return n;
    }
}

static void
note_body (HttpConnection *self, gsize n)
{
  self->body_left -= n;
  http_connection_enter (self, self->body_left > 0 ? HTTP_PHASE_BODY : HTTP_PHASE_WORKING);
}

static gssize
read_body (HttpConnection *self, void *buffer, gsize count, GError **error)
{
  gssize n = read_base (self, buffer, MIN (count, self->body_left), error);

  if (n > 0)
    note_body (self, (gsize) n);

  return n;
}

/**
 * http_connection_read:
 * @self: a connection
 * @buffer: where to put what was read
 * @count: how much fits there
 * @error: return location for an error, %G_IO_ERROR_WOULD_BLOCK too
 *
 * Returns: how much was read: 0 at the end, also when the connection was refused or its time is over; -1 with @error
 */
gssize
http_connection_read (HttpConnection *self, void *buffer, gsize count, GError **error)
{
  gsize n;

  if (g_cancellable_is_cancelled (self->over) || count == 0)
    return 0;
  if (self->ready == 0 && self->body_left > 0 && self->received->len == 0)
    return read_body (self, buffer, count, error);

  if (self->ready == 0 && self->body_left > 0)
    {
      self->ready = MIN (self->received->len, self->body_left);
      note_body (self, self->ready);
    }
  if (self->ready == 0)
    {
      gssize found = await_head (self, error);

      if (found <= 0)
        return found;
    }

  n = MIN (count, self->ready);
  memcpy (buffer, self->received->data, n);
  g_byte_array_remove_range (self->received, 0, (guint) n);
  self->ready -= n;

  return (gssize) n;
}

/* Whether there is something to read without asking the network. */
static gboolean
has_bytes (HttpConnection *self)
{
  return self->ready > 0 || (self->body_left > 0 && self->received->len > 0) || self->looked_at < self->received->len;
}

gboolean
http_connection_is_readable (HttpConnection *self)
{
  GInputStream *input = g_io_stream_get_input_stream (self->base);

  return has_bytes (self) || g_cancellable_is_cancelled (self->over) ||
         g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (input));
}

GSource *
http_connection_create_source (HttpConnection *self, GPollableInputStream *stream, GCancellable *cancellable)
{
  GInputStream *input = g_io_stream_get_input_stream (self->base);
  g_autoptr (GSource) over = g_cancellable_source_new (self->over);
  g_autoptr (GSource) child = NULL;
  GSource *source;

  if (has_bytes (self))
    child = g_timeout_source_new (0);
  else
    child = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (input), NULL);

  source = g_pollable_source_new_full (stream, child, cancellable);
  g_source_set_dummy_callback (over);
  g_source_add_child_source (source, over);

  return source;
}

/* ---- The stream ----------------------------------------------------------------------------------- */

static GInputStream *
http_connection_get_input_stream (GIOStream *stream)
{
  return HTTP_CONNECTION (stream)->input;
}

static GOutputStream *
http_connection_get_output_stream (GIOStream *stream)
{
  return g_io_stream_get_output_stream (HTTP_CONNECTION (stream)->base);
}

static void
http_connection_finalize (GObject *object)
{
  HttpConnection *self = HTTP_CONNECTION (object);

  g_clear_object (&self->input);
  g_clear_object (&self->base);
  g_clear_object (&self->socket);
  g_clear_object (&self->over);
  g_byte_array_unref (self->received);
  http_head_clear (&self->head);

  G_OBJECT_CLASS (http_connection_parent_class)->finalize (object);
}

static void
http_connection_class_init (HttpConnectionClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = http_connection_finalize;
  stream_class->get_input_stream = http_connection_get_input_stream;
  stream_class->get_output_stream = http_connection_get_output_stream;
  stream_class->close_fn = http_connection_close;
}

static void
http_connection_init (HttpConnection *self)
{
  self->over = g_cancellable_new ();
  self->received = g_byte_array_new ();
}

HttpConnection *
http_connection_new (GSocket *socket, GIOStream *base, const HttpConnectionWatch *watch, gpointer data)
{
  HttpConnection *self = g_object_new (HTTP_TYPE_CONNECTION, NULL);

  self->socket = g_object_ref (socket);
  self->base = g_object_ref (base);
  self->input = http_input_new (self);
  self->watch = watch;
  self->watch_data = data;

  return self;
}

GSocket *
http_connection_get_socket (HttpConnection *self)
{
  return self->socket;
}

HttpPhase
http_connection_get_phase (HttpConnection *self)
{
  return self->phase;
}

void
http_connection_take_head (HttpConnection *self, HttpHead *head)
{
  *head = self->head;
  self->head = (HttpHead) { 0 };
}
