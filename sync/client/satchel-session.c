/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-session.h"

#include <glib/gi18n-lib.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "satchel-sync-run.h"

/* How long the server is asked to hold an answer for news, in seconds. */
#define POLL_WAIT 55

/* How long a held answer may take to come once another request has taken its place. */
#define SUPERSEDED_PATIENCE (250 * G_TIME_SPAN_MILLISECOND)

/* Between attempts: doubled from one to the next, with as much again by chance. */
#define SHORTEST_PAUSE (1 * G_TIME_SPAN_SECOND)
#define LONGEST_PAUSE (150 * G_TIME_SPAN_SECOND)

/* What is written while there is no server asks for an attempt, but not more often than so. */
#define EAGER_PAUSE (5 * G_TIME_SPAN_SECOND)

/* A server that answers at once, again and again, with nothing to say is not asked more often than so. */
#define HASTE (50 * G_TIME_SPAN_MILLISECOND)
#define MAX_HASTY_ANSWERS 5

#define FOR_EVER G_MAXINT64

/* What is shown; written by the session's thread, taken over in the main context. */
typedef struct
{
  SatchelSessionState state;
  char *message;
  char *last_sync;
  guint64 received;
} Shown;

struct _SatchelSession
{
  GObject parent_instance;

  SatchelReplica *replica;
  GMainContext *context;
  GNetworkMonitor *monitor;
  Shown shown; /* main context */
  GThread *thread; /* main context */

  /* Guarded by the mutex; the condition says that one of them has changed. */
  GMutex mutex;
  GCond cond;
  Shown latest;
  GSource *showing; /* (nullable): takes over latest */
  gboolean stopping;
  gboolean asked; /* a person wants a sync, or has signed in */
  gboolean written; /* the replica has changed */
  gboolean network; /* the network has changed */
  guint paused; /* sign-ins under way */
  gboolean active; /* the thread has the replica in hand */
  GCancellable *cancellable; /* of what is under way */

  /* The thread's own. */
  SatchelSyncRun *run;
  SatchelErrand *poll;
  gint64 poll_began;
  guint n_hasty;
  gint64 pause;
};

G_DEFINE_FINAL_TYPE (SatchelSession, satchel_session, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (SatchelSessionState, satchel_session_state,
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_NOT_CONNECTED, "not-connected"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_IDLE, "idle"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_SYNCING, "syncing"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_ARRIVING, "arriving"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_OFFLINE, "offline"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_SIGNED_OUT, "signed-out"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_FAILED, "failed"))

typedef enum
{
  PROP_STATE = 1,
  PROP_MESSAGE,
  PROP_LAST_SYNC,
  PROP_RECEIVED,
} SatchelSessionProperty;

static GParamSpec *properties[PROP_RECEIVED + 1];

/* ---- What is shown ---- */

static void
shown_clear (Shown *shown)
{
  g_clear_pointer (&shown->message, g_free);
  g_clear_pointer (&shown->last_sync, g_free);
}

static Shown
shown_copy (const Shown *shown)
{
  return (Shown) { shown->state, g_strdup (shown->message), g_strdup (shown->last_sync), shown->received };
}

static void
notify_differences (SatchelSession *self, const Shown *before)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  if (before->state != self->shown.state)
    g_object_notify_by_pspec (object, properties[PROP_STATE]);
  if (g_strcmp0 (before->message, self->shown.message) != 0)
    g_object_notify_by_pspec (object, properties[PROP_MESSAGE]);
  if (g_strcmp0 (before->last_sync, self->shown.last_sync) != 0)
    g_object_notify_by_pspec (object, properties[PROP_LAST_SYNC]);
  if (before->received != self->shown.received)
    g_object_notify_by_pspec (object, properties[PROP_RECEIVED]);
  g_object_thaw_notify (object);
}

static gboolean
show_cb (gpointer data)
{
  SatchelSession *self = data;
  Shown before = self->shown;

  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->showing, g_source_unref);
  self->shown = shown_copy (&self->latest);
  g_mutex_unlock (&self->mutex);

  notify_differences (self, &before);
  shown_clear (&before);

  return G_SOURCE_REMOVE;
}

