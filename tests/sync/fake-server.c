/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "fake-server.h"

#include <string.h>

struct _FakeServer
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  SoupServer *server;
  char *address;
  guint port;
  FakeServerFunc func;
  gpointer data;
  GTlsCertificate *certificate;

  GMutex mutex;
  GCond cond;
  gboolean ready;
  guint n_requests;
  GHashTable *peers; /* remote ports seen */
};

static void
count (FakeServer *self, SoupServerMessage *message)
{
  GSocketAddress *peer = soup_server_message_get_remote_address (message);
  guint port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (peer));
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->n_requests++;
  g_hash_table_add (self->peers, GUINT_TO_POINTER (port));
  g_cond_broadcast (&self->cond);
}

static void
request_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  FakeServer *self = data;

  count (self, message);
  self->func (self, message, self->data);
}

static void
listen_on_loopback (FakeServer *self)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;

  self->server = soup_server_new ("server-header", "fake", NULL);
  if (self->certificate != NULL)
    soup_server_set_tls_certificate (self->server, self->certificate);
  soup_server_add_handler (self->server, NULL, request_cb, self, NULL);
  soup_server_listen_local (self->server, 0,
                            SOUP_SERVER_LISTEN_IPV4_ONLY | (self->certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0),
                            &error);
  g_assert_no_error (error);

  uris = soup_server_get_uris (self->server);
  self->port = g_uri_get_port (uris->data);
  self->address = g_strdup_printf ("https://127.0.0.1:%u", self->port);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

static void
drain (FakeServer *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    ;
}

static gpointer
run (gpointer data)
{
  FakeServer *self = data;

  g_main_context_push_thread_default (self->context);
  listen_on_loopback (self);
  g_mutex_lock (&self->mutex);
  self->ready = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);

  g_main_loop_run (self->loop);
  /* Who has hung up is let go first: libsoup falls over a connection that ends while it ends all of them. */
  drain (self);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  drain (self);
  g_main_context_pop_thread_default (self->context);

  return NULL;
}

/* Libsoup's own listening sometimes says so, and nothing worse, of a client that ends while hands are shaken. */
static gboolean
is_of_ours (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  return g_strcmp0 (domain, "libsoup") != 0 || strstr (message, "soup_server_connection_disconnect") == NULL;
}

static void
log_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if (is_of_ours (domain, level, message, data))
    g_log_default_handler (domain, level, message, data);
}

static void
forgive_libsoup (void)
{
  g_log_set_handler ("libsoup", G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION, log_cb, NULL);
  g_test_log_set_fatal_handler (is_of_ours, NULL);
}

FakeServer *
fake_server_new (const TestCertificate *certificate, FakeServerFunc func, gpointer data)
{
  FakeServer *self = g_new0 (FakeServer, 1);

  forgive_libsoup ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->peers = g_hash_table_new (NULL, NULL);
  self->func = func;
  self->data = data;
  self->certificate = certificate != NULL ? test_certificate_load (certificate) : NULL;
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("fake-server", run, self);

  g_mutex_lock (&self->mutex);
  while (!self->ready)
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);

  return self;
}

static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);

  return G_SOURCE_REMOVE;
}

/* On the server's thread, which may not run its loop yet. */
static void
invoke (FakeServer *self, GSourceFunc func, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, self->context);
}

void
fake_server_free (FakeServer *self)
{
  if (self == NULL)
    return;

  invoke (self, quit_cb, self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_clear_object (&self->certificate);
  g_hash_table_unref (self->peers);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self->address);
  g_free (self);
}

const char *
fake_server_get_address (FakeServer *self)
{
  return self->address;
}

guint
fake_server_get_port (FakeServer *self)
{
  return self->port;
}

guint
fake_server_count_requests (FakeServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->n_requests;
}

guint
fake_server_count_connections (FakeServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return g_hash_table_size (self->peers);
}

void
fake_server_wait_for (FakeServer *self, guint n_requests)
{
  gint64 deadline = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (self->n_requests < n_requests)
    if (!g_cond_wait_until (&self->cond, &self->mutex, deadline))
      g_error ("Only %u of %u requests have come", self->n_requests, n_requests);
}

static gboolean
unpause_cb (gpointer data)
{
  g_autoptr (SoupServerMessage) message = data;

  soup_server_message_unpause (message);

  return G_SOURCE_REMOVE;
}

void
fake_server_answer_later (FakeServer *self, SoupServerMessage *message)
{
  invoke (self, unpause_cb, g_object_ref (message));
}

void
fake_server_answer (SoupServerMessage *message, guint status, const char *media_type, const void *body, gsize length)
{
  soup_server_message_set_status (message, status, NULL);
  if (media_type != NULL)
    soup_server_message_set_response (message, media_type, SOUP_MEMORY_COPY, body, length);
}

void
fake_server_answer_raw (SoupServerMessage *message, const void *bytes, gsize length)
{
  g_autoptr (GIOStream) stream = soup_server_message_steal_connection (message);
  gsize n_written;

  /* The other side may have hung up already. */
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), bytes, length, &n_written, NULL, NULL);
  g_io_stream_close (stream, NULL, NULL);
}
