/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-writer.h"

#include <glib/gi18n-lib.h>

#include "records/satchel-error.h"
#include "replica-changes.h"
#include "replica-comeback.h"
#include "replica-files.h"
#include "replica-search.h"
#include "replica-spare.h"

#define SEARCH_SLICE 4000

/* What is not urgent is done when nothing else came for so long: rows first. */
#define PAUSE_US (50 * 1000)
#define LONG_PAUSE_US (1000 * 1000)

typedef gboolean (*JobFunc) (ReplicaWriter *self, gpointer data, GError **error);

typedef struct
{
  JobFunc func;
  gpointer data;
  gboolean detached; /* nobody waits for it */
  gboolean last; /* the thread ends after it */
  gboolean done;
  gboolean succeeded;
  GError *error;
} Job;

struct _ReplicaWriter
{
  char *path;
  const ReplicaSchema *schema;
  ReplicaAnnounceFunc announce;
  gpointer announce_data;

  GThread *thread;
  GAsyncQueue *jobs;
  GMutex mutex;
  GCond job_done;
  gint looking; /* atomic: a look outside is under way */

  /* Of the writer's thread alone. */
  ReplicaConnection *connection;
  ReplicaDurability durability; /* of the connection at the moment */
  gint64 data_version;
  gboolean indexes_wait;
  gboolean search_waits;
  gboolean search_is_untidy;
  gboolean spare_is_stale; /* it holds what is settled */
  gboolean spare_is_wrong; /* it holds what is not so */
};

/* ---- Transactions --------------------------------------------------------------------------------- */

static gboolean
set_durability (ReplicaWriter *self, ReplicaDurability durability, GError **error)
{
  const char *sql = durability == REPLICA_DURABILITY_FULL ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";

  if (self->durability == durability)
    return TRUE;
  if (!replica_run (self->connection, error, sql, ""))
    return FALSE;

  self->durability = durability;

  return TRUE;
}

/* The version changes with commits of other connections only, and in this process no other one writes. */
static void
look_outside (ReplicaWriter *self)
{
  g_autoptr (SatchelChanges) changes = NULL;
  gint64 version;

  if (!replica_query_integer (self->connection, "PRAGMA data_version", &version, NULL) || version == self->data_version)
    return;

  self->data_version = version;
  replica_connection_forget_buckets (self->connection);
  changes = replica_changes_new ();
  replica_changes_add_everything (changes);
  self->announce (changes, self->announce_data);
}

/* The line is there before anybody is told that it is saved, and not before it is: what was refused for want of room
 * never comes back. Lines of several processes may stand in another order than their groups. */
static gboolean
commit_with_spare (ReplicaWriter *self, ReplicaTransaction *tx, GError **error)
{
  if (!replica_commit (self->connection, error))
    return FALSE;
  if (tx->made != NULL && !replica_spare_append (self->path, tx->made))
    self->spare_is_wrong = TRUE;

  return TRUE;
}

/* In a transaction of its own, so that no other process comes in between. */
static void
rewrite_spare (ReplicaWriter *self)
{
  self->spare_is_stale = FALSE;
  if (!replica_begin (self->connection, NULL))
    return;

  self->spare_is_wrong = !replica_spare_rewrite (self->path, self->connection);
  replica_rollback (self->connection);
}

/* It is never ahead of what the replica has on the disk: what comes back with it is not there twice then. */
static void
keep_spare_in_step (ReplicaWriter *self, const ReplicaTransaction *tx)
{
  if (tx->kept_changed && self->durability != REPLICA_DURABILITY_FULL && !replica_sync (self->connection))
    self->spare_is_wrong = TRUE;
  else if (tx->kept_changed || self->spare_is_wrong)
    rewrite_spare (self);
}

/* See #ReplicaKept. */
static gboolean
count_version (const ReplicaTransaction *tx, GError **error)
{
  gint64 version;

  return !tx->kept_changed || (replica_meta_get_integer (tx->connection, "kept", &version, error) &&
                               replica_meta_set_integer (tx->connection, "kept", version + 1, error));
}

