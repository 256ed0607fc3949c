/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-services-private.h"

G_DEFINE_FINAL_TYPE (SatchelServices, satchel_services, G_TYPE_OBJECT)

enum
{
  PROP_REPLICA = 1,
  PROP_SESSION,
  PROP_STATUS,
  PROP_BUSY,
  PROP_CAN_UNDO,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  CHANGED,
  SAVE_NOW,
  OPEN_RECORD,
  TOAST,
  ERROR,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* ---- Status ---- */

static gpointer
read_status (SatchelReplica *replica, gpointer data, GError **error)
{
  return satchel_replica_get_status (replica, error);
}

static void
take_status (SatchelServices *self, SatchelStatus *status)
{
  g_clear_pointer (&self->status, satchel_status_free);
  self->status = status;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
}

/* One reader at a time: what changes meanwhile is read once more afterwards. */
static DexFuture *
status_fiber (gpointer data)
{
  SatchelServices *self = data;

  while (self->status_stale)
    {
      g_autoptr (GError) error = NULL;
      SatchelStatus *status;

      self->status_stale = FALSE;
      status = satchel_await (
          satchel_services_read (self, read_status, NULL, NULL, (GDestroyNotify) satchel_status_free), &error);
      if (status != NULL)
        take_status (self, status);
      else if (!self->closing)
        g_warning ("The state could not be read: %s", error != NULL ? error->message : "");
    }
  self->status_reading = FALSE;
  return NULL;
}

static void
refresh_status (SatchelServices *self)
{
  self->status_stale = !self->closing;
  if (self->status_reading || self->closing)
    return;
  self->status_reading = TRUE;
  satchel_services_spawn (status_fiber, g_object_ref (self), g_object_unref);
}

static void
replica_changed_cb (SatchelServices *self, SatchelChanges *changes)
{
  refresh_status (self);
  g_signal_emit (self, signals[CHANGED], 0, changes);
}

static void
pending_changed_cb (SatchelServices *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

/* ---- Object ---- */

static void
satchel_services_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  SatchelServices *self = SATCHEL_SERVICES (object);

  switch (property_id)
    {
    case PROP_REPLICA:
      g_value_set_object (value, self->replica);
      break;
    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;
    case PROP_STATUS:
      g_value_set_pointer (value, self->status);
      break;
    case PROP_BUSY:
      g_value_set_boolean (value, satchel_services_get_busy (self));
      break;
    case PROP_CAN_UNDO:
      g_value_set_boolean (value, self->undo->len > 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_services_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelServices *self = SATCHEL_SERVICES (object);

  switch (property_id)
    {
    case PROP_REPLICA:
      self->replica = g_value_dup_object (value);
      break;
    case PROP_SESSION:
      self->session = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_services_constructed (GObject *object)
{
  SatchelServices *self = SATCHEL_SERVICES (object);

  G_OBJECT_CLASS (satchel_services_parent_class)->constructed (object);

  g_assert (self->replica != NULL);
  self->jobs = satchel_jobs_new (self->replica);
  if (self->session != NULL)
    self->check = satchel_check_new (self->replica, self->session, self->jobs);
  g_signal_connect_object (self->replica, "changed", G_CALLBACK (replica_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->jobs, "notify::pending", G_CALLBACK (pending_changed_cb), self, G_CONNECT_SWAPPED);
  refresh_status (self);
}

static void
satchel_services_finalize (GObject *object)
{
  SatchelServices *self = SATCHEL_SERVICES (object);

  g_clear_pointer (&self->status, satchel_status_free);
  g_clear_pointer (&self->undo, g_ptr_array_unref);
  g_clear_object (&self->check);
  g_clear_object (&self->jobs);
  g_clear_object (&self->session);
  g_clear_object (&self->replica);
  G_OBJECT_CLASS (satchel_services_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags made_with = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags read_only = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  properties[PROP_REPLICA] = g_param_spec_object ("replica", NULL, NULL, SATCHEL_TYPE_REPLICA, made_with);
  properties[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, SATCHEL_TYPE_SESSION, made_with);
  properties[PROP_STATUS] = g_param_spec_pointer ("status", NULL, NULL, read_only);
  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, read_only);
  properties[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, read_only);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
satchel_services_class_init (SatchelServicesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->constructed = satchel_services_constructed;
  object_class->finalize = satchel_services_finalize;
  object_class->get_property = satchel_services_get_property;
  object_class->set_property = satchel_services_set_property;
  install_properties (object_class);

  signals[CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                   SATCHEL_TYPE_CHANGES);
  signals[SAVE_NOW] = g_signal_new ("save-now", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[OPEN_RECORD] = g_signal_new ("open-record", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                       G_TYPE_STRING, G_TYPE_STRING);
  signals[TOAST] = g_signal_new ("toast", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, ADW_TYPE_TOAST);
  signals[ERROR] = g_signal_new ("error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                 G_TYPE_ERROR);
}

static void
satchel_services_init (SatchelServices *self)
{
  self->undo = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * satchel_services_new:
 * @replica: an open replica
 * @session: (nullable): its sync session
 *
 * Returns: (transfer full): what the pages of a window are handed
 */
SatchelServices *
satchel_services_new (SatchelReplica *replica, SatchelSession *session)
{
  return g_object_new (SATCHEL_TYPE_SERVICES, "replica", replica, "session", session, NULL);
}

SatchelReplica *
satchel_services_get_replica (SatchelServices *self)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return self->replica;
}

SatchelSession *
satchel_services_get_session (SatchelServices *self)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return self->session;
}

SatchelCheck *
satchel_services_get_check (SatchelServices *self)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return self->check;
}

const SatchelVocabulary *
satchel_services_get_vocabulary (SatchelServices *self)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return satchel_replica_get_vocabulary (self->replica);
}

const SatchelType *
satchel_services_get_record_type (SatchelServices *self, const char *name)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return satchel_vocabulary_lookup (satchel_services_get_vocabulary (self), name);
}

const SatchelStatus *
satchel_services_get_status (SatchelServices *self)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return self->status;
}

const char *
satchel_services_get_user_id (SatchelServices *self)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return self->status != NULL ? self->status->user_id : NULL;
}

/**
 * satchel_services_save_now:
 * @self: the services
 *
 * Asks every page to commit what is typed and not written yet.
 */
void
satchel_services_save_now (SatchelServices *self)
{
  g_return_if_fail (SATCHEL_IS_SERVICES (self));
  g_signal_emit (self, signals[SAVE_NOW], 0);
}

/* ---- Going somewhere, saying something ---- */

void
satchel_services_open_record (SatchelServices *self, const char *type, const char *id)
{
  g_return_if_fail (SATCHEL_IS_SERVICES (self));
  g_return_if_fail (type != NULL && id != NULL);
  g_signal_emit (self, signals[OPEN_RECORD], 0, type, id);
}

void
satchel_services_show_toast (SatchelServices *self, const char *message)
{
  g_return_if_fail (SATCHEL_IS_SERVICES (self));
  satchel_services_show_undo_toast (self, message, NULL);
}

/**
 * satchel_services_add_toast:
 * @self: the services
 * @toast: (transfer full): what to show
 *
 * For toasts with a button of their own.
 */
void
satchel_services_add_toast (SatchelServices *self, AdwToast *toast)
{
  g_return_if_fail (SATCHEL_IS_SERVICES (self));
  g_signal_emit (self, signals[TOAST], 0, toast);
  g_object_unref (toast);
}

/**
 * satchel_services_show_error:
 * @self: the services
 * @heading: what did not work
 * @error: why; its message is shown
 */
void
satchel_services_show_error (SatchelServices *self, const char *heading, const GError *error)
{
  g_return_if_fail (SATCHEL_IS_SERVICES (self));
  g_return_if_fail (error != NULL);
  g_signal_emit (self, signals[ERROR], 0, heading, error);
}

gboolean
satchel_services_get_busy (SatchelServices *self)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), FALSE);
  return satchel_jobs_get_pending (self->jobs) > 0;
}

