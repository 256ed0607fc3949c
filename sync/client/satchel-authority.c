/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A private authority that is known by its fingerprint alone. The server sends its certificate with its own when TLS is
 * set up; nothing else is said on that connection. */

#include "satchel-config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "satchel-connection-private.h"
#include "satchel-invitation.h"

#define HTTPS_PORT 443
#define TIMEOUT_SECONDS 15

/* ---- Asking --------------------------------------------------------------------------------------- */

static gboolean
accept_cb (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags flags, gpointer data)
{
  GTlsCertificate **seen = data;

  g_set_object (seen, certificate);

  return FALSE;
}

static void
event_cb (GSocketClient *client, GSocketClientEvent event, GSocketConnectable *connectable, GIOStream *stream,
          gpointer data)
{
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    g_signal_connect (stream, "accept-certificate", G_CALLBACK (accept_cb), data);
}

/* What the server shows of itself, trusted or not; NULL: it is not there, or a known authority has signed it. */
static GTlsCertificate *
see_certificate (const char *server, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  GTlsCertificate *seen = NULL;

  g_socket_client_set_tls (client, TRUE);
  g_socket_client_set_timeout (client, TIMEOUT_SECONDS);
  g_signal_connect (client, "event", G_CALLBACK (event_cb), &seen);
  connection = g_socket_client_connect_to_uri (client, server, HTTPS_PORT, cancellable, error);

  return seen;
}

static char *
dup_fingerprint (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;

  g_object_get (certificate, "certificate", &der, NULL);

  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
}

static GTlsCertificate *
find_in_chain (GTlsCertificate *certificate, const char *fingerprint)
{
  for (; certificate != NULL; certificate = g_tls_certificate_get_issuer (certificate))
    {
      g_autofree char *found = dup_fingerprint (certificate);

      if (strcmp (found, fingerprint) == 0)
        return certificate;
    }

  return NULL;
}

/* ---- Keeping -------------------------------------------------------------------------------------- */

static char *
get_path (const char *fingerprint)
{
  g_autofree char *name = g_strconcat (fingerprint, ".pem", NULL);

  return g_build_filename (g_get_user_data_dir (), "satchel", "authorities", name, NULL);
}

static char *
keep (GTlsCertificate *authority, const char *fingerprint, GError **error)
{
  g_autofree char *path = get_path (fingerprint);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *pem = NULL;

  g_object_get (authority, "certificate-pem", &pem, NULL);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s could not be made: %s."), folder,
                   g_strerror (errno));
      return NULL;
    }

  return g_file_set_contents (path, pem, -1, error) ? g_steal_pointer (&path) : NULL;
}

static void
refuse (const char *host, GError **error)
{
  g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNTRUSTED,
               _ ("The server at “%s” has another certificate than the invitation says, so it may be somebody else’s. "
                  "Nothing was sent to it; ask for a new invitation."),
               host);
}

/**
 * satchel_authority_fetch:
 * @server: the server's address
 * @fingerprint: SHA-256 of the authority's certificate, in hex
 * @cancellable: (nullable): stops it
 * @error: set to a #SatchelSyncError, or %G_IO_ERROR_CANCELLED
 *
 * Looks at the certificates that a server shows, and keeps the one with that
 * fingerprint in `$XDG_DATA_HOME/satchel/authorities`. Blocks.
 *
 * Returns: (transfer full) (nullable): the file, to be trusted from then on
 */
char *
satchel_authority_fetch (const char *server, const char *fingerprint, GCancellable *cancellable, GError **error)
{
  g_autofree char *normal = satchel_address_normalise (server, error);
  g_autofree char *host = normal != NULL ? satchel_address_get_host (normal) : NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  GTlsCertificate *authority;
  GError *reason = NULL;

  if (normal == NULL)
    return NULL;

  certificate = see_certificate (normal, cancellable, &reason);
  if (certificate == NULL && reason != NULL)
    {
      satchel_sync_error_set_transport (error, host, reason);
      return NULL;
    }
  g_clear_error (&reason);
  authority = find_in_chain (certificate, fingerprint);
  if (authority == NULL)
    {
      refuse (host, error);
      return NULL;
    }

  return keep (authority, fingerprint, error);
}
