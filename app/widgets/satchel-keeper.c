/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-keeper.h"

#include "records/satchel-error.h"

/* A pause in typing that is long enough to write down what is there. */
#define PAUSE_MS 800
/* Who writes for long makes pauses all the time: they need not all become changes that travel. */
#define GAP_STEP_MS 2500
#define MAX_GAP_MS 15000

/**
 * SatchelKeeper:
 *
 * Keeps what a person types in one draft: saves it, one change at a time, and
 * lets in what comes from elsewhere. Belongs to the UI thread.
 *
 * Signal `landed` (SatchelRecord): the record was read anew. Signal `saved`:
 * what was typed until a moment ago is written down. Signal `gone`: the record
 * was deleted, or is not on this device any more.
 */
struct _SatchelKeeper
{
  GObject parent_instance;

  SatchelServices *services;
  SatchelDraft *draft;

  gboolean saving;
  gboolean save_again;
  guint timer;
  guint n_saved_soon;
  gint64 last_save; /* monotonic */
  guint reading; /* counts readings: what an earlier one finds is dropped */
  gboolean closed;
};

enum
{
  LANDED,
  SAVED,
  GONE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SatchelKeeper, satchel_keeper, G_TYPE_OBJECT)

/* Reading. */

typedef struct
{
  SatchelKeeper *keeper;
  guint number;
} Reading;

static void
reading_free (Reading *reading)
{
  g_object_unref (reading->keeper);
  g_free (reading);
}

static void
take_record (SatchelKeeper *self, SatchelRecord *record)
{
  if (record == NULL || satchel_record_get_deleted_at (record) != NULL)
    {
      g_signal_emit (self, signals[GONE], 0);
      return;
    }

  satchel_draft_land (self->draft, record);
  g_signal_emit (self, signals[LANDED], 0, record);
}

static DexFuture *
read_fiber (gpointer data)
{
  Reading *reading = data;
  SatchelKeeper *self = reading->keeper;
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelRecord) record = satchel_await (
      satchel_services_get (self->services, satchel_draft_get_id (self->draft)), &error);

  if (reading->number != self->reading || self->saving || self->closed)
    return NULL;
  if (record != NULL || g_error_matches (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND))
    take_record (self, record);

  return NULL;
}

static void
read_anew (SatchelKeeper *self)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->keeper = g_object_ref (self);
  reading->number = ++self->reading;
  satchel_services_spawn (read_fiber, reading, (GDestroyNotify) reading_free);
}

/* What is being saved is read anew when that is done. */
static void
changed_cb (SatchelKeeper *self, const SatchelChanges *changes)
{
  if (satchel_draft_get_created (self->draft) && !self->saving &&
      satchel_changes_has_type (changes, satchel_draft_get_record_type (self->draft)) &&
      satchel_changes_has_id (changes, satchel_draft_get_id (self->draft)))
    read_anew (self);
}

/* Saving. */

typedef struct
{
  SatchelKeeper *keeper;
  SatchelEdit *edit;
} Saving;

static void
saving_free (Saving *saving)
{
  g_object_unref (saving->keeper);
  g_object_unref (saving->edit);
  g_free (saving);
}

static void
finish_saving (SatchelKeeper *self, SatchelEdit *edit, gboolean done)
{
  gboolean again = done && self->save_again;

  if (done)
    satchel_draft_committed (self->draft, edit);
  else
    satchel_draft_failed (self->draft);
  self->saving = FALSE;
  self->save_again = FALSE;
  self->last_save = g_get_monotonic_time ();

  if (done)
    g_signal_emit (self, signals[SAVED], 0);
  if (again)
    satchel_keeper_save (self);
  if (!self->saving && done)
    read_anew (self);
}

static DexFuture *
save_fiber (gpointer data)
{
  Saving *saving = data;
  SatchelKeeper *self = saving->keeper;
  gboolean done = dex_await (satchel_services_commit (self->services, saving->edit, NULL), NULL);

  finish_saving (self, saving->edit, done);
  satchel_services_release (self->services);

  return NULL;
}

