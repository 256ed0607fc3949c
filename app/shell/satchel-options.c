/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the command line and links say. */

#include "satchel-options.h"

#include <glib/gi18n.h>

#include "client/satchel-invitation.h"
#include "records/satchel-id.h"
#include "records/satchel-vocabulary.h"
#include "satchel-places.h"

/**
 * satchel_options_add:
 * @self: where the options go; must outlive the application's run
 * @application: the application
 *
 * Teaches the application its options.
 */
void
satchel_options_add (SatchelOptions *self, GApplication *application)
{
  const GOptionEntry entries[] = {
    { "replica", 0, 0, G_OPTION_ARG_FILENAME, &self->replica, N_ ("The file with the accounts"), N_ ("FILE") },
    { "page", 0, 0, G_OPTION_ARG_STRING, &self->page, N_ ("The place to go to: accounts, notes, sync"), N_ ("PAGE") },
    { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, &self->screenshot, N_ ("Write a picture of the window and quit"),
     N_ ("FILE") },
    { "width", 0, 0, G_OPTION_ARG_INT, &self->width, N_ ("Width of the picture"), N_ ("PIXELS") },
    { "height", 0, 0, G_OPTION_ARG_INT, &self->height, N_ ("Height of the picture"), N_ ("PIXELS") },
    { "dark", 0, 0, G_OPTION_ARG_NONE, &self->dark, N_ ("A dark picture"), NULL },
    { NULL },
  };

  g_application_add_main_option_entries (application, entries);
  g_application_set_option_context_parameter_string (application, "[satchel:TYPE/ID]");
}

static char *
dup_place_names (void)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n_places;
  const SatchelPlace *places = satchel_places_get (&n_places);

  for (guint i = 0; i < n_places; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", places[i].name);
  return g_string_free_and_steal (g_steal_pointer (&names));
}

/**
 * satchel_options_check:
 * @self: the options as they were given
 * @error: return location
 *
 * Returns: %FALSE when they make no sense
 */
gboolean
satchel_options_check (const SatchelOptions *self, GError **error)
{
  g_autofree char *names = NULL;

  if (self->page != NULL && satchel_places_lookup (self->page) == NULL)
    {
      names = dup_place_names ();
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("There is no page “%s”. There are: %s."),
                   self->page, names);
      return FALSE;
    }
  if (self->width < 0 || self->height < 0 || self->width > 16384 || self->height > 16384)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _ ("Width and height are pixels, from 1 to 16384."));
      return FALSE;
    }
  return TRUE;
}

void
satchel_options_clear (SatchelOptions *self)
{
  g_clear_pointer (&self->replica, g_free);
  g_clear_pointer (&self->page, g_free);
  g_clear_pointer (&self->screenshot, g_free);
}

/* ---- Links ---- */

static SatchelUri *
refuse (const char *text, GError **error)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("“%s” is not a link that Satchel knows."), text);
  return NULL;
}

static SatchelUri *
parse_invitation (const char *text, const char *query, GError **error)
{
  g_autoptr (GHashTable) params = NULL;
  SatchelUri *self;

  params = g_uri_parse_params (query != NULL ? query : "", -1, "&", G_URI_PARAMS_NONE, NULL);
  if (params == NULL || g_hash_table_lookup (params, "server") == NULL)
    return refuse (text, error);
  self = g_new0 (SatchelUri, 1);
  /* With a code, the whole link is what is typed in the place of the address. */
  self->server = g_strdup (satchel_invitation_is_link (text) ? text : g_hash_table_lookup (params, "server"));
  self->user = g_strdup (g_hash_table_lookup (params, "user"));
  return self;
}

static SatchelUri *
parse_record (const char *text, const char *path, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", 2);
  SatchelUri *self;

  if (g_strv_length (parts) != 2 || !satchel_id_is_valid (parts[1]) ||
      satchel_vocabulary_lookup (satchel_vocabulary_get_default (), parts[0]) == NULL)
    return refuse (text, error);
  self = g_new0 (SatchelUri, 1);
  self->type = g_strdup (parts[0]);
  self->id = g_strdup (parts[1]);
  return self;
}

/**
 * satchel_uri_parse:
 * @text: a `satchel:` link
 * @error: return location
 *
 * Returns: (transfer full) (nullable): what it leads to
 */
SatchelUri *
satchel_uri_parse (const char *text, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED_QUERY, NULL);
  const char *path;

  if (uri == NULL || g_strcmp0 (g_uri_get_scheme (uri), "satchel") != 0)
    return refuse (text, error);
  path = g_uri_get_path (uri);
  if (g_str_equal (path, "connect"))
    return parse_invitation (text, g_uri_get_query (uri), error);
  return parse_record (text, path, error);
}

void
satchel_uri_free (SatchelUri *self)
{
  g_free (self->type);
  g_free (self->id);
  g_free (self->server);
  g_free (self->user);
  g_free (self);
}
