/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libpq-fe.h>

#include "store-postgres.h"

G_BEGIN_DECLS

/* How several processes write one database
 * ----------------------------------------
 * The core was made for a store with one writer: what it reads in a transaction stays as it was read until the commit.
 * Here a transaction that writes runs READ COMMITTED, each statement seeing what was committed before it, and locks
 * whatever it reads, in this order:
 *
 * 1. Rights (people, territories, grants): a shared advisory lock from the beginning. Who changes them takes it for
 *    themselves alone just before the commit, so everybody decides on the rights of before or of after, and a long
 *    import holds nobody up.
 * 2. The device, then those it was forked from, towards the root: one replica and its copies send one at a time. That
 *    is what counters, nonces, and "has anybody of this family sent this group" rest on.
 * 3. Records, in the order of their ids, and everything that hangs on one or is about one. Nothing is put under a record
 *    without a lock on it, so a list that was locked and read again without growing is complete: list_hanging() and
 *    list_about() lock and read until it is. History and open conflicts are read and written under their record's lock.
 *
 * Serializable transactions would give the same without locks, but small tables make them fail on each other all the
 * time: their reads are remembered by the page. What is left to chance, as two transactions that create one id or locks
 * that were taken in different orders later in a transaction, PostgreSQL finds out: then it is
 * SATCHEL_STORE_ERROR_AGAIN, and the caller does it again from the beginning.
 *
 * The feed: a transaction leaves its changes in `outbox`. sequence_feed(), called by whoever has committed, gives all that
 * is committed there places in the feed, under the lock of the row of `head`, in a transaction that is over in an instant:
 * long transactions elsewhere hold up nothing but themselves. A reader reads one snapshot (REPEATABLE READ): the feed
 * from its cursor on, and behind it what was committed and has no place yet, with which the cursor does not move. So a
 * page at the head is all of the snapshot: groups in it are whole, and its device's `last_n` counts just those. */

#define PQ_LOCKS 0x5a7c
#define PQ_LOCK_RIGHTS 1
#define PQ_LOCK_USE 2 /* shared by every session; alone by who replaces everything */
#define PQ_LOCK_SCHEMA 3
#define PQ_CHANNEL "satchel"

typedef struct
{
  SatchelStore base;
  char *url; /* may hold a password: never to be shown */
} PostgresStore;

/* What a session that writes and the one that listens for it know together: what has been told already. */
typedef struct
{
  gatomicrefcount ref_count;
  GMutex mutex;
  int pid; /* of the backend that writes; its news are its process's own */
  gint64 pos; /* of the feed */
  gint64 changes; /* of what is not in the feed */
  gint64 seen_pos; /* what the last look found */
  gint64 seen_changes;
} PqNews;

typedef struct
{
  SatchelStoreSession base;
  SatchelStoreAccess access;
  PGconn *connection; /* NULL: lost */
  gint64 next_attempt; /* monotonic time */
  guint n_attempts;
  GHashTable *statements; /* SQL, by the address of its literal -> name */
  guint n_statements;
  GHashTable *bucket_names; /* number -> name */
  GHashTable *bucket_numbers; /* name -> number */
  GHashTable *unburied; /* ids that were looked for in vain in this transaction */
  gboolean in_transaction;
  gboolean has_unplaced; /* the snapshot holds what has no place in the feed yet */
  gboolean changes_others; /* this transaction changes something that is not in the feed */
  PqNews *news; /* NULL: it only reads */
  gint64 stamp;
  gboolean listening;
} PostgresSession;

#define POSTGRES_SESSION(session) ((PostgresSession *) (session))

/* The parameters of a statement. Texts must live until it has run; arrays are built here. */
#define PQ_MAX_PARAMS 16
typedef struct
{
  const char *values[PQ_MAX_PARAMS];
  GString *arrays[PQ_MAX_PARAMS];
  char numbers[PQ_MAX_PARAMS][24];
  int n;
} PqParams;

void pq_text (PqParams *params, const char *text);
void pq_number (PqParams *params, gint64 number);
GString *pq_array (PqParams *params); /* to be filled with the following */
void pq_array_add_text (GString *array, const char *text);
void pq_array_add_number (GString *array, gint64 number);
void pq_array_of_texts (PqParams *params, GPtrArray *structs, gsize offset);
void pq_array_of_numbers (PqParams *params, GPtrArray *structs, gsize offset);
void pq_params_clear (PqParams *params);

