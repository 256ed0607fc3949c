/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Devices, people, places and settings in the PostgreSQL store. */

#include "satchel-config.h"

#include "store-postgres-private.h"

/* ---- Devices -------------------------------------------------------------------------------------- */

#define DEVICE_COLUMNS                                                                                    \
  "SELECT id, person, name, token_hash, token_expires, created_at, last_seen, nonce, last_n, last_hash, " \
  "forked_from, revoked, next_hash, next_expires FROM device "

static gpointer
read_device (SatchelStoreSession *session, const PGresult *result, int row)
{
  SatchelStoredDevice *device = g_new0 (SatchelStoredDevice, 1);

  device->id = pq_dup_text (result, row, 0);
  device->user = pq_dup_text (result, row, 1);
  device->name = pq_dup_text (result, row, 2);
  device->token_hash = pq_dup_text (result, row, 3);
  device->token_expires = pq_get_number (result, row, 4);
  device->created_at = pq_dup_text (result, row, 5);
  device->last_seen = pq_dup_text (result, row, 6);
  device->nonce = pq_dup_text (result, row, 7);
  device->last_n = pq_get_number (result, row, 8);
  device->last_hash = pq_dup_text (result, row, 9);
  device->forked_from = pq_dup_text (result, row, 10);
  device->revoked = pq_get_number (result, row, 11) != 0;
  device->next_hash = pq_dup_text (result, row, 12);
  device->next_expires = pq_get_number (result, row, 13);

  return device;
}

static gboolean
find_one (SatchelStoreSession *session, const char *sql, const char *key, PqRowFunc func, gpointer found,
          GError **error)
{
  PqParams params = { .n = 0 };

  pq_text (&params, key);

  return pq_one (session, sql, &params, func, found, error);
}

/* Whoever writes has a device for themselves: what it sent, and what its copies did, is settled one after the other. */
gboolean
store_postgres_load_device (SatchelStoreSession *session, const char *id, SatchelStoredDevice **device, GError **error)
{
  const char *sql = pq_writes (session) ? DEVICE_COLUMNS "WHERE id = $1 FOR NO KEY UPDATE"
                                        : DEVICE_COLUMNS "WHERE id = $1";

  return find_one (session, sql, id, read_device, device, error);
}

/* Two indexes, and what was found is looked at again when its lock was waited for. */
#define BY_TOKEN                                                   \
  "WHERE id = (SELECT id FROM device WHERE token_hash = $1 "       \
  "UNION ALL SELECT id FROM device WHERE next_hash = $1 LIMIT 1) " \
  "AND (token_hash = $1 OR next_hash = $1)"

gboolean
store_postgres_find_device (SatchelStoreSession *session, const char *token_hash, SatchelStoredDevice **device,
                            GError **error)
{
  const char *sql = pq_writes (session) ? DEVICE_COLUMNS BY_TOKEN " FOR NO KEY UPDATE" : DEVICE_COLUMNS BY_TOKEN;

  return find_one (session, sql, token_hash, read_device, device, error);
}

GPtrArray *
store_postgres_list_devices (SatchelStoreSession *session, GError **error)
{
  return pq_list (session, DEVICE_COLUMNS "ORDER BY created_at, id", NULL, read_device,
                  (GDestroyNotify) satchel_stored_device_free, error);
}

/* Makes it, or brings it up to date. Who is no longer signed in is told so, if they wait at another process. */
gboolean
store_postgres_save_device (SatchelStoreSession *session, const SatchelStoredDevice *device, GError **error)
{
  PqParams params = { .n = 0 };

  if (device->revoked || device->token_hash == NULL)
    POSTGRES_SESSION (session)->changes_others = TRUE;
  pq_text (&params, device->id);
  pq_text (&params, device->user);
  pq_text (&params, device->name);
  pq_text (&params, device->token_hash);
  pq_number (&params, device->token_expires);
  pq_text (&params, device->created_at);
  pq_text (&params, device->last_seen);
  pq_text (&params, device->nonce);
  pq_number (&params, device->last_n);
  pq_text (&params, device->last_hash);
  pq_text (&params, device->forked_from);
  pq_number (&params, device->revoked);
  pq_text (&params, device->next_hash);
  pq_number (&params, device->next_expires);

  return pq_run (session,
                 "INSERT INTO device (id, person, name, token_hash, token_expires, created_at, last_seen, nonce, "
                 "last_n, last_hash, forked_from, revoked, next_hash, next_expires) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
                 "ON CONFLICT (id) DO UPDATE SET name = $3, token_hash = $4, token_expires = $5, last_seen = $7, "
                 "nonce = $8, last_n = $9, last_hash = $10, revoked = $12, next_hash = $13, next_expires = $14",
                 &params, error);
}

