/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-services.h"

#include <glib/gi18n.h>

/* As many steps back as anybody remembers taking. */
#define MAX_UNDO 50

struct _SatchelServices
{
  GObject parent_instance;

  SatchelReplica *replica;
  SatchelSession *session;
  SatchelJobs *jobs;

  SatchelStatus *status;
  gboolean status_stale;
  gboolean status_reading;

  GPtrArray *undo; /* (element-type SatchelEdit), newest last */
};

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
      else
        g_warning ("The state could not be read: %s", error != NULL ? error->message : "");
    }
  self->status_reading = FALSE;
  return NULL;
}

static void
refresh_status (SatchelServices *self)
{
  self->status_stale = TRUE;
  if (self->status_reading)
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

/* ---- Reading ---- */

/**
 * satchel_services_spawn:
 * @fiber: what to run on the UI thread, waiting where it has to
 * @data: handed to @fiber
 * @data_free: (nullable): frees @data when the fiber has ended
 *
 * Starts a fiber that nobody waits for. It ends with %NULL; what it cannot
 * deal with it says to the person itself.
 */
void
satchel_services_spawn (DexFiberFunc fiber, gpointer data, GDestroyNotify data_free)
{
  dex_future_disown (dex_scheduler_spawn (NULL, 0, fiber, data, data_free));
}

DexFuture *
satchel_services_read (SatchelServices *self, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
                       GDestroyNotify answer_free)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return satchel_jobs_read (self->jobs, func, data, data_free, answer_free);
}

static gpointer
read_record (SatchelReplica *replica, gpointer data, GError **error)
{
  return satchel_replica_get (replica, data, error);
}

DexFuture *
satchel_services_get (SatchelServices *self, const char *id)
{
  return satchel_services_read (self, read_record, g_strdup (id), g_free, (GDestroyNotify) satchel_record_unref);
}

typedef struct
{
  SatchelQuery *query;
  SatchelRecord *after;
  guint limit;
} PageRequest;

static void
page_request_free (PageRequest *request)
{
  satchel_query_unref (request->query);
  g_clear_pointer (&request->after, satchel_record_unref);
  g_free (request);
}

static gpointer
read_page (SatchelReplica *replica, gpointer data, GError **error)
{
  PageRequest *request = data;

  return satchel_replica_page (replica, request->query, request->after, request->limit, error);
}

/**
 * satchel_services_page:
 * @self: the services
 * @query: what to list; not changed any more afterwards
 * @after: (nullable): the last record of the page before
 * @limit: at most how many
 *
 * Returns: (transfer full): a future of a #GPtrArray of #SatchelRecord
 */
DexFuture *
satchel_services_page (SatchelServices *self, SatchelQuery *query, const SatchelRecord *after, guint limit)
{
  PageRequest *request = g_new0 (PageRequest, 1);

  request->query = satchel_query_ref (query);
  request->after = after != NULL ? satchel_record_ref ((SatchelRecord *) after) : NULL;
  request->limit = limit;
  return satchel_services_read (self, read_page, request, (GDestroyNotify) page_request_free,
                                (GDestroyNotify) g_ptr_array_unref);
}

typedef struct
{
  char *text;
  const SatchelType **types;
  guint limit;
} SearchRequest;

static void
search_request_free (SearchRequest *request)
{
  g_free (request->text);
  g_free (request->types);
  g_free (request);
}

static gpointer
read_search (SatchelReplica *replica, gpointer data, GError **error)
{
  SearchRequest *request = data;

  return satchel_replica_search (replica, request->text, request->types, request->limit, error);
}

static const SatchelType **
copy_types (const SatchelType *const *types)
{
  g_autoptr (GPtrArray) copy = g_ptr_array_new ();

  if (types == NULL)
    return NULL;
  for (guint i = 0; types[i] != NULL; i++)
    g_ptr_array_add (copy, (gpointer) types[i]);
  g_ptr_array_add (copy, NULL);
  return (const SatchelType **) g_ptr_array_steal (copy, NULL);
}

/**
 * satchel_services_search:
 * @self: the services
 * @text: what was typed
 * @types: (nullable) (array zero-terminated=1): the types to look in
 * @limit: at most how many
 *
 * Returns: (transfer full): a future of a #GPtrArray of #SatchelRecord, best first
 */
DexFuture *
satchel_services_search (SatchelServices *self, const char *text, const SatchelType *const *types, guint limit)
{
  SearchRequest *request = g_new0 (SearchRequest, 1);

  request->text = g_strdup (text);
  request->types = copy_types (types);
  request->limit = limit;
  return satchel_services_read (self, read_search, request, (GDestroyNotify) search_request_free,
                                (GDestroyNotify) g_ptr_array_unref);
}

static gpointer
read_titles (SatchelReplica *replica, gpointer data, GError **error)
{
  char **ids = data;
  g_autoptr (GHashTable) titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (SatchelRecord) record = satchel_replica_get (replica, ids[i], NULL);

      if (record != NULL)
        g_hash_table_insert (titles, g_strdup (ids[i]), satchel_record_dup_title (record));
    }
  return g_steal_pointer (&titles);
}

