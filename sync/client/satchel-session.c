/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-session-private.h"

#include "records/satchel-id.h"

G_DEFINE_FINAL_TYPE (SatchelSession, satchel_session, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (SatchelSessionState, satchel_session_state,
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_NOT_CONNECTED, "not-connected"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_IDLE, "idle"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_SYNCING, "syncing"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_ARRIVING, "arriving"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_OFFLINE, "offline"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_SIGNED_OUT, "signed-out"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (SATCHEL_SESSION_ASKING, "asking"))

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
shown_clear (SatchelSessionShown *shown)
{
  g_clear_pointer (&shown->message, g_free);
  g_clear_pointer (&shown->last_sync, g_free);
}

static SatchelSessionShown
shown_copy (const SatchelSessionShown *shown)
{
  return (SatchelSessionShown) { shown->state, g_strdup (shown->message), g_strdup (shown->last_sync),
                                 shown->received };
}

static void
notify_differences (SatchelSession *self, const SatchelSessionShown *before)
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

/* In the main context. */
static void
show_latest (SatchelSession *self)
{
  SatchelSessionShown before = self->shown;

  g_mutex_lock (&self->mutex);
  self->shown = shown_copy (&self->latest);
  g_mutex_unlock (&self->mutex);

  notify_differences (self, &before);
  shown_clear (&before);
}

/* What waits to be shown is shown now; it keeps the session alive no longer. */
static void
show_now (SatchelSession *self)
{
  g_autoptr (GSource) source = NULL;

  g_mutex_lock (&self->mutex);
  source = g_steal_pointer (&self->showing);
  g_mutex_unlock (&self->mutex);
  if (source == NULL)
    return;

  show_latest (self);
  g_source_destroy (source);
}

static gboolean
show_cb (gpointer data)
{
  SatchelSession *self = data;

  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->showing, g_source_unref);
  g_mutex_unlock (&self->mutex);
  show_latest (self);

  return G_SOURCE_REMOVE;
}

/* With the mutex held. */
void
satchel_session_show_soon (SatchelSession *self)
{
  if (self->showing != NULL)
    return;

  self->showing = g_idle_source_new ();
  g_source_set_priority (self->showing, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->showing, show_cb, g_object_ref (self), g_object_unref);
  g_source_attach (self->showing, self->context);
}

void
satchel_session_show_state (SatchelSession *self, SatchelSessionState state, const char *message)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->latest.state = state;
  g_set_str (&self->latest.message, message);
  satchel_session_show_soon (self);
}

void
satchel_session_show_synced (SatchelSession *self)
{
  g_autofree char *now = satchel_time_now ();
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->latest.state = SATCHEL_SESSION_IDLE;
  self->latest.received = 0;
  g_clear_pointer (&self->latest.message, g_free);
  g_set_str (&self->latest.last_sync, now);
  satchel_session_show_soon (self);
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
  self->pause = SATCHEL_SESSION_SHORTEST_PAUSE;
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
  self->thread = g_thread_new ("satchel-session", satchel_session_run_thread, self);
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
  show_now (self);
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
