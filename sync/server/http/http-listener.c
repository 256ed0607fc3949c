/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Listening: on addresses, on names, on a socket in the file system. */

#include "satchel-config.h"

#include "http-listener.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 1024
#define ACCEPTS_AT_ONCE 64
#define PAUSE_MS 200
#define UNIX_PREFIX "unix:"

/**
 * HttpListener:
 * @host: as it was given
 * @path: (nullable): of a socket in the file system
 * @inherited: somebody else made the sockets, and looks after them
 * @sockets: (element-type GSocket)
 * @sources: (element-type GSource): while it accepts
 * @pause: (nullable): until it accepts again
 */
struct _HttpListener
{
  char *host;
  guint16 port;
  char *path;
  gboolean inherited;
  GStatBuf file;
  GPtrArray *sockets;
  GPtrArray *sources;
  GSource *pause;

  HttpAcceptFunc func;
  gpointer data;
};

/* ---- Where ---------------------------------------------------------------------------------------- */

static gboolean
parse_address (HttpListener *self, const char *where, GError **error)
{
  const char *colon = strrchr (where, ':');
  gboolean bracketed = *where == '[' && colon != NULL && colon > where && colon[-1] == ']';
  guint64 port;

  if (colon == NULL || colon == where || !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &port, NULL) ||
      (!bracketed && memchr (where, ':', (gsize) (colon - where)) != NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“%s” is nowhere to listen. It is ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH."), where);
      return FALSE;
    }

  self->port = (guint16) port;
  self->host = bracketed ? g_strndup (where + 1, (gsize) (colon - where) - 2)
                         : g_strndup (where, (gsize) (colon - where));

  return TRUE;
}

static GList *
look_up (HttpListener *self, GError **error)
{
  g_autoptr (GResolver) resolver = NULL;
  g_autoptr (GError) failed = NULL;
  GInetAddress *address = g_inet_address_new_from_string (self->host);
  GList *addresses;

  if (address != NULL)
    return g_list_prepend (NULL, address);

  resolver = g_resolver_get_default ();
  addresses = g_resolver_lookup_by_name (resolver, self->host, NULL, &failed);
  if (addresses == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("This computer has no address of the name “%s”."),
                 self->host);

  return addresses;
}

/* ---- Sockets -------------------------------------------------------------------------------------- */

static GSocket *
open_socket (GSocketAddress *address, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM,
                                             G_SOCKET_PROTOCOL_DEFAULT, error);

  if (socket == NULL)
    return NULL;

  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, BACKLOG);
  if (!g_socket_bind (socket, address, TRUE, error) || !g_socket_listen (socket, error))
    return NULL;

  return g_steal_pointer (&socket);
}

/* When any port will do, all addresses of a name take the one that the first was given. */
static gboolean
note_port (HttpListener *self, GSocket *socket, GError **error)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, error);

  if (address == NULL)
    return FALSE;
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));

  return TRUE;
}

static gboolean
open_address (HttpListener *self, GInetAddress *host, GError **error)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (host, self->port);
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) failed = NULL;

  socket = open_socket (address, &failed);
  if (socket != NULL)
    {
      g_ptr_array_add (self->sockets, g_object_ref (socket));
      return note_port (self, socket, error);
    }

  if (g_error_matches (failed, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                 _ ("Port %u of %s is in use: perhaps the server is running already."), self->port, self->host);
  else
    g_set_error (error, failed->domain, failed->code, _ ("Listening on port %u of %s is not possible: %s."), self->port,
                 self->host, failed->message);

  return FALSE;
}

/* A name may have addresses that this computer cannot use; one that it can is enough. */
static gboolean
open_addresses (HttpListener *self, GList *addresses, GError **error)
{
  g_autoptr (GError) failed = NULL;

  for (GList *link = addresses; link != NULL; link = link->next)
    {
      g_clear_error (&failed);
      if (!open_address (self, link->data, &failed) && g_error_matches (failed, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        break;
    }

  if (self->sockets->len > 0 && !g_error_matches (failed, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failed));

  return FALSE;
}

static gboolean
listen_on_address (HttpListener *self, const char *where, GError **error)
{
  GList *addresses;
  gboolean opened;

  if (!parse_address (self, where, error))
    return FALSE;
  addresses = look_up (self, error);
  if (addresses == NULL)
    return FALSE;

  opened = open_addresses (self, addresses, error);
  g_resolver_free_addresses (addresses);

  return opened;
}

/* ---- A socket in the file system ------------------------------------------------------------------ */

static gboolean
is_answered (GSocketAddress *address)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                             NULL);

  return socket != NULL && g_socket_connect (socket, address, NULL, NULL);
}