/* ---- Users ---------------------------------------------------------------------------------------- */

#define USER_COLUMNS "SELECT id, name, role, active, password FROM person "

static gpointer
read_user (SatchelStoreSession *session, const PGresult *result, int row)
{
  SatchelStoredUser *user = g_new0 (SatchelStoredUser, 1);

  user->id = pq_dup_text (result, row, 0);
  user->name = pq_dup_text (result, row, 1);
  user->role = pq_dup_text (result, row, 2);
  user->active = pq_get_number (result, row, 3) != 0;
  user->password = pq_dup_text (result, row, 4);

  return user;
}

gboolean
store_postgres_load_user (SatchelStoreSession *session, const char *id, SatchelStoredUser **user, GError **error)
{
  return find_one (session, USER_COLUMNS "WHERE id = $1", id, read_user, user, error);
}

gboolean
store_postgres_find_user (SatchelStoreSession *session, const char *name, SatchelStoredUser **user, GError **error)
{
  return find_one (session, USER_COLUMNS "WHERE name = $1", name, read_user, user, error);
}

GPtrArray *
store_postgres_list_users (SatchelStoreSession *session, GError **error)
{
  return pq_list (session, USER_COLUMNS "ORDER BY name", NULL, read_user, (GDestroyNotify) satchel_stored_user_free,
                  error);
}

/* Makes or updates all but the password. */
gboolean
store_postgres_save_user (SatchelStoreSession *session, const SatchelStoredUser *user, GError **error)
{
  PqParams params = { .n = 0 };

  POSTGRES_SESSION (session)->changes_others = TRUE;
  pq_text (&params, user->id);
  pq_text (&params, user->name);
  pq_text (&params, user->role);
  pq_number (&params, user->active);

  return pq_run (session,
                 "INSERT INTO person (id, name, role, active) VALUES ($1, $2, $3, $4) "
                 "ON CONFLICT (id) DO UPDATE SET name = $2, role = $3, active = $4",
                 &params, error);
}

gboolean
store_postgres_set_password (SatchelStoreSession *session, const char *user, const char *password, GError **error)
{
  PqParams params = { .n = 0 };

  POSTGRES_SESSION (session)->changes_others = TRUE;
  pq_text (&params, user);
  pq_text (&params, password);

  return pq_run (session, "UPDATE person SET password = $2 WHERE id = $1", &params, error);
}

/* ---- Invitations ---------------------------------------------------------------------------------- */

static gpointer
read_invitation (SatchelStoreSession *session, const PGresult *result, int row)
{
  SatchelStoredInvitation *invitation = g_new0 (SatchelStoredInvitation, 1);

  invitation->hash = pq_dup_text (result, row, 0);
  invitation->user = pq_dup_text (result, row, 1);
  invitation->expires = pq_get_number (result, row, 2);

  return invitation;
}

/* Two who come with one code at once come one after the other. */
gboolean
store_postgres_find_invitation (SatchelStoreSession *session, const char *hash, SatchelStoredInvitation **invitation,
                                GError **error)
{
  const char *sql = pq_writes (session) ? "SELECT hash, person, expires FROM invitation WHERE hash = $1 FOR UPDATE"
                                        : "SELECT hash, person, expires FROM invitation WHERE hash = $1";

  return find_one (session, sql, hash, read_invitation, invitation, error);
}

gboolean
store_postgres_set_invitation (SatchelStoreSession *session, const char *user,
                               const SatchelStoredInvitation *invitation, GError **error)
{
  PqParams params = { .n = 0 };

  pq_text (&params, user);
  if (invitation == NULL)
    return pq_run (session, "DELETE FROM invitation WHERE person = $1", &params, error);

  pq_text (&params, invitation->hash);
  pq_number (&params, invitation->expires);

  return pq_run (session,
                 "INSERT INTO invitation (person, hash, expires) VALUES ($1, $2, $3) "
                 "ON CONFLICT (person) DO UPDATE SET hash = $2, expires = $3",
                 &params, error);
}

/* ---- Territories ---------------------------------------------------------------------------------- */

static gpointer
read_territory (SatchelStoreSession *session, const PGresult *result, int row)
{
  SatchelStoredTerritory *territory = g_new0 (SatchelStoredTerritory, 1);

  territory->id = pq_dup_text (result, row, 0);
  territory->name = pq_dup_text (result, row, 1);
  territory->parent = pq_dup_text (result, row, 2);
  territory->manager = pq_dup_text (result, row, 3);

  return territory;
}

