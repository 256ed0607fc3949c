/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings of satchel-server: one table; from it come the flags, the names in the environment and in the
 * configuration file, and what `check` prints. A flag stands over the environment, which stands over the file. */

#include "satchel-config.h"

#include "server-settings.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define FILE_GROUP "satchel-server"
#define MAX_COUNT 1000000
#define MAX_SECONDS (G_GUINT64_CONSTANT (100) * 366 * 24 * 3600)

typedef enum
{
  KIND_TEXT,
  KIND_BOOLEAN,
  KIND_SECONDS,
  KIND_COUNT,
  KIND_CHOICE,
} SettingKind;

/* @choices: (nullable): what a choice can be, with a bar between. */
typedef struct
{
  const char *name;
  SettingKind kind;
  const char *fallback;
  const char *argument;
  const char *description;
  const char *choices;
} Setting;

/* clang-format off */
static const Setting settings[SERVER_N_SETTINGS] = {
  [SERVER_SETTING_DATA_DIR] = {
    "data-dir", KIND_TEXT, NULL, N_ ("DIR"), N_ ("Where the server keeps everything") },
  [SERVER_SETTING_DATABASE] = {
    "database", KIND_TEXT, NULL, N_ ("sqlite:PATH|postgresql://…"), N_ ("The store, if not DIR/satchel.db") },
  [SERVER_SETTING_LISTEN] = {
    "listen", KIND_TEXT, "127.0.0.1:8443", N_ ("ADDRESS:PORT|unix:PATH"),
    N_ ("Where to listen; port 0: any free one") },
  [SERVER_SETTING_URL] = {
    "url", KIND_TEXT, NULL, N_ ("https://NAME[:PORT]"),
    N_ ("How devices reach the server, if its certificate does not say") },
  [SERVER_SETTING_TLS_CERTIFICATE] = {
    "tls-certificate", KIND_TEXT, NULL, N_ ("FILE"), N_ ("The certificate, if not DIR/tls/server.pem") },
  [SERVER_SETTING_TLS_KEY] = {
    "tls-key", KIND_TEXT, NULL, N_ ("FILE"), N_ ("Its key, if not DIR/tls/server.key") },
  [SERVER_SETTING_BEHIND_PROXY] = {
    "behind-proxy", KIND_BOOLEAN, "false", NULL,
    N_ ("A proxy in front does TLS; listen only where none but it can connect") },
  [SERVER_SETTING_ADDRESS_HEADER] = {
    "address-header", KIND_TEXT, NULL, N_ ("NAME"),
    N_ ("The header in which that proxy says who asks; without it, no header is believed") },
  [SERVER_SETTING_METRICS_LISTEN] = {
    "metrics-listen", KIND_TEXT, NULL, N_ ("127.0.0.1:PORT"), N_ ("Where Prometheus finds metrics; nowhere by default") },
  [SERVER_SETTING_LOG_FORMAT] = {
    "log-format", KIND_CHOICE, "text", N_ ("text|json"), N_ ("How a line of the log looks"), "text|json" },
  [SERVER_SETTING_LOG_LEVEL] = {
    "log-level", KIND_CHOICE, "info", N_ ("info|warning|error"), N_ ("The least that the log tells; what is to be "
    "audited it always tells"), "info|warning|error" },
  [SERVER_SETTING_TOKEN_LIFETIME] = {
    "token-lifetime", KIND_SECONDS, "15552000", N_ ("SECONDS"),
    N_ ("How long a device stays signed in that does not come back (180 days)") },
  [SERVER_SETTING_HEAD_TIMEOUT] = {
    "head-timeout", KIND_SECONDS, "10", N_ ("SECONDS"),
    N_ ("How long a client may take to begin and to say what it wants") },
  [SERVER_SETTING_BODY_TIMEOUT] = {
    "body-timeout", KIND_SECONDS, "30", N_ ("SECONDS"),
    N_ ("How long a client may send nothing, or take nothing, on the way") },
  [SERVER_SETTING_IDLE_TIMEOUT] = {
    "idle-timeout", KIND_SECONDS, "90", N_ ("SECONDS"),
    N_ ("How long a connection stays open between two requests") },
  [SERVER_SETTING_CONNECTIONS] = {
    "connections", KIND_COUNT, "12000", N_ ("NUMBER"), N_ ("How many connections there may be at once") },
  [SERVER_SETTING_CONNECTIONS_PER_ADDRESS] = {
    "connections-per-address", KIND_COUNT, "500", N_ ("NUMBER"),
    N_ ("How many of them from one address; a proxy counts by itself") },
};
/* clang-format on */

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
  char *origins[SERVER_N_SETTINGS];
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
      g_free (self->origins[i]);
    }
  g_free (self->config);
  g_free (self);
}

