/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A pollable stream in front of HttpConnection, which does the work. */

#include "satchel-config.h"

#include "http-input.h"

struct _HttpInput
{
  GInputStream parent_instance;

  HttpConnection *connection; /* borrowed: it owns this; NULL when it is gone */
};

static void http_input_pollable_init (GPollableInputStreamInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HttpInput, http_input, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, http_input_pollable_init))

/* Nobody may wait for a client on the thread that serves them all. */
static gssize
http_input_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "This stream is only for polling");

  return -1;
}

static gssize
http_input_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  HttpInput *self = HTTP_INPUT (stream);

  return self->connection != NULL ? http_connection_read (self->connection, buffer, count, error) : 0;
}

static gboolean
http_input_is_readable (GPollableInputStream *stream)
{
  HttpInput *self = HTTP_INPUT (stream);

  return self->connection == NULL || http_connection_is_readable (self->connection);
}

static GSource *
http_input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  HttpInput *self = HTTP_INPUT (stream);

  return self->connection != NULL ? http_connection_create_source (self->connection, stream, cancellable)
                                  : g_pollable_source_new_full (stream, g_timeout_source_new (0), cancellable);
}

static void
http_input_dispose (GObject *object)
{
  HttpInput *self = HTTP_INPUT (object);

  g_clear_weak_pointer (&self->connection);

  G_OBJECT_CLASS (http_input_parent_class)->dispose (object);
}

static void
http_input_class_init (HttpInputClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = http_input_dispose;
  G_INPUT_STREAM_CLASS (klass)->read_fn = http_input_read;
}

static void
http_input_pollable_init (GPollableInputStreamInterface *interface)
{
  interface->is_readable = http_input_is_readable;
  interface->create_source = http_input_create_source;
  interface->read_nonblocking = http_input_read_nonblocking;
}

static void
http_input_init (HttpInput *self)
{
}

GInputStream *
http_input_new (HttpConnection *connection)
{
  HttpInput *self = g_object_new (HTTP_TYPE_INPUT, NULL);

  g_set_weak_pointer (&self->connection, connection);

  return G_INPUT_STREAM (self);
}
