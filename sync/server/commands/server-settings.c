/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings of satchel-server: one table; from it come the flags, the names in the environment and in the
 * configuration file, and what `check` prints. A flag stands over the environment, which stands over the file. */

#include "satchel-config.h"

#include "server-settings.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#define FILE_GROUP "satchel-server"
#define MAX_COUNT 1000000

typedef enum
{
  KIND_TEXT,
  KIND_BOOLEAN,
  KIND_SECONDS,
  KIND_COUNT,
} SettingKind;

typedef struct
{
  const char *name;
  SettingKind kind;
  const char *fallback;
  const char *argument;
  const char *description;
} Setting;

static const Setting settings[SERVER_N_SETTINGS] = {
  [SERVER_SETTING_DATA_DIR] = { "data-dir",                KIND_TEXT,    NULL,             N_ ("DIR"),                    N_ ("Where the server keeps everything")  },
  [SERVER_SETTING_DATABASE] = { "database",                KIND_TEXT,    NULL,             N_ ("sqlite:PATH"),
                               N_ ("The store, if not DIR/satchel.db")                                                                                              },
  [SERVER_SETTING_LISTEN] = { "listen",                  KIND_TEXT,    "127.0.0.1:8443", N_ ("ADDRESS:PORT|unix:PATH"),
                               N_ ("Where to listen; port 0: any free one")                                                                                         },
  [SERVER_SETTING_TLS_CERTIFICATE] = { "tls-certificate",         KIND_TEXT,    NULL,             N_ ("FILE"),
                               N_ ("The certificate, if not DIR/tls/server.pem")                                                                                    },
  [SERVER_SETTING_TLS_KEY] = { "tls-key",                 KIND_TEXT,    NULL,             N_ ("FILE"),                   N_ ("Its key, if not DIR/tls/server.key") },
  [SERVER_SETTING_BEHIND_PROXY] = { "behind-proxy",            KIND_BOOLEAN, "false",          NULL,
                               N_ ("A proxy in front does TLS; listen only where none but it can connect")                                                          },
  [SERVER_SETTING_TOKEN_LIFETIME] = { "token-lifetime",          KIND_SECONDS, "15552000",       N_ ("SECONDS"),
                               N_ ("How long a device stays signed in (180 days)")                                                                                  },
  [SERVER_SETTING_HEAD_TIMEOUT] = { "head-timeout",            KIND_SECONDS, "10",             N_ ("SECONDS"),
                               N_ ("How long a client may take to begin and to say what it wants")                                                                  },
  [SERVER_SETTING_BODY_TIMEOUT] = { "body-timeout",            KIND_SECONDS, "30",             N_ ("SECONDS"),
                               N_ ("How long a client may send nothing, or take nothing, on the way")                                                               },
  [SERVER_SETTING_IDLE_TIMEOUT] = { "idle-timeout",            KIND_SECONDS, "90",             N_ ("SECONDS"),
                               N_ ("How long a connection stays open between two requests")                                                                         },
  [SERVER_SETTING_CONNECTIONS] = { "connections",             KIND_COUNT,   "12000",          N_ ("NUMBER"),
                               N_ ("How many connections there may be at once")                                                                                     },
  [SERVER_SETTING_CONNECTIONS_PER_ADDRESS] = { "connections-per-address", KIND_COUNT,   "500",            N_ ("NUMBER"),
                               N_ ("How many of them from one address; a proxy counts by itself")                                                                   },
};

/**
 * ServerSettings:
 * @flags: what was said on the command line
 * @values: what holds
 * @origins: where it comes from, for `check`
 */
struct _ServerSettings
{
  GOptionEntry options[SERVER_N_SETTINGS + 2];
  char *config;
  char *flags[SERVER_N_SETTINGS];
  gboolean switches[SERVER_N_SETTINGS];
  char *values[SERVER_N_SETTINGS];
  const char *origins[SERVER_N_SETTINGS];
};

static void
make_options (ServerSettings *self)
{
  self->options[0] = (GOptionEntry) {
    "config", 0, 0, G_OPTION_ARG_FILENAME, &self->config, N_ ("A file with these settings"), N_ ("FILE")
  };
  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    {
      gboolean is_switch = settings[i].kind == KIND_BOOLEAN;

      self->options[i + 1] = (GOptionEntry) { settings[i].name,
                                              0,
                                              0,
                                              is_switch ? G_OPTION_ARG_NONE : G_OPTION_ARG_STRING,
                                              is_switch ? (gpointer) &self->switches[i] : (gpointer) &self->flags[i],
                                              settings[i].description,
                                              settings[i].argument };
    }
}

/**
 * server_settings_new:
 *
 * Returns: (transfer full): settings that know nothing yet
 */
ServerSettings *
server_settings_new (void)
{
  ServerSettings *self = g_new0 (ServerSettings, 1);

  make_options (self);
  return self;
}

void
server_settings_free (ServerSettings *self)
{
  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    {
      g_free (self->flags[i]);
      g_free (self->values[i]);
    }
  g_free (self->config);
  g_free (self);
}

const GOptionEntry *
server_settings_get_options (ServerSettings *self)
{
  return self->options;
}

static void
take (ServerSettings *self, guint id, char *value, const char *origin)
{
  if (value == NULL || self->values[id] != NULL)
    {
      g_free (value);
      return;
    }

  self->values[id] = value;
  self->origins[id] = origin;
}

