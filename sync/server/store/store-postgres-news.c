/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Giving places in the feed, and hearing of what other processes commit. */

#include "satchel-config.h"

#include "store-postgres-private.h"

#include <poll.h>
#include <string.h>

#define PAUSE_MS 500

/* ---- What is known -------------------------------------------------------------------------------- */

PqNews *
pq_news_new (void)
{
  PqNews *self = g_new0 (PqNews, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->mutex);
  self->pos = self->changes = -1;

  return self;
}

PqNews *
pq_news_ref (PqNews *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
pq_news_unref (PqNews *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_mutex_clear (&self->mutex);
  g_free (self);
}

static gboolean
ask (SatchelStoreSession *session, gint64 *pos, gint64 *changes, GError **error)
{
  g_autoptr (PGresult) result = pq_query (session, "SELECT h.pos, c.n FROM head h, changes c", NULL, error);

  if (result == NULL)
    return FALSE;
  *pos = pq_get_number (result, 0, 0);
  *changes = pq_get_number (result, 0, 1);

  return TRUE;
}

/* A new connection: of the one who writes, or of the one who listens. What was missed before is found at the next look. */
gboolean
store_postgres_begin_news (PostgresSession *self, GError **error)
{
  PqNews *news = self->news;
  gint64 pos, changes;

  if (self->listening && !pq_run_plain (&self->base, "LISTEN " PQ_CHANNEL, error))
    return FALSE;
  if (!ask (&self->base, &pos, &changes, error))
    return FALSE;

  g_mutex_lock (&news->mutex);
  if (!self->listening)
    news->pid = PQbackendPID (self->connection);
  if (news->pos < 0)
    {
      news->pos = news->seen_pos = pos;
      news->changes = news->seen_changes = changes;
    }
  g_mutex_unlock (&news->mutex);

  return TRUE;
}

/* ---- Giving places -------------------------------------------------------------------------------- */

/* What this process itself has changed, and nobody else, is no news to look for: it knows. */
static void
note_own (PqNews *news, const PGresult *result)
{
  gint64 first = pq_get_number (result, 0, 0);
  gint64 last = pq_get_number (result, 0, 1);
  gint64 origin = pq_get_number (result, 0, 2);

  g_mutex_lock (&news->mutex);
  if (origin == news->pid && first == news->pos + 1)
    news->pos = last;
  g_mutex_unlock (&news->mutex);
}

static void
note_own_change (PostgresSession *self)
{
  PqNews *news = self->news;
  gint64 pos, changes;

  if (!ask (&self->base, &pos, &changes, NULL))
    return;

  g_mutex_lock (&news->mutex);
  if (changes == news->changes + 1)
    news->changes = changes;
  g_mutex_unlock (&news->mutex);
}

/* After a commit, which stands whatever happens here: if places cannot be given now, the next one gives them, or the next
 * who looks for news. */
void
store_postgres_sequence (SatchelStoreSession *session)
{
  PostgresSession *self = POSTGRES_SESSION (session);
  g_autoptr (GError) error = NULL;
  g_autoptr (PGresult) result = pq_query (session, "SELECT first, last, origin FROM sequence_feed ()", NULL, &error);

  if (result == NULL)
    {
      g_debug ("Places in the feed are given later: %s", error->message);
      return;
    }
  if (PQntuples (result) > 0)
    note_own (self->news, result);
  if (self->changes_others)
    note_own_change (self);
  self->changes_others = FALSE;
}

/* ---- Looking -------------------------------------------------------------------------------------- */

/* Whether something was not told that was there at the last look already: it had time to be heard of since. */
static gboolean
has_missed (PqNews *self)
{
  gboolean missed = self->seen_pos > self->pos || self->seen_changes > self->changes;

  self->pos = MAX (self->pos, self->seen_pos);
  self->changes = MAX (self->changes, self->seen_changes);

  return missed;
}

static gboolean
look (PqNews *self, gint64 pos, gint64 changes)
{
  gboolean missed;

  g_mutex_lock (&self->mutex);
  missed = has_missed (self);
  self->seen_pos = pos;
  self->seen_changes = changes;
  g_mutex_unlock (&self->mutex);

  return missed;
}

/* A number that changes when another process or session has committed and it was not heard of. Needs no transaction. */
gboolean
store_postgres_get_stamp (SatchelStoreSession *session, gint64 *stamp, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);
  gint64 pos, changes;

  store_postgres_sequence (session);
  if (!ask (session, &pos, &changes, error))
    return FALSE;
  self->stamp += look (self->news, pos, changes);
  *stamp = self->stamp;

  return TRUE;
}

