/* SPDX-License-Identifier: GPL-3.0-or-later */

/* All connections: how many there may be, and how long each may take.
 *
 * A phase's deadline is the same for all connections in it, so that the queue of a phase is in the order of the
 * deadlines, and looking at its first one is enough.
 *
 * GTlsConnection shakes hands on a thread, for as long as the client likes. These threads are our own: who takes all of
 * them holds up other newcomers, and nothing else; and one address cannot take all of them. */

#include "satchel-config.h"

#include "http-connections.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define BODY_TIMES 4
#define SLOWEST_BYTES_PER_SECOND 8192
#define LINGER_SECONDS 5
#define HANDSHAKE_THREADS 32
#define HANDSHAKES_PER_ADDRESS 8
#define SMALL_BODY_BYTES (64 * 1024)
#define BODIES_MAX_BYTES (256 * 1024 * 1024)
#define MIN_PERIOD_MS 50
#define MAX_PERIOD_MS 1000

/**
 * Peer: an address with connections.
 */
typedef struct
{
  char *address;
  guint n_connections;
  guint n_handshakes;
} Peer;

/**
 * Entry: what is known of a connection.
 * @link: in the queue of its phase
 * @deadline: monotonic time, microseconds
 * @body_end: when its body must be whole
 * @body_length: of the body that it sends, or that is worked on
 * @first: (nullable): waits for the client to begin with TLS
 * @handshake: (nullable): TLS is being set up
 */
typedef struct _Handshake Handshake;

typedef struct
{
  HttpConnections *set;
  HttpConnection *connection;
  Peer *peer;
  GList link;
  HttpPhase phase;
  gint64 deadline;
  gint64 body_end;
  gsize body_length;
  GIOStream *tls;
  GSource *first;
  Handshake *handshake;
  gboolean opened;
} Entry;

/**
 * Handshake:
 * @source: brings it back from its thread
 */
struct _Handshake
{
  HttpConnections *set;
  HttpConnection *connection;
  GTlsConnection *tls;
  GCancellable *cancellable;
  GSource *source;
  gboolean done;
};

struct _HttpConnections
{
  HttpLimits limits;
  GTlsCertificate *certificate;
  const HttpConnectionsWatch *watch;
  gpointer watch_data;
  GMainContext *context;

  GHashTable *entries; /* connection -> Entry */
  GHashTable *peers; /* address -> Peer */
  GQueue phases[HTTP_N_PHASES];
  GSource *sweep;
  GThreadPool *handshakes;
  gsize bodies; /* bytes that were let in */
  GQueue waiting; /* Entry: for a thread to shake hands on */
  guint n_shaking;
};

static const HttpConnectionWatch connection_watch;

/* ---- Addresses ------------------------------------------------------------------------------------ */

