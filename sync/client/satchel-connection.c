/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-connection-private.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "wire/satchel-frames.h"

/* Seconds. A server that holds an answer may be silent for as long as it was asked to, and a while. */
#define CONNECT_TIMEOUT 15
#define SILENCE_TIMEOUT 30

#define CHUNK_BYTES (256 * 1024)

#define AUTHORIZATION "Bearer "

/* Connections that libsoup keeps to one server. */
#define MAX_KEPT 2

struct _SatchelConnection
{
  GObject parent_instance;

  char *server;
  char *host;
  char *ca_file;
  char *authorization; /* (nullable): guarded by the mutex: another thread may listen meanwhile */
  SoupSession *session;
  int retry_after;

  GMutex mutex;
  GHashTable *sockets; /* (element-type guint64 GSocket): by connection id; guarded by the mutex */
};

G_DEFINE_FINAL_TYPE (SatchelConnection, satchel_connection, G_TYPE_OBJECT)

/* One message on its way. */
typedef struct
{
  SatchelConnection *connection;
  guint wait;
  gboolean fresh; /* on a connection made for it */
  GTlsCertificate *untrusted;
  GTlsCertificateFlags flags;
} Exchange;

void
satchel_reply_clear (SatchelReply *self)
{
  g_clear_pointer (&self->media_type, g_free);
  g_clear_pointer (&self->location, g_free);
  g_clear_pointer (&self->body, g_bytes_unref);
}

/* ---- While a message is on its way ---- */

static gboolean
accept_certificate_cb (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags flags,
                       Exchange *exchange)
{
  g_set_object (&exchange->untrusted, certificate);
  exchange->flags = flags;

  return FALSE;
}

static gboolean
is_closed (gpointer id, gpointer socket, gpointer data)
{
  return g_socket_is_closed (socket);
}

static void
remember_socket (SatchelConnection *self, guint64 id, GSocket *socket)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_hash_table_foreach_remove (self->sockets, is_closed, NULL);
  g_hash_table_insert (self->sockets, g_memdup2 (&id, sizeof id), g_object_ref (socket));
}

static GSocket *
find_socket (GIOStream *stream)
{
  g_autoptr (GIOStream) base = NULL;

  if (G_IS_TLS_CONNECTION (stream))
    {
      g_object_get (stream, "base-io-stream", &base, NULL);
      stream = base;
    }

  return G_IS_SOCKET_CONNECTION (stream) ? g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)) : NULL;
}

/* The session's timeout is for connecting; once that is done the socket may be silent for longer. */
static void
network_event_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *stream, Exchange *exchange)
{
  GSocket *socket = event == G_SOCKET_CLIENT_COMPLETE ? find_socket (stream) : NULL;

  exchange->fresh = TRUE;
  if (socket == NULL)
    return;
  g_socket_set_timeout (socket, exchange->wait + SILENCE_TIMEOUT);
  remember_socket (exchange->connection, soup_message_get_connection_id (message), socket);
}

/* On a connection that was kept. */
static void
starting_cb (SoupMessage *message, Exchange *exchange)
{
  SatchelConnection *self = exchange->connection;
  guint64 id = soup_message_get_connection_id (message);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  GSocket *socket = g_hash_table_lookup (self->sockets, &id);

  if (socket != NULL)
    g_socket_set_timeout (socket, exchange->wait + SILENCE_TIMEOUT);
}

static SoupMessage *
make_message (SatchelConnection *self, const SatchelRequest *request, Exchange *exchange)
{
  g_autofree char *uri = g_strconcat (self->server, request->path, NULL);
  SoupMessage *message = soup_message_new (request->method, uri);
  /* Only what is idempotent is sent over a connection that was kept. */
  guint flags = SOUP_MESSAGE_NO_REDIRECT | (request->repeatable ? SOUP_MESSAGE_IDEMPOTENT : 0);

  g_assert (message != NULL);
  soup_message_set_flags (message, flags);
  soup_message_set_force_http1 (message, TRUE);
  if (request->body != NULL)
    soup_message_set_request_body_from_bytes (message, request->media_type, request->body);
  g_mutex_lock (&self->mutex);
  if (self->authorization != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", self->authorization);
  g_mutex_unlock (&self->mutex);

  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_certificate_cb), exchange);
  g_signal_connect (message, "network-event", G_CALLBACK (network_event_cb), exchange);
  g_signal_connect (message, "starting", G_CALLBACK (starting_cb), exchange);

  return message;
}

