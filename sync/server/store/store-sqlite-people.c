/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Devices, people, places and settings in the SQLite store. */

#include "satchel-config.h"

#include "store-sqlite-private.h"

/* ---- Devices -------------------------------------------------------------------------------------- */

#define DEVICE_COLUMNS                                                                                    \
  "SELECT id, person, name, token_hash, token_expires, created_at, last_seen, nonce, last_n, last_hash, " \
  "forked_from, revoked, next_hash, next_expires FROM device "

static gpointer
read_device (sqlite3_stmt *statement)
{
  SatchelStoredDevice *device = g_new0 (SatchelStoredDevice, 1);

  device->id = store_sql_dup_text (statement, 0);
  device->user = store_sql_dup_text (statement, 1);
  device->name = store_sql_dup_text (statement, 2);
  device->token_hash = store_sql_dup_text (statement, 3);
  device->token_expires = sqlite3_column_int64 (statement, 4);
  device->created_at = store_sql_dup_text (statement, 5);
  device->last_seen = store_sql_dup_text (statement, 6);
  device->nonce = store_sql_dup_text (statement, 7);
  device->last_n = sqlite3_column_int64 (statement, 8);
  device->last_hash = store_sql_dup_text (statement, 9);
  device->forked_from = store_sql_dup_text (statement, 10);
  device->revoked = sqlite3_column_int (statement, 11) != 0;
  device->next_hash = store_sql_dup_text (statement, 12);
  device->next_expires = sqlite3_column_int64 (statement, 13);

  return device;
}

static gboolean
find_one (SatchelStoreSession *session, const char *sql, const char *key, StoreSqlRowFunc func, gpointer found,
          GError **error)
{
  sqlite3_stmt *statement = store_sql (session, sql, error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, key);

  return store_sql_one (session, statement, func, found, error);
}

gboolean
store_sqlite_load_device (SatchelStoreSession *session, const char *id, SatchelStoredDevice **device, GError **error)
{
  return find_one (session, DEVICE_COLUMNS "WHERE id = ?1", id, read_device, device, error);
}

gboolean
store_sqlite_find_device (SatchelStoreSession *session, const char *token_hash, SatchelStoredDevice **device,
                          GError **error)
{
  return find_one (session, DEVICE_COLUMNS "WHERE token_hash = ?1 OR next_hash = ?1", token_hash, read_device, device,
                   error);
}

static GPtrArray *
list_all (SatchelStoreSession *session, const char *sql, StoreSqlRowFunc func, GDestroyNotify destroy, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, sql, error);

  return statement != NULL ? store_sql_list (session, statement, func, destroy, error) : NULL;
}

GPtrArray *
store_sqlite_list_devices (SatchelStoreSession *session, GError **error)
{
  return list_all (session, DEVICE_COLUMNS "ORDER BY created_at, id", read_device,
                   (GDestroyNotify) satchel_stored_device_free, error);
}

/* Makes it, or brings it up to date. */
gboolean
store_sqlite_save_device (SatchelStoreSession *session, const SatchelStoredDevice *device, GError **error)
{
  sqlite3_stmt *statement = store_sql (
      session,
      "INSERT INTO device (id, person, name, token_hash, token_expires, created_at, last_seen, nonce, "
      "last_n, last_hash, forked_from, revoked, next_hash, next_expires) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
      "ON CONFLICT (id) DO UPDATE SET name = ?3, token_hash = ?4, token_expires = ?5, last_seen = ?7, "
      "nonce = ?8, last_n = ?9, last_hash = ?10, revoked = ?12, next_hash = ?13, next_expires = ?14",
      error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, device->id);
  store_sql_text (statement, 2, device->user);
  store_sql_text (statement, 3, device->name);
  store_sql_text (statement, 4, device->token_hash);
  store_sql_integer (statement, 5, device->token_expires);
  store_sql_text (statement, 6, device->created_at);
  store_sql_text (statement, 7, device->last_seen);
  store_sql_text (statement, 8, device->nonce);
  store_sql_integer (statement, 9, device->last_n);
  store_sql_text (statement, 10, device->last_hash);
  store_sql_text (statement, 11, device->forked_from);
  store_sql_integer (statement, 12, device->revoked);
  store_sql_text (statement, 13, device->next_hash);
  store_sql_integer (statement, 14, device->next_expires);

  return store_sql_run (session, statement, error);
}

/* ---- Users ---------------------------------------------------------------------------------------- */

