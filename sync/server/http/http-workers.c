/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The threads behind the one that serves. What comes to be written while something is being written waits, and is then
 * written in one transaction: a commit costs the disk as much for one request as for fifty. */

#include "satchel-config.h"

#include "http-workers.h"

#include <gio/gio.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MAX_WORKS 2000
#define MAX_BATCH 64
#define MIN_READERS 2
#define MAX_READERS 4
#define CHECKERS 2
#define MAX_TRIES 5
#define PAUSE_US 10000

/* Works that wait for threads of one kind. */
typedef struct
{
  GCond cond;
  GQueue works;
  GQueue background;
} Line;

/**
 * HttpWorkers:
 * @n_works: started and not done, those in the background aside; known only where the workers were made
 * @lines: by step
 * @arrived: (element-type Arrival): on the way back
 * @back: wakes whoever made the workers
 * @stamp: of the store, at the last look
 * @stamp_failed: it could not be had then, which was said once
 * @commit_time: of the last one with news
 * @listener: (nullable): a session that hears of other processes' news
 * @wake: a file; what can be read there ends the listening
 */
struct _HttpWorkers
{
  SatchelServer *server;
  SatchelStoreSession *writer;
  HttpNewsFunc news;
  gpointer news_data;
  guint n_works;

  GMutex mutex;
  Line lines[HTTP_STEP_DONE];
  GQueue arrived;
  GSource *back;
  gboolean looking;
  gboolean stopping;

  gint64 stamp;
  gboolean stamp_failed;
  gint n_commits; /* atomic */
  _Atomic gint64 commit_time;
  ServerMetrics *metrics;
  SatchelStoreSession *listener;
  int wake;
  GPtrArray *threads;
  GPtrArray *sessions;
};

/* ---- Back where they were made -------------------------------------------------------------------- */

/* A work that is done, or news. */
typedef struct
{
  HttpWork *work;
  GHashTable *touched;
} Arrival;

static void
arrival_free (Arrival *arrival)
{
  g_clear_pointer (&arrival->touched, g_hash_table_unref);
  g_free (arrival);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Arrival, arrival_free)

/* With the mutex held. */
static void
send_back (HttpWorkers *self, HttpWork *work, GHashTable *touched)
{
  Arrival *arrival = g_new0 (Arrival, 1);

  arrival->work = work;
  arrival->touched = touched != NULL ? g_hash_table_ref (touched) : NULL;
  g_queue_push_tail (&self->arrived, arrival);
  g_source_set_ready_time (self->back, 0);
}

static Arrival *
take_arrival (HttpWorkers *self)
{
  Arrival *arrival;

  g_mutex_lock (&self->mutex);
  arrival = g_queue_pop_head (&self->arrived);
  g_mutex_unlock (&self->mutex);

  return arrival;
}

static void
receive (HttpWorkers *self, Arrival *arrival)
{
  if (arrival->work == NULL)
    {
      self->news (arrival->touched, self->news_data);
      return;
    }

  if (!arrival->work->background)
    self->n_works--;
  arrival->work->class->done (arrival->work);
}

/* Not more than were there at first, so that others get their turn. */
static gboolean
back_cb (gpointer data)
{
  HttpWorkers *self = data;
  guint n;

  g_mutex_lock (&self->mutex);
  n = g_queue_get_length (&self->arrived);
  g_source_set_ready_time (self->back, -1);
  g_mutex_unlock (&self->mutex);

  for (; n > 0; n--)
    {
      g_autoptr (Arrival) arrival = take_arrival (self);

      receive (self, arrival);
    }

  return G_SOURCE_CONTINUE;
}

static gboolean
back_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

static GSourceFuncs back_funcs = { NULL, NULL, back_dispatch, NULL };

/* ---- Lines ---------------------------------------------------------------------------------------- */

static void
put (HttpWorkers *self, HttpWork *work, HttpStep next)
{
  work->next = next;

  g_mutex_lock (&self->mutex);
  if (next == HTTP_STEP_DONE)
    {
      send_back (self, work, NULL);
    }
  else
    {
      Line *line = &self->lines[next];

      g_queue_push_tail (work->background ? &line->background : &line->works, work);
      g_cond_signal (&line->cond);
    }
  g_mutex_unlock (&self->mutex);
}

static HttpWork *
pop (Line *line)
{
  HttpWork *work = g_queue_pop_head (&line->works);

  return work != NULL ? work : g_queue_pop_head (&line->background);
}