void
satchel_services_hold (SatchelServices *self)
{
  g_return_if_fail (SATCHEL_IS_SERVICES (self));
  satchel_jobs_hold (self->jobs);
}

void
satchel_services_release (SatchelServices *self)
{
  g_return_if_fail (SATCHEL_IS_SERVICES (self));
  satchel_jobs_release (self->jobs);
}

/* ---- Coming to rest ---- */

static void
idle_cb (SatchelServices *self, GParamSpec *pspec, DexPromise *promise)
{
  if (satchel_services_get_busy (self) || !dex_future_is_pending (DEX_FUTURE (promise)))
    return;
  g_signal_handlers_disconnect_by_data (self, promise);
  dex_promise_resolve_boolean (promise, TRUE);
}

static void
promise_gone_cb (gpointer data, GClosure *closure)
{
  dex_unref (data);
}

/**
 * satchel_services_idle:
 * @self: the services
 *
 * Returns: (transfer full): a future of %TRUE: nothing is on its way any more
 */
DexFuture *
satchel_services_idle (SatchelServices *self)
{
  DexPromise *promise;

  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);

  if (!satchel_services_get_busy (self))
    return dex_future_new_true ();
  promise = dex_promise_new ();
  g_signal_connect_data (self, "notify::busy", G_CALLBACK (idle_cb), dex_ref (promise), promise_gone_cb, 0);
  return DEX_FUTURE (promise);
}

static gpointer
close_replica (gpointer data, GError **error)
{
  satchel_replica_close (data);
  return NULL;
}

static DexFuture *
close_fiber (gpointer data)
{
  SatchelServices *self = data;

  satchel_services_save_now (self);
  if (self->check != NULL)
    satchel_check_stop (self->check);
  while (satchel_services_get_busy (self))
    dex_await (satchel_services_idle (self), NULL);
  /* It says its last word to the UI, so here; it gives up at once what it is waiting for. */
  if (self->session != NULL)
    satchel_session_stop (self->session);
  self->closing = TRUE;
  satchel_await (satchel_run_in_thread (close_replica, self->replica, NULL, NULL), NULL);
  return dex_future_new_true ();
}

/**
 * satchel_services_close:
 * @self: the services
 *
 * Writes down what is typed, then stops the session and closes the replica.
 * Pages must not ask for anything any more.
 *
 * Returns: (transfer full): a future of %TRUE
 */
DexFuture *
satchel_services_close (SatchelServices *self)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return dex_scheduler_spawn (NULL, 0, close_fiber, g_object_ref (self), g_object_unref);
}
