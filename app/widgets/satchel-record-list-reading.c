/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long a list is and where its sections start: read on a worker, and read anew after changes. */

#include "satchel-record-list-model-private.h"

/* A list that takes long to read is read anew at most this part of the time. */
#define REST_FACTOR 3

/* Reading. */

static GArray *
describe_held (SatchelRecordListModel *self)
{
  g_autoptr (GPtrArray) items = satchel_record_list_dup_held (self);
  GArray *held = g_array_new (FALSE, FALSE, sizeof (SatchelHeld));

  g_array_set_clear_func (held, (GDestroyNotify) satchel_held_clear);
  for (guint i = 0; self->answered == self->question && i < items->len; i++)
    {
      const char *id = satchel_record_item_get_id (items->pdata[i]);
      SatchelHeld entry = { satchel_record_item_get_position (items->pdata[i]), g_strdup (id) };

      if (id != NULL)
        g_array_append_val (held, entry);
    }

  return held;
}

typedef struct
{
  SatchelQuery *query;
  GArray *held; /* of a list that answers the same question */
  guint n_before;
} ListRequest;

static void
list_request_free (ListRequest *request)
{
  satchel_query_unref (request->query);
  g_array_unref (request->held);
  g_free (request);
}

static gpointer
read_list_in_background (SatchelReplica *replica, gpointer data, GError **error)
{
  ListRequest *request = data;

  return satchel_list_shape_read (replica, request->query, SATCHEL_RECORD_LIST_PAGE, request->held, request->n_before,
                                  error);
}

static DexFuture *
request_list (SatchelRecordListModel *self)
{
  ListRequest *request = g_new0 (ListRequest, 1);

  request->query = satchel_query_ref (self->query);
  request->held = describe_held (self);
  request->n_before = self->n_items;
  return satchel_services_read (self->services, read_list_in_background, request, (GDestroyNotify) list_request_free,
                                (GDestroyNotify) satchel_list_shape_unref);
}

static gboolean
rest_over_cb (gpointer data)
{
  SatchelRecordListModel *self = data;

  self->rest = 0;
  satchel_record_list_read (self);
  return G_SOURCE_REMOVE;
}

static void
rest_then_read (SatchelRecordListModel *self, gint64 took)
{
  if (self->rest == 0)
    self->rest = g_timeout_add ((guint) (REST_FACTOR * took / 1000), rest_over_cb, self);
}

static void
take_answer (SatchelRecordListModel *self, guint question, SatchelListShape *shape)
{
  gboolean first = self->shape == NULL;

  if (self->answered == question)
    satchel_record_list_move_to (self, shape);
  else
    satchel_record_list_replace_with (self, shape);
  self->answered = question;
  if (first)
    g_object_notify (G_OBJECT (self), "loading");
  g_signal_emit_by_name (self, "moved");
}

static DexFuture *
read_list_fiber (gpointer data)
{
  SatchelRecordListModel *self = data;
  g_autoptr (SatchelListShape) shape = NULL;
  g_autoptr (GError) error = NULL;
  guint question = self->question;
  gint64 started = g_get_monotonic_time ();

  shape = satchel_await (request_list (self), &error);
  if (question != self->question)
    return NULL;

  self->reading = FALSE;
  if (shape != NULL)
    take_answer (self, question, shape);
  else
    g_debug ("A list could not be read: %s", error->message);
  if (self->stale)
    rest_then_read (self, g_get_monotonic_time () - started);

  return NULL;
}

void
satchel_record_list_read (SatchelRecordListModel *self)
{
  self->reading = TRUE;
  self->stale = FALSE;
  satchel_services_spawn (read_list_fiber, g_object_ref (self), g_object_unref);
}

void
satchel_record_list_changed_cb (SatchelServices *services, const SatchelChanges *changes, gpointer data)
{
  SatchelRecordListModel *self = data;

  if (self->query == NULL || !satchel_changes_has_type (changes, satchel_query_get_record_type (self->query)))
    return;

  if (self->reading || self->rest != 0)
    self->stale = TRUE;
  else
    satchel_record_list_read (self);
}