/* With the mutex held. */
static void
show_soon (SatchelSession *self)
{
  if (self->showing != NULL)
    return;

  self->showing = g_idle_source_new ();
  g_source_set_priority (self->showing, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->showing, show_cb, g_object_ref (self), g_object_unref);
  g_source_attach (self->showing, self->context);
}

static void
show_state (SatchelSession *self, SatchelSessionState state, const char *message)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->latest.state = state;
  g_set_str (&self->latest.message, message);
  show_soon (self);
}

static void
show_synced (SatchelSession *self)
{
  g_autofree char *now = satchel_time_now ();
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->latest.state = SATCHEL_SESSION_IDLE;
  self->latest.received = 0;
  g_clear_pointer (&self->latest.message, g_free);
  g_set_str (&self->latest.last_sync, now);
  show_soon (self);
}

static void
progress_cb (SatchelSyncRun *run, gpointer data)
{
  SatchelSession *self = data;
  SatchelSyncCore *core = satchel_sync_run_get_core (run);
  gboolean arriving = satchel_sync_core_get_arriving (core);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->latest.state = arriving ? SATCHEL_SESSION_ARRIVING : SATCHEL_SESSION_SYNCING;
  self->latest.received = arriving ? satchel_sync_core_get_counts (core)->pulled : 0;
  show_soon (self);
}

/* ---- Waking the thread ---- */

static void
changed_cb (SatchelReplica *replica, const SatchelChanges *changes, SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (!changes->outbox)
    return;
  locker = g_mutex_locker_new (&self->mutex);
  self->written = TRUE;
  g_cond_broadcast (&self->cond);
}

static void
network_changed_cb (GNetworkMonitor *monitor, gboolean available, SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (!available)
    return;
  locker = g_mutex_locker_new (&self->mutex);
  self->network = TRUE;
  g_cond_broadcast (&self->cond);
}

static void
arrived_cb (gpointer data)
{
  SatchelSession *self = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_cond_broadcast (&self->cond);
}

/* With the mutex held: whether the thread is to let go of everything. */
static gboolean
must_leave (SatchelSession *self)
{
  return self->stopping || self->paused > 0;
}

/* ---- Resting ---- */

/* With the mutex held: whether the pause is over before its time. */
static gboolean
pause_is_over (SatchelSession *self, gint64 pause, gint64 began)
{
  gboolean eager = pause != FOR_EVER && self->written && g_get_monotonic_time () >= began + EAGER_PAUSE;

  /* Another process may have signed in. */
  if (self->latest.state == SATCHEL_SESSION_NOT_CONNECTED && self->written)
    return TRUE;

  return must_leave (self) || self->asked || (self->network && pause != FOR_EVER) || eager;
}

static void
rest (SatchelSession *self, gint64 pause)
{
  gint64 began = g_get_monotonic_time ();
  gint64 end = pause == FOR_EVER ? FOR_EVER : began + pause;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (!pause_is_over (self, pause, began))
    {
      gint64 now = g_get_monotonic_time ();
      gint64 eager = self->written && pause != FOR_EVER ? began + EAGER_PAUSE : FOR_EVER;

      if (now >= end)
        return;
      if (MIN (end, eager) == FOR_EVER)
        g_cond_wait (&self->cond, &self->mutex);
      else
        g_cond_wait_until (&self->cond, &self->mutex, MIN (end, eager));
    }
}

/* ---- At the head: listening ---- */

typedef enum
{
  WOKEN_BY_NEWS,
  WOKEN_BY_WORK,
  WOKEN_BY_NETWORK,
  WOKEN_TO_LEAVE,
} Woken;

/* With the mutex held; lets go of it to look into the replica, which announces its own syncs too. */
static gboolean
has_work (SatchelSession *self)
{
  gboolean unsent;

  if (self->asked)
    {
      self->asked = FALSE;
      return TRUE;
    }
  if (!self->written)
    return FALSE;

  self->written = FALSE;
  g_mutex_unlock (&self->mutex);
  unsent = satchel_sync_core_has_unsent (satchel_sync_run_get_core (self->run));
  g_mutex_lock (&self->mutex);

  return unsent;
}

static gboolean
has_network (SatchelSession *self)
{
  gboolean network = self->network;

  self->network = FALSE;

  return network;
}

