/* SPDX-License-Identifier: GPL-3.0-or-later */

/* `POST /v1/sync`: read the request, write its groups, read the answer; and wait for news where there are none.
 *
 * A poll that waits stands under its device and under the buckets that are granted to it. It is asked again when one of
 * them has news: those of a commit here are told at once, those of other processes are looked for while anyone waits. */

#include "satchel-config.h"

#include "http-sync.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "server/core/server-rights.h"
#include "server/core/server-sync.h"
#include "server/operation/server-audit.h"
#include "wire/satchel-frames.h"

#define LOOK_MS 200
#define SMALL_BYTES 4096
#define LEAVERS_AT_ONCE 64

/**
 * HttpPolls:
 * @devices: device -> HttpSync that waits
 * @buckets: bucket -> set of HttpSync
 * @look: while anyone waits
 * @clients: an epoll of the clients of those that wait: the main loop would look at each of them in every turn
 * @leaving: some of them are gone
 * @n_news: how often there were news
 * @news_at: when the latest were committed, in monotonic time
 */
struct _HttpPolls
{
  HttpWorkers *workers;
  GHashTable *devices;
  GHashTable *buckets;
  GSource *look;
  int clients;
  GSource *leaving;
  guint n_news;
  gint64 news_at;
  gboolean stopping;
};

/**
 * HttpSync: a sync request at work.
 * @n_commits: that were known before the answer was read
 * @dropped: atomic; nobody wants the answer any more
 * @deadline: of the waiting, monotonic time; 0: it may not wait
 * @answer: what to say if nothing comes
 * @committed: the push is, and was not told yet
 * @running: the workers have it
 * @again: there were news meanwhile
 * @told: the last news that it was told
 * @news_at: when the first of them were committed that it was not answered yet; 0: none were
 * @watched: (nullable): the client's socket, among those that are watched
 */
typedef struct
{
  HttpWork work;
  HttpPolls *polls;
  HttpRequest *request;
  GBytes *body;
  char *token;
  SatchelSyncRequest *sync;
  SatchelPush *push;
  SatchelPull *pull;
  guint n_commits;
  gint dropped;

  gint64 deadline;
  GBytes *answer;
  char *device;
  char **buckets;
  gboolean committed;
  gboolean running;
  gboolean again;
  guint told;
  gint64 news_at;
  GSocket *watched;
} HttpSync;

static void
sync_free (HttpSync *self)
{
  g_clear_error (&self->work.error);
  http_request_unref (self->request);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->token);
  g_clear_pointer (&self->sync, satchel_sync_request_free);
  g_clear_pointer (&self->push, satchel_push_free);
  g_clear_pointer (&self->pull, satchel_pull_free);
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_free (self->device);
  g_strfreev (self->buckets);
  g_free (self);
}

/* ---- On the threads ------------------------------------------------------------------------------- */

/* Strangers do not get us to decode what they send. */
static gboolean
check_token (HttpSync *self, SatchelServer *server, SatchelStoreSession *session, GError **error)
{
  g_autoptr (SatchelView) view = NULL;

  if (g_bytes_get_size (self->body) <= SMALL_BYTES)
    return TRUE;
  if (!satchel_store_begin (session, error))
    return FALSE;

  view = satchel_view_open (server, session, self->token, error);
  satchel_store_rollback (session);

  return view != NULL;
}

static gboolean
parse (HttpSync *self, SatchelServer *server, SatchelStoreSession *session, GError **error)
{
  if (!check_token (self, server, session, error))
    return FALSE;

  self->sync = satchel_sync_request_parse (self->body, error);
  g_clear_pointer (&self->body, g_bytes_unref);

  return self->sync != NULL;
}