#define USER_COLUMNS "SELECT id, name, role, active, password FROM person "

static gpointer
read_user (sqlite3_stmt *statement)
{
  SatchelStoredUser *user = g_new0 (SatchelStoredUser, 1);

  user->id = store_sql_dup_text (statement, 0);
  user->name = store_sql_dup_text (statement, 1);
  user->role = store_sql_dup_text (statement, 2);
  user->active = sqlite3_column_int (statement, 3) != 0;
  user->password = store_sql_dup_text (statement, 4);

  return user;
}

gboolean
store_sqlite_load_user (SatchelStoreSession *session, const char *id, SatchelStoredUser **user, GError **error)
{
  return find_one (session, USER_COLUMNS "WHERE id = ?1", id, read_user, user, error);
}

gboolean
store_sqlite_find_user (SatchelStoreSession *session, const char *name, SatchelStoredUser **user, GError **error)
{
  return find_one (session, USER_COLUMNS "WHERE name = ?1", name, read_user, user, error);
}

GPtrArray *
store_sqlite_list_users (SatchelStoreSession *session, GError **error)
{
  return list_all (session, USER_COLUMNS "ORDER BY name", read_user, (GDestroyNotify) satchel_stored_user_free, error);
}

/* Makes or updates all but the password. */
gboolean
store_sqlite_save_user (SatchelStoreSession *session, const SatchelStoredUser *user, GError **error)
{
  sqlite3_stmt *statement = store_sql (session,
                                       "INSERT INTO person (id, name, role, active) VALUES (?1, ?2, ?3, ?4) "
                                       "ON CONFLICT (id) DO UPDATE SET name = ?2, role = ?3, active = ?4",
                                       error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, user->id);
  store_sql_text (statement, 2, user->name);
  store_sql_text (statement, 3, user->role);
  store_sql_integer (statement, 4, user->active);

  return store_sql_run (session, statement, error);
}

gboolean
store_sqlite_set_password (SatchelStoreSession *session, const char *user, const char *password, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "UPDATE person SET password = ?2 WHERE id = ?1", error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, user);
  store_sql_text (statement, 2, password);

  return store_sql_run (session, statement, error);
}

/* ---- Invitations ---------------------------------------------------------------------------------- */

static gpointer
read_invitation (sqlite3_stmt *statement)
{
  SatchelStoredInvitation *invitation = g_new0 (SatchelStoredInvitation, 1);

  invitation->hash = store_sql_dup_text (statement, 0);
  invitation->user = store_sql_dup_text (statement, 1);
  invitation->expires = sqlite3_column_int64 (statement, 2);

  return invitation;
}

gboolean
store_sqlite_find_invitation (SatchelStoreSession *session, const char *hash, SatchelStoredInvitation **invitation,
                              GError **error)
{
  return find_one (session, "SELECT hash, person, expires FROM invitation WHERE hash = ?1", hash, read_invitation,
                   invitation, error);
}

static gboolean
drop_invitation (SatchelStoreSession *session, const char *user, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "DELETE FROM invitation WHERE person = ?1", error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, user);

  return store_sql_run (session, statement, error);
}

gboolean
store_sqlite_set_invitation (SatchelStoreSession *session, const char *user, const SatchelStoredInvitation *invitation,
                             GError **error)
{
  sqlite3_stmt *statement;

  if (invitation == NULL)
    return drop_invitation (session, user, error);

  statement = store_sql (session, "INSERT OR REPLACE INTO invitation (person, hash, expires) VALUES (?1, ?2, ?3)",
                         error);
  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, user);
  store_sql_text (statement, 2, invitation->hash);
  store_sql_integer (statement, 3, invitation->expires);

  return store_sql_run (session, statement, error);
}

/* ---- Territories ---------------------------------------------------------------------------------- */

static gpointer
read_territory (sqlite3_stmt *statement)
{
  SatchelStoredTerritory *territory = g_new0 (SatchelStoredTerritory, 1);

  territory->id = store_sql_dup_text (statement, 0);
  territory->name = store_sql_dup_text (statement, 1);
  territory->parent = store_sql_dup_text (statement, 2);
  territory->manager = store_sql_dup_text (statement, 3);

  return territory;
}

GPtrArray *
store_sqlite_list_territories (SatchelStoreSession *session, GError **error)
{
  return list_all (session, "SELECT id, name, parent, manager FROM territory ORDER BY name, id", read_territory,
                   (GDestroyNotify) satchel_stored_territory_free, error);
}

