/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sqlite3.h>

#include "store-sqlite.h"

G_BEGIN_DECLS

typedef struct
{
  SatchelStore base;
  char *path;
} SqliteStore;

typedef struct
{
  SatchelStoreSession base;
  sqlite3 *database;
  SatchelStoreAccess access;
  GHashTable *statements; /* SQL, by the address of its literal -> sqlite3_stmt */
  GPtrArray *readers; /* statements of the feed, one a bucket that is read at once */
  gboolean in_transaction;
} SqliteSession;

#define SQLITE_SESSION(session) ((SqliteSession *) (session))

/* Statements. @sql must be a literal: it is prepared once a session and found again by its address. A statement is
 * ready to be bound; whoever got it ends it with store_sql_end() or one of the calls that run it to its end. */
sqlite3_stmt *store_sql (SatchelStoreSession *session, const char *sql, GError **error);
void store_sql_end (sqlite3_stmt *statement);
void store_sql_text (sqlite3_stmt *statement, int place, const char *text);
void store_sql_integer (sqlite3_stmt *statement, int place, gint64 integer);
gboolean store_sql_step (SatchelStoreSession *session, sqlite3_stmt *statement, gboolean *row, GError **error);
gboolean store_sql_run (SatchelStoreSession *session, sqlite3_stmt *statement, GError **error);
gboolean store_sql_run_plain (SatchelStoreSession *session, const char *sql, GError **error);
gboolean store_sql_fail (sqlite3 *database, GError **error);
char *store_sql_dup_text (sqlite3_stmt *statement, int column);
const char *store_sql_get_text (sqlite3_stmt *statement, int column);

typedef gpointer (*StoreSqlRowFunc) (sqlite3_stmt *statement);
gpointer store_sql_read_number (sqlite3_stmt *statement); /* a gint64, of the first column */
GPtrArray *store_sql_list (SatchelStoreSession *session, sqlite3_stmt *statement, StoreSqlRowFunc func,
                           GDestroyNotify destroy, GError **error);
gboolean store_sql_one (SatchelStoreSession *session, sqlite3_stmt *statement, StoreSqlRowFunc func, gpointer *found,
                        GError **error);

/* The schema. */
gboolean store_sqlite_check_version (sqlite3 *database, GError **error);
gboolean store_sqlite_migrate (sqlite3 *database, GError **error);

/* Records, in store-sqlite-records.c. */
GPtrArray *store_sqlite_load_records (SatchelStoreSession *session, const char *const *ids, GError **error);
GPtrArray *store_sqlite_list_hanging (SatchelStoreSession *session, const char *account, GError **error);
GPtrArray *store_sqlite_list_about (SatchelStoreSession *session, const char *target, GError **error);
gboolean store_sqlite_foreach_of_type (SatchelStoreSession *session, const char *type, GFunc func, gpointer data,
                                       GError **error);
gboolean store_sqlite_save (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error);

/* The feed, in store-sqlite-feed.c. */
gboolean store_sqlite_get_head (SatchelStoreSession *session, gint64 *pos, GError **error);
gboolean store_sqlite_set_head (SatchelStoreSession *session, gint64 pos, GError **error);
gboolean store_sqlite_number_bucket (SatchelStoreSession *session, const char *name, gint64 *number, GError **error);
gboolean store_sqlite_number_buckets (SatchelStoreSession *session, SatchelFeedSource *sources, guint n_sources,
                                      GError **error);
char *store_sqlite_name_bucket (SatchelStoreSession *session, gint64 number, GError **error);
gboolean store_sqlite_read_feed (SatchelStoreSession *session, const SatchelFeedSource *sources, guint n_sources,
                                 const char *owner, SatchelFeedFunc func, gpointer data, gboolean *at_end,
                                 GError **error);

/* What happened, in store-sqlite-log.c. */
GPtrArray *store_sqlite_list_changes (SatchelStoreSession *session, const char *record, const char *unit,
                                      const SatchelRevision *after, guint limit, gboolean newest_first, GError **error);