static gboolean
outbox_is_empty (ReplicaWriter *self)
{
  gint64 has_groups;

  return replica_query_integer (self->connection, "SELECT EXISTS (SELECT 1 FROM _outbox)", &has_groups, NULL) &&
         has_groups == 0;
}

/* Settled groups may stand in the spare copy for a while: sent again, they have the same outcome. Those that are made
 * meanwhile are added behind them. */
static void
tidy_spare (ReplicaWriter *self)
{
  if (outbox_is_empty (self))
    rewrite_spare (self);
  self->spare_is_stale = FALSE;
}

static gboolean
carry_out (ReplicaWriter *self, ReplicaTransaction *tx, ReplicaWriteFunc func, gpointer data, GError **error)
{
  if (!replica_begin (self->connection, error))
    return FALSE;

  look_outside (self);
  if (func (tx, data, error) && count_version (tx, error) && commit_with_spare (self, tx, error))
    return TRUE;

  replica_rollback (self->connection);
  replica_mend_log (self->connection);

  return FALSE;
}

static gboolean
run_transaction (ReplicaWriter *self, ReplicaDurability durability, ReplicaWriteFunc func, gpointer data,
                 GError **error)
{
  g_autoptr (SatchelChanges) changes = replica_changes_new ();
  ReplicaTransaction tx = { .schema = self->schema, .connection = self->connection, .changes = changes };
  gboolean done = set_durability (self, durability, error) && carry_out (self, &tx, func, data, error);

  g_free (tx.made);
  if (!done)
    return FALSE;

  self->spare_is_stale |= tx.settled;
  keep_spare_in_step (self, &tx);
  self->search_waits |= changes->types != 0;
  if (!replica_changes_is_empty (changes))
    self->announce (changes, self->announce_data);

  return TRUE;
}

/* ---- Work while nobody waits ---------------------------------------------------------------------- */

static gboolean
catch_up_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  guint *n_done = data;

  return replica_search_catch_up (tx, SEARCH_SLICE, n_done, error);
}

/* One slice, so that an edit never waits long. The index can be made anew from the rows: it need not be durable. */
static gboolean
advance_search (ReplicaWriter *self, GError **error)
{
  guint n_done = 0;
  gboolean succeeded = run_transaction (self, REPLICA_DURABILITY_NORMAL, catch_up_cb, &n_done, error);

  self->search_waits = succeeded && n_done == SEARCH_SLICE;
  self->search_is_untidy |= n_done > 0;

  return succeeded;
}

static gboolean
tidy_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  return replica_search_tidy (tx, data, error);
}

static void
tidy_search (ReplicaWriter *self)
{
  self->search_is_untidy = FALSE;
  run_transaction (self, REPLICA_DURABILITY_NORMAL, tidy_cb, &self->search_is_untidy, NULL);
}

static gboolean
create_indexes_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  return replica_schema_create_indexes (tx, error);
}

static gboolean
create_indexes (ReplicaWriter *self, GError **error)
{
  gboolean succeeded = !self->indexes_wait ||
                       run_transaction (self, REPLICA_DURABILITY_NORMAL, create_indexes_cb, NULL, error);

  self->indexes_wait = FALSE;

  return succeeded;
}

static void
do_what_waits (ReplicaWriter *self)
{
  if (self->spare_is_stale)
    tidy_spare (self);
  else if (self->indexes_wait)
    create_indexes (self, NULL);
  else if (self->search_waits)
    advance_search (self, NULL);
  else
    tidy_search (self);
}

static gboolean
look_outside_job (ReplicaWriter *self, gpointer data, GError **error)
{
  g_atomic_int_set (&self->looking, FALSE);
  look_outside (self);

  return TRUE;
}

/* ---- The thread ----------------------------------------------------------------------------------- */

static void
finish_job (ReplicaWriter *self, Job *job)
{
  if (job->detached)
    {
      g_clear_error (&job->error);
      g_free (job);
      return;
    }

  g_mutex_lock (&self->mutex);
  job->done = TRUE;
  g_cond_broadcast (&self->job_done);
  g_mutex_unlock (&self->mutex);
}