/* ---- Listening ------------------------------------------------------------------------------------ */

/* What one notification says. */
typedef struct
{
  GHashTable *touched;
  gboolean *vague;
} Hearing;

static gboolean
touch (SatchelStoreSession *session, const char *numbers, Hearing *hearing)
{
  g_auto (GStrv) words = g_strsplit (numbers, ",", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *name = store_postgres_get_bucket_name (session, g_ascii_strtoll (words[i], NULL, 10), NULL);

      if (name == NULL)
        return FALSE;
      g_hash_table_add (hearing->touched, g_strdup (name));
    }

  return TRUE;
}

/* "feed PID FIRST LAST BUCKETS": the places from FIRST to LAST were given. */
static void
hear_feed (SatchelStoreSession *session, char **words, Hearing *hearing)
{
  PqNews *news = POSTGRES_SESSION (session)->news;
  gint64 pid = g_ascii_strtoll (words[1], NULL, 10);
  gint64 first = g_ascii_strtoll (words[2], NULL, 10);
  gint64 last = g_ascii_strtoll (words[3], NULL, 10);
  gboolean known, missed;

  g_mutex_lock (&news->mutex);
  known = last <= news->pos || (pid == news->pid && first <= news->pos + 1);
  missed = first > news->pos + 1;
  news->pos = MAX (news->pos, last);
  g_mutex_unlock (&news->mutex);

  if (!known && (missed || words[4][0] == '*' || !touch (session, words[4], hearing)))
    *hearing->vague = TRUE;
}

/* "change PID N": the Nth change of something that is not in the feed. */
static void
hear_change (SatchelStoreSession *session, char **words, Hearing *hearing)
{
  PqNews *news = POSTGRES_SESSION (session)->news;
  gint64 pid = g_ascii_strtoll (words[1], NULL, 10);
  gint64 n = g_ascii_strtoll (words[2], NULL, 10);

  g_mutex_lock (&news->mutex);
  if (n > news->changes && (pid != news->pid || n != news->changes + 1))
    *hearing->vague = TRUE;
  news->changes = MAX (news->changes, n);
  g_mutex_unlock (&news->mutex);
}

static void
hear (SatchelStoreSession *session, const char *text, Hearing *hearing)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  guint n = g_strv_length (words);

  if (n == 5 && strcmp (words[0], "feed") == 0)
    hear_feed (session, words, hearing);
  else if (n == 3 && strcmp (words[0], "change") == 0)
    hear_change (session, words, hearing);
}

static gboolean
hear_all (SatchelStoreSession *session, Hearing *hearing, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);
  PGnotify *notify;

  if (PQconsumeInput (self->connection) == 0)
    return pq_fail (session, NULL, error);

  while (self->connection != NULL && (notify = PQnotifies (self->connection)) != NULL)
    {
      hear (session, notify->extra, hearing);
      PQfreemem (notify);
    }

  return TRUE;
}

/* -1: no @connection, no @timeout_ms. */
static void
sleep_until (int connection, int wake, int timeout_ms)
{
  struct pollfd files[] = {
    { .fd = wake,       .events = POLLIN },
    { .fd = connection, .events = POLLIN },
  };

  poll (files, connection >= 0 ? 2 : 1, timeout_ms);
}

/**
 * store_postgres_wait_for_news:
 * @session: one that listens
 * @wake: a file; what can be read there ends the waiting
 * @touched: (element-type utf8): gets the buckets that have news
 * @vague: (out): whether there are news of which more is not known
 * @error: why it cannot be heard of them now; the next call tries again
 *
 * Waits until another process has news, or until it is woken. What is not heard of, as while there is no connection, is
 * found by satchel_store_get_stamp() on the session that writes.
 *
 * Returns: whether it could listen
 */
gboolean
store_postgres_wait_for_news (SatchelStoreSession *session, int wake, GHashTable *touched, gboolean *vague,
                              GError **error)
{
  Hearing hearing = { touched, vague };

  *vague = FALSE;
  if (!pq_has_connection (session, error))
    {
      sleep_until (-1, wake, PAUSE_MS);
      return FALSE;
    }
  if (!hear_all (session, &hearing, error))
    return FALSE;
  if (*vague || g_hash_table_size (touched) > 0)
    return TRUE;

  sleep_until (PQsocket (POSTGRES_SESSION (session)->connection), wake, -1);

  return hear_all (session, &hearing, error);
}