GPtrArray *store_sqlite_list_conflicts (SatchelStoreSession *session, const char *const *targets, GError **error);
gboolean store_sqlite_save_log (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error);
gboolean store_sqlite_load_group (SatchelStoreSession *session, const char *device, gint64 n,
                                  SatchelStoredGroup **group, GError **error);

/* Devices, people, places, settings, in store-sqlite-people.c. */
gboolean store_sqlite_load_device (SatchelStoreSession *session, const char *id, SatchelStoredDevice **device,
                                   GError **error);
gboolean store_sqlite_find_device (SatchelStoreSession *session, const char *token_hash, SatchelStoredDevice **device,
                                   GError **error);
GPtrArray *store_sqlite_list_devices (SatchelStoreSession *session, GError **error);
gboolean store_sqlite_save_device (SatchelStoreSession *session, const SatchelStoredDevice *device, GError **error);
gboolean store_sqlite_load_user (SatchelStoreSession *session, const char *id, SatchelStoredUser **user,
                                 GError **error);
gboolean store_sqlite_find_user (SatchelStoreSession *session, const char *name, SatchelStoredUser **user,
                                 GError **error);
GPtrArray *store_sqlite_list_users (SatchelStoreSession *session, GError **error);
gboolean store_sqlite_save_user (SatchelStoreSession *session, const SatchelStoredUser *user, GError **error);
gboolean store_sqlite_set_password (SatchelStoreSession *session, const char *user, const char *password,
                                    GError **error);
gboolean store_sqlite_find_invitation (SatchelStoreSession *session, const char *hash,
                                       SatchelStoredInvitation **invitation, GError **error);
gboolean store_sqlite_set_invitation (SatchelStoreSession *session, const char *user,
                                      const SatchelStoredInvitation *invitation, GError **error);
GPtrArray *store_sqlite_list_territories (SatchelStoreSession *session, GError **error);
gboolean store_sqlite_save_territory (SatchelStoreSession *session, const SatchelStoredTerritory *territory,
                                      GError **error);
GPtrArray *store_sqlite_list_grants (SatchelStoreSession *session, const char *user, GError **error);
gboolean store_sqlite_set_grant (SatchelStoreSession *session, const SatchelStoredGrant *grant, gboolean granted,
                                 GError **error);
gboolean store_sqlite_get_meta (SatchelStoreSession *session, const char *key, char **value, GError **error);
gboolean store_sqlite_set_meta (SatchelStoreSession *session, const char *key, const char *value, GError **error);
GPtrArray *store_sqlite_list_epochs (SatchelStoreSession *session, GError **error);
gboolean store_sqlite_begin_epoch (SatchelStoreSession *session, const char *name, GError **error);

/* What is kept for a while only, in store-sqlite-prune.c. */
gboolean store_sqlite_prune (SatchelStoreSession *session, const SatchelPruning *pruning, gboolean *more,
                             GHashTable *touched, GError **error);
gboolean store_sqlite_get_forgotten (SatchelStoreSession *session, gint64 *pos, GError **error);
gboolean store_sqlite_is_buried (SatchelStoreSession *session, const char *id, gboolean *buried, GError **error);

/* All there is, in store-sqlite-tables.c. */
gboolean store_sqlite_read_table (SatchelStoreSession *session, const SatchelStoreTable *table,
                                  SatchelStoreRowFunc func, gpointer data, GError **error);
gboolean store_sqlite_write_rows (SatchelStoreSession *session, const SatchelStoreTable *table, GPtrArray *rows,
                                  GError **error);
gboolean store_sqlite_end_rows (SatchelStoreSession *session, GError **error);

/* Copies, in store-sqlite-backup.c. */
gboolean store_sqlite_backup (SatchelStoreSession *session, const char *path, GError **error);

G_END_DECLS
