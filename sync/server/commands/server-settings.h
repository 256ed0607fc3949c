/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Every setting of the server. What each is called, and where it comes from, stands once, in server-settings.c. */
typedef enum
{
  SERVER_SETTING_DATA_DIR,
  SERVER_SETTING_DATABASE,
  SERVER_SETTING_LISTEN,
  SERVER_SETTING_URL,
  SERVER_SETTING_TLS_CERTIFICATE,
  SERVER_SETTING_TLS_KEY,
  SERVER_SETTING_BEHIND_PROXY,
  SERVER_SETTING_ADDRESS_HEADER,
  SERVER_SETTING_METRICS_LISTEN,
  SERVER_SETTING_LOG_FORMAT,
  SERVER_SETTING_LOG_LEVEL,
  SERVER_SETTING_TOKEN_LIFETIME,
  SERVER_SETTING_HEAD_TIMEOUT,
  SERVER_SETTING_BODY_TIMEOUT,
  SERVER_SETTING_IDLE_TIMEOUT,
  SERVER_SETTING_CONNECTIONS,
  SERVER_SETTING_CONNECTIONS_PER_ADDRESS,
  SERVER_N_SETTINGS,
} ServerSettingId;

typedef struct _ServerSettings ServerSettings;

ServerSettings *server_settings_new (void);
void server_settings_free (ServerSettings *self);
/* The flags of all settings and --config, for a GOptionContext; valid as long as @self. */
const GOptionEntry *server_settings_get_options (ServerSettings *self);
/* After the flags were parsed: reads the environment and the file under them, and fills in defaults. */
gboolean server_settings_load (ServerSettings *self, GError **error);
const char *server_settings_get (ServerSettings *self, ServerSettingId id);
gboolean server_settings_get_boolean (ServerSettings *self, ServerSettingId id);
gint64 server_settings_get_integer (ServerSettings *self, ServerSettingId id);
const char *server_settings_get_config (ServerSettings *self); /* (nullable): the file */
/* For people: the value without passwords, what it is called and where it comes from. */
char *server_settings_describe (ServerSettings *self, ServerSettingId id, const char **name, const char **origin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ServerSettings, server_settings_free)

G_END_DECLS