const GOptionEntry *
server_settings_get_options (ServerSettings *self)
{
  return self->options;
}

/* Takes both; the first value of a setting is the one that holds. */
static void
take (ServerSettings *self, guint id, char *value, char *origin)
{
  if (value == NULL || self->values[id] != NULL)
    {
      g_free (value);
      g_free (origin);
      return;
    }

  self->values[id] = value;
  self->origins[id] = origin;
}

static void
take_flags (ServerSettings *self)
{
  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    take (self, i, self->switches[i] ? g_strdup ("true") : g_strdup (self->flags[i]),
          g_strconcat ("--", settings[i].name, NULL));
}

/* SATCHEL_DATA_DIR, or with @suffix what names the file that holds it. */
static char *
name_variable (const char *name, const char *suffix)
{
  g_autofree char *upper = g_ascii_strup (name, -1);

  return g_strdup_printf ("SATCHEL_%s%s", g_strdelimit (upper, "-", '_'), suffix);
}

/* What is empty is as good as not set. */
static const char *
get_environment (const char *variable)
{
  const char *value = g_getenv (variable);

  return value != NULL && *value != '\0' ? value : NULL;
}

static gboolean
read_named (const char *variable, const char *path, char **value, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (g_file_get_contents (path, value, NULL, &reason))
    {
      g_strstrip (*value);
      return TRUE;
    }

  g_set_error (error, reason->domain, reason->code, _ ("The file that %s names cannot be read: %s."), variable,
               reason->message);

  return FALSE;
}

static gboolean
take_environment (ServerSettings *self, guint id, GError **error)
{
  g_autofree char *variable = name_variable (settings[id].name, "");
  g_autofree char *file_variable = name_variable (settings[id].name, "_FILE");
  const char *value = get_environment (variable);
  const char *path = get_environment (file_variable);
  char *contents = NULL;

  if (value != NULL && path != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("%s and %s are both set. Please keep one."),
                   variable, file_variable);
      return FALSE;
    }
  if (path != NULL && !read_named (file_variable, path, &contents, error))
    return FALSE;

  take (self, id, g_strdup (value), g_strdup (variable));
  take (self, id, contents, g_strdup_printf ("%s=%s", file_variable, path));

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
check_groups (GKeyFile *file, const char *path, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    if (strcmp (groups[i], FILE_GROUP) != 0)
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                     _ ("%s: there is no group “%s”; all settings stand under [%s]."), path, groups[i], FILE_GROUP);
        return FALSE;
      }

  return TRUE;
}

static gboolean
check_keys (GKeyFile *file, const char *path, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, FILE_GROUP, NULL, NULL);

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    if (!is_known (keys[i]))
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("%s: there is no setting “%s”."), path,
                     keys[i]);
        return FALSE;
      }

  return TRUE;
}

static gboolean
read_file (GKeyFile *file, const char *path, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &reason))
    return check_groups (file, path, error) && check_keys (file, path, error);

  g_set_error (error, reason->domain, reason->code, _ ("The configuration file %s cannot be read: %s."), path,
               reason->message);

  return FALSE;
}

static gboolean
take_file (ServerSettings *self, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (self->config == NULL)
    self->config = g_strdup (get_environment ("SATCHEL_CONFIG"));
  if (self->config == NULL)
    return TRUE;
  if (!read_file (file, self->config, error))
    return FALSE;

  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    take (self, i, g_key_file_get_string (file, FILE_GROUP, settings[i].name, NULL), g_strdup (self->config));

  return TRUE;
}

static gboolean
is_choice (const Setting *setting, const char *value)
{
  g_auto (GStrv) choices = g_strsplit (setting->choices, "|", -1);

  return g_strv_contains ((const char *const *) choices, value);
}

static gboolean
fits (const Setting *setting, const char *value)
{
  guint64 number;

  switch (setting->kind)
    {
    case KIND_SECONDS:
      return g_ascii_string_to_unsigned (value, 10, 0, MAX_SECONDS, &number, NULL);

    case KIND_COUNT:
      return g_ascii_string_to_unsigned (value, 10, 1, MAX_COUNT, &number, NULL);

    case KIND_BOOLEAN:
      return strcmp (value, "true") == 0 || strcmp (value, "false") == 0;

    case KIND_CHOICE:
      return is_choice (setting, value);

    case KIND_TEXT:
    default:
      return *value != '\0';
    }
}