/* NULL: all is over. */
static HttpWork *
await_work (HttpWorkers *self, HttpStep step)
{
  HttpWork *work = NULL;

  g_mutex_lock (&self->mutex);
  while (!self->stopping && (work = pop (&self->lines[step])) == NULL)
    g_cond_wait (&self->lines[step].cond, &self->mutex);
  g_mutex_unlock (&self->mutex);

  return work;
}

void
http_workers_start (HttpWorkers *self, HttpWork *work, HttpStep first)
{
  g_clear_error (&work->error);
  work->workers = self;
  if (!work->background)
    self->n_works++;
  put (self, work, first);
}

gboolean
http_workers_are_full (HttpWorkers *self)
{
  return self->n_works >= MAX_WORKS;
}

guint
http_workers_get_n_commits (HttpWorkers *self)
{
  return (guint) g_atomic_int_get (&self->n_commits);
}

gint64
http_workers_get_commit_time (HttpWorkers *self)
{
  return atomic_load (&self->commit_time);
}

guint
http_workers_get_n_works (HttpWorkers *self)
{
  return self->n_works;
}

ServerMetrics *
http_workers_get_metrics (HttpWorkers *self)
{
  return self->metrics;
}

/* Notes how long it took since @began. */
static void
note_time (HttpWorkers *self, ServerTiming timing, gint64 began)
{
  server_metrics_time (self->metrics, timing, g_get_monotonic_time () - began);
}

void
http_workers_look (HttpWorkers *self)
{
  g_mutex_lock (&self->mutex);
  self->looking = TRUE;
  g_cond_signal (&self->lines[HTTP_STEP_WRITE].cond);
  g_mutex_unlock (&self->mutex);
}

/* ---- Reading, checking ---------------------------------------------------------------------------- */

typedef struct
{
  HttpWorkers *workers;
  SatchelStoreSession *session;
} Reader;

static gpointer
read_loop (gpointer data)
{
  g_autofree Reader *reader = data;
  HttpWork *work;

  while ((work = await_work (reader->workers, HTTP_STEP_READ)) != NULL)
    {
      gint64 began = g_get_monotonic_time ();
      HttpStep next = work->class->read (work, reader->workers->server, reader->session);

      note_time (reader->workers, SERVER_TIMING_READ, began);
      put (reader->workers, work, work->error == NULL ? next : HTTP_STEP_DONE);
    }

  return NULL;
}

static gpointer
check_loop (gpointer data)
{
  HttpWorkers *self = data;
  HttpWork *work;

  while ((work = await_work (self, HTTP_STEP_CHECK)) != NULL)
    {
      gint64 began = g_get_monotonic_time ();
      HttpStep next = work->class->check (work);

      note_time (self, SERVER_TIMING_PASSWORD, began);
      put (self, work, work->error == NULL ? next : HTTP_STEP_DONE);
    }

  return NULL;
}

/* ---- Writing -------------------------------------------------------------------------------------- */

/* Waits for something to write, or to look for. FALSE: all is over. */
static gboolean
await_writes (HttpWorkers *self, GPtrArray *batch, gboolean *look)
{
  Line *line = &self->lines[HTTP_STEP_WRITE];
  HttpWork *work;

  g_mutex_lock (&self->mutex);
  while (!self->stopping && !self->looking && (work = pop (line)) == NULL)
    g_cond_wait (&line->cond, &self->mutex);
  if (!self->stopping && !self->looking)
    g_ptr_array_add (batch, work);
  while (!self->stopping && batch->len < MAX_BATCH && (work = pop (line)) != NULL)
    g_ptr_array_add (batch, work);
  *look = self->looking;
  self->looking = FALSE;
  g_mutex_unlock (&self->mutex);

  return batch->len > 0 || *look;
}

static gboolean
is_own_error (const GError *error)
{
  return error == NULL || error->domain == SATCHEL_SERVER_ERROR;
}

/* FALSE: one of them spoiled the transaction. */
static gboolean
run_writes (HttpWorkers *self, GPtrArray *batch, GHashTable *touched)
{
  for (guint i = 0; i < batch->len; i++)
    {
      HttpWork *work = g_ptr_array_index (batch, i);

      g_clear_error (&work->error);
      work->next = work->class->write (work, self->server, self->writer, touched);
      if (!is_own_error (work->error))
        return FALSE;
    }

  return TRUE;
}

static void
fail_all (GPtrArray *batch, const GError *error)
{
  for (guint i = 0; i < batch->len; i++)
    {
      HttpWork *work = g_ptr_array_index (batch, i);

      g_clear_error (&work->error);
      work->error = g_error_copy (error);
    }
}