static HttpStep
sync_read (HttpWork *work, SatchelServer *server, SatchelStoreSession *session)
{
  HttpSync *self = (HttpSync *) work;

  if (g_atomic_int_get (&self->dropped) && self->push == NULL)
    return HTTP_STEP_DONE;
  if (self->sync == NULL && !parse (self, server, session, &work->error))
    return HTTP_STEP_DONE;
  if (self->push == NULL && satchel_sync_request_writes (self->sync))
    return HTTP_STEP_WRITE;

  if (self->push != NULL)
    self->committed = TRUE;
  self->n_commits = http_workers_get_n_commits (work->workers);
  g_clear_pointer (&self->pull, satchel_pull_free);
  self->pull = satchel_server_pull (server, session, self->token, self->sync, self->push, &work->error);

  return self->pull != NULL && self->pull->status == SATCHEL_PULL_FORK && self->push == NULL ? HTTP_STEP_WRITE
                                                                                             : HTTP_STEP_DONE;
}

static HttpStep
sync_write (HttpWork *work, SatchelServer *server, SatchelStoreSession *session, GHashTable *touched)
{
  HttpSync *self = (HttpSync *) work;

  g_clear_pointer (&self->push, satchel_push_free);
  self->push = satchel_server_push (server, session, self->token, self->sync, touched, &work->error);

  return HTTP_STEP_READ;
}

/* ---- When a device was there ---------------------------------------------------------------------- */

typedef struct
{
  HttpWork work;
  char *token;
} Seen;

static HttpStep
seen_write (HttpWork *work, SatchelServer *server, SatchelStoreSession *session, GHashTable *touched)
{
  satchel_server_note_seen (server, session, ((Seen *) work)->token, &work->error);

  return HTTP_STEP_DONE;
}

static void
seen_done (HttpWork *work)
{
  Seen *self = (Seen *) work;

  g_clear_error (&work->error);
  g_free (self->token);
  g_free (self);
}

static const HttpWorkClass seen_class = { .write = seen_write, .done = seen_done };

static void
note_seen (HttpPolls *self, const char *token)
{
  Seen *seen = g_new0 (Seen, 1);

  seen->work.class = &seen_class;
  seen->work.background = TRUE;
  seen->token = g_strdup (token);
  http_workers_start (self->workers, &seen->work, HTTP_STEP_WRITE);
}

/* ---- Those that wait ------------------------------------------------------------------------------ */

static void
list_buckets (HttpPolls *self, HttpSync *sync)
{
  for (guint i = 0; sync->buckets != NULL && sync->buckets[i] != NULL; i++)
    {
      GHashTable *set = g_hash_table_lookup (self->buckets, sync->buckets[i]);

      if (set == NULL)
        {
          set = g_hash_table_new (NULL, NULL);
          g_hash_table_insert (self->buckets, g_strdup (sync->buckets[i]), set);
        }
      g_hash_table_add (set, sync);
    }
}

static void
unlist_buckets (HttpPolls *self, HttpSync *sync)
{
  for (guint i = 0; sync->buckets != NULL && sync->buckets[i] != NULL; i++)
    {
      GHashTable *set = g_hash_table_lookup (self->buckets, sync->buckets[i]);

      if (set != NULL && g_hash_table_remove (set, sync) && g_hash_table_size (set) == 0)
        g_hash_table_remove (self->buckets, sync->buckets[i]);
    }
  g_clear_pointer (&sync->buckets, g_strfreev);
}

static void
stop_looking (HttpPolls *self)
{
  if (self->look != NULL)
    g_source_destroy (self->look);
  g_clear_pointer (&self->look, g_source_unref);
}

/* While a request is held, libsoup does not look whether its client is still there. */
static void
watch_client (HttpSync *sync)
{
  GSocket *socket = http_connection_get_socket (sync->request->connection);
  struct epoll_event event = { .events = EPOLLRDHUP | EPOLLONESHOT, .data.ptr = sync };

  if (epoll_ctl (sync->polls->clients, EPOLL_CTL_ADD, g_socket_get_fd (socket), &event) == 0)
    sync->watched = g_object_ref (socket);
}