/* What a setting takes, in words that follow its name. */
static char *
describe_kind (const Setting *setting)
{
  switch (setting->kind)
    {
    case KIND_SECONDS:
      return g_strdup (_ ("a number of seconds"));

    case KIND_COUNT:
      return g_strdup (_ ("a number from 1"));

    case KIND_BOOLEAN:
      return g_strdup (_ ("true or false"));

    case KIND_CHOICE:
      return g_strdup_printf (_ ("one of %s"), setting->choices);

    case KIND_TEXT:
    default:
      return g_strdup (_ ("a text that is not empty"));
    }
}

static gboolean
check_value (ServerSettings *self, guint id, GError **error)
{
  g_autofree char *kind = NULL;

  if (self->values[id] == NULL || fits (&settings[id], self->values[id]))
    return TRUE;

  kind = describe_kind (&settings[id]);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("“%s” (%s) takes %s, not “%s”."), settings[id].name,
               self->origins[id], kind, self->values[id]);

  return FALSE;
}

/* The paths that follow from the data folder. */
static void
take_derived (ServerSettings *self)
{
  const char *folder = self->values[SERVER_SETTING_DATA_DIR];

  if (folder == NULL)
    return;

  take (self, SERVER_SETTING_DATABASE, g_strdup_printf ("sqlite:%s/satchel.db", folder), g_strdup (_ ("default")));
  take (self, SERVER_SETTING_TLS_CERTIFICATE, g_build_filename (folder, "tls", "server.pem", NULL),
        g_strdup (_ ("default")));
  take (self, SERVER_SETTING_TLS_KEY, g_build_filename (folder, "tls", "server.key", NULL), g_strdup (_ ("default")));
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
  take_flags (self);
  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    if (!take_environment (self, i, error))
      return FALSE;
  if (!take_file (self, error))
    return FALSE;

  take_derived (self);
  for (guint i = 0; i < SERVER_N_SETTINGS; i++)
    {
      take (self, i, g_strdup (settings[i].fallback), g_strdup (_ ("default")));
      if (!check_value (self, i, error))
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

const char *
server_settings_get_config (ServerSettings *self)
{
  return self->config;
}

/* ---- Shown ---------------------------------------------------------------------------------------- */

/* Whoever reads "postgresql://user:…@host" sees who connects, and not how. */
static void
append_without_password (GString *shown, const char *user, const char *at)
{
  const char *colon = memchr (user, ':', (gsize) (at - user));

  if (colon == NULL)
    g_string_append_len (shown, user, at - user);
  else
    g_string_append_printf (shown, "%.*s:…", (int) (colon - user), user);
}

static void
append_parameter (GString *shown, const char *parameter)
{
  g_auto (GStrv) sides = g_strsplit (parameter, "=", 2);
  g_autofree char *name = sides[0] != NULL ? g_uri_unescape_string (sides[0], NULL) : NULL;

  if (name == NULL || strstr (name, "pass") != NULL)
    g_string_append_printf (shown, "%s=…", sides[0] != NULL ? sides[0] : "");
  else
    g_string_append (shown, parameter);
}

static void
append_parameters (GString *shown, const char *text)
{
  const char *question = strchr (text, '?');
  g_auto (GStrv) parameters = question != NULL ? g_strsplit (question + 1, "&", -1) : NULL;

  g_string_append_len (shown, text, question != NULL ? question - text : (gssize) strlen (text));
  for (guint i = 0; parameters != NULL && parameters[i] != NULL; i++)
    {
      g_string_append_c (shown, i == 0 ? '?' : '&');
      append_parameter (shown, parameters[i]);
    }
}

/* Rather too little than too much: everything up to the last "@" may be a password. */
static char *
redact (const char *value)
{
  const char *scheme = strstr (value, "://");
  const char *at = scheme == NULL ? NULL : strrchr (scheme, '@');
  const char *user = scheme == NULL ? NULL : scheme + strlen ("://");
  GString *shown;

  if (scheme == NULL)
    return g_strdup (value);

  shown = g_string_new_len (value, user - value);
  if (at != NULL)
    append_without_password (shown, user, at);
  append_parameters (shown, at != NULL ? at : user);

  return g_string_free_and_steal (shown);
}

/**
 * server_settings_describe:
 * @self: loaded settings
 * @id: which
 * @name: (out): what it is called
 * @origin: (out): where its value comes from
 *
 * Tells of a setting what a person may see.
 *
 * Returns: (transfer full) (nullable): its value without passwords; %NULL when it has none
 */
char *
server_settings_describe (ServerSettings *self, ServerSettingId id, const char **name, const char **origin)
{
  *name = settings[id].name;
  *origin = self->origins[id];

  return self->values[id] != NULL ? redact (self->values[id]) : NULL;
}