/**
 * satchel_services_titles:
 * @self: the services
 * @ids: (array zero-terminated=1): ids of records of any type
 *
 * What to write where a field refers to another record.
 *
 * Returns: (transfer full): a future of a #GHashTable from id to title
 */
DexFuture *
satchel_services_titles (SatchelServices *self, const char *const *ids)
{
  return satchel_services_read (self, read_titles, g_strdupv ((char **) ids), (GDestroyNotify) g_strfreev,
                                (GDestroyNotify) g_hash_table_unref);
}

/* ---- Writing ---- */

DexFuture *
satchel_services_write (SatchelServices *self, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
                        GDestroyNotify answer_free)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return satchel_jobs_write (self->jobs, func, data, data_free, answer_free);
}

static gpointer
write_edit (SatchelReplica *replica, gpointer data, GError **error)
{
  SatchelEdit *undo = NULL;

  satchel_replica_commit (replica, data, &undo, error);
  return undo;
}

static void
push_undo (SatchelServices *self, SatchelEdit *undo)
{
  if (self->undo->len == MAX_UNDO)
    g_ptr_array_remove_index (self->undo, 0);
  g_ptr_array_add (self->undo, undo);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_UNDO]);
}

typedef struct
{
  SatchelServices *services;
  DexFuture *written;
  char *undo_message;
  gboolean is_undo;
} Commit;

static void
commit_free (Commit *commit)
{
  g_object_unref (commit->services);
  dex_clear (&commit->written);
  g_free (commit->undo_message);
  g_free (commit);
}

static void
undo_button_cb (SatchelServices *self, AdwToast *toast)
{
  SatchelEdit *edit = g_object_get_data (G_OBJECT (toast), "satchel-undo");
  guint index;

  if (g_ptr_array_find (self->undo, edit, &index))
    {
      g_ptr_array_add (self->undo, g_ptr_array_steal_index (self->undo, index));
      satchel_services_undo (self);
    }
}

static void
show_undo_toast (SatchelServices *self, const char *message, SatchelEdit *undo)
{
  AdwToast *toast = adw_toast_new (message);

  adw_toast_set_use_markup (toast, FALSE);
  if (undo != NULL)
    {
      adw_toast_set_button_label (toast, _ ("Undo"));
      g_object_set_data (G_OBJECT (toast), "satchel-undo", undo); /* only compared, never used */
      g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo_button_cb), self, G_CONNECT_SWAPPED);
    }
  satchel_services_add_toast (self, toast);
}

static DexFuture *
commit_fiber (gpointer data)
{
  Commit *commit = data;
  SatchelServices *self = commit->services;
  g_autoptr (GError) error = NULL;
  SatchelEdit *undo = satchel_await (g_steal_pointer (&commit->written), &error);

  if (error != NULL)
    {
      satchel_services_show_error (self, _ ("Not saved"), error);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  if (commit->undo_message != NULL)
    show_undo_toast (self, commit->undo_message, commit->is_undo ? NULL : undo);
  if (undo != NULL && !commit->is_undo)
    push_undo (self, undo);
  else
    g_clear_object (&undo);
  return dex_future_new_true ();
}

/* In line at once, so that edits keep their order. */
static DexFuture *
commit (SatchelServices *self, SatchelEdit *edit, const char *undo_message, gboolean is_undo)
{
  Commit *work = g_new0 (Commit, 1);

  work->services = g_object_ref (self);
  work->written = satchel_services_write (self, write_edit, g_object_ref (edit), g_object_unref, g_object_unref);
  work->undo_message = g_strdup (undo_message);
  work->is_undo = is_undo;
  return dex_scheduler_spawn (NULL, 0, commit_fiber, work, (GDestroyNotify) commit_free);
}

/**
 * satchel_services_commit:
 * @self: the services
 * @edit: what was done; not changed any more afterwards
 * @undo_message: (nullable): what the toast says that offers to undo it
 *
 * Writes down what a person did. An edit that changes nothing succeeds at
 * once. A failure is shown to the person and rejects the future.
 *
 * Returns: (transfer full): a future of %TRUE
 */
DexFuture *
satchel_services_commit (SatchelServices *self, SatchelEdit *edit, const char *undo_message)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  g_return_val_if_fail (SATCHEL_IS_EDIT (edit), NULL);

  if (satchel_edit_is_empty (edit))
    return dex_future_new_true ();
  return commit (self, edit, undo_message, FALSE);
}

/**
 * satchel_services_undo:
 * @self: the services
 *
 * Takes back the newest commit that was not taken back yet.
 *
 * Returns: %FALSE when there is none
 */
gboolean
satchel_services_undo (SatchelServices *self)
{
  g_autoptr (SatchelEdit) edit = NULL;

  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), FALSE);

  if (self->undo->len == 0)
    return FALSE;
  edit = g_ptr_array_steal_index (self->undo, self->undo->len - 1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_UNDO]);
  dex_future_disown (commit (self, edit, _ ("Undone"), TRUE));
  return TRUE;
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
  show_undo_toast (self, message, NULL);
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
  while (satchel_services_get_busy (self))
    dex_await (satchel_services_idle (self), NULL);
  /* It says its last word to the UI, so here; it gives up at once what it is waiting for. */
  if (self->session != NULL)
    satchel_session_stop (self->session);
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