static void
unwatch_client (HttpSync *sync)
{
  if (sync->watched != NULL && !g_socket_is_closed (sync->watched))
    epoll_ctl (sync->polls->clients, EPOLL_CTL_DEL, g_socket_get_fd (sync->watched), NULL);
  g_clear_object (&sync->watched);
}

static gboolean
leaving_cb (int fd, GIOCondition condition, gpointer data)
{
  struct epoll_event events[LEAVERS_AT_ONCE];
  int n = epoll_wait (fd, events, LEAVERS_AT_ONCE, 0);

  for (int i = 0; i < n; i++)
    http_request_abandon (((HttpSync *) events[i].data.ptr)->request);

  return G_SOURCE_CONTINUE;
}

static void
watch_leaving (HttpPolls *self)
{
  self->clients = epoll_create1 (EPOLL_CLOEXEC);
  if (self->clients < 0)
    g_error ("Clients cannot be watched: %s", g_strerror (errno));

  self->leaving = g_unix_fd_source_new (self->clients, G_IO_IN);
  g_source_set_callback (self->leaving, G_SOURCE_FUNC (leaving_cb), self, NULL);
  g_source_attach (self->leaving, g_main_context_get_thread_default ());
}

/* Takes it off the lists. Whoever has it, the workers or the caller, frees it. */
static void
leave (HttpSync *sync)
{
  HttpPolls *self = sync->polls;

  unwatch_client (sync);
  sync->request->gone_func = NULL;

  if (sync->device == NULL || g_hash_table_lookup (self->devices, sync->device) != sync)
    return;
  unlist_buckets (self, sync);
  g_hash_table_remove (self->devices, sync->device);
  if (g_hash_table_size (self->devices) == 0)
    stop_looking (self);
}

static void
finish (HttpSync *sync, GBytes *answer)
{
  http_request_answer (sync->request, 200, SATCHEL_FRAMES_MEDIA_TYPE, answer);
  leave (sync);
  if (sync->running)
    g_atomic_int_set (&sync->dropped, TRUE);
  else
    sync_free (sync);
}

static void
end_waiting (HttpSync *sync)
{
  g_autoptr (GBytes) answer = g_bytes_ref (sync->answer);

  sync->request->closing |= sync->polls->stopping;
  finish (sync, answer);
}

static void
ask_again (HttpSync *sync)
{
  if (sync->running)
    {
      sync->again = TRUE;
      return;
    }

  sync->running = TRUE;
  sync->again = FALSE;
  sync->work.background = TRUE;
  http_workers_start (sync->polls->workers, &sync->work, HTTP_STEP_READ);
}

static GPtrArray *
list_all (HttpPolls *self)
{
  return g_hash_table_get_values_as_ptr_array (self->devices);
}

static gboolean
look_cb (gpointer data)
{
  HttpPolls *self = data;
  g_autoptr (GPtrArray) all = list_all (self);
  gint64 now = g_get_monotonic_time ();

  http_workers_look (self->workers);
  for (guint i = 0; i < all->len; i++)
    if (((HttpSync *) g_ptr_array_index (all, i))->deadline <= now)
      end_waiting (g_ptr_array_index (all, i));

  return G_SOURCE_CONTINUE;
}

static void
start_looking (HttpPolls *self)
{
  if (self->look != NULL)
    return;

  self->look = g_timeout_source_new (LOOK_MS);
  g_source_set_callback (self->look, look_cb, self, NULL);
  g_source_attach (self->look, g_main_context_get_thread_default ());
}

static void
gone_cb (HttpRequest *request, gpointer data)
{
  HttpSync *sync = data;

  leave (sync);
  if (sync->running)
    g_atomic_int_set (&sync->dropped, TRUE);
  else
    sync_free (sync);
}