/* IPv6 gives everyone a network of their own; IPv4 may come dressed as it. */
char *
http_address_to_string (GInetAddress *host)
{
  static const guint8 dressed[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
  const guint8 *bytes = g_inet_address_to_bytes (host);
  g_autoptr (GInetAddress) known = NULL;
  guint8 network[16] = { 0 };

  if (g_inet_address_get_family (host) == G_SOCKET_FAMILY_IPV4)
    return g_inet_address_to_string (host);

  if (memcmp (bytes, dressed, sizeof dressed) == 0)
    {
      known = g_inet_address_new_from_bytes (bytes + sizeof dressed, G_SOCKET_FAMILY_IPV4);
    }
  else
    {
      memcpy (network, bytes, 8);
      known = g_inet_address_new_from_bytes (network, G_SOCKET_FAMILY_IPV6);
    }

  return g_inet_address_to_string (known);
}

static char *
dup_address (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_remote_address (socket, NULL);

  if (address == NULL || !G_IS_INET_SOCKET_ADDRESS (address))
    return NULL;

  return http_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

static Peer *
take_peer (HttpConnections *self, GSocket *socket)
{
  g_autofree char *address = self->certificate != NULL ? dup_address (socket) : NULL;
  Peer *peer = address != NULL ? g_hash_table_lookup (self->peers, address) : NULL;

  if (peer == NULL && address != NULL)
    {
      peer = g_new0 (Peer, 1);
      peer->address = g_steal_pointer (&address);
      g_hash_table_insert (self->peers, peer->address, peer);
    }

  return peer;
}

static void
forget_peer_if_alone (HttpConnections *self, Peer *peer)
{
  if (peer == NULL || peer->n_connections > 0)
    return;

  g_hash_table_remove (self->peers, peer->address);
  g_free (peer->address);
  g_free (peer);
}

/* ---- Deadlines ------------------------------------------------------------------------------------ */

static guint
get_seconds (HttpConnections *self, HttpPhase phase)
{
  switch (phase)
    {
    case HTTP_PHASE_OPENING:
    case HTTP_PHASE_HEAD:
      return self->limits.head;

    case HTTP_PHASE_BODY:
    case HTTP_PHASE_WRITING:
      return self->limits.body;

    case HTTP_PHASE_IDLE:
      return self->limits.idle;

    case HTTP_PHASE_LINGERING:
      return LINGER_SECONDS;

    case HTTP_PHASE_WORKING:
    case HTTP_N_PHASES:
    default:
      return 0;
    }
}

/* Networks in the field are slow, but not so slow. */
static gint64
get_body_seconds (Entry *entry)
{
  return (gint64) entry->set->limits.body * BODY_TIMES + (gint64) entry->body_length / SLOWEST_BYTES_PER_SECOND;
}

static void
enter (Entry *entry, HttpPhase phase)
{
  HttpConnections *self = entry->set;
  gint64 now = g_get_monotonic_time ();

  g_queue_unlink (&self->phases[entry->phase], &entry->link);
  if (phase == HTTP_PHASE_BODY && entry->phase != HTTP_PHASE_BODY)
    entry->body_end = now + get_body_seconds (entry) * G_USEC_PER_SEC;

  entry->phase = phase;
  entry->deadline = now + (gint64) get_seconds (self, phase) * G_USEC_PER_SEC;
  g_queue_push_tail_link (&self->phases[phase], &entry->link);
}

/* Once is enough: it goes where there are no deadlines. */
static void
end_entry (Entry *entry)
{
  g_autoptr (HttpConnection) connection = g_object_ref (entry->connection);

  enter (entry, HTTP_PHASE_WORKING);
  if (entry->handshake != NULL)
    g_cancellable_cancel (entry->handshake->cancellable);
  else if (!entry->opened)
    g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  else
    http_connection_expire (connection);
}

static void
end_first_ones (HttpConnections *self, HttpPhase phase, gint64 now)
{
  GList *first;

  while ((first = g_queue_peek_head_link (&self->phases[phase])) != NULL)
    {
      Entry *entry = first->data;

      if (entry->deadline > now)
        return;
      end_entry (entry);
    }
}

static gboolean
sweep_cb (gpointer data)
{
  HttpConnections *self = data;
  gint64 now = g_get_monotonic_time ();

  for (HttpPhase phase = 0; phase < HTTP_N_PHASES; phase++)
    if (phase != HTTP_PHASE_WORKING)
      end_first_ones (self, phase, now);

  return G_SOURCE_CONTINUE;
}

static void
start_sweeping (HttpConnections *self)
{
  guint shortest = MIN (MIN (self->limits.head, self->limits.body), self->limits.idle) * 1000 / 4;

  if (self->sweep != NULL)
    return;

  self->sweep = g_timeout_source_new (CLAMP (shortest, MIN_PERIOD_MS, MAX_PERIOD_MS));
  g_source_set_callback (self->sweep, sweep_cb, self, NULL);
  g_source_attach (self->sweep, self->context);
}

static void
stop_sweeping (HttpConnections *self)
{
  if (self->sweep != NULL)
    g_source_destroy (self->sweep);
  g_clear_pointer (&self->sweep, g_source_unref);
}

/* ---- Connections ---------------------------------------------------------------------------------- */

static void
entry_free (Entry *entry)
{
  if (entry->first != NULL)
    g_source_destroy (entry->first);
  g_clear_pointer (&entry->first, g_source_unref);
  g_clear_object (&entry->tls);
  g_object_unref (entry->connection);
  g_free (entry);
}

/* Many large bodies at once would take all the memory. Small ones are let in: there can be only so many. */
static gboolean
may_send_cb (HttpConnection *connection, gsize length, gpointer data)
{
  Entry *entry = data;
  HttpConnections *self = entry->set;

  if (length > SMALL_BODY_BYTES && self->bodies + length > BODIES_MAX_BYTES)
    return FALSE;

  entry->body_length = length;
  self->bodies += length;

  return TRUE;
}

static void
forget_body (Entry *entry)
{
  entry->set->bodies -= entry->body_length;
  entry->body_length = 0;
}

static void
entered_cb (HttpConnection *connection, HttpPhase phase, gpointer data)
{
  Entry *entry = data;

  enter (entry, phase);
  if (phase == HTTP_PHASE_IDLE)
    forget_body (entry);
  /* What trickles is not idle, and never done. */
  if (phase == HTTP_PHASE_BODY && g_get_monotonic_time () >= entry->body_end)
    end_entry (entry);
}

static void
refused_cb (HttpConnection *connection, HttpRefusal *refusal, gpointer data)
{
  Entry *entry = data;
  HttpConnections *self = entry->set;

  self->watch->refused (connection, refusal, self->watch_data);
}

static void
closed_cb (HttpConnection *connection, gpointer data)
{
  Entry *entry = data;
  HttpConnections *self = entry->set;

  forget_body (entry);
  g_queue_unlink (&self->phases[entry->phase], &entry->link);
  g_queue_remove (&self->waiting, entry);
  if (entry->peer != NULL)
    entry->peer->n_connections--;
  forget_peer_if_alone (self, entry->peer);
  g_hash_table_remove (self->entries, connection);
  if (g_hash_table_size (self->entries) == 0)
    stop_sweeping (self);
}

static const HttpConnectionWatch connection_watch = { may_send_cb, entered_cb, refused_cb, closed_cb };

static void
open_entry (Entry *entry)
{
  entry->opened = TRUE;
  entry->set->watch->opened (entry->connection, entry->set->watch_data);
}

/* ---- TLS ------------------------------------------------------------------------------------------ */

static void shake_next (HttpConnections *self);

static void
handshake_free (Handshake *handshake)
{
  g_object_unref (handshake->connection);
  g_object_unref (handshake->tls);
  g_object_unref (handshake->cancellable);
  g_source_unref (handshake->source);
  g_free (handshake);
}

static gboolean
shaken_cb (gpointer data)
{
  Handshake *handshake = data;
  HttpConnections *self = handshake->set;
  Entry *entry = g_hash_table_lookup (self->entries, handshake->connection);

  self->n_shaking--;
  entry->handshake = NULL;
  entry->peer->n_handshakes--;
  if (handshake->done && !g_cancellable_is_cancelled (handshake->cancellable))
    open_entry (entry);
  else
    g_io_stream_close (G_IO_STREAM (handshake->connection), NULL, NULL);
  handshake_free (handshake);
  shake_next (self);

  return G_SOURCE_REMOVE;
}

static void
shake_hands (gpointer data, gpointer context)
{
  Handshake *handshake = data;

  handshake->done = g_tls_connection_handshake (handshake->tls, handshake->cancellable, NULL);
  g_source_attach (handshake->source, handshake->set->context);
}

static void
shake (Entry *entry)
{
  HttpConnections *self = entry->set;
  Handshake *handshake = g_new0 (Handshake, 1);

  handshake->set = self;
  handshake->connection = g_object_ref (entry->connection);
  handshake->tls = g_object_ref (G_TLS_CONNECTION (entry->tls));
  handshake->cancellable = g_cancellable_new ();
  handshake->source = g_idle_source_new ();
  g_source_set_priority (handshake->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (handshake->source, shaken_cb, handshake, NULL);

  entry->handshake = handshake;
  entry->peer->n_handshakes++;
  self->n_shaking++;
  g_thread_pool_push (self->handshakes, handshake, NULL);
}

static void
shake_next (HttpConnections *self)
{
  GList *next;

  for (GList *link = self->waiting.head; link != NULL && self->n_shaking < HANDSHAKE_THREADS; link = next)
    {
      Entry *entry = link->data;

      next = link->next;
      if (entry->peer->n_handshakes >= HANDSHAKES_PER_ADDRESS)
        continue;
      g_queue_delete_link (&self->waiting, link);
      shake (entry);
    }
}

/* The client has begun, so that a thread has something to do. */
static gboolean
begun_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->first, g_source_unref);
  g_queue_push_tail (&entry->set->waiting, entry);
  shake_next (entry->set);

  return G_SOURCE_REMOVE;
}

static void
await_handshake (Entry *entry, GSocket *socket)
{
  entry->first = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (entry->first, G_SOURCE_FUNC (begun_cb), entry, NULL);
  g_source_attach (entry->first, entry->set->context);
}

static GIOStream *
make_tls (HttpConnections *self, GIOStream *plain)
{
  const char *const protocols[] = { "http/1.1", NULL };
  GIOStream *tls = g_tls_server_connection_new (plain, self->certificate, NULL);

  if (tls == NULL)
    return NULL;

  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (tls), FALSE);
  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (tls), protocols);

  return tls;
}