/* A server that was killed leaves its socket behind. */
static gboolean
remove_stale (const char *path, GSocketAddress *address, GError **error)
{
  GStatBuf file;

  if (g_lstat (path, &file) != 0)
    return TRUE;
  if (!S_ISSOCK (file.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _ ("%s is there already, and is not a socket."), path);
  else if (is_answered (address))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                 _ ("%s is in use: perhaps the server is running already."), path);
  else
    return g_unlink (path) == 0 || errno == ENOENT;

  return FALSE;
}

static gboolean
listen_on_path (HttpListener *self, const char *path, GError **error)
{
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  mode_t mask;

  if (*path == '\0' || strlen (path) >= 108)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“unix:” takes the path of a socket, not longer than 107 bytes."));
      return FALSE;
    }

  address = g_unix_socket_address_new (path);
  if (!remove_stale (path, address, error))
    return FALSE;

  mask = umask (0117);
  socket = open_socket (address, error);
  umask (mask);
  if (socket == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  self->path = g_strdup (path);
  g_lstat (path, &self->file);
  g_ptr_array_add (self->sockets, g_steal_pointer (&socket));

  return TRUE;
}

/* Only our own: meanwhile another server may have put its socket there. */
static void
remove_own (HttpListener *self)
{
  GStatBuf file;

  if (self->path != NULL && !self->inherited && g_lstat (self->path, &file) == 0 && file.st_ino == self->file.st_ino &&
      file.st_dev == self->file.st_dev)
    g_unlink (self->path);
}

/* ---- Accepting ------------------------------------------------------------------------------------ */

static void start_accepting (HttpListener *self);

static void
stop_accepting (HttpListener *self)
{
  for (guint i = 0; i < self->sources->len; i++)
    g_source_destroy (g_ptr_array_index (self->sources, i));
  g_ptr_array_set_size (self->sources, 0);
  if (self->pause != NULL)
    g_source_destroy (self->pause);
  g_clear_pointer (&self->pause, g_source_unref);
}

static gboolean
resume_cb (gpointer data)
{
  HttpListener *self = data;

  stop_accepting (self);
  start_accepting (self);

  return G_SOURCE_REMOVE;
}

/* No files are left: whoever waits is taken in later. */
static void
pause_accepting (HttpListener *self)
{
  stop_accepting (self);
  self->pause = g_timeout_source_new (PAUSE_MS);
  g_source_set_callback (self->pause, resume_cb, self, NULL);
  g_source_attach (self->pause, g_main_context_get_thread_default ());
}

static gboolean
accept_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  HttpListener *self = data;

  for (guint i = 0; i < ACCEPTS_AT_ONCE; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocket) client = g_socket_accept (socket, NULL, &error);

      if (client != NULL)
        {
          g_socket_set_blocking (client, TRUE);
          self->func (client, self->data);
        }
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return G_SOURCE_CONTINUE;
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
        {
          g_message ("Clients cannot connect just now: %s", error->message);
          pause_accepting (self);
          return G_SOURCE_REMOVE;
        }
    }

  return G_SOURCE_CONTINUE;
}

static void
start_accepting (HttpListener *self)
{
  for (guint i = 0; i < self->sockets->len; i++)
    {
      GSource *source = g_socket_create_source (g_ptr_array_index (self->sockets, i), G_IO_IN, NULL);

      g_source_set_callback (source, G_SOURCE_FUNC (accept_cb), self, NULL);
      g_source_attach (source, g_main_context_get_thread_default ());
      g_ptr_array_add (self->sources, source);
    }
}