static Woken
wait_for_something (SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (TRUE)
    {
      if (must_leave (self))
        return WOKEN_TO_LEAVE;
      if (has_work (self))
        return WOKEN_BY_WORK;
      if (has_network (self))
        return WOKEN_BY_NETWORK;
      if (satchel_errand_has_arrived (self->poll))
        return WOKEN_BY_NEWS;
      if (!self->written && !self->asked && !must_leave (self))
        g_cond_wait (&self->cond, &self->mutex);
    }
}

static void
drop_poll (SatchelSession *self)
{
  if (self->poll == NULL)
    return;

  satchel_errand_cancel (self->poll);
  g_clear_pointer (&self->poll, satchel_errand_free);
}

/* The server ends a held answer when another request comes; the wire it came on is then good for the next one. What it
 * says has been said to the other request too. */
static void
collect_superseded (SatchelSession *self)
{
  gint64 deadline = g_get_monotonic_time () + SUPERSEDED_PATIENCE;

  if (self->poll == NULL)
    return;

  g_mutex_lock (&self->mutex);
  while (!satchel_errand_has_arrived (self->poll) && !must_leave (self))
    if (!g_cond_wait_until (&self->cond, &self->mutex, deadline))
      break;
  g_mutex_unlock (&self->mutex);
  drop_poll (self);
}

static gboolean
start_poll (SatchelSession *self, GError **error)
{
  SatchelConnection *connection = satchel_sync_run_get_connection (self->run);
  g_autoptr (GBytes) request = satchel_sync_core_prepare (satchel_sync_run_get_core (self->run), POLL_WAIT, error);

  if (request == NULL)
    return FALSE;
  self->poll = satchel_errand_new (connection, request, POLL_WAIT, arrived_cb, self);
  self->poll_began = g_get_monotonic_time ();

  return TRUE;
}

static gboolean
receive_poll (SatchelSession *self, GError **error)
{
  SatchelSyncCore *core = satchel_sync_run_get_core (self->run);
  SatchelSyncCounts before = *satchel_sync_core_get_counts (core);
  g_autoptr (GBytes) answer = satchel_errand_finish (g_steal_pointer (&self->poll), error);
  gboolean hasty = g_get_monotonic_time () - self->poll_began < HASTE;

  if (answer == NULL)
    {
      satchel_sync_core_fail (core);
      return FALSE;
    }
  if (!satchel_sync_run_receive (self->run, answer, error))
    return FALSE;

  hasty = hasty && before.pulled == satchel_sync_core_get_counts (core)->pulled &&
          before.pushed == satchel_sync_core_get_counts (core)->pushed;
  self->n_hasty = hasty ? self->n_hasty + 1 : 0;
  if (self->n_hasty > MAX_HASTY_ANSWERS)
    rest (self, SHORTEST_PAUSE);

  return TRUE;
}

/* Sends what was written on another wire than the one that listens. */
static gboolean
sync_beside_poll (SatchelSession *self, GError **error)
{
  gboolean whole;

  show_state (self, SATCHEL_SESSION_SYNCING, NULL);
  whole = satchel_sync_run_to_head (self->run, 0, error);
  collect_superseded (self);

  return whole;
}

/* FALSE also when it is time to leave, then without @error. */
static gboolean
listen_once (SatchelSession *self, GError **error)
{
  if (!start_poll (self, error))
    return FALSE;

  switch (wait_for_something (self))
    {
    case WOKEN_BY_NEWS:
      return receive_poll (self, error);
    case WOKEN_BY_WORK:
      return sync_beside_poll (self, error);
    case WOKEN_BY_NETWORK:
      drop_poll (self);
      return satchel_sync_run_to_head (self->run, 0, error);
    case WOKEN_TO_LEAVE:
    default:
      return FALSE;
    }
}

static void
begin_attempt (SatchelSession *self, GCancellable *cancellable)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_set_object (&self->cancellable, cancellable);
  self->asked = FALSE;
  self->written = FALSE;
  self->network = FALSE;
  if (must_leave (self))
    g_cancellable_cancel (cancellable);
}

