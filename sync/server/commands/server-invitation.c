/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Links that bring a device to this server. */

#include "satchel-config.h"

#include "server-invitation.h"

#include <gio/gio.h>
#include <string.h>

#define HTTPS_PORT "443"

static GTlsCertificate *
load (ServerSettings *settings, const char *name)
{
  const char *folder = server_settings_get (settings, SERVER_SETTING_DATA_DIR);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, "tls", name, NULL) : NULL;

  return path != NULL ? g_tls_certificate_new_from_file (path, NULL) : NULL;
}

/* The certificate that is served with, when it is of our own making. */
static GTlsCertificate *
load_own (ServerSettings *settings)
{
  const char *served = server_settings_get (settings, SERVER_SETTING_TLS_CERTIFICATE);
  const char *folder = server_settings_get (settings, SERVER_SETTING_DATA_DIR);
  g_autofree char *own = folder != NULL ? g_build_filename (folder, "tls", "server.pem", NULL) : NULL;

  return g_strcmp0 (own, served) == 0 ? load (settings, "server.pem") : NULL;
}

/* ---- The server's address ------------------------------------------------------------------------- */

static char *
find_name (GTlsCertificate *certificate)
{
  g_autoptr (GPtrArray) names = g_tls_certificate_get_dns_names (certificate);
  g_autoptr (GPtrArray) addresses = NULL;
  gsize length;
  const char *name;

  if (names != NULL && names->len > 0)
    {
      name = g_bytes_get_data (g_ptr_array_index (names, 0), &length);
      return g_strndup (name, length);
    }

  addresses = g_tls_certificate_get_ip_addresses (certificate);

  return addresses != NULL && addresses->len > 0 ? g_inet_address_to_string (g_ptr_array_index (addresses, 0)) : NULL;
}

static char *
join (const char *name, const char *port)
{
  gboolean colons = strchr (name, ':') != NULL;

  if (strcmp (port, HTTPS_PORT) == 0)
    return g_strdup_printf (colons ? "https://[%s]" : "https://%s", name);

  return g_strdup_printf (colons ? "https://[%s]:%s" : "https://%s:%s", name, port);
}

/* As it was set, or the first name of the certificate with the port of the listener. */
static char *
find_url (ServerSettings *settings)
{
  const char *set = server_settings_get (settings, SERVER_SETTING_URL);
  const char *listen = server_settings_get (settings, SERVER_SETTING_LISTEN);
  const char *port = strrchr (listen, ':');
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autofree char *name = NULL;

  if (set != NULL)
    return g_strdup (set);
  if (g_str_has_prefix (listen, "unix:") || port == NULL || strcmp (port, ":0") == 0 ||
      server_settings_get_boolean (settings, SERVER_SETTING_BEHIND_PROXY))
    return NULL;

  certificate = load_own (settings);
  name = certificate != NULL ? find_name (certificate) : NULL;

  return name != NULL ? join (name, port + 1) : NULL;
}

/* ---- The link ------------------------------------------------------------------------------------- */

/* What a device recognises a private authority by that it has never seen. */
static char *
find_fingerprint (ServerSettings *settings)
{
  g_autoptr (GTlsCertificate) own = load_own (settings);
  g_autoptr (GTlsCertificate) authority = own != NULL ? load (settings, "ca.pem") : NULL;
  g_autoptr (GByteArray) der = NULL;

  if (authority == NULL)
    return NULL;
  g_object_get (authority, "certificate", &der, NULL);

  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
}

/**
 * server_invitation_make_link:
 * @settings: loaded settings
 * @code: the code of an invitation
 *
 * Returns: (transfer full) (nullable): a link that holds all that a device needs to sign in
 */
char *
server_invitation_make_link (ServerSettings *settings, const char *code)
{
  g_autofree char *url = find_url (settings);
  g_autofree char *server = url != NULL ? g_uri_escape_string (url, NULL, FALSE) : NULL;
  g_autofree char *fingerprint = find_fingerprint (settings);

  if (url == NULL)
    return NULL;

  return g_strconcat ("satchel:connect?server=", server, "&code=", code, fingerprint != NULL ? "&authority=" : NULL,
                      fingerprint, NULL);
}