void
http_listener_start (HttpListener *self, HttpAcceptFunc func, gpointer data)
{
  self->func = func;
  self->data = data;
  start_accepting (self);
}

void
http_listener_stop (HttpListener *self)
{
  stop_accepting (self);
  for (guint i = 0; i < self->sockets->len; i++)
    g_socket_close (g_ptr_array_index (self->sockets, i), NULL);
  g_ptr_array_set_size (self->sockets, 0);
  remove_own (self);
  g_clear_pointer (&self->path, g_free);
}

/* ---- All of it ------------------------------------------------------------------------------------ */

static HttpListener *
listener_new (void)
{
  HttpListener *self = g_new0 (HttpListener, 1);

  self->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  self->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) g_source_unref);

  return self;
}

/**
 * http_listener_new:
 * @where: ADDRESS:PORT, NAME:PORT, [ADDRESS]:PORT or unix:PATH; port 0 is any free one
 * @error: return location for an error: %G_OPTION_ERROR when @where cannot be understood
 *
 * Returns: (transfer full) (nullable): a listener that takes nobody in yet
 */
HttpListener *
http_listener_new (const char *where, GError **error)
{
  g_autoptr (HttpListener) self = listener_new ();
  gboolean listening;

  listening = g_str_has_prefix (where, UNIX_PREFIX) ? listen_on_path (self, where + strlen (UNIX_PREFIX), error)
                                                    : listen_on_address (self, where, error);

  return listening ? g_steal_pointer (&self) : NULL;
}

static gboolean
note_address (HttpListener *self, GSocket *socket, GError **error)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, error);
  GInetAddress *host;

  if (address == NULL)
    return FALSE;
  if (G_IS_UNIX_SOCKET_ADDRESS (address))
    {
      g_set_str (&self->path, g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address)));
      return TRUE;
    }

  host = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address));
  g_free (self->host);
  self->host = g_inet_address_to_string (host);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));

  return TRUE;
}

static gboolean
inherit (HttpListener *self, int file, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (file, error);
  int listening = 0;

  if (socket == NULL)
    return FALSE;
  if (g_socket_get_socket_type (socket) != G_SOCKET_TYPE_STREAM ||
      !g_socket_get_option (socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, NULL) || !listening)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("The service manager handed over a socket that nobody can connect to."));
      return FALSE;
    }

  g_socket_set_blocking (socket, FALSE);
  g_ptr_array_add (self->sockets, g_object_ref (socket));

  return note_address (self, socket, error);
}

HttpListener *
http_listener_new_inherited (int first, guint n, GError **error)
{
  g_autoptr (HttpListener) self = listener_new ();

  self->inherited = TRUE;
  for (guint i = 0; i < n; i++)
    if (!inherit (self, first + (int) i, error))
      return NULL;

  if (self->path == NULL || self->host == NULL)
    return g_steal_pointer (&self);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _ ("The service manager handed over sockets of two kinds; please use one."));

  return NULL;
}

void
http_listener_free (HttpListener *self)
{
  http_listener_stop (self);
  g_ptr_array_unref (self->sources);
  g_ptr_array_unref (self->sockets);
  g_free (self->host);
  g_free (self);
}

gboolean
http_listener_is_unix (HttpListener *self)
{
  return self->path != NULL;
}

gboolean
http_listener_is_local (HttpListener *self)
{
  for (guint i = 0; self->path == NULL && i < self->sockets->len; i++)
    {
      g_autoptr (GSocketAddress) address = g_socket_get_local_address (g_ptr_array_index (self->sockets, i), NULL);

      if (address == NULL ||
          !g_inet_address_get_is_loopback (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))))
        return FALSE;
    }

  return TRUE;
}

char *
http_listener_dup_url (HttpListener *self, gboolean tls)
{
  gboolean colons = self->path == NULL && strchr (self->host, ':') != NULL;

  if (self->path != NULL)
    return g_strconcat (UNIX_PREFIX, self->path, NULL);

  return g_strdup_printf (colons ? "%s://[%s]:%u" : "%s://%s:%u", tls ? "https" : "http", self->host, self->port);
}