/* ---- The answer ---- */

static gboolean
refuse_large (SatchelConnection *self, GError **error)
{
  g_set_error (
      error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_PROTOCOL,
      _ ("The answer of the server at “%s” is larger than Satchel takes. Nothing of it was used and your work is "
         "safe; tell whoever looks after the server."),
      self->host);
  return FALSE;
}

static gboolean
refuse_cut (SatchelConnection *self, GError **error)
{
  g_set_error (
      error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNREACHABLE,
      _ ("The answer of the server at “%s” was cut short. Nothing of it was used and your work is safe; it will "
         "be tried again."),
      self->host);
  return FALSE;
}

static gboolean
read_chunks (SatchelConnection *self, GInputStream *stream, GByteArray *body, GCancellable *cancellable, GError **error)
{
  gssize n_read;

  do
    {
      gsize before = body->len;

      if (before > SATCHEL_ANSWER_MAX_BYTES)
        return refuse_large (self, error);
      g_byte_array_set_size (body, before + CHUNK_BYTES);
      n_read = g_input_stream_read (stream, body->data + before, CHUNK_BYTES, cancellable, error);
      g_byte_array_set_size (body, before + MAX (n_read, 0));
    }
  while (n_read > 0);

  return n_read == 0;
}

/* libsoup takes an answer that ends within its headers for one that says nothing more. A Satchel server always says how
 * long an answer is; who does not, and shows a page, is another server. */
static gboolean
lacks_headers (SoupMessageHeaders *headers)
{
  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_EOF &&
         g_strcmp0 (soup_message_headers_get_content_type (headers, NULL), "text/html") != 0;
}

static gboolean
read_body (SatchelConnection *self, SoupMessage *message, GInputStream *stream, SatchelReply *reply,
           GCancellable *cancellable, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  gboolean announced = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH;
  guint64 length = announced ? (guint64) soup_message_headers_get_content_length (headers) : 0;
  g_autoptr (GByteArray) body = g_byte_array_new ();

  if (lacks_headers (headers))
    return refuse_cut (self, error);
  if (length > SATCHEL_ANSWER_MAX_BYTES)
    return refuse_large (self, error);
  if (!read_chunks (self, stream, body, cancellable, error))
    return FALSE;
  if (announced && body->len < length)
    return refuse_cut (self, error);
  reply->body = g_byte_array_free_to_bytes (g_steal_pointer (&body));

  return TRUE;
}

/* Seconds, bounded; a date, which clocks may disagree about, counts as nothing said. */
static int
read_retry_after (SoupMessageHeaders *headers)
{
  const char *text = soup_message_headers_get_one (headers, "Retry-After");
  guint64 seconds;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, 24 * 60 * 60, &seconds, NULL))
    return 0;

  return (int) seconds;
}

static void
read_headers (SoupMessage *message, SatchelReply *reply)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);

  reply->status = soup_message_get_status (message);
  reply->media_type = g_strdup (soup_message_headers_get_content_type (headers, NULL));
  reply->location = g_strdup (soup_message_headers_get_one (headers, "Location"));
  reply->retry_after = read_retry_after (headers);
}

static void
explain_failure (SatchelConnection *self, const Exchange *exchange, GError *reason, GError **error)
{
  if (exchange->untrusted == NULL)
    {
      satchel_sync_error_set_transport (error, self->host, reason);
      return;
    }

  satchel_sync_error_set_untrusted (error, self->host, exchange->untrusted, exchange->flags);
  g_error_free (reason);
}