gboolean
store_sqlite_save_territory (SatchelStoreSession *session, const SatchelStoredTerritory *territory, GError **error)
{
  sqlite3_stmt *statement = store_sql (session,
                                       "INSERT INTO territory (id, name, parent, manager) VALUES (?1, ?2, ?3, ?4) "
                                       "ON CONFLICT (id) DO UPDATE SET name = ?2, parent = ?3, manager = ?4",
                                       error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, territory->id);
  store_sql_text (statement, 2, territory->name);
  store_sql_text (statement, 3, territory->parent);
  store_sql_text (statement, 4, territory->manager);

  return store_sql_run (session, statement, error);
}

/* ---- Grants --------------------------------------------------------------------------------------- */

static gpointer
read_grant (sqlite3_stmt *statement)
{
  SatchelStoredGrant *grant = g_new0 (SatchelStoredGrant, 1);

  grant->user = store_sql_dup_text (statement, 0);
  grant->territory = store_sql_dup_text (statement, 1);

  return grant;
}

/* @user: NULL for everybody's. */
GPtrArray *
store_sqlite_list_grants (SatchelStoreSession *session, const char *user, GError **error)
{
  sqlite3_stmt *statement;

  if (user == NULL)
    return list_all (session, "SELECT person, territory FROM permission ORDER BY person, territory", read_grant,
                     (GDestroyNotify) satchel_stored_grant_free, error);

  statement = store_sql (session, "SELECT person, territory FROM permission WHERE person = ?1 ORDER BY territory",
                         error);
  if (statement == NULL)
    return NULL;
  store_sql_text (statement, 1, user);

  return store_sql_list (session, statement, read_grant, (GDestroyNotify) satchel_stored_grant_free, error);
}

gboolean
store_sqlite_set_grant (SatchelStoreSession *session, const SatchelStoredGrant *grant, gboolean granted, GError **error)
{
  const char *sql = granted ? "INSERT OR IGNORE INTO permission (person, territory) VALUES (?1, ?2)"
                            : "DELETE FROM permission WHERE person = ?1 AND territory = ?2";
  sqlite3_stmt *statement = store_sql (session, sql, error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, grant->user);
  store_sql_text (statement, 2, grant->territory);

  return store_sql_run (session, statement, error);
}

/* ---- Settings ------------------------------------------------------------------------------------- */

static gpointer
read_text (sqlite3_stmt *statement)
{
  return store_sql_dup_text (statement, 0);
}

gboolean
store_sqlite_get_meta (SatchelStoreSession *session, const char *key, char **value, GError **error)
{
  return find_one (session, "SELECT value FROM meta WHERE key = ?1", key, read_text, value, error);
}

gboolean
store_sqlite_set_meta (SatchelStoreSession *session, const char *key, const char *value, GError **error)
{
  sqlite3_stmt *statement = store_sql (session, "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, key);
  store_sql_text (statement, 2, value);

  return store_sql_run (session, statement, error);
}

static gpointer
read_epoch (sqlite3_stmt *statement)
{
  SatchelStoredEpoch *epoch = g_new0 (SatchelStoredEpoch, 1);

  epoch->name = store_sql_dup_text (statement, 0);
  epoch->cut = sqlite3_column_int64 (statement, 1);

  return epoch;
}

GPtrArray *
store_sqlite_list_epochs (SatchelStoreSession *session, GError **error)
{
  return list_all (session, "SELECT name, ifnull (cut, -1) FROM epoch ORDER BY number", read_epoch,
                   (GDestroyNotify) satchel_stored_epoch_free, error);
}

static gboolean
insert_epoch (SatchelStoreSession *session, const char *name, GError **error)
{
  sqlite3_stmt *statement = store_sql (
      session, "INSERT INTO epoch (name, began_at) VALUES (?1, strftime ('%Y-%m-%dT%H:%M:%fZ', 'now'))", error);

  if (statement == NULL)
    return FALSE;
  store_sql_text (statement, 1, name);

  return store_sql_run (session, statement, error);
}

gboolean
store_sqlite_begin_epoch (SatchelStoreSession *session, const char *name, GError **error)
{
  return store_sql_run_plain (session, "UPDATE epoch SET cut = (SELECT pos FROM head) WHERE cut IS NULL", error) &&
         store_sql_run_plain (session, "UPDATE device SET nonce = NULL", error) && insert_epoch (session, name, error);
}