/* SATCHEL_DATA_DIR, or with @suffix the file that holds it. */
static const char *
get_environment (const char *name, const char *suffix)
{
  g_autofree char *upper = g_ascii_strup (name, -1);
  g_autofree char *variable = g_strdup_printf ("SATCHEL_%s%s", g_strdelimit (upper, "-", '_'), suffix);
  const char *value = g_getenv (variable);

  return value != NULL && *value != '\0' ? value : NULL;
}

static gboolean
take_environment (ServerSettings *self, guint id, GError **error)
{
  const char *path = get_environment (settings[id].name, "_FILE");
  g_autofree char *contents = NULL;

  take (self, id, g_strdup (get_environment (settings[id].name, "")), _ ("environment"));
  if (path == NULL || self->values[id] != NULL)
    return TRUE;
  if (!g_file_get_contents (path, &contents, NULL, error))
    return FALSE;

  take (self, id, g_strdup (g_strstrip (contents)), _ ("file named in the environment"));
  return TRUE;
}

static gboolean
is_known (const char *key)
{
  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    if (strcmp (settings[i].name, key) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
check_keys (GKeyFile *file, const char *path, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, FILE_GROUP, NULL, error);

  if (keys == NULL)
    return FALSE;

  for (guint i = 0; keys[i] != NULL; i++)
    if (!is_known (keys[i]))
      {
        g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND, _ ("%s: there is no setting “%s”."), path,
                     keys[i]);
        return FALSE;
      }

  return TRUE;
}

static gboolean
take_file (ServerSettings *self, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  const char *path = self->config != NULL ? self->config : get_environment ("config", "");

  if (path == NULL)
    return TRUE;
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, error) || !check_keys (file, path, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    take (self, i, g_key_file_get_string (file, FILE_GROUP, settings[i].name, NULL), _ ("configuration file"));
  return TRUE;
}

static gboolean
check_value (guint id, const char *value, GError **error)
{
  guint64 number;

  if (settings[id].kind == KIND_SECONDS &&
      !g_ascii_string_to_unsigned (value, 10, 0, 100LL * 366 * 24 * 3600, &number, NULL))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("“%s” takes a number of seconds, not “%s”."),
                 settings[id].name, value);
  else if (settings[id].kind == KIND_COUNT && !g_ascii_string_to_unsigned (value, 10, 1, MAX_COUNT, &number, NULL))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("“%s” takes a number from 1, not “%s”."),
                 settings[id].name, value);
  else if (settings[id].kind == KIND_BOOLEAN && strcmp (value, "true") != 0 && strcmp (value, "false") != 0)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("“%s” takes true or false, not “%s”."),
                 settings[id].name, value);
  else
    return TRUE;

  return FALSE;
}

/* The paths that follow from the data folder. */
static void
take_derived (ServerSettings *self)
{
  const char *folder = self->values[SERVER_SETTING_DATA_DIR];

  if (folder == NULL)
    return;

  take (self, SERVER_SETTING_DATABASE, g_strdup_printf ("sqlite:%s/satchel.db", folder), _ ("default"));
  take (self, SERVER_SETTING_TLS_CERTIFICATE, g_build_filename (folder, "tls", "server.pem", NULL), _ ("default"));
  take (self, SERVER_SETTING_TLS_KEY, g_build_filename (folder, "tls", "server.key", NULL), _ ("default"));
}

/**
 * server_settings_load:
 * @self: settings whose flags have been parsed
 * @error: return location for an error
 *
 * Lays flags over environment over file over defaults.
 *
 * Returns: %FALSE when a file cannot be read or a value does not fit
 */
gboolean
server_settings_load (ServerSettings *self, GError **error)
{
  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    take (self, i, self->switches[i] ? g_strdup ("true") : g_strdup (self->flags[i]), _ ("command line"));
  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    if (!take_environment (self, i, error))
      return FALSE;
  if (!take_file (self, error))
    return FALSE;

  take_derived (self);
  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    {
      take (self, i, g_strdup (settings[i].fallback), _ ("default"));
      if (self->values[i] != NULL && !check_value (i, self->values[i], error))
        return FALSE;
    }

  return TRUE;
}

/**
 * server_settings_get:
 * @self: loaded settings
 * @id: which
 *
 * Returns: (nullable): its value
 */
const char *
server_settings_get (ServerSettings *self, ServerSettingId id)
{
  return self->values[id];
}

gboolean
server_settings_get_boolean (ServerSettings *self, ServerSettingId id)
{
  return g_strcmp0 (self->values[id], "true") == 0;
}

gint64
server_settings_get_integer (ServerSettings *self, ServerSettingId id)
{
  return g_ascii_strtoll (self->values[id], NULL, 10);
}

/* Without the user and the password that an address may hold. */
static char *
redact (const char *value)
{
  const char *scheme = strstr (value, "://");
  const char *at = scheme == NULL ? NULL : strrchr (scheme, '@');

  if (at == NULL)
    return g_strdup (value);

  return g_strdup_printf ("%.*s…%s", (int) (scheme + strlen ("://") - value), value, at);
}

void
server_settings_print (ServerSettings *self)
{
  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    if (self->values[i] != NULL)
      {
        g_autofree char *shown = redact (self->values[i]);

        printf ("%-24s %s (%s)\n", settings[i].name, shown, self->origins[i]);
      }
}
