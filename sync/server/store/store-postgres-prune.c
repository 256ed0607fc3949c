/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is kept for a while only, in the PostgreSQL store: the bin, the outcomes of groups, what left a bucket. */

#include "satchel-config.h"

#include "store-postgres-private.h"

/* Groups that a device may send again because their answer was lost: those of a few requests. */
#define GROUPS_KEPT "4000"

/* ---- The bin -------------------------------------------------------------------------------------- */

/* What waits for a person in a conflict stays, and so does what hangs on it, or is newer in the bin than it. */
#define MAY_GO                                                                             \
  "r.deleted_at < $1::text AND NOT EXISTS (SELECT FROM conflict c WHERE c.target = r.id) " \
  "AND NOT EXISTS (SELECT FROM record h WHERE h.account = r.id AND h.type <> 'conflict' "  \
  "AND (h.deleted_at IS NULL OR h.deleted_at >= $1::text)) "                               \
  "AND NOT EXISTS (SELECT FROM record h WHERE h.target = r.id AND h.type <> 'conflict' "   \
  "AND (h.deleted_at IS NULL OR h.deleted_at >= $1::text)) "

static GString *
add_column (PqParams *params, const PGresult *result, int column)
{
  GString *array = pq_array (params);

  for (int i = 0; i < PQntuples (result); i++)
    pq_array_add_text (array, pq_get_text (result, i, column));

  return array;
}

/* First locked, those that somebody else is at aside, then looked at again: what was true while it was looked for need not
 * be true any more when it is locked. */
static PGresult *
lock_binned (SatchelStoreSession *session, const SatchelPruning *pruning, GError **error)
{
  PqParams params = { .n = 0 };

  pq_text (&params, pruning->before);
  pq_number (&params, pruning->limit);

  return pq_query (session,
                   "SELECT r.id FROM record r WHERE " MAY_GO "ORDER BY r.id LIMIT $2::bigint FOR UPDATE SKIP LOCKED",
                   &params, error);
}

/* Settled conflicts that were about it go along. */
static PGresult *
list_going (SatchelStoreSession *session, const SatchelPruning *pruning, const PGresult *locked, GError **error)
{
  PqParams params = { .n = 0 };

  pq_text (&params, pruning->before);
  add_column (&params, locked, 0);

  return pq_query (
      session,
      "WITH going AS (SELECT r.* FROM record r WHERE r.id = ANY ($2::text[]) AND " MAY_GO ") "
      "SELECT id, type, bucket FROM going UNION ALL "
      "SELECT c.id, c.type, c.bucket FROM going g JOIN record c ON c.target = g.id AND c.type = 'conflict'",
      &params, error);
}

static gboolean
run_on (SatchelStoreSession *session, const char *sql, const PGresult *going, GError **error)
{
  PqParams params = { .n = 0 };

  add_column (&params, going, 0);

  return pq_run (session, sql, &params, error);
}

static gboolean
write_deletions (SatchelStoreSession *session, const PGresult *going, GError **error)
{
  PqParams params = { .n = 0 };

  add_column (&params, going, 0);
  add_column (&params, going, 1);
  add_column (&params, going, 2);

  return pq_run (session,
                 "INSERT INTO outbox (bucket, id, kind, type) SELECT s.bucket, s.id, 2, s.type FROM "
                 "unnest ($1::text[], $2::text[], $3::bigint[]) AS s (id, type, bucket)",
                 &params, error);
}

static gboolean
touch_all (SatchelStoreSession *session, const PGresult *going, GHashTable *touched, GError **error)
{
  for (int i = 0; i < PQntuples (going); i++)
    {
      const char *name = store_postgres_get_bucket_name (session, pq_get_number (going, i, 2), error);

      if (name == NULL)
        return FALSE;
      g_hash_table_add (touched, g_strdup (name));
    }

  return TRUE;
}

static gboolean
remove_all (SatchelStoreSession *session, const PGresult *going, GHashTable *touched, GError **error)
{
  return touch_all (session, going, touched, error) &&
         run_on (session, "DELETE FROM history WHERE record IN (SELECT number FROM record WHERE id = ANY ($1::text[]))",
                 going, error) &&
         run_on (session, "DELETE FROM record WHERE id = ANY ($1::text[])", going, error) &&
         run_on (session, "INSERT INTO tombstone (id) SELECT * FROM unnest ($1::text[]) ON CONFLICT DO NOTHING", going,
                 error) &&
         write_deletions (session, going, error);
}

static gboolean
empty_bin (SatchelStoreSession *session, const SatchelPruning *pruning, gboolean *more, GHashTable *touched,
           GError **error)
{
  g_autoptr (PGresult) locked = lock_binned (session, pruning, error);
  g_autoptr (PGresult) going = NULL;

  if (locked == NULL)
    return FALSE;
  *more = PQntuples (locked) > 0;
  if (!*more)
    return TRUE;

  going = list_going (session, pruning, locked, error);

  return going != NULL && remove_all (session, going, touched, error);
}

/* ---- The feed and the groups ---------------------------------------------------------------------- */

static gboolean
run (SatchelStoreSession *session, const char *sql, const char *text, GError **error)
{
  PqParams params = { .n = 0 };

  pq_text (&params, text);

  return pq_run (session, sql, &params, error);
}

/* A cursor from before what is forgotten is answered with everything anew. */
static gboolean
forget_departures (SatchelStoreSession *session, const char *before, GError **error)
{
  return run (session,
              "UPDATE head SET forgotten = s.pos FROM (SELECT max (pos) AS pos FROM calendar "
              "WHERE day < substr ($1::text, 1, 10)) s WHERE s.pos > forgotten",
              before, error) &&
         pq_run (session, "DELETE FROM feed WHERE kind <> 0 AND pos <= (SELECT forgotten FROM head)", NULL, error) &&
         run (session, "DELETE FROM calendar WHERE day < substr ($1::text, 1, 10)", before, error);
}

static gboolean
forget_groups (SatchelStoreSession *session, const SatchelPruning *pruning, gboolean *more, GError **error)
{
  PqParams params = { .n = 0 };
  g_autoptr (PGresult) result = NULL;

  pq_text (&params, pruning->before);
  pq_number (&params, pruning->limit);
  result = pq_query (session,
                     "WITH old AS (SELECT s.device, s.n FROM sent s JOIN device d ON d.id = s.device "
                     "WHERE s.at < $1::text AND s.n <= d.last_n - " GROUPS_KEPT " ORDER BY s.at LIMIT $2::bigint) "
                     "DELETE FROM sent s USING old o WHERE s.device = o.device AND s.n = o.n",
                     &params, error);
  if (result == NULL)
    return FALSE;
  *more |= g_strcmp0 (PQcmdTuples (result), "0") != 0;

  return TRUE;
}

/* What changes the feed itself comes last, under the lock of those who give places in it. */
gboolean
store_postgres_prune (SatchelStoreSession *session, const SatchelPruning *pruning, gboolean *more, GHashTable *touched,
                      GError **error)
{
  return empty_bin (session, pruning, more, touched, error) && forget_groups (session, pruning, more, error) &&
         pq_run (session, "SELECT FROM head FOR UPDATE", NULL, error) &&
         run (session,
              "INSERT INTO calendar (day, pos) SELECT substr ($1::text, 1, 10), pos FROM head ON CONFLICT DO NOTHING",
              pruning->now, error) &&
         forget_departures (session, pruning->before, error);
}