/* One life of a connection: to the head, then listening, until something fails or it is time to leave. */
static gboolean
converse (SatchelSession *self, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gboolean whole;

  begin_attempt (self, cancellable);
  self->run = satchel_sync_run_new (self->replica, cancellable, error);
  if (self->run == NULL)
    return FALSE;

  show_state (self, SATCHEL_SESSION_SYNCING, NULL);
  satchel_sync_run_set_progress (self->run, progress_cb, self);
  whole = satchel_sync_run_to_head (self->run, 0, error);
  while (whole)
    {
      self->pause = SHORTEST_PAUSE;
      show_synced (self);
      whole = listen_once (self, error);
    }
  drop_poll (self);

  return FALSE;
}

/* ---- When something fails ---- */

static SatchelSessionState
classify (const GError *reason)
{
  if (g_error_matches (reason, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_BUSY))
    return SATCHEL_SESSION_OFFLINE; /* another process has the replica in hand for a while */
  if (reason->domain != SATCHEL_SYNC_ERROR)
    return SATCHEL_SESSION_FAILED;

  switch ((SatchelSyncError) reason->code)
    {
    case SATCHEL_SYNC_ERROR_UNREACHABLE:
    case SATCHEL_SYNC_ERROR_BUSY:
      return SATCHEL_SESSION_OFFLINE;
    case SATCHEL_SYNC_ERROR_CREDENTIALS:
    case SATCHEL_SYNC_ERROR_SIGNED_OUT:
    case SATCHEL_SYNC_ERROR_REFUSED:
      return SATCHEL_SESSION_SIGNED_OUT;
    case SATCHEL_SYNC_ERROR_NOT_CONNECTED:
      return SATCHEL_SESSION_NOT_CONNECTED;
    case SATCHEL_SYNC_ERROR_UNTRUSTED:
    case SATCHEL_SYNC_ERROR_NOT_A_SERVER:
    case SATCHEL_SYNC_ERROR_VERSION:
    case SATCHEL_SYNC_ERROR_ADDRESS:
    case SATCHEL_SYNC_ERROR_PROTOCOL:
    default:
      return SATCHEL_SESSION_FAILED;
    }
}

/* Whether only a person can change it: no further attempt is made before they ask for one. */
static gboolean
needs_person (const GError *reason)
{
  SatchelSessionState state = classify (reason);

  return state == SATCHEL_SESSION_SIGNED_OUT || state == SATCHEL_SESSION_NOT_CONNECTED ||
         g_error_matches (reason, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNTRUSTED) ||
         g_error_matches (reason, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_ADDRESS);
}

static gint64
choose_pause (SatchelSession *self, const GError *reason, int retry_after)
{
  gint64 pause = MAX (self->pause, retry_after * G_TIME_SPAN_SECOND);

  if (needs_person (reason))
    return FOR_EVER;
  self->pause = MIN (2 * self->pause, LONGEST_PAUSE);

  return pause + (gint64) (g_random_double () * (double) pause);
}

static void
show_failure (SatchelSession *self, const GError *reason)
{
  SatchelSessionState state = classify (reason);

  show_state (self, state, state == SATCHEL_SESSION_NOT_CONNECTED ? NULL : reason->message);
}

/* ---- The thread ---- */

static void
set_active (SatchelSession *self, gboolean active)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->active = active;
  if (!active)
    g_clear_object (&self->cancellable);
  g_cond_broadcast (&self->cond);
}

/* One attempt with all that it holds, up to its end. How long to rest then. */
static gint64
attempt (SatchelSession *self)
{
  g_autoptr (GError) reason = NULL;
  int retry_after = 0;

  if (satchel_replica_lock_sync (self->replica, &reason))
    {
      converse (self, &reason);
      if (self->run != NULL)
        retry_after = satchel_connection_get_retry_after (satchel_sync_run_get_connection (self->run));
      g_clear_pointer (&self->run, satchel_sync_run_free);
      satchel_replica_unlock_sync (self->replica);
    }
  if (reason == NULL || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return 0;
  show_failure (self, reason);

  return choose_pause (self, reason, retry_after);
}

/* Waits while somebody signs in; FALSE when it is time to end. */
static gboolean
may_attempt (SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (self->paused > 0 && !self->stopping)
    g_cond_wait (&self->cond, &self->mutex);
  self->active = !self->stopping;

  return self->active;
}

static void
show_last_sync (SatchelSession *self)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (link == NULL || link->last_sync == NULL)
    return;
  g_set_str (&self->latest.last_sync, link->last_sync);
  show_soon (self);
}

