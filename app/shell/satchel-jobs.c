/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-jobs.h"

#define MAX_READERS 4

struct _SatchelJobs
{
  GObject parent_instance;

  SatchelReplica *replica;
  GThreadPool *readers;
  GThreadPool *writer;
  guint pending;
};

G_DEFINE_FINAL_TYPE (SatchelJobs, satchel_jobs, G_TYPE_OBJECT)

enum
{
  PROP_PENDING = 1,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

/* ---- Answers ---- */

typedef struct
{
  gatomicrefcount ref_count;
  gpointer value;
  GDestroyNotify free;
} SatchelAnswer;

static SatchelAnswer *
satchel_answer_ref (SatchelAnswer *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
satchel_answer_unref (SatchelAnswer *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->value != NULL && self->free != NULL)
    self->free (self->value);
  g_free (self);
}

G_DEFINE_BOXED_TYPE (SatchelAnswer, satchel_answer, satchel_answer_ref, satchel_answer_unref)

static SatchelAnswer *
satchel_answer_new (gpointer value, GDestroyNotify value_free)
{
  SatchelAnswer *self = g_new0 (SatchelAnswer, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->value = value;
  self->free = value_free;
  return self;
}

/* ---- Jobs ---- */

typedef struct
{
  SatchelJobs *jobs;
  SatchelReplica *replica;
  SatchelReadFunc func;
  gpointer data;
  GDestroyNotify data_free;
  GDestroyNotify answer_free;
  DexPromise *promise;
} Job;

static void
job_free (Job *job)
{
  if (job->data_free != NULL)
    job->data_free (job->data);
  dex_unref (job->promise);
  g_object_unref (job->replica);
  g_object_unref (job->jobs);
  g_free (job);
}

static gboolean
job_done_cb (gpointer data)
{
  Job *job = data;

  satchel_jobs_release (job->jobs);
  return G_SOURCE_REMOVE;
}

/* On a worker. The promise wakes its fiber on the UI thread; the job counts as pending until that has run. */
static void
job_run (gpointer data, gpointer user_data)
{
  Job *job = data;
  g_autoptr (GError) error = NULL;
  gpointer value = job->func (job->replica, job->data, &error);

  if (error != NULL)
    dex_promise_reject (job->promise, g_steal_pointer (&error));
  else
    dex_promise_resolve_boxed (job->promise, SATCHEL_TYPE_ANSWER, satchel_answer_new (value, job->answer_free));
  g_idle_add_full (G_PRIORITY_LOW, job_done_cb, job, (GDestroyNotify) job_free);
}

static DexFuture *
push (SatchelJobs *self, GThreadPool *pool, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
      GDestroyNotify answer_free)
{
  Job *job = g_new0 (Job, 1);

  job->jobs = g_object_ref (self);
  job->replica = g_object_ref (self->replica);
  job->func = func;
  job->data = data;
  job->data_free = data_free;
  job->answer_free = answer_free;
  job->promise = dex_promise_new ();

  DexFuture *future = dex_ref (DEX_FUTURE (job->promise));
  satchel_jobs_hold (self);
  g_thread_pool_push (pool, job, NULL);
  return future;
}

static void
satchel_jobs_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  SatchelJobs *self = SATCHEL_JOBS (object);

  switch (property_id)
    {
    case PROP_PENDING:
      g_value_set_uint (value, self->pending);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

/* Jobs hold a reference, so the pools have nothing left to do. */
static void
satchel_jobs_finalize (GObject *object)
{
  SatchelJobs *self = SATCHEL_JOBS (object);

  g_thread_pool_free (self->readers, FALSE, TRUE);
  g_thread_pool_free (self->writer, FALSE, TRUE);
  g_object_unref (self->replica);
  G_OBJECT_CLASS (satchel_jobs_parent_class)->finalize (object);
}

static void
satchel_jobs_class_init (SatchelJobsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = satchel_jobs_get_property;
  object_class->finalize = satchel_jobs_finalize;

  properties[PROP_PENDING] = g_param_spec_uint ("pending", NULL, NULL, 0, G_MAXUINT, 0,
                                                G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
satchel_jobs_init (SatchelJobs *self)
{
  self->readers = g_thread_pool_new (job_run, NULL, MAX_READERS, FALSE, NULL);
  self->writer = g_thread_pool_new (job_run, NULL, 1, FALSE, NULL);
}

/**
 * satchel_jobs_new:
 * @replica: what the jobs work on
 *
 * Returns: (transfer full): workers for a replica
 */
SatchelJobs *
satchel_jobs_new (SatchelReplica *replica)
{
  SatchelJobs *self = g_object_new (SATCHEL_TYPE_JOBS, NULL);

  self->replica = g_object_ref (replica);
  return self;
}

/**
 * satchel_jobs_read:
 * @self: the workers
 * @func: what to do, on a worker thread
 * @data: handed to @func
 * @data_free: (nullable): frees @data, on the UI thread
 * @answer_free: (nullable): frees an answer that nobody took
 *
 * Runs @func beside other reads.
 *
 * Returns: (transfer full): a future for satchel_await()
 */
DexFuture *
satchel_jobs_read (SatchelJobs *self, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
                   GDestroyNotify answer_free)
{
  g_return_val_if_fail (SATCHEL_IS_JOBS (self), NULL);
  return push (self, self->readers, func, data, data_free, answer_free);
}

/**
 * satchel_jobs_write:
 *
 * As satchel_jobs_read(), but one after the other, in the order of the calls.
 *
 * Returns: (transfer full): a future for satchel_await()
 */
DexFuture *
satchel_jobs_write (SatchelJobs *self, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
                    GDestroyNotify answer_free)
{
  g_return_val_if_fail (SATCHEL_IS_JOBS (self), NULL);
  return push (self, self->writer, func, data, data_free, answer_free);
}

guint
satchel_jobs_get_pending (SatchelJobs *self)
{
  g_return_val_if_fail (SATCHEL_IS_JOBS (self), 0);
  return self->pending;
}

/**
 * satchel_jobs_hold:
 * @self: the workers
 *
 * Counts something as pending that does not run here.
 */
void
satchel_jobs_hold (SatchelJobs *self)
{
  g_return_if_fail (SATCHEL_IS_JOBS (self));
  self->pending++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PENDING]);
}

void
satchel_jobs_release (SatchelJobs *self)
{
  g_return_if_fail (SATCHEL_IS_JOBS (self));
  g_return_if_fail (self->pending > 0);
  self->pending--;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PENDING]);
}

typedef struct
{
  SatchelThreadFunc func;
  gpointer data;
  GDestroyNotify data_free;
  GDestroyNotify answer_free;
  DexPromise *promise;
} ThreadJob;

static void
thread_job_free (ThreadJob *job)
{
  if (job->data_free != NULL)
    job->data_free (job->data);
  dex_unref (job->promise);
  g_free (job);
}

static void
thread_job_run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ThreadJob *job = data;
  g_autoptr (GError) error = NULL;
  gpointer value = job->func (job->data, &error);

