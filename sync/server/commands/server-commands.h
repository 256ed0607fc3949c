/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-server.h"
#include "server-lock.h"
#include "server-settings.h"
#include "server/core/server-core.h"

G_BEGIN_DECLS

typedef enum
{
  SERVER_DONE = 0,
  SERVER_FAILED = 1,
  SERVER_USAGE = 2,
} ServerExit;

/**
 * ServerRun: one run of the program.
 * @args: (array zero-terminated=1): what stands after the command's words and options
 * @lock, @store, @session, @server: after server_run_open(); the session writes
 */
typedef struct
{
  const SatchelVocabulary *vocabulary;
  ServerSettings *settings;
  char **args;
  gboolean json;
  ServerLock *lock;
  SatchelStore *store;
  SatchelStoreSession *session;
  SatchelServer *server;
} ServerRun;

/**
 * ServerCommand:
 * @name: one word or two, as in "user add"
 * @usage: what stands after the name
 * @least, @most: how many words stand there
 * @options: (nullable): options of its own, beside the settings
 */
typedef struct
{
  const char *name;
  const char *usage;
  const char *summary;
  guint least;
  guint most;
  const GOptionEntry *options;
  ServerExit (*run) (ServerRun *run, GError **error);
} ServerCommand;

extern const ServerCommand server_store_commands[];     /* init, check, certificate, import */
extern const ServerCommand server_user_commands[];      /* user … */
extern const ServerCommand server_territory_commands[]; /* territory … */
extern const ServerCommand server_device_commands[];    /* device … */
extern const ServerCommand server_serve_commands[];     /* serve */
extern const ServerCommand server_backup_commands[];
extern const ServerCommand server_migrate_commands[];    /* backup, restore */

const char *server_run_get_data_dir (ServerRun *run, GError **error);
gboolean server_run_open (ServerRun *run, GError **error);
void server_say (const char *format, ...) G_GNUC_PRINTF (1, 2); /* a sentence on standard error */

/* Rows of a list: columns for people on a terminal, tabs elsewhere, JSON with --json. The names are the keys. */
void server_print_row (ServerRun *run, const char *const *names, const char *const *values);

/* People and places by name; NOT_FOUND sentences. */
SatchelStoredUser *server_run_find_user (ServerRun *run, const char *name, GError **error);
SatchelStoredTerritory *server_run_find_territory (ServerRun *run, const char *name, GError **error);

G_END_DECLS