/* From any thread. */
static void
tell_news (HttpWorkers *self, GHashTable *touched)
{
  g_atomic_int_inc (&self->n_commits);
  atomic_store (&self->commit_time, g_get_monotonic_time ());

  g_mutex_lock (&self->mutex);
  send_back (self, NULL, touched);
  g_mutex_unlock (&self->mutex);
}

static gboolean
commit (HttpWorkers *self, GError **error)
{
  gint64 began = g_get_monotonic_time ();
  gboolean committed = satchel_store_commit (self->writer, error);

  note_time (self, SERVER_TIMING_COMMIT, began);

  return committed;
}

static gboolean
is_to_be_repeated (const GError *error)
{
  return g_error_matches (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_AGAIN);
}

/* FALSE: one of them spoiled it, or others were in the way, and nothing was written. */
static gboolean
write_batch (HttpWorkers *self, GPtrArray *batch)
{
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();
  gboolean begun = satchel_store_begin (self->writer, &error);

  if (begun && !run_writes (self, batch, touched))
    {
      satchel_store_rollback (self->writer);
      return FALSE;
    }
  note_time (self, SERVER_TIMING_WRITE, began);
  if (!begun || !commit (self, &error))
    {
      if (begun)
        satchel_store_rollback (self->writer);
      fail_all (batch, error);
      return !is_to_be_repeated (error);
    }

  if (g_hash_table_size (touched) > 0)
    tell_news (self, touched);

  return TRUE;
}

/* Again from the beginning while other processes are in the way, out of step with them. */
static void
write_single (HttpWorkers *self, HttpWork *work)
{
  g_autoptr (GPtrArray) single = g_ptr_array_new ();

  g_ptr_array_add (single, work);
  for (guint tries = 1; !write_batch (self, single) && is_to_be_repeated (work->error) && tries < MAX_TRIES; tries++)
    g_usleep (g_random_int_range (0, (gint) (PAUSE_US * tries)));
}

/* When one of many spoils a transaction, each gets one of its own. */
static void
write_all (HttpWorkers *self, GPtrArray *batch)
{
  if (write_batch (self, batch))
    return;
  if (batch->len == 1 && !is_to_be_repeated (((HttpWork *) g_ptr_array_index (batch, 0))->error))
    return;

  for (guint i = 0; i < batch->len; i++)
    write_single (self, g_ptr_array_index (batch, i));
}

/* Asked on the session that writes, the stamp changes by what others do, and not by what we do. */
static void
look_for_news (HttpWorkers *self)
{
  g_autoptr (GError) error = NULL;
  gint64 stamp;

  if (!satchel_store_get_stamp (self->writer, &stamp, &error))
    {
      if (!self->stamp_failed)
        g_message ("The store could not be asked for news: %s", error->message);
      self->stamp_failed = TRUE;
      return;
    }

  self->stamp_failed = FALSE;
  if (stamp == self->stamp)
    return;

  self->stamp = stamp;
  tell_news (self, NULL);
}

static gpointer
write_loop (gpointer data)
{
  HttpWorkers *self = data;
  g_autoptr (GPtrArray) batch = g_ptr_array_new ();
  gboolean look;

  while (await_writes (self, batch, &look))
    {
      if (look)
        look_for_news (self);
      if (batch->len > 0)
        write_all (self, batch);

      for (guint i = 0; i < batch->len; i++)
        {
          HttpWork *work = g_ptr_array_index (batch, i);

          put (self, work, work->error == NULL ? work->next : HTTP_STEP_DONE);
        }
      g_ptr_array_set_size (batch, 0);
    }

  return NULL;
}

/* ---- Listening ------------------------------------------------------------------------------------ */

static gboolean
is_stopping (HttpWorkers *self)
{
  gboolean stopping;

  g_mutex_lock (&self->mutex);
  stopping = self->stopping;
  g_mutex_unlock (&self->mutex);

  return stopping;
}

static void
listen_once (HttpWorkers *self)
{
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;
  gboolean vague;

  if (!satchel_store_wait_for_news (self->listener, self->wake, touched, &vague, &error))
    g_debug ("News of other processes are only looked for: %s", error->message);
  else if (vague)
    tell_news (self, NULL);
  else if (g_hash_table_size (touched) > 0)
    tell_news (self, touched);
}

static gpointer
listen_loop (gpointer data)
{
  HttpWorkers *self = data;

  while (!is_stopping (self))
    listen_once (self);

  return NULL;
}