static void
begin_waiting (HttpSync *sync)
{
  HttpPolls *self = sync->polls;

  sync->device = g_strdup (sync->pull->device);
  g_hash_table_insert (self->devices, sync->device, sync);
  watch_client (sync);
  start_looking (self);
}

/* It has an answer without news: it waits, or goes on waiting. */
static void
hold (HttpSync *sync)
{
  HttpPolls *self = sync->polls;
  gboolean first = sync->device == NULL;

  if (!sync->again)
    sync->news_at = 0;
  g_clear_pointer (&sync->answer, g_bytes_unref);
  sync->answer = g_bytes_ref (sync->pull->answer);
  if (first)
    begin_waiting (sync);
  if (first || !g_strv_equal ((const char *const *) sync->buckets, (const char *const *) sync->pull->buckets))
    {
      unlist_buckets (self, sync);
      sync->buckets = g_strdupv (sync->pull->buckets);
      list_buckets (self, sync);
      /* What came while it was not listed there yet is not told. */
      sync->again |= sync->n_commits != http_workers_get_n_commits (self->workers);
    }

  if (sync->again)
    ask_again (sync);
}

/* ---- An answer is there --------------------------------------------------------------------------- */

static void
end_older (HttpPolls *self, HttpSync *newer)
{
  HttpSync *older = g_hash_table_lookup (self->devices, newer->pull->device);

  if (older != NULL && older != newer && older->request->number < newer->request->number)
    end_waiting (older);
}

static gboolean
may_wait (HttpSync *sync)
{
  HttpSync *other = g_hash_table_lookup (sync->polls->devices, sync->pull->device);

  return sync->pull->status == SATCHEL_PULL_NOTHING && !sync->polls->stopping &&
         g_get_monotonic_time () < sync->deadline && (other == NULL || other == sync);
}

static void
count_push (ServerMetrics *metrics, const SatchelPushCounts *counts)
{
  server_metrics_count (metrics, SERVER_COUNT_GROUPS_APPLIED, counts->applied);
  server_metrics_count (metrics, SERVER_COUNT_GROUPS_PARTIAL, counts->partial);
  server_metrics_count (metrics, SERVER_COUNT_GROUPS_REFUSED, counts->refused);
  server_metrics_count (metrics, SERVER_COUNT_GROUPS_REPEATED, counts->repeated);
  server_metrics_count (metrics, SERVER_COUNT_FORKS, counts->forks);
  for (guint i = 0; i < SATCHEL_OUTCOME_N_KINDS; i++)
    server_metrics_count (metrics, SERVER_COUNT_UNITS_APPLIED + i, counts->units[i]);
}

/* What an administrator does with a device is told like what they do at the command line. */
static void
audit_push (HttpSync *sync)
{
  const SatchelPushRights *rights = satchel_push_get_rights (sync->push);
  ServerAudit audit = {
    .by = rights->by,
    .device = rights->device,
    .address = sync->request->address,
    .request = sync->request->id,
  };

  for (guint i = 0; rights->users != NULL && i < rights->users->len; i++)
    {
      audit.event = "user-changed";
      audit.user = g_ptr_array_index (rights->users, i);
      server_audit (&audit);
    }

  audit.user = NULL;
  for (guint i = 0; rights->territories != NULL && i < rights->territories->len; i++)
    {
      audit.event = "territory-changed";
      audit.territory = g_ptr_array_index (rights->territories, i);
      server_audit (&audit);
    }
}

/* Whether anybody is there to hear of it or not. */
static void
tell_push (HttpSync *sync)
{
  if (!sync->committed)
    return;

  count_push (http_workers_get_metrics (sync->polls->workers), satchel_push_get_counts (sync->push));
  audit_push (sync);
  sync->committed = FALSE;
}