  if (error != NULL)
    dex_promise_reject (job->promise, g_steal_pointer (&error));
  else
    dex_promise_resolve_boxed (job->promise, SATCHEL_TYPE_ANSWER, satchel_answer_new (value, job->answer_free));
  g_task_return_boolean (task, TRUE);
}

/**
 * satchel_run_in_thread:
 * @func: what to do, on a worker thread
 * @data: handed to @func
 * @data_free: (nullable): frees @data
 * @answer_free: (nullable): frees an answer that nobody took
 *
 * Returns: (transfer full): a future for satchel_await()
 */
DexFuture *
satchel_run_in_thread (SatchelThreadFunc func, gpointer data, GDestroyNotify data_free, GDestroyNotify answer_free)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  ThreadJob *job = g_new0 (ThreadJob, 1);
  DexFuture *future;

  job->func = func;
  job->data = data;
  job->data_free = data_free;
  job->answer_free = answer_free;
  job->promise = dex_promise_new ();
  future = dex_ref (DEX_FUTURE (job->promise));
  g_task_set_task_data (task, job, (GDestroyNotify) thread_job_free);
  g_task_run_in_thread (task, thread_job_run);
  return future;
}

/**
 * satchel_await:
 * @future: (transfer full): what satchel_jobs_read() and its friends gave
 * @error: return location
 *
 * Waits for an answer, in a fiber. A future hands its answer over once.
 *
 * Returns: (transfer full) (nullable): the answer, the caller's to free;
 *   %NULL with @error set when the job failed
 */
gpointer
satchel_await (DexFuture *future, GError **error)
{
  SatchelAnswer *answer = dex_await_boxed (future, error);
  gpointer value;

  if (answer == NULL)
    return NULL;
  value = g_steal_pointer (&answer->value);
  satchel_answer_unref (answer);
  return value;
}