static gpointer
run_thread (gpointer data)
{
  SatchelSession *self = data;

  show_last_sync (self);
  while (may_attempt (self))
    {
      gint64 pause = attempt (self);

      set_active (self, FALSE);
      if (pause > 0)
        rest (self, pause);
    }

  return NULL;
}

/* ---- Signing in ---- */

typedef struct
{
  char *server;
  char *ca_file;
  char *user;
  char *password;
  char *device_name;
  SatchelTokenPlace place;
} SignIn;

static void
sign_in_free (SignIn *sign_in)
{
  g_free (sign_in->server);
  g_free (sign_in->ca_file);
  g_free (sign_in->user);
  g_free (sign_in->password);
  g_free (sign_in->device_name);
  g_free (sign_in);
}

static void
pause_thread (SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->paused++;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_cond_broadcast (&self->cond);
  while (self->active)
    g_cond_wait (&self->cond, &self->mutex);
}

static void
resume_thread (SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->paused--;
  self->asked = TRUE;
  g_cond_broadcast (&self->cond);
}

static gboolean
sign_in_and_keep (SatchelSession *self, const SignIn *sign_in, GCancellable *cancellable, GError **error)
{
  g_autoptr (SatchelConnection) connection = satchel_connection_new (sign_in->server, sign_in->ca_file, error);
  g_autoptr (SatchelLink) link = NULL;
  g_autofree char *token = NULL;

  if (connection == NULL || !satchel_connection_enroll (connection, self->replica, sign_in->user, sign_in->password,
                                                        sign_in->device_name, cancellable, &token, error))
    return FALSE;
  link = satchel_replica_get_link (self->replica, error);

  return link != NULL && satchel_token_store_save (link->device_id, token, sign_in->place, error);
}

static void
enroll_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SatchelSession *self = source;
  GError *error = NULL;
  gboolean whole;

  pause_thread (self);
  whole = satchel_replica_lock_sync (self->replica, &error);
  if (whole)
    {
      whole = sign_in_and_keep (self, data, cancellable, &error);
      satchel_replica_unlock_sync (self->replica);
    }
  resume_thread (self);

  if (whole)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* ---- The object ---- */

static void
satchel_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SatchelSession *self = SATCHEL_SESSION (object);

  switch ((SatchelSessionProperty) id)
    {
    case PROP_STATE:
      g_value_set_enum (value, self->shown.state);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->shown.message);
      break;
    case PROP_LAST_SYNC:
      g_value_set_string (value, self->shown.last_sync);
      break;
    case PROP_RECEIVED:
      g_value_set_uint64 (value, self->shown.received);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
satchel_session_dispose (GObject *object)
{
  SatchelSession *self = SATCHEL_SESSION (object);

  satchel_session_stop (self);
  if (self->showing != NULL)
    g_source_destroy (self->showing);
  g_clear_pointer (&self->showing, g_source_unref);
  if (self->replica != NULL)
    g_signal_handlers_disconnect_by_data (self->replica, self);
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
  g_clear_object (&self->replica);

  G_OBJECT_CLASS (satchel_session_parent_class)->dispose (object);
}

static void
satchel_session_finalize (GObject *object)
{
  SatchelSession *self = SATCHEL_SESSION (object);

  shown_clear (&self->shown);
  shown_clear (&self->latest);
  g_clear_object (&self->cancellable);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);

  G_OBJECT_CLASS (satchel_session_parent_class)->finalize (object);
}