/* ---- Adding --------------------------------------------------------------------------------------- */

/* A client that vanished without a word is found out in two minutes. */
static void
set_options (GSocket *socket)
{
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPIDLE, 60, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPINTVL, 15, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPCNT, 4, NULL);
}

/* When all places are taken, who rests makes room: the longest idle one. */
static gboolean
make_room (HttpConnections *self)
{
  GList *idle;

  if (g_hash_table_size (self->entries) < self->limits.connections)
    return TRUE;

  idle = g_queue_peek_head_link (&self->phases[HTTP_PHASE_IDLE]);
  if (idle == NULL)
    return FALSE;
  end_entry (idle->data);

  return TRUE;
}

static void
add_entry (HttpConnections *self, GSocket *socket, GIOStream *base, Peer *peer)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->set = self;
  entry->peer = peer;
  entry->link.data = entry;
  entry->connection = http_connection_new (socket, base, &connection_watch, entry);
  g_hash_table_insert (self->entries, entry->connection, entry);
  g_queue_push_tail_link (&self->phases[HTTP_PHASE_OPENING], &entry->link);
  enter (entry, HTTP_PHASE_OPENING);
  if (peer != NULL)
    peer->n_connections++;
  start_sweeping (self);

  if (self->certificate == NULL)
    {
      open_entry (entry);
      return;
    }
  entry->tls = g_object_ref (base);
  await_handshake (entry, socket);
}

