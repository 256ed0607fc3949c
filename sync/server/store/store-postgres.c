/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The PostgreSQL store: sessions and transactions. */

#include "satchel-config.h"

#include "store-postgres-private.h"

/* ---- Transactions --------------------------------------------------------------------------------- */

#define BEGIN_READ "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
#define BEGIN_WRITE                                                                                      \
  "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock_shared (" G_STRINGIFY ( \
      PQ_LOCKS) ", " G_STRINGIFY (PQ_LOCK_RIGHTS) ")"

/* A connection that died while nobody used it is found out here, and made anew. */
static gboolean
begin (SatchelStoreSession *session, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);
  const char *sql = self->access != SATCHEL_STORE_READ ? BEGIN_WRITE : BEGIN_READ;
  gboolean was_connected = self->connection != NULL;
  g_autoptr (GError) problem = NULL;

  g_assert (!self->in_transaction);

  self->has_unplaced = TRUE;
  self->changes_others = FALSE;
  if (pq_run_plain (session, sql, &problem))
    return self->in_transaction = TRUE;

  if (was_connected && self->connection == NULL && pq_run_plain (session, sql, error))
    return self->in_transaction = TRUE;
  if (error != NULL && *error == NULL)
    g_propagate_error (error, g_steal_pointer (&problem));

  return FALSE;
}

static void
end (PostgresSession *self)
{
  self->in_transaction = FALSE;
  g_hash_table_remove_all (self->unburied);
}

/* When the answer to a commit is lost, nobody knows whether it was done: nothing is confirmed then, and what is sent again
 * is found by its device, number and hash if it was. */
static gboolean
commit (SatchelStoreSession *session, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);

  g_assert (self->in_transaction);

  if (!pq_run_plain (session, self->changes_others ? "SELECT note_change (); COMMIT" : "COMMIT", error))
    return FALSE;
  end (self);
  if (self->access != SATCHEL_STORE_READ)
    store_postgres_sequence (session);

  return TRUE;
}

static void
rollback (SatchelStoreSession *session)
{
  PostgresSession *self = POSTGRES_SESSION (session);

  if (self->in_transaction && self->connection != NULL)
    pq_run_plain (session, "ROLLBACK", NULL);
  end (self);
}

/* ---- Checking ------------------------------------------------------------------------------------- */

static gpointer
read_problem (SatchelStoreSession *session, const PGresult *result, int row)
{
  return pq_dup_text (result, row, 0);
}

/* What PostgreSQL promises is left to it: this is what only we know. */
static gboolean
check (SatchelStoreSession *session, GPtrArray *problems, GError **error)
{
  GPtrArray *found = pq_list (
      session,
      "SELECT 'record ' || r.id || ' has no place in the feed' FROM record r "
      "WHERE NOT EXISTS (SELECT FROM feed f WHERE f.bucket = r.bucket AND f.id = r.id AND f.kind = 0) "
      "AND NOT EXISTS (SELECT FROM outbox o WHERE o.bucket = r.bucket AND o.id = r.id) "
      "UNION ALL SELECT 'record ' || f.id || ' is ahead of the feed' FROM feed f WHERE f.pos > (SELECT pos FROM head) "
      "UNION ALL SELECT 'record ' || f.id || ' is not there' FROM feed f WHERE f.kind = 0 "
      "AND NOT EXISTS (SELECT FROM record r WHERE r.id = f.id AND r.bucket = f.bucket) "
      "AND NOT EXISTS (SELECT FROM outbox o WHERE o.bucket = f.bucket AND o.id = f.id) "
      "UNION ALL SELECT 'bucket ' || r.bucket || ' has no name' FROM record r "
      "WHERE NOT EXISTS (SELECT FROM bucket b WHERE b.number = r.bucket) "
      "UNION ALL SELECT 'history ' || h.number || ' is of no record' FROM history h "
      "WHERE NOT EXISTS (SELECT FROM record r WHERE r.number = h.record) "
      "UNION ALL SELECT 'conflict ' || c.id || ' is not there' FROM conflict c "
      "WHERE NOT EXISTS (SELECT FROM record r WHERE r.id = c.id)",
      NULL, read_problem, NULL, error);

  if (found == NULL)
    return FALSE;
  g_ptr_array_extend_and_steal (problems, found);

  return TRUE;
}

/* ---- Opening -------------------------------------------------------------------------------------- */

static PostgresSession *
session_new (SatchelStore *store, SatchelStoreAccess access)
{
  PostgresSession *self = g_new0 (PostgresSession, 1);

  self->base.store = store;
  self->access = access;
  self->statements = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->bucket_names = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->bucket_numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->unburied = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return self;
}