/* Statements. @sql must be a literal: it is prepared once a connection. They end with @params cleared. */
PGresult *pq_query (SatchelStoreSession *session, const char *sql, PqParams *params, GError **error);
gboolean pq_run (SatchelStoreSession *session, const char *sql, PqParams *params, GError **error);
/* Any SQL, several statements if need be. */
gboolean pq_run_plain (SatchelStoreSession *session, const char *sql, GError **error);
gboolean pq_has_connection (SatchelStoreSession *session, GError **error); /* connects again where it must */
gboolean pq_fail (SatchelStoreSession *session, PGresult *result, GError **error);
PGconn *pq_connect (const char *url, GError **error);
void pq_disconnect (PostgresSession *self);

/* Reading results. */
const char *pq_get_text (const PGresult *result, int row, int column);
char *pq_dup_text (const PGresult *result, int row, int column);
gint64 pq_get_number (const PGresult *result, int row, int column);
typedef gpointer (*PqRowFunc) (SatchelStoreSession *session, const PGresult *result, int row);
GPtrArray *pq_list (SatchelStoreSession *session, const char *sql, PqParams *params, PqRowFunc func,
                    GDestroyNotify destroy, GError **error);
gboolean pq_one (SatchelStoreSession *session, const char *sql, PqParams *params, PqRowFunc func, gpointer *found,
                 GError **error);
gboolean pq_one_number (SatchelStoreSession *session, const char *sql, PqParams *params, gint64 *number,
                        gboolean *found, GError **error);
gboolean pq_writes (SatchelStoreSession *session); /* in a transaction that writes */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PGresult, PQclear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PqParams, pq_params_clear)

/* The schema, in store-postgres-schema.c. */
gboolean store_postgres_migrate (PGconn *connection, SatchelStoreOpen mode, GError **error);
gboolean store_postgres_make_schema (PGconn *connection, GError **error); /* in a transaction */

/* All there is, in store-postgres-tables.c. */
gboolean store_postgres_read_table (SatchelStoreSession *session, const SatchelStoreTable *table,
                                    SatchelStoreRowFunc func, gpointer data, GError **error);
gboolean store_postgres_write_rows (SatchelStoreSession *session, const SatchelStoreTable *table, GPtrArray *rows,
                                    GError **error);
gboolean store_postgres_end_rows (SatchelStoreSession *session, GError **error);
gboolean store_postgres_set_aside (SatchelStoreSession *session, const char *name, GError **error);
gboolean store_postgres_discard (SatchelStoreSession *session, GError **error);
gboolean store_postgres_backup (SatchelStoreSession *session, const char *path, GError **error);

/* Records, in store-postgres-records.c. */
GPtrArray *store_postgres_load_records (SatchelStoreSession *session, const char *const *ids, GError **error);
GPtrArray *store_postgres_list_hanging (SatchelStoreSession *session, const char *account, GError **error);
GPtrArray *store_postgres_list_about (SatchelStoreSession *session, const char *target, GError **error);
gboolean store_postgres_foreach_of_type (SatchelStoreSession *session, const char *type, GFunc func, gpointer data,
                                         GError **error);
gboolean store_postgres_is_buried (SatchelStoreSession *session, const char *id, gboolean *buried, GError **error);

/* Saving, in store-postgres-save.c. */
gboolean store_postgres_save (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error);

/* The feed, in store-postgres-feed.c. */
gboolean store_postgres_get_head (SatchelStoreSession *session, gint64 *pos, GError **error);
gboolean store_postgres_get_forgotten (SatchelStoreSession *session, gint64 *pos, GError **error);
gboolean store_postgres_number_buckets (SatchelStoreSession *session, SatchelFeedSource *sources, guint n_sources,
                                        GError **error);