/* A server may close a connection that was kept: just when the next request is on its way, too. */
static gboolean
may_repeat (const SatchelRequest *request, const Exchange *exchange, const GError *reason)
{
  return request->repeatable && !exchange->fresh && reason->domain != SATCHEL_SYNC_ERROR &&
         !g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
         !g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static gboolean
exchange_once (SatchelConnection *self, const SatchelRequest *request, Exchange *exchange, SatchelReply *reply,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (SoupMessage) message = make_message (self, request, exchange);
  g_autoptr (GInputStream) stream = soup_session_send (self->session, message, cancellable, error);
  gboolean whole = stream != NULL && read_body (self, message, stream, reply, cancellable, error);

  if (whole)
    read_headers (message, reply);
  g_signal_handlers_disconnect_by_data (message, exchange);

  return whole;
}

/* Private: sends a request and reads the whole answer. Blocks. */
gboolean
satchel_connection_send (SatchelConnection *self, const SatchelRequest *request, SatchelReply *reply,
                         GCancellable *cancellable, GError **error)
{
  Exchange exchange = { .connection = self, .wait = request->wait };
  GError *reason = NULL;
  gboolean whole = exchange_once (self, request, &exchange, reply, cancellable, &reason);

  for (guint i = 0; !whole && i < MAX_KEPT && may_repeat (request, &exchange, reason); i++)
    {
      g_clear_error (&reason);
      whole = exchange_once (self, request, &exchange, reply, cancellable, &reason);
    }
  self->retry_after = whole ? reply->retry_after : 0;
  if (!whole)
    explain_failure (self, &exchange, reason, error);
  g_clear_object (&exchange.untrusted);

  return whole;
}

/* Private: the address in normal form. */
const char *
satchel_connection_get_server (SatchelConnection *self)
{
  return self->server;
}

/* Private: the file of a private authority, absolute, or NULL. */
const char *
satchel_connection_get_ca_file (SatchelConnection *self)
{
  return self->ca_file;
}

/* ---- The connection itself ---- */

static void
satchel_connection_finalize (GObject *object)
{
  SatchelConnection *self = SATCHEL_CONNECTION (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->sockets, g_hash_table_unref);
  g_clear_pointer (&self->server, g_free);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->ca_file, g_free);
  g_clear_pointer (&self->authorization, g_free);
  g_mutex_clear (&self->mutex);

  G_OBJECT_CLASS (satchel_connection_parent_class)->finalize (object);
}

static void
satchel_connection_class_init (SatchelConnectionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = satchel_connection_finalize;
}

static void
satchel_connection_init (SatchelConnection *self)
{
  g_mutex_init (&self->mutex);
  self->sockets = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
}

/* Without the features that would act on an answer by themselves: content codings, passwords. */
static SoupSession *
make_session (void)
{
  SoupSession *session = soup_session_new ();

  soup_session_set_user_agent (session, "Satchel/" SATCHEL_VERSION);
  soup_session_set_timeout (session, CONNECT_TIMEOUT);
  soup_session_set_idle_timeout (session, 0);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);

  return session;
}

static gboolean speaks_alone;

/**
 * satchel_connection_speak_alone:
 *
 * Says that this process speaks to no other server than those that it makes
 * connections to, all with the same authority. GTlsConnection reads the
 * system's authorities when it is made, even if it is told at once to trust
 * another one only; then it has no need to. Call it before the first
 * connection.
 */
void
satchel_connection_speak_alone (void)
{
  speaks_alone = TRUE;
}

static gboolean
trust_file (SatchelConnection *self, const char *ca_file, GError **error)
{
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) reason = NULL;

  self->ca_file = g_canonicalize_filename (ca_file, NULL);
  database = g_tls_file_database_new (self->ca_file, &reason);
  if (database == NULL)
    {
      g_set_error (
          error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNTRUSTED,
          _ ("The file of the certificate authority, “%s”, cannot be used: %s. Nothing was sent; ask for the file "
             "again."),
          self->ca_file, reason->message);
      return FALSE;
    }
  soup_session_set_tls_database (self->session, database);
  if (speaks_alone)
    g_tls_backend_set_default_database (g_tls_backend_get_default (), database);

  return TRUE;
}