/**
 * http_connections_add:
 * @self: the connections
 * @socket: a socket that was accepted
 *
 * Takes a new connection in, or closes it when there are too many.
 *
 * Returns: whether it was taken in
 */
gboolean
http_connections_add (HttpConnections *self, GSocket *socket)
{
  g_autoptr (GIOStream) plain = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  Peer *peer = take_peer (self, socket);
  g_autoptr (GIOStream) base = NULL;

  /* With TLS every client has an address, if it is still there. */
  if ((self->certificate != NULL && peer == NULL) ||
      (peer != NULL && peer->n_connections >= self->limits.per_address) || !make_room (self))
    {
      forget_peer_if_alone (self, peer);
      return FALSE;
    }

  set_options (socket);
  base = self->certificate != NULL ? make_tls (self, plain) : g_object_ref (plain);
  if (base != NULL)
    add_entry (self, socket, base, peer);
  else
    forget_peer_if_alone (self, peer);

  return base != NULL;
}

guint
http_connections_get_n (HttpConnections *self)
{
  return g_hash_table_size (self->entries);
}

const char *
http_connections_get_address (HttpConnections *self, HttpConnection *connection)
{
  Entry *entry = g_hash_table_lookup (self->entries, connection);

  return entry != NULL && entry->peer != NULL ? entry->peer->address : NULL;
}

static void
end_all_in (HttpConnections *self, HttpPhase phase)
{
  g_autoptr (GList) entries = NULL;

  for (GList *link = self->phases[phase].head; link != NULL; link = link->next)
    entries = g_list_prepend (entries, ((Entry *) link->data)->connection);
  for (GList *link = entries; link != NULL; link = link->next)
    {
      Entry *entry = g_hash_table_lookup (self->entries, link->data);

      if (entry != NULL)
        end_entry (entry);
    }
}

void
http_connections_end_idle (HttpConnections *self)
{
  end_all_in (self, HTTP_PHASE_OPENING);
  end_all_in (self, HTTP_PHASE_IDLE);
}

/* ---- All of it ------------------------------------------------------------------------------------ */

HttpConnections *
http_connections_new (const HttpLimits *limits, GTlsCertificate *certificate, const HttpConnectionsWatch *watch,
                      gpointer data)
{
  HttpConnections *self = g_new0 (HttpConnections, 1);

  self->limits = *limits;
  g_set_object (&self->certificate, certificate);
  self->watch = watch;
  self->watch_data = data;
  self->context = g_main_context_ref_thread_default ();
  self->entries = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) entry_free);
  self->peers = g_hash_table_new (g_str_hash, g_str_equal);
  self->handshakes = g_thread_pool_new (shake_hands, NULL, HANDSHAKE_THREADS, FALSE, NULL);
  for (guint phase = 0; phase < HTTP_N_PHASES; phase++)
    g_queue_init (&self->phases[phase]);
  g_queue_init (&self->waiting);

  return self;
}

static void
end_handshakes (HttpConnections *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Entry *) value)->handshake != NULL)
      g_cancellable_cancel (((Entry *) value)->handshake->cancellable);
  g_thread_pool_free (self->handshakes, FALSE, TRUE);

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;

      if (entry->handshake == NULL)
        continue;
      g_source_destroy (entry->handshake->source);
      g_clear_pointer (&entry->handshake, handshake_free);
    }
}

void
http_connections_free (HttpConnections *self)
{
  GHashTableIter iter;
  gpointer connection;

  end_handshakes (self);
  while (g_hash_table_iter_init (&iter, self->entries), g_hash_table_iter_next (&iter, &connection, NULL))
    http_connection_discard (connection);

  stop_sweeping (self);
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->peers);
  g_clear_object (&self->certificate);
  g_main_context_unref (self->context);
  g_free (self);
}