static void
start_saving (SatchelKeeper *self, SatchelEdit *edit)
{
  Saving *saving = g_new0 (Saving, 1);

  saving->keeper = g_object_ref (self);
  saving->edit = g_object_ref (edit);
  self->saving = TRUE;
  satchel_services_hold (self->services);
  satchel_services_spawn (save_fiber, saving, (GDestroyNotify) saving_free);
}

static gboolean
timer_cb (gpointer data)
{
  SatchelKeeper *self = data;

  self->timer = 0;
  self->n_saved_soon++;
  satchel_keeper_save (self);
  return G_SOURCE_REMOVE;
}

/* The object. */

static void
satchel_keeper_dispose (GObject *object)
{
  SatchelKeeper *self = SATCHEL_KEEPER (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  G_OBJECT_CLASS (satchel_keeper_parent_class)->dispose (object);
}

static void
satchel_keeper_finalize (GObject *object)
{
  SatchelKeeper *self = SATCHEL_KEEPER (object);

  g_clear_object (&self->draft);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_keeper_parent_class)->finalize (object);
}

static void
satchel_keeper_class_init (SatchelKeeperClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = satchel_keeper_dispose;
  object_class->finalize = satchel_keeper_finalize;

  signals[LANDED] = g_signal_new ("landed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  SATCHEL_TYPE_RECORD);
  signals[SAVED] = g_signal_new ("saved", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[GONE] = g_signal_new ("gone", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
satchel_keeper_init (SatchelKeeper *self)
{
}

/**
 * satchel_keeper_new:
 * @services: reads and writes the record
 * @draft: what the person works on
 *
 * Returns: (transfer full): a keeper; satchel_keeper_close() it when the person leaves the record
 */
SatchelKeeper *
satchel_keeper_new (SatchelServices *services, SatchelDraft *draft)
{
  SatchelKeeper *self = g_object_new (SATCHEL_TYPE_KEEPER, NULL);

  self->services = g_object_ref (services);
  self->draft = g_object_ref (draft);
  g_signal_connect_object (services, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (services, "save-now", G_CALLBACK (satchel_keeper_save), self, G_CONNECT_SWAPPED);

  return self;
}

SatchelDraft *
satchel_keeper_get_draft (SatchelKeeper *self)
{
  g_return_val_if_fail (SATCHEL_IS_KEEPER (self), NULL);

  return self->draft;
}

gboolean
satchel_keeper_get_saving (SatchelKeeper *self)
{
  g_return_val_if_fail (SATCHEL_IS_KEEPER (self), FALSE);

  return self->saving;
}

/**
 * satchel_keeper_save:
 *
 * Writes down at once what the draft holds. What is typed while that is going
 * on is saved afterwards, as a change of it.
 */
void
satchel_keeper_save (SatchelKeeper *self)
{
  g_autoptr (SatchelEdit) edit = NULL;

  g_return_if_fail (SATCHEL_IS_KEEPER (self));

  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->saving)
    {
      self->save_again = TRUE;
      return;
    }

  edit = satchel_edit_new ();
  if (satchel_draft_add_to_edit (self->draft, edit))
    start_saving (self, edit);
}

/**
 * satchel_keeper_save_soon:
 *
 * Writes down what the draft holds at the next pause, not too often.
 */
void
satchel_keeper_save_soon (SatchelKeeper *self)
{
  gint64 gap, since, wait;

  g_return_if_fail (SATCHEL_IS_KEEPER (self));

  gap = MIN ((gint64) self->n_saved_soon * GAP_STEP_MS, MAX_GAP_MS);
  since = (g_get_monotonic_time () - self->last_save) / 1000;
  wait = MAX (PAUSE_MS, gap - since);
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add ((guint) wait, timer_cb, self);
}

/**
 * satchel_keeper_close:
 *
 * Saves what is left, then lets go: nothing lands in the draft any more.
 */
void
satchel_keeper_close (SatchelKeeper *self)
{
  g_return_if_fail (SATCHEL_IS_KEEPER (self));

  satchel_keeper_save (self);
  self->closed = TRUE;
}
