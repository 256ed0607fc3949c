/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Links that an administrator gives somebody: `satchel:connect?server=…&code=…&authority=…`. */

#include "satchel-config.h"

#include "satchel-invitation.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "satchel-connection.h"

#define PREFIX "satchel:connect?"
#define FINGERPRINT_LETTERS 64

static gboolean
refuse (GError **error)
{
  g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_ADDRESS,
               _ ("This link is not whole. Nothing was sent; copy all of it, or ask for a new one."));

  return FALSE;
}

static gboolean
is_fingerprint (const char *text)
{
  return strlen (text) == FINGERPRINT_LETTERS && strspn (text, "0123456789abcdef") == FINGERPRINT_LETTERS;
}

static gboolean
read_parameters (SatchelInvitation *self, const char *text, GError **error)
{
  g_autoptr (GHashTable) parameters = g_uri_parse_params (text, -1, "&", G_URI_PARAMS_NONE, NULL);

  if (parameters == NULL)
    return refuse (error);

  self->server = g_strdup (g_hash_table_lookup (parameters, "server"));
  self->code = g_strdup (g_hash_table_lookup (parameters, "code"));
  self->authority = g_strdup (g_hash_table_lookup (parameters, "authority"));

  return (self->server != NULL && self->code != NULL &&
          (self->authority == NULL || is_fingerprint (self->authority))) ||
         refuse (error);
}

gboolean
satchel_invitation_is_link (const char *text)
{
  return g_str_has_prefix (text, PREFIX) && (strstr (text, "?code=") != NULL || strstr (text, "&code=") != NULL);
}

/**
 * satchel_invitation_parse:
 * @link: a link as somebody was given it
 * @error: set to %SATCHEL_SYNC_ERROR_ADDRESS
 *
 * Returns: (transfer full) (nullable): what it says
 */
SatchelInvitation *
satchel_invitation_parse (const char *link, GError **error)
{
  g_autoptr (SatchelInvitation) self = g_new0 (SatchelInvitation, 1);

  if (!g_str_has_prefix (link, PREFIX))
    {
      refuse (error);
      return NULL;
    }

  return read_parameters (self, link + strlen (PREFIX), error) ? g_steal_pointer (&self) : NULL;
}

void
satchel_invitation_free (SatchelInvitation *self)
{
  g_free (self->server);
  g_free (self->code);
  g_free (self->authority);
  g_free (self);
}