static gboolean
something_waits (ReplicaWriter *self)
{
  return self->spare_is_stale || self->indexes_wait || self->search_waits || self->search_is_untidy;
}

static Job *
wait_for_job (ReplicaWriter *self)
{
  guint64 pause = self->indexes_wait ? LONG_PAUSE_US : PAUSE_US;
  Job *job = something_waits (self) ? g_async_queue_timeout_pop (self->jobs, pause) : NULL;

  while (job == NULL && something_waits (self))
    {
      do_what_waits (self);
      job = g_async_queue_try_pop (self->jobs);
    }

  return job != NULL ? job : g_async_queue_pop (self->jobs);
}

static gpointer
writer_thread (gpointer data)
{
  ReplicaWriter *self = data;
  gboolean last = FALSE;

  while (!last)
    {
      Job *job = wait_for_job (self);

      last = job->last;
      job->succeeded = job->func (self, job->data, &job->error);
      finish_job (self, job);
    }

  return NULL;
}

static gboolean
wait_until_done (ReplicaWriter *self, Job *job, GError **error)
{
  g_assert (g_thread_self () != self->thread);

  g_mutex_lock (&self->mutex);
  while (!job->done)
    g_cond_wait (&self->job_done, &self->mutex);
  g_mutex_unlock (&self->mutex);

  if (job->error != NULL)
    g_propagate_error (error, g_steal_pointer (&job->error));

  return job->succeeded;
}

static gboolean
run_job (ReplicaWriter *self, JobFunc func, gpointer data, gboolean last, GError **error)
{
  Job job = { .func = func, .data = data, .last = last };

  g_async_queue_push (self->jobs, &job);

  return wait_until_done (self, &job, error);
}

/* ---- Opening and closing -------------------------------------------------------------------------- */

static gboolean
prepare_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  return replica_schema_prepare (tx, error);
}

/* Whether there are rows, and no more of them on their way for the moment. */
static gboolean
has_settled_rows (ReplicaWriter *self)
{
  gint64 last_key = 0, arriving = 0;

  return replica_query_integer (self->connection, self->schema->last_key, &last_key, NULL) &&
         replica_meta_get_integer (self->connection, "arriving", &arriving, NULL) && last_key > 0 && arriving == 0;
}

static gboolean
come_back_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  return replica_comeback_run (tx, data, error);
}

/* Beginning a transaction does; that it cannot be done now is no reason not to read. */
static void
mend_log (ReplicaWriter *self)
{
  if (replica_files_is_log_doubtful (self->path) && replica_begin (self->connection, NULL))
    replica_rollback (self->connection);
}

static gboolean
open_connection (ReplicaWriter *self, GError **error)
{
  self->connection = replica_connection_open (self->path, REPLICA_ACCESS_WRITE, error);
  if (self->connection == NULL)
    return FALSE;

  mend_log (self);

  return TRUE;
}

static gboolean
open_job (ReplicaWriter *self, gpointer data, GError **error)
{
  gboolean ready;

  if (!open_connection (self, error) || !replica_schema_check (self->schema, self->connection, &ready, error) ||
      !replica_query_integer (self->connection, "PRAGMA data_version", &self->data_version, error))
    return FALSE;
  if (!ready && !run_transaction (self, REPLICA_DURABILITY_FULL, prepare_cb, NULL, error))
    return FALSE;

  if (replica_comeback_is_due (self->path, self->connection) &&
      !run_transaction (self, REPLICA_DURABILITY_FULL, come_back_cb, self->path, error))
    return FALSE;
  if (!replica_spare_is_complete (self->path, self->connection))
    rewrite_spare (self);
  self->search_waits = TRUE;
  self->indexes_wait = !replica_schema_has_indexes (self->connection);

  return !has_settled_rows (self) || create_indexes (self, error);
}

