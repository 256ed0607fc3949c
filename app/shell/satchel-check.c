/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-check.h"

#include <glib/gi18n.h>

#include "records/satchel-id.h"

/* A look at the clock is cheap, a comparison is not. */
#define LOOK_SECONDS 60
#define FIRST_CHECK (10 * G_TIME_SPAN_MINUTE)
#define NEXT_CHECK (6 * G_TIME_SPAN_HOUR)

struct _SatchelCheck
{
  GObject parent_instance;

  SatchelReplica *replica;
  SatchelSession *session;
  SatchelJobs *jobs;
  GCancellable *cancellable;
  guint look; /* source */
  gint64 due; /* monotonic */

  gboolean running;
  char *at; /* (nullable): of the last one that came to an end */
  SatchelVerifyCounts counts;
  char *trouble; /* (nullable): why the last one did not */
};

G_DEFINE_FINAL_TYPE (SatchelCheck, satchel_check, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- Comparing ---- */

typedef struct
{
  SatchelReplica *replica;
  GCancellable *cancellable;
} Request;

static void
request_free (Request *request)
{
  g_object_unref (request->replica);
  g_object_unref (request->cancellable);
  g_free (request);
}

static gpointer
compare_in_background (gpointer data, GError **error)
{
  Request *request = data;
  g_autofree SatchelVerifyCounts *counts = g_new0 (SatchelVerifyCounts, 1);

  return satchel_verify_run (request->replica, request->cancellable, counts, error) ? g_steal_pointer (&counts) : NULL;
}

static DexFuture *
request_comparison (SatchelCheck *self)
{
  Request *request = g_new0 (Request, 1);

  request->replica = g_object_ref (self->replica);
  request->cancellable = g_object_ref (self->cancellable);
  return satchel_run_in_thread (compare_in_background, request, (GDestroyNotify) request_free, g_free);
}

static void
take_result (SatchelCheck *self, const SatchelVerifyCounts *counts, const GError *error)
{
  g_autofree char *now = satchel_time_now ();

  g_set_str (&self->trouble, error != NULL ? error->message : NULL);
  if (counts == NULL)
    return;
  self->counts = *counts;
  g_set_str (&self->at, now);
}

static DexFuture *
check_fiber (gpointer data)
{
  SatchelCheck *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree SatchelVerifyCounts *counts = satchel_await (request_comparison (self), &error);

  self->running = FALSE;
  self->due = g_get_monotonic_time () + NEXT_CHECK;
  if (!g_cancellable_is_cancelled (self->cancellable))
    take_result (self, counts, error);
  g_signal_emit (self, signals[CHANGED], 0);
  satchel_jobs_release (self->jobs);
  return NULL;
}

static gboolean
look_cb (gpointer data)
{
  SatchelCheck *self = data;

  if (g_get_monotonic_time () >= self->due && satchel_session_get_state (self->session) == SATCHEL_SESSION_IDLE)
    satchel_check_start (self);
  return G_SOURCE_CONTINUE;
}

/* ---- Object ---- */

static void
satchel_check_finalize (GObject *object)
{
  SatchelCheck *self = SATCHEL_CHECK (object);

  g_clear_handle_id (&self->look, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->replica);
  g_clear_object (&self->session);
  g_clear_object (&self->jobs);
  g_free (self->at);
  g_free (self->trouble);
  G_OBJECT_CLASS (satchel_check_parent_class)->finalize (object);
}

static void
satchel_check_class_init (SatchelCheckClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = satchel_check_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
satchel_check_init (SatchelCheck *self)
{
  self->cancellable = g_cancellable_new ();
  self->due = g_get_monotonic_time () + FIRST_CHECK;
  self->look = g_timeout_add_seconds (LOOK_SECONDS, look_cb, self);
}

/**
 * satchel_check_new:
 * @replica: what is compared
 * @session: keeps it in step; a check is made while it only listens
 * @jobs: where a check counts as pending, so that nobody closes the replica under it
 *
 * Returns: (transfer full): a check that starts by itself now and then
 */
SatchelCheck *
satchel_check_new (SatchelReplica *replica, SatchelSession *session, SatchelJobs *jobs)
{
  SatchelCheck *self = g_object_new (SATCHEL_TYPE_CHECK, NULL);

  self->replica = g_object_ref (replica);
  self->session = g_object_ref (session);
  self->jobs = g_object_ref (jobs);
  return self;
}

void
satchel_check_start (SatchelCheck *self)
{
  g_return_if_fail (SATCHEL_IS_CHECK (self));

  if (self->running || g_cancellable_is_cancelled (self->cancellable))
    return;
  self->running = TRUE;
  satchel_jobs_hold (self->jobs);
  g_signal_emit (self, signals[CHANGED], 0);
  dex_future_disown (dex_scheduler_spawn (NULL, 0, check_fiber, g_object_ref (self), g_object_unref));
}

void
satchel_check_stop (SatchelCheck *self)
{
  g_return_if_fail (SATCHEL_IS_CHECK (self));
  g_cancellable_cancel (self->cancellable);
}

gboolean
satchel_check_get_running (SatchelCheck *self)
{
  g_return_val_if_fail (SATCHEL_IS_CHECK (self), FALSE);
  return self->running;
}

const char *
satchel_check_get_at (SatchelCheck *self)
{
  g_return_val_if_fail (SATCHEL_IS_CHECK (self), NULL);
  return self->at;
}

static char *
dup_mended (guint64 n)
{
  return g_strdup_printf (ngettext ("%u entry was damaged on this device and has been mended.",
                                    "%u entries were damaged on this device and have been mended.", (gulong) n),
                          (guint) n);
}

static char *
dup_different (guint64 n)
{
  return g_strdup_printf (ngettext ("%u entry here differs from the server; it will be compared again.",
                                    "%u entries here differ from the server; they will be compared again.", (gulong) n),
                          (guint) n);
}

/**
 * satchel_check_dup_words:
 * @self: a check
 *
 * Returns: (transfer full) (nullable): what came of the last comparison
 */
char *
satchel_check_dup_words (SatchelCheck *self)
{
  g_return_val_if_fail (SATCHEL_IS_CHECK (self), NULL);

  if (self->trouble != NULL)
    return g_strdup (self->trouble);
  if (self->at == NULL)
    return NULL;
  if (self->counts.mismatched > 0)
    return dup_different (self->counts.mismatched);
  if (self->counts.repaired > 0)
    return dup_mended (self->counts.repaired);
  return g_strdup_printf (ngettext ("%u entry on this device is as it is on the server.",
                                    "All %u entries on this device are as they are on the server.",
                                    (gulong) self->counts.records),
                          (guint) self->counts.records);
}