static void
satchel_session_class_init (SatchelSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = satchel_session_get_property;
  object_class->dispose = satchel_session_dispose;
  object_class->finalize = satchel_session_finalize;

  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, SATCHEL_TYPE_SESSION_STATE,
                                              SATCHEL_SESSION_NOT_CONNECTED, flags);
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  properties[PROP_LAST_SYNC] = g_param_spec_string ("last-sync", NULL, NULL, NULL, flags);
  properties[PROP_RECEIVED] = g_param_spec_uint64 ("received", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
satchel_session_init (SatchelSession *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->context = g_main_context_ref_thread_default ();
  self->pause = SHORTEST_PAUSE;
}

/**
 * satchel_session_new:
 * @replica: the replica that is kept in step
 *
 * Makes a session; satchel_session_start() sets it to work. Its properties
 * notify in the main context that is the thread-default one here; its methods
 * are called there.
 *
 * Returns: (transfer full): a new session
 */
SatchelSession *
satchel_session_new (SatchelReplica *replica)
{
  SatchelSession *self;

  g_return_val_if_fail (SATCHEL_IS_REPLICA (replica), NULL);

  self = g_object_new (SATCHEL_TYPE_SESSION, NULL);
  self->replica = g_object_ref (replica);
  g_signal_connect (replica, "changed", G_CALLBACK (changed_cb), self);
  self->monitor = g_object_ref (g_network_monitor_get_default ());
  g_signal_connect (self->monitor, "network-changed", G_CALLBACK (network_changed_cb), self);

  return self;
}

/**
 * satchel_session_start:
 *
 * Starts syncing; from now on until satchel_session_stop() what is written is
 * sent, and what others write arrives.
 */
void
satchel_session_start (SatchelSession *self)
{
  g_return_if_fail (SATCHEL_IS_SESSION (self));

  if (self->thread != NULL)
    return;
  self->stopping = FALSE;
  self->thread = g_thread_new ("satchel-session", run_thread, self);
}

/**
 * satchel_session_stop:
 *
 * Stops syncing and waits for the thread; a page that is being laid down is
 * laid down to its end.
 */
void
satchel_session_stop (SatchelSession *self)
{
  g_return_if_fail (SATCHEL_IS_SESSION (self));

  if (self->thread == NULL)
    return;

  g_mutex_lock (&self->mutex);
  self->stopping = TRUE;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);

  g_thread_join (g_steal_pointer (&self->thread));
}

/**
 * satchel_session_sync_now:
 *
 * Asks for a sync at once, whatever the session is waiting for.
 */
void
satchel_session_sync_now (SatchelSession *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (SATCHEL_IS_SESSION (self));

  locker = g_mutex_locker_new (&self->mutex);
  self->asked = TRUE;
  g_cond_broadcast (&self->cond);
}

/**
 * satchel_session_get_state:
 *
 * What the quiet indicator shows.
 *
 * Returns: the state
 */
SatchelSessionState
satchel_session_get_state (SatchelSession *self)
{
  g_return_val_if_fail (SATCHEL_IS_SESSION (self), SATCHEL_SESSION_NOT_CONNECTED);

  return self->shown.state;
}

/**
 * satchel_session_get_message:
 *
 * What there is to say about the state.
 *
 * Returns: (transfer none) (nullable): a sentence for people
 */
const char *
satchel_session_get_message (SatchelSession *self)
{
  g_return_val_if_fail (SATCHEL_IS_SESSION (self), NULL);

  return self->shown.message;
}

/**
 * satchel_session_enroll_async:
 * @server: the server's address as a person writes it
 * @ca_file: (nullable): PEM file of a private certificate authority
 * @user: the person's name at the server
 * @password: their password
 * @device_name: what the device is called, for people
 * @place: where the token is kept
 * @cancellable: (nullable): stops it
 * @callback: called when it is done
 *
 * Signs in, on a worker thread, and has the session sync with that server.
 */
void
satchel_session_enroll_async (SatchelSession *self, const char *server, const char *ca_file, const char *user,
                              const char *password, const char *device_name, SatchelTokenPlace place,
                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = NULL;
  SignIn *sign_in;

  g_return_if_fail (SATCHEL_IS_SESSION (self));

  sign_in = g_new0 (SignIn, 1);
  sign_in->server = g_strdup (server);
  sign_in->ca_file = g_strdup (ca_file);
  sign_in->user = g_strdup (user);
  sign_in->password = g_strdup (password);
  sign_in->device_name = g_strdup (device_name);
  sign_in->place = place;

  task = g_task_new (self, cancellable, callback, data);
  g_task_set_source_tag (task, satchel_session_enroll_async);
  g_task_set_task_data (task, sign_in, (GDestroyNotify) sign_in_free);
  g_task_run_in_thread (task, enroll_in_thread);
}

/**
 * satchel_session_enroll_finish:
 * @error: as of satchel_connection_enroll() and satchel_token_store_save()
 *
 * Ends satchel_session_enroll_async().
 *
 * Returns: whether the replica is signed in
 */
gboolean
satchel_session_enroll_finish (SatchelSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