static gboolean
close_job (ReplicaWriter *self, gpointer data, GError **error)
{
  if (self->spare_is_stale)
    tidy_spare (self);
  g_clear_pointer (&self->connection, replica_connection_close);

  return TRUE;
}

/**
 * replica_writer_new:
 * @path: the replica file, which exists
 * @schema: the tables; outlives the writer
 * @announce: called on the writer's thread after each commit
 * @announce_data: for @announce
 *
 * Returns: (transfer full): a writer that has still to be opened
 */
ReplicaWriter *
replica_writer_new (const char *path, const ReplicaSchema *schema, ReplicaAnnounceFunc announce, gpointer announce_data)
{
  ReplicaWriter *self = g_new0 (ReplicaWriter, 1);

  self->path = g_strdup (path);
  self->schema = schema;
  self->announce = announce;
  self->announce_data = announce_data;
  self->jobs = g_async_queue_new ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->job_done);
  self->thread = g_thread_new ("replica-writer", writer_thread, self);

  return self;
}

/* Waits until everything asked for before is done. */
void
replica_writer_free (ReplicaWriter *self)
{
  run_job (self, close_job, NULL, TRUE, NULL);
  g_thread_join (self->thread);

  g_async_queue_unref (self->jobs);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->job_done);
  g_free (self->path);
  g_free (self);
}

gboolean
replica_writer_open (ReplicaWriter *self, GError **error)
{
  return run_job (self, open_job, NULL, FALSE, error);
}

/* ---- Doors ---------------------------------------------------------------------------------------- */

struct _ReplicaWriting
{
  ReplicaDurability durability;
  ReplicaWriteFunc func;
  gpointer data;
  Job job;
};

static gboolean
write_job (ReplicaWriter *self, gpointer data, GError **error)
{
  ReplicaWriting *writing = data;

  return run_transaction (self, writing->durability, writing->func, writing->data, error);
}

ReplicaWriting *
replica_writer_start (ReplicaWriter *self, ReplicaDurability durability, ReplicaWriteFunc func, gpointer data)
{
  ReplicaWriting *writing = g_new0 (ReplicaWriting, 1);

  *writing = (ReplicaWriting) {
    durability, func, data, { .func = write_job, .data = writing }
  };
  g_async_queue_push (self->jobs, &writing->job);

  return writing;
}

/* @writing: (transfer full) */
gboolean
replica_writer_wait (ReplicaWriter *self, ReplicaWriting *writing, GError **error)
{
  gboolean succeeded = wait_until_done (self, &writing->job, error);

  g_free (writing);

  return succeeded;
}

gboolean
replica_writer_run (ReplicaWriter *self, ReplicaDurability durability, ReplicaWriteFunc func, gpointer data,
                    GError **error)
{
  return replica_writer_wait (self, replica_writer_start (self, durability, func, data), error);
}

void
replica_writer_look_outside (ReplicaWriter *self)
{
  Job *job;

  if (!g_atomic_int_compare_and_exchange (&self->looking, FALSE, TRUE))
    return;

  job = g_new0 (Job, 1);
  job->func = look_outside_job;
  job->detached = TRUE;
  g_async_queue_push (self->jobs, job);
}

static gboolean
catch_up_job (ReplicaWriter *self, gpointer data, GError **error)
{
  gboolean *waits = data;
  gboolean succeeded = create_indexes (self, error) && advance_search (self, error);

  *waits = self->search_waits;

  return succeeded;
}

gboolean
replica_writer_catch_up (ReplicaWriter *self, GError **error)
{
  gboolean waits = TRUE;

  while (waits)
    if (!run_job (self, catch_up_job, &waits, FALSE, error))
      return FALSE;

  return TRUE;
}

static gboolean
compact_job (ReplicaWriter *self, gpointer data, GError **error)
{
  return replica_run_script (self->connection, "VACUUM", error) &&
         replica_run_script (self->connection, "PRAGMA wal_checkpoint (TRUNCATE)", error);
}

gboolean
replica_writer_compact (ReplicaWriter *self, GError **error)
{
  return run_job (self, compact_job, NULL, FALSE, error);
}