GPtrArray *
store_postgres_list_territories (SatchelStoreSession *session, GError **error)
{
  return pq_list (session, "SELECT id, name, parent, manager FROM territory ORDER BY name, id", NULL, read_territory,
                  (GDestroyNotify) satchel_stored_territory_free, error);
}

gboolean
store_postgres_save_territory (SatchelStoreSession *session, const SatchelStoredTerritory *territory, GError **error)
{
  PqParams params = { .n = 0 };

  POSTGRES_SESSION (session)->changes_others = TRUE;
  pq_text (&params, territory->id);
  pq_text (&params, territory->name);
  pq_text (&params, territory->parent);
  pq_text (&params, territory->manager);

  return pq_run (session,
                 "INSERT INTO territory (id, name, parent, manager) VALUES ($1, $2, $3, $4) "
                 "ON CONFLICT (id) DO UPDATE SET name = $2, parent = $3, manager = $4",
                 &params, error);
}

/* ---- Grants --------------------------------------------------------------------------------------- */

static gpointer
read_grant (SatchelStoreSession *session, const PGresult *result, int row)
{
  SatchelStoredGrant *grant = g_new0 (SatchelStoredGrant, 1);

  grant->user = pq_dup_text (result, row, 0);
  grant->territory = pq_dup_text (result, row, 1);

  return grant;
}

/* @user: NULL for everybody's. */
GPtrArray *
store_postgres_list_grants (SatchelStoreSession *session, const char *user, GError **error)
{
  PqParams params = { .n = 0 };

  if (user == NULL)
    return pq_list (session, "SELECT person, territory FROM permission ORDER BY person, territory", NULL, read_grant,
                    (GDestroyNotify) satchel_stored_grant_free, error);

  pq_text (&params, user);

  return pq_list (session, "SELECT person, territory FROM permission WHERE person = $1 ORDER BY territory", &params,
                  read_grant, (GDestroyNotify) satchel_stored_grant_free, error);
}

gboolean
store_postgres_set_grant (SatchelStoreSession *session, const SatchelStoredGrant *grant, gboolean granted,
                          GError **error)
{
  PqParams params = { .n = 0 };

  POSTGRES_SESSION (session)->changes_others = TRUE;
  pq_text (&params, grant->user);
  pq_text (&params, grant->territory);

  return pq_run (session,
                 granted ? "INSERT INTO permission (person, territory) VALUES ($1, $2) ON CONFLICT DO NOTHING"
                         : "DELETE FROM permission WHERE person = $1 AND territory = $2",
                 &params, error);
}

/* ---- Settings ------------------------------------------------------------------------------------- */

static gpointer
read_text (SatchelStoreSession *session, const PGresult *result, int row)
{
  return pq_dup_text (result, row, 0);
}

gboolean
store_postgres_get_meta (SatchelStoreSession *session, const char *key, char **value, GError **error)
{
  return find_one (session, "SELECT value FROM meta WHERE key = $1", key, read_text, value, error);
}

gboolean
store_postgres_set_meta (SatchelStoreSession *session, const char *key, const char *value, GError **error)
{
  PqParams params = { .n = 0 };

  POSTGRES_SESSION (session)->changes_others = TRUE;
  pq_text (&params, key);
  pq_text (&params, value);

  return pq_run (session, "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = $2",
                 &params, error);
}

static gpointer
read_epoch (SatchelStoreSession *session, const PGresult *result, int row)
{
  SatchelStoredEpoch *epoch = g_new0 (SatchelStoredEpoch, 1);

  epoch->name = pq_dup_text (result, row, 0);
  epoch->cut = pq_get_number (result, row, 1);

  return epoch;
}

GPtrArray *
store_postgres_list_epochs (SatchelStoreSession *session, GError **error)
{
  return pq_list (session, "SELECT name, coalesce (cut, -1) FROM epoch ORDER BY number", NULL, read_epoch,
                  (GDestroyNotify) satchel_stored_epoch_free, error);
}

/* What has no place in the feed yet gets one before the cut: it is not lost. */
gboolean
store_postgres_begin_epoch (SatchelStoreSession *session, const char *name, GError **error)
{
  PqParams params = { .n = 0 };

  POSTGRES_SESSION (session)->changes_others = TRUE;
  if (!pq_run (session, "SELECT FROM sequence_feed ()", NULL, error) ||
      !pq_run (session, "UPDATE epoch SET cut = (SELECT pos FROM head) WHERE cut IS NULL", NULL, error) ||
      !pq_run (session, "UPDATE device SET nonce = NULL", NULL, error))
    return FALSE;
  pq_text (&params, name);

  return pq_run (session,
                 "INSERT INTO epoch (name, began_at) VALUES ($1, "
                 "to_char (now () AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))",
                 &params, error);
}