static gboolean
start_listening (HttpWorkers *self, GError **error)
{
  GError *problem = NULL;

  self->listener = satchel_store_listen (self->writer, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  if (self->listener == NULL)
    return TRUE;

  self->wake = eventfd (0, EFD_CLOEXEC);
  g_assert (self->wake >= 0);
  g_ptr_array_add (self->sessions, self->listener);
  g_ptr_array_add (self->threads, g_thread_new ("store-listener", listen_loop, self));

  return TRUE;
}

static void
stop_listening (HttpWorkers *self)
{
  if (self->listener != NULL)
    eventfd_write (self->wake, 1);
}

/* ---- All of them ---------------------------------------------------------------------------------- */

static gboolean
add_reader (HttpWorkers *self, SatchelStore *store, GError **error)
{
  SatchelStoreSession *session = satchel_store_open_session (store, SATCHEL_STORE_READ, error);
  Reader *reader;

  if (session == NULL)
    return FALSE;

  reader = g_new0 (Reader, 1);
  reader->workers = self;
  reader->session = session;
  g_ptr_array_add (self->sessions, session);
  g_ptr_array_add (self->threads, g_thread_new ("store-reader", read_loop, reader));

  return TRUE;
}

static gboolean
hire (HttpWorkers *self, SatchelStore *store, GError **error)
{
  guint n_readers = CLAMP (g_get_num_processors (), MIN_READERS, MAX_READERS);

  if (!satchel_store_get_stamp (self->writer, &self->stamp, error))
    return FALSE;
  while (self->sessions->len < n_readers)
    if (!add_reader (self, store, error))
      return FALSE;
  if (!start_listening (self, error))
    return FALSE;

  for (guint i = 0; i < CHECKERS; i++)
    g_ptr_array_add (self->threads, g_thread_new ("password-check", check_loop, self));
  g_ptr_array_add (self->threads, g_thread_new ("store-writer", write_loop, self));

  return TRUE;
}

HttpWorkers *
http_workers_new (SatchelServer *server, SatchelStore *store, SatchelStoreSession *writer, HttpNewsFunc news,
                  gpointer data, GError **error)
{
  g_autoptr (HttpWorkers) self = g_new0 (HttpWorkers, 1);

  self->server = server;
  self->writer = writer;
  self->news = news;
  self->news_data = data;
  self->metrics = server_metrics_new ();
  self->wake = -1;
  self->threads = g_ptr_array_new ();
  self->sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_store_session_close);
  g_mutex_init (&self->mutex);
  for (guint step = 0; step < HTTP_STEP_DONE; step++)
    g_cond_init (&self->lines[step].cond);

  self->back = g_source_new (&back_funcs, sizeof (GSource));
  g_source_set_callback (self->back, back_cb, self, NULL);
  g_source_attach (self->back, g_main_context_get_thread_default ());

  return hire (self, store, error) ? g_steal_pointer (&self) : NULL;
}

static void
stop (HttpWorkers *self)
{
  g_mutex_lock (&self->mutex);
  self->stopping = TRUE;
  for (guint step = 0; step < HTTP_STEP_DONE; step++)
    g_cond_broadcast (&self->lines[step].cond);
  g_mutex_unlock (&self->mutex);
  stop_listening (self);

  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (g_ptr_array_index (self->threads, i));
  g_ptr_array_set_size (self->threads, 0);
}

static void
cancel (HttpWork *work)
{
  if (work->error == NULL)
    g_set_error_literal (&work->error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The server is stopping");
  work->class->done (work);
}

static void
cancel_all (HttpWorkers *self)
{
  Arrival *arrival;
  HttpWork *work;

  for (guint step = 0; step < HTTP_STEP_DONE; step++)
    while ((work = pop (&self->lines[step])) != NULL)
      cancel (work);

  while ((arrival = take_arrival (self)) != NULL)
    {
      if (arrival->work != NULL)
        cancel (arrival->work);
      arrival_free (arrival);
    }
}

void
http_workers_free (HttpWorkers *self)
{
  stop (self);
  g_source_destroy (self->back);
  cancel_all (self);

  for (guint step = 0; step < HTTP_STEP_DONE; step++)
    g_cond_clear (&self->lines[step].cond);
  g_mutex_clear (&self->mutex);
  g_source_unref (self->back);
  g_ptr_array_unref (self->threads);
  g_ptr_array_unref (self->sessions);
  server_metrics_free (self->metrics);
  if (self->wake >= 0)
    close (self->wake);
  g_free (self);
}
