/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "satchel-connection-private.h"

static gboolean
refuse (GError **error, const char *text, const char *reason)
{
  g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_ADDRESS,
               _ ("“%s” is not the address of a server: %s. Nothing was sent; an address looks like "
                  "“https://crm.example.org” or “crm.example.org:8443”."),
               text, reason);
  return FALSE;
}

static gboolean
check_parts (const char *text, GUri *uri, GError **error)
{
  const char *path = g_uri_get_path (uri), *host = g_uri_get_host (uri);

  if (g_strcmp0 (g_uri_get_scheme (uri), "http") == 0)
    return refuse (error, text, _ ("it is without encryption (http), and Satchel sends nothing without encryption"));
  if (g_strcmp0 (g_uri_get_scheme (uri), "https") != 0)
    return refuse (error, text, _ ("it must begin with https://"));
  if (host == NULL || *host == '\0' || strpbrk (host, " \t%") != NULL)
    return refuse (error, text, _ ("it names no computer"));
  if (g_uri_get_userinfo (uri) != NULL)
    return refuse (error, text, _ ("names and passwords do not belong into it"));
  if ((path != NULL && *path != '\0' && strcmp (path, "/") != 0) || g_uri_get_query (uri) != NULL ||
      g_uri_get_fragment (uri) != NULL)
    return refuse (error, text, _ ("something follows the name of the computer"));
  if (g_uri_get_port (uri) == 0)
    return refuse (error, text, _ ("it has the port 0"));

  return TRUE;
}

static char *
join_parts (GUri *uri)
{
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (uri), -1);
  gboolean brackets = strchr (host, ':') != NULL;
  int port = g_uri_get_port (uri);

  if (port > 0 && port != 443)
    return g_strdup_printf (brackets ? "https://[%s]:%d" : "https://%s:%d", host, port);

  return g_strdup_printf (brackets ? "https://[%s]" : "https://%s", host);
}

/* Private: reads an address as a person writes it: with or without https://, a port, a slash at the end. */
char *
satchel_address_normalise (const char *text, GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  g_autofree char *full = strstr (stripped, "://") != NULL ? g_strdup (stripped)
                                                           : g_strconcat ("https://", stripped, NULL);
  g_autoptr (GUri) uri = NULL;

  if (*stripped == '\0')
    return refuse (error, stripped, _ ("it is empty")), NULL;
  uri = g_uri_parse (full, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL)
    return refuse (error, stripped, _ ("it cannot be read")), NULL;

  return check_parts (stripped, uri, error) ? join_parts (uri) : NULL;
}

/* Private: the host of an address in normal form. */
char *
satchel_address_get_host (const char *server)
{
  g_autoptr (GUri) uri = g_uri_parse (server, G_URI_FLAGS_NONE, NULL);

  g_assert (uri != NULL);

  return g_strdup (g_uri_get_host (uri));
}