static void
count_pull (HttpSync *sync)
{
  ServerMetrics *metrics = http_workers_get_metrics (sync->polls->workers);

  server_metrics_count (metrics, SERVER_COUNT_PULLED, sync->pull->n_changes);
  if (sync->news_at != 0 && sync->pull->n_changes > 0)
    server_metrics_time (metrics, SERVER_TIMING_NEWS, g_get_monotonic_time () - sync->news_at);
}

static void
set_deadline (HttpSync *sync)
{
  if (sync->deadline == 0)
    sync->deadline = sync->request->began + (gint64) satchel_sync_request_get_wait (sync->sync) * G_USEC_PER_SEC;
}

static void
sync_done (HttpWork *work)
{
  HttpSync *self = (HttpSync *) work;

  self->running = FALSE;
  tell_push (self);
  if (work->error != NULL)
    {
      http_request_fail (self->request, work->error);
      leave (self);
      sync_free (self);
      return;
    }
  if (self->pull == NULL || !http_request_is_open (self->request))
    {
      leave (self);
      sync_free (self);
      return;
    }

  http_request_set_device (self->request, self->pull->device);
  set_deadline (self);
  end_older (self->polls, self);
  if (self->pull->unseen)
    note_seen (self->polls, self->token);
  if (may_wait (self))
    {
      hold (self);
      return;
    }

  count_pull (self);
  finish (self, self->pull->answer);
}

static const HttpWorkClass sync_class = { .read = sync_read, .write = sync_write, .done = sync_done };

void
http_sync_run (HttpPolls *self, HttpRequest *request)
{
  HttpSync *sync = g_new0 (HttpSync, 1);

  sync->work.class = &sync_class;
  sync->polls = self;
  sync->request = http_request_ref (request);
  sync->body = g_steal_pointer (&request->body);
  sync->token = g_strdup (request->head.token);
  sync->running = TRUE;
  request->gone_func = gone_cb;
  request->gone_data = sync;
  http_request_hold (request);
  http_workers_start (self->workers, &sync->work, HTTP_STEP_READ);
}

/* ---- All of them ---------------------------------------------------------------------------------- */

/* Each once, in however many of its buckets there are news. */
static void
ask_all_in (HttpPolls *self, GHashTable *set)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      HttpSync *sync = key;

      if (sync->news_at == 0)
        sync->news_at = self->news_at;
      if (sync->told != self->n_news)
        ask_again (sync);
      sync->told = self->n_news;
    }
}

void
http_polls_tell (GHashTable *touched, gpointer data)
{
  HttpPolls *self = data;
  GHashTableIter iter;
  gpointer bucket, set;

  self->n_news++;
  self->news_at = http_workers_get_commit_time (self->workers);
  g_hash_table_iter_init (&iter, self->buckets);
  while (g_hash_table_iter_next (&iter, &bucket, &set))
    if (touched == NULL || g_hash_table_contains (touched, bucket))
      ask_all_in (self, set);
}

HttpPolls *
http_polls_new (void)
{
  HttpPolls *self = g_new0 (HttpPolls, 1);

  self->devices = g_hash_table_new (g_str_hash, g_str_equal);
  self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  watch_leaving (self);

  return self;
}

void
http_polls_set_workers (HttpPolls *self, HttpWorkers *workers)
{
  self->workers = workers;
}

guint
http_polls_get_n (HttpPolls *self)
{
  return g_hash_table_size (self->devices);
}

void
http_polls_stop (HttpPolls *self)
{
  g_autoptr (GPtrArray) all = list_all (self);

  self->stopping = TRUE;
  for (guint i = 0; i < all->len; i++)
    end_waiting (g_ptr_array_index (all, i));
}

void
http_polls_free (HttpPolls *self)
{
  g_assert (g_hash_table_size (self->devices) == 0);

  stop_looking (self);
  g_source_destroy (self->leaving);
  g_source_unref (self->leaving);
  close (self->clients);
  g_hash_table_unref (self->devices);
  g_hash_table_unref (self->buckets);
  g_free (self);
}