/* Gives numbers to those that have none: then store_postgres_find_bucket() knows them all. */
gboolean store_postgres_make_buckets (SatchelStoreSession *session, GHashTable *names, GError **error);
gint64 store_postgres_find_bucket (SatchelStoreSession *session, const char *name);
char *store_postgres_name_bucket (SatchelStoreSession *session, gint64 number, GError **error);
const char *store_postgres_get_bucket_name (SatchelStoreSession *session, gint64 number, GError **error);
gboolean store_postgres_read_feed (SatchelStoreSession *session, const SatchelFeedSource *sources, guint n_sources,
                                   const char *owner, SatchelFeedFunc func, gpointer data, gboolean *at_end,
                                   GError **error);

/* News, in store-postgres-news.c. */
PqNews *pq_news_new (void);
PqNews *pq_news_ref (PqNews *news);
void pq_news_unref (PqNews *news);
gboolean store_postgres_begin_news (PostgresSession *self, GError **error);
void store_postgres_sequence (SatchelStoreSession *session);
gboolean store_postgres_get_stamp (SatchelStoreSession *session, gint64 *stamp, GError **error);
gboolean store_postgres_wait_for_news (SatchelStoreSession *session, int wake, GHashTable *touched, gboolean *vague,
                                       GError **error);

/* What happened, in store-postgres-log.c. */
GPtrArray *store_postgres_list_changes (SatchelStoreSession *session, const char *record, const char *unit,
                                        const SatchelRevision *after, guint limit, gboolean newest_first,
                                        GError **error);
GPtrArray *store_postgres_list_conflicts (SatchelStoreSession *session, const char *const *targets, GError **error);
gboolean store_postgres_save_log (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error);
gboolean store_postgres_load_group (SatchelStoreSession *session, const char *device, gint64 n,
                                    SatchelStoredGroup **group, GError **error);

/* Devices, people, places, settings, in store-postgres-people.c. */
gboolean store_postgres_load_device (SatchelStoreSession *session, const char *id, SatchelStoredDevice **device,
                                     GError **error);
gboolean store_postgres_find_device (SatchelStoreSession *session, const char *token_hash, SatchelStoredDevice **device,
                                     GError **error);
GPtrArray *store_postgres_list_devices (SatchelStoreSession *session, GError **error);
gboolean store_postgres_save_device (SatchelStoreSession *session, const SatchelStoredDevice *device, GError **error);
gboolean store_postgres_load_user (SatchelStoreSession *session, const char *id, SatchelStoredUser **user,
                                   GError **error);
gboolean store_postgres_find_user (SatchelStoreSession *session, const char *name, SatchelStoredUser **user,
                                   GError **error);
GPtrArray *store_postgres_list_users (SatchelStoreSession *session, GError **error);
gboolean store_postgres_save_user (SatchelStoreSession *session, const SatchelStoredUser *user, GError **error);
gboolean store_postgres_set_password (SatchelStoreSession *session, const char *user, const char *password,
                                      GError **error);
gboolean store_postgres_find_invitation (SatchelStoreSession *session, const char *hash,
                                         SatchelStoredInvitation **invitation, GError **error);
gboolean store_postgres_set_invitation (SatchelStoreSession *session, const char *user,
                                        const SatchelStoredInvitation *invitation, GError **error);
GPtrArray *store_postgres_list_territories (SatchelStoreSession *session, GError **error);
gboolean store_postgres_save_territory (SatchelStoreSession *session, const SatchelStoredTerritory *territory,
                                        GError **error);
GPtrArray *store_postgres_list_grants (SatchelStoreSession *session, const char *user, GError **error);
gboolean store_postgres_set_grant (SatchelStoreSession *session, const SatchelStoredGrant *grant, gboolean granted,
                                   GError **error);
gboolean store_postgres_get_meta (SatchelStoreSession *session, const char *key, char **value, GError **error);
gboolean store_postgres_set_meta (SatchelStoreSession *session, const char *key, const char *value, GError **error);
GPtrArray *store_postgres_list_epochs (SatchelStoreSession *session, GError **error);
gboolean store_postgres_begin_epoch (SatchelStoreSession *session, const char *name, GError **error);

/* What is kept for a while only, in store-postgres-prune.c. */
gboolean store_postgres_prune (SatchelStoreSession *session, const SatchelPruning *pruning, gboolean *more,
                               GHashTable *touched, GError **error);

G_END_DECLS