static void
close_session (SatchelStoreSession *session)
{
  PostgresSession *self = POSTGRES_SESSION (session);

  rollback (session);
  pq_disconnect (self);
  g_hash_table_unref (self->statements);
  g_hash_table_unref (self->bucket_names);
  g_hash_table_unref (self->bucket_numbers);
  g_hash_table_unref (self->unburied);
  g_clear_pointer (&self->news, pq_news_unref);
  g_free (self);
}

static SatchelStoreSession *
open_session (SatchelStore *store, SatchelStoreAccess access, GError **error)
{
  PostgresSession *self = session_new (store, access);

  if (access != SATCHEL_STORE_READ)
    self->news = pq_news_new ();
  if (pq_has_connection (&self->base, error))
    return &self->base;

  close_session (&self->base);

  return NULL;
}

static SatchelStoreSession *
listen (SatchelStoreSession *writer, GError **error)
{
  PostgresSession *self = session_new (writer->store, SATCHEL_STORE_READ);

  self->news = pq_news_ref (POSTGRES_SESSION (writer)->news);
  self->listening = TRUE;
  if (pq_has_connection (&self->base, error))
    return &self->base;

  close_session (&self->base);

  return NULL;
}

static void
free_store (SatchelStore *store)
{
  PostgresStore *self = (PostgresStore *) store;

  g_free (self->url);
  g_free (self);
}

static const SatchelStoreInterface postgres_interface = {
  .open_session = open_session,
  .close_session = close_session,
  .free = free_store,
  .check = check,
  .begin = begin,
  .commit = commit,
  .rollback = rollback,
  .get_stamp = store_postgres_get_stamp,
  .listen = listen,
  .wait_for_news = store_postgres_wait_for_news,
  .load_records = store_postgres_load_records,
  .list_hanging = store_postgres_list_hanging,
  .list_about = store_postgres_list_about,
  .foreach_of_type = store_postgres_foreach_of_type,
  .list_changes = store_postgres_list_changes,
  .list_conflicts = store_postgres_list_conflicts,
  .save = store_postgres_save,
  .is_buried = store_postgres_is_buried,
  .prune = store_postgres_prune,
  .get_forgotten = store_postgres_get_forgotten,
  .get_head = store_postgres_get_head,
  .number_buckets = store_postgres_number_buckets,
  .name_bucket = store_postgres_name_bucket,
  .read_feed = store_postgres_read_feed,
  .load_device = store_postgres_load_device,
  .find_device = store_postgres_find_device,
  .list_devices = store_postgres_list_devices,
  .save_device = store_postgres_save_device,
  .load_group = store_postgres_load_group,
  .load_user = store_postgres_load_user,
  .find_user = store_postgres_find_user,
  .list_users = store_postgres_list_users,
  .save_user = store_postgres_save_user,
  .set_password = store_postgres_set_password,
  .find_invitation = store_postgres_find_invitation,
  .set_invitation = store_postgres_set_invitation,
  .list_territories = store_postgres_list_territories,
  .save_territory = store_postgres_save_territory,
  .list_grants = store_postgres_list_grants,
  .set_grant = store_postgres_set_grant,
  .get_meta = store_postgres_get_meta,
  .set_meta = store_postgres_set_meta,
  .list_epochs = store_postgres_list_epochs,
  .begin_epoch = store_postgres_begin_epoch,
  .read_table = store_postgres_read_table,
  .write_rows = store_postgres_write_rows,
  .end_rows = store_postgres_end_rows,
  .set_aside = store_postgres_set_aside,
  .discard = store_postgres_discard,
  .backup = store_postgres_backup,
};

static gboolean
migrate (const char *url, SatchelStoreOpen mode, GError **error)
{
  PGconn *connection = pq_connect (url, error);
  gboolean done = connection != NULL && store_postgres_migrate (connection, mode, error);

  g_clear_pointer (&connection, PQfinish);

  return done;
}

/**
 * satchel_postgres_store_open:
 * @url: `postgresql://…`, as libpq understands it: with hosts to fail over to, and what to demand of TLS
 * @mode: whether there must be a store already
 * @error: why not; it never holds @url, in which a password may be
 *
 * Returns: (transfer full) (nullable): the store, its schema up to date
 */
SatchelStore *
satchel_postgres_store_open (const char *url, SatchelStoreOpen mode, GError **error)
{
  PostgresStore *self;

  if (!migrate (url, mode, error))
    return NULL;

  self = g_new0 (PostgresStore, 1);
  self->base.interface = &postgres_interface;
  self->url = g_strdup (url);

  return &self->base;
}