/**
 * satchel_connection_new:
 * @server: the server's address as a person writes it: `https://host[:port]`, or without the `https://`
 * @ca_file: (nullable): PEM file of a private certificate authority, the only one trusted then
 * @error: set to %SATCHEL_SYNC_ERROR_ADDRESS or %SATCHEL_SYNC_ERROR_UNTRUSTED
 *
 * Makes a connection to a server; nothing is sent yet. It keeps its wires
 * open between requests. Calls block and are made on one thread, except that
 * satchel_connection_sync() may run on two at once.
 *
 * Returns: (transfer full) (nullable): a connection; %NULL with @error set
 */
SatchelConnection *
satchel_connection_new (const char *server, const char *ca_file, GError **error)
{
  g_autoptr (SatchelConnection) self = NULL;
  g_autofree char *normal = NULL;

  g_return_val_if_fail (server != NULL, NULL);

  normal = satchel_address_normalise (server, error);
  if (normal == NULL)
    return NULL;

  self = g_object_new (SATCHEL_TYPE_CONNECTION, NULL);
  self->host = satchel_address_get_host (normal);
  self->server = g_steal_pointer (&normal);
  self->session = make_session ();
  if (ca_file != NULL && !trust_file (self, ca_file, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * satchel_connection_set_token:
 * @token: (nullable): the token of this device
 *
 * Sets the token that requests are signed in with.
 */
void
satchel_connection_set_token (SatchelConnection *self, const char *token)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (SATCHEL_IS_CONNECTION (self));

  locker = g_mutex_locker_new (&self->mutex);
  g_free (self->authorization);
  self->authorization = token != NULL ? g_strconcat (AUTHORIZATION, token, NULL) : NULL;
}

/* Private: whether that is the token that requests are signed in with. */
gboolean
satchel_connection_has_token (SatchelConnection *self, const char *token)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->authorization != NULL && strcmp (self->authorization + strlen (AUTHORIZATION), token) == 0;
}

/**
 * satchel_connection_get_retry_after:
 *
 * When the server wants to be asked again, after %SATCHEL_SYNC_ERROR_BUSY.
 *
 * Returns: seconds; 0 when it did not say
 */
int
satchel_connection_get_retry_after (SatchelConnection *self)
{
  g_return_val_if_fail (SATCHEL_IS_CONNECTION (self), 0);

  return self->retry_after;
}

/**
 * satchel_connection_sync:
 * @request: a body of satchel_sync_core_prepare()
 * @wait: seconds for which the server may hold the answer, as @request says
 * @cancellable: (nullable): ends the wait
 * @error: set to a #SatchelSyncError, or %G_IO_ERROR_CANCELLED
 *
 * Carries one request of a sync to the server. Blocks until the answer is
 * here. May be called on two threads at once.
 *
 * Returns: (transfer full) (nullable): the body of the answer, for
 *   satchel_sync_core_receive(); %NULL with @error set
 */
GBytes *
satchel_connection_sync (SatchelConnection *self, GBytes *request, guint wait, GCancellable *cancellable,
                         GError **error)
{
  SatchelRequest post = { "POST", "/v1/sync", SATCHEL_FRAMES_MEDIA_TYPE, request, wait, TRUE };
  g_auto (SatchelReply) reply = { 0 };

  g_return_val_if_fail (SATCHEL_IS_CONNECTION (self), NULL);

  if (!satchel_connection_send (self, &post, &reply, cancellable, error) ||
      !satchel_connection_check_reply (self, &reply, SOUP_STATUS_OK, SATCHEL_FRAMES_MEDIA_TYPE, error))
    return NULL;

  return g_steal_pointer (&reply.body);
}
